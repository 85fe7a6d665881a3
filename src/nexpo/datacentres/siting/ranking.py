"""One door to all ranking methods: a decision, weights and named conventions in, a ranking out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from nexpo.core.problem import bad_input
from nexpo.datacentres.siting.bounds import checked_bounds
from nexpo.datacentres.siting.codas import TAU, codas
from nexpo.datacentres.siting.decision import (
    Bools,
    Decision,
    Floats,
    Preference,
    Unknown,
    Watch,
    share_weights,
    weighted_sum,
)
from nexpo.datacentres.siting.electre import Discordance, electre1
from nexpo.datacentres.siting.normalise import (
    Cost,
    Normalisation,
    Orientation,
    Reference,
    Scaling,
    reference,
    scaling,
)
from nexpo.datacentres.siting.saw import saw
from nexpo.datacentres.siting.spotis import distance, farthest, ideal_point, spotis
from nexpo.datacentres.siting.topsis import topsis
from nexpo.datacentres.siting.vikor import compromise, vikor

if TYPE_CHECKING:
    from nexpo.datacentres.siting.electre import Electre


class Method(StrEnum):
    """Ranking methods."""

    SAW = "saw"
    TOPSIS = "topsis"
    PROMETHEE2 = "promethee2"
    PROMETHEE1 = "promethee1"
    SPOTIS = "spotis"
    VIKOR = "vikor"
    CODAS = "codas"
    ELECTRE1 = "electre1"


SCALES: Mapping[Method, tuple[Normalisation, Cost]] = {
    Method.SAW: (Normalisation.MINMAX, Cost.REFLECT),
    Method.TOPSIS: (Normalisation.VECTOR, Cost.REFLECT),
    Method.VIKOR: (Normalisation.MINMAX, Cost.REFLECT),
    Method.CODAS: (Normalisation.MAX, Cost.INVERT),
    Method.ELECTRE1: (Normalisation.MINMAX, Cost.REFLECT),
}
"""Normalisation that each method takes where the user names none; the others take none."""

LESS_IS_BETTER = frozenset({Method.SPOTIS, Method.VIKOR})


@dataclass(frozen=True, slots=True)
class Conventions:
    """What texts leave open, named.

    Parameters
    ----------
    normalisation, cost
        Scale of the criteria; None for that of the method (:data:`SCALES`).
    clip
        Values beyond the bounds count as the bound.
    unknown
        What an unknown value does.
    v
        VIKOR: weight of the many.
    advantage
        VIKOR: lead that C1 asks for; None for 1/(n - 1).
    tau
        CODAS: threshold of the taxicab distance.
    concordance, discordance
        ELECTRE I: thresholds; None for the mean over all pairs.
    discordance_rule
        ELECTRE I: what discordance is measured by.
    """

    normalisation: Normalisation | None = None
    cost: Cost | None = None
    clip: bool = False
    unknown: Unknown = Unknown.UNKNOWN
    v: float = 0.5
    advantage: float | None = None
    tau: float = TAU
    concordance: float | None = None
    discordance: float | None = None
    discordance_rule: Discordance = Discordance.RANGE

    def scale_of(self, method: Method) -> tuple[Normalisation, Cost] | None:
        """Return the normalisation that a method will use, None where it uses none."""
        if method not in SCALES:
            return None
        own, cost = SCALES[method]
        return self.normalisation or own, self.cost or cost


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Scores of the alternatives and what else the method says of them.

    Attributes
    ----------
    score
        By which they are ranked; NaN is unknown.
    more_is_better
        Whether the first has the greatest score or the least.
    each
        More columns, one value an alternative: flows, distances, membership of the kernel.
    whole
        What is said of the ranking as a whole: the compromise set, thresholds.
    """

    method: Method
    score: Floats
    more_is_better: bool
    each: Mapping[str, Floats | Bools] = field(default_factory=dict)
    whole: Mapping[str, object] = field(default_factory=dict)


Scorer = Callable[[Floats], Ranking]


def bounds_of(decision: Decision) -> Floats:
    """Return the bounds of the criteria (m, 2), NaN where not given."""
    return np.array(
        [
            [np.nan if end is None else end for end in (criterion.low, criterion.high)]
            for criterion in decision.criteria
        ]
    )


def measured(decision: Decision, orientation: Orientation, watch: Watch | None = None) -> Reference:
    """Return the reference of a decision: its own, with the bounds given in place of extremes."""
    own = reference(decision.matrix, orientation, watch)
    return own.within(bounds_of(decision), orientation)


