"""Workbooks as people send them: whole, cut, old, locked, or something else by that name."""

from __future__ import annotations

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
    with opened(path) as found:
        return list(found.worksheets[0].iter_rows(values_only=True))


def test_the_values_of_a_workbook_are_read(book: Path) -> None:
    assert is_workbook(book)
    assert _rows(book)[:2] == [(0, "row 0"), (1, "row 1")]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_a_workbook_that_is_cut_is_refused(book: Path, share: float) -> None:
    raw = book.read_bytes()
    book.write_bytes(raw[: int(len(raw) * share)])
    with pytest.raises(
        Problem, match=r"(?s)cannot be opened.*book\.xlsx.*fetch it again"
    ) as caught:
        _rows(book)
    assert caught.value.kind is Kind.BAD_INPUT


def test_damage_that_shows_while_rows_are_read_is_refused(book: Path) -> None:
    raw = bytearray(book.read_bytes())
    place = raw.index(b"xl/worksheets/sheet1.xml") + 5000
    raw[place : place + 40] = bytes(40)
    book.write_bytes(raw)
    with pytest.raises(Problem, match="cannot be opened"):
        _rows(book)


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    old = tmp_path / "old.xlsx"
    old.write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600))
    with pytest.raises(Problem, match=r"(?s)old Excel.*password.*save it as \.xlsx"):
        _rows(old)
    text = tmp_path / "text.xlsx"
    text.write_text("istat,residents\n")
    with pytest.raises(Problem, match="cannot be opened"):
        _rows(text)
    for missing in (tmp_path / "none.xlsx", tmp_path):
        with pytest.raises(Problem) as caught:
            _rows(missing)
        assert caught.value.kind is Kind.NO_INPUT


def test_an_error_of_the_reader_is_not_taken_for_the_workbooks(book: Path) -> None:
    with pytest.raises(ValueError, match="mine"), opened(book):
        raise ValueError("mine")
