"""What operators declare per address: the layouts of the mappings of 2021 and of 2025.

A regional CSV, one row an address and technology: the EGON id (up to 15 digits), the
address, the cell of 50 by 50 m in EPSG:3035, the quality of the geocode (1 to 4), and then
whether there is NGA, technology (copper, fibre, FWA), highest and peak-time speeds, VHCN
class, the year in which the service is there, and whether public money built it. The two
editions share these columns; 2021 asks for the years 2021-2026, 2025 for 2024-2028.

The column names below come from descriptions of the layout, not from its specification:
they are matched by role, and further spellings can be added in one line.

Traps: ids in exponent notation (a spreadsheet opened the file: a whole province was lost
so); one address with two ids; speeds written as classes (``100-300``: only the lower bound
is certain, see :mod:`nexpo.sources.infratel.classes`); the operator is often nowhere but in
the file's name; FWA is not said to be on licensed spectrum, which decides whether it counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from nexpo.core.ingest import Check, Dialect, Layout, Reading, literal, read_header
from nexpo.core.problem import Where, bad_input
from nexpo.core.tables import load
from nexpo.sources.infratel.classes import is_interval_sql, speed_sql
from nexpo.sources.text_tables.files import as_text_table
from nexpo.sources.text_tables.municipalities import Locate, Translate, fill_codes, named_places
from nexpo.sources.text_tables.names import find_roles, need_roles
from nexpo.sources.text_tables.queries import ask, doubled
from nexpo.sources.text_tables.reading import read_table
from nexpo.sources.text_tables.sql import cell, day, house_number, joined, translated

YEARS: Mapping[int, tuple[int, int]] = {2021: (2021, 2026), 2025: (2024, 2028)}
"""Edition to the first and last year that a declaration may name."""

ROLES = {
    "address_id": (
        "egon",
        "id_egon",
        "codice_egon",
        "egon_id",
        "id_civico",
        "id_civico_egon",
        "civico_id",
        "cod_egon",
        "id_egon_civico",
    ),
    "istat": ("istat", "codice_istat", "cod_istat", "istat_comune", "pro_com"),
    "region": ("regione",),
    "province": ("provincia",),
    "municipality": ("comune",),
    "hamlet": ("frazione", "localita"),
    "street_type": ("particella_top", "particella", "dug", "tipo_strada", "tipo_via"),
    "street": ("strada", "via", "indirizzo", "nome_strada", "toponimo", "nome_via"),
    "number": ("civico", "numero_civico", "numero"),
    "exponent": ("esponente", "barrato"),
    "km": ("km", "chilometrica", "metrica"),
    "grid_cell": (
        "cella",
        "id_cella",
        "cella_50",
        "cella_50x50",
        "cella_50m",
        "codice_cella",
        "grid_cell",
    ),
    "geocode": ("qualita_geocodifica", "geocodifica", "accuratezza", "qualita", "precisione"),
    "nga": ("nga", "copertura_nga", "flag_nga"),
    "operator": ("operatore", "denominazione_operatore", "soggetto"),
    "infrastructure": ("infrastruttura", "rete_di", "proprietario_rete"),
    "technology": ("tecnologia", "tipo_tecnologia", "tecnologia_accesso"),
    "spectrum": ("spettro", "frequenze", "tipo_frequenza", "banda"),
    "max_down_mbps": (
        "velocita_massima_download",
        "vel_max_down",
        "max_down",
        "vel_max_dl",
        "velocita_max_download",
        "velocita_max_down",
        "download_max",
        "dl_max",
    ),
    "max_up_mbps": (
        "velocita_massima_upload",
        "vel_max_up",
        "max_up",
        "vel_max_ul",
        "velocita_max_upload",
        "velocita_max_up",
        "upload_max",
        "ul_max",
    ),
    "peak_down_mbps": (
        "velocita_picco_download",
        "vel_picco_down",
        "picco_down",
        "vel_picco_dl",
        "velocita_di_picco_download",
        "download_picco",
        "dl_picco",
    ),
    "peak_up_mbps": (
        "velocita_picco_upload",
        "vel_picco_up",
        "picco_up",
        "vel_picco_ul",
        "velocita_di_picco_upload",
        "upload_picco",
        "ul_picco",
    ),
    "vhcn_class": ("classe_vhcn", "vhcn"),
    "year": ("anno", "anno_copertura", "anno_disponibilita", "anno_di_copertura"),
    "progress_report_on": ("data_rapporto", "data_ultima_relazione", "ultima_relazione"),
    "public_intervention": (
        "intervento_pubblico",
        "flag_intervento_pubblico",
        "finanziamento_pubblico",
    ),
    "lot": ("lotto",),
}
_REQUIRED = ("address_id", "technology", "max_down_mbps")
_TECHNOLOGIES = {
    "fibra": "fibre",
    "fibra ottica": "fibre",
    "fo": "fibre",
    "ftth": "fibre",
    "fttb": "fibre",
    "fttb/h": "fibre",
    "rame": "copper",
    "fttc": "copper",
    "xdsl": "copper",
    "vdsl": "copper",
    "adsl": "copper",
    "fwa": "fwa",
    "wireless": "fwa",
    "fwa vhcn": "fwa",
    "cavo": "cable",
    "satellite": "satellite",
    "mobile": "mobile",
    "altro": "other",
}
_SPECTRA = {
    "licenziato": "licensed",
    "licenziate": "licensed",
    "licenza": "licensed",
    "con licenza": "licensed",
    "non licenziato": "unlicensed",
    "non licenziate": "unlicensed",
    "libero": "unlicensed",
    "libere": "unlicensed",
    "ism": "unlicensed",
    "senza licenza": "unlicensed",
}
_COPIED = ("grid_cell", "vhcn_class", "lot", "infrastructure", "year", "public_intervention")
_SPEEDS = ("max_down_mbps", "max_up_mbps", "peak_down_mbps", "peak_up_mbps")


def read_declarations(
    path: Path,
    target: Path,
    *,
    edition: int | None = None,
    operator: str | None = None,
    dialect: Dialect | None = None,
    codes: Translate | None = None,
    locate: Locate | None = None,
) -> Reading:
    """Read an operator's declaration into the canonical table ``declarations``.

    Parameters
    ----------
    edition
        2021 or 2025: which years are allowed; by default told from the file's name, then
        from its years.
    operator
        Who declares, for files without such a column; by default the file's name.
    codes, locate
        Translate old municipal codes, and names where there is no code.

    Raises
    ------
    Problem
        When the file as a whole cannot be used, or the edition is not known.
    """
    table = load("nexpo.connectivity", "declarations")
    with as_text_table(path) as readable:
        headers = read_header(readable, dialect)[1]
        found = need_roles(path, headers, ROLES, _REQUIRED)
        expressions = _expressions(found, operator or _operator_of(path))
        layout = Layout(
            expressions=expressions,
            checks=_year_checks(path, edition or edition_of(path.name)),
        )
        reading = read_table(
            readable,
            table if locate is None else named_places(table),
            target,
            dialect=dialect,
            layout=layout,
            codes=codes,
            doubts=_doubts(),
        )
        intervals = _intervals(readable, found, dialect)
    reading = replace(reading, notes=(*reading.notes, *intervals))
    return fill_codes(reading, locate, table)


def edition_of(name: str) -> int | None:
    """Return the edition that a file's name tells, or None.

    Examples
    --------
    >>> edition_of("mappatura2025_lombardia_operatoreX.csv")
    2025
    """
    found = {edition for edition in YEARS if str(edition) in name}
    return found.pop() if len(found) == 1 else None


def recognise(headers: tuple[str, ...]) -> bool:
    """Tell the layout by its columns.

    Examples
    --------
    >>> recognise(("EGON", "Regione", "Comune", "Tecnologia", "Velocità massima download"))
    True
    """
    found = find_roles(headers, ROLES)
    return {"address_id", "technology"} <= found.keys() and bool(found.keys() & {*_SPEEDS, "nga"})


def _expressions(found: Mapping[str, str], operator: str) -> dict[str, str]:
    def text(role: str) -> str:
        return cell(found.get(role))

    expressions = {role: text(role) for role in _COPIED if role in found}
    expressions |= {role: speed_sql(text(role)) for role in _SPEEDS if role in found}
    if "spectrum" in found:
        expressions["spectrum"] = translated(text("spectrum"), _SPECTRA)
    if "progress_report_on" in found:
        expressions["progress_report_on"] = day(found["progress_report_on"])
    return expressions | {
        "address_id": text("address_id"),
        "istat": text("istat"),
        "province": text("province"),
        "municipality": text("municipality"),
        "operator": f"coalesce({text('operator')}, {literal(operator)})",
        "technology": translated(text("technology"), _TECHNOLOGIES),
        "street": joined(text("street_type"), text("street")),
        "number": house_number(found.get("number"), found.get("exponent"), found.get("km")),
    }


def _year_checks(path: Path, edition: int | None) -> tuple[Check, ...]:
    if edition is None:
        first, last = min(a for a, _ in YEARS.values()), max(b for _, b in YEARS.values())
    elif edition in YEARS:
        first, last = YEARS[edition]
    else:
        raise bad_input(
            "no such edition of the mapping",
            where=Where(str(path)),
            value=edition,
            remedy=f"one of {', '.join(map(str, YEARS))}",
        )
    return (
        Check(
            column="year",
            failing=f'TRY_CAST("year" AS INTEGER) NOT BETWEEN {first} AND {last}',
            value='"year"',
            reason=f"outside the years of this mapping, {first} to {last}",
            remedy="check the year, or name the edition (2021 or 2025)",
        ),
    )


def _operator_of(path: Path) -> str:
    stem = path.name.split(".")[0].strip()
    words = re.sub(r"(?i)(mappatura|infratel|dichiarazione|20[0-9]{2})", " ", stem)
    return " ".join(re.split(r"[_\s-]+", words)).strip() or stem


def _doubts() -> dict[str, str]:
    return {
        "rows of one address under two ids: both kept": "SELECT sum(n) FROM (SELECT count(*) AS n "
        "FROM t WHERE street IS NOT NULL AND number IS NOT NULL AND number NOT IN ('SNC', '0') "
        "GROUP BY istat, grid_cell, street, number HAVING count(DISTINCT address_id) > 1)",
        "rows equal in address, operator and technology": doubled(
            ("address_id", "operator", "technology", "year")
        ),
        "FWA without a word on its spectrum": "SELECT count(*) FROM t "
        "WHERE technology = 'fwa' AND coalesce(spectrum, 'not_stated') = 'not_stated'",
    }


def _intervals(
    readable: Path, found: Mapping[str, str], dialect: Dialect | None
) -> tuple[tuple[str, int], ...]:
    """Count the rows with a speed given as a class, in the file as it was written."""
    tests = " OR ".join(is_interval_sql(cell(found[role])) for role in _SPEEDS if role in found)
    count = int(ask(readable, dialect, f"SELECT count(*) FROM file WHERE {tests}")[0][0])
    note = "rows with a speed given as a class: its lower bound is taken"
    return ((note, count),) if count else ()
