"""Values of data centres: facilities, campuses, grid requests and yearly reports.

What is not known is None, never zero, and stays so: a sum says how many of its parts were
unknown (:class:`Total`). Power is kept apart by kind, since a connection asked for is not a
server that runs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import pairwise
from math import isfinite
from types import MappingProxyType

from nexpo.core.problem import Problem, Where, bad_input
from nexpo.territory.model import check_municipality_code

Cell = float | str
"""A reported value: a number in the unit of its column, or a text."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,79}")
_NUTS3 = re.compile(r"[A-Z]{2}[0-9A-Z]{3}")
_LARGEST_LON, _LARGEST_LAT = 180.0, 90.0


class Stage(StrEnum):
    """How far a facility has come, in this order."""

    REQUESTED = "requested"
    AUTHORISED = "authorised"
    BUILDING = "building"
    OPERATING = "operating"
    CLOSED = "closed"


STAGES: tuple[Stage, ...] = tuple(Stage)


class CentreType(StrEnum):
    """Types of Delegated Regulation (EU) 2024/1364, article 2."""

    ENTERPRISE = "enterprise"
    COLOCATION = "colocation"
    CO_HOSTING = "co-hosting"


class Certainty(StrEnum):
    """How far a value can be relied on."""

    MEASURED = "measured"
    DECLARED = "declared"  # by the operator, to an authority
    PUBLISHED = "published"  # by the operator or a publisher, to all
    MAPPED = "mapped"  # by volunteers
    ESTIMATED = "estimated"
    UNVERIFIED = "unverified"


class PowerKind(StrEnum):
    """Kinds of power, never added to each other; the value is the name of the field."""

    INSTALLED_IT = "installed_it_kw"
    CONTRACTED = "contracted_kw"
    REQUESTED = "requested_kw"
    GENERATORS = "generators_mwt"


