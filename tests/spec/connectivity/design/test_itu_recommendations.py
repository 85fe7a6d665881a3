"""Propagation against values printed in ITU-R texts and validation examples, or worked by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from nexpo.connectivity.design.wireless import ItuWeather, load_radio
from nexpo.connectivity.design.wireless.diffraction import (
    bullington_db,
    cascaded_db,
    knife_edge_db,
)
from nexpo.connectivity.design.wireless.fading import fade_db, multipath_percent
from nexpo.connectivity.design.wireless.propagation import (
    bulge_m,
    free_space_loss_db,
    fresnel_radius_m,
    noise_dbm,
    wavelength_m,
)

WEATHER = ItuWeather()
MILAN = (np.array([9.19]), np.array([45.4642]))
GHZ28 = load_radio(date(2026, 1, 1)).band("28ghz")


class TestRain:
    def test_the_rate_of_p837_at_milan(self) -> None:
        assert WEATHER.rain_rate_mm_h(*MILAN)[0] == pytest.approx(35.2, abs=0.1)

    @pytest.mark.parametrize(
        ("ghz", "tilt", "k", "alpha"),
        [  # P.838-3, table 5: k and alpha, horizontal and vertical
            (10, 0, 0.01217, 1.2571),
            (10, 90, 0.01129, 1.2156),
            (28, 0, 0.2051, 0.9679),
            (28, 90, 0.1964, 0.9277),
            (60, 0, 0.8606, 0.7656),
            (80, 0, 1.1704, 0.7115),
            (80, 90, 1.1668, 0.7021),
        ],
    )
    def test_the_coefficients_of_p838(
        self, ghz: float, tilt: float, k: float, alpha: float
    ) -> None:
        """Rain over one kilometre is ``k R^alpha`` times P.530's factor, worked here by hand."""
        band = replace(GHZ28, frequency_ghz=ghz, tilt_deg=tilt)
        rate = WEATHER.rain_rate_mm_h(*MILAN)[0]
        factor = 0.477 * rate ** (0.073 * alpha) * ghz**0.123 - 10.579 * (1 - math.exp(-0.024))
        at_100th = k * rate**alpha * min(1 / factor, 2.5)
        loss = WEATHER.rain_db(*MILAN, np.array([1000.0]), band)[0]
        assert loss == pytest.approx(at_100th, rel=0.01)

    def test_28_ghz_over_5_km_at_milan(self) -> None:
        slant = replace(GHZ28, tilt_deg=45.0)
        assert WEATHER.rain_db(*MILAN, np.array([5000.0]), slant)[0] == pytest.approx(21.7, abs=0.1)

    def test_the_share_of_time_follows_the_power_law(self) -> None:
        """P.530-17 (34), (35): C0 at 28 GHz, then C1, C2, C3, by hand."""
        c0 = 0.12 + 0.4 * math.log10(2.8) ** 0.8
        c1, c2, c3 = (
            0.07**c0 * 0.12 ** (1 - c0),
            0.855 * c0 + 0.546 * (1 - c0),
            0.139 * c0 + 0.043 * (1 - c0),
        )

        def law(p: float) -> float:
            return float(c1 * p ** -(c2 + c3 * math.log10(p)))

        share = WEATHER.rain_shape(np.array([0.1, 0.01, 0.001]), 28.0)
        wanted = [law(p) / law(0.01) for p in (0.1, 0.01, 0.001)]
        np.testing.assert_allclose(share, wanted, rtol=1e-9)


class TestGases:
    def test_oxygen_at_60_ghz_and_a_window_at_28(self) -> None:
        """P.676, figure 1: about 15 dB/km at 60 GHz, about 0.1 at 28 with 7.5 g/m3."""
        assert WEATHER.gas_db_per_km(60.0) == pytest.approx(15.0, abs=0.5)
        assert WEATHER.gas_db_per_km(28.0) == pytest.approx(0.1, abs=0.03)


class TestMultipath:
    def test_shallow_meets_deep_without_a_jump(self) -> None:
        for factor in (0.01, 1.0, 100.0):
            turn = 25 + 1.2 * math.log10(factor)
            below, above = (multipath_percent(factor, turn + step) for step in (-1e-9, 1e-9))
            assert below == pytest.approx(above, rel=1e-6)

    def test_a_deep_fade_is_ten_times_rarer_every_ten_db(self) -> None:
        assert multipath_percent(5.0, 40.0) == pytest.approx(multipath_percent(5.0, 30.0) / 10)

    def test_no_fade_is_exceeded_as_rayleigh_says(self) -> None:
        assert multipath_percent(1.0, 0.0) == pytest.approx(100 * (1 - math.exp(-1)))

    def test_the_occurrence_factor_by_hand(self) -> None:
        """p0 = K d^3.4 (1 + |e|)^-1.03 f^0.8 10^(-0.00076 hL): K cancels in a ratio."""
        ends = (np.array([100.0]), np.array([160.0]))
        near, far = (
            WEATHER.multipath_percent(*MILAN, np.array([d]), ends, GHZ28)[0]
            for d in (10_000.0, 20_000.0)
        )
        assert far / near == pytest.approx(2**3.4 * ((1 + 6) / (1 + 3)) ** 1.03, rel=1e-9)


