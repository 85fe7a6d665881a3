"""Worked examples of bills, business cases, grants and comparisons, reckoned by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from nexpo.connectivity.coverage.model import StepChange
from nexpo.connectivity.design.money import (
    Area,
    Business,
    Chapter,
    GrantRule,
    Level,
    PerPremises,
    Programme,
    Range,
    UnitCost,
    UnitCosts,
    annuity_factor,
    bill,
    bill_range,
    business_case,
    compare,
    cost_per_premises,
    grant,
    together,
)
from nexpo.connectivity.design.step import Speeds, shortfalls
from nexpo.core.money import Money
from nexpo.core.problem import Problem

WORKS = frozenset({Chapter.CIVIL_WORKS, Chapter.NODES})
FAST = Speeds(30, 1000, 300)


def item(
    code: str, chapter: Chapter, *cents: int, of: frozenset[Chapter] = frozenset()
) -> UnitCost:
    low, mid, high = (Fraction(each) for each in cents)
    return UnitCost(code, chapter, code, code, "m", Range(low, mid, high), "a list", of=of)


LIBRARY = UnitCosts(
    {
        one.code: one
        for one in (
            item("ont", Chapter.CONNECTIONS, 3_500, 5_000, 7_000),
            item("trench.track", Chapter.CIVIL_WORKS, 800, 1_505, 2_500),
            item("cabinet", Chapter.NODES, 100_000, 200_000, 300_000),
            item("rate.design", Chapter.RATES, 5, 10, 15, of=WORKS),
            item("rate.contingency", Chapter.RATES, 1, 2, 3, of=WORKS | {Chapter.RATES}),
        )
    },
    files=("prices.yaml",),
)
DESIGN: dict[str, float | Decimal] = {"ont": 20, "cabinet": 1, "trench.track": Decimal("100.5")}


def business(**changes: object) -> Business:
    plain = Business(
        horizon_years=2,
        discount=Range.same(Fraction(1, 10)),
        take_up=dict.fromkeys(Level, (Fraction(1, 2), Fraction(1))),
        monthly_fee={"fibre": Range.same(1_000)},
        activation_fee=Range.same(0),
        opex_per_line_year=Range.same(0),
        opex_share=dict.fromkeys(Chapter, Range.same(0)),
        lives_years=dict.fromkeys(Chapter, 2),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


# Bill


def test_a_bill_is_quantity_times_price_by_chapter_with_rates_on_top() -> None:
    found = bill(DESIGN, LIBRARY)
    works = Decimal("100.5") * Decimal("15.05")  # 1512.525, half a cent to even: 1512.52
    assert works == Decimal("1512.525")
    assert [(line.item.code, line.amount.cents) for line in found.lines] == [
        ("trench.track", 151_252),
        ("cabinet", 200_000),
        ("ont", 100_000),
        ("rate.design", 35_125),  # 10 % of 3,512.52 = 351.252
        ("rate.contingency", 7_728),  # 2 % of 3,863.77 = 77.2754: 77.28
    ]
    assert found.total == Money(151_252 + 200_000 + 100_000 + 35_125 + 7_728)
    assert found.network == found.total - Money(100_000)
    assert found.subtotals[Chapter.RATES] == Money(35_125 + 7_728)


def test_a_line_shows_quantity_and_price_as_they_were_multiplied() -> None:
    line = bill(DESIGN, LIBRARY).lines[-2]
    assert (line.quantity, line.unit_price) == (Decimal("3512.520"), Money(10))


def test_the_three_levels_come_at_once() -> None:
    found = bill_range(DESIGN, LIBRARY)
    assert found.low.of(Chapter.NODES) == Money(100_000)
    assert found.high.of(Chapter.NODES) == Money(300_000)
    assert found.low.total < found.mid.total < found.high.total


def test_an_unknown_material_is_named_with_the_file_and_the_remedy() -> None:
    with pytest.raises(Problem) as caught:
        bill(DESIGN | {"trench.lava": 3, "cable.7": 0}, LIBRARY)
    shown = str(caught.value)
    assert "no unit cost for cable.7, trench.lava" in shown
    assert "prices.yaml" in shown
    assert "add cable.7 with its low, mid and high price" in shown


def test_an_unknown_material_shows_what_is_priced_of_its_kind() -> None:
    with pytest.raises(Problem, match="no unit cost for trench") as caught:
        bill({"trench.forbidden": 1}, LIBRARY)
    assert "priced there of that kind: trench.track" in str(caught.value)
    with pytest.raises(Problem, match="unknown material"):
        LIBRARY["lava"]


@pytest.mark.parametrize("quantity", [-1, float("nan"), float("inf"), Decimal(-1)])
def test_a_quantity_that_is_none_is_refused(quantity: float | Decimal) -> None:
    with pytest.raises(Problem, match="quantity of ont"):
        bill({"ont": quantity}, LIBRARY)


def test_a_rate_is_not_counted_by_hand() -> None:
    with pytest.raises(Problem, match="is a rate"):
        bill({"rate.design": 1}, LIBRARY)


def test_numbers_of_numpy_are_quantities_too() -> None:
    found = bill({"ont": np.float64(2), "trench.track": np.float64(0.1)}, LIBRARY)
    assert [line.thousandths for line in found.lines[:2]] == [100, 2_000]


def test_nothing_costs_nothing() -> None:
    assert bill({"ont": 0}, LIBRARY).lines == ()


def test_cost_of_a_premises_passed_and_connected() -> None:
    found = bill(DESIGN, LIBRARY)  # network 3,941.05; 20 connections 1,000.00
    assert found.network == Money(394_105)
    each = cost_per_premises(found, passed=20, connected=8)
    assert each == PerPremises(Money(19_705), Money(54_263))  # 197.0525; 492.63125 + 50
    assert cost_per_premises(found, passed=20, connected=0).connected is None
    with pytest.raises(Problem, match="premises connected"):
        cost_per_premises(found, passed=20, connected=21)


@pytest.mark.parametrize("cents", [(3, 2, 4), (-1, 2, 3)])
def test_a_range_that_falls_or_is_negative_is_refused(cents: tuple[int, int, int]) -> None:
    with pytest.raises(Problem, match="range"):
        item("x", Chapter.NODES, *cents)


def test_a_price_has_no_fraction_of_a_cent() -> None:
    with pytest.raises(Problem, match="fraction of a cent"):
        UnitCost("x", Chapter.NODES, "", "", "m", Range.same(Fraction(1, 3)), "")


# Business case


def test_two_years_by_hand() -> None:
    costed = bill({"cabinet": 1, "ont": 20}, replace_rates())
    case = business_case(costed, business(), premises=20, technology="fibre")
    start, first, second = case.years
    assert (start.investment, start.flow) == (Money(200_000), Money(-200_000))
    # Year 1: 0 to 10 lines, mean 5, 12 months at 10 EUR; ten connections at 50 EUR.
    assert (first.lines, first.revenue, first.connecting) == (10, Money(60_000), Money(50_000))
    # Year 2: mean 15 lines. Cabinet worn out; year 2's ONTs are new, year 1's half used.
    assert (second.revenue, second.connecting) == (Money(180_000), Money(50_000))
    assert second.residual == Money(50_000 + 25_000)
    assert [year.present.cents for year in case.years] == [
        -200_000,
        9_091,  # 10,000 / 1.1 = 9,090.91
        169_421,  # 205,000 / 1.21 = 169,421.49
    ]
    assert case.npv == Money(-21_488)
    assert case.gap == Money(21_488)
    assert case.npv_operation == Money(178_512)


def replace_rates() -> UnitCosts:
    return UnitCosts({code: one for code, one in LIBRARY.items.items() if not one.of})


def test_what_wears_out_is_bought_again_and_running_cost_is_a_share() -> None:
    costed = bill({"cabinet": 1}, replace_rates())
    assumed = business(
        horizon_years=5,
        opex_share=dict.fromkeys(Chapter, Range.same(Fraction(3, 100))),
        opex_per_line_year=Range.same(100),
        activation_fee=Range.same(500),
    )
    case = business_case(costed, assumed, premises=20, technology="fibre")
    assert [year.renewal.cents for year in case.years] == [0, 0, 200_000, 0, 200_000, 0]
    assert case.years[-1].residual == Money(100_000)  # bought at 4, worn out at 6
    assert [year.running.cents for year in case.years[:3]] == [0, 6_000 + 500, 6_000 + 1_500]
    assert case.years[1].revenue == Money(60_000 + 10 * 500)


def test_the_net_present_value_is_that_of_a_polynomial() -> None:
    assumed = business(horizon_years=20, lives_years=dict.fromkeys(Chapter, 7))
    case = business_case(bill(DESIGN, LIBRARY), assumed, premises=20, technology="fibre")
    flows = [year.flow.cents for year in case.years]
    other = float(np.polynomial.Polynomial(flows)(1 / 1.1))
    assert abs(case.npv.cents - other) <= len(flows) / 2


def test_constant_flows_are_worth_the_annuity() -> None:
    whole = business(
        horizon_years=20,
        take_up=dict.fromkeys(Level, (Fraction(1),)),
        lives_years=dict.fromkeys(Chapter, 20),
    )
    costed = bill({"cabinet": 1}, replace_rates())
    case = business_case(costed, whole, premises=20, technology="fibre")
    full = Fraction(12 * 1_000 * 20)
    rate = Fraction(1, 10)
    due = full * annuity_factor(rate, 20) - full / 2 / (1 + rate) - 200_000  # year 1: half of it
    assert abs(case.npv.cents - due) <= 11


@pytest.mark.parametrize(("rate", "years"), [(0.05, 20), (0.08, 1), (0.0, 7)])
def test_the_annuity_factor_is_the_sum_of_discount_factors(rate: float, years: int) -> None:
    summed = sum((1 + rate) ** -year for year in range(1, years + 1))
    assert float(annuity_factor(Fraction(str(rate)), years)) == pytest.approx(summed, rel=1e-12)


def test_a_low_gap_goes_with_high_revenue() -> None:
    assumed = business(
        monthly_fee={"fibre": Range(Fraction(500), Fraction(1_000), Fraction(1_500))},
        take_up={
            Level.LOW: (Fraction(1, 10),),
            Level.MID: (Fraction(1, 2),),
            Level.HIGH: (Fraction(1),),
        },
    )
    bills = bill_range(DESIGN, LIBRARY)
    cases = [
        business_case(bills.at(level), assumed, premises=20, technology="fibre") for level in Level
    ]
    assert [case.lines for case in cases] == [20, 10, 2]
    assert cases[0].gap < cases[1].gap < cases[2].gap


def test_a_network_that_pays_has_no_gap() -> None:
    rich = business(monthly_fee={"fibre": Range.same(100_000)})
    case = business_case(bill(DESIGN, LIBRARY), rich, premises=20, technology="fibre")
    assert case.npv > Money(0)
    assert case.gap == Money(0)


def test_networks_of_one_owner_are_added_year_by_year() -> None:
    cases = [
        business_case(bill(DESIGN, LIBRARY), business(), premises=count, technology="fibre")
        for count in (20, 500)
    ]
    both = together(cases)
    assert both.lines == 520
    assert both.investment == cases[0].investment + cases[1].investment
    assert abs(both.npv.cents - sum(case.npv.cents for case in cases)) <= 3
    other = business(discount=Range.same(0))
    odd = business_case(bill(DESIGN, LIBRARY), other, premises=20, technology="fibre")
    with pytest.raises(Problem, match="only at one level"):
        together([cases[0], odd])


def test_what_the_assumptions_do_not_cover_is_said() -> None:
    costed = bill(DESIGN, LIBRARY)
    with pytest.raises(Problem, match="no monthly fee for satellite"):
        business_case(costed, business(), premises=20, technology="satellite")
    with pytest.raises(Problem, match="no life"):
        business_case(costed, business(lives_years={}), premises=20, technology="fibre")
    with pytest.raises(Problem, match="at least one premises"):
        business_case(costed, business(), premises=0, technology="fibre")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"horizon_years": 0}, "horizon"),
        ({"lives_years": {Chapter.NODES: 0}}, "life"),
        ({"take_up": {Level.LOW: ()}}, "no share"),
        ({"take_up": {Level.LOW: (Fraction(2),)}}, "no share"),
        ({"take_up": {Level.LOW: (Fraction(1), Fraction(1, 2))}}, "falls"),
    ],
)
def test_assumptions_that_make_no_sense_are_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(Problem, match=said):
        business(**changes)


# Grant

RULE = GrantRule("r", "R", WORKS, StepChange(3, 100, 150), max_share=Fraction(7, 10))
COSTED = bill({"cabinet": 1, "ont": 20, "trench.track": Decimal("0.01")}, LIBRARY)  # 2,000.15


@pytest.mark.parametrize(
    ("gap", "changes", "amount", "binding"),
    [
        (100_000, {}, 100_000, "funding gap"),
        (190_000, {}, 140_010, "share of cost"),  # 70 % of 200,015 = 140,010.5, rounded down
        (190_000, {"max_share": None, "min_private": Fraction(1, 2)}, 100_007, "private share"),
        (190_000, {"max_per_address": Money(600)}, 6_000, "ceiling by address"),
        (190_000, {"max_total": Money(77)}, 77, "ceiling"),
        (0, {}, 0, "funding gap"),
    ],
)
def test_the_least_ceiling_binds(
    gap: int, changes: dict[str, object], amount: int, binding: str
) -> None:
    rule = replace(RULE, **changes)  # type: ignore[arg-type]
    found = grant(COSTED, Money(gap), rule, addresses=10, speeds=FAST)
    assert found.eligible == Money(200_015)
    assert (found.amount, found.binding.name) == (Money(amount), binding)
    assert found.private == Money(200_015 - amount)
    assert found.share == Fraction(amount, 200_015)


def test_without_a_step_change_there_is_no_grant() -> None:
    found = grant(COSTED, Money(100_000), RULE, addresses=10, speeds=Speeds(300, 800, 150))
    assert found.amount == Money(0)
    assert found.reason == "step change: 800 Mbit/s is below 3 times the 300 Mbit/s before"


def test_a_gap_below_zero_is_refused() -> None:
    with pytest.raises(Problem, match="not below zero"):
        grant(COSTED, Money(-1), RULE, addresses=10, speeds=FAST)
    with pytest.raises(Problem, match="no share"):
        replace(RULE, max_share=Fraction(2))


def test_an_upload_not_stated_meets_no_upload_asked_for() -> None:
    asked = StepChange(3, 100, 200)
    assert list(shortfalls(asked, Speeds(30, 90))) == [
        "90 Mbit/s down is below 100",
        "an upload not stated is below 200",
    ]
    assert list(shortfalls(asked, Speeds(30, 100, 199))) == ["199 Mbit/s up is below 200"]
    with pytest.raises(Problem, match="no speed"):
        Speeds(-1, 100)


# Comparison


def test_beside_the_lombard_lot_of_italia_1_giga() -> None:
    lot = Programme(
        "Italia 1 Giga, Lombardy",
        Money.euros(209_934_821),
        397_008,
        "press",
        max_share=Fraction(70, 100),
    )
    assert str(lot.public_each) == "EUR 528.79"
    area = Area("x", Money.euros(105_758), Money.euros(151_084), 100, 250, 140)
    found = compare(area, lot)
    assert float(found.public_ratio or 0) == pytest.approx(1057.58 / 528.79, rel=1e-5)
    assert float(found.cost_ratio or 0) == pytest.approx(1510.84 / 755.42, rel=1e-5)
    assert any("public part only" in text for text in found.not_comparable)
    assert any("100 addresses hold 250 units" in text for text in found.not_comparable)
    assert any("140 of 250 units" in text for text in found.not_comparable)
    assert any("EUR 755.42" in text for text in found.comparable)


def test_a_programme_by_unit_is_held_against_units() -> None:
    plain = Programme("p", Money.euros(1000), 10, "s", counted="unit")
    found = compare(Area("x", Money.euros(250), Money.euros(500), 1, 5, 3), plain)
    assert (found.public_each, found.public_ratio) == (Money.euros(50), Fraction(1, 2))
    assert found.cost_ratio is None
    assert plain.least_cost_each is None
    assert compare(found.area, replace(plain, public=Money(0))).public_ratio is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"connections": 0}, "at least one connection"),
        ({"max_share": Fraction(0)}, "public share"),
    ],
)
def test_a_programme_without_sense_is_refused(fields: dict[str, object], said: str) -> None:
    with pytest.raises(Problem, match=said):
        replace(Programme("p", Money(1), 1, "s"), **fields)  # type: ignore[arg-type]
    with pytest.raises(Problem, match="at least one address"):
        Area("x", Money(0), Money(0), 0, 1, 0)
