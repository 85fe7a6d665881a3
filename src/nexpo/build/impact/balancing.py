"""What is balanced: a matrix with margins beside it, or the flows of a table in the template."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from nexpo.build.impact.tables import blocks_of, open_table
from nexpo.core.ingest import Dialect, read_header
from nexpo.core.problem import Kind, Problem, Where
from nexpo.core.workbooks import is_workbook
from nexpo.impact.adapters.matrix_files import (
    MarginFile,
    MatrixFile,
    read_margin,
    read_matrix,
    write_matrix,
)
from nexpo.impact.deviation import balance, decimals_of_unit
from nexpo.impact.model import Floats, Table
from nexpo.sources.input_output import template
from nexpo.sources.input_output.workbooks import workbook_headers


@dataclass(frozen=True, slots=True)
class ToBalance:
    """A matrix and its totals; ``table`` is where the matrix is its flows."""

    matrix: MatrixFile
    rows: MarginFile
    columns: MarginFile
    table: Table | None = None

    def write(self, path: Path, values: Floats) -> None:
        """Write the balanced matrix, or the table with these flows, whole or not at all."""
        if self.table is None:
            names = self.matrix.row_names, self.matrix.column_names
            write_matrix(path, values, *names, self.matrix.corner or "row")
            return
        said = "flows were balanced to the table's own totals"
        balanced = replace(self.table, flows=values, notes=(*self.table.notes, said))
        template.write(path, blocks_of(balanced))


def to_balance(path: Path, rows: Path | None, columns: Path | None, dialect: Dialect) -> ToBalance:
    """Read what is to be balanced.

    Parameters
    ----------
    path
        A matrix, or a table in the template: its flows then go to what output leaves over final
        uses and over primary inputs and imports, unless totals are given.
    rows, columns
        Files of totals; needed for a matrix.

    Raises
    ------
    Problem
        Naming file, row and column of what cannot be read; a matrix without totals.
    """
    if not _is_template(path, dialect):
        matrix = read_matrix(path, dialect=dialect)
        if rows is None or columns is None:
            raise Problem(
                Kind.USAGE,
                "a matrix is balanced to totals of rows and columns",
                where=Where(str(path)),
                remedy="give --rows FILE and --columns FILE; only a table in the template has its "
                "own",
            )
        table = None
    else:
        table = open_table(
            path, "template", accept=None, encoding=dialect.encoding, decimal=dialect.decimal
        )
        matrix = MatrixFile(table.flows, table.sectors, table.sectors, "sector")
    return ToBalance(
        matrix,
        _totals(rows, matrix.row_names, table, dialect, across=True),
        _totals(columns, matrix.column_names, table, dialect, across=False),
        table,
    )


def _totals(
    path: Path | None,
    names: tuple[str, ...],
    table: Table | None,
    dialect: Dialect,
    *,
    across: bool,
) -> MarginFile:
    if path is not None or table is None:
        return read_margin(path or Path(), names, dialect=dialect)
    found = balance(table)
    sums = table.flows.sum(axis=1 if across else 0)
    wanted = sums - (found.rows if across else found.columns)
    return MarginFile(wanted, decimals_of_unit(found.unit))


def _is_template(path: Path, dialect: Dialect) -> bool:
    if is_workbook(path):
        return any(template.recognise(path, header) for header in workbook_headers(path))
    return template.recognise(path, read_header(path, dialect)[1])
