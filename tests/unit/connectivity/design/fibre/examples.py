"""Rules and small designs that several tests begin with."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from nexpo.connectivity.design.adapters.architecture_files import load_architecture, load_cables
from nexpo.connectivity.design.fibre import Inputs, Options, Plan, Pop, RoutePrices, Rules, Search
from nexpo.connectivity.design.fibre import design as designed
from nexpo.connectivity.design.model import COST_CLASSES, Demand, Service, StreetGraph
from nexpo.connectivity.design.steiner.model import Limits
from tests.unit.connectivity.design.fibre import standin

DAY = date(2026, 1, 1)
PRICES = RoutePrices(np.full(len(COST_CLASSES), 5_000, dtype=np.int64), 2_000)
SEARCH = Search(standin.solve, Limits(rounds=1), 1)


def rules(name: str = "ftth-1x64", **options: bool | float) -> Rules:
    return Rules(
        load_architecture(name, DAY),
        load_cables(DAY),
        PRICES,
        replace(Options(), **options),  # type: ignore[arg-type]
    )


def design(streets: StreetGraph, demand: Demand, pops: tuple[Pop, ...], by: Rules) -> Plan:
    return designed(Inputs(streets, demand, pops), by, SEARCH)


def town(
    side: int = 8, count: int = 120, seed: int = 1, lead_m: float = 8.0, step_m: float = 100.0
) -> tuple[StreetGraph, Demand]:
    """Return a square town and addresses of homes, firms and public sites in it."""
    streets = standin.grid(side, step_m)
    rng = np.random.default_rng(seed)
    section = rng.integers(0, streets.sections, count)
    offset = rng.uniform(0, streets.length_m[section])
    kinds = [Service.HOME] * 8 + [Service.FIRM, Service.PUBLIC]
    return streets, standin.demand(
        [(int(a), float(b)) for a, b in zip(section, offset, strict=True)],
        units=rng.choice([1, 1, 1, 2, 6], count).tolist(),
        service=[kinds[each] for each in rng.integers(0, len(kinds), count)],
        lead_m=lead_m,
        on=streets,
    )
