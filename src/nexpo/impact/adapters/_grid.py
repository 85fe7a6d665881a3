"""A small delimited file as cells of text, and its numbers with file, row and column."""

from __future__ import annotations

import csv
import gzip
import zlib
from dataclasses import dataclass
from math import isfinite, nan
from pathlib import Path

from nexpo.core.ingest import read_header
from nexpo.core.problem import Problem, Where, bad_input

_EMPTY = frozenset({"", ":", "na", "n/a", "nan", ".."})


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of a file; row 1 is the first after the header."""

    path: Path
    delimiter: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def number(self, row: int, column: int, *, empty: float | None = nan) -> float:
        """Return a number; ``empty`` where the cell is, or a problem where that is None.

        A comma is the sign of decimals in files that it does not separate.
        """
        return self.parse(self.rows[row - 1][column], row, self.header[column], empty=empty)

    def parse(self, text: str, row: int | None, column: str, *, empty: float | None = nan) -> float:
        """Return the number of a text that stands in a row and column."""
        plain = text.strip().replace("\u2212", "-")
        if plain.casefold() in _EMPTY:
            if empty is None:
                raise self.wrong("the cell is empty", row, column, text, "write 0 for nothing")
            return empty
        if self.delimiter != "," and "," in plain and "." not in plain:
            plain = plain.replace(",", ".")
        try:
            value = float(plain)
        except ValueError:
            value = nan
        if not isfinite(value):
            raise self.wrong(
                "the cell is no number", row, column, text, "write digits, without thousands marks"
            )
        return value

    def wrong(
        self, detail: str, row: int | None, column: str | None, value: object, remedy: str
    ) -> Problem:
        """Return the problem of a cell."""
        where = Where(str(self.path), row, column or None)
        return bad_input(detail, where=where, value=value, remedy=remedy)


def read_grid(path: Path) -> Grid:
    """Read a file with commas, semicolons or tabs, plain or gzip, UTF-8.

    Raises
    ------
    Problem
        No text table; a row with more or fewer cells than the header.
    """
    delimiter, header = read_header(path)
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        lines = list(csv.reader(raw.decode("utf-8-sig").splitlines(), delimiter=delimiter))
    except (UnicodeDecodeError, csv.Error, EOFError, OSError, zlib.error) as error:
        raise bad_input(
            f"the file cannot be read: {error}",
            where=Where(str(path)),
            remedy="save it again as CSV in UTF-8",
        ) from None
    width = len(header)
    rows = []
    for number, line in enumerate(lines[1:], 1):
        if not any(cell.strip() for cell in line):
            continue
        if len(line) != width:
            raise bad_input(
                f"the row has {len(line)} cells, the header {width}",
                where=Where(str(path), number),
                value=delimiter.join(line)[:60],
                remedy="the file is cut off, or a cell holds the delimiter without quotes",
            )
        rows.append(tuple(cell.strip() for cell in line))
    if not rows:
        raise bad_input(
            "the file holds a header and no row",
            where=Where(str(path)),
            remedy="ask for the file again",
        )
    return Grid(path, delimiter, header, tuple(rows))


def decimals_of(text: str) -> int:
    """Return how many decimals a number is printed with.

    Examples
    --------
    >>> decimals_of("12.50"), decimals_of("3"), decimals_of("1e-3")
    (2, 0, 3)
    """
    mantissa, _, exponent = text.strip().casefold().replace(",", ".").partition("e")
    places = len(mantissa.partition(".")[2])
    try:
        return max(0, places - int(exponent or 0))
    except ValueError:
        return places
