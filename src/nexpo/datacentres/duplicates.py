"""Records that may be one data centre, scored and explained; nothing is merged by itself.

Pairs are looked for among records within ``far_m`` of each other (a k-d tree over points on the
sphere) and among those of one municipality with the same name. The score is the weighted mean of
how alike name, operator and position are; what is unknown of one counts as one half. Names that
differ in a building number only ("DC01", "DC02") are neighbours on a campus, however alike they
look.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from nexpo.core.parameters import Use
from nexpo.datacentres.model import Facility, Power, PowerKind
from nexpo.territory.geodesy import distance_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EARTH_M = 6_371_008.8
_UNKNOWN = 0.5  # what is unknown of one speaks neither for nor against
_WIDER = 1.01  # the sphere is not the ellipsoid
_FORMS = frozenset({"spa", "srl", "sa", "ltd", "gmbh", "inc", "llc", "bv", "plc", "the"})
_WORD = re.compile(r"[a-z]+[0-9]*[a-z]*|[0-9]+[a-z]*")


class Likeness(StrEnum):
    """What two records are to each other."""

    DUPLICATE = "duplicate"
    POSSIBLE = "possible duplicate"
    CAMPUS = "same campus"


@dataclass(frozen=True, slots=True)
class Matching:
    """How records are compared; see ``parameters/datacentres/duplicates.yaml``."""

    name_weight: float
    operator_weight: float
    position_weight: float
    near_m: float
    far_m: float
    campus_m: float
    duplicate: float
    possible: float
    power_tolerance: float
    days: int
    use: Use


@dataclass(frozen=True, slots=True)
class Part:
    """One thing compared: how alike (0 to 1), its weight, and in words."""

    what: str
    score: float
    weight: float
    told: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records, their likeness, score and its parts."""

    first: str
    second: str
    likeness: Likeness
    score: float
    distance_m: float | None
    parts: tuple[Part, ...]
    note: str = ""

    def explain(self) -> str:
        """Return the arithmetic in one line."""
        told = "; ".join(f"{part.told} ({part.score:.2f} x {part.weight:g})" for part in self.parts)
        return f"{told}{'; ' + self.note if self.note else ''}"


def find_duplicates(facilities: Sequence[Facility], matching: Matching) -> tuple[Pair, ...]:
    """Return the pairs that are, or may be, one centre, and neighbours on a campus.

    The best score first; then by ids.
    """
    found = (
        _compare(facilities[i], facilities[j], distance, matching)
        for i, j, distance in _candidates(facilities, matching)
    )
    pairs = [pair for pair in found if pair is not None]
    return tuple(sorted(pairs, key=lambda pair: (-pair.score, pair.first, pair.second)))


def groups(ids: Iterable[str], pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, ...], ...]:
    """Return the sets of ids that pairs join, each sorted; single ids stand alone.

    Examples
    --------
    >>> groups("abcd", [("a", "b"), ("b", "d")])
    (('a', 'b', 'd'), ('c',))
    """
    parent = {name: name for name in ids}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for first, second in pairs:
        low, high = sorted((root(first), root(second)))
        parent[high] = low
    members: dict[str, list[str]] = defaultdict(list)
    for name in parent:
        members[root(name)].append(name)
    return tuple(sorted(tuple(sorted(group)) for group in members.values()))


def distinct(facilities: Sequence[Facility], pairs: Iterable[Pair]) -> tuple[Facility, ...]:
    """Return one record of each set of duplicates: that which knows most, then the first id.

    Possible duplicates stay apart, for a person to decide. Power that only a twin knows is
    taken from it, with its source.
    """
    by_id = {facility.id: facility for facility in facilities}
    joined = [(p.first, p.second) for p in pairs if p.likeness is Likeness.DUPLICATE]
    return tuple(_best([by_id[name] for name in group]) for group in groups(by_id, joined))


