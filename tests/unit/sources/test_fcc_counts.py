"""An availability file in memory, for counts: the rows as they are, or nothing at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from nexpo.sources.fcc import HEADER, declarations_table

CLEAN = '"0001",7,"A, LLC",1001,71,100,20,1,"X","TX","480010001001001","88"'


def _file(folder: Path, *rows: str) -> Path:
    path = folder / "bdc.csv"
    path.write_text("\n".join([",".join(HEADER), *rows, ""]), encoding="utf-8")
    return path


def test_a_row_says_the_same_in_words(tmp_path: Path) -> None:
    found = declarations_table(_file(tmp_path, CLEAN))
    assert found is not None
    assert found.to_pylist() == [
        {
            "address_id": 1001,
            "operator": 7,
            "infrastructure": 7,
            "technology": "fwa",
            "spectrum": "licensed",
            "max_down_mbps": 100,
            "max_up_mbps": 20,
            "latency_ms": 100,
            "customer": "all",
        }
    ]


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (",71,", ",99,"),
        (",71,", ",999999999,"),
        (",71,", ",,"),
        (",1,", ",2,"),
        ('"X"', '"Z"'),
        ('"A, LLC"', '""'),
        ("1001", "-1"),
        (",100,", ",1e2,"),
        ('"88"', '"88'),
    ],
)
def test_a_value_that_is_not_clean_leaves_all_to_the_careful_reader(
    tmp_path: Path, was: str, becomes: str
) -> None:
    assert was in CLEAN
    broken = CLEAN.replace(was, becomes, 1)
    assert declarations_table(_file(tmp_path, CLEAN, broken, CLEAN)) is None


def test_a_column_that_stands_twice_is_left_to_the_careful_reader(tmp_path: Path) -> None:
    path = _file(tmp_path)
    twice = ",".join([*HEADER, "max_advertised_download_speed"])
    path.write_text(f"{twice}\n{CLEAN},9\n", encoding="utf-8")
    assert declarations_table(path) is None


def test_a_mark_before_the_header_changes_nothing(tmp_path: Path) -> None:
    path = _file(tmp_path, CLEAN)
    plain = declarations_table(path)
    path.write_text("\ufeff" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert plain is not None
    assert declarations_table(path) == plain


def test_a_file_without_rows_is_left_to_the_careful_reader(tmp_path: Path) -> None:
    assert declarations_table(_file(tmp_path)) is None
