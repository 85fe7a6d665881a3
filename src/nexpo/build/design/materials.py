"""Gathering for a design: where it lies, its streets and its addresses, real or made up.

Real streets serve where a file was given, or one in the data folder lies in the municipality.
Where there is none, streets are made up at the municipality's real size, the addresses are
spread along them, and all that follows is marked synthetic.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl
import shapely

from nexpo import territory
from nexpo.build.design.model import Materials, Place, Request
from nexpo.build.streets import municipality_of
from nexpo.connectivity.design.demand import place as placing
from nexpo.connectivity.design.findings import Finding, Findings
from nexpo.connectivity.design.model import CostClass, Demand, StreetGraph
from nexpo.connectivity.design.streets import build as cleaning
from nexpo.connectivity.design.streets import components, crossings, synthetic
from nexpo.connectivity.design.streets.classes import StreetClasses
from nexpo.core import parameters
from nexpo.core.evidence import Input
from nexpo.core.files import sha256_of
from nexpo.core.ingest import Reading
from nexpo.core.period import parse_date
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.core.progress import Progress, Silent
from nexpo.sources import input_for, lines, osm, source, sources
from nexpo.sources.addresses import from_uncovered, read_addresses
from nexpo.sources.infratel import read_uncovered

if TYPE_CHECKING:
    from datetime import date

    from shapely.geometry.base import BaseGeometry

_LISTS = ("infratel-uncovered-2025", "infratel-uncovered-2025-national")
_OSM = (".pbf", ".osm", ".json", ".json.gz", ".osm.gz", ".osm.bz2")
_CLASSES, _MATCHING = "design/street-classes", "design/address-matching"
_PROVINCE, _MUNICIPALITY = 3, 6
_MARGIN_DEG = 0.02
_TABLES = (".csv", ".csv.gz", ".parquet", ".gpkg", ".shp", ".geojson", ".txt", ".tsv")


def gather(request: Request, *, work: Path, progress: Progress | None = None) -> Materials:
    """Read everything that the design of one area works on.

    Parameters
    ----------
    request
        Its ``area`` is one municipality, or a file of addresses.
    work
        Folder for intermediate tables.
    progress
        Told of each step.

    Raises
    ------
    Problem
        When there is no such place or file, a file cannot be used, no address is to be
        designed for, or the area is more than one municipality.
    """
    tell = progress or Silent()
    place = where(request)
    if len(place.codes) > 1:
        raise Problem(
            Kind.USAGE,
            f"{place.name} holds {len(place.codes)} municipalities, each a design of its own",
            value=request.area,
            remedy="name one of them, or design them all with nexpo.build.design.region",
        )
    tell.step("addresses")
    listed = _addresses(request, place, work)
    tell.step("streets")
    found = _streets(request, place, listed.table)
    if found is None:
        return _made_up(request, place, listed)
    graph, findings = _network(request, found)
    tell.step("addresses on their streets")
    return _placed(request, place, listed, found, graph, findings)


def reference_day() -> date:
    """Return the day of the data: the first of the month of the list of uncovered addresses.

    Examples
    --------
    >>> reference_day()
    datetime.date(2025, 8, 1)
    """
    parts = source(_LISTS[0]).vintage.split("/", maxsplit=1)[0].split("-")
    return parse_date("-".join([*parts, "01", "01"][:3]))


def where(request: Request) -> Place:
    """Return the place that a request names.

    A municipality by ISTAT code or name, a province by its code, several by codes with commas
    between them, or the path of a file of addresses.

    Raises
    ------
    Problem
        When there is none of that name or code; the remedy names candidates.

    Examples
    --------
    >>> from datetime import date
    >>> where(Request("Lecco", on=date(2025, 8, 1))).codes
    ('097042',)
    >>> where(Request("097", on=date(2025, 8, 1))).name
    'Lecco (province)'
    """
    area, on = request.area.strip(), request.on
    if area.casefold().endswith(_TABLES) or Path(area).is_file():
        return _at_file(request)
    if area.isdecimal() and len(area) == _PROVINCE:
        return _province(area, on)
    if "," in area:
        parts = [where(replace(request, area=each)) for each in area.split(",")]
        codes = tuple(dict.fromkeys(code for each in parts for code in each.codes))
        return Place(area, codes, parts[0].region)
    code = area if area.isdecimal() else territory.match_name(area, on=on).code
    found = territory.municipality(code, on=on)
    return Place(found.name, (found.code,), found.region_code)


def territory_of(code: str, region: str, on: date) -> synthetic.Territory:
    """Return size, middle and boundary of a municipality, for made-up streets."""
    row = _sizes(region, on)[code]
    return synthetic.Territory(
        area_km2=row[0],
        population=max(1, row[1]),
        lon=row[2],
        lat=row[3],
        boundary=territory.boundaries(region, on=on)[code],
    )


def made_up(
    place: Place,
    ground: synthetic.Territory,
    addresses: int,
    *,
    seed: int = 0,
    inputs: tuple[Input, ...] = (),
) -> Materials:
    """Return made-up streets and addresses of a place, marked synthetic; no file is read.

    Parameters
    ----------
    place
        Where it is said to be.
    ground
        Size and boundary.
    addresses
        How many are to be connected.
    seed
        The same seed gives the same streets and addresses.

    Examples
    --------
    >>> ground = synthetic.Territory(4.0, 1500, 9.4, 45.8)
    >>> made = made_up(Place("Borgo"), ground, 12, seed=1)
    >>> len(made.demand), made.synthetic
    (12, True)
    """
    rng = np.random.default_rng([seed, *place.key.encode()])
    graph = synthetic.street_graph(ground, rng)
    demand = synthetic.demand(graph, addresses, rng)
    note = Finding(
        "synthetic",
        "street network made up by a generator: no street file lies in this municipality",
        1,
        remedy="give the streets with --streets FILE",
    )
    return Materials(place, graph, demand, Findings().adding(note), inputs)


@dataclass(frozen=True, slots=True, eq=False)
class _Listed:
    """Addresses as they were read, and the files they came from."""

    table: pl.DataFrame
    inputs: tuple[Input, ...]
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Ways:
    """Streets as they were read."""

    table: pl.DataFrame
    origin: str
    inputs: tuple[Input, ...]


def _at_file(request: Request) -> Place:
    path = Path(request.area)
    if not path.is_file():
        raise Problem(Kind.NO_INPUT, "no such file of addresses", where=Where(str(path)))
    return Place(path.name.split(".")[0])


def _province(code: str, on: date) -> Place:
    for region in territory.regions():
        for province in territory.provinces(region.code, on=on):
            if province.code == code:
                table = territory.municipalities(region.code, on=on)
                codes = [each for each in table["istat"] if each.startswith(code)]
                return Place(f"{province.name} (province)", tuple(codes), region.code)
    raise bad_input("no such province", value=code, remedy="three digits, like 097 for Lecco")


def _refusals(reading: Reading) -> tuple[str, ...]:
    """Return each refused row in words: where, what, and what to do."""
    if reading.rejects is None:
        return ()
    rows = pl.read_csv(reading.rejects, infer_schema=False).iter_rows(named=True)
    return tuple(
        f"row {row['row']}, {row['column']} {row['value'] or ''!r}: {row['reason']} "
        f"({row['remedy'] or 'mend the row'})"
        for row in rows
    )


def _addresses(request: Request, place: Place, work: Path) -> _Listed:
    given = request.addresses or (None if place.codes else Path(request.area))
    if given is not None:
        reading = read_addresses(given, work / "addresses.parquet")
        return _Listed(pl.read_parquet(reading.path), (_given(given),), _refusals(reading))
    for key in _LISTS:
        for path in source(key).present():
            table = _uncovered(path, place.codes[0], request.on, work)
            if table.height:
                return _Listed(from_uncovered(table), (input_for(path, key),))
    raise Problem(
        Kind.NO_INPUT,
        f"no address of {place.name} without a network is known here",
        value=place.codes[0],
        remedy="give a file with --addresses, or set NEXPO_DATA to the folder that holds the list "
        "of uncovered house numbers",
    )


def _uncovered(path: Path, code: str, on: date, work: Path) -> pl.DataFrame:
    def today(old: str) -> str | None:
        return territory.translate([old], on=on)[0][0]

    reading = read_uncovered(path, work / "uncovered.parquet", codes=today)
    return pl.read_parquet(reading.path).filter(pl.col("istat") == code)


def _given(path: Path) -> Input:
    return Input(
        source="given",
        name=path.name,
        sha256=sha256_of(path),
        licence="not stated",
        vintage="not stated",
        redistributable=False,
    )


def _streets(request: Request, place: Place, addresses: pl.DataFrame) -> _Ways | None:
    """Return the ways of the file given, or of one in the data folder that lies here."""
    if request.streets is not None:
        path = request.streets
        if not path.is_file():
            raise Problem(Kind.NO_INPUT, "no such file of streets", where=Where(str(path)))
        return _Ways(_read_ways(path, _box(place, request.on)), path.name, (_given(path),))
    for item in sources():
        if item.module != "osm":
            continue
        for path in item.present():
            if osm.recognise(path) and _lies_here(path, place, request.on, addresses):
                origin = f"{item.attribution}, {item.vintage}"
                return _Ways(osm.read_network(path), origin, (input_for(path, item.key),))
    return None


def _read_ways(path: Path, box: tuple[float, float, float, float] | None) -> pl.DataFrame:
    name = path.name.casefold()
    if name.endswith(_OSM):
        return osm.read_network(path, box=box if ".json" not in name else None)
    return lines.read_lines(path, box=box)


def _box(place: Place, on: date) -> tuple[float, float, float, float] | None:
    if len(place.codes) != 1:
        return None
    west, south, east, north = territory.boundaries(place.region, on=on)[place.codes[0]].bounds
    return (west - _MARGIN_DEG, south - _MARGIN_DEG, east + _MARGIN_DEG, north + _MARGIN_DEG)


def _lies_here(path: Path, place: Place, on: date, addresses: pl.DataFrame) -> bool:
    """Say whether a street file covers the municipality, or the addresses with coordinates."""
    ways = osm.read_ways(path)
    if place.codes:
        return municipality_of(ways, territory.boundaries(place.region, on=on)) == place.codes[0]
    known = addresses.drop_nulls(["lon", "lat"])
    if not known.height:
        return False
    hull = shapely.box(ways["lon"].min(), ways["lat"].min(), ways["lon"].max(), ways["lat"].max())
    inside = shapely.contains_xy(hull, known["lon"].to_numpy(), known["lat"].to_numpy())
    return bool(inside.mean() > 0.5)  # noqa: PLR2004 - most of them


def _network(request: Request, found: _Ways) -> tuple[StreetGraph, Findings]:
    """Return the clean graph: crossings dear, ducts reused, pieces joined."""
    classes = StreetClasses.of(parameters.get(_CLASSES).on(request.on))
    network = cleaning.build(_streets_of(found.table), classes, origin=found.origin)
    graph, findings = network.graph, network.findings
    for over in _barriers(request, found, classes):
        graph, said = crossings.cross(graph, over, classes.crossing_width_m)
        findings = findings.adding(said)
    if request.ducts is not None:
        graph, said = crossings.reuse(graph, lines.read_lines(request.ducts), CostClass.DUCT)
        findings = findings.adding(said)
    apart = components.apart(graph)
    if request.join_m > 0:
        graph, said = components.join(graph, request.join_m)
        findings = findings.adding(said)
        apart = components.apart(graph)
    return graph, findings.adding(apart)


def _streets_of(ways: pl.DataFrame) -> pl.DataFrame:
    """Leave out railways and waters, which are barriers and no streets."""
    other = pl.lit(value=False)
    for name in ("railway", "waterway"):
        if name in ways.columns:
            other |= pl.col(name).is_not_null()
    street = pl.col("highway").is_not_null() if "highway" in ways.columns else pl.lit(value=False)
    return ways.filter(street | ~other)


def _barriers(
    request: Request, found: _Ways, classes: StreetClasses
) -> Iterator[crossings.Barriers]:
    inside = crossings.barriers(found.table, classes)
    if len(inside.line):
        yield inside
    if request.barriers is not None:
        table = lines.read_lines(request.barriers)
        tagged = crossings.barriers(table, classes)
        yield tagged if len(tagged.line) else crossings.as_barriers(table, CostClass.WATER_CROSSING)


def _placed(
    request: Request,
    place: Place,
    listed: _Listed,
    found: _Ways,
    graph: StreetGraph,
    findings: Findings,
) -> Materials:
    rules = placing.Placing.of(parameters.get(_MATCHING).on(request.on))
    rng = np.random.default_rng(request.seed)
    unmatched: Literal["locality", "off_network"] = (
        "locality" if request.localities else "off_network"
    )
    result = placing.place(listed.table, graph, rules, rng, unmatched=unmatched)
    layers = [each for each in (request.ducts, request.barriers) if each is not None]
    return Materials(
        place=place,
        graph=graph,
        demand=result.demand,
        findings=findings.adding(*result.findings),
        inputs=(*listed.inputs, *found.inputs, *(_given(each) for each in layers)),
        matching=result.streets,
        refused=listed.refused,
    )


def _made_up(request: Request, place: Place, listed: _Listed) -> Materials:
    """Return made-up streets with as many addresses as are listed, under their names."""
    if place.codes:
        ground = territory_of(place.codes[0], place.region, request.on)
    else:
        ground = _around(listed.table, request)
    made = made_up(place, ground, listed.table.height, seed=request.seed, inputs=listed.inputs)
    return replace(made, demand=_named(made.demand, listed.table), refused=listed.refused)


def _named(demand: Demand, table: pl.DataFrame) -> Demand:
    """Return made-up demand under the ids, classes and units of a list."""
    table = table.unique("id", keep="first", maintain_order=True)
    kept = demand.take(np.arange(table.height))
    label = table.select(
        pl.concat_str(
            pl.col("street").fill_null(""), pl.col("number").fill_null(""), separator=" "
        ).str.strip_chars()
    ).to_series()
    return replace(
        kept,
        id=tuple(table["id"]),
        label=tuple(label),
        klass=tuple(table["klass"].fill_null("")),
        units=np.maximum(1, table["units"].fill_null(1).to_numpy()),
        connected=table["connected"].fill_null(value=False).to_numpy(),
    )


def _around(table: pl.DataFrame, request: Request) -> synthetic.Territory:
    known = table.drop_nulls(["lon", "lat"])
    if not known.height:
        raise bad_input(
            "no streets, and no address has a coordinate: nothing says where the area is",
            where=Where(request.area),
            remedy="give the streets with --streets FILE, or coordinates in columns lon and lat",
        )
    points = shapely.multipoints(known.select("lon", "lat").to_numpy())
    hull: BaseGeometry = points.buffer(0.005).convex_hull
    return synthetic.Territory(
        area_km2=float(np.sum(territory.area_km2([hull]))),
        population=3 * table.height,
        lon=float(hull.centroid.x),
        lat=float(hull.centroid.y),
        boundary=hull,
    )


@lru_cache(maxsize=4)
def _sizes(region: str, on: date) -> dict[str, tuple[float, int, float, float]]:
    table = territory.municipalities(region, on=on)
    columns: Sequence[str] = ("istat", "area_km2", "population", "lon", "lat")
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in table.select(columns).iter_rows()}
