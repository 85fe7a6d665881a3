"""The kernel, DuckDB and the plain model give the same answer to the same declarations."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nexpo.connectivity.coverage import compile_rule, load_rule, reference, rule_names
from nexpo.connectivity.coverage.adapters.engine import DuckEngine, Engine, Job, KernelEngine
from nexpo.core.progress import Silent
from tests.strategies import declarations, write

DAYS = {"eu-2013": date(2021, 8, 1)}
FIELDS = [
    "address_id",
    "area",
    "networks",
    "networks_today",
    "networks_passed",
    "colour",
    "colour_today",
    "colour_passed",
    "aid",
    "best_down_mbps",
    "required_down_mbps",
]


def _compiled(name: str) -> Any:
    day = DAYS.get(name, date(2025, 8, 1))
    return compile_rule(load_rule(name, day), day)


def _run(engine: Engine, rows: list[dict[str, Any]], name: str) -> tuple[Any, list[Any]]:
    with TemporaryDirectory() as folder:
        out = Path(folder) / "out.parquet"
        path = write(rows, Path(folder) / "in.parquet")
        counts = engine.run(Job(path, _compiled(name), "istat", out), Silent())
        table = pq.read_table(out).sort_by("address_id").to_pylist()
    return counts, [[row[field] for field in FIELDS] for row in table]


@pytest.mark.parametrize("engine", [KernelEngine(), DuckEngine()], ids=lambda engine: engine.name)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=declarations, name=st.sampled_from(rule_names()))
def test_an_engine_equals_the_plain_model(
    engine: Engine, rows: list[dict[str, Any]], name: str
) -> None:
    expected = list(reference.classify(_compiled(name), rows, area="istat"))
    counts, found = _run(engine, rows, name)
    assert found == [[getattr(outcome, field) for field in FIELDS] for outcome in expected]
    colours = _compiled(name).rule.decisions
    assert Counter(
        (area, colours[at].colour, colours[today].colour, colours[passed].colour)
        for area, at, today, passed in counts.elements()
    ) == Counter((one.area, one.colour, one.colour_today, one.colour_passed) for one in expected)


def test_ids_that_are_no_numbers_go_to_sql_with_equal_results(tmp_path: Path) -> None:
    rows = [
        {"address_id": "IT-0001", "operator": "A", "technology": "fibre", "peak_down_mbps": 1000.0},
        {"address_id": "0001", "operator": "A", "technology": "fibre", "peak_down_mbps": 1000.0},
        {"address_id": "1", "operator": "A", "technology": "copper", "peak_down_mbps": 20.0},
    ]
    counts, found = _run(KernelEngine(), rows, "eu-2023")
    assert [row[0] for row in found] == ["0001", "1", "IT-0001"]
    assert [row[5] for row in found] == ["grey", "white", "grey"]
    assert counts.total() == len(rows)
