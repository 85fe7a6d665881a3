"""The folders that the tests read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from nexpo.build.design.outputs import write_design
from tests.unit.build.design_out import example


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the example with every part in it."""
    made = tmp_path_factory.mktemp("design")
    write_design(example.design(ring=True), made)
    return made
