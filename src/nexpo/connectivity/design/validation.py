"""The validation report: a finished fibre plan, checked by code that did not make it.

Nothing of the designer is used here but the values it hands over. Cables are walked trench
by trench, fibres are counted again from the addresses, losses are summed again, lengths are
measured again on the ellipsoid. A finding says what was checked, how often, and what failed
where.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil, floor
from typing import Any

import polars as pl
import shapely
from pyproj import Geod

from nexpo.connectivity.design.fibre.model import Inputs, Link, Plan
from nexpo.connectivity.design.model import COST_CLASSES, Service

Row = Mapping[str, Any]

_EXAMPLES = 5
_ROUND_M = 0.05
_LENGTH_SHARE = 0.005
_LEAD_M, _LEAD_SHARE = 1.0, 0.02
_SAME_DB = 1e-6
_FULL = 100
_WGS84 = Geod(ellps="WGS84")


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that fails a rule: its id, what is wrong, and where it is."""

    id: str
    message: str
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found.

    Parameters
    ----------
    rule
        Short name, stable.
    title
        What holds where the rule is kept.
    checked, failed
        How many things were looked at, and how many of them fail.
    examples
        The first failures.
    """

    rule: str
    title: str
    checked: int
    failed: int
    examples: tuple[Failure, ...]

    @property
    def ok(self) -> bool:
        """Say whether nothing failed."""
        return self.failed == 0


Check = Callable[["_Walk"], tuple[int, Iterable[Failure]]]


def validate(plan: Plan, inputs: Inputs) -> tuple[Finding, ...]:
    """Check a plan against what it was made from.

    Returns
    -------
    One finding a rule, in a fixed order; also those that found nothing wrong.
    """
    walk = _Walk(plan, inputs)
    return tuple(_finding(walk, rule, title, check) for rule, title, check in _RULES)


def report(findings: Iterable[Finding]) -> pl.DataFrame:
    """Return findings as a table, the examples as text."""
    return pl.DataFrame(
        [
            {
                "rule": each.rule,
                "ok": each.ok,
                "title": each.title,
                "checked": each.checked,
                "failed": each.failed,
                "examples": "; ".join(f"{one.id}: {one.message}" for one in each.examples),
            }
            for each in findings
        ],
        schema={
            "rule": pl.String,
            "ok": pl.Boolean,
            "title": pl.String,
            "checked": pl.Int64,
            "failed": pl.Int64,
            "examples": pl.String,
        },
    )


@dataclass(frozen=True, slots=True)
class _Cable:
    """A cable walked: the node after each hop, and metres from its origin to there."""

    row: Row
    nodes: tuple[int, ...]
    metres: tuple[float, ...]
    broken: str


@dataclass(frozen=True, slots=True)
class _Route:
    """The way from a head to a node through one or more cables of a level."""

    level: str
    trenches: tuple[int, ...]
    metres: float
    joints: int


@dataclass
class _Walk:
    """The plan's rows by id, and ways along its cables, found once."""

    plan: Plan
    inputs: Inputs
    routes: dict[tuple[str, str, int], _Route | str] = field(default_factory=dict)

    @cached_property
    def trenches(self) -> list[dict[str, Any]]:
        return self.plan.trench_sections.to_dicts()

    @cached_property
    def sites(self) -> dict[str, dict[str, Any]]:
        return {row["site"]: row for row in self.plan.sites.iter_rows(named=True)}

    @cached_property
    def premises(self) -> list[dict[str, Any]]:
        return self.plan.premises.to_dicts()

    @cached_property
    def cables(self) -> list[_Cable]:
        return [self._walked(row) for row in self.plan.cables.iter_rows(named=True)]

    @cached_property
    def through(self) -> dict[tuple[str, str, int], list[int]]:
        """Cables that come to a node, by level, owner and node."""
        found = defaultdict(list)
        for number, cable in enumerate(self.cables):
            for node in cable.nodes[1:]:
                found[(cable.row["level"], cable.row["owner"], node)].append(number)
        return found

    @cached_property
    def drops(self) -> dict[int, list[_Cable]]:
        found = defaultdict(list)
        for cable in self.cables:
            if cable.row["level"] == "drop":
                found[cable.row["goal"]].append(cable)
        return found

    def _walked(self, row: Row) -> _Cable:
        node, nodes, metres, broken = row["origin"], [row["origin"]], [0.0], ""
        for number in row["trenches"]:
            if not 0 <= number < len(self.trenches):
                broken = f"lies in trench {number}, which is not there"
                break
            trench = self.trenches[number]
            if node not in (trench["tail"], trench["head"]):
                broken = f"jumps to trench {number}"
                break
            node = trench["head"] if node == trench["tail"] else trench["tail"]
            nodes.append(node)
            metres.append(metres[-1] + trench["length_m"])
        if not broken and node != row["goal"]:
            broken = f"ends at node {node}, not at {row['goal']}"
        return _Cable(row, tuple(nodes), tuple(metres), broken)

    def route(self, level: str, owner: str, head: int, node: int) -> _Route | str:
        """Return the way from a head to a node, or why there is none."""
        key = (level, owner, node)
        if key not in self.routes:
            self.routes[key] = self._found(level, owner, head, node)
        return self.routes[key]

    def _found(self, level: str, owner: str, head: int, node: int) -> _Route | str:
        if node == head:
            return _Route(level, (), 0.0, 0)
        coming = self.through.get((level, owner, node))
        if not coming:
            return f"no {level} cable of {owner} comes to node {node}"
        hops: list[int] = []
        metres, joints, number = 0.0, 0, coming[0]
        for _ in range(len(self.cables)):
            cable = self.cables[number]
            at = cable.nodes.index(node)
            hops[:0] = cable.row["trenches"][:at]
            metres += cable.metres[at]
            node, parent = cable.row["origin"], cable.row["parent"]
            if parent is None:
                break
            if node not in self.cables[parent].nodes:
                return f"cable {number} is spliced to cable {parent}, which does not pass there"
            if node != self.cables[parent].nodes[0]:
                joints += 1
            number = parent
        if node != head:
            return f"the {level} cables of {owner} begin at node {node}, not at {head}"
        return _Route(level, tuple(hops), metres, joints)

    def feeder(self, cabinet: Row) -> _Route | str:
        """Return the way from the POP to a cabinet."""
        pop = self.sites.get(cabinet["pop"])
        if pop is None:
            return f"its POP {cabinet['pop']} is not there"
        if ("ring_first", cabinet["site"], cabinet["node"]) in self.through:
            return self.route("ring_first", cabinet["site"], pop["node"], cabinet["node"])
        return self.route("feeder", cabinet["pop"], pop["node"], cabinet["node"])

    def distribution(self, chamber: Row) -> _Route | str:
        """Return the way from the cabinet to a chamber."""
        cabinet = self.sites.get(chamber["cabinet"] or "")
        if cabinet is None:
            return f"its cabinet {chamber['cabinet']} is not there"
        return self.route("distribution", cabinet["site"], cabinet["node"], chamber["node"])

    def kind(self, name: str) -> Iterator[Row]:
        """Yield the sites of a kind."""
        return (row for row in self.sites.values() if row["kind"] == name)

    @cached_property
    def chamber_units(self) -> dict[str, list[tuple[int, bool]]]:
        """Units of each address by chamber, and whether it is point-to-point."""
        found = defaultdict(list)
        for row in self.premises:
            found[row["chamber"]].append((row["units"], self.is_direct(row)))
        return found

    def is_direct(self, premises: Row) -> bool:
        """Say whether an address has to be point-to-point."""
        architecture = self.plan.rules.architecture
        splits = architecture.cabinet_ratio * architecture.chamber_ratio > 1
        return not splits or Service(premises["service"]) in architecture.direct_services

    def need(self, premises: Row) -> int:
        """Return the fibres an address needs on its drop."""
        each = self.plan.rules.architecture.direct_fibres if self.is_direct(premises) else 1
        return int(premises["units"] * each)

    def chamber_need(self, chamber: str) -> tuple[int, int]:
        """Return the fibres a chamber needs to be split, and those passing through."""
        architecture = self.plan.rules.architecture
        behind = self.chamber_units[chamber]
        split = sum(units for units, direct in behind if not direct)
        own = sum(units for units, direct in behind if direct) * architecture.direct_fibres
        return ceil(split / architecture.chamber_ratio), own

    def cabinet_need(self, cabinet: str) -> tuple[int, int]:
        """Return the same of a cabinet."""
        needs = [
            self.chamber_need(row["site"])
            for row in self.kind("chamber")
            if row["cabinet"] == cabinet
        ]
        split = sum(each for each, _ in needs)
        ratio = self.plan.rules.architecture.cabinet_ratio
        return ceil(split / ratio), sum(each for _, each in needs)


