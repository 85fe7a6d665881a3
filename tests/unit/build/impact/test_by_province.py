"""A region's part by province: where lines say, and by employment; the parts are the region."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from nexpo.build.impact.by_province import read_provinces
from nexpo.build.impact.run import run_plan
from nexpo.build.impact.run_figures import enter
from nexpo.build.impact.run_model import Provinces, Request, Run
from nexpo.build.impact.run_outputs import tables_of
from nexpo.core.problem import Problem
from nexpo.impact.adapters.activity_files import Pick
from nexpo.impact.adapters.assumption_files import load_assumptions
from nexpo.impact.model import Effect, Phase, PriceBasis
from nexpo.impact.regionalise.delta import Delta
from tests.impact_economy import SECTORS, economy, line, plan, region, two_mixes

DAY = date(2026, 1, 1)
PLAN = plan(
    line("hall", 100_000_000_00, province="015"),
    line("hall", 40_000_000_00, year=2016, province="016", price_year=2014),
    line("H49", 5_000_000_00, year=2017, phase=Phase.OPERATION),
    mixes=two_mixes(),
)
JOBS = np.array([[300.0, 200, 200, 100], [100, 200, 100, 50], [0, 100, 50, 0]])
ALL_OF_IT = "province,sector,value\n" + "".join(
    f"{name},{code},{jobs}\n"
    for name, row in zip(("15", "16", "Lodi"), JOBS, strict=True)
    for code, jobs in zip(SECTORS, row, strict=True)
)


def run(provinces: Provinces | None, **changes: object) -> Run:
    fields = {
        "plan": PLAN, "table": economy(), "assumptions": load_assumptions(DAY), "day": DAY,
        "activity": region(), "region": "03", "delta": Delta(0.25, "given"), "closure": "net",
        "provinces": provinces,
    }  # fmt: skip
    return run_plan(Request(**{**fields, **changes}))  # type: ignore[arg-type]


def read(folder: Path, text: str, given: object = PLAN) -> Provinces:
    path = folder / "jobs.csv"
    path.write_text(text, encoding="utf-8")
    found = read_provinces(path, given, SECTORS, ("03", "Lombardia"), Pick())  # type: ignore[arg-type]
    assert found is not None
    return found


def test_without_employment_only_the_direct_effect_is_placed() -> None:
    found = run(read_provinces(None, PLAN, SECTORS, ("03", "Lombardia"), Pick()))
    areas_of_rest = ("rest of region:03",)
    for indicator in ("output", "gdp", "jobs", "energy"):
        for effect in Effect:
            placed = ("province:015 (direct only)", "province:016 (direct only)")
            areas = (*placed, "rest of region:03") if effect is Effect.DIRECT else areas_of_rest
            parts = [found.total(indicator, area, effect).value for area in areas]
            whole = found.total(indicator, "region:03", effect).value
            assert sum(parts) == pytest.approx(whole)
            if effect is not Effect.DIRECT:
                with pytest.raises(KeyError):
                    found.total(indicator, placed[0], effect)
    assert {row.boundary for row in found.jobs if row.area == placed[0]} == {"direct"}
    assert placed[0] in {row.area for row in found.leakage.rows}
    assert ("all", placed[0]) not in {(row[2], row[0]) for row in tables_of(found)["totals"][1]}
    # 100 m of works at a quarter of the region's SLQ, all of it in the province of the line
    alone = run(None, plan=plan(PLAN.lines[0], mixes=two_mixes()))
    due = alone.total("gdp", "region:03", Effect.DIRECT).value
    assert found.total("gdp", placed[0], Effect.DIRECT).value == pytest.approx(due)
    assert any("for want of employment by province" in word for word in found.words)


def test_employment_below_zero_is_told_with_its_row(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="16 in sector F is below zero") as caught:
        read(tmp_path, ALL_OF_IT.replace("16,F,200", "16,F,-200"))
    assert caught.value.where.row == 6
    assert str(caught.value.where.file).endswith("jobs.csv")


def test_employment_spreads_what_follows(tmp_path: Path) -> None:
    held = read(tmp_path, ALL_OF_IT)
    assert held.names == ("015", "016", "Lodi")
    found = run(held)
    plain = run(None)
    assert found.ledger == plain.ledger
    assert found.leakage.total == pytest.approx(1.0, abs=1e-12)
    names = [row.area for row in found.leakage.rows]
    assert names[:4] == ["province:015", "province:016", "province:Lodi", "rest of region:03"]
    assert found.leakage.share("rest of region:03") == pytest.approx(0, abs=1e-15)
    assert sum(found.leakage.share(name) for name in names[:4]) == pytest.approx(
        found.ledger.share("region:03")
    )
    assert sum(cents for _, cents in found.leakage.cents()) == 145_000_000_00
    # energy per output is by sector: Lodi has no machines and no transport, so less of it
    table = found.request.table
    indirect = found.total("output", "region:03", Effect.INDIRECT).value
    lodi = found.total("output", "province:Lodi", Effect.INDIRECT).value
    assert 0 < lodi < indirect * 0.2
    assert table.size == 4
    totals = {(each.area, each.indicator) for each in found.totals}
    assert ("province:015", "net_product_taxes") not in totals
    assert found.total("gdp").value == pytest.approx(plain.total("gdp").value)


def test_the_region_in_the_file_makes_a_rest_and_gaps_are_told(tmp_path: Path) -> None:
    part = "sector,015,016,Lombardia\nC28,300,100,500\nF,200,200,600\nG46,,,350\nH49,100,50,150\n"
    held = read(tmp_path, part)
    assert held.names == ("015", "016", "")
    assert held.employment is not None
    assert held.employment[2, [0, 1, 3]].tolist() == [100, 200, 0]
    found = run(held)
    assert found.leakage.share("rest of region:03") > 0
    assert any("spread by the employment of all sectors" in word for word in found.words)
    with pytest.raises(Problem, match="more of C28 than their region"):
        read(tmp_path, part.replace("C28,300,100,500", "C28,300,300,500"))


def test_prices_margins_and_ranges(tmp_path: Path) -> None:
    lines = [
        line("C28", 50_000_000_00, basis=PriceBasis.PURCHASER, price_year=2024, province="015"),
        line("F", 9_000_000_00, basis=PriceBasis.PURCHASER, price_year=2024, province="16"),
    ]
    given = plan(*lines)
    found = run(read(tmp_path, ALL_OF_IT, given), plan=given, draws=20, seed=1)
    for indicator in ("gdp", "jobs"):
        parts = [
            each.value
            for each in found.totals
            if each.indicator == indicator
            and each.effect is None
            and each.area.startswith(("province:", "rest of "))
        ]
        assert sum(parts) == pytest.approx(found.total(indicator, "region:03").value)
    assert found.total("gdp", "province:015").p05 is None  # ranges are of the region
    assert found.total("gdp", "region:03").p05 is not None
    rows = tables_of(found)["ledger"][1]
    assert sum(row[1] for row in rows) == pytest.approx(1.0)
    evidence = enter(found)
    assert evidence.check() == []
    assert evidence["ledger.province_015.share"].value == pytest.approx(
        found.leakage.share("province:015")
    )
    assert evidence["gdp.total"].value == pytest.approx(found.total("gdp").value)


def test_a_province_that_is_not_in_the_file_is_named_with_its_row(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no such province") as caught:
        read(tmp_path, ALL_OF_IT.replace("15,", "17,"))
    assert "row 1, column province" in str(caught.value)
    assert "Lodi" in str(caught.value.remedy)
    with pytest.raises(Problem, match="no province"):
        read(tmp_path, "region,sector,value\nLombardia,F,3\n")
