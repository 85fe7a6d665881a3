"""Open Fiber: the coverage file of areas C and D, ``dbcopertura_CD_AAAAMMGG.csv``.

``|``-separated, UTF-8, all of Italy in one file of 1.5 GB: it is streamed, and filtered by
region while it is read. One row a staircase or building (*scala/palazzina*), with the number
of its units (``TOTALE_UI``) and their state::

    101 FTTH, not yet sold     201 FWA, not yet sold     80  pre-sale
    102 FTTH                   202 FWA                   302 public offices (PAC/PAL)
    602 FTTH, easy delivery    205 FWA, transitional     603 604 902 905 future use

The list is from a public analyser of specification 1.7, not from the specification itself:
an unknown code is kept, has no technology, and is noted with its count.

Traps: nothing is quoted, so a quote mark in a street name is a letter; region, province and
municipality are ISTAT codes with leading zeros; coordinates are one text (``N45.66_E7.69``);
an older edition calls the state ``STATO_BUILDING``; *RFC* is ready for connection (built),
*RFA* ready for activation (sold): only the second means that a customer can have it.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from nexpo.core.ingest import Dialect, Layout, Reading, literal, read_header
from nexpo.core.tables import load
from nexpo.sources.text_tables.municipalities import Translate
from nexpo.sources.text_tables.names import find_roles, need_roles
from nexpo.sources.text_tables.queries import doubled, others
from nexpo.sources.text_tables.reading import read_table
from nexpo.sources.text_tables.sql import cell, day, joined

STATES = {
    "101": ("fibre", "not yet sold"),
    "102": ("fibre", "sold"),
    "201": ("fwa", "not yet sold"),
    "202": ("fwa", "sold"),
    "205": ("fwa", "transitional"),
    "302": ("fibre", "public offices"),
    "80": ("other", "pre-sale"),
    "602": ("fibre", "sold, easy delivery"),
    "603": ("fibre", "future use"),
    "604": ("fibre", "future use"),
    "902": ("fwa", "future use"),
    "905": ("fwa", "future use"),
}
"""Code of ``STATO_UI`` to technology and stage (unverified: check the specification)."""

_ROLES = {
    "stair_id": ("id_scala",),
    "region": ("regione",),
    "province": ("provincia",),
    "istat": ("comune",),
    "hamlet": ("frazione",),
    "street_type": ("particella_top",),
    "street": ("indirizzo",),
    "number": ("civico",),
    "stair": ("scala_palazzina",),
    "street_id": ("codice_via",),
    "building_id": ("id_building",),
    "coordinates": ("coordinate_building",),
    "pop": ("pop",),
    "units": ("totale_ui",),
    "status": ("stato_ui", "stato_building"),
    "stair_status": ("stato_scala_palazzina",),
    "rfc_expected_on": ("data_rfc_indicativa",),
    "rfc_on": ("data_rfc_effettiva",),
    "rfa_expected_on": ("data_rfa_indicativa",),
    "rfa_on": ("data_rfa_effettiva",),
    "changed_on": ("data_ultima_modifica_record",),
    "egon_civico": ("id_egon_civico",),
    "egon_street": ("id_egon_strada",),
}
_REQUIRED = ("stair_id", "region", "istat", "units", "status")
_DAYS = ("rfc_expected_on", "rfc_on", "rfa_expected_on", "rfa_on", "changed_on")
_DIALECT = Dialect(delimiter="|", quote="")


def read_coverage(
    path: Path,
    target: Path,
    *,
    region: str | None = None,
    dialect: Dialect | None = None,
    codes: Translate | None = None,
) -> Reading:
    """Read the coverage file into the table ``openfiber_coverage``.

    Parameters
    ----------
    region
        ISTAT code of the region to keep (two digits); all of Italy without it.
    codes
        Translates an old municipal code into today's.

    Returns
    -------
    Reading
        Notes count unknown states, coordinates that were not understood and doubled ids.

    Raises
    ------
    Problem
        When the file as a whole cannot be used, or no row is of the region.
    """
    chosen = dialect or _DIALECT
    headers = read_header(path, chosen)[1]
    found = need_roles(path, headers, _ROLES, _REQUIRED)
    expressions = {role: cell(found.get(role)) for role in _ROLES if role != "coordinates"}
    expressions |= {role: day(found.get(role)) for role in _DAYS}
    expressions |= _position(found.get("coordinates"))
    expressions["street"] = joined(cell(found.get("street_type")), cell(found.get("street")))
    expressions["technology"] = _state_sql(cell(found["status"]), 0)
    expressions["stage"] = _state_sql(cell(found["status"]), 1)
    kept = f"lpad({cell(found['region'])}, 2, '0') = {literal(region)}" if region else ""
    doubts = {
        "state {!r} is not in the list: kept, without a technology": others("status", STATES),
        "coordinates not understood": "SELECT count(*) FROM t WHERE lon IS NULL",
        "rows whose id stands twice": doubled(("stair_id",)),
        "rows of one house number under two ids": "SELECT sum(n) FROM (SELECT count(*) AS n "
        "FROM t WHERE egon_civico IS NULL AND number IS NOT NULL GROUP BY istat, street, number, "
        "stair HAVING count(DISTINCT stair_id) > 1)",
    }
    return read_table(
        path,
        load("nexpo.sources", "openfiber_coverage"),
        target,
        dialect=chosen,
        layout=Layout(expressions=expressions, where=kept),
        codes=codes,
        doubts=doubts,
    )


def recognise(headers: tuple[str, ...]) -> bool:
    """Tell the file by its columns.

    Examples
    --------
    >>> recognise(("ID_SCALA", "REGIONE", "COMUNE", "TOTALE_UI", "STATO_UI"))
    True
    """
    return set(_REQUIRED) <= find_roles(headers, _ROLES).keys()


def vintage_of(name: str) -> date | None:
    """Return the day that the file's name tells.

    Examples
    --------
    >>> vintage_of("dbcopertura_CD_20250715.csv")
    datetime.date(2025, 7, 15)
    """
    match = re.search(r"_(20\d{2})(0[1-9]|1[0-2])([0-2]\d|3[01])(?!\d)", name)
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _position(header: str | None) -> dict[str, str]:
    """Return SQL for longitude and latitude out of ``N45.66_E7.69``."""
    text = f"replace({cell(header)}, ',', '.')"
    form = "^N? *([0-9]{1,2}[.][0-9]+)[_ ;]+E? *([0-9]{1,2}[.][0-9]+)$"
    return {
        "lat": f"nullif(regexp_extract({text}, '{form}', 1), '')",
        "lon": f"nullif(regexp_extract({text}, '{form}', 2), '')",
    }


def _state_sql(expression: str, part: int) -> str:
    cases = " ".join(f"WHEN {literal(k)} THEN {literal(v[part])}" for k, v in STATES.items())
    return f"CASE {expression} {cases} END"
