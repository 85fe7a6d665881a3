"""What was met in streets and addresses that a person should know: how many, where, what to do.

Input that can be mended is mended and counted here; the part that can be designed is designed.
Input that cannot be used at all is a :class:`~nexpo.core.problem.Problem`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nexpo.connectivity.design.model import Floats

SHOWN = 20
"""Places named of each kind."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was met: an id of the publisher, degrees, and a size where it has one."""

    id: str
    lon: float | None = None
    lat: float | None = None
    note: str = ""

    def __str__(self) -> str:
        at = "" if self.lon is None or self.lat is None else f" at {self.lat:.6f}, {self.lon:.6f}"
        return f"{self.id}{at}{f' ({self.note})' if self.note else ''}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of thing met.

    Attributes
    ----------
    kind
        Short key, for code.
    text
        What was met and what was done about it.
    count
        How often.
    places
        The first of them, at most 20.
    remedy
        What the reader can do, where something can be done.
    """

    kind: str
    text: str
    count: int
    places: tuple[Place, ...] = ()
    remedy: str = ""

    def __str__(self) -> str:
        where = "; ".join(str(place) for place in self.places[:3])
        more = f", and {self.count - 3} more" if self.count > 3 and where else ""  # noqa: PLR2004 - three are shown
        shown = f": {where}{more}" if where else ""
        return f"{self.count} x {self.text}{shown}{f'. {self.remedy}' if self.remedy else ''}"


@dataclass(frozen=True, slots=True)
class Findings:
    """All that was met, in the order it was met.

    Examples
    --------
    >>> found = Findings().adding(finding("loop", "loop cut in two", ["way 7"]))
    >>> found.count("loop"), found.count("duplicate")
    (1, 0)
    """

    items: tuple[Finding, ...] = ()

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.items)

    def adding(self, *more: Finding | None) -> Findings:
        """Return these and some more; what never occurred is left out."""
        return Findings(self.items + tuple(each for each in more if each and each.count))

    def count(self, kind: str) -> int:
        """Return how often a kind was met."""
        return sum(each.count for each in self.items if each.kind == kind)

    def as_rows(self) -> list[dict[str, Any]]:
        """Return one row a kind, for a report or JSON."""
        return [
            {
                "kind": each.kind,
                "text": each.text,
                "count": each.count,
                "places": [str(place) for place in each.places],
                "remedy": each.remedy,
            }
            for each in self.items
        ]


def finding(
    kind: str,
    text: str,
    ids: Sequence[object],
    *,
    lon: Floats | Sequence[float] | None = None,
    lat: Floats | Sequence[float] | None = None,
    notes: Sequence[str] | None = None,
    remedy: str = "",
    count: int | None = None,
) -> Finding:
    """Return a finding from the ids of what was met and where it is.

    Examples
    --------
    >>> print(finding("gap", "a gap", ["way 7"], lon=[9.4], lat=[45.8], remedy="draw it"))
    1 x a gap: way 7 at 45.800000, 9.400000. draw it
    """
    shown = min(len(ids), SHOWN)
    known = lon is not None and lat is not None
    places = tuple(
        Place(
            str(ids[row]),
            float(np.asarray(lon)[row]) if known else None,
            float(np.asarray(lat)[row]) if known else None,
            notes[row] if notes is not None else "",
        )
        for row in range(shown)
    )
    return Finding(kind, text, len(ids) if count is None else count, places, remedy)
