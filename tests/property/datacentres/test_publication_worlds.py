"""Worlds that the search finds, held against all worlds there are.

Of a table of two by three with its totals, every way to place the centres is tried in turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from nexpo.datacentres.publication_worlds import Known, Worlds

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEAVES = list(product(range(2), range(3)))
CELLS = [
    (None, None),
    *((row, None) for row in range(2)),
    *((None, column) for column in range(3)),
    *LEAVES,
]
CONTENT = np.array(
    [[r in {None, row} and c in {None, column} for row, column in LEAVES] for r, c in CELLS], float
)
LEAST, MOST = 2.0, 5.0
"""Of the first column, whose code gives it away; the others have up to the total."""


@st.composite
def tables(draw: st.DrawFn) -> tuple[Known, Bools]:
    number = st.lists(st.integers(0, 2), min_size=6, max_size=6)
    centres = np.array(draw(number.filter(lambda n: 1 <= sum(n) <= 5)), float)
    share = np.array(draw(st.lists(st.sampled_from([0.0, 0.3, 1.0]), min_size=6, max_size=6)))
    first = np.array([column == 0 for _, column in LEAVES])
    power = centres * np.where(first, LEAST + share * (MOST - LEAST), 1 + 6 * share)
    most = np.where(first, MOST, max(power.sum(), 1.0))
    hidden = np.array(draw(st.lists(st.booleans(), min_size=12, max_size=12)))
    known = Known(
        content=sparse.csr_array(CONTENT),
        truth=np.array([centres, power]),
        lower=np.array([(CONTENT @ centres > 0).astype(float), np.zeros(12)]),
        upper=np.where(CONTENT @ centres > 0, np.inf, 0.0) * np.ones((2, 1)),
        least=np.array([np.zeros(6), np.where(first, LEAST, 0.0)]),
        most=np.array([np.full(6, 9.0), most]),
    )
    return known, np.array([hidden, hidden])


def everything(known: Known, hidden: Bools) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Yield counts by cell of every world, and between which ends its power by cell lies."""
    true = CONTENT @ known.truth.T
    total = int(true[0, 0]) if not hidden[0, 0] else 6
    for ways in product(range(total + 1), repeat=6):
        centres = np.array(ways, float)
        count = CONTENT @ centres
        if (count[~hidden[0]] != true[~hidden[0], 0]).any() or (count < known.lower[0]).any():
            continue
        if (count > known.upper[0]).any() or count[0] > total:
            continue
        bounds = np.column_stack([known.least[1] * centres, known.most[1] * centres])
        ends = []
        for cell in range(12):
            pair = [
                linprog(
                    sign * CONTENT[cell],
                    A_eq=CONTENT[~hidden[1]],
                    b_eq=true[~hidden[1], 1],
                    bounds=bounds,
                )
                for sign in (1.0, -1.0)
            ]
            if pair[0].status != 0:
                break
            ends.append((pair[0].fun, -pair[1].fun))
        else:
            low, high = np.array(ends).T
            yield count, low, high


@settings(max_examples=8, deadline=None)
@given(tables())
def test_a_world_is_found_where_there_is_one_and_only_there(given_: tuple[Known, Bools]) -> None:
    known, hidden = given_
    if hidden[0, 0]:  # then there is no end of them
        hidden[:, 0] = False
    count, low, high = map(np.array, zip(*everything(known, hidden), strict=True))
    worlds = Worlds(known, hidden)
    for cell in range(12):
        assert worlds.differ(0, cell, 1.0) == (np.ptp(count[:, cell]) >= 1)
        reach = float(high[:, cell].max() - low[:, cell].min())
        assert not worlds.differ(1, cell, 1.01 * reach + 0.01)
        if reach > 0.1:
            assert worlds.differ(1, cell, 0.5 * reach)
