"""Location quotients: how much of what a sector buys its own region can supply.

A quotient ``q_ij`` scales a national domestic coefficient: ``a^r_ij = min(q_ij, 1) a^n_ij``. All
functions take and give arrays; rows sell, columns buy. Every convention is a named argument.

Sources: Flegg and Webber 1997, 2000 (FLQ, AFLQ); Pereira-Lopez et al. 2020 (2D-LQ, form not
checked against the paper); Miller and Blair 2009, ch. 8 (SLQ, CILQ, RLQ).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from nexpo.core.problem import Kind, Problem, bad_input
from nexpo.impact.model import Floats
from nexpo.impact.regionalise.activity import Activity, listed


class Method(Enum):
    """A family of quotients."""

    SLQ = "slq"
    CILQ = "cilq"
    RLQ = "rlq"
    FLQ = "flq"
    AFLQ = "aflq"
    TWO_D = "2dlq"


class Diagonal(Enum):
    """What stands where a sector buys of itself."""

    FORMULA = "formula"  # the same formula as elsewhere
    SLQ = "slq"  # the seller's SLQ, times lambda where the method has one


@dataclass(frozen=True, slots=True)
class Conventions:
    """The choices that a formula leaves open.

    Attributes
    ----------
    diagonal
        None takes the method's usual one: SLQ for CILQ, FLQ and AFLQ, the formula for RLQ.
    log_base
        Of the logarithm in RLQ, AFLQ and lambda.
    cap
        Largest quotient applied; None applies what the formula gives. 2D-LQ is not capped.
    cap_before_specialisation
        AFLQ only: cap FLQ at 1 before the buyer's specialisation raises it, so that a regional
        coefficient can pass the national one (with ``cap`` None).
    empty
        SLQ of a sector that the nation does not have (0 / 0).
    unknown
        SLQ of a sector whose activity is not known; 1 takes it as in the nation.
    absent_buyer
        Quotient where the buyer is absent from the region (SLQ_j = 0) and the seller is not.
    """

    diagonal: Diagonal | None = None
    log_base: float = 2.0
    cap: float | None = 1.0
    cap_before_specialisation: bool = False
    empty: float = 0.0
    unknown: float = 1.0
    absent_buyer: float = np.inf


@dataclass(frozen=True, slots=True)
class Choice:
    """A method with its parameters; FLQ and AFLQ need delta, 2D-LQ alpha and beta."""

    method: Method
    delta: float | None = None
    alpha: float | None = None
    beta: float | None = None
    conventions: Conventions = field(default_factory=Conventions)


@dataclass(frozen=True, slots=True, eq=False)
class Quotients:
    """Quotients of a region.

    ``slq`` is ``(n,)``; ``values`` is ``(n, n)``, not capped; ``cap`` is what to cap them at.
    ``scale`` is lambda, None for a method without one.
    """

    choice: Choice
    slq: Floats
    values: Floats
    size: float
    scale: float | None
    cap: float | None
    notes: tuple[str, ...] = ()

    def own_share(self) -> Floats:
        """Return the part of spending on a sector that stays, ``(n,)``, 0 to 1.

        It is the seller's quotient, ``min(SLQ_i, 1)``, or ``min(lambda SLQ_i, 1)``.
        """
        found: Floats = np.clip(self.slq * (1.0 if self.scale is None else self.scale), 0.0, 1.0)
        return found


def slq(
    regional: Floats,
    national: Floats,
    *,
    regional_total: float | None = None,
    national_total: float | None = None,
    empty: float = 0.0,
    unknown: float = 1.0,
) -> Floats:
    """Return simple location quotients, ``(E_i^r / E^r) / (E_i^n / E^n)``.

    Parameters
    ----------
    regional, national
        ``(n,)`` activity in one unit; NaN is unknown.
    regional_total, national_total
        ``E^r`` and ``E^n``; sums over the sectors known in both where None.
    empty, unknown
        See :class:`Conventions`.

    Examples
    --------
    >>> slq(np.array([30.0, 10.0]), np.array([100.0, 60.0])).tolist()
    [1.2, 0.6666666666666666]
    """
    own, all_ = np.asarray(regional, np.float64), np.asarray(national, np.float64)
    if own.shape != all_.shape or own.ndim != 1:
        raise bad_input(f"activity of shape {own.shape} in the region, {all_.shape} in the nation")
    known = np.isfinite(own) & np.isfinite(all_)
    here = float(own[known].sum()) if regional_total is None else regional_total
    there = float(all_[known].sum()) if national_total is None else national_total
    if not here > 0 or not there > 0:
        raise bad_input("activity of region and nation must be above zero", value=(here, there))
    found = np.where(known, empty, unknown).astype(np.float64)
    positive = known & (all_ > 0)
    found[positive] = (own[positive] / here) / (all_[positive] / there)
    odd = np.flatnonzero(known & (all_ <= 0) & (own > 0))
    if len(odd):
        raise bad_input(
            f"sector {odd[0] + 1} has activity in the region and none in the nation",
            value=float(own[odd[0]]),
            remedy="check the activity of this sector",
        )
    return found


def size_factor(size: float, delta: float, *, log_base: float = 2.0) -> float:
    """Return lambda, ``[log2(1 + E^r / E^n)]^delta``.

    Parameters
    ----------
    size
        ``E^r / E^n``, above 0 and at most 1.
    delta
        From 0 up to, but not including, 1.

    Examples
    --------
    >>> round(size_factor(0.214, 0.25), 3)
    0.727
    """
    if not 0 < size <= 1:
        raise bad_input("the region's share of the nation is above 0 and at most 1", value=size)
    if not 0 <= delta < 1:
        raise Problem(
            Kind.USAGE, "delta is from 0 up to, not including, 1", value=delta, remedy="try 0.25"
        )
    return float((np.log1p(size) / np.log(log_base)) ** delta)


def cilq(
    quotients: Floats, *, diagonal: Diagonal = Diagonal.SLQ, absent_buyer: float = np.inf
) -> Floats:
    """Return cross-industry quotients, ``SLQ_i / SLQ_j``; ``(n,)`` to ``(n, n)``.

    Examples
    --------
    >>> cilq(np.array([1.2, 0.6])).tolist()
    [[1.2, 2.0], [0.5, 0.6]]
    """
    return _over(quotients, quotients, diagonal, absent_buyer)


def rlq(
    quotients: Floats,
    *,
    diagonal: Diagonal = Diagonal.FORMULA,
    log_base: float = 2.0,
    absent_buyer: float = np.inf,
) -> Floats:
    """Return Round's semi-logarithmic quotients, ``SLQ_i / log2(1 + SLQ_j)``."""
    return _over(quotients, np.log1p(quotients) / np.log(log_base), diagonal, absent_buyer)


