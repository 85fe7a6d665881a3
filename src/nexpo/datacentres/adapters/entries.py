"""Takes keys from a mapping of a rule file, and complains with file, record and key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import TypeVar

from nexpo.core.period import parse_date
from nexpo.core.problem import Kind, Problem, Where

_E = TypeVar("_E", bound=Enum)


class Entries:
    """A mapping whose keys are taken one by one; what nobody asked for is refused."""

    def __init__(self, value: object, file: str, place: str = "") -> None:
        self._file, self._place = file, place
        if not isinstance(value, Mapping):
            raise Problem(
                Kind.CONFIG,
                "a mapping of keys is expected",
                where=Where(file, column=place or None),
                value=value,
            )
        self._left = {str(key): entry for key, entry in value.items()}

    def named(self, name: str) -> Entries:
        """Return the same keys, of which complaints speak by a name."""
        return Entries(self._left, self._file, name)

    def has(self, key: str) -> bool:
        """Say whether a key is there with a value."""
        return self._left.get(key) is not None

    def take(self, key: str) -> object:
        """Return a value that must be there."""
        if not self.has(key):
            raise self.wrong(key, "the key is missing", None)
        return self._left.pop(key)

    def take_null(self, key: str) -> None:
        """Take a key that stands there without a value."""
        if key in self._left and self._left[key] is None:
            del self._left[key]

    def text(self, key: str) -> str:
        """Return a text that is not empty."""
        value = self.take(key)
        if isinstance(value, Mapping | list) or not str(value).strip():
            raise self.wrong(key, "a text is expected", value)
        return str(value).strip()

    def optional_text(self, key: str) -> str:
        """Return a text, empty where the key is not there."""
        self.take_null(key)
        return self.text(key) if key in self._left and str(self._left[key]) else self._drop(key)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty where the key is not there."""
        self.take_null(key)
        if key not in self._left:
            return ()
        found = self.list(key)
        if any(not isinstance(each, str) for each in found):
            raise self.wrong(key, "a list of texts is expected: write codes in quotes", found)
        return tuple(str(each) for each in found)

    def list(self, key: str) -> list[object]:
        """Return a list."""
        value = self.take(key)
        if not isinstance(value, list):
            raise self.wrong(key, "a list is expected", value)
        return value

    def whole(self, key: str) -> int:
        """Return a whole number from 0 up."""
        value = self.take(key)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self.wrong(key, "a whole number from 0 up is expected", value)
        return value

    def optional_whole(self, key: str) -> int | None:
        """Return a whole number from 0 up, None where the key is not there."""
        self.take_null(key)
        return self.whole(key) if key in self._left else None

    def flag(self, key: str) -> bool:
        """Return true or false."""
        value = self.take(key)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false is expected", value)
        return value

    def day(self, key: str) -> date:
        """Return a day."""
        found = self.day_or_text(key)
        if not isinstance(found, date):
            raise self.wrong(key, "a day is expected: YYYY-MM-DD", found)
        return found

    def day_or_text(self, key: str) -> date | str | None:
        """Return a day, or the name of an event; None where the key is not there."""
        self.take_null(key)
        if key not in self._left:
            return None
        value = self.take(key)
        try:
            return parse_date(value)
        except Problem:
            if re.fullmatch(r"[a-z][a-z0-9-]*", str(value)):
                return str(value)
            raise self.wrong(key, "a day or the id of an event is expected", value) from None

    def yearly(self, key: str) -> str | None:
        """Return a day of each year as MM-DD; None where the key is not there."""
        text = self.optional_text(key)
        if not text:
            return None
        try:
            date.fromisoformat(f"2025-{text}")
        except ValueError:
            raise self.wrong(key, "a day of the year is expected: 'MM-DD'", text) from None
        return text

    def member(self, key: str, kind: type[_E]) -> _E:
        """Return a member of an enumeration by its word."""
        value = self.take(key)
        try:
            return kind(value)
        except ValueError:
            known = ", ".join(str(each.value) for each in kind)
            raise self.wrong(key, f"one of {known} is expected", value) from None

    def section(self, key: str) -> Entries:
        """Return a mapping below."""
        place = f"{self._place}.{key}" if self._place else key
        return Entries(self.take(key), self._file, place)

    def nothing_else(self) -> None:
        """Refuse keys that nobody asked for: a typing error must not pass as silence."""
        for key, value in self._left.items():
            raise self.wrong(key, "unknown key", value)

    def where(self, key: str) -> Where:
        """Return where a key stands."""
        return Where(self._file, column=f"{self._place}.{key}" if self._place else key)

    def wrong(self, key: str, detail: str, value: object) -> Problem:
        """Return the problem of a key."""
        return Problem(
            Kind.CONFIG,
            detail,
            where=self.where(key),
            value=value,
            remedy="compare with the packs that come with Nexpo under parameters/datacentres/rules",
        )

    def _drop(self, key: str) -> str:
        self._left.pop(key, None)
        return ""
