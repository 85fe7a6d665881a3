"""Reading delimited files into declared tables, with row-precise rejects.

A file is parsed once, each value is checked against the data dictionary, good rows go
to Parquet and bad ones to a reject file that says row, column, value, reason and
remedy. What concerns the file as a whole (missing column, other encoding, a zip in
place of a CSV) stops the reading before anything is written.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import tempfile
import zlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from io import BufferedIOBase
from pathlib import Path
from typing import IO, Protocol

import duckdb

from nexpo.core.files import atomic_path
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.core.tables import SQL_TYPES, Column, Table

_DELIMITERS = ";,|\t"
_NATIVE_ENCODINGS = {"utf-8": "utf-8", "utf-8-sig": "utf-8"}
_TRUE = ("1", "true", "t", "yes", "y", "si", "sì", "s", "vero", "x")
_FALSE = ("0", "false", "f", "no", "n", "falso", "-")
_MAGIC = {
    b"PK\x03\x04": "a zip archive (or an Excel workbook)",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "a gzip file without the ending .gz",
    b"\x89PNG": "a picture",
    b"%PDF": "a PDF",
    b"SQLite format 3": "an SQLite database",
}
_DAY = "[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}([ T][0-9:.]+Z?)?"  # the engine takes 'epoch' too
_GROUPED = "[+-]?[0-9]{1,3}([.][0-9]{3})+(,[0-9]*)?"
REJECT_COLUMNS = ("file", "row", "column", "value", "reason", "remedy", "line")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written; None for the delimiter means: seen from the header.

    An empty ``quote`` says that the publisher quotes nothing: a quote mark is then a
    letter like any other, and an odd one does not swallow the rows after it.
    """

    delimiter: str | None = None
    encoding: str = "utf-8"
    decimal: str = "."
    quote: str = '"'


