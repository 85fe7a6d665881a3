"""Any table comes back as it was written, and one bad cell is found where it is."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from nexpo.core.ingest import Dialect, ingest, is_clean_text
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


@given(text=st.text(st.characters(exclude_characters='\r\n"', codec="utf-8"), min_size=1))
def test_texts_are_clean_where_the_reader_leaves_them(text: str) -> None:
    table = Table("t", (load("nexpo.connectivity", "declarations")["operator"],))
    with tempfile.TemporaryDirectory() as name:
        source, target = Path(name) / "t.csv", Path(name) / "t.parquet"
        source.write_text(f'operator\nfirst\n"{text}"\n', encoding="utf-8")
        reading = ingest(source, table, target, dialect=Dialect(delimiter=","))
        kept = pq.read_table(target).column("operator").to_pylist()[1:]
    assert is_clean_text(table["operator"], text) == (kept == [text])
    assert reading.rows + reading.rejected == 2
