"""The three spending mixes on the Italian table of 2014: the figures of the reference sheet.

Type I, imports by the capital column, nothing induced, nothing deflated; jobs are the gap-filled
employment (persons). The table is not in this repository; without it the tests say so.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from nexpo.build.impact.run import run_plan
from nexpo.build.impact.run_inputs import Asked, request_of
from nexpo.build.impact.run_model import Run
from nexpo.core.problem import Problem
from nexpo.impact.model import Effect, Mix, Phase, Plan, PlanLine, PriceBasis
from nexpo.sources import source

AT_HAND = bool(source("wiod2016-italy").present() and source("jobs-sectors-regions").present())
pytestmark = pytest.mark.skipif(
    not AT_HAND, reason="no Italian table or jobs on this machine: set NEXPO_DATA"
)
DAY = date(2026, 1, 1)
PRODUCT = "data-centre-construction"


def run(mix: str, **asked: object) -> Run:
    """Run EUR 1 m of construction at basic prices of 2014."""
    fields = {
        "closure": "none",
        "delta": 0.25,
        "mixes": {PRODUCT: mix},
        "count_as_is": True,
        **asked,
    }
    request = request_of(Asked("data-centre-campus", DAY, **fields))  # type: ignore[arg-type]
    line = PlanLine(
        "p", 2014, Phase.CONSTRUCTION, PRODUCT, 1_000_000_00, PriceBasis.BASIC, 2014, row=1
    )
    mixes: tuple[Mix, ...] = request.plan.mixes
    plan = Plan("p", "p", "EUR", (line,), "03", mixes=mixes)
    from dataclasses import replace

    return run_plan(replace(request, plan=plan))


@pytest.mark.parametrize(
    ("mix", "first_round", "gdp", "jobs"),
    [("A", 0.999, 0.811, 13.8), ("B", 0.804, 0.626, 10.2), ("C", 0.641, 0.479, 7.3)],
)
def test_first_round_gdp_and_jobs_per_euro(
    mix: str, first_round: float, gdp: float, jobs: float
) -> None:
    found = run(mix)
    assert found.total("output", None, Effect.DIRECT).value / 1e6 == pytest.approx(
        first_round, abs=5e-4
    )
    assert found.total("gdp").value / 1e6 == pytest.approx(gdp, abs=5e-4)
    assert found.total("jobs").value == pytest.approx(jobs, abs=0.05)


def test_the_ledger_closes_to_the_imbalance_of_the_source() -> None:
    found = run("B").ledger
    assert abs(found.total - 1) <= 2e-7  # the table's columns miss 0.005 USD m
    assert found.total + found.imbalance == pytest.approx(1.0, abs=1e-12)


def test_households_add_and_the_factor_is_near_the_published_range() -> None:
    one, two = run("B"), run("B", closure="outlay")
    factor = two.total("gdp").value / one.total("gdp").value
    assert 1.4 < factor < 1.7  # 1.47 to 1.66 on readings without tax and saving


def test_the_campus_that_ships_runs_with_ranges() -> None:
    request = request_of(
        Asked("data-centre-campus", DAY, area_type="metropolitan", draws=60, seed=1)
    )
    found = run_plan(request)
    gdp = found.total("gdp", "region:03")
    assert gdp.p05 is not None
    assert gdp.p95 is not None
    assert gdp.p05 < gdp.value < gdp.p95
    assert found.purchases.amount.sum() == pytest.approx(460e6)
    assert np.abs(found.ledger.total - 1) < 2e-7


@pytest.mark.parametrize("plan", ["fibre-programme", "training-scheme"])
def test_the_other_plans_that_ship_run(plan: str) -> None:
    found = run_plan(request_of(Asked(plan, DAY, area_type="ordinary")))
    assert 0 < found.ledger.share("region:03") < 1
    assert found.total("gdp").value > 0


def test_no_delta_is_taken_in_silence() -> None:
    with pytest.raises(Problem, match="needs delta"):
        request_of(Asked("training-scheme", DAY))
