"""Municipal codes brought to today's, or found by name where a publisher gives none."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from nexpo.core.files import atomic_path
from nexpo.core.ingest import Check, Dialect, Layout, Reading, literal, quoted, read_header
from nexpo.core.tables import Column, Table
from nexpo.sources.text_tables.queries import ask, noted
from nexpo.sources.text_tables.sql import cell, translated

Translate = Callable[[str], str | None]
"""From any ISTAT code ever used to today's, or None where no municipality had it."""

Locate = Callable[[str, str], str | None]
"""From the names of province and municipality to the ISTAT code, or None."""

_PLACE = ("province", "municipality")


def code_layout(
    path: Path, dialect: Dialect, layout: Layout, codes: Translate | None
) -> tuple[Layout, tuple[tuple[str, int], ...]]:
    """Return the layout with old municipal codes replaced by today's and unknown ones refused.

    Each replaced code becomes a note with the number of its rows.
    """
    header = layout.renames.get("istat", "istat")
    expression = layout.expressions.get("istat") or cell(header)
    if codes is None or (
        header not in read_header(path, dialect)[1] and "istat" not in layout.expressions
    ):
        return layout, ()
    found = _distinct(path, dialect, expression, layout.where)
    today = {code: codes(code) for code in found if re.fullmatch("[0-9]{6}", code)}
    changed = {code: new for code, new in today.items() if new is not None and new != code}
    unknown = [code for code, new in today.items() if new is None]
    notes = tuple((f"istat {old} is now {new}", found[old]) for old, new in changed.items())
    if unknown:
        layout = replace(layout, checks=(*layout.checks, _no_such_municipality(unknown)))
    if changed:
        new = translated(expression, changed)
        layout = replace(layout, expressions={**layout.expressions, "istat": new})
    return layout, notes


def named_places(table: Table) -> Table:
    """Return a table with the names that :func:`fill_codes` needs, where it has none."""
    more = tuple(
        Column(name, "text", "", required=False, default=None, allowed=(), pattern="", meaning="")
        for name in _PLACE
        if name not in table.names
    )
    return Table(table.name, (*table.columns, *more))


def fill_codes(reading: Reading, locate: Locate | None, table: Table) -> Reading:
    """Return the reading with ISTAT codes found by name where the file gives none.

    The columns of place names that ``table`` does not declare are dropped again.
    """
    if locate is None:
        return reading
    columns = ", ".join(
        "coalesce(istat, code) AS istat" if name == "istat" else quoted(name)
        for name in table.names
    )
    with duckdb.connect() as connection:
        source = (
            f"read_parquet({literal(str(reading.path))}, "
            "file_row_number = true, hive_partitioning = false)"
        )
        pairs = connection.execute(
            f"SELECT DISTINCT coalesce(province, ''), municipality FROM {source} "
            "WHERE istat IS NULL AND municipality IS NOT NULL"
        ).fetchall()
        known = [(p, m, code) for p, m in pairs if (code := locate(p, m)) is not None]
        connection.execute("CREATE TABLE places (p VARCHAR, m VARCHAR, code VARCHAR)")
        if known:
            connection.executemany("INSERT INTO places VALUES (?, ?, ?)", known)
        with atomic_path(reading.path) as part:
            connection.execute(
                f"COPY (SELECT {columns} FROM {source} "
                "LEFT JOIN places ON municipality = m AND coalesce(province, '') = p "
                "ORDER BY file_row_number) "
                f"TO {literal(str(part))} (FORMAT parquet, COMPRESSION zstd)"
            )
    missing = "SELECT count(*) FROM t WHERE istat IS NULL"
    note = noted(reading.path, {"rows whose municipality was not found by its name": missing})
    return replace(reading, notes=(*reading.notes, *note))


def _no_such_municipality(codes: Sequence[str]) -> Check:
    return Check(
        column="istat",
        failing=f'"istat" IN ({", ".join(map(literal, codes))})',
        value='"istat"',
        reason="no one municipality follows from this code",
        remedy="check it against the ISTAT list; a municipality that was split needs its new code",
    )


def _distinct(path: Path, dialect: Dialect, expression: str, where: str) -> dict[str, int]:
    condition = f"WHERE {where}" if where else ""
    rows = ask(
        path, dialect, f"SELECT {expression}, count(*) FROM file {condition} GROUP BY 1 ORDER BY 1"
    )
    return {str(code): int(count) for code, count in rows if code is not None}
