"""Declarations in any layout become the canonical table; every trap of the sheet has a test."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from nexpo.core.ingest import Dialect
from nexpo.core.problem import Kind, Problem
from nexpo.sources import declarations, fcc
from nexpo.sources.infratel import edition_of, read_declarations, speed_class
from nexpo.sources.places import codes_on, names_on
from tests.unit.sources.helpers import notes, rejects, table, written

INFRATEL = ("EGON", "Istat", "Regione", "Provincia", "Comune", "Particella top", "Strada",
            "Civico", "Esponente", "Cella 50x50", "NGA", "Tecnologia", "Velocità max download",
            "Velocità max upload", "Velocità picco download", "Velocità picco upload",
            "Classe VHCN", "Anno", "Intervento pubblico")  # fmt: skip
CANONICAL = ("address_id", "operator", "technology")
BDC_ROW = ("0012345678", "130001", "Acme", "1234567890", "50", "1000", "500", "1", "X", "TX",
           "480010001001001", "88264d8967fffff")  # fmt: skip


def infratel_row(**changes: str) -> list[str]:
    row = dict.fromkeys(INFRATEL, "") | {
        "EGON": "380100001234567",
        "Istat": "012001",
        "Regione": "LOMBARDIA",
        "Provincia": "VARESE",
        "Comune": "AGRA",
        "Particella top": "VIA",
        "Strada": "ROMA",
        "Civico": "12",
        "NGA": "SI",
        "Tecnologia": "FTTH",
        "Velocità max download": "1000",
        "Velocità max upload": "300",
        "Velocità picco download": "300",
        "Velocità picco upload": "100",
        "Classe VHCN": "1",
        "Anno": "2025",
        "Intervento pubblico": "NO",
    }
    assert changes.keys() <= row.keys()
    return list((row | changes).values())


def infratel_file(path: Path, *rows: list[str], encoding: str = "utf-8") -> Path:
    return written(path, INFRATEL, rows or [infratel_row()], delimiter=";", encoding=encoding)


def bdc_row(**changes: str) -> list[str]:
    row = dict(zip(fcc.HEADER, BDC_ROW, strict=True))
    assert changes.keys() <= row.keys()
    return list((row | changes).values())


def bdc_file(path: Path, *rows: list[str]) -> Path:
    return written(path, fcc.HEADER, rows or [bdc_row()])


# Which layout it is


def test_the_header_tells_the_layout(tmp_path: Path) -> None:
    canonical = written(tmp_path / "a.csv", CANONICAL, [("1", "x", "fibre")])
    assert declarations.recognise(canonical) == "canonical"
    assert declarations.recognise(bdc_file(tmp_path / "b.csv")) == "fcc-bdc"
    for year in (2021, 2025):
        file = infratel_file(tmp_path / f"mappatura_{year}.csv")
        assert declarations.recognise(file) == f"infratel-{year}"
    assert declarations.recognise(infratel_file(tmp_path / "lombardia.csv")) == "infratel"


def test_an_unknown_layout_says_what_is_missing(tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", ("address_id", "operator", "speed"), [("1", "x", "30")])
    with pytest.raises(Problem) as caught:
        declarations.to_canonical(file, tmp_path / "out.parquet")
    assert caught.value.kind is Kind.BAD_INPUT
    assert caught.value.where.column == "technology"
    assert "egon" in str(caught.value)
    assert not (tmp_path / "out.parquet").exists()


def test_edition_is_told_by_the_name_only_when_it_is_clear() -> None:
    assert edition_of("mappatura_2025.csv") == 2025
    assert edition_of("lombardia.csv") is None
    assert edition_of("from_2021_to_2025.csv") is None


# Infratel


def test_an_infratel_row_becomes_canonical(tmp_path: Path) -> None:
    file = infratel_file(tmp_path / "mappatura_2025_Acme_Fibra.csv")
    reading = declarations.to_canonical(file, tmp_path / "out.parquet")
    (row,) = table(reading).to_dicts()
    assert row["address_id"] == "380100001234567"
    assert row["istat"] == "012001"
    assert row["operator"] == "Acme Fibra"
    assert (row["technology"], row["year"]) == ("fibre", 2025)
    assert (row["street"], row["number"]) == ("VIA ROMA", "12")
    assert (row["max_down_mbps"], row["peak_up_mbps"]) == (1000.0, 100.0)
    assert row["public_intervention"] is False
    assert row["service"] is None  # the layout does not say it
    assert row["units"] == 1


def test_operator_and_edition_may_be_given(tmp_path: Path) -> None:
    file = infratel_file(tmp_path / "a.csv", infratel_row(), infratel_row(Anno="2021"))
    reading = read_declarations(file, tmp_path / "o.parquet", operator="Zeta", edition=2025)
    assert table(reading)["operator"].to_list() == ["Zeta"]
    assert rejects(reading)[0]["reason"] == "year: outside the years of this mapping, 2024 to 2028"
    with pytest.raises(Problem, match="no such edition"):
        read_declarations(file, tmp_path / "o.parquet", edition=2017)


def test_ids_in_exponent_notation_are_refused_by_row(tmp_path: Path) -> None:
    file = infratel_file(
        tmp_path / "rimini_2021.csv",
        infratel_row(),
        infratel_row(EGON="3,80E+14"),
        infratel_row(EGON="3.8010000E14"),
    )
    reading = declarations.to_canonical(file, tmp_path / "out.parquet")
    assert (reading.rows, reading.rejected) == (1, 2)
    first, second = rejects(reading)
    assert (first["row"], first["column"], first["value"]) == ("2", "address_id", "3,80E+14")
    assert "exponent" in first["reason"]
    assert "text" in first["remedy"]
    assert second["value"] == "3.8010000E14"


def test_one_address_under_two_ids_is_kept_and_counted(tmp_path: Path) -> None:
    file = infratel_file(
        tmp_path / "mappatura_2025.csv",
        infratel_row(),
        infratel_row(EGON="380100009999999"),
        infratel_row(EGON="380100001111111", Civico="14"),
    )
    reading = declarations.to_canonical(file, tmp_path / "out.parquet")
    assert reading.rows == 3
    assert notes(reading)["rows of one address under two ids: both kept"] == 2


def test_speed_classes_become_their_lower_bound_and_are_counted(tmp_path: Path) -> None:
    file = infratel_file(
        tmp_path / "mappatura_2025.csv",
        infratel_row(**{"Velocità picco download": "100-300"}),
        infratel_row(EGON="2", **{"Velocità picco download": "> 300"}),
        infratel_row(EGON="3", **{"Velocità picco download": "< 30 Mbit/s"}),
        infratel_row(EGON="4", **{"Velocità picco download": "da 30 a 100"}),
    )
    reading = declarations.to_canonical(file, tmp_path / "out.parquet")
    assert table(reading)["peak_down_mbps"].to_list() == [100.0, 300.0, 0.0, 30.0]
    assert notes(reading)["rows with a speed given as a class: its lower bound is taken"] == 4


@pytest.mark.parametrize(
    ("label", "lower", "upper", "ambiguous"),
    [
        ("0", 0, 30, False),
        ("100", 100, 300, True),
        ("200", 200, 300, False),
        ("1000", 1000, None, False),
        ("30-100", 30, 100, False),
        ("100\u2013300", 100, 300, False),
        ("1.000+", 1000, None, False),
    ],
)
def test_class_labels_stand_for_intervals(
    label: str, lower: int, upper: int | None, *, ambiguous: bool
) -> None:
    found = speed_class(label)
    assert found is not None
    assert (found.at_least_mbps, found.below_mbps, found.ambiguous) == (lower, upper, ambiguous)


def test_italian_exports_in_cp1252_with_decimal_comma(tmp_path: Path) -> None:
    file = infratel_file(
        tmp_path / "mappatura_2025.csv",
        infratel_row(Comune="CANTÙ", Strada="LIBERTÀ", **{"Velocità max upload": "0,512"}),
        encoding="cp1252",
    )
    with pytest.raises(Problem) as caught:
        declarations.to_canonical(file, tmp_path / "out.parquet")
    assert "cp1252" in str(caught.value.remedy)
    wrong = Dialect(encoding="cp1252")
    with pytest.raises(Problem, match="decimal mark"):
        declarations.to_canonical(file, tmp_path / "out.parquet", wrong)
    right = Dialect(encoding="cp1252", decimal=",")
    reading = declarations.to_canonical(file, tmp_path / "out.parquet", right)
    assert table(reading).select("street", "max_up_mbps").row(0) == ("VIA LIBERTÀ", 0.512)


def test_bom_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    file = infratel_file(tmp_path / "mappatura_2025.csv", encoding="utf-8-sig")
    assert declarations.to_canonical(file, tmp_path / "out.parquet").rows == 1


def test_unknown_technology_is_refused_with_the_list(tmp_path: Path) -> None:
    file = infratel_file(
        tmp_path / "mappatura_2025.csv", infratel_row(), infratel_row(Tecnologia="piccione")
    )
    reading = declarations.to_canonical(file, tmp_path / "out.parquet")
    (row,) = rejects(reading)
    assert (row["row"], row["value"]) == ("2", "piccione")
    assert "fibre" in row["remedy"]


def test_fwa_without_spectrum_is_noted(tmp_path: Path) -> None:
    file = infratel_file(tmp_path / "mappatura_2025.csv", infratel_row(Tecnologia="FWA"))
    reading = declarations.to_canonical(file, tmp_path / "out.parquet")
    assert notes(reading)["FWA without a word on its spectrum"] == 1


def test_a_municipality_that_no_longer_exists(tmp_path: Path) -> None:
    file = infratel_file(
        tmp_path / "mappatura_2025.csv",
        infratel_row(),
        infratel_row(EGON="2", Istat="013199"),
        infratel_row(EGON="3", Istat="999999"),
    )
    reading = declarations.to_canonical(
        file, tmp_path / "out.parquet", codes=codes_on(date(2025, 1, 1))
    )
    assert table(reading)["istat"].to_list() == ["012001", "013256"]
    assert notes(reading)["istat 013199 is now 013256"] == 1
    (row,) = rejects(reading)
    assert (row["row"], row["column"], row["value"]) == ("3", "istat", "999999")
    assert "no one municipality" in row["reason"]


def test_leading_zeros_lost_are_refused(tmp_path: Path) -> None:
    file = infratel_file(
        tmp_path / "mappatura_2025.csv", infratel_row(), infratel_row(Istat="12001")
    )
    assert rejects(declarations.to_canonical(file, tmp_path / "o.parquet"))[0]["value"] == "12001"


def test_codes_are_found_by_name_where_the_file_has_none(tmp_path: Path) -> None:
    file = infratel_file(
        tmp_path / "mappatura_2025.csv",
        infratel_row(Istat=""),
        infratel_row(EGON="2", Istat="", Comune="NESSUNO"),
    )
    reading = declarations.to_canonical(
        file, tmp_path / "out.parquet", locate=names_on(date(2025, 1, 1))
    )
    found = table(reading).sort("address_id", descending=True)
    assert found["istat"].to_list() == ["012001", None]
    assert "municipality" not in found.columns
    assert notes(reading)["rows whose municipality was not found by its name"] == 1


# Files that are no tables, or not whole


def test_a_cut_file_keeps_its_good_rows(tmp_path: Path) -> None:
    file = infratel_file(tmp_path / "mappatura_2025.csv", infratel_row(), infratel_row(EGON="2"))
    file.write_bytes(file.read_bytes()[:-30])
    reading = declarations.to_canonical(file, tmp_path / "out.parquet")
    assert (reading.rows, reading.rejected) == (1, 1)
    assert "cut" in rejects(reading)[0]["remedy"]
    assert any("line end" in note for note in notes(reading))


def test_a_cut_gzip_is_noted(tmp_path: Path) -> None:
    rows = [infratel_row(EGON=str(i * 7919 % 100_003)) for i in range(20_000)]
    plain = infratel_file(tmp_path / "mappatura_2025.csv", *rows)
    packed = gzip.compress(plain.read_bytes())
    file = tmp_path / "mappatura_2025.csv.gz"
    file.write_bytes(packed[: len(packed) // 2])
    reading = declarations.to_canonical(file, tmp_path / "out.parquet")
    assert 0 < reading.rows < len(rows)
    assert any("gzip stream" in note for note in notes(reading))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04....", "zip"),
        (b"%PDF-1.4", "PDF"),
        ("a;b".encode("utf-16"), "UTF-16"),
    ],
)
def test_what_is_no_table_stops_with_a_remedy(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "mappatura_2025.csv"
    file.write_bytes(content)
    with pytest.raises(Problem, match=words) as caught:
        declarations.to_canonical(file, tmp_path / "out.parquet")
    assert caught.value.remedy
    assert list(tmp_path.iterdir()) == [file]


def test_a_renamed_column_gets_a_hint(tmp_path: Path) -> None:
    header = [name.replace("Tecnologia", "Tecnologie") for name in INFRATEL]
    file = written(tmp_path / "a.csv", header, [infratel_row()], delimiter=";")
    with pytest.raises(Problem, match="missing column: tecnologia") as caught:
        read_declarations(file, tmp_path / "out.parquet")
    assert "tecnologie" in str(caught.value.remedy)


def test_only_a_header_is_no_data(tmp_path: Path) -> None:
    file = written(tmp_path / "mappatura_2025.csv", INFRATEL, [], delimiter=";")
    with pytest.raises(Problem, match="no rows"):
        declarations.to_canonical(file, tmp_path / "out.parquet")


# Canonical


def test_canonical_parquet_that_conforms_is_used_as_it_lies(tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", CANONICAL, [("1", "x", "fibre"), ("2", "y", "FWA")])
    first = declarations.to_canonical(file, tmp_path / "first.parquet")
    again = declarations.to_canonical(first.path, tmp_path / "again.parquet")
    assert (again.path, again.rows) == (first.path, 2)
    assert table(again)["technology"].to_list() == ["fibre", "fwa"]


def test_canonical_parquet_with_bad_rows_is_read_carefully(tmp_path: Path) -> None:
    file = tmp_path / "in.parquet"
    pl.DataFrame(
        {"address_id": ["1", "4.03E+14"], "operator": ["x", "y"], "technology": ["fibre", "fwa"]}
    ).write_parquet(file)
    reading = declarations.to_canonical(file, tmp_path / "out.parquet")
    assert (reading.path, reading.rows) == (tmp_path / "out.parquet", 1)
    assert rejects(reading)[0]["row"] == "2"


def test_a_cut_parquet_is_a_problem(tmp_path: Path) -> None:
    file = tmp_path / "in.parquet"
    pl.DataFrame({"address_id": ["1"]}).write_parquet(file)
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(Problem, match="Parquet"):
        declarations.to_canonical(file, tmp_path / "out.parquet")


# FCC


def test_bdc_rows_become_canonical_on_both_paths(tmp_path: Path) -> None:
    rows = [
        bdc_row(technology=code, location_id=str(1000 + int(code)), low_latency=low,
                business_residential_code=customer)
        for code, low, customer in zip(
            ("0", "10", "40", "50", "60", "61", "70", "71", "72"), "110100111", "XBRXBRXBR",
            strict=True)
    ]  # fmt: skip
    file = bdc_file(tmp_path / "bdc.csv", *rows)
    quick = declarations.to_canonical(file, tmp_path / "quick.parquet")
    careful = fcc.read_bdc(file, tmp_path / "careful.parquet", fast=False)
    assert table(quick).equals(table(careful))
    found = dict(table(quick).select("address_id", pl.struct("technology", "spectrum")).rows())
    assert found["1070"] == {"technology": "fwa", "spectrum": "unlicensed"}
    assert found["1072"] == {"technology": "fwa", "spectrum": "licensed_by_rule"}
    assert found["1061"]["technology"] == "satellite"
    assert table(quick)["latency_ms"].to_list()[:3] == [100.0, 100.0, 101.0]
    assert table(quick)["customer"].to_list()[:3] == ["all", "business", "residential"]
    assert quick.ignored_columns == careful.ignored_columns


def test_quoted_commas_stay_one_value(tmp_path: Path) -> None:
    file = bdc_file(tmp_path / "bdc.csv", bdc_row(brand_name='"Kinetic by Windstream, ""LLC"""'))
    for fast in (True, False):
        reading = fcc.read_bdc(file, tmp_path / "out.parquet", fast=fast)
        assert table(reading)["operator"].item() == 'Kinetic by Windstream, "LLC"'


