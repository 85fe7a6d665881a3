"""``nexpo datacentres screen``: a whole region, from layers to ranked sites."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.datacentres_register_use import CONFIDENTIAL, REGISTER
from nexpo.cli.datacentres_screen_options import (
    JSON,
    QUIET,
    RESOLUTION,
    SEED,
    WEIGHTS,
    day_of,
    draws,
    ranking,
)
from nexpo.cli.failure import emit

if TYPE_CHECKING:
    from nexpo.build.datacentres.outputs import Written
    from nexpo.build.datacentres.screening import Order

SCREENINGS = "screenings"
_SHOWN = 10


@click.command(name="screen")
@click.argument("region")
@RESOLUTION
@ranking("Weighted sum, TOPSIS with fixed ideal points, exact PROMETHEE II.")
@WEIGHTS
@draws(200)
@click.option("--site-ha", type=click.FloatRange(min=0, min_open=True), help="Hectares of a site.")
@click.option("--sites", type=click.IntRange(min=1), help="How many sites at most.")
@click.option("--gap-m", type=click.FloatRange(min=0), help="Metres between two sites.")
@click.option(
    "--growth",
    type=click.Choice(["rings", "best"]),
    default="rings",
    show_default=True,
    help="A site grows evenly from its best cell, or along the best neighbours.",
)
@click.option(
    "--unknown",
    type=click.Choice(["unknown", "renormalise", "worst"]),
    default="unknown",
    show_default=True,
    help="What an unknown value does to its cell: no rank, the other criteria, or the worst.",
)
@REGISTER
@CONFIDENTIAL
@day_of("Of places, rules and parameters; else the rules of today, places of the data's day.")
@SEED
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"Folder to write; {SCREENINGS}/REGION when left out.",
)
@QUIET
@JSON
def command(region: str, *, quiet: bool, as_json: bool, **options: Any) -> None:
    """Screen REGION for sites of data centres.

    Writes sites (GeoParquet, CSV), rasters of score and eligibility (cloud-optimised GeoTIFF), a
    map, a page and the evidence. A layer that is not on this machine leaves its criterion
    unknown, or has a stand-in where the region file allows one: both are said on map and page.

    \b
    Examples:
      nexpo datacentres screen lombardia
      nexpo datacentres screen lombardia --method promethee2 --site-ha 25 --draws 1000
      nexpo datacentres screen lombardia --weights own.yaml --out out/own --json

    \b
    Then:
      nexpo datacentres site 9.19 45.31
      nexpo explain siting.eligible_share --build screenings/lombardia
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.build.datacentres.outputs import write
    from nexpo.core.progress import reporting

    order = order_of(region, options)
    with reporting(quiet=quiet or as_json) as progress:
        written = write(order, progress)
    if as_json:
        emit(_plain(written))
    else:
        click.echo("\n".join(_told(written)))


def order_of(region: str, options: dict[str, Any]) -> Order:
    """Return the order that the options of a screening give."""
    from nexpo import territory
    from nexpo.build.datacentres.facilities import RegisterUse
    from nexpo.build.datacentres.plan import read_weights
    from nexpo.build.datacentres.screening import Method, Order
    from nexpo.build.design.materials import reference_day
    from nexpo.cli.datacentres_register_use import as_day
    from nexpo.core.period import parse_date
    from nexpo.datacentres.siting.decision import Unknown
    from nexpo.datacentres.siting.parcels import Growth

    return Order(
        region=region,
        out=options.get("out") or Path(SCREENINGS) / territory.region(region).key,
        on=parse_date(options["day"]) if options["day"] else reference_day(),
        cell_m=float(options["resolution"]),
        method=Method(options["method"]),
        weights=read_weights(options["weights"]) if options["weights"] else {},
        draws=options["draws"],
        site_ha=options.get("site_ha"),
        sites=options.get("sites"),
        growth=Growth(options.get("growth", "rings")),
        unknown=Unknown(options.get("unknown", "unknown")),
        gap_m=options.get("gap_m"),
        seed=options["seed"],
        register=RegisterUse(options["address"], options["confidential"]),
        law_on=as_day(options["day"]),
    )


def _plain(written: Written) -> dict[str, Any]:
    screening = written.screening
    answer, land = screening.eligibility, screening.ground
    return {
        "region": land.region.name,
        "on": screening.order.on.isoformat(),
        "law_on": screening.order.law_day.isoformat(),
        "folder": str(written.folder),
        "files": list(written.files),
        "method": screening.order.method.value,
        "resolution_m": land.frame.cell_m,
        "crs": land.frame.crs,
        "cells": int(answer.area.sum()),
        "eligible_share": answer.share,
        "eligible_km2": answer.eligible_km2,
        "weights": {each.name: each.weight for each in screening.ranked.criteria},
        "unknown_criteria": {each.criterion.key: each.reason for each in screening.ranked.unknown},
        "rules_not_checked": [each.rule.layer for each in answer.missing],
        "synthetic": list(land.synthetic),
        "refused_features": len(land.refused),
        "facilities": len(land.facilities),
        "facilities_from": land.facilities_from,
        "sites": list(written.sites),
    }


def _told(written: Written) -> Iterator[str]:
    screening = written.screening
    answer, land = screening.eligibility, screening.ground
    yield (
        f"{land.region.name}: {answer.share:.1%} eligible as far as is known "
        f"({answer.eligible_km2:,.0f} km2), {len(written.sites)} sites of "
        f"{screening.site_ha:g} ha by {screening.order.method.value}"
    )
    for row in written.sites[:_SHOWN]:
        yield (
            f"  {row['site']:>3}  {row['score']:.3f}  {row['municipality']:<32}"
            f"{row['lat']:.4f} {row['lon']:.4f}"
        )
    yield f"  rules of {screening.order.law_day}; places and data of {screening.order.on}"
    yield f"  {len(land.facilities)} facilities from {land.facilities_from}"
    for each in screening.ranked.unknown:
        yield f"  unknown, left out: {each.criterion.title} ({each.reason})"
    if land.synthetic:
        yield f"  SYNTHETIC stand-ins: {', '.join(land.synthetic)}"
    if land.refused:
        yield f"  {len(land.refused)} features refused: see refused.csv"
    yield f"  page: {written.folder / 'index.html'}"
