"""A small design with every part in it, made without files: what tests of outputs begin with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache

import numpy as np

from nexpo.build.design.model import AreaDesign, Cost, Group, Materials, Place, Request
from nexpo.connectivity.design import validation
from nexpo.connectivity.design.adapters.business_files import load_business, load_grant_rule
from nexpo.connectivity.design.adapters.unit_cost_files import load_unit_costs
from nexpo.connectivity.design.choice.choose import choose, pareto
from nexpo.connectivity.design.choice.model import (
    Cluster,
    Option,
    Technology,
    Terms,
    marginal_cost,
)
from nexpo.connectivity.design.fibre import Inputs, Plan, Pop, quantities
from nexpo.connectivity.design.findings import Findings, finding
from nexpo.connectivity.design.model import COST_CLASSES, CostClass, Demand, Placement, StreetGraph
from nexpo.connectivity.design.money import (
    LEVELS,
    Area,
    Comparison,
    Level,
    Programme,
    bill_range,
    business_case,
    compare,
    cost_per_premises,
    grant,
)
from nexpo.connectivity.design.step import Speeds
from nexpo.connectivity.design.wireless import Prices, WirelessPlan, load_radio
from nexpo.connectivity.design.wireless import Request as Radio
from nexpo.connectivity.design.wireless import plan as wireless_plan
from nexpo.connectivity.design.wireless.model import SITE_KINDS, SiteKind, Sites
from nexpo.core.evidence import Input, Ledger
from nexpo.core.money import Money
from tests.unit.connectivity.design.fibre import examples

DAY = date(2026, 1, 1)
STREETS = Input("osm-lecco", "lecco <made>.json.gz", "a" * 64, "ODbL 1.0", "2024-02-26", True)
LIST = Input("infratel-uncovered-2025", "list.parquet", "0" * 64, "none stated", "2025-08", False)


@cache
def design(*, synthetic: bool = True, ring: bool = False) -> AreaDesign:
    """Return a designed town of 120 addresses, some interpolated, connected, or off the network."""
    streets, demand = town(synthetic=synthetic)
    inputs = Inputs(streets, demand, (Pop("pop-1", node=27),))
    by = examples.rules(ring=ring)
    plan = examples.design(streets, demand, inputs.pops, by)
    costs = load_unit_costs(DAY)
    business = load_business(DAY)
    rule = load_grant_rule("italia-1-giga", DAY)
    counted = _quantities(plan)
    fibre_cost = _cost(Technology.FIBRE, counted, plan.premises.height, _units(plan))
    radio, sites = wireless(demand)
    summary = radio.summary
    radio_cost = _cost(
        Technology.WIRELESS,
        {row["item"]: row["quantity"] for row in radio.quantities.iter_rows(named=True)},
        summary.served,
        summary.units_served,
    )
    groups = _groups(plan, demand, radio)
    clusters = [group.cluster for group in groups]
    chosen = choose(
        clusters, Terms(budget_cents=sum(c.options[0].cost_cents for c in clusters) // 2)
    )
    speeds = Speeds(30.0, 1000.0, 200.0)
    grants = {
        level: grant(
            fibre_cost.bills.at(level),
            fibre_cost.cases[level].gap,
            rule,
            addresses=fibre_cost.addresses,
            speeds=speeds,
        )
        for level in LEVELS
    }
    return AreaDesign(
        request=Request("Prova <a & b>", DAY, ring=ring, min_share=Fraction(1, 3)),
        materials=Materials(
            Place("Prova <a & b>", ("097042",), "03"),
            streets,
            demand,
            Findings().adding(
                finding("loop", "loop cut in two", ["way 7"], lon=[9.0], lat=[45.0], remedy="none")
            ),
            (replace(STREETS, synthetic=synthetic), LIST),
            None,
            ("row 4, lon 'abc': not a number (mend the row)",),
        ),
        inputs=inputs,
        fibre=plan,
        fibre_cost=fibre_cost,
        wireless=radio,
        wireless_sites=sites,
        wireless_cost=radio_cost,
        groups=groups,
        choice=chosen,
        front=pareto(clusters),
        marginal=marginal_cost(chosen.picks),
        unit_costs=costs,
        business=business,
        grant_rule=rule,
        grants=grants,
        comparisons=(_comparison(fibre_cost, grants[Level.MID].amount),),
        validation=validation.validate(plan, inputs),
        ledger=_ledger(plan, synthetic=synthetic),
        warnings=("terrain is unknown: <free space>", *radio.warnings),
    )


@cache
def bare() -> AreaDesign:
    """Return the same town where nobody is reached and nothing else was asked for."""
    full = design()
    streets, demand = town(synthetic=True)
    lost = replace(demand, section=np.full(len(demand), -1))
    inputs = Inputs(streets, lost, (Pop("pop-1", node=27),))
    plan = examples.design(streets, lost, inputs.pops, examples.rules())
    return replace(
        full,
        materials=replace(full.materials, demand=lost),
        inputs=inputs,
        fibre=plan,
        fibre_cost=None,
        wireless=None,
        wireless_sites=None,
        wireless_cost=None,
        groups=(),
        choice=None,
        front=None,
        marginal=(),
        grants={},
        comparisons=(),
        validation=validation.validate(plan, inputs),
        ledger=Ledger(),
    )


def town(*, synthetic: bool) -> tuple[StreetGraph, Demand]:
    """Return a square town of several kinds of street, and addresses of every placement."""
    streets, demand = examples.town(14, 420)
    kinds = np.array([COST_CLASSES.index(each) for each in _KINDS])
    classes = kinds[np.arange(streets.sections) // 3 % len(kinds)]
    placement = np.zeros(len(demand), dtype=np.int64)
    placement[::3] = list(Placement).index(Placement.INTERPOLATED)
    placement[7] = list(Placement).index(Placement.OFF_NETWORK)
    section = demand.section.copy()
    section[7] = -1
    lon, lat = demand.lon.copy(), demand.lat.copy()
    lon[7] = lat[7] = np.nan
    connected = demand.connected.copy()
    connected[:4] = True
    names = ("Via Roma", "Via dell'Unità <1>")
    return (
        replace(
            streets,
            cost_class=classes,
            name=np.arange(streets.sections) % 3 - 1,
            names=names,
            origin="OpenStreetMap contributors, made for a test, ODbL 1.0",
            synthetic=synthetic,
        ),
        replace(
            demand,
            placement=placement,
            section=section,
            lon=lon,
            lat=lat,
            connected=connected,
            klass=tuple("ABC"[each % 3] for each in range(len(demand))),
            synthetic=synthetic,
        ),
    )


_KINDS = (
    CostClass.ASPHALT,
    CostClass.PAVED,
    CostClass.TRACK,
    CostClass.ASPHALT,
    CostClass.POLES,
    CostClass.DUCT,
    CostClass.BRIDGE,
)


def wireless(demand: Demand) -> tuple[WirelessPlan, Sites]:
    """Return a radio design in free space from three sites."""
    kinds = [SiteKind.POP, SiteKind.GENERATED, SiteKind.TOWER]
    sites = Sites(
        id=("pop-1", "high-1", "tower-1"),
        lon=np.array([9.003, 9.006, 9.001]),
        lat=np.array([45.002, 45.005, 45.006]),
        mast_m=np.array([12.0, 24.0, 30.0]),
        kind=np.array([SITE_KINDS.index(each) for each in kinds]),
        fibre_cents=np.array([0, 900_000, 500_000]),
        fibre_m=np.array([0.0, 300.0, 150.0]),
    )
    found = wireless_plan(
        demand,
        sites,
        radio=load_radio(DAY),
        prices=Prices(5_000_000, 500_000, 300_000, 20_000, 600_000, 400_000),
        request=Radio(service_mbps=100.0),
    )
    return found, sites


def _quantities(plan: Plan) -> dict[str, float]:
    return {row["item"]: row["quantity"] for row in quantities(plan).iter_rows(named=True)}


def _units(plan: Plan) -> int:
    return int(plan.premises["units"].sum())


def _cost(technology: Technology, counted: Mapping[str, float], addresses: int, units: int) -> Cost:
    bills = bill_range(counted, load_unit_costs(DAY))
    cases = {
        level: business_case(
            bills.at(level),
            load_business(DAY),
            premises=units,
            technology=technology.value,
            level=level,
        )
        for level in LEVELS
    }
    each = {
        level: cost_per_premises(bills.at(level), passed=units, connected=cases[level].lines)
        for level in LEVELS
    }
    return Cost(technology, counted, bills, addresses, units, cases, each)


def _groups(plan: Plan, demand: Demand, radio: WirelessPlan) -> tuple[Group, ...]:
    row_of = {name: row for row, name in enumerate(demand.id)}
    served = set(radio.links.filter(radio.links["status"] == "served")["premise"])
    groups: list[Group] = []
    for cabinet, part in sorted(
        plan.premises.group_by("cabinet"), key=lambda pair: str(pair[0][0])
    ):
        rows = np.array([row_of[name] for name in part["id"]])
        units = int(part["units"].sum())
        by_radio = [row for row in rows.tolist() if demand.id[row] in served]
        each = 15_000 if not groups else 90_000
        options = [Option(Technology.FIBRE, each * len(rows), len(rows), units, 1000.0, 200.0)]
        if by_radio:
            some = int(demand.units[by_radio].sum())
            cost = 20_000 * len(by_radio)
            options.append(Option(Technology.WIRELESS, cost, len(by_radio), some, 100.0, 20.0))
        groups.append(
            Group(
                Cluster(str(cabinet[0]), len(rows), units, 30.0, tuple(options)),
                rows,
                float(np.mean(demand.lon[rows])),
                float(np.mean(demand.lat[rows])),
                np.arange(3),
            )
        )
    return tuple(groups)


def _comparison(cost: Cost, public: Money) -> Comparison:
    lot = Programme(
        "Italia 1 Giga, Lombardy",
        Money.euros(209_934_821),
        397_008,
        "press",
        max_share=Fraction(7, 10),
    )
    area = Area("Prova", public, cost.bills.mid.network, cost.addresses, cost.units, 50)
    return compare(area, lot)


def _ledger(plan: Plan, *, synthetic: bool) -> Ledger:
    ledger = Ledger()
    ledger.observe(
        id="trench.length",
        title="metres of trench",
        value=round(float(plan.trench_sections["length_m"].sum()), 1),
        unit="m",
        as_of=DAY,
        place="097042",
        function="nexpo.connectivity.design.fibre.design",
        query="sum of length_m",
        inputs=(replace(STREETS, synthetic=synthetic), LIST),
        synthetic=synthetic,
    )
    return ledger
