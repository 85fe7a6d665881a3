r"""Who is most in need: an index that says why, and how far it depends on its weights.

The modelling choice: need is the weighted mean of three **percentile ranks** among the
municipalities of a region on a day,

.. math:: s_i = \frac{\sum_k w_k p_{ik}}{\sum_k w_k}, \qquad
          p_{ik} = \frac{below_{ik} + equal_{ik} / 2}{compared_k}

``scale``
    uncovered house numbers: where most is to be built;
``intensity``
    uncovered house numbers per 1,000 inhabitants: where most people are touched;
``speed``
    measured download speed, where slow means need: what is felt.

What that leaves out: the index is relative, so scores of two regions or dates do not
compare; measured speed is performance and not coverage; cost, plans already funded and
who lives there are not in it. A criterion without a value is left out for that place and
the other weights are renormalised. As the weights are a choice, each rank comes with the
best and the worst rank under *all* weightings in steps of ``1 / steps``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from nexpo.core.problem import Kind, Problem, bad_input

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DECIMALS = 12  # scores nearer than this are one score: float noise makes no rank


class Criterion(StrEnum):
    """What the index looks at."""

    SCALE = "scale"
    INTENSITY = "intensity"
    SPEED = "speed"


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of a municipality; None where it is not known.

    Examples
    --------
    >>> Place("097042", uncovered=240, inhabitants=46_705, down_mbps=98.5, tests=900).per_1000
    5.138636120329729
    """

    istat: str
    uncovered: int
    inhabitants: int | None
    down_mbps: float | None
    tests: int = 0

    def __post_init__(self) -> None:
        for name in ("uncovered", "inhabitants", "down_mbps", "tests"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < float("inf"):
                raise bad_input(f"{name} of {self.istat} is not a number from zero up", value=value)

    @property
    def per_1000(self) -> float | None:
        """Uncovered house numbers per 1,000 inhabitants."""
        return 1000 * self.uncovered / self.inhabitants if self.inhabitants else None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a value stands among those compared.

    Examples
    --------
    >>> Standing(below=6, equal=2, compared=10).rank
    0.7
    """

    below: int
    equal: int
    compared: int

    @property
    def rank(self) -> float:
        """Percentile rank from 0 to 1: the share below plus half of the share equal."""
        return (self.below + self.equal / 2) / self.compared


@dataclass(frozen=True, slots=True)
class Rule:
    """Weights and thresholds, as ``parameters/need/index.yaml`` gives them for a day."""

    weights: Mapping[Criterion, float] = field(hash=False)
    min_tests: int
    steps: int
    listed: int

    def __post_init__(self) -> None:
        if any(weight < 0 for weight in self.weights.values()) or not sum(self.weights.values()):
            raise _wrong("weights are not negative, and not all zero", dict(self.weights))
        if self.steps < 1 or self.listed < 1:
            raise _wrong("steps and listed are at least 1", (self.steps, self.listed))

    @classmethod
    def read(cls, value: Mapping[str, object]) -> Rule:
        """Read the value of the parameter ``need.index``.

        Raises
        ------
        Problem
            ``CONFIG`` naming what is missing or no number.

        Examples
        --------
        >>> rule = Rule.read({"weights": {"scale": 1, "intensity": 1, "speed": 0},
        ...                   "min_tests": 10, "steps": 10, "listed": 20})
        >>> rule.weights[Criterion.SPEED]
        0.0
        """
        try:
            weights = value["weights"]
            if not isinstance(weights, Mapping):
                raise _wrong("weights is a mapping of criterion to number", weights)
            return cls(
                {criterion: float(weights[criterion.value]) for criterion in Criterion},
                *(int(str(value[name])) for name in ("min_tests", "steps", "listed")),
            )
        except KeyError as error:
            raise _wrong(f"{error.args[0]} is missing", value) from None
        except (TypeError, ValueError) as error:
            raise _wrong(f"not a number: {error}", value) from None


@dataclass(frozen=True, slots=True)
class Need:
    """A place in the order of need.

    Attributes
    ----------
    standings
        Standing by criterion; a criterion without a value is absent.
    score
        From 0 to 1, or None when every criterion with a weight is missing.
    rank
        1 is most in need; equal scores share a rank; None without a score.
    best, worst
        Lowest and highest rank under all weightings.
    kept
        Weightings under which the place is among the ``listed`` most in need.
    weightings
        How many weightings gave it a rank.
    """

    place: Place
    standings: Mapping[Criterion, Standing] = field(hash=False)
    score: float | None
    rank: int | None
    higher: int
    best: int | None
    worst: int | None
    kept: int
    weightings: int

    @property
    def missing(self) -> tuple[Criterion, ...]:
        """Criteria that were left out."""
        return tuple(criterion for criterion in Criterion if criterion not in self.standings)


def order(places: Sequence[Place], rule: Rule) -> tuple[Need, ...]:
    """Return the places by need, the neediest first, equal ones by code.

    Parameters
    ----------
    places
        The municipalities compared, in any order.
    rule
        Weights and thresholds.

    Examples
    --------
    >>> rule = Rule({Criterion.SCALE: 1, Criterion.INTENSITY: 1, Criterion.SPEED: 1}, 10, 10, 1)
    >>> places = [Place("a", 10, 1000, 300.0, 50), Place("b", 90, 500, 12.0, 50)]
    >>> first, second = order(places, rule)
    >>> first.place.istat, first.rank, first.score, first.best, first.worst
    ('b', 1, 0.75, 1, 1)
    """
    columns = {c: standings(_values(places, c, rule)) for c in Criterion}
    found = [
        {c: columns[c][row] for c in Criterion if columns[c][row] is not None}
        for row in range(len(places))
    ]
    known: list[dict[Criterion, Standing]] = [
        {c: s for c, s in row.items() if s is not None} for row in found
    ]
    scores = [score(row, rule.weights) for row in known]
    higher = _higher(np.array([[np.nan if s is None else s for s in scores]]))[0]
    ranks = _all_ranks(known, rule)
    needs = [
        _need(place, row, value, int(above), ranks[:, n], rule)
        for n, (place, row, value, above) in enumerate(
            zip(places, known, scores, higher, strict=True)
        )
    ]
    return tuple(sorted(needs, key=_by_rank))


def standings(values: Sequence[float | None]) -> list[Standing | None]:
    """Return where each value stands among those that are known.

    Examples
    --------
    >>> [s and s.rank for s in standings([5, 7, None, 7])]
    [0.16666666666666666, 0.6666666666666666, None, 0.6666666666666666]
    """
    known = np.sort([value for value in values if value is not None])
    return [None if value is None else _standing(known, value) for value in values]


def score(known: Mapping[Criterion, Standing], weights: Mapping[Criterion, float]) -> float | None:
    """Return the weighted mean of the percentile ranks that are known, or None.

    Examples
    --------
    >>> score({Criterion.SCALE: Standing(1, 0, 2)}, {Criterion.SCALE: 1, Criterion.SPEED: 2})
    0.5
    """
    total = sum(weights[criterion] for criterion in known)
    if not total:
        return None
    return sum(weights[criterion] * known[criterion].rank for criterion in known) / total


def weightings(steps: int) -> NDArray[np.float64]:
    """Return all weightings of the three criteria in steps of ``1 / steps``, one a row.

    Examples
    --------
    >>> weightings(10).shape, weightings(1).tolist()
    ((66, 3), [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    """
    parts = product(range(steps + 1), repeat=2)
    rows = [(a, b, steps - a - b) for a, b in parts if a + b <= steps]
    return np.array(rows, dtype=float) / steps


def why(need: Need, rule: Rule) -> str:
    """Return the reasons for a place's rank, in one paragraph with the figures.

    Examples
    --------
    >>> rule = Rule({Criterion.SCALE: 1, Criterion.INTENSITY: 1, Criterion.SPEED: 1}, 10, 10, 1)
    >>> needs = order([Place("a", 10, 1000, 300.0, 50), Place("b", 90, 500, 12.0, 4)], rule)
    >>> why(needs[0], rule)
    '90 uncovered house numbers (more than 50 % of municipalities); 180.0 per 1,000 inhabitants \
(more than 50 %); measured speed left out: 4 tests, fewer than 10.'
    """
    return "; ".join((_scale(need), _intensity(need), _speed(need, rule))) + "."


def _scale(need: Need) -> str:
    share = _share(need.standings[Criterion.SCALE])
    return f"{need.place.uncovered:,} uncovered house numbers (more than {share} of municipalities)"


def _intensity(need: Need) -> str:
    standing = need.standings.get(Criterion.INTENSITY)
    if standing is None or need.place.per_1000 is None:
        return "rate left out: no population figure"
    return f"{need.place.per_1000:,.1f} per 1,000 inhabitants (more than {_share(standing)})"


def _speed(need: Need, rule: Rule) -> str:
    place, standing = need.place, need.standings.get(Criterion.SPEED)
    if place.down_mbps is None or not place.tests:
        return "measured speed left out: no tests"
    if standing is None:
        return f"measured speed left out: {place.tests:,} tests, fewer than {rule.min_tests}"
    told = f"{place.down_mbps:,.1f} Mbit/s measured over {place.tests:,} tests"
    return f"{told} (slower than {_share(standing)})"


def _share(standing: Standing) -> str:
    return f"{int(100 * standing.below / standing.compared)} %"


def _values(places: Sequence[Place], criterion: Criterion, rule: Rule) -> list[float | None]:
    """Return the values of a criterion, turned so that more is more need."""
    if criterion is Criterion.SCALE:
        return [place.uncovered for place in places]
    if criterion is Criterion.INTENSITY:
        return [place.per_1000 for place in places]
    return [
        None if place.down_mbps is None or place.tests < rule.min_tests else -place.down_mbps
        for place in places
    ]


def _standing(known: NDArray[np.float64], value: float) -> Standing:
    below = int(np.searchsorted(known, value, "left"))
    return Standing(below, int(np.searchsorted(known, value, "right")) - below, len(known))


def _all_ranks(known: Sequence[Mapping[Criterion, Standing]], rule: Rule) -> NDArray[np.int64]:
    """Return the rank of each place (column) under each weighting (row); 0 for none."""
    ranks = np.array(
        [[row[c].rank if c in row else np.nan for c in Criterion] for row in known]
    ).reshape(len(known), len(Criterion))
    weights = weightings(rule.steps)
    totals = weights @ (~np.isnan(ranks)).T
    with np.errstate(invalid="ignore", divide="ignore"):
        scores = (weights @ np.nan_to_num(ranks).T) / totals
    scored = np.where(totals > 0, scores, np.nan)
    return np.where(np.isnan(scored), 0, _higher(scored) + 1)


def _higher(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return, for each row of scores, how many in it are higher than each."""
    rounded = np.round(scores, _DECIMALS)
    ordered = [np.sort(row[~np.isnan(row)]) for row in rounded]
    return np.array(
        [len(o) - np.searchsorted(o, row, "right") for o, row in zip(ordered, rounded, strict=True)]
    )


def _need(
    place: Place,
    known: Mapping[Criterion, Standing],
    value: float | None,
    higher: int,
    ranks: NDArray[np.int64],
    rule: Rule,
) -> Need:
    given = ranks[ranks > 0]
    return Need(
        place=place,
        standings=known,
        score=value,
        rank=None if value is None else higher + 1,
        higher=higher,
        best=int(given.min()) if len(given) else None,
        worst=int(given.max()) if len(given) else None,
        kept=int((given <= rule.listed).sum()),
        weightings=len(given),
    )


def _by_rank(need: Need) -> tuple[bool, int, str]:
    return need.rank is None, need.rank or 0, need.place.istat


def _wrong(detail: str, value: object) -> Problem:
    return Problem(
        Kind.CONFIG,
        f"parameter need.index: {detail}",
        value=value,
        remedy="compare parameters/need/index.yaml with docs/adr/0006-need-index.md",
    )
