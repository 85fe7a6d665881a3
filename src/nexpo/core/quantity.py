"""Quantities: a number with a unit whose dimension is checked.

Units are declared in ``units.csv``; a compound is written ``EUR/connection`` or
``civico/km2``. Only products and quotients are needed, so a unit is a factor and
the exponents of its dimensions.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from nexpo.core.problem import bad_input

Number = int | float


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its symbol, the factor to base units, and its dimensions.

    Examples
    --------
    >>> Unit.parse("EUR_M/connection").dimensions
    (('connection', -1), ('money', 1))
    """

    symbol: str
    factor: float
    dimensions: tuple[tuple[str, int], ...]

    @classmethod
    def parse(cls, symbol: str) -> Unit:
        """Read a unit symbol, simple or compound.

        Raises
        ------
        Problem
            When a part is not in ``units.csv``.
        """
        factor = 1.0
        exponents: dict[str, int] = {}
        for index, part in enumerate(_parts(symbol)):
            dimension, scale = _known(part)
            power = 1 if index == 0 else -1
            factor *= scale**power
            if dimension:
                exponents[dimension] = exponents.get(dimension, 0) + power
        kept = tuple(sorted((name, power) for name, power in exponents.items() if power))
        return cls(symbol, factor, kept)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value in a unit.

    Examples
    --------
    >>> Quantity(261, "EUR_M").over(Quantity(740_000, "connection")).to("EUR/connection")
    Quantity(value=352.7027027027027, unit='EUR/connection')
    """

    value: Number
    unit: str

    def __post_init__(self) -> None:
        Unit.parse(self.unit)

    def to(self, unit: str) -> Quantity:
        """Return the same quantity in another unit of the same dimension."""
        here, there = Unit.parse(self.unit), Unit.parse(unit)
        if here.dimensions != there.dimensions:
            raise bad_input(
                f"{self.unit} cannot be expressed in {unit}",
                value=self.value,
                remedy="compare only quantities of one dimension",
            )
        return Quantity(self.value * here.factor / there.factor, unit)

    def over(self, other: Quantity) -> Quantity:
        """Return the quotient, in the quotient of the two units.

        Raises
        ------
        Problem
            When the divisor's unit is itself a quotient, which no symbol can express.
        """
        return Quantity(self.value / other.value, _quotient(self.unit, other.unit))

    def comparable(self, other: Quantity) -> bool:
        """Say whether both have the same dimension."""
        return Unit.parse(self.unit).dimensions == Unit.parse(other.unit).dimensions


def _quotient(above: str, below: str) -> str:
    if len(_parts(below)) > 1:
        raise bad_input(
            "a unit cannot be divided by a quotient of units",
            value=f"{above} by {below}",
            remedy="divide by a quantity in a simple unit",
        )
    return f"{above}/{below}"


def _parts(symbol: str) -> list[str]:
    if symbol in _registry():
        return [symbol]
    parts: list[str] = []
    for piece in symbol.split("/"):
        joined = f"{parts[-1]}/{piece}" if parts else piece
        if parts and joined in _registry():
            parts[-1] = joined
        else:
            parts.append(piece)
    return parts


def _known(part: str) -> tuple[str, float]:
    try:
        return _registry()[part]
    except KeyError:
        raise bad_input(
            "unknown unit", value=part, remedy="use a symbol of units.csv, or add it there"
        ) from None


@cache
def _registry() -> dict[str, tuple[str, float]]:
    text = files("nexpo.core").joinpath("units.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["symbol"]: (row["dimension"], float(row["factor"])) for row in rows}
