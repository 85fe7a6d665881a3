"""``nexpo impact regionalise``: a national table seen from one of its regions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.failure import emit
from nexpo.cli.impact_options import (
    ACTIVITY_YEAR,
    ALPHA,
    BETA,
    DELTA,
    EXPORT_FLOOR,
    FILE,
    MEASURE,
    NATIONAL,
    PATH,
    TEXT,
    accepting,
    check_suffix,
    day_of,
    delta_of_area,
    import_rule,
    printing_json,
    quotients,
    text_options,
    which_table,
)

if TYPE_CHECKING:
    from nexpo.build.impact.calibrated import Nearness
    from nexpo.impact.model import Table
    from nexpo.impact.regionalise import Choice, Delta, Regional, Spread, TwoRegion

_SIZED = ("flq", "aflq")
_SHOWN = 12


@click.command(name="regionalise")
@click.argument("table", type=PATH)
@click.option("--activity", required=True, type=FILE, help="Jobs or output by region and sector.")
@click.option("--region", required=True, help="Name of the region in the activity file.")
@quotients("Location quotient.")
@DELTA
@delta_of_area()
@ALPHA
@BETA
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
@EXPORT_FLOOR
@NATIONAL
@MEASURE
@ACTIVITY_YEAR
@which_table("TABLE")
@import_rule("--imports", "rule", told="How a TABLE of total use is made domestic.")
@accepting("TABLE")
@TEXT
@click.option(
    "--survey",
    type=FILE,
    help="The region's own table made by survey: say how near the method comes to it.",
)
@click.option(
    "--calibrate", is_flag=True, help="Against --survey, try all methods and usual parameters."
)
@day_of("the priors")
@click.option(
    "--output",
    "-o",
    type=FILE,
    help="Write the regional table here (both sides with --two-region), .csv or .xlsx.",
)
@click.option("--coefficients", type=FILE, help="Write the regional coefficients here, as CSV.")
@printing_json(", every sector included")
def command(as_json: bool, **options: Any) -> None:
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
    from nexpo.core.period import parse_date

    _check(options)
    on = parse_date(options["day"]) if options["day"] else datetime.now(tz=UTC).date()
    answer = _answer(options, on)
    _write(answer, options)
    if as_json:
        emit(_plain(answer))
    else:
        click.echo("\n".join(_told(answer)))
        for name in ("output", "coefficients"):
            if options[name] is not None:
                click.echo(f"  {'table' if name == 'output' else name}: {options[name]}")


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was found: the region's multipliers, and what else was asked for."""

    found: Regional
    delta: Delta | None
    system: TwoRegion | None
    apart: Spread | None
    near: Nearness | None
    export_floor: float | None


def _check(options: Mapping[str, Any]) -> None:
    from nexpo.core.files import check_outputs
    from nexpo.core.problem import Kind, Problem

    check_suffix("--output", options["output"], ".csv", ".xlsx")
    check_suffix("--coefficients", options["coefficients"], ".csv")
    check_outputs(
        {f"--{name}": options[name] for name in ("output", "coefficients")},
        {"TABLE": options["table"]}
        | {f"--{name}": options[name] for name in ("activity", "survey")},
    )
    if options["calibrate"] and options["survey"] is None:
        raise Problem(
            Kind.USAGE,
            "methods are calibrated against a table made by survey",
            remedy="name it with --survey FILE",
        )
    if options["export_floor"] is not None and not _paired(options):
        raise Problem(
            Kind.USAGE,
            "--export-floor shares exports between the region and the rest, and neither is made",
            remedy="add --two-region or --output FILE, or leave it out",
        )


def _paired(options: Mapping[str, Any]) -> bool:
    """Tell whether the region and the rest of the country are made."""
    return bool(options["both"] or options["output"] is not None)


