"""The map of a screening as one picture: score by colour, excluded land, unknown hatched, sites.

The raster is drawn at the size of the picture, each pixel the mean of the known cells under it;
what is unknown is hatched, never coloured as if it were low. Around it stand a title, a legend
with the values of the colours, a scale bar that holds on the projection, and north. The result
is SVG with the raster inside; whoever has a renderer makes a PNG of it.
"""

from __future__ import annotations

import base64
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import numpy as np
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile

from nexpo.datacentres.adapters.map_sheet import (
    HEAD,
    MARGIN,
    ROW,
    WIDTH,
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
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Raster = NDArray[np.float32]
    Mask = NDArray[np.bool_]
    Pixels = NDArray[np.uint8]

_RAMP = ("#3b1c5a", "#3d5a98", "#2a8c8c", "#6cbf5b", "#f2d64b")  # dark is low, light is high
_EXCLUDED, _OUTSIDE, _HATCH = "#e3ded4", "#ffffff", "#c2410c"
_STRIPE = 5


@dataclass(frozen=True, slots=True)
class Site:
    """A site on the map, with the number that stands beside it."""

    number: int
    shape: BaseGeometry


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn.

    Attributes
    ----------
    score
        Of each eligible cell; NaN elsewhere.
    area, eligible, blind
        Cells of the region, those left by the rules, and those with something unknown.
    low, high
        Scores at the ends of the ramp of colours.
    unknown
        What is unknown everywhere, a line each.
    stamp
        A word across the map, such as SYNTHETIC.
    """

    frame: Frame
    title: str
    subtitle: str
    score: Raster
    area: Mask
    eligible: Mask
    blind: Mask
    outline: BaseGeometry
    sites: Sequence[Site]
    low: float
    high: float
    measure: str
    unknown: Sequence[str]
    stamp: str = ""
    credit: str = ""


def draw(picture: Picture) -> str:
    """Return the map as one SVG element."""
    return "".join(_parts(picture))


def pixels(picture: Picture) -> Pixels:
    """Return the raster of the map as red, green, blue, bands first, one pixel a block of cells."""
    step = _step(picture.frame)
    known = np.isfinite(picture.score)
    area = _sums(picture.area, step) > 0
    eligible = _sums(picture.eligible, step)
    blind = _sums(picture.blind | (picture.eligible & ~known), step)
    total = _sums(picture.score, step)
    count = _sums(known, step)
    mean = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    found = np.empty((3, *mean.shape), dtype=np.uint8)
    found[:] = _rgb(_OUTSIDE)[:, None, None]
    found[:, area] = _rgb(_EXCLUDED)[:, None]
    shown = (count > 0) & (eligible > 0)
    found[:, shown] = _coloured(mean[shown], picture.low, picture.high)
    row, column = np.indices(mean.shape)
    stripes = (blind > 0) & ((row + column) // 2 % _STRIPE == 0)
    found[:, stripes] = _rgb(_HATCH)[:, None]
    return found


def _step(frame: Frame) -> int:
    """Return cells by pixel, so that the raster is no wider than the picture."""
    return max(1, -(-frame.columns // (WIDTH - 2 * MARGIN)))


def _sums(values: Raster | Mask, step: int) -> NDArray[np.float64]:
    """Add up what is known in blocks of cells, one row of blocks at a time: no copy of all."""
    every = np.arange(0, values.shape[1], step)
    rows = [
        np.add.reduceat(np.nansum(values[top : top + step], axis=0, dtype=np.float64), every)
        for top in range(0, values.shape[0], step)
    ]
    return np.array(rows)


def _rgb(colour: str) -> Pixels:
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)], dtype=np.uint8)


def _coloured(values: NDArray[np.float64], low: float, high: float) -> Pixels:
    stops = np.array([_rgb(colour) for colour in _RAMP], dtype=np.float64)
    span = high - low
    place = np.clip((values - low) / span if span > 0 else np.ones(len(values)), 0, 1)
    at = np.linspace(0, 1, len(stops))
    bands = [np.interp(place, at, stops[:, band]) for band in range(3)]
    return np.round(np.array(bands)).astype(np.uint8)


def _png(found: Pixels) -> bytes:
    profile = {"driver": "PNG", "dtype": "uint8", "count": 3}
    with warnings.catch_warnings(), MemoryFile() as memory:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # a picture has no place
        with memory.open(**profile, height=found.shape[1], width=found.shape[2]) as image:
            image.write(found)
        return bytes(memory.read())


def _parts(picture: Picture) -> Iterator[str]:
    view = View(picture.frame)
    rows = 3 + max(len(picture.unknown), 1)
    yield from opening(view, picture.title, picture.subtitle, rows)
    yield from _ground(picture, view)
    yield from _sites(picture, view)
    yield from north_and_scale(view)
    yield from _legend(picture, view.legend_top)
    yield "</svg>\n"


def _ground(picture: Picture, view: View) -> Iterator[str]:
    found = pixels(picture)
    step = _step(picture.frame)
    unit = picture.frame.cell_m * view.scale * step
    coded = base64.b64encode(_png(found)).decode()
    yield (
        f'<image x="{MARGIN}" y="{HEAD}" width="{found.shape[2] * unit:.2f}" '
        f'height="{found.shape[1] * unit:.2f}" preserveAspectRatio="none" '
        f'image-rendering="optimizeSpeed" href="data:image/png;base64,{coded}"/>\n'
    )
    yield from outline_of(picture.outline, view)
    yield from stamped(picture.stamp, view)


def _sites(picture: Picture, view: View) -> Iterator[str]:
    places = []
    for site in picture.sites:
        middle = site.shape.centroid
        (x,), (y,) = view.at(np.array([middle.x]), np.array([middle.y]))
        yield (
            f'<path d="{view.path(site.shape)}" fill="#e11d48" stroke="#e11d48"/>'
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" fill="none" stroke="#e11d48" '
            'stroke-width="2.4"/>\n'
        )
        places.append((site.number, x, y))
    yield from numbered(places)


def _legend(picture: Picture, top: int) -> Iterator[str]:
    yield '<g font-size="16" fill="#222">\n'
    stops = "".join(
        f'<stop offset="{at / (len(_RAMP) - 1):.2f}" stop-color="{colour}"/>'
        for at, colour in enumerate(_RAMP)
    )
    ramp = f'<linearGradient id="ramp">{stops}</linearGradient>'
    yield (
        f'<defs>{ramp}<pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(-45)"><rect width="2.4" height="7" fill="{_HATCH}"/></pattern>'
        "</defs>\n"
        f'<text x="{MARGIN}" y="{top}" font-weight="bold">{escape(picture.measure)}</text>'
        f'<rect x="{MARGIN}" y="{top + 9}" width="300" height="16" fill="url(#ramp)"/>'
        f'<text x="{MARGIN}" y="{top + 43}">{picture.low:.3g}</text>'
        f'<text x="{MARGIN + 300}" y="{top + 43}" text-anchor="end">{picture.high:.3g}</text>\n'
    )
    ring = '<circle cx="13" cy="8" r="7" fill="none" stroke="#e11d48" stroke-width="2.4"/>'
    box = '<rect width="26" height="15" fill="{}" stroke="#999"/>'
    marks = (
        (box.format(_EXCLUDED), "excluded by a rule"),
        (box.format("url(#hatch)"), "a criterion is unknown here"),
        (ring, f"site ({len(picture.sites)}), numbers of the first"),
    )
    for number, (mark, words) in enumerate(marks):
        y = top + number * ROW
        yield f'<g transform="translate(420 {y - 13})">{mark}</g>'
        yield f'<text x="458" y="{y}">{escape(words)}</text>\n'
    yield f'<text x="800" y="{top}" font-weight="bold">Unknown everywhere, left out</text>\n'
    for number, words in enumerate(picture.unknown or ("nothing",), 1):
        yield f'<text x="800" y="{top + number * ROW}">{escape(words)}</text>\n'
    rows = 3 + max(len(picture.unknown), 1)
    yield from credited(picture.credit, top + ROW * rows)
    yield "</g>\n"
