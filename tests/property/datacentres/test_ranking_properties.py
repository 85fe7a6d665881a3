"""What holds of the ranking methods for any table: tiles agree, order is of no account."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nexpo.datacentres.siting.codas import assessments, codas
from nexpo.datacentres.siting.decision import Columns, Floats, Preference, Shape, Unknown
from nexpo.datacentres.siting.electre import electre1, kernel_of
from nexpo.datacentres.siting.normalise import (
    Cost,
    Normalisation,
    Orientation,
    reference,
    scaling,
)
from nexpo.datacentres.siting.promethee import criterion_flows, flows
from nexpo.datacentres.siting.ranks import Ties, ranks
from nexpo.datacentres.siting.robustness import (
    drawn_weights,
    rank_acceptability,
    top_share_acceptability,
    top_thresholds,
)
from nexpo.datacentres.siting.saw import saw
from nexpo.datacentres.siting.spotis import spotis
from nexpo.datacentres.siting.topsis import topsis
from nexpo.datacentres.siting.vikor import vikor

FEW = settings(max_examples=40, deadline=None)
COARSE = settings(max_examples=25, deadline=None)
SHAPES = [shape for shape in Shape if shape is not Shape.GAUSSIAN]
CRITERIA = 4
DIRECTIONS = ["max", "min", "max", "min"]


@st.composite
def tables(draw: st.DrawFn, *, gaps: bool = False) -> Floats:
    """Return a table with many ties: values are of few decimals, some unknown where wished."""
    rows = draw(st.integers(2, 30))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale = 10.0 ** random.integers(-3, 6, CRITERIA)
    values: Floats = (
        random.integers(1, draw(st.sampled_from([3, 10, 1000])), (rows, CRITERIA)) * scale
    )
    if gaps:
        values[random.random(values.shape) < 0.15] = np.nan
    return values


def weights_for(seed: int) -> Floats:
    return np.random.default_rng(seed).random(CRITERIA) + 0.05


@FEW
@given(
    st.lists(st.integers(-60, 60), min_size=2, max_size=40),
    st.sampled_from(SHAPES),
    st.integers(0, 40),
    st.integers(0, 60),
    st.sampled_from([1.0, 0.1, 0.3, 1e-7, 1e5]),
    st.sampled_from([0.0, 1e6]),
)
def test_prefix_sums_are_the_pairwise_definition(
    steps: list[int], shape: Shape, low: int, more: int, unit: float, offset: float
) -> None:
    """Thresholds fall on differences of values: comparisons and ties must be the same."""
    values = np.array(steps) * unit + offset
    preference = Preference(shape, q=low * unit, p=(low + more) * unit)
    pairs = preference.of(values[:, None] - values[None, :])
    others = len(values) - 1
    won, lost = criterion_flows(values, preference)
    np.testing.assert_allclose(won, pairs.sum(axis=1) / others, atol=1e-12)
    np.testing.assert_allclose(lost, pairs.sum(axis=0) / others, atol=1e-12)


@FEW
@given(tables(), st.sampled_from(SHAPES), st.integers(0, 100))
def test_net_flows_add_up_to_zero_and_a_better_value_never_harms(
    x: Floats, shape: Shape, seed: int
) -> None:
    preferences = [
        Preference(shape, q=np.ptp(x[:, j]) / 5, p=np.ptp(x[:, j]) / 2) for j in range(4)
    ]
    found = flows(x, weights_for(seed), DIRECTIONS, preferences)
    assert abs(found.net.sum()) < 1e-12 * len(x)
    assert (found.plus <= 1 + 1e-12).all()
    assert (found.minus >= -1e-12).all()
    better = x.copy()
    better[0, 0] += np.ptp(x[:, 0]) + 1
    assert flows(better, weights_for(seed), DIRECTIONS, preferences).net[0] >= found.net[0] - 1e-12


@FEW
@given(tables(gaps=True), st.integers(0, 100), st.sampled_from(list(Unknown)), st.data())
def test_tiles_agree_to_the_last_bit_where_the_scale_is_fixed(
    x: Floats, seed: int, unknown: Unknown, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(1, len(x) - 1))
    weights = weights_for(seed)
    turn = Orientation.of(DIRECTIONS)
    bounds = np.column_stack([np.zeros(4), 2e8 * np.ones(4)])
    for how in (Normalisation.MINMAX, Normalisation.VECTOR):
        scale = scaling(reference(x, turn).within(bounds, turn), turn, how)
        for method in (saw, topsis):
            whole = method(x, weights, scale, unknown=unknown)
            tiles = [method(part, weights, scale, unknown=unknown) for part in (x[:cut], x[cut:])]
            np.testing.assert_array_equal(whole, np.concatenate(tiles))
    whole = spotis(x, weights, DIRECTIONS, bounds, unknown=unknown)
    tiles = [spotis(p, weights, DIRECTIONS, bounds, unknown=unknown) for p in (x[:cut], x[cut:])]
    np.testing.assert_array_equal(whole, np.concatenate(tiles))


@FEW
@given(tables(gaps=True), st.data())
def test_the_reference_of_two_tiles_is_that_of_the_whole(x: Floats, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(x) - 1))
    turn = Orientation.of(DIRECTIONS)
    whole, parts = reference(x, turn), [reference(part, turn) for part in (x[:cut], x[cut:])]
    merged = parts[0].merge(parts[1])
    np.testing.assert_array_equal(merged.known, whole.known)
    np.testing.assert_array_equal(merged.low, whole.low)
    np.testing.assert_array_equal(merged.high, whole.high)
    np.testing.assert_allclose(merged.squares, whole.squares, rtol=1e-14)


@COARSE
@given(tables(), st.integers(0, 100))
def test_order_of_rows_unit_of_criteria_and_layout_are_of_no_account(x: Floats, seed: int) -> None:
    weights, turn = weights_for(seed), Orientation.of(DIRECTIONS)
    order = np.random.default_rng(seed).permutation(len(x))
    preferences = [Preference(Shape.LINEAR, q=1e-3, p=1e3)] * 4

    def everything(table: Floats | Columns) -> list[Floats]:
        minmax = scaling(reference(table, turn), turn)
        vector = scaling(reference(table, turn), turn, Normalisation.VECTOR)
        inverted = Orientation.of(DIRECTIONS, cost=Cost.INVERT)
        greatest = scaling(reference(table, inverted), inverted, Normalisation.MAX)
        return [
            saw(table, weights, minmax),
            topsis(table, weights, vector),
            vikor(table, weights, minmax).s,
            codas(table, weights, greatest, tau=0.0).assessment,
            flows(table, weights, DIRECTIONS, preferences).net,
        ]

    first = everything(x)
    for one, other in zip(first, everything(x[order]), strict=True):
        np.testing.assert_allclose(one[order], other, atol=1e-9)
    for one, other in zip(first[:4], everything(x * 8.0), strict=False):
        np.testing.assert_allclose(one, other, atol=1e-12)
    for one, other in zip(first, everything(np.asfortranarray(x)), strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(first, everything(Columns(tuple(x.T))), strict=True):
        np.testing.assert_array_equal(one, other)


@COARSE
@given(tables(gaps=True), st.integers(0, 100))
def test_unknown_is_never_zero(x: Floats, seed: int) -> None:
    weights, turn = weights_for(seed), Orientation.of(DIRECTIONS)
    scale = scaling(reference(x, turn), turn)
    gone = np.isnan(x).any(axis=1)
    none = np.isnan(x).all(axis=1)
    preferences = [Preference()] * 4
    for found in (
        saw(x, weights, scale),
        topsis(x, weights, scale),
        vikor(x, weights, scale).q,
        flows(x, weights, DIRECTIONS, preferences).net,
        codas(x, weights, scale).assessment,
    ):
        np.testing.assert_array_equal(np.isnan(found), gone)
    again = Unknown.RENORMALISE
    for found in (
        saw(x, weights, scale, unknown=again),
        topsis(x, weights, scale, unknown=again),
        vikor(x, weights, scale, unknown=again).s,
        flows(x, weights, DIRECTIONS, preferences, unknown=again).plus,
    ):
        np.testing.assert_array_equal(np.isnan(found), none)


@COARSE
@given(tables(gaps=True), st.integers(0, 100))
def test_renormalised_is_the_same_method_on_the_known_criteria(x: Floats, seed: int) -> None:
    weights, turn = weights_for(seed), Orientation.of(DIRECTIONS)
    scale = scaling(reference(x, turn), turn)
    found = saw(x, weights, scale, unknown=Unknown.RENORMALISE)
    scaled = scale.apply(x.T.copy()).T
    for i, row in enumerate(scaled):
        known = ~np.isnan(row)
        if known.any():
            expected = (row[known] * weights[known]).sum() / weights[known].sum()
            np.testing.assert_allclose(found[i], expected, atol=1e-12)


@FEW
@given(st.integers(2, 40), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.02, 0.3]))
def test_codas_without_pairs_is_codas_with_them(n: int, seed: int, tau: float) -> None:
    random = np.random.default_rng(seed)
    e, t = random.integers(0, 30, n) / 50, random.random(n)
    gap = e[:, None] - e[None, :]
    pairs = gap + (np.abs(gap) >= tau) * (t[:, None] - t[None, :])
    np.testing.assert_allclose(assessments(e, t, tau), pairs.sum(axis=1), atol=1e-11)


@FEW
@given(st.integers(1, 12), st.floats(0, 0.5), st.integers(0, 2**32 - 1))
def test_a_kernel_is_independent_and_absorbs(n: int, density: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    beats = random.random((n, n)) < density
    np.fill_diagonal(beats, val=False)
    inside, circle = kernel_of(beats)
    for i in range(n):
        alike = circle == circle[i]
        assert len(set(inside[alike].tolist())) == 1
        if inside[i]:
            assert not beats[np.ix_(inside & ~alike, alike)].any()
        else:
            assert beats[np.ix_(inside, alike)].any()


@COARSE
@given(tables(), st.integers(0, 100))
def test_electre_is_consistent(x: Floats, seed: int) -> None:
    turn = Orientation.of(DIRECTIONS)
    found = electre1(x, weights_for(seed), scaling(reference(x, turn), turn))
    assert (found.concordance + found.concordance.T >= 1 - 1e-12).all()
    assert (found.discordance >= 0).all()
    assert (found.discordance <= 1 + 1e-12).all()
    assert found.kernel.any()


@COARSE
@given(tables(gaps=True), st.integers(0, 100), st.sampled_from(list(Unknown)))
def test_acceptability_counts_what_the_weighted_sum_says(
    x: Floats, seed: int, unknown: Unknown
) -> None:
    turn = Orientation.of(DIRECTIONS)
    scale = scaling(reference(x, turn), turn)
    draws = drawn_weights(4, 17, np.random.default_rng(seed))
    limits = top_thresholds(x, draws, scale, share=0.25, unknown=unknown)
    found = top_share_acceptability(x, draws, limits, scale, unknown=unknown)
    scores = np.array([saw(x, w, scale, unknown=unknown) for w in draws])
    known = ~np.isnan(scores[0])
    np.testing.assert_array_equal(np.isnan(found), ~known)
    if known.any():
        best = np.ceil(0.25 * known.sum())
        place = np.array([ranks(-s, ties=Ties.MIN, more_is_better=False) for s in scores])
        np.testing.assert_allclose(found[known], (place[:, known] <= best).mean(axis=0), atol=0.06)


@COARSE
@given(st.integers(2, 15), st.integers(0, 100))
def test_rank_acceptabilities_add_up(n: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    x = random.random((n, 4))
    found = rank_acceptability(lambda w: x @ w, drawn_weights(4, 30, random))
    np.testing.assert_allclose(found.by_rank.sum(axis=0), 1, atol=1e-12)
    np.testing.assert_allclose(found.by_rank.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(found.expected_rank, found.by_rank @ np.arange(1, n + 1), atol=1e-12)
