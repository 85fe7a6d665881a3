"""Numbers as people and programs write them in tables of money.

Decimal point or comma, groups of thousands, exponents, a typographic minus; anything else in a
cell of amounts is refused with its place.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_GROUPED_POINT = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_GROUPED_COMMA = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?")
_SPACED = re.compile(r"(?<=\d)[ '\u00a0\u2009\u202f](?=\d{3}(\D|$))")
_SURE_COMMA = re.compile(r"[+-]?(\d+,(\d{1,2}|\d{4,})([eE][+-]?\d+)?|\d{1,3}(\.\d{3})+,\d*)")
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


def decimal_comma(cells: Iterable[str], delimiter: str) -> bool:
    """Tell from some cells whether a file's decimal mark is the comma.

    One number that can only be read so decides; in a file parted by semicolons any number
    with a single comma does.

    Examples
    --------
    >>> decimal_comma(["12,5"], ";"), decimal_comma(["1,234"], ","), decimal_comma(["1.5"], ";")
    (True, False, False)
    """
    pattern = _SURE_COMMA if delimiter == "," else _ANY_COMMA
    return any(
        pattern.fullmatch(cell.strip()) or _SURE_COMMA.fullmatch(cell.strip()) for cell in cells
    )
