"""Weights from the table itself (entropy, CRITIC, standard deviation) or from paired judgements.

Objective weights say which criteria tell alternatives apart, not which matter. Rows with an
unknown value are left out of CRITIC (it needs pairs) and stay in the others for what is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from nexpo.core.problem import bad_input
from nexpo.datacentres.siting.decision import Direction, Floats, Numbers, Table, blocks, column
from nexpo.datacentres.siting.normalise import Normalisation, Orientation, reference, scaling

RANDOM_INDEX = {
    "saaty-1980": (
        *(0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49),
        *(1.51, 1.48, 1.56, 1.57, 1.59),
    ),
    "tummala-ling-1998": (
        *(0.0, 0.0, 0.5799, 0.8921, 1.1159, 1.2358, 1.3322, 1.3952, 1.4537, 1.4882),
        *(1.5117, 1.5356, 1.5571, 1.5714, 1.5831),
    ),
    "alonso-lamata-2006": (
        *(0.0, 0.0, 0.5247, 0.8816, 1.1086, 1.2479, 1.3417, 1.4057, 1.4499, 1.4854),
        *(1.5140, 1.5365, 1.5551, 1.5713, 1.5838),
    ),
}
"""Mean consistency index of random matrices of 1, 2, ... 15 rows, by its publication."""


def equal(criteria: int) -> Floats:
    """Return the same weight for each criterion.

    Examples
    --------
    >>> equal(4)
    array([0.25, 0.25, 0.25, 0.25])
    """
    return np.full(criteria, 1 / criteria)


def entropy(table: Table) -> Floats:
    """Return entropy weights (Shannon; Hwang and Yoon 1981): 1 - e, brought to the sum 1.

    With ``p = x / sum x`` and ``e = -sum p ln p / ln n``; 0 ln 0 counts as 0. Written with the
    ratio to the mean, which does not cancel: ``1 - e = mean(y ln y) / ln n``, y = x / mean x.

    Raises
    ------
    Problem
        When a value is below zero, or every criterion is constant.

    Examples
    --------
    >>> entropy(np.array([[1.0, 5], [1, 1]]))
    array([0., 1.])
    """
    spread = np.zeros(table.shape[1])
    for j in range(table.shape[1]):
        values = column(table, j)
        values = values[~np.isnan(values)]
        if (values < 0).any():
            raise bad_input(
                f"entropy weights need values from 0 up, criterion {j + 1} has one below",
                value=float(values.min()),
                remedy="use CRITIC, or shift the criterion",
            )
        if len(values) > 1 and values.any() and np.ptp(values):
            ratio = values / values.mean()
            logs = np.log(ratio, out=np.zeros_like(ratio), where=ratio > 0)
            spread[j] = np.mean(ratio * logs) / log(len(values))
    return _shares(spread)


def standard_deviation(table: Table, normalisation: Normalisation = Normalisation.MINMAX) -> Floats:
    """Return weights in proportion to the standard deviation of each criterion.

    Parameters
    ----------
    normalisation
        Of the criteria; ``MINMAX`` (Diakoulaki 1995) does not depend on units, ``NONE`` does.

    Examples
    --------
    >>> standard_deviation(np.array([[0.0, 10], [1, 20], [0, 30]])).round(3)
    array([0.536, 0.464])
    """
    orientation = Orientation.of([Direction.MAX] * table.shape[1])
    scale = scaling(reference(table, orientation), orientation, normalisation)
    found = np.zeros(table.shape[1])
    for j in range(table.shape[1]):
        values = column(table, j)
        values = values[~np.isnan(values)]
        found[j] = np.std(values) / abs(scale.span[j]) if len(values) else 0.0
    return _shares(found)


def critic(
    table: Table, directions: Sequence[Direction | str] | None = None, **ends: Numbers
) -> Floats:
    """Return CRITIC weights (Diakoulaki, Mavrotas and Papayannakis 1995).

    Standard deviation of the min-max scaled criterion times the sum of 1 - r over the others:
    what it tells, and tells alone. A constant criterion weighs nothing.

    Parameters
    ----------
    directions
        Criteria are scaled towards their better end, as the authors do; without directions all
        are taken as benefits, as pymcdm does. Correlations then change their sign.
    **ends
        ``targets``, as in :meth:`Orientation.of`.

    Raises
    ------
    Problem
        With fewer than two rows where all criteria are known.
    """
    m = table.shape[1]
    turned = directions if directions is not None else [Direction.MAX] * m
    orientation = Orientation.of(turned, targets=ends.get("targets"))
    scale = scaling(reference(table, orientation), orientation)
    count, total = 0, np.zeros(m)
    for _, block in blocks(table):
        kept = _complete(scale.apply(block))
        count, total = count + kept.shape[1], total + kept.sum(axis=1)
    if count < 2:  # noqa: PLR2004 - one row has no spread
        raise bad_input(
            f"CRITIC needs two alternatives with all criteria known, there are {count}",
            remedy="leave out the criterion that is mostly unknown, or use equal weights",
        )
    mean, products = total / count, np.zeros((m, m))
    for _, block in blocks(table):
        centred = _complete(scale.apply(block)) - mean[:, None]
        products += centred @ centred.T
    deviation = np.sqrt(np.diag(products) / (count - 1))
    scatter = np.outer(np.sqrt(np.diag(products)), np.sqrt(np.diag(products)))
    alike = np.divide(products, scatter, out=np.zeros((m, m)), where=scatter > 0)
    return _shares(deviation * (1 - alike).sum(axis=0))


def _complete(block: Floats) -> Floats:
    gaps = np.isnan(block).any(axis=0)
    return block[:, ~gaps] if gaps.any() else block


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Weights from paired judgements and how well the judgements fit together.

    Attributes
    ----------
    weights
        Principal eigenvector, sum 1.
    greatest
        Its eigenvalue; equal to the number of criteria when no judgement contradicts another.
    index
        Consistency index (greatest - m)/(m - 1).
    ratio
        The index over that of random matrices; Saaty asks for at most 0.1.
    table
        Name of the random-index table (:data:`RANDOM_INDEX`).
    """

    weights: Floats
    greatest: float
    index: float
    ratio: float
    table: str


