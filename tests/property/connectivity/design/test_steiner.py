"""The solver against every subset of nodes, on graphs small enough to try them all."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexpo.connectivity.design.steiner import Instance, Limits, check, solve
from nexpo.core.problem import Problem

EXAMPLES = 100


def cheapest(instance: Instance) -> int | None:
    """Try every set of nodes: its minimum spanning tree, plus what is left out."""
    prize = instance.prize if instance.prize is not None else np.zeros(instance.nodes, np.int64)
    must = {int(node) for node in instance.terminals}
    if instance.root is not None:
        must.add(instance.root)
    edges = sorted(
        zip(instance.cost.tolist(), instance.tail.tolist(), instance.head.tolist(), strict=True)
    )
    best = None
    free = [node for node in range(instance.nodes) if node not in must]
    for size in range(len(free) + 1):
        for extra in combinations(free, size):
            held = must | set(extra)
            if not held:
                continue
            tree = spanning(edges, held)
            if tree is None:
                continue
            lost = sum(int(prize[v]) for v in range(instance.nodes) if v not in held)
            if best is None or tree + lost < best:
                best = tree + lost
    return best


def spanning(edges: list[tuple[int, int, int]], held: set[int]) -> int | None:
    leader = {node: node for node in held}

    def top(node: int) -> int:
        while leader[node] != node:
            node = leader[node]
        return node

    total, joined = 0, 1
    for cost, one, other in edges:
        if one in held and other in held and top(one) != top(other):
            leader[top(one)] = top(other)
            total += cost
            joined += 1
    return total if joined == len(held) else None


@st.composite
def instances(draw: st.DrawFn, *, prizes: bool, rooted: bool) -> Instance:
    nodes = draw(st.integers(2, 9))
    node = st.integers(0, nodes - 1)
    spine = [(v, draw(st.integers(0, v - 1))) for v in range(1, nodes)]
    more = draw(st.lists(st.tuples(node, node), max_size=12))
    ends = spine + more
    cost = draw(st.lists(st.integers(0, 12), min_size=len(ends), max_size=len(ends)))
    some = 0 if prizes else 1
    terminals = draw(st.lists(node, min_size=some, max_size=0 if prizes and not rooted else 4))
    worth = draw(st.lists(st.integers(0, 15), min_size=nodes, max_size=nodes))
    return Instance(
        nodes,
        np.array([u for u, _ in ends]),
        np.array([v for _, v in ends]),
        np.array(cost),
        np.unique(np.array(terminals, np.int64)),
        np.array(worth) if prizes else None,
        draw(node) if rooted else None,
    )


def solved_as_by_hand(instance: Instance) -> None:
    answer = solve(instance, Limits(rounds=200), seed=1, clock=lambda: 0.0)
    assert check(instance, answer) == []
    best = cheapest(instance)
    assert answer.cost == best
    assert answer.bound == best


@settings(max_examples=EXAMPLES, deadline=None)  # the first call compiles
@given(instances(prizes=False, rooted=False))
def test_a_plain_tree_is_the_cheapest(instance: Instance) -> None:
    solved_as_by_hand(instance)


@settings(max_examples=EXAMPLES, deadline=None)  # the first call compiles
@given(instances(prizes=True, rooted=True))
def test_a_rooted_tree_with_prizes_is_the_cheapest(instance: Instance) -> None:
    solved_as_by_hand(instance)


@settings(max_examples=EXAMPLES, deadline=None)  # the first call compiles
@given(instances(prizes=True, rooted=False))
def test_a_tree_with_prizes_and_no_root_is_the_cheapest(instance: Instance) -> None:
    if instance.prize is not None and not instance.prize.any():
        with pytest.raises(Problem, match="asks for no node"):
            solve(instance, Limits(rounds=1), seed=1, clock=lambda: 0.0)
    else:
        solved_as_by_hand(instance)
