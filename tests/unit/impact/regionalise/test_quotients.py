"""Location quotients on a case small enough to reckon by hand, and what they refuse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.impact.regionalise.activity import Activity
from nexpo.impact.regionalise.quotients import (
    Choice,
    Conventions,
    Diagonal,
    Method,
    aflq,
    cilq,
    flq,
    quotients_of,
    regional_coefficients,
    rlq,
    size_factor,
    slq,
    two_dimensional,
)

CODES = ("a", "b", "c")
REGION = Activity("R", CODES, np.array([30.0, 10.0, 10.0]), np.array([100.0, 60.0, 40.0]))
# shares 0.6, 0.2, 0.2 of the region against 0.5, 0.3, 0.2 of the nation
SIMPLE = np.array([1.2, 2 / 3, 1.0])
NATIONAL = np.array([[0.10, 0.20, 0.30], [0.15, 0.05, 0.0], [0.20, 0.10, 0.10]])


def test_simple_quotients_compare_shares() -> None:
    assert slq(REGION.regional, REGION.national) == pytest.approx(SIMPLE)
    given = slq(REGION.regional, REGION.national, regional_total=100.0, national_total=400.0)
    assert given == pytest.approx([0.3 / 0.25, 0.1 / 0.15, 0.1 / 0.1])


def test_an_unknown_sector_is_not_a_zero() -> None:
    regional, national = np.array([30.0, np.nan, 10.0]), np.array([100.0, 60.0, 40.0])
    found = slq(regional, national)
    assert found == pytest.approx([(30 / 40) / (100 / 140), 1.0, (10 / 40) / (40 / 140)])
    assert slq(regional, national, unknown=0.4)[1] == pytest.approx(0.4)


def test_a_sector_that_the_nation_lacks_has_the_quotient_that_is_stated() -> None:
    assert slq(np.array([1.0, 0.0]), np.array([4.0, 0.0])).tolist() == [1.0, 0.0]
    assert slq(np.array([1.0, 0.0]), np.array([4.0, 0.0]), empty=1.0)[1] == pytest.approx(1.0)
    with pytest.raises(Problem, match="activity in the region and none in the nation"):
        slq(np.array([1.0, 2.0]), np.array([4.0, 0.0]))


def test_lambda_is_the_sheets() -> None:
    assert [round(size_factor(0.2138450367, d), 3) for d in (0.0, 0.2, 0.25, 0.3)] == [
        1.0,
        0.775,
        0.727,
        0.682,
    ]
    assert size_factor(1.0, 0.7) == pytest.approx(1.0)
    assert size_factor(0.5, 0.5, log_base=np.e) == pytest.approx(np.log(1.5) ** 0.5)
    for size, delta in ((0.2, 1.0), (0.2, -0.1), (0.0, 0.2), (1.1, 0.2)):
        with pytest.raises(Problem):
            size_factor(size, delta)


def test_cross_industry_quotients_and_their_diagonal() -> None:
    off = SIMPLE[:, None] / SIMPLE[None, :]
    by_formula = cilq(SIMPLE, diagonal=Diagonal.FORMULA)
    assert by_formula == pytest.approx(off)
    np.fill_diagonal(off, SIMPLE)
    assert cilq(SIMPLE) == pytest.approx(off)
    assert flq(SIMPLE, 0.5) == pytest.approx(off * 0.5)


def test_rounds_quotient_lies_between_the_two() -> None:
    found = rlq(SIMPLE)
    assert found[0, 1] == pytest.approx(1.2 / np.log2(5 / 3))
    assert found[2, 2] == pytest.approx(1.0)
    assert rlq(SIMPLE, diagonal=Diagonal.SLQ)[0, 0] == pytest.approx(1.2)


def test_a_specialised_buyer_raises_the_augmented_quotient_only() -> None:
    plain, raised = flq(SIMPLE, 0.5), aflq(SIMPLE, 0.5)
    assert raised[:, 0] == pytest.approx(plain[:, 0] * np.log2(2.2))
    assert raised[:, 1:] == pytest.approx(plain[:, 1:])
    held = aflq(SIMPLE, 1.0, cap_before=1.0)
    assert held[0, 0] == pytest.approx(np.log2(2.2))  # 1.2 held at 1 first


def test_two_dimensional_quotients_have_the_form_of_the_sheet() -> None:
    share = np.array([0.3, 1 / 6, 0.25])
    found = two_dimensional(SIMPLE, share, alpha=0.5, beta=0.2)
    rows = np.array([(0.5 * np.tanh(0.2) + 1) ** 0.5, (2 / 3) ** 0.5, 1.0])
    assert found == pytest.approx(rows[:, None] * share[None, :] ** 0.2)
    with pytest.raises(Problem):
        two_dimensional(SIMPLE, share, alpha=-1, beta=0)


def test_a_regional_coefficient_never_passes_the_national() -> None:
    found = regional_coefficients(NATIONAL, cilq(SIMPLE))
    assert (found <= NATIONAL).all()
    assert found[1, 0] == pytest.approx(0.15 * (2 / 3) / 1.2)
    assert found[0, 1] == pytest.approx(0.20)  # 1.8, held at 1
    free = regional_coefficients(NATIONAL, cilq(SIMPLE), cap=None)
    assert free[0, 1] == pytest.approx(0.20 * 1.8)


def test_a_seller_that_is_absent_supplies_nothing_and_an_absent_buyer_is_stated() -> None:
    found = cilq(np.array([1.5, 0.0]))
    assert found.tolist() == [[1.5, np.inf], [0.0, 0.0]]
    kept = regional_coefficients(np.full((2, 2), 0.1), found)
    assert kept.tolist() == [[0.1, 0.1], [0.0, 0.0]]
    assert cilq(np.array([1.5, 0.0]), absent_buyer=0.0)[0, 1] == pytest.approx(0.0)
    with pytest.raises(Problem, match="absent"):
        regional_coefficients(np.full((2, 2), 0.1), found, cap=None)


def test_each_method_is_reached_by_name() -> None:
    for method in Method:
        choice = Choice(method, delta=0.2, alpha=0.1, beta=0.1)
        found = quotients_of(REGION, choice)
        assert found.values.shape == (3, 3)
        assert (found.scale is not None) == (method in {Method.FLQ, Method.AFLQ})
    none = quotients_of(REGION, Choice(Method.FLQ, delta=0.0))
    assert none.values == pytest.approx(cilq(SIMPLE))
    assert none.own_share() == pytest.approx([1.0, 2 / 3, 1.0])


@pytest.mark.parametrize(
    ("choice", "name"),
    [
        (Choice(Method.FLQ), "delta"),
        (Choice(Method.AFLQ), "delta"),
        (Choice(Method.TWO_D, alpha=0.1), "beta"),
        (Choice(Method.TWO_D, beta=0.1), "alpha"),
    ],
)
def test_no_parameter_has_a_silent_default(choice: Choice, name: str) -> None:
    with pytest.raises(Problem, match=f"needs {name}"):
        quotients_of(REGION, choice)


def test_unknown_sectors_are_told() -> None:
    known = replace(REGION, regional=np.array([30.0, np.nan, 10.0]))
    found = quotients_of(known, Choice(Method.SLQ, conventions=Conventions(unknown=0.5)))
    assert found.slq[1] == pytest.approx(0.5)
    assert "1 sectors without known activity" in found.notes[0]
    assert "b" in found.notes[0]


def test_activity_must_fit_its_nation() -> None:
    with pytest.raises(Problem, match="more activity than the nation"):
        Activity("R", CODES, np.array([101.0, 0.0, 0.0]), REGION.national)
    with pytest.raises(Problem, match="no number from 0 up"):
        Activity("R", CODES, np.array([-1.0, 0.0, 1.0]), REGION.national)
    with pytest.raises(Problem, match="no sector has activity"):
        Activity("R", CODES, np.full(3, np.nan), REGION.national)
    with pytest.raises(Problem, match="shape"):
        Activity("R", CODES, np.ones(2), REGION.national)
    assert REGION.size == pytest.approx(0.25)
    assert REGION.rest().size == pytest.approx(0.75)
    assert REGION.shares() == pytest.approx([0.3, 1 / 6, 0.25])
