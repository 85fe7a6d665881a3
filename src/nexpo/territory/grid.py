"""Square cells on the European equal-area grid (EPSG:3035), as broadband maps use them.

A cell is named by its side and its lower left corner in metres, in the manner of the
INSPIRE grid: ``CRS3035RES50mN2480350E4321000``. Corners are multiples of the side, so
cells of 50 m nest in those of 100 m, and those of 50 m in those of 350 m. All cells
have the same true area; shapes are sheared by up to a degree away from 10 E 52 N.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nexpo.core.problem import bad_input

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from pyproj import Transformer

_ID = re.compile(r"CRS3035RES([1-9][0-9]*)mN(-?[0-9]+)E(-?[0-9]+)")


class Corners(NamedTuple):
    """Lower left corners of many cells, metres in EPSG:3035."""

    x_m: NDArray[np.int64]
    y_m: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cell:
    """A grid cell by the metres of its lower left corner and its side.

    Examples
    --------
    >>> Cell.parse("CRS3035RES350mN2462600E4205950").id
    'CRS3035RES350mN2462600E4205950'
    """

    x_m: int
    y_m: int
    size_m: int

    def __post_init__(self) -> None:
        _check_size(self.size_m)
        if self.x_m % self.size_m or self.y_m % self.size_m:
            raise bad_input(
                "a cell's corner is a multiple of its side",
                value=self.id,
                remedy="use grid_cell to find the cell of a point",
            )

    @property
    def id(self) -> str:
        """Name of the cell, INSPIRE manner."""
        return f"CRS3035RES{self.size_m}mN{self.y_m}E{self.x_m}"

    @classmethod
    def parse(cls, text: str) -> Cell:
        """Read the name of a cell.

        Raises
        ------
        Problem
            When the text is no such name.
        """
        found = _ID.fullmatch(text)
        if found is None:
            raise bad_input(
                "not a grid cell id", value=text, remedy="as in CRS3035RES50mN2480350E4321000"
            )
        size_m, y_m, x_m = map(int, found.groups())
        return cls(x_m, y_m, size_m)

    def centre(self) -> tuple[float, float]:
        """Return longitude and latitude of the centre, degrees."""
        half = self.size_m / 2
        lon, lat = _from_metres().transform(self.x_m + half, self.y_m + half)
        return float(lon), float(lat)

    def ring(self) -> list[tuple[float, float]]:
        """Return the closed ring of its corners, longitude and latitude, anticlockwise."""
        right, top = self.x_m + self.size_m, self.y_m + self.size_m
        xs = [self.x_m, right, right, self.x_m, self.x_m]
        ys = [self.y_m, self.y_m, top, top, self.y_m]
        lon, lat = _from_metres().transform(xs, ys)
        return list(zip(map(float, lon), map(float, lat), strict=True))


def grid_cell(lon: float, lat: float, size_m: int) -> Cell:
    """Return the cell of a point.

    Parameters
    ----------
    lon, lat
        Degrees, WGS 84.
    size_m
        Side of the cell: 50, 100 and 350 are those of the Italian maps.

    Examples
    --------
    >>> grid_cell(8.53848, 45.26694, 350)
    Cell(x_m=4205950, y_m=2462600, size_m=350)
    """
    corners = grid_corners([lon], [lat], size_m)
    return Cell(int(corners.x_m[0]), int(corners.y_m[0]), size_m)


def grid_corners(lon: ArrayLike, lat: ArrayLike, size_m: int) -> Corners:
    """Return the lower left corners of the cells of many points.

    Raises
    ------
    Problem
        When the side is not positive or a coordinate cannot be projected.
    """
    _check_size(size_m)
    x, y = _to_metres().transform(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise bad_input(
            "a coordinate is not on the map",
            remedy="give longitude and latitude in degrees, in that order, without gaps",
        )
    return Corners(_floor(x, size_m), _floor(y, size_m))


def _floor(metres: NDArray[np.float64], size_m: int) -> NDArray[np.int64]:
    return (np.floor(metres / size_m) * size_m).astype(np.int64)


def _check_size(size_m: int) -> None:
    if size_m <= 0:
        raise bad_input("a cell has a positive side", value=size_m, remedy="50, 100 or 350")


@cache
def _to_metres() -> Transformer:
    from pyproj import Transformer  # noqa: PLC0415 - PROJ opens its database

    return Transformer.from_crs(4326, 3035, always_xy=True)


@cache
def _from_metres() -> Transformer:
    from pyproj import Transformer  # noqa: PLC0415 - PROJ opens its database

    return Transformer.from_crs(3035, 4326, always_xy=True)
