"""From a table to what a run computes with: prices, accounts, regional systems, households."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nexpo.build.impact.run_model import NO_CLOSURE, Request
from nexpo.core.problem import Kind, Problem, Where
from nexpo.impact.closure import Closure
from nexpo.impact.demand import Purchases, place_of, plan_price_year, purchases_of
from nexpo.impact.effects import GDP, OUTPUT, Account
from nexpo.impact.households import Denominator, by_wage_share, household_closure
from nexpo.impact.model import Floats, Phase, PriceBasis, Primary, freeze
from nexpo.impact.prices import Rates, import_shares, tax_shares
from nexpo.impact.regionalise.quotients import Choice
from nexpo.impact.regionalise.two_region import Names, two_region
from nexpo.impact.solve import System
from nexpo.impact.years import FTE, PERSONS, fte_per_person, productivity_factor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nexpo.impact.adapters.assumption_files import Reading
    from nexpo.impact.ledger import Columns

JOBS = "jobs"
FULL_TIME = "fte"
TAXES = "net_product_taxes"
IMPORTS = "imports"
_MILLION = 1e6
_COUNTED = {PERSONS, FTE, "job", "persons"}


@dataclass(frozen=True, slots=True, eq=False)
class Regional:
    """A system of the country, or of a region and the rest, and who buys what of whom.

    ``local_share`` and ``rest_share`` are the parts of spending on a product that stay on each
    side, ``(n,)``; with the country alone, all of it.
    """

    system: System
    areas: tuple[str, ...]
    local_share: Floats
    rest_share: Floats
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        freeze(self)

    @property
    def sides(self) -> int:
        """Number of regions."""
        return self.system.size // len(self.local_share)

    def met(self, local: Floats, elsewhere: Floats) -> Floats:
        """Return final demand ``(N, k)`` from what is made in the region and elsewhere."""
        if self.sides == 1:
            return local + elsewhere
        found: Floats = np.concatenate([local, elsewhere])
        return found


def regional_of(request: Request, delta: float | None) -> Regional:
    """Return the system under one delta."""
    table = request.table
    country = table.origin.area
    if request.activity is None:
        ones = np.ones(table.size)
        return Regional(System.of_table(table), (country,) * table.size, ones, ones)
    choice = Choice(request.method, delta, request.alpha, request.beta)
    made = two_region(table, request.activity, choice, names=Names(request.region or "region"))
    areas = (f"region:{request.region}",) * table.size + (f"rest:{country}",) * table.size
    return Regional(
        System.of_table(made.table),
        areas,
        made.region.own_share(),
        made.rest.own_share(),
        made.notes,
    )


def purchases(request: Request, alternatives: Mapping[str, str]) -> Purchases:
    """Return what the plan buys, at basic prices of the table's sectors."""
    plan, table, held = request.plan, request.table, request.assumptions
    purchaser = any(line.basis is PriceBasis.PURCHASER for line in plan.lines)
    rates = (
        held.margins.rates(table.sectors, tax_shares(table, held.margins.tax))
        if purchaser
        else Rates.none(table.size)
    )
    return purchases_of(
        plan,
        table.sectors,
        rates=rates,
        import_shares=_imports(request),
        deflators=held.deflators,
        price_year=request.price_year,
        alternatives=alternatives,
    )


def price_year_of(request: Request) -> int:
    """Return in whose prices results are."""
    return plan_price_year(request.plan) if request.price_year is None else request.price_year


def to_table_prices(request: Request) -> Floats:
    """Return ``(n,)`` EUR of the table's year for one EUR of the price year."""
    table, year = request.table, price_year_of(request)
    try:
        return request.assumptions.deflators.factors(table.sectors, year, table.origin.year)
    except Problem as problem:
        problem.where = _stated(request, year)
        raise


def _stated(request: Request, year: int) -> Where:
    """Return where the plan states prices of a year; the plan itself where an option does."""
    lines = (line for line in request.plan.lines if line.price_year == year)
    line = None if request.price_year is not None else next(lines, None)
    if line is None:
        return Where(request.plan.file or request.plan.id)
    return place_of(request.plan, line, "price_year")


def national_accounts(
    request: Request, columns: Columns, years: tuple[int, ...]
) -> tuple[tuple[Account, ...], tuple[str, ...]]:
    """Return what production brings with it, ``(n,)`` by sector, and words on how it was found.

    Value added is at basic prices; net taxes on products stand beside it, so that their sum is
    what a plan adds to gross domestic product at market prices.
    """
    words: list[str] = []
    growth = request.assumptions.productivity.mid
    fewer = productivity_factor(years, request.table.origin.year, growth)
    accounts = [
        Account(OUTPUT, "EUR", np.ones(request.table.size)),
        Account(GDP, "EUR", columns.value_added),
        Account(TAXES, "EUR", columns.taxes),
        Account(IMPORTS, "EUR", columns.imports),
    ]
    jobs = _persons(request, words)
    if jobs is not None:
        accounts.append(Account(JOBS, PERSONS, jobs, real=True, by_period=fewer))
        if request.fte:
            accounts.append(
                Account(FULL_TIME, FTE, _fte(request, jobs, words), real=True, by_period=fewer)
            )
    for satellite in request.table.satellites:
        if satellite.unit not in _COUNTED:
            per_eur = satellite.values / _eur(request)
            per_eur[request.table.output <= 0] = 0.0
            accounts.append(Account(satellite.indicator, satellite.unit, per_eur, real=True))
    return tuple(accounts), tuple(words)


