from __future__ import annotations

from datetime import date

import pytest

from nexpo.core.problem import Problem
from nexpo.datacentres.model import (
    Facility,
    GridRequest,
    Milestone,
    Place,
    Power,
    Report,
    Source,
    Stage,
    Total,
)
from tests.unit.datacentres.register_examples import SOURCE

EARLY, LATE = date(2020, 1, 1), date(2022, 1, 1)


def test_unknown_power_stays_unknown_and_is_counted() -> None:
    assert Power().installed_it_kw is None
    assert Total.of([None, 100.0, None]) == Total(100.0, 1, 2)
    assert Total.of([]) == Total(None, 0, 0)
    assert Total.of([0.0]) == Total(0.0, 1, 0)  # zero that is known is not unknown


def test_stages_may_not_run_against_their_order() -> None:
    with pytest.raises(Problem, match="lies before") as caught:
        Facility(
            "a",
            SOURCE,
            milestones=(Milestone(Stage.AUTHORISED, LATE), Milestone(Stage.OPERATING, EARLY)),
        )
    assert caught.value.where.column == "operating"


def test_days_on_both_sides_of_an_undated_stage_are_compared() -> None:
    steps = (
        Milestone(Stage.REQUESTED, LATE),
        Milestone(Stage.BUILDING),
        Milestone(Stage.OPERATING, EARLY),
    )
    with pytest.raises(Problem, match="operating"):
        Facility("a", SOURCE, milestones=steps)


def test_a_stage_is_reached_once() -> None:
    with pytest.raises(Problem, match="once"):
        Facility("a", SOURCE, milestones=(Milestone(Stage.CLOSED), Milestone(Stage.CLOSED)))


def test_the_stage_on_a_day_is_unknown_where_an_undated_one_may_have_passed() -> None:
    steps = (Milestone(Stage.OPERATING, EARLY), Milestone(Stage.CLOSED, None, seen=LATE))
    centre = Facility("a", SOURCE, milestones=steps)
    assert centre.stage_on(date(2021, 1, 1)) is None  # closed at some day before LATE
    assert centre.stage_on(LATE) is Stage.CLOSED
    assert Facility("b", SOURCE).stage_on(LATE) is None
    assert centre.started == EARLY


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ({"municipality": "15146"}, "six digits"),
        ({"nuts3": "ITC4"}, "five characters"),
        ({"lon": 9.0}, "a longitude and a latitude"),
        ({"lon": 9.0, "lat": 95.0}, "from -90 to 90"),
        ({"lon": float("nan"), "lat": 45.0}, "finite"),
    ],
)
def test_places_are_checked(place: dict[str, object], told: str) -> None:
    with pytest.raises(Problem, match=told):
        Place(**place)  # type: ignore[arg-type]


def test_codes_of_other_countries_are_left_to_them() -> None:
    assert Place("09162000", country="DE").municipality == "09162000"


def test_negative_power_is_refused_and_none_is_not() -> None:
    with pytest.raises(Problem, match="requested_kw"):
        Power(requested_kw=-1.0)
    assert Power(requested_kw=0.0).requested_kw == 0.0


def test_a_request_cannot_supersede_itself() -> None:
    with pytest.raises(Problem, match="itself"):
        GridRequest("r", SOURCE, supersedes="r")


def test_each_value_may_have_a_source_of_its_own() -> None:
    other = Source("grid operator")
    centre = Facility("a", SOURCE, sources={"contracted_kw": other})
    assert centre.source_of("contracted_kw") is other
    assert centre.source_of("installed_it_kw") is SOURCE


def test_values_of_a_report_are_numbers_or_texts() -> None:
    made = Report("a", 2025, values={"installed_it_kw": 500, "name": "A"})
    assert made.number("installed_it_kw") == 500.0
    assert made.number("name") is None
    assert made.text("name") == "A"
    with pytest.raises(Problem, match="finite"):
        Report("a", 2025, values={"installed_it_kw": float("inf")})


def test_ids_are_plain() -> None:
    with pytest.raises(Problem, match="id begins"):
        Facility("a b", SOURCE)
    with pytest.raises(Problem, match="name"):
        Source(" ")
