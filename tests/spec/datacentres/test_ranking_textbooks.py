"""Worked examples of the authors of the ranking methods, with the figures that they print."""

from __future__ import annotations

import numpy as np
import pytest

from nexpo.datacentres.siting.codas import codas
from nexpo.datacentres.siting.decision import Floats, Preference, Shape
from nexpo.datacentres.siting.electre import Discordance, electre1
from nexpo.datacentres.siting.normalise import (
    Cost,
    Normalisation,
    Orientation,
    Scaling,
    reference,
    scaling,
)
from nexpo.datacentres.siting.promethee import flows, relations
from nexpo.datacentres.siting.ranks import best_first, ranks
from nexpo.datacentres.siting.spotis import spotis
from nexpo.datacentres.siting.topsis import topsis
from nexpo.datacentres.siting.vikor import compromise, vikor
from nexpo.datacentres.siting.weights import ahp, critic, entropy, standard_deviation

# Hwang and Yoon 1981, the choice of a fighter aircraft.
FIGHTERS = np.array(
    [
        [2.0, 1500, 20000, 5.5, 5, 9],
        [2.5, 2700, 18000, 6.5, 3, 5],
        [1.8, 2000, 21000, 4.5, 7, 7],
        [2.2, 1800, 20000, 5.0, 5, 5],
    ]
)
FIGHTER_WEIGHTS = [0.2, 0.1, 0.1, 0.1, 0.2, 0.3]
FIGHTER_DIRECTIONS = ["max", "max", "max", "min", "max", "max"]

# Brans, Vincke and Mareschal 1986, where to build a hydroelectric power station; one preference
# function of each type. The tables as in Mareschal, Exercises with Visual PROMETHEE (2019).
STATIONS = np.array(
    [
        [80.0, 90, 600, 54, 8, 5],
        [65, 58, 200, 97, 1, 1],
        [83, 60, 400, 72, 4, 7],
        [40, 80, 1000, 75, 7, 10],
        [52, 72, 600, 20, 3, 8],
        [94, 96, 700, 36, 5, 6],
    ]
)
STATION_DIRECTIONS = ["min", "max", "min", "min", "min", "max"]
STATION_PREFERENCES = [
    Preference(Shape.U, q=10),
    Preference(Shape.V, p=30),
    Preference(Shape.LINEAR, q=50, p=500),
    Preference(Shape.LEVEL, q=10, p=60),
    Preference(Shape.USUAL),
    Preference(Shape.GAUSSIAN, s=5),
]


def scaled(x: Floats, directions: list[str], how: Normalisation, cost: Cost) -> Scaling:
    turn = Orientation.of(directions, cost=cost)
    return scaling(reference(x, turn), turn, how)


def test_topsis_of_the_fighters() -> None:
    scale = scaled(FIGHTERS, FIGHTER_DIRECTIONS, Normalisation.VECTOR, Cost.REFLECT)
    found = topsis(FIGHTERS, FIGHTER_WEIGHTS, scale)
    np.testing.assert_allclose(found, [0.643, 0.268, 0.613, 0.312], atol=6e-4)  # cut, not rounded
    assert ranks(found).tolist() == [1, 4, 2, 3]


def test_electre_of_the_fighters() -> None:
    scale = scaled(FIGHTERS, FIGHTER_DIRECTIONS, Normalisation.VECTOR, Cost.REFLECT)
    found = electre1(FIGHTERS, FIGHTER_WEIGHTS, scale, discordance=Discordance.WEIGHTED)
    # C(1, 2) = w3 + w4 + w5 + w6 = 0.7; C(1, 3) = w1 + w6 = 0.5; equals count for both sides
    assert found.concordance[0, 1] == pytest.approx(0.7)
    assert found.concordance[0, 2] == pytest.approx(0.5)
    assert found.concordance[0, 3] == pytest.approx(0.6)
    assert found.concordance[3, 0] == pytest.approx(0.7)
    # Weighted differences of 1 and 2: 0.0894 of manoeuvrability is the widest, 0.0293 of range
    # the widest against the first.
    assert found.discordance[0, 1] == pytest.approx(0.3277, abs=5e-4)
    assert found.discordance[1, 0] == 1.0
    assert found.outranks[0, 1]
    assert not found.outranks[1, 0]
    assert not found.kernel[1]


def test_entropy_weights_of_the_fighters_follow_from_the_shares() -> None:
    """One less the entropy of the shares of each column, to base 6, brought to the sum of one."""
    shares = FIGHTERS / FIGHTERS.sum(axis=0)
    spread = 1 + (shares * np.log(shares)).sum(axis=0) / np.log(len(FIGHTERS))
    np.testing.assert_allclose(entropy(FIGHTERS), spread / spread.sum(), atol=1e-12)


def test_promethee_of_the_power_stations() -> None:
    found = flows(STATIONS, [1] * 6, STATION_DIRECTIONS, STATION_PREFERENCES)
    printed = np.array([-0.728, 0.085, -0.447, -0.102, 1.466, -0.274])  # sums of rounded entries
    np.testing.assert_allclose(found.net * 5, printed, atol=2.5e-3)
    np.testing.assert_allclose(
        found.plus, [0.2199, 0.3963, 0.2466, 0.3293, 0.4547, 0.3001], atol=5e-5
    )
    np.testing.assert_allclose(
        found.minus, [0.3655, 0.3791, 0.3362, 0.3493, 0.1618, 0.3549], atol=5e-5
    )
    assert best_first(found.net).tolist() == [4, 1, 3, 5, 2, 0]
    partial = relations(found)
    assert partial[0, 1] == "R"
    assert "".join(partial[4]) == "PPPPIP"


