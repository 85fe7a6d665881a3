"""Findings about a report, and the bounds from which on a figure is doubted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from nexpo.core.parameters import Use
from nexpo.datacentres.model import Cell


class Severity(StrEnum):
    """What follows from a finding."""

    REFUSE = "refuse"
    FLAG = "flag"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Finding:
    """A doubt about a report: its name, what it is about, and what to do."""

    name: str
    severity: Severity
    detail: str
    values: Mapping[str, Cell | None]
    remedy: str

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that it is about."""
        return tuple(self.values)


@dataclass(frozen=True, slots=True)
class Bounds:
    """From where on a figure is doubted; see ``parameters/datacentres/plausibility.yaml``."""

    tolerance: float
    pue_high: float
    wue_high: float
    wue_litres: float
    load_low: float
    load_high: float
    load_refused: float
    power_high_kw: float
    waste_heat_degc: tuple[float, float]
    intake_air_degc: tuple[float, float]
    use: Use


def number_told(value: float) -> str:
    """Write a number for people.

    Examples
    --------
    >>> number_told(8760.5)
    '8,760.5'
    """
    return f"{value:,.12g}"
