"""The residual and the proximity rule, by hand."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nexpo.connectivity.coverage.areas import cells, proximity, residual
from nexpo.connectivity.coverage.model import Proximity, Residual

TEN_PERCENT = Residual(cell_m=100, min_share=0.10)
RULE = Proximity(max_m=300.0, min_covered_m=50.0)


def test_a_tenth_of_an_aggregate_is_kept_and_less_is_dropped() -> None:
    cell = np.array([0] * 10 + [1] * 11)
    eligible = np.zeros(21, np.bool_)
    eligible[[0, 10]] = True
    assert np.flatnonzero(residual(eligible, cell, TEN_PERCENT)).tolist() == [10]


def test_an_address_without_a_place_is_never_a_residue() -> None:
    eligible = np.array([True, *[False] * 30])
    assert not residual(eligible, np.full(31, -1), TEN_PERCENT).any()


def test_cells_cut_at_multiples_of_their_side_and_know_the_unknown() -> None:
    points = np.array([[0.0, 0.0], [99.9, 99.9], [100.0, 0.0], [np.nan, 5.0]])
    first, same, other, unknown = cells(points, 100)
    assert first == same != other
    assert unknown == -1


def _admitted(points: list[list[float]], street: list[int]) -> list[bool]:
    """First a candidate, then a funded address, then a covered one."""
    found = proximity(
        np.array(points),
        np.array(street),
        candidates=np.array([True, False, False]),
        funded=np.array([False, True, False]),
        covered=np.array([False, False, True]),
        rule=RULE,
    )
    return [bool(one) for one in found]


def test_within_300_m_of_a_funded_and_50_m_from_a_covered_address() -> None:
    assert _admitted([[0, 0], [300, 0], [0, 50]], [1, 2, 3]) == [True, False, False]
    assert _admitted([[0, 0], [300.1, 0], [0, 50]], [1, 2, 3]) == [False, False, False]
    assert _admitted([[0, 0], [300, 0], [0, 49.9]], [1, 2, 3]) == [False, False, False]


def test_the_same_street_admits_at_any_distance() -> None:
    assert _admitted([[0, 0], [5000, 0], [0, 60]], [1, 1, 3])[0]
    assert not _admitted([[0, 0], [5000, 0], [0, 60]], [-1, -1, 3])[0]


def test_a_candidate_without_a_place_is_not_admitted() -> None:
    assert not _admitted([[np.nan, np.nan], [10, 0], [0, 60]], [1, 1, 3])[0]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=1, max_size=60))
def test_only_eligible_addresses_are_dropped_and_whole_cells_together(
    rows: list[tuple[bool, int]],
) -> None:
    eligible = np.array([row[0] for row in rows])
    cell = np.array([row[1] for row in rows])
    dropped = residual(eligible, cell, TEN_PERCENT)
    assert not (dropped & ~eligible).any()
    for one in set(cell.tolist()):
        inside = (cell == one) & eligible
        assert dropped[inside].all() or not dropped[inside].any()
