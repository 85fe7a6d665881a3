"""Declared tables: columns, types, units and meaning, written once as CSV.

A data dictionary is a CSV beside the code that uses it
(``<domain>/dictionary/<table>.csv``) with the columns

``column, type, unit, required, default, allowed, pattern, meaning``

Code reads it to check what comes in, the docs are generated from it. Types are
``text``, ``code`` (text of digits, leading zeros kept), ``integer``, ``decimal``,
``boolean`` and ``date``.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast, get_args

from nexpo.core.problem import Kind, Problem, Where

ColumnType = Literal["text", "code", "integer", "decimal", "boolean", "date"]

SQL_TYPES: dict[ColumnType, str] = {
    "text": "VARCHAR",
    "code": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a declared table.

    Attributes
    ----------
    required
        The column must be in the file and must have a value in each row.
    default
        Value of an absent optional column or an empty cell; None keeps it empty.
    allowed
        The only values taken (compared without regard to case), or empty.
    pattern
        Regular expression that the whole value must match, or empty.
    """

    name: str
    type: ColumnType
    unit: str
    required: bool
    default: str | None
    allowed: tuple[str, ...]
    pattern: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """A declared table.

    Examples
    --------
    >>> declarations = load("nexpo.connectivity", "declarations")
    >>> declarations["address_id"].required
    True
    """

    name: str
    columns: tuple[Column, ...]

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the required columns."""
        return tuple(column.name for column in self.columns if column.required)


@cache
def load(package: str, name: str) -> Table:
    """Load the dictionary ``<package>/dictionary/<name>.csv``.

    Raises
    ------
    Problem
        ``CONFIG`` when the dictionary itself is wrong, naming row and column.
    """
    text = files(package).joinpath("dictionary", f"{name}.csv").read_text(encoding="utf-8")
    where = f"{package}/dictionary/{name}.csv"
    rows = csv.DictReader(text.splitlines())
    return Table(name, tuple(_column(row, where, number) for number, row in enumerate(rows, 1)))


def _column(row: dict[str, str], where: str, number: int) -> Column:
    if row["type"] not in get_args(ColumnType):
        raise Problem(
            Kind.CONFIG,
            "unknown column type",
            where=Where(where, number, "type"),
            value=row["type"],
            remedy=f"one of {', '.join(get_args(ColumnType))}",
        )
    try:
        re.compile(row["pattern"])
    except re.error as error:
        raise Problem(
            Kind.CONFIG, f"pattern: {error}", where=Where(where, number), value=row["pattern"]
        ) from None
    return Column(
        name=row["column"],
        type=cast("ColumnType", row["type"]),
        unit=row["unit"],
        required=row["required"] == "yes",
        default=row["default"] or None,
        allowed=tuple(value for value in row["allowed"].split("|") if value),
        pattern=row["pattern"],
        meaning=row["meaning"],
    )
