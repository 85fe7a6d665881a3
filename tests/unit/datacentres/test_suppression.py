"""Suppression: bounds known beforehand, ties, demands, what cannot be, and the end of patience."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nexpo.core.problem import Kind, Problem
from nexpo.datacentres.suppression import Limits, ranges, suppress, two_way

INNER = np.array([[20, 50, 10], [8, 19, 22], [17, 32, 12]], dtype=float)


def test_bounds_known_beforehand_make_cells_worth_less() -> None:
    table = two_way(INNER, sensitive=[(1, 2)], width=5.0)
    tight = table.values.copy()
    tight[:] = np.inf
    tight[[4, 8, 10]] = table.values[[4, 8, 10]] + 1  # what the best pattern hides
    found = suppress(
        replace(table, lower=np.where(np.isfinite(tight), tight - 2, 0.0), upper=tight)
    )
    assert found.loss > 59
    low, high = ranges(table, found.hidden, np.array([6]))
    assert high[0] - low[0] >= 5


def test_tied_entries_are_hidden_together() -> None:
    table = two_way(INNER, sensitive=[(1, 2)], width=5.0)
    group = table.group.copy()
    group[8] = 0  # 17 goes with 20
    found = suppress(replace(table, group=group))
    shown = ~found.hidden[group]
    assert shown[0] == shown[8]


def test_what_must_be_shown_is_shown() -> None:
    table = two_way(INNER, sensitive=[(1, 2)], width=5.0)
    kept = np.zeros(16, dtype=bool)
    kept[4] = True
    found = suppress(replace(table, shown=kept))
    assert not found.hidden[4]
    assert found.exact


def test_a_demand_is_met_by_both_ways() -> None:
    table = two_way(INNER, sensitive=[(1, 2)], width=5.0)
    asking = replace(table, demands=(({0: 1.0, 1: 1.0}, 1.0),))
    for limits in (Limits(), Limits(exact_groups=0)):
        assert suppress(asking, limits).hidden[[0, 1]].any()


def test_a_table_that_gives_it_away_whatever_is_hidden() -> None:
    table = two_way(np.array([[3.0]]), sensitive=[(0, 0)], width=1.0)
    shown = ~table.primary
    for limits in (Limits(), Limits(exact_groups=0)):
        with pytest.raises(Problem, match="would still give a value away"):
            suppress(replace(table, shown=shown), limits)


def test_totals_that_do_not_add_up_are_refused() -> None:
    table = two_way(INNER, sensitive=[(1, 2)], width=5.0)
    wrong = table.values.copy()
    wrong[3] += 1
    with pytest.raises(Problem, match="not the sum of its parts"):
        suppress(replace(table, values=wrong))


def test_a_caller_that_contradicts_itself_is_told() -> None:
    table = two_way(INNER, sensitive=[(1, 2)], width=5.0)
    for wrong in (
        replace(table, shown=table.primary),
        replace(table, width=np.ones(16)),
    ):
        with pytest.raises(Problem) as caught:
            suppress(wrong)
        assert caught.value.kind is Kind.INTERNAL


def test_nothing_sensitive_hides_nothing() -> None:
    found = suppress(two_way(INNER, sensitive=[], width=5.0))
    assert (found.hidden.sum(), found.loss, found.exact, found.gap) == (0, 0.0, True, 0.0)


def test_an_answer_without_proof_says_its_gap() -> None:
    inner = np.random.default_rng(3).integers(1, 90, (7, 7)).astype(float)
    table = two_way(inner, sensitive=[(0, 1), (3, 3), (5, 2)], width=9.0)
    rough = suppress(table, Limits(exact_groups=0, bounding_rounds=1))
    best = suppress(table)
    assert best.exact
    assert rough.bound <= best.loss <= rough.loss
    assert 0 <= rough.gap < 1
    low, high = ranges(table, rough.hidden, np.flatnonzero(table.primary))
    assert (high - low >= 9 - 1e-6).all()


def test_a_shown_entry_has_no_interval() -> None:
    table = two_way(INNER, sensitive=[(1, 2)], width=5.0)
    low, high = ranges(table, table.primary)
    assert low == pytest.approx(table.values)  # 22 alone is worked out
    assert high == pytest.approx(table.values)
