"""OpenStreetMap: streets out of an Overpass answer (JSON, plain or gzip) or a PBF extract.

The answer lists *nodes* with coordinates and *ways* as lists of node ids with tags. Lengths
are measured on the WGS 84 ellipsoid: in map units of Web Mercator they would come out 40 to
90 % too long at Italian latitudes.

Traps: a way is a piece of a street, so a street is many ways under one name; some ways have
no name (ramps, service roads); an answer cut by the server's time limit says so in a *remark*
and is otherwise well-formed JSON; a way may name nodes outside the answer or the extract (in
the network such a place is null and is said later, with its way). Licence ODbL:
credit "© OpenStreetMap contributors", and keep the table apart from those of other licences.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import osmium
import polars as pl
from pyproj import Geod

from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.sources.text_tables.files import read_json

ATTRIBUTION = "© OpenStreetMap contributors"
_ELLIPSOID = Geod(ellps="WGS84")
_SCHEMA: dict[str, pl.DataType] = {
    "osm_id": pl.Int64(),
    "name": pl.String(),
    "highway": pl.String(),
    "oneway": pl.Boolean(),
    "surface": pl.String(),
    "nodes": pl.List(pl.Int64()),
    "length_m": pl.Float64(),
    "lon": pl.Float64(),
    "lat": pl.Float64(),
    "wkt": pl.String(),
}

NETWORK_TAGS = (
    "name",
    "highway",
    "railway",
    "waterway",
    "surface",
    "bridge",
    "tunnel",
    "lit",
    "maxspeed",
    "access",
    "oneway",
)
"""Tags that a network keeps, each a column of text."""

NETWORK_KEYS = ("highway", "railway", "waterway")
"""A way with one of these is read."""

_NETWORK: dict[str, pl.DataType] = {
    "way_id": pl.Int64(),
    **dict.fromkeys(NETWORK_TAGS, pl.String()),
    "nodes": pl.List(pl.Int64()),
    "lon": pl.List(pl.Float64()),
    "lat": pl.List(pl.Float64()),
}
Box = tuple[float, float, float, float]


def read_network(
    path: Path, *, keys: Sequence[str] = NETWORK_KEYS, box: Box | None = None
) -> pl.DataFrame:
    """Return ways with the places of their nodes: streets, railways and waters.

    Parameters
    ----------
    path
        Overpass JSON (plain or gzip), or PBF / OSM XML as osmium reads it (``.osm.pbf``,
        ``.osm``, ``.osm.gz``).
    keys
        A way with one of these tags is read.
    box
        West, south, east, north in degrees: only ways with a node inside are kept, whole.

    Returns
    -------
    polars.DataFrame
        ``way_id``, :data:`NETWORK_TAGS`, ``nodes`` (ids), ``lon`` and ``lat`` (a null where the
        node is not in the file), in the order of ``way_id``.

    Raises
    ------
    Problem
        When the file cannot be read as OpenStreetMap data or holds no such way.
    """
    rows = list(_osmium_rows(path, keys, box) if _is_osmium(path) else _json_rows(path, keys, box))
    if not rows:
        raise bad_input(
            f"no way with {' or '.join(keys)} in the file" + (" inside the box" if box else ""),
            where=Where(str(path)),
            value=box,
            remedy="choose another file or a greater box; the order is west, south, east, north",
        )
    return pl.DataFrame(rows, schema=_NETWORK, orient="row").sort("way_id")


def streets(network: pl.DataFrame) -> pl.DataFrame:
    """Return the ways of a network that are streets.

    Examples
    --------
    >>> streets(pl.DataFrame({"highway": ["path", None], "railway": [None, "rail"]})).height
    1
    """
    return network.filter(pl.col("highway").is_not_null())


def read_ways(path: Path) -> pl.DataFrame:
    """Return the ways of an Overpass answer that are streets.

    Parameters
    ----------
    path
        Overpass JSON, plain or gzip.

    Returns
    -------
    polars.DataFrame
        ``osm_id, name, highway, oneway, surface, nodes, length_m`` (ellipsoid),
        ``lon, lat`` (middle node), ``wkt`` (WGS 84), in the order of ``osm_id``.

    Raises
    ------
    Problem
        When the file is no whole Overpass answer or a way lacks its nodes.
    """
    elements = _elements(path)
    places = {e["id"]: (e["lon"], e["lat"]) for e in elements if e.get("type") == "node"}
    rows = [
        _way(element, places, path)
        for element in elements
        if element.get("type") == "way" and "highway" in element.get("tags", {})
    ]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row").sort("osm_id")


def named_streets(ways: pl.DataFrame) -> pl.DataFrame:
    """Return one row a street name: ``name, ways, length_m``, the longest first.

    Examples
    --------
    >>> ways = pl.DataFrame({"name": ["Via Roma", None, "Via Roma"], "length_m": [1.0, 5.0, 2.0]})
    >>> named_streets(ways).rows()
    [('Via Roma', 2, 3.0)]
    """
    return (
        ways.filter(pl.col("name").is_not_null())
        .group_by("name")
        .agg(ways=pl.len().cast(pl.Int64), length_m=pl.col("length_m").sum())
        .sort(["length_m", "name"], descending=[True, False])
    )


def length_m(points: Sequence[tuple[float, float]]) -> float:
    """Return the length of a line on the ellipsoid.

    Parameters
    ----------
    points
        Longitude and latitude, WGS 84.

    Examples
    --------
    >>> round(length_m([(9.39, 45.85), (9.40, 45.85)]), 2)
    776.72
    """
    longitudes, latitudes = zip(*points, strict=True)
    return float(_ELLIPSOID.line_length(longitudes, latitudes))


def recognise(path: Path) -> bool:
    """Tell an Overpass answer by its name and content."""
    if ".json" not in path.suffixes and ".overpass" not in path.suffixes:
        return False
    content = read_json(path)
    return isinstance(content, dict) and "osm3s" in content


def _elements(path: Path) -> list[dict[str, Any]]:
    content = read_json(path)
    if not isinstance(content, dict) or not isinstance(content.get("elements"), list):
        raise bad_input(
            "not an Overpass answer: no list of elements",
            where=Where(str(path)),
            remedy="ask Overpass with [out:json]",
        )
    if remark := content.get("remark"):
        raise bad_input(
            "the server cut the answer",
            where=Where(str(path)),
            value=remark,
            remedy="ask again for a smaller box or with a longer timeout",
        )
    elements: list[dict[str, Any]] = content["elements"]
    return elements


def _is_osmium(path: Path) -> bool:
    return any(suffix in {".pbf", ".osm", ".o5m"} for suffix in path.suffixes)


def _json_rows(path: Path, keys: Sequence[str], box: Box | None) -> Iterator[tuple[object, ...]]:
    elements = _elements(path)
    places = {e["id"]: (e["lon"], e["lat"]) for e in elements if e.get("type") == "node"}
    for element in elements:
        tags = element.get("tags", {})
        if element.get("type") == "way" and any(key in tags for key in keys):
            nodes = element.get("nodes", [])
            points = [places.get(node) for node in nodes]
            if _inside(points, box):
                yield _network_row(element["id"], tags, nodes, points)


def _osmium_rows(path: Path, keys: Sequence[str], box: Box | None) -> Iterator[tuple[object, ...]]:
    if not path.is_file():
        raise Problem(
            Kind.NO_INPUT, "no such file", where=Where(str(path)), remedy="check the path"
        )
    try:
        ways = osmium.FileProcessor(path, osmium.osm.NODE | osmium.osm.WAY).with_locations()
        for way in ways.with_filter(osmium.filter.KeyFilter(*keys)):
            if isinstance(way, osmium.osm.Way):
                nodes = [node.ref for node in way.nodes]
                points = [(n.lon, n.lat) if n.location.valid() else None for n in way.nodes]
                if _inside(points, box):
                    yield _network_row(way.id, dict(way.tags), nodes, points)
    except RuntimeError as error:
        raise bad_input(
            f"osmium cannot read the file: {error}",
            where=Where(str(path)),
            remedy="the file may be cut or no OpenStreetMap data: fetch it again",
        ) from None


def _inside(points: Iterable[tuple[float, float] | None], box: Box | None) -> bool:
    if box is None:
        return True
    west, south, east, north = box
    return any(p is not None and west <= p[0] <= east and south <= p[1] <= north for p in points)


def _network_row(
    way_id: int,
    tags: Mapping[str, str],
    nodes: Sequence[int],
    points: Sequence[tuple[float, float] | None],
) -> tuple[object, ...]:
    lon = [None if point is None else point[0] for point in points]
    lat = [None if point is None else point[1] for point in points]
    return (way_id, *(tags.get(tag) for tag in NETWORK_TAGS), list(nodes), lon, lat)


def _way(
    way: dict[str, Any], places: dict[int, tuple[float, float]], path: Path
) -> tuple[object, ...]:
    tags = way["tags"]
    nodes: list[int] = way.get("nodes", [])
    missing = [node for node in nodes if node not in places]
    if missing or len(nodes) < 2:  # noqa: PLR2004 - a line has two ends
        raise bad_input(
            "a way names nodes that are not in the answer" if missing else "a way without a line",
            where=Where(str(path), None, f"way {way.get('id')}"),
            value=missing[0] if missing else nodes,
            remedy="ask Overpass for the nodes too: (._;>;); out;",
        )
    points = [places[node] for node in nodes]
    lon, lat = points[len(points) // 2]
    return (
        way["id"],
        tags.get("name"),
        tags["highway"],
        tags.get("oneway") in {"yes", "true", "1", "-1"},
        tags.get("surface"),
        nodes,
        length_m(points),
        lon,
        lat,
        _wkt(points),
    )


def _wkt(points: Sequence[tuple[float, float]]) -> str:
    return f"LINESTRING ({', '.join(f'{lon} {lat}' for lon, lat in points)})"


def edges(ways: pl.DataFrame) -> Iterator[tuple[int, int, int]]:
    """Yield each piece of street between two nodes: first node, second node, way."""
    for osm_id, nodes in ways.select("osm_id", "nodes").iter_rows():
        for first, second in pairwise(nodes):
            yield first, second, osm_id
