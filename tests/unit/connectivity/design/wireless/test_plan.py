from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nexpo.connectivity.design.wireless import (
    Effort,
    Radio,
    Request,
    SiteKind,
    Sites,
    Surface,
    Terrain,
    WirelessPlan,
    plan,
)
from nexpo.connectivity.design.wireless.plan import FREE_SPACE, NO_WEATHER
from nexpo.core.problem import Problem
from tests.radio_ground import Dry, demand, flat, prices, radio, sites, terrain

AROUND = [(90.0, 110.0), (110.0, 90.0), (60.0, 100.0), (140.0, 130.0)]


def design(
    ground: Terrain,
    cells: list[tuple[float, float]],
    where: Sites,
    *,
    units: int = 1,
    known: bool = True,
    weather: Dry | None = None,
    rules: dict[str, object] | None = None,
    request: Request | None = None,
) -> WirelessPlan:
    parameters = radio()
    changed = Radio(parameters.bands, replace(parameters.rules, **(rules or {})))  # type: ignore[arg-type]
    return plan(
        demand(ground, cells, units),
        where,
        radio=changed,
        prices=prices(),
        request=request,
        terrain=ground if known else None,
        weather=weather or Dry(),
        effort=Effort(gap=0.0),
    )


def reasons(found: WirelessPlan) -> list[str]:
    return found.unserved["reason"].to_list()


class TestServing:
    def test_a_plain_with_one_tower_is_served_from_it(self) -> None:
        found = design(flat(), AROUND, sites(flat(), [(100, 100)]))
        assert found.summary.served == found.summary.passed == found.summary.demanded == 4
        assert found.unserved.is_empty()
        assert found.links["clearance_fresnel"].to_numpy().min() > 0.6

    def test_cost_is_quantity_times_price(self) -> None:
        found = design(flat(), AROUND, sites(flat(), [(100, 100)]))
        quantity = dict(found.quantities.select("item", "quantity").iter_rows())
        p = prices()
        by_hand = (
            quantity["fwa.mast"] * p.mast
            + quantity["fwa.sector"] * p.sector
            + quantity["fwa.backhaul.fibre"] * (p.backhaul_fibre + 1_000_000)
            + quantity["fwa.backhaul.radio"] * p.backhaul_radio
        )
        assert found.summary.cost_cents == by_hand
        assert found.summary.bound_cents <= found.summary.cost_cents
        assert found.summary.gap < 1e-6
        assert quantity["fwa.cpe"] == np.ceil(4 * radio().rules.take_up)

    def test_a_standing_tower_is_preferred_to_a_new_mast(self) -> None:
        ground = flat()
        two = sites(ground, [(100, 100), (101, 100)])
        kinds = two.kind.copy()
        kinds[1] = tuple(SiteKind).index(SiteKind.TOWER)
        found = design(ground, AROUND, replace(two, kind=kinds))
        assert found.sites["site"].to_list() == ["s1"]

    def test_budget_by_hand(self) -> None:
        """28 GHz, on the axis of the north sector, 1 km, dry: EIRP + gain - FSL - noise - I."""
        ground = flat()
        found = design(
            ground,
            [(60.0, 100.0)],
            sites(ground, [(100, 100)]),
            rules={"clutter_loss_db": {"dsm": 0.0, "dtm": 0.0, "none": 0.0}},
        )
        row = found.links.row(0, named=True)
        assert row["distance_m"] == pytest.approx(1000.4, abs=0.2)  # the map's scale is 0.9996
        assert row["loss_db"] == pytest.approx(121.39, abs=0.02)
        noise = -173.975 + 83.502 + 6.0
        snr = 50 + 34 - row["loss_db"] - noise - 3.0
        needed = 1.0  # 0.877 bit/s/Hz carry 169 Mbit/s, the first mode beyond 100
        assert row["margin_db"] == pytest.approx(snr - needed, abs=0.02)
        assert row["rate_mbps"] == pytest.approx(224 * 0.86 * 7.4063, rel=1e-6)

    def test_the_sector_is_that_of_the_direction(self) -> None:
        ground = flat()
        around = [(60.0, 100.0), (100.0, 140.0), (140.0, 100.0), (100.0, 60.0)]
        found = design(ground, around, sites(ground, [(100, 100)]))
        assert found.links.sort("premise")["sector"].to_list() == [0, 1, 2, 3]
        assert found.sectors["azimuth_deg"].to_list() == [0.0, 90.0, 180.0, 270.0]

    def test_connected_addresses_are_left_out(self) -> None:
        ground = flat()
        some = demand(ground, AROUND)
        some = replace(some, connected=np.array([True, False, False, False]))
        found = plan(
            some,
            sites(ground, [(100, 100)]),
            radio=radio(),
            prices=prices(),
            terrain=ground,
            weather=Dry(),
        )
        assert found.summary.demanded == 3
        assert "p0" not in found.links["premise"].to_list()

    def test_the_same_input_gives_the_same_design(self) -> None:
        one, two = (design(flat(), AROUND, sites(flat(), [(100, 100), (80, 90)])) for _ in "ab")
        assert one.links.equals(two.links)
        assert one.summary == two.summary


