"""The compiled kernel: gather declarations by address without sorting or joining them.

Method: *partitioned hash aggregation* (Manegold, Boncz and Kersten, "Optimizing
main-memory join on modern hardware", 2002: radix partitioning so that each partition's
table fits a cache). Each block of rows is scattered by the high bits of a
multiplicative hash of the address id; a partition is then aggregated in a small open
addressing table. Both passes run without the interpreter's lock.

A row is packed in 64 bits: area (24), network (16), judgements (7). Codes are one more
than an index, so that 0 means "none".
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

ADMISSIBLE, FAST, TARGET, LESSER, PRESENT, ALIVE, SERVED = (1 << bit for bit in range(7))
FLAG_BITS = 8
NETWORK_BITS = 16
AREA_BITS = 24
MOST_NETWORKS = (1 << NETWORK_BITS) - 2
MOST_AREAS = (1 << AREA_BITS) - 2

Ids = npt.NDArray[np.int64]
Words = npt.NDArray[np.int64]
Speeds = npt.NDArray[Any]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_KEY, _STATE, _AREA, _BEST = range(4)
_SEVERAL_SHIFT, _TARGET_SHIFT, _LESSER_SHIFT = 48, 51, 54
_IN_EACH = 1 | 1 << NETWORK_BITS | 1 << 2 * NETWORK_BITS


def _effects() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return, by the judgements of a row, what it adds to an address.

    Bits to set in the state (target and lesser speeds seen, for each count), the counts
    to which its network belongs (a mask of 16 bits each), and whether its speed is one
    that is there today.
    """
    seen = np.zeros(1 << FLAG_BITS, np.int64)
    counted = np.zeros(1 << FLAG_BITS, np.int64)
    today = np.zeros(1 << FLAG_BITS, np.bool_)
    for flags in range(1 << FLAG_BITS):
        if not flags & ADMISSIBLE:
            continue
        served, alive, present = (bool(flags & flag) for flag in (SERVED, ALIVE, PRESENT))
        today[flags] = present and served
        for basis, counts in enumerate((alive and served, present and served, alive)):
            if counts and flags & LESSER:
                seen[flags] |= 1 << (basis + _LESSER_SHIFT)
            if counts and flags & FAST:
                counted[flags] |= (MOST_NETWORKS + 1) << (basis * NETWORK_BITS)
                if flags & TARGET:
                    seen[flags] |= 1 << (basis + _TARGET_SHIFT)
    return seen, counted, today


_SEEN, _COUNTED, _TODAY = _effects()


class Scratch(NamedTuple):
    """Memory for one partition, reused for the next.

    An address is one record of 32 bytes, so that it costs one cache line: its id, its
    state (first network for each count, 3 x 16 bits; then what was seen, 9 bits), the
    rank of its area, and, in the view ``best``, its best speed.
    """

    slots: npt.NDArray[np.int32]
    records: npt.NDArray[np.int64]
    best: npt.NDArray[np.float64]

    @classmethod
    def of(cls, rows: int) -> Scratch:
        """Return memory for a partition of so many rows."""
        records = np.empty((rows, 4), np.int64)
        return cls(np.empty(table_size(rows), np.int32), records, records.view(np.float64))


@njit(nogil=True, cache=True)
def table_size(rows: int) -> int:
    """Return the power of two that keeps a table of so many addresses two thirds full."""
    size = 16
    while size < rows + rows // 2:
        size *= 2
    return size


class Gathered(NamedTuple):
    """One row an address; networks and decisions are at the horizon, today, passed.

    Attributes
    ----------
    ids
        Address ids, ``(n,)`` int64.
    area
        Rank of the smallest area named for the address, -1 for none.
    networks, decisions
        ``(n, 3)`` int8.
    best_down
        Best speed of a present, admissible, serving network, Mbit/s; NaN for none.
    """

    ids: Ids
    area: npt.NDArray[np.int32]
    networks: npt.NDArray[np.int8]
    decisions: npt.NDArray[np.int8]
    best_down: npt.NDArray[np.float64]


@njit(nogil=True, cache=True)
def scatter(
    ids: Ids, words: Words, downs: Speeds, bits: int
) -> tuple[Ids, Words, Speeds, npt.NDArray[np.int64]]:
    """Order rows by partition (``2**bits`` of them), stably, and say where each starts.

    Returns the three columns reordered and ``starts`` of length ``2**bits + 1``.
    """
    parts = 1 << bits
    shift = np.uint64(64 - bits)
    starts = np.zeros(parts + 1, np.int64)
    if bits == 0:
        starts[1] = ids.size
        return ids, words, downs, starts
    where = np.empty(ids.size, np.uint16)
    for row in range(ids.size):
        where[row] = (np.uint64(ids[row]) * _MULTIPLIER) >> shift
        starts[where[row] + 1] += 1
    for part in range(parts):
        starts[part + 1] += starts[part]
    cursor = starts[:-1].copy()
    out_ids = np.empty_like(ids)
    out_words = np.empty_like(words)
    out_downs = np.empty_like(downs)
    for row in range(ids.size):
        to = cursor[where[row]]
        cursor[where[row]] += 1
        out_ids[to] = ids[row]
        out_words[to] = words[row]
        out_downs[to] = downs[row]
    return out_ids, out_words, out_downs, starts


