"""Layers as values: what a region declares, what was read of it, and what is not there.

A layer that is missing stays missing, with its reason: whatever is made of it is *unknown*,
never zero. Nothing here reads a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from nexpo.core.evidence import Input
from nexpo.datacentres.siting.grid import Frame

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Raster = NDArray[np.float32]


class Shape(Enum):
    """What a layer is made of."""

    POINTS = "points"
    LINES = "lines"
    POLYGONS = "polygons"
    RASTER = "raster"
    ZONES = "zones"


@dataclass(frozen=True, slots=True)
class Features:
    """A vector layer in the projection of the frame.

    Attributes
    ----------
    geometries
        One a feature, none empty.
    table
        Columns of attributes, each as long as ``geometries``; a value that is not known is None.
    """

    key: str
    shape: Shape
    geometries: Sequence[BaseGeometry]
    table: Mapping[str, Sequence[object]] = field(default_factory=dict)
    inputs: tuple[Input, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def synthetic(self) -> bool:
        """Whether it is a stand-in."""
        return any(item.synthetic for item in self.inputs)

    def numbers(self, column: str) -> NDArray[np.float64]:
        """Return a column as numbers, NaN where a value is not known."""
        values = self.table.get(column, [None] * len(self.geometries))
        return np.array([np.nan if v is None else float(str(v)) for v in values])

    def chosen(self, keep: Sequence[bool] | NDArray[np.bool_]) -> Features:
        """Return the features that are marked."""
        places = np.flatnonzero(np.asarray(keep, dtype=np.bool_)).tolist()
        return Features(
            self.key,
            self.shape,
            [self.geometries[place] for place in places],
            {name: [values[place] for place in places] for name, values in self.table.items()},
            self.inputs,
            self.notes,
        )


@dataclass(frozen=True, slots=True)
class Gridded:
    """A raster layer on a frame (the region's, or a wider one that holds it); NaN is unknown."""

    key: str
    frame: Frame
    values: Raster
    inputs: tuple[Input, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def shape(self) -> Shape:
        """Always a raster."""
        return Shape.RASTER

    @property
    def synthetic(self) -> bool:
        """Whether it is a stand-in."""
        return any(item.synthetic for item in self.inputs)


@dataclass(frozen=True, slots=True)
class Missing:
    """A layer that is declared and not there, and why."""

    key: str
    reason: str


Layer = Features | Gridded | Missing


def found(layers: Mapping[str, Layer], key: str) -> Layer:
    """Return a layer; one that nobody declared is missing too.

    Examples
    --------
    >>> found({}, "flood").reason
    'the region file declares no layer flood'
    """
    return layers.get(key, Missing(key, f"the region file declares no layer {key}"))


def inputs_of(layers: Mapping[str, Layer]) -> tuple[Input, ...]:
    """Return every file behind some layers, once."""
    given = (layer for layer in layers.values() if not isinstance(layer, Missing))
    return tuple(dict.fromkeys(item for layer in given for item in layer.inputs))
