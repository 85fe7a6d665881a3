"""From a table to what a run computes with: prices, accounts, regional systems, households."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nexpo.build.impact.labour import counts_of, is_stock, labour_accounts
from nexpo.build.impact.run_model import NO_CLOSURE, Request
from nexpo.core.problem import Kind, Problem, Where
from nexpo.impact.closure import Closure
from nexpo.impact.demand import Purchases, mix_of, place_of, plan_price_year, purchases_of
from nexpo.impact.effects import GDP, OUTPUT, Account
from nexpo.impact.households import Denominator, by_wage_share, household_closure
from nexpo.impact.labour import labour_unit
from nexpo.impact.model import Floats, Phase, PriceBasis, Primary, freeze
from nexpo.impact.prices import Rates, import_shares_by_phase, tax_shares
from nexpo.impact.regionalise.quotients import Choice
from nexpo.impact.regionalise.two_region import Names, two_region
from nexpo.impact.solve import System
from nexpo.impact.years import productivity_factor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nexpo.impact.adapters.assumption_files import Reading
    from nexpo.impact.ledger import Columns

TAXES = "net_product_taxes"
IMPORTS = "imports"


@dataclass(frozen=True, slots=True, eq=False)
class AreaSystem:
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

    def outputs(self) -> tuple[Floats, Floats | None]:
        """Return output of the region (or the country) and of the rest, ``(n,)`` each."""
        made = self.system.output.reshape(self.sides, -1)
        return made[0], None if self.sides == 1 else made[1]

    def met(self, local: Floats, elsewhere: Floats) -> Floats:
        """Return final demand ``(N, k)`` from what is made in the region and elsewhere."""
        if self.sides == 1:
            return local + elsewhere
        found: Floats = np.concatenate([local, elsewhere])
        return found


def area_system(request: Request, delta: float | None) -> AreaSystem:
    """Return the system under one delta."""
    table = request.table
    country = table.origin.area
    if request.activity is None:
        ones = np.ones(table.size)
        return AreaSystem(System.of_table(table), (country,) * table.size, ones, ones)
    choice = Choice(request.method, delta, request.alpha, request.beta)
    made = two_region(
        table,
        request.activity,
        choice,
        names=Names(request.region or "region"),
        export_floor=request.assumptions.export_floor,
    )
    areas = (f"region:{request.region}",) * table.size + (f"rest:{country}",) * table.size
    local, rest = made.region.own_share(), made.rest.own_share()
    ours, theirs = made.table.output.reshape(2, table.size) > 0
    # what one side does not make, both buy of the other
    local, rest = np.where(ours, local, 0.0), np.where(theirs, rest, 0.0)
    local, rest = np.where(theirs, local, 1.0), np.where(ours, rest, 1.0)
    return AreaSystem(System.of_table(made.table), areas, local, rest, made.notes)


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
        _name_bought(request, year, problem.where)
        raise


def _name_bought(request: Request, year: int, where: Where) -> None:
    """Raise the problem of a year outside the indices for a sector that the plan buys."""
    held, to = request.assumptions.deflators, request.table.origin.year
    for line in request.plan.lines:
        mix = mix_of(request.plan, line.sector, request.mixes.get(line.sector))
        for code in (line.sector,) if mix is None else (code for code, _ in mix.shares):
            held.factor(code, year, to, where)


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
        Account(GDP, "EUR", columns.value_added, of_cost=True),
        Account(TAXES, "EUR", columns.taxes, of_cost=True),
        Account(IMPORTS, "EUR", columns.imports, of_cost=True),
    ]
    stocks = [each for each in request.table.satellites if is_stock(each)]
    if stocks:
        names = ", ".join(each.indicator for each in stocks)
        words.append(f"{names}: a stock of firms, which does not grow with output; left out")
    others = [
        each
        for each in request.table.satellites
        if each not in stocks and labour_unit(each.unit) is None
    ]
    counted = bool(others or counts_of(request))  # only then is the table's currency wanted in EUR
    eur = _eur(request) if counted else None
    accounts += labour_accounts(request, eur, fewer, words)
    if eur is not None:
        accounts += (
            Account(
                satellite.indicator,
                satellite.unit,
                np.where(request.table.output > 0, satellite.values / eur, 0.0),
                real=True,
            )
            for satellite in others
        )
    return tuple(accounts), tuple(words)


def feedback_words(regional: AreaSystem, value_added: Floats, demand: Floats) -> tuple[str, ...]:
    """Return what of the region's Type I GDP comes back to it through the rest of the country.

    A single-region table has no such part: its share of the country's effect is lower by it.

    Parameters
    ----------
    value_added
        ``(n,)`` per unit of output.
    demand
        ``(N, k)`` the first round.
    """
    if regional.sides == 1:
        return ()
    size, system = len(value_added), regional.system
    first = demand.sum(axis=1)
    whole = system.solve(first).values
    alone = System(system.flows[:size, :size], system.output[:size]).solve(first[:size]).values
    here, own = float(value_added @ whole[:size]), float(value_added @ alone)
    country = here + float(value_added @ whole[size:])
    if not country > 0:
        return ()
    words = (
        f"the region's part of the country's direct and indirect GDP is {here / country:.3f}; by "
        f"the region's own table alone it would be {own / country:.3f}: the difference is bought "
        "of the region by the rest of the country"
    )
    return (words,)


def foreign_words(request: Request) -> tuple[str, ...]:
    """Return words on assumptions that are another country's than the table's."""
    table, held = request.table, request.assumptions
    reading = held.readings.get(request.closure)
    used = {
        "price indices": ("deflators", price_year_of(request) != table.origin.year),
        "margins and taxes inside purchasers' prices": (
            "margins", any(line.basis is PriceBasis.PURCHASER for line in request.plan.lines)
        ),
        "tax and saving of households": (
            "closure", reading is not None and reading.saving + reading.tax > 0
        ),
        "growth of productivity": ("productivity", bool(counts_of(request))),
    }  # fmt: skip
    area = table.origin.area
    found = []
    for what, (name, here) in used.items():
        country = held.countries.get(name, "")
        if here and country and area not in {country, country[:2]}:
            found.append(f"{what} are those of {country}, not of the table's {area}")
    return tuple(found)


def tiled(accounts: tuple[Account, ...], sides: int) -> tuple[Account, ...]:
    """Return the accounts for each region: technology is the nation's on both sides."""
    return tuple(replace(each, intensity=np.tile(each.intensity, sides)) for each in accounts)


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
        over = [code for code, share in zip(table.sectors, shares, strict=True) if share > 1]
        if over:
            shares = np.minimum(shares, 1.0)
            note += f"; above 1 there, taken as 1: {', '.join(over)}"
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


def regional_closure(closure: Closure, regional: AreaSystem) -> Closure:
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
        return import_shares_by_phase(request.table)
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
