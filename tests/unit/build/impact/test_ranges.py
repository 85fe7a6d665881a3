"""Ranges of what is paid at once, and deviations where a table is too large to be drawn."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from nexpo.build.impact import ensemble_of
from nexpo.build.impact.first_order import noise_variance
from nexpo.build.impact.prepare import area_system
from nexpo.build.impact.run import run_plan
from nexpo.build.impact.run_model import Request
from nexpo.build.impact.run_outputs import tables_of
from nexpo.impact.adapters.assumption_files import load_assumptions
from nexpo.impact.model import Effect, PriceBasis
from nexpo.impact.regionalise.delta import Delta
from tests.impact_economy import economy, line, plan, region, two_mixes

DAY = date(2026, 1, 1)


def request(**changes: object) -> Request:
    bought = line("hall", 100_000_000_00, basis=PriceBasis.PURCHASER)
    fields = {
        "plan": plan(bought, mixes=two_mixes()), "table": economy(),
        "assumptions": load_assumptions(DAY), "day": DAY, "activity": region(), "region": "03",
        "delta": Delta(0.25, "given"), "closure": "net",
    }  # fmt: skip
    return Request(**{**fields, **changes})  # type: ignore[arg-type]


def test_imports_and_taxes_have_ranges_that_hold_what_is_paid_at_once() -> None:
    found = run_plan(request(draws=300, seed=2))
    for indicator, area in (
        ("imports", "abroad"), ("net_product_taxes", "region:03"), ("net_product_taxes", "XX"),
    ):  # fmt: skip
        for effect in (None, *Effect):
            total = found.total(indicator, area, effect)
            assert total.p05 is not None
            assert total.p95 is not None
            assert total.p05 <= total.p50 <= total.p95  # type: ignore[operator]
    works, plant = (run_plan(request(mixes={"hall": name})) for name in ("works", "plant"))
    low, high = (each.total("imports", "abroad", Effect.DIRECT).value for each in (works, plant))
    direct = found.total("imports", "abroad", Effect.DIRECT)
    assert direct.p05 == pytest.approx(low, abs=1)  # works import nothing at once
    assert direct.p95 == pytest.approx(high, rel=0.25)  # import shares move by a factor
    # money in is money out: what is drawn has the same ends as what is spent
    tax = found.total("net_product_taxes", "XX", Effect.DIRECT)
    assert tax.p05 <= works.total("net_product_taxes", "XX", Effect.DIRECT).value  # type: ignore[operator]


def test_a_large_table_gets_first_order_deviations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ensemble_of, "LARGEST", 7)
    found = run_plan(request(draws=10))
    total = found.total("gdp", "region:03")
    assert total.p05 is None
    assert total.sd is not None
    assert 0 < total.sd < total.value * 0.2
    assert found.total("gdp", "region:03", Effect.DIRECT).sd is None
    assert found.total("gdp").sd is not None
    assert any("no ensemble is drawn" in word for word in found.words)
    assert found.tornados == ()
    columns, rows = tables_of(found)["totals"]
    assert any(row[columns.index("sd")] for row in rows)


@pytest.mark.parametrize("whole", [True, False])
def test_the_deviation_is_that_of_small_draws(*, whole: bool) -> None:
    """Noise shared by both regions, by finite draws: 2,000 systems solved one by one."""
    regional = area_system(request(activity=None) if whole else request(), None if whole else 0.25)
    system, sides, cv = regional.system, regional.sides, 0.02
    size = system.size // sides
    demand = np.zeros(system.size)
    demand[:2] = (30.0, 100.0)
    weights = np.linspace(0.2, 0.6, system.size)
    coefficients = system.coefficients()
    draw = np.random.default_rng(5)
    noise = 1 + cv * draw.standard_normal((2000, size, size))
    drawn = np.tile(noise, (1, sides, sides)) * coefficients
    right = np.broadcast_to(demand[:, None], (2000, system.size, 1))
    answers = np.linalg.solve(np.eye(system.size) - drawn, right)[:, :, 0] @ weights
    deviation = np.sqrt(noise_variance(regional, demand, weights, cv))
    assert answers.std() == pytest.approx(deviation, rel=0.06)


@pytest.mark.parametrize("whole", [True, False])
def test_the_deviation_of_a_cost_is_that_of_columns_that_still_sum(*, whole: bool) -> None:
    regional = area_system(request(activity=None) if whole else request(), None if whole else 0.25)
    system, sides, cv = regional.system, regional.sides, 0.02
    size, left = system.size // sides, 1 - system.column_sums
    demand = np.zeros(system.size)
    demand[:2] = (30.0, 100.0)
    assert noise_variance(regional, demand, left, cv, of_cost=True) == pytest.approx(0, abs=1e-12)
    weights = np.linspace(0.2, 0.6, system.size) * left
    noise = 1 + cv * np.random.default_rng(5).standard_normal((2000, size, size))
    drawn = np.tile(noise, (1, sides, sides)) * system.coefficients()
    right = np.broadcast_to(demand[:, None], (2000, system.size, 1))
    scaled = weights * (1 - drawn.sum(axis=1)) / left
    answers = (np.linalg.solve(np.eye(system.size) - drawn, right)[:, :, 0] * scaled).sum(axis=1)
    deviation = np.sqrt(noise_variance(regional, demand, weights, cv, of_cost=True))
    assert answers.std() == pytest.approx(deviation, rel=0.06)
