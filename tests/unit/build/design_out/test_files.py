"""What stands in the files, read back by other programs than those that wrote them."""

from __future__ import annotations

import csv
import json
import sqlite3
import xml.etree.ElementTree as ET
from decimal import Decimal
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from openpyxl import load_workbook
from pyproj import Geod

from nexpo.build.design.outputs import write_design
from nexpo.core.tables import load
from tests.unit.build.design_out import example

WGS84 = Geod(ellps="WGS84")
LAYERS = [
    "trenches",
    "cables",
    "sites",
    "premises",
    "unserved",
    "ring",
    "clusters",
    "wireless_sites",
    "wireless_sectors",
    "wireless_links",
    "wireless_hops",
    "wireless_unserved",
]
DESIGN = example.design(ring=True)


def layer(folder: Path, name: str) -> gpd.GeoDataFrame:
    return gpd.read_file(folder / "design.gpkg", layer=name)


def total(path: Path, column: str) -> Decimal:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return sum((Decimal(row[column]) for row in rows if row["code"] != "total"), Decimal(0))


# Sums


def test_the_bill_as_written_adds_up_to_the_design(folder: Path) -> None:
    assert DESIGN.fibre_cost is not None
    due = Decimal(DESIGN.fibre_cost.bills.mid.total.cents) / 100
    assert total(folder / "bill.csv", "amount_eur") == due
    book = load_workbook(folder / "bill.xlsx", read_only=True)
    rows = list(book.worksheets[0].iter_rows(min_row=3, values_only=True))
    amounts = [round(Decimal(str(row[6])), 2) for row in rows if row[0] and row[6] is not None]
    assert sum(amounts) == due
    book.close()


def test_metres_and_cents_of_the_layers_are_those_of_the_bill(folder: Path) -> None:
    trenches = layer(folder, "trenches")
    assert trenches["cost_cents"].sum() == DESIGN.fibre.trench.total_cents
    with (folder / "bill.csv").open(encoding="utf-8", newline="") as stream:
        billed = {row["code"]: row["quantity"] for row in csv.DictReader(stream)}
    by_class = trenches.groupby("cost_class")["length_m"].sum()
    for name, metres in by_class.items():
        item = "drop.lead" if name == "lead" else f"trench.{name}"
        assert float(billed[item]) == pytest.approx(metres, abs=6e-4)
    cables = layer(folder, "cables")
    bought = sum(float(many) for code, many in billed.items() if code.startswith("cable."))
    assert bought == pytest.approx(cables["cable_m"].sum(), abs=0.02)


def test_the_units_of_the_sites_are_those_of_the_premises(folder: Path) -> None:
    sites, premises = layer(folder, "sites"), layer(folder, "premises")
    served = premises[premises["status"] == "served"]
    for kind in ("pop", "cabinet", "chamber"):
        assert sites.loc[sites["kind"] == kind, "units"].sum() == served["units"].sum()
    assert (sites["kind"] == "cabinet").sum() == served["cabinet"].nunique()


# Who is in them


def test_every_premises_is_there_once_with_its_state(folder: Path) -> None:
    premises = layer(folder, "premises")
    assert sorted(premises["id"]) == sorted(DESIGN.demand.id)
    counted = premises["status"].value_counts().to_dict()
    assert counted == {
        "served": DESIGN.fibre.premises.height,
        "connected": int(DESIGN.demand.connected.sum()),
        "unserved": DESIGN.fibre.unserved.height,
    }
    with (folder / "premises.csv").open(encoding="utf-8", newline="") as stream:
        assert [row["id"] for row in csv.DictReader(stream)] == list(DESIGN.demand.id)
    assert list(layer(folder, "unserved")["id"]) == DESIGN.fibre.unserved["id"].to_list()


def test_interpolated_places_are_marked(folder: Path) -> None:
    premises = layer(folder, "premises").set_index("id")
    assert bool(premises.loc["d0", "interpolated"])
    assert not premises.loc["d1", "interpolated"]
    assert premises.loc["d7", "geometry"] is None  # off the network, without coordinates


# Geometry


def test_trenches_are_as_long_on_the_ellipsoid_as_the_table_says(folder: Path) -> None:
    trenches = layer(folder, "trenches")
    measured = np.array([WGS84.geometry_length(line) for line in trenches.geometry])
    assert measured == pytest.approx(trenches["length_m"].to_numpy(), abs=0.05)


