"""WIOD 2016 on tables of two industries, in each of its forms."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from nexpo.core.problem import Problem
from nexpo.sources.input_output import wiod2016

USES = "CONS_h,CONS_np,CONS_g,GFCF,INVEN,EXP"
DOMESTIC = ("A01,10,20,50,0,5,5,-1,11,100", "C10-C12,30,10,100,0,0,20,0,40,200")
IMPORTS = ("A01,5,5,10,0,0,0,0,0,", "C10-C12,5,15,20,0,0,3,0,0,")
PRIMARY = (
    "II_fob,50,50,0,0,0,0,0,0,0",
    "TXSP,4,6,9,0,0,0,0,0,0",
    "EXP_adj,0,0,0,0,0,0,0,0,0",
    "PURR,0,0,3,0,0,0,0,0,0",
    "PURNR,0,0,-4,0,0,0,0,0,0",
    "VA,45,140,0,0,0,0,0,0,0",
    "IntTTM,1,4,0,0,0,0,0,0,0",
    "GO,100,200,0,0,0,0,0,0,0",
)


def triple(folder: Path) -> Path:
    for part, rows in (("domestic", DOMESTIC), ("imports", IMPORTS), ("primary", PRIMARY)):
        end = ",GO" if part == "domestic" else ""
        cut = 3 + 6 + (part == "domestic")
        lines = [f"Code,A01,C10-C12,{USES}{end}", *(",".join(r.split(",")[:cut]) for r in rows)]
        (folder / f"XYZ_2014_{part}_musd.csv").write_text("\n".join(lines) + "\n")
    return folder / "XYZ_2014_domestic_musd.csv"


def rows_with_origin(year: int | None) -> list[list[str]]:
    parts = (("Domestic", DOMESTIC), ("Imports", IMPORTS), ("TOT", PRIMARY))
    head = [*([] if year is None else ["Year"]), "Code", "Description", "Origin", "A01", "C10-C12"]
    found = [[*head, *USES.split(","), "GO"], [""] * 3 + ["Farming", "Food"] + ["x"] * 8]
    if year is not None:
        found[1].insert(0, "")
    for origin, rows in parts:
        for row in rows:
            code, *values = row.split(",")
            found.append([*([] if year is None else [str(year)]), code, "name", origin, *values])
    return found


def test_a_triple_is_read_from_any_of_its_files(tmp_path: Path) -> None:
    path = triple(tmp_path)
    for part in ("domestic", "imports", "primary"):
        found = wiod2016.read(path.with_name(f"XYZ_2014_{part}_musd.csv"))
        assert (found.area, found.year, found.currency, found.scale) == ("XYZ", 2014, "USD", 10**6)
        assert found.flows.tolist() == [[10, 20], [30, 10]]
        assert found.imports is not None
        assert found.imports.tolist() == [[5, 5], [5, 15]]
        assert found.final[:, 4].tolist() == [-1, 0]
        assert found.output.tolist() == [100, 200]


def test_names_lie_beside_a_triple(tmp_path: Path) -> None:
    (tmp_path / "sectors.csv").write_text("Code,Description\nA01,Farming\n")
    assert wiod2016.read(triple(tmp_path)).labels == ("Farming", "C10-C12")


def test_imports_and_totals_are_no_value_added(tmp_path: Path) -> None:
    found = wiod2016.read(triple(tmp_path))
    kinds = dict(zip(found.primary_rows, found.primary_kinds, strict=True))
    assert kinds == {
        "TXSP": "product_tax",
        "EXP_adj": "adjustment",
        "PURR": "adjustment",
        "PURNR": "adjustment",
        "VA": "value_added",
        "IntTTM": "margin",
    }
    assert found.imports is not None
    inputs = found.flows.sum(axis=0) + found.imports.sum(axis=0) + found.primary.sum(axis=0)
    assert inputs.tolist() == found.output.tolist()


def test_a_workbook_of_years_needs_a_year(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["Country", "Made"])
    sheet = book.create_sheet("National IO-tables")
    both = [*rows_with_origin(2013), *rows_with_origin(2014)[2:]]
    for row in both:
        sheet.append([float(c) if c.lstrip("-").isdigit() else (c or None) for c in row])
    path = tmp_path / "XYZ_NIOT_nov16.xlsx"
    book.save(path)
    with pytest.raises(Problem) as caught:
        wiod2016.read(path)
    assert "2013, 2014" in str(caught.value.remedy)
    found = wiod2016.read(path, year=2014)
    assert found.flows.tolist() == [[10, 20], [30, 10]]
    assert found.labels == ("name", "name")
    with pytest.raises(Problem, match="no such year"):
        wiod2016.read(path, year=2020)


def test_a_csv_with_origins(tmp_path: Path) -> None:
    path = tmp_path / "XYZ_NIOT_2014_musd.csv"
    lines = [",".join(cell or "0" for cell in row) for row in rows_with_origin(None)]
    path.write_text("\n".join([lines[0], *lines[2:]]) + "\n")
    assert wiod2016.read(path).primary[5].tolist() == [1, 4]
    path.write_text("\n".join([lines[0], *lines[2:4]]) + "\n")
    with pytest.raises(Problem, match="no rows of imports and primary"):
        wiod2016.read(path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("C10-C12,30", "A01,30", "stands twice"),
        ("C10-C12,30", "C10-C13,30", "unknown sector"),
        ("C10-C12,30,10,100,0,0,20,0,40,200\n", "", "have a column and no row"),
        ("100,0,0,20", "100,0,0,2o", "no number"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = triple(tmp_path)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(Problem, match=said) as caught:
        wiod2016.read(path)
    assert caught.value.where.file == str(path)
    assert caught.value.remedy


def test_a_part_that_is_missing_is_named(tmp_path: Path) -> None:
    path = triple(tmp_path)
    (tmp_path / "XYZ_2014_imports_musd.csv").unlink()
    with pytest.raises(Problem, match="imports part") as caught:
        wiod2016.read(path)
    assert str(caught.value.where.file).endswith("XYZ_2014_imports_musd.csv")


def test_another_country_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="another area"):
        wiod2016.read(triple(tmp_path), area="FRA")
