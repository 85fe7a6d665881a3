"""The cases of a declaration answer every condition as the declaration itself does."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nexpo.connectivity.coverage.cases import Cases, Numbers, cases_of
from nexpo.connectivity.coverage.expression import (
    AllOf,
    Among,
    AnyOf,
    Compare,
    Condition,
    Missing,
    Not,
    holds,
)

TEXTS = {"technology": ["fibre", "fwa", "copper"], "customer": ["all", "business"]}
BOUNDS = st.sampled_from([25, 99.9, 100, 1000])
OPERATORS = st.sampled_from([">=", ">", "<=", "<"])
DAYS = st.dates(date(2024, 12, 30), date(2025, 1, 3))

questions: st.SearchStrategy[Condition] = st.one_of(
    st.sampled_from(sorted(TEXTS)).flatmap(
        lambda column: st.lists(st.sampled_from(TEXTS[column]), unique=True).map(
            lambda values: Among(column, tuple(values))
        )
    ),
    st.builds(Compare, st.just("peak_down_mbps"), OPERATORS, BOUNDS),
    st.builds(Compare, st.just("progress_report_on"), OPERATORS, DAYS),
    st.builds(Missing, st.sampled_from(["technology", "customer", "peak_down_mbps"])),
)
conditions = st.recursive(
    questions,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.lists(inner, max_size=3).map(lambda several: AllOf(tuple(several))),
        st.lists(inner, max_size=3).map(lambda several: AnyOf(tuple(several))),
    ),
    max_leaves=6,
)
rows = st.fixed_dictionaries(
    {
        "technology": st.none() | st.sampled_from([*TEXTS["technology"], "mobile"]),
        "customer": st.none() | st.sampled_from([*TEXTS["customer"], "residential"]),
        "peak_down_mbps": st.none()
        | st.sampled_from([0.0, 24.9, 25.0, 99.9, 100.0, np.nextafter(100.0, 200), 2500.0]),
        "progress_report_on": st.none() | DAYS,
    }
)


def _case(cases: Cases, row: dict[str, Any]) -> int:
    """Return the case of a row, one column at a time."""
    return sum(
        cases.strides[column] * _place(kind, row[column]) for column, kind in cases.columns.items()
    )


def _place(kind: Any, value: Any) -> int:
    if not isinstance(kind, Numbers):
        return int(kind.case_of(value))
    if value is None:
        return len(kind.cuts) + 1
    number = (value - date(1970, 1, 1)).days if isinstance(value, date) else value
    return sum(number >= cut for cut in kind.cuts)


@given(conditions, conditions, rows)
def test_a_row_is_judged_as_its_case(first: Condition, second: Condition, row: Any) -> None:
    asked = (first, second)
    cases = cases_of(asked, frozenset(row))
    flags = int(cases.judge(asked)[_case(cases, row)])
    assert [bool(flags >> bit & 1) for bit in range(2)] == [holds(one, row) for one in asked]


@given(conditions, rows)
def test_a_column_that_is_not_carried_has_no_value(condition: Condition, row: Any) -> None:
    carried = {"technology": row["technology"], "peak_down_mbps": row["peak_down_mbps"]}
    cases = cases_of((condition,), frozenset(carried))
    flags = int(cases.judge((condition,))[_case(cases, row)])
    assert bool(flags) == holds(condition, carried)


def test_no_condition_is_one_case() -> None:
    cases = cases_of((), frozenset({"technology"}))
    assert cases.count == 1
    assert cases.judge(()).tolist() == [0]
