"""Reading files as they come: good rows are kept, bad ones are told with their place."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from nexpo.core.ingest import Dialect, Layout, Reading, ingest, read_header
from nexpo.core.problem import Kind, Problem
from nexpo.core.tables import Column, ColumnType, Table


def column(name: str, kind: ColumnType, **more: Any) -> Column:
    fields: dict[str, Any] = {"unit": "", "required": False, "default": None, "allowed": ()}
    return Column(name, kind, **(fields | {"pattern": "", "meaning": f"what {name} is"} | more))


PLACES = Table(
    "places",
    (
        column("istat", "code", required=True, pattern="[0-9]{6}"),
        column("name", "text"),
        column("people", "integer"),
        column("km2", "decimal"),
        column("open", "boolean", default="no"),
        column("day", "date"),
        column("class", "text", allowed=("Black", "grey")),
    ),
)
HEAD = "istat;name;people;km2;open;day;class\n"
AGRA = "012001;Agra;391;2.7;si;2024-01-02;black\n"
BESO = "012012;Besozzo;8822;13.5;;2024-02-29;\n"

Read = Callable[..., Reading]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def read(folder: Path) -> Read:
    def run(data: str | bytes, name: str = "a.csv", **keywords: Any) -> Reading:
        path = folder / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return ingest(path, PLACES, folder / "out" / "a.parquet", **keywords)

    return run


def refused(read: Read, *arguments: Any, **keywords: Any) -> Problem:
    with pytest.raises(Problem) as caught:
        read(*arguments, **keywords)
    return caught.value


def ids(reading: Reading) -> list[str]:
    found: list[str] = pq.read_table(reading.path)["istat"].to_pylist()
    return found


def rejects(reading: Reading) -> list[dict[str, str]]:
    assert reading.rejects is not None
    with reading.rejects.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_values_get_the_declared_types(read: Read) -> None:
    reading = read(HEAD + AGRA + BESO)
    rows = pq.read_table(reading.path).to_pylist()
    assert [list(row.values())[:5] for row in rows] == [
        ["012001", "Agra", 391, 2.7, True],
        ["012012", "Besozzo", 8822, 13.5, False],
    ]
    assert [str(row["day"]) for row in rows] == ["2024-01-02", "2024-02-29"]
    assert [row["class"] for row in rows] == ["Black", None]
    assert (reading.rows, reading.rejected, reading.rejects) == (2, 0, None)


def test_a_clean_file_leaves_the_table_and_nothing_else(read: Read, folder: Path) -> None:
    read(HEAD + AGRA)
    assert names(folder / "out") == ["a.parquet"]


def test_several_faults_are_each_told_with_their_place(read: Read, folder: Path) -> None:
    reading = read(
        HEAD
        + AGRA
        + "12002;Albizzate;5;1;;;\n"  # row 2: a leading zero lost
        + "012003;Angera;many;1;;;\n"  # row 3
        + BESO
        + "012004;Arcisate;5;1,5;;;\n"  # row 5
        + "012005;Arsago;5;1;perhaps;;\n"  # row 6
        + "012006;Azzate;5;1;;30/02/2024;\n"  # row 7
        + "012007;Azzio;5;1;;;white\n"  # row 8
        + ";Barasso;5;1;;;\n"  # row 9
        + "012008;Bardello\n"  # row 10
        + "012009;Bedero;5;1;;;;9\n"  # row 11
        + AGRA
    )
    assert ids(reading) == ["012001", "012012", "012001"]
    assert [(row["row"], row["column"], row["value"]) for row in rejects(reading)] == [
        ("2", "istat", "12002"),
        ("3", "people", "many"),
        ("5", "km2", "1,5"),
        ("6", "open", "perhaps"),
        ("7", "day", "30/02/2024"),
        ("8", "class", "white"),
        ("9", "istat", ""),
        ("10", "people", "012008;Bardello"),
        ("11", "", "012009;Bedero;5;1;;;;9"),
    ]
    assert (reading.rows, reading.rejected) == (3, 9)
    assert sum(count for _, count in reading.reasons) == 9
    assert names(folder / "out") == ["a.parquet", "a.rejects.csv"]


def test_a_reject_says_file_line_reason_and_remedy(read: Read) -> None:
    reading = read(HEAD + AGRA + "012003;Angera;many;1;;;\n")
    assert rejects(reading) == [
        {
            "file": "a.csv",
            "row": "2",
            "column": "people",
            "value": "many",
            "reason": "people: not a whole number",
            "remedy": "write digits only",
            "line": "3",
        }
    ]


@pytest.mark.parametrize("value", ["8.60E+05", "8,6E+14", "8E5", "1e+14"])
def test_an_id_in_exponent_notation_is_refused(read: Read, value: str) -> None:
    reading = read(f"{HEAD}{AGRA}{value};x;;;;;\n")
    assert reading.reasons == (("istat: in exponent notation, digits are lost", 1),)
    assert rejects(reading)[0]["value"] == value
    assert "as text" in rejects(reading)[0]["remedy"]


@pytest.mark.parametrize("value", ["nan", "inf", "1e400", "0x10", "1.234,5", "1.5.2"])
def test_what_is_no_finite_number_is_refused(read: Read, value: str) -> None:
    reading = read(f"{HEAD}{AGRA}012003;x;;{value};;;\n")
    assert rejects(reading)[0]["reason"] == "km2: not a number"


@pytest.mark.parametrize("day", ["2024-02-30", "epoch", "infinity", "20240101", "2024-01-01x"])
def test_what_is_no_day_is_refused(read: Read, day: str) -> None:
    reading = read(f"{HEAD}{AGRA}012003;x;;;;{day};\n")
    assert (rejects(reading)[0]["column"], rejects(reading)[0]["value"]) == ("day", day)


def test_a_decimal_comma_is_named_with_its_option(read: Read) -> None:
    reading = read(f"{HEAD}{AGRA}012003;x;;2,7;;;\n")
    assert rejects(reading)[0]["reason"] == "km2: decimal mark ',' in place of '.'"
    assert rejects(reading)[0]["remedy"].startswith("pass --decimal ','")


def test_a_decimal_comma_is_read_when_asked_for(read: Read) -> None:
    lines = "".join(f"012003;x;;{value};;;\n" for value in ("2,7", "1.234,5", "12", "1.2.3,4"))
    reading = read(HEAD + lines, dialect=Dialect(decimal=","))
    assert pq.read_table(reading.path)["km2"].to_pylist() == [2.7, 1234.5, 12.0]
    assert [(row["row"], row["value"]) for row in rejects(reading)] == [("4", "1.2.3,4")]


def test_a_missing_column_is_named_with_the_one_that_may_be_meant(read: Read, folder: Path) -> None:
    problem = refused(read, HEAD.replace("istat", "istatt") + AGRA)
    assert problem.detail == "missing column: istat"
    assert (problem.where.file, problem.where.column) == (str(folder / "a.csv"), "istat")
    assert "did you mean its column 'istatt'?" in str(problem.remedy)
    assert names(folder / "out") == []


def test_no_hint_is_given_where_nothing_is_near(read: Read) -> None:
    assert "did you mean" not in str(refused(read, "a;b\n1;2\n").remedy)


def test_headers_are_known_whatever_their_case_and_spaces(read: Read) -> None:
    assert ids(read(" ISTAT ;Name\n012001;Agra\n")) == ["012001"]


@pytest.mark.parametrize(("extra", "shown"), [("istat", "istat"), ("NAME", "name"), ("x;X", "X")])
def test_a_doubled_header_is_refused(read: Read, extra: str, shown: str) -> None:
    problem = refused(read, HEAD.replace("\n", f";{extra}\n") + AGRA)
    assert problem.detail == "a column name stands twice in the header"
    assert problem.where.column == shown


def test_a_delimiter_at_the_end_of_each_line_is_a_nameless_column(read: Read) -> None:
    reading = read((HEAD + AGRA).replace("\n", ";\n"))
    assert ids(reading) == ["012001"]
    assert reading.ignored_columns == ("column 8",)


def test_columns_that_nothing_uses_are_named(read: Read) -> None:
    assert read("istat;note\n012001;x\n").ignored_columns == ("note",)


@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
def test_the_delimiter_is_seen_and_may_stand_in_quotes(read: Read, delimiter: str) -> None:
    text = f'istat{delimiter}name\n012001{delimiter}"Agra{delimiter} la ""bella"""\n'
    reading = read(text)
    expected = [f'Agra{delimiter} la "bella"']
    assert pq.read_table(reading.path)["name"].to_pylist() == expected


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_bom_and_either_line_end_change_nothing(read: Read, mark: bytes, end: str) -> None:
    text = HEAD + AGRA + "12;x;;;;;\n" + BESO
    reading = read(mark + text.replace("\n", end).encode())
    assert ids(reading) == ["012001", "012012"]
    assert rejects(reading)[0]["row"] == "2"


