"""Forms of declared columns: reading their rows cell by cell, and writing them empty."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Generic, TypeVar

from openpyxl import Workbook
from openpyxl.styles import Font

from nexpo.core.files import atomic_path
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.core.tables import Column, Table
from nexpo.datacentres.adapters.cells import Value, Wrong, parse
from nexpo.datacentres.adapters.rows import Form, Reject, Row

Entry = TypeVar("Entry")
Cells = Mapping[str, Value]
_WIDTH = 22
_MISSING = Wrong("no value", "the column must have a value in each row")


@dataclass(frozen=True, slots=True)
class Filled(Generic[Entry]):
    """What a form gave: entries with the number of their row, refused cells, notes."""

    entries: tuple[tuple[int, Entry], ...]
    rejects: tuple[Reject, ...]
    notes: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[Entry, ...]:
        """The entries without their rows."""
        return tuple(entry for _, entry in self.entries)


def fill(
    form: Form,
    table: Table,
    make: Callable[[Cells, Row], Entry],
    *,
    decimal: str = ".",
    unique: Callable[[Entry], object] | None = None,
) -> Filled[Entry]:
    """Make an entry of each row whose cells are all good; say of every bad cell why.

    Parameters
    ----------
    make
        Makes an entry of the values of a row; its problems refuse the row.
    unique
        What no two entries may share; the later row is refused.

    Raises
    ------
    Problem
        When a required column is missing in the header.
    """
    _need_columns(form, table)
    entries: list[tuple[int, Entry]] = []
    rejects: list[Reject] = []
    seen: dict[object, int] = {}
    for row in form.rows:
        cells, wrong = _cells(form, row, table, decimal)
        if not wrong:
            made = _made(form, row, make, cells)
            if isinstance(made, Reject):
                wrong = [made]
            elif unique is not None and unique(made) in seen:
                wrong = [_doubled(form, row, table, seen[unique(made)])]
            else:
                entries.append((row.number, made))
                if unique is not None:
                    seen[unique(made)] = row.number
        rejects.extend(wrong)
    return Filled(tuple(entries), tuple(rejects), tuple(_ignored(form, table)))


def write_template(path: Path, table: Table) -> Path:
    """Write the empty form of a table: CSV, or a workbook with the dictionary beside it.

    Raises
    ------
    Problem
        ``USAGE`` for another ending.
    """
    match path.suffix.casefold():
        case ".csv":
            with atomic_path(path) as part, part.open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream, lineterminator="\n").writerow(table.names)
        case ".xlsx":
            with atomic_path(path) as part, part.open("wb") as binary:
                _workbook(table).save(binary)
        case other:
            raise Problem(
                Kind.USAGE,
                "a template is a CSV or a workbook",
                where=Where(str(path)),
                value=other,
                remedy="end its name in .csv or .xlsx",
            )
    return path


def _workbook(table: Table) -> Workbook:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = table.name[:31]
    explained = book.create_sheet("dictionary")
    explained.append(["column", "unit", "required", "allowed", "meaning"])
    for index, column in enumerate(table.columns, 1):
        cell = sheet.cell(1, index, column.name)
        cell.font = Font(bold=True)
        letter = cell.column_letter
        sheet.column_dimensions[letter].width = _WIDTH
        if column.type in {"code", "text"}:
            sheet.column_dimensions[letter].number_format = "@"  # leading zeros stay
        required = "yes" if column.required else "no"
        allowed = ", ".join(column.allowed)
        explained.append([column.name, column.unit, required, allowed, column.meaning])
    sheet.freeze_panes = "A2"
    return book


def _need_columns(form: Form, table: Table) -> None:
    missing = [name for name in table.required if name not in form.headers]
    if missing:
        near = get_close_matches(missing[0], form.headers, n=1, cutoff=0.6)
        hint = f"; did you mean its column {near[0]!r}?" if near else ""
        raise bad_input(
            f"missing column: {', '.join(missing)}",
            where=Where(str(form.path), 0, missing[0]),
            value=", ".join(form.headers),
            remedy=f"begin with the template{hint}",
        )


def _cells(
    form: Form, row: Row, table: Table, decimal: str
) -> tuple[dict[str, Value], list[Reject]]:
    if row.broken:
        remedy = "mend the row: one cell a column"
        return {}, [Reject(form.path.name, row.number, "", "", row.broken, remedy)]
    cells: dict[str, Value] = {}
    wrong: list[Reject] = []
    for column in table.columns:
        text = row.cells.get(column.name, column.default)
        if text is None:
            if column.required:
                wrong.append(_reject(form, row, column, _MISSING))
            continue
        try:
            cells[column.name] = parse(column, text, decimal=decimal)
        except Wrong as error:
            wrong.append(_reject(form, row, column, error))
    return cells, wrong


def _reject(form: Form, row: Row, column: Column, error: Wrong) -> Reject:
    reason = f"{column.name}: {error.reason}"
    value = row.cells.get(column.name, "")
    return Reject(form.path.name, row.at(column.name), column.name, value, reason, error.remedy)


def _made(
    form: Form, row: Row, make: Callable[[Cells, Row], Entry], cells: Cells
) -> Entry | Reject:
    try:
        return make(cells, row)
    except Problem as problem:
        column = problem.where.column or ""
        value = row.cells.get(column, "" if problem.value is None else str(problem.value))
        reason = f"{column}: {problem.detail}" if column else problem.detail
        name, number = form.path.name, row.at(column)
        return Reject(name, number, column, value, reason, problem.remedy or "mend the row")


def _doubled(form: Form, row: Row, table: Table, first: int) -> Reject:
    column = table.required[0]
    value = row.cells.get(column, "")
    reason = f"{column}: stands twice, first in row {first}"
    return Reject(form.path.name, row.number, column, value, reason, "keep one of the two rows")


def _ignored(form: Form, table: Table) -> Iterator[str]:
    for name in form.headers:
        if name not in table.names:
            near: Sequence[str] = get_close_matches(name, table.names, n=1, cutoff=0.6)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            yield f"the column {name!r} is not read{hint}"
