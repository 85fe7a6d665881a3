"""Takes keys from a mapping of a parameter file: exact numbers, and ranges of money."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Self

from nexpo.connectivity.design.money.model import Chapter, Range
from nexpo.core.entries import Entries

_CENTS = 100
_PERCENT = 100
_RANGE = 3


class MoneyEntries(Entries):
    """Entries of prices, shares and lives."""

    remedy = "compare with the files that come with Nexpo under parameters/design"

    def number(self, key: str) -> Fraction:
        """Return a number from 0 up, exactly as written."""
        return self._exact(key, self.take(key))

    def numbers(self, key: str) -> tuple[Fraction, ...]:
        """Return a list of numbers from 0 up."""
        return tuple(self._exact(key, value) for value in self._filled(key))

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(str(value) for value in self._filled(key))

    def cents(self, key: str) -> Range:
        """Return a range of euros as cents."""
        return self._range(key, _CENTS)

    def percent(self, key: str) -> Range:
        """Return a range of per cent as shares."""
        return self._range(key, Fraction(1, _PERCENT))

    def percent_as_cents(self, key: str) -> Range:
        """Return a range of per cent as cents a euro."""
        return self._range(key, 1)

    def chapter(self, key: str, name: str) -> Chapter:
        """Return the chapter of a name found under a key."""
        try:
            return Chapter(name)
        except ValueError:
            known = ", ".join(chapter.value for chapter in Chapter)
            raise self.wrong(key, f"a chapter is one of {known}", name) from None

    def sections(self, key: str) -> Iterator[tuple[str, Self]]:
        """Yield the mappings below a key by name, in the file's order."""
        below = self.section(key)
        for name in below.names():
            yield name, below.section(name)

    def _range(self, key: str, factor: Fraction | int) -> Range:
        values = self.numbers(key)
        if len(values) != _RANGE or list(values) != sorted(values):
            shown = [float(value) for value in values]
            raise self.wrong(key, "three numbers are expected: low, mid, high", shown)
        low, mid, high = (value * factor for value in values)
        return Range(low, mid, high)

    def _filled(self, key: str) -> list[object]:
        value = self.list(key)
        if not value:
            raise self.wrong(key, "a list with at least one entry is expected", value)
        return value

    def _exact(self, key: str, value: object) -> Fraction:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(key, "a number is expected", value)
        exact = Decimal(str(value))
        if not exact.is_finite() or exact < 0:
            raise self.wrong(key, "a number from 0 up is expected", value)
        return Fraction(exact)
