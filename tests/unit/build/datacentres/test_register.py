"""From files to the register, and from the register to what is told of it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from nexpo.build.datacentres.register import read_batch, refuse_nothing
from nexpo.build.datacentres.reports import assess
from nexpo.cli import datacentres_indicators, datacentres_register, datacentres_report
from nexpo.core.problem import Problem
from nexpo.datacentres.model import Certainty, Stage
from nexpo.datacentres.plausibility import Severity
from tests.unit.datacentres.register_examples import GOOD, ON, report

Run = Callable[..., tuple[int, str]]
OSM = {"osm_id": 1, "osm_type": "way", "name": "Avalon 3", "last_updated": "2024-01"}
CLOSED = date(2027, 2, 1)
MILAN, ERBA = [9.19, 45.4642], [9.2247, 45.8103]


def geojson(path: Path, *features: tuple[dict[str, Any], list[float]]) -> Path:
    made = [
        {"type": "Feature", "properties": p, "geometry": {"type": "Point", "coordinates": c}}
        for p, c in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": made}))
    return path


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DATABASE_URL", str(tmp_path / "r.sqlite"))
    monkeypatch.setenv("USER", "clerk")

    def call(noun: str, *arguments: object) -> tuple[int, str]:
        command = {
            "register": datacentres_register.command,
            "report": datacentres_report.command,
            "indicators": datacentres_indicators.command,
        }[noun]
        found = CliRunner().invoke(command, [str(each) for each in arguments])
        if isinstance(found.exception, Problem):
            raise found.exception
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return found.exit_code, found.stdout

    return call


def test_maps_are_told_apart_and_places_completed(tmp_path: Path) -> None:
    osm = geojson(
        tmp_path / "o.geojson", (OSM, MILAN), ({**OSM, "osm_id": 2, "istat": "013199"}, ERBA)
    )
    batch = read_batch(osm, on=ON, region_code="03")
    first, second = batch.facilities
    assert batch.kind == "osm"
    assert (first.id, first.place.municipality, first.place.nuts3) == (
        "osm:way/1",
        "015146",
        "ITC4C",
    )
    assert first.source.certainty is Certainty.MAPPED
    assert first.stage_on(ON) is Stage.OPERATING
    assert first.power.installed_it_kw is None
    assert second.place.municipality == "013256"
    assert batch.notes == ("the municipality 013199 is now 013256",)
    atlas = geojson(tmp_path / "a.geojson", ({"name": "X", "power_mw": 2}, MILAN))
    batch = read_batch(atlas, on=ON)
    assert (batch.kind, batch.facilities[0].power.installed_it_kw) == ("atlas", 2000)
    assert batch.notes == (
        "1 facilities without a municipality; give --region to look them up by position",
    )


def test_a_file_of_which_nothing_is_left_is_refused(tmp_path: Path) -> None:
    path = geojson(tmp_path / "o.geojson", ({"osm_id": 1, "osm_type": "lot"}, MILAN))
    with pytest.raises(Problem, match="no facility can be used"):
        refuse_nothing(read_batch(path, on=ON), path)


def test_a_class_is_only_of_the_definition_of_the_scheme() -> None:
    assert {k: str(v) for k, v in assess(report(2026), on=CLOSED).classes.items()} == {
        "PUE": "B (indicative)"
    }
    fresh = assess(report(2026, fresh_water_m3=2000.0), on=CLOSED)
    assert str(fresh.classes["WUE"]) == "C (indicative)"
    assert assess(report(it_energy_kwh=11e6), on=CLOSED).classes == {}
    assert fresh.size == "medium"


def test_actual_values_of_a_year_that_is_not_over_are_refused() -> None:
    found = assess(report(2026), on=date(2026, 12, 31)).findings[0]
    assert (found.name, found.severity) == ("year-not-closed", Severity.REFUSE)
    assert "year-not-closed" not in {f.name for f in assess(report(2026), on=CLOSED).findings}


def test_the_register_from_the_command_line(tmp_path: Path, run: Run) -> None:
    osm = geojson(
        tmp_path / "o.geojson",
        (OSM, MILAN),
        ({**OSM, "osm_id": 2}, [9.1901, 45.4642]),
        ({"osm_id": 3, "osm_type": "lot"}, MILAN),
    )
    code, told = run("register", "import", osm, "--region", "lombardia", "--by", "Office 12")
    assert code == 65  # the good rows are in, one is refused
    assert "2 added, 0 changed, 0 unchanged, 1 rows rejected" in told
    kept = tmp_path / "o.geojson.rejects.csv"
    with kept.open(encoding="utf-8", newline="") as stream:
        assert [row["row"] for row in csv.DictReader(stream)] == ["3"]
    code, told = run("register", "import", osm, "--region", "lombardia", "--json")
    assert json.loads(told)["unchanged"] == 2
    listed = json.loads(run("register", "list", "--json")[1])
    assert listed["power"]["installed_it_kw"] == {"value": None, "known": 0, "unknown": 1}
    assert listed["counted_once"] == 1
    assert (
        "2 records; sums count 1 duplicate records once"
        in run("register", "list", "--municipality", "015146")[1]
    )
    shown = run("register", "show", "osm:way/1")[1]
    assert "add facility by Office 12" in shown
    assert "mapped" in shown
    assert "duplicate: osm:way/1 and osm:way/2" in run("register", "duplicates")[1]
    with pytest.raises(Problem, match="no such facility"):
        run("register", "show", "nothing")


def test_reports_requests_and_reconciliation(tmp_path: Path, run: Run) -> None:
    osm = geojson(tmp_path / "o.geojson", ({**OSM, "istat": "015146"}, MILAN))
    run("register", "import", osm)
    requests = tmp_path / "q.csv"
    requests.write_text(
        "id,source,municipality,requested_kw,supersedes\n"
        "r1,Terna,015146,10000,\nr2,Terna,015146,15000,r1\n"
    )
    assert "2 added" in run("register", "import", requests, "--kind", "requests")[1]
    form = tmp_path / "r.json"
    good = {"facility_id": "osm:way/1", "year": 2025, **GOOD}
    bad = {**good, "it_energy_kwh": 11e6}
    unknown = {**good, "facility_id": "x"}
    form.write_text(json.dumps([good, {**bad, "year": 2024}, unknown]))
    code, told = run("report", "add", form, "--by", "Op", "--at", "2026-05-10T10:00:00+02:00")
    assert code == 65
    assert "1 reports taken, 2 refused" in told
    assert "PUE would be below 1" in told
    form.write_text(json.dumps({**good, "water_input_m3": 12_500}))
    code, told = run("report", "add", form, "--by", "Op")
    assert code == 65
    assert "reported already" in told
    code, told = run("report", "add", form, "--by", "Op", "--reason", "meter", "--json")
    assert json.loads(told)["added"][0]["version"] == 2
    history = run("report", "history", "osm:way/1")[1]
    assert "water_input_m3: 12000.0 -> 12500.0" in history
    assert "version 2 by Op" in run("report", "list")[1]
    balance = json.loads(run("register", "reconcile", "--json")[1])
    (milan,) = balance["municipalities"]
    assert milan["reported_kw"] == {"value": 1500.0, "known": 1, "unknown": 0}
    assert milan["requested_of_grid_kw"]["net"]["value"] == 15_000
    assert milan["requested_of_grid_kw"]["double_counted"] == 10_000
    assert balance["disagreements"][0]["told"] == "reported, unknown to the register"
    assert "double counting would add 10,000" in run("register", "reconcile")[1]
    share = run("register", "share", "--date", "2026-11-01")[1]
    assert "62.0%  confirmed" in share
    assert "register: 0 known, 1 unknown" in share


def test_indicators_of_one_file(tmp_path: Path, run: Run) -> None:
    form = tmp_path / "r.csv"
    form.write_text("EDC,EIT,PDIT,WIN\n10000000,8000000,1500,12000\n")
    code, told = run("indicators", form, "--year", "2025", "--date", "2026-11-01", "--json")
    assert code == 0
    (made,) = json.loads(told)["reports"]
    values = {each["name"]: each["value"] for each in made["indicators"]}
    assert values == {"PUE": 1.25, "WUE": 1.5, "ERF": None, "REF": None}
    assert made["size_class"] == "medium"
    assert made["classes_indicative"] == {"PUE": "B (indicative)"}
    assert made["rule"]["verified"] is False
    form.write_text("EDC,EIT,PDIT\n10000000,8000-9000,1500\n")
    code, told = run("indicators", form, "--year", "2025")
    assert code == 65
    assert "a range instead of a value" in told


def test_templates(tmp_path: Path, run: Run) -> None:
    for noun, options in (("register", []), ("register", ["--requests"]), ("report", [])):
        path = tmp_path / f"{noun}{len(options)}.csv"
        assert run(noun, "template", path, *options)[0] == 0
        assert path.read_text().startswith(("id,", "facility_id,"))


def test_a_form_is_completed_and_what_is_unknown_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_text(
        json.dumps(
            [
                {"id": "a", "source": "s", "municipality": "015146"},
                {"id": "b", "source": "s", "municipality": "999999"},
                {"id": "c", "source": "s", "country": "DE", "municipality": "09162000"},
                {"id": "d", "source": "s", "sources": "nothing = x"},
            ]
        )
    )
    batch = read_batch(path, on=ON)
    nuts3 = {each.id: each.place.nuts3 for each in batch.facilities}
    assert nuts3 == {"a": "ITC4C", "b": None, "c": None}
    assert batch.notes == ("the municipality 999999 is not known on 2026-11-01: kept as it is",)
    assert batch.rejects[0].reason == "sources: no such column: nothing"
    with pytest.raises(Problem, match="unknown kind"):
        read_batch(path, on=ON, kind="cadastre")


def test_a_row_of_a_map_that_makes_no_facility_is_told(tmp_path: Path) -> None:
    path = geojson(tmp_path / "o.geojson", ({**OSM, "istat": "15146"}, MILAN), (OSM, MILAN))
    batch = read_batch(path, on=ON, source="our mappers")
    assert [each.row for each in batch.rejects] == [1]
    assert "six digits" in batch.rejects[0].reason
    assert batch.facilities[0].source.name == "our mappers"
