"""Data centres out of OpenStreetMap and atlases: small files of our own that show each trap."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nexpo.core.problem import Problem
from nexpo.core.settings import data_directory
from nexpo.sources.datacentre_atlas import read_atlas
from nexpo.sources.osm_datacentres import read_datacentres

POINT = {"type": "Point", "coordinates": [9.1, 45.4]}
SQUARE = {"type": "Polygon", "coordinates": [[[9, 45], [9.1, 45], [9.1, 45.1], [9, 45.1], [9, 45]]]}


def collection(path: Path, *features: tuple[dict[str, Any], Any], crs: str = "") -> Path:
    content: dict[str, Any] = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": properties, "geometry": geometry}
            for properties, geometry in features
        ],
    }
    if crs:
        content["crs"] = {"type": "name", "properties": {"name": crs}}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_tags_of_openstreetmap(tmp_path: Path) -> None:
    path = collection(
        tmp_path / "a.geojson",
        ({"osm_id": 1, "osm_type": "way", "name": "", "istat": "015146"}, SQUARE),
        ({"@id": "node/2", "name": "A", "operator": "B", "start_date": "2024-13"}, POINT),
        ({"@id": "node/3", "building": "construction", "last_updated": "2024-01"}, POINT),
        ({"@id": "node/4", "disused:telecom": "data_center"}, None),
        ({"@id": "node/5", "proposed": "data_center", "addr:city": "Milano"}, POINT),
        ({"name": "no id"}, POINT),
    )
    table, refused = read_datacentres(path)
    assert table["key"].to_list() == ["way/1", "node/2", "node/3", "node/4", "node/5"]
    assert table["name"].to_list()[:2] == [None, "A"]
    assert table["stage"].to_list() == ["operating", "operating", "building", "closed", "requested"]
    assert table["start"].to_list()[1] is None  # there is no 13th month
    assert table["as_of"].to_list()[2] == "2024-01-01"
    assert (table["lon"][0], table["lat"][0]) == pytest.approx((9.05, 45.05))
    assert table["lon"][3] is None
    assert table["address"][4] == "Milano"
    assert [(each.number, each.column) for each in refused] == [(6, "osm_id")]


def test_an_atlas_in_square_feet(tmp_path: Path) -> None:
    path = collection(
        tmp_path / "im3.geojson",
        (
            {"state_abb": "VA", "name": "X", "operator": None, "sqft": 10000, "type": "building"},
            POINT,
        ),
        ({"name": "X", "operator": None, "sqft": None, "type": "point"}, POINT),
        ({"name": "C", "sqft": 500000, "type": "campus"}, SQUARE),
        ({"name": "P", "power_mw": "12.5", "status": "Under construction", "id": "p 1"}, POINT),
        ({"name": "Q", "power_mw": "12 to 15"}, POINT),
    )
    table, refused = read_atlas(path)
    assert table["floor_area_m2"].to_list() == [pytest.approx(929.0304), None, None, None]
    assert table["installed_it_kw"].to_list() == [None, None, None, 12_500.0]
    assert table["stage"].to_list() == ["operating", "operating", "operating", "building"]
    assert table["key"][3] == "p-1"
    assert table["key"][1] == f"{table['key'][0]}-2"  # twins: the same name at the same point
    assert [each.number for each in refused] == [5]
    assert read_atlas(path)[0].equals(table)


def test_places_outside_the_world_and_bad_outlines_are_refused(tmp_path: Path) -> None:
    metres = {"type": "Point", "coordinates": [514_000.0, 5_033_000.0]}
    path = collection(
        tmp_path / "a.geojson",
        ({"@id": "node/1"}, metres),
        ({"@id": "node/2"}, {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}),
        ({"@id": "node/3"}, {"type": "Blob", "coordinates": []}),
        ({"@id": "node/4"}, POINT),
    )
    table, refused = read_datacentres(path)
    assert table["key"].to_list() == ["node/4"]
    assert [each.number for each in refused] == [1, 2, 3]
    assert refused[0].remedy == "transform it to EPSG:4326"


def test_a_self_crossing_outline_still_has_a_place(tmp_path: Path) -> None:
    bow = {
        "type": "Polygon",
        "coordinates": [[[9, 45], [9.1, 45.1], [9.1, 45], [9, 45.1], [9, 45]]],
    }
    table, refused = read_datacentres(collection(tmp_path / "a.geojson", ({"@id": "way/1"}, bow)))
    assert not refused
    assert 9 <= table["lon"][0] <= 9.1


@pytest.mark.parametrize("crs", ["urn:ogc:def:crs:EPSG::32632", "EPSG:3003"])
def test_other_coordinates_are_refused(tmp_path: Path, crs: str) -> None:
    with pytest.raises(Problem, match="not in degrees"):
        read_datacentres(collection(tmp_path / "a.geojson", ({"@id": "way/1"}, POINT), crs=crs))


def test_what_is_no_collection(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text('{"type": "Feature"}')
    with pytest.raises(Problem, match="feature collection"):
        read_atlas(tmp_path / "a.geojson")


def test_the_real_extract_of_lombardy() -> None:
    folder = data_directory()
    path = None if folder is None else folder / "datacentres/osm_datacentres_lombardia.geojson"
    if path is None or not path.is_file():
        pytest.skip("no real data here: set NEXPO_DATA")
    table, refused = read_datacentres(path)
    assert (table.height, len(refused)) == (29, 0)
    assert table["name"].null_count() == 9
    assert table["istat"].null_count() == 0
    assert table.filter(table["operator"] == "Data4 Italia").height == 9
