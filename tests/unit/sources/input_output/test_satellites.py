"""Employment by sector and region, accounts, and gaps filled by a stated rule."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.sources.input_output.satellites import read_accounts, read_jobs

WIDE = (
    "wiod2016_sector,Lombardia,Trentino,Trento,Bolzano,ITALIA_sum20\n"
    "C26,10.5,4,2,2,14.5\n"
    "O84,,,,,\n"
)
LONG = (
    "region,section,ateco2,description,addetti\n"
    "Lombardia,B,6,oil,1.5\n"
    "Lombardia,B,6,gas,2\n"
    "Trentino-Alto Adige,C,26,chips,4\n"
    "Bolzano,C,26,chips,3\n"
)
SEA = (
    "country,code,year,GO,VA,II,EMP,EMPE,H_EMPE,COMP\n"
    "FRA,C26,2014,100,40,60,2,1.5,3,30\n"
    "FRA,O84,2014,50,40,10,5,5,8,39\n"
    "DEU,C26,2014,1,1,0,1,1,1,1\n"
)


def written(folder: Path, text: str) -> Path:
    path = folder / "t.csv"
    path.write_text(text)
    return path


def test_a_wide_file_keeps_gaps_and_adds_no_part_twice(tmp_path: Path) -> None:
    jobs = read_jobs(written(tmp_path, WIDE))
    assert jobs.regions == ("Lombardia", "Trentino")
    assert jobs.total().tolist()[0] == 14.5
    assert np.isnan(jobs.total()[1])
    assert any("parts of another region" in note for note in jobs.notes)


def test_regions_must_make_the_sum(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="do not make the sum") as caught:
        read_jobs(written(tmp_path, WIDE.replace("14.5", "19.5")))
    assert caught.value.value == "C26"


def test_a_long_file_is_summed_to_divisions(tmp_path: Path) -> None:
    jobs = read_jobs(written(tmp_path, LONG))
    assert jobs.sectors == ("B06", "C26")
    assert jobs.regions == ("Lombardia", "Trentino-Alto Adige")
    assert jobs.values.tolist() == [[3.5, 0.0], [0.0, 4.0]]
    with pytest.raises(Problem) as caught:
        read_jobs(written(tmp_path, LONG.replace("gas,2", "gas,two")))
    assert (caught.value.where.row, caught.value.value) == (2, "two")


def test_accounts_are_of_one_country_and_year(tmp_path: Path) -> None:
    found = read_accounts(written(tmp_path, SEA), "FRA")
    assert found.sectors == ("C26", "O84")
    assert found.values["persons"].tolist() == [2000.0, 5000.0]
    assert found.values["hours_employees"].tolist() == [3e6, 8e6]
    with pytest.raises(Problem, match="unknown country"):
        read_accounts(written(tmp_path, SEA), "FRB")
    with pytest.raises(Problem, match="no such year"):
        read_accounts(written(tmp_path, SEA), "FRA", year=2010)
