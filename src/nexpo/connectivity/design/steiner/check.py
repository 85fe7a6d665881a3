"""Verify an answer by code that shares nothing with the solver.

Plain Python over the instance as it was read: every edge exists and is used once, the edges form
one tree, it holds every terminal and the root, and the cost is added up anew.
"""

from __future__ import annotations

from nexpo.connectivity.design.steiner.model import Answer, Instance


def check(instance: Instance, answer: Answer) -> list[str]:
    """Return what is wrong with an answer, in words; nothing when it is right.

    Examples
    --------
    >>> import numpy as np
    >>> path = Instance(3, np.array([0, 1]), np.array([1, 2]), np.array([4, 5]),
    ...                 terminals=np.array([0, 2]))
    >>> check(path, Answer(np.array([0]), np.array([0, 1]), 9, 9, 0, 0.0))
    ['terminal 3 is not in the tree', 'the cost is 4, not 9', 'the bound 9 is above the cost 4']
    """
    wrong = []
    edges = [int(edge) for edge in answer.edges]
    if len(set(edges)) != len(edges):
        wrong.append("an edge is used twice")
    strangers = [edge for edge in edges if not 0 <= edge < len(instance.tail)]
    if strangers:
        return [*wrong, f"edge {strangers[0]} does not exist"]
    ends = [(int(instance.tail[edge]), int(instance.head[edge])) for edge in edges]
    held = _reached(ends, _start(instance, answer, ends))
    touched = {node for pair in ends for node in pair}
    if touched - held:
        wrong.append(f"the edges fall apart: node {min(touched - held) + 1} is cut off")
    if touched and len(edges) != len(touched) - 1:
        wrong.append(f"{len(edges)} edges on {len(touched)} nodes are no tree")
    required = {int(node) for node in instance.terminals}
    wrong += [f"terminal {node + 1} is not in the tree" for node in sorted(required - held)]
    if instance.root is not None and instance.root not in held:
        wrong.append(f"the root {instance.root + 1} is not in the tree")
    if touched and {int(node) for node in answer.nodes} != touched:
        wrong.append("the nodes given are not those of the edges")
    cost = sum(int(instance.cost[edge]) for edge in edges)
    if instance.prize is not None:
        lost = (node for node in range(instance.nodes) if node not in held)
        cost += sum(int(instance.prize[node]) for node in lost if node not in required)
    if cost != answer.cost:
        wrong.append(f"the cost is {cost}, not {answer.cost}")
    if answer.bound > cost:
        wrong.append(f"the bound {answer.bound} is above the cost {cost}")
    return wrong


def _start(instance: Instance, answer: Answer, ends: list[tuple[int, int]]) -> int | None:
    if instance.root is not None:
        return instance.root
    if ends:
        return ends[0][0]
    return int(answer.nodes[0]) if len(answer.nodes) else None


def _reached(ends: list[tuple[int, int]], start: int | None) -> set[int]:
    """Walk the edges from a node and return every node met."""
    if start is None:
        return set()
    beside: dict[int, list[int]] = {}
    for one, other in ends:
        beside.setdefault(one, []).append(other)
        beside.setdefault(other, []).append(one)
    met, waiting = {start}, [start]
    while waiting:
        for node in beside.get(waiting.pop(), []):
            if node not in met:
                met.add(node)
                waiting.append(node)
    return met
