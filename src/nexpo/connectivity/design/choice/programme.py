r"""Exact choice by a dynamic programme over what is served, and the whole Pareto front.

With nothing but a budget the choice is a multiple-choice knapsack. Let :math:`f_c(v)` be the
least cost at which clusters :math:`c, \dots, n` serve exactly :math:`v`:

.. math:: f_c(v) = \min_{o} \; cost_{co} + f_{c+1}(v - worth_{co})

All in 64-bit integers: no tolerance. :math:`f_0` holds the whole front; the best choice under a
budget is the largest :math:`v` with :math:`f_0(v)` within it. Walking the clusters in order and
taking the first option that keeps the optimum breaks ties by id. Source: Kellerer, Pferschy and
Pisinger, *Knapsack Problems* (2004), chapter 11.

Only every :math:`\sqrt n`-th stage is kept; a walk recomputes the stages between.
"""

from __future__ import annotations

from math import isqrt

import numpy as np
from numpy.typing import NDArray

from nexpo.connectivity.design.choice.model import Menu, Point

Ints = NDArray[np.int64]

_NEVER = np.int64(2**62)
_MOST_STATES = 4_000_000
_MOST_WORK = 20_000_000_000


def fits(menu: Menu) -> bool:
    """Say whether the programme is exact and quick enough for a menu.

    It needs options that stand alone, costs whose sum stays far within 64 bits, and a goal of a
    few million at most.
    """
    if not menu.pure:
        return False
    states = 1 + sum(_most(menu, c) for c in range(len(menu.clusters)))
    cost = sum(max(option.cost_cents for option in row) for row in menu.options)
    options = sum(len(row) for row in menu.options)
    return states <= _MOST_STATES and states * options <= _MOST_WORK and cost < int(_NEVER) // 4


class Programme:
    """The stages of a menu: ``least_cost[v]`` is the least cost to serve exactly ``v``."""

    def __init__(self, menu: Menu) -> None:
        self._menu = menu
        self._every = max(1, isqrt(len(menu.clusters)))
        self._kept: dict[int, Ints] = {}
        stage = np.zeros(1, dtype=np.int64)
        self._kept[len(menu.clusters)] = stage
        for cluster in reversed(range(len(menu.clusters))):
            stage = self._before(cluster, stage)
            if cluster % self._every == 0:
                self._kept[cluster] = stage
        self.least_cost = stage

    def best(self, budget_cents: int | None) -> int:
        """Return the most that a budget serves."""
        within = self.least_cost < _NEVER
        if budget_cents is not None:
            within &= self.least_cost <= budget_cents
        return int(np.flatnonzero(within)[-1])

    def cheapest_at_least(self, worth: int) -> int | None:
        """Return the least cost to serve at least some worth; None where nothing does."""
        enough = self.least_cost[worth:]
        if not len(enough) or int(enough.min()) >= _NEVER:
            return None
        return int(enough.min())

    def walk(self, worth: int) -> list[int]:
        """Return the options that serve exactly ``worth`` at least cost, first in order."""
        count, picked, left = len(self._menu.clusters), [], worth
        for start in range(0, count, self._every):
            stop = min(start + self._every, count)
            stages = self._between(start, stop)
            for cluster in range(start, stop):
                option = self._first(cluster, left, stages[cluster - start : cluster - start + 2])
                picked.append(option)
                left -= self._menu.worth(cluster, option)
        return picked

    def front(self) -> list[Point]:
        """Return every non-dominated pair of cost and worth, by rising cost."""
        costs = self.least_cost
        cheaper_above = np.minimum.accumulate(costs[::-1])[::-1]  # at this worth or any above
        later = np.append(cheaper_above[1:], _NEVER)
        kept = np.flatnonzero((costs < _NEVER) & (costs < later))
        return [Point(int(costs[worth]), int(worth)) for worth in kept]

    def _first(self, cluster: int, left: int, stages: list[Ints]) -> int:
        here, after = stages
        target = int(here[left])
        return next(
            option
            for option, choice in enumerate(self._menu.options[cluster])
            if 0 <= (rest := left - self._menu.worth(cluster, option)) < len(after)
            and choice.cost_cents + int(after[rest]) == target
        )

    def _between(self, start: int, stop: int) -> list[Ints]:
        stages = [self._kept[stop]]
        for cluster in reversed(range(start, stop)):
            stages.append(self._before(cluster, stages[-1]))
        return stages[::-1]

    def _before(self, cluster: int, after: Ints) -> Ints:
        stage = np.full(len(after) + _most(self._menu, cluster), _NEVER, dtype=np.int64)
        for option, choice in enumerate(self._menu.options[cluster]):
            worth = self._menu.worth(cluster, option)
            span = stage[worth : worth + len(after)]
            np.minimum(span, after + choice.cost_cents, out=span)
        np.minimum(stage, _NEVER, out=stage)
        return stage


def _most(menu: Menu, cluster: int) -> int:
    return max(menu.worth(cluster, option) for option in range(len(menu.options[cluster])))
