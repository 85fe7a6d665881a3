"""A second way from the POP to every cabinet, sharing no street with the first.

For each cabinet a cheapest way is sought that shares nothing with its way in the tree. Where
that leaves none, an augmenting path is (Suurballe 1974, Bhandari 1999: a street of the first
way may then be met backwards, which takes it out of both), and the first way moves. Trenches
that are dug already are free, those of earlier cabinets' rings too, so the ways grow into
rings. A street whose loss would part the cabinet from its POP (a bridge of the graph) has to
carry both ways: the cabinet is then listed with it as not fully protected.

Each pair of ways exists wherever the streets permit; the sum over all cabinets is a good
set and not proven the cheapest: the ring stays outside the bound.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from nexpo.connectivity.design.fibre import kernels
from nexpo.connectivity.design.fibre.areas import Areas
from nexpo.connectivity.design.fibre.model import Floats, Ints, Mask, Options
from nexpo.connectivity.design.fibre.trench import Routes


@dataclass(frozen=True, slots=True, eq=False)
class Ring:
    """Ways by cabinet, each from its POP.

    Parameters
    ----------
    first
        Only where the tree's way left no second one: the way that replaces it.
    second
        The way that shares no piece with the first but ``single``.
    single
        Pieces that have to carry both.
    added
        ``(m,)`` pieces that are dug for the ring alone.
    """

    added: Mask
    first: dict[int, Ints] = field(default_factory=dict)
    second: dict[int, Ints] = field(default_factory=dict)
    single: dict[int, Ints] = field(default_factory=dict)


def none(routes: Routes) -> Ring:
    """Return the ring of a design that has none."""
    return Ring(np.zeros(routes.network.pieces, np.bool_))


def close(routes: Routes, areas: Areas, options: Options) -> Ring:
    """Return a second way for every cabinet, farthest first."""
    network = routes.network
    graph = kernels.adjacency(network.nodes, network.tail, network.head)
    usable = np.ones(network.pieces, np.bool_)
    usable[network.lead[network.lead >= 0]] = False
    bridge = kernels.bridges(*graph, usable)
    cable = np.rint(network.length_m * options.ring_cable_cents_per_m).astype(np.int64) + 1
    dug = routes.chosen.copy()
    ring = none(routes)
    for cabinet in _farthest_first(routes, areas):
        tree = routes.trees[int(areas.cabinets.pop[cabinet])]
        pop, node = tree.order[:1], areas.cabinets.node[cabinet : cabinet + 1]
        _, path = kernels.paths(tree.parent, tree.via, tree.depth, pop, node)
        if not len(path):
            continue
        cost = cable + np.where(dug, 0, routes.cost_cents)
        ends = int(pop[0]), int(node[0])
        first, second = _pair(graph, network.tail, network.head, (cost, usable, bridge), path, ends)
        if not np.array_equal(first, path):
            ring.first[cabinet] = first
        ring.second[cabinet], ring.single[cabinet] = second, path[bridge[path]]
        fresh = np.concatenate([first, second])
        ring.added[fresh[~dug[fresh]]] = True
        dug[fresh] = True
    return ring


def _farthest_first(routes: Routes, areas: Areas) -> list[int]:
    far: Floats = np.array(
        [
            routes.trees[int(pop)].far_m[node]
            for pop, node in zip(areas.cabinets.pop, areas.cabinets.node, strict=True)
        ]
    )
    return [int(each) for each in np.argsort(-far, kind="stable")]


def _pair(
    graph: tuple[Ints, Ints, Ints],
    tail: Ints,
    head: Ints,
    streets: tuple[Ints, Mask, Mask],
    path: Ints,
    ends: tuple[int, int],
) -> tuple[Ints, Ints]:
    """Return two ways that share nothing but bridges; the first is ``path`` where it can be."""
    cost, usable, bridge = streets
    arc_cost = np.repeat(cost, 2)
    blocked = np.repeat(~usable, 2)
    forward = 2 * path + _backwards(tail, head, path, ends[0])
    fixed = bridge[path]
    blocked[forward[~fixed]] = blocked[(forward ^ 1)[~fixed]] = True
    second = kernels.way(graph, tail, arc_cost, blocked, *ends)
    if len(second):
        return path, second
    blocked[(forward ^ 1)[~fixed]] = False
    arc_cost[(forward ^ 1)[~fixed]] = 0
    second = kernels.way(graph, tail, arc_cost, blocked, *ends)
    held = np.setxor1d(path[~fixed], second[~bridge[second]])
    return _apart(graph, tail, (arc_cost, usable), held, path[fixed], ends)


def _apart(
    graph: tuple[Ints, Ints, Ints],
    tail: Ints,
    streets: tuple[Ints, Mask],
    held: Ints,
    fixed: Ints,
    ends: tuple[int, int],
) -> tuple[Ints, Ints]:
    """Take two ways out of the pieces that both hold together."""
    cost, usable = streets
    ways = []
    left = held
    for _ in range(2):
        blocked = np.ones(2 * len(usable), np.bool_)
        for each in (left, fixed):
            blocked[2 * each] = blocked[2 * each + 1] = False
        ways.append(kernels.way(graph, tail, cost, blocked, *ends))
        left = np.setdiff1d(left, ways[-1])
    return ways[0], ways[1]


def _backwards(tail: Ints, head: Ints, path: Ints, origin: int) -> Ints:
    """Say for each piece of a way whether it is gone from head to tail (1) or not (0)."""
    found = np.zeros(len(path), dtype=np.int64)
    node = origin
    for position, piece in enumerate(path):
        found[position] = int(tail[piece] != node)
        node = int(tail[piece] if found[position] else head[piece])
    return found
