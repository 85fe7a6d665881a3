"""Land eligibility beside exact distances by shapely and scipy: the same cells.

The comparison with the peer, atlite, which brings a stack of its own, is a benchmark.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from scipy.ndimage import distance_transform_edt

from nexpo.build.datacentres.eligible import Ask, judge
from nexpo.datacentres.siting.eligibility import Effect, Rule
from tests.ground import area_with_parks_and_land

CELL_M = 100.0
Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
Numbers = np.ndarray[tuple[int, ...], np.dtype[Any]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return area_with_parks_and_land(tmp_path_factory.mktemp("ground"))


def centres(place: rasterio.Affine, rows: Numbers, columns: Numbers) -> tuple[Numbers, Numbers]:
    """Return where the centres of cells lie, north up."""
    return place.c + (columns + 0.5) * place.a, place.f + (rows + 0.5) * place.e


def centres_inside(folder: Path) -> tuple[Flags, rasterio.Affine]:
    """Return which cells of the raster have their centre in the area, and where they lie."""
    with rasterio.open(folder / "land.tif") as source:
        place, shape = source.transform, source.shape
    x, y = centres(place, *np.indices(shape))
    area = gpd.read_file(folder / "area.gpkg").geometry.item()
    shapely.prepare(area)
    return shapely.contains_xy(area, x, y), place


def near_parks(folder: Path, inside: Flags, place: rasterio.Affine, far: float) -> Flags:
    """Return which cells have a park at most so far from their centre, by exact distance."""
    parks = shapely.STRtree(gpd.read_file(folder / "parks.gpkg").geometry.to_numpy())
    rows, columns = np.nonzero(inside)
    points = shapely.points(*centres(place, rows, columns))
    _, distance = parks.query_nearest(points, return_distance=True, all_matches=False)
    near = np.zeros_like(inside)
    near[rows, columns] = distance <= far
    return near


def near_land(folder: Path, values: tuple[float, ...], far: float) -> Flags:
    """Return which cells have the centre of a cell of these classes at most so far."""
    with rasterio.open(folder / "land.tif") as source:
        found = np.isin(source.read(1), values)
    near: Flags = distance_transform_edt(~found, sampling=CELL_M) <= far
    return near


@pytest.mark.parametrize("buffer_m", [0.0, 137.0, 500.0])
@pytest.mark.parametrize(
    ("file", "values", "effect"),
    [
        ("parks.gpkg", (), Effect.EXCLUDE),
        ("parks.gpkg", (), Effect.REQUIRE),
        ("land.tif", (1.0, 2.0), Effect.EXCLUDE),
    ],
)
def test_shares_agree(
    folder: Path, file: str, values: tuple[float, ...], effect: Effect, buffer_m: float
) -> None:
    inside, place = centres_inside(folder)
    near = (
        near_land(folder, values, buffer_m)
        if values
        else near_parks(folder, inside, place, buffer_m)
    )
    kept = inside & (near if effect is Effect.REQUIRE else ~near)
    rule = Rule(str(folder / file), effect, buffer_m, values=values)
    ours = judge(Ask(folder / "area.gpkg", (rule,), {})).eligibility
    assert ours.share == pytest.approx(np.count_nonzero(kept) / np.count_nonzero(inside), abs=1e-9)
