"""Small grounds to design on, drawn by hand or by a seed, for the tests of this folder."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np

from nexpo.build.design import design_area
from nexpo.build.design.materials import made_up
from nexpo.build.design.model import AreaDesign, Effort, Materials, Place, Request
from nexpo.connectivity.design.model import Demand, Placement, Service, StreetGraph
from nexpo.connectivity.design.streets.synthetic import Territory, lattice

DAY = date(2025, 8, 1)
REQUEST = Request(
    "Borgo", on=DAY, weather=False, sites=6, clusters=6, front=60, effort=Effort(rounds=20)
)


@cache
def borgo() -> Materials:
    """Return a made-up village of 40 addresses in Lombardy."""
    place = Place("Borgo", ("097042",), "03")
    return made_up(place, Territory(3.0, 900, 9.4, 45.8), 40, seed=3)


@cache
def village() -> AreaDesign:
    """Return its design, fibre and wireless."""
    return design_area(REQUEST, materials=borgo())


def on_sections(graph: StreetGraph, sections: list[int], *, units: int = 1) -> Demand:
    """Return addresses in the middle of some sections; -1 is off the network."""
    count = len(sections)
    section = np.array(sections, np.int64)
    known = section >= 0
    middle = np.where(known, graph.length_m[np.where(known, section, 0)] / 2, 0.0)
    placed = [Placement.COORDINATES if on else Placement.OFF_NETWORK for on in known]
    return Demand(
        id=tuple(f"a{number}" for number in range(count)),
        label=tuple(f"Row {number}" for number in range(count)),
        units=np.full(count, units, np.int64),
        service=np.full(count, tuple(Service).index(Service.HOME)),
        klass=("C",) * count,
        connected=np.zeros(count, np.bool_),
        lon=np.where(known, graph.lon[graph.tail[np.where(known, section, 0)]], 9.0),
        lat=np.where(known, graph.lat[graph.tail[np.where(known, section, 0)]], 45.0),
        section=section,
        offset_m=middle,
        lead_m=np.zeros(count),
        placement=np.array([tuple(Placement).index(each) for each in placed]),
        score=np.ones(count),
    )


def grid(sections: list[int], *, spacing_m: float = 100.0) -> Materials:
    """Return a grid of 4 x 3 corners with addresses on some sections."""
    graph = lattice(4, 3, spacing_m)
    return Materials(Place("Grid"), graph, on_sections(graph, sections))
