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
from nexpo.datacentres.rules.model import Answer, Fact, Judgement, Project, Silence


@dataclass(frozen=True, slots=True)
class LawLine:
    """An answer of a rule pack; ``certainty`` is that of the rule's text."""

    pack: str
    rule: str
    answer: str
    article: str
    reason: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Clash:
    """Two rules that lay down what cannot hold together; ``certain`` if each surely speaks."""

    attribute: str
    rules: tuple[str, ...]
    winner: str | None
    why: str
    certain: bool


@dataclass(frozen=True, slots=True)
class Law:
    """What the packs say of a place on a day.

    ``later`` names the packs that hold there and of which a rule is not yet in force that day,
    with the days of those rules.
    """

    on: date
    answers: tuple[LawLine, ...]
    conflicts: tuple[Clash, ...]
    later: tuple[str, ...]


def law(facts: dict[str, Value], on: date) -> Law:
    """Return what every pack that holds at a place says on a day.

    Parameters
    ----------
    facts
        As the dictionary of facts names them: country, municipality, NUTS 3, area and so on.

    Examples
    --------
    >>> found = law({"country": "IT", "nuts3": "ITC4C"}, date(2026, 11, 1))
    >>> {"pass", "fail", "unknown", "needs a person"} >= {line.answer for line in found.answers}
    True
    """
    known = facts_dictionary()
    given = tuple(Fact(name, value) for name, value in facts.items() if value is not None)
    units = {name: column.unit for name, column in known.items()}
    judged = judge(Project("site", given, units), load_packs().rules, on)
    return Law(on, tuple(_line(each) for each in judged.answers), _clashes(judged), _later(judged))


def _line(each: Answer) -> LawLine:
    return LawLine(
        each.rule.pack.title,
        each.rule.title,
        each.verdict.value,
        each.rule.article,
        each.reason,
        each.rule.certainty.value,
    )


def _clashes(judged: Judgement) -> tuple[Clash, ...]:
    return tuple(
        Clash(
            each.attribute,
            tuple(f"{rule.pack.title}: {rule.title}" for rule in each.rules),
            None if each.winner is None else each.winner.title,
            each.why,
            each.certain,
        )
        for each in judged.conflicts
    )


def _later(judged: Judgement) -> tuple[str, ...]:
    found: dict[str, dict[str, None]] = {}
    for each in judged.asides:
        if each.why is Silence.NOT_YET:
            found.setdefault(each.rule.pack.title, {})[each.rule.dates] = None
    return tuple(f"{pack}: in force {', '.join(days)}" for pack, days in found.items())
