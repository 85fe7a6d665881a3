"""Small files, written as the publishers write them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from nexpo.core.ingest import Reading


def written(
    path: Path,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    end: str = "\n",
) -> Path:
    lines = [delimiter.join(header), *(delimiter.join(row) for row in rows)]
    path.write_bytes((end.join(lines) + end).encode(encoding))
    return path


def table(reading: Reading) -> pl.DataFrame:
    return pl.read_parquet(reading.path)


def rejects(reading: Reading) -> list[dict[str, str]]:
    assert reading.rejects is not None
    with reading.rejects.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def notes(reading: Reading) -> dict[str, int]:
    return dict(reading.notes)
