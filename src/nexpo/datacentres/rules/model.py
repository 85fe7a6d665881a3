"""Values of rule packs: packs, rules, facts, and what an evaluation answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from nexpo.datacentres.rules.conditions import Condition, Value


class Certainty(Enum):
    """How well a rule is known."""

    QUOTED = "quoted"
    SECONDARY = "secondary"
    UNVERIFIED = "unverified"


class Verdict(Enum):
    """What a rule answers."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    UNKNOWN = "unknown"
    PERSON = "needs a person"


class Silence(Enum):
    """Why a rule does not speak."""

    NOT_YET = "not yet in force"
    NO_LONGER = "no longer in force"
    ELSEWHERE = "another area"
    PENDING = "a pending case keeps the rules before it"
    OUT_OF_SCOPE = "does not apply"


@dataclass(frozen=True, slots=True)
class Moment:
    """A day that may not be known: it lies from ``earliest`` to ``latest`` (None: open).

    Examples
    --------
    >>> start = Moment("entry into force", date(2026, 10, 11), None)
    >>> start.reached(date(2026, 7, 1)), start.reached(date(2028, 7, 1))
    (False, None)
    """

    title: str
    earliest: date
    latest: date | None

    def reached(self, day: date) -> bool | None:
        """Say whether it has come by a day; None where that is not known."""
        if day < self.earliest:
            return False
        return True if self.latest is not None and day >= self.latest else None

    def __str__(self) -> str:
        if self.earliest == self.latest:
            return str(self.earliest)
        if self.latest is None:
            return f"a day not set ({self.title}; not before {self.earliest})"
        return f"a day between {self.earliest} and {self.latest} ({self.title})"


@dataclass(frozen=True, slots=True)
class Area:
    """Where a pack holds: countries, NUTS prefixes, LAU prefixes. Empty lists hold everywhere."""

    countries: tuple[str, ...] = ()
    nuts: tuple[str, ...] = ()
    lau: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Transition:
    """Cases whose ``fact`` (a day) lies before the start keep the rules of that day.

    ``none_pending`` says when there is no such case yet, so that the day judged for counts.
    """

    fact: str
    clause: str
    none_pending: Condition | None


@dataclass(frozen=True, slots=True)
class RulePack:
    """A law, plan, scheme or guidance.

    Attributes
    ----------
    precedence
        Higher prevails in a conflict, on the ``ground`` stated.
    adopted, stage
        When and how far it has come (``in force``, ``adopted``, ``voluntary`` ...), as text.
    """

    id: str
    title: str
    jurisdiction: str
    area: Area
    source: str
    adopted: str
    stage: str
    starts: Moment
    ends: Moment | None
    transition: Transition | None
    precedence: int
    ground: str
    certainty: Certainty
    file: str


@dataclass(frozen=True, slots=True)
class Given:
    """What a rule lays down of an attribute: that it ``is``, is ``at most`` or ``at least``."""

    attribute: str
    relation: str
    value: str | float


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a rule.

    Attributes
    ----------
    applies_when, requires
        None: always applies; nothing that can be computed.
    question
        What a person must decide; empty where nothing is left to one.
    gives
        What it lays down, for conflicts with other packs.
    """

    id: str
    pack: RulePack
    title: str
    article: str
    source: str
    certainty: Certainty
    starts: Moment
    ends: Moment | None
    applies_when: Condition | None
    requires: Condition | None
    question: str
    gives: Given | None
    note: str

    @property
    def names(self) -> tuple[str, ...]:
        """Facts that it reads, in order."""
        parts = [c.names for c in (self.applies_when, self.requires) if c is not None]
        return tuple(dict.fromkeys(name for names in parts for name in names))

    @property
    def dates(self) -> str:
        """Its effective dates, for people."""
        return f"from {self.starts}" + (f" until {self.ends}" if self.ends else "")


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact about a project: its value in the dictionary's unit, and since when it holds."""

    name: str
    value: Value
    since: date | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Project:
    """A facility or project, known by facts."""

    name: str
    facts: tuple[Fact, ...]
    units: Mapping[str, str]

    def on(self, day: date) -> dict[str, Value]:
        """Return the facts that hold on a day, with the day itself as ``day``."""
        held: dict[str, Fact] = {}
        for fact in self.facts:
            before = held.get(fact.name)
            if fact.since is not None and fact.since > day:
                continue
            if before is None or (fact.since or date.min) >= (before.since or date.min):
                held[fact.name] = fact
        return {name: fact.value for name, fact in held.items()} | {"day": day}


@dataclass(frozen=True, slots=True)
class Answer:
    """What one rule says of a project on a day.

    ``values`` are the facts used, as text with their units; ``missing`` those that are unknown.
    ``in_doubt``: it is not known whether the rule speaks here at all (its day, area or scope).
    """

    rule: Rule
    day: date
    verdict: Verdict
    reason: str
    values: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    question: str
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Aside:
    """A rule that does not speak of a project on a day, and why."""

    rule: Rule
    day: date
    why: Silence
    reason: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rules that lay down of one attribute what cannot hold together.

    ``winner`` is the pack that prevails; None where precedence does not say. ``certain`` is False
    where it is not known whether each of them holds on that day.
    """

    attribute: str
    rules: tuple[Rule, ...]
    winner: RulePack | None
    why: str
    certain: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that packs say of a project on a day."""

    project: str
    day: date
    answers: tuple[Answer, ...]
    asides: tuple[Aside, ...]
    conflicts: tuple[Conflict, ...]


def shown(value: Value, unit: str = "") -> str:
    """Write a value of a fact for people.

    Examples
    --------
    >>> shown(400.0, "kW"), shown(True), shown(None), shown(1.25, "1")
    ('400 kW', 'yes', 'unknown', '1.25')
    >>> shown(2024.0, "year"), shown(110.0, "point")
    ('2024', '110')
    """
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if unit == "year" and isinstance(value, float | int):
        return f"{value:.0f}"
    text = f"{value:,.10g}" if isinstance(value, float | int) else str(value)
    return f"{text} {unit}".rstrip() if unit not in {"", "1", "point"} else text


def joined(words: Sequence[str]) -> str:
    """Write a list for people.

    Examples
    --------
    >>> joined(["pue", "wue", "erf"])
    'pue, wue and erf'
    """
    if len(words) < len("ab"):
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
