"""What a report says that cannot be, or that a person should look at again.

Each finding has a name, the columns and values that it is about, a remedy and a severity:
*refuse* (no centre can be so), *flag* (kept, with a doubt), *ask* (likely a slip: a unit, a
decimal mark; nothing is corrected in silence).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from nexpo.datacentres.indicators import Scheme, Status, location_coding, pue, wue
from nexpo.datacentres.model import Basis, Cell, Report
from nexpo.datacentres.plausibility_model import Bounds, Finding, Severity
from nexpo.datacentres.plausibility_model import number_told as _n
from nexpo.datacentres.plausibility_power import hours_of, load_factor, power_findings

__all__ = ["Bounds", "Finding", "Severity", "findings", "hours_of", "load_factor", "refused"]

_THOUSAND = 1000.0
_ABSOLUTE_ZERO_DEGC = -273.15
_RENEWABLES = ("renewable_go_kwh", "renewable_ppa_kwh", "renewable_on_site_kwh")
_UNREAD = ("potable-above-fresh",)  # the text of 2026 on fresh water was not seen
_TEMPERATURES = ("waste_heat_degc", "intake_air_degc")
_PARTS = (
    ("pue-below-one", "it_energy_kwh", "total_energy_kwh"),
    ("backup-above-total", "backup_energy_kwh", "total_energy_kwh"),
    ("reuse-above-input", "heat_reused_kwh", "total_energy_kwh"),
    ("on-site-above-total", "renewable_on_site_kwh", "renewable_total_kwh"),
    ("potable-above-total", "potable_water_m3", "water_input_m3"),
    ("fresh-above-total", "fresh_water_m3", "water_input_m3"),
    ("potable-above-fresh", "potable_water_m3", "fresh_water_m3"),
    ("rooms-above-floor", "computer_room_m2", "floor_area_m2"),
)


Check = Callable[[Report, Scheme, Bounds], Iterator[Finding]]


def findings(report: Report, scheme: Scheme, bounds: Bounds) -> tuple[Finding, ...]:
    """Return all that is impossible, doubtful or missing in a report, the worst first."""
    found = [finding for check in _CHECKS for finding in check(report, scheme, bounds)]
    order = list(Severity)
    return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))


def refused(found: tuple[Finding, ...]) -> bool:
    """Say whether a report cannot be taken."""
    return any(finding.severity is Severity.REFUSE for finding in found)


def _negatives(report: Report, scheme: Scheme, bounds: Bounds) -> Iterator[Finding]:
    del scheme, bounds
    for name in report.values:
        value = report.number(name)
        if value is not None and value < 0 and name not in _TEMPERATURES:
            yield Finding(
                "negative",
                Severity.REFUSE,
                f"{name} is negative",
                {name: value},
                "write the amount without a sign, or leave it empty if it is unknown",
            )


def _parts(report: Report, scheme: Scheme, bounds: Bounds) -> Iterator[Finding]:
    del scheme
    for name, part, whole in _PARTS:
        above, below = report.number(part), report.number(whole)
        if above is None or below is None or above <= below * (1 + _slack(name, bounds)):
            continue
        yield Finding(
            name,
            Severity.FLAG if name in _UNREAD else Severity.REFUSE,
            f"{part} ({_n(above)}) is more than {whole} ({_n(below)}), of which it is a part",
            {part: above, whole: below},
            f"check the unit and the measurement point of both: {_consequence(name)}",
        )


def _slack(name: str, bounds: Bounds) -> float:
    return 0.0 if name in {"pue-below-one", "reuse-above-input"} else bounds.tolerance


def _consequence(name: str) -> str:
    return {
        "pue-below-one": "PUE would be below 1",
        "reuse-above-input": "ERF would be above 1, more heat than energy came in",
    }.get(name, "a part cannot exceed its total")


def _heat(report: Report, scheme: Scheme, bounds: Bounds) -> Iterator[Finding]:
    del scheme
    temperature = report.number("waste_heat_degc")
    reused = report.number("heat_reused_kwh")
    if reused and temperature is None:
        yield Finding(
            "heat-without-temperature",
            Severity.FLAG,
            "heat is reused, its temperature is unknown",
            {"heat_reused_kwh": reused, "waste_heat_degc": None},
            "add the annual average temperature of the waste heat",
        )
    for name in _TEMPERATURES:
        value = report.number(name)
        least, most = getattr(bounds, name)
        if value is not None and value < _ABSOLUTE_ZERO_DEGC:
            yield Finding(
                "temperature-impossible",
                Severity.REFUSE,
                f"{name} is {_n(value)}, below absolute zero",
                {name: value},
                "write the annual average in degrees Celsius",
            )
        elif value is not None and not least <= value <= most:
            yield Finding(
                "temperature-unusual",
                Severity.ASK,
                f"{name} is {_n(value)}, usual are {_n(least)} to {_n(most)}",
                {name: value},
                "is it an annual average in degrees Celsius?",
            )


def _renewables(report: Report, scheme: Scheme, bounds: Bounds) -> Iterator[Finding]:
    del scheme
    total = report.number("renewable_total_kwh")
    parts = {name: report.number(name) for name in _RENEWABLES}
    known = sum(value for value in parts.values() if value is not None)
    values = {"renewable_total_kwh": total, **parts}
    if total is not None and known > total * (1 + bounds.tolerance):
        yield Finding(
            "renewable-parts-above-total",
            Severity.REFUSE,
            f"the renewable parts come to {_n(known)} kWh, more than their total of {_n(total)}",
            values,
            "count each kWh once: a guarantee of an own plant or PPA is not also a bought one",
        )
    elif total is not None and _falls_short(parts, total, bounds):
        yield Finding(
            "renewable-parts-below-total",
            Severity.FLAG,
            f"the renewable parts come to {_n(known)} kWh, less than their total of {_n(total)}",
            values,
            "the total is the sum of guarantees, PPA and on-site energy: add what is missing",
        )
    energy = report.number("total_energy_kwh")
    if total is not None and energy is not None and total > energy * (1 + bounds.tolerance):
        yield Finding(
            "renewable-above-consumption",
            Severity.FLAG,
            f"renewable energy ({_n(total)} kWh) exceeds all used ({_n(energy)}): REF above 1",
            {"renewable_total_kwh": total, "total_energy_kwh": energy},
            "cancel guarantees for the centre's own consumption of the year only",
        )


def _falls_short(parts: Mapping[str, float | None], total: float, bounds: Bounds) -> bool:
    known = [value for value in parts.values() if value is not None]
    return len(known) == len(parts) and sum(known) < total * (1 - bounds.tolerance)


def _ratios(report: Report, scheme: Scheme, bounds: Bounds) -> Iterator[Finding]:
    del scheme
    total, used = report.number("total_energy_kwh"), report.number("it_energy_kwh")
    found = pue(total, used)
    values = {"total_energy_kwh": total, "it_energy_kwh": used}
    if total == 0 and used == 0 and report.basis is Basis.ACTUAL:
        detail = "a whole year without any energy: no indicator follows"
        remedy = "leave unknown values empty; a centre that was not in operation has no report"
        yield Finding("no-energy", Severity.FLAG, detail, values, remedy)
    if used is not None and used <= 0 and total:
        detail = "IT energy is zero while the centre used energy: no PUE follows"
        yield Finding("it-energy-zero", Severity.ASK, detail, values, "leave unknown values empty")
    if found is not None and found > bounds.pue_high:
        apart = "; one of them may be in MWh" if found > _THOUSAND / bounds.pue_high else ""
        yield Finding(
            "pue-high",
            Severity.ASK,
            f"PUE is {found:.4g}, above {_n(bounds.pue_high)}{apart}",
            values,
            "check that both energies are in kWh, of the same year and the same boundary",
        )


def _water(report: Report, scheme: Scheme, bounds: Bounds) -> Iterator[Finding]:
    del scheme
    energy = report.number("it_energy_kwh")
    for name in ("water_input_m3", "fresh_water_m3", "potable_water_m3"):
        value = report.number(name)
        found = wue(value, energy)
        if found is None or found <= bounds.wue_high:
            continue
        values: dict[str, Cell | None] = {name: value, "it_energy_kwh": energy}
        if found > bounds.wue_litres and found / _THOUSAND <= bounds.wue_high:
            detail = f"{name} gives {found:.4g} m3/MWh; as litres it would be {found / 1000:.4g}"
            remedy = "is it in litres? one cubic metre is 1,000 litres"
            yield Finding("litres-for-m3", Severity.ASK, detail, values, remedy)
        else:
            detail = f"{name} gives {found:.4g} m3/MWh, above {_n(bounds.wue_high)}"
            remedy = "check the unit (m3) and that only water of the centre is counted"
            yield Finding("wue-high", Severity.ASK, detail, values, remedy)


def _measurement(report: Report, scheme: Scheme, bounds: Bounds) -> Iterator[Finding]:
    del bounds
    category, point = report.number("pue_category"), report.text("it_energy_point")
    energy = report.number("it_energy_kwh")
    if energy is not None and category is None:
        detail = "IT energy without the category of its measurement"
        remedy = "declare category 1 (UPS output), 2 (PDU output) or 3 (IT input)"
        values: dict[str, Cell | None] = {"it_energy_kwh": energy, "pue_category": None}
        yield Finding("pue-category-missing", Severity.FLAG, detail, values, remedy)
    if category is not None and point is not None and point != "other":
        allowed = scheme.it_points.get(int(category), ())
        fallback = category == 1 and report.text("has_ups") == "no" and point == "pdu"
        if point not in allowed and not fallback:
            detail = f"category {_n(category)} is measured at {', '.join(allowed)}, not at {point}"
            remedy = "declare the category of the point; without a UPS measure at the PDU"
            values = {"pue_category": category, "it_energy_point": point}
            yield Finding("pue-category-point", Severity.FLAG, detail, values, remedy)
    yield from _water_category(report, scheme)


def _water_category(report: Report, scheme: Scheme) -> Iterator[Finding]:
    water, category = report.number("water_input_m3"), report.number("wue_category")
    values: dict[str, Cell | None] = {"water_input_m3": water, "wue_category": category}
    wanted = scheme.wue_categories[0]
    if water is not None and category is None:
        detail = "water without the category of its measurement"
        remedy = f"declare category {wanted}, or 1 where {wanted} cannot be measured"
        yield Finding("wue-category-missing", Severity.FLAG, detail, values, remedy)
    elif water is not None and category is not None and category != wanted:
        detail = f"water is measured in category {_n(category)}, category {wanted} comes first"
        remedy = f"say in omitted_because why category {wanted} cannot be measured"
        if "wue_category" not in report.omitted:
            yield Finding("wue-category-lower", Severity.FLAG, detail, values, remedy)


def _complete(report: Report, scheme: Scheme, bounds: Bounds) -> Iterator[Finding]:
    del bounds
    lenient = report.year <= scheme.omitted_until_year
    for name in scheme.required:
        if name in report.values:
            continue
        reason = report.omitted.get(name)
        values: dict[str, Cell | None] = {name: None}
        if reason is None:
            detail, remedy = f"{name} is missing, no reason is given", "report it, or say why not"
            yield Finding("missing-without-reason", Severity.FLAG, detail, values, remedy)
        elif not lenient:
            last = scheme.omitted_until_year
            detail = f"{name} is omitted ({reason}); reasons were taken up to the year {last}"
            yield Finding("omitted-late", Severity.FLAG, detail, values, "report the value")
    colocation = "colocation" in (report.text("type") or "")
    if report.estimated and not (
        colocation and report.year <= scheme.colocation_estimates_until_year
    ):
        last = scheme.colocation_estimates_until_year
        detail = f"estimates are taken from colocation up to the year {last}"
        values = {name: report.values.get(name) for name in sorted(report.estimated)}
        yield Finding("estimate-late", Severity.FLAG, detail, values, "measure these values")


def _duty(report: Report, scheme: Scheme, bounds: Bounds) -> Iterator[Finding]:
    del bounds
    power = report.number("installed_it_kw")
    if power is not None and power < scheme.threshold_kw:
        detail = f"{_n(power)} kW lie below the threshold of {_n(scheme.threshold_kw)} kW"
        remedy = "the report is voluntary; check that the power is in kW, not MW"
        yield Finding("below-threshold", Severity.ASK, detail, {"installed_it_kw": power}, remedy)
    codings, status = location_coding(report.year, scheme)
    columns = {"LAU": "municipality", "NUTS3": "nuts3"}
    missing = [columns[each] for each in codings if columns[each] not in report.values]
    if missing:
        unsure = " (which coding holds is not yet known)" if status is Status.UNDETERMINED else ""
        detail = f"the place is not coded by {' and '.join(codings)}{unsure}"
        values: dict[str, Cell | None] = dict.fromkeys(missing)
        remedy = "add the code; NUTS 3 follows from the municipality"
        yield Finding("location-missing", Severity.FLAG, detail, values, remedy)


_CHECKS: tuple[Check, ...] = (
    _negatives,
    _parts,
    _renewables,
    power_findings,
    _ratios,
    _water,
    _heat,
    _measurement,
    _complete,
    _duty,
)