def test_cables_run_from_origin_to_goal_through_their_trenches(folder: Path) -> None:
    cables, trenches = layer(folder, "cables"), layer(folder, "trenches")
    ends = {}
    for row in trenches.itertuples():
        ends[row.tail], ends[row.head] = row.geometry.coords[0], row.geometry.coords[-1]
    for row in cables.itertuples():
        assert row.geometry.coords[0] == ends[row.origin]
        assert row.geometry.coords[-1] == ends[row.goal]
        assert WGS84.geometry_length(row.geometry) == pytest.approx(row.length_m, abs=0.05)
        assert row.length_m == pytest.approx(
            trenches.set_index("trench")["length_m"].loc[list(map(int, row.trenches.split()))].sum()
        )


def test_a_radio_link_joins_its_site_and_its_premises(folder: Path) -> None:
    links = layer(folder, "wireless_links")
    sites = layer(folder, "wireless_sites").set_index("site").geometry
    homes = layer(folder, "premises").set_index("id").geometry
    first = links.iloc[0]
    assert first.geometry.coords[0] == sites[first["site"]].coords[0]
    assert first.geometry.coords[-1] == homes[first["premise"]].coords[0]


# Formats


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_is_the_same_in_each_format(folder: Path, name: str) -> None:
    package = layer(folder, name)
    parquet = gpd.read_parquet(folder / "layers" / f"{name}.parquet")
    plain = gpd.read_file(folder / "layers" / f"{name}.geojson")
    assert package.crs.to_epsg() == parquet.crs.to_epsg() == 4326
    assert len(package) == len(parquet) == len(plain)
    declared = load("nexpo.build.design", name).names
    assert tuple(package.columns) == tuple(parquet.columns) == (*declared, "geometry")
    assert tuple(plain.columns) == (*declared, "geometry")
    one, two, three = (each.geometry.to_numpy() for each in (package, parquet, plain))
    assert bool(shapely.equals_identical(one, two).sum() == package.geometry.count())
    far = shapely.distance(one, three)
    assert np.all(np.isnan(far) | (far < 1e-7))
    assert shapely.is_geometry(three).tolist() == shapely.is_geometry(one).tolist()


def test_geojson_is_longitude_first_with_seven_decimals(folder: Path) -> None:
    text = (folder / "layers" / "premises.geojson").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    assert "crs" not in found  # RFC 7946: WGS 84, and no member that says so
    lon, lat = found["features"][0]["geometry"]["coordinates"]
    assert 8 < lon < 10
    assert 44 < lat < 46
    assert round(lon, 7) == lon
    assert found["features"][7]["geometry"] is None


def test_units_travel_inside_the_files(folder: Path) -> None:
    base = sqlite3.connect(folder / "design.gpkg")
    query = "SELECT description FROM gpkg_data_columns WHERE table_name=? AND column_name=?"
    assert base.execute(query, ("trenches", "length_m")).fetchone() == (
        "along its line on the ellipsoid, each metre once [m]",
    )
    dates = base.execute("SELECT DISTINCT last_change FROM gpkg_contents").fetchall()
    base.close()
    assert dates == [("2026-01-01T00:00:00.000Z",)]
    field = pq.read_schema(folder / "layers" / "trenches.parquet").field("length_m")
    assert field.metadata[b"unit"] == b"m"
    assert (
        pyogrio.read_info(folder / "design.gpkg", layer="cables")["geometry_type"] == "LineString"
    )


def test_the_same_design_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    files = write_design(DESIGN, tmp_path)
    assert len(files) > 40
    for path in files:
        other = folder / path.relative_to(tmp_path)
        assert path.read_bytes() == other.read_bytes(), path.name


def test_every_file_of_a_design_without_a_network_is_there(tmp_path: Path) -> None:
    files = {
        path.relative_to(tmp_path).as_posix() for path in write_design(example.bare(), tmp_path)
    }
    assert {"index.html", "design.gpkg", "map.svg", "map.png", "validation.json"} <= files
    assert "bill.csv" not in files
    assert len(layer(tmp_path, "trenches")) == 0
    assert set(layer(tmp_path, "premises")["status"]) == {"unserved", "connected"}
    assert "reaches none of these addresses" in (tmp_path / "index.html").read_text("utf-8")


def test_the_map_is_a_png_of_the_svg(folder: Path) -> None:
    root = ET.parse(folder / "map.svg").getroot()
    head = (folder / "map.png").read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    width, height = (int.from_bytes(head[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == (2 * int(root.attrib["width"]), 2 * int(root.attrib["height"]))
