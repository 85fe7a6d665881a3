"""One plan from its lines to results, ledger and ranges.

Money results are EUR of the plan's price year: a purchase is deflated to the table's year with
the index of its product, and what it brings comes back through the same index, so the shares of
the ledger hold in either year's prices. Jobs and other quantities go with output in prices of the
table's year. GDP is value added at basic prices; net taxes on products are a result of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nexpo.build.impact.by_province import in_provinces
from nexpo.build.impact.ensemble_of import LARGEST, draw, drawable, drawn_words
from nexpo.build.impact.first_order import deviations
from nexpo.build.impact.found import Findings
from nexpo.build.impact.labour import quotient_words
from nexpo.build.impact.plausible import job_words
from nexpo.build.impact.prepare import (
    AreaSystem,
    area_system,
    feedback_words,
    foreign_words,
    national_accounts,
    national_closure,
    price_year_of,
    purchases,
    reading_named,
    regional_closure,
    tiled,
    to_table_prices,
)
from nexpo.build.impact.run_model import NO_CLOSURE, Request, Run
from nexpo.core.problem import Kind, Problem
from nexpo.core.progress import Progress, Silent
from nexpo.impact.closure import ClosedSystem
from nexpo.impact.effects import Rounds
from nexpo.impact.ledger import Columns, leakage_of
from nexpo.impact.model import Floats, PriceBasis, Scope
from nexpo.impact.price_words import basic_value_added, price_words, value_added_words
from nexpo.impact.unmade import refuse_unmade

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nexpo.core.parameters import Use
    from nexpo.impact.demand import Demand, Purchases
    from nexpo.impact.effects import Account


def run_plan(
    request: Request, progress: Progress | None = None, *, areas: AreaSystem | None = None
) -> Run:
    """Run a plan on a table.

    Parameters
    ----------
    request
        Plan, table, and every choice.
    progress
        Told of each step; silent by default.
    areas
        Of the same table, activity and delta, where several plans share them: its factors are
        found once. Made here otherwise.

    Raises
    ------
    Problem
        Where plan and table do not fit, naming file and row; a table of total flows; a year
        outside the indices; an account unknown in a sector that the plan calls on.

    Notes
    -----
    Miller and Blair 2009, ch. 2, 3 and 6.
    """
    tell = progress or Silent()
    _refuse_total(request)
    tell.step("what the plan buys")
    bought = purchases(request, request.mixes)
    columns = Columns.of(request.table)
    years = tuple(year for year, _ in bought.periods)
    national, words = national_accounts(request, columns, years)
    tell.step("region and rest of the country")
    regional = areas or area_system(request, None if request.delta is None else request.delta.value)
    accounts = tiled(national, regional.sides)
    demand = bought.at(regional.local_share)
    refuse_unmade(request.plan, demand, *regional.outputs(), alternatives=request.mixes)
    tell.step("rounds of spending")
    nominal, real, closure_words = _rounds(request, regional, demand)
    ledger = leakage_of(demand, nominal.type_i, columns.tiled(regional.sides), regional.areas)
    provinces = in_provinces(request, regional, demand, nominal, real)
    split = None
    if provinces is not None:
        kept = provinces.kept(columns.value_added)
        split = ledger.split(f"region:{request.region}", kept)
    drawn = None
    doubt, unsure = _doubt(request, regional, accounts, nominal, real)
    if request.draws and not doubt:
        tell.step(f"ensemble of {request.draws:,} draws")
        drawn = draw(request, bought, accounts, lambda done, of: tell.advance(done, of, "draws"))
    tell.step("results")
    findings = Findings(
        request, demand, accounts, regional.areas, nominal, real, drawn, provinces, doubt
    )
    results = tuple(findings.results())
    totals = tuple(findings.totals(results))
    return Run(
        request,
        bought,
        "EUR",
        results,
        totals,
        ledger,
        tuple(findings.jobs(results)),
        tuple(findings.tornados(totals)),
        (
            *_words(request, bought),
            *words,
            *job_words(request, national, totals),
            *foreign_words(request),
            *feedback_words(regional, columns.value_added, nominal.first),
            *regional.notes,
            *quotient_words(request),
            *(() if provinces is None else provinces.notes),
            *closure_words,
            *unsure,
            *(() if drawn is None else drawn_words(request)),
        ),
        _uses(request),
        split,
    )


def _doubt(
    request: Request,
    regional: AreaSystem,
    accounts: tuple[Account, ...],
    nominal: Rounds,
    real: Rounds,
) -> tuple[Mapping[tuple[str, str], float], tuple[str, ...]]:
    """Return first-order deviations where ranges are asked of a table too large to be drawn."""
    if not request.draws or drawable(request):
        return {}, ()
    cv = request.assumptions.noise.coefficient_cv
    words = (
        f"with over {LARGEST} sectors and regions no ensemble is drawn: sd is the first-order "
        f"deviation of direct and indirect effects under noise in the table (cv {cv:g}); mix, "
        "delta, imports and closure, which move figures more, are not in it"
    )
    return deviations(regional, accounts, nominal, real, cv), (words,)


def _refuse_total(request: Request) -> None:
    if request.table.scope is not Scope.DOMESTIC:
        raise Problem(
            Kind.BAD_INPUT,
            f"the flows of {request.table.origin.name} are domestic and imported together",
            value=request.table.scope.value,
            remedy="choose a rule with --imports proportional (or all_uses, published): imports "
            "would count as made at home",
        )


def _rounds(
    request: Request, regional: AreaSystem, demand: Demand
) -> tuple[Rounds, Rounds, tuple[str, ...]]:
    """Return output by effect in EUR of the price year and of the table's year, and words."""
    first = regional.met(demand.local, demand.elsewhere)
    factor = np.tile(to_table_prices(request), regional.sides)[:, None]
    closed: ClosedSystem | None = None
    words: tuple[str, ...] = ("Type I only: what households spend again is not counted",)
    if request.closure != NO_CLOSURE:
        national = national_closure(request, reading_named(request, request.closure))
        closed = ClosedSystem(regional.system, regional_closure(national, regional))
        words = (f"Type II, reading {request.closure}", *national.words)
    return _round(regional, closed, first), _round(regional, closed, first * factor), words


