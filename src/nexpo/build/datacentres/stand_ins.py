"""Stand-ins made by a seed for layers that are not on this machine.

They have the form of the real thing and no meaning at all. Each layer draws from a seed of its
own, so that a stand-in does not depend on which others are made.
"""

from __future__ import annotations

import zlib
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from nexpo.core.evidence import Input
from nexpo.datacentres.siting.layers import Features, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Floats = NDArray[np.float64]

_CORNERS = 20
_LICENCE = "CC0 1.0 (made by Nexpo)"


def stand_in(
    key: str, shape: Shape, recipe: Mapping[str, Any], area: BaseGeometry, seed: int
) -> Features:
    """Return a made-up layer over an area.

    Parameters
    ----------
    recipe
        ``each_1000_km2`` (how many), ``radius_m`` (median, of polygons), ``classes`` (texts of a
        column ``class``, drawn evenly), ``numbers`` (column to least and greatest value).
    area
        In the metres of the frame.

    Examples
    --------
    >>> made = stand_in("park", Shape.POLYGONS, {"each_1000_km2": 10, "radius_m": 500},
    ...                 shapely.box(0, 0, 50_000, 20_000), 7)
    >>> len(made.geometries), made.synthetic
    (10, True)
    """
    generator = np.random.default_rng([seed, zlib.crc32(key.encode())])
    many = max(1, round(float(recipe["each_1000_km2"]) * area.area / 1e9))
    centres = _inside(area, many, generator)
    if shape is Shape.POINTS:
        shapes = shapely.points(centres)
    else:
        shapes = _outlines(centres, float(recipe["radius_m"]), generator)
    table: dict[str, list[object]] = {}
    if "classes" in recipe:
        table["class"] = generator.choice(np.array(recipe["classes"]), many).tolist()
    for name, (least, most) in recipe.get("numbers", {}).items():
        table[name] = np.round(generator.uniform(least, most, many), 1).tolist()
    return Features(key, shape, list(shapes), table, (_input(key, shapes, table, seed),))


def _inside(area: BaseGeometry, many: int, generator: np.random.Generator) -> Floats:
    west, south, east, north = area.bounds
    shapely.prepare(area)
    found = np.empty((0, 2))
    while len(found) < many:
        drawn = generator.uniform((west, south), (east, north), (2 * many, 2))
        found = np.concatenate([found, drawn[shapely.contains_xy(area, drawn)]])
    return found[:many]


def _outlines(
    centres: Floats, radius_m: float, generator: np.random.Generator
) -> NDArray[np.object_]:
    """Return a rounded polygon round each centre: an ellipse with a bump, never self-crossing."""
    many = len(centres)
    size = radius_m * generator.lognormal(0.0, 0.6, (many, 1))
    turn, bump = generator.uniform(0, 2 * np.pi, (2, many, 1))
    flat = generator.uniform(0.5, 1.0, (many, 1))
    angle = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)[None, :]
    away = size * (1 + 0.25 * np.sin(3 * angle + bump))
    x, y = away * np.cos(angle), away * flat * np.sin(angle)
    east = centres[:, :1] + x * np.cos(turn) - y * np.sin(turn)
    north = centres[:, 1:] + x * np.sin(turn) + y * np.cos(turn)
    made: NDArray[np.object_] = shapely.polygons(np.round(np.stack([east, north], axis=2), 1))
    return made


def _input(key: str, shapes: NDArray[np.object_], table: Mapping[str, object], seed: int) -> Input:
    content = b"".join(shapely.to_wkb(shapes)) + repr(sorted(table.items())).encode()
    return Input(
        source=f"synthetic-{key}",
        name=f"{key}.synthetic",
        sha256=sha256(content).hexdigest(),
        licence=_LICENCE,
        vintage=f"seed {seed}",
        redistributable=True,
        synthetic=True,
    )