def ahp(pairs: Numbers, *, random_index: str = "saaty-1980") -> Judged:
    """Return the weights of a matrix of paired comparisons (Saaty's eigenvector).

    Parameters
    ----------
    pairs
        Square; ``pairs[i, j]`` says how many times i matters more than j, so that
        ``pairs[j, i]`` is its inverse.
    random_index
        Name of the table that the consistency ratio uses.

    Raises
    ------
    Problem
        When the matrix is not square, not positive, not reciprocal, or larger than the table.

    Examples
    --------
    >>> found = ahp([[1, 2, 6], [1 / 2, 1, 3], [1 / 6, 1 / 3, 1]])
    >>> found.weights.round(3), abs(round(found.ratio, 6))
    (array([0.6, 0.3, 0.1]), 0.0)
    """
    judged = _reciprocal(np.asarray(pairs, np.float64))
    m = len(judged)
    if random_index not in RANDOM_INDEX:
        raise bad_input(
            "unknown table of random indices",
            value=random_index,
            remedy=f"one of {', '.join(RANDOM_INDEX)}",
        )
    indices = RANDOM_INDEX[random_index]
    if m > len(indices):
        raise bad_input(
            f"{m} criteria are compared, the table {random_index} ends at {len(indices)}",
            remedy="compare groups of criteria, then the criteria inside each",
        )
    values, vectors = np.linalg.eig(judged)
    first = int(np.argmax(values.real))
    vector = np.abs(vectors[:, first].real)
    greatest = float(values[first].real)
    index = (greatest - m) / (m - 1) if m > 1 else 0.0
    ratio = index / indices[m - 1] if indices[m - 1] else 0.0
    return Judged(vector / vector.sum(), greatest, index, ratio, random_index)


def _reciprocal(judged: Floats) -> Floats:
    """Refuse what is no matrix of judgements; an inverse may be rounded, 0.17 for 1/6."""
    if judged.ndim != 2 or judged.shape[0] != judged.shape[1]:  # noqa: PLR2004 - a matrix
        raise bad_input("paired comparisons are a square matrix", value=judged.shape)
    if not (np.isfinite(judged) & (judged > 0)).all():
        raise bad_input(
            "paired comparisons are numbers above zero", remedy="write 1/3 for three times less"
        )
    less, more = np.minimum(judged, judged.T), np.maximum(judged, judged.T)
    digit = 10.0 ** np.minimum(np.floor(np.log10(less)) - 1, -2)
    wrong = np.argwhere(np.abs(less - 1 / more) > 0.5 * digit + 1e-12)
    if len(wrong):
        i, j = (int(k) for k in wrong[0])
        raise bad_input(
            f"comparison {i + 1}, {j + 1} is not the inverse of {j + 1}, {i + 1}",
            value=(float(judged[i, j]), float(judged[j, i])),
            remedy="write 1/a below the diagonal where a stands above it, or its first two digits",
        )
    return judged


def _shares(found: Floats) -> Floats:
    if not found.any():
        raise bad_input(
            "no criterion tells the alternatives apart: all are constant or unknown",
            remedy="give the weights, or use equal ones",
        )
    shares: Floats = found / found.sum()
    return shares
