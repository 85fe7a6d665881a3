"""Files of other encodings and containers (Parquet, JSON, gzip) as UTF-8 text tables."""

from __future__ import annotations

import csv
import gzip
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from nexpo.core.ingest import (
    Dialect,
    as_utf8,
    check_readable,
    literal,
    parquet,
    quoted,
    readable_parquet,
    refuse_doubled_names,
    text_of,
)
from nexpo.core.ingest import cut_notes as cut_stream
from nexpo.core.problem import Problem, Where, bad_input

_FAITHFUL = {"FLOAT": 1 << 24, "DOUBLE": 1 << 53}  # below, a float holds every whole number


@contextmanager
def readable_as_utf8(path: Path, dialect: Dialect) -> Iterator[Path]:
    """Yield the file, or a UTF-8 copy when it is written otherwise."""
    with as_utf8(path, dialect) as copy, _blamed_on(path, copy):
        yield copy


@contextmanager
def as_text_table(path: Path, *, money: bool = False) -> Iterator[Path]:
    """Yield a text table of the same rows: the file itself, or a copy of a Parquet file.

    Floating numbers that are whole are written as whole ones, and those that are none
    (NaN) as missing: pandas makes floats of whole numbers where one is missing. With
    ``money``, they are written with two decimals.
    """
    if not is_parquet(path):
        yield path
        return
    refuse_doubled_names(path, _names(path))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        with readable_parquet(path) as connection:
            relation = connection.sql(f"FROM {parquet(path)}")
            columns = ", ".join(
                f"{_written(name, str(kind), money=money)} AS {quoted(name)}"
                for name, kind in zip(relation.columns, relation.types, strict=True)
                if not name.startswith("__index_level_")
            )
            connection.execute(
                f"COPY (SELECT {columns} FROM {parquet(path)}) "
                f"TO {literal(str(copy))} (FORMAT csv, HEADER, DELIMITER ',')"
            )
        with _blamed_on(path, copy):
            yield copy


def _names(path: Path) -> list[str]:
    """Return the columns of a Parquet file as they are named: the engine numbers doubled ones."""
    import pyarrow as pa  # noqa: PLC0415 - start-up time
    import pyarrow.parquet as pq  # noqa: PLC0415 - likewise

    try:
        names: list[str] = pq.read_schema(path).names
    except (pa.ArrowException, OSError) as error:
        raise bad_input(
            f"the Parquet file cannot be read: {str(error).splitlines()[0]}",
            where=Where(str(path)),
            remedy="the file may be cut: fetch or write it again",
        ) from None
    return names


@contextmanager
def rows_as_text_table(
    path: Path, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> Iterator[Path]:
    """Yield a text table of rows that came from elsewhere (JSON, tiles): from ``path``."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / name
        with copy.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(rows)
        with _blamed_on(path, copy):
            yield copy


def is_parquet(path: Path) -> bool:
    """Tell a Parquet file by its first bytes."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(4) == b"PAR1"


def read_json(path: Path) -> object:
    """Return the content of a JSON file, plain or gzip.

    Raises
    ------
    Problem
        With the line and column where the text stops being JSON.
    """
    if path.suffix != ".gz":
        check_readable(path)
    try:
        with text_of(path, "utf-8-sig") as stream:
            content: object = json.load(stream)
    except json.JSONDecodeError as error:
        raise bad_input(
            f"not JSON: {error.msg} (line {error.lineno}, column {error.colno})",
            where=Where(str(path)),
            remedy="the file may be cut: fetch it again",
        ) from None
    except (EOFError, gzip.BadGzipFile, UnicodeDecodeError) as error:
        raise bad_input(
            f"the file cannot be read to its end: {error}",
            where=Where(str(path)),
            remedy="fetch it again",
        ) from None
    return content


def cut_notes(path: Path) -> tuple[tuple[str, int], ...]:
    """Note a file that seems to be cut: no line end at its end, or a broken gzip stream."""
    if path.suffix == ".gz":
        return cut_stream(path)
    with path.open("rb") as stream:
        stream.seek(-min(2, stream.seek(0, 2)), 2)
        if stream.read().rstrip(b"\0").endswith((b"\n", b"\r")):  # UTF-16 may end in a zero byte
            return ()
    return (("the file does not end with a line end: its last row may be cut", 1),)


def _written(name: str, kind: str, *, money: bool) -> str:
    """Return SQL that writes a column of a Parquet file as text of a text table."""
    value = quoted(name)
    if kind not in _FAITHFUL:
        return value
    text = f"CAST({value} AS VARCHAR)"
    if money:
        exact = f"coalesce(CAST(TRY_CAST({value} AS DECIMAL(20, 2)) AS VARCHAR), {text})"
    else:
        whole = f"abs({value}) <= {_FAITHFUL[kind]} AND {value} = trunc({value})"
        exact = f"CASE WHEN {whole} THEN CAST(CAST({value} AS BIGINT) AS VARCHAR) ELSE {text} END"
    return f"CASE WHEN isnan({value}) THEN NULL WHEN isinf({value}) THEN {text} ELSE {exact} END"


@contextmanager
def _blamed_on(path: Path, copy: Path) -> Iterator[None]:
    """Let a problem of the copy name the user's file, which the copy was made of."""
    try:
        yield
    except Problem as problem:
        if problem.where.file != str(copy):
            raise
        raise Problem(
            problem.kind,
            problem.detail,
            where=replace(problem.where, file=str(path)),
            value=problem.value,
            remedy=problem.remedy,
        ) from None
