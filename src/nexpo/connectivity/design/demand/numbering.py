"""House numbers, and where along a street they stand.

A street is many sections. They are put in a row by their distance, along the street, from the
end nearest to the middle of the network, since Italian numbering begins towards the centre;
two carriageways follow each other piece by piece. A number ``n`` stands at

    n * min(length / (1 + greatest number), pitch)

metres along that row: over the whole street where the numbers fill it, at most a pitch a
number where only a few low ones are known. ``12/A`` stands between 12 and 13.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from nexpo.connectivity.design.model import Floats, Ints, StreetGraph

_NUMBER = re.compile(r"\s*(\d+)\s*[/\-. ]*\s*(.*?)\s*$")
_NONE = frozenset({"SNC", "SN", "S.N.C.", "S.N.", "S/N"})


@dataclass(frozen=True, slots=True)
class HouseNumber:
    """A number with its exponent, upper case, ``""`` where none."""

    number: int
    exponent: str = ""


def house_number(text: str | None) -> HouseNumber | None:
    """Read a house number; None where there is none to use (``SNC``, ``0``, ``km 3.2``).

    Examples
    --------
    >>> house_number("12/A"), house_number("12 bis"), house_number("0/SNC"), house_number("SNC")
    (HouseNumber(number=12, exponent='A'), HouseNumber(number=12, exponent='BIS'), None, None)
    """
    found = _NUMBER.match(text or "")
    if not found or int(found[1]) == 0:
        return None
    exponent = found[2].upper()
    return HouseNumber(int(found[1]), "" if exponent in _NONE else exponent)


def values(numbers: Sequence[HouseNumber]) -> Floats:
    """Return a value for each number that rises along a street: exponents after their number.

    Equal numbers have equal values.

    Examples
    --------
    >>> twelve, thirteen = HouseNumber(12), HouseNumber(13)
    >>> values([thirteen, HouseNumber(12, "B"), twelve, HouseNumber(12, "A")]).tolist()
    [13.0, 12.666666666666666, 12.0, 12.333333333333334]
    """
    exponents: dict[int, list[str]] = {}
    for each in set(numbers):
        if each.exponent:
            exponents.setdefault(each.number, []).append(each.exponent)
    for known in exponents.values():
        known.sort(key=_natural)
    return np.array(
        [
            each.number
            + (exponents[each.number].index(each.exponent) + 1) / (len(exponents[each.number]) + 1)
            if each.exponent
            else float(each.number)
            for each in numbers
        ],
        dtype=float,
    )


def _natural(exponent: str) -> list[tuple[int, str]]:
    """Sort A before B before AA, and 2 before 10."""
    parts = re.findall(r"\d+|\D+", exponent)
    return [(int(p), "") if p.isdigit() else (len(p.strip()) + 10**6, p) for p in parts]


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """The sections of a street in a row.

    Attributes
    ----------
    section
        Positions in the graph, in order.
    forward
        Whether the row runs from tail to head.
    stop_m
        Metres from the row's beginning to each section's end.
    """

    section: Ints
    forward: np.ndarray[tuple[int], np.dtype[np.bool_]]
    stop_m: Floats

    @property
    def length_m(self) -> float:
        """Metres of all sections."""
        return float(self.stop_m[-1])

    def at(self, metres: Floats, length_m: Floats) -> tuple[Ints, Floats]:
        """Return section and metres from its tail of places along the row.

        Parameters
        ----------
        length_m
            Length of each section of the graph.
        """
        place = np.clip(np.searchsorted(self.stop_m, metres), 0, len(self.section) - 1)
        section = self.section[place]
        rest = np.clip(self.stop_m[place] - metres, 0.0, length_m[section])
        return section, np.where(self.forward[place], length_m[section] - rest, rest)


def chain(graph: StreetGraph, sections: Ints, lon: float, lat: float) -> Chain:
    """Put the sections of a street in a row.

    Parameters
    ----------
    lon, lat
        Middle of the place: the row begins at the street's end nearest to it.

    Examples
    --------
    >>> from nexpo.connectivity.design.streets.synthetic import lattice
    >>> graph = lattice(4, 1, 100.0)
    >>> row = chain(graph, np.array([1, 0, 2]), float(graph.lon[3]), float(graph.lat[3]))
    >>> row.section.tolist(), row.forward.tolist()
    ([2, 1, 0], [False, False, False])
    """
    node, local = np.unique(
        np.concatenate((graph.tail[sections], graph.head[sections])), return_inverse=True
    )
    tail, head = local[: len(sections)], local[len(sections) :]
    length = graph.length_m[sections]
    far = (graph.lon[node] - lon) ** 2 * np.cos(np.radians(lat)) ** 2 + (graph.lat[node] - lat) ** 2
    from_start = _from_starts(tail, head, length, far)
    order = np.lexsort((sections, np.minimum(from_start[tail], from_start[head])))
    return Chain(
        sections[order],
        (from_start[tail] <= from_start[head])[order],
        np.cumsum(length[order]),
    )


def _from_starts(tail: Ints, head: Ints, length: Floats, far: Floats) -> Floats:
    """Return metres along the street from its beginning, piece after piece.

    A piece begins at its dead end nearest to the middle, or at its nearest node where it has
    none; a further piece begins where the one before, nearer to the middle, ends.
    """
    size = len(far)
    low, high = np.minimum(tail, head), np.maximum(tail, head)
    order = np.lexsort((length, high, low))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0)
    kept = order[first]
    matrix = coo_matrix((length[kept], (low[kept], high[kept])), shape=(size, size)).tocsr()
    degree = np.bincount(np.concatenate((tail, head)), minlength=size)
    metres = np.full(size, np.inf)
    before = 0.0
    for start in np.lexsort((far, degree != 1)):
        if np.isinf(metres[start]):
            reached = dijkstra(matrix, directed=False, indices=int(start))
            here = np.isfinite(reached)
            metres[here] = before + reached[here]
            before = float(metres[here].max()) + 1.0
    return metres


def spread(numbers: Floats, length_m: float, pitch_m: float) -> Floats:
    """Return metres along a street for the values of house numbers.

    Examples
    --------
    >>> spread(np.array([1.0, 9.0]), 100.0, 12.0).tolist()
    [10.0, 90.0]
    >>> spread(np.array([1.0, 2.0]), 900.0, 12.0).tolist()
    [12.0, 24.0]
    """
    if not len(numbers):
        return np.zeros(0)
    step = min(length_m / (1 + float(numbers.max())), pitch_m)
    return np.asarray(numbers * step, dtype=float)
