"""``nexpo design area|cost|validate|compare``: made-up ground without data, Lecco with it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import rasterio
from pyproj import Geod

from nexpo.cli import group
from nexpo.cli.failure import exit_code_of
from nexpo.core.evidence import read_ledger
from nexpo.core.settings import data_directory

pytestmark = pytest.mark.integration
NEXPO = (sys.executable, "-m", "nexpo.cli")
Capture = pytest.CaptureFixture[str]


def run(capsys: Capture, *arguments: str) -> tuple[int, dict[str, object]]:
    code = exit_code_of(group, [*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twelve addresses around a place, and no data folder."""
    monkeypatch.setenv("NEXPO_DATA", str(tmp_path))
    monkeypatch.setenv("NEXPO_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("NEXPO_DEBUG", raising=False)
    rows = [f"p{n},Via Prima,{n},{9.4 + 0.001 * n},{45.85 + 0.0005 * (n % 4)}" for n in range(12)]
    path = tmp_path / "people.csv"
    path.write_text("id,street,number,lon,lat\n" + "\n".join(rows) + "\n")
    return path


def test_a_file_of_addresses_becomes_a_folder_that_verifies(
    people: Path, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "out"
    options = ("--effort", "20", "--no-wireless", "--out", str(out))
    code, found = run(capsys, "design", "area", str(people), *options)
    assert code == 0
    assert found["synthetic"] is True
    assert found["valid"] is True
    assert {"index.html", "design.gpkg", "bill.xlsx", "figures.jsonl"} <= set(found["files"])  # type: ignore[call-overload]
    code, checked = run(capsys, "design", "validate", str(out))
    assert (code, checked["valid"]) == (0, True)
    code, priced = run(capsys, "design", "cost", str(out), "--level", "high")
    assert (code, priced["level"]) == (0, "high")
    code, beside = run(capsys, "design", "compare", str(out), str(out))
    assert code == 0
    assert len(beside["designs"]) == 2  # type: ignore[arg-type]
    (out / "bill.csv").write_text("changed")
    assert exit_code_of(group, ["design", "cost", str(out), "--lines"]) == 0
    assert exit_code_of(group, ["design", "compare", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "trench.asphalt" in printed
    assert "SYNTHETIC" in printed


def test_a_broken_design_ends_with_a_code(people: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "out"
    options = ("--effort", "5", "--no-wireless", "--out", str(out))
    assert exit_code_of(group, ["design", "area", str(people), *options]) == 0
    (out / "map.svg").write_text("changed")
    capsys.readouterr()
    assert exit_code_of(group, ["design", "validate", str(out)]) == 65
    assert "FAIL files.hash" in capsys.readouterr().out


def height_model(path: Path, *, crs: str | None, hole: bool = False) -> Path:
    heights = np.full((200, 300), 300.0, np.float32)
    heights[90:110, :] = 320.0
    if hole:
        heights[:, 100:200] = -9999.0
    profile = {
        "driver": "GTiff", "height": 200, "width": 300, "count": 1, "dtype": "float32",
        "nodata": -9999.0, "transform": rasterio.Affine(0.0003, 0.0, 9.37, 0.0, -0.0003, 45.88),
    }  # fmt: skip
    with rasterio.open(path, "w", crs=crs, **profile) as target:
        target.write(heights, 1)
    return path


def test_a_height_model_with_a_hole_leaves_links_unknown_and_says_where(
    people: Path, tmp_path: Path, capsys: Capture
) -> None:
    dem = height_model(tmp_path / "dem.tif", crs="EPSG:4326", hole=True)
    options = ("--dem", str(dem), "--surface", "dtm", "--effort", "5", "--out", str(tmp_path / "o"))
    code, found = run(capsys, "design", "area", str(people), *options)
    assert code == 0
    warnings = str(found["warnings"])
    assert "no height model was given" not in warnings
    assert "wireless" in warnings


def test_a_height_model_without_a_reference_system_is_refused(
    people: Path, tmp_path: Path, capsys: Capture
) -> None:
    dem = height_model(tmp_path / "dem.tif", crs=None)
    out = tmp_path / "o"
    code, problem = run(capsys, "design", "area", str(people), "--dem", str(dem), "--out", str(out))
    assert code == 65
    assert "reference system" in str(problem["detail"])
    assert not out.exists()


@pytest.mark.parametrize(
    ("options", "code", "word"),
    [
        (("--pop", "9.4"), 64, "longitude"),
        (("--pop", "12.0,42.0"), 65, "POP"),
        (("--min-share", "most"), 64, "share"),
        (("--architecture", "ftth-1x7"), 64, "architecture"),
        (("--grant-rule", "gold"), 64, "grant rule"),
        (("--band", "7thz"), 64, "band"),
        (("--min-share", "150"), 64, "between 0 and 1"),
        (("--budget", "-5"), 64, "below zero"),
        (("--streets", "gone.pbf"), 66, "streets"),
        (("--date", "yesterday"), 65, "day"),
    ],
)
def test_bad_input_is_told_with_a_remedy(
    options: tuple[str, ...], code: int, word: str, people: Path, tmp_path: Path, capsys: Capture
) -> None:
    arguments = ("design", "area", str(people), "--effort", "1", "--out", str(tmp_path / "o"))
    ended, problem = run(capsys, *arguments, *options)
    assert ended == code
    assert word in json.dumps(problem)
    assert not (tmp_path / "o").exists()


def test_streets_without_geometry_are_refused(
    people: Path, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "wrong.csv").write_text("a,b\n1,2\n")
    options = ("--streets", str(tmp_path / "wrong.csv"), "--out", str(tmp_path / "o"))
    code, problem = run(capsys, "design", "area", str(people), *options)
    assert code == 65
    assert "without geometry" in str(problem["detail"])


def test_an_option_that_several_municipalities_would_not_hear_is_refused(
    people: Path, tmp_path: Path, capsys: Capture
) -> None:
    options = ("--budget", "5", "--out", str(tmp_path / "o"))
    code, problem = run(capsys, "design", "area", "097091,097008", *options)
    assert code == 64
    assert "--budget" in str(problem["detail"])


def test_several_municipalities_become_one_table(
    people: Path, tmp_path: Path, capsys: Capture
) -> None:
    del people  # no data folder: addresses and streets are made up
    out = tmp_path / "two"
    options = ("--effort", "20", "--out", str(out))
    code, found = run(capsys, "design", "area", "097091,097008", *options)
    assert code == 0
    rows = found["municipalities"]
    assert isinstance(rows, list)
    assert sorted(row["istat"] for row in rows) == ["097008", "097091"]
    assert all(row["synthetic"] for row in rows)


def test_ctrl_c_leaves_the_last_good_design(people: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = ["--no-wireless", "--effort", "3", "--out", str(out)]
    subprocess.run([*NEXPO, "design", "area", str(people), *options], check=True)
    before = (out / "meta.json").read_bytes()
    long = [*NEXPO, "design", "area", str(people), "--time-limit", "600", "--out", str(out)]
    with subprocess.Popen(long, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("- "):
                break
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) in (130, 0)
    assert (out / "meta.json").read_bytes()[:20] == before[:20]
    assert not [path for path in tmp_path.iterdir() if path.name.endswith((".part", ".old"))]


@pytest.mark.skipif(
    data_directory() is None, reason="no real data: set NEXPO_DATA to the folder that holds it"
)
def test_lecco_is_designed_and_its_numbers_hold(
    tmp_path: Path, capsys: Capture, record_property: Callable[[str, object], None]
) -> None:
    out = tmp_path / "lecco"
    started = time.process_time()
    code, found = run(capsys, "design", "area", "097042", "--out", str(out))
    record_property("lecco_cpu_seconds", round(time.process_time() - started, 1))
    assert code == 0
    assert found["synthetic"] is False
    figures = {name: each["value"] for name, each in found["figures"].items()}  # type: ignore[attr-defined]
    assert figures["demand.addresses"] == 240
    assert figures["validation.failed"] == 0
    assert figures["trench.gap"] <= 0.005
    assert run(capsys, "design", "validate", str(out))[0] == 0
    _again_by_hand(out, figures)


def _again_by_hand(out: Path, figures: dict[str, float]) -> None:
    """Reckon metres and money again from the files by code that Nexpo has no part in."""
    import geopandas

    trenches = geopandas.read_file(out / "design.gpkg", layer="trenches")
    geod = Geod(ellps="WGS84")
    metres = sum(geod.geometry_length(line) for line in trenches.geometry)
    assert metres == pytest.approx(figures["trench.length"], rel=1e-4)
    bill = pl.read_csv(out / "bill.csv").filter(pl.col("code") != "total")
    due = float((bill["quantity"] * bill["unit_price_eur"]).sum() or 0)
    home = bill.filter(pl.col("code").is_in(["outlet", "ont", "drop.lead"]))
    network = due - float((home["quantity"] * home["unit_price_eur"]).sum() or 0)
    assert network == pytest.approx(figures["fibre.network_mid"], abs=0.5)
    assert network / 240 == pytest.approx(figures["fibre.per_address_mid"], abs=0.01)
    ledger = read_ledger(out / "figures.jsonl")
    rate, npv = 0.065, 0.0  # the middle rate of discount
    for year in range(21):
        query = ledger[f"fibre.mid.present.{year}"].query
        flow = float(query.split("flow EUR ")[1].split(":")[0].replace(",", ""))
        npv += flow / (1 + rate) ** year
    assert -npv == pytest.approx(figures["fibre.gap_mid"], abs=1.0)
    assert figures["grant.mid"] == pytest.approx(min(-npv, 0.7 * network), abs=1.0)
