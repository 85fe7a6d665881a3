"""From the files of publishers and forms to the register, and from the register to its tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import shapely

from nexpo import territory
from nexpo.build.datacentres.positions import position_doubts
from nexpo.core.files import sha256_of
from nexpo.core.period import parse_date
from nexpo.core.problem import Kind, Problem, Where
from nexpo.datacentres.adapters.facility_files import read_facilities
from nexpo.datacentres.adapters.rows import Reject
from nexpo.datacentres.adapters.schemes import load_bounds, load_capacities, load_matching
from nexpo.datacentres.confidential import shown, without_power
from nexpo.datacentres.doubtful import (
    countable,
    countable_report,
    countable_request,
    doubts_of,
    power_doubts,
    thousandfold_doubts,
)
from nexpo.datacentres.duplicates import distinct, find_duplicates
from nexpo.datacentres.model import (
    Certainty,
    Facility,
    Milestone,
    Place,
    Power,
    PowerKind,
    Report,
    Source,
    Stage,
    Total,
)
from nexpo.datacentres.reconcile import Balance, Disagreement, disagreements, reconcile
from nexpo.datacentres.share import Capacity, Reading, ShareClaim, of_register, read_claim
from nexpo.sources._points import Refused, read_features
from nexpo.sources.datacentre_atlas import read_atlas
from nexpo.sources.osm_datacentres import ATTRIBUTION, read_datacentres

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from nexpo.datacentres.ports import Register
    from nexpo.territory.model import Municipality

KINDS = ("auto", "osm", "atlas", "form")
_SAMPLE = 12
_IT = PowerKind.INSTALLED_IT


@dataclass(frozen=True, slots=True)
class Batch:
    """Facilities read from one file, what was refused, and what was noted."""

    kind: str
    facilities: tuple[Facility, ...]
    rejects: tuple[Reject, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The register held against reports and requests.

    ``questions`` are about power that no centre has; such values count as unknown in the sums.
    """

    balances: tuple[Balance, ...]
    disagreements: tuple[Disagreement, ...]
    reports: tuple[Report, ...]
    questions: tuple[str, ...] = ()


def read_batch(
    path: Path,
    *,
    on: date,
    kind: str = "auto",
    source: str | None = None,
    region_code: str | None = None,
    decimal: str = ".",
) -> Batch:
    """Read facilities of any file that is understood, and complete their places.

    Parameters
    ----------
    path
        GeoJSON of OpenStreetMap or of an atlas, or our form as CSV, XLSX or JSON.
    on
        Day whose municipalities and NUTS 3 codes are used.
    kind
        ``osm``, ``atlas``, ``form``, or ``auto``: told by ending and content.
    source
        Name of the source; the file's by default (forms name theirs in each row).
    region_code
        Region (``03``) in whose boundaries positions without a code are looked up.

    Raises
    ------
    Problem
        When the file as a whole cannot be used.
    """
    found = _kind_of(path) if kind == "auto" else kind
    if found == "form":
        filled = read_facilities(path, decimal=decimal)
        batch = Batch(found, filled.values, filled.rejects, filled.notes)
    else:
        batch = _read_map(path, found, source)
    asked = doubts_of(batch.facilities, load_bounds(on).power_high_kw)
    placed = [(each.id, each.place) for each in batch.facilities]
    batch = replace(batch, notes=(*batch.notes, *asked, *position_doubts(placed, on)))
    return _with_places(batch, on, region_code)


def duplicates_of(register: Register, *, on: date, confidential: bool = False) -> tuple[Any, ...]:
    """Return the pairs of a register that are, or may be, one centre, and campus neighbours.

    Confidential records are left out unless the reader asks for them: a pair tells of both.
    """
    found = register.facilities()
    kept = tuple(each for each in found if confidential or not each.confidential)
    return find_duplicates(kept, load_matching(on))


