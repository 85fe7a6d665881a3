"""Conditions of rules: a small typed language with three truth values.

``installed_it_kw >= 500 and not defence`` is read by a parser of its own (nothing is ever handed
to Python to run), checked against the dictionary of facts when the rule is loaded, and evaluated
on facts of which some are unknown. Logic is Kleene's: unknown *or* true is true, unknown *and*
false is false, and what else touches an unknown is unknown.

Values are numbers, texts in single quotes, ``true``, ``false``, and days (``2026-07-01``).
Operators are ``or``, ``and``, ``not``, ``== != < <= > >=``, ``in (..., ...)``, ``+ - * /``.
Functions are ``known(x)``, ``if(c, a, b)``, ``min``, ``max``, ``year(day)``,
``date(year, month, day)`` and ``add_months(day, months)``.
"""

from __future__ import annotations

import operator
import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from nexpo.core.problem import Problem, bad_input
from nexpo.core.tables import Column

Value = bool | float | str | date | None
"""A value of a fact or condition; None is unknown."""

_TYPES = {"integer": "number", "decimal": "number", "boolean": "boolean", "date": "date"}
_TOKEN = re.compile(
    r"\s*(?:(?P<date>\d{4}-\d{2}-\d{2})|(?P<number>\d+(?:\.\d+)?)|'(?P<text>[^']*)'"
    r"|(?P<name>[A-Za-z_][A-Za-z_0-9]*)|(?P<sign>==|!=|<=|>=|[<>()+\-*/,]))"
)
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Node:
    """A step of a condition: ``what`` is an operator, ``value`` or ``fact``.

    ``type`` is number, text, boolean or date; ``unit`` that of a fact.
    """

    what: str
    type: str
    parts: tuple[Node, ...] = ()
    value: Value = None
    name: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition as written, with its tree and the facts it reads in order of appearance."""

    text: str
    root: Node
    names: tuple[str, ...]

    def holds(self, facts: Mapping[str, Value]) -> bool | None:
        """Return true, false, or None where the facts known do not decide.

        Examples
        --------
        >>> schema = {"mw": Column("mw", "decimal", "MW", False, None, (), "", "power")}
        >>> rule = parse("mw >= 50 or known(mw)", schema)
        >>> rule.holds({"mw": 20.0}), rule.holds({"mw": None}), parse("mw > 5", schema).holds({})
        (True, None, None)
        """
        found = evaluate(self.root, facts)
        return None if found is None else bool(found)

    def value(self, facts: Mapping[str, Value]) -> Value:
        """Return what the expression comes to, None where it is unknown."""
        return evaluate(self.root, facts)


def parse(text: str, schema: Mapping[str, Column], *, wanted: str = "boolean") -> Condition:
    """Read and check a condition.

    Parameters
    ----------
    text
        The condition.
    schema
        Facts by name, as the dictionary declares them.
    wanted
        Type that it must come to.

    Raises
    ------
    Problem
        Naming the word at which it cannot be read, an unknown fact, or types that do not fit.
    """
    reader = _Reader(str(text), schema)
    root = reader.whole()
    if root.type != wanted:
        raise _wrong(f"a {wanted} is wanted here, this is a {root.type}", text)
    return Condition(str(text), root, tuple(dict.fromkeys(reader.names)))


def evaluate(node: Node, facts: Mapping[str, Value]) -> Value:
    """Evaluate a tree on facts; what is missing or None is unknown."""
    if node.what == "value":
        return node.value
    if node.what == "fact":
        return facts.get(node.name)
    if node.what in _LAZY:
        return _LAZY[node.what](node, facts)
    values = [evaluate(part, facts) for part in node.parts]
    if any(value is None for value in values):
        return None
    try:
        found: Value = _STRICT[node.what](*values)
    except (ZeroDivisionError, ValueError, OverflowError):
        return None
    return found


def add_months(day: date, months: int) -> date:
    """Return the day some months on; the last of the month where there is no such day.

    Examples
    --------
    >>> add_months(date(2026, 1, 31), 1), add_months(date(2026, 4, 20), 10)
    (datetime.date(2026, 2, 28), datetime.date(2027, 2, 20))
    """
    place = day.year * _MONTHS + day.month - 1 + int(months)
    year, month = divmod(place, _MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


# Meaning


def _and(node: Node, facts: Mapping[str, Value]) -> Value:
    values = [evaluate(part, facts) for part in node.parts]
    return False if False in values else None if None in values else True


def _or(node: Node, facts: Mapping[str, Value]) -> Value:
    values = [evaluate(part, facts) for part in node.parts]
    return True if True in values else None if None in values else False


def _among(node: Node, facts: Mapping[str, Value]) -> Value:
    first, *others = (evaluate(part, facts) for part in node.parts)
    if first is None:
        return None
    return True if first in others else None if None in others else False


def _choice(node: Node, facts: Mapping[str, Value]) -> Value:
    test, yes, no = (evaluate(part, facts) for part in node.parts)
    if test is None:
        return yes if yes == no else None
    return yes if test else no


_LAZY: dict[str, Callable[[Node, Mapping[str, Value]], Value]] = {
    "and": _and,
    "or": _or,
    "in": _among,
    "if": _choice,
    "known": lambda node, facts: evaluate(node.parts[0], facts) is not None,
}
_STRICT: dict[str, Callable[..., Any]] = {
    "not": operator.not_,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "min": min,
    "max": max,
    "year": lambda day: float(day.year),
    "date": lambda year, month, day: date(int(year), int(month), int(day)),
    "add_months": add_months,
}

_SIGNATURES: dict[str, tuple[tuple[str, ...], str]] = {
    "year": (("date",), "number"),
    "date": (("number", "number", "number"), "date"),
    "add_months": (("date", "number"), "date"),
}
_ORDERED = ("<", "<=", ">", ">=")


# Reading


class _Reader:
    """Recursive descent over the words of a condition."""

    def __init__(self, text: str, schema: Mapping[str, Column]) -> None:
        self._text = text
        self._schema = schema
        self._words = _words(text)
        self._at = 0
        self.names: list[str] = []

    def whole(self) -> Node:
        root = self._either()
        if self._at < len(self._words):
            raise _wrong(f"cannot read on at {self._words[self._at][1]!r}", self._text)
        return root

    def _take(self, *wanted: str) -> str | None:
        if self._at < len(self._words):
            kind, word = self._words[self._at]
            if word in wanted and kind in {"sign", "name"}:
                self._at += 1
                return word
        return None

    def _must(self, wanted: str) -> None:
        if self._take(wanted) is None:
            raise _wrong(f"{wanted!r} is missing", self._text)

    def _either(self) -> Node:
        parts = [self._both()]
        while self._take("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else self._logic("or", parts)

    def _both(self) -> Node:
        parts = [self._negated()]
        while self._take("and"):
            parts.append(self._negated())
        return parts[0] if len(parts) == 1 else self._logic("and", parts)

    def _negated(self) -> Node:
        return self._logic("not", [self._negated()]) if self._take("not") else self._compared()

    def _logic(self, what: str, parts: list[Node]) -> Node:
        for part in parts:
            if part.type != "boolean":
                raise _wrong(f"{what} joins what is true or false, not a {part.type}", self._text)
        return Node(what, "boolean", tuple(parts))

    def _compared(self) -> Node:
        left = self._sum()
        sign = self._take("==", "!=", *_ORDERED)
        if sign:
            return self._pair(sign, left, self._sum())
        if self._take("in"):
            self._must("(")
            others = self._several()
            for other in others:
                self._pair("==", left, other)
            return Node("in", "boolean", (left, *others))
        return left

    def _pair(self, sign: str, left: Node, right: Node) -> Node:
        if left.type != right.type:
            raise _wrong(f"a {left.type} cannot be compared with a {right.type}", self._text)
        if left.unit and right.unit and left.unit != right.unit:
            raise _wrong(f"{left.unit} cannot be compared with {right.unit}", self._text)
        if sign in _ORDERED and left.type in {"text", "boolean"}:
            raise _wrong(f"a {left.type} is not more or less than another", self._text)
        for fact, other in ((left, right), (right, left)):
            self._known_word(fact, other)
        return Node(sign, "boolean", (left, right))

    def _known_word(self, fact: Node, other: Node) -> None:
        if fact.what != "fact" or other.what != "value" or fact.type != "text":
            return
        allowed = self._schema[fact.name].allowed
        if allowed and other.value not in allowed:
            raise bad_input(
                f"{fact.name} never has this value",
                value=other.value,
                remedy=f"one of {', '.join(allowed)}",
            )

    def _sum(self) -> Node:
        left = self._product()
        while sign := self._take("+", "-"):
            left = self._number(sign, left, self._product())
        return left

    def _product(self) -> Node:
        left = self._atom()
        while sign := self._take("*", "/"):
            left = self._number(sign, left, self._atom())
        return left

    def _number(self, sign: str, left: Node, right: Node) -> Node:
        for part in (left, right):
            if part.type != "number":
                raise _wrong(f"{sign} is for numbers, not a {part.type}", self._text)
        return Node(sign, "number", (left, right))

    def _atom(self) -> Node:
        if self._take("("):
            inner = self._either()
            self._must(")")
            return inner
        if self._take("-"):
            return self._number("-", Node("value", "number", value=0.0), self._atom())
        if self._at == len(self._words):
            raise _wrong("it ends too early", self._text)
        kind, word = self._words[self._at]
        self._at += 1
        match kind:
            case "number":
                return Node("value", "number", value=float(word))
            case "text":
                return Node("value", "text", value=word)
            case "date":
                return Node("value", "date", value=_day(word, self._text))
            case "name":
                return self._named(word)
        raise _wrong(f"cannot read on at {word!r}", self._text)

    def _named(self, word: str) -> Node:
        if word in {"true", "false"}:
            return Node("value", "boolean", value=word == "true")
        if self._take("("):
            return self._called(word, self._several())
        if word not in self._schema:
            raise bad_input(
                f"unknown fact {word}",
                value=self._text,
                remedy="use a name of the dictionary of facts, or declare it there",
            )
        self.names.append(word)
        column = self._schema[word]
        return Node("fact", _TYPES.get(column.type, "text"), name=word, unit=column.unit)

    def _several(self) -> list[Node]:
        parts = [self._either()]
        while self._take(","):
            parts.append(self._either())
        self._must(")")
        return parts

    def _called(self, name: str, parts: list[Node]) -> Node:
        types = tuple(part.type for part in parts)
        if name == "known" and len(parts) == 1:
            return Node("known", "boolean", tuple(parts))
        if name in {"min", "max"} and len(set(types)) == 1:
            return Node(name, types[0], tuple(parts))
        if (
            name == "if"
            and len(types) == len("cab")
            and types[0] == "boolean"
            and types[1] == types[2]
        ):
            return Node("if", types[1], tuple(parts))
        if name in _SIGNATURES and types == _SIGNATURES[name][0]:
            return Node(name, _SIGNATURES[name][1], tuple(parts))
        raise _wrong(f"{name}({', '.join(types)}) is not known", self._text)


def _words(text: str) -> list[tuple[str, str]]:
    found, at, end = [], 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise _wrong(f"cannot read {text[at:].split(maxsplit=1)[0]!r}", text)
        kind = str(match.lastgroup)
        found.append((kind, match[kind]))
        at = match.end()
    return found


def _day(word: str, text: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise _wrong(f"{word} is no day", text) from None


def _wrong(detail: str, text: object) -> Problem:
    return bad_input(
        f"the condition cannot be used: {detail}",
        value=text,
        remedy="write facts, numbers, 'texts' and days with and, or, not, == < <= in (...)",
    )