def _finding(walk: _Walk, rule: str, title: str, check: Check) -> Finding:
    checked, failures = check(walk)
    found = list(failures)
    return Finding(rule, title, checked, len(found), tuple(found[:_EXAMPLES]))


def _fail(row: Row, message: str) -> Failure:
    name = row.get("id") or row.get("site") or f"row {row.get('cable', row.get('trench', '?'))}"
    return Failure(str(name), message, row.get("lon"), row.get("lat"))


def _complete(walk: _Walk) -> tuple[int, Iterable[Failure]]:
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


def _reached(walk: _Walk) -> tuple[int, Iterable[Failure]]:
    return len(walk.premises), (
        _fail(row, why) for row in walk.premises if (why := _unreached(walk, row))
    )


def _unreached(walk: _Walk, row: Row) -> str:
    chamber = walk.sites.get(row["chamber"])
    if chamber is None:
        return f"its chamber {row['chamber']} is not there"
    drops = walk.drops.get(row["node"], [])
    if row["node"] != chamber["node"]:
        mine = [cable for cable in drops if cable.row["owner"] == row["chamber"]]
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


def _lengths(walk: _Walk) -> tuple[int, Iterable[Failure]]:
    return len(walk.premises), (
        _fail(row, f"{name} is {row[name]:.2f} m, walked {metres:.2f} m")
        for row in walk.premises
        for name, metres in _legs(walk, row).items()
        if abs(metres - row[name]) > _ROUND_M
    )


