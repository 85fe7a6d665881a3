"""A design beside what a public programme spent: the ratio, and what it can and cannot say.

The statements are part of the answer: a ratio without them would be read as more than it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from nexpo.connectivity.design.money.model import rounded
from nexpo.core.money import Money
from nexpo.core.problem import bad_input


@dataclass(frozen=True, slots=True)
class Programme:
    """What a programme spent in public money.

    Parameters
    ----------
    name, source
        What to cite.
    public
        Public money awarded.
    connections
        What it was awarded for.
    counted
        What ``connections`` counts: ``civico``, ``unit``.
    max_share
        Highest public share of cost, where the rule has one.
    """

    name: str
    public: Money
    connections: int
    source: str
    counted: str = "civico"
    max_share: Fraction | None = None

    def __post_init__(self) -> None:
        if self.connections < 1 or self.public < Money(0):
            raise bad_input(
                "a programme spends money from zero up on at least one connection",
                value=f"{self.public} for {self.connections}",
            )
        if self.max_share is not None and not 0 < self.max_share <= 1:
            raise bad_input("the public share lies above 0 and up to 1", value=str(self.max_share))

    @property
    def public_each(self) -> Money:
        """Public money by connection."""
        return rounded(Fraction(self.public.cents, self.connections))

    @property
    def least_cost_each(self) -> Money | None:
        """Least whole cost by connection that the ceiling implies: public / highest share.

        Examples
        --------
        >>> lombardy = Programme("Italia 1 Giga, Lombardy", Money.euros(209_934_821), 397_008,
        ...                      "press", max_share=Fraction(70, 100))
        >>> str(lombardy.public_each), str(lombardy.least_cost_each)
        ('EUR 528.79', 'EUR 755.42')
        """
        if self.max_share is None:
            return None
        return rounded(Fraction(self.public.cents, self.connections) / self.max_share)


@dataclass(frozen=True, slots=True)
class Area:
    """A design's figures for the same question.

    Parameters
    ----------
    name
        The area.
    public
        Grant of the design.
    cost
        Network of the design, whoever connects.
    addresses
        Addresses (civici) passed.
    units
        Homes and firms behind them.
    connected
        Units expected to pay at the horizon.
    """

    name: str
    public: Money
    cost: Money
    addresses: int
    units: int
    connected: int

    def __post_init__(self) -> None:
        if self.addresses < 1 or self.units < 1:
            raise bad_input(
                "a comparison needs at least one address and one unit",
                value=f"{self.addresses} addresses, {self.units} units",
            )


@dataclass(frozen=True, slots=True)
class Comparison:
    """An area beside a programme; ratios are area over programme."""

    area: Area
    programme: Programme
    public_each: Money
    public_ratio: Fraction | None
    cost_each: Money
    cost_ratio: Fraction | None
    comparable: tuple[str, ...]
    not_comparable: tuple[str, ...]


def compare(area: Area, programme: Programme) -> Comparison:
    """Return an area's public money and cost by connection beside a programme's.

    Public money is held against public money, both by what the programme counts. Cost is held
    against the least cost that the programme's ceiling implies: where the operator bore more,
    the true cost was higher and the true ratio lower.

    Examples
    --------
    >>> lot = Programme("lot", Money.euros(529_000), 1000, "press", max_share=Fraction(7, 10))
    >>> here = Area("Lecco", Money.euros(105_800), Money.euros(151_000), 100, 250, 140)
    >>> found = compare(here, lot)
    >>> str(found.public_each), found.public_ratio
    ('EUR 1,058.00', Fraction(2, 1))
    """
    basis = area.units if programme.counted == "unit" else area.addresses
    public = Fraction(area.public.cents, basis)
    cost = Fraction(area.cost.cents, basis)
    theirs = Fraction(programme.public.cents, programme.connections)
    least = theirs / programme.max_share if programme.max_share else None
    return Comparison(
        area,
        programme,
        public_each=rounded(public),
        public_ratio=public / theirs if theirs else None,
        cost_each=rounded(cost),
        cost_ratio=cost / least if least else None,
        comparable=tuple(_comparable(programme)),
        not_comparable=tuple(_not_comparable(area, programme)),
    )


def _comparable(programme: Programme) -> Iterator[str]:
    yield f"public money by {programme.counted} passed, on both sides"
    if programme.max_share:
        share = f"{float(100 * programme.max_share):g} %"
        yield (
            f"cost by {programme.counted} passed against the least cost that a public share of at "
            f"most {share} implies, {programme.least_cost_each}"
        )


def _not_comparable(area: Area, programme: Programme) -> Iterator[str]:
    yield (
        f"{programme.public_each} is the public part only: what the operator added is not "
        "published, so the programme's whole cost is known only from below"
    )
    yield (
        f"the programme counts by {programme.counted}; here {area.addresses:,} addresses hold "
        f"{area.units:,} units ({area.units / area.addresses:.2f} each), and the programme's "
        "addresses may hold more or fewer"
    )
    yield (
        f"passed is not connected: {area.connected:,} of {area.units:,} units are expected to "
        "connect here; how many of the programme's did is another figure"
    )
    yield "the award is a bid for a lot at its date; here are unit prices and one area's streets"
