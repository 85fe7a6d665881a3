"""Values by sector as a user gives them: a satellite, a demand, wage shares, in one small CSV.

The columns ``sector`` and ``value`` are needed; ``unit``, ``year`` and ``source`` may stand beside
them. A sector that is not in the file is *not stated*: the caller says what that means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nexpo.core.ingest import Dialect
from nexpo.core.problem import Where
from nexpo.impact.adapters._grid import read_grid
from nexpo.impact.codes import position_of, positions_by_spelling
from nexpo.impact.model import Floats, Satellite, freeze

_NEEDED = ("sector", "value")
_AMOUNTS = frozenset({"value"})


@dataclass(frozen=True, slots=True, eq=False)
class SectorValues:
    """Values by sector; NaN where the file has no row."""

    values: Floats
    unit: str = ""
    year: int = 0
    source: str = ""

    def __post_init__(self) -> None:
        freeze(self)


def read_sector_values(
    path: Path,
    sectors: Sequence[str],
    *,
    decimal: str = "",
    least: float | None = 0.0,
    encoding: str = "utf-8",
) -> SectorValues:
    r"""Read values by sector.

    Parameters
    ----------
    path
        CSV with any of the usual delimiters, ``.gz`` or not; the case of its header is free.
    sectors
        Codes of the table; other spellings of the same code are understood.
    decimal
        The sign of decimals; found from the numbers if empty.
    least
        Smallest value allowed; None allows any.
    encoding
        Of the file.

    Raises
    ------
    Problem
        ``BAD_INPUT`` with file, row and column: no such column, an unknown or doubled sector, a
        value that is not a number, that may be two or is below ``least``, no row at all.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "demand.csv"
    >>> _ = path.write_text("Sector;Value\nF;1000,5\n")
    >>> read_sector_values(path, ["C26", "F"]).values.tolist()
    [nan, 1000.5]
    """
    dialect = Dialect(encoding=encoding, decimal=decimal)
    grid = read_grid(path, dialect=dialect, amounts=_AMOUNTS, short=True)
    names = [name.casefold() for name in grid.header]
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise grid.wrong(
            "no such column", 0, missing[0], grid.header, "the header needs sector and value"
        )
    code_at, value_at = (names.index(name) for name in _NEEDED)
    known = positions_by_spelling(sectors)
    values = np.full(len(sectors), np.nan)
    for number, row in enumerate(grid.rows, 1):
        where = Where(str(path), grid.place(number), grid.header[code_at])
        place = position_of(row[code_at], known, where)
        if not np.isnan(values[place]):
            raise grid.wrong(
                "a sector twice", number, where.column, row[code_at], "keep one of its rows"
            )
        value = grid.number(number, value_at, empty=None)
        if least is not None and value < least:
            column, text = grid.header[value_at], row[value_at]
            raise grid.wrong(f"below {least:g}", number, column, text, "correct the value")
        values[place] = value

    def said(name: str) -> str:
        return grid.rows[0][names.index(name)] if name in names else ""

    year = said("year")
    return SectorValues(values, said("unit"), int(year) if year.isdigit() else 0, said("source"))


def read_satellite(
    path: Path, sectors: Sequence[str], *, decimal: str = "", encoding: str = "utf-8"
) -> Satellite:
    """Read a satellite; its name is the file's, sectors without a row are unknown.

    Raises
    ------
    Problem
        As :func:`read_sector_values`.
    """
    found = read_sector_values(path, sectors, decimal=decimal, encoding=encoding)
    name = path.name.partition(".")[0]
    source = found.source or path.name
    return Satellite(name, found.unit or "unit", found.values, found.year, source)
