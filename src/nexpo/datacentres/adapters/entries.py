"""Takes keys from a mapping of a rule file: what a pack holds beside plain values."""

from __future__ import annotations

import re
from datetime import date
from typing import Self

from nexpo.core.entries import Entries
from nexpo.core.period import parse_date
from nexpo.core.problem import Problem


class PackEntries(Entries):
    """Entries of a rule pack: days, events, and keys that may stand without a value."""

    remedy = "compare with the packs that come with Nexpo under parameters/datacentres/rules"

    def named(self, name: str) -> Self:
        """Return the same keys, of which complaints speak by a name."""
        return type(self)(self._left, self._file, name)

    def take_null(self, key: str) -> None:
        """Take a key that stands there without a value."""
        if key in self._left and self._left[key] is None:
            del self._left[key]

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

    def optional_whole(self, key: str) -> int | None:
        """Return a whole number from 0 up, None where the key is not there."""
        self.take_null(key)
        return self.whole(key) if key in self._left else None

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

    def _drop(self, key: str) -> str:
        self._left.pop(key, None)
        return ""
