"""Whatever a plan says, each euro ends once: from the lines to the cents of the ledger."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexpo.impact.demand import purchases_of
from nexpo.impact.ledger import Columns, apportion, leakage_of
from nexpo.impact.model import Phase, PlanLine, PriceBasis
from nexpo.impact.prices import Deflators, Rates, import_shares_by_phase
from nexpo.impact.solve import System
from tests.impact_economy import SECTORS, economy, line, plan

TABLE = economy()
SYSTEM = System.of_table(TABLE)
RATES = Rates(
    {Phase.CONSTRUCTION: np.full(4, 0.04), Phase.OPERATION: np.full(4, 0.02)},
    np.array([0.2, 0.0, 0, 0]),
    np.array([0.03, 0.0, 0, 0]),
    np.array([0.0, 0, 1, 0]),
    np.array([0.0, 0, 0, 1]),
)
PRICES = Deflators({"*": {2014: 80.0, 2024: 100.0}})
shares = st.none() | st.floats(0, 1)
lines = st.builds(
    line,
    st.sampled_from(SECTORS),
    st.integers(1, 10**12),
    year=st.integers(2014, 2018),
    phase=st.sampled_from(Phase),
    basis=st.sampled_from(PriceBasis),
    price_year=st.sampled_from([2014, 2024]),
    import_share=shares,
    local_share=shares,
)


@settings(max_examples=40, deadline=None)
@given(st.lists(lines, min_size=1, max_size=6), st.floats(0, 1), st.floats(0.5, 1.5))
def test_every_euro_ends_once(bought: list[PlanLine], local: float, factor: float) -> None:
    purchases = purchases_of(
        plan(*bought),
        SECTORS,
        rates=RATES,
        import_shares=import_shares_by_phase(TABLE),
        deflators=PRICES,
        price_year=2014,
    )
    demand = purchases.at(np.full(4, local), import_factor=factor)
    amount = purchases.amount.sum()
    assert np.abs(demand.unaccounted).sum() <= 1e-12 * amount
    for part in (demand.local, demand.elsewhere, demand.imported):
        assert part.min() >= -1e-9 * amount
    output = SYSTEM.solve(demand.domestic).values
    ledger = leakage_of(demand, output, Columns.of(TABLE), ("XX",) * 4)
    assert ledger.total == pytest.approx(1.0, abs=1e-9)
    assert sum(cents for _, cents in ledger.cents()) == round(amount * 100)


@settings(max_examples=50)
@given(
    st.integers(0, 10**15),
    st.lists(st.floats(0, 1), min_size=1, max_size=8).filter(lambda parts: sum(parts) > 1e-3),
)
def test_apportioned_cents_sum_and_are_near(total: int, parts: list[float]) -> None:
    found = apportion(total, parts)
    assert sum(found) == total
    for got, part in zip(found, parts, strict=True):
        assert abs(got - total * part / sum(parts)) <= 1 + 1e-9 * total
