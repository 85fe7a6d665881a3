"""Codes through time: which are in force on a day, and what became of the others.

The choice made here: a code stands for a territory, and a translation is given only
where the territory on the day asked for holds all of the old one. Forwards that is
so for mergers, incorporations and changes of province; backwards only for a change
of province, because the parts of a merged municipality cannot be told apart by its
code. A split is reported with its parts and never guessed. Border adjustments between
two municipalities that both live on are not tracked: they move hectares, not codes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from nexpo.core.period import Period
from nexpo.core.problem import Kind, Problem, bad_input
from nexpo.territory.model import Change, ChangeKind, Untranslatable

ALWAYS = date.min
_ONE_DAY = timedelta(days=1)
_DIGITS = 6


@dataclass(frozen=True)
class Crosswalk:
    """Periods of validity and changes of all municipality codes.

    Parameters
    ----------
    periods
        Code to the days on which it is in force.
    changes
        Dated changes, in order of day.
    former
        Codes of provinces reorganised before the first day told here, to the code of
        the same municipality in the list.

    Examples
    --------
    >>> merger = Change(date(2024, 1, 1), ChangeKind.MERGER, "013199", "013256",
    ...                 "Ronago", "Uggiate con Ronago", None, "ISTAT", True)
    >>> walk = Crosswalk.build(["013256"], [merger])
    >>> walk.current_code("013199", on=date(2025, 1, 1))
    '013256'
    """

    periods: Mapping[str, Period]
    changes: tuple[Change, ...]
    former: Mapping[str, str] = field(default_factory=dict)
    _by_old: Mapping[str, tuple[Change, ...]] = field(init=False, repr=False, compare=False)
    _by_new: Mapping[str, tuple[Change, ...]] = field(init=False, repr=False, compare=False)
    _renames: Mapping[str, tuple[Change, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        moves = [change for change in self.changes if not change.kind.keeps_code]
        renames = [change for change in self.changes if change.kind.keeps_code]
        object.__setattr__(self, "_by_old", _grouped(moves, "old_code"))
        object.__setattr__(self, "_by_new", _grouped(moves, "new_code"))
        object.__setattr__(self, "_renames", _grouped(renames, "old_code"))

    @classmethod
    def build(
        cls,
        listed: Iterable[str],
        changes: Iterable[Change],
        former: Mapping[str, str] | None = None,
    ) -> Crosswalk:
        """Derive periods from one complete list and all dated changes around it.

        Parameters
        ----------
        listed
            Codes in force on one day that the changes surround.
        changes
            Facts; those without a day (spellings) are left out.
        former
            Codes given up before the first change, where one municipality had both.
        """
        dated = sorted((c for c in changes if c.day), key=lambda c: (_day(c), c.old_code))
        starts, ends = dict.fromkeys(listed, ALWAYS), dict[str, date]()
        for change in dated:
            if change.kind.starts_new:
                starts[change.new_code] = _day(change)
            if change.kind.ends_old:
                starts.setdefault(change.old_code, ALWAYS)
                ends[change.old_code] = _day(change)
        periods = {code: Period(start, ends.get(code)) for code, start in starts.items()}
        older = {old: new for old, new in (former or {}).items() if old not in periods}
        return cls(periods, tuple(dated), older)

    def __contains__(self, code: object) -> bool:
        """Say whether any municipality has, or of late had, the code."""
        return code in self.periods or code in self.former

    def in_force(self, on: date) -> frozenset[str]:
        """Return the codes in force on a day."""
        return frozenset(code for code, period in self.periods.items() if on in period)

    def between(self, start: date, end: date) -> tuple[Change, ...]:
        """Return the changes after ``start`` up to and including ``end``."""
        return tuple(change for change in self.changes if start < _day(change) <= end)

    def history(self, code: str) -> tuple[Change, ...]:
        """Return the changes into and out of a code, in order of day."""
        return (*self._by_new.get(code, ()), *self._by_old.get(code, ()))

    def renames(self, code: str) -> tuple[Change, ...]:
        """Return the changes of name of a code, in order of day."""
        return self._renames.get(code, ())

    def current_code(self, code: str, *, on: date, since: date | None = None) -> str:
        """Return the code of the same territory on a day.

        Parameters
        ----------
        code
            Municipality code as found.
        on
            Day whose codes are wanted.
        since
            Day of the list that the code comes from. Without it, a code in force on
            ``on`` is taken as it stands.

        Raises
        ------
        Problem
            When there is no single counterpart, with the candidates.
        """
        found = self._translate(code, on, since)
        if isinstance(found, Untranslatable):
            raise bad_input(
                found.reason,
                value=code,
                remedy=f"choose among {', '.join(found.candidates)}, by address or by map"
                if found.candidates
                else "check the code: six digits, ISTAT's, not the cadastral one",
            )
        return found

    def demand(self, code: str, *, on: date) -> str:
        """Return a code that is in force on a day, or say what became of it.

        Raises
        ------
        Problem
            Naming the code, when it ended or began, into which it went, and the remedy.
        """
        if code in self.former:
            raise self._given_up(code, on)
        period = self.periods.get(code)
        if period is None or on in period:
            return self.current_code(code, on=on)
        if period.end is not None and period.end <= on:
            raise self._ended(code, period.end)
        raise Problem(
            Kind.BAD_INPUT,
            f"municipality {code} does not exist before {period.start}",
            value=code,
            remedy=self._before(code),
        )

    def translate(
        self, codes: Sequence[str], *, on: date, since: date | None = None
    ) -> tuple[list[str | None], list[Untranslatable]]:
        """Translate many codes at once.

        Returns
        -------
        tuple
            A code or None for each input, in its order, and each untranslatable code
            once, in order of first appearance.

        Examples
        --------
        >>> walk = Crosswalk.build(["013256"], [])
        >>> walk.translate(["013256", "999999"], on=date(2025, 1, 1))[0]
        ['013256', None]
        """
        found = {code: self._translate(code, on, since) for code in dict.fromkeys(codes)}
        failed = [item for item in found.values() if isinstance(item, Untranslatable)]
        kept = {code: item for code, item in found.items() if isinstance(item, str)}
        return [kept.get(code) for code in codes], failed

    def holders(self, pieces: Iterable[str], *, cut_on: date, on: date) -> dict[str, str]:
        """Return, for territories cut by the codes of one day, the code that holds each.

        Unlike a translation this may go back over a split: a part lay in the whole.

        Raises
        ------
        Problem
            When ``on`` lies before a merger that the pieces no longer show.
        """
        return {piece: self._holder(piece, cut_on, on) for piece in pieces}

    def _translate(self, code: str, on: date, since: date | None) -> str | Untranslatable:
        period = self.periods.get(code)
        if period is None and code in self.former:
            return self._translate(self.former[code], on, None)
        if period is None:
            return self._unknown(code)
        if since is None:
            if on in period:
                return code
            since = period.start if on < period.start else (period.end or on) - _ONE_DAY
        if since not in period:
            return Untranslatable(code, f"{code} was not in force on {since}")
        return self._forward(code, since, on) if since <= on else self._backward(code, since, on)

    def _unknown(self, code: str) -> Untranslatable:
        padded = code.strip().zfill(_DIGITS)
        if padded != code and padded in self.periods:
            return Untranslatable(code, f"{code!r} is not six digits: zeros were lost", (padded,))
        return Untranslatable(code, f"no municipality has the code {code}, nor had it of late")

    def _forward(self, code: str, since: date, on: date) -> str | Untranslatable:
        for change in self._by_old.get(code, ()):
            if not since < _day(change) <= on:
                continue
            if change.kind is ChangeKind.SPLIT:
                return _split(code, change)
            return self._forward(change.new_code, _day(change), on)
        return code

    def _backward(self, code: str, since: date, on: date) -> str | Untranslatable:
        for change in reversed(self._by_new.get(code, ())):
            if not on < _day(change) <= since:
                continue
            if change.kind is not ChangeKind.PROVINCE_CHANGE:
                return self._several(code, change)
            return self._backward(change.old_code, _day(change) - _ONE_DAY, on)
        parts = [c for c in self._by_old.get(code, ()) if on < _day(c) <= since]
        return self._several(code, parts[0]) if parts else code

    def _several(self, code: str, change: Change) -> Untranslatable:
        day = _day(change)
        if change.kind is ChangeKind.SPLIT:
            whole = change.old_code
            reason = f"before {day} the territory of {code} was cut otherwise, within {whole}"
            return Untranslatable(code, reason, (whole,))
        olds = {c.old_code for c in self._by_new[code] if c.day == day}
        if change.kind is ChangeKind.INCORPORATION:
            olds.add(code)
        reason = f"before {day} the territory of {code} was that of {len(olds)} municipalities"
        return Untranslatable(code, reason, tuple(sorted(olds)))

    def _holder(self, piece: str, cut_on: date, on: date) -> str:
        if on >= cut_on:
            return self.current_code(piece, on=on, since=cut_on)
        for change in reversed(self._by_new.get(piece, ())):
            if on < _day(change) <= cut_on:
                if change.kind in (ChangeKind.SPLIT, ChangeKind.PROVINCE_CHANGE):
                    return self._holder(change.old_code, _day(change), on)
                raise _too_early(piece, change)
        return piece

    def _ended(self, code: str, end: date) -> Problem:
        change = next(c for c in self._by_old[code] if c.day == end)
        verb = {
            ChangeKind.MERGER: "merged into",
            ChangeKind.INCORPORATION: "was incorporated into",
            ChangeKind.PROVINCE_CHANGE: "became",
        }[change.kind]
        return bad_input(
            f"municipality {code} ({change.old_name}) no longer exists: "
            f"on {end} it {verb} {change.new_code} ({change.new_name})",
            value=code,
            remedy=f"use {change.new_code}, or ask for a day before {end}, "
            "or translate the whole column with territory.translate",
        )

    def _given_up(self, code: str, on: date) -> Problem:
        now = self.current_code(code, on=on)
        return bad_input(
            f"{code} is a code of a province that was reorganised since: it became {now}",
            value=code,
            remedy=f"use {now}, or translate the whole column with territory.translate",
        )

    def _before(self, code: str) -> str:
        olds = sorted({c.old_code for c in self._by_new.get(code, ()) if c.kind.starts_new})
        return f"its territory then belonged to {', '.join(olds)}; use that, or a later day"


def _day(change: Change) -> date:
    if change.day is None:
        raise bad_input("a spelling has no day", value=change.old_code)
    return change.day


def _grouped(changes: Iterable[Change], name: str) -> dict[str, tuple[Change, ...]]:
    groups: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        groups[getattr(change, name)].append(change)
    return {code: tuple(items) for code, items in groups.items()}


def _split(code: str, change: Change) -> Untranslatable:
    reason = f"on {change.day} {change.new_code} ({change.new_name}) was split from {code}"
    return Untranslatable(code, reason, tuple(sorted((code, change.new_code))))


def _too_early(piece: str, change: Change) -> Problem:
    return bad_input(
        f"the map at hand shows {piece} only as it is since {change.day}",
        value=change.day,
        remedy=f"ask for {change.day} or later",
    )
