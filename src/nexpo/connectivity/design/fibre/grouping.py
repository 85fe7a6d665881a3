"""Putting the items of a rooted tree into groups, and the groups where they stand best.

Used twice: addresses into drop chambers, chambers into cabinets. See :mod:`kernels` for the
arrays of a rooted tree.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from nexpo.connectivity.design.fibre.kernels import between
from nexpo.connectivity.design.fibre.model import Floats, Ints

_EPS_M = 1e-6


@njit(cache=True)
def gather(
    tree: tuple[Ints, Ints, Floats], item_node: Ints, size: Ints, most: Ints, reach: float
) -> tuple[Ints, Ints]:
    """Put items of a tree into groups, leaves first: as few as reach and capacity let it.

    Each node holds the items below it that wait. A group is opened as near the root as the
    farthest waiting item lets it (which is optimal for a cover without capacities on a tree),
    or where more wait than one group holds; then the farthest go in first. A group below
    another branch takes what still fits. An item is always in reach of a group at its own
    node, so every item ends in one: the greedy cannot fail. An item larger than a group gets
    one of its own.

    Parameters
    ----------
    tree
        order, parent, far_m.
    item_node, size
        By item: where it is, and what it takes ``(items, kinds)``; the first kind is positive.
    most
        ``(kinds,)`` what a group holds.
    reach
        Metres from a group to its items.

    Returns
    -------
    ``(items,)`` group of each item, and ``(groups,)`` node of each group.
    """
    order, parent, far_m = tree
    nodes, items = len(parent), len(item_node)
    group = np.full(items, -1, np.int64)
    group_node = np.empty(items, np.int64)
    left = _empty_groups(items, most)
    first = np.full(nodes, -1, np.int64)
    following = np.full(items, -1, np.int64)
    waiting = np.zeros((nodes, len(most)), np.int64)
    opened = np.full(nodes, -1, np.int64)
    item_far_m = far_m[item_node]
    groups = 0
    for item in range(items):
        if _over(size[item], most):
            group[item], group_node[groups] = groups, item_node[item]
            groups += 1
        else:
            _wait(np.int64(item), item_node[item], (first, following, waiting), size)
    for position in range(len(order) - 1, -1, -1):
        node = order[position]
        if first[node] < 0 and opened[node] < 0:
            continue
        ranked = _farthest_first(first[node], following, far_m, item_node)
        at = opened[node]
        if at >= 0:
            far_most = reach + _EPS_M - far_m[group_node[at]] + 2.0 * far_m[node]
            _fill(ranked, group, at, (left, waiting[node], size), (item_far_m, far_most))
        up = far_m[node] - far_m[parent[node]] if parent[node] >= 0 else np.inf
        must = _longest(ranked, group, far_m, item_node) - far_m[node] + up > reach + _EPS_M
        while waiting[node, 0] > 0 and (must or _over(waiting[node], most)):
            group_node[groups], opened[node] = node, groups
            _fill(ranked, group, groups, (left, waiting[node], size), (item_far_m, np.inf))
            groups += 1
        above = parent[node]
        if above < 0:
            continue
        for place in range(len(ranked) - 1, -1, -1):
            item = ranked[place]
            if group[item] < 0:
                _wait(item, above, (first, following, waiting), size)
        opened[above] = _nearer(opened[node], opened[above], left, group_node, far_m)
    return group, group_node[:groups].copy()


def settle(
    tree: tuple[Ints, Ints, Floats],
    item_node: Ints,
    group: Ints,
    group_node: Ints,
    pull: tuple[Floats, Floats],
    reach: float,
) -> Ints:
    """Move each group to the weighted median of its items and the root, within reach.

    On a tree the median is the deepest node with more than half of all weight at or below it
    (Goldman 1971). Where an item would be out of reach there, the group stops on the way;
    where the root pulls more than all items, it stays: it is as near the root as it can be.

    Parameters
    ----------
    tree
        parent, depth, far_m.
    item_node, group
        By item, sorted by group.
    group_node
        Where groups stand now: within reach of their items.
    pull
        Weight by item, and weight of the root by group.
    reach
        Metres.
    """
    start = np.searchsorted(group, np.arange(len(group_node) + 1))
    moved: Ints = _settle(tree, item_node, start, group_node, pull, reach + _EPS_M)
    return moved


@njit(cache=True)
def _settle(
    tree: tuple[Ints, Ints, Floats],
    item_node: Ints,
    start: Ints,
    group_node: Ints,
    pull: tuple[Floats, Floats],
    reach: float,
) -> Ints:
    parent, depth, far_m = tree
    under = np.zeros(len(parent))
    moved = group_node.copy()
    for which in range(len(group_node)):
        low, high = start[which], start[which + 1]
        mine = item_node[low:high]
        weight = pull[0][low:high], pull[1][which]
        best = _median(tree, group_node[which], mine, weight, (under, reach))
        while best != group_node[which]:
            if _radius(parent, depth, far_m, best, mine) <= reach:
                break
            best = _toward(parent, depth, best, group_node[which])
        moved[which] = best
    return moved


@njit(cache=True)
def _wait(item: np.int64, node: np.int64, queue: tuple[Ints, Ints, Ints], size: Ints) -> None:
    """Let an item wait at a node."""
    first, following, waiting = queue
    following[item] = first[node]
    first[node] = item
    for kind in range(size.shape[1]):
        waiting[node, kind] += size[item, kind]


@njit(cache=True)
def _farthest_first(first: np.int64, following: Ints, far_m: Floats, item_node: Ints) -> Ints:
    """Return the items that wait, farthest from the root first."""
    count, item = 0, first
    while item >= 0:
        count, item = count + 1, following[item]
    found = np.empty(count, np.int64)
    item = first
    for place in range(count):  # mostly in order already: by insertion
        far, hole = far_m[item_node[item]], place
        while hole > 0 and far_m[item_node[found[hole - 1]]] < far:
            found[hole] = found[hole - 1]
            hole -= 1
        found[hole] = item
        item = following[item]
    return found


@njit(cache=True)
def _fill(
    ranked: Ints,
    group: Ints,
    which: int,
    stock: tuple[Ints, Ints, Ints],
    near: tuple[Floats, float],
) -> None:
    """Put what fits and is near enough into a group; ``stock`` is left, waiting and size."""
    left, waiting, size = stock
    far_m, far_most = near
    for item in ranked:
        if group[item] < 0 and far_m[item] <= far_most and not _over(size[item], left[which]):
            group[item] = which
            for kind in range(len(waiting)):
                left[which, kind] -= size[item, kind]
                waiting[kind] -= size[item, kind]


@njit(cache=True)
def _empty_groups(groups: int, most: Ints) -> Ints:
    """Return the room left in groups that hold nothing yet."""
    left = np.empty((groups, len(most)), np.int64)
    for group in range(groups):
        for kind in range(len(most)):
            left[group, kind] = most[kind]
    return left


@njit(cache=True)
def _over(size: Ints, most: Ints) -> bool:
    """Say whether anything is more than there is room for."""
    over = False
    for kind in range(len(most)):
        over |= size[kind] > most[kind]
    return over


@njit(cache=True)
def _longest(ranked: Ints, group: Ints, far_m: Floats, item_node: Ints) -> float:
    """Return metres from the root to the farthest item that still waits."""
    for item in ranked:
        if group[item] < 0:
            return float(far_m[item_node[item]])
    return -np.inf


@njit(cache=True)
def _nearer(
    mine: np.int64, theirs: np.int64, left: Ints, group_node: Ints, far_m: Floats
) -> np.int64:
    """Return which of two groups with room is nearer the root, for those further up to use."""
    if mine < 0:
        return theirs
    for kind in range(left.shape[1]):
        if left[mine, kind] <= 0:
            return theirs
    if theirs < 0 or far_m[group_node[mine]] < far_m[group_node[theirs]]:
        return mine
    return theirs


@njit(cache=True)
def _median(
    tree: tuple[Ints, Ints, Floats],
    here: np.int64,
    nodes: Ints,
    pull: tuple[Floats, float],
    work: tuple[Floats, float],
) -> np.int64:
    """Return the weighted median of nodes and the root; here, where that is out of reach.

    ``work`` is a weight by node, all zero before and after, and the reach.
    """
    parent, depth, far_m = tree
    under, reach = work
    total = pull[1] + pull[0].sum()
    best, deepest = here, -1
    for position in range(len(nodes)):
        start = node = nodes[position]
        while node >= 0 and far_m[start] - far_m[node] <= reach:
            under[node] += pull[0][position]
            if 2.0 * under[node] > total and depth[node] > deepest:
                best, deepest = node, depth[node]
            node = parent[node]
    for start in nodes:
        node = start
        while node >= 0 and far_m[start] - far_m[node] <= reach:
            under[node] = 0.0
            node = parent[node]
    return best


@njit(cache=True)
def _radius(parent: Ints, depth: Ints, far_m: Floats, centre: np.int64, nodes: Ints) -> float:
    longest = 0.0
    for node in nodes:
        meet = between(parent, depth, centre, node)
        longest = max(longest, far_m[centre] + far_m[node] - 2.0 * far_m[meet])
    return longest


@njit(cache=True)
def _toward(parent: Ints, depth: Ints, node: np.int64, goal: np.int64) -> np.int64:
    """Return the next node on the way to a goal."""
    step = np.int64(parent[node])
    if between(parent, depth, node, goal) == node:
        step = goal
        while parent[step] != node:
            step = np.int64(parent[step])
    return step
