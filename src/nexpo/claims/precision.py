"""What a stated number allows: from its printed digits and the words around it.

All arithmetic is exact (fractions): 7.8 EUR_M and 7,800,000 EUR allow the same values.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from nexpo.claims.model import Claim, Relation
from nexpo.core.quantity import Number, Unit

_BASES = {"money": "EUR", "rate": "Mbit/s", "length": "km"}


@dataclass(frozen=True, slots=True)
class Interval:
    """Values from ``low`` to ``high``, both included; None: no end on that side.

    Examples
    --------
    >>> seventy, budget = Interval.around(70, 0.5), Interval.around(7.8, 0.05)
    >>> share = seventy.scaled(Fraction(1, 100)).times(budget)
    >>> 5.46 in share, 6 in share
    (True, False)
    """

    low: Fraction | None
    high: Fraction | None

    @classmethod
    def around(cls, value: Number, half: Number) -> Interval:
        """Return the interval of a value give or take ``half``."""
        return cls(exact(value) - exact(half), exact(value) + exact(half))

    @classmethod
    def point(cls, value: Number) -> Interval:
        """Return the interval that holds one value."""
        return cls(exact(value), exact(value))

    def __contains__(self, value: Number) -> bool:
        return self.meets(Interval.point(value))

    def meets(self, other: Interval) -> bool:
        """Say whether the two have a value in common."""
        return self.reaches(other) and other.reaches(self)

    def reaches(self, other: Interval) -> bool:
        """Say whether some value here is as great as some value there."""
        return self.high is None or other.low is None or self.high >= other.low

    def scaled(self, factor: Fraction) -> Interval:
        """Return the interval in a unit ``1 / factor`` times as large."""
        return Interval(*(None if end is None else end * factor for end in (self.low, self.high)))

    def plus(self, other: Interval) -> Interval:
        """Return the sums of a value here and one there."""
        return Interval(_both(self.low, other.low), _both(self.high, other.high))

    def times(self, other: Interval) -> Interval:
        """Return the products of a value here and one there; none is negative."""
        low = (self.low or Fraction(0)) * (other.low or Fraction(0))
        if self.high is None or other.high is None:
            return Interval(low, None)
        return Interval(low, self.high * other.high)


def exact(value: Number) -> Fraction:
    """Return a number as the fraction its printed digits say.

    Examples
    --------
    >>> exact(0.1)
    Fraction(1, 10)
    """
    return Fraction(Decimal(str(value)))


def base_unit(symbol: str) -> tuple[str, Fraction]:
    """Return the unit in which quantities of this kind are reckoned, and the factor to it.

    Examples
    --------
    >>> base_unit("EUR_M"), base_unit("%"), base_unit("firm")
    (('EUR', Fraction(1000000, 1)), ('1', Fraction(1, 100)), ('firm', Fraction(1, 1)))
    """
    if symbol == "%":
        return "1", Fraction(1, 100)
    unit = Unit.parse(symbol)
    simple = len(unit.dimensions) == 1 and unit.dimensions[0][1] == 1
    base = _BASES.get(unit.dimensions[0][0]) if simple else None
    if base is None:
        return symbol, Fraction(1)
    return base, exact(unit.factor) / exact(Unit.parse(base).factor)


def half_digit(value: Number, unit: str) -> Fraction:
    """Return half a unit of the last digit that was printed.

    Trailing zeros of a whole number do not count as digits, save in percentages, where
    whole points are meant.

    Examples
    --------
    >>> half_digit(1132, "municipality"), half_digit(5500, "FTE"), half_digit(70, "%")
    (Fraction(1, 2), Fraction(50, 1), Fraction(1, 2))
    """
    number = Decimal(str(value))
    if isinstance(value, int) and unit != "%":
        number = number.normalize()
    exponent = number.as_tuple().exponent
    return Fraction(10) ** (exponent if isinstance(exponent, int) and value else 0) / 2


def allowed(claim: Claim, tolerance: Number) -> Interval:
    """Return what a claim allows, in the base unit of its kind.

    Parameters
    ----------
    claim
        A claim with a value.
    tolerance
        How far "about", "almost" and "just over" may be off, as a share of the value.

    Examples
    --------
    >>> from nexpo.claims.model import Source
    >>> claim = Claim(id="x", claimant="r", text="t", topic="t", indicator="links",
    ...     value=400_000, unit="connection", relation=Relation.ALMOST, source=Source("s"))
    >>> 397_008 in allowed(claim, 0.1), 401_000 in allowed(claim, 0.1)
    (True, False)
    """
    if claim.value is None:
        return Interval(None, None)
    value, slack = exact(claim.value), exact(claim.value) * exact(tolerance)
    half = exact(claim.precision) if claim.precision else half_digit(claim.value, claim.unit)
    ends: dict[Relation, tuple[Fraction | None, Fraction | None]] = {
        Relation.EQUALS: (value - half, value + half),
        Relation.AT_LEAST: (value, None),
        Relation.OVER: (value, None),
        Relation.AT_MOST: (None, value),
        Relation.ABOUT: (value - slack, value + slack),
        Relation.ALMOST: (value - slack, value),
        Relation.JUST_OVER: (value, value + slack),
    }
    return Interval(*ends[claim.relation]).scaled(base_unit(claim.unit)[1])


def _both(left: Fraction | None, right: Fraction | None) -> Fraction | None:
    return None if left is None or right is None else left + right