def reconciled(
    register: Register,
    *,
    year: int | None,
    on: date,
    tolerance: float = 0.1,
    confidential: bool = False,
) -> Reconciled:
    """Hold the register against the reports of a year (None: each one's last) and requests.

    Confidential records count as unknown, and their reports are left out, unless asked for.
    """
    every, matching = register.facilities(), load_matching(on)
    facilities = shown(every, confidential=confidential)
    kept = {each.id for each in every if each.confidential and not confidential}
    latest = (version.report for version in register.latest_versions(year))
    reports = tuple(report for report in latest if report.facility_id not in kept)
    requests, most = register.requests(), load_bounds(on).power_high_kw
    fit = tuple(countable(each, most) for each in facilities)
    return Reconciled(
        reconcile(
            fit,
            [countable_report(each, most) for each in reports],
            [countable_request(each, most) for each in requests],
            find_duplicates(fit, matching),
            matching,
        ),
        disagreements(facilities, reports, tolerance=tolerance),
        reports,
        (
            *doubts_of(facilities, most),
            *power_doubts(
                ((f"report {e.facility_id} {e.year}", e.number(_IT.value)) for e in reports),
                _IT,
                most,
            ),
            *power_doubts(
                ((each.id, each.requested_kw) for each in requests), PowerKind.REQUESTED, most
            ),
            *thousandfold_doubts(requests, facilities),
        ),
    )


def share_of(
    register: Register, claim: ShareClaim, *, on: date
) -> tuple[tuple[Capacity, ...], tuple[Reading, ...]]:
    """Return the sources of a claim of share, the register among them, and what they make of it."""
    most = load_bounds(on).power_high_kw
    every = (countable(without_power(each), most) for each in register.facilities())
    facilities = tuple(each for each in every if _in_region(each, claim.area_code, on))
    capacities = load_capacities(on)
    if facilities:
        kept = distinct(facilities, find_duplicates(facilities, load_matching(on)))
        total = Total.of(each.power.of(PowerKind.INSTALLED_IT) for each in kept)
        capacities = (*capacities, of_register(total, area_code=claim.area_code))
    return capacities, read_claim(claim, capacities)


def _in_region(facility: Facility, region_code: str, on: date) -> bool:
    code = facility.place.municipality
    place = None if code is None else _municipality(code, on)
    return place is not None and place.region_code == region_code


@cache
def _municipality(code: str, on: date) -> Municipality | None:
    """Return a municipality, or None where a code is none on that day: records keep old ones."""
    try:
        return territory.municipality(code, on=on)
    except Problem:
        return None


def _kind_of(path: Path) -> str:
    if path.suffix.casefold() not in {".geojson", ".json", ".gz"}:
        return "form"
    try:
        features, _ = read_features(path)
    except Problem:
        if path.suffix.casefold() == ".json":
            return "form"
        raise
    keys = {name for feature in features[:_SAMPLE] for name in feature.properties}
    return "osm" if keys & {"osm_id", "@id"} else "atlas"


def _read_map(path: Path, kind: str, source: str | None) -> Batch:
    readers = {"osm": (read_datacentres, _of_osm), "atlas": (read_atlas, _of_atlas)}
    if kind not in readers:
        raise Problem(
            Kind.USAGE, "unknown kind of file", value=kind, remedy=f"one of {', '.join(KINDS)}"
        )
    read, make = readers[kind]
    table, refused = read(path)
    named = source or (ATTRIBUTION if kind == "osm" else path.stem)
    note = f"{path.name}, sha256 {sha256_of(path)[:12]}"
    rejects = [_reject(path, each) for each in refused]
    facilities = []
    for number, row in enumerate(table.iter_rows(named=True), 1):
        try:
            facilities.append(make(row, named, note))
        except Problem as problem:
            column = problem.where.column or ""
            value, remedy = str(row.get(column, problem.value)), problem.remedy or ""
            told = (path.name, number, column, value, problem.detail, remedy)
            rejects.append(Reject(*told))
    return Batch(kind, tuple(facilities), tuple(rejects), ())


def _reject(path: Path, refused: Refused) -> Reject:
    told = (refused.number, refused.column, refused.value, refused.reason, refused.remedy)
    return Reject(path.name, *told)


def _of_osm(row: Mapping[str, Any], source: str, note: str) -> Facility:
    as_of = _day(row["as_of"])
    stage = Stage(row["stage"])
    started = _day(row["start"]) if stage is Stage.OPERATING else None
    return Facility(
        id=f"osm:{row['key']}",
        source=Source(source, Certainty.MAPPED, as_of, note),
        name=row["name"],
        owner=row["owner"],
        operator=row["operator"],
        place=_place(row),
        milestones=(Milestone(stage, started, as_of),),
    )


