"""Settings: what the environment says wins, and a wrong folder is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nexpo.core import settings
from nexpo.core.problem import Kind, Problem


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in settings.SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)


def test_data_is_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXPO_DATA", str(tmp_path))
    assert settings.data_directory() == tmp_path.resolve()


def test_a_data_folder_that_is_none_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXPO_DATA", str(tmp_path / "none"))
    with pytest.raises(Problem, match="does not name a folder") as caught:
        settings.data_directory()
    assert (caught.value.kind, caught.value.value) == (Kind.NO_INPUT, str(tmp_path / "none"))


def test_without_real_data_there_is_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "_REPOSITORY", tmp_path / "repository")
    assert settings.data_directory() is None
    (tmp_path / "shared" / "data").mkdir(parents=True)
    assert settings.data_directory() == tmp_path / "shared" / "data"


def test_home_is_the_users_unless_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.home_directory() == Path.home() / ".local" / "share" / "nexpo"
    monkeypatch.setenv("NEXPO_HOME", "elsewhere")
    assert settings.home_directory() == Path("elsewhere")


def test_rules_and_regions_come_from_the_repository_the_package_or_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (settings.regions_directory() / "lombardia.toml").is_file()
    assert (settings.parameters_directory() / "coverage").is_dir()
    monkeypatch.setattr(settings, "_REPOSITORY", tmp_path)
    assert settings.regions_directory().parts[-3:] == ("nexpo", "_data", "regions")
    monkeypatch.setenv("NEXPO_REGIONS", str(tmp_path))
    (tmp_path / "mine").mkdir()
    monkeypatch.setenv("NEXPO_PARAMETERS", str(tmp_path / "mine"))
    assert settings.regions_directory() == tmp_path
    assert settings.parameters_directory() == tmp_path / "mine"


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("NEXPO_REGIONS", settings.regions_directory),
        ("NEXPO_PARAMETERS", settings.parameters_directory),
    ],
)
def test_a_folder_of_rules_or_regions_that_is_none_names_the_setting(
    name: str, folder: Callable[[], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, str(tmp_path / "none"))
    with pytest.raises(Problem, match=f"{name} does not name a folder") as caught:
        folder()
    assert caught.value.kind is Kind.CONFIG
