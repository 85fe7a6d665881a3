"""What is assumed of waste heat and its users, by name; and the heat pump between the two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import isfinite

from nexpo.core.problem import Kind, Problem, bad_input

MEANINGS: Mapping[str, tuple[str, str]] = {
    "load_factor": ("1", "mean IT power over installed IT power"),
    "pue": ("1", "total energy over IT energy"),
    "recoverable": ("1", "share of the IT energy that can be handed over as heat"),
    "season_share": (
        "1",
        "share of the year's waste heat that falls in days on which it is wanted",
    ),
    "demand_mwh_per_person_dd": ("MWh", "heat for rooms and water, by inhabitant and degree day"),
    "connectable": ("1", "share of a municipality's demand that a heat network can take"),
    "waste_c": ("°C", "waste heat, where a site states none"),
    "supply_c": ("°C", "needed by a user who states none"),
    "most_lift_k": ("K", "greatest lift by a heat pump"),
    "carnot_share": ("1", "real over ideal coefficient of performance"),
    "reach_km": ("km", "greatest distance"),
    "loss_per_km": ("1/km", "share of the heat that a kilometre of pipe loses"),
}
"""Unit and meaning of each term, for tables."""

_KELVIN = 273.15
_LEAST_LIFT = 1.0  # K: a pump that lifts less is a heat exchanger


@dataclass(frozen=True, slots=True)
class Terms:
    """What is assumed, at one level.

    Attributes
    ----------
    load_factor
        Mean IT power over installed IT power.
    pue
        Total energy over IT energy.
    recoverable
        Share of the IT energy that can be handed over as heat.
    season_share
        Share of the year's waste heat that falls in days on which it is wanted.
    demand_mwh_per_person_dd
        Heat for rooms and water, MWh by inhabitant and degree day.
    connectable
        Share of the demand of a place that a heat network can take.
    waste_c
        Temperature of the waste heat at the site, degrees Celsius.
    supply_c
        Temperature that a user needs where none is stated.
    most_lift_k
        Greatest lift by a heat pump.
    carnot_share
        Real over ideal coefficient of performance.
    reach_km
        Greatest distance.
    loss_per_km
        Share of the heat that a kilometre of pipe loses.
    """

    load_factor: float
    pue: float
    recoverable: float
    season_share: float
    demand_mwh_per_person_dd: float
    connectable: float
    waste_c: float
    supply_c: float
    most_lift_k: float
    carnot_share: float
    reach_km: float
    loss_per_km: float

    def __post_init__(self) -> None:
        for name in ("load_factor", "recoverable", "season_share", "connectable", "carnot_share"):
            _within(name, getattr(self, name), 0.0, 1.0)
        _within("pue", self.pue, 1.0, 10.0)
        _within("loss_per_km", self.loss_per_km, 0.0, 0.5)
        for name in ("reach_km", "most_lift_k", "demand_mwh_per_person_dd"):
            _within(name, getattr(self, name), 0.0, float("inf"))

    @classmethod
    def of(cls, values: Mapping[str, float]) -> Terms:
        """Return terms from named values.

        Raises
        ------
        Problem
            Naming a value that is missing or not known.
        """
        wanted = [each.name for each in fields(cls)]
        for name in (*wanted, *values):
            if name not in values or name not in wanted:
                raise Problem(
                    Kind.CONFIG,
                    "the terms of heat need exactly their named values",
                    value=name,
                    remedy=f"give {', '.join(wanted)}",
                )
        return cls(**{name: float(values[name]) for name in wanted})


def pump_cop(waste_c: float, supply_c: float, carnot_share: float) -> float:
    """Return the coefficient of performance of a heat pump; infinite where none is needed.

    COP = share x T_supply / (T_supply - T_waste), temperatures in kelvin (Lorenz and Carnot).

    Examples
    --------
    >>> round(pump_cop(30, 70, 0.5), 3)
    4.289
    >>> pump_cop(70, 65, 0.5)
    inf
    """
    lift = supply_c - waste_c
    if lift < _LEAST_LIFT:
        return float("inf")
    return max(carnot_share * (supply_c + _KELVIN) / lift, 1.0)


def _within(name: str, value: float, least: float, most: float) -> None:
    if not (isfinite(value) and least <= value <= most):
        raise bad_input(
            f"{name} is out of its range",
            value=value,
            remedy=f"give a number from {least:g} to {most:g}",
        )
