"""Assumptions from dated YAML: read whole, or refused with file and key."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.core.settings import parameters_directory
from nexpo.impact.adapters.assumption_files import load_assumptions
from nexpo.impact.model import Phase

DAY = date(2026, 1, 1)


def changed(tmp_path: Path, name: str, old: str, new: str) -> Path:
    text = (parameters_directory() / "impact" / f"{name}.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / f"{name}.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_what_ships_is_whole_and_says_that_it_is_unverified() -> None:
    held = load_assumptions(DAY)
    assert held.eur_per("USD", 2014) == 0.752728
    assert held.eur_per("EUR", 1999) == 1.0
    assert held.default_reading in held.readings
    assert set(held.closures) <= set(held.readings)
    assert not any(use.verified for use in held.uses.values())
    assert all(use.source for use in held.uses.values())
    assert {mix.product for mix in held.mixes} >= {"data-centre-construction", "training"}


def test_the_mixes_of_the_sheet() -> None:
    mixes = {mix.name: dict(mix.shares) for mix in load_assumptions(DAY).mixes
             if mix.product == "data-centre-construction"}  # fmt: skip
    assert mixes["A"] == {"F": 1.0}
    assert mixes["B"]["F"] == pytest.approx(0.45)
    assert mixes["C"]["C26"] == pytest.approx(0.45)


def test_margins_of_goods_and_of_services() -> None:
    rates = load_assumptions(DAY).margins.rates(
        ("C28", "C31-C32", "J62_63", "G46", "H49"), dict.fromkeys(Phase, 0.04)
    )
    assert rates.trade == pytest.approx([0.12, 0.20, 0, 0, 0])
    assert rates.transport == pytest.approx([0.02, 0.02, 0, 0, 0])
    assert rates.trade_to.tolist() == [0, 0, 0, 1, 0]


def test_peers_are_found_in_any_spelling_and_unknown_is_not_zero() -> None:
    peers = load_assumptions(DAY).peers
    found = peers.column("persons_per_eur_m", ("A01", "J62_63", "U"))
    assert found[:2] == pytest.approx([9.024815086, 6.624242258])
    assert np.isnan(found[2])


def test_a_missing_rate_is_told() -> None:
    with pytest.raises(Problem, match="no exchange rate of GBP to EUR for 2010"):
        load_assumptions(DAY).eur_per("GBP", 2010)


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("deflators", "2013: 93.0", "2013: 0", "above zero"),
        ("deflators", "2013: 93.0", "2013: many", "a number is expected"),
        ("margins", "goods: {trade: 12, transport: 2}", "goods: 12", "trade and transport"),
        ("margins", "tax: {construction: 4.2,", "tax: {constr: 4.2,", "a number is expected"),
        ("margins", "earned_by:", "earned:", "a mapping of keys"),
    ],
)
def test_slips_are_told_with_file_and_key(
    tmp_path: Path, name: str, old: str, new: str, told: str
) -> None:
    path = changed(tmp_path, name, old, new)
    with pytest.raises(Problem, match=told) as caught:
        load_assumptions(DAY, **{name: path})
    assert caught.value.where.file == str(path)
    assert caught.value.where.column
