"""``nexpo design validate``: a written design verified from its files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nexpo.cli.failure import emit

if TYPE_CHECKING:
    from nexpo.connectivity.design.validation import Finding

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command(name="validate")
@click.argument("design", type=_FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(design: Path, as_json: bool) -> int:
    """Verify the folder DESIGN again from its files; ends with 65 where something fails.

    Cables are walked trench by trench, fibres, losses and lengths are counted again, prices
    multiplied again, every figure of the evidence recomputed, every file held against its hash.

    \b
    Example:
      nexpo design validate builds/design-097042
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.build.design.again import recheck
    from nexpo.build.design.reading import read_design
    from nexpo.core.problem import Kind

    found = recheck(read_design(design))
    wrong = sum(each.failed for each in found)
    if as_json:
        emit({"folder": str(design), "valid": not wrong, "rules": [_plain(each) for each in found]})
    else:
        for each in found:
            click.echo("\n".join(_lines(each)))
        checked = sum(each.checked for each in found)
        click.echo(f"{checked:,} checks, {wrong:,} fail" if wrong else f"{checked:,} checks hold")
    return Kind.BAD_INPUT.exit_code if wrong else 0


def _plain(found: Finding) -> dict[str, object]:
    return {
        "rule": found.rule,
        "title": found.title,
        "checked": found.checked,
        "failed": found.failed,
        "examples": [
            {"id": each.id, "message": each.message, "lon": each.lon, "lat": each.lat}
            for each in found.examples
        ],
    }


def _lines(found: Finding) -> list[str]:
    mark = "ok  " if found.ok else "FAIL"
    first = f"{mark} {found.rule:<20}{found.checked:>8,}  {found.title}"
    wrong = [f"       {each.id}: {each.message}{_place(each)}" for each in found.examples]
    return [first, *wrong]


def _place(failure: object) -> str:
    lon, lat = getattr(failure, "lon", None), getattr(failure, "lat", None)
    return "" if lon is None or lat is None else f" at {lat:.6f}, {lon:.6f}"
