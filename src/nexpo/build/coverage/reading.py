"""Declarations in any published layout to the declared one.

Readers are imported where they are used: a file that is already in the declared layout is
classified without them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

from nexpo.core.files import atomic_path
from nexpo.core.ingest import Dialect, Reading


def canonical(
    path: Path, folder: Path, dialect: Dialect, day: date, rejects: Path | None = None
) -> Reading:
    """Return the declarations as Parquet in the declared layout, each value checked."""
    from nexpo.sources import declarations as declared
    from nexpo.sources import places

    target = folder / f"{path.stem}.parquet"
    reading = declared.to_canonical(
        path, target, dialect, codes=codes_on(day), locate=places.names_on(day)
    )
    if reading.rejects is not None and rejects is not None:
        with atomic_path(rejects) as part:
            part.write_bytes(reading.rejects.read_bytes())
        return _moved(reading, rejects)
    return reading


def codes_on(day: date) -> Callable[[str], str | None] | None:
    """Return what makes ended municipal codes those of the day; others stay as they are."""
    from nexpo import territory
    from nexpo.sources import places

    if day < territory.FIRST_DAY:
        return None
    translate, known = places.codes_on(day), territory.codes()

    def current(code: str) -> str | None:
        return translate(code) if code in known else code

    return current


def _moved(reading: Reading, rejects: Path) -> Reading:
    return replace(reading, rejects=rejects)
