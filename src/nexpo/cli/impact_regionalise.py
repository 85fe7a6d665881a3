"""``nexpo impact regionalise``: a national table seen from one of its regions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.failure import emit
from nexpo.cli.impact_options import check_suffix

if TYPE_CHECKING:
    from nexpo.impact.regionalise import Delta, Regional, Spread, TwoRegion

_FILE = click.Path(path_type=Path, dir_okay=False)
_METHODS = ("slq", "cilq", "rlq", "flq", "aflq", "2dlq")
_SIZED = ("flq", "aflq")
_SHOWN = 12


@click.command(name="regionalise")
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--activity", required=True, type=_FILE, help="Jobs or output by region and sector.")
@click.option("--region", required=True, help="Name of the region in the activity file.")
@click.option(
    "--method",
    type=click.Choice(_METHODS),
    default="flq",
    show_default=True,
    help="Location quotient.",
)
@click.option(
    "--delta",
    type=click.FloatRange(0, 1, max_open=True),
    help="Of FLQ and AFLQ: the larger, the less a small region buys of itself.",
)
@click.option(
    "--area-type",
    type=click.Choice(["ordinary", "metropolitan"]),
    help="Take delta from the prior for this type of area.",
)
@click.option("--alpha", type=float, help="Of 2D-LQ: how the seller's quotient counts.")
@click.option("--beta", type=float, help="Of 2D-LQ: how the buyer's share of output counts.")
@click.option(
    "--diagonal",
    type=click.Choice(["slq", "formula"]),
    help="What stands on the diagonal; the method's usual one otherwise.",
)
@click.option(
    "--log-base",
    type=click.FloatRange(min=1, min_open=True),
    default=2.0,
    help="Base of the logarithm in RLQ and FLQ.",
)
@click.option(
    "--cap/--no-cap", default=True, help="Hold quotients at 1 at most.", show_default=True
)
@click.option(
    "--unknown",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    help="Quotient of a sector without known activity.",
)
@click.option("--two-region", "both", is_flag=True, help="Keep the rest of the country as well.")
@click.option("--national", help="Which region of the activity file is the nation.")
@click.option("--measure", help="Which measure of the activity file.")
@click.option("--activity-year", type=int, help="Which year of the activity file.")
@click.option("--layout", help="Layout of TABLE, where it cannot be told from the file.")
@click.option("--year", type=int, help="Year of TABLE, where it holds several.")
@click.option("--area", help="Country of TABLE, where it holds several.")
@click.option(
    "--imports",
    "rule",
    type=click.Choice(["proportional", "all_uses", "published"]),
    help="How a TABLE of total use is made domestic.",
)
@click.option(
    "--accept",
    multiple=True,
    metavar="FINDING",
    help="Go on although TABLE has this finding; `nexpo impact table check` names them.",
)
@click.option("--encoding", help="Of text files that are not UTF-8, e.g. cp1252.")
@click.option(
    "--decimal",
    type=click.Choice([".", ","]),
    help="Sign of decimals of text files; found from the numbers if not given.",
)
@click.option(
    "--survey",
    type=_FILE,
    help="The region's own table made by survey: say how near the method comes to it.",
)
@click.option(
    "--calibrate", is_flag=True, help="Against --survey, try all methods and usual parameters."
)
@click.option("--date", "day", metavar="YYYY-MM-DD", help="Of the priors; today otherwise.")
@click.option(
    "--output",
    "-o",
    type=_FILE,
    help="Write the regional table here (both sides with --two-region), .csv or .xlsx.",
)
@click.option("--coefficients", type=_FILE, help="Write the regional coefficients here, as CSV.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, every sector included.")
def command(
    table: Path,
    activity: Path,
    region: str,
    method: str,
    delta: float | None,
    area_type: str | None,
    alpha: float | None,
    beta: float | None,
    diagonal: str | None,
    log_base: float,
    cap: bool,
    unknown: float,
    both: bool,
    national: str | None,
    measure: str | None,
    activity_year: int | None,
    layout: str | None,
    year: int | None,
    area: str | None,
    rule: str | None,
    accept: tuple[str, ...],
    encoding: str | None,
    decimal: str | None,
    survey: Path | None,
    calibrate: bool,
    day: str | None,
    output: Path | None,
    coefficients: Path | None,
    as_json: bool,
) -> None:
    """Regionalise the national TABLE by location quotients.

    The activity file is long (columns region, sector, value; measure and year where there are
    several) or wide (a first column of sector codes, then a column a region). FLQ and AFLQ need
    --delta or --area-type: there is no default. The table that --output writes is in the template,
    so the other verbs read it. It balances: where quotients would have a product sold beyond what
    is made, its coefficients are smaller than those of --coefficients, and a note names it.

    \b
    Examples:
      nexpo impact regionalise italy.csv --activity jobs.csv --region Lombardia --delta 0.25
      nexpo impact regionalise italy.csv --activity jobs.csv --region Milano \\
          --area-type metropolitan --two-region --output milan_and_rest.csv
      nexpo impact regionalise italy.csv --activity jobs.csv --region Lombardia \\
          --method 2dlq --alpha 0.2 --beta 0.1 --output lombardia.xlsx
      nexpo impact regionalise AT_national_domestic_A.csv --activity output_by_region.csv \\
          --region AT12 --delta 0.25 --survey AT12.csv --calibrate
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.build.impact.tables import blocks_of, open_table
    from nexpo.core.files import check_outputs
    from nexpo.core.ingest import Dialect
    from nexpo.core.period import parse_date
    from nexpo.core.problem import Kind, Problem
    from nexpo.impact.adapters.activity_files import Pick, read_activity
    from nexpo.impact.adapters.matrix_files import write_matrix
    from nexpo.impact.balance import SOLVER_DECIDES
    from nexpo.impact.domestic import ImportRule
    from nexpo.impact.regionalise import (
        Choice,
        Conventions,
        Diagonal,
        Method,
        region_table,
        regionalise,
        spread,
        two_region,
    )
    from nexpo.sources.input_output import template

    check_suffix("--output", output, ".csv", ".xlsx")
    check_suffix("--coefficients", coefficients, ".csv")
    check_outputs(
        {"--output": output, "--coefficients": coefficients},
        {"TABLE": table, "--activity": activity, "--survey": survey},
    )
    if calibrate and survey is None:
        raise Problem(
            Kind.USAGE,
            "methods are calibrated against a table made by survey",
            remedy="name it with --survey FILE",
        )
    on = parse_date(day) if day else datetime.now(tz=UTC).date()
    chosen = _delta(method, delta, area_type, on)
    conventions = Conventions(
        diagonal=None if diagonal is None else Diagonal(diagonal),
        log_base=log_base,
        cap=1.0 if cap else None,
        unknown=unknown,
    )
    value = None if chosen is None else chosen.value
    choice = Choice(Method(method), value, alpha, beta, conventions)
    opened = open_table(
        table,
        layout=layout,
        year=year,
        area=area,
        rule=ImportRule(rule) if rule else None,
        accept=(*SOLVER_DECIDES, *accept),
        encoding=encoding,
        decimal=decimal or "",
    )
    written = Dialect(encoding=encoding or "utf-8", decimal=decimal or "")
    pick = Pick(measure, activity_year, national)
    known = read_activity(activity, opened.sectors, _in_file(region), pick, dialect=written)
    found = regionalise(opened, known, choice)
    made = two_region(opened, known, choice) if both or output is not None else None
    near = None
    if survey is not None:
        from nexpo.build.impact.calibrated import against_survey

        near = against_survey(survey, found, choice, every=calibrate, dialect=written)
    apart = spread(made.table, known.region) if both and made is not None else None
    if output is not None and made is not None:
        template.write(output, blocks_of(made.table if both else region_table(made)))
    if coefficients is not None:
        sectors = opened.sectors
        write_matrix(coefficients, found.coefficients, sectors, sectors, "sector")
    if as_json:
        emit(_plain(found, chosen, made, apart) | ({} if near is None else near.as_json()))
    else:
        click.echo("\n".join(_told(found, chosen, made, apart)))
        if near is not None:
            click.echo("\n".join(near.told()))
        for name, path in (("table", output), ("coefficients", coefficients)):
            if path is not None:
                click.echo(f"  {name}: {path}")


