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
from nexpo.datacentres.siting.bounds import checked_bounds
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
        """Return the bounds of the oriented values; NaN where not given.

        Raises
        ------
        Problem
            Where 1/x stands for x and a bound is not above zero, or a target has one bound only.
        """
        aimed = ~np.isnan(self.target)
        for j in np.flatnonzero(aimed & (np.isnan(low) != np.isnan(high))):
            raise bad_input(
                f"criterion {j + 1} has a target and only one bound",
                value=[float(low[j]), float(high[j])],
                remedy="give both bounds or none: the farther one is the worst",
            )
        for j in np.flatnonzero(self.inverted & ((low <= 0) | (high <= 0))):
            raise bad_input(
                f"criterion {j + 1} has a bound of 0 or below, which has no use as 1/x",
                value=[float(low[j]), float(high[j])],
                remedy="give bounds above zero, or reflect costs instead of inverting them",
            )
        far = np.maximum(np.abs(low - self.target), np.abs(high - self.target))
        least, most = np.where(aimed, far * 0.0, low), np.where(aimed, far, high)
        turned = self.inverted
        return (
            np.divide(1.0, most, out=least.copy(), where=turned),
            np.divide(1.0, least, out=most.copy(), where=turned),
        )


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
        Sum of the oriented values; sum of their squares, each value in ``unit``.
    unit
        1, or the power of two near the greatest value where its square would overflow, or
        that of the least would be lost.
    """

    known: Ints
    low: Floats
    high: Floats
    total: Floats
    squares: Floats
    unit: Floats

    @property
    def norm(self) -> Floats:
        """Root of the sum of squares."""
        found: Floats = self.unit * np.sqrt(self.squares)
        return found

    def merge(self, other: Self) -> Self:
        """Return the reference of two tiles together."""
        unit = np.maximum(self.unit, other.unit)
        return replace(
            self,
            known=self.known + other.known,
            low=np.fmin(self.low, other.low),
            high=np.fmax(self.high, other.high),
            total=self.total + other.total,
            squares=self.squares * (self.unit / unit) ** 2
            + other.squares * (other.unit / unit) ** 2,
            unit=unit,
        )

    def within(self, bounds: Numbers, orientation: Orientation) -> Self:
        """Return the reference with given bounds (m, 2) in place of the least and greatest.

        NaN keeps what was measured, each end by itself.

        Raises
        ------
        Problem
            When a lower bound is not below its upper one, or a single bound lies beyond all
            values on the other side.
        """
        given = checked_bounds(bounds, len(self.low))
        least, most = orientation.turned_bounds(given[:, 0], given[:, 1])
        low = np.where(np.isnan(least), self.low, least)
        high = np.where(np.isnan(most), self.high, most)
        for j in np.flatnonzero(low > high):
            raise bad_input(
                f"the one bound of criterion {j + 1} lies beyond all its values",
                value=given[j].tolist(),
                remedy="give both bounds as low:high in the unit of the criterion",
            )
        return replace(self, low=low, high=high)


def reference(table: Table, orientation: Orientation, watch: Watch | None = None) -> Reference:
    """Measure a table: one pass, NaN left out.

    Raises
    ------
    Problem
        When a value is infinite, or has no inverse where one is asked for.
    """
    parts: list[tuple[Floats, Floats, Floats]] = []
    count = np.zeros(table.shape[1], np.int64)
    low, high = np.full(table.shape[1], np.nan), np.full(table.shape[1], np.nan)
    for _, block in blocks(table, watch):
        orientation.turn(block)
        least, most = np.fmin.reduce(block, axis=1), np.fmax.reduce(block, axis=1)
        low, high = np.fmin(low, least), np.fmax(high, most)
        gaps = np.isnan(block)
        if gaps.any():
            count += block.shape[1] - gaps.sum(axis=1)
            block[gaps] = 0.0
        else:
            count += block.shape[1]
        unit = _unit(np.fmax(np.abs(least), np.abs(most)))
        if (unit != 1).any():
            np.divide(block, unit[:, None], out=block)
        parts.append((unit, block.sum(axis=1), np.array([np.dot(row, row) for row in block])))
    if np.isinf(low).any() or np.isinf(high).any():
        worst = int(np.flatnonzero(np.isinf(low) | np.isinf(high))[0])
        raise bad_input(
            f"criterion {worst + 1} holds an infinite value", remedy="make it NaN: unknown"
        )
    return Reference(count, low, high, *_sums(parts))


_LARGE = 1e140  # squares of such values, and sums of them, stay far below the greatest float


def _unit(greatest: Floats) -> Floats:
    """Return 1, or a power of two near a value that is too large or small to be squared."""
    usual = (greatest < _LARGE) & (greatest > 1 / _LARGE)
    plain = usual | ~np.isfinite(greatest) | (greatest == 0)
    _, exponent = np.frexp(np.where(plain, 1.0, greatest))
    return np.where(plain, 1.0, np.ldexp(1.0, exponent - 1))


def _sums(parts: Sequence[tuple[Floats, Floats, Floats]]) -> tuple[Floats, Floats, Floats]:
    """Return sum, sum of squares and unit of the parts of a table together."""
    if not parts:
        return np.zeros(0), np.zeros(0), np.ones(0)
    units = np.array([part[0] for part in parts])
    unit = units.max(axis=0)
    total, squares = (
        np.array([fsum(column) for column in (np.array(part) * share).T])
        for part, share in (
            ([part[1] for part in parts], units / unit),
            ([part[2] for part in parts], (units / unit) ** 2),
        )
    )
    with np.errstate(over="ignore"):  # an endless sum is refused where it is used
        return total * unit, squares, unit


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
        When a sum, maximum or norm is not above zero: shares of it would be none, or turn the
        order round.

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
            Normalisation.VECTOR: measured.norm,
        }[normalisation]
        size = np.where(measured.known == 0, np.nan, size)  # a layer that is missing altogether
        _refuse_no_size(size, normalisation)
        origin = np.where(reflected, size, 0.0)
    return Scaling(orientation, origin, np.where(reflected, -size, size), base, low, high, clip)


def _refuse_no_size(size: Floats, normalisation: Normalisation) -> None:
    for j in np.flatnonzero((size <= 0) | np.isinf(size)):
        raise bad_input(
            f"criterion {j + 1} has a {normalisation.value} of {size[j]:g}: no value is a share "
            "of it",
            value=float(size[j]),
            remedy="use the min-max normalisation",
        )
