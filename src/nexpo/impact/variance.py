r"""First-order variance of an effect, from one forward and one adjoint solve.

.. math:: \mathrm{Var}(G) = \sum_{ij} (m_i \, a_{ij} \, x_j)^2 \, cv_{ij}^2
          + \sum_i (g_i x_i)^2 cv_{g,i}^2 + \sum_i (m_i f_i)^2 cv_{f,i}^2

for coefficients, indicator and demand that vary independently, to first order: the derivative of
:math:`G = g' L f` by :math:`a_{ij}` is :math:`m_i x_j` (Bullard and Sebald 1977). It ranks cells by
what their doubt adds, and is no substitute for the choices of structure, which matter more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nexpo.core.problem import Kind, Problem
from nexpo.impact.model import Floats, freeze
from nexpo.impact.solve import System

_BLOCK = 256


@dataclass(frozen=True, slots=True, eq=False)
class Variance:
    """An effect and its variance by source.

    Attributes
    ----------
    effect
        ``g' L f``.
    by_row
        ``(n,)`` variance from the coefficients of each supplying sector.
    indicator, demand
        ``(n,)`` variance from the indicator and from final demand.
    cells
        Coefficients that add most: (row, column, variance), largest first.
    """

    effect: float
    by_row: Floats
    indicator: Floats
    demand: Floats
    cells: tuple[tuple[int, int, float], ...]

    def __post_init__(self) -> None:
        freeze(self)

    @property
    def total(self) -> float:
        """Variance of the effect."""
        return float(self.by_row.sum() + self.indicator.sum() + self.demand.sum())

    @property
    def deviation(self) -> float:
        """Return the standard deviation, in the unit of the effect."""
        return float(np.sqrt(self.total))

    @property
    def relative(self) -> float:
        """Coefficient of variation; NaN where there is no effect."""
        return self.deviation / abs(self.effect) if self.effect else float("nan")


def variance(
    system: System,
    demand: Floats,
    per_output: Floats,
    coefficient_cv: float | Floats,
    *,
    indicator_cv: float | Floats = 0.0,
    demand_cv: float | Floats = 0.0,
    largest: int = 20,
) -> Variance:
    """Return the first-order variance of ``g' L f``.

    Parameters
    ----------
    demand, per_output
        ``(n,)`` final demand, and the indicator per unit of output.
    coefficient_cv
        Coefficient of variation of each coefficient: one number, ``(n,)`` by buying sector, or
        ``(n, n)``.
    indicator_cv, demand_cv
        One number, or ``(n,)``.
    largest
        How many cells to name.

    Raises
    ------
    Problem
        ``BAD_INPUT`` for a coefficient of variation below zero or of another shape.

    Examples
    --------
    >>> system = System(np.array([[150.0, 500], [200, 100]]), np.array([1000.0, 2000]))
    >>> found = variance(system, np.array([600.0, 1500]), np.ones(2), 0.1)
    >>> round(found.effect), round(found.deviation, 1)
    (3089, 84.8)
    """
    size = system.size
    doubt = _checked(coefficient_cv, ((), (size,), (size, size)), "coefficients")
    multiplier = system.solve_transposed(per_output).values
    output = system.solve(demand).values
    by_row, cells = _cells(system, multiplier, system.inverse_output * output, doubt, largest)
    of_indicator = _checked(indicator_cv, ((), (size,)), "the indicator")
    of_demand = _checked(demand_cv, ((), (size,)), "demand")
    return Variance(
        float(multiplier @ demand),
        by_row,
        (per_output * output * of_indicator) ** 2,
        (multiplier * demand * of_demand) ** 2,
        cells,
    )


def first_order_variance(
    system: System, demand: Floats, weights: Floats, cv: float | Floats
) -> float:
    """Return the variance of ``weights' x`` under independent errors of the coefficients.

    Parameters as :func:`variance`, of which this is the total.

    Examples
    --------
    One sector: ``G = f / (1 - a)``, so ``dG = a G / (1 - a) cv``.

    >>> one = System.of_coefficients(np.array([[0.5]]))
    >>> round(first_order_variance(one, np.array([1.0]), np.array([1.0]), 0.1) ** 0.5, 12)
    0.2
    """
    return variance(system, demand, weights, cv, largest=0).total


def _cells(
    system: System, multiplier: Floats, scale: Floats, doubt: Floats, largest: int
) -> tuple[Floats, tuple[tuple[int, int, float], ...]]:
    """Variance by row and the largest cells, block by block: no second matrix is made."""
    size = system.size
    by_row = np.empty(size)
    best = np.empty((0, 3))
    for start in range(0, size, _BLOCK):
        rows = slice(start, start + _BLOCK)
        part = system.flows[rows] * scale
        part *= multiplier[rows, None]
        part *= doubt[rows] if doubt.ndim > 1 else doubt
        np.square(part, out=part)
        by_row[rows] = part.sum(axis=1)
        best = _largest(best, part, start, largest)
    named = tuple((int(row), int(column), float(value)) for row, column, value in best if value > 0)
    return by_row, named


def _largest(best: Floats, part: Floats, start: int, largest: int) -> Floats:
    flat = part.ravel()
    count = min(largest, len(flat))
    if not count:
        return best
    floor = best[-1, 2] if len(best) >= largest else 0.0
    over = np.flatnonzero(flat > floor)
    if len(over) > count:
        over = over[np.argpartition(-flat[over], count - 1)[:count]]
    row, column = np.divmod(over, part.shape[1])
    joined = np.vstack([best, np.column_stack([row + start, column, flat[over]])])
    order = np.lexsort((joined[:, 1], joined[:, 0], -joined[:, 2]))
    found: Floats = joined[order][:largest]
    return found


def _checked(doubt: float | Floats, shapes: tuple[tuple[int, ...], ...], what: str) -> Floats:
    values = np.asarray(doubt, dtype=np.float64)
    if values.shape not in shapes or not (values >= 0).all():
        raise Problem(
            Kind.BAD_INPUT,
            f"coefficients of variation of {what} are 0 or more, one or by sector",
            value=values.shape,
            remedy="0.2 is a doubt of a fifth; 0 is none",
        )
    return values
