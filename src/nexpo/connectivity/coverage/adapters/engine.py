"""Engines: the same rule on the compiled kernel, on DuckDB and on Apache Spark.

Each engine takes a Parquet file in the declared layout and gives counts by area, and on
request one row an address (dictionary ``classified.csv``).
"""

from __future__ import annotations

import math
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from nexpo.connectivity.coverage import kernel, sql
from nexpo.connectivity.coverage.adapters import compiled
from nexpo.connectivity.coverage.adapters.blocks import NotForKernel
from nexpo.connectivity.coverage.adapters.layout import check_values
from nexpo.connectivity.coverage.expression import literal
from nexpo.connectivity.coverage.model import Aid
from nexpo.connectivity.coverage.rules import CompiledRule
from nexpo.core import tables
from nexpo.core.files import atomic_path
from nexpo.core.ingest import parquet, readable_parquet
from nexpo.core.problem import Kind, Problem
from nexpo.core.progress import Progress

Counts = Counter[tuple[str | None, int, int, int]]
"""Addresses by area and by decision: at the horizon, today, with passed addresses."""

KEYS = frozenset({"address_id", "operator", "infrastructure"})
"""Columns that every classification reads."""
_COUNTED_AT_ONCE = 8_000_000
_ANSWER_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Job:
    """What to classify, and where the rows go (None: nowhere).

    ``ids_checked`` is false where nobody has looked yet whether ids that are texts are such as
    the layout takes.
    """

    declarations: Path
    rule: CompiledRule
    area: str | None
    out: Path | None
    ids_checked: bool = True


class Engine(Protocol):
    """Something that executes a compiled rule."""

    name: str

    def run(self, job: Job, progress: Progress) -> Counts:
        """Classify all addresses of the file; return counts, write rows if wanted."""
        ...


class KernelEngine:
    """The compiled kernel, on this machine; DuckDB where ids are no numbers.

    ``name`` says which of the two ran last.
    """

    name = "embedded"

    def run(self, job: Job, progress: Progress) -> Counts:
        """Classify with the kernel, or with DuckDB where ids are not faithful numbers.

        Raises
        ------
        NotDeclared
            When an id that nobody has checked is not as the reader would have written it.
        """
        wanted = job.rule.columns | KEYS | ({job.area} if job.area else set())
        chunks = compiled.parquet_chunks(job.declarations, frozenset(wanted))
        try:
            return self.run_chunks(chunks, job, progress)
        except NotForKernel:
            if not job.ids_checked:
                check_values(job.declarations)
            instead = DuckEngine()
            self.name = instead.name
            return instead.run(job, progress)

    def run_chunks(self, chunks: compiled.Chunks, job: Job, progress: Progress) -> Counts:
        """Classify chunks from anywhere; the job's file is not read."""

        def advance(done: int) -> None:
            progress.advance(done, chunks.rows, "declarations")

        judged = compiled.judge(
            job.rule, chunks, area=job.area, speeds=job.out is not None, advance=advance
        )
        if job.out is None:
            return _counted(job.rule, judged)
        with atomic_path(job.out) as path, pq.ParquetWriter(path, _SCHEMA) as writer:
            return _counter_of(job.rule, judged.areas, _written(writer, job.rule, judged))


class DuckEngine:
    """DuckDB: the SQL text, embedded."""

    name = "duckdb"

    def run(self, job: Job, progress: Progress) -> Counts:
        """Classify by SQL in DuckDB."""
        progress.advance(0, None, "declarations")
        with readable_parquet(job.declarations) as connection:
            found = pq.ParquetFile(job.declarations).schema_arrow.names
            connection.execute(
                f"CREATE VIEW declarations AS SELECT {declared_columns(found)} "
                f"FROM {parquet(job.declarations)}"
            )
            inner = sql.classify_sql(job.rule, "declarations", job.area)
            connection.execute(f"CREATE TEMP TABLE classified AS {inner}")
            if job.out is not None:
                with atomic_path(job.out) as part:
                    part.touch()  # a folder that cannot be written to is not the engine's to tell
                    connection.execute(
                        f"COPY ({_rows_sql(job)}) TO {literal(str(part))} (FORMAT parquet)"
                    )
            return _counter(connection.execute(sql.counts_sql("classified")).fetchall())


class SparkEngine:
    """Apache Spark: the same SQL text, on a cluster that sees the same files."""

    name = "spark"

    def __init__(self, master: str) -> None:
        self._master = master

    def run(self, job: Job, progress: Progress) -> Counts:
        """Classify by SQL on Spark."""
        progress.advance(0, None, "declarations")
        with spark_session(self._master) as spark:
            frame = spark.read.parquet(str(job.declarations))
            frame.createOrReplaceTempView("given")
            spark.sql(
                f"SELECT {declared_columns(frame.columns)} FROM given"
            ).createOrReplaceTempView("declarations")
            inner = sql.classify_sql(job.rule, "declarations", job.area)
            spark.sql(inner).cache().createOrReplaceTempView("classified")
            if job.out is not None:
                table = spark.sql(_rows_sql(job)).toArrow()
                with atomic_path(job.out) as part:
                    pq.write_table(table.cast(_SCHEMA), part)
            rows = spark.sql(sql.counts_sql("classified")).collect()
            return _counter([tuple(row) for row in rows])


