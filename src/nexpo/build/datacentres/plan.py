"""The plan of a screening: criteria, exclusions and sizes as dated parameters say them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from nexpo.core import parameters
from nexpo.core.parameters import Use
from nexpo.core.problem import Kind, Problem, Where
from nexpo.datacentres.siting.cell_distance import From
from nexpo.datacentres.siting.criteria import Better, Criterion
from nexpo.datacentres.siting.criteria import Kind as Measure
from nexpo.datacentres.siting.eligibility import Effect, Rule
from nexpo.datacentres.siting.grid import Cells

PARAMETER = "datacentres/siting"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, what is excluded, and how large a site is."""

    criteria: tuple[Criterion, ...]
    rules: tuple[Rule, ...]
    site_ha: float
    gap_m: float
    sites: int
    nearby_km: float
    use: Use


def plan(on: date) -> Plan:
    """Return the plan in force on a day.

    Raises
    ------
    Problem
        ``CONFIG`` naming the entry that cannot be used.

    Examples
    --------
    >>> [each.key for each in plan(date(2025, 8, 1)).criteria][:3]
    ['grid', 'exchange', 'fibre']
    """
    parameter = parameters.get(PARAMETER)
    value = parameter.on(on)
    try:
        return Plan(
            tuple(criterion(entry) for entry in value["criteria"]),
            tuple(rule(entry) for entry in value["exclusions"]),
            float(value["site_ha"]),
            float(value["gap_m"]),
            int(value["sites"]),
            float(value["nearby_km"]),
            parameter.use(on),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Problem(
            Kind.CONFIG,
            f"the plan of siting cannot be used: {error!r}",
            where=Where(f"parameters/{PARAMETER}.yaml"),
            remedy="compare it with the file that came with Nexpo",
        ) from None


def criterion(entry: Mapping[str, Any]) -> Criterion:
    """Return a criterion from its entry."""
    plain = dict(entry) | {
        "kind": Measure(entry["kind"]),
        "better": Better(entry["better"]),
        "least": float(entry["least"]),
        "most": float(entry["most"]),
        "weight": float(entry["weight"]),
        "values": tuple(float(each) for each in entry.get("values", ())),
        "among": tuple(str(text) for text in entry.get("among", ())),
    }
    return Criterion(**plain)


def rule(entry: Mapping[str, Any]) -> Rule:
    """Return a rule of eligibility from its entry.

    Examples
    --------
    >>> rule({"layer": "parks", "buffer_m": 200, "cells": "touched"}).cells
    <Cells.TOUCHED: 'touched'>
    """
    plain = dict(entry) | {
        "effect": Effect(entry.get("effect", "exclude")),
        "buffer_m": float(entry.get("buffer_m", 0)),
        "cells": Cells(entry.get("cells", "centre")),
        "measured": From(entry.get("measured", "centre")),
        "values": tuple(float(each) for each in entry.get("values", ())),
        "among": tuple(str(text) for text in entry.get("among", ())),
    }
    return Rule(**plain)


def read_weights(path: Path) -> dict[str, float]:
    """Return weights by criterion from a YAML file, ``grid: 30`` a line.

    Raises
    ------
    Problem
        Naming the entry that is no number.
    """
    found: dict[str, float] = {}
    try:
        document = parameters.read_yaml(path)
    except Problem as problem:
        raise Problem(
            Kind.BAD_INPUT,
            f"the file of weights cannot be used: {problem.detail}",
            where=problem.where,
            remedy="write one line a criterion, as grid: 30",
        ) from None
    for key, value in document.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Problem(
                Kind.BAD_INPUT,
                "a weight is a number",
                where=Where(str(path), column=str(key)),
                value=value,
                remedy="write one line a criterion, as grid: 30",
            )
        found[str(key)] = float(value)
    return found
