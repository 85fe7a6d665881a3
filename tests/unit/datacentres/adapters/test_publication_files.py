"""Centres from tables, aggregates to files, and the two commands."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from nexpo.cli import datacentres_check, datacentres_publish
from nexpo.cli.failure import exit_code_of
from nexpo.core.problem import Problem
from nexpo.datacentres.adapters import publication_files as files
from nexpo.datacentres.publication import publish

HEADER = "facility_id,type,installed_it_kw,nuts3,total_energy_kwh,it_energy_kwh,water_input_m3"
Capture = pytest.CaptureFixture[str]


def centres(folder: Path, *extra: str) -> Path:
    kinds = [("colocation", 700, 6), ("enterprise", 3000, 4), ("co-hosting", 700, 2)]
    rows = [
        f"{kind[:3]}{i},{kind},{kw},ITC4{'C' if i % 2 else '6'},{120 + i},{100 + i},{i}"
        for kind, kw, count in kinds
        for i in range(count)
    ]
    path = folder / "centres.csv"
    path.write_text("\n".join([HEADER, *rows, *extra]) + "\n", encoding="utf-8")
    return path


def test_reading_completes_size_and_place(tmp_path: Path) -> None:
    read = files.read_centres(centres(tmp_path), date(2025, 12, 31))
    assert set(read.columns) == {"type", "size_class", "nuts3", "nuts2", "country"}
    assert read.columns["nuts2"][0] == "ITC4"
    assert sorted(set(read.columns["size_class"])) == sorted({"small", "large"})
    assert read.sums["water_input_m3"][0] == "m3"
    assert "heat_reused_kwh" not in read.sums


def test_a_bad_row_is_refused_and_the_others_go_on(tmp_path: Path) -> None:
    path = centres(tmp_path, "x1,colocation,700,ITC4C,1-2,1,1", "col0,colocation,700,ITC4C,1,1,1")
    read = files.read_centres(path, date(2025, 12, 31))
    assert [(each.row, each.column) for each in read.rejects] == [
        (13, "total_energy_kwh"),
        (14, "facility_id"),
    ] or len(read.rejects) == 2
    assert len(read.columns["type"]) == 12


def test_terms_come_from_dated_law(tmp_path: Path) -> None:
    terms, use = files.load_terms(date(2026, 1, 1), min_centres=5, marks=None)
    assert (terms.min_centres, terms.marks, use.verified) == (5, "plain", False)
    with pytest.raises(Problem, match="has no value on"):
        files.load_terms(date(2020, 1, 1))


@pytest.mark.parametrize("text", ["", "foo", "type,type", "nuts2>foo"])
def test_wrong_dimensions_are_refused(text: str) -> None:
    with pytest.raises(Problem):
        files.dimensions_of(text)


def test_files_hold_no_hidden_value(tmp_path: Path) -> None:
    read = files.read_centres(centres(tmp_path), date(2025, 12, 31))
    terms, use = files.load_terms(date(2025, 12, 31))
    found = publish(
        read.columns,
        read.sums,
        [files.dimensions_of("type")],
        averages=files.averages_of(read.sums),
        terms=terms,
    )
    table, notes = files.write_publication(tmp_path / "out.csv", found, use)
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    few = [row for row in rows if row["type"] == "co-hosting"]
    assert {row["status"] for row in few} == {"hidden"}
    assert {row["value"] for row in few} == {""}
    total = {row["figure"]: row["value"] for row in rows if row["type"] == "total"}
    assert total["centres"] == "12"
    water = sum(range(6)) + sum(range(4)) + sum(range(2))
    it = 1200 + water
    assert float(total["wue"]) == pytest.approx(1000 * water / it)
    told = json.loads(notes.read_text(encoding="utf-8"))
    assert told["min_centres"] == 3
    assert told["least_possible_hidden"] is True
    assert "2024/1364" in told["rule"]
    whole = files.write_publication(tmp_path / "out.json", found, use)[0]
    assert json.loads(whole.read_text(encoding="utf-8"))["notes"] == told
    with pytest.raises(Problem, match="CSV or JSON"):
        files.write_publication(tmp_path / "out.txt", found, use)


def test_few_hidden_values_of_a_kind_are_not_counted_apart(tmp_path: Path) -> None:
    read = files.read_centres(centres(tmp_path), date(2025, 12, 31))
    terms, use = files.load_terms(date(2025, 12, 31), min_centres=1)
    found = publish(read.columns, read.sums, [files.dimensions_of("type")], terms=terms)
    assert files.notes(found, use)["values"] == {"hidden": 0}


# Commands


def run(module: Any, *arguments: str) -> int:
    return exit_code_of(module.command, list(arguments))


def test_publish_prints_and_writes(tmp_path: Path, capsys: Capture) -> None:
    source = str(centres(tmp_path, "x1,colocation,700,ITC4C,1-2,1,1"))
    out, bad = tmp_path / "out.csv", tmp_path / "bad.csv"
    options = ("--year", "2025", "--by", "type", "-o", str(out), "--rejects", str(bad))
    assert run(datacentres_publish, source, *options) == 65
    text = capsys.readouterr()
    assert "12 centres, 1 refused cells" in text.out
    assert "no less could be hidden" in text.out
    assert "row 13 left out: total_energy_kwh: a range instead of a value" in text.err
    assert out.exists()
    assert bad.exists()


def test_publish_gives_json(tmp_path: Path, capsys: Capture) -> None:
    source = str(centres(tmp_path))
    assert run(datacentres_publish, source, "--year", "2025", "--by", "size", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["centres"] == 12
    assert {cell["size"] for cell in told["cells"]} == {"total", "small", "large"}


def test_publish_refuses_to_write_over_its_input(tmp_path: Path, capsys: Capture) -> None:
    source = str(centres(tmp_path))
    assert run(datacentres_publish, source, "--year", "2025", "-o", source) == 64
    assert "would be overwritten" in capsys.readouterr().err


def test_publish_without_anything_to_break_down_by(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "bare.csv"
    path.write_text("facility_id,total_energy_kwh\na,1\nb,2\n", encoding="utf-8")
    assert run(datacentres_publish, str(path), "--year", "2025") == 65
    assert "nothing to break the aggregates down by" in capsys.readouterr().err


def test_a_year_chooses_its_rows(tmp_path: Path, capsys: Capture) -> None:
    text = centres(tmp_path).read_text(encoding="utf-8").splitlines()
    years = {year: [f"{line},{year}" for line in text[1:]] for year in (2024, 2025)}
    later = [line.replace(",120,", ",999,") for line in years[2025]]
    path = tmp_path / "two.csv"
    path.write_text("\n".join([f"{text[0]},year", *years[2024], *later]), encoding="utf-8")
    totals = {}
    for year in ("2024", "2025"):
        options = ("--year", year, "--by", "type", "--json")
        assert run(datacentres_publish, str(path), *options) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["centres"], told["rejected"]) == (12, 0)
        assert "12 rows of other years" in told["remarks"][0]
        (totals[year],) = (
            cell["value"]
            for cell in told["cells"]
            if (cell["type"], cell["figure"]) == ("total", "total_energy_kwh")
        )
    assert totals["2025"] - totals["2024"] == 3 * 879
    assert run(datacentres_publish, str(path)) == 64
    capsys.readouterr()
    assert run(datacentres_publish, str(path), "--year", "2026") == 65
    assert "no row is of this year" in capsys.readouterr().err


def test_what_no_centre_can_be_is_not_published(tmp_path: Path) -> None:
    path = centres(tmp_path, "x1,colocation,700,ITC4C,100,200,1", "x2,colocation,700,ITC4C,-1,,")
    read = files.read_centres(path, date(2025, 12, 31))
    assert [(each.row, each.column) for each in read.rejects] == [
        (13, "it_energy_kwh"),
        (14, "total_energy_kwh"),
    ]
    assert "pue-below-one" in read.rejects[0].reason
    sized = tmp_path / "sized.csv"
    rows = ["a,small,700", "b,large,700", "c,,50"]
    header = "facility_id,size_class,installed_it_kw"
    sized.write_text("\n".join([header, *rows]), encoding="utf-8")
    (reject,) = files.read_centres(sized, date(2025, 12, 31)).rejects
    assert (reject.row, reject.column) == (2, "size_class")
    assert "700 kW make the size class small, not large" in reject.reason


PROJECT = """name: Campus
country: IT
nuts3: ITC4C
municipality: "015146"
stage: requested
use_class: productive
generators_mwt: 120
application_date: 2026-06-20
application_complete: 2026-08-31
"""


def test_check_judges_for_each_day_and_writes_a_calendar(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "campus.yaml"
    path.write_text(PROJECT, encoding="utf-8")
    ics = tmp_path / "terms.ics"
    days = ("--date", "2028-07-01", "--date", "2024-07-01", "--date", "2026-07-01")
    assert run(datacentres_check, str(path), *days, "--ics", str(ics), "--all") == 0
    text = capsys.readouterr().out
    assert text.index("judged for 2024-07-01") < text.index("judged for 2026-07-01")
    assert "CONFLICT on use class: productive" in text
    assert "not yet in force -> pass" in text
    assert "due 2027-06-30, at the latest 2027-09-30" in text
    body = ics.read_bytes()
    assert body.startswith(b"BEGIN:VCALENDAR\r\n")
    assert b"DTSTART;VALUE=DATE:20270630" in body


def test_check_gives_json(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "campus.yaml"
    path.write_text(PROJECT, encoding="utf-8")
    options = ("--date", "2026-07-01", "--pack", "lombardia-lr-11-2026", "--json")
    assert run(datacentres_check, str(path), *options) == 0
    (told,) = json.loads(capsys.readouterr().out)
    answers = {each["rule"]: each for each in told["days"][0]["answers"]}
    assert answers["lr-11.use-class"]["verdict"] == "pass"
    assert answers["lr-11.use-class"]["values"] == {"use_class": "productive"}
    assert answers["lr-11.heat"]["missing"] == ["heat_offered"]
    assert answers["lr-11.use-class"]["in_force_from"] == "2026-06-05"
    assert told["changes"] == []


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--date", "soon"), 64),
        ((), 64),
        (("--date", "2026-07-01", "--set", "x"), 64),
        (("--date", "2026-07-01", "--set", "x=2026-01-01"), 64),
        (("--date", "2026-07-01", "--pack", "nowhere"), 64),
    ],
)
def test_check_says_what_it_cannot_use(
    tmp_path: Path, capsys: Capture, options: tuple[str, ...], code: int
) -> None:
    path = tmp_path / "campus.yaml"
    path.write_text(PROJECT, encoding="utf-8")
    assert run(datacentres_check, str(path), *options) == code
    assert "Traceback" not in capsys.readouterr().err


def test_places_are_broken_down_in_one_way() -> None:
    crossed = [files.dimensions_of("type,nuts2>nuts3"), files.dimensions_of("size,nuts3")]
    with pytest.raises(Problem, match="broken down in two ways") as caught:
        files.one_place(crossed)
    assert caught.value.value == "nuts2>nuts3, nuts3"
    files.one_place([crossed[0], files.dimensions_of("size,nuts2>nuts3")])
