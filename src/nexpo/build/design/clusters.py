"""Clusters for the choice: addresses served together, and what several of them share.

Addresses are put together along the branches of the designed network. A piece of the design
(trench, cable, cabinet, mast) is paid by the clusters that use it: used by one, it is part of
that cluster's option; used by several, it becomes a *shared part*, a cluster of no addresses
that all of them require. So the choice pays a feeder once, and only if somebody needs it, and
the parts of the whole design add up to its bill to the cent.

Users of shared parts nest in each other, as along a tree, so that the whole Pareto front can be
reckoned (:mod:`nexpo.connectivity.design.choice.tree`).

What is held fixed: routes and cable sizes are those of the whole design. A smaller choice could
be laid anew and cost less, never more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from nexpo.build.design.model import Group
from nexpo.connectivity.design import fibre
from nexpo.connectivity.design.choice.model import Cluster, Option, Technology
from nexpo.connectivity.design.fibre import Level as CableLevel
from nexpo.connectivity.design.fibre import Plan
from nexpo.connectivity.design.model import Demand, Ints
from nexpo.connectivity.design.money import Level, UnitCosts, bill
from nexpo.connectivity.design.wireless import WirelessPlan

Row = Mapping[str, Any]
_HALF = 2


@dataclass(frozen=True, slots=True)
class Offer:
    """How a technology may serve clusters: its speeds, and prices at a level."""

    down_mbps: float
    up_mbps: float
    before_mbps: float
    unit_costs: UnitCosts
    level: Level

    def network_cents(self, quantities: Mapping[str, float]) -> int:
        """Return what quantities cost, connections left out."""
        return bill(quantities, self.unit_costs, self.level).network.cents


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """Pieces of a design by who uses them: bits of clusters to cents and trenches."""

    cents: dict[int, int]
    trenches: dict[int, Ints]


def group(
    plan: Plan,
    demand: Demand,
    radio: WirelessPlan | None,
    offers: Mapping[Technology, Offer],
    *,
    most: int,
) -> tuple[tuple[Group, ...], tuple[Cluster, ...]]:
    """Return clusters of addresses with their options, and all clusters the choice needs.

    Parameters
    ----------
    plan, radio
        The fibre and the wireless design of the same demand.
    offers
        Speeds and prices by technology.
    most
        About how many clusters are made.

    Returns
    -------
    tuple
        Groups with addresses; and the clusters of those groups followed by the shared parts.
    """
    of_row = divide(plan, demand, most)
    count = int(of_row.max(initial=-1)) + 1
    lit = _fibre_shares(plan, demand, of_row, offers[Technology.FIBRE])
    air = _Air(radio, demand, of_row)
    seen = air.shares(offers[Technology.WIRELESS]) if radio is not None else Shared({}, {})
    named = {Technology.FIBRE: _names(lit, "fibre"), Technology.WIRELESS: _names(seen, "site")}
    served = {Technology.FIBRE: _served_by_fibre(plan, demand), Technology.WIRELESS: air.served}
    shares = {Technology.FIBRE: lit, Technology.WIRELESS: seen}
    groups = tuple(
        _group(place, of_row, demand, shares, named, served, offers) for place in range(count)
    )
    parts = [
        _part(name, shares[kind].cents[bits], offers[kind])
        for kind in shares
        for bits, name in named[kind].items()
    ]
    return groups, (*(each.cluster for each in groups), *parts)


def divide(plan: Plan, demand: Demand, most: int) -> Ints:
    """Return the cluster of each demand, ``-1`` where it has a network already.

    Chambers of a cabinet are taken in the order of their branches and cut where a branch ends
    or the cluster is full. Whom fibre does not reach forms the last cluster.
    """
    found = np.full(len(demand), -1, np.int64)
    row = {name: place for place, name in enumerate(demand.id)}
    inside: dict[str, list[int]] = defaultdict(list)
    for name, chamber in plan.premises.select("id", "chamber").iter_rows():
        inside[chamber].append(row[name])
    full = max(1, -(-plan.premises.height // max(1, most)))
    number = 0
    for run in _runs(plan, {key: len(rows) for key, rows in inside.items()}, full):
        found[[each for chamber in run for each in inside[chamber]]] = number
        number += 1
    left = np.flatnonzero((found < 0) & ~demand.connected)
    found[left] = number
    return found


def _runs(plan: Plan, inside: Mapping[str, int], full: int) -> Iterator[list[str]]:
    """Yield chambers that belong together, cabinet by cabinet."""
    walk = _Walk(plan)
    for cabinet in walk.kind("cabinet"):
        mine = [row for row in walk.kind("chamber") if row["cabinet"] == cabinet["site"]]
        ways = sorted((walk.distribution(row), row["site"]) for row in mine)
        run: list[str] = []
        held, before = 0, [-1]
        for way, chamber in ways:
            new_branch = not way or way[:1] != before[:1]
            if run and (held >= full or (new_branch and _HALF * held >= full)):
                yield run
                run, held = [], 0
            run.append(chamber)
            held, before = held + inside.get(chamber, 0), way
        if run:
            yield run


class _Walk:
    """The plan's cables as ways: from a node back to the head of its level."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.tail = plan.trench_sections["tail"].to_list()
        self.head = plan.trench_sections["head"].to_list()
        self.cables: Sequence[Row] = plan.cables.to_dicts()
        self.nodes = [self._nodes(row) for row in self.cables]
        self.sites: dict[str, Row] = {row["site"]: row for row in plan.sites.iter_rows(named=True)}

    @cached_property
    def through(self) -> dict[tuple[str, str, int], list[int]]:
        """Cables by level, owner and each node they come to."""
        found: dict[tuple[str, str, int], list[int]] = defaultdict(list)
        for number, row in enumerate(self.cables):
            for node in self.nodes[number][1:]:
                found[(row["level"], row["owner"], node)].append(number)
        return found

    def _nodes(self, row: Row) -> list[int]:
        nodes = [row["origin"]]
        for trench in row["trenches"]:
            tail, head = self.tail[trench], self.head[trench]
            nodes.append(head if nodes[-1] == tail else tail)
        return nodes

    def kind(self, name: str) -> list[Row]:
        """Return the sites of a kind."""
        return [row for row in self.sites.values() if row["kind"] == name]

    def back(self, level: CableLevel, owner: str, node: int) -> Iterator[tuple[int, list[int]]]:
        """Yield each cable on the ways to a node, with the trenches it is used over."""
        todo = [(number, node) for number in self.through.get((level.value, owner, node), [])]
        while todo:
            number, node = todo.pop()
            row, nodes = self.cables[number], self.nodes[number]
            if node not in nodes:
                continue
            yield number, row["trenches"][: nodes.index(node)]
            if row["parent"] is not None:
                todo.append((row["parent"], row["origin"]))

    def distribution(self, chamber: Row) -> list[int]:
        """Return the trenches from the cabinet to a chamber, in that order."""
        way: list[int] = []
        level = CableLevel.DISTRIBUTION
        for _, trenches in self.back(level, chamber["cabinet"], chamber["node"]):
            way[:0] = trenches
        return way

    def feeder(self, cabinet: Row) -> Iterator[tuple[int, list[int]]]:
        """Yield cables and trenches from the POP to a cabinet, both ways of a ring."""
        node, site = cabinet["node"], cabinet["site"]
        yield from self.back(CableLevel.FEEDER, cabinet["pop"], node)
        yield from self.back(CableLevel.RING_FIRST, site, node)
        yield from self.back(CableLevel.RING, site, node)


