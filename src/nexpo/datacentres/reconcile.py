"""Register, reports and grid requests side by side, municipality by municipality.

Registered and reported IT power, contracted and requested connections, and fuel of generators
are five quantities: they are never added. Each is a sum that says what it does not know, and
beside it stands what the sum would have been had duplicates, superseded and doubled requests
been counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nexpo.datacentres.duplicates import Matching, Pair, distinct
from nexpo.datacentres.model import Facility, GridRequest, PowerKind, Report, Total
from nexpo.datacentres.requests import net_of_doubles, standing

_INSTALLED = "installed_it_kw"


@dataclass(frozen=True, slots=True)
class Counted:
    """A sum without double counting, and with it."""

    net: Total
    gross: Total

    @property
    def double_counted(self) -> float:
        """What double counting would have added."""
        return (self.gross.value or 0.0) - (self.net.value or 0.0)


@dataclass(frozen=True, slots=True)
class Balance:
    """What is known of one municipality; ``municipality`` None gathers what has no place.

    Attributes
    ----------
    facilities
        Distinct facilities, and records.
    power
        By kind, from the register.
    reported
        Installed IT power of the reports (kW).
    requested
        Live requests for a connection (kW): double ones once, and all requests ever made.
    """

    municipality: str | None
    facilities: int
    records: int
    power: Mapping[PowerKind, Counted]
    reported: Total
    requested: Counted

    @property
    def reported_share(self) -> float | None:
        """Reported over registered installed IT power, None where one is unknown."""
        return _over(self.reported.value, self.power[PowerKind.INSTALLED_IT].net.value)

    @property
    def requested_share(self) -> float | None:
        """Requested over registered installed IT power, None where one is unknown."""
        return _over(self.requested.net.value, self.power[PowerKind.INSTALLED_IT].net.value)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A facility whose registered and reported installed IT power (kW) differ, or one lacks."""

    facility_id: str
    registered_kw: float | None
    reported_kw: float | None
    told: str


def reconcile(
    facilities: Sequence[Facility],
    reports: Iterable[Report],
    requests: Sequence[GridRequest],
    pairs: Sequence[Pair],
    matching: Matching,
) -> tuple[Balance, ...]:
    """Hold register, reports and requests against each other by municipality.

    Parameters
    ----------
    reports
        One a facility: the latest version of the year looked at.
    pairs
        Duplicates of the register, of :func:`~nexpo.datacentres.duplicates.find_duplicates`.

    Returns
    -------
    tuple
        By municipality, in order of code; last, what has no place.
    """
    kept = distinct(facilities, pairs)
    found = standing(requests, matching)
    live = frozenset(net_of_doubles(found, requests))
    at = {facility.id: facility.place.municipality for facility in facilities}
    by_report = {report.facility_id: report for report in reports}
    places = {*at.values(), *(request.place.municipality for request in requests)}
    places |= {at.get(name) for name in by_report}
    return tuple(
        _balance(
            place,
            _of(kept, place),
            _of(facilities, place),
            [report for name, report in by_report.items() if at.get(name) == place],
            [request for request in requests if request.place.municipality == place],
            live,
        )
        for place in sorted(places, key=lambda code: (code is None, code or ""))
    )


def disagreements(
    facilities: Sequence[Facility], reports: Iterable[Report], *, tolerance: float
) -> tuple[Disagreement, ...]:
    """Return facilities whose register entry and report do not agree on installed IT power.

    ``tolerance`` is the share by which they may differ.
    """
    by_report = {report.facility_id: report for report in reports}
    ids = sorted({*by_report, *(facility.id for facility in facilities)})
    registered = {facility.id: facility.power.installed_it_kw for facility in facilities}
    found = []
    for name in ids:
        ours = registered.get(name)
        theirs = by_report[name].number(_INSTALLED) if name in by_report else None
        told = _told(ours, theirs, tolerance, known=name in registered, report=name in by_report)
        if told:
            found.append(Disagreement(name, ours, theirs, told))
    return tuple(found)


def _told(
    ours: float | None, theirs: float | None, tolerance: float, *, known: bool, report: bool
) -> str:
    if not known:
        return "a report of a facility that is not in the register"
    if not report or theirs is None:
        return "" if ours is None else "registered, not reported"
    if ours is None:
        return "reported, unknown to the register"
    apart = abs(ours - theirs) > tolerance * max(ours, theirs)
    return f"registered and reported differ by {abs(ours - theirs):g} kW" if apart else ""


def _of(facilities: Sequence[Facility], place: str | None) -> list[Facility]:
    return [facility for facility in facilities if facility.place.municipality == place]


def _balance(
    place: str | None,
    kept: Sequence[Facility],
    records: Sequence[Facility],
    reports: Sequence[Report],
    requests: Sequence[GridRequest],
    live: frozenset[str],
) -> Balance:
    return Balance(
        municipality=place,
        facilities=len(kept),
        records=len(records),
        power={
            kind: Counted(
                Total.of(each.power.of(kind) for each in kept),
                Total.of(each.power.of(kind) for each in records),
            )
            for kind in PowerKind
        },
        reported=Total.of(report.number(_INSTALLED) for report in reports),
        requested=Counted(
            Total.of(each.requested_kw for each in requests if each.id in live),
            Total.of(each.requested_kw for each in requests),
        ),
    )


def _over(above: float | None, below: float | None) -> float | None:
    return None if above is None or not below else above / below
