"""The template: any input-output table as one CSV or XLSX, wide or long.

**Wide** (``block, code, label, kind``, then a column a sector, a column a final use, and where
they are known ``output`` and ``import_total``)::

    block,code,label,kind,A,B,households,exports,output
    about,area,XX
    about,year,2020
    about,currency,EUR
    about,scale,1000000
    about,basis,basic
    about,scope,domestic
    use,households,Households,households
    use,exports,Exports,exports
    flows,A,Agriculture,,10,20,60,10,100
    flows,B,Building,,30,10,100,60,200
    imports,A,,,5,5,10,0,
    imports,B,,,5,15,20,0,
    primary,wages,Compensation,compensation,30,90,0,0,
    primary,surplus,Surplus,surplus,20,60,0,0,
    satellite,jobs,Census 2020,person,1000,3000,,,

**Long** (``block, row, column, value`` and, where needed, ``kind, label``): the same blocks, a
row a cell: ``flows,A,B,20``; ``about,currency,,EUR``; ``sector,A,,,,Agriculture``.

Blocks
------
about
    ``area, year, currency, scale, basis, scope`` must be there; ``name, classification, source,
    licence, redistributable, synthetic`` may. ``scale`` is 1, 1000 or 1000000; ``basis`` is
    ``basic`` or ``purchaser``; ``scope`` is ``domestic``, or ``total`` where the flows hold
    imports too.
use
    What a column of final demand is (``kind``): households, non_profit, government, capital,
    inventories, exports, other. Not needed where the code says it (``GFCF``, ``P3_S14``).
flows
    What each sector sells: to sectors, then to final uses.
imports
    The same of what is imported (optional), by product and user.
primary
    Rows under the flows, by ``kind``: value_added, or compensation, surplus and production_tax;
    product_tax, margin, imports (where there is no matrix of them), adjustment.
output
    Output by sector, if it is not a column; where it is neither, the sum of each row.
import_total
    Imports by product where only their total is known, if it is not a column.
satellite
    Another quantity by sector: ``kind`` is its unit, ``label`` its source. An empty cell is
    not known.

Codes of sectors between regions carry the region first: ``ITA:C26``. An empty cell elsewhere
is zero. Imports are never value added: a row that by its name holds imports is refused there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from nexpo.core.files import atomic_path
from nexpo.core.ingest import Dialect, read_header
from nexpo.core.problem import bad_input
from nexpo.core.workbooks import is_workbook
from nexpo.sources.input_output._template_parts import Parts, assemble
from nexpo.sources.input_output._template_reading import long_parts, wide_parts
from nexpo.sources.input_output.blocks import Blocks, Floats
from nexpo.sources.input_output.workbooks import workbook_rows
from nexpo.sources.text_tables.names import plain

_LONG = ("block", "row", "column", "value")
_WIDE = ("block", "code")


def recognise(path: Path, header: Sequence[str]) -> bool:
    """Tell the template by its first columns."""
    del path
    names = tuple(plain(name) for name in header)
    return names[:4] == _LONG or names[:2] == _WIDE


def read(
    path: Path, *, year: int | None = None, area: str = "", dialect: Dialect | None = None
) -> Blocks:
    """Read a table in the template, wide or long, CSV or XLSX.

    Parameters
    ----------
    year, area
        Must agree with what the file says, where they are given.

    Raises
    ------
    Problem
        With file, row and column: a missing fact, an unknown block or code, a code that stands
        twice, two currencies, a text among numbers, imports among value added.
    """
    header = _header(path, dialect)
    names = tuple(plain(name) for name in header)
    parts: Parts
    if names[:4] == _LONG:
        parts = long_parts(path, dialect)
    elif names[:2] == _WIDE:
        parts = wide_parts(path, dialect)
    else:
        raise bad_input(
            "this is not the template: its columns begin with block, code, label, kind",
            value=", ".join(header[:4]),
            remedy="`nexpo impact table template FILE` writes an example",
        )
    return assemble(path, parts, year=year, area=area)


def _header(path: Path, dialect: Dialect | None) -> tuple[str, ...]:
    if not is_workbook(path):
        return read_header(path, dialect)[1]
    first = next(workbook_rows(path, "", lambda row: plain(row[0]) == "block"))
    return tuple("" if cell is None else str(cell) for cell in first)


EXAMPLE = "\n".join(
    line.strip()
    for line in (__doc__ or "").split("::\n", 1)[1].split("**Long**", 1)[0].splitlines()
    if line.strip()
)
"""The example of this page, as a file: two sectors that balance."""


def write(target: Path, blocks: Blocks) -> Path:
    """Write a table in the wide template, as CSV or, by its ending, XLSX; atomically.

    Raises
    ------
    Problem
        ``CANNOT_WRITE`` when the place cannot be written.
    """
    return write_rows(target, _rows(blocks))


def write_example(target: Path) -> Path:
    """Write the example of the template to be filled in."""
    return write_rows(target, list(csv.reader(io.StringIO(EXAMPLE))))


def write_rows(target: Path, rows: Sequence[Sequence[object]]) -> Path:
    """Write rows as CSV or XLSX by the target's ending, atomically."""
    with atomic_path(target) as part:
        if is_workbook(target):
            _write_workbook(part, rows)
        else:
            with part.open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream, lineterminator="\n").writerows(rows)
    return target