def _answer(options: Mapping[str, Any], on: date) -> _Answer:
    from nexpo.build.impact.calibrated import against_survey
    from nexpo.core.ingest import Dialect
    from nexpo.impact.adapters.activity_files import Pick, read_activity
    from nexpo.impact.regionalise import regionalise, spread, two_region

    delta = _delta(options["method"], options["delta"], options["area_type"], on)
    choice = _choice(options, delta)
    opened = _opened(options)
    written = Dialect(**text_options(options))
    pick = Pick(options["measure"], options["activity_year"], options["national"])
    region = _in_file(options["region"])
    known = read_activity(options["activity"], opened.sectors, region, pick, dialect=written)
    found = regionalise(opened, known, choice)
    both, survey = options["both"], options["survey"]
    floor = _floor(options["export_floor"], on) if _paired(options) else None
    made = None if floor is None else two_region(opened, known, choice, export_floor=floor)
    near = None
    if survey is not None:
        near = against_survey(survey, found, choice, every=options["calibrate"], dialect=written)
    apart = spread(made.table, known.region) if both and made is not None else None
    return _Answer(found, delta, made, apart, near, floor)


def _opened(options: Mapping[str, Any]) -> Table:
    from nexpo.build.impact.tables import open_table
    from nexpo.impact.balance import SOLVER_DECIDES
    from nexpo.impact.domestic import ImportRule

    return open_table(
        options["table"],
        layout=options["layout"],
        year=options["year"],
        area=options["area"],
        rule=ImportRule(options["rule"]) if options["rule"] else None,
        accept=(*SOLVER_DECIDES, *options["accept"]),
        encoding=options["encoding"],
        decimal=options["decimal"] or "",
    )


def _choice(options: Mapping[str, Any], delta: Delta | None) -> Choice:
    from nexpo.impact.regionalise import Choice, Conventions, Diagonal, Method

    conventions = Conventions(
        diagonal=None if options["diagonal"] is None else Diagonal(options["diagonal"]),
        log_base=options["log_base"],
        cap=1.0 if options["cap"] else None,
        unknown=options["unknown"],
    )
    value = None if delta is None else delta.value
    method = Method(options["method"])
    return Choice(method, value, options["alpha"], options["beta"], conventions)


def _write(answer: _Answer, options: Mapping[str, Any]) -> None:
    from nexpo.build.impact.tables import blocks_of
    from nexpo.impact.adapters.matrix_files import write_matrix
    from nexpo.impact.regionalise import region_table
    from nexpo.sources.input_output import template

    output, made = options["output"], answer.system
    if output is not None and made is not None:
        template.write(output, blocks_of(made.table if options["both"] else region_table(made)))
    if options["coefficients"] is not None:
        sectors = answer.found.activity.sectors
        found = answer.found.coefficients
        write_matrix(options["coefficients"], found, sectors, sectors, "sector")


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


def _floor(given: float | None, on: date) -> float:
    """Return the floor of a region's exports, as given or as the parameter of the day has it."""
    from nexpo.impact.adapters.assumption_files import load_assumptions

    return load_assumptions(on).export_floor if given is None else given


def _in_file(name: str) -> str:
    """Return the name of a region known by code or key, or what was given."""
    from nexpo.territory.names import fold
    from nexpo.territory.regions import regions

    for each in regions():
        if fold(name) in {fold(key) for key in (each.key, each.code, *each.nuts2)}:
            return each.name
    return name


def _plain(answer: _Answer) -> dict[str, Any]:
    found, delta, apart = answer.found, answer.delta, answer.apart
    activity, quotients = found.activity, found.quotients
    choice = quotients.choice
    return {
        "region": activity.region,
        "method": choice.method.value,
        "delta": None if delta is None else delta.value,
        "delta_reason": None if delta is None else delta.reason,
        "alpha": choice.alpha,
        "beta": choice.beta,
        "export_floor": answer.export_floor,
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
        "notes": list(_notes(found, answer.system)),
        **({} if answer.near is None else answer.near.as_json()),
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


def _told(answer: _Answer) -> Iterator[str]:
    found, delta, apart = answer.found, answer.delta, answer.apart
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
    yield from (f"  note: {note}" for note in _notes(found, answer.system))
    if answer.near is not None:
        yield from answer.near.told()
