"""Compiled walks over a graph: shortest paths, trees, pruning, dual ascent.

A graph is given row by row (CSR): the neighbours of ``v`` are ``adj[ptr[v]:ptr[v + 1]]``. The
position ``j`` in row ``v`` stands for the arc *from* ``adj[j]`` *into* ``v``; ``rev[j]`` is the
position of the opposite arc in the other row; ``edge[j]`` the undirected edge of both.

A node's *prize* is what is lost when it is left out: ``MUST`` for a terminal that may not be,
0 for a node that nobody asks for.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nexpo.connectivity.design.steiner.heap import heap_pop, heap_push

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Bools = NDArray[np.bool_]

MUST = np.int64(1) << np.int64(60)
"""The prize of a node that has to be in the tree."""

FAR = np.int64(1) << np.int64(61)
"""A distance longer than any path."""


@njit(cache=True)
def rows(nodes: int, tail: Ints, head: Ints) -> tuple[Ints, Codes, Codes, Codes]:
    """Return ``ptr, adj, edge, rev`` of an undirected graph given by its edges."""
    ptr = np.zeros(nodes + 1, np.int64)
    for e in range(len(tail)):
        ptr[tail[e] + 1] += 1
        ptr[head[e] + 1] += 1
    for v in range(nodes):
        ptr[v + 1] += ptr[v]
    fill = ptr[:-1].copy()
    adj = np.empty(2 * len(tail), np.int32)
    edge = np.empty(2 * len(tail), np.int32)
    rev = np.empty(2 * len(tail), np.int32)
    for e in range(len(tail)):
        u, v = tail[e], head[e]
        i, j = fill[u], fill[v]
        if u == v:
            j += 1
        adj[i], adj[j] = v, u
        edge[i], edge[j] = e, e
        rev[i], rev[j] = j, i
        fill[u] += 1
        fill[v] += 1
    return ptr, adj, edge, rev


# A binary heap of nodes ordered by an array of keys, with the place of each node.


@njit(cache=True)
def nearest(ptr: Ints, adj: Codes, cost: Ints, sources: Ints) -> tuple[Ints, Codes, Codes]:
    """Return the distance from the nearest source, that source, and the arc it came by.

    One Dijkstra from all sources at once: their Voronoi regions (Mehlhorn 1988).
    """
    nodes = len(ptr) - 1
    dist = np.full(nodes, FAR, np.int64)
    base = np.full(nodes, -1, np.int32)
    via = np.full(nodes, -1, np.int32)
    heap = np.empty(nodes, np.int32)
    place = np.full(nodes, -1, np.int32)
    size = 0
    for s in sources:
        dist[s] = 0
        base[s] = s
        size = heap_push(heap, place, dist, size, s)
    while size > 0:
        v = heap_pop(heap, place, dist, size)
        size -= 1
        for j in range(ptr[v], ptr[v + 1]):
            w = adj[j]
            d = dist[v] + cost[j]
            if d < dist[w]:
                dist[w] = d
                base[w] = base[v]
                via[w] = j
                size = heap_push(heap, place, dist, size, w)
    return dist, base, via


@njit(cache=True)
def grow_tree(ptr: Ints, adj: Codes, cost: Ints, usable: Bools, prize: Ints, start: int) -> Bools:
    """Return which nodes a tree holds that was grown from ``start`` by shortest paths.

    The nearest wanted node joins next, by a shortest path to the tree (Takahashi and Matsuyama
    1980); all in one Dijkstra whose distances fall to zero along each new path. A node with a
    prize joins only when its path costs less than the prize. Only arcs with ``usable[j]`` are
    walked, in either direction.
    """
    nodes = len(ptr) - 1
    dist = np.full(nodes, FAR, np.int64)
    came = np.full(nodes, -1, np.int32)
    held = np.zeros(nodes, np.bool_)
    heap = np.empty(nodes, np.int32)
    place = np.full(nodes, -1, np.int32)
    dist[start] = 0
    held[start] = True
    size = heap_push(heap, place, dist, 0, start)
    while size > 0:
        v = heap_pop(heap, place, dist, size)
        size -= 1
        if not held[v] and prize[v] > dist[v]:
            u = v
            while not held[u]:
                held[u] = True
                dist[u] = 0
                if u != v:
                    size = heap_push(heap, place, dist, size, u)
                u = came[u]
        for j in range(ptr[v], ptr[v + 1]):
            if not usable[j]:
                continue
            w = adj[j]
            d = dist[v] + cost[j]
            if d < dist[w]:
                dist[w] = d
                came[w] = v
                size = heap_push(heap, place, dist, size, w)
    return held


@njit(cache=True)
def span(
    ptr: Ints, adj: Codes, edge: Codes, cost: Ints, held: Bools, prize: Ints, root: int
) -> tuple[Ints, int]:
    """Return the edges and cost of the best tree on the held nodes, and its order.

    Prim's minimum spanning tree of the graph that the held nodes induce, then every branch that
    costs more than it earns is cut (exact on a tree: a branch earns its prizes less its edges).
    The cost counts edges alone.
    """
    nodes = len(ptr) - 1
    best = np.full(nodes, FAR, np.int64)
    up = np.full(nodes, -1, np.int32)
    up_edge = np.full(nodes, -1, np.int32)
    done = np.zeros(nodes, np.bool_)
    heap = np.empty(nodes, np.int32)
    place = np.full(nodes, -1, np.int32)
    order = np.empty(nodes, np.int32)
    count = 0
    best[root] = 0
    size = heap_push(heap, place, best, 0, root)
    while size > 0:
        v = heap_pop(heap, place, best, size)
        size -= 1
        done[v] = True
        order[count] = v
        count += 1
        for j in range(ptr[v], ptr[v + 1]):
            w = adj[j]
            if held[w] and not done[w] and cost[j] < best[w]:
                best[w] = cost[j]
                up[w] = v
                up_edge[w] = edge[j]
                size = heap_push(heap, place, best, size, w)
    return prune(order[:count], up, up_edge, best, prize)


@njit(cache=True)
def prune(order: Codes, up: Codes, up_edge: Codes, up_cost: Ints, prize: Ints) -> tuple[Ints, int]:
    """Cut every branch of a rooted tree that earns no more than it costs.

    ``order`` lists parents before children; ``up``, ``up_edge``, ``up_cost`` lead to the parent.
    Returns the edges kept and their cost.
    """
    nodes = len(up)
    earns = np.zeros(nodes, np.int64)
    keep = np.zeros(nodes, np.bool_)
    for i in range(len(order) - 1, -1, -1):
        v = order[i]
        earns[v] = min(earns[v] + prize[v], MUST)
        if i > 0 and earns[v] > up_cost[v]:
            keep[v] = True
            u = up[v]
            left = MUST if earns[v] >= MUST else earns[v] - up_cost[v]
            earns[u] = min(earns[u] + left, MUST)
    edges = np.empty(len(order), np.int64)
    count = 0
    total = np.int64(0)
    keep[order[0]] = True
    for i in range(1, len(order)):
        v = order[i]
        keep[v] = keep[v] and keep[up[v]]
        if keep[v]:
            edges[count] = up_edge[v]
            count += 1
            total += up_cost[v]
    return edges[:count], int(total)


@njit(cache=True)
def ascend(ptr: Ints, adj: Codes, cost: Ints, prize: Ints, root: int) -> tuple[int, Ints, Ints]:
    """Return a lower bound with the reduced costs that prove it (Wong 1984).

    Every terminal outside the root's reach has a cut: the arcs into the nodes that reach it at
    no reduced cost. The smallest cut is raised until an arc is used up, and so on until the root
    reaches every terminal, or its prize is used up. What was raised is a feasible solution of
    the linear programme's dual, all in integers: its sum is a bound. The smallest cut first and
    the lazy queue are those of Pajor, Uchoa and Werneck (2018).

    Returns
    -------
    bound, reduced, spare
        ``reduced[j]`` belongs to the arc from ``adj[j]`` into its row's node; ``spare[v]`` is
        what is left of a prize.
    """
    nodes = len(ptr) - 1
    reduced = cost.copy()
    spare = prize.copy()
    active = np.zeros(nodes, np.bool_)
    heap = np.empty(nodes, np.int32)
    place = np.full(nodes, -1, np.int32)
    key = np.zeros(nodes, np.int64)
    stamp = np.full(nodes, -1, np.int64)
    inside = np.empty(nodes, np.int32)
    cut = np.empty(len(adj), np.int32)
    bound = np.int64(0)
    size = 0
    for v in range(nodes):
        if prize[v] > 0 and v != root:
            active[v] = True
            key[v] = ptr[v + 1] - ptr[v]
            size = heap_push(heap, place, key, size, v)
    turn = 0
    while size > 0:
        t = heap_pop(heap, place, key, size)
        size -= 1
        turn += 1
        stamp[t] = turn
        inside[0] = t
        held = 1
        seen = 0
        arcs = 0
        while True:
            ended, held, arcs = _take_in(
                ptr, adj, reduced, prize, active, root, turn, stamp, inside, cut, seen, held, arcs
            )
            if ended:
                break
            seen = held
            arcs, step = _entering(cut, arcs, adj, stamp, turn, reduced, spare[t])
            if size > 0 and arcs > key[t] and arcs > key[heap[0]]:
                key[t] = arcs
                size = heap_push(heap, place, key, size, t)
                break
            if arcs == 0 and step >= MUST:
                return -1, reduced, spare  # nothing enters: it cannot be reached
            bound += step
            if spare[t] < MUST:
                spare[t] -= step
            for i in range(arcs):
                j = cut[i]
                reduced[j] -= step
                u = adj[j]
                if reduced[j] == 0 and stamp[u] != turn:
                    ended = ended or _served(u, root, active, prize)
                    stamp[u] = turn
                    inside[held] = u
                    held += 1
            if ended or spare[t] == 0:
                break
        if place[t] < 0:
            active[t] = False
    return int(bound), reduced, spare


@njit(cache=True)
def _served(u: int, root: int, active: Bools, prize: Ints) -> bool:
    """Say whether a set that holds a node needs no cut of its own."""
    return bool(u == root or (active[u] and prize[u] >= MUST))


@njit(cache=True)
def _take_in(
    ptr: Ints,
    adj: Codes,
    reduced: Ints,
    prize: Ints,
    active: Bools,
    root: int,
    turn: int,
    stamp: Ints,
    inside: Codes,
    cut: Codes,
    seen: int,
    held: int,
    arcs: int,
) -> tuple[bool, int, int]:
    """Take in whoever reaches the set for nothing; note the arcs that enter it.

    Returns whether the set came upon one that needs no cut, its size, and how many arcs enter.
    """
    while seen < held:
        v = inside[seen]
        seen += 1
        for j in range(ptr[v], ptr[v + 1]):
            u = adj[j]
            if stamp[u] == turn:
                continue
            if reduced[j] > 0:
                cut[arcs] = j
                arcs += 1
                continue
            if _served(u, root, active, prize):
                return True, held, arcs
            stamp[u] = turn
            inside[held] = u
            held += 1
    return False, held, arcs


@njit(cache=True)
def _entering(
    cut: Codes, arcs: int, adj: Codes, stamp: Ints, turn: int, reduced: Ints, most: int
) -> tuple[int, int]:
    """Drop the arcs that came to lie inside; return how many are left and the least cost."""
    kept = 0
    for i in range(arcs):
        j = cut[i]
        if stamp[adj[j]] != turn:
            cut[kept] = j
            kept += 1
            most = min(most, reduced[j])
    return kept, most


@njit(cache=True)
def away(ptr: Ints, adj: Codes, rev: Codes, reduced: Ints, root: int) -> Ints:
    """Return the distance of every node from the root along arcs at their reduced costs."""
    nodes = len(ptr) - 1
    dist = np.full(nodes, FAR, np.int64)
    heap = np.empty(nodes, np.int32)
    place = np.full(nodes, -1, np.int32)
    dist[root] = 0
    size = heap_push(heap, place, dist, 0, root)
    while size > 0:
        v = heap_pop(heap, place, dist, size)
        size -= 1
        for j in range(ptr[v], ptr[v + 1]):
            w = adj[j]
            d = dist[v] + reduced[rev[j]]
            if d < dist[w]:
                dist[w] = d
                size = heap_push(heap, place, dist, size, w)
    return dist


@njit(cache=True)
def dispensable(
    edges: int,
    ptr: Ints,
    adj: Codes,
    edge: Codes,
    reduced: Ints,
    out: Ints,
    back: Ints,
    slack: int,
) -> Bools:
    """Return which edges no tree within ``slack`` of the bound can hold, in either direction.

    A tree that holds the arc (u, v) leads from the root to u and from v to some terminal: it
    costs at least the bound plus the reduced costs of these three.
    """
    gone = np.ones(edges, np.bool_)
    for v in range(len(ptr) - 1):
        for j in range(ptr[v], ptr[v + 1]):
            if out[adj[j]] < FAR and out[adj[j]] + reduced[j] + back[v] <= slack:
                gone[edge[j]] = False
    return gone
