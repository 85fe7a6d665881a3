r"""Business case: what a network earns and costs year by year, and the gap that is left.

The modelling choices, stated once:

* The network is bought in year 0; years 1 to N are years of operation. Prices are constant
  (real), VAT and taxes are left out, and the rate of discount is real.
* ``lines`` is the number of paying premises at the end of a year; revenue and running cost
  fall on the mean of a year's start and end.
* What is worn out before the horizon is bought again at the same price; what outlives it leaves
  a residual value, straight line (Delegated Regulation (EU) 480/2014, articles 17 and 18).
* The present value of a year's flow is rounded to the cent, halves to even, and every total is
  the sum of what is shown: the table adds up. So the net present value differs from the exact
  one by at most half a cent a year.

.. math:: NPV = -C_0 + \sum_{t=1}^{N} \frac{F_t}{(1 + r)^t},
          \qquad gap = \max(0, -NPV)

with :math:`C_0` the network and :math:`F_t` the operating flow. A level is an envelope, not a
confidence interval: the low case has low prices, high take-up, high fees, low running cost and a
low rate of discount, all at once; the high case the reverse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from nexpo.connectivity.design.money.bill import Bill
from nexpo.connectivity.design.money.model import (
    OPPOSITE,
    Chapter,
    Level,
    Range,
    at_or_last,
    rounded,
    total,
)
from nexpo.core.money import Money
from nexpo.core.parameters import Use
from nexpo.core.problem import Kind, Problem, bad_input

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Business:
    """Assumptions of the business case, as ``parameters/design/business.yaml`` gives them.

    Parameters
    ----------
    horizon_years
        Years of operation looked at.
    discount
        Real rate a year, as a share.
    take_up
        By level: share of premises passed that pay, by year; the last holds on.
    monthly_fee
        By technology: cents a line a month.
    activation_fee
        Cents a new line.
    opex_per_line_year
        Cents a line a year.
    opex_share
        By chapter: share of its first cost a year.
    lives_years
        By chapter: years until it is bought again.
    use
        The parameter, for evidence.
    """

    horizon_years: int
    discount: Range
    take_up: Mapping[Level, tuple[Fraction, ...]] = field(hash=False)
    monthly_fee: Mapping[str, Range] = field(hash=False)
    activation_fee: Range
    opex_per_line_year: Range
    opex_share: Mapping[Chapter, Range] = field(hash=False)
    lives_years: Mapping[Chapter, int] = field(hash=False)
    use: Use | None = None

    def __post_init__(self) -> None:
        if self.horizon_years < 1:
            raise _wrong("the horizon is at least one year", self.horizon_years)
        if any(life < 1 for life in self.lives_years.values()):
            raise _wrong("a life is at least one year", dict(self.lives_years))
        for level, curve in self.take_up.items():
            if not curve or any(not 0 <= share <= 1 for share in curve):
                raise _wrong(f"the {level} take-up is no share by year", list(map(str, curve)))
            if list(curve) != sorted(curve):
                raise _wrong(f"the {level} take-up falls", list(map(str, curve)))


@dataclass(frozen=True, slots=True)
class Year:
    """One row of the case; amounts are not negative, ``flow`` and ``present`` may be."""

    year: int
    lines: int
    revenue: Money
    running: Money
    connecting: Money
    renewal: Money
    investment: Money
    residual: Money
    discount_factor: Fraction

    @property
    def operating(self) -> Money:
        """What operation brings: all but the first investment."""
        brought = self.revenue + self.residual
        return brought - self.running - self.connecting - self.renewal

    @property
    def flow(self) -> Money:
        """What the year brings."""
        return self.operating - self.investment

    @property
    def present(self) -> Money:
        """The flow's present value, halves of a cent to even."""
        return rounded(self.flow.cents * self.discount_factor)


