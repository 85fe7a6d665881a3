"""Rule files: dated YAML, read and checked key by key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from itertools import product
from math import isfinite
from pathlib import Path
from typing import Any, Self

from nexpo.connectivity.coverage.model import (
    NETWORKS_MANY,
    Aid,
    Decision,
    Network,
    Plans,
    Proximity,
    Residual,
    Rule,
    Speed,
    StepChange,
)
from nexpo.core import parameters, tables
from nexpo.core.entries import Entries

_FOLDER = "coverage"


def _allowed(column: str) -> frozenset[str]:
    """Return the values that the data dictionary takes for a column."""
    return frozenset(tables.load("nexpo.connectivity", "declarations")[column].allowed)


def rule_names() -> tuple[str, ...]:
    """Return the names of the rules that come with Nexpo.

    Examples
    --------
    >>> "eu-2023" in rule_names()
    True
    """
    return parameters.names(_FOLDER)


def load_rule(name: str, day: date) -> Rule:
    """Load the version of a rule in force on a day.

    Parameters
    ----------
    name
        Name of a rule that comes with Nexpo, or the path of a rule file.
    day
        The day for which the classification holds.

    Raises
    ------
    Problem
        When there is no such rule, no version on that day, or the file is wrong.

    Examples
    --------
    >>> load_rule("eu-2023", date(2025, 8, 1)).network.min_down_mbps
    100.0
    """
    path = parameters.file_named(name, _FOLDER, "rule")
    parameter = parameters.load(path)
    return _read(parameter, day, path)


def _read(parameter: parameters.Parameter, day: date, path: Path) -> Rule:
    version = parameter.version_on(day)
    reader = _Entries(version.value, f"{path.name}: version of {version.period.start}")
    rule = Rule(
        id=parameter.id,
        title=parameter.title,
        use=parameter.use(day),
        network=_network(reader.section("network")),
        plans=_plans(reader.section("plans")),
        target=_pair(reader.section("target")),
        lesser=_optional(reader, "lesser", _pair),
        step_change=_optional(reader, "step_change", _step_change),
        decisions=tuple(_decision(entry) for entry in reader.sections("decisions")),
        residual=_optional(reader, "residual", _residual),
        proximity=_optional(reader, "proximity", _proximity),
    )
    reader.nothing_else()
    _check_decisions(rule, reader)
    return rule


class _Entries(Entries):
    """Entries of a rule; a key without a value counts as one that is not there."""

    remedy = "see docs/explanation/coverage.md for the keys of a rule file"

    def __init__(self, value: object, file: str, place: str = "") -> None:
        super().__init__(value, file, place)
        self._left = {key: entry for key, entry in self._left.items() if entry is not None}

    def typed(self, key: str, kind: type | tuple[type, ...], *, default: Any = ...) -> Any:
        if default is not ... and not self.has(key):
            return default
        value = self.take(key)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.wrong(key, "the value is of the wrong kind", value)
        return value

    def number(self, key: str, *, default: Any = ...) -> Any:
        if default is not ... and not self.has(key):
            return default
        value = self.typed(key, (int, float))
        if not isfinite(value):
            raise self.wrong(key, "the value is no number", value)
        if value < 0:
            raise self.wrong(key, "the number is negative", value)
        return float(value)

    def texts(self, key: str, *, default: Any = ...) -> tuple[str, ...]:
        return tuple(str(item) for item in self.typed(key, list, default=default))

    def section(self, key: str) -> Self:
        return self.below(key, self.typed(key, Mapping))

    def sections(self, key: str) -> list[Self]:
        entries = self.typed(key, list)
        return [self.below(f"{key}[{index}]", entry) for index, entry in enumerate(entries)]


def _optional(reader: _Entries, key: str, read: Callable[[_Entries], Any]) -> Any:
    return read(reader.section(key)) if reader.has(key) else None


def _network(reader: _Entries) -> Network:
    distances = reader.typed("max_distance_m", Mapping, default={})
    within = reader.below("max_distance_m", distances)
    network = Network(
        technologies=reader.texts("technologies"),
        wireless=reader.texts("wireless", default=[]),
        spectrum=reader.texts("spectrum", default=[]),
        customers=reader.texts("customers", default=[]),
        basis=reader.typed("speed", str, default="peak"),
        min_down_mbps=reader.number("min_down_mbps"),
        min_up_mbps=reader.number("min_up_mbps", default=None),
        max_latency_ms=reader.number("max_latency_ms", default=None),
        max_activation_weeks=reader.number("max_activation_weeks", default=None),
        max_distance_m=tuple((str(name), within.number(name)) for name in distances),
    )
    distant = {technology for technology, _ in network.max_distance_m}
    for key, values, known in (
        ("technologies", {*network.technologies, *network.wireless}, _allowed("technology")),
        ("max_distance_m", distant, _allowed("technology")),
        ("spectrum", set(network.spectrum), _allowed("spectrum")),
        ("customers", set(network.customers), _allowed("customer")),
    ):
        unknown = sorted(values - known)
        if unknown:
            what = {"technologies": "technology", "max_distance_m": "technology"}.get(key, "value")
            raise reader.wrong(key, f"unknown {what}", unknown[0])
    if network.basis not in ("peak", "max"):
        raise reader.wrong("speed", "speed is peak or max", network.basis)
    reader.nothing_else()
    return network


def _plans(reader: _Entries) -> Plans:
    plans = Plans(
        horizon_years=reader.typed("horizon_years", int, default=None),
        horizon_until=reader.typed("horizon_until", int, default=None),
        report_months=reader.typed("report_months", int, default=None),
    )
    if (plans.horizon_years is None) == (plans.horizon_until is None):
        raise reader.wrong("horizon_years", "give horizon_years or horizon_until, not both", None)
    reader.nothing_else()
    return plans


def _pair(reader: _Entries) -> Speed:
    speed = Speed(reader.number("down_mbps"), reader.number("up_mbps", default=None))
    reader.nothing_else()
    return speed


def _step_change(reader: _Entries) -> StepChange:
    step = StepChange(
        reader.number("factor"),
        reader.number("min_down_mbps", default=0.0),
        reader.number("min_up_mbps", default=None),
    )
    reader.nothing_else()
    return step


def _residual(reader: _Entries) -> Residual:
    residual = Residual(reader.typed("cell_m", int), reader.number("min_share"))
    reader.nothing_else()
    return residual


def _proximity(reader: _Entries) -> Proximity:
    proximity = Proximity(reader.number("max_m"), reader.number("min_covered_m"))
    reader.nothing_else()
    return proximity


def _decision(reader: _Entries) -> Decision:
    aid = reader.typed("aid", str)
    if aid not in {answer.value for answer in Aid}:
        raise reader.wrong("aid", "aid is yes, with_evidence, exceptional or no", aid)
    decision = Decision(
        networks=tuple(reader.typed("networks", list)),
        target=reader.typed("target", bool, default=None),
        lesser=reader.typed("lesser", bool, default=None),
        colour=reader.typed("colour", str),
        aid=Aid(aid),
        reason=reader.typed("reason", str),
        build_down_mbps=reader.number("build_down_mbps", default=None),
    )
    wrong = [number for number in decision.networks if number not in range(NETWORKS_MANY + 1)]
    if wrong or not decision.networks:
        raise reader.wrong("networks", "networks are counted 0, 1, 2 (two or more)", wrong)
    reader.nothing_else()
    return decision


def _check_decisions(rule: Rule, reader: _Entries) -> None:
    for networks, target, lesser in product(range(NETWORKS_MANY + 1), (False, True), (False, True)):
        rows = [
            index
            for index, decision in enumerate(rule.decisions)
            if decision.covers(networks, target=target, lesser=lesser)
        ]
        if len(rows) != 1:
            case = f"networks {networks}, target {target}, lesser {lesser}"
            detail = "two decisions cover one case" if rows else "no decision covers a case"
            raise reader.wrong("decisions", detail, case)
