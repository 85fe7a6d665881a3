"""From ways as published to a clean weighted street graph, with all that was mended.

Modelling choices:

* A node is where ways meet or end; vertices between are the line of a section.
* Lengths are geodesics on WGS 84 from vertex to vertex.
* Parallel sections stay where they differ; a section that repeats another vertex by vertex goes.
* A loop is cut in two at its middle vertex, so that the houses on it keep their street.
* An end within a tolerance of a vertex is that vertex. Crossings without a common vertex are
  not joined: one may be a bridge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from nexpo.connectivity.design.findings import SHOWN, Finding, Findings, finding
from nexpo.connectivity.design.model import Ints, StreetGraph
from nexpo.connectivity.design.plane import segment_m, spans, starts
from nexpo.connectivity.design.streets.classes import StreetClasses, class_of_ways
from nexpo.connectivity.design.streets.vertices import (
    Vertices,
    cross,
    read_vertices,
    snap,
    touch,
    without_repeats,
)
from nexpo.core.problem import bad_input

_NEEDED = ("way_id", "lon", "lat")
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Cleaning:
    """How ways are joined.

    Attributes
    ----------
    snap_m
        Ends within this many metres of a vertex are one node.
    join_crossings
        Join lines that cross without a common vertex (only where the layer holds no bridges).
    every_vertex
        Keep each vertex as a node, as the publisher has it.
    """

    snap_m: float = 0.5
    join_crossings: bool = False
    every_vertex: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A street graph and what was met on the way to it."""

    graph: StreetGraph
    findings: Findings


def build(
    ways: pl.DataFrame,
    classes: StreetClasses,
    *,
    cleaning: Cleaning | None = None,
    origin: str = "",
) -> Network:
    """Build the street graph of a neutral way table.

    Parameters
    ----------
    ways
        ``way_id``, ``lon`` and ``lat`` (lists, degrees); where known ``nodes`` (list of ids),
        ``name``, tags (``highway``, ``surface``, ``bridge``, ``tunnel``, ``lit``, ``maxspeed``),
        ``cost_class`` (holds against the tags), ``length_m`` (only compared).
    classes
        The tag table.
    cleaning
        How ways are joined.
    origin
        What to cite.

    Raises
    ------
    Problem
        When there is no street at all, a column is missing, or coordinates are no degrees.

    Examples
    --------
    >>> from datetime import date
    >>> from nexpo.core.parameters import get
    >>> table = StreetClasses.of(get("design/street-classes").on(date(2025, 1, 1)))
    >>> ways = pl.DataFrame({"way_id": [7, 8], "name": ["Via Roma", None],
    ...     "highway": ["residential", "track"], "nodes": [[1, 2, 3], [2, 4]],
    ...     "lon": [[9.0, 9.001, 9.002], [9.001, 9.001]], "lat": [[45.0] * 3, [45.0, 45.001]]})
    >>> graph = build(ways, table).graph
    >>> graph.node_id.tolist(), graph.length_m.round(1).tolist()
    ([1, 2, 3, 4], [78.8, 78.8, 111.1])
    """
    cleaning = cleaning or Cleaning()
    findings = Findings().adding(_length_finding(ways))
    kept, cost_class, said = _streets(ways, classes)
    vertices, has_nodes, missing = read_vertices(kept)
    vertices, joined = _noded(vertices, cleaning, has_nodes=has_nodes)
    findings = findings.adding(*said, *missing, *joined)
    vertices, empty = without_repeats(vertices)
    findings = findings.adding(_empty_finding(kept, empty))
    if not len(vertices):
        raise _no_street(ways, findings)
    cut = _sections(vertices, every_vertex=cleaning.every_vertex)
    findings = findings.adding(_loop_finding(kept, vertices, cut))
    graph, twice = _graph(kept, cost_class, vertices, cut, origin, has_nodes=has_nodes)
    return Network(graph, findings.adding(twice))


