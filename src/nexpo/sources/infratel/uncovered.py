"""The house numbers still without a network above 300 Mbit/s (list of 2025).

Each row is an address with its class::

    A   the coordinate is poor: distance to a network cannot be told
    B   within 50 m of a network above 300 Mbit/s
    C   farther than 50 m from one

Forms met: a Parquet file by region (``istat, provincia, comune, strada, civico, stato``), a
CSV with the same columns (the ISTAT code may be missing), JSON records, and the JSON of one
municipality that a public viewer serves, ``{street: [{civico, stato}]}``, whose place is
only in the file's name (``LECCO_ABBADIA_LARIANA.json``).

Traps: no coordinates and no id, so an address is its street and number; some rows stand
twice, and some addresses stand in two classes: both are kept and counted. Accents were lost
upstream and left a replacement character. In an older form the exponent is apart
(``barrato``), and ``0`` with ``SNC`` is a house without a number.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nexpo.core.ingest import Dialect, Layout, Reading, read_header
from nexpo.core.problem import Where, bad_input
from nexpo.core.tables import load
from nexpo.sources.text_tables.files import as_text_table, read_json, rows_as_text_table
from nexpo.sources.text_tables.municipalities import Locate, Translate, fill_codes
from nexpo.sources.text_tables.names import need_roles, plain
from nexpo.sources.text_tables.queries import accents_lost, doubled, others
from nexpo.sources.text_tables.reading import read_table
from nexpo.sources.text_tables.sql import cell, house_number

CLASSES = {
    "A": "poor coordinate",
    "B": "within 50 m of a network above 300 Mbit/s",
    "C": "farther than 50 m from a network above 300 Mbit/s",
}
_ROLES = {
    "istat": ("istat", "codice_istat", "cod_istat", "istat_comune", "pro_com"),
    "province": ("provincia", "province", "prov"),
    "municipality": ("comune", "municipality", "nome_comune"),
    "street": ("strada", "via", "indirizzo", "street", "toponimo"),
    "number": ("civico", "numero_civico", "numero", "number"),
    "exponent": ("barrato", "esponente"),
    "uncovered_class": ("stato", "classe", "class", "uncovered_class", "categoria"),
}
_COLUMNS = ("provincia", "comune", "strada", "civico", "barrato", "stato")
_ADDRESS = ("istat", "municipality", "street", "number")


def read_uncovered(
    path: Path,
    target: Path,
    *,
    dialect: Dialect | None = None,
    codes: Translate | None = None,
    locate: Locate | None = None,
) -> Reading:
    """Read the list, in any of its forms, into the table ``uncovered``.

    Parameters
    ----------
    path
        Parquet, CSV or JSON (plain or gzip).
    target
        Parquet file to write.
    codes
        Translates an old municipal code into today's.
    locate
        Finds the ISTAT code of a name, for forms without codes.

    Returns
    -------
    Reading
        Notes count doubled rows, addresses in two classes, unknown classes and lost
        accents; none of these rows is dropped.

    Raises
    ------
    Problem
        When the file as a whole cannot be used.
    """
    table = load("nexpo.sources", "uncovered")
    with _text_form(path) as readable:
        headers = read_header(readable, dialect)[1]
        required = ("municipality", "street", "number", "uncovered_class")
        found = need_roles(path, headers, _ROLES, required)
        expressions = {role: cell(found.get(role)) for role in _ROLES if role != "exponent"}
        expressions["number"] = house_number(found["number"], found.get("exponent"))
        expressions["uncovered_class"] = f"upper({cell(found['uncovered_class'])})"
        reading = read_table(
            readable,
            table,
            target,
            dialect=dialect,
            layout=Layout(expressions=expressions),
            codes=codes,
            doubts=_doubts(),
        )
    return fill_codes(reading, locate, table)


def recognise(headers: tuple[str, ...]) -> bool:
    """Tell the list by its columns: street, number and class, but no technology.

    Examples
    --------
    >>> recognise(("istat", "provincia", "comune", "strada", "civico", "stato"))
    True
    """
    names = {plain(header) for header in headers}
    return {"strada", "civico"} <= names and bool(names & {"stato", "classe"})


def _doubts() -> dict[str, str]:
    return {
        "doubled rows, equal in every column": doubled((*_ADDRESS, "uncovered_class")),
        "rows of one address in two classes": doubled(_ADDRESS, differ="uncovered_class"),
        "rows more than addresses, counted as the list does": "SELECT count(*) - "
        f"count(DISTINCT ({', '.join(_ADDRESS)})) FROM t",
        "class {!r} is not in the list: kept": others("uncovered_class", CLASSES),
        "accents lost in a name": accents_lost(("municipality", "street")),
    }


@contextmanager
def _text_form(path: Path) -> Iterator[Path]:
    if ".json" not in path.suffixes:
        with as_text_table(path) as readable:
            yield readable
        return
    with rows_as_text_table(
        path, path.name.removesuffix(".gz"), _COLUMNS, _json_rows(path)
    ) as readable:
        yield readable


def _json_rows(path: Path) -> Iterator[tuple[object, ...]]:
    content = read_json(path)
    if isinstance(content, list):
        for record in content:
            yield tuple(record.get(column) for column in _COLUMNS)
    elif isinstance(content, dict):
        province, municipality = _place_of(path)
        for street, numbers in content.items():
            for record in numbers:
                yield (province, municipality, street, *(record.get(c) for c in _COLUMNS[3:]))
    else:
        raise bad_input(
            "neither a list of addresses nor streets with numbers",
            where=Where(str(path)),
            remedy="the JSON of one municipality is {street: [{civico, stato}]}",
        )


def _place_of(path: Path) -> tuple[str, str]:
    province, _, municipality = path.name.split(".")[0].partition("_")
    if not municipality:
        raise bad_input(
            "the file's name does not say the place",
            where=Where(str(path)),
            value=path.name,
            remedy="name it PROVINCE_MUNICIPALITY.json, as it was served",
        )
    return province, municipality.replace("_", " ")
