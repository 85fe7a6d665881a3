"""Regional figures on real tables: the sheet's own values, and tables made by survey.

The data is not in this repository; without it the tests say so. The methods themselves are
tested on small cases beside these.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from nexpo.build.impact.tables import open_table
from nexpo.core.settings import data_directory
from nexpo.impact.adapters.activity_files import read_activity
from nexpo.impact.regionalise import (
    Activity,
    Choice,
    Method,
    quotients_of,
    regional_coefficients,
    two_region,
)
from nexpo.impact.regionalise.calibration import (
    best,
    compare,
    output_multipliers,
    usual_choices,
)
from nexpo.impact.solve import System

DATA = (data_directory() or Path("nowhere")) / "io"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="no real data: set NEXPO_DATA to the folder that holds io/"
)
MIX = {"F": 45, "M71": 5, "C25": 5, "C27": 15, "C28": 15, "C26": 10, "J62_J63": 5}
SURVEYED = ("AT12", "AT31", "AT34")


def numbers(path: Path) -> tuple[list[str], dict[str, np.ndarray]]:
    """Return the column names and the rows of a CSV by their first cell."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header, *lines = list(csv.reader(stream))
    rows = {line[0]: np.array([float(cell or "nan") for cell in line[1:]]) for line in lines}
    return header[1:], rows


class Italy:
    """The table of 2014, as far as these figures need it."""

    def __init__(self) -> None:
        folder = DATA / "italy_wiod2016"
        columns, domestic = numbers(folder / "ITA_2014_domestic_musd.csv")
        bought, abroad = numbers(folder / "ITA_2014_imports_musd.csv")
        _, primary = numbers(folder / "ITA_2014_primary_musd.csv")
        self.sectors = tuple(list(domestic)[:56])
        rows = np.stack([domestic[code] for code in self.sectors])
        output = rows[:, columns.index("GO")]
        per = np.divide(1, output, out=np.zeros(56), where=output > 0)
        self.coefficients = rows[:, :56] * per
        self.value_added = primary["VA"][:56] * per
        capital = rows[:, columns.index("GFCF")]
        from_abroad = np.stack([abroad[code] for code in self.sectors])[:, bought.index("GFCF")]
        both = capital + from_abroad
        self.domestic_share = np.divide(capital, both, out=np.zeros(56), where=both > 0)
        self.jobs = read_activity(
            DATA / "emp_italy_regions" / "addetti_by_wiod_sector_region.csv",
            self.sectors,
            "Lombardia",
        )


@pytest.fixture(scope="module")
def italy() -> Italy:
    return Italy()


@pytest.mark.parametrize(
    ("delta", "scale", "multiplier", "share"),
    [
        (0.00, 1.000, 1.949, 0.854),
        (0.20, 0.775, 1.728, 0.649),
        (0.25, 0.727, 1.674, 0.600),
        (0.30, 0.682, 1.622, 0.550),
    ],
)
def test_lombardy_of_2014(
    italy: Italy, delta: float, scale: float, multiplier: float, share: float
) -> None:
    found = quotients_of(italy.jobs, Choice(Method.FLQ, delta=delta))
    own = regional_coefficients(italy.coefficients, found.values)
    assert found.size == pytest.approx(0.214, abs=5e-4)
    assert found.scale == pytest.approx(scale, abs=5e-4)
    place = italy.sectors.index("F")
    assert output_multipliers(own)[place] == pytest.approx(multiplier, abs=5e-4)
    assert output_multipliers(italy.coefficients)[place] == pytest.approx(2.116, abs=5e-4)
    spent = np.zeros(56)
    for code, part in MIX.items():
        spent[italy.sectors.index(code)] = part / 100
    demand = spent * italy.domestic_share
    nation = italy.value_added @ np.linalg.solve(np.eye(56) - italy.coefficients, demand)
    region = italy.value_added @ np.linalg.solve(np.eye(56) - own, demand * found.own_share())
    assert nation == pytest.approx(0.626, abs=5e-4)
    assert region / nation == pytest.approx(share, abs=5e-4)


