"""The readings under which a table is closed on its households.

Households as a sector earn compensation and spend it on what the table's sectors make. Published
multipliers differ in what consumption is divided by, in who earns where, and in what is not
spent; each is an argument, none is chosen in silence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

import numpy as np

from nexpo.core.problem import Kind, Problem, Where
from nexpo.impact.closure import Closure, Institution, close
from nexpo.impact.model import Floats, Primary, Scope, Table, Use
from nexpo.impact.solve import System


class Denominator(Enum):
    """What household consumption is divided by, to tell what one unit of income buys."""

    OUTLAY = "outlay"  # all that households buy: at home, imported, and the taxes on it
    COMPENSATION = "compensation"  # what the table pays to employees
    INCOME = "income"  # a stated total, such as disposable income from all sources


def household_closure(  # noqa: PLR0913 - each reading of a closure is named
    system: System,
    table: Table,
    *,
    denominator: Denominator,
    compensation: Floats | None = None,
    income_total: float | None = None,
    resident_share: float = 1.0,
    saving: float = 0.0,
    tax: float = 0.0,
    uses: Sequence[Use] = (Use.HOUSEHOLDS,),
    note: str = "",
) -> Closure:
    """Close a table on its households, as one account.

    ``h_j = resident_share * compensation_j / x_j`` and ``c_i = consumption_i / denominator *
    (1 - saving - tax)``, consumption being what is bought from the table's own sectors.

    Parameters
    ----------
    denominator
        What one unit of income is held against; see :class:`Denominator`.
    compensation
        ``(n,)`` in the money of the table; None takes the table's row. Where the table has none,
        :func:`by_wage_share` makes one from another country's shares.
    income_total
        The total that ``Denominator.INCOME`` needs.
    resident_share
        Share of earners who live and spend in the area, 0 to 1.
    saving, tax
        Shares of income that are not spent, taken off under any denominator as they are given.
        ``OUTLAY`` needs them: without them all of income is spent. With the other two, what is
        not spent is already left out by the division, and they are 0 in the readings that come
        with Nexpo (``parameters/impact/closure.yaml``); giving them takes it off a second time.
    uses
        Which final uses households stand for.
    note
        Where the compensation comes from, for the words.

    Raises
    ------
    Problem
        ``BAD_INPUT`` when the table has no compensation or no such use; shares outside 0 to 1.
    """
    shares = {"resident_share": resident_share, "saving": saving, "tax": tax}
    _check_shares(shares)
    paid = _compensation(table) if compensation is None else np.asarray(compensation, np.float64)
    columns = np.asarray([kind in set(uses) for kind in table.use_kinds], dtype=bool)
    spent: Floats = table.final[:, columns].sum(axis=1)
    if spent.sum() <= 0:
        raise _bad(table, "final demand has no households", "uses", "name the use they stand in")
    divisor, what = _divisor(table, denominator, columns, paid, income_total)
    kept = 1.0 - saving - tax
    account = Institution("households", resident_share * paid, spent * kept, divisor)
    words = (
        f"income: compensation of {paid.sum():,.6g}"
        + (f" ({note})" if note else " (the table's own row)")
        + f", of which residents receive {resident_share:.4g}",
        f"consumption: {spent.sum():,.6g} from the table's own sectors",
        f"divided by: {what}, {divisor:,.6g}; less saving {saving:.4g} and tax {tax:.4g}",
        f"one unit of income buys {account.spending.sum() / divisor:.4f} from the table's sectors",
    )
    return close(system, [account], words=words)


def by_wage_share(value_added: Floats, share: Floats) -> Floats:
    """Return compensation by sector from shares of value added, such as a peer country's.

    Raises
    ------
    Problem
        ``BAD_INPUT`` when a share is not a number or below zero.
    """
    shares = np.asarray(share, dtype=np.float64)
    if shares.shape != value_added.shape or not (shares >= 0).all():
        raise Problem(
            Kind.BAD_INPUT,
            "wage shares are a number of 0 or more for each sector",
            remedy="give each sector compensation over value added; 0 where it has no employees",
        )
    found: Floats = value_added * shares
    return found


def _compensation(table: Table) -> Floats:
    rows = np.asarray([kind is Primary.COMPENSATION for kind in table.primary_kinds], dtype=bool)
    if not rows.any():
        raise _bad(
            table,
            "the table has no compensation of employees",
            "primary rows",
            "give a wage share by sector, such as a peer country's",
        )
    found: Floats = table.primary[rows].sum(axis=0)
    return found


def _divisor(
    table: Table,
    denominator: Denominator,
    columns: Floats,
    paid: Floats,
    income_total: float | None,
) -> tuple[float, str]:
    match denominator:
        case Denominator.COMPENSATION:
            return float(paid.sum()), "compensation"
        case Denominator.INCOME:
            if income_total is None or not income_total > 0:
                raise _bad(table, "no total income given", "income_total", "give an amount above 0")
            return float(income_total), "a stated income"
        case Denominator.OUTLAY:
            parts = {
                "at home": table.final,
                "imported": table.final_imports,
                "taxes and other rows": table.primary_final,
            }
            in_rows = Primary.IMPORTS in table.primary_kinds and table.primary_final is not None
            if table.scope is Scope.TOTAL or in_rows:
                parts.pop("imported")  # already among the final uses, or in the rows below
            known = {name: part for name, part in parts.items() if part is not None}
            missing = ", ".join(name for name in parts if name not in known)
            total = sum(float(part[:, columns].sum()) for part in known.values())
            return total, "outlay" + (f" (not published: {missing})" if missing else "")


def _check_shares(shares: Mapping[str, float]) -> None:
    for name, share in shares.items():
        if not 0.0 <= share <= 1.0:
            raise Problem(
                Kind.BAD_INPUT, f"{name} is a share", value=share, remedy="give it from 0 to 1"
            )
    if shares["saving"] + shares["tax"] >= 1.0:
        raise Problem(
            Kind.BAD_INPUT,
            "saving and tax leave nothing to spend",
            value=shares["saving"] + shares["tax"],
            remedy="their sum is below 1; leave households out for Type I",
        )


def _bad(table: Table, what: str, column: str, remedy: str) -> Problem:
    return Problem(
        Kind.BAD_INPUT, what, where=Where(table.origin.name, column=column), remedy=remedy
    )
