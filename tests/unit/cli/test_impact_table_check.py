"""``nexpo impact table`` as its user calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nexpo.cli.failure import exit_code_of
from nexpo.cli.impact_table import command
from nexpo.sources.input_output import template


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = exit_code_of(command, list(arguments))
    return code, capsys.readouterr().out


def test_a_table_that_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(template.write_example(tmp_path / "t.csv"))
    code, said = run(capsys, "check", path)
    assert code == 0
    assert "ok   the table can be used" in said
    code, said = run(capsys, "check", path, "--json")
    found = json.loads(said)
    assert (code, found["holds"], found["printed_unit"]) == (0, True, 1.0)
    assert found["by_sector"][0]["column_sum"] == 0.4
    assert found["value_added"] == 200.0


def test_a_table_that_fails_says_where_and_by_how_much(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(template.EXAMPLE.replace(",30,10,100,60,200", ",30,10,150,60,200"))
    code, said = run(capsys, "check", str(path))
    assert code == 65
    assert "FAIL row_balance: sales of B differ from its output 200 by +50" in said
    code, said = run(capsys, "check", str(path), "--json", "--accept", "row_balance")
    assert code == 0
    assert json.loads(said)["by_sector"][1]["row_deviation"] == 50.0


def test_a_file_that_cannot_be_read_is_a_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(template.EXAMPLE.replace(",30,10,100", ",thirty,10,100"))
    code, said = run(capsys, "check", str(path), "--json")
    problem = json.loads(said)
    assert code == 65
    assert (problem["row"], problem["column"], problem["value"]) == (10, "A", "thirty")


@pytest.mark.parametrize("name", ["mine.csv", "mine.xlsx"])
def test_the_template_is_written_and_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    out, again = tmp_path / name, tmp_path / f"again-{name}"
    assert run(capsys, "template", str(out))[0] == 0
    assert run(capsys, "template", str(again), "--table", str(out), "--json")[0] == 0
    code, said = run(capsys, "show", str(again), "--json")
    found = json.loads(said)
    assert code == 0
    assert [row["code"] for row in found["by_sector"]] == ["A", "B"]
    assert found["by_sector"][1]["jobs"] == 3000.0
    assert "Agriculture" in run(capsys, "show", str(again))[1]


def test_the_template_never_overwrites_its_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = template.write_example(tmp_path / "t.csv")
    before = path.read_bytes()
    assert run(capsys, "template", str(path), "--table", str(path))[0] == 64
    assert path.read_bytes() == before
