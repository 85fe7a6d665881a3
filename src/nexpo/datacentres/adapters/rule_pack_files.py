"""Rule packs: dated YAML, read key by key, conditions checked against the facts declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from nexpo.core import parameters, tables
from nexpo.core.parameters import read_yaml
from nexpo.core.problem import Kind, Problem, Where
from nexpo.core.settings import parameters_directory
from nexpo.core.tables import Column
from nexpo.datacentres.adapters.entries import PackEntries
from nexpo.datacentres.rules.conditions import Condition, parse
from nexpo.datacentres.rules.model import (
    Area,
    Certainty,
    Given,
    Moment,
    Rule,
    RulePack,
    Transition,
)
from nexpo.datacentres.rules.permits import Procedure

_FOLDER = Path("datacentres") / "rules"
_BOUNDS = "datacentres/fact-bounds"
_RELATIONS = ("is", "at most", "at least")


@dataclass(frozen=True, slots=True)
class Library:
    """Packs with their rules and procedures, each in the order of its file."""

    packs: tuple[RulePack, ...]
    rules: tuple[Rule, ...]
    procedures: tuple[Procedure, ...]


def facts_dictionary() -> dict[str, Column]:
    """Return the facts that conditions may read, by name.

    Examples
    --------
    >>> facts_dictionary()["generators_mwt"].unit
    'MW'
    """
    return {c.name: c for c in tables.load("nexpo.datacentres.rules", "facts").columns}


def fact_bounds(day: date) -> dict[str, tuple[float, float]]:
    """Return the least and greatest value that a fact may have on a day and not be asked about.

    Raises
    ------
    Problem
        ``CONFIG`` naming file and fact, where a bound is of no fact or is no pair of numbers.

    Examples
    --------
    >>> fact_bounds(date(2026, 7, 1))["erf"]
    (0.0, 1.0)
    """
    bounds = parameters.get(_BOUNDS).on(day)
    known = facts_dictionary()
    found = {}
    for name, told in bounds.items():
        pair = _pair(told)
        if name not in known or pair is None:
            raise Problem(
                Kind.CONFIG,
                "a bound is two numbers, the least first, of a fact of the dictionary",
                where=Where(f"{_BOUNDS}.yaml", column=str(name)),
                value=told,
                remedy="compare with the file that comes with Nexpo",
            )
        found[name] = pair
    return found


def _pair(told: object) -> tuple[float, float] | None:
    """Return least and greatest; None where these are not two numbers in their order."""
    match told:
        case [int() | float() as low, int() | float() as high] if low <= high:
            return float(low), float(high)
    return None


def pack_names() -> tuple[str, ...]:
    """Return the names of the packs that come with Nexpo.

    Examples
    --------
    >>> "lombardia-lr-11-2026" in pack_names()
    True
    """
    return tuple(sorted(path.stem for path in (parameters_directory() / _FOLDER).glob("*.yaml")))


def load_packs(names: Sequence[str] = (), *, days: Mapping[str, date] | None = None) -> Library:
    """Load rule packs.

    Parameters
    ----------
    names
        Names of packs that come with Nexpo, or paths of files (.yaml); all of Nexpo's by default.
    days
        Days assumed for events that the packs leave open, by the event's id.

    Raises
    ------
    Problem
        ``CONFIG`` naming the file, the rule and the field; ``USAGE`` for an unknown pack or event.

    Examples
    --------
    >>> library = load_packs(["germany-enefg"])
    >>> library.packs[0].certainty.value
    'secondary'
    """
    assumed = dict(days or {})
    schema = facts_dictionary()
    read = [_File(_path(name), schema, assumed) for name in (names or pack_names())]
    known = {event for each in read for event in each.events}
    for name in assumed:
        if name not in known:
            raise Problem(
                Kind.USAGE,
                "no such event in these packs",
                value=name,
                remedy=f"one of {', '.join(sorted(known)) or 'none: they leave no day open'}",
            )
    rules = tuple(rule for each in read for rule in each.rules())
    return Library(
        tuple(each.pack for each in read),
        rules,
        tuple(step for each in read for step in each.procedures()),
    )


def _path(name: str) -> Path:
    if name.endswith((".yaml", ".yml")):
        return Path(name)
    path = parameters_directory() / _FOLDER / f"{name}.yaml"
    if not path.exists():
        raise Problem(
            Kind.USAGE,
            "no such rule pack",
            value=name,
            remedy=f"one of {', '.join(pack_names())}, or the path of a file (.yaml)",
        )
    return path


class _File:
    """One pack file."""

    def __init__(
        self, path: Path, schema: Mapping[str, Column], assumed: Mapping[str, date]
    ) -> None:
        self._schema = schema
        self._top = PackEntries(read_yaml(path), str(path))
        self._name = str(path)
        self.events = {
            name: _event(entries, assumed.get(name))
            for name, entries in self._records("events", optional=True)
        }
        self.pack = self._pack()
        self._rules = list(self._records("rules", optional=True))
        self._procedures = list(self._records("procedures", optional=True))
        self._top.nothing_else()

    def rules(self) -> Iterator[Rule]:
        found = [self._rule(name, entries) for name, entries in self._rules]
        self._refuse_overlaps(found)
        yield from found

    def procedures(self) -> Iterator[Procedure]:
        found = [self._procedure(name, entries) for name, entries in self._procedures]
        self._refuse_overlaps(found)
        yield from found

    def _records(self, key: str, *, optional: bool = False) -> Iterator[tuple[str, PackEntries]]:
        if optional and not self._top.has(key):
            return
        for number, record in enumerate(self._top.list(key)):
            entries = PackEntries(record, self._name, f"{key}[{number}]")
            name = entries.text("id")
            yield name, entries.named(name)

    def _pack(self) -> RulePack:
        ident, title = self._top.text("id"), self._top.text("title")
        self._top.optional_text("unit")
        body = self._top.section("pack")
        area, shift = body.section("area"), None
        if body.has("transition"):
            inner = body.section("transition")
            shift = Transition(
                self._fact(inner, "fact", "date"),
                inner.text("clause"),
                self._condition(inner, "none_pending"),
            )
            inner.nothing_else()
        starts, ends = self._moments(body)
        pack = RulePack(
            id=ident,
            title=title,
            jurisdiction=body.text("jurisdiction"),
            area=Area(area.texts("countries"), area.texts("nuts"), area.texts("lau")),
            source=body.text("source"),
            adopted=body.text("adopted"),
            stage=body.text("stage"),
            starts=starts,
            ends=ends,
            transition=shift,
            precedence=body.whole("precedence"),
            ground=body.text("ground"),
            certainty=body.member("certainty", Certainty),
            file=self._name,
        )
        area.nothing_else()
        body.nothing_else()
        return pack

    def _rule(self, name: str, entries: PackEntries) -> Rule:
        value = entries.section("value")
        gives = _given(value.section("gives")) if value.has("gives") else None
        starts, ends = self._moments(entries)
        rule = Rule(
            id=name,
            pack=self.pack,
            title=value.text("title"),
            article=entries.text("article"),
            source=entries.text("source"),
            certainty=_certainty(entries),
            starts=starts,
            ends=ends,
            applies_when=self._condition(value, "applies_when"),
            requires=self._condition(value, "requires"),
            question=value.optional_text("question"),
            gives=gives,
            note=entries.optional_text("note"),
        )
        if rule.requires is None and not rule.question:
            raise value.wrong("requires", "a rule requires something, or asks a person", None)
        value.nothing_else()
        entries.nothing_else()
        return rule

    def _procedure(self, name: str, entries: PackEntries) -> Procedure:
        value = entries.section("value")
        starts, ends = self._moments(entries)
        procedure = Procedure(
            id=name,
            pack=self.pack,
            title=value.text("title"),
            authority=value.text("authority"),
            article=entries.text("article"),
            source=entries.text("source"),
            certainty=_certainty(entries),
            starts=starts,
            ends=ends,
            applies_when=self._condition(value, "applies_when"),
            counts_from=self._counted_from(value),
            months=value.optional_whole("months"),
            days=value.optional_whole("days"),
            extension_months=value.optional_whole("extension_months"),
            yearly=value.yearly("yearly"),
            question=value.optional_text("question"),
            note=entries.optional_text("note"),
        )
        value.nothing_else()
        entries.nothing_else()
        return procedure

    def _counted_from(self, value: PackEntries) -> str:
        name = value.optional_text("counts_from")
        if name in {"", *(known for known, _ in self._procedures)}:
            return name
        return self._of_type(value, "counts_from", name, "date")

    def _fact(self, entries: PackEntries, key: str, kind: str) -> str:
        return self._of_type(entries, key, entries.text(key), kind)

    def _of_type(self, entries: PackEntries, key: str, name: str, kind: str) -> str:
        if name not in self._schema or self._schema[name].type != kind:
            raise entries.wrong(key, f"a fact of type {kind} is expected", name)
        return name

    def _condition(self, entries: PackEntries, key: str) -> Condition | None:
        text = entries.optional_text(key)
        if not text:
            return None
        try:
            return parse(text, self._schema)
        except Problem as problem:
            raise Problem(
                Kind.CONFIG,
                problem.detail,
                where=entries.where(key),
                value=problem.value,
                remedy=problem.remedy,
            ) from None

    def _moments(self, entries: PackEntries) -> tuple[Moment, Moment | None]:
        starts = self._moment(entries, "valid_from")
        if starts is None:
            raise entries.wrong("valid_from", "the key is missing", None)
        ends = self._moment(entries, "valid_to")
        if ends is not None and ends.earliest <= starts.earliest:
            raise entries.wrong("valid_to", "it ends before it starts", str(ends))
        return starts, ends

    def _moment(self, entries: PackEntries, key: str) -> Moment | None:
        found = entries.day_or_text(key)
        if found is None or isinstance(found, date):
            return None if found is None else Moment(key, found, found)
        if found not in self.events:
            known = ", ".join(self.events) or "none"
            raise entries.wrong(key, f"neither a day nor an event of this file ({known})", found)
        return self.events[found]

    def _refuse_overlaps(self, found: Sequence[Rule] | Sequence[Procedure]) -> None:
        by_id: dict[str, list[Rule | Procedure]] = {}
        for each in found:
            by_id.setdefault(each.id, []).append(each)
        for name, versions in by_id.items():
            ordered = sorted(versions, key=lambda version: version.starts.earliest)
            for first, second in pairwise(ordered):
                if not _before(first.ends, second.starts):
                    raise Problem(
                        Kind.CONFIG,
                        "two versions of one rule are in force on the same day",
                        where=Where(self._name, column=f"{name}.valid_to"),
                        value=f"versions from {first.starts} and from {second.starts}",
                        remedy="end the earlier one on the day (or event) that begins the later",
                    )


def _before(ends: Moment | None, starts: Moment) -> bool:
    if ends is None:
        return False
    return ends == starts or (ends.latest is not None and ends.latest <= starts.earliest)


def _certainty(entries: PackEntries) -> Certainty:
    certainty = entries.member("certainty", Certainty)
    if entries.flag("verified") and certainty is Certainty.UNVERIFIED:
        raise entries.wrong("verified", "it cannot be both verified and unverified", value=True)
    return certainty


def _event(entries: PackEntries, assumed: date | None) -> Moment:
    for key in ("valid_from", "article", "source", "verified"):
        entries.take(key)
    entries.optional_text("note")
    value = entries.section("value")
    title, earliest = value.text("title"), value.day("earliest")
    latest = value.day("latest") if value.has("latest") else None
    value.take_null("latest")
    value.nothing_else()
    entries.nothing_else()
    if assumed is None:
        return Moment(title, earliest, latest)
    if assumed < earliest or (latest is not None and assumed > latest):
        raise value.wrong("earliest", f"{title} cannot have been then", str(assumed))
    return Moment(title, assumed, assumed)


def _given(entries: PackEntries) -> Given:
    attribute, relation = entries.text("attribute"), entries.text("relation")
    value = entries.take("value")
    if relation not in _RELATIONS:
        raise entries.wrong("relation", f"one of {', '.join(_RELATIONS)}", relation)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if relation != "is" and not number:
        raise entries.wrong("value", "a number is expected", value)
    entries.nothing_else()
    return Given(attribute, relation, float(str(value)) if number else str(value))
