"""From layers to criteria: one raw value a cell, in its own unit, with bounds that do not move.

A criterion says what is measured of a layer, whether more or less of it is better, and between
which two raw values it counts. The bounds are given, not found in the data, so that a tile, a
municipality and a region rank their cells alike. A missing layer makes the criterion *unknown*
in every cell (:attr:`Measured.reason` says why), a cell without a value makes it unknown there;
neither is ever zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from nexpo.core.problem import bad_input
from nexpo.datacentres.siting import decision
from nexpo.datacentres.siting.cell_distance import to_cells
from nexpo.datacentres.siting.decision import Columns
from nexpo.datacentres.siting.distance import to_features
from nexpo.datacentres.siting.grid import Frame, covered, numbered
from nexpo.datacentres.siting.layers import Features, Gridded, Layer, Missing, found

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Raster = NDArray[np.float32]


class Kind(Enum):
    """What is measured of a layer in each cell."""

    DISTANCE_KM = "distance_km"  # to the nearest feature, zero inside
    INSIDE = "inside"  # 1 where the cell's centre is inside, else 0
    ZONE_VALUE = "zone_value"  # a column of the polygon that holds the centre
    RASTER_VALUE = "raster_value"


class Better(Enum):
    """Which end of the scale is wished for."""

    LOW = "low"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion.

    Attributes
    ----------
    least, most
        Raw values between which it counts; beyond them a cell is as good, or as bad, as at them.
    column
        Column of the layer that is measured, or that ``at_least`` looks at.
    at_least
        Only features whose number in ``column`` is at least this (a voltage in kV).
    among
        Only features whose text in ``column`` is one of these, or cells of a raster whose value
        stands for one of these classes (a class of land use).
    values
        Raster values that are meant by a distance or by inside.
    weight
        Given weight, not yet normalised.
    """

    key: str
    title: str
    unit: str
    layer: str
    kind: Kind
    better: Better
    least: float
    most: float
    weight: float
    column: str = ""
    at_least: float | None = None
    among: tuple[str, ...] = ()
    values: tuple[float, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        if not (isfinite(self.least) and isfinite(self.most) and self.least < self.most):
            raise bad_input(
                "the bounds of a criterion are two numbers, the lower one first",
                value=(self.least, self.most),
                remedy=f"mend least and most of {self.key}",
            )
        if not (isfinite(self.weight) and self.weight >= 0):
            raise bad_input(
                "a weight is a number, not below zero",
                value=self.weight,
                remedy=f"mend the weight of {self.key}",
            )


@dataclass(frozen=True, slots=True)
class Measured:
    """A criterion as it was measured.

    Attributes
    ----------
    values
        Raw value of each cell of the area, row by row, NaN where it is unknown; None where the
        layer is missing.
    reason
        Why it is unknown everywhere; empty when it is measured.
    """

    criterion: Criterion
    values: Raster | None
    reason: str = ""
    synthetic: bool = False

    @property
    def known(self) -> bool:
        """Whether it has a value anywhere."""
        return self.values is not None

    def at(self, places: NDArray[np.int64]) -> float | None:
        """Return the mean raw value of some cells of the area, or None when one is unknown."""
        if self.values is None or not len(places):
            return None
        value = float(self.values[places].mean(dtype=np.float64))
        return value if isfinite(value) else None


def measure(
    criterion: Criterion, layers: Mapping[str, Layer], frame: Frame, area: Mask
) -> Measured:
    """Measure a criterion over an area.

    Examples
    --------
    >>> import shapely
    >>> from nexpo.datacentres.siting.layers import Shape
    >>> frame = Frame(0.0, 100.0, 100.0, 1, 2)
    >>> near = Criterion("grid", "nearest node", "km", "nodes", Kind.DISTANCE_KM, Better.LOW,
    ...                  0, 30, 1)
    >>> nodes = Features("nodes", Shape.POINTS, [shapely.Point(50, 50)])
    >>> measure(near, {"nodes": nodes}, frame, np.ones((1, 2), bool)).values
    array([0. , 0.1], dtype=float32)
    >>> measure(near, {}, frame, np.ones((1, 2), bool)).known
    False
    """
    layer = found(layers, criterion.layer)
    if isinstance(layer, Missing):
        return Measured(criterion, None, layer.reason)
    if isinstance(layer, Gridded):
        return _checked(criterion, _raster_values(criterion, layer, frame, area), area, layer)
    layer = _chosen(criterion, layer)
    if not layer.geometries:
        return Measured(criterion, None, f"no feature of {criterion.layer} is of use here")
    return _checked(criterion, _values(criterion, layer, frame, area), area, layer)


def _values(criterion: Criterion, layer: Features, frame: Frame, area: Mask) -> Raster:
    if criterion.kind is Kind.DISTANCE_KM:
        metres = to_features(layer.geometries, frame, where=area)
        return np.divide(metres, np.float32(1000), out=metres)
    if criterion.kind is Kind.INSIDE:
        return covered(layer.geometries, frame).astype(np.float32)
    if criterion.kind is Kind.ZONE_VALUE:
        numbers = np.append(layer.numbers(criterion.column), np.nan)  # -1 takes the last
        return numbers.astype(np.float32)[numbered(layer.geometries, frame)]
    raise bad_input(
        f"{criterion.key} asks for raster values of a layer of features",
        value=criterion.layer,
        remedy="use distance_km, inside or zone_value",
    )


def _raster_values(criterion: Criterion, layer: Gridded, frame: Frame, area: Mask) -> Raster:
    """Return what is measured of a raster; unknown where an unknown cell may change it."""

    def here(values: NDArray[np.generic]) -> Raster:
        return np.array(frame.crop(values, layer.frame), dtype=np.float32)

    if criterion.kind is Kind.RASTER_VALUE:
        return here(layer.values)
    if criterion.kind not in {Kind.INSIDE, Kind.DISTANCE_KM}:
        raise bad_input(
            f"{criterion.key} asks for {criterion.kind.value} of a raster",
            value=criterion.layer,
            remedy="use raster_value, distance_km or inside",
        )
    marked = layer.marked(criterion.values, criterion.among)
    blind = np.isnan(here(layer.values))
    if criterion.kind is Kind.INSIDE:
        found = here(marked)
        found[blind] = np.nan
        return found
    metres = here(to_cells(marked, layer.frame.cell_m))
    metres[to_cells(blind & area, frame.cell_m) < metres] = np.nan  # it may be the nearest
    return np.divide(metres, np.float32(1000), out=metres)


def _checked(
    criterion: Criterion, raster: Raster, area: Mask, layer: Features | Gridded
) -> Measured:
    values = raster[area]
    values[~np.isfinite(values)] = np.nan
    if np.isnan(values).all():
        return Measured(criterion, None, f"{criterion.layer} has no value in the area")
    return Measured(criterion, values, synthetic=layer.synthetic)


def _chosen(criterion: Criterion, layer: Features) -> Features:
    if criterion.column and criterion.column not in layer.table:
        raise bad_input(
            f"the layer {layer.key} has no column that {criterion.key} needs",
            value=criterion.column,
            remedy=f"its columns: {', '.join(layer.table) or 'none'}",
        )
    if criterion.at_least is not None:
        return layer.chosen(layer.numbers(criterion.column) >= criterion.at_least)
    if criterion.among:
        texts = [str(value) for value in layer.table[criterion.column]]
        return layer.chosen([text in criterion.among for text in texts])
    return layer


# For the ranking methods


@dataclass(frozen=True, slots=True)
class Ranked:
    """The cells that are ranked as rows, the measured criteria as columns.

    Attributes
    ----------
    columns
        Raw values of each criterion, clipped to its bounds; NaN where unknown.
    criteria
        The same criteria as the methods of ranking know them, bounds and weights in them.
    unknown
        Criteria that are unknown everywhere: left out, and said.
    """

    measured: tuple[Measured, ...]
    unknown: tuple[Measured, ...]
    columns: Columns
    criteria: tuple[decision.Criterion, ...]

    @property
    def weights(self) -> NDArray[np.float64]:
        """Weights of the measured criteria, summing to 1."""
        return np.array([each.weight or 0.0 for each in self.criteria])

    def without_columns(self) -> Ranked:
        """Return the same without its columns, once they are ranked: they are large."""
        none = np.empty(0, dtype=np.float32)
        return replace(self, columns=Columns(tuple(none for _ in self.criteria)))


def ranked(
    measured: Sequence[Measured], chosen: Mask, weights: Mapping[str, float] | None = None
) -> Ranked:
    """Lay out measured criteria for the methods of ranking.

    Parameters
    ----------
    chosen
        Which cells of the area are ranked.
    weights
        Weights by criterion in place of the given ones; a name that is no criterion is refused.

    Raises
    ------
    Problem
        When no criterion with a weight above zero is known.
    """
    given = _weights(measured, weights or {})
    used = tuple(m for m in measured if m.known and given[m.criterion.key] > 0)
    if not used:
        raise bad_input(
            "no criterion can be measured here, so no cell can be ranked",
            remedy="bring in at least one layer, or give a measured criterion a weight",
        )
    total = sum(given[each.criterion.key] for each in used)
    return Ranked(
        used,
        tuple(each for each in measured if not each.known),
        Columns(tuple(_clipped(each, chosen) for each in used)),
        tuple(_plain(each.criterion, given[each.criterion.key] / total) for each in used),
    )


def _clipped(measured: Measured, chosen: Mask) -> Raster:
    if measured.values is None:
        return np.empty(0, dtype=np.float32)
    values: Raster = measured.values[chosen]
    rule = measured.criterion
    return np.clip(values, rule.least, rule.most, out=values)


def _plain(criterion: Criterion, weight: float) -> decision.Criterion:
    better = criterion.better
    direction = decision.Direction.MAX if better is Better.HIGH else decision.Direction.MIN
    return decision.Criterion(
        criterion.key,
        direction,
        weight,
        criterion.least,
        criterion.most,
        unit=criterion.unit,
        preference=decision.Preference(
            decision.Shape.LINEAR, q=0.0, p=criterion.most - criterion.least
        ),
    )


def _weights(measured: Sequence[Measured], given: Mapping[str, float]) -> dict[str, float]:
    known = {each.criterion.key: each.criterion.weight for each in measured}
    for key, weight in given.items():
        if key not in known:
            raise bad_input(
                "a weight is given for what is no criterion",
                value=key,
                remedy=f"one of {', '.join(known)}",
            )
        if not (isfinite(weight) and weight >= 0):
            raise bad_input(
                "a weight is a number, not below zero", value=weight, remedy=f"mend {key}"
            )
    return known | dict(given)
