"""The map: municipalities coloured by a rate, as SVG that a browser or a printer draws.

Boundaries are simplified together, so that neighbours keep one border, and projected to a
Lambert azimuthal equal-area projection centred on the region: areas compare, north is up
at the centre, and the scale bar holds. Nothing in the map needs a script or a network.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import numpy as np
import shapely
from pyproj import Transformer

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

COLOURS = ("#f4efe6", "#fbd9a5", "#f4a867", "#dd7046", "#b03a3c", "#6a1b3d")
"""None, then five classes from low to high: each darker than the last, in grey too."""

_WIDTH = 1000
_MARGIN = 14
_LEGEND_HEIGHT = 96
_TOLERANCE_M2 = 60_000.0  # a triangle smaller than this is not seen at this size


@dataclass(frozen=True)
class Choropleth:
    """A map to draw.

    Attributes
    ----------
    shapes
        Boundary by municipality code, WGS 84.
    provinces
        Province of each municipality.
    names
        What to write on the map in each province.
    values, labels
        Value (None: unknown) and the words of each municipality.
    breaks
        Upper ends of the classes but the last, rising.
    title, description, legend, source
        Words; the description says what a reader would see.
    """

    shapes: Mapping[str, BaseGeometry]
    provinces: Mapping[str, str]
    names: Mapping[str, str]
    values: Mapping[str, float | None]
    labels: Mapping[str, str]
    breaks: Sequence[float]
    title: str
    description: str
    legend: str
    source: str
    watermark: str = ""

    def svg(self) -> str:
        """Return the map as one SVG element."""
        return "".join(self._parts())

    @cached_property
    def _drawn(self) -> dict[str, BaseGeometry]:
        return _simplified(_projected(self.shapes))

    @cached_property
    def _frame(self) -> _Frame:
        return _Frame.around(list(self._drawn.values()))

    def _parts(self) -> Iterator[str]:
        height = self._frame.height + _LEGEND_HEIGHT
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
            'role="img" aria-labelledby="map-title map-desc" '
            'font-family="Helvetica,Arial,sans-serif">\n'
            f'<title id="map-title">{escape(self.title)}</title>\n'
            f'<desc id="map-desc">{escape(self.description)}</desc>\n'
            f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>\n'
        )
        yield '<g stroke="#fff" stroke-width=".5" stroke-linejoin="round">\n'
        yield from (self._municipality(code) for code in self._drawn)
        yield "</g>\n"
        yield from self._borders()
        yield from self._legend()
        yield from self._scale()
        yield self._north()
        yield self._stamp()
        yield "</svg>\n"

    def _municipality(self, code: str) -> str:
        colour = COLOURS[class_of(self.values.get(code), self.breaks)]
        label = escape(self.labels.get(code, code))
        path = self._frame.path(self._drawn[code])
        return f'<path fill="{colour}" d="{path}"><title>{label}</title></path>\n'

    def _borders(self) -> Iterator[str]:
        yield '<g fill="none" stroke="#3b3a38" stroke-linejoin="round">\n'
        outlines = _dissolved(self._drawn, self.provinces)
        for outline in outlines.values():
            yield f'<path stroke-width="1.1" d="{self._frame.path(outline)}"/>\n'
        yield (
            '</g>\n<g font-size="17" font-weight="bold" fill="#111" stroke="#fff" '
            'stroke-width="4" paint-order="stroke" stroke-linejoin="round" '
            'text-anchor="middle" aria-hidden="true">\n'
        )
        for province, outline in outlines.items():
            x, y = self._frame.middle(outline)
            yield f'<text x="{x:.0f}" y="{y + 6:.0f}">{escape(self.names[province])}</text>\n'
        yield "</g>\n"

    def _legend(self) -> Iterator[str]:
        top = self._frame.height + 20
        yield (
            f'<g font-size="15" fill="#222"><text x="{_MARGIN}" y="{top}" font-weight="bold">'
            f"{escape(self.legend)}</text>\n"
        )
        words = class_labels(self.breaks)
        step = (_WIDTH - 2 * _MARGIN - 230) / len(words)
        for number, (colour, word) in enumerate(zip(COLOURS, words, strict=True)):
            x = _MARGIN + number * step
            yield (
                f'<rect x="{x:.0f}" y="{top + 10}" width="{step - 6:.0f}" height="16" '
                f'fill="{colour}" stroke="#77736b" stroke-width=".6"/>'
                f'<text x="{x:.0f}" y="{top + 44}" font-size="14">{escape(word)}</text>\n'
            )
        yield (
            f'<text x="{_MARGIN}" y="{top + 66}" font-size="12" fill="#55524c">'
            f"{escape(self.source)}</text></g>\n"
        )

    def _scale(self) -> Iterator[str]:
        km = self._frame.round_km(215)
        width = km * 1000 * self._frame.scale
        left, y = _WIDTH - _MARGIN - width, self._frame.height + 40
        half = left + width / 2
        yield (
            f'<g font-size="13" fill="#222"><rect x="{left:.1f}" y="{y}" width="{width / 2:.1f}" '
            f'height="6" fill="#222"/><rect x="{half:.1f}" y="{y}" width="{width / 2:.1f}" '
            'height="6" fill="#fff" stroke="#222" stroke-width=".8"/>'
            f'<text x="{left:.1f}" y="{y - 6}">0</text>'
            f'<text x="{_WIDTH - _MARGIN}" y="{y - 6}" text-anchor="end">{km:g} km</text></g>\n'
        )

    def _north(self) -> str:
        return (
            f'<g transform="translate({_WIDTH - 40} 50)" fill="#222"><path d="M0-26 8 8 0 2-8 8z"/>'
            '<text y="26" text-anchor="middle" font-size="15">N</text></g>\n'
        )

    def _stamp(self) -> str:
        if not self.watermark:
            return ""
        middle = self._frame.height / 2
        return (
            f'<text x="{_WIDTH / 2:g}" y="{middle:.0f}" text-anchor="middle" font-size="110" '
            f'font-weight="bold" fill="#1b1b1b" fill-opacity=".16" '
            f'transform="rotate(-24 {_WIDTH / 2:g} {middle:.0f})">{escape(self.watermark)}</text>\n'
        )


@dataclass(frozen=True, slots=True)
class _Frame:
    """From metres of the projection to units of the picture."""

    left: float
    top: float
    scale: float
    height: int

    @classmethod
    def around(cls, shapes: Sequence[BaseGeometry]) -> _Frame:
        left, bottom, right, top = shapely.total_bounds(shapes)
        scale = (_WIDTH - 2 * _MARGIN) / (right - left)
        return cls(left, top, scale, round((top - bottom) * scale) + 2 * _MARGIN)

    def path(self, shape: BaseGeometry) -> str:
        """Return the path of all rings, in whole tenths of a unit, relative steps."""
        return "".join(self._ring(shapely.get_coordinates(ring)) for ring in _rings(shape))

    def middle(self, shape: BaseGeometry) -> tuple[float, float]:
        """Return the point of a shape farthest from its border."""
        line = shapely.maximum_inscribed_circle(shape, tolerance=500.0)
        x, y = shapely.get_coordinates(line)[0]
        return (x - self.left) * self.scale + _MARGIN, (self.top - y) * self.scale + _MARGIN

    def round_km(self, wanted: int) -> float:
        """Return a round length in km not wider than ``wanted`` units."""
        most = wanted / self.scale / 1000
        tens = 10 ** np.floor(np.log10(most))
        return float(max(step * tens for step in (1, 2, 5) if step * tens <= most))

    def _ring(self, metres: NDArray[np.float64]) -> str:
        xy = (metres - (self.left, self.top)) * (self.scale, -self.scale) + _MARGIN
        tenths = np.round(xy * 10).astype(int)
        steps = np.diff(tenths, axis=0)
        steps = steps[np.any(steps, axis=1)][:-1]
        if len(steps) < 2:  # noqa: PLR2004 - a ring of two points has no inside
            return ""
        moves = "".join(f"{_tenth(x)}{_tenth(y)}" for x, y in steps.tolist())
        first = "".join(_tenth(value) for value in tenths[0].tolist()).lstrip()
        return f"M{first}l{moves.lstrip()}z"


def class_of(value: float | None, breaks: Sequence[float]) -> int:
    """Return 0 for none or unknown, else the class from 1.

    Examples
    --------
    >>> [class_of(value, (5, 10)) for value in (None, 0, 3.0, 5.0, 10.1)]
    [0, 0, 1, 1, 3]
    """
    return 0 if not value else 1 + int(np.searchsorted(breaks, value, "left"))


def class_labels(breaks: Sequence[float]) -> tuple[str, ...]:
    """Return the words of each class, none first.

    Examples
    --------
    >>> class_labels((5, 10))
    ('none', 'up to 5', '5 to 10', 'over 10')
    """
    inner = (f"{low:g} to {high:g}" for low, high in pairwise(breaks))
    return ("none", f"up to {breaks[0]:g}", *inner, f"over {breaks[-1]:g}")


def breaks_for(values: Iterable[float | None], classes: int = 5) -> tuple[float, ...]:
    """Return round class ends near the quantiles of the values above zero.

    Examples
    --------
    >>> breaks_for(range(1, 101))
    (20.0, 40.0, 60.0, 80.0)
    """
    known = [value for value in values if value]
    if not known:
        return tuple(float(n) for n in range(1, classes))
    ends = np.quantile(known, np.arange(1, classes) / classes)
    rounded = [float(f"{end:.1g}") if end >= 1 else round(float(end), 1) for end in ends]
    return (
        tuple(rounded)
        if len(set(rounded)) == len(rounded)
        else tuple(float(f"{end:.2g}") + number * 1e-9 for number, end in enumerate(ends))
    )


def _tenth(value: int) -> str:
    """Write tenths as short as SVG allows: ``-3`` is ``-.3``."""
    whole, tenth = divmod(abs(value), 10)
    digits = f"{whole or ''}.{tenth}" if tenth else str(whole)
    if value < 0:
        return f"-{digits}"
    return f" {digits}"


def _rings(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon":
            yield part.exterior
            yield from part.interiors


def _projected(shapes: Mapping[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    west, south, east, north = shapely.total_bounds(list(shapes.values()))
    centre = f"+lat_0={(south + north) / 2:.4f} +lon_0={(west + east) / 2:.4f}"
    turn = Transformer.from_crs(
        "EPSG:4326", f"+proj=laea {centre} +ellps=WGS84 +units=m", always_xy=True
    )

    def metres(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(turn.transform(xy[:, 0], xy[:, 1]))

    moved = shapely.transform(list(shapes.values()), metres)
    return dict(zip(shapes, moved, strict=True))


def _simplified(shapes: Mapping[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    tolerance = float(np.sqrt(_TOLERANCE_M2))
    simple = shapely.coverage_simplify(list(shapes.values()), tolerance)
    return dict(zip(shapes, simple, strict=True))


def _dissolved(
    shapes: Mapping[str, BaseGeometry], provinces: Mapping[str, str]
) -> dict[str, BaseGeometry]:
    parts: dict[str, list[BaseGeometry]] = {code: [] for code in sorted(set(provinces.values()))}
    for code, shape in shapes.items():
        parts[provinces[code]].append(shape)
    return {
        code: shapely.union_all(shapely.make_valid(held), grid_size=1.0)
        for code, held in parts.items()
    }
