"""The web of junctions under made-up streets: settlements, roads between them, farms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial import cKDTree

from nexpo.connectivity.design.model import (
    COST_CLASSES,
    CostClass,
    Floats,
    Ints,
)
from nexpo.connectivity.design.plane import Plane, starts
from nexpo.connectivity.design.streets.components import shortest_joins
from nexpo.core.problem import bad_input

if TYPE_CHECKING:
    from numpy.random import Generator  # noqa: TID251 - the type of the argument it asks for
    from shapely.geometry.base import BaseGeometry


_EXTRA, _RURAL, _MOST_ARMS = 0.25, 0.08, 3
_WIDEST_M, _CLOSEST_M = 90.0, 12.0
_BUILT = 0.5
_KM2 = 1e6
SMALLEST = 6
CLASS = {each: place for place, each in enumerate(COST_CLASSES)}


@dataclass(frozen=True, slots=True)
class Territory:
    """What the generator must know of a municipality.

    Parameters
    ----------
    area_km2, population
        Size; both above zero.
    lon, lat
        Middle, degrees WGS 84.
    boundary
        Polygon in degrees; without one, a square of the area.
    """

    area_km2: float
    population: int
    lon: float
    lat: float
    boundary: BaseGeometry | None = None

    def __post_init__(self) -> None:
        if not (self.area_km2 > 0 and self.population > 0):
            raise bad_input(
                "a municipality needs an area and people above zero",
                value=f"{self.area_km2:g} km2, {self.population} people",
                remedy="take both from the register of municipalities",
            )


@dataclass(frozen=True, slots=True, eq=False)
class Web:
    """Junctions in metres and the edges between them, before bends are put in."""

    xy: Floats
    one: Ints
    other: Ints
    street: Ints
    cost_class: Ints


def ground(territory: Territory, plane: Plane) -> BaseGeometry:
    """Return the built ground of a territory on the plane."""
    """Return the ground in metres, of the area that is stated."""
    if territory.boundary is None:
        half = np.sqrt(territory.area_km2 * _KM2) / 2
        return shapely.box(-half, -half, half, half)
    ground: BaseGeometry = plane.project(np.array([territory.boundary], dtype=object))[0]
    if shapely.get_type_id(ground) not in {3, 6} or ground.area <= 0:
        raise bad_input(
            "the boundary is no polygon with an area",
            value=ground.geom_type,
            remedy="give the municipality's boundary in degrees, WGS 84",
        )
    return ground


def web_of(ground: BaseGeometry, junctions: int, rng: Generator) -> Web:
    """Return settlements of falling size, the roads between them, and farms around."""
    shapely.prepare(ground)
    rural = round(_RURAL * junctions)
    sizes = _sizes(ground.area / _KM2, junctions - rural)
    centres = _centres(ground, len(sizes), rng)
    spacing = np.clip(np.sqrt(_BUILT * ground.area / junctions), _CLOSEST_M, _WIDEST_M)
    parts = [
        _settlement(ground, centre, int(size), float(spacing), rng)
        for centre, size in zip(centres, sizes, strict=True)
    ]
    xy, edges, owner = _stacked(parts)
    edges = _thinned(edges, len(xy), rng)
    roads = _roads(xy, owner, centres)
    farms, tracks = _farms(xy, rural, float(spacing), ground, rng)
    return _joined(np.concatenate((xy, farms)), edges, roads, tracks, centres[0])


def _sizes(area_km2: float, junctions: int) -> Ints:
    """Return junctions of each settlement: the k-th has one k-th of the first."""
    number = int(np.clip(1 + round(np.sqrt(area_km2 / 6)), 1, max(1, junctions // (3 * SMALLEST))))
    share = 1 / np.arange(1, number + 1)
    sizes: Ints = np.maximum(SMALLEST, np.floor(junctions * share / share.sum())).astype(np.int64)
    sizes[0] = max(SMALLEST, junctions - int(sizes[1:].sum()))
    return sizes


def _centres(ground: BaseGeometry, number: int, rng: Generator) -> Floats:
    """Return places for settlements: the first in the middle, each further one far from others."""
    west, south, east, north = ground.bounds
    tries = np.column_stack((rng.uniform(west, east, 400), rng.uniform(south, north, 400)))
    inside = tries[shapely.contains_xy(ground, tries)]
    middle = ground.representative_point()
    chosen = [np.array([middle.x, middle.y])]
    far = np.hypot(*(inside - chosen[0]).T)
    for _ in range(min(number, len(inside)) - 1):
        pick = int(np.argmax(far * rng.uniform(0.4, 1.0, len(far))))
        chosen.append(inside[pick])
        far = np.minimum(far, np.hypot(*(inside - inside[pick]).T))
    while len(chosen) < number:
        chosen.append(chosen[0] + rng.normal(0, 200, 2))
    return np.array(chosen)


_Part = tuple[Floats, Ints, Ints]


def _settlement(
    ground: BaseGeometry, centre: Floats, size: int, spacing: float, rng: Generator
) -> _Part:
    """Return junctions, possible edges and the street of each edge, for one settlement."""
    make = _rings if rng.random() < 0.35 else _grid  # noqa: PLR2004 - a third grew around a core
    xy, edges, street = make(size, rng)
    turn = rng.uniform(0, np.pi / 2)
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    xy = centre + spacing * (xy + rng.normal(0, 0.16, xy.shape)) @ turned.T
    reach = np.hypot(*(xy - centre).T) * rng.uniform(0.8, 1.2, len(xy))
    reach[~shapely.contains_xy(ground, xy)] += 10 * reach.max()
    kept = np.sort(np.argsort(reach, kind="stable")[:size])
    place = np.full(len(xy), -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    held = (place[edges] >= 0).all(axis=1)
    return xy[kept], place[edges[held]], street[held]


def _grid(size: int, rng: Generator) -> _Part:
    side = int(np.ceil(np.sqrt(1.5 * size))) + 1
    node = np.arange(side * side).reshape(side, side)
    row, column = np.divmod(node.ravel(), side)
    xy = np.column_stack((column, row * rng.uniform(0.7, 1.3))).astype(float)
    across = np.column_stack((node[:, :-1].ravel(), node[:, 1:].ravel()))
    along = np.column_stack((node[:-1].ravel(), node[1:].ravel()))
    street = np.concatenate((row[across[:, 0]], side + column[along[:, 0]]))
    return xy - xy.mean(axis=0), np.concatenate((across, along)), street


def _rings(size: int, rng: Generator) -> _Part:
    """Return rings of 6, 12, 18 ... junctions around one, tied by spokes."""
    number = int(np.ceil(np.sqrt(1.5 * size / 3))) + 1
    ring = np.repeat(np.arange(1, number + 1), 6 * np.arange(1, number + 1))
    first = 1 + 3 * ring * (ring - 1)
    place = np.arange(1, len(ring) + 1) - first
    angle = 2 * np.pi * (place / (6 * ring)) + rng.normal(0, 0.05, number + 1)[ring]
    xy = np.column_stack((ring * np.cos(angle), ring * np.sin(angle)))
    around = np.column_stack((first + place, first + (place + 1) % (6 * ring)))
    inner = np.where(
        ring == 1,
        0,
        1
        + 3 * (ring - 1) * (ring - 2)
        + (place * (ring - 1) // ring) % np.maximum(6 * (ring - 1), 1),
    )
    spokes = np.column_stack((inner, first + place))
    street = np.concatenate((ring, number + 1 + place * 6 // (6 * ring)))
    return np.vstack((np.zeros((1, 2)), xy)), np.concatenate((around, spokes)), street


def _stacked(parts: Sequence[_Part]) -> tuple[Floats, Ints, Ints]:
    """Return all junctions, all edges with their street as third column, and junctions' owners."""
    shift = starts(np.array([len(xy) for xy, _, _ in parts]))
    streets = starts(np.array([int(s.max()) + 1 if len(s) else 0 for _, _, s in parts]))
    edges = [
        np.column_stack((edge + at, street + base))
        for (_, edge, street), at, base in zip(parts, shift[:-1], streets[:-1], strict=True)
    ]
    owner = np.repeat(np.arange(len(parts)), np.diff(shift))
    return np.concatenate([xy for xy, _, _ in parts]), np.concatenate(edges), owner


