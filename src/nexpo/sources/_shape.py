"""From a publisher's columns to declared ones: names found, values translated, doubts counted.

Publishers rename columns between editions (case, accents, spaces, a synonym). A reader
names each *role* with the headers it may have; what is asked for and not there stops the
reading with the nearest header as a hint.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import IO, Any

import duckdb

from nexpo.core.files import atomic_path
from nexpo.core.ingest import (
    Check,
    Dialect,
    Layout,
    Reading,
    check_readable,
    ingest,
    read_header,
    refuse_doubled_names,
)
from nexpo.core.problem import Problem, Where, bad_input
from nexpo.core.tables import Column, Table

Translate = Callable[[str], str | None]
"""From any ISTAT code ever used to today's, or None where no municipality had it."""

Locate = Callable[[str, str], str | None]
"""From the names of province and municipality to the ISTAT code, or None."""

Roles = Mapping[str, Sequence[str]]
_REPLACEMENT = "\ufffd"
_PLACE = ("province", "municipality")


def plain(name: str) -> str:
    """Return a name without case, accents and punctuation, to compare headers.

    Examples
    --------
    >>> plain("Velocità massima (Mbit/s)")
    'velocita_massima_mbit_s'
    """
    text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")


def find_roles(headers: Iterable[str], roles: Roles) -> dict[str, str]:
    """Return the header that plays each role, for the roles that are there.

    Examples
    --------
    >>> find_roles(["Codice EGON", "Comune"], {"id": ("egon", "codice_egon"), "km": ("km",)})
    {'id': 'Codice EGON'}
    """
    by_plain = {plain(header): header for header in reversed(tuple(headers))}
    found = {}
    for role, names in roles.items():
        header = next((by_plain[name] for name in names if name in by_plain), None)
        if header is not None:
            found[role] = header
    return found


def need_roles(
    path: Path, headers: Sequence[str], roles: Roles, required: Iterable[str]
) -> dict[str, str]:
    """Return the header of each role; stop when a required one is missing.

    Raises
    ------
    Problem
        Naming the missing column, the headers found and the nearest of them.
    """
    found = find_roles(headers, roles)
    missing = [role for role in required if role not in found]
    if not missing:
        return found
    wanted = roles[missing[0]][0]
    near = get_close_matches(wanted, [plain(header) for header in headers], n=1, cutoff=0.6)
    hint = f"; did you mean its column {near[0]!r}?" if near else ""
    raise bad_input(
        f"missing column: {', '.join(roles[role][0] for role in missing)}",
        where=Where(str(path), 0, wanted),
        value=", ".join(headers),
        remedy=f"any of {', '.join(roles[missing[0]])} is understood{hint}",
    )


# SQL over the file's headers, where every value is text


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def cell(header: str | None) -> str:
    """Return the SQL of a header's trimmed value, NULL when empty or absent."""
    return "NULL" if header is None else f"nullif(trim({quoted(header)}), '')"


def translated(expression: str, words: Mapping[str, str], *, otherwise: str = "") -> str:
    """Return SQL that replaces known words; another value stays as it was found."""
    cases = " ".join(f"WHEN {literal(k.casefold())} THEN {literal(v)}" for k, v in words.items())
    last = literal(otherwise) if otherwise else expression
    return f"CASE lower({expression}) {cases} ELSE {last} END" if cases else expression


def day(header: str | None) -> str:
    """Return SQL for a day however Italians write it; what is no day stays as found."""
    text = cell(header)
    forms = "['%Y-%m-%d', '%d/%m/%Y', '%Y%m%d', '%d-%m-%Y', '%d.%m.%Y', '%Y/%m/%d']"
    first = f"regexp_extract({text}, '^[^ T]+')"
    return f"coalesce(strftime(try_strptime({first}, {forms}), '%Y-%m-%d'), {text})"


def cents(header: str | None, decimal: str = ".") -> str:
    """Return SQL for an amount in whole cents, exactly; no float is involved."""
    text = cell(header)
    grouping = "," if decimal == "." else "."
    number = f"replace(replace({text}, '{grouping}', ''), '{decimal}', '.')"
    return (
        f"CASE WHEN regexp_full_match({number}, '[+-]?[0-9]{{1,16}}([.][0-9]{{1,2}}0*)?') "
        f"THEN CAST(CAST(CAST({number} AS DECIMAL(20, 2)) * 100 AS BIGINT) AS VARCHAR) "
        f"ELSE {text} END"
    )


def joined(*expressions: str, by: str = " ") -> str:
    """Return SQL that joins the parts that are there; NULL when none is."""
    return f"nullif(concat_ws({literal(by)}, {', '.join(expressions)}), '')"


