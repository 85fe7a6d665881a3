"""A rectangle of amounts with labels at its left and codes above it, from CSV or XLSX.

A quick reading is tried first; where it stumbles (grouped thousands, a text among numbers, a
short row), the rows are read one by one, which understands more and knows the place.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from nexpo.core.ingest import Dialect, read_header
from nexpo.core.numbers import decimal_comma, to_number
from nexpo.core.problem import Where, bad_input
from nexpo.core.workbooks import is_workbook
from nexpo.sources.input_output.blocks import Floats
from nexpo.sources.input_output.workbooks import IsHeader, texts, workbook_rows
from nexpo.sources.text_tables.names import plain

_BLOCK_BYTES = 1 << 23
_SAMPLE_CELLS = 40_000
_MORE_ROWS = 256


@dataclass(frozen=True, slots=True)
class _Habits:
    """How a file writes: its decimal mark, and which rows may be short."""

    comma: bool = False
    short: tuple[str, ...] = ()


Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A rectangle of amounts.

    Attributes
    ----------
    header
        Every column's name, those of the labels included.
    labels
        By row, the text at its left.
    values
        ``(rows, columns after the labels)``; an empty cell is zero.
    rows
        Where each row stands in the file; 1 is the first after the header.
    empty
        Number of empty cells among the amounts of rows that have any.
    blank
        ``(rows, columns)`` where a cell is empty; None where none is.
    """

    path: Path
    header: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    values: Floats
    rows: tuple[int, ...]
    empty: int = 0
    blank: Flags | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of amounts."""
        return self.header[len(self.header) - self.values.shape[1] :]

    def label(self, name: str) -> tuple[str, ...]:
        """Return a column of labels by its name, or empty texts where there is none."""
        names = [plain(each) for each in self.header[: len(self.header) - self.values.shape[1]]]
        if name not in names:
            return ("",) * len(self.rows)
        position = names.index(name)
        return tuple(row[position] for row in self.labels)

    def notes(self) -> tuple[str, ...]:
        """Return what a reader should say about the cells."""
        return (f"{self.empty} empty cells were read as zero",) if self.empty else ()


def read_grid(
    path: Path,
    labels: Sequence[str],
    *,
    dialect: Dialect | None = None,
    sheet: str = "",
    short: Sequence[str] = (),
    is_header: IsHeader | None = None,
) -> Grid:
    """Read a rectangle of amounts.

    Parameters
    ----------
    labels
        Names, as :func:`~nexpo.sources.text_tables.names.plain` gives them, that columns of text
        may have; those that begin the header are taken for labels.
    sheet
        Of a workbook; the first whose first row begins with a label if none is named.
    short
        First labels of rows that need not reach across: they have no amounts.
    is_header
        Tells the header in a workbook, where it does not begin with a label.

    Raises
    ------
    Problem
        With row and column, for a text among numbers, a row that is too short or too long, or
        a file that is none.
    """
    if is_workbook(path):
        rows = workbook_rows(path, sheet, is_header or (lambda row: plain(row[0]) in labels))
        header = texts(next(rows))
        rows = (tuple(row) + (None,) * (len(header) - len(row)) for row in rows)
        return _by_rows(
            path, header, _count_labels(header, labels), rows, _Habits(short=tuple(short))
        )
    delimiter, header = read_header(path, dialect)
    width = _count_labels(header, labels)
    comma = decimal_comma(
        _cells(path, delimiter, width, dialect),
        delimiter,
        file=str(path),
        decimal=stated_mark(dialect),
        enough=_SAMPLE_CELLS,
    )
    habits = _Habits(comma=comma, short=tuple(short))
    quick = _quick(path, delimiter, header, width, comma=comma)
    if quick is not None:
        return quick
    return _by_rows(path, header, width, text_rows(path, delimiter, dialect), habits)


def text_rows(path: Path, delimiter: str, dialect: Dialect | None) -> Iterator[list[str]]:
    """Yield the rows of a delimited file after its header.

    Raises
    ------
    Problem
        When the file is not text of its encoding.
    """
    encoding = "utf-8" if dialect is None else dialect.encoding
    encoding = "utf-8-sig" if encoding == "utf-8" else encoding
    try:
        with _text(path, encoding) as stream:
            rows = csv.reader(stream, delimiter=delimiter)
            next(rows, None)
            yield from rows
    except UnicodeDecodeError as error:
        raise bad_input(
            f"the file is not {encoding.removesuffix('-sig')} text",
            where=Where(str(path)),
            value=error.object[error.start : error.end],
            remedy="save it as UTF-8, or say --encoding cp1252 (usual for Italian exports)",
        ) from None
    except (EOFError, csv.Error) as error:
        raise bad_input(
            f"the file cannot be read to its end: {error}",
            where=Where(str(path)),
            remedy="it may be cut: fetch it again",
        ) from None


def _text(path: Path, encoding: str) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding=encoding, newline="")
    return path.open(encoding=encoding, newline="")


def _count_labels(header: Sequence[str], labels: Sequence[str]) -> int:
    for position, name in enumerate(header):
        if plain(name) not in labels:
            return max(1, position)
    return len(header)


def stated_mark(dialect: Dialect | None) -> str:
    """Return the decimal mark that is stated, empty where it is to be found out."""
    return "" if dialect is None else dialect.decimal


def _cells(path: Path, delimiter: str, width: int, dialect: Dialect | None) -> Iterator[str]:
    for row in text_rows(path, delimiter, dialect):
        yield from row[width:]


def _quick(
    path: Path, delimiter: str, header: tuple[str, ...], width: int, *, comma: bool
) -> Grid | None:
    """Read with Arrow, block by block into one array; None where a cell is no plain number."""
    names = [f"c{n}" for n in range(len(header))]
    types = {name: pa.string() if n < width else pa.float64() for n, name in enumerate(names)}
    values = np.empty((len(header), len(header) - width))
    labels: list[tuple[str, ...]] = []
    empty = filled = 0
    try:
        with pa.input_stream(str(path), compression="detect") as stream:
            reader = arrow_csv.open_csv(
                stream,
                read_options=arrow_csv.ReadOptions(
                    column_names=names, skip_rows=1, block_size=_BLOCK_BYTES
                ),
                parse_options=arrow_csv.ParseOptions(delimiter=delimiter),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=types,
                    null_values=[""],
                    strings_can_be_null=False,
                    decimal_point="," if comma else ".",
                ),
            )
            for batch in reader:
                end = filled + batch.num_rows
                if end > len(values):
                    grown = np.empty((max(end, len(values) + _MORE_ROWS), values.shape[1]))
                    grown[:filled] = values[:filled]
                    values = grown
                for column in range(width, len(header)):
                    part = batch.column(column)
                    empty += part.null_count
                    values[filled:end, column - width] = part.to_numpy(zero_copy_only=False)
                texts = [batch.column(n).to_pylist() for n in range(width)]
                labels.extend(
                    tuple(text.strip() for text in row) for row in zip(*texts, strict=True)
                )
                filled = end
    except (pa.ArrowInvalid, OSError):
        return None
    values = values[:filled]
    unknown = ~np.isfinite(values)
    if np.count_nonzero(unknown) != empty:
        return None  # a word that Arrow takes for a number: nan, inf
    if empty:
        values[unknown] = 0.0
    return _grid(path, header, labels, values, range(1, filled + 1), unknown)


def _by_rows(
    path: Path,
    header: tuple[str, ...],
    width: int,
    rows: Iterator[Sequence[Any]],
    habits: _Habits,
) -> Grid:
    """Read row by row; a row without any amount (a second header, a footnote) is passed over."""
    labels, values, blanks, numbers = [], [], [], []
    for number, row in enumerate(rows, 1):
        if _is_names(row[width:], comma=habits.comma) or _is_aside(row, width):
            continue
        if plain(str(row[0])) in habits.short:
            row = [*row, *[None] * (len(header) - len(row))]  # noqa: PLW2901 - made whole
        if len(row) < len(header) or any(_is_filled(cell) for cell in row[len(header) :]):
            raise bad_input(
                f"the row has {len(row)} cells, the header {len(header)}",
                where=Where(str(path), number),
                value=", ".join(str(cell) for cell in row[:width]),
                remedy="the file may be cut here: fetch it again; quote texts with delimiters",
            )
        labels.append(tuple(_label(cell) for cell in row[:width]))
        cells = row[width : len(header)]
        values.append(_amounts(path, number, header[width:], cells, comma=habits.comma))
        blanks.append([not _is_filled(cell) for cell in cells])
        numbers.append(number)
    shape = (len(values), len(header) - width)
    table = np.vstack(values) if values else np.empty(shape)
    return _grid(
        path, header, labels, table, numbers, np.asarray(blanks, dtype=bool).reshape(shape)
    )


def _grid(
    path: Path,
    header: tuple[str, ...],
    labels: Sequence[tuple[str, ...]],
    values: Floats,
    rows: Sequence[int],
    blank: Flags,
) -> Grid:
    counted = int(np.count_nonzero(blank[~blank.all(axis=1)])) if blank.any() else 0
    kept = blank if blank.any() else None
    return Grid(path, header, tuple(labels), values, tuple(rows), counted, kept)


def _label(cell: Any) -> str:  # noqa: ANN401 - a cell holds what it holds
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def _is_filled(cell: Any) -> bool:  # noqa: ANN401 - a cell holds what it holds
    return cell is not None and str(cell).strip() != ""


def _is_aside(row: Sequence[Any], width: int) -> bool:
    """Tell an empty row, or a footnote: one text and not one amount."""
    if any(_is_filled(cell) for cell in row[width:]):
        return False
    return sum(map(_is_filled, row[:width])) <= 1


def _is_names(cells: Sequence[Any], *, comma: bool) -> bool:
    """Tell a second row of headings: many texts and not one number."""
    filled = [cell for cell in cells if _is_filled(cell)]
    if len(filled) < 2:  # noqa: PLR2004 - a single text is a slip, not a row of names
        return False
    return all(isinstance(c, str) and to_number(c, comma=comma) is None for c in filled)


def _amounts(
    path: Path, row: int, columns: Sequence[str], cells: Sequence[Any], *, comma: bool
) -> Floats:
    found = np.zeros(len(columns))
    for position, cell in enumerate(cells):
        if not _is_filled(cell):
            continue
        number = cell if isinstance(cell, int | float) else to_number(str(cell), comma=comma)
        if isinstance(cell, bool) or number is None or not np.isfinite(number):
            raise not_a_number(path, row, columns[position], cell)
        found[position] = number
    return found


def not_a_number(path: Path, row: int, column: str, value: object) -> Exception:
    """Return the problem of a text where an amount should be."""
    return bad_input(
        "this is no number",
        where=Where(str(path), row, column),
        value=value,
        remedy="write a plain number such as 1234.5, or leave the cell empty for zero",
    )
