"""Public claims of an investment, held against what a table gives; every number in the evidence.

The claims of one topic of a region file are an investment, jobs and GDP. The engine spends the
same money by every spending mix of a product, with each closure, in prices of each year that the
claim leaves open; what that gives is the range that a reading is held against. A field that was
not stated is listed and stays open: its readings stand side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nexpo.build.impact.claim_figures import Reckoned, enter_claims
from nexpo.build.impact.labour import counts_of, with_national_count
from nexpo.build.impact.plausible import factor_of
from nexpo.build.impact.prepare import area_system
from nexpo.build.impact.run import run_plan
from nexpo.build.impact.run_model import NO_CLOSURE, Request
from nexpo.claims.desk import Desk
from nexpo.claims.investment import Reading, Stated, Support, lay_out
from nexpo.claims.model import Boundary, Claim
from nexpo.core.evidence import Ledger
from nexpo.core.problem import Kind, Problem, bad_input
from nexpo.core.quantity import Unit
from nexpo.impact.model import Effect, Phase, Plan, PlanLine, PriceBasis
from nexpo.impact.years import PERSONS

if TYPE_CHECKING:
    from nexpo.build.impact.run_model import Run
    from nexpo.core.parameters import Parameter
    from nexpo.impact.model import Mix

INVESTMENT, JOBS, GDP = "investment", "jobs", "gdp"
FULL_TIME = "FTE"
_COUNTED: dict[Boundary, tuple[Effect, ...]] = {
    Boundary.DIRECT: (Effect.DIRECT,),
    Boundary.DIRECT_INDIRECT: (Effect.DIRECT, Effect.INDIRECT),
    Boundary.TOTAL: tuple(Effect),
}
_CENTS = 100


@dataclass(frozen=True, slots=True)
class Case:
    """What the engine gives for the claimed money, under one mix, closure and price year."""

    mix: str
    closure: str
    price_year: int
    boundary: Boundary
    gdp_eur: float
    jobs: float  # job-years
    unit: str


@dataclass(frozen=True, slots=True, eq=False)
class Audit:
    """One claim of jobs laid out beside the investment and the GDP said with it.

    Attributes
    ----------
    jobs, gdp
        ``gdp`` is None where the claimant of the jobs said none.
    readings
        Nearest first, over boundaries and price years.
    supports
        What they are held against.
    horizons
        Lengths in years that the claim may mean.
    """

    jobs: Claim
    gdp: Claim | None
    readings: tuple[Reading, ...]
    supports: tuple[Support, ...]
    horizons: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Audited:
    """The claims of a topic: what was spent, what the engine gives, each claim of jobs.

    ``ledger`` holds every number, from the claims and the runs to the factors.
    """

    topic: str
    investment: Claim
    product: str
    mixes: tuple[Mix, ...]
    cases: tuple[Case, ...]
    audits: tuple[Audit, ...]
    claims: tuple[Claim, ...]
    ledger: Ledger
    words: tuple[str, ...]


def audit_topic(
    claims: Sequence[Claim],
    facts: dict[str, Parameter],
    base: Request,
    *,
    topic: str,
    product: str,
    years: Sequence[int] = (),
) -> Audited:
    """Hold the claims of a topic against a table.

    Parameters
    ----------
    base
        Table, assumptions, activity and day; its plan is not used.
    product
        Whose spending mixes the money is spent by.
    years
        Lengths of the horizon, where the claims do not say.

    Raises
    ------
    Problem
        When the topic has no investment or no jobs, the product no mix, or no horizon is
        stated nor given.
    """
    chosen = tuple(claim for claim in claims if claim.topic == topic)
    invested = _one(chosen, INVESTMENT, topic)
    said = tuple(claim for claim in chosen if claim.indicator == JOBS and claim.value)
    if not said:
        raise bad_input("no jobs are claimed", value=topic, remedy="name another --topic")
    mixes = tuple(mix for mix in base.assumptions.mixes if mix.product == product)
    if not mixes:
        known = ", ".join(dict.fromkeys(mix.product for mix in base.assumptions.mixes))
        raise Problem(Kind.USAGE, "no such product", value=product, remedy=f"one of {known}")
    desk = Desk({claim.id: claim for claim in claims}, facts, base.day)
    money = desk.figure(invested.id).value
    if not isinstance(money, int | float) or money <= 0:
        raise bad_input("an investment is above zero", value=money, remedy="correct the claim")
    last = max(claim.last_year or 0 for claim in chosen)
    lengths = tuple(sorted(set(years))) or _horizons(chosen, last)
    base = replace(base, job_factor=factor_of(facts, base.day))
    spent = _Spending(base, mixes, float(money), last or base.day.year, max(lengths))
    cases = tuple(_cases(spent, _price_years(chosen, base), _units(said)))
    counted = {case.unit for case in cases}
    if not {FULL_TIME if claim.unit == FULL_TIME else PERSONS for claim in said} <= counted:
        raise Problem(
            Kind.NO_INPUT,
            "jobs cannot be held against this table: neither it nor an activity counts persons",
            value=base.table.origin.name,
            remedy="add a satellite of persons to the table, or name a region with its activity",
        )
    audits = tuple(_audits(chosen, said, desk, float(money), lengths, cases))
    reckoned = [Reckoned(each.jobs, each.gdp, each.readings) for each in audits]
    enter_claims(desk, invested, cases, reckoned, base)
    return Audited(
        topic, invested, product, mixes, cases, audits, chosen, desk.ledger,
        tuple(_words(spent, cases, lengths, base)),
    )  # fmt: skip


def national(request: Request) -> Request:
    """Return a request on the country alone, which keeps the persons that the activity counts."""
    activity, table = request.activity, request.table
    if activity is None:
        return request
    held = {each.kind for each in counts_of(replace(request, activity=None))}
    table = with_national_count(table, activity, held)
    return replace(request, table=table, activity=None, region="", delta=None, delta_use=None)


def topics(claims: Sequence[Claim]) -> tuple[str, ...]:
    """Return the topics that claim an investment and jobs."""
    held = {name: {c.indicator for c in claims if c.topic == name} for name in _names(claims)}
    return tuple(name for name, has in held.items() if {INVESTMENT, JOBS} <= has)


def _names(claims: Sequence[Claim]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(claim.topic for claim in claims))


def _one(claims: Sequence[Claim], indicator: str, topic: str) -> Claim:
    for claim in claims:
        if claim.indicator == indicator and ("money", 1) in Unit.parse(claim.unit).dimensions:
            return claim
    raise bad_input(
        "no investment is claimed", value=topic, remedy="name a topic with a claim of money"
    )


def _horizons(claims: Sequence[Claim], last: int) -> tuple[int, ...]:
    """Return lengths from each first year that the topic states, or in which it was first said."""
    if not last:
        raise bad_input(
            "no claim of the topic states its last year",
            value=claims[0].topic,
            remedy="give the years that it may mean with --years",
        )
    firsts = {claim.first_year for claim in claims if claim.first_year}
    dates = [claim.source.date.year for claim in claims if claim.source.date]
    firsts |= {min(dates)} if dates and min(dates) <= last else set()
    return tuple(sorted({last - first + 1 for first in firsts})) or (1,)


def _price_years(claims: Sequence[Claim], base: Request) -> tuple[int, ...]:
    """Return the stated price year; else the latest with an index, and the table's own."""
    stated = sorted({claim.price_base for claim in claims if claim.price_base})
    if stated:
        return tuple(stated)
    known = [year for series in base.assumptions.deflators.series.values() for year in series]
    return tuple(dict.fromkeys((max([*known, base.table.origin.year]), base.table.origin.year)))


