"""Who is served from which drop chamber, and which chamber from which cabinet.

Both are one question asked twice on the tree of a POP: cover the items by as few groups as
capacity and reach let it, then stand each group where its cables are shortest. The passes
and the proof that they cannot fail are in :func:`kernels.gather` and :func:`grouping.settle`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nexpo.connectivity.design.fibre import grouping
from nexpo.connectivity.design.fibre.model import Architecture, Ints, Mask
from nexpo.connectivity.design.fibre.trench import NOBODY, Routes, Tree
from nexpo.connectivity.design.model import Demand


@dataclass(frozen=True, slots=True, eq=False)
class Chambers:
    """Drop chambers: node, POP and cabinet of each; what is behind it and what it needs.

    ``shared_fibres`` come in to be split (where the chamber holds splitters) among
    ``split_units``; ``direct_fibres`` pass through.
    """

    node: Ints
    pop: Ints
    cabinet: Ints
    units: Ints
    split_units: Ints
    direct_fibres: Ints
    shared_fibres: Ints

    @property
    def fibres(self) -> Ints:
        """Fibres from the cabinet: one a splitter (one a unit where none splits here)."""
        return self.shared_fibres + self.direct_fibres


@dataclass(frozen=True, slots=True, eq=False)
class Cabinets:
    """Cabinets: node and POP of each; what is behind it and what it needs.

    ``shared_fibres`` come in from the POP to be split, ``fibres`` go out to chambers,
    ``direct_fibres`` (counted in both) pass through.
    """

    node: Ints
    pop: Ints
    units: Ints
    fibres: Ints
    direct_fibres: Ints
    shared_fibres: Ints

    @property
    def feeder(self) -> Ints:
        """Fibres from the POP: one a splitter, and the point-to-point ones."""
        return self.shared_fibres + self.direct_fibres


@dataclass(frozen=True, slots=True, eq=False)
class Areas:
    """Chamber of each demand (:data:`NOBODY` where not served), chambers and cabinets.

    ``direct`` says which demands are point-to-point, ``fibres`` what each one's drop carries.

    Chambers are in the order of their cabinets, cabinets in the order of their POPs.
    """

    chamber: Ints
    direct: Mask
    fibres: Ints
    chambers: Chambers
    cabinets: Cabinets


def divide(routes: Routes, demand: Demand, architecture: Architecture) -> Areas:
    """Divide the demands of every POP into chambers, and these among cabinets."""
    direct = architecture.is_direct(demand.service)
    chamber = np.full(len(demand), NOBODY)
    parts: list[tuple[Chambers, Cabinets]] = []
    chambers_before = cabinets_before = 0
    for pop, tree in enumerate(routes.trees):
        rows = np.flatnonzero(routes.owner == pop)
        if not len(rows):
            continue
        of_row, node = _drop_chambers(
            tree, routes.network.point[rows], demand.units[rows], architecture
        )
        filled = _filled(of_row, node, pop, demand.units[rows], direct[rows], architecture)
        order, ready, cabinets = _cabinets(tree, filled, architecture)
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        chamber[rows] = chambers_before + rank[of_row]
        parts.append((_shifted(ready, cabinets_before), cabinets))
        chambers_before += len(node)
        cabinets_before += len(cabinets.node)
    return Areas(
        chamber,
        direct,
        demand.units * np.where(direct, architecture.direct_fibres, 1),
        Chambers(*_stacked([each for each, _ in parts], Chambers)),
        Cabinets(*_stacked([each for _, each in parts], Cabinets)),
    )


def _drop_chambers(
    tree: Tree, point: Ints, units: Ints, architecture: Architecture
) -> tuple[Ints, Ints]:
    group, node = grouping.gather(
        (tree.order, tree.parent, tree.far_m),
        point,
        units.reshape(-1, 1).copy(),
        np.array(architecture.chamber_sizes[-1:], dtype=np.int64),
        architecture.chamber_reach_m,
    )
    order = np.argsort(group, kind="stable")
    moved = grouping.settle(
        (tree.parent, tree.depth, tree.far_m),
        point[order],
        group[order],
        node,
        (np.ones(len(point)), np.ones(len(node))),
        architecture.chamber_reach_m,
    )
    return group, moved


def _filled(
    of_row: Ints, node: Ints, pop: int, units: Ints, direct: Mask, architecture: Architecture
) -> Chambers:
    split = _sum(of_row, np.where(direct, 0, units), len(node))
    own = _sum(of_row, np.where(direct, units, 0), len(node)) * architecture.direct_fibres
    return Chambers(
        node=node,
        pop=np.full(len(node), pop),
        cabinet=np.full(len(node), NOBODY),
        units=_sum(of_row, units, len(node)),
        split_units=split,
        direct_fibres=own,
        shared_fibres=-(-split // architecture.chamber_ratio),
    )


def _cabinets(
    tree: Tree, chambers: Chambers, architecture: Architecture
) -> tuple[Ints, Chambers, Cabinets]:
    """Return the order of chambers by cabinet, the chambers in it, and the cabinets."""
    group, node = grouping.gather(
        (tree.order, tree.parent, tree.far_m),
        chambers.node,
        np.column_stack([chambers.units, chambers.fibres]),
        np.array([architecture.cabinet_sizes[-1], architecture.cabinet_fibres], dtype=np.int64),
        architecture.cabinet_reach_m,
    )
    order = np.argsort(group, kind="stable")
    ready = Chambers(
        **{
            name: getattr(chambers, name)[order]
            for name in ("node", "pop", "units", "split_units", "direct_fibres", "shared_fibres")
        },
        cabinet=group[order],
    )
    outputs = _sum(ready.cabinet, ready.shared_fibres, len(node))
    cabinets = Cabinets(
        node=node,
        pop=np.full(len(node), int(chambers.pop[0])),
        units=_sum(ready.cabinet, ready.units, len(node)),
        fibres=_sum(ready.cabinet, ready.fibres, len(node)),
        direct_fibres=_sum(ready.cabinet, ready.direct_fibres, len(node)),
        shared_fibres=-(-outputs // architecture.cabinet_ratio),
    )
    moved = grouping.settle(
        (tree.parent, tree.depth, tree.far_m),
        ready.node,
        ready.cabinet,
        node,
        (ready.fibres.astype(np.float64), cabinets.feeder.astype(np.float64)),
        architecture.cabinet_reach_m,
    )
    return order, ready, _at(cabinets, moved)


def _at(cabinets: Cabinets, node: Ints) -> Cabinets:
    return Cabinets(
        node,
        cabinets.pop,
        cabinets.units,
        cabinets.fibres,
        cabinets.direct_fibres,
        cabinets.shared_fibres,
    )


def _shifted(chambers: Chambers, by: int) -> Chambers:
    return Chambers(
        chambers.node,
        chambers.pop,
        chambers.cabinet + by,
        chambers.units,
        chambers.split_units,
        chambers.direct_fibres,
        chambers.shared_fibres,
    )


def _stacked(parts: list[Chambers] | list[Cabinets], kind: type) -> list[Ints]:
    names = kind.__slots__  # type: ignore[attr-defined]
    none = [np.empty(0, dtype=np.int64)]
    return [np.concatenate(none + [getattr(part, name) for part in parts]) for name in names]


def _sum(index: Ints, values: Ints, length: int) -> Ints:
    total = np.zeros(length, dtype=np.int64)
    np.add.at(total, index, values)
    return total
