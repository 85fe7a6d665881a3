"""Stand-in streets where none are at hand: of realistic size and form, by seed, marked synthetic.

A municipality is one main settlement and some smaller ones (sizes by rank, as Zipf found), each
a disturbed grid or a web of rings and spokes, tied by winding roads, with tracks into the
fields. Of the possible edges a random tree is kept and some more, so that junctions have about
the degrees of Lecco's drivable network: of those that are no mere bends 25 % are dead ends, 60 %
have three arms and 15 % four (Lecco 23, 71 and 6 %; a size like Lecco's gives 160 km of streets
where it has 154). Bends and changes of way are nodes too, 85 % of all as in Lecco (6,779
of 7,831); other networks have a third to two thirds, so the share is an argument.

The number of nodes follows ``163.6 * area_km2 ** 0.4 * population ** 0.218``: it gives Lecco
(44.96 km2, 46,871 people) its 7,831 and the 1,504 municipalities of Lombardy 4.0 million.
A figure made on such streets says how the method scales, never what a place costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nexpo.connectivity.design.model import (
    COST_CLASSES,
    CostClass,
    Demand,
    Floats,
    Ints,
    Placement,
    Service,
    StreetGraph,
)
from nexpo.connectivity.design.plane import Plane, distance_m, segment_m, spans
from nexpo.connectivity.design.streets.recut import places
from nexpo.connectivity.design.streets.web import CLASS, SMALLEST, Territory, Web, ground, web_of
from nexpo.core.problem import bad_input

if TYPE_CHECKING:
    from numpy.random import Generator  # noqa: TID251 - the type of the argument it asks for

__all__ = ["Territory", "demand", "lattice", "node_count", "street_graph"]

_FACTOR, _BY_AREA, _BY_PEOPLE = 163.613, 0.4, 0.218134
_TYPES = ("Via", "Via", "Via", "Viale", "Vicolo", "Piazza", "Corso")
_KNOWN = (
    "Roma", "Garibaldi", "Mazzini", "Marconi", "Cavour", "Verdi", "Dante", "Manzoni", "Matteotti",
    "Volta", "Leopardi", "Carducci", "Foscolo", "Petrarca", "Pascoli", "Rossini", "Puccini",
    "Bellini", "Donizetti", "Galilei", "Colombo", "Gramsci", "Trento", "Trieste", "Gorizia",
)  # fmt: skip
_FORMS = (
    "dei Mulini", "della Fonte", "del Lavatoio", "delle Rose", "dei Tigli", "del Bosco",
    "della Chiesa", "del Cimitero", "alla Cava", "ai Ronchi", "delle Vigne", "del Torrente",
    "del Castello", "della Stazione", "dei Prati", "al Monte", "delle Ginestre", "del Forno",
)  # fmt: skip
_HOMES = {
    CostClass.PAVED: 1.5,
    CostClass.ASPHALT: 1.0,
    CostClass.RURAL_ROAD: 0.3,
    CostClass.TRACK: 0.2,
}
_LEAD_M = (4.0, 25.0)


def node_count(area_km2: float, population: int) -> int:
    """Return how many street nodes a municipality of this size has.

    Examples
    --------
    >>> node_count(44.956, 46_871)
    7831
    """
    scaled: float = _FACTOR * area_km2**_BY_AREA * population**_BY_PEOPLE
    return max(2 * SMALLEST, round(scaled))


def street_graph(
    territory: Territory, rng: Generator, *, nodes: int | None = None, degree_two: float = 0.85
) -> StreetGraph:
    """Return made-up streets for a municipality.

    Parameters
    ----------
    rng
        Seeded generator: the same seed gives the same streets.
    nodes
        Number of nodes, exactly; by default as :func:`node_count`.
    degree_two
        Share of nodes that are bends or changes of way.

    Examples
    --------
    >>> import numpy
    >>> place = Territory(7.0, 3_000, 9.4, 45.8)
    >>> graph = street_graph(place, numpy.random.default_rng(1))
    >>> graph.nodes == node_count(7.0, 3_000), graph.synthetic
    (True, True)
    """
    wanted = node_count(territory.area_km2, territory.population) if nodes is None else nodes
    if wanted < 2 * SMALLEST or not 0 <= degree_two < 1:
        raise bad_input(
            "no street network of this size can be made",
            value=f"{wanted} nodes, {degree_two:g} of them of degree two",
            remedy=f"ask for at least {2 * SMALLEST} nodes and a share from 0 to below 1",
        )
    plane = Plane(territory.lon, territory.lat)
    junctions = max(2 * SMALLEST, round(wanted * (1 - degree_two)))
    web = web_of(ground(territory, plane), junctions, rng)
    names = _street_names(int(web.street.max()) + 1, rng)
    return _bent(web, wanted, names, plane, rng)


def lattice(
    columns: int, rows: int, spacing_m: float, *, lon: float = 9.4, lat: float = 45.8
) -> StreetGraph:
    """Return a plain grid of streets, for examples and tests: node ``row * columns + column``.

    Examples
    --------
    >>> graph = lattice(3, 2, 50.0)
    >>> graph.nodes, graph.sections, graph.names
    (6, 7, ('Row 0', 'Row 1', 'Column 0', 'Column 1', 'Column 2'))
    """
    node = np.arange(rows * columns).reshape(rows, columns)
    one = np.concatenate((node[:, :-1].ravel(), node[:-1].ravel()))
    other = np.concatenate((node[:, 1:].ravel(), node[1:].ravel()))
    name = np.concatenate(
        (np.repeat(np.arange(rows), columns - 1), np.tile(rows + np.arange(columns), rows - 1))
    )
    names = tuple(f"Row {r}" for r in range(rows)) + tuple(f"Column {c}" for c in range(columns))
    y, x = np.divmod(node.ravel(), columns)
    node_lon, node_lat = Plane(lon, lat).to_degrees(x * spacing_m, y * spacing_m)
    pair = np.column_stack((one, other)).ravel()
    return StreetGraph(
        node_id=np.arange(node.size),
        lon=node_lon,
        lat=node_lat,
        tail=one,
        head=other,
        length_m=distance_m(node_lon[one], node_lat[one], node_lon[other], node_lat[other]),
        cost_class=np.full(len(one), CLASS[CostClass.ASPHALT]),
        way_id=np.arange(len(one)),
        name=name,
        names=names,
        shape_start=np.arange(len(one) + 1) * 2,
        shape_lon=node_lon[pair],
        shape_lat=node_lat[pair],
        origin="made by nexpo",
        synthetic=True,
    )


def demand(
    graph: StreetGraph,
    count: int,
    rng: Generator,
    *,
    firms: float = 0.04,
    public: float = 0.01,
) -> Demand:
    """Return made-up addresses along streets, more of them where streets are built up.

    Parameters
    ----------
    count
        How many.
    firms, public
        Shares of firms and of public sites.

    Examples
    --------
    >>> import numpy
    >>> made = demand(lattice(3, 3, 80.0), 5, numpy.random.default_rng(1))
    >>> len(made), made.synthetic, bool((made.lead_m < 26).all())
    (5, True, True)
    """
    weight = graph.length_m * _home_weights()[graph.cost_class]
    if count and not weight.sum() > 0:
        raise bad_input(
            "no street on which anyone could live",
            value=graph.origin,
            remedy="give a graph with streets of class asphalt, paved, rural_road or track",
        )
    picked = np.sort(rng.choice(graph.sections, count, p=weight / weight.sum()))
    offset = rng.uniform(0.02, 0.98, count) * graph.length_m[picked]
    lead = rng.uniform(*_LEAD_M, count)
    lon, lat = _beside(graph, picked, offset, lead * rng.choice([-1.0, 1.0], count))
    kinds = rng.choice(len(Service), count, p=[1 - firms - public, firms, public])
    foot_lon, foot_lat, _ = places(graph, picked, offset)
    return Demand(
        id=tuple(f"S{place:06d}" for place in range(1, count + 1)),
        label=_labels(graph, picked, offset),
        units=np.where(kinds == 0, rng.geometric(0.6, count), 1),
        service=kinds,
        klass=("",) * count,
        connected=np.zeros(count, dtype=bool),
        lon=lon,
        lat=lat,
        section=picked,
        offset_m=offset,
        lead_m=distance_m(foot_lon, foot_lat, lon, lat),
        placement=np.full(count, tuple(Placement).index(Placement.COORDINATES)),
        score=np.ones(count),
        synthetic=True,
    )


def _bent(
    web: Web, nodes: int, names: tuple[str, ...], plane: Plane, rng: Generator
) -> StreetGraph:
    """Put bends into edges until the nodes are as many as asked, and curve every edge."""
    straight = np.hypot(*(web.xy[web.one] - web.xy[web.other]).T)
    bends = _shared(nodes - len(web.xy), straight)
    sections = bends + 1
    edge = np.repeat(np.arange(len(bends)), sections)
    step = spans(np.zeros(len(bends), dtype=np.int64), sections)
    bow = rng.normal(0, 0.06, len(bends)), rng.normal(0, 0.04, len(bends))
    at = (step[:, None] + np.array([0.0, 0.5, 1.0])) / sections[edge][:, None]
    shape = _curve(web, edge, at, bow).reshape(-1, 2)
    first_bend = len(web.xy) + np.cumsum(bends) - bends
    tail = np.where(step == 0, web.one[edge], first_bend[edge] + step - 1)
    head = np.where(step == bends[edge], web.other[edge], first_bend[edge] + step)
    lon, lat = plane.to_degrees(shape[:, 0], shape[:, 1])
    node_lon, node_lat = np.empty(nodes), np.empty(nodes)
    node_lon[tail], node_lat[tail] = lon[::3], lat[::3]
    node_lon[head], node_lat[head] = lon[2::3], lat[2::3]
    lon[::3], lat[::3], lon[2::3], lat[2::3] = (
        node_lon[tail], node_lat[tail], node_lon[head], node_lat[head],
    )  # fmt: skip
    start = np.arange(len(edge) + 1, dtype=np.int64) * 3
    return StreetGraph(
        node_id=np.arange(1, nodes + 1),
        lon=node_lon,
        lat=node_lat,
        tail=tail,
        head=head,
        length_m=np.add.reduceat(segment_m(lon, lat, start), start[:-1]),
        cost_class=web.cost_class[edge],
        way_id=edge + 1,
        name=web.street[edge],
        names=names,
        shape_start=start,
        shape_lon=lon,
        shape_lat=lat,
        origin="synthetic streets, made by nexpo by seed",
        synthetic=True,
    )


def _shared(total: int, weight: Floats) -> Ints:
    """Share a whole number by weight, exactly (largest remainders)."""
    exact = max(total, 0) * weight / weight.sum()
    share: Ints = np.floor(exact).astype(np.int64)
    rest = np.argsort(share - exact, kind="stable")[: max(total, 0) - int(share.sum())]
    share[rest] += 1
    return share


def _curve(web: Web, edge: Ints, at: Floats, bow: tuple[Floats, Floats]) -> Floats:
    """Return points of curved edges: one bow and one S, both zero at the ends."""
    start, end = web.xy[web.one[edge]], web.xy[web.other[edge]]
    along = end - start
    side = np.column_stack((-along[:, 1], along[:, 0]))
    lift = bow[0][edge][:, None] * np.sin(np.pi * at)
    lift += bow[1][edge][:, None] * np.sin(2 * np.pi * at)
    return np.asarray(
        start[:, None] + along[:, None] * at[..., None] + side[:, None] * lift[..., None]
    )


def _street_names(number: int, rng: Generator) -> tuple[str, ...]:
    """Return distinct names: the known ones first, then numbered ones."""
    plain = [f"Via {name}" for name in _KNOWN]
    plain += [f"{kind} {form}" for kind in dict.fromkeys(_TYPES) for form in _FORMS]
    mixed = [plain[place] for place in rng.permutation(len(plain))]
    more = [f"Via {_KNOWN[k % len(_KNOWN)]} {2 + k // len(_KNOWN)}" for k in range(number)]
    return tuple((mixed + more)[:number])


def _home_weights() -> Floats:
    return np.array([_HOMES.get(each, 0.0) for each in COST_CLASSES])


def _beside(
    graph: StreetGraph, section: Ints, offset_m: Floats, aside_m: Floats
) -> tuple[Floats, Floats]:
    """Return points some metres to the left (or right, below zero) of places on sections."""
    lon, lat, after = places(graph, section, offset_m)
    plane = Plane.around(graph.lon, graph.lat)
    x, y = plane.to_metres(lon, lat)
    ends = [plane.to_metres(graph.shape_lon[v], graph.shape_lat[v]) for v in (after - 1, after)]
    along_x, along_y = ends[1][0] - ends[0][0], ends[1][1] - ends[0][1]
    length = np.maximum(np.hypot(along_x, along_y), 1e-9)
    return plane.to_degrees(x - along_y / length * aside_m, y + along_x / length * aside_m)


def _labels(graph: StreetGraph, section: Ints, offset_m: Floats) -> tuple[str, ...]:
    """Return street and number, counted along each street in the order of its sections."""
    street = graph.name[section]
    order = np.lexsort((offset_m, section, street))
    sorted_street = street[order]
    first = np.searchsorted(sorted_street, sorted_street, side="left")
    number = np.empty(len(street), dtype=np.int64)
    number[order] = np.arange(len(street)) - first + 1
    return tuple(
        f"{graph.names[s] if s >= 0 else 'Strada senza nome'} {n}"
        for s, n in zip(street, number, strict=True)
    )
