"""Streets of a network held against the streets of the uncovered list, by name.

The network's municipality is the one that most of its streets lie in; nothing has to be
named in advance. Names are compared after folding (case, accents, spaces). A street not
found may be outside the network, spelt otherwise, or a locality without a street.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import shapely

from nexpo.build.model import Streets
from nexpo.core.evidence import Input
from nexpo.sources.osm import named_streets
from nexpo.territory import fold

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


def held_against(
    ways: pl.DataFrame,
    shapes: Mapping[str, BaseGeometry],
    listed: pl.DataFrame,
    inputs: tuple[Input, ...],
) -> Streets | None:
    """Return how many uncovered streets a network names, or None outside the region.

    Parameters
    ----------
    ways
        Streets as :func:`nexpo.sources.osm.read_ways` gives them.
    shapes
        Boundary of each municipality, WGS 84.
    listed
        ``istat, street, addresses`` of the uncovered list.
    """
    istat = municipality_of(ways, shapes)
    if istat is None:
        return None
    here = listed.filter(pl.col("istat") == istat)
    if not here.height:
        return None
    named = _folded(named_streets(ways), "name").group_by("key").agg(pl.col("length_m").sum())
    wanted = _folded(here, "street").group_by("key").agg(pl.col("addresses").sum())
    found = wanted.join(named, on="key").sort("key")  # floats are summed in one order
    return Streets(
        istat=istat,
        named=named.height,
        length_m=round(float(ways["length_m"].sum()), 1),
        uncovered=wanted.height,
        found=found.height,
        uncovered_addresses=int(wanted["addresses"].sum()),
        found_addresses=int(found["addresses"].sum()),
        found_length_m=round(float(found["length_m"].sum()), 1),
        inputs=inputs,
    )


def municipality_of(ways: pl.DataFrame, shapes: Mapping[str, BaseGeometry]) -> str | None:
    """Return the municipality that most streets lie in, or None where none does.

    Examples
    --------
    >>> ways = pl.DataFrame({"lon": [0.5, 0.6, 3.0], "lat": [0.5, 0.5, 3.0]})
    >>> municipality_of(ways, {"a": shapely.box(0, 0, 1, 1), "b": shapely.box(2, 2, 4, 4)})
    'a'
    """
    codes = list(shapes)
    tree = shapely.STRtree([shapes[code] for code in codes])
    points = shapely.points(ways["lon"].to_numpy(), ways["lat"].to_numpy())
    _, hit = tree.query(points, predicate="within")
    if not len(hit):
        return None
    return codes[int(np.bincount(hit).argmax())]


def _folded(table: pl.DataFrame, column: str) -> pl.DataFrame:
    keys = [fold(name) for name in table[column].to_list()]
    return table.with_columns(pl.Series("key", keys, dtype=pl.String)).sort("key", column)
