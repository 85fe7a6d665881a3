"""First-order standard deviations where a table is too large for the ensemble.

Only noise in the coefficients is counted, with the ensemble's own coefficient of variation, and
only in direct and indirect effects. Both regions make things the same way, so a national
coefficient errs alike wherever it is bought: its derivatives are added over the regions before
they are squared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nexpo.impact.model import Floats
from nexpo.impact.variance import first_order_variance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nexpo.build.impact.prepare import AreaSystem
    from nexpo.impact.effects import Account, Rounds


def deviations(
    regional: AreaSystem,
    accounts: tuple[Account, ...],
    nominal: Rounds,
    real: Rounds,
    coefficient_cv: float,
) -> Mapping[tuple[str, str], float]:
    """Return standard deviations by area and indicator, Type I, all years together.

    Parameters
    ----------
    coefficient_cv
        Of each national coefficient.

    Notes
    -----
    Bullard and Sebald 1977; see :mod:`nexpo.impact.variance`.
    """
    names = tuple(dict.fromkeys(regional.areas))
    inside = {name: np.array([area == name for area in regional.areas]) for name in names}
    if len(names) > 1:
        inside[""] = np.ones(len(regional.areas), dtype=bool)
    found = {}
    for account in accounts:
        intensity = np.nan_to_num(account.intensity)
        first = (real if account.real else nominal).first
        demand = (first * (1.0 if account.by_period is None else account.by_period)).sum(axis=1)
        for name, member in inside.items():
            weights = intensity * member
            variance = noise_variance(
                regional, demand, weights, coefficient_cv, of_cost=account.of_cost
            )
            found[name, account.indicator] = float(np.sqrt(variance))
    return found


def noise_variance(
    regional: AreaSystem, demand: Floats, weights: Floats, cv: float, *, of_cost: bool = False
) -> float:
    """Return the variance of ``weights' x`` under noise that all regions share.

    ``of_cost`` weights are parts of what output costs: where a column buys more they shrink by
    ``(1 - sum a') / (1 - sum a)``, as in the ensemble.
    """
    system, sides = regional.system, regional.sides
    if sides == 1 and not of_cost:
        return first_order_variance(system, demand, weights, cv)
    size = system.size // sides
    multiplier = system.solve_transposed(weights).values.reshape(sides, size)
    output = (system.inverse_output * system.solve(demand).values).reshape(sides, size)
    flows = system.flows.reshape(sides, size, sides, size)
    left = 1 - system.column_sums
    lost = np.where(of_cost & (left > 0), weights / np.where(left > 0, left, 1.0), 0.0)
    given_up = lost.reshape(sides, size)
    slope = np.zeros((size, size))
    for seller in range(sides):
        for buyer in range(sides):
            part = flows[seller, :, buyer] * output[buyer]
            slope += part * (multiplier[seller][:, None] - given_up[buyer])
    return float(cv * cv * np.square(slope).sum())
