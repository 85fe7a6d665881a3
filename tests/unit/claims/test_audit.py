"""Each check of the audit, on claims made for it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from nexpo.claims import Finding, Verdict, audit, read_claims
from nexpo.core.evidence import Figure, Ledger
from nexpo.core.parameters import Parameter, Version
from nexpo.core.period import Period
from nexpo.core.problem import Problem

DAY = date(2026, 1, 1)
BOUND = {"binds": "build.figure", "area": "03"}


def claim(name: str, value: float, unit: str = "EUR_M", **more: object) -> dict[str, Any]:
    base = {
        "id": name,
        "claimant": "c",
        "text": "t",
        "topic": "t",
        "indicator": "money",
        "value": value,
        "unit": unit,
        "source": {"title": "s"},
    }
    return base | more


def fact(name: str, value: object, unit: str = "EUR", start: date = DAY) -> Parameter:
    version = Version(Period(start, None), value, "none", "s", verified=False)
    return Parameter(name, name, unit, (version,))


def counted(value: float | None, unit: str = "EUR", **more: object) -> Figure:
    fields = {
        "id": "build.figure",
        "title": "f",
        "value": value,
        "unit": unit,
        "as_of": DAY,
        "place": "03",
        "function": "count",
    }
    return Ledger().observe(**(fields | more))


def audited(
    *tables: dict[str, Any], facts: tuple[Parameter, ...] = (), figure: Figure | None = None
) -> Finding:
    claims = read_claims({"claims": list(tables)}, file="t.toml")
    known = {item.id: item for item in facts}
    figures = {} if figure is None else {figure.id: figure}
    return audit(claims, figures, known, on=DAY)[0]


# A figure computed from data


@pytest.mark.parametrize(
    ("words", "value", "verdict"),
    [
        ("equals", 261_400_000, "confirmed"),
        ("equals", 261_600_000, "in conflict"),
        ("over", 300_000_000, "confirmed"),
        ("over", 260_900_000, "in conflict"),
        ("at least", 261_000_000, "confirmed"),
        ("at most", 261_000_001, "in conflict"),
        ("about", 270_000_000, "confirmed"),
        ("almost", 250_000_000, "confirmed"),
        ("almost", 262_000_000, "in conflict"),
        ("just over", 262_000_000, "confirmed"),
        ("just over", 260_000_000, "in conflict"),
    ],
)
def test_the_words_decide_what_confirms(words: str, value: int, verdict: str) -> None:
    tolerance = fact("tolerance-of-about", 0.05, "1")
    stated = claim("a", 261, relation=words, **BOUND)
    finding = audited(stated, facts=(tolerance,), figure=counted(value))
    assert finding.verdict.value == verdict


def test_a_synthetic_figure_confirms_nothing() -> None:
    stated = claim("a", 261, **BOUND)
    finding = audited(stated, figure=counted(261_000_000, synthetic=True))
    assert finding.verdict is Verdict.NOT_CHECKABLE
    assert "synthetic and confirms nothing" in " ".join(finding.reasons)


def test_a_claim_or_a_fact_confirms_nothing() -> None:
    stated = claim("a", 261, **BOUND)
    for function in ("claim", "fact"):
        finding = audited(stated, figure=counted(261_000_000, function=function))
        assert finding.verdict is Verdict.NOT_CHECKABLE


def test_a_figure_in_another_unit_is_not_held_against_it() -> None:
    finding = audited(claim("a", 261, **BOUND), figure=counted(261, "firm"))
    assert finding.verdict is Verdict.NOT_CHECKABLE
    assert "cannot be held against each other" in " ".join(finding.reasons)


def test_an_unknown_figure_is_not_held_against_it() -> None:
    unknown = counted(None)
    assert audited(claim("a", 261, **BOUND), figure=unknown).checks == ()


@pytest.mark.parametrize(
    ("stated", "figure", "told"),
    [
        ({"area": "03"}, {"place": "IT"}, "its place is IT, the area claimed 03"),
        ({"area": None}, {}, "its place is 03, the area claimed not stated"),
        (
            {"first_year": 2023, "last_year": 2027},
            {"as_of": date(1999, 7, 1)},
            "its day is 1999-07-01, the years claimed 2023 to 2027",
        ),
        ({"first_year": 2027}, {}, "the years claimed 2027 to not stated"),
        ({"last_year": 2025}, {}, "the years claimed not stated to 2025"),
        ({"accumulation": "per year"}, {}, "a state on 2026-01-01, the claim is per year"),
        ({"accumulation": "peak"}, {}, "the claim is peak"),
    ],
)
def test_a_figure_of_something_else_leaves_it_open(
    stated: dict[str, Any], figure: dict[str, Any], told: str
) -> None:
    given = {key: value for key, value in (BOUND | stated).items() if value is not None}
    for value in (261_000_000, 1):
        finding = audited(claim("a", 261, **given), figure=counted(value, **figure))
        assert finding.verdict is Verdict.AMBIGUOUS
        assert told in finding.reasons[0]


@pytest.mark.parametrize("accumulation", ["total", "stock"])
def test_a_figure_of_its_place_and_years_confirms(accumulation: str) -> None:
    years: dict[str, Any] = {"first_year": 2026, "last_year": 2026, "accumulation": accumulation}
    finding = audited(claim("a", 261, **BOUND, **years), figure=counted(261_000_000))
    assert finding.verdict is Verdict.CONFIRMED


@pytest.mark.parametrize("words", ["over", "at least"])
def test_far_over_is_consistent_and_not_confirmed(words: str) -> None:
    stated = claim("a", 261, relation=words, **BOUND)
    assert audited(stated, figure=counted(522_000_000)).verdict is Verdict.CONFIRMED
    finding = audited(stated, figure=counted(522_000_001))
    assert finding.verdict is Verdict.CONSISTENT
    assert "far over" in finding.reasons[0]


# Ties


@pytest.mark.parametrize(
    ("value", "verdict"), [(5.46, "consistent"), (5.5, "consistent"), (6.0, "in conflict")]
)
def test_a_share_is_taken_within_the_printed_digits(value: float, verdict: str) -> None:
    share, whole = claim("share", 70, "%"), claim("whole", 7.8)
    tie = {"tie": "share_of", "of": "whole", "share": "share"}
    assert audited(claim("a", value, parts=[tie]), share, whole).verdict.value == verdict


@pytest.mark.parametrize(("value", "verdict"), [(740, "consistent"), (750, "in conflict")])
def test_a_sum_adds_up(value: int, verdict: str) -> None:
    parts = [{"tie": "sum_of", "of": ["b", "c"]}]
    finding = audited(claim("a", value, parts=parts, precision=1), claim("b", 221), claim("c", 519))
    assert finding.verdict.value == verdict


@pytest.mark.parametrize(("value", "verdict"), [(70, "consistent"), (271, "in conflict")])
def test_a_part_is_not_over_its_whole(value: int, verdict: str) -> None:
    parts = [{"tie": "part_of", "of": "b"}]
    assert audited(claim("a", value, parts=parts), claim("b", 261)).verdict.value == verdict


@pytest.mark.parametrize(("value", "verdict"), [(40, "consistent"), (45, "in conflict")])
def test_shares_complete_each_other(value: int, verdict: str) -> None:
    parts = [{"tie": "completes", "of": "b"}]
    found = audited(claim("a", value, "%", parts=parts), claim("b", 60, "%"))
    assert found.verdict.value == verdict


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({"first_year": 2025, "last_year": 2029}, "consistent"),
        ({"first_year": 2024, "last_year": 2029}, "in conflict"),
        ({"last_year": 2029}, "ambiguous"),
    ],
)
def test_job_years_are_jobs_a_year_times_years(more: dict[str, Any], verdict: str) -> None:
    parts = [{"tie": "accumulates_to", "of": "b"}]
    yearly = claim("a", 1100, "FTE", parts=parts, accumulation="per year", **more)
    assert audited(yearly, claim("b", 5500, "FTE")).verdict.value == verdict


def test_one_thing_told_twice_must_agree() -> None:
    parts = [{"tie": "restates", "of": "b"}]
    told = claim("b", 880, accumulation="total", boundary="total")
    assert (
        audited(claim("a", 880, parts=parts, accumulation="total"), told).verdict
        is Verdict.CONSISTENT
    )
    louder = claim("a", 900, precision=5, parts=parts, accumulation="total")
    assert audited(louder, told).verdict is Verdict.IN_CONFLICT
    other = audited(claim("a", 880, boundary="direct", parts=parts), told)
    assert "boundary direct / total" in other.reasons[0]


# Known values


def test_readings_that_disagree_leave_it_open() -> None:
    comparisons = [
        {"reading": "first", "fact": "x"},
        {"reading": "second", "expression": "x / 2", "with": {"x": "fact:x"}},
    ]
    finding = audited(claim("a", 149, against=comparisons), facts=(fact("x", 149_200_000),))
    assert finding.verdict is Verdict.AMBIGUOUS
    assert [reading.plausible for reading in finding.readings] == [True, False]


def test_another_perimeter_does_not_contradict() -> None:
    comparison = {"reading": "r", "fact": "x", "same_perimeter": False}
    finding = audited(claim("a", 149, against=[comparison]), facts=(fact("x", 303_000_000),))
    assert finding.verdict is Verdict.AMBIGUOUS


def test_another_quantity_explains_and_does_not_speak_for_it() -> None:
    other = {"reading": "the private part", "fact": "x", "other_quantity": True}
    finding = audited(claim("a", 149, against=[other]), facts=(fact("x", 149_200_000),))
    assert finding.verdict is Verdict.NOT_CHECKABLE
    assert "met by something else: the private part" in " ".join(finding.reasons)


def test_a_fact_not_yet_known_on_the_day_is_left_out() -> None:
    later = fact("x", 1, start=date(2027, 1, 1))
    against = [{"reading": "r", "fact": "x"}]
    implied = {"name": "n", "title": "t", "unit": "1", "expression": "x", "with": {"x": "fact:x"}}
    assert audited(claim("a", 149, against=against, implies=[implied]), facts=(later,)).checks == ()


def test_an_unknown_fact_names_those_known() -> None:
    with pytest.raises(Problem, match="no such fact: y") as caught:
        audited(claim("a", 149, against=[{"reading": "r", "fact": "y"}]), facts=(fact("x", 1),))
    assert "known: x" in (caught.value.remedy or "")


# What follows


def implication(reading: str, divisor: int, **more: str) -> dict[str, Any]:
    formula = {"expression": f"money / {divisor}", "with": {"money": "a"}}
    named = {"name": "each", "title": "euro each", "unit": "EUR", "reading": reading}
    return named | formula | more


@pytest.mark.parametrize(
    ("readings", "verdict"),
    [
        ([implication("one", 1_000_000)], "not checkable"),
        ([implication("one", 1_000_000, within="r")], "consistent"),
        ([implication("one", 1, within="r")], "in conflict"),
        ([implication("one", 10**6), implication("two", 10**5)], "ambiguous"),
        ([implication("one", 10**6, within="r"), implication("two", 1, within="r")], "ambiguous"),
        ([implication("one", 1, within="r"), implication("two", 2, within="r")], "in conflict"),
        ([implication("one", 10**6, beside="m", factor="k")], "consistent"),
        ([implication("one", 10**5, beside="m", factor="k")], "in conflict"),
    ],
)
def test_readings_are_judged_side_by_side(readings: list[dict[str, Any]], verdict: str) -> None:
    facts = (fact("r", [100, 1000]), fact("m", 300), fact("k", 2, "1"))
    assert audited(claim("a", 261, implies=readings), facts=facts).verdict.value == verdict


def test_readings_that_all_fail_cannot_share_a_boundary() -> None:
    readings = [implication("one", 1, within="r"), implication("two", 2, within="r")]
    finding = audited(claim("a", 261, implies=readings), facts=(fact("r", [100, 1000]),))
    assert "cannot share one boundary" in finding.reasons[0]


def test_what_follows_can_be_explained() -> None:
    ledger = Ledger()
    claims = read_claims({"claims": [claim("a", 261, implies=[implication("one", 520)])]}, file="t")
    (finding,) = audit(claims, {}, {}, on=DAY, ledger=ledger)
    told = ledger.explain(finding.figures[0])
    assert "= 261,000,000 / 520" in told
    assert "= 261 * 1000000" in told
    assert "by claim: c: 261 EUR_M; s (text not read)" in told


# Acts


@pytest.mark.parametrize(
    ("act", "verdict"),
    [
        ({"year": 2024, "adopted": "2024-06-24", "published": "2024-06-28"}, "consistent"),
        ({"year": 2023, "adopted": "2024-06-24"}, "in conflict"),
        ({"year": 2024, "adopted": "2024-06-24", "published": "2024-06-01"}, "in conflict"),
        ({"year": 2027, "adopted": "2027-06-24"}, "in conflict"),
    ],
)
def test_the_dates_of_an_act_agree(act: dict[str, Any], verdict: str) -> None:
    table = claim("law", 0) | {"act": act | {"number": "L 1"}}
    del table["value"], table["unit"]
    finding = audited(table)
    assert finding.verdict.value == verdict
    assert finding.claim.said == "L 1"
    assert finding.claim.not_stated == ()


# Saying it


def test_a_finding_is_plain_values() -> None:
    finding = audited(claim("a", 261, implies=[implication("one", 520)], last_year=2027))
    plain = json.loads(json.dumps(finding.as_dict()))
    assert plain["horizon"] == ["not stated", 2027]
    assert plain["boundary"] == "not stated"
    assert plain["not_stated"] == ["accumulation", "first_year", "area", "price_base"]
    assert plain["checks"][0]["outcome"] == "informs"


def test_impact_claims_list_what_economists_need() -> None:
    missing = audited(claim("a", 261, indicator="gdp")).claim.not_stated
    assert missing[-4:] == ("boundary", "gross_net", "price_base", "spending_base")
