"""Requests for a grid connection: which stand, which were superseded, which are one wish twice.

Requests are many times what will be built: one project asks at several nodes, asks again for
more, or under another name. A request that another supersedes does not count; doubles are shown
and counted once (the largest of them) only where the caller asks for the net sum.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from nexpo.core.problem import Where, bad_input
from nexpo.datacentres.duplicates import Matching, fold, groups
from nexpo.datacentres.model import GridRequest, RequestState
from nexpo.territory.geodesy import distance_m

_OVER = frozenset({RequestState.WITHDRAWN, RequestState.REFUSED})


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something odd about requests: a name, their ids, and in words."""

    name: str
    ids: tuple[str, ...]
    told: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What the requests of a register come to.

    ``live`` stand; ``superseded`` maps a request to the one in its place; ``over`` were withdrawn
    or refused; ``doubles`` are sets of live requests that look like one wish.
    """

    live: tuple[str, ...]
    superseded: dict[str, str]
    over: tuple[str, ...]
    doubles: tuple[tuple[str, ...], ...]
    doubts: tuple[Doubt, ...]


def standing(requests: Sequence[GridRequest], matching: Matching) -> Standing:
    """Tell which requests stand.

    Raises
    ------
    Problem
        When ids repeat, or requests supersede each other in a circle.
    """
    by_id = {request.id: request for request in requests}
    if len(by_id) != len(requests):
        ids = [request.id for request in requests]
        doubled = sorted({name for name in ids if ids.count(name) > 1})
        raise bad_input(
            "a request stands twice",
            where=Where(column="id"),
            value=doubled,
            remedy="give each request one id; a later one supersedes an earlier one",
        )
    refuse_circles(requests)
    superseded = {
        request.supersedes: request.id
        for request in sorted(requests, key=_age)
        if request.supersedes in by_id
    }
    rest = [request for request in requests if request.id not in superseded]
    live = [request for request in rest if request.state not in _OVER]
    pairs = [
        (first.id, second.id)
        for first, second in combinations(live, 2)
        if _one_wish(first, second, matching)
    ]
    joined = groups([request.id for request in live], pairs)
    return Standing(
        live=tuple(request.id for request in live),
        superseded=dict(superseded),
        over=tuple(request.id for request in rest if request.state in _OVER),
        doubles=tuple(group for group in joined if len(group) > 1),
        doubts=tuple(_doubts(requests)),
    )


def refuse_circles(requests: Sequence[GridRequest]) -> None:
    """Refuse requests that supersede each other in a circle.

    Raises
    ------
    Problem
        Naming the circle.
    """
    for circle in in_circles(requests).values():
        raise bad_input(
            "requests supersede each other in a circle",
            where=Where(column="supersedes"),
            value=" -> ".join(circle),
            remedy="leave supersedes empty in the oldest of them",
        )


def in_circles(requests: Sequence[GridRequest]) -> dict[str, tuple[str, ...]]:
    """Return the circle of each request that is in one, by id; its first id closes it.

    Examples
    --------
    >>> from nexpo.datacentres.model import Source
    >>> ask = lambda name, old: GridRequest(name, Source("s"), supersedes=old)
    >>> in_circles([ask("a", "b"), ask("b", "a"), ask("c", "a")])
    {'a': ('a', 'b', 'a'), 'b': ('a', 'b', 'a')}
    """
    onward = {request.id: request.supersedes for request in requests}
    found: dict[str, tuple[str, ...]] = {}
    done: set[str] = set()
    for start in onward:
        path: dict[str, None] = {}
        step: str | None = start
        while step is not None and step in onward and step not in done:
            if step in path:
                names = list(path)
                circle = (*names[names.index(step) :], step)
                found |= dict.fromkeys(circle, circle)
                break
            path[step] = None
            step = onward[step]
        done.update(path)
    return found


def net_of_doubles(found: Standing, requests: Sequence[GridRequest]) -> tuple[str, ...]:
    """Return the ids of the live requests with the largest of each set of doubles only."""
    power = {request.id: request.requested_kw or 0.0 for request in requests}
    dropped = {
        name
        for group in found.doubles
        for name in sorted(group, key=lambda each: (-power[each], each))[1:]
    }
    return tuple(name for name in found.live if name not in dropped)


def _age(request: GridRequest) -> tuple[str, str]:
    return ("" if request.day is None else request.day.isoformat(), request.id)


def _doubts(requests: Sequence[GridRequest]) -> Iterator[Doubt]:
    by_id = {request.id: request for request in requests}
    heirs: dict[str, list[str]] = defaultdict(list)
    for request in requests:
        if request.supersedes is None:
            continue
        old = by_id.get(request.supersedes)
        if old is None:
            told = f"{request.id} supersedes {request.supersedes}, which is not in the register"
            yield Doubt("supersedes-unknown", (request.id, request.supersedes), told)
            continue
        heirs[old.id].append(request.id)
        if old.day is not None and request.day is not None and request.day < old.day:
            told = f"{request.id} of {request.day} supersedes {old.id} of the later {old.day}"
            yield Doubt("supersedes-later", (request.id, old.id), told)
    for old_id, new in heirs.items():
        if len(new) > 1:
            told = f"{' and '.join(sorted(new))} both supersede {old_id}"
            yield Doubt("superseded-twice", (old_id, *sorted(new)), told)


def _one_wish(first: GridRequest, second: GridRequest, matching: Matching) -> bool:
    """Say whether two live requests look like one: applicant or facility, place, power, days."""
    one = first.facility_id is not None and first.facility_id == second.facility_id
    applicant = fold(first.applicant)
    if not one and not (applicant and applicant == fold(second.applicant)):
        return False
    if not (one or _same_place(first, second, matching)):
        return False
    if first.requested_kw is None or second.requested_kw is None:
        return False
    larger = max(first.requested_kw, second.requested_kw)
    if abs(first.requested_kw - second.requested_kw) > matching.power_tolerance * larger:
        return False
    if first.day is None or second.day is None:
        return True
    return abs((first.day - second.day).days) <= matching.days


def _same_place(first: GridRequest, second: GridRequest, matching: Matching) -> bool:
    here, there = first.place.position, second.place.position
    if here is not None and there is not None:
        return float(distance_m(*here, *there)) <= matching.campus_m
    municipality = first.place.municipality
    return municipality is not None and municipality == second.place.municipality
