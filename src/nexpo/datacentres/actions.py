"""The verbs that change a register: by whom, at which moment, in one transaction, with an event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.datacentres.history import Version, next_version
from nexpo.datacentres.model import Campus, Facility, GridRequest, Report, RequestState
from nexpo.datacentres.ports import Event, Register, as_json, hash_of
from nexpo.datacentres.requests import refuse_circles

Entry = TypeVar("Entry", Facility, GridRequest)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, by id."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]


def import_facilities(
    register: Register, *, facilities: Sequence[Facility], by: str, at: datetime
) -> Imported:
    """Add facilities, and replace those whose record changed; an event for each change.

    Raises
    ------
    Problem
        When two of them have one id; nothing is changed then.
    """
    _refuse_doubled([facility.id for facility in facilities])
    with register.transaction():
        before = {facility.id: facility for facility in register.facilities()}
        clerk = _Clerk(register, by, at)
        return clerk.merge("facility", before, facilities, register.put_facility)


def import_requests(
    register: Register, *, requests: Sequence[GridRequest], by: str, at: datetime
) -> Imported:
    """Add requests for a grid connection, and replace those whose record changed.

    Raises
    ------
    Problem
        When ids repeat, or the requests would supersede each other in a circle.
    """
    _refuse_doubled([request.id for request in requests])
    with register.transaction():
        before = {request.id: request for request in register.requests()}
        refuse_circles(tuple({**before, **{each.id: each for each in requests}}.values()))
        clerk = _Clerk(register, by, at)
        return clerk.merge("grid request", before, requests, register.put_request)


def change_request(
    register: Register, *, request_id: str, state: RequestState, by: str, at: datetime
) -> GridRequest:
    """Set what became of a request.

    Raises
    ------
    Problem
        ``NO_INPUT`` when there is no such request.
    """
    with register.transaction():
        found = {request.id: request for request in register.requests()}
        if request_id not in found:
            raise _unknown("grid request", request_id)
        before = found[request_id]
        after = replace(before, state=state)
        register.put_request(after)
        clerk = _Clerk(register, by, at)
        clerk.record("change", "grid request", request_id, as_json(before), as_json(after))
        return after


def put_campus(
    register: Register,
    *,
    campus: Campus,
    by: str,
    at: datetime,
    facility_ids: Sequence[str] = (),
) -> tuple[str, ...]:
    """Add or replace a campus, and make facilities part of it; return those that changed.

    Raises
    ------
    Problem
        ``NO_INPUT`` when one of the facilities is not registered; nothing is changed then.
    """
    with register.transaction():
        known = {each.id: each for each in register.facilities()}
        missing = [name for name in facility_ids if name not in known]
        if missing:
            raise _unknown("facility", missing[0])
        before = {each.id: each for each in register.campuses()}.get(campus.id)
        clerk = _Clerk(register, by, at)
        if before != campus:
            register.put_campus(campus)
            clerk.record("put", "campus", campus.id, as_json(before), as_json(campus))
        joined = [replace(known[name], campus_id=campus.id) for name in facility_ids]
        return clerk.merge("facility", known, joined, register.put_facility).changed


def add_report(
    register: Register, *, report: Report, by: str, at: datetime, reason: str = ""
) -> Version:
    """Hand in a report; it becomes a version, and nothing is overwritten.

    Raises
    ------
    Problem
        ``NO_INPUT`` when the facility is not registered; when the year is not closed, the
        report is a duplicate, or a later version comes without a reason.
    """
    with register.transaction():
        if register.facility(report.facility_id) is None:
            raise _unknown("facility", report.facility_id)
        earlier = register.versions(report.facility_id, report.year)
        version = next_version(earlier, report, by=by, at=at.astimezone(UTC), reason=reason)
        register.put_version(version)
        before = as_json(earlier[-1].report) if earlier else None
        action = f"report {version.number}" + (f": {reason}" if reason else "")
        subject = report.facility_id
        _Clerk(register, by, at).record(action, "report", subject, before, as_json(report))
        return version


class _Clerk:
    """Writes the events of one transaction."""

    def __init__(self, register: Register, by: str, at: datetime) -> None:
        if not by.strip():
            raise bad_input(
                "nobody is named as the one who changes the register",
                where=Where(column="by"),
                remedy="name a person or an office",
            )
        if at.tzinfo is None:
            raise bad_input(
                "the moment has no time zone",
                where=Where(column="at"),
                value=at.isoformat(),
                remedy="write it with its zone, 2026-05-15T10:00:00+02:00 say",
            )
        self._register, self._by, self._at = register, by, at.astimezone(UTC)
        last = register.last_event()
        self._next = 1 if last is None else last.sequence + 1
        self._previous = "" if last is None else last.sha256

    def merge(
        self,
        kind: str,
        before: dict[str, Entry],
        entries: Sequence[Entry],
        put: Callable[[Entry], None],
    ) -> Imported:
        added: list[str] = []
        changed: list[str] = []
        unchanged: list[str] = []
        for entry in entries:
            old = before.get(entry.id)
            if old == entry:
                unchanged.append(entry.id)
                continue
            put(entry)
            action = "add" if old is None else "change"
            self.record(action, kind, entry.id, as_json(old), as_json(entry))
            (added if old is None else changed).append(entry.id)
        return Imported(tuple(added), tuple(changed), tuple(unchanged))

    def record(
        self, action: str, kind: str, subject: str, before: str | None, after: str | None
    ) -> None:
        event = Event(
            sequence=self._next,
            at=self._at,
            by=self._by,
            action=action,
            kind=kind,
            subject=subject,
            before=before,
            after=after,
            previous=self._previous,
            sha256="",
        )
        event = replace(event, sha256=hash_of(event))
        self._register.put_event(event)
        self._next, self._previous = self._next + 1, event.sha256


def _refuse_doubled(ids: Sequence[str]) -> None:
    doubled = sorted({name for name in ids if ids.count(name) > 1})
    if doubled:
        raise bad_input(
            "an id stands twice in what is imported",
            where=Where(column="id"),
            value=", ".join(doubled[:5]),
            remedy="give each record an id of its own",
        )


def _unknown(kind: str, name: str) -> Problem:
    return Problem(
        Kind.NO_INPUT,
        f"no such {kind} in the register",
        where=Where(column="facility_id" if kind == "facility" else "id"),
        value=name,
        remedy="import it first: nexpo datacentres register import",
    )
