"""Two exact methods that share no line must give one answer, to the cent."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexpo.connectivity.design.choice.choose import (
    Cluster,
    Goal,
    Method,
    Option,
    Technology,
    Terms,
    choose,
    pareto,
)
from tests.clusters import clusters


def region(count: int, seed: int) -> list[Cluster]:
    """Return clusters of realistic size and cost."""
    chance = np.random.default_rng(seed)
    return [_cluster(f"c{place:04d}", chance) for place in range(count)]


def _cluster(name: str, chance: np.random.Generator) -> Cluster:
    addresses = 1 + int(chance.lognormal(4.5, 1))
    fibre, radio = (int(cents) for cents in addresses * chance.uniform(30_000, 300_000, 2))
    reached = int(addresses * chance.uniform(0.6, 1))
    options = (
        Option(Technology.FIBRE, fibre, addresses, addresses, 1000.0),
        Option(Technology.WIRELESS, 8_000_000 + radio // 4, reached, reached, 300.0),
    )
    return Cluster(name, addresses, addresses, 30.0, options)


@settings(max_examples=80, deadline=None)
@given(clusters(most=6), st.none() | st.integers(0, 25), st.sampled_from(list(Goal)))
def test_choices_agree(drawn: list[Cluster], budget: int | None, goal: Goal) -> None:
    asked = Terms(budget, goal=goal)
    one = choose(drawn, asked, method=Method.PROGRAMME)
    other = choose(drawn, asked, method=Method.MILP)
    assert one.picks == other.picks
    assert (one.bound, one.least_cost_bound_cents) == (other.bound, other.least_cost_bound_cents)


@settings(max_examples=30, deadline=None)
@given(clusters(most=5), st.sampled_from(list(Goal)))
def test_fronts_agree(drawn: list[Cluster], goal: Goal) -> None:
    one = pareto(drawn, goal=goal, method=Method.PROGRAMME)
    other = pareto(drawn, goal=goal, method=Method.MILP)
    assert one.points == other.points


@pytest.mark.parametrize("seed", [0, 1])
def test_choices_agree_on_amounts_of_a_province(seed: int) -> None:
    drawn = region(150, seed)
    whole = sum(max(option.cost_cents for option in each.options) for each in drawn)
    asked = Terms(whole // 3)
    one = choose(drawn, asked, method=Method.PROGRAMME)
    other = choose(drawn, asked, method=Method.MILP)
    assert one.tally == other.tally
    assert one.bound == other.bound == one.tally.worth
    assert one.least_cost_bound_cents == other.least_cost_bound_cents == one.tally.cost_cents
