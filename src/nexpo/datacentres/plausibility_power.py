"""Whether the power, the energy and the hours of operation of a report fit together."""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Iterator
from datetime import date

from nexpo.datacentres.indicators import Scheme
from nexpo.datacentres.model import Basis, Cell, Report
from nexpo.datacentres.plausibility_model import Bounds, Finding, Severity, number_told

_THOUSAND = 1000.0
_HOURS_A_DAY = 24


def hours_of(year: int) -> int:
    """Return the hours of a year: 8,760, or 8,784 in a leap year.

    Examples
    --------
    >>> hours_of(2023), hours_of(2024)
    (8760, 8784)
    """
    return 8784 if isleap(year) else 8760


def load_factor(energy_kwh: float | None, power_kw: float | None, hours: float) -> float | None:
    """Return the share of the hours at full power that an energy implies.

    Examples
    --------
    >>> load_factor(4_380_000, 1000, 8760)
    0.5
    """
    if energy_kwh is None or power_kw is None or power_kw <= 0 or hours <= 0:
        return None
    return energy_kwh / (power_kw * hours)


def power_findings(report: Report, scheme: Scheme, bounds: Bounds) -> Iterator[Finding]:
    """Yield what is doubtful of the power and of the energy that it could have used."""
    power = report.number("installed_it_kw")
    if power is not None and power > bounds.power_high_kw:
        told, lower = number_told(power), number_told(power / _THOUSAND)
        detail = f"{told} kW is more than any centre; as watts it would be {lower} kW"
        values: dict[str, Cell | None] = {"installed_it_kw": power}
        yield Finding("power-high", Severity.ASK, detail, values, "is the power in W?")
    hours = _hours(report)
    if hours <= 0:
        start = report.text("operation_start")
        detail = f"actual values of {report.year} for a centre that started in {start}"
        remedy = "correct the start or the year, or set basis to design or expected"
        values = {"operation_start": start}
        yield Finding("operation-after-year", Severity.REFUSE, detail, values, remedy)
        return
    yield from _load(report, scheme, bounds, hours)


def _hours(report: Report) -> int:
    """Return the hours in which it can have run: from the first of its month of start."""
    start = report.text("operation_start")
    told = re.match(r"(\d{4})-(0[1-9]|1[0-2])", start or "")
    if told is None or report.basis is not Basis.ACTUAL:
        return hours_of(report.year)
    first = max(date(int(told[1]), int(told[2]), 1), date(report.year, 1, 1))
    return (date(report.year + 1, 1, 1) - first).days * _HOURS_A_DAY


def _load(report: Report, scheme: Scheme, bounds: Bounds, hours: int) -> Iterator[Finding]:
    column = "it_energy_kwh" if "it_energy_kwh" in report.values else "total_energy_kwh"
    power, energy = report.number("installed_it_kw"), report.number(column)
    factor = load_factor(energy, power, hours)
    if power is None or energy is None or factor is None:
        return
    values: dict[str, Cell | None] = {"installed_it_kw": power, column: energy}
    told = (
        f"{number_told(energy)} kWh at {number_told(power)} kW is a load factor of {factor:.3g} "
        f"of {hours:,} hours"
    )
    most = bounds.load_high if column == "it_energy_kwh" else bounds.load_high * bounds.pue_high
    if factor > most * (1 + bounds.tolerance):
        yield _too_much(column, factor, told, values, bounds)
    elif 0 < factor < bounds.load_low and power / _THOUSAND >= scheme.threshold_kw:
        detail = f"{told}; as watts the power would be {number_told(power / _THOUSAND)} kW"
        remedy = "is the power in W? or the energy in MWh?"
        yield Finding("watts-for-kw", Severity.ASK, detail, values, remedy)
    elif 0 < factor < bounds.load_low:
        yield Finding("mwh-for-kwh", Severity.ASK, told, values, "is the energy in MWh?")


def _too_much(
    column: str, factor: float, told: str, values: dict[str, Cell | None], bounds: Bounds
) -> Finding:
    """Return the doubt about more energy than the power gives in its hours.

    IT energy far above it cannot be. All energy may be more, by the PUE, and is asked about.
    """
    unit = ": is the power in MW?" if factor / _THOUSAND <= bounds.load_high < factor / 2 else ""
    if column != "it_energy_kwh":
        remedy = f"even a PUE of {bounds.pue_high:g} would not explain it{unit}"
        return Finding("total-above-power", Severity.ASK, told, values, remedy)
    if factor > bounds.load_refused:
        remedy = f"IT energy cannot exceed installed IT power at all hours{unit}"
        return Finding("energy-above-power", Severity.REFUSE, told, values, remedy)
    remedy = "was it measured before the losses of the UPS, or is the power out of date?"
    return Finding("energy-above-power", Severity.ASK, told, values, remedy)
