"""Employment by sector and region, and accounts that fill its gaps.

- ``addetti_by_wiod_sector_region.csv``: a row a sector, a column a region, and a sum;
- ``addetti_by_ateco_group_region.csv(.gz)``, ``addetti_by_region_ateco2.csv``: ``region,
  section, ateco2, addetti``, a row a group or division;
- ``wiod_sea_*.csv``: socio-economic accounts, ``country, code, year, GO, VA, EMP, ...``.

Traps: persons employed in local units (*addetti*) are heads, never FTE; their year is not stated
(before 2020). Public sectors are missing: an empty cell is unknown, never zero. ``ateco2`` lost
its leading zero. ``Bolzano`` and ``Trento`` are parts of ``Trentino-Alto Adige``: left out when
it is there. ``EMP`` is in thousands, ``H_EMPE`` in million hours, money in million of national
currency.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from nexpo.core.ingest import Dialect, read_header
from nexpo.core.numbers import decimal_comma, to_number
from nexpo.core.problem import Where, bad_input
from nexpo.sources.input_output.blocks import Floats, refuse_doubles, shown, unknown_code, year_of
from nexpo.sources.input_output.grid import not_a_number, read_grid, stated_mark, text_rows
from nexpo.sources.text_tables.names import find_roles, need_roles, plain

_SECTOR = ("wiod2016_sector", "sector", "code", "nace", "ateco")
_PARTS_OF = {"trentino": ("bolzano", "trento"), "trentino_alto_adige": ("bolzano", "trento")}
_SUM = re.compile("(^|_)(sum|total)")
_LONG = {
    "region": ("region", "regione"),
    "section": ("section", "sezione"),
    "division": ("ateco2", "division", "divisione"),
    "jobs": ("addetti", "jobs", "persons"),
}
_ACCOUNTS = {
    "EMP": ("persons", 1_000.0),
    "EMPE": ("employees", 1_000.0),
    "H_EMPE": ("hours_employees", 1_000_000.0),
    "GO": ("output", 1.0),
    "VA": ("value_added", 1.0),
    "COMP": ("compensation", 1.0),
}


@dataclass(frozen=True, slots=True, eq=False)
class Jobs:
    """Persons employed by sector and region; NaN is not known."""

    sectors: tuple[str, ...]
    regions: tuple[str, ...]
    values: Floats  # (sectors, regions), persons
    source: str
    notes: tuple[str, ...] = ()

    def total(self) -> Floats:
        """Return the sum over regions by sector; not known where a region is not."""
        found: Floats = self.values.sum(axis=1)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Accounts:
    """Socio-economic accounts of a country and year.

    ``values`` holds by name ``persons``, ``employees`` (heads), ``hours_employees`` (hours),
    ``output``, ``value_added`` and ``compensation`` (million of national currency).
    """

    country: str
    year: int
    sectors: tuple[str, ...]
    values: Mapping[str, Floats]


def read_jobs(path: Path, *, dialect: Dialect | None = None) -> Jobs:
    """Read persons employed by sector and region, wide or long.

    Raises
    ------
    Problem
        With row and column of what is no number, or of a sector that stands twice.
    """
    header = read_header(path, dialect)[1]
    if {"region", "division", "jobs"} <= set(find_roles(header, _LONG)):
        return _long_jobs(path, dialect)
    grid = read_grid(path, _SECTOR, dialect=dialect)
    sectors = tuple(row[0] for row in grid.labels)
    refuse_doubles(path, sectors, grid.rows, "sector")
    values = grid.values.copy()
    if grid.blank is not None:
        values[grid.blank] = np.nan
    kept, notes = _regions(grid.columns)
    totals = [j for j, name in enumerate(grid.columns) if _SUM.search(plain(name))]
    missing = int(np.isnan(values[:, kept]).all(axis=1).sum())
    if missing:
        notes = (*notes, f"{missing} of {len(sectors)} sectors have no figure")
    _check_sum(path, sectors, values, kept, totals)
    return Jobs(sectors, tuple(grid.columns[j] for j in kept), values[:, kept], path.name, notes)


def read_accounts(
    path: Path, country: str, *, year: int | None = None, dialect: Dialect | None = None
) -> Accounts:
    """Read the socio-economic accounts of one country and year.

    Raises
    ------
    Problem
        When country or year are not in the file; with row and column of what is no number.
    """
    roles = {name: (plain(name),) for name in ("country", "code", "year", *_ACCOUNTS)}
    delimiter, header = read_header(path, dialect)
    found = need_roles(path, header, roles, ("country", "code", "year", "EMP", "GO"))
    place = {role: header.index(name) for role, name in found.items()}
    rows = [
        (number, row)
        for number, row in enumerate(text_rows(path, delimiter, dialect), 1)
        if len(row) == len(header)
    ]
    countries = sorted({row[place["country"]] for _, row in rows})
    if country not in countries:
        raise unknown_code(path, country, countries, what="country")
    mine = [(number, row) for number, row in rows if row[place["country"]] == country]
    chosen = year_of(path, [int(row[place["year"]]) for _, row in mine], year)
    mine = [(number, row) for number, row in mine if int(row[place["year"]]) == chosen]
    sectors = tuple(row[place["code"]] for _, row in mine)
    refuse_doubles(path, sectors, [number for number, _ in mine], "sector")
    texts = (row[place["GO"]] for _, row in mine)
    comma = decimal_comma(texts, delimiter, file=str(path), decimal=stated_mark(dialect))

    def column(role: str, factor: float) -> Floats:
        cells = []
        for number, row in mine:
            text = row[place[role]].strip()
            value = to_number(text, comma=comma) if text else np.nan
            if value is None:
                raise not_a_number(path, number, role, text)
            cells.append(value * factor)
        return np.asarray(cells)

    values = {
        name: column(role, factor) for role, (name, factor) in _ACCOUNTS.items() if role in place
    }
    return Accounts(country, chosen, sectors, values)


def _regions(columns: Sequence[str]) -> tuple[list[int], tuple[str, ...]]:
    """Return the columns of regions, without sums and without parts of another region."""
    names = [plain(name) for name in columns]
    parts = {part for whole, inside in _PARTS_OF.items() if whole in names for part in inside}
    left = [name for name, key in zip(columns, names, strict=True) if key in parts]
    kept = [j for j, key in enumerate(names) if key not in parts and not _SUM.search(key)]
    notes = (f"{' and '.join(left)} are parts of another region: left out",) if left else ()
    return kept, notes


def _check_sum(
    path: Path, sectors: Sequence[str], values: Floats, kept: list[int], totals: list[int]
) -> None:
    for j in totals:
        apart = np.abs(np.nan_to_num(values[:, kept].sum(axis=1) - values[:, j]))
        worst = int(apart.argmax()) if len(apart) else 0
        if len(apart) and apart[worst] > 0.5 * len(kept):
            raise bad_input(
                f"the regions do not make the sum: they differ by {apart[worst]:,.1f}",
                where=Where(str(path), worst + 1),
                value=sectors[worst],
                remedy="a region is counted twice or missing",
            )


def _long_jobs(path: Path, dialect: Dialect | None) -> Jobs:
    delimiter, header = read_header(path, dialect)
    found = find_roles(header, _LONG)
    place = {role: header.index(name) for role, name in found.items()}
    records, rows = [], list(text_rows(path, delimiter, dialect))
    texts = (row[place["jobs"]] for row in rows if len(row) == len(header))
    comma = decimal_comma(texts, delimiter, file=str(path), decimal=stated_mark(dialect))
    for number, row in enumerate(rows, 1):
        if not row:
            continue
        if len(row) < len(header):
            raise bad_input(
                f"the row has {len(row)} cells, the header {len(header)}",
                where=Where(str(path), number),
                remedy="the file may be cut here: fetch it again",
            )
        text = row[place["jobs"]].strip()
        value = to_number(text, comma=comma)
        if value is None:
            raise not_a_number(path, number, header[place["jobs"]], text)
        section = row[place["section"]].strip() if "section" in place else ""
        division = row[place["division"]].strip().zfill(2)
        records.append((row[place["region"]].strip(), f"{section}{division}", value))
    frame = pl.DataFrame(records, schema=("region", "sector", "jobs"), orient="row")
    summed = frame.group_by("region", "sector", maintain_order=True).agg(pl.col("jobs").sum())
    regions = summed["region"].unique(maintain_order=True).to_list()
    kept, notes = _regions(regions)
    sectors = sorted(summed["sector"].unique().to_list())
    values = np.zeros((len(sectors), len(regions)))
    row_at = {code: i for i, code in enumerate(sectors)}
    column_at = {name: j for j, name in enumerate(regions)}
    for region, sector, jobs in summed.iter_rows():
        values[row_at[sector], column_at[region]] = jobs
    if not sectors:
        raise bad_input("the file has no rows", where=Where(str(path)), remedy=shown(["fetch it"]))
    return Jobs(tuple(sectors), tuple(regions[j] for j in kept), values[:, kept], path.name, notes)
