"""The uncovered list, the published results and the monitoring of plans."""

from __future__ import annotations

import gzip
import json
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from nexpo.core.problem import Problem
from nexpo.sources import bul
from nexpo.sources.infratel import (
    UNCOVERED_CLASSES,
    monitoring,
    read_monitoring,
    read_proximity_2024,
    read_results_2020,
    read_results_2021,
    read_uncovered,
    uncovered,
)
from tests.unit.sources.helpers import notes, rejects, table, written

UNCOVERED = ("istat", "provincia", "comune", "strada", "civico", "stato")
RESULT_2021 = ("egon", "regione", "provincia", "comune", "via", "civico", "indirizzo", "colore",
               "classe picco", "classe max")  # fmt: skip


def uncovered_rows(*classes: str) -> list[list[str]]:
    return [
        ["012001", "VARESE", "AGRA", "VIA ROMA", str(number), letter]
        for number, letter in enumerate(classes, 1)
    ]


# Uncovered


def test_uncovered_from_csv(tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", UNCOVERED, uncovered_rows("A", "b", "C"), delimiter=";")
    found = table(read_uncovered(file, tmp_path / "o.parquet"))
    assert found["uncovered_class"].to_list() == ["A", "B", "C"]
    assert found["istat"].to_list() == ["012001"] * 3
    assert set(UNCOVERED_CLASSES) == {"A", "B", "C"}


def test_uncovered_from_parquet_and_from_records(tmp_path: Path) -> None:
    rows = uncovered_rows("A", "B")
    frame = pl.DataFrame(rows, schema=list(UNCOVERED), orient="row")
    frame.write_parquet(tmp_path / "a.parquet")
    (tmp_path / "b.json").write_text(json.dumps(frame.to_dicts()), encoding="utf-8")
    one = table(read_uncovered(tmp_path / "a.parquet", tmp_path / "one.parquet"))
    two = table(read_uncovered(tmp_path / "b.json", tmp_path / "two.parquet"))
    assert one.drop("istat").equals(two.drop("istat"))


def test_uncovered_of_one_municipality_takes_the_place_from_the_name(tmp_path: Path) -> None:
    content = {"VIA ROMA": [{"civico": "1/2", "stato": "B"}, {"civico": "0/SNC", "stato": "C"}]}
    file = tmp_path / "VARESE_AGRA.json.gz"
    file.write_bytes(gzip.compress(json.dumps(content).encode()))
    reading = read_uncovered(
        file, tmp_path / "o.parquet", locate=lambda p, m: "012001" if m == "AGRA" else None
    )
    assert table(reading).rows() == [
        ("012001", "VARESE", "AGRA", "VIA ROMA", "1/2", "B"),
        ("012001", "VARESE", "AGRA", "VIA ROMA", "0/SNC", "C"),
    ]


def test_the_older_form_has_the_exponent_apart(tmp_path: Path) -> None:
    header = ("provincia", "comune", "strada", "civico", "barrato", "stato")
    rows = [("VARESE", "AGRA", "VIA ROMA", "1", "P 1", "B"),
            ("VARESE", "AGRA", "VIA ROMA", "0", "SNC", "B")]  # fmt: skip
    reading = read_uncovered(written(tmp_path / "a.csv", header, rows), tmp_path / "o.parquet")
    assert table(reading)["number"].to_list() == ["1/P/1", "SNC"]


def test_doubled_rows_and_two_classes_are_kept_and_counted(tmp_path: Path) -> None:
    rows = [*uncovered_rows("A", "B"), *uncovered_rows("A", "C")]
    reading = read_uncovered(written(tmp_path / "a.csv", UNCOVERED, rows), tmp_path / "o.parquet")
    assert reading.rows == 4
    assert notes(reading)["doubled rows, equal in every column"] == 2
    assert notes(reading)["rows of one address in two classes"] == 2


def test_unknown_classes_and_lost_accents_are_kept_and_counted(tmp_path: Path) -> None:
    rows = uncovered_rows("A", "D", "D")
    rows[0][3] = "VIA MANZ'\ufffd"
    reading = read_uncovered(written(tmp_path / "a.csv", UNCOVERED, rows), tmp_path / "o.parquet")
    assert notes(reading) == {
        "class 'D' is not in the list: kept": 2,
        "accents lost in a name": 1,
    }


def test_uncovered_json_that_is_cut_or_of_another_form(tmp_path: Path) -> None:
    for name, text, words in (
        ("VARESE_AGRA.json", '{"VIA ROMA": [{"civico": "1"', "not JSON"),
        ("VARESE_AGRA.json", "3", "neither a list"),
        ("AGRA.json", '{"VIA ROMA": []}', "does not say the place"),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(Problem, match=words) as caught:
            read_uncovered(tmp_path / name, tmp_path / "o.parquet")
        assert caught.value.remedy
    (tmp_path / "VARESE_AGRA.json.gz").write_bytes(gzip.compress(b"{}" * 9999)[:-20])
    with pytest.raises(Problem, match="read to its end"):
        read_uncovered(tmp_path / "VARESE_AGRA.json.gz", tmp_path / "o.parquet")


def test_uncovered_is_recognised_by_its_columns() -> None:
    assert uncovered.recognise(UNCOVERED)
    assert not uncovered.recognise(RESULT_2021)


# Published results


def test_results_2020(tmp_path: Path) -> None:
    header = [f"c{n}" for n in range(1, 16)]
    rows = [
        ["380100001", "LOMBARDIA", "VARESE", "AGRA", "FRAZ", "VIA ROMA", "1", "A", "", "", "", "",
         "", "grigio_novhcn_rame", "nero_vhcn_fo"],
        ["380100002", "LOMBARDIA", "VARESE", "AGRA", "", "SP 1", "0", "", "3,2", "", "", "", "",
         "bianco", "viola"],
        ["3,80E+08", "EMILIA", "RIMINI", "RIMINI", "", "VIA ROMA", "1", "", "", "", "", "", "",
         "bianco", "bianco"],
    ]  # fmt: skip
    file = written(tmp_path / "rimini.csv", header, rows, delimiter=";")
    reading = read_results_2020(file, tmp_path / "o.parquet")
    first, second = table(reading).to_dicts()
    assert (first["colour_2019"], first["colour_2022"]) == ("grey", "black")
    assert (first["street"], first["number"]) == ("VIA ROMA - FRAZ", "1/A")
    assert (second["number"], second["colour_2022"]) == ("km 3.2", None)
    assert second["class_2022"] == "viola"
    assert notes(reading)["class of 2022 'viola' is not in the list: kept, without a colour"] == 1
    assert rejects(reading)[0]["value"] == "3,80E+08"


def test_results_2021(tmp_path: Path) -> None:
    place = ["LOMBARDIA", "VARESE", "AGRA", "VIA ROMA", "1", "VIA ROMA, 1"]
    rows = [
        ["1", *place, "n", "300", "1000"],
        ["2", *place, "g", "100", "100"],
        ["3", *place, "", "0", "30"],
        ["3", *place, "rosso", "7", ""],
    ]
    file = written(tmp_path / "a.csv", RESULT_2021, rows, delimiter=";")
    reading = read_results_2021(file, tmp_path / "o.parquet")
    found = table(reading)
    assert found["colour"].to_list() == ["black", "grey", "white", "rosso"]
    assert found["peak_at_least_mbps"].to_list() == [300, 100, 0, None]
    assert found["peak_below_mbps"].to_list() == [1000, 300, 30, None]
    assert notes(reading) == {
        "rows whose id stands twice": 2,
        "colour 'rosso' is not in the list: kept": 1,
        "class 100 is ambiguous: up to 200 or up to 300 Mbit/s": 1,
        "class '7' is not in the list: kept, without an interval": 1,
    }


def test_results_with_too_few_columns(tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", ("egon", "regione"), [("1", "x")], delimiter=";")
    with pytest.raises(Problem, match="2 columns, where this layout has at least 10"):
        read_results_2021(file, tmp_path / "o.parquet")


def test_proximity_2024(tmp_path: Path) -> None:
    header = ("egon", "regione", "provincia", "comune", "frazione", "x", "strada", "civico",
              "barrato", "km", "Ammissibile", "Motivo esclusione")  # fmt: skip
    place = ["LOMBARDIA", "VARESE", "AGRA", "", "", "VIA ROMA"]
    rows = [
        ["1", *place, "1", "", "", "SI", ""],
        ["2", *place, "0", "", "KM 3200", "NO", "coperto"],
        ["3", *place, "3", "", "", "NO", ""],
    ]
    file = written(tmp_path / "a.csv", header, rows, delimiter=";")
    reading = read_proximity_2024(file, tmp_path / "o.parquet")
    assert table(reading)["admitted"].to_list() == [True, False, False]
    assert table(reading)["number"].to_list() == ["1", "km 3.2", "3"]
    assert notes(reading)["rows not admitted without a reason"] == 1


# Plans and works


def test_monitoring_of_plans_by_position(tmp_path: Path) -> None:
    header = [f"c{n}" for n in range(1, 13)]

    def row(plan: str, egon: str, address: str, state: str) -> list[str]:
        return [plan, egon, "", "LOMBARDIA", "VARESE", "AGRA", "", "", "", f'"{address}"', "",
                state]  # fmt: skip

    rows = [
        row("piano-italia-1-giga", "1", "VIA ROMA, 12, A", "Esistente"),
        row("piano-italia-1-giga", "2", "SP 1, 0, 3200", "Escluso perché già coperto"),
        row("piano-italia-1-giga", "3", "VIA ROMA, 0, SNC A", "Da rivedere"),
        row("scuole", "4", "VIA ROMA", ""),
    ]
    file = written(tmp_path / "a.csv", header, rows)
    reading = read_monitoring(file, tmp_path / "o.parquet")
    found = table(reading)
    assert found["number"].to_list() == ["12/A", "km 3.2", "SNC", "SNC"]
    assert found["state"].to_list() == ["exists", "excluded_already_covered", None, None]
    assert notes(reading) == {
        "walk-in state 'Da rivedere' is not in the list: kept as written": 1,
        "rows without a walk-in state": 1,
    }
    one = read_monitoring(file, tmp_path / "one.parquet", plan="scuole")
    assert one.rows == 1


def test_monitoring_by_name(tmp_path: Path) -> None:
    header = ("Stato walk-in", "Piano", "EGON", "Regione", "Provincia", "Comune", "Indirizzo")
    rows = [("Inesistente", "5g", "7", "L", "VA", "AGRA", '"VIA ROMA, 1"')]
    assert monitoring.recognise(header)
    reading = read_monitoring(written(tmp_path / "a.csv", header, rows), tmp_path / "o.parquet")
    assert table(reading)["state"].to_list() == ["does_not_exist"]


def test_monitoring_without_a_state_column(tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", ("piano", "egon"), [("x", "1")])
    with pytest.raises(Problem, match="missing column"):
        read_monitoring(file, tmp_path / "o.parquet")


def test_works_states_are_ordered_and_unknown_ones_kept(tmp_path: Path) -> None:
    header = ("Regione", "Provincia", "Comune", "Tecnologia", "Stato lavori", "Data")
    rows = [
        ("LOMBARDIA", "VARESE", "AGRA", "FIBRA", "In esecuzione", "31/03/2020"),
        ("LOMBARDIA", "VARESE", "AGRA", "FWA", "Terminato (collaudo)", "2020-03-31"),
        ("LOMBARDIA", "VARESE", "AGRA", "FWA", "sospeso", ""),
    ]
    file = written(tmp_path / "a.csv", header, rows)
    assert bul.recognise(header)
    reading = bul.read_works(file, tmp_path / "o.parquet", locate=lambda p, m: "012001")
    found = table(reading)
    assert found["step"].to_list() == [6, 8, None]
    assert found["state"].to_list() == ["in_execution", "tested", None]
    assert found["as_of"].dt.to_string().to_list() == ["2020-03-31", "2020-03-31", None]
    assert notes(reading) == {"state 'sospeso' is not in the list: kept as written": 1}


def test_every_works_state_follows_the_one_before() -> None:
    states = list(bul.WorksState)
    assert [state.value for state in states] == list(range(1, 9))
    assert all(bul.follows(a, b) for a, b in pairwise(states))
    assert not bul.follows(states[-1], states[0])


def test_only_existing_addresses_are_to_connect() -> None:
    assert [state.to_connect for state in bul.WalkIn] == [True, False, False, False, False]
    assert bul.walk_in("Escluso per 10%") is bul.WalkIn.TEN_PERCENT
    assert bul.walk_in("ESCLUSO PERCH\ufffd GI\ufffd COPERTO") is bul.WalkIn.ALREADY_COVERED
