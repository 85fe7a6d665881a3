"""How near a method comes to a regional table made by survey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nexpo.core.problem import bad_input
from nexpo.impact.model import Floats
from nexpo.impact.regionalise.activity import Activity
from nexpo.impact.regionalise.quotients import (
    Choice,
    Conventions,
    Method,
    quotients_of,
    regional_coefficients,
)
from nexpo.impact.solve import System

DELTAS: tuple[float, ...] = tuple(round(0.05 * step, 2) for step in range(13))
ALPHAS: tuple[float, ...] = (0.0, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)
BETAS: tuple[float, ...] = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)


@dataclass(frozen=True, slots=True)
class Score:
    """Errors of output multipliers against a survey, over the sectors compared.

    ``mean_error`` and ``mean_absolute_error`` are in units of the multiplier; ``bias`` and
    ``absolute_bias`` are means of the error relative to the survey's multiplier;
    ``weighted_bias`` weights it by ``weights``.
    """

    choice: Choice
    sectors: int
    mean_error: float
    mean_absolute_error: float
    bias: float
    absolute_bias: float
    weighted_bias: float


def output_multipliers(coefficients: Floats) -> Floats:
    """Return the column sums of ``(I - A)^-1``, ``(n,)``, without the inverse."""
    system = System.of_coefficients(coefficients, allow_column_sums=True)
    return system.solve_transposed(np.ones(len(coefficients))).values


def score(
    choice: Choice, estimated: Floats, surveyed: Floats, weights: Floats | None = None
) -> Score:
    """Compare multipliers ``(n,)`` with those of a survey; NaN sectors are left out."""
    heavy = np.ones(len(surveyed)) if weights is None else np.asarray(weights, np.float64)
    used = np.isfinite(estimated) & np.isfinite(surveyed) & np.isfinite(heavy)
    if not used.any() or not heavy[used].sum() > 0:
        raise bad_input("no sector has a multiplier in both tables")
    error = (estimated - surveyed)[used]
    relative = error / surveyed[used]
    return Score(
        choice,
        int(used.sum()),
        float(error.mean()),
        float(np.abs(error).mean()),
        float(relative.mean()),
        float(np.abs(relative).mean()),
        float(np.average(relative, weights=heavy[used])),
    )


def compare(
    national: Floats,
    activity: Activity,
    surveyed: Floats,
    choices: Sequence[Choice],
    *,
    weights: Floats | None = None,
) -> tuple[Score, ...]:
    """Score methods on a region with a table made by survey.

    Parameters
    ----------
    national
        ``(n, n)`` domestic coefficients of the nation.
    activity
        Of region and nation, in the order of the coefficients.
    surveyed
        ``(n, n)`` coefficients of the region's own table (intraregional).
    choices
        What to try; :func:`usual_choices` gives the usual.
    weights
        ``(n,)`` output of the region, for the weighted bias.
    """
    truth = output_multipliers(surveyed)
    found = []
    for choice in choices:
        quotients = quotients_of(activity, choice)
        own = regional_coefficients(national, quotients.values, cap=quotients.cap)
        found.append(score(choice, output_multipliers(own), truth, weights))
    return tuple(found)


def usual_choices(
    deltas: Sequence[float] = DELTAS,
    alphas: Sequence[float] = ALPHAS,
    betas: Sequence[float] = BETAS,
    conventions: Conventions | None = None,
) -> tuple[Choice, ...]:
    """Return SLQ, CILQ and RLQ, FLQ and AFLQ over delta, 2D-LQ over alpha and beta."""
    plain = [Choice(method) for method in (Method.SLQ, Method.CILQ, Method.RLQ)]
    sized = [Choice(how, delta=each) for how in (Method.FLQ, Method.AFLQ) for each in deltas]
    flat = [Choice(Method.TWO_D, alpha=a, beta=b) for a in alphas for b in betas]
    known = conventions or Conventions()
    return tuple(replace(choice, conventions=known) for choice in (*plain, *sized, *flat))


def best(scores: Sequence[Score], method: Method | None = None) -> Score:
    """Return the score with the smallest mean absolute error, of a method where one is named."""
    among = [each for each in scores if method is None or each.choice.method is method]
    if not among:
        raise bad_input("no score to choose from", value=None if method is None else method.value)
    return min(among, key=lambda each: each.mean_absolute_error)
