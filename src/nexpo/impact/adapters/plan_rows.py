"""The rows of a plan's file, whatever its format: head, numbered rows, spending mixes."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nexpo.core import parameters
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.core.workbooks import opened
from nexpo.impact.adapters.mix_files import mixes_of
from nexpo.impact.model import Mix

COLUMNS = (
    "project", "year", "phase", "sector", "amount", "currency", "basis", "price_year",
    "import_share", "local_share", "province", "source", "assumption",
)  # fmt: skip
MIX_COLUMNS = ("product", "name", "sector", "share", "title", "source", "assumption", "default")
NEEDED = ("year", "phase", "sector", "amount", "currency", "basis", "price_year")
YES = ("yes", "true", "1", "x")
_ONCE = ("project", "currency", "basis", "price_year")
_HEAD = ("id", "title", "region", "assumptions", "sources", "mixes", "lines", *_ONCE)

Row = Mapping[str, Any]
Rows = tuple[Row, list[tuple[int, Row]], tuple[Mix, ...]]


def rows_of(path: Path, encoding: str = "utf-8") -> Rows:
    """Return head, numbered rows and mixes of a plan's file.

    Raises
    ------
    Problem
        When the file is none of the formats, or its columns are not those of a plan.
    """
    if path.is_file() and not path.stat().st_size:
        raise bad_input(
            "the file is empty",
            where=Where(path.name),
            remedy="write an empty plan with `nexpo impact run --template FILE`, and fill it in",
        )
    match path.suffix.lower():
        case ".yaml" | ".yml":
            return _from_yaml(path)
        case ".csv":
            return {}, list(_from_csv(path, encoding)), ()
        case ".xlsx":
            return _from_workbook(path)
        case ending:
            raise bad_input(
                "a plan is YAML, CSV or XLSX",
                where=Where(str(path)),
                value=ending,
                remedy="name a .yaml, .csv or .xlsx file",
            )


def _from_yaml(path: Path) -> tuple[Row, list[tuple[int, Row]], tuple[Mix, ...]]:
    try:
        head = parameters.read_yaml(path)
    except Problem as problem:
        problem.kind = Kind.BAD_INPUT  # a plan is input, not a rule
        raise
    for name in head:
        if name not in _HEAD:
            raise bad_input(
                "unknown key",
                where=Where(path.name, column=str(name)),
                value=name,
                remedy=f"keys: {', '.join(_HEAD)}",
            )
    entries = head.get("lines")
    if not isinstance(entries, list):
        raise bad_input(
            "the plan has no lines",
            where=Where(path.name, column="lines"),
            remedy="write a list under lines:",
        )
    once = {name: head[name] for name in _ONCE if name in head}
    rows: list[tuple[int, Row]] = []
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, Mapping):
            raise bad_input(
                "a line is a mapping of columns", where=Where(path.name, number), value=entry
            )
        _one_currency(path, number, once, entry)
        rows.append((number, {**once, **entry}))
    return head, rows, mixes_of(head.get("mixes") or {}, path.name)


def _one_currency(path: Path, number: int, once: Row, entry: Row) -> None:
    for name in ("currency", "basis"):
        if name in once and name in entry and str(entry[name]) != str(once[name]):
            raise bad_input(
                f"the plan states {name} {once[name]} at its head, and another here",
                where=Where(path.name, number, name),
                value=entry[name],
                remedy="a plan has one currency and one price basis: split it, or convert",
            )


def _text_of(path: Path, encoding: str) -> str:
    """Return the text of a CSV; UTF-16 is known by its first two bytes."""
    raw = path.read_bytes()
    marked = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    codec = "utf-16" if marked else encoding
    try:
        return raw.decode("utf-8-sig" if codec == "utf-8" else codec).replace("\r\n", "\n")
    except LookupError:
        raise Problem(
            Kind.USAGE, "no such encoding", value=encoding, remedy="for example cp1252"
        ) from None
    except UnicodeDecodeError as error:
        raise bad_input(
            f"the file is not {codec.upper()} text ({error.reason})",
            where=Where(path.name),
            remedy="save it as CSV UTF-8, or say --encoding cp1252 (usual for Italian exports)",
        ) from None


def _from_csv(path: Path, encoding: str) -> Iterator[tuple[int, Row]]:
    text = _text_of(path, encoding)
    if not text.strip():
        raise bad_input(
            "the file is empty",
            where=Where(path.name),
            remedy="write an empty plan with `nexpo impact run --template FILE`, and fill it in",
        )
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter, strict=True)
    names = [name.strip().lower() for name in reader.fieldnames or ()]
    _check_header(path, names)
    reader.fieldnames = names
    try:
        for number, row in enumerate(reader, 1):
            if None in row or None in row.values():
                raise bad_input(
                    f"the row has not {len(names)} cells as the header has",
                    where=Where(path.name, number),
                    remedy="put cells that hold the delimiter in quotes",
                )
            if any(cell.strip() for cell in row.values()):
                yield number, row
    except csv.Error as error:
        raise bad_input(f"not a CSV file: {error}", where=Where(path.name)) from None


def _from_workbook(path: Path) -> tuple[Row, list[tuple[int, Row]], tuple[Mix, ...]]:
    with opened(path) as found:
        sheets = {sheet.title.lower(): list(sheet.rows()) for sheet in found}
    first = next(iter(sheets))
    rows = list(_records(path, sheets[first], COLUMNS, required=NEEDED))
    about = {str(row[0]): row[1] for row in sheets.get("about", []) if row and row[0] is not None}
    return about, rows, _sheet_mixes(path, sheets.get("mixes", []))


def _records(
    path: Path, cells: Sequence[Sequence[Any]], known: Sequence[str], required: Sequence[str]
) -> Iterator[tuple[int, Row]]:
    if not cells:
        _check_header(path, [])
        return
    names = ["" if cell is None else str(cell).strip().lower() for cell in cells[0]]
    _check_header(path, [name for name in names if name], known, required)
    for number, row in enumerate(cells[1:], 1):
        if any(cell is not None for cell in row):
            yield number, {name: row[i] for i, name in enumerate(names) if name and i < len(row)}


def _check_header(
    path: Path,
    names: Sequence[str],
    known: Sequence[str] = COLUMNS,
    required: Sequence[str] = NEEDED,
) -> None:
    for name in names:
        if name not in known or names.count(name) > 1:
            detail = "no such column" if name not in known else "the column stands twice"
            raise bad_input(
                detail,
                where=Where(path.name, column=name),
                value=name,
                remedy=f"columns: {', '.join(known)}",
            )
    for name in required:
        if name not in names:
            raise bad_input(
                f"the column {name} is missing",
                where=Where(path.name, column=name),
                remedy=f"required: {', '.join(required)}",
            )


def _sheet_mixes(path: Path, cells: Sequence[Sequence[Any]]) -> tuple[Mix, ...]:
    if not cells:
        return ()
    needed = ("product", "name", "sector", "share")
    tree: dict[str, dict[str, dict[str, Any]]] = {}
    for _, row in _records(path, cells, MIX_COLUMNS, needed):
        entry = tree.setdefault(str(row["product"]), {}).setdefault(
            str(row["name"]), {"shares": {}}
        )
        entry["shares"][str(row["sector"])] = row["share"]
        for key in ("title", "source"):
            entry[key] = entry.get(key) or row.get(key)
        for key in ("assumption", "default"):
            entry[key] = entry.get(key) or str(row.get(key) or "").lower() in YES
    return mixes_of(tree, path.name)
