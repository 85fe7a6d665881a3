"""A small municipality that is nowhere."""

from __future__ import annotations

import pytest
import shapely

from nexpo.build.design.municipality import Task


@pytest.fixture
def task() -> Task:
    return Task(
        istat="999001",
        name="Borgo",
        province_code="999",
        province="Nessuna",
        population=800,
        area_km2=2.0,
        lon=9.4,
        lat=45.8,
        boundary=shapely.box(9.391, 45.794, 9.409, 45.806).wkb_hex,
        addresses=9,
        addresses_from="share",
        list_sha256="",
        streets="",
        streets_sha256="",
        on="2025-08-01",
        architecture="ftth-1x64",
        grant_rule="italia-1-giga",
        rounds=5,
        seed=1,
        rules="r",
        version="v",
    )
