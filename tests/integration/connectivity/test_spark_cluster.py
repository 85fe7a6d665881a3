"""The same SQL and the same designs on a standalone Spark cluster: a master and two workers."""

from __future__ import annotations

import os
import random
import shutil
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from nexpo.build.design.municipality import Row, Task
from nexpo.build.design.spark import SparkPool
from nexpo.connectivity.coverage import compile_rule, load_rule, rule_names
from nexpo.connectivity.coverage.adapters.engine import (
    DuckEngine,
    Engine,
    Job,
    KernelEngine,
    SparkEngine,
)
from nexpo.core.progress import Silent
from tests.strategies import write

pytestmark = [
    pytest.mark.spark,
    pytest.mark.integration,
    pytest.mark.skipif(
        shutil.which("java") is None and not os.environ.get("CI"),
        reason="no Java on this machine: Spark cannot start",
    ),
]


def _random_rows(seed: int, count: int) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    speeds = [None, 3.0, 20.0, 25.0, 30.0, 99.9, 100.0, 150.0, 300.0, 1000.0]
    technologies = ["fibre", "cable", "copper", "fwa", "satellite"]
    return [
        {
            "address_id": str(10**14 + chance.randrange(count // 4)),
            "istat": chance.choice(["015146", "097042", None]),
            "operator": chance.choice(["Alfa", "Beta", "Gamma"]),
            "infrastructure": chance.choice([None, "Rete", "Delta"]),
            "technology": chance.choice(technologies),
            "spectrum": chance.choice(["licensed", "unlicensed", "licensed_by_rule", None]),
            "max_down_mbps": chance.choice(speeds),
            "max_up_mbps": chance.choice(speeds),
            "peak_down_mbps": chance.choice(speeds),
            "peak_up_mbps": chance.choice(speeds),
            "latency_ms": chance.choice([None, 10.0, 100.0, 600.0]),
            "service": chance.choice([None, "served", "passed"]),
            "year": chance.choice([None, 2024, 2026, 2028, 2030]),
            "progress_report_on": chance.choice([None, date(2025, 6, 1), date(2024, 6, 1)]),
            "activation_weeks": chance.choice([None, 2.0, 8.0]),
            "distance_m": chance.choice([None, 10.0, 80.0]),
            "customer": chance.choice([None, "all", "business"]),
        }
        for _ in range(count)
    ]


def _run(engine: Engine, path: Path, name: str, out: Path) -> tuple[Any, list[Any]]:
    day = date(2021, 8, 1) if name == "eu-2013" else date(2025, 8, 1)
    compiled = compile_rule(load_rule(name, day), day)
    counts = engine.run(Job(path, compiled, "istat", out), Silent())
    return counts, pq.read_table(out).sort_by("address_id").to_pylist()


@pytest.mark.usefixtures("session")
def test_spark_duckdb_and_the_kernel_agree_under_every_rule(master: str, tmp_path: Path) -> None:
    path = write(_random_rows(7, 4_000), tmp_path / "declarations.parquet")
    for name in rule_names():
        kernel = _run(KernelEngine(), path, name, tmp_path / "kernel.parquet")
        duckdb = _run(DuckEngine(), path, name, tmp_path / "duckdb.parquet")
        spark = _run(SparkEngine(master), path, name, tmp_path / "spark.parquet")
        assert spark == duckdb == kernel
        assert kernel[0].total() > 900


@pytest.mark.usefixtures("session")
def test_rows_of_municipalities_are_those_of_this_process(
    master: str, tasks: tuple[Task, ...], expected: list[Row]
) -> None:
    with closing(SparkPool(master, at_once=2).rows(tasks)) as rows:
        assert sorted(rows, key=lambda row: str(row["istat"])) == expected
