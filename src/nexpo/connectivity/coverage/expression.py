"""Conditions on one row, defined once and executed three ways.

A condition is a small tree. It is turned into ANSI SQL text (DuckDB and Spark run the
same), evaluated on columns of numbers and codes (the kernel), or on one row (the plain
model). A missing value never satisfies a comparison: the logic has two values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Row = Mapping[str, Any]


class ColumnBlock(Protocol):
    """Columns of a block of rows, as the kernel sees them."""

    @property
    def rows(self) -> int:
        """Number of rows."""
        ...

    def among(self, column: str, values: frozenset[str]) -> Mask:
        """Rows whose text is one of the values."""
        ...

    def compare(self, column: str, operator: str, bound: float | date) -> Mask:
        """Rows whose number or day stands in a relation to a bound."""
        ...

    def missing(self, column: str) -> Mask:
        """Rows without a value."""
        ...


@dataclass(frozen=True, slots=True)
class Among:
    """The text is one of some values.

    Examples
    --------
    >>> to_sql(Among("technology", ("fibre", "cable")))
    "coalesce(technology IN ('fibre', 'cable'), FALSE)"
    """

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """A number or a day stands in a relation (``>=``, ``<=``, ``<``, ``>``) to a bound."""

    column: str
    operator: str
    bound: float | date


@dataclass(frozen=True, slots=True)
class Missing:
    """The cell has no value."""

    column: str


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold."""

    inner: Condition


@dataclass(frozen=True, slots=True)
class AllOf:
    """Each condition holds; none at all means always."""

    inner: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one condition holds; none at all means never."""

    inner: tuple[Condition, ...]


Condition = Among | Compare | Missing | Not | AllOf | AnyOf
ALWAYS = AllOf(())
NEVER = AnyOf(())


def both(*conditions: Condition) -> Condition:
    """Return the conjunction, without needless nesting."""
    kept = tuple(condition for condition in conditions if condition != ALWAYS)
    return kept[0] if len(kept) == 1 else AllOf(kept)


def negate(condition: Condition) -> Condition:
    """Return the opposite, without stacking negations.

    Examples
    --------
    >>> negate(NEVER) == ALWAYS, negate(Not(Missing("year")))
    (True, Missing(column='year'))
    """
    match condition:
        case Not(inner=one):
            return one
        case AllOf(inner=()):
            return NEVER
        case AnyOf(inner=()):
            return ALWAYS
        case _:
            return Not(condition)


def columns_of(condition: Condition) -> frozenset[str]:
    """Return the columns that a condition reads."""
    match condition:
        case Among(column=column) | Compare(column=column) | Missing(column=column):
            return frozenset({column})
        case Not(inner=one):
            return columns_of(one)
        case AllOf(inner=several) | AnyOf(inner=several):
            return frozenset().union(*(columns_of(item) for item in several))


def to_sql(condition: Condition) -> str:
    """Return ANSI SQL that is true or false, never null.

    Examples
    --------
    >>> to_sql(Not(Compare("distance_m", ">", 50)))
    'NOT coalesce(distance_m > 50, FALSE)'
    """
    match condition:
        case Among(column=column, values=values):
            listed = ", ".join(literal(value) for value in values)
            return f"coalesce({column} IN ({listed}), FALSE)" if values else "FALSE"
        case Compare(column=column, operator=operator, bound=bound):
            return f"coalesce({column} {operator} {literal(bound)}, FALSE)"
        case Missing(column=column):
            return f"{column} IS NULL"
        case Not(inner=one):
            return f"NOT {to_sql(one)}"
        case AllOf(inner=several):
            return _joined(several, " AND ", "TRUE")
        case AnyOf(inner=several):
            return _joined(several, " OR ", "FALSE")


def to_mask(condition: Condition, block: ColumnBlock) -> Mask:
    """Evaluate a condition on a block of columns; shape ``(rows,)``."""
    match condition:
        case Among(column=column, values=values):
            return block.among(column, frozenset(values))
        case Compare(column=column, operator=operator, bound=bound):
            return block.compare(column, operator, bound)
        case Missing(column=column):
            return block.missing(column)
        case Not(inner=one):
            return ~to_mask(one, block)
        case AllOf(inner=several):
            return _folded(several, block, np.logical_and, start=True)
        case AnyOf(inner=several):
            return _folded(several, block, np.logical_or, start=False)


def holds(condition: Condition, row: Row) -> bool:
    """Evaluate a condition on one row, in plain Python.

    Examples
    --------
    >>> holds(Compare("peak_down_mbps", ">=", 100), {"peak_down_mbps": None})
    False
    """
    match condition:
        case Among(column=column, values=values):
            return row.get(column) in values
        case Compare(column=column, operator=operator, bound=bound):
            value = row.get(column)
            return not _is_missing(value) and COMPARISONS[operator](value, bound)
        case Missing(column=column):
            return _is_missing(row.get(column))
        case Not(inner=one):
            return not holds(one, row)
        case AllOf(inner=several):
            return all(holds(item, row) for item in several)
        case AnyOf(inner=several):
            return any(holds(item, row) for item in several)


COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    ">=": lambda value, bound: value >= bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    "<": lambda value, bound: value < bound,
}


def _is_missing(value: object) -> bool:
    """Say whether a cell has no value; not-a-number is none."""
    return value is None or value != value  # noqa: PLR0124 - only NaN differs from itself


def _joined(several: Sequence[Condition], word: str, empty: str) -> str:
    if not several:
        return empty
    return "(" + word.join(to_sql(item) for item in several) + ")"


def _folded(
    several: Sequence[Condition],
    block: ColumnBlock,
    combine: Callable[[Mask, Mask], Mask],
    *,
    start: bool,
) -> Mask:
    if not several:
        return np.full(block.rows, start)
    return reduce(combine, (to_mask(item, block) for item in several))


def literal(value: str | float | date) -> str:
    """Return a value as an ANSI SQL literal."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    return repr(value)
