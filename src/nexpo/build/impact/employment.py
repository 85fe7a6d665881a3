"""Persons employed beside a table: summed to its sectors, gaps filled by a stated rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.impact.codes import divisions
from nexpo.impact.model import Floats, Satellite, Table
from nexpo.sources.input_output import satellites
from nexpo.sources.input_output.blocks import shown

JOBS = "jobs"


@dataclass(frozen=True, slots=True)
class Peer:
    """A country whose persons per unit of output fill the gaps of another.

    ``rate`` is units of the peer's currency for one unit of the table's (0.752728 EUR for a
    USD of 2014).
    """

    accounts: Path
    country: str
    rate: float
    year: int | None = None


def with_jobs(
    table: Table, jobs: Path, *, region: str | None = None, peer: Peer | None = None
) -> Table:
    """Return the table with persons employed by sector as the satellite ``jobs``.

    Parameters
    ----------
    jobs
        Persons by sector and region, in any layout of
        :mod:`nexpo.sources.input_output.satellites`.
    region
        One region of the file; all of them together if not given.
    peer
        Fills what is not known, for the whole country only; each filled sector is named in a
        note. Without it unknown stays unknown.

    Raises
    ------
    Problem
        When the file has no such region, or region and peer are both given.
    """
    if region is not None and peer is not None:
        raise Problem(
            Kind.USAGE,
            "gaps are filled for a country, not for one of its regions",
            remedy="fill the national table first",
        )
    found = satellites.read_jobs(jobs)
    values, partial = _by_sector(table, found, _persons(jobs, found, region))
    notes = [*table.notes, *found.notes, *partial]
    if peer is not None:
        values, words = _filled(table, values, peer)
        notes += words
    year = table.origin.year
    satellite = Satellite(JOBS, "person", values, year, f"{jobs.name}; its year is not stated")
    others = tuple(each for each in table.satellites if each.indicator != JOBS)
    return replace(table, satellites=(*others, satellite), notes=tuple(notes))


def _persons(path: Path, found: satellites.Jobs, region: str | None) -> Floats:
    if region is None:
        return found.total()
    if region not in found.regions:
        raise bad_input(
            "no such region", where=Where(str(path)), value=region, remedy=shown(found.regions)
        )
    column: Floats = found.values[:, found.regions.index(region)]
    return column


def _by_sector(
    table: Table, jobs: satellites.Jobs, persons: Floats
) -> tuple[Floats, tuple[str, ...]]:
    """Sum persons to the table's sectors by the divisions that both cover."""
    values = np.full(table.size, np.nan)
    given = dict(zip(jobs.sectors, persons, strict=True))
    covered = {code: divisions(code) for code in jobs.sectors}
    partial = []
    for i, code in enumerate(table.sectors):
        bare = code.partition(":")[2] or code
        if bare in given:
            values[i] = given[bare]
            continue
        wanted = divisions(bare)
        inside = [name for name, has in covered.items() if has and wanted and has <= wanted]
        known = [name for name in inside if not np.isnan(given[name])]
        if known:
            values[i] = sum(given[name] for name in known)
            have = frozenset[int]().union(*(covered[name] or frozenset() for name in known))
            if have != wanted:
                partial.append(code)
    note = (f"persons of {shown(partial)} are those of some of its divisions",) if partial else ()
    return values, note


def _filled(table: Table, persons: Floats, peer: Peer) -> tuple[Floats, list[str]]:
    accounts = satellites.read_accounts(
        peer.accounts, peer.country, year=peer.year or table.origin.year
    )
    place: Mapping[str, int] = {code: i for i, code in enumerate(accounts.sectors)}
    bare = [code.partition(":")[2] or code for code in table.sectors]
    at = [place.get(code, -1) for code in bare]
    there = np.asarray(at) >= 0
    peer_persons = np.where(there, accounts.values["persons"][at], np.nan)
    peer_output = np.where(there, accounts.values["output"][at], 0.0)
    output = table.output * table.origin.scale / 1e6 * peer.rate
    filled, places = satellites.fill_missing(persons, output, peer_persons, peer_output)
    if not places:
        return filled, []
    codes = ", ".join(table.sectors[i] for i in places)
    note = (
        f"persons of {codes} are not known: filled by the persons per output of "
        f"{peer.country} {accounts.year}, at a rate of {peer.rate:g}"
    )
    return filled, [note]
