"""Aggregates that give no centre away: sums, counts and energy-weighted averages by cell.

A cell from fewer centres than the threshold is hidden, and so is what else must be so that it
cannot be worked out from what is shown (:mod:`nexpo.datacentres.suppression`). An average is a
ratio of two sums: where it is shown, both sums count as known, whether they are printed or not.
Where centres report only one of the two, the average is over those that report both, and the
remainder that a subtraction would give is protected like a cell of its own. Tables are taken as
margins of one that crosses all dimensions (:mod:`nexpo.datacentres.publication_cells`), and what
is hidden is held against worlds of whole centres (:mod:`nexpo.datacentres.publication_worlds`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nexpo.core.problem import Where, bad_input
from nexpo.core.progress import Progress, Silent
from nexpo.datacentres.publication_blocks import Block, blocks_of, protect
from nexpo.datacentres.publication_bounds import Bounds
from nexpo.datacentres.publication_cells import Cells, Dimension, build_cells
from nexpo.datacentres.suppression import Limits, Pattern

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Status = Literal["published", "hidden", "not reported"]

COUNT = "centres"


@dataclass(frozen=True, slots=True)
class Average:
    """A ratio of two sums: its name, unit, the names of the sums, and a factor between units."""

    name: str
    unit: str
    above: str
    below: str
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Terms:
    """Conventions of a publication.

    Attributes
    ----------
    min_centres
        A cell from fewer centres is hidden.
    width_share
        Least width of the interval to which a hidden sum may be narrowed, as a share of it.
    count_width
        The same for a hidden count, in centres.
    dominance
        ``(n, share)``: a cell is hidden too when its n largest centres make up more than this
        share of it. None for no such rule.
    p_share
        A cell is hidden too when its second largest centre could estimate the largest within
        this share. None for no such rule.
    zeros
        ``published``: everybody knows which cells hold no centre. ``may hide``: cells without
        centres are listed, and may be hidden to protect others.
    marks
        ``plain``: a hidden value is marked hidden; how many of either kind is said for the whole.
        ``why``: each says whether it is hidden for itself or for another, and the reader is
        taken to draw what follows: at most the threshold less one, or at least the threshold.
    ties
        Figures shown or hidden together, cell by cell; what is in no tie stands alone.
    with_count
        Whether a sum is shown only where the count of centres is. A sum without it would tell
        that the cell holds the threshold at least.
    loss
        What a hidden cell costs: ``cells`` one, ``centres`` the centres in it, ``value`` its
        share of the total.
    known_within
        Factors on each true value between which a reader is taken to know it beforehand.
    each_within
        Bounds of one centre's value that a code gives away, by figure, column and code: a size
        class says between which powers each of its centres lies.
    """

    min_centres: int = 3
    width_share: float = 0.1
    count_width: float = 1.0
    dominance: tuple[int, float] | None = None
    p_share: float | None = None
    zeros: Literal["published", "may hide"] = "published"
    marks: Literal["plain", "why"] = "plain"
    ties: tuple[tuple[str, ...], ...] = ()
    with_count: bool = False
    loss: Literal["cells", "centres", "value"] = "centres"
    known_within: tuple[float, float] = (0.0, float("inf"))
    each_within: Bounds = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure over all cells.

    Attributes
    ----------
    name, unit
        What it is.
    values
        By cell; NaN where it is not shown.
    hidden, missing
        Where it is hidden, and where nobody reported it.
    primary
        Where it is hidden for itself. Not to be published unless the marks say why.
    """

    name: str
    unit: str
    values: Floats
    hidden: Bools
    missing: Bools
    primary: Bools

    def status(self, cell: int, *, why: bool = False) -> str:
        """Return the word for one cell."""
        if not self.hidden[cell]:
            return "not reported" if self.missing[cell] else "published"
        if not why:
            return "hidden"
        return "hidden: too few centres" if self.primary[cell] else "hidden: protects another"


@dataclass(frozen=True, slots=True)
class Publication:
    """What may be published, cell by cell, and what was lost."""

    cells: Cells
    figures: tuple[Figure, ...]
    terms: Terms
    pattern: Pattern

    def __getitem__(self, name: str) -> Figure:
        for figure in self.figures:
            if figure.name == name:
                return figure
        raise KeyError(name)