def _streets(
    ways: pl.DataFrame, classes: StreetClasses
) -> tuple[pl.DataFrame, Ints, tuple[Finding | None, ...]]:
    for name in _NEEDED:
        if name not in ways.columns:
            raise bad_input(
                f"the way table has no column {name}",
                value=", ".join(ways.columns),
                remedy="read it with nexpo.sources.osm.read_network or nexpo.sources.lines",
            )
    if not ways.height:
        raise _no_street(ways, Findings())
    cost_class, unknown = class_of_ways(ways, classes)
    off = np.flatnonzero(cost_class < 0)
    strange = [f"{value} ({count})" for value, count in unknown.items()]
    said = (
        _of_ways("no_way", "way that is none on the ground left out", ways, off),
        finding(
            "unknown_class",
            f"kind of way unknown to the table: taken as {classes.default.value}",
            strange,
            remedy="add it to parameters/design/street-classes.yaml",
            count=sum(unknown.values()),
        ),
    )
    keep = cost_class >= 0
    if not keep.any():
        raise _no_street(ways, Findings().adding(*said))
    return ways.filter(keep), cost_class[keep], said


def _noded(
    vertices: Vertices, cleaning: Cleaning, *, has_nodes: bool
) -> tuple[Vertices, tuple[Finding, ...]]:
    touched = crossed = 0
    if len(vertices) and cleaning.join_crossings:
        vertices, crossed = cross(vertices)
    if len(vertices) and not has_nodes and cleaning.snap_m > 0:
        vertices, touched = touch(vertices, cleaning.snap_m)
    snapped = 0
    if len(vertices):
        vertices, snapped = snap(vertices, cleaning.snap_m)
    metres = f"{cleaning.snap_m:g} m"
    return vertices, (
        Finding("crossing_joined", "crossing of lines made a junction, as asked", crossed),
        Finding("touch", f"end within {metres} of a line made a junction", touched),
        Finding("snap", f"end within {metres} of another node joined to it", snapped),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Sections:
    """Sections as runs of vertices, both ends included, and the middles at which loops are cut."""

    first: Ints
    last: Ints
    loops: Ints


def _sections(vertices: Vertices, *, every_vertex: bool) -> _Sections:
    """Cut ways into sections at ends, shared vertices and the middles of loops."""
    _, at, count = np.unique(vertices.key, return_inverse=True, return_counts=True)
    is_node = vertices.is_end() | (count[at] > 1) | every_vertex
    first, last = _runs(vertices, is_node)
    loop = vertices.key[first] == vertices.key[last]
    middle = (first[loop] + last[loop]) // 2
    is_node[middle] = True
    return _Sections(*_runs(vertices, is_node), loops=middle)


def _runs(
    vertices: Vertices, is_node: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> tuple[Ints, Ints]:
    nodes = np.flatnonzero(is_node)
    same = vertices.piece[nodes[1:]] == vertices.piece[nodes[:-1]]
    return nodes[:-1][same], nodes[1:][same]


def _graph(
    ways: pl.DataFrame,
    cost_class: Ints,
    vertices: Vertices,
    cut: _Sections,
    origin: str,
    *,
    has_nodes: bool,
) -> tuple[StreetGraph, Finding]:
    names, name = _names(ways)
    way = vertices.way[cut.first]
    unique = _first_of_equals(vertices, cut, unnamed=name[way] < 0)
    first, last = cut.first[unique], cut.last[unique]
    doubles = np.setdiff1d(np.arange(len(cut.first)), unique)
    count = last - first + 1
    line = spans(first, count)
    shape_start = starts(count)
    key, node = np.unique(
        np.concatenate((vertices.key[first], vertices.key[last])), return_inverse=True
    )
    place = np.empty(len(key), dtype=np.int64)
    place[node] = np.concatenate((first, last))
    lon, lat = vertices.lon[line], vertices.lat[line]
    metres = np.add.reduceat(segment_m(lon, lat, shape_start), shape_start[:-1])
    way = vertices.way[first]
    graph = StreetGraph(
        node_id=key if has_nodes else np.arange(len(key)),
        lon=vertices.lon[place],
        lat=vertices.lat[place],
        tail=node[: len(first)],
        head=node[len(first) :],
        length_m=metres,
        cost_class=cost_class[way],
        way_id=ways["way_id"].cast(pl.Int64).to_numpy()[way],
        name=name[way],
        names=names,
        shape_start=shape_start,
        shape_lon=lon,
        shape_lat=lat,
        origin=origin,
    )
    return graph, _double_finding(ways, vertices, cut.first[doubles])


def _first_of_equals(
    vertices: Vertices, cut: _Sections, *, unnamed: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> Ints:
    """Return the sections that repeat no other, vertex by vertex; a named one stays first."""
    low = np.minimum(vertices.key[cut.first], vertices.key[cut.last])
    high = np.maximum(vertices.key[cut.first], vertices.key[cut.last])
    mixed = vertices.key.astype(np.uint64) * _MIX
    mixed ^= mixed >> np.uint64(29)
    total = np.concatenate((np.zeros(1, dtype=np.uint64), np.cumsum(mixed * _MIX)))
    content = total[cut.last + 1] - total[cut.first]
    size = cut.last - cut.first
    order = np.lexsort((np.arange(len(size)), unnamed, content, size, high, low))
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = np.any(
        [np.diff(column[order]) != 0 for column in (low, high, size, content)], axis=0
    )
    return np.sort(order[fresh])


def _names(ways: pl.DataFrame) -> tuple[tuple[str, ...], Ints]:
    if "name" not in ways.columns:
        return (), np.full(ways.height, -1, dtype=np.int64)
    column = ways["name"].cast(pl.String).str.strip_chars().replace("", None)
    names = column.drop_nulls().unique().sort().to_list()
    position = column.replace_strict(
        names, list(range(len(names))), default=-1, return_dtype=pl.Int64
    )
    return tuple(names), position.fill_null(-1).to_numpy()


def _length_finding(ways: pl.DataFrame) -> Finding | None:
    if "length_m" not in ways.columns or "way_id" not in ways.columns:
        return None
    stated = ways["length_m"].cast(pl.Float64)
    wrong = np.flatnonzero((stated <= 0).fill_null(value=False).to_numpy())
    text = "stated length not above zero: the line was measured instead"
    lengths = [f"{stated[int(row)]:g} m" for row in wrong[:SHOWN]]
    remedy = "mend the column length_m or leave it out"
    return _of_ways("stated_length", text, ways, wrong, notes=lengths, remedy=remedy)


def _empty_finding(ways: pl.DataFrame, rows: Ints) -> Finding:
    text = "way (or piece of one) without length left out"
    return _of_ways("zero_length", text, ways, rows, remedy="delete it, or draw its line")


def _loop_finding(ways: pl.DataFrame, vertices: Vertices, cut: _Sections) -> Finding:
    text = "loop cut in two at its middle"
    return _at_vertices("loop", text, ways, vertices, cut.loops)


def _double_finding(ways: pl.DataFrame, vertices: Vertices, first: Ints) -> Finding:
    text = "section that repeats another left out"
    remedy = "delete one of the two ways"
    return _at_vertices("duplicate", text, ways, vertices, first, remedy=remedy)


def _of_ways(
    kind: str,
    text: str,
    ways: pl.DataFrame,
    rows: Ints,
    *,
    notes: Sequence[str] | None = None,
    remedy: str = "",
) -> Finding:
    """Return a finding on some ways, placed at their first vertex with a coordinate."""
    shown = ways[rows[:SHOWN].tolist()]
    return finding(
        kind,
        text,
        [f"way {way}" for way in shown["way_id"]],
        lon=[_first_of(values) for values in shown["lon"].to_list()],
        lat=[_first_of(values) for values in shown["lat"].to_list()],
        notes=notes,
        remedy=remedy,
        count=len(rows),
    )


def _at_vertices(
    kind: str, text: str, ways: pl.DataFrame, vertices: Vertices, rows: Ints, *, remedy: str = ""
) -> Finding:
    shown = rows[:SHOWN]
    return finding(
        kind,
        text,
        [f"way {ways['way_id'][int(way)]}" for way in vertices.way[shown]],
        lon=vertices.lon[shown],
        lat=vertices.lat[shown],
        remedy=remedy,
        count=len(rows),
    )


def _first_of(values: Sequence[float | None] | None) -> float:
    return next((value for value in values or () if value is not None), float("nan"))


def _no_street(ways: pl.DataFrame, findings: Findings) -> Exception:
    return bad_input(
        "the network is empty: no street with a length",
        value="; ".join(str(each) for each in findings) or f"{ways.height} ways",
        remedy="choose an area with streets, or check the layer's columns and coordinate system",
    )
