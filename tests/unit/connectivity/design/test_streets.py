"""Streets of a few ways each, whose graph can be drawn on paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from pyproj import Geod

from nexpo.connectivity.design.model import COST_CLASSES
from nexpo.connectivity.design.streets.build import Cleaning, Network, build
from nexpo.connectivity.design.streets.classes import StreetClasses, class_of_ways
from nexpo.core.parameters import get
from nexpo.core.problem import Kind, Problem

TABLE = get("design/street-classes").on(date(2025, 1, 1))
CLASSES = StreetClasses.of(TABLE)
WGS84 = Geod(ellps="WGS84")


def way(
    way_id: int, points: Sequence[tuple[float | None, float | None]], **tags: Any
) -> dict[str, Any]:
    row = {"way_id": way_id, "highway": "residential", "name": None}
    lon, lat = [p[0] for p in points], [p[1] for p in points]
    return row | {"lon": lon, "lat": lat} | tags


def table(*ways: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(ways), infer_schema_length=None)


def built(*ways: dict[str, Any], **cleaning: Any) -> Network:
    return build(table(*ways), CLASSES, cleaning=Cleaning(**cleaning))


def test_ways_meet_at_their_common_node_and_bends_stay_in_the_line() -> None:
    main = way(1, [(9.0, 45.0), (9.001, 45.0), (9.002, 45.001)], nodes=[10, 11, 12], name="Via A")
    side = way(2, [(9.002, 45.001), (9.003, 45.0)], nodes=[12, 13], name="Via B")
    graph = built(main, side).graph
    assert graph.node_id.tolist() == [10, 12, 13]
    assert (graph.tail.tolist(), graph.head.tolist()) == ([0, 1], [1, 2])
    expected = WGS84.line_length([9.0, 9.001, 9.002], [45.0, 45.0, 45.001])
    assert graph.length_m[0] == pytest.approx(expected, abs=1e-9)
    assert graph.line(0)[0].tolist() == [9.0, 9.001, 9.002]
    assert [graph.names[n] for n in graph.name] == ["Via A", "Via B"]


def test_every_vertex_can_be_a_node() -> None:
    main = way(1, [(9.0, 45.0), (9.001, 45.0), (9.002, 45.001)], nodes=[10, 11, 12])
    assert built(main, every_vertex=True).graph.nodes == 3
    assert built(main).graph.nodes == 2


def test_a_length_in_map_units_would_be_forty_percent_longer() -> None:
    graph = built(way(1, [(9.0, 45.0), (9.01, 45.0)], nodes=[1, 2])).graph
    web_mercator = 6378137.0 * np.radians(0.01)
    assert web_mercator / graph.length_m[0] == pytest.approx(1.41, abs=0.01)


def test_a_street_crossed_twice_by_one_way_has_three_nodes_on_it() -> None:
    straight = way(
        1, [(9.0, 45.0), (9.001, 45.0), (9.002, 45.0), (9.003, 45.0)], nodes=[1, 2, 3, 4]
    )
    bow = way(2, [(9.001, 45.0), (9.0015, 45.001), (9.002, 45.0)], nodes=[2, 9, 3])
    graph = built(straight, bow).graph
    assert (graph.nodes, graph.sections) == (4, 4)


def test_parallel_sections_stay_when_they_differ() -> None:
    one = way(1, [(9.0, 45.0), (9.001, 45.0)], nodes=[1, 2])
    other = way(2, [(9.0, 45.0), (9.0005, 45.0005), (9.001, 45.0)], nodes=[1, 3, 2])
    found = built(one, other)
    assert found.graph.sections == 2
    assert found.findings.count("duplicate") == 0


def test_a_repeated_section_goes_and_the_named_one_stays() -> None:
    points = [(9.0, 45.0), (9.0005, 45.0002), (9.001, 45.0)]
    found = built(
        way(1, points, nodes=[1, 5, 2]),
        way(2, points[::-1], nodes=[2, 5, 1], name="Via Roma"),
    )
    assert set(found.graph.way_id.tolist()) == {2}
    (said,) = [each for each in found.findings if each.kind == "duplicate"]
    assert said.count == 2
    assert str(said.places[0]) == "way 1 at 45.000000, 9.000000"
    assert said.remedy


def test_a_loop_is_cut_so_that_its_houses_stay_on_it() -> None:
    stem = way(1, [(9.0, 45.0), (9.001, 45.0)], nodes=[1, 2])
    ring = [(9.001, 45.0), (9.002, 45.001), (9.003, 45.0), (9.002, 44.999), (9.001, 45.0)]
    found = built(stem, way(2, ring, nodes=[2, 3, 4, 5, 2]))
    assert found.findings.count("loop") == 1
    assert (found.graph.tail != found.graph.head).all()
    total = WGS84.line_length([p[0] for p in ring], [p[1] for p in ring])
    assert found.graph.length_m[found.graph.way_id == 2].sum() == pytest.approx(total)


def test_an_out_and_back_leaves_one_section() -> None:
    back = way(1, [(9.0, 45.0), (9.001, 45.0), (9.0, 45.0)], nodes=[1, 2, 1])
    found = built(back)
    assert found.graph.sections == 1
    assert found.findings.count("duplicate") == 1


def test_a_way_without_length_is_named_with_its_place() -> None:
    found = built(
        way(1, [(9.0, 45.0), (9.001, 45.0)], nodes=[1, 2]),
        way(2, [(9.5, 45.5), (9.5, 45.5)], nodes=[7, 7]),
    )
    (said,) = [each for each in found.findings if each.kind == "zero_length"]
    assert str(said.places[0]) == "way 2 at 45.500000, 9.500000"


def test_two_nodes_at_one_place_do_not_break_the_street() -> None:
    points = [(9.0, 45.0), (9.001, 45.0), (9.001, 45.0), (9.002, 45.0)]
    side = way(2, [(9.001, 45.0), (9.001, 45.001)], nodes=[3, 9])
    graph = built(way(1, points, nodes=[1, 2, 3, 4]), side, snap_m=0.0).graph
    assert (graph.nodes, graph.sections) == (4, 3)
    assert (graph.length_m > 0).all()


def test_a_missing_node_cuts_its_way_and_is_named() -> None:
    points: list[tuple[float | None, float | None]] = [
        (9.0, 45.0), (9.001, 45.0), (None, None), (9.003, 45.0), (9.004, 45.0),
    ]  # fmt: skip
    found = built(way(7, points, nodes=[1, 2, 3, 4, 5]))
    assert found.graph.sections == 2
    (said,) = [each for each in found.findings if each.kind == "missing_node"]
    assert str(said.places[0]) == "way 7, node 3"


def test_stated_lengths_below_zero_are_named_and_not_used() -> None:
    found = built(way(7, [(9.0, 45.0), (9.001, 45.0)], nodes=[1, 2], length_m=-3.0))
    assert found.graph.length_m[0] == pytest.approx(78.85, abs=0.01)
    assert str(next(iter(found.findings)).places[0]) == "way 7 at 45.000000, 9.000000 (-3 m)"


# Layers without nodes


def test_ends_within_half_a_metre_are_one_node() -> None:
    near = 0.4 / 111_000
    found = built(
        way(1, [(9.0, 45.0), (9.001, 45.0)]), way(2, [(9.001, 45.0 + near), (9.001, 45.001)])
    )
    assert found.graph.nodes == 3
    assert found.findings.count("snap") == 1
    far = built(
        way(1, [(9.0, 45.0), (9.001, 45.0)]),
        way(2, [(9.001, 45.0 + 2 * near), (9.001, 45.001)]),
    )
    assert far.graph.nodes == 4


def test_an_end_that_touches_a_line_makes_a_junction() -> None:
    found = built(way(1, [(9.0, 45.0), (9.002, 45.0)]), way(2, [(9.001, 45.0), (9.001, 45.001)]))
    assert (found.graph.nodes, found.graph.sections) == (4, 3)
    assert found.findings.count("touch") == 1


def test_lines_that_cross_are_joined_only_when_asked() -> None:
    cross = (way(1, [(9.0, 45.0), (9.002, 45.0)]), way(2, [(9.001, 44.999), (9.001, 45.001)]))
    assert built(*cross).graph.sections == 2
    joined = built(*cross, join_crossings=True)
    assert (joined.graph.nodes, joined.graph.sections) == (5, 4)
    assert joined.findings.count("crossing_joined") == 1


# What cannot be used


@pytest.mark.parametrize(
    ("ways", "words"),
    [
        (pl.DataFrame({"way_id": [], "lon": [], "lat": []}), "the network is empty"),
        (pl.DataFrame({"id": [1]}), "no column way_id"),
        (table(way(1, [(9.0, 45.0), (9.1, 45.0)], highway="proposed")), "the network is empty"),
        (table(way(4, [(9.0, 45.0), (9.0, 45.0)])), "the network is empty"),
        (table(way(4, [(530_000.0, 5_070_000.0), (530_100.0, 5_070_000.0)])), "are no degrees"),
        (table(way(4, [(9.0, 45.0), (9.1, 45.0)], nodes=[1])), "differ in length"),
        (table(way(4, [(9.0, 45.0), (9.1, 45.0)], cost_class="gold")), "unknown cost class"),
    ],
)
def test_input_that_is_refused(ways: pl.DataFrame, words: str) -> None:
    with pytest.raises(Problem, match=words) as caught:
        build(ways, CLASSES)
    assert caught.value.remedy


# Classes


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "residential"}, "asphalt"),
        ({"highway": "residential", "surface": "sett"}, "paved"),
        ({"highway": "unclassified"}, "rural_road"),
        ({"highway": "unclassified", "lit": "yes"}, "asphalt"),
        ({"highway": "secondary", "maxspeed": "50"}, "asphalt"),
        ({"highway": "unclassified", "surface": "gravel"}, "track"),
        ({"highway": "trunk"}, "main_road"),
        ({"highway": "trunk", "surface": "sett"}, "main_road"),
        ({"highway": "residential", "bridge": "viaduct"}, "bridge"),
        ({"highway": "residential", "bridge": "no"}, "asphalt"),
        ({"highway": "secondary", "tunnel": "yes", "bridge": "yes"}, "tunnel"),
        ({"highway": "residential", "tunnel": "building_passage"}, "asphalt"),
        ({"highway": "motorway", "bridge": "yes"}, "forbidden"),
        ({"highway": "motorway", "cost_class": "duct"}, "duct"),
        ({"highway": "steps"}, "path"),
        ({"highway": None}, "asphalt"),
    ],
)
def test_the_class_of_tags(tags: dict[str, str | None], expected: str) -> None:
    row = {name: [value] for name, value in tags.items()}
    found, _ = class_of_ways(pl.DataFrame(row), CLASSES)
    assert COST_CLASSES[int(found[0])].value == expected


def test_an_unknown_kind_of_way_is_said() -> None:
    found = built(way(1, [(9.0, 45.0), (9.001, 45.0)], highway="hyperloop"))
    assert "hyperloop (1)" in str(next(iter(found.findings)))


@pytest.mark.parametrize("change", [{"default": "gold"}, {"highway": {"path": "gold"}}])
def test_a_table_with_an_unknown_class_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Problem, match="unknown cost class") as caught:
        StreetClasses.of(TABLE | change)
    assert caught.value.kind is Kind.CONFIG


def test_a_table_that_lacks_a_key_is_refused() -> None:
    with pytest.raises(Problem, match="lacks bridge"):
        StreetClasses.of({key: value for key, value in TABLE.items() if key != "bridge"})