def engine_for(name: str) -> Engine:
    """Return the engine of a name: ``embedded``, ``duckdb``, or a Spark master.

    Raises
    ------
    Problem
        When the name is none of these.
    """
    if name == "embedded":
        return KernelEngine()
    if name == "duckdb":
        return DuckEngine()
    if name.startswith(("spark://", "local")):
        return SparkEngine(name)
    raise Problem(
        Kind.USAGE,
        "unknown engine",
        value=name,
        remedy="embedded, duckdb, or a Spark master such as spark://host:7077",
    )


@contextmanager
def spark_session(master: str) -> Iterator[Any]:
    """Use the active Spark session, or open one on a master and close it at the end.

    Raises
    ------
    Problem
        ``UNAVAILABLE`` when PySpark is not installed or the master does not answer.
    """
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise Problem(
            Kind.UNAVAILABLE,
            "Apache Spark is not installed",
            value=master,
            remedy="install it with: pip install 'nexpo[spark]' (Java 17 is needed)",
        ) from None
    active = SparkSession.getActiveSession()
    if active is not None:
        if active.sparkContext.master != master:
            raise Problem(
                Kind.UNAVAILABLE,
                f"a Spark session on {active.sparkContext.master} is already open",
                value=master,
                remedy="stop that session first, or ask for its master",
            )
        yield active
        return
    _reach(master)
    builder = (
        SparkSession.builder.master(master).appName("nexpo").config("spark.ui.enabled", value=False)
    )
    if "127.0.0.1" in master or master.startswith("local"):
        builder = builder.config("spark.driver.host", "127.0.0.1").config(
            "spark.driver.bindAddress", "127.0.0.1"
        )
    try:
        spark = builder.getOrCreate()
    except Exception as error:
        raise Problem(
            Kind.UNAVAILABLE,
            f"Spark did not start: {str(error).splitlines()[0]}",
            value=master,
            remedy="check that the master runs and that JAVA_HOME names Java 17",
        ) from error
    try:
        yield spark
    finally:
        spark.stop()


def _reach(master: str) -> None:
    """Refuse a master that nothing answers for: Spark itself would try for over a minute."""
    if not master.startswith("spark://"):
        return
    told = []
    for place in master.removeprefix("spark://").split(","):
        host, _, port = place.rpartition(":")
        try:
            with socket.create_connection((host, int(port)), timeout=_ANSWER_WITHIN_S):
                return
        except (OSError, ValueError, OverflowError) as error:
            told.append(f"{place}: {error}")
    raise Problem(
        Kind.UNAVAILABLE,
        f"no Spark master answers: {'; '.join(told)}",
        value=master,
        remedy="check that the master runs, and its address: spark://host:port",
    )