def flq(
    quotients: Floats,
    scale: float,
    *,
    diagonal: Diagonal = Diagonal.SLQ,
    absent_buyer: float = np.inf,
) -> Floats:
    """Return Flegg's quotients: CILQ times lambda, on the diagonal SLQ times lambda.

    Examples
    --------
    >>> flq(np.array([1.2, 0.6]), 0.5).tolist()
    [[0.6, 1.0], [0.25, 0.3]]
    """
    return scale * cilq(quotients, diagonal=diagonal, absent_buyer=absent_buyer)


def aflq(
    quotients: Floats,
    scale: float,
    *,
    diagonal: Diagonal = Diagonal.SLQ,
    log_base: float = 2.0,
    cap_before: float | None = None,
    absent_buyer: float = np.inf,
) -> Floats:
    """Return augmented quotients: FLQ times ``log2(1 + SLQ_j)`` where ``SLQ_j`` is above 1."""
    plain = flq(quotients, scale, diagonal=diagonal, absent_buyer=absent_buyer)
    if cap_before is not None:
        plain = np.minimum(plain, cap_before)
    raised = np.log1p(quotients) / np.log(log_base)
    return plain * np.where(quotients > 1, raised, 1.0)[None, :]


def two_dimensional(
    quotients: Floats, output_share: Floats, *, alpha: float, beta: float
) -> Floats:
    """Return two-dimensional quotients, ``p_i w_j^beta``.

    ``p_i`` is ``SLQ_i^alpha`` up to an SLQ of 1, ``(0.5 tanh(SLQ_i - 1) + 1)^alpha`` above;
    ``w_j`` is the region's share of the nation's output of ``j``.

    Examples
    --------
    >>> shares = np.array([0.25, 0.5])
    >>> two_dimensional(np.array([1.0, 0.5]), shares, alpha=1, beta=0.5).round(3).tolist()
    [[0.5, 0.707], [0.25, 0.354]]
    """
    if not (np.isfinite(alpha) and np.isfinite(beta)) or alpha < 0 or beta < 0:
        raise Problem(Kind.USAGE, "alpha and beta are from 0 up", value=(alpha, beta))
    base = np.where(quotients <= 1, quotients, 0.5 * np.tanh(quotients - 1) + 1)
    found: Floats = np.outer(base**alpha, np.asarray(output_share, np.float64) ** beta)
    return found


