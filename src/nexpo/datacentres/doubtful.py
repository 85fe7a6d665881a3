"""Power that no centre has: kept as it was written, asked about, and left out of sums.

The question is made of the record each time that it is read, so it stays as long as the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from nexpo.datacentres.model import Facility, GridRequest, PowerKind, Report

ELECTRIC = (PowerKind.INSTALLED_IT, PowerKind.CONTRACTED, PowerKind.REQUESTED)
_KILO = 1000.0
_FITS = 2.0
"""A factor of a thousand is suspected from half of it to twice."""


def power_doubts(
    given: Iterable[tuple[str, float | None]], kind: PowerKind, most_kw: float
) -> Iterator[str]:
    """Ask about power (kW, by id) above what any centre has.

    Examples
    --------
    >>> list(power_doubts([("a", 5e9), ("b", 400.0)], PowerKind.INSTALLED_IT, 1e6))[0][:46]
    'a: installed_it_kw 5,000,000,000 is more than '
    """
    for name, power in given:
        if power is not None and power > most_kw:
            yield (
                f"{name}: {kind.value} {power:,.0f} is more than any centre has; "
                f"is it in W? {power / _KILO:,.0f} kW then"
            )


def doubts_of(facilities: Sequence[Facility], most_kw: float) -> Iterator[str]:
    """Ask about the electric power of facilities, kind by kind."""
    for kind in ELECTRIC:
        yield from power_doubts(
            [(each.id, each.power.of(kind)) for each in facilities], kind, most_kw
        )


def countable(facility: Facility, most_kw: float) -> Facility:
    """Return a facility whose doubtful power counts as unknown.

    Examples
    --------
    >>> from nexpo.datacentres.model import Power, Source
    >>> wild = Facility("a", Source("form"), power=Power(installed_it_kw=5e9, contracted_kw=9))
    >>> countable(wild, 1e6).power.installed_it_kw, countable(wild, 1e6).power.contracted_kw
    (None, 9)
    """
    wild = {kind.value: None for kind in ELECTRIC if (facility.power.of(kind) or 0) > most_kw}
    return replace(facility, power=replace(facility.power, **wild)) if wild else facility


def countable_request(request: GridRequest, most_kw: float) -> GridRequest:
    """Return a request whose doubtful power counts as unknown."""
    wild = (request.requested_kw or 0) > most_kw
    return replace(request, requested_kw=None) if wild else request


def countable_report(report: Report, most_kw: float) -> Report:
    """Return a report without an installed IT power that no centre has."""
    if (report.number("installed_it_kw") or 0) <= most_kw:
        return report
    kept = {name: value for name, value in report.values.items() if name != "installed_it_kw"}
    return replace(report, values=kept)


def thousandfold_doubts(
    requests: Iterable[GridRequest], facilities: Iterable[Facility]
) -> Iterator[str]:
    """Ask about requests a thousand times smaller, or greater, than the power of their facility.

    Examples
    --------
    >>> from nexpo.datacentres.model import Power, Source
    >>> centre = Facility("a", Source("form"), power=Power(requested_kw=40_000))
    >>> asked = GridRequest("r", Source("form"), requested_kw=40, facility_id="a")
    >>> next(thousandfold_doubts([asked], [centre]))
    'r: requested_kw 40, but a has requested_kw 40,000: is it in MW? 40,000 kW then'
    """
    known = {each.id: each for each in facilities}
    for request in requests:
        facility = known.get(request.facility_id or "")
        if facility is not None and request.requested_kw:
            doubt = _thousandfold(request.requested_kw, facility)
            if doubt:
                yield f"{request.id}: {doubt}"


def _thousandfold(asked: float, facility: Facility) -> str:
    for kind in (PowerKind.REQUESTED, PowerKind.CONTRACTED, PowerKind.INSTALLED_IT):
        theirs = facility.power.of(kind)
        if not theirs:
            continue
        told = f"requested_kw {asked:,.6g}, but {facility.id} has {kind.value} {theirs:,.6g}"
        if _KILO / _FITS <= theirs / asked <= _KILO * _FITS:
            return f"{told}: is it in MW? {asked * _KILO:,.6g} kW then"
        if _KILO / _FITS <= asked / theirs <= _KILO * _FITS:
            return f"{told}: is it in W? {asked / _KILO:,.6g} kW then"
        return ""
    return ""
