"""Whether a table holds: where it fails, by how much, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.impact.balance import balance, check, printed_unit, refuse
from nexpo.impact.model import Finding, PriceBasis, Primary, Scope, Table, example
from nexpo.impact.multipliers import value_added_weights
from nexpo.impact.solve import System
from tests.io_tables import make_table


def changed(table: Table | None = None, **cells: Any) -> Table:
    """Change cells given as ``flows=((0, 1), 5.0)`` or whole parts."""
    table = table or example()
    parts: dict[str, Any] = {}
    for name, change in cells.items():
        if isinstance(change, tuple) and isinstance(change[0], tuple):
            array = getattr(table, name).copy()
            array[change[0]] = change[1]
            parts[name] = array
        else:
            parts[name] = change
    return replace(table, **parts)


def finding(table: Table, name: str) -> Finding:
    return next(each for each in check(table) if each.check == name)


@pytest.mark.parametrize("scope", list(Scope))
def test_a_table_that_balances_has_nothing_fatal(scope: Scope) -> None:
    table = example(scope)
    assert balance(table).rows.tolist() == [0.0, 0.0]
    assert not any(each.fatal for each in check(table))


def test_an_imbalance_is_told_by_sector_side_and_size() -> None:
    table = changed(flows=((1, 0), 55.0))
    row, column = finding(table, "row_balance"), finding(table, "column_balance")
    assert (row.where, row.value, row.fatal) == ("B", 25.0, True)
    assert (column.where, column.value, column.fatal) == ("A", 25.0, True)
    assert row.numbers == {"sectors": 1.0, "B": 25.0}
    with pytest.raises(Problem, match="sales of B differ from its output 200 by") as caught:
        refuse(table, check(table), file="t.csv")
    assert caught.value.where.file == "t.csv"
    refuse(table, check(table), accept=("row_balance", "column_balance"))


def test_rounding_of_printed_digits_is_no_finding() -> None:
    table = changed(flows=((1, 0), 32.0))  # two of 100: told, and within rounding
    assert balance(table).unit == 1.0
    assert [(each.check, each.fatal) for each in check(table)] == [
        ("row_balance", False),
        ("column_balance", False),
    ]
    assert "within rounding, 0 of 2" in finding(table, "row_balance").message
    assert table.imports is not None
    large = replace(
        table,
        **{name: getattr(table, name) * 1000 for name in ("flows", "final", "primary")},
        output=table.output * 1000,
        imports=table.imports * 1000,
    )
    assert check(changed(large, flows=((1, 0), 30_002.0))) == ()
    fine = changed(flows=((1, 0), 32.001))
    assert balance(fine).unit == 0.001
    assert finding(fine, "row_balance").value == pytest.approx(2.001)


def test_rounding_of_many_cells_explains_no_real_imbalance() -> None:
    """Thirty of 667 taken out of one of sixty sectors, printed to 1: 4.5 per cent."""
    n = 60
    flows = np.floor(np.random.default_rng(1).uniform(1, 10, (n, n)))
    output = flows.sum(axis=1) + 300.0
    output[:] = output.max() + 100.0
    table = make_table(flows, output)
    assert not any(each.fatal for each in check(table))
    cut = flows.copy()
    cut[7, :6] -= np.minimum(cut[7, :6], 5.0)
    taken = flows[7].sum() - cut[7].sum()
    found = finding(changed(table, flows=cut), "row_balance")
    assert (found.where, found.value, found.fatal) == ("S8", -taken, True)
    assert taken > 5 * 0.005 * output[7] > balance(table).row_tolerance[7]


def test_small_amounts_printed_as_zero_make_a_shortage_that_is_told() -> None:
    n = 400
    flows = np.zeros((n, n))
    np.fill_diagonal(flows, 50.0)
    table = make_table(flows, np.full(n, 1000.0))
    short = changed(table, output=np.full(n, 1030.0))
    assert not finding(short, "row_balance").fatal
    over = changed(table, output=np.full(n, 970.0))
    assert finding(over, "row_balance").fatal  # what was printed as zero adds nothing


def test_value_added_alone_leaves_inputs_open() -> None:
    """No row of imports or taxes: columns fall short of output, and only too much is wrong."""
    table = make_table(
        [[10.0, 20.0], [30.0, 10.0]], [100.0, 200.0], primary={Primary.VALUE_ADDED: [40.0, 120.0]}
    )
    assert [(each.check, each.fatal) for each in check(table)] == [("open_inputs", False)]
    assert finding(table, "open_inputs").numbers["S2"] == 50.0
    much = changed(table, primary=np.array([[70.0, 120.0]]))
    assert finding(much, "column_balance").fatal


def test_purchasers_prices_and_residual_value_added_are_told() -> None:
    table = example()
    priced = replace(table, origin=replace(table.origin, basis=PriceBasis.PURCHASER))
    assert "multipliers are too low" in finding(priced, "purchaser_prices").message
    assert any("purchasers' prices" in note for note in System.of_table(priced).notes)
    residual = replace(table, primary_rows=("value_added_residual", "surplus"))
    assert "not at basic prices" in finding(residual, "residual_value_added").message
    weights = value_added_weights(System.of_table(residual), residual)
    assert "overstated" in weights.note


def test_a_small_imbalance_is_told_and_not_fatal() -> None:
    table = changed(flows=((1, 0), 30.051))
    assert not finding(table, "row_balance").fatal
    assert any(each.fatal for each in check(table, unbalanced=0.0001))


def test_the_printed_unit() -> None:
    assert printed_unit(np.array([1.5, 1e6]), np.array([0.125])) == 0.001
    assert printed_unit(np.array([np.pi])) == 0.0
    assert printed_unit(np.zeros(0)) == 1.0


def test_inputs_that_reach_output() -> None:
    table = changed(flows=((1, 0), 95.0))
    found = finding(table, "column_sum")
    assert (found.where, found.value, found.fatal) == ("A", 1.05, True)


def test_total_use_taken_for_domestic_is_recognised() -> None:
    table = replace(example(Scope.TOTAL), scope=Scope.DOMESTIC)
    assert "scope total" in finding(table, "row_balance").message
    assert "multipliers" in finding(example(Scope.TOTAL), "total_use").message


def test_imports_are_never_value_added() -> None:
    table = example()
    assert table.imports is not None
    imports = table.imports.sum(axis=0)
    held = changed(table, primary=np.vstack([[30.0, 90.0], imports]))
    assert finding(held, "imports_in_value_added").where == "surplus"
    named = replace(table, primary_rows=("wages", "Imported inputs"))
    assert finding(named, "imports_in_value_added").fatal
    twice = changed(
        primary=np.vstack([[50.0, 150.0], imports]),
        primary_rows=("va", "row"),
        primary_kinds=(Primary.VALUE_ADDED, Primary.IMPORTS),
    )
    assert finding(twice, "imports_twice").fatal
    assert "counted twice" in finding(twice, "column_balance").message


def test_negative_cells() -> None:
    assert finding(changed(flows=((0, 1), -20.0)), "negative_flow").fatal
    tiny = finding(changed(flows=((0, 1), -0.5)), "negative_flow")
    assert (tiny.where, tiny.value, tiny.fatal) == ("A to B", -0.5, False)
    inventories = finding(changed(final=((0, 0), -5.0)), "negative_final_use")
    assert "usual for inventories" not in inventories.message  # the column is of households
    assert (inventories.where, inventories.fatal) == ("A to households", False)
    assert finding(changed(output=((0,), -1.0)), "negative_output").fatal
    assert not finding(changed(primary=((1, 0), -60.0)), "negative_value_added").fatal


def test_a_sector_without_output() -> None:
    nothing = changed(flows=np.array([[0.0, 0.0], [0.0, 10.0]]), output=np.array([0.0, 200.0]))
    assert not finding(nothing, "zero_output").fatal
    busy = changed(output=((0,), 0.0))
    assert finding(busy, "zero_output").fatal
    assert balance(busy).input_share[0] == 0.0


def test_a_table_without_value_added_or_with_holes() -> None:
    none = changed(primary_kinds=(Primary.MARGIN, Primary.MARGIN))
    assert not finding(none, "no_value_added").fatal
    hole = finding(changed(flows=((0, 1), np.nan)), "not_finite")
    assert (hole.where, hole.fatal) == ("A", True)
