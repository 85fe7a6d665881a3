"""The grant: the gap, and no more than any ceiling of the rule.

Every limit is listed with its amount and reason, so that a reader sees which one binds and by
how much the others would not. A ceiling that is a share is rounded down to the cent: a grant
never passes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from nexpo.connectivity.coverage.model import StepChange
from nexpo.connectivity.design.money.bill import Bill
from nexpo.connectivity.design.money.model import Chapter
from nexpo.connectivity.design.step import Speeds, shortfalls
from nexpo.core.money import Money
from nexpo.core.parameters import Use
from nexpo.core.problem import Kind, Problem, bad_input


@dataclass(frozen=True, slots=True)
class GrantRule:
    """What a programme pays at most.

    Parameters
    ----------
    id, title
        Name of the rule.
    eligible
        Chapters that count as cost.
    step
        What the network must reach for any grant.
    max_share
        Highest public share of eligible cost.
    min_private
        Lowest share of eligible cost that the operator bears.
    max_per_address, max_total
        Ceilings in money.
    use
        The parameter, for evidence.
    """

    id: str
    title: str
    eligible: frozenset[Chapter]
    step: StepChange | None = None
    max_share: Fraction | None = None
    min_private: Fraction | None = None
    max_per_address: Money | None = None
    max_total: Money | None = None
    use: Use | None = None

    def __post_init__(self) -> None:
        for name in ("max_share", "min_private"):
            share = getattr(self, name)
            if share is not None and not 0 <= share <= 1:
                raise Problem(
                    Kind.CONFIG,
                    f"{name} of {self.id} is no share from 0 to 100 per cent",
                    value=str(share),
                    remedy="mend the rule's file under parameters/design/grant-rules",
                )


@dataclass(frozen=True, slots=True)
class Limit:
    """One ceiling on a grant."""

    name: str
    amount: Money
    reason: str


@dataclass(frozen=True, slots=True)
class Grant:
    """The grant with what limits it; the first of ``limits`` with its amount binds."""

    rule: str
    amount: Money
    eligible: Money
    limits: tuple[Limit, ...]

    @property
    def binding(self) -> Limit:
        """The ceiling that decides."""
        return min(self.limits, key=lambda limit: limit.amount)

    @property
    def reason(self) -> str:
        """Why the grant is what it is."""
        return f"{self.binding.name}: {self.binding.reason}"

    @property
    def share(self) -> Fraction:
        """Of eligible cost; zero where nothing is eligible."""
        return Fraction(self.amount.cents, self.eligible.cents or 1)

    @property
    def private(self) -> Money:
        """What of the eligible cost is left to the operator."""
        return self.eligible - self.amount


def grant(costed: Bill, gap: Money, rule: GrantRule, *, addresses: int, speeds: Speeds) -> Grant:
    """Return the grant that a rule allows.

    Parameters
    ----------
    costed
        The bill; chapters the rule does not name are not eligible.
    gap
        Of the business case, not below zero.
    rule
        The programme's rule.
    addresses
        Addresses (civici) passed, for a ceiling by address.
    speeds
        Before and after; without the rule's step change there is no grant.

    Raises
    ------
    Problem
        When the gap or the addresses are below zero.
    """
    if gap < Money(0) or addresses < 0:
        raise bad_input(
            "gap and addresses are not below zero", value=f"{gap}; {addresses} addresses"
        )
    eligible = costed.of(*rule.eligible)
    limits = (
        Limit("funding gap", gap, "no more than what revenue does not pay back"),
        *_ceilings(rule, eligible, addresses),
        *_step(rule, speeds),
    )
    lowest = min(limit.amount for limit in limits)
    return Grant(rule.id, lowest, eligible, limits)


def _ceilings(rule: GrantRule, eligible: Money, addresses: int) -> Iterator[Limit]:
    if rule.max_share is not None:
        yield Limit(
            "share of cost",
            _floor(eligible, rule.max_share),
            f"at most {_percent(rule.max_share)} of an eligible cost of {eligible}",
        )
    if rule.min_private is not None:
        yield Limit(
            "private share",
            _floor(eligible, 1 - rule.min_private),
            f"at least {_percent(rule.min_private)} of an eligible cost of {eligible} is private",
        )
    if rule.max_per_address is not None:
        yield Limit(
            "ceiling by address",
            Money(rule.max_per_address.cents * addresses),
            f"at most {rule.max_per_address} for each of {addresses:,} addresses",
        )
    if rule.max_total is not None:
        yield Limit("ceiling", rule.max_total, f"at most {rule.max_total} in all")


def _step(rule: GrantRule, speeds: Speeds) -> Iterator[Limit]:
    if rule.step is not None:
        missing = tuple(shortfalls(rule.step, speeds))
        if missing:
            yield Limit("step change", Money(0), "; ".join(missing))


def _floor(amount: Money, share: Fraction) -> Money:
    return Money(amount.cents * share.numerator // share.denominator)


def _percent(share: Fraction) -> str:
    return f"{float(100 * share):g} %"
