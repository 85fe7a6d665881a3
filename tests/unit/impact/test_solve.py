from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.impact import solve
from nexpo.impact.model import Scope
from nexpo.impact.solve import SolveMethod, System
from tests.io_tables import make_table, random_system, textbook


def banded(size: int) -> System:
    """Return a sparse chain of suppliers, large enough for an iteration by default."""
    flows = np.zeros((size, size))
    np.fill_diagonal(flows, 0.2)
    flows[np.arange(size - 1), np.arange(1, size)] = 0.5
    return System(flows, np.ones(size))


def test_a_small_system_is_answered_by_lu() -> None:
    found = System.of_table(textbook()).solve(np.array([350.0, 1700.0]))
    assert (found.method, found.note) == (SolveMethod.LU, "")
    np.testing.assert_allclose(found.values, [1000, 2000], rtol=1e-14)


@pytest.mark.parametrize(
    ("sides", "method"), [(1, SolveMethod.GMRES), (16, SolveMethod.GMRES), (17, SolveMethod.LU)]
)
def test_a_large_system_is_answered_by_what_suits_the_number_of_plans(
    sides: int, method: SolveMethod
) -> None:
    system = banded(650)
    demand = np.random.default_rng(3).random((650, sides))
    found = system.solve(demand)
    assert found.method is method
    assert found.residual <= 1e-10
    np.testing.assert_allclose(system.apply(found.values), demand, atol=1e-9)


def test_factors_once_made_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    system = banded(650)
    system.factorise()
    monkeypatch.setattr(System, "_factors", None)
    assert system.solve(np.ones(650)).method is SolveMethod.LU


@pytest.mark.parametrize(("sides", "method"), [(17, SolveMethod.GMRES), (64, SolveMethod.REFINED)])
def test_above_the_limit_of_lu_many_plans_are_iterated_or_refined(
    monkeypatch: pytest.MonkeyPatch, sides: int, method: SolveMethod
) -> None:
    monkeypatch.setattr(solve, "_SMALL", 10)
    monkeypatch.setattr(solve, "LARGEST_LU", 20)
    system = System(*random_system(4, 40))
    demand = np.random.default_rng(5).random((40, sides))
    found = system.solve(demand)
    assert found.method is method
    np.testing.assert_allclose(
        found.values, np.linalg.solve(np.eye(40) - system.coefficients(), demand), rtol=1e-9
    )


def test_an_iteration_that_stops_early_is_answered_by_lu_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lazy(apply: Any, sides: Any, near: Any = None) -> Any:
        return np.zeros_like(sides), 7

    monkeypatch.setattr(solve, "gmres", lazy)
    found = System.of_table(textbook()).solve(np.ones(2), method=SolveMethod.GMRES)
    assert found.method is SolveMethod.LU
    assert found.note == "GMRES stopped at a residual of 1.0e+00: answered by LU"
    assert found.residual < 1e-14


@pytest.mark.parametrize("order", ["C", "F"])
def test_answering_home_trade_first_takes_fewer_products_to_the_same_answer(order: Any) -> None:
    rng = np.random.default_rng(8)
    flows = rng.random((60, 60))
    for start in range(0, 60, 20):
        flows[start : start + 20, start : start + 20] *= 30
    output = 1.5 * flows.sum(axis=0)
    flows = np.asarray(flows, order=order)
    regions = [name for name in ("IT", "DE", "FR") for _ in range(20)]
    plain, near = System(flows, output), System(flows, output, regions=regions)
    demand = rng.random(60)
    for ask in (System.solve, System.solve_transposed):
        slow = ask(plain, demand, method=SolveMethod.GMRES)
        fast = ask(near, demand, method=SolveMethod.GMRES)
        assert fast.method is SolveMethod.GMRES
        assert fast.iterations < slow.iterations
        np.testing.assert_allclose(fast.values, slow.values, rtol=1e-10)


def test_no_demand_needs_no_output() -> None:
    system = System.of_table(textbook())
    for method in SolveMethod:
        found = system.solve(np.zeros((2, 2)), method=method)
        assert found.residual == 0.0
        assert not found.values.any()


