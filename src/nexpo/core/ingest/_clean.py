"""Whether a typed table from elsewhere holds what the reader of text tables would have written.

A Parquet file in a declared layout need not be read row by row, if each of its values is one
that the reader leaves as it is. Otherwise the same rows would mean one thing as CSV and another
as Parquet: an empty text is no value in the one, and a name like any other in the other.

There is one definition, the checks of the reader: they are asked of the values of a column, each
once, or of its least and greatest number, since what numbers may be is an interval.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from nexpo.core.ingest._checks import column_checks, first_failure, typed
from nexpo.core.ingest._model import Dialect
from nexpo.core.ingest._sql import literal, quoted
from nexpo.core.problem import Where, bad_input
from nexpo.core.tables import Column, Table

if TYPE_CHECKING:
    import pyarrow as pa

_TEXT = ("text", "code")


def parquet(path: Path) -> str:
    """Return the SQL that scans one Parquet file, whatever the name of its folder."""
    return f"read_parquet({literal(str(path))}, hive_partitioning = false)"


@contextmanager
def readable_parquet(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield an engine to look into a Parquet file.

    Raises
    ------
    Problem
        When the file cannot be read.
    """
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        try:
            yield connection
        except (duckdb.OutOfMemoryException, duckdb.InterruptException):
            raise
        except duckdb.Error as error:
            raise bad_input(
                f"the Parquet file cannot be read: {str(error).splitlines()[0]}",
                where=Where(str(path)),
                remedy="the file may be cut: fetch or write it again",
            ) from None


def unclean(
    path: Path,
    table: Table,
    columns: Collection[str],
    *,
    listed: Mapping[str, pa.Table] | None = None,
) -> tuple[str, object] | None:
    """Return a column and a value of a Parquet file that the reader would not leave, or None.

    Parameters
    ----------
    path
        The file.
    table
        The declared table.
    columns
        Which of its columns are looked at; the file carries them, in types of the table.
    listed
        Tables of one column each, with the values of that column where they are known
        otherwise: all there are, or the least and the greatest number.

    Raises
    ------
    Problem
        When the file cannot be read.
    """
    known = listed or {}
    with readable_parquet(path) as connection:
        for column in table.columns:
            if column.name not in columns:
                continue
            if column.name in known:
                connection.register("listed", known[column.name])
            found = connection.execute(
                _query(column, "listed" if column.name in known else parquet(path))
            ).fetchone()
            if found is not None:
                return column.name, found[0]
    return None


def _query(column: Column, source: str) -> str:
    """Return the SQL for a value that the reader would change or refuse."""
    name, dialect = quoted(column.name), Dialect()
    checks = list(column_checks(column, dialect))
    text = "nullif(trim(CAST(found AS VARCHAR)), '')"
    changed = f"CAST(found AS VARCHAR) IS DISTINCT FROM {typed(column, dialect)}"
    wrong = f"{first_failure(checks)} IS NOT NULL"
    if column.type in _TEXT:
        wrong = f"{wrong} OR {changed}"
    return (
        f"SELECT found FROM (SELECT found, {text} AS {name} FROM ({_values(column, source)})) "
        f"WHERE {wrong} LIMIT 1"
    )


def _values(column: Column, source: str) -> str:
    """Return the SQL for the values of a column, each once, or for its extremes; NaN is none."""
    name = quoted(column.name)
    if column.type not in ("decimal", "integer"):
        return f"SELECT DISTINCT {name} AS found FROM {source}"
    if column.type == "integer":
        return f"SELECT unnest([min({name}), max({name})]) AS found FROM {source}"
    number = f"CAST({name} AS DOUBLE)"
    real = f"max({number}) FILTER (NOT isnan({number}))"  # the engine takes NaN for the greatest
    return f"SELECT unnest([min({number}), {real}]) AS found FROM {source}"
