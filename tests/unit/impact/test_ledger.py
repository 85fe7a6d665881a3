"""The ledger closes to 1, whatever is bought; cents sum to the plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.impact.demand import purchases_of
from nexpo.impact.ledger import Columns, Leakage, apportion, leakage_of
from nexpo.impact.model import Phase, Plan, PriceBasis, Table
from nexpo.impact.prices import Deflators, Rates, import_shares_by_phase
from nexpo.impact.solve import System
from tests.impact_economy import SECTORS, economy, line, plan


def ledger(table: Table, bought: Plan) -> Leakage:
    taxed = np.full(4, 0.1)
    rates = Rates(dict.fromkeys(Phase, taxed), taxed, np.zeros(4), np.eye(4)[2], np.eye(4)[3])
    demand = purchases_of(
        bought,
        SECTORS,
        rates=rates,
        import_shares=import_shares_by_phase(table),
        deflators=Deflators({}),
    ).at(np.ones(4))
    output = System.of_table(table).solve(demand.domestic).values
    return leakage_of(demand, output, Columns.of(table), ("XX",) * 4)


@pytest.mark.parametrize("basis", list(PriceBasis))
def test_shares_sum_to_one(basis: PriceBasis) -> None:
    bought = plan(line("C28", 33_33, basis=basis), line("F", 66_67, basis=basis, year=2015))
    found = ledger(economy(), bought)
    assert found.total == pytest.approx(1.0, abs=1e-12)
    assert found.imbalance == pytest.approx(0.0, abs=1e-12)
    assert sum(cents for _, cents in found.cents()) == 100_00
    assert found.amount_eur == pytest.approx(100.0)


def test_the_imbalance_of_the_table_is_stated_beside_the_rows() -> None:
    table = economy()
    off = replace(table, primary=table.primary * np.array([[0.99], [1], [1], [1]]))
    found = ledger(off, plan(line("F", 100_00)))
    assert found.total < 1
    assert found.total + found.imbalance == pytest.approx(1.0, abs=1e-12)
    assert sum(cents for _, cents in found.cents()) == 100_00


def test_value_added_share_is_the_multiplier_of_value_added() -> None:
    table = economy()
    share = ledger(table, plan(line("F", 100_00))).share("XX")
    inverse = np.linalg.inv(np.eye(4) - table.flows / table.output)
    assert share == pytest.approx(float((table.value_added() / table.output) @ inverse[:, 1]))


def test_margins_paid_are_told_and_stand_inside_the_rows() -> None:
    found = ledger(economy(), plan(line("C28", 100_00, basis=PriceBasis.PURCHASER)))
    assert found.margins_paid_eur == pytest.approx(10.0)


def test_apportioning_keeps_the_sum() -> None:
    assert apportion(100, [0.5, 0.3, 0.2]) == [50, 30, 20]
    assert sum(apportion(1_000_003, [0.1234567, 0.8765433, 1e-12])) == 1_000_003
    assert sum(apportion(7, [0.7, 0.7])) == 7


def test_no_spending_has_no_ledger() -> None:
    table = economy()
    with pytest.raises(Problem, match="above zero"):
        ledger(table, plan(line("F", 0)))
