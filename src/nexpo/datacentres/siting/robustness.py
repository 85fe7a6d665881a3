"""How firm a ranking is: weights drawn many times, and how often each alternative comes out top.

Stochastic multicriteria acceptability (Lahdelma, Hokkanen and Salminen 1998; SMAA-2 2001): the
rank acceptability of an alternative is the share of the draws in which it has that rank. Over
millions of cells the useful one is the share of the draws in which it is among the best 1 %, say.
Every draw comes from a generator that the caller seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil, sqrt
from typing import TYPE_CHECKING

import numpy as np

from nexpo.core.problem import bad_input
from nexpo.datacentres.siting.decision import (
    Bools,
    Columns,
    Floats,
    Ints,
    Numbers,
    Table,
    Unknown,
    Watch,
    blocks,
    divided,
    share_weights,
)
from nexpo.datacentres.siting.normalise import Scaling
from nexpo.datacentres.siting.ranks import Ties, ranks
from nexpo.datacentres.siting.robustness_kernel import count_reaching, scores_of_draws

if TYPE_CHECKING:
    from numpy.random import Generator  # noqa: TID251 - the type of an argument, nothing is drawn

SAMPLE = 50_000
"""Alternatives from which a threshold is sampled: the best 1 % are then 1 % +- 0.04."""

MOST_ALTERNATIVES = 5_000
"""Longest list whose whole table of rank acceptabilities is made."""

MOST_SCORES = 1 << 24  # of a step of exact thresholds: 134 MB


def drawn_weights(
    criteria: int, draws: int, generator: Generator, *, concentration: Numbers = 1.0
) -> Floats:
    """Return weights drawn from a Dirichlet distribution, (draws, criteria), each of sum 1.

    Parameters
    ----------
    concentration
        1: all weights equally likely (nothing is known of them). Greater: nearer to equal ones.
        One value, or one a criterion.
    """
    alpha = np.broadcast_to(np.asarray(concentration, np.float64), (criteria,))
    return _positive(generator.dirichlet(alpha, _checked(draws)))


def weights_around(
    weights: Numbers, draws: int, generator: Generator, *, concentration: float = 50.0
) -> Floats:
    """Return weights drawn around given ones: Dirichlet with these as its mean.

    Parameters
    ----------
    concentration
        The standard deviation of weight w is ``sqrt(w (1 - w) / (concentration + 1))``: 50 gives
        0.2 +- 0.056. A weight of 0 stays 0.

    Raises
    ------
    Problem
        When the concentration is not above zero.
    """
    mean = share_weights(weights, np.size(np.asarray(weights)))
    if not concentration > 0:
        raise bad_input("the concentration of weight draws is above zero", value=concentration)
    found = np.zeros((_checked(draws), len(mean)))
    found[:, mean > 0] = generator.dirichlet(mean[mean > 0] * concentration, draws)
    return _positive(found)


@dataclass(frozen=True, slots=True, eq=False)
class Acceptability:
    """Rank acceptability of n alternatives over weight draws.

    Attributes
    ----------
    by_rank
        (n, n): share of the draws in which the row has rank 1, 2, ... n; ties take the best.
    expected_rank
        Mean rank.
    central_weights
        (n, criteria): mean of the weights that put the row first; NaN where none did.
    """

    by_rank: Floats
    expected_rank: Floats
    central_weights: Floats


def rank_acceptability(
    scores_of: Callable[[Floats], Floats],
    draws: Floats,
    *,
    more_is_better: bool = True,
    most: int = MOST_ALTERNATIVES,
    watch: Watch | None = None,
) -> Acceptability:
    """Return how often each alternative has each rank, for any method, for short lists.

    Parameters
    ----------
    scores_of
        Scores of all alternatives under a vector of weights.
    draws
        Weights, one draw a row.

    Raises
    ------
    Problem
        When the list is longer than ``most``.

    Examples
    --------
    >>> x = np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> found = rank_acceptability(lambda w: x @ w, np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]))
    >>> found.by_rank.round(2), found.central_weights
    (array([[0.67, 0.33],
           [0.33, 0.67]]), array([[0.75, 0.25],
           [0.2 , 0.8 ]]))
    """
    counts, first, total = None, None, None
    for k, weights in enumerate(draws):
        found = ranks(scores_of(weights), ties=Ties.MIN, more_is_better=more_is_better)
        if counts is None or first is None or total is None:
            n = len(found)
            _refuse_long(n, most)
            counts, total = np.zeros((n, n)), np.zeros(n)
            first = np.zeros((n, draws.shape[1]))
        known = np.flatnonzero(~np.isnan(found))
        counts[known, found[known].astype(np.int64) - 1] += 1
        total += found
        first[found == 1] += weights
        if watch is not None:
            watch(k + 1, len(draws))
    if counts is None or first is None or total is None:
        raise bad_input("no weights were drawn", value=0)
    with np.errstate(invalid="ignore"):
        central = first / counts[:, :1]
    return Acceptability(counts / len(draws), total / len(draws), central)


@dataclass(frozen=True, slots=True, eq=False)
class Thresholds:
    """Score from which an alternative is among the best share, under each draw.

    Attributes
    ----------
    standard_error
        Of the share that truly lies above a sampled threshold; 0 when exact.
    """

    score: Floats
    share: float
    standard_error: float


def sampled(
    table: Table, share: float, generator: Generator | None, sample: int
) -> tuple[Table, float]:
    """Return the rows that a threshold is taken of, and the standard error of the share.

    The error is ``sqrt(share (1 - share) / sample)``, that of a binomial share; 0 where all rows
    are taken.

    Raises
    ------
    Problem
        When the share is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise bad_input("the best share is a number between 0 and 1", value=share)
    n = table.shape[0]
    if generator is None or sample >= n:
        return table, 0.0
    rows = np.sort(generator.choice(n, sample, replace=False))
    return rows_of(table, rows), sqrt(share * (1 - share) / sample)