def _legs(walk: _Walk, row: Row) -> dict[str, float]:
    """Return metres of the legs of an address, as far as they can be walked."""
    chamber = walk.sites[row["chamber"]]
    ways = {
        "distribution_m": walk.distribution(chamber),
        "feeder_m": walk.feeder(walk.sites[chamber["cabinet"]]),
    }
    found = {name: way.metres for name, way in ways.items() if isinstance(way, _Route)}
    drops = walk.drops.get(row["node"], [])
    if row["node"] == chamber["node"]:
        found["drop_m"] = 0.0
    elif drops:
        found["drop_m"] = drops[0].metres[-1]
    return found


def _whole(walk: _Walk) -> tuple[int, Iterable[Failure]]:
    return len(walk.cables), (
        _fail(cable.row, cable.broken) for cable in walk.cables if cable.broken
    )


def _measured(walk: _Walk) -> tuple[int, Iterable[Failure]]:
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
    return float(_ROUND_M + _LENGTH_SHARE * row["length_m"])


def _once(walk: _Walk) -> tuple[int, Iterable[Failure]]:
    by_section: dict[object, list[Row]] = defaultdict(list)
    for row in walk.trenches:
        lead = tuple(sorted((row["tail"], row["head"])))
        by_section[row["section"] if row["section"] is not None else lead].append(row)
    return len(walk.trenches), _overlaps(by_section.values(), walk)


