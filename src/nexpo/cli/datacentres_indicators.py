"""``nexpo datacentres indicators``: PUE, WUE, ERF, REF and doubts of one report file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.datacentres_register_use import as_day
from nexpo.cli.failure import emit

if TYPE_CHECKING:
    from nexpo.build.datacentres.reports import Assessed
    from nexpo.datacentres.adapters.rows import Reject


@click.command(name="indicators")
@click.argument("report", type=click.Path(path_type=Path))
@click.option("--year", type=int, help="Only of this year; the year of rows that do not say.")
@click.option("--date", "day", metavar="YYYY-MM-DD", help="Rules known on this day; today.")
@click.option(
    "--decimal",
    type=click.Choice([".", ","]),
    default=".",
    show_default=True,
    help="Mark of decimals in CSV.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON only.")
def command(report: Path, year: int | None, day: str | None, decimal: str, as_json: bool) -> None:
    """Work out the indicators of REPORT by the definition of its year, and say what is doubtful.

    REPORT is a form as CSV, XLSX or JSON (`nexpo datacentres report template` writes one), with
    our column names or the symbols of Delegated Regulation (EU) 2024/1364. No register is needed.
    The exit code is 65 where a report cannot be so.

    \b
    Examples:
      nexpo datacentres indicators report.csv
      nexpo datacentres indicators report.json --year 2025 --json
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.build.datacentres.reports import assess
    from nexpo.core.problem import Kind
    from nexpo.datacentres.adapters.report_files import read_reports
    from nexpo.datacentres.plausibility import refused

    filled = read_reports(report, decimal=decimal, facility_id="report", year=year)
    kept = [each for each in filled.values if year is None or each.year == year]
    found = [assess(each, on=as_day(day)) for each in kept]
    if as_json:
        emit(
            {
                "reports": [_plain(each) for each in found],
                "rejected": [_reject(each) for each in filled.rejects],
                "notes": list(filled.notes),
            }
        )
    else:
        click.echo("\n".join(_told(found, filled.rejects, filled.notes)))
    if filled.rejects or not found or any(refused(each.findings) for each in found):
        click.get_current_context().exit(Kind.BAD_INPUT.exit_code)


def _plain(each: Assessed) -> dict[str, Any]:
    from nexpo.datacentres.ports import plain

    codings, status = each.location
    use = each.scheme.use
    return {
        "facility_id": each.report.facility_id,
        "year": each.report.year,
        "basis": each.report.basis.value,
        "in_scope": each.in_scope,
        "due": each.due.isoformat(),
        "size_class": each.size,
        "location_coding": {"codings": list(codings), "status": status.value},
        "indicators": [plain(item) for item in each.indicators],
        "classes_indicative": {name: str(letter) for name, letter in each.classes.items()},
        "findings": [plain(item) for item in each.findings],
        "rule": {
            "parameter": use.parameter,
            "article": use.article,
            "valid_from": use.valid_from.isoformat(),
            "verified": use.verified,
        },
    }


def _reject(each: Reject) -> dict[str, Any]:
    from nexpo.datacentres.ports import plain

    found: dict[str, Any] = plain(each)
    return found


def _told(found: list[Assessed], rejects: Any, notes: Any) -> Iterator[str]:
    for each in found:
        yield from _report_lines(each)
    for note in notes:
        yield f"note: {note}"
    for reject in rejects:
        yield f"row {reject.row} refused: {reject.reason} ({reject.value!r}); {reject.remedy}"
    if not found:
        yield "no report can be read"


def _report_lines(each: Assessed) -> Iterator[str]:
    duty = {True: f"due {each.due}", False: "voluntary", None: "duty unknown: no IT power"}
    size = each.size or "no size class"
    yield f"{each.report.facility_id}, {each.report.year}: {size}, {duty[each.in_scope]}"
    for item in each.indicators:
        value = "unknown" if item.value is None else f"{item.value:.4g}"
        letter = each.classes.get(item.name)
        fits = letter is not None and item.value is not None and _rated(each, item.formula)
        told = f"  class {letter}" if fits else ""
        unit = "" if item.unit == "1" else f" {item.unit}"
        doubt = f"; {item.status}" if item.status.name != "IN_FORCE" else ""
        why = f"; {item.reason}" if item.reason else ""
        yield f"  {item.name:<4} {value:>10}{unit}  = {item.formula} [{item.act}{doubt}{why}]{told}"
    for finding in each.findings:
        yield f"  {finding.severity}: {finding.name}: {finding.detail}"
        yield f"      {finding.remedy}"


def _rated(each: Assessed, formula: str) -> bool:
    """Say whether a formula is the one that classes are of."""
    amended = {ratio.formula for ratio in each.scheme.amended.ratios.values()}
    replaced = {each.scheme.ratios[name].formula for name in each.scheme.amended.ratios}
    return formula in amended or formula not in replaced
