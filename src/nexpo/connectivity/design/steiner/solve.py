"""One entrance to the solver: reduce, bound, build, then improve until time or rounds are up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from nexpo.connectivity.design.steiner.ground import Ground
from nexpo.connectivity.design.steiner.kernels import MUST, Ints, rows, span
from nexpo.connectivity.design.steiner.model import Answer, Instance, Limits
from nexpo.connectivity.design.steiner.net import Makers, Net, component_labels, simplify
from nexpo.connectivity.design.steiner.reduce import by_bound, must_hold, without_alternatives
from nexpo.connectivity.design.steiner.settle import (
    cost_left_out,
    from_another_root,
    look,
    rootless_bound,
    settle,
)
from nexpo.core.problem import Kind, Problem

Clock = Callable[[], float]
_FIRST_BALL = 20
_GROWTH = 1.6
_MOST_NODES = 4000
_SPLITS = 12
_LOOKS = 3  # roots that the bound is sought from after each sweep
_SPLITS_WHOLE = 100_000


Shuffle = Callable[[Ints], Ints]
Watch = Callable[[int, int, int], None]
"""Told of progress: rounds done, cost of the best tree, proven bound."""


@dataclass(slots=True)
class _Budget:
    """What may still be spent."""

    limits: Limits
    clock: Clock
    started: float
    stop: Callable[[], bool] | None = None
    rounds: int = 0

    def spent(self) -> float:
        return self.clock() - self.started

    def over(self) -> bool:
        seconds, rounds = self.limits.seconds, self.limits.rounds
        if rounds is not None and self.rounds >= rounds:
            return True
        if self.stop is not None and self.stop():
            return True
        return seconds is not None and self.spent() >= seconds


def solve(
    instance: Instance,
    limits: Limits,
    *,
    seed: int,
    clock: Clock,
    watch: Watch | None = None,
    stop: Callable[[], bool] | None = None,
) -> Answer:
    """Return the best tree found and a proven bound.

    Parameters
    ----------
    instance
        What to connect.
    limits
        When to stop. Reduction and the first tree are done in any case.
    seed
        The same instance, rounds and seed give the same answer.
    clock
        Seconds, rising: asked only where ``limits.seconds`` is given and to report the time.
    watch
        Told of progress.
    stop
        Asked now and then whether to end with what there is.

    Raises
    ------
    Problem
        When a terminal cannot be reached, or nothing says where the tree stands.

    Examples
    --------
    >>> square = Instance(4, *np.array([[0, 1, 2, 3], [1, 2, 3, 0], [1, 1, 1, 5]]),
    ...                   terminals=np.array([0, 3]))
    >>> answer = solve(square, Limits(rounds=10), seed=0, clock=lambda: 0.0)
    >>> answer.edges.tolist(), answer.cost, answer.bound
    ([0, 1, 2], 3, 3)
    """
    budget = _Budget(limits, clock, clock(), stop)
    best: _Found | None = None
    bound = int(MUST)
    for turn, (root, given_up) in enumerate(_roots(instance)):
        net = _net(instance, root, given_up)
        if best is not None:
            rest = rootless_bound(net, enough=best.cost, stop=budget.over)
            if rest >= best.cost or budget.over():
                bound = min(bound, rest)
                break
        found = _rooted(instance, _held(net, root), best, budget, seed + turn, watch)
        best = found if best is None or found.cost < best.cost else best
        bound = min(bound, found.bound)
    if best is None:
        raise Problem(Kind.BAD_INPUT, f"{instance.name or 'the instance'} asks for no node at all")
    nodes = np.unique(np.append(instance.tail[best.edges], instance.head[best.edges]))
    nodes = np.union1d(nodes, [best.root]).astype(np.int64)
    bound = min(bound, best.cost)
    return Answer(np.sort(best.edges), nodes, best.cost, bound, budget.rounds, budget.spent())


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    edges: Ints
    cost: int
    bound: int
    root: int


def _roots(instance: Instance) -> Iterator[tuple[int, Ints]]:
    """Yield the roots to try, each with the nodes given up before it.

    A tree without a root holds the most wanted node, or does without it and holds the next, and
    so on: its cost is the least over these cases, each of which has a root.
    """
    none = np.empty(0, np.int64)
    if instance.root is not None:
        yield instance.root, none
    elif len(instance.terminals):
        yield int(instance.terminals[0]), none
    elif instance.prize is not None:
        wanted = np.flatnonzero(instance.prize > 0)
        order = wanted[np.argsort(-instance.prize[wanted], kind="stable")]
        for before, node in enumerate(order):
            yield int(node), order[:before]


def _net(instance: Instance, root: int, given_up: Ints) -> Net:
    prize = np.zeros(instance.nodes, np.int64)
    constant = 0
    if instance.prize is not None:
        prize += instance.prize
        constant = int(prize[given_up].sum())
        prize[given_up] = 0
    prize[instance.terminals] = MUST
    edges = len(instance.tail)
    none = np.empty(0, np.int64)
    return Net(
        instance.nodes,
        instance.tail.astype(np.int64),
        instance.head.astype(np.int64),
        instance.cost.astype(np.int64),
        np.arange(edges),
        np.zeros(edges, np.bool_),
        prize,
        root,
        none,
        constant,
    )


def _held(net: Net, root: int) -> Net:
    """Return the net with its root among the nodes that must be held."""
    prize = net.prize.copy()
    prize[root] = MUST
    return replace(net, prize=prize)


def _rooted(
    instance: Instance,
    net: Net,
    best: _Found | None,
    budget: _Budget,
    seed: int,
    watch: Watch | None,
) -> _Found:
    """Solve with a root."""
    _refuse_unreachable(instance, net)
    work = _Work(instance, net, budget, watch)
    if best is not None and work.bound >= best.cost:
        return replace(best, bound=best.cost)
    work.improve(seed)
    return work.found()


def _refuse_unreachable(instance: Instance, net: Net) -> None:
    label = component_labels(net.nodes, net.tail, net.head)
    cut_off = np.flatnonzero((net.prize >= MUST) & (label != label[net.root]))
    if len(cut_off):
        raise Problem(
            Kind.BAD_INPUT,
            f"{len(cut_off)} terminals cannot be reached from node {net.root + 1} in "
            f"{instance.name or 'the graph'}; the first is node {int(cut_off[0]) + 1}",
            remedy="join the pieces of the graph, or solve each piece by itself",
        )


@dataclass(slots=True)
class _Work:
    """A net on its way to a better tree and a better bound."""

    instance: Instance
    whole: Net
    budget: _Budget
    watch: Watch | None
    makers: Makers = field(init=False)
    net: Net = field(init=False)
    bound: int = field(init=False, default=0)
    best: int = field(init=False, default=int(MUST))
    edges: Ints = field(init=False)
    turn: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.makers = Makers(len(self.whole.tail))
        net = simplify(self.whole, self.makers)
        for _ in range(2):
            net = simplify(without_alternatives(net), self.makers)
        self.net = net
        self.edges = np.empty(0, np.int64)
        self._take(np.empty(0, np.int64))
        self._look()

    def found(self) -> _Found:
        return _Found(self.edges, self.best, min(self.bound, self.best), self.whole.root)

    def improve(self, seed: int) -> None:
        """Search balls that grow until the whole is one, time is up, or the bound is met."""
        shuffle = np.random.default_rng(seed).permutation  # noqa: TID251 - seeded by the caller
        wanted = _FIRST_BALL
        while not self._done():
            keys = self._sweep(shuffle, wanted)
            for _ in range(_LOOKS):
                if not self._done():
                    self._look()
            if wanted > 2 * keys:
                self._settle_whole()
                return
            wanted = int(wanted * _GROWTH)

    def _done(self) -> bool:
        if not len(self.net.tail):  # what is left is one node: the tree is the cheapest
            self.bound = self.best
        return self.bound >= self.best or self.budget.over() or not len(self.net.tail)

    def _sweep(self, shuffle: Shuffle, wanted: int) -> int:
        """Improve around every key node once, and again where something changed."""
        ground = Ground(self.net, np.flatnonzero(self.net.mark))
        due = np.zeros(self.net.nodes, np.bool_)
        due[ground.keys()] = True
        while due.any() and not self.budget.over():
            for centre in shuffle(np.flatnonzero(due)):
                if not due[centre]:
                    continue
                if self.budget.over():
                    break
                inside, better = ground.improve(
                    int(centre),
                    wanted=wanted,
                    most=_MOST_NODES,
                    splits=_SPLITS,
                    stop=self.budget.over,
                )
                self.budget.rounds += 1
                due[inside[: len(inside) // 3 + 1]] = False
                due[centre] = False
                if better:
                    due[inside] = ground.weight[inside] > 0
        self._take(ground.clean())
        self._tell()
        return len(ground.keys())

    def _take(self, tree: Ints) -> None:
        """Keep a tree of the net (positions of its edges) when it is the best so far."""
        makers = np.concatenate([self.net.contracted, self.net.maker[tree]])
        edges, cost = _on_instance(self.whole, self.makers.expand(makers))
        if cost < self.best:
            self.best, self.edges = cost, edges
            mark = np.zeros(len(self.net.tail), np.bool_)
            mark[tree] = True
            self.net = replace(self.net, mark=mark)

    def _look(self) -> None:
        """Bound the net from another root, try the tree that comes with it, take out the rest."""
        if not len(self.net.tail):
            self.bound = max(self.bound, self.best)
            return
        net = from_another_root(self.net, self.turn)
        self.turn += 1
        seen = look(net)
        self.bound = max(self.bound, seen.bound + net.constant)
        self._take(seen.tree)
        net = replace(net, mark=self.net.mark)
        best = self.best - net.constant
        gone = by_bound(net, seen.bound, seen.reduced, best, strictly=True)
        net = must_hold(net, seen.bound, seen.spare, best).only(~gone)
        self.net = _marked_anew(simplify(net, self.makers))
        self._take(np.flatnonzero(self.net.mark))  # what was drawn in may have made it cheaper
        self._tell()

    def _settle_whole(self) -> None:
        """Branch and bound on what is left of the net, as far as time goes."""
        found = settle(
            self.net, self.makers, self.best, splits=_SPLITS_WHOLE, stop=self.budget.over
        )
        if found.tree is not None:
            self.edges, self.best = _on_instance(self.whole, self.makers.expand(found.tree))
        if found.proven:
            self.bound = self.best

    def _tell(self) -> None:
        if self.watch is not None:
            self.watch(self.budget.rounds, self.best, min(self.bound, self.best))


def _marked_anew(net: Net) -> Net:
    """Mark the best tree on the nodes of the marked one, which may have closed a ring.

    Where an edge was drawn in that the tree went round, the rest of the way is one too many.
    """
    if not len(net.tail):
        return net
    held = np.zeros(net.nodes, np.bool_)
    held[net.tail[net.mark]] = held[net.head[net.mark]] = held[net.root] = True
    ptr, adj, edge, _ = rows(net.nodes, net.tail, net.head)
    tree, _ = span(ptr, adj, edge, net.cost[edge], held, net.prize, net.root)
    mark = np.zeros(len(net.tail), np.bool_)
    mark[tree] = True
    return replace(net, mark=mark)


def _on_instance(whole: Net, edges: Ints) -> tuple[Ints, int]:
    """Return the best tree on the nodes that some edges touch, and its cost with what it leaves."""
    label = component_labels(whole.nodes, whole.tail[edges], whole.head[edges])
    held = label == label[whole.root]  # a free edge drawn in may lie apart from the tree
    ptr, adj, edge, _ = rows(whole.nodes, whole.tail, whole.head)
    tree, cost = span(ptr, adj, edge, whole.cost[edge], held, whole.prize, whole.root)
    return tree, int(cost) + cost_left_out(whole, tree) + whole.constant
