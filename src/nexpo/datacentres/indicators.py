"""PUE, WUE, ERF and REF by the definition in force for the year of a report.

Delegated Regulation (EU) 2024/1364, annex III: PUE = EDC / EIT, WUE = WIN / EIT (m3 per MWh),
ERF = EREUSE / EDC, REF = ERES-TOT / EDC. The act of 2026 puts freshwater in the place of all
water. As long as nobody knows for which year it starts, WUE of the years that it may concern is
shown by both definitions, and neither is called the one in force.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from nexpo.core.parameters import Use
from nexpo.datacentres.model import Report

_KWH_IN_MWH = 1000.0


class Status(StrEnum):
    """Whether a definition holds for the year."""

    IN_FORCE = "in force"
    UNDETERMINED = "not determined: start or text of the new definition not known"
    NOT_IN_FORCE = "not in force for this year"


@dataclass(frozen=True, slots=True)
class Ratio:
    """An indicator as the quotient of two columns times a scale."""

    name: str
    above: str
    below: str
    scale: float
    unit: str
    act: str

    @property
    def formula(self) -> str:
        """The quotient as text."""
        scale = "" if self.scale == 1 else f" * {self.scale:g}"
        return f"{self.above} / {self.below}{scale}"


@dataclass(frozen=True, slots=True)
class Amendment:
    """What a later act changes; ``starts_with_year`` None: nobody knows from when.

    ``earliest_year`` is the first reporting year that it can concern; ``refined`` are columns
    that it defines anew in a text that was not seen, so that no ratio of them is determined.
    """

    act: str
    starts_with_year: int | None
    earliest_year: int
    location: str
    ratios: Mapping[str, Ratio]
    refined: tuple[str, ...] = ()

    def status(self, year: int) -> Status:
        """Say whether it holds for a reporting year."""
        if self.starts_with_year is not None:
            return Status.IN_FORCE if year >= self.starts_with_year else Status.NOT_IN_FORCE
        return Status.UNDETERMINED if year >= self.earliest_year else Status.NOT_IN_FORCE


@dataclass(frozen=True, slots=True)
class Scheme:
    """The reporting scheme as it stands on a day.

    Attributes
    ----------
    threshold_kw
        Installed IT power from which a report is due.
    it_points
        Where IT energy is measured, by category of PUE.
    wue_categories
        Categories of WUE, the wanted one first.
    required
        Columns without which an indicator is missing.
    omitted_until_year, colocation_estimates_until_year
        Last reporting years of the leniency.
    """

    threshold_kw: float
    first_year: int
    first_due: date
    due_month: int
    due_day: int
    location: str
    ratios: Mapping[str, Ratio]
    amended: Amendment
    it_points: Mapping[int, tuple[str, ...]]
    wue_categories: tuple[int, ...]
    required: tuple[str, ...]
    omitted_until_year: int
    colocation_estimates_until_year: int
    use: Use

    def due(self, year: int) -> date:
        """Return the day on which the report of a year is due."""
        if year <= self.first_year:
            return self.first_due
        return date(year + 1, self.due_month, self.due_day)


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator: its value, or why there is none, and the definition it follows."""

    name: str
    value: float | None
    unit: str
    formula: str
    act: str
    status: Status
    reason: str = ""


def ratio(above: float | None, below: float | None, scale: float = 1.0) -> float | None:
    """Return ``above / below * scale``; None where a part is unknown or the divisor is none.

    Examples
    --------
    >>> ratio(12_000, 8_000_000, 1000), ratio(None, 1), ratio(1, 0)
    (1.5, None, None)
    """
    if above is None or below is None or below <= 0:
        return None
    return above / below * scale


def pue(total_energy_kwh: float | None, it_energy_kwh: float | None) -> float | None:
    """Return the power usage effectiveness, EDC / EIT.

    Examples
    --------
    >>> pue(10_000_000, 8_000_000)
    1.25
    """
    return ratio(total_energy_kwh, it_energy_kwh)


def wue(water_m3: float | None, it_energy_kwh: float | None) -> float | None:
    """Return the water usage effectiveness in m3 per MWh of IT energy (litres per kWh).

    ``water_m3`` is all water (2024/1364) or freshwater (the act of 2026).

    Examples
    --------
    >>> wue(12_000, 8_000_000)
    1.5
    """
    return ratio(water_m3, it_energy_kwh, _KWH_IN_MWH)


