"""What every reader of an input-output table returns, and what all of them refuse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nexpo.core.problem import Where, bad_input

Floats = NDArray[np.float64]
_SHOWN = 5


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A quantity by sector beside the money; NaN where it is not known."""

    indicator: str
    unit: str
    values: Floats
    year: int
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """An input-output table as it was read: arrays, codes, and kinds as plain words.

    Attributes
    ----------
    key
        Source in the directory, or empty where the file itself states source and licence.
    scope
        ``domestic`` or ``total`` (domestic and imported together).
    scale
        Currency units in one unit of the table.
    flows, imports
        ``(n, n)`` row sells to column.
    final, final_imports
        ``(n, k)``; ``use_kinds`` are the words of ``nexpo.impact.model.Use``.
    primary, primary_final
        ``(p, n)`` and ``(p, k)``; ``primary_kinds`` are the words of ``Primary``.
    """

    name: str
    key: str
    area: str
    year: int
    currency: str
    scale: int
    basis: str
    classification: str
    scope: str
    sectors: tuple[str, ...]
    labels: tuple[str, ...]
    regions: tuple[str, ...]
    flows: Floats
    output: Floats
    uses: tuple[str, ...]
    use_kinds: tuple[str, ...]
    final: Floats
    primary_rows: tuple[str, ...]
    primary_kinds: tuple[str, ...]
    primary: Floats
    imports: Floats | None = None
    final_imports: Floats | None = None
    primary_final: Floats | None = None
    import_total: Floats | None = None
    satellites: tuple[Series, ...] = ()
    source: str = ""
    licence: str = ""
    redistributable: bool = False
    synthetic: bool = False
    notes: tuple[str, ...] = ()


def refuse_doubles(path: Path, codes: Sequence[str], rows: Sequence[int], what: str) -> None:
    """Refuse a code that stands twice, naming both rows.

    Examples
    --------
    >>> refuse_doubles(Path("a.csv"), ["A", "B", "A"], [1, 2, 3], "sector")
    Traceback (most recent call last):
    nexpo.core.problem.Problem: the sector stands twice: rows 1 and 3...
    """
    first: dict[str, int] = {}
    for code, row in zip(codes, rows, strict=True):
        if code in first:
            places = f": rows {first[code]} and {row}" if row else ""
            raise bad_input(
                f"the {what} stands twice{places}",
                where=Where(str(path), row or None),
                value=code,
                remedy="each code stands once: delete the copy, or tell the two apart",
            )
        first[code] = row


def order(
    path: Path, wanted: Sequence[str], codes: Sequence[str], rows: Sequence[int], what: str
) -> list[int]:
    """Return the position of each wanted code among those found, which must be the same ones.

    Parameters
    ----------
    wanted
        Codes in the table's order, as the columns state them.
    codes, rows
        Codes of the rows found, and where in the file they stand.

    Raises
    ------
    Problem
        For a code that stands twice, one that no column has (with the nearest), and one that
        has no row: the file is cut.

    Examples
    --------
    >>> order(Path("a.csv"), ["A", "B"], ["B", "A"], [1, 2], "sector")
    [1, 0]
    """
    refuse_doubles(path, codes, rows, what)
    known = set(wanted)
    for code, row in zip(codes, rows, strict=True):
        if code not in known:
            raise unknown_code(path, code, wanted, row=row, what=what)
    place = {code: position for position, code in enumerate(codes)}
    missing = [code for code in wanted if code not in place]
    if missing:
        raise bad_input(
            f"{len(missing)} of {len(wanted)} codes ({what}) have a column and no row",
            where=Where(str(path), max(rows, default=0) or None),
            value=shown(missing),
            remedy="the file seems to be cut: fetch it again",
        )
    return [place[code] for code in wanted]


def unknown_code(
    path: Path,
    code: str,
    known: Sequence[str],
    *,
    what: str,
    row: int | None = None,
    column: str | None = None,
) -> Exception:
    """Return the problem of a code that is not known, with the nearest ones."""
    near = get_close_matches(code, list(known), n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"known: {shown(known)}"
    return bad_input(
        f"unknown {what}", where=Where(str(path), row or None, column), value=code, remedy=hint
    )


def shown(codes: Sequence[str]) -> str:
    """Return a few codes as text.

    Examples
    --------
    >>> shown(["A", "B"]), shown(list("ABCDEFG"))
    ('A, B', 'A, B, C, D, E and 2 more')
    """
    more = len(codes) - _SHOWN
    return ", ".join(codes[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def year_of(path: Path, years: Sequence[int], wanted: int | None) -> int:
    """Return the year to read: the one asked for, or the only one there is.

    Raises
    ------
    Problem
        When the year is not in the file, or must be chosen.
    """
    listed = sorted(set(years))
    if wanted is None and len(listed) == 1:
        return listed[0]
    if wanted in listed:
        return wanted
    span = ", ".join(map(str, listed)) or "none"
    raise bad_input(
        "the file holds more than one year" if wanted is None else "the file has no such year",
        where=Where(str(path)),
        value=wanted,
        remedy=f"choose with --year; it has: {span}",
    )
