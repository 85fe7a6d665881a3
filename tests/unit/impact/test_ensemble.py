"""The ensemble: its central case is the run itself, noise keeps the mean, a seed repeats it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.impact.demand import purchases_of
from nexpo.impact.effects import Account
from nexpo.impact.ensemble import (
    Households,
    Noise,
    Setting,
    _disturb,
    _lognormal,
    _one_technology,
    _solved,
    evaluate,
    one_choice,
)
from nexpo.impact.many_small import solve_each
from nexpo.impact.model import Floats
from nexpo.impact.prices import Deflators, Rates, import_shares_by_phase
from nexpo.impact.sampling import Ranges, Triangular, draw_choices, percentiles, tornado
from tests.impact_economy import SECTORS, economy, line, plan, two_mixes

TABLE = economy()
A = TABLE.flows / TABLE.output
VALUE_ADDED = TABLE.value_added() / TABLE.output


def setting(own: float = 0.7, real: Floats | None = None) -> Setting:
    """Return a region that buys a part of all from itself, at three levels of delta."""
    levels = np.array([0.25, 0.10, 0.40])
    shares = [own, own + 0.1, own - 0.1]
    systems = [np.block([[A * s, A * 0.1], [A * (1 - s), A * 0.9]]) for s in shares]
    hall = plan(line("hall", 100_00), line("hall", 50_00, year=2016), mixes=two_mixes())
    mixes = tuple(
        (
            name,
            purchases_of(
                hall,
                SECTORS,
                rates=Rates.none(4),
                import_shares=import_shares_by_phase(TABLE),
                deflators=Deflators({}),
                alternatives={"hall": name},
            ),
        )
        for name in ("works", "plant")
    )
    wages = TABLE.primary[0] / TABLE.output
    income = np.zeros((2, 8))
    income[0, :4], income[1, 4:] = wages, wages
    spent = np.zeros((3, 8, 2))
    spent[:, 1, 0], spent[:, 5, 1] = 0.3, 0.4
    return Setting(
        mixes,
        np.stack(systems),
        np.stack([np.full(4, s) for s in shares]),
        levels,
        (
            Households("net", spent, income, np.zeros((2, 2))),
            Households("gross", spent * 2, income, np.zeros((2, 2))),
        ),
        (
            Account("gdp", "EUR", np.tile(VALUE_ADDED, 2)),
            Account("jobs", "person", np.ones(8), real=True, by_period=np.ones(2)),
        ),
        ("region",) * 4 + ("rest",) * 4,
        np.ones(4) if real is None else real,
        2014,
    )


def ranges(noise: Noise | None = None) -> Ranges:
    return Ranges(
        (0, 1), (1, 2), (0, 1), (0, 0, 0), Triangular(0.8, 1.0, 1.2), Triangular(0.0, 0.003, 0.01),
        noise or Noise(),
    )  # fmt: skip


def test_the_central_case_is_the_direct_solution() -> None:
    made = setting()
    found = evaluate(made, one_choice(productivity=0.1))[0]
    first = np.array([0.0, 1, 0, 0])
    demand = np.concatenate([0.7 * first, 0.3 * first])
    closed = np.zeros((10, 10))
    closed[:8, :8], closed[8:, :8] = made.coefficients[0], made.households[0].income
    closed[:8, 8:] = made.households[0].spending[0]
    one = np.linalg.solve(np.eye(8) - made.coefficients[0], demand)
    two = np.linalg.solve(np.eye(10) - closed, np.concatenate([demand, [0, 0]]))[:8]
    v = np.tile(VALUE_ADDED, 2)
    for period, amount in enumerate((100.0, 50.0)):
        due = amount * np.array(
            [[(v * part)[side].sum() for part in (demand, one - demand, two - one)]
             for side in (slice(0, 4), slice(4, 8))]
        )  # fmt: skip
        assert found[0, :, :, period] == pytest.approx(due)
    fewer = 1.1**-2
    assert found[1, :, :, 1].sum() == pytest.approx(50 * fewer * two.sum())


def test_price_indices_by_product_move_jobs_and_not_value_added() -> None:
    plain = evaluate(setting(), one_choice(mix=1))
    dear = evaluate(setting(real=np.array([1.0, 0.5, 1.0, 1.0])), one_choice(mix=1))
    assert dear[:, 0] == pytest.approx(plain[:, 0])
    assert dear[:, 1].sum() < plain[:, 1].sum()


def test_each_choice_moves_what_it_should() -> None:
    made = setting()
    base = evaluate(made, one_choice())
    assert evaluate(made, one_choice(import_factor=1.2)) == pytest.approx(base)  # works: no imports
    plant = evaluate(made, one_choice(mix=1))
    assert evaluate(made, one_choice(mix=1, import_factor=1.2)).sum() < plant.sum()
    assert evaluate(made, one_choice(closure=1))[..., 2, :].sum() > base[..., 2, :].sum()
    near = evaluate(made, one_choice(delta=1))
    assert near[0, 0, 0].sum() > base[0, 0, 0].sum()


def test_two_halves_of_one_technology_are_the_whole_system() -> None:
    made = setting()
    coefficients = made.coefficients.copy()
    coefficients[:, :, 3] *= 0.9  # now the regions differ, and the whole system is solved
    other = replace(made, coefficients=coefficients)
    assert _one_technology(made)
    assert not _one_technology(other)
    negative, rights = -made.coefficients, np.arange(48.0).reshape(3, 8, 2)
    halves = _solved(negative.copy(), rights.copy(), one_technology=True)
    whole = _solved(negative.copy(), rights.copy(), one_technology=False)
    assert halves == pytest.approx(whole)
    assert evaluate(other, one_choice()).sum() < evaluate(made, one_choice()).sum()


def test_without_households_nothing_is_induced() -> None:
    bare = replace(setting(), households=())
    assert evaluate(bare, one_choice())[..., 2, :].sum() == 0


def test_one_seed_gives_one_answer() -> None:
    made, noise = setting(), Noise(0.2, 0.1)

    def run(seed: int) -> Floats:
        generator = np.random.default_rng(seed)
        choices = draw_choices(ranges(), generator, 50)
        return evaluate(made, choices, noise=noise, generator=generator)

    assert np.array_equal(run(1), run(1))
    assert not np.array_equal(run(1), run(2))
    with pytest.raises(Problem, match="needs a seed"):
        evaluate(made, one_choice(), noise=noise)


def test_noise_keeps_the_mean_and_its_spread() -> None:
    drawn = _lognormal(np.random.default_rng(3), 0.2, (200_000,))
    assert drawn.mean() == pytest.approx(1.0, abs=0.003)
    assert drawn.std() == pytest.approx(0.2, abs=0.003)


def test_noise_on_spending_keeps_what_is_spent_at_home() -> None:
    made = replace(setting(), accounts=(Account("output", "EUR", np.ones(8)),))
    found = evaluate(
        made, one_choice(20, mix=1), noise=Noise(0.0, 0.3), generator=np.random.default_rng(0)
    )
    direct = found[:, 0, :, 0, 0].sum(axis=1)
    assert direct == pytest.approx(np.full(20, 40.0 + 30.0))


def test_a_column_that_reaches_one_is_drawn_again() -> None:
    high = np.tile(np.array([[0.55, 0.1], [0.40, 0.1]]), (300, 1, 1))
    matrix = -high
    _disturb(matrix, 2, 0.4, np.random.default_rng(5))
    assert (-matrix).sum(axis=1).max() < 1
    assert (-matrix).std() > 0.05
    with pytest.raises(Problem, match="keeps reaching 1"):
        _disturb(-np.array([[[2.0]]]), 1, 0.01, np.random.default_rng(5))


def test_the_tornado_shows_alternatives_and_noise_widest_first() -> None:
    bars = tornado(setting(), ranges(Noise(0.2, 0.1)), 0, 0, np.random.default_rng(1))
    assert {bar.choice for bar in bars} == {
        "mix", "delta", "closure", "own_import_share", "productivity", "noise",
    }  # fmt: skip
    swings = [bar.swing for bar in bars]
    assert swings == sorted(swings, reverse=True)
    mix = next(bar for bar in bars if bar.choice == "mix")
    assert (mix.low_at, mix.high_at) == ("plant", "works")
    central = evaluate(setting(), one_choice(productivity=0.003))[0, 0, 0].sum()
    assert mix.low < central <= mix.high + 1e-9
    delta = next(bar for bar in bars if bar.choice == "delta")
    assert (delta.low_at, delta.high_at) == ("0.400", "0.100")


def test_what_has_no_alternative_has_no_bar() -> None:
    still = Ranges((0,), (0,), (0,), (0, 0, 0), Triangular(1, 1, 1), Triangular(0, 0, 0), Noise())
    assert tornado(setting(), still, 0, None, np.random.default_rng(1)) == ()
    assert draw_choices(still, np.random.default_rng(1), 3).import_factor.tolist() == [1, 1, 1]
    with pytest.raises(Problem, match="rises"):
        Triangular(1.0, 0.5, 2.0)


def test_percentiles_are_linear_between_draws() -> None:
    assert percentiles(np.array([0.0, 1.0]), (50,)).tolist() == [0.5]


@pytest.mark.parametrize("size", [1, 3, 4, 5, 8, 13])
def test_small_systems_as_by_the_library(size: int) -> None:
    draws = np.random.default_rng(size)
    matrices = np.eye(size) - draws.random((3, size, size)) * 0.9 / size
    rights = draws.random((3, size, 2))
    due = np.linalg.solve(matrices, rights)
    assert solve_each(matrices.copy(), rights.copy()) == pytest.approx(due)
    turned = np.array([[[0.0, 1.0], [1.0, 0.0]]])  # not dominant: the library pivots
    assert solve_each(turned, np.array([[[1.0], [2.0]]])).ravel().tolist() == [2.0, 1.0]


def test_no_draw_makes_more_of_a_euro_than_a_euro() -> None:
    made = setting()
    cost = {
        "gdp": VALUE_ADDED,
        "imports": TABLE.imports.sum(axis=0) / TABLE.output,  # type: ignore[union-attr]
        "taxes": TABLE.primary[2:].sum(axis=0) / TABLE.output,
    }
    accounts = tuple(Account(k, "EUR", np.tile(v, 2), of_cost=True) for k, v in cost.items())
    assert sum(cost.values()) + A.sum(axis=0) == pytest.approx(np.ones(4))
    shares = np.block([[A * 0.7, A * 0.1], [A * 0.3, A * 0.9]])
    made = replace(made, accounts=accounts, coefficients=np.stack([shares] * 3), households=())
    found = evaluate(
        made, one_choice(200, mix=1), noise=Noise(0.3, 0.1), generator=np.random.default_rng(7)
    )
    ends = found.sum(axis=(1, 2, 3))  # all accounts and areas, direct and indirect
    spent = evaluate(
        replace(made, accounts=(Account("output", "EUR", np.ones(8)),)),
        one_choice(200, mix=1), noise=Noise(0.3, 0.1), generator=np.random.default_rng(7),
    )[:, 0, :, 0].sum(axis=1)  # fmt: skip
    assert ends == pytest.approx(spent)
    assert found[:, 0].std() > 0


def test_a_product_that_only_comes_from_abroad_stays_there() -> None:
    name, bought = setting().mixes[1]
    abroad = replace(bought, import_share=np.ones_like(bought.import_share), fixed=bought.fixed * 0)
    made = replace(setting(), mixes=((name, abroad),))
    assert evaluate(made, one_choice(import_factor=0.8)).sum() == 0
    assert abroad.at(np.ones(4), import_factor=0.8).domestic.sum() == 0


def test_the_bars_of_numbers_end_at_their_percentiles() -> None:
    bars = {bar.choice: bar for bar in tornado(setting(), ranges(), 0, 0, np.random.default_rng(1))}
    wide = Triangular(0.8, 1.0, 1.2)
    own = bars["own_import_share"]
    assert own.low_at.startswith("p95") or own.low_at == own.high_at or own.low == own.high
    draws = wide.draw(np.random.default_rng(2), 100_000)
    assert wide.quantile(0.05) == pytest.approx(np.percentile(draws, 5), abs=2e-3)
    assert wide.quantile(0.95) == pytest.approx(np.percentile(draws, 95), abs=2e-3)


def test_a_bound_is_in_the_tornado_and_never_drawn() -> None:
    weighted = replace(ranges(), closure_weights=(1.0, 0.0))
    drawn = draw_choices(weighted, np.random.default_rng(0), 200)
    assert set(drawn.closure.tolist()) == {0}
    bars = tornado(setting(), weighted, 0, 0, np.random.default_rng(1))
    assert next(bar for bar in bars if bar.choice == "closure").high_at == "gross"
