"""Tables of the register, in SQL that SQLite and PostgreSQL both take."""

from __future__ import annotations

VERSION = 1

_PLACE = (
    "country TEXT NOT NULL, municipality TEXT, nuts3 TEXT, lon DOUBLE PRECISION, "
    "lat DOUBLE PRECISION, address TEXT NOT NULL"
)
_SOURCE = "source TEXT NOT NULL, certainty TEXT NOT NULL, as_of TEXT, source_note TEXT NOT NULL"

TABLES: tuple[str, ...] = (
    "CREATE TABLE IF NOT EXISTS dc_schema (version INTEGER PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS dc_campus (id TEXT PRIMARY KEY, name TEXT NOT NULL, operator TEXT)",
    f"""CREATE TABLE IF NOT EXISTS dc_facility (
        id TEXT PRIMARY KEY, name TEXT, owner TEXT, operator TEXT, type TEXT, {_PLACE},
        installed_it_kw DOUBLE PRECISION, contracted_kw DOUBLE PRECISION,
        requested_kw DOUBLE PRECISION, generators_mwt DOUBLE PRECISION,
        floor_area_m2 DOUBLE PRECISION, computer_room_m2 DOUBLE PRECISION,
        redundancy_electrical TEXT, redundancy_cooling TEXT, campus_id TEXT,
        confidential INTEGER NOT NULL, synthetic INTEGER NOT NULL, {_SOURCE})""",
    """CREATE TABLE IF NOT EXISTS dc_milestone (
        facility_id TEXT NOT NULL REFERENCES dc_facility (id), stage TEXT NOT NULL,
        day TEXT, seen TEXT, PRIMARY KEY (facility_id, stage))""",
    f"""CREATE TABLE IF NOT EXISTS dc_value_source (
        facility_id TEXT NOT NULL REFERENCES dc_facility (id), field TEXT NOT NULL,
        {_SOURCE}, PRIMARY KEY (facility_id, field))""",
    """CREATE TABLE IF NOT EXISTS dc_cloud_region (
        facility_id TEXT NOT NULL REFERENCES dc_facility (id), position INTEGER NOT NULL,
        region TEXT NOT NULL, PRIMARY KEY (facility_id, position))""",
    f"""CREATE TABLE IF NOT EXISTS dc_grid_request (
        id TEXT PRIMARY KEY, {_PLACE}, requested_kw DOUBLE PRECISION, day TEXT, state TEXT,
        supersedes TEXT, facility_id TEXT, applicant TEXT, {_SOURCE})""",
    """CREATE TABLE IF NOT EXISTS dc_report (
        facility_id TEXT NOT NULL REFERENCES dc_facility (id), year INTEGER NOT NULL,
        number INTEGER NOT NULL, basis TEXT NOT NULL, handed_in_by TEXT NOT NULL,
        handed_in_at TEXT NOT NULL, reason TEXT NOT NULL, sha256 TEXT NOT NULL,
        PRIMARY KEY (facility_id, year, number))""",
    """CREATE TABLE IF NOT EXISTS dc_report_value (
        facility_id TEXT NOT NULL, year INTEGER NOT NULL, number INTEGER NOT NULL,
        field TEXT NOT NULL, amount DOUBLE PRECISION, text TEXT, omitted_because TEXT,
        estimated INTEGER NOT NULL, PRIMARY KEY (facility_id, year, number, field),
        FOREIGN KEY (facility_id, year, number)
        REFERENCES dc_report (facility_id, year, number))""",
    """CREATE TABLE IF NOT EXISTS dc_event (
        sequence INTEGER PRIMARY KEY, at TEXT NOT NULL, by_whom TEXT NOT NULL,
        action TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, before_json TEXT,
        after_json TEXT, previous TEXT NOT NULL, sha256 TEXT NOT NULL)""",
)

FACILITY: tuple[str, ...] = (
    "id",
    "name",
    "owner",
    "operator",
    "type",
    "country",
    "municipality",
    "nuts3",
    "lon",
    "lat",
    "address",
    "installed_it_kw",
    "contracted_kw",
    "requested_kw",
    "generators_mwt",
    "floor_area_m2",
    "computer_room_m2",
    "redundancy_electrical",
    "redundancy_cooling",
    "campus_id",
    "confidential",
    "synthetic",
    "source",
    "certainty",
    "as_of",
    "source_note",
)
REQUEST: tuple[str, ...] = (
    "id",
    "country",
    "municipality",
    "nuts3",
    "lon",
    "lat",
    "address",
    "requested_kw",
    "day",
    "state",
    "supersedes",
    "facility_id",
    "applicant",
    "source",
    "certainty",
    "as_of",
    "source_note",
)
EVENT: tuple[str, ...] = (
    "sequence",
    "at",
    "by_whom",
    "action",
    "kind",
    "subject",
    "before_json",
    "after_json",
    "previous",
    "sha256",
)


def insert(table: str, columns: tuple[str, ...], *, key: str = "") -> str:
    """Return an insert of a row; with a key, one that replaces the row of that key.

    Examples
    --------
    >>> insert("t", ("a", "b"), key="a")
    'INSERT INTO t (a, b) VALUES (?, ?) ON CONFLICT (a) DO UPDATE SET b = excluded.b'
    """
    marks = ", ".join("?" for _ in columns)
    sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
    if not key:
        return sql
    new = ", ".join(f"{name} = excluded.{name}" for name in columns if name != key)
    return f"{sql} ON CONFLICT ({key}) DO UPDATE SET {new}"