def _write_workbook(part: Path, rows: Sequence[Sequence[object]]) -> None:
    from openpyxl import Workbook  # noqa: PLC0415 - a CSV must not pay for Excel

    book = Workbook(write_only=True)
    sheet = book.create_sheet("table")
    for row in rows:
        sheet.append([_typed(cell) for cell in row])
    with part.open("wb") as stream:
        book.save(stream)


def _typed(cell: object) -> object:
    try:
        return float(cell) if isinstance(cell, str) and cell else cell
    except ValueError:
        return cell


def _rows(blocks: Blocks) -> list[list[object]]:
    total = blocks.import_total is not None
    ends = ["output", *(["import_total"] if total else [])]
    header = ["block", "code", "label", "kind", *blocks.sectors, *blocks.uses, *ends]
    about: Mapping[str, object] = {
        "name": blocks.name,
        "area": blocks.area,
        "year": blocks.year,
        "currency": blocks.currency,
        "scale": blocks.scale,
        "basis": blocks.basis,
        "scope": blocks.scope,
        "classification": blocks.classification,
        "source": blocks.source,
        "licence": blocks.licence,
        "redistributable": "yes" if blocks.redistributable else "no",
        "synthetic": "yes" if blocks.synthetic else "no",
    }
    blank = [""] * (len(header) - 4)
    rows: list[list[object]] = [list(header)]
    rows += [["about", key, value, "", *blank] for key, value in about.items() if value != ""]
    rows += [
        ["use", use, use, kind, *blank]
        for use, kind in zip(blocks.uses, blocks.use_kinds, strict=True)
    ]
    for i, (code, label) in enumerate(zip(blocks.sectors, blocks.labels, strict=True)):
        tail = [blocks.output[i]]
        if blocks.import_total is not None:
            tail.append(blocks.import_total[i])
        rows.append(["flows", code, label, "", *_cells(blocks.flows[i], blocks.final[i], tail)])
    if blocks.imports is not None:
        none = np.zeros((len(blocks.sectors), len(blocks.uses)))
        final = none if blocks.final_imports is None else blocks.final_imports
        rows += [
            ["imports", code, "", "", *_cells(blocks.imports[i], final[i])]
            for i, code in enumerate(blocks.sectors)
        ]
    for i, (code, kind) in enumerate(zip(blocks.primary_rows, blocks.primary_kinds, strict=True)):
        last = [] if blocks.primary_final is None else blocks.primary_final[i]
        rows.append(["primary", code, code, kind, *_cells(blocks.primary[i], last)])
    rows += [
        ["satellite", each.indicator, each.source, each.unit, *_cells(each.values)]
        for each in blocks.satellites
    ]
    return [row + [""] * (len(header) - len(row)) for row in rows]


def _cells(*parts: Floats | Sequence[float]) -> list[object]:
    return [
        "" if value != value else float(value)  # noqa: PLR0124 - NaN is not known
        for part in parts
        for value in part
    ]
