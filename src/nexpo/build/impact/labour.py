"""Labour that production brings with it: which count stands for jobs, and in which unit.

Persons, employees, jobs and full-time equivalents are told apart by the unit of the figure (see
:mod:`nexpo.impact.labour`). ``jobs`` are persons where anyone counts them, else employees, else
jobs, always in their own unit. ``fte`` are those of the table or of the activity; only where there
are none, and they are asked for, are they made of persons and a peer's hours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nexpo.core.problem import Problem
from nexpo.impact.codes import spelling
from nexpo.impact.effects import Account
from nexpo.impact.labour import Labour, counted_as, labour_unit
from nexpo.impact.model import Floats, Satellite
from nexpo.impact.years import fte_per_person
from nexpo.territory.names import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nexpo.build.impact.run_model import Request
    from nexpo.impact.model import Table
    from nexpo.impact.regionalise.activity import Activity

JOBS = "jobs"
FULL_TIME = "fte"
_MILLION = 1e6
_FIRMS = frozenset(
    fold(name)
    for name in (
        "firm", "firms", "enterprise", "enterprises", "imprese", "companies", "businesses",
        "establishments", "local units", "local_units", "unita locali",
    )
)  # fmt: skip
_HEADS = {
    Labour.PERSON: "jobs are persons employed ({}), not full-time equivalents",
    Labour.EMPLOYEE: "jobs are employees ({}): the self-employed are not counted, and hours are "
    "not either",
    Labour.JOB: "jobs are posts ({}): a person may hold two, and hours are not counted",
}


@dataclass(frozen=True, slots=True, eq=False)
class Count:
    """Labour by sector of the country, ``(n,)`` in units of ``kind``; NaN is unknown."""

    kind: Labour
    values: Floats
    source: str
    name: str
    of_table: bool = True


def counts_of(request: Request) -> tuple[Count, ...]:
    """Return every count of labour: the table's satellites, then the activity."""
    found = []
    for each in request.table.satellites:
        unit = labour_unit(each.unit)
        if unit is None:
            continue
        named = labour_unit(each.indicator)
        kind = unit.kind
        if kind is Labour.PERSON and named is not None and named.kind is Labour.EMPLOYEE:
            kind = named.kind  # "employees" in persons are employees
        found.append(Count(kind, each.values * unit.scale, each.source, each.indicator))
    activity = request.activity
    if activity is not None:
        unit = counted_as(activity.unit, activity.measure)
        if unit is not None:
            values = activity.national * unit.scale
            found.append(
                Count(unit.kind, values, activity.source, activity.measure, of_table=False)
            )
    return tuple(found)


def labour_accounts(
    request: Request, output_eur: Floats | None, fewer: Floats, words: list[str]
) -> Iterator[Account]:
    """Yield the accounts of labour.

    Parameters
    ----------
    output_eur
        ``(n,)`` EUR of the table's year, above zero everywhere; None where nothing is counted.
    fewer
        ``(k,)`` jobs per real output of each period, over the table's year.
    words
        Is told what was counted and how gaps were filled.
    """
    counts = counts_of(request)
    heads = _first(counts, (Labour.PERSON, Labour.EMPLOYEE, Labour.JOB))
    full = _first(counts, (Labour.FTE,))
    if heads is None or output_eur is None:
        words.append("jobs are not counted: neither table nor activity states persons by sector")
    else:
        per_eur = _filled(request, heads, output_eur, words)
        yield Account(JOBS, heads.kind.value, per_eur, real=True, by_period=fewer)
    if full is not None and output_eur is not None:
        words.append(f"fte are full-time equivalents as published ({full.source})")
        own = _per_output(request, full.values, output_eur)
        yield Account(FULL_TIME, Labour.FTE.value, own, real=True, by_period=fewer)
    elif request.fte and heads is not None and heads.kind is not Labour.JOB:
        made = _from_hours(request, per_eur, words)
        yield Account(FULL_TIME, Labour.FTE.value, made, real=True, by_period=fewer)
    elif request.fte:
        words.append(
            "fte are not counted: no full-time equivalents, persons or employees are known"
        )
    taken = {JOBS, FULL_TIME}
    for each in counts:
        if each in (heads, full) or not each.of_table or output_eur is None:
            continue
        name = each.name if each.name not in taken else f"{each.name} ({each.kind.value})"
        taken.add(name)
        own = _per_output(request, each.values, output_eur)
        yield Account(name, each.kind.value, own, real=True, by_period=fewer)


def is_stock(satellite: Satellite) -> bool:
    """Tell whether a satellite counts firms, which production does not bring with it."""
    return bool({fold(satellite.indicator), fold(satellite.unit)} & _FIRMS)


