"""What a table in the template says, block by block, and a table made of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nexpo.core.problem import Where, bad_input
from nexpo.sources.input_output.areas import same_area
from nexpo.sources.input_output.blocks import Blocks, Floats, Series, unknown_code, year_of
from nexpo.sources.input_output.kinds import (
    PRIMARY,
    USES,
    means_imports,
    primary_kind,
    use_kind,
)
from nexpo.sources.text_tables.names import plain

VALUE_ADDED = ("value_added", "compensation", "surplus", "production_tax")
_NEEDED = ("area", "year", "currency", "scale", "basis", "scope")
_ABOUT = (
    *_NEEDED,
    "name",
    "classification",
    "source",
    "licence",
    "redistributable",
    "synthetic",
)
_SCALES = {"units": 1, "thousands": 1_000, "millions": 1_000_000, "billions": 1_000_000_000}
_ALLOWED = {"basis": ("basic", "purchaser"), "scope": ("domestic", "total")}
_YES = {"yes": True, "no": False, "true": True, "false": False, "": False}


@dataclass(frozen=True, slots=True)
class Row:
    """A row under the flows or beside them: its words and its place."""

    code: str
    label: str
    kind: str
    row: int


@dataclass(slots=True)
class Parts:
    """A table in the template, taken apart; arrays have the columns of ``sectors`` and ``uses``."""

    about: dict[str, tuple[str, int]] = field(default_factory=dict)
    uses: list[Row] = field(default_factory=list)
    sectors: list[Row] = field(default_factory=list)
    flows: Floats | None = None  # (n, n + k)
    imports: Floats | None = None  # (n, n + k)
    primary: list[Row] = field(default_factory=list)
    primary_values: Floats | None = None  # (p, n + k)
    output: Floats | None = None
    import_total: Floats | None = None
    satellites: list[Row] = field(default_factory=list)
    satellite_values: Floats | None = None  # (s, n), NaN where empty
    notes: list[str] = field(default_factory=list)


def note_fact(path: Path, parts: Parts, key: str, value: str, row: int) -> None:
    """Keep a fact about the table; refuse one that is unknown or contradicts another.

    Raises
    ------
    Problem
        Two currencies, two price bases; a key that the template does not have.
    """
    name = plain(key)
    if name not in _ABOUT:
        raise unknown_code(path, key, _ABOUT, what="fact about the table", row=row)
    before = parts.about.get(name)
    if before is not None and before[0] != value:
        what = {"currency": "two currencies", "basis": "two price bases"}.get(
            name, f"two of {name}"
        )
        raise bad_input(
            f"the table has {what}: {before[0]} in row {before[1]}, {value} in row {row}",
            where=Where(str(path), row, name),
            value=value,
            remedy="bring all amounts to one before the table is read",
        )
    parts.about[name] = (value, row)


def assemble(path: Path, parts: Parts, *, year: int | None, area: str) -> Blocks:
    """Return the table, once every block is known to be whole."""
    facts = _facts(path, parts)
    if parts.flows is None or not parts.sectors:
        raise bad_input(
            "the table has no flows",
            where=Where(str(path)),
            remedy="one row a sector with block flows; `nexpo impact table template` shows it",
        )
    n = len(parts.sectors)
    stated = year_of(path, [int(facts["year"])], year)
    if area and not same_area(area, facts["area"]):
        raise bad_input(
            "the table is of another area",
            where=Where(str(path), parts.about["area"][1], "area"),
            value=area,
            remedy=f"it says {facts['area']}",
        )
    output, notes = parts.output, list(parts.notes)
    if output is None:
        output = parts.flows.sum(axis=1)
        if facts["scope"] == "total" and parts.import_total is not None:
            output = output - parts.import_total
        notes.append("output is the sum of a row's uses: none is stated")
    p = len(parts.primary)
    below = parts.primary_values if parts.primary_values is not None else np.empty((0, n))
    codes = tuple(row.code for row in parts.sectors)
    return Blocks(
        name=facts.get("name") or path.name,
        key="",
        area=facts["area"],
        year=stated,
        currency=facts["currency"],
        scale=int(facts["scale"]),
        basis=facts["basis"],
        classification=facts.get("classification") or "not stated",
        scope=facts["scope"],
        sectors=codes,
        labels=tuple(row.label or row.code for row in parts.sectors),
        regions=tuple(_region(code, facts["area"]) for code in codes),
        flows=parts.flows[:, :n],
        output=output,
        uses=tuple(row.code for row in parts.uses),
        use_kinds=tuple(row.kind for row in parts.uses),
        final=parts.flows[:, n:],
        primary_rows=tuple(row.code for row in parts.primary),
        primary_kinds=tuple(_primary_kind(path, row) for row in parts.primary),
        primary=below[:, :n],
        imports=None if parts.imports is None else parts.imports[:, :n],
        final_imports=None if parts.imports is None else parts.imports[:, n:],
        primary_final=below[:, n:] if p and below[:, n:].any() else None,
        import_total=parts.import_total,
        satellites=_satellites(parts, stated),
        source=facts.get("source") or "not stated",
        licence=facts.get("licence") or "none stated",
        redistributable=_YES.get(facts.get("redistributable", "").casefold(), False),
        synthetic=_YES.get(facts.get("synthetic", "").casefold(), False),
        notes=tuple(notes),
    )


def use_row(path: Path, row: Row) -> Row:
    """Return a final use with its kind, from the word or from its name.

    Raises
    ------
    Problem
        When neither says what it is.
    """
    kind = plain(row.kind) if row.kind else (use_kind(row.code) or use_kind(row.label) or "")
    if kind not in USES:
        raise bad_input(
            "it is not said what this final use is"
            if not row.kind
            else "unknown kind of final use",
            where=Where(str(path), row.row, "kind"),
            value=row.kind or row.code,
            remedy=f"a row with block use and kind one of {', '.join(USES)}",
        )
    return Row(row.code, row.label, kind, row.row)


def _primary_kind(path: Path, row: Row) -> str:
    kind = (
        plain(row.kind) if row.kind else (primary_kind(row.code) or primary_kind(row.label) or "")
    )
    if kind not in PRIMARY:
        raise bad_input(
            "it is not said what this primary row is" if not row.kind else "unknown kind of row",
            where=Where(str(path), row.row, "kind"),
            value=row.kind or row.code,
            remedy=f"kind is one of {', '.join(PRIMARY)}",
        )
    if kind in VALUE_ADDED and (means_imports(row.code) or means_imports(row.label)):
        raise bad_input(
            "imports are never value added",
            where=Where(str(path), row.row, "kind"),
            value=f"{row.code} ({row.label}) as {kind}" if row.label else f"{row.code} as {kind}",
            remedy="give the row the kind imports, or rename it if it holds none",
        )
    return kind


def _facts(path: Path, parts: Parts) -> dict[str, str]:
    missing = [key for key in _NEEDED if not parts.about.get(key, ("", 0))[0]]
    if missing:
        raise bad_input(
            f"the table does not say its {', '.join(missing)}",
            where=Where(str(path), None, "about"),
            remedy=f"a row about,{missing[0]},... for each of them",
        )
    facts = {key: value for key, (value, _) in parts.about.items()}
    _one_of(path, parts, _ALLOWED)
    if not re.fullmatch("[A-Z]{3}", facts["currency"]):
        raise _wrong(path, parts, "currency", "three capital letters (ISO 4217), one currency: EUR")
    if not re.fullmatch(r"(1[89]|20)\d\d(\.0)?", facts["year"]):
        raise _wrong(path, parts, "year", "four digits, such as 2020")
    facts["year"] = facts["year"].removesuffix(".0")
    scale = facts["scale"].casefold().replace("_", "").removesuffix(".0")
    number = _SCALES.get(scale) or (int(scale) if scale.isdigit() else 0)
    if number not in _SCALES.values():
        raise _wrong(path, parts, "scale", "1, 1000, 1000000 or 1000000000")
    facts["scale"] = str(number)
    for key in ("redistributable", "synthetic"):
        if facts.get(key, "").casefold() not in _YES:
            raise _wrong(path, parts, key, "yes or no")
    return facts


def _one_of(path: Path, parts: Parts, allowed: Mapping[str, Sequence[str]]) -> None:
    for key, words in allowed.items():
        if parts.about[key][0] not in words:
            raise _wrong(path, parts, key, " or ".join(words))


def _wrong(path: Path, parts: Parts, key: str, remedy: str) -> Exception:
    value, row = parts.about[key]
    return bad_input(
        f"the table's {key} cannot be understood",
        where=Where(str(path), row, key),
        value=value,
        remedy=remedy,
    )


def _region(code: str, area: str) -> str:
    region, colon, _ = code.partition(":")
    return region if colon else area


def _satellites(parts: Parts, year: int) -> tuple[Series, ...]:
    if parts.satellite_values is None:
        return ()
    return tuple(
        Series(row.code, row.kind or "unit", values.copy(), year, row.label or "not stated")
        for row, values in zip(parts.satellites, parts.satellite_values, strict=True)
    )
