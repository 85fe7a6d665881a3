from __future__ import annotations

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.impact.closure import ClosedSystem
from nexpo.impact.extraction import extract
from nexpo.impact.households import Denominator, household_closure
from nexpo.impact.linkages import Role, linkages
from nexpo.impact.model import Satellite, Table, Use
from nexpo.impact.multipliers import (
    Unknown,
    compensation_weights,
    multipliers,
    output_weights,
    satellite_weights,
    value_added_weights,
)
from nexpo.impact.paths import Limits, paths
from nexpo.impact.price_model import fixed_price_change, import_price_change
from nexpo.impact.solve import System
from nexpo.impact.variance import variance
from tests.io_tables import make_table, textbook


def with_jobs(*values: float) -> tuple[System, Table]:
    jobs = Satellite("jobs", "person", np.array(values), 2020, "tests")
    table = make_table([[10, 20], [30, 10]], [100, 100], satellites=[jobs])
    return System.of_table(table), table


def test_value_added_per_unit_is_all_of_it_where_nothing_else_leaks() -> None:
    table = textbook()
    system = System.of_table(table)
    (found,) = multipliers(system, [value_added_weights(system, table)])
    np.testing.assert_allclose(found.simple, 1.0)
    np.testing.assert_allclose(found.direct, [0.65, 0.7])
    np.testing.assert_allclose(found.indirect, [0.35, 0.3])
    np.testing.assert_allclose(found.type_one, [1 / 0.65, 1 / 0.7])
    assert found.induced is None
    assert found.type_two is None


def test_induced_is_truncated_type_two_less_type_one() -> None:
    table = textbook()
    system = System.of_table(table)
    closed = ClosedSystem(
        system, household_closure(system, table, denominator=Denominator.COMPENSATION, saving=0.2)
    )
    weights = [output_weights(system, closed), value_added_weights(system, table)]
    output, added = multipliers(system, weights, closed)
    a = system.coefficients()
    star = np.block([[a, closed.closure.spending], [closed.closure.income, np.zeros((1, 1))]])
    inverse = np.linalg.inv(np.eye(3) - star)
    assert output.truncated is not None
    assert output.total is not None
    assert output.induced is not None
    assert added.truncated is not None
    assert added.total is not None
    np.testing.assert_allclose(output.truncated, inverse[:2, :2].sum(axis=0))
    np.testing.assert_allclose(output.total, inverse[:, :2].sum(axis=0))
    np.testing.assert_allclose(output.induced, inverse[:2, :2].sum(axis=0) - output.simple)
    np.testing.assert_allclose(added.truncated, np.array([0.65, 0.7]) @ inverse[:2, :2])
    np.testing.assert_allclose(added.total, added.truncated)


def test_a_sector_without_the_indicator_has_an_effect_and_no_ratio() -> None:
    system, table = with_jobs(5.0, 0.0)
    (found,) = multipliers(system, [satellite_weights(system, table, "jobs")])
    assert found.unit == "person per EUR"
    assert found.simple[1] > 0
    assert np.isnan(found.type_one[1])


def test_an_unknown_satellite_is_refused_or_left_out_by_name() -> None:
    system, table = with_jobs(5.0, float("nan"))
    with pytest.raises(Problem, match="unknown in 1 sectors"):
        satellite_weights(system, table, "jobs")
    found = satellite_weights(system, table, "jobs", Unknown.LEAVE_OUT)
    assert found.per_output.tolist() == [0.05, 0.0]
    assert found.note == "unknown in 1 sectors, counted as nothing: S2"


def test_a_table_without_compensation_says_what_to_do() -> None:
    table = make_table([[10, 20], [30, 10]], [100, 100])
    with pytest.raises(Problem, match="no compensation"):
        compensation_weights(System.of_table(table), table)


def test_roles_follow_both_indices() -> None:
    flows = [[0, 40, 30], [0, 0, 0], [0, 30, 0]]
    system = System(np.array(flows, dtype=float), np.array([100.0, 100.0, 100.0]))
    found = linkages(system)
    assert found.roles == (Role.FORWARD, Role.BACKWARD, Role.WEAK)
    assert not found.key.any()
    np.testing.assert_allclose(found.direct_backward, [0, 0.7, 0.3])
    np.testing.assert_allclose(found.direct_forward, [0.7, 0, 0.3])


