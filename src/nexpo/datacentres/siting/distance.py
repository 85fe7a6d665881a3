"""Distance from the centre of each cell to the nearest feature: point, line or polygon.

Euclidean and exact, to the geometry itself, no rasterising in between; inside a polygon it is
zero. Blocks of cells look only at the segments that can be nearest, by the triangle inequality,
so the answer does not depend on the blocks; memory is bounded by the arrays that are returned.
Metres of the frame's projection.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import shapely

from nexpo.core.problem import bad_input
from nexpo.datacentres.siting.grid import Frame, numbered

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Floats = NDArray[np.float64]
    Metres = NDArray[np.float32]
    Mask = NDArray[np.bool_]
    Ints = NDArray[np.int32]

_SUPER, _BLOCK, _SMALL = 512, 64, 8
_SLACK = 1e-9  # of a distance: what rounding may hide
_POLYGON = 3  # type id of shapely; those of collections are greater


def to_features(
    geometries: Sequence[BaseGeometry],
    frame: Frame,
    *,
    where: Mask | None = None,
    most_m: float = inf,
) -> Metres:
    """Return metres from each cell's centre to the nearest geometry.

    Parameters
    ----------
    geometries
        Points, lines or polygons in the projection of the frame, inside it or not.
    where
        Cells to look at; the others are NaN.
    most_m
        Farther than this is infinite: looking no farther is quicker.

    Returns
    -------
    numpy.ndarray
        Metres; infinite where there is no geometry (within ``most_m``), NaN outside ``where``.

    Examples
    --------
    >>> frame = Frame(0.0, 100.0, 100.0, 1, 3)
    >>> to_features([shapely.Point(50, 50)], frame)
    array([[  0., 100., 200.]], dtype=float32)
    """
    out = np.empty(frame.shape, dtype=np.float32)
    for rows, squared, _ in _strips(geometries, frame, where, most_m):
        np.sqrt(squared, out=squared)
        out[rows] = squared
    return out


def nearest_feature(
    geometries: Sequence[BaseGeometry], frame: Frame, *, where: Mask | None = None
) -> tuple[Metres, Ints]:
    """Return metres to, and number of, the nearest geometry; the lowest number of equals.

    The number is -1 where there is none.
    """
    out = np.empty(frame.shape, dtype=np.float32)
    number = np.empty(frame.shape, dtype=np.int32)
    for rows, squared, owner in _strips(geometries, frame, where, inf):
        out[rows], number[rows] = np.sqrt(squared), owner
    return out, number


def within(
    geometries: Sequence[BaseGeometry],
    frame: Frame,
    radius_m: float,
    *,
    where: Mask | None = None,
) -> Mask:
    """Return the cells whose centre is at most ``radius_m`` from a geometry: a round buffer.

    Examples
    --------
    >>> frame = Frame(0.0, 300.0, 100.0, 3, 3)
    >>> within([shapely.Point(150, 150)], frame, 100.0).astype(int)
    array([[0, 1, 0],
           [1, 1, 1],
           [0, 1, 0]])
    """
    out = np.empty(frame.shape, dtype=np.bool_)
    for rows, squared, _ in _strips(geometries, frame, where, radius_m):
        out[rows] = squared <= radius_m * radius_m
    return out


def _strips(
    geometries: Sequence[BaseGeometry], frame: Frame, where: Mask | None, most_m: float
) -> Iterator[tuple[slice, Floats, Ints]]:
    """Yield squared metres and number of the nearest geometry, strip of rows by strip."""
    if where is not None and where.shape != frame.shape:
        raise bad_input("the mask has another shape than the frame", value=where.shape)
    segments, owners = _segments(geometries)
    for first in range(0, frame.rows, _SUPER):
        rows = slice(first, min(first + _SUPER, frame.rows))
        part = frame.window(rows, slice(0, frame.columns))
        squared = np.full(part.shape, np.inf)
        owner = np.full(part.shape, -1, dtype=np.int32)
        looked = np.ones(part.shape, dtype=np.bool_) if where is None else where[rows]
        if len(segments) and looked.any():
            corner = (frame.left_m, frame.top_m, frame.cell_m, float(first))
            _search(segments, owners, corner, looked, float(most_m), squared, owner)
        _inside(geometries, part, squared, owner)
        squared[~looked] = np.nan
        owner[~looked] = -1
        yield rows, squared, owner


def _inside(geometries: Sequence[BaseGeometry], frame: Frame, squared: Floats, owner: Ints) -> None:
    """Make the distance zero inside polygons; the lowest number of those that hold a cell."""
    parts, part_of = _apart(geometries)
    solid = np.flatnonzero(shapely.get_type_id(parts) == _POLYGON)
    if not len(solid):
        return
    solid = solid[shapely.intersects(parts[solid], shapely.box(*frame.bounds))]
    holder = numbered(parts[solid], frame)
    held = holder >= 0
    number = part_of[solid[holder[held]]]
    other = np.where(squared[held] == 0.0, owner[held], number)
    squared[held] = 0.0
    owner[held] = np.minimum(number, other)


def _apart(
    geometries: Sequence[BaseGeometry],
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return the points, lines and polygons that geometries are made of, and whose each is."""
    parts = np.asarray(geometries, dtype=object)
    owners = np.arange(len(parts))
    while (shapely.get_type_id(parts) > _POLYGON).any():  # collections may hold collections
        parts, at = shapely.get_parts(parts, return_index=True)
        owners = owners[at]
    return parts, owners


