"""Values of money in design: levels, price ranges, items of the unit-cost library.

Amounts are :class:`nexpo.core.money.Money`, integer cents; a quantity is counted in integer
thousandths of its unit; a share is an exact fraction. No float ever touches an amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from difflib import get_close_matches
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from nexpo.core.money import Money
from nexpo.core.parameters import Use
from nexpo.core.problem import Kind, Problem, Where, bad_input

THOUSAND = 1000


class Level(StrEnum):
    """Which end of a range: the levels are envelopes, not confidence intervals."""

    LOW = "low"
    MID = "mid"
    HIGH = "high"


LEVELS: tuple[Level, ...] = tuple(Level)

OPPOSITE: Mapping[Level, Level] = MappingProxyType(
    {Level.LOW: Level.HIGH, Level.MID: Level.MID, Level.HIGH: Level.LOW}
)
"""A low gap goes with a high revenue."""


class Chapter(StrEnum):
    """Chapters of a bill, in its order.

    ``CONNECTIONS`` is spent only where a customer takes the service; the rest is the network.
    """

    CIVIL_WORKS = "civil_works"
    CABLES = "cables"
    NODES = "nodes"
    ACTIVE = "active"
    RADIO = "radio"
    CONNECTIONS = "connections"
    RATES = "rates"

    @property
    def english(self) -> str:
        """What an English reader calls it."""
        return _NAMES[self][0]

    @property
    def italian(self) -> str:
        """What an Italian reader calls it."""
        return _NAMES[self][1]


_NAMES: Mapping[Chapter, tuple[str, str]] = MappingProxyType(
    {
        Chapter.CIVIL_WORKS: ("Civil works", "Opere civili"),
        Chapter.CABLES: ("Cables", "Cavi"),
        Chapter.NODES: ("Passive nodes", "Nodi passivi"),
        Chapter.ACTIVE: ("Active equipment", "Apparati attivi"),
        Chapter.RADIO: ("Radio", "Radio"),
        Chapter.CONNECTIONS: ("Customers' connections", "Allacciamenti d'utente"),
        Chapter.RATES: ("Design, permits, contingency", "Progettazione, permessi, imprevisti"),
    }
)


@dataclass(frozen=True, slots=True)
class Range:
    """A low, a middle and a high value of one exact quantity.

    Examples
    --------
    >>> Range(Fraction(5), Fraction(13, 2), Fraction(8)).at(Level.MID)
    Fraction(13, 2)
    """

    low: Fraction
    mid: Fraction
    high: Fraction

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.mid <= self.high:
            raise Problem(
                Kind.CONFIG,
                "a range is three numbers from zero up, none below the one before",
                value=[str(self.low), str(self.mid), str(self.high)],
                remedy="write [low, mid, high]",
            )

    @classmethod
    def same(cls, value: Fraction | int) -> Range:
        """Return a range of one value."""
        return cls(Fraction(value), Fraction(value), Fraction(value))

    def at(self, level: Level) -> Fraction:
        """Return the value of a level."""
        return {Level.LOW: self.low, Level.MID: self.mid, Level.HIGH: self.high}[level]


@dataclass(frozen=True, slots=True)
class UnitCost:
    """An item of the library: what one unit costs.

    Parameters
    ----------
    code
        Stable name, ``trench.asphalt``; what a design counts its quantities by.
    chapter
        Where it stands in a bill.
    english, italian
        Description.
    unit
        ``m``, ``piece``; ``EUR`` for a rate.
    cents
        Whole cents a unit, low, mid and high. For a rate, cents a euro: whole per cent.
    source
        Where the price comes from; says ``assumption`` of what nobody published.
    origin
        File and version that carry it.
    of
        Chapters whose amount a rate is taken of; empty for a material.
    """

    code: str
    chapter: Chapter
    english: str
    italian: str
    unit: str
    cents: Range
    source: str
    origin: str = ""
    of: frozenset[Chapter] = frozenset()

    def __post_init__(self) -> None:
        for level in LEVELS:
            if self.cents.at(level).denominator != 1:
                raise Problem(
                    Kind.CONFIG,
                    f"the {level} price of {self.code} has a fraction of a cent",
                    where=Where(self.origin or None),
                    value=str(self.cents.at(level)),
                    remedy="write prices with two decimals and rates in whole per cent",
                )

    @property
    def assumed(self) -> bool:
        """True where the price, or an end of its range, is an assumption."""
        return "assumption" in self.source.casefold()

    def price(self, level: Level) -> Money:
        """Return the price of a unit."""
        return Money(int(self.cents.at(level)))


@dataclass(frozen=True, slots=True)
class UnitCosts:
    """The library: items by code, and the rates put on top of them in their order.

    ``added`` are items of price files of the caller's that the library does not know.
    """

    items: Mapping[str, UnitCost] = field(hash=False)
    uses: tuple[Use, ...] = ()
    files: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    def __getitem__(self, code: str) -> UnitCost:
        """Return an item.

        Raises
        ------
        Problem
            ``BAD_INPUT`` naming the code, the files and the remedy: never priced at zero.
        """
        try:
            return self.items[code]
        except KeyError:
            raise unpriced([code], self) from None

    def unused(self, quantities: Iterable[str]) -> Iterator[str]:
        """Yield in words each item added by the caller that no quantity asks for."""
        asked = set(quantities)
        for code in self.added:
            if code not in asked and not self.items[code].of:
                known = [each for each in self.items if each not in self.added]
                like = get_close_matches(code, known, n=3, cutoff=0.5)
                hint = f"; perhaps {', '.join(like)} was meant" if like else ""
                yield f"{self.items[code].origin}: nothing here asks for the material {code}{hint}"

    @property
    def rates(self) -> tuple[UnitCost, ...]:
        """What is added as a share of chapters, in the order in which it is added."""
        return tuple(item for item in self.items.values() if item.of)


def unpriced(codes: Iterable[str], unit_costs: UnitCosts) -> Problem:
    """Return the problem of materials that no file prices."""
    missing = sorted(codes)
    first = missing[0]
    family = first.split(".", maxsplit=1)[0]
    like = sorted(code for code in unit_costs.items if code.split(".", maxsplit=1)[0] == family)
    known = f"; priced there of that kind: {', '.join(like)}" if like else ""
    return bad_input(
        f"unknown material: no unit cost for {', '.join(missing)}",
        where=Where(", ".join(unit_costs.files) or "the unit-cost library"),
        value=first,
        remedy=f"add {first} with its low, mid and high price to one of these files, or to a "
        f"price file of your own{known}",
    )


def thousandths(quantity: float | Decimal, code: str = "") -> int:
    """Return a quantity in whole thousandths of its unit, halves to even.

    A float is a measured length, never an amount: it is rounded here, once.

    Raises
    ------
    Problem
        When the quantity is below zero or no number.

    Examples
    --------
    >>> thousandths(Decimal("12.3455")), thousandths(3), thousandths(0.1 + 0.2)
    (12346, 3000, 300)
    """
    exact = quantity if isinstance(quantity, Decimal) else Decimal(str(quantity))
    if not exact.is_finite() or exact < 0:
        raise bad_input(
            f"the quantity of {code or 'an item'} is no number from zero up",
            value=quantity,
            remedy="measure it again: a bill holds what is built",
        )
    return int((exact * THOUSAND).to_integral_value(rounding=ROUND_HALF_EVEN))


def total(amounts: Iterable[Money]) -> Money:
    """Return the sum of amounts.

    Examples
    --------
    >>> str(total([Money(10), Money(20)]))
    'EUR 0.30'
    """
    return Money(sum(amount.cents for amount in amounts))


def rounded(amount: Fraction) -> Money:
    """Return cents, halves to even, of an exact number of cents."""
    return Money(round(amount))


def at_or_last(values: Sequence[Fraction], position: int) -> Fraction:
    """Return the value at a position, the last one beyond the end."""
    return values[min(position, len(values) - 1)]
