"""Barriers, forbidden ground, ducts, cuts and joins on small grids."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
import shapely

from nexpo.connectivity.design.model import COST_CLASSES, CostClass, StreetGraph
from nexpo.connectivity.design.plane import Plane
from nexpo.connectivity.design.streets.classes import StreetClasses
from nexpo.connectivity.design.streets.components import apart, components, join
from nexpo.connectivity.design.streets.crossings import (
    as_barriers,
    barriers,
    cross,
    forbid,
    forbid_ways,
    reuse,
)
from nexpo.connectivity.design.streets.recut import Cuts, recut, split_at
from nexpo.connectivity.design.streets.synthetic import lattice
from nexpo.core.parameters import get
from nexpo.core.problem import Problem

CLASSES = StreetClasses.of(get("design/street-classes").on(date(2025, 1, 1)))
PLANE = Plane(9.4, 45.8)


def metres_by_class(graph: StreetGraph) -> dict[str, float]:
    total = np.bincount(graph.cost_class, weights=graph.length_m, minlength=len(COST_CLASSES))
    return {
        each.value: round(float(m), 1) for each, m in zip(COST_CLASSES, total, strict=True) if m
    }


def line(*points: tuple[float, float], **tags: object) -> pl.DataFrame:
    """A way through points in metres from the lattice's first node."""
    x, y = np.array(points, dtype=float).T
    lon, lat = PLANE.to_degrees(x, y)
    return pl.DataFrame({"way_id": [77], "lon": [lon.tolist()], "lat": [lat.tolist()]} | {
        key: [value] for key, value in tags.items()
    })  # fmt: skip


def square(west: float, south: float, east: float, north: float) -> np.ndarray:
    corners = np.array([(west, south), (east, south), (east, north), (west, north)])
    return np.array([shapely.Polygon(np.column_stack(PLANE.to_degrees(*corners.T)))])


def test_a_railway_makes_twenty_metres_dear() -> None:
    graph = lattice(2, 1, 100.0)
    made, said = cross(graph, as_barriers(line((50, -9), (50, 9)), CostClass.RAIL_CROSSING), 20.0)
    assert metres_by_class(made) == {"asphalt": 80.0, "rail_crossing": 20.0}
    assert said.count == 1
    assert said.places[0].note == "rail_crossing, way 77"
    assert made.length_m.sum() == pytest.approx(graph.length_m.sum())


def test_barriers_side_by_side_are_one_crossing_and_the_dearer_holds() -> None:
    graph = lattice(2, 1, 100.0)
    rails = as_barriers(line((50, -9), (50, 9)), CostClass.RAIL_CROSSING)
    river = as_barriers(line((60, -9), (60, 9)), CostClass.WATER_CROSSING)
    both = type(rails)(
        np.concatenate((rails.line, river.line)),
        np.concatenate((rails.cost_class, river.cost_class)),
        np.array([1, 2]),
    )
    assert metres_by_class(cross(graph, both, 20.0)[0]) == {
        "asphalt": 70.0,
        "rail_crossing": 10.0,
        "water_crossing": 20.0,
    }


def test_a_bridge_crosses_without_works() -> None:
    graph = lattice(2, 1, 100.0)
    whole = Cuts(np.array([0]), np.array([0.0]), np.array([100.0]), np.array([0]))
    bridge = recut(graph, Cuts(whole.section, whole.start_m, whole.stop_m, np.array([6]))).graph
    assert metres_by_class(bridge) == {"bridge": 100.0}
    river = as_barriers(line((50, -9), (50, 9)), CostClass.WATER_CROSSING)
    assert cross(bridge, river, 20.0)[1].count == 0


def test_barriers_are_found_by_tags_unless_they_lie_on_a_bridge() -> None:
    ways = pl.concat(
        [
            line((0, 0), (1, 1), railway="rail", waterway=None, highway=None, bridge=None),
            line((0, 0), (1, 1), railway="rail", waterway=None, highway=None, bridge="yes"),
            line((0, 0), (1, 1), railway=None, waterway="river", highway=None, bridge=None),
            line((0, 0), (1, 1), railway=None, waterway=None, highway="motorway", bridge=None),
            line((0, 0), (1, 1), railway=None, waterway=None, highway="residential", bridge=None),
            line((0, 0), (1, 1), railway="platform", waterway=None, highway=None, bridge=None),
        ],
        how="vertical_relaxed",
    )
    found = barriers(ways, CLASSES)
    assert [COST_CLASSES[c].value for c in found.cost_class] == [
        "rail_crossing",
        "water_crossing",
        "motorway_crossing",
    ]


