"""``nexpo impact run``: what it prints and writes, and how it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nexpo.build.impact import run_inputs
from nexpo.cli.impact_run import command
from nexpo.core.problem import Problem
from nexpo.impact.model import Table
from tests.impact_economy import economy

PLAN = (
    "year,phase,sector,amount,currency,basis,price_year\n"
    "2014,construction,F,100000000,EUR,basic,2014\n"
    "2015,operation,H49,4000000.50,EUR,basic,2014\n"
)
JOBS = (
    "region,sector,value,measure,unit\n"
    + "".join(
        f"{name},{code},{value},persons,person\n"
        for name, values in (
            ("R", (400, 500, 350, 150)),
            ("S", (300, 1200, 600, 250)),
            ("T", (200, 800, 550, 300)),
        )
        for code, value in zip(("C28", "F", "G46", "H49"), values, strict=True)
    )
)  # fmt: skip


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a plan and jobs; tables opened are the made economy."""

    def open_table(path: Path, *place: object, **rule: object) -> Table:
        return economy()

    monkeypatch.setattr(run_inputs, "open_table", open_table)
    (tmp_path / "plan.csv").write_text(PLAN, encoding="utf-8")
    (tmp_path / "jobs.csv").write_text(JOBS, encoding="utf-8")
    (tmp_path / "table.csv").write_text("made", encoding="utf-8")
    return tmp_path


def run(folder: Path, *more: str) -> Result:
    given = [str(folder / "plan.csv"), "--table", str(folder / "table.csv"), "--date", "2026-01-01"]
    return CliRunner().invoke(command, [*given, *more], catch_exceptions=True)


def test_region_json_and_folder(files: Path) -> None:
    out = files / "out"
    result = run(
        files, "--region", "R", "--activity", str(files / "jobs.csv"), "--delta", "0.25",
        "--draws", "40", "--seed", "3", "--out", str(out), "--json",
    )  # fmt: skip
    assert result.exit_code == 0, result.exception
    told = json.loads(result.stdout)
    assert told["delta"] == 0.25
    assert told["synthetic"] is True
    assert sum(row["cents"] for row in told["ledger"]) == 104_000_000_50
    assert told["ledger_check"]["sum"] == pytest.approx(1.0)
    assert {row["area"] for row in told["totals"]} == {"region:R", "rest:XX", "XX", "abroad"}
    assert {bar["choice"] for bar in told["tornado"]} >= {"delta", "closure", "noise"}
    assert sorted(path.name for path in out.iterdir()) == told["files"]
    assert told["inputs"][0]["name"] == "plan.csv"


def test_the_country_alone_as_text(files: Path) -> None:
    result = run(files, "--region", "none", "--closure", "none")
    assert result.exit_code == 0, result.exception
    assert "EUR 104.0 m in prices of 2014" in result.stdout
    assert "sum                                     1.0000" in result.stdout
    assert "Type I only" in result.stdout
    assert "job-years" in result.stdout


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--region", "R", "--activity", "{jobs}"), "needs delta"),
        (
            ("--region", "R", "--activity", "{jobs}", "--method", "slq", "--delta", "0.2"),
            "no delta",
        ),
        (("--region", "Q", "--activity", "{jobs}", "--delta", "0.2"), "region"),
        (("--closure", "open", "--region", "none"), "no closure of this name"),
        (("--out", "{folder}", "--region", "none"), "no run of a plan"),
        (("--mix", "hall=B", "--region", "none"), "no line of the plan is spent by a mix"),
        (("--provinces", "{jobs}", "--region", "none"), "this run has none"),
        (("--region", "none", "--delta", "0.2"), "--delta sizes a region"),
        (("--region", "none", "--area-type", "ordinary"), "--area-type sizes a region"),
        (("--region", "none", "--activity", "{jobs}"), "does not count itself"),
        (
            ("--region", "R", "--activity", "{jobs}", "--delta", "0.9", "--area-type", "ordinary"),
            "outside the range of ordinary areas",
        ),
    ],
)
def test_refusals(files: Path, more: tuple[str, ...], told: str) -> None:
    result = run(files, *(part.format(jobs=files / "jobs.csv", folder=files) for part in more))
    assert isinstance(result.exception, Problem), result.output
    assert told in str(result.exception)


def test_a_mix_is_product_and_name(files: Path) -> None:
    result = run(files, "--mix", "hall")
    assert result.exit_code == 2
    assert "PRODUCT=NAME" in result.output


