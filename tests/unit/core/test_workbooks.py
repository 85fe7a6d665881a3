"""Workbooks as people send them: whole, cut, old, locked, or something else by that name."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

from nexpo.core.problem import Kind, Problem
from nexpo.core.workbooks import is_workbook, opened


@pytest.fixture
def book(tmp_path: Path) -> Path:
    written = openpyxl.Workbook()
    assert written.active is not None
    for row in range(2000):
        written.active.append([row, f"row {row}"])
    path = tmp_path / "book.xlsx"
    written.save(path)
    return path


def _rows(path: Path) -> list[tuple[object, ...]]:
    with opened(path) as sheets:
        return list(sheets[0].rows())


def test_the_values_of_a_workbook_are_read(book: Path) -> None:
    assert is_workbook(book)
    assert _rows(book)[:2] == [(0, "row 0"), (1, "row 1")]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_workbook_that_is_cut_is_refused(book: Path, share: float) -> None:
    raw = book.read_bytes()
    book.write_bytes(raw[: int(len(raw) * share)])
    with pytest.raises(Problem, match=r"(?s)cannot be read.*book\.xlsx.*fetch it again") as caught:
        _rows(book)
    assert caught.value.kind is Kind.BAD_INPUT


def test_damage_that_shows_while_rows_are_read_is_refused(book: Path) -> None:
    raw = bytearray(book.read_bytes())
    place = raw.index(b"xl/worksheets/sheet1.xml") + 5000
    raw[place : place + 40] = bytes(40)
    book.write_bytes(raw)
    with pytest.raises(Problem, match="cannot be read"):
        _rows(book)


def _with_sheet(book: Path, content: str | None) -> Path:
    """Write the workbook anew with another first sheet, or without that part."""
    changed = book.with_name("changed.xlsx")
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            if name != "xl/worksheets/sheet1.xml":
                new.writestr(name, old.read(name))
            elif content is not None:
                new.writestr(name, content)
    return changed


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "<worksheet>",
        '<c r="?2">',
        '<c r="A1"><v>20.24.5</v></c>',
        '<c r="A1" t="s"><v>9</v></c>',
    ],
)
def test_a_sheet_that_is_not_as_the_format_says_is_refused(book: Path, content: str | None) -> None:
    if content and content.startswith("<c"):
        space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        row = f"<row r='1'>{content}</row>"
        content = f"<worksheet xmlns='{space}'><sheetData>{row}</sheetData></worksheet>"
    with pytest.raises(Problem, match="cannot be read") as caught:
        _rows(_with_sheet(book, content))
    assert caught.value.kind is Kind.BAD_INPUT


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    old = tmp_path / "old.xlsx"
    old.write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600))
    with pytest.raises(Problem, match=r"(?s)old Excel.*password.*save it as \.xlsx"):
        _rows(old)
    empty = tmp_path / "empty.xlsx"
    empty.touch()
    with pytest.raises(Problem, match="is empty"):
        _rows(empty)
    text = tmp_path / "text.xlsx"
    text.write_text("istat,residents\n")
    with pytest.raises(Problem, match="cannot be read"):
        _rows(text)
    for missing in (tmp_path / "none.xlsx", tmp_path):
        with pytest.raises(Problem) as caught:
            _rows(missing)
        assert caught.value.kind is Kind.NO_INPUT


def test_an_error_of_the_reader_is_not_taken_for_the_workbooks(book: Path) -> None:
    with pytest.raises(ValueError, match="mine"), opened(book):
        raise ValueError("mine")
