"""``nexpo datacentres register``: facilities, requests, duplicates, reconciliation, share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from nexpo.cli import datacentres_campus, datacentres_verify
from nexpo.cli.datacentres_register_use import (
    AT,
    BY,
    CONFIDENTIAL,
    REGISTER,
    as_day,
    moment,
    opened,
    who,
)
from nexpo.cli.datacentres_told import (
    balance_lines,
    balance_row,
    facility_row,
    flat,
    import_told,
    total_told,
)
from nexpo.cli.failure import emit

_PATH = click.Path(path_type=Path)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON only.")
_DATE = click.option("--date", "day", metavar="YYYY-MM-DD", help="Of codes and rules; today.")
_DECIMAL = click.option(
    "--decimal", type=click.Choice([".", ","]), default=".", show_default=True, help="Of a form."
)


@click.group()
def command() -> None:
    """Keep the register: import, list, show, find duplicates, reconcile, hold a share."""


@command.command("import")
@click.argument("file", type=_PATH)
@click.option(
    "--kind",
    type=click.Choice(["auto", "osm", "atlas", "form", "requests"]),
    default="auto",
    show_default=True,
    help="Of the file; requests: the form of grid requests.",
)
@click.option("--source", help="Name of the source, for a map.")
@click.option("--region", help="Region in which positions without a municipality are looked up.")
@click.option("--rejects", type=_PATH, help="Where refused rows go (CSV); FILE.rejects.csv.")
@REGISTER
@BY
@AT
@_DATE
@_DECIMAL
@_JSON
def import_(
    file: Path,
    kind: str,
    source: str | None,
    region: str | None,
    rejects: Path | None,
    address: str | None,
    by: str | None,
    at: str | None,
    day: str | None,
    decimal: str,
    as_json: bool,
) -> None:
    """Bring the facilities (or requests) of FILE into the register.

    FILE is a GeoJSON of OpenStreetMap or of an atlas, or our form as CSV, XLSX or JSON (see
    `template`). Bad rows are kept in a file with their reasons; the others go on, and the exit
    code is 65 then.

    \b
    Examples:
      nexpo datacentres register import osm_datacentres_lombardia.geojson --by "Office 12"
      nexpo datacentres register import atlas.geojson --region lombardia
      nexpo datacentres register import requests.csv --kind requests
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.build.datacentres import register as build
    from nexpo.build.datacentres.grid_requests import take_in_requests
    from nexpo.core.files import check_outputs
    from nexpo.core.ingest import discard_rejects
    from nexpo.core.problem import Kind
    from nexpo.datacentres import actions
    from nexpo.datacentres.adapters.rows import write_rejects

    check_outputs({"--rejects": rejects}, {"FILE": file})
    kept = rejects or file.with_name(f"{file.name}.rejects.csv")
    name, when = who(by), moment(at)
    if kind == "requests":
        with opened(address) as register:
            taken = take_in_requests(
                register, file, by=name, at=when, on=as_day(day), decimal=decimal
            )
        done, bad, notes = taken.done, taken.rejects, taken.notes
    else:
        code = None if region is None else build.region_code_of(region)
        batch = build.read_batch(
            file, on=as_day(day), kind=kind, source=source, region_code=code, decimal=decimal
        )
        build.refuse_nothing(batch, file)
        bad, notes = batch.rejects, batch.notes
        with opened(address) as register:
            facilities = batch.facilities
            done = actions.import_facilities(register, facilities=facilities, by=name, at=when)
    if bad:
        write_rejects(kept, bad)
    else:
        discard_rejects(kept, file.name)
    result, lines = import_told(file, done, bad, notes, kept)
    if as_json:
        emit(result)
    else:
        click.echo("\n".join(lines))
    if bad:
        click.get_current_context().exit(Kind.BAD_INPUT.exit_code)


