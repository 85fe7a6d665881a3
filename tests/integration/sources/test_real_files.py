"""The real files at hand, against totals that were counted independently of the readers."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from nexpo.core.settings import data_directory
from nexpo.sources import ookla, osm, pnrr
from nexpo.sources.check import check_file
from nexpo.sources.directory import source, sources
from nexpo.sources.infratel import read_uncovered

DATA = data_directory()
pytestmark = pytest.mark.skipif(
    DATA is None, reason="no real data: set NEXPO_DATA to the folder that holds it"
)


def the_file(key: str) -> Path:
    found = source(key).present()
    if not found:
        pytest.skip(f"{key} is not below NEXPO_DATA")
    return found[0]


def test_every_file_at_hand_is_what_it_should_be() -> None:
    verdicts = [check_file(item, path) for item in sources() for path in item.present()]
    assert [verdict.path.name for verdict in verdicts if not verdict.holds] == []


def test_the_uncovered_list(tmp_path: Path) -> None:
    file = the_file("infratel-uncovered-2025")
    reading = read_uncovered(file, tmp_path / "o.parquet")
    assert (reading.rows, reading.rejected) == (213_008, 0)
    found = pl.read_parquet(reading.path)
    counts = dict(found["uncovered_class"].value_counts().rows())
    assert counts == {"A": 26_030, "B": 97_584, "C": 89_394}
    assert found["istat"].n_unique() == 1_491
    assert dict(reading.notes)["doubled rows, equal in every column"] == 286
    assert dict(reading.notes)["rows more than addresses, counted as the list does"] == 185


def test_the_uncovered_list_agrees_with_its_counts_by_municipality(tmp_path: Path) -> None:
    rows = read_uncovered(the_file("infratel-uncovered-2025"), tmp_path / "o.parquet")
    ours = pl.read_parquet(rows.path).group_by("istat").len("ours")
    theirs = pl.read_csv(
        the_file("infratel-uncovered-2025-by-municipality"), schema_overrides={"istat": pl.String}
    )
    both = ours.join(theirs, on="istat", how="full")
    assert both.filter(pl.col("ours") != pl.col("civici_tot")).height == 0
    assert both.null_count().sum_horizontal().item() == 0


def test_measures_by_municipality_agree_with_the_derived_file(tmp_path: Path) -> None:
    reading = ookla.read_grid(the_file("ookla-grid-2023q2"), tmp_path / "o.parquet")
    assert reading.rows == 26_004
    ours = ookla.by_municipality(pl.read_parquet(reading.path))
    theirs = pl.read_csv(
        the_file("ookla-by-municipality-2023q2"), schema_overrides={"istat": pl.String}
    )
    both = ours.join(theirs, on="istat", how="inner", suffix="_theirs")
    assert both.height == ours.height == theirs.height == 1_489
    for column, rounding in (("down_mbps", 0.0051), ("latency_ms", 0.051), ("tests", 0)):
        apart = (both[column] - both[f"{column}_theirs"]).abs().max()
        assert isinstance(apart, int | float)
        assert apart <= rounding


def test_the_broadband_plan_adds_up(tmp_path: Path) -> None:
    reading = pnrr.read_payments(the_file("pnrr-payments"), tmp_path / "o.parquet")
    plan = pl.read_parquet(reading.path).filter(
        pl.col("submeasure_title").str.contains("1 Gbps", literal=True)
    )
    assert plan.height == 16
    assert round(int(plan["pnrr_cents"].sum()) / 1e8, 1) == 3_519.3
    assert round(int(plan["paid_pnrr_cents"].sum()) / 1e8, 1) == 1_043.3


def test_projects_places_and_awards(tmp_path: Path) -> None:
    for key, reader, rows in (
        ("pnrr-projects", pnrr.read_projects, 8_455),
        ("pnrr-places", pnrr.read_places, 25_590),
        ("pnrr-awards", pnrr.read_awards, 14_940),
    ):
        reading = reader(the_file(key), tmp_path / f"{key}.parquet")
        assert (reading.rows, reading.rejected) == (rows, 0)


def test_the_streets_of_lecco() -> None:
    ways = osm.read_ways(the_file("osm-streets-lecco"))
    assert ways.height == 1_182
    named = osm.named_streets(ways)
    assert "Via Roma" in named["name"]
    assert 100_000 < ways["length_m"].sum() < 250_000
