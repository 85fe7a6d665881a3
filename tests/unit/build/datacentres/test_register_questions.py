"""What the register asks about: places, absurd power, units; circles of requests."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from nexpo.build.datacentres.positions import position_doubts
from nexpo.build.datacentres.register import share_of, totals
from nexpo.cli import datacentres_register, datacentres_report
from nexpo.core.problem import Problem
from nexpo.datacentres.actions import add_report, import_facilities
from nexpo.datacentres.adapters.store import open_register
from nexpo.datacentres.model import Facility, Place, Power, Report, Source
from nexpo.datacentres.share import ShareClaim
from tests.unit.datacentres.register_examples import ON

Run = Callable[..., tuple[int, str]]
FORM = Source("form")
AT = datetime(2026, 5, 15, tzinfo=UTC)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DATABASE_URL", str(tmp_path / "r.sqlite"))
    monkeypatch.setenv("USER", "clerk")

    def call(*arguments: object) -> tuple[int, str]:
        found = CliRunner().invoke(datacentres_register.command, [str(each) for each in arguments])
        if isinstance(found.exception, Problem):
            raise found.exception
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return found.exit_code, found.stdout

    return call


@pytest.mark.parametrize(
    ("lon", "lat", "said"),
    [
        (9.19, 45.46, ""),
        (9.3, 45.6, "outside the municipality 015146, in "),
        (2.35, 48.86, "outside Italy; which"),
        (45.46, 9.19, "seem to be exchanged"),
    ],
)
def test_a_position_is_held_against_its_municipality(lon: float, lat: float, said: str) -> None:
    doubts = list(position_doubts([("a", Place("015146", lon=lon, lat=lat))], ON))
    assert bool(doubts) == bool(said)
    assert all(said in each for each in doubts)


def test_a_position_without_a_municipality_is_held_against_the_country() -> None:
    places = [("a", Place(lon=2.35, lat=48.86)), ("b", Place(lon=45.46, lat=9.19))]
    one, two = position_doubts(places, ON)
    assert "outside Italy" in one
    assert "exchanged" in two
    assert not list(position_doubts([("c", Place(lon=2.35, lat=48.86, country="FR"))], ON))


def twins() -> tuple[Facility, ...]:
    place = Place("015146", "ITC4C", 9.19, 45.46)
    return tuple(
        Facility(name, FORM, name="Avalon 3", operator="Op", place=place, power=Power(1000.0))
        for name in ("a", "b")
    )


def test_the_share_counts_a_centre_once(tmp_path: Path) -> None:
    with open_register(str(tmp_path / "r.sqlite")) as register:
        import_facilities(register, facilities=twins(), by="o", at=AT)
        sources, _ = share_of(register, ShareClaim("03", "installed_it", 0.6), on=ON)
    assert sources[-1].region_kw == 1000.0
    assert totals(twins(), on=ON).doubled == 1


def test_absurd_power_is_asked_about_as_long_as_it_stands(tmp_path: Path, run: Run) -> None:
    form = tmp_path / "f.csv"
    form.write_text(
        "id,source,municipality,installed_it_kw\na,s,015146,5000000000\nb,s,015146,700\n"
    )
    assert run("import", form)[0] == 0
    listed = json.loads(run("list", "--json")[1])
    assert listed["power"]["installed_it_kw"] == {"value": 700.0, "known": 1, "unknown": 1}
    assert "5,000,000,000" in listed["questions"][0]
    told = json.loads(run("reconcile", "--json")[1])
    assert told["municipalities"][0]["power"]["installed_it_kw"]["net"]["value"] == 700.0
    assert "5,000,000,000" in told["questions"][0]


def test_the_question_on_a_report_stays_in_the_list(tmp_path: Path, run: Run) -> None:
    with open_register(str(tmp_path / "r.sqlite")) as register:
        import_facilities(register, facilities=twins(), by="o", at=AT)
        wild = Report("a", 2025, values={"installed_it_kw": 5e9})
        add_report(register, report=wild, by="o", at=AT)
    found = CliRunner().invoke(datacentres_report.command, ["list", "--json"])
    questions = json.loads(found.stdout)["questions"]
    assert {each["name"] for each in questions} == {"power-high"}


def test_a_circle_of_requests_refuses_its_rows_only(tmp_path: Path, run: Run) -> None:
    form = tmp_path / "q.csv"
    form.write_text(
        "id,source,municipality,requested_kw,supersedes\n"
        "a,s,015146,10,b\nb,s,015146,20,a\nc,s,015146,30,\nd,s,999999,30,\n"
    )
    code, told = run("import", form, "--kind", "requests")
    assert code == 65
    assert "2 added" in told
    assert "999999" in told
    with (tmp_path / "q.csv.rejects.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["row"], row["column"]) for row in rows] == [
        ("1", "supersedes"),
        ("2", "supersedes"),
    ]


def test_megawatts_for_kilowatts_are_asked_about(tmp_path: Path, run: Run) -> None:
    centres, asked = tmp_path / "f.csv", tmp_path / "q.csv"
    centres.write_text("id,source,municipality,requested_kw\na,s,015146,40000\n")
    asked.write_text("id,source,municipality,requested_kw,facility_id\nr,s,015146,40,a\n")
    run("import", centres)
    assert "is it in MW? 40,000 kW then" in run("import", asked, "--kind", "requests")[1]
    assert "is it in MW?" in run("reconcile")[1]


def test_whoever_changes_the_register_is_named(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("USER")
    monkeypatch.delenv("LOGNAME", raising=False)
    form = tmp_path / "f.csv"
    form.write_text("id,source\na,s\n")
    with pytest.raises(Problem, match="nobody is named"):
        run("import", form)
    assert run("import", form, "--by", "Office 12")[0] == 0
