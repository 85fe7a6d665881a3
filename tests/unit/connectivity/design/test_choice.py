"""Worked examples of the choice, small enough to be checked by eye, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import scipy.optimize

from nexpo.connectivity.coverage.model import StepChange
from nexpo.connectivity.design.choice import choose as choice
from nexpo.connectivity.design.choice import milp as choice_milp
from nexpo.connectivity.design.choice.choose import (
    Cluster,
    Goal,
    Method,
    Option,
    Pick,
    Technology,
    Terms,
    cheapest,
    choose,
    marginal_cost,
    pareto,
    verify,
)
from nexpo.connectivity.design.choice.milp import Unanswered
from nexpo.connectivity.design.choice.model import menu
from nexpo.core.problem import Kind, Problem

FIBRE, WIRELESS, LATER = Technology.FIBRE, Technology.WIRELESS, Technology.LATER
THREE_TIMES = StepChange(3, 100, None)
BOTH = [Method.PROGRAMME, Method.MILP]


def cluster(name: str, fibre: int, radio: int, served: int = 8, **more: Any) -> Cluster:
    """Return ten addresses with fibre for all and wireless for some."""
    options = (
        Option(FIBRE, fibre, 10, 12, 1000.0, requires=more.pop("requires", ())),
        Option(WIRELESS, radio, served, served, more.pop("radio_mbps", 300.0)),
    )
    return Cluster(name, 10, 12, more.pop("before_mbps", 30.0), options, **more)


def picked(found: choice.Choice) -> list[Technology]:
    return [pick.option.technology for pick in found.picks]


TOWN = [cluster("a", 1_000, 300), cluster("b", 5_000, 400), cluster("c", 9_000, 500)]


@pytest.mark.parametrize("method", BOTH)
@pytest.mark.parametrize(
    ("budget", "due"),
    [
        (0, [LATER, LATER, LATER]),
        (1_000, [WIRELESS, WIRELESS, LATER]),  # 16 addresses for 700; fibre in a alone has 10
        (1_900, [FIBRE, WIRELESS, WIRELESS]),
        (6_500, [FIBRE, FIBRE, WIRELESS]),
        (15_000, [FIBRE, FIBRE, FIBRE]),
    ],
)
def test_a_budget_is_spent_where_it_serves_most(
    method: Method, budget: int, due: list[Technology]
) -> None:
    found = choose(TOWN, Terms(budget), method=method)
    assert picked(found) == due
    assert found.bound == found.tally.addresses
    assert found.gap == 0
    assert found.least_cost_bound_cents == found.tally.cost_cents


@pytest.mark.parametrize("method", BOTH)
def test_of_equals_the_first_id_is_served(method: Method) -> None:
    twins = [cluster(name, 1_000, 300) for name in ("b", "a")]
    found = choose(twins, Terms(1_300), method=method)
    assert [pick.cluster.id for pick in found.picks] == ["a", "b"]
    assert picked(found) == [FIBRE, WIRELESS]


@pytest.mark.parametrize("method", BOTH)
def test_an_option_below_three_times_the_speed_before_is_refused(method: Method) -> None:
    slow = cluster("a", 1_000, 100, before_mbps=101.0)
    found = choose([slow], Terms(500, step=THREE_TIMES), method=method)
    assert picked(found) == [LATER]
    assert [(one.cluster, one.technology) for one in found.refused] == [("a", WIRELESS)]
    assert "300 Mbit/s is below 3 times the 101 Mbit/s before" in found.refused[0].reason


def test_a_feeder_runs_through_another_clusters_fibre() -> None:
    far = cluster("far", 1_000, 5_000, requires=("near",))
    near = cluster("near", 2_000, 100)
    assert picked(choose([far, near], Terms(1_100))) == [LATER, WIRELESS]
    assert picked(choose([far, near], Terms(3_000))) == [FIBRE, FIBRE]


def test_units_and_need_are_goals_too() -> None:
    homes = cluster("homes", 1_000, 900)
    farms = Cluster("farms", 10, 10, 0.0, (Option(FIBRE, 1_000, 10, 10, 1000.0),), need=5)
    assert picked(choose([homes, farms], Terms(1_000, goal=Goal.UNITS))) == [LATER, FIBRE]
    assert picked(choose([homes, farms], Terms(1_000, goal=Goal.NEED))) == [FIBRE, LATER]


def test_a_minimum_by_class_goes_before_the_most_served() -> None:
    near = replace(cluster("near", 1_000, 900), by_class={"B": 10})
    far = Cluster(
        "far", 4, 4, 0.0, (Option(FIBRE, 1_000, 4, 4, 1000.0, by_class={"C": 4}),), 1, {"C": 4}
    )
    asked = Terms(1_000, min_share_by_class={"C": Fraction(1, 2)})
    found = choose([near, far], asked)
    assert found.tally.by_class == {"C": 4}
    assert found.tally.addresses == 4


@pytest.mark.parametrize("method", BOTH)
def test_a_budget_too_small_says_by_how_much(method: Method) -> None:
    with pytest.raises(Problem) as caught:
        choose(TOWN, Terms(1_100, min_share=Fraction(8, 10)), method=method)
    assert caught.value.kind is Kind.BAD_INPUT
    assert "EUR 1.00 short of the minimum service, which costs at least EUR 12.00" in str(
        caught.value
    )


@pytest.mark.parametrize("method", BOTH)
def test_a_service_that_no_money_buys_says_what_is_missing(method: Method) -> None:
    asked = Terms(min_share=Fraction(1), step=StepChange(3, 500, None))
    slow = Cluster("z", 5, 5, 0.0, (Option(WIRELESS, 1, 5, 5, 300.0),))
    with pytest.raises(Problem, match="no budget reaches the minimum service") as caught:
        choose([*TOWN, slow], asked, method=method)
    assert "at most 30 of 35 addresses, where 35 are due" in str(caught.value)
    assert "4 options were refused" in str(caught.value)


def test_a_class_that_no_option_reaches_is_no_service() -> None:
    lost = Cluster("lost", 2, 2, 0.0, (), 1, {"A": 2})
    with pytest.raises(Problem, match="a class falls short of its own"):
        choose([*TOWN, lost], Terms(min_share_by_class={"A": Fraction(1)}))


@pytest.mark.parametrize("method", BOTH)
def test_no_clusters_are_no_trouble(method: Method) -> None:
    found = choose([], Terms(10), method=method)
    assert (len(found.picks), found.bound) == (0, 0)
    assert not found.gap
    assert len(pareto([], method=method).points) == 1


# The front


@pytest.mark.parametrize("method", BOTH)
def test_the_front_by_hand(method: Method) -> None:
    front = pareto(TOWN[:2], method=method)
    assert [(point.cost_cents, point.served) for point in front.points] == [
        (0, 0),
        (300, 8),
        (700, 16),
        (1_400, 18),
        (6_000, 20),
    ]
    assert front.complete
    assert "all 5 non-dominated points" in front.statement


def test_a_front_cut_short_says_so() -> None:
    thinned = pareto(TOWN, most=3)
    assert not thinned.complete
    assert [point.served for point in thinned.points] == [0, 24, 30]
    assert "3 of 7 non-dominated points" in thinned.statement
    swept = pareto(TOWN, most=3, method=Method.MILP)
    assert not swept.complete
    assert [point.served for point in swept.points] == [26, 28, 30]
    assert "the sweep stopped" in swept.statement
    assert len(pareto(TOWN, most=1).points) == 1
    with pytest.raises(Problem, match="at least one point"):
        pareto(TOWN, most=0)


# The marginal cost curve


def test_the_curve_goes_from_cheap_to_dear() -> None:
    curve = marginal_cost(cheapest(TOWN, None))
    assert [(one.cluster, one.total_cost_cents, one.total_addresses) for one in curve] == [
        ("a", 300, 8),
        ("b", 700, 16),
        ("c", 1_200, 24),
    ]
    assert curve[0].cents_per_address == Fraction(300, 8)


def test_an_option_that_needs_another_is_not_the_cheapest_alone() -> None:
    far = cluster("far", 1, 5_000, requires=("near",))
    assert [pick.option.technology for pick in cheapest([far, cluster("near", 9, 9)], None)] == [
        WIRELESS,
        FIBRE,
    ]


# Bad input


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: choose([TOWN[0], TOWN[0]], Terms()), "two clusters share an id"),
        (lambda: choose([cluster("a", 1, 1, requires=("x",))], Terms()), "is not there"),
        (lambda: cluster("a", -1, 1), "cost_cents of cluster a"),
        (lambda: cluster("a", 1, 1, served=11), "serves more addresses than it has"),
        (lambda: Cluster("a", 1, 1, 0, (), need=-1), "need of cluster a"),
        (lambda: cluster("a", 1.5, 1), "no whole number"),  # type: ignore[arg-type]
        (lambda: Terms(-1), "budget is not below zero"),
        (lambda: Terms(min_share=Fraction(2)), "from 0 to 1"),
    ],
)
def test_bad_input_is_said(make: Any, said: str) -> None:
    with pytest.raises(Problem, match=said):
        make()


def test_the_programme_says_what_it_cannot_hold() -> None:
    with pytest.raises(Problem, match="cannot hold these terms"):
        choose(TOWN, Terms(min_share_by_class={"C": Fraction(0)}), method=Method.PROGRAMME)


# A solver is not believed


def test_an_answer_that_breaks_a_term_is_not_handed_out() -> None:
    picks = [Pick(TOWN[0], TOWN[0].options[0])]
    assert verify(picks, Terms(1_000)).cost_cents == 1_000
    for broken in (
        Terms(999),
        Terms(step=StepChange(300, 0, None)),
        Terms(min_share_by_class={"B": Fraction(1)}),
    ):
        clusters = [replace(TOWN[0], by_class={"B": 1})] if broken.min_share_by_class else [TOWN[0]]
        with pytest.raises(Problem, match="does not hold"):
            verify([Pick(each, each.options[0]) for each in clusters], broken)
    foreign = Option(FIBRE, 1, 1, 1, 1000.0)
    with pytest.raises(Problem, match="no such option"):
        verify([Pick(TOWN[0], foreign)], Terms())
    with pytest.raises(Problem, match="minimum service"):
        verify([Pick(TOWN[0], choice.LATER)], Terms(min_share=Fraction(1, 100)))


def test_an_answer_over_budget_by_rounding_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def loose(objective: Any, **keywords: Any) -> Any:
        """Let the first answer break the budget, as a tolerance might."""
        calls.append(1)
        if len(calls) == 1:
            return SimpleNamespace(status=0, x=np.eye(3)[0], mip_dual_bound=-10.0, message="")
        return scipy.optimize.milp(objective, **keywords)

    monkeypatch.setattr(choice_milp, "milp", loose)
    found = choose([cluster("a", 1_000, 300)], Terms(999), method=Method.MILP)
    assert picked(found) == [WIRELESS]
    assert found.bound == 8


def test_a_solver_without_answer_is_a_problem_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nothing = SimpleNamespace(status=4, x=None, mip_dual_bound=None, message="Solve error")
    monkeypatch.setattr(choice_milp, "milp", lambda *_, **__: nothing)
    with pytest.raises(Unanswered, match="Solve error") as caught:
        choose(TOWN, Terms(), method=Method.MILP)
    assert caught.value.kind is Kind.UNAVAILABLE


def test_an_answer_not_proven_comes_with_its_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def stopped(*_: Any, **keywords: Any) -> Any:
        calls.append(keywords["options"]["time_limit"])
        if len(calls) > 1:
            return SimpleNamespace(status=1, x=None, mip_dual_bound=None, message="time")
        return SimpleNamespace(status=1, x=np.eye(3)[1], mip_dual_bound=-10.5, message="time")

    monkeypatch.setattr(choice_milp, "milp", stopped)
    found = choose([cluster("a", 1_000, 300)], Terms(), method=Method.MILP, seconds=0.5)
    assert calls[0] == 0.5
    assert (found.tally.addresses, found.bound, found.gap) == (8, 10, Fraction(1, 5))
    assert found.least_cost_bound_cents == 0
    assert not found.ties_broken


def test_the_menu_keeps_later_in_every_cluster() -> None:
    explicit = Cluster("a", 1, 1, 0.0, (choice.LATER,))
    assert menu([explicit], None, Goal.ADDRESSES).options == ((choice.LATER,),)