def test_the_last_line_may_lack_its_end(read: Read) -> None:
    assert ids(read((HEAD + AGRA + BESO).rstrip("\n"))) == ["012001", "012012"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_another_encoding_stops_with_row_and_option(read: Read, folder: Path, end: str) -> None:
    text = (HEAD + AGRA + "012003;Forlì;;;;;\n" + BESO).replace("\n", end)
    problem = refused(read, text.encode("cp1252"))
    assert problem.detail == "the file is not UTF-8 text"
    assert problem.where.row == 2
    assert "--encoding cp1252" in str(problem.remedy)
    assert names(folder / "out") == []


def test_another_encoding_in_the_header_is_row_zero(read: Read) -> None:
    problem = refused(read, HEAD.replace("name", "città").encode("cp1252"))
    assert (problem.where.row, problem.value) == (0, b"\xe0")


@pytest.mark.parametrize("encoding", ["cp1252", "CP1252", "latin-1", "utf-16", "UTF-16", "utf_16"])
def test_another_encoding_is_read_when_asked_for(read: Read, encoding: str) -> None:
    text = HEAD + "012003;Forlì;;;;;\n12;x;;;;;\n"
    reading = read(text.encode(encoding), dialect=Dialect(encoding=encoding))
    assert pq.read_table(reading.path)["name"].to_pylist() == ["Forlì"]
    assert (rejects(reading)[0]["file"], rejects(reading)[0]["row"]) == ("a.csv", "2")


def test_utf_16_is_recognised(read: Read) -> None:
    problem = refused(read, (HEAD + AGRA).encode("utf-16"))
    assert problem.detail == "the file is UTF-16, not UTF-8"
    assert "--encoding utf-16" in str(problem.remedy)


def test_a_byte_outside_the_encoding_is_named_with_its_row(read: Read) -> None:
    data = (HEAD + AGRA * 3000).encode() + b"012003;\x81;;;;;\n"
    problem = refused(read, data, dialect=Dialect(encoding="cp1252"))
    assert (problem.where.row, problem.value) == (3001, b"\x81")
    assert "--encoding" in str(problem.remedy)


def test_text_that_is_not_the_encoding_asked_for_is_refused(read: Read) -> None:
    problem = refused(read, HEAD + AGRA, dialect=Dialect(encoding="utf-16"))
    assert problem.detail.startswith("the file is not utf-16 text")


def test_an_unknown_encoding_is_named(read: Read) -> None:
    assert refused(read, HEAD, dialect=Dialect(encoding="klingon")).value == "klingon"


def test_a_quote_never_closed_refuses_the_file_it_would_swallow(read: Read, folder: Path) -> None:
    problem = refused(read, HEAD + AGRA + '012003;"Angera;5;1;;;\n' + BESO * 20)
    assert problem.detail.startswith("a quote is opened and not closed")
    assert (problem.where.row, problem.where.column) == (2, "name")
    assert problem.value == '012003;"Angera;5;1;;;'
    assert "close the quote" in str(problem.remedy)
    assert names(folder / "out") == []


def test_a_quote_never_closed_in_the_last_line_costs_that_line(read: Read) -> None:
    reading = read(HEAD + AGRA + BESO + '012003;"Angera;5;1')
    assert ids(reading) == ["012001", "012012"]
    assert [(row["row"], row["reason"]) for row in rejects(reading)] == [
        ("3", "name: a quote is not closed")
    ]


def test_a_publisher_that_quotes_nothing_may_write_quotes(read: Read) -> None:
    reading = read(HEAD + '012003;"Angera;5;1;;;\n' + BESO, dialect=Dialect(quote=""))
    assert pq.read_table(reading.path)["name"].to_pylist() == ['"Angera', "Besozzo"]


@pytest.mark.parametrize(
    "broken", ['012001;"A\ngra";;;;;\n', "\n", "\n\n"], ids=["quoted line end", "blank", "blanks"]
)
def test_rows_are_found_after_lines_that_are_no_row(read: Read, broken: str) -> None:
    reading = read(HEAD + broken + AGRA + "12;x;;;;;\n012003;y\n" + AGRA + "13;x;;;;;\n")
    first = broken.count("\n") + 2
    expected = [(first, "istat"), (first + 1, "people"), (first + 3, "istat")]
    assert [(int(row["row"]), row["column"]) for row in rejects(reading)] == expected
    assert [int(row["line"]) for row in rejects(reading)] == [row + 1 for row, _ in expected]


def test_a_file_cut_in_the_middle_of_a_line_loses_that_line_only(read: Read) -> None:
    reading = read((HEAD + AGRA + BESO)[:-20])
    assert ids(reading) == ["012001"]
    assert (rejects(reading)[0]["row"], rejects(reading)[0]["value"]) == ("2", "012012;Besozzo;882")
    assert "cut" in rejects(reading)[0]["remedy"]


def test_line_ends_of_two_kinds_are_refused_with_a_remedy(read: Read, folder: Path) -> None:
    problem = refused(read, HEAD + AGRA.replace("\n", "\r\n") + BESO)
    assert problem.where.file == str(folder / "a.csv")
    assert "line ends alike" in str(problem.remedy)


def test_lone_carriage_returns_are_refused_with_a_remedy(read: Read) -> None:
    problem = refused(read, (HEAD + AGRA).replace("\n", "\r"))
    assert "LF or CRLF" in str(problem.remedy)


@pytest.mark.parametrize("data", [b"", b"\n\n", b"  \r\n"])
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_an_empty_file_is_refused(read: Read, data: bytes, name: str) -> None:
    problem = refused(read, gzip.compress(data) if name.endswith("gz") else data, name)
    assert problem.detail == "the file is empty"
    assert problem.kind is Kind.BAD_INPUT


@pytest.mark.parametrize("text", [HEAD, HEAD.strip()])
def test_a_header_alone_is_refused(read: Read, folder: Path, text: str) -> None:
    assert refused(read, text).detail == "the file has a header but no rows of places"
    assert names(folder / "out") == []


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"PK\x03\x04", "a zip archive"),
        (b"PAR1", "a Parquet file"),
        (b"%PDF-1.7", "a PDF"),
        (b"\x89PNG\r\n", "a picture"),
        (b"SQLite format 3\0", "an SQLite database"),
        (gzip.compress(b"istat\n", mtime=0), "a gzip file without the ending .gz"),
    ],
)
def test_what_is_no_text_table_is_called_by_its_name(read: Read, head: bytes, what: str) -> None:
    problem = refused(read, head + bytes(100))
    assert problem.detail.startswith(f"the file is {what}")
    assert "CSV" in str(problem.remedy)


