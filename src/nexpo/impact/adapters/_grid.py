"""A small delimited file as cells of text, and its numbers with file, row and column."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from math import nan
from pathlib import Path

from nexpo.core.ingest import Dialect, read_header
from nexpo.core.numbers import decimal_comma, to_number
from nexpo.core.problem import Problem, Where, bad_input
from nexpo.core.workbooks import is_workbook, opened

_EMPTY = frozenset({"", ":", "na", "n/a", "nan", ".."})


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of a file; row 1 is the first after the header."""

    path: Path
    delimiter: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    comma: bool = False
    places: tuple[int, ...] = ()

    def place(self, row: int | None) -> int | None:
        """Return where a row stands in the file, blank lines counted; 1 follows the header."""
        return self.places[row - 1] if row and self.places else row

    def number(self, row: int, column: int, *, empty: float | None = nan) -> float:
        """Return a number; ``empty`` where the cell is, or a problem where that is None."""
        return self.parse(self.rows[row - 1][column], row, self.header[column], empty=empty)

    def parse(self, text: str, row: int | None, column: str, *, empty: float | None = nan) -> float:
        """Return the number of a text that stands in a row and column."""
        plain = text.strip().replace("\u2212", "-")
        if plain.casefold() in _EMPTY:
            if empty is None:
                raise self.wrong("the cell is empty", row, column, text, "write 0 for nothing")
            return empty
        value = to_number(plain, comma=self.comma)
        if value is None:
            mark = "a comma" if self.comma else "a point"
            raise self.wrong(
                "the cell is no number", row, column, text, f"write digits, and {mark} for decimals"
            )
        return value

    def wrong(
        self, detail: str, row: int | None, column: str | None, value: object, remedy: str
    ) -> Problem:
        """Return the problem of a cell."""
        where = Where(str(self.path), self.place(row), column or None)
        return bad_input(detail, where=where, value=value, remedy=remedy)


def read_grid(
    path: Path,
    *,
    dialect: Dialect | None = None,
    amounts: Collection[str] | None = None,
    short: bool = False,
) -> Grid:
    """Read a file with commas, semicolons or tabs, plain or gzip, or the first sheet of an XLSX.

    Parameters
    ----------
    dialect
        Encoding, and the sign of decimals; found from the numbers where it is empty or no
        dialect is given.
    amounts
        Names of the columns that hold numbers, in small letters; all after the first where the
        file has none of them.
    short
        Rows may end before the header does; what is missing is empty.

    Raises
    ------
    Problem
        No text table; a row with more or fewer cells than the header; numbers that may be read
        in two ways.
    """
    known = dialect or Dialect(decimal="")
    delimiter, header, lines = _opened(path, known)
    rows, places = [], []
    for number, line in enumerate(lines, 1):
        if not any(cell.strip() for cell in line):
            continue
        if short:
            line.extend([""] * (len(header) - len(line)))
        if len(line) != len(header):
            raise bad_input(
                f"the row has {len(line)} cells, the header {len(header)}",
                where=Where(str(path), number),
                value=delimiter.join(line)[:60],
                remedy="the file is cut off, or a cell holds the delimiter without quotes",
            )
        rows.append(tuple(cell.strip() for cell in line))
        places.append(number)
    if not rows:
        raise bad_input(
            "the file holds a header and no row",
            where=Where(str(path)),
            remedy="ask for the file again",
        )
    comma = decimal_comma(
        _amounts(header, rows, amounts),
        delimiter,
        file=str(path),
        decimal="." if is_workbook(path) else known.decimal,
    )
    return Grid(path, delimiter, header, tuple(rows), comma, tuple(places))


def _amounts(
    header: Sequence[str], rows: Sequence[Sequence[str]], names: Collection[str] | None
) -> Iterator[str]:
    """Yield the cells that may be numbers, those of a first row that is no header among them."""
    columns = [at for at, name in enumerate(header) if names and name.casefold() in names]
    if not columns:
        columns = list(range(1, len(header)))
        yield from header[1:]
    for row in rows:
        for at in columns:
            yield row[at]


def _opened(path: Path, dialect: Dialect) -> tuple[str, tuple[str, ...], list[list[str]]]:
    """Return delimiter, header and the rows after it, as text."""
    if is_workbook(path):
        first, *rest = _sheet(path) or [[]]
        return "", tuple(first), rest
    delimiter, header = read_header(path, dialect)
    return delimiter, header, _lines(path, delimiter, dialect.encoding)[1:]


def _sheet(path: Path) -> list[list[str]]:
    """Return the first sheet as text, from its first row with a cell on, in one width."""
    with opened(path) as sheets:
        rows = [
            ["" if cell is None else str(cell).strip() for cell in row] for row in sheets[0].rows()
        ]
    start = next((at for at, row in enumerate(rows) if any(row)), len(rows))
    rows = rows[start:]
    wide = max((at + 1 for row in rows for at, cell in enumerate(row) if cell), default=0)
    return [row[:wide] + [""] * (wide - len(row)) for row in rows]


def _lines(path: Path, delimiter: str, encoding: str) -> list[list[str]]:
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return list(csv.reader(raw.decode(codec).splitlines(), delimiter=delimiter))
    except UnicodeDecodeError as error:
        raise bad_input(
            f"the file is not {encoding.upper()} text",
            where=Where(str(path)),
            value=error.object[error.start : error.end],
            remedy="save it as UTF-8, or say --encoding cp1252 (usual for Italian exports)",
        ) from None
    except (csv.Error, EOFError, OSError, zlib.error) as error:
        raise bad_input(
            f"the file cannot be read: {error}",
            where=Where(str(path)),
            remedy="save it again as CSV in UTF-8",
        ) from None


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
