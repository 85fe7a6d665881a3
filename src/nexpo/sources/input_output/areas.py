"""Codes of countries: two letters in FIGARO, three in WIOD; one area under either."""

from __future__ import annotations

import re
from pathlib import Path

_TWO_BY_THREE = dict(  # three letters to two
    pair.split(":")
    for pair in [
        "ARG:AR",
        "AUS:AU",
        "AUT:AT",
        "BEL:BE",
        "BGR:BG",
        "BRA:BR",
        "CAN:CA",
        "CHE:CH",
        "CHN:CN",
        "CYP:CY",
        "CZE:CZ",
        "DEU:DE",
        "DNK:DK",
        "ESP:ES",
        "EST:EE",
        "FIN:FI",
        "FRA:FR",
        "GBR:GB",
        "GRC:GR",
        "HRV:HR",
        "HUN:HU",
        "IDN:ID",
        "IND:IN",
        "IRL:IE",
        "ITA:IT",
        "JPN:JP",
        "KOR:KR",
        "LTU:LT",
        "LUX:LU",
        "LVA:LV",
        "MEX:MX",
        "MLT:MT",
        "NLD:NL",
        "NOR:NO",
        "POL:PL",
        "PRT:PT",
        "ROU:RO",
        "ROM:RO",
        "RUS:RU",
        "SAU:SA",
        "SVK:SK",
        "SVN:SI",
        "SWE:SE",
        "TUR:TR",
        "TWN:TW",
        "USA:US",
        "ZAF:ZA",
    ]
)
_OTHER = {"EL": "GR", "UK": "GB"}


def two_letters(area: str) -> str:
    """Return the two-letter code of a country, or the code itself where it is none.

    Examples
    --------
    >>> two_letters("ITA"), two_letters("el"), two_letters("ITC4")
    ('IT', 'GR', 'ITC4')
    """
    code = area.strip().upper()
    return _TWO_BY_THREE.get(code, _OTHER.get(code, code))


def same_area(one: str, other: str) -> bool:
    """Tell whether two codes mean one area.

    Examples
    --------
    >>> same_area("ITA", "IT"), same_area("FR", "DEU")
    (True, False)
    """
    return two_letters(one) == two_letters(other)


def area_of(path: Path) -> str:
    """Return the three letters that begin a file's name, or nothing.

    Examples
    --------
    >>> area_of(Path("ITA_NIOT_nov16.xlsx")), area_of(Path("table.csv"))
    ('ITA', '')
    """
    found = re.match(r"([A-Z]{3})_", path.name)
    return found.group(1) if found else ""


def year_in(path: Path) -> int | None:
    """Return the year in a file's name, if just one is there.

    Examples
    --------
    >>> year_in(Path("ITA_2014_domestic_musd.csv")), year_in(Path("a_2010_2016.csv"))
    (2014, None)
    """
    years = set(re.findall(r"(?<!\d)((?:19|20)\d\d)(?!\d)", path.name))
    return int(years.pop()) if len(years) == 1 else None
