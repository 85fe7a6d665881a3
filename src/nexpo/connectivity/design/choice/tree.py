r"""The whole Pareto front where what clusters share forms a tree, and little else is shared.

Fibre's shared parts (feeders, cabinets, the POP) nest in each other: along the network each is
used by some of the users of the one before. Such a choice is a knapsack on a tree. With
:math:`A_v(k)` the least cost to serve :math:`k` addresses below part :math:`v` without fibre,
and :math:`M_v(k)` with fibre allowed,

.. math:: A_v = \bigotimes_{c} A_c, \qquad
          M_v = \min\bigl(A_v,\; p_v + \bigotimes_{c} M_c\bigr)

where :math:`p_v` is the cost of the part and :math:`\otimes` the (min, +) convolution over its
children. Parts of other technologies (masts) do not nest; all subsets of them are tried. All is
integers, and exact. Source: tree knapsack, Johnson and Niemi 1983, with a fixed charge by node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from nexpo.connectivity.coverage.model import StepChange
from nexpo.connectivity.design.choice.model import (
    Cluster,
    Front,
    Goal,
    Menu,
    Option,
    Point,
    Technology,
    menu,
)

Costs = NDArray[np.int64]
_NEVER = np.int64(2**62)
_MOST_FREE = 10


@dataclass(slots=True)
class _Node:
    """A shared part with the parts and clusters directly below it."""

    users: frozenset[int]
    cents: int
    parts: list[_Node] = field(default_factory=list)
    leaves: list[int] = field(default_factory=list)


def tree_front(
    clusters: Iterable[Cluster], *, step: StepChange | None = None, most_free: int = _MOST_FREE
) -> Front | None:
    """Return the Pareto front of cost against addresses served, or None where it is no tree.

    Parameters
    ----------
    clusters
        In any order. A cluster of no addresses is a shared part: it has one option, which
        requires nothing and is written as fibre, as only fibre meets a requirement.
    step
        What an option must reach over the speed before.
    most_free
        Most parts that do not nest; each doubles the work.

    Examples
    --------
    >>> feeder = Cluster("f", 0, 0, 0.0, (Option(Technology.FIBRE, 100, 0, 0, 1000.0),))
    >>> def served(name, cents):
    ...     option = Option(Technology.FIBRE, cents, 5, 5, 1000.0, requires=("f",))
    ...     return Cluster(name, 5, 5, 0.0, (option,))
    >>> front = tree_front([feeder, served("a", 10), served("b", 30)])
    >>> [(point.cost_cents, point.served) for point in front.points]
    [(0, 0), (110, 5), (140, 10)]
    """
    found = menu(clusters, step, Goal.ADDRESSES)
    parts = {each.id: _part_cents(found, at) for at, each in enumerate(found.clusters)}
    serving = [at for at, each in enumerate(found.clusters) if each.addresses]
    shared = {name: cents for name, cents in parts.items() if cents is not None}
    if any(part not in shared for part in _required(found, serving, None)):
        return None
    free = sorted(_required(found, serving, _is_other))
    lit = sorted(_required(found, serving, _is_fibre))
    if len(free) > most_free or set(free) & set(lit):
        return None
    root = _nested(found, serving, {name: shared[name] for name in lit})
    if root is None:
        return None
    best = np.full(1, 0, np.int64)
    for chosen in _subsets(free):
        offset = sum(shared[name] for name in chosen)
        allowed = _solve(found, root, frozenset(chosen))[1] + offset
        best = _least(best, np.minimum(allowed, _NEVER))
    return _front(best)


def _part_cents(found: Menu, at: int) -> int | None:
    """Return the cost of a cluster that is a shared part, None where it serves somebody."""
    own = [each for each in found.options[at] if each.technology is not Technology.LATER]
    plain = not found.clusters[at].addresses and len(own) == 1 and not own[0].requires
    return own[0].cost_cents if plain and _is_fibre(own[0]) else None


def _is_fibre(option: Option) -> bool:
    return option.technology is Technology.FIBRE


def _is_other(option: Option) -> bool:
    return option.technology is not Technology.FIBRE


def _required(found: Menu, serving: Sequence[int], kind: object) -> set[str]:
    return {
        name
        for at in serving
        for option in found.options[at]
        if kind is None or (callable(kind) and kind(option))
        for name in option.requires
    }


def _nested(found: Menu, serving: Sequence[int], shared: Mapping[str, int]) -> _Node | None:
    """Return the tree of fibre's shared parts below a root of no cost, None where none nests."""
    root = _Node(frozenset(serving), 0)
    users: dict[str, set[int]] = {name: set() for name in shared}
    for at in serving:
        needs = [frozenset(each.requires) for each in found.options[at] if _is_fibre(each)]
        if len(set(needs)) > 1:
            return None  # what a cluster needs is then a choice of its own
        for name in needs[0] if needs else ():
            users[name].add(at)
    for name in sorted(users, key=lambda each: (-len(users[each]), each)):
        node = _Node(frozenset(users[name]), shared[name])
        if not _put(root, node):
            return None
    for at in serving:
        _deepest(root, at).leaves.append(at)
    return root