@command.command("list")
@click.option("--municipality", metavar="CODE", help="Only of one municipality.")
@REGISTER
@CONFIDENTIAL
@_DATE
@_JSON
def list_(
    municipality: str | None,
    address: str | None,
    confidential: bool,
    day: str | None,
    as_json: bool,
) -> None:
    """List the facilities of the register, and what their power comes to.

    Confidential records are marked; their values are left out, of the sums too. In the sums,
    records that are one centre count once, and power that no centre has counts as unknown.
    """
    from nexpo.build.datacentres.register import totals
    from nexpo.datacentres.confidential import shown
    from nexpo.datacentres.ports import plain

    on = as_day(day)
    with opened(address) as register:
        found = register.facilities()
    if municipality is not None:
        found = tuple(each for each in found if each.place.municipality == municipality)
    found = shown(found, confidential=confidential)
    sums = totals(found, on=on)
    if as_json:
        rows = [facility_row(each, on) for each in found]
        summed = {"power": plain(sums.power), "counted_once": sums.doubled}
        emit({"facilities": rows, **summed, "questions": list(sums.questions)})
        return
    for each in found:
        power = each.power.installed_it_kw
        told = "unknown" if power is None else f"{power:,.0f} kW"
        place, stage = each.place.municipality or "-", each.stage_on(on)
        name = each.name or ("(confidential)" if each.confidential else "(no name)")
        mark = " confidential" if each.confidential else ""
        click.echo(
            f"{each.id:<28} {name[:34]:<34} {place:<7} "
            f"{stage.value if stage else 'unknown':<10} {told:>12}{mark}"
        )
    once = f"; sums count {sums.doubled} duplicate records once" if sums.doubled else ""
    click.echo(f"{len(found)} records{once}")
    for kind, total in sums.power.items():
        click.echo(f"  {kind:<16} {total_told(total)}")
    for question in sums.questions:
        click.echo(f"  left out of the sums: {question}")


@command.command()
@click.argument("facility_id")
@REGISTER
@CONFIDENTIAL
@_JSON
def show(facility_id: str, address: str | None, confidential: bool, as_json: bool) -> None:
    """Show a facility with the source of each value, its reports, and who changed it when.

    Of a confidential record neither values nor reports are shown.
    """
    from nexpo.core.problem import Kind, Problem
    from nexpo.datacentres.confidential import veiled
    from nexpo.datacentres.ports import plain

    with opened(address) as register:
        found = register.facility(facility_id)
        reports = register.versions(facility_id)
        events = register.events(facility_id)
    if found is None:
        remedy = "nexpo datacentres register list shows what is there"
        raise Problem(Kind.NO_INPUT, "no such facility", value=facility_id, remedy=remedy)
    if found.confidential and not confidential:
        found, reports = veiled(found), ()
        events = tuple(replace(each, before=None, after=None) for each in events)
    value = plain(found)
    if as_json:
        emit({"facility": value, "reports": plain(reports), "events": plain(events)})
        return
    for name, each in flat(value):
        if each not in (None, "", [], {}):
            click.echo(f"{name:<28} {each}")
    others = ", all values but these:" if found.sources else ", all values"
    click.echo(f"{'source':<28} {found.source.name} ({found.source.certainty}){others}")
    for name, source in found.sources.items():
        click.echo(f"  {name:<26} {source.name} ({source.certainty})")
    for version in reports:
        click.echo(f"report {version.report.year} version {version.number} by {version.by}")
    for event in events:
        click.echo(f"{event.at:%Y-%m-%d %H:%M} {event.action} {event.kind} by {event.by}")


@command.command()
@click.option("--campus/--no-campus", default=False, help="Also neighbours on one campus.")
@REGISTER
@CONFIDENTIAL
@_DATE
@_JSON
def duplicates(
    campus: bool, address: str | None, confidential: bool, day: str | None, as_json: bool
) -> None:
    """Show records that may be one centre, and requests superseded or asked twice.

    Nothing is merged: each pair comes with its score and the arithmetic behind it.
    """
    from nexpo.build.datacentres.register import duplicates_of
    from nexpo.datacentres.adapters.schemes import load_matching
    from nexpo.datacentres.duplicates import Likeness
    from nexpo.datacentres.ports import plain
    from nexpo.datacentres.requests import standing

    on = as_day(day)
    with opened(address) as register:
        pairs = duplicates_of(register, on=on, confidential=confidential)
        found = standing(register.requests(), load_matching(on))
    shown = [pair for pair in pairs if campus or pair.likeness is not Likeness.CAMPUS]
    if as_json:
        emit({"pairs": [plain(pair) for pair in shown], "requests": plain(found)})
        return
    for pair in shown:
        click.echo(f"{pair.likeness}: {pair.first} and {pair.second}, score {pair.score:.2f}")
        click.echo(f"    {pair.explain()}")
    click.echo(f"{len(shown)} pairs")
    for old, new in found.superseded.items():
        click.echo(f"superseded: {old} by {new}")
    for group in found.doubles:
        click.echo(f"one wish? {', '.join(group)}")
    for doubt in found.doubts:
        click.echo(f"{doubt.name}: {doubt.told}")


