"""Sheets of Excel workbooks as rows, their headers found under titles."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from nexpo.core.ingest import check_readable
from nexpo.core.problem import Where, bad_input

_WORKBOOKS = {".xlsx", ".xlsm"}
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")

SEARCHED = 15
"""Rows of a sheet in which its header is looked for."""

IsHeader = Callable[[Sequence[str]], bool]


def is_workbook(path: Path) -> bool:
    """Tell an Excel workbook by its ending.

    Raises
    ------
    Problem
        For a workbook of the format before 2007, by its first bytes.
    """
    if path.is_file():
        with path.open("rb") as stream:
            old = stream.read(len(_OLE)) == _OLE
        if old:
            raise bad_input(
                "this is a workbook of the old Excel format (.xls)",
                where=Where(str(path)),
                remedy="save it as .xlsx",
            )
    return path.suffix.casefold() in _WORKBOOKS


def workbook_headers(path: Path) -> Iterator[tuple[str, ...]]:
    """Yield the first rows of each sheet, as texts: a header may stand under a title."""
    with _workbook(path) as book:
        for sheet in book.worksheets:
            for row in islice(sheet.iter_rows(values_only=True), SEARCHED):
                yield texts(row)


def workbook_rows(path: Path, sheet: str, is_header: IsHeader) -> Iterator[Sequence[Any]]:
    """Yield the rows of a sheet, from the header on: values as Excel last computed them.

    The header is looked for in the first rows of each sheet, under titles.

    Raises
    ------
    Problem
        When the file is no workbook, or no sheet has such a header.
    """
    with _workbook(path) as book:
        for each in book.worksheets:
            if sheet and each.title != sheet:
                continue
            rows = each.iter_rows(values_only=True)
            for row in islice(rows, SEARCHED):
                if row and is_header(texts(row) or ("",)):
                    yield row
                    yield from rows
                    return
        names = ", ".join(each.title for each in book.worksheets)
    raise bad_input(
        "no sheet of the workbook has the header that this layout has",
        where=Where(str(path), 0),
        value=names,
        remedy="choose another --layout",
    )


@contextmanager
def _workbook(path: Path) -> Iterator[Any]:
    from openpyxl import load_workbook  # noqa: PLC0415 - a CSV must not pay for Excel
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415 - likewise

    if not path.is_file():
        check_readable(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles that do not concern us
            book = load_workbook(path, read_only=True, data_only=True)
    except (OSError, KeyError, ValueError, BadZipFile, InvalidFileException) as error:
        raise bad_input(
            f"the workbook cannot be opened: {error}",
            where=Where(str(path)),
            remedy="the file may be cut: fetch it again, or save it as .xlsx",
        ) from None
    try:
        yield book
    finally:
        book.close()


def texts(row: Sequence[Any]) -> tuple[str, ...]:
    """Return the cells of a row as texts, without empty ones at its end."""
    found = ["" if cell is None else str(cell).strip() for cell in row]
    while found and not found[-1]:
        found.pop()
    return tuple(found)
