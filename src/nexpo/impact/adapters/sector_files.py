"""Values by sector as a user gives them: a satellite, a demand, wage shares, in one small CSV.

The columns ``sector`` and ``value`` are needed; ``unit``, ``year`` and ``source`` may stand beside
them. A sector that is not in the file is *not stated*: the caller says what that means.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nexpo.core.ingest import read_header
from nexpo.core.problem import Kind, Problem, Where
from nexpo.impact.codes import position_of, positions_by_spelling
from nexpo.impact.model import Floats, Satellite, freeze

_NEEDED = ("sector", "value")


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
    path: Path, sectors: Sequence[str], *, decimal: str = ".", least: float | None = 0.0
) -> SectorValues:
    r"""Read values by sector.

    Parameters
    ----------
    path
        CSV with any of the usual delimiters, UTF-8, ``.gz`` or not.
    sectors
        Codes of the table; other spellings of the same code are understood.
    decimal
        The sign of decimals.
    least
        Smallest value allowed; None allows any.

    Raises
    ------
    Problem
        ``BAD_INPUT`` with file, row and column: no such column, an unknown or doubled sector, a
        value that is not a number or is below ``least``, no row at all.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "demand.csv"
    >>> _ = path.write_text("sector;value\nF;1000\n")
    >>> read_sector_values(path, ["C26", "F"]).values.tolist()
    [nan, 1000.0]
    """
    delimiter, names = read_header(path)
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise _bad(
            path, 0, missing[0], "no such column", names, "the header needs sector and value"
        )
    known = positions_by_spelling(sectors)
    values = np.full(len(sectors), np.nan)
    first: Mapping[str, str] = {}
    rows = csv.DictReader(_text(path).splitlines(), delimiter=delimiter, skipinitialspace=True)
    rows.fieldnames = [name.strip() for name in rows.fieldnames or ()]
    for number, row in enumerate(rows, 1):
        first = first or row
        code = (row["sector"] or "").strip()
        place = position_of(code, known, Where(str(path), number, "sector"))
        if not np.isnan(values[place]):
            raise _bad(path, number, "sector", "a sector twice", code, "keep one of its rows")
        values[place] = _number(path, number, row["value"], decimal, least)
    if not first:
        raise _bad(path, None, None, "the file has no rows", None, "give a value a sector")
    year = (first.get("year") or "0").strip()
    return SectorValues(
        values,
        (first.get("unit") or "").strip(),
        int(year) if year.isdigit() else 0,
        (first.get("source") or "").strip(),
    )


def read_satellite(path: Path, sectors: Sequence[str], *, decimal: str = ".") -> Satellite:
    """Read a satellite; its name is the file's, sectors without a row are unknown.

    Raises
    ------
    Problem
        As :func:`read_sector_values`.
    """
    found = read_sector_values(path, sectors, decimal=decimal)
    name = path.name.partition(".")[0]
    source = found.source or path.name
    return Satellite(name, found.unit or "unit", found.values, found.year, source)


def _text(path: Path) -> str:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _bad(path, None, None, "not UTF-8", raw[error.start], "save it as UTF-8") from None


def _number(path: Path, row: int, text: str | None, decimal: str, least: float | None) -> float:
    plain = (text or "").strip().replace(decimal, ".")
    try:
        value = float(plain)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise _bad(
            path, row, "value", "not a number", text, f"write it with {decimal!r}, no spaces"
        )
    if least is not None and value < least:
        raise _bad(path, row, "value", f"below {least:g}", text, "correct the value")
    return value


def _bad(
    path: Path, row: int | None, column: str | None, what: str, value: object, remedy: str
) -> Problem:
    where = Where(str(path), row, column)
    return Problem(Kind.BAD_INPUT, what, where=where, value=value, remedy=remedy)
