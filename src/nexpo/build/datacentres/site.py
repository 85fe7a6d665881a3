"""The sheet of one place: what a screening, the register and the layers say about it, on a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import shapely

from nexpo.build.datacentres.law import Law, law
from nexpo.build.datacentres.layer_reading import heat_terms
from nexpo.build.datacentres.projection import moved, to_degrees, to_metres
from nexpo.build.datacentres.screening import Order, Screening, screen
from nexpo.build.datacentres.users import users_of
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.core.progress import Progress
from nexpo.datacentres.adapters.layer_files import read_features
from nexpo.datacentres.model import PowerKind, Total
from nexpo.datacentres.rules.conditions import Value
from nexpo.datacentres.siting.eligibility import Rule, mark
from nexpo.datacentres.siting.grid import Frame
from nexpo.datacentres.siting.layers import Features, Missing, Shape, found
from nexpo.datacentres.siting.sheet import (
    Line,
    Neighbour,
    Standing,
    cells_of,
    cumulative,
    lines,
    neighbours,
    standing,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

_NODES, _USERS = 4, 6


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule of eligibility at the place: ``share`` of its cells marked, None when not checked."""

    rule: Rule
    share: float | None
    answer: str
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """The nearest grid node of a voltage."""

    voltage_kv: float
    km: float
    name: str


@dataclass(frozen=True, slots=True)
class HeatUser:
    """A user of heat near the place; demand at the mid level."""

    name: str
    kind: str
    km: float
    demand_mwh: float | None
    supply_c: float | None


@dataclass(frozen=True)
class Sheet:
    """All about one place."""

    screening: Screening
    lon: float
    lat: float
    istat: str
    municipality: str
    cells: int
    area_ha: float
    standing: Standing
    accepted: float | None
    lines: tuple[Line, ...]
    eligibility: tuple[RuleLine, ...]
    nodes: tuple[Node, ...]
    near: tuple[Neighbour, ...]
    cumulative: Mapping[PowerKind, Total]
    users: tuple[HeatUser, ...]
    law: Law

    @property
    def connectable(self) -> float:
        """Share of a municipality's demand that a heat network can take, at the mid level."""
        return heat_terms(self.screening.order.law_day)["mid"].connectable

    @property
    def verdict(self) -> str:
        """Say in a sentence what the place is."""
        out = [line for line in self.eligibility if line.answer == "excluded"]
        unchecked = sum(line.share is None for line in self.eligibility)
        blind = sum(line.value is None for line in self.lines)
        many = "1 rule excludes" if len(out) == 1 else f"{len(out)} rules exclude"
        left = (
            f"{many} it{' or part of it' if self.cells > 1 else ''}"
            if out
            else "no rule excludes it"
        )
        made_up = sum(line.synthetic for line in out)
        if made_up:
            left += f" ({made_up} by a synthetic stand-in)"
        more = f", {unchecked} could not be checked" if unchecked else ""
        return (
            f"As far as is known, {left}{more}; {len(self.lines) - blind} criteria are known, "
            f"{blind} unknown."
        )


def read_place(path: Path) -> BaseGeometry:
    """Return the polygons of a file as one geometry, in degrees.

    Raises
    ------
    Problem
        When the file holds no polygon that can be used.
    """
    metric = "EPSG:3035"
    layer = read_features(path, "place", metric, shape=Shape.POLYGONS).layer
    return moved(shapely.union_all(np.asarray(layer.geometries, dtype=object)), to_degrees(metric))


def check_degrees(lon: float, lat: float) -> None:
    """Refuse what is no longitude and latitude, and say when they seem to be exchanged."""
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):  # noqa: PLR2004 - degrees
        raise Problem(
            Kind.USAGE,
            "longitude and latitude are degrees",
            value=f"{lon:g} {lat:g}",
            remedy="write longitude first, as 9.19 45.46",
        )


def sheet(order: Order, place: BaseGeometry, progress: Progress) -> Sheet:
    """Screen the region and return the sheet of a place in it.

    Parameters
    ----------
    place
        Point or polygon in degrees, longitude first.

    Raises
    ------
    Problem
        When the place lies outside the region.
    """
    return sheet_of(screen(order, progress), place)


def sheet_of(screening: Screening, place: BaseGeometry) -> Sheet:
    """Return the sheet of a place in a region that is screened already."""
    land = screening.ground
    here = moved(place, to_metres(land.frame.crs))
    cells = _cells(screening, here, place)
    zone = int(np.bincount(land.zone_numbers.ravel()[cells]).argmax())
    near = neighbours(here, land.facilities, screening.plan.nearby_km)
    middle = place.centroid
    accepted = screening.accepted
    known = None if accepted is None else accepted.ravel()[cells]
    ranked = known is not None and np.isfinite(known).any()
    return Sheet(
        screening=screening,
        lon=middle.x,
        lat=middle.y,
        istat=str(land.zones.table["istat"][zone]),
        municipality=str(land.zones.table["name"][zone]),
        cells=len(cells),
        area_ha=len(cells) * land.frame.cell_ha,
        standing=standing(screening.score.ravel(), cells),
        accepted=float(np.nanmean(known)) if known is not None and ranked else None,
        lines=lines(screening.measured, land.places_of(cells)),
        eligibility=tuple(_rules(screening, cells)),
        nodes=_nodes(screening, here),
        near=near,
        cumulative=cumulative(near),
        users=_users(screening, here),
        law=law(_facts(screening, zone, cells, here), screening.order.law_day),
    )


