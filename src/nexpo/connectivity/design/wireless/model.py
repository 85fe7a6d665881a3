"""Values of wireless design: bands, planning rules, sites, prices, and what is asked of weather."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nexpo.connectivity.design.model import Floats, Ints
from nexpo.core.problem import Kind, Problem

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Mode:
    """A modulation and code: the signal-to-noise ratio it needs and the bits it carries."""

    snr_db: float
    bits_per_s_hz: float


@dataclass(frozen=True, slots=True)
class Band:
    """A radio band with the equipment of both ends.

    Parameters
    ----------
    frequency_ghz, channel_mhz
        Carrier and width of one channel.
    downlink_share, overhead
        Share of time sent downwards (1 where uplink has its own channel), and share of what is
        sent that carries no payload.
    eirp_dbm
        Of a sector, or of one end of a hop, on its axis.
    receive_gain_dbi, noise_figure_db, interference_margin_db
        Of the receiving end.
    beamwidth_deg, front_to_back_db
        Sector antenna; the beam of a hop points at its partner and loses nothing.
    tilt_deg
        Polarisation against the horizontal: 0 horizontal, 90 vertical.
    range_m
        No link longer than this is looked at.
    through_diffraction
        Whether a link that terrain stands in may be used with its loss.
    modes
        Ascending.
    """

    name: str
    frequency_ghz: float
    channel_mhz: float
    downlink_share: float
    overhead: float
    eirp_dbm: float
    receive_gain_dbi: float
    noise_figure_db: float
    interference_margin_db: float
    beamwidth_deg: float
    front_to_back_db: float
    tilt_deg: float
    range_m: float
    through_diffraction: bool
    modes: tuple[Mode, ...]

    def __post_init__(self) -> None:
        for name in ("frequency_ghz", "channel_mhz", "beamwidth_deg", "range_m"):
            if not getattr(self, name) > 0:
                raise _setting(f"{self.name}: {name} is not above zero", getattr(self, name))
        if not (0 < self.downlink_share <= 1 and 0 <= self.overhead < 1):
            raise _setting(f"{self.name}: shares lie between 0 and 1", self.downlink_share)
        ladder = [(mode.snr_db, mode.bits_per_s_hz) for mode in self.modes]
        rising = all(one[0] < two[0] and one[1] < two[1] for one, two in pairwise(ladder))
        if not ladder or not rising:
            raise _setting(f"{self.name}: modes rise in both columns", ladder)


@dataclass(frozen=True, slots=True)
class Rules:
    """How a wireless network is planned; every number is a dated parameter.

    Parameters
    ----------
    earth_factor
        k: effective over true radius of the Earth.
    fresnel_clearance
        Radii of the first Fresnel zone that must be clear.
    profile_points
        Samples of the first look at a profile; links that pass are looked at cell by cell.
    availability_percent, backhaul_availability_percent
        Share of the year for which the rate holds.
    sectors_per_site, first_azimuth_deg
        Equal sectors, the first pointing there.
    customer_traffic_mbps, take_up, overbooking, sector_load
        Mean traffic of a customer in the peak hour; customers per unit; how many customers
        share a committed rate; share of a sector's time that may be planned.
    customers_per_sector
        What the equipment can register.
    customer_height_m, clutter_loss_db
        By surface of the height model (``dsm``, ``dtm``, ``none``): height of the customer's
        antenna over it, and loss for what the model does not show.
    backhaul_hops
        Radio hops between a site and fibre, at most.
    backhaul_neighbours
        Nearest sites looked at as partners of a hop.
    fibre_mbps
        What one fibre backhaul carries.
    """

    earth_factor: float
    fresnel_clearance: float
    profile_points: int
    availability_percent: float
    backhaul_availability_percent: float
    sectors_per_site: int
    first_azimuth_deg: float
    customer_traffic_mbps: float
    take_up: float
    overbooking: float
    sector_load: float
    customers_per_sector: int
    customer_height_m: dict[str, float]
    clutter_loss_db: dict[str, float]
    backhaul_hops: int
    backhaul_neighbours: int
    fibre_mbps: float
    generated_mast_m: float
    generated_spacing_m: float

    def __post_init__(self) -> None:
        for name in ("availability_percent", "backhaul_availability_percent"):
            percent = getattr(self, name)
            if not 99.0 <= percent <= 99.999:  # noqa: PLR2004 - P.530 holds from 0.001 to 1 %
                raise _setting(f"{name} lies outside 99 to 99.999, where P.530 holds", percent)
        for name in ("earth_factor", "customer_traffic_mbps", "overbooking", "sector_load"):
            if not getattr(self, name) > 0:
                raise _setting(f"{name} is not above zero", getattr(self, name))
        for name in ("profile_points", "sectors_per_site", "customers_per_sector"):
            if getattr(self, name) < 1:
                raise _setting(f"{name} is below one", getattr(self, name))
        if not 0 < self.take_up <= 1:
            raise _setting("take_up lies between 0 and 1", self.take_up)
        for name in ("customer_height_m", "clutter_loss_db"):
            if set(getattr(self, name)) != {"dsm", "dtm", "none"}:
                raise _setting(f"{name} has a value for dsm, dtm and none", getattr(self, name))

    def traffic_mbps(self, service_mbps: float) -> float:
        """Return what one unit adds to the peak hour of a sector, Mbit/s.

        The mean traffic of a customer, or his share of the committed rate where that is more,
        times the customers per unit.
        """
        return max(self.customer_traffic_mbps, service_mbps / self.overbooking) * self.take_up


@dataclass(frozen=True, slots=True)
class Radio:
    """Bands of access and backhaul, and the rules: what ``parameters/design/radio.yaml`` holds."""

    bands: dict[str, Band]
    rules: Rules

    def band(self, name: str) -> Band:
        """Return a band by its name."""
        if name not in self.bands:
            known = ", ".join(sorted(self.bands))
            raise Problem(
                Kind.USAGE, "no such radio band", value=name, remedy=f"choose one of: {known}"
            )
        return self.bands[name]


class SiteKind(Enum):
    """Where a candidate comes from."""

    TOWER = "tower"  # stands already
    POP = "pop"  # stands already, with the network's fibre
    NEW = "new"  # given by the planner, to be built
    GENERATED = "generated"  # high point or street corner found by us, to be built, unverified


SITE_KINDS: tuple[SiteKind, ...] = tuple(SiteKind)


@dataclass(frozen=True, slots=True, eq=False)
class Sites:
    """Candidate sites.

    Parameters
    ----------
    id
        ``s`` names, unique.
    lon, lat
        ``(s,)`` degrees, WGS 84.
    mast_m
        ``(s,)`` height of the antennas over the surface model, metres.
    kind
        ``(s,)`` positions in :data:`SITE_KINDS`.
    fibre_cents
        ``(s,)`` cost of bringing fibre there, -1 where it cannot be brought. A POP has 0.
    fibre_m
        ``(s,)`` metres of fibre route behind that cost, 0 where unknown.
    """

    id: tuple[str, ...]
    lon: Floats
    lat: Floats
    mast_m: Floats
    kind: Ints
    fibre_cents: Ints
    fibre_m: Floats

    def __post_init__(self) -> None:
        for each in fields(self):
            if len(getattr(self, each.name)) != len(self.id):
                raise _sites(f"{each.name} does not have one value a site", self.id[:3])
        if len(set(self.id)) != len(self.id):
            raise _sites("two candidate sites share an id", self.id[:3])
        placed = np.isfinite(self.lon) & np.isfinite(self.lat)
        placed &= (np.abs(self.lat) <= 90) & (np.abs(self.lon) <= 180)  # noqa: PLR2004 - degrees
        for what, good in (("no place on Earth", placed), ("no mast height", self.mast_m > 0)):
            if not good.all():
                raise _sites(f"a candidate site has {what}", self.id[int(np.argmin(good))])

    def __len__(self) -> int:
        return len(self.id)

    @property
    def stands(self) -> Bools:
        """Say which sites need no mast of ours."""
        standing = [SITE_KINDS.index(kind) for kind in (SiteKind.TOWER, SiteKind.POP)]
        return np.asarray(np.isin(self.kind, standing))


@dataclass(frozen=True, slots=True)
class Prices:
    """Unit prices in cents: what the choice of sites weighs. From the unit-cost library."""

    mast: int
    site_existing: int
    sector: int
    cpe: int
    backhaul_radio: int
    backhaul_fibre: int

    def __post_init__(self) -> None:
        for each in fields(self):
            if getattr(self, each.name) < 0:
                raise _setting(f"the price of {each.name} is below zero", getattr(self, each.name))


@dataclass(frozen=True, slots=True)
class Effort:
    """When the solver stops: share above the bound, nodes of its tree, seconds.

    Without seconds an answer depends on nothing but its input.
    """

    gap: float = 0.01
    nodes: int = 50
    seconds: float | None = None


class Weather(Protocol):
    """What rain, layers and gases do to a link (ITU-R P.530, P.837, P.838, P.676)."""

    def gas_db_per_km(self, frequency_ghz: float) -> float:
        """Return the specific attenuation of dry air and vapour, dB/km."""
        ...

    def rain_db(self, lon: Floats, lat: Floats, length_m: Floats, band: Band) -> Floats:
        """Return the attenuation of rain exceeded for 0.01 % of the year, dB."""
        ...

    def rain_shape(self, percent: Floats, frequency_ghz: float) -> Floats:
        """Return attenuation exceeded for shares of the year over that for 0.01 %."""
        ...

    def multipath_percent(
        self, lon: Floats, lat: Floats, length_m: Floats, ends_m: tuple[Floats, Floats], band: Band
    ) -> Floats:
        """Return P.530's occurrence factor p0 of multipath fading, % of the worst month."""
        ...


def _setting(detail: str, value: object) -> Problem:
    return Problem(
        Kind.CONFIG, detail, value=value, remedy="mend it in parameters/design/radio.yaml"
    )


def _sites(detail: str, value: object) -> Problem:
    return Problem(Kind.BAD_INPUT, detail, value=value, remedy="mend the list of candidate sites")
