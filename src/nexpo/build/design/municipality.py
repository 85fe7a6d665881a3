"""One municipality as an independent job: a plain row in, a plain row out.

:func:`design_municipality` shares nothing with other jobs but files that do not change. What
goes in and comes out is JSON: so the same function runs here, in another process and on a
cluster, and its row is the same everywhere. No clock is read; a row holds no time.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import shapely

from nexpo.build.design.area import design_area
from nexpo.build.design.materials import made_up
from nexpo.build.design.model import Effort, Place, Request
from nexpo.connectivity.design.fibre import quantities
from nexpo.connectivity.design.model import COST_CLASSES, CostClass
from nexpo.connectivity.design.money import LEVELS
from nexpo.connectivity.design.streets import synthetic
from nexpo.core.problem import Problem
from nexpo.core.tables import load

if TYPE_CHECKING:
    from nexpo.build.design.model import AreaDesign, Materials
    from nexpo.connectivity.design.fibre import Plan

Row = dict[str, Any]
"""A row of the table ``region``: JSON values, as its dictionary declares them."""

SYNTHETIC = "synthetic"
TABLE = load("nexpo.build.design", "region")
_CLASSES = tuple(each.value for each in COST_CLASSES if each is not CostClass.FORBIDDEN)


class Task(TypedDict):
    """What a municipality's design depends on, and nothing else.

    ``boundary`` is hexadecimal WKB in degrees. ``streets`` is the path of a file, empty where
    streets are made up. ``streets_sha256``, ``list_sha256``, ``rules`` and ``version`` are hashes
    of the files, the dated parameters and the code: they make a row made from others stale.
    """

    istat: str
    name: str
    province_code: str
    province: str
    population: int | None
    area_km2: float
    lon: float
    lat: float
    boundary: str
    addresses: int
    addresses_from: str
    list_sha256: str
    streets: str
    streets_sha256: str
    on: str
    architecture: str
    grant_rule: str
    rounds: int
    seed: int
    rules: str
    version: str


def fingerprint(task: Task) -> str:
    """Return the hash of all that a row depends on; where a file lies does not count.

    Examples
    --------
    >>> fingerprint({"istat": "012001", "streets": "/a"}) == fingerprint(
    ...     {"istat": "012001", "streets": "/b"})
    True
    """
    known = {key: value for key, value in task.items() if key != "streets"}
    return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()


def design_municipality(task: Task) -> Row:
    """Design the fibre network for the uncovered addresses of one municipality.

    Parameters
    ----------
    task
        What to design and by which rules.

    Returns
    -------
    A row of the table ``region``. A municipality that cannot be designed gives a row
    with status ``failed`` and the reason: it does not stop the others.
    """
    try:
        return _row(task, _designed(task))
    except Problem as problem:
        return failed(task, str(problem))
    except Exception as error:  # noqa: BLE001 - one in 1,500 must not stop the rest; the row says it
        return failed(task, f"an error that Nexpo did not foresee: {type(error).__name__}: {error}")


def failed(task: Task, reason: str) -> Row:
    """Return the row of a municipality that could not be designed."""
    return _row(task, {"status": "failed", "problem": reason})


def _row(task: Task, found: Row) -> Row:
    """Return the row in the order of the dictionary, what is not known as None."""
    given = {key: value for key, value in task.items() if key in TABLE.names and key != "streets"}
    made = {
        "streets": Path(task["streets"]).name if task["streets"] else SYNTHETIC,
        "synthetic": not task["streets"] or task["addresses_from"] != "list",
        "fingerprint": fingerprint(task),
        "problem": None,
    }
    known: Row = given | made | found
    return {name: known.get(name) for name in TABLE.names}


def _designed(task: Task) -> Row:
    if not task["addresses"]:
        return {"status": "nothing", "units": 0, "served_addresses": 0, "served_units": 0}
    design = design_area(request_of(task), materials=_made_up(task))
    streets, demand = design.graph, design.demand
    return (
        {
            "units": int(demand.units.sum()),
            "street_nodes": streets.nodes,
            "street_m": _metres(math.fsum(streets.length_m)),
            "synthetic": design.synthetic or task["addresses_from"] != "list",
        }
        | _reached(design.fibre)
        | _money(design)
        | {"checks_failed": sum(not each.ok for each in design.validation)}
    )


def request_of(task: Task) -> Request:
    """Return the request of the design: fibre alone, with no choice of technology."""
    return Request(
        task["istat"],
        on=date.fromisoformat(task["on"]),
        streets=Path(task["streets"]) if task["streets"] else None,
        architecture=task["architecture"],
        grant_rule=task["grant_rule"],
        wireless=False,
        clusters=0,
        front=0,
        seed=task["seed"],
        effort=Effort(rounds=task["rounds"]),
    )


def _made_up(task: Task) -> Materials | None:
    """Return streets and addresses made from seed and code; None where a file holds the streets.

    The place names no region: what public programmes spent there is not held against streets
    that were made up.
    """
    if task["streets"]:
        return None
    size = synthetic.Territory(
        task["area_km2"],
        task["population"] or 0,
        task["lon"],
        task["lat"],
        shapely.from_wkb(task["boundary"]),
    )
    return made_up(
        Place(task["name"], (task["istat"],)), size, task["addresses"], seed=task["seed"]
    )


def _reached(plan: Plan) -> Row:
    """Return whom a plan reaches and by what: counts, metres, cost of routes with its bound."""
    served, left = plan.premises.height, plan.unserved.height
    metres = dict(quantities(plan).select("item", "quantity").iter_rows())
    by_class = {f"{name}_m": metres.get(f"trench.{name}", 0.0) for name in _CLASSES}
    kinds = Counter(plan.sites["kind"].to_list())
    routes = plan.trench
    lengths = by_class | {
        "lead_m": metres.get("drop.lead", 0.0),
        "route_m": math.fsum(by_class.values()),
        "cable_m": math.fsum(plan.cables["cable_m"]),
    }
    return {name: _metres(length_m) for name, length_m in lengths.items()} | {
        "status": ("partly" if left else "designed") if served else "unreached",
        "served_addresses": served,
        "served_units": int(plan.premises["units"].sum()),
        "unserved_addresses": left,
        "unserved_reasons": _counted(plan.unserved["reason"].to_list()),
        "cabinets": kinds["cabinet"],
        "chambers": kinds["chamber"],
        "route_cents": routes.tree_cents + routes.lead_cents,
        "route_bound_cents": routes.bound_cents,
        "route_gap": routes.gap if served else None,
    }


def _money(design: AreaDesign) -> Row:
    """Return bill, funding gap and grant; nothing where nobody is reached."""
    cost, aid = design.fibre_cost, design.grant
    if cost is None or aid is None:
        return {}
    return (
        {f"cost_{level}_cents": cost.bills.at(level).total.cents for level in LEVELS}
        | {f"funding_gap_{level}_cents": cost.cases[level].gap.cents for level in LEVELS}
        | {"grant_cents": aid.amount.cents, "grant_limit": aid.binding.name}
    )


def _counted(reasons: list[str]) -> str | None:
    """Return reasons with their counts, the commonest first.

    Examples
    --------
    >>> _counted(["far", "full", "far"])
    '2 far; 1 full'
    """
    found = sorted(Counter(reasons).items(), key=lambda pair: (-pair[1], pair[0]))
    return "; ".join(f"{count} {reason}" for reason, count in found) or None


def _metres(length_m: float) -> float:
    """Return a length in whole millimetres."""
    return round(float(length_m), 3)
