"""Decision tables on file (CSV, XLSX, Parquet), and rankings written back.

A cell that is no number is told with file, row, column and value; an empty one, ``NA``, ``null``
or ``?`` is *unknown*. Nothing is guessed: a decimal comma that was not announced is asked about.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import polars as pl
from openpyxl import Workbook

from nexpo.core.files import atomic_path
from nexpo.core.ingest import Dialect, read_header
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.datacentres.adapters.cells import Wrong, parse_number, plain_form
from nexpo.datacentres.adapters.rows import xlsx_rows
from nexpo.datacentres.siting.decision import Floats, Ints

UNKNOWN_WORDS = ("", "na", "n/a", "n.a.", "nan", "nd", "n.d.", "null", "none", "unknown", "?", "-")
"""What stands for an unknown value, in any case of letters."""

NO_ID = "-"
"""Name of the id column where there is none: rows are numbered."""


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that cannot be used: row 1 is the first below the header."""

    row: int
    column: str
    value: str
    reason: str
    remedy: str

    def problem(self, file: str, more: int = 0) -> Problem:
        """Return the cell as a problem, saying how many more there are."""
        others = f" (and {more:,} more such cells)" if more else ""
        return bad_input(
            self.reason + others,
            where=Where(file, self.row, self.column),
            value=self.value,
            remedy=self.remedy,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """Columns read as numbers, (n, m), with the ids and file rows of what was kept."""

    ids: tuple[str, ...]
    matrix: Floats
    rows: Ints
    skipped: tuple[BadCell, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class RawTable:
    """A table as text or numbers: ids, file rows, and columns not yet read as numbers."""

    file: str
    ids: tuple[str, ...]
    rows: Ints
    columns: tuple[str, ...]
    frame: pl.DataFrame

    def numbers(self, names: Sequence[str], *, decimal: str = ".", skip_bad: bool = False) -> Read:
        """Return the named columns as numbers, NaN for unknown.

        Parameters
        ----------
        decimal
            Decimal mark of text cells.
        skip_bad
            Leave out rows with a bad cell instead of refusing the table.

        Raises
        ------
        Problem
            At the first bad cell by row, unless they are skipped.
        """
        matrix = np.empty((len(self.ids), len(names)))
        kept, bad = np.ones(len(self.ids), bool), list[BadCell]()
        for j, name in enumerate(names):
            matrix[:, j], wrong = _numbers(self.frame[name], decimal, self.rows)
            kept &= ~np.isinf(matrix[:, j])
            bad += wrong
        bad.sort(key=lambda cell: cell.row)
        if bad and not (skip_bad and kept.any()):
            raise bad[0].problem(self.file, len(bad) - 1)
        if not bad:
            return Read(self.ids, matrix, self.rows)
        ids = tuple(name for name, keep in zip(self.ids, kept, strict=True) if keep)
        return Read(ids, matrix[kept], self.rows[kept], tuple(bad))


def read_table(path: Path, *, id_column: str | None = None, encoding: str = "utf-8") -> RawTable:
    """Read a decision table.

    Parameters
    ----------
    path
        ``.csv``, ``.tsv``, ``.txt`` (also ``.gz``), ``.xlsx`` or ``.parquet``.
    id_column
        Column with the names of the alternatives; the first by default, :data:`NO_ID` for none.

    Raises
    ------
    Problem
        A missing or damaged file, a column named twice, no rows, no column of that name.
    """
    match path.suffix.lower():
        case ".parquet":
            frame = _read_parquet(path)
        case ".xlsx" | ".xlsm":
            frame = _read_workbook(path)
        case _:
            frame = read_text(path, encoding)
    frame, rows = _without_blank_rows(frame)
    if not frame.height:
        raise bad_input(
            "the table has a header and no rows",
            where=Where(str(path)),
            remedy="give each alternative a row",
        )
    if id_column == NO_ID:
        numbered = tuple(str(row) for row in rows.tolist())
        return RawTable(str(path), numbered, rows, tuple(frame.columns), frame)
    name = id_column or frame.columns[0]
    if name not in frame.columns:
        raise bad_input(
            "the table has no such column",
            where=Where(str(path), column=name),
            value=name,
            remedy=f"its columns are {', '.join(frame.columns)}",
        )
    ids = tuple("" if value is None else str(value).strip() for value in frame[name].to_list())
    others = tuple(column for column in frame.columns if column != name)
    return RawTable(str(path), ids, rows, others, frame)


def _without_blank_rows(frame: pl.DataFrame) -> tuple[pl.DataFrame, Ints]:
    """Return the rows that hold anything, and their numbers in the file."""
    filled = frame.select(
        pl.any_horizontal(
            pl.col(name).is_not_null() & (pl.col(name).cast(pl.String) != "")
            if dtype == pl.String
            else pl.lit(value=True)
            for name, dtype in frame.schema.items()
        )
    ).to_series()
    rows = np.arange(1, frame.height + 1)
    if len(filled) != frame.height or filled.all():
        return frame, rows
    return frame.filter(filled), rows[filled.to_numpy()]


def read_text(path: Path, encoding: str = "utf-8") -> pl.DataFrame:
    """Read a delimited file with all its cells as text.

    Raises
    ------
    Problem
        When it is no text table, or a row has another number of cells than the header.
    """
    delimiter, names = read_header(path, Dialect(encoding=encoding))
    _refuse_doubled(names, path)
    try:
        frame = pl.read_csv(
            path,
            separator=delimiter,
            infer_schema=False,
            encoding="utf8" if encoding.lower().startswith("utf-8") else encoding,
            has_header=True,
            new_columns=list(names),
        )
    except pl.exceptions.PolarsError as error:
        _refuse_ragged(path, delimiter, encoding, len(names))
        raise bad_input(
            f"the file cannot be read as a table: {str(error).splitlines()[0]}",
            where=Where(str(path)),
            remedy="pass --encoding cp1252 for text that is not UTF-8; close the quotes",
        ) from None
    if frame[frame.columns[-1]].null_count():  # an empty cell, or none
        _refuse_ragged(path, delimiter, encoding, len(names))
    return frame


def _refuse_ragged(path: Path, delimiter: str, encoding: str, width: int) -> None:
    """Name the first row that has another number of cells than the header."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding=encoding, errors="replace", newline="") as stream:
        for row, cells in enumerate(csv.reader(cast("IO[str]", stream), delimiter=delimiter)):
            if row and cells and len(cells) != width:
                raise bad_input(
                    f"a row has {len(cells)} cells, the header {width}",
                    where=Where(str(path), row),
                    value=delimiter.join(cells),
                    remedy="give each row as many cells as the header; quote a cell that holds "
                    "the delimiter",
                )


def _read_parquet(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise Problem(
            Kind.NO_INPUT, "no such file", where=Where(str(path)), remedy="check the path"
        )
    try:
        return pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise bad_input(
            f"the file is no Parquet table: {str(error).splitlines()[0]}", where=Where(str(path))
        ) from None


def _read_workbook(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise Problem(
            Kind.NO_INPUT, "no such file", where=Where(str(path)), remedy="check the path"
        )
    names, rows = xlsx_rows(path)
    if not names:
        raise bad_input("the first sheet is empty, or has no header", where=Where(str(path)))
    _refuse_doubled(names, path)
    cells = {row.number: row.cells for row in rows}
    lines = range(1, max(cells, default=0) + 1)  # a blank row keeps its number
    columns = {name: [cells.get(line, {}).get(name, "") for line in lines] for name in names}
    return pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))


def _refuse_doubled(names: Sequence[str], path: Path) -> None:
    for place, name in enumerate(names):
        if name in names[:place]:
            raise bad_input(
                "two columns have one name",
                where=Where(str(path), 0, name),
                value=name,
                remedy="give each column a name of its own",
            )


def _numbers(series: pl.Series, decimal: str, rows: Ints) -> tuple[Floats, list[BadCell]]:
    """Return a column as numbers, NaN for unknown and infinite for bad cells, and these."""
    if series.dtype.is_numeric() or series.dtype == pl.Boolean:
        values = np.array(series.cast(pl.Float64).fill_null(np.nan).to_numpy(), np.float64)
        texts = {int(at): str(values[at]) for at in np.flatnonzero(np.isinf(values))}
    else:
        values, texts = _plain_numbers(series, decimal)
    bad = []
    for at, text in texts.items():
        try:
            values[at] = parse_number(text, decimal=decimal)
        except Wrong as wrong:
            values[at] = np.inf
            reason, remedy = wrong.reason, wrong.remedy
            if series.dtype.is_numeric():
                reason, remedy = "an infinite value cannot be ranked", "leave the cell empty"
            remedy += "; name the criteria to leave a column out"
            bad.append(BadCell(int(rows[at]), series.name, text, reason, remedy))
    return values, bad


def _plain_numbers(series: pl.Series, decimal: str) -> tuple[Floats, dict[int, str]]:
    """Return the cells that are plainly numbers or unknown, all at once, and the other texts."""
    text = series.cast(pl.String).fill_null("").str.strip_chars()
    plain = text.str.contains(f"^{plain_form(decimal)}$")
    pointed = text.str.replace(decimal, ".", literal=True)
    read = pl.select(pl.when(plain).then(pointed).cast(pl.Float64, strict=False)).to_series()
    values = np.array(read.fill_null(np.nan).to_numpy(), np.float64)
    values[~np.isfinite(values)] = np.nan
    unknown = text.str.to_lowercase().is_in(UNKNOWN_WORDS).to_numpy()
    others = np.flatnonzero(np.isnan(values) & ~unknown)
    return values, {int(at): text[int(at)] for at in others}


def write_ranking(path: Path, columns: Mapping[str, Sequence[Any]]) -> Path:
    """Write a ranking as CSV, XLSX or Parquet, by the ending of its name; NaN becomes empty.

    Raises
    ------
    Problem
        ``USAGE`` for another ending.
    """
    frame = pl.DataFrame(dict(columns), strict=False).fill_nan(None)
    suffix = path.suffix.lower()
    if suffix not in {".csv", ".parquet", ".xlsx"}:
        raise Problem(
            Kind.USAGE,
            "a ranking is written as .csv, .xlsx or .parquet",
            where=Where(str(path)),
            value=path.suffix,
            remedy="give the file one of these endings",
        )
    with atomic_path(path) as part:
        if suffix == ".csv":
            frame.write_csv(part)
        elif suffix == ".parquet":
            frame.write_parquet(part)
        else:
            book = Workbook(write_only=True)
            sheet = book.create_sheet("ranking")
            sheet.append(frame.columns)
            for row in frame.iter_rows():
                sheet.append(row)
            book.save(part)
    return path
