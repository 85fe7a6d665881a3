"""``nexpo impact linkages``: which sectors pull, which push, and what one is worth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.failure import emit
from nexpo.cli.impact_options import footnotes, headline, open_system, plain, table_options, told

if TYPE_CHECKING:
    from nexpo.impact.extraction import Extraction
    from nexpo.impact.linkages import Linkages
    from nexpo.impact.model import Table


@click.command(name="linkages")
@table_options
@click.option(
    "--forward",
    type=click.Choice(["ghosh", "leontief"]),
    default="ghosh",
    show_default=True,
    help="Row sums of which inverse.",
)
@click.option("--dispersion", is_flag=True, help="Also how evenly a sector pulls and pushes.")
@click.option("--leave-out-empty", is_flag=True, help="Sectors without output leave the mean.")
@click.option(
    "--extract",
    "group",
    multiple=True,
    metavar="SECTOR",
    help="Also what output is lost without this sector; repeat it for a group.",
)
@click.option(
    "--taken",
    type=click.Choice(["all", "trade", "backward", "forward", "forward_supply"]),
    default="all",
    show_default=True,
    help="What --extract takes out of the table.",
)
def command(path: Path, **options: Any) -> None:
    """Print backward and forward linkages of the sectors of TABLE, and the key sectors.

    Indices are over their mean (Rasmussen): a key sector is above 1 in both.

    \b
    Examples:
      nexpo impact linkages ITA_NIOT_nov16.xlsx --year 2014
      nexpo impact linkages table.csv --forward leontief --dispersion --json
      nexpo impact linkages table.csv --extract J62_J63
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.impact.codes import position_of, positions_by_spelling
    from nexpo.impact.extraction import Taken, extract
    from nexpo.impact.linkages import Forward, linkages

    table, system = open_system(path, options)
    known = positions_by_spelling(table.sectors)
    group = [position_of(code, known) for code in options["group"]]
    found = linkages(
        system,
        forward=Forward(options["forward"]),
        dispersion=options["dispersion"],
        leave_out_empty=options["leave_out_empty"],
    )
    lost = extract(system, group, Taken[options["taken"].upper()]) if group else None
    if options["as_json"]:
        emit(told(table, system) | _as_json(table, found, lost))
    else:
        notes = footnotes(table, system)
        click.echo("\n".join([*_lines(table, found, lost), *notes]))


def _as_json(table: Table, found: Linkages, lost: Extraction | None) -> dict[str, Any]:
    parts = {
        "direct_backward": found.direct_backward,
        "direct_forward": found.direct_forward,
        "backward": found.backward,
        "forward": found.forward,
        "backward_index": found.backward_index,
        "forward_index": found.forward_index,
        "backward_dispersion": found.backward_dispersion,
        "forward_dispersion": found.forward_dispersion,
    }
    roles = found.roles
    body: dict[str, Any] = {
        "forward_reading": found.reading.value,
        "linkages": [
            {"sector": code, "label": table.labels[place]}
            | {name: plain(values, place) for name, values in parts.items()}
            | {"role": roles[place].value}
            for place, code in enumerate(table.sectors)
        ],
    }
    if lost is not None:
        body["extraction"] = {
            "sectors": list(lost.sectors),
            "taken": lost.taken.value,
            "output_lost": lost.total,
            "in_the_group": lost.own,
            "by_sector": dict(zip(table.sectors, lost.loss.tolist(), strict=True)),
        }
    return body


def _lines(table: Table, found: Linkages, lost: Extraction | None) -> Iterator[str]:
    yield headline(table)
    yield f"forward linkages: row sums, {found.reading.value}"
    wide = max(8, *(len(code) for code in table.sectors))
    spread = found.backward_dispersion is not None
    more = f"{'spread b.':>11}{'spread f.':>11}" if spread else ""
    yield f"  {'sector':<{wide}}{'backward':>10}{'index':>8}{'forward':>10}{'index':>8}{more}  role"
    for place, code in enumerate(table.sectors):
        row = f"  {code:<{wide}}{found.backward[place]:>10.4f}{found.backward_index[place]:>8.3f}"
        row += f"{found.forward[place]:>10.4f}{found.forward_index[place]:>8.3f}"
        if found.backward_dispersion is not None and found.forward_dispersion is not None:
            row += f"{found.backward_dispersion[place]:>11.3f}"
            row += f"{found.forward_dispersion[place]:>11.3f}"
        yield f"{row}  {found.roles[place].value}"
    if lost is not None:
        yield ""
        yield f"without {', '.join(lost.sectors)} ({lost.taken.value}):"
        yield f"  output lost  {lost.total:,.3f}, of which in the group {lost.own:,.3f}"