def _put(above: _Node, node: _Node) -> bool:
    """Hang a part below the smallest that holds its users; False where it overlaps one."""
    while True:
        met = [each for each in above.parts if each.users & node.users]
        if not met:
            above.parts.append(node)
            return True
        if len(met) > 1 or not node.users <= met[0].users:
            return False
        above = met[0]


def _deepest(root: _Node, at: int) -> _Node:
    node = root
    while below := next((each for each in node.parts if at in each.users), None):
        node = below
    return node


def _subsets(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for size in range(len(names) + 1):
        yield from combinations(names, size)


def _solve(found: Menu, node: _Node, built: frozenset[str]) -> tuple[Costs, Costs]:
    """Return least costs by addresses served: without fibre, and with fibre allowed."""
    without, below = np.zeros(1, np.int64), np.zeros(1, np.int64)
    for at in node.leaves:
        dark, lit = _leaf(found.options[at], built)
        without, below = _together(without, dark), _together(below, lit)
    for each in node.parts:
        dark, lit = _solve(found, each, built)
        without, below = _together(without, dark), _together(below, lit)
    return without, _least(without, np.where(below < _NEVER, below + node.cents, _NEVER))


def _leaf(options: Sequence[Option], built: frozenset[str]) -> tuple[Costs, Costs]:
    dark = np.zeros(1, np.int64)
    for option in options:
        if _is_other(option) and set(option.requires) <= built:
            dark = _least(dark, _single(option))
    lit = dark
    for option in options:
        if _is_fibre(option):
            lit = _least(lit, _single(option))
    return dark, lit


def _single(option: Option) -> Costs:
    costs = np.full(option.addresses + 1, _NEVER, np.int64)
    costs[option.addresses] = option.cost_cents
    return costs


def _least(one: Costs, other: Costs) -> Costs:
    """Return the lesser of two costs by number served."""
    costs = np.full(max(len(one), len(other)), _NEVER, np.int64)
    costs[: len(one)] = one
    costs[: len(other)] = np.minimum(costs[: len(other)], other)
    return costs


def _together(one: Costs, other: Costs) -> Costs:
    """Return the (min, +) convolution: least cost of serving some here and the rest there."""
    if np.count_nonzero(one < _NEVER) < np.count_nonzero(other < _NEVER):
        one, other = other, one
    costs = np.full(len(one) + len(other) - 1, _NEVER, np.int64)
    for served in np.flatnonzero(other < _NEVER):
        part = costs[served : served + len(one)]
        np.minimum(part, np.where(one < _NEVER, one + other[served], _NEVER), out=part)
    return costs


def _front(costs: Costs) -> Front:
    points: list[Point] = []
    least = _NEVER
    for served in range(len(costs) - 1, -1, -1):
        if costs[served] < least:
            least = costs[served]
            points.append(Point(int(least), served))
    return Front(
        tuple(reversed(points)),
        complete=True,
        statement=f"all {len(points)} non-dominated points: the least cost of every number served "
        "was computed in integers, on the tree of shared parts",
    )
