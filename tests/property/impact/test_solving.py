"""What holds for every table: three ways of solving, closures, extractions, paths, variance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexpo.impact.closure import ClosedSystem, Institution, close
from nexpo.impact.extraction import Taken, extract, extract_each
from nexpo.impact.linkages import Forward, linkages
from nexpo.impact.multipliers import Weights, income_weights, multipliers
from nexpo.impact.paths import Limits, layers, paths
from nexpo.impact.price_model import fixed_price_change, price_change
from nexpo.impact.solve import SolveMethod, System
from nexpo.impact.variance import variance
from tests.io_tables import random_system

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(2, 24)
FEW = settings(max_examples=30, deadline=None)


def numbers(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed + 1).uniform(0.0, 10.0, shape)


@FEW
@given(SEEDS, SIZES)
def test_every_method_gives_the_same_answers_both_ways(seed: int, size: int) -> None:
    system = System(*random_system(seed, size))
    sides = numbers(seed, size, 3)
    wanted = np.linalg.solve(np.eye(size) - system.coefficients(), sides)
    turned = np.linalg.solve(np.eye(size) - system.coefficients().T, sides)
    for method in SolveMethod:
        for found, right in (
            (system.solve(sides, method=method), wanted),
            (system.solve_transposed(sides, method=method), turned),
        ):
            assert found.method is method
            assert found.residual <= 1e-10
            np.testing.assert_allclose(found.values, right, rtol=1e-8)


@FEW
@given(SEEDS, SIZES)
def test_all_that_a_sector_pays_comes_back_as_one_per_unit_of_demand(seed: int, size: int) -> None:
    flows, output = random_system(seed, size)
    system = System(flows, output)
    outside = system.per_output(output - flows.sum(axis=0))
    np.testing.assert_allclose(system.solve_transposed(outside).values, 1.0, atol=1e-12)


@FEW
@given(SEEDS, SIZES, st.floats(0.1, 0.9))
def test_the_type_two_factor_is_the_same_in_all_sectors(
    seed: int, size: int, propensity: float
) -> None:
    flows, output = random_system(seed, size)
    system = System(flows, output)
    wages = 0.8 * (output - flows.sum(axis=0))
    spending = numbers(seed, size)
    spending *= propensity / spending.sum()
    closed = ClosedSystem(system, close(system, [Institution("households", wages, spending, 1.0)]))
    (found,) = multipliers(system, [income_weights(closed)], closed)
    assert found.truncated is not None
    factor = found.truncated / found.simple
    np.testing.assert_allclose(factor, closed.factor, rtol=1e-10)
    h, c = system.per_output(wages), spending
    inverse = np.linalg.inv(np.eye(size) - system.coefficients())
    assert closed.factor == pytest.approx(1 / (1 - h @ inverse @ c))


@FEW
@given(SEEDS, SIZES, st.integers(1, 4))
def test_accounts_inside_are_the_larger_system_solved_whole(
    seed: int, size: int, count: int
) -> None:
    flows, output = random_system(seed, size)
    system = System(flows, output)
    paid = 0.9 * (output - flows.sum(axis=0)) * numbers(seed, count, size)
    paid /= np.maximum(paid.sum(axis=0) / (output - flows.sum(axis=0)), 1.0)
    spending = numbers(seed + 2, count, size)
    spending /= 2 * spending.sum(axis=1, keepdims=True)
    transfers = numbers(seed + 3, count, count)
    transfers *= 0.2 / transfers.sum(axis=0)
    groups = [
        Institution(
            str(each),
            paid[each],
            spending[each],
            1.0,
            {str(to): float(transfers[to, each]) for to in range(count)},
        )
        for each in range(count)
    ]
    closed = ClosedSystem(system, close(system, groups))
    whole = np.block([[system.coefficients(), spending.T], [paid / output, transfers]])
    inverse = np.linalg.inv(np.eye(size + count) - whole)
    demand, received = numbers(seed + 4, size), numbers(seed + 5, count)
    found, totals = closed.solve(demand, received)
    np.testing.assert_allclose(
        np.append(found, totals), inverse @ np.append(demand, received), rtol=1e-9
    )
    weights, own = numbers(seed + 6, size), numbers(seed + 7, count)
    by_sector, by_account = closed.solve_transposed(weights, own)
    np.testing.assert_allclose(
        np.append(by_sector, by_account), np.append(weights, own) @ inverse, rtol=1e-9
    )
    (table,) = multipliers(system, [Weights("any", "1", weights, own)], closed)
    assert table.total is not None
    np.testing.assert_allclose(table.total, by_sector, rtol=1e-9)


def without(system: System, group: list[int], taken: Taken) -> np.ndarray:
    """Outputs of the system made anew without a part of it."""
    a, demand = system.coefficients(), system.final_demand()
    unit = np.eye(system.size)
    if taken is Taken.FORWARD_SUPPLY:
        b = system.flows / system.output[:, None]
        primary = system.output - system.flows.sum(axis=0)
        b[group] = 0.0
        return np.linalg.solve((unit - b).T, primary)
    if taken in {Taken.ALL, Taken.TRADE, Taken.BACKWARD}:
        a[:, group] = 0.0
    if taken in {Taken.ALL, Taken.TRADE, Taken.FORWARD}:
        a[group] = 0.0
    if taken is Taken.ALL:
        demand[group] = 0.0
    return np.linalg.solve(unit - a, demand)


@FEW
@given(SEEDS, st.integers(3, 16), st.integers(1, 3), st.sampled_from(Taken))
def test_extraction_is_the_system_made_anew(seed: int, size: int, count: int, taken: Taken) -> None:
    system = System(*random_system(seed, size))
    group = np.random.default_rng(seed).choice(size, count, replace=False).tolist()
    found = extract(system, group, taken)
    wanted = system.output - without(system, group, taken)
    np.testing.assert_allclose(found.loss, wanted, rtol=1e-8, atol=1e-8 * system.output.max())
    assert found.own == pytest.approx(wanted[group].sum(), abs=1e-8 * system.output.max())


@FEW
@given(SEEDS, SIZES)
def test_each_sector_in_turn_is_the_extraction_of_one(seed: int, size: int) -> None:
    system = System(*random_system(seed, size))
    g = numbers(seed, size)
    found = extract_each(system, g)
    one = [extract(system, [each]).of(g) for each in range(size)]
    np.testing.assert_allclose(found, one, rtol=1e-9)


@FEW
@given(SEEDS, SIZES)
def test_linkages_are_sums_of_the_two_inverses(seed: int, size: int) -> None:
    system = System(*random_system(seed, size))
    leontief = np.linalg.inv(np.eye(size) - system.coefficients())
    ghosh = np.linalg.inv(np.eye(size) - system.flows / system.output[:, None])
    found = linkages(system, dispersion=True)
    older = linkages(system, forward=Forward.LEONTIEF, dispersion=True)
    np.testing.assert_allclose(found.backward, leontief.sum(axis=0), rtol=1e-9)
    np.testing.assert_allclose(found.forward, ghosh.sum(axis=1), rtol=1e-9)
    np.testing.assert_allclose(older.forward, leontief.sum(axis=1), rtol=1e-9)
    np.testing.assert_allclose(found.backward_index.mean(), 1.0)
    assert found.backward_dispersion is not None
    assert found.forward_dispersion is not None
    assert older.forward_dispersion is not None
    np.testing.assert_allclose(
        found.backward_dispersion, leontief.std(axis=0, ddof=1) / leontief.mean(axis=0), rtol=1e-6
    )
    np.testing.assert_allclose(
        found.forward_dispersion, ghosh.std(axis=1, ddof=1) / ghosh.mean(axis=1), rtol=1e-6
    )
    np.testing.assert_allclose(
        older.forward_dispersion, leontief.std(axis=1, ddof=1) / leontief.mean(axis=1), rtol=1e-6
    )


def chains(
    system: System, demand: np.ndarray, g: np.ndarray, order: int
) -> dict[tuple[int, ...], float]:
    """Every chain up to an order, one by one."""
    a = system.coefficients()
    flows: dict[tuple[int, ...], float] = {
        (each,): float(demand[each]) for each in range(system.size)
    }
    found = {chain: g[chain[-1]] * flow for chain, flow in flows.items()}
    for _ in range(order):
        flows = {
            (*chain, seller): a[seller, chain[-1]] * flow
            for chain, flow in flows.items()
            for seller in range(system.size)
        }
        found |= {chain: g[chain[-1]] * flow for chain, flow in flows.items()}
    return found


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.integers(2, 4), st.integers(1, 12))
def test_paths_are_the_largest_chains_and_their_rest_is_exact(
    seed: int, size: int, count: int
) -> None:
    system = System(*random_system(seed, size))
    demand, g = numbers(seed, size), numbers(seed + 2, size)
    found = paths(system, demand, g, Limits(threshold=1e-9, paths=count, order=5))
    every = chains(system, demand, g, 5)
    wanted = sorted((each for each in every.values() if each > 0), reverse=True)[:count]
    np.testing.assert_allclose([path.value for path in found.paths], wanted, rtol=1e-9)
    for path in found.paths:
        assert path.value == pytest.approx(every[path.sectors])
    total = float(g @ np.linalg.solve(np.eye(size) - system.coefficients(), demand))
    assert found.total == pytest.approx(total)
    left_out = sorted(every.values(), reverse=True)[len(wanted) :]
    assert found.largest_missed >= max(left_out, default=0.0) - 1e-9


@FEW
@given(SEEDS, SIZES, st.floats(1e-4, 0.2))
def test_a_search_to_a_threshold_misses_no_larger_chain(
    seed: int, size: int, threshold: float
) -> None:
    system = System(*random_system(seed, size))
    demand, g = numbers(seed, size), numbers(seed + 2, size)
    found = paths(system, demand, g, Limits(threshold=threshold, paths=100_000))
    assert found.stopped == "threshold"
    assert found.largest_missed == pytest.approx(threshold * found.total)
    assert found.truncated == pytest.approx(found.total - found.by_order.sum(), abs=1e-9)
    by_layer = layers(system, demand, g, len(found.by_order))
    assert (found.by_order <= by_layer[: len(found.by_order)] * (1 + 1e-9)).all()


@FEW
@given(SEEDS, SIZES)
def test_variance_is_the_sum_over_all_cells(seed: int, size: int) -> None:
    system = System(*random_system(seed, size))
    f, g, cv = numbers(seed, size), numbers(seed + 2, size), numbers(seed + 3, size, size) / 30
    inverse = np.linalg.inv(np.eye(size) - system.coefficients())
    x, m = inverse @ f, g @ inverse
    cells = (m[:, None] * system.coefficients() * x * cv) ** 2
    found = variance(system, f, g, cv, indicator_cv=0.1, demand_cv=0.2, largest=5)
    wanted = cells.sum() + ((0.1 * g * x) ** 2).sum() + ((0.2 * m * f) ** 2).sum()
    assert found.total == pytest.approx(wanted)
    largest = sorted(cells[cells > 0].ravel(), reverse=True)[:5]
    np.testing.assert_allclose([value for *_, value in found.cells], largest)


@FEW
@given(SEEDS, st.integers(3, 12))
def test_a_price_that_is_set_stays_and_the_others_follow_their_costs(seed: int, size: int) -> None:
    system = System(*random_system(seed, size))
    costs = numbers(seed, size) / 100
    found = fixed_price_change(system, [1], np.array([0.1]), costs)
    assert found[1] == pytest.approx(0.1)
    rest = system.apply_transposed(found) - costs
    np.testing.assert_allclose(np.delete(rest, 1), 0.0, atol=1e-12)
    np.testing.assert_allclose(
        fixed_price_change(system, [1], price_change(system, costs)[[1]], costs),
        price_change(system, costs),
        atol=1e-12,
    )
