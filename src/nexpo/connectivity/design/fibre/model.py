"""Values of a fibre design: where it begins, what it is built of, and what comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from nexpo.connectivity.design.model import COST_CLASSES, CostClass, Demand, Service, StreetGraph
from nexpo.connectivity.design.steiner.model import Answer, Instance, Limits
from nexpo.core.problem import Kind, Problem

if TYPE_CHECKING:
    import polars as pl

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

PERCENT = 100


class Solve(Protocol):
    """A solver of the Steiner tree problem: the one of ``design.steiner``, or a test's."""

    def __call__(self, instance: Instance, limits: Limits, *, seed: int) -> Answer:
        """Return a tree over all terminals with its cost and a proven lower bound."""
        ...


class Placing(Enum):
    """How a cable comes to lie in a section."""

    DUCT = "duct"  # pulled into what is there
    AERIAL = "aerial"  # hung on poles that are there
    MINI_TRENCH = "mini_trench"
    DIG = "dig"
    DRILL = "drill"  # no-dig, under rail, water or motorway


class Level(Enum):
    """What a cable is for."""

    FEEDER = "feeder"  # POP to cabinet
    DISTRIBUTION = "distribution"  # cabinet to drop chamber
    DROP = "drop"  # drop chamber to address
    RING = "ring"  # the second, disjoint way from the POP to a cabinet
    RING_FIRST = "ring_first"  # the first way, where it had to leave the tree for the second


