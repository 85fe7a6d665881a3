r"""Multipliers: what one unit of final demand brings, by sector and indicator.

One adjoint solve an indicator, :math:`(I - A)' m = g`; no inverse. Offices and textbooks give the
same two figures several names:

=================  ==========================================  ===========================
here               what it is                                  also called
=================  ==========================================  ===========================
``direct``         indicator per unit of the sector's output   direct coefficient
``simple``         Type I, per unit of final demand            ONS and Scotland: *effect*;
                                                               RIMS II: final-demand
                                                               multiplier; Miller and
                                                               Blair: simple multiplier
``truncated``      Type II per unit, sectors' rows only        Type II effect; Miller and
                                                               Blair: truncated
``total``          Type II per unit, households' own row too   Miller and Blair: total
``type_one``       simple / direct                             ONS: *multiplier*; RIMS II:
                                                               direct-effect multiplier
``type_two``       truncated / direct                          Type II multiplier
=================  ==========================================  ===========================

For output the direct coefficient is 1, so that effect and multiplier are one figure. For income
``total`` is the household row itself, and ``total / simple`` the constant Type II factor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from nexpo.core.problem import Kind, Problem, Where
from nexpo.impact.closure import ClosedSystem
from nexpo.impact.model import Floats, Primary, Table, freeze
from nexpo.impact.price_words import RESIDUAL_WORDS, basic_value_added
from nexpo.impact.solve import SolveMethod, System

_NAMED = 8


class Unknown(Enum):
    """What to do about a satellite that is unknown in some sectors."""

    REFUSE = "refuse"
    LEAVE_OUT = "leave out"  # counted as nothing, and said


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """An indicator per unit of output, and per unit of an account's total.

    ``per_account`` holds what accounts inside add themselves (their own row of output, income
    paid by households); None adds nothing.
    """

    indicator: str
    unit: str
    per_output: Floats
    per_account: Floats | None = None
    note: str = ""

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True, eq=False)
class Multipliers:
    """One indicator's multipliers, ``(n,)`` each; see the head of this module for names."""

    indicator: str
    unit: str  # per unit of final demand, in the money of the table
    direct: Floats
    simple: Floats
    truncated: Floats | None
    total: Floats | None
    method: SolveMethod
    residual: float
    note: str = ""

    def __post_init__(self) -> None:
        freeze(self)

    @property
    def indirect(self) -> Floats:
        """Type I less direct, per unit of final demand."""
        return self.simple - self.direct

    @property
    def induced(self) -> Floats | None:
        """Truncated Type II less Type I, per unit of final demand."""
        return None if self.truncated is None else self.truncated - self.simple

    @property
    def type_one(self) -> Floats:
        """Type I over direct; NaN where the sector itself has none of the indicator."""
        return _ratio(self.simple, self.direct)

    @property
    def type_two(self) -> Floats | None:
        """Truncated Type II over direct; NaN where the sector itself has none."""
        return None if self.truncated is None else _ratio(self.truncated, self.direct)

    @property
    def type_two_total(self) -> Floats | None:
        """Type II with the accounts' own rows over direct; NaN where the sector has none."""
        return None if self.total is None else _ratio(self.total, self.direct)