def _first(counts: tuple[Count, ...], kinds: tuple[Labour, ...]) -> Count | None:
    order = ((kind, of_table) for kind in kinds for of_table in (True, False))
    for kind, of_table in order:
        for each in counts:
            if each.kind is kind and each.of_table is of_table:
                return each
    return None


def _per_output(request: Request, values: Floats, output_eur: Floats) -> Floats:
    found: Floats = values / output_eur
    found[request.table.output <= 0] = 0.0
    return found


def _filled(request: Request, heads: Count, output_eur: Floats, words: list[str]) -> Floats:
    """Return heads per EUR of output; gaps in persons are filled from the peer."""
    table, peers = request.table, request.assumptions.peers
    words.append(_HEADS[heads.kind].format(heads.source))
    per_eur = _per_output(request, heads.values, output_eur)
    gaps, part = np.isnan(per_eur), _in_part(request, heads)
    if not (gaps | part).any() or heads.kind is not Labour.PERSON:
        return per_eur
    filler = peers.column("persons_per_eur_m", table.sectors) / _MILLION
    try:  # persons per EUR of the peer's year, for money of the table's year
        filler *= request.assumptions.deflators.factors(
            table.sectors, table.origin.year, peers.year
        )
        prices = f"deflated from {table.origin.year}" if table.origin.year != peers.year else ""
    except Problem:
        prices = f"not deflated: no price index for {table.origin.year} or {peers.year}"
    filled: Floats = np.where(gaps, filler, per_eur)
    more = part & ~gaps & (filler > filled)
    whose = f"persons per output of {peers.country} {peers.year}{f' ({prices})' if prices else ''}"
    if gaps.any():
        codes = ", ".join(np.array(table.sectors)[gaps])
        words.append(f"{whose} stand for sectors that the count leaves out: {codes}")
    if more.any():
        codes = ", ".join(
            f"{code} {counted * _MILLION:.3g} to {whole * _MILLION:.3g} by EUR m"
            for code, counted, whole in zip(
                np.array(table.sectors)[more], filled[more], filler[more], strict=True
            )
        )
        words.append(
            f"{whose} stand for sectors that the count holds in part (no public schools and "
            f"health): {codes}; --count-as-is keeps the count, empty cells filled alone"
        )
    return np.where(more, filler, filled)


def _in_part(request: Request, heads: Count) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell which sectors a count is known to hold in part, ``(n,)``."""
    sectors = request.table.sectors
    if request.partial is None or heads.source != request.partial[0]:
        return np.zeros(len(sectors), dtype=bool)
    known = set(map(spelling, request.partial[1]))
    return np.array([spelling(code) in known for code in sectors])


def quotient_words(request: Request) -> tuple[str, ...]:
    """Return words where location quotients are of a count known to hold sectors in part."""
    activity = request.activity
    if activity is None or request.partial is None or activity.source != request.partial[0]:
        return ()
    known = set(map(spelling, request.partial[1]))
    codes = ", ".join(code for code in request.table.sectors if spelling(code) in known)
    if not codes:
        return ()
    words = (
        f"location quotients of {codes} are of the count as it stands, without public schools and "
        "health: jobs are raised there, quotients are not, since the peer's persons are of the "
        "whole country and say nothing of the region's part; with an activity file that holds "
        "public staff (--activity) both follow it"
    )
    return (words,)


def with_national_count(table: Table, activity: Activity, held: set[Labour]) -> Table:
    """Return a table with what an activity counts in the nation, where ``held`` lacks it."""
    unit = labour_unit(activity.unit)
    if unit is None or unit.kind in held:
        return table
    counted = Satellite(
        JOBS if unit.kind is not Labour.FTE else FULL_TIME, unit.kind.value,
        activity.national * unit.scale, activity.year or table.origin.year, activity.source,
    )  # fmt: skip
    return replace(table, satellites=(*table.satellites, counted))


def kinds_of(satellites: Iterable[Satellite]) -> set[Labour]:
    """Return which labour satellites count."""
    units = (labour_unit(each.unit) for each in satellites)
    return {unit.kind for unit in units if unit is not None}


def _from_hours(request: Request, heads: Floats, words: list[str]) -> Floats:
    peers = request.assumptions.peers
    hours = peers.column("hours_per_employee", request.table.sectors)
    hours = np.where(np.isnan(hours), np.nanmean(hours), hours)
    words.append(
        f"fte are heads times hours per employee of {peers.country} {peers.year}, over "
        f"{peers.full_time_hours:g} hours, a full-time job of {peers.country}: {peers.country} "
        "hours, not the table's own"
    )
    return heads * fte_per_person(hours, peers.full_time_hours)
