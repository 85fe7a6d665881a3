"""``nexpo design region`` as its user calls it: in processes, stopped and resumed, and on Spark."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from nexpo.build.design.municipality import Row, Task, design_municipality
from nexpo.build.design.region import Order, ProcessPool, prepare
from nexpo.build.design.spark import SparkPool

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]
FEW = ("012001", "012002", "097002", "097008", "098001")
COMMAND = [sys.executable, "-m", "nexpo.cli", "design", "region", "lombardia"]
SMALL = ["--only", ",".join(FEW), "--effort", "5", "--made-up", "--jobs", "2"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder; no real data is seen from it."""
    (tmp_path / "data").mkdir()
    for name in ("NEXPO_DATA", "NEXPO_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "data"))
    return tmp_path


@pytest.fixture
def tasks(here: Path) -> tuple[Task, ...]:
    order = Order("lombardia", here / "out", date(2025, 8, 1), only=FEW, rounds=5)
    return prepare(order).tasks


@pytest.fixture
def expected(tasks: tuple[Task, ...]) -> list[Row]:
    """Return the rows as this process makes them."""
    return [design_municipality(task) for task in tasks]


def _by_code(rows: Iterator[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: str(row["istat"]))


def test_rows_do_not_depend_on_the_number_of_processes(
    tasks: tuple[Task, ...], expected: list[Row]
) -> None:
    assert [row["status"] for row in expected] == ["designed"] * len(FEW)
    for jobs in (1, 2):
        with closing(ProcessPool(jobs).rows(tasks)) as rows:
            assert _by_code(rows) == expected


@pytest.mark.spark
@pytest.mark.skipif(
    shutil.which("java") is None and not os.environ.get("CI"),
    reason="no Java on this machine: Spark cannot start",
)
def test_rows_are_the_same_on_a_cluster(
    master: str, tasks: tuple[Task, ...], expected: list[Row]
) -> None:
    with closing(SparkPool(master, at_once=2).rows(tasks)) as rows:
        assert _by_code(rows) == expected


def test_a_run_that_is_stopped_leaves_no_table_and_goes_on(here: Path) -> None:
    out = here / "out"
    journal = here / "out.parts.jsonl"
    with subprocess.Popen(
        [*COMMAND, *SMALL, "--out", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as run:
        while run.poll() is None and not (journal.is_file() and journal.read_bytes()):
            time.sleep(0.02)
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to all its processes
        _, said = run.communicate(timeout=300)
    assert run.returncode == 130, said
    assert "the same command goes on from there" in said
    assert "Traceback" not in said
    assert not out.exists()
    finished = len(journal.read_text().splitlines())
    assert 0 < finished < len(FEW)
    resumed = _run("--out", str(out))
    assert resumed["reused"] == finished
    whole = _run("--out", str(here / "whole"), "--jobs", "1")
    assert whole["reused"] == 0
    assert resumed["totals"] == whole["totals"]
    name = "municipalities.synthetic.parquet"
    assert (out / name).read_bytes() == (here / "whole" / name).read_bytes()


def _run(*more: str) -> dict[str, object]:
    done = subprocess.run(
        [*COMMAND, *SMALL, *more, "--json"], capture_output=True, text=True, check=True
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found
