"""``nexpo datacentres site``: all about one place, on one page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.datacentres_register_use import CONFIDENTIAL, REGISTER
from nexpo.cli.datacentres_screen_options import (
    FILE,
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
    from nexpo.build.datacentres.site import Sheet

_ANSWER = ("pack", "rule", "answer", "article", "reason", "certainty")


@click.command(name="site", context_settings={"ignore_unknown_options": True})
@click.argument("lon", type=float, required=False)
@click.argument("lat", type=float, required=False)
@click.option("--polygon", type=FILE, help="File of polygons in place of a point.")
@click.option("--region", help="Found from the place when left out.")
@RESOLUTION
@ranking("How criteria make a rank.")
@WEIGHTS
@draws(100)
@REGISTER
@CONFIDENTIAL
@day_of("Of places, rules and parameters; else the law of today, places of the data's day.")
@SEED
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Page to write, or folder for a site.html; site.html here when left out.",
)
@QUIET
@JSON
def command(
    lon: float | None,
    lat: float | None,
    polygon: Path | None,
    region: str | None,
    out: Path | None,
    *,
    quiet: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Tell all about the place at LON LAT (degrees, longitude first), or a polygon.

    Criteria with their percentile in the region, rank, rules of eligibility, answers of the rule
    packs, neighbours with their power, and the nearest users of heat.

    \b
    Examples:
      nexpo datacentres site 9.19 45.31
      nexpo datacentres site --polygon area.geojson --out area.html
      nexpo datacentres site 9.19 45.31 --json
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.build.datacentres.layers import region_at
    from nexpo.build.datacentres.report import render_sheet
    from nexpo.build.datacentres.site import sheet
    from nexpo.cli.datacentres_screen import order_of
    from nexpo.core.files import check_outputs, write_text
    from nexpo.core.progress import reporting

    place = _place(lon, lat, polygon)
    target = out or Path("site.html")
    if target.is_dir() or not target.suffix:
        target /= "site.html"
    check_outputs({"--out": target}, {"--polygon": polygon})
    with reporting(quiet=quiet or as_json) as progress:
        order = order_of(region or region_at(place), options)
        found = sheet(order, place, progress)
    write_text(target, render_sheet(found))
    if as_json:
        emit(_plain(found) | {"page": str(target)})
    else:
        click.echo("\n".join(_told(found)))
        click.echo(f"  page: {target}")


def _place(lon: float | None, lat: float | None, polygon: Path | None) -> Any:
    import shapely

    from nexpo.build.datacentres.site import check_degrees, read_place
    from nexpo.core.problem import Kind, Problem

    if polygon is not None and lon is None:
        return read_place(polygon)
    if lon is None or lat is None or polygon is not None:
        raise Problem(
            Kind.USAGE,
            "a place is a point or a polygon",
            remedy="give LON and LAT, or --polygon FILE",
        )
    check_degrees(lon, lat)
    return shapely.Point(lon, lat)


def _plain(found: Sheet) -> dict[str, Any]:
    return {
        "municipality": found.municipality,
        "istat": found.istat,
        "lon": found.lon,
        "lat": found.lat,
        "cells": found.cells,
        "area_ha": found.area_ha,
        "verdict": found.verdict,
        "method": found.screening.order.method.value,
        "score": found.standing.score,
        "rank": found.standing.rank,
        "of": found.standing.of,
        "no_better_share": found.standing.no_better_share,
        "accepted_share": found.accepted,
        **_judged(found),
        **_around(found),
        "synthetic": list(found.screening.ground.synthetic),
    }


def _judged(found: Sheet) -> dict[str, Any]:
    return {
        "criteria": [
            {
                "key": line.measured.criterion.key,
                "unit": line.measured.criterion.unit,
                "value": line.value,
                "no_better_share": line.no_better_share,
                "reason": line.measured.reason,
                "synthetic": line.measured.synthetic,
            }
            for line in found.lines
        ],
        "eligibility": [
            {
                "layer": line.rule.layer,
                "answer": line.answer,
                "marked_share": line.share,
                "synthetic": line.synthetic,
            }
            for line in found.eligibility
        ],
        "rules": [{name: getattr(line, name) for name in _ANSWER} for line in found.law.answers],
        "law_on": found.law.on.isoformat(),
        "conflicts": [asdict(each) for each in found.law.conflicts],
        "not_yet_in_force": list(found.law.later),
    }


def _around(found: Sheet) -> dict[str, Any]:
    return {
        "grid_nodes": [
            {"voltage_kv": node.voltage_kv, "km": node.km, "name": node.name}
            for node in found.nodes
        ],
        "neighbours": [
            {"id": each.facility.id, "name": each.facility.name, "km": each.km}
            for each in found.near
        ],
        "facilities_from": found.screening.ground.facilities_from,
        "cumulative": {
            kind.value: {"value": total.value, "known": total.known, "unknown": total.unknown}
            for kind, total in found.cumulative.items()
        },
        "heat_users": [
            {
                "name": user.name,
                "kind": user.kind,
                "km": user.km,
                "demand_mwh": user.demand_mwh,
                "supply_c": user.supply_c,
            }
            for user in found.users
        ],
    }


def _told(found: Sheet) -> Iterator[str]:
    yield f"{found.municipality} ({found.istat}), {found.lat:.4f} N {found.lon:.4f} E"
    yield f"  {found.verdict}"
    if found.standing.rank is not None:
        yield f"  rank {found.standing.rank:,} of {found.standing.of:,}"
    law = found.law
    data = found.screening.order.on
    yield f"  law of {law.on}, {len(law.answers)} rules speak; places and data of {data}"
    for each in law.conflicts:
        told = "" if each.certain else " (possible)"
        yield f"  conflict{told}, {each.attribute}: {'; '.join(each.rules)}"
    for late in law.later:
        yield f"  not yet in force: {late}"
    for line in found.lines:
        value, unit = line.value, line.measured.criterion.unit
        told = "unknown" if value is None else f"{value:,.2f} {unit}"
        if value is not None and unit == "1":
            told = f"{value:.0%}"
        yield f"  {line.measured.criterion.title:<60}{told:>24}"
    if found.screening.ground.synthetic:
        yield f"  SYNTHETIC stand-ins: {', '.join(found.screening.ground.synthetic)}"
