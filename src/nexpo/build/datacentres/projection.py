"""Between degrees (longitude first) and the metres of a region's projection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import Transformer

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_DEGREES = "EPSG:4326"


def to_metres(crs: str) -> Transformer:
    """Return what turns degrees (longitude first) into metres."""
    return Transformer.from_crs(_DEGREES, crs, always_xy=True)


def to_degrees(crs: str) -> Transformer:
    """Return what turns metres into degrees, longitude first."""
    return Transformer.from_crs(crs, _DEGREES, always_xy=True)


def moved(shape: BaseGeometry, turn: Transformer) -> BaseGeometry:
    """Return a geometry in another projection."""
    made: BaseGeometry = shapely.transform(
        shape, lambda xy: np.column_stack(turn.transform(xy[:, 0], xy[:, 1]))
    )
    return made
