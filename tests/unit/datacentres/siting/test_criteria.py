"""Criteria: values by kind of layer, unknown never zero, and the table for the methods."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from nexpo.core.problem import Problem
from nexpo.datacentres.siting.criteria import Better, Criterion, Kind, Measured, measure, ranked
from nexpo.datacentres.siting.decision import Direction
from nexpo.datacentres.siting.grid import Frame
from nexpo.datacentres.siting.layers import Features, Gridded, Layer, Shape

FRAME = Frame(0.0, 200.0, 100.0, 2, 4)
AREA = np.array([[True, True, True, True], [True, True, False, False]])
NEAR = Criterion("grid", "node", "km", "nodes", Kind.DISTANCE_KM, Better.LOW, 0, 0.2, 3)
LAYERS: dict[str, Layer] = {
    "nodes": Features(
        "nodes",
        Shape.POINTS,
        [shapely.Point(50, 150), shapely.Point(350, 150)],
        {"kv": [132, 380]},
    ),
    "places": Features(
        "places",
        Shape.ZONES,
        [shapely.box(0, 0, 200, 200), shapely.box(200, 0, 400, 200)],
        {"days": [2500.0, None]},
    ),
    "land": Gridded("land", FRAME.padded(100), np.full((4, 6), 7, dtype=np.float32)),
}


def values(criterion: Criterion) -> list[float]:
    found = measure(criterion, LAYERS, FRAME, AREA).values
    assert found is not None
    return [round(float(value), 6) for value in found]


def test_distance_is_in_kilometres_over_the_area_only() -> None:
    assert values(NEAR) == [0.0, 0.1, 0.1, 0.0, 0.1, pytest.approx(0.141421)]


def test_only_nodes_of_a_voltage() -> None:
    high = replace(NEAR, column="kv", at_least=220)
    assert values(high)[:4] == [0.3, 0.2, 0.1, 0.0]
    none = measure(replace(NEAR, column="kv", at_least=500), LAYERS, FRAME, AREA)
    assert none.values is None
    assert "of use" in none.reason


def test_inside_is_one_or_zero() -> None:
    inside = replace(NEAR, layer="places", kind=Kind.INSIDE, column="days", among=("2500.0",))
    assert values(inside) == [1, 1, 0, 0, 1, 1]


def test_an_unknown_zone_value_is_unknown_in_its_cells() -> None:
    zone = replace(NEAR, layer="places", kind=Kind.ZONE_VALUE, column="days")
    found = measure(zone, LAYERS, FRAME, AREA)
    assert found.values is not None
    assert np.isnan(found.values[2:4]).all()
    assert found.values[[0, 1, 4, 5]].tolist() == [2500.0] * 4
    assert found.at(np.array([0, 1])) == 2500.0
    assert found.at(np.array([1, 2])) is None


def test_a_wider_raster_is_cropped() -> None:
    assert values(replace(NEAR, layer="land", kind=Kind.RASTER_VALUE)) == [7.0] * 6


def test_a_missing_layer_is_unknown_with_its_reason() -> None:
    found = measure(replace(NEAR, layer="fibre"), LAYERS, FRAME, AREA)
    assert not found.known
    assert found.at(np.array([0])) is None
    assert "fibre" in found.reason


def test_what_a_layer_does_not_have_is_refused() -> None:
    with pytest.raises(Problem, match="no column"):
        measure(replace(NEAR, column="volts", at_least=1), LAYERS, FRAME, AREA)
    with pytest.raises(Problem, match="raster values"):
        measure(replace(NEAR, kind=Kind.RASTER_VALUE), LAYERS, FRAME, AREA)


def test_the_table_leaves_unknown_criteria_out_and_shares_their_weight() -> None:
    one = measure(NEAR, LAYERS, FRAME, AREA)
    two = Measured(replace(NEAR, key="fibre", weight=5), None, "no file")
    three = measure(replace(NEAR, key="land", layer="land", kind=Kind.RASTER_VALUE, weight=1,
                            least=0, most=5, better=Better.HIGH), LAYERS, FRAME, AREA)  # fmt: skip
    chosen = np.array([True, False, True, True, False, True])
    found = ranked([one, two, three], chosen)
    assert [each.name for each in found.criteria] == ["grid", "land"]
    assert found.weights.tolist() == [0.75, 0.25]
    assert found.columns.shape == (4, 2)
    assert found.columns.arrays[1].tolist() == [5.0] * 4  # clipped to its bound
    assert found.criteria[0].direction is Direction.MIN
    assert [each.criterion.key for each in found.unknown] == ["fibre"]
    assert one.values is not None
    assert one.values.max() > 0.14  # the raw values stay as they were


def test_weights_of_the_user_replace_those_of_the_plan() -> None:
    one = measure(NEAR, LAYERS, FRAME, AREA)
    chosen = np.ones(6, dtype=bool)
    assert ranked([one], chosen, {"grid": 9}).weights.tolist() == [1.0]
    for bad in ({"gird": 1.0}, {"grid": -1.0}, {"grid": float("nan")}):
        with pytest.raises(Problem):
            ranked([one], chosen, bad)
    with pytest.raises(Problem, match="no cell can be ranked"):
        ranked([one], chosen, {"grid": 0.0})


@pytest.mark.parametrize(("least", "most"), [(1.0, 1.0), (2.0, 1.0), (float("nan"), 1.0)])
def test_bounds_are_two_numbers_in_order(least: float, most: float) -> None:
    with pytest.raises(Problem, match="bounds"):
        replace(NEAR, least=least, most=most)


def land(classes: dict[float, str] | None = None) -> dict[str, Layer]:
    grid = np.array([[1, 0, 0, 0], [0, 0, 2, np.nan]], dtype=np.float32)
    return {"land": Gridded("land", FRAME, grid, classes=classes or {})}


def test_a_raster_is_measured_as_the_criterion_says() -> None:
    all_of_it = np.ones(FRAME.shape, dtype=bool)
    known = Frame(0.0, 200.0, 100.0, 2, 4)
    near = replace(NEAR, layer="land", values=(1.0,))
    found = measure(near, land(), known, all_of_it).values
    assert found is not None
    # the unknown cell may be nearer than the marked one: then nothing is said
    expected = [0, 0.1, np.nan, np.nan, 0.1, 0.141421, np.nan, np.nan]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    inside = measure(replace(near, kind=Kind.INSIDE), land(), known, all_of_it).values
    assert inside is not None
    np.testing.assert_array_equal(inside, [1, 0, 0, 0, 0, 0, 0, np.nan])


def test_a_raster_has_classes_that_are_chosen_by_name() -> None:
    named = land({1.0: "farmland", 2.0: "water"})
    area = np.ones(FRAME.shape, dtype=bool)
    farm = replace(NEAR, layer="land", kind=Kind.INSIDE, column="class", among=("farmland",))
    for criterion, expected in ((farm, [1, 0, 0, 0, 0, 0, 0]), (replace(farm, among=()), None)):
        found = measure(criterion, named, FRAME, area).values
        assert found is not None
        assert found[:7].tolist() == (expected or [1, 0, 0, 0, 0, 0, 1])
    with pytest.raises(Problem, match="stands for this class"):
        measure(replace(farm, among=("homes",)), named, FRAME, area)


def test_what_a_raster_cannot_tell_is_refused() -> None:
    area = np.ones(FRAME.shape, dtype=bool)
    with pytest.raises(Problem, match="zone_value of a raster"):
        measure(replace(NEAR, layer="land", kind=Kind.ZONE_VALUE), land(), FRAME, area)
    with pytest.raises(Problem, match="nothing says which values"):
        measure(replace(NEAR, layer="land"), land(), FRAME, area)
    nothing = measure(replace(NEAR, layer="land", values=(9.0,)), land(), FRAME, area)
    assert not nothing.known


def test_a_text_in_a_column_of_numbers_is_told() -> None:
    layer = Features("nodes", Shape.POINTS, [shapely.Point(0, 0)], {"kv": ["high"]})
    with pytest.raises(Problem, match="holds a text"):
        layer.numbers("kv")
