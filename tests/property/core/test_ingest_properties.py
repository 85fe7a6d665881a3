"""Any table comes back as it was written, and one bad cell is found where it is."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexpo.core.ingest import Dialect, ingest, unclean
from nexpo.core.tables import Column, ColumnType, Table, load

KINDS: dict[str, ColumnType] = {
    "code": "code",
    "name": "text",
    "people": "integer",
    "km2": "decimal",
    "day": "date",
}
TABLE = Table(
    "t",
    tuple(
        Column(name, kind, "", name == "code", None, (), "[0-9]{6}" * (name == "code"), "m")
        for name, kind in KINDS.items()
    ),
)
_letters = st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"))
_names = st.none() | st.text(_letters | st.sampled_from(" ,;|\t\"'\n"), min_size=1).map(
    lambda text: f"x{text}x"
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "code": st.integers(0, 999_999).map(lambda number: f"{number:06d}"),
            "name": _names,
            "people": st.none() | st.integers(-(10**17), 10**17),
            "km2": st.none() | st.floats(allow_nan=False, allow_infinity=False),
            "day": st.none() | st.dates(),
        }
    ),
    min_size=1,
    max_size=12,
)
DELIMITERS = st.sampled_from(",;|\t")
ENDS = st.sampled_from(["\n", "\r\n"])
MARKS = st.sampled_from([b"", b"\xef\xbb\xbf"])


def written(rows: list[dict[str, Any]], delimiter: str, end: str) -> str:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(KINDS), delimiter=delimiter, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


@settings(deadline=None, max_examples=60)
@given(ROWS, DELIMITERS, ENDS, MARKS)
def test_a_table_comes_back_as_it_was_written(
    rows: list[dict[str, Any]], delimiter: str, end: str, mark: bytes
) -> None:
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "a.csv"
        source.write_bytes(mark + written(rows, delimiter, end).encode())
        reading = ingest(source, TABLE, Path(name) / "a.parquet")
        assert pq.read_table(reading.path).to_pylist() == rows
    assert reading.rejected == 0


@settings(deadline=None, max_examples=60)
@given(ROWS.filter(lambda rows: len(rows) > 1), DELIMITERS, ENDS, MARKS, st.data())
def test_one_bad_cell_is_rejected_where_it_is(
    rows: list[dict[str, Any]], delimiter: str, end: str, mark: bytes, data: st.DataObject
) -> None:
    bad = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.sampled_from(["code", "people", "km2", "day"]))
    line = written(rows[:bad], delimiter, end).count("\n") + 1
    spoilt = [row | {column: "?"} if at == bad else row for at, row in enumerate(rows)]
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "a.csv"
        source.write_bytes(mark + written(spoilt, delimiter, end).encode())
        reading = ingest(source, TABLE, Path(name) / "a.parquet")
        good = pq.read_table(reading.path).to_pylist()
        assert reading.rejects is not None
        with reading.rejects.open(encoding="utf-8", newline="") as stream:
            told = list(csv.DictReader(stream))
    assert good == rows[:bad] + rows[bad + 1 :]
    assert [(row["line"], row["column"], row["value"]) for row in told] == [
        (str(line), column, "?")
    ]
    assert told[0]["row"] == str(line - 1)


CELLS = {
    column.name: (
        st.sampled_from(["", " ", "fibre", "Fibre", "1e5", "015146", "-5", "20265", "nan", "2025"])
        | st.text(st.characters(exclude_characters='\r\n"', codec="utf-8"), max_size=6)
        | st.sampled_from([*column.allowed, ""])
    )
    for column in load("nexpo.connectivity", "declarations").columns
}


GOOD = {
    "text": "x",
    "code": "015146",
    "integer": "2025",
    "decimal": "1",
    "date": "2025-08-01",
    "boolean": "yes",
}


@pytest.mark.parametrize("name", CELLS)
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_what_the_reader_writes_it_would_leave_and_nothing_else(
    name: str, data: st.DataObject
) -> None:
    column = load("nexpo.connectivity", "declarations")[name]
    table = Table("t", (Column("row", "integer", "", True, None, (), "", "m"), column))
    good = column.allowed[0] if column.allowed else GOOD[column.type]
    cells = [good, *data.draw(st.lists(CELLS[name], max_size=15))]
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "t.csv", Path(folder) / "t.parquet"
        lines = [f'{number},"{cell}"\n' for number, cell in enumerate(cells)]
        source.write_text(f"row,{name}\n{''.join(lines)}", encoding="utf-8")
        ingest(source, table, target, dialect=Dialect(delimiter=","))
        assert unclean(target, table, table.names) is None
        if column.type not in ("text", "code"):
            return
        read = pq.read_table(target)
        kept = dict(zip(*(read.column(each).to_pylist() for each in table.names), strict=True))
        for number, cell in enumerate(cells):
            listed = {name: pa.table({name: [cell]})}
            left = unclean(target, table, (name,), listed=listed) is None
            assert left == (kept.get(number) == cell)
