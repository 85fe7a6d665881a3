"""The register of places: what the packages and the shipped facts give for a day.

The choice made here: boundaries are those of 1 January 2022, dissolved to the codes of
the day asked for. That is exact for every merger, incorporation and change of province
since 1 July 2020; before that day the map no longer shows the parts. Population is that
of the last table not later than the day, summed over the parts; a municipality for
which a table has no figure has none here (it is not estimated). NUTS 3 is the version
of 2024, also for provinces that came later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from nexpo.core.evidence import Input
from nexpo.core.period import Period
from nexpo.core.problem import bad_input
from nexpo.core.tables import Table, load
from nexpo.territory.adapters import facts, packages
from nexpo.territory.crosswalk import ALWAYS, Crosswalk
from nexpo.territory.geodesy import area_km2
from nexpo.territory.model import (
    Change,
    ChangeKind,
    Match,
    Municipality,
    Province,
    Untranslatable,
    check_region_code,
)
from nexpo.territory.names import NameIndex, Unmatched

if TYPE_CHECKING:
    import polars as pl
    from shapely.geometry.base import BaseGeometry

FIRST_DAY = date(2020, 7, 1)
"""First day for which lists and boundaries can be told."""

_KEPT = 24  # days, or regions and days, held in memory


@cache
def codes() -> Crosswalk:
    """Return the crosswalk of all municipality codes of Italy."""
    listed = packages.listed()
    former = {old: row.code for row in listed.values() for old in row.former_codes}
    return Crosswalk.build(listed, facts.changes(), former)


def current_code(code: str, *, on: date, since: date | None = None) -> str:
    """Return the code that the territory of a municipality has on a day.

    Raises
    ------
    Problem
        When there is no single counterpart; see :meth:`Crosswalk.current_code`.

    Examples
    --------
    >>> current_code("013199", on=date(2025, 1, 1))
    '013256'
    """
    return codes().current_code(code, on=on, since=since)


def translate(
    found: Sequence[str], *, on: date, since: date | None = None
) -> tuple[list[str | None], list[Untranslatable]]:
    """Translate a column of codes to those of a day, and list what cannot be.

    Examples
    --------
    >>> translate(["018002", "018026", "999999"], on=date(2025, 1, 1))[0]
    ['018026', '018026', None]
    """
    return codes().translate(found, on=on, since=since)


def crosswalk(start: date, end: date) -> pl.DataFrame:
    """Return one row for each code in force on ``start``: its code on ``end``, or why none.

    The table is declared in ``dictionary/crosswalk.csv``; ``start`` may be later than
    ``end``.

    Examples
    --------
    >>> rows = crosswalk(date(2022, 12, 31), date(2023, 1, 1))
    >>> rows.filter(rows["old_code"] != rows["new_code"]).height
    5
    """
    old = sorted(codes().in_force(_told(start)))
    new, failed = translate(old, on=_told(end), since=start)
    reasons = {item.code: item.reason for item in failed}
    rows: list[dict[str, object]] = [
        {"old_code": before, "new_code": after, "reason": reasons.get(before)}
        for before, after in zip(old, new, strict=True)
    ]
    return _frame(rows, load("nexpo.territory", "crosswalk"))


def changes(start: date, end: date) -> tuple[Change, ...]:
    """Return the changes after ``start`` up to and including ``end``, all of Italy."""
    return codes().between(start, end)


def municipality(code: str, *, on: date) -> Municipality:
    """Return one municipality as it is on a day.

    Raises
    ------
    Problem
        When the code is not in force: when it ended, into which code, and the remedy.

    Examples
    --------
    >>> municipality("018026", on=date(2023, 1, 1)).name
    'Campospinoso'
    """
    return _places(_told(on))[codes().demand(code, on=on)]


def provinces(region_code: str, *, on: date) -> tuple[Province, ...]:
    """Return the provinces of a region on a day, by code.

    Examples
    --------
    >>> [province.short for province in provinces("04", on=date(2025, 1, 1))]
    ['BZ', 'TN']
    """
    check_region_code(region_code)
    return tuple(p for p in _provinces(_told(on)).values() if p.region_code == region_code)


def municipalities(region_code: str, *, on: date) -> pl.DataFrame:
    """Return the municipalities of a region on a day.

    The columns are declared in ``dictionary/municipalities.csv``; rows come by code.

    Raises
    ------
    Problem
        When the region code is none, or the day is before :data:`FIRST_DAY`.

    Examples
    --------
    >>> municipalities("03", on=date(2025, 1, 1)).height
    1502
    """
    import shapely  # noqa: PLC0415

    shapes = boundaries(region_code, on=on)
    geometries = list(shapes.values())
    points = shapely.get_coordinates(shapely.point_on_surface(geometries))
    people, day = _population(region_code, on)
    measured = zip(shapes, area_km2(geometries), points, strict=True)
    rows = [
        _row(code, on)
        | {"population": people[code], "population_as_of": day}
        | {"area_km2": float(area), "lon": float(point[0]), "lat": float(point[1])}
        for code, area, point in measured
    ]
    return _frame(rows, load("nexpo.territory", "municipalities"))


def boundaries(region_code: str, *, on: date) -> dict[str, BaseGeometry]:
    """Return the boundary of each municipality of a region, by the codes of a day.

    Returns
    -------
    dict
        ISTAT code to a valid polygon or multipolygon, longitude and latitude in
        degrees (WGS 84), generalised by ISTAT; in order of code.

    Examples
    --------
    >>> "012144" in boundaries("03", on=date(2023, 1, 1))
    True
    """
    check_region_code(region_code)
    return dict(_boundaries(region_code, _told(on)))


def inputs(region_code: str, *, on: date) -> tuple[Input, ...]:
    """Return the files behind a region's table, as evidence with hash and vintage."""
    check_region_code(region_code)
    day, mapped = _population_day(_told(on)), packages.PIECES_ON.isoformat()
    files = (
        (packages.GEOPOP, packages.BOUNDARIES, mapped),
        (packages.GEOPOP, packages.PIECES, mapped),
        (packages.GEOPOP, packages.population_file(day), day.isoformat()),
        (packages.COMUNI, packages.LIST, "2024-01-22/2025-12-31"),
        (packages.COMUNI, packages.POST_CODES, "2026-01-31"),
    )
    return (*packages.inputs(files), *facts.inputs())


