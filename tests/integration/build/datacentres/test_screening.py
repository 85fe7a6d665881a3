"""A region from layers to pages, on coarse cells, with files of our own making."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from markupsafe import escape

from nexpo.build.datacentres.outputs import Written, write
from nexpo.build.datacentres.report import render_sheet
from nexpo.build.datacentres.screening import Method, Order, screen
from nexpo.build.datacentres.site import sheet_of
from nexpo.cli.datacentres import command
from nexpo.cli.failure import exit_code_of
from nexpo.core.evidence import read_ledger
from nexpo.core.problem import Problem

DAY = date(2025, 8, 1)
MILAN = (9.19, 45.46)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder with two nodes and a protected area; nothing else is there."""
    folder = tmp_path_factory.mktemp("data")
    for name in ("grid", "siting"):
        (folder / name).mkdir()
    (folder / "grid" / "entsoe_buses.csv").write_text(
        "bus_id,station_id,voltage,dc,symbol,under_construction,x,y\n"
        "1,1,380,f,Substation,f,9.1,45.3\n2,2,132,f,Substation,f,9.19,45.46\n"
    )
    park = gpd.GeoDataFrame(geometry=[shapely.box(9.5, 45.2, 10.0, 45.6)], crs="EPSG:4326")
    park.to_file(folder / "siting" / "protected.gpkg")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEXPO_DATA", str(folder))
        patch.setenv("NEXPO_HOME", str(folder / "home"))
        yield folder


@pytest.fixture(scope="module")
def written(data: Path) -> Written:
    order = Order("lombardia", data / "out", DAY, cell_m=1000.0, draws=20, site_ha=300, sites=8)
    return write(order)


def test_what_is_missing_is_unknown_and_said(written: Written) -> None:
    screening = written.screening
    unknown = {each.criterion.key for each in screening.ranked.unknown}
    assert {"exchange", "fibre", "water", "heat", "climate"} <= unknown
    assert {each.name for each in screening.ranked.criteria} >= {"grid", "protected", "homes"}
    page = (written.folder / "index.html").read_text()
    assert "Unknown is not zero" in page
    assert "Long-distance fibre" in page
    assert "Synthetic parts" in page


def test_eligible_land_keeps_out_of_the_park(written: Written) -> None:
    screening = written.screening
    park = screening.eligibility.applied[0]
    assert park.rule.layer == "protected"
    assert park.note == ""  # read from the file, no stand-in
    assert park.marked == pytest.approx(39.2 * 44.5, rel=0.02)  # km2 of half a degree each way
    assert 0 < screening.eligibility.share < 1
    with rasterio.open(written.folder / "eligibility.synthetic.tif") as raster:
        assert (raster.read(1) == 2).sum() == (
            screening.eligibility.area & ~screening.eligibility.eligible
        ).sum()
        assert raster.crs.to_epsg() == 3035


def test_sites_are_whole_apart_and_in_order(written: Written) -> None:
    sites = gpd.read_parquet(written.folder / "sites.synthetic.parquet")
    assert len(sites) == 8
    assert sites["score"].is_monotonic_decreasing
    assert sites["accepted_share"].between(0, 1).all()
    metres = sites.geometry.to_crs(3035)
    assert metres.area.to_numpy() == pytest.approx(3e6, rel=1e-6)
    shapes = np.array(list(metres), dtype=object)
    apart = shapely.distance(shapes[:, None], shapes[None]) + 9e9 * np.eye(8)
    assert apart.min() >= 999


def test_acceptability_is_that_of_the_method(written: Written) -> None:
    page = (written.folder / "index.html").read_text()
    assert "among the best 1 % by topsis" in page
    with rasterio.open(written.folder / "accepted.synthetic.tif") as raster:
        assert raster.descriptions[0].endswith("by topsis")


def test_the_map_and_the_evidence_are_there(written: Written) -> None:
    assert (written.folder / "map.synthetic.png").read_bytes()[:4] == b"\x89PNG"
    ledger = read_ledger(written.folder / "figures.jsonl")
    assert ledger.check() == []
    share = ledger["siting.eligible_share"]
    assert share.value == pytest.approx(written.screening.eligibility.share)
    assert share.synthetic


def test_the_sheet_tells_all_about_a_place(written: Written) -> None:
    found = sheet_of(written.screening, shapely.Point(*MILAN))
    assert found.municipality == "Milano"
    grid = next(line for line in found.lines if line.measured.criterion.key == "grid")
    assert grid.value == pytest.approx(19.1, abs=1.0)  # the 380 kV node; 132 kV does not count
    assert [node.voltage_kv for node in found.nodes] == [380.0, 132.0]
    assert found.nodes[1].km < 0.01
    assert any(line.value is None for line in found.lines)
    verdicts = {line.answer for line in found.law.answers}
    assert found.law.answers
    assert verdicts <= {"pass", "fail", "unknown", "needs a person"}
    page = render_sheet(found)
    assert "Milano" in page
    assert "Connectable demand" in page
    assert "unknown" in page


