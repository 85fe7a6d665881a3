"""Versions of a report: none is ever overwritten, and each says who handed it in and why.

A second report of a year on one basis is a duplicate unless it comes with a reason; then it is the
next version, and what changed can be told column by column.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256

from nexpo.core.problem import Where, bad_input
from nexpo.datacentres.model import Basis, Cell, Report


@dataclass(frozen=True, slots=True)
class Version:
    """A report as it was handed in: number from 1, by whom, when (UTC), why again."""

    number: int
    report: Report
    by: str
    at: datetime
    reason: str = ""

    @property
    def sha256(self) -> str:
        """Hash of the content."""
        return content_hash(self.report)


@dataclass(frozen=True, slots=True)
class Change:
    """A column whose value two versions give differently."""

    column: str
    before: Cell | None
    after: Cell | None


def content_hash(report: Report) -> str:
    """Return the SHA-256 of what a report says, the same whatever the order of its columns.

    Examples
    --------
    >>> one = Report("a", 2024, values={"installed_it_kw": 500.0, "name": "A"})
    >>> two = Report("a", 2024, values={"name": "A", "installed_it_kw": 500.0})
    >>> content_hash(one) == content_hash(two)
    True
    """
    content = {
        "facility_id": report.facility_id,
        "year": report.year,
        "basis": report.basis.value,
        "values": dict(report.values),
        "omitted": dict(report.omitted),
        "estimated": sorted(report.estimated),
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def next_version(
    earlier: Sequence[Version], report: Report, *, by: str, at: datetime, reason: str = ""
) -> Version:
    """Return the version that a report becomes.

    Parameters
    ----------
    earlier
        Versions of the same facility and year, by number. Those of another basis (what was
        expected, say) are not reported again by it.
    at
        Moment of handing in, with its zone.
    reason
        Why the year is reported again; needed from the second version on.

    Raises
    ------
    Problem
        When the year is not closed, the report is a duplicate, or no reason is given.
    """
    refuse_open_year(report, at.astimezone(UTC).date())
    number = earlier[-1].number + 1 if earlier else 1
    same = [each for each in earlier if each.report.basis is report.basis]
    if not same:
        return Version(number, report, by, at, reason)
    last = same[-1]
    where = Where(column="year")
    value = f"{report.facility_id}, {report.year}"
    if last.sha256 == content_hash(report):
        raise bad_input(
            f"this report is the same as version {last.number}, "
            f"handed in by {last.by} on {last.at:%Y-%m-%d}",
            where=where,
            value=value,
            remedy="nothing is left to do",
        )
    if not reason.strip():
        raise bad_input(
            f"the year is reported already: version {last.number} by {last.by} "
            f"on {last.at:%Y-%m-%d}",
            where=where,
            value=value,
            remedy="hand it in as a new version with a reason (--reason)",
        )
    return Version(number, report, by, at, reason)


def refuse_open_year(report: Report, today: date) -> None:
    """Refuse actual values of a year that is not over.

    Raises
    ------
    Problem
        ``BAD_INPUT``; design and expected values may be of any year.
    """
    if report.basis is Basis.ACTUAL and today <= date(report.year, 12, 31):
        raise bad_input(
            f"the year {report.year} is not closed: actual values are of a whole calendar year",
            where=Where(column="year"),
            value=report.year,
            remedy=f"hand it in from {report.year + 1}-01-01 on, or set basis to expected",
        )


def changes(before: Report, after: Report) -> tuple[Change, ...]:
    """Return the columns in which two reports differ, by name.

    Examples
    --------
    >>> old = Report("a", 2024, values={"installed_it_kw": 500.0})
    >>> changes(old, Report("a", 2024, values={"installed_it_kw": 600.0}))
    (Change(column='installed_it_kw', before=500.0, after=600.0),)
    """
    columns = sorted({*before.values, *after.values})
    pairs = ((name, before.values.get(name), after.values.get(name)) for name in columns)
    return tuple(Change(name, old, new) for name, old, new in pairs if old != new)
