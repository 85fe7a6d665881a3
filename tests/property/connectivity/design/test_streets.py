"""What holds for any network: cutting and joining lose nothing, and agree with plain code."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import minimum_spanning_tree

from nexpo.connectivity.design.demand.place import nearest
from nexpo.connectivity.design.streets.components import components, shortest_joins
from nexpo.connectivity.design.streets.recut import Cuts, recut, split_at
from nexpo.connectivity.design.streets.synthetic import Territory, lattice, street_graph

GRAPH = street_graph(Territory(2.0, 900, 9.4, 45.8), np.random.default_rng(4), nodes=200)
SPOT = st.tuples(st.integers(0, GRAPH.sections - 1), st.floats(0, 1))


@given(st.lists(SPOT, max_size=40))
def test_splitting_keeps_every_street(spots: list[tuple[int, float]]) -> None:
    section = np.array([s for s, _ in spots], dtype=np.int64)
    offset = np.array([share for _, share in spots]) * GRAPH.length_m[section]
    cut = split_at(GRAPH, section, offset)
    back = np.bincount(cut.section, weights=cut.graph.length_m, minlength=GRAPH.sections)
    assert back == pytest.approx(GRAPH.length_m, rel=1e-9)
    assert (cut.graph.length_m > 0).all()
    assert len(components(cut.graph)) == 1
    assert (cut.graph.shape_lon[cut.graph.shape_start[:-1]] == cut.graph.lon[cut.graph.tail]).all()
    assert (
        cut.graph.shape_lon[cut.graph.shape_start[1:] - 1] == cut.graph.lon[cut.graph.head]
    ).all()


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100), st.integers(8, 10)), max_size=8))
def test_cuts_agree_with_a_ruler_of_centimetres(cuts: list[tuple[float, float, int]]) -> None:
    graph = lattice(2, 1, 100.0)
    made = recut(
        graph,
        Cuts(
            np.zeros(len(cuts), dtype=np.int64),
            np.array([a for a, _, _ in cuts]),
            np.array([b for _, b, _ in cuts]),
            np.array([c for _, _, c in cuts], dtype=np.int64),
        ),
    ).graph
    # precedence of the three crossings: motorway (9), rail (8), water (10)
    rank = {9: 1, 8: 2, 10: 3}
    ruler = (np.arange(10_000) + 0.5) / 100
    best = np.ones(len(ruler), dtype=np.int64)
    for wanted in sorted(rank, key=lambda each: rank[each]):
        for low, high, kind in cuts:
            if kind == wanted:
                best[(ruler > min(low, high)) & (ruler < max(low, high))] = kind
    for kind in (1, 8, 9, 10):
        metres = made.length_m[made.cost_class == kind].sum()
        assert metres == pytest.approx((best == kind).sum() / 100, abs=0.05 * (1 + len(cuts)))


POINT = st.tuples(st.integers(-300, 300), st.integers(-300, 300), st.integers(0, 6))


@given(st.lists(POINT, min_size=1, max_size=40), st.integers(1, 500))
def test_joins_are_those_of_a_minimum_spanning_tree(
    points: list[tuple[int, int, int]], most: int
) -> None:
    x, y = (np.array([p[axis] for p in points], dtype=float) for axis in (0, 1))
    group = np.unique([p[2] for p in points], return_inverse=True)[1].astype(np.int64)
    one, other = shortest_joins(x, y, group, float(most))
    size = int(group.max()) + 1
    table = np.full((size, size), np.inf)
    for a, b in combinations(range(len(points)), 2):
        low, high = sorted((group[a], group[b]))
        if low != high:
            # one is added so that points at one place are an edge to scipy
            table[low, high] = min(table[low, high], np.hypot(x[a] - x[b], y[a] - y[b]) + 1)
    low_, high_ = np.nonzero(table <= most + 1)
    tree = minimum_spanning_tree(coo_matrix((table[low_, high_], (low_, high_)), (size, size)))
    assert len(one) == tree.nnz
    assert np.hypot(x[one] - x[other], y[one] - y[other]).sum() == pytest.approx(
        tree.sum() - tree.nnz
    )


@given(st.floats(-0.01, 0.01), st.floats(-0.01, 0.01))
def test_no_vertex_is_nearer_than_the_nearest_street(east: float, north: float) -> None:
    lon, lat = np.array([9.4 + east]), np.array([45.8 + north])
    section, offset, lead = nearest(GRAPH, lon, lat)
    assert 0 <= offset[0] <= GRAPH.length_m[section[0]] + 1e-9
    east_m = (GRAPH.shape_lon - lon) * 111_319.5 * np.cos(np.radians(45.8))
    north_m = (GRAPH.shape_lat - lat) * 111_140.0
    assert lead[0] <= np.hypot(east_m, north_m).min() * 1.01 + 0.1
