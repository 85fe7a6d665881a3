"""Workbooks (.xlsx) that people and publishers send."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from nexpo.core.problem import Kind, Problem, Where, bad_input

if TYPE_CHECKING:
    from openpyxl import Workbook

_ENDINGS = {".xlsx", ".xlsm"}
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_DAMAGE = (BadZipFile, ParseError, EOFError, zlib.error)


def is_workbook(path: Path) -> bool:
    """Tell an Excel workbook by its ending.

    Raises
    ------
    Problem
        For a workbook of the format before 2007, or one with a password, by its first bytes.
    """
    if path.is_file():
        with path.open("rb") as stream:
            old = stream.read(len(_OLE)) == _OLE
        if old:
            raise bad_input(
                "this is a workbook of the old Excel format (.xls), or one with a password",
                where=Where(str(path)),
                remedy="save it as .xlsx, without a password",
            )
    return path.suffix.casefold() in _ENDINGS


@contextmanager
def opened(path: Path) -> Iterator[Workbook]:
    """Open a workbook to read the values of its cells, row by row, and close it.

    Raises
    ------
    Problem
        When there is no such file, it is no workbook, or its bytes are damaged, be it only found
        while rows are read.
    """
    from openpyxl import load_workbook  # noqa: PLC0415 - a CSV must not pay for Excel
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415 - likewise

    if not path.is_file():
        raise Problem(
            Kind.NO_INPUT,
            "this is a folder, not a file" if path.is_dir() else "no such file",
            where=Where(str(path)),
            remedy="check the path and its spelling",
        )
    is_workbook(path)
    if not path.stat().st_size:
        raise _refused(path, "it is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles that do not concern us
            book = load_workbook(path, read_only=True, data_only=True)
    except (*_DAMAGE, InvalidFileException, OSError, KeyError, ValueError) as error:
        raise _refused(path, error) from None
    try:
        yield book
    except _DAMAGE as error:
        raise _refused(path, error) from None
    finally:
        book.close()


def _refused(path: Path, why: object) -> Problem:
    return bad_input(
        f"the workbook cannot be opened: {why}",
        where=Where(str(path)),
        remedy="it may be cut: fetch it again, or save it as .xlsx without a password",
    )
