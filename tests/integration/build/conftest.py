"""One build on the real data and one without, for all tests here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nexpo.build import Built, Order, build
from nexpo.core.settings import data_directory

LIST = "broadband/infratel_civici_non_coperti_lombardia.parquet"


@pytest.fixture(scope="session")
def data() -> Path:
    folder = data_directory()
    if folder is None or not (folder / LIST).is_file():
        pytest.skip("the real data is not on this machine: set NEXPO_DATA")
    return folder


@pytest.fixture(scope="session")
def real(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(Order("lombardia", tmp_path_factory.mktemp("real") / "lombardia"))


@pytest.fixture(scope="session")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment of a machine without data."""
    names = ("NEXPO_DATA", "NEXPO_HOME")
    return {name: str(tmp_path_factory.mktemp(name.casefold())) for name in names}


@pytest.fixture
def without_data(nothing: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in nothing.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def stand_in(nothing: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Built:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in nothing.items():
            patch.setenv(name, value)
        return build(Order("lombardia", tmp_path_factory.mktemp("none") / "lombardia", seed=4))


@pytest.fixture
def environment(nothing: dict[str, str]) -> dict[str, str]:
    return os.environ | nothing
