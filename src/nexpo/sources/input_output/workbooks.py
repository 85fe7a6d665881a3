"""Sheets of Excel workbooks as rows, their headers found under titles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from nexpo.core.problem import Where, bad_input
from nexpo.core.workbooks import opened

SEARCHED = 15
"""Rows of a sheet in which its header is looked for."""

IsHeader = Callable[[Sequence[str]], bool]


def workbook_headers(path: Path) -> Iterator[tuple[str, ...]]:
    """Yield the first rows of each sheet, as texts: a header may stand under a title."""
    with opened(path) as sheets:
        for sheet in sheets:
            for row in islice(sheet.rows(), SEARCHED):
                yield texts(row)


def workbook_rows(path: Path, sheet: str, is_header: IsHeader) -> Iterator[Sequence[Any]]:
    """Yield the rows of a sheet, from the header on: values as Excel last computed them.

    The header is looked for in the first rows of each sheet, under titles.

    Raises
    ------
    Problem
        When the file is no workbook, or no sheet has such a header.
    """
    with opened(path) as sheets:
        for each in sheets:
            if sheet and each.title != sheet:
                continue
            rows = each.rows()
            for row in islice(rows, SEARCHED):
                if row and is_header(texts(row) or ("",)):
                    yield row
                    yield from rows
                    return
        names = ", ".join(each.title for each in sheets)
    raise bad_input(
        "no sheet of the workbook has the header that this layout has",
        where=Where(str(path), 0),
        value=names,
        remedy="choose another --layout",
    )


def texts(row: Sequence[Any]) -> tuple[str, ...]:
    """Return the cells of a row as texts, without empty ones at its end."""
    found = ["" if cell is None else str(cell).strip() for cell in row]
    while found and not found[-1]:
        found.pop()
    return tuple(found)
