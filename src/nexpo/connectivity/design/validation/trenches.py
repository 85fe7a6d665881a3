"""Rules of trenches: dug once, as long as drawn, in streets that permit them, added up right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import shapely
from pyproj import Geod

from nexpo.connectivity.design.model import COST_CLASSES
from nexpo.connectivity.design.validation.walk import ROUND_M, Failure, Found, Row, Walk, fail

_LENGTH_SHARE = 0.005
_LEAD_M, _LEAD_SHARE = 1.0, 0.02
_WGS84 = Geod(ellps="WGS84")


def measured(walk: Walk) -> Found:
    """Every trench is as long as its line on the ellipsoid."""
    lines = shapely.from_wkb(walk.plan.trench_sections["wkb"].to_list())
    return len(walk.trenches), (
        Failure(
            f"trench {row['trench']}", f"is {row['length_m']:.2f} m, its line {metres:.2f} m", *at
        )
        for row, line in zip(walk.trenches, lines, strict=True)
        for metres, at in [_measure(line)]
        if abs(metres - row["length_m"]) > _tolerance_m(row)
    )


def _measure(line: shapely.LineString) -> tuple[float, tuple[float, float]]:
    xy = shapely.get_coordinates(line)
    return float(_WGS84.line_length(xy[:, 0], xy[:, 1])), (float(xy[0, 0]), float(xy[0, 1]))


def _tolerance_m(row: Row) -> float:
    if row["role"] == "lead":
        return float(_LEAD_M + _LEAD_SHARE * row["length_m"])
    return float(ROUND_M + _LENGTH_SHARE * row["length_m"])


def once(walk: Walk) -> Found:
    """No metre of street is dug twice."""
    by_section: dict[object, list[Row]] = defaultdict(list)
    for row in walk.trenches:
        lead = tuple(sorted((row["tail"], row["head"])))
        by_section[row["section"] if row["section"] is not None else lead].append(row)
    return len(walk.trenches), _overlaps(by_section.values(), walk)


def _overlaps(sections: Iterable[list[Row]], walk: Walk) -> Iterator[Failure]:
    for rows in sections:
        reached, before = -1.0, -1
        for row in sorted(rows, key=lambda each: (each["from_fraction"], each["to_fraction"])):
            metres = _section_m(walk, row)
            if (reached - row["from_fraction"]) * metres > ROUND_M:
                yield fail(row, f"trench {row['trench']} is dug again as trench {before}")
            reached, before = max(reached, row["to_fraction"]), row["trench"]


def _section_m(walk: Walk, row: Row) -> float:
    if row["section"] is None:
        return float(row["length_m"])
    return float(walk.inputs.streets.length_m[row["section"]])


def street(walk: Walk) -> Found:
    """Every trench is a part of a street that may carry it."""
    return len(walk.trenches), (
        fail(row, why) for row in walk.trenches if (why := _off_street(walk, row))
    )


def _off_street(walk: Walk, row: Row) -> str:
    if row["section"] is None:
        return "" if row["cost_class"] == "lead" else "is no lead and has no street"
    kind = COST_CLASSES[int(walk.inputs.streets.cost_class[row["section"]])].value
    if kind == "forbidden":
        return f"runs in section {row['section']}, which may carry no route"
    if kind != row["cost_class"]:
        return f"is counted as {row['cost_class']}, its street is {kind}"
    metres = (row["to_fraction"] - row["from_fraction"]) * _section_m(walk, row)
    return "" if abs(metres - row["length_m"]) <= ROUND_M else "its fractions are not its length"


def cost(walk: Walk) -> Found:
    """Costs are price times length; the bound is not above them."""
    return len(walk.trenches) + 2, [*_wrong_prices(walk), *_wrong_sums(walk)]


def _wrong_prices(walk: Walk) -> Iterator[Failure]:
    prices = walk.plan.rules.prices
    of = dict(zip((each.value for each in COST_CLASSES), prices.cents_per_m, strict=True))
    for row in walk.trenches:
        due = float(of.get(row["cost_class"], prices.lead_cents_per_m)) * row["length_m"]
        if abs(due - row["cost_cents"]) > 1:
            yield fail(row, f"costs {row['cost_cents']} cents where {due:.0f} are due")


def _wrong_sums(walk: Walk) -> Iterator[Failure]:
    total, cost = sum(row["cost_cents"] for row in walk.trenches), walk.plan.trench
    if total != cost.total_cents:
        yield Failure("trench", f"{cost.total_cents} cents in all, its sections {total}")
    if cost.bound_cents > cost.tree_cents + cost.lead_cents:
        yield Failure("bound", f"{cost.bound_cents} cents is above the cost it bounds")


def joined(walk: Walk) -> Found:
    """Every trench hangs together with a POP: spread from the POPs until nothing is new."""
    near: dict[int, list[int]] = defaultdict(list)
    for row in walk.trenches:
        near[row["tail"]].append(row["head"])
        near[row["head"]].append(row["tail"])
    seen = {row["node"] for row in walk.kind("pop")}
    edge = set(seen)
    while edge:
        edge = {other for node in edge for other in near[node]} - seen
        seen |= edge
    return len(walk.trenches), (
        fail(row, "hangs together with no POP") for row in walk.trenches if row["tail"] not in seen
    )