def _facts(
    screening: Screening, zone: int, cells: NDArray[np.int64], here: BaseGeometry
) -> dict[str, Value]:
    """Return what is known of the place, as the rule packs name it."""
    land = screening.ground
    istat = str(land.zones.table["istat"][zone])
    nuts3 = land.places.filter(pl.col("istat") == istat)["nuts3"]
    many = len(cells) > 1
    return {
        "country": land.region.nuts2[0][:2] if land.region.nuts2 else None,
        "municipality": istat,
        "nuts3": nuts3[0] if len(nuts3) else None,
        "site_area_m2": float(here.area) if many else None,
        "site_kind": _site_kind(screening, here),
    }


def _site_kind(screening: Screening, here: BaseGeometry) -> str | None:
    layer = found(screening.ground.layers, "regeneration")
    if isinstance(layer, Missing) or layer.synthetic or not isinstance(layer, Features):
        return None
    inside = shapely.covers(np.asarray(layer.geometries, dtype=object), here).any()
    return "regeneration" if inside else None


def _cells(screening: Screening, here: BaseGeometry, place: BaseGeometry) -> NDArray[np.int64]:
    land = screening.ground
    try:
        return cells_of(here, land.frame, land.area)
    except Problem as problem:
        middle = place.centroid
        turned = land.frame.cell_of(*to_metres(land.frame.crs).transform(middle.y, middle.x))
        swapped = turned is not None and bool(land.area[turned])
        raise bad_input(
            f"the place lies outside {land.region.name}",
            where=Where(),
            value=f"longitude {middle.x:g}, latitude {middle.y:g}",
            remedy="longitude comes first: exchange the two" if swapped else problem.remedy,
        ) from None


def _rules(screening: Screening, cells: NDArray[np.int64]) -> list[RuleLine]:
    land = screening.ground
    rows, columns = np.divmod(cells, land.frame.columns)
    told = []
    for rule in screening.plan.rules:
        layer = found(land.layers, rule.layer)
        if isinstance(layer, Missing):
            told.append(RuleLine(rule, None, f"not checked: {layer.reason}"))
            continue
        window = _window(land.frame, rows, columns, rule.buffer_m)
        here = rows - window[0].start, columns - window[1].start
        marked, doubtful = mark(rule, layer, land.frame.window(*window), land.area[window])
        share = float(marked[here].mean())
        blind = bool(doubtful[here].any())
        told.append(RuleLine(rule, share, _answer(rule, share, blind=blind), layer.synthetic))
    return told


def _window(
    frame: Frame, rows: NDArray[np.int64], columns: NDArray[np.int64], buffer_m: float
) -> tuple[slice, slice]:
    """Return the part of a frame that says all about some cells and a buffer round them."""
    more = int(np.ceil(buffer_m / frame.cell_m)) + 1
    top, left = max(int(rows.min()) - more, 0), max(int(columns.min()) - more, 0)
    bottom = min(int(rows.max()) + more + 1, frame.rows)
    right = min(int(columns.max()) + more + 1, frame.columns)
    return slice(top, bottom), slice(left, right)


def _answer(rule: Rule, share: float, *, blind: bool) -> str:
    if rule.effect.value == "exclude" and share > 0:
        return "excluded"
    if rule.effect.value == "require" and share < 1:
        return "excluded"
    return "unknown in part" if blind else "left"


def _nodes(screening: Screening, here: BaseGeometry) -> tuple[Node, ...]:
    layer = found(screening.ground.layers, "grid_nodes")
    if not isinstance(layer, Features):
        return ()
    volts = layer.numbers("voltage_kv")
    km = shapely.distance(np.asarray(layer.geometries, dtype=object), here) / 1000
    names = layer.table.get("bus_id", [""] * len(km))
    nodes = []
    for voltage in sorted(set(volts[np.isfinite(volts)]), reverse=True)[:_NODES]:
        same = np.flatnonzero(volts == voltage)
        at = same[np.argmin(km[same])]
        nodes.append(Node(float(voltage), float(km[at]), f"bus {names[at]}"))
    return tuple(nodes)


def _users(screening: Screening, here: BaseGeometry) -> tuple[HeatUser, ...]:
    terms = heat_terms(screening.order.law_day)["mid"]
    users = users_of(screening.ground)
    km = [float(here.distance(shapely.Point(user.x_m, user.y_m))) / 1000 for user in users]
    order: Sequence[int] = sorted(range(len(users)), key=lambda at: (km[at], users[at].key))
    return tuple(
        HeatUser(
            users[at].name,
            "network" if users[at].network else "municipality",
            km[at],
            users[at].demand(terms),
            users[at].supply_c,
        )
        for at in order[:_USERS]
    )
