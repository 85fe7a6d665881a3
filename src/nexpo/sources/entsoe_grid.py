"""Transmission grid nodes: busbars of the ENTSO-E map as PyPSA-Eur extracts them (GridKit).

Traps: the map favours clarity over geography, so a node can lie kilometres off; nothing below
132 kV and no headroom is in it: a distance to the nearest node says where a line could begin,
never whether there is power. Flags are ``t`` and ``f``; ``x`` is longitude. Some extracts quote
with an apostrophe (``Dialect(quote="'")``). Several busbars stand in one substation, one a
voltage. CC BY 4.0, "The PyPSA-Eur Authors".
"""

from __future__ import annotations

from pathlib import Path

from nexpo.core.ingest import Check, Dialect, Layout, Reading
from nexpo.core.tables import load
from nexpo.sources.text_tables.queries import doubled
from nexpo.sources.text_tables.reading import read_table

ATTRIBUTION = "The PyPSA-Eur Authors, CC BY 4.0"
_RENAMES = {"voltage_kv": "voltage", "lon": "x", "lat": "y"}
_LON = "try_cast(lon AS DOUBLE) NOT BETWEEN -180 AND 180"
_LAT = "try_cast(lat AS DOUBLE) NOT BETWEEN -90 AND 90"
_VOLTAGE = "try_cast(voltage_kv AS DOUBLE) NOT BETWEEN 1 AND 2000"


def read_buses(path: Path, target: Path, *, dialect: Dialect | None = None) -> Reading:
    """Read the busbars into the table ``grid_buses``.

    Raises
    ------
    Problem
        When the file as a whole cannot be used.
    """
    checks = (
        Check("lon", _LON, "lon", "no longitude", "write degrees, longitude in x"),
        Check("lat", _LAT, "lat", "no latitude", "write degrees, latitude in y"),
        Check("voltage_kv", _VOLTAGE, "voltage_kv", "no voltage in kV", "write kV, not V"),
    )
    return read_table(
        path,
        load("nexpo.sources", "grid_buses"),
        target,
        dialect=dialect,
        layout=Layout(renames=_RENAMES, checks=checks),
        doubts={
            "rows whose bus number stands twice": doubled(("bus_id",)),
            "nodes that were under construction": "SELECT count(*) FROM t WHERE under_construction",
        },
    )
