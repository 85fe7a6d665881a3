"""From the register to maps, heat and publication: one flow, and what is confidential stays so."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from nexpo import territory
from nexpo.build.datacentres.facilities import RegisterUse, held
from nexpo.build.datacentres.heat_sites import read_sites
from nexpo.build.datacentres.published import averages_in_force, centres_of, from_register, row_of
from nexpo.cli.datacentres import command
from nexpo.cli.failure import exit_code_of
from nexpo.core.problem import Problem
from nexpo.datacentres.actions import add_report, import_facilities, put_campus
from nexpo.datacentres.adapters.facility_files import read_facilities, write_facilities
from nexpo.datacentres.adapters.schemes import load_scheme, load_size_classes
from nexpo.datacentres.adapters.store import open_register
from nexpo.datacentres.confidential import shown
from nexpo.datacentres.model import (
    Campus,
    Facility,
    Milestone,
    Place,
    Power,
    Report,
    Source,
    Stage,
)
from nexpo.datacentres.siting.grid import Frame

ON, AT = date(2026, 11, 1), datetime(2026, 5, 10, 8, 0, tzinfo=UTC)
SOURCE = Source("office", note="a form")
MILAN = shapely.box(9.0, 45.3, 9.3, 45.6)
FRAME = Frame.around((4_230_000, 2_470_000, 4_280_000, 2_520_000), 1000.0)

Run = Callable[..., tuple[int, Any]]


def centre(name: str, kw: float | None = None, **more: Any) -> Facility:
    place = more.pop("place", Place("015146", "ITC4C", 9.19, 45.46))
    return Facility(name, SOURCE, name=name, place=place, power=Power(kw), **more)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("USER", "clerk")

    def call(*words: str) -> tuple[int, Any]:
        code = exit_code_of(command, [*words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


@pytest.fixture
def address(tmp_path: Path) -> str:
    path = str(tmp_path / "r.sqlite")
    closed = (Milestone(Stage.CLOSED, date(2020, 1, 1)),)
    kept = [
        centre("open", 1000.0),
        centre("secret", 2000.0, confidential=True, place=Place("015146", None, 9.1, 45.5)),
        centre("gone", 3000.0, milestones=closed, place=Place("015146", None, 9.2, 45.4)),
        centre("placeless", place=Place("015146")),
        centre("elsewhere", place=Place("058091", None, 12.5, 41.9)),
        centre("near", place=Place(None, None, 9.25, 45.35)),
    ]
    with open_register(path) as register:
        import_facilities(register, facilities=kept, by="office", at=AT)
    return path


def test_the_register_gives_one_record_a_centre_and_counts_what_it_leaves_out(
    address: str,
) -> None:
    found = held(RegisterUse(address), codes={"015146"}, outline=MILAN, on=ON)
    assert found is not None
    assert {each.id for each in found.facilities} == {"open", "near"}
    told = " ".join(found.notes)
    assert "1 closed" in told
    assert "1 confidential" in told
    assert "1 without a position" in told
    assert not found.input.redistributable
    # neither the day asked about nor today: the last change, and what the records say
    assert found.input.vintage == (
        "register as changed on 2026-05-10, records: 2 of an unknown day"
    )
    every = held(RegisterUse(address, confidential=True), codes={"015146"}, outline=MILAN, on=ON)
    assert every is not None
    assert "secret" in {each.id for each in every.facilities}
    assert every.input.sha256 != found.input.sha256


def test_no_register_is_no_error_unless_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'none.sqlite'}")
    assert held(RegisterUse(), codes={"015146"}, outline=MILAN, on=ON) is None
    assert not list(tmp_path.iterdir())  # looking makes no register
    with pytest.raises(Problem, match="no register here"):
        held(RegisterUse(str(tmp_path / "x")), codes={"015146"}, outline=MILAN, on=ON)


def test_confidential_values_are_left_out_of_list_show_and_export(
    address: str, tmp_path: Path, run: Run
) -> None:
    _, told = run("register", "list", "--register", address)
    row = next(each for each in told["facilities"] if each["id"] == "secret")
    assert row["confidential"]
    assert row["name"] is None
    assert told["power"]["installed_it_kw"]["value"] == 4000.0  # without the 2,000 of the secret
    for words in (("show", "secret"), ("export", str(tmp_path / "out.csv"))):
        _, told = run("register", *words, "--register", address)
        assert "2000" not in json.dumps(told)
    assert "2000" not in (tmp_path / "out.csv").read_text()
    _, told = run("register", "show", "secret", "--register", address, "--confidential")
    assert told["facility"]["power"]["installed_it_kw"] == 2000.0
    code, told = run("register", "import", str(tmp_path / "out.csv"), "--register", address)
    assert (code, told["rejected"]) == (65, 1)
    _, told = run("register", "show", "secret", "--register", address, "--confidential")
    assert told["facility"]["name"] == "secret"  # nothing is lost by it


def test_what_is_exported_can_be_imported(tmp_path: Path) -> None:
    full = Facility(
        "a:1",
        SOURCE,
        name="A",
        place=Place("015146", "ITC4C", 9.123456789, 45.5, "via X, 1"),
        power=Power(1500.5, None, 2000.0, 3.25),
        milestones=(Milestone(Stage.OPERATING, date(2020, 1, 1)),),
        cloud_regions=("eu-south-1", "b"),
        sources={"operator": Source("page")},
    )
    path = write_facilities(tmp_path / "f.csv", [full])
    assert read_facilities(path).values == (full,)
    write_facilities(tmp_path / "f.geojson", [full])
    feature = json.loads((tmp_path / "f.geojson").read_text())["features"][0]
    assert feature["geometry"]["coordinates"] == [9.123456789, 45.5]
    with pytest.raises(Problem, match="CSV or GeoJSON"):
        write_facilities(tmp_path / "f.pdf", [full])


def test_a_campus_takes_facilities_or_nothing(address: str, run: Run) -> None:
    put = ("register", "campus", "put", "c1")
    assert run(*put, "--name", "Campus", "open", "nobody", "--register", address)[0] == 66
    assert run("register", "campus", "list", "--register", address)[1] == {"campuses": []}
    code, told = run(*put, "--name", "Campus", "open", "secret", "--register", address)
    assert (code, told["joined"]) == (0, ["open", "secret"])
    (campus,) = run("register", "campus", "list", "--register", address)[1]["campuses"]
    assert campus["facilities"] == ["open", "secret"]
    assert campus["power"]["installed_it_kw"] == {"value": 1000.0, "known": 1, "unknown": 1}
    with open_register(address) as register:
        before = len(register.events())
        put_campus(register, campus=Campus("c1", "Campus"), by="x", at=AT)
        assert len(register.events()) == before  # the same again is no change


def test_share_takes_the_region_as_other_verbs_do(address: str, run: Run) -> None:
    code, told = run("register", "share", "lombardia", "--register", address)
    assert (code, told["claim"]["area_code"]) == (0, "03")


def test_a_map_in_sqlite_is_no_register(tmp_path: Path) -> None:
    path = tmp_path / "area.gpkg"
    gpd.GeoDataFrame(geometry=[MILAN], crs="EPSG:4326").to_file(path)
    before = path.read_bytes()
    with pytest.raises(Problem, match="a map, not a register"):
        open_register(str(path))
    assert path.read_bytes() == before


def test_watts_are_asked_about_and_kept(tmp_path: Path, run: Run) -> None:
    form = tmp_path / "f.csv"
    form.write_text("id,source,installed_it_kw,municipality\na,x,15000000,015146\n")
    code, told = run("register", "import", str(form), "--register", str(tmp_path / "r"))
    assert (code, told["added"]) == (0, 1)
    assert "is it in W? 15,000 kW" in told["notes"][0]


# Sites for heat


def test_bad_sites_are_told_by_row_and_the_others_go_on(tmp_path: Path) -> None:
    table = tmp_path / "sites.csv"
    table.write_text(
        "id,lon,lat,it_kw,waste_c\n"
        "a,9.19,45.46,2000,\nb,9.2,45.4,2 MW,\nc,45.4,9.2,5,\nd,9.2,45.4,1-2,\n"
        "a,9.1,45.4,,\ne,9.2,45.4,5,400\ng,9.2,45.41,,35\nf,9.2,45.4"  # cut
    )
    found = read_sites(table, FRAME)
    assert [site.key for site in found.sites] == ["a", "g"]
    assert found.sites[1].it_kw is None
    cells = {(each.row, each.column) for each in found.rejects}
    assert cells == {(2, "it_kw"), (3, "lon"), (4, "it_kw"), (5, "id"), (6, "waste_c"), (8, "")}
    remedies = {each.row: each.remedy for each in found.rejects}
    assert "2000 if 2 MW" in remedies[2]
    assert "exchanged" in remedies[3]


def test_parcels_of_a_screening_are_sites(tmp_path: Path) -> None:
    box = shapely.box(4_250_000, 2_490_000, 4_250_400, 2_490_400)
    frame = gpd.GeoDataFrame(
        {"site": [1], "municipality": ["Noviglio"], "synthetic": [True]},
        geometry=[box],
        crs="EPSG:3035",
    ).to_crs("EPSG:4326")
    frame.to_parquet(tmp_path / "sites.parquet")
    found = read_sites(tmp_path / "sites.parquet", FRAME)
    (site,) = found.sites
    assert (site.key, site.name, site.it_kw) == ("1", "Noviglio", None)
    assert (site.x_m, site.y_m) == pytest.approx((4_250_200, 2_490_200), abs=0.5)
    assert found.synthetic
    cut = (tmp_path / "sites.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(cut[: len(cut) // 2])
    with pytest.raises(Problem, match="not a GeoParquet"):
        read_sites(tmp_path / "cut.parquet", FRAME)


# Publication


def report(name: str, year: int = 2025, **more: float | str) -> Report:
    values: Mapping[str, float | str] = {"total_energy_kwh": 12e6, "it_energy_kwh": 1e7, **more}
    return Report(name, year, values=values)


def test_a_row_takes_from_the_register_what_the_report_does_not_say() -> None:
    classes = load_size_classes(ON)
    row = row_of(report("open", installed_it_kw=1500.0), centre("open", 900.0), classes)
    assert (row["nuts3"], row["nuts2"], row["country"]) == ("ITC4C", "ITC4", "IT")
    assert row["size_class"] == "medium"
    assert "water_input_m3" not in row
    made = centres_of([row, row_of(report("x", nuts3="ITC46"), None, classes)])
    assert made.columns["nuts3"] == ("ITC4C", "ITC46")
    assert made.columns["size_class"] == ("medium", "")
    assert "water_input_m3" not in made.sums


def test_averages_follow_the_definitions_of_the_year() -> None:
    scheme = load_scheme(ON)
    early = {each.name: each.above for each in averages_in_force(scheme, 2023)}
    assert early["wue"] == "water_input_m3"
    assert set(early) == {"pue", "wue", "erf", "ref"}
    late = {each.name: each.above for each in averages_in_force(scheme, 2028)}
    assert late["wue_fresh"] == "fresh_water_m3"  # nobody knows yet which holds: both


def test_publish_takes_the_reports_of_the_register(tmp_path: Path, run: Run) -> None:
    path = str(tmp_path / "r.sqlite")
    names = [f"c{number}" for number in range(6)]
    with open_register(path) as register:
        import_facilities(
            register, facilities=[centre(name, 1500.0) for name in names], by="o", at=AT
        )
        for number, name in enumerate(names):
            energy = 1e7 * (1 + number)
            given = report(name, installed_it_kw=1500.0, type="colocation", it_energy_kwh=energy)
            both = Report(name, 2025, values={**given.values, "total_energy_kwh": energy * 1.25})
            add_report(register, report=both, by="o", at=AT)
        centres, averages = from_register(register, year=2025, on=date(2025, 12, 31))
        with pytest.raises(Problem, match="no report of actual values"):
            from_register(register, year=2024, on=date(2024, 12, 31))
    assert len(centres.columns["type"]) == 6
    assert {each.name for each in averages} == {"pue"}
    code, told = run("publish", "--register", path, "--year", "2025", "--by", "type")
    total = {cell["figure"]: cell["value"] for cell in told["cells"] if cell["type"] == "total"}
    assert (code, told["centres"], total["pue"]) == (0, 6, pytest.approx(1.25))
    assert total["it_energy_kwh"] == pytest.approx(21e7)


def test_withheld_records_count_as_unknown() -> None:
    every = (centre("a", 5.0), centre("b", 6.0, confidential=True))
    assert [each.power.installed_it_kw for each in shown(every, confidential=False)] == [5.0, None]
    assert shown(every, confidential=True) == every
    assert territory.municipality("015146", on=ON).region_code == "03"
