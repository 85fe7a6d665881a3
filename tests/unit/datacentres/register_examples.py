"""Small registers for the tests of data centres: all made up, places near Milan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from nexpo.core.parameters import Use
from nexpo.datacentres.adapters.schemes import load_bounds, load_matching, load_scheme
from nexpo.datacentres.model import (
    Certainty,
    Facility,
    GridRequest,
    Milestone,
    Place,
    Power,
    Report,
    RequestState,
    Source,
    Stage,
)

ON = date(2026, 11, 1)
AT = datetime(2026, 5, 10, 8, 0, tzinfo=UTC)
SOURCE = Source("operator's page", Certainty.PUBLISHED, date(2025, 3, 1))
MATCHING = load_matching(ON)
SCHEME = load_scheme(ON)
BOUNDS = load_bounds(ON)
USE = Use("t", "t", "1", "1", ON, "none", "test", verified=False)

GOOD: dict[str, float | str | None] = {
    "municipality": "015146",
    "nuts3": "ITC4C",
    "type": "colocation",
    "installed_it_kw": 1500.0,
    "total_energy_kwh": 10_000_000.0,
    "it_energy_kwh": 8_000_000.0,
    "pue_category": 1.0,
    "it_energy_point": "ups",
    "water_input_m3": 12_000.0,
    "wue_category": 2.0,
    "potable_water_m3": 3_000.0,
    "heat_reused_kwh": 1_500_000.0,
    "waste_heat_degc": 30.0,
    "renewable_total_kwh": 6_000_000.0,
    "renewable_go_kwh": 2_000_000.0,
    "renewable_ppa_kwh": 3_000_000.0,
    "renewable_on_site_kwh": 1_000_000.0,
}


def centre(
    name: str,
    *,
    at: tuple[float, float] | None = None,
    operator: str | None = None,
    title: str | None = None,
    it_kw: float | None = None,
    municipality: str | None = "015146",
) -> Facility:
    lon, lat = at or (None, None)
    return Facility(
        name,
        SOURCE,
        name=title,
        operator=operator,
        place=Place(municipality, lon=lon, lat=lat),
        power=Power(installed_it_kw=it_kw),
        milestones=(Milestone(Stage.OPERATING, date(2020, 1, 1)),),
    )


def asked(
    name: str,
    kw: float | None,
    *,
    day: date | None = None,
    supersedes: str | None = None,
    state: RequestState | None = None,
    applicant: str | None = None,
    municipality: str | None = "015146",
) -> GridRequest:
    return GridRequest(
        name,
        SOURCE,
        Place(municipality),
        requested_kw=kw,
        day=day,
        state=state,
        supersedes=supersedes,
        applicant=applicant,
    )


def report(
    year: int = 2025,
    facility_id: str = "a",
    changed: Mapping[str, float | str | None] | None = None,
    **more: float | str | None,
) -> Report:
    values = {**GOOD, **(changed or {}), **more}
    kept = {name: value for name, value in values.items() if value is not None}
    return Report(facility_id, year, values=kept)
