"""A plane for nearness: metres around one place, for trees and crossings, never for lengths.

Transverse Mercator on WGS 84 whose axis runs through the middle of the data. Within 30 km of
the axis a metre of the plane is a metre of the ground to 1.1e-5 (d^2 / 2 R^2); lengths that
are reported are measured on the ellipsoid all the same (:func:`segment_m`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod, Transformer

from nexpo.connectivity.design.model import Floats, Ints, StreetGraph

Lines = NDArray[np.object_]
_GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True, slots=True)
class Plane:
    """A plane in metres that touches the ellipsoid along one meridian.

    Parameters
    ----------
    lon, lat
        Origin in degrees, WGS 84.

    Examples
    --------
    >>> x, y = Plane(9.4, 45.85).to_metres(np.array([9.41]), np.array([45.85]))
    >>> round(float(x[0]), 1)
    776.7
    """

    lon: float
    lat: float

    @classmethod
    def around(cls, lon: Floats, lat: Floats) -> Plane:
        """Return the plane whose origin is the middle of the extent of some points."""
        return cls(
            float((np.min(lon) + np.max(lon)) / 2) if len(lon) else 0.0,
            float((np.min(lat) + np.max(lat)) / 2) if len(lat) else 0.0,
        )

    def to_metres(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Return x and y in metres."""
        x, y = _transformer(self.lon, self.lat).transform(lon, lat)
        return np.asarray(x, dtype=float), np.asarray(y, dtype=float)

    def to_degrees(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return longitude and latitude in degrees."""
        lon, lat = _transformer(self.lon, self.lat).transform(x, y, direction="INVERSE")
        return np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)

    def points(self, lon: Floats, lat: Floats) -> Lines:
        """Return points of the plane as geometries."""
        x, y = self.to_metres(lon, lat)
        return np.atleast_1d(np.asarray(shapely.points(x, y), dtype=object))

    def project(self, geometries: Lines) -> Lines:
        """Return geometries given in degrees, in metres of the plane."""

        def moved(xy: Floats) -> Floats:
            return np.column_stack(self.to_metres(xy[:, 0], xy[:, 1]))

        return np.atleast_1d(np.asarray(shapely.transform(geometries, moved), dtype=object))


def plane_of(graph: StreetGraph) -> Plane:
    """Return the plane around a street graph."""
    return Plane.around(graph.shape_lon, graph.shape_lat)


def lines_of(graph: StreetGraph, plane: Plane) -> Lines:
    """Return each section's line in metres of a plane."""
    x, y = plane.to_metres(graph.shape_lon, graph.shape_lat)
    owner = np.repeat(np.arange(graph.sections), np.diff(graph.shape_start))
    if not graph.sections:
        return np.empty(0, dtype=object)
    return np.asarray(shapely.linestrings(np.column_stack((x, y)), indices=owner), dtype=object)


def distance_m(lon_a: Floats, lat_a: Floats, lon_b: Floats, lat_b: Floats) -> Floats:
    """Return metres on the ellipsoid between points, pair by pair.

    Examples
    --------
    >>> one = np.array([9.39]), np.array([45.85])
    >>> float(distance_m(*one, np.array([9.40]), np.array([45.85]))[0].round(2))
    776.72
    """
    if not len(lon_a):
        return np.zeros(0)
    return np.asarray(_GEOD.inv(lon_a, lat_a, lon_b, lat_b)[2], dtype=float)


def segment_m(lon: Floats, lat: Floats, start: Ints) -> Floats:
    """Return for each vertex the metres from the one before; zero where a line begins.

    Parameters
    ----------
    start
        Where each line begins, with the total at the end.
    """
    metres = np.zeros(len(lon))
    if len(lon):
        metres[1:] = distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
        metres[start[:-1]] = 0.0
    return metres


def spans(start: Ints, count: Ints) -> Ints:
    """Return the positions ``start[i] .. start[i] + count[i] - 1`` of all ``i``, joined.

    Examples
    --------
    >>> spans(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    total = int(count.sum())
    before = np.cumsum(count) - count
    return np.asarray(np.arange(total) + np.repeat(start - before, count), dtype=np.int64)


def starts(count: Ints) -> Ints:
    """Return where each of some runs begins, with the total at the end.

    Examples
    --------
    >>> starts(np.array([2, 0, 3])).tolist()
    [0, 2, 2, 5]
    """
    return np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(count, dtype=np.int64)))


@cache
def _transformer(lon: float, lat: float) -> Transformer:
    there = f"+proj=tmerc +lon_0={lon!r} +lat_0={lat!r} +k=1 +ellps=WGS84 +units=m"
    return Transformer.from_crs("EPSG:4326", there, always_xy=True)
