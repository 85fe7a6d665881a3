"""The result of a wireless design: figures, tables, and why each of the unserved is not served."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

import numpy as np
import polars as pl

from nexpo.connectivity.design.model import Demand, Floats, Ints
from nexpo.connectivity.design.wireless import capacity, cover
from nexpo.connectivity.design.wireless.links import Links, Places, View
from nexpo.connectivity.design.wireless.model import (
    SITE_KINDS,
    Band,
    Bools,
    Prices,
    Radio,
    Sites,
    Weather,
)
from nexpo.connectivity.design.wireless.terrain import Terrain

_PERCENT = 100.0


class Reason(Enum):
    """Why a premise is not served, and what could be done."""

    NO_PLACE = ("no coordinates", "geocode the address")
    RANGE = ("no candidate site within range", "add a candidate site nearer, or serve by fibre")
    UNKNOWN = ("terrain unknown on every link", "fill the hole or extend the height model")
    SIGHT = ("no line of sight", "raise the mast, add a site that sees it, or take a lower band")
    BUDGET = ("link budget too weak in clear air", "add a nearer site or stronger equipment")
    RAIN = ("margin does not cover rain and multipath", "add a nearer site or lower the service")
    BACKHAUL = ("its sites have no way to fibre", "bring fibre or a relay to one of them")
    CAPACITY = ("no sector with time left", "add sectors, channels or sites, or lower the service")

    def __init__(self, text: str, remedy: str) -> None:
        self.text = text
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the design.

    Parameters
    ----------
    band, hop_band
        Names of the bands of access and of backhaul.
    service_mbps
        Rate a served premise reaches for the availability asked.
    levels_mbps
        Rates at which the served are counted besides.
    """

    band: str = "28ghz"
    hop_band: str = "80ghz"
    service_mbps: float = 100.0
    levels_mbps: tuple[float, ...] = (30.0, 100.0, 300.0, 1000.0)


@dataclass(frozen=True, slots=True)
class Summary:
    """The design in figures. Units count homes and firms, premises count addresses.

    ``passable`` counts what any candidate sees, ``passed`` what a built site sees. Costs are of
    sites, sectors and backhaul: customers' devices are in the quantities.
    """

    demanded: int
    passable: int
    passed: int
    served: int
    units_demanded: int
    units_served: int
    units_bound: int
    sites: int
    sectors: int
    cost_cents: int
    bound_cents: int
    gap: float
    proven: bool
    terrain: str
    served_at: dict[float, int]


@dataclass(frozen=True, slots=True, eq=False)
class WirelessPlan:
    """A wireless design: figures, tables and what to mind.

    Attributes
    ----------
    sites, sectors, links, hops, unserved, quantities
        Tables; columns end in their units.
    warnings
        What the design took for granted, with places.
    """

    summary: Summary
    sites: pl.DataFrame
    sectors: pl.DataFrame
    links: pl.DataFrame
    hops: pl.DataFrame
    unserved: pl.DataFrame
    quantities: pl.DataFrame
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Access:
    """Links between sites and premises with all that was reckoned of them."""

    links: Links
    sector: Ints
    loss_db: Floats
    fade_db: Floats
    ratio_db: Floats
    mode: Ints
    clear_mode: Ints
    visible: Bools
    good: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """The arguments of one design, as its steps pass them on."""

    demand: Demand
    rows: Ints
    sites: Sites
    terrain: Terrain | None
    weather: Weather | None
    radio: Radio
    request: Request
    prices: Prices
    masts: Places
    customers: Places

    @property
    def band(self) -> Band:
        """The band of access."""
        return self.radio.band(self.request.band)

    @property
    def surface(self) -> str:
        """What the height model shows: dsm, dtm, or none."""
        return "none" if self.terrain is None else self.terrain.surface.value

    @property
    def units(self) -> Ints:
        """Units of each premise designed for."""
        return np.asarray(self.demand.units[self.rows])