def test_bdc_two_brands_of_one_provider_are_one_infrastructure(tmp_path: Path) -> None:
    file = bdc_file(tmp_path / "bdc.csv", bdc_row(), bdc_row(brand_name="Other"))
    found = table(declarations.to_canonical(file, tmp_path / "out.parquet"))
    assert found["operator"].n_unique() == 2
    assert found["infrastructure"].to_list() == ["130001", "130001"]


@pytest.mark.parametrize(
    ("column", "value", "declared"),
    [
        ("location_id", "1.23457E+09", "address_id"),
        ("location_id", "", "address_id"),
        ("location_id", "-5", "address_id"),
        ("max_advertised_download_speed", "fast", "max_down_mbps"),
        ("max_advertised_upload_speed", "-1", "max_up_mbps"),
        ("low_latency", "2", "latency_ms"),
        ("technology", "fibre", "technology"),
        ("business_residential_code", "Q", "customer"),
        ("provider_id", "", "infrastructure"),
        ("brand_name", "", "operator"),
    ],
)
def test_a_bad_bdc_value_falls_back_and_is_named(
    tmp_path: Path, column: str, value: str, declared: str
) -> None:
    file = bdc_file(tmp_path / "bdc.csv", bdc_row(), bdc_row(**{column: value}), bdc_row())
    reading = fcc.read_bdc(file, tmp_path / "out.parquet")
    assert (reading.rows, reading.rejected) == (2, 1)
    (row,) = rejects(reading)
    assert (row["row"], row["column"], row["value"]) == ("2", declared, row["value"])
    assert value in row["value"]
    assert row["remedy"]


