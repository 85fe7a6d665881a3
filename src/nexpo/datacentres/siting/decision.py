"""Values of a decision: alternatives in rows, criteria in columns, unknown kept apart from zero.

A table is an array of *n* alternatives by *m* criteria in any layout, or :class:`Columns`, one
array a criterion (the layers of a raster need not be stacked). NaN is *unknown*, and what becomes
of it is a named policy (:class:`Unknown`). Work goes block by block: no method copies the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nexpo.core.problem import Where, bad_input

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Letters = NDArray[np.str_]
Numbers = ArrayLike
"""Numbers in any form that numpy reads: a list, a tuple, an array."""

Watch = Callable[[int, int], None]
"""Told how many rows (or criteria, draws) are done, of how many."""

BLOCK_ROWS = 8192
"""Rows worked on at a time: 15 criteria of them stay in the cache of a core."""


class Direction(StrEnum):
    """Which values of a criterion are better."""

    MAX = "max"
    MIN = "min"
    TARGET = "target"  # the nearer to a stated value, the better


class Unknown(StrEnum):
    """What an unknown value (NaN) does to its alternative.

    ``UNKNOWN``: its score is unknown. ``RENORMALISE``: the weights of its known criteria are
    brought back to the sum 1. ``WORST``: it counts as the worst value of the criterion.
    """

    UNKNOWN = "unknown"
    RENORMALISE = "renormalise"
    WORST = "worst"


class Shape(StrEnum):
    """Preference functions of Brans and Vincke (1985), types I to VI.

    With *d* the advantage in the criterion's unit, preference is 0 for d <= 0, and else

    ``USUAL`` 1; ``U`` 1 if d > q; ``V`` d/p, 1 beyond p; ``LEVEL`` 1/2 if q < d <= p, 1 beyond;
    ``LINEAR`` (d - q)/(p - q) if q < d <= p, 1 beyond; ``GAUSSIAN`` 1 - exp(-d2 / 2 s2).
    """

    USUAL = "usual"
    U = "u"
    V = "v"
    LEVEL = "level"
    LINEAR = "linear"
    GAUSSIAN = "gaussian"


@dataclass(frozen=True, slots=True)
class Preference:
    """A preference function with its thresholds in the criterion's unit.

    Parameters
    ----------
    q
        Indifference: up to this advantage there is no preference.
    p
        Strict preference: beyond this advantage preference is whole; not below q.
    s
        Distance of the inflection of the Gaussian.

    Raises
    ------
    Problem
        A threshold that is negative, no number, or p below q.

    Examples
    --------
    >>> Preference(Shape.LINEAR, q=1, p=5).of(np.array([-1.0, 1.0, 3.0, 9.0]))
    array([0. , 0. , 0.5, 1. ])
    """

    shape: Shape = Shape.USUAL
    q: float = 0.0
    p: float = 0.0
    s: float = 0.0

    def __post_init__(self) -> None:
        for name in ("q", "p", "s"):
            value = getattr(self, name)
            if not 0 <= value < np.inf:
                raise bad_input(
                    f"threshold {name} of a preference function is a number from 0 up",
                    value=value,
                    remedy="give it in the unit of the criterion",
                )
        if self.shape in {Shape.LEVEL, Shape.LINEAR} and self.p < self.q:
            raise bad_input(
                "p is below q: preference would be whole before it begins",
                value=f"{self.shape.value}:{self.q:g}:{self.p:g}",
                remedy="write q first, then p, as linear:q:p",
            )
        if self.shape is Shape.GAUSSIAN and not self.s:
            raise bad_input("a Gaussian preference needs s above zero", value=self.s)

    def of(self, advantage: Floats) -> Floats:
        """Return the preference of each advantage, from 0 to 1 (the definition, pair by pair)."""
        d = advantage
        if self.shape is Shape.GAUSSIAN:
            smooth: Floats = np.where(d > 0, -np.expm1(-(d * d) / (2 * self.s * self.s)), 0.0)
            return smooth
        q, p = self.thresholds
        if self.shape is Shape.LEVEL:
            middle = np.full_like(d, 0.5)
        else:
            middle = (d - q) / (p - q) if p > q else np.ones_like(d)
        found: Floats = np.where(d > p, 1.0, np.where(d > q, middle, 0.0))
        return found

    @property
    def thresholds(self) -> tuple[float, float]:
        """Return q and p of the ramp (or step) that the shape is made of."""
        match self.shape:
            case Shape.USUAL:
                return 0.0, 0.0
            case Shape.U:
                return self.q, self.q
            case Shape.V:
                return 0.0, self.p
            case _:
                return self.q, self.p


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion: what its column means and what the user said of it.

    Parameters
    ----------
    name
        Column of the table.
    direction
        Whether more, less, or the nearest to ``target`` is better.
    weight
        Share or points; None where not given.
    low, high
        Bounds of the region (not of the tile), in the criterion's unit; None where not given.
    target
        The wished value where the direction is *target*.
    preference
        Preference function for PROMETHEE; None where not given.
    unit
        Unit of the column, for reports.
    """

    name: str
    direction: Direction
    weight: float | None = None
    low: float | None = None
    high: float | None = None
    target: float | None = None
    preference: Preference | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        where = Where(column=self.name)
        if (self.direction is Direction.TARGET) != (self.target is not None):
            raise bad_input(
                "a target value and the direction 'target' go together",
                where=where,
                value=self.target if self.target is not None else self.direction.value,
                remedy="give both, or max or min alone",
            )
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise bad_input(
                "the lower bound is not below the upper one",
                where=where,
                value=f"{self.low:g}:{self.high:g}",
                remedy="write low:high in the unit of the criterion",
            )


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """A table of alternatives with the criteria of its columns.

    Parameters
    ----------
    ids
        Names of the alternatives, n of them.
    criteria
        One a column.
    matrix
        n by m; NaN is unknown.
    """

    ids: Sequence[str]
    criteria: tuple[Criterion, ...]
    matrix: Floats

    def __post_init__(self) -> None:
        if self.matrix.shape != (len(self.ids), len(self.criteria)):
            raise bad_input(
                f"{len(self.ids)} alternatives by {len(self.criteria)} criteria need a matrix "
                f"of that shape, this one is {self.matrix.shape}"
            )

    @property
    def directions(self) -> tuple[Direction, ...]:
        """Directions in the order of the columns."""
        return tuple(criterion.direction for criterion in self.criteria)

    @property
    def targets(self) -> Floats:
        """Targets in the order of the columns, NaN where there is none."""
        return np.array([np.nan if c.target is None else c.target for c in self.criteria])


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """A table held as one array a criterion, all of one length.

    Examples
    --------
    >>> Columns((np.zeros(4), np.ones(4))).shape
    (4, 2)
    """

    arrays: tuple[NDArray[Any], ...]

    def __post_init__(self) -> None:
        if len({array.shape for array in self.arrays}) != 1 or self.arrays[0].ndim != 1:
            raise bad_input("the columns of a table are one-dimensional arrays of one length")

    @property
    def shape(self) -> tuple[int, int]:
        """Alternatives and criteria."""
        return len(self.arrays[0]), len(self.arrays)


