"""The embedded engine: Parquet or Arrow in, one row an address out, on two cores.

Blocks are read and judged in threads, scattered to partitions in memory, and each
partition is gathered on its own. Results come partition by partition in a fixed order,
whatever the number of threads.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from nexpo.connectivity.coverage import kernel
from nexpo.connectivity.coverage.adapters.blocks import ArrowBlock, Names, pack
from nexpo.connectivity.coverage.model import NETWORKS_MANY
from nexpo.connectivity.coverage.rules import CompiledRule

_BLOCK_ROWS = 1 << 20
_PARTITION_ROWS = 1 << 17
_MOST_BITS = 12

Run = tuple[kernel.Ids, kernel.Words, kernel.Speeds, npt.NDArray[np.int64]]
Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Chunks:
    """Declarations that can be read in independent chunks.

    ``read(i)`` returns chunk ``i`` as a table with dictionary-encoded text.
    """

    rows: int
    count: int
    columns: frozenset[str]
    read: Callable[[int], pa.Table]


@dataclass(frozen=True, slots=True)
class Classified:
    """The outcome of all addresses, as partitions, and the names of the areas."""

    areas: list[str]
    partitions: Iterator[kernel.Gathered]


def parquet_chunks(path: Path, wanted: frozenset[str]) -> Chunks:
    """Open a Parquet file of declarations, reading only the wanted columns."""
    file = pq.ParquetFile(path, memory_map=False)
    fields = {name: file.schema_arrow.field(name).type for name in file.schema_arrow.names}
    names = wanted & {name for name, kind in fields.items() if not pa.types.is_null(kind)}
    text = [
        name
        for name in names
        if pa.types.is_string(file.schema_arrow.field(name).type) and name != "address_id"
    ]
    groups = _grouped([file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)])
    columns = sorted(names)

    mine = threading.local()

    def read(index: int) -> pa.Table:
        if not hasattr(mine, "file"):
            mine.file = pq.ParquetFile(path, memory_map=False, read_dictionary=text)
        return mine.file.read_row_groups(groups[index], columns=columns, use_threads=False)

    return Chunks(file.metadata.num_rows, len(groups), names, read)


def table_chunks(table: pa.Table, wanted: frozenset[str]) -> Chunks:
    """Cut a table in memory into chunks."""
    names = frozenset(table.column_names) & wanted
    chosen = table.select(sorted(names))
    count = max(1, -(-table.num_rows // _BLOCK_ROWS))
    return Chunks(
        table.num_rows, count, names, lambda index: chosen.slice(index * _BLOCK_ROWS, _BLOCK_ROWS)
    )


def classify(
    rule: CompiledRule, chunks: Chunks, *, area: str | None, advance: Advance | None = None
) -> Classified:
    """Classify all addresses of the chunks.

    Parameters
    ----------
    rule
        The compiled rule.
    chunks
        Declarations in the declared layout.
    area
        Column carried along, or None.
    advance
        Called with the number of declarations judged so far.

    Raises
    ------
    NotForKernel
        When ids are not faithful numbers; use the SQL engine then.
    """
    networks, areas = Names(kernel.MOST_NETWORKS), Names(kernel.MOST_AREAS)
    bits = _bits(chunks.rows)

    def judge(index: int) -> Run:
        table = chunks.read(index)
        block = ArrowBlock(
            {name: _one(table.column(name)) for name in table.column_names}, table.num_rows
        )
        return kernel.scatter(*pack(rule, block, chunks.columns, networks, areas, area), bits)

    with ThreadPoolExecutor(_threads()) as pool:
        runs = _collect(pool.map(judge, range(chunks.count)), advance)
    names, rank = areas.ranked()
    return Classified(names, _gathered(runs, 1 << bits, rank, decision_table(rule)))


def decision_table(rule: CompiledRule) -> npt.NDArray[np.int8]:
    """Return the rule's decisions as an array by ``[networks, target, lesser]``."""
    table = np.empty((NETWORKS_MANY + 1, 2, 2), np.int8)
    for networks, target, lesser in product(range(NETWORKS_MANY + 1), (0, 1), (0, 1)):
        table[networks, target, lesser] = next(
            index
            for index, decision in enumerate(rule.rule.decisions)
            if decision.covers(networks, target=bool(target), lesser=bool(lesser))
        )
    return table


def _collect(results: Iterator[Run], advance: Advance | None) -> list[Run]:
    runs: list[Run] = []
    done = 0
    for run in results:
        runs.append(run)
        done += run[0].size
        if advance is not None:
            advance(done)
    return runs


def _gathered(
    runs: list[Run],
    parts: int,
    rank: npt.NDArray[np.int32],
    table: npt.NDArray[np.int8],
) -> Iterator[kernel.Gathered]:
    mine = threading.local()
    sizes = np.sum([np.diff(run[3]) for run in runs], axis=0) if runs else np.zeros(1)
    most = int(sizes.max())
    filled = parts if runs else 0

    def gather(part: int) -> kernel.Gathered:
        if not hasattr(mine, "scratch"):
            mine.scratch = kernel.Scratch.of(most)
        pieces = [(run, slice(run[3][part], run[3][part + 1])) for run in runs]
        ids = np.concatenate([run[0][rows] for run, rows in pieces])
        words = np.concatenate([run[1][rows] for run, rows in pieces])
        downs = np.concatenate([run[2][rows] for run, rows in pieces])
        return kernel.Gathered(*kernel.gather(ids, words, downs, rank, table, mine.scratch))

    with ThreadPoolExecutor(_threads()) as pool:
        yield from pool.map(gather, range(filled))


def _bits(rows: int) -> int:
    return min(_MOST_BITS, max(0, (rows // _PARTITION_ROWS).bit_length()))


def _threads() -> int:
    return max(1, min(8, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2))


def _grouped(sizes: list[int]) -> list[list[int]]:
    """Join small row groups into chunks of about a million rows."""
    groups: list[list[int]] = [[]]
    rows = 0
    for index, size in enumerate(sizes):
        if groups[-1] and rows + size > _BLOCK_ROWS:
            groups.append([])
            rows = 0
        groups[-1].append(index)
        rows += size
    return groups if groups[0] else []


def _one(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks == 1:
        return column.chunk(0)
    return column.unify_dictionaries().combine_chunks()
