r"""Structural paths: through which chains of suppliers an effect comes about.

The total :math:`g' L f` is the sum, over every chain of purchases that starts in final demand, of
:math:`g_a \, a_{ab} \cdots a_{yz} \, f_z` (Defourny and Thorbecke 1984; Treloar 1997). A chain that
reaches sector ``i`` with a flow of ``q`` and everything behind it is worth exactly :math:`m_i q`,
with ``m`` the multipliers: one adjoint solve bounds every branch. So

* branches are opened best first, and one worth less than the threshold is closed unopened;
* what was left out is the total less what was found, exactly, whenever the search stops;
* the best chain still closed bounds every chain that is not in the list.

Each purchase list is ranked once, by what its branches are worth; a branch then costs one push on a
heap and a table of 9,800 sectors is searched as one of 56.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from nexpo.core.problem import Kind, Problem
from nexpo.impact.model import Floats, freeze
from nexpo.impact.solve import System


@dataclass(frozen=True, slots=True)
class Limits:
    """When a search stops; whichever comes first is said in the result.

    Attributes
    ----------
    threshold
        Smallest worth of a branch, as a share of the total.
    paths
        Most chains in the answer; the search goes on until they are the largest of all.
    order
        Most purchases in a chain; None for any number.
    branches
        Most branches to open.
    """

    threshold: float = 1e-4
    paths: int = 50
    order: int | None = None
    branches: int = 200_000

    def __post_init__(self) -> None:
        wrong = not 0 < self.threshold < 1 or self.paths < 1 or self.branches < 1
        if wrong or (self.order is not None and self.order < 0):
            raise Problem(
                Kind.USAGE,
                "limits of a path search: threshold between 0 and 1, counts of at least 1",
                value=f"threshold {self.threshold}, paths {self.paths}, order {self.order}",
                remedy="a threshold of 0.001 leaves out branches below a thousandth of the total",
            )


@dataclass(frozen=True, slots=True)
class Path:
    """One chain: from what is demanded to the supplier in which the indicator falls.

    ``sectors[0]`` is bought by final demand, each next one sells to the one before. ``worth`` is
    the chain with everything behind it, ``value`` the chain alone.
    """

    sectors: tuple[int, ...]
    value: float
    worth: float

    @property
    def order(self) -> int:
        """Number of purchases between sectors."""
        return len(self.sectors) - 1


@dataclass(frozen=True, slots=True, eq=False)
class PathAnalysis:
    """The largest chains, and what they leave out.

    Attributes
    ----------
    total
        ``g' L f``, all chains.
    found
        Sum of every chain opened, listed or not.
    listed
        Sum of the chains in ``paths``.
    by_order
        ``(orders,)`` sum of the chains opened, by number of purchases.
    largest_missed
        No chain outside ``paths`` is larger.
    stopped
        Which limit ended the search.
    """

    paths: tuple[Path, ...]
    total: float
    found: float
    listed: float
    by_order: Floats
    largest_missed: float
    opened: int
    stopped: str

    def __post_init__(self) -> None:
        freeze(self)

    @property
    def truncated(self) -> float:
        """What the chains that were not opened sum to, exactly."""
        return self.total - self.found

    @property
    def coverage(self) -> float:
        """Share of the total in the listed chains."""
        return self.listed / self.total if self.total else 0.0


@dataclass(slots=True)
class _Branch:
    """A purchase list being walked down from its best branch: heaps hold (-worth, number, it)."""

    above: tuple[int, ...]
    positions: tuple[int, ...]
    worths: tuple[float, ...]  # per unit of ``flow``
    flow: float
    rank: int = 0

    @property
    def worth(self) -> float:
        return self.worths[self.rank] * self.flow


class _Ranked:
    """Purchase lists by what their branches are worth, cut where none can pass the threshold.

    Branches are opened best first, so a sector's first flow is its largest: a list cut for that
    flow serves all later ones.
    """

    def __init__(self, system: System, multiplier: Floats, least: float) -> None:
        self._system = system
        self._multiplier = multiplier
        self._least = least
        self._lists: dict[int, tuple[tuple[int, ...], tuple[float, ...]]] = {}

    def of(self, sector: int, flow: float) -> tuple[tuple[int, ...], tuple[float, ...]]:
        if sector not in self._lists:
            worths = self._multiplier * self._system.column(sector)
            self._lists[sector] = self.cut(worths, self._least / flow)
        return self._lists[sector]

    @staticmethod
    def cut(worths: Floats, least: float) -> tuple[tuple[int, ...], tuple[float, ...]]:
        kept = np.flatnonzero((worths >= least) & (worths > 0))
        kept = kept[np.argsort(-worths[kept], kind="stable")]
        return tuple(kept.tolist()), tuple(worths[kept].tolist())


def paths(
    system: System, demand: Floats, per_output: Floats, limits: Limits | None = None
) -> PathAnalysis:
    """Return the largest chains of an effect.

    Parameters
    ----------
    demand
        ``(n,)`` final demand, none below zero.
    per_output
        ``(n,)`` indicator per unit of output, none below zero.
    limits
        When to stop.

    Raises
    ------
    Problem
        ``BAD_INPUT`` for amounts or flows below zero (chains would cancel, and no bound hold), and
        for a demand that brings nothing.

    Examples
    --------
    >>> system = System(np.array([[150.0, 500], [200, 100]]), np.array([1000.0, 2000]))
    >>> found = paths(system, np.array([1.0, 0.0]), np.ones(2), Limits(paths=3))
    >>> [(path.sectors, round(path.value, 3)) for path in found.paths]
    [((0,), 1.0), ((0, 1), 0.2), ((0, 0), 0.15)]
    >>> round(found.total, 3)
    1.518
    """
    limits = limits or Limits()
    wanted = np.asarray(demand, dtype=np.float64)
    counts = np.asarray(per_output, dtype=np.float64)
    multiplier = system.solve_transposed(counts).values
    _check_signs(system, wanted, counts)
    total = float(multiplier @ wanted)
    if not total > 0:
        raise _bad("the demand brings nothing of this indicator", "give a demand above zero")
    return _Search(system, counts, multiplier, limits, total).run(wanted)


def layers(system: System, demand: Floats, per_output: Floats, orders: int) -> Floats:
    """Return an effect by production layer: order 0 is direct, 1 the first suppliers, and so on.

    Returns
    -------
    Floats
        ``(orders + 1,)``; what is left to the total lies in higher orders.

    Examples
    --------
    >>> system = System(np.array([[150.0, 500], [200, 100]]), np.array([1000.0, 2000]))
    >>> layers(system, np.array([1.0, 0.0]), np.ones(2), 2).round(4).tolist()
    [1.0, 0.35, 0.1125]
    """
    flow = np.asarray(demand, dtype=np.float64)
    found = [float(per_output @ flow)]
    for _ in range(orders):
        flow = system.flows @ (system.inverse_output * flow)
        found.append(float(per_output @ flow))
    return np.asarray(found)


class _Search:
    """Best-first walk over the chains, next siblings pushed only when their elder is opened."""

    def __init__(
        self, system: System, counts: Floats, multiplier: Floats, limits: Limits, total: float
    ) -> None:
        self._counts = counts.tolist()
        self._multiplier = multiplier.tolist()
        self._limits = limits
        self._total = total
        self._least = limits.threshold * total
        self._lists = _Ranked(system, multiplier, self._least)
        self._heap: list[tuple[float, int, _Branch]] = []
        self._best: list[tuple[float, int, Path]] = []  # the smallest of the best on top
        self._by_order: list[float] = []
        self._opened = 0
        self._pushed = 0
        self._cut = 0.0  # largest worth behind a chain of the highest order

    def run(self, demand: Floats) -> PathAnalysis:
        unit = np.asarray(self._multiplier) * demand
        self._push(_Branch((), *_Ranked.cut(unit, self._least), flow=1.0))
        stopped = "threshold"
        while self._heap:
            if self._opened >= self._limits.branches:
                stopped = "branches"
                break
            if len(self._best) == self._limits.paths and -self._heap[0][0] <= self._best[0][0]:
                stopped = "paths"
                break
            self._open(heappop(self._heap)[2], demand)
        return self._result(stopped)

    def _push(self, branch: _Branch) -> None:
        if branch.rank < len(branch.positions) and branch.worth >= self._least:
            self._pushed += 1
            heappush(self._heap, (-branch.worth, self._pushed, branch))

    def _open(self, branch: _Branch, demand: Floats) -> None:
        sector = branch.positions[branch.rank]
        worth = branch.worth
        flow = worth / self._multiplier[sector] if branch.above else float(demand[sector])
        chain = (*branch.above, sector)
        self._opened += 1
        self._record(Path(chain, self._counts[sector] * flow, worth))
        branch.rank += 1
        self._push(branch)
        if self._limits.order is not None and len(chain) > self._limits.order:
            self._cut = max(self._cut, worth - self._counts[sector] * flow)
        else:
            self._push(_Branch(chain, *self._lists.of(sector, flow), flow=flow))

    def _record(self, path: Path) -> None:
        self._by_order += [0.0] * (path.order + 1 - len(self._by_order))
        self._by_order[path.order] += path.value
        entry = (path.value, -self._opened, path)
        heappush(self._best, entry)
        if len(self._best) > self._limits.paths:
            heappop(self._best)

    def _result(self, stopped: str) -> PathAnalysis:
        ranked = sorted(self._best, key=lambda entry: (-entry[0], -entry[1]))
        found = tuple(path for value, _, path in ranked if value > 0)
        closed = max(self._cut, -self._heap[0][0] if self._heap else self._least)
        full = len(self._best) == self._limits.paths
        missed = max(closed, self._best[0][0]) if full else closed
        return PathAnalysis(
            found,
            self._total,
            sum(self._by_order),
            sum(path.value for path in found),
            np.asarray(self._by_order),
            missed,
            self._opened,
            f"{stopped}, chains cut at order {self._limits.order}" if self._cut else stopped,
        )


def _check_signs(system: System, demand: Floats, counts: Floats) -> None:
    for values, what in ((demand, "demand"), (counts, "the indicator per unit of output")):
        below = np.flatnonzero(values < 0)
        if len(below):
            sector = system.sectors[below[0]]
            raise _bad(f"{what} is below zero in sector {sector}", "search each sign by itself")
    if float(system.flows.min()) < 0:
        row, column = np.unravel_index(int(system.flows.argmin()), system.flows.shape)
        raise _bad(
            f"the flow from {system.sectors[row]} to {system.sectors[column]} is below zero",
            "chains would cancel: set negative flows apart first",
        )


def _bad(what: str, remedy: str) -> Problem:
    return Problem(Kind.BAD_INPUT, what, remedy=remedy)
