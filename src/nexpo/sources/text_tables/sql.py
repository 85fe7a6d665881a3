"""SQL over the headers of a text table, in which every value is text."""

from __future__ import annotations

from collections.abc import Mapping

from nexpo.core.ingest import literal, quoted


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
