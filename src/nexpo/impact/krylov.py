"""Iterations for systems with one matrix and several right-hand sides, columns side by side.

All columns share each pass over the matrix, which is what costs: a table of 9,800 sectors is
768 MB, and reading it takes far longer than the arithmetic of one column.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from nexpo.impact.model import Floats

AIM = 1e-12
"""Relative residual at which iterations stop."""

ALLOWED_BACKWARD = 1e-13
"""Largest backward error of an answer by LU whose relative residual is above what is allowed:
multipliers of some millions leave no smaller residual in double precision."""

BLOCK = 64
"""Columns taken at once: bounds the memory of a basis."""

Apply = Callable[[Floats], Floats]
Singles = NDArray[np.float32]

_STEPS, _RESTARTS, _REFINEMENTS = 60, 5, 8


def gmres(
    apply: Apply, sides: Floats, aim: float = AIM, near: Apply | None = None
) -> tuple[Floats, int]:
    """Return the answers of ``m`` systems with one matrix, and the products it took.

    Each column has its own Krylov space; all columns share each pass over the matrix.

    Parameters
    ----------
    apply
        Product of the matrix with ``(n, m)``.
    sides
        ``(n, m)`` right-hand sides.
    aim
        Relative residual to stop at; a caller measures what was reached.
    near
        Answers of a system near to this one, from the right: the nearer, the fewer products.

    Examples
    --------
    >>> matrix = np.array([[0.9, -0.2], [-0.3, 0.8]])
    >>> found, _ = gmres(lambda v: matrix @ v, np.array([[1.0], [2.0]]))
    >>> (matrix @ found).round(9).ravel().tolist()
    [1.0, 2.0]
    """
    found = np.zeros_like(sides)
    stop = aim * norms(sides)
    rest, taken = sides, 0
    chained = apply if near is None else lambda values: apply(near(values))
    for cycle in range(_RESTARTS):
        if cycle:
            rest = sides - apply(found)
        step, products, done = _cycle(chained, rest, stop)
        found += step if near is None else near(step)
        taken += products
        if done:
            break
    return found, taken


def _cycle(apply: Apply, rest: Floats, stop: Floats) -> tuple[Floats, int, bool]:
    """One cycle of GMRES with modified Gram-Schmidt and Givens rotations, column by column."""
    columns = rest.shape[1]
    size = norms(rest)
    basis = [rest / nonzero(size)]
    h = np.zeros((_STEPS + 1, _STEPS, columns))
    cosine, sine = np.zeros((_STEPS, columns)), np.zeros((_STEPS, columns))
    left = np.zeros((_STEPS + 1, columns))
    left[0] = size
    last = 0
    for k in range(_STEPS):
        last = k + 1
        after = apply(basis[k])
        for i, vector in enumerate(basis):
            h[i, k] = np.einsum("nm,nm->m", vector, after)
            after -= vector * h[i, k]
        h[k + 1, k] = norms(after)
        basis.append(after / nonzero(h[k + 1, k]))
        for i in range(k):
            above, below = h[i, k].copy(), h[i + 1, k].copy()
            h[i, k] = cosine[i] * above + sine[i] * below
            h[i + 1, k] = cosine[i] * below - sine[i] * above
        length = nonzero(np.hypot(h[k, k], h[k + 1, k]))
        cosine[k], sine[k] = h[k, k] / length, h[k + 1, k] / length
        h[k, k] = length
        left[k + 1] = -sine[k] * left[k]
        left[k] *= cosine[k]
        if (np.abs(left[k + 1]) <= stop).all():
            break
    weights = np.zeros((last, columns))
    for k in range(last - 1, -1, -1):
        known = np.einsum("im,im->m", h[k, k + 1 : last], weights[k + 1 :])
        weights[k] = (left[k] - known) / h[k, k]
    step = np.zeros_like(rest)
    for vector, weight in zip(basis, weights, strict=False):
        step += vector * weight
    return step, last, bool((np.abs(left[last]) <= stop).all())


def refined(
    apply: Apply, factor: tuple[Any, Any], sides: Floats, *, transposed: bool
) -> tuple[Floats, int]:
    """Refine the answers of factors in single precision until the residual in double is met."""
    found, rest = np.zeros_like(sides), sides
    stop = AIM * norms(sides)
    for taken in range(_REFINEMENTS):
        size = norms(rest)
        if (size <= stop).all():
            return found, taken
        scaled = (rest / nonzero(size)).astype(np.float32)
        found += back(factor, scaled, transposed=transposed) * size
        rest = sides - apply(found)
    return found, _REFINEMENTS


def back(factor: Any, sides: Floats | Singles, *, transposed: bool) -> Floats:  # noqa: ANN401 - what LAPACK gives
    """Return the answers by factors of LAPACK, of the matrix or of its transpose."""
    found: Floats = linalg.lu_solve(factor, sides, trans=int(transposed), check_finite=False)
    return found


def norms(columns: Floats) -> Floats:
    """Return the 2-norm of each column of ``(n, m)``."""
    found: Floats = np.sqrt(np.einsum("nm,nm->m", columns, columns))
    return found


def nonzero(values: Floats) -> Floats:
    """Return the values with 1 for 0, to divide by."""
    found: Floats = np.where(values > 0, values, 1.0)
    return found


def runs(regions: Sequence[str]) -> list[slice]:
    """Return the runs of one region each."""
    cuts = [at for at in range(1, len(regions)) if regions[at] != regions[at - 1]]
    return [slice(*pair) for pair in pairwise([0, *cuts, len(regions)])]


def product(matrix: Floats, values: Floats) -> Floats:
    """Multiply; a few columns are handed over as rows, which BLAS takes twice as fast."""
    if values.ndim == 1 or not 1 < values.shape[1] <= BLOCK:
        found: Floats = matrix @ values
        return found
    return np.ascontiguousarray((np.ascontiguousarray(values.T) @ matrix.T).T)


def scaled(by: Floats, values: Floats) -> Floats:
    """Return a vector, or each row of a matrix, times its factor."""
    found: Floats = by * values if values.ndim == 1 else by[:, None] * values
    return found


def backward_error(missed: Floats, norm: float, values: Floats, sides: Floats) -> float:
    """Return ``|r| / (|A| |x| + |b|)`` in the largest entry, of the worst right-hand side.

    It says by how much the equations would have to change to make the answer exact, whatever their
    condition (Rigal and Gaches 1967).

    Parameters
    ----------
    missed
        ``(n, m)`` residual ``b - A x``.
    norm
        Largest sum of a row of ``|A|``.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> backward_error(1e-3 * one, 1.0, 999 * one, one)
    1e-06
    """
    scale = norm * np.abs(values).max(axis=0) + np.abs(sides).max(axis=0)
    found = np.abs(missed).max(axis=0) / np.where(scale > 0, scale, 1.0)
    return float(found.max(initial=0.0))


def of_parts(parts: Sequence[tuple[slice, tuple[Any, Any]]], *, transposed: bool) -> Apply:
    """Return what answers each part of a right-hand side by its own LU."""

    def near(values: Floats) -> Floats:
        found = np.empty_like(values)
        for part, factor in parts:
            found[part] = back(factor, values[part], transposed=transposed)
        return found

    return near
