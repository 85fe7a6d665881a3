"""What a code gives away of the centres under it: bounds of a sum by the number of centres.

Whoever reads that a cell holds centres of a size class knows that their power together lies
between the class's bounds times their number, shown or hidden. Each such bound is an entry of its
own in the table, what is left between the sum and the bound, which is never negative.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from nexpo.datacentres.publication_cells import Cells
from nexpo.datacentres.suppression import Table

Floats = NDArray[np.float64]
Bounds = Mapping[str, Mapping[str, Mapping[str, tuple[float, float]]]]
"""Least and largest value of one centre, by figure, column and code."""


def bounds_of_codes(cells: Cells, bounds: Bounds) -> Iterator[tuple[str, Floats, Floats]]:
    """Yield each figure with what one centre of a leaf has at least and at most.

    Without a code that says so, that is zero and infinity.
    """
    content = cells.leaves.content
    for figure, columns in bounds.items():
        low, high = np.zeros(content.shape[1]), np.full(content.shape[1], np.inf)
        for cell, labels in enumerate(cells.labels):
            leaves = content.indices[content.indptr[cell] : content.indptr[cell + 1]]
            for place, dimension in enumerate(cells.dimensions):
                depth = int(cells.depth[cell, place])
                codes = columns.get(dimension.levels[depth - 1], {}) if depth else {}
                least, most = codes.get(labels[place], (0.0, np.inf))
                low[leaves] = np.maximum(low[leaves], least)
                high[leaves] = np.minimum(high[leaves], most)
        yield figure, low, high


def that_hold(centres: Floats, total: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Return bounds of one centre by leaf without those that the true values do not hold.

    A centre that reports no value adds to the count alone: such a bound is no knowledge.
    """
    with np.errstate(invalid="ignore"):  # none of infinitely much
        above = np.where(centres > 0, high * centres, np.inf)
    return np.where(low * centres > total, 0.0, low), np.where(above < total, np.inf, high)


def with_bounds(
    table: Table, starts: tuple[int, int], cells: int, low: Floats, high: Floats
) -> Table:
    """Return a table whose reader knows bounds of a sum by the number of centres.

    Parameters
    ----------
    starts
        First entry of the count and of the sum.
    cells
        How many entries of either stand before its leaves.
    low, high
        Of one centre, by leaf; they hold of the true values.
    """
    size = cells + len(low)
    table = replace(table, size=_sizes(table, starts, size))
    places = starts[0] + cells, starts[1] + cells
    for sign, bound in ((1.0, low), (-1.0, high)):
        kept = np.flatnonzero(np.isfinite(bound) & (bound > 0))
        if len(kept):
            number, total = (table.values[place + kept] for place in places)
            left = np.maximum(sign * (total - bound[kept] * number), 0.0)
            table = _with_entries(table, places, kept, sign, bound[kept], left)
    return table


def _sizes(table: Table, starts: tuple[int, int], entries: int) -> Floats:
    """Return the usual amount by entry: one for a centre, a centre's mean for the sum."""
    size = np.ones(len(table.values)) if table.size is None else table.size.copy()
    number, total = (float(table.values[p : p + entries].sum()) for p in starts)
    if number > 0 and total > 0:
        size[starts[1] : starts[1] + entries] = total / number
    return size


def _with_entries(
    table: Table,
    places: tuple[int, int],
    cells: NDArray[np.int64],
    sign: float,
    bound: Floats,
    left: Floats,
) -> Table:
    """Add what is left to a bound as hidden entries: sign * (sum - bound * count) - left = 0."""
    more, entries, groups = len(cells), len(table.values), len(table.weight)
    rows = np.tile(np.arange(more), 3)
    columns = np.concatenate([places[1] + cells, places[0] + cells, entries + np.arange(more)])
    signs = np.concatenate([np.full(more, sign), -sign * bound, -np.ones(more)])
    added = sparse.csr_array((signs, (rows, columns)), shape=(more, entries + more))
    wider = sparse.hstack(
        [table.relations, sparse.csr_array((table.relations.shape[0], more))], format="csr"
    )
    size = np.ones(entries) if table.size is None else table.size
    none, yes = np.zeros(more), np.ones(more, dtype=bool)
    return replace(
        table,
        values=np.concatenate([table.values, left]),
        relations=sparse.vstack([wider, added], format="csr"),
        lower=np.concatenate([table.lower, none]),
        upper=np.concatenate([table.upper, np.full(more, np.inf)]),
        group=np.concatenate([table.group, groups + np.arange(more)]),
        weight=np.concatenate([table.weight, none]),
        primary=np.concatenate([table.primary, yes]),
        shown=np.concatenate([table.shown, ~yes]),
        width=np.concatenate([table.width, none]),
        up=np.concatenate([table.up, none]),
        down=np.concatenate([table.down, none]),
        size=np.concatenate([size, size[places[1] + cells]]),
    )
