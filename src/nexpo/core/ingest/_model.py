"""What a reading is asked with and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written; None for the delimiter means: seen from the header.

    An empty ``quote`` says that the publisher quotes nothing: a quote mark is then a
    letter like any other, and an odd one does not swallow the rows after it.
    """

    delimiter: str | None = None
    encoding: str = "utf-8"
    decimal: str = "."
    quote: str = '"'


@dataclass(frozen=True, slots=True)
class Check:
    """A condition that no row may meet.

    Attributes
    ----------
    column
        Declared column that the reject names.
    failing
        SQL condition over the declared columns (all text); true refuses the row.
    value
        SQL expression for the value that the reject shows.
    reason, remedy
        What is wrong and what to do.
    """

    column: str
    failing: str
    value: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Layout:
    """How a publisher's columns become those of a declared table.

    Attributes
    ----------
    renames
        Declared column to the header in the file, where they differ.
    expressions
        Declared column to an SQL expression over the file's headers (all text).
    where
        SQL condition on the file's headers: only such rows are read.
    headers
        Names for a file without a header line.
    checks
        Checks of the publisher's own, beside those of the declaration.
    """

    renames: Mapping[str, str] = field(default_factory=dict)
    expressions: Mapping[str, str] = field(default_factory=dict)
    where: str = ""
    headers: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a file.

    ``notes`` are what a reader must know of rows that were kept (doubled addresses,
    unknown status codes), each with a count.
    """

    table: str
    path: Path
    rows: int
    rejected: int
    rejects: Path | None
    reasons: tuple[tuple[str, int], ...]
    ignored_columns: tuple[str, ...]
    notes: tuple[tuple[str, int], ...] = ()
