"""Land eligibility beside atlite's exclusion container: within 0.01 percentage points."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from nexpo.build.datacentres.eligible import Ask, judge
from nexpo.datacentres.adapters.raster_files import write_cog
from nexpo.datacentres.siting.eligibility import Effect, Rule
from nexpo.datacentres.siting.grid import Frame, covered

gis = pytest.importorskip("atlite.gis", reason="atlite is a peer: pip install atlite==0.7.0")

AREA = shapely.Point(4_300_000, 2_500_000).buffer(20_000)
CRS = "EPSG:3035"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    random = np.random.default_rng(4)
    west, south, east, north = AREA.bounds
    places = random.uniform((west, south), (east, north), (80, 2))
    parks = [shapely.Point(p).buffer(r) for p, r in zip(places, places[:, 0] % 1500, strict=True)]
    gpd.GeoDataFrame(geometry=[AREA], crs=CRS).to_file(tmp_path / "area.gpkg")
    gpd.GeoDataFrame(geometry=parks, crs=CRS).to_file(tmp_path / "parks.gpkg")
    frame = Frame.around(AREA.bounds, 100)
    land = random.integers(0, 6, (frame.rows // 8 + 1, frame.columns // 8 + 1)).astype(np.uint8)
    land = land.repeat(8, 0).repeat(8, 1)[: frame.rows, : frame.columns]
    land[~covered([AREA], frame)] = 255  # the peer looks at the raster inside the area only
    write_cog(tmp_path / "land.tif", frame, land, nodata=255)
    return tmp_path


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
    path = str(folder / file)
    container = gis.ExclusionContainer(crs=3035, res=100)
    invert = effect is Effect.REQUIRE
    if values:
        container.add_raster(path, codes=values, buffer=buffer_m, buffer_geometry="circular")
    else:
        container.add_geometry(path, buffer=buffer_m, invert=invert)
    area = gpd.read_file(folder / "area.gpkg").geometry
    theirs = container.compute_shape_availability(area)[0].sum()
    rule = Rule(path, effect, buffer_m, values=values)
    ours = judge(Ask(folder / "area.gpkg", (rule,), {})).eligibility
    assert ours.share == pytest.approx(theirs / ours.area.sum(), abs=1e-4)
