"""A plan walked: its rows by id, its cables trench by trench, ways along them found once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil
from typing import Any

from nexpo.connectivity.design.fibre.model import Inputs, Plan
from nexpo.connectivity.design.model import Service

Row = Mapping[str, Any]
ROUND_M = 0.05


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that fails a rule: its id, what is wrong, and where it is."""

    id: str
    message: str
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class WalkedCable:
    """A cable walked: the node after each hop, and metres from its origin to there."""

    row: Row
    nodes: tuple[int, ...]
    metres: tuple[float, ...]
    broken: str


@dataclass(frozen=True, slots=True)
class Route:
    """The way from a head to a node through one or more cables of a level."""

    level: str
    trenches: tuple[int, ...]
    metres: float
    joints: int


@dataclass
class Walk:
    """The plan's rows by id, and ways along its cables, found once."""

    plan: Plan
    inputs: Inputs
    routes: dict[tuple[str, str, int], Route | str] = field(default_factory=dict)

    @cached_property
    def trenches(self) -> list[dict[str, Any]]:
        """Rows of trenches."""
        return self.plan.trench_sections.to_dicts()

    @cached_property
    def sites(self) -> dict[str, dict[str, Any]]:
        """Rows of sites by id."""
        return {row["site"]: row for row in self.plan.sites.iter_rows(named=True)}

    @cached_property
    def premises(self) -> list[dict[str, Any]]:
        """Rows of served addresses."""
        return self.plan.premises.to_dicts()

    @cached_property
    def cables(self) -> list[WalkedCable]:
        """All cables, walked."""
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
    def behind(self) -> dict[str, list[Row]]:
        """Served addresses by their cabinet."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.premises:
            found[row["cabinet"]].append(row)
        return found

    @cached_property
    def drops(self) -> dict[int, list[WalkedCable]]:
        """Drop cables by the node they come to."""
        found = defaultdict(list)
        for cable in self.cables:
            if cable.row["level"] == "drop":
                found[cable.row["goal"]].append(cable)
        return found

    def drops_of(self, premises: Row) -> list[WalkedCable]:
        """Return the drop cables of an address: those to its node that come from its chamber."""
        coming = self.drops.get(premises["node"], [])
        return [cable for cable in coming if cable.row["owner"] == premises["chamber"]]

    def second(self, cabinet: Row) -> Route | str:
        """Return the second way from the POP to a cabinet, empty where it stands at the POP."""
        pop = self.sites[cabinet["pop"]]["node"]
        if cabinet["node"] == pop:
            return ""
        return self.route("ring", cabinet["site"], pop, cabinet["node"])

    def _walked(self, row: Row) -> WalkedCable:
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
        return WalkedCable(row, tuple(nodes), tuple(metres), broken)

    def route(self, level: str, owner: str, head: int, node: int) -> Route | str:
        """Return the way from a head to a node, or why there is none."""
        key = (level, owner, node)
        if key not in self.routes:
            self.routes[key] = self._found(level, owner, head, node)
        return self.routes[key]

    def _found(self, level: str, owner: str, head: int, node: int) -> Route | str:
        if node == head:
            return Route(level, (), 0.0, 0)
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
        return Route(level, tuple(hops), metres, joints)

    def feeder(self, cabinet: Row) -> Route | str:
        """Return the way from the POP to a cabinet."""
        pop = self.sites.get(cabinet["pop"])
        if pop is None:
            return f"its POP {cabinet['pop']} is not there"
        if ("ring_first", cabinet["site"], cabinet["node"]) in self.through:
            return self.route("ring_first", cabinet["site"], pop["node"], cabinet["node"])
        return self.route("feeder", cabinet["pop"], pop["node"], cabinet["node"])

    def distribution(self, chamber: Row) -> Route | str:
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


Found = tuple[int, Iterable[Failure]]
"""How many things a rule looked at, and those that fail it."""


def fail(row: Row, message: str) -> Failure:
    """Return the failure of a row, with its name and place."""
    name = row.get("id") or row.get("site") or f"row {row.get('cable', row.get('trench', '?'))}"
    return Failure(str(name), message, row.get("lon"), row.get("lat"))
