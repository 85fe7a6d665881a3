"""Terrain: a height model, where a place lies in it, and what stands between two antennas.

Modelling choices, stated once:

* A profile is sampled bilinearly on the straight line between two cells of the model's own
  grid. That line leaves the geodesic by ``d^2 tan(lat) / 8 a`` at most, 8 m over 20 km at 45
  degrees, less than a cell of any model these links are judged on.
* Distances are metres on the WGS 84 ellipsoid, by the mid-latitude formula of Gauss: within
  one part in 10^5 of the geodesic up to 50 km.
* A hole is unknown, never a height of zero: a link over a hole is *unknown*, unless what is
  known blocks it already.
* Points of a profile are the middles of equal steps: ends are antennas, not obstacles.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from nexpo.connectivity.design.model import Floats, Ints
from nexpo.connectivity.design.wireless.diffraction import bullington_db, cascaded_db
from nexpo.connectivity.design.wireless.propagation import EARTH_RADIUS_M
from nexpo.core.problem import Kind, Problem

Heights = NDArray[np.float32]
Bools = NDArray[np.bool_]

_WGS84_A_M = 6_378_137.0
_WGS84_E2 = 0.006_694_379_990_141_316
_AFFINE = 6
_HAIR = 1e-6  # of a cell: keeps the four cells around a point within the grid
_LEAST_SIDE = 2
_MOST_POINTS = 1 << 14


class Surface(Enum):
    """What a height model shows: roofs and trees, or bare ground."""

    DSM = "dsm"
    DTM = "dtm"


@dataclass(frozen=True, slots=True, eq=False)
class Terrain:
    """A height model on a regular grid.

    Parameters
    ----------
    height_m
        ``(rows, columns)`` float32, metres; NaN where unknown.
    transform
        Six numbers ``a, b, c, d, e, f``: the outer corner of cell ``(row, column)`` lies at
        ``x = a column + b row + c``, ``y = d column + e row + f``.
    crs
        Reference system of ``x, y``: geographic in degrees, or projected in metres.
    surface
        Whether roofs and trees are in it.
    origin
        What to cite.

    Raises
    ------
    Problem
        When the reference system is unknown, not in metres or degrees, or the grid degenerate.
    """

    height_m: Heights
    transform: tuple[float, ...]
    crs: str
    surface: Surface
    origin: str = ""

    def __post_init__(self) -> None:
        if self.height_m.ndim != _LEAST_SIDE or min(self.height_m.shape) < _LEAST_SIDE:
            raise _unusable("a height model has at least 2 x 2 cells", self.height_m.shape)
        if len(self.transform) != _AFFINE or self._determinant() == 0:
            raise _unusable("the grid has no extent", self.transform)
        check_crs(self.crs)
        ready = np.ascontiguousarray(self.height_m, dtype=np.float32)
        ready.setflags(write=False)
        object.__setattr__(self, "height_m", ready)

    def _determinant(self) -> float:
        a, b, _, d, e, _ = self.transform
        return a * e - b * d

    def to_grid(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Return row and column of places, 0.0 being the middle of the first cell."""
        to_map = Transformer.from_crs("EPSG:4326", self.crs, always_xy=True)
        x, y = to_map.transform(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
        a, b, c, d, e, f = self.transform
        east, north = np.asarray(x) - c, np.asarray(y) - f
        column = (e * east - b * north) / self._determinant() - 0.5
        row = (a * north - d * east) / self._determinant() - 0.5
        return row, column

    def place(self, row: Floats, column: Floats) -> tuple[Floats, Floats]:
        """Return longitude and latitude of points of the grid."""
        a, b, c, d, e, f = self.transform
        across, down = np.asarray(column) + 0.5, np.asarray(row) + 0.5
        back = Transformer.from_crs(self.crs, "EPSG:4326", always_xy=True)
        lon, lat = back.transform(a * across + b * down + c, d * across + e * down + f)
        return np.asarray(lon), np.asarray(lat)

    def ground_m(self, lon: Floats, lat: Floats) -> Floats:
        """Return the height of places, metres, NaN where unknown or outside."""
        row, column = self.to_grid(lon, lat)
        return _sample(self.height_m, row, column)

    def holds(self, lon: Floats, lat: Floats) -> Bools:
        """Say which places lie inside the grid, hole or not."""
        row, column = self.to_grid(lon, lat)
        rows, columns = self.height_m.shape
        inside = (row >= 0) & (row <= rows - 1) & (column >= 0) & (column <= columns - 1)
        return np.asarray(inside)

    @property
    def cell_m(self) -> float:
        """The shorter side of a cell in the middle of the grid, metres."""
        rows, columns = self.height_m.shape
        row, column = np.full(3, rows / 2), np.full(3, columns / 2)
        row[1] += 1
        column[2] += 1
        lon, lat = self.place(row, column)
        steps = distance_m(lon[:1], lat[:1], lon[1:], lat[1:])
        return float(steps.min())


def check_crs(crs: str) -> CRS:
    """Return the reference system, or say what is wrong with it.

    Examples
    --------
    >>> check_crs("EPSG:32632").is_projected
    True
    """
    try:
        known = CRS.from_user_input(crs)
    except CRSError:
        raise _wrong_crs("the reference system of the height model is unknown", crs) from None
    if known.is_geographic:
        return known
    metres = all(axis.unit_conversion_factor == 1.0 for axis in known.axis_info[:2])
    if not known.is_projected or not metres:
        raise _wrong_crs("the reference system is neither in degrees nor in metres", crs)
    return known


class Ends(NamedTuple):
    """One side of links: where antennas stand in a grid, and how high above its datum."""

    row: Floats
    column: Floats
    altitude_m: Floats


def ends(terrain: Terrain, lon: Floats, lat: Floats, above_m: Floats) -> Ends:
    """Return antennas ``above_m`` over the model; altitude NaN where the ground is unknown."""
    row, column = terrain.to_grid(lon, lat)
    return Ends(row, column, _sample(terrain.height_m, row, column) + above_m)


class Sight(NamedTuple):
    """What a profile shows, one row a link.

    Attributes
    ----------
    clearance
        Least clearance over the terrain, in radii of the first Fresnel zone; below zero the
        sight line is cut. NaN where an end is unknown.
    worst
        Fraction of the way, from the first end, at which it is least.
    hole
        Fraction of the way to the first unknown point, -1 where all is known.
    """

    clearance: NDArray[np.float32]
    worst: NDArray[np.float32]
    hole: NDArray[np.float32]


def line_of_sight(  # noqa: PLR0913 - a link has two ends, a length and a wave
    terrain: Terrain,
    first: Ends,
    last: Ends,
    link_first: Ints,
    link_last: Ints,
    *,
    length_m: Floats,
    wavelength_m: float,
    earth_factor: float,
    points: int = 64,
) -> Sight:
    """Return clearance over the terrain for links between two sets of antennas.

    Parameters
    ----------
    first, last
        The antennas of both sides.
    link_first, link_last
        ``(n,)`` positions in ``first`` and ``last``.
    length_m
        ``(n,)`` metres on the ellipsoid.
    wavelength_m, earth_factor
        Metres; times the radius of the Earth.
    points
        Samples a profile.

    Examples
    --------
    >>> flat = Terrain(np.zeros((9, 9), np.float32), (100, 0, 500000, 0, -100, 5000900),
    ...                "EPSG:32632", Surface.DTM)
    >>> one = Ends(np.array([4.0]), np.array([0.0]), np.array([10.0]))
    >>> two = Ends(np.array([4.0]), np.array([8.0]), np.array([10.0]))
    >>> zero = np.zeros(1, np.int64)
    >>> seen = line_of_sight(flat, one, two, zero, zero, length_m=np.array([800.0]),
    ...                      wavelength_m=0.01, earth_factor=4 / 3)
    >>> round(float(seen.clearance[0]), 1)
    7.1
    """
    if points < 1:
        raise Problem(Kind.USAGE, "a profile has at least one point", value=points)
    step = (np.arange(points) + 0.5) / points
    share = step * (1.0 - step)
    tables = (step, share, 1.0 / np.sqrt(share))
    count = len(link_first)
    sight = Sight(*(np.empty(count, np.float32) for _ in range(3)))
    radius = earth_factor * EARTH_RADIUS_M
    _clearances(
        terrain.height_m,
        first,
        last,
        (link_first, link_last, np.asarray(length_m, np.float64)),
        tables,
        (wavelength_m, radius),
        sight,
    )
    return sight


@njit(nogil=True, cache=True)
def _profile(
    heights: Heights,
    start: tuple[float, float],
    way: tuple[float, float],
    step: Floats,
    ground: Heights,
) -> None:
    """Fill ``ground`` with the bilinear heights at each step; the whole way lies in the grid."""
    columns = heights.shape[1]
    flat = heights.ravel()
    for point in range(step.size):
        row, column = start[0] + step[point] * way[0], start[1] + step[point] * way[1]
        top, left = np.int32(row), np.int32(column)
        v, u = np.float32(row - top), np.float32(column - left)
        cell = top * columns + left
        upper = flat[cell] + u * (flat[cell + 1] - flat[cell])
        cell += columns
        lower = flat[cell] + u * (flat[cell + 1] - flat[cell])
        ground[point] = upper + v * (lower - upper)


@njit(nogil=True, cache=True)
def _line(
    heights: Heights, first: Ends, one: int, last: Ends, two: int
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return start and way of a link, a hair inside the last row and column."""
    bottom, right = heights.shape[0] - 1 - _HAIR, heights.shape[1] - 1 - _HAIR
    row, column = min(first.row[one], bottom), min(first.column[one], right)
    way = (min(last.row[two], bottom) - row, min(last.column[two], right) - column)
    return (row, column), way


@njit(nogil=True, cache=True)
def _stands(heights: Heights, at: Ends, position: int) -> bool:
    """Say whether an antenna stands in the grid on known ground."""
    rows, columns = heights.shape
    return (
        0.0 <= at.row[position] <= rows - 1
        and 0.0 <= at.column[position] <= columns - 1
        and math.isfinite(at.altitude_m[position])
    )


@njit(nogil=True, cache=True)
def _clearances(
    heights: Heights,
    first: Ends,
    last: Ends,
    links: tuple[Ints, Ints, Floats],
    tables: tuple[Floats, Floats, Floats],
    wave: tuple[float, float],
    sight: Sight,
) -> None:
    """Fill ``sight``: samples, then bulge and Fresnel radius, in two short loops a link.

    The radius of the first zone at step t is ``sqrt(lambda d t (1 - t))`` and the bulge
    ``d^2 t (1 - t) / 2 k a``: both are a number of the link times a number of the step.
    """
    step, share, narrow = tables
    ground = np.empty(step.size, np.float32)
    for link in range(links[0].size):
        one, two, length = links[0][link], links[1][link], links[2][link]
        stands = _stands(heights, first, one)
        if not (stands and _stands(heights, last, two) and length > 0.0):
            sight.clearance[link], sight.worst[link] = np.nan, np.nan
            sight.hole[link] = 1.0 if stands else 0.0
            continue
        start, way = _line(heights, first, one, last, two)
        _profile(heights, start, way, step, ground)
        low, rise = first.altitude_m[one], last.altitude_m[two] - first.altitude_m[one]
        bend = length * length / (2.0 * wave[1])
        least, at, hole = np.inf, 0, -1
        for point in range(step.size):
            over = low + step[point] * rise - ground[point] - bend * share[point]
            over *= narrow[point]
            if over < least:
                least, at = over, point
            if hole < 0 and over != over:  # noqa: PLR0124 - only NaN differs from itself
                hole = point
        sight.clearance[link] = least / math.sqrt(wave[0] * length)
        sight.worst[link] = step[at]
        sight.hole[link] = step[hole] if hole >= 0 else -1.0


def points_for(length_m: Floats, cell_m: float, least: int) -> Ints:
    """Return samples a profile needs to step over no cell: ``least`` times a power of two.

    Examples
    --------
    >>> points_for(np.array([500.0, 4000.0, 10_000.0]), 30.0, 64).tolist()
    [64, 256, 512]
    """
    needed = np.maximum(np.asarray(length_m) / cell_m, 1.0) / least
    doubled = least * 2 ** np.ceil(np.log2(np.maximum(needed, 1.0))).astype(np.int64)
    return np.minimum(doubled, _MOST_POINTS)


def diffraction_loss_db(  # noqa: PLR0913 - a link has two ends, a length and a wave
    terrain: Terrain,
    first: Ends,
    last: Ends,
    link_first: Ints,
    link_last: Ints,
    *,
    length_m: Floats,
    wavelength_m: float,
    earth_factor: float,
    points: int = 64,
    cascaded: bool = False,
) -> Floats:
    """Return the diffraction loss of links over the terrain, dB; NaN over a hole.

    Bullington (P.526-15, 4.5.1), or three cascaded edges (4.4.2) where asked. Parameters are
    those of :func:`line_of_sight`.
    """
    loss = np.empty(len(link_first), np.float64)
    _diffractions(
        terrain.height_m,
        first,
        last,
        (link_first, link_last, np.asarray(length_m, np.float64)),
        ((np.arange(points) + 0.5) / points, cascaded),
        (wavelength_m, earth_factor * EARTH_RADIUS_M),
        loss,
    )
    return loss


@njit(nogil=True, cache=True)
def _diffractions(
    heights: Heights,
    first: Ends,
    last: Ends,
    links: tuple[Ints, Ints, Floats],
    method: tuple[Floats, bool],
    wave: tuple[float, float],
    loss: Floats,
) -> None:
    step, cascaded = method
    ground = np.empty(step.size, np.float32)
    for link in range(loss.size):
        one, two, length = links[0][link], links[1][link], links[2][link]
        loss[link] = np.nan
        if not (_stands(heights, first, one) and _stands(heights, last, two) and length > 0.0):
            continue
        start, way = _line(heights, first, one, last, two)
        _profile(heights, start, way, step, ground)
        if not np.all(np.isfinite(ground)):
            continue
        low, high = first.altitude_m[one], last.altitude_m[two]
        along, over = step * length, ground.astype(np.float64)
        if cascaded:
            loss[link] = cascaded_db(along, over, low, high, length, wave[0], wave[1])
        else:
            loss[link] = bullington_db(along, over, low, high, length, wave[0], wave[1])


@njit(nogil=True, cache=True)
def _bilinear(heights: Heights, row: float, column: float) -> float:
    rows, columns = heights.shape
    if not (0.0 <= row <= rows - 1 and 0.0 <= column <= columns - 1):
        return np.nan
    top, left = min(int(row), rows - 2), min(int(column), columns - 2)
    v, u = row - top, column - left
    upper = heights[top, left] + u * (heights[top, left + 1] - heights[top, left])
    lower = heights[top + 1, left] + u * (heights[top + 1, left + 1] - heights[top + 1, left])
    return float(upper + v * (lower - upper))


@njit(nogil=True, cache=True)
def _sample(heights: Heights, row: Floats, column: Floats) -> Floats:
    found = np.empty(row.size, np.float64)
    for point in range(row.size):
        found[point] = _bilinear(heights, row[point], column[point])
    return found


def distance_m(lon: Floats, lat: Floats, to_lon: Floats, to_lat: Floats) -> Floats:
    """Return distances on the WGS 84 ellipsoid, metres, for places up to some 50 km apart.

    Examples
    --------
    >>> float(distance_m(*(np.array([x]) for x in (9.0, 45.0, 9.0, 45.1)))[0].round(1))
    11113.3
    """
    east, north = _offset_m(lon, lat, to_lon, to_lat)
    return np.asarray(np.hypot(east, north))


def bearing_deg(lon: Floats, lat: Floats, to_lon: Floats, to_lat: Floats) -> Floats:
    """Return directions from the first places to the second, degrees from north, 0 to 360.

    Examples
    --------
    >>> float(bearing_deg(*(np.array([x]) for x in (9.0, 45.0, 9.1, 45.0)))[0].round(2))
    90.0
    """
    east, north = _offset_m(lon, lat, to_lon, to_lat)
    return np.asarray(np.degrees(np.arctan2(east, north)) % 360.0)


def _offset_m(lon: Floats, lat: Floats, to_lon: Floats, to_lat: Floats) -> tuple[Floats, Floats]:
    """Return metres east and north, by the radii of curvature at the middle latitude."""
    middle = np.radians((np.asarray(lat) + np.asarray(to_lat)) / 2.0)
    flat = 1.0 - _WGS84_E2 * np.sin(middle) ** 2
    across = _WGS84_A_M / np.sqrt(flat)
    along = across * (1.0 - _WGS84_E2) / flat
    turned = (np.asarray(to_lon) - np.asarray(lon) + 180.0) % 360.0 - 180.0
    east = np.radians(turned) * across * np.cos(middle)
    return east, np.radians(np.asarray(to_lat) - np.asarray(lat)) * along


def _wrong_crs(detail: str, crs: str) -> Problem:
    return Problem(
        Kind.BAD_INPUT,
        detail,
        value=str(crs),
        remedy="reproject the model (gdalwarp -t_srs EPSG:32632), or write its system into it",
    )


def _unusable(detail: str, value: object) -> Problem:
    return Problem(Kind.BAD_INPUT, detail, value=value, remedy="give another height model")
