"""Regions of a file of activity: the one that is meant, the nation, wholes beside their parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nexpo.core.problem import Kind, Problem, Where
from nexpo.impact.model import Floats
from nexpo.territory.names import fold

_ROUNDING = 0.02  # of a person, each printed value's
_RELATIVE = 1e-6
_ENOUGH = 3  # sectors that must agree before numbers prove a sum
_MOST_REGIONS = 400
_SHOWN = 30
_NATION = frozenset({"nation", "national", "nazione", "country", "total", "totale", "all", "sum"})

SUM = "sum"
"""In place of the name of a nation: the sum of all regions."""


def chosen_region(name: str, regions: Sequence[str], path: Path) -> int:
    """Return the position of a region by name; case and accents do not matter.

    A shortened name will do, in whole words (Emilia for Emilia-Romagna), but never for the nation,
    which has to be named as it is written.

    Raises
    ------
    Problem
        Naming the regions of the file, or those that the name might mean.
    """
    wanted = fold(name)
    folded = [fold(each) for each in regions]
    if wanted in folded:
        return folded.index(wanted)
    words = _words(name)
    near = [
        place
        for place, each in enumerate(regions)
        if fold(each) not in _NATION and _within(words, _words(each))
    ]
    if len(near) == 1:
        return near[0]
    shown = [regions[place] for place in near] or list(regions)[:_SHOWN]
    raise Problem(
        Kind.BAD_INPUT,
        "more than one region of the file has such a name"
        if near
        else "the file of activity has no such region",
        where=Where(str(path)),
        value=name,
        remedy=f"{'one of' if near else 'it has'}: {', '.join(shown)}",
    )


def _words(name: str) -> tuple[str, ...]:
    return tuple(fold(word) for word in re.split(r"[\W_]+", name) if fold(word))


def _within(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Tell whether the words of one name stand together in the other; AT is no word of AT99."""
    short, long = sorted((one, other), key=len)
    places = range(len(long) - len(short) + 1)
    return bool(short) and any(long[at : at + len(short)] == short for at in places)


def national_of(
    regions: Sequence[str], values: Floats, own: int | None, named: str | None, path: Path
) -> tuple[Floats, tuple[str, ...]]:
    """Return the activity of the nation, ``(n,)``, and how it was found.

    Parameters
    ----------
    values
        ``(R, n)``; NaN is unknown.
    own
        Position of the region that is asked about, None where only the nation is.
    named
        The region that is the nation, or ``sum`` for the sum of all; otherwise a region called
        so (nation, total) or equal to the sum of all others, or else the sum of all regions, a
        whole beside its two parts counted once.

    Raises
    ------
    Problem
        When another region has at least as much as all others together in every sector: it may be
        the nation of regions that are not all there.
    """
    everyone = np.ones(len(regions), dtype=bool)
    if named is not None and fold(named) != SUM:
        place = chosen_region(named, regions, path)
        return values[place], (f"nation: {regions[place]}",)
    called = [place for place, name in enumerate(regions) if fold(name) in _NATION and place != own]
    if named is None and len(called) == 1:
        return values[called[0]], (f"nation: {regions[called[0]]}",)
    nation = None if named is not None else _sum_of_others(values, everyone)
    if nation is not None:
        return values[nation], (f"nation: {regions[nation]}, the sum of the others",)
    wholes, told = _with_parts(regions, values)
    parts = [part for pair in wholes.values() for part in pair]
    counted = np.array([place not in parts for place in range(len(regions))])
    nation = None if named is not None else _sum_of_others(values, counted)
    if nation is not None:
        return values[nation], (f"nation: {regions[nation]}, the sum of the others", *told)
    if named is None:
        _refuse_doubt(regions, values, counted, own, path)
    return values[counted].sum(axis=0), (f"nation: sum of {counted.sum()} regions", *told)


def _refuse_doubt(
    regions: Sequence[str], values: Floats, counted: np.ndarray, own: int | None, path: Path
) -> None:
    filled = np.where(counted[:, None], np.nan_to_num(values), 0.0)
    others = filled.sum(axis=0) - filled
    above = (filled >= others).all(axis=1) & counted
    if own is not None:
        above[own] = False
    if counted.sum() > 1 and above.any():
        name = regions[int(np.flatnonzero(above)[0])]
        raise Problem(
            Kind.BAD_INPUT,
            f"{name} has at least as much as all other regions together in every sector: it may "
            "be the nation, or a large region of it",
            where=Where(str(path)),
            value=name,
            remedy=f"say --national {name!r}, or --national sum for the sum of all",
        )


def _with_parts(
    regions: Sequence[str], values: Floats
) -> tuple[dict[int, tuple[int, int]], tuple[str, ...]]:
    """Return regions that are the sum of two others, with the two."""
    filled = np.nan_to_num(values)
    if not 3 <= len(regions) <= _MOST_REGIONS:  # noqa: PLR2004 - a whole and two parts
        return {}, ()
    sums = filled.sum(axis=1)
    pairs = sums[:, None] + sums[None, :]
    found: dict[int, tuple[int, int]] = {}
    for whole in np.flatnonzero(sums > 0):
        slack = _ROUNDING * filled.shape[1] + _RELATIVE * sums[whole]
        first, second = np.nonzero(np.triu(np.abs(pairs - sums[whole]) <= slack, 1))
        for one, two in zip(first.tolist(), second.tolist(), strict=True):
            if whole not in {one, two} and _equal(filled[whole], filled[one] + filled[two]):
                found[int(whole)] = (one, two)
    told = tuple(
        f"{regions[whole]} is {regions[one]} and {regions[two]} together: counted once"
        for whole, (one, two) in found.items()
    )
    return found, told


def _sum_of_others(values: Floats, counted: np.ndarray) -> int | None:
    filled = np.nan_to_num(values)
    total = filled[counted].sum(axis=0)
    for place in np.flatnonzero(counted):
        if counted.sum() > 2 and _equal(2 * filled[place], total):  # noqa: PLR2004 - two others
            return int(place)
    return None


def _equal(left: Floats, right: Floats) -> bool:
    some = (left > 0) & (right > 0)
    near = np.abs(left - right) <= _ROUNDING * 2 + 1e-3 * np.maximum(left, right)
    totals = abs(left.sum() - right.sum()) <= _ROUNDING * len(left) + _RELATIVE * left.sum()
    return bool(some.sum() >= _ENOUGH and near.all() and totals)
