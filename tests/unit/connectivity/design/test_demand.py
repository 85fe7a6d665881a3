"""Addresses on grids of 100 m, where each place can be told beforehand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from nexpo.connectivity.design.demand.numbering import chain, spread
from nexpo.connectivity.design.demand.place import Placed, Placing, nearest, place, serving
from nexpo.connectivity.design.model import COST_CLASSES, CostClass, Placement, Service, StreetGraph
from nexpo.connectivity.design.plane import Plane
from nexpo.connectivity.design.streets.synthetic import lattice
from nexpo.core.parameters import get
from nexpo.core.problem import Problem

PLACING = Placing.of(get("design/address-matching").on(date(2025, 1, 1)))
PLANE = Plane(9.4, 45.8)


def addresses(*rows: dict[str, Any]) -> pl.DataFrame:
    blank = {"street": "ROW 0", "number": "1"}
    return pl.DataFrame(
        [{"id": f"a{k}"} | blank | row for k, row in enumerate(rows)], infer_schema_length=None
    )


def placed(graph: StreetGraph, *rows: dict[str, Any], seed: int = 1, **how: Any) -> Placed:
    return place(addresses(*rows), graph, PLACING, np.random.default_rng(seed), **how)


def at(x: float, y: float) -> dict[str, float]:
    lon, lat = PLANE.to_degrees(np.array([x]), np.array([y]))
    return {"lon": float(lon[0]), "lat": float(lat[0])}


def where(found: Placed) -> list[str]:
    return [tuple(Placement)[p].value for p in found.demand.placement]


def test_a_coordinate_goes_to_the_nearest_street() -> None:
    demand = placed(lattice(2, 1, 100.0), at(30, 12)).demand
    assert demand.section.tolist() == [0]
    assert demand.offset_m[0] == pytest.approx(30.0, abs=0.01)
    assert demand.lead_m[0] == pytest.approx(12.0, abs=0.01)
    assert (demand.score[0], tuple(Placement)[demand.placement[0]]) == (1.0, Placement.COORDINATES)


def test_no_address_is_served_from_a_tunnel_or_a_forbidden_way() -> None:
    graph = lattice(2, 2, 100.0)
    shut = graph.cost_class.copy()
    shut[0] = COST_CLASSES.index(CostClass.TUNNEL)
    shut[2] = COST_CLASSES.index(CostClass.FORBIDDEN)
    closed = replace(graph, cost_class=shut)
    assert serving(closed).tolist() == [1, 3]
    section, offset, lead = nearest(closed, *(np.array([v]) for v in at(49, 0).values()))
    assert (section.tolist(), round(float(offset[0])), round(float(lead[0]))) == ([3], 0, 51)


def test_an_address_far_from_any_street_is_listed_with_place_and_distance() -> None:
    found = placed(lattice(2, 1, 100.0), at(50, 300), at(50, 10) | {"number": "2"})
    assert where(found) == ["off_network", "coordinates"]
    assert found.demand.section[0] == -1
    (said,) = [each for each in found.findings if each.kind == "off_network"]
    assert (said.count, said.places[0].id, said.places[0].note) == (1, "a0", "300 m")


def test_a_single_coordinate_without_its_pair_counts_as_none() -> None:
    found = placed(lattice(2, 1, 100.0), {"lon": 9.4, "lat": None})
    assert where(found) == ["interpolated"]


def test_numbers_are_spread_along_a_street_of_several_sections() -> None:
    graph = lattice(4, 1, 40.0)
    rows = [{"number": n} for n in ("1", "5", "9", "9/A", "SNC", "0")]
    found = placed(graph, *rows)
    assert where(found) == ["interpolated"] * 4 + ["street"] * 2
    demand = found.demand
    along = 40.0 * demand.section + demand.offset_m
    backwards = demand.section[0] == 2
    along = 120.0 - along if backwards else along
    assert along[:4] == pytest.approx([12 / 1.05 * 1.0, 57.14, 102.86, 108.57], abs=0.01)
    assert sorted(along[4:]) == pytest.approx([40.0, 80.0], abs=0.01)
    lon, _ = graph.line(int(demand.section[0]))
    assert min(lon) <= demand.lon[0] <= max(lon)
    assert demand.lead_m.tolist() == [0.0] * 6


def test_a_few_low_numbers_stay_at_the_street_s_beginning() -> None:
    assert spread(np.array([2.0, 4.0]), 3_000.0, 12.0).tolist() == [24.0, 48.0]


def test_a_row_of_sections_follows_the_street_whatever_their_order_and_direction() -> None:
    graph = lattice(5, 1, 100.0)
    turned = replace(
        graph,
        tail=np.where(np.arange(4) % 2, graph.head, graph.tail),
        head=np.where(np.arange(4) % 2, graph.tail, graph.head),
    )
    row = chain(turned, np.array([2, 0, 3, 1]), float(graph.lon[0]), float(graph.lat[0]))
    assert row.section.tolist() == [0, 1, 2, 3]
    assert row.forward.tolist() == [True, False, True, False]
    section, offset = row.at(np.array([150.0, 250.0]), turned.length_m)
    assert (section.tolist(), offset.round().tolist()) == ([1, 2], [50.0, 50.0])


def test_a_street_in_two_pieces_goes_on_after_the_gap() -> None:
    graph = lattice(5, 1, 100.0)
    row = chain(graph, np.array([0, 3]), float(graph.lon[0]), float(graph.lat[0]))
    assert (row.section.tolist(), round(row.length_m)) == ([0, 3], 200)


def unnamed(graph: StreetGraph, sections: list[int]) -> StreetGraph:
    name = graph.name.copy()
    name[sections] = -1
    return replace(graph, name=name)


def test_a_locality_lies_on_unnamed_ways_together_and_by_seed() -> None:
    graph = unnamed(lattice(6, 6, 100.0), list(range(30, 60)))
    rows = [{"street": "LOCALITA' ERNA", "number": str(n)} for n in range(1, 6)]
    first, again, other = (placed(graph, *rows, seed=seed) for seed in (1, 1, 2))
    assert where(first) == ["locality"] * 5
    assert (first.demand.section >= 30).all()
    assert first.demand.section.tolist() == again.demand.section.tolist()
    assert first.demand.section.tolist() != other.demand.section.tolist()
    spread_m = np.ptp(np.column_stack(PLANE.to_metres(first.demand.lon, first.demand.lat)), axis=0)
    assert spread_m.max() <= 200.0
    assert first.demand.score.tolist() == [0.0] * 5


def test_a_locality_may_be_left_off_the_network() -> None:
    row = {"street": "LOCALITA' ERNA"}
    found = placed(lattice(3, 3, 100.0), row, unmatched="off_network")
    assert where(found) == ["off_network"]
    assert np.isnan(found.demand.lon[0])
    kinds = {each.kind: each for each in found.findings}
    assert kinds["unplaced"].count == 1
    assert "LOCALITA' ERNA" in str(kinds["street_not_found"])
    assert kinds["street_not_found"].remedy


def test_the_streets_asked_for_are_listed_with_their_scores() -> None:
    found = placed(lattice(3, 3, 100.0), {"street": "Row 1"}, {"street": "VIA NESSUNA"})
    assert found.streets.select("asked", "street", "matched", "addresses").rows() == [
        ("VIA NESSUNA", None, False, 1),
        ("Row 1", "Row 1", True, 1),
    ]


def test_an_address_listed_twice_is_one_demand_with_both_classes() -> None:
    rows: list[dict[str, Any]] = [
        {"klass": "C", "units": 2},
        {"klass": "B", "units": 3, "street": "row  0 "},
        {"klass": "B"},
        {"klass": "B", "number": "SNC"},
        {"klass": "B", "number": "SNC"},
    ]
    found = placed(lattice(3, 1, 100.0), *rows)
    assert found.demand.klass == ("B+C", "B", "B")
    assert found.demand.units.tolist() == [3, 1, 1]
    assert found.findings.count("double_address") == 2


def test_units_kinds_and_connections_are_kept() -> None:
    found = placed(
        lattice(3, 1, 100.0),
        {"kind": "public", "units": 4, "connected": True},
        {"kind": None, "number": "2", "units": None, "connected": None},
    ).demand
    assert [tuple(Service)[s].value for s in found.service] == ["public", "home"]
    assert (found.units.tolist(), found.connected.tolist()) == ([4, 1], [True, False])
    assert found.label == ("ROW 0 1", "ROW 0 2")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"units": 0}, "without a unit"),
        ({"kind": "castle"}, "unknown kind"),
        ({"lon": 530_000.0, "lat": 45.0}, "no degree"),
        ({"id": None}, "no id"),
    ],
)
def test_rows_that_are_refused(row: dict[str, Any], words: str) -> None:
    with pytest.raises(Problem, match=words) as caught:
        placed(lattice(2, 1, 100.0), {"number": "9"}, row)
    assert caught.value.where.row == 2
    assert caught.value.remedy


def test_two_addresses_with_one_id_are_refused() -> None:
    with pytest.raises(Problem, match="share an id"):
        placed(lattice(2, 1, 100.0), {"id": "a"}, {"id": "a", "number": "2"})


def test_a_table_without_streets_is_refused() -> None:
    with pytest.raises(Problem, match="no column street"):
        place(pl.DataFrame({"id": ["a"]}), lattice(2, 1, 9.0), PLACING, np.random.default_rng(1))


def test_a_network_without_a_street_that_serves_places_none() -> None:
    graph = lattice(2, 1, 100.0)
    shut = replace(graph, cost_class=np.full(1, COST_CLASSES.index(CostClass.FORBIDDEN)))
    found = placed(shut, at(10, 1), {"street": "ROW 0", "number": "3"}, {"street": "B"})
    assert where(found) == ["off_network"] * 3


def test_no_lead_and_no_pitch_is_a_wrong_parameter() -> None:
    with pytest.raises(Problem, match="max_lead_m"):
        Placing.of({"pitch_m": 1})


def test_an_id_at_two_places_is_an_error_even_without_a_street() -> None:
    nameless = {"id": "a5", "street": None, "number": None}
    with pytest.raises(Problem, match="two different addresses share an id"):
        placed(lattice(2, 1, 100.0), nameless | at(10, 1), nameless | at(60, 1))


def test_an_address_without_street_or_coordinate_is_not_drawn_anywhere() -> None:
    found = placed(lattice(3, 1, 100.0), {"street": None, "number": None}, {"street": "NOWHERE"})
    assert where(found) == ["off_network", "locality"]