@dataclass(frozen=True, slots=True)
class Case:
    """The years of a business case and what they come to."""

    level: Level
    years: tuple[Year, ...]

    @property
    def investment(self) -> Money:
        """The network, bought in year 0."""
        return total(year.investment for year in self.years)

    @property
    def npv(self) -> Money:
        """Net present value: the sum of the present values shown."""
        return total(year.present for year in self.years)

    @property
    def npv_operation(self) -> Money:
        """Present value of operation: what the network can earn back of itself."""
        return self.npv + self.investment

    @property
    def gap(self) -> Money:
        """What no investor gets back: the loss in present value, or nothing."""
        return max(Money(0), Money(0) - self.npv)

    @property
    def lines(self) -> int:
        """Paying premises at the horizon."""
        return self.years[-1].lines


def annuity_factor(rate: Fraction, years: int) -> Fraction:
    r"""Return the present value of one unit paid at the end of each of some years.

    .. math:: a = \frac{1 - (1 + r)^{-n}}{r}, \qquad a = n \text{ for } r = 0

    Source: Brealey, Myers and Allen, *Principles of Corporate Finance*, chapter 2.

    Examples
    --------
    >>> round(float(annuity_factor(Fraction(5, 100), 20)), 6)
    12.46221
    >>> annuity_factor(Fraction(0), 20)
    Fraction(20, 1)
    """
    return Fraction(years) if rate == 0 else (1 - (1 + rate) ** -years) / rate


def annuity(amount: Money, rate: Fraction, years: int) -> Money:
    """Return the constant payment at the end of each year that repays an amount.

    Examples
    --------
    >>> str(annuity(Money.euros(1000), Fraction(5, 100), 20))
    'EUR 80.24'
    """
    return rounded(amount.cents / annuity_factor(rate, years))


def business_case(
    costed: Bill, business: Business, *, premises: int, technology: str, level: Level | None = None
) -> Case:
    """Return the business case of a network.

    Parameters
    ----------
    costed
        Its bill; connections are counted for all premises passed.
    business
        Assumptions.
    premises
        Units passed, at least one.
    technology
        Key of the monthly fee: ``fibre`` or ``wireless``.
    level
        Of the gap; the bill's own by default.

    Raises
    ------
    Problem
        When there are no premises, no fee for the technology, or no life or running cost for a
        chapter of the bill.
    """
    if premises < 1:
        raise bad_input("a business case needs at least one premises passed", value=premises)
    _check(costed, business, technology)
    return _Reckoning(costed, business, premises, technology, level or costed.level).case()


def together(cases: Sequence[Case]) -> Case:
    """Return the case of several networks held by one owner, year by year.

    A surplus of one then pays for the gap of another: the gap of the sum is never above the sum
    of the gaps.

    Raises
    ------
    Problem
        When there is none, or they differ in level, horizon or rate of discount.
    """
    frames = {(case.level, tuple(year.discount_factor for year in case.years)) for case in cases}
    if len(frames) != 1:
        raise bad_input(
            "cases are added only at one level, horizon and rate of discount",
            value=f"{len(cases)} cases, {len(frames)} kinds",
            remedy="make them from one set of assumptions",
        )
    return Case(
        cases[0].level,
        tuple(_added(rows) for rows in zip(*(case.years for case in cases), strict=True)),
    )


