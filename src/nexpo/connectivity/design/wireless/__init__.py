"""Fixed wireless access: sites, sectors and backhaul that serve the unserved, with a bound.

The promise: *passed* and *served* are two numbers. A premise is served when its path was looked
at on a height model, its link holds the rate for the share of the year asked, and a sector has
time left for it in the peak hour. Whoever is not is listed with the reason and the remedy.

Modelling choices, stated once:

* What terrain does is reckoned here (P.526-15); what weather does is asked of ``itur``.
* A hole in the height model is unknown, and an unknown link is not built on.
* Without a height model links are in free space, and the design says so.
* Sites, sectors and backhaul are chosen in one programme: its bound is that of the whole.
"""

from nexpo.connectivity.design.wireless.adapters.settings import load_radio
from nexpo.connectivity.design.wireless.adapters.weather import ItuWeather
from nexpo.connectivity.design.wireless.model import (
    Band,
    Effort,
    Prices,
    Radio,
    Rules,
    SiteKind,
    Sites,
    Weather,
)
from nexpo.connectivity.design.wireless.plan import plan
from nexpo.connectivity.design.wireless.sites import candidates, high_points, spread_nodes
from nexpo.connectivity.design.wireless.tables import Reason, Request, Summary, WirelessPlan
from nexpo.connectivity.design.wireless.terrain import Surface, Terrain

__all__ = [
    "Band",
    "Effort",
    "ItuWeather",
    "Prices",
    "Radio",
    "Reason",
    "Request",
    "Rules",
    "SiteKind",
    "Sites",
    "Summary",
    "Surface",
    "Terrain",
    "Weather",
    "WirelessPlan",
    "candidates",
    "high_points",
    "load_radio",
    "plan",
    "spread_nodes",
]
