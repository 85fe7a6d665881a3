"""``nexpo design region``: the municipalities of a region, one table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.failure import emit
from nexpo.core.problem import Kind

if TYPE_CHECKING:
    from nexpo.build.design.region import Order, RegionDesign

DESIGNS = "designs"
_SHOWN = 20


@click.command(name="region")
@click.argument("region")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    help="Processes at a time; as many as cores when left out. Each takes about 0.5 GB.",
)
@click.option(
    "--engine",
    default="pool",
    show_default=True,
    help="pool (processes here), or a Spark master (spark://host:port).",
)
@click.option("--only", default="", metavar="ISTAT,...", help="Only these municipalities.")
@click.option(
    "--resume/--fresh",
    default=True,
    show_default=True,
    help="Keep rows that an earlier run finished, or do all again.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"Folder to write; {DESIGNS}/REGION when left out.",
)
@click.option("--date", "day", metavar="YYYY-MM-DD", help="Of prices and rules; else of the data.")
@click.option("--architecture", default="ftth-1x64", show_default=True, help="Name or file.")
@click.option("--grant-rule", default="italia-1-giga", show_default=True, help="Name or file.")
@click.option(
    "--effort",
    "rounds",
    type=click.IntRange(min=0),
    default=200,
    show_default=True,
    metavar="ROUNDS",
    help="Rounds of search for routes in each municipality.",
)
@click.option(
    "--per-1000",
    type=click.FloatRange(min=0),
    default=20.0,
    show_default=True,
    metavar="N",
    help="Uncovered addresses by 1,000 inhabitants, where no list covers the region.",
)
@click.option("--made-up", is_flag=True, help="Leave street files aside: all streets by the seed.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="Of made-up streets and of the search.",
)
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; no progress.")
def command(
    region: str,
    jobs: int | None,
    engine: str,
    out: Path | None,
    *,
    quiet: bool,
    as_json: bool,
    **options: Any,
) -> int:
    """Design fibre for the uncovered addresses of each municipality of REGION.

    Every municipality is a job of its own; one that fails is listed with its reason and does
    not stop the others (exit code 65). The table is the same whatever the number of jobs, the
    engine, or how often the run was stopped: ctrl-C keeps the municipalities that are finished
    in OUT.parts.jsonl, and the same command goes on from there. A row made from other inputs,
    prices, seed or code is done again.

    Where no street file lies in a municipality, streets are made up at its real size, and the
    row is marked synthetic: it says how much work there is, not what the place costs.

    \b
    Examples:
      nexpo design region lombardia
      nexpo design region lombardia --only 097042,097008 --out out/lecco
      nexpo design region lombardia --jobs 8 --effort 800 --json
      nexpo design region lombardia --engine spark://cluster:7077

    \b
    Then:
      nexpo explain design.region.cost_eur --build designs/lombardia
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.build.design.region import design_region, engine_for
    from nexpo.core.cores import cores
    from nexpo.core.progress import reporting

    order = _order(region, out, options)
    chosen = engine_for(engine, jobs or cores())
    try:
        with reporting(quiet=quiet or as_json) as progress:
            design = design_region(order, chosen, progress)
    except KeyboardInterrupt:
        kept = f"municipalities finished so far are kept in {order.parts.path}"
        click.echo(f"{kept}; the same command goes on from there", err=True)
        raise
    if as_json:
        emit(_plain(design))
    else:
        click.echo("\n".join(_told(design)))
    return Kind.BAD_INPUT.exit_code if design.failures.height else 0


def _order(region: str, out: Path | None, options: dict[str, Any]) -> Order:
    from nexpo import territory
    from nexpo.build.design.materials import reference_day
    from nexpo.build.design.region import Order
    from nexpo.core.period import parse_date

    return Order(
        region=region,
        out=out or Path(DESIGNS) / territory.region(region).key,
        on=parse_date(options["day"]) if options["day"] else reference_day(),
        only=tuple(code.strip() for code in options["only"].split(",") if code.strip()),
        architecture=options["architecture"],
        grant_rule=options["grant_rule"],
        rounds=options["rounds"],
        per_1000=options["per_1000"],
        made_up=options["made_up"],
        seed=options["seed"],
        fresh=not options["resume"],
    )


def _plain(design: RegionDesign) -> dict[str, Any]:
    status = design.table["status"].value_counts().sort("status")
    return {
        "region": design.prepared.region.name,
        "on": design.order.on.isoformat(),
        "folder": str(design.order.out),
        "municipalities": design.table.height,
        "reused": design.reused,
        "status": dict(status.iter_rows()),
        "synthetic": int(design.table["synthetic"].sum()),
        "totals": {
            figure.id.removeprefix("design.region."): figure.value
            for figure in design.ledger
            if "/" not in figure.id
        },
        "failures": design.failures.to_dicts(),
    }


def _told(design: RegionDesign) -> list[str]:
    plain = _plain(design)
    totals = plain["totals"]
    lines = [f"{plain['region']}, {plain['on']}: {plain['municipalities']:,} municipalities"]
    if plain["synthetic"]:
        made = f"{plain['synthetic']:,} rows rest on made-up streets or addresses"
        lines.append(f"SYNTHETIC, not real: {made}")
    served, asked = totals["served_addresses"], totals["addresses"]
    lines.append(f"served:  {served:,} of {asked:,} uncovered addresses")
    if served:
        each, gap = totals["cost_per_address_eur"], totals["route_gap"]
        lines += [
            f"routes:  {totals['route_m'] / 1000:,.0f} km, at most {gap:.2%} above the cheapest",
            f"cost:    EUR {totals['cost_eur']:,.0f}, EUR {each:,.0f} an address served",
            f"grant:   EUR {totals['grant_cents'] / 100:,.0f}",
        ]
    lines.append(f"rows:    {plain['reused']:,} from an earlier run; folder {plain['folder']}")
    failures = plain["failures"]
    lines += [
        f"failed:  {row['istat']} {row['name']}: {row['problem']}" for row in failures[:_SHOWN]
    ]
    if len(failures) > _SHOWN:
        lines.append(f"         and {len(failures) - _SHOWN} more: see failures.csv")
    return lines
