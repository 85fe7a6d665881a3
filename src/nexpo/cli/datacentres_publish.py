"""``nexpo datacentres publish``: aggregates that give no centre away."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.failure import emit

if TYPE_CHECKING:
    from nexpo.datacentres.publication import Publication

_PATH = click.Path(path_type=Path)


@click.command(name="publish")
@click.argument("reports", type=_PATH)
@click.option(
    "--by",
    "tables",
    multiple=True,
    metavar="DIMENSIONS",
    help="Dimensions crossed in one table: type,size or type,nuts2>nuts3; give several for tables "
    "that share totals. By default type by size, type by place, size by place.",
)
@click.option("--output", "-o", type=_PATH, help="Write here: .csv (with notes beside) or .json.")
@click.option(
    "--year",
    type=click.IntRange(1990, 2100),
    help="Reporting year, for the rule and size classes in force at its end.  [default: 2025]",
    default=2025,
)
@click.option("--min-centres", type=click.IntRange(min=1), help="In place of the rule's threshold.")
@click.option(
    "--width",
    type=click.FloatRange(min=0, min_open=True),
    help="Least width to which a hidden sum may be narrowed, as a share of it.",
)
@click.option(
    "--dominance",
    nargs=2,
    type=(click.IntRange(min=1), click.FloatRange(min=0, max=1)),
    metavar="N SHARE",
    help="Also hide cells of which the N largest centres make up more than SHARE.",
)
@click.option(
    "--p-share",
    type=click.FloatRange(min=0),
    help="Also hide cells whose largest centre the second could estimate within this share.",
)
@click.option(
    "--zeros",
    type=click.Choice(["published", "may-hide"]),
    default="published",
    show_default=True,
    help="Whether cells without centres may be hidden to protect others.",
)
@click.option(
    "--marks",
    type=click.Choice(["plain", "why"]),
    default="plain",
    show_default=True,
    help="Whether each hidden value says why; the reader's gain from it is then protected too.",
)
@click.option(
    "--loss",
    type=click.Choice(["cells", "centres", "value"]),
    default="centres",
    show_default=True,
    help="What a hidden cell costs.",
)
@click.option("--decimal", default=".", show_default=True, help="Decimal mark of the table.")
@click.option("--rejects", type=_PATH, help="Write refused rows here.")
@click.option("--json", "as_json", is_flag=True, help="Print the aggregates and notes as JSON.")
def command(
    reports: Path,
    tables: tuple[str, ...],
    output: Path | None,
    year: int,
    min_centres: int | None,
    width: float | None,
    dominance: tuple[int, float] | None,
    p_share: float | None,
    zeros: str,
    marks: str,
    loss: str,
    decimal: str,
    rejects: Path | None,
    as_json: bool,
) -> None:
    """Aggregate REPORTS (one row a centre) by type, size and place, giving no centre away.

    No value from fewer centres than the rule's threshold is shown, and none can be worked out
    from totals: as little more as possible is hidden for that, which is proven where it can be.

    \b
    Examples:
      nexpo datacentres publish reports.csv -o aggregates.csv
      nexpo datacentres publish reports.csv --by type,size --by 'type,nuts2>nuts3' --json
      nexpo datacentres publish reports.csv --by size --dominance 1 0.8 -o aggregates.json
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.core.files import check_outputs
    from nexpo.core.progress import reporting
    from nexpo.datacentres.adapters import publication_files as files
    from nexpo.datacentres.adapters.rows import write_rejects
    from nexpo.datacentres.publication import publish

    check_outputs({"--output": output, "--rejects": rejects}, {"REPORTS": reports})
    day = date(year, 12, 31)
    terms, use = files.load_terms(
        day,
        min_centres=min_centres,
        width_share=width,
        dominance=dominance,
        p_share=p_share,
        zeros=zeros.replace("-", " "),
        marks=marks,
        loss=loss,
    )
    with reporting(quiet=as_json) as progress:
        progress.step("reading centres")
        read = files.read_centres(reports, day, decimal=decimal)
        crossed = [files.dimensions_of(each) for each in tables]
        crossed = crossed or files.default_tables(list(read.columns))
        progress.step("looking for the least that must be hidden")
        found = publish(
            read.columns, read.sums, crossed, averages=files.averages_of(read.sums), terms=terms
        )
    if rejects is not None and read.rejects:
        write_rejects(rejects, read.rejects)
    written = files.write_publication(output, found, use) if output is not None else ()
    told = {"centres": len(next(iter(read.columns.values()))), "rejected": len(read.rejects)}
    if as_json:
        body = {"notes": files.notes(found, use), "cells": list(files.records(found))}
        emit(told | body)
        return
    _print(found, told)
    for reject in read.rejects[:5]:
        click.echo(f"  row {reject.row} left out: {reject.reason} ({reject.value!r})", err=True)
    for path in written:
        click.echo(f"  written: {path}")


def _print(found: Publication, told: dict[str, Any]) -> None:
    click.echo(f"{told['centres']} centres, {told['rejected']} refused cells")
    for figure in found.figures:
        shown = int((~figure.hidden & ~figure.missing).sum())
        click.echo(
            f"  {figure.name:<20} {shown:>5} shown  {int(figure.hidden.sum()):>5} hidden  "
            f"{int(figure.missing.sum()):>5} not reported"
        )
    gap = "no less could be hidden" if found.pattern.exact else f"gap {found.pattern.gap:.1%}"
    click.echo(f"  {gap}")