@dataclass(frozen=True, slots=True)
class Pop:
    """A point of presence: a place in degrees, or a node of the street graph.

    ``capacity_units`` is how many homes and firms it can hold (None: no limit).
    """

    id: str
    lon: float = float("nan")
    lat: float = float("nan")
    node: int | None = None
    capacity_units: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """What an optical link must keep: loss in dB, reach in km, at the wavelengths it uses."""

    max_loss_db: float
    min_loss_db: float
    max_reach_km: float
    wavelengths_nm: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Architecture:
    """A reference architecture of passive access: who splits where, and how much fits.

    Parameters
    ----------
    name
        Name of the parameter it came from.
    cabinet_ratio, chamber_ratio
        Outputs of a splitter in the cabinet and in the drop chamber; 1 where none stands.
    cabinet_sizes, chamber_sizes
        Units a housing holds, ascending.
    cabinet_fibres
        Most distribution fibres that leave one cabinet.
    cabinet_reach_m, chamber_reach_m
        Longest route from a cabinet to a chamber, and from a chamber to the point of the
        street an address is served from (its border).
    shared, direct
        Limits of the split link and of point-to-point.
    direct_services
        Who gets fibres of its own back to the POP.
    direct_fibres
        Fibres a unit gets point-to-point.
    """

    name: str
    cabinet_ratio: int
    chamber_ratio: int
    cabinet_sizes: tuple[int, ...]
    chamber_sizes: tuple[int, ...]
    cabinet_fibres: int
    cabinet_reach_m: float
    chamber_reach_m: float
    shared: Link
    direct: Link
    direct_services: tuple[Service, ...]
    direct_fibres: int

    def __post_init__(self) -> None:
        for what in ("cabinet_ratio", "chamber_ratio", "direct_fibres", "cabinet_fibres"):
            _positive(f"architecture {self.name}: {what}", getattr(self, what))
        for what in ("cabinet_sizes", "chamber_sizes"):
            _ascending(f"architecture {self.name}: {what}", getattr(self, what))
        most = max(self.chamber_fibres(self.chamber_sizes[-1]), self.direct_need())
        if self.cabinet_fibres < most:
            raise Problem(
                Kind.CONFIG,
                f"architecture {self.name}: one full chamber needs {most} distribution fibres",
                value=self.cabinet_fibres,
                remedy=f"let cabinet.fibres be at least {most}",
            )

    @property
    def split(self) -> int:
        """Homes on one port of the exchange."""
        return self.cabinet_ratio * self.chamber_ratio

    def chamber_fibres(self, units: int) -> int:
        """Return the distribution fibres for so many split units in a chamber."""
        return -(-units // self.chamber_ratio)

    def direct_need(self) -> int:
        """Return the fibres of a full chamber of point-to-point units."""
        return self.chamber_sizes[-1] * self.direct_fibres

    def is_direct(self, service: Ints) -> Mask:
        """Say for each demand whether it is point-to-point (all are where nothing splits)."""
        chosen = [index for index, each in enumerate(Service) if each in self.direct_services]
        return np.isin(service, chosen) | (self.split == 1)


@dataclass(frozen=True, slots=True)
class CableRules:
    """Cables and their losses: sizes, spare, dB, and how each class of route takes a cable.

    Parameters
    ----------
    sizes, drop_sizes
        Fibres of the cables that can be bought, ascending.
    spare_percent
        Fibres left dark on feeder and distribution, over those in use.
    slack_percent
        Cable above the length of its route: coils and bends.
    drum_m
        Longest cable in one piece; each further piece is a joint.
    fibre_db_per_km
        By wavelength in nm.
    splice_db, connector_db
        Each.
    splitter_db
        Insertion loss by outputs.
    pop_connectors, premises_connectors, pop_splices, premises_splices
        On every path, at its two ends.
    placing
        By class of route.
    """

    sizes: tuple[int, ...]
    drop_sizes: tuple[int, ...]
    spare_percent: int
    slack_percent: int
    drum_m: float
    fibre_db_per_km: Mapping[int, float]
    splice_db: float
    connector_db: float
    splitter_db: Mapping[int, float]
    pop_connectors: int
    premises_connectors: int
    pop_splices: int
    premises_splices: int
    placing: Mapping[CostClass, Placing]

    def __post_init__(self) -> None:
        _ascending("cables: sizes", self.sizes)
        _ascending("cables: drop sizes", self.drop_sizes)
        lacking = set(COST_CLASSES) - set(self.placing) - {CostClass.FORBIDDEN}
        if lacking:
            names = ", ".join(sorted(each.value for each in lacking))
            raise Problem(
                Kind.CONFIG,
                "cables: no placing for some classes of route",
                value=names,
                remedy="add them under placing",
            )

    def splitter_loss(self, ratio: int) -> float:
        """Return the loss in dB of a splitter; none at 1:1.

        Raises
        ------
        Problem
            When the table has no splitter of that ratio.
        """
        if ratio == 1:
            return 0.0
        if ratio not in self.splitter_db:
            raise Problem(
                Kind.CONFIG,
                f"no loss is known of a splitter 1:{ratio}",
                value=ratio,
                remedy=f"one of {sorted(self.splitter_db)}, or add it to design/cables",
            )
        return self.splitter_db[ratio]

    def fibre_loss(self, wavelengths_nm: tuple[int, ...]) -> Floats:
        """Return dB per km at some wavelengths."""
        lacking = [each for each in wavelengths_nm if each not in self.fibre_db_per_km]
        if lacking:
            raise Problem(
                Kind.CONFIG,
                "no fibre loss is known at a wavelength of the architecture",
                value=lacking,
                remedy="add it to fibre_db_per_km in design/cables",
            )
        return np.array([self.fibre_db_per_km[each] for each in wavelengths_nm])


@dataclass(frozen=True, slots=True, eq=False)
class RoutePrices:
    """What a metre of route costs, in cents.

    ``cents_per_m`` follows :data:`COST_CLASSES` (the entry of ``FORBIDDEN`` is not read);
    ``lead_cents_per_m`` is for the way from the street to the address.
    """

    cents_per_m: Ints
    lead_cents_per_m: int

    def __post_init__(self) -> None:
        if len(self.cents_per_m) != len(COST_CLASSES):
            raise Problem(
                Kind.BAD_INPUT,
                f"{len(self.cents_per_m)} prices of routes where {len(COST_CLASSES)} are due",
                remedy="give cents per metre in the order of COST_CLASSES",
            )
        if int(np.min(self.cents_per_m)) < 0 or self.lead_cents_per_m < 0:
            raise Problem(Kind.BAD_INPUT, "a metre of route costs less than nothing")


@dataclass(frozen=True, slots=True)
class Options:
    """What may differ from one design to the next.

    Parameters
    ----------
    ring
        Lay a second, edge-disjoint way from the POP to every cabinet where streets permit.
    choose_pop
        Choose the best node where no POP is given; else that is a problem.
    pop_snap_m
        How far from a street a POP may stand.
    ring_cable_cents_per_m
        Price of a metre of the second cable, so that a free trench is not a free detour.
    """

    ring: bool = False
    choose_pop: bool = True
    pop_snap_m: float = 500.0
    ring_cable_cents_per_m: int = 150


@dataclass(frozen=True, slots=True)
class Rules:
    """All that is laid down before a design starts."""

    architecture: Architecture
    cables: CableRules
    prices: RoutePrices
    options: Options = field(default_factory=Options)


@dataclass(frozen=True, slots=True)
class TrenchCost:
    """What the routes cost, and what no design can stay below.

    Parameters
    ----------
    tree_cents
        Routes in the streets that join every served address's street point to a POP.
    lead_cents
        From street to address: the same in every design.
    ring_cents
        Routes added for the ring. They are *outside* the bound.
    bound_cents
        Proven: no set of routes that joins the same addresses to a POP costs less (leads
        included, ring left out). It says nothing of cables, cabinets or splitters.
    """

    tree_cents: int
    lead_cents: int
    ring_cents: int
    bound_cents: int

    @property
    def total_cents(self) -> int:
        """All routes."""
        return self.tree_cents + self.lead_cents + self.ring_cents

    @property
    def gap(self) -> float:
        """How far the routes, ring left out, are from the bound at most, as a share.

        Examples
        --------
        >>> round(TrenchCost(1010, 90, 50, 1000).gap, 3)
        0.1
        """
        above = self.tree_cents + self.lead_cents - self.bound_cents
        if above == 0:
            return 0.0
        return above / self.bound_cents if self.bound_cents > 0 else float("inf")


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A finished design: what is built, whom it reaches, and who is left.

    Parameters
    ----------
    trench_sections, cables, sites, premises, unserved
        Tables; see ``fibre.tables`` for their columns.
    ring
        One row a cabinet: is it joined to its POP twice, and which streets prevent it.
    trench
        Cost of the routes with its bound.
    rules
        What the design was made by.
    chosen_pop
        True where no POP was given and the best node was chosen.
    notes
        What a reader must know, in sentences.
    """

    trench_sections: pl.DataFrame
    cables: pl.DataFrame
    sites: pl.DataFrame
    premises: pl.DataFrame
    unserved: pl.DataFrame
    ring: pl.DataFrame
    trench: TrenchCost
    rules: Rules
    chosen_pop: bool
    notes: tuple[str, ...]

    @property
    def worst_path(self) -> Mapping[str, object] | None:
        """The address with the least margin in dB, as a row of ``premises``; None if empty."""
        if self.premises.is_empty():
            return None
        return self.premises.sort("margin_db", "id").row(0, named=True)


Advance = Callable[[str], None]
"""Told of each step by name."""


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """Streets, demand and POPs of one design."""

    streets: StreetGraph
    demand: Demand
    pops: tuple[Pop, ...]


def _positive(what: str, value: int) -> None:
    if value < 1:
        raise Problem(Kind.CONFIG, f"{what} is below one", value=value, remedy="write 1 or more")


def _ascending(what: str, sizes: tuple[int, ...]) -> None:
    if not sizes or sizes[0] < 1 or any(b <= a for a, b in pairwise(sizes)):
        raise Problem(
            Kind.CONFIG, f"{what} are not ascending", value=sizes, remedy="list each size once"
        )
