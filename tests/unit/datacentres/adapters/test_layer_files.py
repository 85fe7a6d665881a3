"""Layers from files: what is read, and each way in which a file can be wrong."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

from nexpo.core.problem import Problem
from nexpo.datacentres.adapters.layer_files import read_features
from nexpo.datacentres.adapters.raster_files import read_raster, write_cog
from nexpo.datacentres.siting.grid import Frame
from nexpo.datacentres.siting.layers import Shape

CRS = "EPSG:3035"
FRAME = Frame(4_200_000.0, 2_400_000.0, 100.0, 6, 8)
BOWTIE = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])


def parks(crs: str | None = CRS) -> gpd.GeoDataFrame:
    x, y = FRAME.left_m, FRAME.top_m
    shapes = [shapely.box(x, y - 100, x + 100, y), shapely.box(x + 200, y - 300, x + 400, y - 100)]
    return gpd.GeoDataFrame({"name": ["a", "b"], "mw": [1.5, None]}, geometry=shapes, crs=crs)


@pytest.mark.parametrize("name", ["p.gpkg", "p.shp", "p.geojson"])
def test_formats_and_projections_come_to_the_same(tmp_path: Path, name: str) -> None:
    there = "EPSG:4326" if name.endswith("json") else "EPSG:32632"
    parks().to_crs(there).to_file(tmp_path / name)
    found = read_features(tmp_path / name, "parks", CRS, shape=Shape.POLYGONS, numbers=("mw",))
    assert found.refused == ()
    assert found.layer.table["mw"] == [1.5, None]
    for shape, expected in zip(found.layer.geometries, parks().geometry, strict=True):
        assert shape.symmetric_difference(expected).area < 1.0


def test_a_file_without_reference_system_is_refused(tmp_path: Path) -> None:
    parks().to_file(tmp_path / "p.shp")
    (tmp_path / "p.prj").unlink()
    with pytest.raises(Problem, match="coordinate reference system") as caught:
        read_features(tmp_path / "p.shp", "parks", CRS)
    assert caught.value.where.file == str(tmp_path / "p.shp")
    assert ".prj" in str(caught.value.remedy)


def test_metres_that_are_called_degrees_are_refused(tmp_path: Path) -> None:
    parks().set_crs("EPSG:4326", allow_override=True).to_file(tmp_path / "p.gpkg")
    with pytest.raises(Problem, match="no degrees"):
        read_features(tmp_path / "p.gpkg", "parks", CRS)


def test_a_layer_of_elsewhere_is_refused(tmp_path: Path) -> None:
    parks().to_file(tmp_path / "p.gpkg")
    with pytest.raises(Problem, match="elsewhere"):
        read_features(tmp_path / "p.gpkg", "parks", CRS, near=(0, 0, 1000, 1000))


def test_bad_features_are_named_and_the_others_go_on(tmp_path: Path) -> None:
    frame = parks()
    more = gpd.GeoDataFrame(
        {"name": ["bow", "none", "dot", "text"], "mw": ["1", "2", "3", "12 MW"]},
        geometry=[BOWTIE, None, shapely.Point(1, 1), shapely.box(0, 0, 1, 1)],
        crs=CRS,
    )
    frame["mw"] = ["1.5", ""]
    both = gpd.GeoDataFrame(gpd.pd.concat([frame, more], ignore_index=True), crs=CRS)
    path = tmp_path / "p.geojson"
    features = json.loads(both.to_json())
    features["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3035"}}
    path.write_text(json.dumps(features))
    found = read_features(path, "parks", CRS, shape=Shape.POLYGONS, numbers=("mw",))
    assert found.layer.table["mw"] == [1.5, None]
    said = [(problem.where.row, problem.detail) for problem in found.refused]
    assert [row for row, _ in said] == [3, 4, 5, 6]
    assert "crosses itself" in said[0][1]
    assert "no geometry" in said[1][1]
    assert "not an area" in said[2][1]
    assert "no number" in said[3][1]
    assert found.refused[3].value == "12 MW"
    assert all(problem.remedy for problem in found.refused)
    assert found.layer.notes == ("4 of 6 features refused",)


def test_numbers_are_read_as_everywhere_else(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"mw": ["1_000", "inf", "1-2", ".5", "1e3"]},
        geometry=[shapely.Point(FRAME.left_m, FRAME.top_m)] * 5,
        crs=CRS,
    )
    frame.to_file(tmp_path / "p.gpkg")
    found = read_features(tmp_path / "p.gpkg", "p", CRS, numbers=("mw",))
    assert found.layer.table["mw"] == [0.5, 1000.0]
    assert [problem.where.row for problem in found.refused] == [1, 2, 3]
    assert "a range" in found.refused[2].detail


def test_a_file_with_nothing_left_says_why(tmp_path: Path) -> None:
    gpd.GeoDataFrame(geometry=[BOWTIE], crs=CRS).to_file(tmp_path / "p.gpkg")
    with pytest.raises(Problem, match="crosses itself"):
        read_features(tmp_path / "p.gpkg", "parks", CRS)


def test_a_missing_column_or_file_or_layer_is_said(tmp_path: Path) -> None:
    parks().to_file(tmp_path / "p.gpkg")
    with pytest.raises(Problem, match="missing column: kw") as caught:
        read_features(tmp_path / "p.gpkg", "parks", CRS, numbers=("kw",))
    assert caught.value.value == "name, mw"
    with pytest.raises(Problem, match="no such layer file"):
        read_features(tmp_path / "q.gpkg", "parks", CRS)
    with pytest.raises(Problem, match="cannot be read"):
        read_features(tmp_path / "p.gpkg", "parks", CRS, layer="other")
    (tmp_path / "t.gpkg").write_text("no package")
    with pytest.raises(Problem, match="cannot be read"):
        read_features(tmp_path / "t.gpkg", "parks", CRS)


# Rasters


def land() -> np.ndarray:
    values = np.arange(48, dtype=np.float32).reshape(FRAME.shape)
    values[0, 0] = np.nan
    return values


def test_a_raster_comes_back_as_it_was_written(tmp_path: Path) -> None:
    write_cog(tmp_path / "r.tif", FRAME, land(), nodata=float("nan"), tags={"A": "b"})
    found = read_raster(tmp_path / "r.tif", "land", FRAME)
    assert np.array_equal(found.values, land(), equal_nan=True)
    wide = read_raster(tmp_path / "r.tif", "land", FRAME.padded(200))
    assert np.isnan(wide.values[:2]).all()
    assert np.array_equal(wide.values[2:-2, 2:-2], land(), equal_nan=True)
    with rasterio.open(tmp_path / "r.tif") as raster:
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert raster.tags()["A"] == "b"


def test_classes_carry_their_words(tmp_path: Path) -> None:
    write_cog(tmp_path / "c.tif", FRAME, land() > 10, nodata=0, categories=("no", "yes"))
    with rasterio.open(tmp_path / "c.tif") as raster:
        assert raster.dtypes == ("uint8",)
        assert raster.tags()["class_1"] == "yes"


def test_a_raster_in_degrees_is_brought_over_by_the_nearest(tmp_path: Path) -> None:
    transform = rasterio.Affine(0.1, 0.0, 8.0, 0.0, -0.1, 45.5)
    settings = {"driver": "GTiff", "height": 20, "width": 30, "count": 1, "dtype": "uint8"}
    with rasterio.open(
        tmp_path / "d.tif", "w", crs="EPSG:4326", transform=transform, nodata=255, **settings
    ) as raster:
        raster.write(np.full((1, 20, 30), 7, dtype=np.uint8))
    assert (read_raster(tmp_path / "d.tif", "land", FRAME).values == 7).all()


def test_rasters_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    write_cog(tmp_path / "r.tif", FRAME, land(), nodata=float("nan"))
    far = Frame(5_000_000.0, 3_000_000.0, 100.0, 3, 3)
    with pytest.raises(Problem, match="does not overlap"):
        read_raster(tmp_path / "r.tif", "land", far)
    with pytest.raises(Problem, match="band"):
        read_raster(tmp_path / "r.tif", "land", FRAME, band=2)
    with pytest.raises(Problem, match="resampling"):
        read_raster(tmp_path / "r.tif", "land", FRAME, resampling="best")
    with pytest.raises(Problem, match="no such raster"):
        read_raster(tmp_path / "q.tif", "land", FRAME)
    (tmp_path / "t.tif").write_text("no raster")
    with pytest.raises(Problem, match="cannot be read"):
        read_raster(tmp_path / "t.tif", "land", FRAME)
    write_cog(tmp_path / "n.tif", FRAME, np.full(FRAME.shape, np.nan, "f4"), nodata=float("nan"))
    with pytest.raises(Problem, match="nodata only"):
        read_raster(tmp_path / "n.tif", "land", FRAME)
    with rasterio.open(
        tmp_path / "x.tif", "w", driver="GTiff", height=2, width=2, count=1, dtype="uint8",
        transform=FRAME.transform,
    ) as raster:  # fmt: skip
        raster.write(np.ones((1, 2, 2), dtype=np.uint8))
    with pytest.raises(Problem, match="coordinate reference system"):
        read_raster(tmp_path / "x.tif", "land", FRAME)
