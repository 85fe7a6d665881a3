"""``nexpo impact table``: look whether a table holds, show it, write the template."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.failure import emit
from nexpo.cli.impact_options import PATH, check_suffix, import_rule, printing_json, together

if TYPE_CHECKING:
    from nexpo.impact.balance import Balance
    from nexpo.impact.model import Finding, Table

_SHOWN = 10

_TEXT = together(
    click.option("--encoding", help="Of a text that is not UTF-8, e.g. cp1252."),
    click.option(
        "--decimal",
        type=click.Choice([".", ","]),
        help="Sign of decimals of a text; found from its numbers if not given.",
    ),
)
_WHICH = together(
    click.argument("file", type=PATH),
    click.option("--layout", help="How the file is laid out; found from the file otherwise."),
    click.option("--year", type=int, help="Of a file that holds several."),
    click.option("--area", help="Country, or one region of a table between countries."),
    import_rule("--domestic", "rule", told="Make a table of total use domestic by this rule."),
    _TEXT,
)


@click.group(name="table")
def command() -> None:
    """Look at an input-output table: does it hold, what is in it; write the template.

    Known layouts: template, figaro, wiod2016, italy62, uk, iomat,
    coefficients, wiod2013. Any other table can be
    brought into the template, which `nexpo impact table template` writes.
    """


@command.command(name="check")
@_WHICH
@click.option(
    "--unbalanced",
    type=click.FloatRange(min=0),
    default=0.005,
    show_default=True,
    help="Share of a sector's output above which an imbalance is an error.",
)
@click.option("--accept", multiple=True, metavar="FINDING", help="Tell it, but do not fail on it.")
@printing_json(", each sector included")
def check_command(
    file: Path, unbalanced: float, accept: tuple[str, ...], as_json: bool, **which: Any
) -> int:
    """Say where and by how much the table in FILE fails, and end with 65 if it cannot be used.

    Rows: flows and final uses make output (and imports, in a table of total use). Columns:
    flows, imports and primary inputs make output. What rounding of the printed digits explains
    is no finding.

    \b
    Examples:
      nexpo impact table check ITA_NIOT_nov16.xlsx --year 2014
      nexpo impact table check wiot_2011.npz --area ITA --json
      nexpo impact table check mine.csv --layout template --accept column_sum
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.core.problem import Kind
    from nexpo.impact.balance import balance, check

    table = _open(file, **which)
    found, findings = balance(table), check(table, unbalanced=unbalanced)
    failed = [each.check for each in findings if each.fatal and each.check not in accept]
    if as_json:
        emit(_as_json(table, found, findings, holds=not failed))
    else:
        click.echo("\n".join(_told(table, found, findings, accept)))
    return Kind.BAD_INPUT.exit_code if failed else 0


@command.command(name="show")
@_WHICH
@click.option("--output", "-o", type=PATH, help="Write the table here, in the template.")
@printing_json(", each sector included")
def show_command(file: Path, output: Path | None, as_json: bool, **which: Any) -> None:
    """Show what the table in FILE holds: sectors, output, value added, jobs by sector.

    With --output it is written in the template, made domestic where --domestic names a rule:
    every verb reads that file.

    \b
    Examples:
      nexpo impact table show ITA_2014_domestic_musd.csv
      nexpo impact table show total_use.csv --domestic proportional --output domestic.csv
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.build.impact.tables import blocks_of
    from nexpo.core.files import check_outputs
    from nexpo.sources.input_output import template

    check_suffix("--output", output, ".csv", ".xlsx")
    check_outputs({"--output": output}, {"FILE": file})
    table = _open(file, **which)
    if output is not None:
        template.write(output, blocks_of(table))
    if as_json:
        written = {} if output is None else {"written": str(output)}
        emit(_head(table) | {"by_sector": _by_sector(table), "notes": list(table.notes)} | written)
        return
    click.echo("\n".join(_heading(table)))
    for row in _by_sector(table):
        share = row["value_added"] / row["output"] if row["output"] else 0.0
        click.echo(f"  {row['code']:<12}{row['output']:>16,.1f}{share:>8.1%}  {row['label']}")
    if output is not None:
        click.echo(f"written to {output}")


@command.command(name="template")
@click.argument("out", type=PATH)
@click.option("--table", "file", type=PATH, help="Fill it with this table, of any layout.")
@click.option("--layout", help="Of --table.")
@click.option("--year", type=int, help="Of --table.")
@click.option("--area", help="Of --table.")
@import_rule("--domestic", "rule", told="Of --table.")
@_TEXT
@printing_json()
def template_command(out: Path, file: Path | None, as_json: bool, **which: Any) -> None:
    """Write the template to OUT, .csv or .xlsx: a small example, or the table of --table.

    \b
    Examples:
      nexpo impact table template mine.xlsx
      nexpo impact table template italy.csv --table ITA_NIOT_nov16.xlsx --year 2014
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.build.impact.tables import blocks_of
    from nexpo.core.files import check_outputs
    from nexpo.sources.input_output import template

    check_suffix("OUT", out, ".csv", ".xlsx")
    check_outputs({"OUT": out}, {"--table": file})
    if file is None:
        template.write_example(out)
    else:
        template.write(out, blocks_of(_open(file, **which)))
    if as_json:
        emit({"template": str(out)})
    else:
        click.echo(f"wrote {out}; fill it in, then: nexpo impact table check {out}")


