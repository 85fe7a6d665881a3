"""Top sites: parcels of a wished size, grown from the best cells, that do not touch.

Greedy, as CERF-DC does it: the best cell left, if the 4-connected land round it is large enough,
grows to a parcel; the parcel is taken out, and the next best cell follows. Ties go to the cell
that comes first, row by row, so the answer is one. A fragment that proves too small is struck
out once, which makes the whole run linear but for the sorting.

Conventions, each an argument: how a parcel grows (:class:`Growth`), and how many cells must lie
between two parcels (one, so that they do not touch even at a corner; none, as CERF-DC).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import ceil
from typing import TYPE_CHECKING

import numba
import numpy as np

from nexpo.core.problem import bad_input

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Scores = NDArray[np.floating]
    Ints = NDArray[np.int64]
    Labels = NDArray[np.int32]
    Places = NDArray[np.int32]


class Growth(Enum):
    """How a parcel grows from its first cell.

    ``RINGS``: breadth first, north, south, west, east, as CERF-DC (compact: a diamond).
    ``BEST``: always the best neighbour (the highest mean score, any shape).
    """

    RINGS = "rings"
    BEST = "best"


@dataclass(frozen=True, slots=True)
class Parcels:
    """Parcels in the order in which they were taken.

    Attributes
    ----------
    labels
        Number of the parcel of each cell, from 0; -1 for none.
    seeds
        Row and column of the first cell of each.
    scores
        Score of that cell: what the order is by.
    means
        Mean score over the cells of each.
    cells
        Cells of each parcel.
    """

    labels: Labels
    seeds: Ints
    scores: NDArray[np.float64]
    means: NDArray[np.float64]
    cells: int

    def __len__(self) -> int:
        return len(self.seeds)


def cells_for(hectares: float, cell_m: float) -> int:
    """Return the fewest cells that hold so many hectares.

    Examples
    --------
    >>> cells_for(10, 100), cells_for(10, 25), cells_for(0.3, 100)
    (10, 160, 1)
    """
    if not hectares > 0:
        raise bad_input("a site needs an area", value=hectares, remedy="hectares above zero")
    return max(1, ceil(hectares * 10_000 / cell_m**2 - 1e-9))


def parcels(
    score: Scores,
    eligible: Mask,
    cells: int,
    *,
    most: int | None = None,
    growth: Growth = Growth.RINGS,
    gap_cells: int = 1,
) -> Parcels:
    """Return the best parcels of so many cells.

    Parameters
    ----------
    score
        Higher is better; a cell whose score is NaN is never taken.
    eligible
        Cells that may be taken.
    cells
        Cells of each parcel.
    most
        How many parcels at most; all when None.
    gap_cells
        Free cells round each parcel, corners included.

    Examples
    --------
    >>> score = np.array([[5.0, 4.0, 1.0, 9.0], [1.0, 2.0, 1.0, 0.0]])
    >>> found = parcels(score, score > 0, 2)
    >>> found.labels
    array([[ 1, -1,  0,  0],
           [ 1, -1, -1, -1]], dtype=int32)
    >>> parcels(score, score > 0, 2, gap_cells=0).scores.tolist()
    [9.0, 5.0, 4.0]
    """
    if score.shape != eligible.shape:
        raise bad_input("scores and eligible cells differ in shape", value=score.shape)
    if cells < 1 or gap_cells < 0:
        raise bad_input("a parcel has at least one cell", value=(cells, gap_cells))
    usable = eligible & np.isfinite(score)
    flat = np.flatnonzero(usable)
    order = flat[np.argsort(-score.ravel()[flat], kind="stable")]
    labels = np.full(score.shape, -1, dtype=np.int32)
    limit = len(order) if most is None else most
    best = growth is Growth.BEST
    place = np.empty(score.size if best else 0, dtype=np.int32)
    if best:
        place[order] = np.arange(len(order), dtype=np.int32)
    found = _grow(usable.view(np.uint8), order, place, cells, limit, gap_cells, labels)
    seeds = np.column_stack(np.divmod(found, score.shape[1])).astype(np.int64)
    taken = labels >= 0
    total = np.bincount(
        labels[taken], weights=score[taken].astype(np.float64), minlength=len(found)
    )
    scores = score.ravel()[found].astype(np.float64)
    return Parcels(labels, seeds, scores, total / cells, cells)


@numba.njit(cache=True)
def _push(heap: Ints, size: int, cell: int, place: Places) -> None:
    at = size
    heap[at] = cell
    while at > 0:
        above = (at - 1) // 2
        if place[heap[at]] < place[heap[above]]:
            heap[at], heap[above] = heap[above], heap[at]
            at = above
        else:
            break


@numba.njit(cache=True)
def _pop(heap: Ints, size: int, place: Places) -> int:
    top = heap[0]
    heap[0] = heap[size - 1]
    last, at = size - 1, 0
    while True:
        first = 2 * at + 1
        if first >= last:
            break
        if first + 1 < last and place[heap[first + 1]] < place[heap[first]]:
            first += 1
        if place[heap[first]] > place[heap[at]]:
            break
        heap[at], heap[first] = heap[first], heap[at]
        at = first
    return int(top)


@numba.njit(cache=True)
def _reach(
    free: NDArray[np.uint8],
    seed: int,
    columns: int,
    wanted: int,
    place: Places,
    queue: Ints,
    got: Ints,
) -> int:
    """Fill ``got`` with up to ``wanted`` connected free cells; mark what was seen as 2.

    Breadth first where ``place`` is empty, else the cell of the best place first.
    """
    best = len(place) > 0
    size, head, many = 1, 0, 0
    queue[0] = seed
    free[seed] = 2
    rows = len(free) // columns
    while many < wanted and (size > 0 if best else head < size):
        if best:
            cell = _pop(queue, size, place)
            size -= 1
        else:
            cell = queue[head]
            head += 1
        got[many] = cell
        many += 1
        row, column = cell // columns, cell % columns
        for side in range(4):
            r = row + (side == 1) - (side == 0)
            c = column + (side == 3) - (side == 2)  # noqa: PLR2004 - north, south, west, east
            if 0 <= r < rows and 0 <= c < columns and free[r * columns + c] == 1:
                other = r * columns + c
                free[other] = 2
                if best:
                    _push(queue, size, other, place)
                else:
                    queue[size] = other
                size += 1
    if many == wanted:  # what was seen and not taken stays free
        for at in range(size if best else size - head):
            free[queue[at if best else head + at]] = 1
    return many


@numba.njit(cache=True)
def _grow(
    usable: NDArray[np.uint8],
    order: Ints,
    place: Places,
    wanted: int,
    most: int,
    gap: int,
    labels: Labels,
) -> Ints:
    rows, columns = labels.shape
    free, flat = usable.ravel(), labels.ravel()
    queue = np.empty(4 * wanted + 8, dtype=np.int64)
    got = np.empty(wanted, dtype=np.int64)
    seeds = np.empty(min(most, len(order) // wanted + 1), dtype=np.int64)
    many = 0
    for seed in order:
        if many >= most:
            break
        if free[seed] != 1:
            continue
        reached = _reach(free, seed, columns, wanted, place, queue, got)
        for cell in got[:reached]:
            free[cell] = 0
        if reached < wanted:  # a fragment too small for ever
            continue
        for cell in got:
            flat[cell] = many
            row, column = cell // columns, cell % columns
            for r in range(max(row - gap, 0), min(row + gap + 1, rows)):
                for c in range(max(column - gap, 0), min(column + gap + 1, columns)):
                    free[r * columns + c] = 0
        seeds[many] = seed
        many += 1
    return seeds[:many]
