"""``nexpo coverage`` as its user meets it: files in, words and codes out."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from nexpo.cli import group
from nexpo.cli.failure import exit_code_of

HEADER = (
    "address_id,istat,operator,infrastructure,technology,spectrum,peak_down_mbps,peak_up_mbps,year"
)
ROWS = [
    "150146000000001,015146,TIM,FiberCop,fibre,,1000,300,",
    "150146000000001,015146,Sky,Open Fiber,fibre,,1000,300,",
    "150146000000002,015146,EOLO,,fwa,unlicensed,300,50,",
    '150146000000003,013199,"Rete, S.p.A.",,cable,,300,30,',
]
RULE = ("--rule", "eu-2023", "--date", "2025-08-01")


@pytest.fixture
def declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "declared.csv"
    path.write_text("\n".join([HEADER, *ROWS]) + "\n", encoding="utf-8")
    return path


def _json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = exit_code_of(group, ["coverage", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_colours_come_with_their_evidence(
    declared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, result = _json(capsys, "classify", str(declared), *RULE)
    assert code == 0
    assert result["colours"] == {"white": 1, "grey": 1, "black": 1}
    colours = {row["address_id"][-1]: row["colour"] for row in result["addresses_listed"]}
    assert colours == {"1": "black", "2": "white", "3": "grey"}
    second = result["addresses_listed"][1]
    assert second["declarations"][0]["verdict"] == "spectrum_not_counted"
    assert "no fixed ultrafast network" in second["reason"]


def test_an_ended_municipality_becomes_the_one_that_took_it_over(
    declared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, result = _json(capsys, "classify", str(declared), *RULE)
    assert [row["area"] for row in result["areas"]] == ["013256", "015146"]
    assert any("013199" in note for note in result["reading_notes"])


def test_the_spoken_form_holds_the_same_figures(
    declared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code_of(group, ["coverage", "classify", str(declared), *RULE]) == 0
    spoken = capsys.readouterr().out
    assert "4 declarations, 3 addresses" in spoken
    assert "unverified" in spoken


def test_good_rows_go_on_and_bad_ones_are_kept_with_row_and_remedy(
    declared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with declared.open("a", encoding="utf-8") as stream:
        stream.write("1.50146E+14,015146,TIM,,fibre,,1000,300,\n")
        stream.write("150146000000005,015146,TIM,,fiber,,1000,300,\n")
        stream.write("150146000000006,015146,TIM,,fibre,,1000\n")
    code, result = _json(capsys, "classify", str(declared), *RULE)
    assert code == 0
    assert result["rejected"] == 3
    assert result["addresses"] == 3
    with Path(result["rejects"]).open(encoding="utf-8") as stream:
        rejects = list(csv.DictReader(stream))
    assert [(row["row"], row["column"]) for row in rejects] == [
        ("5", "address_id"),
        ("6", "technology"),
        ("7", "peak_up_mbps"),
    ]
    assert "exponent notation" in rejects[0]["reason"]
    assert all(row["remedy"] for row in rejects)


@pytest.mark.parametrize(
    ("content", "exit_code", "words"),
    [
        (b"", 65, "empty"),
        (b"PK\x03\x04rest", 65, "zip archive"),
        (
            HEADER.replace("technology", "tech").encode() + b"\n1,2,3,4,5,6,7,8,9\n",
            65,
            "technology",
        ),
        (HEADER.encode() + b"\n", 65, "no rows"),
        (b"\xff\xfea\x00", 65, "UTF-16"),
        ((HEADER + "\n1,015146,Citt\u00e0,,fibre,,1,1,\n").encode("cp1252"), 65, "encoding cp1252"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(
    declared: Path, capsys: pytest.CaptureFixture[str], content: bytes, exit_code: int, words: str
) -> None:
    declared.write_bytes(content)
    code, problem = _json(capsys, "classify", str(declared), *RULE)
    assert code == exit_code
    assert problem["file"] == str(declared)
    assert words in json.dumps(problem, ensure_ascii=False)
    assert not list(declared.parent.glob("*.part"))


def test_a_decimal_comma_is_named_and_then_read_on_request(
    declared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = '1,015146,TIM,,fibre,,"1000,5","300,5",'
    declared.write_text(f"{HEADER}\n{row}\n", encoding="utf-8")
    code, problem = _json(capsys, "classify", str(declared), *RULE)
    assert (code, problem["column"], problem["row"]) == (65, "peak_down_mbps", 1)
    assert "--decimal" in problem["remedy"]
    code, result = _json(capsys, "classify", str(declared), *RULE, "--decimal", ",")
    assert (code, result["colours"]["grey"]) == (0, 1)


def test_an_address_is_explained_by_its_declarations(
    declared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["coverage", "explain", str(declared), "150146000000002", *RULE]
    assert exit_code_of(group, arguments) == 0
    said = capsys.readouterr().out
    assert "white, aid yes" in said
    assert "EOLO on EOLO, fwa, 300.0 Mbit/s, year now: spectrum_not_counted" in said
    code, problem = _json(capsys, "explain", str(declared), "42", *RULE)
    assert (code, problem["value"]) == (66, "42")


def test_a_round_of_consultation_from_files(
    declared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corrections = declared.with_name("corrections.csv")
    corrections.write_text(
        "action,address_id,operator,technology,submitted_by,submitted_on,motive,peak_down_mbps\n"
        "withdraw,150146000000001,Sky,fibre,Sky,2025-07-01,not built,\n"
        'change,150146000000003,"Rete, S.p.A.",cable,Comune,2025-07-02,measured,80\n'
        "withdraw,150146000000009,Sky,fibre,Sky,2025-07-01,not built,\n",
        encoding="utf-8",
    )
    plans = declared.with_name("plans.csv")
    plans.write_text(f"{HEADER}\n150146000000002,015146,OF,,fibre,,1000,300,2027\n")
    changes = declared.with_name("changes.csv")
    code, result = _json(
        capsys,
        "consult",
        str(declared),
        "--corrections",
        str(corrections),
        "--plans",
        str(plans),
        *RULE,
        "--out",
        str(changes),
    )
    assert code == 0
    assert result["by_move"] == {"black -> grey": 1, "grey -> white": 1, "white -> grey": 1}
    assert result["by_cause"] == {
        "declaration corrected": 1,
        "declaration withdrawn": 1,
        "new plan": 1,
    }
    assert [item["address_id"] for item in result["not_applied"]] == ["150146000000009"]
    assert "Comune, 2025-07-02: measured" in changes.read_text(encoding="utf-8")


def test_the_residual_and_proximity_rules_act_on_eligibility(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ["address_id,istat,operator,technology,peak_down_mbps,street,lon,lat"]
    lines += [f"{n},015146,TIM,fibre,1000,VIA A,9.19,45.46" for n in range(100, 119)]
    lines += ["119,015146,TIM,copper,20,VIA A,9.19,45.46"]
    lines += [
        "201,015146,TIM,copper,20,VIA B,9.30,45.50",
        "202,015146,TIM,copper,20,VIA B,9.31,45.5",
    ]
    path = tmp_path / "declared.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    funded = tmp_path / "funded.csv"
    funded.write_text("address_id\n202\n")
    rule = ("--rule", "italy-1-giga", "--date", "2025-08-01", "--funded", str(funded))
    _, result = _json(capsys, "classify", str(path), *rule)
    assert (result["residual_dropped"], result["proximity_admitted"]) == (1, 1)
    assert result["aid"] == {"no": 21, "yes": 1}
    changed = {row["address_id"]: row["area_rule"] for row in result["addresses_listed"]}
    assert changed["119"] == "residual"
    assert changed["201"] == "proximity"
    assert changed["202"] == "funded"
    dropped = next(row for row in result["addresses_listed"] if row["address_id"] == "119")
    assert dropped["required_down_mbps"] is None


def test_rules_and_layouts_are_printed_for_people_and_machines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, rules = _json(capsys, "rules")
    assert {rule["id"] for rule in rules} >= {"eu-2013", "eu-2023", "bead"}
    _, columns = _json(capsys, "layout")
    assert columns[0]["name"] == "address_id"
    assert exit_code_of(group, ["coverage", "layout", "--table", "corrections"]) == 0
    assert "withdraw" in capsys.readouterr().out


def test_an_unknown_engine_and_a_wrong_day_are_usage_errors(
    declared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, problem = _json(capsys, "classify", str(declared), *RULE, "--engine", "flink")
    assert (code, problem["value"]) == (64, "flink")
    code, problem = _json(
        capsys, "classify", str(declared), "--rule", "bead", "--date", "1 August 2025"
    )
    assert code == 64
    assert "YYYY-MM-DD" in problem["detail"]


def _parquet(path: Path, rows: list[dict[str, Any]], **options: Any) -> Path:
    pq.write_table(pa.Table.from_pylist(rows), path, **options)
    return path


def test_parquet_with_values_outside_the_dictionary_is_read_row_by_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    row = {"istat": "015146", "operator": "A", "peak_down_mbps": 1000.0, "peak_up_mbps": 300.0}
    path = _parquet(
        tmp_path / "l'input.parquet",
        [
            row | {"address_id": "1", "technology": "Fibre"},
            row | {"address_id": "2", "technology": "FTTH"},
            row | {"address_id": None, "technology": "fibre"},
            row | {"address_id": "4", "technology": "fibre", "istat": "013199"},
        ],
    )
    for engine in ("embedded", "duckdb"):
        out = tmp_path / f"l'out-{engine}.parquet"
        code, result = _json(
            capsys, "classify", str(path), *RULE, "--engine", engine, "--out", str(out)
        )
        assert code == 0
        assert (result["rejected"], result["addresses"], result["colours"]["grey"]) == (2, 2, 2)
        assert {row["area"] for row in result["areas"]} == {"015146", "013256"}
        assert pq.read_table(out).num_rows == 2


def test_an_operator_that_no_engine_needs_is_still_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"technology": "fibre", "peak_down_mbps": 1000.0, "peak_up_mbps": 300.0}
    path = _parquet(
        tmp_path / "rows.parquet",
        [
            row | {"address_id": "1", "operator": operator, "infrastructure": network}
            for operator, network in (("", "R"), ("Beta", "S"))
        ],
    )
    for engine in ("embedded", "duckdb"):
        _, result = _json(capsys, "classify", str(path), *RULE, "--engine", engine)
        assert (result["rejected"], result["colours"]["grey"]) == (1, 1)


def test_the_name_of_a_folder_says_nothing_of_the_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"technology": "Fibre", "peak_down_mbps": 1000.0, "peak_up_mbps": 300.0}
    (tmp_path / "operator=Zed").mkdir()
    rows = [row | {"address_id": "1", "operator": name} for name in ("Alfa", "Beta")]
    path = _parquet(tmp_path / "operator=Zed" / "rows.parquet", rows)
    for engine in ("embedded", "duckdb"):
        _, result = _json(capsys, "classify", str(path), *RULE, "--engine", engine)
        assert result["colours"]["black"] == 1


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_what_may_be_a_slip_is_noted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    columns = {
        "address_id": ["1", "1"],
        "operator": ["TIM", "Vodafone"],
        "infrastructure": ["FiberCop", "fibercop"],
        "technology": ["fibre", "fibre"],
        "max_down_mbps": [1000.0, 1000.0],
        "spektrum": ["licensed", "licensed"],
        "remark": ["a", "b"],
        "progress_report_on": [date(2025, 12, 1), None],
    }
    path = tmp_path / f"rows.{ending}"
    pq.write_table(pa.table(columns), path)
    if ending == "csv":
        pacsv.write_csv(pa.table(columns), path)
    _, result = _json(capsys, "classify", str(path), *RULE)
    assert result["colours"]["black"] == 1
    notes = " | ".join(result["reading_notes"])
    assert "'spektrum' (did you mean spectrum?)" in notes
    assert "remark" not in notes
    assert "counted as different: FiberCop and fibercop" in notes
    assert "progress reports dated after 2025-08-01" in notes


@pytest.mark.parametrize("engine", ["embedded", "duckdb"])
def test_rows_that_cannot_be_written_are_not_blamed_on_the_input(
    declared: Path, capsys: pytest.CaptureFixture[str], engine: str
) -> None:
    given = ("classify", str(declared), *RULE, "--engine", engine, "--out", "/proc/rows.parquet")
    code, problem = _json(capsys, *given)
    assert code == 73
    assert problem["file"] == "/proc/rows.parquet"


def test_two_columns_of_one_name_are_refused_in_parquet_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arrays = [["1"], ["Alfa"], ["Beta"], ["fibre"]]
    for second in ("operator", "OPERATOR"):
        names = ["address_id", "operator", second, "technology"]
        path = tmp_path / "rows.parquet"
        pq.write_table(pa.table([pa.array(each) for each in arrays], names), path)
        code, problem = _json(capsys, "classify", str(path), *RULE)
        assert code == 65
        assert "twice" in problem["detail"]


def test_bytes_that_are_damaged_are_the_files_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"technology": "fibre", "operator": "Alfa", "peak_up_mbps": 300.0}
    rows = [row | {"address_id": str(n), "peak_down_mbps": n / 7} for n in range(5000)]
    path = _parquet(tmp_path / "rows.parquet", rows)
    chunk = pq.read_metadata(path).row_group(0).column(len(rows[0]) - 1)
    raw = bytearray(path.read_bytes())
    raw[chunk.data_page_offset : chunk.data_page_offset + 300] = bytes(300)
    path.write_bytes(raw)
    for engine in ("embedded", "duckdb"):
        code, problem = _json(capsys, "classify", str(path), *RULE, "--engine", engine)
        assert code == 65
        assert "cannot be read" in problem["detail"]


@pytest.mark.parametrize("ids", [["1501", "1501", "1502", "1503"], ["a-1", "a-1", "a-2", "a-3"]])
@pytest.mark.parametrize("statistics", [True, False])
@pytest.mark.parametrize(
    ("column", "values", "rejected"),
    [
        ("operator", ["Alfa", "Beta", "", None], 2),
        ("operator", ["Alfa", " Beta", "Alfa ", "Beta"], 0),
        ("infrastructure", ["", "", "Rete", "Rete"], 0),
        ("infrastructure", [" ", None, "Rete ", "Rete"], 0),
        ("technology", ["fibre", None, "fibre", "FIBRE"], 1),
        ("istat", ["", "015146", "015146", "015146"], 0),
        ("peak_down_mbps", [1000.0, -5.0, float("inf"), 1000.0], 2),
        ("year", [20265, 2024, 2024, 2024], 1),
        ("lat", [45.0, float("inf"), 45.0, None], 1),
        ("units", [1, 2, -1, None], 1),
        ("customer", ["all", "everyone", "all", None], 1),
        ("progress_report_on", [date(2025, 6, 1), None, date(1, 1, 1), date(2024, 1, 1)], 0),
        ("Spectrum", ["unlicensed", None, "licensed", "Unlicensed"], 0),
        (" infrastructure ", ["Rete", "Rete", None, None], 0),
        ("max_down_mbps", [None] * 4, 0),
    ],
)
def test_the_same_rows_mean_the_same_as_csv_and_as_parquet_whatever_the_engine(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ids: list[str],
    statistics: bool,
    column: str,
    values: list[Any],
    rejected: int,
) -> None:
    monkeypatch.chdir(tmp_path)
    columns = {
        "address_id": ids,
        "istat": ["015146"] * 4,
        "operator": ["Alfa", "Beta", "Alfa", "Beta"],
        "technology": ["fibre"] * 4,
        "peak_down_mbps": [1000.0] * 4,
        "peak_up_mbps": [300.0] * 4,
    }
    columns[column] = values
    rows = zip(*columns.values(), strict=True)
    with Path("rows.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([tuple(columns), *rows])
    if values == [None] * 4:
        columns[column] = [float("nan")] * 4  # as pandas writes what is missing
    pq.write_table(pa.table(columns), "rows.parquet", write_statistics=statistics)
    found = []
    for path, engine in (
        ("rows.csv", "embedded"),
        ("rows.parquet", "embedded"),
        ("rows.parquet", "duckdb"),
    ):
        code, result = _json(capsys, "classify", path, *RULE, "--engine", engine)
        assert code == 0
        assert result["rejected"] == rejected
        found.append([result[key] for key in ("declarations", "colours", "aid", "areas")])
    assert found[0] == found[1] == found[2]


def test_a_plan_counts_the_same_with_and_without_statistics_in_the_footer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {
        "address_id": "1",
        "operator": "A",
        "technology": "fibre",
        "peak_down_mbps": 1000.0,
        "year": 2027,
        "progress_report_on": None,
    }
    colours = []
    for number, options in enumerate(({}, {"write_statistics": False})):
        path = _parquet(tmp_path / f"{number}.parquet", [row], **options)
        colours.append(_json(capsys, "classify", str(path), *RULE)[1]["colours"])
    assert colours[0] == colours[1] == {"white": 0, "grey": 1, "black": 0}


def test_a_file_without_declarations_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"address_id": "1", "operator": "A", "technology": "fibre"}
    path = tmp_path / "empty.parquet"
    pq.write_table(pa.Table.from_pylist([row]).slice(0, 0), path)
    code, problem = _json(capsys, "classify", str(path), *RULE)
    assert code == 65
    assert "no" in problem["detail"]


def test_availability_in_memory_and_row_by_row_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from nexpo.build.coverage import classify
    from nexpo.sources.fcc import HEADER as BDC

    lines = [
        f'0001,{130 + n % 7},"Brand {n % 9}, LLC",{1000 + n % 40},'
        f"{[10, 40, 50, 60, 70, 71, 72][n % 7]},"
        f"{[10, 25, 100, 1000][n % 4]},{[1, 3, 20, 500][n % 4]},{n % 2},{'XRB'[n % 3]},TX,48,88"
        for n in range(400)
    ]
    path = tmp_path / "bdc.csv"
    path.write_text("\n".join([",".join(BDC), *lines]) + "\n", encoding="utf-8")
    rule = ("--rule", "bead", "--date", "2025-08-01")
    _, careful = _json(capsys, "classify", str(path), *rule)
    monkeypatch.setattr(classify, "_LARGE_BYTES", 0)
    _, quick = _json(capsys, "classify", str(path), *rule)
    assert quick["colours"] == careful["colours"]
    assert min(quick["colours"].values()) > 0
    assert quick["rejected"] == careful["rejected"] == 0
    path.write_text(path.read_text() + "0001,130,B,1,99,1,1,1,X,TX,48,88\n", encoding="utf-8")
    _, unknown = _json(capsys, "classify", str(path), *rule)
    assert any("99" in note for note in unknown["reading_notes"])


def test_an_ended_code_in_parquet_is_counted_where_its_territory_went(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"operator": "A", "technology": "fibre", "peak_down_mbps": 1000.0}
    codes = ["013199", "013228", "013256", None]
    rows = [row | {"address_id": str(n), "istat": code} for n, code in enumerate(codes)]
    path, out = _parquet(tmp_path / "given.parquet", rows), tmp_path / "out.parquet"
    _, result = _json(capsys, "classify", str(path), *RULE, "--out", str(out))
    assert {row["area"]: row["addresses"] for row in result["areas"]} == {"013256": 3, None: 1}
    assert sum("has ended" in note for note in result["reading_notes"]) == 2
    assert pq.read_table(out).column("area").to_pylist().count("013256") == 3


@pytest.mark.parametrize(
    "options",
    [
        ("--out", "declared.csv"),
        ("--evidence", "./declared.csv"),
        ("--rejects", "declared.csv"),
        ("--out", "same", "--evidence", "same"),
        ("--funded", "funded.csv", "--out", "funded.csv"),
    ],
)
def test_an_output_never_takes_the_place_of_an_input(
    declared: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    (declared.parent / "funded.csv").write_text("address_id\n1\n")
    before = declared.read_bytes()
    code, problem = _json(capsys, "classify", str(declared), *RULE, *options)
    assert code == 64
    assert "same file as" in problem["detail"]
    assert declared.read_bytes() == before
    assert not (declared.parent / "same").exists()


def test_a_round_never_overwrites_what_was_received(
    declared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    received = declared.with_name("cor.csv")
    received.write_text("action\n")
    common = ("consult", str(declared), "--corrections", str(received), *RULE)
    for options in (("--out", "cor.csv"), ("--amended", "declared.csv")):
        code, problem = _json(capsys, *common, *options)
        assert code == 64
        assert "same file as" in problem["detail"]
    assert received.read_text() == "action\n"


@pytest.mark.parametrize(
    "options", [("--out", "."), ("--out", ""), ("--rejects", "."), ("--out", "no/where/x.parquet")]
)
def test_an_output_that_cannot_be_one_is_a_plain_mistake(
    declared: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, str]
) -> None:
    code, problem = _json(capsys, "classify", str(declared), *RULE, *options)
    assert (code, problem["type"].rpartition("/")[2]) == (64, "usage")
    assert not (declared.parent / "no").exists()


def test_a_column_that_stands_twice_is_named(
    declared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = declared.read_text(encoding="utf-8").replace("infrastructure", "operator", 1)
    declared.write_text(text, encoding="utf-8")
    code, problem = _json(capsys, "classify", str(declared), *RULE)
    assert (code, problem["column"], problem["file"]) == (65, "operator", str(declared))


@pytest.mark.parametrize("content", [None, "", "folder", "id\n1\n"])
def test_a_bad_list_of_funded_addresses_is_told_whatever_the_rule(
    declared: Path, capsys: pytest.CaptureFixture[str], content: str | None
) -> None:
    funded = declared.with_name("funded.csv")
    if content == "folder":
        funded.mkdir()
    elif content is not None:
        funded.write_text(content)
    code, problem = _json(capsys, "classify", str(declared), *RULE, "--funded", str(funded))
    assert code in (65, 66)
    assert problem["file"] == str(funded)


def test_a_list_of_funded_addresses_that_changes_nothing_is_noted(
    declared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    funded = declared.with_name("funded.csv")
    funded.write_text("address_id\n150146000000001\n1.5E+14\n")
    _, result = _json(capsys, "classify", str(declared), *RULE, "--funded", str(funded))
    assert (
        "this rule has no proximity: the 1 funded addresses given change nothing"
        in (result["notes"])
    )
    assert any("1 rows of funded.csv (--funded) are refused" in note for note in result["notes"])


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_municipality_that_never_was_is_noted_with_its_addresses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    row = {"operator": "A", "technology": "fibre", "peak_down_mbps": 1000.0}
    codes = ["999999", "999999", "015146", "999998"]
    rows = [row | {"address_id": str(n), "istat": code} for n, code in enumerate(codes)]
    path = tmp_path / f"given.{form}"
    if form == "csv":
        lines = [",".join(map(str, item.values())) for item in rows]
        path.write_text("\n".join([",".join(rows[0]), *lines]) + "\n")
    else:
        _parquet(path, rows)
    _, result = _json(capsys, "classify", str(path), *RULE)
    note = "addresses whose municipal code no municipality has or had (999998, 999999)"
    assert result["reading_notes"][note] == 3


def test_rejects_of_a_file_that_was_mended_go(
    declared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = declared.read_text(encoding="utf-8")
    declared.write_text(good + "x,015146,TIM,,fiber,,1000,300,\n", encoding="utf-8")
    _json(capsys, "classify", str(declared), *RULE)
    kept = declared.with_name("declared.rejects.csv")
    assert kept.is_file()
    declared.write_text(good, encoding="utf-8")
    _json(capsys, "classify", str(declared), *RULE)
    assert not kept.exists()
    kept.write_text("file,row\nsomebody's own,1\n")
    _json(capsys, "classify", str(declared), *RULE)
    assert kept.is_file()


def test_a_file_is_read_once_in_words_and_the_engine_has_its_name(
    declared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code_of(group, ["coverage", "classify", str(declared), *RULE]) == 0
    assert capsys.readouterr().err.count("reading declared.csv") == 1
    assert _json(capsys, "classify", str(declared), *RULE)[1]["engine"] == "embedded"


def test_a_rule_of_numbers_that_are_none_is_refused(
    declared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from nexpo.core.settings import parameters_directory

    text = (parameters_directory() / "coverage" / "eu-2023.yaml").read_text(encoding="utf-8")
    rule = declared.with_name("mine.yaml")
    wrong = text.replace("min_down_mbps: 100", "min_down_mbps: .nan", 1)
    assert wrong != text
    rule.write_text(wrong, encoding="utf-8")
    arguments = ("classify", str(declared), "--rule", str(rule), "--date", "2025-08-01")
    code, problem = _json(capsys, *arguments)
    assert (code, problem["file"]) == (78, str(rule))


def test_a_spark_master_that_is_not_there_is_told_at_once(
    declared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pyspark")
    code, problem = _json(
        capsys, "classify", str(declared), *RULE, "--engine", "spark://127.0.0.1:9"
    )
    assert code == 69
    assert "no Spark master answers: 127.0.0.1:9" in problem["detail"]


def test_italian_names_of_columns_are_recognised_as_slips(
    declared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = declared.read_text(encoding="utf-8").replace("operator", "operatore", 1)
    declared.write_text(text.replace("technology", "tecnologia", 1), encoding="utf-8")
    _, problem = _json(capsys, "classify", str(declared), *RULE)
    assert "did you mean 'operatore' as operator?" in problem["remedy"]
    assert "did you mean 'tecnologia' as technology?" in problem["remedy"]


def test_a_zero_byte_refuses_its_row(declared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with declared.open("a", encoding="utf-8") as stream:
        stream.write("150146000000009,015146,TI\0M,,fibre,,1000,300,\n")
    _, result = _json(capsys, "classify", str(declared), *RULE)
    assert result["reject_reasons"] == {"operator: holds a zero byte, which no text has": 1}
