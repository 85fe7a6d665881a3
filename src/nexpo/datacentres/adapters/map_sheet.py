"""What all maps of siting and heat share: the sheet, its title, north, scale bar, stamp."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import numpy as np
import shapely

from nexpo.datacentres.siting.grid import Frame

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

WIDTH = 1400
MARGIN, HEAD, ROW = 20, 74, 25
_GAP, _FOOT = 34, 16
_LABELLED = 12
_AROUND = tuple(
    (dx, dy + 5) for far in (10, 32, 54) for dx in (far, -far - 12) for dy in (0, 16, -16)
)
_FAMILY = "'Source Sans Pro','Source Sans 3',Helvetica,Arial,sans-serif"


@dataclass(frozen=True, slots=True)
class View:
    """From metres to units of the picture: a frame as wide as the sheet, less its margins."""

    frame: Frame

    @property
    def scale(self) -> float:
        """Units a metre."""
        return (WIDTH - 2 * MARGIN) / (self.frame.columns * self.frame.cell_m)

    @property
    def height(self) -> int:
        """Units that the map is high."""
        return round(self.frame.rows * self.frame.cell_m * self.scale)

    @property
    def legend_top(self) -> int:
        """Where the first line of the legend stands."""
        return HEAD + self.height + _GAP

    def path(self, shape: BaseGeometry) -> str:
        """Return the rings of a shape as the path of an SVG."""
        rings = shapely.get_rings(shapely.get_parts(shape))
        return "".join(self._ring(shapely.get_coordinates(ring)) for ring in rings)

    def _ring(self, points: NDArray[np.float64]) -> str:
        x, y = self.at(points[:, 0], points[:, 1])
        pairs = zip(x, y, strict=True)
        return "M" + "L".join(f"{one:.1f} {two:.1f}" for one, two in pairs) + "Z"

    def at(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return where points in metres stand on the sheet."""
        left = MARGIN + (x - self.frame.left_m) * self.scale
        return left, HEAD + (self.frame.top_m - y) * self.scale


def opening(view: View, title: str, subtitle: str, rows: int) -> Iterator[str]:
    """Open the drawing: its size, with a legend of some rows, and its title."""
    deep = view.legend_top + ROW * rows + _FOOT
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {deep}" width="{WIDTH}" '
        f'height="{deep}" role="img" aria-labelledby="map-title map-desc" '
        f'font-family="{_FAMILY}">\n'
        f'<title id="map-title">{escape(title)}</title>\n'
        f'<desc id="map-desc">{escape(subtitle)}</desc>\n'
        f'<rect width="{WIDTH}" height="{deep}" fill="#fff"/>\n'
        f'<text x="{MARGIN}" y="34" font-size="25" font-weight="bold" fill="#111">'
        f"{escape(title)}</text>\n"
        f'<text x="{MARGIN}" y="60" font-size="16" fill="#55524c">'
        f"{escape(subtitle)}</text>\n"
    )


def outline_of(shape: BaseGeometry, view: View, fill: str = "none") -> Iterator[str]:
    """Draw the outline of a region, as fine as the sheet can show it."""
    thin = shapely.simplify(shape, 0.5 / view.scale)
    yield f'<path d="{view.path(thin)}" fill="{fill}" stroke="#333" stroke-width="1.4"/>\n'


def stamped(word: str, view: View) -> Iterator[str]:
    """Write a word across the map, such as SYNTHETIC."""
    if not word:
        return
    x, y = WIDTH / 2, HEAD + view.height / 2
    yield (
        f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="middle" font-size="150" '
        'font-weight="bold" fill="#8a1c1c" fill-opacity=".16" '
        f'transform="rotate(-22 {x:.0f} {y:.0f})">{escape(word)}</text>\n'
    )


def numbered(places: Sequence[tuple[int, float, float]]) -> Iterator[str]:
    """Write the numbers of the first places over all marks, each where none was written yet."""
    taken: list[tuple[float, float]] = []
    for number, x, y in places[:_LABELLED]:
        place = next(
            (
                (x + right, y + down)
                for right, down in _AROUND
                if all(abs(x + right - a) > 20 or abs(y + down - b) > 15 for a, b in taken)  # noqa: PLR2004 - size of a number
            ),
            None,
        )
        if place is None:
            continue  # its place is in the table; a number on a number cannot be read
        taken.append(place)
        yield (
            f'<text x="{place[0]:.1f}" y="{place[1]:.1f}" font-size="15" font-weight="bold" '
            'fill="#111" stroke="#fff" stroke-width="4" paint-order="stroke">'
            f"{number}</text>\n"
        )


def credited(credit: str, y: float) -> Iterator[str]:
    """Write whose data these are."""
    yield (f'<text x="{MARGIN}" y="{y}" font-size="14" fill="#55524c">{escape(credit)}</text>\n')


def north_and_scale(view: View) -> Iterator[str]:
    """Draw north (up, at the middle of the projection) and a scale bar."""
    yield (
        f'<g transform="translate({WIDTH - 46} {HEAD + 44})" fill="#222" stroke="#fff" '
        'stroke-width="3" paint-order="stroke"><path d="M0-30 10 10 0 3-10 10z"/>'
        '<text y="30" text-anchor="middle" font-size="18" font-weight="bold">N</text></g>\n'
    )
    most = 260 / view.scale
    tens = 10 ** np.floor(np.log10(most))
    metres = max(step * tens for step in (1, 2, 5) if step * tens <= most)
    wide = metres * view.scale
    left, y = WIDTH - 2 * MARGIN - wide, HEAD + view.height - 24
    words = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"  # noqa: PLR2004 - metres in a km
    yield (
        f'<g font-size="16" fill="#222"><rect x="{left - 14:.1f}" y="{y - 30}" '
        f'width="{wide + 28:.1f}" height="46" fill="#fff" fill-opacity=".85"/>'
        f'<rect x="{left:.1f}" y="{y}" width="{wide / 2:.1f}" height="7"/>'
        f'<rect x="{left + wide / 2:.1f}" y="{y}" width="{wide / 2:.1f}" height="7" '
        f'fill="#fff" stroke="#222"/><text x="{left:.1f}" y="{y - 8}">0</text>'
        f'<text x="{left + wide:.1f}" y="{y - 8}" text-anchor="end">{words}</text></g>\n'
    )