def erf(heat_reused_kwh: float | None, total_energy_kwh: float | None) -> float | None:
    """Return the energy reuse factor, EREUSE / EDC.

    Examples
    --------
    >>> erf(1_500_000, 10_000_000)
    0.15
    """
    return ratio(heat_reused_kwh, total_energy_kwh)


def ref(renewable_total_kwh: float | None, total_energy_kwh: float | None) -> float | None:
    """Return the renewable energy factor, ERES-TOT / EDC.

    Examples
    --------
    >>> ref(6_000_000, 10_000_000)
    0.6
    """
    return ratio(renewable_total_kwh, total_energy_kwh)


def indicators(report: Report, scheme: Scheme) -> tuple[Indicator, ...]:
    """Return the indicators of a report, each with its definition and status.

    A definition that does not hold for the year is left out; where nobody knows, all that
    may hold are shown.
    """
    later = scheme.amended
    unseen = () if later.status(report.year) is Status.NOT_IN_FORCE else later.refined
    refined = dict.fromkeys(unseen, later.act)
    return tuple(
        _indicator(report, ratio, status, refined) for ratio, status in definitions(scheme, report)
    )


def definitions(scheme: Scheme, report: Report) -> Iterator[tuple[Ratio, Status]]:
    """Yield the definitions that hold, or may hold, for the year of a report."""
    amended = scheme.amended.status(report.year)
    for name, old in scheme.ratios.items():
        new = scheme.amended.ratios.get(name)
        if amended is Status.NOT_IN_FORCE:
            yield old, Status.IN_FORCE
        elif new is None:
            unseen = {old.above, old.below} & set(scheme.amended.refined)
            yield old, Status.UNDETERMINED if unseen else Status.IN_FORCE
        elif amended is Status.IN_FORCE:
            yield new, Status.IN_FORCE
        else:
            yield old, Status.UNDETERMINED
            yield new, Status.UNDETERMINED


def location_coding(year: int, scheme: Scheme) -> tuple[tuple[str, ...], Status]:
    """Return how the place is coded in the report of a year: one coding, or both if unknown."""
    status = scheme.amended.status(year)
    if status is Status.UNDETERMINED:
        return (scheme.location, scheme.amended.location), status
    coding = scheme.amended.location if status is Status.IN_FORCE else scheme.location
    return (coding,), Status.IN_FORCE


def in_scope(installed_it_kw: float | None, scheme: Scheme) -> bool | None:
    """Say whether a report is due; None where the installed IT power is unknown."""
    return None if installed_it_kw is None else installed_it_kw >= scheme.threshold_kw


def _indicator(
    report: Report, definition: Ratio, status: Status, refined: Mapping[str, str]
) -> Indicator:
    above, below = report.number(definition.above), report.number(definition.below)
    return Indicator(
        name=definition.name,
        value=ratio(above, below, definition.scale),
        unit=definition.unit,
        formula=definition.formula,
        act=definition.act,
        status=status,
        reason="; ".join(filter(None, (_reason(report, definition), _unseen(definition, refined)))),
    )


def _unseen(definition: Ratio, refined: Mapping[str, str]) -> str:
    """Say which parts a later act defines anew in a text that was not seen."""
    parts = [name for name in (definition.above, definition.below) if name in refined]
    return f"{' and '.join(parts)} refined by {refined[parts[0]]}, text not seen" if parts else ""


def _reason(report: Report, definition: Ratio) -> str:
    columns = (definition.above, definition.below)
    missing = [column for column in columns if report.number(column) is None]
    if missing:
        why = [f"{name}: {report.omitted[name]}" for name in missing if name in report.omitted]
        told = f" ({'; '.join(why)})" if why else ""
        return f"{' and '.join(missing)} unknown{told}"
    below = report.number(definition.below)
    if below is not None and below <= 0:
        return f"{definition.below} is not above zero"
    estimated = [column for column in columns if column in report.estimated]
    return f"{' and '.join(estimated)} estimated" if estimated else ""
