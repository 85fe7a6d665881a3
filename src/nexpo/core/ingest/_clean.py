"""Whether a typed table from elsewhere holds what the reader would have written.

A Parquet file in a declared layout need not be read row by row, if each of its values is one
that the reader leaves as it is. Otherwise the same rows would mean one thing as CSV and another
as Parquet: an empty text is no value in the one, and a name like any other in the other.
"""

from __future__ import annotations

import math
import re
import sys
import unicodedata
from functools import cache
from pathlib import Path

import duckdb

from nexpo.core.ingest._sql import literal, literals, quoted
from nexpo.core.tables import Column, Table

_SPACES = "".join(c for c in map(chr, range(sys.maxunicode)) if unicodedata.category(c) == "Zs")
"""What the reader trims: the spaces that ``trim`` of DuckDB knows."""


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def is_clean_text(column: Column, text: str) -> bool:
    """Say whether the reader would leave a text as it is.

    Examples
    --------
    >>> from nexpo.core.tables import load
    >>> technology = load("nexpo.connectivity", "declarations")["technology"]
    >>> [is_clean_text(technology, text) for text in ("fibre", "Fibre", " fibre", "")]
    [True, False, False, False]
    """
    if not text or text != text.strip(_SPACES) or "\0" in text:
        return False
    if column.allowed:
        return text in column.allowed
    return not column.pattern or _pattern(column.pattern).fullmatch(text) is not None


def is_clean_number(column: Column, number: float) -> bool:
    """Say whether the reader would take a number; NaN is none, and taken for no value.

    Patterns of numbers stand for intervals (no sign, so many digits): where the least and the
    greatest of some numbers are clean, all are.

    Examples
    --------
    >>> from nexpo.core.tables import load
    >>> declarations = load("nexpo.connectivity", "declarations")
    >>> [is_clean_number(declarations["max_down_mbps"], n) for n in (0.0, -5.0, math.inf)]
    [True, False, False]
    >>> [is_clean_number(declarations["year"], n) for n in (2026, 20265)]
    [True, False]
    """
    if math.isnan(number):
        return True
    if math.isinf(number):
        return False
    text = str(float(number) if column.type == "decimal" else int(number))
    return not column.pattern or _pattern(column.pattern).fullmatch(text) is not None


def unclean(path: Path, table: Table) -> tuple[str, object] | None:
    """Return a column and a value of a Parquet file that the reader would not leave, or None.

    Columns that the file does not carry, and those that the table does not know, are passed over.
    """
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        rows = connection.read_parquet(str(path))
        for column in table.columns:
            if column.name not in rows.columns:
                continue
            name = quoted(column.name)
            for test in _tests(column, name):
                found = rows.filter(test).project(name).limit(1).fetchone()
                if found is not None:
                    return column.name, found[0]
            if column.type in ("decimal", "integer"):
                numbers = rows.filter(_is_number(column, name)).aggregate(
                    f"min({name}), max({name})"
                )
                for number in numbers.fetchone() or ():
                    if number is not None and not is_clean_number(column, number):
                        return column.name, number
    return None


def _tests(column: Column, name: str) -> list[str]:
    """Return the conditions under which a value is not clean."""
    tests = [f"{name} IS NULL"] if column.required else []
    text = f"CAST({name} AS VARCHAR)"
    if column.type in ("text", "code"):
        tests.append(f"{text} = '' OR {text} <> trim({text}) OR contains({text}, chr(0))")
        if column.allowed:
            tests.append(f"{text} NOT IN ({literals(column.allowed)})")
        elif column.pattern:
            tests.append(f"NOT regexp_full_match({text}, {literal(column.pattern)})")
    return tests


def _is_number(column: Column, name: str) -> str:
    return f"NOT isnan(CAST({name} AS DOUBLE))" if column.type == "decimal" else "true"
