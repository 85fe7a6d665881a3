"""Screening of a region: layers, eligibility, criteria, rank, robustness, parcels.

Everything is computed on one frame with bounds that do not move; nothing depends on tiles. What
is unknown stays so: a criterion without its layer is left out and said, a cell with an unknown
value is ranked by the policy of the order and hatched on the map.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nexpo.build.datacentres.facilities import RegisterUse
from nexpo.build.datacentres.layers import Ground, ground
from nexpo.build.datacentres.plan import Plan, plan
from nexpo.core.progress import Progress, Silent
from nexpo.datacentres.siting.criteria import Measured, Ranked, measure, ranked
from nexpo.datacentres.siting.decision import Direction, Preference, Table, Unknown, Watch
from nexpo.datacentres.siting.eligibility import Eligibility, eligibility
from nexpo.datacentres.siting.normalise import Orientation, Scaling, reference, scaling
from nexpo.datacentres.siting.parcels import Growth, Parcels, cells_for, parcels
from nexpo.datacentres.siting.promethee import flows, net_flows_by_criterion
from nexpo.datacentres.siting.robustness import (
    top_share_acceptability,
    top_thresholds,
    weights_around,
)
from nexpo.datacentres.siting.saw import saw
from nexpo.datacentres.siting.topsis import topsis
from nexpo.datacentres.siting.topsis_draws import closeness_thresholds, top_share_by_closeness
from nexpo.datacentres.siting.zonal import Zonal, by_zone

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Raster = NDArray[np.float32]
    Mask = NDArray[np.bool_]
    Floats = NDArray[np.float64]

TOP_SHARE = 0.01
"""A cell is accepted by a draw of weights when it is among this best share."""


class Method(Enum):
    """How cells are ranked."""

    SAW = "saw"
    TOPSIS = "topsis"
    PROMETHEE2 = "promethee2"


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for.

    Attributes
    ----------
    cell_m
        Side of a cell in metres.
    weights
        Weights by criterion in place of the plan's.
    draws
        Draws of weights for the robustness; none when zero.
    site_ha, sites, gap_m
        Size of a site, how many at most, and metres between two; the plan's when None.
    unknown
        What an unknown value does to the rank of its cell: by default it has none.
    register
        Where the facilities of the region are taken from, before any map of them.
    law_on
        Day whose rules and parameters judge; ``on``, the day of places and data, when None.
    """

    region: str
    out: Path
    on: date
    cell_m: float = 100.0
    method: Method = Method.TOPSIS
    weights: Mapping[str, float] = field(default_factory=dict)
    draws: int = 200
    site_ha: float | None = None
    sites: int | None = None
    growth: Growth = Growth.RINGS
    unknown: Unknown = Unknown.UNKNOWN
    gap_m: float | None = None
    seed: int = 1
    register: RegisterUse = field(default_factory=RegisterUse)
    law_on: date | None = None

    @property
    def law_day(self) -> date:
        """Return the day whose rules and parameters judge."""
        return self.law_on or self.on


@dataclass(frozen=True)
class Screening:
    """A region as it was screened.

    Attributes
    ----------
    score
        Of each eligible cell, more is better; NaN elsewhere and where no rank is possible.
    blind
        Eligible cells for which a measured criterion is unknown.
    accepted
        Share of the draws of weights in which a cell is among the best
        :data:`TOP_SHARE`; None without draws.
    """

    order: Order
    plan: Plan
    ground: Ground
    eligibility: Eligibility
    measured: tuple[Measured, ...]
    ranked: Ranked
    score: Raster
    blind: Mask
    accepted: Raster | None
    parcels: Parcels

    @property
    def site_ha(self) -> float:
        """Size of a site asked for."""
        return self.order.site_ha or self.plan.site_ha

    @cached_property
    def zonal(self) -> Zonal:
        """Cells, eligible cells and scores by municipality."""
        zones = self.ground.zone_numbers
        many = len(self.ground.zones.geometries)
        return by_zone(zones, many, self.eligibility.eligible, self.score)


