"""World Input-Output Database, release 2016: national tables, 56 industries, million USD.

Three forms of one layout:

- the **original workbook** ``ITA_NIOT_nov16.xlsx``: columns ``Year, Code, Description,
  Origin``, then industries, final uses and ``GO``; rows ``Domestic``, ``Imports`` and ``TOT``
  (primary), all years below each other, a second row of headings;
- the same as **CSV** with ``Code, Origin``, perhaps of one year;
- a **triple** ``ITA_2014_domestic_musd.csv``, ``..._imports_...``, ``..._primary_...`` with
  ``Code`` alone; any of the three names the others.

Traps: ``II_fob`` is all inputs, domestic and imported, so it is a total and no row of its own.
``EXP_adj``, ``PURR`` and ``PURNR`` correct final uses only. Sector U has no output. Inventories
are negative here and there. Columns balance to 0.005, not to the digits printed.

Value added at basic prices, net taxes on products and international margins, with the imports,
make up output: ``sum(domestic) + sum(imports) + TXSP + VA + IntTTM = GO``.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nexpo.core.ingest import Dialect, read_header
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.core.workbooks import is_workbook
from nexpo.sources.input_output.areas import area_of, same_area, year_in
from nexpo.sources.input_output.blocks import (
    Blocks,
    Floats,
    order,
    refuse_doubles,
    unknown_code,
    year_of,
)
from nexpo.sources.input_output.grid import Grid, read_grid
from nexpo.sources.input_output.kinds import is_total, primary_kind, use_kind
from nexpo.sources.text_tables.names import plain

_LABELS = ("year", "code", "description", "origin")
_PARTS = ("domestic", "imports", "primary")
_TITLE = "World Input-Output Database 2016"


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Rows of one origin: codes, amounts, places in the file."""

    path: Path
    codes: tuple[str, ...]
    labels: tuple[str, ...]
    values: Floats
    rows: tuple[int, ...]


def recognise(path: Path, header: Sequence[str]) -> bool:
    """Tell a national table of WIOD 2016 by its columns."""
    names = [plain(name) for name in header]
    has_uses = {"cons_h", "gfcf", "inven"} <= set(names)
    return has_uses and "code" in names[:4] and ("origin" in names[:4] or _part(path) != "")


def read(
    path: Path, *, year: int | None = None, area: str = "", dialect: Dialect | None = None
) -> Blocks:
    """Read a national table.

    Parameters
    ----------
    path
        The workbook, a CSV with ``Origin``, or any file of a triple.
    year
        Needed where the file holds several.
    area
        Country; taken from the file's name where it begins with three letters.

    Raises
    ------
    Problem
        With file, row and column of what cannot be used.

    Notes
    -----
    Source: Timmer, Dietzenbacher, Los, Stehrer and de Vries (2015), Review of International
    Economics 23, 575-605.
    """
    country = _country(path, area)
    if _part(path) and not _has_origin(path, dialect):
        grids = {part: read_grid(_sibling(path, part), _LABELS, dialect=dialect) for part in _PARTS}
        first = grids["domestic"]
        parts = {part: _rows(grid, range(len(grid.rows))) for part, grid in grids.items()}
        found = _year_stated(path, year_in(path), year)
    else:
        first = read_grid(path, _LABELS, dialect=dialect)
        found, parts = _parted(first, year)
    return _assemble(first, parts, country, found)


def _assemble(grid: Grid, parts: dict[str, _Rows], area: str, year: int) -> Blocks:
    path, columns = grid.path, grid.columns
    refuse_doubles(path, columns, [0] * len(columns), "column")
    uses = [code for code in columns if use_kind(code)]
    totals = [code for code in columns if is_total(code)]
    sectors = [code for code in columns if code not in {*uses, *totals}]
    n, k = len(sectors), len(uses)
    if list(columns[:n]) != sectors or list(columns[n : n + k]) != uses or not totals:
        raise bad_input(
            "columns must be industries, then final uses, then GO",
            where=Where(str(path), 0),
            value=", ".join(columns[n:]),
            remedy="fetch the file again, or bring the table into the template",
        )
    home, abroad, below = (
        _block(parts[part], sectors) for part in ("domestic", "imports", "primary")
    )
    kept = [i for i, code in enumerate(below.codes) if not is_total(code)]
    rows = tuple(below.codes[i] for i in kept)
    primary = below.values[kept]
    return Blocks(
        name=f"{_TITLE}, {area}",
        key="wiod2016-italy" if same_area(area, "IT") else "wiod2016-peers",
        area=area,
        year=year,
        currency="USD",
        scale=1_000_000,
        basis="basic",
        classification="WIOD 2016, NACE Rev. 2 (56 industries)",
        scope="domestic",
        sectors=tuple(sectors),
        labels=_labels(path, home.labels, sectors),
        regions=(area,) * n,
        flows=home.values[:, :n],
        output=home.values[:, columns.index(totals[-1])],
        uses=tuple(uses),
        use_kinds=tuple(use_kind(code) or "other" for code in uses),
        final=home.values[:, n : n + k],
        primary_rows=rows,
        primary_kinds=tuple(_kind(path, code) for code in rows),
        primary=primary[:, :n],
        imports=abroad.values[:, :n],
        final_imports=abroad.values[:, n : n + k],
        primary_final=primary[:, n : n + k],
        notes=grid.notes(),
    )


