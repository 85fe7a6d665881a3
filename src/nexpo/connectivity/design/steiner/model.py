"""Values of the Steiner solver: an instance, limits, an answer.

Costs are integers where the file holds integers, so that a bound is exact; other costs are
scaled once by the caller (centimetres, cents).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nexpo.core.problem import Kind, Problem

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """A Steiner tree problem on an undirected graph of ``n`` nodes and ``m`` edges.

    Parameters
    ----------
    nodes
        ``n``.
    tail, head
        ``(m,)`` positions from 0; loops and parallel edges may occur.
    cost
        ``(m,)`` integers, not below zero.
    terminals
        Positions that must be connected (with ``prize``: only those that must be).
    prize
        ``(n,)`` what is lost when a node is not reached, or None for the plain problem.
    root
        A node that the tree must hold (prize-collecting), or None.
    name
        What a report calls it.
    """

    nodes: int
    tail: Ints
    head: Ints
    cost: Ints
    terminals: Ints
    prize: Ints | None = None
    root: int | None = None
    name: str = ""

    def __post_init__(self) -> None:
        if not len(self.tail) == len(self.head) == len(self.cost):
            raise Problem(Kind.BAD_INPUT, "tail, head and cost differ in length")
        for ends in (self.tail, self.head, self.terminals):
            if len(ends) and (int(ends.min()) < 0 or int(ends.max()) >= self.nodes):
                raise Problem(
                    Kind.BAD_INPUT, f"an end or terminal lies outside 0..{self.nodes - 1}"
                )
        if len(self.cost) and int(self.cost.min()) < 0:
            row = int(self.cost.argmin())
            raise Problem(
                Kind.BAD_INPUT,
                f"edge {row} costs {int(self.cost[row])}: a cost below zero has no meaning here",
                remedy="give costs of zero or more",
            )


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop: seconds of wall clock, rounds of search, or both; then whichever is first.

    With rounds alone the answer depends on nothing but instance and seed.
    """

    seconds: float | None = None
    rounds: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """A tree, what it costs, and what no tree can cost less than.

    Parameters
    ----------
    edges
        Positions of the chosen edges in the instance, ascending.
    nodes
        Positions of the nodes held, ascending.
    cost
        Cost of the edges, plus the prizes of nodes not reached.
    bound
        Proven: no answer costs less.
    rounds
        Rounds of search done.
    seconds
        Wall clock used.
    """

    edges: Ints
    nodes: Ints
    cost: int
    bound: int
    rounds: int
    seconds: float

    @property
    def gap(self) -> float:
        """(cost - bound) / bound: at most this share above the cheapest."""
        if self.cost == self.bound:
            return 0.0
        return (self.cost - self.bound) / self.bound if self.bound > 0 else float("inf")
