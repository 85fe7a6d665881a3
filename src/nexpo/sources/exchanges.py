"""Internet exchanges and carrier facilities, compiled from TeleGeography, PeeringDB and others.

Traps: one building stands once for each exchange in it; an *exchange* is a body and often has no
place, only its buildings have; a fifth of the rows has no coordinates. TeleGeography's rows are
non-commercial and PeeringDB's come under an acceptable-use policy: import only, never ship.
"""

from __future__ import annotations

from pathlib import Path

from nexpo.core.ingest import Check, Dialect, Layout, Reading
from nexpo.core.tables import load
from nexpo.sources.text_tables.reading import read_table

_PLACED = "SELECT count(*) FROM t WHERE lon IS NULL OR lat IS NULL"
_SHARED = (
    "SELECT count(*) FROM (SELECT lon, lat FROM t WHERE lon IS NOT NULL "
    "GROUP BY lon, lat HAVING count(*) > 1)"
)


def read_exchanges(path: Path, target: Path, *, dialect: Dialect | None = None) -> Reading:
    """Read exchanges and facilities into the table ``exchanges``.

    Raises
    ------
    Problem
        When the file as a whole cannot be used.
    """
    checks = (
        Check(
            "lon",
            "try_cast(lon AS DOUBLE) NOT BETWEEN -180 AND 180",
            "lon",
            "no longitude",
            "write degrees",
        ),
        Check(
            "lat",
            "try_cast(lat AS DOUBLE) NOT BETWEEN -90 AND 90",
            "lat",
            "no latitude",
            "write degrees",
        ),
    )
    return read_table(
        path,
        load("nexpo.sources", "exchanges"),
        target,
        dialect=dialect,
        layout=Layout(renames={"origin": "source"}, checks=checks),
        doubts={"rows without coordinates": _PLACED, "places that stand several times": _SHARED},
    )
