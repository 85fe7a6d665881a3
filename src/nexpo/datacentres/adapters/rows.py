"""Rows of a form as text: CSV, XLSX, JSON. A broken row is said, the others go on."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from nexpo.core.files import atomic_path
from nexpo.core.ingest import REJECT_COLUMNS, check_readable, read_header
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.core.workbooks import opened


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a form: its number from 1, its cells by header, empty ones left out.

    ``rows`` says where a column stands in a form that has one row a column; ``broken`` says
    why the row cannot be read.
    """

    number: int
    cells: Mapping[str, str]
    rows: Mapping[str, int] = field(default_factory=dict)
    broken: str = ""

    def at(self, column: str | None) -> int:
        """Return the number of the row in the file in which a column stands."""
        return self.number if column is None else self.rows.get(column, self.number)


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it was read: its headers and rows."""

    path: Path
    headers: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Reject:
    """A cell, or a row, that cannot be used."""

    file: str
    row: int
    column: str
    value: str
    reason: str
    remedy: str


def read_form(path: Path) -> Form:
    """Read a form by its ending: ``.csv``, ``.xlsx``, ``.json``.

    Raises
    ------
    Problem
        When the file as a whole is no such form.
    """
    readers = {".csv": _csv_rows, ".txt": _csv_rows, ".xlsx": xlsx_rows, ".json": _json_rows}
    reader = readers.get(path.suffix.casefold())
    if reader is None:
        raise Problem(
            Kind.USAGE,
            "this kind of file is not read",
            where=Where(str(path)),
            value=path.suffix,
            remedy="give a CSV (.csv), a workbook (.xlsx) or JSON (.json)",
        )
    if path.suffix.casefold() != ".xlsx":
        check_readable(path)
    headers, rows = reader(path)
    if not rows:
        raise bad_input(
            "the form has no filled row", where=Where(str(path)), remedy="fill one row a record"
        )
    return Form(path, headers, rows)


def write_rejects(path: Path, rejects: Sequence[Reject]) -> Path:
    """Write refused cells as a CSV of the same columns as every reject file."""
    with atomic_path(path) as part, part.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(REJECT_COLUMNS)
        for each in rejects:
            told = (each.file, each.row, each.column, each.value, each.reason, each.remedy)
            writer.writerow((*told, each.row + 1))
    return path


# Files


def _csv_rows(path: Path) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    delimiter, headers = read_header(path)
    rows: list[Row] = []
    short = False
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, delimiter=delimiter, strict=True)
            next(reader)
            for number, cells in enumerate(reader, 1):
                if any(cell.strip() for cell in cells):
                    rows.append(_row(number, headers, cells))
                    short = len(cells) < len(headers)
    except (UnicodeDecodeError, csv.Error) as error:
        raise bad_input(
            f"the file cannot be read: {error}",
            where=Where(str(path), len(rows) + 1),
            remedy="save it as UTF-8 with its quotes closed",
        ) from None
    if short and not path.read_bytes().endswith((b"\n", b"\r")):
        rows[-1] = replace(rows[-1], cells={}, broken="the file ends within this row: it is cut")
    return headers, tuple(rows)


def _row(number: int, headers: Sequence[str], cells: Sequence[str]) -> Row:
    if len(cells) > len(headers):
        return Row(number, {}, broken="the row has more cells than the header")
    pairs = zip(headers, (cell.strip() for cell in cells), strict=False)
    return Row(number, {name: cell for name, cell in pairs if cell})


def xlsx_rows(path: Path) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    """Return the named headers of the first sheet, and its rows that hold anything.

    Cells stay under their own header: a column without a name is passed over.

    Raises
    ------
    Problem
        When the file is no workbook.
    """
    with opened(path) as sheets:
        lines = list(sheets[0].rows())
    if not lines:
        return (), ()
    headers = tuple(_text(cell) for cell in lines[0])
    rows = []
    for number, cells in enumerate(lines[1:], 1):
        pairs = zip(headers, cells, strict=False)
        told = {name: text for name, cell in pairs if name and (text := _text(cell))}
        if told:
            rows.append(Row(number, told))
    return tuple(name for name in headers if name), tuple(rows)


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def _json_rows(path: Path) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise bad_input(
            f"not JSON: {error}",
            where=Where(str(path)),
            remedy="the file may be cut: save it again",
        ) from None
    records = content if isinstance(content, list) else [content]
    if len(records) == 1 and isinstance(records[0], dict) and "reports" in records[0]:
        records = records[0]["reports"]
    rows = tuple(_json_row(number, each) for number, each in enumerate(records, 1))
    return tuple(dict.fromkeys(name for row in rows for name in row.cells)), rows


def _json_row(number: int, record: object) -> Row:
    if not isinstance(record, dict):
        return Row(number, {}, broken="a record is an object of columns and values")
    told = {str(name): text for name, cell in record.items() if (text := _json_text(cell))}
    return Row(number, told)


def _json_text(cell: object) -> str:
    if isinstance(cell, dict):
        return "; ".join(f"{name} = {each}" for name, each in cell.items())
    if isinstance(cell, list):
        return "; ".join(_text(each) for each in cell)
    return _text(cell)