def test_unknown_bdc_technology_is_kept_as_other(tmp_path: Path) -> None:
    file = bdc_file(tmp_path / "bdc.csv", bdc_row(), bdc_row(technology="99"))
    for fast in (True, False):
        reading = fcc.read_bdc(file, tmp_path / "out.parquet", fast=fast)
        assert table(reading)["technology"].to_list() == ["fibre", "other"]
        assert notes(reading)["technology code 99 is not in the list: kept as other"] == 1


def test_scan_reads_only_what_is_asked(tmp_path: Path) -> None:
    file = bdc_file(tmp_path / "bdc.csv", bdc_row(frn="not a number"))
    frame = fcc.scan_bdc(file, ("location_id", "technology"))
    assert frame.collect_schema() == {"location_id": pl.Int64, "technology": pl.Int16}
    assert frame.collect().rows() == [(1234567890, 50)]
    with pytest.raises(Problem, match="missing column"):
        fcc.scan_bdc(file, ("location",))


def test_a_cut_bdc_file_is_read_carefully(tmp_path: Path) -> None:
    file = bdc_file(tmp_path / "bdc.csv", bdc_row(), bdc_row())
    file.write_bytes(file.read_bytes()[:-40])
    reading = fcc.read_bdc(file, tmp_path / "out.parquet")
    assert (reading.rows, reading.rejected) == (1, 1)


