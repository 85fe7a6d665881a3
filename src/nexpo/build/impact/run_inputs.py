"""From names and files to the request of a run.

A table that nobody names is looked for among the data that are on this machine; where there is
none the run stops and says so. No table is ever made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from nexpo.build.impact.by_province import read_provinces, refuse_without_region
from nexpo.build.impact.labour import kinds_of, with_national_count
from nexpo.build.impact.run_model import NO_CLOSURE, Provinces, Request
from nexpo.build.impact.tables import open_table
from nexpo.core import parameters
from nexpo.core.evidence import Input
from nexpo.core.files import sha256_of
from nexpo.core.ingest import Dialect
from nexpo.core.parameters import Parameter
from nexpo.core.problem import Kind, Problem, Where
from nexpo.core.settings import regions_directory
from nexpo.impact.adapters.activity_files import Pick, read_activity
from nexpo.impact.adapters.assumption_files import Assumptions, load_assumptions
from nexpo.impact.adapters.plan_files import read_plan
from nexpo.impact.adapters.sector_files import read_satellite
from nexpo.impact.balance import SOLVER_DECIDES
from nexpo.impact.domestic import ImportRule
from nexpo.impact.labour import Counted, Labour, counted_as
from nexpo.impact.model import Plan, Table
from nexpo.impact.regionalise.activity import Activity
from nexpo.impact.regionalise.delta import PARAMETER, AreaType, Delta, Prior, choose_delta, prior_of
from nexpo.impact.regionalise.quotients import Method
from nexpo.sources import input_for, source
from nexpo.sources.directory import source_of
from nexpo.territory.names import fold
from nexpo.territory.regions import regions

_TABLE, _TABLE_FILE = "wiod2016-italy", "ITA_2014_domestic_musd.csv"
_JOBS = "jobs-sectors-regions"
_ITALY = frozenset({"ITA", "IT"})
_NEED_DELTA = (Method.FLQ, Method.AFLQ)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a user asks of a run, in names and files; see the command for each."""

    plan: str
    day: date
    table: Path | None = None
    layout: str | None = None
    year: int | None = None
    area: str | None = None
    imports: str | None = None
    region: str | None = None
    activity: Path | None = None
    measure: str | None = None
    national: str | None = None
    activity_year: int | None = None
    provinces: Path | None = None
    method: str = "flq"
    delta: float | None = None
    area_type: str | None = None
    alpha: float | None = None
    beta: float | None = None
    closure: str | None = None
    mixes: Mapping[str, str] = field(default_factory=dict)
    satellites: tuple[Path, ...] = ()
    price_year: int | None = None
    deflators: Path | None = None
    margins: Path | None = None
    exchange_rate: float | None = None
    export_floor: float | None = None
    decimal: str | None = None
    encoding: str | None = None
    accept: tuple[str, ...] = ()
    count_as_is: bool = False
    fte: bool = False
    draws: int = 0
    seed: int = 0

    @property
    def dialect(self) -> Dialect:
        """How the text files of a call are written."""
        return Dialect(encoding=self.encoding or "utf-8", decimal=self.decimal or "")

    @property
    def pick(self) -> Pick:
        """What is meant of a file of activity."""
        return Pick(self.measure, self.activity_year, self.national)


def request_of(asked: Asked, plan: Plan | None = None) -> Request:
    """Read what a run needs, and refuse what does not fit together.

    Parameters
    ----------
    plan
        In place of the file that is asked for.

    Raises
    ------
    Problem
        Naming file and field; ``NO_INPUT`` where no table is at hand.
    """
    held = load_assumptions(asked.day, deflators=asked.deflators, margins=asked.margins)
    plan_files: tuple[Path, ...] = ()
    if plan is None:
        plan, path = _plan(asked, held)
        plan_files = (path,)
    table_file = asked.table or default_table()
    table = _table(asked, table_file)
    if asked.exchange_rate is not None:
        held = held.with_rate(table.origin.currency, table.origin.year, asked.exchange_rate)
    if asked.export_floor is not None:
        held = held.with_floor(asked.export_floor)
    activity, activity_file, region = _activity(asked, plan, table)
    delta = None if not region else _delta(asked)
    partial = _partial(asked, held, activity_file, activity)
    if activity is not None and not region:
        table, activity = _counted(asked, table, activity), None
    _refuse_mixes(asked, plan)
    provinces = _provinces(asked, plan, table, region if activity is not None else "")
    files = (activity_file, asked.provinces, *asked.satellites)
    used = [*plan_files, table_file, *(path for path in files if path is not None)]
    return Request(
        plan,
        table,
        held,
        asked.day,
        activity=activity,
        region=region,
        method=Method(asked.method),
        delta=delta,
        alpha=asked.alpha,
        beta=asked.beta,
        closure=asked.closure or held.default_reading or NO_CLOSURE,
        mixes=asked.mixes,
        price_year=asked.price_year,
        fte=asked.fte,
        draws=asked.draws,
        seed=asked.seed,
        inputs=tuple(_input(path, table if path == table_file else None) for path in used),
        delta_use=None if delta is None or delta.prior is None else delta.prior.use,
        provinces=provinces,
        partial=partial,
    )


