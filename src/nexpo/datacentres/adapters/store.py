"""The register in a database: SQLite by default, PostgreSQL by ``DATABASE_URL``."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import astuple
from datetime import date, datetime
from typing import Any, Self

from nexpo.core.problem import Kind, Problem, Where
from nexpo.core.settings import home_directory
from nexpo.datacentres.adapters import schema
from nexpo.datacentres.adapters.database import Database, Row
from nexpo.datacentres.history import Version
from nexpo.datacentres.model import (
    Basis,
    Campus,
    Cell,
    CentreType,
    Certainty,
    Facility,
    GridRequest,
    Milestone,
    Place,
    Power,
    Report,
    RequestState,
    Source,
    Stage,
)
from nexpo.datacentres.ports import Event

_LOCKED = "dc_event"
_MILESTONE = ("facility_id", "stage", "day", "seen")
_REGION = ("facility_id", "region")
_VALUE_SOURCE = ("facility_id", "field", "source", "certainty", "as_of", "source_note")
_REPORT = (
    "facility_id",
    "year",
    "number",
    "basis",
    "handed_in_by",
    "handed_in_at",
    "reason",
    "sha256",
)
_VALUE = (
    "facility_id",
    "year",
    "number",
    "field",
    "amount",
    "text",
    "omitted_because",
    "estimated",
)


def default_address() -> str:
    """Return ``DATABASE_URL``, or the file of the register in the folder of this user."""
    return os.environ.get("DATABASE_URL") or str(home_directory() / "datacentres.sqlite")


def open_register(address: str | None = None) -> DatabaseRegister:
    """Open the register at an address, and make its tables where they are not there.

    Parameters
    ----------
    address
        ``postgresql://...``, ``sqlite:///path`` or a path; None for the default.

    Raises
    ------
    Problem
        ``UNAVAILABLE`` when it cannot be opened.
    """
    return DatabaseRegister(Database(address or default_address(), locked=_LOCKED))


class DatabaseRegister:
    """A :class:`~nexpo.datacentres.ports.Register` in a relational database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        try:
            self._prepare()
        except BaseException:
            database.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._database.close()

    def transaction(self) -> AbstractContextManager[None]:
        """Hold the register alone; all that is put inside takes effect together or not at all."""
        return self._database.transaction()

    def _prepare(self) -> None:
        with self._database.preparing():
            for statement in schema.TABLES:
                self._database.execute(statement)
        found = self._database.rows("SELECT version FROM dc_schema")
        if not found:
            sql = "INSERT INTO dc_schema VALUES (?) ON CONFLICT DO NOTHING"
            self._database.execute(sql, (schema.VERSION,))
        elif found[0][0] != schema.VERSION:
            raise Problem(
                Kind.UNAVAILABLE,
                "the register was made by another version of Nexpo",
                where=Where(self._database.shown),
                value=f"schema {found[0][0]}, not {schema.VERSION}",
                remedy="use the version that made it, or begin a new register",
            )

    # Facilities

    def facilities(self) -> tuple[Facility, ...]:
        """Return all facilities, by id."""
        return self._facilities("", ())

    def facility(self, facility_id: str) -> Facility | None:
        """Return one facility, None where it is not registered."""
        found = self._facilities("WHERE {key} = ?", (facility_id,))
        return found[0] if found else None

    def put_facility(self, facility: Facility) -> None:
        """Add or replace a facility."""
        database = self._database
        database.execute(
            schema.insert("dc_facility", schema.FACILITY, key="id"), _facility_row(facility)
        )
        for table in ("dc_milestone", "dc_value_source", "dc_cloud_region"):
            database.execute(f"DELETE FROM {table} WHERE facility_id = ?", (facility.id,))
        for step in facility.milestones:
            values = (facility.id, step.stage.value, _day(step.day), _day(step.seen))
            database.execute("INSERT INTO dc_milestone VALUES (?, ?, ?, ?)", values)
        for name, source in facility.sources.items():
            of_value = (facility.id, name, *_source_row(source))
            database.execute(schema.insert("dc_value_source", _VALUE_SOURCE), of_value)
        for position, region in enumerate(facility.cloud_regions):
            row = (facility.id, position, region)
            database.execute("INSERT INTO dc_cloud_region VALUES (?, ?, ?)", row)

    def _facilities(self, where: str, values: Sequence[object]) -> tuple[Facility, ...]:
        def read(table: str, columns: Sequence[str], key: str, order: str) -> list[Row]:
            condition = where.format(key=key)
            sql = f"SELECT {', '.join(columns)} FROM {table} {condition} ORDER BY {order}"
            return self._database.rows(sql, values)

        steps: dict[str, list[Milestone]] = defaultdict(list)
        for name, stage, day, seen in read(
            "dc_milestone", _MILESTONE, "facility_id", "facility_id"
        ):
            steps[name].append(Milestone(Stage(stage), _date(day), _date(seen)))
        sources: dict[str, dict[str, Source]] = defaultdict(dict)
        for name, field, *rest in read("dc_value_source", _VALUE_SOURCE, "facility_id", "field"):
            sources[name][field] = _source(rest)
        regions: dict[str, list[str]] = defaultdict(list)
        for name, region in read("dc_cloud_region", _REGION, "facility_id", "position"):
            regions[name].append(region)
        return tuple(
            _facility(row, steps[row[0]], sources[row[0]], regions[row[0]])
            for row in read("dc_facility", schema.FACILITY, "id", "id")
        )

    # Campuses and requests

    def campuses(self) -> tuple[Campus, ...]:
        """Return all campuses, by id."""
        rows = self._database.rows("SELECT id, name, operator FROM dc_campus ORDER BY id")
        return tuple(Campus(*row) for row in rows)

    def put_campus(self, campus: Campus) -> None:
        """Add or replace a campus."""
        sql = schema.insert("dc_campus", ("id", "name", "operator"), key="id")
        self._database.execute(sql, astuple(campus))

    def requests(self) -> tuple[GridRequest, ...]:
        """Return all requests, by id."""
        columns = ", ".join(schema.REQUEST)
        rows = self._database.rows(f"SELECT {columns} FROM dc_grid_request ORDER BY id")
        return tuple(_request(row) for row in rows)

    def put_request(self, request: GridRequest) -> None:
        """Add or replace a request."""
        sql = schema.insert("dc_grid_request", schema.REQUEST, key="id")
        self._database.execute(sql, _request_row(request))

    # Reports

    def versions(self, facility_id: str, year: int | None = None) -> tuple[Version, ...]:
        """Return the versions of a facility's reports, by year and number."""
        where, values = "WHERE facility_id = ?", [facility_id, *([] if year is None else [year])]
        return self._versions(where + ("" if year is None else " AND year = ?"), values)

    def latest_versions(
        self, year: int | None = None, basis: Basis | None = Basis.ACTUAL
    ) -> tuple[Version, ...]:
        """Return the last version of each facility's report of a year (None: of its last year).

        Of actual values unless told otherwise; of each basis where ``basis`` is None.
        """
        where, values = ("", []) if year is None else ("WHERE year = ?", [year])
        found = self._versions(where, values)
        kept = (each for each in found if basis is None or each.report.basis is basis)
        return tuple({(v.report.facility_id, v.report.basis): v for v in kept}.values())

    def put_version(self, version: Version) -> None:
        """Add a version of a report; one that is there is never replaced."""
        report = version.report
        key = (report.facility_id, report.year, version.number)
        rest = (version.by, version.at.isoformat(), version.reason, version.sha256)
        self._database.execute(
            schema.insert("dc_report", _REPORT), (*key, report.basis.value, *rest)
        )
        for name in sorted({*report.values, *report.omitted, *report.estimated}):
            value = report.values.get(name)
            text = value if isinstance(value, str) else None
            amount = None if isinstance(value, str) else value
            omitted, estimated = report.omitted.get(name), int(name in report.estimated)
            row = (*key, name, amount, text, omitted, estimated)
            self._database.execute(schema.insert("dc_report_value", _VALUE), row)

    def _versions(self, where: str, values: Sequence[object]) -> tuple[Version, ...]:
        cells: dict[Row, list[Row]] = defaultdict(list)
        columns = ", ".join(_VALUE)
        for row in self._database.rows(f"SELECT {columns} FROM dc_report_value {where}", values):
            cells[row[:3]].append(row[3:])
        sql = (
            f"SELECT {', '.join(_REPORT)} FROM dc_report {where} ORDER BY facility_id, year, number"
        )
        return tuple(_version(row, cells[row[:3]]) for row in self._database.rows(sql, values))

    # Events

    def events(self, subject: str | None = None) -> tuple[Event, ...]:
        """Return the events of a subject, or all, in their order."""
        if subject is None:
            return self._events("ORDER BY sequence", ())
        return self._events("WHERE subject = ? ORDER BY sequence", (subject,))

    def _events(self, which: str, values: Sequence[object]) -> tuple[Event, ...]:
        sql = f"SELECT {', '.join(schema.EVENT)} FROM dc_event {which}"
        return tuple(
            Event(row[0], datetime.fromisoformat(row[1]), *row[2:])
            for row in self._database.rows(sql, values)
        )

    def last_event(self) -> Event | None:
        """Return the last event, None where there is none."""
        found = self._events("ORDER BY sequence DESC LIMIT 1", ())
        return found[0] if found else None

    def put_event(self, event: Event) -> None:
        """Add an event."""
        number, at, *rest = (getattr(event, name) for name in event.__slots__)
        sql = schema.insert("dc_event", schema.EVENT)
        self._database.execute(sql, (number, at.isoformat(), *rest))


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _source_row(source: Source) -> tuple[object, ...]:
    return (source.name, source.certainty.value, _day(source.as_of), source.note)


