"""The compiled walk of PROMETHEE: runs of beaten alternatives in sorted order, exact sums."""

from __future__ import annotations

import numpy as np
from numba import njit

from nexpo.datacentres.siting.decision import Floats, Ints

_SPLIT = 134217729.0  # 2^27 + 1: halves the digits of a float64 (Dekker 1971)


@njit(cache=True)
def two_sum(a: float, b: float) -> tuple[float, float]:
    """Return a + b as its rounded value and the error left over (Knuth, TAOCP 2, 4.2.2)."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@njit(cache=True)
def two_product(a: float, b: float) -> tuple[float, float]:
    """Return a b as its rounded value and the error left over (Dekker 1971)."""
    p = a * b
    c = _SPLIT * a
    ah = c - (c - a)
    al = a - ah
    c = _SPLIT * b
    bh = c - (c - b)
    bl = b - bh
    return p, ((ah * bh - p) + ah * bl + al * bh) + al * bl


@njit(cache=True)
def prefix_sums(values: Floats) -> tuple[Floats, Floats]:
    """Return the sums of the first 0, 1, ... n values, each as a float and what it lacks."""
    n = len(values)
    high, low = np.zeros(n + 1), np.zeros(n + 1)
    for i in range(n):
        high[i + 1], error = two_sum(high[i], values[i])
        low[i + 1] = low[i] + error
    return high, low


@njit(cache=True)
def gap_sum(value: float, first: int, last: int, high: Floats, low: Floats) -> float:
    """Return the sum of ``value - b`` over the members first to last (exclusive)."""
    total, error = two_sum(high[last], -high[first])
    error += low[last] - low[first]
    product, rest = two_product(float(last - first), value)
    gap: float = (product - total) + (rest - error)
    return gap


@njit(cache=True)
def ramp_sums(
    values: Floats,
    order: Ints,
    q: float,
    p: float,
    level: bool,  # noqa: FBT001 - compiled functions take no keywords only
    won: Floats,
    lost: Floats,
) -> None:
    """Write, for each of the sorted values, the preferences summed for and against it.

    A difference above ``p`` counts 1; one above ``q`` counts 1/2 where ``level``, else its part
    of the way from ``q`` to ``p``. ``order`` says where in ``won`` and ``lost`` a value stands.
    """
    n = len(values)
    high, low = prefix_sums(values)
    beaten = passed = 0  # first that is not beaten by more than p; by more than q
    above = far = 0  # first that is better by more than q; by more than p
    for i in range(n):
        x = values[i]
        while x - values[beaten] > p:
            beaten += 1
        while x - values[passed] > q:
            passed += 1
        while above < n and not values[above] - x > q:
            above += 1
        while far < n and not values[far] - x > p:
            far += 1
        up, down = passed - beaten, far - above
        if level or p <= q:
            for_it, against = 0.5 * up, 0.5 * down
        else:
            for_it = (gap_sum(x, beaten, passed, high, low) - up * q) / (p - q)
            against = (-gap_sum(x, above, far, high, low) - down * q) / (p - q)
            for_it, against = min(max(for_it, 0.0), up), min(max(against, 0.0), down)
        won[order[i]] = beaten + for_it
        lost[order[i]] = (n - far) + against
