"""Settings: what the environment may say, and where data, rules and regions lie."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from nexpo.core.problem import Kind, Problem

_REPOSITORY = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Setting:
    """An environment variable that Nexpo reads."""

    name: str
    default: str
    meaning: str


SETTINGS: tuple[Setting, ...] = (
    Setting("NEXPO_DATA", "../shared/data when it exists", "folder of real input data"),
    Setting("NEXPO_HOME", "~/.local/share/nexpo", "downloads and caches of this user"),
    Setting("NEXPO_PARAMETERS", "the packaged folder", "folder of dated law and policy"),
    Setting("NEXPO_REGIONS", "the packaged folder", "folder of region files"),
    Setting(
        "DATABASE_URL",
        "datacentres.sqlite in NEXPO_HOME",
        "register of data centres: a SQLite file or a postgresql:// address",
    ),
    Setting("NEXPO_DEBUG", "", "any value lets stack traces through, for developers"),
    Setting("NEXPO_ENGINE", "embedded", "embedded, duckdb or a Spark master (spark://host:port)"),
)


def data_directory() -> Path | None:
    """Return the folder of real data, or None where there is none.

    Raises
    ------
    Problem
        ``NO_INPUT`` when ``NEXPO_DATA`` names a folder that does not exist.
    """
    named = os.environ.get("NEXPO_DATA")
    if named:
        path = Path(named)
        if not path.is_dir():
            raise Problem(
                Kind.NO_INPUT,
                "NEXPO_DATA does not name a folder",
                value=named,
                remedy="set NEXPO_DATA to the folder of real data, or unset it",
            )
        return path.resolve()
    beside = _REPOSITORY.parent / "shared" / "data"
    return beside if beside.is_dir() else None


def home_directory() -> Path:
    """Return the folder for downloads and caches of this user."""
    named = os.environ.get("NEXPO_HOME")
    return Path(named) if named else Path.home() / ".local" / "share" / "nexpo"


def parameters_directory() -> Path:
    """Return the folder that holds law and policy as dated YAML.

    Raises
    ------
    Problem
        ``CONFIG`` when ``NEXPO_PARAMETERS`` names a folder that does not exist.
    """
    return _packaged("NEXPO_PARAMETERS", "parameters")


def regions_directory() -> Path:
    """Return the folder that holds one TOML file a region.

    Raises
    ------
    Problem
        ``CONFIG`` when ``NEXPO_REGIONS`` names a folder that does not exist.
    """
    return _packaged("NEXPO_REGIONS", "regions")


def _named_folder(variable: str, named: str) -> Path:
    path = Path(named)
    if not path.is_dir():
        raise Problem(
            Kind.CONFIG,
            f"{variable} does not name a folder",
            value=named,
            remedy=f"set {variable} to the folder, or unset it for the packaged one",
        )
    return path


def _packaged(variable: str, folder: str) -> Path:
    named = os.environ.get(variable)
    if named:
        return _named_folder(variable, named)
    source = _REPOSITORY / folder
    if source.is_dir() and (_REPOSITORY / "pyproject.toml").is_file():
        return source
    return Path(str(files("nexpo") / "_data" / folder))
