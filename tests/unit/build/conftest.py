"""A small region as material: real municipalities, counted stand-ins."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from nexpo import territory
from nexpo.build.model import Amounts, Material, Money, Performance, Streets, Uncovered
from nexpo.core.evidence import Input
from nexpo.territory import Programme, Region

DAY = date(2025, 8, 1)
VALLE = Region("02", "Valle d'Aosta", "valle", ("ITC2",), "it", "Europe/Rome")
LIST = Input("infratel-uncovered-2025", "list.parquet", "0" * 64, "none stated", "2025-08", False)
GRID = Input("ookla-grid-2023q2", "grid.parquet", "1" * 64, "CC BY-NC-SA 4.0", "2023", False)
PLAN = Programme("piano-italia-1-giga", "Piano Italia a 1 Giga", "M1C2I3.01.01")


@pytest.fixture
def material() -> Material:
    places = territory.municipalities("02", on=DAY)
    first, second = places["istat"][0], places["istat"][1]
    counts = pl.DataFrame(
        [(first, "A", 3), (first, "C", 7), (second, "B", 5), (None, "C", 2)],
        schema={"istat": pl.String, "uncovered_class": pl.String, "addresses": pl.Int64},
        orient="row",
    )
    measures = pl.DataFrame(
        [(first, 1_000_000, 400_000, 300, 20, 2), (second, 90_000, 9_000, 90, 3, 1)],
        schema=["istat", "down", "up", "latency", "tests", "cells"],
        orient="row",
    )
    amounts = Amounts(2, 1_000_000_07, 500_000_00, 250_000_05)
    return Material(
        region=VALLE,
        on=DAY,
        seed=1,
        municipalities=places,
        territory=territory.inputs("02", on=DAY),
        uncovered=Uncovered(counts, counts.head(0), 20, 1, 2, (LIST,)),
        performance=Performance(measures, (GRID,)),
        money=(Money(PLAN, amounts, Amounts(0, 0, 0, 0), ()),),
        streets=(Streets(first, 9, 900.0, 4, 3, 10, 6, 250.5, ()),),
    )