def test_without_a_table_at_hand_none_is_made_up(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.setenv("NEXPO_DATA", str(empty))
    monkeypatch.setenv("NEXPO_HOME", str(empty))
    result = CliRunner().invoke(command, [str(files / "plan.csv"), "--region", "none"])
    assert isinstance(result.exception, Problem)
    assert "no input-output table is on this machine" in str(result.exception)
    assert "--table" in str(result.exception.remedy)


def test_plans_that_ship_are_named() -> None:
    assert run_inputs.plan_path("training-scheme").name == "training-scheme.yaml"
    with pytest.raises(Problem, match="no such plan") as caught:
        run_inputs.plan_path("moon-base")
    assert "training-scheme" in str(caught.value.remedy)


def test_a_folder_of_its_name_does_not_hide_a_plan_that_ships(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "training-scheme").mkdir()  # as `--out training-scheme` leaves behind
    monkeypatch.chdir(tmp_path)
    assert run_inputs.plan_path("training-scheme").name == "training-scheme.yaml"


def test_a_plan_that_is_a_folder_and_prices_without_an_index_say_where(files: Path) -> None:
    result = CliRunner().invoke(command, [str(files), "--region", "none"])
    assert "a folder, not a file" in str(result.exception)
    (files / "plan.csv").write_text(PLAN.replace(",2014\n", ",1950\n"), encoding="utf-8")
    result = run(files, "--region", "none")
    assert "plan.csv, row 1, column price_year" in str(result.exception)


def test_a_seed_is_not_below_zero(files: Path) -> None:
    result = run(files, "--region", "none", "--seed", "-1")
    assert (result.exit_code, "-1 is not in the range" in result.output) == (2, True)


def test_the_nation_of_an_activity_is_counted_without_a_region(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = ("--region", "none", "--closure", "none", "--json")
    totals = json.loads(run(files, *more).stdout)["totals"]
    known = {row["indicator"]: row["value"] for row in totals if row["effect"] == "all"}
    monkeypatch.setattr(run_inputs, "open_table", lambda *_, **__: economy(jobs=False))
    told = json.loads(run(files, *more, "--activity", str(files / "jobs.csv")).stdout)
    found = {row["indicator"]: row["value"] for row in told["totals"] if row["effect"] == "all"}
    assert found["jobs"] == pytest.approx(known["jobs"])  # the regions sum to the table's persons
    assert told["region"] is None


def test_how_text_is_written_holds_for_all_files(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, object] = {}

    def open_table(*_: object, **asked: object) -> Table:
        given.update(asked)
        return economy()

    monkeypatch.setattr(run_inputs, "open_table", open_table)
    jobs = JOBS.replace(",", ";").replace("R;C28;400", "Forl\u00ec;C28;400,0")
    (files / "jobs.csv").write_bytes(jobs.replace("R;", "Forl\u00ec;").encode("cp1252"))
    text = PLAN.replace(",", ";").replace("4000000.50", "4000000,50")
    (files / "plan.csv").write_bytes(text.encode("cp1252"))
    result = run(
        files, "--region", "Forl\u00ec", "--activity", str(files / "jobs.csv"), "--delta", "0.2",
        "--encoding", "cp1252", "--decimal", ",", "--accept", "row_balance",
    )  # fmt: skip
    assert result.exit_code == 0, result.exception
    assert "row_balance" in given["accept"]  # type: ignore[operator]
    assert (given["encoding"], given["decimal"]) == ("cp1252", ",")


def test_a_small_plan_shows_its_figures(files: Path) -> None:
    (files / "plan.csv").write_text(
        "year,phase,sector,amount,currency,basis,price_year\n2014,construction,F,800,EUR,basic,2014\n"
    )
    result = run(files, "--region", "none", "--closure", "none")
    assert "EUR 800 in prices of 2014" in result.stdout
    assert "gdp, XX (EUR) " in result.stdout
    assert ": 0.0" in result.stdout.partition("jobs in XX")[2]  # two digits, not nothing


def test_the_sector_of_the_plan_is_named_where_a_year_has_no_index(files: Path) -> None:
    text = PLAN.splitlines()[0] + "\n2014,construction,H49,8,EUR,basic,1950\n"
    (files / "plan.csv").write_text(text)
    result = run(files, "--region", "none")
    assert isinstance(result.exception, Problem)
    assert "indices of H49" in str(result.exception.remedy)


def test_two_runs_with_one_seed_are_equal_byte_by_byte(files: Path) -> None:
    more = ("--region", "R", "--activity", str(files / "jobs.csv"), "--delta", "0.25")
    for name in ("one", "two"):
        given = (*more, "--draws", "20", "--seed", "3", "--out", str(files / name))
        assert run(files, *given).exit_code == 0
    for path in sorted((files / "one").iterdir()):
        assert path.read_bytes() == (files / "two" / path.name).read_bytes(), path.name


def test_provinces_split_the_region_and_small_plans_are_told_in_thousands(files: Path) -> None:
    (files / "plan.csv").write_text(
        "year,phase,sector,amount,currency,basis,price_year,province\n"
        "2014,construction,F,100000,EUR,basic,2014,015\n"
    )
    (files / "provinces.csv").write_text("sector,015,016\nC28,300,100\nF,200,300\nG46,300,50\n")
    more = ("--region", "R", "--activity", str(files / "jobs.csv"), "--delta", "0.25")
    result = run(files, *more, "--provinces", str(files / "provinces.csv"))
    assert result.exit_code == 0, result.exception
    assert "gdp, province:015 (EUR k)" in result.stdout
    assert "rest of region:R" in result.stdout


def test_a_template_is_written_without_a_plan(tmp_path: Path) -> None:
    target = tmp_path / "plan.yaml"
    result = CliRunner().invoke(command, ["--template", str(target)])
    assert (result.exit_code, target.exists()) == (0, True)
    assert CliRunner().invoke(command, []).exit_code == 2


def test_floor_and_rate_of_the_user_are_used_and_said(files: Path) -> None:
    asked = [
        str(files / "plan.csv"), "--table", str(files / "t.csv"), "--region", "R", "--activity",
        str(files / "jobs.csv"), "--delta", "0.25", "--closure", "none", "--export-floor", "0.5",
        "--exchange-rate", "2", "--json",
    ]  # fmt: skip
    found = CliRunner().invoke(command, asked)
    assert found.exit_code == 0, found.output
    told = {each["parameter"]: each["source"] for each in json.loads(found.stdout)["assumptions"]}
    assert told["impact.two-region"] == "stated by the user with --export-floor"
