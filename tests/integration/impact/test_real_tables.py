"""The real tables at hand, against what their sources and the reference sheet state."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from nexpo.build.impact.prepare import national_accounts
from nexpo.build.impact.run_inputs import Asked, request_of
from nexpo.build.impact.tables import open_table
from nexpo.core.settings import data_directory
from nexpo.impact.aggregate import aggregate, nace_concordance
from nexpo.impact.balance import balance
from nexpo.impact.domestic import ImportRule
from nexpo.impact.ledger import Columns
from nexpo.impact.model import Table

DATA = data_directory()
pytestmark = pytest.mark.skipif(
    DATA is None, reason="no real data: set NEXPO_DATA to the folder that holds it"
)
USD_2014 = 0.752728


def file(name: str) -> Path:
    assert DATA is not None
    if not (DATA / name).exists():
        pytest.skip(f"{name} is not below NEXPO_DATA")
    return DATA / name


def italy(year: int = 2014) -> Table:
    return open_table(file(f"io/italy_wiod2016/ITA_{year}_domestic_musd.csv"))


def closure_deviation(table: Table) -> float:
    """Return how far value added, imports, taxes and margins times L are from 1."""
    used = table.output > 0
    output = table.output[used]
    a = table.flows[np.ix_(used, used)] / output
    left = table.primary[:, used].sum(axis=0)
    if table.imports is not None:
        left = left + table.imports[:, used].sum(axis=0)
    return float(np.abs(np.linalg.solve((np.eye(len(a)) - a).T, left / output) - 1).max())


def test_italy_2014_balances_as_stated() -> None:
    table = italy()
    found = balance(table)
    assert np.abs(found.rows).max() < 2.0e-10
    assert round(float(np.abs(found.columns).max()), 3) == 0.005
    assert round(float(table.value_added().sum())) == 1_925_309
    assert found.input_share.max() < 1
    assert table.output[table.sectors.index("U")] == 0


@pytest.mark.parametrize(("year", "most"), [(2014, 7e-8), (2010, 1.2e-7)])
def test_the_closure_identity_holds_to_the_imbalance(year: int, most: float) -> None:
    assert closure_deviation(italy(year)) == pytest.approx(most, rel=0.1)


def test_the_workbook_is_the_same_table() -> None:
    book = open_table(file("io/italy_wiod2016/ITA_NIOT_nov16.xlsx"), year=2014)
    parts = italy()
    assert np.allclose(book.flows, parts.flows, rtol=1e-12)
    assert np.allclose(book.primary, parts.primary, rtol=1e-12)
    assert book.labels[0].startswith("Crop and animal")


@pytest.mark.parametrize("country", ["FRA", "DEU"])
def test_the_peers(country: str) -> None:
    table = open_table(file(f"io/peers_sea/{country}_NIOT_2014_musd.csv.gz"))
    assert np.abs(balance(table).rows).max() < 1e-8
    assert np.abs(balance(table).columns).max() < 0.01


def test_the_world_of_2011_and_italy_in_it() -> None:
    path = file("io/wiod2013_mrio/wiot_2011.npz")
    world, home = open_table(path), open_table(path, area="IT")
    assert world.size == 1435
    assert np.abs(balance(world).rows).max() == 108
    assert int((world.final < 0).sum()) == 352
    assert home.size == 35
    here = [i for i, region in enumerate(world.regions) if region == "ITA"]
    assert home.imports is not None
    whole = world.flows[:, here].sum(axis=0)
    assert (home.flows.sum(axis=0) + home.imports.sum(axis=0)).tolist() == whole.tolist()


def test_the_british_table() -> None:
    table = open_table(file("io/uk_2010/uk_2010_domestic_pxp_mgbp.csv"))
    assert table.size == 127
    assert np.abs(balance(table).rows).max() < 1e-6
    assert np.abs(balance(table).columns).max() < 1e-6
    assert table.value_added().sum() == pytest.approx(21_629 + 801_796 + 504_498)


@pytest.mark.parametrize(("year", "most"), [(2010, 5.149), (2016, 131.773)])
def test_the_italian_table_of_62_sectors(year: int, most: float) -> None:
    path = file("economy/italy_iot_62_intermediate_2010_2016.csv.gz")
    total = open_table(path, year=year)
    assert np.abs(balance(total).columns).max() == pytest.approx(most, abs=1e-3)
    made = open_table(path, year=year, rule=ImportRule.PROPORTIONAL)
    multipliers = np.linalg.inv(np.eye(62) - made.flows / made.output).sum(axis=0)
    assert 1.17 < multipliers.min() < 1.20
    assert 2.3 < multipliers.max() < 2.5
    assert np.abs(balance(made).rows).max() < 0.2
    assert made.imports is not None
    assert np.allclose(made.flows + made.imports, total.flows)


def test_62_sectors_become_56_by_their_divisions() -> None:
    fine = open_table(file("economy/italy_iot_62_intermediate_2010_2016.csv.gz"), year=2014)
    coarse = italy().sectors
    found = aggregate(fine, nace_concordance(fine.sectors, coarse))
    assert set(found.sectors) <= set(coarse)
    assert found.size == 54
    assert found.output.sum() == pytest.approx(fine.output.sum())


def test_gaps_of_employment_are_filled_as_stated() -> None:
    file("io/emp_italy_regions/addetti_by_wiod_sector_region.csv")
    path = file("io/italy_wiod2016/ITA_2014_domestic_musd.csv")
    asked = Asked("data-centre-campus", date(2026, 1, 1), table=path, delta=0.25, count_as_is=True)
    request = request_of(asked)
    assert request.activity is not None
    known = request.activity.national
    assert int(np.isnan(known).sum()) == 8
    assert round(float(np.nansum(known))) == 16_914_117
    accounts, words = national_accounts(request, Columns.of(request.table), (2014,))
    jobs = next(each for each in accounts if each.indicator == "jobs")
    output_eur = request.table.output * 1e6 * USD_2014
    assert jobs.unit == "person"
    assert round(float(jobs.intensity @ output_eur) / 1e6, 2) == 20.07
    whole = request_of(replace(asked, count_as_is=False))
    assert whole.partial is not None
    accounts, _ = national_accounts(whole, Columns.of(request.table), (2014,))
    jobs = next(each for each in accounts if each.indicator == "jobs")
    persons = float(jobs.intensity @ output_eur) / 1e6
    assert persons == pytest.approx(22.24, rel=0.02)  # as published; 22.55 with P85 and Q filled
    assert any("A01, A02, A03, K64, K65, O84, T" in word for word in words)
