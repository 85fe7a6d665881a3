"""Money in integer cents: no float ever touches an amount."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from nexpo.core.problem import bad_input

_CENTS = 100
_DECIMALS = 2


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in integer cents of one currency (EUR).

    Examples
    --------
    >>> Money.parse("5.460.000,00", decimal=",") == Money.euros(5_460_000)
    True
    >>> str(Money.euros(7_800_000).share(70, 100))
    'EUR 5,460,000.00'
    """

    cents: int

    def __post_init__(self) -> None:
        if isinstance(self.cents, bool) or not isinstance(self.cents, int):
            message = "an amount is a whole number of cents"
            raise bad_input(message, value=self.cents, remedy="use Money.parse for text")

    @classmethod
    def euros(cls, euros: int) -> Money:
        """Return a whole number of euros."""
        return cls(euros * _CENTS)

    @classmethod
    def parse(cls, text: str, *, decimal: str = ".") -> Money:
        """Read an amount from text, exactly.

        Parameters
        ----------
        text
            Digits with at most two decimals; the other mark may group them by three.
        decimal
            The decimal mark, ``.`` or ``,``.

        Raises
        ------
        Problem
            When the text is no amount or has a fraction of a cent.
        """
        grouping = "," if decimal == "." else "."
        shape = rf"([+-]?)(\d+|\d{{1,3}}(?:[{grouping}]\d{{3}})+)(?:[{decimal}](\d+))?"
        found = re.fullmatch(shape, text.strip(), re.ASCII)
        if found is None:
            raise bad_input(
                "not an amount of money",
                value=text,
                remedy=f"write digits, {decimal!r} before the cents, {grouping!r} or nothing "
                "between thousands",
            )
        sign, whole, fraction = found[1], found[2].replace(grouping, ""), found[3] or ""
        if len(fraction) > _DECIMALS:
            raise bad_input("an amount has at most two decimals", value=text)
        return cls(int(f"{sign}{whole}{fraction:0<{_DECIMALS}}"))

    def __add__(self, other: Money) -> Money:
        return Money(self.cents + other.cents)

    def __sub__(self, other: Money) -> Money:
        return Money(self.cents - other.cents)

    def share(self, numerator: int, denominator: int) -> Money:
        """Return ``numerator / denominator`` of the amount, half cents to even."""
        return Money(round(Fraction(self.cents * numerator, denominator)))

    def __str__(self) -> str:
        sign = "-" if self.cents < 0 else ""
        euros, cents = divmod(abs(self.cents), _CENTS)
        return f"EUR {sign}{euros:,}.{cents:02d}"