def multipliers(
    system: System, weights: Sequence[Weights], closed: ClosedSystem | None = None
) -> tuple[Multipliers, ...]:
    """Return Type I multipliers of each indicator, and Type II where accounts are inside.

    All indicators are answered at once.

    Examples
    --------
    Miller and Blair (2009), section 6.2: output multipliers of two sectors.

    >>> system = System(np.array([[150.0, 500], [200, 100]]), np.array([1000.0, 2000]))
    >>> found, = multipliers(system, [output_weights(system)])
    >>> found.simple.round(3).tolist()
    [1.518, 1.452]
    """
    direct = np.column_stack([each.per_output for each in weights])
    count = direct.shape[1]
    accounts = closed.closure.income.T if closed else np.empty((system.size, 0))
    solution = system.solve_transposed(np.hstack([direct, accounts]))
    simple, by_income = solution.values[:, :count], solution.values[:, count:]
    truncated = total = None
    if closed:
        none = np.zeros((accounts.shape[1], count))
        own = np.column_stack(
            [none[:, 0] if each.per_account is None else each.per_account for each in weights]
        )
        truncated = simple + by_income @ closed.account_multipliers(direct, none)
        total = simple + by_income @ closed.account_multipliers(direct, own)
    return tuple(
        Multipliers(
            each.indicator,
            each.unit,
            direct[:, k].copy(),
            simple[:, k].copy(),
            None if truncated is None else truncated[:, k].copy(),
            None if total is None else total[:, k].copy(),
            solution.method,
            solution.residual,
            "; ".join(filter(None, (each.note, solution.note))),
        )
        for k, each in enumerate(weights)
    )


def output_weights(system: System, closed: ClosedSystem | None = None) -> Weights:
    """Return the weights of output: 1 a sector, and 1 an account for the total."""
    accounts = np.ones(len(closed.closure.accounts)) if closed else None
    return Weights("output", "1", np.ones(system.size), accounts)


def value_added_weights(system: System, table: Table) -> Weights:
    """Return gross value added at basic prices per unit of output (GDP, without product taxes)."""
    note = "" if basic_value_added(table) else RESIDUAL_WORDS
    return Weights("gdp", "1", system.per_output(table.value_added()), note=note)


def income_weights(closed: ClosedSystem) -> Weights:
    """Return what the accounts inside receive per unit of output, and from each other."""
    closure = closed.closure
    paid = closure.between.sum(axis=0)
    return Weights("income", "1", closure.income.sum(axis=0), paid)


def compensation_weights(system: System, table: Table) -> Weights:
    """Return compensation of employees per unit of output, as the table has it.

    Raises
    ------
    Problem
        ``BAD_INPUT`` when the table has no such row.
    """
    rows = np.asarray([kind is Primary.COMPENSATION for kind in table.primary_kinds], dtype=bool)
    if not rows.any():
        raise Problem(
            Kind.BAD_INPUT,
            "the table has no compensation of employees",
            where=Where(table.origin.name),
            remedy="close the table with a wage share, and take the income of that closure",
        )
    return Weights("compensation", "1", system.per_output(table.primary[rows].sum(axis=0)))


def satellite_weights(
    system: System, table: Table, indicator: str, unknown: Unknown = Unknown.REFUSE
) -> Weights:
    """Return a satellite of the table per unit of output.

    Raises
    ------
    Problem
        ``BAD_INPUT`` when the table has none of that name, or when it is unknown in some sector
        and ``unknown`` does not say to leave those out.
    """
    satellite = table.satellite(indicator)
    missing = np.flatnonzero(np.isnan(satellite.values) & (system.output > 0))
    names = ", ".join(system.sectors[each] for each in missing[:_NAMED])
    if len(missing) and unknown is Unknown.REFUSE:
        raise Problem(
            Kind.BAD_INPUT,
            f"{indicator} is unknown in {len(missing)} sectors: every multiplier would miss them",
            where=Where(table.origin.name, column=names),
            remedy="fill them, or leave them out by name; the result then says so",
        )
    note = f"unknown in {len(missing)} sectors, counted as nothing: {names}" if names else ""
    values = np.nan_to_num(satellite.values)
    unit = f"{satellite.unit} per {_money(table)}"
    return Weights(indicator, unit, system.per_output(values), note=note)


def _money(table: Table) -> str:
    origin = table.origin
    scale = {1: "", 1_000: "thousand ", 1_000_000: "million "}.get(origin.scale)
    return f"{origin.scale:,} {origin.currency}" if scale is None else f"{scale}{origin.currency}"


def _ratio(above: Floats, below: Floats) -> Floats:
    none = below == 0
    found: Floats = np.where(none, np.nan, above / np.where(none, 1.0, below))
    return found