def test_an_empty_sector_leaves_the_mean_only_by_name() -> None:
    flows = np.array([[10.0, 20, 0], [30, 10, 0], [0, 0, 0]])
    system = System(flows, np.array([100.0, 100, 0]))
    counted, left_out = linkages(system), linkages(system, leave_out_empty=True, dispersion=True)
    assert counted.backward[2] == counted.forward[2] == 1.0
    assert counted.backward_index.mean() == pytest.approx(1.0)
    assert left_out.backward_index[:2].mean() == pytest.approx(1.0)
    two = linkages(System(flows[:2, :2], np.array([100.0, 100])), dispersion=True)
    assert two.backward_dispersion is not None
    assert two.forward_dispersion is not None
    assert left_out.backward_dispersion is not None
    assert left_out.forward_dispersion is not None
    np.testing.assert_allclose(left_out.backward_dispersion[:2], two.backward_dispersion)
    np.testing.assert_allclose(left_out.forward_dispersion[:2], two.forward_dispersion)


def test_an_index_can_be_weighted_by_final_demand() -> None:
    system = System.of_table(textbook())
    found = linkages(system, backward_weights=system.final_demand())
    share = system.final_demand() / system.final_demand().sum()
    assert float(share @ found.backward_index) == pytest.approx(1.0)
    with pytest.raises(Problem, match="not all zero"):
        linkages(system, backward_weights=np.zeros(2))


@pytest.mark.parametrize("group", [[], [0, 0], [2], [-1]])
def test_a_group_that_is_no_group_is_refused(group: list[int]) -> None:
    with pytest.raises(Problem, match="each of its sectors once"):
        extract(System.of_table(textbook()), group)


def test_a_search_says_why_it_stopped() -> None:
    system = System.of_table(textbook())
    demand, ones = np.array([1.0, 1.0]), np.ones(2)
    few = paths(system, demand, ones, Limits(threshold=1e-9, branches=5))
    assert (few.stopped, few.opened) == ("branches", 5)
    assert few.found + few.truncated == pytest.approx(few.total)
    short = paths(system, demand, ones, Limits(threshold=1e-3, order=1))
    assert short.stopped == "threshold, chains cut at order 1"
    assert {path.order for path in short.paths} == {0, 1}
    assert short.largest_missed > 1e-3 * short.total  # what lies behind the cut chains


def test_a_search_over_amounts_below_zero_is_refused() -> None:
    system = System.of_table(textbook())
    with pytest.raises(Problem, match="demand is below zero in sector M"):
        paths(system, np.array([1.0, -1.0]), np.ones(2))
    with pytest.raises(Problem, match="brings nothing"):
        paths(system, np.zeros(2), np.ones(2))
    negative = System(np.array([[10.0, -5], [30, 10]]), np.array([100.0, 100]))
    with pytest.raises(Problem, match="flow from 0 to 1 is below zero"):
        paths(negative, np.ones(2), np.ones(2))
    with pytest.raises(Problem, match="threshold between 0 and 1"):
        Limits(threshold=0.0)


def test_dearer_imports_pass_through_to_home_prices() -> None:
    table = make_table(
        [[10, 20], [30, 10]], [100, 100], imports=np.array([[5.0, 10.0], [0.0, 20.0]])
    )
    system = System.of_table(table)
    assert table.imports is not None
    found = import_price_change(system, table.imports, np.array([0.1, 0.0]))
    by_user = import_price_change(system, np.array([5.0, 10.0]), np.array([0.1, 0.1]))
    np.testing.assert_allclose(found, by_user)
    np.testing.assert_allclose(system.apply_transposed(found), [0.005, 0.01])
    with pytest.raises(Problem, match="comes once"):
        fixed_price_change(system, [0, 0], np.ones(2))


def test_doubt_has_the_shape_of_what_is_doubted() -> None:
    system = System.of_table(textbook())
    f, g = np.array([600.0, 1500]), np.ones(2)
    each = variance(system, f, g, 0.1)
    whole = variance(system, f, g, np.full((2, 2), 0.1))
    assert each.total == pytest.approx(whole.total)
    assert each.cells[0][:2] == (0, 1)
    assert each.relative == pytest.approx(each.deviation / each.effect)
    with pytest.raises(Problem, match="0 or more"):
        variance(system, f, g, -0.1)


def test_households_may_include_non_profit_bodies() -> None:
    table = make_table(
        [[150, 500], [200, 100]],
        [1000, 2000],
        uses=(Use.HOUSEHOLDS, Use.NON_PROFIT, Use.EXPORTS),
        final=[[50, 10, 290], [400, 40, 1260]],
        primary=dict(zip(textbook().primary_kinds, textbook().primary, strict=True)),
    )
    system = System.of_table(table)
    both = household_closure(
        system, table, denominator=Denominator.OUTLAY, uses=(Use.HOUSEHOLDS, Use.NON_PROFIT)
    )
    np.testing.assert_allclose(both.spending[:, 0], [60 / 500, 440 / 500])