def _overlaps(sections: Iterable[list[Row]], walk: _Walk) -> Iterator[Failure]:
    for rows in sections:
        reached, before = -1.0, -1
        for row in sorted(rows, key=lambda each: (each["from_fraction"], each["to_fraction"])):
            metres = _section_m(walk, row)
            if (reached - row["from_fraction"]) * metres > _ROUND_M:
                yield _fail(row, f"trench {row['trench']} is dug again as trench {before}")
            reached, before = max(reached, row["to_fraction"]), row["trench"]


def _section_m(walk: _Walk, row: Row) -> float:
    if row["section"] is None:
        return float(row["length_m"])
    return float(walk.inputs.streets.length_m[row["section"]])


def _street(walk: _Walk) -> tuple[int, Iterable[Failure]]:
    return len(walk.trenches), (
        _fail(row, why) for row in walk.trenches if (why := _off_street(walk, row))
    )


def _off_street(walk: _Walk, row: Row) -> str:
    if row["section"] is None:
        return "" if row["cost_class"] == "lead" else "is no lead and has no street"
    kind = COST_CLASSES[int(walk.inputs.streets.cost_class[row["section"]])].value
    if kind == "forbidden":
        return f"runs in section {row['section']}, which may carry no route"
    if kind != row["cost_class"]:
        return f"is counted as {row['cost_class']}, its street is {kind}"
    metres = (row["to_fraction"] - row["from_fraction"]) * _section_m(walk, row)
    return "" if abs(metres - row["length_m"]) <= _ROUND_M else "its fractions are not its length"


def _cost(walk: _Walk) -> tuple[int, Iterable[Failure]]:
    return len(walk.trenches) + 2, [*_wrong_prices(walk), *_wrong_sums(walk)]


def _wrong_prices(walk: _Walk) -> Iterator[Failure]:
    prices = walk.plan.rules.prices
    of = dict(zip((each.value for each in COST_CLASSES), prices.cents_per_m, strict=True))
    for row in walk.trenches:
        due = float(of.get(row["cost_class"], prices.lead_cents_per_m)) * row["length_m"]
        if abs(due - row["cost_cents"]) > 1:
            yield _fail(row, f"costs {row['cost_cents']} cents where {due:.0f} are due")


def _wrong_sums(walk: _Walk) -> Iterator[Failure]:
    total, cost = sum(row["cost_cents"] for row in walk.trenches), walk.plan.trench
    if total != cost.total_cents:
        yield Failure("trench", f"{cost.total_cents} cents in all, its sections {total}")
    if cost.bound_cents > cost.tree_cents + cost.lead_cents:
        yield Failure("bound", f"{cost.bound_cents} cents is above the cost it bounds")


def _joined(walk: _Walk) -> tuple[int, Iterable[Failure]]:
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
        _fail(row, "hangs together with no POP") for row in walk.trenches if row["tail"] not in seen
    )


def _fibres(walk: _Walk) -> tuple[int, Iterable[Failure]]:
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


def _flows(walk: _Walk) -> Iterator[tuple[str, tuple[int, ...], int]]:
    """Yield level, trenches and fibres of every way that the addresses call for."""
    for row in walk.premises:
        drops = walk.drops.get(row["node"], [])
        mine = [cable for cable in drops if cable.row["owner"] == row["chamber"]]
        if mine:
            yield "drop", tuple(mine[0].row["trenches"]), walk.need(row)
    for chamber in walk.kind("chamber"):
        way = walk.distribution(chamber)
        if isinstance(way, _Route):
            yield "distribution", way.trenches, sum(walk.chamber_need(chamber["site"]))
    for cabinet in walk.kind("cabinet"):
        need = sum(walk.cabinet_need(cabinet["site"]))
        for on in (walk.feeder(cabinet), _second(walk, cabinet)):
            if isinstance(on, _Route):
                yield on.level, on.trenches, need


def _second(walk: _Walk, cabinet: Row) -> _Route | str:
    pop = walk.sites[cabinet["pop"]]["node"]
    if cabinet["node"] == pop:
        return ""
    return walk.route("ring", cabinet["site"], pop, cabinet["node"])


