"""Margins of a table to balance: whether they agree, what a zero or a sign makes impossible.

Two sets of margins must add up to one total. Printed margins do so only to their rounding; how
far they may miss is judged by the decimals that each set is printed with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from nexpo.core.problem import Kind, Problem, Where
from nexpo.impact.deviation import decimals_of_unit, printed_unit
from nexpo.impact.model import Floats

Names = tuple[Sequence[str], Sequence[str]]
"""Names of rows and of columns."""

_COMPUTED = 1e-9  # relative gap allowed between totals that were reckoned, not printed
_ALIKE = 1e-9


class Reconcile(Enum):
    """Which margins give way where the totals differ by no more than their rounding."""

    COARSER = "coarser"  # those printed with fewer decimals; the columns where equal
    ROWS = "rows"
    COLUMNS = "columns"


@dataclass(frozen=True, slots=True)
class Printed:
    """How the margins are printed, and what gives way where their totals differ by rounding.

    Attributes
    ----------
    row_decimals, column_decimals
        Decimals the margins are printed with; read off the values where None.
    reconcile
        Which side is brought to the other's total. The gap is spread in proportion to the
        sizes of the margins.
    most_gap_share
        A gap above this share of the larger total is refused whatever the rounding.
    """

    row_decimals: int | None = None
    column_decimals: int | None = None
    reconcile: Reconcile = Reconcile.COARSER
    most_gap_share: float = 0.005


@dataclass(frozen=True, slots=True, eq=False)
class Margins:
    """Totals to meet, ``rows`` ``(m,)`` and ``columns`` ``(n,)``; NaN is a total not known.

    ``gap`` is what the given totals of rows exceed those of columns by, ``allowed`` what rounding
    explains; ``scaled`` names the side that was brought to the other's total, or is empty.
    """

    rows: Floats
    columns: Floats
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]
    gap: float = 0.0
    allowed: float = 0.0
    scaled: str = ""


def printed_decimals(values: Floats) -> int | None:
    """Return how many decimals the values are printed with, None where they are not rounded.

    Examples
    --------
    >>> printed_decimals(np.array([2705.0, 10.4])), printed_decimals(np.array([1 / 3]))
    (1, None)
    """
    return decimals_of_unit(printed_unit(values))


def agree(
    rows: Floats,
    columns: Floats,
    *,
    names: Names = ((), ()),
    printed: Printed | None = None,
) -> Margins:
    """Return margins with one total.

    Parameters
    ----------
    rows, columns
        ``(m,)`` and ``(n,)``; NaN where the total is not known.
    names
        Of rows and columns, for messages; positions from 1 otherwise.
    printed
        With which precision, and which side gives way.

    Raises
    ------
    Problem
        When the totals differ by more than their printed precision explains.
    """
    how = printed or Printed()
    named = (_named(names[0], len(rows), "row"), _named(names[1], len(columns), "column"))
    _refuse_infinite(rows, named[0])
    _refuse_infinite(columns, named[1])
    if np.isnan(rows).any() or np.isnan(columns).any():
        return Margins(rows, columns, *named)
    gap = float(rows.sum() - columns.sum())
    row_half = _rounding(rows, how.row_decimals)
    column_half = _rounding(columns, how.column_decimals)
    total = max(abs(float(rows.sum())), abs(float(columns.sum())), _ALIKE)
    scale = max(float(np.abs(rows).sum()), float(np.abs(columns).sum()))
    noise = _COMPUTED * scale
    allowed = max(row_half * len(rows) + column_half * len(columns), noise)
    if abs(gap) > allowed or (abs(gap) > noise and abs(gap) > how.most_gap_share * total):
        raise _apart(rows, columns, gap, min(allowed, max(noise, how.most_gap_share * total)))
    if not gap:
        return Margins(rows, columns, *named)
    side = _side(how.reconcile, row_half, column_half)
    told = side if abs(gap) > noise else ""
    if side == "rows":
        return Margins(_spread(rows, -gap), columns, *named, gap, allowed, told)
    return Margins(rows, _spread(columns, gap), *named, gap, allowed, told)


def refuse_impossible(positive: Floats, negative: Floats, margins: Margins) -> None:
    """Refuse a line whose entries cannot add up to its total, whatever the other lines do.

    Parameters
    ----------
    positive, negative
        ``(m, n)`` the entries above zero, and those below in absolute terms.

    Raises
    ------
    Problem
        Naming the row or column: zeros that should add up to something, entries of one sign
        that should add up to the other.
    """
    sides = (
        ("row", 1, margins.rows, margins.row_names),
        ("column", 0, margins.columns, margins.column_names),
    )
    for kind, axis, totals, names in sides:
        above = np.asarray(positive.any(axis=axis))
        below = np.asarray(negative.any(axis=axis))
        wrong = np.flatnonzero(((totals > 0) & ~above) | ((totals < 0) & ~below))
        if len(wrong):
            place = int(wrong[0])
            entries = "positive" if totals[place] < 0 else "negative"
            empty = not above[place] and not below[place]
            holds = "holds only zeros" if empty else f"has {entries} entries only"
            raise Problem(
                Kind.BAD_INPUT,
                f"the {kind} {names[place]} {holds}, and its total is {totals[place]:g}",
                where=line_of(kind, names[place], place),
                value=float(totals[place]),
                remedy="zeros stay zero and signs are kept: put an entry of the total's sign "
                "where trade is known to be, or correct the total",
            )


def less(margins: Margins, held: Floats) -> Margins:
    """Return what the totals leave over cells that keep their value, ``(m, n)``."""
    if not held.any():
        return margins
    return replace(
        margins,
        rows=margins.rows - held.sum(axis=1),
        columns=margins.columns - held.sum(axis=0),
    )


def impossible(kind: str, name: str, place: int, miss: float, total: float) -> Problem:
    """Return the problem of margins that the zeros and signs of the table do not let it meet."""
    return Problem(
        Kind.BAD_INPUT,
        f"no table with these zeros and signs has these margins: the {kind} {name} misses its "
        f"total {total:g} by {abs(miss):g}",
        where=line_of(kind, name, place),
        value=total,
        remedy="correct this total, or put an entry where trade is known to be: zeros stay zero",
    )


def line_of(kind: str, name: str, place: int) -> Where:
    """Return the place of a row or column, for messages."""
    return Where(row=place + 1) if kind == "row" else Where(column=name)


def _named(names: Sequence[str], count: int, kind: str) -> tuple[str, ...]:
    if names and len(names) != count:
        raise Problem(
            Kind.BAD_INPUT, f"{len(names)} {kind} names for {count} {kind} totals", value=names[0]
        )
    return tuple(names) or tuple(str(place) for place in range(1, count + 1))


def _refuse_infinite(values: Floats, names: tuple[str, ...]) -> None:
    endless = np.flatnonzero(np.isinf(values))
    if len(endless):
        raise Problem(
            Kind.BAD_INPUT,
            f"the total of {names[endless[0]]} is no number",
            value=float(values[endless[0]]),
        )


def _rounding(values: Floats, decimals: int | None) -> float:
    """Return half a unit of the last printed decimal, 0 for what is not rounded."""
    found = printed_decimals(values) if decimals is None else decimals
    return 0.0 if found is None else 0.5 * 10.0**-found


def _side(reconcile: Reconcile, row_half: float, column_half: float) -> str:
    if reconcile is Reconcile.COARSER:
        return "rows" if row_half > column_half else "columns"
    return str(reconcile.value)


def _spread(values: Floats, gap: float) -> Floats:
    sizes = np.abs(values)
    found: Floats = values + gap * sizes / sizes.sum()
    return found


def _apart(rows: Floats, columns: Floats, gap: float, allowed: float) -> Problem:
    return Problem(
        Kind.BAD_INPUT,
        f"the row totals add up to {rows.sum():,.10g}, the column totals to "
        f"{columns.sum():,.10g}: {abs(gap):,.6g} apart, where their rounding explains "
        f"{allowed:,.3g}",
        value=gap,
        remedy="correct the margins, or leave one unknown (an empty cell) and it follows",
    )
