"""Forms: templates, rows, cells, and what is refused of them."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from nexpo.core.problem import Problem
from nexpo.core.tables import Column
from nexpo.datacentres.adapters.cells import Wrong, pairs_of, parse, parse_number
from nexpo.datacentres.adapters.facility_files import (
    facility_table,
    read_facilities,
    read_requests,
    write_facility_template,
    write_request_template,
)
from nexpo.datacentres.adapters.report_files import (
    dictionary,
    read_reports,
    report_table,
    write_report_template,
)
from nexpo.datacentres.adapters.rows import read_form, write_rejects
from nexpo.datacentres.model import Basis, Stage


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("400-500", "a range"),
        ("400 \u2013 500 kW", "a range"),
        ("from 4 to 5", "text"),
        ("400 to 500", "a range"),
        ("400..500", "a range"),
        ("<500", "a bound"),
        ("circa 500", "a bound"),
        ("~500", "a bound"),
        ("500 kW", "a unit in the cell"),
        ("1,5", "decimal mark"),
        ("1.500.000", "decimal mark"),
        ("n/a", "text"),
        ("NaN", "text"),
        ("inf", "text"),
        ("1e999", "number"),
    ],
)
def test_a_number_is_never_guessed(text: str, reason: str) -> None:
    with pytest.raises(Wrong, match=reason):
        parse_number(text, unit="kW")


def test_a_unit_in_the_cell_is_reckoned_in_the_remedy_only() -> None:
    with pytest.raises(Wrong) as caught:
        parse_number("1.2 MW", unit="kW")
    assert caught.value.remedy == "write digits only, in kW: 1200 if 1.2 MW is meant"


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("1500", ".", 1500.0),
        ("1.5e3", ".", 1500.0),
        ("-3.25", ".", -3.25),
        ("1.500,25", ",", 1500.25),
        ("1500,25", ",", 1500.25),
    ],
)
def test_numbers_as_they_are_written(text: str, decimal: str, value: float) -> None:
    assert parse_number(text, decimal=decimal) == value


def test_a_point_is_not_a_decimal_mark_where_it_groups() -> None:
    with pytest.raises(Wrong):
        parse_number("1500.25", decimal=",")


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("year", "2025.5", "whole"),
        ("pue_category", "4", "allowed"),
        ("has_ups", "maybe", "yes or no"),
        ("operation_start", "2020-13", "form"),
        ("basis", "guess", "allowed"),
        ("name", "a\0b", "zero byte"),
    ],
)
def test_cells_of_a_report(column: str, text: str, reason: str) -> None:
    with pytest.raises(Wrong, match=reason):
        parse(report_table()[column], text)


def test_a_date_and_a_yes_are_read() -> None:
    day = Column("d", "date", "", required=False, default=None, allowed=(), pattern="", meaning="")
    assert parse(day, "2024-02-29") == date(2024, 2, 29)
    with pytest.raises(Wrong, match="not a date"):
        parse(day, "29/02/2024")
    assert parse(report_table()["has_ups"], "Sì") is True


def test_pairs_in_a_cell() -> None:
    assert list(pairs_of("a = b; c=d ;")) == [("a", "b"), ("c", "d")]
    with pytest.raises(Wrong):
        list(pairs_of("a b"))


def test_the_dictionary_holds_each_field_of_the_regulation() -> None:
    symbols = {field.symbol for field in dictionary() if field.symbol}
    wanted = "PDIT SDC SCR EDC EDC-BG EIT CBtG WIN WIN-POT WIN-FRE EREUSE TWH TIN CDD ERES-TOT"
    wanted += " ERES-GOO ERES-PPA ERES-OS CSERV CSTOR BIN BOUT TOUT LAU NUTS3"
    assert set(wanted.split()) <= symbols
    letters = {f.annex[3] for f in dictionary() if f.annex.startswith("II(")}
    assert letters == set("abcdefghijklmnopqr")
    assert not any(field.checked for field in dictionary())  # no primary text was read
    assert {f.certainty for f in dictionary()} == {"quoted", "secondary", "unverified", "own"}


def _write(path: Path, rows: list[dict[str, object]]) -> Path:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names)
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_a_filled_form_of_facilities(tmp_path: Path) -> None:
    path = write_facility_template(tmp_path / "f.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        assert tuple(next(csv.reader(stream))) == facility_table().names
    _write(
        path,
        [
            {
                "id": "milan-1",
                "source": "operator",
                "certainty": "declared",
                "source_as_of": "2025-03-01",
                "municipality": "015146",
                "lon": "9.12",
                "lat": "45.45",
                "requested": "2019-01-01",
                "operating": "2021-06-01",
                "installed_it_kw": "4200",
                "generators_mwt": "",
                "cloud_regions": "europe-west8; eu-south-1",
                "sources": "contracted_kw = grid operator",
            },
            {"id": "milan-2", "source": "operator", "installed_it_kw": "400-500"},
            {"id": "milan-3", "source": "operator", "municipality": "15146"},
            {"id": "milan-4", "source": "x", "requested": "2022-01-01", "operating": "2021-01-01"},
            {"id": "milan-1", "source": "operator"},
            {"id": "milan-5", "source": "", "stage": "flying"},
            {"id": "milan-6", "source": "page", "source_as_of": "2024-05-01", "stage": "building"},
        ],
    )
    read = read_facilities(path)
    first, last = read.values
    assert first.power.installed_it_kw == 4200
    assert first.power.generators_mwt is None
    assert [step.stage for step in first.milestones] == [Stage.REQUESTED, Stage.OPERATING]
    assert first.cloud_regions == ("europe-west8", "eu-south-1")
    assert first.source_of("contracted_kw").name == "grid operator"
    assert last.stage_on(date(2025, 1, 1)) is Stage.BUILDING
    told = {(each.row, each.column) for each in read.rejects}
    assert told == {
        (2, "installed_it_kw"),
        (3, ""),
        (4, "operating"),
        (5, "id"),
        (6, "source"),
        (6, "stage"),
    }


def test_rejects_go_to_a_file_of_the_usual_columns(tmp_path: Path) -> None:
    path = _write(tmp_path / "f.csv", [{"id": "a", "source": "s", "lon": "east", "lat": "1"}])
    kept = write_rejects(tmp_path / "r.csv", read_facilities(path).rejects)
    with kept.open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["column"] == "lon"
    assert (row["row"], row["line"], row["value"]) == ("1", "2", "east")


def test_a_workbook_is_read_like_a_csv(tmp_path: Path) -> None:
    path = write_facility_template(tmp_path / "f.xlsx")
    book = load_workbook(path)
    assert book.sheetnames == ["facilities", "dictionary"]
    sheet = book["facilities"]
    names = [cell.value for cell in sheet[1]]
    row = {"id": "a", "source": "s", "operating": datetime(2020, 1, 1), "installed_it_kw": 500}  # noqa: DTZ001 - a workbook knows no zone
    row |= {"confidential": True, "municipality": "015146", "country": "IT"}
    sheet.append([row.get(str(name)) for name in names])
    book.save(path)
    (centre,) = read_facilities(path).values
    assert centre.power.installed_it_kw == 500
    assert centre.started == date(2020, 1, 1)
    assert centre.confidential
    assert centre.place.municipality == "015146"


def test_a_code_that_a_spreadsheet_spoilt_is_refused(tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0].append(["id", "source", "municipality"])
    book.worksheets[0].append(["a", "s", 15146])
    book.save(tmp_path / "f.xlsx")
    read = read_facilities(tmp_path / "f.xlsx")
    assert "six digits" in read.rejects[0].reason


def test_requests(tmp_path: Path) -> None:
    write_request_template(tmp_path / "template.xlsx")
    path = _write(
        tmp_path / "r.csv",
        [
            {"id": "r1", "source": "Terna", "requested_kw": "500000", "day": "2025-01-01"},
            {"id": "r2", "source": "Terna", "requested_kw": "500 MW", "supersedes": "r1"},
            {"id": "r3", "source": "Terna", "supersedes": "r3"},
        ],
    )
    read = read_requests(path)
    assert [request.requested_kw for request in read.values] == [500_000.0]
    assert [each.row for each in read.rejects] == [2, 3]
    assert "500000 if 500 MW is meant" in read.rejects[0].remedy


REPORT = {"facility_id": "a", "year": 2025, "PDIT": 1500, "EDC": 1e7, "EIT": 8e6, "WIN": 12000}


def test_a_report_as_json_by_symbols(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text(json.dumps([{**REPORT, "omitted_because": {"EREUSE": "no meter"}}]))
    (made,) = read_reports(path).values
    assert made.number("total_energy_kwh") == 1e7
    assert made.omitted == {"heat_reused_kwh": "no meter"}
    assert made.basis is Basis.ACTUAL


def test_the_symbol_of_two_fields_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text(json.dumps({**REPORT, "TIN": 24}))
    with pytest.raises(Problem, match="two fields") as caught:
        read_reports(path)
    assert caught.value.remedy == "name the column intake_air_degc or data_in_eb"


def test_two_names_of_one_field_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text(json.dumps({**REPORT, "total_energy_kwh": 1}))
    with pytest.raises(Problem, match="the same field"):
        read_reports(path)


def test_one_row_a_field(tmp_path: Path) -> None:
    rows = [("field", "value"), *((name, value) for name, value in REPORT.items())]
    path = tmp_path / "r.csv"
    path.write_text("\n".join(f"{name},{value}" for name, value in rows))
    (made,) = read_reports(path).values
    assert made.number("installed_it_kw") == 1500
    path.write_text("field,value\nfacility_id,a\nyear,2025\nPDIT,lots\n")
    (bad,) = read_reports(path).rejects
    assert (bad.row, bad.column, bad.value) == (3, "installed_it_kw", "lots")
    path.write_text("field,value\nPDIT,1\nPDIT,2\n")
    with pytest.raises(Problem, match="twice"):
        read_reports(path)


def test_what_a_row_does_not_say_can_be_given(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("PDIT,EDC\n1500,1e7\n")
    with pytest.raises(Problem, match="missing column"):
        read_reports(path)
    (made,) = read_reports(path, facility_id="report", year=2024).values
    assert (made.facility_id, made.year) == ("report", 2024)


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"year": 25}, "year"),
        ({"omitted_because": "because"}, "omitted_because"),
        ({"omitted_because": "heat = no"}, "omitted_because"),
        ({"estimated": "guess"}, "estimated"),
    ],
)
def test_rows_that_make_no_report(tmp_path: Path, cells: dict[str, object], column: str) -> None:
    path = tmp_path / "r.json"
    path.write_text(json.dumps({**REPORT, **cells}))
    (bad,) = read_reports(path).rejects
    assert bad.column == column


def test_broken_rows_and_unknown_columns_are_told(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("facility_id,year,instaled_it_kw\na,2025,1\nb,2025,1,1\n")
    read = read_reports(path)
    assert len(read.values) == 1
    assert read.rejects[0].reason == "the row has more cells than the header"
    assert read.notes == (
        "the column 'instaled_it_kw' is not read; did you mean 'installed_it_kw'?",
    )


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("r.pdf", b"%PDF", "not read"),
        ("r.json", b"{", "not JSON"),
        ("r.xlsx", b"no zip", "cannot be read"),
        ("r.csv", b"facility_id,year\n", "no filled row"),
        ("r.csv", b"facility_id,year\n\xff,1\n", "cannot be read"),
        ("r.json", b'{"reports": []}', "no filled row"),
    ],
)
def test_files_that_are_no_form(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Problem, match=told):
        read_form(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for name in ("r.csv", "r.xlsx"):
        with pytest.raises(Problem, match="no such file"):
            read_form(tmp_path / name)


def test_a_template_has_one_of_two_endings(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="CSV or a workbook"):
        write_report_template(tmp_path / "t.pdf")
    book = load_workbook(write_report_template(tmp_path / "t.xlsx"))
    assert len(list(book["dictionary"].iter_rows())) == len(report_table().columns) + 1
