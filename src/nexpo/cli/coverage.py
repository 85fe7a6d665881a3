"""``nexpo coverage``: colours and eligibility from operators' declarations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from nexpo.cli.failure import emit

_SHOWN_ADDRESSES = 1_000
_SHOWN_AREAS = 20
_PATH = click.Path(path_type=Path)


@click.group()
def command() -> None:
    """Classify addresses from operators' declarations under a dated rule.

    A rule is a YAML file (EU 2013 and 2023, Italia a 1 Giga, the Italian BUL plan, BEAD,
    or your own); the declarations come as CSV or Parquet in the declared layout, in
    Infratel's, or in the FCC's. `nexpo coverage layout` prints the declared layout.
    """


def _as_date(ctx: click.Context, parameter: click.Parameter, value: str | None) -> date | None:
    del ctx
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        message = f"{value!r} is not a day; write YYYY-MM-DD, 2025-08-01 say"
        raise click.BadParameter(message, param=parameter) from None


_RULE = click.option(
    "--rule", "rule_name", required=True, metavar="NAME", help="Rule name, or path of a rule file."
)
_DATE = click.option(
    "--date",
    "day",
    required=True,
    callback=_as_date,
    metavar="YYYY-MM-DD",
    help="Day on which the rule is applied: it fixes the version and what is a plan.",
)
_ENCODING = click.option("--encoding", default="utf-8", show_default=True, help="Of a CSV.")
_DECIMAL = click.option(
    "--decimal", type=click.Choice([".", ","]), default=".", show_default=True, help="Of a CSV."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON only.")
_ENGINE = click.option(
    "--engine",
    envvar="NEXPO_ENGINE",
    default="embedded",
    show_default=True,
    help="embedded, duckdb, or a Spark master (spark://host:port).",
)


@command.command()
@click.argument("declarations", type=_PATH)
@_RULE
@_DATE
@_ENGINE
@click.option(
    "--by",
    "area",
    type=click.Choice(["istat", "lot", "grid_cell", "none"]),
    default="istat",
    show_default=True,
    help="Gather addresses by municipality, lot or grid cell.",
)
@click.option("--out", type=_PATH, help="Write one row an address to this Parquet file.")
@click.option("--evidence", type=_PATH, help="Write each declaration's verdict to this CSV.")
@click.option("--funded", type=_PATH, help="CSV with address_id of funded addresses (proximity).")
@click.option("--rejects", type=_PATH, help="Where rejected rows go (CSV).")
@_ENCODING
@_DECIMAL
@_JSON
def classify(
    declarations: Path,
    rule_name: str,
    day: date,
    engine: str,
    area: str,
    out: Path | None,
    evidence: Path | None,
    funded: Path | None,
    rejects: Path | None,
    encoding: str,
    decimal: str,
    as_json: bool,
) -> None:
    """Give each address of DECLARATIONS its colour and eligibility.

    Example:

        nexpo coverage classify mapping.csv --rule eu-2023 --date 2025-08-01 --json
    """
    import atexit
    import gc

    from nexpo.build.coverage.classify import classify as classified
    from nexpo.build.coverage.request import Request

    # At its end the interpreter looks through all objects for cycles, which takes a third of a
    # second with a compiler loaded, and frees nothing that the system would not free at once.
    atexit.register(gc.freeze)
    result = classified(
        Request(
            declarations=declarations,
            rule=rule_name,
            day=day,
            engine=engine,
            area=None if area == "none" else area,
            out=out,
            evidence=evidence,
            funded=funded,
            rejects=rejects,
            encoding=encoding,
            decimal=decimal,
        ),
        quiet=as_json,
        most_addresses=_SHOWN_ADDRESSES if as_json else 0,
    )
    if as_json:
        emit(result)
    else:
        _print(result)


@command.command()
@click.argument("declarations", type=_PATH)
@click.argument("address_id")
@_RULE
@_DATE
@_ENCODING
@_DECIMAL
@_JSON
def explain(
    declarations: Path,
    address_id: str,
    rule_name: str,
    day: date,
    encoding: str,
    decimal: str,
    as_json: bool,
) -> None:
    """Say why ADDRESS_ID has its colour: each declaration, its verdict, the rule.

    Example:

        nexpo coverage explain mapping.csv 150146000012345 --rule eu-2023 --date 2025-08-01
    """
    from nexpo.build.coverage.explain import explain as explained
    from nexpo.build.coverage.explain import explanation_text
    from nexpo.build.coverage.reading import canonical
    from nexpo.core.ingest import Dialect

    with _workspace() as folder:
        dialect = Dialect(encoding=encoding, decimal=decimal)
        source = canonical(declarations, folder, dialect, day)
        found = explained(source.path, address_id, rule_name, day)
    if as_json:
        emit(found)
    else:
        click.echo(explanation_text(found))


@command.command()
@click.argument("declarations", type=_PATH)
@_RULE
@_DATE
@_ENGINE
@click.option("--corrections", type=_PATH, multiple=True, help="CSV of corrections (repeatable).")
@click.option("--plans", type=_PATH, multiple=True, help="Declarations of new plans (repeatable).")
@click.option("--out", type=_PATH, help="Write the changed addresses to this CSV.")
@click.option("--amended", type=_PATH, help="Write all declarations after the round (Parquet).")
@_ENCODING
@_DECIMAL
@_JSON
def consult(
    declarations: Path,
    rule_name: str,
    day: date,
    engine: str,
    corrections: tuple[Path, ...],
    plans: tuple[Path, ...],
    out: Path | None,
    amended: Path | None,
    encoding: str,
    decimal: str,
    as_json: bool,
) -> None:
    """Run a consultation round: apply corrections and new plans, report what changes.

    Example:

        nexpo coverage consult mapping.csv --corrections received.csv --plans new.csv
        --rule italy-1-giga --date 2025-08-01 --out changes.csv
    """
    from nexpo.build.coverage.consult import consult as consulted
    from nexpo.build.coverage.request import RoundRequest

    if not corrections and not plans:
        raise click.UsageError("give at least one file of --corrections or --plans")
    with _workspace() as folder:
        request = RoundRequest(
            declarations, corrections, plans, rule_name, day, engine, out, amended
        )
        result = consulted(request, folder, encoding, decimal, quiet=as_json)
    if as_json:
        emit(result)
    else:
        _print_round(result)


@command.command()
@_JSON
def rules(as_json: bool) -> None:
    """List the rules that come with Nexpo, with dates, articles and what is verified."""
    from nexpo.build.coverage.rules import rules as known

    listed = known()
    if as_json:
        emit(listed)
        return
    for rule in listed:
        click.echo(f"{rule['id']:14} {rule['title']}")
        for version in rule["versions"]:
            checked = "verified" if version["verified"] else "unverified"
            until = f" to {version['valid_to']}" if version["valid_to"] else ""
            click.echo(
                f"{'':14}   from {version['valid_from']}{until}: {version['article']} ({checked})"
            )


@command.command()
@click.option(
    "--table",
    type=click.Choice(["declarations", "corrections", "classified"]),
    default="declarations",
    show_default=True,
    help="Which table to print.",
)
@_JSON
def layout(table: str, as_json: bool) -> None:
    """Print a declared layout: columns, types, units, allowed values, meaning."""
    from dataclasses import asdict

    from nexpo.core import tables

    declared = tables.load("nexpo.connectivity", table)
    if as_json:
        emit([asdict(column) for column in declared.columns])
        return
    for column in declared.columns:
        need = "required" if column.required else "optional"
        click.echo(f"{column.name:20} {column.type:8} {column.unit:7} {need:9} {column.meaning}")
        if column.allowed:
            click.echo(f"{'':46} one of {', '.join(column.allowed)}")


@contextmanager
def _workspace() -> Iterator[Path]:
    with TemporaryDirectory(prefix="nexpo-") as folder:
        yield Path(folder)


def _print(result: dict[str, Any]) -> None:
    rule = result["rule"]
    checked = "verified" if rule["verified"] else "unverified"
    click.echo(f"{rule['title']}, {rule['article']} ({checked}), on {result['date']}")
    click.echo(f"{result['declarations']:,} declarations, {result['addresses']:,} addresses")
    click.echo(f"  {'':14} {'at horizon':>14} {'today':>14} {'if passed':>14}")
    for colour, count in result["colours"].items():
        today = result["colours_today"][colour]
        passed = result["colours_if_passed_were_served"][colour]
        click.echo(f"  {colour:14} {count:14,} {today:14,} {passed:14,}")
    click.echo("  aid: " + ", ".join(f"{key} {count:,}" for key, count in result["aid"].items()))
    _print_areas(result)
    for line in (*result["assumptions"], *result["notes"]):
        click.echo(f"note: {line}")
    _print_reading(result)


def _print_reading(result: dict[str, Any]) -> None:
    for note, count in result.get("reading_notes", {}).items():
        click.echo(f"note: {note}: {count:,}")
    if result.get("rejected"):
        click.echo(f"{result['rejected']:,} rows rejected, kept in {result['rejects']}:", err=True)
        for reason, count in result["reject_reasons"].items():
            click.echo(f"  {reason}: {count:,}", err=True)


def _print_areas(result: dict[str, Any]) -> None:
    areas = sorted(result["areas"], key=lambda row: -row.get("aid_yes", 0))[:_SHOWN_AREAS]
    if not areas:
        return
    click.echo(f"areas with most eligible addresses ({len(result['areas']):,} in all):")
    for row in areas:
        click.echo(
            f"  {row['area'] or 'none':14} {row.get('aid_yes', 0):10,} of {row['addresses']:,}"
        )


def _print_round(result: dict[str, Any]) -> None:
    click.echo(
        f"{result['applied']:,} of {result['corrections']:,} corrections applied at "
        f"{result['addresses_touched']:,} addresses; {result['addresses_changed']:,} changed"
    )
    for title in ("by_move", "by_cause"):
        for name, count in result[title].items():
            click.echo(f"  {name}: {count:,}")
    for item in result["not_applied"]:
        click.echo(
            f"not applied: {item['action']} {item['operator']} {item['technology']} at "
            f"{item['address_id']}: {item['reason']}; {item['remedy']}"
        )
