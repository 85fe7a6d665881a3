"""What is asked of a text table, and the doubts counted in the table that came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from nexpo.core.ingest import Dialect, literal, parquet, quoted, read_header, refuse_doubled_names
from nexpo.sources.text_tables.files import readable_as_utf8

_REPLACEMENT = "\ufffd"


def ask(path: Path, dialect: Dialect | None, query: str) -> list[tuple[Any, ...]]:
    """Ask a query of a text table, named ``file``, all columns text; broken rows are left out."""
    dialect = dialect or Dialect()
    delimiter, headers = read_header(path, dialect)
    refuse_doubled_names(path, headers)
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in headers)
    quote = literal(dialect.quote)
    with readable_as_utf8(path, dialect) as readable, duckdb.connect() as connection:
        connection.execute(
            f"CREATE VIEW file AS FROM read_csv({literal(str(readable))}, "
            f"delim={literal(delimiter)}, header=true, quote={quote}, escape={quote}, "
            f"auto_detect=false, columns={{{columns}}}, ignore_errors=true, "
            "max_line_size=4194304)"
        )
        return connection.execute(query).fetchall()


def noted(path: Path, doubts: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
    """Count each doubt over a Parquet file; what does not occur is not noted.

    A query gives one number, or pairs whose text replaces ``{}`` in the note.
    """
    notes: list[tuple[str, int]] = []
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW t AS SELECT * FROM {parquet(path)}")
        for note, query in doubts.items():
            for *text, count in connection.execute(query).fetchall():
                if count:
                    notes.append((note.format(*text), int(count)))
    return tuple(notes)


def doubled(columns: Sequence[str], *, differ: str = "") -> str:
    """Return a query that counts the rows whose columns occur more than once.

    With ``differ``, only groups with more than one value of that column count.
    """
    names = ", ".join(quoted(name) for name in columns)
    extra = f" AND count(DISTINCT {quoted(differ)}) > 1" if differ else ""
    return f"SELECT sum(n) FROM (SELECT count(*) AS n FROM t GROUP BY {names} HAVING n > 1{extra})"


def accents_lost(columns: Sequence[str]) -> str:
    """Return a query that counts rows with a replacement character in a name."""
    tests = " OR ".join(f"{quoted(name)} LIKE '%{_REPLACEMENT}%'" for name in columns)
    return f"SELECT count(*) FROM t WHERE {tests}"


def others(column: str, known: Iterable[str]) -> str:
    """Return a query that counts each value outside a known list."""
    values = ", ".join(literal(value) for value in known)
    name = quoted(column)
    return f"SELECT {name}, count(*) FROM t WHERE {name} NOT IN ({values}) GROUP BY 1 ORDER BY 1"