class RequestState(StrEnum):
    """What became of a request for a grid connection."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    CONTRACTED = "contracted"
    CONNECTED = "connected"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


class Basis(StrEnum):
    """What the values of a report are."""

    ACTUAL = "actual"
    DESIGN = "design"
    EXPECTED = "expected"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from, how certain it is, and for which day it was stated."""

    name: str
    certainty: Certainty = Certainty.UNVERIFIED
    as_of: date | None = None
    note: str = ""

    def __post_init__(self) -> None:
        _need(bool(self.name.strip()), "source", "a source has a name", self.name)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a facility stands: LAU code, NUTS 3 code, WGS 84 degrees; each may be unknown."""

    municipality: str | None = None
    nuts3: str | None = None
    lon: float | None = None
    lat: float | None = None
    address: str = ""
    country: str = "IT"

    def __post_init__(self) -> None:
        if self.municipality is not None and self.country == "IT":
            check_municipality_code(self.municipality)
        nuts3 = self.nuts3
        known = nuts3 is None or _NUTS3.fullmatch(nuts3) is not None
        _need(known, "nuts3", "a NUTS 3 code has five characters, ITC4C say", nuts3)
        both = (self.lon is None) == (self.lat is None)
        _need(both, "lon", "a position has a longitude and a latitude", (self.lon, self.lat))
        _check_number("lon", self.lon, -_LARGEST_LON, _LARGEST_LON)
        _check_number("lat", self.lat, -_LARGEST_LAT, _LARGEST_LAT)

    @property
    def position(self) -> tuple[float, float] | None:
        """Longitude and latitude in degrees, or None."""
        return None if self.lon is None or self.lat is None else (self.lon, self.lat)


@dataclass(frozen=True, slots=True)
class Milestone:
    """A stage that was reached: on a day, or on an unknown day before a source saw it."""

    stage: Stage
    day: date | None = None
    seen: date | None = None

    def reached_on(self, day: date) -> bool | None:
        """Say whether it had been reached on a day; None where nobody knows."""
        if self.day is not None:
            return self.day <= day
        return True if self.seen is not None and self.seen <= day else None


@dataclass(frozen=True, slots=True)
class Power:
    """Power by kind; kW electric, generators in MW of fuel input (MWt)."""

    installed_it_kw: float | None = None
    contracted_kw: float | None = None
    requested_kw: float | None = None
    generators_mwt: float | None = None

    def __post_init__(self) -> None:
        for kind in PowerKind:
            _check_number(kind.value, self.of(kind), 0.0)

    def of(self, kind: PowerKind) -> float | None:
        """Return the power of a kind, None where it is unknown."""
        value: float | None = getattr(self, kind.value)
        return value


@dataclass(frozen=True, slots=True)
class Facility:
    """A data centre.

    Attributes
    ----------
    milestones
        Stages reached, each once; their days may not run against their order.
    sources
        Source by name of the field it gave; ``source`` is that of all the others.
    confidential
        Whether the operator asked that the record be kept so (2024/1364, article 5(5)).
    synthetic
        Whether it is a stand-in made by a seed.
    """

    id: str
    source: Source
    name: str | None = None
    owner: str | None = None
    operator: str | None = None
    type: CentreType | None = None
    place: Place = field(default_factory=Place)
    milestones: tuple[Milestone, ...] = ()
    power: Power = field(default_factory=Power)
    floor_area_m2: float | None = None
    computer_room_m2: float | None = None
    redundancy_electrical: str | None = None
    redundancy_cooling: str | None = None
    cloud_regions: tuple[str, ...] = ()
    campus_id: str | None = None
    confidential: bool = False
    synthetic: bool = False
    sources: Mapping[str, Source] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_id(self.id)
        _check_number("floor_area_m2", self.floor_area_m2, 0.0)
        _check_number("computer_room_m2", self.computer_room_m2, 0.0)
        _check_order(self.milestones)
        ordered = tuple(sorted(self.milestones, key=lambda step: STAGES.index(step.stage)))
        object.__setattr__(self, "milestones", ordered)
        object.__setattr__(self, "sources", MappingProxyType(dict(self.sources)))

    def source_of(self, name: str) -> Source:
        """Return the source of one field."""
        return self.sources.get(name, self.source)

    def stage_on(self, day: date) -> Stage | None:
        """Return the furthest stage reached on a day, None where it cannot be told.

        Examples
        --------
        >>> steps = (Milestone(Stage.OPERATING, seen=date(2024, 1, 1)),)
        >>> seen = Facility("a", Source("osm"), milestones=steps)
        >>> seen.stage_on(date(2025, 1, 1)), seen.stage_on(date(2023, 1, 1))
        (<Stage.OPERATING: 'operating'>, None)
        """
        for step in reversed(self.milestones):
            reached = step.reached_on(day)
            if reached is None:
                return None
            if reached:
                return step.stage
        return None

    @property
    def started(self) -> date | None:
        """The first day of operation, where it is known."""
        days = [step.day for step in self.milestones if step.stage is Stage.OPERATING]
        return days[0] if days else None


@dataclass(frozen=True, slots=True)
class Campus:
    """Facilities that stand together under one operator."""

    id: str
    name: str
    operator: str | None = None

    def __post_init__(self) -> None:
        check_id(self.id)


@dataclass(frozen=True, slots=True)
class GridRequest:
    """A request for a grid connection; ``supersedes`` names the one it takes the place of."""

    id: str
    source: Source
    place: Place = field(default_factory=Place)
    requested_kw: float | None = None
    day: date | None = None
    state: RequestState | None = None
    supersedes: str | None = None
    facility_id: str | None = None
    applicant: str | None = None

    def __post_init__(self) -> None:
        check_id(self.id)
        _check_number("requested_kw", self.requested_kw, 0.0)
        itself = self.supersedes == self.id
        _need(not itself, "supersedes", "a request cannot supersede itself", self.id)


@dataclass(frozen=True, slots=True)
class Report:
    """The yearly report of a facility: values by column of the data dictionary.

    ``omitted`` says of a column without value why it is missing; ``estimated`` names those
    that were not measured.
    """

    facility_id: str
    year: int
    basis: Basis = Basis.ACTUAL
    values: Mapping[str, Cell] = field(default_factory=dict)
    omitted: Mapping[str, str] = field(default_factory=dict)
    estimated: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        check_id(self.facility_id, "facility_id")
        for name, value in self.values.items():
            finite = isinstance(value, str) or isfinite(value)
            _need(finite, name, "a value is a finite number or a text", value)
        values = {k: v if isinstance(v, str) else float(v) for k, v in self.values.items()}
        object.__setattr__(self, "values", MappingProxyType(values))
        object.__setattr__(self, "omitted", MappingProxyType(dict(self.omitted)))

    def number(self, column: str) -> float | None:
        """Return a reported number, None where it is missing or a text."""
        value = self.values.get(column)
        return None if value is None or isinstance(value, str) else float(value)

    def text(self, column: str) -> str | None:
        """Return a reported text, None where it is missing."""
        value = self.values.get(column)
        return None if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Total:
    """A sum that says what it does not know.

    Examples
    --------
    >>> Total.of([500.0, None, 250.0])
    Total(value=750.0, known=2, unknown=1)
    >>> Total.of([None]).value is None
    True
    """

    value: float | None
    known: int
    unknown: int

    @classmethod
    def of(cls, values: Iterable[float | None]) -> Total:
        """Add up what is known and count the rest; nothing known is unknown, not zero."""
        found = list(values)
        known = [value for value in found if value is not None]
        return cls(math.fsum(known) if known else None, len(known), len(found) - len(known))


def check_id(text: str, column: str = "id") -> str:
    """Return an identifier, or say why it is none."""
    rule = "an id begins with a letter or digit; up to 80 letters, digits, . _ : / -"
    _need(_ID.fullmatch(text) is not None, column, rule, text)
    return text


def _check_order(milestones: tuple[Milestone, ...]) -> None:
    stages = [step.stage for step in milestones]
    doubled = [stage for stage in STAGES if stages.count(stage) > 1]
    _need(not doubled, "milestones", "a stage is reached once", doubled)
    by_order = sorted(milestones, key=lambda step: STAGES.index(step.stage))
    for first, then in pairwise(step for step in by_order if step.day is not None):
        if first.day is not None and then.day is not None and then.day < first.day:
            raise _wrong(
                then.stage.value,
                f"{then.stage} on {then.day} lies before {first.stage} on {first.day}",
                then.day.isoformat(),
                "check both days; the order is " + ", ".join(STAGES),
            )


def _check_number(
    column: str, value: float | None, least: float, most: float = float("inf")
) -> None:
    if value is None:
        return
    _need(isfinite(value), column, "a value is a finite number", value)
    rule = f"a value from {least:g} up" if most == float("inf") else f"from {least:g} to {most:g}"
    _need(least <= value <= most, column, f"{column} is {rule}", value)


def _need(holds: bool, column: str, rule: str, value: object) -> None:  # noqa: FBT001 - a guard
    if not holds:
        raise _wrong(column, rule, value, "write the true value, or leave it empty if unknown")


def _wrong(column: str, detail: str, value: object, remedy: str) -> Problem:
    return bad_input(detail, where=Where(column=column), value=value, remedy=remedy)
