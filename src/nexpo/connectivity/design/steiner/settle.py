"""Look for a tree cheaper than a given one, and know when there is none: branch and bound.

Each problem is reduced, bounded by dual ascent from changing roots and searched by a tree grown
along the arcs that the ascent used up; what is left is split at a node: held, or taken out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from nexpo.connectivity.design.steiner.kernels import MUST, Ints, ascend, grow_tree, rows, span
from nexpo.connectivity.design.steiner.net import Makers, Net, simplify
from nexpo.connectivity.design.steiner.reduce import by_bound, must_hold, without_alternatives

_ROUNDS = 6
_STRIDE = 7919  # a prime: the terminals are gone through in an order that jumps
_WORTH_ANOTHER = 0.05
"""Share of edges that a round must take out for another one."""


@dataclass(slots=True)
class Search:
    """What a search found: the cheapest cost, the makers of its tree, and whether it is proven."""

    best: int
    tree: Ints | None = None
    looked_at: int = 0
    proven: bool = False


class Look(NamedTuple):
    """A net seen from its root: bound, what proves it, and a tree; the constant is not in them.

    ``cost`` counts the tree's edges and the prizes of nodes that it does not hold. A ``bound``
    of -1 says that a terminal cannot be reached.
    """

    bound: int
    reduced: Ints
    spare: Ints
    tree: Ints
    cost: int


def settle(
    net: Net,
    makers: Makers,
    best: int,
    *,
    splits: int,
    stop: Callable[[], bool] | None = None,
) -> Search:
    """Search a net for a tree cheaper than ``best``.

    Parameters
    ----------
    best
        Cost to beat, the net's constant included.
    splits
        How many problems may be looked at before giving up.
    stop
        Asked before each problem whether to give up.

    Returns
    -------
    Search
        ``tree`` is None where nothing cheaper was found; ``proven`` says that nothing is.
    """
    search = Search(best)
    open_problems = [net]
    while open_problems and search.looked_at < splits and not (stop and stop()):
        search.looked_at += 1
        problem = open_problems.pop()
        left = _tighten(problem, makers, search, stop)
        if stop and stop():
            open_problems.append(problem)  # not looked at to its end
        elif left is not None:
            open_problems.extend(_split(*left))
    search.proven = not open_problems
    return search


def _tighten(
    net: Net, makers: Makers, search: Search, stop: Callable[[], bool] | None
) -> tuple[Net, Ints] | None:
    """Reduce a problem; return None when it holds nothing cheaper, else it with its best tree."""
    net = simplify(without_alternatives(simplify(net, makers)), makers)
    for turn in range(_ROUNDS):
        net = from_another_root(net, search.looked_at + turn)
        seen = look(net)
        if seen.bound < 0:
            return None
        _keep(search, net, seen)
        best = search.best - net.constant
        if seen.bound >= best:
            return None
        before = len(net.tail)
        gone = by_bound(net, seen.bound, seen.reduced, best, strictly=False)
        net = must_hold(net, seen.bound, seen.spare, best - 1).only(~gone)
        if not _reaches_all(net):
            return None
        net = simplify(net, makers)
        if stop and stop():
            break
        if turn > 0 and len(net.tail) > (1 - _WORTH_ANOTHER) * before:
            break
    seen = look(net)
    if seen.bound < 0:
        return None
    _keep(search, net, seen)
    return None if seen.bound + net.constant >= search.best else (net, seen.tree)


def look(net: Net) -> Look:
    """Bound a net by dual ascent and grow a tree along the arcs that it used up."""
    ptr, adj, edge, rev = rows(net.nodes, net.tail, net.head)
    cost = net.cost[edge]
    bound, reduced, spare = ascend(ptr, adj, cost, net.prize, net.root)
    if bound < 0:
        return Look(-1, reduced, spare, np.empty(0, np.int64), int(MUST))
    usable = (reduced == 0) | (reduced[rev] == 0)
    held = grow_tree(ptr, adj, cost, usable, net.prize, net.root)
    tree, paid = span(ptr, adj, edge, cost, held, net.prize, net.root)
    return Look(int(bound), reduced, spare, tree, int(paid) + cost_left_out(net, tree))


def rootless_bound(net: Net, *, enough: int, stop: Callable[[], bool]) -> int:
    """Return a bound for trees that need not hold any node, constant included.

    A gate leads to every wanted node at a toll, and a tree passes it once. Charging the toll in
    the ascent, leaving "once" out and giving one toll back is a Lagrangian bound, whatever the
    toll: the bound hardly changes over a wide range of them. The net's root is not used.

    Parameters
    ----------
    enough
        A bound beyond which no more is looked for.
    stop
        Asked after each toll whether to make do.
    """
    wanted = np.flatnonzero(net.prize > 0)
    gate = net.nodes
    gated = replace(
        net,
        nodes=gate + 1,
        tail=np.concatenate([net.tail, np.full(len(wanted), gate)]),
        head=np.concatenate([net.head, wanted]),
        prize=np.append(net.prize, MUST),
        root=gate,
    )
    ptr, adj, edge, _ = rows(gated.nodes, gated.tail, gated.head)

    def bound(toll: int) -> int:
        cost = np.concatenate([net.cost, np.full(len(wanted), toll)])
        return int(ascend(ptr, adj, cost[edge], gated.prize, gate)[0]) - toll

    most, total = int(net.prize.max(initial=0)), int(net.prize.sum())
    best = 0
    for toll in (most // 8, most // 4, most, 8 * most, total // 8):  # a higher one takes longer
        best = max(best, bound(toll))
        if best + net.constant >= enough or (toll >= most // 4 and stop()):
            break
    return best + net.constant


def cost_left_out(net: Net, tree: Ints) -> int:
    """Sum the prizes of nodes that a tree does not hold."""
    out = net.prize.copy()
    out[net.tail[tree]] = 0
    out[net.head[tree]] = 0
    out[net.root] = 0
    if bool(np.any(out >= MUST)):
        return int(MUST)
    return int(out.sum())


def _keep(search: Search, net: Net, seen: Look) -> None:
    total = seen.cost + net.constant
    if total < search.best:
        search.best = total
        search.tree = np.concatenate([net.contracted, net.maker[seen.tree]])


def from_another_root(net: Net, turn: int) -> Net:
    """Return the net seen from another terminal: the bound of the ascent depends on its root."""
    must = np.flatnonzero(net.prize >= MUST)
    return replace(net, root=int(must[(turn * _STRIDE) % len(must)]))


def _reaches_all(net: Net) -> bool:
    ptr, adj, edge, _ = rows(net.nodes, net.tail, net.head)
    everywhere = np.ones(len(adj), np.bool_)
    held = grow_tree(ptr, adj, net.cost[edge], everywhere, net.prize, net.root)
    return bool(held[net.prize >= MUST].all())


def _split(net: Net, tree: Ints) -> list[Net]:
    """Split at the open node that the tree touches most often: first held, then taken out."""
    degree = np.bincount(net.tail, minlength=net.nodes)
    degree += np.bincount(net.head, minlength=net.nodes)
    touched = np.bincount(net.tail[tree], minlength=net.nodes)
    touched += np.bincount(net.head[tree], minlength=net.nodes)
    rank = touched * len(net.tail) + degree
    rank[net.prize >= MUST] = -1
    v = int(rank.argmax())
    if rank[v] < 0:
        return []  # all are terminals: the minimum spanning tree was seen
    held, out = net.prize.copy(), net.prize.copy()
    held[v], out[v] = MUST, 0
    without = replace(net, prize=out, constant=net.constant + int(net.prize[v]))
    without = without.only((net.tail != v) & (net.head != v))
    with_it = replace(net, prize=held)
    return [without, with_it] if _reaches_all(without) else [with_it]
