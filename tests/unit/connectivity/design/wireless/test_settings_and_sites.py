from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from nexpo.connectivity.design.wireless import (
    SiteKind,
    Surface,
    Terrain,
    high_points,
    load_radio,
    spread_nodes,
)
from nexpo.connectivity.design.wireless.capacity import airtime, mode_of, needed_mode, rate_mbps
from nexpo.connectivity.design.wireless.model import SITE_KINDS
from nexpo.connectivity.design.wireless.terrain import distance_m
from nexpo.core.problem import Problem
from nexpo.core.settings import parameters_directory
from tests.radio_ground import radio, terrain

TEXT = (parameters_directory() / "design" / "radio.yaml").read_text(encoding="utf-8")


class TestParameters:
    def written(self, tmp_path: Path, old: str, new: str) -> Path:
        assert old in TEXT
        (tmp_path / "design").mkdir()
        (tmp_path / "design" / "radio.yaml").write_text(TEXT.replace(old, new, 1))
        return tmp_path

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("take_up: 0.5", "take_up: 1.5", "take_up lies between 0 and 1"),
            (
                "take_up: 0.5",
                "takeup: 0.5",
                "keys missing: \\['take_up'\\], unknown: \\['takeup'\\]",
            ),
            ("frequency_ghz: 28.0", "frequency_ghz: 0", "frequency_ghz is not above zero"),
            ("availability_percent: 99.9", "availability_percent: 98", "outside 99 to 99.999"),
            ("modes: nr}", "modes: none}", "no such table of modes"),
            ("[7.0, 1.7]", "[7.0]", "a mode is a pair"),
            ("[7.0, 1.7]", "[7.0, 9.7]", "modes rise in both columns"),
            ("overhead: 0.14", "overhead: 1.14", "shares lie between 0 and 1"),
            ("sectors_per_site: 4", "sectors_per_site: 0", "sectors_per_site is below one"),
            ("{dsm: 2.0, dtm: 8.0, none: 8.0}", "{dsm: 2.0}", "a value for dsm, dtm and none"),
        ],
    )
    def test_a_wrong_value_is_named(self, tmp_path: Path, old: str, new: str, said: str) -> None:
        root = self.written(tmp_path, old, new)
        with pytest.raises(Problem, match=said):
            load_radio(date(2026, 1, 1), root=root)

    def test_the_nr_ladder_is_shannon_times_three_quarters(self) -> None:
        for mode in radio().band("28ghz").modes:
            shannon = np.log2(1 + 10 ** (mode.snr_db / 10))
            assert mode.bits_per_s_hz == pytest.approx(0.75 * shannon, rel=0.02)

    def test_gigabit_holds_in_the_plans_band_alone(self) -> None:
        assert needed_mode(radio().band("28ghz"), 1000.0) is not None
        assert needed_mode(radio().band("3.5ghz"), 1000.0) is None

    def test_traffic_is_infratels_or_the_share_of_the_rate(self) -> None:
        rules = radio().rules
        assert rules.traffic_mbps(100.0) == pytest.approx(10.0 * 0.5)
        assert rules.traffic_mbps(1000.0) == pytest.approx(1000 / 50 * 0.5)


class TestCapacity:
    def test_modes_at_and_below_their_ratio(self) -> None:
        band = radio().band("28ghz")
        ratios = np.array([-9.0, -8.2, 29.6, 29.7, 60.0, np.nan])
        assert mode_of(band, ratios).tolist() == [-1, 0, 13, 14, 14, -1]

    def test_no_mode_carries_nothing_and_takes_for_ever(self) -> None:
        band, none = radio().band("28ghz"), np.array([-1])
        assert rate_mbps(band, none).tolist() == [0.0]
        assert airtime(band, none, np.array([1.0])).tolist() == [np.inf]


class TestGenerated:
    def test_high_points_are_high_apart_and_marked(self) -> None:
        heights = np.zeros((200, 200))
        heights[50, 60], heights[52, 62], heights[150, 140] = 90.0, 80.0, 70.0
        found = high_points(terrain(heights), 2, spacing_m=1000.0, mast_m=24.0)
        row, column = terrain(heights).to_grid(found.lon, found.lat)
        assert np.round(row).tolist() == [50, 150]
        assert np.round(column).tolist() == [60, 140]
        assert {SITE_KINDS[kind] for kind in found.kind} == {SiteKind.GENERATED}
        assert not found.stands.any()

    def test_holes_carry_no_site(self) -> None:
        heights = np.full((100, 100), np.nan)
        heights[10, 10] = 5.0
        found = high_points(terrain(heights), 9, spacing_m=200.0, mast_m=24.0)
        assert len(found) == 1
        with pytest.raises(Problem, match="no known cell"):
            high_points(terrain(np.full((9, 9), np.nan)), 9, spacing_m=200.0, mast_m=24.0)

    def test_street_nodes_are_spread_and_the_seed_decides(self) -> None:
        random = np.random.default_rng(7)
        lon, lat = random.uniform(9.0, 9.2, 500), random.uniform(45.0, 45.2, 500)
        draws = [
            spread_nodes(lon, lat, 9, mast_m=24.0, random=np.random.default_rng(seed))
            for seed in (1, 1, 2)
        ]
        assert draws[0].lon.tolist() == draws[1].lon.tolist() != draws[2].lon.tolist()
        apart = distance_m(draws[0].lon[:, None], draws[0].lat[:, None], draws[0].lon, draws[0].lat)
        assert apart[~np.eye(9, dtype=bool)].min() > 3000

    def test_no_street_no_site(self) -> None:
        none = np.zeros(0)
        with pytest.raises(Problem, match="no node"):
            spread_nodes(none, none, 9, mast_m=24.0, random=np.random.default_rng(1))


def test_a_geographic_model_works_as_a_projected_one() -> None:
    second = 1 / 3600
    world = Terrain(
        np.zeros((300, 300), np.float32),
        (second, 0, 9.0, 0, -second, 46.0),
        "EPSG:4326",
        Surface.DSM,
    )
    found = high_points(world, 4, spacing_m=1500.0, mast_m=24.0)
    assert replace(found, id=tuple("abcd")).id == ("a", "b", "c", "d")
    assert world.holds(found.lon, found.lat).all()
