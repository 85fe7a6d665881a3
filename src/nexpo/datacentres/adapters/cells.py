"""Cells of a form as values of declared columns.

A number is never guessed: a range, a bound, a unit in the cell or the other decimal mark is
refused with a reason and a remedy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from math import isfinite

from nexpo.core.period import parse_date
from nexpo.core.problem import Problem
from nexpo.core.quantity import Quantity
from nexpo.core.tables import Column

Value = str | float | bool | date

_YES = frozenset({"yes", "y", "true", "1", "si", "sì", "s", "x", "vero"})
_NO = frozenset({"no", "n", "false", "0", "falso"})
_NUMBER = r"[+-]?(?:[0-9]+(?:[.,][0-9]+)*)(?:[eE][+-]?[0-9]+)?+"
_DASHES = "-\u2013\u2014\u00f7/"
_RANGE = re.compile(
    rf"{_NUMBER}\s*[^\s0-9]*\s*(?:[{_DASHES}]|\.\.+|to|a|bis)\s*[0-9].*", re.IGNORECASE
)
_BOUND = re.compile(
    r"(?:[<>~≤≥≈±]|ca\b|circa\b|about\b|over\b|oltre\b|up to\b|fino a\b).*", re.IGNORECASE
)
_WITH_UNIT = re.compile(rf"({_NUMBER})\s*([A-Za-zµ%°][A-Za-z0-9/%°³]*)")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]*)?")


class Wrong(Exception):  # noqa: N818 - it is caught beside the cell that it is about
    """A text that is no value of its column."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason, self.remedy = reason, remedy


def parse(column: Column, text: str, *, decimal: str = ".") -> Value:
    """Return the value of a cell.

    Raises
    ------
    Wrong
        With reason and remedy.
    """
    if "\0" in text:
        raise Wrong(
            "holds a zero byte, which no text has", "the file is damaged here: write it again"
        )
    value: Value
    match column.type:
        case "decimal":
            value = parse_number(text, unit=column.unit, decimal=decimal)
        case "integer":
            number = parse_number(text, unit=column.unit, decimal=decimal)
            if number != int(number):
                raise Wrong("not a whole number", "write digits only")
            value = number
        case "boolean":
            value = _boolean(text)
        case "date":
            value = _day(text)
        case _:
            value = text
    _check_form(column, text if not isinstance(value, float) else f"{value:g}")
    return _as_allowed(column, value)


def parse_number(text: str, *, unit: str = "", decimal: str = ".") -> float:
    """Return the number that a text is, in the unit of its column.

    Raises
    ------
    Wrong
        Saying whether it is a range, a bound, has a unit, another decimal mark, or is a text.

    Examples
    --------
    >>> parse_number("1200.5"), parse_number("1.200,5", decimal=",")
    (1200.5, 1200.5)
    """
    told = text.strip()
    if _BOUND.fullmatch(told):
        raise Wrong("a bound or an estimate instead of a value", "write the one value measured")
    plain = _plain_number(told, decimal)
    if plain is not None:
        return plain
    if _RANGE.fullmatch(told):
        raise Wrong("a range instead of a value", "write the one value measured, not from-to")
    found = _WITH_UNIT.fullmatch(told)
    if found:
        raise Wrong(f"a unit in the cell ({found[2]})", _unit_remedy(found[1], found[2], unit))
    if _NUMBER and re.fullmatch(_NUMBER, told):
        other = "," if decimal == "." else "."
        raise Wrong(f"not a number with the decimal mark {decimal!r}", f"pass --decimal '{other}'")
    raise Wrong(
        "text in a number", f"write digits{f' (in {unit})' if unit else ''}, or leave it empty"
    )


def plain_form(decimal: str = ".") -> str:
    """Return the regular expression of a number as it is read, without thousands marks.

    Examples
    --------
    >>> [bool(re.fullmatch(plain_form(), text)) for text in (".5", "-3.", "1e-9", "1_000", "inf")]
    [True, True, True, False, False]
    """
    mark = re.escape(decimal)
    return rf"[+-]?(?:[0-9]+(?:{mark}[0-9]*)?|{mark}[0-9]+)(?:[eE][+-]?[0-9]+)?"


def _plain_number(text: str, decimal: str) -> float | None:
    if decimal == ",":
        if "." in text and not _GROUPED.fullmatch(text):
            return None
        text = text.replace(".", "").replace(",", ".")
    if not re.fullmatch(plain_form(), text):
        return None
    value = float(text)
    return value if isfinite(value) else None


def _unit_remedy(number: str, symbol: str, unit: str) -> str:
    if not unit:
        return "write digits only"
    try:
        amount = Quantity(float(number.replace(",", ".")), symbol).to(unit).value
    except (Problem, ValueError):
        return f"write digits only, in {unit}"
    return f"write digits only, in {unit}: {amount:g} if {number} {symbol} is meant"


def _boolean(text: str) -> bool:
    if text.casefold() in _YES | _NO:
        return text.casefold() in _YES
    raise Wrong("not yes or no", "write yes or no")


def _day(text: str) -> date:
    try:
        return parse_date(text)
    except Problem as problem:
        raise Wrong(problem.detail, problem.remedy or "") from None


def _check_form(column: Column, text: str) -> None:
    if column.pattern and not re.fullmatch(column.pattern, text):
        raise Wrong(
            "not of the form that the column asks for", f"{column.meaning}: {column.pattern}"
        )


def _as_allowed(column: Column, value: Value) -> Value:
    if not column.allowed:
        return value
    text = f"{value:g}" if isinstance(value, float) else str(value)
    known = {name.casefold(): name for name in column.allowed}
    if text.casefold() not in known:
        raise Wrong("not an allowed value", f"one of {', '.join(column.allowed)}")
    return value if isinstance(value, float) else known[text.casefold()]


def pairs_of(text: str) -> Iterator[tuple[str, str]]:
    """Yield the pairs of a cell of the form ``column = text; column = text``.

    Raises
    ------
    Wrong
        When a part has no ``=``.
    """
    for part in text.split(";"):
        if not part.strip():
            continue
        name, sign, told = part.partition("=")
        if not sign or not name.strip() or not told.strip():
            raise Wrong("not of the form column = text", "write column = text; column = text")
        yield name.strip(), told.strip()
