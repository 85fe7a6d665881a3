"""Data centres out of OpenStreetMap: a GeoJSON with one feature an object.

Understood are the extract of the data folder (``osm_id``, ``osm_type``, ``istat``), and what
Overpass tools export (``@id`` as ``way/123``, tags as properties). Traps: a way is drawn a
building, a node often stands inside the same building, so one centre comes twice; names and
operators are often missing; nobody maps megawatts, so power is unknown, never zero. Areas are
placed at a point inside them. Licence ODbL: keep the table apart from those of other licences.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import polars as pl

from nexpo.sources._points import Feature, Refused, Row, read_rows, text

ATTRIBUTION = "© OpenStreetMap contributors"
_TYPES = {"node": "node", "way": "way", "relation": "relation"}
_PARTIAL_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")
SCHEMA: dict[str, pl.DataType] = {
    "key": pl.String(),
    "name": pl.String(),
    "operator": pl.String(),
    "owner": pl.String(),
    "address": pl.String(),
    "website": pl.String(),
    "istat": pl.String(),
    "municipality": pl.String(),
    "stage": pl.String(),
    "start": pl.String(),
    "as_of": pl.String(),
    "lon": pl.Float64(),
    "lat": pl.Float64(),
}


def read_datacentres(path: Path) -> tuple[pl.DataFrame, tuple[Refused, ...]]:
    """Return one row an object, and the features that cannot be used.

    Returns
    -------
    tuple
        Columns ``key`` (``way/123``), ``name, operator, owner, address, website, istat,
        municipality, stage`` (``operating``, ``building``, ``requested``, ``closed``),
        ``start`` and ``as_of`` (days, as far as known), ``lon, lat``; null is unknown.

    Raises
    ------
    Problem
        When the file is no GeoJSON in degrees.
    """
    rows, refused = read_rows(path, _row)
    return pl.DataFrame(rows, schema=SCHEMA), refused


def _row(feature: Feature) -> Row | Refused:
    tags = feature.properties
    key = _key(feature)
    if key is None:
        reason, remedy = "no OpenStreetMap id", "export with ids: osm_id and osm_type, or @id"
        return Refused(feature.number, "osm_id", "", reason, remedy)
    street = " ".join(filter(None, (text(tags, "addr:street"), text(tags, "addr:housenumber"))))
    return {
        "key": key,
        "name": text(tags, "name", "official_name"),
        "operator": text(tags, "operator", "brand"),
        "owner": text(tags, "owner"),
        "address": ", ".join(filter(None, (street, text(tags, "addr:city", "addr_city")))) or None,
        "website": text(tags, "website", "contact:website"),
        "istat": text(tags, "istat", "ref:ISTAT"),
        "municipality": text(tags, "municipality"),
        "stage": _stage(feature),
        "start": first_day(text(tags, "start_date")),
        "as_of": first_day(text(tags, "last_updated", "check_date")),
        "lon": feature.lon,
        "lat": feature.lat,
    }


def first_day(found: str | None) -> str | None:
    """Return the first day of a date, a month or a year; None where it is no such thing.

    Examples
    --------
    >>> first_day("2024-01"), first_day("2024-03-05"), first_day("C19")
    ('2024-01-01', '2024-03-05', None)
    """
    matched = _PARTIAL_DATE.fullmatch(found or "")
    if matched is None:
        return None
    day = f"{matched[1]}-{matched[2] or '01'}-{matched[3] or '01'}"
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError:  # 2024-13, say: volunteers write what they like
        return None


def _key(feature: Feature) -> str | None:
    tags = feature.properties
    whole = text(tags, "@id", "id")
    if whole and re.fullmatch(r"(node|way|relation)/[0-9]+", whole):
        return whole
    number, kind = text(tags, "osm_id"), _TYPES.get(text(tags, "osm_type") or "")
    return f"{kind}/{number}" if number and number.isdigit() and kind else None


def _stage(feature: Feature) -> str:
    tags = feature.properties
    if any(str(name).startswith("disused:") for name in tags):
        return "closed"
    if text(tags, "construction") or text(tags, "building", "telecom") == "construction":
        return "building"
    return "requested" if text(tags, "proposed") else "operating"