def match_name(name: str, province: str | None = None, *, on: date) -> Match:
    """Return the municipality that a list means by a name.

    Case, accents, apostrophes, hyphens and spaces do not matter; a lost letter (``?``
    or the replacement character) stands for any one letter.

    Raises
    ------
    Problem
        When there is none or more than one, with candidates and scores.

    Examples
    --------
    >>> match_name("CANTU'", "COMO", on=date(2025, 1, 1)).code
    '013041'
    """
    found = _names(_told(on)).find(name, province)
    if isinstance(found, Unmatched):
        raise found.problem()
    return found


def match_names(
    names: Sequence[str], provinces_: Sequence[str | None], *, on: date
) -> tuple[list[str | None], list[Unmatched]]:
    """Match columns of names and provinces; each distinct pair is looked up once.

    Returns
    -------
    tuple
        A code or None for each row, and each unmatched pair once.
    """
    index = _names(_told(on))
    pairs = list(zip(names, provinces_, strict=True))
    found = {pair: index.find(*pair) for pair in dict.fromkeys(pairs)}
    failed = [item for item in found.values() if isinstance(item, Unmatched)]
    matched = {pair: item.code for pair, item in found.items() if isinstance(item, Match)}
    return [matched.get(pair) for pair in pairs], failed


def _told(on: date) -> date:
    if on < FIRST_DAY:
        raise bad_input(
            f"places can be told from {FIRST_DAY} on",
            value=on.isoformat(),
            remedy=f"ask for {FIRST_DAY} or later, or translate the codes to a later day",
        )
    return on


@cache
def _same(code: str) -> tuple[str, ...]:
    """Return every code that one and the same municipality has had."""
    found = [code]
    for change in codes().history(code):
        if change.kind is ChangeKind.PROVINCE_CHANGE:
            found += [c for c in (change.old_code, change.new_code) if c not in found]
    return tuple(found)


@lru_cache(maxsize=_KEPT)
def _provinces(on: date) -> dict[str, Province]:
    alive = {code[:3] for code in codes().in_force(on)}
    return {code: province for code, province in _all_provinces().items() if code in alive}


@cache
def _all_provinces() -> dict[str, Province]:
    periods = _province_periods()
    listed = {row.code[:3]: row for row in packages.listed().values()}
    found = [
        Province(code, row.province, row.province_short, row.region_code, periods[code], row.nuts3)
        for code, row in listed.items()
    ]
    new = [replace(item, period=periods[item.code]) for item in facts.new_provinces()]
    return {item.code: item for item in sorted((*found, *new), key=lambda item: item.code)}


def _province_periods() -> dict[str, Period]:
    """Return from when to when each province has had a municipality."""
    spans: dict[str, list[Period]] = {}
    for code, period in codes().periods.items():
        spans.setdefault(code[:3], []).append(period)
    return {code: _around(found) for code, found in spans.items()}


