from __future__ import annotations

import math

import numpy as np
import pytest
from pyproj import Geod

from nexpo.connectivity.design.wireless.propagation import wavelength_m
from nexpo.connectivity.design.wireless.terrain import (
    Ends,
    Sight,
    Surface,
    Terrain,
    bearing_deg,
    diffraction_loss_db,
    distance_m,
    ends,
    line_of_sight,
    points_for,
)
from nexpo.core.problem import Problem
from tests.radio_ground import flat, terrain

GHZ = 28.0
ZERO = np.zeros(1, np.int64)


def end(row: float, column: float, altitude_m: float) -> Ends:
    return Ends(np.array([row]), np.array([column]), np.array([altitude_m]))


def look(
    ground: Terrain, one: Ends, two: Ends, length_m: float, k: float = 4 / 3, points: int = 64
) -> Sight:
    return line_of_sight(
        ground,
        one,
        two,
        ZERO,
        ZERO,
        length_m=np.array([length_m]),
        wavelength_m=wavelength_m(GHZ),
        earth_factor=k,
        points=points,
    )


class TestClearance:
    def test_flat_ground_by_hand(self) -> None:
        """Antennas 20 m over a plane, 4 km: the least is beside the middle, less the bulge."""
        seen = look(flat(), end(50, 0, 20.0), end(50, 160, 20.0), 4000.0)
        t = 0.5 - 0.5 / 64  # the samples beside the middle
        bulge = 4000**2 * t * (1 - t) / (2 * 4 / 3 * 6_371_000)
        radius = math.sqrt(wavelength_m(GHZ) * 4000 * t * (1 - t))
        assert seen.clearance[0] == pytest.approx((20 - bulge) / radius, rel=1e-5)
        assert seen.hole[0] == -1

    def test_a_wall_is_found_where_it_stands(self) -> None:
        heights = np.zeros((100, 161))
        heights[:, 40:42] = 50.0
        seen = look(terrain(heights), end(50, 0, 20.0), end(50, 160, 20.0), 4000.0)
        assert seen.clearance[0] < 0
        assert seen.worst[0] == pytest.approx(40.5 / 160, abs=1 / 64)

    def test_a_lower_k_bends_more_earth_into_the_way(self) -> None:
        ends_ = end(50, 0, 20.0), end(50, 160, 20.0)
        assert (
            look(flat(), *ends_, 4000.0, k=2 / 3).clearance[0]
            < look(flat(), *ends_, 4000.0).clearance[0]
        )

    def test_a_hole_is_unknown_and_never_zero(self) -> None:
        heights = np.full((100, 161), 100.0)
        heights[:, 80:90] = np.nan
        seen = look(terrain(heights), end(50, 0, 200.0), end(50, 160, 200.0), 4000.0)
        assert seen.hole[0] == pytest.approx(80 / 160, abs=2 / 64)
        assert seen.clearance[0] > 0  # of what is known

    def test_a_link_blocked_by_what_is_known_stays_blocked(self) -> None:
        heights = np.zeros((100, 161))
        heights[:, 40:44], heights[:, 80:90] = 500.0, np.nan
        seen = look(terrain(heights), end(50, 0, 20.0), end(50, 160, 20.0), 4000.0)
        assert seen.clearance[0] < 0

    @pytest.mark.parametrize("row", [-0.5, -1e9, 1e9, math.nan])
    def test_an_end_outside_is_unknown(self, row: float) -> None:
        seen = look(flat(), end(50, 0, 20.0), end(row, 100, 20.0), 4000.0)
        assert math.isnan(seen.clearance[0])
        assert seen.hole[0] == 1.0

    def test_ends_on_the_last_row_and_column_are_inside(self) -> None:
        seen = look(flat(200), end(199, 0, 20.0), end(199, 199, 20.0), 4975.0)
        assert seen.hole[0] == -1

    def test_no_points_is_refused(self) -> None:
        with pytest.raises(Problem, match="at least one point"):
            look(flat(), end(1, 1, 5), end(1, 9, 5), 200.0, points=0)


