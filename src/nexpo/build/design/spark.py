"""Municipalities on Apache Spark: the same function, one group a municipality.

Tasks and rows travel as JSON text, so that a row is the same to the last digit wherever it was
made. The cluster needs Nexpo on each worker, and the files that tasks name.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nexpo.connectivity.coverage.adapters.engine import spark_session
from nexpo.core.problem import Kind, Problem

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

    from nexpo.build.design.municipality import Row, Task

_TASKS = "istat string, task string"
_ROWS = "istat string, row string"


@dataclass(frozen=True, slots=True)
class SparkPool:
    """A cluster that turns tasks into rows.

    Parameters
    ----------
    master
        ``spark://host:port``; a session that is open on it is used, else one is opened.
    at_once
        Tasks a core in one job of the cluster: rows are kept when a job ends, so it is also
        what is done again, at most, after a stop.
    """

    master: str
    at_once: int = 32

    def rows(self, tasks: Sequence[Task]) -> Generator[Row, None, None]:
        """Yield the row of each task, job by job.

        Raises
        ------
        Problem
            ``UNAVAILABLE`` when Spark is not installed, the master does not answer, or a worker
            cannot run the function.
        """
        if not tasks:
            return
        with spark_session(self.master) as spark:
            many = self.at_once * max(1, spark.sparkContext.defaultParallelism)
            for first in range(0, len(tasks), many):
                yield from _job(spark, tasks[first : first + many])


def _job(spark: SparkSession, tasks: Sequence[Task]) -> list[Row]:
    """Run one job: as many partitions as tasks, so that no core waits for another's share."""
    from pyspark.errors import PySparkException  # noqa: PLC0415 - an optional extra

    given = [(task["istat"], json.dumps(task)) for task in tasks]
    try:
        frame = spark.createDataFrame(given, _TASKS).repartition(len(tasks), "istat")
        found = frame.groupBy("istat").applyInArrow(design_group, _ROWS).collect()
    except PySparkException as error:
        raise Problem(
            Kind.UNAVAILABLE,
            f"the cluster gave up: {_last_line(error)}",
            value=spark.sparkContext.master,
            remedy="see that each worker has this Nexpo and its Python; what is finished is kept, "
            "and the same command goes on from there",
        ) from error
    return [json.loads(text) for _, text in found]


def _last_line(error: Exception) -> str:
    """Return the last line of the worker's own trace: what went wrong there."""
    before_java = str(error).split(" SQLSTATE", maxsplit=1)[0].split("\tat ", maxsplit=1)[0]
    return next(line for line in reversed(["no reason", *before_java.splitlines()]) if line.strip())


def design_group(group: pa.Table) -> pa.Table:
    """Design the municipalities of a group (one, by its code) and return their rows."""
    import pyarrow as pa  # noqa: PLC0415 - on the worker

    from nexpo.build.design.municipality import design_municipality  # noqa: PLC0415 - likewise

    rows = [design_municipality(json.loads(text)) for text in group["task"].to_pylist()]
    texts = [json.dumps(row, ensure_ascii=False) for row in rows]
    return pa.table(
        {"istat": group["istat"].cast(pa.string()), "row": pa.array(texts, pa.string())}
    )
