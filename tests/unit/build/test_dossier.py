"""The dossier of a small region: what it must say, and what it must not need."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from nexpo.build import dossier, synthetic, tables
from nexpo.build.figures import enter
from nexpo.build.model import Material
from nexpo.build.run import _map


def page(material: Material) -> str:
    ledger, needs, rule = enter(material)
    places = tables.municipalities(material, ledger, needs)
    classes = tables.uncovered_by_class(material, ledger)
    sources = tables.source_rows(ledger.inputs())
    return dossier.render(
        dossier.Page(material, ledger, needs, rule, (), date(2026, 1, 1), places, classes,
                     _map(material, places), sources)
    )  # fmt: skip


@pytest.fixture
def stand_in(material: Material) -> Material:
    places = material.municipalities
    return replace(
        material,
        uncovered=synthetic.uncovered(places, 1),
        performance=synthetic.performance(places, 1),
        money=(),
        streets=(),
    )


def test_it_stands_alone(material: Material) -> None:
    text = page(material)
    assert "<script" not in text
    assert not re.search(r'(src|href)="(?!#)', text)
    assert not re.search(r"url\((?!\"data:)", text)
    assert "@import" not in text


def test_every_inner_link_has_its_anchor(material: Material) -> None:
    text = page(material)
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)


def test_it_says_what_may_not_be_published(material: Material) -> None:
    text = page(material)
    assert "For internal use; do not publish." in text
    assert "Nothing. Every figure on this page comes from a published file" in text


def test_a_stand_in_is_marked_wherever_it_shows(stand_in: Material) -> None:
    text = page(stand_in)
    assert "Synthetic: not real data." in text
    assert "<title>SYNTHETIC" in text
    assert 'class="wide stamped"' in text
    assert "For internal use; do not publish." not in text
    assert "(synthetic)" in text


def test_what_is_absent_is_said(stand_in: Material) -> None:
    text = page(stand_in)
    assert "No file of payments" in text
    assert "carries no statements" in text


def test_names_are_escaped(material: Material) -> None:
    region = replace(material.region, name="A <b> & C")
    text = page(replace(material, region=region))
    assert "A &lt;b&gt; &amp; C" in text
    assert "A <b>" not in text