def _delta(method: str, given: float | None, area: str | None, on: Any) -> Delta | None:
    from nexpo.core import parameters
    from nexpo.core.problem import Kind, Problem
    from nexpo.impact.regionalise import AreaType, choose_delta
    from nexpo.impact.regionalise.delta import PARAMETER

    if method not in _SIZED:
        if given is not None or area is not None:
            raise Problem(
                Kind.USAGE,
                f"{method} has no delta",
                remedy="leave --delta and --area-type out, or choose flq or aflq",
            )
        return None
    type_ = None if area is None else AreaType(area)
    return choose_delta(given, type_, parameters.get(PARAMETER), on)


def _in_file(name: str) -> str:
    """Return the name of a region known by code or key, or what was given."""
    from nexpo.territory.names import fold
    from nexpo.territory.regions import regions

    for each in regions():
        if fold(name) in {fold(key) for key in (each.key, each.code, *each.nuts2)}:
            return each.name
    return name


def _plain(
    found: Regional, delta: Delta | None, system: TwoRegion | None, apart: Spread | None
) -> dict[str, Any]:
    activity, quotients = found.activity, found.quotients
    choice = quotients.choice
    return {
        "region": activity.region,
        "method": choice.method.value,
        "delta": None if delta is None else delta.value,
        "delta_reason": None if delta is None else delta.reason,
        "alpha": choice.alpha,
        "beta": choice.beta,
        "size": quotients.size,
        "lambda": quotients.scale,
        "cap": quotients.cap,
        "mean_multiplier": float(found.multipliers.mean()),
        "mean_national_multiplier": float(found.national_multipliers.mean()),
        "activity": {"measure": activity.measure, "unit": activity.unit, "year": activity.year},
        "sectors": [
            {
                "sector": code,
                "slq": float(quotients.slq[place]),
                "own_share": float(quotients.own_share()[place]),
                "multiplier": float(found.multipliers[place]),
                "national_multiplier": float(found.national_multipliers[place]),
                "from_rest": float(found.from_rest[place]),
            }
            | _apart(apart, place)
            for place, code in enumerate(activity.sectors)
        ],
        "notes": list(_notes(found, system)),
    }


