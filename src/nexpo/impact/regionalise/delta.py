"""Delta of the FLQ formula: a prior by type of area, never a silent default.

Leaving delta out costs far more than being unsure of it, and size alone does not predict it. So
it is either given, or drawn from a stated prior of the type of area (``impact/delta`` among the
parameters); what a survey-based table says of it is found by :mod:`.calibration`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from nexpo.core.parameters import Parameter, Use
from nexpo.core.problem import Kind, Problem
from nexpo.impact.model import Floats

if TYPE_CHECKING:
    from numpy.random import Generator  # noqa: TID251 - the type of the argument it asks for

PARAMETER = "impact/delta"


class AreaType(Enum):
    """A type of area with a prior of its own."""

    ORDINARY = "ordinary"
    METROPOLITAN = "metropolitan"


@dataclass(frozen=True, slots=True)
class Prior:
    """Triangular prior of delta: lowest, most likely, highest; and where it is stated."""

    area: AreaType
    low: float
    mode: float
    high: float
    use: Use

    @property
    def mean(self) -> float:
        """Mean of the triangular distribution."""
        return (self.low + self.mode + self.high) / 3

    def draw(self, generator: Generator, count: int) -> Floats:
        """Return ``(count,)`` draws."""
        return generator.triangular(self.low, self.mode, self.high, count)

    def quantile(self, probability: float) -> float:
        """Return the quantile of a probability, 0 to 1."""
        low, mode, high = self.low, self.mode, self.high
        width = high - low
        if width == 0:
            return mode
        if probability <= (mode - low) / width:
            return low + float(np.sqrt(probability * width * (mode - low)))
        return high - float(np.sqrt((1 - probability) * width * (high - mode)))


@dataclass(frozen=True, slots=True)
class Delta:
    """A delta with its reason: given, or the mode of a prior."""

    value: float
    reason: str
    prior: Prior | None = None


def prior_of(parameter: Parameter, day: date, area: AreaType) -> Prior:
    """Return the prior of a type of area in force on a day.

    Raises
    ------
    Problem
        ``CONFIG`` when the parameter does not hold it, or its three numbers do not rise between
        0 and 1.
    """
    value = parameter.on(day)
    entry = value.get(area.value) if isinstance(value, dict) else None
    if not isinstance(entry, dict) or not {"low", "mode", "high"} <= entry.keys():
        raise Problem(
            Kind.CONFIG,
            f"{parameter.id} holds no low, mode and high for {area.value}",
            value=entry,
            remedy="compare with parameters/impact/delta.yaml",
        )
    low, mode, high = (float(entry[key]) for key in ("low", "mode", "high"))
    if not 0 <= low <= mode <= high < 1:
        raise Problem(
            Kind.CONFIG,
            f"{parameter.id}: the prior of {area.value} does not rise between 0 and 1",
            value=(low, mode, high),
        )
    return Prior(area, low, mode, high, parameter.use(day))


def choose_delta(
    given: float | None, area: AreaType | None, parameter: Parameter, day: date
) -> Delta:
    """Return the delta given, or the mode of the prior of the type of area.

    Raises
    ------
    Problem
        ``USAGE`` when neither is given, naming the priors; or when both are.
    """
    if given is not None and area is not None:
        raise Problem(
            Kind.USAGE,
            "delta and a type of area are both given",
            value=(given, area.value),
            remedy="give one of them",
        )
    if given is not None:
        return Delta(given, "given")
    if area is None:
        raise missing(parameter, day)
    prior = prior_of(parameter, day, area)
    reason = f"mode of the prior for {area.value} areas, {prior.low:g} to {prior.high:g}"
    return Delta(prior.mode, reason, prior)


def missing(parameter: Parameter, day: date) -> Problem:
    """Return the problem of a delta that nobody gave."""
    told = "; ".join(
        f"{area.value} {prior.low:g} to {prior.high:g} around {prior.mode:g}"
        for area in AreaType
        for prior in (prior_of(parameter, day, area),)
    )
    return Problem(
        Kind.USAGE,
        "this method needs delta, and there is no default that holds for every area",
        remedy=f"give --delta, or --area-type with its prior ({parameter.id}: {told})",
    )


def flegg_tohmo(size_percent: float, imports: float, intermediates: float) -> float:
    """Return delta by the regression of Flegg and Tohmo: information, never a default.

    ``ln delta = -1.8379 + 0.33195 ln R + 1.5834 ln P - 2.8812 ln I``. Taken from a secondary
    source; made on Finnish regions, and it does not carry over to others.

    Parameters
    ----------
    size_percent
        ``R``, size of the region in per cent of the nation.
    imports
        ``P``, share of output imported from other regions, over the mean of the regions.
    intermediates
        ``I``, share of intermediate inputs in output, over the nation's.

    Examples
    --------
    >>> round(flegg_tohmo(10.0, 1.0, 1.0), 3)
    0.342
    """
    if min(size_percent, imports, intermediates) <= 0:
        raise Problem(
            Kind.USAGE,
            "the regression takes logarithms: its three numbers are above zero",
            value=(size_percent, imports, intermediates),
        )
    found = (
        -1.8379
        + 0.33195 * np.log(size_percent)
        + 1.5834 * np.log(imports)
        - 2.8812 * np.log(intermediates)
    )
    return float(np.exp(found))
