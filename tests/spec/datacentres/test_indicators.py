"""Delegated Regulation (EU) 2024/1364, annex III, and what the act of 2026 changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from nexpo.datacentres.adapters.schemes import (
    load_bounds,
    load_label_classes,
    load_scheme,
    load_size_classes,
)
from nexpo.datacentres.classes import label_class, size_class
from nexpo.datacentres.indicators import Scheme, Status, in_scope, indicators, location_coding
from nexpo.datacentres.model import Basis, Report
from nexpo.datacentres.plausibility import Severity, findings, hours_of
from tests.unit.datacentres.register_examples import report

ON = date(2026, 11, 1)
SCHEME = load_scheme(ON)
BOUNDS = load_bounds(ON)


def shown(
    made: Report, scheme: Scheme = SCHEME
) -> dict[tuple[str, str], tuple[float | None, Status]]:
    return {
        (each.name, each.formula): (each.value, each.status) for each in indicators(made, scheme)
    }


def test_the_four_indicators_of_a_worked_example() -> None:
    # 10 GWh in, 8 GWh to IT, 12,000 m3, 1.5 GWh of heat out, 6 GWh renewable
    found = {each.name: each.value for each in indicators(report(2025), SCHEME)}
    assert found == {"PUE": 1.25, "WUE": 1.5, "ERF": 0.15, "REF": 0.6}


def test_before_the_earliest_year_of_the_act_all_water_counts() -> None:
    names = [each.formula for each in indicators(report(2025), SCHEME) if each.name == "WUE"]
    assert names == ["water_input_m3 / it_energy_kwh * 1000"]


def test_as_long_as_its_start_is_not_set_both_are_shown_and_neither_is_in_force() -> None:
    found = shown(report(2026, fresh_water_m3=2000.0))
    old = found["WUE", "water_input_m3 / it_energy_kwh * 1000"]
    new = found["WUE", "fresh_water_m3 / it_energy_kwh * 1000"]
    assert old == (1.5, Status.UNDETERMINED)
    assert new == (0.25, Status.UNDETERMINED)
    assert location_coding(2026, SCHEME) == (("LAU", "NUTS3"), Status.UNDETERMINED)


def test_once_its_start_is_set_one_definition_is_in_force() -> None:
    scheme = replace(SCHEME, amended=replace(SCHEME.amended, starts_with_year=2027))
    before, after = (shown(report(year, fresh_water_m3=2000.0), scheme) for year in (2026, 2027))
    assert [key for key in before if key[0] == "WUE"] == [
        ("WUE", "water_input_m3 / it_energy_kwh * 1000")
    ]
    assert after["WUE", "fresh_water_m3 / it_energy_kwh * 1000"] == (0.25, Status.IN_FORCE)
    assert location_coding(2027, scheme) == (("NUTS3",), Status.IN_FORCE)
    assert location_coding(2026, scheme) == (("LAU",), Status.IN_FORCE)


def test_an_indicator_without_its_parts_is_unknown_and_says_why() -> None:
    made = Report(
        "a", 2023, values={"it_energy_kwh": 0.0}, omitted={"total_energy_kwh": "no meter"}
    )
    by_name = {each.name: each for each in indicators(made, SCHEME)}
    assert by_name["PUE"].value is None
    assert "no meter" in by_name["PUE"].reason
    assert by_name["WUE"].value is None


@pytest.mark.parametrize(
    ("kw", "name"),
    [
        (None, None),
        (99.9, None),
        (100, "very small"),
        (499, "very small"),
        (500, "small"),
        (1_000, "medium"),
        (2_000, "large"),
        (10_000, "large"),
        (10_001, "very large"),
    ],
)
def test_size_classes(kw: float | None, name: str | None) -> None:
    assert size_class(kw, load_size_classes(ON)) == name


@pytest.mark.parametrize(
    ("indicator", "value", "letter"),
    [
        ("PUE", 1.0, "A"),
        ("PUE", 1.15, "A"),
        ("PUE", 1.16, "B"),
        ("PUE", 1.9, "F"),
        ("PUE", 1.91, "G"),
        ("WUE", 0.0, "A"),
        ("WUE", 0.4, "C"),
        ("WUE", 1.2, "G"),
    ],
)
def test_classes_are_text_marked_indicative(indicator: str, value: float, letter: str) -> None:
    bounds = load_label_classes(ON)
    assert bounds is not None
    found = label_class(indicator, value, bounds)
    assert found is not None
    assert str(found) == f"{letter} (indicative)"
    assert label_class("ERF", value, bounds) is None
    assert label_class(indicator, None, bounds) is None


def test_a_report_is_due_from_500_kw_on_15_may() -> None:
    assert [in_scope(kw, SCHEME) for kw in (None, 499.9, 500)] == [None, False, True]
    assert SCHEME.due(2023) == date(2024, 9, 15)
    assert SCHEME.due(2025) == date(2026, 5, 15)


def test_leniency_of_the_first_period() -> None:
    def late(year: int) -> set[str]:
        values = {k: v for k, v in report(year).values.items() if k != "water_input_m3"}
        made = Report("a", year, values=values, omitted={"water_input_m3": "no meter"})
        return {finding.name for finding in findings(made, SCHEME, BOUNDS)}

    assert "omitted-late" not in late(2023)
    assert "omitted-late" in late(2024)


def test_colocation_may_estimate_in_the_first_two_periods() -> None:
    def names(year: int, kind: str) -> set[str]:
        made = replace(report(year, type=kind), estimated=frozenset({"it_energy_kwh"}))
        return {finding.name for finding in findings(made, SCHEME, BOUNDS)}

    assert "estimate-late" not in names(2024, "colocation")
    assert "estimate-late" in names(2025, "colocation")
    assert "estimate-late" in names(2024, "enterprise")


@pytest.mark.parametrize(
    ("changed", "name", "severity"),
    [
        ({"it_energy_kwh": 10_000_001.0}, "pue-below-one", Severity.REFUSE),
        ({"heat_reused_kwh": 11e6}, "reuse-above-input", Severity.REFUSE),
        ({"backup_energy_kwh": 11e6}, "backup-above-total", Severity.REFUSE),
        ({"potable_water_m3": 13_000.0}, "potable-above-total", Severity.REFUSE),
        ({"fresh_water_m3": 13_000.0}, "fresh-above-total", Severity.REFUSE),
        ({"computer_room_m2": 2.0, "floor_area_m2": 1.0}, "rooms-above-floor", Severity.REFUSE),
        ({"renewable_go_kwh": 4e6}, "renewable-parts-above-total", Severity.REFUSE),
        ({"renewable_go_kwh": 1e6}, "renewable-parts-below-total", Severity.FLAG),
        (
            {"renewable_total_kwh": 12e6, "renewable_go_kwh": 8e6},
            "renewable-above-consumption",
            Severity.FLAG,
        ),
        ({"water_input_m3": -1.0}, "negative", Severity.REFUSE),
        ({"installed_it_kw": 800.0}, "energy-above-power", Severity.REFUSE),  # 1.14
        ({"installed_it_kw": 900.0}, "energy-above-power", Severity.ASK),  # 1.015
        ({"operation_start": "2026-01"}, "operation-after-year", Severity.REFUSE),
        ({"operation_start": "2025-07"}, "energy-above-power", Severity.REFUSE),  # in half a year
        (
            {"it_energy_kwh": None, "total_energy_kwh": 90e6, "installed_it_kw": 1000.0},
            "total-above-power",
            Severity.ASK,
        ),
        ({"it_energy_kwh": 0.0, "total_energy_kwh": 0.0}, "no-energy", Severity.FLAG),
        (
            {"potable_water_m3": 3_000.0, "fresh_water_m3": 2_000.0},
            "potable-above-fresh",
            Severity.FLAG,
        ),
        ({"waste_heat_degc": -300.0}, "temperature-impossible", Severity.REFUSE),
        ({"heat_reused_kwh": 10_000_001.0}, "reuse-above-input", Severity.REFUSE),
        ({"installed_it_kw": 1.5e6}, "watts-for-kw", Severity.ASK),
        ({"installed_it_kw": 1.5e6}, "power-high", Severity.ASK),
        ({"it_energy_kwh": 8_000.0, "total_energy_kwh": 10_000.0}, "mwh-for-kwh", Severity.ASK),
        ({"water_input_m3": 12e6}, "litres-for-m3", Severity.ASK),
        ({"water_input_m3": 200_000.0}, "wue-high", Severity.ASK),
        ({"it_energy_kwh": 2e6}, "pue-high", Severity.ASK),
        ({"it_energy_kwh": 0.0}, "it-energy-zero", Severity.ASK),
        ({"waste_heat_degc": None}, "heat-without-temperature", Severity.FLAG),
        ({"waste_heat_degc": 300.0}, "temperature-unusual", Severity.ASK),
        ({"pue_category": None}, "pue-category-missing", Severity.FLAG),
        ({"it_energy_point": "pdu"}, "pue-category-point", Severity.FLAG),
        ({"wue_category": None}, "wue-category-missing", Severity.FLAG),
        ({"wue_category": 1.0}, "wue-category-lower", Severity.FLAG),
        ({"heat_reused_kwh": None}, "missing-without-reason", Severity.FLAG),
        ({"installed_it_kw": 400.0, "it_energy_kwh": 3e6}, "below-threshold", Severity.ASK),
        ({"municipality": None}, "location-missing", Severity.FLAG),
    ],
)
def test_what_cannot_be_is_named(
    changed: dict[str, float | str | None], name: str, severity: Severity
) -> None:
    found = {each.name: each for each in findings(report(changed=changed), SCHEME, BOUNDS)}
    assert found[name].severity is severity
    assert found[name].fields
    assert found[name].remedy
    assert found[name].detail


def test_a_sound_report_has_no_finding() -> None:
    assert findings(report(), SCHEME, BOUNDS) == ()


def test_without_a_ups_the_pdu_is_the_point_of_category_1() -> None:
    made = report(it_energy_point="pdu", has_ups="no")
    assert findings(made, SCHEME, BOUNDS) == ()


def test_rounding_of_a_sum_is_no_finding_and_pue_has_no_slack() -> None:
    assert findings(report(renewable_go_kwh=2_000_500.0), SCHEME, BOUNDS) == ()
    assert findings(report(it_energy_kwh=10_000_000.0), SCHEME, BOUNDS) == ()  # PUE 1 can be


def test_a_leap_year_has_more_hours() -> None:
    energy = 1004.0 * hours_of(2024)
    for year, names in ((2024, set()), (2025, {"energy-above-power"})):
        made = report(year, installed_it_kw=1000.0, it_energy_kwh=energy)
        assert {each.name for each in findings(made, SCHEME, BOUNDS)} == names


def test_design_values_too_must_fit_the_hours_of_a_year() -> None:
    made = replace(report(2028, installed_it_kw=500.0), basis=Basis.DESIGN)
    assert findings(made, SCHEME, BOUNDS)[0].name == "energy-above-power"
    later = report(2028, installed_it_kw=1000.0, operation_start="2030-01")
    made = replace(later, basis=Basis.DESIGN)
    names = {each.name for each in findings(made, SCHEME, BOUNDS)}
    assert not names & {"energy-above-power", "operation-after-year"}


def test_what_rests_on_a_text_that_was_not_seen_is_not_determined() -> None:
    by_year = {
        year: {each.name: each for each in indicators(report(year), SCHEME)}
        for year in (2025, 2026)
    }
    assert {each.status for each in by_year[2025].values()} == {Status.IN_FORCE}
    found = by_year[2026]
    for name in ("PUE", "ERF", "REF"):
        assert found[name].status is Status.UNDETERMINED
        assert "total_energy_kwh" in found[name].reason
        assert "refined by C(2026) 3472, text not seen" in found[name].reason
    assert found["REF"].value == 0.6
    known = replace(SCHEME, amended=replace(SCHEME.amended, starts_with_year=2026))
    assert {each.name: each for each in indicators(report(2026), known)}[
        "REF"
    ].status is Status.UNDETERMINED
