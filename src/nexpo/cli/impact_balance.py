"""``nexpo impact balance``: a table brought to given margins by RAS or GRAS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.failure import emit
from nexpo.cli.impact_options import FILE, TEXT, check_suffix, printing_json

if TYPE_CHECKING:
    from nexpo.impact.adapters.matrix_files import MatrixFile
    from nexpo.impact.regionalise import Balanced


@click.command(name="balance")
@click.argument("file", type=FILE)
@click.option("--rows", type=FILE, help="Row totals: name and total a line.")
@click.option("--columns", type=FILE, help="Column totals, likewise.")
@click.option(
    "--method",
    type=click.Choice(["gras", "ras"]),
    default="gras",
    show_default=True,
    help="GRAS keeps the sign of negative cells; RAS refuses them.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0, min_open=True),
    default=1e-8,
    show_default=True,
    help="Largest change of a column factor in the last round.",
)
@click.option(
    "--iterations",
    type=click.IntRange(min=1),
    default=10_000,
    show_default=True,
    help="Most rounds of scaling.",
)
@click.option(
    "--reconcile",
    type=click.Choice(["coarser", "rows", "columns"]),
    default="coarser",
    show_default=True,
    help="Which totals give way where they differ by their rounding.",
)
@TEXT
@click.option(
    "--output",
    "-o",
    type=FILE,
    help="Write the balanced matrix here, as CSV; a table in the template, as CSV or XLSX.",
)
@printing_json(", the matrix included")
def command(
    file: Path,
    rows: Path | None,
    columns: Path | None,
    method: str,
    tolerance: float,
    iterations: int,
    reconcile: str,
    encoding: str | None,
    decimal: str | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Balance the matrix FILE, or the flows of a table in the template, to totals.

    FILE is a table in the template: its flows are balanced to what output leaves over the rest
    of the table, or to --rows and --columns. Or it is a matrix, CSV or XLSX: the first row holds
    a corner cell and column names, each other row a name and its numbers. Totals are two columns,
    name and total; an empty total is unknown, and its line is not scaled. Zeros stay zero and
    signs are kept. GRAS takes entries below zero, RAS none.

    \b
    Examples:
      nexpo impact balance flows.csv --rows u.csv --columns v.csv --output balanced.csv
      nexpo impact balance flows.csv --rows u.csv --columns v.csv --method ras --json
      nexpo impact balance table.xlsx --output balanced.xlsx
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.build.impact.balancing import to_balance
    from nexpo.core.files import check_outputs
    from nexpo.core.ingest import Dialect
    from nexpo.core.progress import reporting
    from nexpo.impact.regionalise import Printed, Reconcile, Stop, gras, ras

    check_suffix("--output", output, ".csv", ".xlsx")
    check_outputs({"--output": output}, {"FILE": file, "--rows": rows, "--columns": columns})
    asked = to_balance(
        file, rows, columns, Dialect(encoding=encoding or "utf-8", decimal=decimal or "")
    )
    if asked.table is None:
        check_suffix("--output of a matrix", output, ".csv")
    matrix, of_rows, of_columns = asked.matrix, asked.rows, asked.columns
    balance = gras if method == "gras" else ras
    with reporting(quiet=as_json) as progress, _problems_of(file):
        progress.step(f"balancing {file.name}")
        found = balance(
            matrix.values,
            of_rows.values,
            of_columns.values,
            stop=Stop(tolerance, iterations),
            names=(matrix.row_names, matrix.column_names),
            printed=Printed(of_rows.decimals, of_columns.decimals, Reconcile(reconcile)),
            watch=lambda done, miss: progress.advance(done, None, f"rounds, miss {miss:.2g}"),
        )
    if output is not None:
        asked.write(output, found.values)
    if as_json:
        emit(_plain(matrix, found, method))
    else:
        click.echo(_told(file, found, method, output))


@contextmanager
def _problems_of(file: Path) -> Iterator[None]:
    """Name the file in problems of the matrix in it."""
    from nexpo.core.problem import Problem, Where

    try:
        yield
    except Problem as problem:
        at = Where(str(file), problem.where.row, problem.where.column)
        raise Problem(
            problem.kind, problem.detail, where=at, value=problem.value, remedy=problem.remedy
        ) from None


def _plain(matrix: MatrixFile, found: Balanced, method: str) -> dict[str, Any]:
    misses = {"row": found.row_miss, "column": found.column_miss}
    return {
        "method": method,
        "iterations": found.iterations,
        "last_change": found.last_change,
        "largest_miss": {
            kind: {"name": miss.name, "value": miss.value} for kind, miss in misses.items()
        },
        "totals_apart": found.margins.gap,
        "totals_apart_allowed": found.margins.allowed,
        "scaled": found.margins.scaled or None,
        "rows": list(matrix.row_names),
        "columns": list(matrix.column_names),
        "row_factors": found.row_factors.tolist(),
        "column_factors": found.column_factors.tolist(),
        "values": found.values.tolist(),
        "notes": list(found.notes),
    }


def _told(file: Path, found: Balanced, method: str, output: Path | None) -> str:
    row, column = found.row_miss, found.column_miss
    size = " x ".join(str(each) for each in found.values.shape)
    lines = [
        f"{file.name}: {size}, balanced by {method.upper()} in {found.iterations} rounds",
        f"  largest miss of a row     {row.value:.3g} ({row.name})",
        f"  largest miss of a column  {column.value:.3g} ({column.name})",
        *(f"  note: {note}" for note in found.notes),
    ]
    if output is not None:
        lines.append(f"  written to {output}")
    return "\n".join(lines)
