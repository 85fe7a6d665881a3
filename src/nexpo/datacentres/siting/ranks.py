"""Ranks from scores, with ties by a named rule; the unknown has no rank."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from nexpo.datacentres.siting.decision import Bools, Floats, Ints

ROUNDING = 1e-12
"""Scores that differ by less than this share of the greatest are equal."""


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

    Scores are equal when they differ by less than :data:`ROUNDING` of the greatest: sums of the
    same parts in another order do.

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
        starts = np.flatnonzero(_new(scores[order]))
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
    order: Ints = np.argsort(-scores if more_is_better else scores, kind="stable")
    known = order[~np.isnan(scores[order])]
    ordered = scores[known]
    new = _new(ordered)
    if (~new[1:] & (ordered[1:] != ordered[:-1])).any():  # equals that rounding put in order
        order[: len(known)] = known[np.lexsort((known, np.cumsum(new)))]
    return order


def _new(ordered: Floats) -> Bools:
    """Return where, in scores in their order, one differs from that before it."""
    new = np.ones(len(ordered), np.bool_)
    if len(ordered) > 1:
        finite = np.abs(ordered[np.isfinite(ordered)])
        with np.errstate(invalid="ignore"):  # endless scores are equal, their difference is none
            step = np.abs(np.diff(ordered))
        new[1:] = step > ROUNDING * finite.max(initial=0.0)
    return new