def default_table() -> Path:
    """Return the table of Italy that is on this machine.

    Raises
    ------
    Problem
        ``NO_INPUT`` when there is none.
    """
    for path in source(_TABLE).present():
        if path.name == _TABLE_FILE:
            return path
    raise Problem(
        Kind.NO_INPUT,
        "no input-output table is on this machine",
        remedy="give one with --table FILE: any layout that `nexpo impact table --help` lists",
    )


def plan_path(name: str) -> Path:
    """Return the file of a plan: a path, or the name of one that ships with a region.

    Raises
    ------
    Problem
        ``NO_INPUT`` with the plans that ship.
    """
    path = Path(name)
    if path.is_file() or path.suffix:
        return path
    shipped = {each.stem: each for each in sorted(regions_directory().glob("*/plans/*.yaml"))}
    if name in shipped:  # a folder of that name may be what an earlier run wrote with --out
        return shipped[name]
    if not path.exists():
        raise Problem(
            Kind.NO_INPUT,
            "no such plan",
            value=name,
            remedy=f"name a .yaml, .csv or .xlsx file, or one of {', '.join(shipped) or 'none'}",
        )
    return path


def _plan(asked: Asked, held: Assumptions) -> tuple[Plan, Path]:
    path = plan_path(asked.plan)
    return read_plan(
        path, held.mixes, decimal=asked.decimal or ".", encoding=asked.dialect.encoding
    ), path


def _table(asked: Asked, path: Path) -> Table:
    rule = None if asked.imports is None else ImportRule(asked.imports)
    table = open_table(
        path,
        asked.layout,
        asked.year,
        asked.area,
        rule=rule,
        accept=(*SOLVER_DECIDES, *asked.accept),
        encoding=asked.encoding,
        decimal=asked.decimal or "",
    )
    written = {"decimal": asked.decimal or "", "encoding": asked.encoding or "utf-8"}
    added = tuple(read_satellite(each, table.sectors, **written) for each in asked.satellites)
    return replace(table, satellites=(*table.satellites, *added)) if added else table


def _activity(asked: Asked, plan: Plan, table: Table) -> tuple[Activity | None, Path | None, str]:
    """Return the activity of the region, its file, and the region's code."""
    wanted = asked.region or plan.region
    if wanted in {"", "none"}:
        return _of_nation(asked, table)
    path = asked.activity or next(iter(source(_JOBS).present()), None)
    if path is None:
        raise Problem(
            Kind.NO_INPUT,
            "no activity by region and sector is on this machine",
            value=wanted,
            remedy="give jobs or output by region and sector with --activity FILE, or run the "
            "plan on the country alone with --region none",
        )
    code, name = _region(wanted)
    found = read_activity(path, table.sectors, name, asked.pick, dialect=asked.dialect)
    return _in_units(found, own=asked.activity is None, path=path), path, code


def _of_nation(asked: Asked, table: Table) -> tuple[Activity | None, Path | None, str]:
    """Return the activity of the nation alone: the one given, or Italy's for want of any count."""
    given = {"--delta": asked.delta, "--area-type": asked.area_type}
    for option, value in given.items():
        if value is not None:
            raise Problem(
                Kind.USAGE,
                f"{option} sizes a region, and this run has none",
                value=value,
                remedy=f"name the region with --region, or leave {option} out",
            )
    path = asked.activity
    if path is None and table.origin.area in _ITALY and not kinds_of(table.satellites):
        path = next(iter(source(_JOBS).present()), None)
    if path is None:
        return None, None, ""
    found = read_activity(path, table.sectors, None, asked.pick, dialect=asked.dialect)
    return _in_units(found, own=asked.activity is None, path=path), path, ""


