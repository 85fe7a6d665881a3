"""VIKOR: compromise between the utility of the many and the regret of one (Opricovic 1998).

``S = sum`` and ``R = max`` of ``w (best - x)/(best - worst)``;
``Q = v (S - S*)/(S- - S*) + (1 - v)(R - R*)/(R- - R*)``. Less is better in all three.
Acceptance after Opricovic and Tzeng (2004): the first must lead by 1/(n - 1) (C1) and be first
by S or R too (C2); else a set of compromises is proposed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nexpo.core.problem import bad_input
from nexpo.datacentres.siting.decision import (
    Floats,
    Ints,
    Numbers,
    Table,
    Unknown,
    Watch,
    blocks,
    share_weights,
    weighted_sum,
)
from nexpo.datacentres.siting.normalise import Scaling


@dataclass(frozen=True, slots=True, eq=False)
class Compromise:
    """What VIKOR proposes.

    Attributes
    ----------
    proposed
        Positions of the alternatives proposed, best first.
    advantage
        C1: the lead of the first over the second in Q is enough.
    stable
        C2: the first is also first by S or by R.
    lead, needed
        The lead that there is, and DQ, the one that C1 asks for.
    """

    proposed: Ints
    advantage: bool
    stable: bool
    lead: float
    needed: float


@dataclass(frozen=True, slots=True, eq=False)
class Vikor:
    """Utility, regret and compromise index of each alternative; less is better in each."""

    s: Floats
    r: Floats
    q: Floats


def vikor(
    table: Table,
    weights: Numbers,
    scale: Scaling,
    *,
    v: float = 0.5,
    ends: tuple[float, float, float, float] | None = None,
    unknown: Unknown = Unknown.UNKNOWN,
    watch: Watch | None = None,
) -> Vikor:
    """Return S, R and Q of each alternative.

    Parameters
    ----------
    scale
        Scaling, which fixes best and worst of each criterion; regrets are shares of the way
        between them, so that linear scales give one answer. A constant criterion adds nothing
        to either sum.
    v
        Weight of the utility of the many, from 0 to 1.
    ends
        S*, S-, R*, R- of the whole region, so that tiles agree; those of the table by default.
    unknown
        What an unknown value does.

    Raises
    ------
    Problem
        When ``v`` is not from 0 to 1.

    Examples
    --------
    >>> from nexpo.datacentres.siting.normalise import Orientation, reference, scaling
    >>> x = np.array([[1.0, 3000], [2, 3750], [5, 4500]])
    >>> turn = Orientation.of(["min", "max"])
    >>> found = vikor(x, [1, 1], scaling(reference(x, turn), turn))
    >>> found.s, found.r, found.q
    (array([0.5  , 0.375, 0.5  ]), array([0.5 , 0.25, 0.5 ]), array([1., 0., 1.]))
    """
    if not 0 <= v <= 1:
        raise bad_input("v, the weight of the many, is a number from 0 to 1", value=v)
    shares = share_weights(weights, table.shape[1])
    best, width = scale.best, scale.best - scale.worst
    worst = np.where(width > 0, 1.0, 0.0)
    width = np.where(width > 0, width, 1.0)  # a constant criterion: no regret
    s, r = np.empty(table.shape[0]), np.empty(table.shape[0])
    for rows, block in blocks(table, watch):
        regret = (best[:, None] - scale.apply(block)) / width[:, None]
        s[rows] = weighted_sum(regret, shares, unknown, worst)
        r[rows] = _greatest(regret, shares, unknown, worst)
    s_low, s_high, r_low, r_high = ends or _ends(s, r)
    q = v * _part(s, s_low, s_high) + (1 - v) * _part(r, r_low, r_high)
    return Vikor(s, r, q)


def compromise(found: Vikor, *, needed: float | None = None) -> Compromise:
    """Return the compromise set and whether its first may stand alone.

    Parameters
    ----------
    needed
        DQ, the lead that C1 asks for; 1/(n - 1) of the n alternatives known by default. Some
        authors cap it at 0.25 for four alternatives or fewer: give it then.

    Examples
    --------
    >>> s, r, q = np.array([0.2, 0.3, 0.9]), np.array([0.1, 0.2, 0.5]), np.array([0.0, 0.2, 1.0])
    >>> compromise(Vikor(s, r, q)).proposed  # a lead of 0.2 is less than 1/2: C1 fails
    array([0, 1])
    """
    known = np.flatnonzero(~np.isnan(found.q))
    order = known[np.lexsort((found.r[known], found.s[known], found.q[known]))]
    if len(order) < 2:  # noqa: PLR2004 - nobody to compare with
        return Compromise(order, advantage=True, stable=True, lead=0.0, needed=0.0)
    least = 1 / (len(order) - 1) if needed is None else needed
    behind = found.q[order] - found.q[order[0]]
    lead = float(behind[1])
    first = order[0]
    stable = bool(
        found.s[first] == np.nanmin(found.s[known]) or found.r[first] == np.nanmin(found.r[known])
    )
    advantage = lead >= least
    alone = order[:1] if stable else order[:2]
    return Compromise(alone if advantage else order[behind < least], advantage, stable, lead, least)


def _greatest(regret: Floats, weights: Floats, unknown: Unknown, worst: Floats) -> Floats:
    """Return the greatest weighted regret, by the policy for unknowns."""
    most = np.full(regret.shape[1], -np.inf)
    known, full = np.zeros(regret.shape[1]), 0.0
    for j in np.flatnonzero(weights):
        gaps = np.isnan(regret[j])
        full += weights[j]
        known += np.where(gaps, 0.0, weights[j])
        if unknown is Unknown.UNKNOWN:
            most = np.maximum(most, weights[j] * regret[j])
        elif unknown is Unknown.WORST:
            most = np.maximum(most, weights[j] * np.where(gaps, worst[j], regret[j]))
        else:
            most = np.fmax(most, weights[j] * regret[j])
    if unknown is Unknown.RENORMALISE:
        most[known == 0] = np.nan
        short = (known != full) & (known > 0)
        most[short] *= full / known[short]
    return most


def _ends(s: Floats, r: Floats) -> tuple[float, float, float, float]:
    if np.isnan(s).all():
        return (np.nan,) * 4
    low_s, high_s, low_r, high_r = (float(f(x)) for x in (s, r) for f in (np.nanmin, np.nanmax))
    return low_s, high_s, low_r, high_r


def _part(values: Floats, low: float, high: float) -> Floats:
    """Return how far values are from low to high; 0 where all are one."""
    return (values - low) / (high - low) if high > low else values - low
