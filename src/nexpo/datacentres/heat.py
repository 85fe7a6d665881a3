"""Waste heat given back: which site can heat whom, how much of it, and the ERF that would follow.

Sites and users of heat are matched as a transport problem: first as much heat as possible is
handed over, then over the shortest way (two linear programmes, solved by HiGHS through scipy).
A pair is possible within a distance, and where a heat pump can lift the waste heat to the
user's temperature. What a user takes from the site is his demand less the pump's electricity,
plus what the pipe loses.

``ERF = EREUSE / EDC`` with EREUSE the heat handed over at the site's boundary, before any pump
(Delegated Regulation (EU) 2024/1364): so an ERF above the recoverable share of the energy cannot
come out. What is assumed is a set of named values (:class:`Terms`); three sets, low, mid and
high, make the answer a range. A site whose power is unknown gives unknown heat, and is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, vstack
from scipy.spatial import cKDTree

from nexpo.core.problem import Kind, Problem
from nexpo.datacentres.heat_terms import Terms, pump_cop

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

HOURS = 8760
LEVELS = ("low", "mid", "high")
_LEAST_MWH = 1e-3  # a flow below a kilowatt-hour is rounding of the solver


@dataclass(frozen=True, slots=True)
class Site:
    """A centre, standing or only wished for; ``it_kw`` None where it is unknown.

    ``x_m`` and ``y_m`` are in a metric projection, the same as that of the users.
    """

    key: str
    name: str
    x_m: float
    y_m: float
    it_kw: float | None
    waste_c: float | None = None
    candidate: bool = False


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who needs heat: a network with its demand, or a place whose demand follows.

    Attributes
    ----------
    demand_mwh
        Yearly demand that can be served; None where it follows from people and degree days.
    supply_c
        Temperature needed; None for the one of the terms.
    """

    key: str
    name: str
    x_m: float
    y_m: float
    demand_mwh: float | None = None
    people: float | None = None
    degree_days: float | None = None
    supply_c: float | None = None
    network: bool = False

    def demand(self, terms: Terms) -> float | None:
        """Return the yearly demand that can be served, MWh; None where it is unknown."""
        if self.demand_mwh is not None:
            return self.demand_mwh
        if self.people is None or self.degree_days is None:
            return None
        each = terms.demand_mwh_per_person_dd * self.degree_days
        return self.people * each * terms.connectable


@dataclass(frozen=True, slots=True)
class Flow:
    """Heat from a site to a user in a year.

    ``handed_mwh`` leaves the site, ``delivered_mwh`` arrives at the user's temperature,
    ``pump_mwh`` is the electricity of the heat pump in it.
    """

    site: str
    user: str
    km: float
    handed_mwh: float
    delivered_mwh: float
    pump_mwh: float


@dataclass(frozen=True, slots=True)
class Given:
    """What one site gives back at one level; ``erf`` None where its power is unknown."""

    site: Site
    energy_mwh: float | None
    available_mwh: float | None
    handed_mwh: float | None

    @property
    def erf(self) -> float | None:
        """Energy reuse factor that would follow."""
        if self.energy_mwh is None or self.handed_mwh is None or not self.energy_mwh:
            return None
        return self.handed_mwh / self.energy_mwh


@dataclass(frozen=True, slots=True)
class Matched:
    """The assignment at one level."""

    terms: Terms
    flows: tuple[Flow, ...]
    sites: tuple[Given, ...]
    demand_mwh: float
    users_unknown: int

    @property
    def handed_mwh(self) -> float:
        """Heat handed over by all sites."""
        return sum(flow.handed_mwh for flow in self.flows)

    @property
    def delivered_mwh(self) -> float:
        """Heat that arrives."""
        return sum(flow.delivered_mwh for flow in self.flows)

    @property
    def pump_mwh(self) -> float:
        """Electricity of the heat pumps."""
        return sum(flow.pump_mwh for flow in self.flows)

    @property
    def energy_mwh(self) -> float:
        """Energy of the sites whose power is known."""
        return sum(each.energy_mwh or 0.0 for each in self.sites)

    @property
    def erf(self) -> float | None:
        """ERF of the sites whose power is known, taken together."""
        return self.handed_mwh / self.energy_mwh if self.energy_mwh else None

    @property
    def unknown(self) -> tuple[Site, ...]:
        """Sites whose power is unknown."""
        return tuple(each.site for each in self.sites if each.energy_mwh is None)


def match(sites: Sequence[Site], users: Sequence[User], terms: Terms) -> Matched:
    """Assign the waste heat of sites to users at one level.

    Examples
    --------
    >>> terms = Terms(0.5, 1.3, 0.8, 0.5, 0.0017, 0.2, 30, 70, 60, 0.5, 5, 0.0)
    >>> town = User("t", "town", 1000, 0, demand_mwh=10_000)
    >>> found = match([Site("a", "A", 0, 0, 1000)], [town], terms)
    >>> round(found.handed_mwh), round(found.erf, 3)  # 1 MW x 8760 h x 0.5 x 0.8 x 0.5
    (1752, 0.308)
    """
    waste = np.array([_available(site, terms) or 0.0 for site in sites])
    demands = [user.demand(terms) for user in users]
    wanted = np.array([demand or 0.0 for demand in demands])
    pairs = _pairs(sites, users, terms)
    handed = _transport(pairs, waste, wanted)
    flows = _flows(sites, users, pairs, handed)
    given = _given(sites, flows, terms)
    unknown = sum(demand is None for demand in demands)
    return Matched(terms, flows, given, float(wanted.sum()), unknown)


