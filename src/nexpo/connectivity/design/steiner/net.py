"""A working graph that shrinks, and the way back to the edges it was made from.

Each edge of a working graph has a *maker*: an edge of the instance, or a pair of makers that
were joined when the node between them was taken out. What was contracted is kept apart: it
belongs to every answer that is held to the graph.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numba import njit

from nexpo.connectivity.design.steiner.kernels import MUST, Bools, Ints

_THROUGH = 2  # edges at a node that a path merely passes
_NONE = np.empty(0, np.int64)


@dataclass(slots=True)
class Makers:
    """Pairs of joined edges, numbered on from the ``edges`` edges that were there first."""

    edges: int
    first: list[Ints] = field(default_factory=list)
    second: list[Ints] = field(default_factory=list)
    count: int = 0

    def next(self) -> int:
        """Return the number that the next pair will get."""
        return self.edges + self.count

    def add(self, first: Ints, second: Ints) -> None:
        """Give the next numbers to some pairs."""
        self.first.append(first)
        self.second.append(second)
        self.count += len(first)

    def expand(self, makers: Ints) -> Ints:
        """Return the first edges behind some makers."""
        if not self.count:
            return makers
        first, second = np.concatenate(self.first), np.concatenate(self.second)
        found = [_NONE]
        while len(makers):
            plain = makers < self.edges
            found.append(makers[plain])
            pairs = makers[~plain] - self.edges
            makers = np.concatenate([first[pairs], second[pairs]])
        return np.concatenate(found)


@dataclass(frozen=True, slots=True, eq=False)
class Net:
    """A working graph: edges, prizes (``MUST`` for terminals), a root that has to be held.

    ``contracted`` are makers of edges that were drawn into one node; ``constant`` is what they
    cost, with the prizes of those who were given up. ``mark`` holds the edges of the best tree
    known, so that it shrinks along.
    """

    nodes: int
    tail: Ints
    head: Ints
    cost: Ints
    maker: Ints
    mark: Bools
    prize: Ints
    root: int
    contracted: Ints = field(default_factory=lambda: _NONE)
    constant: int = 0

    def only(self, kept: Bools) -> Net:
        """Return the net without some edges."""
        return replace(
            self,
            tail=self.tail[kept],
            head=self.head[kept],
            cost=self.cost[kept],
            maker=self.maker[kept],
            mark=self.mark[kept],
        )


def simplify(net: Net, makers: Makers) -> Net:
    """Return the smallest net that the degree tests reach; optimal trees and ``mark`` stay.

    Loops and the dearer of parallel edges go; dead ends go; what the root cannot reach goes (the
    caller has seen to it that no terminal is there); an edge that costs nothing, and the only
    edge of a terminal, are drawn in; a node of degree two that nobody asks for becomes one edge
    with its neighbours (Duin and Volgenant 1989). Repeated until nothing changes.
    """
    arrays = (net.tail, net.head, net.cost, net.maker, net.mark, net.prize)
    shrunk = _shrink(net.nodes, *arrays, net.root, makers.next())
    nodes, root, constant, tail, head, cost, maker, mark, prize, drawn, first, second = shrunk
    makers.add(first, second)
    contracted = np.concatenate([net.contracted, drawn]) if len(drawn) else net.contracted
    constant += net.constant
    return Net(nodes, tail, head, cost, maker, mark, prize, root, contracted, constant)


@njit(cache=True)
def _shrink(
    nodes: int,
    tail: Ints,
    head: Ints,
    cost: Ints,
    maker: Ints,
    mark: Bools,
    prize: Ints,
    root: int,
    number: int,
) -> tuple[int, int, int, Ints, Ints, Ints, Ints, Bools, Ints, Ints, Ints, Ints]:
    """Do the work of :func:`simplify` on plain arrays.

    Returns nodes, root, what was added to the constant, the edges' arrays, the prizes, the makers
    drawn in, and the pairs of makers joined, numbered from ``number``.
    """
    drawn = np.empty(0, np.int64)
    first = np.empty(0, np.int64)
    second = np.empty(0, np.int64)
    constant = np.int64(0)
    while True:
        before = len(tail)
        tail, head, cost, maker, mark = _unique(nodes, tail, head, cost, maker, mark)
        # Draw in.
        forced = _forced(nodes, tail, head, cost, prize, root)
        if forced.any():
            constant += cost[forced].sum()
            drawn = np.concatenate((drawn, maker[forced]))
            label = component_labels(nodes, tail[forced], head[forced])
            into, price = label[tail[forced]], cost[forced]
            nodes, root, tail, head, cost, maker, mark, prize = _renumber(
                label, root, tail, head, cost, maker, mark, prize, ~forced
            )
            for i in range(len(into)):  # whoever holds the node pays for what was drawn in
                if prize[into[i]] < MUST:
                    prize[into[i]] -= price[i]
            tail, head, cost, maker, mark = _unique(nodes, tail, head, cost, maker, mark)
        # Take off what the root cannot reach, and dead ends.
        lost, alive = _reached(nodes, tail, head, prize, root)
        constant += lost + _strip(nodes, tail, head, cost, prize, root, alive)
        used = _ends(nodes, tail[alive], head[alive], root)
        nodes, root, tail, head, cost, maker, mark, prize = _renumber(
            _places(used), root, tail, head, cost, maker, mark, prize, alive
        )
        # Join chains.
        through = _passed(nodes, tail, head, prize, root)
        if through.any():
            tail, head, cost, maker, mark, some, more = _join(
                nodes, tail, head, cost, maker, mark, through, number + len(first)
            )
            first = np.concatenate((first, some))
            second = np.concatenate((second, more))
            nodes, root, tail, head, cost, maker, mark, prize = _renumber(
                _places(~through),
                root,
                tail,
                head,
                cost,
                maker,
                mark,
                prize,
                np.ones(len(tail), np.bool_),
            )
        if len(tail) == before:
            tail, head, cost, maker, mark = _unique(nodes, tail, head, cost, maker, mark)
            if len(tail) == before:
                break
    return (nodes, root, int(constant), tail, head, cost, maker, mark, prize, drawn, first, second)


@njit(cache=True)
def _reached(nodes: int, tail: Ints, head: Ints, prize: Ints, root: int) -> tuple[int, Bools]:
    """Return the prizes that the root cannot reach, and which edges it can."""
    label = component_labels(nodes, tail, head)
    lost = np.int64(0)
    for v in range(nodes):
        if label[v] != label[root]:
            lost += prize[v]
    alive = np.ones(len(tail), np.bool_)
    for e in range(len(tail)):
        alive[e] = label[tail[e]] == label[root]
    return int(lost), alive


@njit(cache=True)
def _ends(nodes: int, tail: Ints, head: Ints, root: int) -> Bools:
    """Return which nodes stand at an edge, or are the root."""
    used = np.zeros(nodes, np.bool_)
    used[root] = True
    for e in range(len(tail)):
        used[tail[e]] = True
        used[head[e]] = True
    return used


@njit(cache=True)
def _places(kept: Bools) -> Ints:
    """Return the numbers from 0 on of what is kept; -1 for the rest."""
    place = np.full(len(kept), -1, np.int64)
    count = 0
    for v in range(len(kept)):
        if kept[v]:
            place[v] = count
            count += 1
    return place


@njit(cache=True)
def _unique(
    nodes: int, tail: Ints, head: Ints, cost: Ints, maker: Ints, mark: Bools
) -> tuple[Ints, Ints, Ints, Ints, Bools]:
    """Keep the cheapest of parallel edges, marked where one of them was; drop loops."""
    # Edges are sorted by their ends through buckets: a count for each lower end, then within.
    start = np.zeros(nodes + 1, np.int64)
    for e in range(len(tail)):
        start[min(tail[e], head[e]) + 1] += 1
    for v in range(nodes):
        start[v + 1] += start[v]
    bucket = np.empty(len(tail), np.int64)
    fill = start[:-1].copy()
    for e in range(len(tail)):
        v = min(tail[e], head[e])
        bucket[fill[v]] = e
        fill[v] += 1
    seen = np.full(nodes, -1, np.int64)  # by higher end: the edge kept for this lower end
    kept = np.zeros(len(tail), np.bool_)
    marked = mark.copy()
    for v in range(nodes):
        for i in range(start[v], start[v + 1]):
            e = bucket[i]
            w = max(tail[e], head[e])
            if w == v:
                continue
            other = seen[w]
            if other < 0:
                seen[w] = e
                kept[e] = True
            elif cost[e] < cost[other]:
                kept[other] = False
                kept[e] = True
                marked[e] = marked[e] or marked[other]
                seen[w] = e
            else:
                marked[other] = marked[other] or marked[e]
        for i in range(start[v], start[v + 1]):
            seen[max(tail[bucket[i]], head[bucket[i]])] = -1
    return tail[kept], head[kept], cost[kept], maker[kept], marked[kept]


@njit(cache=True)
def _forced(nodes: int, tail: Ints, head: Ints, cost: Ints, prize: Ints, root: int) -> Bools:
    """Say which edges a cheapest tree may hold as soon as it holds one of their ends.

    Free edges; the only edge of a node that is worth it; and the cheapest edge of a node, where
    it leads to another wanted node and each is worth it (minimum adjacency, Uchoa 2006: whoever
    has one of the two gains by the other, whoever has both may exchange). Of equal edges the
    first counts, so that no ring is drawn in that costs anything.
    """
    degree = np.zeros(nodes, np.int64)
    least = np.full(nodes, -1, np.int64)
    must = 0
    for v in range(nodes):
        must += prize[v] >= MUST
    for e in range(len(tail)):
        for v in (tail[e], head[e]):
            degree[v] += 1
            if least[v] < 0 or cost[e] < cost[least[v]]:
                least[v] = e
    forced: Bools = cost == 0
    for v in range(nodes):
        e = least[v]
        if e < 0 or prize[v] == 0:
            continue
        u = tail[e] + head[e] - v
        if degree[v] == 1 and prize[v] > cost[e] and (v != root or must > 1):
            forced[e] = prize[v] < MUST or must > 1
        if prize[u] >= cost[e] and prize[u] > 0 and prize[v] >= cost[e]:
            forced[e] = True
    return forced


@njit(cache=True)
def _passed(nodes: int, tail: Ints, head: Ints, prize: Ints, root: int) -> Bools:
    """Say which nodes have two edges and are asked for by nobody."""
    degree = np.zeros(nodes, np.int64)
    for e in range(len(tail)):
        degree[tail[e]] += 1
        degree[head[e]] += 1
    through = np.zeros(nodes, np.bool_)
    for v in range(nodes):
        through[v] = degree[v] == _THROUGH and prize[v] == 0 and v != root
    return through


@njit(cache=True)
def _renumber(
    place: Ints,
    root: int,
    tail: Ints,
    head: Ints,
    cost: Ints,
    maker: Ints,
    mark: Bools,
    prize: Ints,
    kept: Bools,
) -> tuple[int, int, Ints, Ints, Ints, Ints, Bools, Ints]:
    """Give nodes new numbers (-1: gone), merged where two share a number; keep some edges."""
    nodes = place.max() + 1
    worth = np.zeros(nodes, np.int64)
    for v in range(len(place)):
        if place[v] >= 0:
            if prize[v] >= MUST or worth[place[v]] >= MUST:
                worth[place[v]] = MUST
            else:
                worth[place[v]] += prize[v]
    return (
        nodes,
        place[root],
        place[tail[kept]],
        place[head[kept]],
        cost[kept],
        maker[kept],
        mark[kept],
        worth,
    )


@njit(cache=True)
def component_labels(nodes: int, tail: Ints, head: Ints) -> Ints:
    """Return the number of each node's connected component, in the order of their first nodes."""
    parent = np.arange(nodes)
    for e in range(len(tail)):
        a, b = tail[e], head[e]
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        if a < b:
            parent[b] = a
        else:
            parent[a] = b
    label = np.empty(nodes, np.int64)
    count = 0
    for v in range(nodes):  # a root is the smallest of its component: its label comes first
        r = v
        while parent[r] != r:
            r = parent[r]
        if r == v:
            label[v] = count
            count += 1
        else:
            label[v] = label[r]
    return label


