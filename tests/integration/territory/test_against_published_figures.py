"""The facts explain the difference of the packaged lists, and figures agree with others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl
import pytest
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from nexpo import territory
from nexpo.core.settings import data_directory
from nexpo.territory.adapters import packages

LATE = date(2025, 12, 31)
Coordinates = NDArray[np.float64]

# Area of each region in km2 as ISTAT publishes it: since the census of 2011, measured in
# the plane of UTM zone 32 N; and until then, by the land registers (census of 2001).
# The second is left out where region borders or their measure changed since.
AREAS: dict[str, tuple[float, float | None]] = {
    "01": (25_386.70, 25_402),
    "02": (3_260.85, 3_263),
    "03": (23_863.10, 23_863),
    "04": (13_604.72, 13_607),
    "05": (18_351.55, 18_399),
    "06": (7_932.48, None),
    "07": (5_416.15, 5_422),
    "08": (22_501.43, None),
    "09": (22_987.44, 22_994),
    "10": (8_464.22, 8_456),
    "11": (9_344.55, None),
    "12": (17_231.75, 17_236),
    "13": (10_831.50, 10_763),
    "14": (4_460.44, 4_438),
    "15": (13_670.60, 13_590),
    "16": (19_540.52, 19_358),
    "17": (10_073.11, 9_995),
    "18": (15_221.61, 15_081),
    "19": (25_832.55, 25_711),
    "20": (24_099.45, 24_090),
}


def in_the_plane_km2(shapes: Sequence[shapely.Geometry]) -> float:
    to_plane = Transformer.from_crs(4326, 32632, always_xy=True)

    def project(xy: Coordinates) -> Coordinates:
        return np.column_stack(to_plane.transform(xy[:, 0], xy[:, 1]))

    return float(shapely.area(shapely.transform(shapes, project)).sum()) / 1e6


def test_the_facts_lead_from_the_list_of_2022_to_the_packaged_list() -> None:
    walk = territory.codes()
    assert walk.in_force(packages.PIECES_ON) == set(packages.pieces())
    assert walk.in_force(packages.LISTED_ON) == set(packages.listed())


def test_the_facts_lead_to_the_codes_of_the_post_code_list_of_2026() -> None:
    newest = {code for code in packages.post_codes() if code and code != "999999"}
    gone_that_day = {"018082"}  # Lirio ended on the very day of the list
    assert territory.codes().in_force(date(2026, 1, 31)) == newest - gone_that_day


def test_the_list_of_2023_is_short_of_what_was_founded_that_day() -> None:
    table = packages._arrow("2023_italy_municipalities.feather", ["municipality"])
    walk = territory.codes().in_force(date(2023, 1, 1))
    assert walk - set(packages._codes(table)) == {"005122", "012144"}
    assert set(packages._codes(table)) <= walk


def test_no_code_of_long_ago_stands_for_two_municipalities() -> None:
    rows = packages.listed().values()
    pairs = {(old, row.code) for row in rows for old in row.former_codes}
    assert len({old for old, _ in pairs}) == len(pairs)


@pytest.mark.parametrize("region", sorted(AREAS))
def test_areas_of_regions_are_those_of_istat(region: str) -> None:
    published, by_land_register = AREAS[region]
    shapes = list(territory.boundaries(region, on=LATE).values())
    area = territory.area_km2(shapes).sum()
    assert area == pytest.approx(published, rel=0.01)
    assert in_the_plane_km2(shapes) == pytest.approx(published, rel=0.001)
    if by_land_register is not None:
        assert area == pytest.approx(by_land_register, rel=0.005)


def test_published_areas_are_stretched_in_the_south_east() -> None:
    published, _ = AREAS["16"]
    shapes = list(territory.boundaries("16", on=LATE).values())
    assert published / territory.area_km2(shapes).sum() == pytest.approx(1.0098, abs=0.0005)


@pytest.mark.parametrize("region", ["03", "04", "05", "19", "20"])
def test_boundaries_are_valid_and_do_not_overlap(region: str) -> None:
    shapes = list(territory.boundaries(region, on=LATE).values())
    assert shapely.is_valid(shapes).all()
    assert set(shapely.get_type_id(shapes)) <= {3, 6}
    whole = shapely.union_all(shapes)
    parts = territory.area_km2(shapes).sum()
    assert territory.area_km2(whole) == pytest.approx(parts, rel=1e-4)


def test_the_point_of_each_municipality_lies_inside_it() -> None:
    table = territory.municipalities("03", on=LATE)
    shapes = list(territory.boundaries("03", on=LATE).values())
    points = shapely.points(table["lon"].to_numpy(), table["lat"].to_numpy())
    assert shapely.contains(shapes, points).all()


def test_boundaries_are_handed_out_as_a_copy() -> None:
    territory.boundaries("03", on=LATE).clear()
    assert len(territory.boundaries("03", on=LATE)) == 1502


def shared(name: str) -> str:
    folder = data_directory()
    if folder is None or not (folder / name).is_file():
        pytest.skip(f"needs {name} in the folder of real data: set NEXPO_DATA")
    return str(folder / name)


def test_lombardy_row_by_row_against_another_compilation() -> None:
    path = shared("territory/comuni_lombardia.csv")
    theirs = pl.read_csv(path, infer_schema=False).with_columns(
        pl.col("pop_2023").cast(pl.Int64), pl.col("area_km2", "lon", "lat").cast(pl.Float64)
    )
    assert (theirs.height, theirs["pop_2023"].sum()) == (1503, 9_947_125)
    early = territory.municipalities("03", on=date(2023, 1, 1))
    both = theirs.join(early, on="istat", suffix="_ours")
    assert both.height == 1503
    assert set(early["istat"]) - set(theirs["istat"]) == {"012144"}
    assert both.filter(pl.col("pop_2023") != pl.col("population")).height == 0
    assert both.filter(pl.col("cadastral_code") != pl.col("cadastral_code_ours")).height == 0
    assert both.filter(pl.col("nuts3_2024") != pl.col("nuts3")).height == 0
    assert both.filter(pl.col("cap") != pl.col("cap_ours")).height == 0
    assert both.filter(pl.col("province_short") != pl.col("province_short_ours")).height == 0
    # Theirs is planar (UTM 32N, whose scale is 0.9996 to 1.001 here): 0.2 % at most.
    ratio = both["area_km2_ours"].to_numpy() / both["area_km2"].to_numpy()
    assert np.abs(ratio - 1).max() < 0.002
    shapes = territory.boundaries("03", on=date(2023, 1, 1))
    theirs_in_ours = shapely.contains_xy(
        [shapes[code] for code in both["istat"]], both["lon"].to_numpy(), both["lat"].to_numpy()
    )
    assert theirs_in_ours.all()


def test_uncovered_places_are_found_by_name_and_by_code() -> None:
    path = shared("broadband/infratel_civici_per_comune.csv")
    places = pl.read_csv(path, infer_schema=False)
    found, failed = territory.match_names(
        places["comune"].to_list(), places["provincia"].to_list(), on=date(2025, 8, 1)
    )
    assert {item.name for item in failed} == {"UGGIATE-TREVANO", "RONAGO", "ALBAREDO ARNABOLDI"}
    translated, untold = territory.translate(places["istat"].to_list(), on=date(2025, 8, 1))
    assert untold == []
    agreed = [a == b for a, b in zip(found, translated, strict=True) if a is not None]
    assert len(agreed) == places.height - 3
    assert all(agreed)


def test_speed_tiles_lie_on_the_grid() -> None:
    path = shared("broadband/ookla_fixed_2023q2_350m_lombardia.parquet")
    tiles = pl.read_parquet(path)
    corners = territory.grid_corners(tiles["lon"].to_numpy(), tiles["lat"].to_numpy(), 350)
    assert (corners.x_m == tiles["x"].to_numpy()).all()
    assert (corners.y_m == tiles["y"].to_numpy()).all()
