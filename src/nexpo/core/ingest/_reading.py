"""One reading: parse once, check each value, keep the good, name the bad."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from difflib import get_close_matches
from pathlib import Path

import duckdb

from nexpo.core.files import atomic_path
from nexpo.core.ingest._checks import first_failure, selection, typed
from nexpo.core.ingest._files import as_utf8, blaming, cut_notes, read_header
from nexpo.core.ingest._lines import at, placing
from nexpo.core.ingest._model import Dialect, Layout, Reading
from nexpo.core.ingest._rejects import (
    count_reasons,
    parser_rejects,
    refused_rows,
    stop_when_nothing_is_left,
    write_rejects,
)
from nexpo.core.ingest._sql import count_rows, literal, quoted
from nexpo.core.problem import Where, bad_input
from nexpo.core.tables import Table


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
    notes = cut_notes(source)
    rejects_path = rejects or target.with_name(f"{target.stem}.rejects.csv")
    with ExitStack() as stack:
        readable = stack.enter_context(as_utf8(source, dialect))
        connection = stack.enter_context(_connection())
        scan = _scan(readable, delimiter, headers, dialect.quote, has_header=not layout.headers)
        selected, checks = selection(table, headers, dialect, layout)
        with blaming(source):
            connection.execute(
                f"CREATE TEMP TABLE checked AS SELECT *, {first_failure(checks)} AS _reason "
                f"FROM (SELECT {selected} FROM {scan} {_where(layout)})"
            )
        broken = parser_rejects(connection, source)
        refused = refused_rows(connection, source, scan, selected, checks, layout)
        place = placing(connection, readable, scan, layout, broken, (delimiter, dialect.quote))
        rows = sorted(
            [
                *(at(row, place.of_broken(int(row["line"]))) for row in broken),
                *(at(row, place.of_kept(int(row["line"]))) for row in refused),
            ],
            key=lambda row: int(row["line"]),
        )
        stop_when_nothing_is_left(connection, table, source, rows)
        good = _write_good(connection, table, target, dialect)
    write_rejects(rejects_path, rows)
    used = _used_headers(headers, table, layout)
    return Reading(
        table=table.name,
        path=target,
        rows=good,
        rejected=len(rows),
        rejects=rejects_path if rows else None,
        reasons=count_reasons(rows),
        ignored_columns=tuple(name for name in headers if name not in used),
        notes=notes,
    )


def _write_good(
    connection: duckdb.DuckDBPyConnection, table: Table, target: Path, dialect: Dialect
) -> int:
    """Write the rows that passed every check, in their order; return how many they are."""
    columns = ", ".join(
        f"{typed(column, dialect)} AS {quoted(column.name)}" for column in table.columns
    )
    with atomic_path(target) as path:
        connection.execute(
            f"COPY (SELECT {columns} FROM checked WHERE _reason IS NULL ORDER BY rowid) "
            f"TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)"
        )
    return count_rows(connection, "checked WHERE _reason IS NULL")


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
    refuse_doubled_names(source, headers)
    return delimiter, headers


def refuse_doubled_names(source: Path, headers: Sequence[str]) -> None:
    """Refuse a header that names two columns alike, up to case.

    Raises
    ------
    Problem
        Naming the column.
    """
    folded = [name.lower() for name in headers]  # the engine knows no case in names
    doubled = sorted({name for name in headers if name and folded.count(name.lower()) > 1})
    if doubled:
        raise bad_input(
            "a column name stands twice in the header",
            where=Where(str(source), 0, doubled[0]),
            value=doubled[0],
            remedy="rename one of the two",
        )


def _canonical(found: tuple[str, ...], table: Table, layout: Layout) -> tuple[str, ...]:
    """Spell headers as declared where only case and spaces differ; number the nameless."""
    known = {name.casefold(): name for name in (*table.names, *layout.renames.values())}
    named = (name or f"column {number}" for number, name in enumerate(found, 1))
    return tuple(known.get(name.casefold(), name) for name in named)


@contextmanager
def _connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with tempfile.TemporaryDirectory() as folder:
        connection = duckdb.connect()
        try:
            connection.execute(f"SET temp_directory = {literal(folder)}")
            connection.execute("SET memory_limit = '3GB'")
            connection.execute("SET enable_progress_bar = false")
            yield connection
        finally:
            connection.close()


def _scan(
    path: Path, delimiter: str, headers: Sequence[str], quote: str, *, has_header: bool
) -> str:
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in headers)
    return (
        f"read_csv({literal(str(path))}, delim={literal(delimiter)}, "
        f"header={str(has_header).lower()}, quote={literal(quote)}, escape={literal(quote)}, "
        f"auto_detect=false, columns={{{columns}}}, "
        "store_rejects=true, rejects_limit=0, max_line_size=4194304)"
    )


def _used_headers(headers: Sequence[str], table: Table, layout: Layout) -> set[str]:
    texts = (*layout.expressions.values(), layout.where)
    spoken = {name for name in headers if any(quoted(name) in text for text in texts)}
    return {*layout.renames.values()} | set(table.names) | spoken


def _where(layout: Layout) -> str:
    return f"WHERE {layout.where}" if layout.where else ""
