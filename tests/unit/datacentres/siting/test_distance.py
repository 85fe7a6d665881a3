"""Distances to features and to cells, against shapely and scipy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from scipy.ndimage import distance_transform_edt

from nexpo.core.problem import Problem
from nexpo.datacentres.siting.cell_distance import From, to_cells, within_cells
from nexpo.datacentres.siting.distance import nearest_feature, to_features, within
from nexpo.datacentres.siting.grid import Frame

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

FRAME = Frame(4_200_000.0, 2_400_000.0, 100.0, 90, 70)


def geometries() -> list[BaseGeometry]:
    random = np.random.default_rng(3)
    places = random.uniform((-500, -500), (7500, 9500), (30, 2))
    shift = np.array([FRAME.left_m, FRAME.top_m - 9000])
    points = [shapely.Point(*each) for each in places[:12] + shift]
    line = shapely.LineString(places[12:17] + shift)
    hole = shapely.Point(*(places[20] + shift)).buffer(900)
    ring = hole.difference(hole.centroid.buffer(300))
    return [*points, line, shapely.MultiPoint(places[17:20] + shift), ring]


def by_shapely(shapes: list[BaseGeometry]) -> np.ndarray:
    x, y = np.meshgrid(FRAME.x, FRAME.y)
    centres = shapely.points(x, y)
    return np.array([shapely.distance(centres, shape) for shape in shapes])


def test_distance_is_that_of_the_geometry_itself() -> None:
    shapes = geometries()
    expected = by_shapely(shapes)
    found, owner = nearest_feature(shapes, FRAME)
    assert np.allclose(found, expected.min(axis=0), atol=1e-3)
    assert np.allclose(np.take_along_axis(expected, owner[None], 0)[0], found, atol=1e-3)


def test_inside_a_polygon_is_zero_and_its_hole_is_not() -> None:
    shapes = geometries()[-1:]
    found = to_features(shapes, FRAME)
    row_column = FRAME.cell_of(shapes[0].centroid.x, shapes[0].centroid.y)
    assert row_column is not None
    assert 200 < found[row_column] <= 300
    assert (found == 0).sum() > 100


def test_the_lowest_number_wins_a_tie() -> None:
    frame = Frame(0.0, 100.0, 100.0, 1, 3)
    both = [shapely.Point(50, 50), shapely.Point(250, 50), shapely.Point(50, 50)]
    assert nearest_feature(both, frame)[1].tolist() == [[0, 0, 1]]


def test_a_mask_and_a_limit_leave_cells_out() -> None:
    where = np.zeros(FRAME.shape, dtype=bool)
    where[:10] = True
    found = to_features(geometries(), FRAME, where=where, most_m=500)
    full = to_features(geometries(), FRAME)
    assert np.isnan(found[10:]).all()
    near = full[:10] <= 500
    assert np.array_equal(found[:10][near], full[:10][near])
    assert np.isinf(found[:10][~near]).all()


def test_a_buffer_holds_its_edge() -> None:
    frame = Frame(0.0, 900.0, 100.0, 9, 9)
    centre = [shapely.Point(450, 450)]
    assert within(centre, frame, 300.0).sum() == 29  # lattice points within a circle of 3
    assert within(centre, frame, 299.999).sum() == 25
    assert within(centre, frame, 0.0).sum() == 1
    assert not within([], frame, 300.0).any()


def test_nothing_to_measure_to_is_infinitely_far() -> None:
    assert np.isinf(to_features([], FRAME)).all()
    assert np.isinf(to_cells(np.zeros((3, 4), dtype=bool), 100.0)).all()


def test_a_coordinate_that_is_not_finite_is_refused() -> None:
    with pytest.raises(Problem, match="not finite"):
        to_features([shapely.Point(float("nan"), 1.0), shapely.Point(float("inf"), 1.0)], FRAME)


def test_a_mask_of_another_shape_is_refused() -> None:
    with pytest.raises(Problem, match="another shape"):
        to_features(geometries(), FRAME, where=np.ones((2, 2), dtype=bool))


@pytest.mark.parametrize("share", [0.002, 0.05, 0.6])
def test_the_transform_of_cells_is_scipys(share: float) -> None:
    marked = np.random.default_rng(5).random((83, 61)) < share
    expected = distance_transform_edt(~marked)
    assert np.array_equal(to_cells(marked, 100.0), (expected * 100).astype(np.float32))
    for radius in (50, 100, 141, 142, 300, 1000):
        assert np.array_equal(within_cells(marked, radius, 100.0), expected <= radius / 100)


def test_a_buffer_from_the_edge_is_that_of_the_drawn_square() -> None:
    marked = np.zeros((15, 15), dtype=bool)
    marked[7, 7] = marked[7, 8] = True
    squares = shapely.box(700, 700, 900, 800)
    x, y = np.meshgrid(np.arange(15) * 100 + 50, np.arange(15)[::-1] * 100 + 50)
    away = shapely.distance(shapely.points(x, y), squares)
    for radius in (49, 50, 151, 250, 333, 500):
        found = within_cells(marked, radius, 100.0, measured=From.EDGE)
        assert np.array_equal(found, (away <= radius) | marked)


def test_the_inside_of_a_collection_is_inside() -> None:
    frame = Frame(0.0, 500.0, 100.0, 5, 5)
    area = shapely.box(100, 100, 400, 400)
    line = shapely.LineString([(450, 0), (450, 500)])
    flat = shapely.GeometryCollection([line, area])
    nested = shapely.GeometryCollection([shapely.Point(50, 50), flat])
    expected = np.minimum(to_features([area], frame), to_features([line], frame))
    assert expected[2, 2] == 0
    np.testing.assert_array_equal(to_features([flat], frame), expected)
    assert within([nested], frame, 10.0)[2, 2]
    metres, number = nearest_feature([shapely.Point(-900, 0), flat, area], frame)
    assert (metres[2, 2], number[2, 2]) == (0, 1)
