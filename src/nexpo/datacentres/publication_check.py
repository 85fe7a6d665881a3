"""Whether what is hidden stays hidden from a reader who counts in whole centres.

Suppression asks a width of what must be hidden, and its reader counts in fractions. Here every
value that is hidden, for itself or for another, is asked the same; a crossing in which no whole
centre has room is taken to be empty in each figure; and each hidden count and power is attacked
again in whole numbers. What fails is asked more of, until nothing fails or all is hidden.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from nexpo.datacentres.suppression import Limits, Pattern, Table, suppress

if TYPE_CHECKING:
    from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_ENOUGH = 0.999
_WHOLE = 1e-6
_OPTIMAL = 0
_ROUNDS = 8
_MORE = 2.0
"""Factor on the width asked of what was worked out in whole centres."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where entries stand: blocks of ``size`` cells, of which the first ``listed`` are shown.

    ``count`` and ``within`` are the first entries of the count and of the sums that bounds by the
    number of centres tie to it.
    """

    listed: int
    size: int
    blocks: int
    count: int
    within: tuple[int, ...]


def hardened(table: Table, wanted: Floats, layout: Layout, limits: Limits | None) -> Pattern:
    """Return a pattern of which nothing hidden can be worked out, in whole centres either.

    Parameters
    ----------
    wanted
        Width by entry that a hidden one must be left with; 0 for what is never printed.
    layout
        Where the count and the sums stand.

    Notes
    -----
    The bound is that of the first search: a pattern that must hide more is not said to be the
    least.
    """
    first = found = suppress(table, limits)
    wanted = np.concatenate([wanted, np.zeros(len(table.values) - len(wanted))])
    # An interval one wide may hold a single whole number that the sums allow.
    counts = np.arange(layout.count, layout.count + layout.size)
    room = table.upper[counts] - table.lower[counts]
    wanted[counts] *= np.where(room >= _MORE * wanted[counts], _MORE, 1.0)
    for _ in range(_ROUNDS):
        harder = _all_asked(_emptied(table, found.hidden, layout), found.hidden, wanted)
        if (harder.width > table.width).any() or (harder.upper < table.upper).any():
            table, found = harder, suppress(harder, limits)
            continue
        failed = _worked_out(table, found.hidden, wanted, layout)
        if not len(failed):
            return replace(found, bound=min(first.bound, found.loss))
        wanted[failed] *= _MORE
    hidden = ~table.shown
    loss = float(table.weight[hidden].sum())
    return Pattern(hidden, loss, min(first.bound, loss), found.rounds)


def _all_asked(table: Table, hidden: Bools, wanted: Floats) -> Table:
    """Ask of all that is hidden what is asked of what must be."""
    open_ = hidden[table.group]
    width = np.where(open_, np.maximum(wanted, table.width), table.width)
    return replace(table, primary=table.primary | hidden, width=width)


def _emptied(table: Table, hidden: Bools, layout: Layout) -> Table:
    """Return a table whose reader knows which crossings are too small for a whole centre."""
    crossings = np.arange(layout.listed, layout.size)
    open_ = np.flatnonzero(hidden[table.group])
    open_ = open_[np.isin(open_, _linked(layout, len(table.values)))]
    upper = table.upper.copy()
    candidates = [
        int(c) for c in crossings if not table.values[layout.count + c] and upper[layout.count + c]
    ]
    seen = np.zeros(len(table.values))
    matrix, right = _rest(table, open_)
    for cell in candidates:
        entry = layout.count + cell
        if seen[entry] >= 1:
            continue
        goal = np.where(open_ == entry, -1.0, 0.0)
        # One centre is enough to know: the crossing need not be filled further.
        high = np.where(open_ == entry, np.minimum(table.upper[open_], 1.0), table.upper[open_])
        answer = linprog(
            goal, A_eq=matrix, b_eq=right, bounds=np.column_stack([table.lower[open_], high])
        )
        if answer.status != _OPTIMAL:
            continue
        seen[open_] = np.maximum(seen[open_], answer.x + _WHOLE)
        if -answer.fun < 1 - _WHOLE:
            upper[np.arange(layout.blocks) * layout.size + cell] = 0.0
    return replace(table, upper=upper)


def _linked(layout: Layout, entries: int) -> Ints:
    """Return the entries of the count, of what is tied to it, and of what is left to bounds."""
    spans = [np.arange(start, start + layout.size) for start in (layout.count, *layout.within)]
    return np.concatenate([*spans, np.arange(layout.blocks * layout.size, entries)])


def _rest(table: Table, open_: Ints) -> tuple[sparse.csr_array, Floats]:
    """Return the relations of hidden entries, and what those shown leave to them."""
    matrix = table.relations[:, open_]
    rows = np.flatnonzero(np.diff(matrix.indptr))
    matrix = matrix[rows]
    return matrix, matrix @ table.values[open_]


def _worked_out(table: Table, hidden: Bools, wanted: Floats, layout: Layout) -> Ints:
    """Return hidden counts and sums tied to them that whole numbers narrow too far."""
    linked = _linked(layout, len(table.values))
    open_ = linked[hidden[table.group[linked]]]
    reader = _Reader(table, open_, layout)
    asked = np.flatnonzero(wanted[open_] > 0)
    return open_[[place for place in asked if not reader.kept(int(place), wanted)]]


class _Reader:
    """Attacks in whole centres, and remembers what each attack found possible."""

    def __init__(self, table: Table, open_: Ints, layout: Layout) -> None:
        matrix, right = _rest(table, open_)
        self._size = np.ones(len(open_)) if table.size is None else table.size[open_]
        self._rows = LinearConstraint(matrix * self._size, right, right)
        self._open, self._true = open_, table.values[open_]
        self._bounds = Bounds(table.lower[open_] / self._size, table.upper[open_] / self._size)
        crossing = np.arange(layout.listed if layout.listed < layout.size else 0, layout.size)
        self._whole = np.isin(open_, layout.count + crossing).astype(float)
        self._counts = (open_ >= layout.count) & (open_ < layout.count + layout.size)
        self._low, self._high = self._true.copy(), self._true.copy()

    def kept(self, place: int, wanted: Floats) -> bool:
        """Say whether a hidden value is left as wide as wanted."""
        least = 1.0 if self._counts[place] else float(wanted[self._open[place]])
        for sign in (-1.0, 1.0):
            if self._width(place) >= least * _ENOUGH:
                return True
            self._push(place, sign, least)
        return self._width(place) >= least * _ENOUGH

    def _width(self, place: int) -> float:
        return float(self._high[place] - self._low[place])

    def _push(self, place: int, sign: float, least: float) -> None:
        goal = np.zeros(len(self._open))
        goal[place] = sign
        ends = self._bounds
        reach = least * _MORE / self._size[place]
        true = self._true[place] / self._size[place]
        low, high = ends.lb.copy(), ends.ub.copy()
        low[place], high[place] = max(low[place], true - reach), min(high[place], true + reach)
        answer = milp(
            goal,
            constraints=self._rows,
            bounds=Bounds(low, high),
            integrality=self._whole,
            options={"node_limit": 200},
        )
        if answer.x is None:
            return
        found = answer.x * self._size
        found[self._counts] = np.round(found[self._counts])
        self._low, self._high = np.minimum(self._low, found), np.maximum(self._high, found)