def test_a_sector_without_output_answers_only_its_own_demand() -> None:
    system = System(np.array([[2.0, 0.0], [0.0, 0.0]]), np.array([4.0, 0.0]))
    assert system.solve(np.array([1.0, 3.0])).values.tolist() == [2.0, 3.0]
    assert system.column_sums.tolist() == [0.5, 0.0]


def test_coefficients_are_made_only_when_asked_for() -> None:
    system = System.of_table(textbook())
    np.testing.assert_allclose(system.coefficients(), [[0.15, 0.25], [0.2, 0.05]])
    np.testing.assert_allclose(system.column(1), [0.25, 0.05])
    assert System.of_coefficients(system.coefficients()).solve(np.ones(2)).values == pytest.approx(
        system.solve(np.ones(2)).values
    )


@pytest.mark.parametrize(
    ("flows", "output", "message"),
    [
        ([[1, 2], [3, np.nan]], [10, 10], r"(?s)a flow is not a number.*row M, column M.*nan"),
        ([[1, np.inf], [3, 4]], [10, 10], r"(?s)a flow is not a number.*row A, column M"),
        ([[1, 2], [3, 4]], [10, np.nan], r"(?s)output is not a number.*sector M"),
        ([[1, 2], [3, 4]], [-1, 10], r"(?s)output is below zero.*sector A.*-1"),
        ([[1, 2], [3, 4]], [10, 0], r"(?s)without output buys inputs.*sector M.*6"),
        ([[6, 2], [4, 4]], [10, 10], r"(?s)column sum of A >= 1.*sector A.*1\.0"),
        ([[6, 9], [6, 4]], [10, 10], r"(?s)sectors M, A"),
        ([[1, 2]], [10, 10], "shape"),
    ],
)
def test_a_table_that_cannot_be_solved_is_refused_by_name(
    flows: list[list[float]], output: list[float], message: str
) -> None:
    with pytest.raises(Problem) as raised:
        System(np.array(flows), np.array(output), ("A", "M"))
    assert raised.match(message)


def test_a_column_sum_at_one_goes_on_by_name_where_every_demand_has_an_answer() -> None:
    flows, output = np.array([[5.0, 1.0], [6.0, 1.0]]), np.array([10.0, 10.0])
    system = System(flows, output, ("A", "M"), allow_column_sums=True)
    assert system.notes == ("column sum of A at or above 1: sector A",)
    np.testing.assert_allclose(system.solve(system.final_demand()).values, output)
    with pytest.raises(Problem, match="Hawkins and Simon"):
        System(flows * [[2.5, 1], [2.5, 1]], output, ("A", "M"), allow_column_sums=True)


def test_a_system_without_one_answer_is_refused() -> None:
    with pytest.raises(Problem, match="no single answer"):
        System(np.array([[5.0, 5.0], [5.0, 5.0]]), np.array([10.0, 10.0]), allow_column_sums=True)


@pytest.mark.parametrize(
    ("demand", "message"),
    [(np.ones(3), "shape"), (np.array([1.0, np.nan]), r"(?s)not a number.*sector M")],
)
def test_a_demand_that_means_nothing_is_refused(demand: Any, message: str) -> None:
    system = System.of_table(textbook())
    with pytest.raises(Problem) as raised:
        system.solve(demand)
    assert raised.match(message)


def test_flows_that_hold_imports_are_refused_unless_allowed_by_name() -> None:
    table = make_table([[1, 2], [3, 4]], [10, 10], scope=Scope.TOTAL)
    with pytest.raises(Problem, match="hold imports"):
        System.of_table(table)
    assert System.of_table(table, allow_total=True).size == 2


def test_a_system_on_the_edge_is_solved_and_its_error_told() -> None:
    draw = np.random.default_rng(3)
    flows = draw.random((40, 40))
    flows *= (1 - 1e-7) / flows.sum(axis=0)
    found = System(flows, np.ones(40)).solve_transposed(np.ones(40))
    assert found.values == pytest.approx(np.full(40, 1e7), rel=1e-6)
    demand = draw.standard_normal(40)
    answer = System(flows, np.ones(40)).solve(demand)
    assert answer.residual < 1e-6
    if answer.residual > 1e-10:
        assert "backward error" in answer.note
