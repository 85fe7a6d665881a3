"""The wireless design of an area: who is passed, who is served, from where, at what cost.

A premise is *passed* when a built site sees it within range. It is *served* when, besides, its
link holds the service's rate for the share of the year asked, and a sector has time left for
it. About one in ten passed is servable in the field: both are reported, never one for the other.

Order: links in range, terrain, loss, fade, rate; then one programme for sites, sectors and
backhaul together (:mod:`.cover`); then tables. Whoever stays without service is listed with the
reason that stopped his best link.
"""

from __future__ import annotations

import numpy as np

from nexpo.connectivity.design.model import Demand, Floats, Ints
from nexpo.connectivity.design.wireless import capacity, cover, propagation, tables
from nexpo.connectivity.design.wireless.links import (
    Links,
    Places,
    View,
    fades_db,
    in_range,
    look,
    path_loss_db,
)
from nexpo.connectivity.design.wireless.model import (
    SITE_KINDS,
    Bools,
    Effort,
    Prices,
    Radio,
    SiteKind,
    Sites,
    Weather,
)
from nexpo.connectivity.design.wireless.tables import Access, Case, Request, WirelessPlan
from nexpo.connectivity.design.wireless.terrain import Terrain
from nexpo.core.problem import Kind, Problem
from nexpo.core.progress import Progress, Silent

_NAMED = 5  # places a warning spells out
FREE_SPACE = (
    "no height model was given: every link in range was taken as clear, in free space; "
    "terrain, roofs and trees will cut some of them"
)
NO_WEATHER = "no weather model was given: rates are those of clear air, not of the availability"


def plan(  # noqa: PLR0913 - a design needs demand, sites, ground, weather, rules, prices
    demand: Demand,
    sites: Sites,
    *,
    radio: Radio,
    prices: Prices,
    request: Request | None = None,
    terrain: Terrain | None = None,
    weather: Weather | None = None,
    effort: Effort | None = None,
    progress: Progress | None = None,
) -> WirelessPlan:
    """Return the least-cost wireless design that serves as many of the demanded as it can.

    Parameters
    ----------
    demand
        Addresses; those connected already are left out.
    sites
        Candidates, with the cost of fibre to each.
    terrain
        None: free space, said in the warnings.
    weather
        None: clear air, said in the warnings.

    Raises
    ------
    Problem
        When there is no candidate, or the service is beyond the band's fastest mode.
    """
    say = progress or Silent()
    case, warnings = _case(demand, sites, radio, prices, request or Request(), terrain, weather)
    say.step("links in range and their terrain")
    access = _access(case)
    say.step("backhaul between sites")
    hops, hop_rate, hop_margin = _hops(case)
    offer, stranded, notes = _offer(case, access, hops, hop_rate)
    say.step("choice of sites and sectors")
    choice = cover.choose(offer, effort)
    _sound(offer, choice)
    say.step("tables")
    warnings += notes
    return tables.result(
        case, access, offer, choice, (hops, hop_rate, hop_margin), stranded, warnings
    )


def _case(
    demand: Demand,
    sites: Sites,
    radio: Radio,
    prices: Prices,
    request: Request,
    terrain: Terrain | None,
    weather: Weather | None,
) -> tuple[Case, list[str]]:
    band = radio.band(request.band)
    if not len(sites):
        raise Problem(
            Kind.BAD_INPUT,
            "there is no candidate site",
            remedy="give towers or POPs, or generate candidates from terrain or streets",
        )
    if capacity.needed_mode(band, request.service_mbps) is None:
        fastest = float(capacity.rates_mbps(band).max())
        raise Problem(
            Kind.USAGE,
            f"band {band.name} carries {fastest:.0f} Mbit/s at most",
            value=f"{request.service_mbps:g} Mbit/s asked",
            remedy="ask for a lower service, or choose a band with wider channels",
        )
    surface = "none" if terrain is None else terrain.surface.value
    wanted = np.flatnonzero(~demand.connected)
    placed = wanted[np.isfinite(demand.lon[wanted]) & np.isfinite(demand.lat[wanted])]
    above = np.full(len(placed), radio.rules.customer_height_m[surface])
    customers = Places(demand.lon[placed], demand.lat[placed], above)
    masts = Places(sites.lon, sites.lat, sites.mast_m)
    case = Case(demand, placed, sites, terrain, weather, radio, request, prices, masts, customers)
    return case, _warned(case)