def fold(text: str | None) -> str:
    """Return a name in lower case, without accents, legal forms and punctuation.

    Examples
    --------
    >>> fold("Dátà4 Italia S.p.A."), fold(None)
    ('data4 italia', '')
    """
    letters = unicodedata.normalize("NFKD", (text or "").casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    words = _WORD.findall(plain.replace(".", ""))
    return " ".join(word for word in words if word not in _FORMS)


def name_score(first: str | None, second: str | None) -> float | None:
    """Return how alike two names are, 0 to 1, whatever the order of words; None if one is unknown.

    Examples
    --------
    >>> name_score("Equinix ML5", "ML5 Equinix"), name_score("ML5", None)
    (1.0, None)
    """
    left, right = fold(first), fold(second)
    if not left or not right:
        return None
    words = (" ".join(sorted(left.split())), " ".join(sorted(right.split())))
    return max(_alike(left, right), _alike(*words))


def _alike(left: str, right: str) -> float:
    """Return the share of letters in common runs; the matcher itself minds which comes first."""
    orders = ((left, right), (right, left))
    return max(SequenceMatcher(None, *order, autojunk=False).ratio() for order in orders)


def numbers_differ(first: str | None, second: str | None) -> bool:
    """Say whether both names carry building numbers and none in common.

    Examples
    --------
    >>> numbers_differ("Data4 DC01", "Data4 DC02"), numbers_differ("STACK MILL2", "STACK")
    (True, False)
    """
    left, right = _numbers(first), _numbers(second)
    shared = left & right
    return bool(left - shared) and bool(right - shared)


def _numbers(name: str | None) -> frozenset[str]:
    words = fold(name).split()
    found = (word for word in words if any(letter.isdigit() for letter in word))
    return frozenset(re.sub(r"(?<![0-9])0+(?=[0-9])", "", word) for word in found)


def _candidates(
    facilities: Sequence[Facility], matching: Matching
) -> Iterator[tuple[int, int, float | None]]:
    seen: set[tuple[int, int]] = set()
    for i, j in _near_pairs(facilities, max(matching.far_m, matching.campus_m)):
        seen.add((i, j))
        yield i, j, _apart(facilities[i], facilities[j])
    by_name: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, facility in enumerate(facilities):
        name, place = fold(facility.name), facility.place.municipality
        if name and place:
            by_name[name, place].append(index)
    for indices in by_name.values():
        for i, j in combinations(indices, 2):
            if (i, j) not in seen:
                yield i, j, _apart(facilities[i], facilities[j])


def _near_pairs(facilities: Sequence[Facility], within_m: float) -> list[tuple[int, int]]:
    from scipy.spatial import cKDTree  # noqa: PLC0415 - only a comparison pays for it

    placed = [(i, f.place.position) for i, f in enumerate(facilities)]
    known = [(i, position) for i, position in placed if position is not None]
    if len(known) < 2:  # noqa: PLR2004 - a pair
        return []
    tree = cKDTree(_on_sphere([position for _, position in known]))
    chord = 2 * np.sin(within_m * _WIDER / (2 * _EARTH_M))
    pairs = tree.query_pairs(chord, output_type="ndarray")
    index = np.array([i for i, _ in known])
    return sorted((int(min(pair)), int(max(pair))) for pair in index[pairs])


def _on_sphere(positions: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    lon, lat = np.radians(np.array(positions, dtype=np.float64)).T
    flat = np.cos(lat)
    return np.column_stack([flat * np.cos(lon), flat * np.sin(lon), np.sin(lat)])


def _apart(first: Facility, second: Facility) -> float | None:
    here, there = first.place.position, second.place.position
    return None if here is None or there is None else float(distance_m(*here, *there))


def _compare(
    first: Facility, second: Facility, distance: float | None, matching: Matching
) -> Pair | None:
    if first.id > second.id:
        first, second = second, first
    parts = tuple(_parts(first, second, distance, matching))
    whole = matching.name_weight + matching.operator_weight + matching.position_weight
    unknown = whole - sum(part.weight for part in parts)
    score = (sum(part.score * part.weight for part in parts) + _UNKNOWN * unknown) / whole
    likeness, note = _judge(first, second, distance, score, matching)
    if likeness is None:
        return None
    return Pair(first.id, second.id, likeness, round(score, 6), distance, parts, note)


def _parts(
    first: Facility, second: Facility, distance: float | None, matching: Matching
) -> Iterator[Part]:
    name = name_score(first.name, second.name)
    if name is not None:
        yield Part("name", name, matching.name_weight, f"names {first.name!r}, {second.name!r}")
    operator = name_score(first.operator, second.operator)
    if operator is not None:
        told = f"operators {first.operator!r}, {second.operator!r}"
        yield Part("operator", operator, matching.operator_weight, told)
    if distance is not None:
        span = matching.far_m - matching.near_m
        near = min(1.0, max(0.0, (matching.far_m - distance) / span))
        yield Part("position", near, matching.position_weight, f"{distance:.0f} m apart")


def _judge(
    first: Facility, second: Facility, distance: float | None, score: float, matching: Matching
) -> tuple[Likeness | None, str]:
    operators = name_score(first.operator, second.operator)
    if numbers_differ(first.name, second.name):
        near = distance is not None and distance <= matching.campus_m
        one = operators is None or operators >= matching.duplicate
        note = "their numbers differ: two buildings"
        return (Likeness.CAMPUS, note) if near and one else (None, "")
    if distance is not None and distance > matching.far_m:
        same = name_score(first.name, second.name) == 1 and operators in (None, 1.0)
        here = first.place.municipality == second.place.municipality
        note = "same name, positions too far apart: is one of them wrong?"
        return (Likeness.POSSIBLE, note) if same and here else (None, "")
    if score < matching.possible:
        return None, ""
    if name_score(first.name, second.name) is None:
        return Likeness.POSSIBLE, "a name is unknown: they may be parts of one site"
    if _numbers(first.name) != _numbers(second.name):
        return Likeness.POSSIBLE, "only one carries a number: part and whole?"
    return (Likeness.DUPLICATE if score >= matching.duplicate else Likeness.POSSIBLE), ""


def _best(group: Sequence[Facility]) -> Facility:
    from dataclasses import replace  # noqa: PLC0415 - beside its only use

    ranked = sorted(group, key=lambda each: (-_known(each), each.id))
    best, *others = ranked
    power, sources = dict(_powers(best)), dict(best.sources)
    for kind in PowerKind:
        donor = next((each for each in others if each.power.of(kind) is not None), None)
        if power.get(kind.value) is None and donor is not None:
            power[kind.value] = donor.power.of(kind)
            sources[kind.value] = donor.source_of(kind.value)
    return replace(best, power=Power(**power), sources=sources)


def _powers(facility: Facility) -> Mapping[str, float | None]:
    return {kind.value: facility.power.of(kind) for kind in PowerKind}


def _known(facility: Facility) -> int:
    texts = (facility.name, facility.operator, facility.place.position, facility.type)
    return sum(value is not None for value in (*_powers(facility).values(), *texts))
