"""Facts of a project that can hardly be so, or that contradict each other: they are asked about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from nexpo.core.problem import Problem
from nexpo.datacentres.rules.model import Project, shown
from nexpo.territory import municipality

_PER_CENT = 100.0
_BEFORE = ("requested", "authorised", "building")


def doubts(
    project: Project, bounds: Mapping[str, tuple[float, float]], day: date
) -> tuple[str, ...]:
    """Return what is asked about the facts that hold on a day.

    Parameters
    ----------
    bounds
        Least and greatest value by fact, in the unit of the dictionary.

    Examples
    --------
    >>> from nexpo.datacentres.rules.model import Fact
    >>> odd = Project("a", (Fact("renewable_share", 80.0),), {"renewable_share": "1"})
    >>> doubts(odd, {"renewable_share": (0.0, 1.0)}, date(2026, 7, 1))
    ('renewable_share 80 lies outside 0 to 1: is it in per cent? 0.8 then',)
    """
    facts = project.on(day)
    return (
        *_bounds(project, bounds, facts),
        *_place(facts, day),
        *_stage(facts, day),
    )


def _bounds(
    project: Project, bounds: Mapping[str, tuple[float, float]], facts: Mapping[str, object]
) -> Iterator[str]:
    for name, (low, high) in bounds.items():
        value = facts.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or low <= value <= high:
            continue
        unit = project.units.get(name, "")
        told = f"{name} {shown(value, unit)} lies outside {low:,.10g} to {shown(high, unit)}"
        part = value / _PER_CENT
        meant = high <= 1 < value <= _PER_CENT
        yield f"{told}: is it in per cent? {part:g} then" if meant else f"{told}: is it right?"


def _place(facts: Mapping[str, object], day: date) -> Iterator[str]:
    code, nuts3 = facts.get("municipality"), facts.get("nuts3")
    italian = facts.get("country") == "IT" or str(nuts3 or "").startswith("IT")
    if not isinstance(code, str) or not italian:
        return
    try:
        found = municipality(code, on=day)
    except Problem:
        yield f"municipality {code} is not known on {day}: is the code right?"
        return
    if isinstance(nuts3, str) and found.nuts3 is not None and found.nuts3 != nuts3:
        yield (
            f"municipality {code} ({found.name}) lies in {found.nuts3}, not in {nuts3}: "
            "which of the two is right?"
        )


def _stage(facts: Mapping[str, object], day: date) -> Iterator[str]:
    stage, start, end = (facts.get(n) for n in ("stage", "operation_start", "operation_end"))
    if stage == "operating" and isinstance(start, date) and start > day:
        yield f"stage is operating, but operation_start {start} lies after {day}: which is right?"
    if stage in _BEFORE and isinstance(start, date) and start <= day:
        yield (
            f"stage is {stage}, but operation_start {start} lies on or before {day}: give each "
            "stage with the day from which it holds, or correct one of the two"
        )
    if stage == "closed" and isinstance(end, date) and end > day:
        yield f"stage is closed, but operation_end {end} lies after {day}: which is right?"
