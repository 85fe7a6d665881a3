"""``nexpo datacentres eligible``: which land is left, for any layers and buffers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.datacentres_screen_options import FILE, JSON, QUIET
from nexpo.cli.failure import emit
from nexpo.core.problem import Kind

if TYPE_CHECKING:
    from nexpo.build.datacentres.eligible import Answer, Ask


@click.command(name="eligible")
@click.argument("layers", type=FILE, required=False)
@click.option("--region", type=FILE, help="File of polygons: the study area.")
@click.option("--exclude", multiple=True, metavar="FILE:BUFFER_M", help="Take this land out.")
@click.option("--require", multiple=True, metavar="FILE:BUFFER_M", help="Leave only this land.")
@click.option("--readmit", multiple=True, metavar="FILE:BUFFER_M", help="Take this back in, last.")
@click.option(
    "--resolution",
    type=click.FloatRange(min=0, min_open=True),
    default=100.0,
    show_default=True,
    help="Metres a cell.",
)
@click.option("--crs", default="EPSG:3035", show_default=True, help="Metric projection.")
@click.option(
    "--cells",
    type=click.Choice(["centre", "touched"]),
    default="centre",
    show_default=True,
    help="A cell counts by its centre, or when any part of it is touched.",
)
@click.option(
    "--buffers",
    type=click.Choice(["edge", "centre"]),
    default="edge",
    show_default=True,
    help="A buffer round raster cells is measured from their edges or their centres.",
)
@click.option("--out", type=FILE, help="GeoTIFF to write.")
@QUIET
@JSON
def command(
    layers: Path | None, out: Path | None, *, quiet: bool, as_json: bool, **options: Any
) -> int:
    """Print the eligible share of an area, and write it as GeoTIFF.

    LAYERS is a YAML file; or name the area and the rules as options. Buffers are round and in
    metres. A raster is marked where it has one of some values: land.tif=1,2:100. Features that
    cannot be used are listed; the others go on (exit code 65). A layer that does not come within
    its buffer of the area is refused: it is no layer of this area.

    \b
    Examples:
      nexpo datacentres eligible layers.yaml --out eligible.tif
      nexpo datacentres eligible --region area.gpkg --exclude parks.gpkg:500
      nexpo datacentres eligible --region area.gpkg --exclude land.tif=1,2:100 --out e.tif
      nexpo datacentres eligible --region area.gpkg --require zones.geojson --json

    In a file, a buffer round raster cells is measured from their centres unless `measured: edge`
    says otherwise; as an option, from their edges (see --buffers).

    \b
    layers.yaml:
      region: area.gpkg
      resolution_m: 100
      rules:
        - {file: parks.gpkg, buffer_m: 500}
        - {file: land.tif, values: [1, 2], buffer_m: 100, measured: edge}
        - {file: zones.gpkg, column: class, among: [A, B], effect: require}
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.build.datacentres.eligible import judge, plain, read_ask, write
    from nexpo.core.files import check_outputs
    from nexpo.core.progress import reporting

    if layers is not None:
        _refuse_both(click.get_current_context())
    ask = read_ask(layers) if layers else _ask(options)
    check_outputs({"--out": out}, {"LAYERS": layers, "--region": ask.region})
    with reporting(quiet=quiet or as_json) as progress:
        answer = judge(ask, progress)
    written = None if out is None else write(answer, out)
    if as_json:
        emit(plain(answer) | {"file": None if written is None else str(written)})
    else:
        click.echo("\n".join(_told(answer, written)))
    return Kind.BAD_INPUT.exit_code if answer.refused else 0


def _refuse_both(context: click.Context) -> None:
    """Refuse options beside a file of layers: the file says all of them."""
    from click.core import ParameterSource

    from nexpo.core.problem import Problem

    names = ("region", "exclude", "require", "readmit", "resolution", "crs", "cells", "buffers")
    given = [
        f"--{name}"
        for name in names
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    if given:
        raise Problem(
            Kind.USAGE,
            "area and rules come from the file of layers, or from options, not from both",
            value=", ".join(given),
            remedy="leave LAYERS out, or write these into it",
        )


def _ask(options: dict[str, Any]) -> Ask:
    from nexpo.build.datacentres.eligible import Ask, parse_rule
    from nexpo.core.problem import Problem
    from nexpo.datacentres.siting.cell_distance import From
    from nexpo.datacentres.siting.eligibility import Effect
    from nexpo.datacentres.siting.grid import Cells

    if options["region"] is None:
        raise Problem(
            Kind.USAGE,
            "which area?",
            remedy="give a file of layers, or --region FILE with --exclude FILE:BUFFER_M",
        )
    cells, measured = Cells(options["cells"]), From(options["buffers"])
    given: Sequence[tuple[str, Effect]] = (
        ("exclude", Effect.EXCLUDE),
        ("require", Effect.REQUIRE),
        ("readmit", Effect.READMIT),
    )
    rules = tuple(
        parse_rule(text, effect, cells, measured)
        for name, effect in given
        for text in options[name]
    )
    return Ask(options["region"], rules, {}, options["resolution"], options["crs"])


def _told(answer: Answer, written: Path | None) -> Iterator[str]:
    found = answer.eligibility
    yield (
        f"eligible: {found.share:.4%} of {int(found.area.sum()):,} cells "
        f"({found.eligible_km2:,.2f} km2)"
    )
    for each in found.applied:
        marked = "not checked" if each.marked is None else f"{each.marked:,} cells"
        yield (
            f"  {each.rule.effect.value:<8}{Path(each.rule.layer).name:<32}"
            f"{each.rule.buffer_m:>8g} m  marks {marked}, changes {each.changed:,}, "
            f"unknown {each.unknown:,}"
        )
        if each.note:
            yield f"          note: {each.note}"
    if found.unchecked_share:
        yield (
            f"  unchecked: {found.unchecked_share:.4%} of the area is eligible only as far as is "
            "known: a rule could not be checked there"
        )
    for problem in answer.refused:
        yield f"  refused: {problem.detail} ({problem.where})"
    if written is not None:
        yield f"  file: {written}"
