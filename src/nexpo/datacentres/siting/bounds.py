"""Bounds of criteria as they are given, and what of a table lies beyond them."""

from __future__ import annotations

import numpy as np

from nexpo.core.problem import bad_input
from nexpo.datacentres.siting.decision import Floats, Ints, Numbers, Table, blocks


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
