"""Values of design: a street graph, what is demanded on it, and where each demand stands.

Arrays are numpy and read-only; positions (``tail``, ``head``, ``edge``) index the arrays of the
graph, never the publisher's ids. Every class checks itself at birth: later layers trust it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nexpo.core.problem import Kind, Problem

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class CostClass(Enum):
    """How a metre of route is built: the key of the unit-cost library.

    ``DUCT`` and ``POLES`` are there already and are reused; ``FORBIDDEN`` may carry no route.
    """

    PAVED = "paved"  # stone, setts, historic centre
    ASPHALT = "asphalt"  # built-up street
    RURAL_ROAD = "rural_road"  # asphalt outside built-up streets
    TRACK = "track"  # unpaved way, field, forest
    PATH = "path"  # footway, steps, cycleway
    MAIN_ROAD = "main_road"  # trunk and primary: permits, night work
    BRIDGE = "bridge"
    TUNNEL = "tunnel"
    RAIL_CROSSING = "rail_crossing"
    MOTORWAY_CROSSING = "motorway_crossing"
    WATER_CROSSING = "water_crossing"
    JOIN = "join"  # a link made between two pieces of the network, straight, unverified
    DUCT = "duct"
    POLES = "poles"
    FORBIDDEN = "forbidden"


COST_CLASSES: tuple[CostClass, ...] = tuple(CostClass)
"""The order in which ``StreetGraph.cost_class`` counts them."""


class Placement(Enum):
    """How the place of a demand was found."""

    COORDINATES = "coordinates"
    INTERPOLATED = "interpolated"  # on its street, spread by number
    STREET = "street"  # on its street, no usable number
    LOCALITY = "locality"  # no such street: spread over the municipality's unnamed ways
    OFF_NETWORK = "off_network"  # nowhere near a street: listed, not designed


class Service(Enum):
    """Whom a demand serves, which decides split or point-to-point."""

    HOME = "home"
    FIRM = "firm"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True, eq=False)
class StreetGraph:
    """An undirected street network of ``n`` nodes and ``m`` sections.

    Parameters
    ----------
    node_id
        ``(n,)`` the publisher's ids.
    lon, lat
        ``(n,)`` degrees, WGS 84.
    tail, head
        ``(m,)`` positions of the section's ends.
    length_m
        ``(m,)`` along the section's line, on the ellipsoid, above zero.
    cost_class
        ``(m,)`` positions in :data:`COST_CLASSES`.
    way_id
        ``(m,)`` the publisher's id of the way, ``-1`` where made by us.
    name
        ``(m,)`` position in ``names``, ``-1`` where the way has none.
    names
        Street names as published.
    shape_start
        ``(m + 1,)`` where each section's line begins in ``shape_lon`` and ``shape_lat``; a line
        runs from tail to head, both included.
    shape_lon, shape_lat
        Degrees, WGS 84.
    origin
        What to cite: publisher, file, licence.
    synthetic
        True where a generator made the streets.
    """

    node_id: Ints
    lon: Floats
    lat: Floats
    tail: Ints
    head: Ints
    length_m: Floats
    cost_class: Ints
    way_id: Ints
    name: Ints
    names: tuple[str, ...]
    shape_start: Ints
    shape_lon: Floats
    shape_lat: Floats
    origin: str = ""
    synthetic: bool = False

    def __post_init__(self) -> None:
        nodes, sections = len(self.node_id), len(self.tail)
        _same_length(nodes, lon=self.lon, lat=self.lat)
        _same_length(
            sections,
            head=self.head,
            length_m=self.length_m,
            cost_class=self.cost_class,
            way_id=self.way_id,
            name=self.name,
        )
        _same_length(sections + 1, shape_start=self.shape_start)
        for what, ends in (("tail", self.tail), ("head", self.head)):
            _within(what, ends, 0, nodes)
        _within("cost_class", self.cost_class, 0, len(COST_CLASSES))
        _within("name", self.name, -1, len(self.names))
        if bool(np.any(~(self.length_m > 0))):
            row = int(np.flatnonzero(~(self.length_m > 0))[0])
            raise _malformed(f"section {row} has length {self.length_m[row]:g} m, not above zero")
        _freeze(self)

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_id)

    @property
    def sections(self) -> int:
        """Number of sections."""
        return len(self.tail)

    def line(self, section: int) -> tuple[Floats, Floats]:
        """Return longitudes and latitudes of a section's line, from tail to head."""
        start, stop = self.shape_start[section], self.shape_start[section + 1]
        return self.shape_lon[start:stop], self.shape_lat[start:stop]

    def class_of(self, section: int) -> CostClass:
        """Return the cost class of a section."""
        return COST_CLASSES[int(self.cost_class[section])]


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """What wants a connection: ``k`` addresses, each on a section of a street graph.

    Parameters
    ----------
    id
        ``k`` names, unique.
    label
        ``k`` texts for people: street and number.
    units
        ``(k,)`` homes or firms behind the address, at least one.
    service
        ``(k,)`` positions in ``tuple(Service)``.
    klass
        ``k`` source's classes (``A``, ``B``, ``C`` of the uncovered list), ``""`` where none.
    connected
        ``(k,)`` true where a network is there already: shown, not designed.
    lon, lat
        ``(k,)`` degrees of the address itself; equal to the street point where interpolated.
    section
        ``(k,)`` position of the section served from, ``-1`` when off the network.
    offset_m
        ``(k,)`` metres from the section's tail to the point served from.
    lead_m
        ``(k,)`` metres from that point to the address, zero where interpolated.
    placement
        ``(k,)`` positions in ``tuple(Placement)``.
    score
        ``(k,)`` 0 to 1: how well the street's name matched (1 for coordinates).
    synthetic
        True where a generator made the addresses.
    """

    id: tuple[str, ...]
    label: tuple[str, ...]
    units: Ints
    service: Ints
    klass: tuple[str, ...]
    connected: NDArray[np.bool_]
    lon: Floats
    lat: Floats
    section: Ints
    offset_m: Floats
    lead_m: Floats
    placement: Ints
    score: Floats
    synthetic: bool = False

    def __post_init__(self) -> None:
        arrays = {
            each.name: getattr(self, each.name)
            for each in fields(self)
            if each.name not in {"id", "synthetic"}
        }
        _same_length(len(self.id), **arrays)
        if len(set(self.id)) != len(self.id):
            raise _malformed("two demands share an id")
        _within("service", self.service, 0, len(Service))
        _within("placement", self.placement, 0, len(Placement))
        if bool(np.any(self.units < 1)):
            raise _malformed("a demand has no unit: leave it out or count at least one")
        _freeze(self)

    def __len__(self) -> int:
        return len(self.id)

    def take(self, rows: Ints) -> Demand:
        """Return the demands at some positions, in that order."""
        picked: dict[str, Any] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, tuple):
                picked[each.name] = tuple(value[int(row)] for row in rows)
            elif isinstance(value, np.ndarray):
                picked[each.name] = value[rows]
            else:
                picked[each.name] = value
        return Demand(**picked)


def _freeze(value: object) -> None:
    for each in fields(value):  # type: ignore[arg-type]
        array = getattr(value, each.name)
        if isinstance(array, np.ndarray):
            array.setflags(write=False)


def _same_length(length: int, **arrays: Sequence[Any] | NDArray[Any]) -> None:
    for name, array in arrays.items():
        if len(array) != length:
            raise _malformed(f"{name} holds {len(array)} values where {length} are due")


def _within(name: str, positions: Ints, low: int, high: int) -> None:
    if len(positions) and (int(positions.min()) < low or int(positions.max()) >= high):
        raise _malformed(f"{name} points outside {low} to {high - 1}")


def _malformed(message: str) -> Problem:
    return Problem(Kind.BAD_INPUT, message, remedy="build the value with the functions of design")
