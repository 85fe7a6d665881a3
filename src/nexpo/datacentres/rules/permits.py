"""The permit path: which procedures a project goes through, before whom, and by when.

Procedures are data like rules. A term counts in whole months or days from a day that a fact
gives, or from the end of another procedure; where that day is not known the term is said and no
day is made up. A term in months ends on the day of the same number (Regulation (EEC, Euratom)
1182/71, art. 3), on the last of the month where there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from nexpo.datacentres.rules.conditions import Condition, Value, add_months
from nexpo.datacentres.rules.evaluate import within
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
    is on the path.
    """

    procedure: Procedure
    begins: date | None
    due: date | None
    extended: date | None
    certain: bool
    reason: str

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
        more = procedure.extension_months
        return f"{joined(parts)} from {procedure.counts_from}" + (
            f", {more} more exceptionally" if more else ""
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
        Facts; ``application_date`` decides which law is looked at where it lies before ``day``.
    procedures
        All versions of all procedures.
    day
        The day for which the path is drawn.
    roll, holidays
        Whether a term that ends on a Saturday, Sunday or holiday ends on the next working day.
    """
    facts = project.on(day)
    filed = facts.get("application_date")
    reference = min(filed, day) if isinstance(filed, date) else day
    ends: dict[str, date | None] = {}
    steps = []
    for procedure in procedures:
        told = _told(procedure, facts, reference, project.units)
        if told is None:
            continue
        begins = ends.get(procedure.counts_from) or _day(facts.get(procedure.counts_from))
        due = _yearly(procedure, day) or _end(begins, procedure.months, procedure.days)
        more = None if due is None or not procedure.extension_months else procedure.extension_months
        extended = None if due is None or more is None else add_months(due, more)
        due, extended = (_rolled(each, roll, holidays) for each in (due, extended))
        ends[procedure.id] = due
        steps.append(Step(procedure, begins, due, extended, *told))
    return tuple(steps)


def _told(
    procedure: Procedure, facts: Mapping[str, Value], day: date, units: Mapping[str, str]
) -> tuple[bool, str] | None:
    """Return whether a procedure is certain and why it is on the path; None where it is not."""
    inside = within(procedure.pack.area, facts)
    started = procedure.starts.reached(day)
    over = procedure.ends.reached(day) if procedure.ends else False
    scope = True if procedure.applies_when is None else procedure.applies_when.holds(facts)
    if False in {inside, started, scope} or over:
        return None
    names = procedure.applies_when.names if procedure.applies_when else ()
    values = ", ".join(f"{n} = {shown(facts.get(n), units.get(n, ''))}" for n in names)
    if scope is None:
        return False, f"depends on what is not known: {values}"
    if inside is None:
        return False, f"it is not known whether the site lies in {procedure.pack.jurisdiction}"
    if started is None or over is None:
        return False, f"in force from {procedure.starts}"
    return True, values or "always"


def _day(value: Value) -> date | None:
    return value if isinstance(value, date) else None


def _end(begins: date | None, months: int | None, days: int | None) -> date | None:
    if begins is None or (months is None and days is None):
        return None
    return add_months(begins, months or 0) + timedelta(days=days or 0)


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
