"""Why a table cannot have given margins: which line's total is to blame."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix, hstack, identity

from nexpo.impact.model import Floats
from nexpo.impact.regionalise.margins import Margins

_MOST_CELLS = 50_000
_MET = 1e-7  # of the largest total


def can_judge(positive: Floats, negative: Floats) -> bool:
    """Say whether the table is small enough for :func:`culprit` to look."""
    return 0 < int(np.count_nonzero(positive) + np.count_nonzero(negative)) <= _MOST_CELLS


def culprit(
    positive: Floats, negative: Floats, margins: Margins
) -> tuple[str, str, int, float, float] | None:
    """Return the line whose total must change most for a table to exist.

    A linear programme seeks entries with the signs and zeros of the table; what its lines miss
    of their totals is made as small as it can be.

    Returns
    -------
    Kind, name, position, miss and total of the line; None when such a table exists, or when
    there are too many cells to look.
    """
    sign = np.sign(positive - negative)
    rows, columns = np.nonzero(sign)
    if not can_judge(positive, negative):
        return None
    totals = np.concatenate([margins.rows, margins.columns])
    known = np.flatnonzero(np.isfinite(totals))
    cells, lines = np.arange(len(rows)), len(margins.rows)
    entries = np.tile(sign[rows, columns], 2)
    places = (np.concatenate([rows, lines + columns]), np.tile(cells, 2))
    sums = coo_matrix((entries, places), shape=(len(totals), len(cells))).tocsr()[known]
    slack = identity(len(known), format="csr")
    cost = np.concatenate([np.zeros(len(cells)), np.ones(2 * len(known))])
    from scipy.optimize import linprog  # noqa: PLC0415 - half a second, for failures only

    found = linprog(cost, A_eq=hstack([sums, slack, -slack]), b_eq=totals[known], method="highs")
    if found.status != 0:
        return None
    short, over = np.split(found.x[len(cells) :], 2)
    misses = over - short
    worst = int(np.abs(misses).argmax())
    if abs(misses[worst]) <= _MET * float(np.abs(totals[known]).max()):
        return None
    line = int(known[worst])
    kind = "row" if line < lines else "column"
    place = line if line < lines else line - lines
    names = margins.row_names if kind == "row" else margins.column_names
    return kind, names[place], place, float(misses[worst]), float(totals[line])
