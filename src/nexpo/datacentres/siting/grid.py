"""The raster frame of a region: square cells in a metric projection, edges on round metres.

The choices made here, each named: edges lie on multiples of the cell size, so that two runs over
overlapping areas share their cells; a cell belongs to a shape when its *centre* does
(:attr:`Cells.CENTRE`), or when any part of it does (:attr:`Cells.TOUCHED`). Tiles are windows
for work and memory only: every function of this package gives a cell the same value whatever the
tile it is computed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from math import ceil, floor, isfinite
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from rasterio.features import rasterize
from rasterio.transform import Affine

from nexpo.core.problem import bad_input

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Mask = NDArray[np.bool_]
    Floats = NDArray[np.floating]
    Ints = NDArray[np.int64]

METRIC = "EPSG:3035"
"""Equal-area projection of Europe (ETRS89-LAEA): areas are right everywhere."""

RESOLUTIONS_M = (100, 25)
_MOST_CELLS = 2_000_000_000


class Cells(Enum):
    """Which cells belong to a shape."""

    CENTRE = "centre"
    TOUCHED = "touched"


@dataclass(frozen=True, slots=True)
class Frame:
    """A grid of square cells, north up.

    Attributes
    ----------
    left_m, top_m
        Outer corner of the first cell, in metres of the projection.
    cell_m
        Side of a cell.
    rows, columns
        Size; row 0 is the northernmost.

    Examples
    --------
    >>> frame = Frame.around((120.0, 40.0, 450.0, 310.0), 100)
    >>> frame.shape, frame.left_m, frame.top_m
    ((4, 4), 100.0, 400.0)
    >>> frame.x[:2], frame.y[:2]
    (array([150., 250.]), array([350., 250.]))
    """

    left_m: float
    top_m: float
    cell_m: float
    rows: int
    columns: int
    crs: str = METRIC

    @classmethod
    def around(
        cls,
        bounds: tuple[float, float, float, float],
        cell_m: float,
        *,
        crs: str = METRIC,
        pad_m: float = 0.0,
    ) -> Frame:
        """Return the frame on multiples of the cell size that holds a box.

        Parameters
        ----------
        bounds
            Least x, least y, greatest x, greatest y in metres.
        pad_m
            Metres to add on every side.

        Raises
        ------
        Problem
            When the cell is no length, the box is empty or not finite, or the projection does
            not measure in metres.
        """
        check_metric(crs)
        if not (isfinite(cell_m) and cell_m > 0):
            raise bad_input("a cell needs a side in metres", value=cell_m, remedy="100 or 25")
        west, south, east, north = (float(side) for side in bounds)
        if not all(isfinite(side) for side in bounds) or west > east or south > north:
            raise bad_input(
                "the area has no extent",
                value=bounds,
                remedy="give at least one polygon that can be brought into the projection",
            )
        first, last = floor((west - pad_m) / cell_m), ceil((east + pad_m) / cell_m)
        low, high = floor((south - pad_m) / cell_m), ceil((north + pad_m) / cell_m)
        columns, rows = max(last - first, 1), max(high - low, 1)
        if rows * columns > _MOST_CELLS:
            raise bad_input(
                f"the area has {rows * columns:,} cells",
                value=f"{cell_m:g} m",
                remedy="choose larger cells or a smaller area; is the area in metres?",
            )
        side = float(cell_m)
        return cls(first * side, (low + rows) * side, side, rows, columns, crs)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, self.columns

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Least x, least y, greatest x, greatest y in metres."""
        return (
            self.left_m,
            self.top_m - self.rows * self.cell_m,
            self.left_m + self.columns * self.cell_m,
            self.top_m,
        )

    @property
    def cell_ha(self) -> float:
        """Area of a cell in hectares."""
        return self.cell_m**2 / 10_000

    @property
    def x(self) -> Floats:
        """Centres of the columns, in metres."""
        centres: Floats = self.left_m + (np.arange(self.columns) + 0.5) * self.cell_m
        return centres

    @property
    def y(self) -> Floats:
        """Centres of the rows, in metres."""
        centres: Floats = self.top_m - (np.arange(self.rows) + 0.5) * self.cell_m
        return centres

    @property
    def transform(self) -> Affine:
        """The transform that raster files carry."""
        return Affine(self.cell_m, 0.0, self.left_m, 0.0, -self.cell_m, self.top_m)

    def cell_of(self, x: float, y: float) -> tuple[int, int] | None:
        """Return row and column of a place, or None outside.

        Examples
        --------
        >>> Frame(0.0, 300.0, 100.0, 3, 3).cell_of(150.0, 299.0)
        (0, 1)
        """
        row = floor((self.top_m - y) / self.cell_m)
        column = floor((x - self.left_m) / self.cell_m)
        inside = 0 <= row < self.rows and 0 <= column < self.columns
        return (row, column) if inside else None

    def padded(self, metres: float) -> Frame:
        """Return the frame with whole cells added on every side, at least so many metres."""
        more = ceil(metres / self.cell_m)
        return replace(
            self,
            left_m=self.left_m - more * self.cell_m,
            top_m=self.top_m + more * self.cell_m,
            rows=self.rows + 2 * more,
            columns=self.columns + 2 * more,
        )

    def window(self, rows: slice, columns: slice) -> Frame:
        """Return the part of the frame that some rows and columns cover."""
        return replace(
            self,
            left_m=self.left_m + columns.start * self.cell_m,
            top_m=self.top_m - rows.start * self.cell_m,
            rows=rows.stop - rows.start,
            columns=columns.stop - columns.start,
        )

    def tiles(self, side: int) -> Iterator[tuple[slice, slice]]:
        """Yield windows of at most ``side`` cells a side, row by row; they cover all once.

        Examples
        --------
        >>> len(list(Frame(0.0, 0.0, 100.0, 5, 3).tiles(2)))
        6
        """
        for top in range(0, self.rows, side):
            rows = slice(top, min(top + side, self.rows))
            for left in range(0, self.columns, side):
                yield rows, slice(left, min(left + side, self.columns))

    def crop(self, values: NDArray[np.generic], within: Frame) -> NDArray[np.generic]:
        """Return the part of an array on ``within`` that lies on this frame (a view).

        Raises
        ------
        Problem
            When this frame does not lie on the cells of the other.
        """
        column = (self.left_m - within.left_m) / self.cell_m
        row = (within.top_m - self.top_m) / self.cell_m
        top, left = round(row), round(column)
        aligned = abs(row - top) < 1e-6 and abs(column - left) < 1e-6  # noqa: PLR2004 - of a cell
        inside = top >= 0 and left >= 0
        inside &= top + self.rows <= within.rows and left + self.columns <= within.columns
        if self.cell_m != within.cell_m or not aligned or not inside:
            raise bad_input(
                "one raster does not lie on the cells of the other",
                value=f"{self.bounds} within {within.bounds}",
                remedy="bring both onto one frame first",
            )
        return values[top : top + self.rows, left : left + self.columns]


