"""A regional table that is written is read again by the other verbs, and still balances."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nexpo.build.impact.tables import blocks_of, open_table
from nexpo.cli import (
    impact_linkages,
    impact_multipliers,
    impact_paths,
    impact_regionalise,
    impact_table,
)
from nexpo.cli.failure import exit_code_of
from nexpo.core.settings import data_directory
from nexpo.impact.deviation import balance
from nexpo.impact.ledger import Columns
from nexpo.impact.model import Primary, Table
from nexpo.impact.regionalise import Choice, Method, region_table, two_region
from nexpo.sources.input_output import template
from tests.impact_economy import SECTORS, economy, region

JOBS = "sector,R,S,T\nC28,400,300,200\nF,500,900,1100\nG46,350,650,500\nH49,150,250,300\n"
ITALY = (data_directory() or Path("nowhere")) / "io"


def rows_of_imports() -> Table:
    """Return the made economy with a row of imports in place of the matrix."""
    table = economy()
    assert table.imports is not None
    return replace(
        table,
        imports=None,
        final_imports=None,
        primary_rows=(*table.primary_rows, "imports"),
        primary_kinds=(*table.primary_kinds, Primary.IMPORTS),
        primary=np.vstack([table.primary, table.imports.sum(axis=0)]),
        primary_final=np.vstack([table.primary_final, [6.0, 20.0]]),  # type: ignore[list-item]
    )


@pytest.mark.parametrize("table", [economy(), rows_of_imports()], ids=["matrix", "row"])
def test_one_region_balances_and_keeps_its_flows(table: Table) -> None:
    made = two_region(table, region(), Choice(Method.FLQ, delta=0.25))
    own = region_table(made)
    found = balance(own)
    assert np.abs(found.rows).max() < 1e-9
    assert np.abs(found.columns).max() < 1e-9
    assert own.flows == pytest.approx(made.table.flows[:4, :4])
    assert own.value_added() == pytest.approx(table.value_added() * made.share)
    assert Columns.of(own).imbalance == pytest.approx(np.zeros(4), abs=1e-12)
    bought = made.table.flows[4:, :4].sum(axis=0)
    before, after = Columns.of(table).imports, Columns.of(own).imports
    assert after * own.output == pytest.approx(before * own.output + bought)
    assert own.primary_final is not None
    assert own.primary_final.shape == (len(own.primary_rows), 3)


@pytest.fixture
def national(tmp_path: Path) -> tuple[Path, Path]:
    """Return the files of the made economy and of its jobs."""
    (tmp_path / "jobs.csv").write_text(JOBS, encoding="utf-8")
    return template.write(tmp_path / "xx.csv", blocks_of(economy())), tmp_path / "jobs.csv"


@pytest.mark.parametrize("name", ["r.csv", "r.xlsx"])
@pytest.mark.parametrize("both", [True, False])
def test_round_trip_through_the_verbs(
    national: tuple[Path, Path], capsys: pytest.CaptureFixture[str], name: str, both: bool
) -> None:
    table, jobs = national
    out = table.with_name(name)
    given = [str(table), "--activity", str(jobs), "--region", "R", "--delta", "0.25"]
    more = ["--output", str(out), *(["--two-region"] if both else [])]
    assert exit_code_of(impact_regionalise.command, [*given, *more, "--json"]) == 0
    capsys.readouterr()
    made = two_region(economy(), region(), Choice(Method.FLQ, delta=0.25))
    due = made.table if both else region_table(made)
    found = open_table(out)
    assert found.sectors == due.sectors or both
    assert found.flows == pytest.approx(due.flows)
    assert found.final == pytest.approx(due.final)
    assert found.satellite("energy").values == pytest.approx(due.satellite("energy").values)
    for command, options in (
        (impact_table.command, ["check"]),
        (impact_multipliers.command, []),
        (impact_linkages.command, []),
        (impact_paths.command, ["--sector", found.sectors[1]]),
    ):
        verb, rest = (options, []) if command is impact_table.command else ([], options)
        assert exit_code_of(command, [*verb, str(out), *rest, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["sectors"] == len(due.sectors)
    inverse = np.linalg.inv(np.eye(due.size) - due.flows / due.output)
    assert exit_code_of(impact_multipliers.command, [str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert str(inverse[:, 1].sum())[:8] in json.dumps(told)
    assert len(SECTORS) * (2 if both else 1) == due.size


@pytest.mark.skipif(
    not ITALY.is_dir(), reason="no real data: set NEXPO_DATA to the folder that holds io/"
)
def test_lombardy_and_the_rest_of_italy_2014(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = ITALY / "italy_wiod2016" / "ITA_2014_domestic_musd.csv"
    jobs = ITALY / "emp_italy_regions" / "addetti_by_wiod_sector_region.csv"
    given = [str(table), "--activity", str(jobs), "--region", "03", "--area-type", "ordinary"]
    for name, more in (("both.csv", ["--two-region"]), ("one.csv", [])):
        out = ["--output", str(tmp_path / name), "--json"]
        assert exit_code_of(impact_regionalise.command, [*given, *more, *out]) == 0
    capsys.readouterr()
    both, one = open_table(tmp_path / "both.csv"), open_table(tmp_path / "one.csv")
    assert (both.size, one.size) == (112, 56)
    assert one.flows == pytest.approx(both.flows[:56, :56])
    nation = open_table(table)
    assert both.output.sum() == pytest.approx(nation.output.sum())
    scale = nation.output.max()
    for each in (both, one):
        found = balance(each)
        assert np.abs(found.rows).max() < 1e-9 * scale
        assert np.abs(found.columns).max() < 0.01  # the source's own, 0.005 USD m
    assert exit_code_of(impact_multipliers.command, [str(tmp_path / "one.csv")]) == 0
