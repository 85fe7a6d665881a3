"""``nexpo datacentres publish``: aggregates that give no centre away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.datacentres_register_use import REGISTER, opened
from nexpo.cli.failure import emit

if TYPE_CHECKING:
    from nexpo.core.parameters import Use
    from nexpo.core.progress import Progress
    from nexpo.datacentres.adapters.publication_files import Centres
    from nexpo.datacentres.publication import Average, Publication

_PATH = click.Path(path_type=Path)


@click.command(name="publish")
@click.argument("reports", type=_PATH, required=False)
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
    required=True,
    help="Reporting year: rows of other years are left out, and the rule and size classes are "
    "those in force at its end.",
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
@REGISTER
@click.option("--json", "as_json", is_flag=True, help="Print the aggregates and notes as JSON.")
def command(
    reports: Path | None,
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
    address: str | None,
    as_json: bool,
) -> None:
    """Aggregate REPORTS (one row a centre and year) by type, size and place; give none away.

    Without REPORTS, the latest reports of the year in the register are taken, and averages
    follow the definitions of that year.

    No value from fewer centres than the rule's threshold is shown, and none that is hidden can be
    worked out from all tables together. More is hidden for that; how much more than the least that
    could do is said where it is known.
    Rows that no centre can be are left out; the others are published, and the exit code is 65.

    \b
    Examples:
      nexpo datacentres publish reports.csv --year 2025 -o aggregates.csv
      nexpo datacentres publish --year 2025 -o aggregates.csv
      nexpo datacentres publish reports.csv --year 2025 --by 'type,nuts2>nuts3' --json
      nexpo datacentres publish reports.csv --year 2025 --by size --dominance 1 0.8
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.core.files import check_outputs
    from nexpo.core.problem import Kind
    from nexpo.core.progress import reporting
    from nexpo.datacentres.adapters import publication_files as files
    from nexpo.datacentres.adapters.rows import write_rejects

    inputs = {} if reports is None else {"REPORTS": reports}
    check_outputs({"--output": output, "--rejects": rejects}, inputs)
    rule = {
        "min_centres": min_centres,
        "width_share": width,
        "dominance": dominance,
        "p_share": p_share,
        "zeros": zeros.replace("-", " "),
        "marks": marks,
        "loss": loss,
    }
    with reporting(quiet=as_json) as progress:
        day = date(year, 12, 31)
        progress.step("reading centres")
        read, averages = _read(reports, address, day, decimal)
        made = _made(read, averages, tables, day, rule, progress)
    if rejects is not None and made.read.rejects:
        write_rejects(rejects, made.read.rejects)
    written = () if output is None else files.write_publication(output, made.found, made.use)
    if as_json:
        emit(_plain(made))
    else:
        _print(made, written)
    if made.read.rejects:
        click.get_current_context().exit(Kind.BAD_INPUT.exit_code)


@dataclass(frozen=True, slots=True)
class _Made:
    """What was read, and what may be published of it by which rule."""

    read: Centres
    found: Publication
    use: Use


def _read(
    reports: Path | None, address: str | None, day: date, decimal: str
) -> tuple[Centres, Sequence[Average]]:
    """Return the centres of a table, or of the register, and the averages of them."""
    from nexpo.build.datacentres.published import from_register
    from nexpo.datacentres.adapters import publication_files as files

    if reports is not None:
        read = files.read_centres(reports, day, decimal=decimal)
        return read, files.averages_of(read.sums)
    with opened(address) as register:
        return from_register(register, year=day.year, on=day)


def _made(
    read: Centres,
    averages: Sequence[Average],
    tables: Sequence[str],
    day: date,
    rule: Mapping[str, Any],
    progress: Progress,
) -> _Made:
    from nexpo.datacentres.adapters import publication_files as files
    from nexpo.datacentres.publication import publish

    terms, use = files.load_terms(day, **rule)
    crossed = [files.dimensions_of(each) for each in tables]
    crossed = crossed or files.default_tables(list(read.columns))
    files.one_place(crossed)
    found = publish(
        read.columns, read.sums, crossed, averages=averages, terms=terms, progress=progress
    )
    return _Made(read, found, use)


def _counts(made: _Made) -> dict[str, int]:
    centres = len(next(iter(made.read.columns.values())))
    return {"centres": centres, "rejected": len(made.read.rejects)}


def _plain(made: _Made) -> dict[str, Any]:
    from nexpo.datacentres.adapters import publication_files as files

    body = {"notes": files.notes(made.found, made.use), "cells": list(files.records(made.found))}
    said = {"remarks": list(made.read.notes), "rejects": [asdict(r) for r in made.read.rejects]}
    return _counts(made) | said | body


def _print(made: _Made, written: Sequence[Path]) -> None:
    told, found = _counts(made), made.found
    click.echo(f"{told['centres']} centres, {told['rejected']} refused cells")
    for figure in found.figures:
        shown = int((~figure.hidden & ~figure.missing).sum())
        click.echo(
            f"  {figure.name:<20} {shown:>5} shown  {int(figure.hidden.sum()):>5} hidden  "
            f"{int(figure.missing.sum()):>5} not reported"
        )
    gap = "no less could be hidden"
    if not found.pattern.exact:
        gap = f"at most {found.pattern.gap:.1%} of what is hidden could be shown (by --loss)"
    click.echo(f"  {gap}")
    for note in made.read.notes:
        click.echo(f"  note: {note}", err=True)
    for reject in made.read.rejects[:5]:
        click.echo(f"  row {reject.row} left out: {reject.reason} ({reject.value!r})", err=True)
    for path in written:
        click.echo(f"  written: {path}")
