"""Prices: what stands between a purchaser's price and a basic one, and price indices.

A purchaser's price is the basic price, plus net taxes on products, plus the margins of trade
and transport (System of National Accounts 2008, 6.51-6.69). All rates here are shares of the
*purchaser's* price, so that one subtraction gives the basic price.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.impact.codes import sectors_of, spelling
from nexpo.impact.domestic import ImportRule, import_shares
from nexpo.impact.model import Floats, Phase, Primary, Table, Use, freeze

GENERAL = "*"
"""The series or rate of every sector that has none of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """What a purchaser's price holds beside the basic price, by product.

    Attributes
    ----------
    tax
        By phase, ``(n,)`` net taxes on products, share of the purchaser's price.
    trade, transport
        ``(n,)`` margins, share of the purchaser's price.
    trade_to, transport_to
        ``(n,)`` which sectors earn the margins; sums to 1, or to 0 where there is none.
    """

    tax: Mapping[Phase, Floats]
    trade: Floats
    transport: Floats
    trade_to: Floats
    transport_to: Floats

    def __post_init__(self) -> None:
        freeze(self)
        for phase, tax in self.tax.items():
            held = tax + self.trade + self.transport
            if (held >= 1).any() or (self.trade < 0).any() or (self.transport < 0).any():
                raise bad_input(
                    f"taxes and margins of {phase.value} leave nothing of a purchaser's price",
                    value=float(held.max()),
                    remedy="rates are shares of the purchaser's price, from 0 to below 1",
                )

    @classmethod
    def none(cls, size: int) -> Rates:
        """Return rates of zero: purchasers pay basic prices.

        Examples
        --------
        >>> float(Rates.none(3).trade.sum())
        0.0
        """
        nil = np.zeros(size)
        return cls(dict.fromkeys(Phase, nil), nil, nil, nil, nil)


@dataclass(frozen=True, slots=True)
class Deflators:
    """Price indices by sector and year; the series :data:`GENERAL` serves all others.

    Examples
    --------
    >>> prices = Deflators({"*": {2014: 80.0, 2024: 100.0}})
    >>> prices.factor("F", 2024, 2014)
    0.8
    >>> prices.factor("F", 1999, 1999)
    1.0
    >>> prices.factor("F", 2031, 2014)
    Traceback (most recent call last):
    nexpo.core.problem.Problem: no price index for this year...
    """

    series: Mapping[str, Mapping[int, float]]
    source: str = ""

    def factor(self, sector: str, stated: int, wanted: int, where: Where | None = None) -> float:
        """Return what one unit of money of a year's prices is in another year's.

        Raises
        ------
        Problem
            When one of the years is outside the series; the same year needs no series.
        """
        if stated == wanted:
            return 1.0
        return self._index(sector, wanted, where) / self._index(sector, stated, where)

    def factors(self, sectors: Sequence[str], stated: int, wanted: int) -> Floats:
        """Return :meth:`factor` of each sector, ``(n,)``."""
        found: Floats = np.array([self.factor(code, stated, wanted) for code in sectors])
        return found

    def _index(self, sector: str, year: int, where: Where | None) -> float:
        own = self.series.get(spelling(sector), self.series.get(GENERAL, {}))
        if year not in own:
            years = f"{min(own)} to {max(own)}" if own else "none"
            raise bad_input(
                "no price index for this year",
                where=where,
                value=year,
                remedy=f"indices of {sector}: {years}; state the amount in prices of one of "
                "these years, or add the year with --deflators FILE",
            )
        return own[year]


def tax_shares(table: Table, fallback: Mapping[Phase, float]) -> Mapping[Phase, float]:
    """Return net product taxes as a share of purchasers' spending, from the table itself.

    Construction: the columns of capital formation, together. Operation: all intermediate use.
    Where the table does not publish them, ``fallback`` stands.

    Parameters
    ----------
    fallback
        Share by phase for a table without such rows.
    """
    rows = np.array([kind is Primary.PRODUCT_TAX for kind in table.primary_kinds], dtype=bool)
    found = dict(fallback)
    if not rows.any():
        return found
    taxes = float(table.primary[rows].sum())
    spent = float(table.flows.sum() + (0 if table.imports is None else table.imports.sum()))
    spent += taxes + _margins(table, table.primary)
    if table.imports is None:
        spent += float(table.primary[_rows(table, Primary.IMPORTS)].sum())
    found[Phase.OPERATION] = taxes / spent if spent > 0 else 0.0
    columns = _capital(table)
    if columns and table.primary_final is not None:
        held: Floats = table.primary_final[:, columns].sum(axis=1)
        total = float(table.final[:, columns].sum() + held[_rows(table, *Primary)].sum())
        if table.final_imports is not None:
            imported = float(table.final_imports[:, columns].sum())
            total += imported - float(held[_rows(table, Primary.IMPORTS)].sum())
        found[Phase.CONSTRUCTION] = float(held[rows].sum()) / total if total > 0 else 0.0
    return found


