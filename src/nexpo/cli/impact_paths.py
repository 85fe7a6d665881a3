"""``nexpo impact paths``: through which chains of suppliers an effect comes about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.failure import emit
from nexpo.cli.impact_options import (
    FILE,
    footnotes,
    headline,
    open_system,
    table_options,
    text_options,
    told,
    weights_of,
)

if TYPE_CHECKING:
    from nexpo.impact.model import Floats, Table
    from nexpo.impact.multipliers import Weights
    from nexpo.impact.paths import PathAnalysis


@click.command(name="paths")
@table_options
@click.option("--sector", help="One unit of final demand for this sector.")
@click.option("--demand", type=FILE, help="CSV of final demand: sector, value.")
@click.option("--indicator", default="gdp", show_default=True, metavar="NAME|FILE", help="Counted.")
@click.option(
    "--tau",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=1e-4,
    show_default=True,
    help="Smallest branch to open, as a share of the total.",
)
@click.option("--top", type=click.IntRange(1), default=20, show_default=True, help="Paths shown.")
@click.option("--order", type=click.IntRange(0), help="Most purchases in a path.")
@click.option(
    "--branches",
    type=click.IntRange(1),
    default=200_000,
    show_default=True,
    help="Most branches to open before giving what was found.",
)
def command(path: Path, **options: Any) -> None:
    """Print the largest supply chains behind an effect on TABLE.

    A path is read from what is bought to its supplier's suppliers; its value is what falls in its
    last sector. What the paths leave out is given exactly, not estimated.

    \b
    Examples:
      nexpo impact paths ITA_NIOT_nov16.xlsx --year 2014 --sector F
      nexpo impact paths table.csv --demand plan.csv --indicator output --tau 1e-5 --json
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.impact.paths import Limits, paths

    table, system = open_system(path, options)
    demand = _demand(table, options)
    weights = weights_of(table, system, options["indicator"], options)
    limits = Limits(options["tau"], options["top"], options["order"], options["branches"])
    found = paths(system, demand, weights.per_output, limits)
    if options["as_json"]:
        emit(told(table, system) | _as_json(table, weights, found))
    else:
        notes = footnotes(table, system)
        click.echo("\n".join([*_lines(table, weights, found), *notes]))


def _demand(table: Table, options: dict[str, Any]) -> Floats:
    import numpy as np

    from nexpo.core.problem import Kind, Problem
    from nexpo.impact.adapters.sector_files import read_sector_values
    from nexpo.impact.codes import position_of, positions_by_spelling

    if (options["sector"] is None) == (options["demand"] is None):
        raise Problem(
            Kind.USAGE,
            "paths start in one demand",
            remedy="give either --sector CODE or --demand FILE",
        )
    if options["demand"] is not None:
        given = read_sector_values(options["demand"], table.sectors, **text_options(options))
        return np.nan_to_num(given.values)
    found = np.zeros(table.size)
    found[position_of(options["sector"], positions_by_spelling(table.sectors))] = 1.0
    return found


def _as_json(table: Table, weights: Weights, found: PathAnalysis) -> dict[str, Any]:
    return {
        "indicator": weights.indicator,
        "unit": weights.unit,
        "total": found.total,
        "listed": found.listed,
        "coverage": found.coverage,
        "found": found.found,
        "truncated": found.truncated,
        "largest_missed": found.largest_missed,
        "by_order": found.by_order.tolist(),
        "branches_opened": found.opened,
        "stopped_by": found.stopped,
        "paths": [
            {
                "sectors": [table.sectors[place] for place in path.sectors],
                "order": path.order,
                "value": path.value,
                "share": path.value / found.total,
                "with_what_is_behind": path.worth,
            }
            for path in found.paths
        ],
    }


def _lines(table: Table, weights: Weights, found: PathAnalysis) -> Iterator[str]:
    yield headline(table)
    yield f"{weights.indicator}: {found.total:,.6g} in all"
    yield f"  {'value':>12}{'share':>8}{'order':>7}  path"
    for path in found.paths:
        chain = " < ".join(table.sectors[place] for place in path.sectors)
        yield f"  {path.value:>12.6g}{path.value / found.total:>8.2%}{path.order:>7}  {chain}"
    yield f"these are {found.coverage:.2%} of it; no other path is above {found.largest_missed:.3g}"
    yield f"{found.opened:,} branches opened, stopped by {found.stopped}"
