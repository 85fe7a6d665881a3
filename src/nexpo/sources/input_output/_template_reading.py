"""Reading the two forms of the template: wide, a row a sector; long, a row a cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nexpo.core.ingest import Dialect, read_header
from nexpo.core.numbers import decimal_comma, to_number
from nexpo.core.problem import Where, bad_input
from nexpo.core.workbooks import is_workbook
from nexpo.sources.input_output._template_parts import Parts, Row, note_fact, use_row
from nexpo.sources.input_output.blocks import (
    Floats,
    order,
    refuse_doubles,
    shown,
    unknown_code,
)
from nexpo.sources.input_output.grid import Grid, not_a_number, read_grid, stated_mark, text_rows
from nexpo.sources.input_output.kinds import use_kind
from nexpo.sources.input_output.workbooks import workbook_rows
from nexpo.sources.text_tables.names import plain

_LABELS = ("block", "code", "label", "kind")
_BLOCKS = (
    "about",
    "sector",
    "use",
    "flows",
    "imports",
    "primary",
    "output",
    "import_total",
    "satellite",
)
_ENDS = ("output", "import_total")
_AGREE = 1e-6
_SAMPLE_CELLS = 40_000


# Wide


def wide_parts(path: Path, dialect: Dialect | None) -> Parts:
    """Read the wide form.

    Raises
    ------
    Problem
        With row and column of what cannot be used.
    """
    parts = Parts()
    grid = read_grid(path, _LABELS, dialect=dialect, short=("about", "use", "sector"))
    at = _by_block(grid)
    codes, labels, kinds = (_texts(grid, name) for name in ("code", "label", "kind"))

    def rows(block: str) -> list[Row]:
        found = [Row(codes[i], labels[i], kinds[i], grid.rows[i]) for i in at[block]]
        refuse_doubles(path, [r.code for r in found], [r.row for r in found], f"code of {block}")
        return found

    for i in at["about"]:
        note_fact(path, parts, codes[i], labels[i], grid.rows[i])
    refuse_doubles(path, grid.columns, [0] * len(grid.columns), "column")
    ends = [name for name in grid.columns if plain(name) in _ENDS]
    parts.sectors = rows("flows")
    sectors = [row.code for row in parts.sectors]
    uses = [name for name in grid.columns if name not in {*sectors, *ends}]
    parts.uses = _uses(path, uses, rows("use"), sectors)
    place = {name: j for j, name in enumerate(grid.columns)}
    absent = [row for row in parts.sectors if row.code not in place]
    if absent:
        raise unknown_code(
            path, absent[0].code, grid.columns, what="sector: it has a row and no column",
            row=absent[0].row,
        )  # fmt: skip
    wide = [place[code] for code in (*sectors, *uses)]
    parts.flows = _cut(grid.values, at["flows"], wide)
    _ends(grid, at, parts, [place[code] for code in sectors], place)
    if at["imports"]:
        found = order(path, sectors, [r.code for r in rows("imports")],
                      [grid.rows[i] for i in at["imports"]], "imported product")  # fmt: skip
        parts.imports = _cut(grid.values, [at["imports"][i] for i in found], wide)
    parts.primary = rows("primary")
    parts.primary_values = _cut(grid.values, at["primary"], wide)
    parts.satellites = rows("satellite")
    if at["satellite"]:
        parts.satellite_values = _unknown_kept(grid, at["satellite"], wide[: len(sectors)])
    parts.notes.extend(_gaps(grid, [*at["flows"], *at["imports"]], wide))
    return parts


def _gaps(grid: Grid, rows: Sequence[int], columns: Sequence[int]) -> tuple[str, ...]:
    if grid.blank is None:
        return ()
    count = int(np.count_nonzero(grid.blank[np.ix_(rows, columns)]))
    return (f"{count:,} empty cells were read as zero",) if count else ()


def _by_block(grid: Grid) -> dict[str, list[int]]:
    at: dict[str, list[int]] = {name: [] for name in _BLOCKS}
    for i, name in enumerate(grid.label("block")):
        block = plain(name)
        if block not in at:
            raise unknown_code(
                grid.path, name, _BLOCKS, what="block", row=grid.rows[i], column="block"
            )
        at[block].append(i)
    return at


def _texts(grid: Grid, name: str) -> list[str]:
    return [text.strip() for text in grid.label(name)]


def _uses(
    path: Path, codes: Sequence[str], said: Sequence[Row], sectors: Sequence[str]
) -> list[Row]:
    by_code = {row.code: row for row in said}
    for row in said:
        if row.code not in codes:
            known = [*codes, *sectors]
            raise unknown_code(path, row.code, known, what="final use: no column", row=row.row)
    found = []
    for code in codes:
        if code not in by_code and use_kind(code) is None:
            raise bad_input(
                "the column is neither a sector with a row of flows nor a final use",
                where=Where(str(path), 0, code),
                value=code,
                remedy=f"sectors have rows ({shown(sectors)}): is the file cut?",
            )
        found.append(use_row(path, by_code.get(code, Row(code, code, "", 0))))
    return found


def _cut(values: Floats, rows: Sequence[int], columns: Sequence[int]) -> Floats:
    """Return rows and columns; a view where both lie together."""
    if rows and columns and _run(rows) and _run(columns):
        return values[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return values[np.ix_(rows, columns)]


def _run(places: Sequence[int]) -> bool:
    return list(places) == list(range(places[0], places[0] + len(places)))


def _ends(
    grid: Grid, at: dict[str, list[int]], parts: Parts, sectors: list[int], place: dict[str, int]
) -> None:
    """Find output and total imports, as a column, a row, or both if they agree."""
    by_name = {plain(name): j for name, j in place.items()}
    for name in _ENDS:
        column = None
        if name in by_name and at["flows"]:
            column = grid.values[at["flows"], by_name[name]]
        row = None
        if at[name]:
            refuse_doubles(
                grid.path, [name] * len(at[name]), [grid.rows[i] for i in at[name]], "block"
            )
            row = grid.values[at[name][0], sectors]
        _refuse_apart(grid.path, name, column, row, [each.code for each in parts.sectors])
        setattr(parts, name, column if column is not None else row)


def _refuse_apart(
    path: Path, name: str, column: Floats | None, row: Floats | None, codes: Sequence[str]
) -> None:
    if column is None or row is None:
        return
    apart = np.abs(column - row) > _AGREE * np.maximum(np.abs(column), 1.0)
    if apart.any():
        worst = int(np.abs(column - row).argmax())
        raise bad_input(
            f"{name} is stated twice, and not alike: {column[worst]:,.6g} in the column, "
            f"{row[worst]:,.6g} in the row",
            where=Where(str(path), None, name),
            value=codes[worst],
            remedy="leave one of the two out",
        )


def _unknown_kept(grid: Grid, rows: Sequence[int], columns: Sequence[int]) -> Floats:
    """Return rows of a satellite, where an empty cell is not known rather than zero."""
    found = grid.values[np.ix_(rows, columns)].copy()
    empty = grid.blank[np.ix_(rows, columns)] if grid.blank is not None else None
    if empty is not None:
        found[empty] = np.nan
    return found


# Long


@dataclass(slots=True)
class _Cells:
    """Cells of one block as they come: codes of row and column, value, place."""

    rows: dict[str, Row] = field(default_factory=dict)
    cells: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)


def long_parts(path: Path, dialect: Dialect | None) -> Parts:
    """Read the long form.

    Raises
    ------
    Problem
        With row and column of what cannot be used.
    """
    header, rows, comma = _long_rows(path, dialect)
    names = [plain(name) for name in header]
    parts = Parts()
    found = {name: _Cells() for name in _BLOCKS}
    for number, row in enumerate(rows, 1):
        cells = {name: _text(row[j]) if j < len(row) else "" for j, name in enumerate(names)}
        if not any(cells.values()):
            continue
        block = plain(cells["block"])
        if block not in found:
            raise unknown_code(
                path, cells["block"], _BLOCKS, what="block", row=number, column="block"
            )
        if block == "about":
            note_fact(path, parts, cells["row"], cells["value"], number)
            continue
        if cells.get("currency"):
            note_fact(path, parts, "currency", cells["currency"], number)
        _keep(path, found[block], block, cells, number, comma=comma)
    _from_cells(path, parts, found)
    return parts


def _long_rows(
    path: Path, dialect: Dialect | None
) -> tuple[tuple[str, ...], Iterator[Sequence[Any]], bool]:
    if is_workbook(path):
        rows = workbook_rows(path, "", lambda row: plain(row[0]) == "block")
        return tuple(_text(cell) for cell in next(rows)), rows, False
    delimiter, header = read_header(path, dialect)
    names = [plain(name) for name in header]
    block, place = names.index("block"), names.index("value")
    amounts = (
        row[place]
        for row in text_rows(path, delimiter, dialect)
        if len(row) > place and plain(row[block]) != "about"
    )
    comma = decimal_comma(
        amounts, delimiter, file=str(path), decimal=stated_mark(dialect), enough=_SAMPLE_CELLS
    )
    return header, text_rows(path, delimiter, dialect), comma


def _keep(
    path: Path, into: _Cells, block: str, cells: dict[str, str], number: int, *, comma: bool
) -> None:
    code, column = cells["row"], cells["column"]
    if not code:
        raise bad_input(
            "the cell names no row", where=Where(str(path), number, "row"), remedy="write its code"
        )
    known = into.rows.get(code)
    if known is None or (cells.get("kind") and not known.kind):
        into.rows[code] = Row(code, cells.get("label", ""), cells.get("kind", ""), number)
    if block in ("sector", "use"):
        return
    if not column and block not in _ENDS:
        raise bad_input(
            "the cell names no column",
            where=Where(str(path), number, "column"),
            value=f"{block} {code}",
            remedy="write the code of the sector or final use; was the row cut?",
        )
    value = to_number(cells["value"], comma=comma)
    if value is None:
        raise not_a_number(path, number, "value", cells["value"])
    before = into.cells.get((code, column))
    if before is not None:
        raise bad_input(
            f"the cell stands twice: rows {before[1]} and {number}",
            where=Where(str(path), number),
            value=f"{block} {code} {column}".strip(),
            remedy="each pair of row and column stands once",
        )
    into.cells[code, column] = (value, number)


def _from_cells(path: Path, parts: Parts, found: dict[str, _Cells]) -> None:
    flows = found["flows"]
    named, said = found["sector"].rows, found["use"].rows
    columns = dict.fromkeys(column for _, column in flows.cells)
    codes = list(dict.fromkeys([*named, *flows.rows]))
    uses = [c for c in dict.fromkeys([*said, *columns]) if c not in set(codes)]
    parts.sectors = [named.get(code) or flows.rows[code] for code in codes]
    parts.uses = _uses(path, uses, list(said.values()), codes)
    wide = [*codes, *uses]
    parts.flows = _square(path, flows, codes, wide, "sector")
    if found["imports"].cells:
        parts.imports = _square(path, found["imports"], codes, wide, "imported product")
    parts.primary = list(found["primary"].rows.values())
    primary = [row.code for row in parts.primary]
    parts.primary_values = _square(path, found["primary"], primary, wide, "primary row")
    for name in _ENDS:
        if found[name].cells:
            setattr(parts, name, _square(path, found[name], codes, [""], "sector")[:, 0])
    parts.satellites = list(found["satellite"].rows.values())
    if parts.satellites:
        indicators = [row.code for row in parts.satellites]
        cells = found["satellite"]
        parts.satellite_values = _square(path, cells, indicators, codes, "satellite", gap=np.nan)


def _square(
    path: Path,
    cells: _Cells,
    rows: Sequence[str],
    columns: Sequence[str],
    what: str,
    *,
    gap: float = 0.0,
) -> Floats:
    at_row = {code: i for i, code in enumerate(rows)}
    at_column = {code: j for j, code in enumerate(columns)}
    values = np.full((len(rows), len(columns)), gap)
    for (row, column), (value, number) in cells.cells.items():
        if row not in at_row:
            raise unknown_code(path, row, list(rows), what=what, row=number, column="row")
        if column not in at_column:
            raise unknown_code(
                path, column, list(columns), what="column", row=number, column="column"
            )
        values[at_row[row], at_column[column]] = value
    return values


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()
