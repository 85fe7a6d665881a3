"""A made economy of four sectors that balances to the last digit, and plans to try on it."""

from __future__ import annotations

import numpy as np

from nexpo.impact.model import (
    Mix,
    Origin,
    Phase,
    Plan,
    PlanLine,
    PriceBasis,
    Primary,
    Satellite,
    Scope,
    Table,
    Use,
)
from nexpo.impact.regionalise.activity import Activity

SECTORS = ("C28", "F", "G46", "H49")


def economy(*, jobs: bool = True) -> Table:
    """Return machines, works, trade and transport; machines are half imported."""
    flows = np.array([[20.0, 30, 2, 5], [4, 40, 3, 2], [10, 15, 5, 3], [6, 8, 4, 6]])
    imports = np.array([[15.0, 10, 1, 4], [0, 0, 0, 0], [1, 1, 1, 1], [2, 1, 1, 2]])
    primary = np.array([[30.0, 60, 40, 25], [20, 40, 25, 12], [2, 5, 1, 2], [1, 1, 1, 1]])
    output = flows.sum(axis=0) + imports.sum(axis=0) + primary.sum(axis=0)
    left = output - flows.sum(axis=1)
    capital = np.array([20.0, 120, 10, 3])
    return Table(
        Origin("made", "XX", 2014, "EUR", 1_000_000, PriceBasis.BASIC, "own", "made", "CC0 1.0",
               redistributable=True, synthetic=True),
        Scope.DOMESTIC,
        SECTORS,
        ("machines", "works", "trade", "transport"),
        ("XX",) * 4,
        flows,
        output,
        ("households", "capital"),
        (Use.HOUSEHOLDS, Use.CAPITAL),
        np.column_stack([left - capital, capital]),
        ("wages", "surplus", "product tax", "margin"),
        (Primary.COMPENSATION, Primary.SURPLUS, Primary.PRODUCT_TAX, Primary.MARGIN),
        primary,
        imports=imports,
        final_imports=np.array([[5.0, 20], [0, 0], [0, 0], [1, 0]]),
        primary_final=np.array([[0.0, 0], [0, 0], [10, 7], [0, 0]]),
        satellites=(
            Satellite("persons", "person", np.array([900.0, 2500, 1500, 700]), 2014, "made"),
            Satellite("energy", "MWh", np.array([50.0, 30, 10, 90]), 2014, "made"),
        ) if jobs else (),
    )  # fmt: skip


def region() -> Activity:
    """Return a region with a quarter of the jobs, strong in machines."""
    own, all_ = np.array([400.0, 500, 350, 150]), np.array([900.0, 2500, 1500, 700])
    return Activity("R", SECTORS, own, all_, "persons", "person", 2014, "made")


def line(sector: str = "F", amount_cents: int = 100_000_00, **changes: object) -> PlanLine:
    """Return a line of a plan in 2014, at basic prices."""
    fields: dict[str, object] = {
        "project": "p",
        "year": 2014,
        "phase": Phase.CONSTRUCTION,
        "sector": sector,
        "amount_cents": amount_cents,
        "basis": PriceBasis.BASIC,
        "price_year": 2014,
        "row": 1,
    }
    return PlanLine(**{**fields, **changes})  # type: ignore[arg-type]


def plan(*lines: PlanLine, mixes: tuple[Mix, ...] = ()) -> Plan:
    """Return a plan of some lines."""
    return Plan("p", "A plan", "EUR", lines or (line(),), mixes=mixes, file="plan.csv")


def two_mixes() -> tuple[Mix, ...]:
    """Return two ways to spend on a hall."""
    return (
        Mix("hall", "works", (("F", 1.0),), default=True),
        Mix("hall", "plant", (("F", 0.4), ("C28", 0.6))),
    )
