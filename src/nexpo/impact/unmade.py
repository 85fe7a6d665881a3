"""Demand for what nobody makes: refused before anything is solved.

A sector without output buys nothing, pays nobody and employs nobody. Demand that reached it would
vanish from the rounds, and a part of the plan with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nexpo.core.problem import Where, bad_input
from nexpo.impact.codes import position_of, positions_by_spelling
from nexpo.impact.demand import Demand, mix_of, place_of
from nexpo.impact.model import Floats, Plan, PlanLine

_VANISHING = 1e-9  # share of a plan below which a demand is rounding


def refuse_unmade(
    plan: Plan,
    demand: Demand,
    made: Floats,
    elsewhere: Floats | None = None,
    *,
    alternatives: Mapping[str, str] | None = None,
) -> None:
    """Refuse demand for what nobody makes: it would vanish from the rounds and from the ledger.

    Parameters
    ----------
    made
        ``(n,)`` output of the region, or of the country where it has no regions.
    elsewhere
        ``(n,)`` output of the rest of the country.
    alternatives
        Mixes as for :func:`nexpo.impact.demand.purchases_of`.

    Raises
    ------
    Problem
        Naming the line of the plan that asks for it.
    """
    sides = [("the country", demand.domestic, made, "import_share")]
    if elsewhere is not None:
        sides = [
            ("the region", demand.local, made, "local_share"),
            ("the rest of the country", demand.elsewhere, elsewhere, "local_share"),
        ]
    least = _VANISHING * float(demand.of.amount.sum())
    for side, asked, output, column in sides:
        wrong = np.flatnonzero((asked.sum(axis=1) > least) & ~(output > 0))
        if not len(wrong):
            continue
        place = int(wrong[0])
        code = demand.of.sectors[place]
        raise bad_input(
            f"{side} makes nothing of {code}, and the plan would buy it there",
            where=_asking(plan, demand.of.sectors, place, column, alternatives or {}),
            value=f"EUR {asked[place].sum():,.0f} of {code}",
            remedy="state import_share 1 where it is bought abroad"
            if elsewhere is None
            else "state another local_share (0 where it comes from the rest of the country), or "
            "import_share 1 where it is bought abroad",
        )


def _asking(
    plan: Plan, sectors: Sequence[str], place: int, column: str, alternatives: Mapping[str, str]
) -> Where:
    """Return the line that asks for a sector: first one that states the share that did it."""
    known = positions_by_spelling(sectors)

    def asks(line: PlanLine) -> bool:
        mix = mix_of(plan, line.sector, alternatives.get(line.sector))
        codes = [line.sector] if mix is None else [code for code, _ in mix.shares]
        return any(position_of(code, known, place_of(plan, line)) == place for code in codes)

    lines = [line for line in plan.lines if asks(line)]
    if not lines:  # a margin: the table's trade or transport has no output
        return Where(plan.file or plan.id, column="price_basis")
    stated = (line for line in lines if getattr(line, column) is not None)
    return place_of(plan, next(stated, lines[0]), column)
