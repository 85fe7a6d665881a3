"""SPOTIS: weighted distance from the ideal within given bounds, free of rank reversal.

Dezert, Tchamova, Han and Tacnet (FUSION 2020): ``sum of w |x - s| / (high - low)``, with s the
better bound or an expected solution. The score of an alternative depends on no other, so that
tiles agree by construction.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nexpo.core.problem import bad_input
from nexpo.datacentres.siting.bounds import checked_bounds
from nexpo.datacentres.siting.decision import (
    Direction,
    Floats,
    Numbers,
    Table,
    Unknown,
    Watch,
    blocks,
    share_weights,
    signs,
    weighted_sum,
)


def spotis(
    table: Table,
    weights: Numbers,
    directions: Sequence[Direction | str],
    bounds: Numbers,
    *,
    expected: Numbers | None = None,
    unknown: Unknown = Unknown.UNKNOWN,
    watch: Watch | None = None,
) -> Floats:
    """Return the distance of each alternative from the ideal; **less is better**.

    Parameters
    ----------
    bounds
        Lower and upper bound of each criterion (m, 2), from outside the table.
    expected
        Expected solution point; NaN, or none at all, stands for the better bound. A criterion
        with a target direction needs its target here.
    unknown
        What an unknown value does; the worst is the bound farther from the ideal.

    Raises
    ------
    Problem
        A bound that is missing, or a target that is.

    Examples
    --------
    >>> x = [[10.5, -3.1, 1.7], [-4.7, 0, 3.4], [8.1, 0.3, 1.3], [3.2, 7.3, -5.3]]
    >>> limits = [[-5, 12], [-6, 10], [-8, 5]]
    >>> spotis(np.array(x), [0.2, 0.3, 0.5], ["max", "min", "max"], limits).round(4)
    array([0.1989, 0.3705, 0.3063, 0.7491])
    """
    shares = share_weights(weights, table.shape[1])
    given = checked_bounds(bounds, table.shape[1])
    aim = ideal_point(directions, given, expected)
    width = given[:, 1] - given[:, 0]
    worst = farthest(given, aim)
    scores = np.empty(table.shape[0])
    for rows, block in blocks(table, watch):
        scores[rows] = weighted_sum(distance(block, aim, width), shares, unknown, worst)
    return scores


def distance(block: Floats, aim: Floats, width: Floats) -> Floats:
    """Replace a block (m, rows) by the distances from the ideal over the width, and return it."""
    block -= aim[:, None]
    np.abs(block, out=block)
    block /= width[:, None]
    return block


def farthest(bounds: Floats, aim: Floats) -> Floats:
    """Return the distance of the bound farther from the ideal, over the width."""
    width = bounds[:, 1] - bounds[:, 0]
    found: Floats = np.abs(bounds - aim[:, None]).max(axis=1) / width
    return found


def ideal_point(
    directions: Sequence[Direction | str], bounds: Floats, expected: Numbers | None = None
) -> Floats:
    """Return the ideal: the expected value, else the better bound.

    Raises
    ------
    Problem
        Where a bound is missing, or the expected value of a target.
    """
    if np.isnan(bounds).any():
        missing = int(np.flatnonzero(np.isnan(bounds).any(axis=1))[0])
        raise bad_input(
            f"SPOTIS needs the bounds of each criterion, those of criterion {missing + 1} are "
            "not given",
            remedy="give low:high, known before any alternative is; not the table's own extremes",
        )
    better = np.where(signs(directions) > 0, bounds[:, 1], bounds[:, 0])
    given = np.full(len(better), np.nan) if expected is None else np.asarray(expected, float)
    for j, direction in enumerate(directions):
        if direction == Direction.TARGET and np.isnan(given[j]):
            raise bad_input(f"criterion {j + 1} has the direction 'target' and no target value")
    return np.where(np.isnan(given), better, given)
