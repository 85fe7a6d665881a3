"""Jobs over time: job-years, average and peak are three different figures.

A *job-year* is one job for one year. The same plan may be said to bring 1,000 job-years, 200
jobs on average over five years, and 450 jobs at its peak; none may stand for another.
Persons and full-time equivalents (FTE) are different units, and are never added or renamed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nexpo.core.problem import bad_input
from nexpo.impact.model import Floats, Result

PERSONS = "person"
FTE = "FTE"


@dataclass(frozen=True, slots=True)
class Jobs:
    """What jobs by year come to.

    Attributes
    ----------
    unit
        ``person`` or ``FTE``, of each figure; job-years are in that unit times years.
    average
        Job-years over the years from the first to the last, empty ones included.
    """

    unit: str
    job_years: float
    average: float
    peak: float
    peak_year: int
    first_year: int
    last_year: int


def jobs_over(by_year: Mapping[int, float], unit: str) -> Jobs:
    """Return job-years, average and peak.

    Parameters
    ----------
    by_year
        Jobs in each year; a year between the first and the last that is not there has none.

    Raises
    ------
    Problem
        When there is no year.

    Examples
    --------
    >>> jobs = jobs_over({2025: 300.0, 2026: 500.0, 2028: 200.0}, "person")
    >>> jobs.job_years, jobs.average, jobs.peak, jobs.peak_year
    (1000.0, 250.0, 500.0, 2026)
    """
    if not by_year:
        raise bad_input("no year has jobs to sum", remedy="give at least one year")
    total = sum(by_year.values())
    first, last = min(by_year), max(by_year)
    peak_year = max(sorted(by_year), key=lambda year: by_year[year])
    span = last - first + 1
    return Jobs(unit, total, total / span, by_year[peak_year], peak_year, first, last)


def sum_by_year(results: Sequence[Result]) -> dict[int, float]:
    """Return the sum of results by year, in order.

    Raises
    ------
    Problem
        When they are in several units: persons and FTE do not add up.
    """
    units = {result.unit for result in results}
    if len(units) > 1:
        raise bad_input(
            "figures of several units cannot be added",
            value=", ".join(sorted(units)),
            remedy="sum each unit by itself: persons are not FTE",
        )
    found: dict[int, float] = {}
    for result in sorted(results, key=lambda each: each.year):
        found[result.year] = found.get(result.year, 0.0) + result.value
    return found


def productivity_factor(years: Sequence[int], base_year: int, growth: float) -> Floats:
    """Return what jobs per real output are in each year, over the table's year.

    Parameters
    ----------
    growth
        Of real output per job and year: 0.01 is one per cent.

    Examples
    --------
    >>> productivity_factor([2014, 2015, 2016], 2014, 0.25).tolist()
    [1.0, 0.8, 0.64]
    """
    if growth <= -1:
        raise bad_input("growth of productivity is a share above -1", value=growth)
    found: Floats = (1.0 + growth) ** -(np.asarray(years, dtype=np.float64) - base_year)
    return found


def fte_per_person(hours_per_person: Floats, full_time_hours: float) -> Floats:
    """Return full-time equivalents per person employed, by sector.

    FTE are hours worked over the hours of a full-time job (Istat: *unità di lavoro*), never
    heads.

    Examples
    --------
    >>> fte_per_person(np.array([1720.0, 860.0]), 1720.0).tolist()
    [1.0, 0.5]
    """
    if full_time_hours <= 0:
        raise bad_input("hours of a full-time job are above zero", value=full_time_hours)
    return hours_per_person / full_time_hours
