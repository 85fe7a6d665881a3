from __future__ import annotations

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.impact.closure import ClosedSystem, Institution, close
from nexpo.impact.households import Denominator, by_wage_share, household_closure
from nexpo.impact.model import Primary, Table, Use
from nexpo.impact.solve import System
from tests.io_tables import make_table, textbook


def imported() -> Table:
    """Households buy 100 at home, 20 from abroad, and pay 5 of product taxes."""
    return make_table(
        [[10, 20], [30, 10]],
        [100, 100],
        uses=(Use.HOUSEHOLDS, Use.CAPITAL),
        final=[[60, 10], [40, 20]],
        final_imports=[[20, 5], [0, 0]],
        primary={
            Primary.COMPENSATION: [30, 50],
            Primary.SURPLUS: [20, 15],
            Primary.PRODUCT_TAX: [10, 5],
        },
        primary_final=[[0, 0], [0, 0], [5, 1]],
    )


@pytest.mark.parametrize(
    ("denominator", "income", "divisor"),
    [
        (Denominator.OUTLAY, None, 125.0),
        (Denominator.COMPENSATION, None, 80.0),
        (Denominator.INCOME, 200.0, 200.0),
    ],
)
def test_each_reading_divides_consumption_by_its_own_total(
    denominator: Denominator, income: float | None, divisor: float
) -> None:
    table = imported()
    closure = household_closure(
        System.of_table(table), table, denominator=denominator, income_total=income
    )
    np.testing.assert_allclose(closure.spending[:, 0], np.array([60, 40]) / divisor)
    np.testing.assert_allclose(closure.income[0], [0.3, 0.5])
    assert f"{divisor:,.6g}" in closure.words[2]


def test_saving_taxes_and_commuters_scale_what_is_spent_and_earned() -> None:
    table = imported()
    closure = household_closure(
        System.of_table(table),
        table,
        denominator=Denominator.OUTLAY,
        resident_share=0.9,
        saving=0.1,
        tax=0.3,
        note="of the neighbour",
    )
    np.testing.assert_allclose(closure.spending[:, 0], 0.6 * np.array([60, 40]) / 125)
    np.testing.assert_allclose(closure.income[0], [0.27, 0.45])
    assert closure.words[0].startswith("income: compensation of 80 (of the neighbour)")
    assert "saving 0.1 and tax 0.3" in closure.words[2]


def test_an_outlay_that_is_published_in_part_says_so() -> None:
    table = textbook()
    closure = household_closure(System.of_table(table), table, denominator=Denominator.OUTLAY)
    assert "not published: imported, taxes and other rows" in closure.words[2]


def test_imports_in_a_row_under_final_demand_are_part_of_outlay() -> None:
    table = make_table(
        [[10, 20], [30, 10]],
        [100, 100],
        final=[[70], [60]],
        primary={Primary.COMPENSATION: [30, 40], Primary.IMPORTS: [30, 30]},
        primary_final=[[0], [20]],
    )
    closure = household_closure(System.of_table(table), table, denominator=Denominator.OUTLAY)
    assert closure.words[2].startswith("divided by: outlay, 150;")


def test_wage_shares_of_a_peer_stand_in_for_a_missing_row() -> None:
    table = make_table([[10, 20], [30, 10]], [100, 100])
    system = System.of_table(table)
    with pytest.raises(Problem, match="no compensation of employees"):
        household_closure(system, table, denominator=Denominator.OUTLAY)
    paid = by_wage_share(table.value_added(), np.array([0.5, 0.2]))
    closure = household_closure(
        system, table, denominator=Denominator.OUTLAY, compensation=paid, saving=0.2
    )
    np.testing.assert_allclose(closure.income[0], [0.3, 0.14])
    with pytest.raises(Problem, match="wage shares"):
        by_wage_share(table.value_added(), np.array([0.5, np.nan]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"saving": 1.5}, "saving is a share"),
        ({"saving": 0.6, "tax": 0.4}, "nothing to spend"),
        ({"denominator": Denominator.INCOME}, "no total income"),
        ({"uses": (Use.GOVERNMENT,)}, "no households"),
    ],
)
def test_a_reading_that_cannot_be_is_refused(arguments: dict[str, object], message: str) -> None:
    table = imported()
    given = {"denominator": Denominator.OUTLAY} | arguments
    with pytest.raises(Problem, match=message):
        household_closure(System.of_table(table), table, **given)  # type: ignore[arg-type]


def test_income_that_comes_back_in_full_has_no_total_effect() -> None:
    system = System.of_table(textbook())
    greedy = Institution("households", np.array([850.0, 1000]), np.array([500.0, 500.0]), 500.0)
    with pytest.raises(Problem, match="no total effect"):
        ClosedSystem(system, close(system, [greedy]))


@pytest.mark.parametrize(
    ("account", "message"),
    [
        (Institution("h", np.ones(3), np.ones(2), 1.0), "for each sector"),
        (Institution("h", np.ones(2), np.ones(2), 0.0), "not above zero"),
        (Institution("h", np.zeros(2), np.ones(2), 9.0), "receives nothing"),
        (Institution("h", np.ones(2), np.array([1.0, np.nan]), 9.0), "not a number"),
        (
            Institution("h", np.ones(2), np.ones(2), 9.0, {"state": 1.0}),
            "'state', which is not inside",
        ),
    ],
)
def test_an_account_that_cannot_be_is_refused(account: Institution, message: str) -> None:
    with pytest.raises(Problem, match=message):
        close(System.of_table(textbook()), [account])


def test_two_groups_of_households_have_no_single_factor() -> None:
    system = System.of_table(textbook())
    groups = [
        Institution("poor", np.array([100.0, 100]), np.array([90.0, 100]), 200.0),
        Institution("rich", np.array([200.0, 400]), np.array([100.0, 100]), 600.0, {"poor": 30.0}),
    ]
    closure = close(system, groups)
    assert closure.kind == "Type SAM"
    assert "pays 30 to accounts" in closure.words[1]
    closed = ClosedSystem(system, closure)
    with pytest.raises(Problem, match="no single Type II factor"):
        _ = closed.factor
    assert 0 < closed.share_respent < 1
