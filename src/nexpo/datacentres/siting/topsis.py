"""TOPSIS: nearness to the ideal point and distance from its opposite (Hwang and Yoon, 1981).

With ``v = w r``, D+ and D- the Euclidean distances from the ideal and the anti-ideal point, the
closeness is ``C = D- / (D+ + D-)``. Ideal points taken from the table make tiles disagree and
ranks reverse when an alternative is added: give a :class:`Scaling` with fixed bounds, or the
points themselves.
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
    divided,
    share_weights,
)
from nexpo.datacentres.siting.normalise import Scaling

AS_FAR = 0.5
"""Closeness where both distances are zero: no criterion tells the ideal from its opposite."""


def topsis(
    table: Table,
    weights: Numbers,
    scale: Scaling,
    *,
    ideal: Numbers | None = None,
    anti_ideal: Numbers | None = None,
    unknown: Unknown = Unknown.UNKNOWN,
    watch: Watch | None = None,
) -> Floats:
    """Return the closeness of each alternative to the ideal, from 0 to 1; more is better.

    Parameters
    ----------
    table
        Alternatives by criteria, raw values, in any layout; read block by block.
    weights
        From 0 up; brought to the sum 1.
    scale
        Normalisation of each criterion; its bounds are the ideal points by default.
    ideal, anti_ideal
        Fixed points in the units of the criteria.
    unknown
        What an unknown value does. Renormalised weights leave out its part of both distances.

    Examples
    --------
    >>> from nexpo.datacentres.siting.normalise import Orientation, reference, scaling
    >>> x = np.array([[1.0, 3000], [2, 3750], [5, 4500]])
    >>> turn = Orientation.of(["min", "max"])
    >>> topsis(x, [1, 1], scaling(reference(x, turn), turn)).round(3)
    array([0.5  , 0.617, 0.5  ])
    """
    shares = share_weights(weights, table.shape[1])
    good = scale.best if ideal is None else scale.point(ideal)
    bad = scale.worst if anti_ideal is None else scale.point(anti_ideal)
    scores = np.empty(table.shape[0])
    for rows, block in blocks(table, watch):
        to_good, to_bad = distances(scale.apply(block), shares, good, bad, unknown)
        scores[rows] = closeness(to_good, to_bad)
    return scores


def distances(
    block: Floats, weights: Floats, good: Floats, bad: Floats, unknown: Unknown
) -> tuple[Floats, Floats]:
    """Return D+ and D- of each column of a scaled block (m, rows)."""
    n = block.shape[1]
    plus, minus, known = np.zeros(n), np.zeros(n), np.zeros(n, bool)
    value, away = np.empty(n), np.empty(n)
    for j in np.flatnonzero(weights):
        gaps = None if unknown is Unknown.UNKNOWN else np.isnan(block[j])
        np.multiply(block[j], weights[j], out=value)
        if gaps is not None and unknown is Unknown.WORST:
            value[gaps] = weights[j] * bad[j]
        for total, point in ((plus, good[j]), (minus, bad[j])):
            np.subtract(value, weights[j] * point, out=away)
            np.multiply(away, away, out=away)
            if gaps is not None and unknown is Unknown.RENORMALISE:
                away[gaps] = 0.0
            np.add(total, away, out=total)
        if gaps is not None:
            known |= ~gaps
    if unknown is Unknown.RENORMALISE:
        plus[~known] = np.nan
    return np.sqrt(plus, out=plus), np.sqrt(minus, out=minus)


def closeness(to_good: Floats, to_bad: Floats) -> Floats:
    """Return D- / (D+ + D-); :data:`AS_FAR` where both are zero."""
    to_good += to_bad
    return divided(to_bad, to_good, AS_FAR)
