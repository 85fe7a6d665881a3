"""Worlds that a reader of a publication cannot rule out.

A world says how many whole centres each leaf holds, and what they add up to in every figure. It
agrees with all that is shown and with the bounds of the classes, and has nothing where it has no
centre. Two worlds that differ in a hidden value prove that the value cannot be worked out,
whatever the reader's method. Where none is found, the value counts as given away: the search may
fail, but only on the safe side.

Unknowns are deviations from the truth, which is a world itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint

from nexpo.core.solvers import milp

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_COUNT = 0
_ENOUGH = 0.999
_TOLERANCE = 1e-6
_FAR = 100.0
"""Deviations beyond this many widths are not looked at: fewer worlds, never a false one."""

_NODES = 500
"""Most nodes of one search in whole centres."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a reader knows before anything is shown; the first figure is the count of centres.

    Attributes
    ----------
    content
        Which leaves a cell is the sum of: 0-1, shape ``(cells, leaves)``.
    truth
        By figure and leaf; shape ``(figures, leaves)``.
    lower, upper
        Of each cell by figure; shape ``(figures, cells)``.
    least, most
        Of one centre by figure and leaf; shape ``(figures, leaves)``. ``most`` is finite, so
        that no centre means nothing of it.
    splits
        Figures of which the first is the sum of the other two, leaf by leaf.
    """

    content: sparse.csr_array
    truth: Floats
    lower: Floats
    upper: Floats
    least: Floats
    most: Floats
    splits: tuple[tuple[int, int, int], ...] = ()

    def families(self) -> list[list[int]]:
        """Return the sums in sets that splits tie together; each stands in one."""
        family = list(range(len(self.truth)))
        for split in self.splits:
            joined = {family[figure] for figure in split}
            family = [min(joined) if each in joined else each for each in family]
        sums = range(_COUNT + 1, len(family))
        return [[f for f in sums if family[f] == each] for each in dict.fromkeys(family[1:])]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows over the leaves of some figures, and between which ends each must lie."""

    matrix: sparse.csr_array
    low: Floats
    high: Floats


