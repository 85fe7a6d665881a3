"""What a run counts, in which unit, and what it refuses before anything is solved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from nexpo.build.impact.run import run_plan
from nexpo.build.impact.run_inputs import _in_units
from nexpo.build.impact.run_model import Request
from nexpo.core.problem import Kind, Problem
from nexpo.impact.adapters.assumption_files import load_assumptions
from nexpo.impact.model import Effect, Primary, Satellite, Table
from nexpo.impact.regionalise.delta import Delta
from tests.impact_economy import economy, line, plan, region, two_mixes

DAY = date(2026, 1, 1)
HELD = load_assumptions(DAY)
PERSONS = np.array([900.0, 2500, 1500, 700])


def request(**changes: object) -> Request:
    fields = {
        "plan": plan(line("F", 100_000_000_00, year=2016)), "table": economy(),
        "assumptions": HELD, "day": DAY,
    }  # fmt: skip
    return Request(**{**fields, **changes})  # type: ignore[arg-type]


def regional(**changes: object) -> Request:
    return request(
        **{"activity": region(), "region": "03", "delta": Delta(0.25, "given"), **changes}
    )


def counting(*satellites: tuple[str, str, float], country: str = "XX") -> Table:
    table = economy(jobs=False)
    return replace(
        table,
        origin=replace(table.origin, area=country),
        satellites=tuple(
            Satellite(name, unit, PERSONS / scale, 2014, "made") for name, unit, scale in satellites
        ),
    )


def without_trucks(table: Table) -> Table:
    """Return the economy with a fifth sector that makes nothing."""

    def wide(values: np.ndarray, *axes: int) -> np.ndarray:
        return np.pad(values, [(0, int(axis in axes)) for axis in range(values.ndim)])

    assert table.imports is not None
    assert table.final_imports is not None
    bought = wide(table.final_imports, 0)
    bought[4, 1] = 3.0
    return replace(
        table,
        sectors=(*table.sectors, "U"),
        labels=(*table.labels, "none"),
        regions=("XX",) * 5,
        flows=wide(table.flows, 0, 1),
        output=wide(table.output, 0),
        final=wide(table.final, 0),
        primary=wide(table.primary, 1),
        imports=wide(table.imports, 0, 1),
        final_imports=bought,
        satellites=(),
    )


class TestUnmade:
    def test_the_country_makes_none(self) -> None:
        asked = plan(line(), line("U", 10_000_00, import_share=0.0, row=7))
        with pytest.raises(Problem, match="the country makes nothing of U") as caught:
            run_plan(request(plan=asked, table=without_trucks(economy())))
        assert caught.value.kind is Kind.BAD_INPUT
        assert caught.value.where is not None
        assert (caught.value.where.row, caught.value.where.column) == (7, "import_share")
        assert run_plan(
            request(plan=plan(line("U", 10_000_00)), table=without_trucks(economy()))
        ).ledger.share("imports") == pytest.approx(1.0)

    def test_the_region_makes_none(self) -> None:
        none = replace(region(), regional=np.array([0.0, 500, 350, 150]))
        asked = plan(line("C28", 10_000_00, local_share=1.0, import_share=0.0, row=3))
        with pytest.raises(Problem, match="the region makes nothing of C28") as caught:
            run_plan(regional(plan=asked, activity=none))
        assert caught.value.where is not None
        assert (caught.value.where.row, caught.value.where.column) == (3, "local_share")
        free = run_plan(regional(plan=plan(line("C28", 10_000_00)), activity=none))
        assert free.ledger.total == pytest.approx(1.0)

    def test_the_rest_makes_none(self) -> None:
        every = replace(region(), regional=np.array([900.0, 500, 350, 150]))
        free = run_plan(regional(plan=plan(line("C28", 10_000_00)), activity=every))
        assert free.total("gdp", "rest:XX", Effect.DIRECT).value == 0
        asked = plan(line("C28", 10_000_00, local_share=0.5))
        with pytest.raises(Problem, match="the rest of the country makes nothing of C28"):
            run_plan(regional(plan=asked, activity=every))


class TestCounts:
    def test_a_scale_is_taken_into_the_figure(self) -> None:
        plain = run_plan(request()).total("jobs")
        scaled = run_plan(request(table=counting(("persons", "thousand persons", 1e3))))
        assert scaled.total("jobs").value == pytest.approx(plain.value)
        assert scaled.total("jobs").unit == plain.unit == "person-year"
        at_once = run_plan(request(plan=plan(line("F", 100_000_000_00)))).total("jobs")
        assert scaled.total("jobs").value == pytest.approx(at_once.value * 1.003**-2)

    def test_fte_of_the_table_come_first(self) -> None:
        table = counting(("labour", "FTE", 2.0), ("persons", "person", 1.0))
        run = run_plan(request(table=table, fte=True))
        assert run.total("fte").value == pytest.approx(run.total("jobs").value / 2)
        assert not any("FRA hours" in word for word in run.words)
        only = run_plan(request(table=counting(("labour", "FTE", 1.0))))
        assert only.total("fte").unit == "FTE-year"

    def test_hours_of_the_peer_are_named(self) -> None:
        run = run_plan(request(fte=True))
        assert any("a full-time job of FRA: FRA hours" in word for word in run.words)

    def test_posts_are_counted_as_posts(self) -> None:
        run = run_plan(request(table=counting(("filled", "thousand jobs", 1e3)), fte=True))
        assert run.total("jobs").unit == "job-year"
        assert any(word.startswith("fte are not counted") for word in run.words)

    def test_employees_are_not_persons_and_firms_do_not_grow(self) -> None:
        table = counting(("employees", "person", 1.0), ("firms", "unit", 1.0))
        run = run_plan(request(table=table))
        assert run.total("jobs").unit == "employee-year"
        assert any("the self-employed are not counted" in word for word in run.words)
        assert not any(total.indicator == "firms" for total in run.totals)
        assert any(word.startswith("firms: a stock") for word in run.words)
        both = counting(("employees", "employee", 1.0), ("persons", "person", 0.5))
        run = run_plan(request(table=both))
        assert run.total("jobs").value == pytest.approx(2 * run.total("employees").value)
        assert run.total("employees").unit == "employee-year"

    def test_the_unit_of_an_activity_decides(self) -> None:
        thousands = replace(
            region(), regional=region().regional / 1e3, national=region().national / 1e3,
            measure="employment", unit="thousand persons",
        )  # fmt: skip
        found = _in_units(thousands, own=False, path=Path("jobs.csv"))
        assert found.unit == "person"
        assert found.national == pytest.approx(region().national)
        fte = _in_units(
            replace(region(), measure="employment", unit="FTE"), own=False, path=Path("jobs.csv")
        )
        assert (fte.measure, fte.unit) == ("fte", "FTE")
        run = run_plan(regional(table=economy(jobs=False), activity=fte))
        assert run.total("fte").unit == "FTE-year"
        assert not any(total.indicator == "jobs" for total in run.totals)
        with pytest.raises(Problem, match="full-time equivalents are not persons"):
            _in_units(replace(region(), unit="FTE"), own=False, path=Path("jobs.csv"))


class TestMoneyAndCountries:
    def test_a_rate_is_asked_for_only_where_something_is_counted(self) -> None:
        table = economy(jobs=False)
        swiss = replace(table, origin=replace(table.origin, currency="CHF"))
        assert run_plan(request(table=swiss)).total("gdp").value > 0
        counted = replace(swiss, satellites=economy().satellites)
        with pytest.raises(Problem, match="no exchange rate of CHF") as caught:
            run_plan(request(table=counted))
        assert "--exchange-rate" in str(caught.value.remedy)
        held = HELD.with_rate("CHF", 2014, 0.5)
        run = run_plan(request(table=counted, assumptions=held))
        assert run.total("jobs").value == pytest.approx(2 * run_plan(request()).total("jobs").value)
        assert "stated by the user" in next(
            use.source for use in run.uses if use.parameter == "impact.exchange-rates"
        )

    def test_assumptions_of_another_country_are_named(self) -> None:
        foreign = run_plan(request(closure="net")).words
        assert any(w.startswith("tax and saving of households are those of ITA") for w in foreign)
        table = economy()
        home = replace(table, origin=replace(table.origin, area="ITA"))
        assert not any("those of ITA" in w for w in run_plan(request(table=home)).words)

    def test_a_filler_is_deflated_to_the_peer_s_year(self) -> None:
        own, all_ = np.array([400.0, np.nan, 350, 150]), np.array([900.0, np.nan, 1500, 700])
        activity = replace(region(), regional=own, national=all_)
        table = economy(jobs=False)
        later = replace(table, origin=replace(table.origin, year=2020))
        asked = plan(line("F", 100_000_000_00, year=2020, price_year=2020))
        run = run_plan(regional(table=later, activity=activity, plan=asked))
        due = 6.551503612 * 100 * 93.8 / 100.0
        assert run.total("jobs", None, Effect.DIRECT).value == pytest.approx(due)
        assert any("deflated from 2020" in word for word in run.words)


def test_delta_near_one_can_be_drawn() -> None:
    run = run_plan(
        regional(delta=Delta(0.9995, "given"), draws=20, plan=plan(line("F", 10_000_000_00)))
    )
    assert run.total("gdp").p50 is not None


def test_the_median_stands_beside_the_centre_and_why_it_differs() -> None:
    hall = plan(line("hall", 100_000_000_00), mixes=two_mixes())
    run = run_plan(regional(plan=hall, closure="net", draws=50))
    assert any("p50 the median" in word for word in run.words)
    assert any("outlay: bounds" in word for word in run.words)


def test_what_comes_back_to_the_region_is_told() -> None:
    told = next(w for w in run_plan(regional()).words if "own table alone" in w)
    here = float(told.partition("GDP is ")[2].partition(";")[0])
    alone = float(told.partition("would be ")[2].partition(":")[0])
    assert here > alone


def test_adjustments_have_a_row_of_their_own() -> None:
    table = economy()
    kinds = (*table.primary_kinds[:3], Primary.ADJUSTMENT)
    run = run_plan(request(table=replace(table, primary_kinds=kinds)))
    assert run.ledger.share("adjustments to the territory") > 0
    assert run.ledger.total == pytest.approx(1.0)
    assert run.ledger.share("international transport margins") == 0


def test_wage_shares_above_one_count_as_one() -> None:
    table = economy()
    kinds = (Primary.VALUE_ADDED, *table.primary_kinds[1:])
    table = replace(table, primary_kinds=kinds, sectors=("C28", "F", "G46", "H53"))
    activity = request(table=table, plan=plan(line("F")), closure="outlay")
    assert any("above 1 there, taken as 1: H53" in word for word in run_plan(activity).words)


def test_a_count_that_holds_a_sector_in_part_is_raised_to_the_peer() -> None:
    sectors = ("C28", "F", "P85", "H49")
    table = replace(economy(jobs=False), sectors=sectors)
    jobs = replace(region(), sectors=sectors, source="register", regional=PERSONS / 400,
                   national=PERSONS / 100)  # fmt: skip
    asked = regional(table=table, activity=jobs, plan=plan(line("P85", 1_000_000_00, year=2014)))
    plain = run_plan(asked)
    whole = run_plan(replace(asked, partial=("register", ("P85", "Q"))))
    peer = HELD.peers.column("persons_per_eur_m", sectors)[2]
    assert peer == pytest.approx(14.49286784)
    made = whole.total("output", None, Effect.DIRECT).value / 1e6
    assert whole.total("jobs", None, Effect.DIRECT).value == pytest.approx(peer * made)
    assert plain.total("jobs", None, Effect.DIRECT).value < 2 * made
    assert any("holds in part" in word and "P85" in word for word in whole.words)
    assert any(word.startswith("location quotients of P85 are of") for word in whole.words)
    assert not any(word.startswith("location quotients of") for word in plain.words)
    other = run_plan(replace(asked, partial=("another register", ("P85",))))
    assert other.total("jobs").value == pytest.approx(plain.total("jobs").value)


def test_shares_above_one_together_are_told() -> None:
    given = plan(line("C28", import_share=0.6, local_share=0.5))
    assert any("above 1 together" in word for word in run_plan(regional(plan=given)).words)


def test_gdp_by_job_far_from_the_countrys_is_told() -> None:
    table = counting(("persons", "person", 1.0))
    few = replace(table.satellites[0], values=np.array([900.0, 250, 15000, 7000]))
    far = run_plan(request(table=replace(table, satellites=(few,))))
    assert any("outside the factor 2" in word for word in far.words)
    near = run_plan(request(table=table))
    assert not any("outside the factor" in word for word in near.words)
