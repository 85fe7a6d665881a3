"""From a national table to regions: quotients, balancing, and systems of regions that add up.

Every convention is a named argument, and delta is never taken in silence. What a method cannot
know is said in the notes of its result.
"""

from nexpo.impact.regionalise.activity import Activity
from nexpo.impact.regionalise.balancing import Balanced, Stop, gras, ras
from nexpo.impact.regionalise.delta import AreaType, Delta, Prior, choose_delta, prior_of
from nexpo.impact.regionalise.many_regions import ManyRegions, many_regions
from nexpo.impact.regionalise.margins import Printed, Reconcile
from nexpo.impact.regionalise.one_region import region_table
from nexpo.impact.regionalise.provinces import ByProvince, to_provinces
from nexpo.impact.regionalise.quotients import (
    Choice,
    Conventions,
    Diagonal,
    Method,
    Quotients,
    quotients_of,
    regional_coefficients,
)
from nexpo.impact.regionalise.regional import Regional, regionalise
from nexpo.impact.regionalise.spread import Spread, spread, spread_of_demand
from nexpo.impact.regionalise.two_region import Names, TwoRegion, two_region

__all__ = [
    "Activity",
    "AreaType",
    "Balanced",
    "ByProvince",
    "Choice",
    "Conventions",
    "Delta",
    "Diagonal",
    "ManyRegions",
    "Method",
    "Names",
    "Printed",
    "Prior",
    "Quotients",
    "Reconcile",
    "Regional",
    "Spread",
    "Stop",
    "TwoRegion",
    "choose_delta",
    "gras",
    "many_regions",
    "prior_of",
    "quotients_of",
    "ras",
    "region_table",
    "regional_coefficients",
    "regionalise",
    "spread",
    "spread_of_demand",
    "to_provinces",
    "two_region",
]
