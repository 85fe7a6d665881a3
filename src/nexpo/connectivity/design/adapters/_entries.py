"""Takes keys from a mapping of a parameter file, and complains with file and key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from nexpo.connectivity.design.money.model import Chapter, Range
from nexpo.core.problem import Kind, Problem, Where

_CENTS = 100
_PERCENT = 100
_RANGE = 3


class Entries:
    """A mapping whose keys are taken one by one; what nobody asked for is refused."""

    def __init__(self, value: object, place: str) -> None:
        if not isinstance(value, Mapping):
            raise Problem(
                Kind.CONFIG, "a mapping of keys is expected", where=Where(place), value=value
            )
        self._left = {str(key): entry for key, entry in value.items()}
        self.place = place

    def has(self, key: str) -> bool:
        """Say whether a key is there with a value."""
        return self._left.get(key) is not None

    def take(self, key: str) -> object:
        """Return a value that must be there."""
        if not self.has(key):
            raise self.wrong(key, "the key is missing", None)
        return self._left.pop(key)

    def text(self, key: str) -> str:
        """Return a text that is not empty."""
        value = str(self.take(key)).strip()
        if not value:
            raise self.wrong(key, "the text is empty", value)
        return value

    def whole(self, key: str) -> int:
        """Return a whole number from 1 up."""
        value = self.take(key)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise self.wrong(key, "a whole number from 1 up is expected", value)
        return value

    def number(self, key: str) -> Fraction:
        """Return a number from 0 up, exactly as written."""
        return self._exact(key, self.take(key))

    def numbers(self, key: str) -> tuple[Fraction, ...]:
        """Return a list of numbers from 0 up."""
        return tuple(self._exact(key, value) for value in self._list(key))

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(str(value) for value in self._list(key))

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

    def section(self, key: str) -> Entries:
        """Return a mapping below."""
        return Entries(self.take(key), f"{self.place}, {key}")

    def sections(self, key: str) -> Iterator[tuple[str, Entries]]:
        """Yield the mappings below a key by name, in the file's order."""
        below = self.section(key)
        for name in below.names():
            yield name, below.section(name)

    def names(self) -> tuple[str, ...]:
        """Return the keys not yet taken."""
        return tuple(self._left)

    def nothing_else(self) -> None:
        """Refuse keys that nobody asked for: a typing error must not pass as silence."""
        for key, value in self._left.items():
            raise self.wrong(key, "unknown key", value)

    def wrong(self, key: str, detail: str, value: object) -> Problem:
        """Return the problem of a key."""
        return Problem(
            Kind.CONFIG,
            detail,
            where=Where(self.place, column=key),
            value=value,
            remedy="compare with the files that come with Nexpo under parameters/design",
        )

    def _range(self, key: str, factor: Fraction | int) -> Range:
        values = self.numbers(key)
        if len(values) != _RANGE or list(values) != sorted(values):
            shown = [float(value) for value in values]
            raise self.wrong(key, "three numbers are expected: low, mid, high", shown)
        low, mid, high = (value * factor for value in values)
        return Range(low, mid, high)

    def _list(self, key: str) -> list[object]:
        value = self.take(key)
        if not isinstance(value, list) or not value:
            raise self.wrong(key, "a list with at least one entry is expected", value)
        return value

    def _exact(self, key: str, value: object) -> Fraction:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(key, "a number is expected", value)
        exact = Decimal(str(value))
        if not exact.is_finite() or exact < 0:
            raise self.wrong(key, "a number from 0 up is expected", value)
        return Fraction(exact)
