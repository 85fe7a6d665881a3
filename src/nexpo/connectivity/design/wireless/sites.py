"""Candidate sites where none is given: high points of the terrain, or corners of the streets.

Both are marked *generated*: nobody has asked the owner of the ground. They say what a network
would cost, not where a mast may stand.
"""

from __future__ import annotations

import numpy as np

from nexpo.connectivity.design.model import Floats, Ints
from nexpo.connectivity.design.wireless.model import SITE_KINDS, SiteKind, Sites
from nexpo.connectivity.design.wireless.terrain import Terrain, distance_m
from nexpo.core.problem import Kind, Problem


def candidates(
    ids: tuple[str, ...],
    lon: Floats,
    lat: Floats,
    *,
    kind: SiteKind = SiteKind.NEW,
    mast_m: float,
    fibre_cents: Ints | None = None,
    fibre_m: Floats | None = None,
) -> Sites:
    """Return candidate sites of one kind and mast height; without ``fibre_cents`` none has fibre.

    Examples
    --------
    >>> len(candidates(("a",), np.array([9.0]), np.array([45.0]), mast_m=24.0))
    1
    """
    count = len(ids)
    return Sites(
        ids,
        np.asarray(lon, np.float64),
        np.asarray(lat, np.float64),
        np.full(count, mast_m),
        np.full(count, SITE_KINDS.index(kind)),
        np.full(count, -1) if fibre_cents is None else np.asarray(fibre_cents, np.int64),
        np.zeros(count) if fibre_m is None else np.asarray(fibre_m, np.float64),
    )


def high_points(terrain: Terrain, count: int, *, spacing_m: float, mast_m: float) -> Sites:
    """Return the highest points of a terrain that keep a distance from each other.

    The grid is cut in squares half the spacing wide; the top of each is a proposal; proposals
    are taken from the highest down where none is near. Fewer than ``count`` may be found.

    Raises
    ------
    Problem
        When the terrain has no known cell.
    """
    row, column = _tops(terrain, max(1, int(spacing_m / 2.0 / terrain.cell_m)))
    if not len(row):
        raise Problem(
            Kind.BAD_INPUT,
            "the height model has no known cell to stand a site on",
            value=terrain.origin,
            remedy="give another height model, or candidate sites",
        )
    lon, lat = terrain.place(row.astype(np.float64), column.astype(np.float64))
    height = terrain.height_m[row, column]
    order = np.lexsort((column, row, -height))
    taken = _spaced(lon[order], lat[order], count, spacing_m)
    chosen = order[taken]
    ids = tuple(f"high-{number:03d}" for number in range(1, len(chosen) + 1))
    return candidates(ids, lon[chosen], lat[chosen], kind=SiteKind.GENERATED, mast_m=mast_m)


def _tops(terrain: Terrain, side: int) -> tuple[Ints, Ints]:
    """Return the highest known cell of each square of ``side`` cells."""
    rows, columns = terrain.height_m.shape
    down, across = -(-rows // side), -(-columns // side)
    padded = np.full((down * side, across * side), -np.inf, np.float32)
    padded[:rows, :columns] = np.nan_to_num(terrain.height_m, nan=-np.inf)
    squares = padded.reshape(down, side, across, side).swapaxes(1, 2).reshape(-1, side * side)
    best = squares.argmax(axis=1)
    known = np.flatnonzero(np.isfinite(squares[np.arange(len(best)), best]))
    inner = best[known]
    return known // across * side + inner // side, known % across * side + inner % side


def _spaced(lon: Floats, lat: Floats, count: int, spacing_m: float) -> Ints:
    """Return the first places, in the order given, that keep their distance."""
    free = np.ones(len(lon), np.bool_)
    taken: list[int] = []
    while len(taken) < count and free.any():
        here = int(free.argmax())
        taken.append(here)
        free &= distance_m(lon[here], lat[here], lon, lat) >= spacing_m
    return np.array(taken, np.int64)


def spread_nodes(
    lon: Floats,
    lat: Floats,
    count: int,
    *,
    mast_m: float,
    random: np.random.Generator,  # noqa: TID251 - handed in
) -> Sites:
    """Return street nodes far from each other: a first by lot, then each the farthest from all.

    Parameters
    ----------
    lon, lat
        Nodes of a street graph, degrees.
    random
        Seeded: the same seed gives the same sites.
    """
    if not len(lon):
        raise Problem(Kind.BAD_INPUT, "the street graph has no node", remedy="give candidate sites")
    taken = [int(random.integers(len(lon)))]
    away = distance_m(lon[taken[0]], lat[taken[0]], lon, lat)
    while len(taken) < min(count, len(lon)) and away.max() > 0:
        taken.append(int(away.argmax()))
        away = np.minimum(away, distance_m(lon[taken[-1]], lat[taken[-1]], lon, lat))
    ids = tuple(f"node-{number:03d}" for number in range(1, len(taken) + 1))
    return candidates(ids, lon[taken], lat[taken], kind=SiteKind.GENERATED, mast_m=mast_m)
