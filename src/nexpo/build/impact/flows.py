"""Where each part of a plan's spending ends: by phase, by what is bought, by end.

The ledger of leakage is linear in final demand, so it splits by purchase without an assumption:
a euro of demand for a sector ends as ``w' (I - A)^-1`` at that sector, ``w`` being value added of
an area, imports, taxes or margins per output. That takes one transposed solve an end. What is
imported or paid as tax at once comes on top. The parts sum to the ledger's rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nexpo.build.impact.prepare import AreaSystem, area_system
from nexpo.impact.ledger import IMPORTS, TAXES, Columns
from nexpo.impact.model import Floats, Phase

if TYPE_CHECKING:
    from nexpo.build.impact.run_model import Run
    from nexpo.impact.demand import Demand

PAID_TAXES = "taxes in the price paid"


@dataclass(frozen=True, slots=True)
class Flow:
    """EUR that go from a phase through a purchase to an end.

    ``product`` is a sector's code, or :data:`PAID_TAXES`; ``end`` a row of the ledger.
    """

    phase: str
    product: str
    end: str
    value_eur: float


def flows_of(run: Run) -> tuple[Flow, ...]:
    """Return the flows of a run, Type I, all years together.

    Flows of nothing are left out; they sum to the ledger's rows, end by end.
    """
    request = run.request
    regional = area_system(request, None if request.delta is None else request.delta.value)
    demand = run.purchases.at(regional.local_share)
    ends, weights = _ends(regional, Columns.of(request.table).tiled(regional.sides))
    by_sector = _split(regional, demand, regional.system.solve_transposed(weights).values)
    imports = ends.index(IMPORTS)
    by_sector[:, :, imports] += demand.imported
    found = _flows(by_sector, demand, request.table.sectors, ends)
    return tuple(flow for flow in found if flow.value_eur != 0)


def _ends(regional: AreaSystem, columns: Columns) -> tuple[list[str], Floats]:
    """Return names of the ends and what a unit of output puts there, ``(N, ends)``."""
    areas = np.asarray(regional.areas)
    names = list(dict.fromkeys(regional.areas))
    kept = [np.where(areas == name, columns.value_added, 0.0) for name in names]
    rest = columns.ends()
    return [*names, *rest], np.column_stack([*kept, *rest.values()])


def _split(regional: AreaSystem, demand: Demand, per_euro: Floats) -> Floats:
    """Return EUR by bought sector, period and end, ``(n, k, ends)``."""
    first = regional.met(demand.local, demand.elsewhere)
    parts = first[:, :, None] * per_euro[:, None, :]
    by_sector: Floats = parts.reshape(regional.sides, -1, *parts.shape[1:]).sum(axis=0)
    return by_sector


def _flows(
    by_sector: Floats, demand: Demand, sectors: tuple[str, ...], ends: list[str]
) -> Iterator[Flow]:
    phases = np.array([phase.value for _, phase in demand.of.periods])
    for phase in (each.value for each in Phase):
        chosen = phases == phase
        if not chosen.any():
            continue
        sums = by_sector[:, chosen].sum(axis=1)
        for place in np.flatnonzero(np.abs(sums).sum(axis=1)):
            for end, value in zip(ends, sums[place], strict=True):
                yield Flow(phase, sectors[place], end, float(value))
        yield Flow(phase, PAID_TAXES, TAXES, float(demand.of.tax[chosen].sum()))
