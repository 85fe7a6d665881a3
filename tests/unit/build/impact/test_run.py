"""A plan from lines to results: areas, years, ledger and ranges, on a made economy."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import polars as pl
import pytest

from nexpo.build.impact.run import run_plan
from nexpo.build.impact.run_model import Request, Run
from nexpo.build.impact.run_outputs import tables_of, write_run
from nexpo.core.evidence import read_ledger
from nexpo.core.problem import Problem
from nexpo.impact.adapters.assumption_files import load_assumptions
from nexpo.impact.model import Effect, Phase, PriceBasis, Primary, Scope
from nexpo.impact.regionalise.delta import Delta
from tests.impact_economy import economy, line, plan, region, two_mixes

DAY = date(2026, 1, 1)
HELD = load_assumptions(DAY)
HALL = plan(
    line("hall", 100_000_000_00),
    line("hall", 40_000_000_00, year=2016),
    line("H49", 5_000_000_00, year=2017, phase=Phase.OPERATION),
    mixes=two_mixes(),
)


def request(**changes: object) -> Request:
    fields = {"plan": HALL, "table": economy(), "assumptions": HELD, "day": DAY}
    return Request(**{**fields, **changes})  # type: ignore[arg-type]


def regional(**changes: object) -> Request:
    return request(
        **{"activity": region(), "region": "03", "delta": Delta(0.25, "given"),
           "closure": "net", **changes}
    )  # fmt: skip


@pytest.fixture(scope="module")
def drawn() -> Run:
    return run_plan(regional(draws=200, seed=4))


def test_the_country_by_itself_is_the_leontief_solution() -> None:
    run = run_plan(request())
    table = run.request.table
    inverse = np.linalg.inv(np.eye(4) - table.flows / table.output)
    first = np.array([0, 140e6, 0, 5e6])
    gdp = (table.value_added() / table.output) @ inverse
    imported = run.total("imports", "abroad", Effect.DIRECT).value
    assert run.home == "XX"
    assert run.total("gdp").value == pytest.approx(gdp @ first - gdp[3] * imported)
    assert {each.area for each in run.results} == {"XX", "abroad"}
    assert not any(each.effect is Effect.INDUCED for each in run.results)


def test_region_and_rest_add_up_to_the_country(drawn: Run) -> None:
    national = run_plan(request())
    for indicator in ("output", "gdp", "jobs", "energy"):
        for effect in (Effect.DIRECT, Effect.INDIRECT):
            parts = [
                drawn.total(indicator, area, effect).value for area in ("region:03", "rest:XX")
            ]
            whole = drawn.total(indicator, None, effect).value
            assert sum(parts) == pytest.approx(whole)
            # who sells to whom inside the country changes nothing in the country's total
            assert whole == pytest.approx(national.total(indicator, None, effect).value)


def test_the_ledger_closes_and_its_parts_are_the_results(drawn: Run) -> None:
    assert drawn.ledger.total == pytest.approx(1.0, abs=1e-12)
    kept = sum(drawn.total("gdp", "region:03", e).value for e in (Effect.DIRECT, Effect.INDIRECT))
    assert drawn.ledger.share("region:03") * 145e6 == pytest.approx(kept)
    assert sum(cents for _, cents in drawn.ledger.cents()) == 145_000_000_00


def test_job_years_average_and_peak_are_apart(drawn: Run) -> None:
    rows = {(row.area, row.boundary): row.jobs for row in drawn.jobs}
    jobs = rows["region:03", "direct+indirect+induced"]
    assert jobs.job_years == pytest.approx(drawn.total("jobs", "region:03").value)
    assert jobs.average == pytest.approx(jobs.job_years / 4)
    assert (jobs.peak_year, jobs.unit) == (2014, "person")
    assert drawn.total("jobs", "region:03").unit == "person-year"


def test_ranges_stand_around_and_are_repeated_by_their_seed(drawn: Run) -> None:
    again = run_plan(regional(draws=200, seed=4))
    assert again.totals == drawn.totals
    gdp = drawn.total("gdp", "region:03")
    assert gdp.p05 is not None
    assert gdp.p50 is not None
    assert gdp.p95 is not None
    assert gdp.p05 < gdp.p50 < gdp.p95
    assert {tornado.indicator for tornado in drawn.tornados} == {"gdp", "jobs"}
    mix = next(bar for bar in drawn.tornados[0].bars if bar.choice == "mix")
    assert mix.low < drawn.tornados[0].central * 1.0000001
    assert run_plan(regional()).total("gdp", "region:03").value == pytest.approx(gdp.value)


def test_another_mix_and_no_closure(drawn: Run) -> None:
    plant = run_plan(regional(mixes={"hall": "plant"}, closure="none"))
    assert plant.total("gdp").value < drawn.total("gdp").value
    assert plant.total("imports", "abroad", Effect.DIRECT).value > 0
    assert plant.results[0].scenario == "hall plant"
    with pytest.raises(Problem, match="no closure of this name"):
        run_plan(regional(closure="open"))


def test_a_plan_in_other_prices_moves_jobs_and_not_the_shares() -> None:
    base = run_plan(request(plan=plan(line("F", 100_000_000_00))))
    later = run_plan(request(plan=plan(line("F", 100_000_000_00, price_year=2024))))
    assert later.ledger.rows[0].share == pytest.approx(base.ledger.rows[0].share)
    assert later.total("gdp").value == pytest.approx(base.total("gdp").value)
    assert later.total("jobs").value == pytest.approx(base.total("jobs").value * 93.8 / 113.3)
    assert "impact.deflators" in {use.parameter for use in later.uses}


def test_productivity_lowers_jobs_of_later_years() -> None:
    late = run_plan(request(plan=plan(line("F", 100_000_000_00, year=2024))))
    base = run_plan(request(plan=plan(line("F", 100_000_000_00))))
    assert late.total("jobs").value == pytest.approx(base.total("jobs").value * 1.003**-10)


def test_purchasers_prices_hold_taxes_and_margins() -> None:
    bought = plan(line("C28", 100_000_000_00, basis=PriceBasis.PURCHASER))
    run = run_plan(request(plan=bought))
    taxed = 7 / 180
    assert run.purchases.tax.sum() == pytest.approx(100e6 * taxed)
    assert run.ledger.margins_paid_eur == pytest.approx(14e6)
    basic = 100e6 * (1 - taxed - 0.14)
    assert run.total("imports", "abroad", Effect.DIRECT).value == pytest.approx(basic / 2)
    assert run.total("net_product_taxes", None, Effect.DIRECT).value > 100e6 * taxed
    assert run.ledger.total == pytest.approx(1.0)


def test_jobs_from_the_activity_with_gaps_from_the_peer() -> None:
    own, all_ = np.array([400.0, np.nan, 350, 150]), np.array([900.0, np.nan, 1500, 700])
    activity = replace(region(), regional=own, national=all_)
    run = run_plan(regional(table=economy(jobs=False), activity=activity, fte=True))
    jobs = run.total("jobs", None, Effect.DIRECT).value
    works = 6.551503612 * (100 + 40 * 1.003**-2)  # persons per EUR m of France
    assert jobs > works
    assert any("FRA 2014 stand for sectors" in text and text.endswith("F") for text in run.words)
    assert run.total("fte").unit == "FTE-year"
    assert run.total("fte").value < run.total("jobs").value


def test_without_any_count_jobs_are_left_out_and_it_is_said() -> None:
    run = run_plan(request(table=economy(jobs=False)))
    assert run.jobs == ()
    assert any(text.startswith("jobs are not counted") for text in run.words)


def test_wage_shares_of_the_peer_where_the_table_has_no_wages() -> None:
    table = economy()
    kinds = (Primary.VALUE_ADDED, *table.primary_kinds[1:])
    run = run_plan(request(table=replace(table, primary_kinds=kinds), closure="outlay"))
    assert any("wage shares of FRA 2014" in text for text in run.words)
    assert run.total("gdp", None, Effect.INDUCED).value > 0


def test_what_cannot_be_run_is_refused() -> None:
    total = replace(economy(), scope=Scope.TOTAL)
    with pytest.raises(Problem, match="domestic and imported together"):
        run_plan(request(table=total))
    with pytest.raises(Problem, match="no exchange rate of CHF"):
        run_plan(
            request(table=replace(economy(), origin=replace(economy().origin, currency="CHF")))
        )


def test_the_folder_is_whole_explainable_and_sums(drawn: Run, tmp_path: Path) -> None:
    files = write_run(drawn, tmp_path / "out")
    folder = tmp_path / "out"
    assert set(files) == {
        "figures.jsonl", "impact.xlsx", "index.html", "jobs.csv", "ledger.csv", "meta.json",
        "results.parquet", "sankey.svg", "tornado.csv", "tornado.svg", "totals.csv",
    }  # fmt: skip
    frame = pl.read_parquet(folder / "results.parquet")
    assert frame.height == len(drawn.results)
    assert frame["p05"].null_count() < frame.height
    evidence = read_ledger(folder / "figures.jsonl")
    assert evidence.check() == []
    assert evidence["ledger.check"].value == pytest.approx(1.0)
    assert evidence["gdp.total"].value == pytest.approx(drawn.total("gdp").value)
    assert evidence["gdp.total"].synthetic is False  # no input file is named here
    assert "gdp, direct, region:03" in evidence.explain("gdp.per_eur")
    told = json.loads((folder / "meta.json").read_text())
    assert (told["impact"], told["synthetic"], told["seed"]) == (1, True, 4)
    assert any("SYNTHETIC" in note for note in told["notes"])
    rows = (folder / "ledger.csv").read_text().splitlines()
    assert sum(int(row.rsplit(",", 1)[1]) for row in rows[1:]) == 145_000_000_00
    book = openpyxl.load_workbook(folder / "impact.xlsx", read_only=True)
    assert book.sheetnames == ["notes", "totals", "ledger", "jobs", "tornado", "results"]
    assert write_run(drawn, folder) == files  # an older run is replaced


def test_a_folder_of_somebody_else_is_left_alone(drawn: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("work")
    with pytest.raises(Problem, match="no run of a plan"):
        write_run(drawn, tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "work"


def test_tables_name_every_effect(drawn: Run) -> None:
    columns, rows = tables_of(drawn)["totals"]
    effects = {row[columns.index("effect")] for row in rows}
    assert effects == {"direct", "indirect", "induced", "all"}
