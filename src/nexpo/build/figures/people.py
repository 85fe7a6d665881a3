"""Figures of territory and of uncovered house numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexpo.build.figures.entry import Entry
from nexpo.build.model import CLASSES, Material
from nexpo.core.evidence import Figure, Input
from nexpo.core.problem import Kind, Problem

if TYPE_CHECKING:
    import polars as pl

_LABELS = {
    "a": "uncovered, class A (poor coordinate)",
    "b": "uncovered, class B (within 50 m of a network above 300 Mbit/s)",
    "c": "uncovered, class C (farther than 50 m from one)",
    "other": "uncovered, another class",
}


def enter_territory(material: Material, region: Entry) -> None:
    """Enter people and area of the region and of each municipality."""
    places = material.municipalities
    region.observe(
        "territory.municipalities",
        "municipalities",
        places.height,
        "municipality",
        "nexpo.territory.municipalities",
        query=f"codes in force on {material.on}",
        inputs=material.territory,
    )
    _people(region, places, material.territory)
    both = _grouped(places, "province_code") | _grouped(places, "istat")
    for code, rows in both.items():
        _people(region.at(code), rows, material.territory)


def _people(entry: Entry, rows: pl.DataFrame, inputs: tuple[Input, ...]) -> None:
    known = rows["population"].drop_nulls()
    day = rows["population_as_of"][0]
    entry.observe(
        "territory.population",
        "residents",
        int(known.sum()) if len(known) else None,
        "inhabitant",
        "nexpo.territory.municipalities",
        query=f"residents on {day}, sum over {len(known):,} of {rows.height:,} municipalities",
        inputs=inputs[2:3],
    )
    entry.observe(
        "territory.area",
        "area on the ellipsoid",
        round(float(rows["area_km2"].sum()), 3),
        "km2",
        "nexpo.territory.area_km2",
        query="generalised boundary",
        inputs=inputs[:1],
    )


def enter_uncovered(material: Material, region: Entry) -> None:
    """Enter the uncovered house numbers by class, and hold their total against the file."""
    counts = material.uncovered.counts
    total = _classes(material, region, counts, "rows of the list")
    _hold_total(material, region, total)
    placed = counts.drop_nulls("istat")
    provinces = placed.with_columns(code=placed["istat"].str.head(3))
    by_code = _grouped(provinces, "code") | _grouped(placed, "istat")
    places = material.municipalities
    for code in (*places["province_code"].unique().sort(), *places["istat"]):
        rows = by_code.get(code, counts.clear())
        _classes(material, region.at(code), rows, f"rows whose municipality is in {code}")
    region.observe(
        "uncovered.municipalities",
        "municipalities with an uncovered house number",
        placed["istat"].n_unique(),
        "municipality",
        "nexpo.sources.infratel.read_uncovered",
        query="distinct codes of the list, translated to the day",
        inputs=material.uncovered.inputs,
    )


def _classes(material: Material, entry: Entry, counts: pl.DataFrame, said: str) -> Figure:
    import polars as pl  # noqa: PLC0415 - start-up time of the command line

    class_ = pl.col("uncovered_class")
    wanted = {name.casefold(): class_ == name for name in CLASSES}
    if not material.uncovered.counts.filter(~class_.is_in(CLASSES)).is_empty():
        wanted["other"] = ~class_.is_in(CLASSES)
    parts = {
        name: entry.observe(
            f"uncovered.{name}",
            _LABELS[name],
            int(counts.filter(condition)["addresses"].sum()),
            "civico",
            "nexpo.sources.infratel.read_uncovered",
            query=f"count of {said} with class {name.upper()}",
            inputs=material.uncovered.inputs,
        )
        for name, condition in wanted.items()
    }
    total = entry.derive(
        "uncovered.total",
        "uncovered house numbers",
        "civico",
        "sum of classes",
        " + ".join(parts),
        parts,
    )
    _rates(entry, total, parts["c"])
    return total


def _rates(entry: Entry, total: Figure, far: Figure) -> None:
    people = entry.ledger[f"territory.population{entry.suffix}"]
    entry.derive(
        "uncovered.per_1000",
        "uncovered house numbers per 1,000 inhabitants",
        "civico per 1,000 inhabitants",
        "ratio",
        "1000 * uncovered / residents",
        {"uncovered": total, "residents": people},
    )
    entry.derive(
        "uncovered.share_c",
        "share of class C among the uncovered",
        "%",
        "ratio",
        "100 * far / uncovered",
        {"far": far, "uncovered": total},
    )


def _hold_total(material: Material, region: Entry, total: Figure) -> None:
    """Hold the sum of classes against the rows of the file: nothing may be lost between."""
    given = material.uncovered
    counted = {
        "rows": ("rows_in_file", "data rows in the file", given.rows),
        "rejected": ("rejected", "rows refused", given.rejected),
        "outside": ("outside", "rows of other regions", given.outside),
    }
    parts = {
        key: region.observe(
            f"uncovered.{name}", title, value, "civico", "count of rows", inputs=given.inputs
        )
        for key, (name, title, value) in counted.items()
    }
    held = region.derive(
        "uncovered.unaccounted",
        "rows of the file not accounted for",
        "civico",
        "self check",
        "rows - rejected - outside - classes",
        {**parts, "classes": total},
    )
    if held.value != 0:
        raise Problem(
            Kind.INTERNAL,
            "the classes do not add up to the rows of the file; nothing was written",
            value=f"{given.rows:,} rows, {given.rejected:,} rejected, {given.outside:,} outside, "
            f"{total.value:,} in classes",
            remedy="report this with the name of the file",
        )


def _grouped(table: pl.DataFrame, by: str) -> dict[str, pl.DataFrame]:
    parts = table.partition_by(by, as_dict=True, maintain_order=True)
    return {str(key[0]): rows for key, rows in parts.items()}
