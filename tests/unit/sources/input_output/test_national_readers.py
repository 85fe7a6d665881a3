"""The 62-sector Italian table and the British one, on made tables of two sectors."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from nexpo.core.problem import Problem
from nexpo.sources.input_output import italy62, uk
from nexpo.sources.input_output.workbooks import workbook_headers

VECTORS = (
    "year,sector,household_consumption,government_consumption,fixed_capital_formation,"
    "inventory_changes,exports,imports,compensation_employees,operating_surplus,"
    "taxes_production,taxes_products,output,employees,firms"
)
SQUARE = (
    "year,row_sector,A01,J62_63\n2015,A01,1,1\n2015,J62_63,1,1\n2016,A01,15,25\n2016,J62_63,35,25\n"
)


def pair(folder: Path) -> Path:
    (folder / "italy_iot_62_intermediate_x.csv").write_text(SQUARE)
    rows = [
        "2015,A01,1,1,1,1,1,1,1,1,1,1,1,1,1",
        "2015,J62_63,1,1,1,1,1,1,1,1,1,1,1,1,1",
        "2016,J62_63,120,0,0,0,60,40,90,50,4,6,200,3000,30",
        "2016,A01,70,0,0,0,10,20,30,10,4,6,100,1000,10",
    ]
    path = folder / "italy_iot_62_vectors_x.csv"
    path.write_text("\n".join([VECTORS, *rows]) + "\n")
    return path


def test_the_italian_table_is_of_total_use(tmp_path: Path) -> None:
    found = italy62.read(pair(tmp_path), year=2016)
    assert found.scope == "total"
    assert found.sectors == ("A01", "J62_63")
    assert found.import_total is not None
    sales = found.flows.sum(axis=1) + found.final.sum(axis=1)
    assert (sales - found.import_total).tolist() == found.output.tolist() == [100, 200]
    assert (found.flows.sum(axis=0) + found.primary.sum(axis=0)).tolist() == [100, 200]
    assert found.satellites[0].values.tolist() == [1000, 3000]
    with pytest.raises(Problem, match="more than one year"):
        italy62.read(tmp_path / "italy_iot_62_intermediate_x.csv")


def test_the_other_file_must_lie_beside(tmp_path: Path) -> None:
    path = pair(tmp_path)
    (tmp_path / "italy_iot_62_intermediate_x.csv").unlink()
    with pytest.raises(Problem, match="intermediate is not beside"):
        italy62.read(path, year=2016)


def test_a_sector_missing_in_one_file(tmp_path: Path) -> None:
    path = pair(tmp_path)
    path.write_text(path.read_text().replace("2016,A01,70", "2014,A01,70"))
    with pytest.raises(Problem, match="have a column and no row") as caught:
        italy62.read(path, year=2016)
    assert caught.value.value == "A01"


UK = """uk_row,01,NPISH_72,Total intermediate demand,Households,Valuables,Exports,Total demand
01,10,20,30,60,0,10,100
NPISH_72,30,10,40,100,20,40,200
Total consumption,40,30,70,0,0,0,0
Imported goods and services,10,20,30,7,1,0,0
Taxes less subsidies on products,5,5,10,9,0,0,0
Taxes less subsidies on production,-1,5,4,0,0,0,0
Compensation of employees,26,90,116,0,0,0,0
Gross Operating Surplus,20,50,70,0,0,0,0
Total output,100,200,300,0,0,0,0
"""


def test_the_british_table(tmp_path: Path) -> None:
    path = tmp_path / "uk_2010_pxp.csv"
    path.write_text(UK)
    (tmp_path / "labels.csv").write_text('uk_row,uk_row_lab\n01,"Farming, hunting"\n')
    found = uk.read(path)
    assert found.sectors == ("01", "NPISH_72")
    assert found.labels == ("Farming, hunting", "NPISH_72")
    assert found.use_kinds == ("households", "capital", "exports")
    assert found.primary_kinds[0] == "imports"
    assert (found.flows.sum(axis=0) + found.primary.sum(axis=0)).tolist() == [100, 200]
    assert found.primary_final is not None
    assert found.primary_final[0].tolist() == [7, 1, 0]


@pytest.mark.parametrize(
    ("old", "new", "said", "column"),
    [
        ("01,10,20,30,60", "01,90,20,30,60", "Total intermediate demand is not", None),
        ("Total output,100,200,300,0,0,0,0\n", "", "no total output", None),
        ("Households", "Housewives", "unknown final use", "Housewives"),
    ],
)
def test_a_british_table_that_does_not_hold(
    tmp_path: Path, old: str, new: str, said: str, column: str | None
) -> None:
    path = tmp_path / "uk_2010_pxp.csv"
    path.write_text(UK.replace(old, new))
    with pytest.raises(Problem, match=said) as caught:
        uk.read(path)
    assert column is None or caught.value.where.column == column


def test_a_workbook_of_another_year_has_titles_and_its_own_terms(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["Analytical tables"])
    sheet = book.create_sheet("Domestic use")
    for title in (["Table 1"], [], ["GBP million"]):
        sheet.append(title)
    for at, line in enumerate(UK.strip().splitlines()):
        code, *cells = line.split(",")
        numbers = cells if at == 0 else [float(cell) if cell else None for cell in cells]
        sheet.append(["" if at == 0 else code, "Product" if at == 0 else "name", *numbers])
    path = tmp_path / "uk_2018.xlsx"
    book.save(path)
    found, known = uk.read(path), tmp_path / "uk_2010_pxp.csv"
    known.write_text(UK)
    assert (found.year, found.key, found.sectors) == (2018, "", ("01", "NPISH_72"))
    assert found.flows.tolist() == uk.read(known).flows.tolist()
    assert uk.read(known).key == "uk-iot-2010"
    assert any(uk.recognise(path, header) for header in workbook_headers(path))
