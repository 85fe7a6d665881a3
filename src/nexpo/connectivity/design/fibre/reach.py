"""Routes that keep the light's reach: shortcuts first, then whoever is still too far goes.

The cheapest trenches may lead a long way round. Where an address is beyond its optical budget
on them, the tree is made shallower by the walk of Khuller, Raghavachari and Young (1995,
"Balancing minimum spanning trees and shortest-path trees"): in depth-first order, a node that
is farther than it may be gets the shortest way from the POP grafted in, and what lies below
and above profits. The addresses are the same, so the bound of the trenches still holds.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numba import njit

from nexpo.connectivity.design.fibre import kernels
from nexpo.connectivity.design.fibre.model import Floats, Ints, Mask
from nexpo.connectivity.design.fibre.network import Network
from nexpo.connectivity.design.fibre.trench import NOBODY, Routes, Tree, mask, priced, rooted

_GAIN_M = 1.0
_MM_IN_M = 1000
_SURPLUS_M, _SURPLUS_SHARE = 10.0, 1.1  # cabinets move with the tree: aim a little nearer


def shorter(routes: Routes, rows: Ints, excess_m: Floats) -> Routes | None:
    """Return routes on which some demands are nearer their POP; None where none can be.

    Parameters
    ----------
    routes
        Routes as they are.
    rows, excess_m
        Demands that are too far, and by how much at least each has to come nearer.
    """
    network = routes.network
    limit = np.full(network.nodes, np.inf)
    needed = _SURPLUS_SHARE * excess_m + _SURPLUS_M
    trees, gained = [], False
    for pop, tree in enumerate(routes.trees):
        at = routes.owner[rows] == pop
        points = network.point[rows[at]]
        limit[:] = np.inf
        np.minimum.at(limit, points, tree.far_m[points] - needed[at])
        served = np.unique(network.point[routes.owner == pop])
        made = _grafted(network, tree, limit, served) if len(points) else tree
        gained |= bool(np.any(made.far_m[points] < tree.far_m[points] - _GAIN_M))
        trees.append(made)
    if not gained:
        return None
    return _of_trees(routes, tuple(trees), routes.owner, routes.bound_cents - routes.lead_cents)


def without(routes: Routes, gone: Mask) -> Routes:
    """Return the routes after some demands are left out, with a bound that holds for the rest.

    The pieces that only served them go. Whatever joins the rest would join all again together
    with those pieces and with the ways to the nearest point of the rest from each node where
    they hung on, and from each point left out that stands on what is kept. So the rest costs at
    least the old bound less those pieces and those ways.
    """
    network, cost = routes.network, routes.cost_cents
    owner = np.where(gone, NOBODY, routes.owner)
    trees = tuple(
        _pruned(network, tree, np.unique(network.point[owner == pop]))
        for pop, tree in enumerate(routes.trees)
    )
    before, after = _pieces(network, routes.trees), _pieces(network, trees)
    removed, kept = np.flatnonzero(before & ~after), np.flatnonzero(after)
    rest = np.concatenate([network.point[owner != NOBODY], network.pop])
    held = np.concatenate([rest, network.tail[kept], network.head[kept]])
    lost_points = network.point[gone & (routes.owner != NOBODY)]
    loose = np.concatenate([network.tail[removed], network.head[removed], lost_points])
    hung = np.intersect1d(loose, held)
    start, near, piece = kernels.adjacency(network.nodes, network.tail, network.head)
    back = kernels.nearest(start, near, piece, cost, rest)[0][hung]
    lost = int(cost[removed].sum()) + int(back.sum())
    return _of_trees(routes, trees, owner, max(routes.bound_cents - routes.lead_cents - lost, 0))


def _of_trees(routes: Routes, trees: tuple[Tree, ...], owner: Ints, bound: int) -> Routes:
    chosen = _pieces(routes.network, trees)
    made = priced(routes.network, owner != NOBODY, chosen, trees, owner, routes.cost_cents, bound)
    return replace(
        made, added_cents=max(0, made.tree_cents - routes.tree_cents + routes.added_cents)
    )


def _pieces(network: Network, trees: tuple[Tree, ...]) -> Mask:
    chosen = np.zeros(network.pieces, np.bool_)
    for tree in trees:
        chosen[tree.via[tree.order[1:]]] = True
    return chosen


def _pruned(network: Network, tree: Tree, points: Ints) -> Tree:
    """Return the part of a tree that leads to some points."""
    weight = mask(network.nodes, points).astype(np.int64)
    under = kernels.below(tree.order, tree.parent, weight)
    beyond = tree.order[1:]
    chosen = mask(network.pieces, tree.via[beyond[under[beyond] > 0]])
    return rooted(network, chosen, int(tree.order[0]))


def _grafted(network: Network, tree: Tree, limit_m: Floats, points: Ints) -> Tree:
    start, near, piece = kernels.adjacency(network.nodes, network.tail, network.head)
    whole = np.rint(network.length_m * _MM_IN_M).astype(np.int64)
    best, _, best_via = kernels.nearest(start, near, piece, whole, tree.order[:1])
    via = _graft(
        (tree.order, tree.parent, tree.via),
        (network.tail, network.head, network.length_m),
        best / _MM_IN_M,
        best_via,
        limit_m,
    )
    chosen = mask(network.pieces, via[via >= 0])
    return _pruned(network, rooted(network, chosen, int(tree.order[0])), points)


@njit(cache=True)
def _graft(
    tree: tuple[Ints, Ints, Ints],
    pieces: tuple[Ints, Ints, Floats],
    best_m: Floats,
    best_via: Ints,
    limit_m: Floats,
) -> Ints:
    """Return by node the piece to its parent after the walk of Khuller et al."""
    order, parent, entered = tree
    nodes = len(parent)
    far = np.full(nodes, np.inf)
    via = np.full(nodes, -1, np.int64)
    child = np.full(nodes, -1, np.int64)
    sibling = np.full(nodes, -1, np.int64)
    for position in range(len(order) - 1, 0, -1):
        node = order[position]
        sibling[node] = child[parent[node]]
        child[parent[node]] = node
    far[order[0]] = 0.0
    stack = [order[0]]
    fresh = np.ones(nodes, np.bool_)
    while len(stack) > 0:
        node = stack[-1]
        if fresh[node]:
            fresh[node] = False
            if parent[node] >= 0:
                _relax(node, entered[node], pieces, far, via)
            if far[node] > limit_m[node]:
                _shortcut(node, best_m, best_via, pieces, (far, via))
        following = child[node]
        if following >= 0:
            child[node] = sibling[following]
            stack.append(following)
        else:
            stack.pop()
            if parent[node] >= 0:
                _relax(parent[node], entered[node], pieces, far, via)
    return via


@njit(cache=True)
def _relax(
    node: np.int64, along: np.int64, pieces: tuple[Ints, Ints, Floats], far: Floats, via: Ints
) -> None:
    """Let a node be reached by a piece, if that is nearer."""
    tail, head, length_m = pieces
    other = head[along] if tail[along] == node else tail[along]
    if far[other] + length_m[along] < far[node]:
        far[node], via[node] = far[other] + length_m[along], along


@njit(cache=True)
def _shortcut(
    node: np.int64,
    best_m: Floats,
    best_via: Ints,
    pieces: tuple[Ints, Ints, Floats],
    reached: tuple[Floats, Ints],
) -> None:
    """Graft the shortest way from the root to a node."""
    tail, head, _ = pieces
    far, via = reached
    trail = [node]
    while best_via[trail[-1]] >= 0 and far[trail[-1]] > best_m[trail[-1]] + 1.0:
        along = best_via[trail[-1]]
        trail.append(head[along] if tail[along] == trail[-1] else tail[along])
    for position in range(len(trail) - 2, -1, -1):
        _relax(trail[position], best_via[trail[position]], pieces, far, via)
