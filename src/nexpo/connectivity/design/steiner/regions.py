"""Improve a tree region by region, each solved as a problem of its own.

A ball of the graph is cut out; the tree's edges inside are given up; what is left of the tree
outside falls into pieces, and each piece that touches the ball becomes one terminal. The
cheapest tree of this small problem, put back, is the cheapest tree that differs from the old one
only inside the ball: every exchange of a key path, every key vertex put in or taken out there
is among what it compares. Once no ball improves, balls grow.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from nexpo.connectivity.design.steiner.kernels import (
    FAR,
    MUST,
    Codes,
    Ints,
    heap_pop,
    heap_push,
    rows,
    span,
)
from nexpo.connectivity.design.steiner.net import Makers, Net
from nexpo.connectivity.design.steiner.settle import settle

_THROUGH = 2  # edges at a node that a path merely passes


@njit(cache=True)
def ball(
    ptr: Ints, adj: Codes, cost: Ints, weight: Ints, centre: int, wanted: int, most: int
) -> Ints:
    """Return the nodes nearest to a centre, until they weigh ``wanted`` or are ``most``."""
    nodes = len(ptr) - 1
    dist = np.full(nodes, FAR, np.int64)
    heap = np.empty(nodes, np.int32)
    place = np.full(nodes, -1, np.int32)
    found = np.empty(most, np.int64)
    count = 0
    total = 0
    dist[centre] = 0
    size = heap_push(heap, place, dist, 0, centre)
    while size > 0 and count < most and total < wanted:
        v = heap_pop(heap, place, dist, size)
        size -= 1
        found[count] = v
        count += 1
        total += weight[v]
        for j in range(ptr[v], ptr[v + 1]):
            w = adj[j]
            d = dist[v] + cost[j]
            if d < dist[w]:
                dist[w] = d
                size = heap_push(heap, place, dist, size, w)
    return found[:count]


@njit(cache=True)
def carve(
    nodes: int,
    tail: Ints,
    head: Ints,
    cost: Ints,
    prize: Ints,
    tree: Ints,
    inside: Ints,
    ptr: Ints,
    adj: Codes,
    edge: Codes,
) -> tuple[int, Ints, Ints, Ints, Ints]:
    """Cut a ball out of a net along a tree.

    Returns the number of nodes of the small problem, the ends of its edges, their positions in
    the net, and its prizes. A piece of the tree outside is worth its prizes less its edges.
    """
    local = np.full(nodes, -1, np.int64)
    for i in range(len(inside)):
        local[inside[i]] = i
    # Pieces: the tree without its edges inside the ball.
    parent = np.arange(nodes)
    worth = prize.copy()
    for e in tree:
        a, b = tail[e], head[e]
        if local[a] >= 0 and local[b] >= 0:
            continue
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        # A piece is worth its prizes less its edges: what is lost when it falls away.
        parent[a] = b
        if worth[a] >= MUST or worth[b] >= MUST:
            worth[b] = MUST
        else:
            worth[b] = worth[a] + worth[b] - cost[e]
    number = np.full(nodes, -1, np.int64)
    spot = np.empty(len(inside), np.int64)
    small_prize = np.empty(len(inside), np.int64)
    count = 0
    for i in range(len(inside)):
        r = inside[i]
        while parent[r] != r:
            r = parent[r]
        if number[r] < 0:
            number[r] = count
            small_prize[count] = max(np.int64(0), worth[r])
            count += 1
        spot[i] = number[r]
    room = 0
    for i in range(len(inside)):
        room += ptr[inside[i] + 1] - ptr[inside[i]]
    small_tail = np.empty(room, np.int64)
    small_head = np.empty(room, np.int64)
    position = np.empty(room, np.int64)
    edges = 0
    for i in range(len(inside)):
        v = inside[i]
        for j in range(ptr[v], ptr[v + 1]):
            w = adj[j]
            if local[w] > i:
                small_tail[edges] = spot[i]
                small_head[edges] = spot[local[w]]
                position[edges] = edge[j]
                edges += 1
    return (
        count,
        small_tail[:edges],
        small_head[:edges],
        position[:edges],
        small_prize[:count],
    )


class Ground:
    """A net laid out for cutting balls out of it again and again."""

    def __init__(self, net: Net, tree: Ints) -> None:
        self.net = net
        self.ptr, self.adj, self.edge, self.rev = rows(net.nodes, net.tail, net.head)
        self.cost = net.cost[self.edge]
        self.set_tree(tree)

    def set_tree(self, tree: Ints) -> None:
        """Take a tree (positions of edges) as the one to improve."""
        net = self.net
        self.tree = tree
        self.degree = np.bincount(net.tail[tree], minlength=net.nodes)
        self.degree += np.bincount(net.head[tree], minlength=net.nodes)
        self.weight = ((self.degree > 0) & ((net.prize > 0) | (self.degree > _THROUGH))).astype(
            np.int64
        )
        self.key = np.flatnonzero(self.weight > 0)

    def improve(self, centre: int, *, wanted: int, most: int, splits: int) -> tuple[Ints, bool]:
        """Solve the ball around a node; return its nodes and whether the tree became cheaper."""
        net = self.net
        inside = ball(self.ptr, self.adj, self.cost, self.weight, centre, wanted, most)
        count, tail, head, position, prize = carve(
            net.nodes,
            net.tail,
            net.head,
            net.cost,
            net.prize,
            self.tree,
            inside,
            self.ptr,
            self.adj,
            self.edge,
        )
        marked = np.zeros(len(net.tail), np.bool_)
        marked[self.tree] = True
        held = marked[position]
        must = np.flatnonzero(prize >= MUST)
        if len(must) == 0:
            return inside, False
        small = Net(count, tail, head, net.cost[position], position, held, prize, int(must[0]))
        paid = int(small.cost[held].sum())
        lost = prize.copy()
        lost[tail[held]] = 0
        lost[head[held]] = 0
        lost[must] = 0
        now = paid + int(lost.sum())
        makers = Makers(len(net.tail))
        found = settle(small, makers, now, splits=splits)
        if found.tree is not None:
            marked[position] = False
            marked[makers.expand(found.tree)] = True
            self.set_tree(np.flatnonzero(marked))
        return inside, found.tree is not None

    def clean(self) -> Ints:
        """Return the tree without what earns nothing."""
        net = self.net
        held = np.zeros(net.nodes, np.bool_)
        held[net.tail[self.tree]] = held[net.head[self.tree]] = True
        held[net.root] = True
        tree, _ = span(self.ptr, self.adj, self.edge, self.cost, held, net.prize, net.root)
        return np.asarray(tree)
