"""Areas and lengths on the ellipsoid (WGS 84), not in a projection.

An edge between two vertices is the geodesic, the shortest line on the ellipsoid
(Karney 2013). For boundaries, whose edges are short, that is the border; an edge along
a parallel is a geodesic only in the limit, so cut long parallels into short steps
first (:func:`shapely.segmentize`). At 45 N a cell of one degree given by its four
corners is 0.001 % smaller than the cell between its parallels.

Figures will differ from ISTAT's published areas: those agree, within 0.07 % in every
region, with the plane of UTM zone 32 N, which is true in Lombardy and Piedmont and
stretches the south-east (Apulia by 0.98 %). Densities computed here do not carry that.

A boundary that was generalised for a map has lost its wiggles: areas are hardly
touched, perimeters are too short. A part that repeats another is counted twice.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, overload

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pyproj import Geod
    from shapely.geometry.base import BaseGeometry

_M2_IN_KM2 = 1e6
_POLYGON = 3  # shapely's type id; higher ids are collections


@overload
def area_km2(geometry: Sequence[BaseGeometry]) -> NDArray[np.float64]: ...
@overload
def area_km2(geometry: BaseGeometry) -> float: ...
def area_km2(
    geometry: BaseGeometry | Sequence[BaseGeometry],
) -> float | NDArray[np.float64]:
    """Return the area in km2 of one geometry, or of each of many.

    Parameters
    ----------
    geometry
        Longitude and latitude in degrees. Points and lines have area zero; holes are
        taken off; the order of a ring does not matter.

    Examples
    --------
    >>> import shapely
    >>> round(area_km2(shapely.box(0, 0, 1, 1)))
    12309
    """
    import shapely  # noqa: PLC0415 - see the package's promise of a quick start

    many = np.atleast_1d(np.asarray(geometry, dtype=object))
    parts, owner = _parts(many)
    keep = shapely.get_type_id(parts) == _POLYGON
    rings, polygon = shapely.get_rings(shapely.orient_polygons(parts[keep]), return_index=True)
    signed = np.array([_ring_area(shapely.get_coordinates(ring)) for ring in rings])
    total = np.bincount(owner[keep][polygon], weights=signed, minlength=len(many)) / _M2_IN_KM2
    return total if _is_many(geometry) else float(total[0])


@overload
def length_m(geometry: Sequence[BaseGeometry]) -> NDArray[np.float64]: ...
@overload
def length_m(geometry: BaseGeometry) -> float: ...
def length_m(
    geometry: BaseGeometry | Sequence[BaseGeometry],
) -> float | NDArray[np.float64]:
    """Return the length in metres of one geometry, or of each of many.

    For a polygon it is the length of all its rings, holes included; for a point zero.

    Examples
    --------
    >>> import shapely
    >>> round(length_m(shapely.LineString([(9, 45), (9, 46)])))
    111142
    """
    import shapely  # noqa: PLC0415

    many = np.atleast_1d(np.asarray(geometry, dtype=object))
    parts, owner = _parts(many)
    lines, line_owner = _lines(parts, owner)
    xy, line = shapely.get_coordinates(lines, return_index=True)
    joined = line[1:] == line[:-1]
    start, end = xy[:-1][joined], xy[1:][joined]
    metres = _geod().inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])[2]
    edges = line_owner[line[1:][joined]]
    total = np.bincount(edges, weights=metres, minlength=len(many)).astype(float)
    return total if _is_many(geometry) else float(total[0])


def distance_m(
    lon_a: float | NDArray[np.float64],
    lat_a: float | NDArray[np.float64],
    lon_b: float | NDArray[np.float64],
    lat_b: float | NDArray[np.float64],
) -> float | NDArray[np.float64]:
    """Return the geodesic distance between points, one or many, in metres.

    Examples
    --------
    >>> round(float(distance_m(0, 0, 1, 0)))
    111319
    """
    metres: float | NDArray[np.float64] = _geod().inv(lon_a, lat_a, lon_b, lat_b)[2]
    return metres


def _parts(many: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Take collections apart until only single geometries are left."""
    import shapely  # noqa: PLC0415

    parts, owner = many, np.arange(len(many))
    while len(parts) and (shapely.get_type_id(parts) > _POLYGON).any():
        parts, index = shapely.get_parts(parts, return_index=True)
        owner = owner[index]
    return parts, owner


def _lines(
    parts: NDArray[np.object_], owner: NDArray[np.intp]
) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    import shapely  # noqa: PLC0415

    is_polygon = shapely.get_type_id(parts) == _POLYGON
    rings, index = shapely.get_rings(parts[is_polygon], return_index=True)
    lines = np.concatenate([parts[~is_polygon], rings])
    return lines, np.concatenate([owner[~is_polygon], owner[is_polygon][index]])


def _ring_area(xy: NDArray[np.float64]) -> float:
    area, _ = _geod().polygon_area_perimeter(xy[:, 0], xy[:, 1])
    return float(area)


def _is_many(geometry: object) -> bool:
    return isinstance(geometry, list | tuple | np.ndarray)


@cache
def _geod() -> Geod:
    from pyproj import Geod  # noqa: PLC0415

    return Geod(ellps="WGS84")
