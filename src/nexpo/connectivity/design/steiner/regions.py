"""Improve a tree region by region, each solved as a problem of its own.

A ball of the graph is cut out; the tree's edges inside are given up; what is left of the tree
outside falls into pieces, and each piece that touches the ball becomes one terminal. The
cheapest tree of this small problem, put back, is the cheapest tree that differs from the old one
only inside the ball: every exchange of a key path, every key vertex put in or taken out there
is among what it compares. Once no ball improves, balls grow.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit

from nexpo.connectivity.design.steiner.kernels import (
    FAR,
    MUST,
    Bools,
    Codes,
    Ints,
    heap_pop,
    heap_push,
    rows,
    span,
)
from nexpo.connectivity.design.steiner.net import Makers, Net, component_labels
from nexpo.connectivity.design.steiner.settle import settle

_THROUGH = 2  # edges at a node that a path merely passes


@njit(cache=True)
def ball(
    ptr: Ints,
    adj: Codes,
    cost: Ints,
    weight: Ints,
    centre: int,
    wanted: int,
    most: int,
    dist: Ints,
    heap: Codes,
    place: Codes,
) -> Ints:
    """Return the nodes nearest to a centre, until they weigh ``wanted`` or are ``most``.

    ``dist``, ``heap`` and ``place`` are lent, filled with ``FAR``, anything and -1, and given
    back so: a small ball in a large graph costs what the ball costs.
    """
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
    for i in range(size):
        dist[heap[i]] = FAR
        place[heap[i]] = -1
    for i in range(count):
        dist[found[i]] = FAR
    return found[:count]


@njit(cache=True)
def hang(
    nodes: int, tail: Ints, head: Ints, cost: Ints, prize: Ints, tree: Ints, root: int
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Hang a tree on its root.

    Returns each node's parent (-1: root or not held), the edge to it, the number of edges, and
    what hangs on the node, itself included: prizes less edges, and how many nodes must be held.
    """
    degree = np.zeros(nodes + 1, np.int64)
    for e in tree:
        degree[tail[e] + 1] += 1
        degree[head[e] + 1] += 1
    start = np.cumsum(degree)
    fill = start[:-1].copy()
    beside = np.empty(2 * len(tree), np.int64)
    for e in tree:
        beside[fill[tail[e]]] = e
        fill[tail[e]] += 1
        beside[fill[head[e]]] = e
        fill[head[e]] += 1
    up = np.full(nodes, -1, np.int64)
    up_edge = np.full(nodes, -1, np.int64)
    order = np.empty(len(tree) + 1, np.int64)
    order[0] = root
    count = 1
    seen = 0
    while seen < count:
        v = order[seen]
        seen += 1
        for i in range(start[v], start[v + 1]):
            e = beside[i]
            if e != up_edge[v]:
                w = tail[e] + head[e] - v
                up[w] = v
                up_edge[w] = e
                order[count] = w
                count += 1
    worth = np.zeros(nodes, np.int64)
    must = np.zeros(nodes, np.int64)
    for i in range(count - 1, -1, -1):
        v = order[i]
        if prize[v] >= MUST:
            must[v] += 1
        else:
            worth[v] += prize[v]
        if i > 0:
            worth[up[v]] += worth[v] - cost[up_edge[v]]
            must[up[v]] += must[v]
    return up, up_edge, degree[1:], worth, must


