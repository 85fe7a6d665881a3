"""Money is whole cents, and text that is not money is refused."""

from __future__ import annotations

import pytest

from nexpo.core.money import Money
from nexpo.core.problem import Problem


@pytest.mark.parametrize(
    ("text", "decimal", "cents"),
    [
        ("0", ".", 0),
        ("12.3", ".", 1230),
        ("-0.05", ".", -5),
        (" +7 ", ".", 700),
        ("5,460,000.00", ".", 546_000_000),
        ("5.460.000,00", ",", 546_000_000),
        ("1234567890123456789012345678901.01", ".", 123456789012345678901234567890101),
    ],
)
def test_text_is_read_exactly(text: str, decimal: str, cents: int) -> None:
    assert Money.parse(text, decimal=decimal).cents == cents


@pytest.mark.parametrize(
    "text",
    ["", "-", "EUR", "1e5", "1_000", "NaN", "Infinity", "12,34", "1,2345", "1.2.3", "\u0661"],
)
def test_what_is_no_amount_is_refused_with_its_value(text: str) -> None:
    with pytest.raises(Problem, match="not an amount of money") as caught:
        Money.parse(text)
    assert caught.value.value == text


def test_a_fraction_of_a_cent_is_refused() -> None:
    with pytest.raises(Problem, match="at most two decimals"):
        Money.parse("0.001")


@pytest.mark.parametrize("cents", [1.0, True, "1"])
def test_an_amount_is_made_of_whole_cents_only(cents: object) -> None:
    with pytest.raises(Problem, match="whole number of cents"):
        Money(cents)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cents", "part", "expected"),
    [(1, (1, 2), 0), (3, (1, 2), 2), (-3, (1, 2), -2), (5, (1, 3), 2)],
)
def test_half_cents_go_to_even(cents: int, part: tuple[int, int], expected: int) -> None:
    assert Money(cents).share(*part) == Money(expected)


def test_a_share_of_a_huge_amount_loses_no_digit() -> None:
    assert Money(10**40 + 1).share(1, 1) == Money(10**40 + 1)


def test_a_debt_is_written_with_one_sign() -> None:
    assert str(Money(-123_456)) == "EUR -1,234.56"
    assert str(Money(-5)) == "EUR -0.05"