def _warned(case: Case) -> list[str]:
    """Return what the design takes for granted, and which places the terrain does not cover."""
    warnings: list[str] = []
    if case.weather is None:
        warnings.append(NO_WEATHER)
    generated = int((case.sites.kind == SITE_KINDS.index(SiteKind.GENERATED)).sum())
    if generated:
        warnings.append(f"{generated} candidate sites were generated: nobody asked the owners")
    if case.terrain is None:
        return [FREE_SPACE, *warnings]
    ids = tuple(case.demand.id[row] for row in case.rows.tolist())
    for what, names, at in (
        ("candidate sites", case.sites.id, case.masts),
        ("premises", ids, case.customers),
    ):
        outside = ~case.terrain.holds(at.lon, at.lat)
        holed = ~outside & np.isnan(case.terrain.ground_m(at.lon, at.lat))
        for where, rows in (("outside the height model", outside), ("in a hole of it", holed)):
            if rows.any():
                warnings.append(_places(what, where, names, at, np.flatnonzero(rows)))
    return warnings


def _places(what: str, where: str, names: tuple[str, ...], at: Places, rows: Ints) -> str:
    """Return a warning that names the first places and the box of all."""
    shown = ", ".join(
        f"{names[row]} ({at.lon[row]:.5f}, {at.lat[row]:.5f})" for row in rows[:_NAMED].tolist()
    )
    lon, lat = at.lon[rows], at.lat[rows]
    box = f"lon {lon.min():.5f} to {lon.max():.5f}, lat {lat.min():.5f} to {lat.max():.5f}"
    return f"{len(rows)} {what} {where}: {shown}{' ...' if len(rows) > _NAMED else ''}; in {box}"


