"""The commands: without data, interrupted, in the wrong place, and asked for a figure."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nexpo.build import Built, Order, build, dossier
from nexpo.cli import group
from nexpo.cli.failure import exit_code_of
from nexpo.core.evidence import read_ledger
from nexpo.core.files import sha256_of
from nexpo.core.problem import Problem

pytestmark = pytest.mark.integration

NEXPO = (sys.executable, "-m", "nexpo.cli")


def hashes(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in files}


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = exit_code_of(group, list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_without_data_everything_counted_is_marked(trentino: Built) -> None:
    assert trentino.synthetic == ("uncovered.synthetic.csv", "performance.synthetic.csv")
    tables = [name for name in trentino.files if name.endswith((".parquet", ".svg"))]
    assert all(".synthetic." in name for name in tables)
    ledger = read_ledger(trentino.folder / "figures.jsonl")
    topics = {"uncovered", "performance"}
    unmarked = [f.id for f in ledger if f.id.split(".")[0] in topics and not f.synthetic]
    assert unmarked == []
    assert not ledger["territory.population"].synthetic
    assert ledger["need.rank/022205"].synthetic
    header, first, *_ = (trentino.folder / "municipalities.synthetic.csv").read_text().splitlines()
    assert header.endswith("synthetic_uncovered,synthetic_performance")
    assert first.endswith("yes,yes")


def test_the_seed_decides_and_nothing_else(
    trentino: Built, without_data: None, tmp_path: Path
) -> None:
    same = build(Order("trentino-alto-adige", tmp_path / "same"))
    other = build(Order("trentino-alto-adige", tmp_path / "other", seed=5))
    assert hashes(same.folder) == hashes(trentino.folder)
    assert hashes(other.folder) != hashes(trentino.folder)


def test_any_region_builds(
    without_data: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "taa"
    code, printed, _ = run("build", "trentino-alto-adige", "--out", str(out), "--on", "2023-06-01",
                           "--json", capsys=capsys)  # fmt: skip
    assert code == 0
    told = json.loads(printed)
    assert told["on"] == "2023-06-01"
    assert Path(told["dossier"]).is_file()


def test_an_interrupt_leaves_the_last_good_build(
    without_data: None, trentino: Built, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    before = hashes(trentino.folder)

    def interrupted(page: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(dossier, "render", interrupted)
    code, _, said = run("build", "trentino-alto-adige", "--seed", "9", "--out",
                        str(trentino.folder), capsys=capsys)  # fmt: skip
    assert code == 130
    assert "the last good result stands" in said
    assert hashes(trentino.folder) == before
    assert [path.name for path in trentino.folder.parent.iterdir()] == ["taa"]


def test_ctrl_c_in_the_middle_of_writing(
    trentino: Built, environment: dict[str, str], tmp_path: Path
) -> None:
    before = hashes(trentino.folder)
    last_good = tmp_path / "alone" / "last_good"
    shutil.copytree(trentino.folder, last_good)
    command = [*NEXPO, "build", "lombardia", "--seed", "9", "--out", str(last_good)]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("- tables"):
                process.send_signal(signal.SIGINT)
                break
        process.stderr.read()
        assert process.wait(timeout=60) == 130
    assert hashes(last_good) == before
    assert [path.name for path in last_good.parent.iterdir()] == ["last_good"]


def test_somebody_elses_folder_is_not_replaced(without_data: None, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(Problem, match="not a build of Nexpo"):
        build(Order("lombardia", tmp_path))
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_an_unknown_region_and_a_wrong_day_say_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, said = run("build", "atlantis", "--out", str(tmp_path / "x"), capsys=capsys)
    assert code != 0
    assert "remedy" in said
    code, _, said = run("build", "lombardia", "--on", "yesterday", "--out", str(tmp_path / "x"),
                        capsys=capsys)  # fmt: skip
    assert code == 65
    assert "YYYY-MM-DD" in said
    assert not (tmp_path / "x").exists()


def test_explain_prints_the_arithmetic(trentino: Built, capsys: pytest.CaptureFixture[str]) -> None:
    build_at = ("--build", str(trentino.folder))
    code, said, _ = run("explain", "uncovered.total", *build_at, capsys=capsys)
    assert code == 0
    assert "= a + b + c" in said
    assert "(synthetic)" in said
    _, said, _ = run("explain", "need/022205", *build_at, capsys=capsys)
    assert said.startswith("rank by need [022205")
    assert "rule need.index" in said
    _, said, _ = run("explain", *build_at, capsys=capsys)
    assert "need: " in said
    _, said, _ = run("explain", "--list", "latency", *build_at, capsys=capsys)
    assert "\nperformance.latency\t" in said
    _, said, _ = run("explain", "performance/022205", "--json", *build_at, capsys=capsys)
    assert {figure["unit"] for figure in json.loads(said)["figures"]} == {"Mbit/s", "ms"}


def test_explain_takes_the_newest_build_and_says_when_there_is_none(
    trentino: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    code, _, said = run("explain", "uncovered.total", capsys=capsys)
    assert code == 66
    assert "nexpo build" in said
    (tmp_path / "builds").mkdir()
    (tmp_path / "builds" / "lombardia").symlink_to(trentino.folder)
    assert run("explain", "uncovered.total", capsys=capsys)[0] == 0
    code, _, said = run("explain", "uncovered.totl", capsys=capsys)
    assert code == 66
    assert "uncovered.total" in said


@pytest.mark.parametrize("what", ["folder", "dead link"])
def test_no_trentino_takes_the_place_of_what_is_there_and_unusable(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "data" / "broadband" / "infratel_civici_non_coperti_lombardia.parquet"
    place.parent.mkdir(parents=True)
    if what == "folder":
        place.mkdir()
    else:
        place.symlink_to("nowhere")
    monkeypatch.setenv("NEXPO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("NEXPO_HOME", str(tmp_path))
    code, _, err = run("build", "lombardia", "--out", str(tmp_path / "b"), capsys=capsys)
    assert code == 65
    assert what.removeprefix("dead ") in err
    assert str(place) in err
    assert not (tmp_path / "b").exists()


def test_a_day_that_nobody_knows_yet_is_noted(
    without_data: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, printed, _ = run("build", "trentino-alto-adige", "--out", str(tmp_path / "b"),
                           "--on", "2999-01-01", capsys=capsys)  # fmt: skip
    assert code == 0
    assert "note: not at hand: changes of municipalities after 2026" in printed
    tree = str(tmp_path / "no" / "such" / "b")
    assert run("build", "trentino-alto-adige", "--out", tree, capsys=capsys)[0] == 64
    assert not (tmp_path / "no").exists()


def test_a_file_that_is_not_the_published_one_and_a_day_before_it_are_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    part = tmp_path / "data" / "broadband" / "infratel_civici_non_coperti_lombardia.parquet"
    part.parent.mkdir(parents=True)
    columns = ("istat", "provincia", "comune", "strada", "civico", "stato")
    rows = ["022205", "TRENTO", "TRENTO", "VIA ROMA", "1", "B"]
    pq.write_table(pa.table({name: [cell] for name, cell in zip(columns, rows, strict=True)}), part)
    monkeypatch.setenv("NEXPO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("NEXPO_HOME", str(tmp_path / "home"))
    out = str(tmp_path / "b")
    for day, early in (("2023-01-01", True), ("2025-09-01", False)):
        code, printed, _ = run("build", "trentino-alto-adige", "--out", out, "--on", day,
                               capsys=capsys)  # fmt: skip
        assert code == 0
        assert "infratel_civici_non_coperti_lombardia.parquet as it was published" in printed
        assert "213,008); the file of that name has 1, and the figures rest on it" in printed
        assert ("a list of 2023-01-01: that of 2025-08" in printed) == early


def test_a_region_is_listed_once_and_an_empty_name_means_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, _, err = run("build", "zzz", capsys=capsys)
    assert err.count("lombardia") == 1
    assert run("explain", "", capsys=capsys)[0] == 64


def test_the_value_of_a_rule_is_data_in_json(
    trentino: Built, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run("explain", "need.score/022205", "--build", str(trentino.folder), "--json",
                    capsys=capsys)  # fmt: skip
    assert '"value": "{' not in out
    assert '"value": "[' not in out