@dataclass(slots=True)
class _Users:
    """Who uses each trench, cable and site: bits of clusters."""

    trench: list[int]
    cable: list[int]
    site: dict[str, int]

    def mark(self, ways: Iterable[tuple[int, list[int]]], bits: int) -> None:
        for cable, trenches in ways:
            self.cable[cable] |= bits
            for trench in trenches:
                self.trench[trench] |= bits


def _users(plan: Plan, bits_of: Mapping[str, int]) -> _Users:
    """Return who uses what; ``bits_of`` is by the id of a served address."""
    walk = _Walk(plan)
    users = _Users([0] * len(walk.tail), [0] * len(walk.cables), defaultdict(int))
    for row in plan.premises.iter_rows(named=True):
        bits = bits_of[row["id"]]
        users.mark(walk.back(CableLevel.DROP, row["chamber"], row["node"]), bits)
        for site in ("chamber", "cabinet", "pop"):
            users.site[row[site]] |= bits
    for chamber in walk.kind("chamber"):
        owner, node = chamber["cabinet"], chamber["node"]
        bits = users.site[chamber["site"]]
        users.mark(walk.back(CableLevel.DISTRIBUTION, owner, node), bits)
    for cabinet in walk.kind("cabinet"):
        users.mark(walk.feeder(cabinet), users.site[cabinet["site"]])
    _mark_closures(walk, users)
    return users


def _mark_closures(walk: _Walk, users: _Users) -> None:
    """Give each joint closure the users of the cables that begin in it."""
    begun: dict[int, int] = defaultdict(int)
    for row, bits in zip(walk.cables, users.cable, strict=True):
        begun[row["origin"]] |= bits
    for closure in walk.kind("closure"):
        users.site[closure["site"]] = begun[closure["node"]]


