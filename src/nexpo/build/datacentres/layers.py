"""The ground of a screening: a region's frame, its municipalities, and the layers it declares.

The region file names layers; each is read from a file of the folders of data, made by the seed
where the file says that a stand-in may be, or missing with its reason. Features that a reader
refuses are kept with row and reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import shapely

from nexpo import territory
from nexpo.build.datacentres.declared import Declared, declared, declares
from nexpo.build.datacentres.facilities import RegisterUse
from nexpo.build.datacentres.layer_reading import Reading, placed_in
from nexpo.build.datacentres.projection import moved, to_metres
from nexpo.build.design.materials import reference_day
from nexpo.core.evidence import Input
from nexpo.core.problem import Kind, Problem
from nexpo.datacentres.model import Facility
from nexpo.datacentres.siting.grid import Frame, numbered
from nexpo.datacentres.siting.layers import Features, Layer, Missing, Shape, inputs_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from nexpo.core.progress import Progress

MUNICIPALITIES, FACILITIES = "municipalities", "facilities"


@dataclass(frozen=True)
class Ground:
    """A region ready to be screened."""

    region: territory.Region
    on: date
    seed: int
    frame: Frame
    outline: BaseGeometry
    places: pl.DataFrame
    zones: Features
    layers: Mapping[str, Layer]
    declared: tuple[Declared, ...]
    facilities: tuple[tuple[Facility, float, float], ...]
    facilities_from: str
    refused: tuple[Problem, ...]
    territory: tuple[Input, ...]

    @cached_property
    def zone_numbers(self) -> NDArray[np.int32]:
        """Number of the municipality that holds each cell's centre."""
        return numbered(self.zones.geometries, self.frame)

    @cached_property
    def area(self) -> NDArray[np.bool_]:
        """Cells of the region: those whose centre a municipality holds."""
        found: NDArray[np.bool_] = self.zone_numbers >= 0
        return found

    def places_of(self, cells: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return where cells (numbered row by row) stand among the cells of the region."""
        before = np.cumsum(self.area.sum(axis=1)) - self.area.sum(axis=1)
        rows, columns = np.divmod(cells, self.frame.columns)
        used, at = np.unique(rows, return_inverse=True)
        within = np.cumsum(self.area[used], axis=1, dtype=np.int32) - 1
        found: NDArray[np.int64] = before[rows] + within[at, columns]
        return found

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Every input, once."""
        return tuple(dict.fromkeys((*self.territory, *inputs_of(self.layers))))

    @property
    def synthetic(self) -> tuple[str, ...]:
        """Titles of the layers that are stand-ins."""
        return tuple(
            each.title
            for each in self.declared
            if not isinstance(layer := self.layers[each.key], Missing) and layer.synthetic
        )

    def title(self, key: str) -> str:
        """Return the title of a layer."""
        return next((each.title for each in self.declared if each.key == key), key)


def region_at(place: BaseGeometry) -> str:
    """Return the key of the region that holds a place, among those that declare layers.

    Parameters
    ----------
    place
        In degrees, longitude first.

    Raises
    ------
    Problem
        When no such region holds it.

    Examples
    --------
    >>> region_at(shapely.Point(9.19, 45.46))
    'lombardia'
    """
    known = [each for each in territory.regions() if declares(each.key)]
    turned = shapely.Point(place.centroid.y, place.centroid.x)
    swapped = False
    for each in known:
        shapes = np.array(list(territory.boundaries(each.code, on=reference_day()).values()))
        if shapely.intersects(shapes, place).any():
            return each.key
        swapped |= bool(shapely.intersects(shapes, turned).any())
    names = ", ".join(each.name for each in known) or "none"
    raise Problem(
        Kind.BAD_INPUT,
        "the place lies in no region that declares layers for data centres",
        value=f"longitude {place.centroid.x:g}, latitude {place.centroid.y:g}",
        remedy="longitude comes first: exchange the two" if swapped else f"regions: {names}",
    )


def ground(
    name: str,
    cell_m: float,
    *,
    on: date,
    seed: int,
    progress: Progress,
    register: RegisterUse | None = None,
    only: Collection[str] | None = None,
) -> Ground:
    """Read the ground of a region.

    Parameters
    ----------
    register
        Which register its facilities are taken from, before any map of them.
    only
        Keys of the layers that are wanted; all that the region file declares when None.

    Raises
    ------
    Problem
        When there is no such region, or a file that is here cannot be used as a whole.
    """
    region = territory.region(name)
    crs, every = declared(region.key)
    layers = tuple(each for each in every if only is None or each.key in only)
    progress.step("municipalities and boundaries")
    places = territory.municipalities(region.code, on=on)
    zones = _zones(region.code, on, places, crs)
    outline = shapely.union_all(np.asarray(zones.geometries, dtype=object))
    frame = Frame.around(outline.bounds, cell_m, crs=crs)
    reading = Reading(frame, on, seed, outline, zones, register or RegisterUse())
    _read(reading, layers, progress)
    return Ground(
        region=region,
        on=on,
        seed=seed,
        frame=frame,
        outline=outline,
        places=places,
        zones=zones,
        layers=reading.layers,
        declared=layers,
        facilities=placed_in(reading.facilities, crs),
        facilities_from=reading.facilities_from,
        refused=tuple(reading.refused),
        territory=territory.inputs(region.code, on=on),
    )


def _read(reading: Reading, layers: Sequence[Declared], progress: Progress) -> None:
    for number, each in enumerate(layers, 1):
        progress.step(f"layer {number} of {len(layers)}: {each.title}")
        reading.read(each)


def _zones(code: str, on: date, places: pl.DataFrame, crs: str) -> Features:
    shapes = territory.boundaries(code, on=on)
    turn = to_metres(crs)
    kept = places.filter(pl.col("istat").is_in(list(shapes)))
    areas = [moved(shapes[istat], turn) for istat in kept["istat"]]
    people = kept["population"].to_list()
    density = [None if p is None else 1e6 * p / a.area for p, a in zip(people, areas, strict=True)]
    table = {
        "istat": kept["istat"].to_list(),
        "name": kept["name"].to_list(),
        "people": people,
        "density": density,
    }
    return Features(MUNICIPALITIES, Shape.ZONES, areas, table, territory.inputs(code, on=on))
