"""What can be wrong with a table, one function a kind of finding."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nexpo.impact.deviation import Balance
from nexpo.impact.model import VALUE_ADDED, Finding, Floats, PriceBasis, Primary, Scope, Table, Use
from nexpo.impact.price_words import (
    PURCHASER_REMEDY,
    PURCHASER_WORDS,
    RESIDUAL_WORDS,
    basic_value_added,
)

_SHOWN = 10
_SAME = 1e-6
_CAUSE = 0.01  # an imbalance that all but vanishes with its cause
_TOLD = 0.005  # share of output above which an imbalance is told, rounding or not
_NOISE = 1e-9  # nothing at all: a sector without output and without sales
_IMPORT_WORDS = ("import", "importazioni", "importati")

Flags = NDArray[np.bool_]


def _largest(table: Table, values: Floats, wrong: Flags) -> dict[str, float]:
    places = np.flatnonzero(wrong)
    places = places[np.argsort(-np.abs(values[places]), kind="stable")][:_SHOWN]
    return {"sectors": float(np.count_nonzero(wrong))} | {
        table.sectors[i]: float(values[i]) for i in places
    }


def not_finite(table: Table) -> Iterator[Finding]:
    """Find cells that are no numbers."""
    for name in ("flows", "output", "final", "primary", "imports", "final_imports"):
        array = getattr(table, name)
        if array is None or np.isfinite(array.sum()):
            continue
        place = np.argwhere(~np.isfinite(array))
        if not len(place):
            continue
        row = table.sectors[place[0][0]] if name != "primary" else table.primary_rows[place[0][0]]
        yield Finding(
            "not_finite",
            row,
            float(len(place)),
            0.0,
            f"{len(place)} cells of {name} are no numbers, the first in row {row}",
            "read the file again; an unknown amount has no place in a table that must balance",
            fatal=True,
        )


def imbalance(table: Table, found: Balance, share: float) -> Iterator[Finding]:
    """Find rows and columns that do not make output."""
    sides = (
        ("row_balance", "sales", found.rows, found.row_tolerance, found.row_lost),
        ("column_balance", "inputs", found.columns, found.column_tolerance, found.column_lost),
    )
    for name, what, apart, tolerance, lost in sides:
        if name == "column_balance":
            if not table.primary_rows:
                continue
            if inputs_left_open(table, found):
                apart = np.maximum(apart, 0.0)  # noqa: PLW2901 - only an excess is wrong
        beyond = np.abs(apart) > tolerance
        wrong = beyond | (np.abs(apart) > np.maximum(_NOISE, _TOLD * np.abs(table.output)))
        if not wrong.any():
            continue
        least = tolerance + np.where(apart < 0, lost, 0.0)
        limit = np.maximum(least, share * np.abs(table.output))
        bad = np.abs(apart) > limit
        over = np.where(bad, np.abs(apart) / limit, 0.0) if bad.any() else np.abs(apart)
        worst = int(over.argmax())
        yield Finding(
            name,
            table.sectors[worst],
            float(apart[worst]),
            float(tolerance[worst]),
            f"{what} of {table.sectors[worst]} differ from its output "
            f"{table.output[worst]:,.6g} by {apart[worst]:+,.6g}; {_count(beyond, wrong)} of "
            f"{table.size} sectors differ by more than rounding{_why(table, found, name)}",
            "correct the cells of this sector, or balance the table with `nexpo impact balance`",
            fatal=bool(bad.any()),
            numbers=_largest(table, apart, bad if bad.any() else wrong),
        )


def inputs_left_open(table: Table, found: Balance) -> bool:
    """Tell a table that states value added but neither imports nor taxes of its sectors.

    Its inputs then fall short of output in most sectors, which is no fault of any of them.
    """
    closing = (Primary.IMPORTS, Primary.PRODUCT_TAX, Primary.MARGIN)
    if table.imports is not None or any(kind in closing for kind in table.primary_kinds):
        return False
    short = found.columns < -found.column_tolerance
    return bool(2 * np.count_nonzero(short) > np.count_nonzero(table.output > 0))


def open_inputs(table: Table, found: Balance) -> Iterator[Finding]:
    """Say that a part of what sectors pay is not in the table."""
    if not table.primary_rows or not inputs_left_open(table, found):
        return
    short = np.maximum(-found.columns, 0.0)
    worst = int(short.argmax())
    yield Finding(
        "open_inputs",
        table.sectors[worst],
        float(short[worst]),
        0.0,
        f"flows and value added leave {short.sum() / table.output.sum():.1%} of output open, and "
        "no row states imports or taxes: columns are only checked for too much",
        "multipliers of output and value added hold; for the ledger of leakage give rows of kind "
        "imports and product_tax",
        numbers=_largest(table, short, short > found.column_tolerance),
    )


def price_basis(table: Table) -> Iterator[Finding]:
    """Warn of a table at purchasers' prices."""
    if table.origin.basis is PriceBasis.PURCHASER:
        yield Finding("purchaser_prices", "basis", 0.0, 0.0, PURCHASER_WORDS, PURCHASER_REMEDY)


