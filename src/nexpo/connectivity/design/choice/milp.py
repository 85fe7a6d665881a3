r"""Exact choice by mixed-integer programming, for whatever terms there are.

One binary by cluster and option, and

.. math:: \max \sum worth_{co} x_{co}, \quad \sum_o x_{co} = 1, \quad
          \sum cost_{co} x_{co} \le B, \quad x_{co} \le \sum_{f \in fibre(r)} x_{rf}

with the minimum services as further rows. The solver is HiGHS by :func:`scipy.optimize.milp`,
which works in floating point. So nothing of it is taken on trust: each answer is added up again
in integers; one that breaks a term by rounding is cut off by itself (a no-good cut, which removes
no other) and the model is solved again. Bounds are the solver's, rounded to the integer they can
only stand for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint

from nexpo.connectivity.design.choice.model import (
    Menu,
    Pick,
    Technology,
    Terms,
    least_addresses,
    least_by_class,
    violations,
)
from nexpo.core.problem import Kind, Problem
from nexpo.core.solvers import milp

Floats = NDArray[np.float64]
Options = Sequence[int]

_CENTS = 100.0  # an objective of cost is in euro: the solver's gap of 1e-6 is then no cent
_LARGEST = 1000.0  # of a budget row's coefficients: far larger ones upset the solver
_OPTIMAL, _STOPPED, _INFEASIBLE = 0, 1, 2
_MOST_CUTS = 200
_MOST_NODES = 100_000  # of one call; a search cut short leaves a gap, which is stated
_MOST_WEIGHT = 1_000_000  # above this, weights of a block come near the solver's tolerance


@dataclass(frozen=True, slots=True)
class Row:
    """``lower <= sum of coefficients by column <= upper``."""

    coefficients: Mapping[int, float]
    lower: float = -np.inf
    upper: float = np.inf


@dataclass(frozen=True, slots=True)
class Solved:
    """An option by cluster, the solver's bound on the objective, and whether it is proven."""

    options: tuple[int, ...]
    bound: float
    proven: bool


class Unanswered(Problem):
    """The solver stopped without an answer."""

    def __init__(self, message: str) -> None:
        super().__init__(
            Kind.UNAVAILABLE,
            f"the solver gave no answer: {message}",
            remedy="allow it more seconds, or split the area into parts with their own budgets",
        )


