"""An investment claim laid out: each reading of its jobs and GDP beside what a table supports.

A sum of money, a number of jobs and a GDP figure are said together, and it is left open whether
the jobs are a sum of job-years, stay in every year or are reached at the end, which rounds of
spending they count, and in prices of which year the money is. Every reading left open is worked
out: GDP by euro, job-years by million euro, GDP by job-year. Each ratio is held against the range
that an input-output table gives over spending mixes; how far a reading is away is the factor by
which its worst ratio lies outside. No reading is chosen: the nearest is named, and so is that none
fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from nexpo.claims.model import Accumulation, Boundary
from nexpo.core.evidence import format_value
from nexpo.core.problem import bad_input

_MILLION = 1e6
JOBS_BY_EURO = "job-years by EUR million"
GDP_BY_EURO = "GDP by euro"
GDP_BY_JOB = "GDP by job-year"


class JobsAs(Enum):
    """How a number of jobs is taken over time."""

    SUM = "a sum of job-years"
    EACH_YEAR = "the same jobs in each year"
    RISING = "reached at the end, rising evenly"
    ADDED = "new jobs in each year, all of which stay"


@dataclass(frozen=True, slots=True)
class Range:
    """Lowest, middle and highest of a ratio over spending mixes."""

    low: float
    middle: float
    high: float

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.middle <= self.high < float("inf"):
            raise bad_input(
                "a range is low, middle and high, each above zero",
                value=(self.low, self.middle, self.high),
                remedy="give the ratios of at least one spending mix",
            )

    def away(self, value: float) -> float:
        """Return the factor by which a value lies outside, 1 where it lies within.

        Examples
        --------
        >>> Range(2.0, 3.0, 4.0).away(8.0), Range(2.0, 3.0, 4.0).away(1.0)
        (2.0, 2.0)
        >>> Range(2.0, 3.0, 4.0).away(3.5)
        1.0
        """
        if value <= 0:
            return float("inf")
        return max(self.low / value, value / self.high, 1.0)


@dataclass(frozen=True, slots=True)
class Support:
    """What a table gives for a euro invested, the rounds of ``boundary`` counted.

    Attributes
    ----------
    gdp_per_eur, jobs_per_eur_m, gdp_per_job_year
        EUR of value added by EUR invested; job-years by million EUR; EUR by job-year.
    unit
        What a job is in the table: ``person`` or ``FTE``.
    basis
        In what the money is, where a claim leaves that open: ``prices of 2024``.
    """

    boundary: Boundary
    gdp_per_eur: Range
    jobs_per_eur_m: Range
    gdp_per_job_year: Range
    unit: str = "person"
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Stated:
    """A number as it was said; ``accumulation`` is None where it was not."""

    value: float
    accumulation: Accumulation | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a claim, its ratios, and how far they are from a table's.

    Attributes
    ----------
    text
        The reading in words.
    boundary
        Whose range it is held against.
    job_years, gdp_eur
        Over the whole horizon; ``gdp_eur`` is None where no GDP was said.
    gdp_per_eur, jobs_per_eur_m, gdp_per_job_year
        As in :class:`Support`.
    outside
        Factor by which each ratio lies outside, by its name; 1 where it lies within.
    jobs_as, years
        How the jobs are taken, and over how many years; no years for a sum.
    gdp_years
        Years over which the GDP was said by year; 1 for GDP in all.
    basis
        As in :class:`Support`.
    """

    text: str
    boundary: Boundary
    job_years: float
    gdp_eur: float | None
    gdp_per_eur: float | None
    jobs_per_eur_m: float
    gdp_per_job_year: float | None
    outside: tuple[tuple[str, float], ...]
    jobs_as: JobsAs
    years: int = 1
    gdp_years: int = 1
    basis: str = ""

    @property
    def worst(self) -> str:
        """Name of the ratio that lies farthest outside."""
        return max(self.outside, key=lambda each: each[1])[0]

    @property
    def away(self) -> float:
        """Factor by which that ratio lies outside, 1 where all lie within."""
        return max(factor for _, factor in self.outside)

    @property
    def fits(self) -> bool:
        """Say whether every ratio lies within what the table gives."""
        return self.away <= 1.0


