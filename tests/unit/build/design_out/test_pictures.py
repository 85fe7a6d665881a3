"""Map, chart and pages: well formed, true to the design, every word escaped."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from nexpo.build.design.charts import front_chart, ticks
from nexpo.build.design.layers import layers
from nexpo.build.design.map import STYLES, Frame, draw
from nexpo.build.design.marks import credits_of
from nexpo.build.design.model import AreaDesign
from nexpo.build.design.report import Page, percent, render, render_validation
from nexpo.connectivity.design.choice.model import Point
from nexpo.connectivity.design.model import COST_CLASSES, CostClass
from nexpo.connectivity.design.validation import Failure, Finding
from tests.unit.build.design_out import example

SVG = "{http://www.w3.org/2000/svg}"
DESIGN = example.design(ring=True)


def words(root: ET.Element) -> list[str]:
    return [str(each.text) for each in root.iter(f"{SVG}text")]


def test_the_map_is_well_formed_and_says_what_it_shows() -> None:
    root = ET.fromstring(draw(DESIGN))
    assert root.findtext(f"{SVG}title") == "SYNTHETIC: fibre design of Prova <a & b>, 2026-01-01"
    assert "premises served" in str(root.findtext(f"{SVG}desc"))
    assert root.get("role") == "img"


def test_the_legend_counts_what_the_design_has() -> None:
    said = words(ET.fromstring(draw(DESIGN)))
    kinds = dict(DESIGN.fibre.sites.group_by("kind").len().iter_rows())
    assert f"cabinet (armadio), A0 is cabinet-0: {kinds['cabinet']}" in said
    assert f"drop chamber (pozzetto): {kinds['chamber']}" in said
    trenches = DESIGN.fibre.trench_sections
    asphalt = trenches.filter(trenches["cost_class"] == "asphalt")["length_m"].sum()
    assert f"asphalt (asfalto): {asphalt / 1000:,.1f} km" in said
    assert "left without fibre: 1" in said
    assert any(each.startswith("ring: the second way") for each in said)


def test_a_stand_in_is_stamped_and_the_licence_is_named() -> None:
    assert "SYNTHETIC" in words(ET.fromstring(draw(DESIGN)))
    real = example.design(synthetic=False)
    said = words(ET.fromstring(draw(real)))
    assert "SYNTHETIC" not in said
    assert "ODbL 1.0" in credits_of(real)
    nameless = replace(real.materials, graph=replace(real.graph, origin=""))
    assert "OpenStreetMap contributors, ODbL" in credits_of(replace(real, materials=nameless))


def test_every_class_of_route_has_one_style() -> None:
    drawn = [name for style in STYLES for name in style.classes]
    due = {each.value for each in COST_CLASSES if each is not CostClass.FORBIDDEN} | {"lead"}
    assert sorted(drawn) == sorted(due)


def test_the_scale_bar_is_round_and_true() -> None:
    frame = Frame.around(np.array([[9.0, 45.0], [9.05, 45.03]]))
    metres = frame.metres(260)
    one, two = frame.at(np.array([[9.02, 45.01], [9.02 + 0.01, 45.01]]))
    from pyproj import Geod

    east = Geod(ellps="WGS84").inv(9.02, 45.01, 9.03, 45.01)[2]
    assert float(two[0] - one[0]) == pytest.approx(east * frame.scale, rel=1e-4)
    assert 100 < metres * frame.scale <= 260
    assert str(metres)[0] in "125"


def test_one_point_alone_has_a_frame() -> None:
    frame = Frame.around(np.array([[9.0, 45.0]]))
    assert 600 < frame.height < 1800
    assert np.all(frame.at(np.array([[9.0, 45.0]])) > 0)


# The chart


def test_the_front_is_a_stair_with_the_choice_on_it() -> None:
    points = [Point(0, 0), Point(5_000_000, 10), Point(20_000_000, 30)]
    root = ET.fromstring(front_chart(points, points[1]))
    stair = next(str(p.get("d")) for p in root.iter(f"{SVG}path") if "H" in str(p.get("d")))
    assert stair.count("H") == stair.count("V") == 2
    assert "the choice" in words(root)
    assert "cost, thousand EUR" in words(root)
    assert "the choice" not in words(ET.fromstring(front_chart(points, None)))


@pytest.mark.parametrize("most", [0, 0.3, 1, 7, 47, 1_234_567])
def test_ticks_cover_and_are_few(most: float) -> None:
    found = ticks(most)
    assert found[0] == 0
    assert found[-1] >= most
    assert 2 <= len(found) <= 8


# The pages


def page(design: AreaDesign) -> str:
    return render(Page(design, layers(design), draw(design), ()))


def test_the_page_tells_the_main_figures() -> None:
    text = page(DESIGN)
    assert DESIGN.fibre_cost is not None
    assert f"{round(Fraction(DESIGN.fibre_cost.bills.mid.total.cents, 100)):,}" in text
    assert str(DESIGN.fibre_cost.bills.high.total).removeprefix("EUR ") in text
    assert "says nothing of cables" in text
    assert "share of cost (binds)" in text
    assert "the choice)" in text
    assert '<html lang="en">' in text
    assert 'lang="it"' in text
    assert "Synthetic: not a real place" in text
    assert "do not publish" in text


def test_every_word_from_outside_is_escaped() -> None:
    text = page(DESIGN)
    assert "<a & b>" not in text
    assert "&lt;free space&gt;" in text
    assert "Prova &lt;a &amp; b&gt;" in text


def test_every_link_inside_the_page_leads_somewhere() -> None:
    text = page(DESIGN)
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)


def test_every_file_the_page_names_is_there(folder: Path) -> None:
    text = (folder / "index.html").read_text(encoding="utf-8")
    named = {each for each in re.findall(r'href="([^"#]+)"', text) if ":" not in each}
    assert len(named) > 20
    assert all((folder / each).is_file() for each in named)


def test_a_broken_rule_is_shown_with_its_place() -> None:
    broken = Finding(
        "trench.once", "no metre is dug twice", 9, 7, (Failure("trench 3", "twice <x>", 9.1, 45.2),)
    )
    text = render_validation(replace(DESIGN, validation=(*DESIGN.validation, broken)))
    assert "1 of 17 rules are broken" in text
    assert "twice &lt;x&gt;, at 45.200000, 9.100000" in text
    assert "and 6 more" in text


def test_a_tiny_gap_is_not_written_as_none() -> None:
    assert percent(1e-7, 2) == "under 0.01"
    assert percent(Fraction(1, 8)) == "12.5"
