from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from nexpo.connectivity.design.adapters.dem_files import Box, HeightFiles
from nexpo.connectivity.design.wireless import Surface
from nexpo.core.problem import Kind, Problem

WEST, NORTH, CELL = 500_000.0, 5_050_000.0, 100.0


def from_origin(west: float, north: float, width: float, height: float) -> Affine:
    return Affine(width, 0.0, west, 0.0, -height, north)


def write(
    path: Path,
    heights: np.ndarray,
    *,
    transform: Affine | None = None,
    crs: str | None = "EPSG:32632",
    nodata: float | None = -9999.0,
) -> Path:
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=heights.shape[0],
        width=heights.shape[1],
        count=1,
        dtype="float32",
        crs=crs,
        nodata=nodata,
        transform=transform or from_origin(WEST, NORTH, CELL, CELL),
    ) as file:
        file.write(heights.astype(np.float32), 1)
    return path


def ramp(rows: int = 60, columns: int = 80) -> np.ndarray:
    return np.arange(rows)[:, None] * 10.0 + np.arange(columns)[None, :]


AREA = Box(9.01, 45.56, 9.05, 45.59)


def test_a_window_holds_the_heights_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", ramp())
    with HeightFiles([path], Surface.DTM) as files:
        ground = files.terrain(AREA)
        rows, columns = ground.height_m.shape
        assert rows < 60
        assert columns < 80
        lon, lat = ground.place(np.array([5.0]), np.array([7.0]))
        with rasterio.open(path) as file:
            x, y = ground.transform[2] + 7.5 * CELL, ground.transform[5] - 5.5 * CELL
            assert ground.ground_m(lon, lat)[0] == pytest.approx(next(file.sample([(x, y)]))[0])
    assert ground.surface is Surface.DTM
    assert ground.origin == "a.tif"


def test_nodata_and_fillers_are_unknown(tmp_path: Path) -> None:
    heights = ramp()
    heights[20:30, 20:30], heights[35, 35] = -9999.0, 3.4e38
    with HeightFiles([write(tmp_path / "a.tif", heights)], Surface.DTM) as files:
        ground = files.terrain(AREA, margin_m=20_000)
    assert np.isnan(ground.height_m).any()
    assert np.nanmin(ground.height_m) == 0
    assert np.nanmax(ground.height_m) == 590 + 79
    known = np.isfinite(ground.height_m).sum()
    assert known == 60 * 80 - 100 - 1


def test_tiles_are_put_together_and_the_first_that_knows_wins(tmp_path: Path) -> None:
    whole = ramp(60, 80)
    left, right = whole[:, :50].copy(), whole[:, 40:] + 0.5
    left[10, 45] = -9999.0
    one = write(tmp_path / "1.tif", left)
    two = write(
        tmp_path / "2.tif", right, transform=from_origin(WEST + 40 * CELL, NORTH, CELL, CELL)
    )
    with HeightFiles([one, two], Surface.DTM) as files:
        ground = files.terrain(AREA, margin_m=20_000)
    row, column = (int(axis[0]) for axis in np.nonzero(ground.height_m == 0))
    got = ground.height_m[row : row + 60, column : column + 80]
    assert got[10, 45] == whole[10, 45] + 0.5
    assert got[10, 44] == whole[10, 44]
    np.testing.assert_array_equal(got[:, 50:], whole[:, 50:] + 0.5)
    assert np.isfinite(got).all()


def test_a_large_window_is_read_coarser_by_its_highest_points(tmp_path: Path) -> None:
    heights = np.zeros((600, 700))
    heights[301, 402] = 777.0
    transform = from_origin(WEST, NORTH, 10.0, 10.0)
    path = write(tmp_path / "a.tif", heights, transform=transform)
    with HeightFiles([path], Surface.DSM, cache_blocks=1) as files:
        ground = files.terrain(Box(9.0, 45.55, 9.08, 45.6), most_cells=10_000)
    assert ground.height_m.size <= 10_500
    assert np.nanmax(ground.height_m) == 777.0
    assert "highest of" in ground.origin
    row, column = (axis.astype(float) for axis in np.nonzero(ground.height_m == 777.0))
    lon, lat = ground.place(row, column)
    x = WEST + 402.5 * 10
    fine_column = (x - ground.transform[2]) / ground.transform[0]
    assert int(fine_column) == int(column[0])
    assert lon.size == lat.size == 1


def test_degrees_are_read_as_they_are(tmp_path: Path) -> None:
    second = 1 / 3600
    path = write(
        tmp_path / "g.tif",
        ramp(200, 200),
        transform=from_origin(9.0, 45.6, second, second),
        crs="EPSG:4326",
        nodata=None,
    )
    with HeightFiles([path], Surface.DSM) as files:
        ground = files.terrain(Box(9.01, 45.56, 9.03, 45.58))
    assert ground.cell_m == pytest.approx(21.7, abs=0.2)
    middle = np.array([9.0 + 100.5 * second]), np.array([45.6 - 100.5 * second])
    assert ground.ground_m(*middle)[0] == pytest.approx(1100.0, abs=0.01)


class TestRefused:
    def open(self, *paths: Path, crs: str | None = None) -> Problem:
        with pytest.raises(Problem) as caught, HeightFiles(list(paths), Surface.DTM, crs):
            pass
        return caught.value

    def test_no_reference_system(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.tif", ramp(), crs=None)
        found = self.open(path)
        assert "names no reference system" in found.detail
        assert found.where.file == str(path)
        with HeightFiles([path], Surface.DTM, "EPSG:32632") as files:
            assert files.terrain(AREA).crs == "EPSG:32632"

    def test_feet(self, tmp_path: Path) -> None:
        found = self.open(write(tmp_path / "a.tif", ramp(), crs="EPSG:2263"))
        assert "neither in degrees nor in metres" in found.detail
        assert found.where.file is not None

    def test_tiles_of_two_systems(self, tmp_path: Path) -> None:
        one, two = (
            write(tmp_path / "a.tif", ramp()),
            write(tmp_path / "b.tif", ramp(), crs="EPSG:32633"),
        )
        assert "different reference systems" in self.open(one, two).detail

    def test_tiles_of_two_cell_sizes(self, tmp_path: Path) -> None:
        other = from_origin(WEST, NORTH, 50.0, 50.0)
        one, two = (
            write(tmp_path / "a.tif", ramp()),
            write(tmp_path / "b.tif", ramp(), transform=other),
        )
        assert "differ in cell size" in self.open(one, two).detail

    def test_missing_and_unreadable(self, tmp_path: Path) -> None:
        assert self.open(tmp_path / "none.tif").kind is Kind.NO_INPUT
        (tmp_path / "text.tif").write_text("heights")
        assert self.open(tmp_path / "text.tif").kind is Kind.BAD_INPUT
        assert "no file" in self.open().detail

    def test_another_area_says_what_is_covered(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.tif", ramp())
        with (
            HeightFiles([path], Surface.DTM) as files,
            pytest.raises(Problem, match=r"it knows lon 9\.0000 to 9\.10") as caught,
        ):
            files.terrain(Box(10.0, 45.0, 10.1, 45.1))
        assert caught.value.value == "lon 10.0000 to 10.1000, lat 45.0000 to 45.1000"

    def test_an_area_without_extent(self) -> None:
        with pytest.raises(Problem, match="no extent"):
            Box(9.0, 45.0, 9.0, 46.0)
