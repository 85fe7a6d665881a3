"""Options of the benchmarks and the place of their (synthetic) inputs."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--scale``: 1.0 is the size that the figures to reach are stated for."""
    parser.addoption("--scale", type=float, default=1.0, help="size of the inputs; 1.0 is full")


@pytest.fixture(scope="session")
def scale(request: pytest.FixtureRequest) -> float:
    """Return the size asked for."""
    return float(request.config.getoption("--scale"))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that lives as long as the run."""
    return tmp_path_factory.mktemp("bench")
