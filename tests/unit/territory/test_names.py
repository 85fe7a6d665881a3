"""Names as lists write them."""

from __future__ import annotations

from datetime import date

import pytest

from nexpo.core.problem import Problem
from nexpo.territory import Match, Unmatched, match_name, match_names
from nexpo.territory.names import fold
from nexpo.territory.register import _names, _places

DAY = date(2025, 8, 1)


@pytest.mark.parametrize(
    ("name", "province", "code", "how"),
    [
        ("Cantù", "CO", "013041", "exact"),
        ("CANTU'", "Como", "013041", "exact"),
        ("CANTU`", "013", "013041", "exact"),
        ("CANT\ufffd", "COMO", "013041", "lost letters"),
        ("Sal?", "BRESCIA", "017170", "lost letters"),
        ("RO\ufffd VOLCIANO", "BRESCIA", "017164", "lost letters"),
        ("BOLZANO", None, "021008", "exact"),
        ("Bozen", None, "021008", "exact"),
        ("BOLZANO-BOZEN", "Bolzano/Bozen", "021008", "exact"),
        ("Bozen", "Bozen", "021008", "exact"),
        ("CAMPOSPINOSO", "PV", "018026", "other name"),
        ("Puegnago sul Garda", "BS", "017158", "other name"),
        ("Castro", "BG", "016065", "exact"),
        ("SOVIZZO", "VI", "024128", "exact"),
        ("Reggio nell'Emilia", "RE", "035033", "exact"),
    ],
)
def test_one_municipality(name: str, province: str | None, code: str, how: str) -> None:
    found = match_name(name, province, on=DAY)
    assert (found.code, found.how, found.score) == (code, how, 1.0)


def problem_of(name: str, province: str | None) -> str:
    with pytest.raises(Problem) as caught:
        match_name(name, province, on=DAY)
    return str(caught.value)


def test_namesakes_need_a_province() -> None:
    text = problem_of("CASTRO", None)
    assert "several municipalities" in text
    assert "016065" in text
    assert "075096" in text


def test_a_near_name_is_offered_with_its_score_and_never_taken() -> None:
    text = problem_of("MILAMO", "MI")
    assert "no municipality of that name" in text
    assert "015146 Milano (score 0.83)" in text


def test_nothing_near() -> None:
    assert "check the spelling" in problem_of("QQQQQQ", None)
    assert "check the spelling" in problem_of("QQ?QQQ", None)


def test_the_right_name_in_the_wrong_province_is_not_taken() -> None:
    assert "no municipality of that name" in problem_of("MILANO", "CO")


def test_a_province_that_is_none() -> None:
    text = problem_of("COMO", "COMMO")
    assert "no such province" in text
    assert "013" in text


def test_a_municipality_that_ended_names_its_successor() -> None:
    text = problem_of("UGGIATE-TREVANO", "COMO")
    assert "013228 Uggiate-Trevano no longer exists" in text
    assert "since 2024-01-01 it is 013256 Uggiate con Ronago" in text


def test_a_municipality_that_ended_is_found_on_an_earlier_day() -> None:
    assert match_name("UGGIATE-TREVANO", "COMO", on=date(2023, 12, 31)).code == "013228"


def test_columns_of_names() -> None:
    codes, failed = match_names(
        ["AGRA", "AGRA", "RONAGO", "AGRA"], ["VARESE", "VARESE", "COMO", None], on=DAY
    )
    assert codes == ["012001", "012001", None, "012001"]
    assert [(item.name, item.province) for item in failed] == [("RONAGO", "COMO")]


def test_columns_of_different_length() -> None:
    with pytest.raises(ValueError, match="shorter"):
        match_names(["AGRA"], [], on=DAY)


def test_folding_makes_two_namesakes_and_both_need_a_province() -> None:
    names: dict[str, set[str]] = {}
    for place in _places(DAY).values():
        names.setdefault(fold(place.name), set()).add(place.name)
    doubled = [sorted(found) for found in names.values() if len(found) > 1]
    assert sorted(doubled) == [["Paterno", "Paternò"], ["Tre Ville", "Treville"]]
    assert "several municipalities" in problem_of("PATERNO'", None)
    assert match_name("PATERNO", "CT", on=DAY).name == "Paternò"


def test_every_municipality_is_found_by_its_own_name() -> None:
    index = _names(DAY)
    for place in _places(DAY).values():
        found = index.find(place.name.upper(), place.province_code)
        assert isinstance(found, Match), found
        assert found.code == place.code


def test_an_index_answers_without_raising() -> None:
    assert isinstance(_names(DAY).find("xx", "yy"), Unmatched)
