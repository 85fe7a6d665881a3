"""Text files as they come: encodings, gzip, headers, and what is no text table."""

from __future__ import annotations

import codecs
import csv
import gzip
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedIOBase
from pathlib import Path
from typing import IO

import duckdb

from nexpo.core.ingest._model import Dialect
from nexpo.core.problem import Kind, Problem, Where, bad_input

_DELIMITERS = ";,|\t"


_NATIVE_ENCODINGS = {"utf-8": "utf-8", "utf-8-sig": "utf-8"}


_MAGIC = {
    b"PK\x03\x04": "a zip archive (or an Excel workbook)",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "a gzip file without the ending .gz",
    b"\x89PNG": "a picture",
    b"%PDF": "a PDF",
    b"SQLite format 3": "an SQLite database",
}


def read_header(source: Path, dialect: Dialect | None = None) -> tuple[str, tuple[str, ...]]:
    r"""Return the delimiter and the column names of a text table, as they are written.

    Raises
    ------
    Problem
        When the file is no text table (see :func:`check_readable`).

    Examples
    --------
    >>> path = Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = path.write_text("id;name\n1;Agra\n")
    >>> read_header(path)
    (';', ('id', 'name'))
    """
    dialect = dialect or Dialect()
    encoding = _codec(dialect.encoding)
    check_readable(source, encoding)
    first = _first_line(source, encoding)
    delimiter = dialect.delimiter or max(_DELIMITERS, key=first.count)
    if not dialect.quote:
        return delimiter, tuple(name.strip() for name in first.split(delimiter))
    try:
        names = next(csv.reader([first], delimiter=delimiter), [])
    except csv.Error as error:
        raise bad_input(
            f"the header cannot be read: {error}",
            where=Where(str(source), 0),
            value=first,
            remedy="save the file with line ends LF or CRLF, and quotes closed",
        ) from None
    return delimiter, tuple(name.strip() for name in names)


def check_readable(path: Path, encoding: str = "utf-8") -> None:
    """Refuse what is no text table: missing, a folder, empty, zip, Parquet, UTF-16.

    Raises
    ------
    Problem
        With the remedy for each.
    """
    where = Where(str(path))
    if not path.exists():
        raise Problem(
            Kind.NO_INPUT, "no such file", where=where, remedy="check the path and its spelling"
        )
    if path.is_dir():
        raise Problem(Kind.NO_INPUT, "this is a folder, not a file", where=where)
    with _damage(path), bytes_of(path) as stream:
        head = stream.read(4096)
    if not head.strip():
        raise bad_input(
            "the file is empty", where=where, remedy="ask the publisher for the file again"
        )
    for magic, name in _MAGIC.items():
        if head.startswith(magic):
            raise bad_input(
                f"the file is {name}, not a text table",
                where=where,
                value=head[:8],
                remedy="unpack it, or export the table as CSV, and name that file",
            )
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and "16" not in encoding:
        raise bad_input(
            "the file is UTF-16, not UTF-8",
            where=where,
            value=head[:2],
            remedy="pass --encoding utf-16, or save it as UTF-8",
        )


def _first_line(source: Path, encoding: str) -> str:
    if encoding.startswith("utf-16"):
        try:
            with text_of(source, encoding) as text:
                return text.readline().rstrip("\r\n")
        except UnicodeError as error:
            raise _other_encoding(source, encoding, 0, error) from None
    with bytes_of(source) as stream:
        raw = stream.readline(1 << 20)
    try:
        return raw.decode(encoding).lstrip("\ufeff").rstrip("\r\n")
    except UnicodeDecodeError as error:
        if encoding not in _NATIVE_ENCODINGS:
            raise _other_encoding(source, encoding, 0, error) from None
        raise encoding_problem(source, 0, raw[error.start : error.end]) from None


def _codec(encoding: str) -> str:
    """Return the one name of an encoding that has many."""
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        raise bad_input("unknown encoding", value=encoding, remedy="utf-8 or cp1252") from None


@contextmanager
def _damage(source: Path) -> Iterator[None]:
    """Name the file when it turns out to be no whole gzip file."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise bad_input(
            f"the gzip file is cut or damaged: {error}",
            where=Where(str(source)),
            remedy="fetch it again; nothing of it was read",
        ) from None


@contextmanager
def blaming(source: Path) -> Iterator[None]:
    """Say that the file cannot be parsed when the engine gives up on it."""
    try:
        yield
    except duckdb.InvalidInputException as error:
        raise bad_input(
            f"the file cannot be read as a table: {str(error).splitlines()[0]}",
            where=Where(str(source)),
            remedy="make its line ends alike (all LF or all CRLF) and close its quotes",
        ) from None


def encoding_problem(source: Path, row: int, value: object) -> Problem:
    return bad_input(
        "the file is not UTF-8 text",
        where=Where(str(source), row),
        value=value,
        remedy="pass --encoding cp1252 (usual for Italian exports), or save it as UTF-8",
    )


def _other_encoding(source: Path, encoding: str, lines: int, error: UnicodeError) -> Problem:
    row, value = None, None
    if isinstance(error, UnicodeDecodeError):
        row = lines + error.object[: error.start].count(b"\n")
        value = error.object[error.start : error.end]
    return bad_input(
        f"the file is not {encoding} text: {error}",
        where=Where(str(source), row),
        value=value,
        remedy="pass the --encoding it was written in, or save it as UTF-8",
    )


@contextmanager
def as_utf8(source: Path, dialect: Dialect) -> Iterator[Path]:
    """Yield the file itself, or a UTF-8 copy of a file in another encoding."""
    encoding = _codec(dialect.encoding)
    if encoding in _NATIVE_ENCODINGS:
        yield source
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / source.name.removesuffix(".gz")
        lines = 0
        try:
            with (
                suppress(EOFError),  # a cut gzip file: noted, its whole lines are read
                text_of(source, encoding) as old,
                copy.open("w", encoding="utf-8", newline="") as new,
            ):
                for line in old:
                    new.write(line)
                    lines += 1
        except UnicodeError as error:
            raise _other_encoding(source, encoding, lines, error) from None
        yield copy


def cut_notes(source: Path) -> tuple[tuple[str, int], ...]:
    """Read a gzip file to its checksum: the engine takes a cut one for a short one."""
    if source.suffix != ".gz":
        return ()
    with _damage(source), gzip.open(source, "rb") as stream:
        try:
            while stream.read(1 << 20):
                pass
        except EOFError:
            return (("the gzip stream ends too early: the file is cut, fetch it again", 1),)
    return ()


def text_of(source: Path, encoding: str) -> IO[str]:
    """Open a text file, plain or gzip; line ends stay as they are."""
    if source.suffix == ".gz":
        return gzip.open(source, "rt", encoding=encoding, newline="")
    return source.open(encoding=encoding, newline="")


def bytes_of(source: Path) -> BufferedIOBase:
    return gzip.open(source, "rb") if source.suffix == ".gz" else source.open("rb")