def _segments(geometries: Sequence[BaseGeometry]) -> tuple[Floats, Ints]:
    """Return x0, y0, x1, y1 of each segment, points as segments of no length, and its owner."""
    parts, part_of = _apart(geometries)
    if not len(parts):
        return np.empty((0, 4)), np.empty(0, dtype=np.int32)
    solid = shapely.get_type_id(parts) == _POLYGON
    rings, ring_of = shapely.get_rings(parts[solid], return_index=True)
    lines = np.concatenate([parts[~solid], rings])
    line_of = np.concatenate([part_of[~solid], part_of[solid][ring_of]])
    points, point_of = shapely.get_coordinates(lines, return_index=True)
    if not np.isfinite(points).all():
        raise bad_input(
            "a coordinate is not finite", remedy="check that the layer lies in its projection"
        )
    same = np.diff(point_of) == 0
    pairs = np.column_stack([points[:-1][same], points[1:][same]])
    single = np.flatnonzero(np.bincount(point_of, minlength=len(lines))[point_of] == 1)
    alone = np.column_stack([points[single], points[single]])
    owners = np.concatenate([line_of[point_of[:-1][same]], line_of[point_of[single]]])
    order = np.argsort(owners, kind="stable")
    table = np.ascontiguousarray(np.concatenate([pairs, alone])[order])
    return table, owners[order].astype(np.int32)


@numba.njit(cache=True)
def _squared(segments: Floats, k: int, x: float, y: float) -> Any:  # noqa: ANN401 - compiled
    x0, y0 = segments[k, 0], segments[k, 1]
    dx, dy = segments[k, 2] - x0, segments[k, 3] - y0
    length = dx * dx + dy * dy
    t = 0.0
    if length > 0.0:
        t = ((x - x0) * dx + (y - y0) * dy) / length
        t = min(max(t, 0.0), 1.0)
    ex, ey = x - (x0 + t * dx), y - (y0 + t * dy)
    return ex * ex + ey * ey


@numba.njit(cache=True)
def _candidates(
    segments: Floats,
    given: Ints,
    centre: tuple[float, float],
    half: float,
    most: float,
) -> Ints:
    """Return the segments that can be nearest to a place within ``half`` of a centre."""
    x, y = centre
    away = np.empty(len(given))
    least = np.inf
    for at in range(len(given)):
        away[at] = np.sqrt(_squared(segments, given[at], x, y))
        least = min(least, away[at])
    limit = min(least + 2.0 * half, most + half)
    limit += _SLACK * (1.0 + limit + abs(x) + abs(y)) if limit < np.inf else 0.0
    return given[away <= limit]


@numba.njit(cache=True)
def _box_of(
    corner: tuple[float, float, float, float], top: int, left: int, bottom: int, right: int
) -> tuple[float, float, float]:
    """Return the centre of the cells of a block and half the diagonal of their centres."""
    west, north, cell, first = corner
    x = west + 0.5 * (left + right) * cell
    y = north - (first + 0.5 * (top + bottom)) * cell
    wide, high = (right - left - 1) * cell, (bottom - top - 1) * cell
    return x, y, 0.5 * np.sqrt(wide * wide + high * high)


@numba.njit(cache=True)
def _fill(  # noqa: PLR0913, PLR0917 - flat arrays in, compiled
    segments: Floats,
    owners: Ints,
    near: Ints,
    corner: tuple[float, float, float, float],
    window: tuple[int, int, int, int],
    where: Mask,
    most2: float,
    squared: Floats,
    owner: Ints,
) -> None:
    west, north, cell, first = corner
    top, left, bottom, right = window
    for row in range(top, bottom):
        y = north - (first + row + 0.5) * cell
        for column in range(left, right):
            if not where[row, column]:
                continue
            x = west + (column + 0.5) * cell
            best, who = np.inf, -1
            for k in near:
                found = _squared(segments, k, x, y)
                if found < best:
                    best, who = found, owners[k]
            if best <= most2:
                squared[row, column] = best
                owner[row, column] = who


@numba.njit(cache=True)
def _block(  # noqa: PLR0913, PLR0917 - flat arrays in, compiled
    segments: Floats,
    owners: Ints,
    given: Ints,
    corner: tuple[float, float, float, float],
    window: tuple[int, int, int, int],
    where: Mask,
    most: float,
    squared: Floats,
    owner: Ints,
) -> None:
    top, left, bottom, right = window
    x, y, half = _box_of(corner, top, left, bottom, right)
    some = _candidates(segments, given, (x, y), half, most)
    if len(some) == 0:
        return
    for upper in range(top, bottom, _SMALL):
        lower = min(upper + _SMALL, bottom)
        for first in range(left, right, _SMALL):
            last = min(first + _SMALL, right)
            if not where[upper:lower, first:last].any():
                continue
            x, y, half = _box_of(corner, upper, first, lower, last)
            near = _candidates(segments, some, (x, y), half, most)
            if len(near) > 0:
                part = (upper, first, lower, last)
                _fill(segments, owners, near, corner, part, where, most * most, squared, owner)


@numba.njit(cache=True)
def _search(
    segments: Floats,
    owners: Ints,
    corner: tuple[float, float, float, float],
    where: Mask,
    most: float,
    squared: Floats,
    owner: Ints,
) -> None:
    rows, columns = where.shape
    every = np.arange(len(segments)).astype(np.int32)
    for top in range(0, rows, _SUPER):
        bottom = min(top + _SUPER, rows)
        for left in range(0, columns, _SUPER):
            right = min(left + _SUPER, columns)
            x, y, half = _box_of(corner, top, left, bottom, right)
            some = _candidates(segments, every, (x, y), half, most)
            if len(some) == 0:
                continue
            for upper in range(top, bottom, _BLOCK):
                lower = min(upper + _BLOCK, bottom)
                for first in range(left, right, _BLOCK):
                    window = (upper, first, lower, min(first + _BLOCK, right))
                    if where[window[0] : window[2], window[1] : window[3]].any():
                        _block(segments, owners, some, corner, window, where, most, squared, owner)
