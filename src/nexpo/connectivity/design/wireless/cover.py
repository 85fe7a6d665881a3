"""Least-cost choice of sites, sectors and backhaul, by HiGHS, with a bound.

Three programmes, one after the other. The first proves how many units can be served at most.
The second builds what serves as many at the least cost; both let a premise be shared between
sectors, so their bounds hold for whole premises too. The third deals whole premises out to what
is built; where some do not fit, further sectors of built sites take them.

Premises with the same units and the same modes towards the same sectors are one *group* with a
count: the programme is the same and many times smaller.

Variables: site built ``y``, sector on air ``z``, premises of a group on a sector ``x``, fibre to
a site ``b``, hop on air ``a``, traffic on a hop ``f`` and on a fibre ``F``, depth ``h``. A site
that is built has one uplink: fibre or one hop to another built site, no deeper than allowed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import Bounds, LinearConstraint
from scipy.sparse import coo_array

from nexpo.connectivity.design.model import Floats, Ints
from nexpo.connectivity.design.wireless.model import Bools, Effort
from nexpo.connectivity.design.wireless.offer import (
    FIBRE,
    NO_UPLINK,
    WHOLE,
    Choice,
    Offer,
    cost_cents,
    faults,
    needed,
)
from nexpo.core.problem import Kind, Problem
from nexpo.core.solvers import milp

__all__ = ["FIBRE", "NO_UPLINK", "Choice", "Offer", "choose", "cost_cents", "faults"]

_CENTS = 100.0
_DEAL_GAP, _DEAL_NODES = 2e-4, 200  # a packing is soon good and long unproven


@dataclass(slots=True)
class _Program:
    """A mixed-integer programme as it grows: columns in blocks, rows as triplets."""

    columns: int = 0
    rows: int = 0
    upper: list[Floats] = field(default_factory=list)
    whole: list[Ints] = field(default_factory=list)
    triplets: list[tuple[Ints, Ints, Floats]] = field(default_factory=list)
    sides: list[tuple[Floats, Floats]] = field(default_factory=list)

    def add(self, count: int, upper: Floats | float, *, whole: bool) -> Ints:
        """Add columns from zero up and return their positions."""
        self.upper.append(np.broadcast_to(np.asarray(upper, np.float64), (count,)))
        self.whole.append(np.full(count, int(whole)))
        self.columns += count
        return np.arange(self.columns - count, self.columns)

    def require(
        self,
        count: int,
        low: Floats | float,
        high: Floats | float,
        *terms: tuple[Ints, Ints, Floats | float],
    ) -> None:
        """Add rows ``low <= sum of terms <= high``; a term is row, column, coefficient."""
        for row, column, value in terms:
            full = np.broadcast_to(np.asarray(value, np.float64), row.shape)
            self.triplets.append((row + self.rows, column, full))
        low, high = (
            np.broadcast_to(np.asarray(side, np.float64), (count,)) for side in (low, high)
        )
        self.sides.append((low, high))
        self.rows += count

    def solve(
        self,
        cost: Floats,
        effort: Effort,
        *,
        lower: Floats | None = None,
        upper: Floats | None = None,
    ) -> tuple[Floats | None, float, bool]:
        """Return the best point found, the proven bound, and whether the gap is closed.

        ``lower`` and ``upper`` hold columns closer than they were added.
        """
        row, column, value = (np.concatenate(part) for part in zip(*self.triplets, strict=True))
        matrix = coo_array((value, (row, column)), shape=(self.rows, self.columns)).tocsr()
        low, high = (np.concatenate(side) for side in zip(*self.sides, strict=True))
        options: dict[str, float] = {"mip_rel_gap": effort.gap, "node_limit": effort.nodes}
        if effort.seconds is not None:
            options["time_limit"] = effort.seconds
        answer = milp(
            cost,
            integrality=np.concatenate(self.whole),
            bounds=Bounds(
                np.zeros(self.columns) if lower is None else lower,
                np.concatenate(self.upper) if upper is None else upper,
            ),
            constraints=LinearConstraint(matrix, low, high),
            options=options,
        )
        bound = answer.mip_dual_bound
        point = None if answer.x is None else np.asarray(answer.x, np.float64)
        return point, float("-inf") if bound is None else float(bound), answer.status == 0


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """Premises alike: how many, units of one, and the links of one of them."""

    of: Ints
    count: Ints
    link_group: Ints
    link: Ints
    link_of: dict[tuple[int, int], int]


@dataclass(frozen=True, slots=True, eq=False)
class _Built:
    """Sites, sectors on air and uplinks, before premises are dealt out."""

    site: Bools
    sector: Bools
    uplink: Ints


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    site: Ints
    sector: Ints
    share: Ints
    fibre: Ints
    hop: Ints
    flow: Ints
    fibre_flow: Ints
    depth: Ints


def choose(offer: Offer, effort: Effort | None = None) -> Choice:
    """Return the least-cost way to serve as many units as can be served.

    Raises
    ------
    Problem
        ``UNAVAILABLE`` when the solver found no point within its limits.
    """
    limits = effort or Effort()
    if not len(offer.premise):
        return _nothing(offer)
    groups = _grouped(offer)
    most, fallback, most_closed = _most_units(offer, groups, limits)
    first, floor, closed = _cheapest(offer, groups, limits, most)
    choice = _dealt(offer, groups, limits, first or fallback)
    if choice is None:
        raise Problem(
            Kind.UNAVAILABLE,
            "the solver found no choice of sites within its limits",
            value=f"{limits.nodes} nodes, {limits.seconds} s",
            remedy="allow more nodes or seconds, or give fewer candidate sites",
        )
    if choice.units < most:  # whole premises did not fit as shares did: bound what is served
        _, floor, closed = _cheapest(offer, groups, limits, choice.units)
    bound = 0 if not np.isfinite(floor) else int(np.ceil(floor * _CENTS - 1.0))
    if bound > choice.cost_cents:
        raise Problem(
            Kind.INTERNAL,
            f"a bound of {bound} cents lies above a cost of {choice.cost_cents}",
            remedy="report the candidate sites and premises of this design",
        )
    return replace(
        choice,
        units_bound=max(most, choice.units),
        bound_cents=max(bound, 0),
        proven=closed and most_closed,
    )


def _most_units(offer: Offer, groups: _Groups, effort: Effort) -> tuple[int, _Built | None, bool]:
    """Return a proven most of units (premises may be shared), what serves them, if closed."""
    program = _Program()
    at = _built(program, offer, groups)
    gain = np.zeros(program.columns)
    gain[at.share] = offer.units[offer.premise[groups.link]]
    point, bound, closed = program.solve(-gain, effort)
    total = int(gain[at.share] @ _firsts(groups))
    most = min(int(-bound + WHOLE), total) if np.isfinite(bound) else total
    return most, None if point is None else _standing(offer, at, point), closed


def _firsts(groups: _Groups) -> Floats:
    """Return the count of each group at its first link, zero at the others."""
    count = np.zeros(len(groups.link))
    _, first = np.unique(groups.link_group, return_index=True)
    count[first] = groups.count
    return count


def _cheapest(
    offer: Offer, groups: _Groups, effort: Effort, units: int
) -> tuple[_Built | None, float, bool]:
    """Return what to build for so many units, the bound in euro, and whether it is closed.

    Premises may be shared between sectors here: the bound holds for whole ones too.
    """
    program = _Program()
    at = _built(program, offer, groups)
    each = offer.units[offer.premise[groups.link]].astype(np.float64)
    if units >= int(each @ _firsts(groups)):
        count = groups.count.astype(np.float64)
        program.require(len(count), count, np.inf, (groups.link_group, at.share, 1.0))
    else:
        row = np.zeros(len(each), np.int64)
        program.require(1, units - WHOLE, np.inf, (row, at.share, each))
    point, bound, closed = program.solve(_price(offer, at, program.columns), effort)
    if point is None:
        return None, bound, False
    return _standing(offer, at, point), bound, closed


def _standing(offer: Offer, at: _Columns, point: Floats) -> _Built:
    whole = np.round(point).astype(np.int64)
    return _Built(whole[at.site] > 0, whole[at.sector] > 0, _uplinks(offer, at, whole))


def _dealt(offer: Offer, groups: _Groups, effort: Effort, built: _Built | None) -> Choice | None:
    """Return the choice with whole premises on what is built, as many units as fit.

    Built sites may put further sectors on air, as few as need be: all of them together weigh
    less than one unit.
    """
    if built is None:
        return None
    program = _Program()
    at = _built(program, offer, groups, whole=True)
    weight = np.zeros(program.columns)
    weight[at.share] = -offer.units[offer.premise[groups.link]]
    weight[at.sector] = 0.5 / len(at.sector)
    lower, upper = np.zeros(program.columns), np.concatenate(program.upper)
    upper[at.site], upper[at.sector] = built.site, built.sector | built.site[offer.sector_site]
    lower[at.sector] = built.sector
    if offer.backhaul:
        upper[at.hop] = lower[at.hop] = built.uplink[offer.hop_from] == offer.hop_to
        upper[at.fibre] = lower[at.fibre] = built.uplink == FIBRE
    point, _, _ = program.solve(
        weight, replace(effort, gap=_DEAL_GAP, nodes=_DEAL_NODES), lower=lower, upper=upper
    )
    if point is None:
        return None
    return _read(offer, groups, built, np.round(point[at.share]).astype(np.int64))


def _grouped(offer: Offer) -> _Groups:
    """Return premises grouped by units, sectors and airtimes, in order of first appearance."""
    order = np.lexsort((offer.sector, offer.premise))
    premises, starts = np.unique(offer.premise[order], return_index=True)
    stops = np.append(starts[1:], len(order))
    known: dict[bytes, int] = {}
    of = np.full(len(offer.units), -1, np.int64)
    count: list[int] = []
    rows: list[Ints] = []
    for premise, start, stop in zip(premises.tolist(), starts, stops, strict=True):
        mine = order[start:stop]
        key = offer.sector[mine].tobytes() + offer.airtime[mine].tobytes()
        key += int(offer.units[premise]).to_bytes(8, "little")
        group = known.setdefault(key, len(known))
        if group == len(count):
            count.append(0)
            rows.append(mine)
        count[group] += 1
        of[premise] = group
    link_of = {
        (int(offer.premise[row]), int(offer.sector[row])): int(row) for row in range(len(order))
    }
    sizes = [len(each) for each in rows]
    return _Groups(
        of,
        np.array(count, np.int64),
        np.repeat(np.arange(len(rows)), sizes),
        np.concatenate(rows) if rows else np.zeros(0, np.int64),
        link_of,
    )


def _built(program: _Program, offer: Offer, groups: _Groups, *, whole: bool = False) -> _Columns:
    """Add all columns and rows and return where the columns lie."""
    sites, sectors, shares = len(offer.site_cents), len(offer.sector_site), len(groups.link)
    hops = len(offer.hop_from) if offer.backhaul else 0
    lit = sites if offer.backhaul else 0
    count = groups.count[groups.link_group].astype(np.float64)
    columns = _Columns(
        program.add(sites, 1, whole=True),
        program.add(sectors, 1, whole=True),
        program.add(shares, count, whole=whole),
        program.add(lit, (offer.fibre_cents[:lit] >= 0).astype(np.float64), whole=True),
        program.add(hops, 1, whole=True),
        program.add(hops, np.inf, whole=False),
        program.add(lit, np.inf, whole=False),
        program.add(lit, float(offer.most_hops), whole=False),
    )
    _access_rows(program, offer, groups, columns)
    if offer.backhaul:
        _uplink_rows(program, offer, columns)
        _flow_rows(program, offer, groups, columns)
    return columns


def _access_rows(program: _Program, offer: Offer, groups: _Groups, at: _Columns) -> None:
    """Require: a share only on an open sector; each premise once; time and users of a sector."""
    share, sector = np.arange(len(groups.link)), offer.sector[groups.link]
    count = groups.count[groups.link_group].astype(np.float64)
    one = np.ones(len(share))
    program.require(
        len(share), -np.inf, 0, (share, at.share, one), (share, at.sector[sector], -count)
    )
    program.require(
        len(groups.count),
        -np.inf,
        groups.count.astype(np.float64),
        (groups.link_group, at.share, one),
    )
    every = np.arange(len(offer.sector_site))
    for weight, most in (
        (offer.airtime[groups.link], offer.sector_load),
        (offer.units[offer.premise[groups.link]].astype(np.float64), offer.sector_customers),
    ):
        limit = np.full(len(every), -most)
        program.require(
            len(every), -np.inf, 0, (sector, at.share, weight), (every, at.sector, limit)
        )
    ones = np.ones(len(every))
    program.require(
        len(every), -np.inf, 0, (every, at.sector, ones), (every, at.site[offer.sector_site], -ones)
    )


def _uplink_rows(program: _Program, offer: Offer, at: _Columns) -> None:
    """Require: one uplink for a built site, to a built site, no deeper than allowed."""
    every, hop = np.arange(len(at.site)), np.arange(len(at.hop))
    ones, deep = np.ones(len(hop)), offer.most_hops + 1.0
    site = np.ones(len(every))
    uplinks = (offer.hop_from, at.hop, ones)
    program.require(len(every), 0, 0, (every, at.fibre, site), uplinks, (every, at.site, -site))
    program.require(len(hop), -np.inf, 0, (hop, at.hop, ones), (hop, at.site[offer.hop_to], -ones))
    program.require(
        len(hop),
        1.0 - deep,
        np.inf,
        (hop, at.depth[offer.hop_from], ones),
        (hop, at.depth[offer.hop_to], -ones),
        (hop, at.hop, -deep * ones),
    )


def _flow_rows(program: _Program, offer: Offer, groups: _Groups, at: _Columns) -> None:
    """Require: traffic in equals traffic out at a site, within what hops and fibre carry."""
    every, hop = np.arange(len(at.site)), np.arange(len(at.hop))
    site, ones = np.ones(len(every)), np.ones(len(hop))
    where = offer.sector_site[offer.sector[groups.link]]
    traffic = offer.traffic_mbps[offer.premise[groups.link]]
    program.require(
        len(every),
        0,
        0,
        (where, at.share, traffic),
        (offer.hop_to, at.flow, ones),
        (offer.hop_from, at.flow, -ones),
        (every, at.fibre_flow, -site),
    )
    program.require(len(hop), -np.inf, 0, (hop, at.flow, ones), (hop, at.hop, -offer.hop_mbps))
    fibre = np.full(len(every), -offer.fibre_mbps)
    program.require(len(every), -np.inf, 0, (every, at.fibre_flow, site), (every, at.fibre, fibre))


def _price(offer: Offer, at: _Columns, columns: int) -> Floats:
    """Return the cost of each column, euro: the solver's tolerances suit that size."""
    price = np.zeros(columns)
    price[at.site] = offer.site_cents / _CENTS
    price[at.sector] = offer.sector_cents / _CENTS
    price[at.fibre] = np.maximum(offer.fibre_cents[: len(at.fibre)], 0) / _CENTS
    price[at.hop] = offer.hop_cents / _CENTS
    return price


