"""Claims that cannot be read: the error names file, claim, field, value and remedy."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from nexpo.claims import load, load_facts, read_claims
from nexpo.core.problem import Kind, Problem
from nexpo.core.quantity import Unit

GOOD: dict[str, Any] = {
    "id": "a.b",
    "claimant": "the region",
    "text": "so many",
    "topic": "t",
    "indicator": "links",
    "value": 3,
    "unit": "connection",
    "source": {"title": "a page"},
}


def problem_of(*changes: dict[str, Any]) -> Problem:
    with pytest.raises(Problem) as caught:
        read_claims({"claims": [GOOD | change for change in changes]}, file="r.toml")
    return caught.value


WRONG: list[tuple[dict[str, Any], str, str, str]] = [
    ({"unit": "furlong"}, "unit", "unknown unit: furlong", "units.csv"),
    ({"value": 101, "unit": "%"}, "value", "a percentage is not over 100", "growth"),
    ({"value": -3}, "value", "a number from zero up", "what there is"),
    ({"value": float("inf")}, "value", "a number from zero up", "what there is"),
    ({"value": 2.5}, "value", "counted in whole numbers", "FTE"),
    ({"value": "3"}, "value", "value is a number", "without quotes"),
    ({"value": True}, "value", "value is a number", "without quotes"),
    ({"text": 3}, "text", "text is text", "between quotes"),
    ({"text": " "}, "text", "text is empty", "words of the statement"),
    ({"id": "A b"}, "id", "lower-case words", "white.links"),
    ({"relation": "circa"}, "relation", "unknown word", "almost"),
    ({"boundary": "both"}, "boundary", "unknown word", "direct+indirect"),
    ({"boundry": "total"}, "boundry", "unknown key boundry", "boundary"),
    ({"first_year": 2029, "last_year": 2024}, "last_year", "ends after it starts", "swap"),
    ({"precision": 0}, "precision", "above zero", ""),
    ({"source": "a page"}, "source", "source is a table", "key = value"),
    ({"source": {}}, "source.title", "source.title is missing", "add the key"),
    ({"source": {"title": "t", "date": "May"}}, "source.date", "not a date", "YYYY-MM-DD"),
    ({"source": {"title": "t", "verified": 1}}, "source.verified", "text was read", ""),
    ({"act": {"number": "L 1", "adopted": "2024-01-01"}}, "act.year", "missing", "add"),
    (
        {"act": {"number": "L 1", "year": "2024", "adopted": "2024-01-01"}},
        "act.year",
        "whole number",
        "2024",
    ),
    ({"parts": {"tie": "part_of"}}, "parts", "parts is a list", "brackets"),
    ({"parts": [{"tie": "twin_of", "of": "a.c"}]}, "parts.tie", "unknown word", "sum_of"),
    ({"parts": [{"tie": "sum_of", "of": []}]}, "parts", "at least one other", ""),
    ({"parts": [{"tie": "share_of", "of": "a.c"}]}, "parts.share", "states the share", ""),
    (
        {"parts": [{"tie": "accumulates_to", "of": "a.c", "years": 1.5}]},
        "parts.years",
        "whole number",
        "years = 5",
    ),
    ({"against": [{"reading": "r"}]}, "against.expression", "missing", "add the key"),
    (
        {"against": [{"reading": "r", "fact": "f", "same_perimeter": "no"}]},
        "against.same_perimeter",
        "true or false",
        "write true or false",
    ),
    (
        {"against": [{"reading": "r", "expression": "x + y", "with": {"x": "a.b"}}]},
        "expression",
        "exactly the names",
        "",
    ),
    (
        {
            "implies": [
                {"name": "N x", "title": "t", "unit": "1", "expression": "x", "with": {"x": "a.b"}}
            ]
        },
        "implies.name",
        "plain name",
        "",
    ),
    (
        {
            "implies": [
                {
                    "name": "n",
                    "title": "t",
                    "unit": "1",
                    "expression": "x",
                    "with": {"x": "a.b"},
                    "beside": "f",
                }
            ]
        },
        "implies.factor",
        "come together",
        "",
    ),
]


@pytest.mark.parametrize(("change", "column", "detail", "remedy"), WRONG)
def test_a_wrong_field_is_named(
    change: dict[str, Any], column: str, detail: str, remedy: str
) -> None:
    problem = problem_of(change)
    assert problem.kind is Kind.BAD_INPUT
    assert problem.detail.startswith(f"claim {(GOOD | change)['id']}: ")
    assert detail in problem.detail
    assert problem.where.file == "r.toml"
    assert problem.where.column == column
    assert remedy in (problem.remedy or "")


def test_a_claim_without_value_cites_an_act() -> None:
    table = {key: value for key, value in GOOD.items() if key != "value"}
    with pytest.raises(Problem, match="has a value, or cites an act"):
        read_claims({"claims": [table]}, file="r.toml")


def test_a_missing_key_is_named() -> None:
    table = {key: value for key, value in GOOD.items() if key != "claimant"}
    with pytest.raises(Problem, match="claimant is missing"):
        read_claims({"claims": [table]}, file="r.toml")


def test_claims_that_are_no_tables() -> None:
    with pytest.raises(Problem, match="written as tables") as caught:
        read_claims({"claims": "white"}, file="r.toml")
    assert "[[claims]]" in (caught.value.remedy or "")


def test_an_id_used_twice() -> None:
    problem = problem_of({}, {})
    assert "two claims have this id" in problem.detail
    assert problem.value == "a.b"


def test_a_dangling_reference_names_what_is_there() -> None:
    problem = problem_of({"parts": [{"tie": "part_of", "of": "a.whole"}]})
    assert "refers to a claim that is not in this file" in problem.detail
    assert problem.value == "a.whole"
    assert "a.b" in (problem.remedy or "")


def test_a_reference_to_an_act_has_no_value() -> None:
    act = {"number": "L 1/2024", "year": 2024, "adopted": date(2024, 1, 1)}
    table = {key: value for key, value in GOOD.items() if key not in {"value", "unit"}}
    law = table | {"id": "law", "act": act}
    part = GOOD | {"parts": [{"tie": "part_of", "of": "law"}]}
    with pytest.raises(Problem, match="has no value to reckon with"):
        read_claims({"claims": [law, part]}, file="r.toml")


def test_a_claim_is_not_tied_to_itself() -> None:
    problem = problem_of({"parts": [{"tie": "part_of", "of": "a.b"}]})
    assert "tied to itself" in problem.detail


def test_euro_are_no_part_of_firms() -> None:
    other = {"id": "a.c", "unit": "EUR_M"}
    problem = problem_of({"parts": [{"tie": "part_of", "of": "a.c"}]}, other)
    assert "two kinds" in problem.detail


def test_a_document_without_claims_is_empty() -> None:
    assert read_claims({"region": {}}, file="r.toml") == ()


# Files


def test_a_missing_file_names_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "veneto.toml").write_text("", encoding="utf-8")
    with pytest.raises(Problem) as caught:
        load(tmp_path / "lombardy.toml")
    assert caught.value.kind is Kind.NO_INPUT
    assert "veneto" in (caught.value.remedy or "")


@pytest.mark.parametrize("content", [b"[[claims]\n", b'text = "\xe0"\n', b"PK\x03\x04\x00"])
def test_a_file_that_is_not_toml(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "r.toml"
    path.write_bytes(content)
    with pytest.raises(Problem, match="not TOML"):
        load(path)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text("\ufeff[region]\n", encoding="utf-8")
    assert load(path) == ()


RECORD = """
  - id: f
    title: t
    value: 1
    unit: "1"
    valid_from: 2020-01-01
    article: none
    source: s
    verified: false
"""


def folder_with(tmp_path: Path, facts: str) -> Path:
    (tmp_path / "facts.yaml").write_text(facts, encoding="utf-8")
    (tmp_path / "ranges.yaml").write_text("id: r\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("facts", "detail"),
    [
        (f"facts:{RECORD}{RECORD}", "f: two values are in force on one day"),
        (f"facts:{RECORD.replace('    source: s', '')}", "f: source is missing"),
        ("facts:\n  - only words\n", "a fact is a mapping of keys"),
    ],
)
def test_a_wrong_fact_is_named(tmp_path: Path, facts: str, detail: str) -> None:
    with pytest.raises(Problem) as caught:
        load_facts(folder_with(tmp_path, facts))
    assert caught.value.kind is Kind.CONFIG
    assert detail in caught.value.detail


def test_every_fact_has_a_source_and_a_unit() -> None:
    for fact in load_facts().values():
        assert Unit.parse(fact.unit).symbol == fact.unit
        assert all(version.source and version.article for version in fact.versions)
