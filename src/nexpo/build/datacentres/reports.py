"""Reports from a form into the register: what is impossible is refused, doubts are kept beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from nexpo.core.problem import Kind, Problem
from nexpo.datacentres.actions import add_report
from nexpo.datacentres.adapters.report_files import read_reports
from nexpo.datacentres.adapters.rows import Reject
from nexpo.datacentres.adapters.schemes import (
    load_bounds,
    load_label_classes,
    load_scheme,
    load_size_classes,
)
from nexpo.datacentres.classes import LabelClass, label_class, size_class
from nexpo.datacentres.history import Version, refuse_open_year
from nexpo.datacentres.indicators import (
    Indicator,
    Scheme,
    Status,
    in_scope,
    indicators,
    location_coding,
)
from nexpo.datacentres.model import Report
from nexpo.datacentres.plausibility import Finding, Severity, findings, refused
from nexpo.datacentres.ports import Register


@dataclass(frozen=True, slots=True)
class Taken:
    """What a form gave: versions added, findings by facility and year, refusals, notes."""

    versions: tuple[Version, ...]
    findings: Mapping[str, tuple[Finding, ...]]
    rejects: tuple[Reject, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assessed:
    """What a report comes to under the scheme of a day."""

    report: Report
    on: date
    scheme: Scheme
    in_scope: bool | None
    due: date
    size: str | None
    location: tuple[tuple[str, ...], Status]
    indicators: tuple[Indicator, ...]
    classes: Mapping[str, LabelClass]
    findings: tuple[Finding, ...]


def assess(report: Report, *, on: date) -> Assessed:
    """Return the indicators, classes and findings of a report, by the rules known on a day.

    Classes are indicative and follow the definition of the rating scheme only: WUE has one
    where freshwater is known. A report that cannot be so has none.
    """
    scheme, bounds = load_scheme(on), load_bounds(on)
    shown = indicators(report, scheme)
    found = (*_open_year(report, on), *findings(report, scheme, bounds))
    labels = None if refused(found) else load_label_classes(on)
    return Assessed(
        report=report,
        on=on,
        scheme=scheme,
        in_scope=in_scope(report.number("installed_it_kw"), scheme),
        due=scheme.due(report.year),
        size=size_class(report.number("installed_it_kw"), load_size_classes(on)),
        location=location_coding(report.year, scheme),
        indicators=shown,
        classes=_classes(shown, scheme, labels),
        findings=found,
    )


def _open_year(report: Report, on: date) -> tuple[Finding, ...]:
    """Return the refusal of actual values of a year that is not over on a day."""
    try:
        refuse_open_year(report, on)
    except Problem as problem:
        name, values = "year-not-closed", {"year": float(report.year)}
        return (Finding(name, Severity.REFUSE, problem.detail, values, problem.remedy or ""),)
    return ()


def take_in(
    register: Register,
    path: Path,
    *,
    by: str,
    at: datetime,
    reason: str = "",
    decimal: str = ".",
) -> Taken:
    """Take in the reports of a form, each by itself.

    Raises
    ------
    Problem
        When the file as a whole, or the register, cannot be used.
    """
    filled = read_reports(path, decimal=decimal)
    on = at.astimezone(UTC).date()
    versions: list[Version] = []
    found: dict[str, tuple[Finding, ...]] = {}
    rejects = list(filled.rejects)
    for row, report in filled.entries:
        assessed = assess(report, on=on)
        refusals = _refusals(path, row, assessed.findings)
        if refusals:
            rejects.extend(refusals)
            continue
        try:
            version = add_report(register, report=report, by=by, at=at, reason=reason)
        except Problem as problem:
            if problem.kind not in {Kind.BAD_INPUT, Kind.NO_INPUT}:
                raise
            rejects.append(_reject(path, row, problem))
            continue
        versions.append(version)
        found[f"{report.facility_id} {report.year}"] = assessed.findings
    return Taken(
        tuple(versions), found, tuple(sorted(rejects, key=lambda each: each.row)), filled.notes
    )


def _classes(
    shown: Sequence[Indicator], scheme: Scheme, bounds: Mapping[str, Mapping[str, float]] | None
) -> dict[str, LabelClass]:
    if bounds is None:
        return {}
    amended = scheme.amended.ratios
    found: dict[str, LabelClass] = {}
    for each in shown:
        wanted = each.name not in amended or each.formula == amended[each.name].formula
        letter = label_class(each.name, each.value, bounds) if wanted else None
        if letter is not None:
            found[each.name] = letter
    return found


def _refusals(path: Path, row: int, found: Sequence[Finding]) -> list[Reject]:
    return [
        Reject(
            path.name,
            row,
            finding.fields[0],
            ", ".join(f"{name}={value}" for name, value in finding.values.items()),
            f"{finding.name}: {finding.detail}",
            finding.remedy,
        )
        for finding in found
        if finding.severity is Severity.REFUSE
    ]


def _reject(path: Path, row: int, problem: Problem) -> Reject:
    value = "" if problem.value is None else str(problem.value)
    column = problem.where.column or ""
    return Reject(path.name, row, column, value, problem.detail, problem.remedy or "")
