"""Many small systems at once, on one thread.

A library call per matrix wakes threads that a matrix of a hundred rows cannot feed; on a busy
machine they wait for each other far longer than they compute. Elimination without pivots is stable
where columns are diagonally dominant, as those of ``I - A`` are when inputs stay below output
[Golub and Van Loan, 4.1.1].
"""

from __future__ import annotations

import numpy as np
from numba import njit

from nexpo.impact.model import Floats

_SMALLEST_PIVOT = 1e-9


def solve_each(matrices: Floats, rights: Floats) -> Floats:
    """Return the answers of ``matrices[s] x = rights[s]``; both are overwritten.

    Parameters
    ----------
    matrices
        ``(s, n, n)``; a row's dominance is not needed, a column's is.
    rights
        ``(s, n, m)``.

    Examples
    --------
    >>> solve_each(np.array([[[2.0, 0.0], [1.0, 4.0]]]), np.array([[[2.0], [9.0]]])).tolist()
    [[[1.0], [2.0]]]
    """
    if _not_dominant(matrices):
        return np.asarray(np.linalg.solve(matrices, rights), dtype=np.float64)
    _eliminate(matrices, rights)
    return rights


def _not_dominant(matrices: Floats) -> bool:
    diagonal = np.abs(np.einsum("sii->si", matrices))
    others = np.abs(matrices).sum(axis=1) - diagonal
    return bool((diagonal - others < _SMALLEST_PIVOT).any())


@njit(cache=True, fastmath={"contract"})
def _eliminate(matrices: Floats, rights: Floats) -> None:
    for s in range(matrices.shape[0]):
        _down(matrices[s], rights[s])
        _up(matrices[s], rights[s])


@njit(cache=True, fastmath={"contract"})
def _down(a: Floats, b: Floats) -> None:
    """Make a triangle, four columns at a time: each pass over a row does four subtractions."""
    size, width = a.shape[0], b.shape[1]
    start = 0
    while start + 4 <= size:
        end = start + 4
        _panel(a, b, start, end)
        u, v = a[start:end], b[start:end]
        for i in range(end, size):
            row, right = a[i], b[i]
            l0 = row[start] / u[0, start]
            l1 = (row[start + 1] - l0 * u[0, start + 1]) / u[1, start + 1]
            l2 = row[start + 2] - l0 * u[0, start + 2] - l1 * u[1, start + 2]
            l2 /= u[2, start + 2]
            l3 = row[start + 3] - l0 * u[0, start + 3] - l1 * u[1, start + 3]
            l3 = (l3 - l2 * u[2, start + 3]) / u[3, start + 3]
            for j in range(end, size):
                row[j] -= l0 * u[0, j] + l1 * u[1, j] + l2 * u[2, j] + l3 * u[3, j]
            for j in range(width):
                right[j] -= l0 * v[0, j] + l1 * v[1, j] + l2 * v[2, j] + l3 * v[3, j]
        start = end
    _panel(a, b, start, size)


@njit(cache=True, fastmath={"contract"})
def _panel(a: Floats, b: Floats, start: int, end: int) -> None:
    """Eliminate below the diagonal within some rows."""
    for k in range(start, end):
        for i in range(k + 1, end):
            factor = a[i, k] / a[k, k]
            for j in range(k + 1, a.shape[1]):
                a[i, j] -= factor * a[k, j]
            for j in range(b.shape[1]):
                b[i, j] -= factor * b[k, j]


@njit(cache=True, fastmath={"contract"})
def _up(a: Floats, b: Floats) -> None:
    """Solve the triangle from below."""
    for k in range(a.shape[0] - 1, -1, -1):
        for i in range(k + 1, a.shape[0]):
            factor = a[k, i]
            for j in range(b.shape[1]):
                b[k, j] -= factor * b[i, j]
        for j in range(b.shape[1]):
            b[k, j] /= a[k, k]