def residual_value_added(table: Table) -> Iterator[Finding]:
    """Warn of value added that holds taxes on products and margins."""
    if not basic_value_added(table):
        yield Finding(
            "residual_value_added",
            "primary",
            float(table.value_added().sum()),
            0.0,
            RESIDUAL_WORDS,
            "read GDP of this table as an upper bound, or use the publisher's table with its "
            "rows of taxes and margins",
        )


def _count(beyond: Flags, wrong: Flags) -> str:
    """Say how many sectors differ, those that rounding explains apart."""
    explained = int(np.count_nonzero(wrong & ~beyond))
    more = f"{explained} by more than {_TOLD:.1%} of output within rounding, " if explained else ""
    return f"{more}{np.count_nonzero(beyond)}"


def _why(table: Table, found: Balance, name: str) -> str:
    """Name the usual cause of an imbalance where the numbers show it."""
    if table.scope is Scope.DOMESTIC and table.import_total is not None and name == "row_balance":
        without = found.rows - table.import_total
        if np.abs(without).sum() < _CAUSE * np.abs(found.rows).sum():
            return "; without the imports it balances: the flows are of total use (scope total)"
    if table.imports is not None and name == "column_balance":
        imports = table.imports.sum(axis=0)
        if np.abs(found.columns - imports).sum() < _CAUSE * np.abs(found.columns).sum():
            return "; the imports seem to be counted twice, in value added or in the flows"
    return ""


def input_shares(table: Table, found: Balance) -> Iterator[Finding]:
    """Find sectors whose inputs reach their output."""
    wrong = found.input_share >= 1.0
    if not wrong.any():
        return
    worst = int(found.input_share.argmax())
    code = table.sectors[worst]
    yield Finding(
        "column_sum",
        code,
        float(found.input_share[worst]),
        1.0,
        f"inputs of {code} are {found.input_share[worst]:.4g} of its output: the column sum of A "
        f"is at or above 1 in {np.count_nonzero(wrong)} of {table.size} sectors",
        "check output and flows of this sector, and that they are in one unit",
        fatal=True,
        numbers=_largest(table, found.input_share, wrong),
    )


def negatives(table: Table, share: float) -> Iterator[Finding]:
    """Find negative flows, output and final uses."""
    rows = np.flatnonzero(table.flows.min(axis=1, initial=0.0) < 0)
    if len(rows):
        part = table.flows[rows]
        count = int(np.count_nonzero(part < 0))
        i, j = np.unravel_index(int(part.argmin()), part.shape)
        value, buyer = float(part[i, j]), table.sectors[j]
        yield Finding(
            "negative_flow",
            f"{table.sectors[rows[i]]} to {buyer}",
            value,
            0.0,
            f"{count} flows are negative, the largest {value:,.6g} from "
            f"{table.sectors[rows[i]]} to {buyer}",
            "a sale cannot be negative: correct it, or put it among inventories",
            fatal=bool(-value > share * max(table.output[j], 0.0)),
            numbers={"cells": float(count)},
        )
    if (table.output < 0).any():
        worst = int(table.output.argmin())
        yield Finding(
            "negative_output",
            table.sectors[worst],
            float(table.output[worst]),
            0.0,
            f"output of {table.sectors[worst]} is negative",
            "correct it, or merge the sector with its neighbour",
            fatal=True,
        )
    count = int(np.count_nonzero(table.final < 0))
    if count:
        i, j = np.unravel_index(int(table.final.argmin()), table.final.shape)
        yield Finding(
            "negative_final_use",
            f"{table.sectors[i]} to {table.uses[j]}",
            float(table.final[i, j]),
            0.0,
            f"{count} final uses are negative, the largest {table.final[i, j]:,.6g} from "
            f"{table.sectors[i]} to {table.uses[j]}{_of_use(table.use_kinds[j])}",
            numbers={"cells": float(count)},
        )


