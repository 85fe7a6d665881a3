"""The vertices of ways as flat arrays, and the work of finding which of them are one place.

A *key* names a place: the publisher's node where there is one, else the coordinate to a
centimetre. Lines of a layer without nodes are joined where their ends meet, where an end
touches another line, and where they share a vertex; lines that merely cross are not joined
unless asked, since one of them may be a bridge.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from nexpo.connectivity.design.findings import Finding, finding
from nexpo.connectivity.design.model import Floats, Ints
from nexpo.connectivity.design.plane import Plane
from nexpo.core.problem import bad_input

_PER_DEGREE = 1e7
_NEAR = 6
_SAME_DEGREES = 1e-8  # a millimetre
_LON, _LAT = 180.0, 90.0


@dataclass(frozen=True, slots=True, eq=False)
class Vertices:
    """Vertices of ways in order: which piece of which way, which place, where.

    A way with a missing node falls into pieces there.
    """

    way: Ints
    piece: Ints
    key: Ints
    lon: Floats
    lat: Floats

    def __len__(self) -> int:
        return len(self.way)

    def only(self, keep: Ints | np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Vertices:
        """Return some of the vertices, in order."""
        return Vertices(
            self.way[keep], self.piece[keep], self.key[keep], self.lon[keep], self.lat[keep]
        )

    def joined(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Return for each vertex but the last whether the next one is of the same piece."""
        return np.asarray(self.piece[1:] == self.piece[:-1], dtype=bool)

    def is_end(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Return which vertices begin or end a piece."""
        ends = np.ones(len(self), dtype=bool)
        joined = self.joined()
        ends[1:-1] = ~(joined[1:] & joined[:-1])
        return ends


def read_vertices(ways: pl.DataFrame) -> tuple[Vertices, bool, tuple[Finding, ...]]:
    """Return the vertices of a neutral way table, and whether places are the publisher's nodes.

    Raises
    ------
    Problem
        When coordinates are no degrees, or a way's lists differ in length.
    """
    has_nodes = "nodes" in ways.columns and ways["nodes"].null_count() < ways.height
    _check_lists(ways, has_nodes=has_nodes)
    columns = ["lon", "lat", *(["nodes"] if has_nodes else [])]
    flat = (
        ways.select(columns)
        .with_row_index("way")
        .filter(pl.col("lon").list.len() > 0)
        .explode(columns)
    )
    lon, lat = (flat[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in ("lon", "lat"))
    way = flat["way"].cast(pl.Int64).to_numpy()
    there = np.isfinite(lon) & np.isfinite(lat)
    missing = _missing(ways, flat, way, there)
    _check_degrees(ways, way[there], lon[there], lat[there])
    cut = np.concatenate((np.ones(1, dtype=bool), (np.diff(way) > 0) | ~there[:-1]))[: len(way)]
    piece = np.cumsum(cut)
    key = flat["nodes"].fill_null(0).to_numpy() if has_nodes else _grid(lon, lat, there)
    return Vertices(way, piece, key, lon, lat).only(there), has_nodes, missing


def _missing(
    ways: pl.DataFrame,
    flat: pl.DataFrame,
    way: Ints,
    there: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> tuple[Finding, ...]:
    lost = np.flatnonzero(~there)
    if not len(lost):
        return ()
    nodes = flat["nodes"].to_list() if "nodes" in flat.columns else None
    ids = ways["way_id"].to_numpy()
    said = [
        f"way {ids[way[row]]}" + (f", node {nodes[row]}" if nodes is not None else "")
        for row in lost[:20]
    ]
    return (
        finding(
            "missing_node",
            "node without a place: its way is cut there",
            said,
            remedy="fetch the nodes too, or a file cut with complete ways",
            count=len(lost),
        ),
    )


def _check_lists(ways: pl.DataFrame, *, has_nodes: bool) -> None:
    names = ["lon", "lat", *(["nodes"] if has_nodes else [])]
    lengths = ways.select("way_id", *(pl.col(name).list.len().alias(name) for name in names))
    uneven = lengths.filter(
        pl.any_horizontal(pl.col(name).ne_missing(pl.col("lon")) for name in names[1:])
    )
    if uneven.height:
        row = uneven.row(0, named=True)
        raise bad_input(
            f"way {row['way_id']} has lists of {', '.join(names)} that differ in length",
            value=", ".join(str(row[name]) for name in names),
            remedy="give each vertex a longitude, a latitude and, where there are ids, an id",
        )


def _check_degrees(ways: pl.DataFrame, way: Ints, lon: Floats, lat: Floats) -> None:
    wrong = np.flatnonzero((np.abs(lon) > _LON) | (np.abs(lat) > _LAT))
    if len(wrong):
        first = int(wrong[0])
        raise bad_input(
            f"way {ways['way_id'][int(way[first])]} has coordinates that are no degrees",
            value=f"{lon[first]:g}, {lat[first]:g}",
            remedy="the layer is in metres, or its coordinate system is stated wrongly: "
            "state the right one when reading it",
        )


def _grid(lon: Floats, lat: Floats, there: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Ints:
    """Return a number for each coordinate to 1e-7 degrees, about a centimetre."""
    east = np.where(there, np.round((lon + _LON) * _PER_DEGREE), 0).astype(np.int64)
    north = np.where(there, np.round((lat + _LAT) * _PER_DEGREE), 0).astype(np.int64)
    return np.asarray(east << 31 | north, dtype=np.int64)


def snap(vertices: Vertices, tolerance_m: float) -> tuple[Vertices, int]:
    """Join ends that lie within a tolerance of a vertex of any line, and equal neighbours.

    Returns
    -------
    tuple
        The vertices with joined keys (each moved to one coordinate), and the number of places
        that were given up.
    """
    places, first, at = np.unique(vertices.key, return_index=True, return_inverse=True)
    lon, lat = vertices.lon[first], vertices.lat[first]
    ends = np.unique(at[vertices.is_end()])
    one, other = _near_places(lon, lat, ends, tolerance_m)
    left, right = at[:-1], at[1:]
    step = vertices.joined() & (left != right)
    step[step] = (
        np.maximum(
            np.abs(lon[left[step]] - lon[right[step]]), np.abs(lat[left[step]] - lat[right[step]])
        )
        < _SAME_DEGREES
    )
    one, other = np.concatenate((one, left[step])), np.concatenate((other, right[step]))
    if not len(one):
        return replace(vertices, lon=lon[at], lat=lat[at]), 0
    graph = coo_matrix((np.ones(len(one)), (one, other)), shape=(len(places), len(places)))
    group = connected_components(graph, directed=False)[1]
    leader = np.full(int(group.max()) + 1, len(places), dtype=np.int64)
    np.minimum.at(leader, group, np.arange(len(places)))
    to = leader[group][at]
    given_up = len(places) - len(leader)
    return replace(vertices, key=places[to], lon=lon[to], lat=lat[to]), given_up


def _near_places(lon: Floats, lat: Floats, ends: Ints, tolerance_m: float) -> tuple[Ints, Ints]:
    if tolerance_m <= 0 or len(lon) < 2:  # noqa: PLR2004 - nothing to join
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    xy = np.column_stack(Plane.around(lon, lat).to_metres(lon, lat))
    near, which = cKDTree(xy).query(
        xy[ends], k=min(_NEAR, len(xy)), distance_upper_bound=tolerance_m
    )
    found = np.isfinite(near)
    one = np.repeat(ends, found.sum(axis=1))
    other = which[found].astype(np.int64)
    return one[one != other], other[one != other]


def touch(vertices: Vertices, tolerance_m: float) -> tuple[Vertices, int]:
    """Put a vertex into a line where another line's end touches it between two vertices."""
    tree, segment, plane = _segments(vertices)
    ends = np.flatnonzero(vertices.is_end())
    point = plane.points(vertices.lon[ends], vertices.lat[ends])
    which, line = tree.query(point, predicate="dwithin", distance=tolerance_m)
    first = segment[line]
    end = ends[which]
    foreign = (
        (vertices.key[end] != vertices.key[first])
        & (vertices.key[end] != vertices.key[first + 1])
        & (vertices.piece[end] != vertices.piece[first])
    )
    end, first, line, which = end[foreign], first[foreign], line[foreign], which[foreign]
    share = shapely.line_locate_point(tree.geometries[line], point[which], normalized=True)
    inner = (share > 0) & (share < 1)
    end, first, share = end[inner], first[inner], share[inner]
    made = _insert(vertices, first, share, vertices.key[end], vertices.lon[end], vertices.lat[end])
    return made, len(end)


def cross(vertices: Vertices) -> tuple[Vertices, int]:
    """Put a common vertex where two lines cross without one."""
    tree, segment, plane = _segments(vertices)
    one, other = tree.query(tree.geometries, predicate="crosses")
    one, other = one[one < other], other[one < other]
    point = shapely.intersection(tree.geometries[one], tree.geometries[other])
    single = shapely.get_type_id(point) == 0
    one, other, point = one[single], other[single], point[single]
    lon, lat = plane.to_degrees(shapely.get_x(point), shapely.get_y(point))
    key = _grid(lon, lat, np.ones(len(lon), dtype=bool))
    share = [
        shapely.line_locate_point(tree.geometries[line], point, normalized=True)
        for line in (one, other)
    ]
    made = _insert(
        vertices,
        np.concatenate((segment[one], segment[other])),
        np.concatenate(share),
        np.tile(key, 2),
        np.tile(lon, 2),
        np.tile(lat, 2),
    )
    return made, len(one)


def _segments(vertices: Vertices) -> tuple[shapely.STRtree, Ints, Plane]:
    plane = Plane.around(vertices.lon, vertices.lat)
    xy = np.column_stack(plane.to_metres(vertices.lon, vertices.lat))
    segment = np.flatnonzero(vertices.joined())
    lines = shapely.linestrings(np.stack((xy[segment], xy[segment + 1]), axis=1))
    return shapely.STRtree(np.atleast_1d(lines)), segment, plane


def _insert(
    vertices: Vertices, segment: Ints, share: Floats, key: Ints, lon: Floats, lat: Floats
) -> Vertices:
    """Insert vertices into segments, each at a share of the way from one end to the other."""
    order = np.lexsort((share, segment))
    at = segment[order] + 1
    return Vertices(
        np.insert(vertices.way, at, vertices.way[segment[order]]),
        np.insert(vertices.piece, at, vertices.piece[segment[order]]),
        np.insert(vertices.key, at, key[order]),
        np.insert(vertices.lon, at, lon[order]),
        np.insert(vertices.lat, at, lat[order]),
    )


def without_repeats(vertices: Vertices) -> tuple[Vertices, Ints]:
    """Drop vertices at the place of the one before; return also the ways that had no length."""
    repeat = np.concatenate(
        (np.zeros(1, dtype=bool), vertices.joined() & (np.diff(vertices.key) == 0))
    )[: len(vertices)]
    kept = vertices.only(~repeat)
    alone = np.bincount(kept.piece, minlength=1)[kept.piece] == 1
    return kept.only(~alone), np.unique(kept.way[alone])
