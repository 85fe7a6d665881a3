"""The finished design as tables, each row with its place.

``trench_sections``: one row a piece of street or lead that carries cable.
``cables``: one row a cable, with the trenches it lies in, from origin to goal.
``sites``: POPs, cabinets, drop chambers and joint closures.
``premises``: one row a served address, with its path and optical budget.
``unserved``: who is left, why, and what would help.
``ring``: one row a cabinet, where a ring was asked for.

Ids are positions: ``trench`` and ``cable`` count rows, ``node`` counts nodes of the design.
A site's ``site`` is text: ``cabinet-3``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
import shapely

from nexpo.connectivity.design.fibre.areas import Areas
from nexpo.connectivity.design.fibre.budget import Budget
from nexpo.connectivity.design.fibre.cables import NONE, Cables, Ways
from nexpo.connectivity.design.fibre.model import (
    PERCENT,
    Floats,
    Inputs,
    Ints,
    Level,
    Mask,
    Placing,
    Rules,
)
from nexpo.connectivity.design.fibre.network import LEAD, lines
from nexpo.connectivity.design.fibre.ring import Ring
from nexpo.connectivity.design.fibre.trench import Routes
from nexpo.connectivity.design.model import COST_CLASSES, CostClass, Demand, Placement, Service

_LEVELS = tuple(Level)
LEAD_CLASS = "lead"


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """All parts of a design, before it becomes tables; the POPs of ``inputs`` are those used."""

    inputs: Inputs
    rules: Rules
    routes: Routes
    areas: Areas
    ring: Ring
    cables: Cables
    ways: Ways


@dataclass(frozen=True, slots=True)
class Left:
    """Demands that are not designed: their positions, why, and what would help."""

    rows: Ints
    reason: str
    remedy: str


def trench_sections(laid: Laid) -> pl.DataFrame:
    """Return the routes: street, metres along it, class, placing, cost, line (WKB)."""
    network, streets = laid.routes.network, laid.inputs.streets
    pieces = dug(laid)
    section = network.section[pieces]
    is_lead = section == LEAD
    street = np.where(is_lead, 0, section)
    named = np.where(is_lead, -1, streets.name[street])
    names = np.array([*streets.names, None], dtype=object)
    xy, owner = lines(streets, network, pieces)
    placing = _placing(laid)
    classes = np.array([*(each.value for each in COST_CLASSES), LEAD_CLASS])
    kind = network.cost_class[pieces]
    length = np.where(is_lead, 1.0, streets.length_m[street])
    return pl.DataFrame(
        {
            "trench": np.arange(len(pieces)),
            "section": pl.Series(section, dtype=pl.Int64).replace(LEAD, None),
            "way_id": pl.Series(np.where(is_lead, -1, streets.way_id[street])),
            "street": pl.Series(names[named].tolist(), dtype=pl.String),
            "from_fraction": np.where(is_lead, 0.0, network.from_m[pieces] / length),
            "to_fraction": np.where(is_lead, 1.0, network.to_m[pieces] / length),
            "cost_class": classes[kind],
            "placing": placing[kind],
            "role": np.where(is_lead, "lead", np.where(laid.ring.added[pieces], "ring", "tree")),
            "length_m": network.length_m[pieces],
            "cost_cents": laid.routes.cost_cents[pieces],
            "tail": network.tail[pieces],
            "head": network.head[pieces],
            "fibres": _carried(laid)[pieces],
            "wkb": pl.Series(
                shapely.to_wkb(shapely.linestrings(xy, indices=owner)).tolist(), dtype=pl.Binary
            ),
        }
    )


def cables(laid: Laid) -> pl.DataFrame:
    """Return the cables: level, owner, where from and to, trenches, fibres, size, metres."""
    it, network = laid.cables, laid.routes.network
    number = np.full(network.pieces, -1)
    number[dug(laid)] = np.arange(len(dug(laid)))
    poles = COST_CLASSES.index(CostClass.POLES)
    hung = np.where(network.cost_class == poles, network.length_m, 0.0)
    slack = (PERCENT + laid.rules.cables.slack_percent) / PERCENT
    fibres = np.zeros(len(it), dtype=np.int64)
    np.maximum.at(fibres, it.of_hop, it.carried)
    length = it.length_m(network.length_m)
    return pl.DataFrame(
        {
            "cable": np.arange(len(it)),
            "level": pl.Series([_LEVELS[each].value for each in it.level], dtype=pl.String),
            "owner": pl.Series(_owners(laid), dtype=pl.String),
            "parent": pl.Series(it.parent, dtype=pl.Int64).replace(NONE, None),
            "origin": it.origin,
            "goal": it.goal,
            "fibres": fibres,
            "size": it.size,
            "length_m": length,
            "aerial_m": it.length_m(hung),
            "cable_m": length * slack,
            "trenches": _lists(it.start, number[it.piece]),
            "carried": _lists(it.start, it.carried),
        }
    )


def sites(laid: Laid) -> pl.DataFrame:
    """Return POPs, cabinets, chambers and closures, with what they hold and can hold."""
    frames = [_pop_sites(laid), _cabinet_sites(laid), _chamber_sites(laid), _closures(laid)]
    return pl.concat([frame for frame in frames if not frame.is_empty()] or frames[:1])


def premises(laid: Laid, budget: Budget, rows: Ints) -> pl.DataFrame:
    """Return the served addresses with their path and budget; ``budget`` is by ``rows``."""
    demand, areas, network = laid.inputs.demand, laid.areas, laid.routes.network
    chamber = areas.chamber[rows]
    cabinet = areas.chambers.cabinet[chamber]
    legs = legs_m(laid, rows)
    return pl.DataFrame(
        {
            **_who(demand, rows),
            "placement": pl.Series(
                [tuple(Placement)[each].value for each in demand.placement[rows]], dtype=pl.String
            ),
            "node": network.place[rows],
            "point": network.point[rows],
            "chamber": pl.Series([f"chamber-{each}" for each in chamber], dtype=pl.String),
            "cabinet": pl.Series([f"cabinet-{each}" for each in cabinet], dtype=pl.String),
            "pop": pl.Series(
                [laid.inputs.pops[each].id for each in laid.routes.owner[rows]], dtype=pl.String
            ),
            "feeder_m": legs[:, 0],
            "distribution_m": legs[:, 1],
            "drop_m": legs[:, 2],
            "path_m": legs.sum(axis=1),
            "fibres": areas.fibres[rows],
            "point_to_point": areas.direct[rows],
            "splices": budget.splices,
            "wavelength_nm": budget.wavelength_nm,
            "loss_db": budget.loss_db,
            "allowed_db": budget.allowed_db,
            "margin_db": budget.allowed_db - budget.loss_db,
            "cable_km": budget.reach_km,
            "attenuator": budget.bright,
            "status": pl.Series(["served"] * len(rows), dtype=pl.String),
        }
    )


def unserved(demand: Demand, left: Sequence[Left]) -> pl.DataFrame:
    """Return who is left, in the order of the demands."""
    frames = [
        pl.DataFrame(_who(demand, each.rows)).with_columns(
            reason=pl.lit(each.reason), remedy=pl.lit(each.remedy), row=pl.Series(each.rows)
        )
        for each in left
    ]
    none = pl.DataFrame(_who(demand, np.empty(0, dtype=np.int64))).with_columns(
        reason=pl.lit(""), remedy=pl.lit(""), row=pl.lit(0, dtype=pl.Int64)
    )
    return pl.concat([none, *frames]).sort("row").drop("row")


def ring(laid: Laid, second: tuple[Ints, Budget]) -> pl.DataFrame:
    """Return by cabinet whether two ways reach it, and the streets that both must take.

    ``second`` is, by address behind a ring, its cabinet and its budget over the second way: a
    cabinet is protected where the ways share no street and light arrives over either.
    """
    network, ways = laid.routes.network, laid.ring
    rows = sorted(ways.second)
    margin, dark = _over_second(rows, *second)
    single = [ways.single[each] for each in rows]
    at = [int(pieces[0]) if len(pieces) else -1 for pieces in single]
    return pl.DataFrame(
        {
            "cabinet": pl.Series([f"cabinet-{each}" for each in rows], dtype=pl.String),
            "protected": pl.Series(
                [not len(each) and not lost for each, lost in zip(single, dark, strict=True)],
                dtype=pl.Boolean,
            ),
            "first_m": pl.Series(
                [float(laid.ways.feeder_m[each]) for each in rows], dtype=pl.Float64
            ),
            "second_m": pl.Series(
                [float(network.length_m[ways.second[each]].sum()) for each in rows],
                dtype=pl.Float64,
            ),
            "second_margin_db": pl.Series(margin, dtype=pl.Float64),
            "second_dark": pl.Series(dark, dtype=pl.Int64),
            "single_sections": pl.Series(
                [sorted(set(network.section[each].tolist())) for each in single],
                dtype=pl.List(pl.Int64),
            ),
            "single_m": pl.Series(
                [float(network.length_m[each].sum()) for each in single], dtype=pl.Float64
            ),
            "lon": pl.Series(
                [None if each < 0 else float(network.lon[network.tail[each]]) for each in at],
                dtype=pl.Float64,
            ),
            "lat": pl.Series(
                [None if each < 0 else float(network.lat[network.tail[each]]) for each in at],
                dtype=pl.Float64,
            ),
        }
    )


def _over_second(
    rows: list[int], cabinet: Ints, lit: Budget
) -> tuple[list[float | None], list[int]]:
    """Return the least margin over the second way, and how many get no light, by cabinet."""
    left = lit.allowed_db - lit.loss_db
    behind = [cabinet == each for each in rows]
    margin = [float(left[mine].min()) if mine.any() else None for mine in behind]
    return margin, [int((~lit.fits[mine]).sum()) for mine in behind]


def dug(laid: Laid) -> Ints:
    """Return the pieces that carry cable, ascending: the rows of ``trench_sections``."""
    return np.flatnonzero(laid.routes.chosen | laid.ring.added)


def legs_m(laid: Laid, rows: Ints) -> Floats:
    """Return metres of feeder, of distribution, and of drop with lead, by served demand."""
    chamber = laid.areas.chamber[rows]
    cabinet = laid.areas.chambers.cabinet[chamber]
    network = laid.routes.network
    lead = network.lead[rows]
    lead_m = np.where(lead >= 0, network.length_m[lead], 0.0)
    return np.column_stack(
        [
            laid.ways.feeder_m[cabinet],
            laid.ways.distribution_m[chamber],
            laid.ways.drop_m[rows] + lead_m,
        ]
    )


def cabinet_of(laid: Laid, rows: Ints) -> Ints:
    """Return the cabinet of each served demand."""
    found: Ints = laid.areas.chambers.cabinet[laid.areas.chamber[rows]]
    return found


def joints(laid: Laid, rows: Ints) -> Ints:
    """Return the cable joints met on the way to each served demand."""
    chamber = laid.areas.chamber[rows]
    cabinet = laid.areas.chambers.cabinet[chamber]
    found: Ints = laid.ways.feeder_joints[cabinet] + laid.ways.distribution_joints[chamber]
    return found


def housing(units: Ints, sizes: tuple[int, ...]) -> tuple[Ints, Ints]:
    """Return size and number of housings for so many units.

    Examples
    --------
    >>> [each.tolist() for each in housing(np.array([10, 25, 100]), (24, 48))]
    [[24, 48, 48], [1, 1, 3]]
    """
    table = np.array(sizes, dtype=np.int64)
    size = table[np.minimum(np.searchsorted(table, units), len(table) - 1)]
    return size, np.maximum(-(-units // size), 1)


def _who(demand: Demand, rows: Ints) -> dict[str, pl.Series]:
    return {
        "id": pl.Series([demand.id[each] for each in rows], dtype=pl.String),
        "label": pl.Series([demand.label[each] for each in rows], dtype=pl.String),
        "service": pl.Series(
            [tuple(Service)[each].value for each in demand.service[rows]], dtype=pl.String
        ),
        "units": pl.Series(demand.units[rows], dtype=pl.Int64),
        "lon": pl.Series(demand.lon[rows], dtype=pl.Float64),
        "lat": pl.Series(demand.lat[rows], dtype=pl.Float64),
    }


def _placing(laid: Laid) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    table = laid.rules.cables.placing
    street = [table[each].value if each is not CostClass.FORBIDDEN else "" for each in COST_CLASSES]
    return np.array([*street, Placing.DIG.value])  # the last is a lead


def _carried(laid: Laid) -> Ints:
    """Return the fibres in use over each piece, all cables together."""
    total = np.zeros(laid.routes.network.pieces, dtype=np.int64)
    np.add.at(total, laid.cables.piece, laid.cables.carried)
    return total


def _owners(laid: Laid) -> list[str]:
    named = {
        Level.FEEDER: lambda each: laid.inputs.pops[each].id,
        Level.DROP: lambda each: f"chamber-{laid.areas.chamber[each]}",
    }
    pairs = zip(laid.cables.level, laid.cables.owner, strict=True)
    return [
        named[_LEVELS[level]](owner) if _LEVELS[level] in named else f"cabinet-{owner}"
        for level, owner in pairs
    ]


def _lists(start: Ints, values: Ints) -> pl.Series:
    array = pa.LargeListArray.from_arrays(pa.array(start), pa.array(values))
    return pl.Series(pl.from_arrow(array), dtype=pl.List(pl.Int64))


def _site_frame(laid: Laid, node: Ints, **columns: pl.Series | Ints | Mask) -> pl.DataFrame:
    network = laid.routes.network
    frame = {"node": node, "lon": network.lon[node], "lat": network.lat[node]}
    return pl.DataFrame(frame | columns).select(
        "site",
        "kind",
        "node",
        "lon",
        "lat",
        "pop",
        "cabinet",
        "units",
        "size",
        "housings",
        pl.col("fill").cast(pl.Float64),
        "splitter_ratio",
        "splitters",
        "ports",
        "ports_used",
        "fibres_in",
        "fibres_out",
    )


def _texts(values: Sequence[str | None]) -> pl.Series:
    return pl.Series(values, dtype=pl.String)


def _pop_sites(laid: Laid) -> pl.DataFrame:
    owner, cabinets = laid.routes.owner, laid.areas.cabinets
    used = [pop for pop in range(len(laid.inputs.pops)) if bool(np.any(owner == pop))]
    served = [int(laid.inputs.demand.units[owner == pop].sum()) for pop in used]
    room = [laid.inputs.pops[pop].capacity_units for pop in used]
    feeder = [int(cabinets.feeder[cabinets.pop == pop].sum()) for pop in used]
    share = [None if size is None else n / size for n, size in zip(served, room, strict=True)]
    nothing = np.zeros(len(used), dtype=np.int64)
    names = _texts([laid.inputs.pops[pop].id for pop in used])
    return _site_frame(
        laid,
        laid.routes.network.pop[np.array(used, dtype=np.int64)],
        site=names,
        kind=_texts(["pop"] * len(used)),
        pop=names,
        cabinet=_texts([None] * len(used)),
        units=pl.Series(served, dtype=pl.Int64),
        size=pl.Series(room, dtype=pl.Int64),
        housings=nothing + 1,
        fill=pl.Series(share, dtype=pl.Float64),
        splitter_ratio=nothing + 1,
        splitters=nothing,
        ports=pl.Series(feeder, dtype=pl.Int64),
        ports_used=pl.Series(feeder, dtype=pl.Int64),
        fibres_in=nothing,
        fibres_out=pl.Series(feeder, dtype=pl.Int64),
    )


def _splitters(ratio: int, shared: Ints, used: Ints) -> dict[str, Ints]:
    """Return the splitters of sites: ratio, number, outputs and outputs in use."""
    none = ratio == 1
    number = np.zeros_like(shared) if none else shared
    return {
        "splitter_ratio": np.full(len(shared), ratio),
        "splitters": number,
        "ports": number * ratio,
        "ports_used": np.zeros_like(shared) if none else used,
    }


def _cabinet_sites(laid: Laid) -> pl.DataFrame:
    it, architecture = laid.areas.cabinets, laid.rules.architecture
    size, housings = housing(it.units, architecture.cabinet_sizes)
    outputs = it.fibres - it.direct_fibres
    many = len(it.node)
    return _site_frame(
        laid,
        it.node,
        site=_texts([f"cabinet-{each}" for each in range(many)]),
        kind=_texts(["cabinet"] * many),
        pop=_texts([laid.inputs.pops[each].id for each in it.pop]),
        cabinet=_texts([None] * many),
        units=it.units,
        size=size,
        housings=housings,
        fill=it.units / (size * housings),
        **_splitters(architecture.cabinet_ratio, it.shared_fibres, outputs),
        fibres_in=it.feeder,
        fibres_out=it.fibres,
    )


def _chamber_sites(laid: Laid) -> pl.DataFrame:
    it, architecture = laid.areas.chambers, laid.rules.architecture
    size, housings = housing(it.units, architecture.chamber_sizes)
    many = len(it.node)
    return _site_frame(
        laid,
        it.node,
        site=_texts([f"chamber-{each}" for each in range(many)]),
        kind=_texts(["chamber"] * many),
        pop=_texts([laid.inputs.pops[each].id for each in it.pop]),
        cabinet=_texts([f"cabinet-{each}" for each in it.cabinet]),
        units=it.units,
        size=size,
        housings=housings,
        fill=it.units / (size * housings),
        **_splitters(architecture.chamber_ratio, it.shared_fibres, it.split_units),
        fibres_in=it.fibres,
        fibres_out=it.split_units + it.direct_fibres,
    )


def _closures(laid: Laid) -> pl.DataFrame:
    """Return the places where a cable is spliced to another and no housing stands."""
    it = laid.cables
    spliced = np.unique(it.origin[it.parent != NONE])
    housed = np.concatenate([laid.areas.cabinets.node, laid.areas.chambers.node])
    node = np.setdiff1d(spliced, np.concatenate([housed, laid.routes.network.pop]))
    many = len(node)
    nothing = np.zeros(many, dtype=np.int64)
    begun = np.zeros(laid.routes.network.nodes, dtype=np.int64)
    heads = np.flatnonzero(it.parent != NONE)
    np.add.at(begun, it.origin[heads], it.carried[it.start[heads]])
    return _site_frame(
        laid,
        node,
        site=_texts([f"closure-{each}" for each in range(many)]),
        kind=_texts(["closure"] * many),
        pop=_texts([None] * many),
        cabinet=_texts([None] * many),
        units=nothing,
        size=pl.Series([None] * many, dtype=pl.Int64),
        housings=nothing + 1,
        fill=pl.Series([None] * many, dtype=pl.Float64),
        splitter_ratio=nothing + 1,
        splitters=nothing,
        ports=nothing,
        ports_used=nothing,
        fibres_in=begun[node],
        fibres_out=begun[node],
    )
