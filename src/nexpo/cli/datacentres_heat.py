"""``nexpo datacentres heat``: waste heat of sites, matched to those who could use it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nexpo.cli.datacentres_register_use import CONFIDENTIAL, REGISTER
from nexpo.cli.datacentres_screen_options import FILE, JSON, QUIET, SEED, day_of
from nexpo.cli.failure import emit

if TYPE_CHECKING:
    from nexpo.build.datacentres.heat import Reused

_SHOWN = 10


@click.command(name="heat")
@click.argument("region")
@click.option(
    "--sites",
    type=FILE,
    help="Wished-for sites: CSV, XLSX or JSON with id, lon, lat and if known name, it_kw, waste_c; "
    "or the GeoParquet of sites of a screening.",
)
@click.option(
    "--assume-kw",
    type=click.FloatRange(min=0, min_open=True),
    help="Installed IT power taken for sites whose power is unknown; said as an assumption.",
)
@click.option("--rejects", type=FILE, help="Where refused rows go (CSV); FILE.rejects.csv.")
@click.option(
    "--decimal",
    type=click.Choice([".", ","]),
    default=".",
    show_default=True,
    help="Mark of decimals in CSV.",
)
@REGISTER
@CONFIDENTIAL
@day_of("Of places and parameters.")
@SEED
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder to write.")
@QUIET
@JSON
def command(
    region: str,
    sites: Path | None,
    assume_kw: float | None,
    rejects: Path | None,
    decimal: str,
    address: str | None,
    day: str | None,
    seed: int,
    out: Path | None,
    *,
    confidential: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Match the waste heat of sites in REGION to its users of heat.

    Without a table, the sites are the facilities of the register, or else those on the map of the
    region. Refused rows of a table are kept in a file with their reasons; the others go on, and
    the exit code is 65 then. A site whose power is unknown gives unknown heat, unless you assume a
    power. The answer is a range: low, mid and high terms, each named in
    parameters/datacentres/heat.yaml. --out writes a page with map and tables, and the evidence.

    \b
    Examples:
      nexpo datacentres heat lombardia --assume-kw 5000
      nexpo datacentres heat lombardia --sites sites.csv --out out/heat --json
      nexpo datacentres heat lombardia --sites out/sites.synthetic.parquet --assume-kw 20000
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.build.datacentres.facilities import RegisterUse
    from nexpo.build.datacentres.heat import Wish, plain, reuse
    from nexpo.build.datacentres.heat_outputs import PAGE, write
    from nexpo.build.design.materials import reference_day
    from nexpo.core.files import check_outputs
    from nexpo.core.period import parse_date
    from nexpo.core.problem import Kind
    from nexpo.core.progress import reporting

    kept = _rejects_of(sites, rejects)
    check_outputs({"--rejects": kept}, {"--sites": sites})
    on = parse_date(day) if day else reference_day()
    use = RegisterUse(address, confidential)
    with reporting(quiet=quiet or as_json) as progress:
        found = reuse(Wish(region, on, sites, assume_kw, seed, use, decimal), progress)
    if kept is not None and sites is not None:
        _keep_rejects(found, kept, sites)
    files = () if out is None else write(found, out)
    refused = str(kept) if found.given.rejects else None
    if as_json:
        where = {"folder": None if out is None else str(out), "files": list(files)}
        emit(plain(found) | {"rejects": refused} | where)
    else:
        click.echo("\n".join(_told(found, refused)))
        if out is not None:
            click.echo(f"  page: {out / PAGE}")
    if refused:
        click.get_current_context().exit(Kind.BAD_INPUT.exit_code)


def _rejects_of(sites: Path | None, rejects: Path | None) -> Path | None:
    return None if sites is None else rejects or sites.with_name(f"{sites.name}.rejects.csv")


def _keep_rejects(found: Reused, kept: Path, sites: Path) -> None:
    from nexpo.core.ingest import discard_rejects
    from nexpo.datacentres.adapters.rows import write_rejects

    if found.given.rejects:
        write_rejects(kept, found.given.rejects)
    else:
        discard_rejects(kept, sites.name)


def _told(found: Reused, refused: str | None) -> Iterator[str]:
    unknown = len(found.mid.unknown)
    yield f"{found.ground.region.name}: {len(found.sites)} sites, power of {unknown} unknown"
    yield f"  from {found.sites_from}"
    for note in found.given.notes:
        yield f"  note: {note}"
    for bad in found.given.rejects[:5]:
        yield f"  row {bad.row} refused: {bad.reason} ({bad.value!r}); {bad.remedy}"
    if refused:
        yield f"  refused rows: {refused}"
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
    yield from _by_site(found)
    if found.synthetic:
        yield f"  SYNTHETIC stand-ins: {', '.join(found.synthetic)}"


def _by_site(found: Reused) -> Iterator[str]:
    from nexpo.build.datacentres.heat import OF_A_SITE, site_rows

    rows = [row for row in site_rows(found) if row["handed_mwh_most"] is not None]
    if not rows:
        return
    yield "  by site, least to most over the levels; MWh a year, ERF:"
    for row in rows[:_SHOWN]:
        yield (
            f"    {row['name']!s:<40}{row['handed_mwh_least']:>12,.0f} to "
            f"{row['handed_mwh_most']:,.0f}, {row['erf_least']:.3f} to {row['erf_most']:.3f}"
        )
    if len(rows) > _SHOWN:
        yield f"    and {len(rows) - _SHOWN} more: --out or --json for all"
    yield f"  note: {OF_A_SITE}"
