"""Ranks from scores, with ties by a named rule; the unknown has no rank."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from nexpo.datacentres.siting.decision import Floats, Ints


class Ties(StrEnum):
    """What equal scores get: ``MIN`` 1 2 2 4, ``MAX`` 1 3 3 4, ``AVERAGE`` 1 2.5 2.5 4,
    ``DENSE`` 1 2 2 3, ``ORDINAL`` 1 2 3 4 in the order of the table.
    """  # noqa: D205 - a table of examples, not a summary with a body

    MIN = "min"
    MAX = "max"
    AVERAGE = "average"
    DENSE = "dense"
    ORDINAL = "ordinal"


def ranks(scores: Floats, *, ties: Ties = Ties.MIN, more_is_better: bool = True) -> Floats:
    """Return the rank of each alternative, 1 for the best; NaN where the score is.

    Examples
    --------
    >>> ranks(np.array([0.2, 0.9, np.nan, 0.9]))
    array([ 3.,  1., nan,  1.])
    """
    found = np.full(len(scores), np.nan)
    order = best_first(scores, more_is_better=more_is_better)
    order = order[~np.isnan(scores[order])]
    place = np.arange(1, len(order) + 1, dtype=np.float64)
    if ties is not Ties.ORDINAL and len(order):
        ordered = scores[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        size = np.diff(np.r_[starts, len(order)])
        first = starts + 1.0
        group = {
            Ties.MIN: first,
            Ties.MAX: first + size - 1,
            Ties.AVERAGE: first + (size - 1) / 2,
            Ties.DENSE: np.arange(1, len(starts) + 1, dtype=np.float64),
        }[ties]
        place = np.repeat(group, size)
    found[order] = place
    return found


def best_first(scores: Floats, *, more_is_better: bool = True) -> Ints:
    """Return the positions of the alternatives, best first, equals in the order of the table.

    The unknown come last.

    Examples
    --------
    >>> best_first(np.array([0.2, np.nan, 0.9]))
    array([2, 0, 1])
    """
    return np.argsort(-scores if more_is_better else scores, kind="stable")
