"""Ookla: measured performance of fixed lines, on a grid or on map tiles.

Three forms, all averages over whatever tests were made in a cell in a quarter:

- the **350 m grid** as one table: ``x, y`` lower left corner in metres, EPSG:3035;
- the same grid as **tiles** of 128 by 128 cells, ``<folder>/<tx>/<ty>.csv``: ``x, y`` count
  cells from the tile's corner, so the corner in metres is ``(tx * 128 + x) * 350``;
- the **open quarterly files**: ``quadkey`` of a zoom-16 map tile (about 400 m at 45 degrees
  north) with the same measures.

Traps: this is *performance*, not coverage: a slow cell may be a cheap contract or a bad
Wi-Fi. Averages must be weighted by tests, or one test in a hamlet counts as a thousand in a
town. Speeds are kbit/s. A quadkey is text and may begin with 0. Cells are put into a
municipality by their centre. The licence is non-commercial: never ship.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import atan, degrees, pi, sinh
from pathlib import Path

import polars as pl

from nexpo.core.ingest import Dialect, Layout, Reading, read_header
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.core.tables import load
from nexpo.sources.text_tables.files import as_text_table, rows_as_text_table
from nexpo.sources.text_tables.municipalities import Translate
from nexpo.sources.text_tables.names import need_roles, plain
from nexpo.sources.text_tables.queries import doubled
from nexpo.sources.text_tables.reading import read_table
from nexpo.sources.text_tables.sql import cell

CELL_M = 350
TILE_CELLS = 128
_MEASURES = {
    "down_kbps": ("avg_d_kbps", "down_kbps"),
    "up_kbps": ("avg_u_kbps", "up_kbps"),
    "latency_ms": ("avg_lat_ms", "latency_ms"),
    "tests": ("tests",),
    "devices": ("devices",),
}
_GRID_ROLES = {"x": ("x",), "y": ("y",), "lon": ("lon",), "lat": ("lat",), "istat": ("istat",)}
_TILE_COLUMNS = ("x", "y", "avg_d_kbps", "avg_u_kbps", "avg_lat_ms", "tests", "devices")
_SLOW_KBPS = 30_000
_FAST_KBPS = 100_000
_ZOOM = 16


def read_grid(
    path: Path, target: Path, *, dialect: Dialect | None = None, codes: Translate | None = None
) -> Reading:
    """Read the 350 m grid into the table ``ookla_grid``.

    Parameters
    ----------
    path
        Parquet or CSV with ``x, y`` in metres; or the folder of a tiled grid.

    Raises
    ------
    Problem
        When the file as a whole cannot be used.
    """
    if path.is_dir():
        with rows_as_text_table(
            path, f"{path.name}.csv", _TILE_COLUMNS, _tile_rows(path)
        ) as readable:
            return _read_grid(readable, path, target, dialect, codes)
    with as_text_table(path) as readable:
        return _read_grid(readable, path, target, dialect, codes)


def read_open(path: Path, target: Path, *, dialect: Dialect | None = None) -> Reading:
    """Read an open quarterly file into the table ``ookla_tiles``.

    The centre of each tile is computed from its quadkey.

    Raises
    ------
    Problem
        When the file as a whole cannot be used.
    """
    roles = {"quadkey": ("quadkey",), **_MEASURES}
    with as_text_table(path) as readable:
        headers = read_header(readable, dialect)[1]
        found = need_roles(path, headers, roles, roles)
        expressions = {role: cell(header) for role, header in found.items()}
        key = expressions["quadkey"]
        return read_table(
            readable,
            load("nexpo.sources", "ookla_tiles"),
            target,
            dialect=dialect,
            layout=Layout(expressions={**expressions, **_centre_sql(key)}),
            doubts={"rows whose tile stands twice": doubled(("quadkey",))},
        )


def by_municipality(cells: pl.DataFrame) -> pl.DataFrame:
    """Return measures per municipality, weighted by tests.

    Parameters
    ----------
    cells
        ``istat, down_kbps, up_kbps, latency_ms, tests, devices``; cells without a code
        are left out.

    Returns
    -------
    polars.DataFrame
        ``istat, down_mbps, up_mbps, latency_ms, share_tests_cells_lt30mbps,
        share_tests_cells_ge100mbps, tests, devices, cells``: the shares are of tests in
        cells whose average is below 30, or 100 Mbit/s and above.

    Examples
    --------
    >>> cells = pl.DataFrame({"istat": ["012001"] * 2, "down_kbps": [10_000, 100_000],
    ...     "up_kbps": [1000, 1000], "latency_ms": [10, 20], "tests": [1, 9], "devices": [1, 2]})
    >>> by_municipality(cells).select("istat", "down_mbps", "tests").rows()
    [('012001', 91.0, 10)]
    """
    tests = pl.col("tests")

    def weighted(name: str) -> pl.Expr:
        return (pl.col(name) * tests).sum() / tests.sum()

    def share(condition: pl.Expr) -> pl.Expr:
        return tests.filter(condition).sum() / tests.sum()

    return (
        cells.filter(pl.col("istat").is_not_null())
        .group_by("istat")
        .agg(
            down_mbps=weighted("down_kbps") / 1000,
            up_mbps=weighted("up_kbps") / 1000,
            latency_ms=weighted("latency_ms"),
            share_tests_cells_lt30mbps=share(pl.col("down_kbps") < _SLOW_KBPS),
            share_tests_cells_ge100mbps=share(pl.col("down_kbps") >= _FAST_KBPS),
            tests=tests.sum(),
            devices=pl.col("devices").sum(),
            cells=pl.len().cast(pl.Int64),
        )
        .sort("istat")
    )


def quadkey_centre(quadkey: str) -> tuple[float, float]:
    """Return longitude and latitude of the centre of a map tile.

    Parameters
    ----------
    quadkey
        One digit 0 to 3 a zoom level, west to east then north to south.

    Examples
    --------
    >>> quadkey_centre("0")
    (-90.0, 66.51326044311186)
    """
    if not quadkey or set(quadkey) - set("0123"):
        raise bad_input("not a quadkey", value=quadkey, remedy="digits 0 to 3 only")
    x = sum((int(digit) & 1) << place for place, digit in enumerate(reversed(quadkey)))
    y = sum((int(digit) >> 1) << place for place, digit in enumerate(reversed(quadkey)))
    size = 1 << len(quadkey)
    longitude = (x + 0.5) / size * 360 - 180
    latitude = degrees(atan(sinh(pi * (1 - 2 * (y + 0.5) / size))))
    return longitude, latitude


def recognise(headers: tuple[str, ...]) -> bool:
    """Tell a file of measures by its columns."""
    names = {plain(header) for header in headers}
    return {"avg_d_kbps", "avg_u_kbps", "tests"} <= names


def _read_grid(
    readable: Path, path: Path, target: Path, dialect: Dialect | None, codes: Translate | None
) -> Reading:
    headers = read_header(readable, dialect)[1]
    found = need_roles(path, headers, {**_GRID_ROLES, **_MEASURES}, ("x", "y", *_MEASURES))
    expressions = {role: cell(found.get(role)) for role in (*_GRID_ROLES, *_MEASURES)}
    corner = f'(TRY_CAST("x" AS BIGINT) % {CELL_M} <> 0 OR TRY_CAST("y" AS BIGINT) % {CELL_M}'
    return read_table(
        readable,
        load("nexpo.sources", "ookla_grid"),
        target,
        dialect=dialect,
        layout=Layout(expressions=expressions),
        codes=codes,
        doubts={
            "rows whose cell stands twice": doubled(("x", "y")),
            "cells off the 350 m grid": f"SELECT count(*) FROM t WHERE {corner} <> 0)",
            "cells without a municipality": "SELECT count(*) FROM t WHERE istat IS NULL",
        },
    )


def _tile_rows(folder: Path) -> Iterator[tuple[object, ...]]:
    files = sorted(folder.glob("*/*.csv"))
    if not files:
        raise Problem(
            Kind.NO_INPUT,
            "no tiles in this folder",
            where=Where(str(folder)),
            remedy="tiles lie in <folder>/<tx>/<ty>.csv",
        )
    for file in files:
        try:
            left, bottom = int(file.parent.name) * TILE_CELLS, int(file.stem) * TILE_CELLS
        except ValueError:
            raise bad_input(
                "a tile is named by two whole numbers", where=Where(str(file)), value=file.name
            ) from None
        headers = read_header(file)[1]
        need_roles(file, headers, {name: (name,) for name in _TILE_COLUMNS}, _TILE_COLUMNS)
        frame = pl.read_csv(file, infer_schema=False).select(_TILE_COLUMNS)
        for x, y, *measures in frame.iter_rows():
            yield (_metres(left, x), _metres(bottom, y), *measures)


def _metres(corner: int, cells: str | None) -> str | None:
    """Return metres of a cell's corner; what is no number stays as found, to be refused."""
    if cells is None or not cells.isdigit():
        return cells
    return str((corner + int(cells)) * CELL_M)


def _centre_sql(key: str) -> dict[str, str]:
    """Return SQL for the centre of a quadkey of zoom 16."""
    digits = [f"TRY_CAST(substr({key}, {n}, 1) AS INTEGER)" for n in range(1, _ZOOM + 1)]
    x = " + ".join(f"({d} & 1) * {1 << (_ZOOM - n)}" for n, d in enumerate(digits, 1))
    y = " + ".join(f"({d} >> 1) * {1 << (_ZOOM - n)}" for n, d in enumerate(digits, 1))
    size = 1 << _ZOOM
    turn = f"pi() * (1 - 2 * ({y} + 0.5) / {size})"
    return {
        "lon": f"CAST(({x} + 0.5) / {size} * 360 - 180 AS VARCHAR)",
        "lat": f"CAST(degrees(atan((exp({turn}) - exp(-({turn}))) / 2)) AS VARCHAR)",
    }
