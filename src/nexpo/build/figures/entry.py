"""A place in the ledger of a build, where figures are entered under its code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from nexpo.core.evidence import Figure, Ledger, Value


@dataclass(frozen=True)
class Entry:
    """Where figures are entered: the ledger, the day and the place."""

    ledger: Ledger
    day: date
    place: str
    suffix: str = ""

    def observe(
        self, name: str, title: str, value: Value, unit: str, function: str, **fields: object
    ) -> Figure:
        """Enter a figure that was read or counted."""
        return self.ledger.observe(
            id=name + self.suffix,
            title=title,
            value=value,
            unit=unit,
            as_of=self.day,
            place=self.place,
            function=function,
            **fields,
        )

    def derive(
        self,
        name: str,
        title: str,
        unit: str,
        function: str,
        expression: str,
        operands: Mapping[str, Figure],
        **fields: object,
    ) -> Figure:
        """Enter a figure computed from others."""
        return self.ledger.derive(
            id=name + self.suffix,
            title=title,
            unit=unit,
            as_of=self.day,
            place=self.place,
            function=function,
            expression=expression,
            operands=operands,
            **fields,
        )

    def at(self, code: str) -> Entry:
        """Return the entry of a province or municipality."""
        return Entry(self.ledger, self.day, code, f"/{code}")
