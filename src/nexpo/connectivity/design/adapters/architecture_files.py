"""Reference architectures and cables: dated YAML, read and checked key by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from typing import TypeVar

from nexpo.connectivity.design.fibre.model import Architecture, CableRules, Link, Placing
from nexpo.connectivity.design.model import CostClass, Service
from nexpo.core import parameters
from nexpo.core.parameters import Parameter
from nexpo.core.problem import Kind, Problem, Where
from nexpo.core.settings import parameters_directory

_FOLDER = "design/architecture"
_CABLES = "design/cables"
_E = TypeVar("_E", bound=Enum)


def architecture_names() -> tuple[str, ...]:
    """Return the names of the architectures that come with Nexpo.

    Examples
    --------
    >>> "bul-1x16" in architecture_names()
    True
    """
    return parameters.names(_FOLDER)


def load_architecture(name: str, day: date) -> Architecture:
    """Load the version of an architecture in force on a day.

    Parameters
    ----------
    name
        Name of an architecture that comes with Nexpo, or the path of a file (.yaml).
    day
        The day for which the design holds.

    Raises
    ------
    Problem
        When there is no such architecture, no version on that day, or the file is wrong.

    Examples
    --------
    >>> load_architecture("ftth-1x64", date(2026, 1, 1)).split
    64
    """
    path = architecture_path(name)
    at = _entry(parameters.load(path), day, path)
    cabinet, chamber = at.inside("cabinet"), at.inside("chamber")
    direct = at.inside("direct")
    found = Architecture(
        name=path.stem,
        cabinet_ratio=cabinet.whole("ratio"),
        chamber_ratio=chamber.whole("ratio"),
        cabinet_sizes=cabinet.wholes("sizes"),
        chamber_sizes=chamber.wholes("sizes"),
        cabinet_fibres=cabinet.whole("fibres"),
        cabinet_reach_m=cabinet.number("reach_m"),
        chamber_reach_m=chamber.number("reach_m"),
        shared=_link(at.inside("shared")),
        direct=_link(direct),
        direct_services=direct.words("services", Service),
        direct_fibres=direct.whole("fibres"),
    )
    at.refuse_others()
    return found


def load_cables(day: date, *, path: Path | None = None) -> CableRules:
    """Load the cables, losses and placing in force on a day.

    Examples
    --------
    >>> load_cables(date(2026, 1, 1)).sizes
    (12, 24, 48, 96, 144, 288)
    """
    path = path or parameters_directory() / f"{_CABLES}.yaml"
    at = _entry(parameters.load(path), day, path)
    pop, premises = at.inside("pop"), at.inside("premises")
    placing = at.inside("placing")
    found = CableRules(
        sizes=at.wholes("sizes"),
        drop_sizes=at.wholes("drop_sizes"),
        spare_percent=at.whole("spare_percent"),
        slack_percent=at.whole("slack_percent"),
        drum_m=at.number("drum_m"),
        fibre_db_per_km=at.inside("fibre_db_per_km").table(),
        splice_db=at.number("splice_db"),
        connector_db=at.number("connector_db"),
        splitter_db=at.inside("splitter_db").table(),
        pop_connectors=pop.whole("connectors"),
        premises_connectors=premises.whole("connectors"),
        pop_splices=pop.whole("splices"),
        premises_splices=premises.whole("splices"),
        placing={
            placing.member(key, CostClass, key): placing.choice(key, Placing)
            for key in placing.value
        },
    )
    at.refuse_others()
    return found


def used(name: str, day: date) -> tuple[parameters.Use, ...]:
    """Return the architecture and the cables in force on a day as lines of evidence.

    Examples
    --------
    >>> [each.parameter for each in used("p2p", date(2026, 1, 1))]
    ['design.architecture.p2p', 'design.cables']
    """
    return (
        parameters.load(architecture_path(name)).use(day),
        parameters.get(_CABLES).use(day),
    )


def architecture_path(name: str) -> Path:
    """Return the file of an architecture, by its name or path."""
    return parameters.file_named(name, _FOLDER, "architecture")


@dataclass(frozen=True, slots=True)
class _Part:
    """A mapping in a parameter file, where it stands, and what was read of it."""

    value: Mapping[object, object]
    path: Path
    place: str
    asked: set[object] = field(default_factory=set)
    parts: dict[str, _Part] = field(default_factory=dict)

    def inside(self, key: str) -> _Part:
        found = self._get(key)
        if not isinstance(found, Mapping):
            raise self._wrong(key, found, "write a mapping of keys")
        return self.parts.setdefault(key, _Part(found, self.path, f"{self.place}.{key}"))

    def refuse_others(self) -> None:
        """Refuse a key that nothing asked for: a slip of the pen would else change nothing."""
        for key in self.value:
            if key not in self.asked:
                near = get_close_matches(str(key), [str(each) for each in self.asked], n=1)
                remedy = f"write {near[0]}" if near else "leave it out"
                raise Problem(
                    Kind.CONFIG,
                    f"{key} is not known here",
                    where=Where(str(self.path), column=f"{self.place}.{key}"),
                    value=self.value[key],
                    remedy=remedy,
                )
        for part in self.parts.values():
            part.refuse_others()

    def number(self, key: object) -> float:
        found = self._get(key)
        if isinstance(found, bool) or not isinstance(found, (int, float)) or found < 0:
            raise self._wrong(key, found, "write a number of zero or more")
        return float(found)

    def whole(self, key: object) -> int:
        found = self._get(key)
        if isinstance(found, bool) or not isinstance(found, int) or found < 0:
            raise self._wrong(key, found, "write a whole number of zero or more")
        return found

    def wholes(self, key: object) -> tuple[int, ...]:
        found = self._list(key)
        if any(isinstance(each, bool) or not isinstance(each, int) for each in found):
            raise self._wrong(key, found, "write whole numbers")
        return tuple(each for each in found if isinstance(each, int))

    def words(self, key: object, kind: type[_E]) -> tuple[_E, ...]:
        return tuple(self.member(key, kind, each) for each in self._list(key))

    def table(self) -> dict[int, float]:
        for key in self.value:
            if isinstance(key, bool) or not isinstance(key, int):
                raise self._wrong(key, key, "write a whole number before the colon")
        return {key: self.number(key) for key in self.value if isinstance(key, int)}

    def choice(self, key: object, kind: type[_E]) -> _E:
        return self.member(key, kind, self._get(key))

    def member(self, key: object, kind: type[_E], found: object) -> _E:
        try:
            return kind(found)
        except ValueError:
            known = ", ".join(str(each.value) for each in kind)
            raise self._wrong(key, found, f"one of {known}") from None

    def _list(self, key: object) -> list[object]:
        found = self._get(key)
        if not isinstance(found, list):
            raise self._wrong(key, found, "write a list")
        return found

    def _get(self, key: object) -> object:
        self.asked.add(key)
        if key not in self.value:
            raise self._wrong(key, None, f"add the key {key}")
        return self.value[key]

    def _wrong(self, key: object, found: object, remedy: str) -> Problem:
        return Problem(
            Kind.CONFIG,
            f"{key} is missing or wrong",
            where=Where(str(self.path), column=f"{self.place}.{key}"),
            value=found,
            remedy=remedy,
        )


def _entry(parameter: Parameter, day: date, path: Path) -> _Part:
    found = parameter.on(day)
    part = _Part({"value": found}, path, "versions")
    return part.inside("value")


def _link(part: _Part) -> Link:
    return Link(
        max_loss_db=part.number("max_loss_db"),
        min_loss_db=part.number("min_loss_db"),
        max_reach_km=part.number("max_reach_km"),
        wavelengths_nm=part.wholes("wavelengths_nm"),
    )
