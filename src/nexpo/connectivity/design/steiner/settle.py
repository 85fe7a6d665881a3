"""Look for a tree cheaper than a given one, and know when there is none: branch and bound.

Each problem is reduced, bounded by dual ascent from changing roots and searched by a tree grown
along the arcs that the ascent used up; what is left is split at a node: held, or taken out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from nexpo.connectivity.design.steiner.kernels import MUST, Ints, ascend, grow_tree, rows, span
from nexpo.connectivity.design.steiner.net import Makers, Net, simplify
from nexpo.connectivity.design.steiner.reduce import by_bound, must_hold, without_alternatives

_ROUNDS = 6
_WORTH_ANOTHER = 0.05
"""Share of edges that a round must take out for another one."""


@dataclass(slots=True)
class Search:
    """What a search found: the cheapest cost, the makers of its tree, and whether it is proven."""

    best: int
    tree: Ints | None = None
    bound: int = 0
    nodes: int = 0
    proven: bool = False


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
    stack = [net]
    while stack and search.nodes < splits and not (stop and stop()):
        search.nodes += 1
        left = _tighten(stack.pop(), makers, search, turn=search.nodes)
        if left is not None:
            stack.extend(_split(*left))
    search.proven = not stack
    return search


def _tighten(net: Net, makers: Makers, search: Search, *, turn: int) -> tuple[Net, Ints] | None:
    """Reduce a problem; return None when it holds nothing cheaper, else it with its best tree."""
    net = simplify(without_alternatives(simplify(net, makers)), makers)
    for turns in range(_ROUNDS):
        if not len(net.tail):
            _keep(search, net, np.empty(0, np.int64), 0)
            return None
        net = _other_root(net, turn + turns)
        bound, reduced, spare, tree, cost = look(net)
        if bound < 0:
            return None
        _keep(search, net, tree, cost)
        if bound + net.constant >= search.best:
            return None
        best = search.best - net.constant
        before = len(net.tail)
        gone = by_bound(net, bound, reduced, best, strictly=False)
        if not gone.any() and turns > 1:
            break
        net = must_hold(net, bound, spare, best - 1)
        slim = net.only(~gone)
        if not _reaches_all(slim):
            return None
        net = simplify(slim, makers)
        if len(net.tail) > (1 - _WORTH_ANOTHER) * before and turns > 1:
            break
    if not len(net.tail):
        _keep(search, net, np.empty(0, np.int64), 0)
        return None
    return net, look(net)[3]


def look(net: Net) -> tuple[int, Ints, Ints, Ints, int]:
    """Return ascent's bound, reduced costs and spare prizes, a tree and its cost (no constant).

    The cost counts the tree's edges and the prizes of nodes that it does not hold.
    """
    ptr, adj, edge, rev = rows(net.nodes, net.tail, net.head)
    cost = net.cost[edge]
    bound, reduced, spare = ascend(ptr, adj, cost, net.prize, net.root)
    if bound < 0:
        return -1, reduced, spare, np.empty(0, np.int64), 0
    usable = (reduced == 0) | (reduced[rev] == 0)
    held = grow_tree(ptr, adj, cost, usable, net.prize, net.root)
    tree, paid = span(ptr, adj, edge, cost, held, net.prize, net.root)
    return int(bound), reduced, spare, tree, int(paid) + cost_left_out(net, tree)


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


def _keep(search: Search, net: Net, tree: Ints, cost: int) -> None:
    total = cost + net.constant
    if not len(net.tail):
        total += cost_left_out(net, tree)
    if total < search.best:
        search.best = total
        search.tree = np.concatenate([net.contracted, net.maker[tree]])


def _other_root(net: Net, turn: int) -> Net:
    """Return the net seen from another terminal: the bound of the ascent depends on its root."""
    must = np.flatnonzero(net.prize >= MUST)
    return replace(net, root=int(must[(turn * 7919) % len(must)]))


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
        return _split_edge(net)
    prize = net.prize.copy()
    lost = int(prize[v])
    prize[v] = MUST
    held = replace(net, prize=prize)
    out = net.prize.copy()
    out[v] = 0
    without = replace(net, prize=out, constant=net.constant + lost)
    without = without.only((net.tail != v) & (net.head != v))
    return [without, held] if _reaches_all(without) else [held]


def _split_edge(net: Net) -> list[Net]:
    """Every node is a terminal: the minimum spanning tree is the answer, found by the look."""
    del net
    return []
