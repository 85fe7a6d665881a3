"""Each case of the law, as the YAML beside this file words it, on each engine."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from nexpo.connectivity.coverage import compile_rule, load_rule, reference
from nexpo.connectivity.coverage.adapters.engine import DuckEngine, Engine, Job, KernelEngine
from nexpo.core.progress import Silent
from tests.strategies import write

CASES = Path(__file__).parent / "cases"


def _cases() -> list[Any]:
    groups = [
        group
        for path in sorted(CASES.glob("*.yaml"))
        for document in [yaml.safe_load(path.read_text(encoding="utf-8"))]
        for group in document.get("groups", [document])
    ]
    return [
        pytest.param(group["rule"], group["date"], case, id=f"{group['rule']}: {case['name']}")
        for group in groups
        for case in group["cases"]
    ]


def _rows(case: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"address_id": "1", "istat": "097042"} | row for row in case["declarations"]]


@pytest.mark.parametrize(("rule", "day", "case"), _cases())
def test_the_plain_model_decides_as_the_law_says(
    rule: str, day: date, case: dict[str, Any]
) -> None:
    compiled = compile_rule(load_rule(rule, day), day)
    outcome = next(reference.classify(compiled, _rows(case)))
    assert {name: getattr(outcome, name) for name in case["expect"]} == case["expect"]


@pytest.mark.parametrize("engine", [KernelEngine(), DuckEngine()], ids=lambda engine: engine.name)
def test_the_engines_decide_as_the_law_says(engine: Engine, tmp_path: Path) -> None:
    for parameter in _cases():
        rule, day, case = parameter.values
        path = write(_rows(case), tmp_path / "given.parquet")
        out = tmp_path / "out.parquet"
        compiled = compile_rule(load_rule(rule, day), day)
        engine.run(Job(path, compiled, "istat", out), Silent())
        row = pq.read_table(out).to_pylist()[0]
        assert {name: row[name] for name in case["expect"]} == case["expect"], case["name"]
