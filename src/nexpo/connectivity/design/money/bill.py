"""Bill of materials: quantity times price, line by line, equal to the total to the cent.

The rounding rule, stated once: the amount of a line is quantity (in thousandths) times unit
price (in cents), rounded to the cent with halves to even; every total is the sum of lines so
rounded, never a product of its own. A rate (design, contingency) is a line too: its quantity is
the amount in euro of the chapters it is put on, its unit price the rate as cents a euro.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from nexpo.connectivity.design.money.model import (
    LEVELS,
    THOUSAND,
    Chapter,
    Level,
    UnitCost,
    UnitCosts,
    rounded,
    thousandths,
    total,
    unpriced,
)
from nexpo.core.money import Money
from nexpo.core.problem import bad_input

_THOUSANDTHS_OF_EURO_PER_CENT = 10


@dataclass(frozen=True, slots=True)
class Line:
    """A quantity of an item at a level of prices."""

    item: UnitCost
    thousandths: int
    level: Level

    @property
    def quantity(self) -> Decimal:
        """In the item's unit, exact."""
        return Decimal(self.thousandths).scaleb(-3)

    @property
    def unit_price(self) -> Money:
        """Of one unit."""
        return self.item.price(self.level)

    @property
    def amount(self) -> Money:
        """Quantity times unit price, halves of a cent to even."""
        return rounded(Fraction(self.thousandths * self.unit_price.cents, THOUSAND))


@dataclass(frozen=True, slots=True)
class Bill:
    """Lines by chapter at one level of prices; totals are sums of lines."""

    level: Level
    lines: tuple[Line, ...]

    @property
    def total(self) -> Money:
        """Of all lines, every connection counted."""
        return total(line.amount for line in self.lines)

    @property
    def network(self) -> Money:
        """What is spent whoever connects: all chapters but the connections."""
        return self.total - self.connections

    @property
    def connections(self) -> Money:
        """What is spent if every premises passed connects."""
        return self.of(Chapter.CONNECTIONS)

    @property
    def subtotals(self) -> dict[Chapter, Money]:
        """Amount by chapter, those without lines left out."""
        held = {line.item.chapter for line in self.lines}
        return {chapter: self.of(chapter) for chapter in Chapter if chapter in held}

    def of(self, *chapters: Chapter) -> Money:
        """Return the amount of some chapters."""
        return total(line.amount for line in self.lines if line.item.chapter in chapters)


@dataclass(frozen=True, slots=True)
class BillRange:
    """The same quantities at low, middle and high prices."""

    low: Bill
    mid: Bill
    high: Bill

    def at(self, level: Level) -> Bill:
        """Return the bill of a level."""
        return {Level.LOW: self.low, Level.MID: self.mid, Level.HIGH: self.high}[level]


@dataclass(frozen=True, slots=True)
class PerPremises:
    """Cost of one premises passed and of one connected (None where nobody connects)."""

    passed: Money
    connected: Money | None


Quantities = Mapping[str, "float | Decimal"]


def bill(quantities: Quantities, unit_costs: UnitCosts, level: Level = Level.MID) -> Bill:
    """Return the bill of a design's quantities.

    Parameters
    ----------
    quantities
        By item code, in the item's unit; an item of quantity zero gets no line. Items of the
        chapter *connections* are counted as if every premises connected.
    unit_costs
        The library; its rates are added in their order.
    level
        Which end of the price ranges.

    Raises
    ------
    Problem
        When a material has no price (all such are named) or a quantity is below zero.

    Examples
    --------
    >>> from nexpo.connectivity.design.money.model import Range
    >>> item = UnitCost("trench.track", Chapter.CIVIL_WORKS, "Trench", "Scavo", "m",
    ...                 Range.same(1505), "assumption")
    >>> str(bill({"trench.track": Decimal("10.5")}, UnitCosts({"trench.track": item})).total)
    'EUR 158.02'
    """
    missing = set(quantities) - set(unit_costs.items)
    if missing:
        raise unpriced(missing, unit_costs)
    lines = [
        Line(unit_costs[code], measured, level)
        for code, quantity in quantities.items()
        if (measured := _material(thousandths(quantity, code), unit_costs[code]))
    ]
    places = _places(unit_costs)
    lines.sort(key=lambda line: places[line.item.code])
    for rate in unit_costs.rates:
        base = Bill(level, tuple(lines)).of(*rate.of).cents
        if base:
            lines.append(Line(rate, base * _THOUSANDTHS_OF_EURO_PER_CENT, level))
    return Bill(level, tuple(lines))


def bill_range(quantities: Quantities, unit_costs: UnitCosts) -> BillRange:
    """Return the bills at low, middle and high prices."""
    return BillRange(*(bill(quantities, unit_costs, level) for level in LEVELS))


def add_quantities(parts: Sequence[Quantities]) -> dict[str, Decimal]:
    """Return the sum of quantities by item, each in thousandths first, so that sums are exact.

    Examples
    --------
    >>> add_quantities([{"ont": 2}, {"ont": 3, "cable.12": 10.25}])
    {'cable.12': Decimal('10.250'), 'ont': Decimal('5.000')}
    """
    sums: dict[str, int] = {}
    for part in parts:
        for code, quantity in part.items():
            sums[code] = sums.get(code, 0) + thousandths(quantity, code)
    return {code: Decimal(sums[code]).scaleb(-3) for code in sorted(sums)}


def cost_per_premises(costed: Bill, *, passed: int, connected: int) -> PerPremises:
    """Return what one premises costs, passed and connected.

    A premises passed costs its share of the network alone. A premises connected bears the
    whole network shared by those who connect, and its own connection: ``(network +
    connections * connected / passed) / connected``.

    Parameters
    ----------
    costed
        A bill whose connections are counted for all premises passed.
    passed, connected
        Premises, ``0 <= connected <= passed`` and ``passed >= 1``.

    Raises
    ------
    Problem
        When the counts make no sense.
    """
    if not 0 <= connected <= passed or passed < 1:
        raise bad_input(
            "premises connected lie between none and those passed, which are at least one",
            value=f"{connected} of {passed}",
            remedy="count premises passed by the design, then those that take the service",
        )
    network = costed.network.cents
    each = Fraction(costed.connections.cents, passed)
    return PerPremises(
        passed=rounded(Fraction(network, passed)),
        connected=rounded(Fraction(network, connected) + each) if connected else None,
    )


def _material(measured: int, item: UnitCost) -> int:
    if item.of:
        raise bad_input(
            f"{item.code} is a rate: it is put on the works and not counted",
            value=item.code,
            remedy="leave it out of the quantities",
        )
    return measured


def _places(unit_costs: UnitCosts) -> dict[str, tuple[int, int]]:
    """Return where each item stands in a bill: by chapter, then as the library lists it."""
    chapters = {chapter: place for place, chapter in enumerate(Chapter)}
    return {
        code: (chapters[item.chapter], place)
        for place, (code, item) in enumerate(unit_costs.items.items())
    }
