"""Routes on small streets, against trying every set of nodes."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import minimum_spanning_tree

from nexpo.connectivity.design.fibre import Inputs, Options, Pop, Search, network, reach, trench
from nexpo.connectivity.design.fibre.model import Ints
from nexpo.connectivity.design.steiner.model import Answer, Instance, Limits
from tests.unit.connectivity.design.fibre import standin
from tests.unit.connectivity.design.fibre.examples import PRICES

NODES = 8


def cheapest(instance: Instance) -> tuple[int, Ints]:
    """Return cost and edges of the cheapest tree: spanning trees of all sets with the terminals."""
    must = set(instance.terminals.tolist())
    other = [each for each in range(instance.nodes) if each not in must]
    best: tuple[int, Ints] | None = None
    for count in range(len(other) + 1):
        for more in combinations(other, count):
            found = _spanning(instance, must | set(more))
            if found is not None and (best is None or found[0] < best[0]):
                best = found
    assert best is not None
    return best


def _spanning(instance: Instance, nodes: set[int]) -> tuple[int, Ints] | None:
    within = [
        edge
        for edge in range(len(instance.tail))
        if instance.tail[edge] != instance.head[edge]
        and {int(instance.tail[edge]), int(instance.head[edge])} <= nodes
    ]
    number: dict[tuple[int, int], int] = {}
    for edge in sorted(within, key=lambda each: int(instance.cost[each])):
        a, b = sorted((int(instance.tail[edge]), int(instance.head[edge])))
        number.setdefault((a, b), edge)
    rows, columns = zip(*number, strict=True) if number else ((), ())
    weight = [float(instance.cost[edge]) + 1 for edge in number.values()]
    tree = minimum_spanning_tree(
        csr_array((weight, (rows, columns)), shape=(instance.nodes, instance.nodes))
    ).tocoo()
    if tree.nnz != len(nodes) - 1:
        return None
    edges = np.array(
        sorted(number[int(a), int(b)] for a, b in zip(tree.row, tree.col, strict=True)),
        dtype=np.int64,
    )
    return int(instance.cost[edges].sum()), edges


def exact(instance: Instance, limits: Limits, *, seed: int) -> Answer:
    cost, edges = cheapest(instance)
    nodes = np.unique(np.concatenate([instance.tail[edges], instance.head[edges]]))
    return Answer(edges, nodes, cost, cost, 0, 0.0)


BY = Search(exact, Limits(rounds=1), 1)


def case(seed: int, pops: int) -> tuple[Inputs, network.Network]:
    rng = np.random.default_rng(seed)
    points = [(float(x), float(y)) for x, y in rng.uniform(0, 1000, (NODES, 2))]
    ends = [(each, int(rng.integers(0, each))) for each in range(1, NODES)]
    more = rng.integers(0, NODES, (6, 2))
    ends += [(int(a), int(b)) for a, b in more if a != b]
    streets = standin.streets(points, ends)
    at_ends = rng.integers(0, 2, 5) * 1.0
    section = rng.integers(0, len(ends), 5)
    demand = standin.demand(
        [(int(a), float(b * streets.length_m[a])) for a, b in zip(section, at_ends, strict=True)]
    )
    given = tuple(Pop(f"P{each}", node=each) for each in range(pops))
    inputs = Inputs(streets, demand, given)
    return inputs, network.build(inputs, np.ones(5, np.bool_), Options())


@pytest.mark.parametrize("pops", [1, 2])
@pytest.mark.parametrize("seed", range(12))
def test_after_some_are_left_out_the_bound_is_not_above_the_cheapest_for_the_rest(
    seed: int, pops: int
) -> None:
    inputs, net = case(seed, pops)
    cost = trench.piece_costs(net, PRICES)
    everybody = np.ones(5, np.bool_)
    whole = trench.routes(net, inputs.demand, everybody, inputs.pops, cost, BY)
    assert whole.bound_cents == whole.tree_cents
    gone = np.random.default_rng(seed).uniform(size=5) < 0.5
    left = reach.without(whole, gone)
    again = trench.routes(net, inputs.demand, ~gone, inputs.pops, cost, BY)
    assert left.bound_cents <= again.tree_cents <= left.tree_cents
    assert (left.owner[gone] == trench.NOBODY).all()
    assert (left.owner[~gone] >= 0).all()


@pytest.mark.parametrize("seed", range(12))
def test_shortcuts_bring_everybody_to_the_shortest_way_when_asked_for_it(seed: int) -> None:
    inputs, net = case(seed, 1)
    cost = trench.piece_costs(net, PRICES)
    whole = trench.routes(net, inputs.demand, np.ones(5, np.bool_), inputs.pops, cost, BY)
    rows = np.arange(5)
    near = reach.shorter(whole, rows, np.full(5, 1e9))
    best = _shortest_m(net)
    on_tree = whole.trees[0].far_m[net.point]
    if near is None:
        assert on_tree == pytest.approx(best[net.point], abs=1.1)
        return
    made = near.trees[0].far_m[net.point]
    assert made == pytest.approx(best[net.point], abs=1.1)
    assert near.bound_cents == whole.bound_cents
    assert near.added_cents == near.tree_cents - whole.tree_cents >= 0


def _shortest_m(net: network.Network) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    far = np.full(net.nodes, np.inf)
    far[net.pop[0]] = 0
    for _ in range(net.nodes):
        for tail, head, metres in zip(net.tail, net.head, net.length_m, strict=True):
            far[head] = min(far[head], far[tail] + metres)
            far[tail] = min(far[tail], far[head] + metres)
    return far
