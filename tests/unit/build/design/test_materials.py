"""Where a design lies, and what it is made on: files as given, or made up and marked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nexpo.build.design.materials import gather, made_up, reference_day, territory_of, where
from nexpo.build.design.model import Effort, Place, Request
from nexpo.connectivity.design.model import COST_CLASSES, CostClass, Placement
from nexpo.core.problem import Kind, Problem
from tests.unit.build.design.grounds import DAY

STREETS = {
    "elements": [
        *(
            {"type": "node", "id": number, "lon": 9.40 + 0.001 * number, "lat": 45.85}
            for number in range(1, 6)
        ),
        {"type": "node", "id": 9, "lon": 9.4035, "lat": 45.851},
        {"type": "node", "id": 10, "lon": 9.4035, "lat": 45.849},
        {
            "type": "way",
            "id": 100,
            "nodes": [1, 2, 3, 4, 5],
            "tags": {"highway": "residential", "name": "Via Roma"},
        },
        {"type": "way", "id": 101, "nodes": [9, 10], "tags": {"railway": "rail"}},
    ]
}


@pytest.fixture
def request_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Request:
    monkeypatch.setenv("NEXPO_DATA", str(tmp_path))
    monkeypatch.setenv("NEXPO_HOME", str(tmp_path / "home"))
    streets = tmp_path / "streets.json"
    streets.write_text(json.dumps(STREETS))
    addresses = tmp_path / "people.csv"
    addresses.write_text(
        "id,street,number,lon,lat,units\na,Via Roma,1,,,2\nb,VIA ROMA,4,,,1\n"
        "c,Via Ignota,1,,,1\nd,Via Roma,9,12.0,45.0,1\n"
    )
    return Request(str(addresses), on=DAY, streets=streets, addresses=addresses, wireless=False)


@pytest.mark.parametrize(
    ("area", "codes"),
    [
        ("Lecco", ("097042",)),
        ("097042", ("097042",)),
        ("097042, 097083", ("097042", "097083")),
    ],
)
def test_a_place_is_found_by_name_code_or_several(area: str, codes: tuple[str, ...]) -> None:
    found = where(Request(area, on=DAY))
    assert found.codes == codes
    assert found.region == "03"


def test_a_province_holds_its_municipalities() -> None:
    found = where(Request("097", on=DAY))
    assert "097042" in found.codes
    assert len(found.codes) == 84


@pytest.mark.parametrize("area", ["Atlantide", "999", "999999", "nowhere.csv"])
def test_no_such_place_is_a_problem_with_a_remedy(area: str) -> None:
    with pytest.raises(Problem) as caught:
        where(Request(area, on=DAY))
    assert caught.value.remedy or caught.value.kind is Kind.NO_INPUT


def test_several_municipalities_are_each_a_design(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="84 municipalities"):
        gather(Request("097", on=DAY), work=tmp_path)


def test_streets_and_addresses_are_read_crossed_and_placed(
    request_of: Request, tmp_path: Path
) -> None:
    found = gather(request_of, work=tmp_path)
    assert not found.synthetic
    counts = np.bincount(found.demand.placement, minlength=len(Placement))
    by = {each: int(counts[place]) for place, each in enumerate(Placement)}
    assert by[Placement.INTERPOLATED] == 2
    assert by[Placement.OFF_NETWORK] + by[Placement.LOCALITY] == 2
    assert found.findings.count("crossing") == 1
    rail = COST_CLASSES.index(CostClass.RAIL_CROSSING)
    assert found.graph.length_m[found.graph.cost_class == rail].sum() == pytest.approx(20, abs=0.1)
    assert [item.name for item in found.inputs] == ["people.csv", "streets.json"]
    assert all(len(item.sha256) == 64 for item in found.inputs)
    assert not any(item.redistributable for item in found.inputs)
    assert found.matching is not None


def test_addresses_of_unknown_streets_are_spread_or_listed_as_asked(
    request_of: Request, tmp_path: Path
) -> None:
    off = tuple(Placement).index(Placement.OFF_NETWORK)
    spread = gather(request_of, work=tmp_path).demand
    listed = gather(replace(request_of, localities=False), work=tmp_path).demand
    assert int((listed.placement == off).sum()) == 2
    assert int((spread.placement == off).sum()) <= 2
    assert listed.id == spread.id


def test_a_barrier_layer_makes_crossings_dear(request_of: Request, tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [[9.4015, 45.849], [9.4015, 45.851]]}
    layer = tmp_path / "river.geojson"
    feature = {"type": "Feature", "properties": {"waterway": "river"}, "geometry": line}
    layer.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    found = gather(replace(request_of, barriers=layer), work=tmp_path)
    assert found.findings.count("crossing") == 2
    water = COST_CLASSES.index(CostClass.WATER_CROSSING)
    assert (found.graph.cost_class == water).any()
    assert "river.geojson" in {item.name for item in found.inputs}


def test_a_duct_along_the_street_is_reused(request_of: Request, tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [[9.401, 45.85], [9.403, 45.85]]}
    layer = tmp_path / "ducts.geojson"
    feature = {"type": "Feature", "properties": {}, "geometry": line}
    layer.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    found = gather(replace(request_of, ducts=layer), work=tmp_path)
    duct = COST_CLASSES.index(CostClass.DUCT)
    metres = found.graph.length_m[found.graph.cost_class == duct].sum()
    assert metres == pytest.approx(155.3, abs=2)  # 0.002 degrees of longitude at 45.85 north


@pytest.mark.parametrize("name", ["streets", "addresses"])
def test_a_missing_file_is_named(request_of: Request, name: str, tmp_path: Path) -> None:
    gone = tmp_path / "gone.csv"
    asked = (
        replace(request_of, streets=gone)
        if name == "streets"
        else replace(request_of, addresses=gone)
    )
    with pytest.raises(Problem) as caught:
        gather(asked, work=tmp_path)
    assert "gone.csv" in str(caught.value)


def test_without_streets_they_are_made_up_and_marked(request_of: Request, tmp_path: Path) -> None:
    listed = replace(request_of, area="097042", streets=None)
    found = gather(listed, work=tmp_path)
    assert found.synthetic
    assert found.graph.nodes == 7831  # as many as Lecco has
    assert found.demand.id == ("a", "b", "c", "d")
    assert found.demand.label[0] == "Via Roma 1"
    assert found.demand.units.tolist() == [2, 1, 1, 1]
    assert found.findings.count("synthetic") == 1
    again = gather(listed, work=tmp_path)
    assert np.array_equal(found.graph.lon, again.graph.lon)


def test_without_a_list_and_without_a_file_there_is_nothing_to_design(
    request_of: Request, tmp_path: Path
) -> None:
    with pytest.raises(Problem) as caught:
        gather(replace(request_of, area="097042", addresses=None), work=tmp_path)
    assert caught.value.kind is Kind.NO_INPUT
    assert "--addresses" in str(caught.value.remedy)


def test_a_file_without_coordinates_needs_streets(request_of: Request, tmp_path: Path) -> None:
    names = tmp_path / "names.csv"
    names.write_text("id,street,number\na,Via Roma,1\n")
    with pytest.raises(Problem, match="nothing says where"):
        gather(Request(str(names), on=DAY), work=tmp_path)


def test_made_up_ground_has_the_size_of_its_municipality() -> None:
    ground = territory_of("097042", "03", DAY)
    assert ground.area_km2 == pytest.approx(44.96, abs=0.5)
    one = made_up(Place("Lecco", ("097042",), "03"), ground, 5, seed=1)
    other = made_up(Place("Lecco", ("097042",), "03"), ground, 5, seed=2)
    assert one.demand.lon.tolist() != other.demand.lon.tolist()


def test_a_search_without_end_is_refused() -> None:
    with pytest.raises(Problem, match="never ends"):
        Effort(rounds=None)
    assert reference_day() == DAY
