"""A matrix and its margins as CSV or XLSX, in one declared layout.

Matrix: the first row holds a corner cell and the names of columns; each other row a name and its
numbers. Margins: two columns, name and total, with or without a header, in any order; an empty
total is unknown, and its line is then not scaled. Commas, semicolons or tabs; ``.gz`` or not.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nexpo.core.files import write_text
from nexpo.core.ingest import Dialect
from nexpo.impact.adapters._grid import Grid, decimals_of, read_grid
from nexpo.impact.model import Floats

_TWO = 2


@dataclass(frozen=True, slots=True, eq=False)
class MatrixFile:
    """A matrix ``(m, n)`` with the names of its rows and columns."""

    values: Floats
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]
    corner: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class MarginFile:
    """Totals in the order asked for, NaN where unknown, and the most decimals printed.

    ``decimals`` is None where totals were reckoned and not printed.
    """

    values: Floats
    decimals: int | None


def read_matrix(path: Path, *, dialect: Dialect | None = None) -> MatrixFile:
    """Read a matrix.

    Raises
    ------
    Problem
        Naming file, row and column: a cell that is empty or no number, a name twice, a row that
        is cut off.
    """
    grid = read_grid(path, dialect=dialect)
    columns, rows = grid.header[1:], tuple(row[0] for row in grid.rows)
    for names, kind in ((columns, "column"), (rows, "row")):
        twice = [name for at, name in enumerate(names) if name in names[:at] or not name]
        if twice or not names:
            raise grid.wrong(
                f"a {kind} without a name, or a name twice",
                None,
                None,
                twice[0] if twice else None,
                "give the first row and the first column a name of its own in each cell",
            )
    values = np.array(
        [
            [grid.number(at, column, empty=None) for column in range(1, len(grid.header))]
            for at in range(1, len(rows) + 1)
        ],
        dtype=np.float64,
    )
    return MatrixFile(values, rows, columns, grid.header[0])


def read_margin(path: Path, names: Sequence[str], *, dialect: Dialect | None = None) -> MarginFile:
    """Read totals for lines of these names.

    Raises
    ------
    Problem
        A name that is not among them, one that is missing or stands twice, a total that is no
        number.
    """
    grid = read_grid(path, dialect=dialect)
    if len(grid.header) != _TWO:
        raise grid.wrong(
            f"margins have two columns, name and total; here are {len(grid.header)}",
            0,
            None,
            ", ".join(grid.header),
            "write one line a name",
        )
    found: dict[str, tuple[float, int]] = {}
    for number, (name, text) in _entries(grid, names):
        if name not in names or name in found:
            detail = "the name stands twice" if name in found else "the matrix has no such line"
            raise grid.wrong(detail, number, grid.header[0], name, "use the names of the matrix")
        found[name] = (grid.parse(text, number, name), decimals_of(text) if text else 0)
    missing = [name for name in names if name not in found]
    if missing:
        raise grid.wrong(
            f"{len(missing)} lines of the matrix have no total",
            None,
            None,
            missing[0],
            "add them; leave the total empty where it is not known",
        )
    values = np.array([found[name][0] for name in names], dtype=np.float64)
    return MarginFile(values, max(found[name][1] for name in names))


def write_matrix(
    path: Path, values: Floats, row_names: Sequence[str], column_names: Sequence[str], corner: str
) -> None:
    """Write a matrix in the layout that :func:`read_matrix` reads, whole or not at all."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow([corner, *column_names])
    for name, row in zip(row_names, values.tolist(), strict=True):
        out.writerow([name, *row])
    write_text(path, text.getvalue())


def _entries(grid: Grid, names: Sequence[str]) -> list[tuple[int, tuple[str, ...]]]:
    """Return the lines with their row numbers, the first among them where it is no header."""
    lines = list(enumerate(grid.rows, 1))
    first = grid.header
    return [(0, first), *lines] if first[0] in names else lines