def screen(order: Order, progress: Progress | None = None) -> Screening:
    """Screen a region.

    Raises
    ------
    Problem
        When there is no such region, a layer cannot be used, or no criterion is known.
    """
    told = progress or Silent()
    terms = plan(order.law_day)
    land = ground(
        order.region,
        order.cell_m,
        on=order.on,
        seed=order.seed,
        progress=told,
        register=order.register,
    )
    area, frame = land.area, land.frame
    told.step("eligible land")
    answer = eligibility(area, frame, terms.rules, land.layers)
    measured = tuple(_measured(terms, land, told))
    chosen = answer.eligible[area]
    table = ranked(measured, chosen, order.weights)
    told.step(f"rank of {int(chosen.sum()):,} cells by {order.method.value}")
    score, accepted = _scores(order, table, told)
    raster = _spread(score, answer.eligible)
    blind = _blind(table, answer.eligible)
    table = table.without_columns()
    del score
    told.step("sites that do not touch")
    found = _sites(order, terms, answer, raster)
    firm = None if accepted is None else _spread(accepted, answer.eligible)
    return Screening(order, terms, land, answer, measured, table, raster, blind, firm, found)


def _sites(order: Order, terms: Plan, answer: Eligibility, score: Raster) -> Parcels:
    cell_m = answer.frame.cell_m
    gap_m = terms.gap_m if order.gap_m is None else order.gap_m
    return parcels(
        score,
        answer.eligible,
        cells_for(order.site_ha or terms.site_ha, cell_m),
        most=terms.sites if order.sites is None else order.sites,
        growth=order.growth,
        gap_cells=int(np.ceil(gap_m / cell_m)),
    )


def scale_of(table: Ranked) -> Scaling:
    """Return the min-max scale between the bounds of the criteria: ideal points that stay."""
    turn = Orientation.of([each.direction for each in table.criteria])
    bounds = np.array([(each.low, each.high) for each in table.criteria], dtype=np.float64)
    return scaling(reference(bounds.T, turn).within(bounds, turn), turn, clip=True)


def _measured(terms: Plan, land: Ground, told: Progress) -> list[Measured]:
    found = []
    for each in terms.criteria:
        told.step(f"criterion: {each.title}")
        found.append(measure(each, land.layers, land.frame, land.area))
    return found


def _scores(order: Order, table: Ranked, told: Progress) -> tuple[Floats, Floats | None]:
    def watch(done: int, total: int) -> None:
        told.advance(done, total, "cells")

    scale = scale_of(table)
    weights, columns = table.weights, table.columns
    if order.method is Method.SAW:
        score = saw(columns, weights, scale, unknown=order.unknown, watch=watch)
    elif order.method is Method.TOPSIS:
        score = topsis(columns, weights, scale, unknown=order.unknown, watch=watch)
    else:
        score = flows(columns, weights, *_outranking(table), unknown=order.unknown).net
    if not order.draws or columns.shape[0] < 1 / TOP_SHARE:
        return score, None
    told.step(f"robustness: {order.draws} draws of weights")
    return score, _accepted(order, table, scale, watch)


def _accepted(order: Order, table: Ranked, scale: Scaling, watch: Watch) -> Floats:
    """Return how often each cell is among the best share, by the method of the ranking itself."""
    columns, unknown = table.columns, order.unknown
    generator = np.random.default_rng([order.seed, order.draws])
    draws = weights_around(table.weights, order.draws, generator)
    if order.method is Method.TOPSIS:
        limits = closeness_thresholds(
            columns, draws, scale, share=TOP_SHARE, generator=generator, unknown=unknown
        )
        return top_share_by_closeness(columns, draws, limits, scale, unknown=unknown, watch=watch)
    parts: Table = columns
    used: Scaling | None = scale
    if order.method is Method.PROMETHEE2:
        parts = net_flows_by_criterion(columns, *_outranking(table), unknown=unknown)
        used = None
    limits = top_thresholds(
        parts, draws, used, share=TOP_SHARE, generator=generator, unknown=unknown
    )
    return top_share_acceptability(parts, draws, limits, used, unknown=unknown, watch=watch)


def _outranking(table: Ranked) -> tuple[list[Direction], list[Preference]]:
    """Return the directions and preference functions of the criteria."""
    directions = [each.direction for each in table.criteria]
    return directions, [each.preference for each in table.criteria if each.preference is not None]


def _spread(values: Floats, where: Mask) -> Raster:
    raster = np.full(where.shape, np.nan, dtype=np.float32)
    raster[where] = values
    return raster


def _blind(table: Ranked, eligible: Mask) -> Mask:
    gaps = np.zeros(table.columns.shape[0], dtype=np.bool_)
    for array in table.columns.arrays:
        gaps |= np.isnan(array)
    blind = np.zeros(eligible.shape, dtype=np.bool_)
    blind[eligible] = gaps
    return blind
