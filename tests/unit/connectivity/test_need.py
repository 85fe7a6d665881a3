"""The need index: a worked example by hand, its words and its errors."""

from __future__ import annotations

from datetime import date

import pytest

from nexpo.connectivity.need import Criterion, Place, Rule, Standing, order, score, standings, why
from nexpo.core import parameters
from nexpo.core.problem import Problem

RULE = Rule(dict.fromkeys(Criterion, 1.0), min_tests=10, steps=10, listed=1)
PLACES = (
    Place("000001", uncovered=100, inhabitants=1000, down_mbps=20.0, tests=50),
    Place("000002", uncovered=50, inhabitants=10_000, down_mbps=10.0, tests=50),
    Place("000003", uncovered=0, inhabitants=500, down_mbps=90.0, tests=50),
    Place("000004", uncovered=50, inhabitants=None, down_mbps=5.0, tests=9),
)


def test_the_worked_example() -> None:
    needs = {item.place.istat: item for item in order(PLACES, RULE)}
    # scale: 0 < 50 = 50 < 100; intensity of three: 0 < 5 < 100; slowness of three: 90, 20, 10
    assert needs["000001"].score == pytest.approx((3.5 / 4 + 2.5 / 3 + 1.5 / 3) / 3)
    assert needs["000002"].score == pytest.approx((2 / 4 + 1.5 / 3 + 2.5 / 3) / 3)
    assert needs["000003"].score == pytest.approx((0.5 / 4 + 0.5 / 3 + 0.5 / 3) / 3)
    assert needs["000004"].score == pytest.approx(2 / 4)
    assert [item.place.istat for item in order(PLACES, RULE)] == [
        "000001",
        "000002",
        "000004",
        "000003",
    ]


def test_the_interval_holds_the_single_criteria() -> None:
    needs = {item.place.istat: item for item in order(PLACES, RULE)}
    assert (needs["000001"].best, needs["000001"].worst) == (1, 2)
    assert needs["000002"].best == 1  # by speed alone it is first
    assert needs["000004"].weightings == 55  # scale alone can rank it: 11 of 66 have no scale


def test_reasons_name_what_was_left_out() -> None:
    told = {item.place.istat: why(item, RULE) for item in order(PLACES, RULE)}
    assert "9 tests, fewer than 10" in told["000004"]
    assert "no population figure" in told["000004"]
    assert told["000001"].startswith("100 uncovered house numbers (more than 75 %")
    nobody = order([Place("000005", 1, 10, None)], RULE)[0]
    assert "no tests" in why(nobody, RULE)


def test_a_place_without_any_weighted_criterion_has_no_rank() -> None:
    only_speed = Rule({Criterion.SCALE: 0, Criterion.INTENSITY: 0, Criterion.SPEED: 1}, 10, 10, 1)
    last = order(PLACES, only_speed)[-1]
    assert (last.place.istat, last.score, last.rank) == ("000004", None, None)
    assert score({}, dict.fromkeys(Criterion, 1.0)) is None


def test_ties_share_the_middle() -> None:
    assert standings([4, 4, 4]) == [Standing(0, 3, 3)] * 3
    assert Standing(0, 3, 3).rank == 0.5


def test_the_shipped_parameter_is_readable_and_marked_unverified() -> None:
    parameter = parameters.get("need/index")
    rule = Rule.read(parameter.on(date(2025, 8, 1)))
    assert rule.listed == 20
    assert not parameter.use(date(2025, 8, 1)).verified


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({}, "weights is missing"),
        ({"weights": [1]}, "mapping"),
        ({"weights": {"scale": 1, "intensity": 1}}, "speed is missing"),
        ({"weights": {"scale": "much", "intensity": 1, "speed": 1}}, "not a number"),
        (
            {
                "weights": {"scale": -1, "intensity": 1, "speed": 1},
                "min_tests": 1,
                "steps": 1,
                "listed": 1,
            },
            "not negative",
        ),
        (
            {
                "weights": {"scale": 1, "intensity": 1, "speed": 1},
                "min_tests": 1,
                "steps": 0,
                "listed": 1,
            },
            "at least 1",
        ),
    ],
)
def test_a_wrong_parameter_says_what_is_wrong(value: dict[str, object], said: str) -> None:
    with pytest.raises(Problem, match=said):
        Rule.read(value)


def test_a_place_is_valid_at_birth() -> None:
    with pytest.raises(Problem, match="uncovered of 000001"):
        Place("000001", uncovered=-1, inhabitants=1, down_mbps=None)