@pytest.mark.parametrize(
    ("delta", "sheet", "product"),
    [(0.00, 0.854, 0.851), (0.20, 0.649, 0.663), (0.25, 0.600, 0.621), (0.30, 0.550, 0.579)],
)
def test_what_the_product_gives_beside_the_sheet(
    italy: Italy, delta: float, sheet: float, product: float
) -> None:
    """The sheet's share is a single region's; the product's holds what comes back from the rest."""
    folder = DATA / "italy_wiod2016"
    table = open_table(folder / "ITA_2014_domestic_musd.csv", None, None, None)
    made = two_region(table, italy.jobs, Choice(Method.FLQ, delta=delta))
    spent = np.zeros(56)
    for code, part in MIX.items():
        spent[italy.sectors.index(code)] = part / 100
    demand, local = spent * italy.domestic_share, made.region.own_share()
    here, rest = demand * local, demand * (1 - local)
    system = System.of_table(made.table)
    whole = system.solve(np.concatenate([here, rest])).values
    inside = System(system.flows[:56, :56], system.output[:56])
    alone = inside.solve(here).values
    from_rest = system.solve(np.concatenate([np.zeros(56), rest])).values[:56]
    returned = system.solve(np.concatenate([here, np.zeros(56)])).values[:56] - alone
    per = italy.value_added
    nation = per @ System.of_table(table).solve(demand).values
    assert per @ whole[:56] / nation == pytest.approx(product, abs=1e-3)
    # the difference is feedback and what the rest's own purchases call forth here ...
    assert per @ (alone + from_rest + returned) == pytest.approx(per @ whole[:56])
    # ... and the single region's share is the sheet's, to what the balance of rows takes off
    assert per @ alone / nation == pytest.approx(sheet, abs=0.01)


def test_trentino_is_counted_once(italy: Italy) -> None:
    path = DATA / "emp_italy_regions" / "addetti_by_ateco_group_region.csv.gz"
    groups = read_activity(path, italy.sectors, "Lombardia")
    assert groups.national_total == pytest.approx(16_914_117, abs=1)
    assert groups.regional_total == pytest.approx(3_617_000, abs=1)
    assert len(groups.unknown_sectors()) == 8
    known = italy.jobs.known
    assert groups.national[known] == pytest.approx(italy.jobs.national[known], abs=0.02)
    assert any("Bolzano and Trento together" in note for note in groups.notes)


@pytest.fixture(scope="module")
def austria() -> dict[str, tuple[np.ndarray, Activity, np.ndarray]]:
    folder = DATA / "validation_austria_2010"
    regions, output = numbers(folder / "output_by_region.csv")
    _, nation = numbers(folder / "AT_national_domestic_A.csv")
    coefficients = np.stack(list(nation.values()))[:, :56]
    made = {}
    for region in SURVEYED:
        _, survey = numbers(folder / f"{region}.csv")
        flows = np.stack([survey[code][:56] for code in nation])
        activity = read_activity(folder / "output_by_region.csv", tuple(nation), region)
        column = np.array([output[code][regions.index(region)] for code in nation])
        assert activity.regional == pytest.approx(column)
        made[region] = (coefficients, activity, flows / column)
    return made


def test_delta_on_tables_made_by_survey(
    austria: dict[str, tuple[np.ndarray, Activity, np.ndarray]],
) -> None:
    choices = usual_choices(deltas=(0.1, 0.2, 0.25, 0.3, 0.4), alphas=(0.1,), betas=(0.2,))
    scores = {name: compare(*case, choices) for name, case in austria.items()}

    def mean(method: Method, delta: float | None, field: str) -> float:
        found = [
            getattr(score, field)
            for each in scores.values()
            for score in each
            if score.choice.method is method and score.choice.delta == delta
        ]
        assert len(found) == 3
        return float(np.mean(found))

    plain = mean(Method.SLQ, None, "mean_absolute_error")
    assert mean(Method.SLQ, None, "bias") == pytest.approx(0.10, abs=0.02)
    assert mean(Method.CILQ, None, "bias") == pytest.approx(0.11, abs=0.02)
    assert abs(mean(Method.FLQ, 0.25, "bias")) < 0.01
    assert mean(Method.FLQ, 0.25, "mean_absolute_error") < 0.65 * plain
    assert mean(Method.AFLQ, 0.25, "mean_absolute_error") < 0.65 * plain
    assert mean(Method.TWO_D, None, "mean_absolute_error") < 0.5 * plain
    for each in scores.values():
        assert (
            best(each, Method.FLQ).mean_absolute_error
            < 0.8 * best(each, Method.SLQ).mean_absolute_error
        )
