"""Rules of addresses: all there, reached, as long as said, within their optical budget."""

from __future__ import annotations

from collections import defaultdict
from math import floor

from nexpo.connectivity.design.fibre.model import Link
from nexpo.connectivity.design.validation.walk import (
    ROUND_M,
    Failure,
    Found,
    Route,
    Row,
    Walk,
    fail,
)

_SAME_DB = 1e-6
_FULL = 100


def complete(walk: Walk) -> Found:
    """Every demand is served, listed as left, or connected: once."""
    demand = walk.inputs.demand
    served, left = walk.plan.premises["id"].to_list(), walk.plan.unserved["id"].to_list()
    there = {each for each, has in zip(demand.id, demand.connected, strict=True) if has}
    count: dict[str, int] = defaultdict(int)
    for each in (*served, *left, *there):
        count[each] += 1
    failures = [
        Failure(each, f"is listed {count[each]} times", float(lon), float(lat))
        for each, lon, lat in zip(demand.id, demand.lon, demand.lat, strict=True)
        if count[each] != 1
    ]
    unknown = set(count) - set(demand.id)
    failures += [Failure(each, "is in the plan but was not asked for") for each in sorted(unknown)]
    return len(demand), failures


def reached(walk: Walk) -> Found:
    """Cables lead from every address to its POP."""
    return len(walk.premises), (
        fail(row, why) for row in walk.premises if (why := _unreached(walk, row))
    )


def _unreached(walk: Walk, row: Row) -> str:
    chamber = walk.sites.get(row["chamber"])
    if chamber is None:
        return f"its chamber {row['chamber']} is not there"
    if row["node"] != chamber["node"]:
        mine = walk.drops_of(row)
        if not any(cable.row["origin"] == chamber["node"] and not cable.broken for cable in mine):
            return f"no drop cable comes from {row['chamber']}"
        size = sum(cable.row["size"] for cable in mine)
        if size < walk.need(row):
            return f"its drop has {size} fibres where {walk.need(row)} are needed"
    way = walk.distribution(chamber)
    if isinstance(way, str):
        return way
    on = walk.feeder(walk.sites[chamber["cabinet"]])
    return on if isinstance(on, str) else ""


def lengths(walk: Walk) -> Found:
    """Feeder, distribution and drop are as long as walked."""
    return len(walk.premises), (
        fail(row, f"{name} is {row[name]:.2f} m, walked {metres:.2f} m")
        for row in walk.premises
        for name, metres in _legs(walk, row).items()
        if abs(metres - row[name]) > ROUND_M
    )


def _legs(walk: Walk, row: Row, feeder: Route | str | None = None) -> dict[str, float]:
    """Return metres of the legs of an address, as far as they can be walked.

    ``feeder`` is the way to its cabinet; by default the first one.
    """
    chamber = walk.sites[row["chamber"]]
    ways = {
        "distribution_m": walk.distribution(chamber),
        "feeder_m": feeder or walk.feeder(walk.sites[chamber["cabinet"]]),
    }
    found = {name: way.metres for name, way in ways.items() if isinstance(way, Route)}
    drops = walk.drops_of(row)
    if row["node"] == chamber["node"]:
        found["drop_m"] = 0.0
    elif drops:
        found["drop_m"] = drops[0].metres[-1]
    return found


def near(walk: Walk) -> Found:
    """Chambers and cabinets are within their reach."""
    architecture = walk.plan.rules.architecture
    chambers = list(walk.kind("chamber"))
    failures = [
        fail(row, f"is {way.metres:.1f} m from its cabinet")
        for row in chambers
        if isinstance(way := walk.distribution(row), Route)
        and way.metres > architecture.cabinet_reach_m + ROUND_M
    ]
    for row in walk.premises:
        metres = _street_drop_m(walk, row)
        if metres > architecture.chamber_reach_m + ROUND_M:
            failures.append(fail(row, f"its border is {metres:.1f} m from its chamber"))
    return len(chambers) + len(walk.premises), failures


