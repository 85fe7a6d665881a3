"""Heating degree days by municipality, as a column beside the ISTAT code.

Traps: the list follows the municipalities of its own year; the values at hand are not those of
the 1993 annex for every municipality, and have no licence: import only. An empty cell is
unknown, not a mild climate.
"""

from __future__ import annotations

from pathlib import Path

from nexpo.core.ingest import Check, Dialect, Reading, read_header
from nexpo.core.ingest import Layout as _Layout
from nexpo.core.tables import load
from nexpo.sources.text_tables.municipalities import Translate
from nexpo.sources.text_tables.names import need_roles
from nexpo.sources.text_tables.queries import doubled
from nexpo.sources.text_tables.reading import read_table
from nexpo.sources.text_tables.sql import cell

_ROLES = {
    "istat": ("istat", "codice_istat", "pro_com_t"),
    "degree_days": ("degree_days", "gradi_giorno", "gg"),
    "climate_zone": ("climate_zone", "zona_climatica"),
}
_UNKNOWN = "SELECT count(*) FROM t WHERE degree_days IS NULL"
_RANGE = "try_cast(degree_days AS DOUBLE) NOT BETWEEN 0 AND 10000"


def read_degree_days(
    path: Path, target: Path, *, dialect: Dialect | None = None, codes: Translate | None = None
) -> Reading:
    """Read degree days into the table ``degree_days``.

    Raises
    ------
    Problem
        When the file as a whole cannot be used.
    """
    headers = read_header(path, dialect or Dialect())[1]
    found = need_roles(path, headers, _ROLES, ("istat", "degree_days"))
    check = Check("degree_days", _RANGE, "degree_days", "no number of degree days", "0 to 10000")
    return read_table(
        path,
        load("nexpo.sources", "degree_days"),
        target,
        dialect=dialect,
        layout=_Layout(
            expressions={role: cell(header) for role, header in found.items()}, checks=(check,)
        ),
        codes=codes,
        doubts={
            "municipalities without degree days": _UNKNOWN,
            "rows of municipalities that are one today": doubled(("istat",)),
        },
    )
