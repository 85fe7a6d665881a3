"""The drawings of a run: what they hold sums to the ledger, and reads without colours."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from nexpo.build.impact.flows import PAID_TAXES, Flow, flows_of
from nexpo.build.impact.page import drawings
from nexpo.build.impact.run import run_plan
from nexpo.build.impact.run_model import Run, Tornado
from nexpo.build.impact.sankey import OTHER, merged, sankey
from nexpo.build.impact.svg import fitted, width_of
from nexpo.build.impact.tornado import tornado_chart
from nexpo.build.impact.years_chart import years_chart
from nexpo.impact.model import Phase, PriceBasis
from nexpo.impact.sampling import Bar
from tests.impact_economy import line, plan, two_mixes
from tests.unit.build.impact.test_run import regional

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def drawn() -> Run:
    lines = (
        line("hall", 100_000_000_00, basis=PriceBasis.PURCHASER),
        line("H49", 5_000_000_00, year=2016, phase=Phase.OPERATION),
    )
    return run_plan(regional(plan=plan(*lines, mixes=two_mixes()), draws=30, seed=2))


def words_of(svg: str) -> list[str]:
    return [each.text or "" for each in ET.fromstring(svg).iter(f"{SVG}text")]


def test_words_are_cut_to_the_room_they_have() -> None:
    words = "Manufacture of computer, electronic and optical products"
    short = fitted(words, 150, bold=True)
    assert short.endswith(" …")
    assert width_of(short, bold=True) <= 150 < width_of(words, bold=True)
    assert fitted(words, 1000) == words


def test_flows_sum_to_the_ledger_end_by_end_and_to_the_plan_phase_by_phase(drawn: Run) -> None:
    flows = flows_of(drawn)
    for row in drawn.ledger.rows:
        found = sum(flow.value_eur for flow in flows if flow.end == row.area)
        assert found == pytest.approx(row.value_eur, rel=1e-9, abs=1e-3), row.area
    building = sum(flow.value_eur for flow in flows if flow.phase == "construction")
    assert building == pytest.approx(100e6)
    taxes = sum(flow.value_eur for flow in flows if flow.product == PAID_TAXES)
    assert taxes == pytest.approx(float(drawn.purchases.tax.sum()))


def test_the_country_alone_has_one_place_to_keep_money() -> None:
    run = run_plan(regional(activity=None, region="", delta=None, closure="none"))
    assert {flow.end for flow in flows_of(run)} >= {"XX", "imports"}
    assert sum(flow.value_eur for flow in flows_of(run)) == pytest.approx(run.ledger.amount_eur)


def test_the_sankey_names_every_end_with_eur_and_share(drawn: Run) -> None:
    svg = drawings(drawn)["sankey.svg"]
    words = words_of(svg)
    row = drawn.ledger.rows[0]
    assert "Lombardia" in words
    assert f"EUR {row.value_eur / 1e6:,.1f} m, {100 * row.share:.1f} %" in words
    assert "construction" in words
    root = ET.fromstring(svg)
    title, about = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert about is not None
    assert about.text is not None
    assert "imports" in about.text
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {about.get('id')}"


def test_bands_leave_a_bar_with_the_width_of_the_bar(drawn: Run) -> None:
    root = ET.fromstring(drawings(drawn)["sankey.svg"])
    bands = [each for each in root.iter(f"{SVG}path") if each.get("fill") == "none"]
    width = sum(float(each.get("stroke-width") or 0) for each in bands)
    assert width == pytest.approx(2 * 430, rel=0.01)  # two gaps between three columns
    for each in bands:
        assert each.find(f"{SVG}title") is not None


def test_small_purchases_are_put_together_and_taxes_are_not() -> None:
    flows = [Flow("construction", f"S{n}", "imports", 10.0 - n) for n in range(9)]
    flows.append(Flow("construction", PAID_TAXES, "net product taxes", 0.5))
    names = [flow.product for flow in merged(flows, most=3)]
    assert names == ["S0", "S1", "S2", PAID_TAXES, OTHER]
    assert sum(flow.value_eur for flow in merged(flows, most=3)) == pytest.approx(54.5)
    whole = [flow.product for flow in merged(flows[:4], most=3)]
    assert whole == ["S0", "S1", "S2", "S3"]


def test_what_is_below_zero_is_told_and_stays_in_the_sums() -> None:
    flows = [
        Flow("operation", "D35", "imports", 10e6),
        Flow("operation", "D35", "net product taxes", -1e6),
        Flow("operation", "F", "net product taxes", 3e6),
    ]
    words = words_of(sankey(flows, {"D35": "Manufacture of power & light"}, "A plan"))
    assert "not drawn: EUR -1.0 m below zero (net product taxes); see the table" in words
    assert "EUR 2.0 m, 16.7 %" in words  # taxes, net, of 12
    assert "D35 Power & light" in words
    assert "EUR 9.0 m, 75.0 %" in words


def test_parts_of_an_end_are_told_beside_it() -> None:
    flows = [Flow("operation", "F", "region:03", 10e6)]
    parts = {"region:03": {"province:015": 6e6, "rest of region:03": 4e6}}
    words = words_of(sankey(flows, {}, "A plan", parts))
    assert "province 015: EUR 6.0 m, 60.0 %" in words
    assert "rest of Lombardia: EUR 4.0 m, 40.0 %" in words


def test_the_tornado_writes_both_ends_of_each_bar_in_order(drawn: Run) -> None:
    svg = drawings(drawn)["tornado.svg"]
    words = words_of(svg)
    for tornado in drawn.tornados:
        swings = [bar.swing for bar in tornado.bars]
        assert swings == sorted(swings, reverse=True)
    bar = drawn.tornados[0].bars[0]
    assert f"EUR {bar.low / 1e6:,.1f} m" in words
    assert f"EUR {bar.high / 1e6:,.1f} m" in words
    assert "GDP in Lombardia, all effects and years" in words


def test_a_choice_that_moves_nothing_and_a_tornado_without_width() -> None:
    still = Tornado("IT", "jobs", "person-year", 7.0, (Bar("mix", 7.0, 7.0, "A", "A"),))
    assert "moves nothing here" in words_of(tornado_chart((still,)))
    moved = replace(still, bars=(Bar("a & b", 5.0, 9.0, "x < y", "z"),))
    assert "low at x < y; high at z" in words_of(tornado_chart((moved,)))


def test_bars_by_year_are_as_tall_as_their_values() -> None:
    rows = [(2025, {"direct": 30.0, "indirect": 10.0}), (2026, {"direct": 20.0, "indirect": 0.0})]
    svg = years_chart("years", "GDP", "EUR m", rows)
    assert {"40.0", "20.0", "2025", "2026"} <= set(words_of(svg))
    tall = {
        title: float(height)
        for height, title in re.findall(r'height="([\d.]+)" fill="#\w+"><title>([^<]+)', svg)
    }
    assert tall["2025, direct: 30.0"] == pytest.approx(3 * tall["2025, indirect: 10.0"], rel=0.01)
    assert tall["2026, direct: 20.0"] == pytest.approx(2 * tall["2025, indirect: 10.0"], rel=0.01)
