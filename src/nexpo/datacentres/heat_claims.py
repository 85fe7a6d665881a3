"""What a published claim of reused heat implies: hours, electricity, homes, oil, CO2.

"The centre will heat 5,000 homes" is held against the power of the supply (a load factor), the
electricity of the site, and the usual heat of a home, a toe and an avoided tonne of CO2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from nexpo.core.parameters import Use
from nexpo.core.problem import Where, bad_input

_HOURS = 8760.0
_KW_IN_MW = 1000.0


class Verdict(StrEnum):
    """How a figure that a claim implies stands to what is usual."""

    PLAUSIBLE = "plausible"
    UNUSUAL = "unusual"
    IMPOSSIBLE = "impossible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class HeatClaim:
    """A claim as published; what it does not say is None.

    ``heat_mwh``, ``site_electricity_mwh``, ``homes``, ``toe`` and ``avoided_t_co2`` are for a year.
    """

    heat_mwh: float
    thermal_power_mw: float | None = None
    installed_it_kw: float | None = None
    site_electricity_mwh: float | None = None
    homes: float | None = None
    toe: float | None = None
    avoided_t_co2: float | None = None

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if value is not None and value < 0:
                raise bad_input(
                    f"{name} is negative",
                    where=Where(column=name),
                    value=value,
                    remedy="write the amount of a year, or leave it out",
                )


@dataclass(frozen=True, slots=True)
class HeatBounds:
    """What is usual; see ``parameters/datacentres/plausibility.yaml``, ``heat``."""

    load_factor: tuple[float, float]
    mwh_per_home: tuple[float, float]
    mwh_per_toe: float
    toe_tolerance: float
    t_co2_per_mwh: tuple[float, float]
    reused_of_electricity: float
    use: Use


@dataclass(frozen=True, slots=True)
class Implied:
    """A figure that a claim implies, its verdict and why."""

    name: str
    value: float | None
    unit: str
    verdict: Verdict
    reason: str


def implied_figures(claim: HeatClaim, bounds: HeatBounds) -> tuple[Implied, ...]:
    """Return what a claim implies, figure by figure; what cannot be told is unknown.

    The load factor is that of the heat supply where its power is stated, else of the heat over
    the installed IT power (all of which would have to become heat that is used).
    """
    return tuple(_figures(claim, bounds))


def _figures(claim: HeatClaim, bounds: HeatBounds) -> Iterator[Implied]:
    heat = claim.heat_mwh
    supply = None if claim.thermal_power_mw is None else claim.thermal_power_mw * _HOURS
    yield _within("load factor of the supply", _over(heat, supply), "1", bounds.load_factor, most=1)
    it = None if claim.installed_it_kw is None else claim.installed_it_kw / _KW_IN_MW * _HOURS
    yield _within("load factor over IT power", _over(heat, it), "1", bounds.load_factor, most=1)
    share = _over(heat, claim.site_electricity_mwh)
    limit = bounds.reused_of_electricity
    yield _within("heat over electricity", share, "1", (0.0, limit), most=limit)
    yield _within("heat per home", _over(heat, claim.homes), "MWh", bounds.mwh_per_home)
    around = tuple(bounds.mwh_per_toe * (1 + s * bounds.toe_tolerance) for s in (-1, 1))
    yield _within("heat per toe", _over(heat, claim.toe), "MWh/toe", (around[0], around[1]))
    saved = _over(claim.avoided_t_co2, heat)
    yield _within("CO2 avoided per MWh", saved, "t/MWh", bounds.t_co2_per_mwh)


def _over(above: float | None, below: float | None) -> float | None:
    return None if above is None or below is None or below <= 0 else above / below


def _within(
    name: str,
    value: float | None,
    unit: str,
    usual: tuple[float, float],
    *,
    most: float | None = None,
) -> Implied:
    least, usually = usual
    if value is None:
        return Implied(name, None, unit, Verdict.UNKNOWN, "the claim does not say enough")
    if most is not None and value > most:
        return Implied(name, value, unit, Verdict.IMPOSSIBLE, f"above {most:g}")
    if not least <= value <= usually:
        told = f"usual are {least:.4g} to {usually:.4g}"
        return Implied(name, value, unit, Verdict.UNUSUAL, told)
    return Implied(name, value, unit, Verdict.PLAUSIBLE, f"within {least:.4g} to {usually:.4g}")


def as_mapping(figures: tuple[Implied, ...]) -> Mapping[str, Implied]:
    """Return the figures by name."""
    return {figure.name: figure for figure in figures}
