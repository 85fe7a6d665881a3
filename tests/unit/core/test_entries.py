"""Keys are taken one by one, and every complaint names file, key, value and remedy."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

import pytest

from nexpo.core.entries import Entries
from nexpo.core.problem import Kind, Problem


class Colour(Enum):
    """Of a test."""

    RED = "red"
    GREEN = "green"


class Mine(Entries):
    """Entries of a kind of file that says what to compare with."""

    remedy = "compare with the example"


def entries(**value: object) -> Mine:
    return Mine(value, "own.yaml", "cabinet")


def test_values_are_taken_as_what_was_asked_for() -> None:
    found = entries(name=" steel ", ports=0, sizes=[1, 2], open=False, colour="red", below={"a": 1})
    assert found.text("name") == "steel"
    assert found.whole("ports") == 0
    assert found.list("sizes") == [1, 2]
    assert found.flag("open") is False
    assert found.member("colour", Colour) is Colour.RED
    below = found.section("below")
    assert below.names() == ("a",)
    assert below.whole("a", least=1) == 1
    below.nothing_else()
    found.nothing_else()


def test_a_number_in_place_of_a_text_is_its_digits() -> None:
    assert entries(name=96).text("name") == "96"


def test_a_key_without_value_is_not_there() -> None:
    found = entries(name=None)
    assert not found.has("name")
    assert found.names() == ("name",)


@pytest.mark.parametrize(
    ("value", "ask", "detail"),
    [
        ({}, lambda e: e.take("key"), "the key is missing"),
        ({"key": None}, lambda e: e.take("key"), "the key is missing"),
        ({"key": " "}, lambda e: e.text("key"), "the text is empty"),
        ({"key": ["a"]}, lambda e: e.text("key"), "a text is expected"),
        ({"key": {"a": 1}}, lambda e: e.text("key"), "a text is expected"),
        ({"key": "a"}, lambda e: e.list("key"), "a list is expected"),
        ({"key": -1}, lambda e: e.whole("key"), "a whole number from 0 up is expected"),
        ({"key": 0}, lambda e: e.whole("key", 1), "a whole number from 1 up is expected"),
        ({"key": 1.0}, lambda e: e.whole("key"), "a whole number from 0 up is expected"),
        ({"key": True}, lambda e: e.whole("key"), "a whole number from 0 up is expected"),
        ({"key": 1}, lambda e: e.flag("key"), "true or false is expected"),
        ({"key": "blue"}, lambda e: e.member("key", Colour), "one of red, green is expected"),
        ({"key": 3}, lambda e: e.section("key"), "a mapping of keys is expected"),
        ({"key": 3}, lambda e: e.nothing_else(), "unknown key"),
    ],
)
def test_a_wrong_entry_is_said_with_its_place(
    value: dict[str, object], ask: Callable[[Entries], object], detail: str
) -> None:
    with pytest.raises(Problem) as caught:
        ask(Mine(value, "own.yaml", "cabinet"))
    problem = caught.value
    assert problem.kind is Kind.CONFIG
    assert problem.detail == detail
    assert (problem.where.file, problem.where.column) == ("own.yaml", "cabinet.key")
    assert problem.value == value.get("key")


def test_the_kind_of_file_says_what_to_compare_with() -> None:
    assert entries().wrong("key", "it is wrong", None).remedy == "compare with the example"
    assert Entries({}, "any.yaml").wrong("key", "it is wrong", None).remedy is None


def test_places_are_the_keys_above_with_dots() -> None:
    top = Entries({"a": {"b": {}}}, "own.yaml")
    assert top.where("a").column == "a"
    inner = top.section("a").section("b")
    assert inner.where("c").column == "a.b.c"
    assert isinstance(entries(a={}).section("a"), Mine)


def test_what_is_no_mapping_is_refused_with_its_file() -> None:
    with pytest.raises(Problem, match="a mapping of keys is expected") as caught:
        Entries([1], "own.yaml")
    assert (caught.value.where.file, caught.value.where.column) == ("own.yaml", None)
