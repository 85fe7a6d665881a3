"""``nexpo impact run``: what a plan brings by year and area, where it stays, how sure it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.failure import emit
from nexpo.cli.impact_options import (
    ACTIVITY_YEAR,
    ALPHA,
    BETA,
    COUNT_AS_IS,
    COUNTRY_TABLE,
    DEFLATORS,
    DELTA,
    ENCODING,
    EXPORT_FLOOR,
    FILE,
    MARGINS,
    MEASURE,
    NATIONAL,
    accepting,
    day_of,
    decimal_mark,
    delta_of_area,
    printing_json,
    quotients,
)

if TYPE_CHECKING:
    from nexpo.build.impact.run_model import Run, Total

_THOUSAND, _MILLION = 1e3, 1e6
_FEW = 10  # jobs below which a whole number says too little


@click.command(name="run")
@click.argument("plan", required=False)
@COUNTRY_TABLE
@click.option("--region", help="Region of the plan: code or name; `none` for the country alone.")
@click.option("--activity", type=FILE, help="Jobs or output by region and sector.")
@MEASURE
@NATIONAL
@ACTIVITY_YEAR
@click.option("--provinces", type=FILE, help="Persons employed by province and sector.")
@quotients("Location quotient of the region.")
@DELTA
@delta_of_area("; beside --delta, only its range, which must hold it")
@EXPORT_FLOOR
@ALPHA
@BETA
@click.option(
    "--closure", help="Reading of Type II, or `none`; see parameters/impact/closure.yaml."
)
@click.option(
    "--mix", "mixes", multiple=True, metavar="PRODUCT=NAME", help="Spending mix of a product."
)
@click.option("--satellite", "satellites", multiple=True, type=FILE, help="CSV: sector, value.")
@click.option("--price-year", type=int, help="In whose prices results are; the plan's otherwise.")
@DEFLATORS
@MARGINS
@click.option(
    "--exchange-rate", type=float, help="EUR for one unit of the table's currency, in its year."
)
@accepting("--table")
@ENCODING
@decimal_mark(". in a CSV plan, found from the numbers in others")
@COUNT_AS_IS
@click.option("--fte", is_flag=True, help="Count full-time equivalents too, from a peer's hours.")
@click.option("--draws", type=click.IntRange(min=0), default=0, help="Of the ensemble.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the ensemble."
)
@day_of("the assumptions")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder to write.")
@click.option("--template", type=FILE, help="Only write an empty plan: .yaml, .csv or .xlsx.")
@printing_json(", every figure included")
def command(
    plan: str | None,
    mixes: tuple[str, ...],
    day: str | None,
    out: Path | None,
    template: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Run an investment PLAN: output, GDP and jobs by year, area and effect, and what leaks.

    PLAN is a .yaml, .csv or .xlsx file, or the name of one that ships: data-centre-campus,
    fibre-programme, training-scheme. Without --table the Italian table among the data of this
    machine is used, if there is one. FLQ and AFLQ need --delta or --area-type. With --region none
    the jobs are those of the table, or of the nation in the activity file.

    \b
    Examples:
      nexpo impact run data-centre-campus --area-type metropolitan --out campus
      nexpo impact run plan.csv --table italy.xlsx --region 03 --activity jobs.csv --delta 0.25
      nexpo impact run plan.yaml --area-type ordinary --draws 2000 --seed 1 --json
      nexpo impact run plan.yaml --table country.csv --region none --closure none
      nexpo impact run --template plan.yaml
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.build.impact.run import run_plan
    from nexpo.build.impact.run_inputs import Asked, request_of
    from nexpo.build.impact.run_outputs import meta, refuse_foreign, tables_of, write_run
    from nexpo.core.files import check_parent
    from nexpo.core.period import parse_date
    from nexpo.core.progress import reporting

    if template is not None:
        _write_template(template, as_json=as_json)
        return
    if plan is None:
        raise click.UsageError("name a PLAN, or --template FILE to write an empty one")
    if out is not None:
        check_parent(out)
        refuse_foreign(out)
    on = parse_date(day) if day else datetime.now(tz=UTC).date()
    with reporting(quiet=as_json) as progress:
        progress.step("plan, table and assumptions")
        asked = Asked(plan, on, mixes=dict(map(_pair, mixes)), **options)
        found = run_plan(request_of(asked), progress)
        files: tuple[str, ...] = ()
        if out is not None:
            progress.step("files")
            files = write_run(found, out)
    if as_json:
        rows = {
            name: [dict(zip(columns, row, strict=True)) for row in table]
            for name, (columns, table) in tables_of(found).items()
        }
        emit({**meta(found), **rows, "results": _results(found), "files": list(files)})
    else:
        click.echo("\n".join(_told(found)))
        if out is not None:
            click.echo(f"written to {out}: {', '.join(files)}")


def _write_template(target: Path, *, as_json: bool) -> None:
    from nexpo.impact.adapters.plan_template import write_plan_template

    write_plan_template(target)
    if as_json:
        emit({"template": str(target)})
    else:
        click.echo(f"wrote {target}; fill it in, then: nexpo impact run {target}")


def _pair(text: str) -> tuple[str, str]:
    product, equals, name = text.partition("=")
    if not equals or not product or not name:
        raise click.UsageError(f"--mix is PRODUCT=NAME, not {text!r}")
    return product, name


def _results(run: Run) -> list[dict[str, Any]]:
    from dataclasses import asdict

    return [asdict(each) | {"effect": each.effect.value} for each in run.results]


def _told(run: Run) -> Iterator[str]:
    from nexpo.build.impact.svg import amount as stated
    from nexpo.build.impact.tornado import RULE

    amount = float(run.purchases.amount.sum())
    year = run.purchases.price_year
    money = _money(run)
    yield f"{run.request.plan.title}: {stated(amount)} in prices of {year}"
    yield f"  {'':34}{'direct':>12}{'indirect':>12}{'induced':>12}{'all':>12}"
    for indicator, area in dict.fromkeys((each.indicator, each.area) for each in run.totals):
        yield _line(run, indicator, area)
    yield "where each euro ends (Type I)"
    for row in run.leakage.rows:
        yield f"  {row.area:34}{row.share:12.4f}{row.value_eur / money[1]:12,.1f} {money[0]}"
    yield f"  {'sum':34}{run.ledger.total:12.4f}   table's imbalance {run.ledger.imbalance:.1e}"
    for each in run.jobs:
        if each.area == run.home:
            yield (
                f"{each.indicator} in {each.area}, {each.boundary} ({each.jobs.unit}): "
                f"{_count(each.jobs.job_years)} job-years, {_count(each.jobs.average)} on "
                f"average, {_count(each.jobs.peak)} at the peak ({each.jobs.peak_year})"
            )
    if run.tornados:
        yield f"bars, each choice alone: {RULE}"
    for tornado in run.tornados:
        yield f"what moves {tornado.indicator} in {tornado.area} ({tornado.unit})"
        for bar in tornado.bars:
            ends = f"{bar.low_at} .. {bar.high_at}"
            yield f"  {bar.choice:16}{bar.low:16,.0f} .. {bar.high:16,.0f}  {ends}"
    yield from (f"note: {text}" for text in run.words)


def _line(run: Run, indicator: str, area: str) -> str:
    from nexpo.build.impact.run_model import is_direct_only
    from nexpo.impact.model import Effect

    cells, money = [], _money(run)
    for effect in (*Effect, None):
        try:
            cells.append(_short(run.total(indicator, area, effect), money[1]))
        except KeyError:
            cells.append("-")
    total = next(
        each
        for each in reversed(run.totals)  # all effects, or the direct one where it is alone
        if (each.indicator, each.area) == (indicator, area)
        and (each.effect is None or is_direct_only(area))
    )
    unit = money[0] if total.unit == "EUR" else total.unit
    label = f"{indicator}, {area} ({unit})"
    return f"  {label:34}" + "".join(f"{cell:>12}" for cell in cells) + _range(total, money[1])


def _money(run: Run) -> tuple[str, float]:
    """Return the unit in which money is shown: thousands where the plan is small."""
    amount = run.ledger.amount_eur
    if amount < 100 * _THOUSAND:
        return "EUR", 1.0
    return ("EUR k", _THOUSAND) if amount < 10 * _MILLION else ("EUR m", _MILLION)


def _short(total: Total, money: float) -> str:
    return f"{total.value / money:,.1f}" if total.unit == "EUR" else _count(total.value)


def _count(value: float) -> str:
    """Write a count whole, with two significant digits below ten."""
    return f"{value:,.0f}" if abs(value) >= _FEW or value == 0 else f"{value:.2g}"


def _range(total: Total, money: float) -> str:
    if total.sd is not None:
        scale = money if total.unit == "EUR" else 1.0
        return f"   sd {total.sd / scale:,.1f}"
    if total.p05 is None or total.p95 is None:
        return ""
    scale = money if total.unit == "EUR" else 1.0
    middle = "" if total.p50 is None else f"  p50 {total.p50 / scale:,.1f}"
    return f"   p05 {total.p05 / scale:,.1f}{middle}  p95 {total.p95 / scale:,.1f}"