def plausible(
    sites: Sequence[Site], users: Sequence[User], terms: Mapping[str, Terms]
) -> dict[str, Matched]:
    """Return the assignment at each level: a range, not a point.

    Each level is an assignment of its own: all sites together give more at a higher level, one
    site may give less, since another is nearer then. The range of a site goes from its least to
    its most over the levels.
    """
    return {level: match(sites, users, terms[level]) for level in LEVELS}


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs that are possible: numbers of site and user, kilometres, COP, share that arrives."""

    site: Ints
    user: Ints
    km: Floats
    cop: Floats
    arrives: Floats

    @property
    def per_handed(self) -> Floats:
        """MWh delivered for each MWh handed over: less the pipe's loss, plus the pump."""
        finite = np.isfinite(self.cop)
        lifted = np.divide(self.cop, self.cop - 1, out=np.ones(len(self.cop)), where=finite)
        return self.arrives * lifted


def _available(site: Site, terms: Terms) -> float | None:
    if site.it_kw is None:
        return None
    energy = site.it_kw / 1000 * HOURS * terms.load_factor
    return energy * terms.recoverable * terms.season_share


def _pairs(sites: Sequence[Site], users: Sequence[User], terms: Terms) -> _Pairs:
    near: list[tuple[int, int]] = []
    if sites and users:
        tree = cKDTree([(user.x_m, user.y_m) for user in users])
        places = [(site.x_m, site.y_m) for site in sites]
        found = tree.query_ball_point(places, terms.reach_km * 1000, return_sorted=True)
        near = [(i, j) for i, row in enumerate(found) for j in row]
    site = np.array([i for i, _ in near], dtype=np.int64)
    user = np.array([j for _, j in near], dtype=np.int64)
    km = (
        np.array(
            [np.hypot(sites[i].x_m - users[j].x_m, sites[i].y_m - users[j].y_m) for i, j in near]
        ).reshape(-1)
        / 1000
    )
    low = np.array([_or(sites[i].waste_c, terms.waste_c) for i, _ in near]).reshape(-1)
    high = np.array([_or(users[j].supply_c, terms.supply_c) for _, j in near]).reshape(-1)
    cop = np.array(
        [pump_cop(a, b, terms.carnot_share) for a, b in zip(low, high, strict=True)]
    ).reshape(-1)
    arrives = np.maximum(1 - terms.loss_per_km * km, 0.0)
    possible = (high - low <= terms.most_lift_k) & (cop > 1) & (arrives > 0)
    kept = (each[possible] for each in (site, user, km, cop, arrives))
    return _Pairs(*kept)


def _transport(pairs: _Pairs, waste: Floats, wanted: Floats) -> Floats:
    """Hand over as much as possible, then over the shortest way; MWh of each pair."""
    many = len(pairs.site)
    if not many:
        return np.empty(0)
    scale = max(float(waste.max(initial=0.0)), 1.0)  # the solver likes numbers near one
    column = np.arange(many)
    supply = coo_array((np.ones(many), (pairs.site, column)), shape=(len(waste), many))
    demand = coo_array((pairs.per_handed, (pairs.user, column)), shape=(len(wanted), many))
    above = vstack([supply, demand]).tocsr()
    limits = np.concatenate([waste, wanted]) / scale
    first = _solved(-np.ones(many), above, limits)
    most = float(first.sum())
    keep = vstack([above, coo_array(-np.ones((1, many)))]).tocsr()
    second = _solved(pairs.km + 1e-6, keep, np.append(limits, -(most * (1 - 1e-9))))
    return np.maximum(second, 0.0) * scale


def _solved(cost: Floats, above: object, limits: Floats) -> Floats:
    answer = linprog(cost, A_ub=above, b_ub=limits, bounds=(0, None), method="highs")
    if not answer.success:
        raise Problem(
            Kind.INTERNAL,
            f"the assignment of heat was not solved: {answer.message}",
            remedy="report the sites and users it was asked for",
        )
    found: Floats = answer.x
    return found


def _flows(
    sites: Sequence[Site], users: Sequence[User], pairs: _Pairs, handed: Floats
) -> tuple[Flow, ...]:
    delivered = handed * pairs.per_handed
    pump = delivered - handed * pairs.arrives
    flows = [
        Flow(
            sites[pairs.site[at]].key,
            users[pairs.user[at]].key,
            float(pairs.km[at]),
            float(handed[at]),
            float(delivered[at]),
            float(pump[at]),
        )
        for at in np.flatnonzero(handed > _LEAST_MWH)
    ]
    return tuple(sorted(flows, key=lambda flow: (flow.site, flow.km, flow.user)))


def _given(sites: Sequence[Site], flows: Sequence[Flow], terms: Terms) -> tuple[Given, ...]:
    handed = dict.fromkeys((site.key for site in sites), 0.0)
    for flow in flows:
        handed[flow.site] += flow.handed_mwh
    return tuple(
        Given(site, None, None, None)
        if site.it_kw is None
        else Given(
            site,
            site.it_kw / 1000 * HOURS * terms.load_factor * terms.pue,
            _available(site, terms),
            handed[site.key],
        )
        for site in sites
    )


def _or(value: float | None, other: float) -> float:
    return other if value is None else value
