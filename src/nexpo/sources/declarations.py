"""Declarations of operators, whatever their layout, as the one canonical table.

The header tells the layout: the canonical one (CSV or Parquet, see the data dictionary
``declarations``), Infratel's of 2021 or 2025, or the availability files of the FCC. What is
none of these stops with the columns that the nearest layout would need.
"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from nexpo.core.ingest import (
    Dialect,
    Reading,
    parquet,
    quoted,
    read_header,
    readable_parquet,
    unclean,
)
from nexpo.core.problem import Where, bad_input
from nexpo.core.tables import SQL_TYPES, Table, load
from nexpo.sources import fcc
from nexpo.sources.infratel import declared
from nexpo.sources.text_tables.files import as_text_table, is_parquet
from nexpo.sources.text_tables.municipalities import Locate, Translate
from nexpo.sources.text_tables.queries import doubled, noted
from nexpo.sources.text_tables.reading import read_table

LAYOUTS = ("canonical", "infratel-2021", "infratel-2025", "infratel", "fcc-bdc")
"""What :func:`recognise` can answer; ``infratel`` is that layout of an unknown edition."""


def recognise(path: Path, dialect: Dialect | None = None) -> str:
    """Return the layout of a file of declarations, from its header and its name.

    Raises
    ------
    Problem
        When no layout fits, with what the canonical one lacks.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "mappatura_2025.csv"
    >>> _ = path.write_text("egon;comune;tecnologia;vel_max_down" + chr(10))
    >>> recognise(path)
    'infratel-2025'
    """
    headers = _headers(path, dialect)
    table = load("nexpo.connectivity", "declarations")
    names = {header.strip().casefold() for header in headers}
    if set(table.required) <= names:
        return "canonical"
    if fcc.recognise(headers):
        return "fcc-bdc"
    if declared.recognise(headers):
        edition = declared.edition_of(path.name)
        return f"infratel-{edition}" if edition else "infratel"
    missing = [name for name in table.required if name not in names]
    near = {name: get_close_matches(name, names, n=1, cutoff=0.6) for name in missing}
    meant = "".join(f"; did you mean {old[0]!r} as {name}?" for name, old in near.items() if old)
    raise bad_input(
        "no known layout of declarations has these columns",
        where=Where(str(path), 0, missing[0]),
        value=", ".join(headers),
        remedy=f"for the canonical layout add {', '.join(missing)}; Infratel's needs "
        f"egon, tecnologia and speeds; the FCC's needs {', '.join(fcc.HEADER[3:6])}{meant}",
    )


def to_canonical(
    path: Path,
    target: Path,
    dialect: Dialect | None = None,
    *,
    operator: str | None = None,
    codes: Translate | None = None,
    locate: Locate | None = None,
) -> Reading:
    """Read declarations of any known layout into the canonical table.

    Parameters
    ----------
    path
        CSV (plain or gzip) or Parquet.
    target
        Parquet file to write.
    operator
        Who declares, for an Infratel file that does not say it.
    codes, locate
        Translate old municipal codes into today's, and names into codes.

    Returns
    -------
    Reading
        ``path`` is where the table is: a Parquet file that already is the canonical
        table, value by value, is used as it lies and not copied.

    Raises
    ------
    Problem
        When the layout is unknown or the file as a whole cannot be used.
    """
    layout = recognise(path, dialect)
    if layout == "fcc-bdc":
        return fcc.read_bdc(path, target, dialect=dialect)
    if layout.startswith("infratel"):
        return declared.read_declarations(
            path, target, operator=operator, dialect=dialect, codes=codes, locate=locate
        )
    table = load("nexpo.connectivity", "declarations")
    if codes is None and is_parquet(path) and (rows := _conforming_rows(path, table)):
        return Reading(table.name, path, rows, 0, None, (), (), noted(path, _DOUBTS))
    with as_text_table(path) as readable:
        return read_table(readable, table, target, dialect=dialect, codes=codes, doubts=_DOUBTS)


_DOUBTS = {
    "rows of one address under two ids: both kept": "SELECT sum(n) FROM (SELECT count(*) AS n "
    "FROM t WHERE street IS NOT NULL AND number IS NOT NULL GROUP BY istat, street, number "
    "HAVING count(DISTINCT address_id) > 1)",
    "rows equal in address, operator, technology and year": doubled(
        ("address_id", "operator", "technology", "spectrum", "customer", "year")
    ),
}


def _headers(path: Path, dialect: Dialect | None) -> tuple[str, ...]:
    if not is_parquet(path):
        return read_header(path, dialect)[1]
    with readable_parquet(path) as connection:
        return tuple(connection.sql(f"FROM {parquet(path)}").columns)


def _conforming_rows(path: Path, table: Table) -> int:
    """Return the rows of a Parquet file that is the table already, else 0."""
    with readable_parquet(path) as connection:
        relation = connection.sql(f"FROM {parquet(path)}")
        types = dict(zip(relation.columns, map(str, relation.types), strict=True))
        if types != {column.name: SQL_TYPES[column.type] for column in table.columns}:
            return 0
        defaults = [f"{quoted(column.name)} IS NULL" for column in table.columns if column.default]
        found = relation.aggregate(
            f"count(*), count(*) FILTER ({' OR '.join(defaults) or 'false'})"
        ).fetchone()
    if found is None or found[1] or unclean(path, table, table.names):
        return 0
    return int(found[0])
