"""Unit-cost files: dated YAML, one chapter of a bill a file, each price with range and source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from nexpo.connectivity.design.adapters._entries import MoneyEntries
from nexpo.connectivity.design.money.model import Chapter, UnitCost, UnitCosts
from nexpo.core import parameters
from nexpo.core.problem import Kind, Problem, Where
from nexpo.core.settings import parameters_directory

_FOLDER = Path("design") / "unit-costs"


def load_unit_costs(
    day: date, *, own: Sequence[Path] = (), folder: Path | None = None
) -> UnitCosts:
    """Load the unit costs in force on a day.

    Parameters
    ----------
    day
        The day for which prices hold.
    own
        Price files of the caller's, of the same form; an item in a later file takes the place
        of one in an earlier, so that a region's price list needs to hold only what it prices.
    folder
        Where the library lies; that which comes with Nexpo by default.

    Raises
    ------
    Problem
        ``CONFIG`` naming file and key: no price on that day, a range that falls, a fraction of
        a cent, an item twice in the library, no source.

    Examples
    --------
    >>> prices = load_unit_costs(date(2026, 1, 1))
    >>> item = prices["trench.asphalt"]
    >>> item.unit, [str(item.cents.at(level)) for level in ("low", "mid", "high")]
    ('m', ['2300', '4500', '7500'])
    """
    library = sorted((folder or parameters_directory() / _FOLDER).glob("*.yaml"))
    if not library:
        raise Problem(
            Kind.CONFIG,
            "the unit-cost library holds no file",
            where=Where(str(folder or parameters_directory() / _FOLDER)),
            remedy="name a folder with at least one price file",
        )
    items: dict[str, UnitCost] = {}
    uses: list[parameters.Use] = []
    added: list[str] = []
    for path in (*library, *own):
        parameter = parameters.load(path)
        for item in _items(parameter, day, path):
            if item.code in items and path in library:
                raise _twice(item, items[item.code])
            if item.code not in items and path not in library:
                added.append(item.code)
            items[item.code] = item
        uses.append(parameter.use(day))
    files = tuple(path.name for path in (*library, *own))
    return UnitCosts(items, tuple(uses), files, tuple(added))


def _items(parameter: parameters.Parameter, day: date, path: Path) -> Iterator[UnitCost]:
    version = parameter.version_on(day)
    origin = f"{path.name}: version of {version.period.start}"
    entries = MoneyEntries(version.value, origin)
    chapter = entries.chapter("chapter", entries.text("chapter"))
    for code, item in entries.sections("items"):
        yield _item(code, chapter, item, f"{origin}, items, {code}")
    entries.nothing_else()


def _item(code: str, chapter: Chapter, entries: MoneyEntries, origin: str) -> UnitCost:
    rate = entries.has("percent")
    of = entries.texts("of") if rate else ()
    item = UnitCost(
        code=code,
        chapter=chapter,
        english=entries.text("en"),
        italian=entries.text("it"),
        unit=entries.text("unit"),
        cents=entries.percent_as_cents("percent") if rate else entries.cents("eur"),
        source=entries.text("source"),
        origin=origin,
        of=frozenset(entries.chapter("of", name) for name in of),
    )
    entries.nothing_else()
    return item


def _twice(item: UnitCost, earlier: UnitCost) -> Problem:
    return Problem(
        Kind.CONFIG,
        f"{item.code} is priced twice",
        where=Where(item.origin),
        value=earlier.origin,
        remedy="keep one of the two; a list of your own is named beside the library, not in it",
    )
