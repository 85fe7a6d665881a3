"""Open data of *Connetti Italia*: the addresses of each plan and what a visit found there.

``,``-separated; a row is an address of a plan (*piano-italia-1-giga*, *scuole*, *sanita*,
*5G*, *isole minori*) with its EGON id, place, address as one text (``VIA ROMA, 12, A``) and
walk-in state. Read by name where the names are known, else by position: 1 plan, 2 EGON,
4 region, 5 province, 6 municipality, 10 address, 12 state.

Traps: the address is **one** quoted text with commas inside; plans are mixed in one file, so
an address may stand once a plan; states come without notice (see
:mod:`nexpo.sources.bul`), are kept as written and counted.
"""

from __future__ import annotations

from pathlib import Path

from nexpo.core.ingest import Dialect, Layout, Reading, literal, read_header
from nexpo.core.tables import load
from nexpo.sources.bul import walk_in_sql
from nexpo.sources.text_tables.files import as_text_table
from nexpo.sources.text_tables.municipalities import Locate, fill_codes
from nexpo.sources.text_tables.names import find_roles, need_roles, plain
from nexpo.sources.text_tables.queries import doubled
from nexpo.sources.text_tables.reading import read_table
from nexpo.sources.text_tables.sql import cell

_ROLES = {
    "plan": ("piano", "plan", "nome_piano"),
    "address_id": ("egon", "id_egon", "codice_egon", "cod_egon"),
    "region": ("regione",),
    "province": ("provincia",),
    "municipality": ("comune",),
    "address": ("indirizzo", "indirizzo_completo"),
    "state": ("stato_walk_in", "stato_walkin", "walk_in", "walkin", "esito_walk_in", "stato"),
}
_POSITIONS = {
    "plan": 0,
    "address_id": 1,
    "region": 3,
    "province": 4,
    "municipality": 5,
    "address": 9,
    "state": 11,
}


def read_monitoring(
    path: Path,
    target: Path,
    *,
    plan: str | None = None,
    dialect: Dialect | None = None,
    locate: Locate | None = None,
) -> Reading:
    """Read the addresses of the plans into the table ``plan_addresses``.

    Parameters
    ----------
    plan
        Only rows of this plan, e.g. ``piano-italia-1-giga``.

    Raises
    ------
    Problem
        When the file as a whole cannot be used.
    """
    with as_text_table(path) as readable:
        headers = read_header(readable, dialect)[1]
        found = find_roles(headers, _ROLES)
        if len(headers) > max(_POSITIONS.values()):
            found = {role: headers[at] for role, at in _POSITIONS.items()} | found
        found = need_roles(
            path,
            headers,
            {k: (plain(v),) for k, v in found.items()}
            | {k: v for k, v in _ROLES.items() if k not in found},
            _POSITIONS,
        )
        address, state = cell(found["address"]), cell(found["state"])
        layout = Layout(
            expressions={
                "istat": "NULL",
                **{role: cell(found[role]) for role in _POSITIONS if role != "state"},
                "street": f"nullif(trim(split_part({address}, ',', 1)), '')",
                "number": _number(address),
                "state_text": state,
                "state": walk_in_sql(state),
            },
            where=f"lower({cell(found['plan'])}) = {literal(plan.casefold())}" if plan else "",
        )
        table = load("nexpo.sources", "plan_addresses")
        doubts = {
            "walk-in state {!r} is not in the list: kept as written": "SELECT state_text, "
            "count(*) FROM t WHERE state IS NULL AND state_text IS NOT NULL GROUP BY 1 ORDER BY 1",
            "rows without a walk-in state": "SELECT count(*) FROM t WHERE state_text IS NULL",
            "rows whose id stands twice in a plan": doubled(("plan", "address_id")),
        }
        reading = read_table(readable, table, target, dialect=dialect, layout=layout, doubts=doubts)
    return fill_codes(reading, locate, table)


def recognise(headers: tuple[str, ...]) -> bool:
    """Tell the file by its columns: a plan, an id and a walk-in state."""
    return {"plan", "address_id", "state"} <= find_roles(headers, _ROLES).keys()


def _number(address: str) -> str:
    """Return SQL for the number inside ``VIA ROMA, 12, A``; SNC where there is none."""
    number = f"nullif(trim(split_part({address}, ',', 2)), '')"
    bar = f"nullif(trim(split_part({address}, ',', 3)), '')"
    return (
        f"CASE WHEN {number} IS NULL OR upper({bar}) LIKE 'SNC%' THEN 'SNC' "
        f"WHEN {number} = '0' AND TRY_CAST({bar} AS INTEGER) IS NOT NULL "
        f"THEN 'km ' || CAST(CAST({bar} AS INTEGER) / 1000 AS VARCHAR) "
        f"ELSE concat_ws('/', {number}, regexp_replace({bar}, ' +', '/', 'g')) END"
    )
