"""What the rule packs say of a place of which nothing but the place is known.

Only what is read from real layers becomes a fact: a stand-in made by a seed says nothing to a
law. Everything else stays unknown, and the answers say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from nexpo.datacentres.adapters.rule_pack_files import facts_dictionary, load_packs
from nexpo.datacentres.rules.conditions import Value
from nexpo.datacentres.rules.evaluate import judge
from nexpo.datacentres.rules.model import Fact, Project


@dataclass(frozen=True, slots=True)
class LawLine:
    """An answer of a rule pack; ``certainty`` is that of the rule's text."""

    pack: str
    rule: str
    answer: str
    article: str
    reason: str
    certainty: str


def answers(facts: dict[str, Value], on: date) -> tuple[LawLine, ...]:
    """Return the answers of every pack that holds at a place on a day.

    Parameters
    ----------
    facts
        As the dictionary of facts names them: country, municipality, NUTS 3, area and so on.

    Examples
    --------
    >>> found = answers({"country": "IT", "nuts3": "ITC4C"}, date(2026, 11, 1))
    >>> {"pass", "fail", "unknown", "needs a person"} >= {line.answer for line in found}
    True
    """
    known = facts_dictionary()
    given = tuple(Fact(name, value) for name, value in facts.items() if value is not None)
    units = {name: column.unit for name, column in known.items()}
    judged = judge(Project("site", given, units), load_packs().rules, on)
    return tuple(
        LawLine(
            each.rule.pack.title,
            each.rule.title,
            each.verdict.value,
            each.rule.article,
            each.reason,
            each.rule.certainty.value,
        )
        for each in judged.answers
    )