def _thinned(edges: Ints, size: int, rng: Generator) -> Ints:
    """Keep a random tree of each settlement and some edges more, where there are few arms yet."""
    number = np.arange(1, len(edges) + 1)
    order = rng.permutation(number)
    weights = coo_matrix((order.astype(float), (edges[:, 0], edges[:, 1])), shape=(size, size))
    tree = minimum_spanning_tree(weights.tocsr()).tocoo()
    kept = np.isin(order, tree.data.astype(np.int64))
    degree = np.bincount(edges[kept, :2].ravel(), minlength=size)
    arms = degree[edges[:, :2]]
    open_ = ~kept & (arms < _MOST_ARMS).all(axis=1)
    more = np.flatnonzero(open_)[np.argsort(order[open_])][: round(_EXTRA * size)]
    kept[more] = True
    return edges[kept]


def _roads(xy: Floats, owner: Ints, centres: Floats) -> Ints:
    """Return edges between settlements: the shortest tree over their centres."""
    if len(centres) == 1:
        return np.empty((0, 2), dtype=np.int64)
    apart = np.hypot(*(centres[:, None] - centres[None]).transpose(2, 0, 1))
    tree = minimum_spanning_tree(np.triu(apart + 1.0, 1)).tocoo()
    made = []
    for one, other in zip(tree.row, tree.col, strict=True):
        ends = []
        for mine, goal in ((one, other), (other, one)):
            nodes = np.flatnonzero(owner == mine)
            ends.append(nodes[np.argmin(np.hypot(*(xy[nodes] - centres[goal]).T))])
        made.append(ends)
    return np.array(made, dtype=np.int64)