def _access(case: Case) -> Access:
    """Return the links in range with loss, fade and mode."""
    band, rules = case.band, case.radio.rules
    links = in_range(case.masts, case.customers, band.range_m)
    links = look(links, case.masts, case.customers, terrain=case.terrain, band=band, rules=rules)
    width = 360.0 / rules.sectors_per_site
    turned = (links.bearing_deg - rules.first_azimuth_deg + width / 2.0) % 360.0
    sector = (turned // width).astype(np.int64) % rules.sectors_per_site
    off = turned - sector * width - width / 2.0
    loss = path_loss_db(
        links,
        band=band,
        clutter_db=rules.clutter_loss_db[case.surface],
        weather=case.weather,
    )
    loss = loss + propagation.pattern_loss_db(off, band.beamwidth_deg, band.front_to_back_db)
    ratio = capacity.snr_db(band, loss)
    clear = capacity.mode_of(band, ratio)
    fade = _fades(case, links, clear >= 0)
    mode = capacity.mode_of(band, ratio - fade)
    visible = np.isin(links.view, (View.CLEAR, View.ASSUMED))
    usable = visible | (np.isfinite(links.diffraction_db) & (links.view == View.CUT))
    least = capacity.needed_mode(band, case.request.service_mbps)
    return Access(
        links,
        links.first * rules.sectors_per_site + sector,
        loss,
        fade,
        ratio,
        mode,
        clear,
        visible,
        usable & (mode >= (least or 0)),
    )


def _fades(case: Case, links: Links, asked: Bools) -> Floats:
    """Return the fade of the links that carry something in clear air, NaN on the others."""
    fade = np.full(len(links), np.nan)
    rows = np.flatnonzero(asked)
    fade[rows] = fades_db(
        links.take(rows),
        case.masts,
        case.customers,
        terrain=case.terrain,
        band=case.band,
        weather=case.weather,
        availability_percent=case.radio.rules.availability_percent,
    )
    return fade


def _hops(case: Case) -> tuple[Links, Floats, Floats]:
    """Return radio hops between sites that carry something, with rate and margin."""
    band, rules = case.radio.band(case.request.hop_band), case.radio.rules
    links = in_range(case.masts, case.masts, band.range_m)
    links = links.take(np.flatnonzero(links.first != links.last))
    links = links.take(_nearest(links, rules.backhaul_neighbours))
    links = look(links, case.masts, case.masts, terrain=case.terrain, band=band, rules=rules)
    links = links.take(np.flatnonzero(np.isin(links.view, (View.CLEAR, View.ASSUMED))))
    fade = fades_db(
        links,
        case.masts,
        case.masts,
        terrain=case.terrain,
        band=band,
        weather=case.weather,
        availability_percent=rules.backhaul_availability_percent,
    )
    loss = path_loss_db(links, band=band, clutter_db=0.0, weather=case.weather)
    left = capacity.snr_db(band, loss) - fade
    mode = capacity.mode_of(band, left)
    good = np.flatnonzero(mode >= 0)
    needed = np.array([each.snr_db for each in band.modes])[mode[good]]
    return links.take(good), capacity.rate_mbps(band, mode[good]), left[good] - needed


def _nearest(links: Links, most: int) -> Ints:
    """Return, of each site's partners, the nearest ones."""
    order = np.lexsort((links.length_m, links.first))
    _, starts, counts = np.unique(links.first[order], return_index=True, return_counts=True)
    place = np.arange(len(order)) - np.repeat(starts, counts)
    return np.sort(order[place < most])


def _offer(
    case: Case, access: Access, hops: Links, hop_rate: Floats
) -> tuple[cover.Offer, Bools, list[str]]:
    """Return what may be chosen from, the sites without a way to fibre, and notes."""
    rules, sites, prices = case.radio.rules, case.sites, case.prices
    lit = sites.fibre_cents >= 0
    backhaul = bool(lit.any())
    notes = [] if backhaul else ["no candidate has a cost of fibre: backhaul was not designed"]
    reach = _reaching(lit, hops, rules.backhaul_hops) if backhaul else np.ones(len(sites), np.bool_)
    rows = np.flatnonzero(access.good & reach[access.links.first])
    traffic = case.units.astype(np.float64) * rules.traffic_mbps(case.request.service_mbps)
    premise = access.links.last[rows]
    offer = cover.Offer(
        premise=premise,
        sector=access.sector[rows],
        airtime=capacity.airtime(case.band, access.mode[rows], traffic[premise]),
        units=case.units,
        traffic_mbps=traffic,
        site_cents=np.where(sites.stands, prices.site_existing, prices.mast).astype(np.int64),
        sector_site=np.repeat(np.arange(len(sites)), rules.sectors_per_site),
        sector_cents=prices.sector,
        sector_load=rules.sector_load,
        sector_customers=rules.customers_per_sector / rules.take_up,
        fibre_cents=np.where(lit, sites.fibre_cents + prices.backhaul_fibre, -1),
        fibre_mbps=rules.fibre_mbps,
        hop_from=hops.first,
        hop_to=hops.last,
        hop_mbps=hop_rate,
        hop_cents=prices.backhaul_radio,
        most_hops=rules.backhaul_hops,
        backhaul=backhaul,
    )
    return offer, ~reach, notes


def _reaching(lit: Bools, hops: Links, most: int) -> Bools:
    """Return the sites that fibre reaches within so many hops."""
    reach = lit.copy()
    for _ in range(most):
        nearer = reach.copy()
        nearer[hops.first[reach[hops.last]]] = True
        reach = nearer
    return reach


def _sound(offer: cover.Offer, choice: cover.Choice) -> None:
    found = cover.faults(offer, choice)
    if found:
        raise Problem(
            Kind.INTERNAL,
            "the chosen sites break their own rules",
            value="; ".join(found[:_NAMED]),
            remedy="report this with the input; the design was not written",
        )