class TestPassedAndServed:
    def test_a_full_sector_leaves_premises_passed(self) -> None:
        ground = flat()
        cells = [(60.0 + step, 100.0) for step in range(10)]
        found = design(
            ground, cells, sites(ground, [(100, 100)]), rules={"customers_per_sector": 2}
        )
        assert found.summary.passed == 10
        assert found.summary.served == found.summary.units_bound == 4  # 2 customers at 50 %
        assert reasons(found) == ["capacity"] * 6
        assert any("capacity is below demand: 6 units" in said for said in found.warnings)
        assert found.links["status"].to_list().count("passed") == 6

    def test_time_of_a_sector_is_what_its_links_take(self) -> None:
        ground = flat()
        cells = [(60.0 + step, 100.0) for step in range(10)]
        found = design(ground, cells, sites(ground, [(100, 100)]), units=3)
        row = found.sectors.row(0, named=True)
        rates = found.links["rate_mbps"].to_numpy()
        assert row["load_percent"] == pytest.approx(100 * (3 * 5.0 / rates).sum())
        assert row["peak_traffic_mbps"] == pytest.approx(10 * 3 * 5.0)
        assert row["customer_peak_mbps"] == pytest.approx(10 * 0.9 / (row["load_percent"] / 100))


class TestUnserved:
    def test_behind_a_ridge_with_the_place_of_the_ridge(self) -> None:
        heights = np.zeros((200, 200))
        heights[:, 120:122] = 200.0
        ground = terrain(heights)
        found = design(ground, [(100.0, 180.0), (100.0, 80.0)], sites(ground, [(100, 100)]))
        assert reasons(found) == ["sight"]
        row, column = ground.to_grid(
            found.unserved["obstacle_lon"].to_numpy(), found.unserved["obstacle_lat"].to_numpy()
        )
        assert column[0] == pytest.approx(120.5, abs=2)
        assert row[0] == pytest.approx(100, abs=1)

    def test_over_a_hole_it_is_unknown(self) -> None:
        heights = np.zeros((200, 200))
        heights[:, 120:140] = np.nan
        ground = terrain(heights)
        found = design(ground, [(100.0, 180.0), (100.0, 130.0)], sites(ground, [(100, 100)]))
        assert reasons(found) == ["unknown", "unknown"]
        assert any("1 premises in a hole of it: p1" in said for said in found.warnings)

    def test_out_of_range(self) -> None:
        ground = flat(600)
        found = design(ground, [(10.0, 590.0)], sites(ground, [(500, 10)]))
        assert reasons(found) == ["range"]

    def test_rain_takes_the_margin(self) -> None:
        ground = flat()
        far = [(100.0, 195.0)]
        served = design(ground, far, sites(ground, [(100, 5)]))
        assert served.summary.served == 1
        found = design(ground, far, sites(ground, [(100, 5)]), weather=Dry(rain_db_km=30.0))
        assert reasons(found) == ["rain"]

    def test_too_weak_even_in_clear_air(self) -> None:
        ground = flat()
        found = design(
            ground, [(100.0, 195.0)], sites(ground, [(100, 5)]), weather=Dry(gas_db_km=20.0)
        )
        assert reasons(found) == ["budget"]

    def test_a_site_without_a_way_to_fibre(self) -> None:
        heights = np.zeros((200, 400))
        heights[:, 200:202] = 300.0  # between the two sites
        ground = terrain(heights)
        found = design(
            ground,
            [(100.0, 120.0), (100.0, 300.0)],
            sites(ground, [(100, 100), (100, 320)], [-1, 0]),
        )
        assert reasons(found) == ["backhaul"]
        assert found.sites["site"].to_list() == ["s1"]

    def test_an_address_without_a_place(self) -> None:
        ground = flat()
        some = demand(ground, AROUND)
        some = replace(some, lon=np.array([np.nan, *some.lon[1:]]))
        found = plan(
            some,
            sites(ground, [(100, 100)]),
            radio=radio(),
            prices=prices(),
            terrain=ground,
            weather=Dry(),
        )
        assert reasons(found) == ["no_place"]
        assert found.summary.served == 3


