"""Line of sight with Fresnel clearance on one core: beside the same arithmetic in numpy."""

from __future__ import annotations

import time

import numpy as np
import pytest

from nexpo.connectivity.design.model import Floats, Ints
from nexpo.connectivity.design.wireless import Surface, Terrain
from nexpo.connectivity.design.wireless.propagation import EARTH_RADIUS_M, wavelength_m
from nexpo.connectivity.design.wireless.terrain import Ends, line_of_sight

pytestmark = pytest.mark.bench

SIDE, CELL_M, SITES, POINTS, EARTH = 4000, 10.0, 20, 64, 4 / 3
WAVE_M = wavelength_m(28.0)
GOAL = 300_000


def ground() -> Terrain:
    """Return hills of several wavelengths with roughness on top, 4,000 x 4,000 cells."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    rough = np.random.default_rng(1).random((SIDE, SIDE), dtype=np.float32)
    hills = 300 + 200 * np.sin(x / 310) * np.cos(y / 270) + 40 * np.sin((x + y) / 37)
    transform = (CELL_M, 0.0, 500_000.0, 0.0, -CELL_M, 5_060_000.0)
    return Terrain(hills + 10 * rough, transform, "EPSG:32632", Surface.DSM)


def antennas(terrain: Terrain, count: int, above_m: float, seed: int) -> Ends:
    random = np.random.default_rng(seed)
    row, column = random.integers(0, SIDE, count), random.integers(0, SIDE, count)
    height = terrain.height_m[row, column] + above_m
    return Ends(row.astype(np.float64), column.astype(np.float64), height.astype(np.float64))


def in_numpy(terrain: Terrain, one: Ends, two: Ends, i: Ints, j: Ints, length: Floats) -> Floats:
    t = ((np.arange(POINTS) + 0.5) / POINTS)[None, :]
    row = one.row[i][:, None] * (1 - t) + two.row[j][:, None] * t
    column = one.column[i][:, None] * (1 - t) + two.column[j][:, None] * t
    top, left = np.minimum(row.astype(int), SIDE - 2), np.minimum(column.astype(int), SIDE - 2)
    v, u, z = row - top, column - left, terrain.height_m
    ground_m = (z[top, left] * (1 - u) + z[top, left + 1] * u) * (1 - v)
    ground_m += (z[top + 1, left] * (1 - u) + z[top + 1, left + 1] * u) * v
    ray = one.altitude_m[i][:, None] * (1 - t) + two.altitude_m[j][:, None] * t
    d = length[:, None]
    bulge = d * d * t * (1 - t) / (2 * EARTH * EARTH_RADIUS_M)
    clearance: Floats = ((ray - ground_m - bulge) / np.sqrt(WAVE_M * d * t * (1 - t))).min(axis=1)
    return clearance


def test_line_of_sight(scale: float) -> None:
    terrain = ground()
    premises = max(int(30_000 * scale), 100)
    one, two = antennas(terrain, SITES, 24.0, 2), antennas(terrain, premises, 3.0, 3)
    i = np.repeat(np.arange(SITES), premises)
    j = np.tile(np.arange(premises), SITES)
    length = np.hypot(one.row[i] - two.row[j], one.column[i] - two.column[j]) * CELL_M + 1.0

    def ours(rows: slice) -> Floats:
        found = line_of_sight(
            terrain,
            one,
            two,
            i[rows],
            j[rows],
            length_m=length[rows],
            wavelength_m=WAVE_M,
            earth_factor=EARTH,
            points=POINTS,
        )
        return found.clearance.astype(np.float64)

    part = slice(0, len(i), 97)
    np.testing.assert_allclose(
        ours(part),
        in_numpy(terrain, one, two, i[part], j[part], length[part]),
        atol=2e-2,
        rtol=1e-4,
    )
    wall, core = [], []
    for _ in range(9):
        began, spent = time.perf_counter(), time.thread_time()
        ours(slice(None))
        wall.append(len(i) / (time.perf_counter() - began))
        core.append(len(i) / (time.thread_time() - spent))
    few = slice(0, min(20_000, len(i)))
    began = time.thread_time()
    in_numpy(terrain, one, two, i[few], j[few], length[few])
    numpy_rate = len(i[few]) / (time.thread_time() - began)
    print(f"\n{len(i):,} links of {POINTS} points on {SIDE} x {SIDE} cells, one core")
    print(f"  nexpo, wall clock   median {np.median(wall):10,.0f} links/s  best {max(wall):10,.0f}")
    print(f"  nexpo, core time    median {np.median(core):10,.0f} links/s  best {max(core):10,.0f}")
    print(f"  numpy, core time           {numpy_rate:10,.0f} links/s")
    if scale >= 1:
        assert max(core) >= GOAL