class TestDiffraction:
    def test_both_methods_over_one_wall_agree_within_a_decibel(self) -> None:
        heights = np.zeros((100, 161))
        heights[:, 80] = 40.0
        losses = [
            diffraction_loss_db(
                terrain(heights),
                end(50, 0, 20.0),
                end(50, 160, 20.0),
                ZERO,
                ZERO,
                length_m=np.array([4000.0]),
                wavelength_m=wavelength_m(3.5),
                earth_factor=4 / 3,
                points=321,
                cascaded=cascaded,
            )[0]
            for cascaded in (False, True)
        ]
        assert losses[0] == pytest.approx(losses[1], abs=1.0)
        assert losses[0] > 20

    def test_over_a_hole_it_is_unknown(self) -> None:
        heights = np.zeros((100, 161))
        heights[:, 80:90] = np.nan
        loss = diffraction_loss_db(
            terrain(heights),
            end(50, 0, 20.0),
            end(50, 160, 20.0),
            ZERO,
            ZERO,
            length_m=np.array([4000.0]),
            wavelength_m=0.1,
            earth_factor=4 / 3,
        )
        assert math.isnan(loss[0])


class TestGrid:
    def test_there_and_back(self) -> None:
        row, column = np.array([0.0, 17.25, 199.0]), np.array([3.5, 0.0, 199.0])
        again = flat().to_grid(*flat().place(row, column))
        np.testing.assert_allclose(again, (row, column), atol=1e-6)

    def test_heights_between_cells_are_bilinear(self) -> None:
        heights = np.array([[0.0, 10.0], [20.0, 40.0]])
        ground = terrain(heights)
        lon, lat = ground.place(np.array([0.5, 0.25]), np.array([0.5, 0.1]))
        np.testing.assert_allclose(ground.ground_m(lon, lat), [17.5, 6.25], atol=1e-4)

    def test_antennas_stand_on_the_ground(self) -> None:
        ground = terrain(np.full((9, 9), 300.0))
        lon, lat = ground.place(np.array([4.0]), np.array([4.0]))
        assert ends(ground, lon, lat, np.array([24.0])).altitude_m[0] == pytest.approx(324.0)

    def test_a_cell_in_degrees_is_measured_on_the_ellipsoid(self) -> None:
        second = 1 / 3600
        world = Terrain(
            np.zeros((100, 100), np.float32),
            (second, 0, 9.0, 0, -second, 46.0),
            "EPSG:4326",
            Surface.DSM,
        )
        east = Geod(ellps="WGS84").inv(9.0, 45.986, 9.0 + second, 45.986)[2]
        assert world.cell_m == pytest.approx(east, rel=1e-4)

    def test_points_step_over_no_cell(self) -> None:
        lengths = np.array([1.0, 1600.0, 1601.0, 20_000.0])
        points = points_for(lengths, 25.0, 64)
        assert points.tolist() == [64, 64, 128, 1024]
        assert (lengths / points <= 25.0).all()


class TestBadModels:
    @pytest.mark.parametrize("crs", ["EPSG:2263", "EPSG:4978", "EPSG:999999", "", "nonsense"])
    def test_systems_in_feet_geocentric_or_unknown_are_refused(self, crs: str) -> None:
        with pytest.raises(Problem, match="reference system") as caught:
            Terrain(np.zeros((3, 3), np.float32), (1, 0, 0, 0, -1, 0), crs, Surface.DTM)
        assert "gdalwarp" in str(caught.value)

    def test_a_grid_without_extent_is_refused(self) -> None:
        with pytest.raises(Problem, match="no extent"):
            Terrain(np.zeros((3, 3), np.float32), (0, 0, 0, 0, 0, 0), "EPSG:32632", Surface.DTM)
        with pytest.raises(Problem, match="2 x 2"):
            Terrain(np.zeros((1, 3), np.float32), (1, 0, 0, 0, -1, 0), "EPSG:32632", Surface.DTM)


class TestEllipsoid:
    def test_distance_and_bearing_against_the_geodesic(self) -> None:
        random = np.random.default_rng(5)
        lat = random.uniform(-65, 65, 2000)
        lon = random.uniform(-180, 180, 2000)
        to_lat = lat + random.uniform(-0.25, 0.25, 2000)
        to_lon = lon + random.uniform(-0.25, 0.25, 2000)
        azimuth, _, metres = Geod(ellps="WGS84").inv(lon, lat, to_lon, to_lat)
        np.testing.assert_allclose(distance_m(lon, lat, to_lon, to_lat), metres, rtol=1e-5)
        turned = (bearing_deg(lon, lat, to_lon, to_lat) - azimuth + 180) % 360 - 180
        assert np.abs(turned).max() < 0.3

    def test_across_the_date_line(self) -> None:
        one, two = np.array([179.95]), np.array([-179.95])
        here = np.array([10.0])
        assert distance_m(one, here, two, here)[0] == pytest.approx(10_962, abs=5)