def _sizes(walk: _Walk) -> tuple[int, Iterable[Failure]]:
    return len(walk.cables), (
        _fail(cable.row, why) for cable in walk.cables if (why := _too_small(walk, cable.row))
    )


def _too_small(walk: _Walk, row: Row) -> str:
    rules = walk.plan.rules.cables
    drop = row["level"] == "drop"
    spare = 0 if drop else rules.spare_percent
    if row["size"] not in (rules.drop_sizes if drop else rules.sizes):
        return f"no cable of {row['size']} fibres can be bought"
    most = max(row["carried"])
    if row["size"] * _FULL < most * (_FULL + spare):
        return f"{most} fibres in use and {spare} % spare do not fit in {row['size']}"
    return ""


def _splits(walk: _Walk) -> tuple[int, Iterable[Failure]]:
    architecture = walk.plan.rules.architecture
    ratios = {"chamber": architecture.chamber_ratio, "cabinet": architecture.cabinet_ratio}
    sites = [row for row in walk.sites.values() if row["kind"] in ratios]
    return len(sites), (
        _fail(row, why) for row in sites if (why := _wrong_split(walk, row, ratios[row["kind"]]))
    )


def _wrong_split(walk: _Walk, row: Row, ratio: int) -> str:
    needs = walk.chamber_need if row["kind"] == "chamber" else walk.cabinet_need
    split, own = needs(row["site"])
    if row["splitter_ratio"] != ratio:
        return f"splits 1:{row['splitter_ratio']}, the architecture 1:{ratio}"
    if ratio > 1 and row["splitters"] != split:
        return f"has {row['splitters']} splitters where {split} are needed"
    if row["fibres_in"] != split + own:
        return f"{row['fibres_in']} fibres come in where {split + own} are needed"
    return ""


def _capacity(walk: _Walk) -> tuple[int, Iterable[Failure]]:
    sites = [row for row in walk.sites.values() if row["kind"] != "closure"]
    behind: dict[str, list[int]] = defaultdict(list)
    for row in walk.premises:
        for column in ("chamber", "cabinet", "pop"):
            behind[row[column]].append(row["units"])
    return len(sites), (
        _fail(row, why) for row in sites if (why := _overfull(walk, row, behind[row["site"]]))
    )


def _overfull(walk: _Walk, row: Row, units: list[int]) -> str:
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


def _chambers_of(walk: _Walk, cabinet: str) -> int:
    return sum(row["cabinet"] == cabinet for row in walk.kind("chamber"))


def _near(walk: _Walk) -> tuple[int, Iterable[Failure]]:
    architecture = walk.plan.rules.architecture
    chambers = list(walk.kind("chamber"))
    failures = [
        _fail(row, f"is {way.metres:.1f} m from its cabinet")
        for row in chambers
        if isinstance(way := walk.distribution(row), _Route)
        and way.metres > architecture.cabinet_reach_m + _ROUND_M
    ]
    for row in walk.premises:
        metres = _street_drop_m(walk, row)
        if metres > architecture.chamber_reach_m + _ROUND_M:
            failures.append(_fail(row, f"its border is {metres:.1f} m from its chamber"))
    return len(chambers) + len(walk.premises), failures


def _street_drop_m(walk: _Walk, row: Row) -> float:
    drops = walk.drops.get(row["node"], [])
    trenches = drops[0].row["trenches"] if drops else []
    return float(
        sum(
            walk.trenches[each]["length_m"]
            for each in trenches
            if walk.trenches[each]["role"] != "lead"
        )
    )


def _budgets(walk: _Walk) -> tuple[int, Iterable[Failure]]:
    return len(walk.premises), (
        _fail(row, why) for row in walk.premises if (why := _dark(walk, row))
    )


