"""Cells of the European grid."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.territory import Cell, grid_cell, grid_corners


def test_the_origin_of_the_projection() -> None:
    cell = grid_cell(10.0, 52.0, 100)
    assert cell == Cell(4_321_000, 3_210_000, 100)
    assert cell.id == "CRS3035RES100mN3210000E4321000"


@pytest.mark.parametrize("text", ["", "50mN1E1", "CRS3035RES0mN0E0", "CRS3035RES50mN-E0"])
def test_what_is_no_id(text: str) -> None:
    with pytest.raises(Problem, match="not a grid cell id"):
        Cell.parse(text)


def test_a_corner_is_a_multiple_of_the_side() -> None:
    with pytest.raises(Problem, match="multiple of its side"):
        Cell.parse("CRS3035RES350mN2462600E4205951")


def test_a_cell_has_a_side() -> None:
    with pytest.raises(Problem, match="positive side"):
        grid_corners([9.0], [45.0], 0)


def test_a_point_off_the_map() -> None:
    with pytest.raises(Problem, match="not on the map"):
        grid_corners([9.0, float("nan")], [45.0, 45.0], 50)


def test_many_points_at_once() -> None:
    corners = grid_corners(np.array([9.0, 9.5]), np.array([45.0, 45.5]), 350)
    assert corners.x_m.dtype == np.int64
    assert grid_cell(9.5, 45.5, 350) == Cell(int(corners.x_m[1]), int(corners.y_m[1]), 350)


def test_the_ring_is_closed_and_anticlockwise() -> None:
    ring = grid_cell(9.2, 45.5, 350).ring()
    assert ring[0] == ring[-1]
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
    assert twice > 0
