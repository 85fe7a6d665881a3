"""Regional tables made by survey, as published for the Austrian regions of 2010.

One CSV a region (``AT12.csv``): the corner says ``IOMAT``; a column and a row a sector
(``1 Agricult``), then final uses (``57 HOU`` ... ``62 Stocks``) and ``Total``; under the sectors
labour by occupation, capital, land, taxes and imports, from abroad (``ROWimp``) and from the
rest of the country (``ROCimp``). EUR m of 2010, flows within the region. Rows end early, or one
cell late: what is missing is zero.

Traps: rows are products and columns industries. The ``Total`` row at the bottom is what the
columns add up to, the output of each industry, and the output that is published beside the tables;
the ``Total`` column at the right is what is sold of each product. The two differ by what industries
make besides their own product (AT12: research sells 1,107 as a product, its industry makes 215),
and agree in sum. Coefficients are inputs by output of the industry, so the bottom is read; without
it the right column stands in, and a note says so. Amounts are printed to three digits, so that
the totals of a large sector are exact and its cells are not. Exports and imports go to and come
from the rest of the country too.

Source: Rokicki et al. (2021).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nexpo.core.ingest import Dialect, read_header
from nexpo.core.numbers import to_number
from nexpo.core.problem import Where, bad_input
from nexpo.sources.input_output.areas import year_in
from nexpo.sources.input_output.blocks import Blocks, Floats, order, refuse_doubles, unknown_code
from nexpo.sources.input_output.grid import not_a_number, text_rows

_CORNER = "iomat"
_TOTAL = "total"
_NUMBER = re.compile(r"^\d+\s+")
_USES = {
    "hou": "households",
    "inv": "capital",
    "gov": "government",
    "exprow": "exports",
    "exproc": "exports",
    "stocks": "inventories",
}
_BELOW = {
    "capital": "surplus",
    "land": "surplus",
    "prodtax": "production_tax",
    "rowimp": "imports",
    "rocimp": "imports",
    "inputtax": "product_tax",
}
_YEAR = 2010


def recognise(path: Path, header: Sequence[str]) -> bool:
    """Tell the table by its corner."""
    del path
    return bool(header) and header[0].casefold() == _CORNER


def read(path: Path, *, year: int | None = None, dialect: Dialect | None = None) -> Blocks:
    """Read the table of one region.

    Raises
    ------
    Problem
        With row and column of what is no number, a use that is not known, a sector without a
        row: the file is cut.
    """
    delimiter, header = read_header(path, dialect)
    names = [name for name in header[1:] if name]
    refuse_doubles(path, names, [0] * len(names), "column")
    uses = {name: _USES[_bare(name)] for name in names if _bare(name) in _USES}
    sectors = tuple(name for name in names if name not in uses and _bare(name) != _TOTAL)
    rows: dict[str, tuple[int, Floats]] = {}
    for number, cells in enumerate(text_rows(path, delimiter, dialect), 1):
        if cells and cells[0].strip():
            refuse_doubles(path, [*rows, cells[0].strip()], [0] * (len(rows) + 1), "row")
            rows[cells[0].strip()] = (number, _amounts(path, number, names, cells[1:]))
    stated = next((name for name in names if _bare(name) == _TOTAL), None)
    if not uses or stated is None:
        known = [*_USES, "Total"]
        raise unknown_code(path, names[-1] if names else "", known, what="final use")
    inside = [name for name in rows if name in sectors]
    places = order(path, sectors, inside, [rows[name][0] for name in inside], "sector")
    table = np.vstack([rows[inside[at]][1] for at in places])
    below = [name for name in rows if name not in sectors and _bare(name) != _TOTAL]
    under = np.vstack([rows[name][1] for name in below] or [np.zeros(len(names))])[: len(below)]
    n, at = len(sectors), [names.index(name) for name in uses]
    if names[:n] != list(sectors):
        raise bad_input(
            "sectors do not stand before final uses",
            where=Where(str(path), 0),
            remedy="fetch the file again",
        )
    region = path.name.partition(".")[0]
    output, told = _output(rows, names.index(stated), n, table)
    return Blocks(
        name=f"Survey-based table of {region}",
        **_described(path, year, region, sectors),
        flows=np.ascontiguousarray(table[:, :n]),
        output=output,
        uses=tuple(uses),
        use_kinds=tuple(uses.values()),
        final=np.ascontiguousarray(table[:, at]),
        primary_rows=tuple(below),
        primary_kinds=tuple(_BELOW.get(_bare(name), "compensation") for name in below),
        primary=np.ascontiguousarray(under[:, :n]),
        primary_final=np.ascontiguousarray(under[:, at]),
        source="Rokicki et al. (2021), with Huang and Koutroumpis, Scientific Data 2023",
        licence="CC BY 4.0",
        redistributable=True,
        notes=("flows are those within the region; imports are from abroad and the country", told),
    )


def _output(
    rows: Mapping[str, tuple[int, Floats]], right: int, n: int, table: Floats
) -> tuple[Floats, str]:
    """Return output of the industries, and which of the two totals it is."""
    sold = table[:, right].copy()
    bottom = next((values[:n] for name, (_, values) in rows.items() if _bare(name) == _TOTAL), None)
    if bottom is None:
        return sold, "no Total row at the bottom: output is what the Total column says is sold"
    apart = float(np.abs(bottom - sold).sum() / max(float(sold.sum()), 1.0))
    return bottom.copy(), (
        "output is the Total row at the bottom (industries); the Total column at the right is of "
        f"products, and {apart:.1%} of output apart: rows balance only so far"
    )


def _bare(name: str) -> str:
    return _NUMBER.sub("", name).strip().casefold()


def _amounts(path: Path, row: int, names: Sequence[str], cells: Sequence[str]) -> Floats:
    found = np.zeros(len(names))
    for place, (name, cell) in enumerate(zip(names, cells, strict=False)):
        value = to_number(cell) if cell.strip() else 0.0
        if value is None:
            raise not_a_number(path, row, name, cell)
        found[place] = value
    return found


# The nation: coefficients, and output beside them


_OUTPUT = "output_by_region.csv"


def recognise_nation(path: Path, header: Sequence[str]) -> bool:
    """Tell coefficients of the nation by name, and by output by region beside them."""
    named = path.name.casefold().partition(".")[0].endswith("_national_domestic_a")
    return named and bool(header) and path.with_name(_OUTPUT).is_file()


def _described(path: Path, year: int | None, area: str, sectors: tuple[str, ...]) -> dict[str, Any]:
    """Return what every table of this publication is: millions of EUR at basic prices."""
    return {
        "key": "",
        "area": area,
        "year": year if year is not None else year_in(path) or _YEAR,
        "currency": "EUR",
        "scale": 1_000_000,
        "basis": "basic",
        "classification": f"{len(sectors)} industries",
        "scope": "domestic",
        "sectors": sectors,
        "labels": tuple(_NUMBER.sub("", name) for name in sectors),
        "regions": (area,) * len(sectors),
    }


def read_nation(path: Path, *, year: int | None = None, dialect: Dialect | None = None) -> Blocks:
    """Read the nation's domestic coefficients as a table, with output from the file beside it.

    Raises
    ------
    Problem
        With row and column of what is no number, or where the two files differ in sectors.
    """
    area = path.name.partition("_")[0]
    names, rows = _matrix(path, dialect)
    beside = path.with_name(_OUTPUT)
    regions, made = _matrix(beside, dialect)
    if area not in regions:
        raise unknown_code(beside, area, regions, what="region")
    codes = tuple(rows)
    columns = order(path, codes, [name for name in names if name], [0] * len(names), "sector")
    places = order(beside, codes, tuple(made), [made[name][0] for name in made], "sector")
    table = np.vstack([rows[code][1] for code in codes])[:, columns]
    output = np.array([made[code][1][regions.index(area)] for code in codes])
    if [list(made)[at] for at in places] != list(codes):
        raise bad_input("output has other sectors", where=Where(str(beside)))
    flows = table * output
    return Blocks(
        name=f"Domestic coefficients of {area}",
        **_described(path, year, area, codes),
        flows=flows,
        output=output,
        uses=("final_use",),
        use_kinds=("other",),
        final=(output - flows.sum(axis=1))[:, np.newaxis],
        primary_rows=("value_added_residual",),
        primary_kinds=("value_added",),
        primary=(output - flows.sum(axis=0))[np.newaxis, :],
        source="Rokicki et al. (2021), with Huang and Koutroumpis, Scientific Data 2023",
        licence="CC BY 4.0",
        redistributable=True,
        notes=(
            "final use and value added are what output leaves over flows, imports and taxes within",
        ),
    )


def _matrix(path: Path, dialect: Dialect | None) -> tuple[list[str], dict[str, tuple[int, Floats]]]:
    delimiter, header = read_header(path, dialect)
    names = list(header[1:])
    rows: dict[str, tuple[int, Floats]] = {}
    for number, cells in enumerate(text_rows(path, delimiter, dialect), 1):
        if cells and cells[0].strip():
            rows[cells[0].strip()] = (number, _amounts(path, number, names, cells[1:]))
    return names, rows
