"""Networks of OpenStreetMap in both forms, line layers of any form, and tables of addresses."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import geopandas
import osmium
import polars as pl
import pytest
import shapely

from nexpo.core.problem import Problem
from nexpo.sources import osm
from nexpo.sources.addresses import read_addresses
from nexpo.sources.lines import read_areas, read_lines

NODES = {1: (9.4, 45.8), 2: (9.401, 45.8), 3: (9.402, 45.801)}
WAYS: list[tuple[int, list[int], dict[str, str]]] = [
    (8, [1, 2, 3], {"highway": "residential", "name": "Via Roma", "surface": "sett"}),
    (7, [2, 3], {"railway": "rail", "bridge": "yes"}),
    (9, [1, 3], {"building": "yes"}),
    (10, [3, 99], {"waterway": "river"}),
]


def as_json(folder: Path) -> Path:
    nodes = [{"type": "node", "id": n, "lon": x, "lat": y} for n, (x, y) in NODES.items()]
    ways = [{"type": "way", "id": i, "nodes": n, "tags": t} for i, n, t in WAYS]
    file = folder / "a.overpass.json.gz"
    file.write_bytes(gzip.compress(json.dumps({"osm3s": {}, "elements": nodes + ways}).encode()))
    return file


def as_pbf(folder: Path) -> Path:
    file = folder / "a.osm.pbf"
    file.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(file)) as writer:
        for node, place in NODES.items():
            writer.add_node(osmium.osm.mutable.Node(id=node, location=place))
        for way, nodes, tags in sorted(WAYS):
            writer.add_way(osmium.osm.mutable.Way(id=way, nodes=nodes, tags=tags))
    return file


def test_json_and_pbf_give_the_same_network(tmp_path: Path) -> None:
    one, other = osm.read_network(as_json(tmp_path)), osm.read_network(as_pbf(tmp_path))
    assert one.equals(other)
    assert one["way_id"].to_list() == [7, 8, 10]
    assert one["nodes"].to_list() == [[2, 3], [1, 2, 3], [3, 99]]
    assert one["lon"].to_list()[2] == [9.402, None]
    assert osm.streets(one)["name"].to_list() == ["Via Roma"]
    assert one.filter(pl.col("railway") == "rail")["bridge"].to_list() == ["yes"]


@pytest.mark.parametrize("form", [as_json, as_pbf])
def test_a_box_and_keys_choose_ways(tmp_path: Path, form: Any) -> None:
    file = form(tmp_path)
    assert osm.read_network(file, box=(9.3, 45.7, 9.4005, 45.9))["way_id"].to_list() == [8]
    assert osm.read_network(file, keys=("railway",))["way_id"].to_list() == [7]
    with pytest.raises(Problem, match="no way with highway or railway") as caught:
        osm.read_network(file, box=(1, 1, 2, 2))
    assert "west, south" in str(caught.value)


def test_a_pbf_that_is_none_or_absent(tmp_path: Path) -> None:
    broken = tmp_path / "a.osm.pbf"
    broken.write_bytes(b"no such thing")
    with pytest.raises(Problem, match="osmium cannot read"):
        osm.read_network(broken)
    with pytest.raises(Problem, match="no such file"):
        osm.read_network(tmp_path / "b.osm.pbf")


# Line layers

LINES = geopandas.GeoDataFrame(
    {
        "osm_id": ["11", "12", "13"],
        "NOME": ["Via Roma", None, " "],
        "fclass": ["residential", "track", "path"],
        "bridge": ["F", "T", "F"],
    },
    geometry=[
        shapely.LineString([(9.4, 45.8, 200), (9.401, 45.8, 201)]),
        shapely.MultiLineString([[(9.4, 45.8), (9.4, 45.81)], [(9.5, 45.8), (9.5, 45.81)]]),
        None,
    ],
    crs="EPSG:4326",
)


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "geojson", "parquet"])
def test_any_layer_gives_the_same_ways(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"streets.{suffix}"
    frame = LINES if suffix == "geojson" else LINES.to_crs("EPSG:32632")
    if suffix == "parquet":
        frame.to_parquet(file)
    else:
        frame.to_file(file)
    ways = read_lines(file)
    assert ways["way_id"].to_list() == [11, 12, 12]
    assert ways["name"].to_list() == ["Via Roma", None, None]
    assert ways["highway"].to_list() == ["residential", "track", "track"]
    assert ways["bridge"].to_list() == ["no", "yes", "yes"]
    assert ways["lon"].to_list()[0] == pytest.approx([9.4, 9.401], abs=1e-8)
    assert ways["lat"].to_list()[1] == pytest.approx([45.8, 45.81], abs=1e-8)
    assert "nodes" not in ways.columns


def test_columns_can_be_named_and_a_box_chosen(tmp_path: Path) -> None:
    file = tmp_path / "a.gpkg"
    LINES.rename(columns={"NOME": "T1"}).to_file(file)
    ways = read_lines(file, columns={"name": "T1"}, box=(9.3, 45.79, 9.45, 45.82))
    assert ways["name"].to_list() == ["Via Roma", None, None]
    with pytest.raises(Problem, match="no column T2 for name"):
        read_lines(file, columns={"name": "T2"})
    with pytest.raises(Problem, match="holds no line"):
        read_lines(file, box=(1, 1, 2, 2))


def test_a_layer_without_a_coordinate_system_is_refused_until_it_is_stated(tmp_path: Path) -> None:
    file = tmp_path / "a.shp"
    LINES.to_crs("EPSG:32632").to_file(file)
    file.with_suffix(".prj").unlink()
    with pytest.raises(Problem, match="states no coordinate system") as caught:
        read_lines(file)
    assert "EPSG:32632" in str(caught.value.remedy)
    assert read_lines(file, crs="EPSG:32632")["lon"].to_list()[0] == pytest.approx([9.4, 9.401])
    with pytest.raises(Problem, match="coordinates are no degrees"):
        read_lines(file, crs="EPSG:4326")


def test_a_file_with_several_layers_asks_for_one(tmp_path: Path) -> None:
    file = tmp_path / "a.gpkg"
    LINES.to_file(file, layer="streets")
    LINES.to_file(file, layer="ducts")
    with pytest.raises(Problem, match="several layers") as caught:
        read_lines(file)
    assert caught.value.remedy == "name one of streets, ducts"
    assert read_lines(file, layer="ducts").height == 3
    with pytest.raises(Problem, match="no such layer"):
        read_lines(file, layer="pipes")


def test_areas_are_polygons(tmp_path: Path) -> None:
    file = tmp_path / "a.geojson"
    box = shapely.box(9, 45, 10, 46)
    geopandas.GeoDataFrame({"a": [1]}, geometry=[box], crs="EPSG:4326").to_file(file)
    assert shapely.equals(read_areas(file)[0], box)
    LINES.to_file(tmp_path / "l.geojson")
    with pytest.raises(Problem, match="holds no area"):
        read_areas(tmp_path / "l.geojson")


def test_what_is_no_layer(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no such file"):
        read_lines(tmp_path / "a.gpkg")
    (tmp_path / "a.gpkg").write_text("nothing")
    with pytest.raises(Problem, match="cannot be read"):
        read_lines(tmp_path / "a.gpkg")
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(Problem, match="cannot be read"):
        read_lines(tmp_path / "a.parquet")


# Addresses

CSV = """id;via;civico;barrato;lon;lat;ui;tipo;collegato
a;Via Roma;12;A;9,4;45,8;3;scuola;sì
b;Via Roma;;;;;;;
c;Via Roma;1;;530000;45,8;1;home;no
d;Via Roma;1;;9,4;45,8;0;home;no
e;Via Roma;1;;9,4;45,8;1;castello;no
a;Via Roma;2;;9,4;45,8;1;impresa;no
"""


def test_addresses_are_read_with_reasons_for_what_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(CSV, encoding="utf-8")
    reading = read_addresses(file, tmp_path / "o.parquet")
    assert (reading.rows, reading.rejected) == (3, 3)
    assert reading.notes == (("rows whose id occurs more than once", 2),)
    found = pl.read_parquet(reading.path)
    assert found.select("id", "number", "lon", "units", "kind", "connected").rows() == [
        ("a", "12/A", 9.4, 3, "public", True),
        ("b", None, None, 1, "home", False),
        ("a", "2", 9.4, 1, "firm", False),
    ]


def test_a_point_layer_brings_its_coordinates(tmp_path: Path) -> None:
    file = tmp_path / "a.gpkg"
    points = [shapely.Point(9.4, 45.8), shapely.Point(9.5, 45.9)]
    frame = geopandas.GeoDataFrame({"id": ["a", "b"], "units": [2, 1]}, geometry=points, crs=4326)
    frame.to_crs("EPSG:32632").to_file(file)
    found = pl.read_parquet(read_addresses(file, tmp_path / "o.parquet").path)
    assert found["lon"].to_list() == pytest.approx([9.4, 9.5])
    assert found["units"].to_list() == [2, 1]


def test_a_parquet_table_without_place_is_refused(tmp_path: Path) -> None:
    pl.DataFrame({"id": ["a"], "units": [1]}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(Problem, match="missing column: lon, lat"):
        read_addresses(tmp_path / "a.parquet", tmp_path / "o.parquet")
