"""Readings of an investment claim, their ratios, and which of them a table supports."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexpo.claims.investment import (
    GDP_BY_EURO,
    GDP_BY_JOB,
    JOBS_BY_EURO,
    JobsAs,
    Range,
    Reading,
    Stated,
    Support,
    lay_out,
    nearest,
    nearest_by_jobs,
    told,
)
from nexpo.claims.model import Accumulation, Boundary
from nexpo.core.problem import Problem

DIRECT = Support(Boundary.DIRECT, Range(0.2, 0.3, 0.4), Range(3, 4, 5), Range(60e3, 70e3, 80e3))
BOTH = Support(
    Boundary.DIRECT_INDIRECT, Range(0.4, 0.6, 0.8), Range(7, 10, 14), Range(55e3, 60e3, 65e3)
)


def by(readings: tuple[Reading, ...], how: JobsAs, years: int = 1) -> Reading:
    return next(each for each in readings if (each.jobs_as, each.years) == (how, years))


def test_every_reading_that_was_left_open_is_worked_out() -> None:
    readings = lay_out(100e6, Stated(200), Stated(60e6), [5], [BOTH])
    summed = by(readings, JobsAs.SUM)
    assert (summed.job_years, summed.gdp_per_job_year) == (200, 300_000)
    assert by(readings, JobsAs.EACH_YEAR, 5).job_years == 1_000
    assert by(readings, JobsAs.RISING, 5).job_years == 200 * (5 + 1) / 2
    # GDP in all, or the same in each of the five years: the jobs go with either
    assert {each.gdp_eur for each in readings} == {60e6, 300e6}
    assert len(readings) == 3 * 2


def test_a_number_whose_accumulation_is_stated_is_read_that_way_alone() -> None:
    total, yearly = Accumulation.TOTAL, Accumulation.PER_YEAR
    only = lay_out(100e6, Stated(900, total), Stated(60e6, total), [3, 5], [BOTH])
    assert [each.jobs_as for each in only] == [JobsAs.SUM]
    assert nearest_by_jobs(only)[1] is None
    added = lay_out(100e6, Stated(200, yearly), None, [5], [BOTH])
    assert {each.jobs_as: each.job_years for each in added} == {
        JobsAs.EACH_YEAR: 1_000,
        JobsAs.ADDED: 200 * (1 + 2 + 3 + 4 + 5),
    }
    peak = lay_out(100e6, Stated(200, Accumulation.PEAK), None, [5], [BOTH])
    assert JobsAs.RISING in {each.jobs_as for each in peak}
    assert lay_out(1e6, Stated(9), Stated(1e6, yearly), [1], [BOTH])[0].gdp_eur == 1e6


def test_away_is_the_worst_of_the_ratios() -> None:
    (reading,) = lay_out(
        100e6, Stated(700, Accumulation.TOTAL), Stated(91e6, Accumulation.TOTAL), [5], [BOTH]
    )
    # 7 a million lies within 7 to 14; 0.91 by euro is 0.91 / 0.8; 130,000 a job-year is 2 x 65,000
    assert dict(reading.outside) == pytest.approx(
        {JOBS_BY_EURO: 1.0, GDP_BY_EURO: 0.91 / 0.8, GDP_BY_JOB: 2.0}
    )
    assert (reading.away, reading.worst, reading.fits) == (2.0, GDP_BY_JOB, False)


def test_the_nearer_reading_of_the_jobs_is_told_and_so_is_how_near() -> None:
    readings = lay_out(100e6, Stated(200), Stated(60e6), [5], [BOTH])
    near, far = nearest_by_jobs(readings)
    assert near.jobs_as is JobsAs.EACH_YEAR
    assert near.fits
    assert far is not None
    assert far.jobs_as is JobsAs.SUM
    words = told(readings)
    assert words.startswith("Nearest to what the table supports: 200 jobs in each of 5 years")
    assert "200 job-years in all; GDP in all" in words
    assert f"{far.away:.2f} times outside ({far.worst})" in words
    assert "A further reading, rising evenly to 200 jobs in the last of 5 years" in words


def test_jobs_of_one_boundary_and_gdp_of_another_are_told_apart() -> None:
    total = Accumulation.TOTAL
    readings = lay_out(100e6, Stated(400, total), Stated(70e6, total), [5], [DIRECT, BOTH])
    assert "cannot share one boundary" in told(readings)
    assert "jobs alone would fit direct, the GDP alone direct+indirect" in told(readings)
    assert "boundary" not in told(lay_out(100e6, Stated(400, total), None, [5], [DIRECT]))


def test_price_bases_stand_side_by_side() -> None:
    later = replace(BOTH, basis="prices of 2024", jobs_per_eur_m=Range(5, 7, 10))
    readings = lay_out(
        100e6, Stated(600, Accumulation.TOTAL), None, [5], [replace(BOTH, basis="2014"), later]
    )
    assert [(each.basis, each.fits) for each in readings] == [
        ("prices of 2024", True),
        ("2014", False),
    ]


def test_what_cannot_be_a_claim_is_refused() -> None:
    with pytest.raises(Problem, match="money and jobs above zero"):
        lay_out(0, Stated(1), None, [5], [BOTH])
    with pytest.raises(Problem, match="horizon of one year"):
        lay_out(1, Stated(1), None, [], [BOTH])
    with pytest.raises(Problem, match="horizon of one year"):
        lay_out(1, Stated(1), None, [0], [BOTH])
    with pytest.raises(Problem, match="no table"):
        lay_out(1, Stated(1), None, [5], [])
    with pytest.raises(Problem, match="low, middle and high"):
        Range(0.0, 1.0, 2.0)
    assert Range(1, 2, 3).away(-1) == float("inf")


@settings(max_examples=40)
@given(
    money=st.floats(1e5, 1e11),
    jobs=st.floats(1, 1e6),
    gdp=st.floats(1e4, 1e12),
    years=st.lists(st.integers(1, 30), min_size=1, max_size=3),
)
def test_no_reading_is_nearer_than_the_first(
    money: float, jobs: float, gdp: float, years: list[int]
) -> None:
    readings = lay_out(money, Stated(jobs), Stated(gdp), years, [DIRECT, BOTH])
    assert [each.away for each in readings] == sorted(each.away for each in readings)
    assert nearest(readings)[0] is readings[0]
    assert all(each.away >= 1 for each in readings)
    assert all(each.fits == (each.away == 1) for each in readings)
    for each in readings:  # the three ratios are two: GDP by euro = jobs by euro x GDP by job
        assert each.gdp_per_eur == pytest.approx(
            each.jobs_per_eur_m * (each.gdp_per_job_year or 0) / 1e6
        )
    assert told(readings)
