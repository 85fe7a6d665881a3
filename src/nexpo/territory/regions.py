"""Regions: found by the stem of their file, by code or by name."""

from __future__ import annotations

from difflib import get_close_matches

from nexpo.core.problem import Kind, Problem
from nexpo.territory.adapters.region_files import read_region, read_regions, region_file
from nexpo.territory.model import Region
from nexpo.territory.names import fold


def region(name: str) -> Region:
    """Return a region by file stem (``lombardia``), ISTAT code (``03``) or name.

    Raises
    ------
    Problem
        ``NO_INPUT`` with the near names when no file describes it.

    Examples
    --------
    >>> region("03").name
    'Lombardia'
    """
    path = region_file(name)
    if path is not None:
        return read_region(path)
    known = _by_key()
    if fold(name) not in known:
        raise _unknown(name, known)
    return known[fold(name)]


def regions() -> tuple[Region, ...]:
    """Return every region that has a file, by code."""
    return tuple(sorted(set(_by_key().values()), key=lambda item: item.code))


def _by_key() -> dict[str, Region]:
    return {
        fold(key): item
        for item in read_regions()
        for key in (item.key, item.code, item.name, *item.name.split("/"))
    }


def _unknown(name: str, known: dict[str, Region]) -> Problem:
    near = get_close_matches(fold(name), known, n=3, cutoff=0.5)
    keys = dict.fromkeys(known[key].key for key in near) or sorted(
        {item.key for item in known.values()}
    )
    return Problem(
        Kind.NO_INPUT,
        "no region file for this name",
        value=name,
        remedy=f"one of {', '.join(keys)}; or add a TOML file to the folder of regions",
    )
