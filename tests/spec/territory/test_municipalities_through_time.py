"""Which municipalities there are on a day, as ISTAT's lists and notices have it."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from nexpo import territory
from nexpo.core.problem import Problem
from nexpo.core.tables import load

EARLY, LATE = date(2022, 12, 31), date(2025, 12, 31)


@pytest.mark.parametrize(
    ("day", "lombardy", "italy"),
    [
        ((2020, 7, 1), 1506, 7903),
        ((2021, 2, 20), 1506, 7904),
        ((2022, 1, 1), 1506, 7904),
        ((2022, 12, 31), 1506, 7904),
        ((2023, 1, 1), 1504, 7901),
        ((2023, 11, 17), 1504, 7901),
        ((2023, 11, 18), 1503, 7900),
        ((2024, 1, 1), 1502, 7899),
        ((2024, 1, 22), 1502, 7896),
        ((2026, 1, 1), 1502, 7896),
        ((2026, 1, 31), 1501, 7895),
        ((2026, 2, 21), 1501, 7894),
    ],
)
def test_how_many_there_are(day: tuple[int, int, int], lombardy: int, italy: int) -> None:
    on = date(*day)
    assert territory.municipalities("03", on=on).height == lombardy
    assert len(territory.codes().in_force(on)) == italy


@pytest.mark.parametrize(
    ("region", "early", "late"),
    [("03", 1506, 1502), ("05", 563, 560), ("04", 282, 282), ("01", 1181, 1180), ("20", 377, 377)],
)
def test_counts_by_region(region: str, early: int, late: int) -> None:
    assert territory.municipalities(region, on=EARLY).height == early
    assert territory.municipalities(region, on=LATE).height == late


# Resident population by ISTAT: Lombardy and two other regions.
@pytest.mark.parametrize(
    ("region", "day", "people"),
    [
        ("03", (2022, 6, 1), 9_943_004),
        ("03", (2023, 1, 1), 9_950_742),
        ("03", (2025, 12, 31), 9_950_742),
        ("05", (2022, 6, 1), 4_847_745),
        ("04", (2022, 6, 1), 1_073_574),
    ],
)
def test_mergers_keep_the_people(region: str, day: tuple[int, int, int], people: int) -> None:
    assert territory.municipalities(region, on=date(*day))["population"].sum() == people


def row(region: str, code: str, on: date) -> dict[str, object]:
    table = territory.municipalities(region, on=on)
    return table.row(by_predicate=pl.col("istat") == code, named=True)


def test_bardello_con_malgesso_e_bregano_is_the_sum_of_three() -> None:
    before = territory.municipalities("03", on=EARLY).filter(
        pl.col("istat").is_in(["012009", "012018", "012095"])
    )
    after = row("03", "012144", date(2023, 1, 1))
    assert after["name"] == "Bardello con Malgesso e Bregano"
    assert after["population"] == 1592 + 815 + 1210
    assert after["valid_from"] == date(2023, 1, 1)
    assert after["area_km2"] == pytest.approx(before["area_km2"].sum(), rel=1e-9)
    assert after["nuts3"] == "ITC41"
    assert after["cadastral_code"] == "M433"
    assert after["cap"] == "21009"


def test_a_municipality_that_ended_says_what_became_of_it() -> None:
    with pytest.raises(Problem) as caught:
        territory.municipality("013228", on=LATE)
    assert str(caught.value) == (
        "municipality 013228 (Uggiate-Trevano) no longer exists: on 2024-01-01 it merged into "
        "013256 (Uggiate con Ronago)\n"
        "  value:  '013228'\n"
        "  remedy: use 013256, or ask for a day before 2024-01-01, or translate the whole column "
        "with territory.translate"
    )


def test_albaredo_arnaboldi_went_into_campospinoso_which_took_its_name() -> None:
    assert territory.current_code("018002", on=LATE) == "018026"
    assert territory.municipality("018026", on=date(2023, 11, 17)).name == "Campospinoso"
    assert territory.municipality("018026", on=LATE).name == "Campospinoso Albaredo"


def test_sardinia_was_recoded_whole_in_2026() -> None:
    table = territory.crosswalk(LATE, date(2026, 1, 1))
    moved = table.filter(pl.col("old_code") != pl.col("new_code"))
    assert moved.height == 377
    assert territory.current_code("090003", on=date(2026, 1, 1)) == "112001"
    assert territory.current_code("112001", on=LATE) == "090003"
    assert territory.municipality("112001", on=date(2026, 1, 1)).name == "Alghero"
    shorts = [p.short for p in territory.provinces("20", on=LATE)]
    assert shorts == ["SS", "NU", "CA", "OR", "SU"]
    assert len(territory.provinces("20", on=date(2026, 1, 1))) == 8


def test_codes_of_provinces_of_long_ago() -> None:
    assert territory.current_code("015149", on=LATE) == "108033"  # Monza, when in Milan
    assert territory.current_code("104001", on=LATE) == "090001"  # Aggius, in Olbia-Tempio
    assert territory.current_code("104001", on=date(2026, 1, 1)) == "113001"


def test_trapani_was_split_and_is_not_guessed() -> None:
    start = date(2020, 7, 1)
    assert territory.current_code("081021", on=LATE) == "081021"
    _, failed = territory.translate(["081021"], on=LATE, since=start)
    assert failed[0].candidates == ("081021", "081025")
    assert row("19", "081021", start)["population"] is None
    assert row("19", "081021", LATE)["population"] == 55_559
    assert row("19", "081025", LATE)["population"] is None


def test_two_municipalities_changed_region() -> None:
    assert territory.municipality("041033", on=date(2021, 6, 16)).region_code == "11"
    assert territory.municipality("099030", on=date(2021, 6, 17)).region_code == "08"
    assert territory.current_code("041033", on=LATE) == "099030"


def test_before_the_first_day_nothing_is_told() -> None:
    for ask in (territory.municipalities, territory.boundaries, territory.inputs):
        with pytest.raises(Problem, match="can be told from 2020-07-01"):
            ask("03", on=date(2020, 6, 30))


def test_an_unknown_region_code() -> None:
    for ask in (territory.municipalities, territory.provinces, territory.inputs):
        with pytest.raises(Problem, match="two digits"):
            ask("lombardia", on=LATE)


def test_a_backward_crosswalk_gives_reasons() -> None:
    table = territory.crosswalk(date(2024, 1, 1), EARLY)
    untold = table.filter(pl.col("new_code").is_null())
    assert untold["old_code"].to_list() == ["005122", "012144", "013256", "018026"]
    assert untold["reason"].null_count() == 0


def test_changes_between_two_days() -> None:
    found = territory.changes(EARLY, date(2023, 1, 1))
    assert {change.new_code for change in found} == {"005122", "012144"}
    assert all(change.verified for change in found)


def test_tables_are_as_declared() -> None:
    table = territory.municipalities("03", on=LATE)
    declared = load("nexpo.territory", "municipalities")
    assert tuple(table.columns) == declared.names
    for column in declared.columns:
        values = table[column.name]
        assert not (column.required and values.null_count()), column.name
        if column.pattern:
            assert values.drop_nulls().str.contains(f"^({column.pattern})$").all(), column.name
    assert territory.crosswalk(EARLY, LATE).columns == list(
        load("nexpo.territory", "crosswalk").names
    )


def test_provinces_of_lombardy() -> None:
    found = territory.provinces("03", on=LATE)
    assert " ".join(p.short for p in found) == "VA CO SO MI BG BS PV CR MN LC LO MB"
    assert found[-1].nuts3 == "ITC4D"


def test_the_inputs_are_named_with_licence_and_vintage() -> None:
    found = territory.inputs("03", on=LATE)
    by_name = {item.name: item for item in found}
    assert by_name["2023_italy_pop.feather"].vintage == "2023-01-01"
    assert by_name["2022_italy_geo_municipalities.feather"].licence == "CC BY 4.0"
    assert not by_name["garda_cap.csv"].redistributable
    assert all(len(item.sha256) == 64 for item in found)
    assert "2022_italy_pop.feather" in {i.name for i in territory.inputs("03", on=EARLY)}


def test_region_files() -> None:
    lombardy = territory.region("lombardia")
    assert (lombardy.code, lombardy.nuts2) == ("03", ("ITC4",))
    assert territory.region("Trentino-Alto Adige") == territory.region("04")
    assert {r.key for r in territory.regions()} >= {"lombardia", "veneto", "trentino-alto-adige"}
