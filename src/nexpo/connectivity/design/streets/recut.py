"""Cutting sections: at points where something is served, and where the cost class changes.

A place on a section is metres from its tail. Cutting keeps the sum of lengths: the length of
a piece is the difference of the places of its ends, measured on the ellipsoid.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from nexpo.connectivity.design.model import COST_CLASSES, CostClass, Floats, Ints, StreetGraph
from nexpo.connectivity.design.plane import segment_m, spans, starts

LEAST_M = 0.01
"""A cut nearer than this to an end, in metres, falls on the end: streets are not known better."""

_GAP_M = 1.0
PRECEDENCE: tuple[CostClass, ...] = (
    CostClass.MOTORWAY_CROSSING,
    CostClass.RAIL_CROSSING,
    CostClass.WATER_CROSSING,
    CostClass.POLES,
    CostClass.DUCT,
    CostClass.FORBIDDEN,
)
"""Where cuts overlap, the later of these holds; what is there already is never dug again."""


@dataclass(frozen=True, slots=True, eq=False)
class Cuts:
    """Stretches of sections that get another class.

    Parameters
    ----------
    section
        Positions in the graph.
    start_m, stop_m
        Metres from the tail; clipped to the section.
    cost_class
        Positions in ``COST_CLASSES``.
    """

    section: Ints
    start_m: Floats
    stop_m: Floats
    cost_class: Ints

    def __len__(self) -> int:
        return len(self.section)


@dataclass(frozen=True, slots=True, eq=False)
class Recut:
    """A graph after cutting.

    Attributes
    ----------
    graph
        The new graph: the old nodes keep their positions, new ones follow.
    section
        For each new section the old one that it is a piece of.
    start_m
        For each new section where it begins on the old one, metres from the old tail.
    node
        For each point asked for, its node.
    """

    graph: StreetGraph
    section: Ints
    start_m: Floats
    node: Ints


def recut(graph: StreetGraph, cuts: Cuts) -> Recut:
    """Return the graph with stretches of sections given another class.

    Examples
    --------
    >>> from nexpo.connectivity.design.streets.synthetic import lattice
    >>> graph = lattice(2, 1, 100.0)
    >>> middle = Cuts(np.array([0]), np.array([40.0]), np.array([60.0]), np.array([8]))
    >>> new = recut(graph, middle).graph
    >>> new.length_m.round(1).tolist(), [new.class_of(s).value for s in range(3)]
    ([40.0, 20.0, 40.0], ['asphalt', 'rail_crossing', 'asphalt'])
    """
    length = graph.length_m[cuts.section]
    low = np.clip(np.minimum(cuts.start_m, cuts.stop_m), 0.0, length)
    high = np.clip(np.maximum(cuts.start_m, cuts.stop_m), 0.0, length)
    twice = np.concatenate((cuts.section, cuts.section))
    cut = _cut(graph, twice, np.concatenate((low, high)))
    rank = _ranks()
    best = _best_rank(cut, graph, cuts.section, low, high, rank[cuts.cost_class])
    new_class = np.where(best >= 0, np.argsort(rank)[best], cut.graph.cost_class)
    return replace(cut, graph=replace(cut.graph, cost_class=new_class))


def split_at(graph: StreetGraph, section: Ints, offset_m: Floats) -> Recut:
    """Return the graph with a node at each of some points, and those nodes.

    Points that fall together share a node; one within a centimetre of an end is that end.

    Parameters
    ----------
    section
        Positions in the graph.
    offset_m
        Metres from the tail; clipped to the section.

    Examples
    --------
    >>> from nexpo.connectivity.design.streets.synthetic import lattice
    >>> cut = split_at(lattice(2, 1, 100.0), np.array([0, 0, 0]), np.array([30.0, 30.0, 100.0]))
    >>> cut.node.tolist(), cut.graph.length_m.round(1).tolist()
    ([2, 2, 1], [30.0, 70.0])
    """
    return _cut(graph, section, np.clip(offset_m, 0.0, graph.length_m[section]))


def _cut(graph: StreetGraph, section: Ints, at_m: Floats) -> Recut:
    """Cut sections at some places, in ``O(n log n)`` of all of them."""
    length = graph.length_m[section]
    inside = (at_m > LEAST_M) & (at_m < length - LEAST_M)
    new_section, new_at, which = _distinct(section[inside], at_m[inside])
    node = np.where(at_m <= LEAST_M, graph.tail[section], graph.head[section])
    node[inside] = graph.nodes + which
    if not len(new_section):
        return Recut(graph, np.arange(graph.sections), np.zeros(graph.sections), node)
    lon, lat, shape = places(graph, new_section, new_at)
    pieces = np.bincount(new_section, minlength=graph.sections) + 1
    old = np.repeat(np.arange(graph.sections), pieces)
    first = starts(pieces)
    tail, head, low, high = _ends(graph, new_section, new_at, pieces, first)
    shape_start, shape_lon, shape_lat = _shapes(graph, shape, lon, lat)
    low_id = min(int(graph.node_id.min()), 0)
    cut = replace(
        graph,
        node_id=np.concatenate((graph.node_id, low_id - 1 - np.arange(len(new_section)))),
        lon=np.concatenate((graph.lon, lon)),
        lat=np.concatenate((graph.lat, lat)),
        tail=tail,
        head=head,
        length_m=high - low,
        cost_class=graph.cost_class[old],
        way_id=graph.way_id[old],
        name=graph.name[old],
        shape_start=shape_start,
        shape_lon=shape_lon,
        shape_lat=shape_lat,
    )
    return Recut(cut, old, low, node)


def _distinct(section: Ints, at_m: Floats) -> tuple[Ints, Floats, Ints]:
    """Return the distinct places by section and metres, and which of them each place is.

    Places closer than :data:`LEAST_M` to the one before are one.
    """
    order = np.lexsort((at_m, section))
    sorted_section, sorted_at = section[order], at_m[order]
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (np.diff(sorted_section) > 0) | (np.diff(sorted_at) > LEAST_M)
    which = np.empty(len(order), dtype=np.int64)
    which[order] = np.cumsum(fresh) - 1
    return sorted_section[fresh], sorted_at[fresh], which


def places(graph: StreetGraph, section: Ints, at_m: Floats) -> tuple[Floats, Floats, Ints]:
    """Return longitude and latitude of places on sections, and the shape vertex after each."""
    along, base = _along(graph)
    wanted = base[section] + at_m
    after = np.searchsorted(along, wanted, side="left")
    after = np.clip(after, graph.shape_start[section] + 1, graph.shape_start[section + 1] - 1)
    step = along[after] - along[after - 1]
    share = np.clip((wanted - along[after - 1]) / np.where(step > 0, step, 1.0), 0.0, 1.0)
    lon = graph.shape_lon[after - 1] * (1 - share) + graph.shape_lon[after] * share
    lat = graph.shape_lat[after - 1] * (1 - share) + graph.shape_lat[after] * share
    return lon, lat, after


def _along(graph: StreetGraph) -> tuple[Floats, Floats]:
    """Return a coordinate that rises over all vertices, and its value at each section's tail."""
    step = segment_m(graph.shape_lon, graph.shape_lat, graph.shape_start)
    total = np.add.reduceat(step, graph.shape_start[:-1])
    owner = np.repeat(np.arange(graph.sections), np.diff(graph.shape_start))
    step *= (graph.length_m / np.where(total > 0, total, 1.0))[owner]
    base = np.concatenate((np.zeros(1), np.cumsum(graph.length_m + _GAP_M)[:-1]))
    run = np.cumsum(step)
    return run - run[graph.shape_start[:-1]][owner] + base[owner], base


