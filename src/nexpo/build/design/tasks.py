"""The tasks of a region: a municipality each, with the hash of all it depends on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import polars as pl

from nexpo import __version__, territory
from nexpo.build.design import rulebook
from nexpo.build.design.model import Request
from nexpo.build.design.municipality import (
    Task,
)
from nexpo.build.design.parts import Parts
from nexpo.build.streets import municipality_of
from nexpo.connectivity.design.streets.synthetic import node_count
from nexpo.core.evidence import Input
from nexpo.core.parameters import Use, get
from nexpo.core.problem import Kind, Problem
from nexpo.core.progress import Progress, Silent
from nexpo.sources import input_for, osm, source, sources
from nexpo.sources.infratel import read_uncovered
from nexpo.sources.places import codes_on

if TYPE_CHECKING:
    from nexpo.territory import Region


_LISTS = ("infratel-uncovered-2025", "infratel-uncovered-2025-national")
_PACKAGE = Path(__file__).parents[2]
_CODE = ("build/design", "connectivity/design")
_PLACING = ("design/street-classes", "design/address-matching")
_THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for.

    Parameters
    ----------
    region
        Key, name or code of a region.
    out
        Folder to write; finished rows are kept beside it, in ``OUT.parts.jsonl``.
    on
        Day whose municipalities, prices and rules hold.
    only
        ISTAT codes; all municipalities where empty.
    architecture, grant_rule
        Names of parameters.
    rounds
        Of the search for routes in each municipality. Rounds and not seconds, so that the
        same order gives the same table; 200 leave a mean gap of 0.25 % on made-up streets,
        where 800 gain nothing more.
    per_1000
        Uncovered addresses by 1,000 inhabitants where no list covers the region. Lombardy's
        list has 21.4.
    made_up
        Leave aside the street files: all streets are made from the seed, as benchmarks need.
    seed
        Of made-up streets and of the search.
    fresh
        Forget the rows that an earlier run finished.
    """

    region: str
    out: Path
    on: date
    only: tuple[str, ...] = ()
    architecture: str = "ftth-1x64"
    grant_rule: str = "italia-1-giga"
    rounds: int = 200
    per_1000: float = 20.0
    made_up: bool = False
    seed: int = 1
    fresh: bool = False

    @property
    def parts(self) -> Parts:
        """Where finished rows are kept."""
        return Parts(self.out.with_name(f"{self.out.name}.parts.jsonl"))


@dataclass(frozen=True, slots=True)
class Prepared:
    """Tasks of a region with the files and parameters behind them."""

    region: Region
    tasks: tuple[Task, ...]
    inputs: tuple[Input, ...]
    uses: tuple[Use, ...]


