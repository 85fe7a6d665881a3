"""Lecco: the uncovered house numbers on the real streets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from nexpo.connectivity.design.demand.place import Placing, place
from nexpo.connectivity.design.streets.build import Cleaning, build
from nexpo.connectivity.design.streets.classes import StreetClasses
from nexpo.connectivity.design.streets.components import apart, components, join
from nexpo.core.parameters import get
from nexpo.core.settings import data_directory
from nexpo.sources import osm
from nexpo.sources.addresses import from_uncovered
from nexpo.sources.directory import source
from nexpo.sources.infratel import read_uncovered

DAY = date(2025, 8, 1)
pytestmark = pytest.mark.skipif(
    data_directory() is None, reason="no real data: set NEXPO_DATA to the folder that holds it"
)


def the_file(key: str) -> Path:
    found = source(key).present()
    if not found:
        pytest.skip(f"{key} is not below NEXPO_DATA")
    return found[0]


def test_the_uncovered_addresses_of_lecco_find_their_streets(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    ways = osm.read_network(the_file("osm-streets-lecco"))
    classes = StreetClasses.of(get("design/street-classes").on(DAY))
    graph = build(ways, classes).graph
    raw = build(ways, classes, cleaning=Cleaning(every_vertex=True)).graph
    assert raw.nodes == 7_831
    total = osm.read_ways(the_file("osm-streets-lecco"))["length_m"].sum()
    assert graph.length_m.sum() == pytest.approx(total, rel=1e-6)
    assert apart(graph) is not None
    whole, _ = join(graph, 200.0)
    assert len(components(whole)) == 1
    reading = read_uncovered(the_file("infratel-uncovered-2025"), tmp_path / "o.parquet")
    listed = pl.read_parquet(reading.path).filter(pl.col("istat") == "097042")
    placing = Placing.of(get("design/address-matching").on(DAY))
    found = place(from_uncovered(listed), whole, placing, np.random.default_rng(1))
    counts = found.counts()
    assert (len(found.demand), sum(counts.values())) == (240, 240)
    matched = found.streets.filter(pl.col("matched"))
    exact = matched.filter(pl.col("score") == 1.0)["addresses"].sum()
    record_property("lecco", f"{counts}; {matched['addresses'].sum()} by name, {exact} exactly")
    assert exact >= 95
    assert matched["addresses"].sum() == counts["interpolated"] + counts["street"]
    assert matched["addresses"].sum() >= 150
    pairs = dict(matched.select("asked", "street").rows())
    assert pairs["VIA PAOLO VI"] == "Via Papa Paolo Sesto"
    assert pairs["VIA ANTONIO PACINOTTI"] == "Via A. Pacinotti"
    assert "LUNGOLARIO IV NOVEMBRE" not in pairs
    assert (found.demand.section >= 0).all()