@command.command()
@click.option("--year", type=int, help="Of the reports; each facility's last by default.")
@click.option("--tolerance", default=0.1, show_default=True, help="Between register and report.")
@REGISTER
@CONFIDENTIAL
@_DATE
@_JSON
def reconcile(
    year: int | None,
    tolerance: float,
    address: str | None,
    confidential: bool,
    day: str | None,
    as_json: bool,
) -> None:
    """Hold register, reports and grid requests against each other, by municipality.

    Kinds of power are never added to each other; what double counting would have added stands
    beside each sum. Power that no centre has counts as unknown, and is asked about.
    """
    from nexpo.build.datacentres.register import reconciled
    from nexpo.datacentres.ports import plain

    with opened(address) as register:
        found = reconciled(
            register, year=year, on=as_day(day), tolerance=tolerance, confidential=confidential
        )
    if as_json:
        emit(
            {
                "municipalities": [balance_row(each) for each in found.balances],
                "disagreements": plain(found.disagreements),
                "questions": list(found.questions),
            }
        )
        return
    for each in found.balances:
        click.echo("\n".join(balance_lines(each)))
    for apart in found.disagreements:
        click.echo(f"{apart.facility_id}: {apart.told}")
    for question in found.questions:
        click.echo(f"question: {question}")


@command.command()
@click.argument("region", default="lombardia")
@click.option("--region", "named", help="The same as an option.")
@click.option("--least", default=0.6, show_default=True, help="Share claimed, of 1.")
@REGISTER
@_DATE
@_JSON
def share(
    region: str,
    named: str | None,
    least: float,
    address: str | None,
    day: str | None,
    as_json: bool,
) -> None:
    """Say what each source makes of a claimed share of REGION in national capacity.

    \b
    Examples:
      nexpo datacentres register share lombardia
      nexpo datacentres register share lombardia --least 0.5 --json
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.build.datacentres.register import region_code_of, share_of
    from nexpo.datacentres.ports import plain
    from nexpo.datacentres.share import ShareClaim, spread

    region = named or region
    claim = ShareClaim(region_code_of(region), "installed_it", least)
    with opened(address) as register:
        sources, readings = share_of(register, claim, on=as_day(day))
    between = spread(readings)
    if as_json:
        emit(
            {
                "claim": plain(claim),
                "sources": plain(sources),
                "readings": plain(readings),
                "spread": between,
            }
        )
        return
    click.echo(f"more than {least:.0%} of national installed IT power in {region}?")
    for each in readings:
        told = "     -" if each.share is None else f"{each.share:6.1%}"
        over = each.above if each.above == each.below else f"{each.above} / {each.below}"
        click.echo(f"  {told}  {each.verdict:<22} {over}: {each.told}")
    if between:
        click.echo(f"  sources on this quantity span {between[0]:.1%} to {between[1]:.1%}")


@command.command()
@click.argument("file", type=_PATH)
@click.option("--requests", is_flag=True, help="The form of grid requests.")
def template(file: Path, requests: bool) -> None:
    """Write the empty form of facilities (or --requests) to FILE (.csv or .xlsx)."""
    from nexpo.core.files import check_outputs
    from nexpo.datacentres.adapters.facility_files import (
        write_facility_template,
        write_request_template,
    )

    check_outputs({"FILE": file}, {})
    write = write_request_template if requests else write_facility_template
    click.echo(str(write(file)))


@command.command()
@click.argument("file", type=_PATH)
@REGISTER
@CONFIDENTIAL
@_JSON
def export(file: Path, address: str | None, confidential: bool, as_json: bool) -> None:
    """Write the facilities of the register to FILE: .csv (the form) or .geojson.

    Confidential records are marked and their values left out; such rows are not taken in again.
    """
    from nexpo.core.files import check_outputs
    from nexpo.datacentres.adapters.facility_files import write_facilities
    from nexpo.datacentres.confidential import shown

    check_outputs({"FILE": file}, {})
    with opened(address) as register:
        every = register.facilities()
    write_facilities(file, shown(every, confidential=confidential))
    withheld = 0 if confidential else sum(each.confidential for each in every)
    if as_json:
        emit({"file": str(file), "facilities": len(every), "withheld": withheld})
    else:
        click.echo(f"{file}: {len(every)} facilities, values of {withheld} withheld")


command.add_command(datacentres_campus.command, "campus")
command.add_command(datacentres_verify.command, "verify")
