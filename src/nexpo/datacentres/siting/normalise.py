"""Bringing criteria to one scale: larger is better, on a scale fixed from outside the tile.

Two choices that most texts merge are apart here:

- the *scale*: min-max, share of the maximum, share of the sum, or vector norm;
- how *cost* is turned: reflected (1 - x/max, or max - x over the range) or inverted (1/x in place
  of x, so that x/max becomes min/x). Textbook SAW and CODAS are max + invert; pymcdm's ``max``,
  ``vector`` and ``minmax`` reflect, its ``linear`` and ``sum`` invert.

A criterion with a target is turned into its distance from the target first, which is a cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import fsum
from typing import Self

import numpy as np

from nexpo.core.problem import bad_input
from nexpo.datacentres.siting.decision import (
    Bools,
    Direction,
    Floats,
    Ints,
    Numbers,
    Table,
    Watch,
    blocks,
    signs,
)


class Normalisation(StrEnum):
    """The scale of a criterion.

    For a benefit x of known values from lo to hi: ``MINMAX`` (x - lo)/(hi - lo), a constant
    criterion is 1 everywhere; ``MAX`` x/hi; ``SUM`` x over the sum; ``VECTOR`` x over the root
    of the sum of squares; ``NONE`` x.
    """

    MINMAX = "minmax"
    MAX = "max"
    SUM = "sum"
    VECTOR = "vector"
    NONE = "none"


class Cost(StrEnum):
    """How a criterion of which less is better is turned round.

    ``REFLECT``: 1 - r on its scale (under ``NONE``: -x). ``INVERT``: 1/x in place of x.
    """

    REFLECT = "reflect"
    INVERT = "invert"


@dataclass(frozen=True, slots=True, eq=False)
class Orientation:
    """What is done to a column before it is measured or scaled.

    Attributes
    ----------
    sign
        +1 where more of the oriented value is better, -1 where less is.
    target
        Value from which the distance is taken; NaN for none.
    inverted
        Whether 1/x stands for x.
    """

    sign: Floats
    target: Floats
    inverted: Bools

    @classmethod
    def of(
        cls,
        directions: Sequence[Direction | str],
        *,
        cost: Cost = Cost.REFLECT,
        targets: Numbers | None = None,
    ) -> Self:
        """Return the orientation of the directions.

        Raises
        ------
        Problem
            An unknown direction, or a target direction without its value.
        """
        sign = signs(directions)
        aimed = np.array([Direction(each) is Direction.TARGET for each in directions])
        given = np.full(len(sign), np.nan) if targets is None else np.asarray(targets, float)
        if given.shape != sign.shape or np.isnan(given[aimed]).any():
            raise bad_input(
                "each criterion with the direction 'target' needs a target value",
                value=given.tolist(),
                remedy="give targets in the order of the columns, NaN for the others",
            )
        inverted = (sign < 0) & ~aimed & (cost is Cost.INVERT)
        return cls(
            np.where(inverted, 1.0, sign), np.where(aimed, given, np.nan), inverted & (sign < 0)
        )

    def turn(self, block: Floats) -> None:
        """Replace the values of a block (m, rows) by oriented ones."""
        for j in np.flatnonzero(~np.isnan(self.target)):
            np.abs(block[j] - self.target[j], out=block[j])
        for j in np.flatnonzero(self.inverted):
            if (block[j] <= 0).any():
                raise bad_input(
                    f"criterion {j + 1} has a value of 0 or below, which has no use as 1/x",
                    value=float(np.nanmin(block[j])),
                    remedy="reflect costs instead of inverting them",
                )
            np.divide(1.0, block[j], out=block[j])

    def turned_bounds(self, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """Return the bounds of the oriented values."""
        aimed = ~np.isnan(self.target)
        far = np.maximum(np.abs(low - self.target), np.abs(high - self.target))
        low, high = np.where(aimed, 0.0, low), np.where(aimed, far, high)
        with np.errstate(divide="ignore"):
            return np.where(self.inverted, 1 / high, low), np.where(self.inverted, 1 / low, high)


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """What scales are made from: measured on a whole region, then used for each of its tiles.

    Attributes
    ----------
    known
        Known values of each criterion.
    low, high
        Least and greatest (oriented) value; NaN where nothing is known.
    total, squares
        Sum and sum of squares of the oriented values.
    """

    known: Ints
    low: Floats
    high: Floats
    total: Floats
    squares: Floats

    def merge(self, other: Self) -> Self:
        """Return the reference of two tiles together."""
        return replace(
            self,
            known=self.known + other.known,
            low=np.fmin(self.low, other.low),
            high=np.fmax(self.high, other.high),
            total=self.total + other.total,
            squares=self.squares + other.squares,
        )

    def within(self, bounds: Numbers, orientation: Orientation) -> Self:
        """Return the reference with given bounds (m, 2) in place of the least and greatest.

        NaN keeps what was measured.

        Raises
        ------
        Problem
            When a lower bound is not below its upper one.
        """
        given = checked_bounds(bounds, len(self.low))
        low, high = orientation.turned_bounds(given[:, 0], given[:, 1])
        keep = np.isnan(given).any(axis=1)
        return replace(
            self, low=np.where(keep, self.low, low), high=np.where(keep, self.high, high)
        )


def reference(table: Table, orientation: Orientation, watch: Watch | None = None) -> Reference:
    """Measure a table: one pass, NaN left out.

    Raises
    ------
    Problem
        When a value is infinite, or has no inverse where one is asked for.
    """
    parts: list[tuple[Floats, Floats]] = []
    count = np.zeros(table.shape[1], np.int64)
    low, high = np.full(table.shape[1], np.nan), np.full(table.shape[1], np.nan)
    for _, block in blocks(table, watch):
        orientation.turn(block)
        low = np.fmin(low, np.fmin.reduce(block, axis=1))
        high = np.fmax(high, np.fmax.reduce(block, axis=1))
        gaps = np.isnan(block)
        if gaps.any():
            count += block.shape[1] - gaps.sum(axis=1)
            block[gaps] = 0.0
        else:
            count += block.shape[1]
        parts.append((block.sum(axis=1), np.array([np.dot(row, row) for row in block])))
    if np.isinf(low).any() or np.isinf(high).any():
        worst = int(np.flatnonzero(np.isinf(low) | np.isinf(high))[0])
        raise bad_input(
            f"criterion {worst + 1} holds an infinite value", remedy="make it NaN: unknown"
        )
    sums = [np.array([fsum(part[k][j] for part in parts) for j in range(len(low))]) for k in (0, 1)]
    return Reference(count, low, high, sums[0], sums[1])


@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """A fixed map of each criterion to a scale on which larger is better.

    ``r = (oriented x - origin) / span + base``

    Attributes
    ----------
    best, worst
        The scaled values of the better and the worse bound.
    low, high
        Bounds of the oriented values; used to clip where ``clip`` is set.
    """

    orientation: Orientation
    origin: Floats
    span: Floats
    base: Floats
    low: Floats
    high: Floats
    clip: bool = False

    def apply(self, block: Floats) -> Floats:
        """Scale a block (m, rows) of raw values in place, and return it."""
        self.orientation.turn(block)
        return self._map(block)

    def _map(self, block: Floats) -> Floats:
        for j in range(len(block)):
            if self.clip:
                np.clip(block[j], self.low[j], self.high[j], out=block[j])
            if self.span[j] < 0:  # turned round without a minus before a zero
                np.subtract(self.origin[j], block[j], out=block[j])
            elif self.origin[j]:
                block[j] -= self.origin[j]
            block[j] /= abs(self.span[j])
            if self.base[j]:
                block[j] += self.base[j]
        return block

    def point(self, values: Numbers) -> Floats:
        """Return a point given in the units of the criteria, scaled."""
        return self.apply(np.array(values, np.float64)[:, None])[:, 0]

    @property
    def best(self) -> Floats:
        """Scaled values of the better bounds."""
        better = np.where(self.orientation.sign > 0, self.high, self.low)
        return self._map(better[:, None].copy())[:, 0]

    @property
    def worst(self) -> Floats:
        """Scaled values of the worse bounds."""
        worse = np.where(self.orientation.sign > 0, self.low, self.high)
        return self._map(worse[:, None].copy())[:, 0]


def scaling(
    measured: Reference,
    orientation: Orientation,
    normalisation: Normalisation = Normalisation.MINMAX,
    *,
    clip: bool = False,
) -> Scaling:
    """Return the scaling that a reference gives.

    Parameters
    ----------
    measured
        Reference of the whole region; with :meth:`Reference.within` bounds given from outside.
    clip
        Whether values beyond the bounds count as the bound.

    Raises
    ------
    Problem
        When a sum, maximum or norm is zero: nothing can be a share of it.

    Examples
    --------
    >>> x = np.array([[2.0, 30.0], [4.0, 10.0]])
    >>> turn = Orientation.of(["max", "min"])
    >>> scaling(reference(x, turn), turn).apply(x.T.copy())
    array([[0., 1.],
           [0., 1.]])
    """
    low, high = measured.low, measured.high
    zero, one, reflected = np.zeros_like(low), np.ones_like(low), orientation.sign < 0
    base = zero
    if normalisation is Normalisation.NONE:
        origin, size = zero, one
        return Scaling(orientation, origin, np.where(reflected, -1.0, 1.0), base, low, high, clip)
    if normalisation is Normalisation.MINMAX:
        flat = ~(high > low)  # constant, or nothing known
        origin, size = np.where(reflected, high, low), np.where(flat, np.inf, high - low)
        base = np.where(flat, 1.0, 0.0)
    else:
        size = {
            Normalisation.MAX: high,
            Normalisation.SUM: measured.total,
            Normalisation.VECTOR: np.sqrt(measured.squares),
        }[normalisation]
        size = np.where(measured.known == 0, np.nan, size)  # a layer that is missing altogether
        _refuse_no_size(size, normalisation)
        origin = np.where(reflected, size, 0.0)
    return Scaling(orientation, origin, np.where(reflected, -size, size), base, low, high, clip)


def _refuse_no_size(size: Floats, normalisation: Normalisation) -> None:
    for j in np.flatnonzero(size == 0):
        raise bad_input(
            f"criterion {j + 1} has a {normalisation.value} of zero: no value is a share of it",
            remedy="use the min-max normalisation",
        )


def checked_bounds(bounds: Numbers, criteria: int) -> Floats:
    """Return bounds as (m, 2), NaN where not given.

    Raises
    ------
    Problem
        Another number of criteria, or a lower bound that is not below its upper one.
    """
    given = np.asarray(bounds, np.float64)
    if given.shape != (criteria, 2):
        raise bad_input(
            f"bounds are {criteria} pairs of lower and upper, here their shape is {given.shape}",
            remedy="give one pair a criterion, in the order of the columns",
        )
    for j in np.flatnonzero(given[:, 0] >= given[:, 1]):
        raise bad_input(
            f"the lower bound of criterion {j + 1} is not below the upper one",
            value=given[j].tolist(),
            remedy="write low:high in the unit of the criterion",
        )
    return given


def outside_bounds(table: Table, bounds: Numbers) -> Ints:
    """Return how many values of each criterion lie outside its bounds.

    Examples
    --------
    >>> outside_bounds(np.array([[1.0], [9.0], [np.nan]]), [[0, 5]])
    array([1])
    """
    given = checked_bounds(bounds, table.shape[1])
    count = np.zeros(table.shape[1], np.int64)
    for _, block in blocks(table):
        count += ((block < given[:, :1]) | (block > given[:, 1:])).sum(axis=1)
    return count
