"""Our ranking methods beside pymcdm 1.4.0 on random tables, ties included."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nexpo.datacentres.siting.codas import codas
from nexpo.datacentres.siting.decision import Floats, Preference, Shape
from nexpo.datacentres.siting.normalise import (
    Cost,
    Normalisation,
    Orientation,
    Scaling,
    reference,
    scaling,
)
from nexpo.datacentres.siting.promethee import flows
from nexpo.datacentres.siting.ranks import Ties, ranks
from nexpo.datacentres.siting.saw import saw
from nexpo.datacentres.siting.spotis import spotis
from nexpo.datacentres.siting.topsis import topsis
from nexpo.datacentres.siting.vikor import vikor
from nexpo.datacentres.siting.weights import ahp, critic, entropy, standard_deviation

pymcdm: Any = pytest.importorskip(
    "pymcdm", reason="pymcdm is an oracle of development: pip install pymcdm==1.4.0"
)

methods: Any = pytest.importorskip("pymcdm.methods")
normalizations: Any = pytest.importorskip("pymcdm.normalizations")
weighting: Any = pytest.importorskip("pymcdm.weights")

CLOSE = 1e-12
SCALES = {
    (Normalisation.MINMAX, Cost.REFLECT): "minmax_normalization",
    (Normalisation.MAX, Cost.REFLECT): "max_normalization",
    (Normalisation.MAX, Cost.INVERT): "linear_normalization",
    (Normalisation.SUM, Cost.INVERT): "sum_normalization",
    (Normalisation.VECTOR, Cost.REFLECT): "vector_normalization",
}
SHAPES = {
    Shape.USUAL: "usual",
    Shape.U: "ushape",
    Shape.V: "vshape",
    Shape.LEVEL: "level",
    Shape.LINEAR: "vshape_2",
}


def made(seed: int, n: int = 60, m: int = 6) -> tuple[Floats, Floats, list[str], Floats]:
    random = np.random.default_rng(seed)
    x = np.round(random.random((n, m)) * 50 + 1, seed % 3)
    weights = random.dirichlet(np.ones(m))
    types = random.choice([-1, 1], m)
    types[:2] = 1, -1
    return x, weights, ["max" if kind == 1 else "min" for kind in types], types


def scale_of(x: Floats, directions: list[str], how: Normalisation, cost: Cost) -> Scaling:
    turn = Orientation.of(directions, cost=cost)
    return scaling(reference(x, turn), turn, how)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", SCALES)
def test_weighted_sum_and_topsis(kind: tuple[Normalisation, Cost], seed: int) -> None:
    x, weights, directions, types = made(seed)
    scale, peer = scale_of(x, directions, *kind), getattr(normalizations, SCALES[kind])
    np.testing.assert_allclose(
        saw(x, weights, scale), methods.WSM(peer)(x, weights, types), rtol=0, atol=CLOSE
    )
    np.testing.assert_allclose(
        topsis(x, weights, scale), methods.TOPSIS(peer)(x, weights, types), rtol=0, atol=CLOSE
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shape", SHAPES)
def test_promethee(shape: Shape, seed: int) -> None:
    x, weights, directions, types = made(seed, n=120)
    q, p = np.array([2.0, 0.5, 0, 3, 1, 5]), np.array([10.0, 0.6, 7, 20, 2, 50])
    peer = methods.PROMETHEE_II(SHAPES[shape], p=p, q=q)
    preferences = [Preference(shape, q=a, p=b) for a, b in zip(q, p, strict=True)]
    found = flows(x, weights, directions, preferences)
    np.testing.assert_allclose(found.net, peer(x, weights, types), rtol=0, atol=CLOSE)


@pytest.mark.parametrize("shape", SHAPES)
def test_promethee_one_with_both_flows(shape: Shape) -> None:
    x, weights, directions, types = made(3)
    partial: Any = pytest.importorskip("pymcdm.methods.partial")
    peer = partial.PROMETHEE_I(SHAPES[shape], p=np.full(6, 9.0), q=np.full(6, 2.0))
    plus, minus = peer(x, weights, types)
    found = flows(x, weights, directions, [Preference(shape, q=2, p=9)] * 6)
    np.testing.assert_allclose(found.plus, plus, rtol=0, atol=CLOSE)
    np.testing.assert_allclose(found.minus, minus, rtol=0, atol=CLOSE)


@pytest.mark.parametrize("seed", range(4))
def test_vikor_codas_and_spotis(seed: int) -> None:
    x, weights, directions, types = made(seed)
    minmax = scale_of(x, directions, Normalisation.MINMAX, Cost.REFLECT)
    np.testing.assert_allclose(
        vikor(x, weights, minmax).q, methods.VIKOR()(x, weights, types), rtol=0, atol=CLOSE
    )
    linear = scale_of(x, directions, Normalisation.MAX, Cost.INVERT)
    np.testing.assert_allclose(
        codas(x, weights, linear).assessment, methods.CODAS()(x, weights, types), atol=1e-11
    )
    bounds = np.column_stack([x.min(axis=0) - 1, x.max(axis=0) + 1])
    np.testing.assert_allclose(
        spotis(x, weights, directions, bounds),
        methods.SPOTIS(bounds)(x, weights, types),
        rtol=0,
        atol=CLOSE,
    )


@pytest.mark.parametrize("seed", range(4))
def test_weights(seed: int) -> None:
    x = made(seed)[0]
    np.testing.assert_allclose(entropy(x), weighting.entropy_weights(x), atol=CLOSE)
    np.testing.assert_allclose(critic(x), weighting.critic_weights(x), atol=CLOSE)
    np.testing.assert_allclose(
        standard_deviation(x, Normalisation.NONE),
        weighting.standard_deviation_weights(x),
        atol=CLOSE,
    )


def test_ahp() -> None:
    judged = np.array([[1, 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]])
    peer = weighting.subjective.AHP(matrix=judged)
    found = ahp(judged, random_index="tummala-ling-1998")
    np.testing.assert_allclose(found.weights, peer(), atol=CLOSE)
    assert found.ratio == pytest.approx(peer.get_cr(), abs=CLOSE)


def test_ranks() -> None:
    helpers: Any = pytest.importorskip("pymcdm.helpers")
    scores = np.random.default_rng(4).integers(0, 9, 40).astype(float)
    expected = helpers.rrankdata(scores)
    np.testing.assert_array_equal(ranks(scores, ties=Ties.AVERAGE), expected)