def test_a_gzip_file_is_read_and_its_rejects_bear_its_name(read: Read) -> None:
    for encoding in ("utf-8", "cp1252"):
        data = gzip.compress((HEAD + AGRA + "12;x;;;;;\n").encode())
        reading = read(data, "dell'anno.csv.gz", dialect=Dialect(encoding=encoding))
        assert ids(reading) == ["012001"]
        assert rejects(reading)[0]["file"] == "dell'anno.csv.gz"


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_cut_gzip_file_gives_its_good_rows_and_a_note(read: Read, encoding: str) -> None:
    lines = [f"{number * 7919 % 1_000_003 % 999_999:06d};n;1;1;;;\n" for number in range(20_000)]
    whole = gzip.compress((HEAD + "".join(lines)).encode())
    reading = read(whole[: len(whole) // 2], "a.csv.gz", dialect=Dialect(encoding=encoding))
    found = ids(reading)
    assert 0 < len(found) < len(lines)
    assert found == [line[:6] for line in lines[: len(found)]]
    assert reading.notes == (
        ("the gzip stream ends too early: the file is cut, fetch it again", 1),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_gzip_file_with_a_wrong_checksum_is_refused(
    read: Read, folder: Path, encoding: str
) -> None:
    data = bytearray(gzip.compress((HEAD + AGRA * 20_000).encode()))
    data[-8] ^= 1
    problem = refused(read, bytes(data), "a.csv.gz", dialect=Dialect(encoding=encoding))
    assert problem.detail.startswith("the gzip file is cut or damaged: CRC check failed")
    assert names(folder / "out") == []


def test_a_gzip_file_cut_in_its_head_is_refused(read: Read) -> None:
    problem = refused(read, gzip.compress((HEAD + AGRA).encode())[:30], "a.csv.gz")
    assert problem.detail.startswith("the gzip file is cut or damaged")
    assert "fetch it again" in str(problem.remedy)


def test_what_is_only_called_gzip_is_refused(read: Read) -> None:
    assert "Not a gzipped file" in refused(read, HEAD + AGRA, "a.csv.gz").detail


def test_a_missing_file_and_a_folder_are_no_input(folder: Path) -> None:
    for path in (folder / "none.csv", folder):
        with pytest.raises(Problem) as caught:
            read_header(path)
        assert caught.value.kind is Kind.NO_INPUT
        assert caught.value.where.file == str(path)


def test_when_no_row_can_be_used_the_first_in_the_file_is_shown(read: Read, folder: Path) -> None:
    problem = refused(read, HEAD + "12;x;;;;;\n" + "013\n")
    assert problem.detail == "no row of places can be used; first: istat: not of the form [0-9]{6}"
    assert (problem.where.row, problem.where.column, problem.value) == (1, "istat", "12")
    assert names(folder / "out") == []


def test_a_refused_file_leaves_the_last_good_result(read: Read, folder: Path) -> None:
    read(HEAD + AGRA + "12;x;;;;;\n")
    before = {path.name: path.read_bytes() for path in (folder / "out").iterdir()}
    refused(read, HEAD + "12;x;;;;;\n")
    assert {path.name: path.read_bytes() for path in (folder / "out").iterdir()} == before


def test_a_clean_file_takes_away_the_rejects_of_the_last_one(read: Read, folder: Path) -> None:
    read(HEAD + AGRA + "12;x;;;;;\n")
    read(HEAD + AGRA)
    assert names(folder / "out") == ["a.parquet"]


def test_only_rows_of_the_layout_are_read_and_rejected_at_their_place(read: Read) -> None:
    layout = Layout(renames={"istat": "code"}, where="\"name\" <> 'skip'")
    text = HEAD.replace("istat", "code") + AGRA + "12;skip;;;;;\n" + "13;keep;;;;;\n" + BESO
    reading = read(text, layout=layout)
    assert ids(reading) == ["012001", "012012"]
    assert [(row["row"], row["value"]) for row in rejects(reading)] == [("3", "13")]


def test_rows_keep_their_order_and_place_in_a_large_file(read: Read) -> None:
    lines = [f"{number:06d};n;1;1;;;\n" for number in range(200_000)]
    lines[150_000] = "x;n;1;1;;;\n"
    lines[60_000] = "060000;n\n"
    reading = read(HEAD + "".join(lines))
    found = ids(reading)
    assert found == sorted(found)
    assert len(found) == 199_998
    assert [row["row"] for row in rejects(reading)] == ["60001", "150001"]
