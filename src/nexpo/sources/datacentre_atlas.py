"""Atlases of data centres in GeoJSON, such as the IM3 Open Source Data Center Atlas.

The IM3 atlas (``state_abb, county, operator, name, sqft, type``) draws a centre as point,
building or campus, gives areas in square feet, and no ids: an id is made of name and position,
so that the same record keeps it. Other atlases are understood by the usual names of columns. An
area that is drawn (``type`` campus) is land, not floor. Licence of IM3: ODbL.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from nexpo.sources._points import Feature, Refused, Row, read_rows, text
from nexpo.sources.text_tables.names import plain

M2_IN_SQFT = 0.3048**2
_NAMES = {
    "id": ("id", "uid", "facility_id", "ref", "objectid"),
    "name": ("name", "nome", "facility", "facility_name", "data_center", "datacenter_name"),
    "operator": ("operator", "operatore", "company", "provider", "gestore"),
    "owner": ("owner", "proprietario"),
    "drawn_as": ("type", "kind", "category"),
    "istat": ("istat", "lau", "codice_istat", "pro_com_t"),
    "address": ("address", "indirizzo", "street"),
    "stage": ("status", "stato", "stage"),
}
_KW = {"kw": 1.0, "mw": 1000.0}
_POWER = re.compile(r"(?:it_)?(?:power|capacity|potenza|load)(?:_it)?_(kw|mw)|(?:it_)?(kw|mw)")
_STAGES = {
    "operational": "operating",
    "operating": "operating",
    "active": "operating",
    "under_construction": "building",
    "construction": "building",
    "building": "building",
    "approved": "authorised",
    "permitted": "authorised",
    "authorised": "authorised",
    "planned": "requested",
    "proposed": "requested",
    "announced": "requested",
    "requested": "requested",
    "closed": "closed",
    "decommissioned": "closed",
    "retired": "closed",
}
SCHEMA: dict[str, pl.DataType] = {
    "key": pl.String(),
    "name": pl.String(),
    "operator": pl.String(),
    "owner": pl.String(),
    "drawn_as": pl.String(),
    "istat": pl.String(),
    "address": pl.String(),
    "stage": pl.String(),
    "installed_it_kw": pl.Float64(),
    "floor_area_m2": pl.Float64(),
    "lon": pl.Float64(),
    "lat": pl.Float64(),
}


def read_atlas(path: Path) -> tuple[pl.DataFrame, tuple[Refused, ...]]:
    """Return one row a record, and the records that cannot be used.

    Returns
    -------
    tuple
        Columns ``key, name, operator, owner, drawn_as, istat, address, stage,
        installed_it_kw, floor_area_m2, lon, lat``; null is unknown. Power is read of columns
        that name their unit (``power_mw``, ``it_capacity_kw``).

    Raises
    ------
    Problem
        When the file is no GeoJSON in degrees.
    """
    rows, refused = read_rows(path, _row)
    return _with_own_keys(pl.DataFrame(rows, schema=SCHEMA)), refused


def _row(feature: Feature) -> Row | Refused:
    found = {plain(str(name)): value for name, value in feature.properties.items()}
    row: Row = {role: text(found, *names) for role, names in _NAMES.items()}
    try:
        power, area = _power(found), _area(found, row["drawn_as"])
    except ValueError as error:
        reason, remedy = f"text in a number: {error}", "write digits, or null where it is unknown"
        return Refused(feature.number, "", str(error), reason, remedy)
    stage = row["stage"]
    given = row.pop("id")
    row["key"] = _id_of(given, row, feature)
    row["stage"] = "operating" if stage is None else _STAGES.get(plain(stage))
    return {**row, "installed_it_kw": power, "floor_area_m2": area} | _position(feature)


def _position(feature: Feature) -> dict[str, float | None]:
    return {"lon": feature.lon, "lat": feature.lat}


def _id_of(given: str | None, row: Mapping[str, Any], feature: Feature) -> str:
    if given is not None:
        kept = re.sub(r"[^A-Za-z0-9._:/-]+", "-", given).strip("-")
        if kept:
            return kept
    place = "" if feature.lon is None else f"{feature.lon:.6f} {feature.lat:.6f}"
    told = "\x1f".join((row["name"] or "", row["operator"] or "", place))
    return sha256(told.encode()).hexdigest()[:12]


def _with_own_keys(table: pl.DataFrame) -> pl.DataFrame:
    """Add a number to the keys that records would share, in the order of the file."""
    turn = pl.int_range(pl.len()).over("key")
    numbered = pl.col("key") + "-" + (turn + 1).cast(pl.String())
    return table.with_columns(key=pl.when(turn > 0).then(numbered).otherwise("key"))


def _power(found: Mapping[str, Any]) -> float | None:
    for name, value in found.items():
        matched = _POWER.fullmatch(name)
        if matched and value is not None and str(value).strip():
            return float(value) * _KW[matched[1] or matched[2]]
    return None


def _area(found: Mapping[str, Any], drawn_as: str | None) -> float | None:
    """Return the floor area in m2; the outline of a campus is land."""
    if drawn_as is not None and drawn_as.casefold() == "campus":
        return None
    metres, feet = found.get("floor_area_m2", found.get("area_m2")), found.get("sqft")
    if metres is not None and str(metres).strip():
        return float(metres)
    return None if feet is None or not str(feet).strip() else float(feet) * M2_IN_SQFT
