"""Finding a municipality by the name that a list gives it.

Lists come in upper case, with accents written as apostrophes, lost altogether or
replaced by a mark, and with one or both names of a bilingual place. Names are compared
after folding; a match is one municipality whose folded name is equal. A near name is
never taken: it is offered with its score, for a person to decide.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches

from nexpo.core.problem import Problem, bad_input
from nexpo.territory.model import Change, ChangeKind, Match, Municipality, Province

_LOST = "\ufffd?"
_MOST, _CUTOFF = 3, 0.7


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A name without one municipality, why, and what is near to it."""

    name: str
    province: str | None
    reason: str
    suggestions: tuple[Match, ...] = ()

    def problem(self) -> Problem:
        """Return the problem to raise."""
        shown = ", ".join(f"{m.code} {m.name} (score {m.score:.2f})" for m in self.suggestions)
        return bad_input(
            self.reason,
            value=self.name if self.province is None else f"{self.name} ({self.province})",
            remedy=f"candidates: {shown}" if shown else "check the spelling, or give the code",
        )


def fold(name: str) -> str:
    """Reduce a name to lower-case letters and digits.

    Examples
    --------
    >>> fold("CANTU'"), fold("Cantù"), fold("Sant'Agata")
    ('cantu', 'cantu', 'santagata')
    """
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


class NameIndex:
    """The names in force on one day, and those that ended before.

    Parameters
    ----------
    places
        Municipalities in force.
    provinces
        Provinces in force.
    changes
        Facts, for former and later names and for municipalities that ended.
    """

    def __init__(
        self,
        places: Iterable[Municipality],
        provinces: Iterable[Province],
        changes: Iterable[Change],
    ) -> None:
        self._places = {place.code: place for place in places}
        self._provinces = _province_keys(provinces)
        facts = tuple(changes)
        self._now = _keys((n, p.code) for p in self._places.values() for n in _names(p))
        self._other = _keys(_other_names(facts, self._places))
        self._ended = _ended_names(facts, self._places)

    def find(self, name: str, province: str | None = None) -> Match | Unmatched:
        """Return the one municipality of that name, or why there is none.

        Parameters
        ----------
        name
            As the list has it.
        province
            Name, short code (``CO``) or code (``013``), to tell namesakes apart.
        """
        within = self._province(province)
        if isinstance(within, str) or within is None:
            return self._find(name, province, within)
        return within

    def _province(self, province: str | None) -> str | Unmatched | None:
        if province is None:
            return None
        code = self._provinces.get(fold(province))
        if code is not None:
            return code
        near = get_close_matches(fold(province), self._provinces, n=_MOST, cutoff=_CUTOFF)
        matches = tuple(
            Match(self._provinces[key], key, "near", _score(fold(province), key)) for key in near
        )
        return Unmatched(province, None, "no such province on this day", matches)

    def _find(self, name: str, province: str | None, within: str | None) -> Match | Unmatched:
        key = fold(name)
        for how, names in (("exact", self._now), ("other name", self._other)):
            codes = self._inside(names.get(key, ()), within)
            if codes:
                return self._one(codes, how, name, province)
        if any(mark in name for mark in _LOST):
            codes = self._inside(self._with_lost_letters(name), within)
            if codes:
                return self._one(codes, "lost letters", name, province)
        ended = [c for c in self._ended.get(key, ()) if within in (None, c.old_code[:3])]
        if ended:
            return self._gone(ended, name, province)
        return Unmatched(name, province, "no municipality of that name", self._near(key, within))

    def _one(
        self, codes: list[str], how: str, name: str, province: str | None
    ) -> Match | Unmatched:
        matches = tuple(Match(code, self._places[code].name, how) for code in codes)
        if len(matches) == 1:
            return matches[0]
        return Unmatched(name, province, "several municipalities have that name", matches)

    def _gone(self, changes: list[Change], name: str, province: str | None) -> Unmatched:
        into = {c.new_code: c for c in changes}
        told = "; ".join(
            f"{c.old_code} {c.old_name} no longer exists: "
            f"since {c.day} it is {c.new_code} {c.new_name}"
            for c in changes
        )
        found = tuple(Match(code, c.new_name, "successor") for code, c in into.items())
        return Unmatched(name, province, told, found)

    def _with_lost_letters(self, name: str) -> list[str]:
        parts = [re.escape(fold(part)) for part in re.split(f"[{re.escape(_LOST)}]", name)]
        pattern = re.compile(".".join(parts))
        found = (codes for key, codes in self._now.items() if pattern.fullmatch(key))
        return [code for codes in found for code in codes]

    def _inside(self, codes: Iterable[str], within: str | None) -> list[str]:
        kept = (c for c in codes if within is None or self._places[c].province_code == within)
        return sorted(set(kept))

    def _near(self, key: str, within: str | None) -> tuple[Match, ...]:
        names = {k: c for k, codes in self._now.items() for c in self._inside(codes, within)}
        return tuple(
            Match(names[near], self._places[names[near]].name, "near", _score(key, near))
            for near in get_close_matches(key, names, n=_MOST, cutoff=_CUTOFF)
        )


def _score(left: str, right: str) -> float:
    return round(SequenceMatcher(None, left, right).ratio(), 4)


def _keys(pairs: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    keys: dict[str, list[str]] = defaultdict(list)
    for name, code in pairs:
        keys[fold(name)].append(code)
    return dict(keys)


def _names(place: Municipality) -> tuple[str, ...]:
    return (place.name, *place.other_names)


def _province_keys(provinces: Iterable[Province]) -> dict[str, str]:
    keys: dict[str, str] = {}
    for province in provinces:
        for name in (province.code, province.short, province.name, *province.name.split("/")):
            keys[fold(name)] = province.code
    return keys


def _other_names(
    changes: Iterable[Change], places: Mapping[str, Municipality]
) -> Iterable[tuple[str, str]]:
    for change in changes:
        if change.kind.keeps_code and change.old_code in places:
            yield change.old_name, change.old_code
            yield change.new_name, change.old_code


def _ended_names(
    changes: Iterable[Change], places: Mapping[str, Municipality]
) -> Mapping[str, list[Change]]:
    ended: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        gone = change.old_code not in places and change.new_code in places
        if gone and change.kind is not ChangeKind.PROVINCE_CHANGE:
            ended[fold(change.old_name)].append(change)
    return dict(ended)
