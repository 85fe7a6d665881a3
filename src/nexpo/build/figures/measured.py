"""Figures of measured performance and of streets."""

from __future__ import annotations

from collections.abc import Mapping

from nexpo.build.figures.entry import Entry
from nexpo.build.model import Material, Streets
from nexpo.core.evidence import Input

_MEASURES = {
    "down": ("download speed", "Mbit/s", "kbit/s", " / 1000"),
    "up": ("upload speed", "Mbit/s", "kbit/s", " / 1000"),
    "latency": ("latency", "ms", "ms", ""),
}


def enter_performance(material: Material, region: Entry) -> None:
    """Enter the measured speeds of the region and of each municipality."""
    measures, inputs = material.performance.measures, material.performance.inputs
    sums = measures.drop("istat").sum().row(0, named=True)
    _measured(region, sums, inputs)
    provinces = measures.with_columns(istat=measures["istat"].str.head(3))
    summed = provinces.group_by("istat").sum().sort("istat")
    for row in (*summed.iter_rows(named=True), *measures.iter_rows(named=True)):
        _measured(region.at(row["istat"]), row, inputs)


def _measured(entry: Entry, sums: Mapping[str, int], inputs: tuple[Input, ...]) -> None:
    tests = entry.observe(
        "performance.tests",
        "speed tests",
        sums["tests"],
        "test",
        "nexpo.sources.ookla.read_grid",
        query=f"sum over {sums['cells']:,} grid cells whose centre is in the place",
        inputs=inputs,
    )
    for name, (title, unit, read, scaling) in _MEASURES.items():
        weighted = entry.observe(
            f"performance.{name}_sum",
            f"{title} times tests, summed",
            sums[name],
            f"{read} test",
            "nexpo.sources.ookla.read_grid",
            query=f"sum over {sums['cells']:,} grid cells of {name} times tests",
            inputs=inputs,
        )
        entry.derive(
            f"performance.{name}",
            f"{title}, mean weighted by tests",
            unit,
            "mean weighted by tests",
            f"weighted / tests{scaling}",
            {"weighted": weighted, "tests": tests},
        )


def enter_streets(streets: Streets, entry: Entry) -> None:
    """Enter the lengths of streets that were counted."""
    counts = {
        "listed": ("streets with an uncovered house number", streets.uncovered, "street"),
        "found": ("of these, named in the street network", streets.found, "street"),
        "addresses": ("uncovered house numbers", streets.uncovered_addresses, "civico"),
        "addresses_found": ("of these, on a street found", streets.found_addresses, "civico"),
        "length": ("length of the street network", streets.length_m, "m"),
        "length_found": ("length of the streets found", streets.found_length_m, "m"),
    }
    made = {
        name: entry.observe(
            f"streets.{name}",
            title,
            value,
            unit,
            "nexpo.build.streets",
            query="names equal after folding",
            inputs=streets.inputs,
        )
        for name, (title, value, unit) in counts.items()
    }
    for name, part, whole in (
        ("share_found", "found", "listed"),
        ("share_addresses_found", "addresses_found", "addresses"),
    ):
        entry.derive(
            f"streets.{name}",
            f"share of {whole} found by name",
            "%",
            "ratio",
            "100 * found / listed",
            {"found": made[part], "listed": made[whole]},
        )
