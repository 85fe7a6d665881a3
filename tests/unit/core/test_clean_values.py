"""A typed table is left as it lies only where the reader would have written the same."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nexpo.core.ingest import unclean
from nexpo.core.tables import load

DECLARATIONS = load("nexpo.connectivity", "declarations")


def _written(folder: Path, **columns: list[Any]) -> Path:
    path = folder / "rows.parquet"
    rows = {"address_id": ["1", "2"], "operator": ["Alfa", "Beta"], "technology": ["fibre"] * 2}
    pq.write_table(pa.table(rows | columns), path)
    return path


def _columns(path: Path) -> list[str]:
    names: list[str] = pq.read_schema(path).names
    return names


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("address_id", "1E15"),
        ("operator", None),
        ("operator", ""),
        ("operator", "\u00a0Beta"),
        ("operator", "Be\0ta"),
        ("infrastructure", ""),
        ("technology", "Fibre"),
        ("istat", "15146"),
        ("max_down_mbps", -5.0),
        ("max_up_mbps", math.inf),
        ("year", 20265),
        ("units", -1),
    ],
)
def test_what_the_reader_would_change_or_refuse_is_named(
    tmp_path: Path, column: str, value: Any
) -> None:
    plain = {"address_id": "1", "operator": "Alfa", "technology": "fibre"}.get(column)
    path = _written(tmp_path, **{column: [plain, value]})
    assert unclean(path, DECLARATIONS, _columns(path)) == (column, value)


def test_what_the_reader_would_leave_is_left(tmp_path: Path) -> None:
    path = _written(
        tmp_path,
        address_id=[1, 2],
        infrastructure=[None, "Rete d'oro\tsud"],
        max_down_mbps=[math.nan, 0.0],
        year=[None, 2026],
        istat=["015146", None],
        remark=["", " no column of the layout "],
    )
    assert unclean(path, DECLARATIONS, _columns(path)) is None
