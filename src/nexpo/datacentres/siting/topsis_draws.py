"""How often an alternative is among the best by TOPSIS, over many draws of weights.

Both distances of TOPSIS are sums of squares with the squared weights, so that closeness reaches a
threshold t exactly where a sum that is linear in these does:

    D- / (D+ + D-) >= t   <=>   (1 - t)^2 (D-)^2 - t^2 (D+)^2 >= 0

A draw over a whole region is then a weighted sum, as for the other methods.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from nexpo.datacentres.siting.decision import Bools, Floats, Table, Unknown, Watch
from nexpo.datacentres.siting.normalise import Scaling
from nexpo.datacentres.siting.robustness import (
    MOST_SCORES,
    SAMPLE,
    Thresholds,
    filled_blocks,
    kth_best,
    sampled,
)
from nexpo.datacentres.siting.robustness_kernel import count_reaching, scores_of_draws
from nexpo.datacentres.siting.topsis import closeness

if TYPE_CHECKING:
    from numpy.random import Generator  # noqa: TID251 - the type of an argument, nothing is drawn

_ROUNDING = 1e-15  # of the sum that decides: what stands at the threshold reaches it


def closeness_thresholds(
    table: Table,
    draws: Floats,
    scale: Scaling,
    *,
    share: float = 0.01,
    generator: Generator | None = None,
    sample: int = SAMPLE,
    unknown: Unknown = Unknown.UNKNOWN,
) -> Thresholds:
    """Return the closeness from which an alternative is among the best share, under each draw.

    Arguments as for :func:`~nexpo.datacentres.siting.robustness.top_thresholds`.

    Raises
    ------
    Problem
        When the share is not between 0 and 1.
    """
    part, error = sampled(table, share, generator, sample)
    found, squared = np.empty(len(draws)), draws * draws
    step = max(1, MOST_SCORES // (3 * part.shape[0]))
    for start in range(0, len(draws), step):
        some = slice(start, min(start + step, len(draws)))
        scores = np.empty((some.stop - start, part.shape[0]))
        for rows, squares, gaps in _squares(part, scale, unknown):
            scores[:, rows] = _closeness(squares, squared[some])
            scores[:, rows][:, _lost(gaps, draws, unknown, squares.shape[1])] = np.nan
        found[some] = [kth_best(each[~np.isnan(each)], share) for each in scores]
    return Thresholds(found, share, error)


def top_share_by_closeness(
    table: Table,
    draws: Floats,
    thresholds: Thresholds,
    scale: Scaling,
    *,
    unknown: Unknown = Unknown.UNKNOWN,
    watch: Watch | None = None,
) -> Floats:
    """Return the share of the draws in which the closeness of each reaches the threshold.

    Examples
    --------
    >>> from nexpo.datacentres.siting.normalise import Orientation, reference, scaling
    >>> x = np.array([[1.0, 0.0], [0.0, 1.0], [0.1, 0.1], [0.2, 0.0]])
    >>> turn = Orientation.of(["max", "max"])
    >>> scale = scaling(reference(x, turn), turn)
    >>> draws = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    >>> limit = closeness_thresholds(x, draws, scale, share=0.25)
    >>> top_share_by_closeness(x, draws, limit, scale).round(2)
    array([0.67, 0.33, 0.  , 0.  ])
    """
    known = np.isfinite(thresholds.score)
    t = np.where(known, thresholds.score, 0.0)[:, None]
    squared = draws * draws
    weights = np.hstack([(1 - t) ** 2 * squared, -(t**2) * squared])
    limits = np.where(known, -_ROUNDING, np.inf)
    counted = np.zeros(table.shape[0], np.int64)
    lost = np.zeros(table.shape[0], np.bool_)
    for rows, squares, gaps in _squares(table, scale, unknown, watch):
        count_reaching(squares, weights, limits, counted[rows])
        lost[rows] = _lost(gaps, draws, unknown, squares.shape[1])
    return np.where(lost, np.nan, counted / len(draws))


def _squares(
    table: Table, scale: Scaling, unknown: Unknown, watch: Watch | None = None
) -> Iterator[tuple[slice, Floats, Bools | None]]:
    """Yield squared ways from the worst and from the best, (2 m, rows); 0 where unknown."""
    best, worst = scale.best[:, None], scale.worst[:, None]
    for rows, values, gaps in filled_blocks(table, scale, unknown, watch):
        ways = np.concatenate([values - worst, values - best])
        if gaps is not None:
            ways[np.concatenate([gaps, gaps])] = 0.0
        yield rows, np.square(ways, out=ways), gaps


def _closeness(squares: Floats, squared: Floats) -> Floats:
    m = squared.shape[1]
    to_good = np.empty((len(squared), squares.shape[1]))
    to_bad = np.empty_like(to_good)
    scores_of_draws(squares[:m], squared, to_bad)
    scores_of_draws(squares[m:], squared, to_good)
    return closeness(np.sqrt(to_good, out=to_good), np.sqrt(to_bad, out=to_bad))


def _lost(gaps: Bools | None, draws: Floats, unknown: Unknown, rows: int) -> Bools:
    """Return which columns of a block have no score."""
    if gaps is None:
        return np.zeros(rows, np.bool_)
    weighing = gaps[np.flatnonzero(draws.any(axis=0))]
    every = unknown is Unknown.RENORMALISE
    return np.asarray(weighing.all(axis=0) if every else weighing.any(axis=0), np.bool_)
