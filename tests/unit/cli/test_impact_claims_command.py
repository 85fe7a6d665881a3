"""``nexpo impact claims``: what it prints and writes, and how it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nexpo.build.impact import run_inputs
from nexpo.build.impact.tables import blocks_of
from nexpo.cli.impact_claims import command
from nexpo.core.evidence import read_ledger
from nexpo.impact.adapters.assumption_files import load_assumptions
from nexpo.sources.input_output import template
from tests.impact_economy import economy, two_mixes

CLAIMS = """
[[claims]]
id = "hall.money"
claimant = "A firm"
text = "EUR 100 M"
topic = "a hall"
indicator = "investment"
value = 100
unit = "EUR_M"
source = { title = "press" }

[[claims]]
id = "hall.jobs"
claimant = "A firm"
text = "300 jobs"
topic = "a hall"
indicator = "jobs"
value = 300
unit = "job"
last_year = 2018
first_year = 2015
source = { title = "press" }
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with claims and a made table; a hall has two spending mixes."""
    held = replace(load_assumptions(date(2026, 1, 1)), mixes=two_mixes())
    monkeypatch.setattr(run_inputs, "load_assumptions", lambda *_, **__: held)
    (tmp_path / "claims.toml").write_text(CLAIMS, encoding="utf-8")
    template.write(tmp_path / "table.csv", blocks_of(economy()))
    return tmp_path


def run(folder: Path, *more: str) -> Result:
    given = ["--file", str(folder / "claims.toml"), "--table", str(folder / "table.csv")]
    return CliRunner().invoke(command, [*given, "--date", "2026-01-01", *more])


def test_readings_are_told_and_written(folder: Path) -> None:
    out = folder / "out"
    result = run(folder, "--product", "hall", "--out", str(out))
    assert result.exception is None, result.output
    assert "hall.jobs: 300 job" in result.output
    assert "not stated: accumulation" in result.output
    assert "300 job-years in all" in result.output
    assert "300 jobs in each of 4 years" in result.output
    assert "SYNTHETIC" in result.output
    name = result.output.partition("explain: ")[2].splitlines()[0]
    assert name in read_ledger(out / "figures.jsonl")
    assert sorted(path.name for path in out.iterdir()) == [
        "figures.jsonl", "index.html", "meta.json", "readings.csv",
    ]  # fmt: skip


def test_json_holds_every_reading(folder: Path) -> None:
    found = json.loads(run(folder, "--product", "hall", "--json").stdout)["audits"][0]
    assert {each["boundary"] for each in found["readings"]} == {
        "direct", "direct+indirect", "total",
    }  # fmt: skip
    assert found["audits"][0]["horizons_years"] == [4]
    assert found["mixes"] == ["works", "plant"]


def test_what_is_not_there_is_refused_and_nothing_is_written(folder: Path) -> None:
    result = run(folder, "--out", str(folder / "out"))
    assert "no such product" in str(result.exception)
    assert not (folder / "out").exists()
    assert "no investment with jobs" in str(run(folder, "--topic", "roads").exception)
    (folder / "claims.toml").write_text(CLAIMS.replace('"investment"', '"revenue"'))
    assert "no topic claims an investment" in str(run(folder).exception)


def test_a_region_or_a_file_is_needed() -> None:
    result = CliRunner().invoke(command, ["--json"])
    assert "no region is named" in str(result.exception)
