"""PROMETHEE I and II, exact, in n log n (Brans and Vincke 1985; Calders and Van Assche 2016).

The flows of an alternative on one criterion are sums over all others of a preference that is 0,
a ramp or a step, and 1. In sorted order the others fall into runs: those beaten by more than *p*,
those between *q* and *p*, and the rest. The ends of the runs only move forward, and the sum over
a ramp is a difference of prefix sums:

    sum over b with q < a - b <= p of (a - b - q)/(p - q) = (k (a - q) - sum of b) / (p - q)

for its k members. The ends are found by the very comparison that the definition makes, so that
ties and values exactly at a threshold fall as they would pair by pair; sums are carried in twice
the precision (Knuth's two-sum, Dekker's product), so that they do not cancel away. The Gaussian is
no ramp: it is summed pair by pair, for short lists only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nexpo.core.problem import bad_input
from nexpo.datacentres.siting.decision import (
    Bools,
    Direction,
    Floats,
    Letters,
    Numbers,
    Preference,
    Shape,
    Table,
    Unknown,
    Watch,
    column,
    divided,
    share_weights,
)
from nexpo.datacentres.siting.normalise import Orientation
from nexpo.datacentres.siting.promethee_kernel import ramp_sums

MOST_PAIRS = 1_000_000_000
"""Pairs that a Gaussian criterion may have: some 31,000 alternatives, half a minute."""

_CHUNK_PAIRS = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Flows:
    """Outranking flows of each alternative, each from 0 to 1; NaN where unknown.

    Attributes
    ----------
    plus
        Leaving flow: mean preference for it over the others.
    minus
        Entering flow: mean preference of the others over it.
    """

    plus: Floats
    minus: Floats

    @property
    def net(self) -> Floats:
        """Net flow of PROMETHEE II, from -1 to 1; more is better."""
        return self.plus - self.minus


def flows(
    table: Table,
    weights: Numbers,
    directions: Sequence[Direction | str],
    preferences: Sequence[Preference],
    *,
    targets: Numbers | None = None,
    unknown: Unknown = Unknown.UNKNOWN,
    most_pairs: int = MOST_PAIRS,
    watch: Watch | None = None,
) -> Flows:
    """Return the positive and negative flows of each alternative.

    Parameters
    ----------
    table
        Alternatives by criteria, raw values; no normalisation.
    weights
        From 0 up; brought to the sum 1.
    preferences
        One a criterion.
    targets
        Wished values of the criteria with that direction: preference is for a smaller distance.
    unknown
        ``UNKNOWN``: an alternative with an unknown value is compared with none, its flows are
        unknown. ``RENORMALISE``: each criterion compares those known on it; the flows of an
        alternative are its mean over its known criteria (net flows then need not add up to 0).
        ``WORST``: as the worst value known.
    most_pairs
        Refuse a Gaussian criterion with more pairs than this.
    watch
        Told the criteria done, of how many.

    Raises
    ------
    Problem
        Other numbers of directions or preferences than criteria; too many pairs for a Gaussian.

    Examples
    --------
    >>> x = np.array([[4.0, 3, 2], [3, 2, 4], [5, 1, 3]])
    >>> found = flows(x, [5, 3, 2], ["max"] * 3, [Preference()] * 3)
    >>> found.plus, found.minus, found.net.round(2)
    (array([0.55, 0.35, 0.6 ]), array([0.45, 0.65, 0.4 ]), array([ 0.1, -0.3,  0.2]))
    """
    n, m = table.shape
    shares = share_weights(weights, m)
    orientation = _oriented(directions, preferences, m, targets)
    compared = _compared(table, shares, unknown)
    plus, minus, weight, full = np.zeros(n), np.zeros(n), np.zeros(n), 0.0
    for j in np.flatnonzero(shares).tolist():
        values = _values(table, j, orientation, unknown)
        rows = compared if compared is not None else ~np.isnan(values)
        _refuse_pairs(preferences[j], int(rows.sum()), most_pairs)
        won, lost = criterion_flows(values[rows], preferences[j])
        plus[rows] += shares[j] * won
        minus[rows] += shares[j] * lost
        weight[rows] += shares[j]
        full += shares[j]
        if watch is not None:
            watch(j + 1, m)
    if compared is None:
        short = weight != full
        plus[short], minus[short] = (
            divided(each[short], weight[short]) * full for each in (plus, minus)
        )
    else:
        plus[~compared] = minus[~compared] = np.nan
    return Flows(plus, minus)


def net_flows_by_criterion(
    table: Table,
    directions: Sequence[Direction | str],
    preferences: Sequence[Preference],
    *,
    targets: Numbers | None = None,
    unknown: Unknown = Unknown.RENORMALISE,
    weighing: Bools | None = None,
    most_pairs: int = MOST_PAIRS,
) -> Floats:
    """Return the net flow of each alternative on each criterion alone, (n, m).

    Their weighted sum is the net flow of :func:`flows` under the same policy: weights can be
    drawn anew without comparing again. NaN where there is no flow.

    Parameters
    ----------
    unknown
        As for :func:`flows`: ``UNKNOWN`` compares alternatives of which all is known,
        ``RENORMALISE`` on each criterion those known on it, ``WORST`` all.
    weighing
        Criteria that have a weight in some draw, which ``UNKNOWN`` asks to be known; all by
        default.
    """
    n, m = table.shape
    orientation = _oriented(directions, preferences, m, targets)
    heard = np.ones(m) if weighing is None else weighing.astype(np.float64)
    compared = _compared(table, heard, unknown)
    found = np.full((n, m), np.nan)
    for j in np.flatnonzero(heard).tolist():
        values = _values(table, j, orientation, unknown)
        rows = compared if compared is not None else ~np.isnan(values)
        _refuse_pairs(preferences[j], int(rows.sum()), most_pairs)
        won, lost = criterion_flows(values[rows], preferences[j])
        found[rows, j] = won - lost
    return found


def criterion_flows(values: Floats, preference: Preference) -> tuple[Floats, Floats]:
    """Return the mean preference for and against each value; larger values are better.

    Examples
    --------
    >>> criterion_flows(np.array([1.0, 2.0, 4.0]), Preference(Shape.V, p=2))
    (array([0.  , 0.25, 1.  ]), array([0.75, 0.5 , 0.  ]))
    """
    n = len(values)
    if n < 2:  # noqa: PLR2004 - nobody to compare with
        return np.zeros(n), np.zeros(n)
    if preference.shape is Shape.GAUSSIAN:
        won, lost = _pair_by_pair(values, preference)
    else:
        order = np.argsort(values)
        won, lost = np.empty(n), np.empty(n)
        q, p = preference.thresholds
        ramp_sums(values[order], order, q, p, preference.shape is Shape.LEVEL, won, lost)
    return won / (n - 1), lost / (n - 1)


def relations(found: Flows) -> Letters:
    """Return PROMETHEE I's partial order as an (n, n) array of letters.

    ``P`` the row is preferred to the column, ``-`` the reverse, ``I`` indifferent, ``R``
    incomparable (each is better by one of the two flows), ``?`` unknown.

    Examples
    --------
    >>> relations(Flows(np.array([0.5, 0.2, 0.6]), np.array([0.1, 0.4, 0.2])))
    array([['I', 'P', 'R'],
           ['-', 'I', '-'],
           ['R', 'P', 'I']], dtype='<U1')
    """
    up = np.sign(found.plus[:, None] - found.plus[None, :])
    down = np.sign(found.minus[None, :] - found.minus[:, None])
    letters = np.full(up.shape, "R")
    letters[(up >= 0) & (down >= 0)] = "P"
    letters[(up <= 0) & (down <= 0)] = "-"
    letters[(up == 0) & (down == 0)] = "I"
    letters[np.isnan(up) | np.isnan(down)] = "?"
    return letters


def _oriented(
    directions: Sequence[Direction | str],
    preferences: Sequence[Preference],
    criteria: int,
    targets: Numbers | None,
) -> Orientation:
    if len(directions) != criteria or len(preferences) != criteria:
        raise bad_input(
            f"{criteria} criteria have {len(directions)} directions and "
            f"{len(preferences)} preference functions",
            remedy="give one of each a criterion, in the order of the columns",
        )
    return Orientation.of(directions, targets=targets)


def _values(table: Table, j: int, orientation: Orientation, unknown: Unknown) -> Floats:
    """Return a column of which more is better."""
    values = column(table, j)
    if not np.isnan(orientation.target[j]):
        values = np.abs(values - orientation.target[j])
    if orientation.sign[j] < 0:
        values = -values
    if unknown is Unknown.WORST and not np.isnan(values).all():
        values[np.isnan(values)] = np.nanmin(values)
    return values


def _compared(table: Table, weights: Floats, unknown: Unknown) -> Bools | None:
    """Return which alternatives are compared on all criteria; None if each has its own."""
    if unknown is not Unknown.UNKNOWN:
        return None
    known = np.ones(table.shape[0], bool)
    for j in np.flatnonzero(weights).tolist():
        known &= ~np.isnan(column(table, j))
    return known


def _refuse_pairs(preference: Preference, n: int, most: int) -> None:
    if preference.shape is Shape.GAUSSIAN and n * n > most:
        raise bad_input(
            f"a Gaussian preference compares {n:,} alternatives pair by pair: {n * n:.2g} pairs, "
            f"more than {most:.2g}",
            remedy="use linear:q:p, which is exact at any size, or a shorter list",
        )


def _pair_by_pair(values: Floats, preference: Preference) -> tuple[Floats, Floats]:
    """Return the summed preferences for and against by comparing each pair, in chunks."""
    won, lost = np.empty(len(values)), np.zeros(len(values))
    for rows in _chunks(len(values)):
        preferred = preference.of(values[rows, None] - values[None, :])
        won[rows] = preferred.sum(axis=1)
        lost += preferred.sum(axis=0)
    return won, lost


def _chunks(n: int) -> Iterator[slice]:
    size = max(1, _CHUNK_PAIRS // n)
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))
