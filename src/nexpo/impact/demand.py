"""From a plan to final demand: what is bought, at basic prices, and where it is made.

Each line goes the same way, and every cent of it ends in exactly one place::

    amount (plan prices)
      -> prices of one year (index of the product)
      -> sectors (spending mix, where a line names a product)
      -> net product taxes + trade and transport margins + basic value   (purchaser's price)
      -> imported | made in the country        (stated on the line, else the table's share)
      -> made in the region | elsewhere in it  (stated on the line, else a location quotient)

Margins are services rendered in the country: they are demand for the sectors that earn them.
Amounts are EUR as floats from here on; cents come back at the border (:mod:`.ledger`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.impact.codes import position_of, positions_by_spelling, unknown_sector
from nexpo.impact.model import Floats, Mix, Phase, Plan, PlanLine, PriceBasis, freeze
from nexpo.impact.prices import Deflators, Rates

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CENTS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Purchases:
    """What a plan buys, before it is decided where what no contract fixes is made.

    ``n`` sectors, ``k`` periods; a period is a year and a phase. All money in EUR of
    ``price_year``, at basic prices where not said otherwise.

    Attributes
    ----------
    periods
        ``(year, phase)`` of each column.
    amount
        ``(k,)`` as the plan states it, in EUR of ``price_year``.
    tax, margin
        ``(k,)`` net product taxes; margins that became demand for who earns them.
    free
        ``(3, n, k)`` value whose import share is the product's default. The first index says
        where the domestic part is made: 0 as a quotient says, 1 in the region by contract,
        2 elsewhere in the country by contract.
    fixed
        ``(3, n, k)`` the same, of what is certainly made in the country.
    abroad
        ``(n, k)`` imported by contract.
    import_share
        ``(n, k)`` default share imported, of ``free``.
    """

    sectors: tuple[str, ...]
    periods: tuple[tuple[int, Phase], ...]
    price_year: int
    amount: Floats
    tax: Floats
    margin: Floats
    free: Floats
    fixed: Floats
    abroad: Floats
    import_share: Floats

    def __post_init__(self) -> None:
        freeze(self)

    def at(self, local_share: Floats, *, import_factor: float = 1.0) -> Demand:
        """Decide where things are made.

        Parameters
        ----------
        local_share
            ``(n,)`` of what is made in the country, the share made in the region, for lines
            that do not state it; values above 1 count as 1.
        import_factor
            Multiplies the default import shares: see :func:`moved_share`.
        """
        share = moved_share(self.import_share, import_factor)
        local_share = np.clip(local_share, 0, 1)[:, None]
        made = self.free * (1 - share) + self.fixed
        return Demand(
            self,
            made[0] * local_share + made[1],
            made[0] * (1 - local_share) + made[2],
            self.free.sum(axis=0) * share + self.abroad,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """Final demand by where it is met, ``(n, k)`` each, EUR at basic prices."""

    of: Purchases
    local: Floats
    elsewhere: Floats
    imported: Floats

    def __post_init__(self) -> None:
        freeze(self)

    @property
    def domestic(self) -> Floats:
        """The first round in the country."""
        return self.local + self.elsewhere

    @property
    def unaccounted(self) -> Floats:
        """Return by period what of the amount ended nowhere: zero, to rounding."""
        ends = self.domestic.sum(axis=0) + self.imported.sum(axis=0) + self.of.tax
        missing: Floats = self.of.amount - ends
        return missing


def purchases_of(
    plan: Plan,
    sectors: Sequence[str],
    *,
    rates: Rates,
    import_shares: Mapping[Phase, Floats],
    deflators: Deflators,
    price_year: int | None = None,
    alternatives: Mapping[str, str] | None = None,
) -> Purchases:
    """Return what a plan buys from each sector of a table.

    Parameters
    ----------
    plan
        Its lines name sectors of the table, or products of its mixes.
    sectors
        Codes of the table, in its order.
    rates
        Taxes and margins inside purchasers' prices.
    import_shares
        Default by phase and product; NaN where the table cannot say.
    deflators
        Price indices; a line in prices of ``price_year`` needs none.
    price_year
        Of the result; the plan's own where it has only one.
    alternatives
        Name of the mix to use, by product; the plan's default otherwise.

    Raises
    ------
    Problem
        Naming file and row: an unknown sector with the nearest codes, a year outside the
        indices, a product whose import share nobody states.
    """
    year = plan_price_year(plan) if price_year is None else price_year
    spread = _Spread.of(plan, sectors, alternatives or {})
    periods = tuple(sorted({(line.year, line.phase) for line in plan.lines}, key=_order))
    column = np.array([periods.index((line.year, line.phase)) for line in plan.lines])
    at = (spread.sector, column[spread.line])
    amount = spread.amounts(plan, sectors, deflators, year)
    paid = _paid(plan, spread, rates)
    size, width = len(sectors), len(periods)
    free, fixed, abroad, default = _sourced(
        plan, spread, amount * (1 - sum(paid)), at, (size, width), import_shares
    )
    trade, transport = (_sums(amount * part, at[1], width) for part in paid[1:])
    fixed[0] += np.outer(rates.trade_to, trade) + np.outer(rates.transport_to, transport)
    return Purchases(
        tuple(sectors),
        periods,
        year,
        amount=_sums(amount, at[1], width),
        tax=_sums(amount * paid[0], at[1], width),
        margin=trade + transport,
        free=free,
        fixed=fixed,
        abroad=abroad,
        import_share=default,
    )


def moved_share(share: Floats, factor: float | Floats) -> Floats:
    """Return import shares times a factor, within 0 and 1.

    What is imported altogether stays so: the country makes none of it, whatever the factor.

    Examples
    --------
    >>> moved_share(np.array([0.5, 0.9, 1.0]), 0.8).round(2).tolist()
    [0.4, 0.72, 1.0]
    """
    found: Floats = np.where(share >= 1, 1.0, np.clip(share * factor, 0, 1))
    return found


def plan_price_year(plan: Plan) -> int:
    """Return the one year in whose prices a plan is stated.

    Raises
    ------
    Problem
        When lines are stated in prices of several years.
    """
    years = sorted({line.price_year for line in plan.lines})
    if len(years) != 1:
        raise bad_input(
            "the lines of the plan are in prices of several years",
            where=Where(plan.file or None, column="price_year"),
            value=", ".join(map(str, years)),
            remedy="say with --price-year in which year's prices results are wanted",
        )
    return years[0]


def place_of(plan: Plan, line: PlanLine, column: str | None = None) -> Where:
    """Return where a line stands, for a message."""
    return Where(plan.file or plan.id, line.row or None, column)


@dataclass(frozen=True, slots=True, eq=False)
class _Spread:
    """Lines over sectors: entry ``e`` is the part ``weight[e]`` of line ``line[e]``."""

    line: NDArray[np.intp]
    sector: NDArray[np.intp]
    weight: Floats

    @classmethod
    def of(cls, plan: Plan, sectors: Sequence[str], chosen: Mapping[str, str]) -> _Spread:
        known = positions_by_spelling(sectors)
        parts: list[tuple[int, int, float]] = []
        for index, line in enumerate(plan.lines):
            where = place_of(plan, line, "sector")
            mix = mix_of(plan, line.sector, chosen.get(line.sector))
            if mix is None:
                if line.sector not in known:
                    known_too = {*known, *(mix.product for mix in plan.mixes)}
                    _check_known(line.sector, known, known_too, where)
                parts.append((index, position_of(line.sector, known, where), 1.0))
                continue
            parts += [(index, position_of(code, known, where), w) for code, w in mix.shares]
        lines, places, weights = zip(*parts, strict=True)
        return cls(np.array(lines), np.array(places), np.array(weights))

    def amounts(
        self, plan: Plan, sectors: Sequence[str], deflators: Deflators, price_year: int
    ) -> Floats:
        """Return each entry's amount in EUR of the price year."""
        cents = np.array([line.amount_cents for line in plan.lines], dtype=np.float64)
        found: Floats = cents[self.line] / _CENTS * self.weight
        if all(line.price_year == price_year for line in plan.lines):
            return found
        factors = [
            deflators.factor(sectors[s], line.price_year, price_year, place_of(plan, line))
            for line, s in zip((plan.lines[i] for i in self.line), self.sector, strict=True)
        ]
        found *= np.array(factors)
        return found