def _of_atlas(row: Mapping[str, Any], source: str, note: str) -> Facility:
    steps = () if row["stage"] is None else (Milestone(Stage(row["stage"])),)
    drawn = f"; drawn as {row['drawn_as']}" if row["drawn_as"] else ""
    return Facility(
        id=f"atlas:{row['key']}",
        source=Source(source, Certainty.PUBLISHED, None, note + drawn),
        name=row["name"],
        owner=row["owner"],
        operator=row["operator"],
        place=_place(row, country="IT" if row["istat"] else ""),
        milestones=steps,
        power=Power(installed_it_kw=row["installed_it_kw"]),
        floor_area_m2=row["floor_area_m2"],
    )


def _place(row: Mapping[str, Any], country: str = "IT") -> Place:
    return Place(
        municipality=row["istat"],
        lon=row["lon"],
        lat=row["lat"],
        address=row["address"] or "",
        country=country,
    )


def _day(text: str | None) -> date | None:
    return None if text is None else parse_date(text)


# Places


def _with_places(batch: Batch, on: date, region_code: str | None) -> Batch:
    notes = list(batch.notes)
    locate = None if region_code is None else _locator(region_code, on)
    completed = [_completed(facility, on, locate, notes) for facility in batch.facilities]
    unplaced = sum(facility.place.municipality is None for facility in completed)
    if unplaced:
        hint = "" if region_code else "; give --region to look them up by position"
        notes.append(f"{unplaced} facilities without a municipality{hint}")
    return replace(batch, facilities=tuple(completed), notes=tuple(dict.fromkeys(notes)))


Locate = Callable[[float, float], str | None]


def _completed(facility: Facility, on: date, locate: Locate | None, notes: list[str]) -> Facility:
    place = facility.place
    code, position = place.municipality, place.position
    if code is None and locate is not None and position is not None:
        code = locate(*position)
        if code is None and locate(position[1], position[0]) is not None:
            notes.append(f"{facility.id}: longitude and latitude seem to be exchanged")
        if code is not None:
            place = replace(place, municipality=code, country="IT")
    elif code is not None and place.country == "IT":
        current = territory.translate([code], on=on)[0][0]
        if current is None:
            notes.append(f"the municipality {code} is not known on {on}: kept as it is")
        elif current != code:
            notes.append(f"the municipality {code} is now {current}")
            code = current
            place = replace(place, municipality=current)
    if place.nuts3 is None and code is not None and place.country == "IT":
        found = _municipality(code, on)
        place = replace(place, nuts3=found.nuts3 if found else None)
    return facility if place == facility.place else replace(facility, place=place)


def _locator(region_code: str, on: date) -> Locate:
    shapes = territory.boundaries(region_code, on=on)
    codes, tree = list(shapes), shapely.STRtree(list(shapes.values()))

    def locate(lon: float, lat: float) -> str | None:
        found = sorted(tree.query(shapely.Point(lon, lat), predicate="intersects"))
        return codes[found[0]] if found else None

    return locate


def region_code_of(key: str) -> str:
    """Return the code of a region by the key of its file, or the code itself."""
    return key if key.isdigit() else territory.region(key).code


def refuse_nothing(batch: Batch, path: Path) -> None:
    """Refuse a file of which nothing can be used.

    Raises
    ------
    Problem
        With the first refusal.
    """
    if batch.facilities:
        return
    if batch.rejects:
        reject = batch.rejects[0]
        raise Problem(
            Kind.BAD_INPUT,
            f"no facility can be used; first: {reject.reason}",
            where=Where(str(path), reject.row, reject.column or None),
            value=reject.value or None,
            remedy=reject.remedy,
        )
    raise Problem(Kind.BAD_INPUT, "the file holds no facility", where=Where(str(path)))


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums by kind of power: one record a centre; what stays out of them is told."""

    power: dict[str, Total]
    doubled: int
    questions: tuple[str, ...]


def totals(facilities: Sequence[Facility], *, on: date) -> Sums:
    """Return the sum of each kind of power, with how many are unknown.

    Records that are one centre count once; power that no centre has counts as unknown.
    """
    most = load_bounds(on).power_high_kw
    fit = tuple(countable(each, most) for each in facilities)
    kept = distinct(fit, find_duplicates(fit, load_matching(on)))
    power = {kind.value: Total.of(each.power.of(kind) for each in kept) for kind in PowerKind}
    return Sums(power, len(fit) - len(kept), tuple(doubts_of(facilities, most)))
