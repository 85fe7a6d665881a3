"""What a Parquet file of declarations says of itself, and whether it is as the reader leaves it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from nexpo.connectivity.coverage.adapters.dictionary_pages import DictionaryPages, leaf_places
from nexpo.core import tables
from nexpo.core.ingest import parquet, quoted, readable_parquet, refuse_doubled_names, unclean
from nexpo.core.problem import Where, bad_input

_NAMED = 5
"""How many slips a note names."""


class NotDeclared(Exception):  # noqa: N818 - not an error: the careful reader takes over
    """A value is not as the reader of declarations would have written it, or a row lacks one."""

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
    _check_names(path, schema.names, declared)
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


def _check_names(path: Path, names: list[str], declared: tables.Table) -> None:
    """Refuse names that the reader takes for another column, or two for one."""
    refuse_doubled_names(path, names)
    for name in names:
        if name not in declared.names and name.strip().casefold() in declared.names:
            raise bad_input(
                f"the column is named {name!r}, not {name.strip().casefold()!r}",
                where=Where(str(path), column=name),
                remedy="spell it as the layout does",
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
    number = pa.types.is_integer(kind) or kind in (pa.float32(), pa.float64())
    fits = {
        "text": text,
        "code": text,
        "integer": pa.types.is_integer(kind),
        "decimal": number,
        "boolean": pa.types.is_boolean(kind),
        "date": pa.types.is_date(kind),
    }
    return bool(fits[column.type] or pa.types.is_null(kind))


def check_values(path: Path, *, ids: bool = True) -> None:
    """Refuse values that the reader of declarations would not have written so.

    Parameters
    ----------
    path
        A file that :func:`check_layout` has not refused.
    ids
        Whether texts that are address ids are looked at too: there are many, and the kernel
        takes none but digits.

    Raises
    ------
    NotDeclared
        With the first such column and value.
    Problem
        When the file cannot be read.
    """
    metadata = pq.read_metadata(path)
    listed = {
        name: pa.table({name: values})
        for name, values in _listed(path, metadata, declared_names(path)).items()
    }
    columns = set(declared_names(path))
    if not ids and "address_id" not in listed:
        columns -= {"address_id"}
    found = unclean(path, _declared(), columns, listed=listed)
    if found is not None:
        raise NotDeclared(*found)


def _listed(path: Path, metadata: pq.FileMetaData, columns: list[str]) -> dict[str, pa.Array]:
    """Return the values of columns, or the least and the greatest, as far as few bytes tell."""
    pages = DictionaryPages(path, metadata, columns)
    found: dict[str, pa.Array] = {}
    for name in columns:
        missing = missing_values(metadata, name)
        known = _extremes(metadata, name)
        known = pages.values(name) if known is None else known
        if missing is None or known is None:
            continue
        found[name] = pa.concat_arrays([known, pa.nulls(1, known.type)]) if missing else known
    return found


def _extremes(metadata: pq.FileMetaData, column: str) -> pa.Array | None:
    """Return the least and the greatest whole number of a column, by the file's footer."""
    place = leaf_places(metadata).get(column)
    kind = metadata.schema.to_arrow_schema().field(column).type
    if place is None or not pa.types.is_integer(kind):
        return None
    found: list[int] = []
    for index in range(metadata.num_row_groups):
        chunk: Any = metadata.row_group(index).column(place)
        statistics = chunk.statistics
        if statistics is not None and statistics.has_min_max:
            found += [statistics.min, statistics.max]
        elif chunk.num_values:
            return None
    return pa.array([min(found), max(found)], kind) if found else None


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
    """Return the columns of a Parquet file that hold at least one value; NaN is none."""
    metadata, schema = pq.read_metadata(path), pq.read_schema(path)
    unsure: list[str] = []
    found: set[str] = set()
    for name in schema.names:
        missing = missing_values(metadata, name)
        if missing == metadata.num_rows:
            continue
        if missing is None or pa.types.is_floating(schema.field(name).type):
            unsure.append(name)
        else:
            found.add(name)
    return frozenset(found | _with_values(path, schema, unsure))


def _with_values(path: Path, schema: pa.Schema, columns: list[str]) -> set[str]:
    """Return the columns with a value, by looking, where the file's footer does not tell."""
    with readable_parquet(path) as connection:
        return {
            name
            for name in columns
            if connection.execute(
                f"SELECT 1 FROM {parquet(path)} WHERE {_is_value(name, schema)} LIMIT 1"
            ).fetchone()
        }


def _is_value(name: str, schema: pa.Schema) -> str:
    column = quoted(name)
    if pa.types.is_floating(schema.field(name).type):
        return f"{column} IS NOT NULL AND NOT isnan({column})"
    return f"{column} IS NOT NULL"


def doubts(path: Path, day: date) -> tuple[tuple[str, int], ...]:
    """Note what a person must look at in declarations that are taken as they are.

    Networks whose names differ in case alone are counted as two; a progress report after the day
    of reference is a slip, or the file is younger than that day.
    """
    metadata = pq.read_metadata(path)
    notes: list[tuple[str, int]] = []
    for name in {"infrastructure", "operator"} & set(declared_names(path)):
        alike = _alike(path, metadata, name)
        if alike:
            some = "; ".join(" and ".join(spellings) for spellings in alike[:_NAMED])
            note = f"names in {name} that differ in case alone, counted as different: {some}"
            notes.append((note, len(alike)))
    if "progress_report_on" in declared_names(path):
        with readable_parquet(path) as connection:
            late = connection.execute(
                f"SELECT count(*) FROM {parquet(path)} WHERE progress_report_on > ?", [day]
            ).fetchone()
        if late is not None and late[0]:
            notes.append((f"progress reports dated after {day}, taken as given", int(late[0])))
    return tuple(sorted(notes))


def _alike(path: Path, metadata: pq.FileMetaData, column: str) -> list[list[str]]:
    """Return the names in a column of text that differ in case alone, together."""
    values = DictionaryPages(path, metadata, [column]).values(column)
    if values is None:
        with readable_parquet(path) as connection:
            rows = connection.execute(f"SELECT DISTINCT {quoted(column)} FROM {parquet(path)}")
            names = [name for (name,) in rows.fetchall() if name is not None]
    else:
        names = values.cast(pa.string()).to_pylist()
    together: dict[str, set[str]] = {}
    for name in names:
        together.setdefault(name.casefold(), set()).add(name)
    return [sorted(spellings) for _, spellings in sorted(together.items()) if len(spellings) > 1]


def meant(unknown: Iterable[str], carried: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Note columns that no layout knows, where they are nearly named as one that is not there.

    Examples
    --------
    >>> meant(["spektrum", "remark"], ["address_id"])
    (("columns that are not read: 'spektrum' (did you mean spectrum?)", 1),)
    """
    absent = sorted(set(_declared().names) - set(carried))
    near = {name: get_close_matches(name.casefold(), absent, n=1, cutoff=0.7) for name in unknown}
    slips = [f"{name!r} (did you mean {match[0]}?)" for name, match in near.items() if match]
    return ((f"columns that are not read: {', '.join(slips)}", len(slips)),) if slips else ()


def declared_names(path: Path) -> list[str]:
    """Return the declared columns that a file carries."""
    names = set(pq.read_schema(path).names)
    return [column.name for column in _declared().columns if column.name in names]


def unknown_names(path: Path) -> tuple[str, ...]:
    """Return the columns of a file that are not declared."""
    return tuple(name for name in pq.read_schema(path).names if name not in _declared().names)


def _declared() -> tables.Table:
    return tables.load("nexpo.connectivity", "declarations")
