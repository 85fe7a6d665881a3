"""Figures: ids, arithmetic and the self check."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nexpo.build.figures import enter
from nexpo.build.model import Material
from nexpo.core.problem import Problem
from tests.expressions import holding_numbers


def test_every_figure_follows_from_its_operands(material: Material) -> None:
    ledger, _, _ = enter(material)
    assert ledger.check() == []
    assert holding_numbers(ledger) == []


def test_the_counts_behind_a_rank_follow_from_the_figures(material: Material) -> None:
    ledger, needs, _ = enter(material)
    places = [item.place.istat for item in needs]
    scores = {code: round(float(str(ledger[f"need.score/{code}"].value)), 12) for code in places}
    totals = {code: ledger[f"uncovered.total/{code}"].value for code in places}
    for code in places:
        higher = sum(score > scores[code] for score in scores.values())
        assert ledger[f"need.higher/{code}"].value == higher
        below = sum(int(str(total)) < int(str(totals[code])) for total in totals.values())
        assert ledger[f"need.scale_below/{code}"].value == below
        equal = sum(total == totals[code] for total in totals.values())
        assert ledger[f"need.scale_equal/{code}"].value == equal


def test_classes_add_up_to_the_rows_of_the_file(material: Material) -> None:
    ledger, _, _ = enter(material)
    assert ledger["uncovered.total"].value == 17  # 20 rows, 1 refused, 2 elsewhere
    assert ledger["uncovered.unaccounted"].value == 0


def test_rows_without_a_municipality_count_for_the_region_alone(material: Material) -> None:
    ledger, _, _ = enter(material)
    codes = material.municipalities["istat"]
    placed = sum(int(str(ledger[f"uncovered.total/{code}"].value)) for code in codes)
    assert placed == 15
    assert ledger["uncovered.total/007"].value == 15


def test_a_lost_row_stops_the_build(material: Material) -> None:
    short = replace(material, uncovered=replace(material.uncovered, rows=21))
    with pytest.raises(Problem, match="do not add up"):
        enter(short)


def test_means_are_weighted_by_tests(material: Material) -> None:
    ledger, _, _ = enter(material)
    code = material.municipalities["istat"][0]
    assert ledger[f"performance.down/{code}"].value == 50.0
    assert ledger["performance.down"].value == pytest.approx(1_090_000 / 23 / 1000)
    assert ledger["performance.latency"].value == pytest.approx(390 / 23)


def test_the_index_in_the_ledger_is_that_of_the_domain(material: Material) -> None:
    ledger, needs, _ = enter(material)
    for item in needs:
        assert ledger[f"need.score/{item.place.istat}"].value == pytest.approx(
            item.score, abs=1e-12
        )
        assert ledger[f"need.rank/{item.place.istat}"].value == item.rank


def test_a_criterion_left_out_is_said(material: Material) -> None:
    ledger, _, _ = enter(material)
    second = material.municipalities["istat"][1]
    told = ledger.explain(f"need.score/{second}")
    assert "left out for want of a value: speed" in told
    assert "w_speed" not in told
    assert "rule need.index" in told


def test_money_is_kept_in_cents_and_shown_in_euro(material: Material) -> None:
    ledger, _, _ = enter(material)
    key = "programme.piano-italia-1-giga"
    assert ledger[f"{key}.all.paid_cents"].value == 25_000_005
    assert ledger[f"{key}.all.paid"].value == 250_000.05
    assert ledger[f"{key}.share_paid"].value is None  # no lot names the region: no share


def test_an_unknown_class_is_kept_as_another(material: Material) -> None:
    counts = material.uncovered.counts
    odd = counts.with_columns(uncovered_class=counts["uncovered_class"].replace("B", "D"))
    ledger, _, _ = enter(replace(material, uncovered=replace(material.uncovered, counts=odd)))
    assert ledger["uncovered.other"].value == 5
    assert ledger["uncovered.total"].value == 17
    assert ledger["uncovered.total"].expression == "a + b + c + other"


def test_streets_are_entered_at_their_municipality(material: Material) -> None:
    ledger, _, _ = enter(material)
    code = material.streets[0].istat
    assert ledger[f"streets.share_found/{code}"].value == 75
    assert ledger[f"streets.share_addresses_found/{code}"].value == 60
