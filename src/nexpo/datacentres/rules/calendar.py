"""Deadlines as iCalendar text (RFC 5545), written without a clock.

Every line ends with CRLF and has at most 75 octets, continued after a space; text is escaped. An
event's identifier follows from what it is about, so that a calendar updates it instead of adding
another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from nexpo.datacentres.rules.model import Certainty
from nexpo.datacentres.rules.permits import Step

_OCTETS = 75


@dataclass(frozen=True, slots=True)
class Event:
    """A whole day in a calendar.

    ``key`` is what the event is about; with the calendar's name it makes the identifier.
    ``reminder_days`` before it a reader is reminded, 0 for never.
    """

    key: str
    day: date
    summary: str
    description: str
    tentative: bool = False
    yearly: bool = False
    reminder_days: int = 0


def events_of(project: str, steps: Sequence[Step], *, reminder_days: int = 14) -> tuple[Event, ...]:
    """Return the dated terms of a permit path as events; a term without a day gives none.

    A term that is not certain, or that nobody verified, is tentative.
    """
    found = []
    for step in steps:
        procedure = step.procedure
        doubtful = not step.certain or procedure.certainty is Certainty.UNVERIFIED
        lines = [
            procedure.authority,
            f"{procedure.article} ({procedure.certainty.value}): {step.term}",
            step.reason,
            procedure.question,
            procedure.note,
        ]
        told = "\n".join(line for line in lines if line)
        for day, ending, word in (
            (step.due, "due", ""),
            (step.extended, "extended", " (if extended)"),
        ):
            if day is not None:
                found.append(
                    Event(
                        f"{project} {procedure.id} {ending}",
                        day,
                        f"{project}: {procedure.title}{word}",
                        told,
                        tentative=doubtful or ending == "extended",
                        yearly=procedure.yearly is not None,
                        reminder_days=reminder_days,
                    )
                )
    return tuple(found)


def to_icalendar(events: Sequence[Event], *, name: str, stamp: date) -> str:
    r"""Return a calendar as text.

    Parameters
    ----------
    events
        In the order wanted.
    name
        Name of the calendar.
    stamp
        Day that the events were drawn up for, taken as their time stamp at midnight UTC.

    Examples
    --------
    >>> event = Event("x", date(2027, 1, 31), "Decision; due", "")
    >>> text = to_icalendar([event], name="Campus", stamp=date(2026, 3, 31))
    >>> [line for line in text.split("\r\n") if line.startswith(("DTSTART", "SUMMARY"))]
    ['DTSTART;VALUE=DATE:20270131', 'SUMMARY:Decision\\; due']
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Nexpo//Data centre deadlines//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(name)}",
        *(line for event in events for line in _event(event, name, stamp)),
        "END:VCALENDAR",
    ]
    return "".join(f"{folded}\r\n" for line in lines for folded in [_folded(line)])


def _event(event: Event, calendar: str, stamp: date) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{hashlib.sha256(f'{calendar}/{event.key}'.encode()).hexdigest()[:32]}@nexpo.example"
    yield f"DTSTAMP:{stamp:%Y%m%d}T000000Z"
    yield f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}"
    if event.yearly:
        yield "RRULE:FREQ=YEARLY"
    yield f"SUMMARY:{_escaped(event.summary)}"
    if event.description:
        yield f"DESCRIPTION:{_escaped(event.description)}"
    yield f"STATUS:{'TENTATIVE' if event.tentative else 'CONFIRMED'}"
    yield "TRANSP:TRANSPARENT"
    if event.reminder_days:
        yield from (
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{_escaped(event.summary)}",
            f"TRIGGER:-P{event.reminder_days}D",
            "END:VALARM",
        )
    yield "END:VEVENT"


def _escaped(text: str) -> str:
    plain = "".join(
        c for c in text.replace("\r\n", "\n").replace("\r", "\n") if c >= " " or c in "\n\t"
    )
    for letter in ("\\", ";", ","):
        plain = plain.replace(letter, f"\\{letter}")
    return plain.replace("\n", "\\n")


def _folded(line: str) -> str:
    """Break a line between letters so that none has more than 75 octets."""
    rows, row, room = [], "", _OCTETS
    for letter in line:
        size = len(letter.encode())
        if size > room:
            rows.append(row)
            row, room = "", _OCTETS - 1
        row, room = row + letter, room - size
    return "\r\n ".join([*rows, row])
