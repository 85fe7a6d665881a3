"""Weighted sum (simple additive weighting): the score of an alternative is sum of w r.

Fishburn (1967); the base of many others. The normalisation is the caller's
(:mod:`nexpo.datacentres.siting.normalise`): fixed there for a region, tiles agree.
"""

from __future__ import annotations

import numpy as np

from nexpo.datacentres.siting.decision import (
    Floats,
    Numbers,
    Table,
    Unknown,
    Watch,
    blocks,
    share_weights,
    weighted_sum,
)
from nexpo.datacentres.siting.normalise import Scaling


def saw(
    table: Table,
    weights: Numbers,
    scale: Scaling,
    *,
    unknown: Unknown = Unknown.UNKNOWN,
    watch: Watch | None = None,
) -> Floats:
    """Return the weighted sum of each alternative; more is better.

    Parameters
    ----------
    table
        Alternatives by criteria, raw values.
    weights
        From 0 up; brought to the sum 1.
    scale
        Normalisation of each criterion.
    unknown
        What an unknown value does.

    Examples
    --------
    >>> from nexpo.datacentres.siting.normalise import Orientation, reference, scaling
    >>> x = np.array([[250.0, 16], [200, 16], [300, 32], [275, 32]])
    >>> turn = Orientation.of(["min", "max"])
    >>> saw(x, [1, 1], scaling(reference(x, turn), turn))
    array([0.25 , 0.5  , 0.5  , 0.625])
    """
    shares, worst = share_weights(weights, table.shape[1]), scale.worst
    scores = np.empty(table.shape[0])
    for rows, block in blocks(table, watch):
        scores[rows] = weighted_sum(scale.apply(block), shares, unknown, worst)
    return scores
