"""Workbooks (.xlsx) that people and publishers send."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from nexpo.core.ingest import check_readable
from nexpo.core.problem import Problem, Where, bad_input

_ENDINGS = {".xlsx", ".xlsm"}
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_DAMAGE = (
    *(BadZipFile, ParseError, EOFError, zlib.error, OSError),
    *(AttributeError, LookupError, NotImplementedError, RuntimeError, TypeError, ValueError),
)
"""What the library raises on damaged bytes: wherever they happen to lead it."""

Cells = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of an open workbook."""

    title: str
    _path: Path
    _sheet: Any

    def rows(self) -> Iterator[Cells]:
        """Yield the values of its rows.

        Raises
        ------
        Problem
            When the sheet is damaged.
        """
        rows = self._sheet.iter_rows(values_only=True)
        while True:
            try:
                row = next(rows)
            except StopIteration:
                return
            except _DAMAGE as error:
                raise _refused(self._path, error) from None
            yield row


def is_workbook(path: Path) -> bool:
    """Tell an Excel workbook by its ending.

    Raises
    ------
    Problem
        For a workbook of the format before 2007, or one with a password, by its first bytes.
    """
    _refuse_old(path)
    return path.suffix.casefold() in _ENDINGS


@contextmanager
def opened(path: Path) -> Iterator[list[Sheet]]:
    """Open a workbook to read the values of its sheets, at least one, and close it.

    Raises
    ------
    Problem
        When there is no such file, it is no workbook, or its bytes are damaged.
    """
    from openpyxl import load_workbook  # noqa: PLC0415 - a CSV must not pay for Excel
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415 - likewise

    if not path.is_file() or not path.stat().st_size:
        check_readable(path)
    _refuse_old(path)
    with path.open("rb") as stream:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of styles that do not concern us
                book = load_workbook(stream, read_only=True, data_only=True)
        except (*_DAMAGE, InvalidFileException) as error:
            raise _refused(path, error) from None
        sheets = [Sheet(sheet.title, path, sheet) for sheet in book.worksheets]
        if not sheets:
            raise _refused(path, "it has no sheet of cells")
        yield sheets


def _refuse_old(path: Path) -> None:
    if not path.is_file():
        return
    try:
        with path.open("rb") as stream:
            old = stream.read(len(_OLE)) == _OLE
    except OSError as error:
        raise _refused(path, error) from None
    if old:
        raise bad_input(
            "this is a workbook of the old Excel format (.xls), or one with a password",
            where=Where(str(path)),
            remedy="save it as .xlsx, without a password",
        )


def _refused(path: Path, why: object) -> Problem:
    return bad_input(
        f"the workbook cannot be read: {why}",
        where=Where(str(path)),
        remedy="it may be cut: fetch it again, or save it as .xlsx without a password",
    )
