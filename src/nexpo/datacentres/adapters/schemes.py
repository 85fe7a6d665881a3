"""Dated parameters of data centres as the values that pure functions take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from nexpo.core import parameters
from nexpo.core.period import parse_date
from nexpo.core.problem import Kind, Problem, Where
from nexpo.datacentres.classes import SizeClass, in_order
from nexpo.datacentres.duplicates import Matching
from nexpo.datacentres.heat_claims import HeatBounds
from nexpo.datacentres.indicators import Amendment, Ratio, Scheme
from nexpo.datacentres.plausibility import Bounds
from nexpo.datacentres.share import Capacity

_FOLDER = "datacentres"
_BASE_ACT = "2024/1364"
Made = TypeVar("Made")


def load_scheme(day: date) -> Scheme:
    """Load the reporting scheme as it stands on a day.

    Raises
    ------
    Problem
        ``CONFIG`` naming file and key.

    Examples
    --------
    >>> load_scheme(date(2026, 11, 1)).ratios["PUE"].formula
    'total_energy_kwh / it_energy_kwh'
    """
    return _load("indicators", day, _scheme)


def load_size_classes(day: date) -> tuple[SizeClass, ...]:
    """Load the size classes in force on a day, from the smallest.

    Examples
    --------
    >>> load_size_classes(date(2026, 1, 1))[0].name
    'very small'
    """
    return _load("size-classes", day, lambda value, _: in_order([_size(each) for each in value]))


def load_label_classes(day: date) -> dict[str, dict[str, float]] | None:
    """Load the upper bounds of the classes by indicator; None before there were any.

    Examples
    --------
    >>> load_label_classes(date(2026, 11, 1))["PUE"]["A"], load_label_classes(date(2025, 1, 1))
    (1.15, None)
    """
    parameter = parameters.get(f"{_FOLDER}/label-classes")
    if day < min(version.period.start for version in parameter.versions):
        return None
    return _load("label-classes", day, lambda value, _: {k: dict(v) for k, v in value.items()})


def load_bounds(day: date) -> Bounds:
    """Load from where on a reported figure is doubted.

    Examples
    --------
    >>> load_bounds(date(2026, 1, 1)).load_high
    1.0
    """
    return _load("plausibility", day, _bounds)


def load_heat_bounds(day: date) -> HeatBounds:
    """Load what is usual of reused heat.

    Examples
    --------
    >>> load_heat_bounds(date(2026, 1, 1)).mwh_per_toe
    11.63
    """
    return _load("plausibility", day, _heat)


def load_matching(day: date) -> Matching:
    """Load how records are compared.

    Examples
    --------
    >>> load_matching(date(2026, 1, 1)).far_m
    500.0
    """
    return _load("duplicates", day, _matching)


def load_capacities(day: date) -> tuple[Capacity, ...]:
    """Load what sources say of national and regional capacity.

    Examples
    --------
    >>> round(load_capacities(date(2026, 1, 1))[0].implied_national_kw)
    511290
    """
    return _load("national-capacity", day, _capacities)


def _load(name: str, day: date, make: Callable[[Any, parameters.Use], Made]) -> Made:
    parameter = parameters.get(f"{_FOLDER}/{name}")
    where = Where(f"{_FOLDER}/{name}.yaml: version of {parameter.version_on(day).period.start}")
    try:
        return make(parameter.on(day), parameter.use(day))
    except KeyError as error:
        raise Problem(
            Kind.CONFIG,
            f"the key {error.args[0]} is missing",
            where=where,
            remedy="compare with the file that comes with Nexpo",
        ) from None
    except (AttributeError, TypeError, ValueError) as error:
        raise Problem(
            Kind.CONFIG,
            f"a value cannot be used: {error}",
            where=where,
            remedy="compare with the file that comes with Nexpo",
        ) from None


def _scheme(value: Mapping[str, Any], use: parameters.Use) -> Scheme:
    due, amended, leniency = value["due"], value["amended"], value["leniency"]
    start = amended["starts_with_year"]
    return Scheme(
        threshold_kw=float(value["threshold_kw"]),
        first_year=int(due["first_year"]),
        first_due=parse_date(due["first_day"]),
        due_month=int(due["month"]),
        due_day=int(due["day"]),
        location=str(value["location"]),
        ratios=_ratios(value["ratios"], _BASE_ACT),
        amended=Amendment(
            act=str(amended["act"]),
            starts_with_year=None if start is None else int(start),
            earliest_year=int(amended["earliest_year"]),
            location=str(amended["location"]),
            ratios=_ratios(amended["ratios"], str(amended["act"])),
            refined=tuple(str(each) for each in amended.get("refined", ())),
        ),
        it_points={int(key): tuple(points) for key, points in value["it_points"].items()},
        wue_categories=tuple(int(each) for each in value["wue_categories"]),
        required=tuple(str(each) for each in value["required"]),
        omitted_until_year=int(leniency["omitted_until_year"]),
        colocation_estimates_until_year=int(leniency["colocation_estimates_until_year"]),
        use=use,
    )


def _ratios(value: Mapping[str, Any], act: str) -> dict[str, Ratio]:
    return {
        name: Ratio(name, each["above"], each["below"], float(each["scale"]), each["unit"], act)
        for name, each in value.items()
    }


def _size(value: Mapping[str, Any]) -> SizeClass:
    if "above_kw" in value:
        return SizeClass(str(value["name"]), float(value["above_kw"]), included=False)
    return SizeClass(str(value["name"]), float(value["from_kw"]))


def _bounds(value: Mapping[str, Any], use: parameters.Use) -> Bounds:
    return Bounds(
        tolerance=float(value["tolerance"]),
        pue_high=float(value["pue_high"]),
        wue_high=float(value["wue_high"]),
        wue_litres=float(value["wue_litres"]),
        load_low=float(value["load_low"]),
        load_high=float(value["load_high"]),
        load_refused=float(value["load_refused"]),
        power_high_kw=float(value["power_high_kw"]),
        waste_heat_degc=_range(value["waste_heat_degc"]),
        intake_air_degc=_range(value["intake_air_degc"]),
        use=use,
    )


def _heat(value: Mapping[str, Any], use: parameters.Use) -> HeatBounds:
    heat = value["heat"]
    return HeatBounds(
        load_factor=_range(heat["load_factor"]),
        mwh_per_home=_range(heat["mwh_per_home"]),
        mwh_per_toe=float(heat["mwh_per_toe"]),
        toe_tolerance=float(heat["toe_tolerance"]),
        t_co2_per_mwh=_range(heat["t_co2_per_mwh"]),
        reused_of_electricity=float(heat["reused_of_electricity"]),
        use=use,
    )


def _matching(value: Mapping[str, Any], use: parameters.Use) -> Matching:
    weights = value["weights"]
    return Matching(
        name_weight=float(weights["name"]),
        operator_weight=float(weights["operator"]),
        position_weight=float(weights["position"]),
        near_m=float(value["near_m"]),
        far_m=float(value["far_m"]),
        campus_m=float(value["campus_m"]),
        duplicate=float(value["duplicate"]),
        possible=float(value["possible"]),
        power_tolerance=float(value["power_tolerance"]),
        days=int(value["days"]),
        use=use,
    )


def _capacities(value: Any, use: parameters.Use) -> tuple[Capacity, ...]:  # noqa: ANN401 - likewise
    del use
    return tuple(Capacity(**{**each, "within": tuple(each.get("within", ()))}) for each in value)


def _range(value: Any) -> tuple[float, float]:  # noqa: ANN401 - YAML holds what it holds
    low, high = value
    return float(low), float(high)