@njit(nogil=True, cache=True)
def single(numbers: npt.NDArray[Any]) -> tuple[npt.NDArray[np.float32], bool]:
    """Return numbers in single precision, and whether that is exact (or missing)."""
    found = np.empty(numbers.size, np.float32)
    exact = True
    for row in range(numbers.size):
        number = numbers[row]
        found[row] = number
        exact &= bool(found[row] == number or np.isnan(number))
    return found, exact


@njit(nogil=True, cache=True)
def lookup(table: npt.NDArray[Any], codes: npt.NDArray[np.int32]) -> npt.NDArray[Any]:
    """Return ``table[codes]``; a code of -1 takes the last entry."""
    found = np.empty(codes.size, table.dtype)
    for row in range(codes.size):
        found[row] = table[codes[row]]
    return found


@njit(nogil=True, cache=True)
def assemble(
    networks: npt.NDArray[np.int32],
    areas: npt.NDArray[np.int32],
    judged: tuple[npt.NDArray[np.bool_], ...],
) -> Words:
    """Pack codes and judgements of each row into a word.

    Parameters
    ----------
    networks, areas
        Codes of each row; an empty array of areas means none.
    judged
        Seven masks in the order of the flags.
    """
    words = np.empty(networks.size, np.int64)
    for row in range(networks.size):
        word = np.int64(networks[row])
        if areas.size:
            word |= np.int64(areas[row]) << NETWORK_BITS
        flags = (
            judged[0][row]
            | judged[1][row] << 1
            | judged[2][row] << 2
            | judged[3][row] << 3
            | judged[4][row] << 4
            | judged[5][row] << 5
            | judged[6][row] << 6
        )
        words[row] = word << FLAG_BITS | flags
    return words


@njit(nogil=True, cache=True)
def _another(state: int, counted: int, network: int) -> int:
    """Note a network in a state that holds another one, or none, in some of its counts."""
    for basis in range(3):
        mask = (MOST_NETWORKS + 1) << (basis * NETWORK_BITS)
        if counted & mask == 0:
            continue
        if state & mask == 0:
            state |= network & mask
        elif state & mask != network & mask:
            state |= 1 << (basis + _SEVERAL_SHIFT)
    return state


@njit(nogil=True, cache=True)
def gather(  # noqa: C901 - one loop, kept whole for the compiler
    ids: Ids,
    words: Words,
    downs: Speeds,
    area_rank: npt.NDArray[np.int32],
    table: npt.NDArray[np.int8],
    scratch: Scratch,
) -> tuple[
    Ids,
    npt.NDArray[np.int32],
    npt.NDArray[np.int8],
    npt.NDArray[np.int8],
    npt.NDArray[np.float64],
]:
    """Aggregate the rows of a partition by address and decide each.

    Parameters
    ----------
    ids, words, downs
        Rows of the partition; ``downs`` holds NaN where no speed is stated.
    area_rank
        Rank of each area code among the sorted names; entry 0 is unused.
    table
        Decision by ``[networks, target, lesser]``, shape ``(3, 2, 2)``.
    scratch
        Memory of at least this many rows; what it held does not matter.
    """
    slots, records, best = scratch
    size = table_size(ids.size)
    mask = np.uint64(size - 1)
    slots[:size] = -1
    count = 0
    for row in range(ids.size):
        key = ids[row]
        slot = ((np.uint64(key) * _MULTIPLIER) >> np.uint64(20)) & mask
        at = slots[slot]
        while at >= 0 and records[at, _KEY] != key:
            slot = (slot + np.uint64(1)) & mask
            at = slots[slot]
        if at < 0:
            at = count
            slots[slot] = at
            records[at, _KEY] = key
            records[at, _STATE] = 0
            records[at, _AREA] = -1
            best[at, _BEST] = -np.inf
            count += 1
        word = words[row]
        code = word >> (FLAG_BITS + NETWORK_BITS)
        if code > 0:
            rank = area_rank[code]
            if records[at, _AREA] < 0 or rank < records[at, _AREA]:
                records[at, _AREA] = rank
        flags = word & (1 << FLAG_BITS) - 1
        down = downs[row]
        if _TODAY[flags] and down > best[at, _BEST]:
            best[at, _BEST] = down
        state = records[at, _STATE] | _SEEN[flags]
        counted = _COUNTED[flags]
        network = (word >> FLAG_BITS & MOST_NETWORKS + 1) * _IN_EACH & counted
        if network and not state & counted:
            state |= network
        elif network and state & counted != network:
            state = _another(state, counted, network)
        records[at, _STATE] = state
    networks = np.zeros((count, 3), np.int8)
    decisions = np.empty((count, 3), np.int8)
    for at in range(count):
        state = records[at, _STATE]
        for basis in range(3):
            if state >> (basis * NETWORK_BITS) & (MOST_NETWORKS + 1):
                networks[at, basis] = 1 + (state >> (basis + _SEVERAL_SHIFT) & 1)
            decisions[at, basis] = table[
                networks[at, basis],
                state >> (basis + _TARGET_SHIFT) & 1,
                state >> (basis + _LESSER_SHIFT) & 1,
            ]
        if best[at, _BEST] == -np.inf:
            best[at, _BEST] = np.nan
    return (
        records[:count, _KEY].copy(),
        records[:count, _AREA].astype(np.int32),
        networks,
        decisions,
        best[:count, _BEST].copy(),
    )