Table = NDArray[Any] | Columns


def column(table: Table, j: int) -> Floats:
    """Return column ``j`` as a new array of float64."""
    source = table.arrays[j] if isinstance(table, Columns) else table[:, j]
    return np.array(source, np.float64)


def blocks(table: Table, watch: Watch | None = None) -> Iterator[tuple[slice, Floats]]:
    """Yield the table block by block, criteria in rows, always in one scratch array.

    Yields
    ------
    slice, array
        Rows of the table, and their values as (m, rows) float64; valid until the next block.
    """
    n, m = table.shape
    scratch = np.empty((m, min(n, BLOCK_ROWS)))
    for start in range(0, n, BLOCK_ROWS):
        rows = slice(start, min(start + BLOCK_ROWS, n))
        block = scratch[:, : rows.stop - start]
        if isinstance(table, Columns):
            for j, array in enumerate(table.arrays):
                block[j] = array[rows]
        else:
            block[...] = table[rows].T
        yield rows, block
        if watch is not None:
            watch(rows.stop, n)


def share_weights(weights: Numbers, criteria: int) -> Floats:
    """Return weights brought to the sum 1.

    Raises
    ------
    Problem
        Another number of weights than criteria, a weight below zero or unknown, all zero.

    Examples
    --------
    >>> share_weights([3, 1], 2)
    array([0.75, 0.25])
    """
    given = np.asarray(weights, np.float64)
    if given.shape != (criteria,):
        raise bad_input(
            f"{given.size} weights are given for {criteria} criteria",
            value=given.tolist(),
            remedy="give one weight a criterion, in the order of the columns",
        )
    if not np.isfinite(given).all() or (given < 0).any() or not given.any():
        raise bad_input(
            "weights are numbers from 0 up, not all of them 0",
            value=given.tolist(),
            remedy="turn the direction of a criterion instead of giving it a negative weight",
        )
    shares: Floats = given / given.sum()
    return shares


def signs(directions: Sequence[Direction | str]) -> Floats:
    """Return +1 where more is better and -1 where less is (a target: less distance from it)."""
    try:
        read = [Direction(direction) for direction in directions]
    except ValueError as error:
        raise bad_input(
            f"unknown direction: {error}", remedy="max, min or target for each criterion"
        ) from None
    return np.array([1.0 if direction is Direction.MAX else -1.0 for direction in read])


def weighted_sum(block: Floats, weights: Floats, unknown: Unknown, worst: Floats) -> Floats:
    """Return the weighted sum of each column of a block (m, rows), by the policy for unknowns.

    Added criterion by criterion: the result of an alternative does not depend on its neighbours
    in the block, down to the last bit.

    Parameters
    ----------
    worst
        What an unknown value of each criterion counts as under :attr:`Unknown.WORST`.
    """
    total = np.zeros(block.shape[1])
    known = np.zeros(block.shape[1])
    full = 0.0
    for j in np.flatnonzero(weights):
        full += weights[j]
        gaps = np.isnan(block[j])
        if unknown is Unknown.UNKNOWN or not gaps.any():
            total += weights[j] * block[j]
            known += weights[j]
        elif unknown is Unknown.WORST:
            total += weights[j] * np.where(gaps, worst[j], block[j])
            known += weights[j]
        else:
            total += np.where(gaps, 0.0, weights[j] * block[j])
            known += np.where(gaps, 0.0, weights[j])
    if unknown is Unknown.RENORMALISE:
        short = known != full
        total[short] = divided(total[short], known[short]) * full
    return total


def divided(above: Floats, below: Floats, instead: float = np.nan) -> Floats:
    """Return a quotient, with ``instead`` where the divisor is zero."""
    quotient: Floats = np.divide(above, below, out=np.full(above.shape, instead), where=below != 0)
    return quotient
