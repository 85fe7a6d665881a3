"""Values of impact: an input-output table, a plan, and what is found from them.

Arrays are numpy, 64-bit floats and read-only; positions index ``Table.sectors``. A table is in
the publisher's currency and scale; a plan is in whole cents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nexpo.core.problem import Kind, Problem

Floats = NDArray[np.float64]


class Use(Enum):
    """What a column of final demand is."""

    HOUSEHOLDS = "households"
    NON_PROFIT = "non_profit"
    GOVERNMENT = "government"
    CAPITAL = "capital"  # gross fixed capital formation
    INVENTORIES = "inventories"
    EXPORTS = "exports"
    OTHER = "other"


class Primary(Enum):
    """What a row under the flows is; only the first four are value added."""

    VALUE_ADDED = "value_added"  # where the publisher does not split it
    COMPENSATION = "compensation"
    SURPLUS = "surplus"  # gross operating surplus and mixed income
    PRODUCTION_TAX = "production_tax"  # other net taxes on production: inside value added
    PRODUCT_TAX = "product_tax"  # net taxes on products: not value added at basic prices
    MARGIN = "margin"  # transport and other margins not in the flows
    IMPORTS = "imports"  # imported intermediates where no matrix of them is published
    ADJUSTMENT = "adjustment"  # of final uses to the territory: purchases abroad, cif/fob


VALUE_ADDED: tuple[Primary, ...] = (
    Primary.VALUE_ADDED,
    Primary.COMPENSATION,
    Primary.SURPLUS,
    Primary.PRODUCTION_TAX,
)
"""The rows whose sum is gross value added at basic prices; imports are never among them."""


class Scope(Enum):
    """What the flows hold."""

    DOMESTIC = "domestic"
    TOTAL = "total"  # domestic and imported together: made domestic by a stated rule


class PriceBasis(Enum):
    """At which price an amount is stated."""

    BASIC = "basic"
    PURCHASER = "purchaser"


class Phase(Enum):
    """When in a project a line is spent."""

    CONSTRUCTION = "construction"
    OPERATION = "operation"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a table comes from and on which terms."""

    name: str  # as cited
    area: str  # ISO country or region code
    year: int
    currency: str  # ISO 4217
    scale: int  # currency units in one unit of the table: 1_000_000 for millions
    basis: PriceBasis
    classification: str
    source: str
    licence: str
    redistributable: bool = False
    synthetic: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Satellite:
    """A quantity by sector beside the money: jobs, energy, water, emissions.

    ``values`` has shape ``(n,)``; NaN is unknown, never zero. ``final_use`` is what final demand
    itself emits or uses, by column, kept apart from production.
    """

    indicator: str
    unit: str  # "person", "FTE", "t CO2", "MWh", "m3"
    values: Floats
    year: int
    source: str
    final_use: Floats | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A symmetric input-output table of ``n`` sectors, ``k`` final uses and ``p`` primary rows.

    Attributes
    ----------
    sectors, labels, regions
        ``(n,)`` code, name and region of each sector; codes are unique over the table
        (``ITA:C26`` between countries).
    flows
        ``(n, n)`` row sells to column; what ``scope`` says.
    imports
        ``(n, n)`` imported intermediates by product and user, ``None`` where not published.
    uses, use_kinds
        ``(k,)`` columns of final demand; inter-country tables have one a region and use.
    final
        ``(n, k)`` final uses, of the same scope as ``flows``.
    final_imports
        ``(n, k)`` imported final uses, ``None`` where not published.
    primary_rows, primary_kinds
        ``(p,)`` rows under the flows.
    primary
        ``(p, n)`` by sector.
    primary_final
        ``(p, k)`` by final use (taxes on what households buy), ``None`` where not published.
    import_total
        ``(n,)`` imports by product where only their total is published, else ``None``.
    output
        ``(n,)`` as published.
    rounding
        By how much a row or column may miss output because its cells were printed rounded, in
        the table's unit; ``None`` is taken from the digits of the cells themselves.
    """

    origin: Origin
    scope: Scope
    sectors: tuple[str, ...]
    labels: tuple[str, ...]
    regions: tuple[str, ...]
    flows: Floats
    output: Floats
    uses: tuple[str, ...]
    use_kinds: tuple[Use, ...]
    final: Floats
    primary_rows: tuple[str, ...]
    primary_kinds: tuple[Primary, ...]
    primary: Floats
    imports: Floats | None = None
    final_imports: Floats | None = None
    primary_final: Floats | None = None
    import_total: Floats | None = None
    satellites: tuple[Satellite, ...] = ()
    notes: tuple[str, ...] = ()
    rounding: float | None = None

    def __post_init__(self) -> None:
        n, k, p = len(self.sectors), len(self.uses), len(self.primary_rows)
        shapes: dict[str, tuple[int, ...]] = {
            "labels": (n,),
            "regions": (n,),
            "flows": (n, n),
            "output": (n,),
            "use_kinds": (k,),
            "final": (n, k),
            "primary_kinds": (p,),
            "primary": (p, n),
            "imports": (n, n),
            "final_imports": (n, k),
            "primary_final": (p, k),
            "import_total": (n,),
        }
        for name, shape in shapes.items():
            value = getattr(self, name)
            if value is not None and np.shape(value) != shape:
                raise _malformed(f"{name} has shape {np.shape(value)}, not {shape}")
        twice = [code for code, times in Counter(self.sectors).items() if times > 1]
        if twice:
            raise _malformed(f"sector code {twice[0]!r} stands twice")
        freeze(self)

    @property
    def size(self) -> int:
        """Number of sectors."""
        return len(self.sectors)

    def value_added(self) -> Floats:
        """Return gross value added at basic prices by sector, ``(n,)``; never with imports."""
        rows = [kind in VALUE_ADDED for kind in self.primary_kinds]
        total: Floats = self.primary[np.asarray(rows, dtype=bool)].sum(axis=0)
        return total

    def satellite(self, indicator: str) -> Satellite:
        """Return a satellite by name.

        Raises
        ------
        Problem
            When the table has none of that name.
        """
        for satellite in self.satellites:
            if satellite.indicator == indicator:
                return satellite
        known = ", ".join(item.indicator for item in self.satellites) or "none"
        raise Problem(
            Kind.BAD_INPUT,
            f"the table {self.origin.name} has no satellite of that name",
            value=indicator,
            remedy=f"it has: {known}; add one with --satellite FILE",
        )

    def positions(self) -> Mapping[str, int]:
        """Return the position of each sector code."""
        return {code: position for position, code in enumerate(self.sectors)}


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One line of an investment plan.

    ``None`` is *not stated*: an import share then follows the table's product default, a local
    share is estimated by location quotient.
    """

    project: str
    year: int
    phase: Phase
    sector: str  # a code of the table, or a product that a mix of the plan spreads over sectors
    amount_cents: int
    basis: PriceBasis
    price_year: int
    import_share: float | None = None  # 0 to 1
    local_share: float | None = None  # 0 to 1, of what is not imported
    province: str = ""
    source: str = ""
    assumption: bool = False
    row: int = 0  # in the file, for messages


