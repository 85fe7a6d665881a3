"""The figures of a run in the ledger of evidence, each with its derivation.

Ids::

    plan.amount               plan.amount/2026          (EUR, as the plan states it)
    gdp.direct/region:03      .indirect  .induced       gdp.total/region:03    gdp.total
    gdp.per_eur               gdp.home_share
    jobs.job_years            jobs.average              jobs.peak              jobs.per_eur_m
    ledger.<row>.value        ledger.<row>.share        ledger.sum             ledger.check
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from nexpo.build.figures.entry import Entry
from nexpo.build.impact.labour import FULL_TIME, JOBS
from nexpo.build.impact.run_model import JobsRow, Run, is_part
from nexpo.core.evidence import Figure, Ledger
from nexpo.core.parameters import Use
from nexpo.impact.effects import GDP, OUTPUT
from nexpo.impact.model import Effect, LeakageRow

_RUN = "impact.run"
_CENTS = 100
_LONGEST = 100


def enter(run: Run) -> Ledger:
    """Enter the main figures of a run and how each comes from the others."""
    ledger = Ledger()
    figures = _Figures(run, Entry(ledger, run.request.day, run.home))
    spent = figures.spending()
    for indicator in (OUTPUT, GDP, JOBS, FULL_TIME):
        if any(each.indicator == indicator for each in run.totals):
            figures.indicator(indicator, spent)
    figures.leakage(spent)
    return ledger


@dataclass(frozen=True, slots=True, eq=False)
class _Figures:
    run: Run
    entry: Entry

    def spending(self) -> Figure:
        """Enter what the plan spends, by year and in all."""
        run, plan = self.run, self.run.request.plan
        cents: dict[int, int] = {}
        for line in plan.lines:
            cents[line.year] = cents.get(line.year, 0) + line.amount_cents
        by_year = {
            f"y{year}": self.entry.observe(
                f"plan.amount/{year}",
                f"spending of the plan in {year}, as stated",
                amount / _CENTS,
                "EUR",
                "impact.plan_files",
                query=f"sum of the lines of {plan.file or plan.id} with year {year}",
                inputs=run.request.inputs,
            )
            for year, amount in sorted(cents.items())
        }
        stated = self.entry.derive(
            "plan.amount", "spending of the plan, as stated", "EUR", "sum",
            " + ".join(by_year), by_year,
        )  # fmt: skip
        if all(line.price_year == run.purchases.price_year for line in plan.lines):
            return stated
        return self.entry.observe(
            "plan.amount_in_price_year",
            f"spending in prices of {run.purchases.price_year}",
            float(run.purchases.amount.sum()),
            "EUR",
            "impact.demand",
            query="each line times the index of its product over that of its price year",
            parameters=(run.request.assumptions.uses["deflators"],),
        )

    def indicator(self, name: str, spent: Figure) -> None:
        """Enter an indicator by effect and area, its total, and what it is per euro spent."""
        areas = tuple(
            dict.fromkeys(
                each.area
                for each in self.run.totals
                if each.indicator == name
                and each.area != self.run.country
                and not is_part(each.area)
            )
        ) or (self.run.country,)
        by_area = {f"a{place}": self._area(name, area) for place, area in enumerate(areas)}
        unit = next(iter(by_area.values())).unit
        whole = self.entry.derive(
            f"{name}.total", f"{name}, the country", unit, "sum", " + ".join(by_area), by_area
        )
        per, factor = ("per_eur", "") if unit == "EUR" else ("per_eur_m", " * 1000000")
        self.entry.derive(
            f"{name}.{per}",
            f"{name} for each {'euro' if per == 'per_eur' else 'million euros'} spent",
            f"{unit}/{'EUR' if per == 'per_eur' else 'EUR_M'}",
            "ratio",
            f"whole / spent{factor}",
            {"whole": whole, "spent": spent},
        )
        if len(by_area) > 1:
            self.entry.derive(
                f"{name}.home_share", f"{name}, share of {self.run.home} in the country", "1",
                "ratio", "home / whole", {"home": by_area["a0"], "whole": whole},
            )  # fmt: skip
        if name in {JOBS, FULL_TIME}:
            self._over_time(name, by_area["a0"])

    def leakage(self, spent: Figure) -> None:
        """Enter where each euro of the plan ends, and that nothing is left over."""
        ledger = self.run.ledger
        shares = {f"s{place}": self._end(row, spent) for place, row in enumerate(ledger.rows)}
        total = self.entry.derive(
            "ledger.sum", "sum of the shares", "1", "sum", " + ".join(shares), shares
        )
        imbalance = self.entry.observe(
            "ledger.imbalance", "share that the table's own columns do not account for",
            ledger.imbalance, "1", "impact.ledger.Columns",
            query="output less inputs, value added, imports, taxes and margins",
        )  # fmt: skip
        self.entry.derive(
            "ledger.check", "shares and imbalance, 1 to rounding", "1", "sum",
            "total + imbalance", {"total": total, "imbalance": imbalance},
        )  # fmt: skip
        for row in self.run.leakage.rows:
            if is_part(row.area):  # inside the region's row
                self._end(row, spent)

    def _end(self, row: LeakageRow, spent: Figure) -> Figure:
        """Enter a row of the ledger: EUR, and the share of what was spent."""
        name = f"ledger.{_plain(row.area)}"
        value = self.entry.observe(
            f"{name}.value", f"spending that ends as: {row.area}", row.value_eur, "EUR",
            "impact.ledger.leakage_of",
            query="value added, imports, taxes and margins per output, times Type I output",
            inputs=self.run.request.inputs,
        )  # fmt: skip
        return self.entry.derive(
            f"{name}.share", f"share that ends as: {row.area}", "1", "ratio",
            "value / spent", {"value": value, "spent": spent},
        )  # fmt: skip

    def _area(self, name: str, area: str) -> Figure:
        """Enter an indicator in an area, effect by effect."""
        parts = {}
        for effect in Effect:
            if not any(
                (each.indicator, each.area, each.effect) == (name, area, effect)
                for each in self.run.totals
            ):
                continue
            total = self.run.total(name, area, effect)
            parts[effect.value] = self.entry.observe(
                f"{name}.{effect.value}/{area}",
                f"{name}, {effect.value}, {area}",
                total.value,
                total.unit,
                f"{_RUN}: {name} per output times {effect.value} output",
                query=_query(self.run),
                inputs=self.run.request.inputs,
                parameters=_relevant(self.run, name, effect),
                note=_note(total.p05, total.p95),
            )
        unit = next(iter(parts.values())).unit
        return self.entry.derive(
            f"{name}.total/{area}", f"{name}, {area}", unit, "sum", " + ".join(parts), parts
        )

    def _over_time(self, name: str, job_years: Figure) -> None:
        """Enter average and peak beside the job-years: three figures, never one."""
        row = next(
            each
            for each in reversed(self.run.jobs)
            if each.indicator == name and each.area == self.run.home
        )
        years = self.entry.observe(
            f"{name}.years", "years from the first to the last", _span(row), "year",
            "impact.years", query=f"{row.jobs.first_year} to {row.jobs.last_year}",
        )  # fmt: skip
        self.entry.derive(
            f"{name}.average", f"{name}, average over the years, {row.area}", row.jobs.unit,
            "ratio", "job_years / years", {"job_years": job_years, "years": years},
        )  # fmt: skip
        self.entry.observe(
            f"{name}.peak", f"{name}, most in one year ({row.jobs.peak_year}), {row.area}",
            row.jobs.peak, row.jobs.unit, "impact.years.jobs_over", query=row.boundary,
        )  # fmt: skip


def _relevant(run: Run, name: str, effect: Effect) -> tuple[Use, ...]:
    """Return the assumptions that a figure hangs on, long values cut short."""
    counted = name in {JOBS, FULL_TIME}
    idle = set() if counted else {"productivity", "exchange-rates", "peer-fillers"}
    if effect is Effect.INDUCED:
        idle -= {"peer-fillers"}  # wage shares
    else:
        idle |= {"closure"}
    without = {f"impact.{each}" for each in idle}
    return tuple(
        replace(
            use, value=use.value if len(use.value) <= _LONGEST else f"{use.value[:_LONGEST]} ..."
        )
        for use in run.uses
        if use.parameter not in without
    )


def _span(row: JobsRow) -> int:
    return row.jobs.last_year - row.jobs.first_year + 1


def _query(run: Run) -> str:
    request = run.request
    origin = request.table.origin
    delta = "" if request.delta is None else f", delta {request.delta.value:g}"
    method = f", {request.method.value}{delta}" if request.activity is not None else ""
    return f"{origin.name} {origin.year}{method}, closure {request.closure}"


def _note(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"p05 {low:,.0f}, p95 {high:,.0f}"


def _plain(area: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", area.casefold()).strip("_")
