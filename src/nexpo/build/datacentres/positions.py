"""Positions held against the municipality and the country that stand beside them.

A position is never moved: what does not fit is asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

import shapely

from nexpo import territory
from nexpo.core.problem import Problem
from nexpo.datacentres.model import Place

if TYPE_CHECKING:
    from datetime import date

    from shapely.geometry.base import BaseGeometry

_ITALY = shapely.box(6.6, 35.4, 18.6, 47.1)
"""Outermost longitudes and latitudes of the country, rounded outwards."""

_NEAR_DEGREES = 0.003
"""Some 300 m: how exactly generalised boundaries are drawn."""


def position_doubts(places: Iterable[tuple[str, Place]], on: date) -> Iterator[str]:
    """Ask about positions that lie outside their municipality or their country.

    Parameters
    ----------
    places
        Id and place of each record; only those in Italy with a position are looked at.
    on
        Day of the municipalities.
    """
    for name, place in places:
        if place.position is None or place.country != "IT":
            continue
        doubt = _doubt(place, place.position, on)
        if doubt:
            yield f"{name}: {doubt}"


def _doubt(place: Place, position: tuple[float, float], on: date) -> str:
    lon, lat = position
    outline = None if place.municipality is None else _outline(place.municipality, on)
    wanted = _ITALY if outline is None else outline
    if _holds(wanted, lon, lat):
        return ""
    where = "Italy" if outline is None else f"the municipality {place.municipality}"
    told = f"the position {lon:g}, {lat:g} lies outside {where}"
    if _holds(wanted, lat, lon):
        return f"{told}; longitude and latitude seem to be exchanged"
    if outline is not None and not _holds(_ITALY, lon, lat):
        return f"{told}, and outside Italy; which of the two is right?"
    other = None if place.municipality is None else _other(place.municipality, position, on)
    return f"{told}{f', in {other}' if other else ''}; which of the two is right?"


def _holds(shape: BaseGeometry, lon: float, lat: float) -> bool:
    return bool(shapely.dwithin(shape, shapely.Point(lon, lat), _NEAR_DEGREES))


def _outline(code: str, on: date) -> BaseGeometry | None:
    return _outlines(code, on).get(code)


def _other(code: str, position: tuple[float, float], on: date) -> str | None:
    """Return the municipality of the same region that holds a position."""
    point = shapely.Point(*position)
    return next(
        (each for each, shape in _outlines(code, on).items() if shapely.intersects(shape, point)),
        None,
    )


def _outlines(code: str, on: date) -> dict[str, BaseGeometry]:
    region = _region_of(code, on)
    return {} if region is None else _region(region, on)


@cache
def _region_of(code: str, on: date) -> str | None:
    try:
        return territory.municipality(code, on=on).region_code
    except Problem:
        return None  # the code itself is told elsewhere


@cache
def _region(region_code: str, on: date) -> dict[str, BaseGeometry]:
    return dict(territory.boundaries(region_code, on=on))