def publish(
    columns: Mapping[str, Sequence[str]],
    sums: Mapping[str, tuple[str, Floats]],
    tables: Sequence[Sequence[Dimension]],
    *,
    averages: Sequence[Average] = (),
    terms: Terms | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Publication:
    """Return the aggregates of tables that give no centre away.

    Parameters
    ----------
    columns
        Code by centre for each column that a dimension names.
    sums
        Unit and value by centre for each figure to be added up; NaN where not reported, which
        is not zero.
    tables
        Dimensions crossed in each table, margins included; tables are linked where they share one.
    averages
        Ratios of two of the sums.
    terms, limits
        Conventions, and where the search for the best pattern stops.
    progress
        Told of each search and of what it is held against.

    Raises
    ------
    Problem
        When a value is negative, a column is missing or codes contradict each other.

    Examples
    --------
    Hiding the two centres of b takes c with it, which the total would else give away.

    >>> kind = Dimension("type", ("type",))
    >>> energy = np.array([4.0, 5, 6, 7, 8, 9, 10, 11, 12])
    >>> found = publish({"type": [*"aaaabbccc"]}, {"energy": ("kWh", energy)}, [[kind]])
    >>> dict(zip([label for label, in found.cells.labels], found["energy"].hidden.tolist()))
    {'total': False, 'a': False, 'b': True, 'c': True}
    """
    terms = terms or Terms()
    for name, (_, values) in sums.items():
        _check(name, values)
    cells = build_cells(columns, tables, empty=terms.zeros == "may hide")
    reported = {name: values for name, (_, values) in sums.items()}
    ratios = {each.name: (each.above, each.below) for each in averages}
    asked = blocks_of(COUNT, reported, ratios, cells.with_leaves, terms.ties)
    pattern, hidden, primary = protect(asked, cells, terms, limits, progress or Silent())
    blocks = blocks_of(COUNT, reported, ratios, cells.members, terms.ties)
    counted = cells.members.sum(axis=1) >= 1
    figures = [
        _shown(block, unit, hidden, primary, counted)
        for block, unit in ((blocks[name], unit) for name, unit in _units(sums).items())
    ]
    figures += [_average(each, blocks, hidden, primary, counted) for each in averages]
    return Publication(cells, tuple(figures), terms, pattern)


def _units(sums: Mapping[str, tuple[str, Floats]]) -> dict[str, str]:
    return {COUNT: "1"} | {name: unit for name, (unit, _) in sums.items()}


def _check(name: str, values: Floats) -> None:
    wrong = np.flatnonzero((values < 0) | np.isinf(values))
    if len(wrong):
        raise bad_input(
            f"{name} must be a number from 0 up to be added up and protected",
            where=Where(row=int(wrong[0]) + 1, column=name),
            value=float(values[wrong[0]]),
            remedy="correct the report, or leave the value out as not reported",
        )


def _shown(
    block: Block, unit: str, hidden: Mapping[str, Bools], primary: Mapping[str, Bools], held: Bools
) -> Figure:
    """Return a count or a sum; what nobody reported is not zero."""
    missing = held & (block.reporting == 0)
    covered = hidden[block.name] | ((missing | ~held) & hidden[COUNT])
    values = np.where(covered | missing, np.nan, block.values)
    return Figure(block.name, unit, values, covered, missing & ~covered, primary[block.name])


def _average(
    each: Average,
    blocks: Mapping[str, Block],
    hidden: Mapping[str, Bools],
    primary: Mapping[str, Bools],
    held: Bools,
) -> Figure:
    names = [n if n in blocks else p for n, p in _parts(each)]
    above, below = (blocks[name] for name in names)
    missing = held & ((above.reporting == 0) | (below.values == 0))
    covered = hidden[names[0]] | hidden[names[1]] | ((missing | ~held) & hidden[COUNT])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = each.factor * above.values / below.values
    values = np.where(covered | missing | ~held, np.nan, ratio)
    own = primary[names[0]] | primary[names[1]]
    return Figure(each.name, each.unit, values, covered, (missing | ~held) & ~covered, own)


def _parts(each: Average) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return, above and below the line, the block of those that report both, or the sum itself."""
    return (f"{each.name}: {each.above}", each.above), (f"{each.name}: {each.below}", each.below)
