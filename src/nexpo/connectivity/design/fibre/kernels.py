"""Compiled passes over graphs and rooted trees: each is linear in what it touches, or nearly.

A rooted tree is four arrays by node: ``parent``, ``via`` (the piece to the parent), ``depth``
in pieces and ``far_m`` in metres from the root; ``-1`` and no number stand outside the tree.
``order`` lists the tree's nodes, each after its parent.
"""

from __future__ import annotations

import heapq

import numpy as np
from numba import njit

from nexpo.connectivity.design.fibre.model import Floats, Ints, Mask


def adjacency(nodes: int, tail: Ints, head: Ints) -> tuple[Ints, Ints, Ints]:
    """Return start, neighbour and piece of the arcs of every node (both directions).

    Examples
    --------
    >>> start, near, piece = adjacency(3, np.array([0, 0]), np.array([1, 2]))
    >>> start.tolist(), near.tolist(), piece.tolist()
    ([0, 2, 3, 4], [1, 2, 0, 0], [0, 1, 0, 1])
    """
    ends = np.concatenate([tail, head])
    order = np.argsort(ends, kind="stable")
    start = np.zeros(nodes + 1, dtype=np.int64)
    np.cumsum(np.bincount(ends, minlength=nodes), out=start[1:])
    near = np.concatenate([head, tail])[order]
    piece = np.concatenate([np.arange(len(tail))] * 2)[order]
    return start, near, piece


@njit(cache=True)
def root(
    start: Ints, near: Ints, piece: Ints, chosen: Mask, length_m: Floats, origin: int
) -> tuple[Ints, Ints, Ints, Ints, Floats]:
    """Return order, parent, via, depth and far_m of the tree of chosen pieces at an origin."""
    nodes = len(start) - 1
    order = np.empty(nodes, np.int64)
    parent = np.full(nodes, -1, np.int64)
    via = np.full(nodes, -1, np.int64)
    depth = np.full(nodes, -1, np.int64)
    far = np.full(nodes, np.nan)
    order[0], depth[origin], far[origin] = origin, 0, 0.0
    seen = 1
    head = 0
    while head < seen:
        node = order[head]
        head += 1
        for arc in range(start[node], start[node + 1]):
            other = near[arc]
            if chosen[piece[arc]] and depth[other] < 0:
                parent[other], via[other] = node, piece[arc]
                depth[other] = depth[node] + 1
                far[other] = far[node] + length_m[piece[arc]]
                order[seen] = other
                seen += 1
    return order[:seen].copy(), parent, via, depth, far


@njit(cache=True)
def nearest(
    start: Ints, near: Ints, piece: Ints, cost: Ints, sources: Ints
) -> tuple[Ints, Ints, Ints]:
    """Return cost from the nearest source, which it is, and the last piece (Dijkstra 1959)."""
    nodes = len(start) - 1
    best = np.full(nodes, -1, np.int64)
    owner = np.full(nodes, -1, np.int64)
    via = np.full(nodes, -1, np.int64)
    done = np.zeros(nodes, np.bool_)
    queue = [(np.int64(0), np.int64(0))]
    queue.clear()
    for position in range(len(sources)):
        node = sources[position]
        if best[node] < 0:
            best[node], owner[node] = 0, position
            heapq.heappush(queue, (np.int64(0), np.int64(node)))
    while len(queue) > 0:
        reached, node = heapq.heappop(queue)
        if done[node]:
            continue
        done[node] = True
        for arc in range(start[node], start[node + 1]):
            other = near[arc]
            total = reached + cost[piece[arc]]
            if not done[other] and (best[other] < 0 or total < best[other]):
                best[other], owner[other], via[other] = total, owner[node], piece[arc]
                heapq.heappush(queue, (total, np.int64(other)))
    return best, owner, via


@njit(cache=True)
def between(parent: Ints, depth: Ints, one: np.int64, other: np.int64) -> np.int64:
    """Return the node where two nodes' ways to the root meet."""
    while one != other:
        if depth[one] >= depth[other]:
            one = parent[one]
        else:
            other = parent[other]
    return one


@njit(cache=True)
def spans(parent: Ints, depth: Ints, far_m: Floats, one: Ints, other: Ints) -> Floats:
    """Return the metres between pairs of nodes along a tree."""
    found = np.empty(len(one))
    for pair in range(len(one)):
        meet = between(parent, depth, one[pair], other[pair])
        found[pair] = far_m[one[pair]] + far_m[other[pair]] - 2.0 * far_m[meet]
    return found


