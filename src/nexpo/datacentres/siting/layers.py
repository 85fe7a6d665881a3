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
from nexpo.core.problem import Where, bad_input
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
        """Return a column as numbers, NaN where a value is not known.

        Raises
        ------
        Problem
            At a text: only columns that are declared as numbers are read as such.
        """
        values = self.table.get(column, [None] * len(self.geometries))
        try:
            return np.array([np.nan if v is None else float(str(v)) for v in values])
        except ValueError as error:
            raise bad_input(
                f"a column of the layer {self.key} is asked for as numbers and holds a text",
                where=Where(column=column),
                value=str(error).rpartition(": ")[2],
                remedy="name the column under numbers in the declaration of the layer",
            ) from None

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
    """A raster layer on a frame (the region's, or a wider one that holds it); NaN is unknown.

    Attributes
    ----------
    classes
        Name of the class that a value stands for; a value without one is known, and of none.
    """

    key: str
    frame: Frame
    values: Raster
    inputs: tuple[Input, ...] = ()
    notes: tuple[str, ...] = ()
    classes: Mapping[float, str] = field(default_factory=dict)

    @property
    def shape(self) -> Shape:
        """Always a raster."""
        return Shape.RASTER

    @property
    def synthetic(self) -> bool:
        """Whether it is a stand-in."""
        return any(item.synthetic for item in self.inputs)

    def marked(self, values: Sequence[float], among: Sequence[str] = ()) -> NDArray[np.bool_]:
        """Return the cells with one of some values, else of some classes, else of any class.

        Raises
        ------
        Problem
            When neither values nor classes say which cells are meant, or no value has a class
            that is asked for.

        Examples
        --------
        >>> land = Gridded("land", Frame(0, 100, 100, 1, 3), np.array([[0, 1, 2]], np.float32),
        ...                classes={1: "farmland", 2: "water"})
        >>> land.marked((), ("water",)), land.marked(())
        (array([[False, False,  True]]), array([[False,  True,  True]]))
        """
        if not (values or self.classes):
            raise bad_input(
                f"nothing says which values of the raster {self.key} are meant",
                remedy="give values (of a rule also at_least or at_most), or declare the classes "
                "of the layer",
            )
        for name in among if not values else ():
            if name not in self.classes.values():
                raise bad_input(
                    f"no value of the raster {self.key} stands for this class",
                    value=name,
                    remedy=f"its classes: {', '.join(self.classes.values())}",
                )
        wanted = [at for at, name in self.classes.items() if not among or name in among]
        return np.isin(self.values, np.asarray(values or wanted, dtype=np.float32))


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