@njit(cache=True)
def carve(
    inside: Ints,
    ptr: Ints,
    adj: Codes,
    edge: Codes,
    cost: Ints,
    prize: Ints,
    up: Ints,
    up_edge: Ints,
    degree: Ints,
    worth: Ints,
    must: Ints,
    plain: np.bool_,
    local: Ints,
    piece: Ints,
) -> tuple[Ints, Ints, Ints, Ints, Ints, Ints]:
    """Cut a ball out of a net along a tree.

    The tree's edges inside the ball are taken away; each piece that stays together is one node,
    worth its prizes less its edges. In a ``plain`` problem, without prizes, a piece that goes on
    outside the ball has to stay. ``local`` and ``piece`` are lent, filled with -1, and given
    back so.

    Returns the small problem: the ends of its edges, their positions in the net, its nodes'
    prizes; and the piece of each ball node, and the top of each piece.
    """
    for i in range(len(inside)):
        local[inside[i]] = i
    # The top of a node's piece: up the tree until the next edge lies inside. Tops met are noted
    # on the way (``piece``), so that no path is climbed twice.
    climbed = np.empty(64, np.int64)
    climbs = 0
    number = np.full(len(inside), -1, np.int64)
    tops = np.empty(len(inside), np.int64)
    small_prize = np.zeros(len(inside), np.int64)
    small_must = np.zeros(len(inside), np.int64)
    count = 0
    for i in range(len(inside)):
        v = inside[i]
        began = climbs
        while piece[v] < 0 and up[v] >= 0 and not (local[v] >= 0 and local[up[v]] >= 0):
            if climbs == len(climbed):
                climbed = np.concatenate((climbed, np.empty(climbs, np.int64)))
            climbed[climbs] = v
            climbs += 1
            v = up[v]
        if piece[v] < 0:
            piece[v] = count
            tops[count] = v
            if plain:
                pass
            elif degree[v] > 0:
                small_prize[count] = worth[v]
                small_must[count] = must[v]
            elif prize[v] >= MUST:
                small_must[count] = 1
            else:
                small_prize[count] = prize[v]
            count += 1
        for k in range(began, climbs):
            piece[climbed[k]] = piece[v]
        number[i] = piece[v]
    for i in range(len(inside)):  # what hangs below by an edge inside is a piece of its own
        v = inside[i]
        within = up[v] >= 0 and local[up[v]] >= 0
        if plain:
            small_must[number[i]] += degree[v] + (prize[v] >= MUST)
            if within:
                small_must[number[i]] -= 1
                small_must[piece[up[v]]] -= 1
        elif within:
            owner = piece[up[v]]
            small_prize[owner] -= worth[v] - cost[up_edge[v]]
            small_must[owner] -= must[v]
    for k in range(count):
        small_prize[k] = MUST if small_must[k] > 0 else max(np.int64(0), small_prize[k])
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
            other = local[adj[j]]
            if other > i:
                small_tail[edges] = number[i]
                small_head[edges] = number[other]
                position[edges] = edge[j]
                edges += 1
    for i in range(len(inside)):
        local[inside[i]] = -1
    for k in range(climbs):
        piece[climbed[k]] = -1
    for k in range(count):
        piece[tops[k]] = -1
    return (
        small_tail[:edges],
        small_head[:edges],
        position[:edges],
        small_prize[:count],
        number,
        tops[:count],
    )


@njit(cache=True)
def rehang(
    inside: Ints,
    number: Ints,
    tops: Ints,
    old: Ints,
    new: Ints,
    root: int,
    tail: Ints,
    head: Ints,
    up: Ints,
    up_edge: Ints,
    degree: Ints,
    local: Ints,
) -> None:
    """Hang a tree anew whose edges inside a ball were exchanged, in place.

    Inside a piece only the way from where it now hangs to its old top turns round.
    """
    for i in range(len(inside)):
        local[inside[i]] = i
    for e in old:
        degree[tail[e]] -= 1
        degree[head[e]] -= 1
    start = np.zeros(len(tops) + 1, np.int64)
    for e in new:
        degree[tail[e]] += 1
        degree[head[e]] += 1
        start[number[local[tail[e]]] + 1] += 1
        start[number[local[head[e]]] + 1] += 1
    start = np.cumsum(start)
    fill = start[:-1].copy()
    beside = np.empty(2 * len(new), np.int64)
    for e in new:
        for v in (tail[e], head[e]):
            k = number[local[v]]
            beside[fill[k]] = e
            fill[k] += 1
    queue = np.empty(len(tops), np.int64)
    count = 0
    reached = np.zeros(len(tops), np.bool_)
    for k in range(len(tops)):
        if tops[k] == root:  # the piece on top of all others
            reached[k] = True
            queue[0] = k
            count = 1
    seen = 0
    while seen < count:
        k = queue[seen]
        seen += 1
        for i in range(start[k], start[k + 1]):
            e = beside[i]
            below = tail[e]
            if number[local[below]] == k:
                below = head[e]
            other = number[local[below]]
            if reached[other]:
                continue
            reached[other] = True
            queue[count] = other
            count += 1
            v, above, by = below, tail[e] + head[e] - below, e
            while True:
                above_next, by_next = up[v], up_edge[v]
                up[v], up_edge[v] = above, by
                if v == tops[other]:
                    break
                v, above, by = above_next, v, by_next
    for k in range(len(tops)):
        if not reached[k]:
            up[tops[k]] = -1
            up_edge[tops[k]] = -1
    for i in range(len(inside)):
        local[inside[i]] = -1