def test_a_careful_reading_after_a_quick_one_leaves_no_old_rejects(tmp_path: Path) -> None:
    target = tmp_path / "out.parquet"
    bad = bdc_file(tmp_path / "bad.csv", bdc_row(), bdc_row(location_id="x"))
    first = fcc.read_bdc(bad, target)
    assert first.rejects is not None
    fcc.read_bdc(bdc_file(tmp_path / "good.csv"), target)
    assert not first.rejects.exists()


def test_the_canonical_types_are_the_declared_ones(tmp_path: Path) -> None:
    reading = declarations.to_canonical(bdc_file(tmp_path / "b.csv"), tmp_path / "out.parquet")
    described = duckdb.sql(f"DESCRIBE FROM read_parquet('{reading.path}')").fetchall()
    types = {row[0]: row[1] for row in described}
    assert types["address_id"] == "VARCHAR"
    assert types["units"] == "BIGINT"
    assert types["progress_report_on"] == "DATE"
    assert types["public_intervention"] == "BOOLEAN"


def test_utf_16_that_ends_with_its_line_is_not_cut(tmp_path: Path) -> None:
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        path = written(tmp_path / "d.csv", CANONICAL, [("1", "A", "fibre")], encoding=encoding)
        dialect = Dialect(encoding=encoding)
        reading = declarations.to_canonical(path, tmp_path / "d.pq", dialect)
        assert not any("cut" in note for note in notes(reading))
    path = tmp_path / "one.csv"
    path.write_bytes(path.with_name("d.csv").read_bytes()[:-2])
    reading = declarations.to_canonical(path, tmp_path / "o.pq", Dialect(encoding="utf-16-be"))
    assert any("cut" in note for note in notes(reading))
