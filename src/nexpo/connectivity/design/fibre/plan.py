"""A fibre design from streets, demand and POPs: what can be designed is, the rest is listed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from nexpo.connectivity.design.fibre import (
    areas,
    budget,
    cables,
    kernels,
    network,
    reach,
    ring,
    tables,
    trench,
)
from nexpo.connectivity.design.fibre.model import (
    PERCENT,
    Inputs,
    Ints,
    Mask,
    Plan,
    Pop,
    Rules,
    TrenchCost,
)
from nexpo.connectivity.design.fibre.network import Network
from nexpo.connectivity.design.fibre.tables import Laid, Left
from nexpo.connectivity.design.model import COST_CLASSES, CostClass, Demand, Placement
from nexpo.core.problem import Kind, Problem
from nexpo.core.progress import Progress, Silent

if TYPE_CHECKING:
    import polars as pl

CHOSEN = "pop-chosen"
_MM_IN_M = 1000
_OFF = tuple(Placement).index(Placement.OFF_NETWORK)
_FORBIDDEN = COST_CLASSES.index(CostClass.FORBIDDEN)


@dataclass(slots=True)
class _Work:
    """Who is still wanted, and who was left out, as the design goes on."""

    wanted: Mask
    left: list[Left] = field(default_factory=list)

    def leave(self, gone: Mask, reason: str, remedy: str) -> None:
        gone = gone & self.wanted
        if gone.any():
            self.left.append(Left(np.flatnonzero(gone), reason, remedy))
            self.wanted = self.wanted & ~gone


def design(
    inputs: Inputs, rules: Rules, by: trench.Search, *, progress: Progress | None = None
) -> Plan:
    """Design the fibre network that serves all demands without one.

    Parameters
    ----------
    inputs
        Streets, demand and POPs; without a POP the best node is chosen where the options
        let it.
    rules
        Architecture, cables, prices of routes, options.
    by
        Steiner solver, limits and seed. It is called once; again where addresses turn out to
        be too far, and once a POP where capacities bind.
    progress
        Told of each step.

    Returns
    -------
    The plan. Demands that no design under these rules can serve are in ``unserved``; the
    others are designed without them.

    Raises
    ------
    Problem
        When there is no POP and none may be chosen, or a POP is off the streets.
    """
    tell = progress or Silent()
    if not inputs.pops and not rules.options.choose_pop:
        raise Problem(
            Kind.BAD_INPUT,
            "no POP: a fibre network has to begin somewhere",
            remedy="give the place of a POP, or let the best node be chosen",
        )
    work = _start(inputs)
    pops, routes = _route(inputs, rules, by, work, tell)
    given = Inputs(inputs.streets, inputs.demand, pops)
    lit = _lit(given, rules, routes, tell)
    if lit.dark.any():
        work.leave(lit.dark, *_too_far(rules))
        lit = _again(given, rules, lit, by, tell)
    return _plan(lit, work, chosen=not inputs.pops)


@dataclass(frozen=True, slots=True, eq=False)
class _Lit:
    """A design in which light reaches all ``rows``; ``dark`` are those left out on the way."""

    laid: Laid
    budget: budget.Budget
    rows: Ints
    dark: Mask


def _lit(inputs: Inputs, rules: Rules, routes: trench.Routes, tell: Progress) -> _Lit:
    """Lay a design into routes; shorten them, then leave addresses out, until all have light.

    It comes to an end: each round brings an address nearer by a metre, or leaves one out.
    """
    dark = np.zeros(len(inputs.demand), np.bool_)
    while True:
        laid = _lay(inputs, rules, routes, tell)
        rows = np.flatnonzero(routes.owner != trench.NOBODY)
        tell.step("optical budget")
        found = budget.reckon(
            tables.legs_m(laid, rows),
            tables.joints(laid, rows),
            laid.areas.direct[rows],
            rules.architecture,
            rules.cables,
        )
        if found.fits.all():
            return _Lit(laid, found, rows, dark)
        far = rows[~found.fits]
        nearer = reach.shorter(routes, far, found.excess_m[~found.fits])
        if nearer is None:
            dark[far] = True
            nearer = reach.without(routes, trench.mask(len(dark), far))
        routes = nearer


def _again(inputs: Inputs, rules: Rules, lit: _Lit, by: trench.Search, tell: Progress) -> _Lit:
    """Solve once more for those who stayed: the bound is theirs, and the routes if cheaper."""
    old = lit.laid.routes
    stayed = old.owner != trench.NOBODY
    tell.step("trench, without those who are too far")
    solved = trench.routes(old.network, inputs.demand, stayed, inputs.pops, old.cost_cents, by)
    if not np.array_equal(solved.owner != trench.NOBODY, stayed):
        return lit
    new = _lit(inputs, rules, solved, tell)
    cheaper = not new.dark.any() and new.laid.routes.tree_cents < old.tree_cents
    best = new if cheaper else lit
    bound = max(old.bound_cents, solved.bound_cents)
    routes = replace(best.laid.routes, bound_cents=bound)
    return replace(best, laid=replace(best.laid, routes=routes))


def _start(inputs: Inputs) -> _Work:
    streets, demand = inputs.streets, inputs.demand
    work = _Work(~demand.connected)
    off = (demand.section < 0) | (demand.section >= streets.sections) | (demand.placement == _OFF)
    work.leave(
        off,
        "off the street network",
        "add the street, join the network, or give the address a place on a street",
    )
    section = np.where(off, 0, demand.section)
    if streets.sections:
        work.leave(
            streets.cost_class[section] == _FORBIDDEN,
            "its street may carry no route",
            "place the address on another street, or permit this one",
        )
    work.leave(
        ~network.routable(streets, demand),
        "its place on the street is not a place: beyond the section, or no number",
        "give an offset within the section's length and a lead of zero or more metres",
    )
    return work


def _route(
    inputs: Inputs, rules: Rules, by: trench.Search, work: _Work, tell: Progress
) -> tuple[tuple[Pop, ...], trench.Routes]:
    """Return the POPs, given or chosen, and the routes to all who can be reached from them."""
    tell.step("streets and addresses")
    net = network.build(inputs, work.wanted, rules.options)
    cost = trench.piece_costs(net, rules.prices)
    pops, found = inputs.pops, None
    if pops:
        _leave_unreachable(inputs, rules, work, net)
    tell.step("trench")
    if not pops and work.wanted.any():
        net, mine, found = trench.with_chosen_pop(net, inputs.demand, work.wanted, cost, by)
        pops = (_chosen(net),)
        work.leave(work.wanted & ~mine, *_NO_POP)
    routes = trench.routes(net, inputs.demand, work.wanted, pops, cost, found or by)
    work.leave(routes.owner == trench.NOBODY, *_FULL)
    return pops, routes


def _lay(inputs: Inputs, rules: Rules, routes: trench.Routes, tell: Progress) -> Laid:
    """Divide the served into areas and lay their cables into the routes."""
    tell.step("cabinets and chambers")
    divided = areas.divide(routes, inputs.demand, rules.architecture)
    closed = ring.none(routes)
    if rules.options.ring:
        tell.step("ring")
        closed = ring.close(routes, divided, rules.options)
    tell.step("cables")
    drawn, ways = cables.lay(routes, divided, closed, rules.cables)
    return Laid(inputs, rules, routes, divided, closed, drawn, ways)


_NO_POP = (
    "no POP on its part of the street network",
    "give a POP there, or join the parts of the street network",
)
_FULL = (
    "the POPs hold no more units",
    "raise the capacity of a POP, or add one",
)


def _too_far(rules: Rules) -> tuple[str, str]:
    shared, direct = rules.architecture.shared, rules.architecture.direct
    split = f"split: {shared.max_loss_db:g} dB, {shared.max_reach_km:g} km"
    alone = f"point-to-point: {direct.max_loss_db:g} dB, {direct.max_reach_km:g} km"
    return (
        f"beyond the optical budget ({split}; {alone})",
        "add a POP nearer to it, split less, or serve it by radio",
    )


def _leave_unreachable(inputs: Inputs, rules: Rules, work: _Work, net: Network) -> None:
    """Leave out whom no route joins to a POP, and who is too far by the shortest of all."""
    work.leave(~trench.reachable(net, work.wanted), *_NO_POP)
    rows = np.flatnonzero(work.wanted)
    millimetres = np.floor(net.length_m * _MM_IN_M).astype(np.int64)
    start, near, piece = kernels.adjacency(net.nodes, net.tail, net.head)
    least = kernels.nearest(start, near, piece, millimetres, net.pop)[0][net.place[rows]]
    legs = np.zeros((len(rows), 3))
    legs[:, 0] = least / _MM_IN_M
    direct = rules.architecture.is_direct(inputs.demand.service[rows])
    # on one leg no drum is counted that three legs would not have
    whole = replace(rules.cables, drum_m=float("inf"))
    best = budget.reckon(legs, np.zeros_like(rows), direct, rules.architecture, whole)
    over = np.zeros(len(work.wanted), np.bool_)
    over[rows[~best.fits]] = True
    work.leave(over, *_too_far(rules))


def _chosen(net: Network) -> Pop:
    node = int(net.pop[0])
    return Pop(CHOSEN, float(net.lon[node]), float(net.lat[node]), node)


def _plan(lit: _Lit, work: _Work, *, chosen: bool) -> Plan:
    laid, found, rows = lit.laid, lit.budget, lit.rows
    trenches = tables.trench_sections(laid)
    ring_cents = int(laid.routes.cost_cents[laid.ring.added].sum())
    closed = tables.ring(laid, _by_second_way(laid, rows))
    return Plan(
        trench_sections=trenches,
        cables=tables.cables(laid),
        sites=tables.sites(laid),
        premises=tables.premises(laid, found, rows),
        unserved=tables.unserved(laid.inputs.demand, work.left),
        ring=closed,
        trench=TrenchCost(
            laid.routes.tree_cents, laid.routes.lead_cents, ring_cents, laid.routes.bound_cents
        ),
        rules=laid.rules,
        chosen_pop=chosen and bool(len(rows)),
        notes=tuple(_notes(laid, found, rows, closed, chosen=chosen)),
    )


def _by_second_way(laid: Laid, rows: Ints) -> tuple[Ints, budget.Budget]:
    """Return the addresses behind a ring, and their budget when the first way is cut."""
    second = laid.ring.second
    cabinet = tables.cabinet_of(laid, rows)
    ringed = np.isin(cabinet, list(second))
    behind, by = rows[ringed], cabinet[ringed]
    length_m = {
        each: float(laid.routes.network.length_m[way].sum()) for each, way in second.items()
    }
    legs = tables.legs_m(laid, behind)
    legs[:, 0] = [length_m[int(each)] for each in by]
    lit = budget.reckon(
        legs,
        tables.joints(laid, behind) - laid.ways.feeder_joints[by],  # a way of a ring is one cable
        laid.areas.direct[behind],
        laid.rules.architecture,
        laid.rules.cables,
    )
    return by, lit


def _notes(
    laid: Laid, found: budget.Budget, rows: Ints, closed: pl.DataFrame, *, chosen: bool
) -> Iterable[str]:
    if not len(rows):
        yield "nothing was designed: no demand without a network can be reached"
        return
    if chosen:
        place = f"{laid.inputs.pops[0].lat:.6f}, {laid.inputs.pops[0].lon:.6f}"
        yield f"no POP was given: one was chosen at {place}, the weighted median of the routes"
    if laid.routes.added_cents:
        share = PERCENT * laid.routes.added_cents / laid.routes.tree_cents
        yield f"shortcuts that keep the optical budget are {share:.1f} % of the cost of the routes"
    exposed = len([each for each in laid.ring.single.values() if len(each)])
    if exposed:
        yield (
            f"{exposed} of {len(laid.ring.second)} cabinets cannot have two ways to their POP "
            "that share no street: see the table of the ring"
        )
    if closed["second_dark"].sum():
        yield (
            f"{int((closed['second_dark'] > 0).sum())} cabinets have a second way too long for "
            f"light to reach all behind them ({int(closed['second_dark'].sum())} addresses): they "
            "are not protected"
        )
    if found.bright.any():
        yield f"{int(found.bright.sum())} addresses need an attenuator: too little loss"
    interpolated = _interpolated(laid.inputs.demand, rows)
    if interpolated:
        share = PERCENT * interpolated / len(rows)
        yield f"{interpolated} addresses ({share:.0f} %) stand at a place that was not surveyed"


def _interpolated(demand: Demand, rows: Ints) -> int:
    surveyed = tuple(Placement).index(Placement.COORDINATES)
    return int(np.count_nonzero(demand.placement[rows] != surveyed))
