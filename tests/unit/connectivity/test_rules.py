"""Rule files: what is refused, and in which words."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from nexpo.connectivity.coverage import compile_rule, load_rule, rule_names
from nexpo.connectivity.coverage.rules import months_before
from nexpo.core.problem import Kind, Problem
from nexpo.core.settings import parameters_directory

DAY = date(2025, 8, 1)
Refusal = Callable[[Callable[[dict[str, Any]], object]], Problem]


@pytest.fixture
def document() -> dict[str, Any]:
    text = (parameters_directory() / "coverage" / "eu-2023.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@pytest.fixture
def refusal(tmp_path: Path, document: dict[str, Any]) -> Refusal:
    """Return the problem that a changed copy of the rule file raises."""

    def refuse(change: Callable[[dict[str, Any]], object]) -> Problem:
        copy = deepcopy(document)
        change(copy)
        path = tmp_path / "rule.yaml"
        path.write_text(yaml.safe_dump(copy), encoding="utf-8")
        with pytest.raises(Problem) as caught:
            load_rule(str(path), DAY)
        return caught.value

    return refuse


def _value(copy: dict[str, Any]) -> dict[str, Any]:
    value: dict[str, Any] = copy["versions"][0]["value"]
    return value


def test_every_rule_that_comes_with_nexpo_names_article_source_and_whether_it_was_read() -> None:
    assert set(rule_names()) >= {"eu-2013", "eu-2023", "italy-1-giga", "italy-bul", "bead"}
    for name in rule_names():
        use = load_rule(name, date(2022, 6, 1) if name == "eu-2013" else DAY).use
        assert use.article
        assert use.source
        assert use.verified is False


def test_an_unknown_rule_is_answered_with_the_known_ones() -> None:
    with pytest.raises(Problem, match="no such rule") as caught:
        load_rule("eu-2032", DAY)
    assert "eu-2023" in str(caught.value)
    assert caught.value.kind is Kind.USAGE


def test_a_day_before_the_first_version_is_refused_with_that_day() -> None:
    with pytest.raises(Problem, match="no value on 2020-01-01") as caught:
        load_rule("eu-2023", date(2020, 1, 1))
    assert "2023-02-01" in str(caught.value.remedy)


def test_the_guidelines_of_2013_end_where_those_of_2023_begin() -> None:
    load_rule("eu-2013", date(2023, 1, 31))
    with pytest.raises(Problem, match="no value on 2023-02-01"):
        load_rule("eu-2013", date(2023, 2, 1))


def test_overlapping_versions_are_refused_with_both_dates(refusal: Refusal) -> None:
    def overlap(copy: dict[str, Any]) -> None:
        second = deepcopy(copy["versions"][0])
        second["valid_from"] = date(2024, 1, 1)
        copy["versions"].append(second)

    problem = refusal(overlap)
    assert problem.kind is Kind.CONFIG
    assert "same day" in problem.detail
    assert problem.value == "versions from 2023-02-01 and 2024-01-01"
    assert "valid_to" in str(problem.remedy)


@pytest.mark.parametrize(
    ("change", "column", "detail"),
    [
        (lambda c: _value(c)["network"].pop("min_down_mbps"), "min_down_mbps", "missing"),
        (lambda c: _value(c)["network"].update(min_down_mbps=-1), "min_down_mbps", "negative"),
        (lambda c: _value(c)["network"].update(min_down_mbps="x"), "min_down_mbps", "wrong kind"),
        (lambda c: _value(c)["network"].update(speeed="peak"), "speeed", "unknown key"),
        (lambda c: _value(c)["network"].update(speed="mean"), "speed", "peak or max"),
        (
            lambda c: _value(c)["network"].update(technologies=["fiber"]),
            "technologies",
            "unknown technology",
        ),
        (
            lambda c: _value(c)["network"].update(spectrum=["licenced"]),
            "spectrum",
            "unknown value",
        ),
        (
            lambda c: _value(c)["network"].update(max_distance_m={"fiber": 50}),
            "max_distance_m",
            "unknown technology",
        ),
        (lambda c: _value(c)["decisions"][0].update(networks=[3]), "networks", "0, 1, 2"),
        (lambda c: _value(c)["plans"].update(horizon_until=2026), "horizon_years", "not both"),
        (lambda c: _value(c).update(network=3), "network", "wrong kind"),
        (lambda c: _value(c)["decisions"].pop(), "decisions", "no decision covers a case"),
        (
            lambda c: _value(c)["decisions"].append(_value(c)["decisions"][0]),
            "decisions",
            "two decisions cover one case",
        ),
        (lambda c: _value(c)["decisions"][0].update(aid="maybe"), "aid", "aid is yes"),
        (lambda c: c["versions"][0].update(verified="perhaps"), "verified", "primary text"),
    ],
)
def test_a_wrong_rule_file_is_refused_with_its_place(
    refusal: Refusal, change: Callable[[dict[str, Any]], object], column: str, detail: str
) -> None:
    problem = refusal(change)
    assert problem.kind is Kind.CONFIG
    assert column in str(problem.where)
    assert detail in problem.detail


def test_a_column_that_the_file_lacks_is_assumed_and_said() -> None:
    rule = load_rule("eu-2023", DAY)
    carried = frozenset({"address_id", "operator", "technology", "max_down_mbps", "year"})
    compiled = compile_rule(rule, DAY, present_columns=carried)
    said = " ".join(compiled.assumptions)
    for column in (
        "spectrum",
        "progress_report_on",
        "peak_down_mbps",
        "peak_up_mbps",
        "infrastructure",
        "service",
        "distance_m",
        "activation_weeks",
    ):
        assert f"no column {column}" in said
    assert compiled.speed_column == "max_down_mbps"
    assert "spectrum" not in compiled.columns


def test_months_are_counted_by_the_calendar() -> None:
    assert months_before(date(2025, 1, 15), 6) == date(2024, 7, 15)
    assert months_before(date(2024, 8, 31), 6) == date(2024, 2, 29)
    assert months_before(date(2025, 3, 31), 13) == date(2024, 2, 29)


def test_an_upload_that_nobody_states_is_taken_as_met_and_said() -> None:
    rule = load_rule("italy-bul", DAY)
    carried = frozenset({"address_id", "operator", "technology", "max_down_mbps"})
    compiled = compile_rule(rule, DAY, present_columns=carried)
    assert "max_up_mbps" not in compiled.columns
    assert any("upload" in text for text in compiled.assumptions)


def test_an_advertised_upload_stands_in_for_that_at_peak() -> None:
    rule = load_rule("eu-2023", DAY)
    carried = frozenset({"address_id", "operator", "technology", "peak_down_mbps", "max_up_mbps"})
    compiled = compile_rule(rule, DAY, present_columns=carried)
    assert {"peak_down_mbps", "max_up_mbps"} <= compiled.columns
    assert any("max_up_mbps stands in" in text for text in compiled.assumptions)
