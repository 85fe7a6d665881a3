"""The design of an area: sums, choice, and what a reader is told."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from nexpo.build.design import design_area
from nexpo.build.design.model import Effort, Materials, Place
from nexpo.connectivity.design import fibre
from nexpo.connectivity.design.choice.model import Technology, Terms, violations
from nexpo.connectivity.design.fibre import Pop
from nexpo.connectivity.design.money import LEVELS, Level, bill
from nexpo.connectivity.design.streets.synthetic import lattice
from nexpo.core.money import Money
from nexpo.core.problem import Problem
from tests.unit.build.design.grounds import REQUEST, borgo, grid, on_sections, village


def test_a_village_is_designed_whole_and_valid() -> None:
    design = village()
    assert design.fibre.premises.height == 40
    assert design.fibre.unserved.is_empty()
    assert design.ok
    assert sum(each.checked for each in design.validation) > 500
    assert design.synthetic
    assert any("SYNTHETIC" in each for each in design.warnings)
    assert any("free space" in each for each in design.warnings)


def test_the_route_on_a_line_is_reckoned_by_hand() -> None:
    """Addresses in the middle of the first and the third of three sections of 100 m."""
    graph = lattice(4, 1, 100.0)
    ground = Materials(Place("Line"), graph, on_sections(graph, [0, 2]))
    request = replace(REQUEST, wireless=False, pops=(Pop("p", graph.lon[0], graph.lat[0]),))
    design = design_area(request, materials=ground)
    metres = design.fibre.trench_sections["length_m"].sum()
    assert metres == pytest.approx(250.0, abs=0.01)  # from the POP to the middle of the third
    price = design.unit_costs["trench.asphalt"].price(Level.MID).cents
    assert design.fibre.trench.total_cents == pytest.approx(250.0 * price, abs=3)
    assert design.fibre.trench.gap == 0.0


def test_costs_of_all_levels_are_quantities_times_prices() -> None:
    design = village()
    cost = design.fibre_cost
    assert cost is not None
    counted = dict(fibre.quantities(design.fibre).select("item", "quantity").iter_rows())
    for level in LEVELS:
        again = bill(counted, design.unit_costs, level)
        assert again.total == cost.bills.at(level).total
        lines = sum(line.amount.cents for line in again.lines)
        assert lines == cost.bills.at(level).total.cents
    totals = [cost.bills.at(level).total for level in LEVELS]
    assert totals == sorted(totals)
    assert cost.each(Level.MID).cents == round(cost.bills.mid.network.cents / 40)


def test_a_wireless_bill_counts_a_device_for_every_unit_served() -> None:
    design = village()
    assert design.wireless is not None
    assert design.wireless_cost is not None
    units = design.wireless.summary.units_served
    assert design.wireless_cost.quantities["fwa.cpe"] == units
    assert design.wireless_cost.units == units


def test_the_grant_is_the_least_of_its_limits_at_each_level() -> None:
    design = village()
    for level, found in design.grants.items():
        assert found.amount == min(limit.amount for limit in found.limits)
        assert found.amount <= design.cases[level].gap
        eligible = design.fibre_cost.bills.at(level).network  # type: ignore[union-attr]
        assert found.amount.cents <= eligible.cents * 7 // 10


def test_the_choice_keeps_its_terms_and_costs_the_parts_of_the_design() -> None:
    design = village()
    assert design.choice is not None
    lit = design_area(replace(REQUEST, wireless=False), materials=borgo())
    assert lit.choice is not None
    assert lit.fibre_cost is not None
    assert lit.choice.tally.addresses == 40
    assert lit.choice.tally.cost_cents == lit.fibre_cost.bills.mid.network.cents
    assert design.choice.tally.cost_cents <= lit.choice.tally.cost_cents
    assert design.choice.bound >= design.choice.tally.addresses
    assert sum(pick.cluster.addresses for pick in design.picks) == 40
    assert sum(step.cost_cents for step in lit.marginal) == lit.choice.tally.cost_cents


def test_a_budget_buys_as_much_as_the_front_says() -> None:
    lit = design_area(replace(REQUEST, wireless=False), materials=borgo())
    assert lit.front is not None
    point = lit.front.points[len(lit.front.points) // 2]
    budget = Money(point.cost_cents)
    some = design_area(replace(REQUEST, wireless=False, budget=budget), materials=borgo())
    assert some.choice is not None
    assert (some.choice.tally.addresses, some.choice.tally.cost_cents) == (
        point.served,
        point.cost_cents,
    )
    assert any(pick.option.technology is Technology.LATER for pick in some.picks)


def test_the_fronts_rise_and_both_technologies_are_never_dearer_than_fibre_alone() -> None:
    design = village()
    assert design.front is not None
    assert design.fibre_front is not None
    for front in (design.front, design.fibre_front):
        for one, two in pairwise(front.points):
            assert one.cost_cents < two.cost_cents
            assert one.served < two.served
    for point in design.fibre_front.points:
        cheaper = [p.cost_cents for p in design.front.points if p.served >= point.served]
        assert min(cheaper) <= point.cost_cents


def test_a_minimum_service_beyond_the_budget_says_by_how_much_and_the_networks_stand() -> None:
    request = replace(REQUEST, wireless=False, budget=Money.euros(10), min_share=Fraction(1, 2))
    design = design_area(request, materials=borgo())
    assert design.choice is None
    assert design.fibre.premises.height
    assert design.front is not None
    assert any("short of the minimum service" in each for each in design.warnings)


def test_a_rule_refuses_wireless_too_slow_for_the_step() -> None:
    design = design_area(replace(REQUEST, service_mbps=100.0), materials=borgo())
    assert design.choice is not None
    assert {pick.option.technology for pick in design.picks} == {Technology.FIBRE}
    refused = [each for each in design.choice.refused if each.technology is Technology.WIRELESS]
    assert refused
    assert "below" in refused[0].reason


def test_the_same_request_gives_the_same_design() -> None:
    again = design_area(REQUEST, materials=borgo())
    first = village()
    assert again.fibre.trench_sections.equals(first.fibre.trench_sections)
    assert again.wireless is not None
    assert first.wireless is not None
    assert again.wireless.links.equals(first.wireless.links)
    assert [figure.value for figure in again.ledger] == [figure.value for figure in first.ledger]
    assert again.choice == first.choice


def test_a_time_limit_is_asked_of_the_clock() -> None:
    asked = []

    def clock() -> float:
        asked.append(1)
        return float(len(asked))

    request = replace(REQUEST, wireless=False, effort=Effort(None, 2.0))
    design = design_area(request, materials=grid([0, 5, 9]), clock=clock)
    assert asked
    assert design.ok


def test_a_ring_is_added_beside_the_bound() -> None:
    plain = design_area(replace(REQUEST, wireless=False), materials=grid([0, 2, 8, 14]))
    ring = design_area(replace(REQUEST, wireless=False, ring=True), materials=grid([0, 2, 8, 14]))
    assert ring.ok
    assert ring.fibre.trench.total_cents >= plain.fibre.trench.total_cents
    assert ring.choice is not None
    assert ring.choice.tally.cost_cents == ring.bills.mid.network.cents  # type: ignore[union-attr]


def test_what_is_off_the_network_is_listed_and_the_rest_designed() -> None:
    design = design_area(replace(REQUEST, wireless=False), materials=grid([0, 5, -1]))
    assert design.fibre.premises["id"].to_list() == ["a0", "a1"]
    left = design.fibre.unserved.row(0, named=True)
    assert left["id"] == "a2"
    assert "off the street network" in left["reason"]
    assert left["remedy"]
    assert any("not reached by fibre" in each for each in design.warnings)
    assert sum(group.cluster.addresses for group in design.groups) == 3
    assert not design.groups[-1].cluster.options


def test_disconnected_streets_leave_the_smaller_part_with_place_and_remedy() -> None:
    near, far = lattice(4, 3, 100.0), lattice(2, 2, 100.0, lon=9.5)
    both: dict[str, Any] = {
        name: np.concatenate([getattr(near, name), getattr(far, name) + shift])
        for name, shift in (
            ("node_id", 100), ("lon", 0), ("lat", 0), ("tail", near.nodes), ("head", near.nodes),
            ("length_m", 0), ("cost_class", 0), ("way_id", 100), ("name", 0),
            ("shape_lon", 0), ("shape_lat", 0),
        )
    }  # fmt: skip
    starts = np.concatenate([near.shape_start, far.shape_start[1:] + near.shape_start[-1]])
    graph = replace(near, shape_start=starts, **both)
    ground = Materials(Place("Apart"), graph, on_sections(graph, [0, 3, 6, near.sections]))
    design = design_area(replace(REQUEST, wireless=False), materials=ground)
    assert design.fibre.premises.height == 3
    left = design.fibre.unserved.row(0, named=True)
    assert (left["id"], left["lon"]) == ("a3", pytest.approx(9.5))
    assert "no POP on its part" in left["reason"]


def test_nothing_in_reach_is_a_design_of_nothing_that_says_so() -> None:
    design = design_area(replace(REQUEST, wireless=False), materials=grid([-1, -1]))
    assert design.fibre_cost is None
    assert design.grants == {}
    assert design.comparisons == ()
    assert design.fibre.unserved.height == 2
    assert any("nothing was designed" in each for each in design.warnings)


def test_a_pop_off_the_streets_is_refused_with_its_place() -> None:
    request = replace(REQUEST, pops=(Pop("p", 12.0, 42.0),))
    with pytest.raises(Problem) as caught:
        design_area(request, materials=grid([0, 5]))
    assert "p" in str(caught.value)
    assert caught.value.remedy


def test_an_impossible_optical_budget_is_listed_by_address() -> None:
    """A grid of 30 km sections: beyond the 20 km that GPON reaches."""
    design = design_area(
        replace(REQUEST, wireless=False), materials=grid([0, 2, 14], spacing_m=30_000.0)
    )
    assert design.fibre.unserved.height > 0
    assert "optical budget" in design.fibre.unserved["reason"][0]
    assert design.ok


def test_capacity_below_demand_leaves_some_and_says_so() -> None:
    graph = lattice(4, 3, 100.0)
    ground = Materials(Place("Full"), graph, on_sections(graph, [0, 3, 6], units=10))
    pop = Pop("p", graph.lon[0], graph.lat[0], capacity_units=20)
    design = design_area(replace(REQUEST, wireless=False, pops=(pop,)), materials=ground)
    assert design.fibre.premises.height == 2
    assert "hold no more units" in design.fibre.unserved["reason"][0]


def test_comparisons_come_with_what_cannot_be_compared() -> None:
    design = village()
    assert design.comparisons
    for each in design.comparisons:
        assert each.not_comparable
    awarded = [each for each in design.comparisons if each.programme.counted == "civico"]
    assert str(awarded[0].programme.public_each) == "EUR 528.79"


def test_no_term_of_the_choice_is_broken() -> None:
    design = village()
    assert design.choice is not None
    terms = Terms(step=design.grant_rule.step)
    assert not list(violations(design.choice.picks, terms))
