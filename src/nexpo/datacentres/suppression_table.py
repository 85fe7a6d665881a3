"""What cell suppression is asked with, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Table:
    """Entries, what ties them, and what is asked for them.

    Attributes
    ----------
    values
        True value by entry; shape ``(entries,)``.
    relations
        Each row sums to zero over the entries; shape ``(relations, entries)``.
    lower, upper
        What an attacker knows of each entry beforehand, in the entries' units.
    group
        Entries of one group are shown or hidden together; shape ``(entries,)``.
    weight
        Information lost when a group is hidden; shape ``(groups,)``.
    primary
        Groups that must be hidden.
    shown
        Groups that must not be hidden (or are known anyway).
    width, up, down
        Least width of the interval, and least reach above and below the true value, that an
        attacker must be left with; 0 asks nothing. Entries asked for must be primary.
    demands
        Further rows ``(coefficients by group, least)`` on the 0-1 vector of hidden groups.
    size
        Usual amount by entry, where entries of different units are related; None: one unit.
    """

    values: Floats
    relations: sparse.csr_array
    lower: Floats
    upper: Floats
    group: Ints
    weight: Floats
    primary: Bools
    shown: Bools
    width: Floats
    up: Floats
    down: Floats
    demands: tuple[tuple[dict[int, float], float], ...] = ()
    size: Floats | None = None

    @property
    def asked(self) -> Floats:
        """The largest of width, reach above and reach below, by entry."""
        return np.maximum(self.width, np.maximum(self.up, self.down))


@dataclass(frozen=True, slots=True)
class Limits:
    """How far to go for a proven optimum.

    Attributes
    ----------
    exact_groups
        Parts of the table with more groups than this are given to the heuristic.
    rounds, bounding_rounds
        Most calls of the master programme; the second for parts that the heuristic settles, of
        which only a bound is wanted.
    attacks
        Most calls of the attacker's programme before the heuristic takes over.
    nodes
        Most nodes of one call of the master programme.
    """

    exact_groups: int = 1_500
    rounds: int = 400
    bounding_rounds: int = 5
    attacks: int = 3_000
    nodes: int = 2_000


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is hidden.

    ``loss`` is the weight of the hidden groups, ``bound`` a weight below which no safe pattern
    is; they are equal (``exact``) where the optimum is proven.
    """

    hidden: Bools
    loss: float
    bound: float
    rounds: int

    @property
    def exact(self) -> bool:
        """Whether no safe pattern loses less."""
        return self.loss <= self.bound + 1e-6 * max(1.0, abs(self.bound))

    @property
    def gap(self) -> float:
        """Distance of the loss from the bound, as a share of the loss."""
        return 0.0 if self.exact else (self.loss - self.bound) / self.loss


def two_way(
    inner: Floats, *, sensitive: list[tuple[int, int]], width: float, up: float = 0.0
) -> Table:
    """Return a two-way table with its margins, each cell weighing its value.

    Parameters
    ----------
    inner
        The inside, shape ``(rows, columns)``; margins are added as last row and column.
    sensitive
        Cells that must be hidden, by row and column from zero.
    width, up
        Asked of each sensitive cell, in the table's unit.
    """
    rows, columns = inner.shape
    full = np.zeros((rows + 1, columns + 1))
    full[:rows, :columns] = inner
    full[rows, :columns] = inner.sum(axis=0)
    full[:, columns] = full.sum(axis=1)
    number = np.arange(full.size).reshape(full.shape)
    lines = [*number, *number.T]
    matrix = sparse.lil_array((len(lines), full.size))
    for place, line in enumerate(lines):
        matrix[place, line[:-1]] = 1.0
        matrix[place, line[-1]] = -1.0
    primary = np.zeros(full.size, dtype=bool)
    primary[[number[cell] for cell in sensitive]] = True
    asked = np.where(primary, 1.0, 0.0)
    return Table(
        values=full.ravel(),
        relations=matrix.tocsr(),
        lower=np.zeros(full.size),
        upper=np.full(full.size, np.inf),
        group=np.arange(full.size),
        weight=full.ravel(),
        primary=primary,
        shown=np.zeros(full.size, dtype=bool),
        width=asked * width,
        up=asked * up,
        down=np.zeros(full.size),
    )
