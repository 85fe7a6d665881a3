"""The compiled kernel: gather declarations by address without sorting or joining them.

Method: *partitioned hash aggregation* (Manegold, Boncz and Kersten, "Optimizing
main-memory join on modern hardware", 2002: radix partitioning so that each partition's
table fits a cache). Each block of rows is judged and scattered by the high bits of a
multiplicative hash of the address id, into its own stretch of one array; a partition is
then aggregated in a small open addressing table. All passes run without the
interpreter's lock.

A row is two words of 64 bits: the address id, and area (24), network (16) and judgements
(8). Codes are one more than an index, so that 0 means "none".
"""

from __future__ import annotations

from collections.abc import Sequence
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
Records = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Speeds = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Table = npt.NDArray[np.int8]

NO_AREA = MOST_AREAS + 1
"""Rank of "no area": after all others."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_KEY, _ANY, _ALL, _AREA = range(4)
_TARGET_SHIFT, _LESSER_SHIFT = 48, 51
_IN_EACH = 1 | 1 << NETWORK_BITS | 1 << 2 * NETWORK_BITS
_FLAGS = np.uint64((1 << FLAG_BITS) - 1)
_NETWORK = np.uint64((1 << NETWORK_BITS) - 1)
_NETWORK_AT = np.uint64(FLAG_BITS)
_AREA_AT = np.uint64(FLAG_BITS + NETWORK_BITS)


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


class Block(NamedTuple):
    """Rows as they are read, one entry a row.

    Attributes
    ----------
    ids
        Address ids.
    cases
        The case each falls in.
    networks
        Codes of networks.
    areas
        Codes of areas; of length 0 where none is wanted.
    downs
        Speeds, Mbit/s, NaN where none is stated; of length 0 where none is wanted.
    """

    ids: Ids
    cases: Codes
    networks: Codes
    areas: Codes
    downs: Speeds


class Rows(NamedTuple):
    """All declarations, judged: block after block, each in the order of its partitions.

    Attributes
    ----------
    records
        Address id and packed word of each row, ``(n, 2)``.
    downs
        Speed of each row, Mbit/s, NaN where none is stated; of length 0 where nobody
        asks for the best speed.
    starts
        ``[part, block]`` says where the rows of a partition begin in a block, and
        ``[part + 1, block]`` where they end.
    """

    records: Records
    downs: Speeds
    starts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, sizes: Sequence[int], parts: int, *, speeds: bool) -> Rows:
        """Return memory for blocks of so many rows each."""
        rows = sum(sizes)
        return cls(
            np.empty((rows, 2), np.int64),
            np.empty(rows if speeds else 0, np.float64),
            np.zeros((parts + 1, len(sizes)), np.int64),
        )


class Scratch(NamedTuple):
    """Memory for one partition, reused for the next.

    An address is one record of 32 bytes, half a cache line: its id; the networks that
    count, *or*-ed (for each count, 3 x 16 bits; then what was seen, 6 bits); the same
    networks *and*-ed; the rank of its area. Codes of networks that are all the same are the
    same under *or* and *and*, so no branch is needed to see whether there are several.
    """

    slots: Codes
    records: Records
    best: Speeds

    @classmethod
    def of(cls, rows: int, *, speeds: bool) -> Scratch:
        """Return memory for a partition of so many rows."""
        return cls(
            np.empty(table_size(rows), np.int32),
            np.empty((rows, 4), np.int64),
            np.empty(rows if speeds else 0, np.float64),
        )


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
    area: Codes
    networks: npt.NDArray[np.int8]
    decisions: npt.NDArray[np.int8]
    best_down: Speeds


@njit(nogil=True, cache=True)
def table_size(rows: int) -> int:
    """Return the power of two that leaves a table of so many addresses three quarters empty.

    So few addresses then meet in a slot that the processor guesses right.
    """
    size = 16
    while size < 4 * rows:
        size *= 2
    return size


@njit(nogil=True, cache=True)
def lookup(table: Codes, codes: Codes) -> Codes:
    """Return the entry of each code, of a table whose entry 0 is that of code -1."""
    found = np.empty(codes.size, np.int32)
    for row in range(codes.size):
        found[row] = table[np.uint32(codes[row] + 1)]
    return found


@njit(nogil=True, cache=True)
def add_steps(cases: Codes, codes: Codes, steps: Codes) -> None:
    """Add to the case of each row the step of its code; entry 0 is that of code -1."""
    for row in range(codes.size):
        cases[row] += steps[np.uint32(codes[row] + 1)]


@njit(nogil=True, cache=True)
def add_numbers(cases: Codes, numbers: npt.NDArray[Any], cuts: Speeds, stride: int) -> None:
    """Add to the case of each row the number of cuts it reaches; NaN is one more than all.

    One plain loop a cut, which the compiler turns into vector instructions.
    """
    step, missing = np.int32(stride), np.int32(stride * (cuts.size + 1))
    for cut in cuts:
        for row in range(numbers.size):
            cases[row] += step if numbers[row] >= cut else np.int32(0)
    for row in range(numbers.size):
        cases[row] += missing if np.isnan(np.float64(numbers[row])) else np.int32(0)


@njit(nogil=True, cache=True)
def _partition(key: int, bits: int) -> np.uint64:
    """Return the partition of an address among ``2**bits``."""
    if bits == 0:
        return np.uint64(0)
    return (np.uint64(key) * _MULTIPLIER) >> np.uint64(64 - bits)


@njit(nogil=True, cache=True)
def scatter(
    block: Block,
    flags: npt.NDArray[np.uint8],
    bits: int,
    records: Records,
    ordered_downs: Speeds,
) -> npt.NDArray[np.int64]:
    """Pack the rows of a block and order them by partition, stably.

    Parameters
    ----------
    block
        The rows.
    flags
        The judgements on each case.
    bits
        There are ``2**bits`` partitions.
    records, ordered_downs
        Where the rows go, ``(n, 2)``, and their speeds, ``(n,)`` or of length 0.

    Returns
    -------
    numpy.ndarray
        Where each partition starts, of length ``2**bits + 1``.
    """
    ids, cases, networks, areas, downs = block
    starts = np.zeros((1 << bits) + 1, np.int64)
    for row in range(ids.size):
        starts[_partition(ids[row], bits) + np.uint64(1)] += 1
    for part in range(1 << bits):
        starts[part + 1] += starts[part]
    cursor = starts[:-1].copy()
    for row in range(ids.size):
        into = _partition(ids[row], bits)
        to = np.uint64(cursor[into])
        cursor[into] += 1
        word = np.int64(networks[row])
        if areas.size:
            word |= np.int64(areas[row]) << NETWORK_BITS
        records[to, 0] = ids[row]
        records[to, 1] = word << FLAG_BITS | flags[np.uint32(cases[row])]
        if downs.size:
            ordered_downs[to] = downs[row]
    return starts


@njit(nogil=True, cache=True)
def _slot(key: int, slots: Codes, size: int, records: Records) -> np.uint64:
    """Return the slot that holds an address, or the free one where it belongs."""
    mask = np.uint64(size - 1)
    slot = ((np.uint64(key) * _MULTIPLIER) >> np.uint64(20)) & mask
    while slots[slot] >= 0 and records[slots[slot], _KEY] != key:
        slot = (slot + np.uint64(1)) & mask
    return slot


@njit(nogil=True, cache=True)
def _doubled(slots: Codes, size: int, records: Records, count: int) -> int:
    """Double a table and fill it anew with its addresses; return its size."""
    size *= 2
    slots[:size] = -1
    for at in range(count):
        slots[_slot(records[at, _KEY], slots, size, records)] = at
    return size


@njit(nogil=True, cache=True)
def gather(rows: Rows, part: int, area_rank: Codes, scratch: Scratch) -> int:
    """Aggregate the rows of a partition by address; return the number of addresses.

    Parameters
    ----------
    rows, part
        All declarations, and the partition.
    area_rank
        Rank of each area code among the sorted names; entry 0 is ``NO_AREA``.
    scratch
        Memory of at least as many rows as the partition has. What it held does not
        matter; its first records hold the addresses afterwards.
    """
    begins, ends = rows.starts[part], rows.starts[part + 1]
    slots, records, best = scratch
    # Most addresses have several declarations: a table for as many addresses as rows would
    # reach beyond the cache. It starts small and doubles.
    size = table_size((ends - begins).sum() // 16)
    slots[:size] = -1
    count = 0
    for block in range(begins.size):
        for row in range(begins[block], ends[block]):
            key, word = rows.records[row, 0], np.uint64(rows.records[row, 1])
            slot = _slot(key, slots, size, records)
            at = slots[slot]
            if at < 0:
                if 4 * count >= size:
                    size = _doubled(slots, size, records, count)
                    slot = _slot(key, slots, size, records)
                at = count
                slots[slot] = at
                count += 1
                records[at, _KEY], records[at, _AREA] = key, NO_AREA
                records[at, _ANY], records[at, _ALL] = 0, -1
                if best.size:
                    best[at] = -np.inf
            flags = word & _FLAGS
            counted = _COUNTED[flags]
            network = np.int64(word >> _NETWORK_AT & _NETWORK) * _IN_EACH
            records[at, _ANY] |= network & counted | _SEEN[flags]
            records[at, _ALL] &= network | ~counted
            records[at, _AREA] = min(records[at, _AREA], area_rank[word >> _AREA_AT])
            if best.size and _TODAY[flags] and rows.downs[row] > best[at]:
                best[at] = rows.downs[row]
    return count


@njit(nogil=True, cache=True)
def _networks(record: Ids, basis: int) -> int:
    """Return the networks of an address in one of the three counts; 2 is "or more"."""
    mask = np.int64(_NETWORK) << basis * NETWORK_BITS
    if record[_ANY] & mask == 0:
        return 0
    return 1 if record[_ANY] & mask == record[_ALL] & mask else 2


@njit(nogil=True, cache=True)
def _decision(record: Ids, basis: int, table: Table) -> int:
    """Return the decision on an address in one of the three counts."""
    target = record[_ANY] >> (basis + _TARGET_SHIFT) & 1
    lesser = record[_ANY] >> (basis + _LESSER_SHIFT) & 1
    return np.int64(table[_networks(record, basis), target, lesser])  # type: ignore[return-value]


@njit(nogil=True, cache=True)
def decide(
    scratch: Scratch, count: int, table: Table
) -> tuple[Ids, Codes, npt.NDArray[np.int8], npt.NDArray[np.int8], Speeds]:
    """Return the gathered addresses with their decisions, as :class:`Gathered` lists them.

    Parameters
    ----------
    scratch, count
        What :func:`gather` left, and the number it returned.
    table
        Decision by ``[networks, target, lesser]``, shape ``(3, 2, 2)``.
    """
    _, records, best = scratch
    area = np.empty(count, np.int32)
    networks = np.empty((count, 3), np.int8)
    decisions = np.empty((count, 3), np.int8)
    best_down = np.full(count, np.nan)
    for at in range(count):
        area[at] = -1 if records[at, _AREA] == NO_AREA else records[at, _AREA]
        for basis in range(3):
            networks[at, basis] = _networks(records[at], basis)
            decisions[at, basis] = _decision(records[at], basis, table)
        if best.size and best[at] > -np.inf:
            best_down[at] = best[at]
    return records[:count, _KEY].copy(), area, networks, decisions, best_down


@njit(nogil=True, cache=True)
def tally(scratch: Scratch, count: int, table: Table, counts: Counts) -> None:
    """Add the gathered addresses to their counts.

    Parameters
    ----------
    scratch, count, table
        As for :func:`decide`.
    counts
        By rank of the area (the last: none), and the decisions at the horizon, today, passed.
    """
    last = counts.shape[0] - 1
    for at in range(count):
        record = scratch.records[at]
        horizon, today = _decision(record, 0, table), _decision(record, 1, table)
        counts[min(record[_AREA], last), horizon, today, _decision(record, 2, table)] += 1
