"""Sums of sectors, spellings of codes, and one country taken out of many."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.impact.aggregate import (
    aggregate,
    nace_concordance,
    national,
)
from nexpo.impact.balance import balance
from nexpo.impact.codes import divisions, position_of, positions_by_spelling
from nexpo.impact.model import Satellite, Table, Use, example


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("J62_J63", "J62_63"),
        ("C10-C12", "C10-12"),
        ("C10-C12", "C10T12"),
        ("C10T12", "CPA_C10-12"),
        ("E37-E39", "E37T39"),
        ("M69_M70", "M69_70"),
        ("R90-92", "R90T92"),
        ("D35", "D"),
        ("C31_C32", "C31_32"),
        ("A01", "01"),
        ("N80-82", "N80T82"),
        ("R_S", "R90-S96"),
    ],
)
def test_spellings_of_one_code(one: str, other: str) -> None:
    assert divisions(one) is not None
    assert divisions(one) == divisions(other)
    assert position_of(one, positions_by_spelling(["A02", other])) == 1


@pytest.mark.parametrize("text", ["", "IT", "C99", "C12-C10", "Households", "10-1", "A01T"])
def test_what_is_no_code_of_nace(text: str) -> None:
    assert divisions(text) is None


def test_an_unknown_code_gets_the_nearest() -> None:
    with pytest.raises(Problem) as caught:
        position_of("J62_64", positions_by_spelling(["J62_J63", "F"]))
    assert "J62_J63" in str(caught.value.remedy)
    with pytest.raises(Problem, match="more than one"):
        position_of("D", positions_by_spelling(["D35", "d35", "CPA_D35"]))


def test_concordance_by_divisions() -> None:
    fine = ["Q86", "Q87_88", "R90-92", "S96", "C10-12"]
    assert list(nace_concordance(fine, ["Q", "R_S", "C10-C12"]).values()) == [
        "Q", "Q", "R_S", "R_S", "C10-C12",
    ]  # fmt: skip
    with pytest.raises(Problem, match="unknown"):
        nace_concordance(["T"], ["Q"])


def three() -> Table:
    flows = np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]])
    final = np.array([[4.0, 0], [5, 10], [6, 5]])
    output = flows.sum(axis=1) + final.sum(axis=1)
    return replace(
        example(),
        sectors=("A", "B", "C"),
        labels=("a", "b", "c"),
        regions=("XX",) * 3,
        flows=flows,
        final=final,
        output=output,
        primary=np.vstack([output - flows.sum(axis=0) - 1, [1.0, 1, 1]]),
        imports=None,
        final_imports=None,
        satellites=(Satellite("jobs", "person", np.array([1.0, 2, np.nan]), 2020, ""),),
    )


def test_sums_keep_balances_and_unknown_stays_unknown() -> None:
    found = aggregate(three(), {"A": "X", "C": "X", "B": "B"}, labels={"X": "both"})
    assert found.sectors == ("X", "B")
    assert found.labels == ("both", "B")
    assert found.flows.tolist() == [[20.0, 10.0], [10.0, 5.0]]
    assert found.final.tolist() == [[10.0, 5.0], [5.0, 10.0]]
    assert np.allclose(balance(found).rows, 0)
    assert np.allclose(balance(found).columns, 0)
    assert np.isnan(found.satellites[0].values[0])
    assert found.satellites[0].values[1] == 2.0


def test_every_sector_needs_a_place_and_every_code_a_sector() -> None:
    with pytest.raises(Problem, match="no place") as caught:
        aggregate(three(), {"A": "X", "B": "X"})
    assert caught.value.value == "C"
    with pytest.raises(Problem, match="unknown sector code"):
        aggregate(three(), {"A": "X", "B": "X", "C": "X", "D": "X"})


def two_regions() -> Table:
    """Return IT (a, b) and FR (a, b), with households and stocks each."""
    flows = np.arange(16.0).reshape(4, 4)
    final = np.arange(16.0).reshape(4, 4) * 2
    output = flows.sum(axis=1) + final.sum(axis=1)
    return replace(
        example(),
        sectors=("IT:a", "IT:b", "FR:a", "FR:b"),
        labels=("a", "b", "a", "b"),
        regions=("IT", "IT", "FR", "FR"),
        flows=flows,
        final=final,
        uses=("IT:households", "IT:stocks", "FR:households", "FR:stocks"),
        use_kinds=(Use.HOUSEHOLDS, Use.INVENTORIES) * 2,
        output=output,
        primary=np.vstack([output - flows.sum(axis=0), np.zeros(4)]),
        imports=None,
        final_imports=None,
        satellites=(),
    )


def test_one_country_of_many() -> None:
    whole = two_regions()
    found = national(whole, "FR")
    assert found.sectors == ("a", "b")
    assert found.flows.tolist() == whole.flows[2:, 2:].tolist()
    assert found.imports is not None
    assert found.imports.tolist() == whole.flows[:2, 2:].tolist()
    assert found.final_imports is not None
    assert found.final_imports[:, :2].tolist() == whole.final[:2, 2:].tolist()
    assert found.use_kinds == (Use.HOUSEHOLDS, Use.INVENTORIES, Use.EXPORTS)
    exports = whole.flows[2:, :2].sum(axis=1) + whole.final[2:, :2].sum(axis=1)
    assert found.final[:, 2].tolist() == exports.tolist()
    assert np.allclose(balance(found).rows, 0)
    assert np.allclose(balance(found).columns, 0)
    with pytest.raises(Problem, match="unknown region"):
        national(whole, "DE")


def test_a_bare_code_stands_for_every_region() -> None:
    found = aggregate(two_regions(), {"a": "all", "b": "all"})
    assert found.sectors == ("IT:all", "FR:all")
    assert found.regions == ("IT", "FR")
    world = aggregate(two_regions(), dict.fromkeys(two_regions().sectors, "W"))
    assert world.regions == ("IT+FR",)
    assert world.flows.tolist() == [[120.0]]
