"""The ground of a screening: a region's frame, its municipalities, and the layers it declares.

The region file names layers; each is read from a file of the folders of data, made by the seed
where the file says that a stand-in may be, or missing with its reason. Features that a reader
refuses are kept with row and reason.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import shapely
from pyproj import Transformer

from nexpo import territory
from nexpo.build.datacentres.declared import Declared, declared, declares
from nexpo.build.datacentres.register import read_batch
from nexpo.build.datacentres.stand_ins import stand_in
from nexpo.build.design.materials import reference_day
from nexpo.core import parameters
from nexpo.core.evidence import Input
from nexpo.core.files import sha256_of
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.core.settings import data_directory, home_directory
from nexpo.datacentres.adapters.layer_files import read_features
from nexpo.datacentres.adapters.raster_files import RASTERS, read_raster
from nexpo.datacentres.heat_terms import Terms
from nexpo.datacentres.model import Facility
from nexpo.datacentres.siting.grid import Frame, numbered
from nexpo.datacentres.siting.layers import Features, Layer, Missing, Shape, inputs_of
from nexpo.sources import degree_days, entsoe_grid, exchanges, input_for, source
from nexpo.sources.places import codes_on

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from nexpo.core.progress import Progress

MUNICIPALITIES, FACILITIES = "municipalities", "facilities"
HEAT = "datacentres/heat"
_DEGREES = "EPSG:4326"


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


def ground(name: str, cell_m: float, *, on: date, seed: int, progress: Progress) -> Ground:
    """Read the ground of a region.

    Raises
    ------
    Problem
        When there is no such region, or a file that is here cannot be used as a whole.
    """
    region = territory.region(name)
    crs, layers = declared(region.key)
    progress.step("municipalities and boundaries")
    places = territory.municipalities(region.code, on=on)
    zones = _zones(region.code, on, places, crs)
    outline = shapely.union_all(np.asarray(zones.geometries, dtype=object))
    frame = Frame.around(outline.bounds, cell_m, crs=crs)
    reading = _Reading(frame, on, seed, outline, zones)
    for number, each in enumerate(layers, 1):
        progress.step(f"layer {number} of {len(layers)}: {each.title}")
        reading.read(each)
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
        facilities=_placed(reading.facilities, crs),
        refused=tuple(reading.refused),
        territory=territory.inputs(region.code, on=on),
    )


def heat_terms(on: date) -> dict[str, Terms]:
    """Return the terms of heat reuse at each level, on a day."""
    return {level: Terms.of(values) for level, values in parameters.get(HEAT).on(on).items()}


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


class _Reading:
    """Layers as they are read one after the other."""

    def __init__(
        self, frame: Frame, on: date, seed: int, outline: BaseGeometry, zones: Features
    ) -> None:
        self.frame, self.on, self.seed = frame, on, seed
        self.outline, self.zones = outline, zones
        self.layers: dict[str, Layer] = {}
        self.facilities: list[Facility] = []
        self.refused: list[Problem] = []

    def read(self, each: Declared) -> None:
        """Read one layer, make its stand-in, or say why it is missing."""
        readers = {
            "grid_buses": self._buses,
            "exchanges": self._exchanges,
            "municipalities": self._municipalities,
            "facilities": self._facilities,
            "file": self._file,
        }
        if each.reader not in readers:
            raise Problem(
                Kind.CONFIG,
                f"the layer {each.key} has a reader that Nexpo does not have",
                value=each.reader,
                remedy=f"one of {', '.join(readers)}",
            )
        found = readers[each.reader](each)
        if isinstance(found, Missing) and each.synthetic:
            shape = each.shape or Shape.POLYGONS
            found = stand_in(each.key, shape, each.stand_in, self.outline, self.seed)
        self.layers[each.key] = found

    def _path(self, each: Declared) -> tuple[Path, Input] | None:
        if each.source:
            path = next(iter(source(each.source).usable()), None)
            return None if path is None else (path, input_for(path, each.source))
        for root in (data_directory(), home_directory()):
            if root is not None and (root / each.file).exists():
                path = root / each.file
                return path, Input(each.key, path.name, sha256_of(path), "see its owner", "", False)  # noqa: FBT003 - a record
        return None

    def _absent(self, each: Declared) -> Missing:
        name = each.file or each.source
        return Missing(each.key, f"{each.title}: no file {name} on this machine")

    def _buses(self, each: Declared) -> Layer:
        found = self._path(each)
        if found is None:
            return self._absent(each)
        return self._points(each, found, entsoe_grid.read_buses)

    def _exchanges(self, each: Declared) -> Layer:
        found = self._path(each)
        if found is None:
            return self._absent(each)
        return self._points(each, found, exchanges.read_exchanges)

    def _points(self, each: Declared, found: tuple[Path, Input], read: Any) -> Layer:  # noqa: ANN401 - readers of sources
        path, item = found
        with tempfile.TemporaryDirectory(prefix="nexpo-") as work:
            reading = read(path, Path(work) / "t.parquet")
            table = pl.read_parquet(reading.path)
        placed = table.filter(pl.col("lon").is_not_null() & pl.col("lat").is_not_null())
        x, y = to_metres(self.frame.crs).transform(
            placed["lon"].to_numpy(), placed["lat"].to_numpy()
        )
        columns = {name: placed[name].to_list() for name in placed.columns}
        notes = tuple(f"{note}: {count}" for note, count in reading.notes)
        if not placed.height:
            return Missing(each.key, f"{each.title}: no row of {path.name} has coordinates")
        return Features(each.key, Shape.POINTS, list(shapely.points(x, y)), columns, (item,), notes)

    def _municipalities(self, each: Declared) -> Layer:
        """Join degree days where they are, and the heat demand that follows at the mid level."""
        found = self._path(each)
        istat = self.zones.table["istat"]
        days: dict[str, float] = {}
        inputs = self.zones.inputs
        if found is not None:
            path, item = found
            inputs = (*inputs, item)
            with tempfile.TemporaryDirectory(prefix="nexpo-") as work:
                reading = degree_days.read_degree_days(
                    path, Path(work) / "t.parquet", codes=codes_on(self.on)
                )
                mean = (
                    pl.read_parquet(reading.path)
                    .group_by("istat")
                    .agg(pl.col("degree_days").mean())
                )
            days = {code: value for code, value in mean.iter_rows() if value is not None}
        terms = heat_terms(self.on)["mid"]
        density = self.zones.table["density"]
        column = [days.get(str(code)) for code in istat]
        heat = [
            None if d is None or p is None else float(str(p)) * d * terms.demand_mwh_per_person_dd
            for p, d in zip(density, column, strict=True)
        ]
        table = dict(self.zones.table) | {"degree_days": column, "heat_mwh_km2": heat}
        return replace(self.zones, key=each.key, table=table, inputs=inputs)

    def _facilities(self, each: Declared) -> Layer:
        found = self._path(each)
        if found is None:
            return self._absent(each)
        path, item = found
        batch = read_batch(path, on=self.on)
        self.refused.extend(
            bad_input(
                row.reason,
                where=Where(row.file, row.row, row.column),
                value=row.value,
                remedy=row.remedy,
            )
            for row in batch.rejects
        )
        self.facilities += batch.facilities
        placed = _placed(list(batch.facilities), self.frame.crs)
        if not placed:
            return Missing(each.key, f"{each.title}: no row of {path.name} has a position")
        points = list(shapely.points([(x, y) for _, x, y in placed]))
        table = {"name": [facility.name for facility, _, _ in placed]}
        return Features(each.key, Shape.POINTS, points, table, (item,), batch.notes)

    def _file(self, each: Declared) -> Layer:
        found = self._path(each)
        if found is None:
            return self._absent(each)
        path, item = found
        if path.suffix.lower() in RASTERS:
            return read_raster(
                path, each.key, self.frame, resampling=each.resampling, inputs=(item,)
            )
        read = read_features(
            path,
            each.key,
            self.frame.crs,
            shape=each.shape,
            numbers=each.numbers,
            near=self.frame.bounds,
            inputs=(item,),
        )
        self.refused.extend(read.refused)
        renamed = {
            ours: read.layer.table[theirs]
            for ours, theirs in each.columns.items()
            if theirs in read.layer.table
        }
        return replace(read.layer, table=dict(read.layer.table) | renamed)


def _placed(facilities: list[Facility], crs: str) -> tuple[tuple[Facility, float, float], ...]:
    turn = to_metres(crs)
    placed = []
    for each in facilities:
        if each.place.position is not None:
            x, y = turn.transform(*each.place.position)
            placed.append((each, float(x), float(y)))
    return tuple(placed)
