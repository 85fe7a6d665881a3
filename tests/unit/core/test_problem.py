"""Problems: what a person and a program read of them."""

from __future__ import annotations

import pytest

from nexpo.core.problem import Kind, Problem, Where, bad_input


@pytest.mark.parametrize(
    ("kind", "exit_code", "status"),
    [
        (Kind.USAGE, 64, 400),
        (Kind.BAD_INPUT, 65, 422),
        (Kind.NO_INPUT, 66, 404),
        (Kind.UNAVAILABLE, 69, 503),
        (Kind.INTERNAL, 70, 500),
        (Kind.CANNOT_WRITE, 73, 500),
        (Kind.CONFIG, 78, 500),
    ],
)
def test_each_kind_has_its_exit_code_and_status(kind: Kind, exit_code: int, status: int) -> None:
    assert (kind.exit_code, kind.status) == (exit_code, status)


def test_kinds_that_share_a_status_are_not_one_kind() -> None:
    assert len(Kind) == 7


def test_only_what_is_known_is_printed() -> None:
    assert str(bad_input("no")) == "no"
    assert str(bad_input("no", where=Where(row=0))) == "no\n  where:  row 0"


def test_a_falsy_value_is_still_a_value() -> None:
    assert "value:  0" in str(bad_input("no", value=0))
    assert bad_input("no", value="").as_dict()["value"] == ""


def test_a_long_value_is_cut_to_a_line() -> None:
    problem = bad_input("no", value="x" * 500)
    assert len(problem.as_dict()["value"]) == 120
    assert str(problem).endswith("xxx...")


def test_the_rfc_9457_object_carries_place_and_remedy() -> None:
    problem = Problem(
        Kind.CONFIG, "no", where=Where("a.yaml", 3, "id"), value=True, remedy="write it"
    )
    assert problem.as_dict() == {
        "type": "https://nexpo.example/problems/config",
        "title": "The configuration or a rule file is wrong",
        "status": 500,
        "detail": "no",
        "file": "a.yaml",
        "row": 3,
        "column": "id",
        "value": "True",
        "remedy": "write it",
    }


def test_an_unknown_place_leaves_no_keys() -> None:
    assert set(bad_input("no").as_dict()) == {"type", "title", "status", "detail"}
