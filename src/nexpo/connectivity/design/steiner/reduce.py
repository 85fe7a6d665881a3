"""Take edges out of a net that no cheapest tree needs.

Two kinds of test. *Alternatives*: an edge is not needed where a way round it is no dearer in its
dearest piece between terminals (special distance, Duin and Volgenant 1989); these keep the cost
of the cheapest tree, not each tree. *Bounds*: an edge is not needed where a tree that holds it
costs more than a tree already known; these keep every cheapest tree and the known one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numba import njit

from nexpo.connectivity.design.steiner.heap import heap_pop, heap_push
from nexpo.connectivity.design.steiner.kernels import (
    FAR,
    MUST,
    Bools,
    Codes,
    Ints,
    away,
    dispensable,
    nearest,
    rows,
)
from nexpo.connectivity.design.steiner.net import Net

_REACH = 60
"""Nodes that the search for a way round an edge may settle on each side."""


def without_alternatives(net: Net) -> Net:
    """Return the net without the edges that have a way round them that is no dearer."""
    must = np.flatnonzero(net.prize >= MUST)
    if not len(net.tail):
        return net
    ptr, adj, edge, _ = rows(net.nodes, net.tail, net.head)
    cost = net.cost[edge]
    gone = _round_terminals(net, ptr, adj, cost, must) if len(must) > 1 else _nothing(net)
    slim = net.only(~gone)
    ptr, adj, edge, _ = rows(slim.nodes, slim.tail, slim.head)
    return slim.only(~_round_nearby(slim.tail, slim.head, slim.cost, ptr, adj, edge, slim.prize))


def _nothing(net: Net) -> Bools:
    return np.zeros(len(net.tail), np.bool_)


def _round_terminals(net: Net, ptr: Ints, adj: Codes, cost: Ints, must: Ints) -> Bools:
    """Compare each edge with the way through the terminals nearest to its ends.

    A way from u to its terminal s, along the terminals' minimum spanning tree to t, then to v:
    its dearest piece is a special distance from above.
    """
    dist, base, _ = nearest(ptr, adj, cost, must)
    return np.asarray(_dearer_than_way(net.nodes, net.tail, net.head, net.cost, dist, base))


@njit(cache=True)
def _dearer_than_way(
    nodes: int, tail: Ints, head: Ints, cost: Ints, dist: Ints, base: Codes
) -> Bools:
    length = np.empty(len(tail), np.int64)
    for e in range(len(tail)):
        length[e] = dist[tail[e]] + cost[e] + dist[head[e]]
    # Kruskal on the terminals; a tree of unions by size, each with the length that made it,
    # answers for the dearest edge between two terminals in logarithmic time.
    parent = np.arange(nodes)
    size = np.ones(nodes, np.int64)
    made = np.full(nodes, FAR, np.int64)
    for e in np.argsort(length):
        a, b = base[tail[e]], base[head[e]]
        while parent[a] != a:
            a = parent[a]
        while parent[b] != b:
            b = parent[b]
        if a == b:
            continue
        if size[a] > size[b]:
            a, b = b, a
        parent[a] = b
        size[b] += size[a]
        made[a] = length[e]
    gone = np.zeros(len(tail), np.bool_)
    for e in range(len(tail)):
        u, v = tail[e], head[e]
        way = max(dist[u], dist[v])
        a, b = base[u], base[v]
        while a != b and way < cost[e]:
            if made[a] <= made[b]:
                way = max(way, made[a])
                a = parent[a]
            else:
                way = max(way, made[b])
                b = parent[b]
        gone[e] = way < cost[e]
    return gone


@njit(cache=True)
def _round_nearby(
    tail: Ints, head: Ints, cost: Ints, ptr: Ints, adj: Codes, edge: Codes, prize: Ints
) -> Bools:
    """Look for a way round each edge nearby; a terminal on it starts the count anew.

    A way may go back to zero at a terminal only where it passed no dearer piece before; the
    search keeps to this by walking on from a terminal at no less than nought and holding the
    dearest piece apart. Edges are taken out one after the other, so that no two vouch for each
    other.
    """
    nodes = len(ptr) - 1
    gone = np.zeros(len(tail), np.bool_)
    dist = np.full(nodes, FAR, np.int64)
    heap = np.empty(nodes, np.int32)
    place = np.full(nodes, -1, np.int32)
    touched = np.empty(nodes, np.int32)
    for e in np.argsort(-cost):
        source, target, limit = tail[e], head[e], cost[e]
        dist[source] = 0
        touched[0] = source
        count = 1
        size = heap_push(heap, place, dist, 0, source)
        settled = 0
        found = False
        while size > 0 and settled < _REACH:
            v = heap_pop(heap, place, dist, size)
            size -= 1
            settled += 1
            if v == target:
                found = True
                break
            start = dist[v]
            if prize[v] >= MUST and v != source:
                start = 0
            for j in range(ptr[v], ptr[v + 1]):
                if edge[j] == e or gone[edge[j]]:
                    continue
                w = adj[j]
                d = start + cost[edge[j]]
                if d <= limit and d < dist[w]:
                    if dist[w] == FAR:
                        touched[count] = w
                        count += 1
                    dist[w] = d
                    size = heap_push(heap, place, dist, size, w)
        gone[e] = found
        for i in range(count):
            dist[touched[i]] = FAR
            place[touched[i]] = -1
    return gone


def by_bound(net: Net, bound: int, reduced: Ints, best: int, *, strictly: bool) -> Bools:
    """Say which edges a tree cheaper than ``best`` cannot hold.

    Parameters
    ----------
    bound, reduced
        As :func:`~nexpo.connectivity.design.steiner.kernels.ascend` gives them on this net.
    best
        Cost of the best tree known, without the net's constant.
    strictly
        True to keep trees that cost just as much (the known one among them).
    """
    ptr, adj, edge, rev = rows(net.nodes, net.tail, net.head)
    out = away(ptr, adj, rev, reduced, net.root)
    wanted = np.flatnonzero(net.prize > 0)
    wanted = wanted[wanted != net.root]
    back, _, _ = nearest(ptr, adj, reduced, wanted)
    slack = best - bound - (0 if strictly else 1)
    return np.asarray(dispensable(len(net.tail), ptr, adj, edge, reduced, out, back, slack))


def must_hold(net: Net, bound: int, spare: Ints, best: int) -> Net:
    """Return the net with those prizes made terminals that a cheaper tree cannot do without."""
    worth = (net.prize > 0) & (net.prize < MUST) & (bound + spare >= best + 1)
    if not worth.any():
        return net
    return replace(net, prize=np.where(worth, MUST, net.prize))
