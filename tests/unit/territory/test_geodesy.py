"""Areas and lengths of every kind of geometry."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from nexpo.territory import area_km2, distance_m, length_m

SQUARE = shapely.box(9, 45, 10, 46)
HOLE = shapely.box(9.4, 45.4, 9.6, 45.6)
RING = SQUARE.difference(HOLE)

A_M, F = 6_378_137.0, 1 / 298.257223563  # WGS 84
E2 = F * (2 - F)


def band_km2(south: float, north: float, width: float) -> float:
    """Area between two parallels and two meridians, closed form (Snyder 1987, 3-12)."""
    e = math.sqrt(E2)

    def q(lat: float) -> float:
        s = math.sin(math.radians(lat))
        return (1 - E2) * (s / (1 - E2 * s * s) + math.atanh(e * s) / e)

    return A_M**2 / 2 * math.radians(width) * (q(north) - q(south)) / 1e6


@pytest.mark.parametrize("south", [0, 30, 36, 45, 46, 70, -46])
def test_a_cell_of_one_degree(south: int) -> None:
    cell = shapely.segmentize(shapely.box(9, south, 10, south + 1), 0.005)
    assert area_km2(cell) == pytest.approx(band_km2(south, south + 1, 1), rel=1e-8)


def test_the_whole_ellipsoid_is_510_million_km2() -> None:
    assert band_km2(-90, 90, 360) == pytest.approx(510_065_621.7, rel=1e-9)


def test_four_corners_are_near() -> None:
    assert area_km2(SQUARE) == pytest.approx(band_km2(45, 46, 1), rel=2e-5)


def test_holes_orders_and_collections() -> None:
    both = shapely.GeometryCollection([shapely.MultiPolygon([HOLE]), shapely.Point(1, 1)])
    areas = area_km2([RING, HOLE, SQUARE.reverse(), both, shapely.Point(9, 45)])
    assert areas[0] + areas[1] == pytest.approx(area_km2(SQUARE))
    assert areas[2] == pytest.approx(area_km2(SQUARE))
    assert areas[3] == pytest.approx(areas[1])
    assert areas[4] == 0


def test_nothing_has_no_area_and_no_length() -> None:
    assert area_km2(shapely.Polygon()) == 0
    assert length_m(shapely.LineString()) == 0
    assert len(area_km2([])) == 0
    assert len(length_m([])) == 0


def test_the_quarter_meridian() -> None:
    line = shapely.LineString([(0, lat) for lat in range(91)])
    assert length_m(line) == pytest.approx(10_001_965.729, abs=0.01)


def test_lengths_of_every_kind() -> None:
    line = shapely.LineString([(9, 45), (9, 46)])
    kinds = [
        line,
        shapely.MultiLineString([line, line]),
        shapely.LinearRing(SQUARE.exterior.coords),
        RING,
        shapely.Point(9, 45),
        shapely.GeometryCollection([line, SQUARE]),
    ]
    lengths = length_m(kinds)
    assert lengths[1] == pytest.approx(2 * lengths[0])
    assert lengths[2] == pytest.approx(length_m(SQUARE))
    assert lengths[3] == pytest.approx(length_m(SQUARE) + length_m(HOLE))
    assert lengths[4] == 0
    assert lengths[5] == pytest.approx(lengths[0] + lengths[2])


def test_distance_of_one_and_of_many() -> None:
    assert distance_m(0, 0, 1, 0) == pytest.approx(A_M * math.radians(1))
    many = distance_m(np.zeros(2), np.zeros(2), np.array([1.0, 2.0]), np.zeros(2))
    assert np.asarray(many) == pytest.approx(A_M * np.radians([1.0, 2.0]))
