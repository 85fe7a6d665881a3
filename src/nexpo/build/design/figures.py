"""Every main number of a design, entered in the ledger with its derivation.

Ids are ``<topic>.<name>``; amounts of a bill are whole cents until the last step::

    demand.addresses        demand.interpolated     streets.length
    trench.length           trench.asphalt          trench.cost  .bound  .gap
    fibre.mid.trench.asphalt.quantity  .price  .amount (a line of the bill at a level)
    fibre.network_mid       fibre.per_address_mid   fibre.gap_mid      grant.mid
    wireless.served         wireless.network_mid    choice.addresses   programme.1.ratio
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from nexpo.build.design.model import AreaDesign, Cost
from nexpo.build.design.rulebook import Rulebook
from nexpo.build.figures.entry import Entry
from nexpo.connectivity.design.choice.model import Technology
from nexpo.connectivity.design.model import Placement
from nexpo.connectivity.design.money import LEVELS, Chapter, Comparison, Level, UnitCost
from nexpo.connectivity.design.money.bill import Line
from nexpo.core.evidence import Figure
from nexpo.core.money import Money
from nexpo.core.parameters import Use

_CENTS = 100
_PLACED = {
    Placement.COORDINATES: "placed by coordinate",
    Placement.INTERPOLATED: "interpolated along their street",
    Placement.STREET: "on their street, no usable number",
    Placement.LOCALITY: "street not found, drawn among the unnamed ways",
    Placement.OFF_NETWORK: "off the street network",
}


def enter(design: AreaDesign, book: Rulebook) -> None:
    """Enter every figure of a design in its ledger.

    Raises
    ------
    Problem
        When two figures have one id.
    """
    entry = Entry(design.ledger, design.request.on, design.place.key)
    desk = _Desk(design, book, entry)
    desk.demand()
    desk.streets()
    desk.trench()
    if design.fibre_cost is not None:
        desk.cost(design.fibre_cost)
        desk.grants()
    if design.wireless is not None:
        desk.wireless()
    if design.wireless_cost is not None:
        desk.cost(design.wireless_cost)
    desk.choice()
    for number, each in enumerate(design.comparisons, start=1):
        desk.comparison(number, each)
    desk.validation()


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where the figures of one design are entered."""

    design: AreaDesign
    book: Rulebook
    entry: Entry

    def count(
        self, name: str, title: str, value: float, unit: str, query: str, *uses: Use, by: str = ""
    ) -> Figure:
        """Enter a figure counted in the design; made-up ground makes it synthetic."""
        return self.entry.observe(
            name,
            title,
            value,
            unit,
            by or "nexpo.build.design",
            query=query,
            inputs=self.design.materials.inputs,
            parameters=uses,
            synthetic=self.design.synthetic,
        )

    def given(
        self, name: str, title: str, value: float, unit: str, query: str, *uses: Use
    ) -> Figure:
        """Enter a figure that a rule or a price list gives."""
        return self.entry.observe(
            name, title, value, unit, "parameter", query=query, parameters=uses
        )

    def sum(self, name: str, title: str, unit: str, parts: Mapping[str, Figure]) -> Figure:
        """Enter the sum of some figures."""
        expression = " + ".join(parts) or "0"
        return self.entry.derive(name, title, unit, "sum", expression, parts)

    def uses(self, *starts: str) -> tuple[Use, ...]:
        """Return the parameters whose id begins so."""
        return tuple(use for name, use in self.book.uses.items() if name.startswith(starts))

    # Ground

    def demand(self) -> None:
        """Enter addresses by how they were placed."""
        demand = self.design.demand
        found = np.bincount(demand.placement, minlength=len(Placement))
        parts = {
            each.value: self.count(
                f"demand.{each.value}",
                f"addresses {_PLACED[each]}",
                int(found[place]),
                "address",
                f"placement = {each.value}",
                by="connectivity.design.demand.place",
            )
            for place, each in enumerate(Placement)
        }
        self.sum("demand.addresses", "addresses to be connected or shown", "address", parts)
        units = int(demand.units.sum())
        self.count("demand.units", "homes and firms behind them", units, "unit", "sum(units)")
        connected = int(demand.connected.sum())
        self.count("demand.connected", "of them connected", connected, "address", "connected")

    def streets(self) -> None:
        """Enter the size of the street graph."""
        graph = self.design.graph
        length = round(float(graph.length_m.sum()), 3)
        self.count("streets.length", "streets", length, "m", "sum(length_m), geodesic")
        self.count("streets.nodes", "street nodes", graph.nodes, "node", "count(nodes)")
        self.count("streets.sections", "street sections", graph.sections, "section", "count")

    def trench(self) -> None:
        """Enter metres by class, cost, bound and gap of the routes."""
        plan = self.design.fibre
        by_class = plan.trench_sections.group_by("cost_class").agg(pl.col("length_m").sum())
        parts = {
            name: self.count(
                f"trench.{name}",
                f"route, {name.replace('_', ' ')}",
                round(metres, 3),
                "m",
                f"sum(length_m) where cost_class = {name}",
            )
            for name, metres in sorted(by_class.iter_rows())
        }
        metres = f"round({' + '.join(parts) or '0'}, 3)"
        self.entry.derive("trench.length", "route, each metre once", "m", "sum", metres, parts)
        cost, by = plan.trench, "connectivity.design.steiner"
        solved = self.count(
            "trench.tree_cents", "routes but the ring", cost.tree_cents + cost.lead_cents, "cent",
            "sum(cost_cents) where role is not ring", by=by,
        )  # fmt: skip
        ring = self.count("trench.ring_cents", "ring", cost.ring_cents, "cent", "role = ring")
        bound = self.count(
            "trench.bound_cents", "no routes to the same addresses cost less", cost.bound_cents,
            "cent", "dual ascent; proven", by=by,
        )  # fmt: skip
        both = {"tree": solved, "ring": ring}
        self.euros("trench.cost", "cost of the routes", "(tree + ring) / 100", both)
        self.euros(
            "trench.bound",
            "lower bound of their cost, the ring apart",
            "bound / 100",
            {"bound": bound},
        )
        self.entry.derive(
            "trench.gap", "most that the routes, but for the ring, can be above the cheapest",
            "1", "gap",
            "(tree - bound) / bound", {"tree": solved, "bound": bound},
        )  # fmt: skip

    def euros(
        self, name: str, title: str, expression: str, operands: Mapping[str, Figure]
    ) -> Figure:
        """Enter an amount in euro from cents."""
        return self.entry.derive(name, title, "EUR", "euro", expression, operands)

    # Money

    def cost(self, cost: Cost) -> None:
        """Enter the bills of a technology line by line, and what follows from them."""
        kind = cost.technology.value
        passed = self.count(
            f"{kind}.addresses", "addresses passed", cost.addresses, "address", kind
        )
        units = self.count(f"{kind}.units", "units passed", cost.units, "unit", kind)
        quantities = self.quantities(cost)
        for level in LEVELS:
            lines = self.lines(cost, level, quantities)
            network = {
                _name(line.item): figure
                for line, figure in lines
                if line.item.chapter is not Chapter.CONNECTIONS
            }
            rest = {
                _name(line.item): figure
                for line, figure in lines
                if line.item.chapter is Chapter.CONNECTIONS
            }
            built = self.total(f"{kind}.network_{level}", f"{kind} network, {level}", network)
            joined = self.total(f"{kind}.connections_{level}", f"connections, {level}", rest)
            self.each(cost, level, built, joined, passed, units)
            self.case(cost, level)

    def quantities(self, cost: Cost) -> dict[str, Figure]:
        """Enter the quantities of a bill."""
        return {
            line.item.code: self.count(
                f"{cost.technology}.quantity.{line.item.code}",
                line.item.english,
                float(line.quantity),
                line.item.unit,
                f"quantity of {line.item.code}",
                by=f"connectivity.design.{cost.technology}.quantities",
            )
            for line in cost.bills.mid.lines
            if not line.item.of
        }

    def lines(
        self, cost: Cost, level: Level, quantities: Mapping[str, Figure]
    ) -> list[tuple[Line, Figure]]:
        """Enter each line of a bill: quantity times price, rates upon sums of lines."""
        done: list[tuple[Line, Figure]] = []
        for line in cost.bills.at(level).lines:
            start = f"{cost.technology}.{level}.{line.item.code}"
            price = self.given(
                f"{start}.price",
                f"price of {line.item.english}, {level}",
                line.unit_price.cents,
                f"cent/{line.item.unit}",
                line.item.source,
                *self.price_use(line.item),
            )
            if line.item.of:
                base = {
                    _name(before.item): amount
                    for before, amount in done
                    if before.item.chapter in line.item.of
                }
                expression = f"round(({' + '.join(base)}) * rate / 100)"
                operands = base | {"rate": price}
            else:
                expression = "round(round(quantity * 1000) * price / 1000)"
                operands = {"quantity": quantities[line.item.code], "price": price}
            amount = self.entry.derive(
                f"{start}.amount", line.item.english, "cent", "bill line", expression, operands
            )
            done.append((line, amount))
        return done

    def price_use(self, item: UnitCost) -> tuple[Use, ...]:
        """Return the parameter that a price comes from, of its list this item alone."""
        file = item.origin.split(".yaml", maxsplit=1)[0]
        ends = " / ".join(f"{float(item.cents.at(level)):g}" for level in LEVELS)
        return tuple(
            replace(
                use,
                parameter=f"{use.parameter}:{item.code}",
                title=item.english,
                value=ends,
                unit=f"cent/{item.unit}, low / mid / high",
                source=item.source,
            )
            for use in self.uses(f"design.unit-costs.{file}")
        )

    def total(self, name: str, title: str, lines: Mapping[str, Figure]) -> Figure:
        """Enter the sum of lines in euro."""
        return self.euros(name, title, f"({' + '.join(lines) or '0'}) / 100", lines)

    def each(
        self,
        cost: Cost,
        level: Level,
        built: Figure,
        joined: Figure,
        passed: Figure,
        units: Figure,
    ) -> None:
        """Enter cost by address, by unit passed and by unit connected."""
        kind = cost.technology.value
        paying = self.count(
            f"{kind}.connected_{level}", f"units that pay at the horizon, {level}",
            cost.cases[level].lines, "unit", "take-up times units", *self.uses("design.business"),
        )  # fmt: skip
        for name, text, unit, expression, operands in (
            ("address", "address passed", "address", "network / passed", {"passed": passed}),
            ("unit", "unit passed", "unit", "network / units", {"units": units}),
            (
                "connected", "unit connected", "unit", "network / paying + joined / units",
                {"paying": paying, "joined": joined, "units": units},
            ),
        ):  # fmt: skip
            self.entry.derive(
                f"{kind}.per_{name}_{level}", f"{kind} cost by {text}, {level}", f"EUR/{unit}",
                "division", expression, {"network": built, **operands},
            )  # fmt: skip

    def case(self, cost: Cost, level: Level) -> None:
        """Enter net present value and gap from the present values of the years."""
        kind, case = cost.technology.value, cost.cases[level]
        years = {
            f"year_{year.year}": self.count(
                f"{kind}.{level}.present.{year.year}",
                f"present value of year {year.year}",
                year.present.cents,
                "cent",
                f"flow {year.flow}: revenue {year.revenue}, running {year.running}, connecting "
                f"{year.connecting}, renewal {year.renewal}, investment {year.investment}, "
                f"residual {year.residual}; factor {float(year.discount_factor):.6f}",
                *self.uses("design.business"),
                by="connectivity.design.money.business_case",
            )
            for year in case.years
        }
        npv = self.total(f"{kind}.npv_{level}", f"net present value, {level}", years)
        self.entry.derive(
            f"{kind}.gap_{level}", f"funding gap, {level}", "EUR", "gap", "max(0, 0 - npv)",
            {"npv": npv},
        )  # fmt: skip

    def grants(self) -> None:
        """Enter the grant at each level as the least of its limits."""
        rule = self.uses("design.grant-rules")
        for level, found in self.design.grants.items():
            limits = {
                f"limit_{number}": self.count(
                    f"grant.{level}.limit_{number}",
                    limit.name,
                    limit.amount.cents,
                    "cent",
                    limit.reason,
                    *rule,
                    by="connectivity.design.money.grant",
                )
                for number, limit in enumerate(found.limits, start=1)
            }
            least = f"min({', '.join(limits)})" if len(limits) > 1 else "limit_1"
            self.euros(
                f"grant.{level}", f"grant under {found.rule}, {level}", f"{least} / 100", limits
            )

    # Wireless, choice, programmes, validation

    def wireless(self) -> None:
        """Enter who is passed and served, with the bound of the choice of sites."""
        radio = self.design.wireless
        if radio is None:
            return
        found, by = radio.summary, "connectivity.design.wireless.plan"
        for name, title, value, unit in (
            ("demanded", "addresses looked at for wireless", found.demanded, "address"),
            ("passed", "addresses that a built site sees", found.passed, "address"),
            ("served", "addresses served by wireless", found.served, "address"),
            ("sites", "sites built", found.sites, "site"),
            ("sectors", "sectors on air", found.sectors, "sector"),
        ):
            self.count(f"wireless.{name}", title, value, unit, found.terrain, by=by)
        cost = self.count(
            "wireless.cost_cents", "sites, sectors, backhaul", found.cost_cents, "cent", "", by=by
        )
        bound = self.count(
            "wireless.bound_cents",
            "to serve as many costs no less",
            found.bound_cents,
            "cent",
            "HiGHS",
            by=by,
        )
        self.entry.derive(
            "wireless.gap", "most that could be saved on them", "1", "gap",
            "(cost - bound) / cost", {"cost": cost, "bound": bound},
        )  # fmt: skip

    def choice(self) -> None:
        """Enter what the choice serves by technology, and its cost."""
        best = self.design.choice
        if best is None:
            return
        by = "connectivity.design.choice.choose"
        parts = {
            kind.value: self.count(
                f"choice.{kind}",
                f"addresses of clusters that get {kind}",
                sum(
                    pick.option.addresses
                    if kind is not Technology.LATER
                    else pick.cluster.addresses
                    for pick in self.design.picks
                    if pick.option.technology is kind
                ),
                "address",
                best.method,
                by=by,
            )
            for kind in Technology
        }
        served = {key: parts[key] for key in ("fibre", "wireless")}
        self.sum("choice.addresses", "addresses the choice serves", "address", served)
        self.count(
            "choice.bound",
            "no choice among the options as costed serves more",
            best.bound,
            "address",
            best.method,
            by=by,
        )
        cents = self.count(
            "choice.cents",
            "cost of the choice",
            best.tally.cost_cents,
            "cent",
            "sum of options",
            by=by,
        )
        self.euros("choice.cost", "cost of the choice", "cents / 100", {"cents": cents})

    def comparison(self, number: int, found: Comparison) -> None:
        """Enter a programme's public money by connection beside the design's."""
        start, ours = f"programme.{number}", self.design
        unit = found.programme.counted
        spent = self.given(
            f"{start}.public", found.programme.name, _euro(found.programme.public), "EUR",
            found.programme.source,
        )  # fmt: skip
        counted = self.given(
            f"{start}.connections", "awarded for", found.programme.connections, unit,
            found.programme.source,
        )  # fmt: skip
        each = self.entry.derive(
            f"{start}.each", f"public money by {unit}: {found.programme.name}", f"EUR/{unit}",
            "division", "public / connections", {"public": spent, "connections": counted},
        )  # fmt: skip
        basis = ours.ledger["fibre.units" if unit == "unit" else "fibre.addresses"]
        self.entry.derive(
            f"{start}.ratio", "grant here over what the programme spent", "1", "ratio",
            "grant / here / each",
            {"grant": ours.ledger[f"grant.{ours.request.level}"], "here": basis, "each": each},
        )  # fmt: skip

    def validation(self) -> None:
        """Enter how many checks were made, and how many failed."""
        found, by = self.design.validation, "connectivity.design.validation"
        checked = sum(each.checked for each in found)
        failed = sum(each.failed for each in found)
        names = ", ".join(each.rule for each in found)
        self.count("validation.checked", "things checked", checked, "check", names, by=by)
        self.count("validation.failed", "of them that fail", failed, "check", names, by=by)


def main_figures(design: AreaDesign) -> Iterator[Figure]:
    """Yield the figures that a summary shows, in its order; what is not there is left out."""
    level = design.request.level
    for name in (
        "demand.addresses", "demand.interpolated", "demand.locality", "streets.length",
        "trench.length", "trench.cost", "trench.bound", "trench.gap",
        f"fibre.network_{level}", f"fibre.per_address_{level}", f"fibre.per_connected_{level}",
        f"fibre.gap_{level}", f"grant.{level}",
        "wireless.served", f"wireless.network_{level}", f"wireless.per_address_{level}",
        f"wireless.gap_{level}",
        "choice.fibre", "choice.wireless", "choice.later", "choice.cost",
        "validation.failed",
    ):  # fmt: skip
        if name in design.ledger:
            yield design.ledger[name]


def _name(item: UnitCost) -> str:
    return item.code.replace(".", "_").replace("-", "_")


def _euro(amount: Money) -> float:
    return amount.cents / _CENTS
