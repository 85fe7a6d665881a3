"""The solver's behaviour: limits, seeds, progress, and the checker that watches it."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import numpy as np
import pytest

from nexpo.connectivity.design.steiner import Answer, Instance, Limits, check, solve
from nexpo.connectivity.design.steiner.kernels import ascend, rows
from nexpo.core.problem import Problem


def still() -> float:
    return 0.0


def lattice(side: int, terminals: int, seed: int) -> Instance:
    """Return a square lattice with random costs and terminals."""
    random = np.random.default_rng(seed)
    node = np.arange(side * side).reshape(side, side)
    tail = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    head = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    cost = random.integers(1, 100, len(tail))
    chosen = random.choice(side * side, terminals, replace=False)
    return Instance(side * side, tail, head, cost, np.sort(chosen))


def test_the_same_seed_and_rounds_give_the_same_tree() -> None:
    instance = lattice(40, 150, 3)
    one = solve(instance, Limits(rounds=120), seed=5, clock=still)
    two = solve(instance, Limits(rounds=120), seed=5, clock=still)
    assert one.edges.tolist() == two.edges.tolist()
    assert (one.cost, one.bound, one.rounds) == (two.cost, two.bound, two.rounds)


def test_more_rounds_never_cost_more() -> None:
    instance = lattice(40, 150, 4)
    costs = [
        solve(instance, Limits(rounds=rounds), seed=1, clock=still).cost
        for rounds in (0, 20, 100, 400)
    ]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < costs[0]


def test_a_lattice_comes_out_within_half_a_percent_of_its_bound() -> None:
    instance = lattice(50, 250, 2)
    answer = solve(instance, Limits(rounds=600), seed=1, clock=still)
    assert check(instance, answer) == []
    assert 0 <= answer.gap <= 0.005


def test_time_up_still_gives_a_verified_tree() -> None:
    instance = lattice(40, 150, 6)
    ticks = count()
    answer = solve(instance, Limits(seconds=1), seed=1, clock=lambda: float(next(ticks)))
    assert answer.rounds == 0
    assert check(instance, answer) == []
    assert answer.bound > 0


def test_stopped_by_hand_gives_the_best_so_far() -> None:
    instance = lattice(40, 150, 6)
    asked = count()
    answer = solve(instance, Limits(), seed=1, clock=still, stop=lambda: next(asked) > 30)
    assert check(instance, answer) == []


def test_progress_only_gets_better() -> None:
    said: list[tuple[int, int, int]] = []
    instance = lattice(40, 150, 7)
    solve(instance, Limits(rounds=200), seed=1, clock=still, watch=lambda *told: said.append(told))
    costs = [cost for _, cost, _ in said]
    bounds = [bound for _, _, bound in said]
    assert costs == sorted(costs, reverse=True)
    assert bounds == sorted(bounds)


def test_loops_parallels_and_free_edges_do_no_harm() -> None:
    tail, head = np.array([0, 0, 0, 1, 1, 2, 2]), np.array([0, 1, 1, 2, 2, 3, 3])
    cost = np.array([0, 5, 3, 0, 0, 4, 7])
    instance = Instance(4, tail, head, cost, np.array([0, 3]))
    answer = solve(instance, Limits(rounds=1), seed=0, clock=still)
    assert check(instance, answer) == []
    assert answer.cost == answer.bound == 7


def test_one_terminal_needs_no_edge() -> None:
    answer = solve(
        replace(lattice(3, 1, 0), terminals=np.array([4])), Limits(), seed=0, clock=still
    )
    assert (answer.edges.tolist(), answer.nodes.tolist(), answer.cost) == ([], [4], 0)


def test_nothing_asked_for_is_a_problem() -> None:
    nobody = replace(lattice(3, 1, 0), terminals=np.empty(0, np.int64))
    with pytest.raises(Problem, match="asks for no node"):
        solve(nobody, Limits(), seed=0, clock=still)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"cost": np.array([1, -2])}, "costs -2"),
        ({"cost": np.array([1])}, "differ in length"),
        ({"terminals": np.array([7])}, "outside 0..2"),
    ],
)
def test_a_malformed_instance_is_refused(fields: dict[str, np.ndarray], said: str) -> None:
    good = {
        "tail": np.array([0, 1]),
        "head": np.array([1, 2]),
        "cost": np.array([1, 2]),
        "terminals": np.array([0, 2]),
    }
    with pytest.raises(Problem, match=said):
        Instance(3, **(good | fields))  # type: ignore[arg-type]


def test_the_bound_is_proven_by_reduced_costs_that_fit_under_every_cut() -> None:
    """The ascent's raised cuts use no arc beyond its cost, and their sum is the bound."""
    instance = lattice(12, 20, 2)
    ptr, adj, edge, _ = rows(instance.nodes, instance.tail, instance.head)
    prize = np.zeros(instance.nodes, np.int64)
    prize[instance.terminals] = np.int64(1) << np.int64(60)
    cost = instance.cost[edge]
    bound, reduced, _ = ascend(ptr, adj, cost, prize, int(instance.terminals[0]))
    assert bool((reduced >= 0).all())
    assert bool((reduced <= cost).all())
    best = solve(instance, Limits(rounds=400), seed=0, clock=still)
    assert bound <= best.cost


WRONG = [
    ({"edges": np.array([0, 0])}, "an edge is used twice"),
    ({"edges": np.array([9])}, "edge 9 does not exist"),
    ({"edges": np.array([0, 2])}, "the edges fall apart: node 3 is cut off"),
    ({"edges": np.array([0, 1, 3])}, "3 edges on 3 nodes are no tree"),
    ({"cost": 1}, "the cost is 7, not 1"),
    ({"bound": 8}, "the bound 8 is above the cost 7"),
]


@pytest.mark.parametrize(("change", "said"), WRONG)
def test_the_checker_finds_each_fault(change: dict[str, object], said: str) -> None:
    instance = Instance(
        4, np.array([0, 1, 2, 0]), np.array([1, 2, 3, 2]), np.array([1, 2, 4, 9]), np.array([0, 3])
    )
    right = Answer(np.array([0, 1, 2]), np.array([0, 1, 2, 3]), 7, 7, 0, 0.0)
    assert check(instance, right) == []
    assert said in check(instance, replace(right, **change))  # type: ignore[arg-type]