def _dark(walk: _Walk, row: Row) -> str:
    architecture, direct = walk.plan.rules.architecture, walk.is_direct(row)
    link = architecture.direct if direct else architecture.shared
    loss, km = _loss(walk, row, link, direct=direct)
    if abs(loss - row["loss_db"]) > _SAME_DB * max(1.0, loss):
        return f"says {row['loss_db']:.3f} dB, the path has {loss:.3f} dB"
    if loss > link.max_loss_db:
        return f"{loss:.2f} dB is more than {link.max_loss_db:g} dB"
    return "" if km <= link.max_reach_km else f"{km:.2f} km is more than {link.max_reach_km:g} km"


def _loss(walk: _Walk, row: Row, link: Link, *, direct: bool) -> tuple[float, float]:
    rules, architecture = walk.plan.rules.cables, walk.plan.rules.architecture
    legs = _legs(walk, row)
    lengths = [metres * (1 + rules.slack_percent / _FULL) for metres in legs.values()]
    chamber = walk.sites[row["chamber"]]
    ways = (walk.distribution(chamber), walk.feeder(walk.sites[chamber["cabinet"]]))
    joints = sum(way.joints for way in ways if isinstance(way, _Route))
    drums = sum(floor(metres / rules.drum_m) for metres in lengths)
    ratios = [] if direct else [architecture.cabinet_ratio, architecture.chamber_ratio]
    splitters = [rules.splitter_db[ratio] for ratio in ratios if ratio > 1]
    splices = rules.pop_splices + rules.premises_splices + 2 + len(splitters) + joints + drums
    connectors = rules.pop_connectors + rules.premises_connectors
    km = sum(lengths) / 1000
    fixed = splices * rules.splice_db + connectors * rules.connector_db + sum(splitters)
    return fixed + max(km * rules.fibre_db_per_km[each] for each in link.wavelengths_nm), km


def _rings(walk: _Walk) -> tuple[int, Iterable[Failure]]:
    rows = walk.plan.ring.to_dicts()
    return len(rows), (
        _fail(walk.sites[row["cabinet"]], why) for row in rows if (why := _open(walk, row))
    )


def _open(walk: _Walk, row: Row) -> str:
    cabinet = walk.sites[row["cabinet"]]
    first, second = walk.feeder(cabinet), _second(walk, cabinet)
    if isinstance(first, str) or isinstance(second, str):
        return "has not two ways to its POP"
    shared = {walk.trenches[each]["section"] for each in set(first.trenches) & set(second.trenches)}
    said = {each if each >= 0 else None for each in row["single_sections"]}
    if not shared <= said:
        return f"both its ways run in sections {sorted(shared - said, key=str)}"
    return "is called protected and has streets in common" if row["protected"] and shared else ""


_RULES: tuple[tuple[str, str, Check], ...] = (
    ("premises.complete", "every demand is served, listed as left, or connected: once", _complete),
    ("premises.reached", "cables lead from every address to its POP", _reached),
    ("premises.lengths", "feeder, distribution and drop are as long as walked", _lengths),
    ("premises.budget", "every path keeps its optical budget and reach", _budgets),
    ("premises.near", "chambers and cabinets are within their reach", _near),
    ("cables.whole", "every cable lies in trenches that follow one another", _whole),
    ("cables.fibres", "fibres in use over each trench are those the addresses need", _fibres),
    ("cables.size", "every cable holds its fibres and the spare", _sizes),
    ("sites.split", "splitters have the ratio and the number that is needed", _splits),
    ("sites.capacity", "no chamber, cabinet or POP holds more than it can", _capacity),
    ("trench.once", "no metre of street is dug twice", _once),
    ("trench.length", "every trench is as long as its line on the ellipsoid", _measured),
    ("trench.street", "every trench is a part of a street that may carry it", _street),
    ("trench.cost", "costs are price times length; the bound is not above them", _cost),
    ("trench.joined", "all trenches hang together with a POP", _joined),
    ("ring.apart", "two ways to a cabinet share no street but those named", _rings),
)
