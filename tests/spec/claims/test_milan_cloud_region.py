"""The public claim on the Milan cloud region, against ratios of the Italian table.

EUR 1.2 billion, about 5,500 full-time jobs, EUR 880 million of GDP, to 2029. What the 5,500 sum
was not said. 880 / 1,200 = 0.733 of GDP by euro is what a table gives. 5,500 job-years in all are
4.6 by EUR million and EUR 160,000 of GDP each; 5,500 jobs in each of five years are 22.9 by EUR
million and EUR 32,000 each. A table gives neither: the ranges are those of the Italian table of
2014 over three spending mixes, without induced effects and without deflation.
"""

from __future__ import annotations

from datetime import date

import pytest

from nexpo import claims
from nexpo.build.impact.claims import audit_topic, national
from nexpo.build.impact.claims_page import summary, verdicts
from nexpo.build.impact.run_inputs import Asked, request_of
from nexpo.claims.investment import JobsAs, Range, Stated, Support, lay_out, nearest_by_jobs, told
from nexpo.claims.model import Boundary
from nexpo.core.problem import Problem
from nexpo.core.settings import regions_directory

MONEY, JOBS, GDP = 1.2e9, Stated(5_500), Stated(880e6)
TABLE = Support(
    Boundary.DIRECT_INDIRECT,
    Range(0.479, 0.626, 0.811),
    Range(7.3, 10.2, 13.8),
    Range(0.811e6 / 13.8, 0.626e6 / 10.2, 0.479e6 / 7.3),
)


def test_both_readings_of_the_jobs_and_how_far_each_is() -> None:
    readings = lay_out(MONEY, JOBS, GDP, [5], [TABLE])
    near, far = nearest_by_jobs(readings)
    assert far is not None
    pair = {each.jobs_as: each for each in (near, far)}
    summed, yearly = pair[JobsAs.SUM], pair[JobsAs.EACH_YEAR]
    assert summed.jobs_per_eur_m == pytest.approx(4.583, abs=1e-3)
    assert summed.gdp_per_job_year == 160_000
    assert yearly.jobs_per_eur_m == pytest.approx(22.917, abs=1e-3)
    assert yearly.gdp_per_job_year == 32_000
    assert summed.gdp_per_eur == yearly.gdp_per_eur == pytest.approx(0.7333, abs=1e-4)
    # 160,000 over the highest GDP by job-year; the lowest over 32,000
    assert summed.away == pytest.approx(160_000 / (0.479e6 / 7.3))
    assert yearly.away == pytest.approx(0.811e6 / 13.8 / 32_000)
    assert near is yearly
    assert told(readings).startswith("Neither reading fits; the nearer is 5,500 jobs in each of 5")


def test_on_the_italian_table_the_price_year_decides_which_is_nearer() -> None:
    try:
        asked = Asked("data-centre-campus", date(2026, 11, 1), area_type="metropolitan")
        base = national(request_of(asked))
    except Problem as problem:
        pytest.skip(f"the Italian table is not on this machine: {problem.detail}")
    audited = audit_topic(
        claims.load(regions_directory() / "lombardia.toml"),
        dict(claims.load_facts()),
        base,
        topic="cloud region",
        product="data-centre-construction",
    )
    assert audited.ledger.check() == []
    headline = next(each for each in audited.audits if each.jobs.id == "cloud.jobs")
    assert headline.gdp is not None
    assert headline.horizons == (5, 6)
    assert "accumulation" in headline.jobs.not_stated
    assert {each.unit for each in headline.supports} == {"FTE"}
    told_by = dict(verdicts(headline))
    assert told_by["prices of 2024"].startswith(
        "Neither reading fits; the nearer is 5,500 job-year"
    )
    assert told_by["prices of 2014"].startswith("Neither reading fits; the nearer is 5,500 jobs in")
    assert "cannot share one boundary" in told_by["prices of 2024"]
    assert "price year, which was not stated" in summary(headline)
    # what the government said, 1,100 direct jobs in each of five years, the table does give
    state = next(each for each in audited.audits if each.jobs.id == "cloud.jobs-per-year")
    assert state.readings[0].fits
    assert state.readings[0].job_years == 5_500
    words = audited.ledger.explain("reading.cloud.jobs.sum.total.prices_of_2024.outside")
    assert "880,000,000 / 5,500" in words
