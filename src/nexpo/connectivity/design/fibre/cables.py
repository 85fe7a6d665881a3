"""Which cables lie in the trenches: feeder, distribution and drop, along one tree.

Feeder and distribution are tapered: from its head (POP, cabinet) a cable goes on along the
branch with most fibres as long as the size of the catalogue stays the same; each side branch
and each change of size is a cable of its own, spliced to the one it comes from. Where one
cable is not enough, several lie side by side. A drop is one cable an address.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nexpo.connectivity.design.fibre import kernels, laying
from nexpo.connectivity.design.fibre.areas import Areas
from nexpo.connectivity.design.fibre.laying import Runs
from nexpo.connectivity.design.fibre.model import PERCENT, CableRules, Floats, Ints, Level
from nexpo.connectivity.design.fibre.ring import Ring
from nexpo.connectivity.design.fibre.trench import Routes, Tree

NONE = -1
_LEVELS = tuple(Level)


@dataclass(frozen=True, slots=True, eq=False)
class Cables:
    """``c`` cables, each over a list of pieces.

    Parameters
    ----------
    level
        ``(c,)`` position in ``tuple(Level)``.
    owner
        ``(c,)`` POP (feeder), demand (drop) or cabinet (all others) it belongs to.
    parent
        ``(c,)`` cable it is spliced to at its start, :data:`NONE` at its head.
    origin, goal
        ``(c,)`` nodes where it starts and ends.
    size
        ``(c,)`` fibres in the cable.
    start
        ``(c + 1,)`` where its pieces begin in ``piece`` and ``carried``.
    piece, carried
        Pieces from origin to goal, and fibres in use over each.
    """

    level: Ints
    owner: Ints
    parent: Ints
    origin: Ints
    goal: Ints
    size: Ints
    start: Ints
    piece: Ints
    carried: Ints

    def __len__(self) -> int:
        return len(self.level)

    @property
    def of_hop(self) -> Ints:
        """Return the cable of each entry of ``piece``."""
        return np.repeat(np.arange(len(self)), np.diff(self.start))

    def length_m(self, piece_m: Floats) -> Floats:
        """Return the route length of each cable in metres."""
        metres = np.bincount(self.of_hop, piece_m[self.piece], len(self))
        return metres.astype(np.float64)  # of no cable, bincount makes whole numbers


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """Metres and cable joints on the way to each demand (or its cabinet, its chamber)."""

    feeder_m: Floats
    feeder_joints: Ints
    distribution_m: Floats
    distribution_joints: Ints
    drop_m: Floats


def lay(routes: Routes, areas: Areas, ring: Ring, rules: CableRules) -> tuple[Cables, Ways]:
    """Lay all cables of all POPs; measure the way to each cabinet, chamber and demand.

    Returns
    -------
    The cables, and ways: feeder by cabinet, distribution by chamber, drop by demand (from the
    chamber to the street point; the lead is not in it).
    """
    ways = Ways(
        np.zeros(len(areas.cabinets.node)),
        np.zeros(len(areas.cabinets.node), dtype=np.int64),
        np.zeros(len(areas.chambers.node)),
        np.zeros(len(areas.chambers.node), dtype=np.int64),
        np.zeros(len(areas.chamber)),
    )
    parts: list[Cables] = []
    for pop, tree in enumerate(routes.trees):
        parts.append(_feeder(tree, areas, pop, ring, rules, ways))
        parts.append(_distribution(tree, areas, pop, rules, ways))
        parts.append(_drops(tree, routes, areas, pop, rules, ways))
    parts.extend(_ring_cables(routes, areas, ring, rules, ways))
    return joined(parts), ways


def joined(parts: list[Cables]) -> Cables:
    """Return the cables of several parts, one after another."""
    none = [np.empty(0, dtype=np.int64)]
    before, hops = 0, 0
    parents, starts = list(none), [np.zeros(1, dtype=np.int64)]
    for part in parts:
        parents.append(np.where(part.parent == NONE, NONE, part.parent + before))
        starts.append(part.start[1:] + hops)
        before, hops = before + len(part), hops + len(part.piece)

    def every(name: str) -> Ints:
        return np.concatenate(none + [getattr(part, name) for part in parts])

    return Cables(
        every("level"),
        every("owner"),
        np.concatenate(parents),
        every("origin"),
        every("goal"),
        every("size"),
        np.concatenate(starts),
        every("piece"),
        every("carried"),
    )


def drop_size(fibres: Ints, sizes: tuple[int, ...]) -> Ints:
    """Return the smallest drop cable for so many fibres; the largest where none is enough.

    Examples
    --------
    >>> drop_size(np.array([1, 3, 300]), (2, 4, 12)).tolist()
    [2, 4, 12]
    """
    table = np.array(sizes, dtype=np.int64)
    found: Ints = table[np.minimum(np.searchsorted(table, fibres), len(table) - 1)]
    return found


def _feeder(
    tree: Tree, areas: Areas, pop: int, ring: Ring, rules: CableRules, ways: Ways
) -> Cables:
    off_tree = np.isin(np.arange(len(areas.cabinets.node)), list(ring.first))
    mine = np.flatnonzero((areas.cabinets.pop == pop) & ~off_tree)
    laid = laying.lay(
        (tree.parent, tree.via),
        tree.order[:1],
        areas.cabinets.node[mine],
        np.zeros(len(mine), dtype=np.int64),
        areas.cabinets.feeder[mine],
        (np.array(rules.sizes, dtype=np.int64), rules.spare_percent),
    )
    ways.feeder_m[mine] = tree.far_m[areas.cabinets.node[mine]]
    ways.feeder_joints[mine] = laid.joints
    return _side_by_side(laid, Level.FEEDER, np.array([pop]), rules)


def _distribution(tree: Tree, areas: Areas, pop: int, rules: CableRules, ways: Ways) -> Cables:
    cabinets = np.flatnonzero(areas.cabinets.pop == pop)
    mine = np.flatnonzero(areas.chambers.pop == pop)
    heads = areas.cabinets.node[cabinets]
    first = int(cabinets[0]) if len(cabinets) else 0
    of_head = areas.chambers.cabinet[mine] - first
    laid = laying.lay(
        (tree.parent, tree.via),
        heads,
        areas.chambers.node[mine],
        of_head,
        areas.chambers.fibres[mine],
        (np.array(rules.sizes, dtype=np.int64), rules.spare_percent),
    )
    ways.distribution_m[mine] = kernels.spans(
        tree.parent, tree.depth, tree.far_m, heads[of_head], areas.chambers.node[mine]
    )
    ways.distribution_joints[mine] = laid.joints
    return _side_by_side(laid, Level.DISTRIBUTION, cabinets, rules)


def _drops(
    tree: Tree, routes: Routes, areas: Areas, pop: int, rules: CableRules, ways: Ways
) -> Cables:
    network = routes.network
    rows = np.flatnonzero(routes.owner == pop)
    chamber, point = areas.chambers.node[areas.chamber[rows]], network.point[rows]
    ways.drop_m[rows] = kernels.spans(tree.parent, tree.depth, tree.far_m, chamber, point)
    start, piece = kernels.paths(tree.parent, tree.via, tree.depth, chamber, point)
    led = network.lead[rows] >= 0
    owner = np.concatenate([np.repeat(np.arange(len(rows)), np.diff(start)), np.flatnonzero(led)])
    order = np.argsort(owner, kind="stable")
    piece = np.concatenate([piece, network.lead[rows[led]]])[order]
    hops = np.bincount(owner, minlength=len(rows))
    return _bundled(rows, chamber, network.place[rows], areas.fibres[rows], piece, hops, rules)


def _ring_cables(
    routes: Routes, areas: Areas, ring: Ring, rules: CableRules, ways: Ways
) -> list[Cables]:
    """Return the second way of each cabinet, and a first one off the tree where it had to move."""
    parts = []
    for level, paths in ((Level.RING_FIRST, ring.first), (Level.RING, ring.second)):
        for cabinet, path in paths.items():
            if level is Level.RING_FIRST:
                ways.feeder_m[cabinet] = routes.network.length_m[path].sum()
                ways.feeder_joints[cabinet] = 0
            parts.append(_alone(level, cabinet, path, routes, areas, rules))
    return parts


def _alone(
    level: Level, cabinet: int, path: Ints, routes: Routes, areas: Areas, rules: CableRules
) -> Cables:
    """Return cables of one cabinet over a way of its own."""
    pop = int(areas.cabinets.pop[cabinet])
    carried = np.repeat(areas.cabinets.feeder[cabinet], len(path))
    sizes = np.array(rules.sizes, dtype=np.int64)
    zero = np.zeros(1, dtype=np.int64)
    laid = Runs(
        hop_run=np.zeros(len(path), dtype=np.int64),
        piece=path,
        carried=carried,
        head=zero,
        parent=zero + NONE,
        origin=zero + routes.network.pop[pop],
        goal=zero + areas.cabinets.node[cabinet],
        code=zero + laying.code_of(carried[0], sizes, rules.spare_percent),
        joints=zero,
    )
    return _side_by_side(laid, level, np.array([cabinet]), rules)


def _bundled(
    rows: Ints, origin: Ints, goal: Ints, fibres: Ints, piece: Ints, hops: Ints, rules: CableRules
) -> Cables:
    """Return the drops, several side by side where an address needs more than the largest."""
    most = rules.drop_sizes[-1]
    count = np.where(hops > 0, -(-fibres // most), 0)
    which = np.repeat(np.arange(len(rows)), count)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    carried = np.minimum(fibres[which] - nth * most, most)
    begin = np.concatenate([[0], np.cumsum(hops)])
    length = hops[which]
    start = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
    at = np.arange(int(start[-1])) - np.repeat(start[:-1], length)
    at += np.repeat(begin[which], length)
    many = len(which)
    return Cables(
        np.full(many, _LEVELS.index(Level.DROP)),
        rows[which],
        np.full(many, NONE),
        origin[which],
        goal[which],
        drop_size(carried, rules.drop_sizes),
        start,
        piece[at],
        np.repeat(carried, length),
    )


def _side_by_side(laid: Runs, level: Level, owner: Ints, rules: CableRules) -> Cables:
    """Return one cable for each of the cables that a run's code stands for."""
    most = rules.sizes[-1] * PERCENT // (PERCENT + rules.spare_percent)
    count = laid.code // laying.FULL + 1
    first = np.cumsum(count) - count
    run = np.repeat(np.arange(len(laid.code)), count)
    nth = np.arange(len(run)) - first[run]
    parent = np.where(
        laid.parent[run] == NONE,
        NONE,
        first[laid.parent[run]] + np.minimum(nth, count[laid.parent[run]] - 1),
    )
    size = np.where(nth < count[run] - 1, rules.sizes[-1], laid.code[run] % laying.FULL)
    hops = np.bincount(laid.hop_run, minlength=len(laid.code))
    begin = np.cumsum(hops) - hops
    length = hops[run]
    start = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
    at = np.arange(int(start[-1])) - np.repeat(start[:-1] - begin[run], length)
    carried = np.clip(laid.carried[at] - np.repeat(nth, length) * most, 0, most)
    return Cables(
        np.full(len(run), _LEVELS.index(level)),
        owner[laid.head[run]] if len(run) else run,
        parent,
        laid.origin[run],
        laid.goal[run],
        size,
        start,
        laid.piece[at],
        carried,
    )
