"""``nexpo design region`` as its user calls it: in processes, stopped and resumed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from nexpo.build.design.municipality import Row, Task, fingerprint
from nexpo.build.design.region import Order, ProcessPool, design_region
from nexpo.cli.design_region import _plain

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]
COMMAND = (sys.executable, "-m", "nexpo.cli", "design", "region", "lombardia")
SMALL = ("--effort", "5", "--made-up")


@dataclass(frozen=True, slots=True)
class Known:
    """An engine that has all rows."""

    finished: list[Row]

    def rows(self, tasks: Sequence[Task]) -> Generator[Row, None, None]:
        marks = {fingerprint(task) for task in tasks}
        yield from (row for row in self.finished if row["fingerprint"] in marks)


def _by_code(rows: Iterator[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: str(row["istat"]))


def test_rows_do_not_depend_on_the_number_of_processes(
    tasks: tuple[Task, ...], expected: list[Row]
) -> None:
    assert [row["status"] for row in expected] == ["designed"] * len(tasks)
    with closing(ProcessPool(2).rows(tasks)) as rows:  # one process: at the end of the test below
        assert _by_code(rows) == expected


def test_a_run_that_is_stopped_leaves_no_table_and_goes_on(
    order: Order, expected: list[Row], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    which = ("--only", ",".join(order.only), "--date", str(order.on), "--out", str(out))
    journal = tmp_path / "out.parts.jsonl"
    with subprocess.Popen(
        [*COMMAND, *SMALL, *which, "--jobs", "2"],
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
    assert 0 < finished < len(order.only)
    done = subprocess.run(
        [*COMMAND, *SMALL, *which, "--jobs", "1", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    resumed = json.loads(done.stdout)
    assert resumed["reused"] == finished
    whole = design_region(order, Known(expected))
    assert whole.reused == 0
    assert resumed["totals"] == _plain(whole)["totals"]
    name = "municipalities.synthetic.parquet"
    assert (out / name).read_bytes() == (order.out / name).read_bytes()