@dataclass(frozen=True, slots=True)
class Check:
    """A condition that no row may meet.

    Attributes
    ----------
    column
        Declared column that the reject names.
    failing
        SQL condition over the declared columns (all text); true refuses the row.
    value
        SQL expression for the value that the reject shows.
    reason, remedy
        What is wrong and what to do.
    """

    column: str
    failing: str
    value: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Layout:
    """How a publisher's columns become those of a declared table.

    Attributes
    ----------
    renames
        Declared column to the header in the file, where they differ.
    expressions
        Declared column to an SQL expression over the file's headers (all text).
    where
        SQL condition on the file's headers: only such rows are read.
    headers
        Names for a file without a header line.
    checks
        Checks of the publisher's own, beside those of the declaration.
    """

    renames: Mapping[str, str] = field(default_factory=dict)
    expressions: Mapping[str, str] = field(default_factory=dict)
    where: str = ""
    headers: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a file.

    ``notes`` are what a reader must know of rows that were kept (doubled addresses,
    unknown status codes), each with a count.
    """

    table: str
    path: Path
    rows: int
    rejected: int
    rejects: Path | None
    reasons: tuple[tuple[str, int], ...]
    ignored_columns: tuple[str, ...]
    notes: tuple[tuple[str, int], ...] = ()


def ingest(
    source: Path,
    table: Table,
    target: Path,
    *,
    dialect: Dialect | None = None,
    layout: Layout | None = None,
    rejects: Path | None = None,
) -> Reading:
    r"""Read a delimited file into a Parquet file of a declared table.

    Parameters
    ----------
    source
        CSV-like file, plain or gzip.
    table
        The declaration to hold it against.
    target
        Parquet file to write (atomically).
    dialect, layout
        How the file is written and how its columns are called.
    rejects
        CSV for rejected rows; by default beside the target, ``<stem>.rejects.csv``.
        Not written when nothing is rejected.

    Raises
    ------
    Problem
        When the file as a whole cannot be used.

    Examples
    --------
    >>> from nexpo.core.tables import Column, Table
    >>> folder = Path(tempfile.mkdtemp())
    >>> istat = Column("istat", "code", "", True, None, (), "[0-9]{6}", "municipality")
    >>> _ = (folder / "a.csv").write_text("istat\n012001\n12001\n")
    >>> reading = ingest(folder / "a.csv", Table("places", (istat,)), folder / "a.parquet")
    >>> reading.rows, reading.rejected, reading.reasons
    (1, 1, (('istat: not of the form [0-9]{6}', 1),))
    """
    dialect, layout = dialect or Dialect(), layout or Layout()
    delimiter, headers = _header(source, table, dialect, layout)
    notes = _cut_notes(source)
    rejects_path = rejects or target.with_name(f"{target.stem}.rejects.csv")
    with ExitStack() as stack:
        readable = stack.enter_context(_as_utf8(source, dialect))
        connection = stack.enter_context(_connection())
        scan = _scan(readable, delimiter, headers, dialect.quote, has_header=not layout.headers)
        selected, checks = _select(table, headers, dialect, layout)
        with _blaming(source):
            connection.execute(
                f"CREATE TEMP TABLE checked AS SELECT *, {_first_failure(checks)} AS _reason "
                f"FROM (SELECT {selected} FROM {scan} {_where(layout)})"
            )
        broken = _parser_rejects(connection, source)
        refused = _refused(connection, source, scan, selected, checks, layout)
        place = _placing(connection, readable, scan, layout, broken, (delimiter, dialect.quote))
        rows = sorted(
            [
                *(_at(row, place.of_broken(int(row["line"]))) for row in broken),
                *(_at(row, place.of_kept(int(row["line"]))) for row in refused),
            ],
            key=lambda row: int(row["line"]),
        )
        _stop_when_nothing_is_left(connection, table, source, rows)
        columns = ", ".join(
            f"{_typed(column, dialect)} AS {_quote(column.name)}" for column in table.columns
        )
        with atomic_path(target) as path:
            connection.execute(
                f"COPY (SELECT {columns} FROM checked WHERE _reason IS NULL ORDER BY rowid) "
                f"TO {_text(str(path))} (FORMAT parquet, COMPRESSION zstd)"
            )
        good = _count(connection, "checked WHERE _reason IS NULL")
    _write_rejects(rejects_path, rows)
    used = _used_headers(headers, table, layout)
    return Reading(
        table=table.name,
        path=target,
        rows=good,
        rejected=len(rows),
        rejects=rejects_path if rows else None,
        reasons=_count_reasons(rows),
        ignored_columns=tuple(name for name in headers if name not in used),
        notes=notes,
    )


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
    with _damage(path), _bytes_of(path) as stream:
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


def _header(
    source: Path, table: Table, dialect: Dialect, layout: Layout
) -> tuple[str, tuple[str, ...]]:
    delimiter, found = read_header(source, dialect)
    headers = layout.headers or _canonical(found, table, layout)
    wanted = [
        layout.renames.get(name, name) for name in table.required if name not in layout.expressions
    ]
    missing = [name for name in wanted if name not in headers]
    if missing:
        near = get_close_matches(missing[0], headers, n=1, cutoff=0.6)
        hint = f"; did you mean its column {near[0]!r}?" if near else ""
        raise bad_input(
            f"missing column: {', '.join(missing)}",
            where=Where(str(source), 0, missing[0]),
            value=", ".join(headers),
            remedy=f"the file needs {', '.join(wanted)} (delimiter read as {delimiter!r}){hint}",
        )
    folded = [name.lower() for name in headers]  # the engine knows no case in names
    doubled = sorted({name for name in headers if folded.count(name.lower()) > 1})
    if doubled:
        raise bad_input(
            "a column name stands twice in the header",
            where=Where(str(source), 0, doubled[0]),
            value=doubled[0],
            remedy="rename one of the two",
        )
    return delimiter, headers


def _canonical(found: tuple[str, ...], table: Table, layout: Layout) -> tuple[str, ...]:
    """Spell headers as declared where only case and spaces differ; number the nameless."""
    known = {name.casefold(): name for name in (*table.names, *layout.renames.values())}
    named = (name or f"column {number}" for number, name in enumerate(found, 1))
    return tuple(known.get(name.casefold(), name) for name in named)


def _first_line(source: Path, encoding: str) -> str:
    if encoding.startswith("utf-16"):
        try:
            with _text_of(source, encoding) as text:
                return text.readline().rstrip("\r\n")
        except UnicodeError as error:
            raise _other_encoding(source, encoding, 0, error) from None
    with _bytes_of(source) as stream:
        raw = stream.readline(1 << 20)
    try:
        return raw.decode(encoding).lstrip("\ufeff").rstrip("\r\n")
    except UnicodeDecodeError as error:
        if encoding not in _NATIVE_ENCODINGS:
            raise _other_encoding(source, encoding, 0, error) from None
        raise _encoding_problem(source, 0, raw[error.start : error.end]) from None


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
def _blaming(source: Path) -> Iterator[None]:
    """Say that the file cannot be parsed when the engine gives up on it."""
    try:
        yield
    except duckdb.InvalidInputException as error:
        raise bad_input(
            f"the file cannot be read as a table: {str(error).splitlines()[0]}",
            where=Where(str(source)),
            remedy="make its line ends alike (all LF or all CRLF) and close its quotes",
        ) from None


def _encoding_problem(source: Path, row: int, value: object) -> Problem:
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
def _as_utf8(source: Path, dialect: Dialect) -> Iterator[Path]:
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
                _text_of(source, encoding) as old,
                copy.open("w", encoding="utf-8", newline="") as new,
            ):
                for line in old:
                    new.write(line)
                    lines += 1
        except UnicodeError as error:
            raise _other_encoding(source, encoding, lines, error) from None
        yield copy


def _cut_notes(source: Path) -> tuple[tuple[str, int], ...]:
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


def _text_of(source: Path, encoding: str) -> IO[str]:
    if source.suffix == ".gz":
        return gzip.open(source, "rt", encoding=encoding, newline="")
    return source.open(encoding=encoding, newline="")


def _bytes_of(source: Path) -> BufferedIOBase:
    return gzip.open(source, "rb") if source.suffix == ".gz" else source.open("rb")


@contextmanager
def _connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with tempfile.TemporaryDirectory() as folder:
        connection = duckdb.connect()
        try:
            connection.execute(f"SET temp_directory = {_text(folder)}")
            connection.execute("SET memory_limit = '3GB'")
            connection.execute("SET enable_progress_bar = false")
            yield connection
        finally:
            connection.close()


def _scan(
    path: Path, delimiter: str, headers: Sequence[str], quote: str, *, has_header: bool
) -> str:
    columns = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in headers)
    return (
        f"read_csv({_text(str(path))}, delim={_text(delimiter)}, header={str(has_header).lower()}, "
        f"quote={_text(quote)}, escape={_text(quote)}, auto_detect=false, columns={{{columns}}}, "
        f"store_rejects=true, rejects_limit=0, max_line_size=4194304)"
    )


def _select(
    table: Table, headers: Sequence[str], dialect: Dialect, layout: Layout
) -> tuple[str, list[Check]]:
    parts: list[str] = []
    checks: list[Check] = []
    for column in table.columns:
        expression = layout.expressions.get(column.name)
        header = layout.renames.get(column.name, column.name)
        if expression is None:
            expression = f"nullif(trim({_quote(header)}), '')" if header in headers else "NULL"
        if column.default is not None:
            expression = f"coalesce({expression}, {_text(column.default)})"
        parts.append(f"CAST({expression} AS VARCHAR) AS {_quote(column.name)}")
        checks.extend(_checks(column, dialect))
    checks.extend(layout.checks)
    return ", ".join(parts), checks


def _checks(column: Column, dialect: Dialect) -> Iterator[Check]:
    name = _quote(column.name)

    def check(failing: str, reason: str, remedy: str) -> Check:
        return Check(column.name, failing, name, reason, remedy)

    if column.required:
        yield check(f"{name} IS NULL", "no value", "the column must have a value in each row")
    if column.type in ("code", "integer"):
        yield check(
            f"regexp_full_match({name}, '[+-]?[0-9]+([.,][0-9]+)?[eE][+]?[0-9]+')",
            "in exponent notation, digits are lost",
            "export the column as text; a spreadsheet rounded it",
        )
    if column.type == "integer":
        yield check(
            f"NOT regexp_full_match({name}, '[+-]?[0-9]{{1,18}}')",
            "not a whole number",
            "write digits only",
        )
    if column.type == "decimal":
        yield from (check(*parts) for parts in _decimal_checks(name, dialect))
    if column.type == "boolean":
        yield check(
            f"lower({name}) NOT IN ({_list((*_TRUE, *_FALSE))})", "not yes or no", "write yes or no"
        )
    if column.type == "date":
        yield check(
            f"TRY_CAST({name} AS DATE) IS NULL AND {name} IS NOT NULL"
            f" OR NOT regexp_full_match({name}, {_text(_DAY)})",
            "not a date",
            "write the day as YYYY-MM-DD",
        )
    if column.allowed:
        allowed = _list([value.casefold() for value in column.allowed])
        yield check(
            f"lower({name}) NOT IN ({allowed})",
            "not an allowed value",
            f"one of {', '.join(column.allowed)}",
        )
    if column.pattern:
        yield check(
            f"NOT regexp_full_match({name}, {_text(column.pattern)})",
            f"not of the form {column.pattern}",
            column.meaning,
        )


def _decimal_checks(name: str, dialect: Dialect) -> Iterator[tuple[str, str, str]]:
    other = "," if dialect.decimal == "." else "."
    yield (
        f"regexp_full_match({name}, '[+-]?[0-9]+[{other}][0-9]+')",
        f"decimal mark {other!r} in place of {dialect.decimal!r}",
        f"pass --decimal '{other}' or write numbers with {dialect.decimal!r}",
    )
    if dialect.decimal == ",":
        yield (
            f"contains({name}, '.') AND NOT regexp_full_match({name}, {_text(_GROUPED)})",
            "not a number",
            "a point stands between thousands only",
        )
    number = f"TRY_CAST({_number(name, dialect)} AS DOUBLE)"
    yield (
        f"{number} IS NULL AND {name} IS NOT NULL OR NOT isfinite({number})",
        "not a number",
        "write digits with a decimal point",
    )


def _number(name: str, dialect: Dialect) -> str:
    return name if dialect.decimal == "." else f"replace(replace({name}, '.', ''), ',', '.')"


def _typed(column: Column, dialect: Dialect) -> str:
    name = _quote(column.name)
    if column.type == "boolean":
        return f"lower({name}) IN ({_list(_TRUE)})"
    if column.type == "decimal":
        return f"CAST({_number(name, dialect)} AS DOUBLE)"
    if column.allowed:
        pairs = " ".join(f"WHEN {_text(v.casefold())} THEN {_text(v)}" for v in column.allowed)
        return f"CASE lower({name}) {pairs} END"
    return f"CAST({name} AS {SQL_TYPES[column.type]})"


def _first_failure(checks: Sequence[Check]) -> str:
    if not checks:
        return "CAST(NULL AS INTEGER)"
    cases = " ".join(f"WHEN {check.failing} THEN {index}" for index, check in enumerate(checks))
    return f"CASE {cases} END"


def _used_headers(headers: Sequence[str], table: Table, layout: Layout) -> set[str]:
    texts = (*layout.expressions.values(), layout.where)
    spoken = {name for name in headers if any(_quote(name) in text for text in texts)}
    return {*layout.renames.values()} | set(table.names) | spoken


def _where(layout: Layout) -> str:
    return f"WHERE {layout.where}" if layout.where else ""


_PARSER_REASONS = {
    "MISSING COLUMNS": ("the row has too few columns", "the file may be cut here: fetch it again"),
    "TOO MANY COLUMNS": ("the row has too many columns", "put values with the delimiter in quotes"),
    "UNQUOTED VALUE": ("a quote is not closed", "close the quote or double it inside the value"),
    "LINE SIZE OVER MAXIMUM": ("the line is over 4 MiB", "check the line ends of the file"),
}


def _parser_rejects(
    connection: duckdb.DuckDBPyConnection, source: Path
) -> list[dict[str, str | int]]:
    found = connection.execute(
        "SELECT DISTINCT ON (line) line, column_name, error_type, csv_line "
        "FROM reject_errors ORDER BY line, column_idx"
    ).fetchall()
    rows: list[dict[str, str | int]] = []
    for line, column, error, text in found:
        if error == "INVALID ENCODING":
            raise _encoding_problem(source, int(line) - 1, text and text.strip())
        if error == "UNQUOTED VALUE" and "\n" in (text or "").strip():
            raise bad_input(
                "a quote is opened and not closed: the rows after it cannot be told apart",
                where=Where(str(source), int(line) - 1, column),
                value=text.split("\n", 1)[0].strip("\r"),
                remedy="close the quote, or double it inside the value",
            )
        reason, remedy = _PARSER_REASONS.get(error, (str(error).casefold(), "mend the row"))
        rows.append(_reject(source.name, int(line), column or "", text or "", reason, remedy))
    return rows


def _refused(
    connection: duckdb.DuckDBPyConnection,
    source: Path,
    scan: str,
    selected: str,
    checks: Sequence[Check],
    layout: Layout,
) -> list[dict[str, str | int]]:
    """Second pass, only when a check failed: number the refused among the parsed rows."""
    if not _count(connection, "checked WHERE _reason IS NOT NULL"):
        return []
    values = " ".join(f"WHEN {index} THEN {check.value}" for index, check in enumerate(checks))
    extra = f", ({layout.where}) AS _kept" if layout.where else ", true AS _kept"
    found = connection.execute(
        f"SELECT _n, _reason, CASE _reason {values} END FROM ("
        f"SELECT *, {_first_failure(checks)} AS _reason FROM ("
        f"SELECT {selected}, row_number() OVER () AS _n {extra} FROM {_lenient(scan)})) "
        "WHERE _kept AND _reason IS NOT NULL ORDER BY _n"
    ).fetchall()
    rows = []
    for number, reason, value in found:
        check = checks[reason]
        rows.append(
            _reject(source.name, number, check.column, value or "", check.reason, check.remedy)
        )
    return rows


def _lenient(scan: str) -> str:
    """Return the scan that passes over what the first one already noted as broken."""
    return scan.replace("store_rejects=true, rejects_limit=0", "ignore_errors=true")


def _count(connection: duckdb.DuckDBPyConnection, rows: str) -> int:
    found = connection.execute(f"SELECT count(*) FROM {rows}").fetchone()
    return 0 if found is None else int(found[0])


class _LineOf(Protocol):
    """Line in the file of a row that the parser kept, or noted as broken."""

    def of_kept(self, number: int) -> int:
        """Return the line of the n-th row kept; asked in rising order."""
        ...

    def of_broken(self, line: int) -> int:
        """Return the line where the parser says ``line``."""
        ...


def _placing(
    connection: duckdb.DuckDBPyConnection,
    readable: Path,
    scan: str,
    layout: Layout,
    broken: Sequence[Mapping[str, str | int]],
    dialect: tuple[str, str],
) -> _LineOf:
    """Choose how lines are found: counted, or walked where a row is not just one line."""
    noted = sorted(int(row["line"]) for row in broken)
    header = 0 if layout.headers else 1
    refused = _count(connection, "checked WHERE _reason IS NOT NULL")
    if not noted and not refused:
        return _Counted(noted, header)
    kept = _count(connection, _lenient(scan) if layout.where else "checked")
    if kept + len(noted) + header == _lines_in(readable):
        return _Counted(noted, header)
    return _walked(readable, dialect, noted, header)


def _lines_in(path: Path) -> int:
    lines, last = 0, b"\n"
    with suppress(EOFError), _bytes_of(path) as stream:
        while block := stream.read(1 << 20):
            lines, last = lines + block.count(b"\n"), block[-1:]
    return lines + (last != b"\n")


@dataclass
class _Counted:
    """Every row is one line, and no line is blank."""

    broken: list[int]
    header: int
    _passed: int = 0

    def of_kept(self, number: int) -> int:
        while (
            self._passed < len(self.broken)
            and self.broken[self._passed] <= number + self.header + self._passed
        ):
            self._passed += 1
        return number + self.header + self._passed

    def of_broken(self, line: int) -> int:
        return line


@dataclass(frozen=True)
class _Walked:
    """Lines as a walk through the file found them; the parser counts a quoted line end as none."""

    kept: Sequence[int]
    all: Sequence[int]

    def of_kept(self, number: int) -> int:
        return self.kept[number - 1] if number <= len(self.kept) else number

    def of_broken(self, line: int) -> int:
        return self.all[line - 1] if line <= len(self.all) else line


def _walked(path: Path, dialect: tuple[str, str], broken: Sequence[int], header: int) -> _Walked:
    delimiter, quote = dialect
    noted, kept, every, line = set(broken), array("q"), array("q"), 1
    with _text_of(path, "utf-8-sig") as stream, suppress(csv.Error, EOFError):
        reader = (
            csv.reader(stream, delimiter=delimiter, quotechar=quote)
            if quote
            else csv.reader(stream, delimiter=delimiter, quoting=csv.QUOTE_NONE)
        )
        for record in reader:
            every.append(line)
            if record and len(every) not in noted and len(every) > header:
                kept.append(line)
            line = reader.line_num + 1
    return _Walked(kept, every)


def _at(row: dict[str, str | int], line: int) -> dict[str, str | int]:
    return row | {"row": line - 1, "line": line}


def _reject(
    file: str, line: int, column: str, value: str, reason: str, remedy: str
) -> dict[str, str | int]:
    return {
        "file": file,
        "row": line - 1,
        "column": column,
        "value": value.strip("\r\n"),
        "reason": f"{column}: {reason}" if column else reason,
        "remedy": remedy,
        "line": line,
    }


def _stop_when_nothing_is_left(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    source: Path,
    rows: Sequence[Mapping[str, str | int]],
) -> None:
    if _count(connection, "checked WHERE _reason IS NULL"):
        return
    if not rows:
        raise bad_input(
            f"the file has a header but no rows of {table.name}",
            where=Where(str(source)),
            remedy="check that the file is whole and that its filter is right",
        )
    first = rows[0]
    raise bad_input(
        f"no row of {table.name} can be used; first: {first['reason']}",
        where=Where(str(source), int(first["row"]), str(first["column"]) or None),
        value=first["value"],
        remedy=str(first["remedy"]),
    )


def _write_rejects(path: Path, rows: Sequence[Mapping[str, str | int]]) -> None:
    if not rows:
        path.unlink(missing_ok=True)
        return
    with atomic_path(path) as part, part.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, REJECT_COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def _count_reasons(rows: Sequence[Mapping[str, str | int]]) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = {}
    for row in rows:
        counts[str(row["reason"])] = counts.get(str(row["reason"]), 0) + 1
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _list(values: Sequence[str]) -> str:
    return ", ".join(_text(value) for value in values)
