"""Balancing on examples that are stated in the open, to the precision they are printed with."""

from __future__ import annotations

import numpy as np
import pytest

from nexpo.impact.regionalise import gras, ras

# After Junius and Oosterhaven 2003: the variant with a cell of 0 in the second row that public
# implementations in R are tested on, with their solution.
SIGNED = np.array([[7.0, 3.0, 5.0, -3.0], [2.0, 9.0, 8.0, 0.0], [-2.0, 0.0, 2.0, 0.0]])
SIGNED_DUE = np.array(
    [
        [8.424340881, 3.375237362, 5.200422021, -2.000000263],
        [3.000997078, 12.624763744, 10.374239178, 0.0],
        [-2.425339135, 0.0, 1.425339135, 0.0],
    ]
)

# Miller and Blair 2009, 7.4.2, as the GAMS model library (iobalance) states its data.
COEFFICIENTS = np.array([[0.120, 0.100, 0.049], [0.210, 0.247, 0.265], [0.026, 0.249, 0.145]])
OUTPUT = np.array([421.0, 284.0, 283.0])
TRUE_FLOWS = np.array([[98.0, 72.0, 75.0], [65.0, 8.0, 63.0], [88.0, 27.0, 44.0]])


def test_gras_on_the_example_of_its_authors() -> None:
    rows, columns = np.array([15.0, 26.0, -1.0]), np.array([9.0, 16.0, 17.0, -2.0])
    found = gras(SIGNED, rows, columns)
    assert found.values == pytest.approx(SIGNED_DUE, abs=5e-5)  # printed before it had converged
    assert found.values.sum(axis=1) == pytest.approx(rows, abs=1e-9)
    assert found.values.sum(axis=0) == pytest.approx(columns, abs=1e-7)
    assert (np.sign(found.values) == np.sign(SIGNED)).all()


def test_ras_on_the_textbooks_three_sectors() -> None:
    rows, columns = TRUE_FLOWS.sum(axis=1), TRUE_FLOWS.sum(axis=0)
    assert rows.tolist() == [245, 136, 159]
    assert columns.tolist() == [251, 107, 182]
    found = ras(COEFFICIENTS * OUTPUT, rows, columns)
    # The textbook alternates r = u / A x s and s = v / r A x, rows first, until nothing moves.
    r, s = np.ones(3), np.ones(3)
    for _ in range(200):
        r = r * rows / (r[:, None] * COEFFICIENTS * OUTPUT * s).sum(axis=1)
        s = s * columns / (r[:, None] * COEFFICIENTS * OUTPUT * s).sum(axis=0)
    assert found.values == pytest.approx(r[:, None] * COEFFICIENTS * OUTPUT * s, rel=1e-8)
    assert (found.values / OUTPUT).round(3).tolist() == [
        [0.392, 0.122, 0.160],
        [0.151, 0.066, 0.190],
        [0.053, 0.189, 0.294],
    ]


def test_the_first_round_is_the_handbooks() -> None:
    """UN Handbook 2018, par. 18.81, steps 2 to 5 by hand: columns first, from r = 1."""
    table = np.array([[4.0, -1.0], [2.0, 3.0]])
    rows, columns = np.array([5.0, 6.0]), np.array([8.0, 3.0])
    s = np.array([8 / 6, (3 + np.sqrt(9 + 4 * 3 * 1)) / 6])
    r = np.array(
        [
            (5 + np.sqrt(25 + 4 * (4 * s[0]) * (1 / s[1]))) / (2 * 4 * s[0]),
            6 / (2 * s[0] + 3 * s[1]),
        ]
    )
    found = gras(table, rows, columns)
    # One more round from these factors, until the handbook's step 6 holds.
    for _ in range(100):
        above, below = np.array([4 * r[0] + 2 * r[1], 3 * r[1]]), np.array([0.0, 1 / r[0]])
        s = (columns + np.sqrt(columns**2 + 4 * above * below)) / (2 * above)
        above, below = np.array([4 * s[0], 2 * s[0] + 3 * s[1]]), np.array([1 / s[1], 0.0])
        r = (rows + np.sqrt(rows**2 + 4 * above * below)) / (2 * above)
    due = np.array([[4 * r[0] * s[0], -1 / (r[0] * s[1])], [2 * r[1] * s[0], 3 * r[1] * s[1]]])
    assert found.values == pytest.approx(due, rel=1e-7)
    assert found.row_factors[0] * found.column_factors[0] == pytest.approx(r[0] * s[0], rel=1e-7)


def test_printed_totals_of_the_handbooks_precision_are_accepted() -> None:
    """Rows printed to three decimals, columns to none: 0.032 apart, which rounding explains."""
    table = np.array([[120.0, 80.0, -5.0], [60.0, 200.0, 45.0], [30.0, 90.0, 110.0]])
    columns = np.array([250.0, 420.0, 170.0])
    rows = np.array([220.011, 350.008, 270.013])
    found = gras(table, rows, columns)
    assert found.margins.gap == pytest.approx(0.032)
    assert found.margins.scaled == "columns"
    assert found.values.sum(axis=1) == pytest.approx(rows, abs=1e-8)
    assert abs(found.column_miss.value) < 0.5
