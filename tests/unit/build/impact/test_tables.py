"""Tables opened by what the file says of itself, with their source, licence and jobs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nexpo.build.impact.tables import LAYOUTS, blocks_of, named, open_table, recognise, table_of
from nexpo.core.problem import Problem
from nexpo.impact.domestic import ImportRule
from nexpo.impact.model import Scope, example
from nexpo.sources.input_output import template

FLAT = "icioiRow,icioiCol,refArea,rowPi,counterpartArea,colPi,obsValue\n" + "\n".join(
    f"x,y,{a},{r},{b},{c},{v}"
    for a, r, v in (("IT", "A01", 2), ("FR", "A01", 1), ("W2", "D1", 7))
    for b, c in (("IT", "A01"), ("FR", "A01"), ("IT", "P3_S14"), ("FR", "P3_S14"))
)


@pytest.mark.parametrize(
    ("name", "header", "layout"),
    [
        ("t.csv", "block,code,label,kind,A", "template"),
        ("t.csv", "block;row;column;value", "template"),
        ("t_2020.csv", "rowLabels,IT_A01", "figaro"),
        ("ITA_NIOT.csv", "Code,Origin,A01,CONS_h,GFCF,INVEN,GO", "wiod2016"),
        ("ITA_2014_primary_musd.csv", "Code,A01,CONS_h,GFCF,INVEN", "wiod2016"),
        ("t.csv", "year,row_sector,A01", "italy62"),
        ("t.csv", "uk_row,01,Total intermediate demand,Total demand", "uk"),
        ("wiot11_row_apr12.csv", "x,y,z", "wiod2013"),
    ],
)
def test_a_layout_is_known_by_its_columns(
    tmp_path: Path, name: str, header: str, layout: str
) -> None:
    (tmp_path / name).write_text(header + "\n1,2,3\n")
    assert recognise(tmp_path / name).name == layout
    assert named(layout) in LAYOUTS


def test_what_is_no_table_gets_the_template_as_remedy(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    with pytest.raises(Problem, match="no input-output table") as caught:
        open_table(tmp_path / "t.csv")
    assert "impact table template" in str(caught.value.remedy)
    with pytest.raises(Problem, match="no such file"):
        open_table(tmp_path / "none.csv")
    with pytest.raises(Problem, match="no such layout"):
        open_table(tmp_path / "t.csv", "wiod")


def test_the_licence_comes_from_the_file_or_from_the_directory(tmp_path: Path) -> None:
    made = open_table(template.write_example(tmp_path / "t.csv"))
    assert (made.origin.licence, made.origin.redistributable) == ("none stated", False)
    (tmp_path / "flat_2020.csv").write_text(FLAT + "\n")
    figaro = open_table(tmp_path / "flat_2020.csv", accept=None)
    assert figaro.origin.licence == "CC BY 4.0"
    assert figaro.origin.redistributable


def test_one_country_under_either_code(tmp_path: Path) -> None:
    (tmp_path / "flat_2020.csv").write_text(FLAT + "\n")
    found = open_table(tmp_path / "flat_2020.csv", area="ITA", accept=None)
    assert found.origin.area == "IT"
    assert found.sectors == ("A01",)
    assert found.final.tolist() == [[2.0, 4.0]]
    with pytest.raises(Problem, match="no such area") as caught:
        open_table(tmp_path / "flat_2020.csv", area="DE", accept=None)
    assert "IT, FR" in str(caught.value.remedy)


def test_a_table_that_does_not_hold_is_not_opened(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(template.EXAMPLE.replace(",30,10,100,60,200", ",30,10,150,60,200"))
    with pytest.raises(Problem, match="sales of B differ") as caught:
        open_table(bad)
    assert caught.value.where.file == str(bad)
    assert open_table(bad, accept=("row_balance",)).size == 2


def test_total_use_is_made_domestic_on_request(tmp_path: Path) -> None:
    total = template.write(tmp_path / "t.csv", blocks_of(example(Scope.TOTAL)))
    assert open_table(total).scope is Scope.TOTAL
    assert open_table(total, rule=ImportRule.PROPORTIONAL).scope is Scope.DOMESTIC


def test_a_table_goes_through_the_template_and_back() -> None:
    made = example()
    again = table_of(blocks_of(made))
    assert again.sectors == made.sectors
    assert again.primary_kinds == made.primary_kinds
    assert np.array_equal(again.flows, made.flows)
    assert again.origin == made.origin
