"""A whole build on the real data, held against a computation that shares no code with it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pytest

from nexpo.build import Built, Order, build
from nexpo.core.evidence import Ledger, read_ledger
from nexpo.core.files import sha256_of
from tests.expressions import holding_numbers

pytestmark = pytest.mark.integration

MERGED = {"013199": "013256", "013228": "013256", "018002": "018026"}


@pytest.fixture(scope="module")
def ledger(real: Built) -> Ledger:
    return read_ledger(real.folder / "figures.jsonl")


@pytest.fixture(scope="module")
def table(real: Built) -> pd.DataFrame:
    return pd.read_csv(real.folder / "municipalities.csv", dtype={"istat": str}).set_index("istat")


@pytest.fixture(scope="module")
def listed(data: Path) -> pd.DataFrame:
    rows = pd.read_parquet(data / "broadband/infratel_civici_non_coperti_lombardia.parquet")
    rows["istat"] = rows["istat"].replace(MERGED)
    return rows


def test_the_total_is_that_of_the_file(ledger: Ledger, listed: pd.DataFrame) -> None:
    assert ledger["uncovered.total"].value == len(listed) == 213_008
    counted = listed["stato"].value_counts()
    assert [ledger[f"uncovered.{c}"].value for c in "abc"] == [counted[c] for c in "ABC"]
    assert [counted[c] for c in "ABC"] == [26_030, 97_584, 89_394]


def test_each_municipality_has_the_rows_of_the_file(
    table: pd.DataFrame, listed: pd.DataFrame
) -> None:
    wanted = pd.crosstab(listed["istat"], listed["stato"]).reindex(table.index, fill_value=0)
    for name in "ABC":
        found = table[f"uncovered_{name.casefold()}"]
        pd.testing.assert_series_equal(found, wanted[name], check_names=False)
    assert table["uncovered_total"].sum() == 213_008
    assert len(table) == 1502


def test_performance_is_the_mean_weighted_by_tests(table: pd.DataFrame, data: Path) -> None:
    cells = pd.read_parquet(data / "broadband/ookla_fixed_2023q2_350m_lombardia.parquet")
    cells["istat"] = cells["istat"].replace(MERGED)
    for column, measure, scale in (
        ("down_mbps", "avg_d_kbps", 1000),
        ("up_mbps", "avg_u_kbps", 1000),
        ("latency_ms", "avg_lat_ms", 1),
    ):
        weighted = (cells[measure] * cells["tests"]).groupby(cells["istat"]).sum()
        wanted = weighted / cells.groupby("istat")["tests"].sum() / scale
        found = table[column].dropna()
        pd.testing.assert_series_equal(
            found, wanted.reindex(found.index), check_names=False, atol=1e-6
        )
        assert set(found.index) == set(wanted.index) & set(table.index)


def test_need_is_the_mean_of_three_percentile_ranks(table: pd.DataFrame) -> None:
    def percentile(values: pd.Series[float]) -> pd.Series[float]:
        return (values.rank(method="average") - 0.5) / values.count()

    # the table rounds speeds to six decimals: ties within that are not tested here
    parts = pd.DataFrame(
        {
            "scale": percentile(table["uncovered_total"]),
            "intensity": percentile(table["uncovered_total"] / table["population"]),
            "speed": percentile(-table["down_mbps"].where(table["tests"] >= 10)),
        }
    )
    found = table["need_score"]
    pd.testing.assert_series_equal(found, parts.mean(axis=1), check_names=False, atol=1e-3)
    ranks = found.rank(method="min", ascending=False).astype(int)
    assert (ranks - table["need_rank"]).abs().max() <= 1  # scores are rounded in the table
    assert list(table.sort_values("need_rank").head(3)["need_rank"]) == [1, 2, 3]


def test_money_is_exact_to_the_cent(ledger: Ledger, data: Path) -> None:
    paid = pd.read_parquet(data / "pnrr/pagamenti_2025_03_lombardia_e_bul.parquet")
    lot = paid[paid["cup"] == "B87G21000190004"].iloc[0]
    key = "programme.piano-italia-1-giga"
    assert ledger[f"{key}.pnrr_cents"].value == 19_314_003_500
    assert ledger[f"{key}.paid_cents"].value == round(lot["pagamenti_totali"] * 100)
    rows = paid[paid["codice_univoco_submisura"] == "M1C2I3.01.01"]
    cents = sum(round(value * 100) for value in rows["pagamenti_totali"])
    assert ledger[f"{key}.all.paid_cents"].value == cents


def test_streets_of_lecco_are_found_without_naming_lecco(ledger: Ledger) -> None:
    assert ledger["streets.addresses/097042"].value == 240
    share = ledger["streets.share_found/097042"].value
    assert isinstance(share, float)
    assert 30 < share < 100
    assert ledger["streets.length/097042"].value == pytest.approx(153_867.5, rel=0.01)


def test_every_derived_figure_can_be_recomputed(ledger: Ledger) -> None:
    assert ledger.check() == []
    assert holding_numbers(ledger) == []
    assert not [figure.id for figure in ledger if figure.synthetic]


def test_every_figure_rests_on_an_input_or_a_rule(ledger: Ledger) -> None:
    groundless = [
        figure.id
        for figure in ledger
        if not figure.id.startswith("claims.")
        and not (figure.expression or figure.inputs or figure.parameters)
    ]
    assert groundless == []


def test_no_raw_row_is_copied_out(real: Built, listed: pd.DataFrame) -> None:
    long = listed["strada"][listed["strada"].str.len() > 24].drop_duplicates().head(300)
    for path in real.folder.rglob("*.*"):
        if path.suffix in {".csv", ".html", ".json", ".jsonl", ".svg"}:
            text = path.read_text(encoding="utf-8")
            assert not [street for street in long if street in text], path.name


def test_the_crate_lists_every_file_with_its_hash(real: Built) -> None:
    crate = json.loads((real.folder / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    listed = {item["@id"]: item for item in crate["@graph"] if item["@type"] == "File"}
    found = {
        path.relative_to(real.folder).as_posix(): sha256_of(path)
        for path in real.folder.rglob("*")
        if path.is_file() and path.name != "ro-crate-metadata.json"
    }
    assert {name: item["sha256"] for name, item in listed.items()} == found


def test_sources_say_what_may_be_handed_on(real: Built) -> None:
    with (real.folder / "sources.csv").open(encoding="utf-8") as stream:
        rows = {row["source"]: row for row in csv.DictReader(stream)}
    assert rows["infratel-uncovered-2025"]["redistributable"] == "no"
    assert rows["ookla-grid-2023q2"]["redistributable"] == "no"
    assert "OpenStreetMap" in rows["osm-streets-lecco"]["attribution"]
    assert {row["synthetic"] for row in rows.values()} == {"no"}


def test_the_page_is_whole_and_small(real: Built) -> None:
    text = real.dossier.read_text(encoding="utf-8")
    assert "213,008" in text
    assert text.count('<tr class="top">') == 20
    assert (real.folder / "map.svg").stat().st_size < 700_000


def test_the_same_data_gives_the_same_bytes(real: Built, tmp_path: Path) -> None:
    again = build(Order("lombardia", tmp_path / "again"))
    assert again.files == real.files
    differing = [
        name
        for name in real.files
        if (real.folder / name).read_bytes() != (again.folder / name).read_bytes()
    ]
    assert differing == []
