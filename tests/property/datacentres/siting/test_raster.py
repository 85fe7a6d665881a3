"""What must hold of any raster: no result depends on tiles, buffers grow, parcels stay apart."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import distance_transform_edt, label

from nexpo.datacentres.siting.cell_distance import From, to_cells, within_cells
from nexpo.datacentres.siting.distance import nearest_feature, within
from nexpo.datacentres.siting.eligibility import Rule, eligibility
from nexpo.datacentres.siting.grid import Frame
from nexpo.datacentres.siting.layers import Features, Shape
from nexpo.datacentres.siting.parcels import Growth, parcels

FRAME = Frame(4_000_000.0, 2_500_000.0, 100.0, 23, 31)
SEEDS = st.integers(0, 10_000)


def shapes(seed: int) -> list[shapely.Geometry]:
    random = np.random.default_rng(seed)
    places = random.uniform((-800, -800), (3900, 3100), (9, 2))
    places += (FRAME.left_m, FRAME.top_m - 2300)
    points = [shapely.Point(*each) for each in places[:4]]
    return [*points, shapely.LineString(places[4:7]), shapely.Point(*places[7]).buffer(350)]


@given(seed=SEEDS, side=st.integers(1, 31))
@settings(max_examples=20, deadline=None)
def test_distances_do_not_depend_on_tiles(seed: int, side: int) -> None:
    features = shapes(seed)
    whole, owner = nearest_feature(features, FRAME)
    for rows, columns in FRAME.tiles(side):
        part = nearest_feature(features, FRAME.window(rows, columns))
        assert np.array_equal(part[0], whole[rows, columns])
        assert np.array_equal(part[1], owner[rows, columns])


@given(seed=SEEDS, side=st.integers(2, 31), buffer_m=st.integers(0, 900))
@settings(max_examples=20, deadline=None)
def test_eligibility_does_not_depend_on_tiles(seed: int, side: int, buffer_m: int) -> None:
    layers = {"a": Features("a", Shape.POLYGONS, shapes(seed)[5:])}
    rules = [Rule("a", buffer_m=buffer_m)]
    area = np.ones(FRAME.shape, dtype=bool)
    whole = eligibility(area, FRAME, rules, layers).eligible
    for rows, columns in FRAME.tiles(side):
        part = eligibility(area[rows, columns], FRAME.window(rows, columns), rules, layers)
        assert np.array_equal(part.eligible, whole[rows, columns])


@given(seed=SEEDS, small=st.floats(0, 500), more=st.floats(0, 500))
@settings(max_examples=20, deadline=None)
def test_a_wider_buffer_holds_the_narrower(seed: int, small: float, more: float) -> None:
    features = shapes(seed)
    narrow = within(features, FRAME, small)
    assert (within(features, FRAME, small + more) | ~narrow).all()


@given(seed=SEEDS, radius=st.floats(1, 900), share=st.floats(0.001, 0.2))
@settings(max_examples=25, deadline=None)
def test_cell_distances_are_exact(seed: int, radius: float, share: float) -> None:
    marked = np.random.default_rng(seed).random((19, 27)) < share
    marked[3, 4] = True
    away = distance_transform_edt(~marked)
    assert np.array_equal(to_cells(marked, 100.0), (100 * away).astype(np.float32))
    centre = within_cells(marked, radius, 100.0)
    assert np.array_equal(centre, away <= radius / 100)
    assert (within_cells(marked, radius, 100.0, measured=From.EDGE) | ~centre).all()


@given(
    seed=SEEDS,
    cells=st.integers(1, 9),
    gap=st.integers(0, 2),
    growth=st.sampled_from(list(Growth)),
)
@settings(max_examples=25, deadline=None)
def test_parcels_are_whole_connected_and_apart(
    seed: int, cells: int, gap: int, growth: Growth
) -> None:
    random = np.random.default_rng(seed)
    score = random.integers(0, 6, (18, 22)).astype(float)
    eligible = random.random((18, 22)) < 0.7
    found = parcels(score, eligible, cells, gap_cells=gap, growth=growth)
    assert (eligible | (found.labels < 0)).all()
    places = [np.argwhere(found.labels == number) for number in range(len(found))]
    for number, each in enumerate(places):
        assert len(each) == cells
        assert label(found.labels == number)[1] == 1
        for other in places[:number]:
            apart = np.abs(each[:, None] - other[None]).max(axis=2).min()
            assert apart > gap
    if gap == 0:  # what is left holds no room for another
        rest, many = label(eligible & (found.labels < 0))
        assert (np.bincount(rest.ravel())[1 : many + 1] < cells).all()