def _around(periods: list[Period]) -> Period:
    ends = [period.end for period in periods if period.end is not None]
    start = min(period.start for period in periods)
    return Period(start, max(ends) if len(ends) == len(periods) else None)


@lru_cache(maxsize=_KEPT)
def _places(on: date) -> dict[str, Municipality]:
    regions = {code: province.region_code for code, province in _provinces(on).items()}
    return {code: _place(code, regions[code[:3]], on) for code in sorted(codes().in_force(on))}


def _place(code: str, region_code: str, on: date) -> Municipality:
    listed = [row for same in _same(code) if (row := packages.listed().get(same))]
    first = listed[0] if listed else None
    return Municipality(
        code=code,
        name=_name(code, on),
        province_code=code[:3],
        region_code=region_code,
        period=codes().periods[code],
        cadastral_code=first.cadastral_code if first else _cadastral_code(code),
        nuts3=first.nuts3 if first else _provinces(on)[code[:3]].nuts3,
        other_names=first.other_names if first else (),
    )


def _name(code: str, on: date) -> str:
    renames = codes().renames(code)
    later = [change for change in renames if change.day is not None and change.day > on]
    if later:
        return later[0].old_name
    if renames:
        return renames[-1].new_name
    if code in packages.listed():
        return packages.listed()[code].name
    change = codes().history(code)[0]
    return change.old_name if change.old_code == code else change.new_name


def _cadastral_code(code: str) -> str | None:
    if code in packages.pieces():
        return packages.pieces()[code].cadastral_code
    return next((c.new_cadastral_code for c in codes().history(code) if c.new_code == code), None)


def _post_codes(code: str) -> str | None:
    found = (packages.post_codes().get(same) for same in _same(code))
    return next((" ".join(item) for item in found if item), None)


def _row(code: str, on: date) -> dict[str, object]:
    place = _places(on)[code]
    province = _provinces(on)[place.province_code]
    start = place.period.start
    return {
        "istat": code,
        "name": place.name,
        "province_code": province.code,
        "province": province.name,
        "province_short": province.short,
        "nuts3": place.nuts3,
        "cadastral_code": place.cadastral_code,
        "cap": _post_codes(code),
        "valid_from": None if start == ALWAYS else start,
        "degree_days": None,
    }


@lru_cache(maxsize=_KEPT)
def _holders(on: date) -> dict[str, str]:
    return codes().holders(packages.pieces(), cut_on=packages.PIECES_ON, on=on)


@lru_cache(maxsize=_KEPT)
def _parts(region_code: str, on: date) -> dict[str, tuple[str, ...]]:
    """Return, for each municipality of a region, the pieces of the map that it holds."""
    places = _places(on)
    parts: dict[str, list[str]] = {}
    for piece, code in _holders(on).items():
        if places[code].region_code == region_code:
            parts.setdefault(code, []).append(piece)
    return {code: tuple(sorted(parts[code])) for code in sorted(parts)}


@lru_cache(maxsize=_KEPT)
def _boundaries(region_code: str, on: date) -> dict[str, BaseGeometry]:
    import shapely  # noqa: PLC0415

    parts = _parts(region_code, on)
    shapes = packages.shapes(_all(parts))
    return {
        code: shapes[held[0]] if len(held) == 1 else shapely.union_all([shapes[p] for p in held])
        for code, held in parts.items()
    }


def _population(region_code: str, on: date) -> tuple[dict[str, int | None], date]:
    parts, day = _parts(region_code, on), _population_day(on)
    counted = packages.population(_all(parts), day)
    people = {code: [counted.get(piece) for piece in held] for code, held in parts.items()}
    return {code: _sum(found) for code, found in people.items()}, day


def _sum(found: list[int | None]) -> int | None:
    known = [number for number in found if number is not None]
    return sum(known) if len(known) == len(found) else None


def _population_day(on: date) -> date:
    first, *_ = days = packages.POPULATION_DAYS
    return max((day for day in days if day <= on), default=first)


def _all(parts: dict[str, tuple[str, ...]]) -> frozenset[str]:
    return frozenset(piece for held in parts.values() for piece in held)


@lru_cache(maxsize=_KEPT)
def _names(on: date) -> NameIndex:
    return NameIndex(_places(on).values(), _provinces(on).values(), facts.changes())


def _frame(rows: list[dict[str, object]], table: Table) -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415

    types = {
        "text": pl.String(),
        "code": pl.String(),
        "integer": pl.Int64(),
        "decimal": pl.Float64(),
        "boolean": pl.Boolean(),
        "date": pl.Date(),
    }
    return pl.DataFrame(rows, schema={column.name: types[column.type] for column in table.columns})
