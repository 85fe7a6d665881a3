"""A region's table is ready soon after the program starts, and without the heavy libraries."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import sys
from datetime import date
from nexpo import territory
assert not {"polars", "shapely", "pyproj"} & set(sys.modules), "imported too early"
assert territory.municipalities("03", on=date(2024, 1, 1)).height == 1502
assert not {"pandas", "geopandas", "pyarrow"} & set(sys.modules), "not needed"
"""


@pytest.mark.integration
def test_nothing_heavy_is_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