def lay_out(
    invested_eur: float,
    jobs: Stated,
    gdp: Stated | None,
    horizons: Sequence[int],
    supports: Iterable[Support],
) -> tuple[Reading, ...]:
    """Return every reading that a claim leaves open, nearest to the table first.

    Parameters
    ----------
    invested_eur
        Money invested over the horizon.
    jobs, gdp
        As said; a number whose accumulation is stated is read that way alone.
    horizons
        Lengths in years that the claim may mean.
    supports
        What a table gives, one for each boundary that the claim may mean.

    Raises
    ------
    Problem
        No money, no jobs, no horizon or no table.

    Examples
    --------
    >>> def wide(low: float, middle: float, high: float) -> Range:
    ...     return Range(low, middle, high)
    >>> table = Support(Boundary.DIRECT_INDIRECT, wide(0.4, 0.6, 0.8), wide(7.0, 10.0, 14.0),
    ...                 wide(50e3, 60e3, 70e3))
    >>> best, *rest = lay_out(100e6, Stated(200), Stated(60e6), [5], [table])
    >>> best.text, best.fits, round(best.gdp_per_job_year)
    ('200 jobs in each of 5 years; GDP in all', True, 60000)
    """
    if not (invested_eur > 0 and jobs.value > 0):
        raise bad_input(
            "a claim of an investment has money and jobs above zero",
            value=(invested_eur, jobs.value),
            remedy="give the amount invested in EUR and the number of jobs",
        )
    if not horizons or min(horizons) < 1:
        raise bad_input(
            "a claim has a horizon of one year or more",
            value=tuple(horizons),
            remedy="give each number of years that it may mean",
        )
    found = [
        _held(invested_eur, taken, gdp_years, jobs, gdp, support)
        for support in supports
        for taken in _jobs_readings(jobs, horizons)
        for gdp_years in _gdp_readings(gdp, [taken.years] if taken.years else horizons)
    ]
    if not found:
        raise bad_input("no table to hold the claim against", remedy="run a plan on a table first")
    return tuple(
        sorted(found, key=lambda each: (each.away, each.basis, each.boundary.value, each.text))
    )


def nearest_by_jobs(readings: Sequence[Reading]) -> tuple[Reading, Reading | None]:
    """Return the nearest reading of jobs as a sum, and the nearest of jobs in each year.

    The first of the two is the nearer; the second is None where the claim said which it means.
    A reading of jobs that rise is compared by :func:`nearest` only.
    """
    best = [
        each for each in nearest(readings) if each.jobs_as in {JobsAs.SUM, JobsAs.EACH_YEAR}
    ] or list(nearest(readings))
    return best[0], best[1] if len(best) > 1 else None