@dataclass(frozen=True, slots=True)
class _Reckoning:
    costed: Bill
    business: Business
    premises: int
    technology: str
    level: Level

    def case(self) -> Case:
        lines = [self._lines(year) for year in range(self.business.horizon_years + 1)]
        bought = self._bought(lines)
        return Case(
            self.level, tuple(self._year(year, lines, bought) for year in range(len(lines)))
        )

    def _lines(self, year: int) -> int:
        curve = self.business.take_up[OPPOSITE[self.level]]
        return round(self.premises * at_or_last(curve, year - 1)) if year else 0

    def _bought(self, lines: Sequence[int]) -> list[_Purchase]:
        """Return everything bought once: the network by chapter, each year's connections."""
        network = [
            _Purchase(0, Fraction(amount.cents), self.business.lives_years[chapter])
            for chapter, amount in self.costed.subtotals.items()
            if chapter is not Chapter.CONNECTIONS
        ]
        whole = self.costed.connections.cents
        life = self.business.lives_years.get(Chapter.CONNECTIONS, 1)
        return network + [
            _Purchase(year, Fraction(whole * (now - before), self.premises), life)
            for year, (before, now) in enumerate(pairwise(lines), start=1)
            if whole and now > before
        ]

    def _year(self, year: int, lines: Sequence[int], bought: Sequence[_Purchase]) -> Year:
        horizon = self.business.horizon_years
        first = [item.cents for item in bought if item.year == year]
        again = [item.cents for item in bought if year in item.renewals(horizon)]
        left = [item.residual(horizon) for item in bought] if year == horizon else []
        spent = rounded(sum(first, Fraction(0)))
        mean = Fraction(lines[year - 1] + lines[year], 2) if year else Fraction(0)
        new = lines[year] - lines[year - 1] if year else 0
        return Year(
            year=year,
            lines=lines[year],
            revenue=rounded(self._revenue(mean, new)),
            running=rounded(self._running(mean)) if year else Money(0),
            connecting=spent if year else Money(0),
            renewal=rounded(sum(again, Fraction(0))),
            investment=Money(0) if year else spent,
            residual=rounded(sum(left, Fraction(0))),
            discount_factor=1 / (1 + self.business.discount.at(self.level)) ** year,
        )

    def _revenue(self, mean_lines: Fraction, new_lines: int) -> Fraction:
        good = OPPOSITE[self.level]
        monthly = self.business.monthly_fee[self.technology].at(good)
        return _MONTHS * monthly * mean_lines + self.business.activation_fee.at(good) * new_lines

    def _running(self, mean_lines: Fraction) -> Fraction:
        cost = self.business.opex_per_line_year.at(self.level) * mean_lines
        for chapter, amount in self.costed.subtotals.items():
            used = mean_lines / self.premises if chapter is Chapter.CONNECTIONS else Fraction(1)
            cost += self.business.opex_share[chapter].at(self.level) * amount.cents * used
        return cost


@dataclass(frozen=True, slots=True)
class _Purchase:
    """Something bought in a year, bought again at the end of its life."""

    year: int
    cents: Fraction
    life: int

    def renewals(self, horizon: int) -> range:
        return range(self.year + self.life, horizon, self.life)

    def residual(self, horizon: int) -> Fraction:
        """Return what the last one bought is worth at the horizon, straight line."""
        last = max((self.year, *self.renewals(horizon)))
        left = max(0, self.life - (horizon - last))
        return Fraction(self.cents * left, self.life)


def _added(rows: Sequence[Year]) -> Year:
    def whole(name: str) -> Money:
        return total(getattr(row, name) for row in rows)

    return Year(
        year=rows[0].year,
        lines=sum(row.lines for row in rows),
        revenue=whole("revenue"),
        running=whole("running"),
        connecting=whole("connecting"),
        renewal=whole("renewal"),
        investment=whole("investment"),
        residual=whole("residual"),
        discount_factor=rows[0].discount_factor,
    )


def _check(costed: Bill, business: Business, technology: str) -> None:
    if technology not in business.monthly_fee:
        raise _wrong(f"there is no monthly fee for {technology}", sorted(business.monthly_fee))
    for chapter in costed.subtotals:
        if chapter not in business.lives_years or chapter not in business.opex_share:
            raise _wrong("a chapter of the bill has no life or no running cost", chapter.value)


def _wrong(detail: str, value: object) -> Problem:
    return Problem(
        Kind.CONFIG,
        f"parameter design.business: {detail}",
        value=value,
        remedy="mend parameters/design/business.yaml",
    )
