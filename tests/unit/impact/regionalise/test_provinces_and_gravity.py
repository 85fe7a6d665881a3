"""Shares of provinces sum to the region; trade by gravity meets supply and demand."""

from __future__ import annotations

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.impact.regionalise.gravity import Deterrence, friction, gravity_trade, mean_distance
from nexpo.impact.regionalise.provinces import to_provinces

JOBS = np.array([[10.0, 0.0, np.nan], [30.0, 0.0, 5.0]])


def test_what_follows_is_spread_by_jobs_and_the_direct_effect_stays_where_it_is() -> None:
    direct = np.array([[7.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    found = to_provinces(
        np.array([4.0, 8.0, 2.0]), JOBS, ["CO", "MI"], direct=direct, sectors=["F", "J", "K"]
    )
    assert found.further.tolist() == [[1.0, 2.0, 0.5], [3.0, 6.0, 1.5]]
    assert found.total.sum() == pytest.approx(21)
    assert found.direct[0, 0] == pytest.approx(7)
    assert "J, K" in found.notes[0]


def test_provinces_refuse_what_cannot_be_spread() -> None:
    effect = np.array([1.0, 1.0, 1.0])
    with pytest.raises(Problem, match="no number from 0 up"):
        to_provinces(effect, -JOBS, ["CO", "MI"])
    with pytest.raises(Problem, match="no sector has employment"):
        to_provinces(effect, np.zeros((2, 3)), ["CO", "MI"])
    with pytest.raises(Problem, match="shape"):
        to_provinces(effect, JOBS[:, :2], ["CO", "MI"])


def test_gravity_meets_its_margins_and_falls_with_distance() -> None:
    supply, demand = np.array([[60.0, 40.0], [0.0, 5.0]]), np.array([[30.0, 70.0], [5.0, 0.0]])
    distance = np.array([[10.0, 200.0], [200.0, 10.0]])
    found = gravity_trade(supply, demand, distance, 0.01)
    assert found.sum(axis=2) == pytest.approx(supply)
    assert found.sum(axis=1) == pytest.approx(demand)
    far = gravity_trade(supply, demand, distance, 0.001)
    assert mean_distance(found, distance) < mean_distance(far, distance)
    powered = gravity_trade(supply, demand, distance, 1.0, deterrence=Deterrence.POWER)
    ratio = powered[0, 0, 0] * powered[0, 1, 1] / (powered[0, 0, 1] * powered[0, 1, 0])
    assert ratio == pytest.approx(400)  # (200 / 10)^2: RAS keeps the cross-product ratio


def test_gravity_names_the_product_that_does_not_add_up() -> None:
    distance = np.array([[1.0, 2.0], [2.0, 1.0]])
    with pytest.raises(Problem, match="trade of product steel"):
        gravity_trade(
            np.array([[6.0, 4.0]]), np.array([[30.0, 70.0]]), distance, 0.1, products=["steel"]
        )
    for wrong, decay in ((distance, -1.0), (-distance, 1.0), (distance[:1], 1.0)):
        with pytest.raises(Problem):
            friction(wrong, decay)
    with pytest.raises(Problem, match="distance of zero"):
        friction(np.zeros((2, 2)), 1.0, Deterrence.POWER)
    with pytest.raises(Problem, match="no trade"):
        mean_distance(np.zeros((1, 2, 2)), distance)