def prepare(order: Order, progress: Progress | None = None) -> Prepared:
    """Return a task for each municipality asked for, with what it depends on.

    Raises
    ------
    Problem
        When there is no such region, municipality or rule, or a file cannot be used.
    """
    tell = progress or Silent()
    tell.step("municipalities, uncovered addresses, streets at hand")
    region = territory.region(order.region)
    uses = _uses(order)
    places = _chosen(order, territory.municipalities(region.code, on=order.on))
    known = _known(order, region.code)
    shapes = territory.boundaries(region.code, on=order.on)
    stamp = {"rules": _hash(repr(uses)), "version": f"{__version__}+{_code_hash()[:12]}"}
    tasks = tuple(
        _task(row, shapes[row["istat"]].wkb_hex, order, known, stamp)
        for row in places.iter_rows(named=True)
    )
    streets = (known.streets[task["istat"]][1] for task in tasks if task["streets"])
    listed = () if known.listed is None else (known.listed,)
    inputs = (*territory.inputs(region.code, on=order.on), *listed, *streets)
    return Prepared(region, tasks, inputs, uses)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the data folder knows of a region.

    Parameters
    ----------
    listed
        The list of uncovered house numbers; None where none covers the region.
    addresses
        Its rows by municipality.
    streets
        Files of streets by the municipality they lie in.
    """

    listed: Input | None
    addresses: Mapping[str, int]
    streets: Mapping[str, tuple[Path, Input]]


def _known(order: Order, region_code: str) -> _Known:
    codes = frozenset(territory.municipalities(region_code, on=order.on)["istat"])
    for key in _LISTS:
        for path in source(key).present():
            counts = _counted(path, order.on)
            here = {code: many for code, many in counts.items() if code in codes}
            if here:
                streets = {} if order.made_up else dict(_streets(region_code, order.on))
                return _Known(input_for(path, key), here, streets)
    return _Known(None, {}, {})


def _counted(path: Path, on: date) -> dict[str, int]:
    with TemporaryDirectory(prefix="nexpo-") as work:
        reading = read_uncovered(path, Path(work) / "uncovered.parquet", codes=codes_on(on))
        table = pl.read_parquet(reading.path, columns=["istat"]).drop_nulls()
    return dict(table.group_by("istat").len().iter_rows())


def _streets(region_code: str, on: date) -> Iterator[tuple[str, tuple[Path, Input]]]:
    shapes = territory.boundaries(region_code, on=on)
    for item in sources():
        for path in item.present() if item.module == "osm" else ():
            istat = municipality_of(osm.read_ways(path), shapes) if osm.recognise(path) else None
            if istat is not None:
                yield istat, (path, input_for(path, item.key))


def _chosen(order: Order, places: pl.DataFrame) -> pl.DataFrame:
    unknown = sorted(set(order.only) - set(places["istat"]))
    if unknown:
        raise Problem(
            Kind.USAGE,
            f"{order.region} has no such municipality on {order.on}",
            value=", ".join(unknown),
            remedy="give ISTAT codes of six digits, 097042 for Lecco, with commas between them",
        )
    return places.filter(pl.col("istat").is_in(order.only)) if order.only else places


def _task(
    row: Mapping[str, Any], boundary: str, order: Order, known: _Known, stamp: Mapping[str, str]
) -> Task:
    istat = row["istat"]
    path, file = known.streets.get(istat, ("", None))
    if known.listed is None:
        addresses = round((row["population"] or 0) * order.per_1000 / _THOUSAND)
    else:
        addresses = known.addresses.get(istat, 0)
    return Task(
        istat=istat,
        name=row["name"],
        province_code=row["province_code"],
        province=row["province"],
        population=row["population"],
        area_km2=row["area_km2"],
        lon=row["lon"],
        lat=row["lat"],
        boundary=boundary,
        addresses=addresses,
        addresses_from="share" if known.listed is None else "list",
        list_sha256="" if known.listed is None or file is None else known.listed.sha256,
        streets=str(path),
        streets_sha256="" if file is None else file.sha256,
        on=order.on.isoformat(),
        architecture=order.architecture,
        grant_rule=order.grant_rule,
        rounds=order.rounds,
        seed=order.seed,
        rules=stamp["rules"],
        version=stamp["version"],
    )


def _uses(order: Order) -> tuple[Use, ...]:
    """Return the dated parameters that every municipality is designed by."""
    request = Request(
        order.region, order.on, architecture=order.architecture, grant_rule=order.grant_rule
    )
    named = rulebook.load(request).uses.values()
    return (*named, *(get(name).use(order.on) for name in _PLACING))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _code_hash() -> str:
    """Return the hash of the code that designs: other code, other rows."""
    digest = hashlib.sha256()
    for path in sorted(each for folder in _CODE for each in (_PACKAGE / folder).rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def size(task: Task) -> tuple[int, str]:
    """Return about how long a task takes: the largest are begun first, so that none is last."""
    if not task["population"]:
        return 0, task["istat"]
    return node_count(task["area_km2"], task["population"]) + task["addresses"], task["istat"]