@njit(cache=True)
def _strip(
    nodes: int, tail: Ints, head: Ints, cost: Ints, prize: Ints, root: int, alive: Bools
) -> int:
    """Take off dead ends whose prize does not pay for the edge; return the prizes given up."""
    degree = np.zeros(nodes, np.int64)
    mix = np.zeros(nodes, np.int64)  # exclusive or of a node's edges: the last one when one is left
    for e in range(len(tail)):
        if alive[e]:
            degree[tail[e]] += 1
            degree[head[e]] += 1
            mix[tail[e]] ^= e
            mix[head[e]] ^= e
    stack = np.empty(nodes, np.int64)
    size = 0
    for v in range(nodes):
        if degree[v] == 1:
            stack[size] = v
            size += 1
    lost = np.int64(0)
    while size > 0:
        size -= 1
        v = stack[size]
        e = mix[v]
        if degree[v] != 1 or v == root or prize[v] > cost[e]:
            continue
        lost += prize[v]
        u = tail[e] + head[e] - v
        alive[e] = False
        degree[v] = 0
        degree[u] -= 1
        mix[u] ^= e
        if degree[u] == 1:
            stack[size] = u
            size += 1
    return int(lost)


@njit(cache=True)
def _join(
    nodes: int,
    tail: Ints,
    head: Ints,
    cost: Ints,
    maker: Ints,
    mark: Bools,
    through: Bools,
    number: int,
) -> tuple[Ints, Ints, Ints, Ints, Bools, Ints, Ints]:
    """Replace each chain of nodes of degree two by one edge.

    Returns the edges' arrays, and the pairs of makers joined on the way, numbered from
    ``number``. A ring of such nodes alone is left out: nothing in it is asked for.
    """
    edges = len(tail)
    mix = np.zeros(nodes, np.int64)
    for e in range(edges):
        mix[tail[e]] ^= e
        mix[head[e]] ^= e
    used = np.zeros(edges, np.bool_)
    new_tail = np.empty(edges, np.int64)
    new_head = np.empty(edges, np.int64)
    new_cost = np.empty(edges, np.int64)
    new_maker = np.empty(edges, np.int64)
    new_mark = np.empty(edges, np.bool_)
    first = np.empty(edges, np.int64)
    second = np.empty(edges, np.int64)
    count = 0
    pairs = 0
    for start in range(edges):
        if used[start] or (through[tail[start]] and through[head[start]]):
            continue
        a = head[start] if through[tail[start]] else tail[start]
        e = start
        v = tail[e] + head[e] - a
        total = cost[e]
        made = maker[e]
        used[e] = True
        while through[v]:
            e = mix[v] ^ e
            used[e] = True
            v = tail[e] + head[e] - v
            total += cost[e]
            first[pairs] = made
            second[pairs] = maker[e]
            made = number + pairs
            pairs += 1
        new_tail[count], new_head[count] = a, v
        new_cost[count], new_maker[count], new_mark[count] = total, made, mark[start]
        count += 1
    return (
        new_tail[:count],
        new_head[:count],
        new_cost[:count],
        new_maker[:count],
        new_mark[:count],
        first[:pairs],
        second[:pairs],
    )
