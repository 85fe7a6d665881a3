"""All that is laid down before a design starts: prices, architecture, business, grant, radio."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from nexpo.build.design.model import Effort, Request
from nexpo.connectivity.design import fibre, wireless
from nexpo.connectivity.design.adapters import architecture_files as architectures
from nexpo.connectivity.design.adapters.business_files import load_business, load_grant_rule
from nexpo.connectivity.design.adapters.unit_cost_files import load_unit_costs
from nexpo.connectivity.design.fibre import RoutePrices
from nexpo.connectivity.design.model import COST_CLASSES, CostClass
from nexpo.connectivity.design.money import Business, GrantRule, Level, UnitCosts
from nexpo.connectivity.design.wireless.capacity import rates_mbps
from nexpo.core import parameters
from nexpo.core.parameters import Use
from nexpo.core.problem import Kind, Problem
from nexpo.core.settings import parameters_directory

_SERVICES = "design/services"
_LEAST_MBPS = 100.0


@dataclass(frozen=True, slots=True)
class Services:
    """Speeds before and after, Mbit/s."""

    before_mbps: float
    fibre_down_mbps: float
    fibre_up_mbps: float
    wireless_down_mbps: float
    wireless_up_mbps: float


@dataclass(frozen=True, slots=True, eq=False)
class Rulebook:
    """Prices and rules in force on the day of a request.

    ``uses`` are the parameters as lines of evidence, by the last word of their id.
    """

    unit_costs: UnitCosts
    business: Business
    grant_rule: GrantRule
    fibre: fibre.Rules
    radio: wireless.Radio
    services: Services
    uses: dict[str, Use]


def load(request: Request) -> Rulebook:
    """Load the rules that a request names, in force on its day.

    Raises
    ------
    Problem
        When a rule is not there or not in force, or a class of route has no price.

    Examples
    --------
    >>> from datetime import date
    >>> book = load(Request("Lecco", on=date(2025, 8, 1)))
    >>> book.fibre.architecture.split, book.grant_rule.max_share, book.services.wireless_down_mbps
    (64, Fraction(7, 10), 1000.0)
    """
    if request.prices:  # files of the caller's, which may change between two calls
        return _read(request)
    anywhere = replace(request, area="", seed=0, effort=Effort(), budget=None, pops=(), dem=())
    return _in_force(anywhere, parameters_directory())


@lru_cache(maxsize=8)
def _in_force(request: Request, folder: Path) -> Rulebook:
    """Read the library's files once for a region of municipalities under the same rules."""
    del folder  # part of the key: another library is another rulebook
    return _read(request)


def _read(request: Request) -> Rulebook:
    day = request.on
    unit_costs = load_unit_costs(day, own=request.prices)
    grant_rule = load_grant_rule(request.grant_rule, day)
    radio = wireless.load_radio(day)
    business = load_business(day)
    uses = [
        *architectures.used(request.architecture, day),
        parameters.get(_SERVICES).use(day),
        *unit_costs.uses,
        *(each.use for each in (business, grant_rule) if each.use is not None),
    ]
    return Rulebook(
        unit_costs=unit_costs,
        business=business,
        grant_rule=grant_rule,
        fibre=_fibre_rules(request, unit_costs),
        radio=radio,
        services=_services(request, radio, grant_rule),
        uses={use.parameter: use for use in uses},
    )


def route_prices(unit_costs: UnitCosts, level: Level) -> RoutePrices:
    """Return what a metre of each class of route costs, in cents.

    Raises
    ------
    Problem
        When a class has no price: ``trench.<class>`` is not in the library.
    """
    cents = [
        0 if each is CostClass.FORBIDDEN else unit_costs[f"trench.{each.value}"].price(level).cents
        for each in COST_CLASSES
    ]
    return RoutePrices(np.array(cents, np.int64), unit_costs["drop.lead"].price(level).cents)


def radio_prices(unit_costs: UnitCosts, level: Level) -> wireless.Prices:
    """Return what the parts of a wireless site cost, in cents."""

    def cents(code: str) -> int:
        return unit_costs[code].price(level).cents

    return wireless.Prices(
        mast=cents("fwa.mast"),
        site_existing=cents("fwa.site.existing"),
        sector=cents("fwa.sector"),
        cpe=cents("fwa.cpe"),
        backhaul_radio=cents("fwa.backhaul.radio"),
        backhaul_fibre=cents("fwa.backhaul.fibre"),
    )


def _fibre_rules(request: Request, unit_costs: UnitCosts) -> fibre.Rules:
    return fibre.Rules(
        architecture=architectures.load_architecture(request.architecture, request.on),
        cables=architectures.load_cables(request.on),
        prices=route_prices(unit_costs, request.level),
        options=fibre.Options(ring=request.ring),
    )


def _services(request: Request, radio: wireless.Radio, rule: GrantRule) -> Services:
    found: dict[str, Any] = parameters.get(_SERVICES).on(request.on)
    try:
        before = request.before_mbps
        before = float(found["before_mbps"]) if before is None else before
        down = _wireless_mbps(request, radio, rule, before)
        return Services(
            before_mbps=before,
            fibre_down_mbps=float(found["fibre"]["down_mbps"]),
            fibre_up_mbps=float(found["fibre"]["up_mbps"]),
            wireless_down_mbps=down,
            wireless_up_mbps=down * float(found["wireless_up_share"]),
        )
    except (KeyError, TypeError) as error:
        raise Problem(
            Kind.CONFIG,
            f"{_SERVICES}: {error} is missing",
            remedy="compare the file with the one delivered",
        ) from None


def _wireless_mbps(
    request: Request, radio: wireless.Radio, rule: GrantRule, before_mbps: float
) -> float:
    """Return the rate asked; else what the rule needs where the band carries it; else 100."""
    if request.service_mbps is not None:
        return request.service_mbps
    if rule.step is None:
        return _LEAST_MBPS
    needed = max(rule.step.min_down_mbps, rule.step.factor * before_mbps)
    fastest = float(rates_mbps(radio.band(request.band)).max())
    return float(needed) if needed <= fastest else _LEAST_MBPS
