"""Files of activity: both layouts, spellings, regions within regions, and what is refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.impact.adapters.activity_files import Pick, read_activity

SECTORS = ("A01", "C10-C12", "J62_J63", "R_S")
WIDE = """sector;Lombardia;Emilia-Romagna;Italia
A01;;;
C10_12;10;30;40
J62_63;5,5;4,5;10
R-S;1;2;3
"""
LONG = """region,section,ateco2,description,addetti
Trentino,C,10,meat,7
Trentino,C,10,fish,1
Trentino,C,11,drinks,2
Trentino,J,62,software,6
Trentino,R,90,arts,4
Trento,C,10,meat,4
Trento,C,10,fish,1
Trento,C,11,drinks,1
Trento,J,62,software,4
Trento,R,90,arts,1
Bolzano,C,10,meat,3
Bolzano,C,10,fish,0
Bolzano,C,11,drinks,1
Bolzano,J,62,software,2
Bolzano,R,90,arts,3
Lazio,C,10,meat,20
Lazio,C,10,fish,20
Lazio,C,11,drinks,20
Lazio,J,62,software,30
Lazio,R,90,arts,30
Liguria,C,10,meat,50
Liguria,J,62,software,1
Liguria,R,90,arts,10
Liguria,C,11,drinks,5
"""


def written(folder: Path, text: str, name: str = "jobs.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_wide_file_holds_its_nation(tmp_path: Path) -> None:
    found = read_activity(written(tmp_path, WIDE), SECTORS, "lombardia")
    assert found.regional[1:].tolist() == [10, 5.5, 1]
    assert found.national[1:].tolist() == [40, 10, 3]
    assert np.isnan(found.regional[0])
    assert found.unknown_sectors() == ("A01",)
    assert "nation: Italia, the sum of the others" in found.notes


def test_a_region_beside_its_two_parts_is_counted_once(tmp_path: Path) -> None:
    found = read_activity(written(tmp_path, LONG), SECTORS, "Trentino-Alto Adige")
    assert found.region == "Trentino"
    assert found.regional[1:].tolist() == [10, 6, 4]
    assert found.national[1:].tolist() == [125, 37, 44]
    assert any("Trentino is" in note and "counted once" in note for note in found.notes)
    assert any("J62_J63 without 63" in note for note in found.notes)


def test_the_nation_may_be_named_and_the_file_packed(tmp_path: Path) -> None:
    path = tmp_path / "jobs.csv.gz"
    path.write_bytes(gzip.compress(WIDE.encode()))
    found = read_activity(path, SECTORS, "Emilia", Pick(national="Italia"))
    assert found.region == "Emilia-Romagna"
    assert found.size == pytest.approx(36.5 / 53)


def test_several_years_or_measures_ask_for_one(tmp_path: Path) -> None:
    rows = [
        f"{region},{code},{measure},{value},{year}"
        for region, value in (("X", 2), ("Y", 2), ("Z", 1))
        for code in ("A01", "R_S")
        for measure in ("persons", "output")
        for year in (2010, 2014)
    ]
    path = written(tmp_path, "region,sector,measure,value,year\n" + "\n".join(rows))
    with pytest.raises(Problem, match=r"the same row twice|several of"):
        read_activity(path, SECTORS, "X")
    found = read_activity(path, SECTORS, "X", Pick("persons", 2014))
    assert (found.year, found.measure, found.size) == (2014, "persons", 0.4)
    with pytest.raises(Problem, match="no row is of this measure and year"):
        read_activity(path, SECTORS, "X", Pick("hours", 2014))


@pytest.mark.parametrize(
    ("text", "said", "row"),
    [
        ("sector,X,Y\nA01,1,2\nZZ,1,2\n", "no such sector", 2),
        ("sector,X,Y\nA01,1,2\nA01,1,2\n", "same row twice", 2),
        ("sector,X,Y\nJ62_J63,1,2\nJ62_63,1,2\n", "stands twice, in two spellings", 2),
        ("sector,X,Y\nA01,one,2\n", "no number", 1),
        ("sector,X,Y\nA01,1\n", "2 cells", 1),
        ("sector,X,X\nA01,1,2\n", "without a name or twice", 0),
        ("sector,X,Y\nF,1,2\n", "no row of the file stands for a sector", None),
        ("sector,X,Y\n", "header and no row", None),
        ("region,value\nX,1\n", "no column of the sector", 0),
        ("region,sector,value\nX,A01,1\nX,A01,2\n", "same row twice", 2),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(
    tmp_path: Path, text: str, said: str, row: int | None
) -> None:
    with pytest.raises(Problem, match=said) as caught:
        read_activity(written(tmp_path, text), SECTORS, "X")
    assert caught.value.where.file is not None
    assert caught.value.where.row == row


def test_an_unknown_region_is_told_the_known(tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        read_activity(written(tmp_path, WIDE), SECTORS, "Piemonte")
    assert "Lombardia, Emilia-Romagna" in str(caught.value.remedy)
    with pytest.raises(Problem, match="no such region"):  # letters of a name are no words of it
        read_activity(written(tmp_path, WIDE), SECTORS, "ia")


def test_activity_below_zero_is_told_with_its_cell(tmp_path: Path) -> None:
    path = written(tmp_path, WIDE.replace("10;30;40", "-10;30;20"))
    with pytest.raises(Problem, match="Lombardia in sector C10_12 is below zero") as caught:
        read_activity(path, SECTORS, "Lombardia")
    assert (caught.value.where.row, caught.value.where.column) == (2, "Lombardia")
    path = written(tmp_path, "region,sector,value\nX,A01,4\nX,R_S,-2\nY,A01,3\nY,R_S,6\n")
    with pytest.raises(Problem, match="X in sector R_S") as caught:
        read_activity(path, SECTORS, "X")
    assert caught.value.where.row == 2


def test_a_code_is_never_shortened_to_the_nation(tmp_path: Path) -> None:
    text = "sector;AT;AT11;AT12\nC10-C12;40;10;30\nJ62_J63;10;4;6\nR_S;5;2;3\nA01;9;4;5\n"
    path = written(tmp_path, text)
    with pytest.raises(Problem, match="no such region"):
        read_activity(path, SECTORS, "AT99")
    with pytest.raises(Problem, match="is the nation"):
        read_activity(path, SECTORS, "AT west")
    assert read_activity(path, SECTORS, "AT").size == 1.0  # named as it is written
    assert read_activity(path, SECTORS, "at 12").regional_total == 44
    nation = read_activity(path, SECTORS, None)
    assert nation.national.tolist() == nation.regional.tolist() == [9, 40, 10, 5]


def test_a_name_shortened_to_whole_words_is_understood(tmp_path: Path) -> None:
    path = written(tmp_path, WIDE)
    assert read_activity(path, SECTORS, "Emilia").region == "Emilia-Romagna"
    assert read_activity(path, SECTORS, "Regione Lombardia").region == "Lombardia"


def test_a_region_that_may_be_the_nation_is_asked_about(tmp_path: Path) -> None:
    path = written(tmp_path, "sector,Lombardia,Italia\nA01,1,6\nR_S,2,7\n")
    with pytest.raises(Problem, match="it may be the nation") as caught:
        read_activity(path, SECTORS, "Lombardia")
    assert "--national" in str(caught.value.remedy)
    assert read_activity(path, SECTORS, "Italia").size == 13 / 16  # asked about, it is a region
    assert read_activity(path, SECTORS, "Lombardia", Pick(national="Italia")).size == 3 / 13
    assert read_activity(path, SECTORS, "Lombardia", Pick(national="sum")).size == 3 / 16


def test_a_division_that_lost_its_zero_is_found(tmp_path: Path) -> None:
    text = "region,ateco2,addetti\nX,1,4\nX,90,2\nY,1,3\nY,90,6\nZ,1,1\nZ,90,1\n"
    found = read_activity(written(tmp_path, text), SECTORS, "X")
    assert found.regional[[0, 3]].tolist() == [4, 2]
    assert found.national[[0, 3]].tolist() == [8, 9]
