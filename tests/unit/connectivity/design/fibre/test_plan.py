"""Whole designs, small enough to check by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from nexpo.connectivity.design.fibre import (
    Architecture,
    Inputs,
    Options,
    Plan,
    Pop,
    RoutePrices,
    Rules,
    TrenchCost,
    quantities,
)
from nexpo.connectivity.design.fibre import design as designed
from nexpo.connectivity.design.model import (
    COST_CLASSES,
    CostClass,
    Demand,
    Placement,
    Service,
    StreetGraph,
)
from nexpo.connectivity.design.steiner.model import Answer, Instance, Limits
from nexpo.connectivity.design.validation import validate
from nexpo.core.problem import Problem
from tests.unit.connectivity.design.fibre import standin
from tests.unit.connectivity.design.fibre.examples import PRICES, SEARCH, design, rules, town

AT_0 = (Pop("A", node=0),)


def amounts(plan: Plan) -> dict[str, float]:
    table = quantities(plan)
    return dict(zip(table["item"], table["quantity"], strict=True))


def sound(plan: Plan, inputs: Inputs) -> bool:
    return all(finding.ok for finding in validate(plan, inputs))


def test_one_street_with_three_homes_by_hand() -> None:
    """100 m of street to the last home; all three in one chamber, one cabinet, one 1:16."""
    streets = standin.streets([(0, 0), (200, 0)], [(0, 1)])
    demand = standin.demand([(0, 60.0), (0, 80.0), (0, 100.0)], lead_m=10.0, on=streets)
    plan = design(streets, demand, AT_0, rules())
    assert plan.trench.tree_cents == 6000 * 50 + 2 * 2000 * 50
    assert plan.trench.lead_cents == 3 * 10 * 2_000
    assert plan.trench.bound_cents <= plan.trench.tree_cents + plan.trench.lead_cents
    assert plan.premises["status"].to_list() == ["served"] * 3
    chamber = plan.sites.filter(pl.col("kind") == "chamber").row(0, named=True)
    assert (chamber["units"], chamber["size"], chamber["splitters"]) == (3, 24, 1)
    path = plan.premises["path_m"].to_list()
    assert sum(path) == pytest.approx(60 + 80 + 100 + 30, abs=41)
    found = amounts(plan)
    assert found["trench.asphalt"] == pytest.approx(100)
    assert found["drop.lead"] == pytest.approx(30)
    assert {key: found[key] for key in found if "." not in key or key.startswith("spl")} == {
        "ont": 3,
        "outlet": 3,
        "splice.fusion": 1 + (1 + 1) + (1 + 3) + 3,  # POP, cabinet, chamber, premises
        "splitter.1x4": 1,
        "splitter.1x16": 1,
    }
    assert found["connector.sc"] == 2 + 3
    assert found["olt.port"] == found["pop.site"] == found["cabinet.96"] == 1
    assert sound(plan, Inputs(streets, demand, AT_0))


@pytest.mark.parametrize("name", ["ftth-1x64", "ftth-1x64-8x8", "bul-1x16", "p2p"])
@pytest.mark.parametrize("ring", [False, True])
def test_a_town_is_designed_soundly_under_every_architecture(name: str, ring: bool) -> None:
    streets, demand = town()
    plan = design(streets, demand, AT_0, rules(name, ring=ring))
    assert len(plan.premises) == len(demand)
    assert sound(plan, Inputs(streets, demand, AT_0))
    assert plan.trench_sections["cost_cents"].sum() == plan.trench.total_cents
    assert 0 <= plan.trench.gap < 1
    assert plan.worst_path is not None
    assert plan.worst_path["margin_db"] == plan.premises["margin_db"].min()


def test_who_is_connected_already_gets_nothing() -> None:
    streets = standin.streets([(0, 0), (200, 0)], [(0, 1)])
    demand = standin.demand([(0, 60.0), (0, 180.0)], connected=[False, True])
    plan = design(streets, demand, AT_0, rules())
    assert plan.premises["id"].to_list() == ["d0"]
    assert plan.unserved.is_empty()
    assert plan.trench.tree_cents == 60 * 5_000


def test_firms_and_public_sites_have_fibres_of_their_own_to_the_pop() -> None:
    streets = standin.streets([(0, 0), (200, 0)], [(0, 1)])
    demand = standin.demand(
        [(0, 60.0), (0, 60.0), (0, 60.0)],
        units=[1, 1, 2],
        service=[Service.HOME, Service.FIRM, Service.PUBLIC],
    )
    plan = design(streets, demand, AT_0, rules())
    assert plan.premises["point_to_point"].to_list() == [False, True, True]
    cabinet = plan.sites.filter(pl.col("kind") == "cabinet").row(0, named=True)
    assert cabinet["fibres_in"] == 1 + 3
    found = amounts(plan)
    assert (found["ont"], found["p2p.port"], found["p2p.termination"]) == (1, 3, 3)
    assert plan.premises["loss_db"][1] < plan.premises["loss_db"][0] - 20


def test_a_building_larger_than_a_chamber_gets_housings_of_its_own() -> None:
    streets = standin.streets([(0, 0), (200, 0)], [(0, 1)])
    demand = standin.demand([(0, 60.0), (0, 62.0)], units=[500, 1])
    plan = design(streets, demand, AT_0, rules())
    chambers = plan.sites.filter(pl.col("kind") == "chamber").sort("units")
    assert chambers["housings"].to_list() == [1, 11]
    assert sound(plan, Inputs(streets, demand, AT_0))


def test_several_cables_lie_side_by_side_where_one_is_not_enough() -> None:
    streets = standin.streets([(0, 0), (300, 0)], [(0, 1)])
    demand = standin.demand([(0, 250.0)], units=[700])
    plan = design(streets, demand, AT_0, rules("p2p"))
    feeder = plan.cables.filter(pl.col("level") == "feeder")
    assert sum(feeder["fibres"].to_list()) == 700 or feeder.is_empty()
    assert plan.trench_sections["fibres"].max() >= 700  # type: ignore[operator]
    assert sound(plan, Inputs(streets, demand, AT_0))


def test_those_whom_no_design_can_serve_are_listed_and_the_rest_is_designed() -> None:
    streets = standin.streets(
        [(0, 0), (100, 0), (5000, 0), (5100, 0), (200, 0)],
        [(0, 1), (2, 3), (1, 4)],
        [CostClass.ASPHALT, CostClass.ASPHALT, CostClass.FORBIDDEN],
    )
    demand = standin.demand([(0, 50.0), (1, 50.0), (2, 50.0), (-1, 0.0), (0, 500.0)], on=streets)
    demand = replace(
        demand,
        placement=np.array([0, 0, 0, tuple(Placement).index(Placement.OFF_NETWORK), 0]),
    )
    plan = design(streets, demand, AT_0, rules())
    assert plan.premises["id"].to_list() == ["d0"]
    assert plan.unserved["id"].to_list() == ["d1", "d2", "d3", "d4"]
    reasons = plan.unserved["reason"].to_list()
    for reason, words in zip(
        reasons, ["no POP", "may carry no route", "off the street", "not a place"], strict=True
    ):
        assert words in reason
    assert all(plan.unserved["remedy"].to_list())
    assert sound(plan, Inputs(streets, demand, AT_0))


def test_without_a_pop_the_median_of_the_tree_is_chosen_and_said() -> None:
    streets = standin.streets([(0, 0), (100, 0), (200, 0), (300, 0)], [(0, 1), (1, 2), (2, 3)])
    demand = standin.demand([(0, 0.0), (1, 0.0), (2, 99.0)], units=[1, 1, 5])
    plan = design(streets, demand, (), rules())
    pop = plan.sites.filter(pl.col("kind") == "pop").row(0, named=True)
    assert plan.chosen_pop
    assert pop["site"] == "pop-chosen"
    assert pop["lon"] == pytest.approx(streets.lon[3], abs=2e-5)
    assert "one was chosen" in plan.notes[0]
    assert sound(plan, Inputs(streets, demand, ()))


def test_without_a_pop_the_largest_part_of_the_streets_is_designed() -> None:
    streets = standin.streets([(0, 0), (100, 0), (900, 0), (999, 0)], [(0, 1), (2, 3)])
    demand = standin.demand([(0, 10.0), (1, 10.0), (1, 20.0)])
    plan = design(streets, demand, (), rules())
    assert plan.premises["id"].to_list() == ["d1", "d2"]
    assert "no POP" in plan.unserved["reason"][0]


def test_no_pop_is_a_problem_where_none_may_be_chosen() -> None:
    streets, demand = town(3, 4)
    with pytest.raises(Problem, match="no POP") as caught:
        design(streets, demand, (), rules(choose_pop=False))
    assert caught.value.remedy


def test_nothing_wanted_is_an_empty_plan_that_says_so() -> None:
    streets = standin.streets([(0, 0), (100, 0)], [(0, 1)])
    demand = standin.demand([(0, 50.0)], connected=[True])
    for pops in (AT_0, ()):
        plan = design(streets, demand, pops, rules(ring=True))
        assert plan.premises.is_empty()
        assert plan.trench == TrenchCost(0, 0, 0, 0)
        assert plan.trench.gap == 0
        assert plan.worst_path is None
        assert "nothing was designed" in plan.notes[0]
        assert quantities(plan).is_empty()
        assert sound(plan, Inputs(streets, demand, pops))


def test_one_home_at_the_pop_needs_no_trench() -> None:
    streets = standin.streets([(0, 0), (100, 0)], [(0, 1)])
    demand = standin.demand([(0, 0.0)])
    plan = design(streets, demand, AT_0, rules(ring=True))
    assert plan.trench.total_cents == 0
    assert plan.premises["path_m"].to_list() == [0.0]
    assert sound(plan, Inputs(streets, demand, AT_0))


def test_each_of_two_pops_serves_what_is_near_it() -> None:
    streets = standin.streets([(0, 0), (500, 0), (1000, 0)], [(0, 1), (1, 2)])
    demand = standin.demand([(0, 100.0), (1, 400.0)])
    pops = (Pop("A", node=0), Pop("B", node=2))
    plan = design(streets, demand, pops, rules())
    assert plan.premises["pop"].to_list() == ["A", "B"]
    assert plan.trench.tree_cents == pytest.approx(200 * 5_000, rel=0.01)
    assert sound(plan, Inputs(streets, demand, pops))


def test_capacity_moves_addresses_to_another_pop_and_lists_whom_none_can_hold() -> None:
    streets = standin.streets([(0, 0), (500, 0), (1000, 0)], [(0, 1), (1, 2)])
    demand = standin.demand([(0, 100.0), (0, 120.0), (0, 140.0), (0, 160.0)])
    pops = (Pop("A", node=0, capacity_units=2), Pop("B", node=2, capacity_units=1))
    plan = design(streets, demand, pops, rules())
    assert sorted(plan.premises["pop"].to_list()) == ["A", "A", "B"]
    assert plan.unserved["reason"].to_list() == ["the POPs hold no more units"]
    assert plan.trench.bound_cents <= plan.trench.tree_cents
    assert sound(plan, Inputs(streets, demand, pops))


def test_too_far_by_every_way_is_listed_before_a_trench_is_dug() -> None:
    streets = standin.streets([(0, 0), (10_000, 0), (40_000, 0)], [(0, 1), (1, 2)])
    demand = standin.demand([(0, 500.0), (1, 15_000.0)])
    plan = design(streets, demand, AT_0, rules())
    assert plan.premises["id"].to_list() == ["d0"]
    assert "28 dB" in plan.unserved["reason"][0]
    assert plan.trench.tree_cents == 500 * 5_000


def test_too_far_on_the_cheapest_trench_gets_a_shortcut() -> None:
    """A ring road of 20 km: the tree leaves out one side, and with it the short way."""
    streets, demand = _ring_road()
    plan = design(streets, demand, AT_0, rules())
    assert plan.unserved.is_empty()
    assert any("shortcuts" in note for note in plan.notes)
    assert plan.trench.tree_cents > 18_000 * 5_000
    assert sound(plan, Inputs(streets, demand, AT_0))


def test_too_far_with_its_cabinet_is_left_and_the_bound_stays_below_the_cost() -> None:
    """Only the walk from a cabinet beyond makes it too far: no shortcut helps."""
    reach_m = (28 - 21 - 0.6 - 1.5) / 0.4 * 1000 / 1.05
    streets = standin.streets([(0, 0), (30_000, 0)], [(0, 1)])
    demand = standin.demand([(0, 200.0), (0, reach_m - 500), (0, reach_m - 450)])
    plan = design(streets, demand, AT_0, rules())
    assert "d0" in plan.premises["id"].to_list()
    assert len(plan.premises) + len(plan.unserved) == 3
    assert not plan.unserved.is_empty()
    assert plan.trench.bound_cents <= plan.trench.tree_cents + plan.trench.lead_cents
    assert sound(plan, Inputs(streets, demand, AT_0))


def test_a_ring_goes_round_where_it_can_and_names_the_street_where_not() -> None:
    streets = standin.streets(
        [(0, 0), (1000, 0), (1000, 1000), (0, 1000), (4000, 0)],
        [(0, 1), (1, 2), (2, 3), (3, 0), (1, 4)],
    )
    demand = standin.demand([(2, 10.0), (4, 2990.0)], units=[100, 100])
    by = rules("p2p", ring=True)
    by = replace(by, architecture=replace(by.architecture, cabinet_reach_m=50.0))
    plan = design(streets, demand, AT_0, by)
    rows = {row["protected"]: row for row in plan.ring.to_dicts()}
    assert rows[False]["single_sections"] == [4]
    assert rows[False]["lon"] is not None
    assert rows[True]["first_m"] + rows[True]["second_m"] == pytest.approx(4000, rel=0.02)
    assert plan.trench.ring_cents > 0
    assert any("cannot have two ways" in note for note in plan.notes)
    assert sound(plan, Inputs(streets, demand, AT_0))


def test_a_second_way_too_long_for_light_protects_nobody() -> None:
    streets, _ = _ring_road()
    beside = standin.demand([(0, 700.0)], on=streets)
    by = rules("p2p", ring=True)
    direct = replace(by.architecture.direct, max_reach_km=15.0)
    by = replace(by, architecture=replace(by.architecture, cabinet_reach_m=50.0, direct=direct))
    plan = design(streets, beside, AT_0, by)
    (row,) = plan.ring.to_dicts()
    assert row["second_m"] > 15_000
    assert (row["protected"], row["second_dark"]) == (False, 1)
    assert any("too long for light" in note for note in plan.notes)
    assert sound(plan, Inputs(streets, beside, AT_0))
    far = by.architecture.direct
    near = replace(by, architecture=replace(by.architecture, direct=replace(far, max_reach_km=40)))
    (lit,) = design(streets, beside, AT_0, near).ring.to_dicts()
    assert (lit["protected"], lit["second_dark"]) == (True, 0)
    assert 0 < lit["second_margin_db"] < 10


def test_the_first_way_moves_where_it_would_leave_no_second() -> None:
    """The trap: the tree's way takes the middle street of two ways that need no middle."""
    points = [
        (0.0, 0.0),
        (100.0, 50.0),
        (100.0, -50.0),
        (200.0, 50.0),
        (200.0, -50.0),
        (300.0, 0.0),
    ]
    sections = [(0, 1), (1, 4), (4, 5), (0, 2), (2, 4), (1, 3), (3, 5)]
    streets = standin.streets(points, sections)
    demand = standin.demand([(2, float(streets.length_m[2])), (1, 70.0)], units=[300, 1])

    def along_the_middle(instance: Instance, limits: Limits, *, seed: int) -> Answer:
        answer = standin.solve(instance, limits, seed=seed)
        pairs = {(0, 1), (1, 4), (4, 5)}
        cut = [(1, 6), (4, 6)]  # the second address stands in the middle
        wanted = [
            each
            for each, ends in enumerate(
                zip(instance.tail.tolist(), instance.head.tolist(), strict=True)
            )
            if tuple(sorted(ends)) in pairs or tuple(sorted(ends)) in cut
        ]
        edges = np.array(wanted)
        return replace(answer, edges=edges, cost=int(instance.cost[edges].sum()), bound=0)

    by = rules("p2p", ring=True)
    by = replace(by, architecture=replace(by.architecture, cabinet_reach_m=10.0))
    plan = designed(Inputs(streets, demand, AT_0), by, replace(SEARCH, solve=along_the_middle))
    assert "ring_first" in plan.cables["level"].to_list()
    assert plan.ring["protected"].all()
    assert sound(plan, Inputs(streets, demand, AT_0))