def house_number(
    number: str | None, exponent: str | None, km: str | None = None, *, metres: bool = True
) -> str:
    """Return SQL for a house number as it is spoken: ``12/A``, ``SNC``, ``km 3.2``.

    ``metres`` says whether the publisher's kilometre column is in metres.
    """
    main, bar, road = cell(number), cell(exponent), cell(km)
    both = joined(main, f"regexp_replace({bar}, ' +', '/', 'g')", by="/")
    digits = f"replace(regexp_replace(upper({road}), '^KM[. ]*', ''), ',', '.')"
    at_km = f"TRY_CAST({digits} AS DOUBLE) / {1000 if metres else 1}"
    return (
        f"CASE WHEN {at_km} > 0 THEN 'km ' || CAST({at_km} AS VARCHAR) "
        f"WHEN upper({bar}) = 'SNC' THEN 'SNC' ELSE {both} END"
    )


# Municipal codes that changed


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


def ask(path: Path, dialect: Dialect | None, query: str) -> list[tuple[Any, ...]]:
    """Ask a query of a text table, named ``file``, all columns text; broken rows are left out."""
    dialect = dialect or Dialect()
    delimiter, headers = read_header(path, dialect)
    refuse_doubled_names(path, headers)
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in headers)
    quote = literal(dialect.quote)
    with readable_as_utf8(path, dialect) as readable, duckdb.connect() as connection:
        connection.execute(
            f"CREATE VIEW file AS FROM read_csv({literal(str(readable))}, "
            f"delim={literal(delimiter)}, header=true, quote={quote}, escape={quote}, "
            f"auto_detect=false, columns={{{columns}}}, ignore_errors=true, "
            "max_line_size=4194304)"
        )
        return connection.execute(query).fetchall()


@contextmanager
def readable_as_utf8(path: Path, dialect: Dialect) -> Iterator[Path]:
    """Yield the file, or a UTF-8 copy when it is written otherwise."""
    if dialect.encoding.casefold() in ("utf-8", "utf-8-sig"):
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name.removesuffix(".gz")
        with (
            _text(path, dialect.encoding) as old,
            copy.open("w", encoding="utf-8", newline="") as new,
        ):
            while block := old.read(1 << 20):
                new.write(block)
        with _blamed_on(path, copy):
            yield copy


@contextmanager
def _blamed_on(path: Path, copy: Path) -> Iterator[None]:
    """Let a problem of the copy name the user's file, which the copy was made of."""
    try:
        yield
    except Problem as problem:
        if problem.where.file != str(copy):
            raise
        raise Problem(
            problem.kind,
            problem.detail,
            where=replace(problem.where, file=str(path)),
            value=problem.value,
            remedy=problem.remedy,
        ) from None


def _text(path: Path, encoding: str) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding=encoding, newline="")
    return path.open(encoding=encoding, newline="")


# Reading, then looking at what was kept


def read_table(
    path: Path,
    table: Table,
    target: Path,
    *,
    dialect: Dialect | None = None,
    layout: Layout | None = None,
    codes: Translate | None = None,
    doubts: Mapping[str, str] | None = None,
) -> Reading:
    """Ingest a text table and note what is doubtful in the rows that were kept.

    Parameters
    ----------
    codes
        Translates municipal codes; without it any six digits pass.
    doubts
        Note to an SQL query over ``t`` (the table written) that gives its count, or to
        one that gives pairs of text and count.
    """
    dialect, layout = dialect or Dialect(), layout or Layout()
    layout, notes = code_layout(path, dialect, layout, codes)
    reading = ingest(path, table, target, dialect=dialect, layout=layout)
    more = noted(reading.path, doubts or {})
    return replace(reading, notes=(*notes, *more, *cut_notes(path)))


