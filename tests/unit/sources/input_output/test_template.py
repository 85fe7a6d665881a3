"""The template: wide and long, CSV and XLSX, and every way to fill it in wrongly."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.sources.input_output import template

LONG = """block,row,column,value,kind,label
about,area,,XX
about,year,,2020
about,currency,,EUR
about,scale,,millions
about,basis,,basic
about,scope,,domestic
use,households,,,households
sector,A,,,,Agriculture
sector,B,,,,Building
flows,A,A,10
flows,A,B,20
flows,A,households,60
flows,A,exports,10
flows,B,A,30
flows,B,B,10
flows,B,households,100
flows,B,exports,60
imports,A,A,5
imports,A,B,5
imports,B,A,5
imports,B,B,15
imports,A,households,10
imports,B,households,20
primary,wages,A,30,compensation
primary,wages,B,90
primary,surplus,A,20,surplus
primary,surplus,B,60
output,A,,100
output,B,,200
satellite,jobs,A,1000,person,Census 2020
"""


def written(folder: Path, text: str, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def same(one: object, other: object) -> bool:
    return bool(np.array_equal(np.asarray(one), np.asarray(other)))


def test_long_and_wide_say_the_same(tmp_path: Path) -> None:
    wide = template.read(template.write_example(tmp_path / "wide.csv"))
    long = template.read(written(tmp_path, LONG))
    for name in ("flows", "final", "imports", "final_imports", "primary", "output"):
        assert same(getattr(wide, name), getattr(long, name)), name
    for name in ("sectors", "labels", "uses", "use_kinds", "primary_rows", "primary_kinds"):
        assert getattr(wide, name) == getattr(long, name), name
    assert (wide.area, wide.year, wide.currency, wide.scale) == ("XX", 2020, "EUR", 10**6)
    assert np.isnan(long.satellites[0].values).tolist() == [False, True]
    assert long.satellites[0].source == "Census 2020"


@pytest.mark.parametrize("name", ["again.csv", "again.xlsx"])
def test_what_is_written_is_read_again(tmp_path: Path, name: str) -> None:
    first = template.read(written(tmp_path, LONG))
    again = template.read(template.write(tmp_path / name, first))
    for part in ("flows", "final", "imports", "final_imports", "primary", "output"):
        assert same(getattr(first, part), getattr(again, part)), part
    assert np.array_equal(first.satellites[0].values, again.satellites[0].values, equal_nan=True)
    assert again.use_kinds == first.use_kinds
    assert again.scope == first.scope


def test_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    text = template.EXAMPLE.replace(",", ";").replace(";60;10;100", ";59,5;10,5;100")
    found = template.read(written(tmp_path, "\ufeff" + text))
    assert found.final[0].tolist() == [59.5, 10.5]


def test_between_regions_the_code_carries_the_region(tmp_path: Path) -> None:
    text = re.sub(r"(?<=,)A(?=,)", "ITA:A", LONG)
    found = template.read(written(tmp_path, text))
    assert found.regions == ("ITA", "XX")


def test_output_may_be_left_out(tmp_path: Path) -> None:
    found = template.read(written(tmp_path, LONG.replace("output,A,,100\noutput,B,,200\n", "")))
    assert found.output.tolist() == [100.0, 200.0]
    assert any("none is stated" in note for note in found.notes)


@pytest.mark.parametrize(
    ("old", "new", "said", "row"),
    [
        ("about,currency,,EUR", "about,currency,,EUR\nabout,currency,,USD", "two currencies", 4),
        ("about,currency,,EUR", "about,currency,,EUR/USD", "currency cannot be understood", 3),
        ("about,basis,,basic", "about,basis,,factory", "basis cannot be understood", 5),
        ("about,scale,,millions\n", "", "does not say its scale", None),
        ("about,scope,,domestic\n", "", "does not say its scope", None),
        ("about,year", "about,yaer", "unknown fact", 2),
        ("flows,A,B,20", "flows,A,B,2O", "no number", 11),
        ("flows,A,B,20", "flows,A,B,20\nflows,A,B,21", "stands twice: rows 11 and 12", 12),
        ("flows,A,B,20", "flows,A,B2,20", "neither a sector", 0),
        ("flows,A,B,20", "flow,A,B,20", "unknown block", 11),
        ("flows,A,B,20", "flows,A", "names no column", 11),
        ("imports,B,B,15", "imports,C,B,15", "unknown imported product", 21),
        ("primary,wages,A,30,compensation", "primary,wages,A,30,pay", "unknown kind of row", 24),
        ("primary,wages,A,30,compensation", "primary,wages,A,30,", "not said what", 24),
        ("primary,surplus,A,20,surplus", "primary,imports,A,20,value_added", "never value", 26),
    ],
)
def test_a_wrong_cell_is_named(
    tmp_path: Path, old: str, new: str, said: str, row: int | None
) -> None:
    assert old in LONG
    text = LONG.replace(old, new)
    if "imports,A,20" in text:
        text = text.replace("primary,surplus", "primary,imports")
    if new.endswith("30,"):
        text = text.replace("wages", "row1")
    path = written(tmp_path, text)
    with pytest.raises(Problem, match=said) as caught:
        template.read(path)
    assert caught.value.where.file == str(path)
    assert caught.value.where.row == row
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("flows,B,Building", "flows,A,Building", "stands twice: rows 9 and 10"),
        ("flows,B,Building", "flows,B2,Building", "neither a sector"),
        ("households,exports,output", "households,households,output", "column stands twice"),
        ("imports,B,,,5,15,20,0,\n", "", "no row"),
        ("30,10,100,60,200", "30,10,100", "cells, the header 9"),
        ("use,exports,Exports,exports", "use,exprots,Exports,exports", "unknown final use"),
    ],
)
def test_a_wide_table_that_does_not_fit_together(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in template.EXAMPLE
    with pytest.raises(Problem, match=said):
        template.read(written(tmp_path, template.EXAMPLE.replace(old, new) + "\n"))


def test_output_stated_twice_must_agree(tmp_path: Path) -> None:
    good = template.EXAMPLE + "\noutput,,,,100,200,0,0,0\n"
    assert template.read(written(tmp_path, good)).output.tolist() == [100, 200]
    with pytest.raises(Problem, match="stated twice"):
        template.read(written(tmp_path, good.replace("100,200,0,0,0", "100,210,0,0,0")))


def test_another_year_or_area_is_refused(tmp_path: Path) -> None:
    path = template.write_example(tmp_path / "t.csv")
    with pytest.raises(Problem, match="no such year"):
        template.read(path, year=2019)
    with pytest.raises(Problem, match="another area"):
        template.read(path, area="FR")