class Model:
    """The binaries of a menu under terms other than the budget, which each question names.

    Parameters
    ----------
    menu
        Clusters and options.
    terms
        Minimum services; their budget is not looked at.
    seconds
        Most wall clock for one call of the solver; None for no limit.
    """

    def __init__(self, menu: Menu, terms: Terms, seconds: float | None = None) -> None:
        self._menu = menu
        self._terms = terms
        self._seconds = seconds
        sizes = [len(row) for row in menu.options]
        self._start = [0, *np.cumsum(sizes).tolist()]
        self._cost = self._each(lambda c, o: menu.options[c][o].cost_cents)
        self._worth = self._each(menu.worth)
        self._scale = max(1, *self._cost) / _LARGEST if self._cost else 1.0
        self._rows = [*self._one_each(), *self._requires(), *self._service()]

    def most_worth(self, budget_cents: int | None) -> Solved | None:
        """Return the options of most worth within a budget; None where none holds."""
        found = self._solve(
            -_floats(self._worth), self._within(budget_cents), self._holds(budget_cents)
        )
        return replace(found, bound=-found.bound) if found else None

    def least_cost(self, worth: int, budget_cents: int | None = None) -> Solved | None:
        """Return the cheapest options of at least some worth; the bound is in cents."""
        holds = self._holds(budget_cents)
        found = self._solve(
            _floats(self._cost) / _CENTS,
            [*self._within(budget_cents), self._at_least(worth)],
            lambda options: holds(options) and self.worth(options) >= worth,
        )
        return replace(found, bound=found.bound * _CENTS) if found else None

    def first_of_ties(self, options: Options) -> Solved:
        """Return the first, in the order of ids, of all assignments that are as good.

        Blocks of clusters are settled one after the other; within a block the weights make a
        cluster outweigh all later ones. Not proven where the solver could not settle it.
        """
        worth, cost = self.worth(options), self.cost(options)
        holds = self._holds(cost)
        rows = [*self._within(cost), self._at_least(worth)]

        def as_good(other: Options) -> bool:
            return self.cost(other) == cost and self.worth(other) == worth and holds(other)

        best = tuple(options)
        try:
            other = self._solve(_floats(self._cost) * 0, [*rows, self._not(best)], as_good)
            if other is None:
                return Solved(best, 0.0, proven=True)
            settled: list[Row] = []
            for block in self._blocks():
                if any(best[cluster] for cluster in block):
                    found = self._solve(self._ranks(block), [*rows, *settled], as_good)
                    if found is None or not found.proven:
                        return Solved(best, 0.0, proven=False)
                    best = found.options
                settled += [Row({self._start[c] + best[c]: 1.0}, lower=1.0) for c in block]
        except Unanswered:
            return Solved(best, 0.0, proven=False)
        return Solved(best, 0.0, proven=True)

    def picks(self, options: Options) -> tuple[Pick, ...]:
        """Return options by cluster as picks."""
        rows = zip(self._menu.clusters, self._menu.options, options, strict=True)
        return tuple(Pick(cluster, row[option]) for cluster, row, option in rows)

    def worth(self, options: Options) -> int:
        """Return the worth of options by cluster, in integers."""
        return sum(self._worth[self._start[c] + o] for c, o in enumerate(options))

    def cost(self, options: Options) -> int:
        """Return their cost in cents."""
        return sum(self._cost[self._start[c] + o] for c, o in enumerate(options))

    # Rows

    def _each(self, value: Callable[[int, int], int]) -> list[int]:
        return [value(c, o) for c, row in enumerate(self._menu.options) for o in range(len(row))]

    def _one_each(self) -> Iterator[Row]:
        for cluster in range(len(self._menu.clusters)):
            yield Row(dict.fromkeys(self._columns(cluster), 1.0), lower=1.0, upper=1.0)

    def _requires(self) -> Iterator[Row]:
        position = {cluster.id: place for place, cluster in enumerate(self._menu.clusters)}
        for cluster, row in enumerate(self._menu.options):
            for option, choice in enumerate(row):
                for other in choice.requires:
                    fibre = dict.fromkeys(self._fibre(position[other]), -1.0)
                    column = self._start[cluster] + option
                    yield Row({**fibre, column: 1.0 + fibre.get(column, 0.0)}, upper=0.0)

    def _service(self) -> Iterator[Row]:
        clusters = self._menu.clusters
        served = self._each(lambda c, o: self._menu.options[c][o].addresses)
        yield Row(_held(served), lower=least_addresses(clusters, self._terms.min_share))
        for name, least in least_by_class(clusters, self._terms).items():
            of_class = [
                option.by_class.get(name, 0) for row in self._menu.options for option in row
            ]
            yield Row(_held(of_class), lower=least)

    def _within(self, budget_cents: int | None) -> list[Row]:
        if budget_cents is None:
            return []
        return [Row(_held(self._cost, 1 / self._scale), upper=budget_cents / self._scale)]

    def _at_least(self, worth: int) -> Row:
        return Row(_held(self._worth), lower=worth)

    def _not(self, options: Options) -> Row:
        columns = [self._start[c] + o for c, o in enumerate(options)]
        return Row(dict.fromkeys(columns, 1.0), upper=len(columns) - 1)

    # Ties

    def _blocks(self) -> Iterator[tuple[int, ...]]:
        widest = max((len(row) for row in self._menu.options), default=1)
        size = 1
        while widest > 1 and widest ** (size + 1) <= _MOST_WEIGHT:
            size += 1
        clusters = iter(range(len(self._menu.clusters)))
        while block := tuple(islice(clusters, size)):
            yield block

    def _ranks(self, block: Sequence[int]) -> Floats:
        widest = max(len(row) for row in self._menu.options)
        ranks = np.zeros(self._start[-1])
        for place, cluster in enumerate(reversed(block)):
            for option, column in enumerate(self._columns(cluster)):
                ranks[column] = option * widest**place
        return ranks

    # Solving

    def _solve(
        self, objective: Floats, rows: Sequence[Row], holds: Callable[[Options], bool]
    ) -> Solved | None:
        """Minimise; cut off what does not hold in integers and solve again."""
        cuts: list[Row] = []
        while len(cuts) <= _MOST_CUTS:
            found = self._call(objective, [*self._rows, *rows, *cuts])
            if found is None or holds(found.options):
                return found
            cuts.append(self._not(found.options))
        raise Unanswered(f"rounding broke a term {len(cuts)} times")

    def _call(self, objective: Floats, rows: Sequence[Row]) -> Solved | None:
        if not len(objective):
            return Solved((), 0.0, proven=True)
        limit: dict[str, float] = {"node_limit": _MOST_NODES}
        if self._seconds is not None:
            limit["time_limit"] = self._seconds
        message = ""
        for presolve in (True, False):  # where one fails on the numbers the other may not
            answer = milp(
                objective,
                integrality=np.ones(len(objective)),
                bounds=Bounds(0, 1),
                constraints=_constraint(rows, len(objective)),
                options={"mip_rel_gap": 0.0, "presolve": presolve, **limit},
            )
            if answer.status == _INFEASIBLE:
                return None
            if answer.status in (_OPTIMAL, _STOPPED) and answer.x is not None:
                proven = answer.status == _OPTIMAL
                return Solved(self._read(answer.x), float(answer.mip_dual_bound), proven)
            message = str(answer.message)
        raise Unanswered(message)

    def _read(self, values: Floats) -> tuple[int, ...]:
        spans = pairwise(self._start)
        return tuple(int(values[start:stop].argmax()) for start, stop in spans)

    def _holds(self, budget_cents: int | None) -> Callable[[Options], bool]:
        terms = replace(self._terms, budget_cents=budget_cents)
        return lambda options: next(violations(self.picks(options), terms), None) is None

    def _columns(self, cluster: int) -> range:
        return range(self._start[cluster], self._start[cluster + 1])

    def _fibre(self, cluster: int) -> Iterator[int]:
        for column, option in zip(self._columns(cluster), self._menu.options[cluster], strict=True):
            if option.technology is Technology.FIBRE:
                yield column


def _held(values: Iterable[int], factor: float = 1.0) -> dict[int, float]:
    return {column: value * factor for column, value in enumerate(values) if value}


def _floats(values: Sequence[int]) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _constraint(rows: Sequence[Row], columns: int) -> LinearConstraint:
    counts = [len(row.coefficients) for row in rows]
    matrix = sparse.csr_array(
        (
            np.array([value for row in rows for value in row.coefficients.values()], dtype=float),
            np.array([column for row in rows for column in row.coefficients], dtype=np.int64),
            np.concatenate([[0], np.cumsum(counts)]),
        ),
        shape=(len(rows), columns),
    )
    return LinearConstraint(matrix, [row.lower for row in rows], [row.upper for row in rows])