def _read(offer: Offer, groups: _Groups, built: _Built, shares: Ints) -> Choice:
    """Return the choice: only what carries somebody is kept."""
    serving = _assigned(offer, groups, shares)
    sector = np.zeros(len(offer.sector_site), np.bool_)
    sector[offer.sector[serving[serving >= 0]]] = True
    site = np.zeros(len(offer.site_cents), np.bool_)
    site[offer.sector_site[sector]] = True
    uplink = built.uplink
    if offer.backhaul:
        site = needed(site, uplink)
        uplink = np.where(site, uplink, NO_UPLINK)
    units = int(offer.units[serving >= 0].sum())
    cost = cost_cents(offer, site, sector, uplink)
    return Choice(serving, site, sector, uplink, units, units, cost, 0, proven=False)


def _assigned(offer: Offer, groups: _Groups, shares: Ints) -> Ints:
    """Return the serving link of each premise: shares of a group dealt out in order."""
    serving = np.full(len(offer.units), -1, np.int64)
    members = np.argsort(groups.of, kind="stable")
    members = members[groups.of[members] >= 0]
    starts = np.concatenate([[0], np.cumsum(groups.count)])
    cursor = starts[:-1].copy()
    for group, link, share in zip(
        groups.link_group.tolist(), groups.link.tolist(), shares.tolist(), strict=True
    ):
        for premise in members[cursor[group] : cursor[group] + share].tolist():
            serving[premise] = groups.link_of[premise, int(offer.sector[link])]
        cursor[group] += share
    return serving


def _uplinks(offer: Offer, at: _Columns, whole: Ints) -> Ints:
    uplink = np.full(len(offer.site_cents), NO_UPLINK, np.int64)
    if offer.backhaul:
        uplink[whole[at.fibre] > 0] = FIBRE
        on = whole[at.hop] > 0
        uplink[offer.hop_from[on]] = offer.hop_to[on]
    return uplink


def _nothing(offer: Offer) -> Choice:
    sites = len(offer.site_cents)
    return Choice(
        np.full(len(offer.units), -1, np.int64),
        np.zeros(sites, np.bool_),
        np.zeros(len(offer.sector_site), np.bool_),
        np.full(sites, NO_UPLINK, np.int64),
        0,
        0,
        0,
        0,
        proven=True,
    )