def _farms(
    xy: Floats, number: int, spacing: float, ground: BaseGeometry, rng: Generator
) -> tuple[Floats, Ints]:
    """Return places outside settlements and a track to each from the nearest junction."""
    west, south, east, north = ground.bounds
    tries = np.column_stack(
        (rng.uniform(west, east, 8 * number), rng.uniform(south, north, 8 * number))
    )
    tries = tries[shapely.contains_xy(ground, tries)]
    near, which = cKDTree(xy).query(tries)
    order = np.argsort(np.abs(near - 5 * spacing), kind="stable")
    order = order[np.unique(which[order], return_index=True)[1]]  # one track from a junction
    order = order[np.argsort(np.abs(near[order] - 5 * spacing), kind="stable")][:number]
    track = np.column_stack((which[order], len(xy) + np.arange(len(order))))
    return tries[order], track.astype(np.int64)


def _joined(xy: Floats, edges: Ints, roads: Ints, tracks: Ints, centre: Floats) -> Web:
    """Put streets, roads and tracks together; what still lies apart gets a road."""
    one = np.concatenate((edges[:, 0], roads[:, 0], tracks[:, 0]))
    other = np.concatenate((edges[:, 1], roads[:, 1], tracks[:, 1]))
    street = edges[:, 2]
    centre_m = np.hypot(*((xy[edges[:, 0]] + xy[edges[:, 1]]) / 2 - centre).T)
    old = centre_m <= np.quantile(centre_m, 0.08)
    kinds = [
        np.where(old, CLASS[CostClass.PAVED], CLASS[CostClass.ASPHALT]),
        np.full(len(roads), CLASS[CostClass.RURAL_ROAD]),
        np.full(len(tracks), CLASS[CostClass.TRACK]),
    ]
    first_road = int(street.max()) + 1
    streets = [street, first_road + np.arange(len(roads)), np.full(len(tracks), -1)]
    matrix = coo_matrix((np.ones(len(one)), (one, other)), shape=(len(xy), len(xy)))
    group = connected_components(matrix, directed=False)[1]
    left, right = shortest_joins(xy[:, 0], xy[:, 1], group.astype(np.int64), np.inf)
    kinds.append(np.full(len(left), CLASS[CostClass.RURAL_ROAD]))
    streets.append(np.full(len(left), -1))
    return Web(
        xy,
        np.concatenate((one, left)),
        np.concatenate((other, right)),
        np.concatenate(streets),
        np.concatenate(kinds),
    )
