"""``regionalise --survey``, ``balance`` of a template and ``table show --output``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from nexpo.build.impact.tables import blocks_of, open_table
from nexpo.cli import impact_balance, impact_regionalise, impact_table
from nexpo.cli.failure import exit_code_of
from nexpo.impact.model import Scope, example
from nexpo.sources.input_output import template

SURVEY = """IOMAT,1 Agricult,2 Building,57 HOU,58 INV,60 EXPROW,61 EXPROC,Total,
1 Agricult,5,4,20,0,11,10,50,
2 Building,3,2,10,30,15,0,60,
59 Clerks,12,14,0,0,0,0,26
67 Capital,10,20,0,0,0,0,30
71 ROCimp,20,20,0,0,0,0,40
"""
A = ",1 Agricult,2 Building\n1 Agricult,0.2,0.1\n2 Building,0.15,0.05\n"
OUTPUT = ",N1,N2,NN\n1 Agricult,50,100,150\n2 Building,60,40,100\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "N1.csv").write_text(SURVEY)
    (tmp_path / "NN_national_domestic_A.csv").write_text(A)
    (tmp_path / "output_by_region.csv").write_text(OUTPUT)
    return tmp_path


def test_a_survey_is_a_table(folder: Path) -> None:
    table = open_table(folder / "N1.csv")
    assert (table.origin.area, table.size, table.output.tolist()) == ("N1", 2, [50.0, 60.0])
    assert table.value_added().tolist() == [22.0, 34.0]


def test_a_method_is_held_against_a_survey(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [
        str(folder / "NN_national_domestic_A.csv"), "--activity",
        str(folder / "output_by_region.csv"), "--region", "N1", "--national", "NN", "--method",
        "slq", "--survey", str(folder / "N1.csv"), "--calibrate", "--json",
    ]  # fmt: skip
    code = exit_code_of(impact_regionalise.command, given)
    found = json.loads(capsys.readouterr().out)
    assert code == 0
    survey = np.array([[5 / 50, 4 / 60], [3 / 50, 2 / 60]])
    slq = np.array([50 / 110 / (150 / 250), 60 / 110 / (100 / 250)])
    own = np.array([[0.2, 0.1], [0.15, 0.05]]) * np.minimum(slq, 1.0)[:, None]
    multipliers = [np.ones(2) @ np.linalg.inv(np.eye(2) - each) for each in (own, survey)]
    error = np.abs(multipliers[0] - multipliers[1]).mean()
    assert found["nearness"]["mean_absolute_error"] == pytest.approx(error)
    assert {each["method"] for each in found["calibration"]} >= {"slq", "flq", "2dlq"}


def test_a_template_is_balanced_to_its_own_totals(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "t.csv", tmp_path / "b.xlsx"
    path.write_text(template.EXAMPLE.replace(",,10,20,60", ",,14,16.5,60"))
    assert exit_code_of(impact_balance.command, [str(path), "--output", str(out)]) == 0
    found = open_table(out)
    assert found.flows.sum(axis=1) == pytest.approx([30.0, 40.0])
    assert found.flows.sum(axis=0) == pytest.approx([40.0, 30.0])
    capsys.readouterr()


def test_a_domestic_table_is_written_by_a_rule(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    total, out = tmp_path / "t.csv", tmp_path / "d.csv"
    template.write(total, blocks_of(example(Scope.TOTAL)))
    given = ["show", str(total), "--domestic", "proportional", "--output", str(out)]
    assert exit_code_of(impact_table.command, given) == 0
    assert "written to" in capsys.readouterr().out
    assert open_table(out).scope is Scope.DOMESTIC