def _fibre_shares(plan: Plan, demand: Demand, of_row: Ints, offer: Offer) -> Shared:
    """Return the cost of the fibre plan by who uses it; the parts add up to its bill."""
    if plan.premises.is_empty():
        return Shared({}, {})
    row = {name: place for place, name in enumerate(demand.id)}
    bits_of = {name: 1 << int(of_row[row[name]]) for name in plan.premises["id"]}
    users = _users(plan, bits_of)
    whole = 0
    for bits in bits_of.values():
        whole |= bits
    trench = [bits or whole for bits in users.trench]
    cable = [bits or whole for bits in users.cable]
    site = [users.site[name] or whole for name in plan.sites["site"]]
    premises = [bits_of[name] for name in plan.premises["id"]]
    cents: dict[int, int] = {}
    trenches: dict[int, Ints] = {}
    for bits in sorted({*trench, *cable, *site, *premises, whole}):
        part = replace(
            plan,
            trench_sections=_of(plan.trench_sections, trench, bits),
            cables=_of(plan.cables, cable, bits),
            sites=_of(plan.sites, site, bits),
            premises=_of(plan.premises, premises, bits),
        )
        cents[bits] = offer.network_cents(_quantities(part, plan))
        trenches[bits] = np.flatnonzero([each == bits for each in trench])
    due = offer.network_cents(_listed(fibre.quantities(plan)))
    _settle(cents, whole, due)
    return _nested(Shared(cents, trenches))


def _settle(cents: dict[int, int], whole: int, due: int) -> None:
    """Make parts add up to the bill: each line of it is rounded, some cents lie between.

    They go to what all share; where that costs less than they take off, to the dearest part.
    """
    rest = due - sum(cents.values())
    at = whole if cents.get(whole, 0) + rest >= 0 else max(cents, key=lambda each: cents[each])
    cents[at] = cents.get(at, 0) + rest


def _nested(shared: Shared) -> Shared:
    """Return parts whose users nest in each other: the cheaper of two that cross takes in both.

    Serving areas of cabinets overlap here and there. A part with more users than it has is paid
    by a choice that could do without it: what a choice costs is then on the safe side.
    """
    kept: list[int] = []
    cents: dict[int, int] = defaultdict(int)
    rows: dict[int, list[int]] = defaultdict(list)
    for bits in sorted(shared.cents, key=lambda each: (-shared.cents[each], each)):
        grown = bits
        while crossed := [each for each in kept if each & grown not in (0, each, grown)]:
            grown |= crossed[0]
        if grown not in cents:
            kept.append(grown)
        cents[grown] += shared.cents[bits]
        rows[grown].extend(shared.trenches[bits].tolist())
    return Shared(dict(cents), {bits: np.array(sorted(each)) for bits, each in rows.items()})


def _of(table: pl.DataFrame, users: Sequence[int], bits: int) -> pl.DataFrame:
    return table.filter(pl.Series([each == bits for each in users], dtype=pl.Boolean))


def _quantities(part: Plan, plan: Plan) -> dict[str, float]:
    """Return the quantities of a part; ports of the exchange go with their cabinet."""
    found = _listed(fibre.quantities(part))
    cabinets = part.sites.filter(pl.col("kind") == "cabinet")
    behind = plan.premises.filter(
        pl.col("cabinet").is_in(cabinets["site"].implode()) & pl.col("point_to_point")
    )
    ports = int(cabinets["fibres_in"].sum()) - int(behind["fibres"].sum())
    found["olt.port"] = float(max(0, ports))
    return found


def _listed(table: pl.DataFrame) -> dict[str, float]:
    return dict(table.select("item", "quantity").iter_rows())


