"""``nexpo impact regionalise`` and ``balance`` from file to file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nexpo.build.impact.tables import blocks_of
from nexpo.cli import impact_balance, impact_regionalise
from nexpo.cli.failure import exit_code_of
from nexpo.impact.adapters.matrix_files import read_matrix
from nexpo.impact.model import Origin, PriceBasis, Primary, Scope, Table, Use

if TYPE_CHECKING:
    import click

FLOWS = np.array([[20.0, 30.0], [10.0, 15.0]])
TABLE = Table(
    Origin("Made up", "XX", 2014, "EUR", 10**6, PriceBasis.BASIC, "two", "a test", "none"),
    Scope.DOMESTIC,
    ("F", "J62_J63"),
    ("Building", "Software"),
    ("XX", "XX"),
    FLOWS,
    np.array([100.0, 80.0]),
    ("all",),
    (Use.HOUSEHOLDS,),
    np.array([[50.0], [55.0]]),
    ("value added",),
    (Primary.VALUE_ADDED,),
    np.array([[70.0, 35.0]]),
)
JOBS = "sector,North,South,East\nF,30,60,40\nJ62_63,10,5,20\n"


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the activity, and the table to whoever opens one."""
    opener = ModuleType("nexpo.build.impact.tables")
    opener.open_table = lambda path, **which: TABLE  # type: ignore[attr-defined]
    opener.blocks_of = blocks_of  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "nexpo.build.impact.tables", opener)
    path = tmp_path / "jobs.csv"
    path.write_text(JOBS, encoding="utf-8")
    return path


def run(
    command: click.Command, capsys: pytest.CaptureFixture[str], *arguments: object
) -> tuple[int, str, str]:
    code = exit_code_of(command, [str(each) for each in arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def regionalise(
    capsys: pytest.CaptureFixture[str], jobs: Path, *more: object
) -> tuple[int, str, str]:
    table = jobs.with_name("table.csv")
    place = ("--activity", jobs, "--region", "north")
    return run(impact_regionalise.command, capsys, table, *place, *more)


def test_delta_is_asked_for_and_the_prior_named(
    jobs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = regionalise(capsys, jobs)
    assert (code, out) == (64, "")
    assert "metropolitan" in err
    assert "impact.delta" in err
    code, out, _ = regionalise(capsys, jobs, "--json")
    assert (code, json.loads(out)["status"]) == (64, 400)


def test_json_holds_each_sector(jobs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = regionalise(capsys, jobs, "--delta", "0.25", "--two-region", "--json")
    assert code == 0
    found: dict[str, Any] = json.loads(out)
    assert found["region"] == "North"
    assert found["size"] == pytest.approx(40 / 165)
    assert found["lambda"] == pytest.approx(np.log2(1 + 40 / 165) ** 0.25)
    shown = [each["multiplier"] for each in found["sectors"]]
    assert found["mean_multiplier"] == pytest.approx(np.mean(shown))
    assert found["mean_national_multiplier"] > found["mean_multiplier"]
    first = found["sectors"][0]
    assert first["sector"] == "F"
    assert first["multiplier"] < first["national_multiplier"]
    total = first["own"] + first["feedback"] + first["spillover"]
    assert total == pytest.approx(first["national_multiplier"])
    assert first["own"] <= first["multiplier"] + 1e-12


def test_the_floor_of_exports_is_the_users_or_the_parameters(
    jobs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ("--delta", "0.25", "--json")
    floors = {}
    for more in ((), ("--export-floor", "0"), ("--export-floor", "1")):
        code, out, _ = regionalise(capsys, jobs, *given, "--two-region", *more)
        assert code == 0
        floors[more] = json.loads(out)["export_floor"]
    assert list(floors.values()) == [1.0, 0.0, 1.0]
    code, out, _ = regionalise(capsys, jobs, *given, "--export-floor", "0")
    assert (code, json.loads(out)["status"]) == (64, 400)
    assert json.loads(regionalise(capsys, jobs, *given)[1])["export_floor"] is None


def test_a_file_to_write_says_its_format(
    jobs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ("table", "--activity", jobs, "--region", "North", "--delta", 0.25)
    target = tmp_path / "north.parquet"
    code, _, told = run(impact_regionalise.command, capsys, *more, "--output", target)
    assert (code != 0, "writes .csv or .xlsx" in told, target.exists()) == (True, True, False)


def test_a_prior_a_method_and_a_file(jobs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    coefficients = jobs.with_name("north.csv")
    metropolitan = ("--area-type", "metropolitan", "--date", "2026-11-01")
    code, out, _ = regionalise(capsys, jobs, *metropolitan, "--coefficients", coefficients)
    assert code == 0
    assert "delta                   0.4 (mode of the prior for metropolitan" in out
    kept = read_matrix(coefficients)
    assert kept.row_names == TABLE.sectors
    assert (kept.values <= FLOWS / TABLE.output).all()
    for more in (("slq",), ("cilq", "--diagonal", "formula"), ("rlq",)):
        assert regionalise(capsys, jobs, "--method", *more)[0] == 0
    two = ("--method", "2dlq", "--alpha", "0.1", "--beta", "0.2")
    assert regionalise(capsys, jobs, *two)[0] == 0
    assert regionalise(capsys, jobs, "--method", "slq", "--delta", "0.2")[0] == 64
    assert regionalise(capsys, jobs, "--delta", "1.2")[0] == 64
    assert regionalise(capsys, jobs, "--delta", "0.2", "-o", jobs)[0] == 64


@pytest.fixture
def matrix(tmp_path: Path) -> tuple[Path, Path, Path]:
    texts = {
        "m.csv": "use,a,b,c,d\nr1,7,3,5,-3\nr2,2,9,8,0\nr3,-2,0,2,0\n",
        "u.csv": "line,total\nr2,26\nr1,15\nr3,-1\n",
        "v.csv": "a,9\nb,16\nc,17\nd,-2\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / "m.csv", tmp_path / "u.csv", tmp_path / "v.csv"


def test_balance_from_file_to_file(
    matrix: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    file, rows, columns = matrix
    output = file.with_name("out.csv")
    margins = ("--rows", rows, "--columns", columns)
    code, out, _ = run(impact_balance.command, capsys, file, *margins, "-o", output)
    assert code == 0
    assert "3 x 4, balanced by GRAS" in out
    assert read_matrix(output).values.sum(axis=1) == pytest.approx([15, 26, -1])
    code, out, _ = run(impact_balance.command, capsys, file, *margins, "--json")
    found = json.loads(out)
    assert found["values"][0] == pytest.approx([8.4243, 3.3752, 5.2004, -2.0], abs=5e-4)
    assert abs(found["largest_miss"]["row"]["value"]) < 1e-8


def test_balance_says_which_cell_or_line_is_wrong(
    matrix: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    file, rows, columns = matrix
    margins = ("--rows", rows, "--columns", columns)
    output = file.with_name("out.csv")
    ras = ("--method", "ras", "-o", output)
    code, _, err = run(impact_balance.command, capsys, file, *margins, *ras)
    assert code == 65
    assert f"{file}, row 1, column d" in err
    assert not output.exists()
    rows.write_text("line,total\nr2,26\nr1,15\nr3,3\n", encoding="utf-8")
    code, _, err = run(impact_balance.command, capsys, file, *margins)
    assert code == 65
    assert "4 apart" in err
