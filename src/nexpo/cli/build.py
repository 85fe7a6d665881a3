"""``nexpo build``: from a region's data to a folder of results and a dossier page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nexpo.cli.failure import emit

if TYPE_CHECKING:
    from nexpo.build import Built

BUILDS = "builds"


@click.command(name="build")
@click.argument("region")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"Folder to write; {BUILDS}/REGION when left out. An older build there is replaced.",
)
@click.option(
    "--on",
    metavar="YYYY-MM-DD",
    help="Day whose municipalities and rules hold; by default the day of the data.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="Seed of the stand-ins for data that is not on this machine.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON; no progress.")
@click.option("--open", "open_it", is_flag=True, help="Open the dossier in a browser.")
def command(
    region: str, out: Path | None, on: str | None, seed: int, as_json: bool, open_it: bool
) -> None:
    """Build REGION: tables, map, evidence, audited claims and a dossier page.

    Reads the real data that NEXPO_DATA (or `nexpo data get`) put on this machine. What is
    missing is replaced by a stand-in made by a seed, and marked synthetic wherever it
    shows. The folder is written whole or not at all: ctrl-C leaves the last good build.
    The same data, day and seed give the same bytes.

    \b
    Examples:
      nexpo build lombardia
      nexpo build lombardia --out out/lombardia --open
      nexpo build veneto --seed 7 --json
      nexpo build lombardia --on 2023-01-01

    \b
    Then:
      nexpo explain uncovered.total
      nexpo explain need/097042
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo import territory
    from nexpo.build import Order, build
    from nexpo.core.period import parse_date
    from nexpo.core.progress import reporting

    order = Order(
        region=region,
        out=out or Path(BUILDS) / territory.region(region).key,
        on=parse_date(on) if on else None,
        seed=seed,
    )
    with reporting(quiet=as_json) as progress:
        built = build(order, progress)
    if as_json:
        emit(_plain(built))
    else:
        click.echo("\n".join(_told(built)))
    if open_it:
        click.launch(built.dossier.resolve().as_uri())


def _plain(built: Built) -> dict[str, object]:
    return {
        "region": built.region,
        "on": built.on.isoformat(),
        "folder": str(built.folder),
        "dossier": str(built.dossier),
        "uncovered": built.total,
        "figures": built.figures,
        "rejected": built.rejected,
        "synthetic": list(built.synthetic),
        "absent": list(built.absent),
        "files": list(built.files),
    }


def _told(built: Built) -> list[str]:
    counts = f"{built.figures:,} figures, {built.rejected:,} rows refused"
    first = f"{built.region}, {built.on}: {built.total:,} uncovered house numbers, {counts}"
    made_up = f"SYNTHETIC, not real: {', '.join(built.synthetic)}"
    lines = [first, made_up] if built.synthetic else [first]
    lines += [f"note: not at hand: {item}" for item in built.absent]
    return [*lines, f"folder:  {built.folder}", f"dossier: {built.dossier}"]
