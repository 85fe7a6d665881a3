"""What the quick reader of clean files gives is what the standard library reads, or nothing."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexpo.sources import clean_csv
from nexpo.sources.clean_csv import Kind, NotCleanError, read_columns

HEADERS = ["long", "brand", "short", "left", "letter"]
WANTED = {
    "long": Kind.LONG,
    "brand": Kind.STATED,
    "short": Kind.SHORT,
    "letter": Kind.LETTER,
}
TEXT = st.text(st.characters(exclude_characters="\n\r\0", codec="utf-8"), max_size=12)


def _is_stated(text: str) -> bool:
    return any(sign > " " for sign in text)


ROWS = st.lists(
    st.tuples(
        st.integers(0, 10**18 - 1),
        TEXT.filter(_is_stated),
        st.integers(0, 10**9 - 1),
        TEXT,
        st.sampled_from("XRB- ~"),
    ),
    min_size=1,
    max_size=30,
)


def _written(rows: Any, *, quoting: Any, last_break: bool) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=quoting, lineterminator="\n").writerows([HEADERS, *rows])
    return text.getvalue().removesuffix("" if last_break else "\n").encode()


def _read(path: Path, data: bytes, block: int = 1 << 20) -> list[tuple[int, int, str]]:
    path.write_bytes(data)
    with patch.object(clean_csv, "_BLOCK_BYTES", block):
        blocks = read_columns(path, HEADERS, WANTED, dict)
    return [
        (long, short, chr(letter))
        for found in blocks
        for long, short, letter in zip(
            *(found[name].tolist() for name in ("long", "short", "letter")), strict=True
        )
    ]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clean") / "file.csv"


@settings(deadline=None)
@given(
    rows=ROWS,
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    last_break=st.booleans(),
    block=st.integers(1, 400),
)
def test_a_clean_file_is_read_whole_and_in_order(
    path: Path, rows: Any, quoting: Any, block: int, *, last_break: bool
) -> None:
    data = _written(rows, quoting=quoting, last_break=last_break)
    assert _read(path, data, block) == [(row[0], row[2], row[4]) for row in rows]


@settings(max_examples=400, deadline=None)
@given(rows=ROWS, data=st.data())
def test_of_a_spoilt_file_no_number_is_wrong(path: Path, rows: Any, data: st.DataObject) -> None:
    quoting = data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    raw = bytearray(_written(rows, quoting=quoting, last_break=True))
    start = raw.index(b"\n") + 1
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(start, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 2))] = data.draw(
            st.sampled_from(
                [b"", b",", b'"', b'""', b"\n", b"\r\n", b"-", b"0", b"7", b" ", b"\xe9"]
            )
        )
    try:
        found = _read(path, bytes(raw), data.draw(st.integers(1, 400)))
    except NotCleanError:
        return
    lines = io.StringIO(bytes(raw).decode("latin-1"), newline="")
    expected = list(csv.reader(lines, strict=True))[1:]
    assert all(len(row) == len(HEADERS) and _is_stated(row[1]) for row in expected)
    assert found == [(int(row[0]), int(row[2]), row[4]) for row in expected]


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ("-1,A,1,,X", "long"),
        ("+1,A,1,,X", "long"),
        ("01,A,1,,X", "long"),
        (",A,1,,X", "long"),
        ("1.0,A,1,,X", "long"),
        ("1e3,A,1,,X", "long"),
        ("1000000000000000000,A,1,,X", "long"),
        ("1,,1,,X", "brand"),
        ('1,"",1,,X', "brand"),
        ('1,A"B,1,,X', "brand"),
        ('1,"A"B,1,,X', "brand"),
        ('1,"A,1,,X', "brand"),
        ("1,A,1000000000,,X", "short"),
        ("1,A, 1,,X", "short"),
        ("1,A,1,", "left"),
        ("1,A,1,,", "letter"),
        ("1,A,1,,XY", "letter"),
        ("1,A,1,,è", "letter"),
        ("1,A,1,,X\rY", "letter"),
        ("1,A,1,\r,X", "left"),
        ("1,   ,1,,X", "brand"),
        ('1," ",1,,X', "brand"),
        ("1,A,1,,X,", "letter"),
        ("", "long"),
    ],
)
def test_what_is_not_plainly_written_is_not_clean(path: Path, row: str, named: str) -> None:
    with pytest.raises(NotCleanError, match=f"^{named}$"):
        _read(path, f"{','.join(HEADERS)}\n1,A,1,,X\n{row}\n1,A,1,,X\n".encode())


@pytest.mark.parametrize("byte", [b"\0", b"\xe8", b"\xff\xfe"])
def test_what_is_no_text_is_not_clean(path: Path, byte: bytes) -> None:
    with pytest.raises(NotCleanError, match="no UTF-8"):
        _read(path, ",".join(HEADERS).encode() + b"\n1,A" + byte + b",1,,X\n")


def test_lines_may_end_as_on_windows(path: Path) -> None:
    data = "\r\n".join([",".join(HEADERS), '1,"A, B",2,,X', "3,A,4,,R", ""])
    assert _read(path, data.encode()) == [(1, 2, "X"), (3, 4, "R")]


def test_a_header_that_stands_twice_is_not_clean(path: Path) -> None:
    path.write_text("a,a\n1,2\n", encoding="utf-8")
    with pytest.raises(NotCleanError, match="twice"):
        read_columns(path, ["a", "a"], {"a": Kind.SHORT}, dict)


def test_after_a_row_that_is_not_clean_no_more_is_read(path: Path) -> None:
    path.write_text("a\n" + "x\n" + "1\n" * 10_000, encoding="utf-8")
    made: list[Any] = []
    with (
        patch.object(clean_csv, "_BLOCK_BYTES", 8),
        patch.object(clean_csv, "_MOST_THREADS", 1),
        pytest.raises(NotCleanError),
    ):
        read_columns(path, ["a"], {"a": Kind.SHORT}, made.append)
    assert made == []


def test_a_file_without_rows_has_no_blocks(path: Path) -> None:
    assert _read(path, ",".join(HEADERS).encode()) == []
    assert _read(path, f"{','.join(HEADERS)}\n".encode()) == []
