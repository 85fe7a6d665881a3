"""A small Steiner solver and small streets, for tests of what is built on them.

The solver is the 2-approximation of Kou, Markowsky and Berman (1981) in Mehlhorn's form
(1988), with scipy. Its bound is half its cost before pruning, which that proof gives.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree

from nexpo.connectivity.design.model import (
    COST_CLASSES,
    CostClass,
    Demand,
    Floats,
    Ints,
    Service,
    StreetGraph,
)
from nexpo.connectivity.design.steiner.model import Answer, Instance, Limits

METRE_LAT = 1 / 111_132.95  # degrees of latitude in a metre at 45 N, near enough to draw by


def solve(instance: Instance, limits: Limits, *, seed: int) -> Answer:
    edge = _cheapest(instance)
    graph = _matrix(instance, edge, instance.cost[edge].astype(float))
    if len(instance.terminals) < 2:
        return Answer(np.empty(0, np.int64), instance.terminals, 0, 0, 0, 0.0)
    far, before, source = dijkstra(
        graph, directed=False, indices=instance.terminals, min_only=True, return_predecessors=True
    )
    tail, head = instance.tail[edge], instance.head[edge]
    across = edge[(source[tail] != source[head]) & np.isfinite(far[tail]) & np.isfinite(far[head])]
    length = far[instance.tail[across]] + instance.cost[across] + far[instance.head[across]]
    pairs = np.sort(
        np.column_stack([source[instance.tail[across]], source[instance.head[across]]]), axis=1
    )
    order = np.lexsort((across, length, pairs[:, 1], pairs[:, 0]))
    first = np.r_[True, np.any(np.diff(pairs[order], axis=0) != 0, axis=1)]
    links = order[first]
    # one more on every weight: the tree is the same, and no weight is a zero that scipy drops
    size = (instance.nodes, instance.nodes)
    mst = minimum_spanning_tree(
        csr_array((length[links] + 1, (pairs[links, 0], pairs[links, 1])), shape=size)
    ).tocoo()
    held = {(a, b) for a, b in zip(mst.row, mst.col, strict=True)}
    kept = [link for link in links if tuple(pairs[link]) in held]
    number = {}
    for each in edge:
        number[(int(instance.tail[each]), int(instance.head[each]))] = int(each)
        number[(int(instance.head[each]), int(instance.tail[each]))] = int(each)
    chosen = set()
    for link in kept:
        chosen.add(int(across[link]))
        for node in (int(instance.tail[across[link]]), int(instance.head[across[link]])):
            at = node
            while before[at] >= 0:
                chosen.add(number[(at, int(before[at]))])
                at = int(before[at])
    bound = -(-int(length[kept].sum()) // 2)
    return _pruned(instance, np.array(sorted(chosen), np.int64), bound)


def _cheapest(instance: Instance) -> Ints:
    ends = np.sort(np.column_stack([instance.tail, instance.head]), axis=1)
    order = np.lexsort((instance.cost, ends[:, 1], ends[:, 0]))
    first = np.r_[True, np.any(np.diff(ends[order], axis=0) != 0, axis=1)]
    kept = order[first]
    proper: Ints = kept[ends[kept, 0] != ends[kept, 1]]
    return proper


def _matrix(instance: Instance, edge: Ints, weight: Floats) -> csr_array:
    return csr_array(
        (weight, (instance.tail[edge], instance.head[edge])),
        shape=(instance.nodes, instance.nodes),
    )


def _pruned(instance: Instance, edges: Ints, bound: int) -> Answer:
    tree = minimum_spanning_tree(
        _matrix(instance, edges, instance.cost[edges].astype(float) + 1)
    ).tocoo()
    number = {}
    for each in edges:
        number[(int(instance.tail[each]), int(instance.head[each]))] = int(each)
    kept = {number[(int(a), int(b))] for a, b in zip(tree.row, tree.col, strict=True)}
    terminal = set(instance.terminals.tolist())
    while True:
        degree: dict[int, int] = {}
        for each in kept:
            for node in (int(instance.tail[each]), int(instance.head[each])):
                degree[node] = degree.get(node, 0) + 1
        loose = {
            each
            for each in kept
            for node in (int(instance.tail[each]), int(instance.head[each]))
            if degree[node] == 1 and node not in terminal
        }
        if not loose:
            break
        kept -= loose
    chosen = np.array(sorted(kept), np.int64)
    nodes = np.unique(np.concatenate([instance.tail[chosen], instance.head[chosen]]))
    cost = int(instance.cost[chosen].sum())
    return Answer(chosen, nodes, cost, min(bound, cost), 0, 0.0)


def streets(
    points: list[tuple[float, float]],
    sections: list[tuple[int, int]],
    classes: list[CostClass] | None = None,
) -> StreetGraph:
    """Return straight sections between points in metres east and north of 45 N, 9 E."""
    from pyproj import Geod

    xy = np.array(points, dtype=float).reshape(-1, 2)
    lat = 45 + xy[:, 1] * METRE_LAT
    lon = 9 + xy[:, 0] * METRE_LAT / np.cos(np.radians(45))
    tail = np.array([a for a, _ in sections], dtype=np.int64)
    head = np.array([b for _, b in sections], dtype=np.int64)
    many = len(sections)
    order = np.column_stack([tail, head]).ravel()
    kinds = classes or [CostClass.ASPHALT] * many
    return StreetGraph(
        np.arange(len(xy)),
        lon,
        lat,
        tail,
        head,
        np.array(Geod(ellps="WGS84").inv(lon[tail], lat[tail], lon[head], lat[head])[2]).reshape(
            -1
        ),
        np.array([COST_CLASSES.index(each) for each in kinds], dtype=np.int64),
        np.arange(many) + 1000,
        np.full(many, -1),
        (),
        2 * np.arange(many + 1),
        lon[order],
        lat[order],
        "test",
        synthetic=True,
    )


def demand(
    rows: list[tuple[int, float]],
    *,
    units: list[int] | None = None,
    service: list[Service] | None = None,
    lead_m: float = 0.0,
    connected: list[bool] | None = None,
    on: StreetGraph | None = None,
) -> Demand:
    """Return demands at (section, metres from its tail)."""
    many = len(rows)
    section = np.array([a for a, _ in rows], dtype=np.int64)
    offset = np.array([b for _, b in rows], dtype=float)
    lon, lat = np.full(many, 9.0), np.full(many, 45.0)
    if on is not None and many:
        from nexpo.connectivity.design.fibre.network import along

        inside = np.clip(section, 0, on.sections - 1)
        lon, lat = along(on, inside, np.clip(offset, 0, on.length_m[inside]))
        lat = lat + lead_m * METRE_LAT
    kinds = service or [Service.HOME] * many
    return Demand(
        tuple(f"d{each}" for each in range(many)),
        tuple(f"Via Prova {each}" for each in range(many)),
        np.array(units or [1] * many, dtype=np.int64),
        np.array([list(Service).index(each) for each in kinds], dtype=np.int64),
        ("",) * many,
        np.array(connected or [False] * many, dtype=bool),
        lon,
        lat,
        section,
        offset,
        np.full(many, lead_m),
        np.zeros(many, dtype=np.int64),
        np.ones(many),
        synthetic=True,
    )


def grid(side: int, step_m: float = 100.0) -> StreetGraph:
    """Return a square grid of streets."""
    points = [(x * step_m, y * step_m) for y in range(side) for x in range(side)]
    across = [(y * side + x, y * side + x + 1) for y in range(side) for x in range(side - 1)]
    up = [(y * side + x, (y + 1) * side + x) for y in range(side - 1) for x in range(side)]
    return streets(points, across + up)