def result(
    case: Case,
    access: Access,
    offer: cover.Offer,
    choice: cover.Choice,
    hops: tuple[Links, Floats, Floats],
    stranded: Bools,
    warnings: list[str],
) -> WirelessPlan:
    """Return the tables and figures of a choice that was made and checked."""
    reachable = np.flatnonzero(access.good & ~stranded[access.links.first])
    serving = (
        np.where(choice.serving >= 0, reachable[choice.serving], -1)
        if len(reachable)
        else choice.serving
    )
    seen = _seen(case, access, np.ones(len(case.sites), np.bool_))
    passed = _seen(case, access, choice.site) | (serving >= 0)
    links = _link_table(case, access, serving, choice.site)
    unserved = _unserved_table(case, access, serving, stranded)
    if choice.units < int(offer.units[np.unique(offer.premise)].sum()):
        short = int(offer.units[np.unique(offer.premise)].sum()) - choice.units
        warnings.append(f"capacity is below demand: {short} units with a good link stay unserved")
    if choice.units < choice.units_bound:
        warnings.append(
            f"{choice.units} units are served where {choice.units_bound} may be possible; "
            "the bound on cost is that of serving as many as are served"
        )
    if not choice.proven:
        warnings.append("the solver stopped at its limit: the bounds hold, the choice may improve")
    hop_table = _hop_table(case, choice, hops, offer, choice.serving)
    sector_table = _sector_table(case, access, serving, offer)
    return WirelessPlan(
        summary=_summary(case, access, choice, serving, seen, passed),
        sites=_site_table(case, choice, sector_table, hop_table),
        sectors=sector_table,
        links=links,
        hops=hop_table,
        unserved=unserved,
        quantities=_quantities(case, choice, serving),
        warnings=tuple(warnings),
    )


def _seen(case: Case, access: Access, site: Bools) -> Bools:
    seen = np.zeros(len(case.rows), np.bool_)
    seen[access.links.last[access.visible & site[access.links.first]]] = True
    return seen


def _summary(
    case: Case,
    access: Access,
    choice: cover.Choice,
    serving: Ints,
    seen: Bools,
    passed: Bools,
) -> Summary:
    wanted = ~case.demand.connected
    rate = capacity.rate_mbps(case.band, access.mode[serving[serving >= 0]])
    units = case.units[serving >= 0]
    return Summary(
        demanded=int(wanted.sum()),
        passable=int(seen.sum()),
        passed=int(passed.sum()),
        served=int((serving >= 0).sum()),
        units_demanded=int(case.demand.units[wanted].sum()),
        units_served=choice.units,
        units_bound=choice.units_bound,
        sites=int(choice.site.sum()),
        sectors=int(choice.sector.sum()),
        cost_cents=choice.cost_cents,
        bound_cents=choice.bound_cents,
        gap=choice.gap,
        proven=choice.proven,
        terrain="free space" if case.terrain is None else case.surface,
        served_at={level: int(units[rate >= level].sum()) for level in case.request.levels_mbps},
    )


def _best_rows(case: Case, access: Access, allowed: Bools) -> Ints:
    """Return, for each premise, its strongest link among those allowed, -1 where none."""
    rows = np.flatnonzero(allowed)
    strength = np.nan_to_num(access.ratio_db[rows], nan=-np.inf)
    order = rows[np.lexsort((access.links.first[rows], -strength, access.links.last[rows]))]
    premise, first = np.unique(access.links.last[order], return_index=True)
    best = np.full(len(case.rows), -1, np.int64)
    best[premise] = order[first]
    return best


def _link_table(case: Case, access: Access, serving: Ints, site: Bools) -> pl.DataFrame:
    """Return one row a premise that is passed: its serving link, else its best to a built site."""
    best = _best_rows(case, access, access.visible & site[access.links.first])
    row = np.where(serving >= 0, serving, best)
    premise = np.flatnonzero(row >= 0)
    row = row[premise]
    links, sectors = access.links.take(row), case.radio.rules.sectors_per_site
    least = case.band.modes[capacity.needed_mode(case.band, case.request.service_mbps) or 0].snr_db
    return pl.DataFrame(
        {
            "premise": _texts([case.demand.id[at] for at in case.rows[premise].tolist()]),
            "site": _texts([case.sites.id[at] for at in links.first.tolist()]),
            "sector": access.sector[row] % sectors,
            "status": _texts(np.where(serving[premise] >= 0, "served", "passed").tolist()),
            "units": case.units[premise],
            "distance_m": links.length_m,
            "bearing_deg": links.bearing_deg,
            "view": _texts([View(value).name.lower() for value in links.view.tolist()]),
            "clearance_fresnel": _nulls(links.clearance),
            "diffraction_db": _nulls(links.diffraction_db),
            "loss_db": _nulls(access.loss_db[row]),
            "fade_db": _nulls(access.fade_db[row]),
            "margin_db": _nulls(access.ratio_db[row] - access.fade_db[row] - least),
            "rate_mbps": capacity.rate_mbps(case.band, access.mode[row]),
            "clear_rate_mbps": capacity.rate_mbps(case.band, access.clear_mode[row]),
        }
    )


def _texts(values: Iterable[str]) -> pl.Series:
    return pl.Series(list(values), dtype=pl.String)


def _nulls(values: Floats) -> pl.Series:
    return pl.Series(np.asarray(values, np.float64), dtype=pl.Float64).fill_nan(None)


