"""What a cover chooses from, what it chose, and the check of the two by other code."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nexpo.connectivity.design.model import Floats, Ints
from nexpo.connectivity.design.wireless.model import Bools

NO_UPLINK, FIBRE = -2, -1
WHOLE = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """What may be chosen from.

    Parameters
    ----------
    premise, sector, airtime
        ``(n,)`` usable links: positions of both ends and the share of the sector's time one
        premise takes, all its units together.
    units, traffic_mbps
        ``(p,)`` of each premise.
    site_cents
        ``(s,)`` cost of building a site.
    sector_site
        ``(k,)`` site of each sector.
    sector_cents, sector_load, sector_customers
        Cost of a sector; share of its time and units it may carry.
    fibre_cents, fibre_mbps
        ``(s,)`` cost of fibre to a site, below zero where there is none; what it carries.
    hop_from, hop_to, hop_mbps, hop_cents, most_hops
        Radio hops that may be built, upwards, and the depth allowed.
    backhaul
        False: uplinks are not asked for.
    """

    premise: Ints
    sector: Ints
    airtime: Floats
    units: Ints
    traffic_mbps: Floats
    site_cents: Ints
    sector_site: Ints
    sector_cents: int
    sector_load: float
    sector_customers: float
    fibre_cents: Ints
    fibre_mbps: float
    hop_from: Ints
    hop_to: Ints
    hop_mbps: Floats
    hop_cents: int
    most_hops: int
    backhaul: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What was chosen.

    Parameters
    ----------
    serving
        ``(p,)`` position of the link that serves each premise, -1 where none.
    site, sector
        Which are built.
    uplink
        ``(s,)`` site that a site's hop goes to, :data:`FIBRE`, or :data:`NO_UPLINK`.
    units, units_bound
        Served, and proven the most that can be.
    cost_cents, bound_cents
        Of sites, sectors and backhaul; and proven: to serve as many ``units`` costs no less.
    proven
        Whether the programmes for the most units and for the least cost closed their gap.
    """

    serving: Ints
    site: Bools
    sector: Bools
    uplink: Ints
    units: int
    units_bound: int
    cost_cents: int
    bound_cents: int
    proven: bool

    @property
    def gap(self) -> float:
        """(cost - bound) / cost: at most this share could be saved."""
        return 0.0 if self.cost_cents == 0 else 1.0 - self.bound_cents / self.cost_cents


def needed(site: Bools, uplink: Ints) -> Bools:
    """Return the sites with sectors and all that their traffic passes through."""
    kept = site.copy()
    for _ in range(len(site)):
        above = uplink[kept]
        above = above[above >= 0]
        if kept[above].all():
            break
        kept[above] = True
    return kept


def cost_cents(offer: Offer, site: Bools, sector: Bools, uplink: Ints) -> int:
    """Return the cost of sites, sectors and backhaul, cents."""
    fibre = uplink == FIBRE
    return (
        int(offer.site_cents[site].sum())
        + offer.sector_cents * int(sector.sum())
        + int(offer.fibre_cents[fibre].sum())
        + offer.hop_cents * int((uplink >= 0).sum())
    )


def faults(offer: Offer, choice: Choice) -> list[str]:
    """Return what is wrong with a choice, reckoned anew from the offer; empty when sound."""
    found: list[str] = []
    used = choice.serving[choice.serving >= 0]
    premise = np.flatnonzero(choice.serving >= 0)
    if not np.array_equal(offer.premise[used], premise):
        found.append("a premise is served over another's link")
    sectors = len(offer.sector_site)
    time = np.bincount(offer.sector[used], offer.airtime[used], sectors)
    customers = np.bincount(offer.sector[used], offer.units[premise], sectors)
    if (time > offer.sector_load + WHOLE).any():
        found.append(f"sector {int(time.argmax())} is busy {time.max():.3f} of its time")
    if (customers > offer.sector_customers + WHOLE).any():
        found.append(f"sector {int(customers.argmax())} has {int(customers.max())} units")
    if not choice.sector[offer.sector[used]].all():
        found.append("a premise is served by a sector that is not built")
    if not choice.site[offer.sector_site[choice.sector]].all():
        found.append("a sector stands on a site that is not built")
    return found + (_uplink_faults(offer, choice, used, premise) if offer.backhaul else [])


def _uplink_faults(offer: Offer, choice: Choice, used: Ints, premise: Ints) -> list[str]:
    """Walk the traffic of every site up to fibre and add up what passes where."""
    sites = len(offer.site_cents)
    own = np.bincount(offer.sector_site[offer.sector[used]], offer.traffic_mbps[premise], sites)
    capacity = {
        (int(one), int(two)): float(rate)
        for one, two, rate in zip(offer.hop_from, offer.hop_to, offer.hop_mbps, strict=True)
    }
    carried = np.zeros(sites)
    found: list[str] = []
    for site in np.flatnonzero(choice.site).tolist():
        here, hops = site, 0
        carried[here] += own[site]
        while choice.uplink[here] >= 0 and hops <= offer.most_hops:
            here, hops = int(choice.uplink[here]), hops + 1
            carried[here] += own[site]
        if choice.uplink[here] != FIBRE or hops > offer.most_hops or not choice.site[here]:
            found.append(f"site {site} has no way to fibre within {offer.most_hops} hops")
    for site in np.flatnonzero(choice.site).tolist():
        above = int(choice.uplink[site])
        limit = offer.fibre_mbps if above == FIBRE else capacity.get((site, above), 0.0)
        if carried[site] > limit + WHOLE:
            found.append(
                f"backhaul of site {site} carries {carried[site]:.0f} of {limit:.0f} Mbit/s"
            )
    return found
