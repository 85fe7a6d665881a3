"""The base install starts without extras: an optional dependency is asked for when it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

START = """
import sys
sys.modules["pyspark"] = None  # an import of it now fails, as where the extra is not installed
from nexpo.cli import main
main(sys.argv[1:])
"""


@pytest.mark.integration
@pytest.mark.parametrize("noun", ["", "build", "claims", "coverage", "data", "explain"])
def test_help_needs_no_extra(noun: str) -> None:
    arguments = [noun, "--help"] if noun else ["--help"]
    done = subprocess.run(
        [sys.executable, "-c", START, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Usage: nexpo" in done.stdout
