"""Putting addresses and POPs into the street graph."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from nexpo.connectivity.design.fibre import Inputs, Options, Pop, network
from nexpo.connectivity.design.model import CostClass, Demand, StreetGraph
from nexpo.core.problem import Problem
from nexpo.territory.geodesy import length_m
from tests.unit.connectivity.design.fibre import standin


def built(
    streets: StreetGraph, demand: Demand, pops: tuple[Pop, ...] = (Pop("A", node=0),)
) -> network.Network:
    wanted = network.routable(streets, demand)
    return network.build(Inputs(streets, demand, pops), wanted, Options())


def test_a_section_is_cut_where_addresses_are_served_and_equal_points_are_one_node() -> None:
    streets = standin.streets([(0, 0), (100, 0)], [(0, 1)])
    demand = standin.demand([(0, 70.0), (0, 30.0), (0, 70.004)])
    net = built(streets, demand)
    assert net.nodes == 4
    assert net.point.tolist() == [3, 2, 3]
    assert net.from_m.tolist() == pytest.approx([0, 30, 70.004])
    assert net.to_m.tolist() == pytest.approx([30, 70.004, streets.length_m[0]])
    assert list(zip(net.tail, net.head, strict=True)) == [(0, 2), (2, 3), (3, 1)]


def test_the_ends_of_a_section_are_its_own_nodes() -> None:
    streets = standin.streets([(0, 0), (100, 0)], [(0, 1)])
    net = built(streets, standin.demand([(0, 0.0), (0, float(streets.length_m[0]))]))
    assert net.point.tolist() == [0, 1]
    assert net.pieces == 1


def test_a_lead_is_a_piece_of_its_own_from_the_street_to_the_address() -> None:
    streets = standin.streets([(0, 0), (100, 0)], [(0, 1)])
    net = built(streets, standin.demand([(0, 50.0), (0, 50.0)], lead_m=12.0, on=streets))
    assert net.point[0] == net.point[1]
    assert net.place[0] != net.place[1]
    assert net.length_m[net.lead].tolist() == [12.0, 12.0]
    assert (net.section[net.lead] == network.LEAD).all()


def test_a_forbidden_section_carries_nothing_and_serves_nobody() -> None:
    streets = standin.streets(
        [(0, 0), (100, 0), (200, 0)], [(0, 1), (1, 2)], [CostClass.ASPHALT, CostClass.FORBIDDEN]
    )
    demand = standin.demand([(0, 5.0), (1, 5.0)])
    assert network.routable(streets, demand).tolist() == [True, False]
    assert set(built(streets, demand).section.tolist()) == {0}


@pytest.mark.parametrize(("section", "offset"), [(-1, 0.0), (0, 200.0), (0, -5.0), (0, np.nan)])
def test_a_place_that_is_none_is_not_routable(section: int, offset: float) -> None:
    streets = standin.streets([(0, 0), (100, 0)], [(0, 1)])
    assert not network.routable(streets, standin.demand([(section, offset)]))[0]


def test_pieces_follow_the_bends_of_their_street() -> None:
    bent = _bent()
    net = built(bent, standin.demand([(0, 60.0), (0, 150.0)]))
    xy, owner = network.lines(bent, net, np.arange(net.pieces))
    lines = shapely.linestrings(xy, indices=owner)
    assert length_m(lines) == pytest.approx(net.length_m, abs=0.01)
    assert [len(shapely.get_coordinates(line)) for line in lines] == [2, 3, 2]
    assert net.length_m.sum() == pytest.approx(bent.length_m[0])


def test_a_point_along_a_street_lies_on_its_line() -> None:
    bent = _bent()
    lon, lat = network.along(bent, np.array([0, 0]), np.array([0.0, float(bent.length_m[0])]))
    assert lon.tolist() == pytest.approx(bent.shape_lon[[0, -1]].tolist())
    assert lat.tolist() == pytest.approx(bent.shape_lat[[0, -1]].tolist())


def test_a_pop_beside_the_street_gets_a_lead_and_one_on_a_node_does_not() -> None:
    streets = standin.streets([(0, 0), (100, 0)], [(0, 1)])
    near = Pop("B", float(streets.lon[1]), float(streets.lat[1]) + 30 * standin.METRE_LAT)
    net = built(streets, standin.demand([(0, 50.0)]), (Pop("A", node=0), near))
    assert net.pop.tolist() == [0, 3]
    assert net.pop_lead[0] == -1
    assert net.length_m[net.pop_lead[1]] == pytest.approx(30, abs=0.1)


@pytest.mark.parametrize(
    ("pop", "words"),
    [
        (Pop("far", 9.5, 45.0), "m from the nearest street node"),
        (Pop("none"), "has no place"),
        (Pop("lost", node=7), "a node that the streets do not have"),
    ],
)
def test_a_pop_that_is_nowhere_is_said_with_its_name(pop: Pop, words: str) -> None:
    streets = standin.streets([(0, 0), (100, 0)], [(0, 1)])
    with pytest.raises(Problem, match=words) as caught:
        built(streets, standin.demand([(0, 5.0)]), (pop,))
    assert pop.id in caught.value.detail
    assert caught.value.remedy


def test_degrees_the_wrong_way_round_are_recognised() -> None:
    streets = standin.streets([(0, 0), (100, 0)], [(0, 1)])
    swapped = Pop("swapped", float(streets.lat[0]), float(streets.lon[0]))
    with pytest.raises(Problem) as caught:
        built(streets, standin.demand([(0, 5.0)]), (swapped,))
    assert "look swapped" in str(caught.value.remedy)


def _bent() -> StreetGraph:
    """Return one section of 100 m east and 100 m north."""
    from dataclasses import replace

    base = standin.streets([(0, 0), (100, 0), (100, 100)], [(0, 1), (1, 2)])
    return replace(
        base,
        tail=np.array([0]),
        head=np.array([2]),
        length_m=np.array([base.length_m.sum()]),
        cost_class=base.cost_class[:1],
        way_id=base.way_id[:1],
        name=base.name[:1],
        shape_start=np.array([0, 3]),
        shape_lon=base.lon[:3],
        shape_lat=base.lat[:3],
    )