def check_metric(crs: str) -> None:
    """Refuse a projection that does not measure in metres.

    Raises
    ------
    Problem
        Naming the projection: unknown, in degrees, or in feet.

    Examples
    --------
    >>> check_metric("EPSG:4326")
    Traceback (most recent call last):
    nexpo.core.problem.Problem: distances need a projection in metres...
    """
    try:
        known = CRS.from_user_input(crs)
    except CRSError:
        raise bad_input(
            "unknown coordinate reference system",
            value=crs,
            remedy="write one as EPSG:3035 or EPSG:32632",
        ) from None
    units = {axis.unit_name for axis in known.axis_info}
    if not known.is_projected or units != {"metre"}:
        raise bad_input(
            "distances need a projection in metres",
            value=f"{crs} ({known.name})",
            remedy="EPSG:3035 serves all of Europe",
        )


def covered(shapes: Iterable[BaseGeometry], frame: Frame, *, cells: Cells = Cells.CENTRE) -> Mask:
    """Return the cells that some shapes cover.

    Parameters
    ----------
    shapes
        Geometries in the projection of the frame; empty ones are passed over.
    cells
        Which cells count as covered.

    Examples
    --------
    >>> frame = Frame(0.0, 300.0, 100.0, 3, 3)
    >>> int(covered([shapely.box(0, 0, 140, 140)], frame).sum())
    1
    >>> int(covered([shapely.box(0, 0, 140, 140)], frame, cells=Cells.TOUCHED).sum())
    4
    """
    kept = [shape for shape in shapes if not shape.is_empty]
    if not kept:
        return np.zeros(frame.shape, dtype=np.bool_)
    burnt = rasterize(
        kept,
        out_shape=frame.shape,
        transform=frame.transform,
        fill=0,
        default_value=1,
        all_touched=cells is Cells.TOUCHED,
        dtype="uint8",
    )
    found: Mask = burnt.view(np.bool_)
    return found


def numbered(shapes: Iterable[BaseGeometry], frame: Frame) -> NDArray[np.int32]:
    """Return the number of the shape that holds each cell's centre; -1 where none does.

    Where shapes overlap the first in order holds the cell.

    Examples
    --------
    >>> frame = Frame(0.0, 100.0, 100.0, 1, 3)
    >>> numbered([shapely.box(0, 0, 200, 100), shapely.box(100, 0, 300, 100)], frame)
    array([[0, 0, 1]], dtype=int32)
    """
    pairs = [(shape, number) for number, shape in enumerate(shapes) if not shape.is_empty]
    if not pairs:
        return np.full(frame.shape, -1, dtype=np.int32)
    burnt: NDArray[np.int32] = rasterize(
        reversed(pairs),  # the last burnt stays
        out_shape=frame.shape,
        transform=frame.transform,
        fill=-1,
        dtype="int32",
    )
    return burnt


def area_of(polygons: Iterable[BaseGeometry]) -> BaseGeometry:
    """Return the union of polygons: the study area."""
    return shapely.union_all(list(polygons))
