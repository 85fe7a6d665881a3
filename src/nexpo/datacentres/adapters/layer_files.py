"""Layers from vector files: GeoPackage, Shapefile, GeoJSON, and what else pyogrio opens.

A file that cannot be placed on the ground is refused as a whole: no reference system, one that
does not fit its coordinates, no overlap with the area. A feature that cannot be used (no
geometry, a self-crossing outline, a text where a number is due) is refused by its number and
reason, and the others go on.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS, Transformer

from nexpo.core.evidence import Input
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.datacentres.adapters.cells import Wrong, parse_number
from nexpo.datacentres.siting.layers import Features, Shape

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

_SHAPES = {
    Shape.POINTS: {"Point", "MultiPoint"},
    Shape.LINES: {"LineString", "MultiLineString"},
    Shape.POLYGONS: {"Polygon", "MultiPolygon"},
    Shape.ZONES: {"Polygon", "MultiPolygon"},
}
_WORDS = {Shape.POINTS: "a point", Shape.LINES: "a line"}
_MOST_DEGREES = 360.0


@dataclass(frozen=True, slots=True)
class Read:
    """A layer as it was read, with the features that were refused."""

    layer: Features
    refused: tuple[Problem, ...] = ()


def read_features(  # noqa: PLR0913 - each names a convention of the file, by keyword
    path: Path,
    key: str,
    crs: str,
    *,
    shape: Shape | None = None,
    numbers: Sequence[str] = (),
    columns: Sequence[str] | None = None,
    layer: str | None = None,
    near: tuple[float, float, float, float] | None = None,
    inputs: tuple[Input, ...] = (),
) -> Read:
    """Read a vector file into a projection.

    Parameters
    ----------
    crs
        Metric projection to bring it into.
    shape
        What its features must be; any when None.
    numbers
        Columns that must hold numbers (empty is unknown).
    columns
        Columns to keep; all when None.
    layer
        Layer of a file with several.
    near
        Box of the area, in the projection: a file that does not come near it is refused.

    Raises
    ------
    Problem
        When the file cannot be opened or placed, or no feature is left.
    """
    meta, table = _opened(path, layer, columns)
    geometries, present = _geometries(path, table, meta)
    degrees = _look_like_degrees(geometries, meta["crs"])
    geometries = _projected(path, geometries, meta["crs"], crs)
    values = {str(name): list(data) for name, data in zip(meta["fields"], table[3], strict=True)}
    refused = dict[int, Problem]()
    for number in np.flatnonzero(~present):
        refused[int(number)] = _feature(path, int(number), "the feature has no geometry", None,
                                        "draw it, or leave the row out")  # fmt: skip
    _refuse_broken(path, geometries, present, refused)
    _refuse_shape(path, geometries, shape, refused)
    for column in numbers:
        values[column] = _numbers(path, values, column, refused)
    kept = [at for at in range(len(geometries)) if at not in refused]
    problems = tuple(refused[at] for at in sorted(refused))
    if not kept:
        raise _nothing_left(path, problems)
    chosen = [geometries[at] for at in kept]
    _refuse_elsewhere(path, chosen, near, crs, degrees=degrees)
    found = shape or _shape_of(chosen)
    kept_values = {name: [_plain(data[at]) for at in kept] for name, data in values.items()}
    notes = (f"{len(problems)} of {len(geometries)} features refused",) if problems else ()
    return Read(Features(key, found, chosen, kept_values, inputs, notes), problems)


def _opened(
    path: Path, layer: str | None, columns: Sequence[str] | None
) -> tuple[dict[str, Any], tuple[Any, ...]]:
    if not path.exists():
        raise Problem(
            Kind.NO_INPUT,
            "no such layer file",
            where=Where(str(path)),
            remedy="check the name; a Shapefile needs its .shx and .dbf beside it",
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # mixed fields and odd rings are looked at below
            table = pyogrio.raw.read(
                path,
                layer=layer,
                columns=None if columns is None else list(columns),
                on_invalid="ignore",
            )
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise unreadable(path, str(error)) from None
    meta: dict[str, Any] = table[0]
    if not meta.get("crs"):
        raise bad_input(
            "the file does not say its coordinate reference system",
            where=Where(str(path)),
            remedy="add the .prj beside a Shapefile, or write it out again with its CRS",
        )
    return meta, table


def unreadable(path: Path, detail: str) -> Problem:
    """Return the problem of a file that no driver can read."""
    return bad_input(
        "the file cannot be read as a layer",
        where=Where(str(path)),
        value=detail,
        remedy="GeoPackage, Shapefile, GeoJSON and GeoTIFF are read",
    )


def _geometries(
    path: Path, table: tuple[Any, ...], meta: Mapping[str, Any]
) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    if table[2] is None:
        raise bad_input(
            "the file has no geometry column",
            where=Where(str(path)),
            value=", ".join(meta["fields"]),
            remedy="a table alone has no place on the ground",
        )
    shapes = shapely.from_wkb(table[2], on_invalid="ignore")
    present = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return shapely.force_2d(shapes), present


def _look_like_degrees(geometries: NDArray[np.object_], given: str) -> bool:
    points = shapely.get_coordinates(geometries)
    small = bool(len(points)) and float(np.abs(points).max()) <= _MOST_DEGREES
    return small and CRS.from_user_input(given).is_projected


def _projected(
    path: Path, geometries: NDArray[np.object_], given: str, crs: str
) -> NDArray[np.object_]:
    known = CRS.from_user_input(given)
    points = shapely.get_coordinates(geometries)
    if known.is_geographic and len(points) and np.abs(points).max() > _MOST_DEGREES:
        raise bad_input(
            "the coordinates are no degrees, as the file says they are",
            where=Where(str(path)),
            value=f"{known.name}: {points[0, 0]:g}, {points[0, 1]:g}",
            remedy="write the file again with the CRS that it was drawn in (EPSG:32632, say)",
        )
    if known.equals(CRS.from_user_input(crs), ignore_axis_order=True):
        return geometries
    turn = Transformer.from_crs(known, crs, always_xy=True)

    def turned(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(turn.transform(xy[:, 0], xy[:, 1]))

    moved: NDArray[np.object_] = shapely.transform(geometries, turned)
    if len(points) and not np.isfinite(shapely.get_coordinates(moved)).any():
        raise bad_input(
            f"no coordinate of the file lies where {crs} is valid",
            where=Where(str(path)),
            value=f"{known.name}: {points[0, 0]:g}, {points[0, 1]:g}",
            remedy="check the CRS of the file, and longitude before latitude",
        )
    return moved


def _refuse_broken(
    path: Path,
    geometries: NDArray[np.object_],
    present: NDArray[np.bool_],
    refused: dict[int, Problem],
) -> None:
    finite = np.ones(len(geometries), dtype=np.bool_)
    points, owner = shapely.get_coordinates(geometries, return_index=True)
    finite[owner[~np.isfinite(points).all(axis=1)]] = False
    for number in np.flatnonzero(present & ~finite):
        refused[int(number)] = _feature(
            path, int(number), "a coordinate is not finite", None, "mend or remove the feature"
        )
    for number in np.flatnonzero(present & finite & ~shapely.is_valid(geometries)):
        reason = shapely.is_valid_reason(geometries[number])
        refused[int(number)] = _feature(
            path,
            int(number),
            "the outline crosses itself or is not a valid area",
            reason,
            "mend the geometry (in QGIS: Fix geometries), then read the file again",
        )


def _refuse_shape(
    path: Path,
    geometries: NDArray[np.object_],
    shape: Shape | None,
    refused: dict[int, Problem],
) -> None:
    if shape is None:
        return
    wanted = _SHAPES[shape]
    for number, geometry in enumerate(geometries):
        if number not in refused and geometry.geom_type not in wanted:
            words = _WORDS.get(shape, "an area")
            refused[number] = _feature(
                path, number, f"the feature is not {words}", geometry.geom_type,
                f"the layer is declared as {shape.value}",
            )  # fmt: skip


def _numbers(
    path: Path,
    values: Mapping[str, Sequence[object]],
    column: str,
    refused: dict[int, Problem],
) -> list[object]:
    if column not in values:
        raise bad_input(
            f"missing column: {column}",
            where=Where(str(path), 0, column),
            value=", ".join(values),
            remedy="name the column of the file in the declaration of the layer",
        )
    found: list[object] = []
    for number, value in enumerate(values[column]):
        plain = _plain(value)
        try:
            read = None if plain is None or plain == "" else parse_number(str(plain))
        except Wrong as wrong:
            read = None
            detail = f"the value of {column} is no number: {wrong.reason}"
            refused.setdefault(number, _feature(path, number, detail, plain, wrong.remedy, column))
        found.append(read)
    return found


def _plain(value: object) -> object:
    if value is None or (isinstance(value, float | np.floating) and np.isnan(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value


def _feature(
    path: Path, number: int, detail: str, value: object, remedy: str, column: str | None = None
) -> Problem:
    return bad_input(detail, where=Where(str(path), number + 1, column), value=value, remedy=remedy)


def _nothing_left(path: Path, problems: Sequence[Problem]) -> Problem:
    if not problems:
        return bad_input(
            "the file holds no feature", where=Where(str(path)), remedy="check the layer's name"
        )
    first = problems[0]
    return bad_input(
        f"no feature can be used; the first: {first.detail}",
        where=first.where,
        value=first.value,
        remedy=first.remedy,
    )


def _refuse_elsewhere(
    path: Path,
    geometries: Sequence[BaseGeometry],
    near: tuple[float, float, float, float] | None,
    crs: str,
    *,
    degrees: bool,
) -> None:
    if near is None:
        return
    west, south, east, north = shapely.total_bounds(np.asarray(geometries, dtype=object))
    if west > near[2] or east < near[0] or south > near[3] or north < near[1]:
        raise bad_input(
            "the layer lies elsewhere: it does not come near the area",
            where=Where(str(path)),
            value=f"{west:.0f}, {south:.0f} to {east:.0f}, {north:.0f} in {crs}",
            remedy="its coordinates look like degrees, its CRS says metres: write it with EPSG:4326"
            if degrees
            else "check its CRS and whether it is the file of this region",
        )


def _shape_of(geometries: Sequence[BaseGeometry]) -> Shape:
    kinds = {geometry.geom_type for geometry in geometries}
    for shape in (Shape.POINTS, Shape.LINES):
        if kinds <= _SHAPES[shape]:
            return shape
    return Shape.POLYGONS