def test_the_law_of_another_day_judges_and_its_conflicts_are_shown(written: Written) -> None:
    then = sheet_of(written.screening, shapely.Point(*MILAN))
    assert then.law.on == DAY
    assert any("Regional Law 11/2026" in late for late in then.law.later)
    order = replace(written.screening.order, law_on=date(2026, 11, 22))
    now = sheet_of(replace(written.screening, order=order), shapely.Point(*MILAN))
    packs = {line.pack for line in now.law.answers} - {line.pack for line in then.law.answers}
    assert any("Regional Law 11/2026" in pack for pack in packs)
    page = render_sheet(now)
    assert "Judged by the law of 2026-11-22; places and data of 2025-08-01" in page
    assert now.law.conflicts
    assert "Conflicts between packs" in page
    assert all(str(escape(each.why)) in page for each in now.law.conflicts)


def test_a_polygon_has_the_mean_of_its_cells(written: Written) -> None:
    found = sheet_of(written.screening, shapely.box(9.1, 45.4, 9.2, 45.5))
    assert found.cells == pytest.approx(7.8 * 11.1, abs=8)


def test_a_place_outside_is_refused_with_a_hint(written: Written) -> None:
    with pytest.raises(Problem, match="outside Lombardia") as caught:
        sheet_of(written.screening, shapely.Point(MILAN[1], MILAN[0]))
    assert "longitude comes first" in str(caught.value.remedy)


def test_methods_rank_the_same_cells(data: Path, written: Written) -> None:
    order = Order(
        "lombardia", data / "x", DAY, cell_m=1000.0, draws=0, method=Method.PROMETHEE2, site_ha=300
    )
    other = screen(order)
    assert np.array_equal(np.isfinite(other.score), np.isfinite(written.screening.score))
    assert abs(float(np.nansum(other.score))) < 1e-2  # net flows add up to nothing


def test_a_folder_of_somebody_else_stays(data: Path) -> None:
    (data / "mine").mkdir()
    (data / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(Problem, match="not a build"):
        write(Order("lombardia", data / "mine", DAY))


def test_heat_is_a_range_and_unknown_without_power(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = data / "sites.csv"
    table.write_text("id,lon,lat,it_kw\na,9.19,45.46,2000\nb,9.2,45.4,\n")
    call = ["heat", "lombardia", "--sites", str(table), "--json", "--out", str(data / "heat")]
    assert exit_code_of(command, call) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["sites_with_unknown_power"] == 1
    assert told["by_site"][1]["erf_mid"] is None
    first = told["by_site"][0]
    assert first["handed_mwh_least"] <= first["handed_mwh_mid"] <= first["handed_mwh_most"]
    assert "one assignment" in told["by_site_note"]
    erfs = [told["levels"][level]["erf"] for level in ("low", "mid", "high")]
    assert erfs == sorted(erfs)
    assert all(0 <= erf < 1 for erf in erfs)
    assert read_ledger(data / "heat" / "figures.jsonl").check() == []


def test_heat_with_a_refused_row_does_the_others_and_says_so(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = data / "half.csv"
    table.write_text("id,lon,lat,it_kw\na,9.19,45.46,2000\nb,9.2,45.4,2 MW\n")
    assert exit_code_of(command, ["heat", "lombardia", "--sites", str(table), "--json"]) == 65
    assert len(json.loads(capsys.readouterr().out)["by_site"]) == 1


def test_heat_prints_the_range_of_each_site(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = data / "one.csv"
    table.write_text("id,lon,lat,it_kw\na,9.19,45.46,2000\n")
    assert exit_code_of(command, ["heat", "lombardia", "--sites", str(table)]) == 0
    printed = capsys.readouterr().out
    assert "by site, least to most over the levels" in printed
    assert "mid is its part of the assignment" in printed


def test_heat_names_the_cell_that_is_no_number(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = data / "bad.csv"
    table.write_text("id,lon,lat,it_kw\na,9.19,45.46,2 MW\n")
    assert exit_code_of(command, ["heat", "lombardia", "--sites", str(table), "--json"]) == 65
    told = json.loads(capsys.readouterr().out)
    assert (told["row"], told["column"], told["value"]) == (1, "it_kw", "2 MW")
