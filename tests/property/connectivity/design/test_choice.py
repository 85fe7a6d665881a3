"""The choice against an oracle that tries every choice there is."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexpo.connectivity.coverage.model import StepChange
from nexpo.connectivity.design.choice.choose import (
    Cluster,
    Goal,
    Method,
    Point,
    Terms,
    cheapest,
    choose,
    marginal_cost,
    pareto,
)
from nexpo.connectivity.design.choice.model import tally
from nexpo.core.problem import Problem
from tests.clusters import best_of, clusters, every_choice

STEPS = st.none() | st.just(StepChange(3, 100, None))
SHARES = st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(9, 10), Fraction(1)])
BUDGETS = st.none() | st.integers(0, 20)


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    return Terms(
        budget_cents=draw(BUDGETS),
        min_share=draw(SHARES),
        min_share_by_class=draw(st.dictionaries(st.sampled_from(["B", "C"]), SHARES, max_size=2)),
        step=draw(STEPS),
        goal=draw(st.sampled_from(list(Goal))),
    )


def agrees(drawn: list[Cluster], asked: Terms, method: Method) -> None:
    held = every_choice(drawn, asked)
    if not held:
        with pytest.raises(Problem, match="minimum service"):
            choose(drawn, asked, method=method)
        return
    found = choose(drawn, asked, method=method)
    best = best_of(held, asked)
    assert found.picks == best
    assert found.tally == tally(best, asked.goal)
    assert found.bound == found.tally.worth
    assert not found.gap
    assert found.least_cost_bound_cents == found.tally.cost_cents
    assert found.ties_broken


@settings(max_examples=150, deadline=None)
@given(clusters(most=4, tied=True), terms())
def test_no_choice_is_better_and_ties_go_to_the_first(drawn: list[Cluster], asked: Terms) -> None:
    agrees(drawn, asked, Method.MILP)


@settings(deadline=None)
@given(clusters(), BUDGETS, SHARES, STEPS)
def test_the_dynamic_programme_finds_the_same(
    drawn: list[Cluster], budget: int | None, share: Fraction, step: StepChange | None
) -> None:
    agrees(drawn, Terms(budget, share, step=step), Method.PROGRAMME)


@settings(max_examples=60, deadline=None)
@given(clusters(most=4, tied=True), STEPS, st.sampled_from(list(Goal)))
def test_the_front_is_every_choice_that_no_other_dominates(
    drawn: list[Cluster], step: StepChange | None, goal: Goal
) -> None:
    pairs = {
        (found.cost_cents, found.worth)
        for picks in every_choice(drawn, Terms(step=step, goal=goal))
        for found in [tally(picks, goal)]
    }
    kept = [
        Point(cost, worth)
        for cost, worth in sorted(pairs)
        if not any((c, -w) != (cost, -worth) and c <= cost and w >= worth for c, w in pairs)
    ]
    front = pareto(drawn, step=step, goal=goal)
    assert front.complete
    assert list(front.points) == kept


@settings(max_examples=60, deadline=None)
@given(clusters(), st.integers(0, 10), st.integers(0, 10))
def test_more_money_never_serves_fewer(drawn: list[Cluster], budget: int, more: int) -> None:
    less, much = choose(drawn, Terms(budget)), choose(drawn, Terms(budget + more))
    assert less.tally.worth <= much.tally.worth


@settings(deadline=None)
@given(clusters(most=8), STEPS)
def test_the_marginal_curve_rises_and_ends_at_the_sums(
    drawn: list[Cluster], step: StepChange | None
) -> None:
    picks = cheapest(drawn, step)
    curve = marginal_cost(picks)
    each = [one.cents_per_address for one in curve]
    assert each == sorted(each)
    last = (curve[-1].total_cost_cents, curve[-1].total_addresses) if curve else (0, 0)
    found = tally(picks, Goal.ADDRESSES)
    assert last == (found.cost_cents, found.addresses)
