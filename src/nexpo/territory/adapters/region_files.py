"""Region files: one TOML a region says what it is and which programmes it runs."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from nexpo.core.problem import Kind, Problem, Where
from nexpo.core.settings import regions_directory
from nexpo.territory.model import Programme, Region


def region_file(key: str) -> Path | None:
    """Return the file of a region by its stem, or None."""
    path = regions_directory() / f"{key}.toml"
    return path if path.name == f"{key}.toml" and path.is_file() else None


def read_regions() -> tuple[Region, ...]:
    """Read every region file, in order of file name.

    Raises
    ------
    Problem
        ``CONFIG`` when a file is not TOML or lacks a key, naming file and key.
    """
    return tuple(read_region(path) for path in sorted(regions_directory().glob("*.toml")))


def read_region(path: Path) -> Region:
    """Read one region file; tables other than region and programmes are left to others."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        return _region(path.stem, document)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(path, f"not TOML: {error}") from None
    except KeyError as error:
        raise _wrong(path, f"a key is missing: {error.args[0]}") from None
    except Problem as problem:
        raise _wrong(path, problem.detail, problem.value) from None


def _region(key: str, document: dict[str, Any]) -> Region:
    region = document["region"]
    return Region(
        code=region["code"],
        name=region["name"],
        key=key,
        nuts2=tuple(region["nuts2"]),
        language=region["language"],
        time_zone=region["time_zone"],
        programmes=tuple(_programme(item) for item in document.get("programmes", ())),
    )


def _programme(item: dict[str, str]) -> Programme:
    return Programme(item["key"], item["name"], item.get("measure", ""), item.get("authority", ""))


def _wrong(path: Path, detail: str, value: object = None) -> Problem:
    return Problem(
        Kind.CONFIG,
        f"the region file cannot be used: {detail}",
        where=Where(path.name),
        value=value,
        remedy="compare it with another file in the folder of regions",
    )
