"""The embedded engine: Parquet or Arrow in, one row an address out, on two cores.

Blocks are read, judged and scattered to partitions in threads, each into its own stretch
of memory; then each partition is gathered on its own. Results come partition by partition
in a fixed order, whatever the number of threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from nexpo.connectivity.coverage import kernel
from nexpo.connectivity.coverage.adapters.blocks import Block, Judge, NotForKernel
from nexpo.connectivity.coverage.adapters.dictionary_pages import DictionaryPages
from nexpo.connectivity.coverage.adapters.layout import missing_values
from nexpo.connectivity.coverage.model import NETWORKS_MANY
from nexpo.connectivity.coverage.rules import CompiledRule
from nexpo.core.cores import cores
from nexpo.core.problem import Where, bad_input

_BLOCK_ROWS = 1 << 20
_PARTITION_ROWS = 1 << 16
_MOST_BITS = 12
_MOST_THREADS = 8

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Chunks:
    """Declarations that can be read in independent chunks.

    ``read(i)`` returns chunk ``i``, of ``sizes[i]`` rows; it lasts until the same thread reads
    the next.
    """

    sizes: tuple[int, ...]
    columns: frozenset[str]
    read: Callable[[int], Block]

    @property
    def rows(self) -> int:
        """Number of declarations."""
        return sum(self.sizes)


@dataclass(frozen=True, slots=True)
class Judged:
    """All declarations, judged and ready to be gathered by address.

    Attributes
    ----------
    rows
        The declarations, by partition.
    areas, area_rank
        Names of the areas in order, and the rank of each area code among them.
    table
        The rule's decisions.
    """

    rows: kernel.Rows
    areas: list[str]
    area_rank: kernel.Codes
    table: kernel.Table

    @property
    def parts(self) -> int:
        """Number of partitions."""
        return len(self.rows.starts) - 1


def parquet_chunks(path: Path, wanted: frozenset[str]) -> Chunks:
    """Open a Parquet file of declarations, reading only the wanted columns."""
    file = pq.ParquetFile(path, memory_map=False)
    kinds = {name: file.schema_arrow.field(name).type for name in file.schema_arrow.names}
    names = wanted & {name for name, kind in kinds.items() if not pa.types.is_null(kind)}
    if "infrastructure" in names and missing_values(file.metadata, "infrastructure") == 0:
        names -= {"operator"}  # it only stands in where no infrastructure is named
    text = [name for name in names if pa.types.is_string(kinds[name]) and name != "address_id"]
    sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    groups = _grouped(sizes)
    by_dictionary = sorted(names - {"address_id"})
    mine = threading.local()

    def read(index: int) -> Block:
        if not hasattr(mine, "file"):
            mine.pages = DictionaryPages(path, file.metadata, by_dictionary)
            mine.file = pq.ParquetFile(
                path, metadata=file.metadata, memory_map=False, read_dictionary=text
            )
        coded = mine.pages.read(groups[index])
        others = sorted(names - coded.keys())
        try:
            table = mine.file.read_row_groups(groups[index], columns=others, use_threads=False)
            columns = {name: _one(table.column(name)) for name in others}
            for column in columns.values():
                column.validate(full=pa.types.is_dictionary(column.type))
        except (pa.ArrowException, OSError) as error:
            raise bad_input(
                f"the Parquet file cannot be read: {str(error).splitlines()[0]}",
                where=Where(str(path)),
                remedy="the file may be damaged: fetch or write it again",
            ) from None
        return Block(coded | columns, table.num_rows)

    return Chunks(tuple(sum(sizes[i] for i in group) for group in groups), names, read)


def table_chunks(table: pa.Table, wanted: frozenset[str]) -> Chunks:
    """Cut a table in memory into chunks."""
    names = frozenset(table.column_names) & wanted
    if "infrastructure" in names and table.column("infrastructure").null_count == 0:
        names -= {"operator"}
    chosen = table.select(sorted(names))
    starts = range(0, table.num_rows, _BLOCK_ROWS)
    sizes = tuple(min(_BLOCK_ROWS, table.num_rows - start) for start in starts)

    def read(index: int) -> Block:
        part = chosen.slice(starts[index], _BLOCK_ROWS)
        return Block({name: _one(part.column(name)) for name in part.column_names}, part.num_rows)

    return Chunks(sizes, names, read)


def judge(
    rule: CompiledRule,
    chunks: Chunks,
    *,
    area: str | None,
    speeds: bool = True,
    advance: Advance | None = None,
) -> Judged:
    """Read and judge all declarations.

    Parameters
    ----------
    rule
        The compiled rule.
    chunks
        Declarations in the declared layout.
    area
        Column carried along, or None.
    speeds
        Whether the best speed of an address is wanted.
    advance
        Called with the number of declarations judged so far.

    Raises
    ------
    NotForKernel
        When ids are not faithful numbers; use the SQL engine then.
    """
    bits = _bits(chunks.rows)
    at_work = Judge(rule, chunks.columns, area=area, speeds=speeds)
    rows = kernel.Rows.of(chunks.sizes, 1 << bits, speeds=speeds)
    ends = np.cumsum(chunks.sizes).tolist()

    def judge_chunk(index: int) -> int:
        start, end = ends[index] - chunks.sizes[index], ends[index]
        block = chunks.read(index)
        if block.rows != chunks.sizes[index]:  # the file's footer contradicts itself
            raise NotForKernel
        found = at_work.scatter(block, bits, rows.records[start:end], rows.downs[start:end])
        rows.starts[:, index] = start + found
        return int(end)

    with ThreadPoolExecutor(_threads()) as pool:
        judged = pool.map(judge_chunk, range(len(chunks.sizes)))
        # The first compiled function that is called waits half a second for the compiler to
        # set itself up; it does so here while the first blocks are being read.
        kernel.table_size(0)
        for done in judged:
            if advance is not None:
                advance(done)
    names, rank = at_work.areas.ranked()
    return Judged(rows, names, rank, decision_table(rule))


def gathered(judged: Judged) -> Iterator[kernel.Gathered]:
    """Yield the addresses with their decisions, partition by partition."""
    scratches = _Scratches(judged.rows)

    def gather(part: int) -> kernel.Gathered:
        mine = scratches.mine()
        count = kernel.gather(judged.rows, part, judged.area_rank, mine)
        return kernel.Gathered(*kernel.decide(mine, count, judged.table))

    with ThreadPoolExecutor(_threads()) as pool:
        yield from pool.map(gather, range(judged.parts))


def counted(judged: Judged, decisions: int) -> kernel.Counts:
    """Return the number of addresses by area and decisions, without keeping any address.

    Returns
    -------
    numpy.ndarray
        By rank of the area (the last: none), and the decision at the horizon, today, and
        with passed addresses; ``(areas + 1, decisions, decisions, decisions)``.
    """
    scratches = _Scratches(judged.rows)
    threads = _threads()

    def tally(first: int) -> kernel.Counts:
        counts = np.zeros((len(judged.areas) + 1, *(decisions,) * 3), np.int64)
        mine = scratches.mine()
        for part in range(first, judged.parts, threads):
            count = kernel.gather(judged.rows, part, judged.area_rank, mine)
            kernel.tally(mine, count, judged.table, counts)
        return counts

    with ThreadPoolExecutor(threads) as pool:
        found: kernel.Counts = np.sum(list(pool.map(tally, range(threads))), axis=0)
        return found


class _Scratches:
    """Memory for the largest partition, once a thread."""

    def __init__(self, rows: kernel.Rows) -> None:
        sizes = np.diff(rows.starts, axis=0).sum(axis=1)
        self._most = int(sizes.max(initial=0))
        self._speeds = rows.downs.size > 0
        self._local = threading.local()

    def mine(self) -> kernel.Scratch:
        """Return the memory of this thread."""
        if not hasattr(self._local, "scratch"):
            self._local.scratch = kernel.Scratch.of(self._most, speeds=self._speeds)
        found: kernel.Scratch = self._local.scratch
        return found


def decision_table(rule: CompiledRule) -> kernel.Table:
    """Return the rule's decisions as an array by ``[networks, target, lesser]``."""
    table = np.empty((NETWORKS_MANY + 1, 2, 2), np.int8)
    for networks, target, lesser in product(range(NETWORKS_MANY + 1), (0, 1), (0, 1)):
        table[networks, target, lesser] = next(
            index
            for index, decision in enumerate(rule.rule.decisions)
            if decision.covers(networks, target=bool(target), lesser=bool(lesser))
        )
    return table


def _bits(rows: int) -> int:
    return min(_MOST_BITS, max(0, (rows // _PARTITION_ROWS).bit_length()))


def _threads() -> int:
    return min(_MOST_THREADS, cores())


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