class Worlds:
    """The worlds found so far for one pattern of what is hidden, and how far they reach.

    Parameters
    ----------
    known
        What is known beforehand.
    hidden
        By figure and cell; shape ``(figures, cells)``.

    Examples
    --------
    Of two centres, one small and one large, nobody can tell which uses how much of nine. Where the
    small one is shown, the other is worked out.

    >>> known = Known(
    ...     content=sparse.csr_array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]]),
    ...     truth=np.array([[1.0, 1.0], [2.0, 7.0]]),
    ...     lower=np.zeros((2, 3)), upper=np.full((2, 3), np.inf),
    ...     least=np.zeros((2, 2)), most=np.full((2, 2), 9.0),
    ... )
    >>> hidden = np.array([[False, False, False], [False, True, True]])
    >>> Worlds(known, hidden).differ(1, 2, 0.7)
    True
    >>> hidden[1, 1] = False
    >>> Worlds(known, hidden).differ(1, 2, 0.7)
    False
    """

    def __init__(self, known: Known, hidden: Bools) -> None:
        self._known, self._hidden = known, hidden
        self._true = (known.content @ known.truth.T).T
        self._low, self._high = self._true.copy(), self._true.copy()
        self._families = known.families()
        self._rows: dict[tuple[int, ...], _Rows] = {}

    def differ(self, figure: int, cell: int, width: float) -> bool:
        """Say whether worlds are found that differ by a width in one value."""
        for find in (self._same_centres, self._other_centres):
            for sign in (1.0, -1.0):
                if self._wide(figure, cell, width):
                    return True
                find(figure, cell, sign, width)
        return self._wide(figure, cell, width)

    def _wide(self, figure: int, cell: int, width: float) -> bool:
        return bool(self._high[figure, cell] - self._low[figure, cell] >= _ENOUGH * width)

    def _note(self, figures: Sequence[int], values: Floats) -> None:
        seen = (self._known.content @ values.T).T
        self._low[figures] = np.minimum(self._low[figures], seen)
        self._high[figures] = np.maximum(self._high[figures], seen)

    # As many centres as there are

    def _same_centres(self, figure: int, cell: int, sign: float, width: float) -> None:
        """Look for a world in which only sums of one family differ from the truth."""
        if figure == _COUNT:
            return
        family = self._family(figure)
        centres = self._known.truth[_COUNT]
        goal = self._goal(family, figure, cell, sign)
        found = self._sums(family, centres, width, goal)
        if found is not None:
            self._note(family, found)

    def _family(self, figure: int) -> list[int]:
        return next(family for family in self._families if figure in family)

    def _goal(self, figures: Sequence[int], figure: int, cell: int, sign: float) -> Floats:
        goal = np.zeros((len(figures), self._known.content.shape[1]))
        goal[list(figures).index(figure)] = sign * self._known.content[[cell]].toarray()[0]
        return goal.ravel()

    def _sums(
        self,
        family: Sequence[int],
        centres: Floats,
        unit: float,
        goal: Floats,
        *,
        far: float = _FAR,
    ) -> Floats | None:
        """Return sums of a family that go with the centres of each leaf, as far as a goal goes."""
        known = self._known
        truth = known.truth[family]
        low = (known.least[family] * centres - truth) / unit
        high = (known.most[family] * centres - truth) / unit
        if (low > high + _TOLERANCE).any():
            return None
        low, high = np.maximum(low, -far), np.minimum(np.maximum(low, high), far)
        rows = self._relations(tuple(family))
        answer = milp(
            -goal,
            constraints=LinearConstraint(rows.matrix, rows.low / unit, rows.high / unit),
            bounds=Bounds(low.ravel(), high.ravel()),
        )
        return None if answer.x is None else truth + unit * answer.x.reshape(truth.shape)

    def _relations(self, figures: tuple[int, ...]) -> _Rows:
        """Return what is shown and known of the cells of some figures, and their splits."""
        if figures not in self._rows:
            self._rows[figures] = self._made(figures)
        return self._rows[figures]

    def _made(self, figures: tuple[int, ...]) -> _Rows:
        known, chosen = self._known, list(figures)
        hidden, true = self._hidden[chosen], self._true[chosen]
        low = np.where(hidden, known.lower[chosen] - true, 0.0).ravel()
        high = np.where(hidden, known.upper[chosen] - true, 0.0).ravel()
        content = sparse.block_diag([known.content] * len(figures), format="csr")
        tells = np.flatnonzero((low > -true.ravel()) | np.isfinite(high))
        splits = [self._split(split, chosen) for split in known.splits if split[0] in figures]
        more = np.zeros(len(splits) * known.content.shape[1])
        matrix = sparse.vstack([content[tells], *splits], format="csr")
        return _Rows(matrix, np.append(low[tells], more), np.append(high[tells], more))

    def _split(self, split: tuple[int, int, int], figures: list[int]) -> sparse.csr_array:
        signs = np.zeros((1, len(figures)))
        signs[0, [figures.index(each) for each in split]] = 1.0, -1.0, -1.0
        return sparse.kron(signs, sparse.eye_array(self._known.content.shape[1]), format="csr")

    # Other centres

    def _other_centres(self, figure: int, cell: int, sign: float, width: float) -> None:
        """Look for a world in which the centres stand otherwise, and the sums with them."""
        centres = self._moved(figure, cell, sign, width)
        if centres is None:
            return
        found = np.zeros_like(self._known.truth)
        found[_COUNT] = centres
        for family, unit in zip(self._families, self._units, strict=True):
            goal = np.zeros(len(family) * len(centres))
            if figure in family:
                goal = self._goal(family, figure, cell, sign)
            sums = self._sums(family, centres, unit, goal, far=np.inf)
            if sums is None:
                return
            found[family] = sums
        self._note(range(len(found)), found)

    def _moved(self, figure: int, cell: int, sign: float, width: float) -> Floats | None:
        """Return centres by leaf with which a value may be another."""
        figures, rows, low, high = self._joint
        leaves = len(self._known.truth[_COUNT])
        goal = self._goal(figures, figure, cell, sign)
        if figure == _COUNT:  # any world will do that has a centre more, or less
            ends, aim = (1.0, np.inf), np.zeros(len(goal))
        else:
            unit = next(u for f, u in zip(self._families, self._units, strict=True) if figure in f)
            ends, aim = (-np.inf, width / unit), goal
        wanted = LinearConstraint(sparse.csr_array(goal[np.newaxis]), *ends)
        answer = milp(
            -aim,
            integrality=np.arange(len(goal)) < leaves,
            constraints=[LinearConstraint(rows.matrix, rows.low, rows.high), wanted],
            bounds=Bounds(low, high),
            options={"node_limit": _NODES},
        )
        if answer.x is None:
            return None
        moved: Floats = np.round(self._known.truth[_COUNT] + answer.x[:leaves])
        return moved

    @cached_property
    def _units(self) -> list[float]:
        """The mean of a centre, by family of sums."""
        totals = self._known.truth.sum(axis=1)
        several = [max(totals[family]) / max(totals[_COUNT], 1.0) for family in self._families]
        return [float(each) or 1.0 for each in several]

    @cached_property
    def _joint(self) -> tuple[list[int], _Rows, Floats, Floats]:
        """All figures in units of a centre: their order, their rows, and bounds of the unknowns."""
        known, sets = self._known, [[_COUNT], *self._families]
        order = [figure for family in sets for figure in family]
        scale = [1.0, *self._units]
        rows = [self._relations(tuple(family)) for family in sets]
        links = [
            row
            for family, unit in zip(sets[1:], scale[1:], strict=True)
            for figure in family
            for row in self._links(order, figure, unit)
        ]
        blocks = sparse.block_diag([each.matrix for each in rows], format="csr")
        low = [each.low / unit for each, unit in zip(rows, scale, strict=True)]
        high = [each.high / unit for each, unit in zip(rows, scale, strict=True)]
        joined = _Rows(
            sparse.vstack([blocks, *(each.matrix for each in links)], format="csr"),
            np.concatenate([*low, *(each.low for each in links)]),
            np.concatenate([*high, *(each.high for each in links)]),
        )
        units = np.repeat(scale, [len(family) for family in sets])[:, np.newaxis]
        floor = -(known.truth[order] / units).ravel()
        return order, joined, floor, np.full(len(floor), np.inf)

    def _links(self, order: list[int], figure: int, unit: float) -> list[_Rows]:
        """Return the bounds of a sum by the centres of each leaf."""
        known, found = self._known, []
        leaves = known.truth.shape[1]
        place = np.zeros((1, len(order)))
        place[0, order.index(figure)] = 1.0
        own = sparse.kron(place, sparse.eye_array(leaves), format="csr")
        place = np.zeros((1, len(order)))
        place[0, _COUNT] = 1.0
        for sign, bound in ((1.0, known.least[figure]), (-1.0, known.most[figure])):
            centres = sparse.kron(place, sparse.diags_array(bound / unit), format="csr")
            left = sign * (known.truth[figure] - bound * known.truth[_COUNT]) / unit
            found.append(_Rows(sign * (own - centres), -left, np.full(leaves, np.inf)))
        return found
