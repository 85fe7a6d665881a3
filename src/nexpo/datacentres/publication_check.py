"""Whether what is hidden stays hidden from a reader who counts in whole centres.

Suppression asks a width of what must be hidden, and its reader counts in fractions. Here every
value that is hidden, for itself or for another, is asked the same; a leaf in which no whole
centre has room is taken to be empty in each figure; and for each hidden value two worlds are
sought that differ by the width (:mod:`nexpo.datacentres.publication_worlds`). Where none are
found, more is asked, until nothing fails or all is hidden.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from nexpo.datacentres.publication_worlds import Known, Worlds
from nexpo.datacentres.suppression import Limits, Pattern, Table, suppress
from nexpo.datacentres.suppression_search import cannot

if TYPE_CHECKING:
    from scipy import sparse

    from nexpo.core.progress import Progress

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_WHOLE = 1e-6
_OPTIMAL = 0
_ROUNDS = 8
_MORE = 2.0
"""Factor on the width asked of what was worked out in whole centres."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where entries stand: blocks of cells, then leaves, the first block the count of centres.

    Attributes
    ----------
    cells, leaves, blocks
        How many there are of each.
    within
        Blocks that bounds by the number of centres tie to the count.
    """

    cells: int
    leaves: int
    blocks: int
    within: tuple[int, ...]

    @property
    def size(self) -> int:
        """Entries of a block."""
        return self.cells + self.leaves


def hardened(
    table: Table,
    wanted: Floats,
    layout: Layout,
    known: Known,
    limits: Limits | None,
    progress: Progress,
) -> Pattern:
    """Return a pattern of which nothing hidden can be worked out, in whole centres either.

    Parameters
    ----------
    wanted
        Width by entry that a hidden one must be left with; 0 for what is never printed.
    layout
        Where entries stand.
    known
        What a reader knows beforehand, in whole centres.

    Raises
    ------
    Problem
        When hiding all would still give something away.

    Notes
    -----
    The bound is that of the first search: a pattern that must hide more is not said to be the
    least.
    """
    progress.step("looking for the least that must be hidden")
    first = found = suppress(table, limits)
    wanted = np.concatenate([wanted, np.zeros(len(table.values) - len(wanted))])
    # An interval one wide may hold a single whole number that the sums allow.
    counts = np.arange(layout.size)
    room = table.upper[counts] - table.lower[counts]
    wanted[counts] *= np.where(room >= _MORE * wanted[counts], _MORE, 1.0)
    least = wanted.copy()
    least[counts] = np.minimum(least[counts], 1.0)
    for _ in range(_ROUNDS):
        harder = _all_asked(_emptied(table, found.hidden, layout), found.hidden, wanted)
        if (harder.width > table.width).any() or (harder.upper < table.upper).any():
            progress.step("protecting what is hidden to protect others")
            table, found = harder, suppress(harder, limits)
            continue
        progress.step("trying to work out what is hidden")
        failed = _given_away(table, found.hidden, least, layout, known, progress)
        if not len(failed):
            return replace(found, bound=min(first.bound, found.loss))
        wanted[failed] *= _MORE
    hidden = ~table.shown
    progress.step("hiding all, and trying to work it out")
    if len(_given_away(table, hidden, least, layout, known, progress)):
        raise cannot()
    loss = float(table.weight[hidden].sum())
    return Pattern(hidden, loss, min(first.bound, loss), found.rounds)


def _given_away(
    table: Table, hidden: Bools, least: Floats, layout: Layout, known: Known, progress: Progress
) -> Ints:
    """Return the hidden entries of cells for which no two worlds are found that differ enough."""
    cells = np.arange(layout.cells)
    entries = np.arange(layout.blocks)[:, np.newaxis] * layout.size + cells
    open_ = hidden[table.group[entries]]
    worlds = Worlds(known, open_)
    asked = np.argwhere(open_ & (least[entries] > 0)).tolist()
    failed = []
    for done, (block, cell) in enumerate(asked):
        progress.advance(done, len(asked), "hidden values")
        entry = entries[block, cell]
        if not worlds.differ(block, cell, float(least[entry])):
            failed.append(entry)
    return np.array(failed, dtype=np.int64)


def _all_asked(table: Table, hidden: Bools, wanted: Floats) -> Table:
    """Ask of all that is hidden what is asked of what must be."""
    open_ = hidden[table.group]
    width = np.where(open_, np.maximum(wanted, table.width), table.width)
    return replace(table, primary=table.primary | hidden, width=width)


def _emptied(table: Table, hidden: Bools, layout: Layout) -> Table:
    """Return a table whose reader knows which leaves are too small for a whole centre."""
    open_ = np.flatnonzero(hidden[table.group])
    open_ = open_[np.isin(open_, _linked(layout, len(table.values)))]
    upper = table.upper.copy()
    leaves = np.arange(layout.cells, layout.size)
    seen = np.zeros(len(table.values))
    matrix, right = _rest(table, open_)
    for leaf in leaves[(table.values[leaves] == 0) & (upper[leaves] > 0)].tolist():
        if seen[leaf] >= 1:
            continue
        goal = np.where(open_ == leaf, -1.0, 0.0)
        # One centre is enough to know: the leaf need not be filled further.
        high = np.where(open_ == leaf, np.minimum(table.upper[open_], 1.0), table.upper[open_])
        answer = linprog(
            goal, A_eq=matrix, b_eq=right, bounds=np.column_stack([table.lower[open_], high])
        )
        if answer.status != _OPTIMAL:
            continue
        seen[open_] = np.maximum(seen[open_], answer.x + _WHOLE)
        if -answer.fun < 1 - _WHOLE:
            upper[np.arange(layout.blocks) * layout.size + leaf] = 0.0
    return replace(table, upper=upper)


def _linked(layout: Layout, entries: int) -> Ints:
    """Return the entries of the count, of what is tied to it, and of what is left to bounds."""
    spans = [np.arange(layout.size) + block * layout.size for block in (0, *layout.within)]
    return np.concatenate([*spans, np.arange(layout.blocks * layout.size, entries)])


def _rest(table: Table, open_: Ints) -> tuple[sparse.csr_array, Floats]:
    """Return the relations of hidden entries, and what those shown leave to them."""
    matrix = table.relations[:, open_]
    rows = np.flatnonzero(np.diff(matrix.indptr))
    matrix = matrix[rows]
    return matrix, matrix @ table.values[open_]
