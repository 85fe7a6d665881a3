"""Codes read from a Parquet file's own dictionaries are the values that Arrow reads."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexpo.connectivity.coverage.adapters.compiled import parquet_chunks
from nexpo.connectivity.coverage.adapters.dictionary_pages import Coded, DictionaryPages
from nexpo.connectivity.coverage.adapters.layout import carried_columns, missing_values

KINDS = {
    "text": (pa.string(), st.sampled_from(["", "fibre", "fwa", "perché", "名", "x" * 300])),
    "named": (pa.dictionary(pa.int8(), pa.string()), st.sampled_from(["Rete", "Cavo", "Rame"])),
    "year": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "few": (pa.int16(), st.integers(-3, 3)),
    "speed": (pa.float64(), st.sampled_from([0.0, 30.0, 99.5, float("inf"), float("nan")])),
    "day": (pa.date32(), st.dates(date(1900, 1, 1), date(2100, 1, 1))),
}


@st.composite
def columns(draw: st.DrawFn) -> pa.Array:
    """A column of any kind, long enough for runs of both forms, with or without gaps."""
    kind, values = KINDS[draw(st.sampled_from(sorted(KINDS)))]
    stretch = st.tuples(st.none() | values, st.integers(1, 40))
    if draw(st.booleans()):
        stretch = st.tuples(values, st.integers(1, 40))
    runs = draw(st.lists(stretch, min_size=1, max_size=60))
    return pa.array([value for value, times in runs for _ in range(times)], kind)


def _read(path: Path, column: str = "c") -> Coded | None:
    metadata = pq.read_metadata(path)
    groups = list(range(metadata.num_row_groups))
    return DictionaryPages(path, metadata, [column]).read(groups).get(column)


def _equal(found: Coded, path: Path, column: str = "c") -> bool:
    expected = pq.read_table(path, columns=[column]).column(column).combine_chunks()
    values = found.dictionary.take(pa.array(found.codes, mask=found.codes < 0))
    if pa.types.is_dictionary(expected.type):
        expected = expected.cast(expected.type.value_type)
    expected = expected.cast(pa.int32()) if pa.types.is_date(expected.type) else expected
    return bool(values.cast(expected.type).to_pylist() == expected.to_pylist()) or _same_floats(
        values, expected
    )


def _same_floats(values: pa.Array, expected: pa.Array) -> bool:
    """NaN is no NaN's equal: by bits, and gaps at the same places."""
    if not pa.types.is_floating(expected.type):
        return False
    gaps = values.is_null().equals(expected.is_null())
    one, two = (array.fill_null(0).to_numpy() for array in (values, expected))
    return bool(gaps and np.array_equal(one, two, equal_nan=True))


@settings(max_examples=150, deadline=None)
@given(
    column=columns(),
    codec=st.sampled_from(["none", "snappy", "zstd"]),
    version=st.sampled_from(["1.0", "2.0"]),
    group=st.integers(1, 900),
    rows_in_a_page=st.integers(1, 200),
    statistics=st.booleans(),
    nullable=st.booleans(),
)
def test_whatever_arrow_writes_by_the_dictionary_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    column: pa.Array,
    codec: str,
    version: str,
    group: int,
    rows_in_a_page: int,
    *,
    statistics: bool,
    nullable: bool,
) -> None:
    field = pa.field("c", column.type, nullable=nullable or column.null_count > 0)
    path = tmp_path_factory.mktemp("pages") / "c.parquet"
    pq.write_table(
        pa.table([column], pa.schema([field])),
        path,
        row_group_size=group,
        compression=codec,
        data_page_version=version,
        max_rows_per_page=rows_in_a_page,
        write_statistics=statistics,
    )
    found = _read(path)
    assert found is not None
    assert _equal(found, path)


@pytest.mark.parametrize("writer", ["duckdb", "polars"])
def test_other_writers_files_are_read(tmp_path: Path, writer: str) -> None:
    chance = np.random.default_rng(3)
    frame = pl.DataFrame(
        {
            "text": chance.choice(["fibre", "fwa", "copper"], 300_000),
            "year": [2024 if n else None for n in chance.integers(0, 3, 300_000)],
            "speed": chance.choice([30.0, 100.0], 300_000),
        }
    )
    path = tmp_path / "c.parquet"
    if writer == "polars":
        frame.write_parquet(path, row_group_size=70_000)
    else:
        given_table = frame.to_arrow()
        assert given_table.num_rows  # DuckDB finds it by its name
        duckdb.sql(f"COPY given_table TO '{path}' (FORMAT parquet)")
    for name in frame.columns:
        found = _read(path, name)
        if found is None:
            assert (writer, name) == ("polars", "speed")  # it writes decimals plainly
        else:
            assert _equal(found, path, name)


def _written(tmp_path: Path, values: Any, **options: Any) -> Path:
    path = tmp_path / "c.parquet"
    pq.write_table(pa.table({"c": values}), path, **options)
    return path


@pytest.mark.parametrize(
    ("values", "options"),
    [
        (pa.array(["a", "b"]), {"use_dictionary": False}),
        (pa.array(["a", "b"]), {"compression": "gzip"}),
        (pa.array([f"{n:0100d}" for n in range(20_000)]), {"dictionary_pagesize_limit": 1000}),
        (pa.array([1, 2], pa.int64()), {"use_dictionary": False, "column_encoding": "PLAIN"}),
        (pa.array([[1], [2]]), {}),
        (pa.array([{"a": 1}]), {}),
        (pa.array([1, 2], pa.uint32()), {}),
        (pa.array([True, False]), {}),
        (pa.array([1, 2], pa.timestamp("ms")), {}),
        (pa.array([Decimal(1), Decimal(2)], pa.decimal128(9, 2)), {}),
    ],
)
def test_what_lies_otherwise_is_left_to_arrow(
    tmp_path: Path, values: pa.Array, options: dict[str, Any]
) -> None:
    assert _read(_written(tmp_path, values, **options)) is None


