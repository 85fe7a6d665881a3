"""FIGARO (Eurostat): inter-country tables, 46 areas by 64 industries, million EUR.

Two forms of one table:

- **matrix CSV** ``matrix_eu-ic-io_ind-by-ind_24ed_2022.csv``: ``rowLabels``, then
  ``IT_C10T12`` by area and industry (2,944), then final uses ``IT_P3_S14`` (230); rows the
  same, then ``W2_D1``, ``W2_D21X31`` and so on;
- **flat CSV** ``flatfile_eu-ic-io_...csv``: a row a cell with ``refArea, rowPi,
  counterpartArea, colPi, obsValue`` (and the joined keys): 8.67 million rows for the flows
  alone, read in a stream.

Traps: there is no output; it is the sum of a row's uses. Area and code are parted at the first
underscore only (``W2_OP_RES``). Products carry ``CPA_``. ``OP_RES`` and ``OP_NRES`` correct
household consumption only. A cell that is not there is zero; how many is noted. Inventories
are negative here and there. Codes are those of NACE with ``T`` for a range (``C10T12``).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nexpo.core.ingest import Dialect, read_header
from nexpo.core.problem import Where, bad_input
from nexpo.sources.input_output._figaro_flat import FLAT, Wide, spread, together
from nexpo.sources.input_output.areas import year_in
from nexpo.sources.input_output.blocks import (
    Blocks,
    Floats,
    order,
    refuse_doubles,
    unknown_code,
)
from nexpo.sources.input_output.grid import read_grid
from nexpo.sources.input_output.kinds import is_total, primary_kind, use_kind
from nexpo.sources.text_tables.names import plain

_NO_AREA = "W2"  # rows of value added and taxes: the domestic economy, whichever it is
_PRODUCT = "CPA_"


def recognise(path: Path, header: Sequence[str]) -> bool:
    """Tell either form by its columns."""
    del path
    names = {plain(name) for name in header}
    if {plain(name) for name in FLAT} <= names:
        return True
    return bool(header) and plain(header[0]) in {"rowlabels", "row_labels"}


def read(path: Path, *, year: int | None = None, dialect: Dialect | None = None) -> Blocks:
    """Read an inter-country table, whole.

    Parameters
    ----------
    path
        Flat or matrix CSV, plain or gzip.
    year
        Needed where the file's name does not say it.

    Raises
    ------
    Problem
        With file, row and column: a cell that stands twice, an industry that sells and does
        not buy, a text among numbers.
    """
    chosen = year if year is not None else year_in(path)
    if chosen is None:
        raise bad_input(
            "the file's name does not say the year",
            where=Where(str(path)),
            remedy="say it with --year",
        )
    delimiter, header = read_header(path, dialect)
    names = {plain(name) for name in header}
    flat = {plain(name) for name in FLAT} <= names
    if flat:
        wide = spread(path, delimiter, header, dialect)
    else:
        grid = read_grid(path, ("rowlabels", "row_labels"), dialect=dialect)
        rows = tuple(row[0] for row in grid.labels)
        wide = Wide(path, rows, grid.columns, grid.values, grid.rows, grid.notes())
    return _blocks(wide, chosen)


def _blocks(wide: Wide, year: int) -> Blocks:
    path = wide.path
    refuse_doubles(path, wide.column_codes, [0] * len(wide.column_codes), "column")
    uses = [j for j, code in enumerate(wide.column_codes) if use_kind(_parted(code)[1])]
    taken = set(uses)
    at = [
        j
        for j, code in enumerate(wide.column_codes)
        if j not in taken and not is_total(_parted(code)[1]) and not is_total(code)
    ]
    sectors = [wide.column_codes[j] for j in at]
    below = [
        i
        for i, code in enumerate(wide.row_codes)
        if primary_kind(_parted(code)[1]) or (_parted(code)[0] == _NO_AREA and not _is_sum(code))
    ]
    under = set(below)
    homes = [
        i
        for i, code in enumerate(wide.row_codes)
        if i not in under and not is_total(_parted(code)[1]) and not is_total(code)
    ]
    found = [wide.row_codes[i] for i in homes]
    places = order(path, sectors, found, [wide.rows[i] for i in homes], "industry")
    below = _without_sums(wide, below)
    chosen = [homes[place] for place in places]
    flows = _cut(wide.values, chosen, at)
    final = _cut(wide.values, chosen, uses)
    parts = [_parted(code) for code in sectors]
    return Blocks(
        name="FIGARO inter-country table",
        key="figaro",
        area="WORLD",
        year=year,
        currency="EUR",
        scale=1_000_000,
        basis="basic",
        classification=_classification(sectors),
        scope="domestic",
        sectors=tuple(f"{area}:{_bare(code)}" for area, code in parts),
        labels=tuple(_bare(code) for _, code in parts),
        regions=tuple(area for area, _ in parts),
        flows=flows,
        output=flows.sum(axis=1) + final.sum(axis=1),
        uses=tuple(":".join(_parted(wide.column_codes[j])) for j in uses),
        use_kinds=tuple(use_kind(_parted(wide.column_codes[j])[1]) or "other" for j in uses),
        final=final,
        primary_rows=tuple(_parted(wide.row_codes[i])[1] for i in below),
        primary_kinds=tuple(_primary_kind(path, wide.row_codes[i], wide.rows[i]) for i in below),
        primary=_cut(wide.values, below, at),
        primary_final=_cut(wide.values, below, uses),
        notes=(*wide.notes, "output is the sum of a row's uses"),
    )


def _cut(values: Floats, rows: Sequence[int], columns: Sequence[int]) -> Floats:
    """Return rows and columns; a view where they lie together, so that nothing is copied."""
    if together(rows) and together(columns):
        return values[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return values[np.ix_(rows, columns)]


def _parted(code: str) -> tuple[str, str]:
    """Part area and code at the first underscore.

    >>> _parted("W2_OP_RES"), _parted("IT_C10T12")
    (('W2', 'OP_RES'), ('IT', 'C10T12'))
    """
    area, _, rest = code.strip().partition("_")
    return area, rest


def _bare(code: str) -> str:
    return code.removeprefix(_PRODUCT)


def _classification(sectors: Sequence[str]) -> str:
    if any(f"_{_PRODUCT}" in code for code in sectors):
        return "CPA 2.1 (FIGARO products)"
    return "NACE Rev. 2 (FIGARO industries)"


def _is_sum(code: str) -> bool:
    return is_total(_parted(code)[1])


def _without_sums(wide: Wide, below: list[int]) -> list[int]:
    """Leave out value added as a whole where its parts are given too."""
    kinds = {primary_kind(_parted(wide.row_codes[i])[1]) for i in below}
    if not {"compensation", "surplus"} <= kinds:
        return below
    return [i for i in below if primary_kind(_parted(wide.row_codes[i])[1]) != "value_added"]


def _primary_kind(path: Path, code: str, row: int) -> str:
    kind = primary_kind(_parted(code)[1])
    if kind is None:
        known = ("W2_D21X31", "W2_OP_RES", "W2_OP_NRES", "W2_D1", "W2_D29X39", "W2_B2A3G")
        raise unknown_code(path, code, known, what="primary row", row=row)
    return kind
