"""The choice of sites against trying everything, on cases small enough for it."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nexpo.connectivity.design.wireless import Effort
from nexpo.connectivity.design.wireless.cover import FIBRE, Offer, choose, faults

EXACT = Effort(gap=0.0)


@st.composite
def offers(draw: st.DrawFn) -> Offer:
    """Return up to five premises, three sites of two sectors, one premise fitting one or two."""
    sites, premises = draw(st.integers(1, 3)), draw(st.integers(1, 5))
    pairs = [(p, s) for p in range(premises) for s in range(2 * sites)]
    chosen = sorted(draw(st.sets(st.sampled_from(pairs), max_size=len(pairs))))
    units = np.array(draw(st.lists(st.integers(1, 3), min_size=premises, max_size=premises)))
    speed = draw(
        st.lists(st.sampled_from([0.2, 0.3, 0.45]), min_size=len(chosen), max_size=len(chosen))
    )
    premise = np.array([pair[0] for pair in chosen], np.int64)
    fibre = draw(st.lists(st.sampled_from([-1, 500, 3000]), min_size=sites, max_size=sites))
    hops = [(i, j) for i in range(sites) for j in range(sites) if i != j]
    kept = sorted(draw(st.sets(st.sampled_from(hops)))) if hops else []
    return Offer(
        premise=premise,
        sector=np.array([pair[1] for pair in chosen], np.int64),
        airtime=np.array(speed) * units[premise] if chosen else np.zeros(0),
        units=units,
        traffic_mbps=units * 10.0,
        site_cents=np.array(draw(st.lists(st.integers(100, 2000), min_size=sites, max_size=sites))),
        sector_site=np.repeat(np.arange(sites), 2),
        sector_cents=300,
        sector_load=1.0,
        sector_customers=4.0,
        fibre_cents=np.array(fibre),
        fibre_mbps=draw(st.sampled_from([40.0, 1000.0])),
        hop_from=np.array([hop[0] for hop in kept], np.int64),
        hop_to=np.array([hop[1] for hop in kept], np.int64),
        hop_mbps=np.full(len(kept), 30.0),
        hop_cents=400,
        most_hops=draw(st.integers(0, 2)),
    )


def uplinks(offer: Offer) -> list[tuple[int, ...]]:
    """Return every way to give each site an uplink, or none."""
    ways = []
    for site in range(len(offer.site_cents)):
        up = [
            int(two) for one, two in zip(offer.hop_from, offer.hop_to, strict=True) if one == site
        ]
        ways.append([-2, *([FIBRE] if offer.fibre_cents[site] >= 0 else []), *up])
    return list(product(*ways))


def carried(offer: Offer, way: tuple[int, ...], used: list[int]) -> bool:
    """Say whether the traffic of the links used reaches fibre within hops and capacities."""
    load = np.zeros(len(way))
    for link in used:
        here, hops = int(offer.sector_site[offer.sector[link]]), 0
        load[here] += offer.traffic_mbps[offer.premise[link]]
        while way[here] >= 0 and hops <= offer.most_hops:
            here, hops = way[here], hops + 1
            load[here] += offer.traffic_mbps[offer.premise[link]]
        if way[here] != FIBRE or hops > offer.most_hops:
            return False
    limit = [offer.fibre_mbps if up == FIBRE else 30.0 for up in way]
    return bool((load <= np.array(limit) + 1e-9).all())


def cost(offer: Offer, way: tuple[int, ...], used: list[int]) -> int:
    sectors = {int(offer.sector[link]) for link in used}
    sites = {int(offer.sector_site[sector]) for sector in sectors}
    while more := {way[site] for site in sites if way[site] >= 0} - sites:
        sites |= more
    total = 300 * len(sectors) + sum(int(offer.site_cents[site]) for site in sites)
    return total + sum(
        int(offer.fibre_cents[site]) if way[site] == FIBRE else 400 for site in sites
    )


def fits(offer: Offer, used: list[int]) -> bool:
    time = np.bincount(offer.sector[used], offer.airtime[used], 6)
    users = np.bincount(offer.sector[used], offer.units[offer.premise[used]], 6)
    return bool((time <= 1 + 1e-9).all() and (users <= 4).all())


def best(offer: Offer) -> tuple[int, int]:
    """Return most units, and the least cost of serving so many, by trying everything."""
    options = [
        [-1, *np.flatnonzero(offer.premise == premise).tolist()]
        for premise in range(len(offer.units))
    ]
    top = (0, 0)
    ways = uplinks(offer)
    for pick in product(*options):
        used = [link for link in pick if link >= 0]
        units = int(offer.units[offer.premise[used]].sum()) if used else 0
        if not used or units < top[0] or not fits(offer, used):
            continue
        for way in ways:
            if carried(offer, way, used):
                price = cost(offer, way, used)
                if (units, -price) > (top[0], -top[1]) or top[0] == 0:
                    top = (units, price)
    return top


@settings(max_examples=40, deadline=None)
@given(offers())
def test_bounds_hold_and_the_choice_is_sound(offer: Offer) -> None:
    found = choose(offer, EXACT)
    units, price = best(offer)
    assert faults(offer, found) == []
    assert found.units <= units <= found.units_bound
    if found.units == units:
        assert found.cost_cents >= price
        assert found.bound_cents <= price
    assert found.bound_cents <= found.cost_cents
