"""The tables of a build: every number in them is a figure of the ledger, looked up by id."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from nexpo.build.model import Material
from nexpo.connectivity.need import Need
from nexpo.core.evidence import Input, Ledger, Value
from nexpo.core.files import atomic_path, write_text
from nexpo.core.problem import Kind, Problem
from nexpo.core.tables import ColumnType, Table, load
from nexpo.sources import Source, sources

POLARS_TYPES: dict[ColumnType, pl.DataType] = {
    "text": pl.String(),
    "code": pl.String(),
    "integer": pl.Int64(),
    "decimal": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
}
_UNCOVERED = {
    "uncovered_a": "uncovered.a",
    "uncovered_b": "uncovered.b",
    "uncovered_c": "uncovered.c",
    "uncovered_other": "uncovered.other",
    "uncovered_total": "uncovered.total",
    "uncovered_per_1000": "uncovered.per_1000",
    "share_c": "uncovered.share_c",
}
_MEASURED = {
    "down_mbps": "performance.down",
    "up_mbps": "performance.up",
    "latency_ms": "performance.latency",
    "tests": "performance.tests",
    "need_score": "need.score",
    "need_rank": "need.rank",
}
_GIVEN = (
    "istat",
    "name",
    "province_code",
    "province",
    "province_short",
    "population",
    "population_as_of",
    "area_km2",
    "lon",
    "lat",
)
SOURCE_COLUMNS = (
    "source",
    "title",
    "publisher",
    "file",
    "vintage",
    "licence",
    "attribution",
    "redistributable",
    "synthetic",
    "sha256",
    "address",
)


def municipalities(material: Material, ledger: Ledger, needs: Iterable[Need]) -> pl.DataFrame:
    """Return the table by municipality, declared in ``dictionary/municipalities.csv``."""
    by_code = {item.place.istat: item for item in needs}
    marks = _marks(material)
    rows = []
    for place in material.municipalities.select(_GIVEN).iter_rows(named=True):
        code = place["istat"]
        found = by_code[code]
        ranks = {"need_rank_best": found.best, "need_rank_worst": found.worst}
        rows.append(place | _looked_up(ledger, _UNCOVERED | _MEASURED, code) | ranks | marks)
    return _declared(rows, load("nexpo.build", "municipalities"))


def uncovered_by_class(material: Material, ledger: Ledger) -> pl.DataFrame:
    """Return the region and its provinces by class, the region first."""
    mark: dict[str, object] = {"synthetic_uncovered": _marks(material)["synthetic_uncovered"]}
    region: dict[str, object] = {"code": material.region.code, "name": material.region.name}
    rows = [region | _looked_up(ledger, _UNCOVERED, "") | mark]
    pairs = material.municipalities.select("province_code", "province").unique().sort("province")
    for code, name in pairs.iter_rows():
        rows.append({"code": code, "name": name} | _looked_up(ledger, _UNCOVERED, code) | mark)
    return _declared(rows, load("nexpo.build", "uncovered_by_class"))


def source_rows(inputs: Iterable[Input]) -> list[dict[str, str]]:
    """Return one row an input, with what the directory of sources says of it."""
    return [_source_row(item) for item in inputs]


def write_parquet(frame: pl.DataFrame, target: Path) -> None:
    """Write a table as Parquet: the same rows give the same bytes."""
    with atomic_path(target) as part:
        frame.write_parquet(part, compression="zstd", statistics=False)


def write_csv(rows: Iterable[Mapping[str, object]], columns: Iterable[str], target: Path) -> None:
    """Write rows as CSV: comma, UTF-8, a line feed at the end of each line."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _plain(value) for key, value in row.items()} for row in rows)
    write_text(target, text.getvalue())


def _marks(material: Material) -> dict[str, bool]:
    return {
        "synthetic_uncovered": any(item.synthetic for item in material.uncovered.inputs),
        "synthetic_performance": any(item.synthetic for item in material.performance.inputs),
    }


def _looked_up(ledger: Ledger, names: Mapping[str, str], code: str) -> dict[str, object]:
    suffix = f"/{code}" if code else ""
    ids = {column: name + suffix for column, name in names.items()}
    return {c: ledger[name].value if name in ledger else _absent(c) for c, name in ids.items()}


def _absent(column: str) -> Value:
    return 0 if column == "uncovered_other" else None


def _declared(rows: list[dict[str, object]], table: Table) -> pl.DataFrame:
    """Return rows as a table in the order and types declared, nothing missing."""
    frame = pl.DataFrame(
        rows, schema={c.name: POLARS_TYPES[c.type] for c in table.columns}, strict=False
    )
    empty = [name for name in table.required if frame[name].null_count()]
    if empty:
        raise Problem(Kind.INTERNAL, f"table {table.name}: empty required column", value=empty[0])
    return frame


def _plain(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return round(value, 6) if isinstance(value, float) else value


_OWN = {
    "datacentre-register": ("Register of data centres", "the office that keeps the register"),
    "sites": ("Table of sites given by the user", "whoever made the table"),
}
"""Title and publisher of what is not in the directory of sources: files of the user's own."""


def _source_row(item: Input) -> dict[str, str]:
    known = {entry.key: entry for entry in sources()}.get(item.source)
    return {
        "source": item.source,
        "title": _title(item, known),
        "publisher": known.publisher if known else _OWN.get(item.source, ("", "Nexpo"))[1],
        "file": item.name,
        "vintage": item.vintage,
        "licence": item.licence,
        "attribution": known.attribution if known else _OWN.get(item.source, ("", "Nexpo"))[1],
        "redistributable": "yes" if item.redistributable else "no",
        "synthetic": "yes" if item.synthetic else "no",
        "sha256": item.sha256,
        "address": known.address if known else "",
    }


def _title(item: Input, known: Source | None) -> str:
    if known:
        return known.title
    if item.synthetic:
        return f"Stand-in made by a seed: {item.name.split('.')[0]}"
    if item.source in _OWN:
        return f"{_OWN[item.source][0]}: {item.name}"
    return "Facts shipped with Nexpo: changes of municipalities and provinces"