def _of_use(kind: Use) -> str:
    """Say what a negative final use may be."""
    if kind is Use.INVENTORIES:
        return ": usual for inventories"
    if kind in {Use.CAPITAL, Use.OTHER}:
        return ""
    return ": nobody buys less than nothing; check the cell, or the kind of its column"


def without_output(table: Table, found: Balance) -> Iterator[Finding]:
    """Find sectors without output, and those of them that buy inputs."""
    none = table.output == 0
    if not none.any():
        return
    bought = table.flows.sum(axis=0)
    busy = none & (np.abs(bought) > found.column_tolerance)
    codes = [table.sectors[i] for i in np.flatnonzero(busy if busy.any() else none)]
    where = ", ".join(codes[:_SHOWN])
    yield Finding(
        "zero_output",
        codes[0],
        float(len(codes)),
        0.0,
        f"no output and yet inputs: {where}" if busy.any() else f"sectors without output: {where}",
        "give its output, or leave its column empty" if busy.any() else "",
        fatal=bool(busy.any()),
    )


def imports_apart(table: Table) -> Iterator[Finding]:
    """Find imports among value added, by name or by amount, and imports counted twice."""
    matrix = None if table.imports is None else table.imports.sum(axis=0)
    for name, kind, values in zip(
        table.primary_rows, table.primary_kinds, table.primary, strict=True
    ):
        by_name = any(word in name.casefold() for word in _IMPORT_WORDS)
        by_amount = matrix is not None and _alike(values, matrix)
        if kind in VALUE_ADDED and (by_name or by_amount):
            yield Finding(
                "imports_in_value_added",
                name,
                float(values.sum()),
                0.0,
                f"the row {name} is among value added and holds imports",
                "give it the kind imports: they leave the country and are nobody's income in it",
                fatal=True,
            )
        elif kind is Primary.IMPORTS and by_amount and values.any():
            yield Finding(
                "imports_twice",
                name,
                float(values.sum()),
                0.0,
                f"the row {name} repeats the matrix of imports",
                "leave one of the two out",
                fatal=True,
            )


def _alike(one: Floats, other: Floats) -> bool:
    size = float(np.abs(other).sum())
    return size > 0 and float(np.abs(one - other).sum()) < _SAME * size


def value_added(table: Table) -> Iterator[Finding]:
    """Find a table without value added, and sectors where it is negative."""
    if not any(kind in VALUE_ADDED for kind in table.primary_kinds):
        yield Finding(
            "no_value_added",
            "primary",
            0.0,
            0.0,
            "the table has no row of value added: it gives output, and no GDP",
            "add rows of kind value_added, or compensation, surplus and production_tax",
        )
        return
    added = table.value_added()
    wrong = added < 0
    if wrong.any():
        worst = int(added.argmin())
        yield Finding(
            "negative_value_added",
            table.sectors[worst],
            float(added[worst]),
            0.0,
            f"value added of {table.sectors[worst]} is negative ({added[worst]:,.6g}), and of "
            f"{np.count_nonzero(wrong) - 1} others",
            "possible in a year of losses; check the sector",
            numbers=_largest(table, added, wrong),
        )


def total_use(table: Table) -> Iterator[Finding]:
    """Say that flows hold imports."""
    if table.scope is Scope.TOTAL:
        yield Finding(
            "total_use",
            "flows",
            float(table.flows.sum()),
            0.0,
            "the flows hold imports: multipliers of this table are too high",
            "make it domestic by a stated rule: --domestic proportional",
        )
