"""Parameter files: dated, sourced, and refused with the place when wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from nexpo.core.parameters import Parameter, get, load, read_yaml
from nexpo.core.problem import Kind, Problem

GOOD = """\
id: speed.line
title: Speed that counts
unit: Mbit/s
versions:
  - {valid_from: 2013-01-26, valid_to: 2023-02-01, value: 30, article: "(1)", source: A,
     verified: true}
  - {valid_from: 2023-02-01, value: 100, article: "(2)", source: B, verified: false}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "speed.yaml"


def problem_of(file: Path, text: str | bytes) -> Problem:
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Problem) as caught:
        load(file)
    assert caught.value.kind is Kind.CONFIG
    assert caught.value.where.file == str(file)
    return caught.value


def good(file: Path) -> Parameter:
    file.write_text(GOOD, encoding="utf-8")
    return load(file)


def test_the_value_is_that_of_the_day(file: Path) -> None:
    parameter = good(file)
    assert parameter.on(date(2013, 1, 26)) == 30
    assert parameter.on(date(2023, 1, 31)) == 30
    assert parameter.on(date(2023, 2, 1)) == 100


def test_its_use_names_the_law(file: Path) -> None:
    use = good(file).use(date(2024, 1, 1))
    assert (use.parameter, use.value, use.valid_from) == ("speed.line", "100", date(2023, 2, 1))
    assert (use.article, use.source, use.verified) == ("(2)", "B", False)


def test_a_day_before_the_first_version_has_no_value(file: Path) -> None:
    with pytest.raises(Problem, match=r"speed\.line has no value on 2013-01-25") as caught:
        good(file).on(date(2013, 1, 25))
    assert "starts on 2013-01-26" in str(caught.value.remedy)


def test_a_day_after_the_last_version_is_not_told_to_be_later(file: Path) -> None:
    file.write_text(GOOD.split("  - {valid_from: 2023", maxsplit=1)[0], encoding="utf-8")
    with pytest.raises(Problem, match="has no value on 2023-02-01") as caught:
        load(file).on(date(2023, 2, 1))
    assert "later" not in str(caught.value.remedy)


def test_overlapping_dates_are_refused_with_both_starts(file: Path) -> None:
    problem = problem_of(file, GOOD.replace("valid_to: 2023-02-01", "valid_to: 2023-02-02"))
    assert problem.detail == "two versions are in force on the same day"
    assert problem.value == "versions from 2013-01-26 and 2023-02-01"
    assert "valid_to" in str(problem.remedy)


@pytest.mark.parametrize("key", ["valid_from", "value", "article", "source", "verified"])
def test_a_missing_key_is_named_with_its_version(file: Path, key: str) -> None:
    head, last = GOOD.rsplit("  - ", 1)
    problem = problem_of(file, f"{head}  - {last.replace(key + ':', 'other:')}")
    assert problem.detail == f"{key} is missing"
    assert problem.where.column == f"versions[1].{key}"


@pytest.mark.parametrize("empty", ["null", '""', '" "'])
def test_an_empty_article_is_as_good_as_none(file: Path, empty: str) -> None:
    problem = problem_of(file, GOOD.replace('"(2)"', empty))
    assert (problem.detail, problem.where.column) == ("article is empty", "versions[1].article")


def test_verified_is_true_or_false_and_nothing_else(file: Path) -> None:
    problem = problem_of(file, GOOD.replace("verified: true", "verified: 'yes'"))
    assert (problem.where.column, problem.value) == ("versions[0].verified", "yes")


@pytest.mark.parametrize("key", ["id", "title", "versions"])
def test_a_missing_head_is_named(file: Path, key: str) -> None:
    assert problem_of(file, GOOD.replace(f"{key}:", f"x{key}:")).detail == f"{key} is missing"


@pytest.mark.parametrize("versions", ["", "[]", "3", "text", "{a: 1}"])
def test_a_parameter_without_versions_is_refused(file: Path, versions: str) -> None:
    problem = problem_of(file, f"id: a\ntitle: b\nversions: {versions}\n")
    assert problem.where.column == "versions"
    assert "at least one version" in problem.detail


def test_a_version_that_is_no_mapping_is_named(file: Path) -> None:
    assert problem_of(file, "id: a\ntitle: b\nversions: [1]\n").where.column == "versions[0]"


def test_what_is_not_yaml_is_refused_with_the_line(file: Path) -> None:
    problem = problem_of(file, 'id: a\ntitle: b\nversions: ["x\n')
    assert "not YAML" in problem.detail
    assert problem.where.row == 4


@pytest.mark.parametrize("text", ["", "- a\n", "text\n", "3\n"])
def test_what_is_no_mapping_is_refused(file: Path, text: str) -> None:
    assert problem_of(file, text).detail == "the file holds no mapping of keys"


def test_other_encodings_are_refused(file: Path) -> None:
    assert "not UTF-8" in problem_of(file, "title: Forlì".encode("cp1252")).detail


def test_a_day_that_does_not_exist_is_refused(file: Path) -> None:
    problem = problem_of(file, GOOD.replace("2013-01-26", "2013-02-30"))
    assert "day is out of range" in problem.detail


@pytest.mark.parametrize("day", ["soon", "2023-02-01 10:00:00"])
def test_a_start_that_is_no_day_is_named(file: Path, day: str) -> None:
    problem = problem_of(file, GOOD.replace("valid_from: 2023-02-01", f"valid_from: {day}"))
    assert (problem.detail, problem.where.column) == ("not a date", "versions[1]")


def test_an_end_before_the_start_is_refused(file: Path) -> None:
    problem = problem_of(file, GOOD.replace("valid_to: 2023-02-01", "valid_to: 2012-02-01"))
    assert problem.detail == "a period ends after it starts"


def test_a_missing_file_lists_its_neighbours(file: Path) -> None:
    good(file)
    with pytest.raises(Problem, match="no such parameter file") as caught:
        get("sped", root=file.parent)
    assert str(caught.value.remedy).endswith("speed")
    assert get("speed", root=file.parent).id == "speed.line"


def test_a_composite_value_is_shown_on_one_line(file: Path) -> None:
    file.write_text(GOOD.replace("value: 100", "value: {b: 1, a: [2]}"), encoding="utf-8")
    assert load(file).use(date(2024, 1, 1)).value == "{a: [2], b: 1}"
    assert read_yaml(file)["id"] == "speed.line"


def test_a_key_written_twice_is_refused_with_its_line(file: Path) -> None:
    problem = problem_of(file, GOOD.replace("unit: Mbit/s", "unit: Mbit/s\ntitle: Another"))
    assert "'title' stands twice" in problem.detail
    assert problem.where.row == 4
    inner = GOOD.replace("value: 30", "value: 30, value: 20")
    assert "'value' stands twice" in problem_of(file, inner).detail


@pytest.mark.parametrize("number", [".nan", ".inf", "-.inf", "[1.0, {a: .NaN}]"])
def test_a_number_that_is_none_is_refused_with_its_line(file: Path, number: str) -> None:
    problem = problem_of(file, GOOD.replace("value: 30", f"value: {number}"))
    assert "none that a rule can use" in problem.detail
    assert problem.where.row == 5
