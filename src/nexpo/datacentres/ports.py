"""What a register of data centres must be able to do, whatever keeps it.

One writer at a time: what is read inside a transaction is what is written over. Each change leaves
an event with who, when, and the value before and after; events are only ever added.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from hashlib import sha256
from typing import Any, Protocol

from nexpo.datacentres.history import Version
from nexpo.datacentres.model import Basis, Campus, Facility, GridRequest


@dataclass(frozen=True, slots=True)
class Event:
    """A change as it was made; ``before`` and ``after`` are JSON, None where there was nothing.

    ``sha256`` covers the event and the hash of the one before it, so that a change to an old
    event shows in every later one.
    """

    sequence: int
    at: datetime
    by: str
    action: str
    kind: str
    subject: str
    before: str | None
    after: str | None
    previous: str
    sha256: str


class Register(Protocol):
    """A register that keeps facilities, campuses, requests, reports and events."""

    def transaction(self) -> AbstractContextManager[None]:
        """Hold the register alone; all that is put inside takes effect together or not at all."""
        ...

    def facilities(self) -> tuple[Facility, ...]:
        """Return all facilities, by id."""
        ...

    def facility(self, facility_id: str) -> Facility | None:
        """Return one facility, None where it is not registered."""
        ...

    def campuses(self) -> tuple[Campus, ...]:
        """Return all campuses, by id."""
        ...

    def requests(self) -> tuple[GridRequest, ...]:
        """Return all requests, by id."""
        ...

    def versions(self, facility_id: str, year: int | None = None) -> tuple[Version, ...]:
        """Return the versions of a facility's reports, by year and number."""
        ...

    def latest_versions(
        self, year: int | None = None, basis: Basis | None = Basis.ACTUAL
    ) -> tuple[Version, ...]:
        """Return the last version of each facility's report of a year (None: of its last year).

        Of actual values unless told otherwise; of each basis where ``basis`` is None.
        """
        ...

    def events(self, subject: str | None = None) -> tuple[Event, ...]:
        """Return the events of a subject, or all, in their order."""
        ...

    def last_event(self) -> Event | None:
        """Return the last event, None where there is none."""
        ...

    def put_facility(self, facility: Facility) -> None:
        """Add or replace a facility."""
        ...

    def put_campus(self, campus: Campus) -> None:
        """Add or replace a campus."""
        ...

    def put_request(self, request: GridRequest) -> None:
        """Add or replace a request."""
        ...

    def put_version(self, version: Version) -> None:
        """Add a version of a report; one that is there is never replaced."""
        ...

    def put_event(self, event: Event) -> None:
        """Add an event."""
        ...


def plain(value: object) -> Any:  # noqa: ANN401 - JSON holds what it holds
    """Return a value of the model as JSON types, keys in the model's order.

    Examples
    --------
    >>> plain(Campus("c1", "Campus"))
    {'id': 'c1', 'name': 'Campus', 'operator': None}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Enum | date | datetime):
        return value.value if isinstance(value, Enum) else value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, AbstractSet):
        return sorted(plain(each) for each in value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(each) for each in value]
    return value


def as_json(value: object | None) -> str | None:
    """Return a value of the model as one line of JSON with sorted keys, None for nothing."""
    if value is None:
        return None
    return json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hash_of(event: Event) -> str:
    """Return the hash that an event must carry."""
    parts = (
        str(event.sequence),
        event.at.isoformat(),
        event.by,
        event.action,
        event.kind,
        event.subject,
        event.before or "",
        event.after or "",
        event.previous,
    )
    return sha256("\x1f".join(parts).encode()).hexdigest()


def first_broken(events: Sequence[Event]) -> Event | None:
    """Return the first event of a whole log that was changed, moved or follows a missing one."""
    previous = ""
    for number, event in enumerate(events, 1):
        whole = event.sequence == number and event.previous == previous
        if not whole or event.sha256 != hash_of(event):
            return event
        previous = event.sha256
    return None
