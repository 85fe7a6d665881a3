"""CODAS: distances from the negative ideal, Euclidean first, taxicab where it tells more.

Keshavarz Ghorabaee, Zavadskas, Turskis and Antucheviciene (2016): with E and T the distances of
the weighted normalised alternative from the negative ideal,
``h(i, k) = (E_i - E_k) + psi (T_i - T_k)``, psi = 1 where ``|E_i - E_k| >= tau``, and
``H_i = sum over k of h(i, k)``. (Their text reads as if T decided *within* tau; their worked
example and every implementation take it *beyond*.) Sorted by E this needs no pair: n log n.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from nexpo.datacentres.siting.decision import (
    Floats,
    Ints,
    Numbers,
    Table,
    Unknown,
    Watch,
    blocks,
    share_weights,
    weighted_sum,
)
from nexpo.datacentres.siting.normalise import Scaling
from nexpo.datacentres.siting.promethee_kernel import gap_sum, prefix_sums

TAU = 0.02
"""Threshold of the authors; they advise 0.01 to 0.05."""


@dataclass(frozen=True, slots=True, eq=False)
class Codas:
    """Distances from the negative ideal, and the assessment (more is better)."""

    euclidean: Floats
    taxicab: Floats
    assessment: Floats


def codas(
    table: Table,
    weights: Numbers,
    scale: Scaling,
    *,
    tau: float = TAU,
    anti_ideal: Numbers | None = None,
    unknown: Unknown = Unknown.UNKNOWN,
    watch: Watch | None = None,
) -> Codas:
    """Return the CODAS assessment of each alternative; more is better.

    Parameters
    ----------
    scale
        Normalisation; the authors' is max, with costs inverted (min/x).
    tau
        Difference of Euclidean distances from which the taxicab distance counts.
    anti_ideal
        Negative ideal in the units of the criteria; the worse bounds of ``scale`` by default.
    unknown
        What an unknown value does; unknown alternatives are compared with none.
    """
    n = table.shape[0]
    shares = share_weights(weights, table.shape[1])
    bad = scale.worst if anti_ideal is None else scale.point(anti_ideal)
    euclidean, taxicab = np.empty(n), np.empty(n)
    nothing = np.zeros(len(bad))
    for rows, block in blocks(table, watch):
        away = np.abs(scale.apply(block) - bad[:, None])
        taxicab[rows] = weighted_sum(away, shares, unknown, nothing)
        squares = weighted_sum(np.square(away), np.square(shares), unknown, nothing)
        euclidean[rows] = np.sqrt(squares)
    found = np.full(n, np.nan)
    known = ~np.isnan(euclidean)
    found[known] = assessments(euclidean[known], taxicab[known], tau)
    return Codas(euclidean, taxicab, found)


def assessments(euclidean: Floats, taxicab: Floats, tau: float) -> Floats:
    """Return the sum of h(i, k) over all k, for each i, from the two distances.

    Examples
    --------
    >>> assessments(np.array([0.1, 0.3]), np.array([0.2, 0.5]), 0.02)
    array([-0.5,  0.5])
    """
    order = np.argsort(euclidean, kind="stable")
    found = np.empty(len(euclidean))
    _assess(euclidean[order], taxicab[order], order, tau, found)
    return found


@njit(cache=True)
def _assess(euclidean: Floats, taxicab: Floats, order: Ints, tau: float, found: Floats) -> None:
    """Write the assessments; Euclidean distances ascending."""
    n = len(euclidean)
    e_high, e_low = prefix_sums(euclidean)
    t_high, t_low = prefix_sums(taxicab)
    first = last = 0  # the alternatives nearer than tau: their taxicab distance is left out
    for i in range(n):
        x = euclidean[i]
        while first < i and x - euclidean[first] >= tau:
            first += 1
        last = max(last, i)
        while last < n and euclidean[last] - x < tau:
            last += 1
        near = gap_sum(taxicab[i], first, last, t_high, t_low) if last > first else 0.0
        everyone = gap_sum(taxicab[i], 0, n, t_high, t_low)
        found[order[i]] = gap_sum(x, 0, n, e_high, e_low) + (everyone - near)
