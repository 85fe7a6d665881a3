"""Height models from GeoTIFF, cloud-optimised GeoTIFF or VRT: one file or many tiles.

Only the window asked for is read, block by block, through a cache of blocks; tiles of one
reference system are put together on the grid of the first. What no tile covers and what a tile
marks as *nodata* is NaN: unknown, never zero. Where a window would not fit the cells allowed it
is read coarser, each cell by its highest point, so that no obstacle is lost.

Traps of real files: Copernicus GLO-30 carries no *nodata* value and is a surface model (DSM) in
degrees, whose columns widen north of 50 degrees; Lombardy's 5 m model is bare ground (DTM) in
EPSG:32632 with -9999 in its holes; a tile without reference system reads as map units.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import rasterio
from pyproj import Transformer
from rasterio.errors import RasterioIOError
from rasterio.windows import Window

from nexpo.connectivity.design.wireless.terrain import Heights, Surface, Terrain, check_crs
from nexpo.core.problem import Kind, Problem, Where

_BLOCK = 512
_LOWEST_M, _HIGHEST_M = -500.0, 9000.0  # the Dead Sea shore, Everest: beyond is a filler value
_SAME_CELL = 1e-6
_METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Box:
    """An area in degrees, WGS 84."""

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        if not (self.west < self.east and self.south < self.north):
            raise Problem(
                Kind.USAGE,
                "the area has no extent",
                value=f"{self.west}, {self.south}, {self.east}, {self.north}",
                remedy="give west, south, east, north in degrees",
            )

    def widened(self, margin_m: float) -> Box:
        """Return the area with a margin, metres.

        Examples
        --------
        >>> Box(9.0, 45.0, 9.1, 45.1).widened(1000.0).south < 44.992
        True
        """
        north = margin_m / _METRES_PER_DEGREE
        east = north / max(math.cos(math.radians((self.south + self.north) / 2.0)), 0.01)
        return Box(self.west - east, self.south - north, self.east + east, self.north + north)


@dataclass(slots=True)
class HeightFiles:
    """Open tiles of one height model; use as a context manager.

    Parameters
    ----------
    paths
        GeoTIFF or VRT files, one reference system, one cell size.
    surface
        Whether roofs and trees are in them: no file says so.
    crs
        Reference system where the files name none.
    cache_blocks
        Blocks of 512 x 512 cells kept (1 MB each).

    Raises
    ------
    Problem
        When a file is missing, unreadable, without reference system, in another one than the
        first, not in metres or degrees, or of another cell size.
    """

    paths: Sequence[Path]
    surface: Surface
    crs: str | None = None
    cache_blocks: int = 256
    _tiles: list[rasterio.DatasetReader] = field(default_factory=list)
    _cache: OrderedDict[tuple[int, int, int], Heights] = field(default_factory=OrderedDict)

    def __enter__(self) -> Self:
        if not self.paths:
            raise Problem(Kind.USAGE, "no file of a height model was given")
        try:
            for path in self.paths:
                self._tiles.append(self._opened(path))
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the files and drop the cache."""
        for tile in self._tiles:
            tile.close()
        self._tiles.clear()
        self._cache.clear()

    def _opened(self, path: Path) -> rasterio.DatasetReader:
        try:
            tile = rasterio.open(path)
        except RasterioIOError as error:
            missing = not Path(path).exists()
            raise Problem(
                Kind.NO_INPUT if missing else Kind.BAD_INPUT,
                "no such file" if missing else f"the height model cannot be read: {error}",
                where=Where(str(path)),
                remedy="give a GeoTIFF or VRT",
            ) from None
        try:
            self._checked(tile, path)
        except Problem:
            tile.close()
            raise
        return tile

    def _checked(self, tile: rasterio.DatasetReader, path: Path) -> None:
        named = tile.crs.to_string() if tile.crs else None
        crs = named or self.crs
        if crs is None:
            raise Problem(
                Kind.BAD_INPUT,
                "the height model names no reference system",
                where=Where(str(path)),
                remedy="write it in (gdal_edit -a_srs EPSG:32632 FILE), or give it with the file",
            )
        try:
            check_crs(crs)
        except Problem as problem:
            raise Problem(
                problem.kind,
                problem.detail,
                where=Where(str(path)),
                value=problem.value,
                remedy=problem.remedy,
            ) from None
        if self._tiles:
            self._like_first(tile, crs, path)

    def _like_first(self, tile: rasterio.DatasetReader, crs: str, path: Path) -> None:
        first = self._tiles[0]
        if check_crs(crs) != check_crs(self.system):
            raise Problem(
                Kind.BAD_INPUT,
                f"the tiles are in different reference systems: the first is in {self.system}",
                where=Where(str(path)),
                value=crs,
                remedy="reproject the tiles to one system, or put them together with gdalwarp",
            )
        sides = zip(tile.transform[:6], first.transform[:6], strict=True)
        for index, (one, two) in enumerate(sides):
            if index % 3 != 2 and abs(one - two) > _SAME_CELL * max(abs(two), _SAME_CELL):  # noqa: PLR2004 - the offsets differ
                raise Problem(
                    Kind.BAD_INPUT,
                    "the tiles differ in cell size",
                    where=Where(str(path)),
                    value=f"{one:g} where the first has {two:g}",
                    remedy="resample them to one grid with gdalwarp -tr",
                )

    @property
    def system(self) -> str:
        """The reference system of the tiles."""
        named = self._tiles[0].crs
        return str(named.to_string() if named else self.crs)

    def terrain(self, area: Box, *, margin_m: float = 0.0, most_cells: int = 36_000_000) -> Terrain:
        """Return the height model of an area with a margin.

        Parameters
        ----------
        margin_m
            Metres around the area: as far as sites may stand.
        most_cells
            A larger window is read coarser, each cell by its highest point.

        Raises
        ------
        Problem
            When no tile touches the area; the message says what the tiles do cover.
        """
        wide = area.widened(margin_m) if margin_m > 0 else area
        top, left, rows, columns = self._window(wide)
        step = max(1, math.ceil(math.sqrt(rows * columns / most_cells)))
        heights = self._filled(top, left, (-(-rows // step), -(-columns // step)), step)
        if not np.isfinite(heights).any():
            raise self._elsewhere(area)
        a, b, c, d, e, f = self._tiles[0].transform[:6]
        corner = (a * left + b * top + c, d * left + e * top + f)
        names = ", ".join(sorted(Path(tile.name).name for tile in self._tiles)[:3])
        more = "" if len(self._tiles) <= 3 else f" and {len(self._tiles) - 3} more"  # noqa: PLR2004 - names shown
        return Terrain(
            heights,
            (a * step, b * step, corner[0], d * step, e * step, corner[1]),
            self.system,
            self.surface,
            f"{names}{more}{f', highest of {step} x {step} cells' if step > 1 else ''}",
        )

    def _window(self, area: Box) -> tuple[int, int, int, int]:
        """Return top, left, rows and columns of an area on the first tile's grid."""
        to_map = Transformer.from_crs("EPSG:4326", self.system, always_xy=True)
        west, south, east, north = to_map.transform_bounds(
            area.west, area.south, area.east, area.north, densify_pts=21
        )
        inverse = ~self._tiles[0].transform
        corners = [inverse @ (x, y) for x in (west, east) for y in (south, north)]
        left, top = (math.floor(min(corner[axis] for corner in corners)) for axis in (0, 1))
        right, bottom = (math.ceil(max(corner[axis] for corner in corners)) for axis in (0, 1))
        return top, left, max(bottom - top, 2), max(right - left, 2)

    def _filled(self, top: int, left: int, shape: tuple[int, int], step: int) -> Heights:
        """Return the window; the first tile that knows a cell gives it."""
        heights = np.full(shape, np.nan, np.float32)
        for number, tile in enumerate(self._tiles):
            down, across = self._offset(tile)
            for (row, column), block in self._blocks(
                number, tile, top - down, left - across, shape, step
            ):
                _merge(heights, block, row + down - top, column + across - left, step)
        return heights

    def _offset(self, tile: rasterio.DatasetReader) -> tuple[int, int]:
        """Return row and column, on the first tile's grid, of a tile's first cell."""
        column, row = ~self._tiles[0].transform @ (tile.transform.c, tile.transform.f)
        return round(row), round(column)

    def _blocks(
        self,
        number: int,
        tile: rasterio.DatasetReader,
        top: int,
        left: int,
        shape: tuple[int, int],
        step: int,
    ) -> Iterator[tuple[tuple[int, int], Heights]]:
        """Yield the blocks of a tile that the window touches, with their first cell."""
        bottom = min(top + shape[0] * step, tile.height)
        right = min(left + shape[1] * step, tile.width)
        for row in range(max(top, 0) // _BLOCK * _BLOCK, bottom, _BLOCK):
            for column in range(max(left, 0) // _BLOCK * _BLOCK, right, _BLOCK):
                yield (row, column), self._block(number, tile, row, column)

    def _block(self, number: int, tile: rasterio.DatasetReader, row: int, column: int) -> Heights:
        key = (number, row, column)
        if key in self._cache:
            self._cache.move_to_end(key)
            return self._cache[key]
        window = Window(
            column, row, min(_BLOCK, tile.width - column), min(_BLOCK, tile.height - row)
        )
        try:
            raw = tile.read(1, window=window, masked=True)
        except RasterioIOError as error:
            raise Problem(
                Kind.BAD_INPUT,
                f"the height model breaks off: {error}",
                where=Where(str(tile.name), row=row),
                remedy="fetch the file again",
            ) from None
        block = np.ma.filled(raw.astype(np.float32), np.nan)
        block[(block < _LOWEST_M) | (block > _HIGHEST_M)] = np.nan
        self._cache[key] = block
        if len(self._cache) > self.cache_blocks:
            self._cache.popitem(last=False)
        return block

    def _elsewhere(self, area: Box) -> Problem:
        back = Transformer.from_crs(self.system, "EPSG:4326", always_xy=True)
        boxes = [back.transform_bounds(*tile.bounds) for tile in self._tiles]
        west, south = (min(box[axis] for box in boxes) for axis in (0, 1))
        east, north = (max(box[axis] for box in boxes) for axis in (2, 3))
        return Problem(
            Kind.BAD_INPUT,
            "the height model does not cover the area: it knows lon "
            f"{west:.4f} to {east:.4f}, lat {south:.4f} to {north:.4f}",
            where=Where(str(self._tiles[0].name)),
            value=f"lon {area.west:.4f} to {area.east:.4f}, "
            f"lat {area.south:.4f} to {area.north:.4f}",
            remedy="add the tiles of the area, or check the reference system of these",
        )


def _merge(heights: Heights, block: Heights, row: int, column: int, step: int) -> None:
    """Put a block into the window, whose first cell is at ``row, column`` of fine cells from it."""
    rows, columns = heights.shape
    top, left = max(0, -row), max(0, -column)
    bottom = min(block.shape[0], rows * step - row)
    right = min(block.shape[1], columns * step - column)
    if top >= bottom or left >= right:
        return
    part = block[top:bottom, left:right]
    down = (np.arange(top, bottom) + row) // step
    across = (np.arange(left, right) + column) // step
    if step == 1:
        into = heights[down[0] : down[-1] + 1, across[0] : across[-1] + 1]
        np.copyto(into, part, where=np.isnan(into))
        return
    known = np.isfinite(part)
    r, c = np.broadcast_arrays(down[:, None], across[None, :])
    np.fmax.at(heights, (r[known], c[known]), part[known])
