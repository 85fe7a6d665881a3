"""Streets made up by seed: of the size asked, in one piece, of a form like Lecco's."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from nexpo.connectivity.design.model import COST_CLASSES, CostClass
from nexpo.connectivity.design.streets.components import components
from nexpo.connectivity.design.streets.synthetic import (
    Territory,
    demand,
    lattice,
    node_count,
    street_graph,
)
from nexpo.core.problem import Problem

LECCO = Territory(44.956, 46_871, 9.4, 45.85)


def seeded(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    ("area", "people"), [(0.12, 30), (7.0, 3_000), (45.0, 47_000), (120.0, 500), (181.0, 1_350_000)]
)
def test_streets_have_the_nodes_asked_for_and_hang_together(area: float, people: int) -> None:
    graph = street_graph(Territory(area, people, 9.4, 45.8), seeded(1))
    assert graph.nodes == node_count(area, people)
    assert graph.synthetic
    assert len(components(graph)) == 1
    assert (graph.length_m > 1.0).all()
    assert np.unique(np.concatenate((graph.tail, graph.head))).size == graph.nodes


def test_any_number_of_nodes_can_be_had() -> None:
    assert street_graph(LECCO, seeded(1), nodes=90_000).nodes == 90_000


def test_form_is_like_that_of_lecco() -> None:
    graph = street_graph(LECCO, seeded(3))
    arms = np.bincount(np.concatenate((graph.tail, graph.head)))
    assert 0.8 < (arms == 2).mean() < 0.9  # Lecco 0.87
    junctions = arms[arms != 2]
    assert 0.15 < (junctions == 1).mean() < 0.32  # Lecco 0.23
    assert 0.5 < (junctions == 3).mean() < 0.75  # Lecco 0.71
    assert arms.max() <= 7
    assert 100 < graph.length_m.sum() / 1000 < 220  # Lecco 154


def test_one_seed_one_network() -> None:
    one, same, other = (street_graph(LECCO, seeded(seed)) for seed in (5, 5, 6))
    assert (one.shape_lon == same.shape_lon).all()
    assert (one.head == same.head).all()
    assert one.shape_lon.shape != other.shape_lon.shape or (one.shape_lon != other.shape_lon).any()


def test_streets_keep_to_the_boundary() -> None:
    boundary = shapely.box(9.38, 45.82, 9.42, 45.90)
    graph = street_graph(Territory(27.6, 20_000, 9.4, 45.86, boundary), seeded(2))
    inside = shapely.contains_xy(boundary.buffer(0.002), graph.lon, graph.lat)
    assert inside.mean() > 0.99


def test_the_classes_of_a_municipality() -> None:
    graph = street_graph(LECCO, seeded(1))
    met = {COST_CLASSES[c] for c in np.unique(graph.cost_class)}
    assert met == {CostClass.PAVED, CostClass.ASPHALT, CostClass.RURAL_ROAD, CostClass.TRACK}
    assert len(set(graph.names)) == len(graph.names)


def test_addresses_stand_beside_their_street() -> None:
    graph = street_graph(LECCO, seeded(1))
    made = demand(graph, 500, seeded(2))
    assert made.synthetic
    assert len(set(made.label)) > 450
    assert made.lead_m.min() > 3.9
    assert made.lead_m.max() < 25.2
    assert (made.offset_m < graph.length_m[made.section]).all()
    assert made.units.min() == 1


def test_no_address_at_all_is_an_answer() -> None:
    assert len(demand(lattice(2, 2, 50.0), 0, seeded(1))) == 0


@pytest.mark.parametrize(
    ("nodes", "share"), [(5, 0.5), (500, 1.0), (500, -0.1)]
)  # fmt: skip
def test_sizes_that_cannot_be_made(nodes: int, share: float) -> None:
    with pytest.raises(Problem, match="no street network of this size"):
        street_graph(LECCO, seeded(1), nodes=nodes, degree_two=share)


def test_a_territory_has_area_people_and_a_polygon() -> None:
    with pytest.raises(Problem, match="area and people"):
        Territory(0.0, 5, 9.4, 45.8)
    line = Territory(1.0, 5, 9.4, 45.8, shapely.LineString([(9, 45), (10, 46)]))
    with pytest.raises(Problem, match="no polygon"):
        street_graph(line, seeded(1))
