"""The optical budget, reckoned by hand beside the code.

Losses as planned for: 0.40 dB/km at 1310 nm, splice 0.10, connector 0.50, 1:4 7.3, 1:8 10.5,
1:16 13.7 dB; two connectors at the POP and one at the premises.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nexpo.connectivity.design.adapters.architecture_files import load_architecture, load_cables
from nexpo.connectivity.design.fibre import budget
from nexpo.core.problem import Problem
from tests.unit.connectivity.design.fibre.examples import DAY

CABLES = replace(load_cables(DAY), slack_percent=0)


def reckoned(
    name: str, legs_m: list[float], *, joints: int = 0, direct: bool = False
) -> budget.Budget:
    return budget.reckon(
        np.array([legs_m]),
        np.array([joints]),
        np.array([direct]),
        load_architecture(name, DAY),
        CABLES,
    )


@pytest.mark.parametrize(
    ("name", "splitters", "splices"),
    [
        ("ftth-1x64", 7.3 + 13.7, 6),  # POP, in and out of two splitters, premises
        ("ftth-1x64-8x8", 10.5 + 10.5, 6),
        ("bul-1x16", 13.7, 5),  # the chamber is spliced through
    ],
)
def test_five_kilometres_through_each_split(name: str, splitters: float, splices: int) -> None:
    found = reckoned(name, [3000.0, 1900.0, 100.0])
    assert found.loss_db[0] == pytest.approx(5 * 0.40 + splitters + splices * 0.1 + 3 * 0.5)
    assert found.splices[0] == splices
    assert found.wavelength_nm[0] == 1310
    assert found.fits[0]


def test_point_to_point_is_spliced_through_and_has_its_own_limit() -> None:
    found = reckoned("ftth-1x64", [3000.0, 1900.0, 100.0], direct=True)
    assert found.loss_db[0] == pytest.approx(5 * 0.40 + 4 * 0.1 + 3 * 0.5)
    assert found.allowed_db[0] == 15


def test_class_b_plus_ends_where_28_db_are_used_up() -> None:
    reach_m = (28 - (7.3 + 13.7) - 0.6 - 1.5) / 0.40 * 1000  # 12.25 km, in drums of 4 km
    third = (reach_m - 1) / 3 - 3 * 0.1 / 0.4 * 1000 / 3
    assert reckoned("ftth-1x64", [third] * 3).fits[0]
    beyond = reckoned("ftth-1x64", [reach_m + 100, 0.0, 0.0])
    assert not beyond.fits[0]
    assert beyond.excess_m[0] == pytest.approx(100 + 3 * 0.1 / 0.4 * 1000)


def test_reach_ends_at_20_km_even_where_light_is_left() -> None:
    found = reckoned("p2p", [20_500.0, 0.0, 0.0], direct=True)
    assert found.loss_db[0] < found.allowed_db[0]
    assert not found.fits[0]
    assert found.excess_m[0] == pytest.approx(500)


def test_each_joint_and_each_full_drum_is_a_splice() -> None:
    assert reckoned("bul-1x16", [8100.0, 3999.0, 10.0], joints=3).splices[0] == 5 + 3 + 2


def test_too_little_loss_asks_for_an_attenuator() -> None:
    architecture = replace(load_architecture("bul-1x16", DAY), cabinet_ratio=2)
    found = budget.reckon(
        np.array([[100.0, 0, 0]]), np.array([0]), np.array([False]), architecture, CABLES
    )
    assert found.bright[0]
    assert not reckoned("bul-1x16", [100.0, 0, 0]).bright[0]


def test_a_splitter_or_wavelength_without_a_loss_is_said() -> None:
    with pytest.raises(Problem, match="no loss is known of a splitter 1:5"):
        CABLES.splitter_loss(5)
    with pytest.raises(Problem, match="no fibre loss is known"):
        CABLES.fibre_loss((1310, 1270))
