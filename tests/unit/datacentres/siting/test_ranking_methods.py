"""Edges of the ranking methods: constant and missing criteria, ties, sizes that are refused."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.datacentres.siting.decision import (
    Columns,
    Criterion,
    Decision,
    Direction,
    Floats,
    Preference,
    Shape,
    Unknown,
    blocks,
)
from nexpo.datacentres.siting.electre import electre1
from nexpo.datacentres.siting.normalise import (
    Cost,
    Normalisation,
    Orientation,
    Scaling,
    reference,
    scaling,
)
from nexpo.datacentres.siting.promethee import flows, net_flows_by_criterion
from nexpo.datacentres.siting.promethee_kernel import gap_sum, prefix_sums, two_product
from nexpo.datacentres.siting.ranks import Ties, ranks
from nexpo.datacentres.siting.robustness import (
    drawn_weights,
    rank_acceptability,
    top_thresholds,
    weights_around,
)
from nexpo.datacentres.siting.saw import saw
from nexpo.datacentres.siting.spotis import spotis
from nexpo.datacentres.siting.topsis import AS_FAR, topsis
from nexpo.datacentres.siting.topsis_draws import closeness_thresholds, top_share_by_closeness
from nexpo.datacentres.siting.vikor import Vikor, compromise, vikor
from nexpo.datacentres.siting.weights import ahp, critic, entropy


def scale_of(x: Floats, *directions: str, clip: bool = False) -> Scaling:
    turn = Orientation.of(directions)
    return scaling(reference(x, turn), turn, clip=clip)


def test_blocks_cover_a_long_table_and_tell_how_far_they_are() -> None:
    x = np.arange(40_000.0).reshape(20_000, 2)
    told: list[tuple[int, int]] = []
    total = np.zeros(2)
    for _, block in blocks(x, lambda done, of: told.append((done, of))):
        total += block.sum(axis=1)
    assert total.tolist() == x.sum(axis=0).tolist()
    assert told[-1] == (20_000, 20_000)
    assert len(told) == 3


def test_prefix_sums_do_not_cancel() -> None:
    values = np.sort(1e9 + np.random.default_rng(0).random(50_000) * 1e-3)
    high, low = prefix_sums(values)
    found = gap_sum(values[-1], 100, 40_000, high, low)
    exact = float(np.sum(values[-1] - values[100:40_000]))  # each difference is exact
    assert found == pytest.approx(exact, rel=1e-12)
    product, rest = two_product(0.1, 3.0)
    assert product == 0.1 * 3.0
    assert Fraction(product) + Fraction(rest) == Fraction(0.1) * 3


def test_alternatives_that_nothing_tells_apart_are_as_far_from_both_ends() -> None:
    x = np.ones((3, 2))
    assert topsis(x, [1, 1], scale_of(x, "max", "min")).tolist() == [AS_FAR] * 3
    assert saw(x, [1, 1], scale_of(x, "max", "min")).tolist() == [1, 1, 1]
    assert vikor(x, [1, 1], scale_of(x, "max", "min")).q.tolist() == [0, 0, 0]


def test_a_criterion_of_no_weight_may_be_unknown() -> None:
    x = np.array([[1.0, np.nan], [2.0, np.nan]])
    scale = scale_of(x, "max", "max")
    assert saw(x, [1, 0], scale).tolist() == [0, 1]
    assert topsis(x, [1, 0], scale).tolist() == [0, 1]
    assert np.isnan(saw(x, [1, 1], scale)).all()
    assert saw(x, [1, 1], scale, unknown=Unknown.RENORMALISE).tolist() == [0, 1]


def test_the_worst_case_takes_the_bound_of_the_region() -> None:
    x = np.array([[5.0, 1.0], [np.nan, 2.0]])
    turn = Orientation.of(["min", "max"])
    scale = scaling(reference(x, turn).within([[0, 10], [0, 2]], turn), turn)
    found = saw(x, [1, 1], scale, unknown=Unknown.WORST)
    assert found.tolist() == [0.5, 0.5]
    assert topsis(x, [1, 1], scale, unknown=Unknown.WORST)[1] == 0.5
    found = spotis(x, [1, 1], ["min", "max"], [[0, 10], [0, 2]], unknown=Unknown.WORST)
    assert found.tolist() == [0.5, 0.5]


def test_values_beyond_the_bounds_are_clipped_on_request() -> None:
    x = np.array([[-5.0], [5.0], [50.0]])
    turn = Orientation.of(["max"])
    fixed = reference(x, turn).within([[0, 10]], turn)
    assert saw(x, [1], scaling(fixed, turn, clip=True)).tolist() == [0, 0.5, 1]
    assert saw(x, [1], scaling(fixed, turn)).tolist() == [-0.5, 0.5, 5]


def test_ideal_points_from_outside_keep_ranks_when_an_alternative_comes() -> None:
    x = np.array([[3.0, 40], [5, 20], [4, 33]])
    more = np.vstack([x, [[90.0, 1]]])
    turn = Orientation.of(["max", "max"])
    scale = scaling(reference(x, turn), turn, Normalisation.NONE)
    found = [topsis(t, [1, 2], scale, ideal=[10, 50], anti_ideal=[0, 0]) for t in (x, more)]
    assert found[0].tolist() == found[1][:3].tolist()


def test_costs_cannot_be_inverted_at_zero() -> None:
    turn = Orientation.of(["min"], cost=Cost.INVERT)
    with pytest.raises(Problem, match="has no use as 1/x"):
        reference(np.array([[0.0], [1.0]]), turn)
    with pytest.raises(Problem, match="infinite"):
        reference(np.array([[np.inf], [1.0]]), Orientation.of(["max"]))
    with pytest.raises(Problem, match="no value is a share of it"):
        scaling(
            reference(np.zeros((2, 1)), Orientation.of(["max"])),
            Orientation.of(["max"]),
            Normalisation.SUM,
        )


def test_targets_count_by_distance() -> None:
    x = np.array([[6.5], [7.0], [9.0]])
    turn = Orientation.of(["target"], targets=[7.0])
    assert saw(x, [1], scaling(reference(x, turn), turn)).tolist() == [0.75, 1, 0]
    found = flows(x, [1], ["target"], [Preference()], targets=[7.0])
    assert found.net.tolist() == [0, 1, -1]
    assert spotis(x, [1], ["target"], [[5, 9]], expected=[7.0]).tolist() == [0.125, 0, 0.5]
    with pytest.raises(Problem, match="needs a target"):
        Orientation.of(["target"])
    with pytest.raises(Problem, match="no target value"):
        spotis(x, [1], ["target"], [[5, 9]])


def test_the_unknown_is_compared_with_nobody() -> None:
    x = np.array([[1.0, 1], [2, np.nan], [3, 3]])
    preferences = [Preference()] * 2
    strict = flows(x, [1, 1], ["max", "max"], preferences)
    assert strict.plus[[0, 2]].tolist() == [0, 1]
    assert np.isnan(strict.net[1])
    loose = flows(x, [1, 1], ["max", "max"], preferences, unknown=Unknown.RENORMALISE)
    assert loose.net.tolist() == [-1, 0, 1]
    worst = flows(x, [1, 1], ["max", "max"], preferences, unknown=Unknown.WORST)
    assert worst.net.tolist() == [-0.75, -0.25, 1]
    parts = net_flows_by_criterion(x, ["max", "max"], preferences)
    np.testing.assert_array_equal(parts, [[-1, -1], [0, np.nan], [1, 1]])


def test_what_has_no_short_cut_is_refused_at_size() -> None:
    x = np.random.default_rng(0).random((50, 1))
    with pytest.raises(Problem, match="pair by pair"):
        flows(x, [1], ["max"], [Preference(Shape.GAUSSIAN, s=1)], most_pairs=2_000)
    with pytest.raises(Problem, match="compares every pair"):
        electre1(x, [1], scale_of(x, "max"), most=49)
    with pytest.raises(Problem, match="rank acceptabilities of 50"):
        rank_acceptability(lambda w: x @ w, np.ones((1, 1)), most=49)


def test_gaussian_flows_in_chunks_are_those_of_the_definition() -> None:
    values = np.random.default_rng(1).random((3000, 1)) * 10
    found = flows(values, [1], ["max"], [Preference(Shape.GAUSSIAN, s=2)])
    gaps = values - values[:7].T
    by_hand = np.where(gaps < 0, 1 - np.exp(-(gaps**2) / 8), 0).sum(axis=0) / 2999
    np.testing.assert_allclose(found.plus[:7], by_hand, atol=1e-12)


def test_electre_leaves_the_unknown_out_and_joins_circles() -> None:
    x = np.array([[1.0, 2], [2, 1], [np.nan, 3], [0, 0]])
    found = electre1(
        x, [1, 1], scale_of(x, "max", "max"), concordance_threshold=0.5, discordance_threshold=1
    )
    assert found.kernel.tolist() == [True, True, False, False]
    assert found.circles[0] == found.circles[1]
    assert not found.outranks[2].any()
    assert not found.outranks[:, 2].any()
    both = electre1(x, [1, 1], scale_of(x, "max", "max"), unknown=Unknown.RENORMALISE)
    assert both.concordance[2, 0] == 1


def test_the_compromise_of_vikor_follows_its_two_conditions() -> None:
    q = np.array([0.0, 0.3, 0.45, 1.0])
    stable = Vikor(s=np.array([0.1, 0.2, 0.3, 0.4]), r=np.array([0.1, 0.2, 0.3, 0.4]), q=q)
    assert compromise(stable).proposed.tolist() == [0, 1]  # 0.3 is less than 1/3
    assert compromise(stable, needed=0.25).proposed.tolist() == [0]
    unstable = Vikor(s=np.array([0.2, 0.1, 0.3, 0.4]), r=np.array([0.2, 0.1, 0.3, 0.4]), q=q)
    found = compromise(unstable, needed=0.25)
    assert (found.advantage, found.stable) == (True, False)
    assert found.proposed.tolist() == [0, 1]
    with pytest.raises(Problem, match="from 0 to 1"):
        vikor(np.ones((2, 1)), [1], scale_of(np.ones((2, 1)), "max"), v=2)


@pytest.mark.parametrize(
    ("ties", "expected"),
    [
        (Ties.MIN, [2, 1, 2, 4]),
        (Ties.MAX, [3, 1, 3, 4]),
        (Ties.AVERAGE, [2.5, 1, 2.5, 4]),
        (Ties.DENSE, [2, 1, 2, 3]),
        (Ties.ORDINAL, [2, 1, 3, 4]),
    ],
)
def test_ties(ties: Ties, expected: list[float]) -> None:
    assert ranks(np.array([0.5, 0.9, 0.5, 0.1]), ties=ties).tolist() == expected
    assert ranks(-np.array([0.5, 0.9, 0.5, 0.1]), ties=ties, more_is_better=False).tolist() == (
        expected
    )


def test_draws_have_the_mean_they_are_asked_for() -> None:
    random = np.random.default_rng(5)
    found = weights_around([6, 3, 0, 1], 20_000, random, concentration=50)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(found.mean(axis=0), [0.6, 0.3, 0, 0.1], atol=3e-3)
    assert found[:, 0].std() == pytest.approx(np.sqrt(0.6 * 0.4 / 51), rel=0.03)
    assert (found[:, 2] == 0).all()
    np.testing.assert_allclose(drawn_weights(3, 20_000, random).mean(axis=0), 1 / 3, atol=6e-3)
    with pytest.raises(Problem, match="1 or more"):
        drawn_weights(3, 0, random)


def test_a_sampled_threshold_is_near_the_exact_one() -> None:
    x = np.random.default_rng(2).random((60_000, 3))
    draws = drawn_weights(3, 5, np.random.default_rng(3))
    exact = top_thresholds(x, draws, share=0.05)
    sampled = top_thresholds(
        x, draws, share=0.05, generator=np.random.default_rng(4), sample=20_000
    )
    above = (draws @ x.T >= sampled.score[:, None]).mean(axis=1)
    assert exact.standard_error == 0
    assert ((draws @ x.T >= exact.score[:, None]).sum(axis=1) == 3_000).all()
    np.testing.assert_allclose(above, 0.05, atol=5 * sampled.standard_error)


def test_weights_that_cannot_be() -> None:
    with pytest.raises(Problem, match="values from 0 up"):
        entropy(np.array([[-1.0], [2.0]]))
    with pytest.raises(Problem, match="tells the alternatives apart"):
        entropy(np.ones((3, 2)))
    with pytest.raises(Problem, match="two alternatives"):
        critic(np.array([[1.0, np.nan], [np.nan, 2.0]]))
    with pytest.raises(Problem, match="not the inverse"):
        ahp([[1, 2], [2, 1]])
    with pytest.raises(Problem, match="unknown table"):
        ahp([[1.0, 2.0], [0.5, 1.0]], random_index="mine")
    found = critic(np.array([[1.0, 5, 1], [2, 5, 3], [3, 5, 2]]))
    assert found[1] == 0


def test_values_refuse_what_cannot_be() -> None:
    with pytest.raises(Problem, match="p is below q"):
        Preference(Shape.LINEAR, q=3, p=1)
    with pytest.raises(Problem, match="go together"):
        Criterion("a", Direction.TARGET)
    with pytest.raises(Problem, match="not below"):
        Criterion("a", Direction.MAX, low=2, high=1)
    with pytest.raises(Problem, match="of that shape"):
        Decision(("a",), (Criterion("x", Direction.MAX),), np.zeros((2, 1)))
    with pytest.raises(Problem, match="one length"):
        Columns((np.zeros(2), np.zeros(3)))
    with pytest.raises(Problem, match="unknown direction"):
        Orientation.of(["upwards"])


def test_a_size_below_zero_would_turn_the_order_round() -> None:
    x = np.array([[-1.0], [-4.0]])
    turn = Orientation.of(["max"])
    for how in (Normalisation.MAX, Normalisation.SUM):
        with pytest.raises(Problem, match="no value is a share of it"):
            scaling(reference(x, turn), turn, how)


def test_bounds_that_have_no_inverse_are_refused() -> None:
    x = np.array([[1.0], [4.0]])
    turn = Orientation.of(["min"], cost=Cost.INVERT)
    for low in (0.0, -1.0):
        with pytest.raises(Problem, match="no use as 1/x"):
            reference(x, turn).within([[low, 5.0]], turn)
    assert reference(x, turn).within([[0.5, 5.0]], turn).high.tolist() == [2.0]


def test_one_bound_alone_counts() -> None:
    x = np.array([[1.0], [3.0], [5.0]])
    turn = Orientation.of(["max"])
    found = reference(x, turn).within([[np.nan, 9.0]], turn)
    assert scaling(found, turn).apply(x.T.copy()).tolist() == [[0.0, 0.25, 0.5]]
    with pytest.raises(Problem, match="lies beyond all its values"):
        reference(x, turn).within([[6.0, np.nan]], turn)
    cost = Orientation.of(["min"], cost=Cost.INVERT)
    assert reference(x, cost).within([[0.5, np.nan]], cost).high.tolist() == [2.0]
    aimed = Orientation.of(["target"], targets=[3.0])
    with pytest.raises(Problem, match="only one bound"):
        reference(x, aimed).within([[0.0, np.nan]], aimed)


@pytest.mark.parametrize("size", [1e155, 1e300, 1e-200])
def test_a_vector_norm_neither_overflows_nor_vanishes(size: float) -> None:
    x = np.array([[3.0, 1.0], [4.0, 2.0]])
    x[:, 0] *= size
    turn = Orientation.of(["max", "max"])
    both = reference(x[:1], turn).merge(reference(x[1:], turn))
    for measured in (reference(x, turn), both):
        scaled = scaling(measured, turn, Normalisation.VECTOR).apply(x.T.copy())
        np.testing.assert_allclose(scaled[0], [0.6, 0.8], rtol=1e-12)


def test_vikor_is_the_same_on_every_linear_scale() -> None:
    x = np.array([[1.0, 3000], [2, 3750], [5, 4500], [4, 3100]])
    turn = Orientation.of(["min", "max"])
    measured = reference(x, turn)
    expected = vikor(x, [2, 1], scaling(measured, turn))
    for how in Normalisation:
        found = vikor(x, [2, 1], scaling(measured, turn, how))
        for one, other in ((found.s, expected.s), (found.r, expected.r), (found.q, expected.q)):
            np.testing.assert_allclose(one, other, atol=1e-12)


@pytest.mark.parametrize(("times", "inverse"), [(3, 0.33), (6, 0.17), (7, 0.14), (9, 0.11)])
def test_an_inverse_may_be_rounded_to_two_digits(times: float, inverse: float) -> None:
    assert ahp([[1, times], [inverse, 1]]).weights[0] == pytest.approx(
        times / (times + 1), abs=0.01
    )
    with pytest.raises(Problem, match="is not the inverse"):
        ahp([[1, times], [inverse + 0.02, 1]])


def test_sums_in_another_order_are_ties() -> None:
    scores = np.array([0.2, 0.1 + 0.2 - 0.1, 0.3 - 0.1, 0.1])
    assert len(set(scores[:3].tolist())) > 1
    assert ranks(scores).tolist() == [1, 1, 1, 4]
    assert ranks(scores, ties=Ties.ORDINAL).tolist() == [1, 2, 3, 4]
    assert ranks(scores, more_is_better=False).tolist() == [2, 2, 2, 1]
    assert ranks(np.array([np.inf, np.nan, 1.0])).tolist()[::2] == [1, 2]


def test_parts_of_net_flows_are_those_of_the_ranking_where_values_are_unknown() -> None:
    random = np.random.default_rng(5)
    x = random.random((40, 3))
    x[random.random(x.shape) < 0.1] = np.nan
    preferences = [Preference(Shape.LINEAR, q=0.1, p=0.5)] * 3
    for unknown in (Unknown.UNKNOWN, Unknown.WORST):
        expected = flows(x, [3, 2, 1], ["max"] * 3, preferences, unknown=unknown).net
        parts = net_flows_by_criterion(x, ["max"] * 3, preferences, unknown=unknown)
        np.testing.assert_allclose(parts @ np.array([3, 2, 1]) / 6, expected, atol=1e-12)
    first = net_flows_by_criterion(
        x, ["max"] * 3, preferences, unknown=Unknown.UNKNOWN, weighing=np.array([True, False, True])
    )
    expected = flows(x, [1, 0, 1], ["max"] * 3, preferences).net
    np.testing.assert_allclose((first[:, 0] + first[:, 2]) / 2, expected, atol=1e-12)


@pytest.mark.parametrize("unknown", list(Unknown))
def test_topsis_is_drawn_by_topsis(unknown: Unknown) -> None:
    random = np.random.default_rng(8)
    x = random.random((300, 4))
    x[random.random(x.shape) < 0.02] = np.nan
    draws = random.dirichlet(np.ones(4), 60)
    draws[:, 3] = 0
    scale = scale_of(x, "max", "min", "max", "max")
    limits = closeness_thresholds(x, draws, scale, share=0.05, unknown=unknown)
    found = top_share_by_closeness(x, draws, limits, scale, unknown=unknown)
    each = np.array([topsis(x, weights, scale, unknown=unknown) for weights in draws])
    known = ~np.isnan(each[0])
    best = int(np.ceil(0.05 * known.sum()))
    limit = np.sort(each[:, known], axis=1)[:, -best]
    expected = (each >= limit[:, None] - 1e-12).mean(axis=0)
    np.testing.assert_allclose(found[known], expected[known])
    assert np.isnan(found[~known]).all()
