"""Candidate sites of the wireless alternative; what programmes spent; rules as they are loaded."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from nexpo.build.design import air
from nexpo.build.design.programmes import programmes
from nexpo.build.design.rulebook import load, route_prices
from nexpo.connectivity.design.model import COST_CLASSES, CostClass
from nexpo.connectivity.design.money import Level
from nexpo.connectivity.design.streets.synthetic import lattice
from nexpo.connectivity.design.wireless import SiteKind
from nexpo.connectivity.design.wireless.model import SITE_KINDS
from nexpo.core.evidence import Ledger
from nexpo.core.problem import Problem
from tests.unit.build.design.grounds import DAY, REQUEST, borgo, village


def test_candidates_are_the_pop_with_fibre_and_corners_with_its_price() -> None:
    book, design = load(REQUEST), village()
    sites = air.candidates(REQUEST, design.graph, design.fibre, book, None)
    assert len(sites) == 1 + REQUEST.sites
    kinds = [SITE_KINDS[kind] for kind in sites.kind]
    assert kinds == [SiteKind.POP] + [SiteKind.GENERATED] * REQUEST.sites
    assert (sites.fibre_cents[0], sites.fibre_m[0]) == (0, 0.0)
    price = book.unit_costs["fwa.backhaul.fibre.m"].price(Level.MID).cents
    assert sites.fibre_cents[1:].tolist() == np.rint(sites.fibre_m[1:] * price).tolist()
    assert (sites.fibre_m[1:] > 0).all()


def test_fibre_to_a_site_follows_the_streets_and_not_the_forbidden_ones() -> None:
    graph = lattice(3, 2, 100.0)
    corner, opposite = (graph.lon[:1], graph.lat[:1]), (graph.lon[5:], graph.lat[5:])
    assert air.fibre_route_m(graph, corner, opposite)[0] == pytest.approx(300.0, abs=0.1)
    shut = replace(
        graph, cost_class=np.full(graph.sections, COST_CLASSES.index(CostClass.FORBIDDEN))
    )
    assert np.isinf(air.fibre_route_m(shut, corner, opposite)[0])


def test_an_unknown_surface_is_refused(tmp_path: Path) -> None:
    request = replace(REQUEST, dem=(tmp_path / "dem.tif",), surface="roofs")
    with pytest.raises(Problem, match="dsm"):
        air.design(request, borgo(), village().fibre, load(REQUEST), _Silent())


class _Silent:
    def step(self, name: str) -> None:
        del name

    def advance(self, done: int, total: int | None, unit: str) -> None:
        del done, total, unit


def test_programmes_are_the_readings_of_the_claims() -> None:
    ledger = Ledger()
    found = programmes("03", DAY, ledger)
    each = {str(item.public_each): item for item in found}
    awarded = each["EUR 528.79"]  # 209,934,821 / 397,008
    assert (awarded.public.cents, awarded.connections) == (20_993_482_100, 397_008)
    assert (awarded.counted, awarded.max_share) == ("civico", Fraction(7, 10))
    assert str(awarded.least_cost_each) == "EUR 755.42"
    assert {"EUR 501.92", "EUR 352.70", "EUR 870.00", "EUR 372.50"} <= set(each)
    assert any(figure.function == "claim" for figure in ledger)
    assert programmes("99", DAY, Ledger()) == ()


def test_wireless_is_asked_for_what_the_rule_asks() -> None:
    assert load(REQUEST).services.wireless_down_mbps == 1000.0
    assert load(replace(REQUEST, service_mbps=100.0)).services.wireless_down_mbps == 100.0
    slow = replace(REQUEST, band="3.5ghz")  # 80 MHz do not carry 1 Gbit/s
    assert load(slow).services.wireless_down_mbps == 100.0
    assert load(replace(REQUEST, before_mbps=20.0)).services.before_mbps == 20.0


def test_every_class_of_route_has_a_price_or_the_problem_names_it() -> None:
    book = load(REQUEST)
    prices = route_prices(book.unit_costs, Level.HIGH)
    asphalt = COST_CLASSES.index(CostClass.ASPHALT)
    assert prices.cents_per_m[asphalt] == book.unit_costs["trench.asphalt"].price(Level.HIGH).cents
    items = {code: item for code, item in book.unit_costs.items.items() if code != "trench.track"}
    with pytest.raises(Problem, match=r"unknown material: no unit cost for trench\.track"):
        route_prices(replace(book.unit_costs, items=items), Level.MID)
