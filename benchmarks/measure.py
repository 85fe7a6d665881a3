"""Timing a whole process: wall seconds and peak memory, as the system counted them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """One finished process."""

    seconds: float
    peak_gb: float
    output: str

    def __str__(self) -> str:
        return f"{self.seconds:6.2f} s  {self.peak_gb:5.2f} GB"


def run(*arguments: str) -> Measured:
    """Run a command to its end; a failure of the command is a failure of the benchmark."""
    start = time.perf_counter()
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        output = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if status:
        message = f"{' '.join(arguments)[:200]} ended with status {status}"
        raise RuntimeError(message)
    return Measured(seconds, usage.ru_maxrss / 1e6, output)


def nexpo(*arguments: str) -> Measured:
    """Run the command line in a fresh process."""
    return run(sys.executable, "-m", "nexpo.cli", *arguments)


def python(code: str, *arguments: str) -> Measured:
    """Run a few lines of Python, a peer's program, in a fresh process."""
    return run(sys.executable, "-c", code, *arguments)


def quickest(measured: Callable[[], Measured], times: int = 3) -> Measured:
    """Measure again and keep the quickest: what a busy host adds is not the programme's."""
    return min((measured() for _ in range(times)), key=lambda each: each.seconds)


def report(title: str, rows: dict[str, Measured], first: str) -> None:
    """Print a table with the ratio of each row to the first."""
    print(f"\n{title}")
    base = rows[first].seconds
    for name, measured in rows.items():
        print(f"  {name:44} {measured}   x{measured.seconds / base:5.2f}")
