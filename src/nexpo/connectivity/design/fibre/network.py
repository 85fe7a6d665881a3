"""The street graph with every served point, address and POP put in as a node.

A section is cut where addresses are served from, so that a trench ends where it is needed;
every piece remembers its section and the metres between which it lies, so that a trench maps
back onto the street's line. Two addresses served from one point share its node.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from nexpo.connectivity.design.fibre.model import Floats, Inputs, Ints, Mask, Options, Pop
from nexpo.connectivity.design.model import COST_CLASSES, CostClass, Demand, Placement, StreetGraph
from nexpo.core.problem import Kind, Problem

if TYPE_CHECKING:
    from pyproj import Geod

LEAD = -1
"""Stands where a piece is no piece of a section: a lead from the street to an address or POP."""

_FORBIDDEN = COST_CLASSES.index(CostClass.FORBIDDEN)
_OFF = tuple(Placement).index(Placement.OFF_NETWORK)
_SAME_M = 0.01  # points closer than a centimetre are one
_SLIP_M = 1.0  # an offset may miss its section by so much (rounding of the source)
_LEAD_M = 0.5  # a POP nearer to its node than this stands on it


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """``n`` nodes and ``m`` pieces on which routes are chosen.

    Parameters
    ----------
    lon, lat
        ``(n,)`` degrees. Street nodes come first, in the street graph's order.
    tail, head
        ``(m,)`` node positions.
    section
        ``(m,)`` position of the street section, :data:`LEAD` for a lead.
    from_m, to_m
        ``(m,)`` metres from the section's tail between which the piece lies.
    length_m, cost_class
        ``(m,)``; the class of a lead is :data:`LEAD`.
    point, place
        ``(k,)`` by demand: node it is served from, node of the address; -1 where it has none.
    lead
        ``(k,)`` by demand: piece from point to place, -1 where they are one.
    pop, pop_lead
        By POP: its node, and the piece to the street, -1 where it stands on it.
    """

    lon: Floats
    lat: Floats
    tail: Ints
    head: Ints
    section: Ints
    from_m: Floats
    to_m: Floats
    length_m: Floats
    cost_class: Ints
    point: Ints
    place: Ints
    lead: Ints
    pop: Ints
    pop_lead: Ints

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.lon)

    @property
    def pieces(self) -> int:
        """Number of pieces."""
        return len(self.tail)


def routable(streets: StreetGraph, demand: Demand) -> Mask:
    """Say which demands stand on a section that may carry a route."""
    on = (demand.section >= 0) & (demand.section < streets.sections) & (demand.placement != _OFF)
    section = np.where(on, demand.section, 0)
    if streets.sections == 0:
        return np.zeros(len(demand), np.bool_)
    beyond = (demand.offset_m < -_SLIP_M) | (demand.offset_m > streets.length_m[section] + _SLIP_M)
    known = np.isfinite(demand.offset_m) & np.isfinite(demand.lead_m) & (demand.lead_m >= 0)
    fit: Mask = on & known & ~beyond & (streets.cost_class[section] != _FORBIDDEN)
    return fit


def build(inputs: Inputs, wanted: Mask, options: Options) -> Network:
    """Return the network for the wanted demands and all POPs.

    Parameters
    ----------
    inputs
        Streets, demand and POPs.
    wanted
        ``(k,)`` the demands to put in; each must be :func:`routable`.
    options
        How far a POP may stand from a street.

    Raises
    ------
    Problem
        When a POP is nowhere near a street.
    """
    streets, demand = inputs.streets, inputs.demand
    rows = np.flatnonzero(wanted)
    section = demand.section[rows]
    offset = np.clip(demand.offset_m[rows], 0.0, streets.length_m[section])
    point_of, cut_section, cut_m = _points(streets, section, offset)
    cut_lon, cut_lat = along(streets, cut_section, cut_m)
    cuts = streets.nodes + np.arange(len(cut_m))
    pieces = _pieces(streets, cut_section, cut_m, cuts)
    point = _scatter(len(demand), rows, point_of)
    led = rows[demand.lead_m[rows] > 0]
    first = streets.nodes + len(cut_m)
    place = point.copy()
    place[led] = first + np.arange(len(led))
    lead = _scatter(len(demand), led, len(pieces.tail) + np.arange(len(led)))
    leads = _leads(point[led], place[led], demand.lead_m[led])
    pop, pop_lead, stands, more = _pops(
        inputs, options, first + len(led), len(pieces.tail) + len(led)
    )
    joined = _Pieces(*(np.concatenate(each) for each in zip(pieces, leads, more, strict=True)))
    return Network(
        np.concatenate([streets.lon, cut_lon, demand.lon[led], stands[0]]),
        np.concatenate([streets.lat, cut_lat, demand.lat[led], stands[1]]),
        **joined._asdict(),
        point=point,
        place=place,
        lead=lead,
        pop=pop,
        pop_lead=pop_lead,
    )


def along(streets: StreetGraph, section: Ints, offset_m: Floats) -> tuple[Floats, Floats]:
    """Return the points at some metres from the tails of sections, on their lines.

    Between two vertices of a line the point is interpolated in degrees: vertices of streets
    are so near each other that the geodesic lies on that line.
    """
    way = _Ways.of(streets)
    return way.at(section, offset_m)


class _Pieces(NamedTuple):
    """The columns of pieces in :class:`Network`."""

    tail: Ints
    head: Ints
    section: Ints
    from_m: Floats
    to_m: Floats
    length_m: Floats
    cost_class: Ints


@dataclass(frozen=True, slots=True, eq=False)
class _Ways:
    """Lines of all sections laid end to end, so that one search finds any point."""

    streets: StreetGraph
    chain_m: Floats  # metres from the first vertex of all to each vertex
    scale: Floats  # metres of line per metre of section

    @classmethod
    def of(cls, streets: StreetGraph) -> _Ways:
        lon, lat = streets.shape_lon, streets.shape_lat
        step = np.zeros(len(lon))
        if len(lon) > 1:
            step[1:] = geod().inv(lon[:-1], lat[:-1], lon[1:], lat[1:])[2]
        step[streets.shape_start[:-1]] = 0.0
        chain = np.cumsum(step)
        line = chain[streets.shape_start[1:] - 1] - chain[streets.shape_start[:-1]]
        return cls(streets, chain, line / streets.length_m)

    def at(self, section: Ints, offset_m: Floats) -> tuple[Floats, Floats]:
        target = self.position(section, offset_m)
        low, high = self.streets.shape_start[section], self.streets.shape_start[section + 1] - 1
        after = np.clip(np.searchsorted(self.chain_m, target), low + 1, high)
        span = self.chain_m[after] - self.chain_m[after - 1]
        share = np.where(span > 0, (target - self.chain_m[after - 1]) / np.where(span, span, 1), 0)
        share = np.clip(share, 0.0, 1.0)
        lon, lat = self.streets.shape_lon, self.streets.shape_lat
        return (
            lon[after - 1] + share * (lon[after] - lon[after - 1]),
            lat[after - 1] + share * (lat[after] - lat[after - 1]),
        )

    def position(self, section: Ints, offset_m: Floats) -> Floats:
        start = self.chain_m[self.streets.shape_start[section]]
        found: Floats = start + offset_m * self.scale[section]
        return found


def lines(streets: StreetGraph, network: Network, pieces: Ints) -> tuple[Floats, Ints]:
    """Return the lines of some pieces, from tail to head.

    Returns
    -------
    Coordinates ``(v, 2)`` in degrees and ``(v,)`` the position in ``pieces`` each belongs to,
    ready for :func:`shapely.linestrings`.
    """
    way = _Ways.of(streets)
    section = network.section[pieces]
    street = np.flatnonzero(section != LEAD)
    part = section[street]
    low = way.position(part, network.from_m[pieces[street]])
    high = way.position(part, network.to_m[pieces[street]])
    inner_from = np.maximum(
        np.searchsorted(way.chain_m, low + _SAME_M), streets.shape_start[part] + 1
    )
    inner_to = np.minimum(
        np.searchsorted(way.chain_m, high - _SAME_M), streets.shape_start[part + 1] - 1
    )
    count = np.maximum(inner_to - inner_from, 0)
    owner = np.repeat(street, count)
    vertex = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    vertex += np.repeat(inner_from, count)
    every = np.arange(len(pieces))
    ends = [network.tail[pieces], network.head[pieces]]
    lon = np.concatenate([network.lon[ends[0]], streets.shape_lon[vertex], network.lon[ends[1]]])
    lat = np.concatenate([network.lat[ends[0]], streets.shape_lat[vertex], network.lat[ends[1]]])
    index = np.concatenate([every, owner, every])
    turn = np.concatenate([np.full(len(every), -1), vertex, np.full(len(every), len(way.chain_m))])
    order = np.lexsort((turn, index))
    return np.column_stack([lon, lat])[order], index[order]


@cache
def geod() -> Geod:
    """Return the WGS 84 ellipsoid."""
    from pyproj import Geod  # noqa: PLC0415 - PROJ starts only when something is measured

    return Geod(ellps="WGS84")


def _points(streets: StreetGraph, section: Ints, offset: Floats) -> tuple[Ints, Ints, Floats]:
    """Return the node of each demand and where sections are cut (section, metres)."""
    length = streets.length_m[section]
    node = np.where(offset <= _SAME_M, streets.tail[section], streets.head[section])
    inside = np.flatnonzero((offset > _SAME_M) & (offset < length - _SAME_M))
    centimetre = np.floor(offset[inside] / _SAME_M).astype(np.int64)
    keys = np.column_stack([section[inside], centimetre])
    cuts, which = np.unique(keys, axis=0, return_inverse=True)
    node[inside] = streets.nodes + which.ravel()
    middle = np.zeros(len(cuts))
    np.maximum.at(middle, which.ravel(), offset[inside])
    return node, cuts[:, 0], middle


def _pieces(streets: StreetGraph, cut: Ints, cut_m: Floats, node: Ints) -> _Pieces:
    """Return the pieces between the ends and cuts of every section that may carry a route."""
    free = np.flatnonzero(streets.cost_class != _FORBIDDEN)
    section = np.concatenate([free, free, cut])
    at_m = np.concatenate([np.zeros(len(free)), streets.length_m[free], cut_m])
    ends = np.concatenate([streets.tail[free], streets.head[free], node])
    order = np.lexsort((at_m, section))
    section, at_m, ends = section[order], at_m[order], ends[order]
    pair = np.flatnonzero(section[:-1] == section[1:])
    low, high = at_m[pair], at_m[pair + 1]
    part = section[pair]
    kind = streets.cost_class[part]
    return _Pieces(ends[pair], ends[pair + 1], part, low, high, high - low, kind)


def _leads(tail: Ints, head: Ints, length_m: Floats) -> _Pieces:
    none = np.full(len(tail), LEAD)
    return _Pieces(tail, head, none, np.zeros(len(tail)), length_m, length_m, none)


def _pops(
    inputs: Inputs, options: Options, first: int, piece: int
) -> tuple[Ints, Ints, tuple[Floats, Floats], _Pieces]:
    """Return POP nodes, their leads, where new nodes stand, and the pieces to them."""
    found = [_snap(inputs.streets, pop, options) for pop in inputs.pops]
    node = np.array([each for each, _ in found], dtype=np.int64)
    away = np.array([metres for _, metres in found], dtype=np.float64)
    off = np.flatnonzero(away > _LEAD_M)
    lead = np.full(len(node), -1)
    lead[off] = piece + np.arange(len(off))
    place = node.copy()
    place[off] = first + np.arange(len(off))
    lon = np.array([inputs.pops[each].lon for each in off], dtype=np.float64)
    lat = np.array([inputs.pops[each].lat for each in off], dtype=np.float64)
    return place, lead, (lon, lat), _leads(place[off], node[off], away[off])


def _snap(streets: StreetGraph, pop: Pop, options: Options) -> tuple[int, float]:
    """Return the street node a POP is joined to, and how many metres away it stands."""
    if pop.node is not None:
        if not 0 <= pop.node < streets.nodes:
            raise Problem(
                Kind.BAD_INPUT,
                f"POP {pop.id} stands at a node that the streets do not have",
                value=pop.node,
                remedy=f"give a node from 0 to {streets.nodes - 1}, or longitude and latitude",
            )
        return pop.node, 0.0
    usable = np.zeros(streets.nodes, np.bool_)
    free = streets.cost_class != _FORBIDDEN
    usable[streets.tail[free]] = usable[streets.head[free]] = True
    nodes = np.flatnonzero(usable)
    if not (np.isfinite(pop.lon) and np.isfinite(pop.lat)) or not len(nodes):
        raise Problem(
            Kind.BAD_INPUT,
            f"POP {pop.id} has no place on the streets",
            value=(pop.lon, pop.lat),
            remedy="give its longitude and latitude in degrees, or a node",
        )
    shrink = np.array([np.cos(np.radians(pop.lat)), 1.0])
    there = np.column_stack([streets.lon[nodes], streets.lat[nodes]]) * shrink
    near = int(nodes[cKDTree(there).query(np.array([pop.lon, pop.lat]) * shrink)[1]])
    away = float(geod().inv(pop.lon, pop.lat, streets.lon[near], streets.lat[near])[2])
    if away > options.pop_snap_m:
        raise Problem(
            Kind.BAD_INPUT,
            f"POP {pop.id} stands {away:,.0f} m from the nearest street node",
            value=(pop.lon, pop.lat),
            remedy="longitude comes first: the two look swapped"
            if _swapped(streets, pop)
            else f"move it within {options.pop_snap_m:g} m of a street, or add the streets",
        )
    return near, away


def _swapped(streets: StreetGraph, pop: Pop) -> bool:
    """Say whether a POP would lie among the streets with its degrees the other way round."""
    return bool(
        streets.lon.min() <= pop.lat <= streets.lon.max()
        and streets.lat.min() <= pop.lon <= streets.lat.max()
    )


def _scatter(length: int, rows: Ints, values: Ints) -> Ints:
    found = np.full(length, -1, dtype=np.int64)
    found[rows] = values
    return found
