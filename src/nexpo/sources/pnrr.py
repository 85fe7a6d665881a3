"""Italia Domani: the open data of the recovery plan (ReGiS): projects, payments, places, awards.

Four files that join on ``cup`` (and ``codice_locale_progetto``: one CUP can hold several local
projects). Published as CSV (``;``, decimal comma) and met as Parquet with lower-case names.

Amounts become **integer cents**. Traps: the Parquet of projects holds amounts as 32-bit
floats, exact to the cent only below 131,072 euro: such rows are counted. A project has many
places, so joining amounts to places multiplies them. The places at hand are of 2023: later
projects are missing. A name of an awardee may repeat the VAT number; a tax code of sixteen
characters is a person's and is refused. ATECO ``00`` means unknown. The 2023 file calls the
sub-measure ``submisura``, the 2025 files ``codice_univoco_submisura``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from nexpo.core.ingest import Check, Dialect, Layout, Reading, parquet, read_header
from nexpo.core.tables import load
from nexpo.sources.text_tables.files import as_text_table, is_parquet
from nexpo.sources.text_tables.municipalities import Translate
from nexpo.sources.text_tables.names import find_roles, need_roles
from nexpo.sources.text_tables.queries import doubled
from nexpo.sources.text_tables.reading import read_table
from nexpo.sources.text_tables.sql import cell, cents, day

_PROJECT = {
    "submeasure": ("submisura", "codice_univoco_submisura"),
    "submeasure_title": ("descrizione_submisura",),
    "cup": ("cup",),
    "local_code": ("codice_locale_progetto", "clp"),
}
_MONEY_ROLES = {
    "pnrr_cents": ("finanziamento_pnrr",),
    "total_cents": ("finanziamento_totale",),
    "paid_total_cents": ("pagamenti_totali",),
    "paid_pnrr_cents": ("pagamenti_totali_pnrr", "pagamenti_pnrr"),
}
_EXTRACTED = {"as_of": ("data_di_estrazione", "data_aggiornamento", "data_estrazione")}
_PROJECTS = {
    **_PROJECT,
    "administration": ("amministrazione", "amministrazione_titolare"),
    "procedure": ("procedura", "descrizione_procedura"),
    "cup_state": ("stato_cup",),
    "nature": ("natura", "cup_descrizione_natura"),
    "kind": ("tipologia", "cup_descrizione_tipologia"),
    "sector": ("settore", "cup_descrizione_settore"),
    "title": ("titolo", "titolo_progetto", "descrizione_progetto"),
    "pnrr_cents": _MONEY_ROLES["pnrr_cents"],
    "total_cents": _MONEY_ROLES["total_cents"],
    "body": ("soggetto_attuatore",),
    "body_tax_code": ("cf_soggetto_attuatore", "codice_fiscale_soggetto_attuatore"),
    **_EXTRACTED,
}
_PAYMENTS = {**_PROJECT, **_MONEY_ROLES, **_EXTRACTED}
_PLACES = {
    "submeasure": _PROJECT["submeasure"],
    "cup": _PROJECT["cup"],
    "local_code": _PROJECT["local_code"],
    "province": ("provincia_nome", "provincia", "descrizione_provincia"),
    "municipality": ("comune", "descrizione_comune"),
    "istat": ("istat", "codice_istat", "codice_istat_comune"),
}
_AWARDS = {
    "submeasure": _PROJECT["submeasure"],
    "cup": _PROJECT["cup"],
    "cig": ("cig",),
    "firm_tax_code": ("codice_fiscalepiva", "codice_fiscale_piva", "codice_fiscale_p_iva"),
    "firm": ("denominazione_aggiudicatario",),
    "role": ("descrizione_ruolo_soggetto",),
    "legal_form": ("descrizione_forma_giuridica_aggiudicatario",),
    "ateco": ("codice_ateco_aggiudicatario",),
    "as_of": _EXTRACTED["as_of"],
}
_EXACT_CENTS = 13_107_200  # 2**17 euro: from there a 32-bit float cannot hold every cent


def read_projects(path: Path, target: Path, *, dialect: Dialect | None = None) -> Reading:
    """Read the validated projects into the table ``pnrr_projects``.

    Raises
    ------
    Problem
        When the file as a whole cannot be used.
    """
    doubts = {"rows whose local project stands twice": doubled(("cup", "local_code"))}
    if _has_small_floats(path):
        note = "amounts from a 32-bit float: cents are not certain"
        doubts[note] = f"SELECT count(*) FROM t WHERE total_cents >= {_EXACT_CENTS}"
    return _read(path, "pnrr_projects", target, _PROJECTS, ("cup", "total_cents"), dialect, doubts)


def read_payments(path: Path, target: Path, *, dialect: Dialect | None = None) -> Reading:
    """Read the payments per project into the table ``pnrr_payments``.

    Raises
    ------
    Problem
        When the file as a whole cannot be used.
    """
    required = ("cup", "total_cents", "paid_total_cents")
    doubts = {
        "rows whose local project stands twice": doubled(("cup", "local_code")),
        "rows paid above their financing": "SELECT count(*) FROM t "
        "WHERE paid_total_cents > total_cents",
    }
    return _read(path, "pnrr_payments", target, _PAYMENTS, required, dialect, doubts)


def read_places(
    path: Path, target: Path, *, dialect: Dialect | None = None, codes: Translate | None = None
) -> Reading:
    """Read the places of projects into the table ``pnrr_places``.

    Raises
    ------
    Problem
        When the file as a whole cannot be used.
    """
    doubts = {"rows equal in every column": doubled(("cup", "local_code", "istat"))}
    return _read(path, "pnrr_places", target, _PLACES, ("cup", "istat"), dialect, doubts, codes)


def read_awards(path: Path, target: Path, *, dialect: Dialect | None = None) -> Reading:
    """Read who won the contracts into the table ``pnrr_awards``; persons are refused.

    Raises
    ------
    Problem
        When the file as a whole cannot be used.
    """
    doubts = {"rows whose ATECO is unknown (00)": "SELECT count(*) FROM t WHERE ateco = '00'"}
    return _read(path, "pnrr_awards", target, _AWARDS, ("cup", "firm_tax_code"), dialect, doubts)


def recognise(headers: tuple[str, ...]) -> str | None:
    """Return which table a file's columns are of, or None.

    Examples
    --------
    >>> recognise(("Codice Univoco Submisura", "CUP", "Finanziamento Totale", "Pagamenti Totali"))
    'pnrr_payments'
    """
    for name, roles, needed in (
        ("pnrr_payments", _PAYMENTS, {"cup", "paid_total_cents"}),
        ("pnrr_awards", _AWARDS, {"cup", "firm_tax_code", "firm"}),
        ("pnrr_projects", _PROJECTS, {"cup", "title", "total_cents"}),
        ("pnrr_places", _PLACES, {"cup", "istat"}),
    ):
        if needed <= find_roles(headers, roles).keys():
            return name
    return None


def _read(
    path: Path,
    name: str,
    target: Path,
    roles: Mapping[str, tuple[str, ...]],
    required: tuple[str, ...],
    dialect: Dialect | None,
    doubts: Mapping[str, str],
    codes: Translate | None = None,
) -> Reading:
    with as_text_table(path, money=True) as readable:
        chosen = Dialect(delimiter=",") if is_parquet(path) else dialect or Dialect()
        found = need_roles(path, read_header(readable, chosen)[1], roles, required)
        expressions = {role: _expression(role, found.get(role), chosen) for role in roles}
        checks = (_PERSON,) if name == "pnrr_awards" else ()
        return read_table(
            readable,
            load("nexpo.sources", name),
            target,
            dialect=chosen,
            layout=Layout(expressions=expressions, checks=checks),
            codes=codes,
            doubts=doubts,
        )


def _expression(role: str, header: str | None, dialect: Dialect) -> str:
    if role.endswith("_cents"):
        return cents(header, dialect.decimal)
    return day(header) if role == "as_of" else cell(header)


_PERSON = Check(
    column="firm_tax_code",
    failing="regexp_full_match(\"firm_tax_code\", '[A-Za-z]{6}[0-9A-Za-z]{10}')",
    value="'(a person)'",
    reason="a tax code of a person",
    remedy="nothing to do: natural persons are not kept",
)


def _has_small_floats(path: Path) -> bool:
    if not is_parquet(path):
        return False
    with duckdb.connect() as connection:
        return "FLOAT" in map(str, connection.sql(f"FROM {parquet(path)}").types)
