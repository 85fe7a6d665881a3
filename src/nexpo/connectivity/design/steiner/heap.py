"""A binary heap of nodes by key, which knows where each node stands."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]


@njit(cache=True)
def heap_up(heap: Codes, place: Codes, key: Ints, i: int) -> None:
    """Move the node at ``i`` towards the top until its parent is no later."""
    v = heap[i]
    k = key[v]
    while i > 0:
        p = (i - 1) >> 1
        u = heap[p]
        if key[u] <= k:
            break
        heap[i] = u
        place[u] = i
        i = p
    heap[i] = v
    place[v] = i


@njit(cache=True)
def heap_push(heap: Codes, place: Codes, key: Ints, size: int, v: int) -> int:
    """Add ``v``, or move it up after its key fell; return the new size."""
    if place[v] < 0:
        heap[size] = v
        place[v] = size
        size += 1
    heap_up(heap, place, key, place[v])
    return size


@njit(cache=True)
def heap_pop(heap: Codes, place: Codes, key: Ints, size: int) -> int:
    """Take the top off a heap of ``size`` nodes and return it."""
    top = heap[0]
    place[top] = -1
    size -= 1
    if size == 0:
        return int(top)
    v = heap[size]
    k = key[v]
    i = 0
    while True:
        c = 2 * i + 1
        if c >= size:
            break
        if c + 1 < size and key[heap[c + 1]] < key[heap[c]]:
            c += 1
        u = heap[c]
        if key[u] >= k:
            break
        heap[i] = u
        place[u] = i
        i = c
    heap[i] = v
    place[v] = i
    return int(top)
