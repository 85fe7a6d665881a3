"""Rectangles of amounts: what people's programs write, and what is refused with its place."""

from __future__ import annotations

import gzip
from pathlib import Path

import openpyxl
import pytest

from nexpo.core.numbers import decimal_comma, to_number
from nexpo.core.problem import Problem
from nexpo.sources.input_output.grid import read_grid


def written(folder: Path, text: str, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode("utf-8"))
    return path


@pytest.mark.parametrize(
    ("text", "comma", "value"),
    [
        ("-12", False, -12.0),
        ("1.5E-3", False, 0.0015),
        ("1 234 567", False, 1_234_567.0),
        ("1'234.5", False, 1234.5),
        ("\u22125", False, -5.0),
        ("1.234.567", True, 1_234_567.0),
        ("0,5", True, 0.5),
        ("1.5", True, None),
        ("inf", False, None),
        ("12%", False, None),
        ("", False, None),
        ("1,5", False, None),
    ],
)
def test_a_number_is_read_as_written_or_not_at_all(
    text: str, comma: bool, value: float | None
) -> None:
    assert to_number(text, comma=comma) == value


def test_the_decimal_mark_is_that_of_the_file() -> None:
    assert decimal_comma(["1.234,5"], ",")
    assert decimal_comma(["7,125"], ";")
    assert not decimal_comma(["7,125"], ",")


def test_a_mark_of_byte_order_semicolons_and_commas(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeffcode;A;B\r\nA;1,5;2e1\r\nB;0,25;\r\n")
    grid = read_grid(path, ("code",))
    assert grid.header == ("code", "A", "B")
    assert grid.values.tolist() == [[1.5, 20.0], [0.25, 0.0]]
    assert grid.notes() == ("1 empty cells were read as zero",)


def test_grouped_thousands_and_a_footnote(tmp_path: Path) -> None:
    path = written(tmp_path, 'code,A,B\nx,"1,234.5",2\n,name of A,name of B\n\nSource: us\n')
    grid = read_grid(path, ("code",))
    assert grid.values.tolist() == [[1234.5, 2.0]]
    assert grid.rows == (1,)


@pytest.mark.parametrize("bad", ["n/a", "nan", "12 EUR", "1.2.3"])
def test_a_text_among_numbers_is_named_with_row_and_column(tmp_path: Path, bad: str) -> None:
    path = written(tmp_path, f"code,A,B\nA,1,2\nB,3,{bad}\n")
    with pytest.raises(Problem) as caught:
        read_grid(path, ("code",))
    assert (caught.value.where.row, caught.value.where.column) == (2, "B")
    assert caught.value.value == bad
    assert "plain number" in str(caught.value.remedy)


@pytest.mark.parametrize("row", ["B,3", "B,3,4,5"])
def test_a_row_of_another_length_is_a_cut_file(tmp_path: Path, row: str) -> None:
    path = written(tmp_path, f"code,A,B\nA,1,2\n{row}\n")
    with pytest.raises(Problem, match="the header 3") as caught:
        read_grid(path, ("code",))
    assert caught.value.where.row == 2


def test_a_cut_archive_is_told(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"code,A\n" + b"A,1\n" * 5000)[:-30])
    with pytest.raises(Problem, match=r"to its end|cut"):
        read_grid(path, ("code",))


def test_a_latin_text_needs_its_encoding(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("code,label,A\nA,Attivit\u00e0,1\n".encode("cp1252"))
    with pytest.raises(Problem, match="not utf-8"):
        read_grid(path, ("code", "label"))


def test_a_sheet_is_found_by_its_header(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["Notes"])
    sheet = book.create_sheet("data")
    for row in (["Code", "A", "B"], ["A", 1, None], ["B", "2,5", 3], ["Total"]):
        sheet.append(row)
    path = tmp_path / "t.xlsx"
    book.save(path)
    with pytest.raises(Problem) as caught:
        read_grid(path, ("code",))
    assert (caught.value.where.row, caught.value.where.column) == (2, "A")
    sheet["B3"] = 2.5
    book.save(path)
    assert read_grid(path, ("code",)).values.tolist() == [[1.0, 0.0], [2.5, 3.0]]


def test_no_workbook(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="cannot be read"):
        read_grid(written(tmp_path, "PK", "t.xlsx"), ("code",))
