"""Values are checked when they are made."""

from __future__ import annotations

from datetime import date

import pytest

from nexpo.core.period import Period
from nexpo.core.problem import Problem
from nexpo.territory.model import (
    Change,
    ChangeKind,
    Municipality,
    Province,
    Region,
    check_municipality_code,
    check_region_code,
)

DAY = date(2024, 1, 1)


def change(day: date | None, kind: ChangeKind, old: str, new: str) -> Change:
    return Change(day, kind, old, new, "Old", "New", None, "test", verified=True)


@pytest.mark.parametrize("code", ["12001", "0120011", "H523", "", "01200a", "012001 "])
def test_a_municipality_code_is_six_digits(code: str) -> None:
    with pytest.raises(Problem, match="six digits") as caught:
        check_municipality_code(code)
    assert "012001" in str(caught.value)


@pytest.mark.parametrize("code", ["3", "00", "21", "ITC4"])
def test_a_region_code_is_two_digits(code: str) -> None:
    with pytest.raises(Problem, match="01 to 20"):
        check_region_code(code)


def test_a_spelling_has_no_day_and_all_else_has_one() -> None:
    assert change(None, ChangeKind.SPELLING, "012001", "012001").day is None
    with pytest.raises(Problem, match="a spelling has none"):
        change(DAY, ChangeKind.SPELLING, "012001", "012001")
    with pytest.raises(Problem, match="a change has a day"):
        change(None, ChangeKind.MERGER, "012001", "012002")


def test_only_a_change_of_name_keeps_the_code() -> None:
    with pytest.raises(Problem, match="keeps the code"):
        change(DAY, ChangeKind.MERGER, "012001", "012001")
    with pytest.raises(Problem, match="keeps the code"):
        change(DAY, ChangeKind.RENAME, "012001", "012002")


def test_places_are_checked_too() -> None:
    with pytest.raises(Problem):
        Municipality("1", "A", "012", "03", Period(DAY))
    with pytest.raises(Problem, match="three digits"):
        Province("12", "Varese", "VA", "03", Period(DAY))
    with pytest.raises(Problem, match="NUTS 2"):
        Region("03", "Lombardia", "lombardia", ("ITC41",), "it", "Europe/Rome")