def scorer(
    decision: Decision,
    method: Method,
    conventions: Conventions | None = None,
    watch: Watch | None = None,
) -> Scorer:
    """Return a function from weights to a ranking; what does not depend on them is done once.

    Raises
    ------
    Problem
        Where the method lacks something: bounds for SPOTIS, a preference for PROMETHEE.

    Examples
    --------
    >>> from nexpo.datacentres.siting.decision import Criterion, Direction
    >>> criteria = (Criterion("price", Direction.MIN), Criterion("size", Direction.MAX))
    >>> two = Decision(("a", "b"), criteria, np.array([[10.0, 5], [20, 6]]))
    >>> scorer(two, Method.SAW)(np.array([0.7, 0.3])).score
    array([0.7, 0.3])
    """
    named = conventions or Conventions()
    if method in {Method.PROMETHEE1, Method.PROMETHEE2}:
        return _promethee(decision, method, named, watch)
    if method is Method.SPOTIS:
        return _spotis(decision, named, watch)
    scale = scale_for(decision, method, named, watch)
    table, unknown = decision.matrix, named.unknown

    def of(weights: Floats) -> Ranking:
        match method:
            case Method.SAW:
                score = saw(table, weights, scale, unknown=unknown, watch=watch)
                return Ranking(method, score, more_is_better=True)
            case Method.TOPSIS:
                score = topsis(table, weights, scale, unknown=unknown, watch=watch)
                return Ranking(method, score, more_is_better=True)
            case Method.VIKOR:
                return _vikor(decision, weights, scale, named, watch)
            case Method.CODAS:
                found = codas(table, weights, scale, tau=named.tau, unknown=unknown, watch=watch)
                each = {"euclidean": found.euclidean, "taxicab": found.taxicab}
                return Ranking(method, found.assessment, more_is_better=True, each=each)
            case _:
                return _electre(decision, weights, scale, named)

    return of


def scale_for(
    decision: Decision, method: Method, conventions: Conventions, watch: Watch | None = None
) -> Scaling:
    """Return the scaling that a method uses on a decision."""
    chosen = conventions.scale_of(method)
    if chosen is None:
        raise bad_input(f"{method.value} uses no normalisation", remedy="leave it out")
    orientation = Orientation.of(decision.directions, cost=chosen[1], targets=decision.targets)
    return scaling(
        measured(decision, orientation, watch), orientation, chosen[0], clip=conventions.clip
    )


def linear_parts(
    decision: Decision, method: Method, conventions: Conventions, weighing: Bools | None = None
) -> Floats | None:
    """Return (n, m) parts of which the score is the weighted sum; more is better. None: no such.

    True of the weighted sum, SPOTIS (its distances turned round) and PROMETHEE II. An unknown
    value that counts as the worst is filled. ``weighing``: criteria with a weight in some draw.
    """
    worst = conventions.unknown is Unknown.WORST
    if method is Method.SAW:
        scale = scale_for(decision, method, conventions)
        scaled = scale.apply(np.array(decision.matrix.T, np.float64)).T
        return np.where(np.isnan(scaled), scale.worst, scaled) if worst else scaled
    if method is Method.SPOTIS:
        bounds = checked_bounds(bounds_of(decision), len(decision.criteria))
        aim = ideal_point(decision.directions, bounds, decision.targets)
        width = bounds[:, 1] - bounds[:, 0]
        away = distance(np.array(decision.matrix.T, np.float64), aim, width).T
        return -(np.where(np.isnan(away), farthest(bounds, aim), away) if worst else away)
    if method is Method.PROMETHEE2:
        from nexpo.datacentres.siting.promethee import net_flows_by_criterion  # noqa: PLC0415

        return net_flows_by_criterion(
            decision.matrix,
            decision.directions,
            preferences_of(decision),
            targets=decision.targets,
            unknown=conventions.unknown,
            weighing=weighing,
        )
    return None


def scores_by_weights(
    decision: Decision, method: Method, conventions: Conventions
) -> Callable[[Floats], Floats]:
    """Return a function from weights to scores, quick enough to be called for many draws."""
    if method is Method.PROMETHEE2 and not np.isnan(decision.matrix).any():
        parts = linear_parts(decision, method, conventions)
        if parts is not None:
            by_criterion, none = np.ascontiguousarray(parts.T), np.zeros(parts.shape[1])
            return lambda weights: weighted_sum(by_criterion, weights, conventions.unknown, none)
    find = scorer(decision, method, conventions)
    return lambda weights: find(weights).score