def _source(row: Sequence[Any]) -> Source:
    name, certainty, as_of, note = row
    return Source(name, Certainty(certainty), _date(as_of), note)


def _place_row(place: Place) -> tuple[object, ...]:
    return (place.country, place.municipality, place.nuts3, place.lon, place.lat, place.address)


def _place(row: Mapping[str, Any]) -> Place:
    names = ("municipality", "nuts3", "lon", "lat", "address", "country")
    return Place(*(row[name] for name in names))


def _facility_row(facility: Facility) -> tuple[object, ...]:
    return (
        facility.id,
        facility.name,
        facility.owner,
        facility.operator,
        None if facility.type is None else facility.type.value,
        *_place_row(facility.place),
        *astuple(facility.power),
        facility.floor_area_m2,
        facility.computer_room_m2,
        facility.redundancy_electrical,
        facility.redundancy_cooling,
        facility.campus_id,
        int(facility.confidential),
        int(facility.synthetic),
        *_source_row(facility.source),
    )


def _facility(
    values: Row,
    steps: Sequence[Milestone],
    sources: Mapping[str, Source],
    regions: Sequence[str],
) -> Facility:
    row = dict(zip(schema.FACILITY, values, strict=True))
    power = ("installed_it_kw", "contracted_kw", "requested_kw", "generators_mwt")
    return Facility(
        id=row["id"],
        source=_source(values[-4:]),
        name=row["name"],
        owner=row["owner"],
        operator=row["operator"],
        type=None if row["type"] is None else CentreType(row["type"]),
        place=_place(row),
        milestones=tuple(steps),
        power=Power(*(row[name] for name in power)),
        floor_area_m2=row["floor_area_m2"],
        computer_room_m2=row["computer_room_m2"],
        redundancy_electrical=row["redundancy_electrical"],
        redundancy_cooling=row["redundancy_cooling"],
        cloud_regions=tuple(regions),
        campus_id=row["campus_id"],
        confidential=bool(row["confidential"]),
        synthetic=bool(row["synthetic"]),
        sources=sources,
    )


