"""The facts shipped with Nexpo: changes of municipalities, and new provinces.

ISTAT's codes are facts; each row names where it was seen and whether code and day were
checked against the primary text.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

from nexpo.core.evidence import Input
from nexpo.core.files import sha256_of
from nexpo.core.period import Period, parse_date
from nexpo.core.problem import Kind, Problem, Where
from nexpo.territory.model import Change, ChangeKind, Province

CHANGES, NEW_PROVINCES = "municipal_changes.csv", "new_provinces.csv"
_VINTAGE = "2020-01-01/2026-02-21"


@cache
def changes() -> tuple[Change, ...]:
    """Return every change of municipal_changes.csv."""
    return tuple(_change(row, number) for number, row in _rows(CHANGES))


@cache
def new_provinces() -> tuple[Province, ...]:
    """Return the provinces that ISTAT's packaged list does not have yet."""
    return tuple(
        Province(
            row["code"],
            row["name"],
            row["short"],
            row["region_code"],
            Period(parse_date(row["valid_from"])),
        )
        for _, row in _rows(NEW_PROVINCES)
    )


@cache
def inputs() -> tuple[Input, ...]:
    """Describe both files as evidence."""
    return tuple(
        Input("nexpo-territory", name, sha256_of(_path(name)), "CC BY 4.0", _VINTAGE, True)  # noqa: FBT003 - a record
        for name in (CHANGES, NEW_PROVINCES)
    )


def _path(name: str) -> Path:
    return Path(str(files("nexpo.territory").joinpath("data", name)))


def _rows(name: str) -> Iterator[tuple[int, dict[str, str]]]:
    with _path(name).open(encoding="utf-8", newline="") as stream:
        yield from enumerate(csv.DictReader(stream), 1)


def _change(row: dict[str, str], number: int) -> Change:
    try:
        return Change(
            day=parse_date(row["date"]) if row["date"] else None,
            kind=ChangeKind(row["kind"]),
            old_code=row["old_code"],
            new_code=row["new_code"],
            old_name=row["old_name"],
            new_name=row["new_name"],
            new_cadastral_code=row["new_cadastral_code"] or None,
            source=row["source"],
            verified=row["verified"] == "yes",
            note=row["note"],
        )
    except (Problem, ValueError) as error:
        raise Problem(
            Kind.CONFIG,
            f"a fact is wrong: {error.args[0]}",
            where=Where(CHANGES, number),
            value=",".join(row.values()),
        ) from None
