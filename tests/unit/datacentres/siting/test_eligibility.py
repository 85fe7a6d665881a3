"""Rules of eligibility: effects in order, buffers, rasters, what is unknown."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from nexpo.core.problem import Problem
from nexpo.datacentres.siting.cell_distance import From
from nexpo.datacentres.siting.eligibility import Effect, Rule, Unknown, eligibility
from nexpo.datacentres.siting.grid import Cells, Frame
from nexpo.datacentres.siting.layers import Features, Gridded, Layer, Missing, Shape

FRAME = Frame(0.0, 1000.0, 100.0, 10, 10)
ALL = np.ones(FRAME.shape, dtype=bool)


def zones() -> Features:
    shapes = [shapely.box(0, 0, 300, 1000), shapely.box(700, 0, 1000, 1000)]
    return Features("zones", Shape.POLYGONS, shapes, {"class": ["P3", "P1"]})


def raster() -> Gridded:
    values = np.zeros(FRAME.shape, dtype=np.float32)
    values[0], values[1] = 1, np.nan
    return Gridded("land", FRAME, values)


def answer(
    *rules: Rule,
    layers: dict[str, Layer] | None = None,
    unknown: Unknown = Unknown.ELIGIBLE,
) -> np.ndarray:
    given: dict[str, Layer] = {"zones": zones(), "land": raster(), "gone": Missing("gone", "lost")}
    return eligibility(ALL, FRAME, rules, layers or given, unknown=unknown).eligible


def test_no_rule_leaves_all() -> None:
    assert answer().all()


def test_exclude_takes_out_and_a_buffer_takes_more() -> None:
    assert answer(Rule("zones"))[0].astype(int).tolist() == [0, 0, 0, 1, 1, 1, 1, 0, 0, 0]
    assert answer(Rule("zones", buffer_m=50))[0].sum() == 2
    assert answer(Rule("zones", buffer_m=49))[0].sum() == 4


def test_only_some_classes_are_marked() -> None:
    assert answer(Rule("zones", column="class", among=("P3",)))[0].sum() == 7
    with pytest.raises(Problem, match="no column"):
        answer(Rule("zones", column="klass", among=("P3",)))


def test_require_leaves_only_and_readmit_takes_back() -> None:
    assert answer(Rule("zones", Effect.REQUIRE))[0].sum() == 6
    back = Rule("zones", Effect.READMIT, column="class", among=("P1",))
    assert answer(Rule("zones"), back)[0].sum() == 7


def test_touched_cells_count_when_asked() -> None:
    thin = Features("zones", Shape.POLYGONS, [shapely.box(390, 0, 410, 1000)])
    layers: dict[str, Layer] = {"zones": thin}
    assert answer(Rule("zones"), layers=layers)[0].sum() == 10
    touched = Rule("zones", cells=Cells.TOUCHED)
    assert answer(touched, layers=layers)[0].sum() == 8
    wider = Rule("zones", cells=Cells.TOUCHED, buffer_m=100)
    assert answer(wider, layers=layers)[5].sum() == 6


def test_raster_values_bounds_and_buffers() -> None:
    assert answer(Rule("land", values=(1,)))[:, 0].sum() == 9
    assert answer(Rule("land", at_least=0.5))[:, 0].sum() == 9
    assert answer(Rule("land", at_most=0.5))[:, 0].sum() == 2
    assert answer(Rule("land", values=(1,), buffer_m=249))[:, 0].sum() == 7
    assert answer(Rule("land", values=(1,), buffer_m=250, measured=From.EDGE))[:, 0].sum() == 6
    with pytest.raises(Problem, match="which values"):
        answer(Rule("land"))


def test_nodata_is_unknown_and_kept_apart() -> None:
    found = eligibility(ALL, FRAME, [Rule("land", values=(1,))], {"land": raster()})
    assert found.eligible[1].all()
    assert found.unchecked[1].tolist() == [1] * 10
    assert found.unchecked.sum() == found.applied[0].unknown == 10
    strict = answer(Rule("land", values=(1,)), unknown=Unknown.EXCLUDED)
    assert not strict[1].any()


def test_a_missing_layer_checks_nothing_and_is_said() -> None:
    given: dict[str, Layer] = {"gone": Missing("gone", "lost")}
    found = eligibility(ALL, FRAME, [Rule("gone")], given)
    assert found.eligible.all()
    assert found.missing[0].note == "lost"
    assert found.applied[0].marked is None
    assert not answer(Rule("gone"), unknown=Unknown.EXCLUDED).any()
    assert eligibility(ALL, FRAME, [Rule("other")], {}).missing[0].note.endswith("layer other")


def test_share_and_area_are_of_the_study_area() -> None:
    area = ALL.copy()
    area[:, 5:] = False
    found = eligibility(area, FRAME, [Rule("zones")], {"zones": zones()})
    assert found.share == pytest.approx(2 / 5)
    assert found.eligible_km2 == pytest.approx(0.2)
    nobody = eligibility(np.zeros_like(ALL), FRAME, [], {})
    assert np.isnan(nobody.share)


@pytest.mark.parametrize("buffer_m", [-1.0, float("nan"), float("inf")])
def test_a_buffer_that_is_no_length_is_refused(buffer_m: float) -> None:
    with pytest.raises(Problem, match="length in metres"):
        Rule("zones", buffer_m=buffer_m)


def test_a_buffer_that_reaches_an_unknown_cell_is_not_checked() -> None:
    values = np.zeros(FRAME.shape, dtype=np.float32)
    values[5, 5], values[0, 0] = np.nan, 1
    layers: dict[str, Layer] = {"land": Gridded("land", FRAME, values)}
    found = eligibility(ALL, FRAME, [Rule("land", values=(1,), buffer_m=100)], layers)
    assert found.unchecked.sum() == 5
    assert found.unchecked[5, 6] == found.unchecked[4, 5] == 1
    assert found.unchecked_share == pytest.approx(0.05)
    strict = eligibility(
        ALL, FRAME, [Rule("land", values=(1,), buffer_m=100)], layers, unknown=Unknown.EXCLUDED
    )
    assert not strict.eligible[5, 6]


def test_classes_of_a_raster_are_chosen_as_those_of_features() -> None:
    values = np.zeros(FRAME.shape, dtype=np.float32)
    values[0], values[1] = 3, 1
    layers: dict[str, Layer] = {
        "flood": Gridded("flood", FRAME, values, classes={1.0: "P1", 3.0: "P3"})
    }
    frequent = Rule("flood", column="class", among=("P3",))
    assert answer(frequent, layers=layers).sum() == 90
    assert answer(Rule("flood"), layers=layers).sum() == 80
    with pytest.raises(Problem, match="stands for this class"):
        answer(Rule("flood", column="class", among=("P2",)), layers=layers)
