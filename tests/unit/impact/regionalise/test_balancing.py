"""What balancing refuses, and the conventions it has a name for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.impact.regionalise.balancing import Stop, gras, ras
from nexpo.impact.regionalise.margins import Printed, Reconcile, agree, printed_decimals

NAMES = (("north", "south"), ("grain", "steel"))


def arrays(*lists: Any) -> list[np.ndarray]:
    return [np.array(each, dtype=float) for each in lists]


@pytest.mark.parametrize(
    ("table", "rows", "columns", "said"),
    [
        ([[0, 0], [1, 1]], [1, 2], [1, 2], "row north holds only zeros"),
        ([[1, 0], [1, 0]], [1, 2], [1, 2], "column steel holds only zeros"),
        ([[1, 1], [1, 1]], [-1, 4], [1, 2], "row north has positive entries only"),
        ([[-1, -1], [1, 1]], [1, 2], [1, 2], "row north has negative entries only"),
        ([[1, 1], [1, 1]], [10, 20], [10, 25], "column totals to 35: 5 apart"),
        ([[1, 0], [0, 1]], [1, 2], [2, 1], "misses its total"),
        ([[1, 1], [0, 1]], [1, 3], [2, 2], "row south misses its total 3 by 1"),
        ([[1, 0], [0, -1]], [200, -100], [300, -200], "misses its total"),
        ([[1, 1], [1, 1]], [1, np.inf], [1, 2], "no number"),
        ([[1, np.nan], [1, 1]], [1, 2], [1, 2], "no number"),
        ([[1, 1], [1, 1]], [1, 2, 3], [1, 2], "totals for a table of 2 x 2"),
    ],
)
def test_margins_that_cannot_be_met_name_the_line(
    table: list[list[float]], rows: list[float], columns: list[float], said: str
) -> None:
    with pytest.raises(Problem, match=said):
        gras(*arrays(table, rows, columns), names=NAMES if len(rows) == 2 else ((), ()))


def test_ras_refuses_what_gras_is_for() -> None:
    table, rows, columns = arrays([[2, -1], [1, 1]], [1, 2], [2, 1])
    with pytest.raises(Problem, match="RAS takes no entry below zero") as caught:
        ras(table, rows, columns, names=NAMES)
    assert (caught.value.where.row, caught.value.where.column) == (1, "steel")
    assert gras(table, rows, columns).values.sum(axis=1) == pytest.approx([1, 2])


def test_a_total_of_zero_empties_a_line_of_one_sign() -> None:
    table, rows, columns = arrays([[1, 2], [3, 4]], [0, 5], [2, 3])
    found = ras(table, rows, columns, names=NAMES)
    assert found.values.tolist() == [[0, 0], [2, 3]]
    assert "emptied north" in found.notes[0]


def test_a_total_of_zero_is_met_by_entries_of_both_signs() -> None:
    table, rows, columns = arrays([[4, -1], [3, 4]], [0, 6], [3, 3])
    found = gras(table, rows, columns)
    assert found.values.sum(axis=1) == pytest.approx([0, 6])
    assert found.values[0, 0] > 0 > found.values[0, 1]


def test_a_line_without_positive_entries_is_met() -> None:
    table, rows, columns = arrays([[-1, -2, 0], [3, 4, 5]], [-6, 20], [1, 4, 9])
    found = gras(table, rows, columns)
    assert found.values.sum(axis=1) == pytest.approx([-6, 20])
    assert found.values.sum(axis=0) == pytest.approx([1, 4, 9])


def test_printed_margins_may_disagree_by_their_rounding() -> None:
    table, rows, columns = arrays([[1, 2], [3, 4]], [40.04, 60.01], [50, 50])
    found = ras(table, rows, columns)
    assert found.margins.scaled == "columns"  # printed without decimals: the coarser
    assert found.margins.gap == pytest.approx(0.05)
    assert found.values.sum(axis=1) == pytest.approx([40.04, 60.01])
    assert abs(found.column_miss.value) <= 0.03
    assert "within their rounding" in " ".join(found.notes)
    other = ras(table, rows, columns, printed=Printed(reconcile=Reconcile.ROWS))
    assert other.values.sum(axis=0) == pytest.approx([50, 50])
    with pytest.raises(Problem, match="apart"):
        ras(table, rows, columns, printed=Printed(row_decimals=2, column_decimals=2))


def test_rounding_never_explains_more_than_a_stated_share() -> None:
    rows, columns = arrays([1, 2], [2, 2])
    with pytest.raises(Problem, match="apart"):
        agree(rows, columns)
    assert agree(rows, columns, printed=Printed(most_gap_share=0.5)).scaled == "columns"


def test_decimals_are_read_off_the_values() -> None:
    assert printed_decimals(np.array([1.0, 2500.0])) == 0
    assert printed_decimals(np.array([0.125, 3.0])) == 3
    assert printed_decimals(np.array([2 / 3])) is None
    assert printed_decimals(np.array([0.1 + 0.2])) == 1  # the float's own error is no decimal


def test_an_unknown_total_leaves_its_line_unscaled() -> None:
    table, rows, columns = arrays([[1, 2], [3, 4]], [6, np.nan], [5, 7])
    found = ras(table, rows, columns)
    assert found.values.sum(axis=0) == pytest.approx([5, 7])
    assert found.values.sum(axis=1) == pytest.approx([6, 6])
    assert found.row_factors[1] == pytest.approx(1)
    assert "1 totals are not known" in found.notes[0]


def test_a_fixed_cell_keeps_its_value() -> None:
    table, rows, columns = arrays([[1, 2, 1], [3, 4, 1], [1, 1, 1]], [6, 8, 4], [6, 7, 5])
    mask = np.zeros((3, 3), dtype=bool)
    mask[0, 1] = True
    found = gras(table, rows, columns, fixed=mask)
    assert found.values[0, 1] == pytest.approx(2)
    assert found.values.sum(axis=1) == pytest.approx(rows)
    assert found.values.sum(axis=0) == pytest.approx(columns)


def test_too_few_rounds_are_said() -> None:
    table, rows, columns = arrays([[1, 2, 9], [3, 4, 1]], [60, 40], [10, 30, 60])
    with pytest.raises(Problem, match="not met after 2 iterations"):
        ras(table, rows, columns, stop=Stop(iterations=2))


def test_a_total_on_the_edge_of_the_possible_is_said_to_be_slow() -> None:
    # Only a table with two of its four cells at zero has these margins: it is never reached.
    table, rows, columns = arrays([[1, -1], [1, 1]], [1, 2], [1, 2])
    with pytest.raises(Problem, match="not met after 1000 iterations") as caught:
        gras(table, rows, columns, stop=Stop(iterations=1_000))
    assert "approached slowly" in str(caught.value.remedy)


def test_progress_is_told() -> None:
    seen: list[int] = []
    table, rows, columns = arrays([[1, 1], [0, 1]], [1, 1], [1e-9, 2 - 1e-9])
    found = ras(table, rows, columns, watch=lambda done, miss: seen.append(done))
    assert found.values.sum(axis=0) == pytest.approx(columns, abs=1e-6)
    assert seen == sorted(seen)


def test_a_table_met_already_stays() -> None:
    table, rows, columns = arrays([[1, -2], [3, 4]], [-1, 7], [4, 2])
    found = gras(table, rows, columns)
    assert found.values == pytest.approx(table)
    assert found.iterations <= 2


def test_margins_that_cannot_be_met_are_told_without_warnings() -> None:
    table = np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0, 1.0, 1.0]])
    with pytest.raises(Problem):
        ras(table, np.array([9.0, 0.5, 0.5]), np.array([1.0, 1.0, 8.0]), stop=Stop(1e-8, 20_000))
    signed = np.array([[1.0, 0.0], [1.0, -1.0]])
    with pytest.raises(Problem):
        gras(signed, np.array([5.0, 5.0]), np.array([1.0, 9.0]), stop=Stop(1e-8, 20_000))
