"""Places: which municipalities there are on a day, where, how large, and what they were.

The choice made here: **a code means nothing without a day.** Municipalities merge, split
and change province, and lists of different years are joined by code all the same, which
loses places in silence. So every function takes the day it is asked for (``on``), a code
that is not in force is refused with what became of it, and lists are translated before
they are joined.

What that leaves out: boundaries are generalised and of 2022 (dissolved to later
mergers); small border adjustments between two municipalities are not tracked; areas
follow the generalised boundary, on the ellipsoid. Nothing here knows a region: regions
are files, and every region of Italy has a table.

Examples
--------
>>> from datetime import date
>>> from nexpo import territory
>>> territory.region("lombardia").code
'03'
>>> territory.municipalities("03", on=date(2023, 1, 1)).height
1504
>>> territory.municipality("012009", on=date(2023, 1, 1))
Traceback (most recent call last):
nexpo.core.problem.Problem: municipality 012009 (Bardello) no longer exists: ...
"""

from nexpo.territory.crosswalk import Crosswalk
from nexpo.territory.geodesy import area_km2, distance_m, length_m
from nexpo.territory.grid import Cell, Corners, grid_cell, grid_corners
from nexpo.territory.model import (
    Change,
    ChangeKind,
    Match,
    Municipality,
    Place,
    Programme,
    Province,
    Region,
    Untranslatable,
)
from nexpo.territory.names import Unmatched, fold
from nexpo.territory.regions import region, regions
from nexpo.territory.register import (
    FIRST_DAY,
    boundaries,
    changes,
    codes,
    crosswalk,
    current_code,
    inputs,
    match_name,
    match_names,
    municipalities,
    municipality,
    provinces,
    translate,
)

__all__ = [
    "FIRST_DAY",
    "Cell",
    "Change",
    "ChangeKind",
    "Corners",
    "Crosswalk",
    "Match",
    "Municipality",
    "Place",
    "Programme",
    "Province",
    "Region",
    "Unmatched",
    "Untranslatable",
    "area_km2",
    "boundaries",
    "changes",
    "codes",
    "crosswalk",
    "current_code",
    "distance_m",
    "fold",
    "grid_cell",
    "grid_corners",
    "inputs",
    "length_m",
    "match_name",
    "match_names",
    "municipalities",
    "municipality",
    "provinces",
    "region",
    "regions",
    "translate",
]
