"""United Kingdom, product by product, domestic use at basic prices, million GBP.

One CSV, or a sheet of a workbook whose header may stand under titles: the first column is the
row's code or name, then a column a product, then ``Total intermediate demand``, final uses and
``Total demand``. Under the products stand
``Total consumption``, imports, taxes less subsidies on products and on production,
compensation, surplus and ``Total output``. ``labels.csv`` beside it names the products.

Traps: codes are text with leading zeros (``01``), and some are no numbers (``NPISH_72``).
Totals are checked against what they total. Imports are one row, not a matrix. Value added is
compensation, surplus and taxes on production, without taxes on products.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nexpo.core.ingest import Dialect
from nexpo.core.problem import Where, bad_input
from nexpo.sources.input_output.areas import year_in
from nexpo.sources.input_output.blocks import Blocks, Floats, order, refuse_doubles, unknown_code
from nexpo.sources.input_output.grid import Grid, read_grid
from nexpo.sources.input_output.kinds import primary_kind, use_kind
from nexpo.sources.text_tables.names import plain

_FIRST = ("uk_row", "product", "code", "product_name", "name", "description", "")
_HELD = 2010  # the year whose file the directory of sources describes
_MIDDLE = "total_intermediate_demand"
_UNDER = "total_consumption"
_OUTPUT = "total_output"
_DEMAND = "total_demand"
_ROUNDING = 0.51  # of a printed million, in a published total


def recognise(path: Path, header: Sequence[str]) -> bool:
    """Tell the table by its totals."""
    del path
    names = {plain(name) for name in header}
    return {_MIDDLE, _DEMAND} <= names


def read(path: Path, *, year: int | None = None, dialect: Dialect | None = None) -> Blocks:
    """Read the table.

    Raises
    ------
    Problem
        With file, row and column of what cannot be used, a total that its parts do not make
        among it.
    """
    grid = read_grid(
        path, _FIRST, dialect=dialect, is_header=lambda header: recognise(path, header)
    )
    names = [plain(name) for name in grid.columns]
    codes = [next(filter(None, row), "") for row in grid.labels]
    under = [plain(code) for code in codes]
    for needed, there in ((_MIDDLE, names), (_DEMAND, names), (_UNDER, under), (_OUTPUT, under)):
        if needed not in there:
            raise bad_input(
                f"no {needed.replace('_', ' ')} in the table",
                where=Where(str(path), len(codes)),
                remedy="the file seems to be cut: fetch it again",
            )
    n = names.index(_MIDDLE)
    products = grid.columns[:n]
    height = under.index(_UNDER)
    places = order(path, products, codes[:height], grid.rows[:height], "product")
    refuse_doubles(path, under[height:], grid.rows[height:], "row under the products")
    at = [j for j in range(n + 1, len(names)) if names[j] != _DEMAND]
    rows = [i for i in range(height + 1, len(codes)) if under[i] != _OUTPUT]
    _check_totals(grid, n, height, places, at)
    year = year if year is not None else year_in(path)
    if year is None:
        raise bad_input(
            "the file's name does not say the year",
            where=Where(str(path)),
            remedy="say it with --year",
        )
    return Blocks(
        name="United Kingdom, product by product",
        key="uk-iot-2010" if year == _HELD else "",
        source="" if year == _HELD else f"{path.name}; as Office for National Statistics lays out",
        licence="" if year == _HELD else "not stated in the file",
        area="GB",
        year=year,
        currency="GBP",
        scale=1_000_000,
        basis="basic",
        classification=f"CPA, {n} products",
        scope="domestic",
        sectors=products,
        labels=_labels(path, products),
        regions=("GB",) * n,
        flows=grid.values[places, :n],
        output=grid.values[under.index(_OUTPUT), :n].copy(),
        uses=tuple(grid.columns[j] for j in at),
        use_kinds=tuple(_kind(grid, j) for j in at),
        final=grid.values[np.ix_(places, at)],
        primary_rows=tuple(codes[i] for i in rows),
        primary_kinds=tuple(_primary_kind(path, codes[i], grid.rows[i]) for i in rows),
        primary=grid.values[rows, :n],
        primary_final=grid.values[np.ix_(rows, at)],
        notes=grid.notes(),
    )


def _kind(grid: Grid, column: int) -> str:
    kind = use_kind(grid.columns[column])
    if kind is None:
        known = ("Households", "Central government", "Gross fixed capital formation", "Exports")
        raise unknown_code(
            grid.path, grid.columns[column], known, what="final use", column=grid.columns[column]
        )
    return kind


def _primary_kind(path: Path, code: str, row: int) -> str:
    kind = primary_kind(code)
    if kind is None:
        known = ("Imported goods and services", "Compensation of employees")
        raise unknown_code(path, code, known, what="row under the products", row=row)
    return kind


def _check_totals(grid: Grid, n: int, height: int, places: list[int], at: list[int]) -> None:
    values = grid.values
    flows = values[places, :n]
    totals = values[places]
    demand = [plain(name) for name in grid.columns].index(_DEMAND)
    pairs: tuple[tuple[str, Floats, Floats], ...] = (
        ("Total intermediate demand", flows.sum(axis=1), totals[:, n]),
        ("Total demand", totals[:, n] + totals[:, at].sum(axis=1), totals[:, demand]),
        ("Total consumption", flows.sum(axis=0), values[height, :n]),
    )
    for name, parts, printed in pairs:
        apart = np.abs(parts - printed)
        worst = int(apart.argmax()) if apart.size else 0
        if apart.size and apart[worst] > max(_ROUNDING * n, 1e-6 * abs(printed[worst])):
            raise bad_input(
                f"{name} is not the sum of its parts: {printed[worst]:,.6g} against "
                f"{parts[worst]:,.6g}",
                where=Where(str(grid.path), grid.rows[places[worst]], name),
                value=grid.columns[worst],
                remedy="a cell was changed or lost: fetch the file again",
            )


def _labels(path: Path, products: Sequence[str]) -> tuple[str, ...]:
    beside = path.with_name("labels.csv")
    if not beside.is_file():
        return tuple(products)
    with beside.open(encoding="utf-8-sig", newline="") as stream:
        rows = [row for row in csv.reader(stream) if len(row) > 1]
    names = {row[0]: row[1] for row in rows}
    return tuple(names.get(code) or code for code in products)