def test_a_solver_that_leaves_points_out_is_caught() -> None:
    streets, demand = town(4, 10)

    def lazy(instance: Instance, limits: Limits, *, seed: int) -> Answer:
        return replace(standin.solve(instance, limits, seed=seed), edges=np.empty(0, np.int64))

    with pytest.raises(Problem, match="leaves out points"):
        designed(Inputs(streets, demand, AT_0), rules(), replace(SEARCH, solve=lazy))


def test_ducts_and_poles_are_reused_at_their_price() -> None:
    streets = standin.streets(
        [(0, 0), (100, 0), (200, 0), (200, 100)],
        [(0, 1), (1, 2), (1, 3)],
        [CostClass.DUCT, CostClass.POLES, CostClass.ASPHALT],
    )
    cents = PRICES.cents_per_m.copy()
    cents[COST_CLASSES.index(CostClass.DUCT)] = 300
    cents[COST_CLASSES.index(CostClass.POLES)] = 0
    by = replace(rules(), prices=RoutePrices(cents, 2_000))
    demand = standin.demand([(1, 99.0)])
    plan = design(streets, demand, AT_0, by)
    assert plan.trench_sections["placing"].to_list() == ["duct", "aerial"]
    found = amounts(plan)
    assert found["trench.duct"] == pytest.approx(100, abs=0.5)
    assert found["trench.poles"] == pytest.approx(99, abs=0.5)
    hung = sum(value for item, value in found.items() if item.endswith(".aerial"))
    lines = [value for item, value in found.items() if item.startswith("cable.")]
    assert hung == pytest.approx(sum(lines) * 99 / 199, rel=0.01)


