"""The sheet of a place: its cells, percentiles, rank, neighbours and their power."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from nexpo.core.problem import Problem
from nexpo.datacentres.model import Facility, Power, PowerKind, Source
from nexpo.datacentres.siting.criteria import Better, Criterion, Kind, Measured
from nexpo.datacentres.siting.grid import Frame
from nexpo.datacentres.siting.sheet import cells_of, cumulative, lines, neighbours, standing

FRAME = Frame(0.0, 300.0, 100.0, 3, 3)
AREA = np.ones((3, 3), dtype=bool)


def test_a_point_has_its_cell_and_a_polygon_those_of_its_centres() -> None:
    assert cells_of(shapely.Point(10, 290), FRAME, AREA).tolist() == [0]
    assert cells_of(shapely.box(0, 100, 200, 300), FRAME, AREA).tolist() == [0, 1, 3, 4]


def test_a_polygon_smaller_than_a_cell_has_the_one_that_holds_it() -> None:
    assert cells_of(shapely.box(110, 110, 120, 120), FRAME, AREA).tolist() == [4]


def test_a_place_outside_is_refused() -> None:
    with pytest.raises(Problem, match="outside"):
        cells_of(shapely.Point(500, 50), FRAME, AREA)
    with pytest.raises(Problem, match="outside"):
        cells_of(shapely.Point(50, 50), FRAME, ~AREA)


def test_percentiles_follow_the_better_end_and_unknown_stays() -> None:
    def criterion(better: Better) -> Criterion:
        return Criterion("k", "t", "km", "layer", Kind.DISTANCE_KM, better, 0, 9, 1)

    values = np.array([1, 2, 3, 4, np.nan], dtype=np.float32)
    low, high, gone = lines(
        [
            Measured(criterion(Better.LOW), values),
            Measured(criterion(Better.HIGH), values),
            Measured(criterion(Better.HIGH), None, "no file"),
        ],
        np.array([1]),
    )
    assert (low.value, low.no_better_share) == (2.0, 0.75)
    assert high.no_better_share == 0.5
    assert (gone.value, gone.no_better_share) == (None, None)
    assert lines([low.measured], np.array([4]))[0].value is None


def test_rank_is_among_ranked_cells() -> None:
    score = np.array([0.1, 0.4, np.nan, 0.4, 0.9], dtype=np.float32)
    found = standing(score, np.array([1]))
    assert (found.rank, found.of, found.no_better_share) == (2, 4, 0.75)
    assert standing(score, np.array([2])).rank is None


def test_neighbours_are_near_and_their_unknown_power_is_counted() -> None:
    source = Source("test")
    near = Facility("a", source, power=Power(installed_it_kw=500))
    blind = Facility("b", source)
    far = Facility("c", source, power=Power(installed_it_kw=9000))
    placed = [(far, 20_000.0, 0.0), (blind, 3000.0, 0.0), (near, 1000.0, 0.0)]
    found = neighbours(shapely.Point(0, 0), placed, 10)
    assert [(each.facility.id, each.km) for each in found] == [("a", 1.0), ("b", 3.0)]
    total = cumulative(found)[PowerKind.INSTALLED_IT]
    assert (total.value, total.known, total.unknown) == (500.0, 1, 1)
    assert cumulative(found)[PowerKind.REQUESTED].value is None
    assert neighbours(shapely.Point(0, 0), [], 10) == ()