def top_thresholds(
    table: Table,
    draws: Floats,
    scale: Scaling | None = None,
    *,
    share: float = 0.01,
    generator: Generator | None = None,
    sample: int = SAMPLE,
    unknown: Unknown = Unknown.UNKNOWN,
    watch: Watch | None = None,
) -> Thresholds:
    """Return the thresholds of the best share of a region under each draw.

    Parameters
    ----------
    table
        Raw values, or with ``scale`` None parts whose weighted sum is the score (the net flows
        by criterion of PROMETHEE II).
    share
        The best 0.01, say, of the alternatives whose score is known.
    generator
        Chooses the sample. None: exact, from all alternatives, a pass over the table a draw.
    sample
        Alternatives in the sample; where the table has no more, the threshold is exact.

    Raises
    ------
    Problem
        When the share is not between 0 and 1.
    """
    part, error = sampled(table, share, generator, sample)
    found = np.empty(len(draws))
    step = max(1, MOST_SCORES // part.shape[0])
    for start in range(0, len(draws), step):
        some = slice(start, min(start + step, len(draws)))
        scores = np.empty((some.stop - start, part.shape[0]))
        for here, values, gaps in filled_blocks(part, scale, unknown):
            scores[:, here] = _scores(values, gaps, draws[some], unknown)
        found[some] = [kth_best(each[~np.isnan(each)], share) for each in scores]
        if watch is not None:
            watch(some.stop, len(draws))
    return Thresholds(found, share, error)


def top_share_acceptability(
    table: Table,
    draws: Floats,
    thresholds: Thresholds,
    scale: Scaling | None = None,
    *,
    unknown: Unknown = Unknown.UNKNOWN,
    watch: Watch | None = None,
) -> Floats:
    """Return the share of the draws in which each alternative reaches the threshold.

    Thresholds are those of the region, so that its tiles can be done one by one.

    Examples
    --------
    >>> x = np.array([[1.0, 0.0], [0.0, 1.0], [0.1, 0.1], [0.2, 0.0]])
    >>> draws = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    >>> limit = top_thresholds(x, draws, share=0.25)
    >>> top_share_acceptability(x, draws, limit).round(2)
    array([0.67, 0.33, 0.  , 0.  ])
    """
    counted = np.zeros(table.shape[0], np.int64)
    lost = np.zeros(table.shape[0], bool)
    weighing = draws.any(axis=0)
    limits = thresholds.score
    for rows, values, gaps in filled_blocks(table, scale, unknown, watch):
        if gaps is None:
            count_reaching(values, draws, limits, counted[rows])
            continue
        if unknown is Unknown.RENORMALISE:
            scores = _scores(values, gaps, draws, unknown)
            counted[rows] = (scores >= limits[:, None]).sum(axis=0)
            lost[rows] = gaps[weighing].all(axis=0)
        else:
            count_reaching(values, draws, limits, counted[rows])
            lost[rows] = gaps[weighing].any(axis=0)
    return np.where(lost, np.nan, counted / len(draws))


def filled_blocks(
    table: Table, scale: Scaling | None, unknown: Unknown, watch: Watch | None = None
) -> Iterator[tuple[slice, Floats, Bools | None]]:
    """Yield scaled blocks with their gaps filled, and where these were (None: nowhere).

    Filled by the worst value under that policy, which leaves no gap, else by 0.
    """
    worst = None if scale is None else scale.worst
    for rows, block in blocks(table, watch):
        values = block if scale is None else scale.apply(block)
        gaps = np.isnan(values)
        if not gaps.any():
            yield rows, values, None
            continue
        if unknown is Unknown.WORST:
            _fill_worst(values, gaps, worst)
            gaps = np.isnan(values)
        values[gaps] = 0.0
        yield rows, values, gaps if gaps.any() else None


def _fill_worst(values: Floats, gaps: Bools, worst: Floats | None) -> None:
    if worst is None:
        raise bad_input(
            "parts of a score have no worst value of their own",
            remedy="take the parts from a table without unknown values",
        )
    for j in np.flatnonzero(gaps.any(axis=1)):
        values[j, gaps[j]] = worst[j]


def _scores(values: Floats, gaps: Bools | None, draws: Floats, unknown: Unknown) -> Floats:
    """Return the score (draws, rows) of each column of a filled block; NaN where unknown."""
    scores = np.empty((len(draws), values.shape[1]))
    scores_of_draws(values, draws, scores)
    if gaps is not None and unknown is Unknown.RENORMALISE:
        known, full = np.empty_like(scores), np.empty((len(draws), 1))
        scores_of_draws((~gaps).astype(np.float64), draws, known)
        scores_of_draws(np.ones((len(values), 1)), draws, full)
        short = known != full
        renormalised = divided(scores, known) * full
        scores[short] = renormalised[short]
    elif gaps is not None:
        scores[:, gaps[draws.any(axis=0)].any(axis=0)] = np.nan
    return scores


def kth_best(scores: Floats, share: float) -> float:
    """Return the score of the last among the best share; at least one is among them."""
    if not len(scores):
        return np.inf
    k = len(scores) - max(1, ceil(share * len(scores)))
    return float(np.partition(scores, k)[k])


def rows_of(table: Table, rows: Ints) -> Table:
    """Return some alternatives of a table."""
    if isinstance(table, Columns):
        return Columns(tuple(array[rows] for array in table.arrays))
    return table[rows]


def _positive(draws: Floats) -> Floats:
    """Return draws of sum 1 where a tiny concentration made a row of zeros or NaN."""
    wrong = ~(draws.sum(axis=1) > 0)
    draws[wrong] = 1 / draws.shape[1]
    return draws


def _checked(draws: int) -> int:
    if draws < 1:
        raise bad_input("the number of weight draws is 1 or more", value=draws)
    return draws


def _refuse_long(n: int, most: int) -> None:
    if n > most:
        raise bad_input(
            f"rank acceptabilities of {n:,} alternatives are a table of {n * n:.2g} shares",
            remedy="ask for the best share instead (top_share_acceptability)",
        )
