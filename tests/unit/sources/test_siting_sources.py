"""Readers of grid nodes, exchanges and degree days, on small files that show their traps."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from nexpo.core.problem import Problem
from nexpo.sources.degree_days import read_degree_days
from nexpo.sources.entsoe_grid import read_buses
from nexpo.sources.exchanges import read_exchanges
from nexpo.sources.places import codes_on

BUSES = """bus_id,station_id,voltage,dc,symbol,under_construction,x,y,in_lombardia,name
1,10,380.0,f,Substation,f,9.1,45.1,True,
1,10,220.0,f,Substation,t,9.1,45.1,True,
3,11,380000,f,Substation,f,9.1,45.1,True,
4,12,380,f,Substation,f,450.9,45.1,True,
5,12,high,f,Substation,f,9.1,45.1,True,
"""


def test_buses_keep_voltage_and_place(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text(BUSES)
    reading = read_buses(path, tmp_path / "b.parquet")
    table = pl.read_parquet(reading.path)
    assert table.select("bus_id", "voltage_kv", "lon", "under_construction").rows() == [
        ("1", 380.0, 9.1, False),
        ("1", 220.0, 9.1, True),
    ]
    assert reading.rejected == 3
    reasons = " ".join(reason for reason, _ in reading.reasons)
    assert "no voltage in kV" in reasons
    assert "no longitude" in reasons
    notes = dict(reading.notes)
    assert notes["rows whose bus number stands twice"] == 2
    assert notes["nodes that were under construction"] == 1


def test_exchanges_without_a_place_are_kept_and_noted(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    path.write_text(
        "source,kind,name,exchange,city,lat,lon,in_lombardia\n"
        'a,ix_building,"Via Caldera 21 | Milan",MIX,,45.47,9.10,True\n'
        "a,ix_building,Via Caldera 21,TOP-IX,,45.47,9.10,True\n"
        "b,exchange,,MIX,Milano,,,True\n"
        "b,castle,,MIX,Milano,,,True\n"
    )
    reading = read_exchanges(path, tmp_path / "e.parquet")
    assert (reading.rows, reading.rejected) == (3, 1)
    notes = dict(reading.notes)
    assert notes["rows without coordinates"] == 1
    assert notes["places that stand several times"] == 1


def test_degree_days_follow_today_s_codes_and_empty_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("istat,degree_days\n013199,2700\n015146,\n015146,lots\n")
    reading = read_degree_days(path, tmp_path / "d.parquet", codes=codes_on(date(2025, 8, 1)))
    assert pl.read_parquet(reading.path).select("istat", "degree_days").rows() == [
        ("013256", 2700.0),
        ("015146", None),
    ]
    assert reading.rejected == 1
    assert dict(reading.notes)["municipalities without degree days"] == 1


def test_a_table_without_degree_days_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("istat,temperature\n013199,20\n")
    with pytest.raises(Problem, match="missing column"):
        read_degree_days(path, tmp_path / "d.parquet")