@pytest.mark.parametrize(
    ("weights", "best"), [([10, 50, 10, 10, 10, 10], 5), ([9, 9, 9, 9, 55, 9], 1)]
)
def test_promethee_of_the_power_stations_at_other_weights(weights: list[float], best: int) -> None:
    found = flows(STATIONS, weights, STATION_DIRECTIONS, STATION_PREFERENCES)
    assert best_first(found.net)[0] == best


def test_spotis_of_dezert() -> None:
    x = np.array([[10.5, -3.1, 1.7], [-4.7, 0, 3.4], [8.1, 0.3, 1.3], [3.2, 7.3, -5.3]])
    limits = [[-5, 12], [-6, 10], [-8, 5]]
    found = spotis(x, [0.2, 0.3, 0.5], ["max", "min", "max"], limits)
    np.testing.assert_allclose(found, [0.1989, 0.3705, 0.3063, 0.7491], atol=5e-5)


def test_codas_of_the_robots() -> None:
    """Keshavarz Ghorabaee et al. 2016, example 1."""
    robots = np.array(
        [
            [60, 2540, 0.4, 500, 990],
            [6.35, 1016, 0.15, 3000, 1041],
            [6.8, 1727.2, 0.10, 1500, 1676],
            [10, 1000, 0.2, 2000, 965],
            [2.5, 560, 0.10, 500, 915],
            [4.5, 1016, 0.08, 350, 508],
            [3, 1778, 0.1, 1000, 920],
        ]
    )
    scale = scaled(robots, ["max", "max", "min", "max", "max"], Normalisation.MAX, Cost.INVERT)
    found = codas(robots, [0.036, 0.326, 0.192, 0.326, 0.120], scale, tau=0.02)
    euclidean = [0.2593, 0.3032, 0.2415, 0.1947, 0.1199, 0.1644, 0.2087]
    taxicab = [0.3394, 0.4510, 0.4762, 0.3114, 0.1606, 0.2133, 0.3720]
    np.testing.assert_allclose(found.euclidean, euclidean, atol=5e-4)
    np.testing.assert_allclose(found.taxicab, taxicab, atol=5e-4)
    printed = [0.5122, 1.4633, 1.0715, -0.2125, -1.8515, -1.1717, 0.1887]
    np.testing.assert_allclose(found.assessment, printed, atol=5e-4)
    assert ranks(found.assessment).tolist() == [3, 1, 2, 5, 7, 6, 4]


def test_vikor_of_the_climb() -> None:
    """Opricovic and Tzeng 2004: risk is to be small, altitude great."""
    climbs = np.array([[1.0, 3000], [2, 3750], [5, 4500]])
    scale = scaled(climbs, ["min", "max"], Normalisation.MINMAX, Cost.REFLECT)
    found = vikor(climbs, [0.5, 0.5], scale)
    assert found.q.tolist() == [1, 0, 1]
    chosen = compromise(found)
    assert chosen.proposed.tolist() == [1]
    assert (chosen.advantage, chosen.stable, chosen.needed) == (True, True, 0.5)


def test_critic_of_the_greek_firms() -> None:
    """Diakoulaki, Mavrotas and Papayannakis 1995: eight firms, all criteria benefits."""
    firms = np.array(
        [
            [61, 1.08, 4.33],
            [20.7, 0.26, 4.34],
            [16.3, 1.98, 2.53],
            [9, 3.29, 1.65],
            [5.4, 2.77, 2.33],
            [4, 4.12, 1.21],
            [-6.1, 3.52, 2.10],
            [-34.6, 3.31, 0.98],
        ]
    )
    found = critic(firms, ["max"] * 3)
    np.testing.assert_allclose(found, [0.20222554, 0.48090173, 0.31687273], atol=5e-9)
    by_spread = standard_deviation(firms)
    np.testing.assert_allclose(by_spread, [0.27908306, 0.34092628, 0.37999065], atol=5e-9)


def test_ahp_of_the_schools() -> None:
    """Saaty 1980, the choice of a school: six criteria, a consistency ratio that is too great."""
    judged: list[list[float]] = [
        [1.0, 4, 3, 1, 3, 4],
        [1 / 4, 1.0, 7, 3, 1 / 5, 1],
        [1 / 3, 1 / 7, 1, 1 / 5, 1 / 5, 1 / 6],
        [1, 1 / 3, 5, 1, 1, 1 / 3],
        [1 / 3, 5, 5, 1, 1, 3],
        [1 / 4, 1, 6, 3, 1 / 3, 1],
    ]
    found = ahp(judged)
    np.testing.assert_allclose(found.weights, [0.32, 0.14, 0.03, 0.13, 0.24, 0.14], atol=6e-3)
    largest = max(np.linalg.eigvals(np.array(judged)).real)
    assert found.greatest == pytest.approx(largest, rel=1e-9)
    assert found.ratio == pytest.approx((largest - 6) / 5 / 1.24, rel=1e-9)
    assert found.ratio > 0.2  # far above the tenth that he allows
    agreeing = np.array([[1, 2, 4], [1 / 2, 1, 2], [1 / 4, 1 / 2, 1]])
    assert ahp(agreeing, random_index="tummala-ling-1998").ratio == pytest.approx(0, abs=1e-12)
