"""All about one place: criteria, rank, percentiles, rules of eligibility, neighbours.

A place is a set of cells: the one that holds a point, or those that a polygon covers. What is
unknown is said to be so; a percentile is the share of ranked cells that are no better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from nexpo.core.problem import Kind, Problem
from nexpo.datacentres.model import Facility, Power, PowerKind, Total
from nexpo.datacentres.siting.criteria import Better, Measured
from nexpo.datacentres.siting.grid import Frame, covered

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Mask = NDArray[np.bool_]
    Floats = NDArray[np.floating]
    Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Line:
    """A criterion at the place.

    Attributes
    ----------
    value
        Mean raw value over the place's cells; None when unknown.
    no_better_share
        Share of the region's cells where it is known that are no better; None when unknown.
    """

    measured: Measured
    value: float | None
    no_better_share: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the place stands among the ranked cells.

    Attributes
    ----------
    score
        Mean score of its ranked cells; None when none is ranked.
    rank
        1 + the number of ranked cells with a higher score.
    of
        How many cells are ranked.
    """

    score: float | None
    rank: int | None
    of: int

    @property
    def no_better_share(self) -> float | None:
        """Share of ranked cells that are no better."""
        return None if self.rank is None or not self.of else (self.of - self.rank + 1) / self.of


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A facility near the place."""

    facility: Facility
    km: float


def cells_of(place: BaseGeometry, frame: Frame, area: Mask) -> Ints:
    """Return the flat indices, in the frame, of the cells of a place.

    A point has the cell that holds it, a polygon those whose centre it covers, or if it covers
    none, the one that holds a point inside it.

    Raises
    ------
    Problem
        When the place lies outside the area.

    Examples
    --------
    >>> frame = Frame(0.0, 200.0, 100.0, 2, 2)
    >>> cells_of(shapely.Point(150, 50), frame, np.ones((2, 2), bool))
    array([3])
    """
    found = np.empty(0, dtype=np.int64)
    if place.geom_type in {"Polygon", "MultiPolygon"}:
        found = np.flatnonzero(covered([place], frame) & area)
    if not len(found) and not place.is_empty:
        inner = place.representative_point()
        cell = frame.cell_of(inner.x, inner.y)
        if cell is not None and area[cell]:
            found = np.array([cell[0] * frame.columns + cell[1]])
    if not len(found):
        raise Problem(
            Kind.BAD_INPUT,
            "the place lies outside the region",
            value=place.wkt,
            remedy="give longitude first, then latitude, in degrees",
        )
    return found


def lines(measured: Sequence[Measured], places: Ints) -> tuple[Line, ...]:
    """Return each criterion at some cells of the area, with its percentile in the region."""
    return tuple(_line(each, places) for each in measured)


def _line(measured: Measured, places: Ints) -> Line:
    value = measured.at(places)
    if value is None or measured.values is None:
        return Line(measured, None, None)
    known = measured.values[np.isfinite(measured.values)]
    low = measured.criterion.better is Better.LOW
    no_better = known >= np.float32(value) if low else known <= np.float32(value)
    return Line(measured, value, int(no_better.sum()) / len(known))


def standing(score: Floats, cells: Ints) -> Standing:
    """Return the rank of a place by the mean score of its ranked cells.

    Parameters
    ----------
    score
        Of each cell of the frame, flat; NaN where a cell is not ranked.

    Examples
    --------
    >>> standing(np.array([0.2, 0.9, np.nan, 0.5]), np.array([3]))
    Standing(score=0.5, rank=2, of=3)
    """
    ranked = np.isfinite(score)
    own = score[cells]
    own = own[np.isfinite(own)]
    if not len(own):
        return Standing(None, None, int(ranked.sum()))
    mean = float(own.mean(dtype=np.float64))
    higher = int((score[ranked] > score.dtype.type(mean)).sum())
    return Standing(mean, higher + 1, int(ranked.sum()))


def neighbours(
    place: BaseGeometry,
    facilities: Sequence[tuple[Facility, float, float]],
    within_km: float,
) -> tuple[Neighbour, ...]:
    """Return facilities near a place, the nearest first.

    Parameters
    ----------
    facilities
        Each with its x and y in the metres of the place.
    """
    if not facilities:
        return ()
    points = shapely.points([(x, y) for _, x, y in facilities])
    km = shapely.distance(points, place) / 1000
    order = np.argsort(km, kind="stable")
    return tuple(Neighbour(facilities[at][0], float(km[at])) for at in order if km[at] <= within_km)


def cumulative(near: Sequence[Neighbour]) -> dict[PowerKind, Total]:
    """Add up the power of some neighbours by kind; unknown is counted, not taken as zero.

    Examples
    --------
    >>> cumulative(())[PowerKind.INSTALLED_IT]
    Total(value=None, known=0, unknown=0)
    """
    powers: list[Power] = [each.facility.power for each in near]
    return {kind: Total.of(power.of(kind) for power in powers) for kind in PowerKind}
