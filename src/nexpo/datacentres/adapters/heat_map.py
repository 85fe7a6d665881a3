"""The map of an assignment of heat: sites, users and the links between them, as one drawing.

A circle is as large as the heat that a site hands over; one with a dashed edge has a power that
nobody states, so its heat is unknown, which is not nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import numpy as np
import shapely

from nexpo.datacentres.adapters.map_sheet import (
    MARGIN,
    ROW,
    View,
    credited,
    north_and_scale,
    numbered,
    opening,
    outline_of,
    stamped,
)
from nexpo.datacentres.siting.grid import Frame

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_HOT, _LINK, _USER, _LAND = "#b03a3c", "#5a1a2a", "#1c5fa8", "#f7f3ec"
_LARGEST, _LEAST, _DOT = 20.0, 4.0, 5.0
_ROWS = 5
_PAD_M, _CELL_M = 6000.0, 100.0


@dataclass(frozen=True, slots=True)
class Spot:
    """A site on the map; ``mwh`` of a year, None where it is unknown."""

    number: int
    x_m: float
    y_m: float
    mwh: float | None


@dataclass(frozen=True, slots=True)
class Place:
    """A user of heat on the map."""

    x_m: float
    y_m: float
    network: bool


@dataclass(frozen=True, slots=True)
class Link:
    """Heat from a site to a user, MWh a year."""

    site: Spot
    user: Place
    mwh: float


@dataclass(frozen=True, slots=True)
class HeatPicture:
    """What is drawn, all of it in one metric projection.

    Attributes
    ----------
    places
        Outlines of municipalities, for orientation.
    stamp
        A word across the map, such as SYNTHETIC.
    """

    title: str
    subtitle: str
    crs: str
    outline: BaseGeometry
    places: Sequence[BaseGeometry]
    spots: Sequence[Spot]
    links: Sequence[Link]
    stamp: str = ""
    credit: str = ""


def draw_heat(picture: HeatPicture) -> str:
    """Return the map as one SVG element."""
    return "".join(_parts(picture))


def _parts(picture: HeatPicture) -> Iterator[str]:
    view = View(_frame(picture))
    yield from opening(view, picture.title, picture.subtitle, _ROWS)
    yield from _land(picture, view)
    most = max((spot.mwh or 0.0 for spot in picture.spots), default=0.0)
    yield from _spots(picture, view, most)
    yield from _links(picture, view)
    yield from _users(picture, view)
    yield from _numbers(picture, view)
    yield from stamped(picture.stamp, view)
    yield from north_and_scale(view)
    yield from _legend(picture, view.legend_top, most)
    yield "</svg>\n"


def _frame(picture: HeatPicture) -> Frame:
    """Return the part of the land that holds all marks; the whole region where there is none."""
    marks = [(s.x_m, s.y_m) for s in picture.spots]
    marks += [(link.user.x_m, link.user.y_m) for link in picture.links]
    if not marks:
        return Frame.around(picture.outline.bounds, _CELL_M, crs=picture.crs)
    west, south, east, north = shapely.MultiPoint(marks).buffer(_PAD_M).bounds
    lacking = max(0.0, (east - west) / 2 - (north - south)) / 2  # no flatter than two to one
    around = (west, south - lacking, east, north + lacking)
    return Frame.around(around, _CELL_M, crs=picture.crs)


def _land(picture: HeatPicture, view: View) -> Iterator[str]:
    bounds = view.frame.bounds
    inside = shapely.clip_by_rect(picture.outline, *bounds)
    yield from outline_of(inside, view, _LAND)
    box = shapely.box(*bounds)
    near = [each for each in picture.places if shapely.intersects(each, box)]
    thin = shapely.simplify(shapely.clip_by_rect(np.array(near, dtype=object), *bounds), 50.0)
    lines = "".join(view.path(each) for each in thin if not each.is_empty)
    yield f'<path d="{lines}" fill="none" stroke="#d9d3c7" stroke-width="1"/>\n'


def _at(view: View, x_m: float, y_m: float) -> tuple[float, float]:
    (x,), (y,) = view.at(np.array([x_m]), np.array([y_m]))
    return float(x), float(y)


def _links(picture: HeatPicture, view: View) -> Iterator[str]:
    most = max((link.mwh for link in picture.links), default=0.0)
    for link in picture.links:
        (x, y), (u, v) = (
            _at(view, link.site.x_m, link.site.y_m),
            _at(view, link.user.x_m, link.user.y_m),
        )
        wide = 1 + 3 * link.mwh / most
        yield (
            f'<path d="M{x:.1f} {y:.1f}L{u:.1f} {v:.1f}" stroke="{_LINK}" stroke-opacity=".8" '
            f'stroke-width="{wide:.1f}"/>\n'
        )


def _users(picture: HeatPicture, view: View) -> Iterator[str]:
    for user in dict.fromkeys(link.user for link in picture.links):
        x, y = _at(view, user.x_m, user.y_m)
        yield f'<g transform="translate({x:.1f} {y:.1f})">{_mark(user.network)}</g>\n'


def _mark(network: bool) -> str:  # noqa: FBT001 - one of two marks
    if network:
        return f'<path d="M0-8 8 6H-8z" fill="{_USER}" stroke="#fff"/>'
    return f'<rect x="-5" y="-5" width="10" height="10" fill="{_USER}" stroke="#fff"/>'


def _spots(picture: HeatPicture, view: View, most: float) -> Iterator[str]:
    for spot in sorted(picture.spots, key=lambda each: -(each.mwh or 0.0)):
        x, y = _at(view, spot.x_m, spot.y_m)
        yield f'<g transform="translate({x:.1f} {y:.1f})">{_circle(spot.mwh, most)}</g>\n'


def _numbers(picture: HeatPicture, view: View) -> Iterator[str]:
    spots = sorted(picture.spots, key=lambda each: each.number)
    yield from numbered([(spot.number, *_at(view, spot.x_m, spot.y_m)) for spot in spots])


def _circle(mwh: float | None, most: float) -> str:
    if mwh is None:
        return f'<circle r="{_DOT + 2}" fill="#fff" stroke="#333" stroke-dasharray="3 3"/>'
    wide = _LEAST + (_LARGEST - _LEAST) * sqrt(mwh / most) if most else _LEAST
    return f'<circle r="{wide:.1f}" fill="{_HOT}" fill-opacity=".3" stroke="{_HOT}"/>'


def _legend(picture: HeatPicture, top: int, most: float) -> Iterator[str]:
    yield '<g font-size="16" fill="#222">\n'
    yield f'<text x="{MARGIN}" y="{top}" font-weight="bold">Heat handed over, middle level</text>\n'
    sizes = (most, most / 4) if most else ()
    for number, mwh in enumerate(sizes):
        x = MARGIN + 30 + number * 210
        yield f'<g transform="translate({x} {top + 42})">{_circle(mwh, most)}</g>'
        yield f'<text x="{x + 36}" y="{top + 47}">{mwh:,.0f} MWh a year</text>\n'
    marks = (
        (_circle(None, most), "site of unknown power: its heat is unknown"),
        (_circle(0.0, most), "site that hands over nothing at this level"),
        (_mark(network=True), "heat network that takes it"),
        (_mark(network=False), "municipality that takes it, at one point of it"),
    )
    for number, (mark, words) in enumerate(marks):
        y = top + number * ROW
        yield f'<g transform="translate(700 {y - 5})">{mark}</g>'
        yield f'<text x="720" y="{y}">{escape(words)}</text>\n'
    yield from credited(picture.credit, top + ROW * _ROWS)
    yield "</g>\n"
