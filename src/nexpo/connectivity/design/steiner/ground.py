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

from nexpo.connectivity.design.steiner.kernels import FAR, MUST, Bools, Ints, rows, span
from nexpo.connectivity.design.steiner.net import Makers, Net, component_labels
from nexpo.connectivity.design.steiner.regions import ball, carve, hang, rehang
from nexpo.connectivity.design.steiner.settle import settle

_THROUGH = 2  # edges at a node that a path merely passes


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
        self._exchange(inside, number, tops, position[held], makers.expand(found.tree))
        return inside, True

    def _exchange(self, inside: Ints, number: Ints, tops: Ints, old: Ints, new: Ints) -> None:
        """Put new edges inside a ball in the place of old ones, and hang the tree anew."""
        net = self.net
        self.marked[old] = False
        self.marked[new] = True
        if self._plain:
            up, up_edge, degree, _, _ = self._hung
            ends = (net.root, net.tail, net.head)
            rehang(inside, number, tops, old, new, *ends, up, up_edge, degree, self._local)
            self._weigh(inside)
        else:  # a piece may have been given up: it falls off
            self.marked[self._loose()] = False
            self._hang()

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