class TestBackhaul:
    def test_a_hop_is_taken_where_fibre_is_dear(self) -> None:
        ground = flat(400)
        two = sites(ground, [(100, 50), (100, 200)], [0, 90_000_000])
        far = [(100.0, 60.0), (100.0, 390.0)]
        found = design(ground, far, two)
        assert found.hops.select("site", "to_site").rows() == [("s1", "s0")]
        assert found.sites["uplink"].to_list() == ["fibre", "radio"]
        assert found.hops["peak_traffic_mbps"][0] == pytest.approx(5.0)

    def test_a_relay_is_built_where_the_way_is_long(self) -> None:
        ground = flat(600)
        three = sites(ground, [(100, 10), (100, 200), (100, 390)], [0, -1, -1])
        found = design(ground, [(100.0, 580.0)], three)
        assert dict(found.sites.select("site", "role").rows()) == {
            "s0": "relay",
            "s1": "relay",
            "s2": "access",
        }
        assert found.hops.height == 2

    def test_no_more_hops_than_allowed(self) -> None:
        ground = flat(600)
        three = sites(ground, [(100, 10), (100, 200), (100, 390)], [0, -1, -1])
        found = design(ground, [(100.0, 580.0)], three, rules={"backhaul_hops": 1})
        assert reasons(found) == ["backhaul"]

    def test_without_any_cost_of_fibre_it_is_said(self) -> None:
        ground = flat()
        found = design(ground, AROUND, sites(ground, [(100, 100)], [-1]))
        assert found.summary.served == 4
        assert any("backhaul was not designed" in said for said in found.warnings)
        assert found.sites["uplink"].to_list() == ["not designed"]


class TestWithoutModels:
    def test_free_space_is_said_in_the_result(self) -> None:
        found = design(flat(), AROUND, sites(flat(), [(100, 100)]), known=False)
        assert found.warnings[0] == FREE_SPACE
        assert found.summary.terrain == "free space"
        assert set(found.links["view"]) == {"assumed"}
        assert found.links["clearance_fresnel"].null_count() == 4

    def test_clear_air_is_said_in_the_result(self) -> None:
        ground = flat()
        found = plan(
            demand(ground, AROUND),
            sites(ground, [(100, 100)]),
            radio=radio(),
            prices=prices(),
            terrain=ground,
        )
        assert NO_WEATHER in found.warnings


class TestBands:
    def test_a_low_band_bends_over_a_low_ridge(self) -> None:
        heights = np.zeros((200, 200))
        heights[:, 120:122] = 25.0
        ground = terrain(heights)
        behind, tower = [(100.0, 180.0)], sites(ground, [(100, 100)])
        assert reasons(design(ground, behind, tower)) == ["sight"]
        found = design(ground, behind, tower, request=Request(band="3.5ghz", service_mbps=30.0))
        assert found.summary.served == 1
        assert found.links["diffraction_db"][0] > 6

    def test_a_surface_model_takes_no_clutter_twice(self) -> None:
        bare, full = (terrain(np.zeros((200, 200)), kind) for kind in Surface)
        losses = [
            design(each, [(60.0, 100.0)], sites(each, [(100, 100)])).links["loss_db"][0]
            for each in (bare, full)
        ]
        assert abs(losses[0] - losses[1]) == pytest.approx(6.0, abs=1e-3)


class TestBadInput:
    def test_no_candidate(self) -> None:
        ground = flat()
        none = sites(ground, [(1, 1)])
        empty = Sites((), *(getattr(none, name)[:0] for name in Sites.__slots__[1:]))
        with pytest.raises(Problem, match="no candidate site"):
            design(ground, AROUND, empty)

    def test_a_service_beyond_the_band(self) -> None:
        with pytest.raises(Problem, match="377 Mbit/s at most"):
            design(
                flat(),
                AROUND,
                sites(flat(), [(1, 1)]),
                request=Request(band="3.5ghz", service_mbps=1000.0),
            )

    def test_an_unknown_band(self) -> None:
        with pytest.raises(Problem, match="no such radio band") as caught:
            design(flat(), AROUND, sites(flat(), [(1, 1)]), request=Request(band="5g"))
        assert "28ghz" in str(caught.value)

    def test_a_candidate_outside_the_model_is_named_with_its_place(self) -> None:
        ground = flat()
        two = sites(ground, [(100, 100), (100, 900)])
        found = design(ground, AROUND, two)
        assert found.summary.served == 4
        said = next(text for text in found.warnings if "outside the height model" in text)
        assert said.startswith("1 candidate sites outside the height model: s1 (9.2")

    def test_two_sites_of_one_name(self) -> None:
        one = sites(flat(), [(1, 1), (2, 2)])
        with pytest.raises(Problem, match="share an id"):
            replace(one, id=("a", "a"))

    def test_a_site_nowhere(self) -> None:
        one = sites(flat(), [(1, 1), (2, 2)])
        with pytest.raises(Problem, match="no place on Earth"):
            replace(one, lat=np.array([45.0, 95.0]))
