"""``nexpo design steiner`` as its user calls it, on a made file and on a real street network."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

DATA = Path(os.environ.get("NEXPO_DATA", "../shared/data")) / "steiner"
NEXPO = [sys.executable, "-m", "nexpo.cli", "design", "steiner"]
TOWN = """SECTION Graph
Nodes 3
Edges 3
E 1 2 4
E 2 3 4
E 1 3 9
END
SECTION Terminals
Terminals 2
T 1
T 3
END
EOF
"""
pytestmark = pytest.mark.integration


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*NEXPO, *arguments], capture_output=True, text=True, check=False)


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    (tmp_path / "none.stp").write_text("")
    done = run(str(tmp_path / "none.stp"))
    assert done.returncode == 65
    assert "the file is empty" in done.stderr


def test_json_gives_edges_cost_bound_and_gap(tmp_path: Path) -> None:
    (tmp_path / "town.stp").write_text(TOWN)
    done = run(str(tmp_path / "town.stp"), "--time-limit", "5", "--seed", "1", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["edges"] == [[1, 2], [2, 3]]
    assert (answer["cost"], answer["lower_bound"], answer["gap"]) == (8, 8, 0.0)
    assert answer["optimal"] is True


def test_a_bad_file_is_a_problem_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "town.stp").write_text(TOWN.replace("E 2 3 4", "E 2 7 4"))
    done = run(str(tmp_path / "town.stp"), "--json")
    problem = json.loads(done.stdout)
    assert done.returncode == 65
    assert problem["detail"] == "node 7 is not among 1 to 3"
    assert problem["row"] == 5


@pytest.mark.skipif(not DATA.exists(), reason=f"no real street networks at {DATA}")
def test_a_real_network_comes_out_within_a_fifth_of_a_percent() -> None:
    file = "I004__pace3_121.gr.xz"
    with (DATA / "manifest.csv").open(encoding="utf-8") as stream:
        optimum = next(int(r["optimum"]) for r in csv.DictReader(stream) if r["file"] == file)
    done = run(str(DATA / file), "--rounds", "900", "--seed", "1", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert optimum <= answer["cost"] <= 1.002 * optimum
    assert 0.99 * optimum <= answer["lower_bound"] <= optimum


@pytest.mark.skipif(not DATA.exists(), reason=f"no real street networks at {DATA}")
def test_stopped_by_hand_it_gives_the_best_so_far() -> None:
    command = [*NEXPO, str(DATA / "I083__pace3_195.gr.xz"), "--time-limit", "300", "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        time.sleep(8)  # the search has begun, or begins stopped: either way a tree comes
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=120)
    assert run.returncode == 0, err
    assert json.loads(out)["lower_bound"] < json.loads(out)["cost"]