class Ground:
    """A net laid out for cutting balls out of it again and again."""

    def __init__(self, net: Net, tree: Ints) -> None:
        self.net = net
        self.ptr, self.adj, self.edge, _ = rows(net.nodes, net.tail, net.head)
        self.cost = net.cost[self.edge]
        self._dist = np.full(net.nodes, FAR, np.int64)
        self._heap = np.empty(net.nodes, np.int32)
        self._place = np.full(net.nodes, -1, np.int32)
        self._local = np.full(net.nodes, -1, np.int64)
        self._piece = np.full(net.nodes, -1, np.int64)
        self.marked: Bools = np.zeros(len(net.tail), np.bool_)
        self.marked[tree] = True
        self._plain = np.bool_(np.all((net.prize == 0) | (net.prize >= MUST)))
        self._hang()

    def _hang(self) -> None:
        net = self.net
        tree = np.flatnonzero(self.marked)
        self._hung = hang(net.nodes, net.tail, net.head, net.cost, net.prize, tree, net.root)
        self.weight: Ints = np.zeros(net.nodes, np.int64)
        self._weigh(np.arange(net.nodes))

    def _weigh(self, nodes: Ints) -> None:
        degree = self._hung[2][nodes]
        key = (degree > _THROUGH) | (self.net.prize[nodes] > 0)
        self.weight[nodes] = key

    def keys(self) -> Ints:
        """Return the key nodes: whoever is wanted, and where the tree branches."""
        return np.flatnonzero(self.weight)

    def improve(
        self,
        centre: int,
        *,
        wanted: int,
        most: int,
        splits: int,
        stop: Callable[[], bool] | None = None,
    ) -> tuple[Ints, bool]:
        """Solve the ball around a node; return its nodes and whether the tree became cheaper."""
        net = self.net
        lent = (self._dist, self._heap, self._place)
        inside = ball(self.ptr, self.adj, self.cost, self.weight, centre, wanted, most, *lent)
        tail, head, position, prize, number, tops = carve(
            inside,
            self.ptr,
            self.adj,
            self.edge,
            net.cost,
            net.prize,
            *self._hung,
            self._plain,
            self._local,
            self._piece,
        )
        must = np.flatnonzero(prize >= MUST)
        if not len(must):
            return inside, False
        held = self.marked[position]
        small = Net(len(tops), tail, head, net.cost[position], position, held, prize, int(must[0]))
        makers = Makers(len(net.tail))
        found = settle(small, makers, _cost_of(small), splits=splits, stop=stop)
        if found.tree is None:
            return inside, False
        old, new = position[held], makers.expand(found.tree)
        self.marked[old] = False
        self.marked[new] = True
        if self._plain:
            up, up_edge, degree, _, _ = self._hung
            rehang(
                inside,
                number,
                tops,
                old,
                new,
                net.root,
                net.tail,
                net.head,
                up,
                up_edge,
                degree,
                self._local,
            )
            self._weigh(inside)
        else:  # a piece may have been given up: it falls off
            self.marked[self._loose()] = False
            self._hang()
        return inside, True

    def _loose(self) -> Ints:
        """Return the marked edges that no longer hang together with the root's piece."""
        tree = np.flatnonzero(self.marked)
        label = component_labels(self.net.nodes, self.net.tail[tree], self.net.head[tree])
        loose: Ints = tree[label[self.net.tail[tree]] != label[self.net.root]]
        return loose

    def clean(self) -> Ints:
        """Return the tree without what earns nothing."""
        net = self.net
        tree = np.flatnonzero(self.marked)
        held = np.zeros(net.nodes, np.bool_)
        held[net.tail[tree]] = held[net.head[tree]] = True
        held[net.root] = True
        tree, _ = span(self.ptr, self.adj, self.edge, self.cost, held, net.prize, net.root)
        return np.asarray(tree)


def _cost_of(small: Net) -> int:
    """Return what the marked edges of a small problem cost, with the prizes they leave out."""
    left = np.where(small.prize >= MUST, 0, small.prize)
    left[small.tail[small.mark]] = 0
    left[small.head[small.mark]] = 0
    return int(small.cost[small.mark].sum()) + int(left.sum())
