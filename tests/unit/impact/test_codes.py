"""Sector codes: spellings that are one, and those that are not."""

from __future__ import annotations

import pytest

from nexpo.core.problem import Problem
from nexpo.impact.codes import entry_of, position_of, positions_by_spelling, sectors_of, spelling

UK = ("10-1", "20-3", "10-4", "30-1", "33-15", "97", "10-2-3")


@pytest.mark.parametrize("code", ["10-11", "20-23", "10-14", "30-31", "33-315"])
def test_numeric_codes_keep_their_digits(code: str) -> None:
    assert spelling(code) == code
    with pytest.raises(Problem, match="no sector"):
        position_of(code, positions_by_spelling(UK))


def test_a_leading_t_is_a_section() -> None:
    assert spelling("T97") == "T97"
    assert spelling("T97_98") == spelling("T97_T98") == spelling("T97T98") == "T97-98"
    assert position_of("T97", positions_by_spelling(UK)) == 5


@pytest.mark.parametrize(
    "codes", [("J62_J63", "J62_63"), ("C10-C12", "C10-12", "C10T12", "C10_12", "CPA_C10-C12")]
)
def test_spellings_of_one_sector_agree(codes: tuple[str, ...]) -> None:
    assert len({spelling(code) for code in codes}) == 1


def test_sectors_are_found_by_their_divisions() -> None:
    assert sectors_of("G46", ["45", "46", "47"]) == [1]
    assert sectors_of("G46", ["C", "G"]) == sectors_of("G46", ["F", "G45-47"]) == [1]
    assert sectors_of("G46", ["F", "C"]) == []
    assert entry_of("26", {"C26": 1.0, "C": 2.0}) == 1.0
    assert entry_of("27", {"C26": 1.0, "C": 2.0}) == 2.0
    assert entry_of("10-2-3", {"C10-12": 3.0}) == 3.0
