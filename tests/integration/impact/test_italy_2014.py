"""The real table of Italy 2014 (WIOD 2016), 56 industries, millions of US dollars."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from nexpo.core.settings import data_directory
from nexpo.impact.extraction import extract, extract_each
from nexpo.impact.model import Floats
from nexpo.impact.paths import Limits, paths
from nexpo.impact.solve import SolveMethod, System

pytestmark = pytest.mark.skipif(
    data_directory() is None, reason="no real data: set NEXPO_DATA to the folder that holds it"
)


def read(name: str) -> tuple[list[str], list[str], Floats]:
    folder = data_directory() or Path()
    path = folder / "io" / "italy_wiod2016" / f"ITA_2014_{name}_musd.csv"
    if not path.exists():
        pytest.skip("io/italy_wiod2016 is not below NEXPO_DATA")
    head, *rows = csv.reader(path.read_text(encoding="utf-8").splitlines())
    values = np.array([[float(cell) for cell in row[1:]] for row in rows])
    return head[1:], [row[0] for row in rows], values


def of(names: Sequence[str], code: str) -> int:
    return list(names).index(code)


@pytest.fixture(scope="module")
def italy() -> System:
    columns, rows, cells = read("domestic")
    output = cells[:, of(columns, "GO")]
    return System(cells[:, : len(rows)], output, rows)


def test_what_a_euro_of_demand_pays_adds_up_to_the_imbalance_of_the_source(italy: System) -> None:
    _, rows, cells = read("primary")
    _, _, imports = read("imports")
    paid = sum(cells[of(rows, name), : italy.size] for name in ("VA", "TXSP", "IntTTM"))
    paid = paid + imports[: italy.size, : italy.size].sum(axis=0)
    ones = italy.solve_transposed(italy.per_output(paid)).values
    assert np.abs(ones[italy.output > 0] - 1).max() <= 7e-8


def test_construction_has_a_multiplier_of_2_116(italy: System) -> None:
    found = italy.solve_transposed(np.ones(italy.size)).values
    assert found[of(italy.sectors, "F")] == pytest.approx(2.116, abs=5e-4)


def test_without_information_services_98_612_775_are_lost(italy: System) -> None:
    place = of(italy.sectors, "J62_J63")
    assert extract(italy, [place]).total == pytest.approx(98_612.775, abs=5e-4)
    assert extract_each(italy)[place] == pytest.approx(98_612.775, abs=5e-4)


def test_outputs_of_the_table_are_found_again_by_each_method(italy: System) -> None:
    for method in SolveMethod:
        found = italy.solve(italy.final_demand(), method=method)
        np.testing.assert_allclose(found.values, italy.output, rtol=1e-9)


def test_the_paths_of_construction(italy: System) -> None:
    demand = np.zeros(italy.size)
    demand[of(italy.sectors, "F")] = 1.0
    found = paths(italy, demand, np.ones(italy.size), Limits(threshold=1e-5, paths=5))
    chains = [[italy.sectors[place] for place in path.sectors] for path in found.paths]
    assert chains == [["F"], ["F", "F"], ["F", "F", "F"], ["F", "N"], ["F", "C23"]]
    assert found.paths[1].value == pytest.approx(0.2315633, abs=1e-7)
