"""Periods: half-open spans of days, and the dated value that holds on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Protocol

from nexpo.core.problem import bad_input


class Dated(Protocol):
    """Anything with a period of validity."""

    @property
    def period(self) -> Period:
        """The days on which it holds."""
        ...


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days from ``start`` up to, not including, ``end`` (None: open).

    Examples
    --------
    >>> date(2024, 1, 1) in Period(date(2023, 2, 13), None)
    True
    >>> Period(date(2020, 1, 1), date(2021, 1, 1)).overlaps(Period(date(2021, 1, 1), None))
    False
    """

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise bad_input(
                "a period ends after it starts",
                value=f"{self.start}..{self.end}",
                remedy="the end is the first day on which it no longer holds",
            )

    def __contains__(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)

    def overlaps(self, other: Period) -> bool:
        """Say whether any day lies in both."""
        first, second = sorted((self, other), key=lambda period: period.start)
        return first.end is None or second.start < first.end


def first_overlap(items: Iterable[Dated]) -> tuple[Dated, Dated] | None:
    """Return the first two items whose periods share a day, by start date."""
    ordered = sorted(items, key=lambda item: item.period.start)
    return next(
        ((left, right) for left, right in pairwise(ordered) if left.period.overlaps(right.period)),
        None,
    )


def parse_date(value: object) -> date:
    """Read an ISO date (``2023-02-13``).

    Raises
    ------
    Problem
        When the value is no ISO date.
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise bad_input(
            "not a date", value=value, remedy="write the day as YYYY-MM-DD, 2023-02-13 say"
        ) from None