def test_no_route_inside_a_forbidden_area() -> None:
    made, said = forbid(lattice(3, 1, 100.0), square(30, -50, 130, 50))
    assert metres_by_class(made) == {"asphalt": 100.0, "forbidden": 100.0}
    assert said.count == 2
    assert len(components(made)) == 2


def test_a_forbidden_area_is_a_polygon() -> None:
    with pytest.raises(Problem, match="no polygon"):
        forbid(lattice(2, 1, 10.0), np.array([shapely.Point(9.4, 45.8)]))


def test_forbidden_ways_must_be_there() -> None:
    made = forbid_ways(lattice(3, 1, 100.0), np.array([1]))
    assert made.class_of(1) is CostClass.FORBIDDEN
    with pytest.raises(Problem, match="not in the street graph"):
        forbid_ways(made, np.array([99]))


def test_a_duct_beside_a_street_is_reused_where_it_runs() -> None:
    made, _ = reuse(lattice(2, 1, 200.0), line((20, 3), (140, 3)), CostClass.DUCT)
    assert metres_by_class(made) == pytest.approx({"asphalt": 80.0, "duct": 120.0}, abs=0.2)


def test_a_duct_that_only_crosses_a_street_changes_nothing_on_it() -> None:
    made, _ = reuse(lattice(2, 1, 200.0), line((100, -10), (100, 10)), CostClass.DUCT)
    assert metres_by_class(made)["asphalt"] == pytest.approx(200.0, abs=0.1)


def test_a_duct_away_from_streets_becomes_a_section_tied_at_both_ends() -> None:
    graph = lattice(2, 2, 200.0)
    made, said = reuse(graph, line((50, 2), (50, 198)), CostClass.POLES)
    assert said.text == "poles reused: 0 m along streets, 1 apart from them"
    assert len(components(made)) == 1
    assert metres_by_class(made)["poles"] == pytest.approx(200.0, abs=0.5)
    assert made.way_id[made.cost_class == COST_CLASSES.index(CostClass.POLES)].tolist() == [77]


def test_only_ducts_and_poles_are_reused() -> None:
    with pytest.raises(Problem, match="only ducts and poles"):
        reuse(lattice(2, 1, 10.0), line((0, 0), (1, 0)), CostClass.PAVED)


def test_an_existing_duct_is_never_dug_again_at_a_crossing() -> None:
    graph, _ = reuse(lattice(2, 1, 200.0), line((0, 2), (200, 2)), CostClass.DUCT)
    rails = as_barriers(line((100, -9), (100, 9)), CostClass.RAIL_CROSSING)
    assert "rail_crossing" not in metres_by_class(cross(graph, rails, 20.0)[0])


def test_splitting_keeps_lengths_and_lines() -> None:
    graph = lattice(3, 2, 100.0)
    section, offset = np.array([0, 0, 3, 6, 6]), np.array([70.0, 30.0, 0.0, 99.999, 50.0])
    cut = split_at(graph, section, offset)
    assert cut.graph.sections == graph.sections + 3
    assert cut.graph.length_m.sum() == pytest.approx(graph.length_m.sum(), rel=1e-12)
    assert cut.node[2] == graph.tail[3]
    assert cut.node[3] == graph.head[6]
    for place in range(cut.graph.sections):
        lon, lat = cut.graph.line(place)
        for end, node in ((0, cut.graph.tail[place]), (-1, cut.graph.head[place])):
            assert (lon[end], lat[end]) == (cut.graph.lon[node], cut.graph.lat[node])
    assert np.unique(cut.graph.node_id).size == cut.graph.nodes


def two_streets(gap_m: float) -> StreetGraph:
    graph = lattice(4, 1, 100.0)
    middle = forbid_ways(graph, np.array([1]))
    return forbid_ways(lattice(4, 1, gap_m), np.array([1])) if gap_m != 100.0 else middle


def test_pieces_are_listed_with_place_and_size() -> None:
    said = apart(two_streets(100.0))
    assert said is not None
    assert said.count == 1
    assert said.places[0].note == "2 nodes, 100 m"


def test_near_pieces_are_joined_and_far_ones_are_not() -> None:
    graph = two_streets(100.0)
    joined, said = join(graph, 120.0)
    assert said.count == 1
    assert joined.class_of(joined.sections - 1) is CostClass.JOIN
    assert joined.length_m[-1] == pytest.approx(100.0, abs=1e-3)
    assert len(components(joined)) == 1
    untouched, nothing = join(graph, 80.0)
    assert (untouched.sections, nothing.count) == (graph.sections, 0)
