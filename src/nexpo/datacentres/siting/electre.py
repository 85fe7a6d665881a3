"""ELECTRE I: which alternatives none other outranks (Roy 1968), for short lists.

*a* outranks *b* when the criteria on which it is at least as good weigh enough (concordance) and
it is nowhere worse by too much (discordance). The choice is the kernel: its members do not
outrank each other, and each alternative outside is outranked by one inside. There is no short
cut for discordance: all pairs are compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from nexpo.core.problem import bad_input
from nexpo.datacentres.siting.decision import (
    Bools,
    Floats,
    Ints,
    Numbers,
    Table,
    Unknown,
    divided,
    share_weights,
)
from nexpo.datacentres.siting.normalise import Scaling

MOST_ALTERNATIVES = 3_000
"""Longest list compared: a few arrays of its square, 72 MB each."""

_SAME = 1e-12  # 0.1 + 0.2 meets a threshold of 0.3


class Discordance(StrEnum):
    """How much worse counts as how much.

    ``RANGE``: the greatest difference on the caller's scale (min-max: over the range of each
    criterion; Roy). ``COMMON``: that, over the greatest difference of any pair on any criterion.
    ``WEIGHTED``: of weighted values, over the greatest difference of the same pair (Hwang and
    Yoon 1981, with the vector norm).
    """

    RANGE = "range"
    COMMON = "common"
    WEIGHTED = "weighted"


@dataclass(frozen=True, slots=True, eq=False)
class Electre:
    """Concordance, discordance, outranking and kernel of n alternatives.

    Attributes
    ----------
    outranks
        (n, n): the row outranks the column.
    kernel
        Whether each alternative is in the kernel. Alternatives that outrank each other in a
        circle stand or fall together: they count as one.
    circles
        Number of the circle of each alternative; one that stands alone has a number of its own.
    concordance_threshold, discordance_threshold
        Those used.
    """

    concordance: Floats
    discordance: Floats
    outranks: Bools
    kernel: Bools
    circles: Ints
    concordance_threshold: float
    discordance_threshold: float


def electre1(
    table: Table,
    weights: Numbers,
    scale: Scaling,
    *,
    discordance: Discordance = Discordance.RANGE,
    concordance_threshold: float | None = None,
    discordance_threshold: float | None = None,
    unknown: Unknown = Unknown.UNKNOWN,
    most: int = MOST_ALTERNATIVES,
) -> Electre:
    """Return the outranking relation and its kernel.

    Parameters
    ----------
    scale
        Min-max for ``RANGE``, vector for ``WEIGHTED``, usually.
    concordance_threshold, discordance_threshold
        Least concordance and greatest discordance of an outranking; the mean over all pairs by
        default (Hwang and Yoon).
    unknown
        ``UNKNOWN``: such an alternative outranks none, is outranked by none, and is not in the
        kernel. ``RENORMALISE``: a pair is compared on the criteria that both know.

    Raises
    ------
    Problem
        When the list is longer than ``most``.
    """
    n, m = table.shape
    if n > most:
        raise bad_input(
            f"ELECTRE I compares every pair: {n:,} alternatives are more than {most:,}",
            remedy="rank by another method first, and give ELECTRE the best of them",
        )
    shares = share_weights(weights, m)
    values = _values(table, scale, unknown)
    active = shares > 0
    agree = _concordance(values[active], shares[active])
    against = _discordance(values[active], shares[active], discordance)
    known = ~np.isnan(agree).all(axis=1)
    if unknown is Unknown.UNKNOWN:
        known &= ~np.isnan(values[active]).any(axis=0)
        agree[~known] = agree[:, ~known] = against[~known] = against[:, ~known] = np.nan
    pairs = ~np.eye(n, dtype=bool) & ~np.isnan(agree)
    least = _mean(agree[pairs]) if concordance_threshold is None else concordance_threshold
    most_against = _mean(against[pairs]) if discordance_threshold is None else discordance_threshold
    outranks = pairs & (agree >= least - _SAME) & (against <= most_against + _SAME)
    kernel, circles = kernel_of(outranks)
    return Electre(agree, against, outranks, kernel & known, circles, least, most_against)


def kernel_of(outranks: Bools) -> tuple[Bools, Ints]:
    """Return which alternatives are in the kernel, and the circle of each.

    Circles are drawn together into one, then what is left has exactly one kernel.

    Examples
    --------
    >>> beats = np.zeros((3, 3), bool)
    >>> beats[0, 1] = beats[1, 2] = True
    >>> kernel_of(beats)[0]  # 2 is outranked only by 1, which is not in the kernel
    array([ True, False,  True])
    """
    n, circles = connected_components(csr_array(outranks), connection="strong")
    between = np.zeros((n, n), bool)
    row, col = np.nonzero(outranks)
    between[circles[row], circles[col]] = True
    np.fill_diagonal(between, val=False)
    inside, waiting = np.zeros(n, bool), np.ones(n, bool)
    while waiting.any():
        free = waiting & ~between[waiting].any(axis=0)  # outranked by nobody who still waits
        inside |= free
        beaten = waiting & between[free].any(axis=0)
        waiting &= ~free & ~beaten
    return inside[circles], circles.astype(np.int64)


def _values(table: Table, scale: Scaling, unknown: Unknown) -> Floats:
    """Return the scaled values (m, n), of which more is better."""
    source = np.column_stack(table.arrays) if not isinstance(table, np.ndarray) else table
    values = scale.apply(np.array(source.T, np.float64, order="C"))
    if unknown is Unknown.WORST:
        values = np.where(np.isnan(values), scale.worst[:, None], values)
    return values


def _concordance(values: Floats, weights: Floats) -> Floats:
    """Return the weight on which each row is at least as good as each column; diagonal 1."""
    n = values.shape[1]
    agree, both = np.zeros((n, n)), np.zeros((n, n))
    for row, weight in zip(values, weights, strict=True):
        agree += weight * (row[:, None] >= row[None, :])
        both += weight * ~(np.isnan(row)[:, None] | np.isnan(row)[None, :])
    return divided(agree, both)


def _discordance(values: Floats, weights: Floats, rule: Discordance) -> Floats:
    """Return by how much each row is worse than each column where it is worst."""
    n = values.shape[1]
    behind, widest = np.zeros((n, n)), np.zeros((n, n))
    for row, weight in zip(values, weights, strict=True):
        gap = (row[None, :] - row[:, None]) * (weight if rule is Discordance.WEIGHTED else 1.0)
        behind, widest = np.fmax(behind, gap), np.fmax(widest, np.abs(gap))
    if rule is Discordance.RANGE:
        return behind
    size = widest if rule is Discordance.WEIGHTED else np.full_like(widest, widest.max())
    return divided(behind, size, 0.0)


def _mean(values: Floats) -> float:
    return float(values.mean()) if values.size else 0.0
