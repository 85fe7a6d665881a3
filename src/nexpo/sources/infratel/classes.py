"""Speed classes: a label stands for an interval, and the label does not always say which.

The mapping of 2021 sorts speeds into 0, 30, 100, 200, 300 and 1000 Mbit/s, but the same
document also cuts at 30, 100, 300 and 1000: a plain ``100`` is *100 to 200* in the first
list and *100 to 300* in the second. Nexpo keeps the label, states the widest interval it
can mean, and counts the rows where the two lists differ. Only the lower bound is ever used
as a speed, because it holds in both readings.

The bounds come from a secondary source: check the primary text before citing them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nexpo.core.ingest import literal

_UPPER: dict[int, tuple[int | None, int | None]] = {
    0: (30, 30),
    30: (100, 100),
    100: (200, 300),
    200: (300, 300),
    300: (1000, 1000),
    1000: (None, None),
}
"""Lower bound to its upper bound in the list with 200 and in the list without, Mbit/s."""


@dataclass(frozen=True, slots=True)
class SpeedClass:
    """The interval that a label stands for.

    Attributes
    ----------
    at_least_mbps
        Lower bound, included.
    below_mbps
        Upper bound, excluded; None where there is none.
    ambiguous
        Whether the publisher's two lists give different upper bounds.
    """

    label: str
    at_least_mbps: int
    below_mbps: int | None
    ambiguous: bool


def speed_class(label: str) -> SpeedClass | None:
    """Return the interval of a class label, or None when it is none.

    Examples
    --------
    >>> speed_class("100")
    SpeedClass(label='100', at_least_mbps=100, below_mbps=300, ambiguous=True)
    >>> speed_class("300 - 1000 Mbit/s").at_least_mbps
    300
    >>> speed_class("< 30").below_mbps, speed_class(">= 1000").below_mbps
    (30, None)
    >>> speed_class("veloce") is None
    True
    """
    text = re.sub(r"(mbit/s|mbps|mb/s|classe)", "", label.casefold()).replace(".", "").strip()
    if match := re.fullmatch(r"(?:da )?(\d+) *(?:-|\u2013|a|/) *(\d+)", text):
        return SpeedClass(label, int(match[1]), int(match[2]), ambiguous=False)
    if match := re.fullmatch(r"< *(\d+)", text):
        return SpeedClass(label, 0, int(match[1]), ambiguous=False)
    if match := re.fullmatch(r"(?:>=?|≥) *(\d+)|(\d+) *\+", text):
        return SpeedClass(label, int(match[1] or match[2]), None, ambiguous=False)
    if re.fullmatch(r"\d+", text) and int(text) in _UPPER:
        narrow, wide = _UPPER[int(text)]
        return SpeedClass(label, int(text), wide, ambiguous=narrow != wide)
    return None


def class_sql(expression: str) -> tuple[str, str]:
    """Return SQL for the lower and upper bound of a plain class label."""
    lower = " ".join(f"WHEN '{low}' THEN '{low}'" for low in _UPPER)
    upper = " ".join(f"WHEN '{low}' THEN '{up[1]}'" for low, up in _UPPER.items() if up[1])
    return f"CASE {expression} {lower} END", f"CASE {expression} {upper} END"


def speed_sql(expression: str) -> str:
    """Return SQL for a declared speed that may be written as an interval.

    ``100-300`` becomes its lower bound, ``< 30`` becomes 0; a number, and what is no
    speed, stay as they are.
    """
    text = f"trim(regexp_replace(lower({expression}), '(mbit/s|mbps|mb/s)', '', 'g'))"
    interval = literal(r"^(da )?(\d+) *(-|\x{2013}|a|/) *(\d+)$")
    above = literal(r"^(>=?|≥) *(\d+)$")
    below = literal(r"^< *\d+$")
    return (
        f"CASE WHEN regexp_matches({text}, {interval}) "
        f"THEN regexp_extract({text}, {interval}, 2) "
        f"WHEN regexp_matches({text}, {above}) THEN regexp_extract({text}, {above}, 2) "
        f"WHEN regexp_matches({text}, {below}) THEN '0' ELSE nullif({text}, '') END"
    )


def is_interval_sql(expression: str) -> str:
    """Return an SQL condition: the speed is an interval, not a number."""
    return f"regexp_matches({expression}, '[<>≥\\x{{2013}}]|[0-9] *(-|a|/) *[0-9]')"
