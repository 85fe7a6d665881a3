"""``nexpo impact multipliers``: Type I and II multipliers of any table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.failure import emit
from nexpo.cli.impact_options import (
    FILE,
    footnotes,
    headline,
    open_system,
    plain,
    table_options,
    text_options,
    told,
    weights_of,
)

if TYPE_CHECKING:
    from nexpo.impact.closure import ClosedSystem
    from nexpo.impact.model import Table
    from nexpo.impact.multipliers import Multipliers
    from nexpo.impact.solve import System

_SHARE = click.FloatRange(0, 1)


@click.command(name="multipliers")
@table_options
@click.option(
    "--type",
    "kind",
    type=click.Choice(["I", "II"]),
    default="I",
    show_default=True,
    help="II puts households inside.",
)
@click.option(
    "--satellite",
    "satellites",
    multiple=True,
    metavar="NAME|FILE",
    help="Of the table, or a CSV with sector and value; besides output and GDP.",
)
@click.option("--leave-out-unknown", is_flag=True, help="Count sectors without a value as nothing.")
@click.option(
    "--closure",
    "denominator",
    type=click.Choice(["outlay", "compensation", "income"]),
    default="outlay",
    show_default=True,
    help="What household consumption is divided by.",
)
@click.option("--income-total", type=float, help="That of --closure income, in the table's money.")
@click.option("--wage-share", type=FILE, help="CSV of compensation over value added by sector.")
@click.option("--resident-share", type=_SHARE, default=1.0, help="Of earners who live in the area.")
@click.option("--saving", type=_SHARE, default=0.0, help="Share of income that is saved.")
@click.option("--tax", type=_SHARE, default=0.0, help="Share of income that is taxed.")
@click.option("--out", "-o", type=FILE, help="Write the multipliers here as CSV.")
def command(path: Path, **options: Any) -> None:
    """Print what one unit of final demand brings in each sector of TABLE.

    Two forms, as offices publish them: per unit of final demand (an effect), and over the
    sector's own direct coefficient (a Type I or Type II multiplier). Type II prints the closure in
    words: defensible readings of one table differ by several per cent.

    \b
    Examples:
      nexpo impact multipliers ITA_NIOT_nov16.xlsx --year 2014
      nexpo impact multipliers table.csv --satellite jobs.csv --json
      nexpo impact multipliers table.xlsx --type II --closure compensation --saving 0.08
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.core.files import check_outputs, write_text
    from nexpo.impact.multipliers import multipliers

    check_outputs({"--out": options["out"]}, {"TABLE": path, "--wage-share": options["wage_share"]})
    table, system = open_system(path, options)
    closed = _closed(table, system, options) if options["kind"] == "II" else None
    found = multipliers(system, _weights(table, system, closed, options), closed)
    if options["out"] is not None:
        write_text(options["out"], _as_csv(table, found))
    if options["as_json"]:
        emit(told(table, system) | _as_json(table, found, closed))
    else:
        notes = footnotes(table, system)
        click.echo("\n".join([*_lines(table, found, closed), *notes]))


def _closed(table: Table, system: System, options: dict[str, Any]) -> ClosedSystem:
    import numpy as np

    from nexpo.impact.adapters.sector_files import read_sector_values
    from nexpo.impact.closure import ClosedSystem
    from nexpo.impact.households import Denominator, by_wage_share, household_closure

    paid, note = None, ""
    if options["wage_share"] is not None:
        given = read_sector_values(options["wage_share"], table.sectors, **text_options(options))
        made = np.where(system.output > 0, given.values, 0.0)
        paid = by_wage_share(table.value_added(), made)
        note = f"value added by wage shares of {options['wage_share'].name}"
    closure = household_closure(
        system,
        table,
        denominator=Denominator(options["denominator"]),
        compensation=paid,
        income_total=options["income_total"],
        resident_share=options["resident_share"],
        saving=options["saving"],
        tax=options["tax"],
        note=note,
    )
    return ClosedSystem(system, closure)


def _weights(
    table: Table, system: System, closed: ClosedSystem | None, options: dict[str, Any]
) -> list[Any]:
    from nexpo.impact.multipliers import income_weights, output_weights

    leave_out = options["leave_out_unknown"]
    names = ("gdp", *options["satellites"])
    income = [income_weights(closed)] if closed else []
    others = [
        weights_of(table, system, name, options, leave_out_unknown=leave_out) for name in names
    ]
    return [output_weights(system, closed), *income, *others]


def _row(found: Multipliers, position: int) -> dict[str, float | None]:
    return {
        "direct": plain(found.direct, position),
        "type_I_per_unit": plain(found.simple, position),
        "type_II_per_unit": plain(found.truncated, position),
        "type_II_per_unit_with_households": plain(found.total, position),
        "type_I_multiplier": plain(found.type_one, position),
        "type_II_multiplier": plain(found.type_two, position),
    }


def _as_json(
    table: Table, found: Sequence[Multipliers], closed: ClosedSystem | None
) -> dict[str, Any]:
    head: dict[str, Any] = {
        "method": found[0].method.value,
        "residual": found[0].residual,
        "closure": list(closed.closure.words) if closed else None,
        "type_II_factor_of_income": closed.factor if closed else None,
    }
    return head | {
        "indicators": {
            each.indicator: {
                "unit": each.unit,
                "note": each.note,
                "sectors": [
                    {"sector": code, "label": label} | _row(each, position)
                    for position, (code, label) in enumerate(
                        zip(table.sectors, table.labels, strict=True)
                    )
                ],
            }
            for each in found
        }
    }


def _as_csv(table: Table, found: Sequence[Multipliers]) -> str:
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["indicator", "unit", "sector", "label", *_row(found[0], 0)])
    for each in found:
        for position, (code, label) in enumerate(zip(table.sectors, table.labels, strict=True)):
            writer.writerow(
                [each.indicator, each.unit, code, label, *_row(each, position).values()]
            )
    return text.getvalue()


def _lines(
    table: Table, found: Sequence[Multipliers], closed: ClosedSystem | None
) -> Iterator[str]:
    yield headline(table)
    if closed:
        yield f"Type II, {'; '.join(closed.closure.words)}"
        yield f"  every income multiplier of Type II is {closed.factor:.4f} times that of Type I"
    wide = max(8, *(len(code) for code in table.sectors))
    for each in found:
        yield ""
        yield f"{each.indicator} ({each.unit} per unit of final demand)"
        if each.note:
            yield f"  {each.note}"
        two = f"{'Type II':>12}{'/ direct':>12}" if closed else ""
        yield f"  {'sector':<{wide}}{'direct':>12}{'Type I':>12}{'/ direct':>12}{two}  label"
        for position, code in enumerate(table.sectors):
            row = _row(each, position)
            keys = ["direct", "type_I_per_unit", "type_I_multiplier"]
            keys += ["type_II_per_unit", "type_II_multiplier"] if closed else []
            yield (
                f"  {code:<{wide}}{''.join(_figure(row[key]) for key in keys)}  "
                f"{table.labels[position]}"
            )


def _figure(value: float | None) -> str:
    return f"{'-':>12}" if value is None else f"{value:>12.6g}"
