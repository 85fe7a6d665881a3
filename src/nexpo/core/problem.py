"""Errors that speak to the person who can act.

A :class:`Problem` says what happened, where (file, row, column), which value, and
what to do. The command line turns it into a few lines and an exit code; the web
turns the same object into ``application/problem+json`` (RFC 9457).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

_TYPE_BASE = "https://nexpo.example/problems/"
_LONGEST_VALUE = 120


class Kind(Enum):
    """Kinds of problem: URI slug, title, exit code (sysexits.h) and HTTP status.

    Examples
    --------
    >>> Kind.BAD_INPUT.exit_code, Kind.BAD_INPUT.status
    (65, 422)
    """

    USAGE = ("usage", "The request cannot be understood", 64, 400)
    BAD_INPUT = ("bad-input", "The input cannot be used", 65, 422)
    NO_INPUT = ("no-input", "The input was not found", 66, 404)
    UNAVAILABLE = ("unavailable", "A service or component is not available", 69, 503)
    INTERNAL = ("internal", "Nexpo failed", 70, 500)
    CANNOT_WRITE = ("cannot-write", "The result cannot be written", 73, 500)
    CONFIG = ("config", "The configuration or a rule file is wrong", 78, 500)

    def __init__(self, slug: str, title: str, exit_code: int, status: int) -> None:
        self.slug = slug
        self.title = title
        self.exit_code = exit_code
        self.status = status


@dataclass(frozen=True, slots=True)
class Where:
    """A place in the input: file, row (1 = first line after the header), column."""

    file: str | None = None
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        parts = (
            self.file,
            None if self.row is None else f"row {self.row}",
            None if self.column is None else f"column {self.column}",
        )
        return ", ".join(part for part in parts if part)


class Problem(Exception):
    """A failure that a person can act on.

    Parameters
    ----------
    kind
        What sort of failure; gives the exit code and the HTTP status.
    detail
        What happened, in one sentence.
    where
        Place in the input, as far as it is known.
    value
        The offending value as it was found.
    remedy
        What the reader can do about it.

    Examples
    --------
    >>> p = Problem(Kind.BAD_INPUT, "istat is not six digits",
    ...             where=Where("civici.csv", 7, "istat"), value="12001",
    ...             remedy="write 012001: codes are text with leading zeros")
    >>> print(p)
    istat is not six digits
      where:  civici.csv, row 7, column istat
      value:  '12001'
      remedy: write 012001: codes are text with leading zeros
    """

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        where: Where | None = None,
        value: object = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.where = where or Where()
        self.value = value
        self.remedy = remedy

    def __str__(self) -> str:
        lines = [self.detail]
        if str(self.where):
            lines.append(f"  where:  {self.where}")
        if self.value is not None:
            lines.append(f"  value:  {_shorten(repr(self.value))}")
        if self.remedy:
            lines.append(f"  remedy: {self.remedy}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """Return the RFC 9457 object, with the place and the remedy as extensions."""
        body: dict[str, Any] = {
            "type": _TYPE_BASE + self.kind.slug,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
        }
        extras = {
            "file": self.where.file,
            "row": self.where.row,
            "column": self.where.column,
            "value": None if self.value is None else _shorten(str(self.value)),
            "remedy": self.remedy,
        }
        return body | {key: value for key, value in extras.items() if value is not None}


def bad_input(detail: str, **keywords: Any) -> Problem:
    """Return a problem of kind ``BAD_INPUT`` (exit code 65)."""
    return Problem(Kind.BAD_INPUT, detail, **keywords)


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."