def _counted(asked: Asked, table: Table, activity: Activity) -> Table:
    """Return the table with the nation's count of an activity.

    Raises
    ------
    Problem
        ``USAGE`` at an activity that was given and cannot matter.
    """
    made = with_national_count(table, activity, kinds_of(table.satellites))
    if made is table and asked.activity is not None:
        raise Problem(
            Kind.USAGE,
            "an activity matters to a run without region only where it counts labour that the "
            "table does not count itself",
            value=str(asked.activity),
            remedy="name the region with --region, or leave --activity out",
        )
    return made


def _partial(
    asked: Asked, held: Assumptions, path: Path | None, activity: Activity | None
) -> tuple[str, tuple[str, ...]] | None:
    """Return the source of a count that is known to hold some sectors in part, and which."""
    listed = None if path is None else source_of(path)
    if asked.count_as_is or activity is None or listed is None:
        return None
    peers = held.peers
    return (activity.source, peers.partial) if listed.key in peers.partial_counts else None


def _in_units(found: Activity, *, own: bool, path: Path) -> Activity:
    """Return the activity in single persons, employees, jobs or FTE, where it counts labour.

    ``own`` is the list of jobs by region that Nexpo knows, which counts persons and states no
    unit. What any other file counts is told by its unit, by its measure only for want of one.
    """
    try:
        unit = Counted(Labour.PERSON) if own else counted_as(found.unit, found.measure)
    except Problem as problem:
        problem.where = Where(str(path), column="unit")
        raise
    if unit is None:
        return found
    return replace(
        found,
        regional=found.regional * unit.scale,
        national=found.national * unit.scale,
        measure=f"{unit.kind.value}s" if unit.kind is not Labour.FTE else "fte",
        unit=unit.kind.value,
    )


def _refuse_mixes(asked: Asked, plan: Plan) -> None:
    """Refuse a spending mix of a product that no line of the plan names."""
    known = tuple(dict.fromkeys(mix.product for mix in plan.mixes))
    for product in asked.mixes:
        if product not in known:
            raise Problem(
                Kind.USAGE,
                "no line of the plan is spent by a mix of this product",
                value=product,
                remedy=f"products with mixes: {', '.join(known) or 'none'}",
            )


def _provinces(asked: Asked, plan: Plan, table: Table, region: str) -> Provinces | None:
    if not region:
        refuse_without_region(asked.provinces)
        return None
    name = next((each.name for each in regions() if each.code == region), region)
    pick = Pick(asked.measure, asked.activity_year)
    return read_provinces(
        asked.provinces, plan, table.sectors, (region, name), pick, dialect=asked.dialect
    )


def _region(wanted: str) -> tuple[str, str]:
    """Return code and name of a region known by code, key or name; else what was given."""
    for each in regions():
        if fold(wanted) in {fold(key) for key in (each.key, each.code, each.name, *each.nuts2)}:
            return each.code, each.name
    return wanted, wanted


def _delta(asked: Asked) -> Delta | None:
    if Method(asked.method) not in _NEED_DELTA:
        if asked.delta is not None or asked.area_type is not None:
            raise Problem(
                Kind.USAGE,
                f"{asked.method} has no delta",
                remedy="leave --delta and --area-type out, or choose flq or aflq",
            )
        return None
    parameter = parameters.get(PARAMETER)
    kind = None if asked.area_type is None else AreaType(asked.area_type)
    if asked.delta is not None and kind is not None:
        return Delta(asked.delta, "given", _prior_around(asked.delta, parameter, asked.day, kind))
    return choose_delta(asked.delta, kind, parameter, asked.day)


def _prior_around(given: float, parameter: Parameter, day: date, kind: AreaType) -> Prior:
    """Return the prior of a type of area.

    Raises
    ------
    Problem
        ``USAGE`` at a delta outside its range, which no draw would ever come to.
    """
    prior = prior_of(parameter, day, kind)
    if not prior.low <= given <= prior.high:
        raise Problem(
            Kind.USAGE,
            f"delta is outside the range of {kind.value} areas, {prior.low:g} to {prior.high:g}",
            value=given,
            remedy="give a delta within it, another --area-type, or --delta alone",
        )
    return prior


def _input(path: Path, table: Table | None) -> Input:
    """Return a file as evidence knows it, from the directory where it is listed."""
    listed = source_of(path)
    if listed is not None:
        return input_for(path, listed.key, synthetic=table is not None and table.origin.synthetic)
    origin = None if table is None else table.origin
    return Input(
        source="user" if origin is None else origin.name,
        name=path.name,
        sha256=sha256_of(path) if path.is_file() else "",
        licence="stated by the user" if origin is None else origin.licence,
        vintage="" if origin is None else str(origin.year),
        redistributable=origin is not None and origin.redistributable,
        synthetic=origin is not None and origin.synthetic,
    )
