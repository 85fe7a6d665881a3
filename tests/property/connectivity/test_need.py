"""What holds for the order of need whatever the municipalities are."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from nexpo.connectivity.need import Criterion, Need, Place, Rule, order, weightings

RULE = Rule(dict.fromkeys(Criterion, 1.0), min_tests=10, steps=5, listed=3)
numbers = st.integers(0, 3000)
speeds = st.none() | st.floats(0.1, 1000, allow_nan=False)


@st.composite
def regions(draw: st.DrawFn, least: int = 1) -> list[Place]:
    codes = draw(st.lists(st.integers(1, 999_999), min_size=least, max_size=12, unique=True))
    return [
        Place(
            f"{code:06d}",
            uncovered=draw(numbers),
            inhabitants=draw(st.none() | st.integers(1, 50_000)),
            down_mbps=draw(speeds),
            tests=draw(st.integers(0, 40)),
        )
        for code in codes
    ]


def by_code(needs: tuple[Need, ...]) -> dict[str, Need]:
    return {item.place.istat: item for item in needs}


@given(regions())
def test_scores_lie_between_zero_and_one_and_fall_with_the_rank(places: list[Place]) -> None:
    needs = order(places, RULE)
    scores = [item.score for item in needs if item.score is not None]
    assert all(0 <= score <= 1 for score in scores)
    assert all(a >= b - 1e-12 for a, b in pairwise(scores))
    assert [item.rank for item in needs] == sorted(item.rank or 0 for item in needs)


@given(regions(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(places: list[Place], chance: object) -> None:
    shuffled = list(places)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert order(shuffled, RULE) == order(places, RULE)


@given(regions(), st.integers(1, 2000))
def test_more_uncovered_never_lowers_a_score_or_worsens_a_rank(
    places: list[Place], more: int
) -> None:
    first = places[0]
    after = [replace(first, uncovered=first.uncovered + more), *places[1:]]
    before, then = by_code(order(places, RULE)), by_code(order(after, RULE))
    old, new = before[first.istat], then[first.istat]
    assert (new.score or 0) >= (old.score or 0)
    assert (new.rank or 0) <= (old.rank or 0)


@given(regions(), st.floats(0.1, 0.99))
def test_a_slower_line_never_lowers_a_score(places: list[Place], factor: float) -> None:
    first = places[0]
    if first.down_mbps is None:
        return
    after = [replace(first, down_mbps=first.down_mbps * factor), *places[1:]]
    old = by_code(order(places, RULE))[first.istat]
    new = by_code(order(after, RULE))[first.istat]
    assert (new.score or 0) >= (old.score or 0)


@given(regions(), st.integers(2, 9))
def test_the_unit_of_counting_does_not_matter(places: list[Place], factor: int) -> None:
    scaled = [replace(place, uncovered=place.uncovered * factor) for place in places]
    before, after = by_code(order(places, RULE)), by_code(order(scaled, RULE))
    assert {c: n.score for c, n in before.items()} == {c: n.score for c, n in after.items()}


@given(regions(least=2))
def test_the_rank_lies_within_its_own_interval_and_weights_matter_only_by_ratio(
    places: list[Place],
) -> None:
    finer = replace(RULE, steps=6)  # thirds are among sixths: equal weights are tried
    for item in order(places, finer):
        assert item.best is not None
        assert item.worst is not None
        assert item.best <= (item.rank or 0) <= item.worst
        assert 0 <= item.kept <= item.weightings <= len(weightings(6))
    double = replace(RULE, weights=dict.fromkeys(Criterion, 2.0))
    ranks = [(n.place.istat, n.rank) for n in order(places, RULE)]
    assert ranks == [(n.place.istat, n.rank) for n in order(places, double)]


@given(regions())
def test_a_missing_measurement_is_left_out_and_the_rest_renormalised(
    places: list[Place],
) -> None:
    for item in order(places, RULE):
        known = [standing.rank for standing in item.standings.values()]
        assert item.score is not None
        assert abs(item.score - sum(known) / len(known)) < 1e-12
        measured = item.place.down_mbps is not None and item.place.tests >= RULE.min_tests
        assert (Criterion.SPEED in item.missing) is not measured
