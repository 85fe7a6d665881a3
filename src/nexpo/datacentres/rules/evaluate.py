"""Evaluating rule packs: what each rule says of a project on a day, and what changes by day.

Which version of a rule speaks follows from the day, or for a pack with a transitional clause from
the day that the clause names, where that is earlier. A start that is not set leaves the answer
unknown from the first day on which it could have come; it never makes a rule hold or lapse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from nexpo.datacentres.rules.conditions import Value
from nexpo.datacentres.rules.conflicts import find_conflicts
from nexpo.datacentres.rules.model import (
    Answer,
    Area,
    Aside,
    Judgement,
    Project,
    Rule,
    RulePack,
    Silence,
    Verdict,
    joined,
    shown,
)
from nexpo.datacentres.rules.words import spoken


def judge(project: Project, rules: Sequence[Rule], day: date) -> Judgement:
    """Return what rules say of a project on a day.

    Parameters
    ----------
    project
        Facts, some of them perhaps dated.
    rules
        All versions of the rules of the packs wanted.
    day
        The day for which it is judged.
    """
    facts = project.on(day)
    answers: list[Answer] = []
    asides: list[Aside] = []
    for rule in rules:
        said = _one(rule, facts, day, project.units)
        (answers if isinstance(said, Answer) else asides).append(said)  # type: ignore[arg-type]
    return Judgement(project.name, day, tuple(answers), tuple(asides), find_conflicts(answers))


@dataclass(frozen=True, slots=True)
class Change:
    """How one rule's answer differs between two days, and why."""

    rule: str
    before: date
    after: date
    was: str
    now: str
    why: str


def changes(earlier: Judgement, later: Judgement) -> tuple[Change, ...]:
    """Return what two judgements of one project say differently, rule by rule.

    Another answer, or another version of the rule: a reason that names another day is no change.
    Rules that speak on neither day are left out: see :func:`silent_changes`.
    """
    was, now = _told(earlier), _told(later)
    found = []
    for name in dict.fromkeys((*was, *now)):
        left, right = was.get(name, _NOTHING), now.get(name, _NOTHING)
        if not (left.version or right.version):
            continue
        if (left.word, left.version) != (right.word, right.version):
            why = right.reason if right.reason != left.reason else "the same rule, another answer"
            found.append(Change(name, earlier.day, later.day, left.word, right.word, why))
    return tuple(found)


def silent_changes(earlier: Judgement, later: Judgement) -> int:
    """Return how many rules speak on neither day, for another reason on each."""
    was, now = _told(earlier), _told(later)
    both = [(was.get(name, _NOTHING), now.get(name, _NOTHING)) for name in {*was, *now}]
    return sum(
        not (left.version or right.version) and left.word != right.word for left, right in both
    )


@dataclass(frozen=True, slots=True)
class _Said:
    """What was said of a rule; ``version`` only of one that speaks, by its days."""

    word: str
    reason: str
    version: str = ""


_NOTHING = _Said("no such rule", "")


def _told(judgement: Judgement) -> dict[str, _Said]:
    """Return what was said by rule: of its versions, the one that speaks."""
    silent = {aside.rule.id: _Said(aside.why.value, aside.reason) for aside in judgement.asides}
    return silent | {
        each.rule.id: _Said(each.verdict.value, each.reason, each.rule.dates)
        for each in judgement.answers
    }


# One rule


def _one(
    rule: Rule, facts: Mapping[str, Value], day: date, units: Mapping[str, str]
) -> Answer | Aside:
    inside = within(rule.pack.area, facts)
    if inside is False:
        return Aside(
            rule, day, Silence.ELSEWHERE, f"{rule.pack.title} holds in {_where(rule.pack)}"
        )
    silence = _silent(rule, facts, day)
    if silence is not None:
        return silence
    doubt = _doubt(rule, facts, day)
    if inside is None:
        doubt = f"it is not known whether the site lies in {_where(rule.pack)}"
    scope = True if rule.applies_when is None else rule.applies_when.holds(facts)
    if scope is False:
        return Aside(rule, day, Silence.OUT_OF_SCOPE, _out_of_scope(rule, facts, units))
    verdict, reason = _verdict(rule, facts, units, applies=scope)
    if doubt:
        verdict, reason = Verdict.UNKNOWN, f"{doubt}; if it holds: {verdict.value} ({reason})"
    used = tuple((n, shown(facts.get(n), units.get(n, ""))) for n in rule.names)
    missing = tuple(name for name in rule.names if facts.get(name) is None)
    question = rule.question if verdict in {Verdict.PERSON, Verdict.UNKNOWN} else ""
    return Answer(rule, day, verdict, reason, used, missing, question, bool(doubt) or scope is None)


