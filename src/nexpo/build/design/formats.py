"""Layers as files: GeoPackage, GeoParquet 1.1, GeoJSON (RFC 7946).

The same layers give the same bytes. A GeoPackage says when a layer was last changed: the day of
the design stands there, not the clock. Units and meanings of columns travel inside the files: as
column descriptions in the GeoPackage, as field metadata in the Parquet.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyproj import CRS

from nexpo.build.design.layers import GEOMETRY, Layer, declared
from nexpo.core.files import atomic_path, write_text
from nexpo.core.problem import Kind, Problem, Where
from nexpo.core.tables import Column

CRS_NAME = "EPSG:4326"
DECIMALS = 7
"""Of a degree in GeoJSON: a centimetre."""

_COMMENT = b"GDAL:OGR:comment"
_DATE = "OGR_CURRENT_DATE"


def write_geopackage(layers: Iterable[Layer], target: Path, *, on: date) -> Path:
    """Write layers into one GeoPackage, dated with the day of the design.

    Raises
    ------
    Problem
        ``CANNOT_WRITE`` when the place cannot be written.
    """
    with atomic_path(target) as path, _dated(on), _ending(path, ".gpkg") as named:
        for number, layer in enumerate(layers):
            pyogrio.write_arrow(
                _arrow(layer),
                named,
                layer=layer.name,
                driver="GPKG",
                geometry_name=GEOMETRY,
                geometry_type=layer.kind,
                crs=CRS_NAME,
                append=number > 0,
                layer_options={"DESCRIPTION": layer.title, "FID": "fid"},
            )
    return target


def write_geoparquet(layer: Layer, target: Path) -> Path:
    """Write a layer as GeoParquet 1.1; columns carry unit and meaning as field metadata."""
    with atomic_path(target) as path:
        pq.write_table(_arrow(layer, geo=True), path, compression="zstd", write_statistics=False)
    return target


def write_geojson(layer: Layer, target: Path) -> Path:
    """Write a layer as GeoJSON: WGS 84, longitude first, seven decimals, one feature a line."""
    shapes = shapely.transform(layer.shapes, _rounded)
    geometry = [
        "null" if text is None else text.replace(", ", ",").replace(": ", ":")
        for text in shapely.to_geojson(shapes).tolist()
    ]
    rows = layer.attributes.with_columns(pl.selectors.float().round(9)).iter_rows(named=True)
    features = (
        f'{{"type":"Feature","geometry":{shape},"properties":{_json(row)}}}'
        for shape, row in zip(geometry, rows, strict=True)
    )
    head = f'{{"type":"FeatureCollection","name":{_json(layer.name)},"features":[\n'
    return write_text(target, head + ",\n".join(features) + "\n]}\n")


def read_layer(target: Path) -> pl.DataFrame:
    """Read a layer that :func:`write_geoparquet` wrote; columns and types are as declared.

    Raises
    ------
    Problem
        ``BAD_INPUT`` when the file is missing, or is not that layer.
    """
    try:
        frame = pl.DataFrame(pl.from_arrow(pq.read_table(target)))
        found = declared(target.stem, frame)
    except (OSError, pa.ArrowException, pl.exceptions.PolarsError) as error:
        raise Problem(
            Kind.BAD_INPUT,
            "not a layer of a design that this version wrote",
            where=Where(str(target)),
            value=str(error).splitlines()[0],
            remedy="name the folder that `nexpo design area` wrote, or design it again",
        ) from error
    return found.with_columns(frame[GEOMETRY])


# Arrow


def _arrow(layer: Layer, *, geo: bool = False) -> pa.Table:
    table = layer.frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    described = {column.name: column for column in layer.table.columns}
    fields = [field.with_metadata(_meaning(described.get(field.name))) for field in table.schema]
    metadata = {b"geo": _geo(layer)} if geo else {}
    plain = pa.schema(fields, metadata=metadata)
    return table.cast(plain)


def _meaning(column: Column | None) -> dict[bytes, bytes]:
    if column is None:
        return {}
    unit = f" [{column.unit}]" if column.unit else ""
    return {
        _COMMENT: f"{column.meaning}{unit}".encode(),
        b"unit": column.unit.encode(),
        b"description": column.meaning.encode(),
    }


def _geo(layer: Layer) -> bytes:
    placed = [shape for shape in layer.shapes if shape is not None]
    here: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": [layer.kind] if placed else [],
        "crs": CRS.from_user_input(CRS_NAME).to_json_dict(),
    }
    if placed:
        here["bbox"] = shapely.total_bounds(placed).tolist()
    value = {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: here}}
    return json.dumps(value, sort_keys=True).encode()


@contextmanager
def _ending(path: Path, suffix: str) -> Iterator[Path]:
    """Yield a name with the ending that a format asks for; the file then becomes ``path``."""
    named = path.with_name(path.name + suffix)
    try:
        yield named
        named.replace(path)
    finally:
        named.unlink(missing_ok=True)


@contextmanager
def _dated(on: date) -> Iterator[None]:
    """Give the writer a day instead of the clock, and take it back afterwards."""
    before = pyogrio.get_gdal_config_option(_DATE)
    pyogrio.set_gdal_config_options({_DATE: f"{on.isoformat()}T00:00:00.000Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({_DATE: before})


def _rounded(xy: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.round(xy, DECIMALS)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