def quotients_of(
    activity: Activity, choice: Choice, *, output_share: Floats | None = None
) -> Quotients:
    """Return the quotients of a region by a method.

    Parameters
    ----------
    activity
        Of region and nation.
    choice
        Method and parameters.
    output_share
        ``(n,)`` region's share of output for 2D-LQ; its share of the activity where None.

    Raises
    ------
    Problem
        ``USAGE`` where the method needs a parameter that is not given: there is no default.
    """
    how, open_ = choice.method, choice.conventions
    simple = slq(activity.regional, activity.national, empty=open_.empty, unknown=open_.unknown)
    scale = None
    if how in {Method.FLQ, Method.AFLQ}:
        delta = _needed(choice.delta, "delta", how)
        scale = size_factor(activity.size, delta, log_base=open_.log_base)
    share = activity.shares() if output_share is None else np.asarray(output_share, np.float64)
    values = _values(simple, scale, share, choice)
    cap = None if how is Method.TWO_D else open_.cap
    return Quotients(choice, simple, values, activity.size, scale, cap, _told(activity, open_))


def regional_coefficients(
    national: Floats, quotients: Floats, *, cap: float | None = 1.0
) -> Floats:
    """Return ``a^n_ij min(q_ij, cap)``, ``(n, n)``; a coefficient of zero stays zero.

    Raises
    ------
    Problem
        Shapes that differ, or an endless quotient that nothing caps.
    """
    if national.shape != quotients.shape:
        raise bad_input(f"quotients of shape {quotients.shape} for {national.shape} coefficients")
    applied = quotients if cap is None else np.minimum(quotients, cap)
    endless = ~np.isfinite(applied) & (national != 0)
    if endless.any():
        row, column = (int(place) for place in np.argwhere(endless)[0])
        raise bad_input(
            f"the quotient of seller {row + 1} and buyer {column + 1} has no end: the buyer is "
            "absent from the region",
            remedy="cap the quotients at 1, or state absent_buyer",
        )
    found: Floats = national * np.where(np.isfinite(applied), applied, 0.0)
    return found


def _values(simple: Floats, scale: float | None, share: Floats, choice: Choice) -> Floats:
    open_, how = choice.conventions, choice.method
    absent, base = open_.absent_buyer, open_.log_base
    if how is Method.SLQ:
        return np.repeat(simple[:, None], len(simple), axis=1)
    if how is Method.RLQ:
        diagonal = open_.diagonal or Diagonal.FORMULA
        return rlq(simple, diagonal=diagonal, log_base=base, absent_buyer=absent)
    if how is Method.TWO_D:
        alpha = _needed(choice.alpha, "alpha", how)
        beta = _needed(choice.beta, "beta", how)
        return two_dimensional(simple, share, alpha=alpha, beta=beta)
    diagonal = open_.diagonal or Diagonal.SLQ
    if how is Method.CILQ or scale is None:
        return cilq(simple, diagonal=diagonal, absent_buyer=absent)
    if how is Method.FLQ:
        return flq(simple, scale, diagonal=diagonal, absent_buyer=absent)
    before = 1.0 if open_.cap_before_specialisation else None
    return aflq(
        simple, scale, diagonal=diagonal, log_base=base, cap_before=before, absent_buyer=absent
    )


def _over(sellers: Floats, buyers: Floats, diagonal: Diagonal, absent: float) -> Floats:
    """Return ``sellers_i / buyers_j``; a seller that is absent supplies nothing."""
    there = buyers > 0
    divided = sellers[:, None] / np.where(there, buyers, 1.0)[None, :]
    beside = np.where(sellers > 0, absent, 0.0)[:, None]
    found: Floats = np.where(there[None, :], divided, beside)
    if diagonal is Diagonal.SLQ:
        np.fill_diagonal(found, sellers)
    return found


def _needed(value: float | None, name: str, method: Method) -> float:
    if value is None:
        raise Problem(
            Kind.USAGE,
            f"{method.value} needs {name}, and there is no default",
            remedy=f"give {name}"
            + (", or an area type whose prior holds it" if name == "delta" else ""),
        )
    return value


def _told(activity: Activity, open_: Conventions) -> tuple[str, ...]:
    unknown = activity.unknown_sectors()
    if not unknown:
        return ()
    said = (
        "as large in the region as in the nation (SLQ 1)"
        if open_.unknown == 1
        else f"with an SLQ of {open_.unknown:g}"
    )
    return (f"{len(unknown)} sectors without known activity taken {said}: {listed(unknown)}",)
