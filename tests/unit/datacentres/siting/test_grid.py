"""The frame of a raster: round edges, cells, refusals."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from nexpo.core.problem import Problem
from nexpo.datacentres.siting.grid import Cells, Frame, check_metric, covered, numbered


def test_edges_lie_on_multiples_of_the_cell() -> None:
    frame = Frame.around((4_203_012.5, 2_400_099.0, 4_203_288.0, 2_400_101.0), 25)
    assert (frame.left_m, frame.top_m, frame.shape) == (4_203_000.0, 2_400_125.0, (2, 12))
    assert frame.bounds == (4_203_000.0, 2_400_075.0, 4_203_300.0, 2_400_125.0)
    assert frame.cell_ha == 0.0625


def test_a_box_on_round_edges_is_not_padded() -> None:
    assert Frame.around((100.0, 200.0, 300.0, 400.0), 100).shape == (2, 2)


def test_a_single_point_has_one_cell() -> None:
    assert Frame.around((120.0, 120.0, 120.0, 120.0), 100).shape == (1, 1)


@pytest.mark.parametrize(
    ("bounds", "cell_m", "said"),
    [
        ((0.0, 0.0, 1.0, 1.0), 0.0, "side in metres"),
        ((0.0, 0.0, 1.0, 1.0), float("nan"), "side in metres"),
        ((1.0, 0.0, 0.0, 1.0), 100.0, "no extent"),
        ((0.0, float("inf"), 1.0, 1.0), 100.0, "no extent"),
        ((0.0, 0.0, 1e9, 1e9), 1.0, "cells"),
    ],
)
def test_what_is_no_frame_is_refused(
    bounds: tuple[float, float, float, float], cell_m: float, said: str
) -> None:
    with pytest.raises(Problem, match=said):
        Frame.around(bounds, cell_m)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:2263", "nonsense"])
def test_only_metres_measure_distances(crs: str) -> None:
    with pytest.raises(Problem):
        check_metric(crs)


def test_a_place_is_found_in_its_cell_and_nowhere_outside() -> None:
    frame = Frame(1000.0, 2000.0, 100.0, 3, 4)
    assert frame.cell_of(1000.0, 2000.0) == (0, 0)
    assert frame.cell_of(1399.9, 1700.1) == (2, 3)
    assert frame.cell_of(1400.0, 1999.0) is None
    assert frame.cell_of(1100.0, 2000.1) is None


def test_padding_and_cropping_undo_each_other() -> None:
    frame = Frame(1000.0, 2000.0, 100.0, 3, 4)
    wide = frame.padded(101)
    values = np.arange(wide.rows * wide.columns).reshape(wide.shape)
    assert wide.shape == (7, 8)
    assert np.array_equal(frame.crop(values, wide), values[2:5, 2:6])
    with pytest.raises(Problem, match="cells of the other"):
        Frame(1050.0, 2000.0, 100.0, 3, 4).crop(values, wide)


def test_shapes_count_by_centre_or_touch() -> None:
    frame = Frame(0.0, 300.0, 100.0, 3, 3)
    square = shapely.box(60, 60, 240, 240)
    assert covered([square], frame).sum() == 1
    assert covered([square], frame, cells=Cells.TOUCHED).sum() == 9
    assert not covered([shapely.Polygon()], frame).any()
    assert (numbered([], frame) == -1).all()


def test_tiles_cover_each_cell_once() -> None:
    frame = Frame(0.0, 0.0, 100.0, 7, 5)
    seen = np.zeros(frame.shape, dtype=int)
    for rows, columns in frame.tiles(3):
        seen[rows, columns] += 1
    assert (seen == 1).all()
