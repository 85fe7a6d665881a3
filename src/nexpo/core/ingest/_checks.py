"""The data dictionary as SQL: what each column must be, and its typed value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nexpo.core.ingest._model import Check, Dialect, Layout
from nexpo.core.ingest._sql import literal, literals, quoted
from nexpo.core.tables import SQL_TYPES, Column, Table

_TRUE = ("1", "true", "t", "yes", "y", "si", "sì", "s", "vero", "x")


_FALSE = ("0", "false", "f", "no", "n", "falso", "-")


_DAY = "[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}([ T][0-9:.]+Z?)?"  # the engine takes 'epoch' too


_GROUPED = "[+-]?[0-9]{1,3}([.][0-9]{3})+(,[0-9]*)?"


def selection(
    table: Table, headers: Sequence[str], dialect: Dialect, layout: Layout
) -> tuple[str, list[Check]]:
    parts: list[str] = []
    checks: list[Check] = []
    for column in table.columns:
        expression = layout.expressions.get(column.name)
        header = layout.renames.get(column.name, column.name)
        if expression is None:
            expression = f"nullif(trim({quoted(header)}), '')" if header in headers else "NULL"
        if column.default is not None:
            expression = f"coalesce({expression}, {literal(column.default)})"
        parts.append(f"CAST({expression} AS VARCHAR) AS {quoted(column.name)}")
        checks.extend(column_checks(column, dialect))
    checks.extend(layout.checks)
    return ", ".join(parts), checks


def column_checks(column: Column, dialect: Dialect) -> Iterator[Check]:
    name = quoted(column.name)

    def check(failing: str, reason: str, remedy: str) -> Check:
        return Check(column.name, failing, name, reason, remedy)

    if column.required:
        yield check(f"{name} IS NULL", "no value", "the column must have a value in each row")
    yield from (check(*parts) for parts in _spoilt(column, name))
    if column.type == "integer":
        yield check(
            f"NOT regexp_full_match({name}, '[+-]?[0-9]{{1,18}}')",
            "not a whole number",
            "write digits only",
        )
    if column.type == "decimal":
        yield from (check(*parts) for parts in _decimal_checks(name, dialect))
    if column.type == "boolean":
        yield check(
            f"lower({name}) NOT IN ({literals((*_TRUE, *_FALSE))})",
            "not yes or no",
            "write yes or no",
        )
    if column.type == "date":
        yield check(
            f"TRY_CAST({name} AS DATE) IS NULL AND {name} IS NOT NULL"
            f" OR NOT regexp_full_match({name}, {literal(_DAY)})",
            "not a date",
            "write the day as YYYY-MM-DD",
        )
    if column.allowed:
        allowed = literals([value.casefold() for value in column.allowed])
        yield check(
            f"lower({name}) NOT IN ({allowed})",
            "not an allowed value",
            f"one of {', '.join(column.allowed)}",
        )
    if column.pattern:
        yield check(
            f"NOT regexp_full_match({name}, {literal(column.pattern)})",
            f"not of the form {column.pattern}",
            column.meaning,
        )


def _spoilt(column: Column, name: str) -> Iterator[tuple[str, str, str]]:
    """Yield what tells that a program on the way has spoilt a text or a code."""
    if column.type in ("text", "code"):
        yield (
            f"contains({name}, chr(0))",
            "holds a zero byte, which no text has",
            "the file is damaged here, or was written by a faulty program: write the value again",
        )
    if column.type in ("code", "integer"):
        yield (
            f"regexp_full_match({name}, '[+-]?[0-9]+([.,][0-9]+)?[eE][+]?[0-9]+')",
            "in exponent notation, digits are lost",
            "export the column as text; a spreadsheet rounded it",
        )


def _decimal_checks(name: str, dialect: Dialect) -> Iterator[tuple[str, str, str]]:
    other = "," if dialect.decimal == "." else "."
    yield (
        f"regexp_full_match({name}, '[+-]?[0-9]+[{other}][0-9]+')",
        f"decimal mark {other!r} in place of {dialect.decimal!r}",
        f"pass --decimal '{other}' or write numbers with {dialect.decimal!r}",
    )
    if dialect.decimal == ",":
        yield (
            f"contains({name}, '.') AND NOT regexp_full_match({name}, {literal(_GROUPED)})",
            "not a number",
            "a point stands between thousands only",
        )
    number = f"TRY_CAST({_number(name, dialect)} AS DOUBLE)"
    spaced = f"regexp_matches({name}, '[[:space:]]')"  # the engine skips them before a number
    yield (
        f"{number} IS NULL AND {name} IS NOT NULL OR NOT isfinite({number}) OR {spaced}",
        "not a number",
        "write digits with a decimal point",
    )


def _number(name: str, dialect: Dialect) -> str:
    return name if dialect.decimal == "." else f"replace(replace({name}, '.', ''), ',', '.')"


def typed(column: Column, dialect: Dialect) -> str:
    name = quoted(column.name)
    if column.type == "boolean":
        return f"lower({name}) IN ({literals(_TRUE)})"
    if column.type == "decimal":
        return f"CAST({_number(name, dialect)} AS DOUBLE)"
    if column.allowed:
        pairs = " ".join(f"WHEN {literal(v.casefold())} THEN {literal(v)}" for v in column.allowed)
        return f"CASE lower({name}) {pairs} END"
    return f"CAST({name} AS {SQL_TYPES[column.type]})"


def first_failure(checks: Sequence[Check]) -> str:
    if not checks:
        return "CAST(NULL AS INTEGER)"
    cases = " ".join(f"WHEN {check.failing} THEN {index}" for index, check in enumerate(checks))
    return f"CASE {cases} END"
