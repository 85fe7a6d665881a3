"""``nexpo claims``: what is printed, and how it ends."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from nexpo.cli import main
from nexpo.core.evidence import Ledger

OWN = """
[[claims]]
id = "fibre.homes"
claimant = "The operator"
text = "over 12,000 homes connected"
topic = "fibre"
indicator = "connections"
value = 12000
unit = "connection"
relation = "over"
area = "03"
binds = "homes.counted"
source = { title = "press release of 3 May 2026" }
"""


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["claims", *arguments])
    return int(ended.value.code or 0)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "my_claims.toml"
    path.write_text(OWN, encoding="utf-8")
    return path


@pytest.fixture
def build(tmp_path: Path) -> Path:
    ledger = Ledger()
    fields = {"title": "homes", "unit": "connection", "as_of": date(2026, 5, 1), "place": "03"}
    ledger.observe(id="homes.counted", value=12_345, function="count", **fields)
    ledger.observe(id="claims.fibre.homes", value=1, function="claim", **fields)
    ledger.write(tmp_path / "figures.jsonl")
    return tmp_path


def test_audit_prints_a_line_a_claim_and_the_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("audit", "lombardia", "--on", "2026-11-22") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split("\t")[:3] == ["white.realised", "over 220,000 connection", "consistent"]
    assert lines[-1].startswith("35 claims: ")


def test_audit_filters_by_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("audit", "lombardia", "--verdict", "in conflict", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert {item["verdict"] for item in answer["findings"]} == {"in conflict"}
    assert sum(answer["counts"].values()) > len(answer["findings"])


def test_a_file_of_ones_own_is_bound_to_a_build(
    own: Path, build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("audit", "--file", str(own)) == 0
    assert "not checkable" in capsys.readouterr().out
    assert run("audit", "--file", str(own), "--build", str(build)) == 0
    assert "confirmed" in capsys.readouterr().out


def test_show_prints_readings_and_arithmetic(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "cloud.jobs", "--on", "2026-11-22") == 0
    told = capsys.readouterr().out
    assert "verdict: ambiguous" in told
    assert "= 880,000,000 / 5,500" in told
    assert "by claim: Amazon Web Services" in told


def test_show_prints_a_bound_figure(
    own: Path, build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("show", "fibre.homes", "--file", str(own), "--build", str(build)) == 0
    assert "homes [03, 2026-05-01] = 12,345 connection" in capsys.readouterr().out


def test_show_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "lombardia", "hub.delivered", "--json") == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "consistent"


def test_list_says_what_is_not_stated(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "lombardia") == 0
    assert "price base" in capsys.readouterr().out
    assert run("list", "lombardia", "--json") == 0
    assert json.loads(capsys.readouterr().out)["claims"][0]["id"] == "white.realised"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("audit",), 64, "name a region"),
        (("audit", "atlantis"), 66, "files here: "),
        (("show", "lombardia", "cloud.job"), 66, "cloud.jobs"),
        (("show", "nowhere"), 64, "name the region too"),
        (("audit", "lombardia", "--on", "May"), 65, "not a date"),
        (("audit", "lombardia", "--build", "nowhere"), 66, "nexpo build"),
        (("audit", "lombardia", "--verdict", "true"), 64, "in conflict"),
    ],
)
def test_errors_say_what_to_do(
    arguments: tuple[str, ...], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == code
    assert told in capsys.readouterr().err


def test_figures_come_from_the_folder_named_and_no_other(
    own: Path, build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    above = build / "above"
    above.mkdir()
    (above / "below").mkdir()
    (build / "figures.jsonl").rename(above / "below" / "figures.jsonl")
    assert run("audit", "--file", str(own), "--build", str(above)) == 66
    assert "this folder holds no evidence" in capsys.readouterr().err


def test_a_build_of_another_region_confirms_nothing(
    build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("audit", "veneto", "--build", str(build)) == 64
    assert "the build is of lombardia, the claims are on veneto" in capsys.readouterr().err
    assert run("audit", "lombardia", "--build", str(build)) == 0


def test_a_region_and_a_file_are_one_too_many(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("audit", "lombardia", "--file", str(own)) == 64
    assert "not both" in capsys.readouterr().err


@pytest.mark.parametrize("content", [None, "", "title = 'nothing'"])
def test_a_file_without_claims_is_told(
    tmp_path: Path, content: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path if content is None else tmp_path / "c.toml"
    if content is not None:
        path.write_text(content)
    assert run("audit", "--file", str(path)) == 65
    error = capsys.readouterr().err
    assert ("folder" if content is None else "holds no claims") in error
