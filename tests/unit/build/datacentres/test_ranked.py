"""``nexpo datacentres rank`` from file to answer: what is read, what is refused, what is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from openpyxl import Workbook, load_workbook

from nexpo.cli.datacentres_rank import command
from nexpo.cli.failure import exit_code_of

TABLE = """site,speed,range,payload,cost,reliability,handling
A1,2.0,1500,20000,5.5,5,9
A2,2.5,2700,18000,6.5,3,5
A3,1.8,2000,21000,4.5,7,7
A4,2.2,1800,20000,5.0,5,5
"""
DIRECTIONS = ("--directions", "max,max,max,min,max,max")
WEIGHTS = ("--weights", "0.2,0.1,0.1,0.1,0.2,0.3")

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(TABLE)
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: object, code: int = 0) -> dict[str, Any]:
        got = exit_code_of(command, [str(each) for each in (*arguments, "--json")])
        printed = capsys.readouterr().out
        assert got == code, printed
        answer: dict[str, Any] = json.loads(printed)
        return answer

    return call


def scores(answer: dict[str, Any]) -> dict[str, float]:
    return {row["id"]: row["score"] for row in answer["alternatives"]}


def test_topsis_of_a_file_is_that_of_the_book(table: Path, run: Run) -> None:
    answer = run(table, "--method", "topsis", *DIRECTIONS, *WEIGHTS)
    assert [row["id"] for row in answer["alternatives"]] == ["A1", "A3", "A4", "A2"]
    assert [row["rank"] for row in answer["alternatives"]] == [1, 2, 3, 4]
    assert scores(answer)["A1"] == pytest.approx(0.6433, abs=5e-5)
    assert answer["conventions"]["normalisation"] == "vector"


@pytest.mark.parametrize(
    "method",
    ["saw", "topsis", "promethee2", "promethee1", "spotis", "vikor", "codas", "electre1"],
)
def test_each_method_answers_alike_for_csv_xlsx_and_parquet(
    table: Path, tmp_path: Path, run: Run, method: str
) -> None:
    frame = pl.read_csv(table)
    frame.write_parquet(tmp_path / "t.parquet")
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (frame.columns, *frame.iter_rows()):
        sheet.append(list(row))
    book.save(tmp_path / "t.xlsx")
    arguments = ("--method", method, *DIRECTIONS, *WEIGHTS, "--bounds", "table")
    answers = [
        run(path, *arguments) for path in (table, tmp_path / "t.parquet", tmp_path / "t.xlsx")
    ]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["alternatives_total"] == 4


def test_a_workbook_keeps_cells_under_their_header(tmp_path: Path, run: Run) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["id", None, "cost", "size"],
        ["a", "note", 10, 1],
        [None] * 4,
        ["b", None, "many", 3],
    ):
        sheet.append(row)
    book.save(tmp_path / "t.xlsx")
    call = (tmp_path / "t.xlsx", "--method", "saw", "--normalise", "none")
    answer = run(*call, "--directions", "cost=max,size=max", "--skip-bad-rows")
    assert scores(answer) == {"a": 5.5}
    assert [each["name"] for each in answer["criteria"]] == ["cost", "size"]
    assert (answer["skipped"][0]["row"], answer["skipped"][0]["column"]) == (3, "cost")


def test_a_file_of_criteria_says_all(table: Path, tmp_path: Path, run: Run) -> None:
    as_csv, as_yaml = tmp_path / "c.csv", tmp_path / "c.yaml"
    as_csv.write_text(
        "criterion,direction,weight,low,high,preference\n"
        "cost,cost,3,0,10,linear:0.2:2\nspeed,benefit,1,0,5,usual\n"
    )
    as_yaml.write_text(
        "criteria:\n"
        "  cost: {direction: min, weight: 3, low: 0, high: 10, preference: 'linear:0.2:2'}\n"
        "  speed: {direction: max, weight: 1, low: 0, high: 5, preference: usual}\n"
    )
    found = [run(table, "--method", "promethee2", "--criteria", c) for c in (as_csv, as_yaml)]
    assert found[0] == found[1]
    assert [each["name"] for each in found[0]["criteria"]] == ["cost", "speed"]
    assert [each["weight"] for each in found[0]["criteria"]] == [0.75, 0.25]
    assert "the weights add up to 4: each was divided by it" in found[0]["notes"]
    spotis = run(table, "--method", "spotis", "--criteria", as_csv)
    assert scores(spotis)["A1"] == pytest.approx(0.75 * 0.55 + 0.25 * 3 / 5)


def test_weights_by_every_word(table: Path, tmp_path: Path, run: Run) -> None:
    for word in ("equal", "entropy", "critic", "std"):
        answer = run(table, "--method", "saw", *DIRECTIONS, "--weights", word)
        assert sum(each["weight"] for each in answer["criteria"]) == pytest.approx(1)
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("c,cost,speed\ncost,1,3\nspeed,1/3,1\n")
    answer = run(
        *(table, "--method", "saw", "--directions", "cost=min,speed=max"),
        *("--weights", f"ahp:{pairs}"),
    )
    assert [each["weight"] for each in answer["criteria"]] == pytest.approx([0.75, 0.25])
    assert "consistency ratio" in answer["notes"][0]


def test_a_target_is_best_where_it_is_met(table: Path, run: Run) -> None:
    answer = run(
        *(table, "--method", "topsis", "--normalise", "minmax"),
        *("--directions", "speed=target", "--targets", "speed=2.2"),
    )
    assert answer["alternatives"][0]["id"] == "A4"
    assert scores(answer)["A4"] == 1


def test_text_in_a_number_is_told_with_its_place(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("id,a,b\nx,1,2\ny,about 3,4\nz,5,\nw,10-20,7\n")
    problem = run(path, "--method", "saw", "--directions", "max", code=65)
    assert problem["detail"] == "a bound or an estimate instead of a value (and 1 more such cells)"
    assert (problem["file"], problem["row"], problem["column"]) == (str(path), 2, "a")
    assert problem["value"] == "about 3"
    answer = run(path, "--method", "saw", "--directions", "max", "--skip-bad-rows")
    assert [each["row"] for each in answer["skipped"]] == [2, 4]
    assert answer["skipped"][1]["why"] == "a range instead of a value"
    assert scores(answer) == {"x": 0.5, "z": None}


@pytest.mark.parametrize(
    ("cell", "options", "detail"),
    [
        ("1,5", (), "not a number with the decimal mark '.'"),
        ("1.5", ("--decimal", ","), "not a number with the decimal mark ','"),
        ("inf", (), "text in a number"),
        ("1_000", (), "text in a number"),
        ("12 MW", (), "a unit in the cell (MW)"),
    ],
)
def test_a_decimal_mark_is_asked_about(
    tmp_path: Path, run: Run, cell: str, options: tuple[str, ...], detail: str
) -> None:
    path = tmp_path / "d.csv"
    path.write_text(f"id;a\nx;1\ny;{cell}\n")
    problem = run(path, "--method", "saw", "--directions", "max", *options, code=65)
    assert problem["detail"] == detail
    assert problem["row"] == 2


def test_an_infinite_number_of_a_parquet_is_refused(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "i.parquet"
    pl.DataFrame({"id": ["x", "y"], "a": [1.0, float("inf")]}).write_parquet(path)
    problem = run(path, "--method", "saw", "--directions", "max", code=65)
    assert (problem["detail"], problem["row"]) == ("an infinite value cannot be ranked", 2)


def test_a_decimal_comma_is_read_when_said(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "d.csv"
    path.write_text("id;a\nx;1,5\ny;2,5\nz;n.d.\n")
    answer = run(
        path, "--method", "saw", "--directions", "max", "--decimal", ",", "--normalise", "none"
    )
    assert scores(answer) == {"y": 2.5, "x": 1.5, "z": None}
    assert answer["alternatives"][-1]["rank"] is None


@pytest.mark.parametrize(
    ("arguments", "code", "detail"),
    [
        (("--directions", "speed=max,prize=min"), 65, "the table has no such criterion"),
        (("--directions", "max,min"), 65, "--directions has 2 entries for 6 criteria"),
        ((), 64, "no direction is given for criterion speed"),
        ((*DIRECTIONS, "--weights", "1,2"), 65, "--weights has 2 entries"),
        ((*DIRECTIONS, "--weights", "1,2,3,4,5,x"), 65, "text where a number is expected"),
        ((*DIRECTIONS, "--weights=-1,2,3,4,5,6"), 65, "weights are numbers from 0 up"),
        (("--directions", "up"), 65, "unknown direction"),
        ((*DIRECTIONS, "--preference", "linear:5"), 64, "saw has no --preference"),
        ((*DIRECTIONS, "--tau", "0.1"), 64, "saw has no --tau"),
        ((*DIRECTIONS, "--top-share", "0.1"), 64, "--top-share does nothing without --draws"),
        ((*DIRECTIONS, "--bounds", "speed=0:2"), 65, "a value lies beyond the bounds 0:2"),
        ((*DIRECTIONS, "--id", "name"), 65, "the table has no such column"),
    ],
)
def test_what_cannot_be_understood_is_said(
    table: Path, run: Run, arguments: tuple[str, ...], code: int, detail: str
) -> None:
    problem = run(table, "--method", "saw", *arguments, code=code)
    assert problem["detail"].startswith(detail)
    assert problem["remedy"]


@pytest.mark.parametrize(("row", "cells"), [("y,3", 2), ("y,3,4,5", 4)])
def test_a_row_of_another_length_is_told(tmp_path: Path, run: Run, row: str, cells: int) -> None:
    path = tmp_path / "ragged.csv"
    path.write_text(f"id,a,b\nx,1,2\n{row}\n")
    problem = run(path, "--method", "saw", "--directions", "max", code=65)
    assert problem["detail"] == f"a row has {cells} cells, the header 3"
    assert (problem["row"], problem["value"]) == (2, row)


def test_blank_lines_count_as_rows_and_hold_nothing(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "blank.csv"
    path.write_bytes(b"\xef\xbb\xbfid,a\nx,1\n\ny,9\n\n")
    answer = run(path, "--method", "saw", "--directions", "max")
    assert scores(answer) == {"y": 1, "x": 0}
    problem = run(path, "--method", "saw", "--directions", "max", "--bounds", "a=0:5", code=65)
    assert (problem["row"], problem["value"]) == (3, "9.0")


def test_files_that_are_no_tables(tmp_path: Path, run: Run) -> None:
    (tmp_path / "t.xlsx").write_text(TABLE)
    (tmp_path / "t.parquet").write_text(TABLE)
    (tmp_path / "l.csv").write_bytes("id,a\nCittà,1\n".encode("cp1252"))
    (tmp_path / "h.csv").write_text("id,a\n")
    (tmp_path / "d.csv").write_text("id,a,a\nx,1,2\n")
    base = ("--method", "saw", "--directions", "max")
    for name, detail in (
        ("t.xlsx", "the workbook cannot be read"),
        ("t.parquet", "the file is no Parquet table"),
        ("l.csv", "the file cannot be read as a table"),
        ("h.csv", "the table has a header and no rows"),
        ("d.csv", "two columns have one name"),
    ):
        assert run(tmp_path / name, *base, code=65)["detail"].startswith(detail)
    assert run(tmp_path / "none.csv", *base, code=66)["detail"] == "no such file"
    assert scores(run(tmp_path / "l.csv", *base, "--encoding", "cp1252")) == {"Città": 1}


def test_spotis_asks_for_bounds(table: Path, run: Run) -> None:
    problem = run(table, "--method", "spotis", *DIRECTIONS, code=65)
    assert "bounds of each criterion" in problem["detail"]


def test_constant_unknown_and_doubled_are_noted(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "n.csv"
    path.write_text("id,a,b,c\nx,1,5,\ny,2,5,\nx,3,5,\n")
    answer = run(path, "--method", "saw", "--directions", "max", "--unknown", "renormalise")
    assert answer["notes"] == [
        "1 names that repeat: 'x' in rows 1 and 3",
        "no weights are given: all criteria weigh the same",
        "b is 5 everywhere: it tells nothing apart",
        "c is unknown for every alternative",
    ]
    assert [row["score"] for row in answer["alternatives"]] == pytest.approx([1, 0.75, 0.5])


def test_draws_depend_on_the_seed_alone(table: Path, run: Run) -> None:
    base = (table, "--method", "saw", *DIRECTIONS, *WEIGHTS, "--draws", 200)
    one, again, other = run(*base, "--seed", 1), run(*base, "--seed", 1), run(*base, "--seed", 2)
    assert one == again
    assert one["alternatives"] != other["alternatives"]
    first = [row["first_acceptability"] for row in one["alternatives"]]
    assert sum(first) == pytest.approx(1)
    near = run(*base, "--around", 1e6)
    assert near["alternatives"][0]["expected_rank"] == pytest.approx(1, abs=0.01)


def test_long_lists_get_the_best_share(tmp_path: Path, run: Run) -> None:
    values = np.random.default_rng(3).random((2500, 3))
    frame = pl.DataFrame({"id": np.arange(2500), **{f"c{j}": values[:, j] for j in range(3)}})
    frame.write_parquet(tmp_path / "l.parquet")
    base = (tmp_path / "l.parquet", "--directions", "max", "--draws", 50, "--top-share", 0.02)
    for method in ("saw", "topsis", "promethee2"):
        answer = run(*base, "--method", method, "--exact-thresholds", "--top", 5)
        assert answer["shown"] == 5
        assert answer["alternatives"][0]["top_acceptability"] > 0.5
    problem = run(*base, "--method", "codas", code=64)
    assert "best 2,000 alternatives" in problem["remedy"]


def test_a_long_list_with_the_worst_for_the_unknown(tmp_path: Path, run: Run) -> None:
    values = np.random.default_rng(3).random((2100, 2))
    values[:5, 0] = np.nan
    frame = pl.DataFrame({"id": np.arange(2100), "a": values[:, 0], "b": values[:, 1]})
    frame.fill_nan(None).write_parquet(tmp_path / "l.parquet")
    base = (tmp_path / "l.parquet", "--directions", "max", "--draws", 20, "--unknown", "worst")
    for method in ("saw", "topsis", "spotis", "promethee2"):
        answer = run(*base, "--method", method, "--bounds", "0:1", "--top", 2100)
        shares = {row["id"]: row["top_acceptability"] for row in answer["alternatives"]}
        assert len(shares) == 2100
        assert shares["0"] == 0.0  # the worst of a: never among the best hundredth
        assert max(shares.values()) > 0.5


def test_the_ranking_is_written(table: Path, tmp_path: Path, run: Run) -> None:
    for ending in ("csv", "parquet", "xlsx"):
        run(table, "--method", "vikor", *DIRECTIONS, "-o", tmp_path / f"o.{ending}")
    frame = pl.read_csv(tmp_path / "o.csv")
    assert frame.columns == ["id", "rank", "score", "s", "r"]
    assert frame["id"][0] == "A3"
    assert frame.equals(pl.read_parquet(tmp_path / "o.parquet"))
    sheet = load_workbook(tmp_path / "o.xlsx").worksheets[0]
    assert [cell.value for cell in sheet[2]][:2] == ["A3", 1]
    problem = run(table, "--method", "saw", *DIRECTIONS, "-o", tmp_path / "o.txt", code=64)
    assert problem["remedy"] == "give the file one of these endings"


def test_a_person_reads_a_table(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [str(table), "--method", "vikor", *DIRECTIONS, "--weights", "1,2,3,4,5,6"]
    assert exit_code_of(command, arguments) == 0
    printed = capsys.readouterr().out
    assert "acceptable advantage: False" in printed
    assert "note: the weights add up to 21: each was divided by it" in printed