def _units(claims: Sequence[Claim]) -> bool:
    """Say whether full-time equivalents are claimed anywhere."""
    return any(claim.unit == FULL_TIME for claim in claims)


@dataclass(frozen=True, slots=True, eq=False)
class _Spending:
    """The claimed money, spent evenly over the years to the last."""

    base: Request
    mixes: tuple[Mix, ...]
    money: float
    last: int
    years: int

    def plan(self, mix: Mix, price_year: int) -> Plan:
        first = self.last - self.years + 1
        cents = round(self.money * _CENTS)
        share, left = divmod(cents, self.years)
        lines = tuple(
            PlanLine("claim", first + at, Phase.CONSTRUCTION, mix.product, share + (at < left),
                     PriceBasis.PURCHASER, price_year, assumption=True, row=at + 1)
            for at in range(self.years)
        )  # fmt: skip
        return Plan("claim", "the claimed investment", "EUR", lines, mixes=(mix,), file="claim")


def _cases(spent: _Spending, price_years: Sequence[int], full_time: bool) -> Iterator[Case]:  # noqa: FBT001 - one place
    closures = tuple(spent.base.assumptions.readings) or (NO_CLOSURE,)
    base = spent.base
    areas = area_system(base, None if base.delta is None else base.delta.value)
    for year in price_years:
        for mix in spent.mixes:
            for place, closure in enumerate(closures):
                run = run_plan(
                    replace(
                        base, plan=spent.plan(mix, year), mixes={mix.product: mix.name},
                        closure=closure, price_year=year, fte=full_time, draws=0,
                    ),
                    areas=areas,
                )  # fmt: skip
                for boundary in _COUNTED:
                    if boundary is Boundary.TOTAL or place == 0:
                        shown = closure if boundary is Boundary.TOTAL else ""
                        yield from _counted(run, mix.name, shown, year, boundary)


