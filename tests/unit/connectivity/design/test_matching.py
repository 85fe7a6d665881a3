"""Names as lists write them, against names as maps write them."""

from __future__ import annotations

from datetime import date

import pytest

from nexpo.connectivity.design.demand.matching import StreetIndex, Wording, words_of
from nexpo.connectivity.design.demand.numbering import HouseNumber, house_number, values
from nexpo.core.parameters import get
from nexpo.core.problem import Problem

VALUE = get("design/address-matching").on(date(2025, 1, 1))
WORDING = Wording.of(VALUE)
MAP = [
    "Via Giuseppe Mazzini",
    "Via Giuseppe Verdi",
    "Piazza Giuseppe Garibaldi",
    "Via Nicolò Machiavelli",
    "Corso Martiri della Liberazione",
    "Viale Lombardia",
    "Via Papa Giovanni XXIII",
    "Via A. Pacinotti",
    "Via Don Giovanni Piatti",
    "Via don Giovanni Piatti",
    "Via Quarto",
    "Piazza della Libertà",
    "Località Campo de' Boi",
    "Via Fratelli Figini",
    "Via Sant'Ambrogio",
    "Via Giovanni Battista Grassi",
    "Via Roma",
    "Strada Provinciale 62",
    "Via IV Novembre",
    "Via Noè",
    "Via Giuseppe Parini",
]
INDEX = StreetIndex(MAP, WORDING)


@pytest.mark.parametrize(
    ("asked", "street", "least"),
    [
        ("VIA GIUSEPPE MAZZINI", "Via Giuseppe Mazzini", 1.0),
        ("VIA G. MAZZINI", "Via Giuseppe Mazzini", 0.95),
        ("VIA G.MAZZINI", "Via Giuseppe Mazzini", 0.95),
        ("VIA MAZZINI GIUSEPPE", "Via Giuseppe Mazzini", 0.99),
        ("VIA MAZZINI", "Via Giuseppe Mazzini", 0.85),
        ("V. MAZINI", "Via Giuseppe Mazzini", 0.8),
        ("P.ZZA GARIBALDI", "Piazza Giuseppe Garibaldi", 0.85),
        ("C.SO MARTIRI LIBERAZIONE", "Corso Martiri della Liberazione", 0.95),
        ("V.LE LOMBARDIA", "Viale Lombardia", 1.0),
        ("VIA LOMBARDIA", "Viale Lombardia", 0.9),
        ("VIA PAPA GIOVANNI VENTITREESIMO", "Via Papa Giovanni XXIII", 0.95),
        ("VIA NICOL\ufffd MACHIAVELLI", "Via Nicolò Machiavelli", 0.99),
        ("VIA NICOLO' MACHIAVELLI", "Via Nicolò Machiavelli", 1.0),
        ("PIAZZA LIBERTA'\ufffd", "Piazza della Libertà", 0.95),
        ("VIA NOA'\ufffd", "Via Noè", 0.99),
        ("LOC. CAMPO DE BOI", "Località Campo de' Boi", 1.0),
        ("VIA LOCALITA' CAMPO DE' BOI", "Località Campo de' Boi", 1.0),
        ("VIA F.LLI FIGINI", "Via Fratelli Figini", 1.0),
        ("VIA S.AMBROGIO", "Via Sant'Ambrogio", 0.8),
        ("VIA G.B. GRASSI", "Via Giovanni Battista Grassi", 1.0),
        ("S.P. 62", "Strada Provinciale 62", 1.0),
        ("VIA QUATTRO NOVEMBRE", "Via IV Novembre", 1.0),
    ],
)  # fmt: skip
def test_names_that_mean_a_street(asked: str, street: str, least: float) -> None:
    found = INDEX.find(asked)
    assert found.name >= 0
    assert MAP[found.name] == street
    assert found.score >= least - 1e-9


@pytest.mark.parametrize(
    "asked",
    ["VIA GIUSEPPE GIUSTI", "VIA ROMAGNA", "LOCALITA' PIANI D'ERNA", "STRADA PROVINCIALE 63",
     "LUNGOLARIO IV MAGGIO", "VIA DELLA", "", "VIA", "VIA G. VERGA"],
)  # fmt: skip
def test_names_that_mean_none(asked: str) -> None:
    found = INDEX.find(asked)
    assert found.name == -1
    assert found.score < WORDING.threshold


def test_spellings_of_one_street_are_one() -> None:
    found = INDEX.find("VIA DON GIOVANNI PIATTI")
    assert INDEX.same(found.name) == (8, 9)


def test_a_name_that_fits_two_streets_says_so() -> None:
    two = StreetIndex(["Via Carlo Rossi", "Via Mario Rossi"], WORDING)
    found = two.find("VIA ROSSI")
    assert found.tied
    assert found.nearest == "Via Carlo Rossi"


def test_a_street_named_like_a_type_keeps_its_name() -> None:
    assert words_of("Via Borgo", WORDING).words == ("borgo",)
    assert words_of("Via Ponte Alimasco", WORDING).words == ("ponte", "alimasco")


@pytest.mark.parametrize(
    ("change", "words"), [({"threshold": 0}, "no share"), ({"types": None}, "")]
)
def test_a_wrong_table_is_refused(change: dict[str, object], words: str) -> None:
    value = {k: v for k, v in (VALUE | change).items() if v is not None}
    with pytest.raises(Problem, match=words or "lacks types"):
        Wording.of(value)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", HouseNumber(7)), (" 12 / A ", HouseNumber(12, "A")), ("12A", HouseNumber(12, "A")),
        ("12 bis", HouseNumber(12, "BIS")), ("33/B 2", HouseNumber(33, "B 2")),
        ("4/SNC", HouseNumber(4)), ("SNC", None), ("0", None), ("0/SNC", None), ("", None),
        (None, None), ("km 3.2", None),
    ],
)  # fmt: skip
def test_house_numbers(text: str | None, number: HouseNumber | None) -> None:
    assert house_number(text) == number


def test_exponents_stand_after_their_number_in_order() -> None:
    spoken = ["12", "12/A", "12/B", "12/AA", "13", "12/2", "12/10"]
    read = [each for each in map(house_number, spoken) if each]
    ordered = [spoken[i] for i in sorted(range(len(read)), key=lambda i: values(read)[i])]
    assert ordered == ["12", "12/2", "12/10", "12/A", "12/B", "12/AA", "13"]
