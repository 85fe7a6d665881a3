"""The plan of siting as parameters, the region file's layers, and stand-ins by seed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely

from nexpo.build.datacentres.declared import Declared, declared
from nexpo.build.datacentres.eligible import parse_rule
from nexpo.build.datacentres.facilities import RegisterUse
from nexpo.build.datacentres.layer_reading import Reading, heat_terms
from nexpo.build.datacentres.layers import region_at
from nexpo.build.datacentres.plan import plan, read_weights
from nexpo.build.datacentres.stand_ins import stand_in
from nexpo.core.problem import Problem
from nexpo.datacentres.adapters.raster_files import write_cog
from nexpo.datacentres.siting.criteria import measure
from nexpo.datacentres.siting.eligibility import Effect, eligibility
from nexpo.datacentres.siting.grid import Cells, Frame
from nexpo.datacentres.siting.layers import Features, Shape

DAY = date(2025, 8, 1)


def test_every_layer_of_the_plan_is_declared_by_the_region() -> None:
    terms = plan(DAY)
    known = {each.key for each in declared("lombardia")[1]}
    assert {each.layer for each in terms.criteria} <= known
    assert {each.layer for each in terms.rules} <= known
    assert sum(each.weight for each in terms.criteria) == pytest.approx(100)
    assert not terms.use.verified


def test_levels_of_heat_rise() -> None:
    terms = heat_terms(DAY)
    assert list(terms) == ["low", "mid", "high"]
    for name in ("recoverable", "reach_km", "connectable", "load_factor", "waste_c"):
        values = [getattr(each, name) for each in terms.values()]
        assert values == sorted(values)


def test_weights_come_from_a_file_and_must_be_numbers(tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_text("grid: 3\nfibre: 0.5\n")
    assert read_weights(path) == {"grid": 3.0, "fibre": 0.5}
    path.write_text("grid: much\n")
    with pytest.raises(Problem, match="a weight is a number") as caught:
        read_weights(path)
    assert caught.value.where.column == "grid"


def test_a_region_is_found_by_a_place_and_a_swap_is_noticed() -> None:
    assert region_at(shapely.Point(9.19, 45.46)) == "lombardia"
    with pytest.raises(Problem) as caught:
        region_at(shapely.Point(45.46, 9.19))
    assert "exchange" in str(caught.value.remedy)
    with pytest.raises(Problem, match="no region"):
        region_at(shapely.Point(0.0, 0.0))


def test_stand_ins_repeat_by_seed_and_are_valid() -> None:
    area = shapely.box(0, 0, 60_000, 40_000)
    recipe = {"each_1000_km2": 40, "radius_m": 800, "classes": ["a", "b"]}
    one, two = (stand_in("flood", Shape.POLYGONS, recipe, area, 1) for _ in range(2))
    assert one.inputs == two.inputs
    assert one.inputs[0].synthetic
    assert len(one.geometries) == 96
    assert shapely.is_valid(np.asarray(one.geometries)).all()
    assert stand_in("flood", Shape.POLYGONS, recipe, area, 2).inputs != one.inputs
    assert stand_in("parks", Shape.POLYGONS, recipe, area, 1).inputs != one.inputs
    points = {"each_1000_km2": 5, "numbers": {"supply_c": [65, 90]}}
    made = stand_in("heat", Shape.POINTS, points, area, 1)
    assert all(65 <= float(str(value)) <= 90 for value in made.table["supply_c"])


def test_a_rule_in_one_word() -> None:
    rule = parse_rule("a:b/parks.gpkg:250.5", Effect.EXCLUDE, Cells.TOUCHED)
    assert (rule.layer, rule.buffer_m, rule.cells) == ("a:b/parks.gpkg", 250.5, Cells.TOUCHED)
    assert parse_rule("parks.gpkg", Effect.REQUIRE, Cells.CENTRE).buffer_m == 0
    with pytest.raises(Problem, match="FILE:BUFFER_M"):
        parse_rule("land.tif=high:3", Effect.EXCLUDE, Cells.CENTRE)


def test_a_raster_of_classes_serves_the_plan_as_features_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = Frame(4_300_000.0, 2_500_000.0, 100.0, 6, 6)
    area = np.ones(frame.shape, dtype=bool)
    values = np.zeros(frame.shape, dtype=np.uint8)
    values[0], values[3], values[5, 5] = 1, 2, 255
    monkeypatch.setenv("NEXPO_DATA", str(tmp_path))
    zones = Features("municipalities", Shape.ZONES, [])
    reading = Reading(frame, DAY, 1, shapely.box(*frame.bounds), zones, RegisterUse())
    classes = {
        "land_use": {1.0: "farmland", 2.0: "settlement", 3.0: "water"},
        "flood": {1.0: "P1", 2.0: "P3"},
        "protected": {1.0: "park"},
    }
    for key, each in classes.items():
        write_cog(tmp_path / f"{key}.tif", frame, values, nodata=255)
        reading.read(Declared(key, key, "file", file=f"{key}.tif", classes=each))
    terms = plan(DAY)
    found = {
        each.key: measure(each, reading.layers, frame, area).values
        for each in terms.criteria
        if each.layer in classes
    }
    assert {key: None if v is None else v[:1].tolist() for key, v in found.items()} == {
        "farmland": [1.0],
        "flood": [1.0],
        "protected": [0.0],
    }
    told = eligibility(area, frame, terms.rules, reading.layers)
    # protected row 0; flood P3 row 3; homes rows 2 to 4, 100 m round row 3; no water
    assert [each.marked for each in told.applied] == [6, 6, 18, 0]
    assert not told.missing
    assert told.eligible.sum(axis=1).tolist() == [0, 6, 0, 0, 0, 6]
    assert told.unchecked[5, 5] == 4
