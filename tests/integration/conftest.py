"""What integration tests share: a Spark cluster on loopback, and a few municipalities."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from nexpo.build.design.municipality import Row, Task, design_municipality
from nexpo.build.design.region import Order, prepare
from nexpo.connectivity.coverage.adapters.engine import spark_session

SECONDS_TO_START = 90
# These JVMs live for a minute: they compile less, collect with one thread and take Spark's own
# classes unverified, which halves their work.
SHORT_LIVED = (
    "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC "
    "-XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(text: str, log: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while text not in log.read_text(errors="replace"):
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"Spark did not start: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.2)


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a master and two workers; yield the master's address; end them."""
    import pyspark

    folder = tmp_path_factory.mktemp("spark")
    home = Path(pyspark.__file__).parent
    environment = {
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
        "JDK_JAVA_OPTIONS": SHORT_LIVED,
    }
    of_daemons = environment | {"SPARK_HOME": str(home), "SPARK_WORKER_DIR": str(folder / "work")}
    port = _free_port()
    address = f"spark://127.0.0.1:{port}"
    processes: list[subprocess.Popen[bytes]] = []

    def start(name: str, *arguments: str) -> tuple[Path, subprocess.Popen[bytes]]:
        log = folder / f"{name}.log"
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [str(home / "bin" / "spark-class"), *arguments],
                env=os.environ | of_daemons,
                stdout=stream,
                stderr=subprocess.STDOUT,
            )
        processes.append(process)
        return log, process

    package = "org.apache.spark.deploy"
    try:
        _wait_for(
            "I have been elected leader",
            *start(
                "master",
                f"{package}.master.Master",
                "--host",
                "127.0.0.1",
                "--port",
                str(port),
                "--webui-port",
                "0",
            ),
        )
        worker = (f"{package}.worker.Worker", "--host", "127.0.0.1", "--webui-port", "0")
        each = ("--cores", "1", "--memory", "1g", address)
        for started in [start(f"worker-{number}", *worker, *each) for number in (1, 2)]:
            _wait_for("Successfully registered with master", *started)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            yield address
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            process.wait(timeout=30)


@pytest.fixture(scope="module")
def session(master: str) -> Iterator[Any]:
    """Open one session for all tests of a module, with as many shuffle partitions as cores."""
    with spark_session(master) as opened:
        opened.conf.set("spark.sql.shuffle.partitions", 2)
        yield opened


@pytest.fixture(scope="module")
def order(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Order]:
    """Ask for a few municipalities, as on a machine without data."""
    out = tmp_path_factory.mktemp("alone") / "out"
    few = ("012001", "012002", "097002", "097008", "098001")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("NEXPO_DATA", "NEXPO_HOME"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.casefold())))
        yield Order("lombardia", out, date(2025, 8, 1), only=few, rounds=5, made_up=True)


@pytest.fixture(scope="module")
def tasks(order: Order) -> tuple[Task, ...]:
    return prepare(order).tasks


@pytest.fixture(scope="module")
def expected(tasks: tuple[Task, ...]) -> list[Row]:
    """Return the rows as this process makes them."""
    return [design_municipality(task) for task in tasks]