def _street_drop_m(walk: Walk, row: Row) -> float:
    drops = walk.drops_of(row)
    trenches = drops[0].row["trenches"] if drops else []
    return float(
        sum(
            walk.trenches[each]["length_m"]
            for each in trenches
            if walk.trenches[each]["role"] != "lead"
        )
    )


def budgets(walk: Walk) -> Found:
    """Every path keeps its optical budget and reach."""
    return len(walk.premises), (
        fail(row, why) for row in walk.premises if (why := _dark(walk, row))
    )


def _dark(walk: Walk, row: Row) -> str:
    cabinet = walk.sites[walk.sites[row["chamber"]]["cabinet"]]
    link = _link(walk, row)
    loss, km = _loss(walk, row, walk.feeder(cabinet))
    if abs(loss - row["loss_db"]) > _SAME_DB * max(1.0, loss):
        return f"says {row['loss_db']:.3f} dB, the path has {loss:.3f} dB"
    if loss > link.max_loss_db:
        return f"{loss:.2f} dB is more than {link.max_loss_db:g} dB"
    return "" if km <= link.max_reach_km else f"{km:.2f} km is more than {link.max_reach_km:g} km"


def _link(walk: Walk, row: Row) -> Link:
    architecture = walk.plan.rules.architecture
    return architecture.direct if walk.is_direct(row) else architecture.shared


def _loss(walk: Walk, row: Row, feeder: Route | str) -> tuple[float, float]:
    """Return loss in dB and kilometres of cable to an address over a way to its cabinet."""
    rules, architecture = walk.plan.rules.cables, walk.plan.rules.architecture
    legs = _legs(walk, row, feeder)
    lengths = [metres * (1 + rules.slack_percent / _FULL) for metres in legs.values()]
    ways = (walk.distribution(walk.sites[row["chamber"]]), feeder)
    joints = sum(way.joints for way in ways if isinstance(way, Route))
    drums = sum(floor(metres / rules.drum_m) for metres in lengths)
    ratios = (architecture.cabinet_ratio, architecture.chamber_ratio)
    splitters = [
        rules.splitter_db[ratio] for ratio in ratios if ratio > 1 and not walk.is_direct(row)
    ]
    splices = rules.pop_splices + rules.premises_splices + 2 + len(splitters) + joints + drums
    connectors = rules.pop_connectors + rules.premises_connectors
    km = sum(lengths) / 1000
    fixed = splices * rules.splice_db + connectors * rules.connector_db + sum(splitters)
    per_km = max(rules.fibre_db_per_km[each] for each in _link(walk, row).wavelengths_nm)
    return fixed + km * per_km, km


def rings(walk: Walk) -> Found:
    """Two ways to a cabinet share no street but those named, and light arrives as said."""
    rows = walk.plan.ring.to_dicts()
    return len(rows), (
        fail(walk.sites[row["cabinet"]], why) for row in rows if (why := _open(walk, row))
    )


def _open(walk: Walk, row: Row) -> str:
    cabinet = walk.sites[row["cabinet"]]
    first, second = walk.feeder(cabinet), walk.second(cabinet)
    if isinstance(first, str) or isinstance(second, str):
        return "has not two ways to its POP"
    shared = {walk.trenches[each]["section"] for each in set(first.trenches) & set(second.trenches)}
    said = {each if each >= 0 else None for each in row["single_sections"]}
    if not shared <= said:
        return f"both its ways run in sections {sorted(shared - said, key=str)}"
    if row["protected"] and shared:
        return "is called protected and has streets in common"
    dark = sum(_lost(walk, each, second) for each in walk.behind[row["cabinet"]])
    if dark != row["second_dark"]:
        return f"{row['second_dark']} addresses without light over its second way, {dark} counted"
    return "is called protected and its second way is dark" if row["protected"] and dark else ""


def _lost(walk: Walk, row: Row, way: Route) -> bool:
    """Say whether an address gets no light over a way to its cabinet."""
    link = _link(walk, row)
    loss, km = _loss(walk, row, way)
    return loss > link.max_loss_db or km > link.max_reach_km
