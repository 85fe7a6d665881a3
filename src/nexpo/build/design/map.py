"""The map of a design: trenches by class, cables by level, sites, premises; SVG and PNG.

The SVG is written here, on an equal-area projection centred on the design: north is up at the
centre and the scale bar holds. The colour of a trench is its class, the line inside it the
highest level of cable it carries. What was not surveyed is drawn hollow. The PNG is the same
drawing, with a font that comes with a package: the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import numpy as np
import polars as pl
import resvg_py
import shapely
from pyproj import Transformer

from nexpo.build.design.layers import GEOMETRY, Layer, layers, network
from nexpo.build.design.marks import (
    cabinet_mark,
    credits_of,
    mast_mark,
    polyline,
    pop_mark,
    spot,
    subtitle_of,
    swatch,
    title_of,
)
from nexpo.build.design.model import AreaDesign
from nexpo.core.files import atomic_path

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WIDTH = 1400
_MARGIN, _EDGE = 18, 56
_FLATTEST, _STEEPEST = 0.5, 1.15  # height of the map over its width
_PNG_ZOOM = 2
_ROW, _COLUMNS = 25, 4
_LABELLED = 40  # cabinets beyond this are drawn without their names
_WEIGHTS = ("Regular", "Bold")
_FAMILY = "'Source Sans Pro','Source Sans 3',Helvetica,Arial,sans-serif"


@dataclass(frozen=True, slots=True)
class Style:
    """How a kind of trench is drawn, and what the legend calls it."""

    classes: tuple[str, ...]
    words: str
    colour: str
    dash: str = ""


STYLES: tuple[Style, ...] = (
    Style(("paved",), "stone, setts (pavé)", "#b5793a"),
    Style(("asphalt",), "asphalt (asfalto)", "#8fa3b5"),
    Style(("rural_road",), "rural road (strada rurale)", "#d3b06a"),
    Style(("track",), "track, unpaved (sterrato)", "#9bbf5e"),
    Style(("path",), "path, steps (sentiero)", "#5fb39b"),
    Style(("main_road",), "main road (statale)", "#c47fb8"),
    Style(("bridge", "tunnel"), "bridge, tunnel", "#6b6b6b"),
    Style(("rail_crossing", "motorway_crossing", "water_crossing"), "crossing, drilled", "#e0503a"),
    Style(("join",), "join, unverified", "#f08a24", "7 4"),
    Style(("duct",), "existing duct (cavidotto), reused", "#3b8fd0"),
    Style(("poles",), "existing poles (palificata), reused", "#35b8c4", "9 4"),
    Style(("lead",), "from street to address", "#cdc6ba"),
)
LEVELS: tuple[tuple[str, str, str, float], ...] = (
    ("ring", "ring: the second way", "#b3008f", 0.42),
    ("drop", "drop (raccordo)", "#2f6b3a", 0.16),
    ("distribution", "distribution (secondaria)", "#173f8a", 0.32),
    ("feeder", "feeder (primaria)", "#111111", 0.44),
)
"""Level, words, colour, and width over that of the trench; the last is drawn on top."""


def draw(design: AreaDesign) -> str:
    """Return the map of a design as one SVG element."""
    return _Map.of(design).svg()


def write_png(picture: str, target: Path, *, zoom: int = _PNG_ZOOM) -> Path:
    """Write an SVG as PNG, ``zoom`` pixels a unit.

    Raises
    ------
    Problem
        ``CANNOT_WRITE`` when the place cannot be written.
    """
    fonts = files("font_source_sans_pro").joinpath("files")
    pixels = resvg_py.svg_to_bytes(
        svg_string=picture,
        background="#ffffff",
        zoom=zoom,
        skip_system_fonts=True,
        font_files=[str(fonts.joinpath(f"SourceSansPro-{each}.ttf")) for each in _WEIGHTS],
        font_family="Source Sans Pro",
        sans_serif_family="Source Sans Pro",
    )
    with atomic_path(target) as path:
        path.write_bytes(bytes(pixels))
    return target


@dataclass(frozen=True, slots=True)
class Frame:
    """From degrees to units of the picture: equal-area metres, scaled and turned over."""

    turn: Transformer
    left: float
    top: float
    scale: float
    height: int

    @classmethod
    def around(cls, lonlat: Floats) -> Frame:
        """Return a frame that holds some places, neither too flat nor too steep."""
        west, south = lonlat.min(axis=0)
        east, north = lonlat.max(axis=0)
        centre = f"+lat_0={(south + north) / 2:.6f} +lon_0={(west + east) / 2:.6f}"
        turn = Transformer.from_crs(
            "EPSG:4326", f"+proj=laea {centre} +ellps=WGS84 +units=m", always_xy=True
        )
        x, y = turn.transform(lonlat[:, 0], lonlat[:, 1])
        wide, high = max(np.ptp(x), 50.0), max(np.ptp(y), 50.0)
        width = max(wide, high / _STEEPEST)
        height = max(high, width * _FLATTEST)
        scale = (WIDTH - 2 * _EDGE) / width
        return cls(
            turn,
            (x.min() + x.max() - width) / 2 - _EDGE / scale,
            (y.min() + y.max() + height) / 2 + _EDGE / scale,
            scale,
            round(height * scale) + 2 * _EDGE,
        )

    def at(self, lonlat: Floats) -> Floats:
        """Return units of the picture for degrees."""
        x, y = self.turn.transform(lonlat[:, 0], lonlat[:, 1])
        return np.column_stack([x - self.left, self.top - y]) * self.scale

    def metres(self, wanted: int) -> int:
        """Return a round length, not wider than ``wanted`` units.

        Examples
        --------
        >>> Frame(None, 0.0, 0.0, 0.25, 100).metres(200)
        500
        """
        most = wanted / self.scale
        tens = int(10 ** np.floor(np.log10(most)))
        return max(step * tens for step in (1, 2, 5) if step * tens <= most)


@dataclass(frozen=True)
class _Map:
    design: AreaDesign
    held: Mapping[str, Layer]
    streets: Layer
    frame: Frame

    @classmethod
    def of(cls, design: AreaDesign) -> _Map:
        held = {layer.name: layer for layer in layers(design)}
        streets = network(design.inputs.streets)[0]
        places = [
            _places(held[name])
            for name in ("trenches", "premises", "wireless_sites")
            if name in held
        ]
        seen = np.concatenate(places)
        return cls(design, held, streets, Frame.around(seen if len(seen) else _places(streets)))

    def svg(self) -> str:
        return "".join(self._parts())

    @cached_property
    def trench_width(self) -> float:
        """About twelve metres of ground, within what can be seen and told apart."""
        return float(np.clip(12 * self.frame.scale, 4.6, 9))

    @cached_property
    def dot(self) -> float:
        return float(np.clip(7 * self.frame.scale, 4.2, 6))

    @cached_property
    def box(self) -> float:
        return float(np.clip(30 * self.frame.scale, 11, 18))

    def _parts(self) -> Iterator[str]:
        legend = list(self._legend())
        deep = self.frame.height + 60 + _ROW * self._legend_rows() + 46
        title, told = title_of(self.design), subtitle_of(self.design)
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {deep}" '
            f'width="{WIDTH}" height="{deep}" role="img" aria-labelledby="map-title map-desc" '
            f'font-family="{_FAMILY}">\n'
            f'<title id="map-title">{escape(title)}</title>\n'
            f'<desc id="map-desc">{escape(told)}</desc>\n'
            f'<rect width="{WIDTH}" height="{deep}" fill="#fbfaf7"/>\n'
        )
        yield from self._ground()
        yield '<g stroke-linejoin="round" stroke-linecap="round">\n'
        yield from self._trenches()
        yield from self._cables()
        yield from self._chambers()
        yield from self._premises()
        yield from self._sites()
        yield from self._radio()
        yield "</g>\n"
        yield from (self._name(title), self._north(), self._scale(), self._stamp())
        yield (  # over what runs on below the frame
            f'<path d="M-1 {self.frame.height}h{WIDTH + 2}v{deep}h{-WIDTH - 2}z" fill="#fff" '
            'stroke="#222"/>\n'
        )
        yield from legend
        yield "</svg>\n"

    # On the ground

    def _ground(self) -> Iterator[str]:
        width = max(1.0, 0.45 * self.trench_width)
        path = self._lines(self.streets.frame)
        yield f'<path d="{path}" fill="none" stroke="#dedad2" stroke-width="{width:.1f}"/>\n'

    def _trenches(self) -> Iterator[str]:
        frame = self.held["trenches"].frame
        for style in reversed(STYLES):
            rows = frame.filter(pl.col("cost_class").is_in(style.classes))
            if rows.height:
                yield self._stroke(rows, style.colour, self._width(style), style.dash)

    def _width(self, style: Style) -> float:
        return self.trench_width * (0.3 if style.classes == ("lead",) else 1)

    def _cables(self) -> Iterator[str]:
        frame = self.held["trenches"].frame.filter(pl.col("cost_class") != "lead")
        for level, rows in _by_level(frame):
            if rows.height:
                colour, share = next((c, w) for name, _, c, w in LEVELS if name == level)
                yield self._stroke(rows, colour, max(0.7, self.trench_width * share))

    def _stroke(self, rows: pl.DataFrame, colour: str, width: float, dash: str = "") -> str:
        dashed = f' stroke-dasharray="{dash}" stroke-linecap="butt"' if dash else ""
        return (
            f'<path d="{self._lines(rows)}" fill="none" stroke="{colour}" '
            f'stroke-width="{width:.2f}"{dashed}/>\n'
        )

    def _premises(self) -> Iterator[str]:
        frame = self.held["premises"].frame.filter(pl.col(GEOMETRY).is_not_null())
        for status, colour in (("connected", "#8d8a83"), ("served", "#1c6b32")):
            rows = frame.filter(pl.col("status") == status)
            guessed = rows.filter("interpolated")
            if rows.height:
                yield self._dots(rows, colour, self.dot)
            if guessed.height:
                yield self._dots(guessed, "#fff", 0.52 * self.dot)
        lost = frame.filter(pl.col("status") == "unserved")
        if lost.height:
            yield self._crosses(lost)

    def _crosses(self, rows: pl.DataFrame) -> str:
        arm = 0.75 * self.dot
        marks = "".join(
            f"M{x - arm:.1f} {y - arm:.1f}l{2 * arm:.1f} {2 * arm:.1f}m0 {-2 * arm:.1f}"
            f"l{-2 * arm:.1f} {2 * arm:.1f}"
            for x, y in self._points(rows)
        )
        return f'<path d="{marks}" fill="none" stroke="#c11b1b" stroke-width="2"/>\n'

    def _chambers(self) -> Iterator[str]:
        rows = self.held["sites"].frame.filter(pl.col("kind") == "chamber")
        if rows.height:
            yield self._dots(rows, "#3a2c00", 2.1 * self.dot)
            yield self._dots(rows, "#ffd84d", 1.6 * self.dot)

    def _sites(self) -> Iterator[str]:
        frame = self.held["sites"].frame
        cabinets = frame.filter(pl.col("kind") == "cabinet")
        for row, (x, y) in zip(cabinets.iter_rows(named=True), self._points(cabinets), strict=True):
            yield cabinet_mark(x, y, self.box, f"{row['site']}: {row['units']} units")
        pops = frame.filter(pl.col("kind") == "pop")
        for row, (x, y) in zip(pops.iter_rows(named=True), self._points(pops), strict=True):
            yield pop_mark(x, y, 1.35 * self.box, f"POP {row['site']}: {row['units']} units")
            name = str(row["site"]).upper()
            yield self._label(x, y - 1.2 * self.box, name if "POP" in name else f"POP {name}", 19)
        if cabinets.height <= _LABELLED:
            for site, (x, y) in zip(cabinets["site"], self._points(cabinets), strict=True):
                yield self._label(x, y + 1.35 * self.box, site.replace("cabinet-", "A"), 15)

    def _radio(self) -> Iterator[str]:
        if "wireless_sites" not in self.held:
            return
        hops = self.held["wireless_hops"].frame
        if hops.height:
            yield self._stroke(hops, "#8a2be2", 1.4, "3 5")
        frame = self.held["wireless_sites"].frame
        for row, (x, y) in zip(frame.iter_rows(named=True), self._points(frame), strict=True):
            words = f"radio site {row['site']}: {row['units']} units, {row['sectors']} sectors"
            yield mast_mark(x, y, 1.1 * self.box, words)

    def _label(self, x: float, y: float, text: str, size: int) -> str:
        reach = 0.35 * size * len(text)  # half of its width: a label stays in the frame
        middle = float(np.clip(x, reach + 4, WIDTH - reach - 4))
        return (
            f'<text x="{middle:.1f}" y="{y:.1f}" font-size="{size}" font-weight="bold" '
            'fill="#111" stroke="#fff" stroke-width="4" paint-order="stroke" text-anchor="middle">'
            f"{escape(text)}</text>\n"
        )

    # Paths

    def _lines(self, frame: pl.DataFrame) -> str:
        shapes = shapely.from_wkb(frame[GEOMETRY].to_numpy())
        lonlat, owner = shapely.get_coordinates(shapes, return_index=True)
        tenths = np.round(self.frame.at(lonlat) * 10).astype(np.int64)
        inside = self._seen(tenths, owner, len(shapes))
        first = np.searchsorted(owner, np.arange(len(shapes) + 1))
        return "".join(
            polyline(tenths[first[each] : first[each + 1]]) for each in np.flatnonzero(inside)
        )

    def _seen(
        self, tenths: NDArray[np.int64], owner: NDArray[np.int64], many: int
    ) -> NDArray[np.bool_]:
        """Say which lines have a point in the frame or near it."""
        near = 10 * np.array([WIDTH, self.frame.height])
        held = np.all((tenths > -near // 10) & (tenths < near + near // 10), axis=1)
        found = np.zeros(many, dtype=np.bool_)
        found[owner[held]] = True
        return found

    def _points(self, frame: pl.DataFrame) -> list[tuple[float, float]]:
        if frame.is_empty():
            return []
        shapes = shapely.from_wkb(frame[GEOMETRY].to_numpy())
        return [(float(x), float(y)) for x, y in self.frame.at(shapely.get_coordinates(shapes))]

    def _dots(self, frame: pl.DataFrame, colour: str, size: float) -> str:
        """Return points as lines of no length with round ends: one path for all of them."""
        path = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in self._points(frame))
        return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{size:.1f}"/>\n'

    # Around the map

    def _name(self, title: str) -> str:
        return (
            f'<text x="{_MARGIN}" y="38" font-size="24" font-weight="bold" fill="#111" '
            f'stroke="#fff" stroke-width="5" paint-order="stroke">{escape(title)}</text>\n'
        )

    def _north(self) -> str:
        return (
            f'<g transform="translate({WIDTH - 44} 54)" fill="#222" stroke="#fff" stroke-width="3" '
            'paint-order="stroke"><path d="M0-30 10 10 0 3-10 10z"/>'
            '<text y="30" text-anchor="middle" font-size="18" font-weight="bold">N</text></g>\n'
        )

    def _scale(self) -> str:
        metres = self.frame.metres(260)
        width = metres * self.frame.scale
        left, y = WIDTH - 2 * _MARGIN - width, self.frame.height - 26
        words = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres} m"  # noqa: PLR2004 - metres in a km
        return (
            f'<g font-size="16" fill="#222"><rect x="{left - 14:.1f}" y="{y - 30}" '
            f'width="{width + 28:.1f}" height="46" fill="#fff" fill-opacity=".85"/>'
            f'<rect x="{left:.1f}" y="{y}" width="{width / 2:.1f}" height="7" fill="#222"/>'
            f'<rect x="{left + width / 2:.1f}" y="{y}" width="{width / 2:.1f}" height="7" '
            f'fill="#fff" stroke="#222"/><text x="{left:.1f}" y="{y - 8}">0</text>'
            f'<text x="{left + width:.1f}" y="{y - 8}" text-anchor="end">{words}</text></g>\n'
        )

    def _stamp(self) -> str:
        if not self.design.synthetic:
            return ""
        x, y = WIDTH / 2, self.frame.height / 2
        return (
            f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="middle" font-size="170" '
            'font-weight="bold" fill="#8a1c1c" fill-opacity=".15" '
            f'transform="rotate(-22 {x:.0f} {y:.0f})">SYNTHETIC</text>\n'
        )

    # Legend

    def _blocks(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return the columns of the legend: head, and mark with words of each row."""
        return [
            ("Trench by class (scavo)", list(self._trench_rows())),
            ("Highest cable in it (cavo)", list(self._cable_rows())),
            ("Sites (nodi)", list(self._site_rows())),
            ("Premises (civici)", list(self._premises_rows())),
        ]

    def _legend_rows(self) -> int:
        return max(len(rows) for _, rows in self._blocks())

    def _legend(self) -> Iterator[str]:
        top = self.frame.height + 34
        step = (WIDTH - 2 * _MARGIN) / _COLUMNS
        yield '<g font-size="16" fill="#222">\n'
        for column, (head, rows) in enumerate(self._blocks()):
            x = _MARGIN + column * step
            yield f'<text x="{x:.0f}" y="{top}" font-weight="bold">{escape(head)}</text>\n'
            for number, (mark, words) in enumerate(rows, 1):
                y = top + number * _ROW
                yield f'<g transform="translate({x:.0f} {y - 5})">{mark}</g>'
                yield f'<text x="{x + 44:.0f}" y="{y}">{escape(words)}</text>\n'
        foot = top + _ROW * self._legend_rows() + 40
        yield (
            f'<text x="{_MARGIN}" y="{foot}" font-size="14" fill="#55524c">'
            f"{escape(credits_of(self.design))}</text></g>\n"
        )

    def _trench_rows(self) -> Iterator[tuple[str, str]]:
        frame = self.held["trenches"].frame
        for style in STYLES:
            rows = frame.filter(pl.col("cost_class").is_in(style.classes))
            if rows.height:
                mark = swatch(
                    style.colour, 6 * (0.4 if style.classes == ("lead",) else 1), style.dash
                )
                yield mark, f"{style.words}: {_long(rows)}"

    def _cable_rows(self) -> Iterator[tuple[str, str]]:
        frame = self.held["trenches"].frame.filter(pl.col("cost_class") != "lead")
        for level, rows in reversed(list(_by_level(frame))):
            if rows.height:
                words, colour, share = next((w, c, s) for n, w, c, s in LEVELS if n == level)
                yield swatch(colour, max(1.2, 6 * share)), f"{words}: {_long(rows)}"

    def _site_rows(self) -> Iterator[tuple[str, str]]:
        counted = dict(self.held["sites"].frame.group_by("kind").len().iter_rows())
        marks = (
            ("pop", pop_mark(14, 0, 17), "POP (centrale)"),
            ("cabinet", cabinet_mark(14, 0, 14), "cabinet (armadio), A0 is cabinet-0"),
            ("chamber", spot("#3a2c00", 11) + spot("#ffd84d", 8), "drop chamber (pozzetto)"),
        )
        for kind, mark, words in marks:
            if kind in counted:
                yield mark, f"{words}: {counted[kind]:,}"
        if "wireless_sites" in self.held:
            many = self.held["wireless_sites"].frame.height
            yield mast_mark(14, 0, 15), f"radio site (stazione radio): {many:,}"

    def _premises_rows(self) -> Iterator[tuple[str, str]]:
        frame = self.held["premises"].frame
        hollow = spot("#1c6b32", 8) + spot("#fff", 4)
        cross = '<path d="M9-5l10 10m0-10l-10 10" stroke="#c11b1b" stroke-width="2"/>'
        surveyed = ~pl.col("interpolated")
        rows = (
            (spot("#1c6b32", 8), "served", surveyed, "served, place given"),
            (hollow, "served", ~surveyed, "served, place interpolated"),
            (cross, "unserved", pl.lit(value=True), "left without fibre"),
            (spot("#8d8a83", 8), "connected", pl.lit(value=True), "connected already"),
        )
        for mark, status, which, words in rows:
            many = frame.filter((pl.col("status") == status) & which).height
            if many:
                yield mark, f"{words}: {many:,}"


def _long(rows: pl.DataFrame) -> str:
    metres = float(rows["length_m"].sum())
    return f"{metres / 1000:,.1f} km" if metres >= 100 else f"{metres:,.0f} m"  # noqa: PLR2004 - short ones in metres


def _by_level(frame: pl.DataFrame) -> Iterable[tuple[str, pl.DataFrame]]:
    """Split trenches by the highest level of cable in them, the last the highest."""
    taken = pl.lit(value=False)
    found = []
    for level, *_ in reversed(LEVELS):
        found.append((level, frame.filter(pl.col(level) & ~taken)))
        taken |= pl.col(level)
    return reversed(found)


def _places(layer: Layer) -> Floats:
    found: Floats = shapely.get_coordinates(layer.shapes)
    return found
