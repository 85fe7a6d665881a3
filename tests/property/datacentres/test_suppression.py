"""Suppression against an attacker written apart from it, and against every pattern there is."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from nexpo.datacentres.suppression import Limits, Table, ranges, suppress, two_way

Floats = NDArray[np.float64]


def interval(full: Floats, hidden: NDArray[np.bool_], cell: tuple[int, int]) -> tuple[float, float]:
    """Work out one hidden cell from the margins and cells shown: plain, dense, on its own.

    Unknowns are the hidden cells; each row and column says that its parts add up to its total.
    """
    places = [tuple(int(i) for i in place) for place in np.argwhere(hidden)]
    if cell not in places:
        return float(full[cell]), float(full[cell])
    rows, columns = full.shape
    equations, right = [], []
    for line in [[(r, c) for c in range(columns)] for r in range(rows)] + [
        [(r, c) for r in range(rows)] for c in range(columns)
    ]:
        signs = [1.0] * (len(line) - 1) + [-1.0]
        weights = {f"{place}": sign for place, sign in zip(line, signs, strict=True)}
        equations.append([weights.get(f"{place}", 0.0) for place in places])
        right.append(-sum(s * full[p] for s, p in zip(signs, line, strict=True) if not hidden[p]))
    goal = np.array([1.0 if place == cell else 0.0 for place in places])
    ends = []
    for sign in (1.0, -1.0):
        answer = linprog(sign * goal, A_eq=equations, b_eq=right, bounds=(0, None), method="highs")
        assert answer.status in (0, 3), answer.message
        ends.append(sign * answer.fun if answer.status == 0 else -sign * np.inf)
    return ends[0], ends[1]


def safe(table: Table, full: Floats, hidden: NDArray[np.bool_], asked: float) -> bool:
    shape = hidden.reshape(full.shape)
    for place in np.argwhere(table.primary.reshape(full.shape)):
        low, high = interval(full, shape, (int(place[0]), int(place[1])))
        if high - low < asked - 1e-5:
            return False
    return True


@st.composite
def tables(draw: st.DrawFn, most: int = 4) -> tuple[Table, Floats, float]:
    rows, columns = draw(st.integers(2, most)), draw(st.integers(2, most))
    numbers = st.integers(0, 60)
    inner = np.array(draw(st.lists(numbers, min_size=rows * columns, max_size=rows * columns)))
    inner = inner.reshape(rows, columns).astype(float)
    cells = st.tuples(st.integers(0, rows - 1), st.integers(0, columns - 1))
    sensitive = draw(st.lists(cells, min_size=1, max_size=3, unique=True))
    width = float(draw(st.integers(1, 20)))
    table = two_way(inner, sensitive=sensitive, width=width)
    return table, table.values.reshape(rows + 1, columns + 1), width


@settings(max_examples=15, deadline=None)
@given(tables())
def test_nothing_hidden_can_be_narrowed_below_the_width(
    case: tuple[Table, Floats, float],
) -> None:
    table, full, width = case
    for limits in (Limits(), Limits(exact_groups=0)):
        found = suppress(table, limits)
        assert found.hidden[table.primary].all()
        assert found.bound <= found.loss + 1e-6
        assert safe(table, full, found.hidden, width)


@settings(max_examples=15, deadline=None)
@given(tables())
def test_ranges_are_those_of_an_attacker_written_apart(case: tuple[Table, Floats, float]) -> None:
    table, full, _ = case
    found = suppress(table)
    low, high = ranges(table, found.hidden)
    for place in np.argwhere(found.hidden.reshape(full.shape)):
        cell = (int(place[0]), int(place[1]))
        mine = interval(full, found.hidden.reshape(full.shape), cell)
        at = int(np.ravel_multi_index(cell, full.shape))
        np.testing.assert_allclose([low[at], high[at]], mine, atol=1e-5)


@settings(max_examples=8, deadline=None)
@given(tables(most=2))
def test_no_pattern_at_all_loses_less(case: tuple[Table, Floats, float]) -> None:
    table, full, width = case
    found = suppress(table)
    assert found.exact
    others = np.flatnonzero(~table.primary)
    for count in range(len(others) + 1):
        for extra in combinations(others, count):
            hidden = table.primary.copy()
            hidden[list(extra)] = True
            if table.weight[hidden].sum() < found.loss - 1e-6:
                assert not safe(table, full, hidden, width)
