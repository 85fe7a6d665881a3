"""The command line answers at once; a region is built within a minute."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks import measure
from nexpo.core.settings import data_directory

pytestmark = pytest.mark.bench


def test_help() -> None:
    runs = sorted((measure.nexpo("--help") for _ in range(7)), key=lambda run: run.seconds)
    bare = sorted(
        (measure.run(sys.executable, "-c", "import click") for _ in range(7)),
        key=lambda run: run.seconds,
    )
    measure.report(
        "nexpo --help", {"nexpo --help": runs[3], "python, import click": bare[3]}, "nexpo --help"
    )


@pytest.mark.skipif(data_directory() is None, reason="no real data on this machine")
def test_build(folder: Path) -> None:
    measured = measure.nexpo("build", "lombardia", "--out", str(folder / "build"))
    measure.report("nexpo build lombardia", {"nexpo": measured}, "nexpo")
