from __future__ import annotations

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.impact.footprint import footprint
from nexpo.impact.model import Satellite, Table, Use
from nexpo.impact.solve import System
from tests.io_tables import make_table


def two_countries(uses: tuple[str, ...] = ("IT:households", "DE:households")) -> Table:
    return make_table(
        [[10, 5, 2, 1], [8, 20, 1, 4], [3, 2, 15, 6], [1, 7, 5, 25]],
        [60, 100, 80, 120],
        uses=(Use.HOUSEHOLDS, Use.HOUSEHOLDS),
        final=[[32, 10], [50, 17], [14, 40], [22, 60]],
        sectors=("IT:A", "IT:M", "DE:A", "DE:M"),
        regions=("IT", "IT", "DE", "DE"),
        use_names=uses,
    )


CO2 = Satellite("co2", "t", np.array([6.0, 30, 4, 60]), 2020, "tests", np.array([3.0, 5.0]))


def test_accounts_by_hand_with_the_inverse() -> None:
    table = two_countries()
    system = System.of_table(table)
    found = footprint(system, table, CO2)
    made = (CO2.values / table.output)[:, None] * (
        np.linalg.inv(np.eye(4) - system.coefficients()) @ table.final
    )
    by_region = made.reshape(2, 2, 2).sum(axis=1)
    assert found.regions == ("IT", "DE")
    np.testing.assert_allclose(found.between, by_region)
    np.testing.assert_allclose(found.production, [36 + 3, 64 + 5])
    np.testing.assert_allclose(found.consumption, by_region.sum(axis=0) + np.array([3, 5]))
    np.testing.assert_allclose(found.imports, [by_region[1, 0], by_region[0, 1]])
    np.testing.assert_allclose(found.exports, [by_region[0, 1], by_region[1, 0]])
    np.testing.assert_allclose(found.production - found.exports, found.consumption - found.imports)
    np.testing.assert_allclose(found.multiplier @ table.final, by_region.sum(axis=0))


def test_what_final_demand_emits_is_kept_apart() -> None:
    found = footprint(System.of_table(two_countries()), two_countries(), CO2)
    assert found.final_use.tolist() == [3.0, 5.0]
    assert found.between.sum() == pytest.approx(100.0)


def test_final_uses_without_a_region_are_refused_or_named_by_the_caller() -> None:
    table = two_countries(("households", "FR:households"))
    system = System.of_table(table)
    with pytest.raises(Problem, match="no region of the table"):
        footprint(system, table, CO2)
    named = footprint(system, table, CO2, use_regions=["IT", "DE"])
    assert named.final_use.tolist() == [3.0, 5.0]
    with pytest.raises(Problem, match="1 regions for 2 uses"):
        footprint(system, table, CO2, use_regions=["IT"])


def test_one_country_needs_no_regions_in_its_uses() -> None:
    table = make_table([[10, 20], [30, 10]], [100, 100])
    jobs = Satellite("jobs", "person", np.array([3.0, 4.0]), 2020, "tests")
    found = footprint(System.of_table(table), table, jobs)
    assert found.consumption.tolist() == pytest.approx([7.0])
    assert found.imports.tolist() == pytest.approx([0.0])


def test_an_unknown_sector_would_make_every_footprint_too_small() -> None:
    table = two_countries()
    gap = Satellite("co2", "t", np.array([6.0, np.nan, 4, 60]), 2020, "tests")
    with pytest.raises(Problem, match="unknown in 1 sectors"):
        footprint(System.of_table(table), table, gap)
