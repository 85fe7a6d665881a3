"""What holds for every bill and every business case."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from nexpo.connectivity.coverage.model import StepChange
from nexpo.connectivity.design.money import (
    LEVELS,
    Business,
    Chapter,
    GrantRule,
    Level,
    Range,
    UnitCost,
    UnitCosts,
    add_quantities,
    bill,
    bill_range,
    business_case,
    cost_per_premises,
    grant,
)
from nexpo.connectivity.design.step import Speeds
from nexpo.core.money import Money

NETWORK = [each for each in Chapter if each not in {Chapter.CONNECTIONS, Chapter.RATES}]


@st.composite
def ranges(draw: st.DrawFn, most: int) -> Range:
    values = sorted(draw(st.lists(st.integers(0, most), min_size=3, max_size=3)))
    return Range(*(Fraction(value) for value in values))


@st.composite
def libraries(draw: st.DrawFn) -> UnitCosts:
    items = {}
    for place in range(draw(st.integers(1, 6))):
        chapter = draw(st.sampled_from([*NETWORK, Chapter.CONNECTIONS]))
        price = draw(ranges(10_000_000))
        items[f"i{place}"] = UnitCost(f"i{place}", chapter, "", "", "m", price, "s")
    for place in range(draw(st.integers(0, 2))):
        of = frozenset(draw(st.sets(st.sampled_from([*NETWORK, Chapter.RATES]), min_size=1)))
        rate = draw(ranges(30))
        items[f"r{place}"] = UnitCost(f"r{place}", Chapter.RATES, "", "", "EUR", rate, "s", of=of)
    return UnitCosts(items)


quantities = st.decimals(0, 100_000, places=3, allow_nan=False)


@st.composite
def designs(draw: st.DrawFn) -> tuple[UnitCosts, dict[str, Decimal]]:
    library = draw(libraries())
    materials = [code for code, item in library.items.items() if not item.of]
    return library, draw(st.dictionaries(st.sampled_from(materials), quantities))


@settings(deadline=None)
@given(designs())
def test_the_total_is_the_sum_of_lines_and_of_chapters(
    design: tuple[UnitCosts, dict[str, Decimal]],
) -> None:
    library, counted = design
    for level in LEVELS:
        found = bill(counted, library, level)
        amounts = [line.amount.cents for line in found.lines]
        assert found.total.cents == sum(amounts)
        assert found.total.cents == sum(one.cents for one in found.subtotals.values())
        assert found.network + found.connections == found.total
        for line in found.lines:
            exact = line.quantity * line.unit_price.cents
            assert abs(exact - line.amount.cents) <= Decimal("0.5")


@settings(deadline=None)
@given(designs())
def test_low_is_never_above_mid_nor_mid_above_high(
    design: tuple[UnitCosts, dict[str, Decimal]],
) -> None:
    library, counted = design
    found = bill_range(counted, library)
    assert found.low.total <= found.mid.total <= found.high.total


@settings(deadline=None)
@given(designs())
def test_the_order_of_quantities_does_not_matter(
    design: tuple[UnitCosts, dict[str, Decimal]],
) -> None:
    library, counted = design
    turned = dict(reversed(counted.items()))
    assert bill(counted, library) == bill(turned, library)


@settings(deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("abc"), quantities)))
def test_quantities_of_parts_add_up_exactly(parts: list[dict[str, Decimal]]) -> None:
    found = add_quantities(parts)
    for code in "abc":
        assert found.get(code, 0) == sum(part.get(code, Decimal(0)) for part in parts)


@settings(deadline=None)
@given(designs(), st.integers(1, 500), st.data())
def test_whoever_connects_bears_the_whole_network(
    design: tuple[UnitCosts, dict[str, Decimal]], passed: int, data: st.DataObject
) -> None:
    library, counted = design
    connected = data.draw(st.integers(1, passed))
    found = bill(counted, library)
    each = cost_per_premises(found, passed=passed, connected=connected)
    assert each.connected is not None
    assert abs(each.passed.cents * passed - found.network.cents) <= passed / 2
    spent = found.network.cents + Fraction(found.connections.cents * connected, passed)
    assert abs(each.connected.cents * connected - spent) <= Fraction(connected, 2)


shares = st.fractions(0, 1, max_denominator=100)


@st.composite
def businesses(draw: st.DrawFn) -> Business:
    curves = sorted(sorted(draw(st.tuples(shares, shares, shares))) for _ in LEVELS)
    return Business(
        horizon_years=draw(st.integers(1, 25)),
        discount=Range(Fraction(0), Fraction(1, 20), Fraction(draw(st.integers(5, 100)), 100)),
        take_up={level: tuple(curve) for level, curve in zip(LEVELS, curves, strict=True)},
        monthly_fee={"fibre": draw(ranges(3_000))},
        activation_fee=draw(ranges(10_000)),
        opex_per_line_year=draw(ranges(5_000)),
        opex_share=dict.fromkeys(Chapter, Range.same(Fraction(1, 50))),
        lives_years={chapter: draw(st.integers(1, 40)) for chapter in Chapter},
    )


@settings(max_examples=40, deadline=None)
@given(designs(), businesses(), st.integers(1, 2_000), st.sampled_from(LEVELS))
def test_the_table_adds_up_and_no_connection_is_forgotten(
    design: tuple[UnitCosts, dict[str, Decimal]], business: Business, premises: int, level: Level
) -> None:
    library, counted = design
    costed = bill(counted, library, level)
    case = business_case(costed, business, premises=premises, technology="fibre")
    assert len(case.years) == business.horizon_years + 1
    assert case.investment == costed.network
    assert case.npv.cents == sum(year.present.cents for year in case.years)
    assert case.npv == case.npv_operation - case.investment
    assert case.gap == max(Money(0), Money(-case.npv.cents))
    spent = sum(year.connecting.cents for year in case.years)
    due = Fraction(costed.connections.cents * case.lines, premises)
    assert abs(spent - due) <= Fraction(len(case.years), 2)
    exact = sum((year.flow.cents * year.discount_factor for year in case.years), Fraction(0))
    assert abs(exact - case.npv.cents) <= Fraction(len(case.years), 2)


@settings(deadline=None)
@given(
    designs(),
    st.integers(0, 10**12),
    shares,
    shares,
    st.integers(0, 1_000),
    st.booleans(),
)
def test_a_grant_passes_no_ceiling_and_one_binds(
    design: tuple[UnitCosts, dict[str, Decimal]],
    gap: int,
    most: Fraction,
    private: Fraction,
    addresses: int,
    faster: bool,
) -> None:
    library, counted = design
    rule = GrantRule(
        "r",
        "R",
        frozenset(NETWORK),
        StepChange(3, 100, None),
        max_share=most,
        min_private=private,
        max_per_address=Money(50_000),
    )
    speeds = Speeds(100, 1000 if faster else 200)
    costed = bill(counted, library)
    found = grant(costed, Money(gap), rule, addresses=addresses, speeds=speeds)
    assert Money(0) <= found.amount <= Money(gap)
    assert found.amount.cents <= most * found.eligible.cents
    assert Fraction(found.private.cents) >= private * found.eligible.cents
    assert found.amount.cents <= 50_000 * addresses
    assert faster or found.amount == Money(0)
    assert found.amount == found.binding.amount
