from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from click.testing import CliRunner

from nexpo.cli import impact_linkages, impact_multipliers, impact_paths
from nexpo.core.problem import Problem
from nexpo.impact.domestic import ImportRule
from nexpo.impact.model import Satellite, Table
from tests.io_tables import make_table, textbook

if TYPE_CHECKING:
    from click import Command


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Hand the commands a table of the test's; remember how they asked for it."""
    asked: dict[str, Any] = {"table": textbook()}

    def open_table(path: Path, **place: Any) -> Table:
        asked.update(path=path, **place)
        table = asked["table"]
        assert isinstance(table, Table)
        return table

    module = ModuleType("nexpo.build.impact.tables")
    module.open_table = open_table  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "nexpo.build.impact.tables", module)
    return asked


def run(command: Command, *arguments: str) -> str:
    done = CliRunner().invoke(command, ["table.csv", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_multipliers_of_type_one(opened: dict[str, Any]) -> None:
    found = json.loads(run(impact_multipliers.command, "--json", "--year", "2014", "--area", "IT"))
    assert (opened["year"], opened["area"], opened["layout"]) == (2014, "IT", None)
    rows = found["indicators"]["output"]["sectors"]
    assert [row["sector"] for row in rows] == ["A", "M"]
    assert rows[0]["type_I_per_unit"] == pytest.approx(1.5182, abs=5e-5)
    assert rows[0]["type_II_per_unit"] is None
    assert found["closure"] is None
    assert found["synthetic"] is True
    assert found["indicators"]["gdp"]["sectors"][1]["direct"] == pytest.approx(0.7)


def test_multipliers_of_type_two_print_their_closure(
    opened: dict[str, Any], tmp_path: Path
) -> None:
    out = tmp_path / "multipliers.csv"
    reading = ("--type", "II", "--closure", "compensation", "--saving", "0.1")
    text = run(impact_multipliers.command, *reading, "--out", str(out))
    assert "Type II, income: compensation of 800 (the table's own row)" in text
    assert "divided by: compensation, 800; less saving 0.1 and tax 0" in text
    lines = out.read_text().splitlines()
    assert lines[0].startswith("indicator,unit,sector,label,direct,type_I_per_unit")
    assert [line.partition(",")[0] for line in lines[1:]] == ["output"] * 2 + ["income"] * 2 + [
        "gdp"
    ] * 2


def test_wage_shares_close_a_table_without_compensation(
    opened: dict[str, Any], tmp_path: Path
) -> None:
    opened["table"] = make_table([[10, 20], [30, 10]], [100, 100])
    shares = tmp_path / "france.csv"
    shares.write_text("sector,value\nS1,0.5\nS2,0.6\n")
    found = json.loads(
        run(impact_multipliers.command, "--type", "II", "--wage-share", str(shares), "--json")
    )
    assert "value added by wage shares of france.csv" in found["closure"][0]
    factor = found["type_II_factor_of_income"]
    for row in found["indicators"]["income"]["sectors"]:
        assert row["type_II_per_unit"] / row["type_I_per_unit"] == pytest.approx(factor)


def test_a_satellite_comes_from_the_table_or_from_a_file(
    opened: dict[str, Any], tmp_path: Path
) -> None:
    jobs = Satellite("jobs", "person", np.array([5.0, np.nan]), 2020, "tests")
    opened["table"] = make_table([[10, 20], [30, 10]], [100, 100], satellites=[jobs])
    own = tmp_path / "energy.csv"
    own.write_text("sector,value,unit\nS1,3\nS2,4,MWh\n")
    both = ("--satellite", "jobs", "--satellite", str(own), "--leave-out-unknown", "--json")
    found = json.loads(run(impact_multipliers.command, *both))
    assert list(found["indicators"]) == ["output", "gdp", "jobs", "energy"]
    assert "counted as nothing: S2" in found["indicators"]["jobs"]["note"]
    assert found["indicators"]["energy"]["sectors"][1]["direct"] == pytest.approx(0.04)
    with pytest.raises(Problem, match="unknown in 1 sectors"):
        run(impact_multipliers.command, "--satellite", "jobs")
    with pytest.raises(Problem, match="no satellite of that name"):
        run(impact_multipliers.command, "--satellite", "water")


def test_linkages_and_an_extraction(opened: dict[str, Any]) -> None:
    found = json.loads(run(impact_linkages.command, "--dispersion", "--extract", "A", "--json"))
    rows = found["linkages"]
    assert rows[0]["backward"] == pytest.approx(1.5182, abs=5e-5)
    assert rows[0]["forward"] == pytest.approx(1.914, abs=5e-4)
    assert {row["role"] for row in rows} == {"key", "weak"}
    assert found["extraction"]["output_lost"] == pytest.approx(1210.526, abs=5e-4)
    assert "without A (rows, columns and final demand):" in run(
        impact_linkages.command, "--extract", "A"
    )
    with pytest.raises(Problem, match="no sector of the table"):
        run(impact_linkages.command, "--extract", "Z")


def test_paths_of_a_sector_or_of_a_demand(opened: dict[str, Any], tmp_path: Path) -> None:
    asked = ("--sector", "a", "--indicator", "output", "--top", "3", "--json")
    found = json.loads(run(impact_paths.command, *asked))
    assert [path["sectors"] for path in found["paths"]] == [["A"], ["A", "M"], ["A", "A"]]
    assert found["total"] == pytest.approx(1.5182, abs=5e-5)
    demand = tmp_path / "plan.csv"
    demand.write_text("sector,value\nM,100\n")
    text = run(impact_paths.command, "--demand", str(demand), "--indicator", "compensation")
    assert "compensation: 37.9538 in all" in text
    assert "M < A" in text
    with pytest.raises(Problem, match="paths start in one demand"):
        run(impact_paths.command)


@pytest.mark.parametrize(
    ("given", "rule"),
    [((), None), (("--imports", "proportional"), ImportRule.PROPORTIONAL)],
)
def test_the_rule_for_imports_reaches_the_reader(
    opened: dict[str, Any], given: tuple[str, ...], rule: ImportRule | None
) -> None:
    run(impact_paths.command, "--sector", "A", *given)
    assert opened["rule"] is rule
