"""The language of conditions: what it reads, what it refuses, and three truth values."""

from __future__ import annotations

from datetime import date

import pytest

from nexpo.core.problem import Problem
from nexpo.core.tables import Column
from nexpo.datacentres.rules.conditions import Value, add_months, parse


def column(name: str, kind: str, unit: str = "", allowed: tuple[str, ...] = ()) -> Column:
    return Column(name, kind, unit, False, None, allowed, "", "")  # type: ignore[arg-type]


SCHEMA = {
    each.name: each
    for each in (
        column("it", "decimal", "kW"),
        column("asked", "decimal", "kW"),
        column("thermal", "decimal", "MW"),
        column("defence", "boolean"),
        column("use", "text", allowed=("productive", "office")),
        column("start", "date"),
    )
}


@pytest.mark.parametrize(
    ("text", "facts", "wanted"),
    [
        ("it >= 500", {"it": 500.0}, True),
        ("it > 500", {"it": 500.0}, False),
        ("it >= 500", {}, None),
        ("it >= 500 or defence", {"it": None, "defence": True}, True),
        ("it >= 500 or defence", {"it": None, "defence": False}, None),
        ("it >= 500 and defence", {"it": None, "defence": False}, False),
        ("not defence and it + asked * 2 == 7", {"defence": False, "it": 1.0, "asked": 3.0}, True),
        ("(it + asked) * 2 == 8", {"it": 1.0, "asked": 3.0}, True),
        ("it / asked > 1", {"it": 1.0, "asked": 0.0}, None),
        ("-it < 0", {"it": 1.0}, True),
        ("use in ('productive', 'office')", {"use": "office"}, True),
        ("use in ('productive', 'office')", {}, None),
        ("use != 'office'", {"use": "productive"}, True),
        ("start >= 2026-07-01", {"start": date(2026, 7, 1)}, True),
        ("known(start)", {}, False),
        ("not known(start) or start > 2026-01-01", {}, True),
        ("add_months(start, 24) <= 2028-02-29", {"start": date(2026, 2, 28)}, True),
        ("it <= if(defence, 1, 2)", {"it": 1.5, "defence": False}, True),
        ("it <= if(defence, 1, 2)", {"it": 1.5}, None),
        ("it <= if(defence, 2, 2)", {"it": 1.5}, True),
        ("min(it, asked) == 1 and max(it, asked) == 2", {"it": 1.0, "asked": 2.0}, True),
        ("date(year(start) - 1, 12, 31) == 2025-12-31", {"start": date(2026, 7, 1)}, True),
        ("date(year(start), 2, 30) == start", {"start": date(2026, 7, 1)}, None),
    ],
)
def test_a_condition_holds_or_not_or_is_not_known(
    text: str, facts: dict[str, Value], wanted: bool | None
) -> None:
    assert parse(text, SCHEMA).holds(facts) is wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("itt >= 500", "unknown fact itt"),
        ("it >= '500'", "a number cannot be compared with a text"),
        ("it >= thermal", "kW cannot be compared with MW"),
        ("use == 'housing'", "use never has this value"),
        ("use in ('housing')", "use never has this value"),
        ("use < 'office'", "a text is not more or less"),
        ("it and defence", "and joins what is true or false"),
        ("it + 1", "a boolean is wanted here"),
        ("use + 1 == 2", r"\+ is for numbers"),
        ("it >= 500 it", "cannot read on at 'it'"),
        ("it >=", "it ends too early"),
        ("(it >= 5", r"'\)' is missing"),
        ("start > 2026-02-30", "is no day"),
        ("open('x')", r"open\(text\) is not known"),
        ("__import__('os')", "is not known"),
        ("it ; 1", "cannot read ';'"),
        ("year(it) == 1", r"year\(number\) is not known"),
    ],
)
def test_what_cannot_be_used_is_said(text: str, said: str) -> None:
    with pytest.raises(Problem, match=said):
        parse(text, SCHEMA)


def test_the_facts_that_it_reads_are_known() -> None:
    assert parse("it > 1 and not defence or it > asked", SCHEMA).names == ("it", "defence", "asked")


def test_a_value_can_be_asked_for_too() -> None:
    assert parse("it + 1", SCHEMA, wanted="number").value({"it": 2.0}) == 3


@pytest.mark.parametrize(
    ("day", "months", "wanted"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
    ],
)
def test_months_end_on_the_same_number_or_the_last_day(
    day: date, months: int, wanted: date
) -> None:
    assert add_months(day, months) == wanted