def _apart(apart: Spread | None, place: int) -> dict[str, float]:
    if apart is None:
        return {}
    return {
        "own": float(apart.own[place]),
        "feedback": float(apart.feedback[place]),
        "spillover": float(apart.spillover[place]),
    }


def _notes(found: Regional, system: TwoRegion | None) -> tuple[str, ...]:
    own = (*found.activity.notes, *found.quotients.notes)
    return own if system is None else tuple(dict.fromkeys((*own, *system.notes)))


def _told(
    found: Regional,
    delta: Delta | None,
    system: TwoRegion | None,
    apart: Spread | None,
) -> Iterator[str]:
    quotients = found.quotients
    yield f"{found.activity.region} by {quotients.choice.method.value.upper()}"
    yield f"  share of the nation     {quotients.size:.4f} ({found.activity.measure})"
    if delta is not None:
        yield f"  delta                   {delta.value:g} ({delta.reason})"
    if quotients.scale is not None:
        yield f"  lambda                  {quotients.scale:.4f}"
    yield f"  mean output multiplier  {found.multipliers.mean():.4f}"
    yield f"    of the nation         {found.national_multipliers.mean():.4f}"
    yield ""
    yield "  sector       SLQ  multiplier  nation" + ("  feedback  spill-over" if apart else "")
    order = (-found.multipliers).argsort(kind="stable")
    for place in order[:_SHOWN].tolist():
        more = f"  {apart.feedback[place]:8.4f}  {apart.spillover[place]:10.4f}" if apart else ""
        yield (
            f"  {found.activity.sectors[place]:<10}{quotients.slq[place]:6.3f}"
            f"{found.multipliers[place]:12.4f}{found.national_multipliers[place]:8.4f}{more}"
        )
    left = len(found.multipliers) - _SHOWN
    if left > 0:
        yield f"  ... and {left} more: --json prints all"
    yield from (f"  note: {note}" for note in _notes(found, system))
