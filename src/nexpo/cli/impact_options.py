"""What the verbs on a table share: how it is named, opened and told about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from nexpo.impact.model import Floats, Table
    from nexpo.impact.multipliers import Weights
    from nexpo.impact.solve import System

FILE = click.Path(path_type=Path, dir_okay=False)
_PATH = click.Path(path_type=Path)

_OPTIONS = (
    click.option("--layout", help="How the table is laid out; read from the file if not given."),
    click.option("--year", type=int, help="Of a file that holds several."),
    click.option("--area", help="Country or region of a file that holds several."),
    click.option(
        "--imports",
        "rule",
        type=click.Choice(["proportional", "all_uses", "published"]),
        help="How a table of total use is made domestic.",
    ),
    click.option("--allow-total", is_flag=True, help="Use flows that hold imports as they are."),
    click.option(
        "--allow-column-sums",
        is_flag=True,
        help="Go on where inputs of a sector reach its output, if the table can still answer.",
    ),
    click.option(
        "--accept",
        multiple=True,
        metavar="FINDING",
        help="Go on although the table has this finding; `nexpo impact table check` names them.",
    ),
    click.option("--encoding", help="Of text files that are not UTF-8, e.g. cp1252."),
    click.option(
        "--decimal",
        type=click.Choice([".", ","]),
        help="Sign of decimals of text files; found from the numbers if not given.",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print JSON."),
)


def table_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the argument TABLE and the options that every verb on a table has."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return click.argument("path", metavar="TABLE", type=_PATH)(command)


def open_system(path: Path, options: dict[str, Any]) -> tuple[Table, System]:
    """Open a table and return it with its equations; takes its own options out of the rest."""
    from nexpo.build.impact.tables import open_table
    from nexpo.impact.balance import SOLVER_DECIDES
    from nexpo.impact.domestic import ImportRule
    from nexpo.impact.solve import System

    place = {name: options.pop(name) for name in ("layout", "year", "area")}
    accept = (*SOLVER_DECIDES, *options.pop("accept"))
    written = text_options(options)
    allow = {name: options.pop(name) for name in ("allow_total", "allow_column_sums")}
    rule = options.pop("rule")
    chosen = ImportRule(rule) if rule else None
    table = open_table(path, **place, rule=chosen, accept=accept, **written)
    return table, System.of_table(table, **allow)


def check_suffix(option: str, path: Path | None, *allowed: str) -> None:
    """Refuse a file to write whose ending does not say one of the formats that are written."""
    if path is not None and path.suffix.casefold() not in allowed:
        raise click.UsageError(
            f"{option} writes {' or '.join(allowed)}, not {path.suffix or 'a name without ending'}"
        )


def text_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return how the text files of a call are written, as readers take it."""
    return {"encoding": options["encoding"] or "utf-8", "decimal": options["decimal"] or ""}


def footnotes(table: Table, system: System) -> tuple[str, ...]:
    """Return what must be read beside the figures of a table."""
    told_apart = dict.fromkeys((*table.notes, *system.notes))
    return tuple(f"note: {note}" for note in told_apart)


def told(table: Table, system: System) -> dict[str, Any]:
    """Return what a table is, for the head of a JSON object."""
    origin = table.origin
    return {
        "table": origin.name,
        "area": origin.area,
        "year": origin.year,
        "currency": origin.currency,
        "scale": origin.scale,
        "basis": origin.basis.value,
        "flows": table.scope.value,
        "classification": origin.classification,
        "source": origin.source,
        "licence": origin.licence,
        "synthetic": origin.synthetic,
        "sectors": table.size,
        "notes": [*table.notes, *system.notes],
    }


def headline(table: Table) -> str:
    """Return one line that says which table it is."""
    origin = table.origin
    made_up = ", SYNTHETIC" if origin.synthetic else ""
    return (
        f"{origin.name}: {origin.area} {origin.year}, {table.size:,} sectors, "
        f"{table.scope.value} flows, {origin.basis.value} prices{made_up}"
    )


def weights_of(
    table: Table,
    system: System,
    name: str,
    options: Mapping[str, Any],
    *,
    leave_out_unknown: bool = False,
) -> Weights:
    """Return the weights of an indicator: output, gdp, compensation, a satellite or a file of one.

    Raises
    ------
    Problem
        When it is none of these.
    """
    from dataclasses import replace

    from nexpo.impact.adapters.sector_files import read_satellite
    from nexpo.impact.multipliers import (
        Unknown,
        compensation_weights,
        output_weights,
        satellite_weights,
        value_added_weights,
    )

    match name:
        case "output":
            return output_weights(system)
        case "gdp":
            return value_added_weights(system, table)
        case "compensation":
            return compensation_weights(system, table)
    if Path(name).is_file() and name not in {each.indicator for each in table.satellites}:
        given = read_satellite(Path(name), table.sectors, **text_options(options))
        table = replace(table, satellites=(*table.satellites, given))
        name = given.indicator
    unknown = Unknown.LEAVE_OUT if leave_out_unknown else Unknown.REFUSE
    return satellite_weights(system, table, name, unknown)


def plain(values: Floats | None, position: int) -> float | None:
    """Return one value for JSON; None where there is none."""
    if values is None:
        return None
    value = float(values[position])
    return value if value == value and abs(value) != float("inf") else None  # noqa: PLR0124 - NaN
