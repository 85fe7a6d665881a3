"""Land eligibility beside atlite's exclusion container: within 0.01 percentage points, and timed.

In the tests the same ground is judged by exact distances instead; atlite brings xarray, dask and
netCDF with it.
"""

from __future__ import annotations

import time
from pathlib import Path

import geopandas as gpd
import pytest

from nexpo.build.datacentres.eligible import Ask, judge
from nexpo.datacentres.siting.eligibility import Effect, Rule
from tests.ground import area_with_parks_and_land

pytestmark = pytest.mark.bench
gis = pytest.importorskip("atlite.gis", reason="atlite is a peer: pip install atlite==0.7.0")


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the area, its parks and its classes of land."""
    return area_with_parks_and_land(tmp_path_factory.mktemp("ground"))


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
    ground: Path, file: str, values: tuple[float, ...], effect: Effect, buffer_m: float
) -> None:
    path = str(ground / file)
    start = time.perf_counter()
    container = gis.ExclusionContainer(crs=3035, res=100)
    invert = effect is Effect.REQUIRE
    if values:
        container.add_raster(path, codes=values, buffer=buffer_m, buffer_geometry="circular")
    else:
        container.add_geometry(path, buffer=buffer_m, invert=invert)
    area = gpd.read_file(ground / "area.gpkg").geometry
    theirs = container.compute_shape_availability(area)[0].sum()
    half = time.perf_counter()
    rule = Rule(path, effect, buffer_m, values=values)
    ours = judge(Ask(ground / "area.gpkg", (rule,), {})).eligibility
    print(
        f"\n{file} {buffer_m:g} m: atlite {half - start:.2f} s, we {time.perf_counter() - half:.2f}"
    )
    assert ours.share == pytest.approx(theirs / ours.area.sum(), abs=1e-4)
