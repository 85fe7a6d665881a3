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

    Loops and the dearer of parallel edges go; dead ends go; an edge that costs nothing, and the
    only edge of a terminal, are drawn in; a node of degree two that nobody asks for becomes one
    edge with its neighbours (Duin and Volgenant 1989). Repeated until nothing changes.
    """
    while True:
        before = len(net.tail)
        net = _within_reach(_without_parallels(net))
        net = _contract(net, _forced(net))
        net = _without_chains(_without_dead_ends(net), makers)
        if len(net.tail) == before:
            return _without_parallels(net)


def _without_parallels(net: Net) -> Net:
    if not len(net.tail):
        return net
    low, high = np.minimum(net.tail, net.head), np.maximum(net.tail, net.head)
    pair = low * net.nodes + high
    order = np.lexsort((net.cost, pair))
    begins = np.ones(len(order), np.bool_)
    begins[1:] = pair[order][1:] != pair[order][:-1]
    if begins.all() and bool(np.all(low < high)):
        return net
    marked = np.logical_or.reduceat(net.mark[order], np.flatnonzero(begins))
    first = order[begins]
    slim = replace(
        net,
        tail=low[first],
        head=high[first],
        cost=net.cost[first],
        maker=net.maker[first],
        mark=marked,
    )
    return slim.only(slim.tail < slim.head)


def _within_reach(net: Net) -> Net:
    """Drop what the root cannot reach; the caller has seen to it that no terminal is there."""
    label = component_labels(net.nodes, net.tail, net.head)
    inside = label == label[net.root]
    if inside.all():
        return net
    lost = int(net.prize[~inside].sum())
    slim = net.only(inside[net.tail])
    return _relabel(slim, np.where(inside, np.cumsum(inside) - 1, -1), net.constant + lost)


def _relabel(net: Net, place: Ints, constant: int) -> Net:
    """Return the net with nodes numbered anew, merged where two share a number."""
    count = int(place.max()) + 1
    prize = np.zeros(count, np.int64)
    held = place >= 0
    must = place[held & (net.prize >= MUST)]
    np.add.at(prize, place[held], np.where(net.prize[held] >= MUST, 0, net.prize[held]))
    prize[must] = MUST
    return replace(
        net,
        nodes=count,
        tail=place[net.tail],
        head=place[net.head],
        prize=prize,
        root=int(place[net.root]),
        constant=constant,
    )


def _forced(net: Net) -> Bools:
    """Say which edges every tree may hold without loss: free ones, a terminal's only one."""
    must = net.prize >= MUST
    forced: Bools = net.cost == 0
    if int(must.sum()) > 1:
        degree = np.bincount(net.tail, minlength=net.nodes)
        degree += np.bincount(net.head, minlength=net.nodes)
        alone = must & (degree == 1)
        forced = forced | alone[net.tail] | alone[net.head]
    return forced


def _contract(net: Net, drawn: Bools) -> Net:
    if not drawn.any():
        return net
    label = component_labels(net.nodes, net.tail[drawn], net.head[drawn])
    # A cycle of free edges is drawn in whole; which of them an answer keeps is settled at the end.
    paid = int(net.cost[drawn].sum())
    slim = replace(net.only(~drawn), contracted=np.concatenate([net.contracted, net.maker[drawn]]))
    return _relabel(slim, label, net.constant + paid)


def _without_dead_ends(net: Net) -> Net:
    alive = np.ones(len(net.tail), np.bool_)
    lost = _strip(net.nodes, net.tail, net.head, net.cost, net.prize, net.root, alive)
    if alive.all():
        return net
    slim = replace(net.only(alive), constant=net.constant + int(lost))
    used = np.zeros(net.nodes, np.bool_)
    used[slim.tail] = used[slim.head] = True
    used[net.root] = True
    return _relabel(slim, np.where(used, np.cumsum(used) - 1, -1), slim.constant)


def _without_chains(net: Net, makers: Makers) -> Net:
    plain = net.prize == 0
    plain[net.root] = False
    degree = np.bincount(net.tail, minlength=net.nodes)
    degree += np.bincount(net.head, minlength=net.nodes)
    through = plain & (degree == _THROUGH)
    if not through.any():
        return net
    tail, head, cost, maker, mark, first, second = _join(
        net.nodes, net.tail, net.head, net.cost, net.maker, net.mark, through, makers.next()
    )
    makers.add(first, second)
    slim = replace(net, tail=tail, head=head, cost=cost, maker=maker, mark=mark)
    return _relabel(slim, np.where(through, -1, np.cumsum(~through) - 1), net.constant)


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
