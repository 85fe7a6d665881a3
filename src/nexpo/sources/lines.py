"""Any layer of lines or areas (GeoPackage, Shapefile, GeoParquet, GeoJSON) as neutral tables.

Traps: a layer without a coordinate system is refused, since a guess would move it; one in
metres is turned into degrees; multi-lines become ways of their own with one id; heights are
dropped; rows without geometry are left out and counted. A GeoJSON is in degrees by its
standard, whatever a ``crs`` member says; a Shapefile cuts column names at ten letters.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas
import numpy as np
import polars as pl
import pyogrio
import shapely

from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.sources.text_tables.files import is_parquet
from nexpo.sources.text_tables.names import find_roles

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

_ROLES = {
    "way_id": ("way_id", "osm_id", "id", "fid", "objectid", "gid", "codice"),
    "name": ("name", "nome", "toponimo", "street", "strada", "via", "denominazione", "top_nom"),
    "highway": ("highway", "fclass", "tipo_strada", "road_class"),
    "railway": ("railway",),
    "waterway": ("waterway",),
    "surface": ("surface", "fondo", "pavimentazione"),
    "bridge": ("bridge", "ponte"),
    "tunnel": ("tunnel", "galleria"),
    "lit": ("lit",),
    "maxspeed": ("maxspeed",),
    "cost_class": ("cost_class",),
    "length_m": ("length_m", "lunghezza"),
}
_WHOLE = "EPSG:4326"
_SHOWN = 8
_POINTS, _LINES, _AREAS = (0, 4), (1, 5), (3, 6)
_FLAGS = {"T": "yes", "1": "yes", "True": "yes", "F": "no", "0": "no", "False": "no"}


def read_lines(
    path: Path,
    *,
    layer: str | None = None,
    crs: str | None = None,
    columns: Mapping[str, str] | None = None,
    box: tuple[float, float, float, float] | None = None,
) -> pl.DataFrame:
    """Return the lines of a layer as a neutral way table.

    Parameters
    ----------
    path
        GeoPackage, Shapefile, GeoParquet, GeoJSON or what else GDAL reads.
    layer
        Name of the layer, where the file holds several.
    crs
        Coordinate system, for a layer that states none (``EPSG:32632``).
    columns
        Role to column, where the names are not understood (``{"name": "TOPONIMO_1"}``).
    box
        West, south, east, north in degrees: only lines that meet it.

    Returns
    -------
    polars.DataFrame
        ``way_id`` (the layer's where it is whole numbers, else from 1), the roles that the
        layer has, ``lon`` and ``lat`` (lists, WGS 84). No ``nodes``: places are known by
        coordinate.

    Raises
    ------
    Problem
        ``NO_INPUT``; no or a wrong coordinate system; no line in the layer.
    """
    frame = _read(path, layer, crs, box)
    found = _roles(path, frame, columns)
    lines, of = _parts(frame, _LINES, path, "line")
    lon, lat = _coordinates(lines)
    table = pl.DataFrame({"way_id": _ids(frame, found.pop("way_id", None))[of]})
    for role, column in found.items():
        values = frame[column].to_numpy(dtype=object)[of]
        table = table.with_columns(_column(role, values))
    return table.with_columns(lon, lat)


def read_areas(
    path: Path, *, layer: str | None = None, crs: str | None = None
) -> NDArray[np.object_]:
    """Return the polygons of a layer, in degrees."""
    frame = _read(path, layer, crs, None)
    return _parts(frame, _AREAS, path, "area")[0]


def read_points(path: Path, *, layer: str | None = None, crs: str | None = None) -> pl.DataFrame:
    """Return the columns of a point layer as text, with ``lon`` and ``lat`` in degrees."""
    frame = _read(path, layer, crs, None)
    points, of = _parts(frame, _POINTS, path, "point")
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    kept = [name for name in names if name.casefold() not in {"lon", "lat"}]
    columns = [_column(name, frame[name].to_numpy(dtype=object)[of]) for name in kept]
    return pl.DataFrame(columns).with_columns(
        lon=pl.Series(shapely.get_x(points)), lat=pl.Series(shapely.get_y(points))
    )


def _read(
    path: Path, layer: str | None, crs: str | None, box: tuple[float, float, float, float] | None
) -> GeoDataFrame:
    if not path.exists():
        raise Problem(
            Kind.NO_INPUT, "no such file", where=Where(str(path)), remedy="check the path"
        )
    try:
        frame = (
            geopandas.read_parquet(path)
            if is_parquet(path)
            else geopandas.read_file(path, layer=_layer(path, layer))
        )
    except (ValueError, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise bad_input(
            f"the layer cannot be read: {str(error).splitlines()[0]}",
            where=Where(str(path)),
            remedy="give a GeoPackage, Shapefile, GeoParquet or GeoJSON with geometry",
        ) from None
    if not isinstance(frame, geopandas.GeoDataFrame):
        raise bad_input(
            "the file is a table without geometry: no line, area or point is in it",
            where=Where(str(path)),
            value=", ".join(str(name) for name in list(frame.columns)[:_SHOWN]) or "no column",
            remedy="give a GeoPackage, Shapefile, GeoParquet or GeoJSON with geometry",
        )
    frame = _in_degrees(frame, path, crs)
    if box is not None:
        frame = frame[frame.intersects(shapely.box(*box)).to_numpy()]
    return frame.reset_index(drop=True)


def _layer(path: Path, layer: str | None) -> str:
    names = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    if layer is None and len(names) == 1:
        return names[0]
    if layer not in names:
        raise bad_input(
            "the file holds several layers" if layer is None else "no such layer in the file",
            where=Where(str(path)),
            value=layer,
            remedy=f"name one of {', '.join(names)}",
        )
    return str(layer)


def _in_degrees(frame: GeoDataFrame, path: Path, crs: str | None) -> GeoDataFrame:
    if frame.crs is None:
        if crs is None:
            raise bad_input(
                "the layer states no coordinate system",
                where=Where(str(path)),
                value=tuple(round(float(x), 1) for x in frame.total_bounds),
                remedy="state it, for Lombardy often EPSG:32632, EPSG:6707 or EPSG:3003; "
                "a Shapefile needs its .prj",
            )
        frame = frame.set_crs(crs)
    bounds = frame.total_bounds
    if frame.crs.is_geographic and len(frame) and not _are_degrees(bounds):
        raise bad_input(
            f"the layer says {frame.crs.name}, but its coordinates are no degrees",
            where=Where(str(path)),
            value=tuple(round(float(x), 1) for x in bounds),
            remedy="it is in metres: mend the stated coordinate system",
        )
    moved = frame.to_crs(_WHOLE)
    if len(moved) and not np.isfinite(moved.total_bounds).any():
        raise bad_input(
            f"the layer's coordinates lie outside {frame.crs.name}",
            where=Where(str(path)),
            value=tuple(round(float(x), 1) for x in bounds),
            remedy="another coordinate system is stated than was used: mend it",
        )
    return moved


def _are_degrees(bounds: NDArray[np.float64]) -> bool:
    return bool(np.all(np.abs(bounds[[0, 2]]) <= 180) and np.all(np.abs(bounds[[1, 3]]) <= 90))  # noqa: PLR2004 - degrees


def _roles(path: Path, frame: GeoDataFrame, columns: Mapping[str, str] | None) -> dict[str, str]:
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    given = dict(columns or {})
    for role, name in given.items():
        if name not in names or role not in _ROLES:
            raise bad_input(
                f"no column {name} for {role}",
                where=Where(str(path), 0, name),
                value=", ".join(names),
                remedy=f"roles are {', '.join(_ROLES)}",
            )
    return find_roles(names, _ROLES) | given


def _parts(
    frame: GeoDataFrame, kinds: tuple[int, ...], path: Path, what: str
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    geometry = np.asarray(frame.geometry.to_numpy(), dtype=object)
    right = np.isin(shapely.get_type_id(geometry), kinds) & ~shapely.is_empty(geometry)
    rows = np.flatnonzero(right)
    if not len(rows):
        kinds_met = sorted({str(kind) for kind in frame.geom_type.dropna()})
        raise bad_input(
            f"the layer holds no {what}",
            where=Where(str(path)),
            value=", ".join(kinds_met) or "no geometry",
            remedy=f"choose a layer of {what}s",
        )
    parts, of = shapely.get_parts(shapely.force_2d(geometry[rows]), return_index=True)
    return parts, rows[of].astype(np.int64)


def _coordinates(lines: NDArray[np.object_]) -> tuple[pl.Series, pl.Series]:
    xy, of = shapely.get_coordinates(lines, return_index=True)
    flat = pl.DataFrame({"of": of, "lon": xy[:, 0], "lat": xy[:, 1]})
    grouped = flat.group_by("of", maintain_order=True).agg("lon", "lat")
    return grouped["lon"], grouped["lat"]


def _ids(frame: GeoDataFrame, column: str | None) -> NDArray[np.int64]:
    counted = np.arange(1, len(frame) + 1, dtype=np.int64)
    if column is None:
        return counted
    numbers = pl.Series([str(value) for value in frame[column]]).cast(pl.Int64, strict=False)
    return counted if numbers.null_count() else numbers.to_numpy()


def _column(role: str, values: NDArray[np.object_]) -> pl.Series:
    texts = [None if _absent(value) else str(value) for value in values]
    if role == "length_m":
        return pl.Series(role, texts, dtype=pl.String).cast(pl.Float64, strict=False)
    if role in {"bridge", "tunnel"}:
        texts = [None if text is None else _FLAGS.get(text, text) for text in texts]
    return pl.Series(role, texts, dtype=pl.String)


def _absent(value: object) -> bool:
    return value is None or value != value or str(value).strip() == ""  # noqa: PLR0124 - NaN
