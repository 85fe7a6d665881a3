"""Duplicates, requests, reconciliation and share."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from nexpo.core.problem import Problem
from nexpo.datacentres.adapters.schemes import load_capacities, load_heat_bounds
from nexpo.datacentres.duplicates import Likeness, distinct, find_duplicates
from nexpo.datacentres.heat_claims import HeatClaim, as_mapping, implied_figures
from nexpo.datacentres.heat_claims import Verdict as HeatVerdict
from nexpo.datacentres.model import Facility, Place, PowerKind, Report, RequestState, Total
from nexpo.datacentres.reconcile import disagreements, reconcile
from nexpo.datacentres.requests import net_of_doubles, standing
from nexpo.datacentres.share import (
    Capacity,
    ShareClaim,
    Verdict,
    of_register,
    read_claim,
    spread,
)
from tests.unit.datacentres.register_examples import MATCHING, ON, asked, centre

HERE, NEAR, CORNER, FAR = (9.0, 45.0), (9.0002, 45.0), (9.002, 45.0), (9.2, 45.0)


def likeness(*centres: Facility) -> dict[tuple[str, str], Likeness]:
    return {(p.first, p.second): p.likeness for p in find_duplicates(centres, MATCHING)}


def test_the_same_centre_mapped_twice_is_found() -> None:
    first = centre("a", at=HERE, title="Equinix ML5", operator="Equinix")
    second = centre("b", at=NEAR, title="ML5 Equinix", operator="Equinix S.r.l.")
    pairs = find_duplicates([second, first], MATCHING)
    assert [(p.first, p.second, p.likeness) for p in pairs] == [("a", "b", Likeness.DUPLICATE)]
    assert pairs[0].distance_m == pytest.approx(15.8, abs=0.1)
    assert "names 'Equinix ML5', 'ML5 Equinix' (1.00 x 0.5)" in pairs[0].explain()
    assert pairs[0].score == 1.0


def test_buildings_with_other_numbers_are_neighbours_on_a_campus() -> None:
    first = centre("a", at=HERE, title="Data4 MIL01 DC01", operator="Data4")
    second = centre("b", at=NEAR, title="Data4 MIL01 DC02", operator="Data4")
    assert likeness(first, second) == {("a", "b"): Likeness.CAMPUS}
    assert likeness(first, replace(second, name="Data4 MIL01 DC1")) == {
        ("a", "b"): Likeness.DUPLICATE
    }
    assert likeness(first, replace(second, operator="Aruba")) == {}


def test_a_nameless_neighbour_is_possible_never_certain() -> None:
    named = centre("a", at=HERE, title="Microsoft", operator="Microsoft")
    assert likeness(named, centre("b", at=NEAR)) == {("a", "b"): Likeness.POSSIBLE}
    assert likeness(named, centre("b", at=CORNER)) == {}  # 158 m apart and nothing known


def test_one_name_at_two_far_places_of_a_municipality_is_asked() -> None:
    first = centre("a", at=HERE, title="Avalon", operator="Retelit")
    assert likeness(first, centre("b", at=FAR, title="AVALON")) == {("a", "b"): Likeness.POSSIBLE}
    elsewhere = centre("b", at=FAR, title="Avalon", municipality="020030")
    assert likeness(first, elsewhere) == {}


def test_records_without_a_position_meet_by_name() -> None:
    first = centre("a", title="Avalon 3", operator="Retelit")
    second = centre("b", title="Avalon 3", operator="Retelit")
    assert likeness(first, second) == {("a", "b"): Likeness.DUPLICATE}


def test_distinct_keeps_the_record_that_knows_most_and_takes_power_from_its_twin() -> None:
    poor = centre("a", at=HERE, title="ML5", operator="Equinix", it_kw=900.0)
    rich = replace(centre("b", at=HERE, title="ML5", operator="Equinix"))
    rich = replace(rich, power=replace(rich.power, contracted_kw=5000.0, requested_kw=1.0))
    pairs = find_duplicates([poor, rich], MATCHING)
    (kept,) = distinct([poor, rich], pairs)
    assert kept.id == "b"
    assert kept.power.installed_it_kw == 900.0
    assert kept.source_of("installed_it_kw") == poor.source


def test_superseded_and_withdrawn_requests_do_not_stand() -> None:
    found = standing(
        [
            asked("r1", 10_000),
            asked("r2", 20_000, supersedes="r1"),
            asked("r3", 30_000, supersedes="r2"),
            asked("r4", 5_000, state=RequestState.WITHDRAWN),
        ],
        MATCHING,
    )
    assert found.live == ("r3",)
    assert found.superseded == {"r1": "r2", "r2": "r3"}
    assert found.over == ("r4",)
    assert found.doubts == ()


def test_a_circle_of_requests_is_refused_and_named() -> None:
    requests = [asked("a", 1, supersedes="c"), asked("b", 1, supersedes="a")]
    requests.append(asked("c", 1, supersedes="b"))
    with pytest.raises(Problem, match="circle") as caught:
        standing(requests, MATCHING)
    assert caught.value.value == "a -> c -> b -> a"


def test_odd_requests_are_doubted() -> None:
    found = standing(
        [
            asked("old", 1, day=date(2025, 6, 1)),
            asked("one", 1, day=date(2025, 1, 1), supersedes="old"),
            asked("two", 1, supersedes="old"),
            asked("lost", 1, supersedes="nobody"),
        ],
        MATCHING,
    )
    assert {doubt.name for doubt in found.doubts} == {
        "supersedes-later",
        "supersedes-unknown",
        "superseded-twice",
    }


def test_one_wish_asked_twice_counts_once() -> None:
    requests = [
        asked("a", 100_000, applicant="Alfa S.p.A.", day=date(2025, 1, 1)),
        asked("b", 105_000, applicant="ALFA SPA", day=date(2025, 9, 1)),
        asked("c", 105_000, applicant="Beta", day=date(2025, 9, 1)),
        asked("d", 300_000, applicant="Alfa", day=date(2025, 9, 1)),
    ]
    found = standing(requests, MATCHING)
    assert found.doubles == (("a", "b"),)
    assert net_of_doubles(found, requests) == ("b", "c", "d")


def test_doubled_ids_are_refused() -> None:
    with pytest.raises(Problem, match="stands twice"):
        standing([asked("a", 1), asked("a", 2)], MATCHING)


def test_reconciliation_keeps_kinds_apart_and_shows_double_counting() -> None:
    centres = [
        centre("a", at=HERE, title="ML5", operator="Equinix", it_kw=900.0),
        centre("b", at=HERE, title="ML5", operator="Equinix", it_kw=900.0),
        centre("c", at=FAR, title="Other", it_kw=None),
        centre("d", title="Elsewhere", municipality=None, it_kw=50.0),
    ]
    reports = [Report("a", 2025, values={"installed_it_kw": 800.0})]
    requests = [asked("r1", 10_000.0), asked("r2", 15_000.0, supersedes="r1"), asked("r3", None)]
    pairs = find_duplicates(centres, MATCHING)
    milan, nowhere = reconcile(centres, reports, requests, pairs, MATCHING)
    assert (milan.municipality, milan.facilities, milan.records) == ("015146", 2, 3)
    installed = milan.power[PowerKind.INSTALLED_IT]
    assert installed.net == Total(900.0, 1, 1)
    assert installed.gross == Total(1800.0, 2, 1)
    assert installed.double_counted == 900.0
    assert milan.reported == Total(800.0, 1, 0)
    assert milan.requested.net == Total(15_000.0, 1, 1)
    assert milan.requested.gross == Total(25_000.0, 2, 1)
    assert milan.reported_share == pytest.approx(800 / 900)
    assert milan.requested_share == pytest.approx(15_000 / 900)
    assert milan.power[PowerKind.CONTRACTED].net.value is None
    assert nowhere.municipality is None
    assert nowhere.requested_share is None


def test_register_and_report_that_disagree_are_told() -> None:
    centres = [centre("a", it_kw=900.0), centre("b"), centre("c", it_kw=10.0), centre("d")]
    reports = [
        Report("a", 2025, values={"installed_it_kw": 500.0}),
        Report("b", 2025, values={"installed_it_kw": 700.0}),
        Report("x", 2025, values={"installed_it_kw": 1.0}),
    ]
    told = {d.facility_id: d.told for d in disagreements(centres, reports, tolerance=0.1)}
    assert told == {
        "a": "registered and reported differ by 400 kW",
        "b": "reported, unknown to the register",
        "c": "registered, not reported",
        "x": "a report of a facility that is not in the register",
    }


CLAIM = ShareClaim("03", "installed_it", 0.6)


def test_what_the_sources_make_of_over_60_per_cent() -> None:
    readings = read_claim(CLAIM, load_capacities(ON))
    single = {each.above: each for each in readings if each.above == each.below}
    assert single["IT power in Lombardy"].verdict is Verdict.CONFIRMED
    assert single["later count for Milan"].share == 0.68
    assert single["Milan observatory"].verdict is Verdict.OTHER_AREA
    asked_for = [each for each in readings if each.verdict is Verdict.OTHER_QUANTITY]
    assert [round(each.share or 0, 4) for each in asked_for] == [0.5375, 0.5058]
    crossed = {(each.above, each.below): each for each in readings if each.above != each.below}
    apart = crossed["IT power in Lombardy", "later count for Milan"]
    assert apart.share == pytest.approx(317 * 0.68 / 414)
    assert apart.verdict is Verdict.IN_CONFLICT
    assert crossed["IT power in Lombardy", "Milan observatory"].share == pytest.approx(317 / 513)
    least, most = spread(readings) or (0, 0)
    assert least == pytest.approx(0.52068, abs=1e-5)
    assert most == pytest.approx(414 / (317 / 0.62))


def test_a_part_of_the_area_is_a_lower_bound() -> None:
    milan = Capacity("m", "015", "installed_it", share=0.5, within=("03",), area="Milano")
    (reading,) = read_claim(CLAIM, [milan])
    assert reading.verdict is Verdict.UNKNOWN
    (reading,) = read_claim(replace(CLAIM, least=0.4), [milan])
    assert reading.verdict is Verdict.CONFIRMED


def test_a_register_with_unknown_power_can_confirm_but_not_refute() -> None:
    whole = Capacity("nation", "IT", "installed_it", national_kw=1000.0)
    for known, unknown, verdict in (
        (700.0, 3, Verdict.CONFIRMED),
        (300.0, 3, Verdict.UNKNOWN),
        (300.0, 0, Verdict.IN_CONFLICT),
    ):
        ours = of_register(Total(known, 2, unknown), area_code="03")
        readings = read_claim(CLAIM, [ours, whole])
        assert readings[-1].verdict is verdict, (known, unknown)


def test_a_share_is_of_one() -> None:
    with pytest.raises(Problem, match="between 0 and 1"):
        Capacity("a", "03", "installed_it", share=62)


def test_a_claim_of_heat_is_taken_apart() -> None:
    # 20 GWh of heat for 2,000 homes out of 2 MW of heat pumps and 40 GWh of electricity
    claim = HeatClaim(20_000, 2, 5000, 40_000, homes=2_000, toe=1_720, avoided_t_co2=4_000)
    found = as_mapping(implied_figures(claim, load_heat_bounds(ON)))
    assert found["load factor of the supply"].value == pytest.approx(20_000 / 17_520)
    assert found["load factor of the supply"].verdict is HeatVerdict.IMPOSSIBLE
    assert found["load factor over IT power"].value == pytest.approx(20_000 / 43_800)
    assert found["heat over electricity"].value == 0.5
    assert found["heat per home"].value == 10
    assert found["heat per toe"].value == pytest.approx(11.63, abs=0.01)
    assert found["CO2 avoided per MWh"].value == 0.2
    others = {each.verdict for name, each in found.items() if name != "load factor of the supply"}
    assert others == {HeatVerdict.PLAUSIBLE}


def test_what_a_claim_does_not_say_is_unknown() -> None:
    found = as_mapping(implied_figures(HeatClaim(1_000, homes=1), load_heat_bounds(ON)))
    assert found["heat per home"].verdict is HeatVerdict.UNUSUAL
    assert found["heat per toe"].verdict is HeatVerdict.UNKNOWN
    with pytest.raises(Problem, match="negative"):
        HeatClaim(-1)


def test_places_without_coordinates_and_code_compare_nothing() -> None:
    first = replace(centre("a", title="A"), place=Place())
    second = replace(centre("b", title="A"), place=Place())
    assert find_duplicates([first, second], MATCHING) == ()