def _open(file: Path, *, rule: str | None, decimal: str | None, **which: Any) -> Table:
    from nexpo.build.impact.tables import open_table
    from nexpo.impact.domestic import ImportRule

    chosen = None if rule is None else ImportRule(rule)
    return open_table(file, **which, rule=chosen, accept=None, decimal=decimal or "")


def _head(table: Table) -> dict[str, Any]:
    from nexpo.impact.price_words import value_added_words

    origin = table.origin
    return {
        "table": origin.name,
        "area": origin.area,
        "year": origin.year,
        "currency": origin.currency,
        "scale": origin.scale,
        "basis": origin.basis.value,
        "scope": table.scope.value,
        "classification": origin.classification,
        "source": origin.source,
        "licence": origin.licence,
        "redistributable": origin.redistributable,
        "synthetic": origin.synthetic,
        "sectors": table.size,
        "regions": len(set(table.regions)),
        "final_uses": list(table.uses) if len(table.uses) <= _SHOWN else len(table.uses),
        "primary_rows": [
            {"row": row, "kind": kind.value}
            for row, kind in zip(table.primary_rows, table.primary_kinds, strict=True)
        ],
        "imports_matrix": table.imports is not None,
        "output": float(table.output.sum()),
        "value_added": float(table.value_added().sum()),
        "value_added_is": value_added_words(table),
    }


def _by_sector(table: Table) -> list[dict[str, Any]]:
    added = table.value_added()
    return [
        {
            "code": code,
            "label": table.labels[i],
            "region": table.regions[i],
            "output": float(table.output[i]),
            "value_added": float(added[i]),
            **{each.indicator: _known(float(each.values[i])) for each in table.satellites},
        }
        for i, code in enumerate(table.sectors)
    ]


def _known(value: float) -> float | None:
    return None if value != value else value  # noqa: PLR0124 - NaN is not known


def _as_json(
    table: Table, found: Balance, findings: tuple[Finding, ...], *, holds: bool
) -> dict[str, Any]:
    return {
        **_head(table),
        "holds": holds,
        "printed_unit": found.unit,
        "largest": _largest(found),
        "findings": [
            {
                "check": each.check,
                "fatal": each.fatal,
                "where": each.where,
                "value": each.value,
                "tolerance": each.tolerance,
                "message": each.message,
                "remedy": each.remedy,
                "numbers": dict(each.numbers),
            }
            for each in findings
        ],
        "by_sector": [
            {
                "code": code,
                "output": float(table.output[i]),
                "row_deviation": float(found.rows[i]),
                "row_tolerance": float(found.row_tolerance[i]),
                "column_deviation": float(found.columns[i]),
                "column_tolerance": float(found.column_tolerance[i]),
                "column_sum": float(found.input_share[i]),
            }
            for i, code in enumerate(table.sectors)
        ],
        "notes": list(table.notes),
    }


def _largest(found: Balance) -> dict[str, float]:
    return {
        "row_deviation": float(abs(found.rows).max(initial=0.0)),
        "column_deviation": float(abs(found.columns).max(initial=0.0)),
        "column_sum": float(found.input_share.max(initial=0.0)),
    }


def _heading(table: Table) -> Iterator[str]:
    from nexpo.impact.price_words import basic_value_added

    origin = table.origin
    made = ", SYNTHETIC" if origin.synthetic else ""
    yield f"{origin.name}, {origin.area} {origin.year}{made}"
    yield (
        f"  {table.size:,} sectors, {table.scope.value} flows, {origin.basis.value} prices, "
        f"{origin.currency} x {origin.scale:,}; {origin.classification}"
    )
    yield f"  {origin.source}; licence: {origin.licence}"
    basic = " at basic prices" if basic_value_added(table) else " with taxes and margins"
    yield f"  output {table.output.sum():,.1f}, value added{basic} {table.value_added().sum():,.1f}"
    yield from (f"  note: {note}" for note in table.notes)


def _told(
    table: Table, found: Balance, findings: tuple[Finding, ...], accept: tuple[str, ...]
) -> Iterator[str]:
    yield from _heading(table)
    largest = _largest(found)
    unit = f"printed to {found.unit:g}" if found.unit else "printed at full precision"
    yield f"  rows differ from output by at most    {largest['row_deviation']:.6g} ({unit})"
    yield f"  columns differ from output by at most {largest['column_deviation']:.6g}"
    yield f"  largest column sum of A               {largest['column_sum']:.6g}"
    for each in findings:
        mark = "note"
        if each.fatal:
            mark = "ACCEPTED" if each.check in accept else "FAIL"
        yield f"{mark} {each.check}: {each.message}"
        if each.fatal:
            yield f"     remedy: {each.remedy}; or go on with --accept {each.check}"
            worst = [item for item in each.numbers.items() if item[0] not in ("sectors", "cells")]
            yield from (f"       {code:<12}{value:>16,.6g}" for code, value in worst)
    if not any(each.fatal for each in findings):
        yield "ok   the table can be used"
