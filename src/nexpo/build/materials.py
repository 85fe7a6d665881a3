"""Gathering: the real files that this machine has, and stand-ins for those it has not.

A source counts as present when its file is here *and* holds rows of the region; the list
of another region does not serve. Municipal codes are translated to those of the day
before anything is joined.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from nexpo import territory
from nexpo.build import synthetic
from nexpo.build.model import Amounts, Material, Money, Performance, Rejects, Streets, Uncovered
from nexpo.build.streets import held_against
from nexpo.core.evidence import Input
from nexpo.core.ingest import Reading
from nexpo.core.period import parse_date
from nexpo.core.progress import Progress
from nexpo.core.settings import regions_directory
from nexpo.sources import input_for, ookla, osm, pnrr, source, sources
from nexpo.sources.check import check_file
from nexpo.sources.infratel import read_uncovered

_LISTS = ("infratel-uncovered-2025", "infratel-uncovered-2025-national")
_GRIDS = ("ookla-grid-2023q2",)
_PAYMENTS, _PROJECTS = "pnrr-payments", "pnrr-projects"
_CHANGES = "nexpo-territory"

Translate = Callable[[str], str | None]


def gather(name: str, *, on: date | None, seed: int, work: Path, progress: Progress) -> Material:
    """Read everything that a build of a region works on.

    Parameters
    ----------
    name
        Key, name or code of a region that has a file.
    on
        Day whose municipalities hold; see :class:`nexpo.build.Order`.
    seed
        Seed of the stand-ins.
    work
        Folder for intermediate tables and rejects.

    Raises
    ------
    Problem
        When there is no such region, or a file that is here cannot be used.
    """
    region = territory.region(name)
    day = on or _reference_day(region.key)
    progress.step("municipalities, boundaries and population")
    places = territory.municipalities(region.code, on=day)
    codes = _translator(day)
    rejects: list[Rejects] = []
    progress.step("uncovered house numbers")
    uncovered = _uncovered(places, codes, work, rejects) or synthetic.uncovered(places, seed)
    progress.step("measured performance")
    performance = _performance(places, codes, work, rejects)
    progress.step("programme money")
    money = _money(region, work, rejects)
    progress.step("street networks")
    streets = tuple(_streets(region.code, day, uncovered))
    known = territory.inputs(region.code, on=day)
    found = Material(
        region=region,
        on=day,
        seed=seed,
        municipalities=places,
        territory=known,
        uncovered=uncovered,
        performance=performance or synthetic.performance(places, seed),
        money=money,
        streets=streets,
        rejects=tuple(rejects),
        absent=(*_absent(money=bool(money), streets=bool(streets)), *_unknown_yet(known, day)),
    )
    return replace(found, absent=(*found.absent, *_other_editions(found.inputs, day)))


def _reference_day(key: str) -> date:
    path = regions_directory() / f"{key}.toml"
    settings = tomllib.loads(path.read_text(encoding="utf-8")).get("build", {})
    return parse_date(settings["on"]) if "on" in settings else _first_day(source(_LISTS[0]).vintage)


def _first_day(vintage: str) -> date:
    """Return the first day of a vintage: ``2025``, ``2025-08`` or a whole day."""
    parts = vintage.split("/", maxsplit=1)[0].split("-")
    return parse_date("-".join([*parts, "01", "01"][:3]))


def _translator(on: date) -> Translate:
    @cache
    def today(code: str) -> str | None:
        return territory.translate([code], on=on)[0][0]

    return today


def _files(keys: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    yield from ((key, path) for key in keys for path in source(key).usable())


def _noted(key: str, path: Path, reading: Reading) -> Rejects:
    return Rejects(key, path.name, reading.rejects, reading.rejected, reading.notes)


def _uncovered(
    places: pl.DataFrame, codes: Translate, work: Path, rejects: list[Rejects]
) -> Uncovered | None:
    for key, path in _files(_LISTS):
        reading = read_uncovered(path, work / f"{key}.parquet", codes=codes)
        table = pl.read_parquet(reading.path)
        here = pl.col("istat").is_in(places["istat"].implode())
        if not table.filter(here).height:
            continue
        rejects.append(_noted(key, path, reading))
        kept = table.filter(here | pl.col("istat").is_null())
        return Uncovered(
            counts=_counted(kept, "uncovered_class"),
            streets=_counted(kept, "street"),
            rows=_rows_in(path, reading),
            rejected=reading.rejected,
            outside=table.height - kept.height,
            inputs=(input_for(path, key),),
        )
    return None


def _counted(table: pl.DataFrame, by: str) -> pl.DataFrame:
    return table.group_by("istat", by).agg(addresses=pl.len().cast(pl.Int64)).sort("istat", by)


def _rows_in(path: Path, reading: Reading) -> int:
    """Count the rows of a file; from its own footer where it has one."""
    if path.suffix == ".parquet":
        return int(pq.ParquetFile(path).metadata.num_rows)
    return reading.rows + reading.rejected


def _performance(
    places: pl.DataFrame, codes: Translate, work: Path, rejects: list[Rejects]
) -> Performance | None:
    for key, path in _files(_GRIDS):
        reading = ookla.read_grid(path, work / f"{key}.parquet", codes=codes)
        cells = pl.read_parquet(reading.path).filter(
            pl.col("istat").is_in(places["istat"].implode())
        )
        if cells.height:
            rejects.append(_noted(key, path, reading))
            return Performance(_weighted(cells), (input_for(path, key),))
    return None


def _weighted(cells: pl.DataFrame) -> pl.DataFrame:
    tests = pl.col("tests")
    return (
        cells.group_by("istat")
        .agg(
            down=(pl.col("down_kbps") * tests).sum(),
            up=(pl.col("up_kbps") * tests).sum(),
            latency=(pl.col("latency_ms") * tests).sum(),
            tests=tests.sum(),
            cells=pl.len().cast(pl.Int64),
        )
        .sort("istat")
    )


def _money(region: territory.Region, work: Path, rejects: list[Rejects]) -> tuple[Money, ...]:
    paid, listed = next(_files((_PAYMENTS,)), None), next(_files((_PROJECTS,)), None)
    if paid is None or listed is None:
        return ()
    inputs = (input_for(paid[1], _PAYMENTS), input_for(listed[1], _PROJECTS))
    payments = pnrr.read_payments(paid[1], work / "payments.parquet")
    projects = pnrr.read_projects(listed[1], work / "projects.parquet")
    rejects += [_noted(*paid, payments), _noted(*listed, projects)]
    table = pl.read_parquet(payments.path)
    here = _naming(region.name, pl.read_parquet(projects.path))
    found = (
        Money(
            item,
            _amounts(rows := table.filter(pl.col("submeasure") == item.measure)),
            _amounts(rows.filter(pl.col("cup").is_in(here))),
            inputs,
        )
        for item in region.programmes
        if item.measure
    )
    return tuple(money for money in found if money.all.projects)


def _naming(name: str, projects: pl.DataFrame) -> list[str]:
    """Return the projects whose title names the region; a lot may name several."""
    pairs = projects.select("cup", "title").iter_rows()
    wanted = territory.fold(name)
    return [cup for cup, title in pairs if title and wanted in territory.fold(title)]


def _amounts(rows: pl.DataFrame) -> Amounts:
    total, pnrr_part, paid = (
        int(rows[column].sum()) for column in ("total_cents", "pnrr_cents", "paid_total_cents")
    )
    return Amounts(rows.height, total, pnrr_part, paid)


def _streets(region_code: str, on: date, uncovered: Uncovered) -> Iterator[Streets]:
    if any(item.synthetic for item in uncovered.inputs):
        return
    shapes = territory.boundaries(region_code, on=on)
    for item in sources():
        if item.module != "osm":
            continue
        for path in item.usable():
            if osm.recognise(path):
                found = held_against(
                    osm.read_ways(path), shapes, uncovered.streets, (input_for(path, item.key),)
                )
                if found is not None:
                    yield found


def _absent(*, money: bool, streets: bool) -> Iterator[str]:
    if not money:
        yield "no file of payments with projects of this region's programmes: no programme money"
    if not streets:
        yield "no street network held against the list: no share of streets found by name"


def _other_editions(inputs: tuple[Input, ...], on: date) -> Iterator[str]:
    """Say that a file is not what was published by its name, or is younger than the day."""
    at_hand = {(item.key, path.name): (item, path) for item in sources() for path in item.usable()}
    for read in dict.fromkeys(inputs):
        if read.synthetic or (read.source, read.name) not in at_hand:
            continue
        findings = check_file(*at_hand[read.source, read.name]).findings
        differing = [each for each in findings if not each.holds]
        if differing:
            told = next((each for each in differing if each.what != "sha256"), differing[0])
            yield (
                f"{read.name} as it was published ({told.what}: {told.expected}); "
                f"the file of that name has {told.found}, and the figures rest on it"
            )
        if read.source in _LISTS and _first_day(read.vintage) > on:
            yield f"a list of {on}: that of {read.vintage} ({read.name}) stands in for it"


def _unknown_yet(inputs: tuple[Input, ...], on: date) -> Iterator[str]:
    """Say that a build looks beyond the last day up to which changes of places are known."""
    ends = (item.vintage.rpartition("/")[2] for item in inputs if item.source == _CHANGES)
    last = max(map(parse_date, ends), default=on)
    if on > last:
        yield f"changes of municipalities after {last}: on {on} they are taken as they were then"
