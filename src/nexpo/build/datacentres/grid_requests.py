"""From a form of grid requests to the register: bad rows are refused, the others go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from nexpo import territory
from nexpo.build.datacentres.positions import position_doubts
from nexpo.datacentres import actions
from nexpo.datacentres.adapters.facility_files import read_requests
from nexpo.datacentres.adapters.rows import Reject
from nexpo.datacentres.adapters.schemes import load_bounds
from nexpo.datacentres.doubtful import power_doubts, thousandfold_doubts
from nexpo.datacentres.model import GridRequest, PowerKind
from nexpo.datacentres.ports import Register
from nexpo.datacentres.requests import in_circles


@dataclass(frozen=True, slots=True)
class Requested:
    """What a form of requests gave."""

    done: actions.Imported
    rejects: tuple[Reject, ...]
    notes: tuple[str, ...]


def take_in_requests(
    register: Register, path: Path, *, by: str, at: datetime, on: date, decimal: str = "."
) -> Requested:
    """Take the requests of a form into the register.

    Requests that would supersede each other in a circle are refused, each with its row.

    Raises
    ------
    Problem
        When the file as a whole, or the register, cannot be used.
    """
    filled = read_requests(path, decimal=decimal)
    entries = list(filled.entries)
    rejects = list(filled.rejects)
    known = {each.id: each for each in register.requests()}
    while round_ := in_circles(tuple({**known, **{e.id: e for _, e in entries}}.values())):
        rejects += [_circular(path, row, e, round_[e.id]) for row, e in entries if e.id in round_]
        entries = [(row, each) for row, each in entries if each.id not in round_]
    requests = tuple(each for _, each in entries)
    done = actions.import_requests(register, requests=requests, by=by, at=at)
    most = load_bounds(on).power_high_kw
    places = [(each.id, each.place) for each in requests]
    notes = (
        *filled.notes,
        *power_doubts([(e.id, e.requested_kw) for e in requests], PowerKind.REQUESTED, most),
        *thousandfold_doubts(requests, register.facilities()),
        *(f"{name}: {code} is not known on {on}" for name, code in _unknown(requests, on)),
        *position_doubts(places, on),
    )
    ordered = tuple(sorted(rejects, key=lambda each: each.row))
    return Requested(done, ordered, notes)


def _unknown(requests: tuple[GridRequest, ...], on: date) -> list[tuple[str, str]]:
    """Return the id and the municipality of requests in one that is not known."""
    given = [
        (each.id, each.place.municipality)
        for each in requests
        if each.place.country == "IT" and each.place.municipality is not None
    ]
    codes = sorted({code for _, code in given})
    lost = {
        code
        for code, now in zip(codes, territory.translate(codes, on=on)[0], strict=True)
        if now is None
    }
    return [(name, f"the municipality {code}") for name, code in given if code in lost]


def _circular(path: Path, row: int, request: GridRequest, circle: tuple[str, ...]) -> Reject:
    return Reject(
        path.name,
        row,
        "supersedes",
        request.supersedes or "",
        f"supersedes: requests supersede each other in a circle: {' -> '.join(circle)}",
        "leave supersedes empty in the oldest of them",
    )