def _request_row(request: GridRequest) -> tuple[object, ...]:
    return (
        request.id,
        *_place_row(request.place),
        request.requested_kw,
        _day(request.day),
        None if request.state is None else request.state.value,
        request.supersedes,
        request.facility_id,
        request.applicant,
        *_source_row(request.source),
    )


def _request(values: Row) -> GridRequest:
    row = dict(zip(schema.REQUEST, values, strict=True))
    return GridRequest(
        id=row["id"],
        source=_source(values[-4:]),
        place=_place(row),
        requested_kw=row["requested_kw"],
        day=_date(row["day"]),
        state=None if row["state"] is None else RequestState(row["state"]),
        supersedes=row["supersedes"],
        facility_id=row["facility_id"],
        applicant=row["applicant"],
    )


def _version(row: Row, cells: Sequence[Row]) -> Version:
    facility_id, year, number, basis, by, at, reason, written = row
    values: dict[str, Cell] = {
        name: amount if text is None else text
        for name, amount, text, _, _ in cells
        if amount is not None or text is not None
    }
    report = Report(
        facility_id,
        year,
        Basis(basis),
        values,
        {name: why for name, _, _, why, _ in cells if why is not None},
        frozenset(name for name, *_, estimated in cells if estimated),
    )
    version = Version(number, report, by, datetime.fromisoformat(at), reason)
    if version.sha256 != written:
        raise Problem(
            Kind.UNAVAILABLE,
            "a report in the register is not what was handed in: it was changed behind its back",
            where=Where(column="sha256"),
            value=f"{facility_id}, {year}, version {number}",
            remedy="restore it from a copy; nexpo datacentres register verify says where it breaks",
        )
    return version