@dataclass(frozen=True, slots=True)
class Mix:
    """One way in which the spending on a product is spread over the sectors of a table.

    A product has one mix or several alternatives; the ensemble draws among them, a single run
    takes the one marked ``default``.
    """

    product: str  # what lines name in place of a sector
    name: str  # of the alternative: "A", "B"
    shares: tuple[tuple[str, float], ...]  # sector, share; the shares sum to 1
    title: str = ""
    source: str = ""
    assumption: bool = True
    default: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """An investment plan: lines in one currency, and what is assumed about them."""

    id: str
    title: str
    currency: str
    lines: tuple[PlanLine, ...]
    region: str = ""
    assumptions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    mixes: tuple[Mix, ...] = ()
    file: str = ""  # as read, for messages


class Effect(Enum):
    """Which round of spending."""

    DIRECT = "direct"
    INDIRECT = "indirect"
    INDUCED = "induced"


@dataclass(frozen=True, slots=True)
class Result:
    """One figure of a run; money in EUR of ``price_year``, jobs in the satellite's own unit.

    ``p05``, ``p50`` and ``p95`` are ``None`` where no ensemble was run.
    """

    scenario: str
    year: int
    area: str  # "province:MI", "region:03", "rest:IT", "IT", "abroad"
    indicator: str  # output, gdp, jobs, or a satellite's
    effect: Effect
    value: float
    unit: str
    p05: float | None = None
    p50: float | None = None
    p95: float | None = None
    method: str = ""
    delta: float | None = None
    closure: str = ""
    phase: str = ""  # construction or operation; empty for both together


@dataclass(frozen=True, slots=True)
class LeakageRow:
    """Where a part of the spending ends; the shares of a ledger sum to 1."""

    area: str  # province, rest of region, rest of country, imports, net product taxes, margins
    share: float
    value_eur: float


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check of a table found: where, by how much, what to do."""

    check: str
    where: str
    value: float
    tolerance: float
    message: str
    remedy: str = ""
    fatal: bool = False
    numbers: Mapping[str, float] = field(default_factory=dict)


def example(scope: Scope = Scope.DOMESTIC) -> Table:
    """Return a made table of two sectors that balances, to try things on.

    Examples
    --------
    >>> example().value_added().tolist(), example(Scope.TOTAL).flows.tolist()
    ([50.0, 150.0], [[15.0, 25.0], [35.0, 25.0]])
    """
    flows, final = np.array([[10.0, 20.0], [30.0, 10.0]]), np.array([[60.0, 10.0], [100.0, 60.0]])
    imports = np.array([[5.0, 5.0], [5.0, 15.0]])
    final_imports = np.array([[10.0, 0.0], [20.0, 0.0]])
    total = scope is Scope.TOTAL
    return Table(
        origin=Origin(
            "made example", "XX", 2020, "EUR", 1_000_000, PriceBasis.BASIC, "own", "made",
            "CC0 1.0", redistributable=True, synthetic=True,
        ),
        scope=scope,
        sectors=("A", "B"),
        labels=("Agriculture", "Building"),
        regions=("XX", "XX"),
        flows=flows + imports if total else flows,
        output=np.array([100.0, 200.0]),
        uses=("households", "exports"),
        use_kinds=(Use.HOUSEHOLDS, Use.EXPORTS),
        final=final + final_imports if total else final,
        primary_rows=("wages", "surplus"),
        primary_kinds=(Primary.COMPENSATION, Primary.SURPLUS),
        primary=np.array([[30.0, 90.0], [20.0, 60.0]]),
        imports=None if total else imports,
        final_imports=None if total else final_imports,
        import_total=np.array([20.0, 40.0]) if total else None,
        satellites=(Satellite("jobs", "person", np.array([1000.0, 3000.0]), 2020, "made"),),
    )  # fmt: skip


def freeze(value: Any) -> None:  # noqa: ANN401 - any dataclass of arrays
    """Make the arrays of a frozen dataclass read-only."""
    for item in fields(value):
        array = getattr(value, item.name)
        if isinstance(array, np.ndarray):
            array.setflags(write=False)


def _malformed(what: str) -> Problem:
    return Problem(
        Kind.BAD_INPUT,
        f"not an input-output table: {what}",
        remedy="every part of a table has the same sectors in the same order",
    )
