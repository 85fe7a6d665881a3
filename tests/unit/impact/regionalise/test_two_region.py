"""A region and the rest add up to the nation in every cell; what is printed is what was done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.impact.model import (
    Origin,
    PriceBasis,
    Primary,
    Satellite,
    Scope,
    Table,
    Use,
)
from nexpo.impact.regionalise import (
    Activity,
    Choice,
    Method,
    Names,
    many_regions,
    regionalise,
    spread,
    spread_of_demand,
    two_region,
)

N, K = 3, 3
FLOWS = np.array([[20.0, 30.0, 5.0], [10.0, 15.0, 20.0], [15.0, 25.0, 10.0]])
FINAL = np.array([[40.0, 7.0, -2.0], [50.0, -5.0, 10.0], [30.0, 10.0, 10.0]])
OUTPUT = FLOWS.sum(axis=1) + FINAL.sum(axis=1)
IMPORTED = np.full((N, N), 2.0)
PRIMARY = np.stack([IMPORTED.sum(axis=0), OUTPUT - FLOWS.sum(axis=0) - IMPORTED.sum(axis=0)])
NATION = Table(
    Origin("Made up", "XX", 2014, "EUR", 10**6, PriceBasis.BASIC, "three", "a test", "none"),
    Scope.DOMESTIC,
    ("farm", "make", "serve"),
    ("Farms", "Makers", "Servers"),
    ("XX",) * N,
    FLOWS,
    OUTPUT,
    ("households", "stocks", "exports"),
    (Use.HOUSEHOLDS, Use.INVENTORIES, Use.EXPORTS),
    FINAL,
    ("imports", "value added"),
    (Primary.IMPORTS, Primary.VALUE_ADDED),
    PRIMARY,
    imports=IMPORTED,
    final_imports=np.ones((N, K)),
    primary_final=np.ones((2, K)),
    import_total=np.full(N, 9.0),
    satellites=(Satellite("jobs", "person", np.array([5.0, 6.0, 7.0]), 2014, "a test"),),
)
HERE = Activity("R", NATION.sectors, np.array([8.0, 30.0, 20.0]), np.array([60.0, 80.0, 70.0]))
FLQ = Choice(Method.FLQ, delta=0.25)


def added_up(table: Table, regions: int = 2) -> list[np.ndarray]:
    flows = table.flows.reshape(regions, N, regions, N).sum(axis=(0, 2))
    final = table.final.reshape(regions, N, regions, K).sum(axis=(0, 2))
    return [flows, final, table.output.reshape(regions, N).sum(axis=0)]


@pytest.mark.parametrize("method", list(Method))
def test_the_two_sides_add_up_to_the_nation(method: Method) -> None:
    choice = Choice(method, delta=0.2, alpha=0.3, beta=0.2)
    made = two_region(NATION, HERE, choice).table
    for found, due in zip(added_up(made), (FLOWS, FINAL, OUTPUT), strict=True):
        assert found == pytest.approx(due, abs=1e-12)
    assert made.flows.sum(axis=1) + made.final.sum(axis=1) == pytest.approx(made.output)
    assert made.flows.sum(axis=0) + made.primary.sum(axis=0) == pytest.approx(made.output)
    assert made.flows.min() >= 0


def test_what_no_rule_touches_is_the_quotients() -> None:
    found = two_region(NATION, HERE, FLQ, export_floor=0.5)
    alone = regionalise(NATION, HERE, FLQ)
    own = found.table.flows[:N, :N] / found.table.output[:N]
    same = found.adjusted > 1 - 1e-12
    assert same.any()
    assert own[same] == pytest.approx(alone.coefficients[same])
    assert (own <= alone.coefficients + 1e-15).all() or not same.all()


def test_a_side_never_sells_more_than_it_makes() -> None:
    tight = replace(
        NATION,
        final=np.array([[1.0, 0.0, 0.0], [50.0, -5.0, 10.0], [30.0, 10.0, 10.0]]),
        output=OUTPUT - np.array([44.0, 0.0, 0.0]),
        primary=PRIMARY - np.array([[0.0, 0.0, 0.0], [44.0, 0.0, 0.0]]),
    )
    found = two_region(tight, HERE, FLQ)
    assert found.adjusted[0] < 1
    assert "farm" in found.notes[0]
    made = found.table
    assert made.flows.sum(axis=1) + made.final.sum(axis=1) == pytest.approx(made.output)
    assert made.flows.min() >= 0
    assert made.final[[0, 3]].min() >= -1e-12


def test_codes_uses_and_satellites_follow_the_sides() -> None:
    made = two_region(NATION, HERE, FLQ, names=Names("LOM", "ITX")).table
    assert made.sectors[:4] == ("LOM:farm", "LOM:make", "LOM:serve", "ITX:farm")
    assert made.uses[0] == "LOM:households"
    assert made.regions == ("LOM",) * N + ("ITX",) * N
    jobs = made.satellite("jobs").values
    assert jobs[:N] == pytest.approx(NATION.satellite("jobs").values * HERE.shares())
    assert made.imports is not None
    assert made.imports[:N, N:].sum() == 0
    assert made.imports.sum() == pytest.approx(IMPORTED.sum())
    assert made.primary_final is not None
    assert made.primary_final.shape == (2, 2 * K)
    assert made.import_total is not None
    assert made.import_total.sum() == pytest.approx(27)


def test_what_is_known_of_the_region_takes_the_place_of_shares() -> None:
    output = np.array([10.0, 50.0, 40.0])
    found = two_region(
        NATION,
        HERE,
        FLQ,
        output=output,
        use_shares={"households": 0.4},
        satellites={"jobs": np.array([1.0, 2.0, 3.0])},
    )
    assert found.table.output[:N] == pytest.approx(output)
    assert found.table.satellite("jobs").values.tolist() == [1, 2, 3, 4, 4, 4]
    bought = found.table.final[:, 0].sum()
    assert bought == pytest.approx(0.4 * FINAL[:, 0].sum())
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"output": OUTPUT * 1.1}, "not between zero and the"),
        ({"use_shares": {"savings": 0.4}}, "no final use"),
        ({"use_shares": {"exports": 1.4}}, "from 0 to 1"),
        ({"satellites": {"energy": output}}, "no satellite"),
    )
    for settings, said in wrong:
        with pytest.raises(Problem, match=said):
            two_region(NATION, HERE, FLQ, **settings)


def test_a_table_of_total_flows_or_other_sectors_is_refused() -> None:
    with pytest.raises(Problem, match="hold imports"):
        two_region(replace(NATION, scope=Scope.TOTAL), HERE, FLQ)
    with pytest.raises(Problem, match="another order or spelling"):
        regionalise(NATION, replace(HERE, sectors=("make", "farm", "serve")), FLQ)


def test_feedback_and_spill_over_are_those_of_the_inverse() -> None:
    made = two_region(NATION, HERE, FLQ).table
    found = spread(made, "R")
    inverse = np.linalg.inv(np.eye(2 * N) - made.flows / made.output)
    alone = np.linalg.inv(np.eye(N) - made.flows[:N, :N] / made.output[:N])
    assert found.own == pytest.approx(alone.sum(axis=0))
    assert found.feedback == pytest.approx(inverse[:N, :N].sum(axis=0) - alone.sum(axis=0))
    assert found.spillover == pytest.approx(inverse[N:, :N].sum(axis=0))
    national = np.linalg.inv(np.eye(N) - FLOWS / OUTPUT).sum(axis=0)
    assert found.total == pytest.approx(national)  # one technology: the nation's multiplier
    assert ((found.spillover_share > 0) & (found.spillover_share < 1)).all()
    plan = spread_of_demand(found, np.array([1.0, 0.0, 2.0]))
    assert float(plan.total) == pytest.approx(national[0] + 2 * national[2])
    with pytest.raises(Problem, match="no region"):
        spread(made, "Q")


def test_several_regions_add_up_as_well() -> None:
    shares = np.array([[0.2, 0.5, 0.3], [0.3, 0.1, 0.3], [0.5, 0.4, 0.4]])
    distance = np.array([[20.0, 100.0, 250.0], [100.0, 30.0, 200.0], [250.0, 200.0, 40.0]])
    found = many_regions(NATION, ("A", "B", "C"), shares, distance, 0.01)
    for sums, due in zip(added_up(found.table, 3), (FLOWS, FINAL, OUTPUT), strict=True):
        assert sums == pytest.approx(due, rel=1e-8)
    made = found.table
    assert made.flows.sum(axis=1) + made.final.sum(axis=1) == pytest.approx(made.output, rel=1e-7)
    near = found.trade[1, 0, 0] / found.trade[1, 0].sum()
    free = many_regions(NATION, ("A", "B", "C"), shares, distance, 0.0).trade
    assert near > free[1, 0, 0] / free[1, 0].sum()
    with pytest.raises(Problem, match="sum of 1"):
        many_regions(NATION, ("A", "B", "C"), shares * 0.9, distance, 0.01)


def test_sales_to_sectors_do_not_crowd_out_final_uses_and_exports() -> None:
    """A side short of a product cuts all its buyers alike, and keeps part of the exports."""
    flows = np.array([[40.0, 50.0, 5.0], *FLOWS[1:]])
    final = np.array([[2.0, 0.0, 3.0], *FINAL[1:]])
    output = flows.sum(axis=1) + final.sum(axis=1)
    added = output - flows.sum(axis=0) - IMPORTED.sum(axis=0)
    tight = replace(
        NATION, flows=flows, final=final, output=output, primary=np.stack([PRIMARY[0], added])
    )
    strong = Activity("R", NATION.sectors, np.array([28.0, 30.0, 20.0]), HERE.national)
    for floor in (0.0, 0.5, 1.0):
        found = two_region(tight, strong, Choice(Method.FLQ, delta=0.6), export_floor=floor)
        made, share = found.table, found.share[0]
        assert (
            made.final[[0, N], [K - 1, 2 * K - 1]].min()
            >= floor * min(share * 3, (1 - share) * 3) - 1e-12
        )
        for sums, due in zip(added_up(made), (flows, final, output), strict=True):
            assert sums == pytest.approx(due, abs=1e-12)
        assert made.flows.sum(axis=1) + made.final.sum(axis=1) == pytest.approx(made.output)
        assert made.final[0, 0] > 0
        left = made.flows[0, :N] / (flows[0] * found.share)
        wished = np.clip(found.region.values[0], 0, 1)
        assert left / wished == pytest.approx(left[0] / wished[0])  # one proportion
        assert made.final[0, 0] / (2 * strong.size * found.region.own_share()[0]) == pytest.approx(
            left[0] / wished[0]
        )
    with pytest.raises(Problem, match="from 0 to 1"):
        two_region(tight, strong, FLQ, export_floor=1.5)


def test_a_side_that_makes_none_of_a_product_sells_none_without_a_word() -> None:
    none = Activity("R", NATION.sectors, np.array([0.0, 30.0, 20.0]), HERE.national)
    found = two_region(NATION, none, FLQ)
    assert abs(found.table.flows[0]).max() == 0
    assert not any("farm" in note for note in found.notes)


def test_exports_follow_output_where_nothing_is_said_and_what_moved_is_told() -> None:
    found = two_region(NATION, HERE, FLQ)
    exports = found.table.final[:N, [2]] / FINAL[:, [2]]
    assert exports[:, 0] == pytest.approx(found.share)
    assert 0 < found.overridden < 1
    assert "of sales within the country moved to the other side" in found.notes[-1]
    free = two_region(NATION, HERE, FLQ, export_floor=0.0)
    assert free.overridden < found.overridden
