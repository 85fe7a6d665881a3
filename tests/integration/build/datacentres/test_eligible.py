"""``nexpo datacentres eligible``: any area, layers and buffers, from options or a file."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.errors import RasterioIOError

from nexpo.cli.datacentres import command
from nexpo.cli.failure import exit_code_of
from nexpo.datacentres.adapters import raster_files
from nexpo.datacentres.adapters.raster_files import write_cog
from nexpo.datacentres.siting.grid import Frame

CRS = "EPSG:3035"
BOX = (4_300_000, 2_500_000, 4_310_000, 2_510_000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    west, south, _east, north = BOX
    gpd.GeoDataFrame(geometry=[shapely.box(*BOX)], crs=CRS).to_file(tmp_path / "area.gpkg")
    half = shapely.box(west, south, west + 2000, north)
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    layer = gpd.GeoDataFrame({"class": ["A"]}, geometry=[half], crs=CRS)
    layer.to_crs("EPSG:32632").to_file(tmp_path / "parks.gpkg")
    gpd.GeoDataFrame(geometry=[half, bow], crs=CRS).to_file(tmp_path / "bow.gpkg")
    frame = Frame.around(BOX, 100)
    land = np.zeros(frame.shape, dtype=np.uint8)
    land[:, -10:] = 3
    write_cog(tmp_path / "land.tif", frame, land, nodata=255)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, object]:
    assert exit_code_of(command, ["eligible", *arguments, "--json"]) == code
    told: dict[str, object] = json.loads(capsys.readouterr().out)
    return told


def test_options_give_share_and_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "e.tif"
    told = run(
        capsys,
        *("--region", str(folder / "area.gpkg")),
        *("--exclude", f"{folder / 'parks.gpkg'}:500"),
        *("--exclude", f"{folder / 'land.tif'}=3:200"),
        *("--out", str(out)),
    )
    assert told["eligible_share"] == pytest.approx(1 - 0.25 - 0.12)  # from the edges of cells
    assert told["cells"] == 10_000
    with rasterio.open(out) as raster:
        classes = raster.read(1)
    assert (classes == 1).sum() == told["eligible_cells"]


def test_a_file_of_rules_gives_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "layers.yaml").write_text(
        "region: area.gpkg\nresolution_m: 100\nrules:\n"
        "  - {file: parks.gpkg, buffer_m: 500, column: class, among: [A]}\n"
        "  - {file: land.tif, values: [3], buffer_m: 200}\n"
    )
    told = run(capsys, str(folder / "layers.yaml"))
    assert told["eligible_share"] == pytest.approx(0.63)


def test_a_broken_feature_is_listed_and_the_rest_goes_on(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = run(
        capsys,
        *("--region", str(folder / "area.gpkg"), "--require", str(folder / "bow.gpkg")),
        code=65,
    )
    assert told["eligible_share"] == pytest.approx(0.2)
    refused = told["refused"]
    assert isinstance(refused, list)
    assert refused[0]["row"] == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules: []\n", "region is missing"),
        ("region: area.gpkg\nbuffers: 3\n", "unknown key buffers"),
        ("region: area.gpkg\nrules:\n  - {buffer_m: 3}\n", "names no file"),
        ("region: area.gpkg\nrules:\n  - {file: a.gpkg, radius: 3}\n", "radius"),
        ("region: area.gpkg\nrules:\n  - {file: a.gpkg, buffer_m: wide}\n", "wide"),
        ("region: area.gpkg\ncrs: EPSG:4326\n", "projection in metres"),
    ],
)
def test_a_file_that_cannot_be_used_says_where(
    folder: Path, text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bad.yaml").write_text(text)
    told = run(capsys, str(folder / "bad.yaml"), code=65)
    assert said in str(told["detail"])


def test_an_output_over_an_input_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    area = str(folder / "area.gpkg")
    told = run(capsys, "--region", area, "--out", area, code=64)
    assert "overwritten" in str(told["detail"])


def test_no_area_is_no_question(capsys: pytest.CaptureFixture[str]) -> None:
    assert "which area" in str(run(capsys, code=64)["detail"])


def test_a_layer_of_elsewhere_is_no_layer_of_this_area(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    far = shapely.box(BOX[0], BOX[1] - 900_000, BOX[2], BOX[3] - 900_000)
    gpd.GeoDataFrame(geometry=[far], crs=CRS).to_file(folder / "far.gpkg")
    call = ("--region", str(folder / "area.gpkg"), "--exclude")
    told = run(capsys, *call, f"{folder / 'far.gpkg'}:500", code=65)
    assert "elsewhere" in str(told["detail"])
    assert run(capsys, *call, f"{folder / 'far.gpkg'}:950000")["eligible_share"] == 0


def test_what_is_unknown_is_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = Frame.around(BOX, 100)
    land = np.zeros(frame.shape, dtype=np.uint8)
    land[:10] = 255
    write_cog(folder / "holes.tif", frame, land, nodata=255)
    call = ["eligible", "--region", str(folder / "area.gpkg")]
    assert exit_code_of(command, [*call, "--exclude", f"{folder / 'holes.tif'}=3:200"]) == 0
    printed = capsys.readouterr().out
    assert "unknown 1,200" in printed  # ten rows, and two that the buffer reaches
    assert "unchecked: 12.0000% of the area" in printed


def test_options_beside_a_file_are_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "l.yaml").write_text("region: area.gpkg\n")
    told = run(capsys, str(folder / "l.yaml"), "--exclude", "x.gpkg", code=64)
    assert "not from both" in str(told["detail"])


def test_cells_larger_than_the_area_are_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ("--region", str(folder / "area.gpkg"), "--resolution", "90000000")
    assert "cells are too large" in str(run(capsys, *call, code=65)["detail"])


def test_a_value_that_does_not_occur_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "z.yaml").write_text(
        "region: area.gpkg\nrules:\n  - {file: parks.gpkg, column: class, among: [Z]}\n"
    )
    rules = run(capsys, str(folder / "z.yaml"))["rules"]
    assert isinstance(rules, list)
    assert rules[0]["note"] == "value Z does not occur in column class (A)"


def test_a_buffer_has_no_unit_and_a_key_is_known(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = run(capsys, "--region", "a.gpkg", "--exclude", "parks.gpkg:500m", code=64)
    assert "parks.gpkg:500 if metres" in str(told["remedy"])
    (folder / "k.yaml").write_text("region: area.gpkg\nrules:\n  - {file: a.gpkg, effekt: x}\n")
    told = run(capsys, str(folder / "k.yaml"), code=65)
    assert "unknown key effekt; did you mean effect?" in str(told["detail"])


def test_what_the_raster_library_cannot_write_is_no_fault_of_the_program(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RasterioIOError("disk full")

    monkeypatch.setattr(raster_files, "copy", refuse)
    call = ("--region", str(folder / "area.gpkg"), "--out", str(folder / "e.tif"))
    assert "disk full" in str(run(capsys, *call, code=73)["detail"])