class _Air:
    """The wireless plan by cluster: who is served, and who uses which site."""

    def __init__(self, plan: WirelessPlan | None, demand: Demand, of_row: Ints) -> None:
        self.plan = plan
        row = {name: place for place, name in enumerate(demand.id)}
        self.served = np.zeros(len(demand), np.bool_)
        self.users: dict[str, int] = defaultdict(int)
        if plan is None:
            return
        links = plan.links.filter(pl.col("status") == "served")
        for name, site in links.select("premise", "site").iter_rows():
            self.served[row[name]] = True
            self.users[site] |= 1 << int(of_row[row[name]])
        self._pass_on(dict(plan.hops.select("site", "to_site").iter_rows()))

    def _pass_on(self, uplink: Mapping[str, str]) -> None:
        """Give a relay the users of all whose traffic passes it."""
        for start, bits in list(self.users.items()):
            at = uplink.get(start)
            while at is not None:
                self.users[at] |= bits
                at = uplink.get(at)

    def shares(self, offer: Offer) -> Shared:
        """Return the cost of the wireless plan by who uses it."""
        if self.plan is None or not self.served.any():
            return Shared({}, {})
        cents: dict[int, int] = defaultdict(int)
        whole = 0
        for bits in self.users.values():
            whole |= bits
        for row in self.plan.sites.iter_rows(named=True):
            cents[self.users.get(row["site"], 0) or whole] += offer.network_cents(_site(row))
        due = offer.network_cents(network_quantities(self.plan))
        _settle(cents, whole, due)
        return Shared(dict(cents), {})


def _site(row: Row) -> dict[str, float]:
    stands = row["kind"] in {"tower", "pop"}
    found = {"fwa.site.existing" if stands else "fwa.mast": 1.0}
    found["fwa.sector"] = float(row["sectors"])
    if row["uplink"] == "radio":
        found["fwa.backhaul.radio"] = 1.0
    if row["uplink"] == "fibre":
        found |= {"fwa.backhaul.fibre": 1.0, "fwa.backhaul.fibre.m": float(row["fibre_m"])}
    return found


def network_quantities(plan: WirelessPlan) -> dict[str, float]:
    """Return the quantities of a wireless network: sites, sectors, backhaul."""
    return {item: count for item, count in _listed(plan.quantities).items() if item != "fwa.cpe"}


def _served_by_fibre(plan: Plan, demand: Demand) -> np.ndarray[Any, np.dtype[np.bool_]]:
    reached = set(plan.premises["id"])
    return np.array([name in reached for name in demand.id], np.bool_)


def _names(shared: Shared, kind: str) -> dict[int, str]:
    """Return a name for each part that more than one cluster uses."""
    several = [bits for bits in shared.cents if bits.bit_count() > 1]
    return {bits: f"{kind}-{place:03d}" for place, bits in enumerate(sorted(several), start=1)}


def _part(name: str, cents: int, offer: Offer) -> Cluster:
    """Return a shared part: no address, one option, required by those who use it."""
    option = Option(
        Technology.FIBRE,  # what others require is written as fibre in the choice's terms
        cents,
        0,
        0,
        max(offer.down_mbps, 1e6),  # the step change is asked of options that serve somebody
        up_mbps=1e6,
        label=f"shared {name}",
    )
    return Cluster(f"shared-{name}", 0, 0, offer.before_mbps, (option,))


def _group(
    place: int,
    of_row: Ints,
    demand: Demand,
    shares: Mapping[Technology, Shared],
    named: Mapping[Technology, Mapping[int, str]],
    served: Mapping[Technology, np.ndarray[Any, np.dtype[np.bool_]]],
    offers: Mapping[Technology, Offer],
) -> Group:
    rows = np.flatnonzero(of_row == place)
    options = tuple(
        _option(kind, place, rows[served[kind][rows]], demand, shares[kind], named[kind], offers)
        for kind in shares
        if served[kind][rows].any()
    )
    cluster = Cluster(
        id=f"cluster-{place + 1:03d}",
        addresses=len(rows),
        units=int(demand.units[rows].sum()),
        before_mbps=offers[Technology.FIBRE].before_mbps,
        options=options,
        by_class=_by_class(demand, rows),
    )
    return Group(
        cluster,
        rows,
        _middle(demand.lon[rows]),
        _middle(demand.lat[rows]),
        shares[Technology.FIBRE].trenches.get(1 << place, np.empty(0, np.int64)),
    )


def _option(
    kind: Technology,
    place: int,
    rows: Ints,
    demand: Demand,
    shared: Shared,
    named: Mapping[int, str],
    offers: Mapping[Technology, Offer],
) -> Option:
    bit = 1 << place
    return Option(
        kind,
        shared.cents.get(bit, 0),
        len(rows),
        int(demand.units[rows].sum()),
        offers[kind].down_mbps,
        offers[kind].up_mbps,
        by_class=_by_class(demand, rows),
        requires=tuple(f"shared-{name}" for bits, name in named.items() if bits & bit),
        label=kind.value,
    )


def _by_class(demand: Demand, rows: Ints) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for place in rows.tolist():
        if demand.klass[place]:
            found[demand.klass[place]] += 1
    return dict(sorted(found.items()))


def _middle(degrees: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    known = degrees[np.isfinite(degrees)]
    return float(known.mean()) if len(known) else float("nan")
