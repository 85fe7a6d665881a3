"""Quantities: the dimension is checked, the factor is applied."""

from __future__ import annotations

import pytest

from nexpo.core.problem import Problem
from nexpo.core.quantity import Quantity, Unit


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "expected"),
    [
        (1.2, "EUR_bn", "EUR_M", 1200),
        (3, "Gbit/s", "Mbit/s", 3000),
        (50, "%", "1", 0.5),
        (1, "FTE", "FTE", 1),
        (2, "EUR_k/year", "EUR/year", 2000),
    ],
)
def test_a_quantity_is_expressed_in_another_unit(
    value: float, unit: str, wanted: str, expected: float
) -> None:
    assert Quantity(value, unit).to(wanted).value == pytest.approx(expected)


def test_other_dimensions_are_refused() -> None:
    with pytest.raises(Problem, match="FTE cannot be expressed in job"):
        Quantity(1, "FTE").to("job")
    assert not Quantity(1, "FTE").comparable(Quantity(1, "job"))
    assert Quantity(1, "EUR").comparable(Quantity(1, "EUR_bn"))


@pytest.mark.parametrize("unit", ["", "furlong", "EUR/furlong", "EUR/", "eur"])
def test_an_unknown_unit_is_named_at_birth(unit: str) -> None:
    with pytest.raises(Problem, match="unknown unit") as caught:
        Quantity(1, unit)
    assert str(caught.value.value) in unit


def test_a_rate_divides_as_one_unit() -> None:
    price = Quantity(300, "EUR").over(Quantity(1, "Gbit/s"))
    assert price.to("EUR/Mbit/s") == Quantity(0.3, "EUR/Mbit/s")
    assert Unit.parse(price.unit).dimensions == (("money", 1), ("rate", -1))


def test_a_quotient_of_like_units_is_a_pure_number() -> None:
    assert Quantity(5.46, "EUR_M").over(Quantity(7.8, "EUR_M")).to("%").value == pytest.approx(70)


def test_a_unit_that_no_symbol_can_express_is_refused() -> None:
    with pytest.raises(Problem, match="cannot be divided by a quotient") as caught:
        Quantity(1, "EUR").over(Quantity(2, "EUR/connection"))
    assert caught.value.value == "EUR by EUR/connection"
