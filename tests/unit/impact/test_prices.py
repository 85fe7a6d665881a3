"""Shares that the table itself states: taxes, imports, who earns a margin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.impact.model import Phase, Primary, Use
from nexpo.impact.prices import import_shares_by_phase, margin_weights, tax_shares
from tests.impact_economy import SECTORS, economy
from tests.io_tables import make_table


def test_taxes_of_capital_and_of_inputs() -> None:
    table = economy()
    found = tax_shares(table, dict.fromkeys(Phase, 0.5))
    # capital: 153 domestic, 20 imported, 7 tax; inputs: flows 163, imports 41, tax 10, margin 4
    assert found[Phase.CONSTRUCTION] == pytest.approx(7 / 180)
    assert table.imports is not None
    inputs = table.flows.sum() + table.imports.sum() + 10 + 4
    assert found[Phase.OPERATION] == pytest.approx(10 / inputs)


def test_a_table_without_tax_rows_takes_the_fallback() -> None:
    table = economy()
    bare = replace(table, primary_kinds=(table.primary_kinds[0],) * 4)
    assert tax_shares(bare, {Phase.CONSTRUCTION: 0.04, Phase.OPERATION: 0.02}) == {
        Phase.CONSTRUCTION: 0.04,
        Phase.OPERATION: 0.02,
    }


def test_imports_by_phase_and_fallback_to_all_uses() -> None:
    table = economy()
    found = import_shares_by_phase(table)
    assert found[Phase.CONSTRUCTION][:2] == pytest.approx([0.5, 0.0])
    assert found[Phase.OPERATION][0] == pytest.approx(30 / (57 + 30))
    final = table.final.copy()
    final[0, 1], final[0, 0] = 0.0, final[0].sum()
    imported = np.array([[25.0, 0], [0, 0], [0, 0], [1, 0]])
    other = replace(table, final=final, final_imports=imported)
    every = (30 + 25) / (30 + 25 + table.output[0])
    assert import_shares_by_phase(other)[Phase.CONSTRUCTION][0] == pytest.approx(every)


def test_imports_known_only_in_total() -> None:
    table = economy()
    total = np.array([40.0, 0, 4, 7])
    bare = replace(table, imports=None, final_imports=None, import_total=total)
    found = import_shares_by_phase(bare)[Phase.OPERATION]
    assert found[0] == pytest.approx(40 / (40 + table.output[0]))
    with pytest.raises(Problem, match="does not say which products are imported"):
        import_shares_by_phase(replace(bare, import_total=None))


def test_margin_weights_name_sectors_of_the_table() -> None:
    assert margin_weights({"G46": 3, "H49": 1, "H51": 9}, SECTORS, "trade").tolist() == [
        0, 0, 0.75, 0.25,
    ]  # fmt: skip
    with pytest.raises(Problem, match="no sector of the table earns the trade margin"):
        margin_weights({"G45": 1}, SECTORS, "trade")


def test_all_columns_of_capital_formation_count() -> None:
    table = make_table(
        [[0.0, 0.0], [0.0, 0.0]],
        [100.0, 100.0],
        uses=(Use.CAPITAL, Use.CAPITAL, Use.HOUSEHOLDS),
        use_names=("dwellings", "machines", "households"),
        final=[[80.0, 20.0, 0.0], [0.0, 0.0, 100.0]],
        imports=np.zeros((2, 2)),
        final_imports=[[0.0, 100.0, 0.0], [0.0, 0.0, 0.0]],
        primary={Primary.VALUE_ADDED: [100.0, 100.0], Primary.PRODUCT_TAX: [0.0, 0.0]},
        primary_final=[[0.0, 0.0, 0.0], [0.0, 50.0, 0.0]],
    )
    assert (
        import_shares_by_phase(table)[Phase.CONSTRUCTION][0] == 0.5
    )  # 100 of 200, over both columns
    assert tax_shares(table, {})[Phase.CONSTRUCTION] == 50.0 / 250.0


def test_margins_are_earned_by_the_division_in_whatever_code() -> None:
    for code in ("46", "G", "G45-47", "G46"):
        assert margin_weights({"G46": 100.0}, ["F", code], "trade").tolist() == [0.0, 1.0]
