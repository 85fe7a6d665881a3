"""Takes keys from a mapping of a file, one by one, and complains with file, key and value."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import ClassVar, Self, TypeVar

from nexpo.core.problem import Kind, Problem, Where

_E = TypeVar("_E", bound=Enum)


class Entries:
    """A mapping whose keys are taken one by one; what nobody asked for is refused.

    Parameters
    ----------
    value
        What stands in the file; refused when it is no mapping.
    file
        The file, in words for a reader.
    place
        Where the mapping stands in it: the keys above, with dots between.

    Raises
    ------
    Problem
        ``CONFIG``, with the place of the key, from every method that returns a value.

    Examples
    --------
    >>> found = Entries({"title": "fibre", "sizes": {"least": 12}}, "cables.yaml")
    >>> found.text("title"), found.section("sizes").whole("least")
    ('fibre', 12)
    >>> found.nothing_else()
    """

    remedy: ClassVar[str | None] = None
    """What to do about any wrong entry; said by the class of a kind of file."""

    def __init__(self, value: object, file: str, place: str = "") -> None:
        self._file, self._place = file, place
        if not isinstance(value, Mapping):
            where = Where(file, column=place or None)
            raise Problem(Kind.CONFIG, "a mapping of keys is expected", where=where, value=value)
        self._left = {str(key): entry for key, entry in value.items()}

    def has(self, key: str) -> bool:
        """Say whether a key is there with a value."""
        return self._left.get(key) is not None

    def names(self) -> tuple[str, ...]:
        """Return the keys not yet taken, in the file's order."""
        return tuple(self._left)

    def take(self, key: str) -> object:
        """Return a value that must be there."""
        if not self.has(key):
            raise self.wrong(key, "the key is missing", None)
        return self._left.pop(key)

    def text(self, key: str) -> str:
        """Return a text that is not empty."""
        value = self.take(key)
        if isinstance(value, Mapping | list):
            raise self.wrong(key, "a text is expected", value)
        text = str(value).strip()
        if not text:
            raise self.wrong(key, "the text is empty", value)
        return text

    def list(self, key: str) -> list[object]:
        """Return a list."""
        value = self.take(key)
        if not isinstance(value, list):
            raise self.wrong(key, "a list is expected", value)
        return value

    def whole(self, key: str, least: int = 0) -> int:
        """Return a whole number, at least this one."""
        value = self.take(key)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise self.wrong(key, f"a whole number from {least} up is expected", value)
        return value

    def flag(self, key: str) -> bool:
        """Return true or false."""
        value = self.take(key)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false is expected", value)
        return value

    def member(self, key: str, kind: type[_E]) -> _E:
        """Return a member of an enumeration by its word."""
        value = self.take(key)
        try:
            return kind(value)
        except ValueError:
            known = ", ".join(str(each.value) for each in kind)
            raise self.wrong(key, f"one of {known} is expected", value) from None

    def section(self, key: str) -> Self:
        """Return the mapping below a key."""
        return self.below(key, self.take(key))

    def below(self, name: str, value: object) -> Self:
        """Return a mapping that stands below, under this name."""
        return type(self)(value, self._file, self._column(name))

    def nothing_else(self) -> None:
        """Refuse keys that nobody asked for: a typing error must not pass as silence."""
        for key, value in self._left.items():
            raise self.wrong(key, "unknown key", value)

    def where(self, key: str) -> Where:
        """Return where a key stands."""
        return Where(self._file, column=self._column(key))

    def wrong(self, key: str, detail: str, value: object) -> Problem:
        """Return the problem of a key."""
        return Problem(Kind.CONFIG, detail, where=self.where(key), value=value, remedy=self.remedy)

    def _column(self, key: str) -> str:
        return f"{self._place}.{key}" if self._place else key
