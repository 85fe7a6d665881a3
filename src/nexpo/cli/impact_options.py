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

Command = Callable[..., Any]
Option = Callable[[Command], Command]

FILE = click.Path(path_type=Path, dir_okay=False)
PATH = click.Path(path_type=Path)
IMPORT_RULES = click.Choice(["proportional", "all_uses", "published"])
_QUOTIENTS = click.Choice(["slq", "cilq", "rlq", "flq", "aflq", "2dlq"])
_MARKS = click.Choice([".", ","])

ENCODING = click.option("--encoding", help="Of text files that are not UTF-8, e.g. cp1252.")
ALPHA = click.option("--alpha", type=float, help="Of 2D-LQ: how the seller's quotient counts.")
BETA = click.option("--beta", type=float, help="Of 2D-LQ: how the buyer's share of output counts.")
DELTA = click.option(
    "--delta",
    type=click.FloatRange(0, 1, max_open=True),
    help="Of FLQ and AFLQ: the larger, the less a small region buys of itself.",
)
EXPORT_FLOOR = click.option(
    "--export-floor",
    type=click.FloatRange(0, 1),
    help="Of the region's exports: 1 splits them by output, 0 by what each side has left.",
)
MEASURE = click.option("--measure", help="Which measure of the activity file.")
NATIONAL = click.option("--national", help="Which region of the activity file is the nation.")
ACTIVITY_YEAR = click.option("--activity-year", type=int, help="Which year of the activity file.")
DEFLATORS = click.option(
    "--deflators", type=FILE, help="Price indices over those that come with Nexpo."
)
MARGINS = click.option(
    "--margins", type=FILE, help="Taxes and margins over those that come with Nexpo."
)
COUNT_AS_IS = click.option(
    "--count-as-is",
    is_flag=True,
    help="Do not raise sectors that the count of jobs is known to hold in part.",
)


def together(*options: Option) -> Option:
    """Return one decorator that adds options, listed in this order."""

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def decimal_mark(otherwise: str = "found from the numbers if not given") -> Option:
    """Return the option for the sign of decimals, with what is taken without it."""
    told = f"Sign of decimals of text files; {otherwise}."
    return click.option("--decimal", type=_MARKS, help=told)


def accepting(table: str) -> Option:
    """Return the option that goes on with a table in spite of a finding."""
    told = f"Go on although {table} has this finding; `nexpo impact table check` names them."
    return click.option("--accept", multiple=True, metavar="FINDING", help=told)


def import_rule(*names: str, told: str) -> Option:
    """Return the option for the rule that makes a table domestic."""
    return click.option(*names, type=IMPORT_RULES, help=told)


def which_table(table: str) -> Option:
    """Return the options that say which table of a file is meant."""
    return together(
        click.option("--layout", help=f"Layout of {table}, where it cannot be told from the file."),
        click.option("--year", type=int, help=f"Year of {table}, where it holds several."),
        click.option("--area", help=f"Country of {table}, where it holds several."),
    )


def quotients(told: str) -> Option:
    """Return the option for the method of location quotients."""
    return click.option("--method", type=_QUOTIENTS, default="flq", show_default=True, help=told)


def delta_of_area(more: str = "") -> Option:
    """Return the option that takes delta from a prior."""
    return click.option(
        "--area-type",
        type=click.Choice(["ordinary", "metropolitan"]),
        help=f"Take delta from the prior for this type of area{more}.",
    )


def day_of(what: str) -> Option:
    """Return the option for the day on which assumptions hold."""
    return click.option("--date", "day", metavar="YYYY-MM-DD", help=f"Of {what}; today otherwise.")


def printing_json(told: str = "") -> Option:
    """Return the option that prints JSON."""
    return click.option("--json", "as_json", is_flag=True, help=f"Print JSON{told}.")


TEXT = together(ENCODING, decimal_mark())
COUNTRY_TABLE = together(
    click.option("--table", type=PATH, help="Input-output table of the country."),
    which_table("--table"),
    import_rule("--imports", told="Rule that makes a table of total flows domestic."),
)
table_options = together(
    click.argument("path", metavar="TABLE", type=PATH),
    click.option("--layout", help="How the table is laid out; read from the file if not given."),
    click.option("--year", type=int, help="Of a file that holds several."),
    click.option("--area", help="Country or region of a file that holds several."),
    import_rule("--imports", "rule", told="How a table of total use is made domestic."),
    click.option("--allow-total", is_flag=True, help="Use flows that hold imports as they are."),
    click.option(
        "--allow-column-sums",
        is_flag=True,
        help="Go on where inputs of a sector reach its output, if the table can still answer.",
    ),
    accepting("the table"),
    TEXT,
    printing_json(),
)
"""The argument TABLE, and the options that every verb on a table has."""


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
