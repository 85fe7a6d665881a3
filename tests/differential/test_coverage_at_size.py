"""Many partitions and several blocks: the kernel still equals DuckDB, with rows and without."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nexpo.connectivity.coverage import compile_rule, load_rule
from nexpo.connectivity.coverage.adapters import compiled, engine
from nexpo.connectivity.coverage.adapters.engine import DuckEngine, Job, KernelEngine
from nexpo.core.progress import Silent

DAY = date(2025, 8, 1)
ROWS = 300_000


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Declarations of 70,000 addresses, none of an unnamed last mile, in five row groups."""
    chance = np.random.default_rng(5)
    speeds = np.array([20.0, 99.5, 100.0, 1000.0, np.nan])
    table = pa.table(
        {
            "address_id": chance.integers(0, 70_000, ROWS) * 46_116_861_001,
            "istat": [f"{code:06d}" for code in chance.integers(1, 90, ROWS)],
            "operator": chance.choice(["Alfa", "Beta"], ROWS),
            "infrastructure": chance.choice(["Alfa", "Rete", "Cavo"], ROWS),
            "technology": chance.choice(["fibre", "fwa", "copper", "mobile"], ROWS),
            "spectrum": pa.array(
                chance.choice(["licensed", "none"], ROWS), mask=chance.random(ROWS) < 0.2
            ),
            "peak_down_mbps": chance.choice(speeds, ROWS),
            "peak_up_mbps": chance.choice(speeds, ROWS),
            "year": pa.array(chance.integers(2024, 2030, ROWS), mask=chance.random(ROWS) < 0.3),
        }
    )
    target = tmp_path_factory.mktemp("size") / "declarations.parquet"
    pq.write_table(table, target, row_group_size=70_000)
    return target


def _job(path: Path, out: Path | None) -> Job:
    return Job(path, compile_rule(load_rule("eu-2023", DAY), DAY), "istat", out)


def test_counts_and_rows_equal_those_of_sql(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "_BLOCK_ROWS", 100_000)
    ours, theirs = tmp_path / "ours.parquet", tmp_path / "theirs.parquet"
    expected = DuckEngine().run(_job(path, theirs), Silent())
    assert KernelEngine().run(_job(path, ours), Silent()) == expected
    assert (
        pq.read_table(ours)
        .sort_by("address_id")
        .equals(pq.read_table(theirs).cast(pq.read_schema(ours)))
    )


def test_counts_alone_are_those_of_the_rows(path: Path, tmp_path: Path) -> None:
    rows = KernelEngine().run(_job(path, tmp_path / "rows.parquet"), Silent())
    assert KernelEngine().run(_job(path, None), Silent()) == rows


def test_counts_too_many_for_a_table_are_the_same(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dense = KernelEngine().run(_job(path, None), Silent())
    monkeypatch.setattr(engine, "_COUNTED_AT_ONCE", 1_000)
    assert KernelEngine().run(_job(path, None), Silent()) == dense


def test_the_operator_is_read_only_where_an_infrastructure_may_be_missing(
    path: Path, tmp_path: Path
) -> None:
    wanted = frozenset({"address_id", "operator", "infrastructure"})
    assert compiled.parquet_chunks(path, wanted).columns == wanted - {"operator"}
    table = pq.read_table(path, columns=sorted(wanted)).slice(0, 3)
    assert compiled.table_chunks(table, wanted).columns == wanted - {"operator"}
    gap = table.set_column(
        table.column_names.index("infrastructure"),
        "infrastructure",
        pa.array(["Rete", None, "Cavo"]),
    )
    pq.write_table(gap, tmp_path / "gap.parquet")
    assert compiled.parquet_chunks(tmp_path / "gap.parquet", wanted).columns == wanted
    assert compiled.table_chunks(gap, wanted).columns == wanted
    pq.write_table(table, tmp_path / "untold.parquet", write_statistics=False)
    assert compiled.parquet_chunks(tmp_path / "untold.parquet", wanted).columns == wanted
