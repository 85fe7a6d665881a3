"""The worked table of Fischetti and Salazar-Gonzalez (JASA 95, 2000), with its interval."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from nexpo.datacentres.suppression import Limits, ranges, suppress, two_way

INNER = np.array([[20, 50, 10], [8, 19, 22], [17, 32, 12]], dtype=float)
SENSITIVE = (1, 2)


@pytest.mark.parametrize("limits", [Limits(), Limits(exact_groups=0)])
def test_the_least_that_protects_the_sensitive_cell(limits: Limits) -> None:
    table = two_way(INNER, sensitive=[SENSITIVE], width=5.0)
    found = suppress(table, limits)
    hidden = np.argwhere(found.hidden.reshape(4, 4)).tolist()
    assert hidden == [[1, 0], [1, 2], [2, 0], [2, 2]]
    assert (found.loss, found.exact) == (59.0, True)


def test_what_an_attacker_is_left_with() -> None:
    table = two_way(INNER, sensitive=[SENSITIVE], width=5.0)
    hidden = suppress(table).hidden
    low, high = ranges(table, hidden, np.array([6]))
    assert (low[0], high[0]) == pytest.approx((5.0, 30.0))


def test_no_cheaper_rectangle_or_pair_protects_it() -> None:
    table = two_way(INNER, sensitive=[SENSITIVE], width=5.0)
    others = np.flatnonzero(~table.primary)
    for count in (1, 2, 3):
        for extra in combinations(others, count):
            hidden = table.primary.copy()
            hidden[list(extra)] = True
            if table.weight[hidden].sum() < 59:
                low, high = ranges(table, hidden, np.array([6]))
                assert high[0] - low[0] < 5


def test_a_reach_above_asks_for_more() -> None:
    """Upwards the cheapest pattern gives 8 (30 less 22); for 11 another one is needed."""
    table = two_way(INNER, sensitive=[SENSITIVE], width=0.0, up=8.0)
    assert suppress(table).loss == 59
    more = suppress(two_way(INNER, sensitive=[SENSITIVE], width=0.0, up=11.0))
    assert more.loss > 59
    _low, high = ranges(table, more.hidden, np.array([6]))
    assert high[0] >= 33
