"""Rasters from files onto a frame, and to cloud-optimised GeoTIFF.

A raster without a reference system, or one that does not overlap the area, is refused as a
whole. Its nodata becomes NaN, unknown. Writing is by the COG driver that rasterio carries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from pyproj import Transformer
from rasterio._err import CPLE_BaseError
from rasterio.enums import Resampling
from rasterio.errors import RasterioError, RasterioIOError
from rasterio.io import MemoryFile
from rasterio.shutil import copy
from rasterio.vrt import WarpedVRT

from nexpo.core.evidence import Input
from nexpo.core.files import atomic_path
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.datacentres.adapters.layer_files import unreadable
from nexpo.datacentres.siting.grid import Frame
from nexpo.datacentres.siting.layers import Gridded

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CREATION = {"COMPRESS": "DEFLATE", "PREDICTOR": "YES", "BLOCKSIZE": "512", "LEVEL": "4"}
RASTERS = (".tif", ".tiff", ".vrt")
"""Endings of the files that are read as rasters."""


def read_raster(
    path: Path,
    key: str,
    frame: Frame,
    *,
    band: int = 1,
    resampling: str = "nearest",
    inputs: tuple[Input, ...] = (),
) -> Gridded:
    """Read a band of a raster onto a frame; its nodata becomes NaN, unknown.

    Parameters
    ----------
    resampling
        How values move onto the frame's cells: ``nearest`` (classes), ``bilinear``, ``average``,
        ``mode``, ``max`` or another of rasterio's names.

    Raises
    ------
    Problem
        When the file is no raster, has no reference system, or does not overlap the frame.
    """
    try:
        how = Resampling[resampling]
    except KeyError:
        raise bad_input(
            "unknown way of resampling",
            where=Where(str(path)),
            value=resampling,
            remedy=f"one of {', '.join(sorted(each.name for each in Resampling))}",
        ) from None
    try:
        with _open_raster(path) as source:
            if not 1 <= band <= source.count:
                raise bad_input(
                    f"the raster has {source.count} band(s)", where=Where(str(path)), value=band
                )
            _refuse_apart(path, source, frame)
            values = _warped(source, frame, band, how)
    except RasterioIOError as error:
        raise unreadable(path, str(error)) from None
    if not np.isfinite(values).any():
        raise _apart(path, "it has no value there: nodata only")
    return Gridded(key, frame, values, inputs)


def write_cog(
    target: Path,
    frame: Frame,
    values: NDArray[np.generic],
    *,
    nodata: float | None = None,
    description: str = "",
    tags: Mapping[str, str] | None = None,
    categories: Sequence[str] = (),
) -> Path:
    """Write one band as a cloud-optimised GeoTIFF, atomically.

    Parameters
    ----------
    nodata
        Value that stands for unknown; NaN for floats.
    tags
        Kept in the file, such as source and licence.
    categories
        Words for the values 0, 1, 2 ... of a classified raster; their averages make no sense, so
        its overviews take the nearest cell.
    """
    if values.shape != frame.shape:
        raise bad_input("the raster has another shape than its frame", value=values.shape)
    plain = values.astype(np.uint8) if values.dtype == np.bool_ else values
    profile = {
        "driver": "GTiff",
        "dtype": plain.dtype.name,
        "count": 1,
        "height": frame.rows,
        "width": frame.columns,
        "crs": frame.crs,
        "transform": frame.transform,
        "nodata": nodata,
        "tiled": True,
        "compress": "LZW",  # it is first made in memory
    }
    overviews = "NEAREST" if categories or plain.dtype.kind in "iu" else "AVERAGE"
    with atomic_path(target) as path, MemoryFile() as memory:
        with memory.open(**profile) as raster:
            raster.write(plain, 1)
            raster.set_band_description(1, description)
            words = {f"class_{number}": word for number, word in enumerate(categories)}
            raster.update_tags(**dict(tags or {}), **words)
        with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
            _copied(memory.name, path, OVERVIEW_RESAMPLING=overviews, **_CREATION)
    return target


def _copied(name: str, path: Path, **how: object) -> None:
    """Copy a raster in memory to a file as a cloud-optimised GeoTIFF."""
    try:
        copy(name, path, driver="COG", **how)
    except (CPLE_BaseError, RasterioError) as error:
        raise OSError(str(error)) from error  # atomic_path says where


def _open_raster(path: Path) -> Any:  # noqa: ANN401 - rasterio has no types
    if not path.exists():
        raise Problem(Kind.NO_INPUT, "no such raster file", where=Where(str(path)))
    try:
        source = rasterio.open(path)
    except RasterioError as error:
        raise unreadable(path, str(error)) from None
    if source.crs is None or not (source.crs.is_geographic or source.crs.is_projected):
        source.close()
        raise bad_input(
            "the raster does not say its coordinate reference system",
            where=Where(str(path)),
            remedy="write it again with its CRS (gdal_edit -a_srs EPSG:..., say)",
        )
    return source


def _refuse_apart(path: Path, source: Any, frame: Frame) -> None:  # noqa: ANN401 - as above
    turn = Transformer.from_crs(frame.crs, source.crs.to_wkt(), always_xy=True)
    west, south, east, north = turn.transform_bounds(*frame.bounds)
    left, bottom, right, top = source.bounds
    if west >= right or east <= left or south >= max(top, bottom) or north <= min(top, bottom):
        raise _apart(path, f"{left:g}, {bottom:g} to {right:g}, {top:g} ({source.crs})")


def _apart(path: Path, value: str) -> Problem:
    return bad_input(
        "the raster does not overlap the area",
        where=Where(str(path)),
        value=value,
        remedy="check its CRS and whether it is the file of this region",
    )


def _warped(source: Any, frame: Frame, band: int, how: Resampling) -> NDArray[np.float32]:  # noqa: ANN401 - as above
    settings = {
        "crs": frame.crs,
        "transform": frame.transform,
        "width": frame.columns,
        "height": frame.rows,
        "resampling": how,
        "add_alpha": source.nodata is None,
    }
    with WarpedVRT(source, **settings) as warped:
        values = warped.read(band).astype(np.float32)
        blind = warped.read_masks(band) == 0
    values[blind] = np.nan
    found: NDArray[np.float32] = values
    return found