def _round(regional: AreaSystem, closed: ClosedSystem | None, first: Floats) -> Rounds:
    type_i = regional.system.solve(first).values
    return Rounds(first, type_i, None if closed is None else closed.expand(type_i)[0])


def _words(request: Request, bought: Purchases) -> tuple[str, ...]:
    table, year = request.table, price_year_of(request)
    words = [
        f"money in EUR of {year}; table {table.origin.name}, {table.origin.year}",
        f"{value_added_words(table)}; net_product_taxes stand beside it"
        + (", not in it" if basic_value_added(table) else " where they are known"),
        *(words for words in price_words(table) if words != value_added_words(table)),
    ]
    if request.activity is not None and request.delta is not None:
        words.append(f"delta {request.delta.value:g}: {request.delta.reason}")
    if any(line.basis is PriceBasis.PURCHASER for line in request.plan.lines):
        words.append(
            f"purchasers' prices hold EUR {bought.tax.sum():,.0f} of net product taxes and "
            f"EUR {bought.margin.sum():,.0f} of margins, which are demand for trade and transport"
        )
    both = [
        str(line.row)
        for line in request.plan.lines
        if (line.import_share or 0) + (line.local_share or 0) > 1
    ]
    if both:
        words.append(
            f"import_share and local_share of rows {', '.join(both)} are above 1 together: "
            "local_share is read as a part of what is not imported"
        )
    if table.origin.synthetic:
        words.append("SYNTHETIC table: no figure is of a real economy")
    return (*words, *request.plan.assumptions)


def _uses(request: Request) -> tuple[Use, ...]:
    held = request.assumptions.uses
    plan, table = request.plan, request.table
    names = ["productivity", "peer-fillers"]
    counted = bool(table.satellites or request.activity is not None)
    if any(line.price_year != table.origin.year for line in plan.lines):
        names.append("deflators")
    if any(line.basis is PriceBasis.PURCHASER for line in plan.lines):
        names.append("margins")
    names += ["closure"] * (request.closure != NO_CLOSURE) + ["ensemble"] * bool(request.draws)
    names += ["mixes"] * bool(plan.mixes)
    names += ["exchange-rates"] * (counted and table.origin.currency != "EUR")
    names += ["two-region"] * (request.activity is not None)
    own = () if request.delta_use is None else (request.delta_use,)
    return (*(held[name] for name in names), *own)
