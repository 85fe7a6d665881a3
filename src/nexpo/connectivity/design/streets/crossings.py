"""What lies across the streets or along them: barriers, forbidden ground, ducts and poles.

Each changes the class of the stretch of street it concerns, and of that stretch only: a
street is cut some metres before and after a railway, at the border of a forbidden area, and
where a duct begins and ends beside it.

A barrier that itself lies on a bridge or in a tunnel obstructs nothing, and a street that lies
on a bridge or in a tunnel, or has a duct, crosses without new works.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import shapely

from nexpo.connectivity.design.findings import Finding, finding
from nexpo.connectivity.design.model import COST_CLASSES, CostClass, Floats, Ints, StreetGraph
from nexpo.connectivity.design.plane import Lines, Plane, lines_of, plane_of, segment_m, starts
from nexpo.connectivity.design.streets.classes import StreetClasses
from nexpo.connectivity.design.streets.components import FORBIDDEN
from nexpo.connectivity.design.streets.recut import Cuts, recut, split_at
from nexpo.core.problem import bad_input

_FREE = tuple(
    COST_CLASSES.index(each)
    for each in (
        CostClass.BRIDGE,
        CostClass.TUNNEL,
        CostClass.DUCT,
        CostClass.POLES,
        CostClass.FORBIDDEN,
    )
)
_REUSED = (CostClass.DUCT, CostClass.POLES)
_ALONG = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Barriers:
    """Lines whose crossing is dear.

    Attributes
    ----------
    line
        Lines in degrees.
    cost_class
        Positions in ``COST_CLASSES``.
    id
        The publisher's ids.
    """

    line: Lines
    cost_class: Ints
    id: Ints


def barriers(ways: pl.DataFrame, classes: StreetClasses) -> Barriers:
    """Return the barriers among tagged ways.

    Parameters
    ----------
    ways
        The neutral table with the keys of the tag table (``railway``, ``waterway``,
        ``highway``), as :func:`nexpo.sources.osm.read_network` gives it.
    """
    found = pl.Series("found", [None] * ways.height, dtype=pl.Int64)
    for key, values in classes.barriers.items():
        if key in ways.columns:
            numbers = {value: COST_CLASSES.index(made) for value, made in values.items()}
            column = ways[key].replace_strict(
                list(numbers), list(numbers.values()), default=None, return_dtype=pl.Int64
            )
            found = found.fill_null(column)
    table = ways.with_columns(found=found).filter(pl.col("found").is_not_null())
    for key, words in (("bridge", classes.bridge), ("tunnel", classes.tunnel)):
        if key in table.columns:
            table = table.filter(~pl.col(key).is_in(list(words)).fill_null(value=False))
    return Barriers(
        ways_as_lines(table), table["found"].to_numpy(), table["way_id"].cast(pl.Int64).to_numpy()
    )


def as_barriers(ways: pl.DataFrame, cost_class: CostClass) -> Barriers:
    """Return all lines of a layer as barriers of one class."""
    number = COST_CLASSES.index(cost_class)
    lines = ways_as_lines(ways)
    return Barriers(lines, np.full(len(lines), number), ways["way_id"].to_numpy())


def ways_as_lines(ways: pl.DataFrame) -> Lines:
    """Return the lines of a neutral way table, in degrees."""
    if not ways.height:
        return np.empty(0, dtype=object)
    flat = ways.select("lon", "lat").with_row_index("way").explode("lon", "lat").drop_nulls()
    count = np.bincount(flat["way"].to_numpy(), minlength=ways.height)
    short = np.flatnonzero(count < 2)  # noqa: PLR2004 - a line has two ends
    if len(short):
        raise bad_input(
            f"way {ways['way_id'][int(short[0])]} is no line: fewer than two vertices",
            remedy="delete it from the layer, or draw its line",
        )
    xy = flat.select("lon", "lat").to_numpy()
    return np.asarray(shapely.linestrings(xy, indices=flat["way"].to_numpy()), dtype=object)


def cross(graph: StreetGraph, over: Barriers, width_m: float) -> tuple[StreetGraph, Finding]:
    """Make the stretch of each street that crosses a barrier dear.

    Parameters
    ----------
    width_m
        Metres of street that a crossing takes, its middle on the barrier.

    Returns
    -------
    tuple
        The graph with the crossings as sections of their own, and how many of which class.
    """
    plane = plane_of(graph)
    lines = lines_of(graph, plane)
    section, at_m, which = _meetings(graph, lines, plane.project(over.line))
    works = ~np.isin(graph.cost_class[section], _FREE)
    section, at_m, which = section[works], at_m[works], which[works]
    kind = over.cost_class[which]
    half = width_m / 2
    made = recut(graph, Cuts(section, at_m - half, at_m + half, kind)).graph
    point = shapely.line_interpolate_point(
        lines[section], at_m / graph.length_m[section], normalized=True
    )
    lon, lat = plane.to_degrees(shapely.get_x(point), shapely.get_y(point))
    said = finding(
        "crossing",
        f"street crosses a barrier: {width_m:g} m of it made a crossing",
        [f"way {graph.way_id[each]}" for each in section],
        lon=lon,
        lat=lat,
        notes=[
            f"{COST_CLASSES[int(k)].value}, way {over.id[w]}"
            for k, w in zip(kind, which, strict=True)
        ],
    )
    return made, said


def _meetings(graph: StreetGraph, lines: Lines, others: Lines) -> tuple[Ints, Floats, Ints]:
    """Return where other lines meet sections: section, metres from its tail, other line."""
    which, section = shapely.STRtree(lines).query(others, predicate="intersects")
    met = shapely.intersection(lines[section], others[which])
    parts, of = shapely.get_parts(met, return_index=True)
    point = shapely.centroid(parts)
    section, which = section[of], which[of]
    share = shapely.line_locate_point(lines[section], point, normalized=True)
    at_m = share * graph.length_m[section]
    key = np.column_stack((section, which, np.round(at_m * 100))).astype(np.int64)
    once = np.unique(key, axis=0, return_index=True)[1] if len(key) else np.empty(0, dtype=np.int64)
    return section[once].astype(np.int64), at_m[once], which[once].astype(np.int64)


def forbid(graph: StreetGraph, areas: Lines) -> tuple[StreetGraph, Finding]:
    """Forbid routes inside some areas; streets are cut at their borders.

    Parameters
    ----------
    areas
        Polygons in degrees.
    """
    plane = plane_of(graph)
    ground = plane.project(areas)
    _check_polygons(ground)
    cuts = _stretches(graph, lines_of(graph, plane), ground, FORBIDDEN)
    said = finding(
        "forbidden",
        "stretch of street inside a forbidden area",
        [f"way {graph.way_id[each]}" for each in cuts.section],
        lon=graph.lon[graph.tail[cuts.section]],
        lat=graph.lat[graph.tail[cuts.section]],
    )
    return recut(graph, cuts).graph, said


def forbid_ways(graph: StreetGraph, way_ids: Ints) -> StreetGraph:
    """Forbid routes along some ways.

    Raises
    ------
    Problem
        When a way is not in the graph: a ban that holds for nothing is a mistake.
    """
    unknown = np.setdiff1d(way_ids, graph.way_id)
    if len(unknown):
        raise bad_input(
            "a forbidden way is not in the street graph",
            value=int(unknown[0]),
            remedy="give ids of ways of this layer",
        )
    shut = np.isin(graph.way_id, way_ids)
    return replace(graph, cost_class=np.where(shut, FORBIDDEN, graph.cost_class))


def reuse(
    graph: StreetGraph, ways: pl.DataFrame, cost_class: CostClass, *, tolerance_m: float = 8.0
) -> tuple[StreetGraph, Finding]:
    """Use ducts or poles that are there already.

    A stretch of street with a duct beside it gets the duct's class where the duct runs along it
    for at least four tolerances (one that only crosses does not). A duct away from any street
    becomes a section of its own, tied to the nearest street at both ends where one is within
    the tolerance.

    Parameters
    ----------
    ways
        Neutral way table of the ducts.
    cost_class
        ``DUCT`` or ``POLES``.
    tolerance_m
        How far a duct lies from the middle of its street at most, metres.
    """
    if cost_class not in _REUSED:
        raise bad_input(
            "only ducts and poles are reused", value=cost_class.value, remedy="duct or poles"
        )
    number = COST_CLASSES.index(cost_class)
    plane = plane_of(graph)
    lines, ducts = lines_of(graph, plane), plane.project(ways_as_lines(ways))
    beside = shapely.buffer(ducts, tolerance_m, cap_style="flat")
    cuts = _stretches(graph, lines, np.atleast_1d(shapely.union_all(beside)), number)
    least = np.minimum(_ALONG * tolerance_m, 0.9 * graph.length_m[cuts.section])
    long = cuts.stop_m - cuts.start_m >= least
    cuts = Cuts(cuts.section[long], cuts.start_m[long], cuts.stop_m[long], cuts.cost_class[long])
    own, of = _away(lines, ducts, tolerance_m)
    made = recut(graph, cuts).graph
    made = _with_own(made, own, ways["way_id"].cast(pl.Int64).to_numpy()[of], number, tolerance_m)
    metres = float(np.sum(cuts.stop_m - cuts.start_m))
    text = f"{cost_class.value} reused: {metres:.0f} m along streets, {len(own)} apart from them"
    return made, finding(cost_class.value, text, [f"way {way}" for way in ways["way_id"]])


def _away(lines: Lines, ducts: Lines, tolerance_m: float) -> tuple[Lines, Ints]:
    """Return the parts of ducts that lie beside no street, and which duct each is of."""
    duct, section = shapely.STRtree(lines).query(ducts, predicate="dwithin", distance=tolerance_m)
    near = shapely.buffer(lines[section], tolerance_m)
    zone = np.array(
        [shapely.union_all(near[duct == each]) for each in range(len(ducts))], dtype=object
    )
    rest, of = shapely.get_parts(shapely.difference(ducts, zone), return_index=True)
    keep = shapely.length(rest) > _ALONG * tolerance_m
    return rest[keep], of[keep].astype(np.int64)


def _with_own(
    graph: StreetGraph, own: Lines, way_id: Ints, number: int, tolerance_m: float
) -> StreetGraph:
    """Add lines as sections, their ends tied to the nearest street by a straight piece of them."""
    if not len(own):
        return graph
    plane = plane_of(graph)
    lines = lines_of(graph, plane)
    ends = np.column_stack((shapely.get_point(own, 0), shapely.get_point(own, -1))).ravel()
    end, section = shapely.STRtree(lines).query_nearest(
        ends, max_distance=2 * tolerance_m, all_matches=False
    )
    at_m = shapely.line_locate_point(lines[section], ends[end], normalized=True)
    cut = split_at(graph, section.astype(np.int64), at_m * graph.length_m[section])
    node = np.full(len(ends), -1, dtype=np.int64)
    node[end] = cut.node
    return _append(cut.graph, plane, own, node.reshape(-1, 2), way_id, number)


def _append(
    graph: StreetGraph, plane: Plane, own: Lines, node: Ints, way_id: Ints, number: int
) -> StreetGraph:
    """Append lines as sections; an end without a node gets a new one."""
    xy, of = shapely.get_coordinates(own, return_index=True)
    lon, lat = plane.to_degrees(xy[:, 0], xy[:, 1])
    count = np.bincount(of)
    first = starts(count)
    ends = np.column_stack((first[:-1], first[1:] - 1))
    free = node < 0
    node[free] = graph.nodes + np.arange(int(free.sum()))
    low = min(int(graph.node_id.min()), 0)
    node_lon = np.concatenate((graph.lon, lon[ends[free]]))
    node_lat = np.concatenate((graph.lat, lat[ends[free]]))
    count += 2
    start = starts(count)
    shape_lon, shape_lat = (
        np.insert(lon, first[:-1], node_lon[node[:, 0]]),
        np.insert(lat, first[:-1], node_lat[node[:, 0]]),
    )
    tails = first[1:] + np.arange(1, len(own) + 1)
    shape_lon = np.insert(shape_lon, tails, node_lon[node[:, 1]])
    shape_lat = np.insert(shape_lat, tails, node_lat[node[:, 1]])
    metres = np.add.reduceat(segment_m(shape_lon, shape_lat, start), start[:-1])
    return replace(
        graph,
        node_id=np.concatenate((graph.node_id, low - 1 - np.arange(int(free.sum())))),
        lon=node_lon,
        lat=node_lat,
        tail=np.concatenate((graph.tail, node[:, 0])),
        head=np.concatenate((graph.head, node[:, 1])),
        length_m=np.concatenate((graph.length_m, metres)),
        cost_class=np.concatenate((graph.cost_class, np.full(len(own), number))),
        way_id=np.concatenate((graph.way_id, way_id)),
        name=np.concatenate((graph.name, np.full(len(own), -1))),
        shape_start=np.concatenate((graph.shape_start, graph.shape_start[-1] + start[1:])),
        shape_lon=np.concatenate((graph.shape_lon, shape_lon)),
        shape_lat=np.concatenate((graph.shape_lat, shape_lat)),
    )


def _stretches(graph: StreetGraph, lines: Lines, areas: Lines, number: int) -> Cuts:
    """Return the stretches of sections inside areas."""
    which, section = shapely.STRtree(lines).query(areas, predicate="intersects")
    shapely.prepare(areas)
    inside = shapely.intersection(lines[section], areas[which])
    parts, of = shapely.get_parts(inside, return_index=True)
    joined, owner = _merged_parts(parts, section[of])
    keep = shapely.length(joined) > 0
    part, owner = joined[keep], owner[keep]
    share = [
        shapely.line_locate_point(lines[owner], shapely.get_point(part, end), normalized=True)
        for end in (0, -1)
    ]
    length = graph.length_m[owner]
    return Cuts(
        owner,
        np.minimum(*share) * length,
        np.maximum(*share) * length,
        np.full(len(owner), number, dtype=np.int64),
    )


def _merged_parts(parts: Lines, owner: Ints) -> tuple[Lines, Ints]:
    """Keep the lines of mixed intersections; points only touch."""
    line = shapely.get_type_id(parts) == 1
    return parts[line], owner[line].astype(np.int64)


def _check_polygons(areas: Lines) -> None:
    wrong = np.flatnonzero(~np.isin(shapely.get_type_id(areas), (3, 6)))
    if len(wrong):
        kind = shapely.get_geometry(areas[wrong[0]], 0)
        raise bad_input(
            "a forbidden area is no polygon",
            value=str(kind)[:60],
            remedy="give polygons for areas; forbid single ways by their ids",
        )
