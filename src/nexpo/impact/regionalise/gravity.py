"""Trade between regions by gravity, then RAS to what each supplies and demands.

``T_i^rs = S_i^r D_i^s f(d_rs) / K_i`` for product ``i`` from region ``r`` to region ``s``, with
``f = exp(-b d)`` or ``d^-b``. Sources: Leontief and Strout 1963; Wilson 1970.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import numpy as np

from nexpo.core.problem import Kind, Problem, bad_input
from nexpo.impact.model import Floats
from nexpo.impact.regionalise.balancing import Balanced, Stop, ras


class Deterrence(Enum):
    """How trade falls with distance."""

    EXPONENTIAL = "exponential"  # exp(-b d)
    POWER = "power"  # d^-b


def friction(
    distance: Floats, decay: float, deterrence: Deterrence = Deterrence.EXPONENTIAL
) -> Floats:
    """Return ``f(d)``, ``(R, R)``, with ``decay`` ``b`` from 0 up.

    Examples
    --------
    >>> friction(np.array([[0.0, 100.0], [100.0, 0.0]]), 0.01).round(3).tolist()
    [[1.0, 0.368], [0.368, 1.0]]
    """
    if not decay >= 0:
        raise Problem(Kind.USAGE, "the decay of trade with distance is from 0 up", value=decay)
    if distance.ndim != 2 or distance.shape[0] != distance.shape[1]:  # noqa: PLR2004 - a matrix
        raise bad_input(f"distances between regions of shape {distance.shape}")
    if not (np.isfinite(distance).all() and (distance >= 0).all()):
        raise bad_input("a distance between regions is no number from 0 up")
    if deterrence is Deterrence.EXPONENTIAL:
        found: Floats = np.exp(-decay * distance)
        return found
    if not (distance > 0).all():
        raise bad_input(
            "a distance of zero, where trade falls with a power of distance",
            remedy="give each region a distance within itself",
        )
    powered: Floats = distance**-decay
    return powered


def gravity_trade(
    supply: Floats,
    demand: Floats,
    distance: Floats,
    decay: float,
    *,
    deterrence: Deterrence = Deterrence.EXPONENTIAL,
    products: Sequence[str] = (),
    regions: Sequence[str] = (),
    stop: Stop | None = None,
) -> Floats:
    """Return trade by product, ``(n, R, R)``: from row to column region.

    Parameters
    ----------
    supply, demand
        ``(n, R)`` of each product by region, from 0 up; their sums over regions agree within
        the rounding they are printed with.
    distance
        ``(R, R)``, in the unit whose inverse ``decay`` is.

    Raises
    ------
    Problem
        Naming the product: supply and demand that differ, and what :func:`.balancing.ras` says.

    Examples
    --------
    >>> flows = gravity_trade(np.array([[8.0, 2.0]]), np.array([[5.0, 5.0]]),
    ...                       np.array([[0.0, 1.0], [1.0, 0.0]]), 1.0)
    >>> flows.sum(axis=2).round(6).tolist(), flows.sum(axis=1).round(6).tolist()
    ([[8.0, 2.0]], [[5.0, 5.0]])
    """
    offered, wanted = np.asarray(supply, np.float64), np.asarray(demand, np.float64)
    if offered.shape != wanted.shape or offered.shape[1:] != distance.shape[1:]:
        raise bad_input(
            f"supply of shape {offered.shape}, demand of shape {wanted.shape} and distances of "
            f"shape {distance.shape}: products by regions are expected"
        )
    pull = friction(distance, decay, deterrence)
    names = tuple(products) or tuple(str(place + 1) for place in range(len(offered)))
    found = np.zeros((len(offered), *distance.shape))
    for place in np.flatnonzero(offered.any(axis=1) | wanted.any(axis=1)):
        seed = _seed(offered[place], wanted[place], pull)
        found[place] = _balanced(seed, offered[place], wanted[place], names[place], regions, stop)
    return found


def mean_distance(trade: Floats, distance: Floats) -> float:
    """Return the mean distance that trade ``(n, R, R)`` goes, weighted by value."""
    total = float(trade.sum())
    if not total > 0:
        raise bad_input("no trade to take a mean distance of")
    return float((trade.sum(axis=0) * distance).sum() / total)


def _seed(supply: Floats, demand: Floats, pull: Floats) -> Floats:
    """Return ``S D f / K`` with ``K`` such that the flows add up to the supply."""
    raw = np.outer(supply, demand) * pull
    total = raw.sum()
    return raw if total <= 0 else raw * (supply.sum() / total)


def _balanced(
    seed: Floats,
    supply: Floats,
    demand: Floats,
    product: str,
    regions: Sequence[str],
    stop: Stop | None,
) -> Floats:
    try:
        balanced: Balanced = ras(seed, supply, demand, stop=stop, names=(regions, regions))
    except Problem as problem:
        raise bad_input(
            f"trade of product {product}: {problem.detail}",
            value=problem.value,
            remedy="supply and demand of a product add up to one total over the regions",
        ) from None
    return balanced.values