def tiled(accounts: tuple[Account, ...], sides: int) -> tuple[Account, ...]:
    """Return the accounts for each region: technology is the nation's on both sides."""
    return tuple(
        Account(
            each.indicator, each.unit, np.tile(each.intensity, sides), each.real, each.by_period
        )
        for each in accounts
    )


def national_closure(request: Request, reading: Reading) -> Closure:
    """Return a reading of Type II on the national table."""
    table = request.table
    paid, note = None, ""
    if Primary.COMPENSATION not in table.primary_kinds:
        peers = request.assumptions.peers
        shares = peers.column("wage_share", table.sectors)
        shares = np.where(np.isnan(shares), np.nanmean(shares), shares)
        paid = by_wage_share(table.value_added(), shares)
        note = f"wage shares of {peers.country} {peers.year}, for want of the table's own"
    return household_closure(
        System.of_table(table),
        table,
        denominator=Denominator(reading.denominator),
        compensation=paid,
        resident_share=reading.resident_share,
        saving=reading.saving,
        tax=reading.tax,
        note=note,
    )


def regional_closure(closure: Closure, regional: Regional) -> Closure:
    """Return a group of households a region: each buys at home by quotient, else across."""
    income, spending = closure.income[0], closure.spending[:, 0]
    if regional.sides == 1:
        return closure
    size = len(spending)
    rows, columns = np.zeros((2, 2 * size)), np.zeros((2 * size, 2))
    rows[0, :size], rows[1, size:] = income, income
    for side, stays in enumerate((regional.local_share, regional.rest_share)):
        other = 1 - side
        columns[side * size : (side + 1) * size, side] = spending * stays
        columns[other * size : (other + 1) * size, side] = spending * (1 - stays)
    return Closure(closure.kind, ("region", "rest"), columns, rows, np.zeros((2, 2)), closure.words)


def readings_of(request: Request) -> Iterator[Reading]:
    """Yield the central reading, then those that the ensemble draws from."""
    if request.closure == NO_CLOSURE:
        return
    yield reading_named(request, request.closure)
    for name in request.assumptions.closures if request.draws else ():
        if name != request.closure:
            yield reading_named(request, name)


def reading_named(request: Request, name: str) -> Reading:
    """Return a reading of Type II by name."""
    known = request.assumptions.readings
    if name not in known:
        raise Problem(
            Kind.USAGE,
            "no closure of this name",
            value=name,
            remedy=f"one of {', '.join((NO_CLOSURE, *known))}; each is in impact/closure.yaml",
        )
    return known[name]


def _imports(request: Request) -> Mapping[Phase, Floats]:
    try:
        return import_shares(request.table)
    except Problem:
        if any(line.import_share is None for line in request.plan.lines):
            raise
        return dict.fromkeys(Phase, np.full(request.table.size, np.nan))


def _eur(request: Request) -> Floats:
    """Return output in EUR of the table's year, one where there is none."""
    origin = request.table.origin
    rate = request.assumptions.eur_per(origin.currency, origin.year)
    eur = request.table.output * origin.scale * rate
    return np.where(request.table.output > 0, eur, 1.0)


def _persons(request: Request, words: list[str]) -> Floats | None:
    """Return persons per EUR of output: of the table, else of the activity, gaps from the peer."""
    table, eur = request.table, _eur(request)
    own = next((each for each in table.satellites if each.unit in {PERSONS, "persons"}), None)
    if own is not None:
        persons, source = own.values, own.source
    elif request.activity is not None and request.activity.measure == "persons":
        persons, source = request.activity.national, request.activity.source
    else:
        words.append("jobs are not counted: neither table nor activity states persons by sector")
        return None
    gaps = np.isnan(persons)
    per_eur = np.where(gaps, np.nan, persons) / eur
    peers = request.assumptions.peers
    filler = peers.column("persons_per_eur_m", table.sectors) / _MILLION
    per_eur = np.where(gaps, filler, per_eur)
    per_eur[table.output <= 0] = 0.0
    words.append(f"jobs are persons employed ({source}), not full-time equivalents")
    if gaps.any():
        codes = ", ".join(np.array(table.sectors)[gaps & (table.output > 0)])
        words.append(
            f"persons per output of {peers.country} {peers.year} stand for sectors that the "
            f"count leaves out: {codes}"
        )
    return per_eur


def _fte(request: Request, persons: Floats, words: list[str]) -> Floats:
    peers = request.assumptions.peers
    hours = peers.column("hours_per_employee", request.table.sectors)
    hours = np.where(np.isnan(hours), np.nanmean(hours), hours)
    words.append(
        f"FTE are persons times hours per employee of {peers.country} {peers.year}, over "
        f"{peers.full_time_hours:g} hours of a full-time job"
    )
    return persons * fte_per_person(hours, peers.full_time_hours)
