"""The permit path: which procedures a project goes through, before whom, and by when.

Procedures are data like rules. A term counts in whole months or days from a day that a fact
gives, or from the end of another procedure; where that day is not known the term is said and no
day is made up. An extension counts from the same day as the term (ten months and three are
thirteen), and days of suspension are added at the end. Which version of a procedure is looked at
follows from the same day as for rules: that judged for, or that of the case where the pack has a
transitional clause. A term in months ends on the day of the same number (Regulation (EEC, Euratom)
1182/71, art. 3), on the last of the month where there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from nexpo.datacentres.rules.conditions import Condition, Value, add_months
from nexpo.datacentres.rules.evaluate import reference_day, within
from nexpo.datacentres.rules.model import (
    Certainty,
    Moment,
    Project,
    RulePack,
    joined,
    shown,
)

Roll = Literal["none", "working day"]

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure as a law sets it, in one version.

    Attributes
    ----------
    counts_from
        Fact (a day) or id of another procedure from whose end the term runs.
    months, days, extension_months
        Term, and by how much it may be extended; None where the law read gives none.
    yearly
        ``MM-DD`` of a duty that comes back each year; None for a procedure.
    """

    id: str
    pack: RulePack
    title: str
    authority: str
    article: str
    source: str
    certainty: Certainty
    starts: Moment
    ends: Moment | None
    applies_when: Condition | None
    counts_from: str
    months: int | None
    days: int | None
    extension_months: int | None
    yearly: str | None
    question: str
    note: str


@dataclass(frozen=True, slots=True)
class Step:
    """One procedure of a path.

    ``certain`` is False where a fact or a date that decides it is unknown; ``reason`` says why it
    is on the path; ``suspended_days`` are those for which its term stood still. ``one_of`` names
    the procedure in the place of which it may come: of the two, one will be gone through.
    """

    procedure: Procedure
    begins: date | None
    due: date | None
    extended: date | None
    certain: bool
    reason: str
    suspended_days: int = 0
    one_of: str = ""

    @property
    def term(self) -> str:
        """The term, in words."""
        procedure = self.procedure
        if procedure.yearly:
            return f"each year by {procedure.yearly}"
        parts = [
            f"{number} {word}"
            for number, word in ((procedure.months, "months"), (procedure.days, "days"))
            if number is not None
        ]
        if not parts:
            return "no term in the sources read"
        more, still = procedure.extension_months, self.suspended_days
        return f"{joined(parts)} from {procedure.counts_from}" + (
            (f", {more} more exceptionally" if more else "")
            + (f", {still} days of suspension added" if still else "")
        )


def permit_path(
    project: Project,
    procedures: Sequence[Procedure],
    day: date,
    *,
    roll: Roll = "none",
    holidays: frozenset[date] = frozenset(),
) -> tuple[Step, ...]:
    """Return the steps that a project goes through, in the order of the packs.

    Parameters
    ----------
    project
        Facts; ``suspended_days`` are added to each term that runs from a fact.
    procedures
        All versions of all procedures.
    day
        The day for which the path is drawn.
    roll, holidays
        Whether a term that ends on a Saturday, Sunday or holiday ends on the next working day.
    """
    facts = project.on(day)
    ends: dict[str, date | None] = {}
    steps = []
    for procedure in procedures:
        told = _told(procedure, facts, day, project.units)
        if told is None:
            continue
        begins = ends.get(procedure.counts_from) or _day(facts.get(procedure.counts_from))
        still = 0 if procedure.counts_from in ends or procedure.yearly else _suspended(facts)
        due = _yearly(procedure, day) or _end(procedure, begins, still)
        extended = _end(procedure, begins, still, procedure.extension_months or 0)
        extended = extended if procedure.extension_months else None
        due, extended = (_rolled(each, roll, holidays) for each in (due, extended))
        ends[procedure.id] = due
        steps.append(Step(procedure, begins, due, extended, *told, still))
    return tuple(replace(step, one_of=_instead(step, steps)) for step in steps)


def _instead(step: Step, steps: Sequence[Step]) -> str:
    """Return the title of the step that ends on the very event on which this one begins."""
    mine = step.procedure
    for other in steps:
        theirs = other.procedure
        forked = mine.starts == theirs.ends or mine.ends == theirs.starts
        same = mine.applies_when is not None and theirs.applies_when is not None
        if forked and same and mine.applies_when.text == theirs.applies_when.text:  # type: ignore[union-attr]
            return theirs.title
    return ""


def _told(
    procedure: Procedure, facts: Mapping[str, Value], day: date, units: Mapping[str, str]
) -> tuple[bool, str] | None:
    """Return whether a procedure is certain and why it is on the path; None where it is not."""
    inside = within(procedure.pack.area, facts)
    of_case = day if procedure.yearly else reference_day(procedure.pack, facts, day)
    started = procedure.starts.reached(of_case or day)
    over = procedure.ends.reached(of_case or day) if procedure.ends else False
    scope = True if procedure.applies_when is None else procedure.applies_when.holds(facts)
    gone = of_case is not None and (started is False or over is True)
    if gone or False in {inside, scope} or procedure.starts.reached(day) is False:
        return None
    names = procedure.applies_when.names if procedure.applies_when else ()
    values = ", ".join(f"{n} = {shown(facts.get(n), units.get(n, ''))}" for n in names)
    if scope is None:
        missing = [name for name in names if facts.get(name) is None]
        return False, f"whether it applies depends on {joined(missing)}, not known"
    if inside is None:
        return False, f"it is not known whether the site lies in {procedure.pack.jurisdiction}"
    if of_case is None and procedure.pack.transition is not None:
        clause = procedure.pack.transition
        return False, f"{clause.fact} is not known, and {clause.clause}"
    if started is None or over is None:
        until = "" if procedure.ends is None else f" until {procedure.ends}"
        return False, f"in force from {procedure.starts}{until}"
    return True, values or "always"


def _day(value: Value) -> date | None:
    return value if isinstance(value, date) else None


def _suspended(facts: Mapping[str, Value]) -> int:
    value = facts.get("suspended_days")
    return int(value) if isinstance(value, int | float) else 0


def _end(procedure: Procedure, begins: date | None, still: int, more: int = 0) -> date | None:
    """Return the end of a term, ``more`` months and ``still`` days later than the law's own."""
    months, days = procedure.months, procedure.days
    if begins is None or procedure.yearly or (months is None and days is None):
        return None
    return add_months(begins, (months or 0) + more) + timedelta(days=(days or 0) + still)


def _yearly(procedure: Procedure, day: date) -> date | None:
    """Return the next day of a duty that comes back each year, the day itself included."""
    if procedure.yearly is None:
        return None
    month, number = (int(part) for part in procedure.yearly.split("-"))
    this = date(day.year, month, number)
    return this if this >= day else date(day.year + 1, month, number)


def _rolled(day: date | None, roll: Roll, holidays: frozenset[date]) -> date | None:
    while (
        day is not None
        and roll == "working day"
        and (day.weekday() >= _SATURDAY or day in holidays)
    ):
        day += timedelta(days=1)
    return day