def preferences_of(decision: Decision) -> list[Preference]:
    """Return the preference functions of the criteria.

    Raises
    ------
    Problem
        Naming the criterion without one.
    """
    found = []
    for criterion in decision.criteria:
        if criterion.preference is None:
            raise bad_input(
                f"PROMETHEE needs a preference function for criterion {criterion.name}",
                remedy="usual, u:q, v:p, level:q:p, linear:q:p or gaussian:s",
            )
        found.append(criterion.preference)
    return found


def _promethee(
    decision: Decision, method: Method, conventions: Conventions, watch: Watch | None
) -> Scorer:
    from nexpo.datacentres.siting.promethee import flows, relations  # noqa: PLC0415 - numba

    preferences = preferences_of(decision)

    def of(weights: Floats) -> Ranking:
        found = flows(
            decision.matrix,
            weights,
            decision.directions,
            preferences,
            targets=decision.targets,
            unknown=conventions.unknown,
            watch=watch,
        )
        each: dict[str, Floats | Bools] = {"phi_plus": found.plus, "phi_minus": found.minus}
        whole: dict[str, object] = {}
        if method is Method.PROMETHEE1 and len(found.plus) <= _SHORT:
            whole["relations"] = ["".join(row) for row in relations(found)]
        return Ranking(method, found.net, more_is_better=True, each=each, whole=whole)

    return of


_SHORT = 200
"""Longest list whose pairwise relations are told."""


def _spotis(decision: Decision, conventions: Conventions, watch: Watch | None) -> Scorer:
    bounds = bounds_of(decision)

    def of(weights: Floats) -> Ranking:
        score = spotis(
            decision.matrix,
            weights,
            decision.directions,
            bounds,
            expected=decision.targets,
            unknown=conventions.unknown,
            watch=watch,
        )
        return Ranking(Method.SPOTIS, score, more_is_better=False)

    return of


def _vikor(
    decision: Decision,
    weights: Floats,
    scale: Scaling,
    conventions: Conventions,
    watch: Watch | None,
) -> Ranking:
    found = vikor(
        decision.matrix, weights, scale, v=conventions.v, unknown=conventions.unknown, watch=watch
    )
    proposed = compromise(found, needed=conventions.advantage)
    whole = {
        "compromise": [decision.ids[i] for i in proposed.proposed[:_SHORT].tolist()],
        "compromise_size": len(proposed.proposed),
        "acceptable_advantage": proposed.advantage,
        "acceptable_stability": proposed.stable,
        "lead": proposed.lead,
        "lead_needed": proposed.needed,
    }
    return Ranking(
        Method.VIKOR, found.q, more_is_better=False, each={"s": found.s, "r": found.r}, whole=whole
    )


def _electre(
    decision: Decision, weights: Floats, scale: Scaling, conventions: Conventions
) -> Ranking:
    found = electre1(
        decision.matrix,
        weights,
        scale,
        discordance=conventions.discordance_rule,
        concordance_threshold=conventions.concordance,
        discordance_threshold=conventions.discordance,
        unknown=conventions.unknown,
    )
    shares = share_weights(weights, len(decision.criteria))
    gone = np.isnan(decision.matrix[:, shares > 0]).any(axis=1)
    lost = gone if conventions.unknown is Unknown.UNKNOWN else np.zeros_like(gone)
    return Ranking(
        Method.ELECTRE1,
        np.where(lost, np.nan, found.kernel.astype(np.float64)),
        more_is_better=True,
        each={
            "kernel": found.kernel,
            "outranks": found.outranks.sum(axis=1).astype(np.float64),
            "outranked_by": found.outranks.sum(axis=0).astype(np.float64),
        },
        whole=_told(decision, found),
    )


def _told(decision: Decision, found: Electre) -> dict[str, object]:
    told: dict[str, object] = {
        "kernel": [decision.ids[i] for i in np.flatnonzero(found.kernel).tolist()],
        "concordance_threshold": found.concordance_threshold,
        "discordance_threshold": found.discordance_threshold,
    }
    sizes = np.bincount(found.circles)
    told["circles"] = [
        [decision.ids[i] for i in np.flatnonzero(found.circles == circle).tolist()]
        for circle in np.flatnonzero(sizes > 1).tolist()
    ]
    if len(decision.ids) <= _SHORT:
        told["concordance"] = found.concordance.tolist()
        told["discordance"] = found.discordance.tolist()
        told["outranks"] = [
            [decision.ids[j] for j in np.flatnonzero(row).tolist()] for row in found.outranks
        ]
    return told
