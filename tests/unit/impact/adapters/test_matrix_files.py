"""A matrix and its margins: read back as written, refused where they cannot be meant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook

from nexpo.core.ingest import Dialect
from nexpo.core.problem import Problem
from nexpo.impact.adapters.matrix_files import read_margin, read_matrix, write_matrix

MATRIX = "use;grain;steel\nnorth;1,5;-2\nsouth;3;4\n"


def test_a_matrix_is_read_back_as_written(tmp_path: Path) -> None:
    values = np.array([[1 / 3, -2.0], [0.0, 1e-12]])
    path = tmp_path / "m.csv"
    write_matrix(path, values, ("n", "s"), ("a", "b"), "use")
    found = read_matrix(path)
    assert (found.values == values).all()
    assert (found.row_names, found.column_names, found.corner) == (("n", "s"), ("a", "b"), "use")


def test_margins_come_in_any_order_with_or_without_a_header(tmp_path: Path) -> None:
    path = tmp_path / "u.csv"
    path.write_text("south,7.25\nnorth,\n", encoding="utf-8")
    found = read_margin(path, ("north", "south"))
    assert np.isnan(found.values[0])
    assert (found.values[1], found.decimals) == (7.25, 2)
    path.write_text("name;total\nnorth;1,50\nsouth;7\n", encoding="utf-8")
    found = read_margin(path, ("north", "south"))
    assert (found.values.tolist(), found.decimals) == ([1.5, 7.0], 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x,a,b\nn,1,\n", "the cell is empty"),
        ("x,a,b\nn,1,two\n", "no number"),
        ("x,a,a\nn,1,2\n", "name twice"),
        ("x,a,b\nn,1,2\nn,1,2\n", "name twice"),
        ("x,a,b\nn,1\n", "2 cells"),
    ],
)
def test_a_matrix_that_cannot_be_meant_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "m.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Problem, match=said):
        read_matrix(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,total\nnorth,1\n", "1 lines of the matrix have no total"),
        ("name,total\nnorth,1\nwest,2\n", "no such line"),
        ("name,total\nnorth,1\nnorth,2\n", "stands twice"),
        ("name,total,more\nnorth,1,2\n", "two columns"),
        ("name,total\nnorth,x\n", "no number"),
    ],
)
def test_margins_that_cannot_be_meant_are_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "u.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Problem, match=said):
        read_margin(path, ("north", "south"))


def test_a_comma_is_the_sign_of_decimals_where_it_separates_nothing(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text(MATRIX, encoding="utf-8")
    assert read_matrix(path).values.tolist() == [[1.5, -2.0], [3.0, 4.0]]


def test_a_thousand_is_not_read_as_one(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("x;a;b\nr;1.000;2.000\ns;950;3.000\n")
    with pytest.raises(Problem, match="one or a thousand"):
        read_matrix(path)
    assert read_matrix(path, dialect=Dialect(decimal=",")).values[0, 0] == 1000.0
    assert read_matrix(path, dialect=Dialect(decimal=".")).values[0, 0] == 1.0


def test_a_matrix_may_be_a_workbook(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["x", "a", "b"], ["r", 1, 2.125], ["s", 3, 4.5]):
        book.active.append(row)
    book.save(tmp_path / "m.xlsx")
    found = read_matrix(tmp_path / "m.xlsx")
    assert found.values.tolist() == [[1.0, 2.125], [3.0, 4.5]]
    old = tmp_path / "m.xls"
    old.write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") + b"rest")
    with pytest.raises(Problem, match=r"(?s)old Excel.*save it as .xlsx"):
        read_matrix(old)
