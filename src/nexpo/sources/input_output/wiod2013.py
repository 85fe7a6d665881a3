"""World Input-Output Database, release 2013: inter-country, 41 regions by 35 industries.

Two forms:

- an **archive** ``wiot_2011.npz`` with ``Z`` (1435, 1435), ``F`` (1435, 205), ``x``,
  ``countries`` and ``industries``: USD m in whole numbers, a region's five final uses together
  (households, non-profit, government, capital, inventories). ``industries.csv`` beside it
  names the industries. It has no primary rows: value added is what output leaves over
  inputs, and so still holds net taxes on products and transport margins;
- the **wide sheet** of the release (``wiot11_row_apr12``, XLSX or CSV): four rows of headings
  (ISIC code, name, region, ``c1`` to ``c35`` and ``c37`` to ``c42``), the same four columns at
  the left, rows under the flows known by their names, total output at the right.

Traps: 22 industries have no output. Inventories are negative in 352 cells. Rows balance to
whole numbers only (108 USD m at most). Early sheets write ROM for Romania.
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nexpo.core.ingest import Dialect, check_readable, read_header
from nexpo.core.numbers import to_number
from nexpo.core.problem import Where, bad_input
from nexpo.core.workbooks import is_workbook
from nexpo.sources.input_output.areas import year_in
from nexpo.sources.input_output.blocks import Blocks, Floats, order, refuse_doubles
from nexpo.sources.input_output.grid import not_a_number, text_rows
from nexpo.sources.input_output.workbooks import workbook_rows

_ARRAYS = ("Z", "F", "x", "countries", "industries")
_USES = {
    "c37": "households",
    "c38": "non_profit",
    "c39": "government",
    "c41": "capital",
    "c42": "inventories",
}
_CODE = re.compile(r"[cr]\d+", re.IGNORECASE)
_HEADINGS = 8
_LABELS = 4  # code, name, region, c-code: rows above and columns to the left
_CLASSIFICATION = "WIOD 2013, ISIC Rev. 3 (35 industries)"
_BELOW = (
    ("taxes less subsidies", "product_tax"),
    ("cif", "adjustment"),
    ("purchases", "adjustment"),
    ("value added", "value_added"),
    ("margin", "margin"),
)


def recognise(path: Path) -> bool:
    """Tell a table of WIOD 2013 by its arrays or its headings."""
    if path.suffix == ".npz":
        return _names(path) >= {"Z", "F", "x", "industries"}
    return re.match(r"wiot\d\d(_|\.)", path.name.casefold()) is not None


def read(path: Path, *, year: int | None = None, dialect: Dialect | None = None) -> Blocks:
    """Read an inter-country table, whole.

    Raises
    ------
    Problem
        When an array is missing or of another shape; with row and column for a wide sheet.

    Notes
    -----
    Source: Timmer et al. (2015), as for the release of 2016.
    """
    found = year if year is not None else _year(path)
    if path.suffix == ".npz":
        return _of_arrays(path, found)
    return _of_sheet(path, found, dialect)


def _year(path: Path) -> int:
    short = re.match(r"wiot(\d\d)(?!\d)", path.name.casefold())
    if short:
        two = int(short.group(1))
        return 1900 + two if two > 50 else 2000 + two  # noqa: PLR2004 - the series is 1995-2011
    year = year_in(path)
    if year is None:
        raise bad_input(
            "the file's name does not say the year",
            where=Where(str(path)),
            remedy="say it with --year",
        )
    return year


# The archive


def _names(path: Path) -> set[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return {name.removesuffix(".npy") for name in archive.namelist()}
    except (OSError, zipfile.BadZipFile):
        return set()


def _of_arrays(path: Path, year: int) -> Blocks:
    arrays = _arrays(path)
    regions = [str(each) for each in arrays["countries"]]
    industries = [str(each) for each in arrays["industries"]]
    n, k = len(regions) * len(industries), len(regions) * len(_USES)
    for name, shape in {"Z": (n, n), "F": (n, k), "x": (n,)}.items():
        if arrays[name].shape != shape:
            raise bad_input(
                f"array {name} is {arrays[name].shape}, not {shape} as its codes say",
                where=Where(str(path)),
                remedy="fetch the file again",
            )
    for codes, what in ((regions, "region"), (industries, "industry")):
        refuse_doubles(path, codes, [0] * len(codes), what)
    flows = np.ascontiguousarray(arrays["Z"], dtype=np.float64)
    output = np.ascontiguousarray(arrays["x"], dtype=np.float64)
    sides = _Sides(regions, industries, _industry_names(path, industries))
    return _blocks(
        year,
        sides,
        flows,
        np.ascontiguousarray(arrays["F"], dtype=np.float64),
        output,
        ("value_added_residual",),
        ("value_added",),
        (output - flows.sum(axis=0))[np.newaxis, :],
        None,
        ("value added is output less inputs: it holds net taxes on products and margins",),
    )


def _arrays(path: Path) -> dict[str, Any]:
    if not path.is_file():
        check_readable(path)
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            missing = [name for name in _ARRAYS if name not in archive]
            found = {name: archive[name] for name in _ARRAYS if name in archive}
    except (OSError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise bad_input(
            f"the archive cannot be read: {error}",
            where=Where(str(path)),
            remedy="it may be cut: fetch it again",
        ) from None
    if missing:
        raise bad_input(
            "the archive lacks arrays",
            where=Where(str(path)),
            value=", ".join(missing),
            remedy=f"needed: {', '.join(_ARRAYS)}",
        )
    for name in ("Z", "F", "x"):
        if found[name].dtype.kind not in "iuf" or not np.isfinite(found[name]).all():
            raise bad_input(
                f"array {name} holds what is no number",
                where=Where(str(path)),
                remedy="fetch the file again",
            )
    return found


def _industry_names(path: Path, industries: Sequence[str]) -> list[str]:
    beside = path.with_name("industries.csv")
    if not beside.is_file():
        return list(industries)
    with beside.open(encoding="utf-8-sig", newline="") as stream:
        names = {row.get("code", ""): row.get("industry", "") for row in csv.DictReader(stream)}
    return [names.get(code) or code for code in industries]


@dataclass(frozen=True, slots=True)
class _Sides:
    """Regions and industries, in the order of rows."""

    regions: Sequence[str]
    industries: Sequence[str]
    names: Sequence[str]


def _blocks(  # noqa: PLR0913, PLR0917 - the parts of a table, each with its own place
    year: int,
    sides: _Sides,
    flows: Floats,
    final: Floats,
    output: Floats,
    rows: tuple[str, ...],
    kinds: tuple[str, ...],
    primary: Floats,
    primary_final: Floats | None,
    notes: tuple[str, ...],
) -> Blocks:
    return Blocks(
        name="World Input-Output Database 2013",
        key="wiod2013-world",
        area="WORLD",
        year=year,
        currency="USD",
        scale=1_000_000,
        basis="basic",
        classification=_CLASSIFICATION,
        scope="domestic",
        sectors=tuple(f"{r}:{i}" for r in sides.regions for i in sides.industries),
        labels=tuple(name for _ in sides.regions for name in sides.names),
        regions=tuple(region for region in sides.regions for _ in sides.industries),
        flows=flows,
        output=output,
        uses=tuple(f"{region}:{use}" for region in sides.regions for use in _USES),
        use_kinds=tuple(_USES[use] for _ in sides.regions for use in _USES),
        final=final,
        primary_rows=rows,
        primary_kinds=kinds,
        primary=primary,
        primary_final=primary_final,
        notes=notes,
    )


# The wide sheet


def _of_sheet(path: Path, year: int, dialect: Dialect | None) -> Blocks:
    rows = _sheet_rows(path, dialect)
    at = next((n for n, row in enumerate(rows[:_HEADINGS]) if sum(map(_is_code, row)) > 1), None)
    if at is None or at < 1:
        raise bad_input(
            "no row of headings with c1, c2 and so on",
            where=Where(str(path), 0),
            remedy="choose another --layout",
        )
    codes, regions = rows[at], rows[at - 1]
    columns = [j for j, code in enumerate(codes) if _is_code(code)]
    keys = [f"{_region(regions[j])}:{str(codes[j]).casefold()}" for j in columns]
    refuse_doubles(path, keys, [0] * len(keys), "column")
    use_at = [j for j, key in enumerate(keys) if key.rpartition(":")[2] in _USES]
    sector_at = [j for j, key in enumerate(keys) if key.rpartition(":")[2] not in _USES]
    sectors = [keys[j] for j in sector_at if not keys[j].startswith("TOT")]
    body = [(n, row) for n, row in enumerate(rows[at + 1 :], 1) if _is_code(row[_LABELS - 1])]
    homes = [(n, row) for n, row in body if _text(row[_LABELS - 2]) not in ("", "TOT")]
    found = [f"{_region(row[2])}:{_text(row[3]).casefold()}" for _, row in homes]
    places = order(path, sectors, found, [n for n, _ in homes], "sector")
    table = np.vstack([_numbers(path, homes[i], columns, keys) for i in places])
    below = [(n, row) for n, row in body if _below(row) is not None]
    under = [_numbers(path, each, columns, keys) for each in below]
    primary = np.vstack(under) if under else np.empty((0, len(columns)))
    n = len(sectors)
    sides = _sides(path, sectors, [_text(homes[i][1][1]) for i in places])
    uses = [keys[j] for j in use_at]
    wanted = [f"{region}:{use}" for region in sides.regions for use in _USES]
    use_places = [use_at[i] for i in order(path, wanted, uses, [0] * len(uses), "final use")]
    output, notes = _output(path, rows[: at + 1], [homes[i] for i in places], columns[-1])
    if output is None:
        output = table[:, sector_at[:n]].sum(axis=1) + table[:, use_places].sum(axis=1)
    return _blocks(
        year,
        sides,
        np.ascontiguousarray(table[:, sector_at[:n]]),
        np.ascontiguousarray(table[:, use_places]),
        output,
        tuple(_text(row[1]) for _, row in below),
        tuple(_below(row) or "" for _, row in below),
        primary[:, sector_at[:n]],
        primary[:, use_places],
        notes,
    )


def _output(
    path: Path, headings: Sequence[Sequence[Any]], rows: Sequence[tuple[int, Any]], last: int
) -> tuple[Floats | None, tuple[str, ...]]:
    """Return total output from its column right of the uses, where there is one."""
    width = max(len(row) for row in headings)
    for j in range(last + 1, width):
        words = " ".join(_text(row[j]) for row in headings if j < len(row))
        if "output" in words.casefold():
            return np.concatenate([_numbers(path, row, [j], ["output"]) for row in rows]), ()
    return None, ("output is the sum of a row's uses",)


def _sheet_rows(path: Path, dialect: Dialect | None) -> list[list[Any]]:
    if is_workbook(path):
        return [list(row) for row in workbook_rows(path, "", lambda row: bool(row) or True)]
    delimiter, first = read_header(path, dialect)
    return [list(first), *text_rows(path, delimiter, dialect)]


def _sides(path: Path, sectors: Sequence[str], names: Sequence[str]) -> _Sides:
    regions = list(dict.fromkeys(code.partition(":")[0] for code in sectors))
    industries = list(dict.fromkeys(code.partition(":")[2] for code in sectors))
    expected = [f"{region}:{industry}" for region in regions for industry in industries]
    order(path, expected, sectors, [0] * len(sectors), "sector")
    if list(sectors) != expected:
        raise bad_input(
            "regions do not have their industries in one order", where=Where(str(path), 0)
        )
    return _Sides(regions, industries, names[: len(industries)])


def _is_code(cell: object) -> bool:
    return _CODE.fullmatch(_text(cell)) is not None


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


def _region(cell: object) -> str:
    return "ROU" if _text(cell) == "ROM" else _text(cell)


def _below(row: Sequence[Any]) -> str | None:
    """Return what a row under the flows is, by its name; None for a total or a sector."""
    if _text(row[2]) not in ("", "TOT"):
        return None
    name = _text(row[1]).casefold()
    return next((kind for part, kind in _BELOW if part in name), None)


def _numbers(
    path: Path, numbered: tuple[int, Sequence[Any]], columns: Sequence[int], keys: Sequence[str]
) -> Floats:
    number, row = numbered
    if len(row) <= columns[-1]:
        raise bad_input(
            f"the row has {len(row)} cells, the headings {columns[-1] + 1}",
            where=Where(str(path), number),
            remedy="the file may be cut here: fetch it again",
        )
    found = np.zeros(len(columns))
    for place, j in enumerate(columns):
        cell = row[j]
        value = cell if isinstance(cell, int | float) else to_number(_text(cell) or "0")
        if value is None:
            raise not_a_number(path, number, keys[place], cell)
        found[place] = value
    return found
