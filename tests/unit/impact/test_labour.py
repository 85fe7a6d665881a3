"""Units of labour are read once, with their scale, and never stand for each other."""

from __future__ import annotations

import pytest

from nexpo.core.problem import Problem
from nexpo.impact.labour import Counted, Labour, counted_as, labour_unit, over_years


@pytest.mark.parametrize(
    ("unit", "kind", "scale"),
    [
        ("person", Labour.PERSON, 1),
        ("Thousand persons", Labour.PERSON, 1e3),
        ("persons (thousands)", Labour.PERSON, 1e3),
        ("1000 persons employed", Labour.PERSON, 1e3),
        ("1,000 persons", Labour.PERSON, 1e3),
        ("'000 jobs", Labour.JOB, 1e3),
        ("000s employees", Labour.EMPLOYEE, 1e3),
        ("Employees, thousands", Labour.EMPLOYEE, 1e3),
        ("million persons", Labour.PERSON, 1e6),
        ("thousand FTE", Labour.FTE, 1e3),
        ("full-time equivalents", Labour.FTE, 1),
        ("FTE jobs", Labour.FTE, 1),
        ("migliaia di addetti", Labour.PERSON, 1e3),
        ("unità di lavoro", Labour.FTE, 1),
        ("thousand_persons", Labour.PERSON, 1e3),
    ],
)
def test_units_of_labour(unit: str, kind: Labour, scale: float) -> None:
    assert labour_unit(unit) == Counted(kind, scale)


@pytest.mark.parametrize("unit", ["t CO2", "MWh", "m3", "unit", "EUR m", "", "firm", "km"])
def test_other_units_are_no_labour(unit: str) -> None:
    assert labour_unit(unit) is None


def test_the_unit_decides_and_the_measure_only_without_one() -> None:
    assert counted_as("thousand persons", "employment") == Counted(Labour.PERSON, 1e3)
    assert counted_as("FTE", "employment") == Counted(Labour.FTE)
    assert counted_as("", "employment") == Counted(Labour.PERSON)
    assert counted_as("EUR m", "employment") is None
    with pytest.raises(Problem, match="full-time equivalents are not persons"):
        counted_as("FTE", "persons")


def test_sums_over_years() -> None:
    assert [over_years(unit) for unit in ("employee", "FTE", "MWh")] == [
        "employee-year", "FTE-year", "MWh",
    ]  # fmt: skip
