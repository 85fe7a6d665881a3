"""What a Parquet file of declarations says of itself, and whether it is as the reader leaves it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from nexpo.connectivity.coverage.adapters.dictionary_pages import leaf_places
from nexpo.core import tables
from nexpo.core.ingest import is_clean_number, is_clean_text, quoted, unclean
from nexpo.core.problem import Where, bad_input


class NotDeclared(Exception):  # noqa: N818 - not an error: the careful reader takes over
    """A value is not as the careful reader would have written it; that one names its row."""

    def __init__(self, column: str, value: object) -> None:
        super().__init__(f"{column}: {value!r}")
        self.column = column
        self.value = value


def check_layout(path: Path) -> None:
    """Refuse a Parquet file whose columns are not those of the declared layout.

    Raises
    ------
    Problem
        Naming the file, the column, its type and what to do.
    """
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise bad_input(
            f"the Parquet file cannot be read: {str(error).splitlines()[0]}",
            where=Where(str(path)),
            remedy="the file may be cut: fetch or write it again",
        ) from None
    declared = _declared()
    for name in declared.required:
        if name not in schema.names:
            raise bad_input(
                f"missing column: {name}",
                where=Where(str(path), column=name),
                value=", ".join(schema.names),
                remedy=f"the layout needs {', '.join(declared.required)}",
            )
    for column in declared.columns:
        if column.name in schema.names and not _fits(column, schema.field(column.name).type):
            raise bad_input(
                f"the column is {schema.field(column.name).type}, not {column.type}",
                where=Where(str(path), column=column.name),
                remedy=_TYPE_REMEDY.get(column.name, "write the column in the declared type"),
            )


_TYPE_REMEDY = {
    "istat": "write ISTAT codes as text of six digits: leading zeros are lost in numbers",
    "address_id": "write ids as text or whole numbers: a float has lost digits",
}


def _fits(column: tables.Column, kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if column.name == "address_id":
        return bool(text or pa.types.is_integer(kind))
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    fits = {
        "text": text,
        "code": text,
        "integer": pa.types.is_integer(kind),
        "decimal": number,
        "boolean": pa.types.is_boolean(kind),
        "date": pa.types.is_date(kind),
    }
    return bool(fits[column.type] or pa.types.is_null(kind))


def check_required(path: Path) -> None:
    """Refuse rows without a value that each row must have.

    Raises
    ------
    NotDeclared
        With the first such column.
    """
    metadata = pq.read_metadata(path)
    for name in _declared().required:
        missing = missing_values(metadata, name)
        if missing or (missing is None and _values(path, [name])[name] < metadata.num_rows):
            raise NotDeclared(name, None)


def check_values(path: Path) -> None:
    """Refuse values that the reader of declarations would not have written so.

    For the engines that speak SQL; the kernel checks the names and numbers that it meets itself.

    Raises
    ------
    NotDeclared
        With the first such column and value.
    """
    found = unclean(path, _declared())
    if found is not None:
        raise NotDeclared(*found)


def missing_values(metadata: pq.FileMetaData, column: str) -> int | None:
    """Return how many values of a column are missing, by the file's footer; None: untold."""
    place = leaf_places(metadata).get(column)
    if place is None:
        return None
    missing = 0
    for index in range(metadata.num_row_groups):
        statistics: Any = metadata.row_group(index).column(place).statistics
        if statistics is None or not statistics.has_null_count:
            return None
        missing += statistics.null_count
    return missing


def carried_columns(path: Path) -> frozenset[str]:
    """Return the columns of a Parquet file that hold at least one value."""
    metadata = pq.read_metadata(path)
    missing = {name: missing_values(metadata, name) for name in pq.read_schema(path).names}
    found = {name for name, count in missing.items() if count not in (None, metadata.num_rows)}
    counts = _values(path, [name for name, count in missing.items() if count is None])
    return frozenset(found | {name for name, count in counts.items() if count})


def _values(path: Path, columns: list[str]) -> dict[str, int]:
    """Return how many values columns hold, by looking, where the file's footer does not tell."""
    if not columns:
        return {}
    counts = ", ".join(f"count({quoted(column)})" for column in columns)
    with duckdb.connect() as connection:
        row = connection.execute(f"SELECT {counts} FROM read_parquet(?)", [str(path)]).fetchone()
    return dict(zip(columns, row or (), strict=True))


def _declared() -> tables.Table:
    return tables.load("nexpo.connectivity", "declarations")


@cache
def _columns() -> dict[str, tables.Column]:
    return {column.name: column for column in _declared().columns}


def check_names(column: str, names: list[str | None]) -> None:
    """Refuse names in a column of text; None is no name.

    Raises
    ------
    NotDeclared
        With the first that is not as the reader of declarations would have written it.
    """
    for name in names:
        if name is not None and not is_clean_text(_columns()[column], name):
            raise NotDeclared(column, name)


def check_numbers(column: str, numbers: npt.NDArray[Any]) -> None:
    """Refuse numbers (days, of dates) of which the least or the greatest is not taken.

    Raises
    ------
    NotDeclared
        With that one.
    """
    declared = _columns()[column]
    if declared.type == "date" or not numbers.size:
        return
    for extreme in (np.fmin.reduce(numbers).item(), np.fmax.reduce(numbers).item()):
        if not is_clean_number(declared, extreme):
            raise NotDeclared(column, extreme)