def import_shares_by_phase(table: Table) -> Mapping[Phase, Floats]:
    """Return by phase and product the share of a purchase that is imported, ``(n,)``.

    Construction follows the columns of capital formation, operation the intermediate use; a
    product that they do not hold follows all uses together. Where only a total of
    imports by product is published, all uses share it: imports over output less exports plus
    imports. A product that nobody uses is NaN.

    Raises
    ------
    Problem
        When the table says nothing about imports: a share of zero would be an invention.
    """
    if table.imports is None or table.final_imports is None:
        share = _by_total(table)
        return dict.fromkeys(Phase, share)
    home, abroad = table.flows.sum(axis=1), table.imports.sum(axis=1)
    inside = np.array([kind is not Use.EXPORTS for kind in table.use_kinds], dtype=bool)
    every = _share(
        abroad + np.maximum(table.final_imports[:, inside], 0).sum(axis=1),
        home + np.maximum(table.final[:, inside], 0).sum(axis=1),
    )
    columns = _capital(table)
    capital = (
        _share(
            table.final_imports[:, columns].sum(axis=1), table.final[:, columns].sum(axis=1), every
        )
        if columns
        else every
    )
    return {Phase.CONSTRUCTION: capital, Phase.OPERATION: _share(abroad, home, every)}


def margin_weights(weights: Mapping[str, float], sectors: Sequence[str], what: str) -> Floats:
    """Return who earns a margin as ``(n,)`` summing to 1.

    A code is found by the divisions that it stands for: ``G46`` is ``46``, ``G`` or ``G45-47``.

    Raises
    ------
    Problem
        When none of the sectors named is in the table.
    """
    found = np.zeros(len(sectors))
    for code, weight in weights.items():
        places = sectors_of(code, sectors)
        found[places] += weight / max(1, len(places))
    if found.sum() <= 0:
        raise Problem(
            Kind.BAD_INPUT,
            f"no sector of the table earns the {what} margin",
            value=", ".join(weights),
            remedy="name sectors of the table with --margins FILE, or state amounts at basic price",
        )
    weighted: Floats = found / found.sum()
    return weighted


def _by_total(table: Table) -> Floats:
    if table.import_total is None:
        raise Problem(
            Kind.BAD_INPUT,
            f"the table {table.origin.name} does not say which products are imported",
            remedy="use a table with imports, or state import_share on each line of the plan",
        )
    exports = np.array([kind is Use.EXPORTS for kind in table.use_kinds], dtype=bool)
    supply = table.output + table.import_total - table.final[:, exports].sum(axis=1)
    nobody = (supply <= 0) & (table.import_total <= 0)
    found: Floats = np.where(nobody, np.nan, import_shares(table, ImportRule.PROPORTIONAL))
    return found


def _share(part: Floats, rest: Floats, otherwise: Floats | None = None) -> Floats:
    part, rest = np.maximum(part, 0), np.maximum(rest, 0)
    total = part + rest
    fill = np.full(len(total), np.nan) if otherwise is None else otherwise.copy()
    found: Floats = np.divide(part, total, out=fill, where=total > 0)
    return found


def _capital(table: Table) -> list[int]:
    """Return all columns of capital formation: dwellings, machines, valuables, by region."""
    return [column for column, kind in enumerate(table.use_kinds) if kind is Use.CAPITAL]


def _rows(table: Table, *kinds: Primary) -> Floats:
    found: Floats = np.array([kind in kinds for kind in table.primary_kinds], dtype=bool)
    return found


def _margins(table: Table, values: Floats) -> float:
    return float(values[_rows(table, Primary.MARGIN)].sum())