def _unserved_table(case: Case, access: Access, serving: Ints, stranded: Bools) -> pl.DataFrame:
    """Return those without service, with the reason that stopped their best link and its place."""
    reason = _reasons(case, access, stranded)
    left = np.flatnonzero(serving < 0)
    lost = np.flatnonzero(~case.demand.connected & ~_placed(case.demand))
    rows = np.concatenate([case.rows[left], lost])
    names = [*(reason[at] for at in left.tolist()), *([Reason.NO_PLACE] * len(lost))]
    obstacle = _obstacles(case, access, left, names)
    blank = np.full(len(lost), np.nan)
    return pl.DataFrame(
        {
            "premise": _texts([case.demand.id[at] for at in rows.tolist()]),
            "units": case.demand.units[rows],
            "lon": _nulls(case.demand.lon[rows]),
            "lat": _nulls(case.demand.lat[rows]),
            "reason": _texts([each.name.lower() for each in names]),
            "detail": _texts([each.text for each in names]),
            "remedy": _texts([each.remedy for each in names]),
            "obstacle_lon": _nulls(np.concatenate([obstacle[0], blank])),
            "obstacle_lat": _nulls(np.concatenate([obstacle[1], blank])),
        }
    )


def _placed(demand: Demand) -> Bools:
    return np.asarray(np.isfinite(demand.lon) & np.isfinite(demand.lat))


def _reasons(case: Case, access: Access, stranded: Bools) -> list[Reason]:
    """Return for each premise the farthest step any of its links came to."""
    links = access.links
    usable = access.visible | np.isfinite(access.ratio_db)
    least = capacity.needed_mode(case.band, case.request.service_mbps) or 0
    stage = np.select(
        [
            links.view == View.UNKNOWN,
            ~usable,
            access.clear_mode < least,
            access.mode < least,
            stranded[links.first],
        ],
        [2, 1, 3, 4, 5],
        6,
    )
    farthest = np.zeros(len(case.rows), np.int64)
    np.maximum.at(farthest, links.last, stage)
    order = (
        Reason.RANGE,
        Reason.SIGHT,
        Reason.UNKNOWN,
        Reason.BUDGET,
        Reason.RAIN,
        Reason.BACKHAUL,
        Reason.CAPACITY,
    )
    return [order[step] for step in farthest.tolist()]


def _obstacles(
    case: Case, access: Access, left: Ints, names: list[Reason]
) -> tuple[Floats, Floats]:
    """Return where terrain cuts the nearest link, or where it is first unknown."""
    lon, lat = np.full(len(left), np.nan), np.full(len(left), np.nan)
    for reason, view, column in (
        (Reason.SIGHT, View.CUT, access.links.worst),
        (Reason.UNKNOWN, View.UNKNOWN, access.links.hole),
    ):
        best = _nearest_rows(case, access, access.links.view == view)[left]
        rows = np.flatnonzero(
            (best >= 0) & np.array([each is reason for each in names[: len(left)]], np.bool_)
        )
        link = best[rows]
        one, two = access.links.first[link], access.links.last[link]
        for out, start, stop in (
            (lon, case.masts.lon[one], case.customers.lon[two]),
            (lat, case.masts.lat[one], case.customers.lat[two]),
        ):
            out[rows] = start + column[link] * (stop - start)
    return lon, lat


def _nearest_rows(case: Case, access: Access, allowed: Bools) -> Ints:
    """Return, for each premise, its shortest link among those allowed, -1 where none."""
    rows = np.flatnonzero(allowed)
    order = rows[np.lexsort((access.links.length_m[rows], access.links.last[rows]))]
    premise, first = np.unique(access.links.last[order], return_index=True)
    best = np.full(len(case.rows), -1, np.int64)
    best[premise] = order[first]
    return best


def _sector_table(case: Case, access: Access, serving: Ints, offer: cover.Offer) -> pl.DataFrame:
    """Return the sectors on air with what they carry in the peak hour."""
    rules = case.radio.rules
    served = np.flatnonzero(serving >= 0)
    row, count = serving[served], len(offer.sector_site)
    sector = access.sector[row]
    traffic = offer.traffic_mbps[served]
    time = np.bincount(sector, capacity.airtime(case.band, access.mode[row], traffic), count)
    on = np.flatnonzero(np.bincount(sector, minlength=count))
    units = np.bincount(sector, case.units[served], count)[on]
    width, azimuth = 360.0 / rules.sectors_per_site, on % rules.sectors_per_site
    each = rules.traffic_mbps(case.request.service_mbps) / rules.take_up
    return pl.DataFrame(
        {
            "site": _texts([case.sites.id[at] for at in offer.sector_site[on].tolist()]),
            "sector": azimuth,
            "azimuth_deg": (rules.first_azimuth_deg + azimuth * width) % 360.0,
            "premises": np.bincount(sector, minlength=count)[on],
            "units": units.astype(np.int64),
            "customers": units * rules.take_up,
            "peak_traffic_mbps": np.bincount(sector, traffic, count)[on],
            "load_percent": time[on] * _PERCENT,
            "customer_peak_mbps": each * rules.sector_load / time[on],
        }
    )


