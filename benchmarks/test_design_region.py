"""A region's municipalities on made-up streets: 1,502 of them, 4.0 million street nodes.

The figure to reach: 60 minutes on two cores, 6 GB for all processes together. At ``--scale``
below one every so-manieth municipality is designed, and the time is said for the whole.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import pytest

from nexpo import territory

pytestmark = pytest.mark.bench

GOAL_MINUTES, GOAL_GB, JOBS = 60.0, 6.0, 2
DAY = date(2025, 8, 1)


def _tree(first: int) -> list[int]:
    """Return a process and all below it."""
    found = [first]
    for number in found:
        for task in Path(f"/proc/{number}/task").glob("*/children"):
            try:
                found += [int(each) for each in task.read_text().split()]
            except OSError:  # it ended meanwhile
                continue
    return found


def _own_gb(number: int) -> float:
    """Return the memory of a process, what it shares with others in proportion."""
    try:
        lines = Path(f"/proc/{number}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1e6


class Watch(threading.Thread):
    """Looks at all processes of a command twice a second."""

    def __init__(self, number: int) -> None:
        super().__init__(daemon=True)
        self.number, self.peak_gb, self.over = number, 0.0, threading.Event()

    def run(self) -> None:
        """Look until it is over."""
        while not self.over.wait(0.5):
            self.peak_gb = max(self.peak_gb, sum(map(_own_gb, _tree(self.number))))


def test_region(scale: float, folder: Path) -> None:
    codes = territory.municipalities("03", on=DAY)["istat"].to_list()
    chosen = codes[:: max(1, round(1 / scale))]
    command = [sys.executable, "-m", "nexpo.cli", "design", "region", "lombardia", "--made-up"]
    command += ["--only", ",".join(chosen), "--jobs", str(JOBS), "--date", DAY.isoformat()]
    command += ["--out", str(folder / "region"), "--json"]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        watch = Watch(process.pid)
        watch.start()
        output, _ = process.communicate()
        watch.over.set()
    minutes = (time.perf_counter() - began) / 60
    assert process.returncode == 0
    found = json.loads(output)
    totals = found["totals"]
    assert found["municipalities"] == len(chosen)
    whole = minutes * len(codes) / len(chosen)
    print(f"\n{len(chosen):,} of {len(codes):,} municipalities, {JOBS} processes")
    print(f"  {totals['street_nodes']:,} street nodes, {totals['addresses']:,} addresses")
    print(f"  routes {totals['route_gap']:.3%} above their bounds at most")
    print(f"  {minutes:6.1f} min; all of them {whole:6.1f} min at this rate")
    print(f"  {watch.peak_gb:6.2f} GB at most, all processes together")
    assert watch.peak_gb <= GOAL_GB
    if scale >= 1:
        assert minutes <= GOAL_MINUTES