def noted(parquet: Path, doubts: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
    """Count each doubt over a Parquet file; what does not occur is not noted.

    A query gives one number, or pairs whose text replaces ``{}`` in the note.
    """
    notes: list[tuple[str, int]] = []
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW t AS SELECT * FROM read_parquet({literal(str(parquet))})")
        for note, query in doubts.items():
            for *text, count in connection.execute(query).fetchall():
                if count:
                    notes.append((note.format(*text), int(count)))
    return tuple(notes)


def doubled(columns: Sequence[str], *, differ: str = "") -> str:
    """Return a query that counts the rows whose columns occur more than once.

    With ``differ``, only groups with more than one value of that column count.
    """
    names = ", ".join(quoted(name) for name in columns)
    extra = f" AND count(DISTINCT {quoted(differ)}) > 1" if differ else ""
    return f"SELECT sum(n) FROM (SELECT count(*) AS n FROM t GROUP BY {names} HAVING n > 1{extra})"


def accents_lost(columns: Sequence[str]) -> str:
    """Return a query that counts rows with a replacement character in a name."""
    tests = " OR ".join(f"{quoted(name)} LIKE '%{_REPLACEMENT}%'" for name in columns)
    return f"SELECT count(*) FROM t WHERE {tests}"


def others(column: str, known: Iterable[str]) -> str:
    """Return a query that counts each value outside a known list."""
    values = ", ".join(literal(value) for value in known)
    name = quoted(column)
    return f"SELECT {name}, count(*) FROM t WHERE {name} NOT IN ({values}) GROUP BY 1 ORDER BY 1"


def cut_notes(path: Path) -> tuple[tuple[str, int], ...]:
    """Note a file that seems to be cut: no line end at its end, or a broken gzip stream."""
    if path.suffix == ".gz":
        try:
            with gzip.open(path) as stream:
                while stream.read(1 << 20):
                    pass
        except EOFError:
            return (("the gzip stream ends too early: the file is cut, fetch it again", 1),)
        return ()
    with path.open("rb") as stream:
        stream.seek(-min(2, stream.seek(0, 2)), 2)
        if stream.read().rstrip(b"\0").endswith((b"\n", b"\r")):  # UTF-16 may end in a zero byte
            return ()
    return (("the file does not end with a line end: its last row may be cut", 1),)


# Other containers become text tables first


@contextmanager
def as_text_table(path: Path, *, money: bool = False) -> Iterator[Path]:
    """Yield a text table of the same rows: the file itself, or a copy of a Parquet file.

    Floating numbers that are whole are written as whole ones, and those that are none
    (NaN) as missing: pandas makes floats of whole numbers where one is missing. With
    ``money``, they are written with two decimals.
    """
    if not is_parquet(path):
        yield path
        return
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        copy = Path(folder) / path.name
        try:
            relation = connection.read_parquet(str(path))
            columns = ", ".join(
                f"{_written(name, str(kind), money=money)} AS {quoted(name)}"
                for name, kind in zip(relation.columns, relation.types, strict=True)
                if not name.startswith("__index_level_")
            )
            connection.execute(
                f"COPY (SELECT {columns} FROM read_parquet({literal(str(path))})) "
                f"TO {literal(str(copy))} (FORMAT csv, HEADER, DELIMITER ',')"
            )
        except duckdb.Error as error:
            raise bad_input(
                f"the Parquet file cannot be read: {str(error).splitlines()[0]}",
                where=Where(str(path)),
                remedy="the file may be cut: fetch it again",
            ) from None
        with _blamed_on(path, copy):
            yield copy


_FAITHFUL = {"FLOAT": 1 << 24, "DOUBLE": 1 << 53}  # below, a float holds every whole number


def _written(name: str, kind: str, *, money: bool) -> str:
    """Return SQL that writes a column of a Parquet file as text of a text table."""
    value = quoted(name)
    if kind not in _FAITHFUL:
        return value
    text = f"CAST({value} AS VARCHAR)"
    if money:
        exact = f"coalesce(CAST(TRY_CAST({value} AS DECIMAL(20, 2)) AS VARCHAR), {text})"
    else:
        whole = f"abs({value}) <= {_FAITHFUL[kind]} AND {value} = trunc({value})"
        exact = f"CASE WHEN {whole} THEN CAST(CAST({value} AS BIGINT) AS VARCHAR) ELSE {text} END"
    return f"CASE WHEN isnan({value}) THEN NULL WHEN isinf({value}) THEN {text} ELSE {exact} END"


@contextmanager
def rows_as_text_table(
    path: Path, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> Iterator[Path]:
    """Yield a text table of rows that came from elsewhere (JSON, tiles): from ``path``."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / name
        with copy.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(rows)
        with _blamed_on(path, copy):
            yield copy


def is_parquet(path: Path) -> bool:
    """Tell a Parquet file by its first bytes."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(4) == b"PAR1"


def read_json(path: Path) -> object:
    """Return the content of a JSON file, plain or gzip.

    Raises
    ------
    Problem
        With the line and column where the text stops being JSON.
    """
    if path.suffix != ".gz":
        check_readable(path)
    try:
        with _text(path, "utf-8-sig") as stream:
            content: object = json.load(stream)
    except json.JSONDecodeError as error:
        raise bad_input(
            f"not JSON: {error.msg} (line {error.lineno}, column {error.colno})",
            where=Where(str(path)),
            remedy="the file may be cut: fetch it again",
        ) from None
    except (EOFError, gzip.BadGzipFile, UnicodeDecodeError) as error:
        raise bad_input(
            f"the file cannot be read to its end: {error}",
            where=Where(str(path)),
            remedy="fetch it again",
        ) from None
    return content


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
        source = f"read_parquet({literal(str(reading.path))}, file_row_number = true)"
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
