"""The wireless alternative of an area: candidate sites, height model, weather."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from nexpo.build.design.model import Materials, Request
from nexpo.build.design.rulebook import Rulebook, radio_prices
from nexpo.connectivity.design import wireless
from nexpo.connectivity.design.fibre import Plan
from nexpo.connectivity.design.model import COST_CLASSES, CostClass, Demand, Floats, StreetGraph
from nexpo.connectivity.design.plane import plane_of
from nexpo.connectivity.design.wireless import SiteKind, Sites, Surface, Terrain
from nexpo.connectivity.design.wireless.model import SITE_KINDS
from nexpo.core.problem import Kind, Problem
from nexpo.core.progress import Progress

_METRE = "fwa.backhaul.fibre.m"
_EDGE_DEG = 1e-3
_MOST_MARGIN_M = 5_000.0
_FORBIDDEN = COST_CLASSES.index(CostClass.FORBIDDEN)


def design(
    request: Request,
    materials: Materials,
    fibre_plan: Plan,
    book: Rulebook,
    progress: Progress,
) -> tuple[Sites, wireless.WirelessPlan]:
    """Return candidate sites and the wireless design on them.

    Candidates are the POPs of the fibre plan, which have fibre, and sites generated on high
    points (street corners without a height model), to which fibre is priced by the metre of
    street from the nearest POP.

    Raises
    ------
    Problem
        When a height model cannot be used or the service is beyond the band.
    """
    terrain = _terrain(request, materials, book)
    sites = candidates(request, materials.graph, fibre_plan, book, terrain)
    plan = wireless.plan(
        materials.demand,
        sites,
        radio=book.radio,
        prices=radio_prices(book.unit_costs, request.level),
        request=wireless.Request(band=request.band, service_mbps=book.services.wireless_down_mbps),
        terrain=terrain,
        weather=wireless.ItuWeather() if request.weather else None,
        progress=progress,
    )
    return sites, plan


def candidates(
    request: Request,
    graph: StreetGraph,
    fibre_plan: Plan,
    book: Rulebook,
    terrain: Terrain | None,
) -> Sites:
    """Return the POPs and generated sites, each with the cost of fibre to it."""
    rules = book.radio.rules
    if terrain is None:
        found = wireless.spread_nodes(
            graph.lon,
            graph.lat,
            request.sites,
            mast_m=rules.generated_mast_m,
            random=np.random.default_rng(request.seed),
        )
    else:
        found = wireless.high_points(
            terrain,
            request.sites,
            spacing_m=rules.generated_spacing_m,
            mast_m=rules.generated_mast_m,
        )
    pops = fibre_plan.sites.filter(fibre_plan.sites["kind"] == "pop")
    if pops.is_empty():
        return found
    lon, lat = pops["lon"].to_numpy(), pops["lat"].to_numpy()
    metres = fibre_route_m(graph, (lon, lat), (found.lon, found.lat))
    price = book.unit_costs[_METRE].price(request.level).cents
    reached = np.isfinite(metres)
    cents = np.where(reached, np.rint(np.where(reached, metres, 0.0) * price), -1)
    count = len(pops)
    return Sites(
        id=(*pops["site"].to_list(), *found.id),
        lon=np.concatenate([lon, found.lon]),
        lat=np.concatenate([lat, found.lat]),
        mast_m=np.concatenate([np.full(count, rules.generated_mast_m), found.mast_m]),
        kind=np.concatenate([np.full(count, SITE_KINDS.index(SiteKind.POP)), found.kind]),
        fibre_cents=np.concatenate([np.zeros(count, np.int64), cents.astype(np.int64)]),
        fibre_m=np.concatenate([np.zeros(count), np.where(reached, metres, 0.0)]),
    )


def fibre_route_m(
    graph: StreetGraph, start: tuple[Floats, Floats], goal: tuple[Floats, Floats]
) -> Floats:
    """Return metres from the nearest start to each goal along the streets, infinite if none.

    Both ends count straight to their nearest node.

    Examples
    --------
    >>> from nexpo.connectivity.design.streets.synthetic import lattice
    >>> grid = lattice(3, 1, 100.0)
    >>> corner = (grid.lon[:1], grid.lat[:1])
    >>> fibre_route_m(grid, corner, (grid.lon[2:], grid.lat[2:])).round(1).tolist()
    [200.0]
    """
    plane = plane_of(graph)
    tree = cKDTree(np.column_stack(plane.to_metres(graph.lon, graph.lat)))
    lead_in, begin = tree.query(np.column_stack(plane.to_metres(*start)))
    lead_out, end = tree.query(np.column_stack(plane.to_metres(*goal)))
    open_ = graph.cost_class != _FORBIDDEN
    shape = (graph.nodes, graph.nodes)
    tail, head = graph.tail[open_], graph.head[open_]
    low, high = np.minimum(tail, head), np.maximum(tail, head)
    order = np.lexsort((graph.length_m[open_], high, low))
    first = np.ones(len(order), np.bool_)
    first[1:] = (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0)
    kept = order[first]
    matrix = coo_array((graph.length_m[open_][kept], (low[kept], high[kept])), shape).tocsr()
    away = dijkstra(matrix, directed=False, indices=begin)
    return np.asarray((away + np.asarray(lead_in)[:, None]).min(axis=0)[end] + lead_out)


def _terrain(request: Request, materials: Materials, book: Rulebook) -> Terrain | None:
    if not request.dem:
        return None
    from nexpo.connectivity.design.adapters.dem_files import (  # noqa: PLC0415 - rasterio is slow
        Box,
        HeightFiles,
    )

    box = Box(*_bounds(materials.demand))
    reach = book.radio.band(request.band).range_m
    with HeightFiles(request.dem, _surface(request.surface)) as files:
        return files.terrain(box, margin_m=min(reach, _MOST_MARGIN_M))


def _bounds(demand: Demand) -> tuple[float, float, float, float]:
    known = np.isfinite(demand.lon) & np.isfinite(demand.lat)
    if not known.any():
        raise Problem(Kind.BAD_INPUT, "no address has a place: no height model can be cut out")
    lon, lat = demand.lon[known], demand.lat[known]
    west, east = float(lon.min()) - _EDGE_DEG, float(lon.max()) + _EDGE_DEG
    return west, float(lat.min()) - _EDGE_DEG, east, float(lat.max()) + _EDGE_DEG


def _surface(name: str) -> Surface:
    try:
        return Surface(name)
    except ValueError:
        raise Problem(
            Kind.USAGE,
            "a height model shows roofs and trees (dsm) or the bare ground (dtm)",
            value=name,
            remedy="dsm or dtm",
        ) from None
