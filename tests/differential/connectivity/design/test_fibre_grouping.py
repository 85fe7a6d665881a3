"""Grouping and laying on random trees, against trying everything and against plain Python."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from nexpo.connectivity.design.fibre import grouping, kernels, laying
from nexpo.connectivity.design.fibre.model import Floats, Ints

Rooted = tuple[Ints, Ints, Ints, Ints, Floats]


def random_tree(seed: int, nodes: int) -> tuple[Rooted, Floats]:
    """Return a rooted tree and all distances between its nodes."""
    rng = np.random.default_rng(seed)
    head = np.arange(1, nodes)
    tail = np.array([rng.integers(0, each) for each in head])
    length = rng.integers(5, 40, nodes - 1).astype(float)
    graph = kernels.adjacency(nodes, tail, head)
    tree = kernels.root(*graph, np.ones(nodes - 1, np.bool_), length, 0)
    one, other = (each.ravel() for each in np.meshgrid(np.arange(nodes), np.arange(nodes)))
    return tree, kernels.spans(tree[1], tree[3], tree[4], one, other).reshape(nodes, nodes)


def fewest(far: Floats, items: Ints, reach: float) -> int:
    """Return the least number of nodes within reach of all items, by trying all sets."""
    near = far[:, items] <= reach
    for count in range(1, len(items) + 1):
        for chosen in combinations(range(len(far)), count):
            if near[list(chosen)].any(axis=0).all():
                return count
    raise AssertionError


@pytest.mark.parametrize("seed", range(25))
def test_without_capacity_no_cover_has_fewer_groups(seed: int) -> None:
    (order, parent, _, _, far_m), far = random_tree(seed, 9)
    items = np.random.default_rng(seed).permutation(9)[:6]
    group, node = grouping.gather(
        (order, parent, far_m), items, np.ones((6, 1), np.int64), np.array([99]), 40.0
    )
    assert (far[node[group], items] <= 40.0).all()
    assert len(node) == fewest(far, items, 40.0)


@pytest.mark.parametrize("seed", range(25))
def test_capacity_and_reach_hold_and_groups_are_well_filled(seed: int) -> None:
    (order, parent, _, depth, far_m), far = random_tree(seed, 60)
    rng = np.random.default_rng(seed)
    items = rng.integers(0, 60, 80)
    size = np.column_stack([rng.integers(1, 9, 80), rng.integers(0, 4, 80)])
    most = np.array([24, 11])
    group, node = grouping.gather((order, parent, far_m), items, size, most, 1e6)
    assert (group >= 0).all()
    held = np.array([size[group == each].sum(axis=0) for each in range(len(node))])
    assert (held <= most).all()
    needed = int(np.ceil((size.sum(axis=0) / most).max()))
    assert len(node) <= 1.5 * needed + 1
    sort = np.argsort(group, kind="stable")
    moved = grouping.settle(
        (parent, depth, far_m),
        items[sort],
        group[sort],
        node,
        (np.ones(80), np.ones(len(node))),
        1e6,
    )
    for each, at in enumerate(moved):
        mine = items[group == each]
        total = far[:, mine].sum(axis=1) + far[:, 0]
        assert total[at] == pytest.approx(total.min())


@pytest.mark.parametrize("seed", range(25))
def test_moving_a_group_keeps_its_items_in_reach(seed: int) -> None:
    (order, parent, _, depth, far_m), far = random_tree(seed, 50)
    items = np.random.default_rng(seed).integers(0, 50, 30)
    group, node = grouping.gather(
        (order, parent, far_m), items, np.ones((30, 1), np.int64), np.array([7]), 45.0
    )
    sort = np.argsort(group, kind="stable")
    moved = grouping.settle(
        (parent, depth, far_m),
        items[sort],
        group[sort],
        node,
        (np.ones(30), np.ones(len(node))),
        45.0,
    )
    assert (far[moved[group], items] <= 45.0 + 1e-6).all()
    before, after = (far[at[group], items].sum() for at in (node, moved))
    assert after <= before + far[node, 0].sum()


def test_an_item_larger_than_a_group_gets_one_of_its_own() -> None:
    (order, parent, _, _, far_m), _ = random_tree(3, 6)
    size = np.array([[3], [100], [3]])
    group, node = grouping.gather(
        (order, parent, far_m), np.array([5, 5, 5]), size, np.array([48]), 1e6
    )
    assert group[0] == group[2] != group[1]
    assert node[group[1]] == 5


@pytest.mark.parametrize("seed", range(15))
def test_cables_carry_over_each_piece_what_lies_beyond_it(seed: int) -> None:
    (_, parent, via, depth, _), _ = random_tree(seed, 40)
    rng = np.random.default_rng(seed)
    heads = rng.choice(40, 3, replace=False)
    of_head = np.sort(rng.integers(0, 3, 25))
    items, fibres = rng.integers(0, 40, 25), rng.integers(1, 30, 25)
    sizes = np.array([12, 24, 48, 96])
    runs = laying.lay((parent, via), heads, items, of_head, fibres, (sizes, 20))
    due: dict[tuple[int, int], int] = {}
    for item, head, need in zip(items, of_head, fibres, strict=True):
        _, way = kernels.paths(parent, via, depth, heads[head : head + 1], np.array([item]))
        for piece in way:
            due[head, piece] = due.get((head, piece), 0) + need
    held = {
        (runs.head[run], piece): carried
        for run, piece, carried in zip(runs.hop_run, runs.piece, runs.carried, strict=True)
    }
    assert held == due
    for run, carried in zip(runs.hop_run, runs.carried, strict=True):
        assert runs.code[run] == laying.code_of(carried, sizes, 20)


@pytest.mark.parametrize(
    ("carried", "full", "last"),
    [(1, 0, 12), (10, 0, 12), (11, 0, 24), (240, 0, 288), (241, 1, 12), (500, 2, 24)],
)
def test_spare_decides_the_size_and_several_cables_lie_side_by_side(
    carried: int, full: int, last: int
) -> None:
    sizes = np.array([12, 24, 48, 96, 144, 288])
    assert laying.code_of(np.int64(carried), sizes, 20) == full * laying.FULL + last
