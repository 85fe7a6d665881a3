"""Rules that look beyond one address: the residual and the proximity rule.

Both work on arrays with one entry an address; coordinates are metres in an equal-area
grid (EPSG:3035). They change eligibility, never the colour.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from nexpo.connectivity.coverage.model import Proximity, Residual

Mask = npt.NDArray[np.bool_]
Points = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
_HALF = 32


def cells(points: Points, size_m: int) -> Codes:
    """Return a code for the square cell of each point, -1 where it has no place.

    Parameters
    ----------
    points
        ``(n, 2)`` metres in EPSG:3035; NaN where unknown.
    size_m
        Side of a cell.

    Examples
    --------
    >>> cells(np.array([[10.0, 10.0], [99.0, 20.0], [101.0, 20.0]]), 100).tolist()
    [0, 0, 4294967296]
    """
    known: Mask = np.asarray(np.isfinite(points).all(axis=1))
    steps = np.floor_divide(np.where(known[:, None], points, 0.0), size_m).astype(np.int64)
    return np.where(known, (steps[:, 0] << _HALF) + steps[:, 1], -1)


def residual(eligible: Mask, cell: Codes, rule: Residual) -> Mask:
    """Say which eligible addresses are dropped as a residue of a covered aggregate.

    An aggregate is a cell; where less than ``rule.min_share`` of its addresses are
    eligible, they are dropped. An address without a cell is kept.

    Examples
    --------
    >>> one_in_twenty = np.arange(20) == 0
    >>> residual(one_in_twenty, np.zeros(20, np.int64), Residual(100, 0.10)).sum()
    np.int64(1)
    """
    placed = cell >= 0
    _, index = np.unique(cell, return_inverse=True)
    share = np.bincount(index, eligible) / np.bincount(index)
    dropped: Mask = eligible & placed & (share[index] < rule.min_share)
    return dropped


def proximity(
    points: Points,
    street: Codes,
    *,
    candidates: Mask,
    funded: Mask,
    covered: Mask,
    rule: Proximity,
) -> Mask:
    """Say which candidates may be added to the funded addresses near them.

    A candidate is admitted on the street of a funded address or within ``rule.max_m``
    of one, and at least ``rule.min_covered_m`` from any covered address.

    Parameters
    ----------
    points
        ``(n, 2)`` metres; NaN where unknown: such a candidate is judged by its street
        only and, its distance to covered ones being unknown, never admitted.
    street
        Code of municipality and street, -1 where unknown.
    candidates, funded, covered
        Which addresses are judged, already funded, and covered by a network.
    """
    known: Mask = np.asarray(np.isfinite(points).all(axis=1))
    same_street = np.isin(street, street[funded & (street >= 0)])
    near = _distance(points, known, funded) <= rule.max_m
    clear = _distance(points, known, covered) >= rule.min_covered_m
    admitted: Mask = candidates & known & (same_street | near) & clear
    return admitted


def _distance(points: Points, known: Mask, others: Mask) -> npt.NDArray[np.float64]:
    """Return the distance of each point to the nearest of the others, inf for none."""
    distance = np.full(len(points), np.inf)
    chosen = others & known
    if chosen.any() and known.any():
        distance[known] = cKDTree(points[chosen]).query(points[known])[0]
    return distance
