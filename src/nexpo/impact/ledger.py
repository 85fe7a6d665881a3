"""The ledger of leakage: where each euro of a plan ends.

A euro of demand met in the country ends as value added of some area, as imports, as net taxes
on products or as margins outside the flows, because each column of a balanced table sums to its
output: ``(v + m + t + s) (I - A)^-1 = 1``. What a plan imports or pays as tax at once comes on
top. So the territory's share is an accounting split, not one more model. It is made on Type I:
in Type II, value added is spent again and would be counted twice.

The shares sum to 1 but for the table's own imbalance, which is computed beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from nexpo.core.problem import Kind, Problem, bad_input
from nexpo.impact.demand import Demand
from nexpo.impact.effects import by_area
from nexpo.impact.model import Floats, LeakageRow, Primary, Table, freeze

IMPORTS = "imports"
TAXES = "net product taxes"
MARGINS = "international transport margins"
ADJUSTMENTS = "adjustments to the territory"
IMBALANCE = "imbalance of the table"
_ROUNDING = 1e-9
_CENTS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """What a column of a table holds beside its domestic inputs, per unit of output, ``(n,)``.

    ``imbalance`` is what is missing to 1: inputs, value added, imports, taxes and margins are
    less than output by so much. ``margins`` are those outside the flows (transport between
    countries), ``adjustments`` rows to the territory (purchases abroad, cif to fob). A sector
    without output has zero everywhere.
    """

    value_added: Floats
    imports: Floats
    taxes: Floats
    margins: Floats
    imbalance: Floats
    adjustments: Floats

    def __post_init__(self) -> None:
        freeze(self)

    @classmethod
    def of(cls, table: Table) -> Columns:
        """Return the columns of a domestic table.

        Imports are those of the matrix where one is published, else of the rows.
        """
        imported = (
            _rows(table, Primary.IMPORTS) if table.imports is None else table.imports.sum(axis=0)
        )
        parts = (
            table.value_added(),
            imported,
            _rows(table, Primary.PRODUCT_TAX),
            _rows(table, Primary.MARGIN),
        )
        adjusted = _rows(table, Primary.ADJUSTMENT)
        missing = table.output - table.flows.sum(axis=0) - sum(parts) - adjusted
        return cls(*(_per_output(part, table.output) for part in (*parts, missing, adjusted)))

    def ends(self) -> Mapping[str, Floats]:
        """Return what is nobody's value added, ``(n,)`` per output by its name in the ledger.

        Adjustments are named only where the table has any.
        """
        found = {IMPORTS: self.imports, TAXES: self.taxes, MARGINS: self.margins}
        return found | ({ADJUSTMENTS: self.adjustments} if self.adjustments.any() else {})

    def tiled(self, times: int) -> Columns:
        """Return the same columns for several areas, one after another.

        Examples
        --------
        >>> one = np.array([1.0])
        >>> Columns(one, one, one, one, one, one).tiled(2).value_added.tolist()
        [1.0, 1.0]
        """
        parts = (
            self.value_added, self.imports, self.taxes, self.margins, self.imbalance,
            self.adjustments,
        )  # fmt: skip
        return Columns(*(np.tile(part, times) for part in parts))


@dataclass(frozen=True, slots=True)
class Leakage:
    """A ledger: rows, what they sum to, and why that is not 1 to the last digit.

    Attributes
    ----------
    rows
        Value added kept by area, in the order of the areas; then imports, net product taxes,
        international transport margins and, where the table has them, adjustments.
    amount_eur
        What was spent.
    imbalance
        Share that the columns of the table do not account for; rows and imbalance sum to 1.
    margins_paid_eur
        Trade and transport margins in the prices paid. They are earned in the country, and
        are inside the rows above, not beside them.
    """

    rows: tuple[LeakageRow, ...]
    amount_eur: float
    imbalance: float
    margins_paid_eur: float

    @property
    def total(self) -> float:
        """Sum of the shares."""
        return sum(row.share for row in self.rows)

    def share(self, area: str) -> float:
        """Return the share of an area; zero where it has no row."""
        return sum(row.share for row in self.rows if row.area == area)

    def split(self, area: str, parts: Mapping[str, float]) -> Leakage:
        """Return the ledger with one row in parts, EUR each.

        Raises
        ------
        Problem
            ``INTERNAL`` when the parts are not the row.

        Examples
        --------
        >>> one = Leakage((LeakageRow("r", 1.0, 10.0),), 10.0, 0.0, 0.0)
        >>> [(row.area, row.share) for row in one.split("r", {"p": 4.0, "q": 6.0}).rows]
        [('p', 0.4), ('q', 0.6)]
        """
        whole = sum(row.value_eur for row in self.rows if row.area == area)
        if abs(sum(parts.values()) - whole) > _ROUNDING * max(abs(whole), self.amount_eur):
            raise Problem(
                Kind.INTERNAL,
                f"the parts of {area} are not the whole",
                value=sum(parts.values()) - whole,
                remedy="report this case with the plan and the table",
            )
        own = tuple(
            LeakageRow(name, value / self.amount_eur, value) for name, value in parts.items()
        )
        rows = (own if row.area == area else (row,) for row in self.rows)
        return replace(self, rows=tuple(each for group in rows for each in group))

    def cents(self) -> tuple[tuple[str, int], ...]:
        """Return whole cents by row, the imbalance last; they sum to the amount exactly."""
        shares = [*(row.share for row in self.rows), self.imbalance]
        names = [*(row.area for row in self.rows), IMBALANCE]
        total = round(self.amount_eur * _CENTS)
        return tuple(zip(names, apportion(total, shares), strict=True))


def leakage_of(demand: Demand, output: Floats, columns: Columns, areas: Sequence[str]) -> Leakage:
    """Return the ledger of a plan, all its periods together.

    Parameters
    ----------
    demand
        Where the plan's purchases are met.
    output
        ``(n, k)`` Type I output that it calls forth, EUR of the plan's price year.
    columns
        Of the same ``n`` sectors.
    areas
        ``(n,)`` area of each sector.

    Raises
    ------
    Problem
        ``INTERNAL`` when the rows and the imbalance do not sum to 1.
    """
    made = output.sum(axis=1)
    amount = float(demand.of.amount.sum())
    if amount <= 0:
        raise bad_input("a ledger needs spending above zero", value=amount)
    kept = by_area((columns.value_added * made)[:, None], areas)
    values = {area: float(part[0]) for area, part in kept.items()}
    values |= {name: float(part @ made) for name, part in columns.ends().items()}
    values[IMPORTS] += float(demand.imported.sum())
    values[TAXES] += float(demand.of.tax.sum())
    rows = tuple(LeakageRow(area, value / amount, value) for area, value in values.items())
    imbalance = float(columns.imbalance @ made) / amount
    found = Leakage(rows, amount, imbalance, float(demand.of.margin.sum()))
    if abs(found.total + imbalance - 1) > _ROUNDING:
        raise Problem(
            Kind.INTERNAL,
            "the ledger does not account for all spending",
            value=found.total + imbalance,
            remedy="report this case with the plan and the table",
        )
    return found


def apportion(total: int, shares: Sequence[float]) -> list[int]:
    """Return whole numbers near ``total * share`` that sum to the total, largest remainder first.

    Parameters
    ----------
    shares
        Taken over their sum, which is not zero; one may be negative (an imbalance).

    Examples
    --------
    >>> apportion(100, [1 / 3, 1 / 3, 1 / 3])
    [34, 33, 33]
    >>> apportion(10, [1.05, -0.05])
    [11, -1]
    """
    whole = sum(map(Fraction, shares))
    exact = [Fraction(share) * total / whole for share in shares]
    found = [part.numerator // part.denominator for part in exact]
    missing = total - sum(found)
    order = sorted(range(len(exact)), key=lambda i: (found[i] - exact[i], i))
    for step in range(missing):
        found[order[step % len(order)]] += 1
    return found


def _rows(table: Table, kind: Primary) -> Floats:
    chosen = np.array([each is kind for each in table.primary_kinds], dtype=bool)
    found: Floats = table.primary[chosen].sum(axis=0)
    return found


def _per_output(values: Floats, output: Floats) -> Floats:
    found: Floats = np.divide(values, output, out=np.zeros_like(values), where=output > 0)
    return found
