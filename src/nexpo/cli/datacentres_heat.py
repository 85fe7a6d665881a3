"""``nexpo datacentres heat``: waste heat of sites, matched to those who could use it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nexpo.cli.failure import emit

if TYPE_CHECKING:
    from nexpo.build.datacentres.heat import Reused

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(name="heat")
@click.argument("region")
@click.option("--sites", type=_FILE, help="CSV: id, lon, lat, and if known name, it_kw, waste_c.")
@click.option(
    "--assume-kw",
    type=click.FloatRange(min=0, min_open=True),
    help="Installed IT power taken for sites whose power is unknown; said as an assumption.",
)
@click.option("--date", "day", metavar="YYYY-MM-DD", help="Of places and parameters.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="Of what is drawn: stand-ins, weights.",
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder to write.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; no progress.")
def command(
    region: str,
    sites: Path | None,
    assume_kw: float | None,
    day: str | None,
    seed: int,
    out: Path | None,
    *,
    quiet: bool,
    as_json: bool,
) -> None:
    """Match the waste heat of sites in REGION to its users of heat.

    Without a table, the sites are the facilities on the map. A site whose power is unknown gives
    unknown heat, unless you assume a power. The answer is a range: low, mid and high terms, each
    named in parameters/datacentres/heat.yaml.

    \b
    Examples:
      nexpo datacentres heat lombardia --assume-kw 5000
      nexpo datacentres heat lombardia --sites sites.csv --out out/heat --json
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.build.datacentres.heat import Wish, plain, reuse, write
    from nexpo.build.design.materials import reference_day
    from nexpo.core.period import parse_date
    from nexpo.core.progress import reporting

    on = parse_date(day) if day else reference_day()
    with reporting(quiet=quiet or as_json) as progress:
        found = reuse(Wish(region, on, sites, assume_kw, seed), progress)
    files = () if out is None else write(found, out)
    if as_json:
        emit(plain(found) | {"folder": None if out is None else str(out), "files": list(files)})
    else:
        click.echo("\n".join(_told(found)))


def _told(found: Reused) -> Iterator[str]:
    unknown = len(found.mid.unknown)
    yield f"{found.ground.region.name}: {len(found.sites)} sites, power of {unknown} unknown"
    if found.assumed:
        yield f"  assumed: {found.wish.assume_kw:g} kW of IT for {len(found.assumed)} of them"
    for level, each in found.levels.items():
        if each.erf is None:
            yield f"  {level:<6} unknown: no site with a known power"
            continue
        yield (
            f"  {level:<6}{each.handed_mwh:>14,.0f} MWh a year handed over, "
            f"ERF {each.erf:.3f}, {len(each.flows)} links"
        )
    if found.ground.synthetic:
        yield f"  SYNTHETIC stand-ins: {', '.join(found.ground.synthetic)}"
