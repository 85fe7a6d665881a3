"""Conflicts: rules of different packs that lay down what cannot hold together.

They are listed with what each lays down and which would prevail by precedence; the answers of
the rules themselves stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from nexpo.datacentres.rules.model import Answer, Conflict, Given, Rule, RulePack, shown


def find_conflicts(answers: Sequence[Answer]) -> tuple[Conflict, ...]:
    """Return the conflicts among rules that speak, by attribute and pair of packs."""
    speaking = [answer for answer in answers if answer.rule.gives is not None]
    found = []
    for left, right in combinations(speaking, 2):
        one, other = left.rule, right.rule
        if one.pack.id == other.pack.id or not _clash(one.gives, other.gives):
            continue
        winner, why = _prevailing(one, other)
        certain = not (left.in_doubt or right.in_doubt)
        attribute = one.gives.attribute if one.gives else ""
        found.append(Conflict(attribute, (one, other), winner, why, certain))
    return tuple(found)


def compatible(one: Given, other: Given) -> bool:
    """Say whether some value satisfies both.

    Examples
    --------
    >>> compatible(Given("pue", "at most", 1.2), Given("pue", "at most", 1.5))
    True
    >>> compatible(Given("use", "is", "productive"), Given("use", "is", "office"))
    False
    """
    if one.relation == other.relation != "is":
        return True
    if "is" in {one.relation, other.relation}:
        fixed, rule = (one, other) if one.relation == "is" else (other, one)
        return _holds(fixed.value, rule)
    least, most = (one, other) if one.relation == "at least" else (other, one)
    return float(least.value) <= float(most.value)


def _holds(value: str | float, rule: Given) -> bool:
    if rule.relation == "is":
        return value == rule.value
    number, bound = float(value), float(rule.value)
    return number <= bound if rule.relation == "at most" else number >= bound


def _clash(one: Given | None, other: Given | None) -> bool:
    if one is None or other is None or one.attribute != other.attribute:
        return False
    return not compatible(one, other)


def _prevailing(one: Rule, other: Rule) -> tuple[RulePack | None, str]:
    first, second = sorted((one, other), key=lambda rule: -rule.pack.precedence)
    laid_down = " against ".join(
        f"{shown(r.gives.value)} ({r.pack.title}, {r.article}, {r.certainty.value})"
        for r in (first, second)
        if r.gives is not None
    )
    if first.pack.precedence == second.pack.precedence:
        return None, f"{laid_down}; both have one rank: a person decides"
    return first.pack, f"{laid_down}; {first.pack.title} would prevail: {first.pack.ground}"
