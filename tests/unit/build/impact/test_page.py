"""The page of a run and the audit of claims on a made economy."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from nexpo.build.impact.claims import Audited, audit_topic, national, supports_of, topics
from nexpo.build.impact.claims_page import plain, render_claims, rows, said, summary
from nexpo.build.impact.claims_run import audits_of, refuse_foreign, write_audit
from nexpo.build.impact.page import of_cents, percent
from nexpo.build.impact.run import run_plan
from nexpo.build.impact.run_model import Request, Run
from nexpo.build.impact.run_outputs import write_run
from nexpo.claims.model import Accumulation, Boundary, Claim, Source
from nexpo.core.evidence import read_ledger
from nexpo.core.problem import Problem
from nexpo.impact.model import PriceBasis
from tests.impact_economy import economy, line, plan, two_mixes
from tests.unit.build.impact.test_run import HELD, regional

FIRM = "A firm"
PRESS = Source("a press release", date=date(2015, 3, 1))


def claim(name: str, indicator: str, value: float, unit: str, **more: object) -> Claim:
    fields = {"topic": "a hall", "claimant": FIRM, "source": PRESS, "area": "XX", **more}
    return Claim(id=name, text="t", indicator=indicator, value=value, unit=unit, **fields)  # type: ignore[arg-type]


CLAIMS = (
    claim("hall.money", "investment", 0.1, "EUR_bn", accumulation=Accumulation.TOTAL),
    claim("hall.jobs", "jobs", 300, "job", first_year=2015, last_year=2018),
    claim("hall.gdp", "gdp", 90, "EUR_M", last_year=2018, price_base=2014),
    claim("hall.heads", "jobs", 40, "job", claimant="A town", last_year=2018),
    claim("other.money", "investment", 1, "EUR_M", topic="another"),
)


def base(**changes: object) -> Request:
    held = replace(HELD, mixes=two_mixes())
    return regional(assumptions=held, **changes)


def audited(claims: tuple[Claim, ...] = CLAIMS, **more: object) -> Audited:
    return audit_topic(claims, {}, national(base()), topic="a hall", product="hall", **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    lines = (line("hall", 100_000_000_00, assumption=True), line("H49", 5_000_000_00, year=2016))
    run = run_plan(regional(plan=plan(*lines, mixes=two_mixes()), draws=30, seed=2))
    out = tmp_path_factory.mktemp("run") / "out"
    write_run(run, out)
    return run, out


def test_the_page_stands_alone_and_holds_the_figures_of_the_run(folder: tuple[Run, Path]) -> None:
    run, out = folder
    page = (out / "index.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in page
    assert not re.search(r'(src|href)="(https?:)?//', page)
    assert "<script" not in page
    home = run.total("gdp", run.home)
    assert f"EUR&nbsp;{home.value / 1e6:,.1f}&nbsp;m of GDP in Lombardia" in page
    assert f"{100 * run.ledger.share('imports'):.1f}&nbsp;% goes abroad" in page
    assert "105,000,000.00" in page  # the cents of the ledger sum to the plan
    assert page.count("<svg") == page.count("<desc") == 4
    assert page.count("<caption>") >= page.count("<svg")
    assert (out / "sankey.svg").read_text(encoding="utf-8").startswith("<svg")
    assert (out / "tornado.svg").is_file()


def test_what_is_synthetic_and_what_is_unverified_is_said(folder: tuple[Run, Path]) -> None:
    page = (folder[1] / "index.html").read_text(encoding="utf-8")
    assert "<title>SYNTHETIC" in page
    assert "Synthetic: no real economy" in page
    assert "1 of 2 lines of the plan are assumptions" in page
    assert "unverified</td>" in page
    assert audits_of(folder[0]) == ()  # a made-up table supports no claim


def test_a_run_without_draws_or_jobs_says_what_it_lacks(tmp_path: Path) -> None:
    bare = regional(
        table=economy(jobs=False), activity=None, region="", delta=None, closure="none",
        plan=plan(line()),
    )  # fmt: skip
    write_run(run_plan(bare), tmp_path / "out")
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "No range was drawn" in page
    assert "Not counted: neither the table nor an activity file" in page
    assert not (tmp_path / "out" / "tornado.svg").exists()


def test_shares_and_cents_are_written_to_their_last_digit() -> None:
    assert (percent(0.31526, 2), percent(1e-9), of_cents(-63)) == ("31.53", "1.0e-07", "-0.63")


def test_an_audit_lays_out_each_claim_of_jobs_with_the_gdp_of_its_claimant() -> None:
    found = audited()
    assert topics(CLAIMS) == ("a hall",)
    assert [(each.jobs.id, each.gdp and each.gdp.id) for each in found.audits] == [
        ("hall.jobs", "hall.gdp"),
        ("hall.heads", None),
    ]
    own, town = found.audits
    assert (own.horizons, town.horizons) == ((4,), (4,))
    assert {each.basis for each in own.supports} == {"prices of 2014"}  # as the GDP states
    assert len(own.supports) == 3
    assert found.ledger.check() == []


def test_what_the_table_gives_is_what_runs_of_the_same_money_give() -> None:
    found = audited()
    money = 0.1e9
    works = next(
        case for case in found.cases
        if (case.mix, case.boundary) == ("works", Boundary.DIRECT_INDIRECT)
    )  # fmt: skip
    purchase = plan(
        *(line("F", 25_000_000_00, year=at, basis=PriceBasis.PURCHASER) for at in range(2015, 2019))
    )
    run = run_plan(national(base(plan=purchase, closure="none")))
    assert works.gdp_eur == pytest.approx(run.total("gdp").value)
    assert works.jobs == pytest.approx(run.total("jobs").value)
    both = next(
        each for each in supports_of(found.cases, money, CLAIMS[1], None)
        if each.boundary is Boundary.DIRECT_INDIRECT
    )  # fmt: skip
    assert both.gdp_per_eur.low <= works.gdp_eur / money <= both.gdp_per_eur.high


def test_a_price_year_that_was_not_said_is_read_both_ways() -> None:
    open_ = tuple(replace(each, price_base=None) for each in CLAIMS)
    found = audited(open_)
    assert [each.basis for each in found.audits[0].supports[::3]] == [
        "prices of 2024",
        "prices of 2014",
    ]
    assert any("the price year is not stated" in text for text in found.words)


def test_figures_of_a_reading_follow_from_what_was_said(tmp_path: Path) -> None:
    found = audited()
    files = write_audit([found], national(base()), tmp_path / "out")
    assert files == ("figures.jsonl", "index.html", "meta.json", "readings.csv")
    ledger = read_ledger(tmp_path / "out" / "figures.jsonl")
    table = pl.read_csv(tmp_path / "out" / "readings.csv")
    assert len(table) == len(rows(found)) == sum(len(each.readings) for each in found.audits)
    for row in table.iter_rows(named=True):
        assert ledger[row["figure"]].value == pytest.approx(row["away"])
    words = ledger.explain("reading.hall.jobs.each_year_4.total.prices_of_2014.outside")
    assert "300 * 4" in words
    assert "0.1 * 1000000000" in words
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "SYNTHETIC" in page
    told = json.loads((tmp_path / "out" / "meta.json").read_text(encoding="utf-8"))
    assert told["audits"][0]["summary"] == summary(found.audits[0])
    assert "accumulation" in told["claims"][1]["not_stated"]
    assert told["claims"][0]["said"] == said(CLAIMS[0]) == "0.1 EUR_bn, total"
    write_audit([found], national(base()), tmp_path / "out")  # its own folder is replaced
    with pytest.raises(Problem, match="no audit of claims"):
        refuse_foreign(tmp_path)


def test_what_an_audit_cannot_do_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no investment is claimed"):
        audited(CLAIMS[1:])
    with pytest.raises(Problem, match="no jobs are claimed"):
        audited(CLAIMS[:1])
    timeless = tuple(replace(each, first_year=None, last_year=None) for each in CLAIMS)
    with pytest.raises(Problem, match="no claim of the topic states its last year"):
        audited(timeless)
    assert audited(timeless, years=(3, 5)).audits[0].horizons == (3, 5)
    with pytest.raises(Problem, match="no such product"):
        audit_topic(CLAIMS, {}, national(base()), topic="a hall", product="bridge")
    uncounted = national(base(table=economy(jobs=False), activity=None, region="", delta=None))
    with pytest.raises(Problem, match="neither it nor an activity counts persons"):
        audit_topic(CLAIMS, {}, uncounted, topic="a hall", product="hall")
    with pytest.raises(Problem, match="audit of one topic"):
        write_audit([audited(), audited()], national(base()), tmp_path / "x")


def test_the_page_of_an_audit_stands_alone() -> None:
    page = render_claims(audited(), national(base()))
    assert "Neither reading fits" in page or "Nearest to what the table supports" in page
    assert "A town: “t”" in page
    assert plain(audited())["audits"][1]["gdp"] is None
