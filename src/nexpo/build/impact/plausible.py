"""Whether what a run says of jobs can be: its GDP by job-year beside that of the whole country."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nexpo import claims
from nexpo.build.impact.labour import JOBS
from nexpo.build.impact.prepare import to_table_prices
from nexpo.impact.effects import GDP
from nexpo.impact.labour import over_years
from nexpo.impact.model import Effect

if TYPE_CHECKING:
    from datetime import date

    from nexpo.build.impact.run_model import Request, Total
    from nexpo.core.parameters import Parameter
    from nexpo.impact.effects import Account

FACTOR = "gdp-per-fte-factor"
"""How far GDP by job-year may lie from the country's, as in the audit of claims."""


def job_words(
    request: Request, accounts: Sequence[Account], totals: Sequence[Total]
) -> tuple[str, ...]:
    """Return words where GDP by job-year leaves the stated factor of the country's own.

    Parameters
    ----------
    accounts
        Of the country, ``(n,)`` by sector.
    totals
        Of the run, all years together.
    """
    area = request.table.origin.area
    known = {each.indicator: each for each in accounts}
    if JOBS not in known:
        return ()
    whole = national_by_job(request, known[GDP], known[JOBS])
    factor = request.job_factor
    if factor is None:
        factor = factor_of(claims.load_facts(), request.day)
    if not factor or not whole > 0:
        return ()
    for effect in (Effect.DIRECT, None):
        sums = {
            each.indicator: each.value
            for each in totals
            if (each.area, each.effect) == (area, effect)
        }
        if not sums.get(JOBS, 0.0) > 0 or sums[GDP] <= 0:
            continue
        found = sums[GDP] / sums[JOBS]
        if not whole / factor <= found <= whole * factor:
            words = (
                f"{'direct ' if effect else ''}GDP by {over_years(known[JOBS].unit)} is EUR "
                f"{found:,.0f}, {found / whole:.2g} times that of {area} (EUR {whole:,.0f}), "
                f"outside the factor {factor:g} held to be plausible: see whether the count of "
                "jobs holds all who work in the sectors that the plan calls on"
            )
            return (words,)
    return ()


def factor_of(facts: Mapping[str, Parameter], day: date) -> float:
    """Return the factor in force on a day, 0 where none is stated."""
    found = facts[FACTOR].on(day) if FACTOR in facts else None
    return float(found) if isinstance(found, int | float) else 0.0


def national_by_job(request: Request, gdp: Account, jobs: Account) -> float:
    """Return the country's GDP by job, EUR of the price year; sectors with both known."""
    both = np.isfinite(gdp.intensity) & np.isfinite(jobs.intensity)
    made = request.table.output[both]
    added = (gdp.intensity[both] * made / to_table_prices(request)[both]).sum()
    heads = float((jobs.intensity[both] * made).sum())
    return float(added) / heads if heads > 0 else 0.0
