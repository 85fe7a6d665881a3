"""Rejected rows: what the parser broke on, what a check refused, and the file of both."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nexpo.core.files import atomic_path
from nexpo.core.ingest._checks import first_failure
from nexpo.core.ingest._files import encoding_problem
from nexpo.core.ingest._model import Check, Layout
from nexpo.core.ingest._sql import count_rows
from nexpo.core.problem import Where, bad_input
from nexpo.core.tables import Table

if TYPE_CHECKING:
    import duckdb

REJECT_COLUMNS = ("file", "row", "column", "value", "reason", "remedy", "line")


_PARSER_REASONS = {
    "MISSING COLUMNS": ("the row has too few columns", "the file may be cut here: fetch it again"),
    "TOO MANY COLUMNS": ("the row has too many columns", "put values with the delimiter in quotes"),
    "UNQUOTED VALUE": ("a quote is not closed", "close the quote or double it inside the value"),
    "LINE SIZE OVER MAXIMUM": ("the line is over 4 MiB", "check the line ends of the file"),
}


def parser_rejects(
    connection: duckdb.DuckDBPyConnection, source: Path
) -> list[dict[str, str | int]]:
    found = connection.execute(
        "SELECT DISTINCT ON (line) line, column_name, error_type, csv_line "
        "FROM reject_errors ORDER BY line, column_idx"
    ).fetchall()
    rows: list[dict[str, str | int]] = []
    for line, column, error, text in found:
        if error == "INVALID ENCODING":
            raise encoding_problem(source, int(line) - 1, text and text.strip())
        if error == "UNQUOTED VALUE" and "\n" in (text or "").strip():
            raise bad_input(
                "a quote is opened and not closed: the rows after it cannot be told apart",
                where=Where(str(source), int(line) - 1, column),
                value=text.split("\n", 1)[0].strip("\r"),
                remedy="close the quote, or double it inside the value",
            )
        reason, remedy = _PARSER_REASONS.get(error, (str(error).casefold(), "mend the row"))
        rows.append(_reject(source.name, int(line), column or "", text or "", reason, remedy))
    return rows


def refused_rows(
    connection: duckdb.DuckDBPyConnection,
    source: Path,
    scan: str,
    selected: str,
    checks: Sequence[Check],
    layout: Layout,
) -> list[dict[str, str | int]]:
    """Second pass, only when a check failed: number the refused among the parsed rows."""
    if not count_rows(connection, "checked WHERE _reason IS NOT NULL"):
        return []
    values = " ".join(f"WHEN {index} THEN {check.value}" for index, check in enumerate(checks))
    extra = f", ({layout.where}) AS _kept" if layout.where else ", true AS _kept"
    found = connection.execute(
        f"SELECT _n, _reason, CASE _reason {values} END FROM ("
        f"SELECT *, {first_failure(checks)} AS _reason FROM ("
        f"SELECT {selected}, row_number() OVER () AS _n {extra} FROM {lenient(scan)})) "
        "WHERE _kept AND _reason IS NOT NULL ORDER BY _n"
    ).fetchall()
    rows = []
    for number, reason, value in found:
        check = checks[reason]
        rows.append(
            _reject(source.name, number, check.column, value or "", check.reason, check.remedy)
        )
    return rows


def lenient(scan: str) -> str:
    """Return the scan that passes over what the first one already noted as broken."""
    return scan.replace("store_rejects=true, rejects_limit=0", "ignore_errors=true")


def _reject(
    file: str, line: int, column: str, value: str, reason: str, remedy: str
) -> dict[str, str | int]:
    return {
        "file": file,
        "row": line - 1,
        "column": column,
        "value": value.strip("\r\n"),
        "reason": f"{column}: {reason}" if column else reason,
        "remedy": remedy,
        "line": line,
    }


def stop_when_nothing_is_left(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    source: Path,
    rows: Sequence[Mapping[str, str | int]],
) -> None:
    if count_rows(connection, "checked WHERE _reason IS NULL"):
        return
    if not rows:
        raise bad_input(
            f"the file has a header but no rows of {table.name}",
            where=Where(str(source)),
            remedy="check that the file is whole and that its filter is right",
        )
    first = rows[0]
    raise bad_input(
        f"no row of {table.name} can be used; first: {first['reason']}",
        where=Where(str(source), int(first["row"]), str(first["column"]) or None),
        value=first["value"],
        remedy=str(first["remedy"]),
    )


def write_rejects(path: Path, rows: Sequence[Mapping[str, str | int]]) -> None:
    if not rows:
        path.unlink(missing_ok=True)
        return
    with atomic_path(path) as part, part.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, REJECT_COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def discard_rejects(path: Path, source: str) -> None:
    """Remove the rejects of an earlier reading of a file that now has none.

    Only a file that a reading wrote, and of that source, is removed.

    Parameters
    ----------
    path
        Where rejects of the source are kept.
    source
        Name of the file that was read, without folders.
    """
    if not path.is_file():
        return
    with path.open(encoding="utf-8", errors="replace", newline="") as stream:
        rows = csv.DictReader(stream)
        first = next(rows, {})
        ours = tuple(rows.fieldnames or ()) == REJECT_COLUMNS and first.get("file") == source
    if ours:
        path.unlink()


def count_reasons(rows: Sequence[Mapping[str, str | int]]) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = {}
    for row in rows:
        counts[str(row["reason"])] = counts.get(str(row["reason"]), 0) + 1
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
