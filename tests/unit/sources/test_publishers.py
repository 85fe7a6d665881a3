"""Open Fiber, Ookla, Italia Domani, OpenStreetMap."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from nexpo.core.ingest import Dialect
from nexpo.core.problem import Kind, Problem
from nexpo.sources import ookla, openfiber, osm, pnrr
from tests.unit.sources.helpers import notes, rejects, table, written

COVERAGE = ("ID_SCALA", "REGIONE", "PROVINCIA", "COMUNE", "FRAZIONE", "PARTICELLA_TOP",
            "INDIRIZZO", "CIVICO", "SCALA_PALAZZINA", "CODICE_VIA", "ID_BUILDING",
            "COORDINATE_BUILDING", "POP", "TOTALE_UI", "STATO_UI", "STATO_SCALA_PALAZZINA",
            "DATA_RFC_INDICATIVA", "DATA_RFC_EFFETTIVA", "DATA_RFA_INDICATIVA",
            "DATA_RFA_EFFETTIVA", "DATA_ULTIMA_MODIFICA_RECORD",
            "DATA_ULTIMA_VARIAZIONE_STATO_BUILDING",
            "DATA_ULTIMA_VARIAZIONE_STATO_SCALA_PALAZZINA", "ID_EGON_CIVICO",
            "ID_EGON_STRADA")  # fmt: skip


def coverage_row(**changes: str) -> list[str]:
    row = dict.fromkeys(COVERAGE, "") | {
        "ID_SCALA": "AGRA_1",
        "REGIONE": "03",
        "PROVINCIA": "012",
        "COMUNE": "012001",
        "PARTICELLA_TOP": "VIA",
        "INDIRIZZO": "ROMA",
        "CIVICO": "1",
        "COORDINATE_BUILDING": "N45.661442_E8.769103",
        "TOTALE_UI": "4",
        "STATO_UI": "102",
        "DATA_RFA_EFFETTIVA": "15/07/2024",
        "ID_EGON_CIVICO": "380100001234567",
    }
    assert changes.keys() <= row.keys()
    return list((row | changes).values())


def coverage_file(tmp_path: Path, *rows: list[str], header: tuple[str, ...] = COVERAGE) -> Path:
    return written(tmp_path / "dbcopertura_CD_20250715.csv", header, rows, delimiter="|")


# Open Fiber


def test_coverage_row(tmp_path: Path) -> None:
    reading = openfiber.read_coverage(coverage_file(tmp_path, coverage_row()), tmp_path / "o.pq")
    (row,) = table(reading).to_dicts()
    assert (row["istat"], row["region"], row["units"]) == ("012001", "03", 4)
    assert (row["lat"], row["lon"]) == (45.661442, 8.769103)
    assert (row["technology"], row["stage"]) == ("fibre", "sold")
    assert row["rfa_on"] == date(2024, 7, 15)
    assert row["street"] == "VIA ROMA"
    assert openfiber.vintage_of("dbcopertura_CD_20250715.csv") == date(2025, 7, 15)
    assert openfiber.vintage_of("dbcopertura_CD_20250231.csv") is None
    assert openfiber.vintage_of("coverage.csv") is None


def test_coverage_of_one_region(tmp_path: Path) -> None:
    rows = [coverage_row(), coverage_row(REGIONE="05"), coverage_row(REGIONE="3")]
    file = coverage_file(tmp_path, *rows)
    assert openfiber.read_coverage(file, tmp_path / "o.parquet", region="03").rows == 2
    with pytest.raises(Problem, match="no rows"):
        openfiber.read_coverage(file, tmp_path / "o.parquet", region="20")


def test_unknown_states_are_kept_and_counted(tmp_path: Path) -> None:
    rows = [coverage_row(), coverage_row(STATO_UI="777"), coverage_row(STATO_UI="777")]
    reading = openfiber.read_coverage(coverage_file(tmp_path, *rows), tmp_path / "o.parquet")
    assert table(reading)["status"].to_list() == ["102", "777", "777"]
    assert table(reading)["technology"].to_list() == ["fibre", None, None]
    assert notes(reading)["state '777' is not in the list: kept, without a technology"] == 2
    assert notes(reading)["rows whose id stands twice"] == 3


def test_a_quote_mark_is_a_letter(tmp_path: Path) -> None:
    rows = [coverage_row(INDIRIZZO='"PAPA GIOVANNI'), coverage_row(ID_SCALA="2")]
    reading = openfiber.read_coverage(coverage_file(tmp_path, *rows), tmp_path / "o.parquet")
    assert reading.rows == 2
    assert table(reading)["street"][0] == 'VIA "PAPA GIOVANNI'


def test_coordinates_that_are_not_understood_are_counted(tmp_path: Path) -> None:
    rows = [
        coverage_row(COORDINATE_BUILDING="somewhere"),
        coverage_row(COORDINATE_BUILDING="N45,5_E8,5"),
    ]
    reading = openfiber.read_coverage(coverage_file(tmp_path, *rows), tmp_path / "o.parquet")
    assert table(reading)["lon"].to_list() == [None, 8.5]
    assert notes(reading)["coordinates not understood"] == 1


def test_the_older_name_of_the_state_and_bad_values(tmp_path: Path) -> None:
    header = tuple(name.replace("STATO_UI", "STATO_BUILDING") for name in COVERAGE)
    rows = [coverage_row(), coverage_row(TOTALE_UI="4,5"), coverage_row(DATA_RFA_EFFETTIVA="soon")]
    file = coverage_file(tmp_path, *rows, header=header)
    reading = openfiber.read_coverage(file, tmp_path / "o.parquet")
    assert reading.rows == 1
    units, day = rejects(reading)
    assert (units["row"], units["column"], units["value"]) == ("2", "units", "4,5")
    assert (day["column"], day["value"]) == ("rfa_on", "soon")


def test_coverage_translates_old_codes(tmp_path: Path) -> None:
    rows = [coverage_row(), coverage_row(COMUNE="013199")]
    codes = {"012001": "012001", "013199": "013256"}
    file = coverage_file(tmp_path, *rows)
    reading = openfiber.read_coverage(file, tmp_path / "o.parquet", codes=codes.get)
    assert table(reading)["istat"].to_list() == ["012001", "013256"]


# Ookla

GRID = ("x", "y", "lon", "lat", "istat", "avg_d_kbps", "avg_u_kbps", "avg_lat_ms", "tests",
        "devices")  # fmt: skip


def test_grid_in_metres(tmp_path: Path) -> None:
    rows = [
        ("4205950", "2462600", "8.5", "45.2", "012001", "6000", "2000", "171", "2", "1"),
        ("4205951", "2462600", "8.5", "45.2", "", "6000", "2000", "171", "2", "1"),
        ("4205950", "2462600", "8.5", "45.2", "", "6000", "2000", "171", "0", "1"),
    ]
    file = written(tmp_path / "g.csv", GRID, rows)
    assert ookla.recognise(GRID)
    reading = ookla.read_grid(file, tmp_path / "o.parquet")
    assert reading.rows == 2
    assert rejects(reading)[0]["column"] == "tests"
    assert notes(reading) == {"cells off the 350 m grid": 1, "cells without a municipality": 1}


def test_tiles_count_cells_from_their_corner(tmp_path: Path) -> None:
    header = ("x", "y", "avg_d_kbps", "avg_u_kbps", "avg_lat_ms", "tests", "devices")
    for tile in ("93/54", "94/54"):
        (tmp_path / "grid" / tile).parent.mkdir(parents=True, exist_ok=True)
        rows = [("0", "3", "24052", "21007", "14", "4", "4"), ("?", "3", "1", "1", "1", "1", "1")]
        written(tmp_path / "grid" / f"{tile}.csv", header, rows)
    reading = ookla.read_grid(tmp_path / "grid", tmp_path / "o.parquet")
    assert table(reading).select("x", "y").rows() == [
        (93 * 128 * 350, (54 * 128 + 3) * 350),
        (94 * 128 * 350, (54 * 128 + 3) * 350),
    ]
    assert [row["value"] for row in rejects(reading)] == ["?", "?"]


def test_a_folder_without_tiles(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no tiles") as caught:
        ookla.read_grid(tmp_path, tmp_path / "o.parquet")
    assert caught.value.kind is Kind.NO_INPUT
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "a.csv").write_text("x,y\n", encoding="utf-8")
    with pytest.raises(Problem, match="two whole numbers"):
        ookla.read_grid(tmp_path, tmp_path / "o.parquet")


def test_open_files_by_quadkey(tmp_path: Path) -> None:
    header = ("quadkey", "tile", "avg_d_kbps", "avg_u_kbps", "avg_lat_ms", "tests", "devices")
    key, short = "0313131311133101", "313131311133101"
    rows = [(key, '"POLYGON((0 0,1 1))"', "1", "2", "3", "4", "5"), (short, "", *"12345")]
    reading = ookla.read_open(written(tmp_path / "t.csv", header, rows), tmp_path / "o.parquet")
    (row,) = table(reading).to_dicts()
    assert (row["lon"], row["lat"]) == pytest.approx(ookla.quadkey_centre(key), abs=1e-9)
    assert rejects(reading)[0]["value"] == short
    with pytest.raises(Problem, match="quadkey"):
        ookla.quadkey_centre("0412")


def test_measures_are_weighted_by_tests() -> None:
    cells = pl.DataFrame(
        {
            "istat": ["012001", "012001", None],
            "down_kbps": [20_000, 120_000, 1],
            "up_kbps": [10_000, 10_000, 1],
            "latency_ms": [30, 10, 1],
            "tests": [1, 3, 100],
            "devices": [1, 1, 1],
        }
    )
    (row,) = ookla.by_municipality(cells).to_dicts()
    assert row["down_mbps"] == 95
    assert row["latency_ms"] == 15
    assert row["share_tests_cells_lt30mbps"] == 0.25
    assert row["share_tests_cells_ge100mbps"] == 0.75
    assert (row["tests"], row["cells"]) == (4, 2)


# Italia Domani


def test_amounts_are_whole_cents(tmp_path: Path) -> None:
    header = ("Codice Univoco Submisura", "CUP", "Finanziamento Totale", "Pagamenti Totali")
    rows = [
        ("M1C1", "J11C22000290006", "1.234.567,89", "0,10"),
        ("M1C1", "J11C22000290007", "419124", "419124,00"),
        ("M1C1", "J11C22000290008", "1,005", "1"),
        ("M1C1", "J11C22000290009", "molto", "1"),
    ]
    file = written(tmp_path / "p.csv", header, rows, delimiter=";")
    assert pnrr.recognise(header) == "pnrr_payments"
    reading = pnrr.read_payments(file, tmp_path / "o.parquet", dialect=Dialect(decimal=","))
    assert table(reading).select("total_cents", "paid_total_cents").rows() == [
        (123_456_789, 10),
        (41_912_400, 41_912_400),
    ]
    assert [row["value"] for row in rejects(reading)] == ["1,005", "molto"]


def test_small_floats_cannot_hold_every_cent(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "cup": ["J11C22000290006", "J11C22000290007"],
            "titolo": ["a", "b"],
            "finanziamento_totale": [131_071.5, 10_000_000.13],
            "finanziamento_pnrr": [1.25, 2.5],
        },
        schema_overrides={"finanziamento_totale": pl.Float32, "finanziamento_pnrr": pl.Float32},
    )
    frame.write_parquet(tmp_path / "p.parquet")
    reading = pnrr.read_projects(tmp_path / "p.parquet", tmp_path / "o.parquet")
    assert table(reading)["total_cents"].to_list() == [13_107_150, 1_000_000_000]
    assert notes(reading)["amounts from a 32-bit float: cents are not certain"] == 1


def test_persons_are_not_kept(tmp_path: Path) -> None:
    header = ("cup", "codice_fiscalepiva", "denominazione_aggiudicatario")
    rows = [
        ("J11C22000290006", "03249821202", "ACME SRL"),
        ("J11C22000290006", "RSSMRA80A01F205X", "ROSSI MARIO"),
    ]
    reading = pnrr.read_awards(written(tmp_path / "a.csv", header, rows), tmp_path / "o.parquet")
    assert table(reading)["firm"].to_list() == ["ACME SRL"]
    (row,) = rejects(reading)
    assert row["value"] == "(a person)"
    assert "ROSSI" not in reading.rejects.read_text() if reading.rejects else True


def test_places_keep_leading_zeros(tmp_path: Path) -> None:
    header = ("CUP", "Codice ISTAT", "Comune")
    rows = [("J11C22000290006", "012001", "AGRA")] * 2
    assert pnrr.recognise(header) == "pnrr_places"
    assert pnrr.recognise(("a", "b")) is None
    reading = pnrr.read_places(written(tmp_path / "a.csv", header, rows), tmp_path / "o.parquet")
    assert table(reading)["istat"].to_list() == ["012001"] * 2
    assert notes(reading)["rows equal in every column"] == 2


# OpenStreetMap


def answer(**changes: object) -> dict[str, object]:
    nodes = [{"type": "node", "id": n, "lat": 45.8 + n / 1000, "lon": 9.4} for n in range(3)]
    tags = {"highway": "residential", "name": "Via Roma", "oneway": "yes"}
    ways = [
        {"type": "way", "id": 8, "nodes": [1, 2], "tags": tags},
        {"type": "way", "id": 7, "nodes": [0, 1], "tags": tags},
        {"type": "way", "id": 9, "nodes": [0, 1], "tags": {"building": "yes"}},
    ]
    return {"osm3s": {}, "elements": [*nodes, *ways]} | changes


def overpass_file(tmp_path: Path, content: object) -> Path:
    file = tmp_path / "a.overpass.json.gz"
    file.write_bytes(gzip.compress(json.dumps(content).encode()))
    return file


def test_streets_are_measured_on_the_ellipsoid(tmp_path: Path) -> None:
    file = overpass_file(tmp_path, answer())
    ways = osm.read_ways(file)
    assert osm.recognise(file)
    assert ways["osm_id"].to_list() == [7, 8]
    assert ways["length_m"].to_list() == pytest.approx([111.14, 111.14], abs=0.05)
    assert ways["oneway"].to_list() == [True, True]
    assert list(osm.edges(ways)) == [(0, 1, 7), (1, 2, 8)]
    assert osm.named_streets(ways).row(0)[:2] == ("Via Roma", 2)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([], "not an Overpass answer"),
        (answer(remark="runtime error: Query timed out"), "the server cut"),
        ({"elements": [{"type": "way", "id": 1, "nodes": [1, 2], "tags": {"highway": "x"}}]},
         "nodes that are not in the answer"),
        ({"elements": [{"type": "way", "id": 1, "nodes": [], "tags": {"highway": "x"}}]},
         "a way without a line"),
    ],
)  # fmt: skip
def test_answers_that_are_not_whole(tmp_path: Path, content: object, words: str) -> None:
    with pytest.raises(Problem, match=words) as caught:
        osm.read_ways(overpass_file(tmp_path, content))
    assert caught.value.remedy


# Parquet as pandas writes it


def grid_parquet(path: Path, **changes: list[object]) -> Path:
    columns: dict[str, list[object]] = {
        "x": [4_256_000, 4_256_350], "y": [2_500_050, 2_500_050],
        "avg_d_kbps": [11136, 9000], "avg_u_kbps": [1000, 1000],
        "avg_lat_ms": [20, 20], "tests": [3, 4], "devices": [1, 1],
    }  # fmt: skip
    pl.DataFrame(columns | changes, strict=False).write_parquet(path)
    return path


def test_whole_floats_are_whole_numbers_and_nan_is_missing(tmp_path: Path) -> None:
    path = grid_parquet(tmp_path / "g.parquet", avg_d_kbps=[11136.0, float("nan")])
    reading = ookla.read_grid(path, tmp_path / "g.pq")
    assert table(reading)["down_kbps"].to_list() == [11136]
    assert [(row["row"], row["reason"]) for row in rejects(reading)] == [
        ("2", "down_kbps: no value")
    ]


def test_a_float_that_is_not_whole_or_not_finite_is_refused_alone(tmp_path: Path) -> None:
    path = grid_parquet(tmp_path / "g.parquet", avg_u_kbps=[1000.0, float("inf")])
    assert [row["value"] for row in rejects(ookla.read_grid(path, tmp_path / "g.pq"))] == ["inf"]
    path = grid_parquet(tmp_path / "g.parquet", avg_u_kbps=[1000.0, 10.5])
    assert [row["value"] for row in rejects(ookla.read_grid(path, tmp_path / "g.pq"))] == ["10.5"]


def test_a_problem_names_the_users_file_and_no_copy(tmp_path: Path) -> None:
    path = grid_parquet(tmp_path / "g.parquet", tests=["a", "b"])
    with pytest.raises(Problem) as caught:
        ookla.read_grid(path, tmp_path / "g.pq")
    assert caught.value.where.file == str(path)
    folder = tmp_path / "tiles" / "95"
    folder.mkdir(parents=True)
    header = ("x", "y", "avg_d_kbps", "avg_u_kbps", "avg_lat_ms", "tests", "devices")
    written(folder / "56.csv", header, [("0", "0", "a", "1", "1", "1", "1")])
    with pytest.raises(Problem) as caught:
        ookla.read_grid(folder.parent, tmp_path / "g.pq")
    assert caught.value.where.file == str(folder.parent)


def test_an_amount_that_is_no_number_refuses_its_row_only(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    pl.DataFrame(
        {
            "cup": ["A00000000000001", "B00000000000001", "C00000000000001"],
            "finanziamento_totale": [10.25, 20.5, 30.0],
            "pagamenti_totali": [1.5, float("nan"), float("inf")],
        }
    ).write_parquet(path)
    reading = pnrr.read_payments(path, tmp_path / "p.pq")
    assert table(reading)["paid_total_cents"].to_list() == [150]
    assert [row["row"] for row in rejects(reading)] == ["2", "3"]


def test_notes_on_codes_come_in_one_order(tmp_path: Path) -> None:
    old = [f"{n:06}" for n in range(13000, 13400)]
    rows = [coverage_row(ID_SCALA=f"S{n}", COMUNE=code) for n, code in enumerate(old)]
    reading = openfiber.read_coverage(
        coverage_file(tmp_path, *rows), tmp_path / "o.pq", codes=lambda code: "012001"
    )
    changed = [note for note, _ in reading.notes if note.startswith("istat")]
    assert changed == sorted(changed)
    assert len(changed) == len(old)