def mix_of(plan: Plan, product: str, name: str | None = None) -> Mix | None:
    """Return the mix of a product: the one named, else its default; None where it has none.

    Raises
    ------
    Problem
        When the product has mixes, but none of that name.
    """
    mixes = [mix for mix in plan.mixes if mix.product == product]
    if not mixes:
        return None
    if name is None:
        return next((mix for mix in mixes if mix.default), mixes[0])
    for mix in mixes:
        if mix.name == name:
            return mix
    raise Problem(
        Kind.USAGE,
        f"the product {product} has no spending mix of that name",
        value=name,
        remedy=f"it has: {', '.join(mix.name for mix in mixes)}",
    )


def _check_known(code: str, known: Mapping[str, int], or_product: set[str], where: Where) -> None:
    try:
        position_of(code, known, where)
    except Problem:
        raise unknown_sector(code, sorted(or_product), where) from None


def _paid(plan: Plan, spread: _Spread, rates: Rates) -> tuple[Floats, Floats, Floats]:
    """Return by entry the shares that are tax, trade margin and transport margin."""
    purchaser = np.array([line.basis is PriceBasis.PURCHASER for line in plan.lines], dtype=float)
    by_phase = {phase: rates.tax[phase] for phase in Phase}
    building = np.array([line.phase is Phase.CONSTRUCTION for line in plan.lines])
    tax = np.where(
        building[spread.line],
        by_phase[Phase.CONSTRUCTION][spread.sector],
        by_phase[Phase.OPERATION][spread.sector],
    )
    here = purchaser[spread.line]
    return here * tax, here * rates.trade[spread.sector], here * rates.transport[spread.sector]


