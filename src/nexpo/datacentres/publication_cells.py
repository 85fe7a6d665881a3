"""Cells of crossed and nested tables, and the relations between them.

A dimension has levels from coarse to fine (region, province, municipality); above the first
stands the total. A table crosses dimensions; its margins belong to it. Tables that share a margin
share its cells, so that what one shows counts for the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from nexpo.core.problem import Kind, Problem, Where, bad_input

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TOTAL = "total"
NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True)
class Dimension:
    """What a table is broken down by: a name, and columns from coarse to fine."""

    name: str
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaves:
    """Crossings of all dimensions at their finest level, shown by a table or not.

    A crossing that some table leaves out as empty is none of them.

    Attributes
    ----------
    labels
        Code by leaf and dimension; the total where no table goes into a dimension.
    members
        Which centres a leaf holds: 0-1, shape ``(leaves, centres)``.
    content
        Which leaves a cell is the sum of: 0-1, shape ``(cells, leaves)``.
    """

    labels: tuple[tuple[str, ...], ...]
    members: sparse.csr_array
    content: sparse.csr_array


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells in a fixed order.

    Attributes
    ----------
    dimensions
        All that any table is broken down by.
    labels, depth
        Code and level by cell and dimension; level 0 is the total. Shape ``(cells, dimensions)``.
    members
        Which centres a cell holds: 0-1, shape ``(cells, centres)``.
    relations
        One row a parent and dimension: its parts with 1, itself with -1; shape
        ``(relations, cells)``.
    leaves
        The finest crossings of all dimensions, of which every cell is a sum.
    """

    dimensions: tuple[Dimension, ...]
    labels: tuple[tuple[str, ...], ...]
    depth: Ints
    members: sparse.csr_array
    relations: sparse.csr_array
    leaves: Leaves

    @property
    def with_leaves(self) -> sparse.csr_array:
        """Which centres a cell holds, then which a leaf holds."""
        return sparse.vstack([self.members, self.leaves.members], format="csr")


@dataclass(frozen=True, slots=True)
class _Tree:
    """Nodes of a dimension: 0 is the total; node by level and centre; parent by node."""

    labels: tuple[str, ...]
    node: Ints
    parent: Ints
    level: Ints


def build_cells(
    columns: Mapping[str, Sequence[str]],
    tables: Sequence[Sequence[Dimension]],
    *,
    empty: bool = False,
    most: int = 200_000,
) -> Cells:
    """Return the cells of tables over centres.

    Parameters
    ----------
    columns
        Code by centre, for each column that a level names. Empty text means not stated.
    tables
        Dimensions crossed in each table.
    empty
        Whether to include cells without centres.
    most
        More cells than this are refused.

    Raises
    ------
    Problem
        When a column is missing, or a code lies under two codes of the level above.

    Examples
    --------
    >>> kind = Dimension("type", ("type",))
    >>> cells = build_cells({"type": ["a", "b", "a"]}, [[kind]])
    >>> cells.labels, cells.relations.toarray().tolist()
    ((('total',), ('a',), ('b',)), [[-1.0, 1.0, 1.0]])
    """
    dimensions = tuple(dict.fromkeys(each for table in tables for each in table))
    _each_once(dimensions)
    trees = [_tree(dimension, columns) for dimension in dimensions]
    strides = np.cumprod([1, *(len(tree.labels) for tree in trees[:0:-1])])[::-1].astype(np.int64)
    depths = sorted({depth for table in tables for depth in _depths(dimensions, table)})
    by_depth = {depth: _keys(trees, strides, depth, empty=empty) for depth in depths}
    codes = np.unique(np.concatenate(list(by_depth.values())))
    if len(codes) > most:
        raise Problem(
            Kind.USAGE,
            f"these tables have {len(codes):,} cells",
            value=most,
            remedy="cross fewer dimensions, or leave out the finest level",
        )
    tops = [_depths(dimensions, table)[-1] for table in tables]
    return Cells(
        dimensions,
        *_named(trees, strides, codes),
        _members(trees, strides, depths, codes),
        _relations(trees, strides, by_depth, codes),
        _leaves(trees, strides, by_depth, codes, tops, most),
    )


