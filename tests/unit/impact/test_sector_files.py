from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.impact.adapters.sector_files import read_satellite, read_sector_values

SECTORS = ("A01", "C10-C12", "J62_J63")


def written(folder: Path, text: str, name: str = "jobs.csv") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


@pytest.mark.parametrize("name", ["jobs.csv", "jobs.csv.gz"])
def test_values_are_read_in_any_order_and_spelling(tmp_path: Path, name: str) -> None:
    text = "\ufeffsector, value, unit, year, source\nJ62_63, 5, FTE, 2014, an office\nA01, 2\n"
    found = read_satellite(written(tmp_path, text, name), SECTORS)
    np.testing.assert_array_equal(found.values, [2, np.nan, 5])
    assert (found.indicator, found.unit, found.year) == ("jobs", "FTE", 2014)
    assert found.source == "an office"


def test_the_sign_of_decimals_is_the_callers(tmp_path: Path) -> None:
    path = written(tmp_path, "sector;value\nA01;2,5\n")
    assert read_sector_values(path, SECTORS, decimal=",").values[0] == 2.5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sector,amount\nA01,1\n", r"(?s)no such column.*column value"),
        ("sector,value\nZ99,1\n", r"(?s)row 1, column sector.*'Z99'"),
        ("sector,value\nA01,1\nA01,2\n", r"(?s)a sector twice.*row 2"),
        ("sector,value\nA01,much\n", r"(?s)no number.*row 1, column value"),
        ("sector,value\nA01,-1\n", r"(?s)below 0.*row 1"),
        ("sector,value\n", "no row"),
    ],
)
def test_a_bad_row_is_refused_by_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(Problem) as raised:
        read_sector_values(written(tmp_path, text), SECTORS)
    assert raised.match(message)


def test_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "jobs.csv"
    path.write_bytes(b"sector,value,source\nA01,1,\xe8\n")
    with pytest.raises(Problem, match="not UTF-8"):
        read_sector_values(path, SECTORS)


def test_headers_decimals_and_rows_as_people_write_them(tmp_path: Path) -> None:
    path = written(tmp_path, "Sector;VALUE\nA01;2,5\n\nJ62_63;x\n")
    with pytest.raises(Problem, match="row 3"):  # the blank line counts
        read_sector_values(path, SECTORS)
    path = written(tmp_path, "Sector;VALUE\nA01;2,5\n")
    assert read_sector_values(path, SECTORS).values[0] == 2.5
    path.write_bytes("sector;value;source\nA01;1,5;Città\n".encode("cp1252"))
    assert read_sector_values(path, SECTORS, encoding="cp1252").source == "Città"