def declared_columns(found: list[str]) -> str:
    """Return the SELECT list that gives every declared column, absent ones as NULL."""
    types = {"integer": "BIGINT", "decimal": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE"}
    parts = []
    for column in tables.load("nexpo.connectivity", "declarations").columns:
        given = column.name if column.name in found else "NULL"
        typed = f"CAST({given} AS {types.get(column.type, 'STRING')})"
        if column.type == "decimal":
            typed = f"CASE WHEN isnan({typed}) THEN NULL ELSE {typed} END"
        parts.append(f"{typed} AS {column.name}")
    return ", ".join(parts)


def _rows_sql(job: Job) -> str:
    rule = job.rule
    reasons = sql.label_case([decision.reason for decision in rule.rule.decisions])
    return (
        "SELECT address_id, area, CAST(networks AS TINYINT) AS networks, "
        "CAST(networks_today AS TINYINT) AS networks_today, "
        "CAST(networks_passed AS TINYINT) AS networks_passed, "
        f"{sql.colour_case(rule)} AS colour, "
        f"{sql.colour_case(rule, 'decision_today')} AS colour_today, "
        f"{sql.colour_case(rule, 'decision_passed')} AS colour_passed, "
        f"{sql.aid_case(rule)} AS aid, {reasons} AS reason, "
        f"best_down_mbps, {sql.required_down_case(rule)} AS required_down_mbps "
        "FROM classified ORDER BY address_id"
    )


_SCHEMA = pa.schema(
    [
        ("address_id", pa.string()),
        ("area", pa.string()),
        ("networks", pa.int8()),
        ("networks_today", pa.int8()),
        ("networks_passed", pa.int8()),
        ("colour", pa.string()),
        ("colour_today", pa.string()),
        ("colour_passed", pa.string()),
        ("aid", pa.string()),
        ("reason", pa.string()),
        ("best_down_mbps", pa.float64()),
        ("required_down_mbps", pa.float64()),
    ]
)


def _counter(rows: list[tuple[Any, ...]]) -> Counts:
    return Counter(
        {(area, int(at), int(today), int(passed)): int(n) for area, at, today, passed, n in rows}
    )


def _counted(rule: CompiledRule, judged: compiled.Judged) -> Counts:
    """Count addresses in the kernel, or outside it where the table would be too large."""
    decisions = len(rule.rule.decisions)
    if (len(judged.areas) + 1) * decisions**3 > _COUNTED_AT_ONCE:
        return _counter_of(rule, judged.areas, compiled.gathered(judged))
    times = compiled.counted(judged, decisions).ravel()
    found = np.flatnonzero(times)
    counts: Counts = Counter()
    _count(counts, judged.areas, decisions, found, times[found])
    return counts


def _counter_of(
    rule: CompiledRule, areas: list[str], partitions: Iterator[kernel.Gathered]
) -> Counts:
    """Count addresses by area and decisions, some millions at a time."""
    decisions = len(rule.rule.decisions)
    shape = (len(areas) + 1, *(decisions,) * 3)
    counts: Counts = Counter()
    for batch in _batches(partitions, shape):
        _count(counts, areas, decisions, *_tally(batch, math.prod(shape)))
    return counts


def _count(
    counts: Counts,
    areas: list[str],
    decisions: int,
    found: npt.NDArray[np.int64],
    times: npt.NDArray[np.int64],
) -> None:
    """Add distinct keys of addresses, and how often each stands, to the counts."""
    names = [*areas, None]
    shape = (len(names), *(decisions,) * 3)
    ranks, *others = (part.tolist() for part in np.unravel_index(found, shape))
    keys = zip((names[rank] for rank in ranks), *others, strict=True)
    counts.update(dict(zip(keys, times.tolist(), strict=True)))


def _batches(
    partitions: Iterator[kernel.Gathered], shape: tuple[int, ...]
) -> Iterator[npt.NDArray[np.int64]]:
    """Yield one key an address, some millions at a time."""
    waiting: list[npt.NDArray[np.int64]] = []
    for part in partitions:
        # An area of -1, none, wraps around to the last place.
        waiting.append(np.ravel_multi_index((part.area, *part.decisions.T), shape, mode="wrap"))
        if sum(keys.size for keys in waiting) > _COUNTED_AT_ONCE:
            yield np.concatenate(waiting)
            waiting.clear()
    if waiting:
        yield np.concatenate(waiting)


def _tally(
    keys: npt.NDArray[np.int64], size: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the distinct keys and how often each stands; densely where that is small."""
    if size > _COUNTED_AT_ONCE:
        return np.unique(keys, return_counts=True)
    times = np.bincount(keys, minlength=size)
    found = np.flatnonzero(times)
    return found, times[found]


def _written(
    writer: pq.ParquetWriter, rule: CompiledRule, judged: compiled.Judged
) -> Iterator[kernel.Gathered]:
    names = pa.array([*judged.areas, None], pa.string())
    for part in compiled.gathered(judged):
        if part.ids.size:
            writer.write_table(_rows(rule, names, part))
        yield part


def _rows(rule: CompiledRule, areas: pa.Array, part: kernel.Gathered) -> pa.Table:
    decisions = rule.rule.decisions
    colours = pa.array([decision.colour for decision in decisions])
    aid = pa.array([decision.aid.value for decision in decisions])
    reasons = pa.array([decision.reason for decision in decisions])
    at, today, passed = (part.decisions[:, basis] for basis in range(3))
    columns = [
        pa.array(part.ids).cast(pa.string()),
        areas.take(pa.array(np.where(part.area < 0, len(areas) - 1, part.area))),
        *(pa.array(part.networks[:, basis]) for basis in range(3)),
        *(colours.take(pa.array(which)) for which in (at, today, passed)),
        aid.take(pa.array(at)),
        reasons.take(pa.array(at)),
        pa.array(part.best_down, from_pandas=True),
        pa.array(_required(rule, part), from_pandas=True),
    ]
    return pa.Table.from_arrays(columns, schema=_SCHEMA)


def _required(rule: CompiledRule, part: kernel.Gathered) -> npt.NDArray[np.float64]:
    step = rule.rule.step_change
    if step is None:
        return np.full(part.ids.size, np.nan)
    floors = np.array([decision.build_floor(step) for decision in rule.rule.decisions])
    best = np.nan_to_num(part.best_down) * step.factor
    wanted = np.maximum(best, floors[part.decisions[:, 0]])
    no_aid = np.array([decision.aid is Aid.NO for decision in rule.rule.decisions])
    found: npt.NDArray[np.float64] = np.where(no_aid[part.decisions[:, 0]], np.nan, wanted)
    return found