def _labels(path: Path, labels: Sequence[str], sectors: Sequence[str]) -> tuple[str, ...]:
    """Return names of sectors: those of the rows, or of ``sectors.csv`` beside a triple."""
    names: dict[str, str] = {}
    beside = path.with_name("sectors.csv")
    if not any(labels) and beside.is_file():
        with beside.open(encoding="utf-8-sig", newline="") as stream:
            names = {
                row.get("Code", ""): row.get("Description", "") for row in csv.DictReader(stream)
            }
    pairs = zip(labels, sectors, strict=True)
    return tuple(label or names.get(code) or code for label, code in pairs)


def _block(part: _Rows, sectors: Sequence[str]) -> _Rows:
    """Return rows of industries in the columns' order; rows under them as they are."""
    if not set(part.codes) & set(sectors):
        refuse_doubles(part.path, part.codes, part.rows, "primary row")
        return part
    kept = [i for i, code in enumerate(part.codes) if code in sectors or not is_total(code)]
    codes = [part.codes[i] for i in kept]
    places = order(part.path, sectors, codes, [part.rows[i] for i in kept], "sector")
    chosen = [kept[place] for place in places]
    return _Rows(
        part.path,
        tuple(sectors),
        tuple(part.labels[i] for i in chosen),
        part.values[chosen],
        tuple(part.rows[i] for i in chosen),
    )


def _kind(path: Path, code: str) -> str:
    kind = primary_kind(code)
    if kind is None:
        known = ("TXSP", "EXP_adj", "PURR", "PURNR", "VA", "IntTTM")
        raise unknown_code(path, code, known, what="primary row")
    return kind


def _parted(grid: Grid, wanted: int | None) -> tuple[int, dict[str, _Rows]]:
    """Choose a year and part its rows by origin."""
    years = [int(float(text)) if text else 0 for text in grid.label("year")]
    stated = [each for each in years if each]
    year = (
        year_of(grid.path, stated, wanted)
        if stated
        else _year_stated(grid.path, year_in(grid.path), wanted)
    )
    parts: dict[str, list[int]] = {part: [] for part in _PARTS}
    origins = grid.label("origin")
    for position, origin in enumerate(origins):
        if stated and years[position] != year:
            continue
        part = {"domestic": "domestic", "imports": "imports", "tot": "primary"}.get(plain(origin))
        if part is None:
            raise bad_input(
                "unknown origin",
                where=Where(str(grid.path), grid.rows[position], "Origin"),
                value=origin,
                remedy="Domestic, Imports or TOT",
            )
        parts[part].append(position)
    missing = [part for part, rows in parts.items() if not rows]
    if missing:
        raise bad_input(
            f"the table has no rows of {' and '.join(missing)}",
            where=Where(str(grid.path), grid.rows[-1] if grid.rows else 0, "Origin"),
            value=year,
            remedy="the file seems to be cut: fetch it again",
        )
    return year, {part: _rows(grid, rows) for part, rows in parts.items()}


def _rows(grid: Grid, chosen: Sequence[int]) -> _Rows:
    codes, labels = grid.label("code"), grid.label("description")
    return _Rows(
        grid.path,
        tuple(codes[i] for i in chosen),
        tuple(labels[i] for i in chosen),
        grid.values[np.asarray(chosen, dtype=np.intp)],
        tuple(grid.rows[i] for i in chosen),
    )


def _year_stated(path: Path, in_name: int | None, wanted: int | None) -> int:
    if in_name is not None:
        return year_of(path, [in_name], wanted)
    if wanted is None:
        raise bad_input(
            "neither the file nor its name says the year",
            where=Where(str(path)),
            remedy="say it with --year",
        )
    return wanted


def _country(path: Path, area: str) -> str:
    named = area_of(path)
    if named and area and not same_area(named, area):
        raise bad_input(
            "the file is of another area",
            where=Where(str(path)),
            value=area,
            remedy=f"it is of {named}, by its name",
        )
    if not named and not area:
        raise bad_input(
            "neither the file nor its name says the country",
            where=Where(str(path)),
            remedy="say it with --area",
        )
    return named or area


def _part(path: Path) -> str:
    return next((part for part in _PARTS if f"_{part}" in path.name), "")


def _sibling(path: Path, part: str) -> Path:
    found = path.with_name(path.name.replace(f"_{_part(path)}", f"_{part}"))
    if not found.is_file():
        raise Problem(
            Kind.NO_INPUT,
            f"the {part} part of the table is not beside the others",
            where=Where(str(found)),
            remedy=f"put {found.name} into the folder of {path.name}",
        )
    return found


def _has_origin(path: Path, dialect: Dialect | None) -> bool:
    if is_workbook(path):
        return True
    return "origin" in [plain(name) for name in read_header(path, dialect)[1][:4]]
