"""Files of criteria (directions, weights, bounds, preferences) and of paired judgements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nexpo.core.parameters import read_yaml
from nexpo.core.problem import Where, bad_input
from nexpo.datacentres.adapters.decision_files import read_table, read_text
from nexpo.datacentres.siting import wording
from nexpo.datacentres.siting.decision import Direction, Floats, Preference


@dataclass(frozen=True, slots=True)
class Said:
    """What a file says of a criterion; None where it says nothing."""

    name: str
    direction: Direction | None = None
    weight: float | None = None
    low: float | None = None
    high: float | None = None
    target: float | None = None
    preference: Preference | None = None
    unit: str = ""


def read_criteria(path: Path) -> tuple[Said, ...]:
    """Read a file of criteria, CSV or YAML.

    CSV has the columns ``name`` (or ``criterion``), and any of ``direction``, ``weight``,
    ``low``, ``high``, ``target``, ``preference``, ``unit``. YAML has the same keys under
    ``criteria:``, as a list with ``name`` or a mapping by name (to the keys, or to a weight).

    Raises
    ------
    Problem
        Naming file, row and column (or key) of what cannot be used.
    """
    if path.suffix.lower() in {".yaml", ".yml"}:
        entries = _yaml_entries(path)
    else:
        frame = read_text(path)
        frame = frame.rename({"criterion": "name"} if "criterion" in frame.columns else {})
        entries = list(frame.iter_rows(named=True))
    said = tuple(_said(entry, path, row) for row, entry in enumerate(entries, 1))
    names = [each.name for each in said]
    for row, name in enumerate(names, 1):
        if name in names[: row - 1]:
            raise bad_input("the criterion stands twice", where=Where(str(path), row), value=name)
    return said


def _yaml_entries(path: Path) -> list[dict[str, Any]]:
    document = read_yaml(path)
    content: Any = document.get("criteria", document)
    if isinstance(content, Mapping):
        content = [
            {"name": name, **(entry if isinstance(entry, Mapping) else {"weight": entry})}
            for name, entry in content.items()
        ]
    if not isinstance(content, list) or not all(isinstance(each, Mapping) for each in content):
        raise bad_input(
            "the file lists no criteria",
            where=Where(str(path), column="criteria"),
            value=content,
            remedy="write a list under criteria:, each entry with a name",
        )
    return [dict(each) for each in content]


def _said(entry: Mapping[str, Any], path: Path, row: int) -> Said:
    known = ("name", *Said.__dataclass_fields__)
    for key in entry:
        if key not in known:
            raise bad_input(
                "unknown column of a file of criteria",
                where=Where(str(path), row, key),
                value=key,
                remedy=f"one of {', '.join(Said.__dataclass_fields__)}",
            )
    text = {key: "" if value is None else str(value).strip() for key, value in entry.items()}
    if not text.get("name"):
        raise bad_input(
            "a criterion has no name",
            where=Where(str(path), row, "name"),
            remedy="name the column of the table",
        )

    def at(key: str) -> Where:
        return Where(str(path), row, key)

    def number(key: str) -> float | None:
        return wording.number(text[key], at(key)) if text.get(key) else None

    return Said(
        name=text["name"],
        direction=wording.direction(text["direction"], at("direction"))
        if text.get("direction")
        else None,
        weight=number("weight"),
        low=number("low"),
        high=number("high"),
        target=number("target"),
        preference=wording.preference(text["preference"], at("preference"))
        if text.get("preference")
        else None,
        unit=text.get("unit", ""),
    )


def read_pairs(path: Path, names: Sequence[str]) -> Floats:
    """Read a matrix of paired comparisons: a header of criteria, a row each, 1/3 understood.

    Raises
    ------
    Problem
        Naming row, column and value; or a criterion that the table does not have.
    """
    table = read_table(path)
    for name in (*table.columns, *table.ids):
        if name not in names:
            raise wording.unknown_criterion(name, names, Where(str(path)))
    found = np.empty((len(names), len(names)))
    for one in names:
        for other in names:
            if one not in table.ids or other not in table.columns:
                missing = one if one not in table.ids else other
                raise bad_input(
                    "a criterion is not compared", where=Where(str(path)), value=missing
                )
            row = table.ids.index(one)
            above, _, below = str(table.frame[other][row]).partition("/")
            where = Where(str(path), row + 1, other)
            share = wording.number(below, where) if below else 1.0
            found[names.index(one), names.index(other)] = wording.number(above, where) / share
    return found