def _each_once(dimensions: Sequence[Dimension]) -> None:
    """Refuse dimensions that share a column: what one shows would not count for the other."""
    levels = [level for dimension in dimensions for level in dimension.levels]
    twice = [level for level in levels if levels.count(level) > 1]
    if twice:
        raise Problem(
            Kind.USAGE,
            "broken down by the same column in two ways",
            value=twice[0],
            remedy="name the dimension alike in each table",
        )


def _named(
    trees: Sequence[_Tree], strides: Ints, codes: Ints
) -> tuple[tuple[tuple[str, ...], ...], Ints]:
    """Return labels and depth by cell."""
    nodes = _nodes(trees, strides, codes)
    labels = tuple(tuple(t.labels[n] for t, n in zip(trees, row, strict=True)) for row in nodes)
    return labels, np.column_stack([t.level[nodes[:, d]] for d, t in enumerate(trees)])


def _nodes(trees: Sequence[_Tree], strides: Ints, codes: Ints) -> Ints:
    return np.column_stack(
        [codes // stride % len(t.labels) for t, stride in zip(trees, strides, strict=True)]
    )


def _leaves(
    trees: Sequence[_Tree],
    strides: Ints,
    by_depth: Mapping[tuple[int, ...], Ints],
    codes: Ints,
    tops: Sequence[tuple[int, ...]],
    most: int,
) -> Leaves:
    """Return the finest crossings, and the sum of them that each cell is."""
    found = _crossings(trees, strides, {top: by_depth[top] for top in tops}, most)
    rows = [np.searchsorted(codes, _ancestors(trees, strides, found, depth)) for depth in by_depth]
    row, column = np.concatenate(rows), np.tile(np.arange(len(found)), len(rows))
    content = sparse.csr_array((np.ones(len(row)), (row, column)), shape=(len(codes), len(found)))
    finest = tuple(int(tree.level.max()) for tree in trees)
    labels, _ = _named(trees, strides, found)
    return Leaves(labels, _members(trees, strides, [finest], found), content)


def _crossings(
    trees: Sequence[_Tree],
    strides: Ints,
    listed: Mapping[tuple[int, ...], Ints],
    most: int,
) -> Ints:
    """Return the codes of the crossings of all dimensions that no table leaves out as empty."""
    codes, done = np.zeros(1, dtype=np.int64), np.zeros(len(trees), dtype=bool)
    for top, held in listed.items():
        for place in np.flatnonzero((np.array(top) > 0) & ~done).tolist():
            finest = np.flatnonzero(trees[place].level == top[place])
            if len(codes) * len(finest) > most:
                raise Problem(
                    Kind.USAGE,
                    f"these tables share more than {most:,} crossings",
                    value=most,
                    remedy="cross fewer dimensions, or leave out the finest level",
                )
            codes = np.add.outer(codes, finest * strides[place]).ravel()
            done[place] = True
        codes = codes[np.isin(_ancestors(trees, strides, codes, top), held)]
    return np.sort(codes)


def _ancestors(trees: Sequence[_Tree], strides: Ints, codes: Ints, depth: tuple[int, ...]) -> Ints:
    """Return the cell of a depth that each crossing lies in."""
    nodes = _nodes(trees, strides, codes)
    for place, (tree, level) in enumerate(zip(trees, depth, strict=True)):
        node = nodes[:, place]
        while (deeper := tree.level[node] > level).any():
            node = np.where(deeper, tree.parent[node], node)
        nodes[:, place] = node
    found: Ints = nodes @ strides
    return found


def _tree(dimension: Dimension, columns: Mapping[str, Sequence[str]]) -> _Tree:
    missing = [level for level in dimension.levels if level not in columns]
    if missing:
        raise bad_input(
            f"no column {missing[0]} to break down by",
            where=Where(column=missing[0]),
            value=dimension.name,
            remedy=f"one of {', '.join(columns)}",
        )
    centres = len(columns[dimension.levels[0]])
    nodes, labels, parents, levels = [np.zeros(centres, dtype=np.int64)], [TOTAL], [0], [0]
    for depth, level in enumerate(dimension.levels, 1):
        text = np.array([str(code).strip() or NOT_STATED for code in columns[level]], dtype=object)
        known = text != NOT_STATED
        # What is not stated here is not stated under each parent apart.
        own = np.where(known, -1, nodes[-1])
        names, node = np.unique(
            np.array([f"{code}\0{place}" for code, place in zip(text, own, strict=True)]),
            return_inverse=True,
        )
        pairs = np.unique(np.column_stack([node, nodes[-1]]), axis=0)
        _one_parent(pairs, names, labels, level)
        nodes.append(node + len(labels))
        parents += pairs[:, 1].tolist()
        labels += [str(name).split("\0")[0] for name in names]
        levels += [depth] * len(names)
    return _Tree(tuple(labels), np.array(nodes), np.array(parents), np.array(levels))


def _one_parent(pairs: Ints, names: NDArray[np.str_], labels: list[str], level: str) -> None:
    twice = np.flatnonzero(pairs[1:, 0] == pairs[:-1, 0])
    if len(twice):
        first, second = pairs[twice[0]], pairs[twice[0] + 1]
        raise bad_input(
            f"lies in both {labels[first[1]]} and {labels[second[1]]}",
            where=Where(column=level),
            value=str(names[first[0]]).split("\0")[0],
            remedy="give each code one place in the level above",
        )


def _depths(dimensions: Sequence[Dimension], table: Sequence[Dimension]) -> list[tuple[int, ...]]:
    spans = [range(len(d.levels) + 1) if d in table else range(1) for d in dimensions]
    return list(product(*spans))


def _keys(trees: Sequence[_Tree], strides: Ints, depth: tuple[int, ...], *, empty: bool) -> Ints:
    if not empty:
        return np.unique(_of_centres(trees, strides, depth))
    codes = np.zeros(1, dtype=np.int64)
    for tree, stride, level in zip(trees, strides, depth, strict=True):
        codes = np.add.outer(codes, np.flatnonzero(tree.level == level) * stride).ravel()
    return codes


def _of_centres(trees: Sequence[_Tree], strides: Ints, depth: tuple[int, ...]) -> Ints:
    parts = [t.node[level] * s for t, s, level in zip(trees, strides, depth, strict=True)]
    codes: Ints = np.sum(parts, axis=0, dtype=np.int64)
    return codes


def _members(
    trees: Sequence[_Tree], strides: Ints, depths: Sequence[tuple[int, ...]], codes: Ints
) -> sparse.csr_array:
    centres = trees[0].node.shape[1]
    rows = [np.searchsorted(codes, _of_centres(trees, strides, depth)) for depth in depths]
    row, column = np.concatenate(rows), np.tile(np.arange(centres), len(depths))
    return sparse.csr_array((np.ones(len(row)), (row, column)), shape=(len(codes), centres))


def _relations(
    trees: Sequence[_Tree],
    strides: Ints,
    by_depth: Mapping[tuple[int, ...], Ints],
    codes: Ints,
) -> sparse.csr_array:
    rows, columns, signs, count = [], [], [], 0
    for depth in by_depth:
        for place, (tree, stride) in enumerate(zip(trees, strides, strict=True)):
            below = (*depth[:place], depth[place] + 1, *depth[place + 1 :])
            if below not in by_depth:
                continue
            children = by_depth[below]
            node = children // stride % len(tree.labels)
            above = children + (tree.parent[node] - node) * stride
            parents, row = np.unique(above, return_inverse=True)
            rows += [row + count, np.arange(len(parents)) + count]
            columns += [np.searchsorted(codes, children), np.searchsorted(codes, parents)]
            signs += [np.ones(len(children)), -np.ones(len(parents))]
            count += len(parents)
    if not rows:
        return sparse.csr_array((0, len(codes)))
    entries = (np.concatenate(signs), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.csr_array(entries, shape=(count, len(codes)))
