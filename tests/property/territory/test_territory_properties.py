"""What holds for any place, line, cell or set of changes."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from nexpo.territory import Cell, area_km2, codes, distance_m, fold, grid_cell, length_m, translate
from nexpo.territory.register import FIRST_DAY

LON = st.floats(6.6, 18.6)
LAT = st.floats(35.4, 47.1)
SIZE = st.sampled_from([50, 100, 350])
DAYS = st.dates(FIRST_DAY, date(2026, 12, 31))
few = settings(max_examples=30, deadline=None)  # each walks over hundreds of codes


def moved(day: date) -> list[str]:
    """The codes in force on a day that ever came or went."""
    touched = {code for x in codes().changes for code in (x.old_code, x.new_code)}
    return sorted(code for code in touched if day in codes().periods[code])


@given(LON, LAT, SIZE)
def test_a_point_lies_in_its_cell_and_the_centre_gives_it_back(
    lon: float, lat: float, size_m: int
) -> None:
    cell = grid_cell(lon, lat, size_m)
    assert Cell.parse(cell.id) == cell
    assert grid_cell(*cell.centre(), size_m) == cell
    assert float(distance_m(lon, lat, *cell.centre())) <= size_m * 0.72


@given(LON, LAT)
def test_cells_nest(lon: float, lat: float) -> None:
    small = grid_cell(lon, lat, 50)
    for size_m in (100, 350):
        large = grid_cell(lon, lat, size_m)
        assert large.x_m <= small.x_m < large.x_m + size_m
        assert large.y_m <= small.y_m < large.y_m + size_m


@given(LON, LAT, SIZE)
def test_a_cell_has_the_area_it_says(lon: float, lat: float, size_m: int) -> None:
    ring = shapely.Polygon(grid_cell(lon, lat, size_m).ring())
    assert area_km2(ring) == pytest.approx(size_m**2 / 1e6, rel=1e-4)


@given(LON, LAT, st.floats(0.001, 0.5), st.floats(-20, 20))
def test_an_area_does_not_depend_on_the_meridian(
    lon: float, lat: float, side: float, shift: float
) -> None:
    cell = shapely.box(lon, lat, lon + side, lat + side)
    elsewhere = affinity.translate(cell, shift)
    assert area_km2(elsewhere) == pytest.approx(area_km2(cell), rel=1e-6)


@given(LON, LAT, st.floats(0.01, 0.99))
def test_areas_of_parts_add_up(lon: float, lat: float, at: float) -> None:
    whole = shapely.box(lon, lat, lon + 0.2, lat + 0.2)
    cut = lon + 0.2 * at
    parts = [shapely.box(lon, lat, cut, lat + 0.2), shapely.box(cut, lat, lon + 0.2, lat + 0.2)]
    assert area_km2(parts).sum() == pytest.approx(area_km2(whole), rel=1e-6)


@given(st.lists(st.tuples(LON, LAT), min_size=2, max_size=6))
def test_a_line_is_as_long_as_its_edges_and_no_shorter_than_its_ends(
    points: list[tuple[float, float]],
) -> None:
    line = shapely.LineString(points)
    xy = np.asarray(points)
    edges = np.asarray(distance_m(xy[:-1, 0], xy[:-1, 1], xy[1:, 0], xy[1:, 1]))
    assert length_m(line) == pytest.approx(edges.sum(), abs=1e-6)
    assert length_m(line.reverse()) == pytest.approx(length_m(line), abs=1e-6)
    assert length_m(line) >= float(distance_m(*points[0], *points[-1])) - 1e-6


@given(st.text(max_size=30))
def test_folding_twice_is_folding_once(name: str) -> None:
    assert fold(fold(name)) == fold(name)


@few
@given(DAYS)
def test_each_code_in_force_is_its_own_translation(day: date) -> None:
    alive = moved(day)
    assert translate(alive, on=day) == (alive, [])
    assert translate(alive, on=day, since=day) == (alive, [])


@few
@given(DAYS, DAYS)
def test_a_translation_is_in_force_or_is_told_why_not(start: date, end: date) -> None:
    alive = moved(start)
    new, failed = translate(alive, on=end, since=start)
    told = {item.code for item in failed}
    there = set(moved(end))
    for old, code in zip(alive, new, strict=True):
        assert (code is None) == (old in told)
        assert code is None or code in there


@few
@given(DAYS, DAYS, DAYS)
def test_going_by_a_day_between_makes_no_difference(a: date, b: date, c: date) -> None:
    start, middle, end = sorted((a, b, c))
    alive = moved(start)
    direct, _ = translate(alive, on=end, since=start)
    half, _ = translate(alive, on=middle, since=start)
    kept = [code for code in half if code is not None]
    rest = iter(translate(kept, on=end, since=middle)[0])
    assert direct == [None if code is None else next(rest) for code in half]


@few
@given(DAYS)
def test_what_changes_on_a_day_is_in_the_list_of_changes(day: date) -> None:
    before, after = set(moved(day - timedelta(days=1))), set(moved(day))
    told = {
        c for x in codes().between(day - timedelta(days=1), day) for c in (x.old_code, x.new_code)
    }
    assert before ^ after <= told
