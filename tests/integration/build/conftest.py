"""The build on the real data, and a machine without data, for all tests here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nexpo.build import Built
from nexpo.core.settings import data_directory

LIST = "broadband/infratel_civici_non_coperti_lombardia.parquet"


@pytest.fixture(scope="session")
def data() -> Path:
    folder = data_directory()
    if folder is None or not (folder / LIST).is_file():
        pytest.skip("the real data is not on this machine: set NEXPO_DATA")
    return folder


@pytest.fixture(scope="session")
def real(data: Path, lombardy: Built) -> Built:
    return lombardy


@pytest.fixture(scope="session")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment of a machine without data."""
    names = ("NEXPO_DATA", "NEXPO_HOME")
    return {name: str(tmp_path_factory.mktemp(name.casefold())) for name in names}


@pytest.fixture
def without_data(nothing: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in nothing.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def environment(nothing: dict[str, str]) -> dict[str, str]:
    return os.environ | nothing
