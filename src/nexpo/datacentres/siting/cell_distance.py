"""Distance from the centre of each cell to the nearest marked cell, exact and in little memory.

The exact Euclidean distance transform of Meijster, Roerdink and Hesselink (2000): steps along
columns first, then the lower envelope of parabolas along rows. Metres of the frame's projection.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Metres = NDArray[np.float32]
    Mask = NDArray[np.bool_]
    Ints = NDArray[np.int32]


class From(Enum):
    """From where a buffer round marked cells is measured."""

    CENTRE = "centre"
    EDGE = "edge"


def to_cells(marked: Mask, cell_m: float) -> Metres:
    """Return metres from each cell's centre to that of the nearest marked cell.

    Infinite when nothing is marked.

    Examples
    --------
    >>> to_cells(np.array([[True, False], [False, False]]), 100.0)
    array([[  0.     , 100.     ],
           [100.     , 141.42136]], dtype=float32)
    """
    if not marked.any():
        return np.full(marked.shape, np.inf, dtype=np.float32)
    out = np.empty(marked.shape, dtype=np.float32)
    _envelopes(_column_steps(marked), np.float64(cell_m), out)
    return out


def within_cells(
    marked: Mask, radius_m: float, cell_m: float, *, measured: From = From.CENTRE
) -> Mask:
    """Return the cells whose centre is at most ``radius_m`` from a marked cell.

    Parameters
    ----------
    measured
        ``CENTRE``: between centres, as a distance transform gives it. ``EDGE``: to the nearest
        edge of the marked cell, as a buffer drawn round the outline of the cells gives it.

    Examples
    --------
    >>> row = np.array([[True, False, False]])
    >>> within_cells(row, 149.0, 100.0).tolist()
    [[True, True, False]]
    >>> within_cells(row, 150.0, 100.0, measured=From.EDGE).tolist()
    [[True, True, True]]
    """
    if radius_m <= 0 or not marked.any():
        return marked.copy()
    reach = radius_m / cell_m
    edge = measured is From.EDGE
    out = np.zeros(marked.shape, dtype=np.bool_)
    _grown(_column_steps(marked), reach * (1 + 1e-12), edge, out)
    return out


@numba.njit(cache=True)
def _column_steps(marked: Mask) -> Ints:
    """Return steps to the nearest marked cell in the same column, or a great number."""
    rows, columns = marked.shape
    far = rows + columns + 1
    steps = np.empty((rows, columns), dtype=np.int32)
    for column in range(columns):
        steps[0, column] = 0 if marked[0, column] else far
    for row in range(1, rows):
        for column in range(columns):
            steps[row, column] = 0 if marked[row, column] else min(steps[row - 1, column] + 1, far)
    for row in range(rows - 2, -1, -1):
        for column in range(columns):
            steps[row, column] = min(steps[row, column], steps[row + 1, column] + 1)
    return steps


@numba.njit(cache=True)
def _envelopes(steps: Ints, cell: float, out: Metres) -> None:
    """Turn column steps into distances, row by row (lower envelope of parabolas)."""
    rows, columns = steps.shape
    at = np.empty(columns, dtype=np.int64)
    start = np.empty(columns, dtype=np.int64)
    for row in range(rows):
        top = 0
        at[0], start[0] = 0, 0
        for u in range(1, columns):
            gu = np.int64(steps[row, u])
            while top >= 0:
                i, t = at[top], start[top]
                gi = np.int64(steps[row, i])
                if (t - i) * (t - i) + gi * gi > (t - u) * (t - u) + gu * gu:
                    top -= 1
                else:
                    break
            if top < 0:
                top = 0
                at[0], start[0] = u, 0
            else:
                i = at[top]
                gi = np.int64(steps[row, i])
                w = 1 + (u * u - i * i + gu * gu - gi * gi) // (2 * (u - i))
                if w < columns:
                    top += 1
                    at[top], start[top] = u, w
        for u in range(columns - 1, -1, -1):
            i = at[top]
            g = np.int64(steps[row, i])
            out[row, u] = cell * np.sqrt(float((u - i) * (u - i) + g * g))
            if u == start[top]:
                top -= 1


@numba.njit(cache=True)
def _grown(steps: Ints, reach: float, edge: bool, out: Mask) -> None:  # noqa: FBT001 - compiled
    """Mark cells within ``reach`` sides of a cell, looking outwards along each row."""
    rows, columns = steps.shape
    half = 0.5 if edge else 0.0
    limit = reach * reach
    widest = int(reach + half)
    for row in range(rows):
        for column in range(columns):
            for away in range(widest + 1):
                across = max(away - half, 0.0)
                rest = limit - across * across
                if rest < 0.0:
                    break
                for other in (column - away, column + away):
                    if 0 <= other < columns:
                        up = max(steps[row, other] - half, 0.0)
                        if up * up <= rest:
                            out[row, column] = True
                if out[row, column]:
                    break
