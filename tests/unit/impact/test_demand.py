"""From purchasers' prices to what is bought, where: worked by hand, every cent in one place."""

from __future__ import annotations

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.impact.demand import Purchases, plan_price_year, purchases_of
from nexpo.impact.model import Floats, Phase, Plan, PriceBasis
from nexpo.impact.prices import Deflators, Rates
from tests.impact_economy import SECTORS, line, plan, two_mixes

HALF = np.array([0.5, 0.0, 0.0, 0.0])
SHARES = {Phase.CONSTRUCTION: HALF, Phase.OPERATION: np.array([0.8, 0.0, 0.0, 0.0])}
PRICES = Deflators({"*": {2014: 80.0, 2024: 100.0}, "C28": {2014: 90.0, 2024: 100.0}})


def rates() -> Rates:
    taxed = np.full(4, 0.10)
    return Rates(
        {Phase.CONSTRUCTION: taxed, Phase.OPERATION: taxed * 0},
        np.array([0.20, 0, 0, 0]),
        np.array([0.05, 0, 0, 0]),
        np.array([0.0, 0, 1, 0]),
        np.array([0.0, 0, 0, 1]),
    )


def bought(found: Plan, shares: dict[Phase, Floats] | None = None, **more: object) -> Purchases:
    return purchases_of(
        found,
        SECTORS,
        rates=rates(),
        import_shares=shares or SHARES,
        deflators=PRICES,
        **more,  # type: ignore[arg-type]
    )


def test_purchaser_price_worked_by_hand() -> None:
    purchases = bought(plan(line("C28", 100_00, basis=PriceBasis.PURCHASER)))
    demand = purchases.at(np.array([0.4, 1, 0.5, 1.0]))
    # 100: tax 10, trade 20, transport 5, basic 65; half of the machine is imported
    assert purchases.tax == pytest.approx([10.0])
    assert purchases.margin == pytest.approx([25.0])
    assert demand.imported[:, 0] == pytest.approx([32.5, 0, 0, 0])
    assert demand.local[:, 0] == pytest.approx([13.0, 0, 10.0, 5.0])
    assert demand.elsewhere[:, 0] == pytest.approx([19.5, 0, 10.0, 0.0])
    assert demand.unaccounted == pytest.approx([0.0], abs=1e-12)


def test_basic_price_has_no_tax_and_no_margin() -> None:
    purchases = bought(plan(line("C28", 100_00)))
    assert purchases.tax.sum() == 0
    assert purchases.at(np.ones(4)).domestic[:, 0] == pytest.approx([50.0, 0, 0, 0])


def test_import_share_follows_the_phase() -> None:
    lines = (line("C28", 100_00), line("C28", 100_00, phase=Phase.OPERATION))
    demand = bought(plan(*lines)).at(np.ones(4))
    assert demand.of.periods == ((2014, Phase.CONSTRUCTION), (2014, Phase.OPERATION))
    assert demand.imported[0] == pytest.approx([50.0, 80.0])


def test_contracts_hold_against_defaults() -> None:
    stated = line("C28", 100_00, import_share=0.1, local_share=0.25)
    purchases = bought(plan(stated, line("C28", 100_00)))
    demand = purchases.at(np.zeros(4), import_factor=1.2)
    assert demand.imported[0, 0] == pytest.approx(10.0 + 60.0)  # a contract does not vary
    assert demand.local[0, 0] == pytest.approx(0.25 * 90.0)
    assert demand.elsewhere[0, 0] == pytest.approx(0.75 * 90.0 + 40.0)


def test_local_share_alone_still_follows_the_import_default() -> None:
    demand = bought(plan(line("C28", 100_00, local_share=0.6))).at(np.zeros(4))
    assert demand.local[0, 0] == pytest.approx(0.6 * 50.0)
    assert demand.elsewhere[0, 0] == pytest.approx(0.4 * 50.0)


def test_products_are_spread_by_the_chosen_mix() -> None:
    hall = plan(line("hall", 100_00), mixes=two_mixes())
    assert bought(hall).at(np.ones(4)).domestic[:, 0] == pytest.approx([0, 100.0, 0, 0])
    other = bought(hall, alternatives={"hall": "plant"}).at(np.ones(4))
    assert other.domestic[:, 0] == pytest.approx([30.0, 40.0, 0, 0])
    with pytest.raises(Problem, match="no spending mix of that name"):
        bought(hall, alternatives={"hall": "paper"})


def test_lines_come_to_one_price_year_by_their_own_index() -> None:
    lines = (line("C28", 90_00), line("F", 80_00), line("F", 100_00, price_year=2024))
    with pytest.raises(Problem, match="prices of several years"):
        plan_price_year(plan(*lines))
    purchases = bought(plan(*lines), price_year=2024)
    assert purchases.amount == pytest.approx([100.0 + 100.0 + 100.0])


def test_unknown_sector_is_told_with_row_and_nearest_codes() -> None:
    with pytest.raises(Problem) as caught:
        bought(plan(line(), line("C82", row=7)))
    assert caught.value.where.row == 7
    assert caught.value.where.file == "plan.csv"
    assert "C28" in str(caught.value.remedy)


def test_a_year_outside_the_indices_is_told_with_its_row() -> None:
    with pytest.raises(Problem, match="no price index") as caught:
        bought(plan(line(price_year=2031, row=3)), price_year=2014)
    assert (caught.value.value, caught.value.where.row) == (2031, 3)


def test_a_product_that_the_table_never_uses_needs_a_stated_import_share() -> None:
    unknown = dict.fromkeys(Phase, np.array([np.nan, 0, 0, 0]))
    with pytest.raises(Problem, match="cannot say how much is imported"):
        bought(plan(line("C28")), unknown)
    stated = bought(plan(line("C28", 100_00, import_share=0.3)), unknown).at(np.ones(4))
    assert stated.domestic[0, 0] == pytest.approx(70.0)


def test_rates_that_leave_nothing_are_refused() -> None:
    with pytest.raises(Problem, match="leave nothing"):
        Rates(dict.fromkeys(Phase, np.full(1, 0.5)), np.full(1, 0.5), *np.zeros((3, 1)))
