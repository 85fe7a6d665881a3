"""Conditions of rules in words, from their tree: nobody is asked to read a formula.

A number that is worked out more than once is named by a letter, and said once, at the end.
"""

from __future__ import annotations

from calendar import month_name
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from nexpo.datacentres.rules.conditions import Condition, Node
from nexpo.datacentres.rules.model import joined, shown

JUDGED = "the day judged for"
_OF_NUMBERS = {
    ">=": "is at least",
    "<=": "is at most",
    ">": "is more than",
    "<": "is less than",
}
_OF_DAYS = {
    ">=": "is on or after",
    "<=": "is on or before",
    ">": "is after",
    "<": "is before",
}
_OF_BOTH = {"==": "is", "!=": "is not"}
_SUMS = {"+": "plus", "-": "less", "*": "times", "/": "divided by"}
_ENDS = {
    ("min", "number"): "the least of",
    ("max", "number"): "the greatest of",
    ("min", "date"): "the earliest of",
    ("max", "date"): "the latest of",
}
_OPPOSITES = {"==": "!=", "!=": "==", ">=": "<", "<": ">=", "<=": ">", ">": "<="}
_LETTERS = "YZXWVUTSRQPONMLKJIHGFEDCBA"
_PLAIN = {"value", "fact", "year", "known"}


def spoken(condition: Condition) -> str:
    """Write a condition in words; facts keep the names by which a project states them.

    Examples
    --------
    >>> from nexpo.core.tables import Column
    >>> from nexpo.datacentres.rules.conditions import parse
    >>> names = {"pue": ("decimal", "1"), "mwt": ("decimal", "MW"), "audit": ("date", ""),
    ...          "day": ("date", ""), "cool": ("boolean", "")}
    >>> facts = {n: Column(n, t, u, False, None, (), "", "") for n, (t, u) in names.items()}
    >>> spoken(parse("mwt >= 50 and not known(pue)", facts))
    'mwt is at least 50 MW and pue is not known'
    >>> spoken(parse("add_months(audit, 36) >= day", facts))
    'the day 36 months after audit is on or after the day judged for'
    >>> spoken(parse("pue <= if(cool, 1.3, 1.4)", facts))
    'pue is at most 1.3 if cool is yes, and else 1.4'
    """
    several = Counter(_worked_out(condition.root))
    twice = [node for node, times in several.items() if times > 1]
    names = dict(zip(twice, _LETTERS, strict=False))
    told = _Words(names).said(condition.root)
    where = [f"{names[node]} is {_Words({}).said(node)}" for node in names]
    return f"{told}, where {joined(where)}" if where else told


def _worked_out(node: Node) -> Iterator[Node]:
    """Yield the numbers that are worked out in a tree, the outermost only."""
    if node.type == "number" and node.what in {*_SUMS, "if", "min", "max"}:
        yield node
        return
    for part in node.parts:
        yield from _worked_out(part)