def _sourced(
    plan: Plan,
    spread: _Spread,
    basic: Floats,
    at: tuple[NDArray[np.intp], NDArray[np.intp]],
    shape: tuple[int, int],
    import_shares: Mapping[Phase, Floats],
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the parts of :class:`Purchases`: free, fixed, abroad and the default share."""
    free, fixed = np.zeros((3, *shape)), np.zeros((3, *shape))
    abroad, default = np.zeros(shape), np.zeros(shape)
    lines = [plan.lines[i] for i in spread.line]
    imported = np.array([_or_nan(line.import_share) for line in lines])
    local = np.array([_or_nan(line.local_share) for line in lines])
    stated = ~np.isnan(imported)
    shares = np.array(
        [import_shares[line.phase][s] for line, s in zip(lines, spread.sector, strict=True)]
    )
    _refuse_unknown_share(plan, spread, np.isnan(shares) & ~stated)
    np.add.at(abroad, at, np.where(stated, basic * imported, 0))
    default[at] = np.nan_to_num(shares)
    for target, mine, value in ((free, ~stated, basic), (fixed, stated, basic * (1 - imported))):
        kept = np.where(mine, np.nan_to_num(value), 0)
        where_made = (np.isnan(local), np.nan_to_num(local), 1 - np.nan_to_num(local, nan=1))
        for made, part in zip(target, where_made, strict=True):
            np.add.at(made, at, kept * part)
    return free, fixed, abroad, default


def _refuse_unknown_share(plan: Plan, spread: _Spread, unknown: NDArray[np.bool_]) -> None:
    if unknown.any():
        line = plan.lines[spread.line[unknown.argmax()]]
        raise bad_input(
            "the table has no use of this product, so it cannot say how much is imported",
            where=place_of(plan, line, "import_share"),
            value=line.sector,
            remedy="state import_share on the line",
        )


def _sums(values: Floats, column: NDArray[np.intp], width: int) -> Floats:
    found: Floats = np.bincount(column, weights=values, minlength=width).astype(np.float64)
    return found


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value


def _order(period: tuple[int, Phase]) -> tuple[int, bool]:
    return period[0], period[1] is Phase.OPERATION
