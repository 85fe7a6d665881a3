"""Compiled sums of many weight draws: criterion by criterion, as the weighted sum adds them.

The order of the additions is that of :func:`~nexpo.datacentres.siting.decision.weighted_sum`, so
that a score met here and there is one and the same number, whatever the block it stands in.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from nexpo.datacentres.siting.decision import Floats, Ints

_STRIP = 256  # alternatives at a time: 15 criteria of them stay in the first cache


@njit(cache=True, nogil=True)
def _add(total: Floats, strip: Floats, weights: Floats) -> None:
    """Write the weighted sums of a strip (m, _STRIP), four criteria at a time."""
    m, size = len(weights), len(total)
    for i in range(size):
        total[i] = 0.0
    j = 0
    while j + 4 <= m:
        a, b, c, d = weights[j], weights[j + 1], weights[j + 2], weights[j + 3]
        v, w, x, y = strip[j], strip[j + 1], strip[j + 2], strip[j + 3]
        for i in range(size):
            total[i] = (((total[i] + a * v[i]) + b * w[i]) + c * x[i]) + d * y[i]
        j += 4
    while j < m:
        a, v = weights[j], strip[j]
        for i in range(size):
            total[i] += a * v[i]
        j += 1


@njit(cache=True, nogil=True)
def scores_of_draws(values: Floats, draws: Floats, scores: Floats) -> None:
    """Write the score (draws, rows) of each column of a block (m, rows) under each draw."""
    m, rows = values.shape
    total, strip = np.empty(_STRIP), np.zeros((m, _STRIP))
    for start in range(0, rows, _STRIP):
        size = min(_STRIP, rows - start)
        strip[:, :size] = values[:, start : start + size]
        for d in range(len(draws)):
            _add(total, strip, draws[d])
            scores[d, start : start + size] = total[:size]


@njit(cache=True, nogil=True)
def count_reaching(values: Floats, draws: Floats, limits: Floats, counts: Ints) -> None:
    """Add, for each column of a block (m, rows), the draws in which it reaches the limit."""
    m, rows = values.shape
    total, strip = np.empty(_STRIP), np.zeros((m, _STRIP))
    for start in range(0, rows, _STRIP):
        size = min(_STRIP, rows - start)
        strip[:, :size] = values[:, start : start + size]
        here = counts[start : start + size]
        for d in range(len(draws)):
            _add(total, strip, draws[d])
            limit = limits[d]
            for i in range(size):
                here[i] += total[i] >= limit
