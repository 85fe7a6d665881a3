"""RAS and GRAS: the table nearest to a known one that has given row and column totals.

``T = P - N`` with ``P`` the entries above zero and ``N`` those below in absolute terms. Factors
``r`` of rows and ``s`` of columns are found in turn, ``s`` as the positive root of
``p_j s - n_j / s = v_j``, until ``X = r P s - N / (r s)`` meets both margins. Zeros stay zero and
signs are kept. RAS is the case without entries below zero.

Sources: Junius and Oosterhaven 2003; Temurshoev, Miller and Bouwmeester 2013 (lines without
positive entries); UN Handbook on supply, use and input-output tables 2018, par. 18.81.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict, Unpack

import numpy as np

from nexpo.core.problem import Kind, Problem, Where
from nexpo.impact.model import Floats
from nexpo.impact.regionalise.diagnosis import can_judge, culprit
from nexpo.impact.regionalise.margins import (
    Margins,
    Names,
    Printed,
    agree,
    impossible,
    less,
    line_of,
    refuse_impossible,
)

_LOOK_EVERY = 100
_LOOKS_BEFORE = 3
_FALL = 0.99  # a miss that falls less than this over a look will not fall
_EXACT = 1e-10  # of the largest total: the miss that further rounds hardly lower
_ENDLESS = 1e150  # a factor beyond it, or beyond its inverse, is on its way out of floats
_NUMERIC = 1e-6  # of the largest total: the miss that is still called met

Watch = Callable[[int, float], None]
"""Told of progress: iterations done, largest miss of a row."""


@dataclass(frozen=True, slots=True)
class Stop:
    """When to stop: factors of columns that move less than ``tolerance``, margins met."""

    tolerance: float = 1e-8
    iterations: int = 10_000


class How(TypedDict, total=False):
    """The keywords of :func:`gras`, handed on by what calls it."""

    stop: Stop | None
    fixed: np.ndarray | None
    names: Names
    printed: Printed | None
    watch: Watch | None


@dataclass(frozen=True, slots=True)
class Miss:
    """The largest miss of a given total: ``value`` is sum less total."""

    kind: str  # "row" or "column"
    name: str
    position: int
    value: float


@dataclass(frozen=True, slots=True, eq=False)
class Balanced:
    """A balanced table.

    Attributes
    ----------
    values
        ``(m, n)``.
    row_factors, column_factors
        ``r`` and ``s``; 1 for a line whose total is not known or that holds only zeros.
    iterations, last_change
        Rounds done, and the largest change of a column factor in the last.
    row_miss, column_miss
        Largest misses of the totals as they were given.
    margins
        As used, with the gap between the totals and which side was scaled.
    """

    values: Floats
    row_factors: Floats
    column_factors: Floats
    iterations: int
    last_change: float
    row_miss: Miss
    column_miss: Miss
    margins: Margins
    notes: tuple[str, ...] = ()


def gras(
    table: Floats,
    rows: Floats,
    columns: Floats,
    *,
    stop: Stop | None = None,
    fixed: np.ndarray | None = None,
    names: Names = ((), ()),
    printed: Printed | None = None,
    watch: Watch | None = None,
) -> Balanced:
    """Balance a table that may hold entries below zero.

    Parameters
    ----------
    table
        ``(m, n)`` known table.
    rows, columns
        ``(m,)`` and ``(n,)`` totals to meet; NaN is unknown: its line is not scaled.
    stop
        Tolerance on the column factors and most iterations.
    fixed
        ``(m, n)`` mask of cells that keep their value; they are taken out of table and totals.
    names
        Of rows and columns, for messages; positions from 1 otherwise.
    printed
        How far the totals may disagree and which side gives way: see :class:`.Printed`.
    watch
        Told of progress.

    Raises
    ------
    Problem
        Naming row or column: totals that disagree beyond their rounding, a line that its
        entries cannot make, zeros and signs that admit no such table, too few iterations.

    Examples
    --------
    >>> found = gras(np.array([[7., 3., 5., -3.], [2., 9., 8., 1.], [-2., 0., 2., 1.]]),
    ...              np.array([15., 26., -1.]), np.array([9., 16., 17., -2.]))
    >>> found.values.round(2).tolist()[0]
    [8.98, 3.74, 5.72, -3.44]
    """
    known = _matrix(table)
    given = _totals(rows, columns, known)
    held = np.zeros_like(known) if fixed is None else np.where(fixed, known, 0.0)
    margins = agree(*given, names=names, printed=printed)
    left = less(margins, held)
    free, notes = _silence(known - held, left)
    problem = _Problem(np.maximum(free, 0), np.maximum(-free, 0), left)
    refuse_impossible(problem.positive, problem.negative, left)
    r, s, done, change = problem.solve(stop or Stop(), watch)
    values = problem.table(r, s) + held
    return Balanced(
        values,
        r,
        s,
        done,
        change,
        _miss(values, given[0], margins.row_names, 1),
        _miss(values, given[1], margins.column_names, 0),
        margins,
        (*notes, *_told(margins)),
    )


def ras(
    table: Floats,
    rows: Floats,
    columns: Floats,
    **how: Unpack[How],
) -> Balanced:
    """Balance a table without entries below zero; arguments as :func:`gras`.

    Raises
    ------
    Problem
        As :func:`gras`, and at an entry below zero.

    Examples
    --------
    >>> found = ras(np.array([[1., 2.], [3., 4.]]), np.array([4., 6.]), np.array([5., 5.]))
    >>> found.values.sum(axis=0).round(8).tolist(), found.values.sum(axis=1).round(8).tolist()
    ([5.0, 5.0], [4.0, 6.0])
    """
    known = _matrix(table)
    if (known < 0).any():
        row, column = (int(place) for place in np.argwhere(known < 0)[0])
        names = how.get("names", ((), ()))
        raise Problem(
            Kind.BAD_INPUT,
            "RAS takes no entry below zero",
            where=Where(row=row + 1, column=str(names[1][column]) if names[1] else str(column + 1)),
            value=float(known[row, column]),
            remedy="balance with GRAS, which keeps signs",
        )
    return gras(known, rows, columns, **how)


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """The two parts of a table and the totals to meet."""

    positive: Floats
    negative: Floats
    margins: Margins

    def solve(self, stop: Stop, watch: Watch | None) -> tuple[Floats, Floats, int, float]:
        """Return factors of rows and columns, rounds and last change."""
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            return self._rounds(stop, watch)

    def _rounds(self, stop: Stop, watch: Watch | None) -> tuple[Floats, Floats, int, float]:
        signed = bool(self.negative.any())
        r, s = np.ones(self.positive.shape[0]), np.ones(self.positive.shape[1])
        misses: list[float] = []
        change, done, patient = np.inf, 0, False
        for done in range(1, stop.iterations + 1):
            before, last = s, r
            s = self._factors(r, self.margins.columns, 0, signed=signed)
            miss = self._row_miss(r, s, signed=signed)
            r = self._factors(s, self.margins.rows, 1, signed=signed)
            if not (_within(r) and _within(s)):  # margins that cannot be met
                r, s = last, before
                break
            change = float(np.abs(s - before).max(initial=0))
            if change < stop.tolerance and miss <= _EXACT * self._largest():
                return r, s, done, change
            if done % _LOOK_EVERY == 0:
                misses.append(miss)
                if watch is not None:
                    watch(done, miss)
                if not patient and _stalled(misses):
                    patient = self._exists()
                    if not patient:
                        break
        return self._settled(r, s, done, change)

    def _exists(self) -> bool:
        """Say whether a table with these margins is known to exist: then it is only slow."""
        return (
            can_judge(self.positive, self.negative)
            and culprit(self.positive, self.negative, self.margins) is None
        )

    def table(self, r: Floats, s: Floats) -> Floats:
        """Return ``r P s - N / (r s)``."""
        both = np.outer(r, s)
        return self.positive * both - self.negative / both

    def _factors(self, other: Floats, totals: Floats, axis: int, *, signed: bool) -> Floats:
        above = other @ self.positive if axis == 0 else self.positive @ other
        if not signed:
            some = (above > 0) & np.isfinite(totals)
            found: Floats = np.divide(totals, above, out=np.ones_like(above), where=some)
            return found
        below = (1 / other) @ self.negative if axis == 0 else self.negative @ (1 / other)
        return _root(totals, above, below)

    def _row_miss(self, r: Floats, s: Floats, *, signed: bool) -> float:
        sums = r * (self.positive @ s)
        if signed:
            sums = sums - (self.negative @ (1 / s)) / r
        known = np.isfinite(self.margins.rows)
        return float(np.abs(sums - self.margins.rows)[known].max(initial=0))

    def _largest(self) -> float:
        margins = np.concatenate([self.margins.rows, self.margins.columns])
        return float(np.abs(margins[np.isfinite(margins)]).max(initial=1e-300))

    def _settled(
        self, r: Floats, s: Floats, done: int, change: float
    ) -> tuple[Floats, Floats, int, float]:
        """Return the factors if the margins are met all the same, or say why they are not."""
        values = self.table(r, s)
        names = self.margins.row_names, self.margins.column_names
        misses = (
            _miss(values, self.margins.rows, names[0], 1),
            _miss(values, self.margins.columns, names[1], 0),
        )
        worst = max(misses, key=lambda miss: abs(miss.value))
        if abs(worst.value) <= _NUMERIC * self._largest():
            return r, s, done, change
        found = culprit(self.positive, self.negative, self.margins)
        if found is not None:
            raise impossible(*found)
        raise Problem(
            Kind.BAD_INPUT,
            f"the margins are not met after {done} iterations: the {worst.kind} {worst.name} "
            f"misses its total by {abs(worst.value):g}",
            where=line_of(worst.kind, worst.name, worst.position),
            value=worst.value,
            remedy="allow more iterations; a total that leaves next to nothing for some cells "
            "is approached slowly",
        )


def _root(totals: Floats, above: Floats, below: Floats) -> Floats:
    """Return the positive root of ``p x - n / x = t`` by line; 1 where the line is free.

    The form that does not lose digits is taken: with the conjugate where ``t`` is below zero. It
    holds for ``p = 0`` as well, where it gives ``-n / t``.
    """
    known = np.where(np.isfinite(totals), totals, 0.0)
    root = np.sqrt(known * known + 4 * above * below)
    upper, lower = known + root, root - known
    found = np.ones_like(known)
    plain = np.isfinite(totals) & (known >= 0) & (above > 0) & (upper > 0)
    other = np.isfinite(totals) & (known < 0) & (below > 0)
    found[plain] = upper[plain] / (2 * above[plain])
    found[other] = 2 * below[other] / lower[other]
    return found


def _within(factors: Floats) -> bool:
    size = np.abs(factors)
    return bool(((size < _ENDLESS) & (size > 1 / _ENDLESS)).all())


def _stalled(misses: list[float]) -> bool:
    return len(misses) > _LOOKS_BEFORE and misses[-1] > _FALL * misses[-2]


def _silence(table: Floats, margins: Margins) -> tuple[Floats, tuple[str, ...]]:
    """Empty the lines of one sign whose total is zero: nothing else adds up to it."""
    free = table.copy()
    emptied = []
    while True:
        rows = _one_sign(free, 1) & (margins.rows == 0)
        columns = _one_sign(free, 0) & (margins.columns == 0)
        if not rows.any() and not columns.any():
            break
        emptied += [margins.row_names[place] for place in np.flatnonzero(rows)]
        emptied += [margins.column_names[place] for place in np.flatnonzero(columns)]
        free[rows, :] = 0
        free[:, columns] = 0
    if not emptied:
        return free, ()
    return free, (f"a total of zero emptied {', '.join(emptied)}",)


def _one_sign(table: Floats, axis: int) -> np.ndarray:
    above, below = (table > 0).any(axis=axis), (table < 0).any(axis=axis)
    return np.asarray(above != below)


def _miss(values: Floats, totals: Floats, names: tuple[str, ...], axis: int) -> Miss:
    kind = "row" if axis else "column"
    error = np.where(np.isfinite(totals), values.sum(axis=axis) - totals, 0.0)
    place = int(np.abs(error).argmax())
    return Miss(kind, names[place], place, float(error[place]))


def _told(margins: Margins) -> tuple[str, ...]:
    notes = []
    unknown = int(np.isnan(margins.rows).sum() + np.isnan(margins.columns).sum())
    if unknown:
        notes.append(f"{unknown} totals are not known: their lines are not scaled")
    if margins.scaled:
        notes.append(
            f"the totals of rows exceed those of columns by {margins.gap:.6g}, within their "
            f"rounding ({margins.allowed:.3g}): the {margins.scaled} were scaled"
        )
    return tuple(notes)


def _matrix(table: Floats) -> Floats:
    known = np.asarray(table, dtype=np.float64)
    if known.ndim != 2 or not known.size:  # noqa: PLR2004 - a table has two dimensions
        raise Problem(Kind.BAD_INPUT, f"a table has rows and columns, not shape {known.shape}")
    wrong = np.argwhere(~np.isfinite(known))
    if len(wrong):
        row, column = (int(place) for place in wrong[0])
        raise Problem(
            Kind.BAD_INPUT,
            "a cell of the table to balance is no number",
            where=Where(row=row + 1, column=str(column + 1)),
            value=float(known[row, column]),
            remedy="write 0 where there is nothing",
        )
    return known


def _totals(rows: Floats, columns: Floats, table: Floats) -> tuple[Floats, Floats]:
    pair = np.asarray(rows, np.float64).ravel(), np.asarray(columns, np.float64).ravel()
    due = table.shape
    if (len(pair[0]), len(pair[1])) != due:
        raise Problem(
            Kind.BAD_INPUT,
            f"{len(pair[0])} row and {len(pair[1])} column totals for a table of "
            f"{due[0]} x {due[1]}",
            remedy="give one total a row and one a column",
        )
    return pair