def _ends(
    graph: StreetGraph, section: Ints, at_m: Floats, pieces: Ints, first: Ints
) -> tuple[Ints, Ints, Floats, Floats]:
    total = int(first[-1])
    tail, head = np.empty(total, dtype=np.int64), np.empty(total, dtype=np.int64)
    low, high = np.zeros(total), np.empty(total)
    last = first[1:] - 1
    tail[first[:-1]], head[last], high[last] = graph.tail, graph.head, graph.length_m
    earlier = np.cumsum(pieces) - pieces - np.arange(graph.sections)
    before = first[section] + np.arange(len(section)) - earlier[section]
    made = graph.nodes + np.arange(len(section))
    head[before], tail[before + 1] = made, made
    high[before], low[before + 1] = at_m, at_m
    return tail, head, low, high


def _shapes(
    graph: StreetGraph, before: Ints, lon: Floats, lat: Floats
) -> tuple[Ints, Floats, Floats]:
    """Return the shapes with each new vertex in twice: it ends one piece and begins the next."""
    twice = np.repeat(before, 2)
    shape_lon = np.insert(graph.shape_lon, twice, np.repeat(lon, 2))
    shape_lat = np.insert(graph.shape_lat, twice, np.repeat(lat, 2))
    moved = graph.shape_start + 2 * np.searchsorted(before, graph.shape_start, side="right")
    moved[-1] = len(shape_lon)
    seconds = before + 2 * np.arange(len(before)) + 1
    return np.sort(np.concatenate((moved, seconds))), shape_lon, shape_lat


def _best_rank(
    cut: Recut, graph: StreetGraph, section: Ints, low: Floats, high: Floats, rank: Ints
) -> Ints:
    """Return for each piece the highest rank of the stretches that hold its middle, or -1."""
    base = np.concatenate((np.zeros(1), np.cumsum(graph.length_m + _GAP_M)[:-1]))
    middle = base[cut.section] + cut.start_m + cut.graph.length_m / 2
    first = np.searchsorted(middle, base[section] + low, side="left")
    stop = np.searchsorted(middle, base[section] + high, side="right")
    count = np.maximum(stop - first, 0)
    best = np.full(len(middle), -1, dtype=np.int64)
    np.maximum.at(best, spans(first, count), np.repeat(rank, count))
    return best


def _ranks() -> Ints:
    order = [each for each in COST_CLASSES if each not in PRECEDENCE] + list(PRECEDENCE)
    return np.array([order.index(each) for each in COST_CLASSES], dtype=np.int64)