def _verdict(
    rule: Rule, facts: Mapping[str, Value], units: Mapping[str, str], *, applies: bool | None
) -> tuple[Verdict, str]:
    if applies is None and rule.applies_when is not None:
        missing = [name for name in rule.applies_when.names if facts.get(name) is None]
        return Verdict.UNKNOWN, f"whether it applies depends on {joined(missing)}, not known"
    if rule.requires is None:
        return Verdict.PERSON, "the text asks for a judgement that no figure replaces"
    held = rule.requires.holds(facts)
    asked = spoken(rule.requires)
    said = f"{asked}; here {_values(rule.requires.names, facts, units)}"
    if held is None:
        missing = [name for name in rule.requires.names if facts.get(name) is None]
        return (
            Verdict.UNKNOWN,
            f"{joined(missing) or 'a value'} not known; it asks that {asked}",
        )
    if not held:
        return Verdict.FAIL, f"not met: {said}"
    if rule.question:
        return Verdict.PERSON, f"met as far as figures go: {said}"
    return Verdict.PASS, f"met: {said}"


def _values(names: Sequence[str], facts: Mapping[str, Value], units: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {shown(facts.get(name), units.get(name, ''))}" for name in names)


def _out_of_scope(rule: Rule, facts: Mapping[str, Value], units: Mapping[str, str]) -> str:
    if rule.applies_when is None:
        return ""
    values = _values(rule.applies_when.names, facts, units)
    return f"it applies when {spoken(rule.applies_when)}; here {values}"


# Days


def reference_day(pack: RulePack, facts: Mapping[str, Value], day: date) -> date | None:
    """Return the day whose rules count: that of the case where a clause keeps it pending.

    None where the clause names a day that is not known.
    """
    if pack.transition is None:
        return day
    filed = facts.get(pack.transition.fact)
    if isinstance(filed, date):
        return min(filed, day)
    none = pack.transition.none_pending
    return day if none is not None and none.holds(facts) else None


def _silent(rule: Rule, facts: Mapping[str, Value], day: date) -> Aside | None:
    """Return why a version surely does not speak; None where it does or may."""
    if rule.starts.reached(day) is False:
        return Aside(rule, day, Silence.NOT_YET, f"in force {rule.dates}")
    reference = reference_day(rule.pack, facts, day)
    clause = rule.pack.transition
    if reference is not None and clause is not None and rule.starts.reached(reference) is False:
        reason = f"{clause.fact} {reference} lies before {rule.starts}: {clause.clause}"
        return Aside(rule, day, Silence.PENDING, reason)
    if rule.ends is not None and rule.ends.reached(reference or date.min) is True:
        return Aside(rule, day, Silence.NO_LONGER, f"in force {rule.dates}")
    return None


def _doubt(rule: Rule, facts: Mapping[str, Value], day: date) -> str:
    """Return why it is not known whether a version speaks; empty where it does."""
    reference = reference_day(rule.pack, facts, day)
    clause = rule.pack.transition
    if reference is None and clause is not None:
        return f"{clause.fact} is not known, and {clause.clause}"
    at = reference or day
    if rule.starts.reached(at) is None:
        return f"it comes into force on {rule.starts}"
    if rule.ends is not None and rule.ends.reached(at) is None:
        return f"it ends on {rule.ends}"
    return ""


# Places


def within(area: Area, facts: Mapping[str, Value]) -> bool | None:
    """Say whether a site lies in an area; None where the codes known do not tell.

    Examples
    --------
    >>> lombardy = Area(("IT",), ("ITC4",), ("015", "016"))
    >>> within(lombardy, {"nuts3": "ITC4C"}), within(lombardy, {"country": "IT"})
    (True, None)
    >>> within(lombardy, {"country": "IT", "municipality": "001272"})
    False
    """
    nuts = _code(facts.get("nuts3"))
    country = _code(facts.get("country")) or _country(nuts)
    tests = [_member(country, area.countries, whole=True)]
    finer = [_member(nuts, area.nuts), _member(_code(facts.get("municipality")), area.lau)]
    said = [each for each, codes in zip(finer, (area.nuts, area.lau), strict=True) if codes]
    if said:
        tests.append(False if False in said and True not in said else _agree(said))
    return False if False in tests else None if None in tests else True


def _agree(said: Sequence[bool | None]) -> bool | None:
    """One code is enough; codes that contradict each other say nothing."""
    if True in said and False in said:
        return None
    return True if True in said else None


def _member(code: str, codes: Sequence[str], *, whole: bool = False) -> bool | None:
    if not codes:
        return True
    if not code:
        return None
    return code in codes if whole else any(code.startswith(prefix) for prefix in codes)


def _code(value: Value) -> str:
    return value if isinstance(value, str) else ""


def _country(nuts: str) -> str:
    return {"EL": "GR", "UK": "GB"}.get(nuts[:2], nuts[:2])


def _where(pack: RulePack) -> str:
    return pack.jurisdiction
