"""Sector codes: one sector is spelt differently by each publisher.

A code is found by its own spelling, then by one spelling for all (:func:`spelling`), then by the
divisions of NACE that it stands for (:func:`divisions`): ``D`` and ``D35`` are one sector.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

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
_RANGE = re.compile(r"\s*(?:[-\u2013]|T(?=O?\d)O?|TO(?=[A-U]\d))\s*", re.IGNORECASE)
_LIST = re.compile(r"[_+,&/ ]+")
_LONGEST_DIVISION = 2
_PARTS = re.compile(r"[-_+T\s]+(?=[A-Z]?\d|[A-Z]$)")
_NEAR = 5


def spelling(code: str) -> str:
    """Return one spelling for all of a sector's: ``C10-C12``, ``C10_12`` and ``C10T12`` agree.

    Examples
    --------
    >>> {spelling(code) for code in ("J62_J63", "J62_63", "J62-63", "J62T63", "j62_j63")}
    {'J62-63'}
    >>> spelling("R_S"), spelling("F"), spelling("CPA_C26")
    ('R-S', 'F', 'C26')
    >>> spelling("ITA:C31_C32")
    'ITA:C31-32'
    """
    region, colon, own = code.strip().upper().rpartition(":")
    own = own.removeprefix("CPA_")
    first, *rest = _PARTS.split(own)
    same = first[:1]
    later = (part.removeprefix(same) if part[1:].isdigit() else part for part in rest)
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
