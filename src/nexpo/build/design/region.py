"""The municipalities of a region, each an independent design: one table, whatever ran them.

Addresses are those of the list of uncovered house numbers where it covers the region, else a
stated number by inhabitant. Streets are real where a file lies in the municipality; all others
are made from the seed and marked. The question is what fibre to every uncovered address would
cost; choice between technologies is the design of one area.

The table does not depend on the number of processes, the engine, or how often the run was
stopped: :mod:`.parts` keeps finished rows, and only what is missing or stale is done.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from nexpo.build import tables
from nexpo.build.design.municipality import (
    SYNTHETIC,
    TABLE,
    Row,
    Task,
    design_municipality,
    failed,
    fingerprint,
)
from nexpo.build.design.pool import Pool
from nexpo.build.design.spark import SparkPool
from nexpo.build.design.tasks import Order, Prepared, prepare, size
from nexpo.build.folders import refuse_foreign
from nexpo.core.evidence import Figure, Ledger
from nexpo.core.files import atomic_directory, write_text
from nexpo.core.problem import Kind, Problem
from nexpo.core.progress import Progress, Silent
from nexpo.core.rocrate import METADATA, Description, write_crate

__all__ = [
    "Engine",
    "Order",
    "Prepared",
    "ProcessPool",
    "RegionDesign",
    "design_region",
    "engine_for",
    "prepare",
]

FIGURES = "figures.jsonl"
COLUMNS = "columns.csv"
_LICENCE = "https://eupl.eu/1.2/en/"
_INTERNAL = "for internal use: derived from data that may not be redistributed; do not publish"
_SUMMED = (
    "addresses",
    "served_addresses",
    "served_units",
    "unserved_addresses",
    "street_nodes",
    "route_m",
    "route_cents",
    "route_bound_cents",
    "cost_low_cents",
    "cost_mid_cents",
    "cost_high_cents",
    "funding_gap_mid_cents",
    "grant_cents",
)
_DERIVED = {
    "cost_eur": ("bill at middle prices", "EUR", "cost_mid_cents / 100"),
    "cost_per_address_eur": (
        "bill at middle prices by address served",
        "EUR",
        "cost_mid_cents / 100 / served_addresses",
    ),
    "route_gap": (
        "how far all routes are from their bounds at most",
        "1",
        "( route_cents - route_bound_cents ) / route_bound_cents",
    ),
}
"""Figures of the region: title, unit, and arithmetic over its totals."""


class Engine(Protocol):
    """Something that turns tasks into rows, in any order."""

    def rows(self, tasks: Sequence[Task]) -> Generator[Row, None, None]:
        """Yield the row of each task when it is finished."""
        ...


@dataclass(frozen=True, slots=True)
class ProcessPool:
    """Processes on this machine."""

    jobs: int

    def rows(self, tasks: Sequence[Task]) -> Generator[Row, None, None]:
        """Yield rows; the smallest design is made first, alone, so that all is compiled once."""
        designed = (task for task in tasks if task["addresses"] and task["population"])
        warm = min(designed, key=size, default=None)
        return Pool(design_municipality, failed, self.jobs).rows(tasks, warm=warm)


def engine_for(name: str, jobs: int) -> Engine:
    """Return the engine of a name: ``pool``, or a Spark master.

    Raises
    ------
    Problem
        When the name is neither, or there is no process at all.
    """
    if name == "pool":
        if jobs < 1:
            raise Problem(Kind.USAGE, "no process to work", value=jobs, remedy="--jobs 1 or more")
        return ProcessPool(jobs)
    if name.startswith(("spark://", "local")):
        return SparkPool(name)
    raise Problem(
        Kind.USAGE,
        "unknown engine",
        value=name,
        remedy="pool, or a Spark master such as spark://host:7077",
    )


@dataclass(frozen=True, slots=True, eq=False)
class RegionDesign:
    """What came out: the table, and the totals with their derivation.

    ``reused`` counts rows that an earlier run had finished.
    """

    order: Order
    prepared: Prepared
    table: pl.DataFrame
    ledger: Ledger
    reused: int

    @property
    def failures(self) -> pl.DataFrame:
        """Municipalities that could not be designed, with the reason."""
        wrong = self.table.filter(pl.col("status") == "failed")
        return wrong.select("istat", "name", "province", "problem")

    @property
    def synthetic(self) -> bool:
        """True where any row rests on made-up streets or addresses."""
        return bool(self.table["synthetic"].any())


def design_region(order: Order, engine: Engine, progress: Progress | None = None) -> RegionDesign:
    """Design the municipalities of a region and write one table.

    Parameters
    ----------
    order
        What is asked for.
    engine
        What runs the municipalities.
    progress
        Told of each step and of each municipality.

    Raises
    ------
    Problem
        When there is no such region, municipality or rule, or the folder cannot be written.
        A municipality that fails raises nothing: it is a row with its reason.
    """
    tell = progress or Silent()
    refuse_foreign(order.out, "is not the design of a region", METADATA, FIGURES, COLUMNS)
    prepared = prepare(order, tell)
    if order.fresh:
        order.parts.forget()
    rows, reused = _rows(order, prepared.tasks, engine, tell)
    tell.step("table and totals")
    design = _reckoned(order, prepared, rows, reused)
    with atomic_directory(order.out) as folder:
        _write(folder, design)
    return design


def _rows(
    order: Order, tasks: Sequence[Task], engine: Engine, tell: Progress
) -> tuple[list[Row], int]:
    """Return the row of each task, those finished earlier included, and how many those are."""
    kept = order.parts.read()
    marks = [fingerprint(task) for task in tasks]
    done = {mark: kept[mark] for mark in marks if mark in kept}
    reused = len(done)
    todo = [task for task, mark in zip(tasks, marks, strict=True) if mark not in done]
    todo.sort(key=size, reverse=True)
    tell.step(f"{len(todo)} municipalities, {reused} finished earlier")
    with order.parts.adding() as journal, closing(engine.rows(todo)) as rows:
        for row in rows:
            if row["status"] != "failed":  # tried again next time
                journal.add(row)
            done[row["fingerprint"]] = row
            tell.advance(len(done), len(tasks), "municipalities")
    return [done[mark] for mark in marks], reused


def _reckoned(order: Order, prepared: Prepared, rows: Sequence[Row], reused: int) -> RegionDesign:
    types = {column.name: tables.POLARS_TYPES[column.type] for column in TABLE.columns}
    table = pl.DataFrame(rows, schema=types).sort("istat")
    return RegionDesign(order, prepared, table, _totals(order, prepared, table), reused)


def _totals(order: Order, prepared: Prepared, table: pl.DataFrame) -> Ledger:
    """Return totals by province as read from the table, and of the region as their sums."""
    ledger = Ledger()
    names = {column.name: column for column in TABLE.columns}
    synthetic = bool(table["synthetic"].any())
    common: dict[str, Any] = {"as_of": order.on, "function": "nexpo.build.design.region"}
    provinces = table["province_code"].unique().sort().to_list()
    total: dict[str, Figure] = {}
    for name in _SUMMED:
        parts = {
            f"p{code}": ledger.observe(
                id=f"design.region.{name}/{code}",
                title=names[name].meaning,
                value=_sum(table.filter(pl.col("province_code") == code)[name]),
                unit=names[name].unit,
                place=code,
                query=f"sum of {name} over the rows of province {code}",
                parameters=prepared.uses,
                inputs=prepared.inputs,
                synthetic=synthetic,
                **common,
            )
            for code in provinces
        }
        total[name] = ledger.derive(
            id=f"design.region.{name}",
            title=names[name].meaning,
            unit=names[name].unit,
            place=prepared.region.code,
            expression=" + ".join(parts),
            operands=parts,
            **common,
        )
    for name, (title, unit, expression) in _DERIVED.items():
        ledger.derive(
            id=f"design.region.{name}",
            title=title,
            unit=unit,
            place=prepared.region.code,
            expression=expression,
            operands={each: total[each] for each in _SUMMED if each in expression.split()},
            **common,
        )
    return ledger


def _sum(column: pl.Series) -> int | float:
    values = column.drop_nulls().to_list()
    return round(math.fsum(values), 3) if column.dtype == pl.Float64 else sum(values)


def _write(folder: Path, design: RegionDesign) -> None:
    mark = f".{SYNTHETIC}" if design.synthetic else ""
    tables.write_parquet(design.table, folder / f"municipalities{mark}.parquet")
    for name, table in ((f"municipalities{mark}", design.table), ("failures", design.failures)):
        tables.write_csv(table.iter_rows(named=True), table.columns, folder / f"{name}.csv")
    dictionary = files("nexpo.build.design").joinpath("dictionary", "region.csv")
    write_text(folder / COLUMNS, dictionary.read_text(encoding="utf-8"))
    inputs = design.prepared.inputs
    tables.write_csv(tables.source_rows(inputs), tables.SOURCE_COLUMNS, folder / "sources.csv")
    design.ledger.write(folder / FIGURES)
    closed = any(not item.redistributable for item in inputs)
    name = f"Fibre for {design.prepared.region.name}, municipality by municipality"
    text = "Routes with a proven bound, bill, funding gap and grant by municipality"
    if design.synthetic:
        text += "; streets or addresses made by a seed: no figure says what a place costs"
    write_crate(
        folder,
        Description(
            name=f"{name}, {design.order.on}",
            text=f"{text}; {_INTERNAL}" if closed else text,
            licence=_INTERNAL if closed else _LICENCE,
            published=design.order.on,
        ),
        inputs,
    )
