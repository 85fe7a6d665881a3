"""Rules of cables and sites: whole, large enough, split and filled as the addresses need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from nexpo.connectivity.design.validation.walk import Failure, Found, Route, Row, Walk, fail

_FULL = 100


def whole(walk: Walk) -> Found:
    """Every cable lies in trenches that follow one another."""
    return len(walk.cables), (
        fail(cable.row, cable.broken) for cable in walk.cables if cable.broken
    )


def fibres(walk: Walk) -> Found:
    """Count fibres again from the addresses, and compare by level and trench."""
    due: dict[tuple[str, int], int] = defaultdict(int)
    for level, route, fibres in _flows(walk):
        for trench in route:
            due[(level, trench)] += fibres
    held: dict[tuple[str, int], int] = defaultdict(int)
    for cable in walk.cables:
        for trench, fibres in zip(cable.row["trenches"], cable.row["carried"], strict=True):
            held[(cable.row["level"], trench)] += fibres
    keys = sorted(set(due) | set(held))
    return len(keys), (
        Failure(f"trench {key[1]}", f"{key[0]}: {held[key]} fibres in use, {due[key]} needed")
        for key in keys
        if held[key] != due[key]
    )


def _flows(walk: Walk) -> Iterator[tuple[str, tuple[int, ...], int]]:
    """Yield level, trenches and fibres of every way that the addresses call for."""
    for row in walk.premises:
        if mine := walk.drops_of(row):
            yield "drop", tuple(mine[0].row["trenches"]), walk.need(row)
    for chamber in walk.kind("chamber"):
        way = walk.distribution(chamber)
        if isinstance(way, Route):
            yield "distribution", way.trenches, sum(walk.chamber_need(chamber["site"]))
    for cabinet in walk.kind("cabinet"):
        need = sum(walk.cabinet_need(cabinet["site"]))
        for on in (walk.feeder(cabinet), walk.second(cabinet)):
            if isinstance(on, Route):
                yield on.level, on.trenches, need


def sizes(walk: Walk) -> Found:
    """Every cable holds its fibres and the spare."""
    return len(walk.cables), (
        fail(cable.row, why) for cable in walk.cables if (why := _too_small(walk, cable.row))
    )


def _too_small(walk: Walk, row: Row) -> str:
    rules = walk.plan.rules.cables
    drop = row["level"] == "drop"
    spare = 0 if drop else rules.spare_percent
    if row["size"] not in (rules.drop_sizes if drop else rules.sizes):
        return f"no cable of {row['size']} fibres can be bought"
    most = max(row["carried"])
    if row["size"] * _FULL < most * (_FULL + spare):
        return f"{most} fibres in use and {spare} % spare do not fit in {row['size']}"
    return ""


def splits(walk: Walk) -> Found:
    """Splitters have the ratio and the number that is needed."""
    architecture = walk.plan.rules.architecture
    ratios = {"chamber": architecture.chamber_ratio, "cabinet": architecture.cabinet_ratio}
    sites = [row for row in walk.sites.values() if row["kind"] in ratios]
    return len(sites), (
        fail(row, why) for row in sites if (why := _wrong_split(walk, row, ratios[row["kind"]]))
    )


def _wrong_split(walk: Walk, row: Row, ratio: int) -> str:
    needs = walk.chamber_need if row["kind"] == "chamber" else walk.cabinet_need
    split, own = needs(row["site"])
    if row["splitter_ratio"] != ratio:
        return f"splits 1:{row['splitter_ratio']}, the architecture 1:{ratio}"
    if ratio > 1 and row["splitters"] != split:
        return f"has {row['splitters']} splitters where {split} are needed"
    if row["fibres_in"] != split + own:
        return f"{row['fibres_in']} fibres come in where {split + own} are needed"
    return ""


def capacity(walk: Walk) -> Found:
    """No chamber, cabinet or POP holds more than it can."""
    sites = [row for row in walk.sites.values() if row["kind"] != "closure"]
    behind: dict[str, list[int]] = defaultdict(list)
    for row in walk.premises:
        for column in ("chamber", "cabinet", "pop"):
            behind[row[column]].append(row["units"])
    return len(sites), (
        fail(row, why) for row in sites if (why := _overfull(walk, row, behind[row["site"]]))
    )


def _overfull(walk: Walk, row: Row, units: list[int]) -> str:
    if row["units"] != sum(units):
        return f"says {row['units']} units, {sum(units)} are behind it"
    if row["size"] is not None and sum(units) > row["size"] * row["housings"]:
        return f"{sum(units)} units are more than {row['housings']} x {row['size']}"
    if row["kind"] == "chamber" and row["housings"] > 1 and len(units) > 1:
        return "several housings for more than one address"
    if row["kind"] == "cabinet" and row["housings"] == 1:
        most = walk.plan.rules.architecture.cabinet_fibres
        if row["fibres_out"] > most and _chambers_of(walk, row["site"]) > 1:
            return f"{row['fibres_out']} fibres leave it, at most {most} may"
    return ""


def _chambers_of(walk: Walk, cabinet: str) -> int:
    return sum(row["cabinet"] == cabinet for row in walk.kind("chamber"))
