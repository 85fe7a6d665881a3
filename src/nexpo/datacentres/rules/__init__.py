"""Rule packs: dated law and policy, evaluated for a day; conflicts are listed, not resolved."""

from nexpo.datacentres.rules.calendar import Event, events_of, to_icalendar
from nexpo.datacentres.rules.evaluate import Change, changes, judge
from nexpo.datacentres.rules.model import (
    Answer,
    Aside,
    Conflict,
    Fact,
    Judgement,
    Project,
    Rule,
    RulePack,
    Silence,
    Verdict,
)
from nexpo.datacentres.rules.permits import Procedure, Step, permit_path

__all__ = [
    "Answer",
    "Aside",
    "Change",
    "Conflict",
    "Event",
    "Fact",
    "Judgement",
    "Procedure",
    "Project",
    "Rule",
    "RulePack",
    "Silence",
    "Step",
    "Verdict",
    "changes",
    "events_of",
    "judge",
    "permit_path",
    "to_icalendar",
]