def nearest(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """Return the nearest reading of each way to take the jobs, the nearest of all first."""
    found: dict[JobsAs, Reading] = {}
    for each in readings:
        if each.jobs_as not in found or each.away < found[each.jobs_as].away:
            found[each.jobs_as] = each
    return tuple(sorted(found.values(), key=lambda each: each.away))


def told(readings: Sequence[Reading]) -> str:
    """Return in words which reading of the jobs is nearer to what the table supports."""
    near, far = nearest_by_jobs(readings)
    if near.fits:
        head = f"nearest to what the table supports: {_described(near)}; every ratio lies within"
    elif far is None:
        head = f"the reading does not fit: {_described(near)} lies {_distance(near)}"
    else:
        head = f"neither reading fits; the nearer is {_described(near)}, {_distance(near)}"
    parts = [head]
    if far is not None:
        tail = "also fits" if far.fits else f"lies {_distance(far)}"
        parts.append(f"the other, {_described(far)}, {tail}")
    others = [each for each in nearest(readings) if each not in (near, far)]
    for each in others:
        how = "every ratio lies within" if each.fits else _distance(each)
        parts.append(f"a further reading, {_described(each)}: {how}")
    if not any(each.fits for each in (near, far) if each is not None):
        parts.extend(_apart([each for each in readings if each.jobs_as is near.jobs_as]))
    return ". ".join(part[0].upper() + part[1:] for part in parts) + "."


def _apart(readings: Sequence[Reading]) -> Iterator[str]:
    """Say that jobs and GDP cannot share a boundary, where each alone fits some."""
    fits: dict[str, set[str]] = {JOBS_BY_EURO: set(), GDP_BY_EURO: set()}
    for each in readings:
        for name, factor in each.outside:
            if name in fits and factor <= 1.0:
                fits[name].add(each.boundary.value)
    if all(fits.values()) and not fits[JOBS_BY_EURO] & fits[GDP_BY_EURO]:
        jobs, gdp = (" or ".join(sorted(each)) for each in fits.values())
        yield (
            f"read so, jobs and GDP cannot share one boundary: the jobs alone would fit {jobs}, "
            f"the GDP alone {gdp}"
        )


def _described(reading: Reading) -> str:
    return f"{reading.text} (effects counted: {reading.boundary.value})"


def _distance(reading: Reading) -> str:
    return f"{reading.away:.2f} times outside ({reading.worst})"


@dataclass(frozen=True, slots=True)
class _Taken:
    """Jobs taken one way: words, job-years for each job said, years (0 for a sum)."""

    words: str
    how: JobsAs
    by_job: float
    years: int = 0


def _jobs_readings(jobs: Stated, horizons: Sequence[int]) -> Iterator[_Taken]:
    shown, said = format_value(round(jobs.value)), jobs.accumulation
    if said in (None, Accumulation.TOTAL):
        yield _Taken(f"{shown} job-years in all", JobsAs.SUM, 1.0)
    if said is Accumulation.TOTAL:
        return
    for years in sorted(set(horizons)):
        yield _Taken(f"{shown} jobs in each of {years} years", JobsAs.EACH_YEAR, years, years)
        if years == 1:
            continue
        if said is Accumulation.PER_YEAR:
            words = f"{shown} new jobs in each of {years} years, all of which stay"
            yield _Taken(words, JobsAs.ADDED, years * (years + 1) / 2, years)
        elif said is not Accumulation.STOCK:
            words = f"rising evenly to {shown} jobs in the last of {years} years"
            yield _Taken(words, JobsAs.RISING, (years + 1) / 2, years)


def _gdp_readings(gdp: Stated | None, horizons: Sequence[int]) -> Iterator[int]:
    """Yield over how many years the GDP was said by year; 1 where it is in all, 0 for none."""
    if gdp is None:
        yield 0
        return
    if gdp.accumulation in (None, Accumulation.TOTAL):
        yield 1
    if gdp.accumulation is not Accumulation.TOTAL:
        yield from (years for years in sorted(set(horizons)) if years > 1 or gdp.accumulation)


def _held(
    invested_eur: float,
    taken: _Taken,
    gdp_years: int,
    jobs: Stated,
    gdp: Stated | None,
    support: Support,
) -> Reading:
    job_years = jobs.value * taken.by_job
    by_jobs = job_years / invested_eur * _MILLION
    outside = [(JOBS_BY_EURO, support.jobs_per_eur_m.away(by_jobs))]
    text, gdp_eur, per_euro, per_job = taken.words, None, None, None
    if gdp is not None:
        text += "; GDP in all" if gdp_years == 1 else f"; GDP in each of {gdp_years} years"
        gdp_eur = gdp.value * gdp_years
        per_euro, per_job = gdp_eur / invested_eur, gdp_eur / job_years
        outside.append((GDP_BY_EURO, support.gdp_per_eur.away(per_euro)))
        outside.append((GDP_BY_JOB, support.gdp_per_job_year.away(per_job)))
    return Reading(
        text,
        support.boundary,
        job_years,
        gdp_eur,
        per_euro,
        by_jobs,
        per_job,
        tuple(outside),
        taken.how,
        taken.years or 1,
        gdp_years or 1,
        support.basis,
    )
