"""Parcels: greedy, connected, apart, deterministic; and zones."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import label

from nexpo.core.problem import Problem
from nexpo.datacentres.siting.parcels import Growth, cells_for, parcels
from nexpo.datacentres.siting.zonal import by_zone


def test_the_best_cell_grows_evenly() -> None:
    score = np.ones((7, 7))
    score[3, 3] = 2
    found = parcels(score, score > 0, 5, most=1)
    assert np.argwhere(found.labels == 0).tolist() == [[2, 3], [3, 2], [3, 3], [3, 4], [4, 3]]
    assert found.scores.tolist() == [2.0]
    assert found.means.tolist() == [6 / 5]


def test_growth_by_the_best_follows_the_score() -> None:
    score = np.ones((5, 5))
    score[2] = (3, 4, 5, 6, 7)
    found = parcels(score, score > 0, 5, most=1, growth=Growth.BEST)
    assert (found.labels[2] == 0).all()
    assert found.means[0] == 5.0


def test_land_that_is_too_small_is_passed_over() -> None:
    score = np.array([[9.0, 0, 5, 4], [0, 0, 3, 2]])
    found = parcels(score, score > 0, 3)
    assert found.scores.tolist() == [5.0]
    assert found.labels[0, 0] == -1


def test_parcels_do_not_touch_even_at_a_corner() -> None:
    random = np.random.default_rng(2)
    score = random.random((60, 60))
    found = parcels(score, random.random((60, 60)) < 0.8, 6)
    grown = np.pad(found.labels, 1, constant_values=-1)
    for number in range(len(found)):
        row, column = np.where(found.labels == number)
        assert len(row) == 6
        assert label(found.labels == number)[1] == 1
        around = {
            int(grown[r + dr, c + dc])
            for r, c in zip(row, column, strict=True)
            for dr in range(3)
            for dc in range(3)
        }
        assert around <= {-1, number}
    assert (np.diff(found.scores) <= 0).all()


def test_without_a_gap_they_may_touch_and_there_are_more() -> None:
    score = np.random.default_rng(2).random((40, 40))
    every = score > -1
    assert len(parcels(score, every, 4, gap_cells=0)) > len(parcels(score, every, 4))
    assert (parcels(np.ones((2, 6)), np.ones((2, 6), bool), 4, gap_cells=0).labels >= 0).all()


def test_equal_scores_go_to_the_first_cell_by_row() -> None:
    found = parcels(np.ones((3, 8), dtype=np.float32), np.ones((3, 8), dtype=bool), 2)
    assert found.seeds[0].tolist() == [0, 0]
    assert found.seeds[1].tolist() == [0, 2]


def test_unknown_scores_are_never_taken() -> None:
    score = np.array([[np.nan, 3.0, 2.0, np.nan]])
    found = parcels(score, np.ones((1, 4), dtype=bool), 2)
    assert found.labels.tolist() == [[-1, 0, 0, -1]]
    assert len(parcels(np.full((2, 2), np.nan), np.ones((2, 2), dtype=bool), 1)) == 0


def test_the_number_of_parcels_is_bounded() -> None:
    score = np.random.default_rng(1).random((30, 30))
    assert len(parcels(score, score > 0.1, 3, most=4)) == 4


def test_bad_sizes_are_refused() -> None:
    with pytest.raises(Problem):
        parcels(np.ones((2, 2)), np.ones((2, 2), dtype=bool), 0)
    with pytest.raises(Problem):
        parcels(np.ones((2, 2)), np.ones((2, 3), dtype=bool), 1)
    with pytest.raises(Problem, match="area"):
        cells_for(0.0, 100.0)


def test_zones_count_cells_by_their_centre() -> None:
    zones = np.array([[0, 0, 1], [2, -1, 1]], dtype=np.int32)
    marked = np.array([[True, True, False], [True, True, True]])
    values = np.array([[1.0, 3.0, 9.0], [np.nan, 5.0, 7.0]])
    found = by_zone(zones, 4, marked, values)
    assert found.cells.tolist() == [2, 2, 1, 0]
    assert found.eligible.tolist() == [2, 1, 1, 0]
    assert found.mean[:2].tolist() == [2.0, 7.0]
    assert found.best[:2].tolist() == [3.0, 7.0]
    assert np.isnan(found.mean[2:]).all()
    assert np.isnan(found.best[2:]).all()
    assert np.isnan(found.share[3])
