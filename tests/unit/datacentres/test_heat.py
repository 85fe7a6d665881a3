"""Waste heat: the assignment, the pump, ERF, and what stays unknown."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from nexpo.core.problem import Problem
from nexpo.datacentres.heat import Site, User, match, plausible
from nexpo.datacentres.heat_terms import Terms, pump_cop

TERMS = Terms(
    load_factor=0.5,
    pue=1.25,
    recoverable=0.8,
    season_share=0.5,
    demand_mwh_per_person_dd=0.002,
    connectable=0.2,
    waste_c=30,
    supply_c=70,
    most_lift_k=60,
    carnot_share=0.5,
    reach_km=5,
    loss_per_km=0.0,
)
SITE = Site("s", "S", 0, 0, 1000)


def test_a_site_alone_with_great_demand_gives_all_it_has() -> None:
    found = match([SITE], [User("u", "U", 1000, 0, demand_mwh=1e6)], TERMS)
    assert found.handed_mwh == pytest.approx(8760 * 0.5 * 0.8 * 0.5)  # 1 MW of IT
    assert found.erf == pytest.approx(0.8 * 0.5 / 1.25)
    flow = found.flows[0]
    cop = 0.5 * 343.15 / 40
    assert flow.delivered_mwh == pytest.approx(flow.handed_mwh * cop / (cop - 1))
    assert flow.pump_mwh == pytest.approx(flow.delivered_mwh / cop)


def test_demand_bounds_what_is_delivered() -> None:
    found = match([SITE], [User("u", "U", 1000, 0, demand_mwh=100)], TERMS)
    assert found.delivered_mwh == pytest.approx(100)
    assert found.handed_mwh < 100


def test_the_pipe_loses_by_kilometre() -> None:
    lossy = replace(TERMS, loss_per_km=0.1, supply_c=30)
    found = match([SITE], [User("u", "U", 2000, 0, demand_mwh=100)], lossy)
    assert found.delivered_mwh == pytest.approx(100)
    assert found.handed_mwh == pytest.approx(100 / 0.8)
    assert found.flows[0].pump_mwh == 0


def test_most_heat_first_then_the_shortest_way() -> None:
    """Greedy by distance would give A's heat to the near user and strand B."""
    plain = replace(TERMS, supply_c=30)
    one = Site("a", "A", 0, 0, 1000)
    two = Site("b", "B", 6000, 0, 1000)
    near = User("near", "", 3000, 0, demand_mwh=1752)
    far = User("far", "", -4000, 0, demand_mwh=1752)
    found = match([one, two], [near, far], plain)
    assert {(flow.site, flow.user) for flow in found.flows} == {("a", "far"), ("b", "near")}
    assert found.handed_mwh == pytest.approx(3504)


def test_two_ways_of_equal_heat_take_the_shorter() -> None:
    plain = replace(TERMS, supply_c=30)
    users = [User("far", "", 4000, 0, demand_mwh=1e5), User("near", "", 500, 0, demand_mwh=1e5)]
    found = match([SITE], users, plain)
    assert [flow.user for flow in found.flows] == ["near"]


def test_distance_and_temperature_rule_pairs_out() -> None:
    assert match([SITE], [User("u", "", 5001, 0, demand_mwh=9)], TERMS).flows == ()
    hot = User("u", "", 10, 0, demand_mwh=9, supply_c=95)
    assert match([SITE], [hot], TERMS).flows == ()
    assert match([replace(SITE, waste_c=40)], [hot], TERMS).flows != ()


def test_unknown_power_is_unknown_heat_and_not_zero() -> None:
    blind = Site("x", "X", 0, 0, None)
    found = match([blind], [User("u", "", 10, 0, demand_mwh=9)], TERMS)
    assert found.unknown == (blind,)
    assert found.erf is None
    assert found.sites[0].handed_mwh is None
    assert found.sites[0].erf is None


def test_demand_follows_from_people_and_degree_days() -> None:
    town = User("t", "", 0, 0, people=1000, degree_days=2500)
    assert town.demand(TERMS) == pytest.approx(1000 * 2500 * 0.002 * 0.2)
    assert User("t", "", 0, 0, people=1000).demand(TERMS) is None
    assert match([SITE], [User("t", "", 0, 0)], TERMS).users_unknown == 1


def test_nobody_and_nothing_give_nothing() -> None:
    assert match([], [], TERMS).handed_mwh == 0
    assert match([SITE], [], TERMS).erf == 0


def test_the_answer_is_a_range() -> None:
    low = replace(TERMS, recoverable=0.5)
    high = replace(TERMS, recoverable=1.0)
    user = User("u", "", 10, 0, demand_mwh=1e6)
    found = plausible([SITE], [user], {"low": low, "mid": TERMS, "high": high})
    erfs = [each.erf or 0 for each in found.values()]
    assert erfs == sorted(erfs)
    assert erfs[0] < erfs[2]


def test_a_pump_between_equal_temperatures_is_none() -> None:
    assert pump_cop(70, 70.5, 0.5) == float("inf")
    assert pump_cop(0, 100, 0.1) == 1.0  # no better than a heater


@pytest.mark.parametrize(
    ("name", "value"),
    [("load_factor", 1.1), ("pue", 0.9), ("loss_per_km", -0.1), ("reach_km", float("nan"))],
)
def test_terms_out_of_range_are_refused(name: str, value: float) -> None:
    with pytest.raises(Problem, match=name):
        replace(TERMS, **{name: value})


def test_terms_need_each_name_and_no_other() -> None:
    assert Terms.of(asdict(TERMS)) == TERMS
    with pytest.raises(Problem):
        Terms.of(asdict(TERMS) | {"cop": 3.0})
    with pytest.raises(Problem):
        Terms.of({"pue": 1.2})
