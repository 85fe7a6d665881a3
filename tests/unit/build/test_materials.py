"""Stand-ins, streets and days: the parts of gathering that need no files."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import shapely

from nexpo.build import synthetic
from nexpo.build.materials import _first_day
from nexpo.build.model import Material, Rejects
from nexpo.build.run import _rejects
from nexpo.build.streets import held_against

WAYS = pl.DataFrame(
    {
        "name": ["Via Roma", "Via Roma", "Corso Cantù", None],
        "length_m": [10.0, 5.0, 7.0, 1.0],
        "lon": [0.5] * 4,
        "lat": [0.5] * 4,
    }
)
SHAPES = {"000001": shapely.box(0, 0, 1, 1), "000002": shapely.box(1, 0, 2, 1)}


def listed(istat: str = "000001") -> pl.DataFrame:
    streets = ["VIA ROMA", "CORSO CANTU'", "VIA NUOVA"]
    return pl.DataFrame({"istat": [istat] * 3, "street": streets, "addresses": [4, 2, 1]})


def test_streets_are_found_by_folded_name() -> None:
    found = held_against(WAYS, SHAPES, listed(), ())
    assert found is not None
    assert (found.istat, found.uncovered, found.found) == ("000001", 3, 2)
    assert (found.uncovered_addresses, found.found_addresses) == (7, 6)
    assert (found.length_m, found.found_length_m) == (23.0, 22.0)


def test_a_network_elsewhere_is_not_used() -> None:
    assert held_against(WAYS, {"000002": SHAPES["000002"]}, listed(), ()) is None
    assert held_against(WAYS, SHAPES, listed("000002"), ()) is None


@pytest.mark.parametrize(
    ("vintage", "day"),
    [("2025-08", date(2025, 8, 1)), ("2021", date(2021, 1, 1)),
     ("2023-04-01/2023-06-30", date(2023, 4, 1))],
)  # fmt: skip
def test_the_first_day_of_a_vintage(vintage: str, day: date) -> None:
    assert _first_day(vintage) == day


def test_a_seed_makes_the_same_stand_in_and_another_seed_another(material: Material) -> None:
    places = material.municipalities
    one, same, other = (synthetic.uncovered(places, seed) for seed in (1, 1, 2))
    assert one.inputs == same.inputs
    assert one.counts.equals(same.counts)
    assert one.inputs != other.inputs
    assert one.inputs[0].synthetic


def test_a_stand_in_does_not_depend_on_the_neighbours(material: Material) -> None:
    places = material.municipalities
    whole, half = (synthetic.performance(p, 5).measures for p in (places, places.head(10)))
    assert whole.head(10).equals(half)


def test_only_refused_rows_are_said_to_be_kept(material: Material, tmp_path: Path) -> None:
    kept = tmp_path / "kept.csv"
    kept.write_text("file,row\n")
    refused = Rejects("a", "a.csv", kept, 1, (("istat 013199 is now 013256", 57),))
    _rejects(tmp_path / "rejects", replace(material, rejects=(refused,)))
    with (tmp_path / "rejects" / "summary.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["what"], row["rows_kept_in"]) for row in rows] == [
        ("rows refused", "a.csv"),
        ("istat 013199 is now 013256", ""),
    ]