def _counted(
    run: Run, mix: str, closure: str, price_year: int, boundary: Boundary
) -> Iterator[Case]:
    names = {total.indicator: total.unit for total in run.totals}
    for indicator in (name for name in ("jobs", "fte") if name in names):
        gdp, jobs = (
            sum(
                total.value
                for total in run.totals
                if (total.indicator, total.area) == (name, run.home)
                and total.effect in _COUNTED[boundary]
            )
            for name in (GDP, indicator)
        )
        unit = names[indicator].removesuffix("-year")
        yield Case(mix, closure, price_year, boundary, gdp, jobs, unit)


def _audits(
    chosen: Sequence[Claim],
    said: Sequence[Claim],
    desk: Desk,
    money: float,
    lengths: tuple[int, ...],
    cases: Sequence[Case],
) -> Iterator[Audit]:
    for claim in said:
        gdp = next((each for each in chosen if _beside(claim, each)), None)
        supports = tuple(supports_of(cases, money, claim, gdp))
        own = lengths
        if claim.first_year and claim.last_year:
            own = (claim.last_year - claim.first_year + 1,)
        readings = lay_out(money, _stated(desk, claim), _stated(desk, gdp) if gdp else None,
                           own, supports)  # fmt: skip
        yield Audit(claim, gdp, readings, supports, own)


def _beside(jobs: Claim, other: Claim) -> bool:
    """Say whether a GDP was claimed with the jobs: by the same claimant in the same place."""
    return (
        other.indicator == GDP and other.value is not None
        and (other.claimant, other.source.title) == (jobs.claimant, jobs.source.title)
    )  # fmt: skip


def _stated(desk: Desk, claim: Claim) -> Stated:
    value = desk.figure(claim.id).value
    return Stated(float(value or 0), claim.accumulation)


def supports_of(
    cases: Sequence[Case], money: float, jobs: Claim, gdp: Claim | None
) -> Iterator[Support]:
    """Yield what the cases give, for each boundary and price year that the claims leave open."""
    from nexpo.claims.investment import Range  # noqa: PLC0415 - one use

    boundaries = {each.boundary for each in (jobs, gdp) if each is not None and each.boundary}
    unit = FULL_TIME if jobs.unit == FULL_TIME else PERSONS
    for year in dict.fromkeys(case.price_year for case in cases):
        for boundary in _COUNTED:
            held = [
                case for case in cases
                if (case.price_year, case.boundary, case.unit) == (year, boundary, unit)
            ]  # fmt: skip
            if not held or (boundaries and boundary not in boundaries):
                continue

            def spread(values: list[float]) -> Range:
                ordered = sorted(values)
                return Range(ordered[0], ordered[len(ordered) // 2], ordered[-1])

            yield Support(
                boundary,
                spread([case.gdp_eur / money for case in held]),
                spread([case.jobs / money * 1e6 for case in held]),
                spread([case.gdp_eur / case.jobs for case in held]),
                unit,
                f"prices of {year}",
            )


def _words(
    spent: _Spending, cases: Sequence[Case], lengths: Sequence[int], base: Request
) -> Iterator[str]:
    table = base.table.origin
    yield (
        f"table {table.name}, {table.year}; the money is spent evenly over "
        f"{spent.years} years to {spent.last}, all on {spent.mixes[0].product}, at purchasers' "
        f"prices, by the mixes {', '.join(mix.name for mix in spent.mixes)}"
    )
    price_years = sorted({case.price_year for case in cases})
    if len(price_years) > 1:
        yield (
            f"the price year is not stated: the table is {table.year}'s, so prices of "
            f"{price_years[0]} mean no deflation; prices of {price_years[-1]} are the latest for "
            "which an index is at hand, and nearer to when the claim was made"
        )
    yield (
        f"the horizon is read as {' or '.join(map(str, lengths))} years: to the last year stated, "
        "from each first year stated in the topic or the year in which it was first said"
    )
    if any(case.unit == FULL_TIME for case in cases):
        yield (
            "full-time jobs are held against full-time equivalents (a peer's hours over those of "
            "a full-time job), jobs without a word on hours against persons employed"
        )
    yield "the range of a ratio is over mixes, and over closures where induced effects count"
    if table.synthetic:
        yield "SYNTHETIC table: it supports no claim about a real economy"
