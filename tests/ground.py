"""A round area with parks as shapes and classes of land as a raster, to judge land by."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from nexpo.datacentres.adapters.raster_files import write_cog
from nexpo.datacentres.siting.grid import Frame, covered

AREA = shapely.Point(4_300_000, 2_500_000).buffer(20_000)
CRS = "EPSG:3035"


def area_with_parks_and_land(folder: Path) -> Path:
    """Write ``area.gpkg``, ``parks.gpkg`` and ``land.tif``, made up; return the folder."""
    random = np.random.default_rng(4)
    west, south, east, north = AREA.bounds
    places = random.uniform((west, south), (east, north), (80, 2))
    parks = [shapely.Point(p).buffer(r) for p, r in zip(places, places[:, 0] % 1500, strict=True)]
    gpd.GeoDataFrame(geometry=[AREA], crs=CRS).to_file(folder / "area.gpkg")
    gpd.GeoDataFrame(geometry=parks, crs=CRS).to_file(folder / "parks.gpkg")
    frame = Frame.around(AREA.bounds, 100)
    land = random.integers(0, 6, (frame.rows // 8 + 1, frame.columns // 8 + 1)).astype(np.uint8)
    land = land.repeat(8, 0).repeat(8, 1)[: frame.rows, : frame.columns]
    land[~covered([AREA], frame)] = 255  # a peer looks at the raster inside the area only
    write_cog(folder / "land.tif", frame, land, nodata=255)
    return folder
