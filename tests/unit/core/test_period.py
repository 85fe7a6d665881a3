"""Periods are half open: the end is the first day outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from nexpo.core.period import Period, first_overlap, parse_date
from nexpo.core.problem import Problem


@dataclass(frozen=True)
class Held:
    period: Period


def year(first: int, last: int | None = None) -> Period:
    return Period(date(first, 1, 1), None if last is None else date(last, 1, 1))


def test_the_start_is_inside_and_the_end_is_not() -> None:
    period = year(2020, 2021)
    assert date(2020, 1, 1) in period
    assert date(2020, 12, 31) in period
    assert date(2021, 1, 1) not in period
    assert date(2019, 12, 31) not in period


@pytest.mark.parametrize("last", [2019, 2020])
def test_a_period_without_days_is_refused(last: int) -> None:
    with pytest.raises(Problem, match="ends after it starts") as caught:
        year(2020, last)
    assert caught.value.value == f"2020-01-01..{last}-01-01"


def test_the_first_overlap_is_found_wherever_it_stands() -> None:
    first, second, third = Held(year(2024)), Held(year(2020, 2022)), Held(year(2021, 2023))
    assert first_overlap([first, second, third]) == (second, third)


def test_periods_that_touch_do_not_overlap() -> None:
    assert first_overlap([Held(year(2020, 2021)), Held(year(2021, 2022)), Held(year(2022))]) is None


def test_a_date_is_read_or_passed_on() -> None:
    assert parse_date("2023-02-13") == parse_date(date(2023, 2, 13)) == date(2023, 2, 13)


@pytest.mark.parametrize(
    "value", ["13/02/2023", "2023-02-30", "", None, 2023, datetime(2023, 2, 13, 9, tzinfo=UTC)]
)
def test_what_is_no_day_is_refused_with_the_form_to_write(value: object) -> None:
    with pytest.raises(Problem, match="not a date") as caught:
        parse_date(value)
    assert caught.value.value == value
    assert "YYYY-MM-DD" in str(caught.value.remedy)
