"""Layers of a region file: each read, made by the seed, or missing with a reason."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import shapely

from nexpo.build.datacentres.declared import Declared
from nexpo.build.datacentres.facilities import RegisterUse, held
from nexpo.build.datacentres.projection import moved, to_degrees, to_metres
from nexpo.build.datacentres.register import read_batch
from nexpo.build.datacentres.stand_ins import stand_in
from nexpo.core import parameters
from nexpo.core.evidence import Input
from nexpo.core.files import sha256_of
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.core.settings import data_directory, home_directory
from nexpo.datacentres.adapters.layer_files import read_features
from nexpo.datacentres.adapters.raster_files import RASTERS, read_raster
from nexpo.datacentres.heat_terms import Terms
from nexpo.datacentres.model import Facility
from nexpo.datacentres.siting.grid import Frame
from nexpo.datacentres.siting.layers import Features, Layer, Missing, Shape
from nexpo.sources import degree_days, entsoe_grid, exchanges, input_for, source
from nexpo.sources.places import codes_on

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from shapely.geometry.base import BaseGeometry

HEAT = "datacentres/heat"


def heat_terms(on: date) -> dict[str, Terms]:
    """Return the terms of heat reuse at each level, on a day."""
    return {level: Terms.of(values) for level, values in parameters.get(HEAT).on(on).items()}


class Reading:
    """Layers as they are read one after the other."""

    def __init__(
        self,
        frame: Frame,
        on: date,
        seed: int,
        outline: BaseGeometry,
        zones: Features,
        register: RegisterUse,
    ) -> None:
        self.frame, self.on, self.seed = frame, on, seed
        self.outline, self.zones, self.register = outline, zones, register
        self.layers: dict[str, Layer] = {}
        self.facilities: list[Facility] = []
        self.facilities_from = "nowhere: no layer of facilities"
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
        codes = frozenset(str(code) for code in self.zones.table["istat"])
        around = moved(self.outline, to_degrees(self.frame.crs))
        kept = held(self.register, codes=codes, outline=around, on=self.on)
        if kept is not None:
            self.facilities += kept.facilities
            self.facilities_from = "; ".join(("the register", *kept.notes))
            return self._sites(each, kept.facilities, kept.input, kept.notes)
        found = self._path(each)
        if found is None:
            self.facilities_from = f"nowhere: no register, and no file of {each.title}"
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
        self.facilities_from = f"the layer {each.title} ({path.name})"
        return self._sites(each, batch.facilities, item, batch.notes)

    def _sites(
        self, each: Declared, found: Sequence[Facility], item: Input, notes: tuple[str, ...]
    ) -> Layer:
        placed = placed_in(found, self.frame.crs)
        if not placed:
            return Missing(each.key, f"{each.title}: no record of {item.name} has a position")
        points = list(shapely.points([(x, y) for _, x, y in placed]))
        table = {"name": [facility.name for facility, _, _ in placed]}
        return Features(each.key, Shape.POINTS, points, table, (item,), notes)

    def _file(self, each: Declared) -> Layer:
        found = self._path(each)
        if found is None:
            return self._absent(each)
        path, item = found
        if path.suffix.lower() in RASTERS:
            raster = read_raster(
                path, each.key, self.frame, resampling=each.resampling, inputs=(item,)
            )
            return replace(raster, classes=each.classes)
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


def placed_in(
    facilities: Sequence[Facility], crs: str
) -> tuple[tuple[Facility, float, float], ...]:
    """Return the facilities that have a position, with x and y in metres."""
    turn = to_metres(crs)
    placed = []
    for each in facilities:
        if each.place.position is not None:
            x, y = turn.transform(*each.place.position)
            placed.append((each, float(x), float(y)))
    return tuple(placed)
