r"""Cell suppression: hide the least so that what must be hidden cannot be worked out.

A table is a vector of values that satisfy linear relations (a total is the sum of its parts).
Some must not be shown. Whoever reads the rest knows the relations, and bounds beforehand; by
linear programming they can narrow each hidden value to an interval. A pattern is safe when each
interval is at least as wide as asked, and upwards and downwards as far as asked.

The least costly safe pattern is found as in Fischetti and Salazar-Gonzalez, *Models and
algorithms for optimizing cell suppression in tabular data with linear constraints*, JASA 95
(2000): a master programme over what to hide, and an attacker's programme whose dual gives a
cutting plane wherever a pattern is not safe,

.. math:: \sum_i (\alpha_i U_i + \beta_i L_i) x_i \ge w_p, \qquad
          \alpha - \beta = e_p - M^T \gamma, \quad \alpha, \beta \ge 0.

Both are solved by HiGHS. Deviations from the true values are the attacker's variables, measured
in units of the width asked: the numbers stay near one whatever the table's own size.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse import csgraph

from nexpo.core.problem import Kind, Problem, bad_input
from nexpo.datacentres.suppression_search import Search
from nexpo.datacentres.suppression_table import Bools, Floats, Ints, Limits, Pattern, Table, two_way

__all__ = ["Limits", "Pattern", "Table", "ranges", "suppress", "two_way"]

_OPTIMAL = 0


def suppress(table: Table, limits: Limits | None = None) -> Pattern:
    """Return a safe pattern that loses as little as can be found.

    Parameters
    ----------
    table
        What is to be protected.
    limits
        Where to stop; the answer then is safe, and its gap is said.

    Raises
    ------
    Problem
        When the table contradicts itself, or cannot be made safe by hiding all of it.

    Examples
    --------
    The table of the paper: 22 must be hidden, and 37 more is the least that protects it.

    >>> inner = np.array([[20, 50, 10], [8, 19, 22], [17, 32, 12]], dtype=float)
    >>> table = two_way(inner, sensitive=[(1, 2)], width=5.0)
    >>> found = suppress(table)
    >>> found.loss, found.exact
    (59.0, True)
    """
    _check(table)
    limits = limits or Limits()
    hidden = table.primary.copy()
    bound, rounds = 0.0, 0
    free = (table.asked > 0) | table.primary[table.group]
    for entries in _parts(table):
        if not free[entries].any():
            continue
        part, groups = _cut_out(table, entries)
        found = Search(part, limits).run()
        hidden[groups] |= found.hidden
        bound, rounds = bound + found.bound, rounds + found.rounds
    return Pattern(hidden, float(table.weight[hidden].sum()), bound, rounds)


def ranges(table: Table, hidden: Bools, entries: Ints | None = None) -> tuple[Floats, Floats]:
    """Return the interval to which an attacker narrows entries, by linear programming.

    Parameters
    ----------
    table
        The table; what it asks is not looked at.
    hidden
        Groups that are hidden.
    entries
        Entries to attack; all by default. A shown entry's interval is its value.

    Returns
    -------
    Least and largest value by entry asked for; infinite where nothing bounds it.
    """
    wanted = np.arange(len(table.values)) if entries is None else entries
    low, high = table.values[wanted].copy(), table.values[wanted].copy()
    open_ = np.flatnonzero(hidden[table.group])
    matrix = table.relations[:, open_]
    floor, roof = table.lower[open_] - table.values[open_], table.upper[open_] - table.values[open_]
    for place, entry in enumerate(wanted):
        at = np.searchsorted(open_, entry)
        if at == len(open_) or open_[at] != entry:
            continue
        scale = max(1.0, float(abs(table.values[entry])))
        bounds = np.column_stack([floor, roof]) / scale
        for sign, ends in ((1.0, low), (-1.0, high)):
            goal = np.zeros(len(open_))
            goal[at] = sign
            answer = linprog(goal, A_eq=matrix, b_eq=np.zeros(matrix.shape[0]), bounds=bounds)
            reach = sign * answer.fun if answer.status == _OPTIMAL else -sign * np.inf
            ends[place] = table.values[entry] + scale * reach
    return low, high


# Parts


def _check(table: Table) -> None:
    off = np.abs(table.relations @ table.values)
    size = np.abs(table.relations) @ np.abs(table.values)
    if (off > 1e-6 * np.maximum(size, 1.0)).any():
        raise bad_input(
            "a total is not the sum of its parts",
            value=float(off.max()),
            remedy="add the parts up again before anything is hidden",
        )
    if (table.primary & table.shown).any():
        raise Problem(Kind.INTERNAL, "a group must be both hidden and shown")
    if ((table.asked > 0) & ~table.primary[table.group]).any():
        raise Problem(Kind.INTERNAL, "an interval is asked for what need not be hidden")


def _parts(table: Table) -> Iterator[Ints]:
    """Yield the entries of each part that relations, groups and demands hold together."""
    entries, groups = len(table.values), len(table.weight)
    related = table.relations.tocoo()
    rows = related.shape[0]
    joint = [(position, group) for position, row in enumerate(table.demands) for group in row[0]]
    demand, demanded = np.array(joint, dtype=np.int64).reshape(-1, 2).T
    left = np.concatenate([related.col, np.arange(entries), entries + demanded])
    right = np.concatenate(
        [entries + groups + related.row, entries + table.group, entries + groups + rows + demand]
    )
    nodes = entries + groups + rows + len(table.demands)
    graph = sparse.coo_array((np.ones(len(left)), (left, right)), shape=(nodes, nodes))
    _, label = csgraph.connected_components(graph, directed=False)
    order = np.argsort(label[:entries], kind="stable")
    starts = np.flatnonzero(np.diff(label[:entries][order])) + 1
    yield from np.split(order, starts)


def _cut_out(table: Table, entries: Ints) -> tuple[Table, Ints]:
    """Return one part as a table of its own, and its groups' numbers in the whole."""
    groups, group = np.unique(table.group[entries], return_inverse=True)
    matrix = table.relations[:, entries]
    matrix = matrix[np.flatnonzero(np.diff(matrix.indptr))]
    here = {int(number): place for place, number in enumerate(groups)}
    demands = tuple(
        ({here[g]: value for g, value in row.items()}, least)
        for row, least in table.demands
        if next(iter(row)) in here
    )
    return (
        replace(
            table,
            values=table.values[entries],
            relations=matrix,
            lower=table.lower[entries],
            upper=table.upper[entries],
            group=group.astype(np.int64),
            weight=table.weight[groups],
            primary=table.primary[groups],
            shown=table.shown[groups],
            width=table.width[entries],
            up=table.up[entries],
            down=table.down[entries],
            size=None if table.size is None else table.size[entries],
            demands=demands,
        ),
        groups,
    )
