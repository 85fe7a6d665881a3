"""Whatever is written in a publisher's form comes back as it was, or is refused by row."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from nexpo.core.ingest import Reading
from nexpo.sources import fcc, ookla, openfiber, osm
from nexpo.sources.infratel import read_uncovered, speed_class
from nexpo.sources.text_tables.names import plain

few = settings(max_examples=12, deadline=None)
words = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "Zs"), exclude_characters='"'),
    min_size=1,
    max_size=12,
).map(str.strip).filter(bool)  # fmt: skip
ids = st.integers(1, 10**15 - 1).map(str)


def read_back(
    header: tuple[str, ...],
    rows: Sequence[tuple[str, ...]],
    delimiter: str,
    reader: Callable[[Path, Path], Reading],
) -> tuple[Reading, pl.DataFrame]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.csv"
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)
        reading = reader(file, Path(folder) / "a.parquet")
        return reading, pl.read_parquet(reading.path)


@few
@given(st.lists(st.tuples(words, words, st.sampled_from("ABC")), min_size=1, max_size=20))
def test_uncovered_rows_come_back(rows: list[tuple[str, str, str]]) -> None:
    header = ("istat", "comune", "strada", "civico", "stato")
    written = [("012001", "AGRA", street, number, letter) for street, number, letter in rows]
    reading, found = read_back(header, written, ";", read_uncovered)
    assert (reading.rows, reading.rejected) == (len(rows), 0)
    assert found.select("street", "number", "uncovered_class").rows() == rows


bdc_rows = st.tuples(
    st.just("0001"),
    st.integers(100_000, 999_999).map(str),
    words,
    st.integers(1, 9_999_999_999).map(str),
    st.sampled_from([*map(str, fcc.TECHNOLOGIES), "99"]),
    st.integers(0, 100_000).map(str),
    st.integers(0, 100_000).map(str),
    st.sampled_from("01"),
    st.sampled_from("BRX"),
    st.just("TX"),
    st.just("480010001001001"),
    st.just("88264d8967fffff"),
)


@few
@given(st.lists(bdc_rows, min_size=1, max_size=20))
def test_the_quick_and_the_careful_path_agree(rows: list[tuple[str, ...]]) -> None:
    quick, one = read_back(fcc.HEADER, rows, ",", fcc.read_bdc)
    careful, two = read_back(
        fcc.HEADER, rows, ",", lambda file, out: fcc.read_bdc(file, out, fast=False)
    )
    assert one.equals(two)
    assert (quick.rows, quick.notes) == (careful.rows, careful.notes)
    assert one["operator"].to_list() == [row[2] for row in rows]


damage = st.sampled_from(["1.2E+09", "", "x", "-1", "1,5"])


@few
@given(st.lists(bdc_rows, min_size=2, max_size=9), st.data())
def test_every_row_is_kept_or_refused_by_its_place(
    rows: list[tuple[str, ...]], data: st.DataObject
) -> None:
    broken = data.draw(st.integers(1, len(rows) - 1))
    rows[broken] = (*rows[broken][:3], data.draw(damage), *rows[broken][4:])
    reading, found = read_back(fcc.HEADER, rows, ",", fcc.read_bdc)
    assert (reading.rows, reading.rejected) == (len(rows) - 1, 1)
    kept = [row[3] for place, row in enumerate(rows) if place != broken]
    assert found["address_id"].to_list() == kept


@few
@given(st.lists(st.tuples(ids, words, st.integers(0, 999)), min_size=1, max_size=20))
def test_coverage_keeps_ids_units_and_unknown_states(rows: list[tuple[str, str, int]]) -> None:
    header = ("ID_SCALA", "REGIONE", "COMUNE", "INDIRIZZO", "TOTALE_UI", "STATO_UI")
    clean = [(key, street.replace("|", "/"), units) for key, street, units in rows]
    written = [(key, "03", "012001", street, str(units), str(units))
               for key, street, units in clean]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.csv"
        lines = ["|".join(row) for row in [header, *written]]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        reading = openfiber.read_coverage(file, Path(folder) / "a.parquet")
        found = pl.read_parquet(reading.path)
    assert found.select("stair_id", "street", "units").rows() == clean
    unknown = sum(str(units) not in openfiber.STATES for _, _, units in rows)
    assert found["technology"].null_count() == unknown


@given(st.text(alphabet="0123", min_size=1, max_size=16))
def test_a_quadkey_lies_inside_its_parent(quadkey: str) -> None:
    lon, lat = ookla.quadkey_centre(quadkey)
    assert -180 < lon < 180
    assert -85.06 < lat < 85.06
    parent = ookla.quadkey_centre(quadkey[:-1]) if len(quadkey) > 1 else (0.0, 0.0)
    assert (lon > parent[0]) == (quadkey[-1] in "13")
    assert (lat > parent[1]) == (quadkey[-1] in "01")


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_an_interval_label_says_its_bounds(low: int, width: int) -> None:
    found = speed_class(f"{low} - {low + width} Mbit/s")
    assert found is not None
    assert (found.at_least_mbps, found.below_mbps) == (low, low + width)


@given(st.lists(st.tuples(st.floats(-10, 10), st.floats(40, 50)), min_size=2, max_size=9))
def test_a_line_is_as_long_as_its_pieces_both_ways(points: list[tuple[float, float]]) -> None:
    pieces = sum(osm.length_m(pair) for pair in pairwise(points))
    whole = osm.length_m(points)
    assert abs(whole - pieces) < 1e-6 * (1 + whole)
    assert abs(whole - osm.length_m(points[::-1])) < 1e-6 * (1 + whole)


@given(st.text(max_size=30))
def test_plain_names_are_stable(name: str) -> None:
    assert plain(plain(name)) == plain(name)
