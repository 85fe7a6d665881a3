"""Clusters: everything is paid once, and shared parts nest."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from nexpo.build.design import clusters
from nexpo.build.design.rulebook import load
from nexpo.connectivity.design.choice.choose import pareto
from nexpo.connectivity.design.choice.model import Technology
from nexpo.connectivity.design.choice.tree import tree_front
from nexpo.connectivity.design.money import Level
from tests.unit.build.design.grounds import REQUEST, village


def offers() -> dict[Technology, clusters.Offer]:
    prices = load(REQUEST).unit_costs
    return {
        kind: clusters.Offer(1000.0, 300.0, 30.0, prices, Level.MID)
        for kind in (Technology.FIBRE, Technology.WIRELESS)
    }


def test_every_address_is_in_one_cluster() -> None:
    design = village()
    rows = np.concatenate([group.rows for group in design.groups])
    assert sorted(rows.tolist()) == list(range(40))
    assert 2 <= len(design.groups) <= 14


def test_options_and_shared_parts_add_up_to_the_bill() -> None:
    design = village()
    assert design.bills is not None
    assert design.wireless_bills is not None
    _, asked = clusters.group(design.fibre, design.demand, design.wireless, offers(), most=6)
    due = {
        "fibre": design.bills.mid.network.cents,
        "wireless": design.wireless_bills.mid.network.cents,
    }
    for kind, word in ((Technology.FIBRE, "fibre"), (Technology.WIRELESS, "site")):
        own = sum(
            option.cost_cents
            for each in asked
            if each.addresses
            for option in each.options
            if option.technology is kind
        )
        shared = sum(
            each.options[0].cost_cents for each in asked if each.id.startswith(f"shared-{word}")
        )
        assert own + shared == due[kind.value]


def test_every_trench_is_paid_by_one_part() -> None:
    design = village()
    of_row = clusters.divide(design.fibre, design.demand, 6)
    shared = clusters._fibre_shares(design.fibre, design.demand, of_row, offers()[Technology.FIBRE])
    paid = np.concatenate(list(shared.trenches.values()))
    assert sorted(paid.tolist()) == list(range(design.fibre.trench_sections.height))
    for one, two in combinations(shared.cents, 2):
        assert one & two in (0, one, two)


def test_the_front_on_the_tree_is_that_of_the_programme() -> None:
    design = village()
    _, asked = clusters.group(design.fibre, design.demand, None, offers(), most=4)
    tree, swept = tree_front(asked), pareto(asked)
    assert tree is not None
    assert tree.points == swept.points


def test_clusters_that_cross_are_paid_on_the_safe_side() -> None:
    shared = clusters.Shared(
        {0b011: 50, 0b110: 20, 0b111: 5},
        {bits: np.array([bits]) for bits in (0b011, 0b110, 0b111)},
    )
    nested = clusters._nested(shared)
    assert nested.cents == {0b011: 50, 0b111: 25}
    assert nested.trenches[0b111].tolist() == [6, 7]