class _Words:
    """Words for the parts of a tree; ``names`` are the letters of those said elsewhere."""

    def __init__(self, names: Mapping[Node, str]) -> None:
        self._names = names
        self._by_what: dict[str, Callable[[Node], str]] = {
            "value": lambda node: shown(node.value),
            "fact": _fact,
            "and": self._logic,
            "or": self._logic,
            "not": self._not,
            "in": self._among,
            "known": self._known,
            "if": self._choice,
            **dict.fromkeys(_SUMS, self._sum),
            "min": self._end,
            "max": self._end,
            "year": lambda node: f"the year of {self._part(node.parts[0])}",
            "date": self._date,
            "add_months": self._months,
        }

    def said(self, node: Node) -> str:
        """Write a tree, or the letter that stands for it."""
        return self._names.get(node) or self._by_what.get(node.what, self._compared)(node)

    def _part(self, node: Node) -> str:
        """Write a part of something larger, in brackets where it could be misread."""
        if node.what == "fact" and node.type == "boolean":
            return node.name
        told = self.said(node)
        return told if node.what in _PLAIN or node in self._names else f"({told})"

    def _compared(self, node: Node) -> str:
        left, right = node.parts
        if left.type == "boolean":
            as_ = "the same as" if node.what == "==" else "not the same as"
            return f"{self._part(left)} is {as_} {self._part(right)}"
        relation = ((_OF_DAYS if left.type == "date" else _OF_NUMBERS) | _OF_BOTH)[node.what]
        if right.what == "date" and right.parts[0] == Node("year", "number", (left,)):
            return f"{self.said(left)} {relation} {self._day_of_year(right)} of its year"
        return f"{self._side(left, right)} {relation} {self._side(right, left)}"

    def _side(self, node: Node, other: Node) -> str:
        """Write one side of a comparison: a number takes the unit of the fact beside it."""
        if node.what == "value":
            return shown(node.value, other.unit if other.what == "fact" else "")
        return self.said(node)

    def _logic(self, node: Node) -> str:
        bracketed = {"and", "or", "in"} if node.what == "or" else {"or"}
        parts = [
            f"({self.said(part)})" if _kind(part) in bracketed | {"if"} else self.said(part)
            for part in node.parts
        ]
        return f" {node.what} ".join(parts)

    def _not(self, node: Node) -> str:
        (inner,) = node.parts
        if inner.what == "fact":
            return f"{inner.name} is no"
        if inner.what == "known":
            return self._known(inner, "is not known")
        if inner.what in _OPPOSITES and inner.parts[0].type != "boolean":
            return self._compared(Node(_OPPOSITES[inner.what], "boolean", inner.parts))
        if inner.what == "in":
            return self._among(inner, "is none of")
        return f"it is not so that {self._part(inner)}"

    def _among(self, node: Node, relation: str = "is one of") -> str:
        first, *others = node.parts
        words = [self._side(each, first) for each in others]
        if len(words) == 1:
            return f"{self.said(first)} {relation} {words[0]}"
        return f"{self.said(first)} {relation} {', '.join(words[:-1])} or {words[-1]}"

    def _known(self, node: Node, state: str = "is known") -> str:
        (inner,) = node.parts
        return f"{inner.name if inner.what == 'fact' else self._part(inner)} {state}"

    def _choice(self, node: Node) -> str:
        if node.type == "boolean":
            return self._if_so(node)
        cases = []
        while node.what == "if":
            test, yes, node = node.parts
            cases.append(f"{self._part(yes)} if {self.said(test)}")
        return f"{', '.join(cases)}, and else {self._part(node)}"

    def _if_so(self, node: Node) -> str:
        """Write a choice between truths: without the half that is always or never so."""
        test, yes, no = node.parts
        tests = [test]
        while _is(no, truth=True) and yes.what == "if" and _is(yes.parts[2], truth=True):
            tests.append(yes.parts[0])
            yes = yes.parts[1]
        if _is(no, truth=False):
            return self._logic(Node("and", "boolean", (*tests, yes)))
        asked = tests[0] if len(tests) == 1 else Node("and", "boolean", tuple(tests))
        inner = f"({self.said(yes)})" if yes.what == "if" else self.said(yes)
        else_ = "" if _is(no, truth=True) else f"; if not, {self.said(no)}"
        return f"if {self.said(asked)}, {inner}{else_}"

    def _sum(self, node: Node) -> str:
        left, right = node.parts
        if node.what == "-" and left.what == "value" and left.value == 0:
            return f"minus {self._part(right)}"
        return f"{self._part(left)} {_SUMS[node.what]} {self._part(right)}"

    def _end(self, node: Node) -> str:
        words = _ENDS.get((node.what, node.type), f"the {node.what} of")
        return f"{words} {joined([self._part(part) for part in node.parts])}"

    def _date(self, node: Node) -> str:
        year = node.parts[0]
        told = f"{year.value:.0f}" if isinstance(year.value, float) else f"of {self._part(year)}"
        return f"{self._day_of_year(node)} {told}"

    def _day_of_year(self, node: Node) -> str:
        _, month, day = node.parts
        if isinstance(month.value, float) and 1 <= month.value < len(month_name):
            return f"{self._part(day)} {month_name[int(month.value)]}"
        return f"day {self._part(day)} of month {self._part(month)}"

    def _months(self, node: Node) -> str:
        start, months = node.parts
        return f"the day {self._part(months)} months after {self._part(start)}"


def _fact(node: Node) -> str:
    if node.type == "boolean":
        return f"{node.name} is yes"
    return JUDGED if node.name == "day" else node.name


def _is(node: Node, *, truth: bool) -> bool:
    return node.what == "value" and node.value is truth


def _kind(node: Node) -> str:
    """Return how a node joins its parts: a choice with nothing else is an *and*."""
    return "and" if node.what == "if" and _is(node.parts[2], truth=False) else node.what
