"""Places and their changes: frozen values, checked when they are made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from nexpo.core.period import Period
from nexpo.core.problem import bad_input


class ChangeKind(StrEnum):
    """What happened to a municipality.

    Examples
    --------
    >>> ChangeKind("province-change").keeps_code
    False
    """

    MERGER = "merger"
    INCORPORATION = "incorporation"
    SPLIT = "split"
    PROVINCE_CHANGE = "province-change"
    RENAME = "rename"
    SPELLING = "spelling"

    @property
    def keeps_code(self) -> bool:
        """Whether only the name changed."""
        return self in (ChangeKind.RENAME, ChangeKind.SPELLING)

    @property
    def ends_old(self) -> bool:
        """Whether the old code is no longer in force afterwards."""
        return self in (ChangeKind.MERGER, ChangeKind.INCORPORATION, ChangeKind.PROVINCE_CHANGE)

    @property
    def starts_new(self) -> bool:
        """Whether the new code was not in force before."""
        return self in (ChangeKind.MERGER, ChangeKind.SPLIT, ChangeKind.PROVINCE_CHANGE)


@dataclass(frozen=True, slots=True)
class Change:
    """One fact of the crosswalk: from ``day`` on, ``old_code`` is ``new_code``.

    Attributes
    ----------
    day
        First day of the new state; None only for a spelling, which has no day.
    verified
        Whether codes and day were seen in the primary source.
    """

    day: date | None
    kind: ChangeKind
    old_code: str
    new_code: str
    old_name: str
    new_name: str
    new_cadastral_code: str | None
    source: str
    verified: bool
    note: str = ""

    def __post_init__(self) -> None:
        check_municipality_code(self.old_code)
        check_municipality_code(self.new_code)
        if (self.day is None) != (self.kind is ChangeKind.SPELLING):
            raise bad_input(
                "a change has a day, and a spelling has none",
                value=f"{self.kind} {self.old_code}",
                remedy="write the first day of the new state as YYYY-MM-DD",
            )
        if self.kind.keeps_code != (self.old_code == self.new_code):
            raise bad_input(
                "only a rename or a spelling keeps the code",
                value=f"{self.kind} {self.old_code} -> {self.new_code}",
                remedy="check kind and codes of this row",
            )


@dataclass(frozen=True, slots=True)
class Place:
    """Anything on the map with a code (text, leading zeros kept) and a name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Municipality(Place):
    """A municipality (comune) with the days on which its code is in force."""

    province_code: str
    region_code: str
    period: Period
    cadastral_code: str | None = None
    nuts3: str | None = None
    other_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_municipality_code(self.code)


@dataclass(frozen=True, slots=True)
class Province(Place):
    """A province, metropolitan city or free consortium, by its historic code."""

    short: str
    region_code: str
    period: Period
    nuts3: str | None = None

    def __post_init__(self) -> None:
        _check(self.code, r"[0-9]{3}", "a province code is three digits", "013")


@dataclass(frozen=True, slots=True)
class Programme:
    """A public programme that runs in a region, by the key that other files use."""

    key: str
    name: str
    measure: str = ""
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Region(Place):
    """A region as its file describes it; ``key`` is the stem of the file."""

    key: str
    nuts2: tuple[str, ...]
    language: str
    time_zone: str
    programmes: tuple[Programme, ...] = ()

    def __post_init__(self) -> None:
        check_region_code(self.code)
        for code in self.nuts2:
            _check(code, r"IT[A-Z][0-9]", "a NUTS 2 code of Italy has four characters", "ITC4")


@dataclass(frozen=True, slots=True)
class Untranslatable:
    """A code without one counterpart on the day asked for, and why."""

    code: str
    reason: str
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """What a name was matched to.

    ``how`` is ``exact`` (equal after folding), ``other name`` (a former or later one, or
    a spelling), or ``lost letters`` (equal but for letters that the file lost), each with
    score 1.0. Nothing less is a match; suggestions are ``near`` or a ``successor``.
    """

    code: str
    name: str
    how: str
    score: float = 1.0


def check_municipality_code(code: str) -> str:
    """Return the code, or say why it is none.

    Examples
    --------
    >>> check_municipality_code("012001")
    '012001'
    """
    return _check(code, r"[0-9]{6}", "a municipality code is six digits", "012001")


def check_region_code(code: str) -> str:
    """Return the code, or say why it is none.

    Examples
    --------
    >>> check_region_code("03")
    '03'
    """
    return _check(code, r"0[1-9]|1[0-9]|20", "a region code is two digits, 01 to 20", "03")


def _check(code: str, pattern: str, rule: str, example: str) -> str:
    if not re.fullmatch(pattern, code):
        raise bad_input(
            rule,
            value=code,
            remedy=f"write it as text with its leading zeros, as in {example}",
        )
    return code