def test_the_kernel_is_given_what_the_file_says_by_the_dictionary(tmp_path: Path) -> None:
    """So that all that is held equal to other engines above and elsewhere goes this way."""
    path = tmp_path / "c.parquet"
    names = ["technology", "year", "peak_down_mbps"]
    columns = (["fibre", "fwa"], [2025, None], [30.0, None])
    pq.write_table(pa.table({"address_id": [1, 2]} | dict(zip(names, columns, strict=True))), path)
    block = parquet_chunks(path, frozenset({"address_id", *names})).read(0)
    assert all(block.is_coded(name) for name in names)
    assert block.ids().tolist() == [1, 2]
    assert np.array_equal(block.number("year"), [2025, np.nan], equal_nan=True)


def test_missing_values_are_those_of_the_column_after_a_nested_one(tmp_path: Path) -> None:
    path = tmp_path / "nested.parquet"
    pair = pa.struct({"key": pa.string(), "value": pa.string()})
    tags = pa.array([[{"key": "a", "value": None}], [], None], pa.list_(pair))
    columns = {"tags": tags, "operator": ["A", None, None], "technology": ["", "", ""]}
    pq.write_table(pa.table(columns), path)
    metadata = pq.read_metadata(path)
    found = {name: missing_values(metadata, name) for name in ("tags", "operator", "technology")}
    assert found == {"tags": None, "operator": 2, "technology": 0}
    assert carried_columns(path) == {"tags", "operator", "technology"}


def test_a_column_that_is_not_there_is_left_out(tmp_path: Path) -> None:
    assert _read(_written(tmp_path, ["a"]), "d") is None


def test_a_file_cut_short_behind_its_footers_back_is_left_to_arrow(tmp_path: Path) -> None:
    path = _written(tmp_path, ["a", "b"] * 100)
    metadata = pq.read_metadata(path)
    path.write_bytes(path.read_bytes()[:20])
    assert DictionaryPages(path, metadata, ["c"]).read([0]) == {}


def test_row_groups_may_be_empty_and_have_dictionaries_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "c.parquet"
    table = pa.table({"c": ["fibre", "fwa", None]})
    with pq.ParquetWriter(path, table.schema) as writer:
        for rows in (table.slice(0, 2), table.slice(0, 0), table.slice(1, 2)):
            writer.write_table(rows, row_group_size=3)
    assert [pq.read_metadata(path).row_group(i).num_rows for i in range(3)] == [2, 0, 2]
    found = _read(path)
    assert found is not None
    assert _equal(found, path)
    only_the_empty = DictionaryPages(path, pq.read_metadata(path), ["c"]).read([1])
    assert only_the_empty == {}


def test_a_second_reading_has_its_own_values_in_the_memory_of_the_first(tmp_path: Path) -> None:
    path = _written(tmp_path, ["a", "b", "b", "c", None], row_group_size=2)
    pages = DictionaryPages(path, pq.read_metadata(path), ["c"])
    first = pages.read([0, 1])["c"].codes
    again = pages.read([2])["c"]
    assert again.codes.tolist() == [-1]
    assert np.shares_memory(first, again.codes)
    assert pages.read([1])["c"].dictionary.to_pylist() == ["b", "c"]


def _of_arrow(path: Path) -> list[str | None] | None:
    """Return what Arrow reads, each code held against its dictionary; None where it refuses."""
    try:
        column = pq.ParquetFile(path, read_dictionary=["c"]).read().column("c")
        column.validate(full=True)
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        return None
    found: list[str | None] = column.to_pylist()
    return found


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_broken_bytes_are_read_as_arrow_reads_them_or_left_to_it(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("broken")
    codec = data.draw(st.sampled_from(["none", "snappy", "zstd"]))
    version = data.draw(st.sampled_from(["1.0", "2.0"]))
    values = pa.array(["fibre", "fwa", None, "copper", *["cable"] * 20] * 9)
    path = _written(folder, values, compression=codec, data_page_version=version)
    metadata = pq.read_metadata(path)
    raw = bytearray(path.read_bytes())
    column: Any = metadata.row_group(0).column(0)
    end = column.dictionary_page_offset + column.total_compressed_size
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(4, end - 1))
        bytes_there = data.draw(
            st.binary(min_size=1, max_size=1)
            | st.sampled_from([b"\x80" * 9, b"\xff" * 5, b"\x1f", b"\x20", b"\x00\x00"])
        )
        raw[at : at + len(bytes_there)] = bytes_there
    path.write_bytes(raw[: path.stat().st_size])
    for coded in DictionaryPages(path, metadata, ["c"]).read([0]).values():
        assert coded.codes.size == len(values)
        assert -1 <= coded.codes.min() <= coded.codes.max() < len(coded.dictionary)
        arrow = _of_arrow(path)
        mask = coded.codes < 0
        if arrow is not None:
            assert coded.dictionary.take(pa.array(coded.codes, mask=mask)).to_pylist() == arrow
