"""Terrain, demand, sites and prices for the tests: small, and known by construction."""

from __future__ import annotations

from datetime import date

import numpy as np

from nexpo.connectivity.design.model import Demand, Floats
from nexpo.connectivity.design.wireless import (
    Prices,
    Radio,
    SiteKind,
    Sites,
    Surface,
    Terrain,
    candidates,
    load_radio,
)

CELL_M = 25.0
WEST_M, NORTH_M = 500_000.0, 5_050_000.0


def radio() -> Radio:
    return load_radio(date(2026, 1, 1))


def terrain(heights: Floats, surface: Surface = Surface.DTM) -> Terrain:
    return Terrain(
        np.asarray(heights, np.float32),
        (CELL_M, 0.0, WEST_M, 0.0, -CELL_M, NORTH_M),
        "EPSG:32632",
        surface,
        "made for a test",
    )


def flat(size: int = 200) -> Terrain:
    return terrain(np.zeros((size, size)))


def demand(where: Terrain, cells: list[tuple[float, float]], units: int = 1) -> Demand:
    """Return one address a cell (row, column)."""
    row, column = (np.array(axis, np.float64) for axis in zip(*cells, strict=True))
    lon, lat = where.place(row, column)
    count = len(cells)
    zeros, blank = np.zeros(count), ("",) * count
    return Demand(
        id=tuple(f"p{number}" for number in range(count)),
        label=blank,
        units=np.full(count, units),
        service=np.zeros(count, np.int64),
        klass=blank,
        connected=np.zeros(count, np.bool_),
        lon=lon,
        lat=lat,
        section=np.zeros(count, np.int64),
        offset_m=zeros,
        lead_m=zeros,
        placement=np.zeros(count, np.int64),
        score=np.ones(count),
    )


def sites(
    where: Terrain,
    cells: list[tuple[float, float]],
    fibre: list[int] | None = None,
    *,
    mast_m: float = 24.0,
    kind: SiteKind = SiteKind.NEW,
) -> Sites:
    """Return one candidate a cell; ``fibre`` in cents, -1 for none."""
    row, column = (np.array(axis, np.float64) for axis in zip(*cells, strict=True))
    lon, lat = where.place(row, column)
    return candidates(
        tuple(f"s{number}" for number in range(len(cells))),
        lon,
        lat,
        kind=kind,
        mast_m=mast_m,
        fibre_cents=np.array(fibre if fibre is not None else [1_000_000] * len(cells)),
    )


def prices() -> Prices:
    return Prices(
        mast=6_000_000,
        site_existing=1_500_000,
        sector=400_000,
        cpe=30_000,
        backhaul_radio=1_200_000,
        backhaul_fibre=300_000,
    )


class Dry:
    """Weather that takes a fixed rain attenuation a kilometre, and nothing else."""

    def __init__(self, rain_db_km: float = 0.0, gas_db_km: float = 0.0) -> None:
        self.rain_db_km, self.gas = rain_db_km, gas_db_km

    def gas_db_per_km(self, frequency_ghz: float) -> float:
        return self.gas

    def rain_db(self, lon: Floats, lat: Floats, length_m: Floats, band: object) -> Floats:
        return self.rain_db_km * np.asarray(length_m) / 1000.0

    def rain_shape(self, percent: Floats, frequency_ghz: float) -> Floats:
        return (np.asarray(percent) / 0.01) ** -0.4

    def multipath_percent(
        self, lon: Floats, lat: Floats, length_m: Floats, ends_m: object, band: object
    ) -> Floats:
        return np.zeros(len(length_m))
