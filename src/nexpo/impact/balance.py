"""Whether a table holds: rows and columns make output, and it can be solved.

Rows: what a sector sells is its output. Columns: what it buys, at home and abroad, with its
value added, taxes and margins is its output too. A table of total use holds imports in its
rows, so there sales are output and imports together.

A deviation is measured against what rounding explains: three standard deviations of the sum of
as many rounding errors as there are cells, and what 64-bit sums lose. Beyond that it is told;
beyond a share of the sector's output too it is an error. One above that share is told even where
rounding explains it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from nexpo.core.problem import Kind, Problem, Where
from nexpo.impact import findings
from nexpo.impact.deviation import Balance, balance, printed_unit, rounding_of
from nexpo.impact.model import Finding, Table

__all__ = [
    "SOLVER_DECIDES",
    "UNBALANCED",
    "Balance",
    "balance",
    "check",
    "printed_unit",
    "refuse",
    "rounding_of",
]

UNBALANCED = 0.005
"""Share of a sector's output above which an imbalance is an error."""

SOLVER_DECIDES = ("column_sum",)
"""Findings that opening leaves to the solver, which knows whether the table can still answer."""


def check(table: Table, *, unbalanced: float = UNBALANCED) -> tuple[Finding, ...]:
    """Return what is wrong or noteworthy in a table, the fatal first.

    Parameters
    ----------
    unbalanced
        Share of a sector's output above which an imbalance is fatal; below it is told.

    Returns
    -------
    tuple of Finding
        ``numbers`` holds the worst sectors by code and ``sectors``, how many there are.
    """
    found = balance(table)
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        lambda: findings.not_finite(table),
        lambda: findings.imbalance(table, found, unbalanced),
        lambda: findings.input_shares(table, found),
        lambda: findings.negatives(table, unbalanced),
        lambda: findings.without_output(table, found),
        lambda: findings.imports_apart(table),
        lambda: findings.value_added(table),
        lambda: findings.total_use(table),
        lambda: findings.open_inputs(table, found),
        lambda: findings.price_basis(table),
        lambda: findings.residual_value_added(table),
    )
    told = [finding for each in checks for finding in each()]
    return tuple(sorted(told, key=lambda finding: not finding.fatal))


def refuse(
    table: Table, found: Iterable[Finding], *, file: str = "", accept: Sequence[str] = ()
) -> None:
    """Raise the first fatal finding that is not accepted by name.

    Raises
    ------
    Problem
        ``BAD_INPUT`` naming the check, the place and the remedy.
    """
    for finding in found:
        if finding.fatal and finding.check not in accept:
            raise Problem(
                Kind.BAD_INPUT,
                finding.message,
                where=Where(file or table.origin.name, None, finding.where),
                value=f"{finding.value:.6g}",
                remedy=f"{finding.remedy} (finding {finding.check})",
            )
