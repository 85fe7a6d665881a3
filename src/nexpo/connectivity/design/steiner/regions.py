"""Balls of a graph, and the tree that hangs in it: cut a ball out, hang the tree anew."""

from __future__ import annotations

import numpy as np
from numba import njit

from nexpo.connectivity.design.steiner.heap import heap_pop, heap_push
from nexpo.connectivity.design.steiner.kernels import FAR, MUST, Codes, Ints


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
    number, tops, climbed = _pieces(inside, up, local, piece)
    small_prize = np.zeros(len(tops), np.int64)
    small_must = np.zeros(len(tops), np.int64)
    for k in range(len(tops)):
        v = tops[k]
        if plain:
            pass
        elif degree[v] > 0:
            small_prize[k] = worth[v]
            small_must[k] = must[v]
        elif prize[v] >= MUST:
            small_must[k] = 1
        else:
            small_prize[k] = prize[v]
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
    for k in range(len(tops)):
        small_prize[k] = MUST if small_must[k] > 0 else max(np.int64(0), small_prize[k])
    tail, head, position = _edges_inside(inside, ptr, adj, edge, local, number)
    local[inside] = -1
    piece[climbed] = -1
    piece[tops] = -1
    return tail, head, position, small_prize, number, tops


@njit(cache=True)
def _pieces(inside: Ints, up: Ints, local: Ints, piece: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the piece of each ball node, the top of each piece, and who was climbed.

    The top of a node's piece: up the tree until the next edge lies inside. Tops met are noted
    on the way (``piece``), so that no path is climbed twice.
    """
    climbed = np.empty(64, np.int64)
    climbs = 0
    number = np.full(len(inside), -1, np.int64)
    tops = np.empty(len(inside), np.int64)
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
            count += 1
        for k in range(began, climbs):
            piece[climbed[k]] = piece[v]
        number[i] = piece[v]
    return number, tops[:count], climbed[:climbs]


@njit(cache=True)
def _edges_inside(
    inside: Ints, ptr: Ints, adj: Codes, edge: Codes, local: Ints, number: Ints
) -> tuple[Ints, Ints, Ints]:
    """Return the edges inside a ball: the pieces at their ends, their positions in the net."""
    room = 0
    for i in range(len(inside)):
        room += ptr[inside[i] + 1] - ptr[inside[i]]
    tail = np.empty(room, np.int64)
    head = np.empty(room, np.int64)
    position = np.empty(room, np.int64)
    count = 0
    for i in range(len(inside)):
        v = inside[i]
        for j in range(ptr[v], ptr[v + 1]):
            other = local[adj[j]]
            if other > i:
                tail[count] = number[i]
                head[count] = number[other]
                position[count] = edge[j]
                count += 1
    return tail[:count], head[:count], position[:count]


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
    for e in new:
        degree[tail[e]] += 1
        degree[head[e]] += 1
    start, beside = _beside(new, tail, head, local, number, len(tops))
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
            _turn(below, tail[e] + head[e] - below, e, tops[other], up, up_edge)
    for k in range(len(tops)):
        if not reached[k]:
            up[tops[k]] = -1
            up_edge[tops[k]] = -1
    local[inside] = -1


@njit(cache=True)
def _beside(
    edges: Ints, tail: Ints, head: Ints, local: Ints, number: Ints, pieces: int
) -> tuple[Ints, Ints]:
    """Return the edges at each piece, one piece after the other, and where each begins."""
    start = np.zeros(pieces + 1, np.int64)
    for e in edges:
        start[number[local[tail[e]]] + 1] += 1
        start[number[local[head[e]]] + 1] += 1
    start = np.cumsum(start)
    fill = start[:-1].copy()
    beside = np.empty(2 * len(edges), np.int64)
    for e in edges:
        for v in (tail[e], head[e]):
            k = number[local[v]]
            beside[fill[k]] = e
            fill[k] += 1
    return start, beside


@njit(cache=True)
def _turn(v: int, above: int, by: int, top: int, up: Ints, up_edge: Ints) -> None:
    """Hang a node under another by an edge, and turn the way from it to its old top round."""
    while True:
        above_next, by_next = up[v], up_edge[v]
        up[v], up_edge[v] = above, by
        if v == top:
            return
        v, above, by = above_next, v, by_next
