"""GeoJSON of points or outlines as rows: properties, and one position in degrees each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import shape

from nexpo.core.problem import Where, bad_input
from nexpo.sources.text_tables.files import read_json

Row = dict[str, Any]
_DEGREES = ("CRS84", "4326", "OGC:1.3:CRS84")
_LARGEST_LON, _LARGEST_LAT = 180.0, 90.0


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature: its number from 1, properties, and a position (longitude, latitude)."""

    number: int
    properties: Mapping[str, Any]
    lon: float | None
    lat: float | None
    geometry: str  # "Point", "Polygon", ...


@dataclass(frozen=True, slots=True)
class Refused:
    """A feature that cannot be used, and why."""

    number: int
    column: str
    value: str
    reason: str
    remedy: str


def read_features(path: Path) -> tuple[tuple[Feature, ...], tuple[Refused, ...]]:
    """Read a feature collection; an area is placed at a point inside it.

    Raises
    ------
    Problem
        When it is no GeoJSON in degrees.
    """
    content = read_json(path)
    if not isinstance(content, dict) or not isinstance(content.get("features"), list):
        raise bad_input(
            "not a GeoJSON feature collection",
            where=Where(str(path)),
            remedy="export the layer as GeoJSON (EPSG:4326)",
        )
    _refuse_other_crs(path, content)
    found = [_feature(number, each) for number, each in enumerate(content["features"], 1)]
    kept = tuple(each for each in found if isinstance(each, Feature))
    return kept, tuple(each for each in found if isinstance(each, Refused))


def read_rows(
    path: Path, row: Callable[[Feature], Row | Refused]
) -> tuple[list[Row], tuple[Refused, ...]]:
    """Return the row that is made of each feature, and what cannot be used.

    Raises
    ------
    Problem
        When the file is no GeoJSON in degrees.
    """
    features, refused = read_features(path)
    made = [row(feature) for feature in features]
    bad = (each for each in made if isinstance(each, Refused))
    return [each for each in made if not isinstance(each, Refused)], (*refused, *bad)


def text(properties: Mapping[str, Any], *names: str) -> str | None:
    """Return the first property of these names that is filled, as text."""
    for name in names:
        value = properties.get(name)
        if value is not None and str(value).strip():
            return str(value).strip()
    return None


def _refuse_other_crs(path: Path, content: Mapping[str, Any]) -> None:
    crs = content.get("crs")
    name = str(crs.get("properties", {}).get("name", "")) if isinstance(crs, dict) else ""
    if name and not name.endswith(_DEGREES):
        raise bad_input(
            "the GeoJSON is not in degrees",
            where=Where(str(path), column="crs"),
            value=name,
            remedy="GeoJSON is in longitude and latitude (RFC 7946): transform it to EPSG:4326",
        )


def _feature(number: int, entry: object) -> Feature | Refused:
    if not isinstance(entry, dict) or not isinstance(entry.get("properties"), dict):
        return Refused(number, "", "", "not a feature with properties", "mend or drop it")
    geometry = entry.get("geometry")
    if geometry is None:
        return Feature(number, entry["properties"], None, None, "")
    try:
        drawn = shape(geometry)
        point = drawn if drawn.geom_type == "Point" else drawn.representative_point()
        place = None if drawn.is_empty else (float(point.x), float(point.y))
    except (AttributeError, KeyError, TypeError, ValueError, shapely.errors.ShapelyError) as error:
        told = f"the geometry cannot be read: {error}"
        return Refused(number, "geometry", str(geometry)[:60], told, "draw it again")
    if place is None:
        return Feature(number, entry["properties"], None, None, "")
    if abs(place[0]) > _LARGEST_LON or abs(place[1]) > _LARGEST_LAT:
        reason = "not a longitude and latitude in degrees"
        return Refused(number, "geometry", str(place), reason, "transform it to EPSG:4326")
    return Feature(number, entry["properties"], *place, str(geometry["type"]))
