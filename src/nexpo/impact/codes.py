"""Sector codes: one sector is spelt differently by each publisher.

A code is found by its own spelling, then by one spelling for all (:func:`spelling`), then by the
divisions of NACE that it stands for (:func:`divisions`): ``D`` and ``D35`` are one sector.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import TypeVar

from nexpo.core.problem import Problem, Where, bad_input

_SECTION_DIVISIONS: Mapping[str, tuple[int, int]] = {
    "A": (1, 3), "B": (5, 9), "C": (10, 33), "D": (35, 35), "E": (36, 39), "F": (41, 43),
    "G": (45, 47), "H": (49, 53), "I": (55, 56), "J": (58, 63), "K": (64, 66), "L": (68, 68),
    "M": (69, 75), "N": (77, 82), "O": (84, 84), "P": (85, 85), "Q": (86, 88), "R": (90, 93),
    "S": (94, 96), "T": (97, 98), "U": (99, 99),
}  # fmt: skip
"""Divisions of each section of NACE Rev. 2 (Regulation (EC) No 1893/2006, Annex I)."""

_PREFIX = re.compile(r"^(CPA_|NACE_|NACE )", re.IGNORECASE)
_PART = re.compile(r"([A-U]?)(\d{1,2})?", re.IGNORECASE)
_RANGE = re.compile(
    r"\s*(?:[-\u2013]|(?<=[\d\s])T(?=O?\d)O?|(?<=[\d\s])TO(?=[A-U]\d))\s*", re.IGNORECASE
)
_LIST = re.compile(r"[_+,&/ ]+")
_LONGEST_DIVISION = 2
_JOINT = re.compile(r"(?<=[A-Z0-9])(?:[-_+\s]+|(?<=\d)TO(?=[A-Z]?\d)|(?<=\d)T)(?=[A-Z]?\d|[A-Z]$)")
_LETTER = re.compile(r"([A-Z])\d")
_FINER = re.compile(r"([A-U]?\d{2})(?:[-.]\d.*|[A-Z].*)", re.IGNORECASE)
_NEAR = 5

T = TypeVar("T")


@lru_cache(maxsize=65536)
def spelling(code: str) -> str:
    """Return one spelling for all of a sector's: ``C10-C12``, ``C10_12`` and ``C10T12`` agree.

    Examples
    --------
    >>> {spelling(code) for code in ("J62_J63", "J62_63", "J62-63", "J62T63", "j62_j63")}
    {'J62-63'}
    >>> spelling("R_S"), spelling("F"), spelling("CPA_C26"), spelling("C10-12")
    ('R-S', 'F', 'C26', 'C10-12')
    >>> spelling("10-11"), spelling("20_23"), spelling("33-15"), spelling("T97"), spelling("T")
    ('10-11', '20-23', '33-15', 'T97', 'T')
    >>> spelling("ITA:C31_C32")
    'ITA:C31-32'
    """
    region, colon, own = code.strip().upper().rpartition(":")
    first, *rest = _JOINT.split(own.removeprefix("CPA_"))
    letter = _LETTER.match(first)
    same = letter.group(1) if letter else None
    later = (
        part[1:] if same and part[:1] == same and part[1:].isdigit() else part for part in rest
    )
    return region + colon + "-".join((first, *later))


def positions_by_spelling(sectors: Sequence[str]) -> Mapping[str, int]:
    """Return the position of each code, by its own spelling and by the common one.

    A common spelling that two sectors share names neither.

    Examples
    --------
    >>> sorted(positions_by_spelling(["F", "J62_J63"]))
    ['F', 'J62-63', 'J62_J63']
    """
    common: dict[str, list[int]] = {}
    for position, code in enumerate(sectors):
        common.setdefault(spelling(code), []).append(position)
    found = {code: places[0] for code, places in common.items() if len(places) == 1}
    return found | {code: position for position, code in enumerate(sectors)}


def divisions(code: str) -> frozenset[int] | None:
    """Return the divisions of NACE Rev. 2 that a code covers, or None where it is none.

    Spellings of Eurostat, FIGARO, WIOD and Istat are understood: ``C10-C12``, ``C10-12``,
    ``C10T12``, ``J62_J63``, ``J62_63``, ``R_S``, ``CPA_C26``, ``A01``, ``01``.

    Examples
    --------
    >>> sorted(divisions("C10T12")), sorted(divisions("J62_J63")), divisions("c26") == {26}
    ([10, 11, 12], [62, 63], True)
    >>> divisions("T97") == {97}, sorted(divisions("T97T98"))
    (True, [97, 98])
    >>> divisions("R_S") == set(range(90, 97)), divisions("Households")
    (True, None)
    """
    found: set[int] = set()
    for part in _LIST.split(_PREFIX.sub("", code.strip())):
        ends = [_division(end) for end in _RANGE.split(part)]
        if len(ends) > 2:  # noqa: PLR2004 - a range has two ends
            return None
        first, last = ends[0], ends[-1]
        if first is None or last is None or first[0] > last[1]:
            return None
        found |= set(range(first[0], last[1] + 1))
    return frozenset(found) or None


@lru_cache(maxsize=4096)
def divisions_near(code: str) -> frozenset[int] | None:
    """Return the divisions of a code, of a finer one the division it is part of.

    Examples
    --------
    >>> divisions_near("10-2-3") == divisions_near("C10.4") == divisions_near("10A") == {10}
    True
    >>> sorted(divisions_near("06-07")), divisions_near("HOUSE")
    ([6, 7], None)
    """
    own = code.rpartition(":")[2].strip()
    found = divisions(own)
    part = _FINER.fullmatch(_PREFIX.sub("", own)) if found is None else None
    return divisions(part.group(1)) if part else found


def sectors_of(code: str, sectors: Sequence[str]) -> list[int]:
    """Return the positions of the sectors that a code of NACE stands for in a table.

    The one of that spelling or those divisions; else the finer ones inside it; else the
    narrowest that holds it.

    Examples
    --------
    >>> sectors_of("G46", ["F", "46"]), sectors_of("G46", ["F", "G45-47"])
    ([1], [1])
    >>> sectors_of("G46", ["G46.1", "G46.9"]), sectors_of("G46", ["F"])
    ([0, 1], [])
    """
    place = place_by_spelling(code, positions_by_spelling(sectors))
    if place is not None:
        return [place]
    wanted = divisions_near(code)
    held = [divisions_near(each) for each in sectors]
    if wanted is None:
        return []
    inside = [at for at, each in enumerate(held) if each and each <= wanted]
    around = [at for at, each in enumerate(held) if each and wanted < each]
    return inside or sorted(around, key=lambda at: len(held[at] or ()))[:1]


def entry_of(code: str, known: Mapping[str, T]) -> T | None:
    """Return what is stated of a sector: of its spelling, its divisions, or the nearest above.

    Examples
    --------
    >>> entry_of("26", {"C26": 1}), entry_of("10-1", {"C10-12": 2, "C": 3}), entry_of("F", {})
    (1, 2, None)
    """
    plain = spelling(code.rpartition(":")[2])
    if plain in known:
        return known[plain]
    wanted = divisions_near(plain)
    held = {name: divisions_near(name) for name in known} if wanted else {}
    around = [name for name, each in held.items() if each and wanted and wanted <= each]
    return known[min(around, key=lambda name: len(held[name] or ()))] if around else None


def _division(text: str) -> tuple[int, int] | None:
    """Return the first and the last division of one part of a code."""
    match = _PART.fullmatch(text)
    if match is None or not text:
        return None
    section, number = match.group(1).upper(), match.group(2)
    if number is None:
        return _SECTION_DIVISIONS.get(section) if section else None
    first, last = _SECTION_DIVISIONS.get(section, (1, 99))
    if not first <= int(number) <= last or (not section and len(number) < _LONGEST_DIVISION):
        return None
    return int(number), int(number)


def place_by_spelling(code: str, known: Mapping[str, int]) -> int | None:
    """Return the position of a code in whatever spelling, None where no sector has it.

    Divisions are not looked at: a file may state a section and its one division apart.
    """
    return known.get(code, known.get(spelling(code)))


def position_of(code: str, known: Mapping[str, int], where: Where | None = None) -> int:
    """Return the position of a code in whatever spelling.

    Parameters
    ----------
    known
        As :func:`positions_by_spelling` gives it.
    where
        File and row of the code, for the message.

    Raises
    ------
    Problem
        When no sector has that code, with the nearest ones, or more than one has.

    Examples
    --------
    >>> known = positions_by_spelling(["F", "J62_J63", "D35"])
    >>> position_of("J62_63", known), position_of("D", known)
    (1, 2)
    """
    place = place_by_spelling(code, known)
    if place is not None:
        return place
    covered = divisions(code)
    same = {known[name]: name for name in known if covered and divisions(name) == covered}
    if len(same) == 1:
        return next(iter(same))
    if same:
        raise bad_input(
            "the code stands for more than one sector of the table",
            where=where,
            value=code,
            remedy=f"write one of {', '.join(same.values())}",
        )
    raise unknown_sector(code, known, where)


def unknown_sector(code: str, known: Iterable[str], where: Where | None = None) -> Problem:
    """Return the problem of a sector that is not in the table, with the nearest codes."""
    codes = list(known)
    folded = {name.casefold(): name for name in codes}
    near = [folded[name] for name in get_close_matches(code.casefold(), folded, _NEAR, 0.4)]
    alike = near or [name for name in codes if name[:1].casefold() == code[:1].casefold()][:_NEAR]
    return bad_input(
        "no sector of the table, and no product with a spending mix, has this code",
        where=where,
        value=code,
        remedy=f"nearest: {', '.join(alike or codes[:_NEAR]) or 'the table has no sectors'}",
    )