class TestFade:
    def test_on_a_short_link_rain_gives_nearly_all_of_it(self) -> None:
        depth = fade_db(
            WEATHER,
            GHZ28,
            lon=MILAN[0],
            lat=MILAN[1],
            length_m=np.array([2000.0]),
            ends_m=(np.array([150.0]), np.array([130.0])),
            availability_percent=99.9,
        )[0]
        rain = WEATHER.rain_db(*MILAN, np.array([2000.0]), GHZ28)[0]
        share = WEATHER.rain_shape(np.array([0.1]), 28.0)[0]
        assert rain * share < depth < rain * share * 1.03

    def test_more_availability_asks_for_more(self) -> None:
        depths = [
            fade_db(
                WEATHER,
                GHZ28,
                lon=MILAN[0],
                lat=MILAN[1],
                length_m=np.array([4000.0]),
                ends_m=(np.array([150.0]), np.array([130.0])),
                availability_percent=percent,
            )[0]
            for percent in (99.0, 99.9, 99.99, 99.999)
        ]
        assert depths == sorted(depths)
        assert depths[0] < depths[-1] / 5


class TestKnifeEdge:
    @pytest.mark.parametrize(
        ("nu", "loss"),
        [(-3.0, 0.0), (-0.78, 0.0), (0.0, 6.03), (1.0, 13.93), (2.4, 20.54), (10.0, 32.9)],
    )
    def test_j_of_nu(self, nu: float, loss: float) -> None:
        """By the formula with a pocket calculator; J(0) is 6 dB: half the field."""
        assert float(knife_edge_db(nu)) == pytest.approx(loss, abs=0.06)

    def test_j_approaches_twenty_log_of_nu_plus_thirteen(self) -> None:
        assert float(knife_edge_db(100.0)) == pytest.approx(13 + 20 * math.log10(100), abs=0.1)

    def test_it_begins_at_zero(self) -> None:
        assert float(knife_edge_db(-0.7799)) == pytest.approx(0.0, abs=0.03)


class TestPaths:
    LAMBDA, FLAT = wavelength_m(3.5), 1e15

    def edge(self, over_m: float) -> tuple[float, float]:
        along, height = np.array([5000.0]), np.array([over_m])
        profile = (along, height, 0.0, 0.0, 10_000.0, self.LAMBDA, self.FLAT)
        return bullington_db(*profile), cascaded_db(*profile)

    @pytest.mark.parametrize("over_m", [-10.0, 0.0, 5.0, 40.0, 200.0])
    def test_one_edge_half_way_by_hand(self, over_m: float) -> None:
        nu = over_m * math.sqrt(2 * 10_000 / (self.LAMBDA * 5000 * 5000))
        alone = float(knife_edge_db(nu))
        share = 1 - math.exp(-alone / 6)
        bullington, cascaded = self.edge(over_m)
        assert bullington == pytest.approx(alone + share * 10.2, abs=1e-6)
        assert cascaded == pytest.approx(alone + share * 10.4, abs=1e-6)

    def test_a_path_far_above_the_ground_loses_nothing(self) -> None:
        assert self.edge(-200.0) == (0.0, 0.0)

    def test_three_edges_cost_more_than_the_highest(self) -> None:
        along, height = np.array([2500.0, 5000.0, 7500.0]), np.array([40.0, 60.0, 40.0])
        one = self.edge(60.0)
        profile = (along, height, 0.0, 0.0, 10_000.0, self.LAMBDA, self.FLAT)
        assert bullington_db(*profile) > one[0]
        assert cascaded_db(*profile) > one[1]

    def test_the_bulge_alone_cuts_a_long_low_path(self) -> None:
        along = np.linspace(500, 39_500, 79)
        level = np.zeros(79)
        curved = bullington_db(along, level, 10.0, 10.0, 40_000.0, self.LAMBDA, 6_371_000 * 4 / 3)
        assert curved > 20


class TestClosedForms:
    def test_free_space_at_28_ghz_over_5_km(self) -> None:
        by_hand = 92.448 + 20 * math.log10(28) + 20 * math.log10(5)
        assert float(free_space_loss_db(5000.0, 28.0)) == pytest.approx(by_hand, abs=0.001)

    def test_fresnel_radius_is_p530s_rule_of_thumb(self) -> None:
        by_hand = 17.3 * math.sqrt(3 * 7 / (18 * 10))
        assert float(fresnel_radius_m(3000.0, 7000.0, 18.0)) == pytest.approx(by_hand, rel=0.002)

    def test_bulge_of_fifty_kilometres(self) -> None:
        assert float(bulge_m(25_000.0, 25_000.0, 1.0)) == pytest.approx(49.05, abs=0.01)
        assert float(bulge_m(25_000.0, 25_000.0, 4 / 3)) == pytest.approx(36.79, abs=0.01)

    def test_noise_of_one_megahertz(self) -> None:
        assert noise_dbm(1.0, 0.0) == pytest.approx(-113.98, abs=0.01)
