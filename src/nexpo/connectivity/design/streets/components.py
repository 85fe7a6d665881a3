"""Pieces of a network that hang together, and the joining of near ones.

A section that may carry no route joins nothing. A join is straight, from node to node,
unverified on the ground, and keeps the class ``JOIN`` so that it can be priced and seen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from nexpo.connectivity.design.findings import Finding, finding
from nexpo.connectivity.design.model import COST_CLASSES, CostClass, Floats, Ints, StreetGraph
from nexpo.connectivity.design.plane import Plane, distance_m

FORBIDDEN = COST_CLASSES.index(CostClass.FORBIDDEN)
_JOIN = COST_CLASSES.index(CostClass.JOIN)


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """The connected pieces, the longest first.

    Attributes
    ----------
    of_node
        For each node its piece, ``-1`` where only forbidden sections meet.
    nodes, sections
        How many each piece has.
    length_m
        Metres of each piece.
    lon, lat
        A node of each piece: where to look.
    """

    of_node: Ints
    nodes: Ints
    sections: Ints
    length_m: Floats
    lon: Floats
    lat: Floats

    def __len__(self) -> int:
        return len(self.nodes)


def components(graph: StreetGraph) -> Components:
    """Return the connected pieces of a graph.

    Examples
    --------
    >>> from nexpo.connectivity.design.streets.synthetic import lattice
    >>> pieces = components(lattice(3, 2, 100.0))
    >>> len(pieces), pieces.nodes.tolist(), pieces.sections.tolist()
    (1, [6], [7])
    """
    usable = graph.cost_class != FORBIDDEN
    tail, head = graph.tail[usable], graph.head[usable]
    size = graph.nodes
    matrix = coo_matrix((np.ones(len(tail)), (tail, head)), shape=(size, size))
    label = connected_components(matrix, directed=False)[1].astype(np.int64)
    used = np.zeros(size, dtype=bool)
    used[tail], used[head] = True, True
    metres = np.bincount(label[tail], weights=graph.length_m[usable], minlength=label.max() + 1)
    order = np.argsort(-metres, kind="stable")
    order = order[np.bincount(label[used], minlength=len(metres))[order] > 0]
    rank = np.full(len(metres), -1, dtype=np.int64)
    rank[order] = np.arange(len(order))
    of_node = np.where(used, rank[label], -1)
    first = np.unique(of_node[used], return_index=True)[1]
    shown = np.flatnonzero(used)[first]
    return Components(
        of_node,
        np.bincount(of_node[used], minlength=len(order)),
        np.bincount(of_node[tail], minlength=len(order)),
        np.asarray(metres[order], dtype=float),
        graph.lon[shown],
        graph.lat[shown],
    )


def apart(graph: StreetGraph) -> Finding | None:
    """Return the pieces beside the longest, with place and size, or None where there is one.

    Examples
    --------
    >>> from nexpo.connectivity.design.streets.synthetic import lattice
    >>> apart(lattice(3, 2, 100.0)) is None
    True
    """
    pieces = components(graph)
    if len(pieces) < 2:  # noqa: PLR2004 - one piece is whole
        return None
    rest = range(1, len(pieces))
    return finding(
        "apart",
        "piece of the network that does not hang together with the longest",
        [f"piece {place}" for place in rest],
        lon=pieces.lon[1:],
        lat=pieces.lat[1:],
        notes=[f"{pieces.nodes[p]} nodes, {pieces.length_m[p]:.0f} m" for p in rest],
        remedy="join pieces up to a greater distance, or draw the missing street",
    )


def join(graph: StreetGraph, most_m: float) -> tuple[StreetGraph, Finding]:
    """Join pieces whose nearest nodes are at most some metres apart.

    Each piece is joined to the nearest other until no two are near enough: the joins are the
    shortest set that does it (Boruvka's algorithm on the pieces).

    Parameters
    ----------
    most_m
        Longest join allowed, metres.

    Returns
    -------
    tuple
        The graph with ``JOIN`` sections at the end, and the joins with their places.
    """
    pieces = components(graph)
    plane = Plane.around(graph.lon, graph.lat)
    x, y = plane.to_metres(graph.lon, graph.lat)
    one, other = shortest_joins(x, y, pieces.of_node, most_m)
    metres = distance_m(graph.lon[one], graph.lat[one], graph.lon[other], graph.lat[other])
    said = finding(
        "joined",
        "pieces joined by a straight line",
        [
            f"nodes {graph.node_id[a]} and {graph.node_id[b]}"
            for a, b in zip(one, other, strict=True)
        ],
        lon=graph.lon[one],
        lat=graph.lat[one],
        notes=[f"{length:.1f} m" for length in metres],
        remedy="check the join on the ground",
    )
    return add_straight(graph, one, other, _JOIN), said


def add_straight(
    graph: StreetGraph, one: Ints, other: Ints, cost_class: int, *, way_id: int = -1
) -> StreetGraph:
    """Return the graph with straight sections between nodes added at the end."""
    if not len(one):
        return graph
    made = np.full(len(one), -1, dtype=np.int64)
    pair = np.column_stack((one, other)).ravel()
    metres = distance_m(graph.lon[one], graph.lat[one], graph.lon[other], graph.lat[other])
    first = graph.shape_start[-1] + 2 * np.arange(1, len(one) + 1)
    return replace(
        graph,
        tail=np.concatenate((graph.tail, one)),
        head=np.concatenate((graph.head, other)),
        length_m=np.concatenate((graph.length_m, metres)),
        cost_class=np.concatenate((graph.cost_class, np.full(len(one), cost_class))),
        way_id=np.concatenate((graph.way_id, np.full(len(one), way_id))),
        name=np.concatenate((graph.name, made)),
        shape_start=np.concatenate((graph.shape_start, first)),
        shape_lon=np.concatenate((graph.shape_lon, graph.lon[pair])),
        shape_lat=np.concatenate((graph.shape_lat, graph.lat[pair])),
    )


def shortest_joins(x: Floats, y: Floats, group: Ints, most_m: float) -> tuple[Ints, Ints]:
    """Return pairs of points that join groups into as few as the longest join allows.

    Parameters
    ----------
    x, y
        Metres of a plane.
    group
        Group of each point from 0; points of ``-1`` are left out.
    """
    points = np.flatnonzero(group >= 0)
    xy = np.column_stack((x, y))[points]
    label = group[points].copy()
    one, other = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    while len(np.unique(label)) > 1:
        left, right = _nearest_foreign(xy, label, most_m)
        if not len(left):
            break
        keep, label = _merged(label, left, right)
        one.append(points[left[keep]])
        other.append(points[right[keep]])
    return np.concatenate(one), np.concatenate(other)


def _nearest_foreign(xy: Floats, label: Ints, most_m: float) -> tuple[Ints, Ints]:
    """Return for each group but the largest its nearest point pair to another, within reach.

    Two groups differ in at least one binary digit of their numbers, so the nearest point of
    another group is the nearest over all digits of those with the other digit: a handful of
    trees, however many groups.
    """
    mine = label != int(np.bincount(label).argmax())
    near = np.full(len(xy), np.inf)
    target = np.zeros(len(xy), dtype=np.int64)
    for bit in range(int(label.max()).bit_length()):
        digit = (label >> bit) & 1
        for side in (0, 1):
            asking = np.flatnonzero(mine & (digit == side))
            asked = np.flatnonzero(digit != side)
            if len(asking) and len(asked):
                metres, which = cKDTree(xy[asked]).query(xy[asking])
                nearer = metres < near[asking]
                near[asking[nearer]] = metres[nearer]
                target[asking[nearer]] = asked[which[nearer]]
    order = np.lexsort((target, near, label))
    order = order[mine[order] & (near[order] <= most_m)]
    first = np.unique(label[order], return_index=True)[1]
    return order[first], target[order[first]]


def _merged(label: Ints, left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Return which joins are needed (a pair of groups may choose each other) and new labels."""
    size = int(label.max()) + 1
    low = np.minimum(label[left], label[right])
    high = np.maximum(label[left], label[right])
    keep = np.unique(low * size + high, return_index=True)[1]
    matrix = coo_matrix((np.ones(len(keep)), (low[keep], high[keep])), shape=(size, size))
    group = connected_components(matrix, directed=False)[1]
    return keep, group[label].astype(np.int64)
