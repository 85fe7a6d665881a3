"""``nexpo datacentres report``: yearly reports, versioned, and their history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.datacentres_register_use import CONFIDENTIAL, REGISTER, moment, opened, who
from nexpo.cli.failure import emit

if TYPE_CHECKING:
    from nexpo.datacentres.history import Version
    from nexpo.datacentres.ports import Register

_PATH = click.Path(path_type=Path)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON only.")


@click.group()
def command() -> None:
    """Take in operators' yearly reports; each is a version, none is overwritten."""


@command.command()
@click.argument("file", type=_PATH)
@click.option("--reason", default="", help="Why a year is reported again.")
@click.option("--rejects", type=_PATH, help="Where refused rows go (CSV); FILE.rejects.csv.")
@click.option(
    "--decimal",
    type=click.Choice([".", ","]),
    default=".",
    show_default=True,
    help="Mark of decimals in CSV.",
)
@click.option("--by", help="Who hands it in; the user by default.")
@click.option("--at", metavar="MOMENT", help="When, ISO with zone; now by default.")
@REGISTER
@_JSON
def add(
    file: Path,
    reason: str,
    rejects: Path | None,
    decimal: str,
    by: str | None,
    at: str | None,
    address: str | None,
    as_json: bool,
) -> None:
    """Take in the reports of FILE (CSV, XLSX, JSON; see `template`).

    A report that cannot be so, of a year not closed, of a facility that is not registered, or
    of a year reported already without --reason is refused with its row; the others go on, and the
    exit code is 65 then.

    \b
    Examples:
      nexpo datacentres report add reports-2025.xlsx --by "Operator S.p.A."
      nexpo datacentres report add corrected.csv --reason "water meter read again"
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.build.datacentres.reports import take_in
    from nexpo.core.files import check_outputs
    from nexpo.core.ingest import discard_rejects
    from nexpo.core.problem import Kind
    from nexpo.datacentres.adapters.rows import write_rejects

    check_outputs({"--rejects": rejects}, {"FILE": file})
    kept = rejects or file.with_name(f"{file.name}.rejects.csv")
    with opened(address) as register:
        taken = take_in(register, file, by=who(by), at=moment(at), reason=reason, decimal=decimal)
    if taken.rejects:
        write_rejects(kept, taken.rejects)
    else:
        discard_rejects(kept, file.name)
    if as_json:
        emit(_plain(taken, kept))
    else:
        click.echo("\n".join(_told(taken, kept)))
    if taken.rejects or not taken.versions:
        click.get_current_context().exit(Kind.BAD_INPUT.exit_code)


@command.command("list")
@click.option("--year", type=int, help="Of the reports; each facility's last by default.")
@REGISTER
@CONFIDENTIAL
@_JSON
def list_(year: int | None, address: str | None, confidential: bool, as_json: bool) -> None:
    """List the latest version of each facility's report, of each basis.

    Of confidential records no values are shown. What was asked about a report stays with it.
    """
    from nexpo.build.datacentres.reports import assess
    from nexpo.datacentres.plausibility import Severity
    from nexpo.datacentres.ports import plain

    with opened(address) as register:
        every = register.latest_versions(year, None)
        found = [_told_of(each, register, confidential=confidential) for each in every]
    questions = [
        {"facility_id": each.report.facility_id, "year": each.report.year, **plain(finding)}
        for each in found
        if each.report.values
        for finding in assess(each.report, on=each.at.date()).findings
        if finding.severity is Severity.ASK
    ]
    if as_json:
        emit({"reports": plain(found), "questions": questions})
        return
    for each in found:
        report = each.report
        click.echo(
            f"{report.facility_id:<28} {report.year} {report.basis:<8} version {each.number} "
            f"by {each.by} on {each.at:%Y-%m-%d}"
        )
    for asked in questions:
        told = f"{asked['name']}: {asked['detail']}; {asked['remedy']}"
        click.echo(f"question on {asked['facility_id']} {asked['year']}: {told}")
    click.echo(f"{len(found)} reports")


@command.command()
@click.argument("facility_id")
@click.option("--year", type=int, help="Only of one year.")
@REGISTER
@CONFIDENTIAL
@_JSON
def history(
    facility_id: str, year: int | None, address: str | None, confidential: bool, as_json: bool
) -> None:
    """Show all versions of a facility's reports: who, when, why, and what changed.

    Of a confidential record no values are shown.
    """
    from nexpo.core.problem import Kind, Problem
    from nexpo.datacentres.history import changes
    from nexpo.datacentres.ports import plain

    with opened(address) as register:
        every = register.versions(facility_id, year)
        found = [_told_of(each, register, confidential=confidential) for each in every]
    if not found:
        remedy = "nexpo datacentres report list shows what is there"
        raise Problem(Kind.NO_INPUT, "no report of it", value=facility_id, remedy=remedy)
    rows: list[dict[str, Any]] = []
    for index, version in enumerate(found):
        before = _before(found[:index], version)
        apart = () if before is None else changes(before.report, version.report)
        rows.append({**plain(version), "sha256": every[index].sha256, "changes": plain(apart)})
    if as_json:
        emit({"facility_id": facility_id, "versions": rows})
        return
    for row in rows:
        report = row["report"]
        why = f": {row['reason']}" if row["reason"] else ""
        click.echo(f"{report['year']} version {row['number']} by {row['by']} at {row['at']}{why}")
        for change in row["changes"]:
            click.echo(f"    {change['column']}: {change['before']} -> {change['after']}")


def _told_of(version: Version, register: Register, *, confidential: bool) -> Version:
    """Return a version as a reader may see it: without values where its record is confidential."""
    facility = register.facility(version.report.facility_id)
    if confidential or facility is None or not facility.confidential:
        return version
    report = replace(version.report, values={}, omitted={}, estimated=frozenset())
    return replace(version, report=report)


def _before(earlier: Sequence[Version], version: Version) -> Version | None:
    """Return the version of the same year and basis before this one."""
    wanted = (version.report.year, version.report.basis)
    same = [each for each in earlier if (each.report.year, each.report.basis) == wanted]
    return same[-1] if same else None


@command.command()
@click.argument("file", type=_PATH)
def template(file: Path) -> None:
    """Write the empty form of a report to FILE: .csv, or .xlsx with each field explained."""
    from nexpo.core.files import check_outputs
    from nexpo.datacentres.adapters.report_files import write_report_template

    check_outputs({"FILE": file}, {})
    click.echo(str(write_report_template(file)))


def _plain(taken: Any, kept: Path) -> dict[str, Any]:
    from nexpo.datacentres.ports import plain

    return {
        "added": [
            {
                "facility_id": each.report.facility_id,
                "year": each.report.year,
                "version": each.number,
                "sha256": each.sha256,
            }
            for each in taken.versions
        ],
        "findings": {name: plain(found) for name, found in taken.findings.items()},
        "rejected": plain(taken.rejects),
        "rejects": str(kept) if taken.rejects else None,
        "notes": list(taken.notes),
    }


def _told(taken: Any, kept: Path) -> list[str]:
    lines = []
    for version in taken.versions:
        report = version.report
        lines.append(f"{report.facility_id} {report.year}: version {version.number}")
        found = taken.findings.get(f"{report.facility_id} {report.year}", ())
        lines += [f"    {each.severity}: {each.name}: {each.detail}" for each in found]
    lines += [f"  note: {note}" for note in taken.notes]
    lines += [f"  row {each.row}: {each.reason}; {each.remedy}" for each in taken.rejects]
    lines.append(
        f"{len(taken.versions)} reports taken, {len({each.row for each in taken.rejects})} refused"
    )
    return [*lines, f"  refused: {kept}"] if taken.rejects else lines
