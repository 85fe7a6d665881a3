"""The cases of a declaration that a rule tells apart, each judged once.

A rule asks few questions of few columns: is the technology one of these, is the speed at
least that. So a column has few *cases* (each text that the rule names, any other text, no
value; each interval between two bounds, no value), and the product of the cases of all
columns is a table of some hundred entries. The conditions are evaluated on that table; a
row is then judged by looking up the case it falls in.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from nexpo.connectivity.coverage.expression import (
    AllOf,
    Among,
    AnyOf,
    Compare,
    Condition,
    Mask,
    Missing,
    Not,
    Row,
    holds,
    to_mask,
)

Question = Among | Compare | Missing
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Texts:
    """A column of text: case *i* is the name *i*, then any other text, then no value."""

    names: tuple[str, ...]

    @property
    def count(self) -> int:
        """Number of cases."""
        return len(self.names) + 2

    @property
    def examples(self) -> tuple[str | None, ...]:
        """One value of each case."""
        another = "".join(self.names) + "?"  # longer than each name, so none of them
        return (*self.names, another, None)

    def case_of(self, text: str | None) -> int:
        """Return the case of a text.

        Examples
        --------
        >>> [Texts(("fibre", "fwa")).case_of(text) for text in ("fwa", "copper", None)]
        [1, 2, 3]
        """
        if text is None:
            return len(self.names) + 1
        return self.names.index(text) if text in self.names else len(self.names)


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of numbers: case *i* lies at or above *i* of the cuts; then no value."""

    cuts: tuple[float, ...]

    @property
    def count(self) -> int:
        """Number of cases."""
        return len(self.cuts) + 2

    @property
    def examples(self) -> tuple[float | None, ...]:
        """One value of each case."""
        return (-math.inf, *self.cuts, None)

    def of_each(self, numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
        """Return the case of no value, then that of each number; NaN is no value.

        Examples
        --------
        >>> Numbers((30.0, 100.0)).of_each(np.array([10.0, 30.0, 300.0, math.nan])).tolist()
        [3, 0, 1, 2, 3]
        """
        reached = np.searchsorted(self.cuts, numbers, side="right")
        missing = len(self.cuts) + 1
        found = np.where(np.isnan(numbers), missing, reached)
        return np.append(missing, found).astype(np.int32)


@dataclass(frozen=True, slots=True)
class Cases:
    """All cases that some conditions tell apart.

    Attributes
    ----------
    columns
        The cases of each column that is read.
    strides
        What one step in a column's cases adds to the number of the case.
    count
        Number of cases.
    """

    columns: Mapping[str, Texts | Numbers]
    strides: Mapping[str, int]
    count: int

    def judge(self, conditions: tuple[Condition, ...]) -> npt.NDArray[np.uint8]:
        """Return, for each case, the conditions that hold: bit *i* is the condition *i*."""
        block = _EveryCase(self)
        flags = np.zeros(self.count, np.uint8)
        for bit, condition in enumerate(conditions):
            flags |= to_mask(condition, block).astype(np.uint8) << np.uint8(bit)
        return flags


def cases_of(conditions: tuple[Condition, ...], carried: frozenset[str]) -> Cases:
    """Return the cases that conditions tell apart in the columns that a file carries.

    Examples
    --------
    >>> fast = AllOf((Among("technology", ("fibre",)), Compare("peak_down_mbps", ">=", 100)))
    >>> cases = cases_of((fast,), frozenset({"technology", "peak_down_mbps"}))
    >>> dict(cases.strides), cases.count
    ({'peak_down_mbps': 1, 'technology': 3}, 9)
    >>> cases.judge((fast,)).tolist()
    [0, 1, 0, 0, 0, 0, 0, 0, 0]
    """
    asked: dict[str, list[Question]] = {}
    for question in _questions(conditions):
        if question.column in carried:
            asked.setdefault(question.column, []).append(question)
    columns = {column: _cases(asked[column]) for column in sorted(asked)}
    strides: dict[str, int] = {}
    count = 1
    for column, cases in columns.items():
        strides[column] = count
        count *= cases.count
    return Cases(columns, strides, count)


def _questions(conditions: tuple[Condition, ...]) -> Iterator[Question]:
    for condition in conditions:
        match condition:
            case Not(inner=one):
                yield from _questions((one,))
            case AllOf(inner=several) | AnyOf(inner=several):
                yield from _questions(several)
            case _:
                yield condition


def _cases(questions: list[Question]) -> Texts | Numbers:
    """Return the cases of a column; one of which a bound is asked holds numbers."""
    cuts = {_cut(question) for question in questions if isinstance(question, Compare)}
    if cuts:
        return Numbers(tuple(sorted(cuts)))
    names = {name for question in questions for name in getattr(question, "values", ())}
    return Texts(tuple(sorted(names)))


def _cut(question: Compare) -> float:
    """Return the least number on the upper side of a bound.

    ``>= b`` and its opposite ``< b`` cut at *b*; ``> b`` and ``<= b`` just above it.
    """
    bound = _plain(question.bound)
    return bound if question.operator in (">=", "<") else math.nextafter(bound, math.inf)


def _plain(bound: float | date) -> float:
    """Return a bound as the number that a column holds: days since 1970 for a date."""
    return float((bound - _EPOCH).days if isinstance(bound, date) else bound)


class _EveryCase:
    """One example of every case, behind the interface of conditions."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases

    @property
    def rows(self) -> int:
        """Number of cases."""
        return self._cases.count

    def among(self, column: str, values: frozenset[str]) -> Mask:
        """Cases whose text is one of the values."""
        return self._ask(Among(column, tuple(values)))

    def compare(self, column: str, operator: str, bound: float | date) -> Mask:
        """Cases whose number or day stands in a relation to a bound."""
        return self._ask(Compare(column, operator, _plain(bound)))

    def missing(self, column: str) -> Mask:
        """Cases without a value."""
        return self._ask(Missing(column))

    def _ask(self, question: Question) -> Mask:
        """Answer by the plain model; a column that the file does not carry has no value."""
        column = question.column
        if column not in self._cases.columns:
            return np.full(self.rows, holds(question, {}))
        cases, stride = self._cases.columns[column], self._cases.strides[column]
        rows: list[Row] = [{column: example} for example in cases.examples]
        answers = np.array([holds(question, row) for row in rows])
        found: Mask = answers[np.arange(self.rows) // stride % cases.count]
        return found
