"""Passes over graphs and trees, against scipy and against taking each street away."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from nexpo.connectivity.design.fibre import kernels
from nexpo.connectivity.design.fibre.model import Ints


def random_graph(seed: int, nodes: int = 12, pieces: int = 18) -> tuple[Ints, Ints, Ints]:
    rng = np.random.default_rng(seed)
    tail, head = rng.integers(0, nodes, (2, pieces))
    return tail, head, rng.integers(0, 50, pieces)


@pytest.mark.parametrize("seed", range(8))
def test_the_nearest_source_is_that_of_dijkstra(seed: int) -> None:
    tail, head, cost = random_graph(seed)
    start, near, piece = kernels.adjacency(12, tail, head)
    sources = np.array([0, 5])
    best, owner, via = kernels.nearest(start, near, piece, cost, sources)
    table = np.full((12, 12), np.inf)
    for a, b, c in zip(tail, head, cost, strict=True):
        table[a, b] = table[b, a] = min(c + 1e-9, table[a, b])
    table[~np.isfinite(table)] = 0
    far = dijkstra(csr_array(table), directed=False, indices=sources)
    expected = np.where(np.isfinite(far.min(axis=0)), np.rint(far.min(axis=0)), -1)
    assert best.tolist() == expected.tolist()
    for node in np.flatnonzero(via >= 0):
        other = tail[via[node]] + head[via[node]] - node
        assert best[node] == best[other] + cost[via[node]]
        assert owner[node] == owner[other]


@pytest.mark.parametrize("seed", range(8))
def test_a_bridge_is_a_piece_whose_loss_parts_the_graph(seed: int) -> None:
    tail, head, _ = random_graph(seed, 10, 12)
    found = kernels.bridges(*kernels.adjacency(10, tail, head), np.ones(12, np.bool_))
    whole = _parts(10, tail, head)
    for each in range(12):
        left = np.arange(12) != each
        assert found[each] == (_parts(10, tail[left], head[left]) > whole)


def test_parallel_streets_are_no_bridges() -> None:
    tail, head = np.array([0, 0, 1]), np.array([1, 1, 2])
    found = kernels.bridges(*kernels.adjacency(3, tail, head), np.ones(3, np.bool_))
    assert found.tolist() == [False, False, True]


def test_the_tree_of_chosen_pieces_is_rooted_with_metres() -> None:
    tail, head = np.array([0, 1, 2, 1, 0]), np.array([1, 2, 3, 4, 4])
    length = np.array([10.0, 20.0, 30.0, 5.0, 1.0])
    chosen = np.array([True, True, True, True, False])
    order, parent, via, depth, far = kernels.root(
        *kernels.adjacency(6, tail, head), chosen, length, 1
    )
    assert set(order.tolist()) == {0, 1, 2, 3, 4}
    assert parent.tolist() == [1, -1, 1, 2, 1, -1]
    assert far[:5].tolist() == [10, 0, 20, 50, 5]
    assert depth[5] == -1
    one, other = np.array([0, 3]), np.array([3, 3])
    start, pieces = kernels.paths(parent, via, depth, one, other)
    assert (start.tolist(), pieces.tolist()) == ([0, 3, 3], [0, 1, 2])
    assert kernels.spans(parent, depth, far, one, other).tolist() == [60, 0]
    weight = np.array([1, 0, 2, 4, 8, 0])
    assert kernels.below(order, parent, weight).tolist() == [1, 15, 6, 4, 8, 0]


def test_a_way_keeps_out_of_blocked_arcs_and_says_when_there_is_none() -> None:
    tail, head, cost = np.array([0, 1, 0]), np.array([1, 2, 2]), np.array([1, 1, 9])
    graph = kernels.adjacency(3, tail, head)
    twice = np.repeat(cost, 2)
    free = np.zeros(6, np.bool_)
    assert kernels.way(graph, tail, twice, free, 0, 2).tolist() == [0, 1]
    oneway = free.copy()
    oneway[2] = True  # piece 1 not from tail to head
    assert kernels.way(graph, tail, twice, oneway, 0, 2).tolist() == [2]
    assert kernels.way(graph, tail, twice, ~free, 0, 2).tolist() == []


def _parts(nodes: int, tail: Ints, head: Ints) -> int:
    matrix = csr_array((np.ones(len(tail)), (tail, head)), shape=(nodes, nodes))
    return int(connected_components(matrix, directed=False)[0])
