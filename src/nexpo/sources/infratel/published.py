"""Published results of the mappings: 2020, 2021 and the proximity questionnaire of 2024.

``;``-separated, one row an address. The header lines differ from region to region, so
columns are read by their **position**, as every public reader of these files does:

- 2020: 1 EGON, 2 region, 3 province, 4 municipality, 5 hamlet, 6 street, 7 number,
  8 exponent, 9 km, ... 14 class at 2019, 15 class at 2022. The classes are *bianco*,
  *non_coperti*, *grigio_{novhcn,vhcn}_{rame,fwa,fo}*, *nero_{novhcn,vhcn_fwa,vhcn_fo}*;
- 2021: 1 EGON, 2 region, 3 province, 4 municipality, 5 street, 6 number, 7 whole address,
  8 colour (*n*, *g* or empty for white), 9 class at peak, 10 highest class;
- 2024: 1 EGON, 2 region, 3 province, 4 municipality, 5 hamlet, 7 street, 8 number,
  9 exponent, 10 km; whether it is admitted (SI/NO) and why not are found by name.

Traps: the province of Rimini of 2020 came out of a spreadsheet, its ids in exponent notation
with four digits left: those rows are refused, none can be mended. An empty colour is *white*,
not *missing*. Class labels are ambiguous: see :mod:`nexpo.sources.infratel.classes`. An
unknown colour is kept as written and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nexpo.core.ingest import Dialect, Layout, Reading, read_header
from nexpo.core.problem import Where, bad_input
from nexpo.core.tables import load
from nexpo.sources.infratel.classes import class_sql
from nexpo.sources.text_tables.files import as_text_table
from nexpo.sources.text_tables.municipalities import Locate, fill_codes
from nexpo.sources.text_tables.names import find_roles
from nexpo.sources.text_tables.queries import doubled, others
from nexpo.sources.text_tables.reading import read_table
from nexpo.sources.text_tables.sql import cell, house_number, joined, translated

_COLOURS_2020 = {
    "bianco": "white",
    "non_coperti": "white",
    **{f"grigio_{v}_{t}": "grey" for v in ("novhcn", "vhcn") for t in ("rame", "fwa", "fo")},
    "nero_novhcn": "black",
    "nero_vhcn_fwa": "black",
    "nero_vhcn_fo": "black",
}
_COLOURS_2021 = {
    "n": "black",
    "nero": "black",
    "g": "grey",
    "grigio": "grey",
    "b": "white",
    "bianco": "white",
}
_YES_NO = {"si": "yes", "sì": "yes", "s": "yes", "no": "no", "n": "no"}
_ADMITTED = {
    "admitted": ("ammissibile", "ammesso", "ammissibilita", "civico_ammissibile"),
    "reason": ("motivo", "motivazione", "motivo_esclusione", "motivazione_esclusione", "causale"),
}
_DOUBLED = {"rows whose id stands twice": doubled(("address_id",))}


def read_results_2020(
    path: Path, target: Path, *, dialect: Dialect | None = None, locate: Locate | None = None
) -> Reading:
    """Read the results of 2020 into the table ``mapping_2020``.

    Raises
    ------
    Problem
        When the file has fewer than 15 columns or cannot be used as a whole.
    """
    return _read(_RESULTS_2020, path, target, dialect, locate)


def read_results_2021(
    path: Path, target: Path, *, dialect: Dialect | None = None, locate: Locate | None = None
) -> Reading:
    """Read the results of 2021 into the table ``mapping_2021``.

    Each class keeps its label and gets the interval it can mean; labels with two meanings
    are counted in the notes.

    Raises
    ------
    Problem
        When the file has fewer than 10 columns or cannot be used as a whole.
    """
    return _read(_RESULTS_2021, path, target, dialect, locate)


def read_proximity_2024(
    path: Path, target: Path, *, dialect: Dialect | None = None, locate: Locate | None = None
) -> Reading:
    """Read the proximity questionnaire of 2024 into the table ``proximity_2024``.

    Raises
    ------
    Problem
        When the file has fewer than 10 columns or cannot be used as a whole.
    """
    return _read(_PROXIMITY_2024, path, target, dialect, locate)


@dataclass(frozen=True, slots=True)
class _Edition:
    """A layout that was published once: columns by position, counted from 1."""

    table: str
    least: int  # columns
    expressions: Callable[[Mapping[int, str]], dict[str, str]]
    doubts: Mapping[str, str]


def _of_2020(at: Mapping[int, str]) -> dict[str, str]:
    now, later = cell(at[14]), cell(at[15])
    return {
        **_address(at, street=6, number=7),
        "street": joined(cell(at[6]), cell(at[5]), by=" - "),
        "number": house_number(at[7], at[8], at[9], metres=False),
        "class_2019": f"lower({now})",
        "colour_2019": _colour(now, _COLOURS_2020),
        "class_2022": f"lower({later})",
        "colour_2022": _colour(later, _COLOURS_2020),
    }


def _of_2021(at: Mapping[int, str]) -> dict[str, str]:
    colour, peak, top = cell(at[8]), cell(at[9]), cell(at[10])
    return {
        **_address(at, street=5, number=6),
        "full_address": cell(at[7]),
        "colour": f"CASE WHEN {colour} IS NULL THEN 'white' "
        f"ELSE {translated(colour, _COLOURS_2021)} END",
        "peak_class": peak,
        "peak_at_least_mbps": class_sql(peak)[0],
        "peak_below_mbps": class_sql(peak)[1],
        "max_class": top,
        "max_at_least_mbps": class_sql(top)[0],
        "max_below_mbps": class_sql(top)[1],
    }


def _of_2024(at: Mapping[int, str]) -> dict[str, str]:
    named = find_roles(at.values(), _ADMITTED)
    return {
        **_address(at, street=7, number=8, exponent=9, km=10),
        "street": joined(cell(at[7]), cell(at[5]), by=" - "),
        "admitted": translated(cell(named.get("admitted")), _YES_NO),
        "reason": cell(named.get("reason")),
    }


_RESULTS_2020 = _Edition(
    "mapping_2020",
    15,
    _of_2020,
    {
        "class of 2022 {!r} is not in the list: kept, without a colour": "SELECT class_2022, "
        "count(*) FROM t WHERE class_2022 IS NOT NULL AND colour_2022 IS NULL "
        "GROUP BY 1 ORDER BY 1"
    },
)
_RESULTS_2021 = _Edition(
    "mapping_2021",
    10,
    _of_2021,
    {
        "colour {!r} is not in the list: kept": others("colour", ("white", "grey", "black")),
        "class 100 is ambiguous: up to 200 or up to 300 Mbit/s": "SELECT count(*) FROM t "
        "WHERE peak_class = '100' OR max_class = '100'",
        "class {!r} is not in the list: kept, without an interval": "SELECT peak_class, "
        "count(*) FROM t WHERE peak_at_least_mbps IS NULL AND peak_class IS NOT NULL "
        "GROUP BY 1 ORDER BY 1",
    },
)
_PROXIMITY_2024 = _Edition(
    "proximity_2024",
    10,
    _of_2024,
    {
        "rows not admitted without a reason": "SELECT count(*) FROM t "
        "WHERE NOT admitted AND reason IS NULL",
        "rows without a word on admission": "SELECT count(*) FROM t WHERE admitted IS NULL",
    },
)


def _positions(readable: Path, path: Path, least: int, dialect: Dialect | None) -> dict[int, str]:
    delimiter, headers = read_header(readable, dialect)
    if len(headers) < least:
        raise bad_input(
            f"{len(headers)} columns, where this layout has at least {least}",
            where=Where(str(path), 0),
            value=", ".join(headers),
            remedy=f"the delimiter was read as {delimiter!r}; check the edition of the file",
        )
    return dict(enumerate(headers, 1))


def _address(
    at: Mapping[int, str], *, street: int, number: int, exponent: int = 0, km: int = 0
) -> dict[str, str]:
    return {
        "address_id": cell(at[1]),
        "istat": "NULL",
        "region": cell(at[2]),
        "province": cell(at[3]),
        "municipality": cell(at[4]),
        "street": cell(at[street]),
        "number": house_number(at[number], at.get(exponent), at.get(km)),
    }


def _colour(expression: str, words: Mapping[str, str]) -> str:
    cases = " ".join(f"WHEN '{word}' THEN '{colour}'" for word, colour in words.items())
    return f"CASE lower({expression}) {cases} END"


def _read(
    edition: _Edition, path: Path, target: Path, dialect: Dialect | None, locate: Locate | None
) -> Reading:
    table = load("nexpo.sources", edition.table)
    with as_text_table(path) as readable:
        at = _positions(readable, path, edition.least, dialect)
        reading = read_table(
            readable,
            table,
            target,
            dialect=dialect,
            layout=Layout(expressions=edition.expressions(at)),
            doubts={**_DOUBLED, **edition.doubts},
        )
        return fill_codes(reading, locate, table)
