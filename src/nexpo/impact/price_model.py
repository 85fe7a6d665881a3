r"""The price model: how costs that change in one place pass through to all prices.

.. math:: \Delta p = (I - A')^{-1} \Delta v

with ``v`` primary cost per unit of output: wages, taxes, imports (Miller and Blair 2009, 2.6).
Every cost is passed on in full, quantities stay: an upper bound of what a cost shock does.
The equations are those of multipliers, so that the factors serve both.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nexpo.core.problem import Kind, Problem
from nexpo.impact.model import Floats
from nexpo.impact.solve import System


def price_change(system: System, cost_change: Floats) -> Floats:
    """Return the change of each price, as a share of it.

    Parameters
    ----------
    cost_change
        ``(n,)`` or ``(n, m)`` change of primary cost per unit of output: 0.02 where wages that
        are 20 % of output rise by a tenth.

    Examples
    --------
    Primary costs are 0.65 and 0.7 of the price; those of the first sector rise by a tenth.

    >>> system = System(np.array([[150.0, 500], [200, 100]]), np.array([1000.0, 2000]))
    >>> price_change(system, np.array([0.065, 0.0])).round(3).tolist()
    [0.082, 0.021]
    """
    return system.solve_transposed(cost_change).values


def import_price_change(system: System, imported: Floats, change: Floats) -> Floats:
    """Return the change of each home price when prices of imports change.

    Parameters
    ----------
    imported
        ``(n, n)`` imported inputs by product and user, or ``(n,)`` by user.
    change
        ``(n,)`` change of import prices by product, as a share; by user where ``imported`` is.
    """
    cost = change @ imported if imported.ndim > 1 else change * imported
    return price_change(system, system.per_output(cost))


def fixed_price_change(
    system: System, group: Sequence[int], change: Floats, cost_change: Floats | None = None
) -> Floats:
    """Return the change of every price when those of a group are set from outside.

    A regulated tariff or a world price: the group's prices take the change given, whatever their
    costs; the others follow from theirs.

    Parameters
    ----------
    group
        Positions of the sectors with a set price.
    change
        ``(len(group),)`` their changes, as shares.
    cost_change
        ``(n,)`` change of primary cost per unit of output elsewhere; none if None.
    """
    where = np.asarray(group, dtype=np.intp)
    if not len(where) or len(set(where.tolist())) < len(where) or len(change) != len(where):
        raise Problem(
            Kind.BAD_INPUT,
            "each sector of a set price comes once, with one change",
            value=f"{len(where)} sectors, {len(change)} changes",
            remedy="give as many changes as sectors",
        )
    unit = np.zeros((system.size, len(where)))
    unit[where, np.arange(len(where))] = 1.0
    passed = system.solve_transposed(unit).values
    free = np.zeros(system.size)
    if cost_change is not None:
        free = system.solve_transposed(cost_change).values
    push = np.linalg.solve(passed[where], np.asarray(change, dtype=np.float64) - free[where])
    found: Floats = free + passed @ push
    return found
