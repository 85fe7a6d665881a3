"""Laying tapered cables from a head to its items along a rooted tree.

See :mod:`kernels` for the arrays of a rooted tree.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from nexpo.connectivity.design.fibre.model import Ints, Mask

FULL = 10_000
"""A code is the number of full cables times this, plus the size of the last cable."""


class Runs(NamedTuple):
    """Runs of cable of one make, side by side where one is not enough.

    By hop, sorted by run and from the head outwards: ``hop_run``, ``piece``, ``carried``. By
    run: ``head``, ``parent`` (-1 at the head), ``origin``, ``goal``, ``code``. By item:
    ``joints`` met on the way from the head.
    """

    hop_run: Ints
    piece: Ints
    carried: Ints
    head: Ints
    parent: Ints
    origin: Ints
    goal: Ints
    code: Ints
    joints: Ints


def lay(
    tree: tuple[Ints, Ints],
    head_node: Ints,
    item_node: Ints,
    item_head: Ints,
    fibres: Ints,
    catalogue: tuple[Ints, int],
) -> Runs:
    """Lay cables from heads to their items, tapered: one bundle a section and head.

    At a node the bundle goes on along the branch with most fibres as long as its cables stay
    the same; every other branch, and a change of size, begins a new run that is spliced to
    the one it comes from.

    Parameters
    ----------
    tree
        parent, via.
    head_node
        By head (a POP, a cabinet): its node.
    item_node, item_head, fibres
        By item, sorted by head: where it is, whose it is, fibres it needs.
    catalogue
        Sizes ascending, and spare in percent.
    """
    start = np.searchsorted(item_head, np.arange(len(head_node) + 1))
    hops, runs, joints = _lay(tree, head_node, item_node, start, fibres, catalogue)
    order = np.argsort(hops[:, 0], kind="stable")
    run, piece, carried, node = hops[order].T
    last = np.searchsorted(run, np.arange(len(runs)), side="right") - 1
    head, parent, origin, code = runs.T
    return Runs(run, piece, carried, head, parent, origin, node[last], code, joints)


@njit(cache=True)
def code_of(carried: np.int64, sizes: Ints, spare_percent: int) -> np.int64:
    """Return which cables carry so many fibres: see :data:`FULL`.

    A cable of ``s`` fibres may carry ``s * 100 // (100 + spare)``.
    """
    most = sizes[-1] * 100 // (100 + spare_percent)
    full = (carried - 1) // most
    rest = carried - full * most
    for size in sizes:
        if size * 100 // (100 + spare_percent) >= rest:
            return np.int64(full * FULL + size)
    return np.int64(full * FULL + sizes[-1])


@njit(cache=True)
def _lay(
    tree: tuple[Ints, Ints],
    head_node: Ints,
    item_node: Ints,
    start: Ints,
    fibres: Ints,
    catalogue: tuple[Ints, int],
) -> tuple[Ints, Ints, Ints]:
    """Return hops (run, piece, carried, node), runs (head, parent, origin, code), joints."""
    nodes = len(tree[0])
    carry = np.zeros(nodes, np.int64)
    entry, before, heavy, run_of = (
        np.full(nodes, -1, np.int64),
        np.full(nodes, -1, np.int64),
        np.full(nodes, -1, np.int64),
        np.full(nodes, -1, np.int64),
    )
    joints = np.zeros(nodes, np.int64)
    chain = np.zeros(nodes, np.bool_)
    hops = [(np.int64(0), np.int64(0), np.int64(0), np.int64(0))]
    runs = [(np.int64(0), np.int64(0), np.int64(0), np.int64(0))]
    item_joints = np.zeros(len(item_node), np.int64)
    for which in range(len(head_node)):
        origin, low, high = head_node[which], start[which], start[which + 1]
        sequence = _flow(
            tree, origin, item_node[low:high], fibres[low:high], (carry, entry, before), chain
        )
        _rank(sequence, before, carry, heavy)
        for node in sequence:
            prior = before[node]
            code = code_of(carry[node], catalogue[0], catalogue[1])
            on = run_of[prior]  # none at the head: there every branch begins its own
            if on >= 0 and heavy[prior] == node and runs[on + 1][3] == code:
                run_of[node], joints[node] = on, joints[prior]
            else:
                run_of[node] = len(runs) - 1
                joints[node] = joints[prior] + (1 if on >= 0 else 0)
                runs.append((np.int64(which), np.int64(on), np.int64(prior), code))
            hops.append((run_of[node], entry[node], carry[node], np.int64(node)))
        for item in range(low, high):
            item_joints[item] = joints[item_node[item]]
        for node in sequence:
            carry[node], entry[node], heavy[before[node]], before[node] = 0, -1, -1, -1
            run_of[node], joints[node] = -1, 0
    return _table(hops), _table(runs), item_joints


@njit(cache=True)
def _flow(
    tree: tuple[Ints, Ints],
    origin: np.int64,
    item_node: Ints,
    fibres: Ints,
    work: tuple[Ints, Ints, Ints],
    chain: Mask,
) -> Ints:
    """Send fibres from an origin to items; return the nodes entered, each after the one before.

    Fills, by node entered: fibres carried, piece it is entered by, node it is entered from.
    ``chain``, the nodes from the origin to the root, is all false before and after.
    """
    parent, via = tree
    carry, entry, before = work
    node = origin
    while node >= 0:
        chain[node], node = True, parent[node]
    touched = [np.int64(0)]
    trail = np.empty(len(parent), np.int64)
    for item in range(len(item_node)):
        node, fresh = item_node[item], 0
        while not chain[node]:
            if carry[node] == 0:
                trail[fresh] = node
                fresh += 1
                entry[node], before[node] = via[node], parent[node]
            carry[node] += fibres[item]
            node = parent[node]
        climb = origin
        while climb != node:  # a node above the origin is entered from the one below it
            above = parent[climb]
            if carry[above] == 0:
                touched.append(np.int64(above))
                entry[above], before[above] = via[climb], climb
            carry[above] += fibres[item]
            climb = above
        while fresh > 0:
            fresh -= 1
            touched.append(trail[fresh])
    node = origin
    while node >= 0:
        chain[node], node = False, parent[node]
    found = np.empty(len(touched) - 1, np.int64)
    for place in range(len(found)):
        found[place] = touched[place + 1]
    return found


@njit(cache=True)
def _rank(sequence: Ints, before: Ints, carry: Ints, heavy: Ints) -> None:
    """Note for each node the branch with most fibres; among equals the lowest node."""
    for node in sequence:
        prior = before[node]
        rival = heavy[prior]
        if rival < 0 or (carry[node], -node) > (carry[rival], -rival):
            heavy[prior] = node


@njit(cache=True)
def _table(rows: list[tuple[np.int64, np.int64, np.int64, np.int64]]) -> Ints:
    """Return the rows after the first, which only gave the list its type."""
    found = np.empty((len(rows) - 1, 4), np.int64)
    for row in range(len(found)):
        for column in range(4):
            found[row, column] = rows[row + 1][column]
    return found