@njit(cache=True)
def below(order: Ints, parent: Ints, weight: Ints) -> Ints:
    """Return by node the weight at it and under it."""
    total = weight.copy()
    for position in range(len(order) - 1, 0, -1):
        node = order[position]
        total[parent[node]] += total[node]
    return total


@njit(cache=True)
def paths(parent: Ints, via: Ints, depth: Ints, one: Ints, other: Ints) -> tuple[Ints, Ints]:
    """Return the pieces between pairs of nodes of a tree, in order, one pair after another."""
    start = np.zeros(len(one) + 1, np.int64)
    for pair in range(len(one)):
        meet = between(parent, depth, one[pair], other[pair])
        hops = depth[one[pair]] + depth[other[pair]] - 2 * depth[meet]
        start[pair + 1] = start[pair] + hops
    pieces = np.empty(start[-1], np.int64)
    for pair in range(len(one)):
        low, high = start[pair], start[pair + 1] - 1
        node, goal = one[pair], other[pair]
        while node != goal:
            if depth[node] >= depth[goal]:
                pieces[low] = via[node]
                node = parent[node]
                low += 1
            else:
                pieces[high] = via[goal]
                goal = parent[goal]
                high -= 1
    return start, pieces


@njit(cache=True)
def bridges(start: Ints, near: Ints, piece: Ints, usable: Mask) -> Mask:
    """Say which usable pieces, taken away, part the graph (Tarjan 1974); parallels part none."""
    nodes = len(start) - 1
    found = np.zeros(len(usable), np.bool_)
    number = np.full(nodes, -1, np.int64)
    low = np.zeros(nodes, np.int64)
    arc = start[:-1].copy()
    entered = np.full(nodes, -1, np.int64)
    stack = np.empty(nodes, np.int64)
    count = 0
    for origin in range(nodes):
        if number[origin] >= 0:
            continue
        number[origin] = low[origin] = count
        count += 1
        stack[0] = origin
        height = 1
        while height > 0:
            node = stack[height - 1]
            if arc[node] < start[node + 1]:
                other, along = near[arc[node]], piece[arc[node]]
                arc[node] += 1
                if not usable[along] or along == entered[node]:
                    continue
                if number[other] >= 0:
                    low[node] = min(low[node], number[other])
                else:
                    number[other] = low[other] = count
                    count += 1
                    entered[other] = along
                    stack[height] = other
                    height += 1
            else:
                height -= 1
                if height > 0:
                    above = stack[height - 1]
                    low[above] = min(low[above], low[node])
                    if low[node] > number[above]:
                        found[entered[node]] = True
    return found


@njit(cache=True)
def way(
    graph: tuple[Ints, Ints, Ints], tail: Ints, cost: Ints, blocked: Mask, origin: int, goal: int
) -> Ints:
    """Return the pieces of a cheapest way, from origin to goal; none where there is no way.

    ``cost`` and ``blocked`` are by arc: ``2 * piece`` from tail to head, one more for back.
    """
    start, near, piece = graph
    nodes = len(start) - 1
    best = np.full(nodes, -1, np.int64)
    via = np.full(nodes, -1, np.int64)
    before = np.full(nodes, -1, np.int64)
    done = np.zeros(nodes, np.bool_)
    queue = [(np.int64(0), np.int64(origin))]
    best[origin] = 0
    while len(queue) > 0:
        reached, node = heapq.heappop(queue)
        if done[node]:
            continue
        done[node] = True
        if node == goal:
            break
        for position in range(start[node], start[node + 1]):
            other, along = near[position], piece[position]
            arc = 2 * along + (0 if tail[along] == node else 1)
            if blocked[arc] or done[other]:
                continue
            total = reached + cost[arc]
            if best[other] < 0 or total < best[other]:
                best[other], via[other], before[other] = total, along, node
                heapq.heappush(queue, (total, np.int64(other)))
    hops = 0
    node = np.int64(goal)
    while via[node] >= 0:
        hops += 1
        node = before[node]
    found = np.empty(hops, np.int64)
    node = np.int64(goal)
    while via[node] >= 0:
        hops -= 1
        found[hops] = via[node]
        node = before[node]
    return found
