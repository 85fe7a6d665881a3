"""The template of a plan is a plan that can be read, whatever the format."""

from __future__ import annotations

from pathlib import Path

import pytest

from nexpo.core.problem import Kind, Problem
from nexpo.impact.adapters.plan_files import read_plan
from nexpo.impact.adapters.plan_template import write_plan_template


@pytest.mark.parametrize("name", ["plan.yaml", "plan.yml", "plan.csv", "plan.XLSX"])
def test_what_is_written_is_a_plan(tmp_path: Path, name: str) -> None:
    found = read_plan(write_plan_template(tmp_path / name))
    assert [line.amount_cents for line in found.lines] == [1_000_000_00, 50_000_00]
    assert [line.local_share for line in found.lines] == [None, 1.0]
    assert found.lines[0].assumption
    assert found.lines[1].source == "contract"
    if name != "plan.csv":
        assert found.region == "03"
        assert found.mixes[0].shares == (("F", 0.7), ("C28", 0.3))
    assert sorted(path.name for path in tmp_path.iterdir()) == [name]


def test_nothing_is_replaced_and_other_endings_are_refused(tmp_path: Path) -> None:
    target = tmp_path / "plan.csv"
    target.write_text("mine")
    with pytest.raises(Problem, match="does not replace") as caught:
        write_plan_template(target)
    assert caught.value.kind is Kind.CANNOT_WRITE
    assert target.read_text() == "mine"
    with pytest.raises(Problem, match="YAML, CSV or XLSX"):
        write_plan_template(tmp_path / "plan.doc")