def test_the_same_input_gives_the_same_plan() -> None:
    streets, demand = town(6, 60)
    first, second = (design(streets, demand, AT_0, rules(ring=True)) for _ in range(2))
    for name in ("trench_sections", "cables", "sites", "premises", "unserved", "ring"):
        assert getattr(first, name).equals(getattr(second, name))


def test_prices_and_architectures_that_make_no_sense_are_refused() -> None:
    with pytest.raises(Problem, match="where 15 are due"):
        RoutePrices(np.zeros(3, np.int64), 1)
    with pytest.raises(Problem, match="less than nothing"):
        RoutePrices(np.full(len(COST_CLASSES), -1), 1)
    good = rules().architecture
    with pytest.raises(Problem, match="below one"):
        replace(good, chamber_ratio=0)
    with pytest.raises(Problem, match="not ascending"):
        replace(good, chamber_sizes=(48, 24))
    with pytest.raises(Problem, match="one full chamber needs 48"):
        replace(good, cabinet_fibres=40)
    assert isinstance(good, Architecture)
    cables = rules().cables
    with pytest.raises(Problem, match="no placing"):
        replace(cables, placing={})
    assert isinstance(Rules(good, cables, PRICES).options, Options)


def _ring_road() -> tuple[StreetGraph, Demand]:
    many = 24
    angle = 2 * np.pi * np.arange(many) / many
    radius = 20_000 / (2 * np.pi)
    points = [(float(radius * np.sin(a)), float(radius * np.cos(a))) for a in angle]
    streets = standin.streets(points, [(each, (each + 1) % many) for each in range(many)])
    # the widest gap between addresses is beside the POP, so that the cheapest tree goes round
    demand = standin.demand([(each, 400.0) for each in range(1, many - 1)], on=streets)
    return streets, demand
