"""Numbers as people and programs write them in tables of money.

Decimal point or comma, groups of thousands, exponents, a typographic minus; anything else in a
cell of amounts is refused with its place. Where a file holds only numbers such as ``1.000``, one
and a thousand cannot be told apart: nobody guesses, the user is asked.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from enum import Enum

from nexpo.core.problem import Problem, Where, bad_input

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_GROUPED_POINT = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_GROUPED_COMMA = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?")
_SPACED = re.compile(r"(?<=\d)[ '\u00a0\u2009\u202f](?=\d{3}(\D|$))")
_SURE_COMMA = re.compile(r"[+-]?(\d+,(\d{1,2}|\d{4,})([eE][+-]?\d+)?|\d{1,3}(\.\d{3})+,\d*)")
_SURE_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3}){2,}")
_DOUBTFUL = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
_UNGROUPED = re.compile(r"[+-]?\d{4,}")
_SHORT = re.compile(r"[+-]?[1-9]\d{0,2}")
_ANY_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")


def to_number(text: str, *, comma: bool = False) -> float | None:
    """Return the number that a text writes, or None where it writes none.

    Parameters
    ----------
    comma
        Whether the comma is the decimal mark of this file.

    Examples
    --------
    >>> to_number("1.5e3"), to_number("1,234.5"), to_number("1.234,5", comma=True)
    (1500.0, 1234.5, 1234.5)
    >>> to_number("12 EUR"), to_number("nan"), to_number("1,23")
    (None, None, None)
    """
    stripped = _SPACED.sub("", text.strip().replace("\u2212", "-"))
    if comma:
        if "." in stripped and not _GROUPED_COMMA.fullmatch(stripped):
            return None  # two decimal marks in one file: nobody knows which is which
        stripped = stripped.replace(".", "").replace(",", ".")
    elif _GROUPED_POINT.fullmatch(stripped):
        stripped = stripped.replace(",", "")
    if not _PLAIN.fullmatch(stripped):
        return None
    value = float(stripped)
    return value if math.isfinite(value) else None


class Mark(Enum):
    """What a cell says of its file's decimal mark."""

    NOTHING = "nothing"
    COMMA = "comma"
    POINT = "point"
    DOUBTFUL = "doubtful"  # 1.000: one or a thousand


def mark_of(text: str, delimiter: str) -> Mark:
    """Return what one cell says of the decimal mark of a file with that delimiter.

    Examples
    --------
    >>> [mark_of(text, ";").name for text in ("1,5", "1.5", "0.125", "1.000", "1.000.000", "7")]
    ['COMMA', 'POINT', 'POINT', 'DOUBTFUL', 'COMMA', 'NOTHING']
    """
    if "." not in text and "," not in text:
        return Mark.NOTHING
    plain = text.strip().replace("\u2212", "-")
    comma = _SURE_COMMA if delimiter == "," else _ANY_COMMA
    if comma.fullmatch(plain) or _SURE_COMMA.fullmatch(plain) or _SURE_GROUPS.fullmatch(plain):
        return Mark.COMMA
    if _DOUBTFUL.fullmatch(plain):
        return Mark.DOUBTFUL
    return Mark.POINT if "." in plain and to_number(plain) is not None else Mark.NOTHING


def decimal_comma(
    cells: Iterable[str],
    delimiter: str,
    *,
    file: str = "",
    decimal: str = "",
    enough: int | None = None,
) -> bool:
    """Tell from the cells of a file whether its decimal mark is the comma.

    One number that can only be read so decides; in a file parted by semicolons any number
    with a single comma does.

    Parameters
    ----------
    file
        For the message.
    decimal
        The mark, where the user has said it.
    enough
        Cells after which the search ends where none holds a point or a comma; all if not given.
        One that is doubtful is followed to the end of the file.

    Raises
    ------
    Problem
        When each number with a point has just three digits after it, so that ``1.000`` may be
        one or a thousand. Files with commas between cells are in doubt only where whole numbers
        below a thousand stand beside such ones.

    Examples
    --------
    >>> decimal_comma(["12,5"], ";"), decimal_comma(["1,234"], ","), decimal_comma(["1.5"], ";")
    (True, False, False)
    >>> decimal_comma(["1.000", "950"], ";", file="a.csv")
    Traceback (most recent call last):
    nexpo.core.problem.Problem: 1.000 may be one or a thousand...
    """
    if decimal:
        return decimal == ","
    doubtful, short, plain = "", False, False
    for count, cell in enumerate(cells, 1):
        mark = mark_of(cell, delimiter)
        if mark in {Mark.COMMA, Mark.POINT}:
            return mark is Mark.COMMA
        doubtful = doubtful or (cell.strip() if mark is Mark.DOUBTFUL else "")
        plain = plain or _UNGROUPED.fullmatch(cell.strip()) is not None
        short = short or _SHORT.fullmatch(cell.strip()) is not None
        if enough is not None and count >= enough and (not doubtful or plain):
            break
    if doubtful and not plain and (delimiter != "," or short):
        raise doubtful_mark(file, doubtful)
    return False


def doubtful_mark(file: str, value: str) -> Problem:
    """Return the problem of a file that does not show what its points are."""
    return bad_input(
        "1.000 may be one or a thousand: each number of the file that has a point has three "
        "digits after it",
        where=Where(file),
        value=value,
        remedy="say --decimal . or --decimal , for the sign of decimals; or write thousands "
        "without a mark (1000) and decimals with other than three digits (1.0)",
    )
