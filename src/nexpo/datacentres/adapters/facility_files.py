"""The forms of facilities and of grid requests: templates, and reading them filled."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from nexpo.core.files import atomic_path, write_json
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.core.tables import Table, load
from nexpo.datacentres.adapters.cells import Wrong, pairs_of
from nexpo.datacentres.adapters.forms import Cells, Filled, fill, write_template
from nexpo.datacentres.adapters.rows import Row, read_form
from nexpo.datacentres.confidential import WITHHELD
from nexpo.datacentres.model import (
    CentreType,
    Certainty,
    Facility,
    GridRequest,
    Milestone,
    Place,
    Power,
    PowerKind,
    RequestState,
    Source,
    Stage,
)

_PACKAGE = "nexpo.datacentres"


def facility_table() -> Table:
    """Return the declared form of facilities.

    Examples
    --------
    >>> facility_table().required
    ('id', 'source')
    """
    return load(_PACKAGE, "facilities")


def request_table() -> Table:
    """Return the declared form of grid requests."""
    return load(_PACKAGE, "grid_requests")


def write_facility_template(path: Path) -> Path:
    """Write the empty form of facilities (CSV or XLSX)."""
    return write_template(path, facility_table())


def write_request_template(path: Path) -> Path:
    """Write the empty form of grid requests (CSV or XLSX)."""
    return write_template(path, request_table())


def read_facilities(path: Path, *, decimal: str = ".") -> Filled[Facility]:
    """Read a filled form of facilities; bad rows are told, the others go on.

    Raises
    ------
    Problem
        When the file as a whole cannot be used.
    """
    return fill(
        read_form(path),
        facility_table(),
        _facility,
        decimal=decimal,
        unique=lambda facility: facility.id,
    )


def write_facilities(path: Path, facilities: Sequence[Facility]) -> Path:
    """Write facilities as the filled form (CSV), which can be imported again, or as GeoJSON.

    Raises
    ------
    Problem
        ``USAGE`` for another ending.
    """
    match path.suffix.casefold():
        case ".csv":
            with atomic_path(path) as part, part.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, facility_table().names, lineterminator="\n")
                writer.writeheader()
                writer.writerows(row_of(each) for each in facilities)
        case ".geojson":
            features = [_feature(each) for each in facilities]
            write_json(path, {"type": "FeatureCollection", "features": features})
        case other:
            raise Problem(
                Kind.USAGE,
                "facilities are written as CSV or GeoJSON",
                where=Where(str(path)),
                value=other,
                remedy="end its name in .csv or .geojson",
            )
    return path


def row_of(facility: Facility) -> dict[str, str]:
    """Return a facility as a row of the form, empty cells left out."""
    place, source = facility.place, facility.source
    plain: dict[str, object] = {
        name: getattr(facility, name) for name in facility_table().names if hasattr(facility, name)
    }
    plain |= {name: getattr(place, name) for name in place.__slots__}
    plain |= {kind.value: facility.power.of(kind) for kind in PowerKind}
    plain |= {step.stage.value: step.day for step in facility.milestones}
    undated = [step.stage.value for step in facility.milestones if step.day is None]
    plain |= {
        "stage": undated[-1] if undated else None,
        "cloud_regions": "; ".join(facility.cloud_regions),
        "source": source.name,
        "certainty": source.certainty.value,
        "source_as_of": source.as_of,
        "source_note": source.note,
        "sources": "; ".join(f"{name} = {each.name}" for name, each in facility.sources.items()),
    }
    return {name: _written(value) for name, value in plain.items() if value not in (None, "")}


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return repr(value) if isinstance(value, float) else str(value)


def _feature(facility: Facility) -> dict[str, object]:
    position = facility.place.position
    geometry = None if position is None else {"type": "Point", "coordinates": list(position)}
    numbers = {kind.value: facility.power.of(kind) for kind in PowerKind}
    told: dict[str, object] = {**row_of(facility), **numbers}
    told |= {"confidential": facility.confidential, "synthetic": facility.synthetic}
    return {"type": "Feature", "properties": told, "geometry": geometry}


def read_requests(path: Path, *, decimal: str = ".") -> Filled[GridRequest]:
    """Read a filled form of grid requests; bad rows are told, the others go on.

    Raises
    ------
    Problem
        When the file as a whole cannot be used.
    """
    form = read_form(path)
    return fill(form, request_table(), _request, decimal=decimal, unique=lambda request: request.id)


def _facility(cells: Cells, row: Row) -> Facility:
    del row
    source = _source(cells)
    if source.name == WITHHELD:
        wrong = Wrong("a confidential record without its values", "export with --confidential")
        raise _problem("source", wrong)
    kind = _text(cells, "type")
    regions = (_text(cells, "cloud_regions") or "").split(";")
    return Facility(
        id=str(cells["id"]),
        source=source,
        name=_text(cells, "name"),
        owner=_text(cells, "owner"),
        operator=_text(cells, "operator"),
        type=None if kind is None else CentreType(kind),
        place=_place(cells),
        milestones=_milestones(cells, source),
        power=Power(*(_number(cells, each.value) for each in PowerKind)),
        floor_area_m2=_number(cells, "floor_area_m2"),
        computer_room_m2=_number(cells, "computer_room_m2"),
        redundancy_electrical=_text(cells, "redundancy_electrical"),
        redundancy_cooling=_text(cells, "redundancy_cooling"),
        cloud_regions=tuple(name.strip() for name in regions if name.strip()),
        campus_id=_text(cells, "campus_id"),
        confidential=bool(cells["confidential"]),
        synthetic=bool(cells["synthetic"]),
        sources=_sources(cells, source),
    )


def _request(cells: Cells, row: Row) -> GridRequest:
    del row
    state = _text(cells, "state")
    return GridRequest(
        id=str(cells["id"]),
        source=_source(cells),
        place=_place(cells),
        requested_kw=_number(cells, "requested_kw"),
        day=_day(cells, "day"),
        state=None if state is None else RequestState(state),
        supersedes=_text(cells, "supersedes"),
        facility_id=_text(cells, "facility_id"),
        applicant=_text(cells, "applicant"),
    )


def _source(cells: Cells) -> Source:
    certainty = Certainty(str(cells["certainty"]))
    note = _text(cells, "source_note") or ""
    return Source(str(cells["source"]), certainty, _day(cells, "source_as_of"), note)


def _sources(cells: Cells, source: Source) -> Mapping[str, Source]:
    text = _text(cells, "sources")
    if text is None:
        return {}
    try:
        pairs = dict(pairs_of(text))
    except Wrong as error:
        raise _problem("sources", error) from None
    unknown = [name for name in pairs if name not in facility_table().names]
    if unknown:
        wrong = Wrong(f"no such column: {unknown[0]}", "name columns of this form")
        raise _problem("sources", wrong)
    return {name: Source(told, source.certainty, source.as_of) for name, told in pairs.items()}


def _problem(column: str, error: Wrong) -> Problem:
    return bad_input(error.reason, where=Where(column=column), remedy=error.remedy)


def _place(cells: Cells) -> Place:
    return Place(
        municipality=_text(cells, "municipality"),
        nuts3=_text(cells, "nuts3"),
        lon=_number(cells, "lon"),
        lat=_number(cells, "lat"),
        address=_text(cells, "address") or "",
        country=str(cells["country"]),
    )


def _milestones(cells: Cells, source: Source) -> tuple[Milestone, ...]:
    dated = {stage: day for stage in Stage if (day := _day(cells, stage.value)) is not None}
    steps = [Milestone(stage, day) for stage, day in dated.items()]
    reached = _text(cells, "stage")
    if reached is not None and Stage(reached) not in dated:
        steps.append(Milestone(Stage(reached), None, source.as_of))
    return tuple(steps)


def _text(cells: Cells, name: str) -> str | None:
    value = cells.get(name)
    return None if value is None else str(value)


def _number(cells: Cells, name: str) -> float | None:
    value = cells.get(name)
    return value if isinstance(value, float) else None


def _day(cells: Cells, name: str) -> date | None:
    value = cells.get(name)
    return value if isinstance(value, date) else None
