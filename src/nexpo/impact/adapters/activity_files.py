"""Activity by region and sector, from the layouts that offices publish.

Two layouts, plain or gzip, with commas, semicolons or tabs:

- *long*: columns ``region``, ``sector`` and ``value``, with ``measure``, ``unit``, ``year`` and
  ``source`` where they are stated; another column (a description) tells rows of one sector
  apart, which are added up;
- *wide*: the first column holds sector codes, each other column is a region.

An empty cell is unknown, never zero. Sectors are matched to a table's by code in any usual
spelling, or else by the divisions of NACE (ATECO) that they stand for, finer rows added up. A
region that is the sum of others (the nation, a region beside its two parts) is known by its
numbers and counted once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nexpo.core.ingest import Dialect
from nexpo.core.problem import Problem, Where, bad_input
from nexpo.impact.adapters._grid import Grid, read_grid
from nexpo.impact.adapters.activity_regions import chosen_region, national_of
from nexpo.impact.codes import divisions, place_by_spelling, positions_by_spelling, spelling
from nexpo.impact.model import Floats
from nexpo.impact.regionalise.activity import Activity, listed
from nexpo.territory.names import fold

_REGION = ("region", "regione", "province", "provincia", "area", "geo")
_SECTOR = ("sector", "settore", "ateco2", "ateco", "nace", "nace_r2", "industry", "code")
_VALUE = ("value", "valore", "addetti", "persons", "employment", "jobs", "output", "obs_value")
_TOTALS = frozenset({"total", "totale", "tot", "all", "sum", "gesamt"})


@dataclass(frozen=True, slots=True)
class Pick:
    """What of a file is meant, where it holds several."""

    measure: str | None = None
    year: int | None = None
    national: str | None = None  # the region that is the nation; known by its numbers where None


@dataclass(frozen=True, slots=True, eq=False)
class ActivityFile:
    """What a file says, by region and by sector code as written.

    ``rows`` gives the first row of each code.
    """

    grid: Grid
    cells: Mapping[str, Mapping[str, float]]
    rows: Mapping[str, int]
    measure: str = ""
    unit: str = ""
    year: int | None = None
    source: str = ""


def read_activity(
    path: Path,
    sectors: Sequence[str],
    region: str | None,
    pick: Pick | None = None,
    *,
    dialect: Dialect | None = None,
) -> Activity:
    """Read the activity of a region and its nation, for the sectors of a table.

    Parameters
    ----------
    path
        Long or wide CSV.
    sectors
        Codes of the table, in its order.
    region
        Name as in the file; case and accents do not matter, nor that it is shortened to whole
        words of it. None reads the nation alone.
    pick
        Measure, year and name of the nation.
    dialect
        Encoding and the sign of decimals, where they are stated.

    Raises
    ------
    Problem
        Naming file, row and column: a cell that is no number, a sector code that means nothing,
        a sector twice, an unknown region (with the known ones), several measures or years.
    """
    wanted = pick or Pick()
    read = read_activity_file(path, wanted, dialect=dialect)
    regions = tuple(read.cells)
    values, notes = aligned(read, tuple(sectors))
    own = None if region is None else chosen_region(region, regions, path)
    national, told = national_of(regions, values, own, wanted.national, path)
    refuse_negative(read, regions if own is None else (regions[own],))
    if region is not None and own is not None and fold(region) != fold(regions[own]):
        _refuse_nation(region, regions[own], values[own], national, path)
    return Activity(
        "nation" if own is None else regions[own],
        tuple(sectors),
        national if own is None else values[own],
        national,
        read.measure or "activity",
        read.unit,
        read.year,
        read.source or path.name,
        (*notes, *told),
    )


def refuse_negative(read: ActivityFile, regions: Sequence[str]) -> None:
    """Refuse activity below zero in some regions of a file.

    Raises
    ------
    Problem
        Naming file, row and column, region and sector.
    """
    for region in regions:
        for code, value in read.cells[region].items():
            if value < 0:
                wide = region in read.grid.header
                wanted = {code} if wide else {region, code}
                rows = (at for at, row in enumerate(read.grid.rows, 1) if wanted <= set(row))
                raise read.grid.wrong(
                    f"activity of {region} in sector {code} is below zero",
                    next(rows, read.rows[code]),
                    region if wide else None,
                    value,
                    "correct the value, or leave the cell empty where it is not known",
                )


def _refuse_nation(asked: str, found: str, own: Floats, national: Floats, path: Path) -> None:
    """Refuse a region that is found by a part of its name and turns out to be the nation."""
    if np.array_equal(own, national, equal_nan=True):
        raise bad_input(
            f"the file of activity has no such region; {found}, which is near, is the nation",
            where=Where(str(path)),
            value=asked,
            remedy=f"name a region of the file, or the nation as it stands there: {found}",
        )


def read_activity_file(
    path: Path, pick: Pick | None = None, *, dialect: Dialect | None = None
) -> ActivityFile:
    """Read all regions of a file, as written."""
    grid = read_grid(path, dialect=dialect, amounts=_VALUE)
    if _column(grid, _REGION) is None:
        return _wide(grid)
    return _long(grid, pick or Pick())


def aligned(read: ActivityFile, sectors: tuple[str, ...]) -> tuple[Floats, tuple[str, ...]]:
    """Return values by region and sector of the table, ``(R, n)``, and what was done.

    A sector that no row stands for is NaN.
    """
    match = _matched(read, sectors)
    found = np.full((len(read.cells), len(sectors)), np.nan)
    for place, codes in enumerate(match.codes):
        if codes:
            found[:, place] = [
                sum(values.get(code, np.nan) for code in codes) for values in read.cells.values()
            ]
    return found, match.notes


@dataclass(frozen=True, slots=True)
class _Match:
    """Codes of the file that make each sector, and what was left out."""

    codes: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


def _matched(read: ActivityFile, sectors: tuple[str, ...]) -> _Match:
    known = positions_by_spelling(sectors)
    held = [_divisions(code) for code in sectors]
    codes: list[list[str]] = [[] for _ in sectors]
    finer: list[list[str]] = [[] for _ in sectors]
    outside = []
    for code in read.rows:
        place = place_by_spelling(code, known)
        if place is not None:
            codes[place].append(code)
            continue
        own = _meaning(read, code)
        within = [at for at, all_ in enumerate(held) if own and all_ and own <= all_]
        if len(within) == 1:
            finer[within[0]].append(code)
        else:
            outside.append(code)
    made = [_chosen(read, *pair) for pair in zip(codes, finer, strict=True)]
    if not any(made):
        raise read.grid.wrong(
            "no row of the file stands for a sector of the table",
            None,
            None,
            listed(tuple(read.rows)),
            f"the table has {listed(sectors)}: use its codes",
        )
    return _Match(tuple(made), _left_out(sectors, made, held, outside))


def _meaning(read: ActivityFile, code: str) -> frozenset[int] | None:
    """Return the divisions of a code that no sector has; a code without a meaning is refused."""
    own = _divisions(code)
    if own is None and code.casefold() not in _TOTALS:
        raise read.grid.wrong(
            "the table has no such sector, and it is no code of NACE",
            read.rows[code],
            read.grid.header[0],
            code,
            "use the table's codes, or divisions of NACE (ATECO)",
        )
    return own


def _divisions(code: str) -> frozenset[int] | None:
    """Return the divisions of a code; ``6`` is what a spreadsheet left of ``06``."""
    own = code.rpartition(":")[2].strip()
    return divisions(own.zfill(2) if own.isdigit() else own)


def _chosen(read: ActivityFile, same: list[str], finer: list[str]) -> tuple[str, ...]:
    """Return the rows that make a sector: its own code, or the finer ones."""
    if len(same) > 1:
        raise read.grid.wrong(
            "one sector of the table stands twice, in two spellings",
            read.rows[same[1]],
            read.grid.header[0],
            same[1],
            f"keep one of {', '.join(same)}",
        )
    return tuple(same or _disjoint(finer))


def _disjoint(codes: list[str]) -> Iterator[str]:
    """Yield codes from the widest down, none of whose divisions came before."""
    taken: set[int] = set()
    for code in sorted(codes, key=lambda each: -len(_divisions(each) or ())):
        own = _divisions(code) or frozenset()
        if not own & taken:
            taken |= own
            yield code


def _left_out(
    sectors: tuple[str, ...],
    made: list[tuple[str, ...]],
    held: Sequence[frozenset[int] | None],
    outside: list[str],
) -> tuple[str, ...]:
    notes = []
    partly = []
    for sector, codes, whole in zip(sectors, made, held, strict=True):
        if whole is None or spelling(sector) in map(spelling, codes):
            continue
        there = frozenset[int]().union(*(_divisions(code) or frozenset() for code in codes))
        if codes and whole - there:
            partly.append(f"{sector} without {', '.join(map(str, sorted(whole - there)))}")
    if partly:
        notes.append(f"divisions that the file does not have: {'; '.join(partly)}")
    named = tuple(code for code in outside if code.casefold() not in _TOTALS)
    if named:
        notes.append(f"rows of the file that no one sector holds, left out: {listed(named)}")
    return tuple(notes)


def _wide(grid: Grid) -> ActivityFile:
    regions = grid.header[1:]
    twice = next((name for at, name in enumerate(regions) if name in regions[:at]), None)
    if not regions or twice is not None or not all(regions):
        raise grid.wrong(
            "no region in the header, or one without a name or twice",
            0,
            None,
            twice,
            "give columns region, sector and value; or one column a region, each with its name",
        )
    rows: dict[str, int] = {}
    for number, row in enumerate(grid.rows, 1):
        if row[0] in rows:
            raise _twice(grid, number, row[0])
        rows[row[0]] = number
    cells = {
        name: {row[0]: grid.number(at, column) for at, row in enumerate(grid.rows, 1)}
        for column, name in enumerate(regions, 1)
    }
    return ActivityFile(grid, cells, rows)


@dataclass(slots=True)
class _Long:
    """The rows of a long file, as they come."""

    grid: Grid
    cells: dict[str, dict[str, float]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    seen: set[tuple[str, ...]] = field(default_factory=set)

    def take(
        self, number: int, region: str, sector: str, value: float, key: tuple[str, ...]
    ) -> None:
        if key in self.seen:
            raise _twice(self.grid, number, f"{region}, {sector}")
        self.seen.add(key)
        self.rows.setdefault(sector, number)
        own = self.cells.setdefault(region, {})
        own[sector] = value + own.get(sector, 0.0)


def _long(grid: Grid, pick: Pick) -> ActivityFile:
    region, sector = _needed(grid, _REGION, "region"), _needed(grid, _SECTOR, "sector")
    value = _needed(grid, _VALUE, "value")
    kept = [at for at, row in enumerate(grid.rows, 1) if _picked(grid, row, pick)]
    taken = _Long(grid)
    for at in kept:
        row = grid.rows[at - 1]
        key = (*row[:value], *row[value + 1 :])
        taken.take(at, row[region], row[sector], grid.number(at, value), key)
    if not kept:
        raise grid.wrong(
            "no row is of this measure and year", None, None, str(pick), "see what the file holds"
        )
    year = _one(grid, kept, "year")
    return ActivityFile(
        grid,
        taken.cells,
        taken.rows,
        _one(grid, kept, "measure") or grid.header[value],
        _one(grid, kept, "unit"),
        int(year) if year.isdigit() else None,
        _one(grid, kept, "source"),
    )


def _picked(grid: Grid, row: tuple[str, ...], pick: Pick) -> bool:
    wanted = {"measure": pick.measure, "year": None if pick.year is None else str(pick.year)}
    return all(
        value is None or name not in grid.header or row[grid.header.index(name)] == value
        for name, value in wanted.items()
    )


def _one(grid: Grid, kept: list[int], name: str) -> str:
    """Return the one text that the rows kept have in a column, empty without such a column."""
    if name not in grid.header:
        return ""
    column = grid.header.index(name)
    texts = list(dict.fromkeys(grid.rows[at - 1][column] for at in kept))
    if len(texts) > 1 and name != "source":
        raise grid.wrong(
            f"the file holds several of {name}",
            None,
            name,
            ", ".join(texts),
            f"choose one with --{name}" if name in {"measure", "year"} else "keep one",
        )
    return "; ".join(texts)


def _column(grid: Grid, names: Sequence[str]) -> int | None:
    header = [name.casefold() for name in grid.header]
    return next((header.index(name) for name in names if name in header), None)


def _needed(grid: Grid, names: Sequence[str], meaning: str) -> int:
    column = _column(grid, names)
    if column is None:
        raise grid.wrong(
            f"no column of the {meaning}",
            0,
            None,
            ", ".join(grid.header),
            f"name it {' or '.join(names[:3])}",
        )
    return column


def _twice(grid: Grid, number: int, value: str) -> Problem:
    return grid.wrong(
        "the same row twice", number, grid.header[0], value, "keep one of them, or add them up"
    )