def _hop_table(
    case: Case,
    choice: cover.Choice,
    hops: tuple[Links, Floats, Floats],
    offer: cover.Offer,
    serving: Ints,
) -> pl.DataFrame:
    """Return the radio hops on air with rate, margin and the traffic that passes."""
    links, rate, margin = hops
    on = np.flatnonzero(choice.uplink[links.first] == links.last)
    carried = _carried(choice, offer, serving)
    return pl.DataFrame(
        {
            "site": _texts([case.sites.id[at] for at in links.first[on].tolist()]),
            "to_site": _texts([case.sites.id[at] for at in links.last[on].tolist()]),
            "distance_m": links.length_m[on],
            "clearance_fresnel": _nulls(links.clearance[on]),
            "rate_mbps": rate[on],
            "margin_db": margin[on],
            "peak_traffic_mbps": carried[links.first[on]],
        }
    )


def _carried(choice: cover.Choice, offer: cover.Offer, serving: Ints) -> Floats:
    """Return the traffic on each site's uplink, its own and what comes through it, Mbit/s."""
    served = np.flatnonzero(serving >= 0)
    site = offer.sector_site[offer.sector[serving[served]]]
    own = np.bincount(site, offer.traffic_mbps[served], len(offer.site_cents)).astype(np.float64)
    carried = own.copy()
    for start in np.flatnonzero(own).tolist():
        above = int(choice.uplink[start])
        while above >= 0:
            carried[above] += own[start]
            above = int(choice.uplink[above])
    return np.asarray(carried)


def _site_table(
    case: Case, choice: cover.Choice, sectors: pl.DataFrame, hops: pl.DataFrame
) -> pl.DataFrame:
    """Return the sites to build, with role and uplink."""
    on = np.flatnonzero(choice.site)
    sites = case.sites
    names = [sites.id[at] for at in on.tolist()]
    table = pl.DataFrame(
        {
            "site": _texts(names),
            "lon": sites.lon[on],
            "lat": sites.lat[on],
            "kind": _texts([SITE_KINDS[at].value for at in sites.kind[on].tolist()]),
            "mast_m": sites.mast_m[on],
            "uplink": _texts([_uplink_name(int(choice.uplink[at])) for at in on.tolist()]),
            "fibre_m": np.where(choice.uplink[on] == cover.FIBRE, sites.fibre_m[on], 0.0),
        }
    )
    carried = sectors.group_by("site").agg(
        pl.len().alias("sectors"), pl.col("units").sum(), pl.col("peak_traffic_mbps").sum()
    )
    joined = table.join(carried, on="site", how="left", maintain_order="left")
    joined = joined.join(
        hops.select("site", "to_site"), on="site", how="left", maintain_order="left"
    )
    access = pl.when(pl.col("sectors").is_null()).then(pl.lit("relay")).otherwise(pl.lit("access"))
    return joined.with_columns(
        access.alias("role"), pl.col("sectors", "units", "peak_traffic_mbps").fill_null(0)
    )


def _uplink_name(uplink: int) -> str:
    return {cover.FIBRE: "fibre", cover.NO_UPLINK: "not designed"}.get(uplink, "radio")


def _quantities(case: Case, choice: cover.Choice, serving: Ints) -> pl.DataFrame:
    """Return the rows of the bill: item, unit, quantity."""
    stands = case.sites.stands
    fibre = choice.site & (choice.uplink == cover.FIBRE)
    customers = float(case.units[serving >= 0].sum()) * case.radio.rules.take_up
    rows = [
        ("fwa.mast", "site", float((choice.site & ~stands).sum())),
        ("fwa.site.existing", "site", float((choice.site & stands).sum())),
        ("fwa.sector", "sector", float(choice.sector.sum())),
        ("fwa.cpe", "device", float(np.ceil(customers))),
        ("fwa.backhaul.radio", "hop", float((choice.site & (choice.uplink >= 0)).sum())),
        ("fwa.backhaul.fibre", "site", float(fibre.sum())),
        ("fwa.backhaul.fibre.m", "m", float(case.sites.fibre_m[fibre].sum())),
    ]
    return pl.DataFrame(rows, schema=["item", "unit", "quantity"], orient="row")
