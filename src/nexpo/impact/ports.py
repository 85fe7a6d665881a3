"""What impact asks of the outside: a table, from wherever it comes."""

from __future__ import annotations

from typing import Protocol

from nexpo.impact.model import Table


class Tables(Protocol):
    """A place that has input-output tables, by area and year."""

    def table(self, area: str, year: int | None = None) -> Table:
        """Return the table of an area and year, balanced as its publisher left it.

        Raises
        ------
        Problem
            When there is none, naming the years that there are.
        """
        ...
